/* Standard errors of weights and intervals of outputs by the delta method: public calls; see backprop.h. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "check/student.h"
#include "check/triangular.h"
#include "engine/check_data.h"
#include "engine/forward.h"
#include "engine/gradient.h"
#include "engine/jacobian.h"
#include "engine/load.h"
#include "engine/loss.h"
#include "engine/scale.h"
#include "engine/workspace.h"

struct bp_uncertainty {
    bp_allocator allocator;
    const bp_network *network;
    bp_uncertainty_summary summary;
    bp_real *weights; /* of the network when this was made */
    /* With J scaled to columns of norm 1, in the order of pivots, = Q R: the inverse of R, or R if there are
     * directions that are not identified. */
    double *inverse;
    double *norms; /* of the columns of J */
    size_t *order;
    unsigned char *is_free; /* weights that have a part in a direction that is not identified */
};

/* A column of J, scaled to norm 1, is a combination of others if less than this is left without them: what
 * rounding leaves of derivatives in bp_real, with a margin. */
static double rank_tolerance(void)
{
    return sizeof(bp_real) == sizeof(float) ? 1e-5 : 1e-11;
}

/* Memory of a pass over cases, for a block of them. */
typedef struct block_memory {
    size_t rows;
    bp_real *by_weights; /* rows x outputs x weights */
    double *wide_rows;   /* the same */
    double *residuals;   /* rows x outputs */
    double *sums;        /* weights */
} block_memory;

static void release_block(const bp_allocator *allocator, block_memory *block)
{
    bpi_release(allocator, block->by_weights);
    bpi_release(allocator, block->wide_rows);
    bpi_release(allocator, block->residuals);
    bpi_release(allocator, block->sums);
}

static bp_status reserve_block(const char *function, const bp_network *net, size_t cases, block_memory *out)
{
    const bp_allocator *allocator = &net->allocator;
    size_t rows = bpi_min(cases, net->block_cases), outputs, values;
    if (!bpi_multiply(rows, net->output_width, &outputs) ||
        !bpi_multiply(outputs, net->weight_count, &values))
        return bpi_fail(BP_ERROR_OVERFLOW, "%s: the derivatives of %zu cases are too many to be computed",
                        function, rows);
    block_memory block = {.rows = rows,
                          .by_weights = bpi_allocate(allocator, values, sizeof(bp_real)),
                          .wide_rows = bpi_allocate(allocator, values, sizeof(double)),
                          .residuals = bpi_allocate(allocator, outputs, sizeof(double)),
                          .sums = bpi_allocate(allocator, net->weight_count, sizeof(double))};
    if (block.by_weights == NULL || block.wide_rows == NULL || block.residuals == NULL ||
        block.sums == NULL) {
        release_block(allocator, &block);
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the derivatives of %zu cases by %zu weights",
                        function, rows, net->weight_count);
    }
    *out = block;
    return BP_OK;
}

/* ---------------------------------------------------------------------- made */

/* Adds the rows of a block, and its residuals to E. NOT_FINITE if a derivative is not. */
static bp_status add_rows(const char *function, bp_uncertainty *made, bp_workspace *workspace,
                          const block_memory *block, size_t rows)
{
    const bp_network *net = made->network;
    const size_t count = rows * net->output_width, values = count * net->weight_count;
    bpi_jacobian(&(jacobian_block){
        .workspace = workspace, .rows = rows, .outputs = net->output_width, .by_weights = block->by_weights});
    bpi_residuals(workspace, rows, -1, block->by_weights, block->residuals);
    if (!net->kernel->all_finite(block->by_weights, values))
        return bpi_fail(
            BP_ERROR_NOT_FINITE,
            "%s: a derivative of an output is NaN or infinite; are the weights or the data too large?",
            function);
    for (size_t i = 0; i < values; i++)
        block->wide_rows[i] = (double)block->by_weights[i];
    for (size_t i = 0; i < count; i++)
        made->summary.error += block->residuals[i] * block->residuals[i] / 2;
    for (size_t row = 0; row < rows; row++)
        if (workspace->case_weights == NULL || workspace->case_weights[row] > 0)
            made->summary.residuals += net->output_width;
    bpi_triangular_add(made->inverse, net->weight_count, block->wide_rows, count, block->sums);
    return BP_OK;
}

