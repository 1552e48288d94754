#include "train/small_rate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/numeric.h"
#include "base/status.h"
#include "engine/error.h"
#include "engine/finding.h"
#include "engine/gradient.h"
#include "engine/load.h"
#include "engine/weight_parts.h"
#include "network/change_weights.h"
#include "train/finding.h"
#include "train/metrics.h"
#include "train/rates.h"

/* The check takes as long as two or three updates over at most MAX_CASES cases: fewer after short runs, so
 * that it is about a hundredth of the whole. Where no part of the cases can be chosen, it is left out after
 * runs that were not much longer. */
enum { MIN_CASES = 100, MAX_CASES = 2000, CASES_PER_CASE = 250, MIN_CASES_PER_CASE = 50 };
static const double factor = 10;
static const double min_gain = 7; /* of the factor: how much of it E must follow */

/* What all updates of the run would lower E by at the present pace, as a part of E; a few percent of it are
 * no gain where E is small. */
static const double min_pace = 0.02;

/* A rate that is far too small hardly moves E, by less than E is known to. Of the caller's rate that is found
 * out with steps so many times as large, which should have lowered E by far in all these updates. */
static const double far_factor = 100, far_pace = 5;

/*
 * Rules whose rate is the size of a step differ in three things. Far too small steps are known for such by
 * less, since no small gradient makes them so. A larger rate is no remedy if it is large for weights that are
 * about 1 at first: early gradients may have been so large that Adagrad hardly moves any more. And it is the
 * noise of small batches that limits the rate, which the gradient of all cases does not have: with the larger
 * steps it may take half of what that gradient promises.
 */
enum { NOISY_STEPS = 16, NOISY_CASES = 250, NOISY_GRADIENTS = 8192 }; /* fewer steps by large batches */
static const double far_pace_of_steps = 0.1, large_step = 1, max_noisy_rise = 0.5;

static const double worth_while = 0.1; /* E, as a part of that of constant outputs */

/* Cases in the order of the last epoch, or all if they are not shuffled. */
static batch choose_cases(const training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    const double trained = (double)run->updates * (double)run->batch_cases / CASES_PER_CASE;
    const size_t limit = trained < MAX_CASES ? bpi_max(MIN_CASES, (size_t)trained) : MAX_CASES;
    batch chosen = {.data = &run->training, .count = run->training.cases};
    if (run->is_shuffled && trainer->order_cases == chosen.count && chosen.count > limit) {
        chosen.order = trainer->order;
        chosen.count = limit;
    }
    return chosen;
}

/* Mean E after a step along the gradient from the weights that are kept: in the place of those that the run
 * began with, as nobody needs these any more. */
static double error_after(const training_run *run, const batch *cases, double step)
{
    const bp_trainer *trainer = run->trainer;
    const bp_network *net = trainer->network;
    bp_real *weights = bpi_change_weights(trainer->network);
    for (size_t i = 0; i < net->weight_count; i++)
        weights[i] = trainer->start_weights[i] - (bp_real)step * trainer->gradient[i];
    batch_error found;
    bpi_batch_error(trainer->workspace, cases, &trainer->options.loss, &found);
    return found.error / (double)cases->count;
}

/* ---------------------------------------------------------------------- the step */

/*
 * What the rule divides gradients by: factor times the root of a sum or mean of the squares of earlier ones,
 * and epsilon. NULL, and the others are not set: by nothing. A quotient is at most `most`, since a gradient
 * is one of those squared: all of their sum, or a share of their mean.
 */
typedef struct divisors {
    const bp_real *squares;
    double factor, epsilon, most;
} divisors;

