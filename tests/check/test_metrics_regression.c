/* Figures of outputs that are numbers. Those of random ones are compared with scikit-learn's in
 * test_metrics_oracle. */
#include "support/arrays.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NOT_A_NUMBER ((bp_real)NAN)

static bp_regression_result measure(const bp_real *outputs, const bp_data *data)
{
    bp_regression_result all;
    bp_regression_result_init(&all, sizeof all, 1);
    assert_ok(bp_regression_metrics(outputs, data, NULL, &all));
    return all;
}

/* Errors 1, -1, 0, 4 of targets with the mean 3 and the squared deviations 4, 1, 0, 9. */
static void test_worked_case(void **state)
{
    (void)state;
    const bp_real outputs[] = {2, 1, 3, 10}, targets[] = {1, 2, 3, 6};
    const bp_data data = bp_data_view(4, NULL, 0, targets, 1);
    const bp_regression_result all = measure(outputs, &data);
    assert_int_equal(all.cases, 4);
    assert_close(all.weight, 4, 0);
    assert_close(all.rmse, sqrt(18.0 / 4), 1e-15);
    assert_close(all.mae, 1.5, 1e-15);
    assert_close(all.mean_error, 1, 1e-15);
    assert_close(all.r2, 1 - 18.0 / 14, 1e-15);
    assert_close(all.max_abs_error, 4, 0);
    assert_int_equal(all.worst_case, 3);
}

static void test_a_weight_of_2_is_the_case_twice(void **state)
{
    (void)state;
    const bp_real outputs[] = {2, 1, 7, 7, 100}, targets[] = {1, 2, 4, 4, -100};
    const bp_real once_outputs[] = {2, 1, 7, 100}, once_targets[] = {1, 2, 4, -100}, weights[] = {1, 1, 2, 0};
    const bp_data twice = bp_data_view(4, NULL, 0, targets, 1);
    bp_data weighted = bp_data_view(4, NULL, 0, once_targets, 1);
    weighted.case_weights = weights;
    const bp_regression_result a = measure(outputs, &twice), b = measure(once_outputs, &weighted);
    assert_close(b.weight, 4, 0);
    assert_close(b.rmse, a.rmse, 1e-15);
    assert_close(b.mae, a.mae, 1e-15);
    assert_close(b.r2, a.r2, 1e-15);
    assert_close(b.mean_error, a.mean_error, 1e-15);
    assert_close(b.max_abs_error, 3, 0); /* not 200, of the case that does not count */
    assert_int_equal(b.worst_case, 2);
}

/* Rows with gaps; more columns than are gone through at a time; both results. */
static void test_columns(void **state)
{
    (void)state;
    enum { CASES = 7, COLUMNS = 150, STRIDE = 160 };
    uint64_t stream = 1;
    bp_real *outputs = random_reals(&stream, CASES * COLUMNS, -1, 1);
    bp_real *targets = random_reals(&stream, CASES * STRIDE, -1, 1);
    bp_regression_result columns[COLUMNS], all;
    bp_data data = bp_data_view(CASES, NULL, 0, targets, COLUMNS);
    double largest = 0, rmse = 0;
    data.target_stride = STRIDE;
    bp_regression_result_init(columns, sizeof columns[0], COLUMNS);
    bp_regression_result_init(&all, sizeof all, 1);
    assert_ok(bp_regression_metrics(outputs, &data, columns, &all));
    for (size_t i = 0; i < COLUMNS; i++) {
        bp_real one_output[CASES], one_target[CASES];
        for (size_t row = 0; row < CASES; row++) {
            one_output[row] = outputs[row * COLUMNS + i];
            one_target[row] = targets[row * STRIDE + i];
        }
        const bp_data one = bp_data_view(CASES, NULL, 0, one_target, 1);
        const bp_regression_result alone = measure(one_output, &one);
        assert_memory_equal(&columns[i], &alone, sizeof alone);
        rmse += alone.rmse / COLUMNS;
        largest = fmax(largest, alone.max_abs_error);
    }
    assert_close(all.rmse, rmse, 1e-14);
    assert_close(all.max_abs_error, largest, 0);
    free(outputs);
    free(targets);
}

