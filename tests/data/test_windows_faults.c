/* Windows that are refused, and lack of memory. */

#include "data/windows_example.h"

static void assert_refused(const bp_dataset *rows, const bp_window_options *options, bp_status status,
                           const char *message)
{
    bp_dataset *windows = NULL;
    size_t too_short = 77;
    assert_fails(bp_dataset_windows(&windows, rows, options, &too_short), status, message);
    assert_null(windows);
    assert_int_equal(too_short, 77);
}

static void test_what_is_refused(void **state)
{
    (void)state;
    bp_dataset *rows = numbered_rows(20, 2, 1);
    bp_window_options o = window_options(0, 0, 1, 1);
    assert_refused(NULL, &o, BP_ERROR_ARGUMENT, "rows is NULL");
    assert_refused(rows, NULL, BP_ERROR_ARGUMENT, "options is NULL");
    assert_refused(rows, &o, BP_ERROR_ARGUMENT, "options.width is 0");
    o = window_options(3, 0, 1, 0);
    assert_refused(rows, &o, BP_ERROR_ARGUMENT, "options.step is 0");
    o = window_options(3, 0, 2, 1);
    o.each_step = 1;
    assert_refused(rows, &o, BP_ERROR_ARGUMENT, "options.horizon is 2, but with each_step");
    o.each_step = 2;
    assert_refused(rows, &o, BP_ERROR_ARGUMENT, "options.each_step is 2");
    o = window_options(3, 1, 0, 1);
    assert_refused(rows, &o, BP_ERROR_ARGUMENT, "there can be no gap");
    o = window_options(3, 0, 1, 1);
    o.input_count = 1;
    assert_refused(rows, &o, BP_ERROR_ARGUMENT, "options.inputs is NULL, but options.input_count is 1");
    const size_t columns[] = {1, 3}, lengths[] = {10, 9}, many[] = {SIZE_MAX, 21};
    o.inputs = columns;
    o.input_count = 2;
    assert_refused(rows, &o, BP_ERROR_SIZE, "options.inputs[1] is 3, but the rows have 3 columns");
    o = window_options(3, 0, 1, 1);
    o.targets = columns;
    o.target_count = 2;
    assert_refused(rows, &o, BP_ERROR_SIZE, "options.targets[1] is 3");
    o = window_options(3, 0, 0, 1);
    o.targets = columns;
    o.target_count = 1;
    assert_refused(rows, &o, BP_ERROR_ARGUMENT, "there can be no targets");
    o = window_options(3, 0, 1, 1);
    o.lengths = lengths;
    o.length_count = 2;
    assert_refused(rows, &o, BP_ERROR_SIZE, "options.lengths add up to 19 rows, but there are 20");
    o.lengths = many;
    assert_refused(rows, &o, BP_ERROR_SIZE, "options.lengths");
    o.length_count = 0;
    assert_refused(rows, &o, BP_ERROR_ARGUMENT, "options.length_count is 0");
    o = window_options(18, 2, 1, 1);
    assert_refused(rows, &o, BP_ERROR_ARGUMENT, "a window takes 21 rows with its targets");
    o = window_options(SIZE_MAX, 0, 1, 1);
    assert_refused(rows, &o, BP_ERROR_OVERFLOW, "more than a size can count");
    o = window_options(SIZE_MAX / 2, 0, 1, 1);
    assert_refused(rows, &o, BP_ERROR_ARGUMENT, "no series");
    o.size = 0;
    assert_refused(rows, &o, BP_ERROR_ARGUMENT, "bp_window_options");
    bp_dataset_destroy(rows);
}

static void assert_no_view(const bp_data *rows, const bp_window_options *options, bp_status status,
                           const char *message)
{
    bp_data view = empty_view(), before = view;
    assert_fails(bp_data_windows(&view, rows, options), status, message);
    assert_memory_equal(&view, &before, sizeof view);
}

static void test_what_is_no_view(void **state)
{
    (void)state;
    bp_dataset *dataset = numbered_rows(20, 3, 2);
    bp_data rows = test_all_cases(dataset), view = empty_view();
    const size_t lengths[] = {10, 10}, apart[] = {0, 2}, some[] = {0, 1}, across[] = {2, 3};
    bp_window_options o = window_options(3, 0, 1, 1);
    assert_ok(bp_data_windows(&view, &rows, &o));
    o.lengths = lengths;
    o.length_count = 2;
    assert_no_view(&rows, &o, BP_ERROR_UNSUPPORTED, "several series");
    o = window_options(3, 0, 2, 1);
    assert_no_view(&rows, &o, BP_ERROR_UNSUPPORTED, "targets of neighbouring windows overlap");
    o.step = 2;
    assert_ok(bp_data_windows(&view, &rows, &o));
    o = window_options(3, 0, 1, 1);
    o.input_count = 2;
    o.inputs = apart;
    assert_no_view(&rows, &o, BP_ERROR_UNSUPPORTED, "must be neighbours");
    o.inputs = some;
    assert_no_view(&rows, &o, BP_ERROR_UNSUPPORTED, "others between them");
    o.width = 1;
    assert_ok(bp_data_windows(&view, &rows, &o));
    o.inputs = across;
    assert_no_view(&rows, &o, BP_ERROR_UNSUPPORTED, "do not stand side by side");
    o = window_options(19, 1, 1, 1);
    assert_no_view(&rows, &o, BP_ERROR_ARGUMENT, "takes 21 rows");
    o = window_options(3, 0, 1, 1);
    assert_no_view(NULL, &o, BP_ERROR_ARGUMENT, "rows is NULL");
    assert_no_view(&rows, NULL, BP_ERROR_ARGUMENT, "options is NULL");
    assert_fails(bp_data_windows(NULL, &rows, &o), BP_ERROR_ARGUMENT, "windows is NULL");
    view.size = 0;
    assert_fails(bp_data_windows(&view, &rows, &o), BP_ERROR_ARGUMENT, "bp_data");
    rows.steps = 2;
    assert_no_view(&rows, &o, BP_ERROR_ARGUMENT, "rows.steps is 2");
    bp_dataset_destroy(dataset);
}

static bp_status attempt(void *context, const bp_allocator *allocator)
{
    (void)context;
    bp_dataset *rows = NULL, *windows = NULL;
    bp_csv_options options;
    bp_csv_options_init(&options, sizeof options);
    options.allocator = *allocator;
    const char text[] = "x,kind\n1,a\n2,b\n3,a\n4,b\n5,a\n";
    const size_t groups[] = {1, 1, 1, 2, 2};
    const bp_window_options o = window_options(1, 0, 1, 1);
    bp_status status = bp_dataset_load_csv_memory(&rows, NULL, text, sizeof text - 1, &options);
    if (status == BP_OK)
        status = bp_dataset_set_groups(rows, groups, 5);
    if (status == BP_OK)
        status = bp_dataset_windows(&windows, rows, &o, NULL);
    assert_true(status == BP_OK || windows == NULL);
    bp_dataset_destroy(rows);
    bp_dataset_destroy(windows);
    return status;
}

static void test_lack_of_memory(void **state)
{
    (void)state;
    test_each_allocation_fails(attempt, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_what_is_no_view),
        cmocka_unit_test(test_lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
