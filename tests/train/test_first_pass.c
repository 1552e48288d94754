/* The first pass over a stream that does not fit into a window: the number of cases, the statistics of all,
 * and a sample in which each case is equally likely. */
#include <math.h>
#include <stdlib.h>

#include "engine/column_statistics.h"
#include "train/stream_example.h"
#include "train/window.h"

enum { CASES = 50000, SAMPLE = 2000, PARTS = 10 };

/* Input and target of a case are functions of its number. */
static bp_data numbered_cases(void)
{
    static bp_real inputs[CASES], targets[CASES], weights[CASES];
    for (size_t i = 0; i < CASES; i++) {
        inputs[i] = (bp_real)i;
        targets[i] = (bp_real)(i % 7) - 3;
        weights[i] = (bp_real)(i % 3);
    }
    bp_data data = bp_data_view(CASES, inputs, 1, targets, 1);
    data.case_weights = weights;
    return data;
}

/* A window that has been opened. */
typedef struct opened {
    pair both;
    training_run run;
    test_source source;
    bp_stream *stream;
    case_window window;
    bp_data view;
} opened;

static void open_window(opened *made, const bp_data *data, size_t size, uint64_t seed)
{
    const size_t units[] = {1, 1};
    bp_network *net = NULL;
    bp_trainer_options options;
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_linear(), bp_activation_linear()));
    assert_ok(bp_network_initialize(net, 1));
    bp_trainer_options_init(&options, sizeof options);
    options.stream_window = size;
    options.seed = seed;
    *made = (opened){.both = make_pair(net, &options), .source = {.at_most = 777}};
    made->run.trainer = made->both.trainer;
    made->stream = test_stream(&made->source, data);
    assert_ok(bpi_window_open(&made->window, &made->run, made->stream, true, &made->view));
}

static void close_window(opened *made)
{
    bpi_window_clear(&made->window, made->both.trainer);
    bp_stream_destroy(made->stream);
    end_pair(&made->both);
}

static void test_statistics(void **state)
{
    (void)state;
    const bp_data data = numbered_cases();
    column_statistics input, target;
    bpi_find_statistics(&(column_sample){.cases = CASES, .columns = 1, .values = data.inputs, .stride = 1},
                        &input);
    bpi_find_statistics(&(column_sample){.cases = CASES, .columns = 1, .values = data.targets, .stride = 1},
                        &target);
    opened made;
    open_window(&made, &data, 300, 1);
    assert_ptr_equal(made.run.window, &made.window);
    assert_int_equal(made.window.cases, CASES);
    assert_int_equal(made.window.batch, 30); /* 10 of them are a window */
    assert_int_equal(made.window.capacity, 300);
    const column_statistics *columns[] = {made.window.inputs, made.window.targets},
                            *wanted[] = {&input, &target};
    for (size_t i = 0; i < 2; i++) {
        assert_true(columns[i]->count == CASES);
        assert_true(columns[i]->min == wanted[i]->min && columns[i]->max == wanted[i]->max);
        assert_close(columns[i]->mean, wanted[i]->mean, 1e-12);
        assert_close(columns[i]->deviation, wanted[i]->deviation, 1e-12);
        assert_int_equal(columns[i]->is_two_valued, 0);
    }
    assert_true(made.window.target_sums[0].weight > 0.99 * CASES);
    assert_false(bpi_window_has_binary_targets(&made.window));
    assert_false(bpi_window_is_truth_table(&made.window));
    close_window(&made);
}

/* Cases of the sample in each tenth of the stream: about as many, without repetition, for every seed. */
static void test_the_sample(void **state)
{
    (void)state;
    const bp_data data = numbered_cases();
    for (uint64_t seed = 1; seed <= 5; seed++) {
        opened made;
        size_t counts[PARTS] = {0};
        unsigned char *seen = calloc(CASES, 1);
        open_window(&made, &data, 300, seed);
        assert_int_equal(made.view.cases, SAMPLE);
        for (size_t i = 0; i < SAMPLE; i++) {
            const size_t number = (size_t)made.view.inputs[i];
            assert_true(made.view.targets[i] == data.targets[number]);
            assert_true(made.view.case_weights[i] == data.case_weights[number]);
            assert_int_equal(seen[number]++, 0);
            counts[number * PARTS / CASES]++;
        }
        const double expected = SAMPLE / PARTS, deviation = sqrt(expected * (1 - 1.0 / PARTS));
        for (size_t i = 0; i < PARTS; i++)
            assert_true(fabs((double)counts[i] - expected) < 4 * deviation);
        free(seen);
        close_window(&made);
    }
}

/* As many as fit into the window, and one more; the sample is then of all cases. */
static void test_all_but_one_fit(void **state)
{
    (void)state;
    bp_data data = numbered_cases();
    data.cases = 101;
    opened made;
    open_window(&made, &data, 100, 1);
    assert_int_equal(made.window.cases, 101);
    assert_int_equal(made.view.cases, 101);
    assert_int_equal(made.source.pass, 1);
    close_window(&made);
    open_window(&made, &data, 101, 1);
    assert_null(made.run.window);
    assert_int_equal(made.view.cases, 101);
    close_window(&made);
}

static void test_two_valued_columns(void **state)
{
    (void)state;
    bp_real inputs[100], targets[100];
    for (size_t i = 0; i < 100; i++) {
        inputs[i] = i == 98 ? 5 : 2;
        targets[i] = i == 77;
    }
    const bp_data data = bp_data_view(100, inputs, 1, targets, 1);
    opened made;
    open_window(&made, &data, 10, 1);
    assert_true(bpi_window_has_binary_targets(&made.window));
    assert_true(bpi_window_is_truth_table(&made.window));
    close_window(&made);
    inputs[97] = 3;
    targets[3] = 2;
    open_window(&made, &data, 10, 1);
    assert_false(bpi_window_has_binary_targets(&made.window));
    assert_false(bpi_window_is_truth_table(&made.window));
    close_window(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statistics),
        cmocka_unit_test(test_the_sample),
        cmocka_unit_test(test_all_but_one_fit),
        cmocka_unit_test(test_two_valued_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
