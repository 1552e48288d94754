/* The folds of cross-validation: what scikit-learn's KFold, StratifiedKFold, GroupKFold and TimeSeriesSplit
 * promise, though not the same assignment. */
#include <math.h>
#include <string.h>

#include "data/split_example.h"

static bp_fold_options options_of(bp_split_method method, size_t folds, size_t repetitions, double validation)
{
    bp_fold_options options;
    bp_fold_options_init(&options, sizeof options);
    options.method = method;
    options.folds = folds;
    options.repetitions = repetitions;
    options.validation = validation;
    return options;
}

static bp_split_result make_fold(split_example *e, const bp_fold_options *options, size_t fold,
                                 bp_subset *part)
{
    bp_split_result result = empty_split_result();
    assert_ok(bp_dataset_fold(e->dataset, options, fold, &result));
    split_example_parts(e, part);
    split_example_check_result(e, part, &result);
    return result;
}

/* -------------------------------------------------------------------------- properties */

/* Every case is tested once, and otherwise trains or validates. Returns the sizes of the test subsets. */
static void check_partition(split_example *e, const bp_fold_options *options, size_t repetition,
                            size_t *sizes)
{
    size_t tested[EXAMPLE_MAX_CASES] = {0};
    for (size_t fold = 0; fold < options->folds; fold++) {
        bp_subset part[EXAMPLE_MAX_CASES];
        const bp_split_result result = make_fold(e, options, repetition * options->folds + fold, part);
        sizes[fold] = result.test;
        assert_int_equal(result.left_out, 0);
        if (options->method != BP_SPLIT_GROUP)
            assert_true((double)result.validation ==
                        round((double)(e->cases - result.test) * options->validation));
        for (size_t c = 0; c < e->cases; c++)
            tested[c] += part[c] == BP_SUBSET_TEST;
    }
    for (size_t c = 0; c < e->cases; c++)
        assert_int_equal(tested[c], 1);
}

static size_t spread(const size_t *sizes, size_t count)
{
    size_t least = SIZE_MAX, most = 0;
    for (size_t i = 0; i < count; i++) {
        least = sizes[i] < least ? sizes[i] : least;
        most = sizes[i] > most ? sizes[i] : most;
    }
    return most - least;
}

static void test_folds_divide_the_cases(void **state)
{
    (void)state;
    uint64_t draw = 1;
    for (size_t round = 0; round < 60; round++) {
        split_example e;
        size_t sizes[10];
        const bp_split_method method = (bp_split_method)(round % 4);
        split_example_make(&e, &draw, 60 + test_below(&draw, 300), 4);
        const size_t repetitions = method == BP_SPLIT_ORDER ? 1 : 2;
        const bp_fold_options options =
            options_of(method, 2 + test_below(&draw, 5), repetitions, round % 3 == 0 ? 0 : 0.2);
        for (size_t repetition = 0; repetition < repetitions; repetition++) {
            check_partition(&e, &options, repetition, sizes);
            if (method != BP_SPLIT_GROUP)
                assert_true(spread(sizes, options.folds) <= 1);
        }
        split_example_end(&e);
    }
}

/* The test subsets have the same number of each class, but for one. */
static void test_stratified_folds(void **state)
{
    (void)state;
    uint64_t draw = 2;
    for (size_t round = 0; round < 40; round++) {
        split_example e;
        split_example_make(&e, &draw, 20 + test_below(&draw, 300), 2 + test_below(&draw, 6));
        const bp_fold_options options =
            options_of(BP_SPLIT_STRATIFIED, 2 + test_below(&draw, 8), 1, round % 2 == 0 ? 0 : 0.25);
        size_t counts[EXAMPLE_MAX_CLASSES][10];
        for (size_t fold = 0; fold < options.folds; fold++) {
            bp_subset part[EXAMPLE_MAX_CASES];
            const bp_split_result result = make_fold(&e, &options, fold, part);
            const double rest = (double)(e.cases - result.test);
            for (size_t k = 0; k < e.classes; k++) {
                counts[k][fold] = split_example_count(&e, part, BP_SUBSET_TEST, k);
                const double left =
                    (double)(split_example_count(&e, part, BP_SUBSET_ALL, k) - counts[k][fold]);
                const double validates = (double)split_example_count(&e, part, BP_SUBSET_VALIDATION, k);
                assert_true(fabs(validates - left * (double)result.validation / rest) < 1);
            }
        }
        for (size_t k = 0; k < e.classes; k++)
            assert_true(spread(counts[k], options.folds) <= 1);
        split_example_end(&e);
    }
}

