#include "train/saved_trainer.h"

#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "engine/load.h"
#include "network/change_weights.h"
#include "train/metrics.h"
#include "train/optimizer.h"
#include "train/rates.h"

void bpi_saved_trainer_release(saved_trainer *saved)
{
    const bp_allocator *allocator = &saved->trainer.allocator;
    bpi_release(allocator, saved->weights);
    bpi_release(allocator, saved->snapshot);
    bpi_optimizer_state_clear(&saved->state, allocator);
    bpi_release(allocator, saved->order);
}

bp_status bpi_save_trainer(saved_trainer *saved, const bp_trainer *trainer)
{
    const bp_network *net = trainer->network;
    const bp_allocator *allocator = &trainer->allocator;
    *saved = (saved_trainer){.trainer = *trainer};
    saved->weights = bpi_allocate(allocator, net->weight_count, sizeof(bp_real));
    saved->snapshot = bpi_allocate(allocator, net->weight_count, sizeof(bp_real));
    saved->order = bpi_allocate(allocator, trainer->order_cases, sizeof *saved->order);
    if (saved->weights == NULL || saved->snapshot == NULL || saved->order == NULL ||
        !bpi_optimizer_state_create(&saved->state, allocator, &trainer->options.optimizer,
                                    net->weight_count)) {
        bpi_saved_trainer_release(saved);
        return bpi_fail(BP_ERROR_MEMORY, "bp_trainer_run: out of memory for the search of a learning rate");
    }
    memcpy(saved->weights, net->weights, net->weight_count * sizeof(bp_real));
    memcpy(saved->snapshot, trainer->weights_snapshot, net->weight_count * sizeof(bp_real));
    bpi_optimizer_state_copy(&saved->state, &trainer->state, net->weight_count);
    if (trainer->order_cases > 0)
        memcpy(saved->order, trainer->order, trainer->order_cases * sizeof *saved->order);
    return BP_OK;
}

void bpi_put_back_cases(const saved_trainer *saved, bp_trainer *trainer)
{
    if (saved->trainer.order_cases > 0)
        memcpy(trainer->order, saved->order, saved->trainer.order_cases * sizeof *saved->order);
    trainer->order_cases = saved->trainer.order_cases;
    trainer->stream = saved->trainer.stream;
    trainer->epochs = saved->trainer.epochs;
    trainer->epoch = saved->trainer.epoch;
    bpi_forget_next_case(trainer->workspace);
}

/* What clearing the optimizer's state made an adaptive schedule forget. Its weights are as before, since they
 * change only at the end of an epoch of a run; a hook that sets another schedule begins anew. */
static void put_back_rate_memory(const saved_trainer *saved, bp_trainer *trainer)
{
    const bp_schedule *before = &saved->trainer.options.learning_rate_schedule;
    bp_real *weights = trainer->rate_memory.weights;
    if (memcmp(before, &trainer->options.learning_rate_schedule, sizeof *before) != 0)
        return;
    trainer->rate_memory = saved->trainer.rate_memory;
    trainer->rate_memory.weights = weights;
}

void bpi_put_back_trainer(const saved_trainer *saved, training_run *run)
{
    bp_trainer *trainer = run->trainer;
    const bp_network *net = trainer->network;
    bpi_run_flush_weights(run);
    run->online = (online_run){0};
    memcpy(bpi_change_weights(trainer->network), saved->weights, net->weight_count * sizeof(bp_real));
    memcpy(trainer->weights_snapshot, saved->snapshot, net->weight_count * sizeof(bp_real));
    if (trainer->running != run->number)
        return;
    bpi_optimizer_state_copy(&trainer->state, &saved->state, net->weight_count);
    trainer->updates = saved->trainer.updates;
    trainer->evaluations = saved->trainer.evaluations;
    put_back_rate_memory(saved, trainer);
    bpi_put_back_cases(saved, trainer);
    bpi_update_rates(trainer);
}
