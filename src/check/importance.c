/* bp_permutation_importance: how much the outputs depend on input columns. */
#include <math.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/random.h"
#include "base/rows.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "base/sum.h"
#include "engine/check_data.h"
#include "engine/check_results.h"
#include "engine/evaluate.h"
#include "engine/loss_check.h"
#include "engine/workspace.h"

typedef struct importance {
    const char *function;
    bp_workspace *workspace;
    bp_importance_options options;
    bp_loss loss;
    bp_data data;        /* checked */
    size_t column_count; /* of a time step */
    size_t group_count;
    size_t *order;   /* of the cases, permuted */
    bp_real *inputs; /* of a block */
    size_t block_cases;
    double *increases;     /* of all repetitions of a group, group by group */
    bp_importance *groups; /* what was found */
} importance;

static const bp_importance_options default_options = {
    .size = sizeof default_options, .repetitions = 5, .seed = 1};

void bp_importance_options_init(bp_importance_options *options, size_t size)
{
    bpi_init_struct(SIZED_IMPORTANCE_OPTIONS, options, size, &default_options);
}

void bp_importance_init(bp_importance *results, size_t size, size_t count)
{
    bpi_init_structs(SIZED_IMPORTANCE, results, size, count);
}

/* ------------------------------------------------------------------------ arguments */

static bp_status read_options(importance *p, const bp_importance_options *options)
{
    p->options = default_options;
    if (options != NULL)
        BPI_TRY(bpi_read_struct(p->function, SIZED_IMPORTANCE_OPTIONS, options, &p->options));
    if (p->options.groups == NULL && p->options.group_count != 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.groups is NULL, but group_count is %zu", p->function,
                        p->options.group_count);
    if (p->options.groups != NULL && p->options.group_count == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.group_count is 0, but groups is not NULL",
                        p->function);
    if (p->options.repetitions == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.repetitions is 0, it must be >= 1", p->function);
    return BP_OK;
}

static size_t group_of(const importance *p, size_t column)
{
    return p->options.groups == NULL ? column : p->options.groups[column];
}

static bp_status read_data(importance *p, const bp_data *data)
{
    bp_data given;
    BPI_TRY(
        bpi_check_data_with(p->function, "data", p->workspace, data, DATA_BOTH | DATA_MAY_MISS, &p->data));
    BPI_TRY(bpi_read_struct(p->function, SIZED_DATA, data, &given));
    p->column_count = given.input_width;
    p->group_count = p->options.groups == NULL ? p->column_count : p->options.group_count;
    if (p->group_count > p->column_count)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.group_count is %zu, but there are %zu input columns",
                        p->function, p->group_count, p->column_count);
    for (size_t i = 0; i < p->column_count; i++) {
        size_t group = group_of(p, i);
        if (group != BP_NO_INDEX && group >= p->group_count)
            return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.groups[%zu] is %zu, but there are %zu groups",
                            p->function, i, group, p->group_count);
    }
    return bpi_loss_check_targets(p->function, "data", &p->loss, p->workspace->network, &p->data);
}

static bp_status count_columns(importance *p)
{
    for (size_t group = 0; group < p->group_count; group++)
        p->groups[group] = (bp_importance){.size = sizeof p->groups[group]};
    for (size_t i = 0; i < p->column_count; i++)
        if (group_of(p, i) != BP_NO_INDEX)
            p->groups[group_of(p, i)].columns++;
    for (size_t group = 0; group < p->group_count; group++)
        if (p->groups[group].columns == 0)
            return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.groups: group %zu has no columns", p->function,
                            group);
    return BP_OK;
}

/* ---------------------------------------------------------------------- permutation */

/* Replaces the group's columns of a row, at all time steps, by those of another case. */
static void exchange(const importance *p, size_t group, const bp_real *from, bp_real *row)
{
    for (size_t first = 0; first < p->data.input_width; first += p->column_count)
        for (size_t i = 0; i < p->column_count; i++)
            if (group_of(p, i) == group)
                row[first + i] = from[first + i];
}

static void fill_block(const importance *p, size_t group, size_t start, size_t rows)
{
    const size_t width = p->data.input_width, stride = p->data.input_stride;
    bpi_copy_rows(p->inputs, width, p->data.inputs + start * stride, stride, rows, width);
    for (size_t row = 0; row < rows && group != BP_NO_INDEX; row++)
        exchange(p, group, p->data.inputs + p->order[start + row] * stride, p->inputs + row * width);
}

static bp_data block_of(const importance *p, size_t start, size_t rows)
{
    bp_data block = p->data;
    block.cases = rows;
    block.inputs = p->inputs;
    block.input_stride = p->data.input_width;
    block.targets += start * p->data.target_stride;
    if (block.case_weights != NULL)
        block.case_weights += start;
    return block;
}

