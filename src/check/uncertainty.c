/* The covariance of weights by the delta method: public calls; see backprop.h. */
#include "check/uncertainty.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "check/triangular.h"
#include "engine/check_data.h"
#include "engine/forward.h"
#include "engine/gradient.h"
#include "engine/jacobian.h"
#include "engine/load.h"
#include "engine/missing_targets.h"
#include "engine/weight_parts.h"
#include "engine/workspace.h"

/* A column of J, scaled to norm 1, is a combination of others if less than this is left without them: what
 * rounding leaves of derivatives in bp_real, with a margin. */
static double rank_tolerance(void)
{
    return sizeof(bp_real) == sizeof(float) ? 1e-5 : 1e-11;
}

/* ------------------------------------------------------------------ a block of J */

void bpi_derivative_block_release(const bp_uncertainty *uncertainty, derivative_block *block)
{
    const bp_allocator *allocator = &uncertainty->allocator;
    bpi_release(allocator, block->by_weights);
    bpi_release(allocator, block->wide_rows);
    bpi_release(allocator, block->residuals);
    bpi_release(allocator, block->sums);
}

bp_status bpi_derivative_block_reserve(const char *function, const bp_uncertainty *uncertainty, size_t cases,
                                       derivative_block *out)
{
    const bp_network *net = uncertainty->network;
    const bp_allocator *allocator = &uncertainty->allocator;
    const size_t columns = uncertainty->summary.weights;
    size_t rows = bpi_min(cases, net->block_cases), outputs, values;
    if (!bpi_multiply(rows, net->output_width, &outputs) ||
        !bpi_multiply(outputs, net->weight_count, &values))
        return bpi_fail(BP_ERROR_OVERFLOW, "%s: the derivatives of %zu cases are too many to be computed",
                        function, rows);
    derivative_block block = {.rows = rows,
                              .by_weights = bpi_allocate(allocator, values, sizeof(bp_real)),
                              .wide_rows = bpi_allocate(allocator, outputs * columns, sizeof(double)),
                              .residuals = bpi_allocate(allocator, outputs, sizeof(double)),
                              .sums = bpi_allocate(allocator, columns, sizeof(double))};
    if (block.by_weights == NULL || block.wide_rows == NULL || block.residuals == NULL ||
        block.sums == NULL) {
        bpi_derivative_block_release(uncertainty, &block);
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the derivatives of %zu cases by %zu weights",
                        function, rows, net->weight_count);
    }
    *out = block;
    return BP_OK;
}

/* ---------------------------------------------------------------------- made */

/* Adds the rows of a block, and its residuals to E. NOT_FINITE if a derivative is not. */
static bp_status add_rows(const char *function, bp_uncertainty *made, bp_workspace *workspace,
                          const derivative_block *block, size_t rows)
{
    const bp_network *net = made->network;
    const size_t count = rows * net->output_width, columns = made->summary.weights;
    bpi_jacobian(&(jacobian_block){
        .workspace = workspace, .rows = rows, .outputs = net->output_width, .by_weights = block->by_weights});
    bpi_residuals(workspace, rows, -1, block->by_weights, block->residuals);
    if (!net->kernel->all_finite(block->by_weights, count * net->weight_count))
        return bpi_fail(
            BP_ERROR_NOT_FINITE,
            "%s: a derivative of an output is NaN or infinite; are the weights or the data too large?",
            function);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < columns; j++)
            block->wide_rows[i * columns + j] =
                (double)block->by_weights[i * net->weight_count + made->weight_of[j]];
    for (size_t i = 0; i < count; i++)
        made->summary.error += block->residuals[i] * block->residuals[i] / 2;
    for (size_t row = 0; row < rows; row++)
        if (workspace->case_weights == NULL || workspace->case_weights[row] > 0)
            made->summary.residuals +=
                bpi_count_targets(workspace->targets + row * workspace->target_stride, net->output_width);
    bpi_triangular_add(made->inverse, columns, block->wide_rows, count, block->sums);
    return BP_OK;
}

