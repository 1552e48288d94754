/* Windows over series: against a formula, at borders, as views, and in training. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/split_example.h"
#include "data/windows_example.h"
#include "train/train_example.h"

/* ------------------------------------------------------------------------- worked cases */

/* 1 2 3 4 5 6 7 with a width of 3, a gap of 1 and 2 values to predict: 1 2 3 -> 5 6 and 2 3 4 -> 6 7. */
static void test_a_series(void **state)
{
    (void)state;
    const bp_real series[] = {1, 2, 3, 4, 5, 6, 7}, inputs[] = {1, 2, 3, 2, 3, 4}, targets[] = {5, 6, 6, 7};
    const bp_data data = bp_data_view(7, series, 1, NULL, 0);
    bp_dataset *rows = NULL, *windows = NULL;
    assert_ok(bp_dataset_create(&rows, &data, NULL));
    const bp_window_options options = window_options(3, 1, 2, 1);
    size_t too_short = 9;
    assert_ok(bp_dataset_windows(&windows, rows, &options, &too_short));
    const bp_data found = test_all_cases(windows);
    assert_int_equal(found.cases, 2);
    assert_int_equal(found.input_width, 3);
    assert_int_equal(found.target_width, 2);
    assert_memory_equal(found.inputs, inputs, sizeof inputs);
    assert_memory_equal(found.targets, targets, sizeof targets);
    assert_int_equal(too_short, 0);
    assert_null(bp_dataset_groups(windows));
    bp_dataset_destroy(rows);
    bp_dataset_destroy(windows);
}

/* The example in the comment of bp_data: nothing is copied. */
static void test_a_view(void **state)
{
    (void)state;
    bp_real series[40];
    const bp_data rows = bp_data_view(40, series, 1, NULL, 0);
    bp_data view = empty_view();
    for (size_t i = 0; i < 40; i++)
        series[i] = (bp_real)i;
    const bp_window_options options = window_options(12, 0, 1, 1);
    assert_ok(bp_data_windows(&view, &rows, &options));
    assert_int_equal(view.cases, 28);
    assert_ptr_equal(view.inputs, series);
    assert_int_equal(view.input_stride, 1);
    assert_int_equal(view.input_width, 12);
    assert_ptr_equal(view.targets, series + 12);
    assert_int_equal(view.target_width, 1);
}

/* Each row of the window has a target: that of the next row but `gap`. */
static void test_targets_at_each_step(void **state)
{
    (void)state;
    const bp_real series[] = {1, 2, 3, 4, 5, 6}, inputs[] = {1, 2, 3, 2, 3, 4},
                  targets[] = {3, 4, 5, 4, 5, 6};
    const bp_data data = bp_data_view(6, series, 1, NULL, 0);
    bp_dataset *rows = NULL, *windows = NULL;
    assert_ok(bp_dataset_create(&rows, &data, NULL));
    bp_window_options options = window_options(3, 1, 1, 1);
    options.each_step = 1;
    assert_ok(bp_dataset_windows(&windows, rows, &options, NULL));
    const bp_data found = test_all_cases(windows);
    assert_int_equal(found.cases, 2);
    assert_memory_equal(found.inputs, inputs, sizeof inputs);
    assert_memory_equal(found.targets, targets, sizeof targets);
    bp_dataset_destroy(rows);
    bp_dataset_destroy(windows);
}

/* Without targets: the windows up to the last row, to predict what is not known yet. */
static void test_no_targets(void **state)
{
    (void)state;
    bp_dataset *rows = numbered_rows(5, 2, 1), *windows = NULL;
    const bp_window_options options = window_options(3, 0, 0, 1);
    assert_ok(bp_dataset_windows(&windows, rows, &options, NULL));
    const bp_data found = test_all_cases(windows);
    assert_int_equal(found.cases, 3);
    assert_null(found.targets);
    assert_true(found.inputs[2 * 6 + 5] == 401);
    bp_data view = empty_view(), all = test_all_cases(rows);
    assert_ok(bp_data_windows(&view, &all, &options));
    assert_int_equal(view.cases, 3);
    assert_null(view.targets);
    bp_dataset_destroy(rows);
    bp_dataset_destroy(windows);
}

/* ---------------------------------------------------------------------------- properties */

