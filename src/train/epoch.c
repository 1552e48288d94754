#include "train/epoch.h"

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "model/per_case.h"

/* Single cases go together until their changes come to so many weights, if a rule looks at the clock. The
 * first goes alone, and so do those with a loss of the caller's, who may take his time. */
enum { WEIGHTS_BETWEEN_LOOKS = 1 << 20 };

/* -------------------------------------------------------------------- beginning */

size_t bpi_batch_cases(const bp_trainer *trainer, size_t cases)
{
    size_t wanted = trainer->options.batch_size;
    return wanted == 0 || wanted > cases ? cases : wanted;
}

bool bpi_epoch_is_shuffled(const bp_trainer *trainer, size_t cases)
{
    return trainer->options.shuffle && bpi_batch_cases(trainer, cases) < cases;
}

/* Each order is drawn from the one before it, so only the first begins with the cases as they stand. */
static void draw_order(bp_trainer *trainer, size_t cases)
{
    if (trainer->order_cases != cases)
        for (size_t i = 0; i < cases; i++)
            trainer->order[i] = i;
    trainer->order_cases = cases;
    bpi_random_shuffle(&trainer->stream, trainer->order, cases);
}

static void keep_weights(bp_trainer *trainer)
{
    const bp_network *net = trainer->network;
    memcpy(trainer->start_weights, net->weights, net->weight_count * sizeof *net->weights);
}

void bpi_epoch_begin(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    size_t cases = run->training.cases;
    if (trainer->epoch.begun && trainer->epoch.cases == cases)
        return;
    trainer->epoch = (epoch_state){.begun = true, .cases = cases};
    if (run->epochs == 0)
        keep_weights(trainer);
    if (bpi_epoch_is_shuffled(trainer, cases))
        draw_order(trainer, cases);
}

/* ------------------------------------------------------------------- one change */

static batch next_batch(const training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    const epoch_state *epoch = &trainer->epoch;
    size_t left = epoch->cases - epoch->done;
    size_t count = bpi_batch_cases(trainer, epoch->cases);
    batch cases = {.data = &run->training, .first = epoch->done, .count = count < left ? count : left};
    if (bpi_epoch_is_shuffled(trainer, epoch->cases))
        cases.order = trainer->order + epoch->done;
    return cases;
}

/* What the summed gradient is divided by: the cases of the batch, if their mean is asked for. */
static bp_real divisor(const bp_trainer *trainer, size_t cases)
{
    return trainer->options.reduction == BP_REDUCE_SUM ? 1 : (bp_real)cases;
}

static void reduce(const bp_trainer *trainer, size_t cases)
{
    bp_real by = divisor(trainer, cases);
    for (size_t i = 0; by != 1 && i < trainer->network->weight_count; i++)
        trainer->gradient[i] /= by;
}

/* [RHW86], iterative nets: the average of dE/dw over the corresponding weights, if that is asked for. */
static void average_shared(const bp_trainer *trainer)
{
    const bp_network *net = trainer->network;
    if (!trainer->options.average_shared || !net->has_shared_slices)
        return;
    for (size_t i = 0; i < net->slice_count; i++) {
        const vector_slice *slice = &net->slices[i];
        for (size_t j = 0; slice->places > 1 && j < slice->count; j++)
            trainer->gradient[slice->offset + j] /= (bp_real)slice->places;
    }
}

/* The gradient is looked at on both sides, so that the hook is blamed for what it did itself and no more. */
static bp_status call_hook(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    const bp_network *net = trainer->network;
    if (trainer->options.on_gradient == NULL)
        return BP_OK;
    if (!net->kernel->all_finite(trainer->gradient, net->weight_count))
        return bpi_run_diverged(run, "a derivative");
    bp_status status = trainer->options.on_gradient(trainer->options.on_gradient_context, trainer->gradient,
                                                    net->weight_count);
    if (status != BP_OK)
        return bpi_fail(status, "bp_trainer_run: on_gradient returned '%s' in epoch %zu",
                        bp_status_string(status), trainer->epochs + 1);
    if (!net->kernel->all_finite(trainer->gradient, net->weight_count))
        return bpi_fail(BP_ERROR_NOT_FINITE,
                        "bp_trainer_run: on_gradient left a derivative that is NaN or infinite in epoch %zu",
                        trainer->epochs + 1);
    return BP_OK;
}

/*
 * May the gradient change the weights as it is made? Only where nobody asks for it in between: a hook, a rule
 * that needs it whole, or somebody who looks at its norm, which for a single case needs no gradient. Single
 * cases then go many together.
 */
