#include "stream.h"

typedef float wide __attribute__((vector_size(64)));

enum { LANES = 16, AT_ONCE = 8 };

void stream_read(const float *values, size_t count)
{
    const wide *from = (const void *)values;
    wide sum[AT_ONCE] = {{0}};
    for (size_t i = 0; i + AT_ONCE <= count / LANES; i += AT_ONCE)
        for (size_t j = 0; j < AT_ONCE; j++)
            sum[j] += from[i + j];
    for (size_t j = 0; j < AT_ONCE; j++)
        __asm__ volatile("" ::"m"(sum[j])); /* the sums count as used */
}

void stream_update(float *values, size_t count)
{
    wide *at = (void *)values;
    for (size_t i = 0; i + AT_ONCE <= count / LANES; i += AT_ONCE)
        for (size_t j = 0; j < AT_ONCE; j++)
            at[i + j] += 1e-30F;
}
