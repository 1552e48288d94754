#include "train/diagnosis.h"

#include <math.h>

#include "engine/finding.h"
#include "train/error_trace.h"
#include "train/finding.h"
#include "train/layer_noise.h"
#include "train/lost_units.h"
#include "train/metrics.h"
#include "train/rates.h"
#include "train/recovery_limit.h"
#include "train/small_rate.h"
#include "train/stopping.h"
#include "train/weight_decay.h"

/* The trace is long enough for a verdict. */
enum { MIN_POINTS = 8, MIN_POINTS_OF_A_FALL = 5 };

/* ------------------------------------------------------------------- overshoot */

/*
 * With a rate that is too large the weights jump from one side of a valley to the other. Then E changes from
 * point to point, upward as much as downward: by a large part of itself; or by a small one, but at a level
 * above that of constant outputs. E of small batches fluctuates too, but by a small part and at a lower
 * level; and once E is a small part of what it was, its fluctuations do no harm. A custom loss may be
 * negative: then E has no parts, and nothing is said.
 */
enum { BOUNCE_POINTS = 8 };
static const double min_rise = 0.6;        /* sum of the rises, as a part of that of the falls */
static const double large_change = 0.2;    /* mean change from point to point, as a part of E ... */
static const double small_change = 0.01;   /* ... and the same above the level of constant outputs */
static const double min_level = 0.1;       /* E, as a part of the first */
static const double above_constant = 1.05; /* E, as a multiple of that of constant outputs */
static const double near_constant = 0.95;
static const double middle_level = 0.5, middle_change = 0.15;
static const double growth = 2; /* E that has grown to so many times the first */

/* The same with less proof, for a rate that the caller gave: the first E may have been driven up by it, and
 * midway to the level of constant outputs smaller changes count, too. */
static bool bounces_midway(training_run *run, double level, double change)
{
    const double constant = bpi_run_constant_error(run);
    return (change > large_change && level > min_level * constant) ||
           (change > middle_change && level > middle_level * constant);
}

/* Dropout and noise make updates random: a low E changes much, and may grow, at any rate. With them only E
 * that is no lower than that of constant outputs tells of overshoot. */
static bool may_be_overshoot(training_run *run, double level)
{
    return !bpi_run_has_noise(run) || level > near_constant * bpi_run_constant_error(run);
}

static bool bounces(training_run *run)
{
    const error_trace *trace = &run->trainer->trace;
    if (trace->count < BOUNCE_POINTS)
        return false;
    const trace_motion motion = bpi_trace_motion(trace, BOUNCE_POINTS);
    if (!(motion.level > 0) || motion.rises < min_rise * motion.falls || !may_be_overshoot(run, motion.level))
        return false;
    const double change = (motion.rises + motion.falls) / (BOUNCE_POINTS - 1) / motion.level;
    if (change > large_change && motion.level > min_level * trace->first_error)
        return true;
    if (!bpi_uses_found_rate(run->trainer) && bounces_midway(run, motion.level, change))
        return true;
    if (run->trainer->recoveries > 0) /* and that was not enough: units may be saturated or dead */
        return motion.level > near_constant * bpi_run_constant_error(run);
    return change > small_change && motion.level > above_constant * bpi_run_constant_error(run);
}

/* Units that a too large rate has made saturated or dead do not show in the course of E, which stands still.
 * Where nothing can be done, the end of the run reports them. */
static bool is_lost(training_run *run, double error)
{
    return run->trainer->trace.count >= MIN_POINTS && bpi_may_recover(run) && bpi_has_lost_layer(run, error);
}

/* The error of an epoch, unless dropout or noise make it fluctuate: then E is computed without them. */
static double error_to_trace(training_run *run, const stop_metrics *metrics)
{
    return bpi_run_has_noise(run) ? bpi_training_metrics(run)->error / (double)run->cases
                                  : metrics->mean_error;
}

bool bpi_diagnose_epoch(training_run *run, const stop_metrics *metrics)
{
    error_trace *trace = &run->trainer->trace;
    if (!bpi_trace_is_due(trace, run->trainer->updates))
        return false;
    const double error = error_to_trace(run, metrics);
    bpi_trace_add(trace, run->trainer->updates, error, metrics->validation_error);
    const bool has_grown =
        trace->first_error > 0 && error > growth * trace->first_error && may_be_overshoot(run, error);
    /* Without a learning rate, none is too large: E falls, unless the cases have changed. */
    return run->trainer->rule->iterate == NULL && (has_grown || bounces(run) || is_lost(run, error));
}

