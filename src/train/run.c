/* A run: one call of bp_trainer_run, from its checked data to its result. */
#include "train/run.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "engine/check_data.h"
#include "engine/class_weights.h"
#include "engine/loss_check.h"
#include "engine/missing_targets.h"
#include "engine/workspace.h"
#include "network/change_weights.h"
#include "network/require.h"
#include "train/automatic.h"
#include "train/batch.h"
#include "train/case_hash.h"
#include "train/checkpoint_timer.h"
#include "train/class_weighting.h"
#include "train/diagnosis.h"
#include "train/epoch.h"
#include "train/epoch_metrics.h"
#include "train/gradient_hook.h"
#include "train/history.h"
#include "train/history_file.h"
#include "train/layer_noise.h"
#include "train/metrics.h"
#include "train/momentum.h"
#include "train/optimizer.h"
#include "train/part_rates.h"
#include "train/penalties.h"
#include "train/rate_search.h"
#include "train/rates.h"
#include "train/recovery.h"
#include "train/recovery_limit.h"
#include "train/reporter.h"
#include "train/resume.h"
#include "train/roll_back.h"
#include "train/rule_options.h"
#include "train/stopping.h"
#include "train/train_loop.h"
#include "train/trainer.h"
#include "train/validations.h"
#include "train/weight_decay.h"
#include "train/whole_set.h"

void bp_result_init(bp_result *result, size_t size)
{
    bpi_init_struct(SIZED_RESULT, result, size, NULL);
}

/* -------------------------------------------------------------- checks and memory */

/* One set of cases: its shape, its values, and targets that the loss can work with. */
static bp_status check_cases(const bp_trainer *trainer, bool is_training, const bp_data *data,
                             bp_data *checked)
{
    const char *name = is_training ? "training" : "validation";
    const bp_network *net = trainer->network;
    BPI_TRY(bpi_check_data_with("bp_trainer_run", name, trainer->workspace, data, DATA_BOTH | DATA_MAY_MISS,
                                checked));
    BPI_TRY(bpi_loss_check_targets("bp_trainer_run", name, &trainer->options.loss, net, checked));
    BPI_TRY(bpi_require_targets("bp_trainer_run", name, net, bpi_data_has_target, checked, is_training));
    return bpi_check_case_classes("bp_trainer_run", name, trainer->workspace, checked, 0);
}

static bp_status check_data(training_run *run, const bp_data *training, const bp_data *validation)
{
    const bp_trainer *trainer = run->trainer;
    BPI_TRY(check_cases(trainer, true, training, &run->training));
    if (run->validations != NULL)
        return bpi_validations_check(run);
    if (validation != NULL)
        return check_cases(trainer, false, validation, &run->validation);
    size_t rule = bpi_stopping_find_validation(&trainer->stopping);
    if (rule < trainer->stopping.count && !trainer->chooses_rules)
        return bpi_fail(BP_ERROR_ARGUMENT,
                        "bp_trainer_run: validation is NULL, but options.stop_rules[%zu] needs it", rule);
    return BP_OK;
}

static bp_status reserve_order(const training_run *run)
{
    bp_trainer *trainer = run->trainer;
    const size_t cases = run->training.cases;
    if (!run->is_shuffled || trainer->order_capacity >= cases)
        return BP_OK;
    size_t *order = bpi_allocate(&trainer->allocator, cases, sizeof *order);
    if (order == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "bp_trainer_run: out of memory for the order of %zu cases", cases);
    if (trainer->order_cases > 0)
        memcpy(order, trainer->order, trainer->order_cases * sizeof *order);
    bpi_release(&trainer->allocator, trainer->order);
    trainer->order = order;
    trainer->order_capacity = cases;
    return BP_OK;
}

static bp_status reserve_weights(const bp_trainer *trainer, bp_real **weights)
{
    if (*weights != NULL)
        return BP_OK;
    *weights = bpi_allocate_zeroed(&trainer->allocator, trainer->network->weight_count, sizeof(bp_real));
    if (*weights == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "bp_trainer_run: out of memory for the best weights");
    return BP_OK;
}

/* What a trainer's updates may ask of the kernel of online training. */
static online_use online_use_of(const bp_trainer *trainer)
{
    const bp_trainer_options *options = &trainer->options;
    if (trainer->rule->make_update == NULL || trainer->rule->compares_errors ||
        bpi_penalties_change_gradient(trainer) || bpi_penalties_change_weights(trainer))
        return ONLINE_NOT;
    const bool is_momentum = trainer->rule->kind == OPTIMIZER_MOMENTUM &&
                             bpi_momentum_is_bare(options->clip_value, options->l2, options->l1);
    return is_momentum ? ONLINE_MOMENTUM : ONLINE_RULE;
}