/* What window c has at input or target number i of it, for one series of numbered_rows. */
static void check_values(const bp_data *windows, const bp_window_options *o, const size_t *inputs,
                         size_t input_count, const size_t *targets, size_t target_count)
{
    const size_t first = o->each_step ? o->gap + 1 : o->width + o->gap;
    for (size_t c = 0; c < windows->cases; c++) {
        const size_t begin = c * o->step;
        for (size_t i = 0; i < windows->input_width; i++)
            assert_true(windows->inputs[c * windows->input_stride + i] ==
                        (bp_real)(100 * (begin + i / input_count) + inputs[i % input_count]));
        for (size_t i = 0; i < windows->target_width; i++)
            assert_true(windows->targets[c * windows->target_stride + i] ==
                        (bp_real)(100 * (begin + first + i / target_count) + targets[i % target_count]));
    }
}

/* Draws some columns, or leaves the list to the default, which is those from `first` on. Returns how many. */
static size_t draw_columns(uint64_t *draw, size_t *list, size_t columns, size_t first, size_t by_default,
                           const size_t **chosen, size_t *count)
{
    for (size_t k = 0; k < by_default; k++)
        list[k] = first + k;
    if (test_below(draw, 2) == 0)
        return by_default;
    *chosen = list;
    *count = 1 + test_below(draw, columns);
    for (size_t k = 0; k < *count; k++)
        list[k] = test_below(draw, columns);
    return *count;
}

/* Random shapes and columns; where a view is possible, it is the same. */
static void test_random_windows(void **state)
{
    (void)state;
    uint64_t draw = 1;
    size_t views = 0;
    for (size_t round = 0; round < 300; round++) {
        const size_t inputs = 1 + test_below(&draw, 3), targets = test_below(&draw, 3);
        const size_t count = 30 + test_below(&draw, 60), columns = inputs + targets;
        bp_dataset *rows = numbered_rows(count, inputs, targets), *windows = NULL;
        bp_window_options o = window_options(1 + test_below(&draw, 6), test_below(&draw, 3),
                                             1 + test_below(&draw, 3), 1 + test_below(&draw, 4));
        size_t chosen[2][5];
        const size_t counts[] = {
            draw_columns(&draw, chosen[0], columns, 0, inputs, &o.inputs, &o.input_count),
            draw_columns(&draw, chosen[1], columns, targets > 0 ? inputs : 0, targets > 0 ? targets : inputs,
                         &o.targets, &o.target_count)};
        if (o.horizon == 1)
            o.each_step = test_below(&draw, 2);
        assert_ok(bp_dataset_windows(&windows, rows, &o, NULL));
        const size_t span = o.width + o.gap + o.horizon;
        bp_data found = test_all_cases(windows), view = empty_view();
        const bp_data all = test_all_cases(rows);
        assert_int_equal(found.cases, (count - span) / o.step + 1);
        assert_int_equal(found.input_width, o.width * counts[0]);
        assert_int_equal(found.target_width, (o.each_step ? o.width : o.horizon) * counts[1]);
        found.input_stride = found.input_width;
        found.target_stride = found.target_width;
        check_values(&found, &o, chosen[0], counts[0], chosen[1], counts[1]);
        bp_status status = bp_data_windows(&view, &all, &o);
        assert_true(status == BP_OK || status == BP_ERROR_UNSUPPORTED);
        if (status == BP_OK) {
            views++;
            assert_int_equal(view.cases, found.cases);
            assert_int_equal(view.input_width, found.input_width);
            assert_int_equal(view.target_width, found.target_width);
            check_values(&view, &o, chosen[0], counts[0], chosen[1], counts[1]);
        }
        bp_dataset_destroy(windows);
        bp_dataset_destroy(rows);
    }
    assert_true(views > 30 && views < 200);
}

/* The rows of a group are a series, wherever they stand, and also after a split; no window has rows of two.
 */
