#include "engine/error.h"

#include "engine/forward.h"
#include "engine/load.h"
#include "engine/plan.h"
#include "engine/small_batch.h"

bool bpi_error_begin(bp_workspace *workspace, const bp_loss *loss)
{
    const bp_network *net = workspace->network;
    bool needs_x = false;
    workspace->has_joint_error = false;
    for (size_t i = 0; i < net->output_count; i++) {
        workspace->errors[net->outputs[i]->index] = 0;
        needs_x |= bpi_loss_needs_x(bpi_loss_of(loss, net->outputs[i]), &net->outputs[i]->activation);
    }
    return needs_x;
}

loss_block bpi_error_block(const bp_workspace *workspace, const bp_loss *loss, const bp_layer *layer,
                           size_t rows)
{
    return (loss_block){
        .kernel = workspace->network->kernel,
        .rows = rows,
        .units = layer->units,
        .x = workspace->arrays[layer->index].x,
        .y = workspace->outputs[layer->index].y,
        .targets = workspace->targets + layer->output_column,
        .target_stride = workspace->target_stride,
        .case_weights = workspace->case_weights,
        .weight = bpi_loss_weight(loss, layer),
        .may_miss = workspace->may_miss,
    };
}

void bpi_error_add(bp_workspace *workspace, size_t rows, const bp_loss *loss, double *deviation)
{
    const bp_network *net = workspace->network;
    for (size_t i = 0; i < net->output_count; i++) {
        const bp_layer *layer = net->outputs[i];
        loss_block block = bpi_error_block(workspace, loss, layer, rows);
        bpi_loss_block(bpi_loss_of(loss, layer), &layer->activation, &block, NULL,
                       &workspace->errors[layer->index], deviation);
    }
}

void bpi_error_set(bp_workspace *workspace, double error)
{
    const bp_network *net = workspace->network;
    workspace->has_joint_error = true;
    for (size_t i = 0; i < net->output_count; i++)
        workspace->errors[net->outputs[i]->index] = i == 0 ? error : 0;
}

void bpi_error_forward(bp_workspace *workspace, size_t rows, const bp_loss *loss, bool keep_x,
                       double *deviation)
{
    unsigned facts = workspace->facts | bpi_case_facts(workspace->network, rows) |
                     bpi_target_facts(loss, workspace->may_miss);
    if (bpi_plan(TASK_ERROR, facts) == PATH_SMALL_BATCH) {
        bpi_small_batch_error(workspace, rows, loss, deviation);
        return;
    }
    bpi_forward(workspace, rows, keep_x);
    bpi_error_add(workspace, rows, loss, deviation);
}

double bpi_error_sum(const bp_workspace *workspace)
{
    double sum = 0;
    for (size_t i = 0; i < workspace->network->output_count; i++)
        sum += workspace->errors[workspace->network->outputs[i]->index];
    return sum;
}

void bpi_error_add_cases(bp_workspace *workspace, const batch *cases, const bp_loss *loss, bool keep_x,
                         double *deviation)
{
    for (size_t start = 0, rows; start < cases->count; start += rows) {
        rows = bpi_block_rows(cases->count - start, workspace->block_cases);
        bpi_load_block(workspace, cases, start, rows);
        bpi_error_forward(workspace, rows, loss, keep_x, deviation);
    }
}

void bpi_batch_error(bp_workspace *workspace, const batch *cases, const bp_loss *loss, batch_error *result)
{
    double deviation = 0;
    bool keep_x = bpi_error_begin(workspace, loss);
    bpi_error_add_cases(workspace, cases, loss, keep_x, &deviation);
    *result = (batch_error){.error = bpi_error_sum(workspace), .max_abs_error = deviation};
}
