/* Work shared out among threads: how it is cut, and that the cut does not show in any result. Linked with
 * pthread_create replaced by one that can be told to fail. */
#include "reference/random_network.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"
#include "engine/parallel.h"
#include "kernel/select.h"
#include "support/connect.h"
#include "support/support.h"
#include "train/trainer.h"

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

/* -------------------------------------------------------------- a larger example */

/* Large enough for its products to be shared out, with a last block and batch that are smaller. */
enum { INPUTS = 150, HIDDEN = 210, OUTPUTS = 37, CASES = 331 };
enum { WEIGHTS = HIDDEN * (INPUTS + 1) + OUTPUTS * (INPUTS / 3 + HIDDEN + 1) };
static const size_t thread_counts[] = {1, 2, 3, 8};
enum { COUNTS = sizeof thread_counts / sizeof thread_counts[0] };

static const char *isa = NULL; /* of the example's kernels; NULL: the best */

typedef struct example {
    bp_network *net;
    bp_data data;
} example;

static bp_real *random_reals(uint64_t *stream, size_t count)
{
    bp_real *values = malloc(count * sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < count; i++)
        values[i] = (bp_real)test_uniform(stream, 0, 1);
    return values;
}

/* A mask that keeps every third pair. */
static const unsigned char *every_third(void)
{
    static unsigned char mask[OUTPUTS * INPUTS];
    for (size_t i = 0; i < sizeof mask; i += 3)
        mask[i] = 1;
    return mask;
}

/* Skipping connections, one of them masked. */
static example make_example(const bp_allocator *allocator, bp_activation hidden_activation)
{
    uint64_t stream = 7;
    example made = {0};
    bp_layer *input, *hidden, *output;
    bp_network_options options;
    bp_network_options_init(&options, sizeof options);
    if (allocator != NULL)
        options.allocator = *allocator;
    options.isa = isa;
    assert_ok(bp_network_create(&made.net, &options));
    assert_ok(bp_network_add_input(&input, made.net, "input", INPUTS));
    assert_ok(bp_network_add_layer(&hidden, made.net, "hidden", HIDDEN, hidden_activation));
    assert_ok(bp_network_add_layer(&output, made.net, "output", OUTPUTS, bp_activation_logistic()));
    assert_ok(bp_network_connect(NULL, made.net, input, hidden));
    assert_ok(connect_masked(NULL, made.net, input, output, every_third(), OUTPUTS * INPUTS));
    assert_ok(bp_network_connect(NULL, made.net, hidden, output));
    assert_ok(bp_layer_set_output(output));
    assert_ok(bp_network_finalize(made.net));
    assert_ok(bp_network_initialize(made.net, 1));
    made.data = bp_data_view(CASES, random_reals(&stream, CASES * INPUTS), INPUTS,
                             random_reals(&stream, CASES * OUTPUTS), OUTPUTS);
    return made;
}

static void end_example(example *made)
{
    bp_network_destroy(made->net);
    free((void *)made->data.inputs);
    free((void *)made->data.targets);
}

static bp_workspace *make_workspace(const bp_network *net, size_t cases, size_t threads)
{
    bp_workspace *workspace = NULL;
    assert_ok(bp_workspace_create(&workspace, net, cases));
    assert_ok(bp_workspace_set_threads(workspace, threads));
    return workspace;
}

/* ------------------------------------------------------------------ the cut */

typedef struct ranges {
    size_t first[16], count[16], pieces;
} ranges;

static bp_status note_range(void *context, size_t first, size_t count, size_t piece)
{
    ranges *all = context;
    all->first[piece] = first;
    all->count[piece] = count;
    return piece == 1 ? bpi_fail(BP_ERROR_SIZE, "the range at %zu", first) : BP_OK;
}

static void share_out_and_check(const bp_workspace *workspace, parallel_work work, size_t pieces)
{
    ranges all = {.count = {0}};
    work.work = note_range;
    work.context = &all;
    if (pieces == 1)
        assert_ok(bpi_parallel_for(workspace, &work));
    else
        assert_fails(bpi_parallel_for(workspace, &work), BP_ERROR_SIZE, "the range at");
    size_t next = 0;
    for (size_t i = 0; i < pieces; i++) {
        assert_int_equal(all.first[i], next);
        assert_int_equal(all.first[i] % work.grain, 0);
        assert_true(pieces == 1 || all.count[i] > work.grain);
        next += all.count[i];
    }
    assert_int_equal(next, work.count);
    assert_int_equal(all.count[pieces], 0);
}

