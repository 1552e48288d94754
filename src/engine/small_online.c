#include "engine/small_online.h"

#include "engine/load.h"
#include "engine/small_values.h"
#include "small/lanes.h"

/* Fills `losses`, which the run refers to. */
static small_online_run make_run(const bp_workspace *workspace, bool by_lanes, const bp_loss *loss,
                                 small_loss losses[])
{
    const small_table *kernels = workspace->small_kernels;
    small_online_run run = {.net = workspace->small, .losses = losses, .scratch = workspace->scratch};
    bpi_small_find_losses(workspace->network, loss, losses);
    if (by_lanes) {
        run.net = workspace->padded;
        run.unpadded = workspace->small;
        run.run_pass = kernels->run_pass;
        run.pass_scratch = kernels->pass_scratch(workspace->padded);
    }
    return run;
}

static const small_online_table *kernels_of(const bp_workspace *workspace, bool by_lanes)
{
    return by_lanes ? &bpi_small_lanes : workspace->online_kernels;
}

/* Points the run at cases start .. : all of them in the caller's arrays or, if they are scaled, as many whole
 * batches as fit into a block of the workspace. */
static void point_at_cases(bp_workspace *workspace, const batch *cases, size_t start, small_values values[],
                           small_online_run *run)
{
    const bp_data *data = cases->data;
    run->values = values;
    run->count = cases->count - start;
    if (!bpi_needs_load(workspace)) {
        bpi_small_point_at(workspace, cases, false, values);
        run->order = cases->order == NULL ? NULL : cases->order + start;
        run->first = cases->first + start;
        run->targets = data->targets;
        run->target_stride = data->target_stride;
        run->case_weights = data->case_weights;
        return;
    }
    if (run->count > workspace->block_cases)
        run->count = workspace->block_cases - workspace->block_cases % run->batch;
    bpi_load_block(workspace, cases, start, run->count);
    bpi_small_point_at(workspace, NULL, false, values);
    run->order = NULL;
    run->first = 0;
    run->targets = workspace->targets;
    run->target_stride = workspace->target_stride;
    run->case_weights = workspace->case_weights;
}

static void begin(bp_workspace *workspace, online_run *run)
{
    run->small = make_run(workspace, run->by_lanes, run->loss, run->losses);
    run->small.update = &run->update;
    run->small.wants_squared_norm = run->wants_squares;
    run->small.spares_biases = run->spares_biases;
    kernels_of(workspace, run->by_lanes)->begin(&run->small);
    run->weights_in_kernel = true;
}

/* Rates are those of this call; loss, vectors and wants_squares those of the call that began the run. */
void bpi_small_online_train(bp_workspace *workspace, online_run *run)
{
    small_values values[SMALL_MAX_LAYERS];
    small_online_run *kernel_run = &run->small;
    if (!run->weights_in_kernel)
        begin(workspace, run);
    kernel_run->batch = run->batch_cases;
    kernel_run->takes_mean = run->update.gradient_factor != 1;
    kernel_run->is_prepared = true;
    kernel_run->prepare = run->prepare;
    kernel_run->context = run->context;
    kernel_run->takes_snapshot = run->weights_snapshot != NULL;
    if (kernel_run->takes_snapshot)
        kernel_run->weights_snapshot = run->weights_snapshot;
    kernel_run->error = run->error.error;
    kernel_run->max_abs_error = run->error.max_abs_error;
    kernel_run->max_squared_norm = run->max_squared_norm;
    do {
        point_at_cases(workspace, run->cases, run->done, values, kernel_run);
        kernels_of(workspace, run->by_lanes)->train(kernel_run);
        run->done += kernel_run->done;
        kernel_run->takes_snapshot = false;
    } while (kernel_run->done == kernel_run->count && run->done < run->cases->count);
    run->finite = kernel_run->finite;
    run->error = (batch_error){.error = kernel_run->error, .max_abs_error = kernel_run->max_abs_error};
    run->max_squared_norm = kernel_run->max_squared_norm;
}

void bpi_small_online_flush(const bp_workspace *workspace, online_run *run)
{
    kernels_of(workspace, run->by_lanes)->end(&run->small);
    run->weights_in_kernel = false;
}

void bpi_small_online_gradient(bp_workspace *workspace, bool by_lanes, const batch *cases,
                               const bp_loss *loss, bp_real *gradient, batch_error *result)
{
    const small_online_table *kernels = kernels_of(workspace, by_lanes);
    small_values values[SMALL_MAX_LAYERS];
    small_loss losses[SMALL_MAX_LAYERS];
    weight_update update = {.weights = workspace->network->changing_weights}; /* which stay as they are */
    small_online_run run = make_run(workspace, by_lanes, loss, losses);
    run.update = &update;
    run.gradient = gradient;
    run.batch = cases->count;
    kernels->begin(&run);
    point_at_cases(workspace, cases, 0, values, &run);
    kernels->train(&run);
    kernels->end(&run);
    *result = (batch_error){.error = run.error, .max_abs_error = run.max_abs_error};
}
