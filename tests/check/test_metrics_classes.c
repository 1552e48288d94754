/* Figures of outputs that stand for classes. Those of random ones are compared with scikit-learn's in
 * test_metrics_oracle. */
#include "support/arrays.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CLASSES = 8 };

typedef struct figures {
    double confusion[MOST_CLASSES * MOST_CLASSES];
    bp_class_result each[MOST_CLASSES];
    bp_classification_result all;
} figures;

static figures measure_with(const bp_real *outputs, const bp_data *data,
                            const bp_classification_options *options)
{
    figures f;
    bp_class_result_init(f.each, sizeof f.each[0], MOST_CLASSES);
    bp_classification_result_init(&f.all, sizeof f.all);
    assert_ok(bp_classification_metrics(outputs, data, options, f.confusion, f.each, &f.all));
    return f;
}

static figures measure(const bp_real *outputs, const bp_real *targets, size_t cases, size_t columns)
{
    const bp_data data = bp_data_view(cases, NULL, 0, targets, columns);
    return measure_with(outputs, &data, NULL);
}

/* Five cases, the classes 0, 0, 1, 2, 2, taken for 0, 1, 1, 2, 0. */
static const bp_real five_outputs[] = {0.75, 0.125, 0.125, 0.25, 0.5, 0.25, 0.25, 0.5,
                                       0.25, 0.125, 0.125, 0.75, 0.5, 0.25, 0.25};
static const bp_real five_targets[] = {1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1};

static void test_worked_case(void **state)
{
    (void)state;
    const figures f = measure(five_outputs, five_targets, 5, 3);
    const double confusion[] = {1, 1, 0, 0, 1, 0, 1, 0, 1};
    assert_memory_equal(f.confusion, confusion, sizeof confusion);
    assert_int_equal(f.all.correct, 3);
    assert_int_equal(f.all.classes, 3);
    assert_close(f.all.accuracy, 3.0 / 5, 1e-15);
    assert_close(f.all.balanced_accuracy, (0.5 + 1 + 0.5) / 3, 1e-15);
    assert_close(f.each[0].precision, 0.5, 1e-15);
    assert_close(f.each[1].precision, 0.5, 1e-15);
    assert_close(f.each[2].precision, 1, 1e-15);
    assert_close(f.each[1].f1, 2.0 / 3, 1e-15);
    assert_close(f.all.macro_precision, 2.0 / 3, 1e-15);
    assert_close(f.all.weighted_precision, (2 * 0.5 + 0.5 + 2 * 1) / 5, 1e-15);
    assert_close(f.all.log_loss, -(log(0.75) + log(0.25) + log(0.5) + log(0.75) + log(0.25)) / 5, 1e-15);
    /* Of the six pairs with one case of class 0, 0.75 and 0.25, and one other, 0.25, 0.125 and 0.5: four are
     * right, one is equal. */
    assert_close(f.each[0].auc, 4.5 / 6, 1e-15);
    assert_int_equal(f.each[2].cases, 2);
    assert_int_equal(f.each[2].predicted, 1);
    assert_true(isnan(f.all.threshold));
}

/* Perfect outputs: nothing is left but the bound of the logarithm. */
static void test_perfect_outputs(void **state)
{
    (void)state;
    const figures f = measure(five_targets, five_targets, 5, 3);
    assert_close(f.all.accuracy, 1, 0);
    assert_close(f.all.macro_auc, 1, 0);
    assert_close(f.all.macro_f1, 1, 0);
    assert_close(f.all.top_k_accuracy, 1, 0);
    assert_close(f.all.brier, 0, 0);
    assert_true(f.all.log_loss > 0 && f.all.log_loss < 1e-15);
}

/* A probability of 0 for the true class. */
static void test_log_loss_is_finite(void **state)
{
    (void)state;
    const bp_real outputs[] = {0, 1}, targets[] = {1, 0};
    const figures f = measure(outputs, targets, 1, 2);
    assert_close(f.all.log_loss, -log(DBL_EPSILON), 1e-14);
    assert_close(f.all.brier, 1, 0);
}

/* On and off may have any values. */
static void test_values_of_on_and_off(void **state)
{
    (void)state;
    const bp_real values[][2] = {{(bp_real)0.1, (bp_real)0.9}, {-1, 1}, {-5, -3}, {7, (bp_real)7.5}};
    const figures wanted = measure(five_outputs, five_targets, 5, 3);
    for (size_t i = 0; i < 4; i++) {
        bp_real targets[15];
        for (size_t j = 0; j < 15; j++)
            targets[j] = values[i][five_targets[j] > 0];
        const figures f = measure(five_outputs, targets, 5, 3);
        assert_memory_equal(&f.all, &wanted.all, sizeof f.all);
    }
}

