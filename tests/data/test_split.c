/* Splits: each method's subsets, what is said of them, and what is refused. */
#include <math.h>
#include <string.h>

#include "data/split_example.h"

static bp_split_options options_of(bp_split_method method, double training, double validation, uint64_t seed)
{
    bp_split_options options;
    bp_split_options_init(&options, sizeof options);
    options.method = method;
    options.training = training;
    options.validation = validation;
    options.seed = seed;
    return options;
}

/* Splits, checks what is said, and tells the subset of each case. */
static bp_split_result split(split_example *e, const bp_split_options *options, bp_subset *part)
{
    bp_split_result result = empty_split_result();
    assert_ok(bp_dataset_split_with(e->dataset, options, &result));
    split_example_parts(e, part);
    split_example_check_result(e, part, &result);
    return result;
}

/* ------------------------------------------------------------------------ worked cases */

/* 6 of class 0 and 4 of class 1. Half of them train: 3 and 2. A quarter, 2.5, is 3 cases: 1.8 and 1.2 of the
 * 3 and 2 that are left, so 2 and 1. */
static void test_a_stratified_split(void **state)
{
    (void)state;
    split_example e = {.cases = 10, .classes = 2, .class_of = {0, 0, 1, 0, 1, 0, 1, 0, 0, 1}};
    bp_subset part[10];
    assert_ok(split_example_create(&e, NULL));
    for (uint64_t seed = 0; seed < 50; seed++) {
        const bp_split_options options = options_of(BP_SPLIT_STRATIFIED, 0.5, 0.25, seed);
        const bp_split_result result = split(&e, &options, part);
        assert_int_equal(split_example_count(&e, part, BP_SUBSET_TRAINING, 0), 3);
        assert_int_equal(split_example_count(&e, part, BP_SUBSET_TRAINING, 1), 2);
        assert_int_equal(split_example_count(&e, part, BP_SUBSET_VALIDATION, 0), 2);
        assert_int_equal(split_example_count(&e, part, BP_SUBSET_VALIDATION, 1), 1);
        assert_int_equal(split_example_count(&e, part, BP_SUBSET_TEST, 0), 1);
        assert_int_equal(split_example_count(&e, part, BP_SUBSET_TEST, 1), 1);
        assert_true(result.missing_class == BP_NO_INDEX);
    }
    split_example_end(&e);
}

/* A class of a single case trains if more than half of the cases do, and is missing elsewhere. */
static void test_a_missing_class_is_said(void **state)
{
    (void)state;
    split_example e = {.cases = 21, .classes = 3};
    bp_subset part[21];
    for (size_t c = 0; c < 21; c++)
        e.class_of[c] = c == 4 ? 2 : c % 2;
    assert_ok(split_example_create(&e, NULL));
    for (uint64_t seed = 0; seed < 20; seed++) {
        const bp_split_options options = options_of(BP_SPLIT_STRATIFIED, 0.7, 0.15, seed);
        const bp_split_result result = split(&e, &options, part);
        assert_int_equal(part[4], BP_SUBSET_TRAINING);
        assert_int_equal(result.missing_training, 0);
        assert_int_equal(result.missing_validation, 1);
        assert_int_equal(result.missing_test, 1);
        assert_int_equal(result.missing_class, 2);
    }
    split_example_end(&e);
}

static void test_file_order_with_a_gap(void **state)
{
    (void)state;
    split_example e;
    uint64_t draw = 1;
    bp_subset part[20];
    split_example_make(&e, &draw, 20, 2);
    bp_split_options options = options_of(BP_SPLIT_ORDER, 0.5, 0.25, 1);
    options.gap = 2; /* of 16 cases 8, 4 and 4 */
    const bp_split_result result = split(&e, &options, part);
    for (size_t c = 0; c < 20; c++)
        assert_int_equal(part[c], c < 8    ? BP_SUBSET_TRAINING
                                  : c < 10 ? BP_SUBSET_ALL
                                  : c < 14 ? BP_SUBSET_VALIDATION
                                  : c < 16 ? BP_SUBSET_ALL
                                           : BP_SUBSET_TEST);
    assert_int_equal(result.left_out, 4);
    assert_int_equal(bp_dataset_order(e.dataset)[19], 15); /* those left out stand behind */
    options = options_of(BP_SPLIT_ORDER, 1, 0, 1);
    split(&e, &options, part);
    for (size_t c = 0; c < 20; c++)
        assert_int_equal(bp_dataset_order(e.dataset)[c], c);
    split_example_end(&e);
}