/* All memory that the run needs, except for the history of later epochs. Capacities only grow and contents
 * stay, so that the trainer is as before if there is not enough. */
static bp_status reserve(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    run->cases = run->window == NULL ? run->training.cases : run->window->cases;
    run->batch_cases = run->window == NULL ? bpi_batch_cases(trainer, run->cases) : run->window->batch;
    run->is_shuffled = bpi_epoch_is_shuffled(trainer, run->cases);
    BPI_TRY(bpi_rule_check_batches(run));
    BPI_TRY(bpi_whole_set_check_cases(run));
    BPI_TRY(bpi_noise_begin(trainer));
    size_t training = run->training.cases, validation = run->validation.cases;
    if (validation > 0)
        BPI_TRY(reserve_weights(trainer, &trainer->best.weights));
    if (validation > 0 && trainer->options.keep_best)
        BPI_TRY(reserve_weights(trainer, &trainer->last_weights));
    BPI_TRY(reserve_order(run));
    BPI_TRY(bpi_history_reserve(trainer));
    trainer->workspace->online_use = online_use_of(trainer);
    return bpi_workspace_reserve("bp_trainer_run", trainer->workspace,
                                 training > validation ? training : validation, true);
}

/* For checkpoints. Cases of a stream that do not fit into memory were hashed when they were counted. */
static void find_hashes(training_run *run)
{
    if (!run->has_varying_training)
        run->training_hash = run->window == NULL ? bpi_case_hash_of(&run->training) : run->window->hash;
    if (run->validation.cases > 0 && run->validations == NULL && !run->has_varying_validation)
        run->validation_hash = bpi_case_hash_of(&run->validation);
}

/* Checks the data, after scaling them if that is to be chosen, and reserves memory. */
static bp_status admit_data(training_run *run, const bp_data *training, const bp_data *validation)
{
    bp_trainer *trainer = run->trainer;
    scaling_backup backup;
    BPI_TRY(bpi_fit_data(run, training, &backup));
    bp_status status = check_data(run, training, validation);
    if (status == BP_OK) {
        find_hashes(run);
        status = bpi_resume_check(run);
    }
    if (status == BP_OK)
        status = reserve(run);
    if (status == BP_OK)
        status = bpi_class_weighting_begin(run);
    if (status == BP_OK)
        status = bpi_choose_rules(run);
    if (status == BP_OK)
        status = bpi_choose_decay(run);
    if (status == BP_OK)
        status = bpi_parts_begin(trainer);
    if (status == BP_OK)
        bpi_accept_scaling(trainer->network, &backup);
    else
        bpi_take_back_scaling(trainer->network, &backup);
    return status;
}

bp_status bpi_run_check_call(const bp_trainer *trainer, const bp_result *result)
{
    BPI_TRY(bpi_require_ready("bp_trainer_run", trainer->network));
    return result == NULL ? BP_OK : bpi_check_result_struct("bp_trainer_run", SIZED_RESULT, result);
}

bp_status bpi_run_prepare(training_run *run, const bp_data *training, const bp_data *validation,
                          const bp_result *result)
{
    bp_trainer *trainer = run->trainer;
    BPI_TRY(bpi_run_check_call(trainer, result));
    BPI_TRY(admit_data(run, training, validation));

    const stop_rules *rules = &trainer->stopping;
    run->rule = rules->count;
    run->wants_norm =
        bpi_wants_epoch_metrics(trainer) || bpi_stopping_find(rules, BP_STOP_GRADIENT_BELOW) < rules->count;
    run->has_limits = bpi_stopping_has_limits(rules);
    run->has_time_rule = bpi_stopping_find(rules, BP_STOP_SECONDS) < rules->count;
    trainer->epochs_before = trainer->epochs;
    trainer->updates_before = trainer->updates;
    bpi_history_release_older(trainer);
    if (!trainer->is_prepared) {
        bpi_note_choices(run);
        bpi_note_decay(run);
        bpi_note_rule_batches(run);
    }
    trainer->is_prepared = true;
    bpi_history_files_open(trainer);
    return BP_OK;
}

/* ------------------------------------------------------------------------- end of a run */

