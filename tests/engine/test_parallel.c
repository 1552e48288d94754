/* Work split among threads: into which ranges, and that the split does not show in any result. */
#include "engine/parallel.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "engine/thread_example.h"
#include "reference/random_network.h"
#include "support/kernels.h"
#include "train/trainer.h"

/* ------------------------------------------------------------------------ ranges */

typedef struct ranges {
    size_t first[16], count[16];
} ranges;

static bp_status record_range(void *context, size_t first, size_t count, size_t chunk)
{
    ranges *all = context;
    all->first[chunk] = first;
    all->count[chunk] = count;
    return BP_OK;
}

/* The same, and the second of several chunks fails. */
static bp_status record_range_and_fail(void *context, size_t first, size_t count, size_t chunk)
{
    record_range(context, first, count, chunk);
    return chunk == 1 ? bpi_fail(BP_ERROR_SIZE, "the range at %zu", first) : BP_OK;
}

/*
 * A hundred and one rows in grains of ten, dear enough for as many chunks as there are threads: eleven
 * grains, the last of them one row. With three threads four, four and three of them; with two, six and five;
 * what is worth two chunks and a half is done in two, and what is worth one and a half in one.
 */
static void test_worked_split(void **state)
{
    (void)state;
    typedef struct wanted_split {
        size_t threads;
        double cost;
        size_t chunks, first[3], count[3];
    } wanted_split;
    static const wanted_split wanted[] = {
        {3, 1e9, 3, {0, 40, 80}, {40, 40, 21}},
        {2, 1e9, 2, {0, 60}, {60, 41}},
        {3, 2.5 * BPI_MIN_CHUNK_COST, 2, {0, 60}, {60, 41}},
        {3, 1.5 * BPI_MIN_CHUNK_COST, 1, {0}, {101}},
        {1, 1e9, 1, {0}, {101}},
    };
    thread_example made = thread_example_create(NULL, NULL, bp_activation_tanh());
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        bp_workspace *workspace = workspace_with_threads(made.net, 1, wanted[i].threads);
        ranges got = {.count = {0}};
        const parallel_work work = {
            .count = 101, .grain = 10, .cost = wanted[i].cost, .work = record_range, .context = &got};
        assert_ok(bpi_parallel_for(workspace, &work));
        for (size_t chunk = 0; chunk < wanted[i].chunks; chunk++) {
            assert_int_equal(got.first[chunk], wanted[i].first[chunk]);
            assert_int_equal(got.count[chunk], wanted[i].count[chunk]);
        }
        assert_int_equal(got.count[wanted[i].chunks], 0);
        bp_workspace_destroy(workspace);
    }
    thread_example_destroy(&made);
}

static void split_and_check(const bp_workspace *workspace, parallel_work work, size_t chunks)
{
    ranges all = {.count = {0}};
    work.work = record_range_and_fail;
    work.context = &all;
    if (chunks == 1)
        assert_ok(bpi_parallel_for(workspace, &work));
    else
        assert_fails(bpi_parallel_for(workspace, &work), BP_ERROR_SIZE, "the range at");
    size_t next = 0;
    for (size_t i = 0; i < chunks; i++) {
        assert_int_equal(all.first[i], next);
        assert_int_equal(all.first[i] % work.grain, 0);
        assert_true(chunks == 1 || all.count[i] > work.grain);
        next += all.count[i];
    }
    assert_int_equal(next, work.count);
    assert_int_equal(all.count[chunks], 0);
}

static void test_ranges_are_whole_grains_and_worth_their_cost(void **state)
{
    (void)state;
    thread_example made = thread_example_create(NULL, NULL, bp_activation_tanh());
    bp_workspace *workspace = workspace_with_threads(made.net, 1, 3);
    split_and_check(workspace, (parallel_work){.count = 300, .grain = 10, .cost = 1e9}, 3);
    split_and_check(workspace, (parallel_work){.count = 301, .grain = 10, .cost = 1e9}, 3);
    split_and_check(workspace, (parallel_work){.count = 51, .grain = 10, .cost = 1e9}, 3);
    split_and_check(workspace, (parallel_work){.count = 50, .grain = 10, .cost = 1e9}, 2);
    split_and_check(workspace, (parallel_work){.count = 30, .grain = 10, .cost = 1e9}, 1);
    split_and_check(workspace, (parallel_work){.count = 300, .grain = 10, .cost = 2.5 * BPI_MIN_CHUNK_COST},
                    2);
    split_and_check(workspace, (parallel_work){.count = 300, .grain = 10, .cost = 1.5 * BPI_MIN_CHUNK_COST},
                    1);
    assert_ok(bp_workspace_set_threads(workspace, 1));
    split_and_check(workspace, (parallel_work){.count = 300, .grain = 10, .cost = 1e9}, 1);
    bp_workspace_destroy(workspace);
    thread_example_destroy(&made);
}

/* --------------------------------------------------------------------- same bits */

