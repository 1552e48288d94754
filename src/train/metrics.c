#include "train/metrics.h"

#include <math.h>

#include "base/clock.h"
#include "base/status.h"
#include "engine/constant_error.h"
#include "engine/error.h"
#include "engine/evaluate.h"
#include "engine/evaluate_stream.h"
#include "engine/online.h"
#include "network/activation_kind.h"
#include "train/stream_use.h"
#include "train/weight_order.h"

void bpi_run_flush_weights(training_run *run)
{
    bpi_flush_weights(run->trainer->workspace, &run->online);
    bpi_use_rows(run->trainer);
    run->seen_at = run->updates;
}

/* ----------------------------------------------------------------------- streams */

void bpi_run_note_stream_status(training_run *run, bp_status status)
{
    if (run->stream_status != BP_OK || status == BP_OK)
        return;
    run->stream_status = status;
    bpi_save_message(run->stream_message);
    if (run->reason == BP_STOP_NONE)
        run->reason = BP_STOP_FAILED;
}

bp_status bpi_run_stream_status(const training_run *run)
{
    if (run->stream_status != BP_OK)
        bpi_restore_message(run->stream_message);
    return run->stream_status;
}

/* Nothing is known after a failure. */
static void read_training_metrics(training_run *run)
{
    run->training_metrics = (batch_error){NAN, NAN};
    if (run->stream_status == BP_OK)
        bpi_run_note_stream_status(run, bpi_stream_error(&training_use, run->trainer->workspace,
                                                         run->window->stream, &run->trainer->options.loss,
                                                         &run->training_metrics));
}

static void read_validation_metrics(training_run *run)
{
    run->validation_metrics = (bp_evaluation){.mean_error = NAN, .accuracy = NAN};
    if (run->stream_status == BP_OK)
        bpi_run_note_stream_status(
            run, bpi_evaluate_stream(&validation_use, run->trainer->workspace, run->validations->stream,
                                     &run->trainer->options.loss, NULL, &run->validation_metrics));
}

/* ----------------------------------------------------------------------- metrics */

const batch_error *bpi_training_metrics(training_run *run)
{
    if (!run->has_training_metrics) {
        bpi_run_flush_weights(run);
        batch all = {.data = &run->training, .count = run->training.cases};
        if (run->window != NULL)
            read_training_metrics(run);
        else
            bpi_batch_error(run->trainer->workspace, &all, &run->trainer->options.loss,
                            &run->training_metrics);
        run->has_training_metrics = true;
    }
    return &run->training_metrics;
}

const bp_evaluation *bpi_validation_metrics(training_run *run)
{
    if (!run->has_validation_metrics) {
        bpi_run_flush_weights(run);
        if (run->validations != NULL)
            read_validation_metrics(run);
        else
            bpi_evaluate(run->trainer->workspace, &run->validation, &run->trainer->options.loss, NULL,
                         &run->validation_metrics);
        run->has_validation_metrics = true;
    }
    return &run->validation_metrics;
}

double bpi_run_constant_error(training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    const bp_loss *loss = &trainer->options.loss;
    const case_window *window = run->window;
    if (!run->has_constant_error)
        run->constant_error = window == NULL ? bpi_weighed_constant_error(trainer->network, &run->training,
                                                                          trainer->workspace->classes, loss)
                                             : bpi_constant_error_by(trainer->network, window->target_sums,
                                                                     window->cases, loss);
    if (run->constant_error == 0) /* constant targets, with which nothing can be compared */
        run->constant_error = NAN;
    run->has_constant_error = true;
    return run->constant_error;
}

bool bpi_error_is_small(training_run *run, double mean_error)
{
    const bp_network *net = run->trainer->network;
    double low, high;
    const bool are_numbers = bpi_activation_range(&net->outputs[0]->activation, &low, &high) && isinf(low);
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
    if (trainer->rule->iterate != NULL)
        return bpi_fail(BP_DIVERGED, "bp_trainer_run: %s is NaN or infinite with the weights of epoch %zu",
                        what, trainer->epochs + trainer->epoch.begun);
    return bpi_fail(BP_DIVERGED,
                    "bp_trainer_run: %s became NaN or infinite in epoch %zu, with learning rate %s", what,
                    trainer->epochs + trainer->epoch.begun, bpi_format_real(trainer->learning_rate).text);
}