static void test_group_folds(void **state)
{
    (void)state;
    uint64_t draw = 3;
    for (size_t round = 0; round < 40; round++) {
        split_example e;
        split_example_make(&e, &draw, 150 + test_below(&draw, 200), 3);
        const bp_fold_options options = options_of(BP_SPLIT_GROUP, 2 + test_below(&draw, 4), 1, 0.3);
        size_t sizes[10], largest = 0;
        for (size_t fold = 0; fold < options.folds; fold++) {
            bp_subset part[EXAMPLE_MAX_CASES];
            const bp_split_result result = make_fold(&e, &options, fold, part);
            largest = split_example_check_groups(&e, part);
            sizes[fold] = result.test;
            assert_true(result.test > 0);
            const double wanted = 0.3 * (double)(e.cases - result.test);
            assert_true(fabs((double)result.validation - wanted) < (double)largest + 1);
        }
        assert_true(spread(sizes, options.folds) <= largest);
        split_example_end(&e);
    }
}

/* As many folds as groups: each is tested alone. */
static void test_one_group_left_out(void **state)
{
    (void)state;
    split_example e = {.cases = 12, .classes = 2};
    for (size_t c = 0; c < 12; c++)
        e.group_of[c] = c % 4 * 100;
    e.class_of[3] = 1;
    assert_ok(split_example_create(&e, NULL));
    bp_fold_options options = options_of(BP_SPLIT_GROUP, 4, 1, 0);
    for (size_t fold = 0; fold < 4; fold++) {
        bp_subset part[12];
        assert_int_equal(make_fold(&e, &options, fold, part).test, 3);
        split_example_check_groups(&e, part);
    }
    options.folds = 5;
    assert_fails(bp_dataset_fold(e.dataset, &options, 0, NULL), BP_ERROR_SIZE,
                 "folds.folds is 5, but there are 4");
    split_example_end(&e);
}

static void test_one_case_left_out(void **state)
{
    (void)state;
    split_example e;
    uint64_t draw = 4;
    size_t sizes[30];
    split_example_make(&e, &draw, 30, 0);
    const bp_fold_options options = options_of(BP_SPLIT_RANDOM, 30, 1, 0);
    check_partition(&e, &options, 0, sizes);
    assert_int_equal(spread(sizes, 30), 0);
    split_example_end(&e);
}

/* Each repetition divides anew, each seed too; the same fold is the same again. */
static void test_repetitions(void **state)
{
    (void)state;
    for (int method = BP_SPLIT_RANDOM; method < BP_SPLIT_ORDER; method++) {
        split_example e;
        uint64_t draw = 5;
        bp_subset first[200], part[200];
        split_example_make(&e, &draw, 200, 3);
        bp_fold_options options = options_of((bp_split_method)method, 4, 3, 0.2);
        make_fold(&e, &options, 1, first);
        for (size_t repetition = 1; repetition < 3; repetition++) {
            make_fold(&e, &options, repetition * 4 + 1, part);
            assert_memory_not_equal(part, first, sizeof first);
        }
        make_fold(&e, &options, 1, part);
        assert_memory_equal(part, first, sizeof first);
        options.repetitions = 1; /* the first repetition is the same without the others */
        make_fold(&e, &options, 1, part);
        assert_memory_equal(part, first, sizeof first);
        options.seed = 2;
        make_fold(&e, &options, 1, part);
        assert_memory_not_equal(part, first, sizeof first);
        split_example_end(&e);
    }
}

/* A class of two cases is missing in the test cases of three folds of five, and trains in all. */
static void test_a_missing_class_is_said(void **state)
{
    (void)state;
    split_example e = {.cases = 22, .classes = 2};
    e.class_of[3] = e.class_of[9] = 1;
    assert_ok(split_example_create(&e, NULL));
    const bp_fold_options options = options_of(BP_SPLIT_STRATIFIED, 5, 1, 0);
    size_t missing = 0;
    for (size_t fold = 0; fold < 5; fold++) {
        bp_subset part[22];
        const bp_split_result result = make_fold(&e, &options, fold, part);
        assert_int_equal(result.missing_training, 0);
        assert_true(result.missing_class == (result.missing_test > 0 ? 1 : BP_NO_INDEX));
        missing += result.missing_test;
    }
    assert_int_equal(missing, 3);
    split_example_end(&e);
}