/* ------------------------------------------------------------------ a single output */

static void test_single_output(void **state)
{
    (void)state;
    const bp_real outputs[] = {(bp_real)0.25, (bp_real)0.75, (bp_real)0.375, 1, 0.5},
                  targets[] = {0, 1, 1, 1, 0};
    const figures f = measure(outputs, targets, 5, 1);
    const double confusion[] = {2, 0, 1, 2};
    assert_memory_equal(f.confusion, confusion, sizeof confusion);
    assert_int_equal(f.all.classes, 2);
    assert_close(f.all.threshold, 0.5, 0);
    assert_close(f.each[1].precision, 1, 0);
    assert_close(f.each[1].recall, 2.0 / 3, 1e-15);
    assert_close(f.each[1].auc, 5.0 / 6, 1e-15); /* only 0.375 is below 0.5 */
    assert_close(f.each[0].auc, 5.0 / 6, 1e-15);
    assert_close(f.all.brier, (0.0625 + 0.0625 + 0.390625 + 0 + 0.25) / 5, 1e-15);
    assert_close(f.all.top_k_accuracy, 1, 0); /* the default k of 2 is all classes */
}

/* The threshold that follows from the targets. */
static void test_threshold_by_itself(void **state)
{
    (void)state;
    const bp_real one[] = {(bp_real)0.3}, others[] = {(bp_real)0.3, (bp_real)0.3};
    const bp_real ones[] = {1}, zeros[] = {0}, minus[] = {-1};
    const bp_real signs[] = {-1, 1}, numbers[] = {1, 2}, soft[] = {(bp_real)0.9, (bp_real)0.1};
    assert_close(measure(one, ones, 1, 1).all.threshold, 0.5, 0);
    assert_close(measure(one, zeros, 1, 1).all.threshold, 0.5, 0);
    assert_close(measure(one, minus, 1, 1).all.threshold, 0, 0);
    assert_close(measure(others, signs, 2, 1).all.threshold, 0, 0);
    assert_close(measure(others, numbers, 2, 1).all.threshold, 1.5, 0);
    assert_close(measure(others, soft, 2, 1).all.threshold, 0.5, TOLERANCE(1e-7, 1e-15));
    assert_int_equal(measure(others, signs, 2, 1).all.correct, 1);
    assert_true(isnan(measure(others, signs, 2, 1).all.log_loss)); /* 0.3 of -1..1 is no probability */
    assert_true(!isnan(measure(others, soft, 2, 1).all.log_loss));
}

static void test_threshold_given(void **state)
{
    (void)state;
    const bp_real outputs[] = {(bp_real)0.25, (bp_real)0.75}, targets[] = {0, 1};
    const bp_data data = bp_data_view(2, NULL, 0, targets, 1);
    bp_classification_options options;
    bp_classification_options_init(&options, sizeof options);
    options.threshold = 0.2;
    options.top_k = 1;
    const figures f = measure_with(outputs, &data, &options);
    assert_int_equal(f.all.correct, 1);
    assert_close(f.all.top_k_accuracy, 0.5, 0);
    assert_close(f.all.threshold, 0.2, 0);
}

/* ---------------------------------------------------------------- what is undefined */

static void test_class_without_cases(void **state)
{
    (void)state;
    /* Class 3 is neither true nor predicted, class 2 is predicted but never true, class 0 true but never
     * predicted. */
    const bp_real outputs[] = {0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0},
                  targets[] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0};
    const figures f = measure(outputs, targets, 3, 4);
    assert_true(isnan(f.each[3].precision) && isnan(f.each[3].recall) && isnan(f.each[3].f1) &&
                isnan(f.each[3].auc));
    assert_true(isnan(f.each[2].recall) && isnan(f.each[2].auc));
    assert_true(f.each[2].precision == 0 && f.each[2].f1 == 0);
    assert_true(isnan(f.each[0].precision) && f.each[0].recall == 0 && f.each[0].f1 == 0);
    assert_close(f.all.balanced_accuracy, (0 + 0.5) / 2, 1e-15);
    assert_close(f.all.macro_precision, (0.5 + 0) / 2, 1e-15);
    assert_close(f.all.macro_f1, (0 + 0.5 + 0) / 3, 1e-15);
    assert_close(f.all.macro_auc, (f.each[0].auc + f.each[1].auc) / 2, 1e-15);
}

