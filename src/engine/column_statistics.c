#include "engine/column_statistics.h"

#include <math.h>

/* ----------------------------------------------------------------- single columns */

static void find_ranges_and_means(const column_sample *sample, column_statistics *columns)
{
    for (size_t i = 0; i < sample->columns; i++)
        columns[i] = (column_statistics){.min = INFINITY, .max = -INFINITY};
    for (size_t row = 0; row < sample->cases; row++) {
        const bp_real *values = sample->values + row * sample->stride;
        for (size_t i = 0; i < sample->columns; i++) {
            double x = (double)values[i];
            if (isnan(x))
                continue;
            columns[i].count++;
            columns[i].min = x < columns[i].min ? x : columns[i].min;
            columns[i].max = x > columns[i].max ? x : columns[i].max;
            columns[i].mean += x;
        }
    }
    for (size_t i = 0; i < sample->columns; i++) {
        columns[i].mean = columns[i].count > 0 ? columns[i].mean / columns[i].count : 0;
        columns[i].is_two_valued = columns[i].min < columns[i].max;
    }
}

static void find_deviations(const column_sample *sample, column_statistics *columns)
{
    for (size_t row = 0; row < sample->cases; row++) {
        const bp_real *values = sample->values + row * sample->stride;
        for (size_t i = 0; i < sample->columns; i++) {
            double x = (double)values[i], distance = x - columns[i].mean;
            if (isnan(x))
                continue;
            columns[i].deviation += distance * distance;
            if (x != columns[i].min && x != columns[i].max)
                columns[i].is_two_valued = false;
        }
    }
    for (size_t i = 0; i < sample->columns; i++)
        columns[i].deviation = columns[i].count > 0 ? sqrt(columns[i].deviation / columns[i].count) : 0;
}

/* A column without values: what scaling leaves as it is. */
static void fill_empty(const column_sample *sample, column_statistics *columns)
{
    for (size_t i = 0; i < sample->columns; i++)
        if (columns[i].count == 0)
            columns[i] = (column_statistics){.count = 0};
}

void bpi_find_statistics(const column_sample *sample, column_statistics *columns)
{
    find_ranges_and_means(sample, columns);
    find_deviations(sample, columns);
    fill_empty(sample, columns);
}

/* -------------------------------------------------------------------------- joining */

static bool is_end(double value, const column_statistics *whole)
{
    return value == whole->min || value == whole->max;
}

/* Is every value of a part the minimum or the maximum of the whole? */
static bool has_only_ends(const column_statistics *part, const column_statistics *whole)
{
    return (part->is_two_valued || part->min == part->max) && is_end(part->min, whole) &&
           is_end(part->max, whole);
}

/* The variance of the whole is that within the two sets plus that between their means. */
column_statistics bpi_join_statistics(const column_statistics *a, const column_statistics *b)
{
    if (a->count == 0 || b->count == 0)
        return a->count == 0 ? *b : *a;
    const double count = a->count + b->count, share_a = a->count / count, share_b = b->count / count;
    const double distance = a->mean - b->mean;
    column_statistics both = {.count = count, .min = fmin(a->min, b->min), .max = fmax(a->max, b->max)};
    both.mean = share_a * a->mean + share_b * b->mean;
    both.deviation = sqrt(share_a * a->deviation * a->deviation + share_b * b->deviation * b->deviation +
                          share_a * share_b * distance * distance);
    both.is_two_valued = both.min < both.max && has_only_ends(a, &both) && has_only_ends(b, &both);
    return both;
}
