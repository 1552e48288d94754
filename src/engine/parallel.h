/*
 * Work split among the threads of a workspace. It is decided here alone what is worth it, and how it is
 * split: into consecutive chunks, one for each thread, so that what a thread worked on is in its core's cache
 * when the same range of the next vector or matrix comes. The split does not show in results, because every
 * value is made by the same operations in the same order whatever is made beside it (kernel.h).
 */
#ifndef BPI_ENGINE_PARALLEL_H
#define BPI_ENGINE_PARALLEL_H

#include "engine/types.h"

/* Does the work of elements first .. first + count - 1. `chunk` is the number of the range, from 0. */
typedef bp_status (*range_work)(void *context, size_t first, size_t count, size_t chunk);

typedef struct parallel_work {
    size_t count; /* elements */
    size_t grain; /* chunks begin at multiples of it, and have more than one unless one has all */
    double cost;  /* of all, see below */
    range_work work;
    void *context;
} parallel_work;

/*
 * Costs are counted in multiply-adds of a matrix product. To read or write a value that is in a core's cache
 * costs about as much; one that, as most of a caller's data, is in none costs BPI_UNCACHED_COPY_COST to copy,
 * and BPI_SCAN_COST to look at in the order of memory. A thread's chunk must cost BPI_MIN_CHUNK_COST, some
 * microseconds, well above what handing it over takes.
 */
#define BPI_UNCACHED_COPY_COST 50
#define BPI_SCAN_COST          5
#define BPI_MIN_CHUNK_COST     150e3

/* Does the work, with all the workspace's threads if it is worth it. The status of the first chunk that
 * failed; BP_OK where none can. */
bp_status bpi_parallel_for(const bp_workspace *workspace, const parallel_work *work);

/* Would work of that cost be split? */
bool bpi_parallel_is_worth_it(const bp_workspace *workspace, double cost);

#endif
