#include "train/update.h"

#include <math.h>
#include <string.h>

#include "base/numeric.h"
#include "base/status.h"
#include "engine/fused_update.h"
#include "engine/gradient.h"
#include "engine/loss.h"
#include "engine/online.h"
#include "engine/unit_noise.h"
#include "engine/weight_parts.h"
#include "network/change_weights.h"
#include "train/batch.h"
#include "train/checkpoint_timer.h"
#include "train/gradient_hook.h"
#include "train/layer_noise.h"
#include "train/metrics.h"
#include "train/optimizer.h"
#include "train/part_rates.h"
#include "train/penalties.h"
#include "train/rates.h"
#include "train/stopping.h"
#include "train/weight_order.h"

/* With a time limit, online training reads the clock after as many cases as update about this many weights.
 * The first case of a run is timed alone, and so is every case with a custom loss, which may be slow. */
enum { WEIGHTS_BETWEEN_CLOCK_READS = 1 << 20 };

/* Requests to stop are noticed after about so many updated weights. */
enum { WEIGHTS_BETWEEN_REQUESTS = 1 << 24 };

/* Are the run's batches trained by the kernel of online training? A shorter one at the end of an epoch takes
 * the way of the others, since the kernel would take the weights over for it alone. A rule that compares E
 * reads the weights before each update. */
static bool trains_in_kernel(const training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    return !trainer->rule->compares_errors && !bpi_penalties_change_weights(trainer) &&
           bpi_trains_in_kernel(trainer->workspace, &run->training, run->batch_cases, &trainer->options.loss);
}

/* By momentum, many updates by single cases are made in one call, on whichever path. */
static bool trains_by_cases(const training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    return run->batch_cases == 1 && trainer->rule->kind == OPTIMIZER_MOMENTUM &&
           !bpi_penalties_change_weights(trainer);
}

/*
 * How an update is made, but for a gradient hook, which needs the gradient. The weights can be updated while
 * the gradient is computed if nothing else needs the whole gradient: no rule that makes steps of its own, no
 * norm (that of a single case is found without the gradient, and the kernel of online training finds its
 * own), no clipping by the norm. Updates by single cases, and by the batches that this kernel takes, are made
 * many in one call, if none is followed by another change of the weights.
 */
static update_branch branch_without_hook(const training_run *run, size_t cases)
{
    const bp_trainer *trainer = run->trainer;
    if (trainer->rule->make_update == NULL || bpi_penalties_change_gradient(trainer))
        return UPDATE_PLAIN;
    if (trains_in_kernel(run))
        return UPDATE_ONLINE;
    const bool is_by_case = trains_by_cases(run);
    if ((run->wants_norm && !is_by_case) ||
        !bpi_can_fuse_update(trainer->workspace, cases, &trainer->options.loss))
        return UPDATE_PLAIN;
    return is_by_case ? UPDATE_ONLINE : UPDATE_FUSED;
}

static bool suits_panels(const training_run *run, size_t cases, uint64_t updates)
{
    const bp_trainer *trainer = run->trainer;
    return bpi_can_update_in_panels(trainer->workspace, cases, &trainer->options.loss, updates);
}

/* May weights be in panels during fused updates? Not if a stream or a loss of the caller's, or the step after
 * an update, could find them there, nor with rules that look at all weights; a search looks often. */
static bool may_use_panels(const training_run *run, size_t cases)
{
    const bp_trainer *trainer = run->trainer;
    return run->window == NULL && !run->is_search && !trainer->rule->suits_whole_sets &&
           !bpi_penalties_change_weights(trainer) && !bpi_loss_is_custom(&trainer->options.loss) &&
           suits_panels(run, cases, UINT64_MAX);
}

/* Nothing of this depends on anything else that changes within a run. */
static update_branch branch_for(training_run *run, size_t cases)
{
    if (run->branch_cases != cases) {
        const update_branch branch = branch_without_hook(run, cases);
        run->branch = run->trainer->options.on_gradient != NULL ? UPDATE_PLAIN : branch;
        run->has_online_gradient = branch == UPDATE_ONLINE && trains_in_kernel(run);
        run->may_use_panels = run->branch == UPDATE_FUSED && may_use_panels(run, cases);
        run->branch_cases = cases;
    }
    return run->branch;
}

/* ------------------------------------------------------------ common to all branches */

void bpi_take_snapshot(training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    bpi_copy_weights_in_rows(trainer, trainer->weights_snapshot);
    run->has_snapshot = true;
}

static optimizer_step next_step(const bp_trainer *trainer)
{
    return (optimizer_step){
        .kernel = trainer->network->kernel,
        .weights = bpi_change_weights(trainer->network),
        .gradient = trainer->gradient,
        .state = trainer->state.vectors,
        .state_stride = trainer->network->weight_count,
        .count = trainer->network->weight_count,
        .learning_rate = trainer->learning_rate,
        .momentum = trainer->momentum,
        .decay = trainer->decay,
        .penalty = trainer->penalty,
        .clip_value = trainer->options.clip_value,
        .l1 = trainer->options.l1,
        .decay_factor = 1,
        .optimizer = &trainer->options.optimizer,
        .scalars = trainer->state.scalars,
        .work = trainer->work,
        .number = trainer->state.updates + 1,
    };
}

