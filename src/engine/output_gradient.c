/* Derivatives of outputs by weights and inputs in raw units: a public call; see backprop.h. */
#include <math.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/status.h"
#include "engine/check_data.h"
#include "engine/forward.h"
#include "engine/jacobian.h"
#include "engine/load.h"
#include "engine/workspace.h"
#include "network/require.h"

typedef struct output_call {
    const char *function;
    bp_workspace *workspace;
    const bp_data *data; /* checked */
    size_t first_output, outputs;
    bp_real *by_weights, *by_inputs; /* NULL: not wanted */
} output_call;

/* ----------------------------------------------------------------- raw units */

static void multiply(bp_real *values, size_t count, bp_real factor)
{
    for (size_t i = 0; factor != 1 && i < count; i++)
        values[i] *= factor;
}

/* Turns the derivatives of a block into those of raw outputs, by raw inputs: y = y' / factor + offset of
 * targets, x' = (x - offset) * factor of inputs. */
static void to_raw_units(const jacobian_block *block)
{
    const bp_network *net = block->workspace->network;
    const bp_real *of_inputs = net->input_scaling.factor, *of_targets = net->target_scaling.factor;
    for (size_t i = 0; i < block->rows * block->outputs; i++) {
        const size_t output = block->first_output + i % block->outputs;
        const bp_real scale = of_targets == NULL ? 1 : 1 / of_targets[output];
        bp_real *by_inputs = block->by_inputs == NULL ? NULL : block->by_inputs + i * net->input_width;
        if (block->by_weights != NULL)
            multiply(block->by_weights + i * net->weight_count, net->weight_count, scale);
        for (size_t j = 0; by_inputs != NULL && j < net->input_width; j++)
            by_inputs[j] *= of_inputs == NULL ? scale : scale * of_inputs[j];
    }
}

/* --------------------------------------------------------------------- whole */

/* NOT_FINITE with the place of the first value that is not. values: rows of `width` for each output of each
 * case of a block that begins at case `start`. */
static bp_status check_finite(const output_call *call, const bp_real *values, size_t rows, size_t width,
                              size_t start, const char *what)
{
    size_t i = 0;
    if (values == NULL || call->workspace->network->kernel->all_finite(values, rows * call->outputs * width))
        return BP_OK;
    while (isfinite(values[i]))
        i++;
    return bpi_fail(BP_ERROR_NOT_FINITE,
                    "%s: case %zu: the derivative of output %zu by %s %zu is %s; are the weights or the data "
                    "too large?",
                    call->function, start + i / width / call->outputs,
                    call->first_output + i / width % call->outputs, what, i % width,
                    bpi_format_real((double)values[i]).text);
}

static bp_status run_blocks(const output_call *call)
{
    const bp_network *net = call->workspace->network;
    const batch all = {.data = call->data, .count = call->data->cases};
    for (size_t start = 0, rows; start < all.count; start += rows) {
        const size_t done = start * call->outputs;
        rows = bpi_block_rows(all.count - start, net->block_cases);
        bpi_load_inputs(call->workspace, &all, start, rows);
        bpi_forward(call->workspace, rows, false);
        const jacobian_block block = {
            .workspace = call->workspace,
            .rows = rows,
            .first_output = call->first_output,
            .outputs = call->outputs,
            .by_weights = call->by_weights == NULL ? NULL : call->by_weights + done * net->weight_count,
            .by_inputs = call->by_inputs == NULL ? NULL : call->by_inputs + done * net->input_width};
        bpi_jacobian(&block);
        to_raw_units(&block);
        BPI_TRY(check_finite(call, block.by_weights, rows, net->weight_count, start, "weight"));
        BPI_TRY(check_finite(call, block.by_inputs, rows, net->input_width, start, "input"));
    }
    return BP_OK;
}

static bp_status check_output(const char *function, const bp_network *net, size_t output)
{
    if (output == BP_ALL_OUTPUTS || output < net->output_width)
        return BP_OK;
    return bpi_fail(BP_ERROR_ARGUMENT, "%s: output is %zu, but the network has %zu outputs", function, output,
                    net->output_width);
}

/* Can the values of all cases be addressed? */
static bp_status check_size(const output_call *call)
{
    const bp_network *net = call->workspace->network;
    size_t width = 1, values;
    if (call->by_weights != NULL)
        width = net->weight_count;
    if (call->by_inputs != NULL)
        width = bpi_max(width, net->input_width);
    if (bpi_multiply(call->data->cases, call->outputs, &values) && bpi_multiply(values, width, &values) &&
        bpi_multiply(values, sizeof(bp_real), &values))
        return BP_OK;
    return bpi_fail(BP_ERROR_OVERFLOW, "%s: the derivatives of %zu cases are too many to be addressed",
                    call->function, call->data->cases);
}

bp_status bp_network_output_gradient(const bp_network *net, bp_workspace *workspace, const bp_data *data,
                                     size_t output, bp_real *weight_gradients, bp_real *input_gradients)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(workspace);
    BPI_REQUIRE(data);
    bp_data checked;
    BPI_TRY(bpi_workspace_check(__func__, net, workspace));
    BPI_TRY(bpi_require_slopes(__func__, net));
    BPI_TRY(bpi_check_data_with(__func__, "data", workspace, data, DATA_INPUTS, &checked));
    BPI_TRY(check_output(__func__, net, output));
    if (weight_gradients == NULL && input_gradients == NULL)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: weight_gradients and input_gradients are both NULL",
                        __func__);
    const bool all = output == BP_ALL_OUTPUTS;
    const output_call call = {.function = __func__,
                              .workspace = workspace,
                              .data = &checked,
                              .first_output = all ? 0 : output,
                              .outputs = all ? net->output_width : 1,
                              .by_weights = weight_gradients,
                              .by_inputs = input_gradients};
    BPI_TRY(check_size(&call));
    BPI_TRY(bpi_workspace_reserve(__func__, workspace, checked.cases, true));
    BPI_TRY(run_blocks(&call));
    bpi_workspace_record_call(workspace, checked.cases);
    return BP_OK;
}
