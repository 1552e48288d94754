#include "engine/evaluate.h"

#include <string.h>

#include "base/sized_struct.h"
#include "base/status.h"
#include "engine/check_data.h"
#include "engine/check_results.h"
#include "engine/error.h"
#include "engine/load.h"
#include "engine/loss.h"
#include "engine/scale.h"
#include "engine/workspace.h"

void bp_evaluation_init(bp_evaluation *evaluation, size_t size)
{
    bpi_init_struct(SIZED_EVALUATION, evaluation, size, NULL);
}

/* Of a single output: halfway between the targets of two classes, which are 0 and 1 unless one is negative:
 * then -1 and 1. */
static double find_threshold(const bp_data *data)
{
    for (size_t i = 0; i < data->cases && data->target_width == 1; i++)
        if (data->targets[i * data->target_stride] < 0)
            return 0;
    return 0.5;
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

/* Outputs of one case in raw units, in the workspace's output_row. */
static const bp_real *raw_outputs(const bp_workspace *workspace, size_t row)
{
    const bp_network *net = workspace->network;
    for (size_t i = 0; i < net->output_count; i++) {
        const bp_layer *layer = net->outputs[i];
        bpi_unscale(&net->target_scaling, &(scaled_rows){
                                              .rows = 1,
                                              .columns = layer->units,
                                              .first = layer->output_column,
                                              .from = workspace->outputs[layer->index].y + row * layer->units,
                                              .to = workspace->output_row + layer->output_column,
                                          });
    }
    return workspace->output_row;
}

static void classify(const bp_workspace *workspace, const bp_data *data, double threshold, size_t start,
                     size_t rows, size_t *confusion, bp_evaluation *result)
{
    size_t width = workspace->network->output_width;
    for (size_t row = 0; row < rows; row++) {
        size_t truth = bpi_class_of(data->targets + (start + row) * data->target_stride, width, threshold);
        size_t guess = bpi_class_of(raw_outputs(workspace, row), width, threshold);
        result->correct += guess == truth;
        if (confusion != NULL)
            confusion[truth * result->classes + guess]++;
    }
}

static void start_result(const bp_network *net, size_t cases, size_t *confusion, bp_evaluation *result)
{
    size_t classes = net->output_width == 1 ? 2 : net->output_width;
    *result = (bp_evaluation){.size = sizeof *result, .cases = cases, .classes = classes};
    if (confusion != NULL)
        memset(confusion, 0, classes * classes * sizeof *confusion);
}

void bpi_evaluate(bp_workspace *workspace, const bp_data *checked, const bp_loss *loss, size_t *confusion,
                  bp_evaluation *result)
{
    start_result(workspace->network, checked->cases, confusion, result);
    batch all = {.data = checked, .count = checked->cases};
    bool keep_x = bpi_error_begin(workspace, loss);
    double threshold = find_threshold(checked);
    for (size_t start = 0, rows; start < all.count; start += rows) {
        rows = bpi_block_rows(all.count - start, workspace->block_cases);
        bpi_load_block(workspace, &all, start, rows);
        bpi_error_forward(workspace, rows, loss, keep_x, &result->max_abs_error);
        classify(workspace, checked, threshold, start, rows, confusion, result);
    }
    result->error = bpi_error_sum(workspace);
    result->mean_error = result->error / (double)checked->cases;
    result->accuracy = (double)result->correct / (double)checked->cases;
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
    BPI_TRY(bpi_check_data_with(__func__, "data", workspace, data, DATA_BOTH, &checked));
    BPI_TRY(bpi_loss_check_targets(__func__, "data", &loss, net, &checked));
    bp_evaluation found;
    bpi_evaluate(workspace, &checked, &loss, confusion, &found);
    bpi_workspace_record_call(workspace, checked.cases);
    BPI_TRY(bpi_check_error(__func__, workspace, found.max_abs_error));
    bpi_write_struct(SIZED_EVALUATION, result, &found);
    return BP_OK;
}
