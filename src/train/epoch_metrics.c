#include "train/epoch_metrics.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/status.h"
#include "engine/forward.h"
#include "engine/load.h"
#include "network/activation_kind.h"

/*
 * A sample of saturated units is a forward pass over up to SAMPLE_CASES cases. It is taken when
 * CASES_PER_CASE times as many have been trained, each of which costs at least a forward and a backward pass,
 * so that it takes about a hundredth of the work. Work is counted, not timed: histories can be reproduced.
 */
enum { SAMPLE_CASES = 256, CASES_PER_CASE = 40 };

bool bpi_wants_epoch_metrics(const bp_trainer *trainer)
{
    return trainer->options.on_epoch != NULL || trainer->history_files.line != NULL;
}

/* Of a hidden layer: do its units have two ends? */
static bool can_saturate(const bp_layer *layer)
{
    return !layer->is_input && !layer->is_output && bpi_activation_saturates(&layer->activation);
}

bp_status bpi_observation_create(bp_trainer *trainer)
{
    const bp_network *net = trainer->network;
    epoch_observation *seen = &trainer->observation;
    if (!bpi_wants_epoch_metrics(trainer))
        return BP_OK;
    seen->change = bpi_allocate_zeroed(&trainer->allocator, net->weight_count, sizeof *seen->change);
    seen->saturated = bpi_allocate_zeroed(&trainer->allocator, net->layer_count, sizeof *seen->saturated);
    if (seen->change == NULL || seen->saturated == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "bp_trainer_create: out of memory for the metrics of %zu weights",
                        net->weight_count);
    for (size_t i = 0; i < net->layer_count; i++)
        seen->samples_units |= can_saturate(net->layers[i]);
    return BP_OK;
}

void bpi_observation_destroy(bp_trainer *trainer)
{
    bpi_release(&trainer->allocator, trainer->observation.change);
    bpi_release(&trainer->allocator, trainer->observation.saturated);
}

void bpi_observation_reset(bp_trainer *trainer)
{
    trainer->observation.change_norm = 0;
    trainer->observation.is_sampled = false;
    trainer->observation.cases_until_sample = 0;
}

/* ------------------------------------------------------------- change of the weights */

/* Sums are cut into LANES parts, which compilers keep in vectors. */
enum { LANES = 8 };

typedef struct change_sums {
    double squares, products; /* of the change, and of it with the one before */
} change_sums;

static double total(const double lanes[LANES])
{
    double sum = 0;
    for (size_t i = 0; i < LANES; i++)
        sum += lanes[i];
    return sum;
}

/* Makes `change` that of this epoch. */
static change_sums measure_change(const bp_real *restrict start, const bp_real *restrict end,
                                  bp_real *restrict change, size_t count)
{
    double squares[LANES] = {0}, products[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        bp_real step[LANES];
        for (size_t lane = 0; lane < LANES; lane++)
            step[lane] = end[i + lane] - start[i + lane];
        for (size_t lane = 0; lane < LANES; lane++)
            squares[lane] += (double)step[lane] * (double)step[lane];
        for (size_t lane = 0; lane < LANES; lane++)
            products[lane] += (double)step[lane] * (double)change[i + lane];
        memcpy(change + i, step, sizeof step);
    }
    for (; i < count; i++) {
        bp_real step = end[i] - start[i];
        squares[i % LANES] += (double)step * (double)step;
        products[i % LANES] += (double)step * (double)change[i];
        change[i] = step;
    }
    return (change_sums){total(squares), total(products)};
}

static void observe_change(const bp_trainer *trainer, epoch_observation *seen)
{
    const bp_network *net = trainer->network;
    change_sums sums =
        measure_change(trainer->weights_snapshot, net->weights, seen->change, net->weight_count);
    double norms = seen->change_norm * sqrt(sums.squares);
    seen->update_norm = sqrt(sums.squares);
    seen->update_cosine = norms > 0 ? fmin(fmax(sums.products / norms, -1), 1) : NAN;
    seen->change_norm = seen->update_norm;
}

/* -------------------------------------------------------------------- saturated units */

/* About 1 % of the range of the outputs lies beyond these. */
static size_t count_saturated(const bp_layer *layer, const bp_real *y, size_t count)
{
    double least, most;
    bpi_activation_range(&layer->activation, &least, &most);
    const double margin = 0.01 * (most - least);
    const bp_real low = (bp_real)(least + margin), high = (bp_real)(most - margin);
    size_t saturated = 0;
    for (size_t i = 0; i < count; i++)
        saturated += (y[i] <= low) | (y[i] >= high);
    return saturated;
}

/* Cases at equal distances, as data of their own, which go forward block by block. */
static void sample_units(training_run *run, bp_data *sample, double *saturated)
{
    bp_workspace *workspace = run->trainer->workspace;
    const bp_network *net = run->trainer->network;
    sample->input_stride *= run->training.cases / sample->cases;
    const batch all = {.data = sample, .count = sample->cases};
    for (size_t i = 0; i < net->layer_count; i++)
        saturated[i] = can_saturate(net->layers[i]) ? 0 : NAN;
    for (size_t start = 0, rows; start < all.count; start += rows) {
        rows = bpi_block_rows(all.count - start, workspace->block_cases);
        bpi_load_inputs(workspace, &all, start, rows);
        bpi_forward(workspace, rows, false);
        for (size_t i = 0; i < net->layer_count; i++) {
            const bp_layer *layer = net->layers[i];
            if (can_saturate(layer))
                saturated[i] += (double)count_saturated(layer, workspace->outputs[i].y, rows * layer->units);
        }
    }
    for (size_t i = 0; i < net->layer_count; i++)
        saturated[i] /= (double)sample->cases * (double)net->layers[i]->units;
}

static void observe_units(training_run *run, epoch_observation *seen)
{
    seen->is_sampled = seen->samples_units && seen->cases_until_sample <= 0;
    if (seen->is_sampled) {
        bp_data sample = run->training;
        sample.cases = bpi_min(sample.cases, SAMPLE_CASES);
        sample_units(run, &sample, seen->saturated);
        seen->cases_until_sample = (double)CASES_PER_CASE * (double)sample.cases;
    }
    seen->cases_until_sample -= (double)run->cases;
}

void bpi_observe_epoch(training_run *run)
{
    observe_change(run->trainer, &run->trainer->observation);
    observe_units(run, &run->trainer->observation);
}
