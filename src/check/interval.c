/* Intervals around outputs by the delta method: the public call; see backprop.h. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/status.h"
#include "check/student.h"
#include "check/uncertainty.h"
#include "engine/check_data.h"
#include "engine/forward.h"
#include "engine/gradient.h"
#include "engine/jacobian.h"
#include "engine/load.h"
#include "engine/workspace.h"

typedef struct interval_call {
    const bp_uncertainty *uncertainty;
    bp_workspace *workspace;
    const derivative_block *block;
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
        const size_t column = uncertainty->order[i];
        const double *row = uncertainty->inverse + i * columns;
        const double scaled =
            (double)derivatives[uncertainty->weight_of[column]] / uncertainty->norms[column];
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
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: level is %s; it must be above 0 and below 1", function,
                        bpi_format_real(level).text);
    if (memcmp(uncertainty->weights, net->weights, net->weight_count * sizeof *net->weights) != 0)
        return bpi_fail(BP_ERROR_STATE, "%s: the network's weights have changed since bp_uncertainty_create",
                        function);
    return bpi_uncertainty_check_identified(function, uncertainty);
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
    derivative_block block;
    BPI_TRY(bpi_derivative_block_reserve(__func__, uncertainty, checked.cases, &block));
    const double t = bpi_student_quantile((1 - level) / 2, uncertainty->summary.degrees_of_freedom);
    const interval_call call = {.uncertainty = uncertainty,
                                .workspace = workspace,
                                .block = &block,
                                .own_variance = kind == BP_INTERVAL_OF_TARGET ? 1 : 0,
                                .factor = t * sqrt(uncertainty->summary.variance),
                                .low = low,
                                .high = high};
    const bp_status status = find_intervals(__func__, &call, &checked);
    bpi_derivative_block_release(uncertainty, &block);
    if (status == BP_OK)
        bpi_workspace_record_call(workspace, checked.cases);
    return status;
}