static void test_numbers_of_cases(void **state)
{
    (void)state;
    split_example e;
    uint64_t draw = 2;
    bp_subset part[EXAMPLE_MAX_CASES];
    split_example_make(&e, &draw, 103, 4);
    for (int method = BP_SPLIT_RANDOM; method <= BP_SPLIT_ORDER; method++) {
        bp_split_options options = options_of((bp_split_method)method, 2, 0.5, 1);
        options.training_cases = 60; /* and the fraction does not matter */
        bp_split_result result = split(&e, &options, part);
        if (method != BP_SPLIT_GROUP)
            assert_true(result.training == 60 && result.validation == 43 && result.test == 0);
        options.training = 0.1;
        options.training_cases = 0;
        options.validation_cases = 33;
        result = split(&e, &options, part);
        if (method != BP_SPLIT_GROUP)
            assert_true(result.training == 10 && result.validation == 33 && result.test == 60);
    }
    split_example_end(&e);
}

/* --------------------------------------------------------------------------- properties */

/* Random and by fractions, it is bp_dataset_split. */
static void test_a_random_split_is_the_older_call(void **state)
{
    (void)state;
    split_example a, b;
    uint64_t draw = 3, again = 3;
    split_example_make(&a, &draw, 101, 3);
    split_example_make(&b, &again, 101, 3);
    for (uint64_t seed = 0; seed < 20; seed++) {
        const bp_split_options options = options_of(BP_SPLIT_RANDOM, 0.6, 0.3, seed);
        assert_ok(bp_dataset_split_with(a.dataset, &options, NULL));
        assert_ok(bp_dataset_split(b.dataset, 0.6, 0.3, seed));
        assert_memory_equal(bp_dataset_order(a.dataset), bp_dataset_order(b.dataset), 101 * sizeof(size_t));
        bp_subset of_a[101], of_b[101];
        split_example_parts(&a, of_a);
        split_example_parts(&b, of_b);
        assert_memory_equal(of_a, of_b, sizeof of_a);
    }
    split_example_end(&a);
    split_example_end(&b);
}

/* Each class has its share, up or down, in the training cases, and of what is left in the validation cases.
 */
static void test_stratified_shares(void **state)
{
    (void)state;
    uint64_t draw = 4;
    for (size_t round = 0; round < 60; round++) {
        split_example e;
        bp_subset part[EXAMPLE_MAX_CASES];
        split_example_make(&e, &draw, 20 + test_below(&draw, 300), 2 + test_below(&draw, 6));
        const double training = test_uniform(&draw, 0, 1), validation = test_uniform(&draw, 0, 1 - training);
        const bp_split_options options = options_of(BP_SPLIT_STRATIFIED, training, validation, round);
        const bp_split_result result = split(&e, &options, part);
        const double n = (double)e.cases, wanted = floor(n * training + 0.5);
        assert_true((double)result.training == wanted);
        assert_int_equal(result.left_out, 0);
        for (size_t k = 0; k < e.classes; k++) {
            const double all = (double)split_example_count(&e, part, BP_SUBSET_ALL, k);
            const double trains = (double)split_example_count(&e, part, BP_SUBSET_TRAINING, k);
            const double validates = (double)split_example_count(&e, part, BP_SUBSET_VALIDATION, k);
            assert_true(fabs(trains - all * (double)result.training / n) < 1);
            const double rest = n - (double)result.training;
            if (rest > 0)
                assert_true(fabs(validates - (all - trains) * (double)result.validation / rest) < 1);
        }
        split_example_end(&e);
    }
}

