#include "train/rate_search.h"

#include <math.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "engine/error.h"
#include "engine/load.h"
#include "train/batch.h"
#include "train/epoch.h"
#include "train/finding.h"
#include "train/gradient_hook.h"
#include "train/metrics.h"
#include "train/rate_ladder.h"
#include "train/rates.h"
#include "train/saved_trainer.h"
#include "train/stopping.h"
#include "train/trainer.h"
#include "train/update.h"

void bp_rate_search_init(bp_rate_search *search, size_t size)
{
    bpi_init_struct(SIZED_RATE_SEARCH, search, size, NULL);
}

/* Puts all back but the optimizer's state: an update made with another rate would go on for a while, whatever
 * the rate that is tried. */
static void start_over(const saved_trainer *saved, training_run *run)
{
    bpi_put_back_trainer(saved, run);
    bpi_trainer_clear_state(run->trainer);
}

/* ------------------------------------------------------------------- a single rate */

/* A search: a run on the trainer with rates of its own, and the cases by which the rates are judged. */
typedef struct rate_test {
    training_run run;
    size_t *judged; /* cases, spread over all of them */
    size_t judged_count;
    uint64_t updates_per_rate;
    rate_ladder ladder;
    int rates_tried;
    double replies; /* the sum of the hook's mean errors with the present rate */
} rate_test;

/* A hook learns of divergence by numbers that are not finite, and so do the other machines. */
static bp_status tell_hook_of_divergence(training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    if (!bpi_is_judged_by_hook(run))
        return BP_DIVERGED;
    const batch cases = bpi_next_batch(run);
    for (size_t i = 0; i < trainer->network->weight_count; i++)
        trainer->gradient[i] = (bp_real)NAN;
    BPI_TRY(bpi_call_hook(run, &cases, NAN));
    return run->reason == BP_STOP_NONE ? BP_DIVERGED : BP_OK;
}

/* A number that is out of range, as the derivative of a custom loss may be, is divergence, and no failure
 * that has a message, unless it is the hook that fails. */
static bp_status update(training_run *run)
{
    saved_message before;
    bpi_save_message(&before);
    const bp_status status = bpi_update(run);
    if (status != BP_ERROR_NOT_FINITE || run->ended_by_hook)
        return status;
    bpi_restore_message(&before);
    return tell_hook_of_divergence(run);
}

/* Is the search a part of a run whose time is measured? */
static bool has_clock(const training_run *run)
{
    return run->start > 0;
}

/* A request or a rule of time ends the run already now. A request prevails; it has to wait for the end of a
 * recovery, which would be another one after half a search. */
static void heed_limits(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    const stop_rules *rules = &trainer->stopping;
    if (!has_clock(run) || run->reason != BP_STOP_NONE)
        return;
    if (bpi_waits_for_rate(trainer) && atomic_exchange(&trainer->stop_requested, 0)) {
        run->reason = BP_STOP_REQUESTED;
        run->rule = rules->count;
        return;
    }
    const stop_metrics now = {.seconds = run->has_time_rule ? bpi_run_seconds(run) : 0};
    const size_t rule = bpi_stopping_limit(rules, &now);
    if (rule < rules->count) {
        run->reason = (bp_stop_reason)rules->rules[rule].kind;
        run->rule = rule;
    }
}

/* Trains for some more updates with the trainer's rate. */
static bp_status train(rate_test *test)
{
    training_run *run = &test->run;
    bp_trainer *trainer = run->trainer;
    run->max_updates = run->updates + test->updates_per_rate;
    test->replies = 0;
    while (run->updates < run->max_updates && run->reason == BP_STOP_NONE) {
        if (trainer->epoch.begun && bpi_epoch_is_complete(run)) {
            trainer->epoch.begun = false;
            trainer->epochs++;
        }
        BPI_TRY(bpi_epoch_begin(run));
        BPI_TRY(update(run));
        BPI_TRY(bpi_require_in_progress(run));
        test->replies += run->hook_error;
        heed_limits(run);
    }
    return BP_OK;
}

/* Mean E with the present weights; with a gradient hook, of the batches with the present rate. */
static double judge(rate_test *test)
{
    training_run *run = &test->run;
    bp_trainer *trainer = run->trainer;
    if (bpi_is_judged_by_hook(run))
        return test->replies / (double)test->updates_per_rate;
    bpi_run_flush_weights(run);
    bpi_forget_next_case(trainer->workspace);
    const batch judged = {.data = &run->training, .order = test->judged, .count = test->judged_count};
    batch_error found;
    bpi_batch_error(trainer->workspace, &judged, &trainer->options.loss, &found);
    return found.error / (double)judged.count;
}

static bool weights_are_finite(training_run *run)
{
    const bp_network *net = run->trainer->network;
    bpi_run_flush_weights(run);
    return net->kernel->all_finite(net->weights, net->weight_count);
}

