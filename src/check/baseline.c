#include "check/baseline.h"

#include <math.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/random.h"
#include "base/status.h"
#include "engine/scaling_rule.h"

/* Fewer cases tell too little. Of more than MAX_QUERIES neighbours are not looked for. */
enum { MIN_CASES = 50, MAX_QUERIES = 512 };

/* Bounds on memory, in values, and on work, in multiply-adds: of fits, of distances, and of products of
 * target columns. They limit the cases where there are many columns. Together that takes about 0.3 seconds.
 */
static const double max_values = 4e6, max_fit_work = 1.5e9, max_distance_work = 1e8, max_target_work = 1e8;

static size_t sample_size(const diagnosis *d, const case_sample *sample)
{
    const size_t inputs = d->net->input_width + 1, outputs = d->net->output_width;
    const double by_memory = max_values / (double)(inputs + outputs),
                 by_fit = max_fit_work / bpi_linear_cost(1, inputs, outputs),
                 by_targets = max_target_work / ((double)outputs * (double)outputs);
    return bpi_min(sample->count, (size_t)fmin(by_memory, fmin(by_fit, by_targets)));
}

bool bpi_baseline_is_possible(const diagnosis *d)
{
    return sample_size(d, &d->training_sample) >= MIN_CASES;
}

/* --------------------------------------------------------------------------- units */

static linear_output kind_of_targets(const diagnosis *d)
{
    if (d->net->output_count > 1)
        return LINEAR_NUMBERS;
    if (d->target_kinds[0] == TARGETS_ONE_HOT)
        return LINEAR_CLASSES;
    return d->target_kinds[0] == TARGETS_BINARY ? LINEAR_BINARY : LINEAR_NUMBERS;
}

static double least_target(const diagnosis *d)
{
    double least = INFINITY;
    for (size_t i = 0; i < d->net->output_width; i++)
        least = fmin(least, d->targets[i].min);
    return least;
}

static double largest_target(const diagnosis *d)
{
    double largest = -INFINITY;
    for (size_t i = 0; i < d->net->output_width; i++)
        largest = fmax(largest, d->targets[i].max);
    return largest;
}

static void find_units(baseline *b)
{
    const diagnosis *d = b->d;
    const double off = least_target(d), on = largest_target(d);
    for (size_t i = 0; i < d->net->output_width; i++) {
        const column_statistics *column = &d->targets[i];
        const bool is_constant = !(column->deviation > 0);
        if (b->kind == LINEAR_NUMBERS)
            b->units[i] = (target_unit){column->mean, is_constant ? 0 : 1 / column->deviation};
        else
            b->units[i] = (target_unit){off, 1 / (on - off)};
    }
}

size_t bpi_class_told(const baseline *b, const bp_real *values)
{
    const double middle = 0.5;
    size_t largest = 0;
    if (b->kind == LINEAR_BINARY)
        return (double)values[0] > middle;
    for (size_t i = 1; i < b->d->net->output_width; i++)
        if (values[i] > values[largest])
            largest = i;
    return largest;
}

/* --------------------------------------------------------------------------- cases */

/* The order of a sample, shuffled, so that the first of its cases are a sample too. */
static bool copy_order(const baseline *b, const case_sample *sample, predicted_cases *cases)
{
    random_stream stream;
    cases->order = bpi_allocate(b->d->allocator, sample->count, sizeof *cases->order);
    if (cases->order == NULL)
        return false;
    for (size_t i = 0; i < sample->count; i++)
        cases->order[i] = sample->order[i];
    bpi_random_seed(&stream, 1);
    bpi_random_shuffle(&stream, cases->order, sample->count);
    return true;
}

/* A column that cannot be scaled is left out: it becomes 0. */
static void fill_input(const baseline *b, const bp_data *data, predicted_cases *cases, size_t column)
{
    const bp_scaling rule = bp_scaling_automatic();
    bp_real offset, factor;
    const bool is_used = bpi_fit_column(&rule, &b->d->inputs[column], 0, &offset, &factor);
    for (size_t i = 0; i < cases->rows.count; i++)
        bpi_inputs_of(&cases->rows, i)[column] =
            is_used ? (input_row(data, cases->order[i])[column] - offset) * factor : 0;
}

static void fill_rest(const baseline *b, const bp_data *data, predicted_cases *cases)
{
    for (size_t i = 0; i < cases->rows.count; i++) {
        const bp_real *targets = target_row(data, cases->order[i]);
        bpi_inputs_of(&cases->rows, i)[cases->rows.inputs - 1] = 1;
        for (size_t j = 0; j < cases->rows.targets; j++)
            bpi_targets_of(&cases->rows, i)[j] =
                (bp_real)(((double)targets[j] - b->units[j].offset) * b->units[j].factor);
    }
}