/* The weights decay to 0, and E with them to that of constant outputs, whatever the learning rate. values:
 * the decay, what it should be below, E, and that of constant outputs. */
static bool report_large_decay(training_run *run, double error)
{
    const bp_trainer *trainer = run->trainer;
    const double constant = bpi_run_constant_error(run);
    const double limit = bpi_large_decay_limit(trainer, run->cases, constant);
    if (!(error > near_constant * constant) || limit == 0)
        return false;
    bp_finding found = bpi_finding(BP_FINDING_DECAY_TOO_LARGE, BP_SEVERITY_WARNING);
    found.epoch = trainer->epochs;
    found.values[0] = trainer->options.weight_decay;
    found.values[1] = limit;
    found.values[2] = error;
    found.values[3] = constant;
    bpi_add_finding(run->trainer, &found);
    return true;
}

/* A sum over the cases of a batch has a rate as many times smaller. values: the rate, one that is safer, the
 * cases of the sum or 0 for a mean. */
void bpi_report_large_rate(training_run *run, bool has_diverged)
{
    bp_trainer *trainer = run->trainer;
    const error_trace *trace = &trainer->trace;
    if (!has_diverged && trace->count > 0 && report_large_decay(run, trace->points[trace->count - 1].error))
        return;
    const bool is_sum = trainer->options.reduction == BP_REDUCE_SUM && run->batch_cases > 1 &&
                        trainer->rule->rate_meaning == RATE_OF_GRADIENT;
    if (trainer->rule->iterate != NULL) /* which has no rate */
        return;
    bp_finding found = bpi_finding(has_diverged ? BP_FINDING_DIVERGED : BP_FINDING_RATE_TOO_LARGE,
                                   has_diverged ? BP_SEVERITY_ERROR : BP_SEVERITY_WARNING);
    found.epoch = trainer->epochs + trainer->epoch.begun;
    found.values[0] = trainer->learning_rate;
    found.values[1] = trainer->learning_rate / (is_sum ? (double)run->batch_cases : 10);
    found.values[2] = is_sum ? (double)run->batch_cases : 0;
    bpi_add_finding(trainer, &found);
}

/* --------------------------------------------------------------- the end of a run */

static bool ended_by_a_limit(const training_run *run)
{
    return run->reason == BP_STOP_EPOCHS || run->reason == BP_STOP_UPDATES || run->reason == BP_STOP_SECONDS;
}

static const trace_point *point_at(const error_trace *trace, double share)
{
    return &trace->points[(size_t)(share * (double)(trace->count - 1))];
}

static double judged_error(const training_run *run, const trace_point *point)
{
    return run->validation.cases > 0 ? point->validation_error : point->error;
}

/* Over the last quarter, the errors of training fell, and hardly ever rose. */
static bool falls_steadily(const error_trace *trace)
{
    const double max_rise = 0.5; /* sum of the rises, as a part of that of the falls */
    const trace_motion motion =
        bpi_trace_motion(trace, trace->count - (size_t)(0.75 * (double)(trace->count - 1)));
    return motion.rises < max_rise * motion.falls;
}

/* A limit ended the run, but over its last quarter E fell by more than a tenth, and is not yet small. */
static void check_improvement(training_run *run)
{
    const double min_fall = 0.1;
    const error_trace *trace = &run->trainer->trace;
    const double before = judged_error(run, point_at(trace, 0.75)),
                 now = judged_error(run, point_at(trace, 1));
    if (!ended_by_a_limit(run) || !(now > 0 && now < (1 - min_fall) * before) || !falls_steadily(trace) ||
        bpi_error_is_small(run, point_at(trace, 1)->error))
        return;
    bp_finding found = bpi_finding(BP_FINDING_STILL_IMPROVING, BP_SEVERITY_WARNING);
    found.epoch = run->trainer->epochs;
    found.values[0] = before;
    found.values[1] = now;
    found.values[2] = (double)run->epochs;
    found.values[3] = run->validation.cases > 0;
    if (bpi_rate_is_spent(run->trainer))
        found.count = 1; /* a further run would lower nothing */
    bpi_add_finding(run->trainer, &found);
}

