#include "model/error.h"

#include "model/gradient.h"
#include "model/small.h"

static layer_state *output_state(const bp_workspace *workspace, size_t i)
{
    return &workspace->states[workspace->network->outputs[i]->index];
}

bool bpi_error_begin(bp_workspace *workspace, const bp_loss *loss)
{
    const bp_network *net = workspace->network;
    bool needs_x = false;
    for (size_t i = 0; i < net->output_count; i++) {
        output_state(workspace, i)->error = 0;
        needs_x |= bpi_loss_needs_x(loss, &net->outputs[i]->activation);
    }
    return needs_x;
}

loss_block bpi_error_block(const bp_workspace *workspace, const bp_layer *layer, size_t rows)
{
    const layer_state *state = &workspace->states[layer->index];
    return (loss_block){
        .kernel = workspace->network->kernel,
        .rows = rows,
        .units = layer->units,
        .x = state->x,
        .y = state->y,
        .targets = workspace->targets + layer->output_column,
        .target_stride = workspace->target_stride,
        .case_weights = workspace->case_weights,
    };
}

void bpi_error_add(bp_workspace *workspace, size_t rows, const bp_loss *loss, double *deviation)
{
    const bp_network *net = workspace->network;
    for (size_t i = 0; i < net->output_count; i++) {
        loss_block block = bpi_error_block(workspace, net->outputs[i], rows);
        bpi_loss_block(loss, &net->outputs[i]->activation, &block, NULL, &output_state(workspace, i)->error,
                       deviation);
    }
}

void bpi_error_set(bp_workspace *workspace, double error)
{
    for (size_t i = 0; i < workspace->network->output_count; i++)
        output_state(workspace, i)->error = i == 0 ? error : 0;
}

void bpi_error_forward(bp_workspace *workspace, size_t rows, const bp_loss *loss, bool keep_x,
                       double *deviation)
{
    if (bpi_small_takes_loss(workspace->network, rows, loss)) {
        bpi_small_error(workspace, rows, loss, &output_state(workspace, 0)->error, deviation);
        return;
    }
    bpi_forward(workspace, rows, keep_x);
    bpi_error_add(workspace, rows, loss, deviation);
}

double bpi_error_sum(const bp_workspace *workspace)
{
    double sum = 0;
    for (size_t i = 0; i < workspace->network->output_count; i++)
        sum += output_state(workspace, i)->error;
    return sum;
}

void bpi_batch_error(bp_workspace *workspace, const batch *cases, const bp_loss *loss, batch_error *result)
{
    double deviation = 0;
    bool keep_x = bpi_error_begin(workspace, loss);
    for (size_t start = 0, rows; start < cases->count; start += rows) {
        rows = bpi_block_rows(cases->count - start, workspace->block_cases);
        bpi_workspace_load(workspace, cases, start, rows, true);
        bpi_error_forward(workspace, rows, loss, keep_x, &deviation);
    }
    *result = (batch_error){.error = bpi_error_sum(workspace), .largest_deviation = deviation};
}
