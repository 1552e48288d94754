#include "check/duplicate_columns.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/real.h"
#include "check/probability.h"

/*
 * Each column, with mean 0 and standard deviation 1, is multiplied by the same random vector. Columns that
 * are equal up to scale and shift have the same product, up to its sign and rounding, so they stand side by
 * side when all are sorted by it; these are compared case by case.
 */
typedef struct fingerprint {
    double product;
    double noise; /* rounding error of a value, in standard deviations */
    size_t column;
    size_t original; /* the lowest column that it is known to repeat, or itself ... */
    double sign;     /* ... up to this sign */
} fingerprint;

/* How many neighbours a column is compared with. */
enum { MAX_COMPARED = 8 };

typedef struct search {
    const bp_data *data;
    const column_statistics *columns;
    double min_evidence;
} search;

static void multiply(const bp_data *data, const column_statistics *columns, fingerprint *prints)
{
    random_stream stream;
    bpi_random_seed(&stream, 1);
    for (size_t row = 0; row < data->cases; row++) {
        const bp_real *values = data->inputs + row * data->input_stride;
        double factor = 2 * bpi_random_uniform(&stream) - 1;
        for (size_t i = 0; i < data->input_width; i++)
            prints[i].product += factor * ((double)values[i] - columns[i].mean);
    }
}

/* Fingerprints of the columns that vary; their number. */
static size_t make_prints(const bp_data *data, const column_statistics *columns, fingerprint *prints)
{
    enum { ROUNDINGS = 4 };
    size_t count = 0;
    multiply(data, columns, prints);
    for (size_t i = 0; i < data->input_width; i++) {
        double size = fmax(fabs(columns[i].min), fabs(columns[i].max)), deviation = columns[i].deviation;
        if (deviation == 0)
            continue;
        prints[count++] = (fingerprint){.product = fabs(prints[i].product) / deviation,
                                        .noise = ROUNDINGS * (double)BPI_REAL_EPSILON * size / deviation,
                                        .column = i,
                                        .original = i,
                                        .sign = 1};
    }
    return count;
}

static int compare_prints(const void *a, const void *b)
{
    const fingerprint *x = a, *y = b;
    if (x->product != y->product)
        return x->product < y->product ? -1 : 1;
    return (x->column > y->column) - (x->column < y->column);
}

/*
 * How unlikely it is that two columns agree by chance, as -ln of a probability: their rarer values must fall
 * on the same cases, and unless there are two values only, each but the first must have the right size, one
 * of four at least.
 */
static double evidence(const column_statistics *column, size_t usual)
{
    size_t cases = (size_t)column->count, rare = cases - usual;
    double in_place = bpi_ln_choices(cases, rare);
    return column->is_two_valued || rare < 1 ? in_place : in_place + (double)(rare - 1) * log(4);
}

/* Is b a line of a in all cases, and not by chance? */
static bool repeats(const search *s, const fingerprint *a, const fingerprint *b, double sign)
{
    const column_statistics *x = &s->columns[a->column], *y = &s->columns[b->column];
    double allowed = (a->noise + b->noise) * y->deviation, slope = sign * y->deviation / x->deviation;
    size_t at_min = 0, at_max = 0;
    for (size_t row = 0; row < s->data->cases; row++) {
        const bp_real *values = s->data->inputs + row * s->data->input_stride;
        double from = (double)values[a->column], to = (double)values[b->column];
        if (!(fabs(to - y->mean - slope * (from - x->mean)) <= allowed))
            return false;
        at_min += from == x->min;
        at_max += from == x->max;
    }
    return evidence(x, at_min > at_max ? at_min : at_max) >= s->min_evidence;
}

static bool is_zero_or_one(const column_statistics *column)
{
    return column->is_two_valued && column->min == 0 && column->max == 1;
}

/* Neighbouring columns of 0 and 1 that are each other's opposite: the two inputs of a category, as encoders
 * make them. */
static bool is_category(const search *s, const fingerprint *a, const fingerprint *b)
{
    const size_t first = a->column < b->column ? a->column : b->column;
    return a->column + b->column == 2 * first + 1 && is_zero_or_one(&s->columns[a->column]) &&
           is_zero_or_one(&s->columns[b->column]);
}

/* b repeats a, and what a repeats. */
static void add(const search *s, const fingerprint *a, fingerprint *b, double sign, duplicate_columns *found)
{
    size_t early = a->original < b->column ? a->original : b->column;
    size_t late = a->original < b->column ? b->column : a->original;
    b->original = early;
    b->sign = early == b->column ? 1 : a->sign * sign;
    found->count++;
    if (found->count > 1 && late > found->column)
        return;
    const column_statistics *x = &s->columns[early], *y = &s->columns[late];
    found->column = late;
    found->of = early;
    found->factor = a->sign * sign * y->deviation / x->deviation;
    found->shift = y->mean - found->factor * x->mean;
}

static void compare_with_next(const search *s, fingerprint *prints, size_t count, size_t i,
                              duplicate_columns *found)
{
    for (size_t j = i + 1; j < count && j <= i + MAX_COMPARED; j++) {
        fingerprint *a = &prints[i], *b = &prints[j];
        if (b->product - a->product > (a->noise + b->noise) * (double)s->data->cases)
            return;
        double sign = repeats(s, a, b, 1) ? 1 : !is_category(s, a, b) && repeats(s, a, b, -1) ? -1 : 0;
        if (sign != 0) {
            add(s, a, b, sign, found);
            return; /* the others of the group follow from b */
        }
    }
}

bool bpi_find_duplicate_columns(const bp_allocator *allocator, const bp_data *data,
                                const column_statistics *columns, duplicate_columns *found)
{
    const double width = (double)data->input_width, false_alarm = 1e-3;
    fingerprint *prints = bpi_allocate_zeroed(allocator, data->input_width, sizeof *prints);
    *found = (duplicate_columns){0};
    if (prints == NULL)
        return false;
    size_t count = make_prints(data, columns, prints);
    qsort(prints, count, sizeof *prints, compare_prints);
    search s = {data, columns, log(fmax(1, width * (width - 1) / 2) / false_alarm)};
    for (size_t i = 0; i < count; i++)
        compare_with_next(&s, prints, count, i, found);
    bpi_release(allocator, prints);
    return true;
}
