#include "train/rate_memory.h"

#include "base/memory.h"
#include "base/status.h"
#include "train/schedule.h"

bp_status bpi_rate_memory_reserve(const char *function, bp_trainer *trainer, const bp_schedule *schedule)
{
    rate_memory *memory = &trainer->rate_memory;
    size_t count = trainer->network->weight_count;
    if (schedule->kind != SCHEDULE_BOLD_DRIVER || memory->weights != NULL)
        return BP_OK;
    memory->weights = bpi_allocate_zeroed(&trainer->allocator, count, sizeof *memory->weights);
    if (memory->weights == NULL)
        return bpi_fail(BP_ERROR_MEMORY,
                        "%s: out of memory for the weights that bp_schedule_bold_driver takes back",
                        function);
    return BP_OK;
}

void bpi_rate_memory_begin(bp_trainer *trainer)
{
    trainer->rate_memory = (rate_memory){.scale = 1, .weights = trainer->rate_memory.weights};
}

void bpi_rate_memory_forget_weights(bp_trainer *trainer)
{
    if (trainer->options.learning_rate_schedule.kind == SCHEDULE_BOLD_DRIVER)
        trainer->rate_memory.has_reference = false;
}
