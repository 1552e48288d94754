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

/* The size of an update along a gradient that is summed over these cases, with all its momentum. */
static double step_size(const training_run *run, const batch *cases)
{
    const bp_trainer *trainer = run->trainer;
    double step = trainer->learning_rate / (1 - trainer->momentum) / (double)cases->count;
    return trainer->options.reduction == BP_REDUCE_SUM ? step * (double)run->batch_cases : step;
}

static void report(const training_run *run, double gain, double larger)
{
    bp_finding found = bpi_finding(BP_FINDING_RATE_TOO_SMALL, BP_SEVERITY_WARNING);
    found.epoch = run->trainer->epochs;
    found.values[0] = run->trainer->learning_rate;
    found.values[1] = gain;
    found.values[2] = larger * run->trainer->learning_rate;
    bpi_add_finding(run->trainer, &found);
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

/* How many times as much a step ten times as large lowers E; 0 if steps of this size would have lowered it by
 * less than a part `pace` of itself in the whole run. */
static double gain_of(const training_run *run, const batch *cases, double now, double step, double pace)
{
    const double fall = now - error_after(run, cases, step);
    if (!(fall * (double)run->updates > pace * now))
        return 0;
    return (now - error_after(run, cases, factor * step)) / fall;
}

static void compare_steps(training_run *run, const batch *cases)
{
    const bp_trainer *trainer = run->trainer;
    const bp_network *net = trainer->network;
    batch_error found;
    if (!find_gradient(trainer, cases, &found))
        return;
    const double now = found.error / (double)cases->count, step = step_size(run, cases);
    double larger = factor, gain = 0;
    memcpy(trainer->start_weights, net->weights, net->weight_count * sizeof *net->weights);
    if (now > worth_while * bpi_run_constant_error(run))
        gain = gain_of(run, cases, now, step, min_pace);
    if (gain == 0 && !bpi_uses_found_rate(trainer) && !bpi_error_is_small(run, now)) {
        larger = far_factor * factor;
        gain = gain_of(run, cases, now, far_factor * step, far_pace);
    }
    memcpy(bpi_change_weights(trainer->network), trainer->start_weights,
           net->weight_count * sizeof *net->weights);
    if (gain > min_gain)
        report(run, gain, larger);
}

/* A rate that was lowered on purpose says nothing, and other rules make other steps than those compared here.
 */
void bpi_check_small_rate(training_run *run)
{
    const optimizer_rule *rule = run->trainer->rule;
    const batch cases = choose_cases(run);
    if ((run->updates * run->batch_cases < MIN_CASES_PER_CASE * cases.count && cases.count > MIN_CASES) ||
        run->trainer->options.on_gradient != NULL || run->trainer->rate_factor != 1 ||
        bpi_rate_is_spent(run->trainer) || rule->rate_meaning != RATE_OF_GRADIENT || rule->suits_whole_sets)
        return;
    bpi_forget_next_case(run->trainer->workspace);
    compare_steps(run, &cases);
}