static void test_ranges_are_whole_grains_and_worth_their_cost(void **state)
{
    (void)state;
    example made = make_example(NULL, bp_activation_tanh());
    bp_workspace *workspace = make_workspace(made.net, 1, 3);
    share_out_and_check(workspace, (parallel_work){.count = 300, .grain = 10, .cost = 1e9}, 3);
    share_out_and_check(workspace, (parallel_work){.count = 301, .grain = 10, .cost = 1e9}, 3);
    share_out_and_check(workspace, (parallel_work){.count = 51, .grain = 10, .cost = 1e9}, 3);
    share_out_and_check(workspace, (parallel_work){.count = 50, .grain = 10, .cost = 1e9}, 2);
    share_out_and_check(workspace, (parallel_work){.count = 30, .grain = 10, .cost = 1e9}, 1);
    share_out_and_check(workspace, (parallel_work){.count = 30, .grain = 10, .cost = 1e9}, 1);
    share_out_and_check(workspace,
                        (parallel_work){.count = 300, .grain = 10, .cost = 2.5 * BPI_MIN_CHUNK_COST}, 2);
    share_out_and_check(workspace,
                        (parallel_work){.count = 300, .grain = 10, .cost = 1.5 * BPI_MIN_CHUNK_COST}, 1);
    assert_ok(bp_workspace_set_threads(workspace, 1));
    share_out_and_check(workspace, (parallel_work){.count = 300, .grain = 10, .cost = 1e9}, 1);
    bp_workspace_destroy(workspace);
    end_example(&made);
}

/* ------------------------------------------------------------------ same bits */

/* All that calls with a workspace give, one after the other. */
typedef struct results {
    bp_real *values;
    size_t count;
} results;

static results results_of(const bp_network *net, bp_workspace *workspace, const bp_data *data, bp_loss loss)
{
    size_t weights, outputs = data->cases * bp_network_output_width(net),
                    inputs = data->cases * bp_network_input_width(net);
    bp_network_weights(net, &weights);
    results all = {.count = outputs + weights + inputs + 4};
    bp_real *next = all.values = calloc(all.count, sizeof *all.values);
    assert_non_null(next);
    double error[2];
    bp_evaluation evaluation;
    bp_evaluation_init(&evaluation, sizeof evaluation);
    assert_ok(bp_network_predict(net, workspace, data, next));
    assert_ok(bp_network_gradient(net, workspace, data, loss, &error[0], next += outputs));
    assert_ok(bp_network_input_gradient(net, workspace, data, loss, &error[1], next += weights));
    assert_ok(bp_network_evaluate(net, workspace, data, loss, NULL, &evaluation));
    next += inputs;
    next[0] = (bp_real)error[0];
    next[1] = (bp_real)error[1];
    next[2] = (bp_real)evaluation.error;
    next[3] = (bp_real)evaluation.accuracy;
    return all;
}

/* min_chunk_cost 0: everything that can be cut is. */
static void check_same_bits(const bp_network *net, const bp_data *data, bp_loss loss, double min_chunk_cost)
{
    results wanted = {0};
    for (size_t i = 0; i < COUNTS; i++) {
        bp_workspace *workspace = make_workspace(net, data->cases, thread_counts[i]);
        workspace->min_chunk_cost = min_chunk_cost;
        results got = results_of(net, workspace, data, loss);
        if (i > 0)
            assert_memory_equal(got.values, wanted.values, wanted.count * sizeof *wanted.values);
        free(i > 0 ? got.values : NULL);
        wanted = i > 0 ? wanted : got;
        bp_workspace_destroy(workspace);
    }
    free(wanted.values);
}

static void test_random_networks_give_the_same_bits(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        random_network *random = random_network_create(seed);
        check_same_bits(random->net, &random->data, random->loss, 0);
        random_network_destroy(random);
    }
}

static void test_larger_networks_give_the_same_bits(void **state)
{
    (void)state;
    example made = make_example(NULL, bp_activation_tanh());
    for (size_t cases = 1; cases <= CASES; cases = cases * 2 + 1) {
        made.data.cases = cases;
        check_same_bits(made.net, &made.data, bp_loss_squared_error(), 0);
        check_same_bits(made.net, &made.data, bp_loss_cross_entropy(), BPI_MIN_CHUNK_COST);
    }
    made.data.cases = CASES;
    assert_ok(bp_network_fit_scaling(made.net, &made.data, bp_scaling_standard(), bp_scaling_none()));
    check_same_bits(made.net, &made.data, bp_loss_squared_error(), 0);
    end_example(&made);
}

