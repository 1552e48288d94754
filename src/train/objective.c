#include "train/objective.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "engine/gradient.h"
#include "engine/weight_parts.h"
#include "network/change_weights.h"
#include "train/metrics.h"
#include "train/stopping.h"
#include "train/vectors.h"
#include "train/weight_decay.h"

/* Of F, in units of the precision. An output is a sum of terms that are larger than it is, and |y - d| may be
 * much smaller, so F is less precise than its sum in double. Hager & Zhang take 1e-6 |F|, in double. */
enum { OBJECTIVE_ROUNDING = 100 };

double bpi_objective_decay(const bp_trainer *trainer, size_t slice)
{
    return bpi_decay_of_objective(trainer) * bpi_decay_factor(trainer->workspace, slice);
}

/* The derivatives of a slice by F, from those by E. */
static void reduce_slice(const bp_trainer *trainer, const vector_slice *slice, double divisor, double decay)
{
    const bp_real *weights = trainer->network->weights + slice->offset;
    bp_real *gradient = trainer->gradient + slice->offset;
    for (size_t i = 0; i < slice->count && (divisor != 1 || decay != 0); i++)
        gradient[i] = (bp_real)((double)gradient[i] / divisor + decay * (double)weights[i]);
}

/* The value and the gradient, from E and its gradient summed over the cases. Frozen weights are constants. */
static void reduce(const training_run *run, objective_point *found)
{
    const bp_trainer *trainer = run->trainer;
    const bp_network *net = trainer->network;
    const double divisor = bpi_objective_divisor(run);
    found->value = bpi_add_penalty(found->error.error / divisor, trainer->workspace, net->weights,
                                   bpi_decay_of_objective(trainer));
    for (size_t i = 0; i < net->slice_count; i++)
        if (!bpi_is_frozen(trainer->workspace, i))
            reduce_slice(trainer, &net->slices[i], divisor, bpi_objective_decay(trainer, i));
    bpi_clear_frozen(trainer->workspace, trainer->gradient);
}

double bpi_objective_divisor(const training_run *run)
{
    return run->trainer->options.reduction == BP_REDUCE_SUM ? 1 : (double)run->cases;
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
    bpi_add_multiple(bpi_change_weights(trainer->network), trainer->weights_snapshot, step, direction,
                     net->weight_count);
    return bpi_objective_evaluate(run, found);
}

double bpi_objective_difference(double first, double second, double distance, double first_slope,
                                double second_slope)
{
    const double rounding =
        OBJECTIVE_ROUNDING * (sizeof(bp_real) == sizeof(float) ? FLT_EPSILON : DBL_EPSILON);
    const double difference = second - first;
    if (fabs(difference) > rounding * fabs(first) || !isfinite(first_slope) || !isfinite(second_slope))
        return difference;
    return distance * (first_slope + second_slope) / 2;
}

void bpi_objective_take_back(const training_run *run, const bp_real *gradient)
{
    const bp_trainer *trainer = run->trainer;
    const bp_network *net = trainer->network;
    memcpy(bpi_change_weights(trainer->network), trainer->weights_snapshot,
           net->weight_count * sizeof *net->weights);
    memcpy(trainer->gradient, gradient, net->weight_count * sizeof *gradient);
}

bool bpi_objective_is_interrupted(const training_run *run)
{
    bp_trainer *trainer = run->trainer;
    if (run->updates == run->resumed_at) /* or nothing would ever come of many short calls */
        return false;
    if (atomic_load(&trainer->stop_requested))
        return true;
    if (!run->has_time_rule)
        return false;
    const stop_metrics now = {.updates = run->updates, .seconds = bpi_run_seconds(run)};
    return bpi_stopping_limit(&trainer->stopping, &now) < trainer->stopping.count;
}
