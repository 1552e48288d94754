#include "train/epoch.h"

#include <math.h>
#include <string.h>

#include "train/adaptive_rate.h"
#include "train/automatic.h"
#include "train/batch.h"
#include "train/diagnosis.h"
#include "train/epoch_metrics.h"
#include "train/history.h"
#include "train/history_file.h"
#include "train/iteration.h"
#include "train/metrics.h"
#include "train/rates.h"
#include "train/stopping.h"
#include "train/trainer.h"
#include "train/update.h"
#include "train/window.h"

/* An epoch whose cases are all in memory, or come window by window. */
static void begin(training_run *run, size_t window)
{
    run->trainer->epoch = (epoch_state){.begun = true,
                                        .cases = run->cases,
                                        .window = window,
                                        .weights_changed = run->trainer->network->weights_changed};
}

static bool is_in_progress(const training_run *run, size_t window)
{
    const epoch_state *epoch = &run->trainer->epoch;
    return epoch->begun && epoch->cases == run->cases && epoch->window == window;
}

bp_status bpi_epoch_begin(training_run *run)
{
    if (run->window != NULL) {
        if (!is_in_progress(run, run->window->capacity))
            begin(run, run->window->capacity);
        return bpi_window_provide(run);
    }
    if (is_in_progress(run, 0) && (!run->is_shuffled || run->trainer->order_cases == run->cases))
        return BP_OK;
    begin(run, 0);
    if (run->is_shuffled)
        bpi_draw_order(run->trainer, run->cases);
    return BP_OK;
}

bool bpi_epoch_is_complete(const training_run *run)
{
    const epoch_state *epoch = &run->trainer->epoch;
    return epoch->done == epoch->cases && !epoch->more_batches;
}

/* Applies the limits that hold within an epoch. */
static void apply_limits(training_run *run)
{
    if (!run->has_limits)
        return;
    const stop_rules *rules = &run->trainer->stopping;
    stop_metrics metrics = {.updates = run->updates,
                            .seconds = run->has_time_rule ? bpi_run_seconds(run) : 0};
    size_t rule = bpi_stopping_limit(rules, &metrics);
    if (rule < rules->count) {
        run->rule = rule;
        run->reason = (bp_stop_reason)rules->rules[rule].kind;
    }
}

void bpi_epoch_continue(training_run *run)
{
    if (bpi_rates_change_by_update(run->trainer))
        bpi_update_rates(run->trainer);
    apply_limits(run);
}

/* ------------------------------------------------------------- end of an epoch */

static void update_best(training_run *run)
{
    if (run->validation.cases == 0)
        return;
    bp_trainer *trainer = run->trainer;
    const bp_network *net = trainer->network;
    best_epoch *best = &trainer->best;
    double error = bpi_validation_metrics(run)->mean_error;
    bool better = best->epoch == 0 ? isfinite(error) : error < best->validation_error;
    if (!better)
        return;
    best->epoch = trainer->epochs;
    best->validation_error = error;
    best->error = trainer->epoch.error / (double)trainer->epoch.cases;
    memcpy(best->weights, net->weights, net->weight_count * sizeof *net->weights);
}

/* Those of the epoch that ends. */
static void find_metrics(training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    const epoch_state *epoch = &trainer->epoch;
    const bool wants_time = run->has_time_rule || bpi_wants_epoch_metrics(trainer);
    stop_metrics *metrics = &run->epoch_metrics;
    metrics->error = epoch->error;
    metrics->mean_error = epoch->error / (double)epoch->cases;
    metrics->max_abs_error = epoch->max_abs_error;
    metrics->validation_error = run->validation.cases > 0 ? bpi_validation_metrics(run)->mean_error : NAN;
    metrics->gradient_norm = epoch->gradient_norm;
    metrics->epochs = run->epochs;
    metrics->updates = run->updates;
    metrics->seconds = wants_time ? bpi_run_seconds(run) : 0;
    metrics->negligible_error = bpi_negligible_error(trainer);
}

