#include "engine/evaluate.h"

#include <math.h>

#include <string.h>

#include "base/sized_struct.h"
#include "base/status.h"
#include "engine/check_data.h"
#include "engine/check_results.h"
#include "engine/error.h"
#include "engine/load.h"
#include "engine/loss_check.h"
#include "engine/missing_targets.h"
#include "engine/scale.h"
#include "engine/workspace.h"

void bp_evaluation_init(bp_evaluation *evaluation, size_t size)
{
    bpi_init_struct(SIZED_EVALUATION, evaluation, size, NULL);
}

size_t bpi_class_of(const bp_real *row, size_t count, double threshold)
{
    if (count == 1)
        return (double)row[0] > threshold;
    size_t best = 0;
    for (size_t k = 1; k < count; k++)
        if (row[k] > row[best])
            best = k;
    return best;
}

/* Outputs of one case in raw units, side by side: those of a single layer as they are, unless they are
 * scaled; else in the workspace's output_row. */
static const bp_real *raw_outputs(const bp_workspace *workspace, size_t row)
{
    const bp_network *net = workspace->network;
    if (net->output_count == 1 && !bpi_scaling_is_set(&net->target_scaling))
        return workspace->outputs[net->outputs[0]->index].y + row * net->output_width;
    for (size_t i = 0; i < net->output_count; i++) {
        const bp_layer *layer = net->outputs[i];
        bpi_unscale(net->kernel, &net->target_scaling, layer->output_column,
                    &(scaled_rows){
                        .rows = 1,
                        .columns = layer->units,
                        .from = workspace->outputs[layer->index].y + row * layer->units,
                        .to = workspace->output_row + layer->output_column,
                    });
    }
    return workspace->output_row;
}

/* A single output is above or below a threshold halfway between the targets of two classes: these are 0 and 1
 * unless one is negative, then -1 and 1. As long as that is not known, both thresholds are counted. */
static const double thresholds[] = {0.5, 0};

static void classify_single(running_evaluation *running, bp_real target, bp_real output)
{
    running->has_negative_target |= target < 0;
    for (size_t i = 0; i < 2; i++)
        running->counts[i][2 * bpi_class_of(&target, 1, thresholds[i]) +
                           bpi_class_of(&output, 1, thresholds[i])]++;
}

static void classify(running_evaluation *running, const bp_data *data, size_t start, size_t rows)
{
    const size_t width = running->workspace->network->output_width;
    bp_evaluation *result = &running->result;
    for (size_t row = 0; row < rows; row++) {
        const bp_real *target = data->targets + (start + row) * data->target_stride;
        const bp_real *output = raw_outputs(running->workspace, row);
        if (data->missing_targets && bpi_count_targets(target, width) < width) {
            result->unclassified++;
            continue;
        }
        if (width == 1) {
            classify_single(running, target[0], output[0]);
            continue;
        }
        const size_t truth = bpi_class_of(target, width, 0), guess = bpi_class_of(output, width, 0);
        result->correct += guess == truth;
        if (running->confusion != NULL)
            running->confusion[truth * result->classes + guess]++;
    }
}

void bpi_evaluation_begin(running_evaluation *running, bp_workspace *workspace, const bp_loss *loss,
                          size_t *confusion)
{
    const bp_network *net = workspace->network;
    const size_t classes = net->output_width == 1 ? 2 : net->output_width;
    *running = (running_evaluation){.workspace = workspace, .loss = loss, .confusion = confusion};
    running->result = (bp_evaluation){.size = sizeof running->result, .classes = classes};
    if (confusion != NULL)
        memset(confusion, 0, classes * classes * sizeof *confusion);
    running->keep_x = bpi_error_begin(workspace, loss);
}

void bpi_evaluation_add(running_evaluation *running, const bp_data *checked)
{
    bp_workspace *workspace = running->workspace;
    bp_evaluation *result = &running->result;
    const batch all = {.data = checked, .count = checked->cases};
    for (size_t start = 0, rows; start < all.count; start += rows) {
        rows = bpi_block_rows(all.count - start, workspace->block_cases);
        bpi_load_block(workspace, &all, start, rows);
        bpi_error_forward(workspace, rows, running->loss, running->keep_x, &result->max_abs_error);
        classify(running, checked, start, rows);
    }
    result->cases += checked->cases;
}

void bpi_evaluation_end(running_evaluation *running, bp_evaluation *result)
{
    bp_evaluation *found = &running->result;
    if (running->workspace->network->output_width == 1) {
        const size_t *counts = running->counts[running->has_negative_target];
        found->correct = counts[0] + counts[3];
        if (running->confusion != NULL)
            memcpy(running->confusion, counts, sizeof running->counts[0]);
    }
    found->error = bpi_error_sum(running->workspace);
    found->mean_error = found->error / (double)found->cases;
    const size_t classified = found->cases - found->unclassified;
    found->accuracy = classified > 0 ? (double)found->correct / (double)classified : NAN;
    *result = *found;
}

void bpi_evaluate(bp_workspace *workspace, const bp_data *checked, const bp_loss *loss, size_t *confusion,
                  bp_evaluation *result)
{
    running_evaluation running;
    bpi_evaluation_begin(&running, workspace, loss, confusion);
    bpi_evaluation_add(&running, checked);
    bpi_evaluation_end(&running, result);
}

bp_status bp_network_evaluate(const bp_network *net, bp_workspace *workspace, const bp_data *data,
                              bp_loss loss, size_t *confusion, bp_evaluation *result)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(workspace);
    BPI_REQUIRE(data);
    BPI_REQUIRE(result);
    BPI_TRY(bpi_check_result_struct(__func__, SIZED_EVALUATION, result));
    BPI_TRY(bpi_workspace_check(__func__, net, workspace));
    BPI_TRY(bpi_loss_check(__func__, &loss, net));
    bp_data checked;
    BPI_TRY(bpi_check_data_with(__func__, "data", workspace, data, DATA_BOTH | DATA_MAY_MISS, &checked));
    BPI_TRY(bpi_loss_check_targets(__func__, "data", &loss, net, &checked));
    bp_evaluation found;
    bpi_evaluate(workspace, &checked, &loss, confusion, &found);
    bpi_workspace_record_call(workspace, checked.cases);
    BPI_TRY(bpi_check_error(__func__, workspace, found.max_abs_error));
    bpi_write_struct(SIZED_EVALUATION, result, &found);
    return BP_OK;
}
