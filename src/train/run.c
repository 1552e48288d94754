/* A run: one call of bp_trainer_run, from its checked data to its result. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "engine/check_data.h"
#include "engine/loss.h"
#include "engine/workspace.h"
#include "network/require.h"
#include "train/batch.h"
#include "train/epoch.h"
#include "train/history.h"
#include "train/metrics.h"
#include "train/stopping.h"
#include "train/trainer.h"
#include "train/update.h"

void bp_result_init(bp_result *result, size_t size)
{
    bpi_init_struct(SIZED_RESULT, result, size, NULL);
}

/* -------------------------------------------------------------------- validation */

/* One set of cases: its shape, its values, and targets that the loss can work with. */
static bp_status check_cases(const bp_trainer *trainer, const char *name, const bp_data *data,
                             bp_data *checked)
{
    const bp_network *net = trainer->network;
    BPI_TRY(bpi_check_data_with("bp_trainer_run", name, trainer->workspace, data, DATA_BOTH, checked));
    return bpi_loss_check_targets("bp_trainer_run", name, &trainer->options.loss, net, checked);
}

static bp_status check_data(training_run *run, const bp_data *training, const bp_data *validation)
{
    const bp_trainer *trainer = run->trainer;
    BPI_TRY(check_cases(trainer, "training", training, &run->training));
    if (validation != NULL)
        return check_cases(trainer, "validation", validation, &run->validation);
    size_t rule = bpi_stopping_find(&trainer->stopping, BP_STOP_EARLY);
    if (rule < trainer->stopping.count)
        return bpi_fail(BP_ERROR_ARGUMENT, "bp_trainer_run: validation is NULL, but stop rule %zu needs it",
                        rule);
    return BP_OK;
}

static bp_status reserve_order(bp_trainer *trainer, size_t cases)
{
    if (!bpi_epoch_is_shuffled(trainer, cases) || trainer->order_capacity >= cases)
        return BP_OK;
    size_t *order = bpi_allocate(&trainer->allocator, cases, sizeof *order);
    if (order == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "bp_trainer_run: out of memory for the order of %zu cases", cases);
    bpi_release(&trainer->allocator, trainer->order);
    trainer->order = order;
    trainer->order_capacity = cases;
    return BP_OK;
}

static bp_status reserve_best(bp_trainer *trainer)
{
    if (trainer->best.weights != NULL)
        return BP_OK;
    trainer->best.weights =
        bpi_allocate(&trainer->allocator, trainer->network->weight_count, sizeof(bp_real));
    if (trainer->best.weights == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "bp_trainer_run: out of memory for the best weights");
    return BP_OK;
}

/* All the memory the run needs; without effect where an earlier run has got it. */
static bp_status reserve(const training_run *run)
{
    bp_trainer *trainer = run->trainer;
    size_t training = run->training.cases, validation = run->validation.cases;
    if (validation > 0)
        BPI_TRY(reserve_best(trainer));
    BPI_TRY(reserve_order(trainer, training));
    return bpi_workspace_reserve("bp_trainer_run", trainer->workspace,
                                 training > validation ? training : validation, true);
}

static bp_status begin_run(training_run *run, const bp_data *training, const bp_data *validation,
                           const bp_result *result)
{
    const bp_trainer *trainer = run->trainer;
    if (trainer->running)
        return bpi_fail(BP_ERROR_STATE, "bp_trainer_run: called from inside a run of the same trainer");
    BPI_TRY(bpi_require_ready("bp_trainer_run", trainer->network));
    BPI_TRY(check_data(run, training, validation));
    if (result != NULL)
        BPI_TRY(bpi_check_result_struct("bp_trainer_run", SIZED_RESULT, result));
    BPI_TRY(reserve(run));

    const stop_rules *rules = &trainer->stopping;
    run->rule = rules->count;
    run->wants_norm =
        trainer->options.on_epoch != NULL || bpi_stopping_find(rules, BP_STOP_GRADIENT_BELOW) < rules->count;
    run->has_limits = bpi_stopping_has_limits(rules);
    run->has_time_rule = bpi_stopping_find(rules, BP_STOP_SECONDS) < rules->count;
    run->start = bpi_clock_seconds();
    return BP_OK;
}

/* ------------------------------------------------------------------------ the procedure */

static bp_status train(training_run *run)
{
    while (run->reason == BP_STOP_NONE) {
        BPI_TRY(bpi_history_reserve(run->trainer));
        bpi_epoch_begin(run);
        BPI_TRY(bpi_update(run));
        if (bpi_epoch_is_complete(run))
            BPI_TRY(bpi_epoch_end(run));
        else
            bpi_epoch_check_limits(run);
    }
    return BP_OK;
}

/* ---------------------------------------------------------------------------- its end */

/* Weights as at the end of the last finite epoch. */
static void roll_back(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    bp_network *net = trainer->network;
    memcpy(net->weights, trainer->weights_snapshot, net->weight_count * sizeof *net->weights);
    bpi_trainer_forget_update(trainer);
    bpi_invalidate_metrics(run);
    trainer->epoch.begun = false;
    run->reason = BP_STOP_DIVERGED;
    run->rule = trainer->stopping.count;
}

/* However the run ended, no weights are handed back that are not finite; nor any whose error is not, but
 * where the last finite epoch itself ended with such. */
static bp_status finish_run(training_run *run, bp_status status)
{
    const bp_network *net = run->trainer->network;
    bpi_run_flush_weights(run);
    if (status != BP_DIVERGED && !net->kernel->all_finite(net->weights, net->weight_count))
        status = bpi_run_diverged(run, "a weight");
    if (status == BP_OK && !isfinite(bpi_training_metrics(run)->error))
        status = bpi_run_diverged(run, "the error");
    if (status == BP_DIVERGED)
        roll_back(run);
    return status;
}

static void fill_result(training_run *run, bp_result *result)
{
    const bp_trainer *trainer = run->trainer;
    double error = bpi_training_metrics(run)->error;
    const bp_result found = {
        .reason = run->reason,
        .rule = run->rule,
        .epochs = run->epochs,
        .updates = run->updates,
        .error = error,
        .mean_error = error / (double)run->training.cases,
        .validation_error = run->validation.cases > 0 ? bpi_validation_metrics(run)->mean_error : NAN,
        .best_epoch = trainer->best.epoch,
        .seconds = bpi_run_seconds(run),
    };
    bpi_write_struct(SIZED_RESULT, result, &found);
}

bp_status bp_trainer_run(bp_trainer *trainer, const bp_data *training, const bp_data *validation,
                         bp_result *result)
{
    BPI_REQUIRE(trainer);
    training_run run = {.trainer = trainer};
    BPI_TRY(begin_run(&run, training, validation, result));
    trainer->running = true;
    bp_status status = finish_run(&run, train(&run));
    trainer->running = false;
    if (result != NULL && (status == BP_OK || status == BP_DIVERGED))
        fill_result(&run, result);
    return status;
}