/* *error: mean E after some updates; NaN or infinite if they diverged. */
static bp_status train_and_judge(rate_test *test, double *error)
{
    bp_status status = train(test);
    if (status != BP_OK && status != BP_DIVERGED)
        return status;
    heed_limits(&test->run); /* after divergence, too */
    *error = status == BP_OK && weights_are_finite(&test->run) ? judge(test) : NAN;
    if (*error == -INFINITY)
        *error = NAN; /* no decrease */
    return BP_OK;
}

/* The same with this rate. A decay that the library chose belongs to the rate of the trainer; there is none
 * here. Batches are too different to be compared, so that a hook sees the same ones with each rate. The state
 * of a momentum goes on; that of other rules, to whose present rate the next one has no relation, does not.
 */
static bp_status try_rate(rate_test *test, const saved_trainer *saved, double rate, double *error)
{
    bp_trainer *trainer = test->run.trainer;
    test->rates_tried++;
    trainer->learning_rate = rate;
    if (trainer->options.weight_decay == BP_DECAY_AUTO) {
        trainer->decay = 0;
        trainer->penalty = trainer->options.l2;
    }
    if (trainer->rule->automatic_decay != DECAY_BY_RATE)
        bpi_trainer_clear_state(trainer);
    if (bpi_is_judged_by_hook(&test->run))
        bpi_put_back_cases(saved, trainer);
    return train_and_judge(test, error);
}

/* Mean E before any update: a hook sees batches whose updates change nothing. */
static bp_status find_start_error(rate_test *test, const saved_trainer *saved, double *error)
{
    bp_trainer *trainer = test->run.trainer;
    if (!bpi_is_judged_by_hook(&test->run)) {
        *error = judge(test);
        return BP_OK;
    }
    trainer->learning_rate = 0;
    trainer->momentum = 0;
    trainer->decay = trainer->penalty = 0;
    bp_status status = train_and_judge(test, error);
    start_over(saved, &test->run);
    return status;
}

/* ------------------------------------------------------------------------ the ladder */

enum { RUNGS = 9, MIN_UPDATES = 100, MAX_JUDGED = 2000 };

/* For each rate: all together make 2 epochs, or MIN_UPDATES if that is more. */
static uint64_t count_updates(const training_run *run)
{
    uint64_t per_epoch = (run->training.cases + run->batch_cases - 1) / run->batch_cases;
    if (bpi_is_judged_by_hook(run))
        return MIN_UPDATES / (RUNGS + 1);
    return (2 * per_epoch < MIN_UPDATES ? MIN_UPDATES : 2 * per_epoch) / RUNGS;
}

static void add_point(bp_rate_search *found, double rate, double error)
{
    found->points[found->point_count++] = (bp_rate_point){rate, error};
}

/* An unstable rate raises E by far. Chance raises it a little, if the first batches are small and unlike the
 * rest. A custom loss may be negative. */
static bool is_stable(const bp_rate_search *found, double error)
{
    const double chance = 0.1;
    return error <= found->start_error + chance * fabs(found->start_error);
}

/* The first rate. Where even the lowest rung is unstable, as with data that are not scaled, the ladder begins
 * below it, by ever larger steps, with the weights of the start. */
static bp_status find_first_rung(rate_test *test, const saved_trainer *saved, bp_rate_search *found,
                                 double *rate)
{
    for (double step = 10;; step *= 10) {
        double error;
        BPI_TRY(try_rate(test, saved, *rate, &error));
        if (is_stable(found, error) || test->rates_tried == RUNGS || test->run.reason != BP_STOP_NONE) {
            add_point(found, *rate, error);
            return BP_OK;
        }
        found->limit = *rate;
        *rate /= step;
        start_over(saved, &test->run);
    }
}

/* From one rung to the next: a little less than the limit is to be reached by the last one. */
static double step_up(const rate_test *test, const bp_rate_search *found, double rate)
{
    const double factor = test->ladder.factor;
    if (isinf(found->limit))
        return factor;
    return fmax(factor, pow(found->limit / rate, 1.0 / (RUNGS - test->rates_tried + 1)));
}

static bp_status climb(rate_test *test, const saved_trainer *saved, bp_rate_search *found)
{
    double rate = test->ladder.lowest;
    found->limit = INFINITY;
    start_over(saved, &test->run);
    BPI_TRY(find_start_error(test, saved, &found->start_error));
    BPI_TRY(find_first_rung(test, saved, found, &rate));
    const double step = step_up(test, found, rate);
    rate *= step;
    while (test->rates_tried < RUNGS && rate < found->limit && test->run.reason == BP_STOP_NONE) {
        double error;
        BPI_TRY(try_rate(test, saved, rate, &error));
        add_point(found, rate, error);
        if (!is_stable(found, error))
            found->limit = rate;
        rate *= step;
    }
    return BP_OK;
}

/* ----------------------------------------------------------------- recommendation */