/* Each step is a case, with the weight of its case. */
static void test_steps(void **state)
{
    (void)state;
    const bp_real outputs[] = {1, 2, 3, 4}, targets[] = {0, 0, 0, 0}, weights[] = {1, 3};
    bp_data data = bp_data_view(2, NULL, 0, targets, 1);
    data.steps = 2;
    data.case_weights = weights;
    const bp_regression_result all = measure(outputs, &data);
    assert_int_equal(all.cases, 4);
    assert_close(all.weight, 8, 0);
    assert_close(all.mae, (1 + 2 + 3 * (3 + 4)) / 8.0, 1e-15);
    assert_int_equal(all.worst_case, 1);
}

static void test_r2_of_equal_targets(void **state)
{
    (void)state;
    const bp_real exact[] = {(bp_real)0.1, (bp_real)0.1, (bp_real)0.1}, other[] = {(bp_real)0.1, 1, 1};
    bp_data data = bp_data_view(3, NULL, 0, exact, 1);
    assert_close(measure(exact, &data).r2, 1, 0);
    assert_close(measure(other, &data).r2, 0, 0);
    data.cases = 1;
    assert_true(isnan(measure(exact, &data).r2));
}

/* Values whose squares overflow, vanish, or cancel against their mean. */
static void test_large_and_small_values(void **state)
{
    (void)state;
    const double sizes[] = {ldexp(1, TOLERANCE(120, 1000)), ldexp(1, -TOLERANCE(120, 1000))};
    for (size_t i = 0; i < 2; i++) {
        const bp_real size = (bp_real)sizes[i];
        const bp_real outputs[] = {2 * size, 1 * size, 3 * size, 10 * size};
        const bp_real targets[] = {1 * size, 2 * size, 3 * size, 6 * size};
        const bp_data data = bp_data_view(4, NULL, 0, targets, 1);
        const bp_regression_result all = measure(outputs, &data);
        assert_close(all.rmse / (double)size, sqrt(18.0 / 4), 1e-15);
        assert_close(all.r2, 1 - 18.0 / 14, 1e-15);
    }
    const bp_real far = (bp_real)TOLERANCE(1 << 22, 1e12);
    const bp_real outputs[] = {far + 2, far + 1, far + 3, far + 10},
                  targets[] = {far + 1, far + 2, far + 3, far + 6};
    const bp_data data = bp_data_view(4, NULL, 0, targets, 1);
    assert_close(measure(outputs, &data).r2, 1 - 18.0 / 14, 1e-13);
}

/* Weights so large or small that their sums, or products with them, would overflow or vanish. */
static void test_large_and_small_weights(void **state)
{
    (void)state;
    const bp_real outputs[] = {2, 1, 3, 10}, targets[] = {1, 2, 3, 6};
    const double sizes[] = {TOLERANCE(3e38, 4e307), TOLERANCE(1e-44, 5e-324)};
    bp_data data = bp_data_view(4, NULL, 0, targets, 1);
    for (size_t i = 0; i < 2; i++) {
        const bp_real w = (bp_real)sizes[i], weights[] = {w, w, w, w};
        data.case_weights = weights;
        const bp_regression_result all = measure(outputs, &data);
        assert_close(all.weight, 4 * (double)w, 1e-15);
        assert_close(all.rmse, sqrt(18.0 / 4), 1e-15);
        assert_close(all.r2, 1 - 18.0 / 14, 1e-15);
    }
}

