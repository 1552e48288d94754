#include "train/objective.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "engine/gradient.h"
#include "train/metrics.h"
#include "train/stopping.h"
#include "train/vectors.h"
#include "train/weight_decay.h"

/* The value and the gradient, from E and its gradient summed over the cases. */
static void reduce(const training_run *run, objective_point *found)
{
    const bp_trainer *trainer = run->trainer;
    const bp_network *net = trainer->network;
    const double decay = bpi_decay_of_objective(trainer);
    const double divisor = trainer->options.reduction == BP_REDUCE_SUM ? 1 : (double)run->cases;
    found->value = found->error.error / divisor;
    if (divisor == 1 && decay == 0)
        return;
    for (size_t i = 0; i < net->weight_count; i++)
        trainer->gradient[i] =
            (bp_real)((double)trainer->gradient[i] / divisor + decay * (double)net->weights[i]);
    if (decay != 0)
        found->value += decay / 2 * bpi_dot(net->weights, net->weights, net->weight_count);
}

bp_status bpi_objective_evaluate(training_run *run, objective_point *found)
{
    bp_trainer *trainer = run->trainer;
    const bp_network *net = trainer->network;
    const batch all = {.data = &run->training, .count = run->training.cases};
    bpi_invalidate_metrics(run);
    run->evaluations++;
    trainer->evaluations++;
    *found = (objective_point){.value = INFINITY, .error = {.error = INFINITY}};
    if (!net->kernel->all_finite(net->weights, net->weight_count))
        return BP_OK;
    BPI_TRY(bpi_batch_gradient("bp_trainer_run", trainer->workspace, &all, &trainer->options.loss,
                               trainer->gradient, &found->error));
    reduce(run, found);
    if (!isfinite(found->error.error) || !isfinite(found->value) ||
        !net->kernel->all_finite(trainer->gradient, net->weight_count))
        found->value = INFINITY;
    return BP_OK;
}

bp_status bpi_objective_try(training_run *run, double step, const bp_real *direction, objective_point *found)
{
    const bp_trainer *trainer = run->trainer;
    const bp_network *net = trainer->network;
    bpi_add_multiple(net->weights, trainer->weights_snapshot, step, direction, net->weight_count);
    return bpi_objective_evaluate(run, found);
}

double bpi_objective_difference(double first, double second, double distance, double first_slope,
                                double second_slope)
{
    const double rounding = 2 * (sizeof(bp_real) == sizeof(float) ? FLT_EPSILON : DBL_EPSILON);
    const double difference = second - first;
    if (fabs(difference) > rounding * fabs(first) || !isfinite(first_slope) || !isfinite(second_slope))
        return difference;
    return distance * (first_slope + second_slope) / 2;
}

void bpi_objective_take_back(const training_run *run, const bp_real *gradient)
{
    const bp_trainer *trainer = run->trainer;
    const bp_network *net = trainer->network;
    memcpy(net->weights, trainer->weights_snapshot, net->weight_count * sizeof *net->weights);
    memcpy(trainer->gradient, gradient, net->weight_count * sizeof *gradient);
}

bool bpi_objective_is_interrupted(const training_run *run)
{
    bp_trainer *trainer = run->trainer;
    if (run->updates == 0)
        return false;
    if (atomic_load(&trainer->stop_requested))
        return true;
    if (!run->has_time_rule)
        return false;
    const stop_metrics now = {.updates = run->updates, .seconds = bpi_run_seconds(run)};
    return bpi_stopping_limit(&trainer->stopping, &now) < trainer->stopping.count;
}
