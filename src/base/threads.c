#include "base/threads.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/status.h"

/* How long a waiting thread spins before it sleeps. */
#define SPIN_SECONDS 100e-6

/*
 * A thread of a team, member 0 being the caller's, and the chunk of the same number. Each begins on a cache
 * line of its own, so that waiting for one chunk does not disturb the others.
 */
typedef struct member {
    _Alignas(BPI_ALIGNMENT) atomic_bool pending; /* its chunk is not claimed by a thread yet */
    atomic_bool asleep;
    pthread_mutex_t mutex; /* for sleeping and waking */
    pthread_cond_t wake;
    pthread_t thread;
    thread_team *team;
    bp_status status; /* of its chunk, with the message if that failed */
    char message[512];
} member;

struct thread_team {
    bp_allocator allocator;
    pid_t process; /* the one that started the threads; a forked child has none of them */
    size_t threads;
    size_t ready; /* members whose mutex and condition exist: all of them, except during creation */
    atomic_bool stopping;

    /* The current run. */
    chunk_work work;
    void *context;
    atomic_size_t unfinished; /* chunks */

    member members[];
};

/* -------------------------------------------------------------------- waiting */

static bool has_work(const member *me)
{
    return atomic_load(&me->pending) || atomic_load(&me->team->stopping);
}

static bool is_done(const member *caller)
{
    return atomic_load(&caller->team->unfinished) == 0;
}

/* The hint of a spin loop: leaves the core's units to its other hardware thread. */
static void pause_briefly(void)
{
#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))
    __builtin_ia32_pause();
#elif defined(__GNUC__) && defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static bool spin_until(const member *me, bool (*ready)(const member *))
{
    enum { CHECKS_PER_CLOCK_READ = 32 };
    double end = bpi_clock_seconds() + SPIN_SECONDS;
    do
        for (int check = 0; check < CHECKS_PER_CLOCK_READ; check++) {
            if (ready(me))
                return true;
            pause_briefly();
        }
    while (bpi_clock_seconds() < end);
    return false;
}

/*
 * No wake-up is lost: the sleeper sets `asleep` before its last check, the waker changes the state before it
 * reads `asleep` (wake_up). Both are sequentially consistent, so one of the two sees the other's store.
 */
static void wait_until(member *me, bool (*ready)(const member *))
{
    if (ready(me) || spin_until(me, ready))
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

/* --------------------------------------------------------------------- chunks */

static void save_message(member *chunk)
{
    strncpy(chunk->message, bp_error_message(), sizeof chunk->message - 1);
    chunk->message[sizeof chunk->message - 1] = '\0';
}

static void do_chunk(thread_team *team, size_t number)
{
    member *chunk = &team->members[number];
    chunk->status = team->work(team->context, number);
    if (chunk->status != BP_OK)
        save_message(chunk);
    if (atomic_fetch_sub(&team->unfinished, 1) == 1)
        wake_up(&team->members[0]);
}

/* True for the one thread that gets the chunk. */
static bool claim(member *chunk)
{
    return atomic_load(&chunk->pending) && atomic_exchange(&chunk->pending, false);
}

/* The main function of a worker. */
static void *run_worker(void *argument)
{
    member *me = argument;
    thread_team *team = me->team;
    for (;;) {
        wait_until(me, has_work);
        if (atomic_load(&team->stopping))
            return NULL;
        if (claim(me))
            do_chunk(team, (size_t)(me - team->members));
    }
}

static bp_status first_failure(const thread_team *team, size_t chunks)
{
    for (size_t i = 0; i < chunks; i++)
        if (team->members[i].status != BP_OK)
            return bpi_fail(team->members[i].status, "%s", team->members[i].message);
    return BP_OK;
}

/* Wakes the workers of the given chunks. A forked child has no workers, and must not touch their mutexes. */
static void wake_workers(thread_team *team, size_t chunks)
{
    bool has_workers = false; /* checked once: getpid is a system call */
    for (size_t i = 1; i < chunks; i++) {
        if (!atomic_load(&team->members[i].asleep))
            continue;
        if (!has_workers && team->process != getpid())
            return;
        has_workers = true;
        wake_up(&team->members[i]);
    }
}

bp_status bpi_team_run(thread_team *team, size_t chunks, chunk_work work, void *context)
{
    if (chunks == 1)
        return work(context, 0);
    team->work = work;
    team->context = context;
    atomic_store(&team->unfinished, chunks);
    for (size_t i = 1; i < chunks; i++)
        atomic_store(&team->members[i].pending, true);
    wake_workers(team, chunks);
    do_chunk(team, 0);
    /* The caller does chunks that no worker has claimed yet: it was asleep, the machine is busy, or this is a
     * forked child. */
    for (size_t i = 1; i < chunks; i++)
        if (claim(&team->members[i]))
            do_chunk(team, i);
    wait_until(&team->members[0], is_done);
    return first_failure(team, chunks);
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

/* Adds the next member, and starts its thread unless it is the caller's. Returns 0 or an errno. */
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
        error = pthread_create(&me->thread, NULL, run_worker, me);
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

/* Workers start with all signals blocked, so that the program's own threads handle them. */
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

/* Not in a forked child, which has no threads to join and must not touch their mutexes. */
static void stop_workers(thread_team *team)
{
    atomic_store(&team->stopping, true);
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
        stop_workers(team);
    bp_allocator allocator = team->allocator;
    bpi_release(&allocator, team);
}