static void test_groups_stay_together(void **state)
{
    (void)state;
    uint64_t draw = 5;
    for (size_t round = 0; round < 40; round++) {
        split_example e;
        bp_subset part[EXAMPLE_MAX_CASES];
        split_example_make(&e, &draw, 20 + test_below(&draw, 300), 3);
        const bp_split_options options = options_of(BP_SPLIT_GROUP, 0.6, round % 2 == 0 ? 0.2 : 0, round);
        const bp_split_result result = split(&e, &options, part);
        const double largest = (double)split_example_check_groups(&e, part), n = (double)e.cases;
        assert_int_equal(result.left_out, 0);
        assert_true((double)result.training < 0.6 * n + 1 + largest);
        assert_true((double)result.training > 0.6 * n - 1 - 2 * largest);
        assert_true((double)result.test < (round % 2 == 0 ? 0.2 : 0.4) * n + 1 + largest);
        assert_true(round % 2 == 0 || result.validation == 0);
        split_example_end(&e);
    }
}

/* The same call gives the same again, whatever was split before; other seeds give others. */
static void test_only_the_seed_matters(void **state)
{
    (void)state;
    for (int method = BP_SPLIT_RANDOM; method <= BP_SPLIT_ORDER; method++) {
        split_example e;
        uint64_t draw = 6;
        size_t order[150], others = 0;
        split_example_make(&e, &draw, 150, 4);
        bp_split_options options = options_of((bp_split_method)method, 0.5, 0.2, 7);
        assert_ok(bp_dataset_split_with(e.dataset, &options, NULL));
        memcpy(order, bp_dataset_order(e.dataset), sizeof order);
        for (options.seed = 8; options.seed < 12; options.seed++) {
            assert_ok(bp_dataset_split_with(e.dataset, &options, NULL));
            others += memcmp(order, bp_dataset_order(e.dataset), sizeof order) != 0;
        }
        assert_int_equal(others, method == BP_SPLIT_ORDER ? 0 : 4);
        options.seed = 7;
        assert_ok(bp_dataset_split_with(e.dataset, &options, NULL));
        assert_memory_equal(order, bp_dataset_order(e.dataset), sizeof order);
        split_example_end(&e);
    }
}

/* Missing cells have the mean of the training cases. */
static void test_fills_come_from_the_training_cases(void **state)
{
    (void)state;
    bp_dataset *table = load_gappy_table();
    for (int method = BP_SPLIT_RANDOM; method <= BP_SPLIT_ORDER; method++) {
        const bp_split_options options = options_of((bp_split_method)method, 0.6, 0.2, 3);
        assert_ok(bp_dataset_split_with(table, &options, NULL));
        bp_data all;
        bp_data_init(&all, sizeof all);
        assert_ok(bp_dataset_subset(table, BP_SUBSET_TRAINING, &all));
        const size_t training = all.cases, *origin = bp_dataset_order(table);
        assert_ok(bp_dataset_subset(table, BP_SUBSET_ALL, &all));
        double sum = 0, count = 0;
        for (size_t i = 0; i < training; i++) {
            if (origin[i] % 4 == 1)
                continue;
            sum += (double)(origin[i] * origin[i] % 37) + 0.5;
            count++;
        }
        for (size_t i = 0; i < 60; i++)
            assert_close(all.inputs[i * all.input_width],
                         origin[i] % 4 == 1 ? sum / count : (double)(origin[i] * origin[i] % 37) + 0.5, 1e-6);
    }
    bp_dataset_destroy(table);
}

/* ------------------------------------------------------------------------------ refusals */

static void assert_refused(split_example *e, const bp_split_options *options, bp_status status,
                           const char *part)
{
    bp_split_result result = empty_split_result(), before = result;
    assert_fails(bp_dataset_split_with(e->dataset, options, &result), status, part);
    assert_memory_equal(&result, &before, sizeof result);
    for (size_t i = 0; i < e->cases; i++)
        assert_int_equal(bp_dataset_order(e->dataset)[i], i);
}

