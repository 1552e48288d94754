#include "train/roll_back.h"

#include <math.h>
#include <string.h>

#include "network/change_weights.h"
#include "train/adaptive_rate.h"
#include "train/metrics.h"
#include "train/trainer.h"

typedef struct candidate {
    const bp_real *weights;
    double training, validation; /* errors; without a validation set, both are those of the training cases */
} candidate;

static void put_back(training_run *run, const bp_real *weights)
{
    const bp_network *net = run->trainer->network;
    memcpy(bpi_change_weights(run->trainer->network), weights, net->weight_count * sizeof *net->weights);
    bpi_invalidate_metrics(run);
}

static candidate evaluate(training_run *run, const bp_real *weights)
{
    put_back(run, weights);
    candidate made = {.weights = weights, .training = bpi_training_metrics(run)->error};
    made.validation = run->validation.cases > 0 ? bpi_validation_metrics(run)->mean_error : made.training;
    return made;
}

/* Any number is less than NaN. */
static bool is_less(double a, double b)
{
    return a < b || (isnan(b) && !isnan(a));
}

static const bp_real *best_weights(training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    const bp_real *others[2];
    size_t count = 0;
    if (run->has_snapshot)
        others[count++] = trainer->weights_snapshot;
    if (run->validation.cases > 0 && trainer->best.epoch > 0)
        others[count++] = trainer->best.weights;
    if (count == 0)
        return trainer->start_weights;
    const candidate start = evaluate(run, trainer->start_weights);
    candidate best = start;
    for (size_t i = 0; i < count; i++) {
        candidate other = evaluate(run, others[i]);
        if (is_less(other.validation, best.validation) && !is_less(start.training, other.training))
            best = other;
    }
    return best.weights;
}

void bpi_roll_back(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    put_back(run, best_weights(run));
    bpi_trainer_clear_state(trainer);
    bpi_slow_down(trainer);
    trainer->epoch.begun = false;
}
