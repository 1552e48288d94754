#include "kernel/portable_noise.h"

#include <math.h>

#include "base/numeric.h"
#include "base/philox.h"

/* Word w of counter i is that of unit ROW_COUNTERS * w + i of the group. */
static void random_words(const random_row *row, size_t group, uint32_t words[ROW_GROUP])
{
    for (uint32_t i = 0; i < ROW_COUNTERS; i++) {
        const uint32_t counter[4] = {(uint32_t)(ROW_COUNTERS * group) + i, row->stream, row->bits[2],
                                     row->bits[3]};
        uint32_t out[4];
        bpi_philox(counter, row->bits, out);
        for (size_t w = 0; w < 4; w++)
            words[ROW_COUNTERS * w + i] = out[w];
    }
}

void bpi_portable_drop_units(const random_row *row, uint32_t threshold, bp_real kept, const bp_real *y,
                             bp_real *out, bp_real *factors, size_t count)
{
    for (size_t first = 0; first < count; first += ROW_GROUP) {
        uint32_t words[ROW_GROUP];
        random_words(row, first / ROW_GROUP, words);
        const size_t units = bpi_min(ROW_GROUP, count - first);
        for (size_t i = 0; i < units; i++) {
            const bp_real factor = words[i] < threshold ? 0 : kept;
            out[first + i] = y[first + i] * factor;
            if (factors != NULL)
                factors[first + i] = factor;
        }
    }
}

/* Box & Muller 1958: two uniform numbers, in (0, 1] and in [0, 1), make two normal ones. */
static void make_normal(uint32_t a, uint32_t b, double *first, double *second)
{
    const double two_pi = 0x1.921fb54442d18p+2;
    const double radius = sqrt(-2 * log(((double)a + 1) * 0x1p-32)), angle = two_pi * 0x1p-32 * (double)b;
    *first = radius * cos(angle);
    *second = radius * sin(angle);
}

void bpi_portable_add_noise(const random_row *row, double deviation, bp_real *y, size_t count)
{
    enum { PAIRS = ROW_GROUP / 2 };
    for (size_t first = 0; first < count; first += ROW_GROUP) {
        uint32_t words[ROW_GROUP];
        double normal[ROW_GROUP];
        random_words(row, first / ROW_GROUP, words);
        for (size_t i = 0; i < PAIRS; i++)
            make_normal(words[i], words[PAIRS + i], &normal[i], &normal[PAIRS + i]);
        const size_t units = bpi_min(ROW_GROUP, count - first);
        for (size_t i = 0; i < units; i++)
            y[first + i] += (bp_real)(deviation * normal[i]);
    }
}
