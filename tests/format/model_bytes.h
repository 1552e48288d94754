/*
 * Model files put together by hand, as docs/model-format.md describes them and without the library's writer,
 * so that the two check each other.
 */
#ifndef TESTS_FORMAT_MODEL_BYTES_H
#define TESTS_FORMAT_MODEL_BYTES_H

#include <stdbool.h>

#include "support/support.h"

typedef struct model_bytes {
    unsigned char bytes[4096];
    size_t size;
    size_t section;    /* where the open one begins */
    size_t real_bytes; /* 4 or 8 */
} model_bytes;

/* The header, and then pieces of payload between the begin and the end of a section. */
void model_begin(model_bytes *model, uint32_t version, uint32_t real_bytes);
void model_section(model_bytes *model, const char *tag);
void model_section_end(model_bytes *model);
void model_u8(model_bytes *model, unsigned char value);
void model_u32(model_bytes *model, uint32_t value);
void model_u64(model_bytes *model, uint64_t value);
void model_real(model_bytes *model, double value);
void model_name(model_bytes *model, const char *name);

/* Flags of a layer. */
enum { MODEL_INPUT = 1, MODEL_BIAS = 2, MODEL_CUSTOM = 4 };

/* A layer in an open section; activation is NULL for inputs. */
void model_layer(model_bytes *model, uint64_t units, uint32_t flags, const char *name,
                 const char *activation);

/* The sections of the smallest network: input "in" with 1 unit, linear "out" with 1 unit and a bias, weights
 * 2 and -0.5. */
void model_tiny_layers(model_bytes *model);
void model_tiny_connections(model_bytes *model);
void model_tiny_outputs(model_bytes *model);
void model_tiny_weights(model_bytes *model);
void model_end(model_bytes *model);

/* All of it; and but for its end. */
void model_tiny(model_bytes *model, uint32_t real_bytes);
void model_tiny_begin(model_bytes *model, uint32_t real_bytes);

/* All of it and one section more, whose payload is what is put between the two calls. */
void model_tiny_open(model_bytes *model, const char *tag);
void model_tiny_close(model_bytes *model);

/* Puts right every checksum of a file whose lengths can be followed, so that damage elsewhere gets past them.
 */
void model_fix_checksums(unsigned char *bytes, size_t size);

/* CRC-32, bit by bit. */
uint32_t model_crc32(const unsigned char *bytes, size_t size);

/* The network of a file; asserts success. */
bp_network *model_load(const void *bytes, size_t size, const bp_network_options *options);
/* Asserts that a network is saved as these bytes. */
void model_assert_saves_alike(const bp_network *net, const unsigned char *bytes, size_t size);

/* For test_each_allocation_fails: loads and releases a model_bytes, the context. */
bp_status model_load_attempt(void *context, const bp_allocator *allocator);

#endif
