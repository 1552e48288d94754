#include "engine/jacobian.h"

#include <math.h>
#include <string.h>

#include "engine/connection_product.h"
#include "engine/parallel.h"
#include "engine/seed_pass.h"
#include "network/layer.h"

/* dy/dy = 1 of one unit of an output layer in every case. */
static void seed_unit(const seed_pass *pass, const bp_layer *layer, size_t unit)
{
    bp_real *delta = pass->workspace->arrays[layer->index].delta;
    memset(delta, 0, pass->rows * layer->units * sizeof *delta);
    for (size_t row = 0; row < pass->rows; row++)
        delta[row * layer->units + unit] = 1;
    bpi_seed_layer(pass, layer);
}

static const bp_layer *layer_of_output(const bp_network *net, size_t output)
{
    size_t i = 0;
    while (output - net->outputs[i]->output_column >= net->outputs[i]->units)
        i++;
    return net->outputs[i];
}

/* ------------------------------------------------------------------- weights */

/* The rows of one output. */
typedef struct weight_rows {
    const seed_pass *pass;
    bp_real *first; /* of the first case */
    size_t stride;  /* from one case to the next */
} weight_rows;

/* [RHW86] eq. 6 of one case, without a sum over cases: row_ji += dy/dx_j * y_i. */
static void add_outer_product(const bp_real *delta, size_t units, const bp_real *y, size_t from, bp_real *row)
{
    for (size_t j = 0; j < units; j++, row += from) {
        const bp_real factor = delta[j];
        for (size_t i = 0; i < from; i++)
            row[i] += factor * y[i];
    }
}

static void add_connection(const bp_workspace *workspace, const bp_connection *connection, size_t row,
                           bp_real *scratch, bp_real *weights)
{
    const bp_layer *to = connection->to, *from = connection->from;
    const layer_outputs *outputs = &workspace->outputs[from->index];
    const bp_real *delta = workspace->arrays[to->index].delta + row * to->units;
    const bp_real *y = outputs->y + row * outputs->stride;
    if (connection->shape.kind == BP_CONNECTION_DENSE) {
        add_outer_product(delta, to->units, y, from->units, weights + connection->offset);
        return;
    }
    const matrix_product product = {
        .m = to->units,
        .n = from->units,
        .k = 1,
        .a = delta,
        .a_stride = to->units,
        .b = y,
        .b_stride = from->units,
        .c = weights + connection->offset,
        .c_stride = from->units,
        .accumulate = true,
        .scratch = scratch,
    };
    bpi_connection_products(connection)->weights(connection, &product);
}

/* The same for weights from a unit that is always 1: biases, and a learned initial state. */
static void add_constants(const bp_layer *layer, const bp_real *delta, bp_real *weights)
{
    bp_real *biases = weights + layer->bias_offset;
    for (size_t j = 0; layer->has_bias && j < layer->units; j++)
        biases[j / layer->units_per_bias] += delta[j];
    for (size_t j = 0; layer->learns_state && j < layer->units; j++)
        weights[layer->state_offset + j] += delta[j];
}

static bp_status fill_rows(void *context, size_t first, size_t count, size_t chunk)
{
    const weight_rows *rows = context;
    const bp_workspace *workspace = rows->pass->workspace;
    const bp_network *net = workspace->network;
    bp_real *scratch = workspace->scratch + chunk * workspace->scratch_stride;
    for (size_t row = first; row < first + count; row++) {
        bp_real *weights = rows->first + row * rows->stride;
        memset(weights, 0, net->weight_count * sizeof *weights);
        for (size_t i = 0; i < net->layer_count; i++) {
            const bp_layer *layer = net->layers[i];
            if (layer->is_input || !bpi_seed_reached(rows->pass, layer))
                continue;
            for (size_t j = 0; j < layer->incoming_count; j++)
                add_connection(workspace, layer->incoming[j], row, scratch, weights);
            add_constants(layer, workspace->arrays[i].delta + row * layer->units, weights);
        }
    }
    return BP_OK;
}

/* -------------------------------------------------------------------- inputs */

static void fill_inputs(const seed_pass *pass, bp_real *first, size_t stride)
{
    const bp_network *net = pass->workspace->network;
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        if (!layer->is_input)
            continue;
        const bp_real *delta = pass->workspace->arrays[i].delta;
        for (size_t row = 0; row < pass->rows; row++) {
            bp_real *to = first + row * stride + layer->column;
            if (bpi_seed_reached(pass, layer))
                memcpy(to, delta + row * layer->units, layer->units * sizeof *to);
            else
                memset(to, 0, layer->units * sizeof *to);
        }
    }
}

/* --------------------------------------------------------------------- whole */

void bpi_jacobian(const jacobian_block *block)
{
    const bp_network *net = block->workspace->network;
    const seed_pass pass = {
        .workspace = block->workspace, .rows = block->rows, .to_inputs = block->by_inputs != NULL};
    for (size_t i = 0; i < block->outputs; i++) {
        const bp_layer *layer = layer_of_output(net, block->first_output + i);
        bpi_seed_begin(&pass);
        seed_unit(&pass, layer, block->first_output + i - layer->output_column);
        bpi_seed_run(&pass);
        if (block->by_inputs != NULL)
            fill_inputs(&pass, block->by_inputs + i * net->input_width, block->outputs * net->input_width);
        if (block->by_weights == NULL)
            continue;
        weight_rows rows = {.pass = &pass,
                            .first = block->by_weights + i * net->weight_count,
                            .stride = block->outputs * net->weight_count};
        bpi_parallel_for(block->workspace,
                         &(parallel_work){.count = block->rows,
                                          .grain = 1,
                                          .cost = 2 * (double)block->rows * (double)net->weight_count,
                                          .work = fill_rows,
                                          .context = &rows});
    }
}

/* ----------------------------------------------------------------- residuals */

/* Finds a residual and multiplies the row of its output, which may be NULL, by the same factor. */
static double find_residual(bp_real y, bp_real target, double factor, bp_real tolerance, bp_real *row,
                            size_t weights)
{
    const bp_real distance = y < target ? target - y : y - target;
    if (isnan(target) || distance <= tolerance)
        factor = 0;
    for (size_t i = 0; row != NULL && factor != 1 && i < weights; i++)
        row[i] *= (bp_real)factor;
    return factor == 0 ? 0 : factor * ((double)y - (double)target);
}

void bpi_residuals(const bp_workspace *workspace, size_t rows, bp_real tolerance, bp_real *by_weights,
                   double *residuals)
{
    const bp_network *net = workspace->network;
    for (size_t row = 0; row < rows; row++) {
        const bp_real *targets = workspace->targets + row * workspace->target_stride;
        const double factor =
            workspace->case_weights == NULL ? 1 : sqrt((double)workspace->case_weights[row]);
        for (size_t i = 0; i < net->output_count; i++) {
            const bp_layer *layer = net->outputs[i];
            const bp_real *y = workspace->outputs[layer->index].y + row * layer->units;
            for (size_t unit = 0; unit < layer->units; unit++) {
                const size_t column = layer->output_column + unit, place = row * net->output_width + column;
                residuals[place] = find_residual(
                    y[unit], targets[column], factor, tolerance,
                    by_weights == NULL ? NULL : by_weights + place * net->weight_count, net->weight_count);
            }
        }
    }
}