static bool changes_at_once(const training_run *run, size_t cases)
{
    const bp_trainer *trainer = run->trainer;
    return trainer->options.on_gradient == NULL && trainer->rule->as_change != NULL &&
           (!run->wants_norm || cases == 1) &&
           bpi_change_goes_with_gradient(trainer->network, cases, &trainer->options.loss);
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

static void count_changes(training_run *run, size_t changes)
{
    run->trainer->changes += changes;
    run->changes += changes;
    bpi_run_forget_figures(run);
}

static void change_weights(training_run *run, size_t cases, bool at_once)
{
    bp_trainer *trainer = run->trainer;
    optimizer_step step = next_step(trainer);
    if (at_once) {
        weight_change change = trainer->rule->as_change(&step);
        change.divisor = divisor(trainer, cases);
        bpi_batch_change(trainer->workspace, cases, &change, trainer->gradient);
    } else
        bpi_optimizer_step(trainer->rule, trainer->workspace, &step);
    count_changes(run, 1);
}

static double gradient_norm(const bp_trainer *trainer)
{
    const bp_network *net = trainer->network;
    return sqrt(net->kernel->sum_of_squares(trainer->gradient, net->weight_count));
}

static void add_figures(training_run *run, size_t cases, const batch_error *error)
{
    bp_trainer *trainer = run->trainer;
    epoch_state *epoch = &trainer->epoch;
    epoch->done += cases;
    epoch->error += error->error;
    if (error->largest_deviation > epoch->largest_deviation)
        epoch->largest_deviation = error->largest_deviation;
    if (run->wants_norm)
        epoch->gradient_norm = fmax(epoch->gradient_norm, gradient_norm(trainer));
}

/* All single cases that are left, or so many as may go by before a rule is asked. */
static size_t cases_together(const training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    size_t left = trainer->epoch.cases - trainer->epoch.done;
    if (!run->has_limits)
        return left;
    uint64_t allowed = bpi_stopping_changes_left(&trainer->stopping, run->changes);
    if (run->has_time_rule) {
        uint64_t soon = run->changes == 0 || trainer->options.loss.kind == LOSS_CUSTOM
                            ? 0
                            : WEIGHTS_BETWEEN_LOOKS / (trainer->network->weight_count + 1);
        allowed = soon < allowed ? soon : allowed;
    }
    if (allowed == 0)
        allowed = 1;
    return allowed < left ? (size_t)allowed : left;
}

/* The per-case rule. */
static bp_status change_by_cases(training_run *run, batch *cases)
{
    bp_trainer *trainer = run->trainer;
    epoch_state *epoch = &trainer->epoch;
    optimizer_step step = next_step(trainer);
    cases->count = cases_together(run);
    case_run *learning = &run->learning;
    learning->cases = cases;
    learning->loss = &trainer->options.loss;
    learning->change = trainer->rule->as_change(&step);
    learning->gradient = trainer->gradient;
    learning->keep = epoch->done == 0 ? trainer->start_weights : NULL;
    learning->wants_squares = run->wants_norm;
    learning->error = (batch_error){epoch->error, epoch->largest_deviation};
    learning->greatest_squares = 0;
    bp_status status = bpi_learn_cases("bp_trainer_run", trainer->workspace, learning);
    epoch->done += learning->done;
    epoch->error = learning->error.error;
    epoch->largest_deviation = learning->error.largest_deviation;
    epoch->gradient_norm = fmax(epoch->gradient_norm, sqrt(learning->greatest_squares));
    count_changes(run, learning->done);
    if (status == BP_OK && learning->done < cases->count)
        return bpi_run_diverged(run, "the error");
    return status;
}

bp_status bpi_epoch_change(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    batch cases = next_batch(run);
    batch_error error;
    bool at_once = changes_at_once(run, cases.count);
    if (at_once && cases.count == 1)
        return change_by_cases(run, &cases);
    bpi_run_settle_weights(run); /* a last batch of one case may have taken them away */
    BPI_TRY((cases.count == 1 ? bpi_case_gradient : bpi_batch_gradient)(
        "bp_trainer_run", trainer->workspace, &cases, &trainer->options.loss,
        at_once ? NULL : trainer->gradient, &error));
    if (!isfinite(error.error))
        return bpi_run_diverged(run, "the error");
    /* Only now: weights that make the error infinite are none to go back to. */
    if (trainer->epoch.done == 0)
        keep_weights(trainer);
    if (!at_once) {
        reduce(trainer, cases.count);
        average_shared(trainer);
        BPI_TRY(call_hook(run));
    }
    add_figures(run, cases.count, &error);
    change_weights(run, cases.count, at_once);
    return BP_OK;
}

bool bpi_epoch_is_complete(const training_run *run)
{
    const epoch_state *epoch = &run->trainer->epoch;
    return epoch->done == epoch->cases;
}

void bpi_epoch_check_limits(training_run *run)
{
    if (!run->has_limits)
        return;
    const stop_rules *rules = &run->trainer->stopping;
    stop_figures figures = {.changes = run->changes,
                            .seconds = run->has_time_rule ? bpi_run_seconds(run) : 0};
    size_t rule = bpi_stopping_limit(rules, &figures);
    if (rule < rules->count) {
        run->rule = rule;
        run->reason = (bp_stop_reason)rules->rules[rule].kind;
    }
}

/* ----------------------------------------------------------------------- its end */

static void keep_best(training_run *run)
{
    if (run->validation.cases == 0)
        return;
    bp_trainer *trainer = run->trainer;
    const bp_network *net = trainer->network;
    best_epoch *best = &trainer->best;
    double error = bpi_run_validated(run)->mean_error;
    bool better = best->epoch == 0 ? isfinite(error) : error < best->validation_error;
    if (!better)
        return;
    best->epoch = trainer->epochs;
    best->validation_error = error;
    memcpy(best->weights, net->weights, net->weight_count * sizeof *net->weights);
}

static stop_figures epoch_figures(training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    const epoch_state *epoch = &trainer->epoch;
    bool wants_time = run->has_time_rule || trainer->options.on_epoch != NULL;
    return (stop_figures){
        .error = epoch->error,
        .mean_error = epoch->error / (double)epoch->cases,
        .largest_deviation = epoch->largest_deviation,
        .validation_error = run->validation.cases > 0 ? bpi_run_validated(run)->mean_error : NAN,
        .gradient_norm = epoch->gradient_norm,
        .epochs = run->epochs,
        .changes = run->changes,
        .seconds = wants_time ? bpi_run_seconds(run) : 0,
    };
}

static bp_progress make_progress(training_run *run, const stop_figures *figures)
{
    const bp_trainer *trainer = run->trainer;
    return (bp_progress){
        .size = sizeof(bp_progress),
        .epoch = trainer->epochs,
        .changes = trainer->changes,
        .error = figures->error,
        .mean_error = figures->mean_error,
        .validation_error = figures->validation_error,
        .validation_accuracy = run->validation.cases > 0 ? bpi_run_validated(run)->accuracy : NAN,
        .best_validation_error = trainer->best.validation_error,
        .best_epoch = trainer->best.epoch,
        .gradient_norm = figures->gradient_norm,
        .learning_rate = trainer->learning_rate,
        .momentum = trainer->momentum,
        .seconds = figures->seconds,
    };
}

/* The rates of the coming epoch are in force before the callback is asked, so that it sees and sets them. */
static void report(training_run *run, const stop_figures *figures)
{
    bp_trainer *trainer = run->trainer;
    const bp_trainer_options *options = &trainer->options;
    if (options->on_epoch == NULL) {
        bpi_trainer_update_rates(trainer);
        return;
    }
    bpi_run_settle_weights(run);
    bp_progress progress = make_progress(run, figures);
    bpi_trainer_update_rates(trainer);
    if (options->on_epoch(options->on_epoch_context, trainer, &progress) != 0)
        run->reason = BP_STOP_CALLBACK;
    bpi_run_forget_figures(run); /* it may have set other weights */
}

/* Does a rule that fires with the figures of the epoch hold for the weights as they now are? */
static bool is_confirmed(training_run *run, size_t rule, const stop_figures *figures)
{
    const stop_rules *rules = &run->trainer->stopping;
    if (!bpi_stopping_needs_confirmation(rules, rule))
        return true;
    const batch_error *present = bpi_run_present(run);
    stop_figures now = *figures;
    now.error = present->error;
    now.mean_error = present->error / (double)run->training.cases;
    now.largest_deviation = present->largest_deviation;
    return bpi_stopping_fires(rules, rule, &now);
}

static void ask_rules(training_run *run, const stop_figures *figures)
{
    bp_trainer *trainer = run->trainer;
    const stop_rules *rules = &trainer->stopping;
    size_t rule = bpi_stopping_next(rules, 0, figures);
    while (rule < rules->count && !is_confirmed(run, rule, figures))
        rule = bpi_stopping_next(rules, rule + 1, figures);
    if (rule == rules->count)
        return;
    run->rule = rule;
    run->reason = (bp_stop_reason)rules->rules[rule].kind;
    if (run->reason == BP_STOP_VALIDATION && trainer->best.epoch != 0) {
        bpi_trainer_restore_best(trainer);
        bpi_run_forget_figures(run);
    }
}

bp_status bpi_epoch_end(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    const bp_network *net = trainer->network;
    if (!(run->learning.away ? run->learning.finite
                             : net->kernel->all_finite(net->weights, net->weight_count)))
        return bpi_run_diverged(run, "a weight");
    trainer->epoch.begun = false;
    trainer->epochs++;
    run->epochs++;
    bpi_history_add(trainer, trainer->epoch.error);
    keep_best(run);
    stop_figures figures = epoch_figures(run);
    bpi_stopping_observe(&trainer->stopping, &figures);
    report(run, &figures);
    if (run->reason == BP_STOP_NONE)
        ask_rules(run, &figures);
    return BP_OK;
}
