/*
 * Threads: one parallel-for. A team is a few threads that belong to one object, its caller's among them. The
 * caller hands it work in pieces and does its share; the others wait for the next piece, at first awake,
 * since it mostly comes soon, and then asleep.
 *
 * Only one thread at a time may run a team. In a forked child, where the other threads do not exist, the
 * caller does all the pieces. Which thread does a piece must not show in what it does.
 */
#ifndef BPI_BASE_THREADS_H
#define BPI_BASE_THREADS_H

#include "backprop.h"
#include "base/arithmetic.h"

typedef struct thread_team thread_team;

/* Does a piece of the work. Pieces run at the same time. */
typedef bp_status (*piece_work)(void *context, size_t piece);

/* ARGUMENT, with the name of the function and the limit, unless 1 <= threads <= BP_MAX_THREADS. `name` is
 * what the caller calls the number. */
bp_status bpi_check_threads(const char *function, const char *name, size_t threads);

/* A team of 2 to BP_MAX_THREADS threads, of which all but the caller's are started here. MEMORY, THREAD. */
bp_status bpi_team_create(thread_team **out, const char *function, const bp_allocator *allocator,
                          size_t threads);
/* Waits until its threads have ended. Takes NULL. */
void bpi_team_destroy(thread_team *team);

/* How many threads it has; 1 for NULL. */
size_t bpi_team_threads(const thread_team *team);

/*
 * Does pieces 0 .. pieces - 1, not more than there are threads, and returns when all are done. If some fail:
 * the status and, as the caller's own, the message of the first of them.
 */
bp_status bpi_team_run(thread_team *team, size_t pieces, piece_work work, void *context);

#endif