static divisors find_divisors(const bp_trainer *trainer)
{
    const optimizer_step step = {.state = trainer->state.vectors,
                                 .state_stride = trainer->network->weight_count,
                                 .momentum = trainer->momentum,
                                 .optimizer = &trainer->options.optimizer,
                                 .scalars = trainer->state.scalars};
    if (trainer->rule->rate_meaning != RATE_OF_STEP)
        return (divisors){0};
    weight_update update;
    trainer->rule->make_update(&step, &update);
    const bool is_adam = update.kind == KERNEL_ADAM;
    return (divisors){.squares = update.last_update + (is_adam ? update.state_stride : 0),
                      .factor = is_adam ? (double)update.adaptive.root_factor : 1,
                      .epsilon = (double)update.adaptive.epsilon,
                      .most =
                          update.kind == KERNEL_ADAGRAD ? 1 : 1 / sqrt((double)update.adaptive.square_share)};
}

static double divided(const divisors *by, size_t i, double gradient, double most)
{
    const double root = by->factor * sqrt((double)by->squares[i]) + by->epsilon;
    return fmax(-most, fmin(gradient / root, most));
}

/*
 * Turns the gradient, summed over these cases, into the direction of updates with the learning rate 1; with
 * all their momentum, where that adds up. A mean of many gradients is at most the root of the mean of their
 * squares.
 */
static void find_direction(const training_run *run, const batch *cases, bool is_mean_of_many)
{
    const bp_trainer *trainer = run->trainer;
    const divisors by = find_divisors(trainer);
    const double of_update = trainer->options.reduction == BP_REDUCE_SUM ? (double)run->batch_cases : 1;
    const double scale = of_update / (double)cases->count;
    const double momentum = by.squares == NULL ? trainer->momentum : 0, most = is_mean_of_many ? 1 : by.most;
    trained_range range = {0};
    while (bpi_next_range(trainer->workspace, &range)) {
        const double rate = trainer->workspace->parts == NULL ? trainer->learning_rate : range.learning_rate;
        const double share = rate / trainer->learning_rate / (1 - momentum);
        for (size_t i = range.first; i < range.first + range.count; i++) {
            const double gradient = scale * (double)trainer->gradient[i];
            trainer->gradient[i] =
                (bp_real)(share * (by.squares == NULL ? gradient : divided(&by, i, gradient, most)));
        }
    }
}

/* If there is no gradient, the message is as before: the run itself has succeeded. */
static bool find_gradient(const bp_trainer *trainer, const batch *cases, batch_error *found)
{
    saved_message before;
    bpi_save_message(&before);
    if (bpi_batch_gradient("bp_trainer_run", trainer->workspace, cases, &trainer->options.loss,
                           trainer->gradient, found) == BP_OK)
        return true;
    bpi_restore_message(&before);
    return false;
}

/* ------------------------------------------------------------------ the comparison */

/* What steps of two sizes lower E by: the trainer's rate times `size`, and `factor` times as much. */
typedef struct comparison {
    double size, fall, larger_fall;
} comparison;

/* False if steps of this size would have lowered E, which is `now`, by less than a part `pace` of itself in
 * the whole run. */
static bool compare(const training_run *run, const batch *cases, double now, double pace, comparison *c)
{
    const double step = c->size * run->trainer->learning_rate;
    c->fall = now - error_after(run, cases, step);
    if (!(c->fall * (double)run->updates > pace * now))
        return false;
    c->larger_fall = now - error_after(run, cases, factor * step);
    return true;
}

static bool has_rate_of_steps(const bp_trainer *trainer)
{
    return trainer->rule->rate_meaning == RATE_OF_STEP;
}

static void restore_weights(const bp_trainer *trainer)
{
    const bp_network *net = trainer->network;
    memcpy(bpi_change_weights(trainer->network), trainer->start_weights,
           net->weight_count * sizeof *net->weights);
}

/* Batch k of so many, at equal distances in the last epoch. */
static batch noisy_batch(const training_run *run, size_t k, size_t count)
{
    const size_t batches = run->training.cases / run->batch_cases;
    const size_t number = batches < count ? k % batches : k * (batches / count);
    const size_t first = number * run->batch_cases;
    batch part = {.data = &run->training, .first = first, .count = run->batch_cases};
    if (run->is_shuffled && run->trainer->order_cases == run->training.cases)
        part.order = run->trainer->order + first;
    return part;
}

