#include "support/unit_random.h"

#include <math.h>

void oracle_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint64_t c[4] = {counter[0], counter[1], counter[2], counter[3]}, k[2] = {key[0], key[1]};
    for (int round = 0; round < 7; round++) {
        const uint64_t a = c[0] * 0xd2511f53u, b = c[2] * 0xcd9e8d57u;
        const uint64_t next[4] = {b / 0x100000000u ^ c[1] ^ k[0], b % 0x100000000u,
                                  a / 0x100000000u ^ c[3] ^ k[1], a % 0x100000000u};
        for (int i = 0; i < 4; i++)
            c[i] = next[i];
        k[0] = (k[0] + 0x9e3779b9u) % 0x100000000u;
        k[1] = (k[1] + 0xbb67ae85u) % 0x100000000u;
    }
    for (int i = 0; i < 4; i++)
        out[i] = (uint32_t)c[i];
}

void oracle_row_bits(uint64_t seed, uint64_t update, uint64_t number, uint32_t bits[4])
{
    const uint32_t counter[4] = {(uint32_t)number, (uint32_t)(number >> 32), (uint32_t)update,
                                 (uint32_t)(update >> 32)};
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    oracle_philox(counter, key, bits);
}

uint32_t oracle_unit_word(const uint32_t bits[4], uint32_t stream, size_t unit)
{
    const uint32_t counter[4] = {(uint32_t)(unit / 32 * 8 + unit % 8), stream, bits[2], bits[3]};
    uint32_t out[4];
    oracle_philox(counter, bits, out);
    return out[unit % 32 / 8];
}

double oracle_drop_factor(const uint32_t bits[4], uint32_t stream, double probability, size_t unit)
{
    const double number = oracle_unit_word(bits, stream, unit);
    return number < floor(probability * 4294967296.0 + 0.5) ? 0 : 1 / (1 - probability);
}

double oracle_unit_normal(const uint32_t bits[4], uint32_t stream, size_t unit)
{
    const size_t first = unit % 32 < 16 ? unit : unit - 16;
    const double a = oracle_unit_word(bits, stream, first);
    const double b = oracle_unit_word(bits, stream, first + 16);
    const double radius = sqrt(-2 * log((a + 1) / 4294967296.0)), angle = 2 * acos(-1) * b / 4294967296.0;
    return radius * (unit == first ? cos(angle) : sin(angle));
}
