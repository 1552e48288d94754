/*
 * Threads: one parallel-for. A team is a few threads that belong to one object: the caller's, and workers.
 * The caller splits work into chunks and does one itself; the workers wait for the next one, first spinning,
 * since it usually comes soon, then sleeping.
 *
 * Only one thread at a time may run a team. In a forked child, where the workers do not exist, the caller
 * does all chunks. Results must not depend on which thread does a chunk.
 */
#ifndef BPI_BASE_THREADS_H
#define BPI_BASE_THREADS_H

#include "backprop.h"
#include "base/arithmetic.h"

typedef struct thread_team thread_team;

/* Does one chunk of the work. Chunks run at the same time. */
typedef bp_status (*chunk_work)(void *context, size_t chunk);

/* ARGUMENT, with function and limit, unless 1 <= threads <= BP_MAX_THREADS. `name` is the name of the
 * argument or option. */
bp_status bpi_check_threads(const char *function, const char *name, size_t threads);

/* Creates a team of 2 to BP_MAX_THREADS threads, and starts all but the caller's. MEMORY, THREAD. */
bp_status bpi_team_create(thread_team **out, const char *function, const bp_allocator *allocator,
                          size_t threads);
/* Joins the workers; NULL is allowed. */
void bpi_team_destroy(thread_team *team);

/* Number of threads with the caller's; 1 for NULL. */
size_t bpi_team_threads(const thread_team *team);

/* Does chunks 0 .. chunks - 1, at most one per thread, and returns when all are done. If some fail, returns
 * the status of the first of them, whose message becomes the caller's. */
bp_status bpi_team_run(thread_team *team, size_t chunks, chunk_work work, void *context);

#endif
