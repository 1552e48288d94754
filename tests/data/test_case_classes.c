/* Which targets are classes, and how many cases each class has. */
#include "data/split_example.h"

static bp_dataset *targets_only(const bp_real *targets, size_t cases, size_t width)
{
    static const bp_real inputs[16];
    bp_data data = bp_data_view(cases, inputs, 1, targets, targets == NULL ? 0 : width);
    bp_dataset *dataset = NULL;
    assert_ok(bp_dataset_create(&dataset, &data, NULL));
    return dataset;
}

static void assert_classes(const bp_real *targets, size_t cases, size_t width, const size_t *wanted,
                           size_t classes)
{
    bp_dataset *dataset = targets_only(targets, cases, width);
    bp_split_result result = empty_split_result();
    assert_ok(bp_dataset_split_with(dataset, NULL, &result));
    assert_int_equal(result.classes, classes);
    for (size_t k = 0; k < 4; k++)
        assert_int_equal(bp_dataset_class_cases(dataset, BP_SUBSET_ALL, k), k < classes ? wanted[k] : 0);
    bp_dataset_destroy(dataset);
}

static void test_targets_that_are_classes(void **state)
{
    (void)state;
    assert_classes((const bp_real[]){1, -1, -1, 1, -1}, 5, 1, (const size_t[]){3, 2}, 2);
    assert_classes((const bp_real[]){1, 2, 2, 1}, 4, 1, (const size_t[]){2, 2}, 2);
    assert_classes((const bp_real[]){0, 1, 0, 1, 0, 0, 0, 1, 0}, 3, 3, (const size_t[]){1, 2, 0}, 3);
    assert_classes((const bp_real[]){0.9f, 0.1f, 0.1f, 0.9f}, 2, 2, (const size_t[]){1, 1}, 2);
}

static void test_targets_that_are_not(void **state)
{
    (void)state;
    assert_classes((const bp_real[]){1, 2, 3, 1}, 4, 1, NULL, 0);
    assert_classes((const bp_real[]){5, 5, 5}, 3, 1, NULL, 0);
    assert_classes((const bp_real[]){0, 1, 1, 1}, 2, 2, NULL, 0); /* two are on */
    assert_classes((const bp_real[]){0, 1, 0, 0}, 2, 2, NULL, 0); /* none is */
    assert_classes((const bp_real[]){0, 1, 2, 0}, 2, 2, NULL, 0);
    assert_classes(NULL, 3, 0, NULL, 0);
    assert_int_equal(bp_dataset_class_cases(NULL, BP_SUBSET_ALL, 0), 0);
}

/* A class may have a name, but no case. */
static void test_names_of_classes(void **state)
{
    (void)state;
    bp_dataset *dataset = NULL, *later = NULL;
    bp_csv_options options;
    bp_csv_options_init(&options, sizeof options);
    const char all[] = "x,kind\n1,a\n2,b\n3,c\n4,a\n", some[] = "x,kind\n1,c\n2,a\n3,c\n";
    assert_ok(bp_dataset_load_csv_memory(&dataset, NULL, all, sizeof all - 1, &options));
    options.classes_of = dataset;
    assert_ok(bp_dataset_load_csv_memory(&later, NULL, some, sizeof some - 1, &options));
    bp_split_result result = empty_split_result();
    bp_split_options order;
    bp_split_options_init(&order, sizeof order);
    order.method = BP_SPLIT_ORDER;
    order.training_cases = 2;
    order.validation = 0;
    assert_ok(bp_dataset_split_with(later, &order, &result));
    assert_int_equal(result.classes, 3);
    assert_int_equal(result.missing_training, 1);
    assert_int_equal(result.missing_test, 2);
    assert_int_equal(result.missing_class, 0);
    assert_int_equal(bp_dataset_class_cases(later, BP_SUBSET_ALL, 1), 0);
    assert_int_equal(bp_dataset_class_cases(later, BP_SUBSET_ALL, 2), 2);
    assert_int_equal(bp_dataset_class_cases(later, BP_SUBSET_TRAINING, 2), 1);
    assert_int_equal(bp_dataset_class_cases(later, BP_SUBSET_VALIDATION, 2), 0);
    assert_int_equal(bp_dataset_class_cases(later, (bp_subset)9, 2), 0);
    bp_dataset_destroy(dataset);
    bp_dataset_destroy(later);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_targets_that_are_classes),
        cmocka_unit_test(test_targets_that_are_not),
        cmocka_unit_test(test_names_of_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
