#include "base/byte_sink.h"

#include <string.h>

#include "base/bytes.h"

void bpi_sink_bytes(byte_sink *sink, const void *bytes, size_t count)
{
    if (sink->bytes != NULL)
        memcpy(sink->bytes + sink->used, bytes, count);
    sink->used += count;
}

void bpi_sink_u32(byte_sink *sink, uint32_t value)
{
    unsigned char bytes[4];
    bpi_put_u32(bytes, value);
    bpi_sink_bytes(sink, bytes, sizeof bytes);
}

void bpi_sink_u64(byte_sink *sink, uint64_t value)
{
    unsigned char bytes[8];
    bpi_put_u64(bytes, value);
    bpi_sink_bytes(sink, bytes, sizeof bytes);
}

void bpi_sink_double(byte_sink *sink, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    bpi_sink_u64(sink, bits);
}

void bpi_sink_name(byte_sink *sink, const char *name)
{
    unsigned char length = (unsigned char)strlen(name);
    bpi_sink_bytes(sink, &length, 1);
    bpi_sink_bytes(sink, name, length);
}

void bpi_sink_text(byte_sink *sink, const char *text)
{
    size_t length = strlen(text);
    bpi_sink_u64(sink, length);
    bpi_sink_bytes(sink, text, length);
}

void bpi_sink_reals(byte_sink *sink, const bp_real *values, size_t count)
{
    if (sink->bytes != NULL) {
        unsigned char *bytes = sink->bytes + sink->used;
        for (size_t i = 0; i < count; i++)
#ifdef BP_DOUBLE
            bpi_put_f64(bytes + i * sizeof(bp_real), values[i]);
#else
            bpi_put_f32(bytes + i * sizeof(bp_real), values[i]);
#endif
    }
    sink->used += count * sizeof(bp_real);
}
