#include "engine/parallel.h"

#include "base/numeric.h"

static size_t count_chunks(const bp_workspace *workspace, const parallel_work *work)
{
    size_t grains = (work->count + work->grain - 1) / work->grain;
    size_t chunks = bpi_min(bpi_team_threads(workspace->team), grains / 2);
    double worth = work->cost / workspace->min_chunk_cost;
    if (worth < (double)chunks)
        chunks = (size_t)worth;
    return chunks < 1 ? 1 : chunks;
}

/* Work that is split into chunks. */
typedef struct chunked_work {
    const parallel_work *work;
    size_t chunks;
} chunked_work;

static size_t chunk_start(const chunked_work *split, size_t chunk)
{
    size_t count = split->work->count, grain = split->work->grain;
    size_t grains = (count + grain - 1) / grain;
    /* Chunks of equal numbers of grains, the first ones of one more; no product that could overflow. */
    size_t first = grains / split->chunks * chunk + bpi_min(chunk, grains % split->chunks);
    return bpi_min(first * grain, count);
}

static bp_status do_chunk(void *context, size_t chunk)
{
    const chunked_work *split = context;
    size_t first = chunk_start(split, chunk);
    return split->work->work(split->work->context, first, chunk_start(split, chunk + 1) - first, chunk);
}

bool bpi_parallel_is_worth_it(const bp_workspace *workspace, double cost)
{
    return workspace->team != NULL && cost >= 2 * workspace->min_chunk_cost;
}

bp_status bpi_parallel_for(const bp_workspace *workspace, const parallel_work *work)
{
    if (!bpi_parallel_is_worth_it(workspace, work->cost))
        return work->work(work->context, 0, work->count, 0);
    chunked_work split = {.work = work, .chunks = count_chunks(workspace, work)};
    return bpi_team_run(workspace->team, split.chunks, do_chunk, &split);
}
