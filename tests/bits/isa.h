/* The instruction sets that a network may be created for. */
#ifndef TESTS_BITS_ISA_H
#define TESTS_BITS_ISA_H

#include <stddef.h>

extern const char *const isa_names[];
extern const size_t isa_count;

/* Does the library have kernels for it, and can this CPU run them? */
int isa_is_supported(const char *name);

#endif
