#include "base/threads.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/status.h"

/* How long a thread that waits stays awake. */
static const double patience = 100e-6;

/*
 * A thread of a team, member 0 being the caller's, and the piece of the same number. Each begins on a cache
 * line of its own, so that waiting for one piece does not disturb the others.
 */
typedef struct member {
    _Alignas(BPI_ALIGNMENT) atomic_bool open; /* its piece waits for a thread to take it */
    atomic_bool asleep;
    pthread_mutex_t mutex; /* for going to sleep and waking up */
    pthread_cond_t wake;
    pthread_t thread;
    thread_team *team;
    bp_status status; /* of its piece, with the message if that failed */
    char message[512];
} member;

struct thread_team {
    bp_allocator allocator;
    pid_t process; /* in which its threads exist */
    size_t threads;
    size_t ready; /* members whose mutex and condition exist: all but while it is made */
    atomic_bool leaving;

    /* The run that is going on. */
    piece_work work;
    void *context;
    atomic_size_t unfinished; /* pieces */

    member members[];
};

/* -------------------------------------------------------------------- waiting */

static bool is_called(const member *me)
{
    return atomic_load(&me->open) || atomic_load(&me->team->leaving);
}

static bool is_done(const member *caller)
{
    return atomic_load(&caller->team->unfinished) == 0;
}

/* Leaves the core's units to its other thread, if it has one. */
static void pause_briefly(void)
{
#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))
    __builtin_ia32_pause();
#elif defined(__GNUC__) && defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static bool stay_awake_until(const member *me, bool (*ready)(const member *))
{
    enum { LOOKS_PER_TIME = 32 };
    double end = bpi_clock_seconds() + patience;
    do
        for (int look = 0; look < LOOKS_PER_TIME; look++) {
            if (ready(me))
                return true;
            pause_briefly();
        }
    while (bpi_clock_seconds() < end);
    return false;
}

/*
 * Nobody sleeps through what it waits for: `asleep` is set before the last look, and who makes it ready looks
 * at `asleep` afterwards (wake_up). Both are sequentially consistent, so one of the two sees the other.
 */
static void wait_until(member *me, bool (*ready)(const member *))
{
    if (ready(me) || stay_awake_until(me, ready))
        return;
    pthread_mutex_lock(&me->mutex);
    atomic_store(&me->asleep, true);
    while (!ready(me))
        pthread_cond_wait(&me->wake, &me->mutex);
    atomic_store(&me->asleep, false);
    pthread_mutex_unlock(&me->mutex);
}

static void wake_up(member *sleeper)
{
    if (!atomic_load(&sleeper->asleep))
        return;
    pthread_mutex_lock(&sleeper->mutex);
    pthread_cond_signal(&sleeper->wake);
    pthread_mutex_unlock(&sleeper->mutex);
}

/* --------------------------------------------------------------------- pieces */

static void keep_message(member *piece)
{
    strncpy(piece->message, bp_error_message(), sizeof piece->message - 1);
    piece->message[sizeof piece->message - 1] = '\0';
}

static void do_piece(thread_team *team, size_t number)
{
    member *piece = &team->members[number];
    piece->status = team->work(team->context, number);
    if (piece->status != BP_OK)
        keep_message(piece);
    if (atomic_fetch_sub(&team->unfinished, 1) == 1)
        wake_up(&team->members[0]);
}

/* Is it still to be done, and by nobody else? */
static bool take(member *piece)
{
    return atomic_load(&piece->open) && atomic_exchange(&piece->open, false);
}

/* What every thread but the caller's runs. */
static void *help(void *argument)
{
    member *me = argument;
    thread_team *team = me->team;
    for (;;) {
        wait_until(me, is_called);
        if (atomic_load(&team->leaving))
            return NULL;
        if (take(me))
            do_piece(team, (size_t)(me - team->members));
    }
}

static bp_status first_failure(const thread_team *team, size_t pieces)
{
    for (size_t i = 0; i < pieces; i++)
        if (team->members[i].status != BP_OK)
            return bpi_fail(team->members[i].status, "%s", team->members[i].message);
    return BP_OK;
}

/* The threads of the first pieces, if they are there at all: a forked child has none, and what they slept on
 * is not to be touched. */
static void wake_helpers(thread_team *team, size_t pieces)
{
    bool is_known = false;
    for (size_t i = 1; i < pieces; i++) {
        if (!atomic_load(&team->members[i].asleep))
            continue;
        if (!is_known && team->process != getpid())
            return;
        is_known = true;
        wake_up(&team->members[i]);
    }
}

bp_status bpi_team_run(thread_team *team, size_t pieces, piece_work work, void *context)
{
    if (pieces == 1)
        return work(context, 0);
    team->work = work;
    team->context = context;
    atomic_store(&team->unfinished, pieces);
    for (size_t i = 1; i < pieces; i++)
        atomic_store(&team->members[i].open, true);
    wake_helpers(team, pieces);
    do_piece(team, 0);
    /* Those whose thread has not come yet, because it was asleep, the machine is busy, or there is none. */
    for (size_t i = 1; i < pieces; i++)
        if (take(&team->members[i]))
            do_piece(team, i);
    wait_until(&team->members[0], is_done);
    return first_failure(team, pieces);
}

size_t bpi_team_threads(const thread_team *team)
{
    return team == NULL ? 1 : team->threads;
}

/* --------------------------------------------------------- creating, destroying */

bp_status bpi_check_threads(const char *function, const char *name, size_t threads)
{
    if (threads < 1 || threads > BP_MAX_THREADS)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: %s is %zu, it must be 1 to %d", function, name, threads,
                        BP_MAX_THREADS);
    return BP_OK;
}