static void test_one_class_alone(void **state)
{
    (void)state;
    const bp_real outputs[] = {(bp_real)0.25, (bp_real)0.75}, targets[] = {1, 1};
    const figures f = measure(outputs, targets, 2, 1);
    assert_true(isnan(f.each[0].auc) && isnan(f.each[1].auc) && isnan(f.all.macro_auc));
    assert_close(f.all.balanced_accuracy, 0.5, 1e-15);
}

/* A class whose cases all have the weight 0 has no cases. */
static void test_weights_of_0(void **state)
{
    (void)state;
    const bp_real weights[] = {1, 1, 1, 0, 0};
    bp_data data = bp_data_view(5, NULL, 0, five_targets, 3);
    data.case_weights = weights;
    const figures f = measure_with(five_outputs, &data, NULL);
    assert_int_equal(f.all.cases, 5);
    assert_close(f.all.weight, 3, 0);
    assert_true(isnan(f.each[2].recall) && isnan(f.each[2].precision) && isnan(f.each[2].auc));
    data.cases = 3;
    const figures less = measure_with(five_outputs, &data, NULL);
    assert_close(f.all.macro_f1, less.all.macro_f1, 1e-15);
    assert_close(f.all.log_loss, less.all.log_loss, 1e-15);
    assert_close(f.all.macro_auc, less.all.macro_auc, 1e-15);
}

static void test_no_probabilities(void **state)
{
    (void)state;
    bp_real outputs[15];
    for (size_t bad = 0; bad < 3; bad++) {
        memcpy(outputs, five_outputs, sizeof outputs);
        if (bad == 0)
            outputs[7] = (bp_real)0.501; /* the sum of its row is 1.001 */
        if (bad == 1)
            outputs[0] = (bp_real)1.125, outputs[1] = (bp_real)-0.25;
        if (bad == 2)
            for (size_t i = 0; i < 15; i++)
                outputs[i] *= 100;
        const figures f = measure(outputs, five_targets, 5, 3);
        assert_true(isnan(f.all.log_loss) && isnan(f.all.brier));
        assert_close(f.all.accuracy, 3.0 / 5, 1e-15);
        assert_true(!isnan(f.all.macro_auc));
    }
}

/* Sums that are 1 only up to rounding, as softmax in float makes them. */
static void test_rounded_probabilities(void **state)
{
    (void)state;
    const bp_real third = (bp_real)(1.0 / 3);
    const bp_real outputs[] = {third, third, third + (bp_real)TOLERANCE(1e-6, 1e-15)}, targets[] = {1, 0, 0};
    const figures f = measure(outputs, targets, 1, 3);
    double sum = 0;
    for (size_t i = 0; i < 3; i++)
        sum += (double)outputs[i];
    assert_close(f.all.log_loss, -log((double)third / sum), 1e-15);
}

/* ------------------------------------------------------------ columns, steps, scores */

/* Two groups of classes and a number in between; each is measured as if it were alone. */
static void test_groups_of_columns(void **state)
{
    (void)state;
    enum { WIDTH = 6 };
    bp_real outputs[5 * WIDTH] = {0}, targets[5 * WIDTH] = {0};
    bp_data data = bp_data_view(5, NULL, 0, targets, WIDTH);
    bp_classification_options options;
    for (size_t row = 0; row < 5; row++) {
        for (size_t i = 0; i < 2; i++) {
            outputs[row * WIDTH + i] = five_outputs[row * 3 + i];
            targets[row * WIDTH + i] = i == row % 2;
        }
        outputs[row * WIDTH + 2] = targets[row * WIDTH + 2] = 1000;
        memcpy(outputs + row * WIDTH + 3, five_outputs + row * 3, 3 * sizeof *outputs);
        memcpy(targets + row * WIDTH + 3, five_targets + row * 3, 3 * sizeof *targets);
    }
    bp_classification_options_init(&options, sizeof options);
    options.first_column = 3;
    figures f = measure_with(outputs, &data, &options), wanted = measure(five_outputs, five_targets, 5, 3);
    assert_memory_equal(&f.all, &wanted.all, sizeof f.all);
    options.first_column = 0;
    options.columns = 2;
    f = measure_with(outputs, &data, &options);
    assert_int_equal(f.all.classes, 2);
    assert_int_equal(f.all.correct, 3); /* predicted 0, 1, 1, 0 (of equals), 0 for 0, 1, 0, 1, 0 */
}