static void test_groups_are_series(void **state)
{
    (void)state;
    uint64_t draw = 2;
    for (size_t round = 0; round < 30; round++) {
        const size_t count = 60 + test_below(&draw, 60), groups = 2 + test_below(&draw, 5);
        bp_dataset *rows = numbered_rows(count, 1, 0), *windows = NULL;
        size_t group_of[MAX_ROWS], sizes[8] = {0}, too_short = 0, wanted = 0, short_ones = 0;
        for (size_t i = 0; i < count; i++) {
            group_of[i] = round % 2 == 0 ? test_below(&draw, groups) : i * groups / count;
            if (group_of[i] == 0 && sizes[0] == 4)
                group_of[i] = 1; /* too short for a window */
            sizes[group_of[i]]++;
        }
        assert_ok(bp_dataset_set_groups(rows, group_of, count));
        if (round % 3 == 0)
            assert_ok(bp_dataset_split(rows, 0.5, 0.2, round));
        const bp_window_options options = window_options(3, 1, 1, 1);
        assert_ok(bp_dataset_windows(&windows, rows, &options, &too_short));
        for (size_t g = 0; g < groups; g++) {
            wanted += sizes[g] < 5 ? 0 : sizes[g] - 4;
            short_ones += sizes[g] > 0 && sizes[g] < 5;
        }
        const bp_data found = test_all_cases(windows);
        assert_int_equal(found.cases, wanted);
        assert_int_equal(too_short, short_ones);
        for (size_t c = 0; c < found.cases; c++) {
            const size_t group = bp_dataset_groups(windows)[c];
            size_t row = (size_t)found.inputs[3 * c] / 100;
            for (size_t i = 0; i < 5; i++) { /* the next rows of the group, one of which is left out */
                while (group_of[row] != group)
                    row++;
                const bp_real value = i < 3 ? found.inputs[3 * c + i] : found.targets[c];
                assert_true(i == 3 || value == (bp_real)(100 * row));
                row++;
            }
        }
        bp_dataset_destroy(windows);
        bp_dataset_destroy(rows);
    }
}

static void test_series_by_lengths(void **state)
{
    (void)state;
    bp_dataset *rows = numbered_rows(30, 1, 0), *windows = NULL;
    const size_t lengths[] = {10, 0, 3, 17};
    bp_window_options options = window_options(4, 0, 1, 1);
    size_t too_short = 0, c = 0;
    options.lengths = lengths;
    options.length_count = 4;
    assert_ok(bp_dataset_windows(&windows, rows, &options, &too_short));
    const bp_data found = test_all_cases(windows);
    assert_int_equal(found.cases, 6 + 13);
    assert_int_equal(too_short, 2);
    for (size_t first = 0; first <= 25; first++) {
        if (first > 5 && first < 13)
            continue;
        assert_int_equal(bp_dataset_groups(windows)[c], first <= 5 ? 0 : 3);
        assert_true(found.inputs[4 * c] == (bp_real)(100 * first));
        assert_true(found.targets[c] == (bp_real)(100 * (first + 4)));
        c++;
    }
    assert_int_equal(c, found.cases);
    bp_dataset_destroy(windows);
    bp_dataset_destroy(rows);
}

/* Weights are those of the target's row; classes keep their names, as long as they are the targets of one
 * row. */
static void test_weights_and_classes(void **state)
{
    (void)state;
    split_example e;
    uint64_t draw = 3;
    bp_dataset *windows = NULL, *table = load_gappy_table();
    split_example_make(&e, &draw, 40, 3);
    assert_ok(bp_dataset_set_groups(e.dataset, NULL, 0));
    bp_window_options options = window_options(2, 1, 1, 1);
    assert_ok(bp_dataset_windows(&windows, e.dataset, &options, NULL));
    bp_data found = test_all_cases(windows);
    for (size_t c = 0; c < found.cases; c++) {
        assert_true(found.case_weights[c] == (bp_real)(c + 3 + 1));
        assert_true(found.targets[3 * c + e.class_of[c + 3]] == 1);
    }
    bp_data all = test_all_cases(e.dataset), view = empty_view();
    assert_ok(bp_data_windows(&view, &all, &options));
    assert_memory_equal(view.case_weights, found.case_weights, found.cases * sizeof(bp_real));
    bp_dataset_destroy(windows);

    assert_ok(bp_dataset_windows(&windows, table, &options, NULL));
    assert_int_equal(bp_dataset_class_count(windows), 2);
    assert_string_equal(bp_dataset_class_name(windows, 0), bp_dataset_class_name(table, 0));
    assert_true(bp_dataset_class_cases(windows, BP_SUBSET_ALL, 0) > 0);
    bp_dataset_destroy(windows);
    options = window_options(2, 0, 2, 1);
    assert_ok(bp_dataset_windows(&windows, table, &options, NULL));
    assert_int_equal(bp_dataset_class_count(windows), 0);
    bp_dataset_destroy(windows);
    bp_dataset_destroy(table);
    split_example_end(&e);
}

/* Is the name of each input as listed, with commas between them? */
static void assert_names(const bp_dataset *dataset, const char *wanted)
{
    char names[512] = "";
    for (size_t i = 0; i < bp_dataset_input_width(dataset); i++) {
        const char *name = bp_dataset_input_name(dataset, i);
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i > 0 ? ", " : "",
                 name == NULL ? "-" : name);
    }
    assert_string_equal(names, wanted);
}

