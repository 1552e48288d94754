#include "train/vectors.h"

#include "base/arithmetic.h"

/* Sums side by side, which a compiler keeps in vectors; the last elements belong to them as if the vectors
 * went on with zeros. */
enum { LANES = 8 };

double bpi_dot(const bp_real *a, const bp_real *b, size_t count)
{
    double sums[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (size_t lane = 0; lane < LANES; lane++)
            sums[lane] += (double)a[i + lane] * (double)b[i + lane];
    for (; i < count; i++)
        sums[i % LANES] += (double)a[i] * (double)b[i];
    for (size_t half = LANES / 2; half > 0; half /= 2)
        for (size_t lane = 0; lane < half; lane++)
            sums[lane] += sums[lane + half];
    return sums[0];
}

void bpi_add_multiple(bp_real *to, const bp_real *from, double factor, const bp_real *direction, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (bp_real)((double)from[i] + factor * (double)direction[i]);
}

void bpi_subtract(bp_real *to, const bp_real *a, const bp_real *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = a[i] - b[i];
}