static bp_status require_finite(training_run *run, bp_status status)
{
    const bp_network *net = run->trainer->network;
    if (status != BP_DIVERGED && !net->kernel->all_finite(net->weights, net->weight_count))
        return bpi_run_diverged(run, "a weight");
    if (status != BP_OK || isfinite(bpi_training_metrics(run)->error))
        return status;
    return run->stream_status != BP_OK ? bpi_run_stream_status(run) : bpi_run_diverged(run, "the error");
}

/* Divergence by the last update shows only in the weights and errors after it. */
static bp_status check_last_update(training_run *run, bp_status status)
{
    if (status != BP_OK)
        run->may_diverge = false; /* nothing is recovered from: divergence has a message */
    const bp_status found = require_finite(run, status);
    run->may_diverge = false;
    if (status != BP_OK || found != BP_DIVERGED || !bpi_may_recover(run))
        return found;
    return require_finite(run, bpi_recover(run));
}

/* Puts the best weights into the network, and keeps those that training goes on from. Without keep_best,
 * rules that judge by the validation error do so, and training goes on from the best. */
static void hand_back_best(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    const bp_network *net = trainer->network;
    const size_t bytes = net->weight_count * sizeof *net->weights;
    const bool keeps = trainer->options.keep_best;
    if ((!keeps && !bpi_stopping_judges_validation(run->reason)) || run->validation.cases == 0 ||
        trainer->best.epoch == 0)
        return;
    if (keeps)
        memcpy(trainer->last_weights, net->weights, bytes);
    else
        bpi_trainer_clear_state(trainer);
    memcpy(bpi_change_weights(trainer->network), trainer->best.weights, bytes);
    trainer->has_last_weights = keeps;
    bpi_invalidate_metrics(run);
}

static bp_status finish_run(training_run *run, bp_status status)
{
    bpi_run_flush_weights(run);
    bp_status state = bpi_require_in_progress(run);
    status = state == BP_OK ? check_last_update(run, status) : state;
    if (status == BP_OK) {
        bpi_diagnose_run(run);
        hand_back_best(run);
        return BP_OK;
    }
    if (status == BP_DIVERGED) {
        bpi_report_large_rate(run, true);
        bpi_roll_back(run);
    }
    bpi_update_rates(run->trainer); /* updates were made, and the bold driver may be slower */
    run->reason = status == BP_DIVERGED ? BP_STOP_DIVERGED : BP_STOP_FAILED;
    run->rule = run->trainer->stopping.count;
    return status;
}

static void fill_result(training_run *run, bp_result *result)
{
    const bp_trainer *trainer = run->trainer;
    double error = bpi_training_metrics(run)->error;
    const bp_result found = {
        .reason = run->reason,
        .history_status = bpi_history_files_failed(trainer) ? BP_ERROR_FILE : BP_OK,
        .rule = run->rule,
        .epochs = run->epochs,
        .updates = run->updates,
        .error = error,
        .mean_error = error / (double)run->cases,
        .validation_error = run->validation.cases > 0 ? bpi_validation_metrics(run)->mean_error : NAN,
        .best_epoch = trainer->best.epoch,
        .seconds = bpi_run_seconds(run),
        .evaluations = run->evaluations,
        .checkpoint_status = run->checkpoints.status,
        .checkpoints = run->checkpoints.written,
    };
    bpi_write_struct(SIZED_RESULT, result, &found);
}

/* Was the run ended before a rule or divergence ended it? */
static bool is_interrupted(const training_run *run, bp_status status)
{
    if (status != BP_OK)
        return status != BP_DIVERGED;
    return run->reason == BP_STOP_REQUESTED || run->reason == BP_STOP_CALLBACK || run->reason == BP_STOP_HOOK;
}

/* Of the weights as they are, before the best ones are handed back. */
static void keep_place(training_run *run, bp_status status)
{
    if (run->trainer->running != run->number)
        return;
    const bool goes_on = is_interrupted(run, status);
    if (goes_on)
        bpi_checkpoint_at_interruption(run);
    run->trainer->place = bpi_run_place(run, goes_on);
}

bp_status bpi_run_train(training_run *run, bp_result *result)
{
    bp_status status = bpi_train_loop(run);
    keep_place(run, status);
    status = finish_run(run, status);
    bpi_history_files_close(run->trainer);
    if (result != NULL)
        fill_result(run, result);
    return status == BP_OK ? bpi_run_stream_status(run) : status;
}

static bp_status require_no_run(const char *function, const bp_trainer *trainer)
{
    if (trainer->running != 0)
        return bpi_fail(BP_ERROR_STATE,
                        "%s: a run of the same trainer is in progress; if an exception "
                        "ended it, call bp_trainer_reset first",
                        function);
    return BP_OK;
}