/* ------------------------------------------------------------------------- file order */

/* 11 cases in 3 pieces of 4, 4 and 3; a gap of 1 on either side. Of the 6, 5 and 7 other cases the
 * last half validates: 3, 3 and 4. */
static void test_pieces_of_the_file(void **state)
{
    (void)state;
    static const char *const wanted[] = {"tttt_......", "..._tttt_..", "......._ttt"};
    static const char *const validated[] = {"tttt_.._vvv", "._v_tttt_vv", ".._vvvv_ttt"};
    split_example e;
    uint64_t draw = 6;
    split_example_make(&e, &draw, 11, 2);
    for (size_t i = 0; i < 6; i++) {
        bp_subset part[11];
        bp_fold_options options = options_of(BP_SPLIT_ORDER, 3, 1, i < 3 ? 0 : 0.5);
        options.gap = 1;
        make_fold(&e, &options, i % 3, part);
        for (size_t c = 0; c < 11; c++)
            assert_int_equal("_.vt"[part[c]], (i < 3 ? wanted : validated)[i % 3][c]);
    }
    split_example_end(&e);
}

/* Forward: 4 pieces, the first of which only trains. */
static void test_only_the_past_trains(void **state)
{
    (void)state;
    static const char *const wanted[] = {"...ttt_____", "......ttt__", ".........tt"};
    split_example e;
    uint64_t draw = 7;
    split_example_make(&e, &draw, 11, 2);
    bp_fold_options options = options_of(BP_SPLIT_ORDER, 3, 1, 0);
    options.forward = 1;
    for (size_t fold = 0; fold < 3; fold++) {
        bp_subset part[11];
        const bp_split_result result = make_fold(&e, &options, fold, part);
        for (size_t c = 0; c < 11; c++)
            assert_int_equal("_.vt"[part[c]], wanted[fold][c]);
        assert_int_equal(result.left_out, fold == 0 ? 5 : fold == 1 ? 2 : 0);
        size_t last = 0; /* in the order of the file */
        for (size_t i = 0; i < result.training; i++) {
            assert_true(i == 0 || bp_dataset_order(e.dataset)[i] > last);
            last = bp_dataset_order(e.dataset)[i];
        }
    }
    options.gap = 3;
    assert_fails(bp_dataset_fold(e.dataset, &options, 0, NULL), BP_ERROR_ARGUMENT,
                 "no training cases are left for fold 0: folds.gap is 3, of 11 cases");
    options.gap = 2;
    options.validation = 0.5;
    assert_fails(bp_dataset_fold(e.dataset, &options, 0, NULL), BP_ERROR_ARGUMENT, "no training cases");
    split_example_end(&e);
}

/* ---------------------------------------------------------------------- missing cells */

static void test_fills_come_from_the_training_cases(void **state)
{
    (void)state;
    bp_dataset *table = load_gappy_table();
    const bp_fold_options options = options_of(BP_SPLIT_STRATIFIED, 4, 2, 0.2);
    for (size_t fold = 0; fold < 8; fold++) {
        bp_data all, training;
        bp_data_init(&all, sizeof all);
        bp_data_init(&training, sizeof training);
        assert_ok(bp_dataset_fold(table, &options, fold, NULL));
        assert_ok(bp_dataset_subset(table, BP_SUBSET_ALL, &all));
        assert_ok(bp_dataset_subset(table, BP_SUBSET_TRAINING, &training));
        const size_t *origin = bp_dataset_order(table);
        double sum = 0, count = 0;
        for (size_t i = 0; i < training.cases; i++) {
            if (origin[i] % 4 == 1)
                continue;
            sum += (double)(origin[i] * origin[i] % 37) + 0.5;
            count++;
        }
        for (size_t i = 0; i < 60; i++)
            if (origin[i] % 4 == 1)
                assert_close(all.inputs[i * all.input_width], sum / count, 1e-6);
    }
    bp_dataset_destroy(table);
}

/* ---------------------------------------------------------------------------- refusals */