static void test_wrong_arguments(void **state)
{
    (void)state;
    bp_real outputs[] = {2, 1, 3, 10}, targets[] = {1, 2, 3, 6}, weights[] = {0, 0};
    bp_data data = bp_data_view(2, NULL, 0, targets, 2);
    bp_regression_result columns[2], all, before;
    bp_regression_result_init(columns, sizeof columns[0], 2);
    bp_regression_result_init(&all, sizeof all, 1);
    before = all;
    assert_fails(bp_regression_metrics(NULL, &data, NULL, &all), BP_ERROR_ARGUMENT, "outputs is NULL");
    assert_fails(bp_regression_metrics(outputs, NULL, NULL, &all), BP_ERROR_ARGUMENT, "data is NULL");
    data.case_weights = weights;
    assert_fails(bp_regression_metrics(outputs, &data, NULL, &all), BP_ERROR_ARGUMENT,
                 "data.case_weights: the weights of all 2 cases are 0");
    weights[1] = -1;
    assert_fails(bp_regression_metrics(outputs, &data, NULL, &all), BP_ERROR_ARGUMENT,
                 "case 1 has the weight -1");
    data.case_weights = NULL;
    data.target_stride = 1;
    assert_fails(bp_regression_metrics(outputs, &data, NULL, &all), BP_ERROR_SIZE, "target_stride is 1");
    data.target_stride = 0;
    data.targets = NULL;
    assert_fails(bp_regression_metrics(outputs, &data, NULL, &all), BP_ERROR_ARGUMENT,
                 "data.targets is NULL");
    data.targets = targets;
    targets[1] = NOT_A_NUMBER;
    assert_fails(bp_regression_metrics(outputs, &data, NULL, &all), BP_ERROR_NOT_FINITE,
                 "data.targets: case 0, column 1 is nan");
    targets[1] = 2;
    outputs[2] = NOT_A_NUMBER;
    assert_fails(bp_regression_metrics(outputs, &data, columns, &all), BP_ERROR_NOT_FINITE,
                 "bp_regression_metrics: outputs: case 1, column 0 is nan");
    outputs[2] = (bp_real)-INFINITY;
    assert_fails(bp_regression_metrics(outputs, &data, columns, &all), BP_ERROR_NOT_FINITE, "is -inf");
    outputs[2] = 3;
    columns[1].size = 8;
    assert_fails(bp_regression_metrics(outputs, &data, columns, &all), BP_ERROR_ARGUMENT,
                 "columns[1].size is 8, that of columns[0] is");
    columns[0].size = 0;
    assert_fails(bp_regression_metrics(outputs, &data, columns, &all), BP_ERROR_ARGUMENT,
                 "bp_regression_result_init first");
    all.size = before.size = 0;
    assert_fails(bp_regression_metrics(outputs, &data, NULL, &all), BP_ERROR_ARGUMENT, "size is 0");
    assert_memory_equal(&all, &before, sizeof all);
    assert_ok(bp_regression_metrics(outputs, &data, NULL, NULL));
}

#ifdef BP_DOUBLE
static void test_sums_that_no_double_holds(void **state)
{
    (void)state;
    const bp_real outputs[] = {1, 1e308, 1, 1}, targets[] = {1, -1e308, 1, 1}, weights[] = {1e308, 1e308};
    bp_regression_result columns[2], before[2];
    bp_data data = bp_data_view(2, NULL, 0, targets, 2);
    bp_regression_result_init(columns, sizeof columns[0], 2);
    memcpy(before, columns, sizeof before);
    assert_fails(bp_regression_metrics(outputs, &data, columns, NULL), BP_ERROR_NOT_FINITE,
                 "case 0, column 1: the output minus the target is infinite");
    data.case_weights = weights;
    assert_fails(bp_regression_metrics(targets, &data, columns, NULL), BP_ERROR_NOT_FINITE,
                 "the sum of the weights is infinite");
    assert_memory_equal(columns, before, sizeof before);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worked_case),
        cmocka_unit_test(test_a_weight_of_2_is_the_case_twice),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_r2_of_equal_targets),
        cmocka_unit_test(test_large_and_small_values),
        cmocka_unit_test(test_large_and_small_weights),
        cmocka_unit_test(test_wrong_arguments),
#ifdef BP_DOUBLE
        cmocka_unit_test(test_sums_that_no_double_holds),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