static bp_status add_cases(const char *function, bp_uncertainty *made, bp_workspace *workspace,
                           const bp_data *checked, const derivative_block *block)
{
    const batch all = {.data = checked, .count = checked->cases};
    for (size_t start = 0, rows; start < all.count; start += rows) {
        rows = bpi_block_rows(all.count - start, made->network->block_cases);
        bpi_load_block(workspace, &all, start, rows);
        bpi_forward(workspace, rows, false);
        BPI_TRY(add_rows(function, made, workspace, block, rows));
    }
    if (!isfinite(made->summary.error))
        return bpi_fail(BP_ERROR_NOT_FINITE, "%s: E is %s; are the weights or the data too large?", function,
                        bpi_format_real(made->summary.error).text);
    return BP_OK;
}

/* Weight decay adds a row to J for each weight, the root of its decay in its own column. */
static void add_decay(bp_uncertainty *made, const derivative_block *block)
{
    const size_t columns = made->summary.weights;
    for (size_t i = 0; i < columns; i++) {
        if (made->decays[i] == 0)
            continue;
        memset(block->wide_rows, 0, columns * sizeof *block->wide_rows);
        block->wide_rows[i] = sqrt(made->decays[i]);
        bpi_triangular_add(made->inverse, columns, block->wide_rows, 1, block->sums);
    }
}

/* The covariance of the weights at two places of R, for residuals of variance 1. */
static double unit_covariance(const bp_uncertainty *made, size_t a, size_t b)
{
    const size_t columns = made->summary.weights;
    const double *row_a = made->inverse + a * columns, *row_b = made->inverse + b * columns;
    double sum = 0;
    for (size_t j = a > b ? a : b; j < columns; j++)
        sum += row_a[j] * row_b[j];
    return sum / (made->norms[made->order[a]] * made->norms[made->order[b]]);
}

/* Fills in what follows from R. */
static void finish(bp_uncertainty *made, double *sums)
{
    bp_uncertainty_summary *summary = &made->summary;
    const size_t columns = summary->weights;
    const size_t rank =
        bpi_triangular_pivot(made->inverse, columns, rank_tolerance(), made->norms, made->order, sums);
    summary->unidentified = columns - rank;
    summary->effective_weights = (double)rank;
    if (rank == columns) {
        bpi_triangular_invert(made->inverse, columns);
        for (size_t i = 0; i < columns; i++)
            summary->effective_weights -= made->decays[made->order[i]] * unit_covariance(made, i, i);
    } else {
        bpi_triangular_find_free(made->inverse, columns, rank, made->order, made->is_free, sums);
        size_t first = 0;
        while (!made->is_free[first])
            first++;
        summary->first_unidentified = made->weight_of[first];
    }
    summary->degrees_of_freedom = (double)summary->residuals - summary->effective_weights;
    if (summary->unidentified == 0 && summary->degrees_of_freedom > 0)
        summary->variance = 2 * summary->error / summary->degrees_of_freedom;
}

void bp_uncertainty_destroy(bp_uncertainty *uncertainty)
{
    if (uncertainty == NULL)
        return;
    const bp_allocator allocator = uncertainty->allocator;
    bpi_release(&allocator, uncertainty->weights);
    bpi_release(&allocator, uncertainty->weight_of);
    bpi_release(&allocator, uncertainty->decays);
    bpi_release(&allocator, uncertainty->inverse);
    bpi_release(&allocator, uncertainty->norms);
    bpi_release(&allocator, uncertainty->order);
    bpi_release(&allocator, uncertainty->is_free);
    bpi_release(&allocator, uncertainty);
}

static size_t count_trained(const bp_network *net)
{
    size_t count = 0;
    for (size_t i = 0; i < net->slice_count; i++)
        if (!net->slices[i].training.is_frozen)
            count += net->slices[i].count;
    return count;
}

/* The columns: which weights they are, and how these decay. */
static void choose_columns(bp_uncertainty *made, const weight_parts *parts, double weight_decay)
{
    const bp_network *net = made->network;
    size_t column = 0;
    for (size_t i = 0; i < net->slice_count; i++) {
        const slice_training *training = &parts->parts[i].training;
        for (size_t j = 0; !training->is_frozen && j < net->slices[i].count; j++, column++) {
            made->weight_of[column] = net->slices[i].offset + j;
            made->decays[column] = weight_decay * training->decay_factor;
        }
    }
}

