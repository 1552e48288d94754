#include "train/history.h"

#include <string.h>

#include "base/memory.h"
#include "base/status.h"

/* A block for `capacity` epochs, or NULL. */
static history_block *allocate_block(const bp_allocator *allocator, size_t capacity)
{
    size_t bytes;
    if (!bpi_multiply(capacity, HISTORY_COLUMNS * sizeof(double), &bytes) ||
        !bpi_add(bytes, sizeof(history_block), &bytes))
        return NULL;
    return bpi_allocate(allocator, bytes, 1);
}

bp_status bpi_history_allocate(bp_trainer *trainer, size_t epochs)
{
    if (epochs == 0)
        return BP_OK;
    trainer->history = allocate_block(&trainer->allocator, epochs);
    if (trainer->history == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "bp_trainer_load: out of memory for the history of %zu epochs",
                        epochs);
    trainer->history->older = NULL;
    trainer->history_capacity = epochs;
    return BP_OK;
}

bp_status bpi_history_reserve(bp_trainer *trainer)
{
    enum { FIRST_CAPACITY = 4 };
    if (!trainer->options.keep_history || trainer->epochs < trainer->history_capacity)
        return BP_OK;
    size_t capacity = FIRST_CAPACITY;
    bool fits = trainer->history == NULL || bpi_multiply(trainer->history_capacity, 2, &capacity);
    history_block *block = fits ? allocate_block(&trainer->allocator, capacity) : NULL;
    if (block == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "bp_trainer_run: out of memory for the history of %zu epochs",
                        trainer->epochs + 1);
    block->older = trainer->history;
    for (size_t column = 0; block->older != NULL && column < HISTORY_COLUMNS; column++)
        memcpy(block->values + column * capacity, block->older->values + column * trainer->history_capacity,
               trainer->epochs * sizeof *block->values);
    trainer->history = block;
    trainer->history_capacity = capacity;
    return BP_OK;
}

static void release_blocks(const bp_trainer *trainer, history_block *block)
{
    while (block != NULL) {
        history_block *older = block->older;
        bpi_release(&trainer->allocator, block);
        block = older;
    }
}

void bpi_history_release_older(bp_trainer *trainer)
{
    if (trainer->history == NULL)
        return;
    release_blocks(trainer, trainer->history->older);
    trainer->history->older = NULL;
}

void bpi_history_destroy(bp_trainer *trainer)
{
    release_blocks(trainer, trainer->history);
    trainer->history = NULL;
    trainer->history_capacity = 0;
}

void bpi_history_add(bp_trainer *trainer, const stop_metrics *metrics)
{
    if (!trainer->options.keep_history)
        return;
    double *entry = trainer->history->values + trainer->epochs - 1;
    const size_t stride = trainer->history_capacity;
    entry[HISTORY_ERROR * stride] = metrics->error;
    entry[HISTORY_MEAN_ERROR * stride] = metrics->mean_error;
    entry[HISTORY_VALIDATION_ERROR * stride] = metrics->validation_error;
    entry[HISTORY_LEARNING_RATE * stride] = trainer->learning_rate;
}

const double *bpi_history_column(const bp_trainer *trainer, history_column column, size_t *count)
{
    bool kept = trainer->options.keep_history && trainer->epochs > 0;
    *count = kept ? trainer->epochs : 0;
    return kept ? trainer->history->values + (size_t)column * trainer->history_capacity : NULL;
}

const double *bp_trainer_history(const bp_trainer *trainer, size_t *count)
{
    size_t epochs = 0;
    const double *errors = trainer == NULL ? NULL : bpi_history_column(trainer, HISTORY_ERROR, &epochs);
    if (count != NULL)
        *count = epochs;
    return errors;
}
