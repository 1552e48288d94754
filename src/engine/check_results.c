#include "engine/check_results.h"

#include <math.h>

#include "base/memory.h"
#include "base/status.h"
#include "engine/error.h"
#include "engine/parallel.h"

/* The usual cause. */
#define TOO_LARGE "are the weights or the data too large?"

static size_t first_not_finite(const bp_real *values)
{
    size_t i = 0;
    while (isfinite(values[i]))
        i++;
    return i;
}

bp_status bpi_fail_outputs(const char *function, const bp_network *net, const bp_real *outputs,
                           size_t first_case)
{
    size_t place = first_not_finite(outputs), column = place % net->output_width;
    const bp_layer *layer = net->outputs[0];
    for (size_t i = 1; i < net->output_count && net->outputs[i]->output_column <= column; i++)
        layer = net->outputs[i];
    return bpi_fail(BP_ERROR_NOT_FINITE, "%s: case %zu: the output of unit %zu of layer '%s' is %s; %s",
                    function, first_case + place / net->output_width, column - layer->output_column,
                    layer->name, bpi_format_real((double)outputs[place]).text, TOO_LARGE);
}

bp_status bpi_check_error(const char *function, const bp_workspace *workspace, double max_abs_error)
{
    const bp_network *net = workspace->network;
    double sum = bpi_error_sum(workspace);
    if (workspace->has_joint_error && net->output_count > 1 && !isfinite(sum))
        return bpi_fail(BP_ERROR_NOT_FINITE, "%s: E is %s; %s", function, bpi_format_real(sum).text,
                        TOO_LARGE);
    for (size_t i = 0; i < net->output_count; i++) {
        double error = workspace->errors[net->outputs[i]->index];
        if (!isfinite(error))
            return bpi_fail(BP_ERROR_NOT_FINITE, "%s: E of layer '%s' is %s; %s", function,
                            net->outputs[i]->name, bpi_format_real(error).text, TOO_LARGE);
    }
    if (!isfinite(max_abs_error))
        return bpi_fail(BP_ERROR_NOT_FINITE, "%s: the maximum of |y - d| is %s; %s", function,
                        bpi_format_real(max_abs_error).text, TOO_LARGE);
    return BP_OK;
}

/* ------------------------------------------------------------------ derivatives */

typedef struct finite_check {
    const bp_network *net;
    const bp_real *values;
} finite_check;

static bp_status check_range(void *context, size_t first, size_t count, size_t chunk)
{
    (void)chunk;
    const finite_check *check = context;
    return check->net->kernel->all_finite(check->values + first, count) ? BP_OK : BP_ERROR_NOT_FINITE;
}

static bool all_finite(const bp_workspace *workspace, const bp_real *values, size_t count)
{
    finite_check check = {workspace->network, values};
    return bpi_parallel_for(workspace, &(parallel_work){.count = count,
                                                        .grain = BPI_ALIGNMENT / sizeof(bp_real),
                                                        .cost = BPI_SCAN_COST * (double)count,
                                                        .work = check_range,
                                                        .context = &check}) == BP_OK;
}

/* Gradients of up to so many weights are read: that takes no longer than is_bounded(). */
enum { SHORT_GRADIENT = 512 };

/*
 * A fast check instead of reading the gradient, which may be far larger than deltas and outputs: dE/dw, eq.
 * 6, is a sum of products delta * y, so by the Cauchy-Schwarz inequality it is at most the product of the
 * norms of all deltas and all outputs, however many uses a weight has. For a single block of cases, whose
 * values are still in the workspace, and not in double, where squares could overflow.
 */
static bool is_bounded(const bp_workspace *workspace, size_t cases)
{
    const bp_network *net = workspace->network;
    const double limit = 1e30;
    double deltas = (double)cases, outputs = 1; /* a bias has the output 1 in each case */
    if (sizeof(bp_real) != sizeof(float) || cases > workspace->block_cases)
        return false;
    for (size_t i = 0; i < net->layer_count; i++) {
        const layer_outputs *from = &workspace->outputs[i];
        const size_t units = net->layers[i]->units;
        if (!net->layers[i]->is_input)
            deltas += net->kernel->sum_of_squares(workspace->arrays[i].delta, cases * units);
        for (size_t row = 0; row < cases; row++)
            outputs += net->kernel->sum_of_squares(from->y + row * from->stride, units);
    }
    return deltas * outputs < limit * limit;
}

/* The layer that a weight leads into or, for a learned initial state, belongs to. */
static const bp_layer *layer_of_weight(const bp_network *net, size_t weight)
{
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        if (layer->has_bias && weight - layer->bias_offset < bp_layer_bias_count(layer))
            return layer;
        if (layer->learns_state && weight - layer->state_offset < layer->units)
            return layer;
        for (size_t j = 0; j < layer->incoming_count; j++)
            if (weight - layer->incoming[j]->offset < bp_connection_weight_count(layer->incoming[j]))
                return layer;
    }
    return net->outputs[0];
}

bp_status bpi_check_gradient(const char *function, const bp_workspace *workspace, const bp_real *gradient,
                             size_t cases)
{
    const bp_network *net = workspace->network;
    const bool is_short = net->weight_count <= SHORT_GRADIENT;
    if (is_short ? net->kernel->all_finite(gradient, net->weight_count)
                 : (workspace->stores_values && is_bounded(workspace, cases)) ||
                       all_finite(workspace, gradient, net->weight_count))
        return BP_OK;
    size_t weight = first_not_finite(gradient);
    return bpi_fail(BP_ERROR_NOT_FINITE, "%s: the derivative of weight %zu, of layer '%s', is %s; %s",
                    function, weight, layer_of_weight(net, weight)->name,
                    bpi_format_real((double)gradient[weight]).text, TOO_LARGE);
}

bp_status bpi_check_input_gradient(const char *function, const bp_workspace *workspace,
                                   const bp_real *input_gradient, size_t cases)
{
    const size_t width = workspace->network->input_width;
    if (all_finite(workspace, input_gradient, cases * width))
        return BP_OK;
    size_t place = first_not_finite(input_gradient);
    return bpi_fail(BP_ERROR_NOT_FINITE, "%s: case %zu: the derivative of input %zu is %s; %s", function,
                    place / width, place % width, bpi_format_real((double)input_gradient[place]).text,
                    TOO_LARGE);
}