/* The settings as a trainer with these options would take them over. False: out of memory. */
static bool read_settings(bp_uncertainty *made, const bp_uncertainty_options *options)
{
    weight_parts parts = {0};
    const bool created = bpi_weight_parts_create(&parts, &made->allocator, made->network);
    if (created) {
        bpi_weight_parts_read(&parts, made->network, true, !options->no_bias_decay);
        choose_columns(made, &parts, options->weight_decay);
    }
    bpi_weight_parts_clear(&parts, &made->allocator);
    return created;
}

/* False: out of memory, and what was allocated is in *made. */
static bool allocate_columns(bp_uncertainty *made)
{
    const bp_allocator *allocator = &made->allocator;
    const size_t columns = made->summary.weights;
    made->weight_of = bpi_allocate(allocator, columns, sizeof *made->weight_of);
    made->decays = bpi_allocate(allocator, columns, sizeof *made->decays);
    made->inverse = bpi_allocate_zeroed(allocator, columns * columns, sizeof *made->inverse);
    made->norms = bpi_allocate_zeroed(allocator, columns, sizeof *made->norms);
    made->order = bpi_allocate_zeroed(allocator, columns, sizeof *made->order);
    made->is_free = bpi_allocate_zeroed(allocator, columns, sizeof *made->is_free);
    return made->weight_of != NULL && made->decays != NULL && made->inverse != NULL && made->norms != NULL &&
           made->order != NULL && made->is_free != NULL;
}

static bp_status allocate(const char *function, const bp_network *net, const bp_uncertainty_options *options,
                          bp_uncertainty **out)
{
    const size_t columns = count_trained(net);
    size_t square;
    if (!bpi_multiply(columns, columns, &square))
        return bpi_fail(BP_ERROR_OVERFLOW, "%s: %zu weights are too many: their number is squared", function,
                        columns);
    bp_uncertainty *made = bpi_allocate_zeroed(&net->allocator, 1, sizeof *made);
    if (made != NULL) {
        made->allocator = net->allocator;
        made->network = net;
        made->summary.weights = columns;
        made->weights = bpi_allocate(&net->allocator, net->weight_count, sizeof *made->weights);
        if (made->weights != NULL && allocate_columns(made) && read_settings(made, options)) {
            memcpy(made->weights, net->weights, net->weight_count * sizeof *made->weights);
            *out = made;
            return BP_OK;
        }
    }
    bp_uncertainty_destroy(made);
    return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the covariance of %zu weights, %.0f MiB", function,
                    columns, (double)square * sizeof(double) / 1048576);
}

void bp_uncertainty_options_init(bp_uncertainty_options *options, size_t size)
{
    bpi_init_struct(SIZED_UNCERTAINTY_OPTIONS, options, size, NULL);
}

/* NULL: the defaults. */
static bp_status read_options(const char *function, const bp_uncertainty_options *from,
                              bp_uncertainty_options *options)
{
    bp_uncertainty_options_init(options, sizeof *options);
    if (from != NULL)
        BPI_TRY(bpi_read_struct(function, SIZED_UNCERTAINTY_OPTIONS, from, options));
    if (options->no_bias_decay > 1)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.no_bias_decay is %zu, it must be 0 or 1", function,
                        options->no_bias_decay);
    if (!(options->weight_decay >= 0) || !isfinite(options->weight_decay))
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.weight_decay is %s; it must be at least 0", function,
                        bpi_format_real(options->weight_decay).text);
    return BP_OK;
}

bp_status bp_uncertainty_create(bp_uncertainty **out, const bp_network *net, bp_workspace *workspace,
                                const bp_data *data, const bp_uncertainty_options *options)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(net);
    BPI_REQUIRE(workspace);
    BPI_REQUIRE(data);
    bp_data checked;
    bp_loss loss = bp_loss_squared_error();
    BPI_TRY(bpi_validate_gradient_call(__func__, net, workspace, data, &loss, &checked));
    bp_uncertainty_options chosen;
    BPI_TRY(read_options(__func__, options, &chosen));
    bp_uncertainty *made = NULL;
    derivative_block block;
    BPI_TRY(allocate(__func__, net, &chosen, &made));
    bp_status status = bpi_derivative_block_reserve(__func__, made, checked.cases, &block);
    if (status == BP_OK) {
        status = add_cases(__func__, made, workspace, &checked, &block);
        if (status == BP_OK) {
            add_decay(made, &block);
            finish(made, block.sums);
            bpi_workspace_record_call(workspace, checked.cases);
        }
        bpi_derivative_block_release(made, &block);
    }
    if (status == BP_OK)
        *out = made;
    else
        bp_uncertainty_destroy(made);
    return status;
}

