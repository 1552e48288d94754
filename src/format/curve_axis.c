#include "format/curve_axis.h"

#include <math.h>
#include <stdint.h>

value_range bpi_no_values(void)
{
    return (value_range){INFINITY, 0, false};
}

void bpi_range_add(value_range *range, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        range->has_zero |= values[i] == 0;
        if (!isfinite(values[i]) || values[i] <= 0)
            continue;
        range->low = fmin(range->low, values[i]);
        range->high = fmax(range->high, values[i]);
    }
}

/* Ticks at these multiples of powers of ten that are on the axis; only every `stride`-th power. Returns how
 * many there are, of which up to MAX_TICKS are set. */
static size_t set_ticks(log_axis *axis, const double *multiples, size_t count, int stride)
{
    size_t ticks = 0;
    for (int power = (int)floor(axis->low); power <= (int)ceil(axis->high); power++)
        for (size_t i = 0; i < count && power % stride == 0; i++) {
            double place = power + log10(multiples[i]);
            if (place < axis->low - 1e-9 || place > axis->high + 1e-9)
                continue;
            if (ticks < MAX_TICKS)
                axis->ticks[ticks] = multiples[i] * pow(10, power);
            ticks++;
        }
    axis->tick_count = ticks < MAX_TICKS ? ticks : MAX_TICKS;
    return ticks;
}

/* Decades if there are at least three of them, else finer ticks; of too many decades, only some. */
static void choose_ticks(log_axis *axis, size_t most)
{
    static const double decade[] = {1}, coarse[] = {1, 2, 5}, fine[] = {1, 1.5, 2, 3, 4, 5, 6, 8};
    if (set_ticks(axis, fine, sizeof fine / sizeof fine[0], 1) <= most)
        return;
    if (set_ticks(axis, coarse, sizeof coarse / sizeof coarse[0], 1) <= most)
        return;
    for (int stride = 1; set_ticks(axis, decade, 1, stride) > most; stride++)
        ;
}

/* The axis spans a factor of at least 2, so that there is a tick, and noise does not fill it. */
static void set_ends(log_axis *axis)
{
    const double least = 0.302, space = 0.05;
    double missing = least - (axis->high - axis->low);
    if (missing > 0) {
        axis->low -= missing / 2;
        axis->high += missing / 2;
    }
    double margin = space * (axis->high - axis->low);
    axis->low -= margin;
    axis->high += margin;
}

log_axis bpi_log_axis(const value_range *range, size_t ticks)
{
    log_axis axis = {.low = -3, .high = 0, .has_zero = range->has_zero};
    if (range->low <= range->high) {
        axis.low = log10(range->low);
        axis.high = log10(range->high);
        set_ends(&axis);
    }
    choose_ticks(&axis, ticks);
    if (axis.has_zero)
        axis.low -= 0.15 * (axis.high - axis.low);
    return axis;
}

double bpi_log_place(const log_axis *axis, double value)
{
    return value > 0 ? (log10(value) - axis->low) / (axis->high - axis->low) : 0;
}

size_t bpi_epoch_step(size_t last, size_t ticks)
{
    static const size_t multiples[] = {1, 2, 5};
    for (size_t power = 1;; power *= 10)
        for (size_t i = 0; i < 3; i++)
            if (last / (multiples[i] * power) <= ticks || power > SIZE_MAX / 100)
                return multiples[i] * power;
}