/* The mean error with a group permuted; with BP_NO_INDEX as the data are. */
static bp_status find_error(const importance *p, size_t group, double *mean_error)
{
    long_sum sum = {0};
    for (size_t start = 0, rows; start < p->data.cases; start += rows) {
        bp_evaluation found;
        rows = bpi_min(p->block_cases, p->data.cases - start);
        fill_block(p, group, start, rows);
        const bp_data block = block_of(p, start, rows);
        bpi_evaluate(p->workspace, &block, &p->loss, NULL, &found);
        BPI_TRY(bpi_check_error(p->function, p->workspace, found.max_abs_error));
        bpi_sum_add(&sum, found.error);
    }
    *mean_error = bpi_sum_value(&sum) / (double)p->data.cases;
    return BP_OK;
}

/* All groups with one permutation, so that what is found of a group does not depend on the others. */
static bp_status run_repetition(importance *p, random_stream *stream, size_t repetition, double mean_error)
{
    double permuted;
    bpi_random_shuffle(stream, p->order, p->data.cases);
    for (size_t group = 0; group < p->group_count; group++) {
        BPI_TRY(find_error(p, group, &permuted));
        p->increases[group * p->options.repetitions + repetition] = permuted - mean_error;
    }
    return BP_OK;
}

static void summarize(const double *increases, size_t count, bp_importance *result)
{
    long_sum sum = {0}, squares = {0};
    for (size_t i = 0; i < count; i++)
        bpi_sum_add(&sum, increases[i]);
    result->increase = bpi_sum_value(&sum) / (double)count;
    for (size_t i = 0; i < count; i++) {
        double deviation = increases[i] - result->increase;
        bpi_sum_add(&squares, deviation * deviation);
    }
    result->deviation = sqrt(bpi_sum_value(&squares) / (double)count);
}

static bp_status run(importance *p, double *mean_error)
{
    random_stream stream;
    bpi_random_seed(&stream, p->options.seed);
    for (size_t i = 0; i < p->data.cases; i++)
        p->order[i] = i;
    BPI_TRY(find_error(p, BP_NO_INDEX, mean_error));
    for (size_t i = 0; i < p->options.repetitions; i++)
        BPI_TRY(run_repetition(p, &stream, i, *mean_error));
    for (size_t group = 0; group < p->group_count; group++)
        summarize(p->increases + group * p->options.repetitions, p->options.repetitions, &p->groups[group]);
    return BP_OK;
}

/* ------------------------------------------------------------------- the whole call */

static bp_status allocate(importance *p)
{
    const bp_allocator *allocator = &p->workspace->network->allocator;
    size_t values = 0, increases = 0;
    p->block_cases = bpi_min(p->workspace->block_cases, p->data.cases);
    bool fits = bpi_multiply(p->block_cases, p->data.input_width, &values) &&
                bpi_multiply(p->group_count, p->options.repetitions, &increases);
    if (fits) {
        p->order = bpi_allocate(allocator, p->data.cases, sizeof *p->order);
        p->inputs = bpi_allocate(allocator, values, sizeof *p->inputs);
        p->increases = bpi_allocate(allocator, increases, sizeof *p->increases);
        p->groups = bpi_allocate(allocator, p->group_count, sizeof *p->groups);
    }
    if (p->order == NULL || p->inputs == NULL || p->increases == NULL || p->groups == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: out of memory for %zu cases and %zu groups", p->function,
                        p->data.cases, p->group_count);
    return BP_OK;
}

static void clear(importance *p)
{
    const bp_allocator *allocator = &p->workspace->network->allocator;
    bpi_release(allocator, p->order);
    bpi_release(allocator, p->inputs);
    bpi_release(allocator, p->increases);
    bpi_release(allocator, p->groups);
}

bp_status bp_permutation_importance(const bp_network *net, bp_workspace *workspace, const bp_data *data,
                                    bp_loss loss, const bp_importance_options *options, double *mean_error,
                                    bp_importance *each)
{
    importance p = {.function = __func__, .workspace = workspace, .loss = loss};
    double error;
    BPI_REQUIRE(net);
    BPI_REQUIRE(workspace);
    BPI_REQUIRE(data);
    BPI_REQUIRE(each);
    BPI_TRY(bpi_workspace_check(__func__, net, workspace));
    BPI_TRY(bpi_loss_check(__func__, &p.loss, net));
    BPI_TRY(read_options(&p, options));
    BPI_TRY(read_data(&p, data));
    BPI_TRY(bpi_check_result_structs(__func__, SIZED_IMPORTANCE, "each", each, p.group_count));
    bp_status status = allocate(&p);
    if (status == BP_OK)
        status = count_columns(&p);
    if (status == BP_OK) {
        status = run(&p, &error);
        bpi_workspace_record_call(workspace,
                                  SIZE_MAX); /* no outputs to look at: they are of permuted cases */
    }
    if (status == BP_OK) {
        bpi_write_structs(SIZED_IMPORTANCE, each, p.groups, p.group_count);
        if (mean_error != NULL)
            *mean_error = error;
    }
    clear(&p);
    return status;
}
