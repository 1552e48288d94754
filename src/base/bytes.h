/* Little-endian numbers and checksums, whatever the machine's own byte order. */
#ifndef BPI_BASE_BYTES_H
#define BPI_BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include "base/arithmetic.h"

void bpi_put_u32(unsigned char *bytes, uint32_t value);
void bpi_put_u64(unsigned char *bytes, uint64_t value);
void bpi_put_f32(unsigned char *bytes, float value);
void bpi_put_f64(unsigned char *bytes, double value);
uint32_t bpi_get_u32(const unsigned char *bytes);
uint64_t bpi_get_u64(const unsigned char *bytes);
float bpi_get_f32(const unsigned char *bytes);
double bpi_get_f64(const unsigned char *bytes);

/* CRC-32 (ISO 3309, as in zip and PNG) of `count` bytes, continued from crc; 0 for the first bytes. */
uint32_t bpi_crc32(uint32_t crc, const void *bytes, size_t count);

#endif
