/* Memory from the caller's allocator: blocks are aligned to 64 bytes, sizes are checked for overflow. */
#ifndef BPI_BASE_MEMORY_H
#define BPI_BASE_MEMORY_H

#include <stdbool.h>

#include "backprop.h"
#include "base/arithmetic.h"

enum { BPI_ALIGNMENT = 64 };

/* *out = the caller's allocator, or malloc and free if `given` is NULL or all zero. ARGUMENT, with the public
 * function's name, if only one of its two functions is set. */
bp_status bpi_allocator_choose(bp_allocator *out, const char *function, const bp_allocator *given);

/* Allocates count * size bytes, uninitialized. NULL on overflow or when there is no memory. Zero bytes are a
 * valid block. */
void *bpi_allocate(const bp_allocator *allocator, size_t count, size_t size);

/* The same, filled with zeros. */
void *bpi_allocate_zeroed(const bp_allocator *allocator, size_t count, size_t size);

/* Releases a block; NULL is allowed. */
void bpi_release(const bp_allocator *allocator, void *block);

/* A copy of a string, or NULL when there is no memory. */
char *bpi_copy_string(const bp_allocator *allocator, const char *text);

/* Makes room for one more element in *array, which has a capacity of *capacity elements of `size` bytes, of
 * which `count` are in use; the capacity is doubled. False, with nothing changed, when there is no memory. */
bool bpi_grow(const bp_allocator *allocator, void **array, size_t *capacity, size_t count, size_t size);

/* *result = a * b or a + b; false on overflow. */
bool bpi_multiply(size_t a, size_t b, size_t *result);
bool bpi_add(size_t a, size_t b, size_t *result);

/* *bytes = count * size, rounded up to a multiple of BPI_ALIGNMENT: what follows it in a block is aligned,
 * too. False on overflow. */
bool bpi_part_bytes(size_t count, size_t size, size_t *bytes);

#endif