/* From now on the trainer is running. */
static training_run new_run(bp_trainer *trainer)
{
    trainer->running = ++trainer->runs;
    return (training_run){.trainer = trainer, .number = trainer->runs, .start_count = 1};
}

bp_status bpi_run_open(training_run *run, const char *function, bp_trainer *trainer)
{
    BPI_TRY(require_no_run(function, trainer));
    *run = new_run(trainer);
    return BP_OK;
}

static void end_run(const training_run *run)
{
    if (run->trainer->running == run->number)
        run->trainer->running = 0;
}

bp_status bpi_run_begin(training_run *run, bp_trainer *trainer, const bp_data *training,
                        const bp_data *validation)
{
    *run = new_run(trainer);
    bp_status status = bpi_run_prepare(run, training, validation, NULL);
    if (status != BP_OK)
        end_run(run);
    return status;
}

bp_status bpi_run_complete(training_run *run, bp_status status, bp_result *result)
{
    if (status == BP_OK)
        status = bpi_run_train(run, result);
    else
        run->reason = BP_STOP_FAILED;
    bpi_reporters_end_run(run->trainer);
    bpi_announce_end(run, status);
    end_run(run);
    return status;
}

bp_status bp_trainer_run(bp_trainer *trainer, const bp_data *training, const bp_data *validation,
                         bp_result *result)
{
    BPI_REQUIRE(trainer);
    training_run run;
    BPI_TRY(bpi_run_open(&run, __func__, trainer));
    return bpi_run_complete(&run, bpi_run_prepare(&run, training, validation, result), result);
}

/* Most messages of a search, and of a run on a stream, come from code that they share with bp_trainer_run. */
bp_status bpi_run_name_function(const char *function, bp_status status)
{
    return bpi_rename_function("bp_trainer_run", function, status);
}

static bp_status search_for_rate(training_run *run, bp_rate_search *found)
{
    bool lowers_error;
    BPI_TRY(bpi_search_rate(run, found, &lowers_error));
    if (run->reason != BP_STOP_NONE)
        return bpi_fail(BP_ERROR_UNSUPPORTED,
                        "bp_trainer_find_learning_rate: the gradient hook ended the search");
    if (!lowers_error)
        return bpi_fail(
            BP_ERROR_UNSUPPORTED,
            "bp_trainer_find_learning_rate: no learning rate from %s to %s lowers the mean error of %s",
            bpi_format_real(found->points[0].learning_rate).text,
            bpi_format_real(found->points[found->point_count - 1].learning_rate).text,
            bpi_format_real(found->start_error).text);
    return BP_OK;
}

/* Scales and checks the data as the first run would, searches, and takes the scaling back. */
static bp_status find_learning_rate(training_run *run, const bp_data *training, bp_rate_search *found)
{
    bp_network *net = run->trainer->network;
    scaling_backup backup;
    BPI_TRY(bpi_require_ready("bp_trainer_find_learning_rate", net));
    BPI_TRY(bpi_fit_data(run, training, &backup));
    bp_status status = check_cases(run->trainer, true, training, &run->training);
    if (status == BP_OK)
        status = reserve(run);
    if (status == BP_OK)
        status = bpi_parts_begin(run->trainer);
    if (status == BP_OK)
        status = search_for_rate(run, found);
    bpi_take_back_scaling(net, &backup);
    return status;
}

bp_status bp_trainer_find_learning_rate(bp_trainer *trainer, const bp_data *training, bp_rate_search *search)
{
    BPI_REQUIRE(trainer);
    BPI_REQUIRE(training);
    BPI_REQUIRE(search);
    BPI_TRY(require_no_run(__func__, trainer));
    BPI_TRY(bpi_check_result_struct(__func__, SIZED_RATE_SEARCH, search));
    if (trainer->rule->rate_meaning == RATE_NONE)
        BPI_TRY(bpi_require_rate(__func__, trainer->rule));
    training_run run = new_run(trainer);
    bp_rate_search found = {.size = sizeof found};
    bp_status status = bpi_run_name_function(__func__, find_learning_rate(&run, training, &found));
    if (status != BP_OK && status != BP_ERROR_UNSUPPORTED) {
        run.reason = BP_STOP_FAILED;
        bpi_announce_end(&run, status);
    }
    end_run(&run);
    if (status == BP_OK)
        bpi_write_struct(SIZED_RATE_SEARCH, search, &found);
    return status;
}
