/*
 * The parallel-for of the engine: work is split into consecutive chunks, one per thread of the workspace, if
 * its cost is worth it. A thread gets the same range of each vector or matrix, which is then in its core's
 * cache. The split does not change results: each value is computed by the same operations in the same order
 * (kernel.h).
 */
#ifndef BPI_ENGINE_PARALLEL_H
#define BPI_ENGINE_PARALLEL_H

#include "engine/types.h"

/* Works on elements first .. first + count - 1. `chunk` is the index of the range, from 0. */
typedef bp_status (*range_work)(void *context, size_t first, size_t count, size_t chunk);

typedef struct parallel_work {
    size_t count; /* elements */
    size_t grain; /* chunks begin at multiples of it; work is split into at least two grains per chunk */
    double cost;  /* of all elements, see below */
    range_work work;
    void *context;
} parallel_work;

/*
 * The unit of cost is one multiply-add of a matrix product. Reading or writing a value in a core's cache
 * costs about 1. A value in no cache, as most of a caller's data, costs BPI_UNCACHED_COPY_COST to copy and
 * BPI_SCAN_COST to read in sequence. A chunk must cost at least BPI_MIN_CHUNK_COST, some microseconds, well
 * above the overhead of handing it to a thread.
 */
#define BPI_UNCACHED_COPY_COST 50
#define BPI_SCAN_COST          5
#define BPI_MIN_CHUNK_COST     150e3

/* Does the work, on several threads if worth it. Returns the status of the first chunk that failed. */
bp_status bpi_parallel_for(const bp_workspace *workspace, const parallel_work *work);

/* Is work of this cost split? */
bool bpi_parallel_is_worth_it(const bp_workspace *workspace, double cost);

#endif
