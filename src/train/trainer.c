#include "train/trainer.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "engine/load.h"
#include "engine/loss.h"
#include "engine/weight_parts.h"
#include "engine/workspace.h"
#include "network/change_weights.h"
#include "network/require.h"
#include "network/trainable.h"
#include "train/class_weighting.h"
#include "train/epoch_metrics.h"
#include "train/finding.h"
#include "train/history.h"
#include "train/history_file.h"
#include "train/optimizer.h"
#include "train/rate_memory.h"
#include "train/rates.h"
#include "train/reporter.h"
#include "train/stopping.h"
#include "train/trainer_options.h"

/* ------------------------------------------------------------- creating and destroying */

/* Without rules of the caller's, the first run chooses them. */
static bp_status create_stopping(bp_trainer *trainer)
{
    bp_trainer_options *options = &trainer->options;
    const bp_stop_rule placeholder = bp_stop_epochs(1);
    trainer->chooses_rules = options->stop_rule_count == 0;
    BPI_TRY(bpi_stopping_create(&trainer->stopping, "bp_trainer_create: options.stop_rules",
                                &trainer->allocator,
                                trainer->chooses_rules ? &placeholder : options->stop_rules,
                                trainer->chooses_rules ? 1 : options->stop_rule_count));
    options->stop_rules = NULL;
    return BP_OK;
}

/* The losses of several outputs, and their weights, are copied. */
static bp_status copy_losses(bp_trainer *trainer)
{
    const loss_list losses = bpi_losses_of(&trainer->options.loss);
    if (losses.losses == &trainer->options.loss)
        return BP_OK;
    const double *weights = trainer->options.loss.of_outputs.weights;
    trainer->losses = bpi_allocate_zeroed(&trainer->allocator, losses.count, sizeof *trainer->losses);
    trainer->loss_weights =
        bpi_allocate_zeroed(&trainer->allocator, losses.count, sizeof *trainer->loss_weights);
    if (trainer->losses == NULL || trainer->loss_weights == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "bp_trainer_create: no memory for the losses of %zu outputs",
                        losses.count);
    memcpy(trainer->losses, losses.losses, losses.count * sizeof *trainer->losses);
    for (size_t i = 0; i < losses.count; i++)
        trainer->loss_weights[i] = weights == NULL ? 1 : weights[i];
    trainer->options.loss = bp_loss_of_outputs(trainer->losses, trainer->loss_weights, losses.count);
    return BP_OK;
}

static bp_status create_vectors(bp_trainer *trainer)
{
    size_t count = trainer->network->weight_count;
    trainer->gradient = bpi_allocate(&trainer->allocator, count, sizeof(bp_real));
    trainer->start_weights = bpi_allocate_zeroed(&trainer->allocator, count, sizeof(bp_real));
    trainer->weights_snapshot = bpi_allocate_zeroed(&trainer->allocator, count, sizeof(bp_real));
    trainer->noise =
        bpi_allocate_zeroed(&trainer->allocator, trainer->network->layer_count, sizeof *trainer->noise);
    if (trainer->gradient == NULL || trainer->start_weights == NULL || trainer->weights_snapshot == NULL ||
        !bpi_optimizer_state_create(&trainer->state, &trainer->allocator, &trainer->options.optimizer,
                                    count) ||
        trainer->noise == NULL ||
        !bpi_weight_parts_create(&trainer->parts, &trainer->allocator, trainer->network) ||
        !bpi_unit_signals_create(&trainer->units, &trainer->allocator, trainer->network))
        return bpi_fail(BP_ERROR_MEMORY, "bp_trainer_create: out of memory for a network of %zu weights",
                        count);
    return BP_OK;
}

/* What the rule needs within an iteration or an update. */
static bp_status create_work(bp_trainer *trainer)
{
    const optimizer_rule *rule = trainer->rule;
    size_t bytes;
    if (rule->work_bytes == NULL)
        return BP_OK;
    if (rule->work_bytes(trainer->network, &bytes))
        trainer->work = bpi_allocate(&trainer->allocator, bytes, 1);
    if (trainer->work == NULL)
        return bpi_fail(BP_ERROR_MEMORY,
                        "bp_trainer_create: out of memory for the optimizer %s of %zu weights",
                        bpi_optimizer_name(&trainer->options.optimizer), trainer->network->weight_count);
    return BP_OK;
}

