/* The groups of cases, and the order in which they were loaded. */
#include <string.h>

#include "data/split_example.h"

/* Groups are given in the order of loading, and move with their cases. */
static void test_groups_are_those_of_the_file(void **state)
{
    (void)state;
    split_example e;
    uint64_t draw = 1;
    size_t groups[50];
    split_example_make(&e, &draw, 50, 2);
    assert_ok(bp_dataset_split(e.dataset, 0.5, 0.2, 3));
    for (size_t c = 0; c < 50; c++)
        groups[c] = 7000 + c;
    assert_ok(bp_dataset_set_groups(e.dataset, groups, 50));
    memset(groups, 0, sizeof groups);
    for (uint64_t seed = 4; seed < 8; seed++) {
        for (size_t i = 0; i < 50; i++)
            assert_int_equal(bp_dataset_groups(e.dataset)[i], 7000 + bp_dataset_order(e.dataset)[i]);
        assert_ok(bp_dataset_split(e.dataset, 0.5, 0.2, seed));
    }
    split_example_end(&e);
}

static void test_the_group_column_of_a_table(void **state)
{
    (void)state;
    bp_dataset *table = load_gappy_table(); /* persons p0 to p11, of 5 rows each */
    const bp_split_options *defaults = NULL;
    assert_ok(bp_dataset_split_with(table, defaults, NULL));
    const size_t *groups = bp_dataset_groups(table), *order = bp_dataset_order(table);
    assert_non_null(groups);
    for (size_t i = 0; i < 60; i++)
        for (size_t k = 0; k < 60; k++)
            assert_true((groups[i] == groups[k]) == (order[i] / 5 == order[k] / 5));
    bp_dataset_destroy(table);
}

static void test_what_is_refused(void **state)
{
    (void)state;
    split_example e;
    uint64_t draw = 1;
    split_example_make(&e, &draw, 20, 2);
    assert_fails(bp_dataset_set_groups(NULL, e.group_of, 20), BP_ERROR_ARGUMENT, "dataset is NULL");
    assert_fails(bp_dataset_set_groups(e.dataset, e.group_of, 19), BP_ERROR_SIZE,
                 "count is 19, but must be 20");
    assert_fails(bp_dataset_set_groups(e.dataset, NULL, 20), BP_ERROR_SIZE, "count is 20, but must be 0");
    assert_int_equal(bp_dataset_groups(e.dataset)[3], e.group_of[3]);
    assert_ok(bp_dataset_set_groups(e.dataset, NULL, 0));
    assert_null(bp_dataset_groups(e.dataset));
    assert_null(bp_dataset_groups(NULL));
    assert_null(bp_dataset_order(NULL));
    split_example_end(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups_are_those_of_the_file),
        cmocka_unit_test(test_the_group_column_of_a_table),
        cmocka_unit_test(test_what_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
