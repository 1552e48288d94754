#include "train/update.h"

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "engine/fused_update.h"
#include "engine/gradient.h"
#include "engine/loss.h"
#include "engine/online.h"
#include "train/batch.h"
#include "train/gradient_hook.h"
#include "train/metrics.h"
#include "train/optimizer.h"
#include "train/stopping.h"

/* If a rule looks at the clock, single cases go together until their updates come to so many weights. The
 * first goes alone, and so do those with a loss of the caller's, who may take his time. */
enum { WEIGHTS_BETWEEN_LOOKS = 1 << 20 };

/* How the weights are updated. */
typedef enum update_branch {
    UPDATE_ONLINE, /* by many single cases in one call */
    UPDATE_FUSED,  /* where the gradient is made */
    UPDATE_PLAIN   /* by the whole gradient, which others look at before */
} update_branch;

/*
 * The gradient can update the weights as it is made only where nobody needs it in between: no hook, no rule
 * that needs it whole, nobody who looks at its norm, which for a single case can be found without it.
 */
static update_branch choose_branch(const training_run *run, size_t cases)
{
    const bp_trainer *trainer = run->trainer;
    bool unseen = trainer->options.on_gradient == NULL && trainer->rule->as_fused_update != NULL &&
                  (!run->wants_norm || cases == 1);
    if (!unseen || !bpi_can_fuse_update(trainer->workspace, cases, &trainer->options.loss))
        return UPDATE_PLAIN;
    return cases == 1 ? UPDATE_ONLINE : UPDATE_FUSED;
}

/* ---------------------------------------------------------------- what all share */

static void take_snapshot(training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    const bp_network *net = trainer->network;
    memcpy(trainer->weights_snapshot, net->weights, net->weight_count * sizeof *net->weights);
    run->has_snapshot = true;
}

static optimizer_step next_step(const bp_trainer *trainer)
{
    return (optimizer_step){
        .kernel = trainer->network->kernel,
        .weights = trainer->network->weights,
        .gradient = trainer->gradient,
        .state = trainer->state,
        .state_stride = trainer->network->weight_count,
        .count = trainer->network->weight_count,
        .learning_rate = trainer->learning_rate,
        .momentum = trainer->momentum,
        .decay = trainer->options.weight_decay,
    };
}

/* What the summed gradient is divided by: the cases of the batch, if their mean is wanted. */
static bp_real divisor(const bp_trainer *trainer, size_t cases)
{
    return trainer->options.reduction == BP_REDUCE_SUM ? 1 : (bp_real)cases;
}

static void count_updates(training_run *run, size_t updates)
{
    run->trainer->updates += updates;
    run->updates += updates;
    bpi_invalidate_metrics(run);
}

/* BP_DIVERGED unless E of a batch is finite. Weights that make it infinite are none to go back to, so the
 * snapshot is taken only now. */
static bp_status accept_error(training_run *run, const batch_error *error)
{
    if (!isfinite(error->error))
        return bpi_run_diverged(run, "the error");
    if (run->trainer->epoch.done == 0)
        take_snapshot(run);
    return BP_OK;
}

static void add_batch(epoch_state *epoch, const batch *cases, const batch_error *error)
{
    epoch->done += cases->count;
    epoch->error += error->error;
    if (error->max_abs_error > epoch->max_abs_error)
        epoch->max_abs_error = error->max_abs_error;
}

/* ------------------------------------------------------------------------ online */

/* All single cases that are left, or so many as may go by before a rule is asked. */
static size_t cases_together(const training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    size_t left = trainer->epoch.cases - trainer->epoch.done;
    if (!run->has_limits)
        return left;
    uint64_t allowed = bpi_stopping_updates_left(&trainer->stopping, run->updates);
    if (run->has_time_rule) {
        uint64_t soon = run->updates == 0 || trainer->options.loss.kind == LOSS_CUSTOM
                            ? 0
                            : WEIGHTS_BETWEEN_LOOKS / (trainer->network->weight_count + 1);
        allowed = soon < allowed ? soon : allowed;
    }
    if (allowed == 0)
        allowed = 1;
    return allowed < left ? (size_t)allowed : left;
}

