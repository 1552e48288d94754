/* Workspaces and trainers with threads of their own: bad numbers, threads that cannot be started, another
 * number, fork. Linked with pthread_create replaced by one that can be told to fail. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "engine/thread_example.h"
#include "engine/types.h"
#include "network/types.h"

static bool may_start = true; /* else the system has no threads left */

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                          void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                          void *argument);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                          void *argument)
{
    return may_start ? __real_pthread_create(thread, attributes, start, argument) : EAGAIN;
}

static thread_example example_of(const bp_allocator *allocator)
{
    return thread_example_create(allocator, NULL, bp_activation_tanh());
}

static void test_set_threads_refuses_bad_numbers(void **state)
{
    (void)state;
    thread_example made = example_of(NULL);
    bp_workspace *workspace = workspace_with_threads(made.net, 3, 2);
    assert_fails(bp_workspace_set_threads(NULL, 2), BP_ERROR_ARGUMENT, "workspace is NULL");
    assert_fails(bp_workspace_set_threads(workspace, 0), BP_ERROR_ARGUMENT, "threads is 0");
    assert_fails(bp_workspace_set_threads(workspace, 100000), BP_ERROR_ARGUMENT,
                 "bp_workspace_set_threads: threads is 100000, it must be 1 to 256");
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.1, 0.9);
    assert_int_equal(options.threads, 1);
    bp_trainer *trainer = NULL;
    options.threads = 100000;
    assert_fails(bp_trainer_create(&trainer, made.net, &options), BP_ERROR_ARGUMENT,
                 "bp_trainer_create: options.threads is 100000, it must be 1 to 256");
    options.threads = 0;
    assert_fails(bp_trainer_create(&trainer, made.net, &options), BP_ERROR_ARGUMENT, "options.threads is 0");
    assert_null(trainer);
    assert_int_equal(bpi_team_threads(workspace->team), 2);
    bp_workspace_destroy(workspace);
    thread_example_destroy(&made);
}

static void test_threads_that_cannot_be_started(void **state)
{
    (void)state;
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    thread_example made = example_of(&allocator);
    size_t live = memory.live;
    bp_workspace *workspace = workspace_with_threads(made.net, 3, 2);
    const size_t with_workspace = memory.live;
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.1, 0.9);
    options.threads = 3;
    bp_trainer *trainer = NULL;
    may_start = false;
    bp_status status = bp_workspace_set_threads(workspace, 4);
    assert_fails(status, BP_ERROR_THREAD, "bp_workspace_set_threads: thread 2 of 4 could not be started");
    status = bp_trainer_create(&trainer, made.net, &options);
    assert_fails(status, BP_ERROR_THREAD, "bp_trainer_create: thread 2 of 3 could not be started");
    may_start = true;
    assert_null(trainer);
    assert_int_equal(memory.live, with_workspace);
    assert_int_equal(bpi_team_threads(workspace->team), 2);
    bp_workspace_destroy(workspace);
    assert_int_equal(memory.live, live);
    thread_example_destroy(&made);
    assert_int_equal(memory.live, 0);
}

static void test_the_number_can_be_changed(void **state)
{
    (void)state;
    enum { FEW = 100 }; /* one block */
    thread_example made = example_of(NULL);
    made.data.cases = FEW;
    bp_workspace *workspace = workspace_with_threads(made.net, FEW, 4);
    call_results wanted = call_all(made.net, workspace, &made.data, bp_loss_squared_error());
    bp_real y[FEW * THREAD_OUTPUTS];
    const bp_layer *output = bp_network_find_layer(made.net, "output");
    assert_ok(bp_workspace_layer_outputs(workspace, output, y, FEW * THREAD_OUTPUTS));
    for (size_t i = 0; i < THREAD_COUNTS; i++) {
        assert_ok(bp_workspace_set_threads(workspace, thread_counts[i]));
        assert_fails(bp_workspace_layer_outputs(workspace, output, y, FEW * THREAD_OUTPUTS), BP_ERROR_STATE,
                     "no outputs are stored");
        call_results got = call_all(made.net, workspace, &made.data, bp_loss_squared_error());
        assert_memory_equal(got.values, wanted.values, wanted.count * sizeof *wanted.values);
        free(got.values);
    }
    free(wanted.values);
    bp_workspace_destroy(workspace);
    thread_example_destroy(&made);
}

static bp_status attempt(void *context, const bp_allocator *allocator)
{
    (void)context;
    thread_example made = example_of(NULL);
    made.net->allocator = *allocator; /* whatever the trainer and the workspace allocate */
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.1, 0.9);
    options.threads = 3;
    bp_workspace *workspace = NULL;
    bp_trainer *trainer = NULL;
    bp_status status = bp_trainer_create(&trainer, made.net, &options);
    if (status == BP_OK)
        status = bp_workspace_create(&workspace, made.net, 10);
    if (status == BP_OK)
        status = bp_workspace_set_threads(workspace, 2);
    bp_workspace_destroy(workspace);
    bp_trainer_destroy(trainer);
    bpi_allocator_choose(&made.net->allocator, "test", NULL);
    thread_example_destroy(&made);
    return status;
}

static void test_allocation_failures(void **state)
{
    (void)state;
    test_each_allocation_fails(attempt, NULL);
}

static int work_in_child(const thread_example *made, bp_workspace *workspace, const call_results *wanted)
{
    call_results got = call_all(made->net, workspace, &made->data, bp_loss_squared_error());
    if (memcmp(got.values, wanted->values, wanted->count * sizeof *wanted->values) != 0)
        return 1;
    free(got.values);
    bp_workspace_destroy(workspace);
    return 0;
}

static void test_a_forked_child_gets_the_same_bits(void **state)
{
    (void)state;
    thread_example made = example_of(NULL);
    bp_workspace *workspace = workspace_with_threads(made.net, THREAD_CASES, 3);
    call_results wanted = call_all(made.net, workspace, &made.data, bp_loss_squared_error());
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(work_in_child(&made, workspace, &wanted));
    int result = -1;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFEXITED(result) && WEXITSTATUS(result) == 0);
    free(wanted.values);
    bp_workspace_destroy(workspace);
    thread_example_destroy(&made);
}
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_threads_refuses_bad_numbers),
        cmocka_unit_test(test_threads_that_cannot_be_started),
        cmocka_unit_test(test_the_number_can_be_changed),
        cmocka_unit_test(test_allocation_failures),
        cmocka_unit_test(test_a_forked_child_gets_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
