/* Copies of datasets. */
#include <string.h>

#include "data/split_example.h"

static void assert_same(const bp_dataset *a, const bp_dataset *b)
{
    for (int part = BP_SUBSET_ALL; part <= BP_SUBSET_TEST; part++) {
        bp_data of_a, of_b;
        bp_data_init(&of_a, sizeof of_a);
        bp_data_init(&of_b, sizeof of_b);
        assert_ok(bp_dataset_subset(a, (bp_subset)part, &of_a));
        assert_ok(bp_dataset_subset(b, (bp_subset)part, &of_b));
        assert_int_equal(of_a.cases, of_b.cases);
        assert_memory_equal(of_a.inputs, of_b.inputs, of_a.cases * of_a.input_width * sizeof(bp_real));
        assert_memory_equal(of_a.targets, of_b.targets, of_a.cases * of_a.target_width * sizeof(bp_real));
        assert_true((of_a.case_weights == NULL) == (of_b.case_weights == NULL));
    }
    const size_t bytes = bp_dataset_cases(a) * sizeof(size_t);
    assert_memory_equal(bp_dataset_order(a), bp_dataset_order(b), bytes);
    assert_memory_equal(bp_dataset_groups(a), bp_dataset_groups(b), bytes);
    assert_int_equal(bp_dataset_missing_cells(a), bp_dataset_missing_cells(b));
    assert_int_equal(bp_dataset_class_count(a), bp_dataset_class_count(b));
    for (size_t i = 0; i < bp_dataset_class_count(a); i++)
        assert_string_equal(bp_dataset_class_name(a, i), bp_dataset_class_name(b, i));
    for (size_t i = 0; i < bp_dataset_input_width(a); i++)
        assert_true(bp_dataset_schema(a) == NULL ||
                    strcmp(bp_dataset_input_name(a, i), bp_dataset_input_name(b, i)) == 0);
}

/* A copy has all that the other has, and the same comes of a split; afterwards they are independent. */
static void test_a_copy(void **state)
{
    (void)state;
    split_example e;
    uint64_t draw = 1;
    split_example_make(&e, &draw, 60, 3);
    bp_dataset *const datasets[] = {load_gappy_table(), e.dataset};
    for (size_t i = 0; i < 2; i++) {
        bp_dataset *copy = NULL;
        assert_ok(bp_dataset_split(datasets[i], 0.5, 0.25, 1));
        assert_ok(bp_dataset_copy(&copy, datasets[i]));
        assert_same(datasets[i], copy);
        assert_ok(bp_dataset_split(copy, 0.6, 0.3, 2));
        assert_memory_not_equal(bp_dataset_order(copy), bp_dataset_order(datasets[i]), 60 * sizeof(size_t));
        assert_ok(bp_dataset_split(datasets[i], 0.6, 0.3, 2));
        assert_same(datasets[i], copy);
        bp_dataset_destroy(datasets[i]);
        assert_int_equal(bp_dataset_cases(copy), 60);
        bp_dataset_destroy(copy);
    }
    bp_dataset *copy = NULL;
    assert_fails(bp_dataset_copy(NULL, NULL), BP_ERROR_ARGUMENT, "out is NULL");
    assert_fails(bp_dataset_copy(&copy, NULL), BP_ERROR_ARGUMENT, "dataset is NULL");
    assert_null(copy);
}

static bp_status attempt(void *context, const bp_allocator *allocator)
{
    (void)context;
    bp_dataset *dataset = NULL, *copy = NULL;
    bp_csv_options options;
    bp_csv_options_init(&options, sizeof options);
    options.allocator = *allocator;
    const char text[] = "x,kind\n1,a\n2,b\n3,a\n";
    bp_status status = bp_dataset_load_csv_memory(&dataset, NULL, text, sizeof text - 1, &options);
    if (status == BP_OK)
        status = bp_dataset_copy(&copy, dataset);
    bp_dataset_destroy(dataset);
    bp_dataset_destroy(copy);
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
        cmocka_unit_test(test_a_copy),
        cmocka_unit_test(test_lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
