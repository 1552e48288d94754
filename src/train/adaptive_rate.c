#include "train/adaptive_rate.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/real.h"
#include "network/change_weights.h"
#include "train/metrics.h"
#include "train/schedule.h"
#include "train/trainer.h"

/* Is the schedule of this kind, and its warm-up over in this epoch, counted from 0? */
static bool judges(const bp_trainer *trainer, int32_t kind, size_t epoch)
{
    const bp_schedule *schedule = &trainer->options.learning_rate_schedule;
    return schedule->kind == kind && (double)epoch >= schedule->warm_up;
}

/* Mean E of the epoch; with a hook, which may know the error on other machines, the sum that it replied. */
static double judged_error(const bp_trainer *trainer)
{
    const epoch_state *epoch = &trainer->epoch;
    return trainer->options.on_gradient != NULL ? epoch->hook_error : epoch->error / (double)epoch->cases;
}

/* The rates of later epochs, unless they would leave the range of bp_real. */
static void scale_rate(bp_trainer *trainer, double factor)
{
    double rate = trainer->learning_rate * factor;
    if (rate >= (double)FLT_MIN && bpi_fits_real(rate))
        trainer->rate_memory.scale *= factor;
}

/* --------------------------------------------------------------------- bold driver */

/* Has nobody else changed the weights during the epoch? */
static bool is_undisturbed(const bp_trainer *trainer)
{
    return trainer->epoch.weights_changed == trainer->network->weights_changed;
}

static bool is_comparable(const bp_trainer *trainer)
{
    const rate_memory *memory = &trainer->rate_memory;
    return memory->has_reference && memory->cases == trainer->epoch.cases && is_undisturbed(trainer) &&
           memory->weights_changed == trainer->network->weights_changed;
}

/* The epoch is what the next one is judged by. */
static void accept(bp_trainer *trainer, double error)
{
    const bp_network *net = trainer->network;
    rate_memory *memory = &trainer->rate_memory;
    memory->has_reference = is_undisturbed(trainer);
    memory->reference = error;
    memory->cases = trainer->epoch.cases;
    memory->weights_changed = net->weights_changed;
    memcpy(memory->weights, trainer->weights_snapshot, net->weight_count * sizeof *memory->weights);
}

static void take_back(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    const bp_network *net = trainer->network;
    memcpy(bpi_change_weights(trainer->network), trainer->rate_memory.weights,
           net->weight_count * sizeof *net->weights);
    bpi_trainer_clear_state(trainer);
    bpi_invalidate_metrics(run);
}

void bpi_judge_epoch(training_run *run)
{
    const double tolerance = 0.01; /* Vogl et al. (1988) allow a few percent */
    bp_trainer *trainer = run->trainer;
    const double *parameter = trainer->options.learning_rate_schedule.parameter;
    if (!judges(trainer, SCHEDULE_BOLD_DRIVER, trainer->epochs))
        return;
    bpi_run_flush_weights(run); /* and with them those that the epoch began with */
    double error = judged_error(trainer);
    double before = is_comparable(trainer) ? trainer->rate_memory.reference : error;
    if (error > before * (1 + tolerance)) {
        take_back(run);
        scale_rate(trainer, parameter[2]);
        return;
    }
    if (error < before)
        scale_rate(trainer, parameter[1]);
    accept(trainer, error);
}

void bpi_slow_down(bp_trainer *trainer)
{
    const bp_schedule *schedule = &trainer->options.learning_rate_schedule;
    if (schedule->kind == SCHEDULE_BOLD_DRIVER)
        scale_rate(trainer, schedule->parameter[2]);
}

/* -------------------------------------------------------------------------- plateau */

static bool improves(const rate_memory *memory, double error)
{
    return memory->has_reference ? error < memory->reference : !isnan(error);
}

void bpi_watch_plateau(training_run *run, const stop_metrics *metrics)
{
    bp_trainer *trainer = run->trainer;
    const double *parameter = trainer->options.learning_rate_schedule.parameter;
    rate_memory *memory = &trainer->rate_memory;
    if (!judges(trainer, SCHEDULE_PLATEAU, trainer->epochs - 1))
        return;
    const bool of_validation = run->validation.cases > 0;
    const double error = of_validation ? metrics->validation_error : judged_error(trainer);
    if (memory->of_validation != of_validation)
        memory->has_reference = false;
    memory->of_validation = of_validation;
    memory->waited++;
    if (improves(memory, error)) {
        memory->has_reference = true;
        memory->reference = error;
        memory->waited = 0;
    } else if ((double)memory->waited >= parameter[2]) {
        scale_rate(trainer, parameter[1]);
        memory->waited = 0;
    }
}