/* The weights after three epochs of changes, each from batch_size shuffled cases or, with 0, from all. */
static bp_real *trained_weights(size_t threads, size_t batch_size, double min_chunk_cost)
{
    example made = make_example(NULL, bp_activation_relu());
    bp_stop_rule epochs = bp_stop_epochs(3);
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.001, 0.9);
    options.batch_size = batch_size;
    options.weight_decay = 0.001;
    options.stop_rules = &epochs;
    options.stop_rule_count = 1;
    options.threads = threads;
    bp_trainer *trainer = NULL;
    assert_ok(bp_trainer_create(&trainer, made.net, &options));
    assert_int_equal(bpi_team_threads(trainer->workspace->team), threads);
    trainer->workspace->min_chunk_cost = min_chunk_cost;
    assert_ok(bp_trainer_run(trainer, &made.data, &made.data, NULL));
    bp_real *copy = malloc(made.net->weight_count * sizeof *copy);
    assert_non_null(copy);
    memcpy(copy, made.net->weights, made.net->weight_count * sizeof *copy);
    bp_trainer_destroy(trainer);
    end_example(&made);
    return copy;
}

static void test_training_gives_the_same_bits(void **state)
{
    (void)state;
    static const size_t batch_sizes[] = {0, 1, 47};
    for (size_t b = 0; b < sizeof batch_sizes / sizeof batch_sizes[0]; b++) {
        bp_real *wanted = trained_weights(1, batch_sizes[b], BPI_MIN_CHUNK_COST);
        for (size_t i = 0; i < COUNTS; i++) {
            bp_real *all_cut = trained_weights(thread_counts[i], batch_sizes[b], 0);
            bp_real *as_usual = trained_weights(thread_counts[i], batch_sizes[b], BPI_MIN_CHUNK_COST);
            assert_memory_equal(all_cut, wanted, WEIGHTS * sizeof *wanted);
            assert_memory_equal(as_usual, wanted, WEIGHTS * sizeof *wanted);
            free(all_cut);
            free(as_usual);
        }
        free(wanted);
    }
}

static void test_kernels_of_every_kind_give_the_same_bits(void **state)
{
    (void)state;
    size_t tables;
    const kernel_table *const *table = bpi_kernel_tables(&tables);
    for (size_t i = 0; i < tables; i++) {
        if (!table[i]->supported())
            continue;
        isa = table[i]->name;
        bp_real *wanted = trained_weights(1, 47, 0), *got = trained_weights(3, 47, 0);
        assert_memory_equal(got, wanted, WEIGHTS * sizeof *wanted);
        free(wanted);
        free(got);
    }
    isa = NULL;
}

/* ---------------------------------------------------------------------- checks */

/* Two bad values, found by two threads, or by one of many: the first is named. */
static void test_the_first_bad_value_is_named(void **state)
{
    (void)state;
    example made = make_example(NULL, bp_activation_tanh());
    bp_real *inputs = (bp_real *)made.data.inputs, *outputs = random_reals(&(uint64_t){1}, CASES * OUTPUTS);
    inputs[321 * INPUTS + 5] = (bp_real)NAN;
    for (size_t i = 0; i < COUNTS; i++) {
        bp_workspace *workspace = make_workspace(made.net, CASES, thread_counts[i]);
        workspace->min_chunk_cost = 0;
        inputs[200 * INPUTS + 77] = 0;
        assert_fails(bp_network_predict(made.net, workspace, &made.data, outputs), BP_ERROR_NOT_FINITE,
                     "bp_network_predict: data.inputs: case 321, column 5 is nan");
        inputs[200 * INPUTS + 77] = (bp_real)INFINITY;
        assert_fails(bp_network_predict(made.net, workspace, &made.data, outputs), BP_ERROR_NOT_FINITE,
                     "bp_network_predict: data.inputs: case 200, column 77 is inf");
        bp_workspace_destroy(workspace);
    }
    free(outputs);
    end_example(&made);
}

/* -------------------------------------------------------- the caller's functions */

static pthread_t expected_thread;
static bool was_called;

static void note_caller(void *context, const bp_real *x, bp_real *y, size_t count)
{
    (void)context;
    was_called = true;
    assert_true(pthread_equal(pthread_self(), expected_thread));
    memcpy(y, x, count * sizeof *y);
}

static void slope_of_1(void *context, const bp_real *x, const bp_real *y, bp_real *slope, size_t count)
{
    (void)context;
    (void)x;
    (void)y;
    assert_true(pthread_equal(pthread_self(), expected_thread));
    for (size_t i = 0; i < count; i++)
        slope[i] = 1;
}

static void test_functions_of_the_caller_are_called_by_its_thread(void **state)
{
    (void)state;
    expected_thread = pthread_self();
    example made = make_example(NULL, bp_activation_custom("same", note_caller, slope_of_1, NULL));
    check_same_bits(made.net, &made.data, bp_loss_squared_error(), 0);
    assert_true(was_called);
    end_example(&made);
}