/* Makes the team's next member, with its thread unless it is the caller's. An errno, or 0. */
static int add_member(thread_team *team)
{
    member *me = &team->members[team->ready];
    me->team = team;
    int error = pthread_mutex_init(&me->mutex, NULL);
    if (error != 0)
        return error;
    error = pthread_cond_init(&me->wake, NULL);
    if (error != 0)
        goto no_condition;
    if (team->ready > 0)
        error = pthread_create(&me->thread, NULL, help, me);
    if (error != 0)
        goto no_thread;
    team->ready++;
    return 0;
no_thread:
    pthread_cond_destroy(&me->wake);
no_condition:
    pthread_mutex_destroy(&me->mutex);
    return error;
}

/* The signals of the program are for its own threads: those started here begin with all of them blocked. */
static int add_members(thread_team *team)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = 0;
    while (error == 0 && team->ready < team->threads)
        error = add_member(team);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

bp_status bpi_team_create(thread_team **out, const char *function, const bp_allocator *allocator,
                          size_t threads)
{
    thread_team *team = bpi_allocate_zeroed(allocator, 1, sizeof(thread_team) + threads * sizeof(member));
    if (team == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for %zu threads", function, threads);
    team->allocator = *allocator;
    team->process = getpid();
    team->threads = threads;
    int error = add_members(team);
    if (error != 0) {
        char reason[128];
        if (strerror_r(error, reason, sizeof reason) != 0)
            reason[0] = '\0';
        bp_status status =
            bpi_fail(BP_ERROR_THREAD, "%s: thread %zu of %zu could not be started: error %d %s", function,
                     team->ready + 1, threads, error, reason);
        bpi_team_destroy(team);
        return status;
    }
    *out = team;
    return BP_OK;
}

/* In a forked child there is nobody to join, and what the threads slept on is not to be touched. */
static void dismiss(thread_team *team)
{
    atomic_store(&team->leaving, true);
    for (size_t i = 1; i < team->ready; i++) {
        wake_up(&team->members[i]);
        pthread_join(team->members[i].thread, NULL);
    }
    for (size_t i = 0; i < team->ready; i++) {
        pthread_cond_destroy(&team->members[i].wake);
        pthread_mutex_destroy(&team->members[i].mutex);
    }
}

void bpi_team_destroy(thread_team *team)
{
    if (team == NULL)
        return;
    if (team->process == getpid())
        dismiss(team);
    bp_allocator allocator = team->allocator;
    bpi_release(&allocator, team);
}
