#include "format/model_bytes.h"

#include <stdlib.h>
#include <string.h>

enum { HEADER_BYTES = 20, TAG_BYTES = 4, SECTION_HEADER_BYTES = 12, CHECKSUM_BYTES = 4 };

uint32_t model_crc32(const unsigned char *bytes, size_t size)
{
    uint32_t crc = 0xffffffffu;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0);
    }
    return ~crc;
}

static void set_little_endian(unsigned char *bytes, uint64_t value, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bytes[i] = (unsigned char)(value >> (8 * i));
}

static void put_little_endian(model_bytes *model, uint64_t value, size_t count)
{
    assert_true(model->size + count <= sizeof model->bytes);
    set_little_endian(model->bytes + model->size, value, count);
    model->size += count;
}

void model_u8(model_bytes *model, unsigned char value)
{
    put_little_endian(model, value, 1);
}

void model_u32(model_bytes *model, uint32_t value)
{
    put_little_endian(model, value, 4);
}

void model_u64(model_bytes *model, uint64_t value)
{
    put_little_endian(model, value, 8);
}

void model_real(model_bytes *model, double value)
{
    float narrow = (float)value;
    uint32_t bits32;
    uint64_t bits64;
    memcpy(&bits32, &narrow, sizeof bits32);
    memcpy(&bits64, &value, sizeof bits64);
    put_little_endian(model, model->real_bytes == 4 ? bits32 : bits64, model->real_bytes);
}

void model_name(model_bytes *model, const char *name)
{
    put_little_endian(model, strlen(name), 1);
    for (; *name != '\0'; name++)
        put_little_endian(model, (unsigned char)*name, 1);
}

void model_begin(model_bytes *model, uint32_t version, uint32_t real_bytes)
{
    static const unsigned char signature[8] = {0x8b, 'B', 'P', 'N', 13, 10, 26, 10};
    *model = (model_bytes){.real_bytes = real_bytes};
    for (size_t i = 0; i < sizeof signature; i++)
        put_little_endian(model, signature[i], 1);
    model_u32(model, version);
    model_u32(model, real_bytes);
    model_u32(model, model_crc32(model->bytes, model->size));
}

void model_section(model_bytes *model, const char *tag)
{
    model->section = model->size;
    for (size_t i = 0; i < TAG_BYTES; i++)
        put_little_endian(model, (unsigned char)tag[i], 1);
    model_u64(model, 0);
}

void model_section_end(model_bytes *model)
{
    unsigned char *section = model->bytes + model->section;
    set_little_endian(section + TAG_BYTES, model->size - model->section - SECTION_HEADER_BYTES, 8);
    model_u32(model, model_crc32(section, model->size - model->section));
}

void model_layer(model_bytes *model, uint64_t units, uint32_t flags, const char *name, const char *activation)
{
    model_u64(model, units);
    model_u32(model, flags);
    model_name(model, name);
    if (activation != NULL)
        model_name(model, activation);
}

void model_tiny_layers(model_bytes *model)
{
    model_section(model, "LAYR");
    model_u64(model, 2);
    model_layer(model, 1, MODEL_INPUT, "in", NULL);
    model_layer(model, 1, MODEL_BIAS, "out", "linear");
    model_section_end(model);
}

void model_tiny_connections(model_bytes *model)
{
    model_section(model, "CONN");
    model_u64(model, 1);
    model_u64(model, 0);
    model_u64(model, 1);
    model_section_end(model);
}

void model_tiny_outputs(model_bytes *model)
{
    model_section(model, "OUTP");
    model_u64(model, 1);
    model_u64(model, 1);
    model_section_end(model);
}

void model_tiny_weights(model_bytes *model)
{
    model_section(model, "WGHT");
    model_u64(model, 2);
    model_real(model, 2);
    model_real(model, -0.5);
    model_section_end(model);
}

void model_end(model_bytes *model)
{
    model_section(model, "ENDF");
    model_section_end(model);
}

void model_tiny_begin(model_bytes *model, uint32_t real_bytes)
{
    model_begin(model, 1, real_bytes);
    model_tiny_layers(model);
    model_tiny_connections(model);
    model_tiny_outputs(model);
    model_tiny_weights(model);
}

void model_tiny(model_bytes *model, uint32_t real_bytes)
{
    model_tiny_begin(model, real_bytes);
    model_end(model);
}

void model_tiny_open(model_bytes *model, const char *tag)
{
    model_tiny_begin(model, sizeof(bp_real));
    model_section(model, tag);
}

void model_tiny_close(model_bytes *model)
{
    model_section_end(model);
    model_end(model);
}

static uint64_t get_little_endian(const unsigned char *bytes, size_t count)
{
    uint64_t value = 0;
    for (size_t i = count; i-- > 0;)
        value = value << 8 | bytes[i];
    return value;
}

/* The checksum of `count` bytes is right behind them. */
static void fix_checksum(unsigned char *bytes, size_t count)
{
    set_little_endian(bytes + count, model_crc32(bytes, count), CHECKSUM_BYTES);
}

void model_fix_checksums(unsigned char *bytes, size_t size)
{
    if (size < HEADER_BYTES)
        return;
    fix_checksum(bytes, HEADER_BYTES - CHECKSUM_BYTES);
    size_t at = HEADER_BYTES;
    while (size - at >= SECTION_HEADER_BYTES + CHECKSUM_BYTES) {
        uint64_t length = get_little_endian(bytes + at + TAG_BYTES, 8);
        if (length > size - at - SECTION_HEADER_BYTES - CHECKSUM_BYTES)
            return;
        fix_checksum(bytes + at, SECTION_HEADER_BYTES + (size_t)length);
        at += SECTION_HEADER_BYTES + (size_t)length + CHECKSUM_BYTES;
    }
}

bp_status model_load_attempt(void *context, const bp_allocator *allocator)
{
    const model_bytes *model = context;
    bp_network_options options;
    bp_network_options_init(&options, sizeof options);
    options.allocator = *allocator;
    bp_network *net = NULL;
    bp_status status = bp_network_load_memory(&net, model->bytes, model->size, &options);
    bp_network_destroy(net);
    return status;
}

bp_network *model_load(const void *bytes, size_t size, const bp_network_options *options)
{
    bp_network *net = NULL;
    assert_ok(bp_network_load_memory(&net, bytes, size, options));
    return net;
}

void model_assert_saves_alike(const bp_network *net, const unsigned char *bytes, size_t size)
{
    size_t again_size;
    unsigned char *again = test_save(net, &again_size);
    assert_int_equal(again_size, size);
    assert_memory_equal(again, bytes, size);
    free(again);
}
