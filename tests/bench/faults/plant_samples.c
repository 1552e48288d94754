/* Faults of the choice of cases, and of what their targets have to do with the inputs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plants.h"
#include "split.h"

static uint64_t stream_of(const scene *s)
{
    return 200 * s->seed;
}

static void copy_inputs(table *to, size_t row, const table *from, size_t of)
{
    memcpy(to->x + row * to->inputs, from->x + of * from->inputs, to->inputs * sizeof *to->x);
}

static void copy_targets(table *to, size_t row, const table *from, size_t of)
{
    memcpy(to->y + row * to->outputs, from->y + of * from->outputs, to->outputs * sizeof *to->y);
}

bool plant_shared_cases(scene *s, const run_result *healthy)
{
    (void)healthy;
    uint64_t stream = stream_of(s);
    for (size_t i = 0; 3 * i < s->validation.cases; i++) {
        const size_t from = next_index(&stream, s->training.cases);
        copy_inputs(&s->validation, i, &s->training, from);
        copy_targets(&s->validation, i, &s->training, from);
    }
    s->uses_validation = true;
    return true;
}

/* Training and validation cases in one table. */
static table join(const scene *s)
{
    table all = table_create(s->training.cases + s->validation.cases, s->training.inputs, s->training.outputs,
                             s->training.has_classes);
    all.cases = 0;
    for (size_t i = 0; i < s->training.cases; i++)
        table_append(&all, &s->training, i);
    for (size_t i = 0; i < s->validation.cases; i++)
        table_append(&all, &s->validation, i);
    return all;
}

/* A case of the joined table, and what it is sorted by. */
typedef struct ranked {
    double key;
    size_t row;
} ranked;

static int compare_ranked(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static double target_key(const table *data, size_t row)
{
    const bp_real *y = data->y + row * data->outputs;
    size_t class = 0;
    if (!data->has_classes)
        return (double)*y;
    while (class + 1 < data->outputs && y[class] == 0)
        class ++;
    return (double)class;
}

/* The file was in the order of its targets, and its end became the validation set. */
bool plant_sorted_split(scene *s, const run_result *healthy)
{
    (void)healthy;
    table all = join(s);
    const size_t training = s->training.cases;
    ranked *order = allocate(all.cases, sizeof *order);
    for (size_t i = 0; i < all.cases; i++)
        order[i] = (ranked){target_key(&all, i), i};
    qsort(order, all.cases, sizeof *order, compare_ranked);
    s->training.cases = s->validation.cases = 0;
    for (size_t i = 0; i < all.cases; i++)
        table_append(i < training ? &s->training : &s->validation, &all, order[i].row);
    free(order);
    table_destroy(&all);
    s->uses_validation = true;
    return true;
}

static void moments(const table *data, size_t column, double *mean, double *deviation)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < data->cases; i++)
        sum += (double)data->x[i * data->inputs + column];
    *mean = sum / (double)data->cases;
    for (size_t i = 0; i < data->cases; i++) {
        double off = (double)data->x[i * data->inputs + column] - *mean;
        squares += off * off;
    }
    *deviation = sqrt(squares / (double)data->cases);
}

/* Another instrument measured a column, and is off by 1.5 standard deviations. */
bool plant_shifted_validation(scene *s, const run_result *healthy)
{
    (void)healthy;
    uint64_t stream = stream_of(s);
    size_t column;
    double low, high, mean, deviation;
    if (!find_varied_column(&s->training, &stream, &column, &low, &high))
        return false;
    moments(&s->training, column, &mean, &deviation);
    for (size_t i = 0; i < s->validation.cases; i++)
        s->validation.x[i * s->validation.inputs + column] += (bp_real)(1.5 * deviation);
    s->uses_validation = true;
    return true;
}

bool plant_random_targets(scene *s, const run_result *healthy)
{
    (void)healthy;
    table all = join(s);
    uint64_t stream = stream_of(s);
    size_t *order = allocate(all.cases, sizeof *order);
    for (size_t i = 0; i < all.cases; i++)
        order[i] = i;
    for (size_t i = all.cases - 1; i > 0; i--) {
        size_t j = next_index(&stream, i + 1), kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
    for (size_t i = 0; i < all.cases; i++)
        copy_targets(i < s->training.cases ? &s->training : &s->validation,
                     i < s->training.cases ? i : i - s->training.cases, &all, order[i]);
    free(order);
    table_destroy(&all);
    s->uses_validation = true;
    return true;
}

/* The target is a linear function of the inputs, each of about the same weight, and a tenth of noise. */
static void make_linear(table *data, const double *weights, const double *means, uint64_t *stream)
{
    data->outputs = 1;
    data->has_classes = false;
    for (size_t i = 0; i < data->cases; i++) {
        double sum = 0.1 * sqrt((double)data->inputs) * (4 * next_uniform(stream) - 2);
        for (size_t j = 0; j < data->inputs; j++)
            sum += weights[j] * ((double)data->x[i * data->inputs + j] - means[j]);
        data->y[i] = (bp_real)sum;
    }
}

bool plant_linear_targets(scene *s, const run_result *healthy)
{
    (void)healthy;
    uint64_t stream = stream_of(s);
    const size_t inputs = s->training.inputs;
    double *weights = allocate(inputs, sizeof *weights), *means = allocate(inputs, sizeof *means);
    for (size_t j = 0; j < inputs; j++) {
        double deviation;
        moments(&s->training, j, &means[j], &deviation);
        weights[j] = deviation > 0 ? (2 * next_uniform(&stream) - 1) / deviation : 0;
    }
    make_linear(&s->training, weights, means, &stream);
    make_linear(&s->validation, weights, means, &stream);
    free(weights);
    free(means);
    s->output = bp_activation_linear();
    s->uses_validation = true;
    return true;
}
