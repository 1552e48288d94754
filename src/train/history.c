#include "train/history.h"

#include <string.h>

#include "base/memory.h"
#include "base/status.h"

/* A block of `capacity` entries, or NULL. */
static history_block *allocate_block(const bp_allocator *allocator, size_t capacity)
{
    size_t bytes;
    if (!bpi_multiply(capacity, sizeof(double), &bytes) || !bpi_add(bytes, sizeof(history_block), &bytes))
        return NULL;
    return bpi_allocate(allocator, bytes, 1);
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
    if (block->older != NULL)
        memcpy(block->errors, block->older->errors, trainer->epochs * sizeof *block->errors);
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

void bpi_history_add(bp_trainer *trainer, double error)
{
    if (trainer->options.keep_history)
        trainer->history->errors[trainer->epochs - 1] = error;
}

const double *bp_trainer_history(const bp_trainer *trainer, size_t *count)
{
    bool kept = trainer != NULL && trainer->options.keep_history && trainer->epochs > 0;
    if (count != NULL)
        *count = kept ? trainer->epochs : 0;
    return kept ? trainer->history->errors : NULL;
}
