#include "train/batch.h"

/* As few batches of at most AUTOMATIC_CASES as hold all cases, of nearly equal size. */
static size_t automatic_batch(size_t cases)
{
    enum { AUTOMATIC_CASES = 32 };
    size_t batches = cases / AUTOMATIC_CASES + (cases % AUTOMATIC_CASES > 0);
    return cases / batches + (cases % batches > 0);
}

size_t bpi_wanted_batch(const bp_trainer *trainer)
{
    const size_t wanted = trainer->options.batch_size;
    return wanted == BP_BATCH_AUTO && trainer->rule->suits_whole_sets ? 0 : wanted;
}

size_t bpi_batch_cases(const bp_trainer *trainer, size_t cases)
{
    const size_t wanted = bpi_wanted_batch(trainer);
    if (wanted == BP_BATCH_AUTO)
        return automatic_batch(cases);
    return wanted == 0 || wanted > cases ? cases : wanted;
}

bool bpi_epoch_is_shuffled(const bp_trainer *trainer, size_t cases)
{
    return trainer->options.shuffle && bpi_batch_cases(trainer, cases) < cases;
}

/* Each order is a shuffle of the previous one; only the first starts from the order of the data. */
void bpi_draw_order(bp_trainer *trainer, size_t cases)
{
    if (trainer->order_cases != cases)
        for (size_t i = 0; i < cases; i++)
            trainer->order[i] = i;
    trainer->order_cases = cases;
    bpi_random_shuffle(&trainer->stream, trainer->order, cases);
}

batch bpi_next_batch(const training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    const epoch_state *epoch = &trainer->epoch;
    const size_t first = epoch->done - run->first, left = bpi_cases_left(run);
    size_t count = run->batch_cases < left ? run->batch_cases : left;
    batch cases = {.data = &run->training, .first = first, .count = count};
    if (run->is_shuffled)
        cases.order = trainer->order + first;
    return cases;
}