/* The rate at which nearly all of the decrease was reached: from here on, larger rates did not help. */
static double edge_of_stability(const bp_rate_search *found, const rate_ladder *ladder)
{
    const double nearly_all = 0.98;
    double minimum = found->start_error;
    for (size_t i = 0; i < found->point_count; i++)
        minimum = fmin(minimum, found->points[i].error);
    const double wanted = found->start_error - nearly_all * (found->start_error - minimum);
    bp_rate_point before = {found->points[0].learning_rate / ladder->factor, found->start_error};
    size_t i = 0;
    while (!(found->points[i].error <= wanted) && i + 1 < found->point_count)
        before = found->points[i++];
    const bp_rate_point *reached = &found->points[i];
    double share = (before.error - wanted) / (before.error - reached->error); /* on the line between them */
    return before.learning_rate * pow(reached->learning_rate / before.learning_rate, share);
}

/* Does some rate lower E by more than rounding and chance do? */
static bool has_decrease(const bp_rate_search *found)
{
    const double least_gain = 1e-3;
    double minimum = found->start_error;
    for (size_t i = 0; i < found->point_count; i++)
        minimum = fmin(minimum, found->points[i].error);
    return isfinite(found->start_error) &&
           minimum < found->start_error - least_gain * fabs(found->start_error);
}

/*
 * A rate somewhat below the edge of stability is best in the long run: 0.3 of it for momentum. As the
 * edge is found from few updates, the recommendation is the geometric mean of that and of the usual rate.
 * False if there is no such rate; the lowest one that was tried then takes its place.
 */
static bool recommend(const rate_ladder *ladder, bp_rate_search *found)
{
    found->learning_rate = found->points[0].learning_rate;
    if (!has_decrease(found))
        return false;
    const double edge = edge_of_stability(found, ladder), below = ladder->safety * edge;
    const double rate = ladder->usual == 0 ? below : fmin(sqrt(below * ladder->usual), edge);
    if (!isfinite(rate) || rate <= 0)
        return false;
    found->learning_rate = rate;
    return true;
}

/* Cases spread evenly over all of them. */
static bp_status choose_judged(rate_test *test)
{
    const bp_trainer *trainer = test->run.trainer;
    const size_t cases = test->run.training.cases;
    test->judged_count = cases < MAX_JUDGED ? cases : MAX_JUDGED;
    test->judged = bpi_allocate(&trainer->allocator, test->judged_count, sizeof *test->judged);
    if (test->judged == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "bp_trainer_run: out of memory for the search of a learning rate");
    for (size_t i = 0; i < test->judged_count; i++)
        test->judged[i] = bpi_spread(i, test->judged_count, cases);
    return BP_OK;
}

static training_run make_search(const training_run *run)
{
    return (training_run){.trainer = run->trainer,
                          .cases = run->training.cases,
                          .training = run->training,
                          .number = run->number,
                          .is_search = true,
                          .may_diverge = true,
                          .has_limits = true,
                          .has_time_rule = run->has_time_rule && has_clock(run),
                          .batch_cases = run->batch_cases,
                          .is_shuffled = run->is_shuffled,
                          .rule = run->rule,
                          .start = run->start};
}

bp_status bpi_search_rate(training_run *run, bp_rate_search *found, bool *lowers_error)
{
    bp_trainer *trainer = run->trainer;
    saved_trainer saved;
    rate_test test = {
        .run = make_search(run), .updates_per_rate = count_updates(run), .ladder = bpi_rate_ladder(run)};
    if (trainer->rule->automatic_rate != 0) {
        found->learning_rate = trainer->rule->automatic_rate;
        found->limit = INFINITY;
        found->start_error = NAN;
        *lowers_error = true;
        return BP_OK;
    }
    BPI_TRY(bpi_save_trainer(&saved, trainer));
    bp_status status = choose_judged(&test);
    if (status == BP_OK) {
        status = climb(&test, &saved, found);
        bpi_put_back_trainer(&saved, &test.run);
    }
    run->reason = test.run.reason;
    run->rule = test.run.rule;
    run->ended_by_hook = test.run.ended_by_hook && (status != BP_OK || run->reason != BP_STOP_NONE);
    found->updates = test.run.updates;
    bpi_release(&trainer->allocator, test.judged);
    bpi_saved_trainer_release(&saved);
    *lowers_error = status == BP_OK && run->reason == BP_STOP_NONE && recommend(&test.ladder, found);
    return status;
}

static void note_rate(bp_trainer *trainer, const bp_rate_search *found, bool lowers_error)
{
    bp_finding note =
        bpi_finding(BP_FINDING_LEARNING_RATE, lowers_error ? BP_SEVERITY_NOTE : BP_SEVERITY_WARNING);
    note.values[0] = found->learning_rate;
    note.values[1] = found->limit;
    note.values[2] = found->points[found->point_count - 1].learning_rate;
    note.values[3] = (double)found->updates;
    bpi_add_finding(trainer, &note);
}

bp_status bpi_choose_rate(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    if (!bpi_waits_for_rate(trainer))
        return BP_OK;
    bp_rate_search found = {.size = sizeof found};
    bool lowers_error;
    bp_status status = bpi_search_rate(run, &found, &lowers_error);
    if (run->reason != BP_STOP_NONE || status != BP_OK)
        return status;
    trainer->found_rate = found.learning_rate;
    bpi_update_rates(trainer);
    if (found.point_count > 0)
        note_rate(trainer, &found, lowers_error);
    return BP_OK;
}
