#include "train/automatic.h"

#include <math.h>

#include "base/status.h"
#include "engine/check_data.h"
#include "engine/fit_scaling.h"
#include "engine/loss.h"
#include "network/activation_kind.h"
#include "network/scaling.h"
#include "train/batch.h"
#include "train/finding.h"
#include "train/first_pass.h"
#include "train/stopping.h"
#include "train/trainer.h"
#include "train/whole_set.h"
#include "train/window.h"

/* ------------------------------------------------------------------------- scaling */

/* Are errors compared with numbers of the caller's, which are in the units of the targets? */
static bool targets_have_units(const bp_trainer *trainer)
{
    const stop_rules *rules = &trainer->stopping;
    static const bp_stop_reason in_units[] = {BP_STOP_ERROR_BELOW, BP_STOP_MEAN_ERROR_BELOW,
                                              BP_STOP_WITHIN_TOLERANCE};
    for (size_t i = 0; i < sizeof in_units / sizeof in_units[0]; i++)
        if (bpi_stopping_find(rules, in_units[i]) < rules->count)
            return true;
    return bpi_loss_has_units(&trainer->options.loss);
}

/* To the cases in memory or, by their statistics, to those of a stream. */
static bp_status fit_scaling(const training_run *run, const bp_data *checked)
{
    const bp_trainer *trainer = run->trainer;
    const bp_scaling automatic = bp_scaling_automatic(), none = bp_scaling_none();
    const bp_scaling *targets = targets_have_units(trainer) ? &none : &automatic;
    if (run->window == NULL)
        return bpi_fit_scaling("bp_trainer_run", trainer->network, checked, &automatic, targets);
    BPI_TRY(bpi_fit_scaling_by("bp_trainer_run", trainer->network, run->window->inputs, run->window->targets,
                               &automatic, targets));
    return bpi_check_scaled_targets(run);
}

bp_status bpi_fit_data(training_run *run, const bp_data *training, scaling_backup *backup)
{
    const bp_trainer *trainer = run->trainer;
    bp_network *net = trainer->network;
    *backup = (scaling_backup){0};
    if (!bpi_may_scale(trainer))
        return BP_OK;
    bp_data checked;
    BPI_TRY(bpi_check_data_with("bp_trainer_run", "training", trainer->workspace, training,
                                DATA_BOTH | DATA_UNSCALED | DATA_MAY_MISS, &checked));
    *backup = (scaling_backup){true, net->input_scaling, net->target_scaling, net->scaling_origin};
    net->input_scaling = (column_scaling){NULL, NULL};
    net->target_scaling = (column_scaling){NULL, NULL};
    bp_status status = fit_scaling(run, &checked);
    if (status == BP_OK)
        net->scaling_origin = SCALING_FITTED;
    else
        bpi_take_back_scaling(net, backup);
    return status;
}

void bpi_accept_scaling(bp_network *net, scaling_backup *backup)
{
    bpi_scaling_clear(&net->allocator, &backup->inputs);
    bpi_scaling_clear(&net->allocator, &backup->targets);
}

void bpi_take_back_scaling(bp_network *net, scaling_backup *backup)
{
    if (!backup->is_fitted)
        return;
    bpi_scaling_clear(&net->allocator, &net->input_scaling);
    bpi_scaling_clear(&net->allocator, &net->target_scaling);
    net->input_scaling = backup->inputs;
    net->target_scaling = backup->targets;
    net->scaling_origin = backup->origin;
}

/* ------------------------------------------------------------------ stopping rules */

/*
 * Training ends when neither WINDOW_EPOCHS epochs nor so many that WINDOW_UPDATES updates were made have
 * brought an improvement, or at the limits of epochs and updates, whichever comes later.
 */
enum { WINDOW_EPOCHS = 20, WINDOW_UPDATES = 1000, LIMIT_EPOCHS = 300, LIMIT_UPDATES = 30000 };

/* An update of a rule for whole sets costs an epoch, and achieves more. */
enum { WINDOW_WHOLE_SETS = 100, LIMIT_WHOLE_SETS = 3000 };
static const double min_improvement = 0.05;

/* The epochs that take so many updates, but at least so many epochs. */
static size_t epochs_of(const training_run *run, size_t updates, size_t epochs)
{
    size_t per_epoch = (run->cases + run->batch_cases - 1) / run->batch_cases;
    size_t needed = updates / per_epoch + (updates % per_epoch > 0);
    return needed > epochs ? needed : epochs;
}

bp_status bpi_choose_rules(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    const bool has_validation = run->validation.cases > 0;
    if (!trainer->chooses_rules ||
        (trainer->is_prepared && has_validation == (trainer->stopping.rules[0].kind == BP_STOP_EARLY)))
        return BP_OK;
    const bool is_whole = trainer->rule->suits_whole_sets;
    const size_t window = epochs_of(run, is_whole ? WINDOW_WHOLE_SETS : WINDOW_UPDATES, WINDOW_EPOCHS);
    const size_t limit = epochs_of(run, is_whole ? LIMIT_WHOLE_SETS : LIMIT_UPDATES, LIMIT_EPOCHS);
    const bp_stop_rule rules[] = {has_validation ? bp_stop_early(window, 0)
                                                 : bp_stop_diminishing_returns(window, min_improvement),
                                  bp_stop_epochs(limit)};
    stop_rules chosen;
    BPI_TRY(bpi_stopping_create(&chosen, "bp_trainer_run: stopping rules", &trainer->allocator, rules,
                                sizeof rules / sizeof rules[0]));
    bpi_stopping_clear(&trainer->stopping);
    trainer->stopping = chosen;
    return BP_OK;
}

