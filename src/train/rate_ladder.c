#include "train/rate_ladder.h"

#include <math.h>

#include "network/weight_init.h"

bool bpi_is_judged_by_hook(const training_run *run)
{
    return run->trainer->options.on_gradient != NULL;
}

/*
 * The search climbs a ladder of rates, from one that is surely too small until training is unstable. For
 * rates of the gradient it is one for batches of mean gradients and a momentum of 0.9. Other options have
 * other ladders: a sum over n cases needs a rate n times smaller, and momentum m makes an update 1 / (1 - m)
 * times as large in the long run. A rate that is the size of a step knows neither.
 */
static const rate_ladder gradient_ladder = {1e-3, 3.16227766, 0.1, 0.3},
                         step_ladder = {1e-4, 3.16227766, 0.5, 1}, wide_ladder = {1e-6, 10, 0, 0.3};

/* Noisier gradients of small batches need smaller rates. */
static const double usual_batch = 16, batch_exponent = 0.8, step_batch = 32, step_exponent = 0.25;

/* What a rate of the mean gradient with a momentum of 0.9 is multiplied by. A hook may turn sums into means
 * over more cases than are known here. */
static double rate_unit(const training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    double unit = (1 - trainer->momentum) / (1 - 0.9);
    bool is_sum = trainer->options.reduction == BP_REDUCE_SUM && !bpi_is_judged_by_hook(run);
    return is_sum ? unit / (double)run->batch_cases : unit;
}

/* What the usual rate is multiplied by for batches of this size; several machines may choose different ones
 * by themselves. */
static double batch_factor(const training_run *run, double usual, double exponent)
{
    size_t cases = bpi_is_judged_by_hook(run) ? run->trainer->options.batch_size : run->batch_cases;
    double share = cases == 0 ? 1 : fmin(1, (double)cases / usual);
    return pow(share, exponent);
}

/* The most weights that lead into a unit. Steps of the same size in all of them add up. */
static double largest_fan_in(const bp_network *net)
{
    double largest = 1;
    for (size_t i = 0; i < net->layer_count; i++)
        largest = fmax(largest, bpi_fan_in(net->layers[i]));
    return largest;
}

rate_ladder bpi_rate_ladder(const training_run *run)
{
    switch (run->trainer->rule->rate_meaning) {
    case RATE_OF_GRADIENT: {
        const double unit = rate_unit(run);
        rate_ladder ladder = gradient_ladder;
        ladder.lowest = unit * ladder.lowest;
        ladder.usual = unit * ladder.usual * batch_factor(run, usual_batch, batch_exponent);
        return ladder;
    }
    case RATE_OF_STEP: {
        rate_ladder ladder = step_ladder;
        ladder.usual *= batch_factor(run, step_batch, step_exponent) / largest_fan_in(run->trainer->network);
        return ladder;
    }
    default:
        return wide_ladder;
    }
}
