#include "base/random.h"

#include <math.h>

static uint64_t splitmix64(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint64_t rotate_left(uint64_t x, int bits)
{
    return (x << bits) | (x >> (64 - bits));
}

void bpi_random_seed(random_stream *stream, uint64_t seed)
{
    for (int i = 0; i < 4; i++)
        stream->state[i] = splitmix64(&seed);
}

uint64_t bpi_random_next(random_stream *stream)
{
    uint64_t *s = stream->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

double bpi_random_uniform(random_stream *stream)
{
    return (double)(bpi_random_next(stream) >> 11) * 0x1p-53;
}

/* Ratio of uniforms (Kinderman & Monahan 1977). The logarithm only decides whether a pair is taken, so its
 * last bits, which differ among libraries, do not show. */
double bpi_random_normal(random_stream *stream)
{
    const double width = 1.7155277699214135; /* sqrt(8 / e) */
    double x, u;
    do {
        u = 1 - bpi_random_uniform(stream);
        x = width * (bpi_random_uniform(stream) - 0.5) / u;
    } while (x * x > -4 * log(u));
    return x;
}

uint64_t bpi_random_below(random_stream *stream, uint64_t bound)
{
    /* Draws below 2^64 mod bound are rejected, as they would make small remainders more likely. That
     * threshold is below bound, so most draws need not be compared with it. */
    uint64_t draw = bpi_random_next(stream);
    if (draw < bound)
        for (uint64_t threshold = (0 - bound) % bound; draw < threshold;)
            draw = bpi_random_next(stream);
    return draw % bound;
}

void bpi_random_shuffle(random_stream *stream, size_t *order, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)bpi_random_below(stream, i);
        size_t moved = order[i - 1];
        order[i - 1] = order[j];
        order[j] = moved;
    }
}

void bpi_seeds_begin(seed_sequence *seeds, uint64_t first)
{
    bpi_random_seed(&seeds->stream, first);
    seeds->next = first;
}

uint64_t bpi_seeds_next(seed_sequence *seeds)
{
    uint64_t seed = seeds->next;
    seeds->next = bpi_random_next(&seeds->stream);
    return seed;
}