/* Each step is a case. */
static void test_steps(void **state)
{
    (void)state;
    enum { CASES = 3, STEPS = 4, WIDTH = 3, STRIDE = 15 };
    uint64_t stream = 3;
    bp_real outputs[CASES * STEPS * WIDTH], targets[CASES * STRIDE] = {0}, dense[CASES * STEPS * WIDTH] = {0};
    bp_real weights[CASES] = {1, 2, 3}, dense_weights[CASES * STEPS];
    for (size_t row = 0; row < CASES * STEPS; row++) {
        size_t truth = test_below(&stream, WIDTH);
        for (size_t i = 0; i < WIDTH; i++)
            outputs[row * WIDTH + i] = (bp_real)test_uniform(&stream, -1, 1);
        targets[row / STEPS * STRIDE + row % STEPS * WIDTH + truth] = 1;
        dense[row * WIDTH + truth] = 1;
        dense_weights[row] = weights[row / STEPS];
    }
    bp_data data = bp_data_view(CASES, NULL, 0, targets, WIDTH);
    bp_data rows = bp_data_view(CASES * STEPS, NULL, 0, dense, WIDTH);
    data.steps = STEPS;
    data.target_stride = STRIDE;
    data.case_weights = weights;
    rows.case_weights = dense_weights;
    const figures f = measure_with(outputs, &data, NULL), wanted = measure_with(outputs, &rows, NULL);
    assert_memory_equal(f.each, wanted.each, sizeof f.each);
    assert_close(f.all.macro_f1, wanted.all.macro_f1, 0);
    assert_close(f.all.accuracy, wanted.all.accuracy, 0);
}

/* By its definition, in all pairs. */
static double slow_auc(const bp_real *scores, const bp_real *targets, size_t cases)
{
    double sum = 0, pairs = 0;
    for (size_t i = 0; i < cases; i++)
        for (size_t j = 0; j < cases; j++)
            if (targets[i] > targets[j]) {
                sum += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
                pairs++;
            }
    return sum / pairs;
}

static void test_auc_with_ties(void **state)
{
    (void)state;
    enum { CASES = 300 };
    uint64_t stream = 5;
    for (size_t values = 2; values < 2000; values *= 3) {
        bp_real outputs[CASES], targets[CASES];
        for (size_t i = 0; i < CASES; i++) {
            targets[i] = test_below(&stream, 3) == 0;
            outputs[i] = (bp_real)test_below(&stream, values) + targets[i] * (bp_real)test_below(&stream, 2);
        }
        assert_close(measure(outputs, targets, CASES, 1).each[1].auc, slow_auc(outputs, targets, CASES),
                     1e-14);
    }
}

/* A million cases, sorted, reversed and equal: not so slow that it would be noticed. */
static void test_many_cases(void **state)
{
    (void)state;
    enum { CASES = 1000000 };
    bp_real *outputs = new_reals(CASES), *targets = new_reals(CASES);
    bp_classification_result all;
    const bp_data data = bp_data_view(CASES, NULL, 0, targets, 1);
    for (int kind = 0; kind < 3; kind++) {
        for (size_t i = 0; i < CASES; i++) {
            targets[i] = (bp_real)(i % 2);
            outputs[i] = kind == 0 ? (bp_real)(i / 2) : kind == 1 ? (bp_real)((CASES - i) / 2) : 1;
        }
        bp_classification_result_init(&all, sizeof all);
        assert_ok(bp_classification_metrics(outputs, &data, NULL, NULL, NULL, &all));
        assert_close(all.macro_auc, 0.5, 1e-5);
    }
    free(outputs);
    free(targets);
}

/* ------------------------------------------------------------------------- failures */

static void *no_memory(void *context, size_t size)
{
    (void)context, (void)size;
    return NULL;
}

