#include "train/metrics.h"

#include <math.h>

#include "base/clock.h"
#include "base/status.h"
#include "engine/constant_error.h"
#include "engine/error.h"
#include "engine/evaluate.h"
#include "engine/online.h"
#include "network/activation_kind.h"

void bpi_run_flush_weights(training_run *run)
{
    bpi_flush_weights(run->trainer->workspace, &run->online);
}

const batch_error *bpi_training_metrics(training_run *run)
{
    if (!run->has_training_metrics) {
        bpi_run_flush_weights(run);
        batch all = {.data = &run->training, .count = run->training.cases};
        bpi_batch_error(run->trainer->workspace, &all, &run->trainer->options.loss, &run->training_metrics);
        run->has_training_metrics = true;
    }
    return &run->training_metrics;
}

const bp_evaluation *bpi_validation_metrics(training_run *run)
{
    if (!run->has_validation_metrics) {
        bpi_run_flush_weights(run);
        bpi_evaluate(run->trainer->workspace, &run->validation, &run->trainer->options.loss, NULL,
                     &run->validation_metrics);
        run->has_validation_metrics = true;
    }
    return &run->validation_metrics;
}

double bpi_run_constant_error(training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    if (!run->has_constant_error)
        run->constant_error = bpi_constant_error(trainer->network, &run->training, &trainer->options.loss);
    if (run->constant_error == 0) /* constant targets, with which nothing can be compared */
        run->constant_error = NAN;
    run->has_constant_error = true;
    return run->constant_error;
}

bool bpi_error_is_small(training_run *run, double mean_error)
{
    const bp_network *net = run->trainer->network;
    const bool are_numbers = net->outputs[0]->activation.kind == ACTIVATION_LINEAR;
    const double small = are_numbers ? 0.005 : 0.05;
    return !(mean_error > small * bpi_run_constant_error(run));
}

void bpi_invalidate_metrics(training_run *run)
{
    run->has_training_metrics = false;
    run->has_validation_metrics = false;
}

double bpi_run_seconds(const training_run *run)
{
    return bpi_clock_seconds() - run->start;
}

bp_status bpi_require_in_progress(const training_run *run)
{
    if (run->trainer->running != run->number)
        return bpi_fail(BP_ERROR_STATE, "bp_trainer_run: bp_trainer_reset was called from inside the run");
    return BP_OK;
}

bp_status bpi_run_diverged(const training_run *run, const char *what)
{
    const bp_trainer *trainer = run->trainer;
    if (run->may_diverge)
        return BP_DIVERGED;
    return bpi_fail(BP_DIVERGED,
                    "bp_trainer_run: %s became NaN or infinite in epoch %zu, with learning rate %s", what,
                    trainer->epochs + trainer->epoch.begun, bpi_format_real(trainer->learning_rate).text);
}