/* What the gradient, a sum over so many cases, is multiplied by. */
static bp_real mean_factor(const bp_trainer *trainer, size_t cases)
{
    return trainer->options.reduction == BP_REDUCE_SUM ? 1 : 1 / (bp_real)cases;
}

/* E of an update, a sum over so many cases, or their mean likewise. */
static double reduced_error(const bp_trainer *trainer, double error, size_t cases)
{
    return trainer->options.reduction == BP_REDUCE_SUM ? error : error / (double)cases;
}

void bpi_count_updates(training_run *run, size_t updates)
{
    run->trainer->updates += updates;
    run->trainer->state.updates += updates;
    run->updates += updates;
    bpi_invalidate_metrics(run);
}

/* A gradient for each update. */
static void count_evaluations(training_run *run, size_t updates)
{
    run->trainer->evaluations += updates;
    run->evaluations += updates;
}

/* Is a snapshot of the weights to be taken now? Not by a search, which may come in the middle of an epoch. */
static bool wants_snapshot(const training_run *run)
{
    return run->trainer->epoch.done == 0 && !run->is_search;
}

/* BP_DIVERGED unless E of a batch is finite. The snapshot is taken only now, since weights whose E is
 * infinite are not worth restoring. In a search, a gradient hook learns of it first. */