static bp_status add_cases(const char *function, bp_uncertainty *made, bp_workspace *workspace,
                           const bp_data *checked, const block_memory *block)
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

/* Weight decay adds a row to J for each weight, sqrt(decay) in its own column. */
static void add_decay(bp_uncertainty *made, double decay, const block_memory *block)
{
    const size_t columns = made->network->weight_count;
    for (size_t i = 0; decay > 0 && i < columns; i++) {
        memset(block->wide_rows, 0, columns * sizeof *block->wide_rows);
        block->wide_rows[i] = sqrt(decay);
        bpi_triangular_add(made->inverse, columns, block->wide_rows, 1, block->sums);
    }
}

/* The variance of a weight, for residuals of variance 1. */
static double unit_variance(const bp_uncertainty *made, size_t place)
{
    const size_t columns = made->network->weight_count;
    const double *row = made->inverse + place * columns, norm = made->norms[made->order[place]];
    double sum = 0;
    for (size_t j = place; j < columns; j++)
        sum += row[j] * row[j];
    return sum / (norm * norm);
}

/* Fills in what follows from R. */
static void finish(bp_uncertainty *made, double decay, double *sums)
{
    bp_uncertainty_summary *summary = &made->summary;
    const size_t columns = made->network->weight_count;
    const size_t rank =
        bpi_triangular_pivot(made->inverse, columns, rank_tolerance(), made->norms, made->order, sums);
    summary->weights = columns;
    summary->unidentified = columns - rank;
    summary->effective_weights = (double)rank;
    if (rank == columns) {
        bpi_triangular_invert(made->inverse, columns);
        for (size_t i = 0; decay > 0 && i < columns; i++)
            summary->effective_weights -= decay * unit_variance(made, i);
    } else {
        bpi_triangular_find_free(made->inverse, columns, rank, made->order, made->is_free, sums);
        while (!made->is_free[summary->first_unidentified])
            summary->first_unidentified++;
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
    bpi_release(&allocator, uncertainty->inverse);
    bpi_release(&allocator, uncertainty->norms);
    bpi_release(&allocator, uncertainty->order);
    bpi_release(&allocator, uncertainty->is_free);
    bpi_release(&allocator, uncertainty);
}

static bp_status allocate(const char *function, const bp_network *net, bp_uncertainty **out)
{
    const bp_allocator *allocator = &net->allocator;
    const size_t weights = net->weight_count;
    size_t square;
    if (!bpi_multiply(weights, weights, &square))
        return bpi_fail(BP_ERROR_OVERFLOW, "%s: %zu weights are too many: their number is squared", function,
                        weights);
    bp_uncertainty *made = bpi_allocate_zeroed(allocator, 1, sizeof *made);
    if (made != NULL) {
        made->allocator = *allocator;
        made->network = net;
        made->weights = bpi_allocate(allocator, weights, sizeof *made->weights);
        made->inverse = bpi_allocate_zeroed(allocator, square, sizeof *made->inverse);
        made->norms = bpi_allocate_zeroed(allocator, weights, sizeof *made->norms);
        made->order = bpi_allocate_zeroed(allocator, weights, sizeof *made->order);
        made->is_free = bpi_allocate_zeroed(allocator, weights, sizeof *made->is_free);
        if (made->weights != NULL && made->inverse != NULL && made->norms != NULL && made->order != NULL &&
            made->is_free != NULL) {
            memcpy(made->weights, net->weights, weights * sizeof *made->weights);
            *out = made;
            return BP_OK;
        }
    }
    bp_uncertainty_destroy(made);
    return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the covariance of %zu weights, %.0f MiB", function,
                    weights, (double)square * sizeof(double) / 1048576);
}