static bp_progress make_progress(training_run *run, const stop_metrics *metrics)
{
    const bp_trainer *trainer = run->trainer;
    return (bp_progress){
        .size = sizeof(bp_progress),
        .epoch = trainer->epochs,
        .updates = trainer->updates,
        .error = metrics->error,
        .mean_error = metrics->mean_error,
        .validation_error = metrics->validation_error,
        .validation_accuracy = run->validation.cases > 0 ? bpi_validation_metrics(run)->accuracy : NAN,
        .best_validation_error = trainer->best.validation_error,
        .best_epoch = trainer->best.epoch,
        .gradient_norm = metrics->gradient_norm,
        .learning_rate = trainer->learning_rate,
        .momentum = trainer->momentum,
        .seconds = metrics->seconds,
        .update_norm = trainer->observation.update_norm,
        .update_cosine = trainer->observation.update_cosine,
        .saturated = trainer->observation.is_sampled ? trainer->observation.saturated : NULL,
        .layer_count = trainer->network->layer_count,
        .start = run->start_number,
        .start_count = run->start_count,
        .evaluations = trainer->evaluations,
    };
}

/* The rates of the next epoch are set before the callback, so that it can read and change them. */
static void report(training_run *run, const stop_metrics *metrics)
{
    bp_trainer *trainer = run->trainer;
    const bp_trainer_options *options = &trainer->options;
    if (!bpi_wants_epoch_metrics(trainer)) {
        bpi_advance_rates(trainer);
        return;
    }
    bpi_run_flush_weights(run);
    bpi_observe_epoch(run);
    bp_progress progress = make_progress(run, metrics);
    bpi_history_files_add(trainer, &progress);
    bpi_advance_rates(trainer);
    if (options->on_epoch == NULL)
        return;
    trainer->reported = run;
    if (options->on_epoch(options->on_epoch_context, trainer, &progress) != 0)
        run->reason = BP_STOP_CALLBACK;
    trainer->reported = NULL;
    bpi_invalidate_metrics(run); /* the callback may have set weights */
}

/* Does a rule that fires with the metrics of the epoch hold for the current weights, too? */
static bool is_confirmed(training_run *run, size_t rule, const stop_metrics *metrics)
{
    const stop_rules *rules = &run->trainer->stopping;
    if (!bpi_stopping_needs_confirmation(rules, rule))
        return true;
    const batch_error *current = bpi_training_metrics(run);
    stop_metrics now = *metrics;
    now.error = current->error;
    now.mean_error = current->error / (double)run->cases;
    now.max_abs_error = current->max_abs_error;
    return bpi_stopping_fires(rules, rule, &now);
}

static void apply_rules(training_run *run, const stop_metrics *metrics)
{
    const stop_rules *rules = &run->trainer->stopping;
    size_t rule = bpi_stopping_next(rules, 0, metrics);
    while (rule < rules->count && !is_confirmed(run, rule, metrics))
        rule = bpi_stopping_next(rules, rule + 1, metrics);
    if (rule == rules->count)
        return;
    run->rule = rule;
    run->reason = (bp_stop_reason)rules->rules[rule].kind;
}

static bool weights_are_finite(const training_run *run)
{
    const bp_network *net = run->trainer->network;
    return run->online.weights_in_kernel ? run->online.finite
                                         : net->kernel->all_finite(net->weights, net->weight_count);
}

void bpi_epoch_judge(training_run *run)
{
    if (run->ends_epoch)
        apply_rules(run, &run->epoch_metrics);
    else
        apply_limits(run);
}

/* The bold driver comes first, so that all that follows is of the weights that training goes on from. */
bp_status bpi_epoch_end(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    if (trainer->is_scheduled)
        bpi_judge_epoch(run);
    if (!weights_are_finite(run))
        return bpi_run_diverged(run, "a weight");
    trainer->epoch.begun = false;
    trainer->epochs++;
    run->epochs++;
    update_best(run);
    find_metrics(run);
    const stop_metrics *metrics = &run->epoch_metrics;
    bpi_history_add(trainer, metrics);
    run->ends_epoch = true;
    bpi_stopping_observe(&trainer->stopping, metrics);
    run->is_unstable = bpi_diagnose_epoch(run, metrics);
    if (trainer->is_scheduled)
        bpi_watch_plateau(run, metrics);
    report(run, metrics);
    if (run->reason == BP_STOP_NONE)
        apply_rules(run, metrics);
    if (run->reason == BP_STOP_NONE && bpi_iteration_is_last(run))
        run->reason = BP_STOP_NO_PROGRESS;
    return BP_OK;
}
