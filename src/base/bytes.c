#include "base/bytes.h"

#include <string.h>

void bpi_put_u32(unsigned char *bytes, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (unsigned char)(value >> (8 * i));
}

void bpi_put_u64(unsigned char *bytes, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(value >> (8 * i));
}

uint32_t bpi_get_u32(const unsigned char *bytes)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++)
        value |= (uint32_t)bytes[i] << (8 * i);
    return value;
}

uint64_t bpi_get_u64(const unsigned char *bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

void bpi_put_f32(unsigned char *bytes, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bpi_put_u32(bytes, bits);
}

void bpi_put_f64(unsigned char *bytes, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    bpi_put_u64(bytes, bits);
}

float bpi_get_f32(const unsigned char *bytes)
{
    uint32_t bits = bpi_get_u32(bytes);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

double bpi_get_f64(const unsigned char *bytes)
{
    uint64_t bits = bpi_get_u64(bytes);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

uint32_t bpi_crc32(uint32_t crc, const void *bytes, size_t count)
{
    /* Four bits at a time: remainders of 0..15 by the reflected polynomial 0xedb88320. */
    static const uint32_t remainder[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
        0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    const unsigned char *p = bytes;
    crc = ~crc;
    for (size_t i = 0; i < count; i++) {
        crc ^= p[i];
        crc = (crc >> 4) ^ remainder[crc & 15];
        crc = (crc >> 4) ^ remainder[crc & 15];
    }
    return ~crc;
}
