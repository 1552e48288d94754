#include "engine/gradient.h"

#include "base/status.h"
#include "engine/backward.h"
#include "engine/check_data.h"
#include "engine/check_results.h"
#include "engine/error.h"
#include "engine/forward.h"
#include "engine/load.h"
#include "engine/loss.h"
#include "engine/loss_check.h"
#include "engine/plan.h"
#include "engine/small_batch.h"
#include "engine/weight_parts.h"
#include "engine/workspace.h"
#include "network/require.h"

/* The arguments of a gradient. */
typedef struct gradient_call {
    const char *function; /* for messages */
    bp_workspace *workspace;
    const batch *cases;
    const bp_loss *loss;
    bp_real *gradient, *input_gradient; /* NULL: not wanted */
    bool retain_outputs;                /* the caller may read outputs from the workspace afterwards */
} gradient_call;

/* dE/dinput of a block, for raw inputs: dE/dy of the input layers times the factor of their scaling. */
static void store_input_gradient(const bp_workspace *workspace, size_t rows, bp_real *out)
{
    const bp_network *net = workspace->network;
    const bp_real *factor = net->input_scaling.factor;
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        if (!layer->is_input)
            continue;
        const bp_real *deltas = workspace->arrays[i].delta;
        for (size_t row = 0; row < rows; row++)
            for (size_t unit = 0; unit < layer->units; unit++) {
                size_t column = layer->column + unit;
                bp_real scale = factor == NULL ? 1 : factor[column];
                /* An input of an unrolled network that reaches no output has no delta. */
                bp_real delta = workspace->contributions[i] > 0 ? deltas[row * layer->units + unit] : 0;
                out[row * net->input_width + column] = delta * scale;
            }
    }
}

/* Forward and backward pass, block by block. The size of a block is the network's, whatever the capacity of
 * the workspace, so that the sums do not depend on it. */
static bp_status run_blocks(const gradient_call *call, double *deviation)
{
    bp_workspace *workspace = call->workspace;
    const bp_network *net = workspace->network;
    const batch *cases = call->cases;
    backward_pass pass = {.function = call->function,
                          .workspace = workspace,
                          .loss = call->loss,
                          .gradient = call->gradient,
                          .to_inputs = call->input_gradient != NULL};
    bool keep_x = bpi_error_begin(workspace, call->loss);
    for (size_t start = 0; start < cases->count; start += pass.rows) {
        pass.rows = bpi_block_rows(cases->count - start, net->block_cases);
        pass.accumulate = start > 0;
        bpi_load_block(workspace, cases, start, pass.rows);
        bpi_forward(workspace, pass.rows, keep_x);
        if (bpi_backward(&pass) != BP_OK) {
            workspace->last_cases = 0;
            return pass.status;
        }
        if (call->input_gradient != NULL)
            store_input_gradient(workspace, pass.rows, call->input_gradient + start * net->input_width);
    }
    *deviation = pass.deviation;
    return BP_OK;
}

static bp_status run(const gradient_call *call, double *deviation)
{
    bp_workspace *workspace = call->workspace;
    unsigned facts = workspace->facts | bpi_case_facts(workspace->network, call->cases->count) |
                     bpi_target_facts(call->loss, call->cases->data->missing_targets == 1);
    if (bpi_plan(TASK_GRADIENT, facts) != PATH_SMALL_BATCH)
        return run_blocks(call, deviation);
    batch_error found;
    bpi_small_batch_gradient(workspace, call->cases, call->loss, call->retain_outputs, call->gradient,
                             call->input_gradient, &found);
    bpi_error_set(workspace, found.error);
    *deviation = found.max_abs_error;
    return BP_OK;
}

bp_status bpi_batch_gradient(const char *function, bp_workspace *workspace, const batch *cases,
                             const bp_loss *loss, bp_real *gradient, batch_error *result)
{
    const gradient_call call = {
        .function = function, .workspace = workspace, .cases = cases, .loss = loss, .gradient = gradient};
    double deviation;
    BPI_TRY(run(&call, &deviation));
    if (gradient != NULL)
        bpi_clear_frozen(workspace, gradient);
    *result = (batch_error){.error = bpi_error_sum(workspace), .max_abs_error = deviation};
    return BP_OK;
}

/* ------------------------------------------------------------------ public calls */

bp_status bpi_validate_gradient_call(const char *function, const bp_network *net, bp_workspace *workspace,
                                     const bp_data *data, bp_loss *loss, bp_data *checked)
{
    BPI_TRY(bpi_workspace_check(function, net, workspace));
    BPI_TRY(bpi_require_slopes(function, net));
    BPI_TRY(bpi_loss_check(function, loss, net));
    BPI_TRY(bpi_check_data_with(function, "data", workspace, data, DATA_BOTH | DATA_MAY_MISS, checked));
    BPI_TRY(bpi_loss_check_targets(function, "data", loss, net, checked));
    return bpi_workspace_reserve(function, workspace, checked->cases, true);
}

/* The gradient of checked data, all cases of them. */
static bp_status run_public(const char *function, bp_workspace *workspace, const bp_data *checked,
                            const bp_loss *loss, double *error, bp_real *gradient, bp_real *input_gradient)
{
    const batch all = {.data = checked, .count = checked->cases};
    const gradient_call call = {.function = function,
                                .workspace = workspace,
                                .cases = &all,
                                .loss = loss,
                                .gradient = gradient,
                                .input_gradient = input_gradient,
                                .retain_outputs = true};
    double deviation;
    BPI_TRY(run(&call, &deviation));
    bpi_workspace_record_call(workspace, checked->cases);
    BPI_TRY(bpi_check_error(function, workspace, 0)); /* |y - d| is not handed out */
    if (gradient != NULL)
        BPI_TRY(bpi_check_gradient(function, workspace, gradient, checked->cases));
    if (input_gradient != NULL)
        BPI_TRY(bpi_check_input_gradient(function, workspace, input_gradient, checked->cases));
    if (error != NULL)
        *error = bpi_error_sum(workspace);
    return BP_OK;
}

bp_status bp_network_gradient(const bp_network *net, bp_workspace *workspace, const bp_data *data,
                              bp_loss loss, double *error, bp_real *gradient)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(workspace);
    BPI_REQUIRE(data);
    BPI_REQUIRE(gradient);
    bp_data checked;
    BPI_TRY(bpi_validate_gradient_call(__func__, net, workspace, data, &loss, &checked));
    return run_public(__func__, workspace, &checked, &loss, error, gradient, NULL);
}

bp_status bp_network_input_gradient(const bp_network *net, bp_workspace *workspace, const bp_data *data,
                                    bp_loss loss, double *error, bp_real *input_gradient)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(workspace);
    BPI_REQUIRE(data);
    BPI_REQUIRE(input_gradient);
    bp_data checked;
    BPI_TRY(bpi_validate_gradient_call(__func__, net, workspace, data, &loss, &checked));
    return run_public(__func__, workspace, &checked, &loss, error, NULL, input_gradient);
}
