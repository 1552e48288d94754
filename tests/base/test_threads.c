/* The parallel-for. Linked with pthread_create replaced by one that can be told to fail. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/threads.h"
#include "support/support.h"

/* ------------------------------------------------------------------- fault */

static size_t threads_that_start = SIZE_MAX; /* until pthread_create fails */

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                          void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                          void *argument);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                          void *argument)
{
    if (threads_that_start == 0)
        return EAGAIN;
    threads_that_start--;
    return __real_pthread_create(thread, attributes, start, argument);
}

/* ------------------------------------------------------------------- support */

static test_memory memory;
static bp_allocator allocator;

static thread_team *make_team(size_t threads)
{
    thread_team *team = NULL;
    allocator = test_allocator(&memory, SIZE_MAX);
    assert_ok(bpi_team_create(&team, "test", &allocator, threads));
    assert_int_equal(bpi_team_threads(team), threads);
    return team;
}

static void end_team(thread_team *team)
{
    bpi_team_destroy(team);
    assert_int_equal(memory.live, 0);
}

static void sleep_for_ms(long milliseconds)
{
    struct timespec left = {0, milliseconds * 1000000L};
    while (nanosleep(&left, &left) != 0)
        ;
}

/* --------------------------------------------------------------------- chunks */

enum { MOST = 8 };

typedef struct counts {
    size_t done[MOST]; /* plain values: a run must make them visible to the caller */
} counts;

static bp_status count_chunk(void *context, size_t chunk)
{
    ((counts *)context)->done[chunk]++;
    return BP_OK;
}

static void test_every_chunk_is_done_once_in_every_run(void **state)
{
    (void)state;
    uint64_t stream = 1;
    for (size_t threads = 2; threads <= MOST; threads++) {
        thread_team *team = make_team(threads);
        counts got = {{0}}, wanted = {{0}};
        for (size_t run = 0; run < 2000; run++) {
            size_t chunks = 1 + test_below(&stream, threads);
            for (size_t i = 0; i < chunks; i++)
                wanted.done[i]++;
            assert_ok(bpi_team_run(team, chunks, count_chunk, &got));
            assert_memory_equal(&got, &wanted, sizeof got);
        }
        end_team(team);
    }
}

typedef struct meeting {
    size_t expected;
    atomic_size_t arrived;
    pthread_t thread[MOST];
} meeting;

/* Comes to an end only if all chunks are under way at the same time. */
static bp_status meet(void *context, size_t chunk)
{
    meeting *all = context;
    all->thread[chunk] = pthread_self();
    atomic_fetch_add(&all->arrived, 1);
    while (atomic_load(&all->arrived) < all->expected)
        sleep_for_ms(1);
    return BP_OK;
}

static void test_as_many_chunks_as_threads_run_at_the_same_time(void **state)
{
    (void)state;
    for (size_t threads = 2; threads <= MOST; threads++) {
        thread_team *team = make_team(threads);
        meeting all = {.expected = threads};
        assert_ok(bpi_team_run(team, threads, meet, &all));
        assert_true(pthread_equal(all.thread[0], pthread_self()));
        for (size_t i = 0; i < threads; i++)
            for (size_t k = 0; k < i; k++)
                assert_false(pthread_equal(all.thread[i], all.thread[k]));
        end_team(team);
    }
}

static void test_threads_that_fell_asleep_are_woken(void **state)
{
    (void)state;
    thread_team *team = make_team(3);
    for (size_t run = 0; run < 5; run++) {
        sleep_for_ms(5);
        meeting all = {.expected = 3};
        assert_ok(bpi_team_run(team, 3, meet, &all));
    }
    sleep_for_ms(5);
    end_team(team); /* also to leave */
}

typedef struct late_chunk {
    atomic_bool started;
    size_t number;
    bool done;
} late_chunk;

static bp_status finish_late(void *context, size_t chunk)
{
    late_chunk *late = context;
    if (chunk != late->number) {
        while (!atomic_load(&late->started)) /* so that its own thread takes it, not the caller */
            sleep_for_ms(1);
        return BP_OK;
    }
    atomic_store(&late->started, true);
    sleep_for_ms(10);
    late->done = true;
    return BP_OK;
}

static void test_the_caller_waits_for_the_last_chunk_however_late(void **state)
{
    (void)state;
    thread_team *team = make_team(2);
    for (size_t run = 0; run < 5; run++) {
        late_chunk late = {.number = 1};
        assert_ok(bpi_team_run(team, 2, finish_late, &late));
        assert_true(late.done);
    }
    end_team(team);
}

static void test_helpers_take_no_signals(void **state)
{
    (void)state;
    sigset_t before, after;
    assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &before), 0);
    thread_team *team = make_team(2);
    assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &after), 0);
    assert_int_equal(sigismember(&after, SIGUSR1), sigismember(&before, SIGUSR1));
    meeting all = {.expected = 2};
    assert_ok(bpi_team_run(team, 2, meet, &all));
    /* Sent to the helper it stays pending; taken, it would end the program. */
    assert_int_equal(pthread_kill(all.thread[1], SIGUSR1), 0);
    sleep_for_ms(5);
    all = (meeting){.expected = 2};
    assert_ok(bpi_team_run(team, 2, meet, &all));
    end_team(team);
}

/* ------------------------------------------------------------------- failures */

typedef struct failures {
    bool fails[MOST];
    meeting all;
} failures;