/*
 * How much steps along the gradients of batches, of the larger size, raise E on the mean by the noise of
 * these gradients: half of what a step and its opposite raise it by, which is without the fall that they have
 * in common with all cases.
 */
static double noisy_rise(const training_run *run, const batch *cases, const comparison *c)
{
    const bp_trainer *trainer = run->trainer;
    const double step = factor * c->size * trainer->learning_rate;
    const size_t steps = bpi_max(1, bpi_min(NOISY_STEPS, NOISY_GRADIENTS / run->batch_cases));
    batch sample = *cases;
    batch_error found;
    double sum = 0;
    sample.count = bpi_min(sample.count, NOISY_CASES);
    const double now = error_after(run, &sample, 0);
    for (size_t k = 0; k < steps; k++) {
        const batch part = noisy_batch(run, k, steps);
        restore_weights(trainer);
        if (!find_gradient(trainer, &part, &found))
            return NAN;
        find_direction(run, &part, false);
        sum += (error_after(run, &sample, step) + error_after(run, &sample, -step)) / 2 - now;
    }
    return sum / (double)steps;
}

static void report(const training_run *run, const comparison *c)
{
    bp_finding found = bpi_finding(BP_FINDING_RATE_TOO_SMALL, BP_SEVERITY_WARNING);
    found.epoch = run->trainer->epochs;
    found.values[0] = run->trainer->learning_rate;
    found.values[1] = c->larger_fall / c->fall;
    found.values[2] = factor * c->size * run->trainer->learning_rate;
    bpi_add_finding(run->trainer, &found);
}

static bool is_worth_a_larger_step(const training_run *run, const batch *cases, const comparison *c)
{
    if (!(c->larger_fall > min_gain * c->fall))
        return false;
    if (!has_rate_of_steps(run->trainer))
        return true;
    return factor * c->size * run->trainer->learning_rate < large_step &&
           (run->batch_cases >= run->training.cases ||
            noisy_rise(run, cases, c) < max_noisy_rise * c->larger_fall);
}

static void compare_steps(training_run *run, const batch *cases)
{
    const bp_trainer *trainer = run->trainer;
    const bp_network *net = trainer->network;
    batch_error found;
    if (!find_gradient(trainer, cases, &found))
        return;
    const double now = found.error / (double)cases->count;
    const double pace_far_off = has_rate_of_steps(trainer) ? far_pace_of_steps : far_pace;
    comparison near_by = {.size = 1}, far_off = {.size = far_factor};
    const comparison *made = NULL;
    find_direction(run, cases, true);
    memcpy(trainer->start_weights, net->weights, net->weight_count * sizeof *net->weights);
    if (now > worth_while * bpi_run_constant_error(run) && compare(run, cases, now, min_pace, &near_by))
        made = &near_by;
    else if (!bpi_uses_found_rate(trainer) && !bpi_error_is_small(run, now) &&
             compare(run, cases, now, pace_far_off, &far_off))
        made = &far_off;
    if (made != NULL && is_worth_a_larger_step(run, cases, made))
        report(run, made);
    restore_weights(trainer);
}

/* Other rules make other steps than those compared here. */
static bool has_comparable_steps(const bp_trainer *trainer)
{
    return (trainer->rule->rate_meaning == RATE_OF_GRADIENT && !trainer->rule->suits_whole_sets) ||
           (has_rate_of_steps(trainer) && trainer->state.updates > 0);
}

/* A rate that was lowered on purpose says nothing. */
void bpi_check_small_rate(training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    const batch cases = choose_cases(run);
    if ((run->updates * run->batch_cases < MIN_CASES_PER_CASE * cases.count && cases.count > MIN_CASES) ||
        trainer->options.on_gradient != NULL || trainer->rate_factor != 1 || bpi_rate_is_spent(trainer) ||
        !has_comparable_steps(trainer))
        return;
    bpi_forget_next_case(trainer->workspace);
    compare_steps(run, &cases);
}