/*
 * As a part of E of the first epoch. Outputs with two ends reach targets of 0 and 1 never, but come closer
 * with ever larger weights: E falls on, like 1 / t, long after all cases are right. Other outputs gain from
 * it.
 */
static const double negligible_part = 0.001;

static bool outputs_have_ends(const bp_network *net)
{
    for (size_t i = 0; i < net->output_count; i++) {
        const bp_activation *activation = &net->outputs[i]->activation;
        if (!bpi_activation_saturates(activation) && activation->kind != ACTIVATION_SOFTMAX)
            return false;
    }
    return true;
}

double bpi_negligible_error(const bp_trainer *trainer)
{
    if (!trainer->chooses_rules || bpi_loss_is_custom(&trainer->options.loss) ||
        !outputs_have_ends(trainer->network))
        return 0;
    return negligible_part * trainer->trace.first_error;
}

/* --------------------------------------------------------------------------- notes */

static void note_scaling(bp_trainer *trainer, bp_finding_kind kind, const column_scaling *scaling,
                         size_t columns)
{
    if (!bpi_scaling_is_set(scaling))
        return;
    bp_finding note = bpi_finding(kind, BP_SEVERITY_NOTE);
    note.count = 0;
    note.values[0] = (double)columns;
    note.values[1] = INFINITY;
    for (size_t i = 0; i < columns; i++) {
        double factor = (double)scaling->factor[i];
        note.count += scaling->factor[i] != 1 || scaling->offset[i] != 0;
        note.values[1] = fmin(note.values[1], factor);
        note.values[2] = fmax(note.values[2], factor);
    }
    bpi_add_finding(trainer, &note);
}

static bool all_targets_are_binary(const bp_data *data)
{
    for (size_t row = 0; row < data->cases; row++)
        for (size_t i = 0; i < data->target_width; i++) {
            bp_real target = data->targets[row * data->target_stride + i];
            if (target != 0 && target != 1 && !isnan((double)target))
                return false;
        }
    return true;
}

static bool has_binary_targets(const training_run *run)
{
    return run->window == NULL ? all_targets_are_binary(&run->training)
                               : bpi_window_has_binary_targets(run->window);
}

/* The first logistic output layer if cross-entropy is defined for all output layers; else NULL. */
static const bp_layer *find_logistic(const bp_network *net)
{
    const bp_loss cross_entropy = bp_loss_cross_entropy();
    const bp_layer *found = NULL;
    for (size_t i = 0; i < net->output_count; i++) {
        const bp_layer *layer = net->outputs[i];
        if (!bpi_loss_gives_delta(&cross_entropy, &layer->activation))
            return NULL;
        if (found == NULL && layer->activation.kind == ACTIVATION_LOGISTIC)
            found = layer;
    }
    return found;
}

/* Levenberg-Marquardt does not. */
static bool rule_takes_cross_entropy(const bp_trainer *trainer)
{
    bp_trainer_options options = trainer->options;
    saved_message before;
    options.loss = bp_loss_cross_entropy();
    bpi_save_message(&before);
    const bool takes = bpi_whole_set_check_options(__func__, &options, trainer->network) == BP_OK;
    bpi_restore_message(&before);
    return takes;
}

/* Logistic outputs with targets of 0 and 1 are probabilities of classes. */
static void note_cross_entropy(const training_run *run)
{
    const bp_network *net = run->trainer->network;
    bp_finding note = bpi_finding(BP_FINDING_CROSS_ENTROPY, BP_SEVERITY_NOTE);
    note.layer = find_logistic(net);
    if (note.layer != NULL && !bpi_scaling_is_set(&net->target_scaling) && has_binary_targets(run) &&
        rule_takes_cross_entropy(run->trainer))
        bpi_add_finding(run->trainer, &note);
}

static void note_loss(const training_run *run)
{
    bp_trainer *trainer = run->trainer;
    bp_finding note = bpi_finding(BP_FINDING_LOSS, BP_SEVERITY_NOTE);
    note.values[0] = bpi_loss_gives_delta(&trainer->options.loss, &trainer->network->outputs[0]->activation);
    bpi_add_finding(trainer, &note);
    note_cross_entropy(run);
}

static void note_batch(const training_run *run)
{
    bp_finding note = bpi_finding(BP_FINDING_BATCH_SIZE, BP_SEVERITY_NOTE);
    note.values[0] = (double)run->batch_cases;
    note.values[1] = (double)run->cases;
    bpi_add_finding(run->trainer, &note);
}

void bpi_note_rules(bp_trainer *trainer)
{
    if (!trainer->chooses_rules)
        return;
    const bp_stop_rule *improvement = &trainer->stopping.rules[0], *limit = &trainer->stopping.rules[1];
    bp_finding note = bpi_finding(BP_FINDING_STOPPING, BP_SEVERITY_NOTE);
    note.values[0] = improvement->kind == BP_STOP_EARLY;
    note.values[1] = improvement->threshold;
    note.values[2] = (double)improvement->count;
    note.values[3] = (double)limit->count;
    bpi_add_finding(trainer, &note);
}

void bpi_note_choices(const training_run *run)
{
    bp_trainer *trainer = run->trainer;
    const bp_network *net = trainer->network;
    if (trainer->options.batch_size == BP_BATCH_AUTO)
        note_batch(run);
    if (trainer->chooses_loss)
        note_loss(run);
    if (net->scaling_origin == SCALING_FITTED) {
        note_scaling(trainer, BP_FINDING_INPUTS_SCALED, &net->input_scaling, net->input_width);
        note_scaling(trainer, BP_FINDING_TARGETS_SCALED, &net->target_scaling, net->output_width);
    }
}