static bp_status update_online(training_run *run, batch *cases)
{
    bp_trainer *trainer = run->trainer;
    epoch_state *epoch = &trainer->epoch;
    online_run *online = &run->online;
    optimizer_step step = next_step(trainer);
    cases->count = cases_together(run);
    online->cases = cases;
    online->loss = &trainer->options.loss;
    online->update = trainer->rule->as_fused_update(&step);
    online->gradient = trainer->gradient;
    online->weights_snapshot = epoch->done == 0 ? trainer->weights_snapshot : NULL;
    online->wants_squares = run->wants_norm;
    online->error = (batch_error){epoch->error, epoch->max_abs_error};
    online->greatest_squares = 0;
    bp_status status = bpi_train_online("bp_trainer_run", trainer->workspace, online);
    run->has_snapshot |= online->weights_snapshot != NULL && online->done > 0;
    epoch->done += online->done;
    epoch->error = online->error.error;
    epoch->max_abs_error = online->error.max_abs_error;
    epoch->gradient_norm = fmax(epoch->gradient_norm, sqrt(online->greatest_squares));
    count_updates(run, online->done);
    if (status == BP_OK && online->done < cases->count)
        return bpi_run_diverged(run, "the error");
    return status;
}

/* ------------------------------------------------------------------------- fused */

static bp_status update_fused(training_run *run, const batch *cases)
{
    bp_trainer *trainer = run->trainer;
    batch_error error;
    BPI_TRY(bpi_batch_gradient("bp_trainer_run", trainer->workspace, cases, &trainer->options.loss, NULL,
                               &error));
    BPI_TRY(accept_error(run, &error));
    add_batch(&trainer->epoch, cases, &error);
    optimizer_step step = next_step(trainer);
    sgd_update update = trainer->rule->as_fused_update(&step);
    update.divisor = divisor(trainer, cases->count);
    bpi_fused_update(trainer->workspace, cases->count, &update, trainer->gradient);
    count_updates(run, 1);
    return BP_OK;
}

/* ------------------------------------------------------------------------- plain */

static void reduce(const bp_trainer *trainer, size_t cases)
{
    bp_real by = divisor(trainer, cases);
    for (size_t i = 0; by != 1 && i < trainer->network->weight_count; i++)
        trainer->gradient[i] /= by;
}

/* [RHW86], iterative nets: the average of dE/dw over the corresponding weights, if that is wanted. */
static void average_shared(const bp_trainer *trainer)
{
    const bp_network *net = trainer->network;
    if (!trainer->options.average_shared || !net->has_shared_slices)
        return;
    for (size_t i = 0; i < net->slice_count; i++) {
        const vector_slice *slice = &net->slices[i];
        for (size_t j = 0; slice->uses > 1 && j < slice->count; j++)
            trainer->gradient[slice->offset + j] /= (bp_real)slice->uses;
    }
}

static double gradient_norm(const bp_trainer *trainer)
{
    const bp_network *net = trainer->network;
    return sqrt(net->kernel->sum_of_squares(trainer->gradient, net->weight_count));
}

/* Of an empty batch, which only a hook asks for: zeros. */
static bp_status find_gradient(training_run *run, const batch *cases, batch_error *error)
{
    bp_trainer *trainer = run->trainer;
    if (cases->count == 0) {
        memset(trainer->gradient, 0, trainer->network->weight_count * sizeof *trainer->gradient);
        *error = (batch_error){0};
        return BP_OK;
    }
    BPI_TRY((cases->count == 1 ? bpi_online_gradient : bpi_batch_gradient)(
        "bp_trainer_run", trainer->workspace, cases, &trainer->options.loss, trainer->gradient, error));
    BPI_TRY(accept_error(run, error));
    reduce(trainer, cases->count);
    average_shared(trainer);
    return BP_OK;
}

static bp_status update_plain(training_run *run, const batch *cases)
{
    bp_trainer *trainer = run->trainer;
    epoch_state *epoch = &trainer->epoch;
    batch_error error;
    BPI_TRY(find_gradient(run, cases, &error));
    BPI_TRY(bpi_call_hook(run, cases, error.error));
    if (run->reason != BP_STOP_NONE)
        return BP_OK;
    add_batch(epoch, cases, &error);
    if (run->wants_norm)
        epoch->gradient_norm = fmax(epoch->gradient_norm, gradient_norm(trainer));
    optimizer_step step = next_step(trainer);
    bpi_optimizer_step(trainer->rule, trainer->workspace, &step);
    count_updates(run, 1);
    return BP_OK;
}

/* ------------------------------------------------------------------------- whole */

bp_status bpi_update(training_run *run)
{
    batch cases = bpi_next_batch(run);
    update_branch branch = choose_branch(run, cases.count);
    if (branch == UPDATE_ONLINE)
        return update_online(run, &cases);
    bpi_run_flush_weights(run); /* single cases before a last, larger batch may have left them in a kernel */
    return branch == UPDATE_FUSED ? update_fused(run, &cases) : update_plain(run, &cases);
}