bp_status bp_uncertainty_create(bp_uncertainty **out, const bp_network *net, bp_workspace *workspace,
                                const bp_data *data, double weight_decay)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(net);
    BPI_REQUIRE(workspace);
    BPI_REQUIRE(data);
    bp_data checked;
    bp_loss loss = bp_loss_squared_error();
    BPI_TRY(bpi_validate_gradient_call(__func__, net, workspace, data, &loss, &checked));
    if (!(weight_decay >= 0) || !isfinite(weight_decay))
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: weight_decay is %s; it must be at least 0", __func__,
                        bpi_format_real(weight_decay).text);
    bp_uncertainty *made = NULL;
    block_memory block;
    BPI_TRY(allocate(__func__, net, &made));
    bp_status status = reserve_block(__func__, net, checked.cases, &block);
    if (status == BP_OK) {
        status = add_cases(__func__, made, workspace, &checked, &block);
        if (status == BP_OK) {
            add_decay(made, weight_decay, &block);
            finish(made, weight_decay, block.sums);
            bpi_workspace_record_call(workspace, checked.cases);
        }
        release_block(&net->allocator, &block);
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
    for (size_t i = 0; i < uncertainty->summary.weights; i++)
        identified[i] = !uncertainty->is_free[i];
    return BP_OK;
}

/* NOT_IDENTIFIED if there are no standard errors. */
static bp_status check_identified(const char *function, const bp_uncertainty *uncertainty)
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

bp_status bp_uncertainty_standard_errors(const bp_uncertainty *uncertainty, double *errors)
{
    BPI_REQUIRE(uncertainty);
    BPI_REQUIRE(errors);
    BPI_TRY(check_identified(__func__, uncertainty));
    for (size_t i = 0; i < uncertainty->summary.weights; i++)
        errors[uncertainty->order[i]] = sqrt(uncertainty->summary.variance * unit_variance(uncertainty, i));
    return BP_OK;
}

/* ---------------------------------------------------------------- intervals */

typedef struct interval_call {
    const bp_uncertainty *uncertainty;
    bp_workspace *workspace;
    const block_memory *block;
    double own_variance; /* of a new case beside that of its expected value: 1 or 0, in units of s^2 */
    double factor;       /* t s */
    bp_real *low, *high; /* of all cases */
} interval_call;

/* The variance of an output whose derivatives by the weights are given, for residuals of variance 1:
 * |R^-T g|^2. */
static double output_variance(const bp_uncertainty *uncertainty, const bp_real *derivatives, double *sums)
{
    const size_t columns = uncertainty->summary.weights;
    double variance = 0;
    memset(sums, 0, columns * sizeof *sums);
    for (size_t i = 0; i < columns; i++) {
        const size_t weight = uncertainty->order[i];
        const double *row = uncertainty->inverse + i * columns;
        const double scaled = (double)derivatives[weight] / uncertainty->norms[weight];
        for (size_t j = i; j < columns; j++)
            sums[j] += scaled * row[j];
    }
    for (size_t j = 0; j < columns; j++)
        variance += sums[j] * sums[j];
    return variance;
}

/* Stores the intervals of one output of a block that begins at case `start`, in raw units. */
static void store_output(const interval_call *call, const bp_layer *layer, size_t unit, size_t rows,
                         size_t start)
{
    const bp_network *net = call->uncertainty->network;
    const size_t column = layer->output_column + unit, width = net->output_width;
    const column_scaling *scaling = &net->target_scaling;
    const double factor = scaling->factor == NULL ? 1 : (double)scaling->factor[column];
    const double offset = scaling->offset == NULL ? 0 : (double)scaling->offset[column];
    for (size_t row = 0; row < rows; row++) {
        const bp_real *derivatives = call->block->by_weights + (row * width + column) * net->weight_count;
        const double y = (double)call->workspace->outputs[layer->index].y[row * layer->units + unit];
        const double middle = y / factor + offset;
        const double half =
            call->factor / fabs(factor) *
            sqrt(output_variance(call->uncertainty, derivatives, call->block->sums) + call->own_variance);
        call->low[(start + row) * width + column] = (bp_real)(middle - half);
        call->high[(start + row) * width + column] = (bp_real)(middle + half);
    }
}