static bp_status accept_error(training_run *run, const batch_error *error)
{
    if (run->is_search && run->trainer->options.on_gradient != NULL)
        return BP_OK;
    if (!isfinite(error->error))
        return bpi_run_diverged(run, "the error");
    if (wants_snapshot(run))
        bpi_take_snapshot(run);
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

/* Cases of the next call, in batches of `batch_cases`: all that are left, or as many as may pass before a
 * limit is checked or the rates change. */
static size_t online_case_count(const training_run *run, size_t batch_cases)
{
    const bp_trainer *trainer = run->trainer;
    const size_t left = bpi_cases_left(run), batches_left = left / batch_cases + (left % batch_cases > 0);
    uint64_t allowed = WEIGHTS_BETWEEN_REQUESTS / (trainer->network->weight_count + 1);
    if (run->is_search)
        allowed = bpi_min_u64(allowed, run->max_updates - run->updates);
    else if (run->has_limits)
        allowed = bpi_min_u64(allowed, bpi_stopping_updates_left(&trainer->stopping, run->updates));
    if (run->has_time_rule || bpi_checkpoint_has_clock(run))
        allowed =
            bpi_min_u64(allowed, run->updates == 0 || bpi_loss_is_custom(&trainer->options.loss)
                                     ? 0
                                     : WEIGHTS_BETWEEN_CLOCK_READS / (trainer->network->weight_count + 1));
    allowed = bpi_min_u64(allowed, bpi_updates_until_checkpoint(run));
    if (allowed == 0 || atomic_load(&trainer->stop_requested))
        allowed = 1;
    allowed = bpi_min_u64(allowed, batches_left);
    if (!run->is_search)
        allowed = bpi_updates_at_same_rates(trainer, allowed);
    return allowed < batches_left ? (size_t)allowed * batch_cases : left;
}

/* The updates of a call, of which only the rule's own numbers may change from one to the next. */
typedef struct update_source {
    const bp_trainer *trainer;
    const optimizer_step *step;
    bp_real gradient_factor;
} update_source;

static void prepare_next(void *context, weight_update *update)
{
    const update_source *source = context;
    const optimizer_rule *rule = source->trainer->rule;
    if (rule->prepare != NULL)
        rule->prepare(source->step, source->trainer->workspace);
    rule->make_update(source->step, update);
    update->gradient_factor = source->gradient_factor;
}

static bp_status update_online(training_run *run, batch *cases)
{
    bp_trainer *trainer = run->trainer;
    epoch_state *epoch = &trainer->epoch;
    online_run *online = &run->online;
    optimizer_step step = next_step(trainer);
    update_source source = {trainer, &step, mean_factor(trainer, run->batch_cases)};
    online->batch_cases = run->batch_cases;
    cases->count = online_case_count(run, online->batch_cases);
    online->cases = cases;
    online->loss = &trainer->options.loss;
    prepare_next(&source, &online->update);
    bpi_parts_set_rates(trainer, &step, 1);
    online->prepare = trainer->rule->prepare == NULL ? NULL : prepare_next;
    online->context = &source;
    online->gradient = trainer->gradient;
    online->weights_snapshot = wants_snapshot(run) ? trainer->weights_snapshot : NULL;
    online->wants_squares = run->wants_norm;
    online->spares_biases = trainer->parts.spares_biases;
    online->error = (batch_error){epoch->error, epoch->max_abs_error};
    online->max_squared_norm = 0;
    bp_status status = bpi_train_online("bp_trainer_run", trainer->workspace, online);
    bpi_change_weights(trainer->network); /* a loss of the caller's may have looked between two cases */
    run->has_snapshot |= online->weights_snapshot != NULL && online->done > 0;
    epoch->done += online->done;
    epoch->error = online->error.error;
    epoch->max_abs_error = online->error.max_abs_error;
    epoch->gradient_norm = fmax(epoch->gradient_norm, sqrt(online->max_squared_norm));
    const size_t updates = online->done / online->batch_cases + (online->done % online->batch_cases > 0);
    count_evaluations(run, updates);
    bpi_count_updates(run, updates);
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
    step.error = reduced_error(trainer, error.error, cases->count);
    if (trainer->rule->prepare != NULL)
        trainer->rule->prepare(&step, trainer->workspace);
    weight_update update;
    trainer->rule->make_update(&step, &update);
    update.gradient_factor = mean_factor(trainer, cases->count);
    bpi_parts_set_rates(trainer, &step, update.gradient_factor);
    bpi_fused_update(trainer->workspace, cases->count, &update, trainer->gradient);
    bpi_penalties_after(trainer, &step);
    count_evaluations(run, 1);
    bpi_count_updates(run, 1);
    return BP_OK;
}

/* ------------------------------------------------------------------------- plain */

static void reduce(const bp_trainer *trainer, size_t cases)
{
    const bp_real factor = mean_factor(trainer, cases);
    if (factor != 1)
        trainer->network->kernel->multiply_all(trainer->gradient, trainer->network->weight_count, factor);
}

/* [RHW86], iterative nets: the average of dE/dw over the corresponding weights, if the option is set. */
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

/* The gradient of an empty batch, which only a hook asks for, is 0. */
static bp_status find_gradient(training_run *run, const batch *cases, batch_error *error)
{
    bp_trainer *trainer = run->trainer;
    if (cases->count == 0) {
        memset(trainer->gradient, 0, trainer->network->weight_count * sizeof *trainer->gradient);
        *error = (batch_error){0};
        return BP_OK;
    }
    if (run->has_online_gradient)
        bpi_online_gradient(trainer->workspace, run->batch_cases, cases, &trainer->options.loss,
                            trainer->gradient, error);
    else
        BPI_TRY(bpi_batch_gradient("bp_trainer_run", trainer->workspace, cases, &trainer->options.loss,
                                   trainer->gradient, error));
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
    bpi_clear_frozen(trainer->workspace, trainer->gradient);
    if (run->reason != BP_STOP_NONE)
        return BP_OK;
    if (run->wants_norm)
        epoch->gradient_norm = fmax(epoch->gradient_norm, gradient_norm(trainer));
    optimizer_step step = next_step(trainer);
    step.error = reduced_error(trainer, error.error, cases->count);
    bpi_parts_set_rates(trainer, &step, 0);
    bpi_penalties_before(trainer, &step);
    BPI_TRY(bpi_optimizer_step(trainer->rule, trainer->workspace, &step));
    bpi_penalties_after(trainer, &step);
    bpi_change_weights(trainer->network); /* a rule of the caller's may have looked at a part of the change */
    add_batch(epoch, cases, &error);
    epoch->hook_error += run->hook_error;
    count_evaluations(run, 1);
    bpi_count_updates(run, 1);
    return BP_OK;
}

/* ------------------------------------------------------------------- one update */

/* For so many more updates, it is supposed, nobody looks at the weights: up to the end of the epoch or a
 * checkpoint, or for as long as nobody has. */
static uint64_t unseen_updates(const training_run *run, size_t cases)
{
    const uint64_t left = bpi_cases_left(run) / cases, passed = run->updates - run->seen_at;
    return bpi_min_u64(left > passed ? left : passed, bpi_updates_until_checkpoint(run));
}

/* Weights that are in panels stay there while they may. */
static void choose_order(const training_run *run, size_t cases)
{
    bp_trainer *trainer = run->trainer;
    if (!run->may_use_panels)
        bpi_use_rows(trainer);
    else if (!trainer->workspace->has_input_panels && suits_panels(run, cases, unseen_updates(run, cases)))
        bpi_use_panels(trainer);
}

static bp_status update(training_run *run)
{
    batch cases = bpi_next_batch(run);
    const update_branch branch = branch_for(run, cases.count);
    choose_order(run, cases.count);
    if (branch == UPDATE_ONLINE)
        return update_online(run, &cases);
    return branch == UPDATE_FUSED ? update_fused(run, &cases) : update_plain(run, &cases);
}

bp_status bpi_update(training_run *run)
{
    bpi_noise_begin_update(run);
    const bp_status status = update(run);
    bpi_noise_off(run->trainer->workspace);
    return status;
}