static void test_wrong_arguments(void **state)
{
    (void)state;
    bp_real outputs[15] = {0}, targets[15] = {0};
    figures f;
    bp_data data = bp_data_view(5, NULL, 0, targets, 3);
    bp_classification_options options;
    memcpy(outputs, five_outputs, sizeof outputs);
    memcpy(targets, five_targets, sizeof targets);
    memset(&f, 0x55, sizeof f);
    bp_class_result_init(f.each, sizeof f.each[0], MOST_CLASSES);
    bp_classification_result_init(&f.all, sizeof f.all);
    bp_classification_options_init(&options, sizeof options);
    const figures before = f;
#define CALL() bp_classification_metrics(outputs, &data, &options, f.confusion, f.each, &f.all)
    assert_fails(bp_classification_metrics(NULL, &data, NULL, NULL, NULL, NULL), BP_ERROR_ARGUMENT,
                 "outputs is NULL");
    assert_fails(bp_classification_metrics(outputs, NULL, NULL, NULL, NULL, NULL), BP_ERROR_ARGUMENT,
                 "data is NULL");
    outputs[7] = (bp_real)NAN;
    assert_fails(CALL(), BP_ERROR_NOT_FINITE, "bp_classification_metrics: outputs: case 2, column 1 is nan");
    outputs[7] = 0.5;
    targets[3] = 0;
    assert_fails(CALL(), BP_ERROR_ARGUMENT,
                 "case 1 is of no class: columns 0 and 1 both have the highest target, 0");
    targets[3] = targets[5] = 1;
    assert_fails(CALL(), BP_ERROR_ARGUMENT, "case 1 is of no class: columns 0 and 2");
    targets[5] = 0;
    options.threshold = 0.3;
    assert_fails(CALL(), BP_ERROR_ARGUMENT, "options.threshold is 0.3, but there are 3 columns");
    options.threshold = (double)NAN;
    assert_fails(CALL(), BP_ERROR_NOT_FINITE, "options.threshold is nan");
    options.threshold = BP_THRESHOLD_AUTO;
    options.first_column = 3;
    assert_fails(CALL(), BP_ERROR_SIZE, "options.first_column is 3, but data.target_width is 3");
    options.first_column = 1;
    options.columns = SIZE_MAX;
    assert_fails(CALL(), BP_ERROR_SIZE, "from first_column 1 on, but data.target_width is 3");
    options.first_column = options.columns = options.top_k = 0;
    assert_fails(CALL(), BP_ERROR_ARGUMENT, "options.top_k is 0, it must be >= 1");
    options.top_k = 1;
    options.allocator.allocate = no_memory;
    assert_fails(CALL(), BP_ERROR_ARGUMENT, "allocator.release is NULL");
    options.allocator = (bp_allocator){NULL, NULL, NULL};
    options.size = 0;
    assert_fails(CALL(), BP_ERROR_ARGUMENT, "bp_classification_options_init first");
    options.size = sizeof options;
    assert_memory_equal(&f, &before, sizeof f);
    f.each[2].size = 0;
    assert_fails(CALL(), BP_ERROR_ARGUMENT, "each[2].size is 0");
    f.all.size = 1;
    assert_fails(CALL(), BP_ERROR_VERSION, "bp_classification_result.size is 1");
#undef CALL
}

static void test_third_value(void **state)
{
    (void)state;
    const bp_real outputs[] = {0, 0, 0, 0}, targets[] = {1, 0, 1, (bp_real)0.5};
    const bp_data data = bp_data_view(4, NULL, 0, targets, 1);
    assert_fails(bp_classification_metrics(outputs, &data, NULL, NULL, NULL, NULL), BP_ERROR_ARGUMENT,
                 "data.targets: case 3, column 0 is 0.5, a third value beside 0 and 1");
}

static bp_status attempt(void *context, const bp_allocator *allocator)
{
    figures f;
    const bp_data *data = context;
    bp_classification_options options;
    bp_classification_options_init(&options, sizeof options);
    bp_class_result_init(f.each, sizeof f.each[0], MOST_CLASSES);
    bp_classification_result_init(&f.all, sizeof f.all);
    options.allocator = *allocator;
    f.confusion[0] = -7;
    bp_status status = bp_classification_metrics(five_outputs, data, &options, f.confusion, f.each, &f.all);
    if (status != BP_OK)
        assert_true(f.confusion[0] == -7 && f.all.cases == 0 && f.each[0].cases == 0);
    return status;
}

static void test_each_allocation(void **state)
{
    (void)state;
    bp_data data = bp_data_view(5, NULL, 0, five_targets, 3);
    test_each_allocation_fails(attempt, &data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worked_case),        cmocka_unit_test(test_perfect_outputs),
        cmocka_unit_test(test_log_loss_is_finite), cmocka_unit_test(test_values_of_on_and_off),
        cmocka_unit_test(test_single_output),      cmocka_unit_test(test_threshold_by_itself),
        cmocka_unit_test(test_threshold_given),    cmocka_unit_test(test_class_without_cases),
        cmocka_unit_test(test_one_class_alone),    cmocka_unit_test(test_weights_of_0),
        cmocka_unit_test(test_no_probabilities),   cmocka_unit_test(test_rounded_probabilities),
        cmocka_unit_test(test_groups_of_columns),  cmocka_unit_test(test_steps),
        cmocka_unit_test(test_auc_with_ties),      cmocka_unit_test(test_many_cases),
        cmocka_unit_test(test_wrong_arguments),    cmocka_unit_test(test_third_value),
        cmocka_unit_test(test_each_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