/* The schedule had come to its end before the run began. */
static void check_spent_rate(const training_run *run)
{
    bp_trainer *trainer = run->trainer;
    if (run->updates == 0 || !bpi_rate_was_spent(trainer))
        return;
    bp_finding found = bpi_finding(BP_FINDING_RATE_SPENT, BP_SEVERITY_WARNING);
    found.epoch = trainer->epochs;
    found.values[0] = (double)run->updates;
    found.values[1] = bpi_rate_at_start(trainer);
    bpi_add_finding(trainer, &found);
}

/* Of the last epoch; of the weights as they are for a rule that computes it at the weights that it tries, and
 * where dropout or noise are in that of the epoch. */
static double last_error(training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    if (trainer->rule->iterate == NULL && !bpi_run_has_noise(run))
        return point_at(&trainer->trace, 1)->error;
    return bpi_training_metrics(run)->error / (double)run->cases;
}

/* E is hardly less than that of constant outputs. A learning rate of the caller's is reported with it: it may
 * have driven the weights to where they learn nothing. */
static void check_plateau(training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    const double now = last_error(run), constant = bpi_run_constant_error(run);
    if (!(now > near_constant * constant) || report_large_decay(run, now))
        return;
    bp_finding found = bpi_finding(BP_FINDING_PLATEAU, BP_SEVERITY_WARNING);
    found.epoch = trainer->epochs;
    found.values[0] = now;
    found.values[1] = constant;
    found.values[2] = (double)run->updates;
    found.values[3] = bpi_uses_found_rate(trainer) ? 0 : trainer->learning_rate;
    bpi_add_finding(run->trainer, &found);
}

/* E of training where the validation error was least; without dropout and noise, as in the trace. */
static double error_at_minimum(const training_run *run)
{
    const error_trace *trace = &run->trainer->trace;
    const trace_point *least = &trace->points[0];
    if (!bpi_run_has_noise(run))
        return run->trainer->best.error;
    for (size_t i = 1; i < trace->count; i++)
        if (trace->points[i].validation_error < least->validation_error)
            least = &trace->points[i];
    return least->error;
}

/* The validation error has grown since its minimum, while the training error went on falling. With the best
 * weights handed back that is no more than a note. */
static void check_overfitting(training_run *run)
{
    const double min_growth = 0.2, min_fall = 0.2;
    const bp_trainer *trainer = run->trainer;
    const best_epoch *minimum = &trainer->best;
    const trace_point *last = point_at(&trainer->trace, 1);
    const double error = error_at_minimum(run);
    if (!(minimum->validation_error > 0 && last->error > 0) ||
        !(last->validation_error > (1 + min_growth) * minimum->validation_error) ||
        !(last->error < (1 - min_fall) * error))
        return;
    bp_finding found = bpi_finding(BP_FINDING_OVERFITTING,
                                   trainer->options.keep_best ? BP_SEVERITY_NOTE : BP_SEVERITY_WARNING);
    found.epoch = trainer->best.epoch;
    found.values[0] = minimum->validation_error;
    found.values[1] = last->validation_error;
    found.values[2] = error;
    found.values[3] = last->error;
    bpi_add_finding(run->trainer, &found);
}

static bool ended_without_progress(const training_run *run)
{
    return run->reason == BP_STOP_NO_PROGRESS || run->reason == BP_STOP_DIMINISHING_RETURNS ||
           bpi_stopping_judges_validation(run->reason);
}

/* Is there enough of the run for a verdict on what it has reached? A rule for whole sets may come to its end
 * in a few iterations. */
static bool is_long_enough(const training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    return trainer->trace.count >= MIN_POINTS ||
           (trainer->rule->iterate != NULL && ended_without_progress(run));
}

/* Causes first, then what follows from them. */
void bpi_diagnose_run(training_run *run)
{
    const size_t points = run->trainer->trace.count;
    check_spent_rate(run);
    if (is_long_enough(run))
        bpi_report_lost_units(run);
    if (points >= MIN_POINTS && run->trainer->rule->iterate == NULL &&
        (ended_by_a_limit(run) || ended_without_progress(run)))
        bpi_check_small_rate(run);
    if (points >= MIN_POINTS_OF_A_FALL)
        check_improvement(run);
    if (is_long_enough(run))
        check_plateau(run);
    if (points >= MIN_POINTS && run->validation.cases > 0)
        check_overfitting(run);
}
