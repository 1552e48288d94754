#include "engine/predict.h"

#include "base/status.h"
#include "engine/check_data.h"
#include "engine/check_results.h"
#include "engine/forward.h"
#include "engine/load.h"
#include "engine/plan.h"
#include "engine/scale.h"
#include "engine/small_case.h"
#include "engine/workspace.h"

/* Stores the block's outputs in raw units, all output layers side by side. */
static void store_outputs(const bp_workspace *workspace, size_t rows, bp_real *outputs)
{
    const bp_network *net = workspace->network;
    for (size_t i = 0; i < net->output_count; i++) {
        const bp_layer *layer = net->outputs[i];
        bpi_unscale(net->kernel, &net->target_scaling, layer->output_column,
                    &(scaled_rows){
                        .rows = rows,
                        .columns = layer->units,
                        .from = workspace->outputs[layer->index].y,
                        .from_stride = layer->units,
                        .to = outputs + layer->output_column,
                        .to_stride = net->output_width,
                    });
    }
}

bool bpi_predict(bp_workspace *workspace, const bp_data *checked, bp_real *outputs)
{
    const bp_network *net = workspace->network;
    bool finite = true;
    const batch cases = {.data = checked, .count = checked->cases};
    for (size_t start = 0, rows; start < cases.count; start += rows) {
        rows = bpi_block_rows(cases.count - start, workspace->block_cases);
        bpi_load_inputs(workspace, &cases, start, rows);
        bpi_forward_outputs(workspace, rows);
        bp_real *block = outputs + start * net->output_width;
        store_outputs(workspace, rows, block);
        finite = net->kernel->all_finite(block, rows * net->output_width) && finite;
    }
    return finite;
}

bp_status bp_network_predict(const bp_network *net, bp_workspace *workspace, const bp_data *data,
                             bp_real *outputs)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(workspace);
    BPI_REQUIRE(data);
    BPI_REQUIRE(outputs);
    if (!bpi_workspace_is_ready(net, workspace))
        BPI_TRY(bpi_workspace_check(__func__, net, workspace));
    if (workspace->predicts_by_small_case && bpi_is_dense_block(net, data, 1)) {
        const bool is_finite = bpi_small_case_predict(workspace, data->inputs, outputs);
        workspace->last_cases = 1;
        return is_finite ? BP_OK : bpi_fail_outputs(__func__, net, outputs, 0);
    }
    bp_data checked;
    if (bpi_is_dense_block(net, data, workspace->team == NULL ? workspace->block_cases : 1)) {
        checked = *data;
        checked.input_stride = net->input_width;
    } else {
        BPI_TRY(bpi_check_data_with(__func__, "data", workspace, data, DATA_INPUTS, &checked));
    }
    const bool finite = bpi_predict(workspace, &checked, outputs);
    bpi_workspace_record_call(workspace, checked.cases);
    return finite ? BP_OK : bpi_fail_outputs(__func__, net, outputs, 0);
}

bp_status bp_workspace_layer_outputs(const bp_workspace *workspace, const bp_layer *layer, bp_real *outputs,
                                     size_t count)
{
    BPI_REQUIRE(workspace);
    BPI_REQUIRE(layer);
    BPI_REQUIRE(outputs);
    if (layer->network != workspace->network)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: layer '%s' belongs to another network", __func__,
                        layer->name);
    if (layer->is_input)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: layer '%s' is an input", __func__, layer->name);
    size_t rows = workspace->last_cases;
    if (rows == 0)
        return bpi_fail(BP_ERROR_STATE,
                        "%s: no outputs are stored: there was no call yet, or it had more than %zu cases",
                        __func__, workspace->block_cases);
    if (count != rows * layer->units)
        return bpi_fail(BP_ERROR_SIZE, "%s: count is %zu, but layer '%s' has %zu units in %zu cases",
                        __func__, count, layer->name, layer->units, rows);
    const bp_real *y = workspace->outputs[layer->index].y;
    for (size_t i = 0; i < count; i++)
        outputs[i] = y[i];
    return BP_OK;
}
