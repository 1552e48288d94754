#include "engine/load.h"

#include <string.h>

#include "engine/class_weights.h"
#include "engine/parallel.h"
#include "engine/scale.h"
#include "engine/unit_noise.h"
#include "network/scaling.h"

size_t bpi_block_rows(size_t left, size_t capacity)
{
    if (left <= capacity)
        return left;
    return left == capacity + 1 ? capacity - 1 : capacity;
}

bool bpi_needs_load(const bp_workspace *workspace)
{
    const bp_network *net = workspace->network;
    return bpi_scaling_is_set(&net->input_scaling) || bpi_scaling_is_set(&net->target_scaling) ||
           workspace->classes != NULL;
}

/* Index among the data of case `row` of the block that begins at `start`. */
static size_t case_index(const batch *cases, size_t start, size_t row)
{
    return cases->order == NULL ? cases->first + start + row : cases->order[start + row];
}

/* Some columns of the inputs or targets: the caller's array, and memory for a copy of a block. */
typedef struct column_block {
    const column_scaling *scaling;
    size_t first, columns;
    const bp_real *from;
    size_t from_stride;
    bp_real *copy;
    bool is_changed; /* the copy is needed in any case */
} column_block;

/* Copy of the block that begins at case `start`. */
typedef struct row_copy {
    const kernel_table *kernel;
    const column_block *block;
    const batch *cases;
    size_t start;
} row_copy;

/* Copies rows first .. first + count - 1 in the order of the batch, and scales them. */
static bp_status copy_range(void *context, size_t first, size_t count, size_t chunk)
{
    (void)chunk;
    const row_copy *copy = context;
    const column_block *block = copy->block;
    bool together = copy->cases->order == NULL;
    scaled_rows rows = {.rows = together ? count : 1,
                        .columns = block->columns,
                        .from_stride = block->from_stride,
                        .to_stride = block->columns};
    for (size_t row = first; row < first + count; row += rows.rows) {
        rows.from =
            block->from + block->first + case_index(copy->cases, copy->start, row) * block->from_stride;
        rows.to = block->copy + row * block->columns;
        bpi_scale(copy->kernel, block->scaling, block->first, &rows);
    }
    return BP_OK;
}

/* Returns the block's rows: the caller's, if they are in order and not scaled, else a copy. */
static const bp_real *load_rows(const bp_workspace *workspace, const column_block *block, const batch *cases,
                                size_t start, size_t rows, size_t *stride)
{
    if ((cases->order == NULL || rows == 1) && !bpi_scaling_is_set(block->scaling) && !block->is_changed) {
        *stride = block->from_stride;
        return block->from + block->first + case_index(cases, start, 0) * block->from_stride;
    }
    row_copy copy = {workspace->network->kernel, block, cases, start};
    bpi_parallel_for(workspace, &(parallel_work){
                                    .count = rows,
                                    .grain = 1,
                                    .cost = BPI_UNCACHED_COPY_COST * (double)rows * (double)block->columns,
                                    .work = copy_range,
                                    .context = &copy,
                                });
    *stride = block->columns;
    return block->copy;
}

void bpi_load_targets(bp_workspace *workspace, const batch *cases, size_t start, size_t rows)
{
    const bp_data *data = cases->data;
    const bp_network *net = workspace->network;
    column_block block = {.scaling = &net->target_scaling,
                          .columns = net->output_width,
                          .from = data->targets,
                          .from_stride = data->target_stride,
                          .copy = workspace->own_targets};
    workspace->targets = load_rows(workspace, &block, cases, start, rows, &workspace->target_stride);
    workspace->may_miss = data->missing_targets == 1;
    workspace->case_weights = NULL;
    if (data->case_weights == NULL && workspace->classes == NULL)
        return;
    for (size_t row = 0; row < rows; row++)
        workspace->own_case_weights[row] =
            bpi_case_weight(workspace->classes, data, case_index(cases, start, row));
    workspace->case_weights = workspace->own_case_weights;
}

/* Returns the rows of an input layer: the caller's or, if needed, a copy in `to`. `key` is the row whose
 * random bits are those of the first case. */
static const bp_real *load_layer(const bp_workspace *workspace, const bp_layer *layer, const batch *cases,
                                 size_t start, size_t rows, size_t key, bp_real *to, size_t *stride)
{
    const column_block block = {.scaling = &workspace->network->input_scaling,
                                .first = layer->column,
                                .columns = layer->units,
                                .from = cases->data->inputs,
                                .from_stride = cases->data->input_stride,
                                .copy = to,
                                .is_changed = bpi_changes_inputs(workspace, layer)};
    const bp_real *loaded = load_rows(workspace, &block, cases, start, rows, stride);
    if (block.is_changed)
        bpi_change_inputs(workspace, layer, key, rows, to);
    return loaded;
}

void bpi_forget_next_case(bp_workspace *workspace)
{
    workspace->next.is_loaded = false;
    memset(workspace->next.has_sums, 0, workspace->network->layer_count * sizeof *workspace->next.has_sums);
}

void bpi_load_inputs(bp_workspace *workspace, const batch *cases, size_t start, size_t rows)
{
    const bp_network *net = workspace->network;
    for (size_t row = 0; workspace->noise.is_on && row < rows; row++)
        bpi_noise_set_row(workspace, row, case_index(cases, start, row), 0);
    bpi_noise_point_outputs(workspace);
    for (size_t i = 0; i < net->layer_count; i++) {
        layer_outputs *outputs = &workspace->outputs[i];
        if (net->layers[i]->is_input)
            outputs->y = load_layer(workspace, net->layers[i], cases, start, rows, 0, workspace->arrays[i].y,
                                    &outputs->stride);
    }
    if (workspace->next.is_loaded)
        bpi_forget_next_case(workspace);
}

void bpi_load_block(bp_workspace *workspace, const batch *cases, size_t start, size_t rows)
{
    bpi_load_inputs(workspace, cases, start, rows);
    bpi_load_targets(workspace, cases, start, rows);
}

void bpi_load_next_case(bp_workspace *workspace, const batch *one)
{
    const bp_network *net = workspace->network;
    if (workspace->noise.is_on)
        bpi_noise_set_row(workspace, 1, case_index(one, 0, 0), 1);
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        if (!layer->is_input)
            continue;
        bp_real *first = workspace->arrays[i].y, *second = first + layer->units;
        layer_outputs *inputs = &workspace->next.inputs[i];
        inputs->y = load_layer(workspace, layer, one, 0, 1, 1,
                               workspace->outputs[i].y == second ? first : second, &inputs->stride);
    }
    workspace->next.is_loaded = true;
}

void bpi_use_next_case(bp_workspace *workspace)
{
    const bp_network *net = workspace->network;
    for (size_t i = 0; i < net->layer_count; i++)
        if (net->layers[i]->is_input)
            workspace->outputs[i] = workspace->next.inputs[i];
    bpi_noise_use_next_row(workspace);
    workspace->next.is_loaded = false;
}