/* The path of the checkpoints becomes the trainer's own. */
static bp_status copy_checkpoint_path(bp_trainer *trainer)
{
    bp_trainer_options *options = &trainer->options;
    if (options->checkpoint_path == NULL)
        return BP_OK;
    trainer->checkpoint_path = bpi_copy_string(&trainer->allocator, options->checkpoint_path);
    options->checkpoint_path = trainer->checkpoint_path;
    if (trainer->checkpoint_path == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "bp_trainer_create: out of memory for the path of the checkpoints");
    return BP_OK;
}

/* As before the first epoch. */
static void reset_progress(bp_trainer *trainer)
{
    bpi_trainer_clear_state(trainer);
    bpi_forget_next_case(trainer->workspace);
    bpi_stopping_reset(&trainer->stopping);
    bpi_random_seed(&trainer->stream, trainer->options.seed);
    trainer->epochs = 0;
    trainer->updates = 0;
    trainer->evaluations = 0;
    trainer->order_cases = 0;
    trainer->epoch = (epoch_state){0};
    bpi_observation_reset(trainer);
    bpi_history_files_restart(trainer);
    trainer->best.epoch = 0;
    trainer->best.validation_error = NAN;
    trainer->has_last_weights = false;
    trainer->found_rate = 0;
    trainer->is_prepared = false;
    trainer->rate_factor = 1;
    trainer->recoveries = 0;
    trainer->reductions = 0;
    trainer->extensions = 0;
    trainer->has_ended = false;
    trainer->decay_strength = 0;
    trainer->decay_unit = 0;
    trainer->trace = (error_trace){0};
    trainer->place = (run_place){0};
    trainer->is_loaded = false;
    atomic_store(&trainer->stop_requested, 0);
    bpi_clear_findings(trainer);
    bpi_rate_memory_begin(trainer);
    bpi_update_rates(trainer);
}

bp_status bpi_trainer_new(bp_trainer **out, bp_network *net, const bp_trainer_options *checked)
{
    bp_trainer *trainer = bpi_allocate_zeroed(&net->allocator, 1, sizeof *trainer);
    if (trainer == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "bp_trainer_create: out of memory");
    trainer->network = net;
    trainer->allocator = net->allocator;
    trainer->options = *checked;
    bpi_history_files_init(trainer);
    trainer->rule = bpi_optimizer_rule(checked->optimizer.kind);
    bp_status status = create_stopping(trainer);
    if (status == BP_OK)
        status = copy_losses(trainer);
    if (status == BP_OK)
        status = create_vectors(trainer);
    if (status == BP_OK)
        status = create_work(trainer);
    if (status == BP_OK)
        status = bpi_rate_memory_reserve("bp_trainer_create", trainer, &checked->learning_rate_schedule);
    if (status == BP_OK)
        status = bpi_history_files_create(trainer);
    if (status == BP_OK)
        status = copy_checkpoint_path(trainer);
    if (status == BP_OK)
        status = bpi_observation_create(trainer);
    if (status == BP_OK)
        status = bp_workspace_create(&trainer->workspace, net, 1);
    if (status == BP_OK && checked->threads > 1)
        status = bpi_workspace_set_threads("bp_trainer_create", trainer->workspace, checked->threads);
    if (status == BP_OK)
        status = bpi_class_weighting_create(trainer);
    if (status != BP_OK) {
        bp_trainer_destroy(trainer);
        return status;
    }
    reset_progress(trainer);
    *out = trainer;
    return BP_OK;
}

bp_status bp_trainer_create(bp_trainer **out, bp_network *net, const bp_trainer_options *options)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(net);
    BPI_TRY(bpi_require_finalized(__func__, net));
    BPI_TRY(bpi_require_layered(__func__, net));
    bp_trainer_options checked;
    BPI_TRY(bpi_trainer_options_check(options, net, &checked));
    BPI_TRY(bpi_trainer_new(out, net, &checked));
    (*out)->chooses_loss = options == NULL || bpi_loss_is_default(&options->loss);
    return BP_OK;
}

