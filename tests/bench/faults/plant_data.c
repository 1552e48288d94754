/* Faults of columns and cases. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plants.h"
#include "split.h"

static uint64_t stream_of(const scene *s)
{
    return 100 * s->seed;
}

/* ---------------------------------------------------------------------- columns */

static int compare(const void *a, const void *b)
{
    bp_real x = *(const bp_real *)a, y = *(const bp_real *)b;
    return (x > y) - (x < y);
}

/* Has the column many values, none of them most of the time? Gives its range. */
static bool is_varied(const table *data, size_t column, double *low, double *high)
{
    enum { MIN_VALUES = 10 };
    bp_real *values = allocate(data->cases, sizeof *values);
    for (size_t i = 0; i < data->cases; i++)
        values[i] = data->x[i * data->inputs + column];
    qsort(values, data->cases, sizeof *values, compare);
    size_t different = 1, repeated = 0, longest = 0;
    for (size_t i = 1; i < data->cases; i++) {
        bool is_new = values[i] != values[i - 1];
        different += is_new;
        repeated = is_new ? 0 : repeated + 1;
        longest = repeated > longest ? repeated : longest;
    }
    *low = (double)values[0];
    *high = (double)values[data->cases - 1];
    free(values);
    return different >= MIN_VALUES && 4 * longest < data->cases;
}

bool find_varied_column(const table *data, uint64_t *stream, size_t *column, double *low, double *high)
{
    size_t first = next_index(stream, data->inputs);
    for (size_t i = 0; i < data->inputs; i++) {
        *column = (first + i) % data->inputs;
        if (is_varied(data, *column, low, high))
            return true;
    }
    return false;
}

/* A further input column of zeros. */
static void widen(table *data)
{
    const size_t width = data->inputs + 1;
    bp_real *x = allocate(data->cases * width, sizeof *x);
    for (size_t i = 0; i < data->cases; i++)
        memcpy(x + i * width, data->x + i * data->inputs, data->inputs * sizeof *x);
    free(data->x);
    data->x = x;
    data->inputs = width;
}

/* The last column is factor times a column + shift. */
static void fill_last(table *data, size_t column, double factor, double shift)
{
    for (size_t i = 0; i < data->cases; i++) {
        bp_real *x = data->x + i * data->inputs;
        x[data->inputs - 1] = (bp_real)(factor * (double)x[column] + shift);
    }
}

bool plant_constant_column(scene *s, const run_result *healthy)
{
    (void)healthy;
    widen(&s->training);
    widen(&s->validation);
    fill_last(&s->training, 0, 0, (double)s->seed);
    fill_last(&s->validation, 0, 0, (double)s->seed);
    return true;
}

bool plant_duplicate_column(scene *s, const run_result *healthy)
{
    (void)healthy;
    uint64_t stream = stream_of(s);
    size_t column;
    double low, high;
    if (!find_varied_column(&s->training, &stream, &column, &low, &high))
        return false;
    widen(&s->training);
    widen(&s->validation);
    const double factor = s->seed % 2 == 0 ? 1 : 2.54, shift = s->seed % 2 == 0 ? 0 : high;
    fill_last(&s->training, column, factor, shift);
    fill_last(&s->validation, column, factor, shift);
    return true;
}

static void enlarge(table *data)
{
    for (size_t i = 0; i < data->cases * data->inputs; i++)
        data->x[i] = (bp_real)(300 * (double)data->x[i] + 1000);
}

bool plant_huge_inputs(scene *s, const run_result *healthy)
{
    (void)healthy;
    enlarge(&s->training);
    enlarge(&s->validation);
    s->scaling = TARGETS_SCALED;
    return true;
}

bool plant_outlier(scene *s, const run_result *healthy)
{
    (void)healthy;
    enum { OUTLIERS = 2 };
    uint64_t stream = stream_of(s);
    size_t column;
    double low, high;
    if (!find_varied_column(&s->training, &stream, &column, &low, &high))
        return false;
    for (int i = 0; i < OUTLIERS; i++)
        s->training.x[next_index(&stream, s->training.cases) * s->training.inputs + column] =
            (bp_real)(high + 100 * (high - low));
    return true;
}

/* ---------------------------------------------------------------------- classes */

static size_t class_of(const table *data, size_t row)
{
    size_t class = 0;
    while (class + 1 < data->outputs && data->y[row * data->outputs + class] == 0)
        class ++;
    return class;
}

/* Leaves so many cases of a class. Returns how many there were. */
static size_t thin_out(table *data, size_t class, size_t left)
{
    size_t cases = data->cases, seen = 0;
    data->cases = 0;
    for (size_t i = 0; i < cases; i++) {
        bool is_of_class = class_of(data, i) == class;
        seen += is_of_class;
        if (!is_of_class || seen <= left)
            table_append(data, data, i);
    }
    return seen;
}

/* A class with 7 cases or more is thinned out; at least 20 cases are left. */
static bool make_rare(scene *s, size_t least_classes, double share)
{
    enum { MIN_OF_CLASS = 7, MIN_LEFT = 20 };
    table *data = &s->training;
    if (!data->has_classes || data->outputs < least_classes)
        return false;
    for (size_t i = 0; i < data->outputs; i++) {
        size_t class = (size_t)((s->seed + i) % data->outputs), count = 0;
        for (size_t row = 0; row < data->cases; row++)
            count += class_of(data, row) == class;
        if (count < MIN_OF_CLASS || data->cases < MIN_LEFT + count)
            continue;
        const size_t left = (size_t)(share * (double)(data->cases - count) / (double)data->outputs);
        if (share > 0 && left == 0)
            continue;
        thin_out(data, class, left);
        return true;
    }
    return false;
}

bool plant_class_absent(scene *s, const run_result *healthy)
{
    (void)healthy;
    return make_rare(s, 3, 0);
}

bool plant_class_rare(scene *s, const run_result *healthy)
{
    (void)healthy;
    return make_rare(s, 2, 0.06);
}

bool plant_contrary_targets(scene *s, const run_result *healthy)
{
    (void)healthy;
    table *data = &s->training;
    uint64_t stream = stream_of(s);
    size_t planted = 0;
    while (20 * planted < data->cases) {
        const size_t from = next_index(&stream, data->cases), to = next_index(&stream, data->cases);
        if (memcmp(data->y + from * data->outputs, data->y + to * data->outputs,
                   data->outputs * sizeof *data->y) == 0)
            continue;
        memcpy(data->x + to * data->inputs, data->x + from * data->inputs, data->inputs * sizeof *data->x);
        planted++;
    }
    return true;
}