static bool fill_cases(const baseline *b, const bp_data *data, const case_sample *sample,
                       predicted_cases *cases)
{
    const bp_allocator *allocator = b->d->allocator;
    case_rows *rows = &cases->rows;
    rows->count = sample_size(b->d, sample);
    rows->inputs = b->d->net->input_width + 1;
    rows->targets = b->d->net->output_width;
    rows->rows = bpi_allocate(allocator, rows->count, bpi_row_width(rows) * sizeof *rows->rows);
    cases->linear = bpi_allocate(allocator, rows->count, rows->targets * sizeof *cases->linear);
    if (rows->rows == NULL || cases->linear == NULL || !copy_order(b, sample, cases))
        return false;
    for (size_t i = 0; i + 1 < rows->inputs; i++)
        fill_input(b, data, cases, i);
    fill_rest(b, data, cases);
    return true;
}

/* ---------------------------------------------------------------------- predictions */

static bool find_neighbours(baseline *b)
{
    const double width = (double)b->training.rows.inputs, share = 4; /* candidates for a query */
    case_rows candidates = b->training.rows;
    candidates.count = bpi_min(candidates.count, (size_t)sqrt(share * max_distance_work / width));
    const size_t queries = bpi_min(bpi_min(candidates.count, MAX_QUERIES),
                                   (size_t)(max_distance_work / width / (double)candidates.count));
    b->neighbours.nearest = bpi_allocate(b->d->allocator, queries, sizeof *b->neighbours.nearest);
    if (b->neighbours.nearest == NULL)
        return false;
    for (; b->neighbours.queries < queries; b->neighbours.queries++)
        bpi_find_neighbours(&candidates, b->neighbours.queries, AGREEMENT_NEIGHBOURS,
                            b->neighbours.nearest[b->neighbours.queries]);
    return true;
}

/* Each half of the training cases by a model of the other half; all cases by one of all training cases. */
static bool predict(const baseline *b, linear_model *model)
{
    const case_rows *rows = &b->training.rows, *others = &b->validation.rows;
    const size_t half = rows->count / 2;
    return bpi_linear_fit(model, rows, 0, half) &&
           bpi_linear_predict(model, rows, half, rows->count, b->training.linear + half * rows->targets) &&
           bpi_linear_fit(model, rows, half, rows->count) &&
           bpi_linear_predict(model, rows, 0, half, b->training.linear) &&
           bpi_linear_fit(model, rows, 0, rows->count) &&
           bpi_linear_predict(model, rows, 0, rows->count, b->fitted) &&
           (others->count == 0 || bpi_linear_predict(model, others, 0, others->count, b->validation.linear));
}

static bool find_linear(const baseline *b)
{
    linear_model model = {.kernel = b->d->net->kernel,
                          .allocator = b->d->allocator,
                          .output = b->kind,
                          .inputs = b->training.rows.inputs,
                          .outputs = b->training.rows.targets};
    const bool has_memory = predict(b, &model);
    bpi_release(b->d->allocator, model.weights);
    return has_memory;
}

/* ----------------------------------------------------------------------- the whole */

bp_status bpi_baseline_create(baseline *b, const diagnosis *d)
{
    *b = (baseline){.d = d, .kind = kind_of_targets(d)};
    b->units = bpi_allocate(d->allocator, d->net->output_width, sizeof *b->units);
    if (b->units == NULL)
        return bpi_diagnosis_fail_memory(d);
    find_units(b);
    b->fitted =
        bpi_allocate(d->allocator, d->training_sample.count, d->net->output_width * sizeof *b->fitted);
    if (b->fitted == NULL || !fill_cases(b, &d->training, &d->training_sample, &b->training) ||
        !fill_cases(b, &d->validation, &d->validation_sample, &b->validation) || !find_neighbours(b) ||
        !find_linear(b))
        return bpi_diagnosis_fail_memory(d);
    return BP_OK;
}

static void clear_cases(const baseline *b, predicted_cases *cases)
{
    bpi_release(b->d->allocator, cases->order);
    bpi_release(b->d->allocator, cases->rows.rows);
    bpi_release(b->d->allocator, cases->linear);
}

void bpi_baseline_clear(baseline *b)
{
    clear_cases(b, &b->training);
    clear_cases(b, &b->validation);
    bpi_release(b->d->allocator, b->neighbours.nearest);
    bpi_release(b->d->allocator, b->fitted);
    bpi_release(b->d->allocator, b->units);
}
