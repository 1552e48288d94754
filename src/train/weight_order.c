#include "train/weight_order.h"

#include <string.h>

#include "base/numeric.h"
#include "engine/fused_update.h"
#include "engine/input_panels.h"
#include "engine/loss.h"
#include "network/change_weights.h"
#include "train/batch.h"
#include "train/checkpoint_timer.h"
#include "train/penalties.h"

static bool fit(const training_run *run, size_t cases, uint64_t updates)
{
    const bp_trainer *trainer = run->trainer;
    return bpi_can_update_in_panels(trainer->workspace, cases, &trainer->options.loss, updates);
}

/* Not if a stream or a loss of the caller's, or the step after an update, could find them there, nor with
 * rules that look at all weights; a search looks often. */
bool bpi_may_use_panels(const training_run *run, size_t cases)
{
    const bp_trainer *trainer = run->trainer;
    return run->window == NULL && !run->is_search && !trainer->rule->suits_whole_sets &&
           !bpi_penalties_change_weights(trainer) && !bpi_loss_is_custom(&trainer->options.loss) &&
           fit(run, cases, UINT64_MAX);
}

static void reorder(bp_trainer *trainer, void (*order)(const bp_workspace *, bp_real *, bp_real *))
{
    const size_t count = trainer->network->weight_count;
    order(trainer->workspace, bpi_change_weights(trainer->network), trainer->gradient);
    for (size_t i = 0; i < trainer->state.vector_count; i++)
        order(trainer->workspace, trainer->state.vectors + i * count, trainer->gradient);
}

void bpi_use_panels(training_run *run, size_t cases)
{
    bp_trainer *trainer = run->trainer;
    const uint64_t updates = bpi_min_u64(bpi_cases_left(run) / cases, bpi_updates_until_checkpoint(run));
    if (trainer->workspace->has_input_panels || !fit(run, cases, updates))
        return;
    reorder(trainer, bpi_to_panels);
    trainer->workspace->has_input_panels = true;
}

void bpi_use_rows(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    if (!trainer->workspace->has_input_panels)
        return;
    reorder(trainer, bpi_to_rows);
    trainer->workspace->has_input_panels = false;
}

void bpi_copy_weights_in_rows(const bp_trainer *trainer, bp_real *weights)
{
    const bp_network *net = trainer->network;
    memcpy(weights, net->weights, net->weight_count * sizeof *weights);
    if (trainer->workspace->has_input_panels)
        bpi_to_rows(trainer->workspace, weights, trainer->gradient);
}