/* ------------------------------------------------------------------ results */

void bp_uncertainty_summary_init(bp_uncertainty_summary *summary, size_t size)
{
    bpi_init_struct(SIZED_UNCERTAINTY_SUMMARY, summary, size, NULL);
}

bp_status bp_uncertainty_get_summary(const bp_uncertainty *uncertainty, bp_uncertainty_summary *summary)
{
    BPI_REQUIRE(uncertainty);
    BPI_REQUIRE(summary);
    BPI_TRY(bpi_check_result_struct(__func__, SIZED_UNCERTAINTY_SUMMARY, summary));
    bpi_write_struct(SIZED_UNCERTAINTY_SUMMARY, summary, &uncertainty->summary);
    return BP_OK;
}

bp_status bp_uncertainty_identified(const bp_uncertainty *uncertainty, unsigned char *identified)
{
    BPI_REQUIRE(uncertainty);
    BPI_REQUIRE(identified);
    memset(identified, 1, uncertainty->network->weight_count);
    for (size_t i = 0; i < uncertainty->summary.weights; i++)
        identified[uncertainty->weight_of[i]] = !uncertainty->is_free[i];
    return BP_OK;
}

bp_status bpi_uncertainty_check_identified(const char *function, const bp_uncertainty *uncertainty)
{
    const bp_uncertainty_summary *summary = &uncertainty->summary;
    if (summary->unidentified > 0)
        return bpi_fail(
            BP_ERROR_NOT_IDENTIFIED,
            "%s: the data do not determine the weights: %zu of %zu directions leave all outputs as "
            "they are, and weight %zu has a part in them; fewer hidden units, more cases, or "
            "weight decay would determine them",
            function, summary->unidentified, summary->weights, summary->first_unidentified);
    if (!(summary->degrees_of_freedom > 0))
        return bpi_fail(
            BP_ERROR_NOT_IDENTIFIED,
            "%s: %zu targets leave nothing over for %zu weights, so that their noise is not known", function,
            summary->residuals, summary->weights);
    return BP_OK;
}

/* The weight at a place of R. */
static size_t weight_at(const bp_uncertainty *uncertainty, size_t place)
{
    return uncertainty->weight_of[uncertainty->order[place]];
}

bp_status bp_uncertainty_standard_errors(const bp_uncertainty *uncertainty, double *errors)
{
    BPI_REQUIRE(uncertainty);
    BPI_REQUIRE(errors);
    BPI_TRY(bpi_uncertainty_check_identified(__func__, uncertainty));
    memset(errors, 0, uncertainty->network->weight_count * sizeof *errors);
    for (size_t i = 0; i < uncertainty->summary.weights; i++)
        errors[weight_at(uncertainty, i)] =
            sqrt(uncertainty->summary.variance * unit_covariance(uncertainty, i, i));
    return BP_OK;
}

bp_status bp_uncertainty_covariance(const bp_uncertainty *uncertainty, double *covariance)
{
    BPI_REQUIRE(uncertainty);
    BPI_REQUIRE(covariance);
    BPI_TRY(bpi_uncertainty_check_identified(__func__, uncertainty));
    const size_t all = uncertainty->network->weight_count;
    memset(covariance, 0, all * all * sizeof *covariance);
    for (size_t i = 0; i < uncertainty->summary.weights; i++)
        for (size_t j = 0; j <= i; j++) {
            const size_t a = weight_at(uncertainty, i), b = weight_at(uncertainty, j);
            covariance[a * all + b] = covariance[b * all + a] =
                uncertainty->summary.variance * unit_covariance(uncertainty, i, j);
        }
    return BP_OK;
}