static bp_status fail_some(void *context, size_t chunk)
{
    failures *which = context;
    meet(&which->all, chunk); /* so that each is done by a thread of its own */
    if (!which->fails[chunk])
        return BP_OK;
    return bpi_fail(chunk == 2 ? BP_ERROR_SIZE : BP_ERROR_NOT_FINITE, "chunk %zu failed", chunk);
}

static void test_the_first_failure_is_handed_to_the_caller(void **state)
{
    (void)state;
    thread_team *team = make_team(4);
    failures which = {.fails = {false, false, true, true}, .all = {.expected = 4}};
    assert_fails(bpi_team_run(team, 4, fail_some, &which), BP_ERROR_SIZE, "chunk 2 failed");
    which = (failures){.fails = {true, true, false, true}, .all = {.expected = 4}};
    assert_fails(bpi_team_run(team, 4, fail_some, &which), BP_ERROR_NOT_FINITE, "chunk 0 failed");
    which = (failures){.all = {.expected = 4}};
    assert_ok(bpi_team_run(team, 4, fail_some, &which));
    assert_string_equal(bp_error_message(), "chunk 0 failed"); /* success leaves it alone */
    which = (failures){.fails = {true}, .all = {.expected = 1}};
    assert_fails(bpi_team_run(team, 1, fail_some, &which), BP_ERROR_NOT_FINITE, "chunk 0 failed");
    end_team(team);
}

static void test_the_number_of_threads_is_checked(void **state)
{
    (void)state;
    assert_ok(bpi_check_threads("f", "threads", 1));
    assert_ok(bpi_check_threads("f", "threads", BP_MAX_THREADS));
    assert_fails(bpi_check_threads("f", "threads", 0), BP_ERROR_ARGUMENT, "f: threads is 0");
    assert_fails(bpi_check_threads("f", "threads", BP_MAX_THREADS + 1), BP_ERROR_ARGUMENT, "1 to 256");
    assert_fails(bpi_check_threads("f", "options.threads", 100000), BP_ERROR_ARGUMENT,
                 "f: options.threads is 100000, it must be 1 to 256");
}

static void test_a_thread_that_cannot_be_started(void **state)
{
    (void)state;
    allocator = test_allocator(&memory, SIZE_MAX);
    thread_team *const untouched = (thread_team *)&memory;
    for (size_t start = 0; start < 4; start++) {
        thread_team *team = untouched;
        threads_that_start = start;
        bp_status status = bpi_team_create(&team, "f", &allocator, 5);
        threads_that_start = SIZE_MAX;
        const char *const parts[] = {"f: thread 2 of 5", "thread 3 of 5", "thread 4 of 5", "thread 5 of 5"};
        assert_fails(status, BP_ERROR_THREAD, parts[start]);
        assert_ptr_equal(team, untouched);
        assert_int_equal(memory.live, 0);
    }
}

static bp_status attempt(void *context, const bp_allocator *failing)
{
    (void)context;
    thread_team *team = NULL;
    BPI_TRY(bpi_team_create(&team, "test", failing, 3));
    bpi_team_destroy(team);
    return BP_OK;
}

static void test_allocation_failures(void **state)
{
    (void)state;
    test_each_allocation_fails(attempt, NULL);
}

static void test_destroy_takes_null(void **state)
{
    (void)state;
    bpi_team_destroy(NULL);
    assert_int_equal(bpi_team_threads(NULL), 1);
}

/* ----------------------------------------------------------------------- fork */

typedef struct lone_work {
    pthread_t caller;
    size_t done, by_others;
} lone_work;

static bp_status note_thread(void *context, size_t chunk)
{
    (void)chunk;
    lone_work *work = context;
    work->done++;
    work->by_others += !pthread_equal(work->caller, pthread_self());
    return BP_OK;
}

/* 0 if all went well. */
static int work_in_child(thread_team *team)
{
    lone_work work = {.caller = pthread_self()};
    for (int run = 0; run < 100; run++)
        if (bpi_team_run(team, 4, note_thread, &work) != BP_OK)
            return 1;
    bpi_team_destroy(team);
    return work.done == 400 && work.by_others == 0 && memory.live == 0 ? 0 : 2;
}

static void test_a_forked_child_works_on_one_thread(void **state)
{
    (void)state;
    for (int awake = 0; awake < 2; awake++) {
        thread_team *team = make_team(4);
        meeting all = {.expected = 4};
        assert_ok(bpi_team_run(team, 4, meet, &all));
        if (!awake)
            sleep_for_ms(5);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            _exit(work_in_child(team));
        int result = -1;
        assert_int_equal(waitpid(child, &result, 0), child);
        assert_true(WIFEXITED(result) && WEXITSTATUS(result) == 0);
        all = (meeting){.expected = 4};
        assert_ok(bpi_team_run(team, 4, meet, &all));
        end_team(team);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_chunk_is_done_once_in_every_run),
        cmocka_unit_test(test_as_many_chunks_as_threads_run_at_the_same_time),
        cmocka_unit_test(test_threads_that_fell_asleep_are_woken),
        cmocka_unit_test(test_the_caller_waits_for_the_last_chunk_however_late),
        cmocka_unit_test(test_helpers_take_no_signals),
        cmocka_unit_test(test_the_first_failure_is_handed_to_the_caller),
        cmocka_unit_test(test_the_number_of_threads_is_checked),
        cmocka_unit_test(test_a_thread_that_cannot_be_started),
        cmocka_unit_test(test_allocation_failures),
        cmocka_unit_test(test_destroy_takes_null),
        cmocka_unit_test(test_a_forked_child_works_on_one_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