void bp_trainer_destroy(bp_trainer *trainer)
{
    if (trainer == NULL)
        return;
    bp_allocator allocator = trainer->allocator;
    bpi_reporters_end_run(trainer);
    bp_workspace_destroy(trainer->workspace);
    bpi_stopping_clear(&trainer->stopping);
    bpi_release(&allocator, trainer->losses);
    bpi_release(&allocator, trainer->loss_weights);
    bpi_release(&allocator, trainer->gradient);
    bpi_optimizer_state_clear(&trainer->state, &allocator);
    bpi_release(&allocator, trainer->work);
    bpi_weight_parts_clear(&trainer->parts, &allocator);
    bpi_release(&allocator, trainer->noise);
    bpi_release(&allocator, trainer->start_weights);
    bpi_release(&allocator, trainer->weights_snapshot);
    bpi_release(&allocator, trainer->rate_memory.weights);
    bpi_release(&allocator, trainer->best.weights);
    bpi_release(&allocator, trainer->last_weights);
    bpi_release(&allocator, trainer->order);
    bpi_unit_signals_clear(&trainer->units, &allocator);
    bpi_history_destroy(trainer);
    bpi_observation_destroy(trainer);
    bpi_history_files_destroy(trainer);
    bpi_release(&allocator, trainer->checkpoint_path);
    bpi_class_weighting_destroy(trainer);
    bpi_release(&allocator, trainer);
}

/* ----------------------------------------------------------------- between runs */

bool bpi_may_scale(const bp_trainer *trainer)
{
    const bp_network *net = trainer->network;
    return trainer->options.scale_data && !trainer->is_prepared && net->weights_drawn &&
           net->scaling_origin != SCALING_GIVEN;
}

/* STATE from inside a callback, where the run is using the trainer. */
static bp_status require_idle(const char *function, const bp_trainer *trainer)
{
    if (trainer->running != 0)
        return bpi_fail(BP_ERROR_STATE, "%s: called from inside bp_trainer_run of the same trainer",
                        function);
    return BP_OK;
}

bp_status bp_trainer_reset(bp_trainer *trainer)
{
    BPI_REQUIRE(trainer);
    trainer->running = 0;
    bpi_reporters_end_run(trainer);
    reset_progress(trainer);
    return BP_OK;
}

void bpi_trainer_restart(bp_trainer *trainer, const bp_trainer *prepared, uint64_t seed)
{
    const bp_loss loss = trainer->options.loss; /* of several outputs: with this trainer's copies */
    trainer->options = prepared->options;
    trainer->options.loss = loss;
    trainer->options.seed = seed;
    reset_progress(trainer);
    trainer->is_prepared = true;
    trainer->found_rate = prepared->found_rate;
    trainer->decay_strength = prepared->decay_strength;
    trainer->decay_unit = prepared->decay_unit;
    bpi_update_rates(trainer);
    memcpy(trainer->findings, prepared->findings, sizeof trainer->findings);
    trainer->finding_count = prepared->finding_count;
}

bp_status bp_trainer_restore_best(bp_trainer *trainer)
{
    BPI_REQUIRE(trainer);
    BPI_TRY(require_idle(__func__, trainer));
    if (trainer->best.epoch == 0)
        return bpi_fail(BP_ERROR_STATE, "%s: no epoch with a validation error yet", __func__);
    if (!bpi_have_equal_frozen(trainer->network, trainer->network->weights, trainer->best.weights))
        return bpi_fail(BP_ERROR_STATE,
                        "%s: weights that are frozen were others in the best epoch; set them trainable first",
                        __func__);
    bpi_trainer_restore_best(trainer);
    return BP_OK;
}

void bpi_trainer_restore_best(bp_trainer *trainer)
{
    bp_network *net = trainer->network;
    memcpy(bpi_change_weights(trainer->network), trainer->best.weights,
           net->weight_count * sizeof *net->weights);
    trainer->has_last_weights = false;
    bpi_trainer_clear_state(trainer);
}

void bp_trainer_request_stop(bp_trainer *trainer)
{
    if (trainer != NULL)
        atomic_store(&trainer->stop_requested, 1);
}

bp_loss bp_trainer_loss(const bp_trainer *trainer)
{
    return trainer == NULL ? bp_loss_default() : trainer->options.loss;
}

void bpi_trainer_clear_state(bp_trainer *trainer)
{
    bpi_optimizer_state_zero(&trainer->state, trainer->network->weight_count);
    bpi_rate_memory_forget_weights(trainer);
}