static bp_status find_intervals(const char *function, const interval_call *call, const bp_data *checked)
{
    const bp_network *net = call->uncertainty->network;
    const batch all = {.data = checked, .count = checked->cases};
    for (size_t start = 0, rows; start < all.count; start += rows) {
        rows = bpi_block_rows(all.count - start, net->block_cases);
        bpi_load_inputs(call->workspace, &all, start, rows);
        bpi_forward(call->workspace, rows, false);
        bpi_jacobian(&(jacobian_block){.workspace = call->workspace,
                                       .rows = rows,
                                       .outputs = net->output_width,
                                       .by_weights = call->block->by_weights});
        for (size_t i = 0; i < net->output_count; i++)
            for (size_t unit = 0; unit < net->outputs[i]->units; unit++)
                store_output(call, net->outputs[i], unit, rows, start);
        const size_t first = start * net->output_width, count = rows * net->output_width;
        if (!net->kernel->all_finite(call->low + first, count) ||
            !net->kernel->all_finite(call->high + first, count))
            return bpi_fail(
                BP_ERROR_NOT_FINITE,
                "%s: an interval of the cases from %zu on is not finite; are the weights or the data "
                "too large?",
                function, start);
    }
    return BP_OK;
}

static bp_status check_interval(const char *function, const bp_uncertainty *uncertainty,
                                bp_interval_kind kind, double level)
{
    const bp_network *net = uncertainty->network;
    if (kind != BP_INTERVAL_OF_TARGET && kind != BP_INTERVAL_OF_MEAN)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: kind is %d; it must be a BP_INTERVAL_ constant", function,
                        (int)kind);
    if (!(level > 0 && level < 1))
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: level is %s; it must be between 0 and 1", function,
                        bpi_format_real(level).text);
    if (memcmp(uncertainty->weights, net->weights, net->weight_count * sizeof *net->weights) != 0)
        return bpi_fail(BP_ERROR_STATE, "%s: the network's weights have changed since bp_uncertainty_create",
                        function);
    return check_identified(function, uncertainty);
}

bp_status bp_uncertainty_intervals(const bp_uncertainty *uncertainty, bp_workspace *workspace,
                                   const bp_data *data, bp_interval_kind kind, double level, bp_real *low,
                                   bp_real *high)
{
    BPI_REQUIRE(uncertainty);
    BPI_REQUIRE(workspace);
    BPI_REQUIRE(data);
    BPI_REQUIRE(low);
    BPI_REQUIRE(high);
    const bp_network *net = uncertainty->network;
    bp_data checked;
    BPI_TRY(bpi_workspace_check(__func__, net, workspace));
    BPI_TRY(bpi_check_data_with(__func__, "data", workspace, data, DATA_INPUTS, &checked));
    BPI_TRY(check_interval(__func__, uncertainty, kind, level));
    BPI_TRY(bpi_workspace_reserve(__func__, workspace, checked.cases, true));
    block_memory block;
    BPI_TRY(reserve_block(__func__, net, checked.cases, &block));
    const double t = bpi_student_quantile((1 - level) / 2, uncertainty->summary.degrees_of_freedom);
    const interval_call call = {.uncertainty = uncertainty,
                                .workspace = workspace,
                                .block = &block,
                                .own_variance = kind == BP_INTERVAL_OF_TARGET ? 1 : 0,
                                .factor = t * sqrt(uncertainty->summary.variance),
                                .low = low,
                                .high = high};
    const bp_status status = find_intervals(__func__, &call, &checked);
    release_block(&net->allocator, &block);
    if (status == BP_OK)
        bpi_workspace_record_call(workspace, checked.cases);
    return status;
}
