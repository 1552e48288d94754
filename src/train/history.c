#include "train/history.h"

#include "base/memory.h"
#include "base/status.h"

bp_status bpi_history_reserve(bp_trainer *trainer)
{
    if (!trainer->options.keep_history)
        return BP_OK;
    void *history = trainer->history;
    if (!bpi_grow(&trainer->allocator, &history, &trainer->history_capacity, trainer->epochs,
                  sizeof *trainer->history))
        return bpi_fail(BP_ERROR_MEMORY, "bp_trainer_run: out of memory for the history of %zu epochs",
                        trainer->epochs + 1);
    trainer->history = history;
    return BP_OK;
}

void bpi_history_add(bp_trainer *trainer, double error)
{
    if (trainer->options.keep_history)
        trainer->history[trainer->epochs - 1] = error;
}

const double *bp_trainer_history(const bp_trainer *trainer, size_t *count)
{
    bool kept = trainer != NULL && trainer->options.keep_history && trainer->epochs > 0;
    if (count != NULL)
        *count = kept ? trainer->epochs : 0;
    return kept ? trainer->history : NULL;
}