/* ------------------------------------------------------------------ setting it */

static void test_set_threads_refuses_bad_numbers(void **state)
{
    (void)state;
    example made = make_example(NULL, bp_activation_tanh());
    bp_workspace *workspace = make_workspace(made.net, 3, 2);
    assert_fails(bp_workspace_set_threads(NULL, 2), BP_ERROR_ARGUMENT, "workspace is NULL");
    assert_fails(bp_workspace_set_threads(workspace, 0), BP_ERROR_ARGUMENT, "threads is 0");
    assert_fails(bp_workspace_set_threads(workspace, 100000), BP_ERROR_ARGUMENT,
                 "bp_workspace_set_threads: threads is 100000, it must be 1 to 256");
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
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
    end_example(&made);
}

static void test_threads_that_cannot_be_started(void **state)
{
    (void)state;
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    example made = make_example(&allocator, bp_activation_tanh());
    size_t live = memory.live;
    bp_workspace *workspace = make_workspace(made.net, 3, 2);
    const size_t with_workspace = memory.live;
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
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
    end_example(&made);
    assert_int_equal(memory.live, 0);
}

static void test_the_number_can_be_changed(void **state)
{
    (void)state;
    enum { FEW = 100 }; /* one block */
    example made = make_example(NULL, bp_activation_tanh());
    made.data.cases = FEW;
    bp_workspace *workspace = make_workspace(made.net, FEW, 4);
    results wanted = results_of(made.net, workspace, &made.data, bp_loss_squared_error());
    bp_real y[FEW * OUTPUTS];
    const bp_layer *output = bp_network_find_layer(made.net, "output");
    assert_ok(bp_workspace_layer_outputs(workspace, output, y, FEW * OUTPUTS));
    for (size_t i = 0; i < COUNTS; i++) {
        assert_ok(bp_workspace_set_threads(workspace, thread_counts[i]));
        assert_fails(bp_workspace_layer_outputs(workspace, output, y, FEW * OUTPUTS), BP_ERROR_STATE,
                     "no call before");
        results got = results_of(made.net, workspace, &made.data, bp_loss_squared_error());
        assert_memory_equal(got.values, wanted.values, wanted.count * sizeof *wanted.values);
        free(got.values);
    }
    free(wanted.values);
    bp_workspace_destroy(workspace);
    end_example(&made);
}

static bp_status attempt(void *context, const bp_allocator *allocator)
{
    (void)context;
    example made = make_example(NULL, bp_activation_tanh());
    made.net->allocator = *allocator; /* whatever the trainer and the workspace allocate */
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
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
    end_example(&made);
    return status;
}

static void test_allocation_failures(void **state)
{
    (void)state;
    test_each_allocation_fails(attempt, NULL);
}

/* ----------------------------------------------------------------------- fork */

static int work_in_child(const example *made, bp_workspace *workspace, const results *wanted)
{
    results got = results_of(made->net, workspace, &made->data, bp_loss_squared_error());
    if (memcmp(got.values, wanted->values, wanted->count * sizeof *wanted->values) != 0)
        return 1;
    free(got.values);
    bp_workspace_destroy(workspace);
    return 0;
}

static void test_a_forked_child_gets_the_same_bits(void **state)
{
    (void)state;
    example made = make_example(NULL, bp_activation_tanh());
    bp_workspace *workspace = make_workspace(made.net, CASES, 3);
    results wanted = results_of(made.net, workspace, &made.data, bp_loss_squared_error());
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(work_in_child(&made, workspace, &wanted));
    int result = -1;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFEXITED(result) && WEXITSTATUS(result) == 0);
    free(wanted.values);
    bp_workspace_destroy(workspace);
    end_example(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges_are_whole_grains_and_worth_their_cost),
        cmocka_unit_test(test_random_networks_give_the_same_bits),
        cmocka_unit_test(test_larger_networks_give_the_same_bits),
        cmocka_unit_test(test_training_gives_the_same_bits),
        cmocka_unit_test(test_kernels_of_every_kind_give_the_same_bits),
        cmocka_unit_test(test_the_first_bad_value_is_named),
        cmocka_unit_test(test_functions_of_the_caller_are_called_by_its_thread),
        cmocka_unit_test(test_set_threads_refuses_bad_numbers),
        cmocka_unit_test(test_threads_that_cannot_be_started),
        cmocka_unit_test(test_the_number_can_be_changed),
        cmocka_unit_test(test_allocation_failures),
        cmocka_unit_test(test_a_forked_child_gets_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