static void assert_refused(split_example *e, const bp_fold_options *options, size_t fold, bp_status status,
                           const char *message)
{
    bp_split_result result = empty_split_result(), before = result;
    assert_fails(bp_dataset_fold(e->dataset, options, fold, &result), status, message);
    assert_memory_equal(&result, &before, sizeof result);
    for (size_t i = 0; i < e->cases; i++)
        assert_int_equal(bp_dataset_order(e->dataset)[i], i);
}

static void test_what_is_refused(void **state)
{
    (void)state;
    split_example e;
    uint64_t draw = 8;
    split_example_make(&e, &draw, 20, 2);
    assert_fails(bp_dataset_fold(NULL, NULL, 0, NULL), BP_ERROR_ARGUMENT, "dataset is NULL");
    bp_fold_options options = options_of((bp_split_method)-1, 5, 1, 0);
    assert_refused(&e, &options, 0, BP_ERROR_ARGUMENT, "folds.method is -1");
    options = options_of(BP_SPLIT_RANDOM, 1, 1, 0);
    assert_refused(&e, &options, 0, BP_ERROR_ARGUMENT, "folds.folds is 1");
    options = options_of(BP_SPLIT_RANDOM, 21, 1, 0);
    assert_refused(&e, &options, 0, BP_ERROR_SIZE, "folds.folds is 21, but there are 20 cases");
    options = options_of(BP_SPLIT_RANDOM, 5, 0, 0);
    assert_refused(&e, &options, 0, BP_ERROR_ARGUMENT, "folds.repetitions is 0");
    options = options_of(BP_SPLIT_RANDOM, 5, SIZE_MAX / 2, 0);
    assert_refused(&e, &options, 0, BP_ERROR_OVERFLOW, "5 folds");
    options = options_of(BP_SPLIT_RANDOM, 5, 2, 1);
    assert_refused(&e, &options, 0, BP_ERROR_ARGUMENT, "folds.validation is 1");
    options.validation = NAN;
    assert_refused(&e, &options, 0, BP_ERROR_ARGUMENT, "folds.validation is");
    options.validation = 0;
    assert_refused(&e, &options, 10, BP_ERROR_ARGUMENT, "fold is 10, but there are 10 folds");
    options.gap = 1;
    assert_refused(&e, &options, 0, BP_ERROR_ARGUMENT, "folds.gap is 1");
    options.gap = 0;
    options.forward = 1;
    assert_refused(&e, &options, 0, BP_ERROR_ARGUMENT, "folds.forward");
    options = options_of(BP_SPLIT_ORDER, 5, 2, 0);
    assert_refused(&e, &options, 0, BP_ERROR_ARGUMENT, "folds.repetitions is 2");
    options = options_of(BP_SPLIT_ORDER, 20, 1, 0);
    options.forward = 1;
    assert_refused(&e, &options, 0, BP_ERROR_SIZE, "one more is trained on");
    options = options_of(BP_SPLIT_RANDOM, 5, 1, 0);
    options.size = 0;
    assert_refused(&e, &options, 0, BP_ERROR_ARGUMENT, "bp_fold_options");
    split_example_end(&e);
}

static bp_status attempt(void *context, const bp_allocator *allocator)
{
    split_example e = {.dataset = NULL};
    uint64_t draw = 9;
    split_example_draw(&e, &draw, 80, 3);
    bp_status status = split_example_create(&e, allocator);
    if (status == BP_OK) {
        status = bp_dataset_fold(e.dataset, context, 2, NULL);
        for (size_t i = 0; status != BP_OK && i < 80; i++)
            assert_int_equal(bp_dataset_order(e.dataset)[i], i);
    }
    split_example_end(&e);
    return status;
}

static void test_lack_of_memory(void **state)
{
    (void)state;
    for (int method = BP_SPLIT_RANDOM; method <= BP_SPLIT_ORDER; method++) {
        bp_fold_options options = options_of((bp_split_method)method, 3, 1, 0.2);
        test_each_allocation_fails(attempt, &options);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_folds_divide_the_cases),
        cmocka_unit_test(test_stratified_folds),
        cmocka_unit_test(test_group_folds),
        cmocka_unit_test(test_one_group_left_out),
        cmocka_unit_test(test_one_case_left_out),
        cmocka_unit_test(test_repetitions),
        cmocka_unit_test(test_a_missing_class_is_said),
        cmocka_unit_test(test_pieces_of_the_file),
        cmocka_unit_test(test_only_the_past_trains),
        cmocka_unit_test(test_fills_come_from_the_training_cases),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
