#include "engine/small_batch.h"

#include "engine/load.h"
#include "engine/loss.h"
#include "engine/small_values.h"

/* All cases in one call, from the caller's arrays. */
static void run_in_place(const bp_workspace *workspace, const batch *cases, small_pass *pass,
                         small_values values[], bool retain_outputs)
{
    bpi_small_point_at(workspace, cases, retain_outputs, values);
    pass->order = cases->order;
    pass->first = cases->first;
    pass->count = cases->count;
    pass->targets = cases->data->targets;
    pass->target_stride = cases->data->target_stride;
    pass->case_weights = cases->data->case_weights;
    workspace->small_kernels->run_pass(pass);
}

/* Block by block, scaled into the workspace. */
static void run_blocks(bp_workspace *workspace, const batch *cases, small_pass *pass, small_values values[],
                       bool retain_outputs)
{
    const bp_network *net = workspace->network;
    bp_real *input_gradient = pass->input_gradient;
    for (size_t start = 0; start < cases->count; start += pass->count) {
        pass->count = bpi_block_rows(cases->count - start, net->block_cases);
        pass->accumulate = start > 0;
        bpi_load_block(workspace, cases, start, pass->count);
        bpi_small_point_at(workspace, NULL, retain_outputs, values);
        pass->targets = workspace->targets;
        pass->target_stride = workspace->target_stride;
        pass->case_weights = workspace->case_weights;
        if (input_gradient != NULL)
            pass->input_gradient = input_gradient + start * net->input_width;
        workspace->small_kernels->run_pass(pass);
    }
}

/* Turns dE/dinput for scaled inputs into that for raw ones. */
static void scale_input_gradient(const bp_network *net, size_t cases, bp_real *input_gradient)
{
    const bp_real *factor = net->input_scaling.factor;
    if (factor == NULL)
        return;
    for (size_t row = 0; row < cases; row++)
        for (size_t column = 0; column < net->input_width; column++)
            input_gradient[row * net->input_width + column] *= factor[column];
}

void bpi_small_batch_forward(bp_workspace *workspace, size_t rows)
{
    const bp_network *net = workspace->network;
    small_values values[SMALL_MAX_LAYERS];
    bpi_small_point_at(workspace, NULL, true, values);
    workspace->small_kernels->run_pass(&(small_pass){.net = workspace->small,
                                                     .weights = net->weights,
                                                     .values = values,
                                                     .count = rows,
                                                     .scratch = workspace->scratch});
}

void bpi_small_batch_error(bp_workspace *workspace, size_t rows, const bp_loss *loss, double *deviation)
{
    const bp_network *net = workspace->network;
    double *error = &workspace->errors[net->outputs[0]->index];
    small_values values[SMALL_MAX_LAYERS];
    small_loss losses[SMALL_MAX_LAYERS];
    bpi_small_point_at(workspace, NULL, true, values);
    bpi_small_find_losses(net, loss, losses);
    small_pass pass = {.net = workspace->small,
                       .weights = net->weights,
                       .values = values,
                       .count = rows,
                       .targets = workspace->targets,
                       .target_stride = workspace->target_stride,
                       .case_weights = workspace->case_weights,
                       .losses = losses,
                       .scratch = workspace->scratch,
                       .error = *error,
                       .max_abs_error = *deviation};
    workspace->small_kernels->run_pass(&pass);
    *error = pass.error;
    workspace->has_joint_error = true;
    *deviation = pass.max_abs_error;
}

void bpi_small_batch_gradient(bp_workspace *workspace, const batch *cases, const bp_loss *loss,
                              bool retain_outputs, bp_real *gradient, bp_real *input_gradient,
                              batch_error *result)
{
    const bp_network *net = workspace->network;
    small_values values[SMALL_MAX_LAYERS];
    small_loss losses[SMALL_MAX_LAYERS];
    bpi_small_find_losses(net, loss, losses);
    small_pass pass = {.net = workspace->small,
                       .values = values,
                       .weights = net->weights,
                       .losses = losses,
                       .gradient = gradient,
                       .input_gradient = input_gradient,
                       .input_width = net->input_width,
                       .scratch = workspace->scratch};
    retain_outputs = retain_outputs && cases->count <= workspace->block_cases;
    if (bpi_needs_load(workspace))
        run_blocks(workspace, cases, &pass, values, retain_outputs);
    else
        run_in_place(workspace, cases, &pass, values, retain_outputs);
    if (input_gradient != NULL)
        scale_input_gradient(net, cases->count, input_gradient);
    *result = (batch_error){.error = pass.error, .max_abs_error = pass.max_abs_error};
}
