#include "base/write_signals.h"

#include <errno.h>
#include <pthread.h>

static const int raised_by_writes[] = {SIGPIPE, SIGXFSZ};
enum { RAISED_BY_WRITES = sizeof raised_by_writes / sizeof raised_by_writes[0] };

void bpi_block_write_signals(write_signals *signals)
{
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < RAISED_BY_WRITES; i++)
        sigaddset(&set, raised_by_writes[i]);
    sigemptyset(&signals->pending);
    sigpending(&signals->pending);
    pthread_sigmask(SIG_BLOCK, &set, &signals->before);
}

/* Takes a pending signal; sigwait returns at once. */
static void take(int number)
{
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, number);
    sigwait(&one, &number);
}

void bpi_restore_write_signals(const write_signals *signals)
{
    const int number = errno;
    sigset_t pending;
    sigemptyset(&pending);
    sigpending(&pending);
    for (int i = 0; i < RAISED_BY_WRITES; i++)
        if (sigismember(&pending, raised_by_writes[i]) == 1 &&
            sigismember(&signals->pending, raised_by_writes[i]) == 0)
            take(raised_by_writes[i]);
    pthread_sigmask(SIG_SETMASK, &signals->before, NULL);
    errno = number;
}
