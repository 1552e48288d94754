#include "train/train_loop.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/status.h"
#include "network/change_weights.h"
#include "network/trainable.h"
#include "train/anneal.h"
#include "train/automatic.h"
#include "train/checkpoint_timer.h"
#include "train/diagnosis.h"
#include "train/epoch.h"
#include "train/finding.h"
#include "train/history.h"
#include "train/iteration.h"
#include "train/metrics.h"
#include "train/part_rates.h"
#include "train/rate_search.h"
#include "train/rates.h"
#include "train/recovery.h"
#include "train/recovery_limit.h"
#include "train/resume.h"
#include "train/update.h"

/* ------------------------------------------------------------------------- a step */

/* After a run that handed back its best weights, training goes on from its last ones, unless the caller has
 * changed the weights since, or frozen some, which stay as he saw them then. */
static void use_last_weights(bp_trainer *trainer)
{
    const bp_network *net = trainer->network;
    const size_t bytes = net->weight_count * sizeof *net->weights;
    if (trainer->has_last_weights && memcmp(net->weights, trainer->best.weights, bytes) == 0 &&
        bpi_have_equal_frozen(net, net->weights, trainer->last_weights))
        memcpy(bpi_change_weights(trainer->network), trainer->last_weights, bytes);
    trainer->has_last_weights = false;
}

/* A request prevails over a rule that fires at the same update. */
static void hear_request(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    if (!atomic_load(&trainer->stop_requested))
        return;
    atomic_store(&trainer->stop_requested, 0);
    run->reason = BP_STOP_REQUESTED;
    run->rule = trainer->stopping.count;
}

/* One update or several, and what follows from it. */
static bp_status train_step(training_run *run)
{
    run->ends_epoch = false;
    BPI_TRY(bpi_epoch_begin(run));
    BPI_TRY(run->trainer->rule->iterate != NULL ? bpi_iterate(run) : bpi_update(run));
    if (run->reason != BP_STOP_NONE)
        return BP_OK;
    if (bpi_epoch_is_complete(run))
        BPI_TRY(bpi_epoch_end(run));
    else
        bpi_epoch_continue(run);
    BPI_TRY(bpi_require_in_progress(run));
    hear_request(run);
    return BP_OK;
}

/* After a step: divergence and overshoot are recovered from, if that is allowed, else reported. */
static bp_status check_stability(training_run *run, bp_status status)
{
    if (status == BP_DIVERGED || (status == BP_OK && run->is_unstable && run->reason == BP_STOP_NONE)) {
        if (bpi_may_recover(run)) {
            status = bpi_recover(run);
            if (run->reason == BP_STOP_NONE) {
                bpi_epoch_continue(run); /* a limit may have been reached */
                hear_request(run);
            }
        } else if (status == BP_OK) {
            bpi_report_large_rate(run, false);
        }
        run->may_diverge = bpi_may_recover(run);
        run->is_unstable = false;
    }
    return status;
}

/* The best epoch of earlier runs is kept only if their validation cases were these: if it has the same error
 * now; and if its weights were those that are frozen now. */
static void recheck_best(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    const bp_network *net = trainer->network;
    const size_t bytes = net->weight_count * sizeof *net->weights;
    if (trainer->best.epoch == 0)
        return;
    if (bpi_have_equal_frozen(net, net->weights, trainer->best.weights)) {
        if (run->validation.cases == 0)
            return;
        memcpy(trainer->gradient, net->weights, bytes);
        memcpy(bpi_change_weights(trainer->network), trainer->best.weights, bytes);
        double error = bpi_validation_metrics(run)->mean_error;
        memcpy(bpi_change_weights(trainer->network), trainer->gradient, bytes);
        bpi_invalidate_metrics(run);
        if (error == trainer->best.validation_error)
            return;
    }
    trainer->best.epoch = 0;
    trainer->best.validation_error = NAN;
}

/* What a step is followed by: recovery, and smaller rates instead of an end. */
static bp_status act_on_step(training_run *run, bp_status status)
{
    BPI_TRY(check_stability(run, status));
    bpi_anneal(run);
    return BP_OK;
}

/* From the weights as they are, or those that the run of a checkpoint began with. True if it goes on from
 * that. */
static bool start(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    run->start = bpi_clock_seconds();
    const bool goes_on = bpi_resume(run);
    if (!goes_on)
        memcpy(trainer->start_weights, trainer->network->weights,
               trainer->network->weight_count * sizeof *trainer->start_weights);
    use_last_weights(trainer);
    bpi_parts_hold(trainer);
    bpi_clear_verdicts(trainer);
    if (!goes_on)
        recheck_best(run);
    return goes_on;
}

/* ------------------------------------------------------------- an end that must wait */

static bool is_finite(training_run *run)
{
    const bp_network *net = run->trainer->network;
    bpi_run_flush_weights(run);
    return net->kernel->all_finite(net->weights, net->weight_count) &&
           isfinite(bpi_training_metrics(run)->error);
}

/* Steps up to the one after which training is rolled back, unless a rule ends it before, or the numbers
 * become finite again. */
static bp_status train_until_recovered(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    const int recoveries = trainer->recoveries;
    bpi_epoch_judge(run);
    if (run->reason == BP_STOP_NONE)
        BPI_TRY(act_on_step(run, BP_OK));
    while (run->reason == BP_STOP_NONE && trainer->recoveries == recoveries &&
           !(run->ends_epoch && is_finite(run))) {
        BPI_TRY(bpi_history_reserve(trainer));
        BPI_TRY(act_on_step(run, train_step(run)));
    }
    return BP_OK;
}

/* A run that is interrupted just after the update by which training diverges goes on until it has recovered
 * from that, as it would have done without an interruption. */
static bp_status interrupt(training_run *run)
{
    const bp_stop_reason reason = run->reason;
    if ((reason != BP_STOP_REQUESTED && reason != BP_STOP_CALLBACK) || !bpi_may_recover(run) ||
        bpi_waits_for_rate(run->trainer) || is_finite(run))
        return BP_OK;
    run->reason = BP_STOP_NONE;
    BPI_TRY(train_until_recovered(run));
    if (run->reason == BP_STOP_NONE) {
        run->reason = reason;
        run->rule = run->trainer->stopping.count;
    }
    return BP_OK;
}

/* ------------------------------------------------------------------------ all steps */

bp_status bpi_train_loop(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    const bool goes_on = start(run);
    bpi_reset_annealing(trainer);
    BPI_TRY(bpi_choose_rate(run));
    bpi_update_rates(trainer);
    if (run->reason == BP_STOP_NONE) /* after the rate, when it has been found */
        bpi_note_rules(trainer);
    trainer->network->weights_drawn = false;
    run->may_diverge = bpi_may_recover(run);
    bpi_checkpoints_begin(run);
    if (goes_on && run->reason == BP_STOP_NONE) {
        bpi_epoch_judge(run);
        BPI_TRY(act_on_step(run, BP_OK));
    }
    while (run->reason == BP_STOP_NONE) {
        BPI_TRY(bpi_history_reserve(trainer));
        BPI_TRY(act_on_step(run, train_step(run)));
        bpi_checkpoint_if_due(run);
    }
    BPI_TRY(interrupt(run));
    return bpi_run_stream_status(run);
}