/* t is the last row of a window, whatever the gap. */
static void test_inputs_have_names(void **state)
{
    (void)state;
    const char text[] =
        "heat,wind,sky\n1,north,fair\n2,south,fair\n3,north,rain\n4,south,rain\n5,south,fair\n";
    bp_dataset *table = NULL, *windows = NULL, *again = NULL;
    assert_ok(bp_dataset_load_csv_memory(&table, NULL, text, sizeof text - 1, NULL));
    bp_window_options options = window_options(2, 1, 1, 1);
    assert_ok(bp_dataset_windows(&windows, table, &options, NULL));
    assert_names(windows,
                 "heat (t-1), wind=north (t-1), wind=south (t-1), heat (t), wind=north (t), wind=south (t)");
    bp_dataset_destroy(windows);
    /* Chosen columns; those of targets are numbered on from the inputs. */
    const size_t columns[] = {4, 0};
    options = window_options(3, 0, 1, 1);
    options.inputs = columns;
    options.input_count = 2;
    assert_ok(bp_dataset_windows(&windows, table, &options, NULL));
    assert_names(windows, "sky=rain (t-2), heat (t-2), sky=rain (t-1), heat (t-1), sky=rain (t), heat (t)");
    /* Windows over windows. Their targets have no names. */
    const size_t targets[] = {1, 6};
    options = window_options(2, 0, 0, 1);
    options.inputs = targets;
    options.input_count = 2;
    assert_ok(bp_dataset_windows(&again, windows, &options, NULL));
    assert_names(again, "heat (t-2) (t-1), -, heat (t-2) (t), -");
    bp_dataset_destroy(again);
    bp_dataset_destroy(windows);
    bp_dataset_destroy(table);
    /* Of a number; without a header there are none. */
    bp_csv_options numbers;
    bp_csv_options_init(&numbers, sizeof numbers);
    numbers.target = BP_TARGET_NUMERIC;
    const size_t target = 1;
    options = window_options(2, 0, 1, 1);
    options.inputs = &target;
    options.input_count = 1;
    for (int has_header = 0; has_header < 2; has_header++) {
        const char *series = has_header ? "x,rent\n1,2\n3,5\n7,11\n13,17\n" : "1,2\n3,5\n7,11\n13,17\n";
        assert_ok(bp_dataset_load_csv_memory(&table, NULL, series, strlen(series), &numbers));
        assert_ok(bp_dataset_windows(&windows, table, &options, NULL));
        assert_names(windows, has_header ? "rent (t-1), rent (t)" : "-, -");
        bp_dataset_destroy(windows);
        bp_dataset_destroy(table);
    }
}

/* With the gap of the header, no row is both in a training and in a test window. */
static void test_a_split_without_overlap(void **state)
{
    (void)state;
    for (size_t step = 1; step < 6; step++) {
        bp_dataset *rows = numbered_rows(100, 1, 0), *windows = NULL;
        const bp_window_options options = window_options(5, 2, 3, step);
        assert_ok(bp_dataset_windows(&windows, rows, &options, NULL));
        bp_split_options split;
        bp_split_options_init(&split, sizeof split);
        split.method = BP_SPLIT_ORDER;
        split.training = 0.5;
        split.validation = 0;
        split.gap = (5 + 2 + 3 - 1) / step;
        assert_ok(bp_dataset_split_with(windows, &split, NULL));
        bp_data training = empty_view(), test = empty_view();
        assert_ok(bp_dataset_subset(windows, BP_SUBSET_TRAINING, &training));
        assert_ok(bp_dataset_subset(windows, BP_SUBSET_TEST, &test));
        const bp_real last = training.targets[(training.cases - 1) * 3 + 2], first = test.inputs[0];
        assert_true(last < first);
        assert_true(last + (bp_real)(100 * step) >= first); /* and no window is left out in vain */
        bp_dataset_destroy(windows);
        bp_dataset_destroy(rows);
    }
}

/* ------------------------------------------------------------------------------ training */

static bp_data wave(bp_real *series, size_t count)
{
    for (size_t i = 0; i < count; i++)
        series[i] = (bp_real)sin(0.4 * (double)i);
    return bp_data_view(count, series, 1, NULL, 0);
}

static void train_on(bp_network *net, const bp_data *data)
{
    const bp_stop_rule rule = bp_stop_epochs(150);
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    assert_ok(bp_network_initialize(net, 1));
    bp_trainer *trainer = make_trainer(net, &options);
    bp_result result = empty_result();
    assert_ok(bp_trainer_run(trainer, data, NULL, &result));
    assert_true(result.mean_error < 0.01);
    bp_trainer_destroy(trainer);
}

