#include "engine/unit_noise.h"

#include <string.h>

#include "base/philox.h"
#include "engine/parallel.h"
#include "engine/workspace.h"
#include "network/unit_noise.h"

/* Costs of a value (parallel.h). */
enum { DROP_COST = 12, NOISE_COST = 80 };

enum { DROPOUT_STREAM, NOISE_STREAM, STREAMS };

/* A unit is dropped if its 32 random bits are below p 2^32. */
static uint32_t threshold_of(double probability)
{
    const double threshold = probability * 0x1p32 + 0.5;
    return threshold >= 0x1p32 ? UINT32_MAX : (uint32_t)threshold;
}

bool bpi_layer_noise_read(layer_noise *layers, const bp_network *net)
{
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        layers[i] = (layer_noise){.drops = layer->dropout > 0,
                                  .threshold = threshold_of(layer->dropout),
                                  .kept = (bp_real)(1 / (1 - layer->dropout)),
                                  .deviation = layer->noise};
    }
    return bpi_layers_with_noise(net) > 0;
}

/* --------------------------------------------------------------------- on and off */

void bpi_noise_on(bp_workspace *workspace, uint64_t seed, uint64_t update, uint64_t first)
{
    if (workspace->noise.layers == NULL)
        return;
    bpi_workspace_use_noise(workspace, true);
    workspace->noise.seed = seed;
    workspace->noise.update = update;
    workspace->noise.first = first;
}

void bpi_noise_off(bp_workspace *workspace)
{
    bpi_workspace_use_noise(workspace, false);
    bpi_noise_point_outputs(workspace);
}

bool bpi_drops(const bp_workspace *workspace, const bp_layer *layer)
{
    return workspace->noise.is_on && workspace->noise.layers[layer->index].drops;
}

bool bpi_changes_inputs(const bp_workspace *workspace, const bp_layer *layer)
{
    return bpi_drops(workspace, layer) ||
           (workspace->noise.is_on && workspace->noise.layers[layer->index].deviation > 0);
}

void bpi_noise_point_outputs(bp_workspace *workspace)
{
    const bp_network *net = workspace->network;
    if (workspace->noise.layers == NULL)
        return;
    for (size_t i = 0; i < net->layer_count; i++)
        if (bpi_needs_factors(workspace, net->layers[i]))
            workspace->outputs[i].y =
                workspace->noise.is_on ? workspace->arrays[i].dropped : workspace->arrays[i].y;
}

/* ------------------------------------------------------------------------ random bits */

void bpi_noise_set_row(bp_workspace *workspace, size_t row, size_t index, uint64_t later)
{
    const unit_noise *noise = &workspace->noise;
    const uint64_t number = noise->first + index, update = noise->update + later;
    const uint32_t counter[4] = {(uint32_t)number, (uint32_t)(number >> 32), (uint32_t)update,
                                 (uint32_t)(update >> 32)};
    const uint32_t key[2] = {(uint32_t)noise->seed, (uint32_t)(noise->seed >> 32)};
    bpi_philox(counter, key, noise->keys + 4 * row);
}

void bpi_noise_use_next_row(bp_workspace *workspace)
{
    if (workspace->noise.is_on)
        memcpy(workspace->noise.keys, workspace->noise.keys + 4, 4 * sizeof *workspace->noise.keys);
}

static random_row row_of(const bp_workspace *workspace, const bp_layer *layer, size_t row, unsigned stream)
{
    random_row random = {.stream = (uint32_t)(STREAMS * layer->index + stream)};
    memcpy(random.bits, workspace->noise.keys + 4 * row, sizeof random.bits);
    return random;
}

/* ------------------------------------------------------------------------- passes */

/* Rows of a layer. */
typedef struct noise_pass {
    const bp_workspace *workspace;
    const bp_layer *layer;
    size_t first;    /* the row of the block that the first row is */
    bp_real *inputs; /* NULL: a hidden layer */
} noise_pass;

static void change_row(const noise_pass *pass, size_t row)
{
    const bp_workspace *workspace = pass->workspace;
    const kernel_table *kernel = workspace->network->kernel;
    const bp_layer *layer = pass->layer;
    const layer_noise *noise = &workspace->noise.layers[layer->index];
    const random_row random = row_of(workspace, layer, pass->first + row, DROPOUT_STREAM);
    const size_t units = layer->units, at = row * units;
    if (pass->inputs == NULL) {
        const layer_arrays *arrays = &workspace->arrays[layer->index];
        kernel->drop_units(&random, noise->threshold, noise->kept, arrays->y + at, arrays->dropped + at,
                           arrays->factors + at, units);
        return;
    }
    bp_real *y = pass->inputs + at;
    if (noise->deviation > 0) {
        const random_row other = row_of(workspace, layer, pass->first + row, NOISE_STREAM);
        kernel->add_noise(&other, noise->deviation, y, units);
    }
    if (noise->drops)
        kernel->drop_units(&random, noise->threshold, noise->kept, y, y, NULL, units);
}

static bp_status change_rows(void *context, size_t first, size_t count, size_t chunk)
{
    (void)chunk;
    for (size_t row = first; row < first + count; row++)
        change_row(context, row);
    return BP_OK;
}

static void change(noise_pass *pass, size_t rows)
{
    const layer_noise *noise = &pass->workspace->noise.layers[pass->layer->index];
    const double cost = (noise->drops ? DROP_COST : 0) + (noise->deviation > 0 ? NOISE_COST : 0);
    bpi_parallel_for(pass->workspace,
                     &(parallel_work){.count = rows,
                                      .grain = 1,
                                      .cost = cost * (double)rows * (double)pass->layer->units,
                                      .work = change_rows,
                                      .context = pass});
}

void bpi_change_inputs(const bp_workspace *workspace, const bp_layer *layer, size_t first, size_t rows,
                       bp_real *y)
{
    change(&(noise_pass){.workspace = workspace, .layer = layer, .first = first, .inputs = y}, rows);
}

void bpi_drop_outputs(const bp_workspace *workspace, const bp_layer *layer, size_t rows)
{
    change(&(noise_pass){.workspace = workspace, .layer = layer}, rows);
}

void bpi_drop_deltas(const bp_workspace *workspace, const bp_layer *layer, size_t rows)
{
    const layer_arrays *arrays = &workspace->arrays[layer->index];
    bp_real *restrict delta = arrays->delta;
    const bp_real *restrict factors = arrays->factors;
    for (size_t i = 0; i < rows * layer->units; i++)
        delta[i] *= factors[i];
}