/* min_chunk_cost 0: everything that can be split is. */
static void check_same_bits(const bp_network *net, const bp_data *data, bp_loss loss, double min_chunk_cost)
{
    call_results wanted = {0};
    for (size_t i = 0; i < THREAD_COUNTS; i++) {
        bp_workspace *workspace = workspace_with_threads(net, data->cases, thread_counts[i]);
        workspace->min_chunk_cost = min_chunk_cost;
        call_results got = call_all(net, workspace, data, loss);
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
    thread_example made = thread_example_create(NULL, NULL, bp_activation_tanh());
    for (size_t cases = 1; cases <= THREAD_CASES; cases = cases * 2 + 1) {
        made.data.cases = cases;
        check_same_bits(made.net, &made.data, bp_loss_squared_error(), 0);
        check_same_bits(made.net, &made.data, bp_loss_cross_entropy(), BPI_MIN_CHUNK_COST);
    }
    made.data.cases = THREAD_CASES;
    assert_ok(bp_network_fit_scaling(made.net, &made.data, bp_scaling_standard(), bp_scaling_none()));
    check_same_bits(made.net, &made.data, bp_loss_squared_error(), 0);
    thread_example_destroy(&made);
}

/* The weights after three epochs of updates, each from batch_size shuffled cases or, with 0, from all. */
static bp_real *trained_weights(const char *isa, size_t threads, size_t batch_size, double min_chunk_cost)
{
    thread_example made = thread_example_create(NULL, isa, bp_activation_relu());
    bp_stop_rule epochs = bp_stop_epochs(3);
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
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
    thread_example_destroy(&made);
    return copy;
}

static void test_training_gives_the_same_bits(void **state)
{
    (void)state;
    static const size_t batch_sizes[] = {0, 1, 47};
    for (size_t b = 0; b < sizeof batch_sizes / sizeof batch_sizes[0]; b++) {
        bp_real *wanted = trained_weights(NULL, 1, batch_sizes[b], BPI_MIN_CHUNK_COST);
        for (size_t i = 0; i < THREAD_COUNTS; i++) {
            bp_real *all_split = trained_weights(NULL, thread_counts[i], batch_sizes[b], 0);
            bp_real *as_usual = trained_weights(NULL, thread_counts[i], batch_sizes[b], BPI_MIN_CHUNK_COST);
            assert_memory_equal(all_split, wanted, THREAD_WEIGHTS * sizeof *wanted);
            assert_memory_equal(as_usual, wanted, THREAD_WEIGHTS * sizeof *wanted);
            free(all_split);
            free(as_usual);
        }
        free(wanted);
    }
}

static void test_kernels_of_every_kind_give_the_same_bits(void **state)
{
    (void)state;
    const kernel_table *table;
    for (size_t t = 0; (table = supported_table(t)) != NULL; t++) {
        bp_real *wanted = trained_weights(table->name, 1, 47, 0),
                *got = trained_weights(table->name, 3, 47, 0);
        assert_memory_equal(got, wanted, THREAD_WEIGHTS * sizeof *wanted);
        free(wanted);
        free(got);
    }
}

/* -------------------------------------------------------------------- bad input */

/* Two bad values, found by two threads, or by one of many: the first is named. */
static void test_the_first_bad_value_is_named(void **state)
{
    (void)state;
    thread_example made = thread_example_create(NULL, NULL, bp_activation_tanh());
    bp_real *inputs = (bp_real *)made.data.inputs,
            *outputs = random_reals(&(uint64_t){1}, THREAD_CASES * THREAD_OUTPUTS, 0, 1);
    inputs[321 * THREAD_INPUTS + 5] = (bp_real)NAN;
    for (size_t i = 0; i < THREAD_COUNTS; i++) {
        bp_workspace *workspace = workspace_with_threads(made.net, THREAD_CASES, thread_counts[i]);
        workspace->min_chunk_cost = 0;
        inputs[200 * THREAD_INPUTS + 77] = 0;
        assert_fails(bp_network_predict(made.net, workspace, &made.data, outputs), BP_ERROR_NOT_FINITE,
                     "bp_network_predict: data.inputs: case 321, column 5 is nan");
        inputs[200 * THREAD_INPUTS + 77] = (bp_real)INFINITY;
        assert_fails(bp_network_predict(made.net, workspace, &made.data, outputs), BP_ERROR_NOT_FINITE,
                     "bp_network_predict: data.inputs: case 200, column 77 is inf");
        bp_workspace_destroy(workspace);
    }
    free(outputs);
    thread_example_destroy(&made);
}

/* --------------------------------------------------------- the caller's functions */

static pthread_t expected_thread;
static bool was_called;

static void record_caller(void *context, const bp_real *x, bp_real *y, size_t count)
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
    thread_example made =
        thread_example_create(NULL, NULL, bp_activation_custom("same", record_caller, slope_of_1, NULL));
    check_same_bits(made.net, &made.data, bp_loss_squared_error(), 0);
    assert_true(was_called);
    thread_example_destroy(&made);
}
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worked_split),
        cmocka_unit_test(test_ranges_are_whole_grains_and_worth_their_cost),
        cmocka_unit_test(test_random_networks_give_the_same_bits),
        cmocka_unit_test(test_larger_networks_give_the_same_bits),
        cmocka_unit_test(test_training_gives_the_same_bits),
        cmocka_unit_test(test_kernels_of_every_kind_give_the_same_bits),
        cmocka_unit_test(test_the_first_bad_value_is_named),
        cmocka_unit_test(test_functions_of_the_caller_are_called_by_its_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