/* The same weights come of a view as of a copy, bit by bit. */
static void test_a_layered_network(void **state)
{
    (void)state;
    bp_real series[100];
    const bp_data rows = wave(series, 100);
    const size_t units[] = {6, 4, 1};
    bp_network *nets[2] = {NULL, NULL};
    bp_dataset *dataset = NULL, *windows = NULL;
    bp_data view = empty_view();
    const bp_window_options options = window_options(6, 1, 1, 1);
    assert_ok(bp_data_windows(&view, &rows, &options));
    assert_ok(bp_dataset_create(&dataset, &rows, NULL));
    assert_ok(bp_dataset_windows(&windows, dataset, &options, NULL));
    const bp_data copy = test_all_cases(windows);
    for (size_t i = 0; i < 2; i++) {
        assert_ok(
            bp_network_create_layered(&nets[i], units, 3, bp_activation_tanh(), bp_activation_linear()));
        train_on(nets[i], i == 0 ? &view : &copy);
    }
    assert_same_weights(nets[0], nets[1]);
    bp_network_destroy(nets[0]);
    bp_network_destroy(nets[1]);
    bp_dataset_destroy(dataset);
    bp_dataset_destroy(windows);
}

/* One input, 5 recurrent units, one output, over 6 steps. */
static bp_network *make_unrolled(bool has_all_outputs)
{
    const unsigned char at_the_end[] = {0, 0, 0, 0, 0, 1};
    bp_network *net = NULL, *unrolled = NULL;
    bp_layer *input, *hidden, *output;
    bp_connect_options delayed;
    bp_unroll_options unroll;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&input, net, NULL, 1));
    assert_ok(bp_network_add_layer(&hidden, net, NULL, 5, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&output, net, NULL, 1, bp_activation_linear()));
    bp_connect_options_init(&delayed, sizeof delayed);
    delayed.delayed = 1;
    assert_ok(bp_network_connect(NULL, net, input, hidden));
    assert_ok(bp_network_connect(NULL, net, hidden, output));
    assert_ok(bp_network_connect_with(NULL, net, hidden, hidden, &delayed));
    assert_ok(bp_network_finalize(net));
    bp_unroll_options_init(&unroll, sizeof unroll);
    unroll.steps = 6;
    unroll.output_steps = has_all_outputs ? NULL : at_the_end;
    assert_ok(bp_network_unroll(&unrolled, net, &unroll));
    bp_network_destroy(net);
    return unrolled;
}

static void test_an_unrolled_network(void **state)
{
    (void)state;
    bp_real series[100];
    const bp_data rows = wave(series, 100);
    for (size_t each_step = 0; each_step < 2; each_step++) {
        bp_network *unrolled = make_unrolled(each_step);
        bp_dataset *dataset = NULL, *windows = NULL;
        bp_window_options options = window_options(6, 0, 1, 1);
        options.each_step = each_step;
        assert_ok(bp_dataset_create(&dataset, &rows, NULL));
        assert_ok(bp_dataset_windows(&windows, dataset, &options, NULL));
        const bp_data copy = test_all_cases(windows);
        assert_int_equal(copy.target_width, bp_network_output_width(unrolled));
        const bp_stop_rule rule = bp_stop_epochs(40);
        bp_trainer_options quick;
        bp_trainer_options_init(&quick, sizeof quick);
        quick.stop_rules = &rule;
        quick.stop_rule_count = 1;
        assert_ok(bp_network_initialize(unrolled, 1));
        bp_trainer *trainer = make_trainer(unrolled, &quick);
        const double before = error_of(unrolled, &copy);
        assert_ok(bp_trainer_run(trainer, &copy, NULL, NULL));
        assert_true(error_of(unrolled, &copy) < 0.5 * before);
        bp_trainer_destroy(trainer);
        bp_dataset_destroy(dataset);
        bp_dataset_destroy(windows);
        bp_network_destroy(unrolled);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_series),
        cmocka_unit_test(test_a_view),
        cmocka_unit_test(test_targets_at_each_step),
        cmocka_unit_test(test_no_targets),
        cmocka_unit_test(test_random_windows),
        cmocka_unit_test(test_groups_are_series),
        cmocka_unit_test(test_series_by_lengths),
        cmocka_unit_test(test_weights_and_classes),
        cmocka_unit_test(test_inputs_have_names),
        cmocka_unit_test(test_a_split_without_overlap),
        cmocka_unit_test(test_a_layered_network),
        cmocka_unit_test(test_an_unrolled_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