static void test_what_is_refused(void **state)
{
    (void)state;
    split_example e;
    uint64_t draw = 7;
    split_example_make(&e, &draw, 50, 3);
    assert_fails(bp_dataset_split_with(NULL, NULL, NULL), BP_ERROR_ARGUMENT, "dataset is NULL");
    bp_split_options options = options_of((bp_split_method)4, 0.5, 0, 1);
    assert_refused(&e, &options, BP_ERROR_ARGUMENT, "options.method is 4");
    options = options_of(BP_SPLIT_RANDOM, 1.5, 0, 1);
    assert_refused(&e, &options, BP_ERROR_ARGUMENT, "options.training is 1.5");
    options = options_of(BP_SPLIT_RANDOM, 0.5, NAN, 1);
    assert_refused(&e, &options, BP_ERROR_ARGUMENT, "options.validation is");
    options = options_of(BP_SPLIT_RANDOM, 0.7, 0.4, 1);
    assert_refused(&e, &options, BP_ERROR_ARGUMENT, "0.7 and 0.4, more than 1 together");
    options = options_of(BP_SPLIT_RANDOM, 0.7, 0.1, 1);
    options.gap = 1;
    assert_refused(&e, &options, BP_ERROR_ARGUMENT, "options.gap is 1");
    options = options_of(BP_SPLIT_ORDER, 0.5, 0.2, 1);
    options.gap = 25;
    assert_refused(&e, &options, BP_ERROR_SIZE, "options.gap is 25");
    options.gap = SIZE_MAX;
    assert_refused(&e, &options, BP_ERROR_SIZE, "options.gap");
    options = options_of(BP_SPLIT_RANDOM, 0.5, 0.2, 1);
    options.training_cases = 51;
    assert_refused(&e, &options, BP_ERROR_SIZE, "options.training_cases is 51, but there are 50");
    options.training_cases = 30;
    options.validation_cases = 21;
    assert_refused(&e, &options, BP_ERROR_SIZE, "beside 30 training cases there are 20");
    options = options_of(BP_SPLIT_RANDOM, 0.5, 0.2, 1);
    options.size = 0;
    assert_refused(&e, &options, BP_ERROR_ARGUMENT, "bp_split_options");
    bp_split_result result = {.size = 3};
    assert_fails(bp_dataset_split_with(e.dataset, NULL, &result), BP_ERROR_VERSION, "bp_split_result");
    options = options_of(BP_SPLIT_GROUP, 0.5, 0.2, 1);
    assert_ok(bp_dataset_set_groups(e.dataset, NULL, 0));
    assert_refused(&e, &options, BP_ERROR_STATE, "the dataset has no groups");
    split_example_end(&e);
}

static void test_numbers_are_not_stratified(void **state)
{
    (void)state;
    split_example e;
    uint64_t draw = 8;
    split_example_make(&e, &draw, 50, 0);
    const bp_split_options options = options_of(BP_SPLIT_STRATIFIED, 0.5, 0.2, 1);
    assert_refused(&e, &options, BP_ERROR_STATE, "the targets are no classes");
    split_example_end(&e);
}

static bp_status attempt(void *context, const bp_allocator *allocator)
{
    split_example e = {.dataset = NULL};
    uint64_t draw = 9;
    size_t order[80];
    split_example_draw(&e, &draw, 80, 3);
    bp_status status = split_example_create(&e, allocator);
    for (size_t i = 0; i < 80; i++)
        order[i] = i;
    if (status == BP_OK) {
        status = bp_dataset_split_with(e.dataset, context, NULL);
        if (status != BP_OK)
            assert_memory_equal(order, bp_dataset_order(e.dataset), sizeof order);
    }
    split_example_end(&e);
    return status;
}

static void test_lack_of_memory(void **state)
{
    (void)state;
    for (int method = BP_SPLIT_RANDOM; method <= BP_SPLIT_ORDER; method++) {
        bp_split_options options = options_of((bp_split_method)method, 0.5, 0.2, 1);
        test_each_allocation_fails(attempt, &options);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_stratified_split),
        cmocka_unit_test(test_a_missing_class_is_said),
        cmocka_unit_test(test_file_order_with_a_gap),
        cmocka_unit_test(test_numbers_of_cases),
        cmocka_unit_test(test_a_random_split_is_the_older_call),
        cmocka_unit_test(test_stratified_shares),
        cmocka_unit_test(test_groups_stay_together),
        cmocka_unit_test(test_only_the_seed_matters),
        cmocka_unit_test(test_fills_come_from_the_training_cases),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_numbers_are_not_stratified),
        cmocka_unit_test(test_lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
