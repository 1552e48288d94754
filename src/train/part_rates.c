#include "train/part_rates.h"

#include <stdio.h>

#include "base/status.h"
#include "engine/weight_parts.h"
#include "network/connection_text.h"
#include "network/trainable.h"
#include "train/optimizer.h"
#include "train/trainer.h"
#include "train/weight_decay.h"

/* -------------------------------------------------------------- at the start of a run */

/* What the weights of a slice are, by its first use. */
static void name_slice(const bp_network *net, size_t slice, char *text, size_t capacity)
{
    for (size_t i = 0; i < net->connection_count; i++)
        if (net->connections[i]->slice == slice) {
            snprintf(text, capacity, "connection %s", bpi_connection_text(net->connections[i]).text);
            return;
        }
    for (size_t i = 0; i < net->layer_count; i++) {
        size_t slices[2], count = bpi_bias_slices(net->layers[i], slices);
        for (size_t j = 0; j < count; j++)
            if (slices[j] == slice)
                snprintf(text, capacity, "the biases of layer '%s'", net->layers[i]->name);
    }
}

/* No weight may decay by all of itself. */
static bp_status check_decay(const bp_trainer *trainer)
{
    const bp_network *net = trainer->network;
    if (trainer->rule->iterate != NULL) /* of which decay is no part of a weight */
        return BP_OK;
    for (size_t i = 0; i < net->slice_count; i++) {
        const slice_training *training = &trainer->parts.parts[i].training;
        const double decay = bpi_decay_with(trainer, training->rate_factor, training->decay_factor);
        if (training->is_frozen || decay < 1)
            continue;
        char name[256] = "";
        name_slice(net, i, name, sizeof name);
        return bpi_fail(BP_ERROR_ARGUMENT,
                        "bp_trainer_run: %s: weight_decay %s times the decay factor %s is %s, it must be < 1",
                        name, bpi_format_real(trainer->options.weight_decay).text,
                        bpi_format_real(training->decay_factor).text, bpi_format_real(decay).text);
    }
    return BP_OK;
}

static bp_status require_trained(const bp_trainer *trainer)
{
    const bp_network *net = trainer->network;
    for (size_t i = 0; i < net->slice_count; i++)
        if (!trainer->parts.parts[i].training.is_frozen && net->slices[i].uses > 0)
            return BP_OK;
    return bpi_fail(BP_ERROR_STATE, "bp_trainer_run: all weights are frozen; set some trainable first, such "
                                    "as those into the last layer: bp_layer_set_trainable(layer, 1)");
}

/* The first slice that is trained with a factor on its learning rate; there is one. */
static size_t slice_with_factor(const weight_parts *parts)
{
    size_t slice = 0;
    while (parts->parts[slice].training.is_frozen || parts->parts[slice].training.rate_factor == 1)
        slice++;
    return slice;
}

/* UNSUPPORTED if the trained weights have factors on the learning rate, for a rule without one, or which is
 * given one for all weights. */
static bp_status require_equal_rates(const bp_trainer *trainer)
{
    if (!trainer->parts.has_rate_factors)
        return BP_OK;
    char name[256] = "";
    const size_t slice = slice_with_factor(&trainer->parts);
    name_slice(trainer->network, slice, name, sizeof name);
    return bpi_fail(BP_ERROR_UNSUPPORTED,
                    "bp_trainer_run: %s: the factor on the learning rate is %s, but the optimizer %s %s; set "
                    "the factor to 1",
                    name, bpi_format_real(trainer->parts.parts[slice].training.rate_factor).text,
                    bpi_optimizer_name(&trainer->options.optimizer),
                    trainer->rule->rate_meaning == RATE_NONE ? "has no learning rate"
                                                             : "is given one rate for all weights");
}

static bool decays(const bp_trainer *trainer)
{
    if (trainer->rule->has_own_decay || trainer->options.l1 != 0 || trainer->options.l2 != 0)
        return true;
    return trainer->options.weight_decay == BP_DECAY_AUTO ? trainer->decay_strength != 0
                                                          : trainer->options.weight_decay != 0;
}

/* Are weights drawn to 0 by more than the last factor of an update? */
static bool decays_otherwise(const bp_trainer *trainer)
{
    const bp_trainer_options *options = &trainer->options;
    return trainer->rule->has_own_decay || options->l1 != 0 || options->l2 != 0 ||
           (options->weight_decay == BP_DECAY_AUTO && trainer->rule->automatic_decay == DECAY_IN_GRADIENT);
}

bp_status bpi_parts_begin(bp_trainer *trainer)
{
    weight_parts *parts = &trainer->parts;
    bpi_weight_parts_read(parts, trainer->network, decays(trainer), !trainer->options.no_bias_decay);
    parts->spares_biases &= !decays_otherwise(trainer);
    trainer->workspace->parts = parts->are_alike ? NULL : parts;
    BPI_TRY(require_trained(trainer));
    BPI_TRY(check_decay(trainer));
    return trainer->rule->needs_equal_rates ? require_equal_rates(trainer) : BP_OK;
}

/* ------------------------------------------------------------------- frozen weights */

/* Steps that the rule would still make for frozen weights. */
static void clear_state(bp_trainer *trainer)
{
    const size_t count = trainer->network->weight_count;
    for (size_t i = 0; i < trainer->state.vector_count; i++) {
        bp_real *vector = trainer->state.vectors + i * count;
        if (trainer->rule->has_joint_state && !bpi_frozen_are_zero(trainer->workspace, vector)) {
            bpi_trainer_clear_state(trainer);
            return;
        }
        bpi_clear_frozen(trainer->workspace, vector);
    }
}

void bpi_parts_hold(bp_trainer *trainer)
{
    const bp_network *net = trainer->network;
    if (!trainer->parts.has_frozen)
        return;
    clear_state(trainer);
    /* An epoch that began in an earlier run may be taken back as a whole. */
    bpi_copy_frozen(net, trainer->weights_snapshot, net->weights);
    if (trainer->rate_memory.weights != NULL)
        bpi_copy_frozen(net, trainer->rate_memory.weights, net->weights);
}

/* ------------------------------------------------------------------------ an update */

void bpi_parts_set_rates(bp_trainer *trainer, const optimizer_step *step, bp_real gradient_factor)
{
    weight_parts *parts = &trainer->parts;
    for (size_t i = 0; !parts->are_alike && i < trainer->network->slice_count; i++) {
        weight_part *part = &parts->parts[i];
        const slice_training *training = &part->training;
        optimizer_step own = *step;
        own.learning_rate = part->learning_rate = step->learning_rate * training->rate_factor;
        own.decay = part->decay =
            step->decay == 0 ? 0 : bpi_decay_with(trainer, training->rate_factor, training->decay_factor);
        own.penalty = part->penalty = step->penalty * training->decay_factor;
        own.decay_factor = training->decay_factor;
        if (trainer->rule->make_update == NULL || gradient_factor == 0)
            continue;
        trainer->rule->make_update(&own, &part->update);
        part->update.gradient_factor = gradient_factor;
    }
}
