/* Writing without the signals that a failing write raises, and that would end a program that does not handle
 * them: SIGPIPE of a pipe without a reader, SIGXFSZ of a file at its limit. */
#ifndef BPI_BASE_WRITE_SIGNALS_H
#define BPI_BASE_WRITE_SIGNALS_H

#include <signal.h>

#include "base/arithmetic.h"

typedef struct write_signals {
    sigset_t before;  /* what the thread blocked */
    sigset_t pending; /* what was waiting to be delivered */
} write_signals;

/* Blocks both signals in the calling thread. */
void bpi_block_write_signals(write_signals *signals);

/* Drops those that were raised since, and unblocks. errno stays. */
void bpi_restore_write_signals(const write_signals *signals);

#endif
