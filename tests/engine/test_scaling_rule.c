/* Scaling rules of bp_network_fit_scaling: fixed, pooled and automatic. */
#include <math.h>
#include <stdlib.h>

#include "support/activations.h"
#include "support/arrays.h"
#include "support/connect.h"

static const double near = TOLERANCE(1e-6, 1e-13);

/* A network of so many linear inputs and one output layer. */
static bp_network *network_of(size_t inputs, size_t outputs, bp_activation activation)
{
    const size_t units[] = {inputs, outputs};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_linear(), activation));
    return net;
}

/* One column. */
typedef struct line {
    bp_real offset, factor;
} line;

static double scaled(line fitted, bp_real value)
{
    return (double)((value - fitted.offset) * fitted.factor);
}

static line fit_input(const bp_real *values, size_t count, bp_scaling rule)
{
    bp_network *net = network_of(1, 1, bp_activation_linear());
    bp_data data = bp_data_view(count, values, 1, NULL, 0);
    line fitted;
    assert_ok(bp_network_fit_scaling(net, &data, rule, bp_scaling_none()));
    assert_ok(bp_network_get_input_scaling(net, &fitted.offset, &fitted.factor, 1));
    bp_network_destroy(net);
    return fitted;
}

static line fit_target(const bp_real *values, size_t count, bp_activation activation)
{
    bp_network *net = network_of(1, 1, activation);
    bp_data data = bp_data_view(count, values, 1, values, 1);
    line fitted;
    assert_ok(bp_network_fit_scaling(net, &data, bp_scaling_none(), bp_scaling_automatic()));
    assert_ok(bp_network_get_target_scaling(net, &fitted.offset, &fitted.factor, 1));
    bp_network_destroy(net);
    return fitted;
}

static double mean_of(const bp_real *values, size_t count, line fitted)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += scaled(fitted, values[i]);
    return sum / (double)count;
}

static double mean_square_of(const bp_real *values, size_t count, line fitted)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += scaled(fitted, values[i]) * scaled(fitted, values[i]);
    return sum / (double)count;
}

static void assert_standard(const bp_real *values, size_t count, line fitted)
{
    assert_true(fabs(mean_of(values, count, fitted)) < 10 * near);
    assert_close(mean_square_of(values, count, fitted), 1, 10 * near);
}

static void assert_unscaled(line fitted)
{
    assert_true(fitted.offset == 0 && fitted.factor == 1);
}

#define FIT_INPUT(values, rule)        fit_input((values), sizeof(values) / sizeof(values)[0], (rule))
#define FIT_TARGET(values, activation) fit_target((values), sizeof(values) / sizeof(values)[0], (activation))

/* -------------------------------------------------------------------- fixed, pooled */

static void test_fixed(void **state)
{
    (void)state;
    const bp_real values[] = {0, 255, 51};
    line fitted = FIT_INPUT(values, bp_scaling_fixed(0, 1 / 255.0));
    assert_true(fitted.offset == 0 && fitted.factor == (bp_real)(1 / 255.0));
    fitted = FIT_INPUT(values, bp_scaling_fixed(-3, -0.5));
    assert_true(fitted.offset == -3 && fitted.factor == (bp_real)-0.5);
    fitted = FIT_INPUT(values, bp_scaling_pooled(bp_scaling_fixed(1, 2))); /* pooling changes nothing */
    assert_true(fitted.offset == 1 && fitted.factor == 2);
}

static void test_fixed_for_every_column_and_for_targets(void **state)
{
    (void)state;
    bp_network *net = network_of(2, 2, bp_activation_logistic());
    const bp_real inputs[] = {1, 2, 3, 4}, targets[] = {10, 20, 30, 40};
    bp_real offsets[2], factors[2];
    bp_data data = bp_data_view(2, inputs, 2, targets, 2);
    assert_ok(bp_network_fit_scaling(net, &data, bp_scaling_fixed(1, 4), bp_scaling_fixed(10, 0.125)));
    assert_ok(bp_network_get_input_scaling(net, offsets, factors, 2));
    assert_true(offsets[0] == 1 && offsets[1] == 1 && factors[0] == 4 && factors[1] == 4);
    assert_ok(bp_network_get_target_scaling(net, offsets, factors, 2));
    assert_true(offsets[0] == 10 && offsets[1] == 10 && factors[0] == 0.125 && factors[1] == 0.125);
    bp_network_destroy(net);
}

static void test_fixed_numbers_are_checked(void **state)
{
    (void)state;
    bp_network *net = network_of(1, 1, bp_activation_linear());
    const bp_real values[] = {1, 2};
    bp_data data = bp_data_view(2, values, 1, values, 1);
    const bp_scaling none = bp_scaling_none();
    assert_fails(bp_network_fit_scaling(net, &data, bp_scaling_fixed(0, 0), none), BP_ERROR_ARGUMENT,
                 "inputs has the factor 0");
    assert_fails(bp_network_fit_scaling(net, &data, none, bp_scaling_fixed(NAN, 1)), BP_ERROR_NOT_FINITE,
                 "targets has the offset");
    assert_fails(bp_network_fit_scaling(net, &data, bp_scaling_fixed(0, INFINITY), none), BP_ERROR_NOT_FINITE,
                 "inputs has the factor");
    bp_scaling unknown = bp_scaling_automatic();
    unknown.kind = 99;
    assert_fails(bp_network_fit_scaling(net, &data, unknown, none), BP_ERROR_ARGUMENT,
                 "invalid scaling kind 99");
    bp_network_destroy(net);
}

/* Two columns as one: {1, 3, 5, 11} has the mean 5 and the mean square distance (16 + 4 + 0 + 36) / 4. */
static void test_pooled(void **state)
{
    (void)state;
    bp_network *net = network_of(2, 1, bp_activation_linear());
    const bp_real inputs[] = {1, 3, 5, 11};
    bp_real offsets[2], factors[2];
    bp_data data = bp_data_view(2, inputs, 2, NULL, 0);
    const bp_scaling none = bp_scaling_none();
    assert_ok(bp_network_fit_scaling(net, &data, bp_scaling_pooled(bp_scaling_standard()), none));
    assert_ok(bp_network_get_input_scaling(net, offsets, factors, 2));
    assert_close(offsets[0], 5, near);
    assert_close(factors[0], 1 / sqrt(14), near);
    assert_true(offsets[1] == offsets[0] && factors[1] == factors[0]);
    assert_ok(bp_network_fit_scaling(net, &data, bp_scaling_pooled(bp_scaling_min_max(-1, 1)), none));
    assert_ok(bp_network_get_input_scaling(net, offsets, factors, 2));
    assert_close(scaled((line){offsets[0], factors[0]}, 1), -1, near);
    assert_close(scaled((line){offsets[1], factors[1]}, 11), 1, near);
    assert_true(offsets[1] == offsets[0] && factors[1] == factors[0]);
    assert_ok(bp_network_fit_scaling(net, &data, bp_scaling_pooled(none), none));
    assert_ok(bp_network_get_input_scaling(net, offsets, factors, 2));
    assert_true(offsets[0] == 0 && factors[0] == 1);
    bp_network_destroy(net);
}

/* -------------------------------------------------------------------- automatic: inputs */

static void test_two_values_become_0_and_1(void **state)
{
    (void)state;
    const bp_real values[] = {7, 12, 12, 7, 7};
    line fitted = FIT_INPUT(values, bp_scaling_automatic());
    assert_true(scaled(fitted, 7) == 0);
    assert_close(scaled(fitted, 12), 1, near);
    const bp_real reversed[] = {1, 0}; /* the order of the cases does not matter */
    assert_unscaled(FIT_INPUT(reversed, bp_scaling_automatic()));
    const bp_real bits[] = {0, 1, 1}, signs[] = {-1, 1, 1}, halves[] = {0, (bp_real)0.5};
    assert_unscaled(FIT_INPUT(bits, bp_scaling_automatic()));
    assert_unscaled(FIT_INPUT(signs, bp_scaling_automatic()));
    assert_close(scaled(FIT_INPUT(halves, bp_scaling_automatic()), (bp_real)0.5), 1, near);
}

static void test_constant_inputs_become_0(void **state)
{
    (void)state;
    const bp_real values[] = {(bp_real)0.1, (bp_real)0.1, (bp_real)0.1};
    line fitted = FIT_INPUT(values, bp_scaling_automatic());
    assert_true(fitted.factor == 1 && scaled(fitted, values[0]) == 0);
}

static void test_other_inputs_are_standardized(void **state)
{
    (void)state;
    uint64_t stream = 5;
    bp_real *values = random_reals(&stream, 400, 120, 180);
    assert_standard(values, 400, fit_input(values, 400, bp_scaling_automatic()));
    free(values);
}

/* A pixel that is nearly always 0, and a column with one value far out: no value becomes larger than 10, and
 * the largest becomes 10. */
static void test_no_input_becomes_large(void **state)
{
    (void)state;
    bp_real pixel[1000] = {0}, tail[1000];
    pixel[17] = 200;
    pixel[18] = 40;
    uint64_t stream = 3;
    for (size_t i = 0; i < 1000; i++)
        tail[i] = (bp_real)test_uniform(&stream, -1, 1);
    tail[500] = (bp_real)-1e6;
    const struct {
        const bp_real *values;
        bp_real farthest;
    } columns[] = {{pixel, 200}, {tail, (bp_real)-1e6}};
    for (size_t c = 0; c < 2; c++) {
        line fitted = fit_input(columns[c].values, 1000, bp_scaling_automatic());
        for (size_t i = 0; i < 1000; i++)
            assert_true(fabs(scaled(fitted, columns[c].values[i])) <= 10 * (1 + near));
        assert_close(fabs(scaled(fitted, columns[c].farthest)), 10, near);
        assert_true(fabs(mean_of(columns[c].values, 1000, fitted)) < 1e3 * near);
    }
}

/* ------------------------------------------------------------------- automatic: targets */

static void test_targets_of_linear_units(void **state)
{
    (void)state;
    const bp_real values[] = {100, 250, 130, 90, 400}, bits[] = {0, 1, 0, 0}, equal[] = {5, 5};
    assert_standard(values, 5, FIT_TARGET(values, bp_activation_linear()));
    assert_standard(bits, 4, FIT_TARGET(bits, bp_activation_linear()));
    line fitted = FIT_TARGET(equal, bp_activation_linear());
    assert_true(fitted.offset == 5 && fitted.factor == 1);
}

static void test_targets_of_logistic_units(void **state)
{
    (void)state;
    const bp_real within[] = {(bp_real)0.2, 1, 0, (bp_real)0.7}, signs[] = {-1, 1, -1}, grades[] = {1, 6, 3};
    assert_unscaled(FIT_TARGET(within, bp_activation_logistic()));
    line fitted = FIT_TARGET(signs, bp_activation_logistic());
    assert_true(scaled(fitted, -1) == 0 && scaled(fitted, 1) == 1);
    fitted = FIT_TARGET(grades, bp_activation_logistic());
    assert_true(scaled(fitted, 1) == 0);
    assert_close(scaled(fitted, 6), 1, near);
    assert_close(scaled(fitted, 3), 0.4, near);
}

/* Whatever the range, rounding takes no target out of 0..1, where cross-entropy would refuse it. */
static void test_targets_of_logistic_units_are_probabilities(void **state)
{
    (void)state;
    uint64_t stream = 11;
    for (size_t i = 0; i < 3000; i++) {
        bp_real values[2];
        values[0] = (bp_real)test_uniform(&stream, -1000, 1);
        values[1] = values[0] + (bp_real)test_uniform(&stream, 2, 3000);
        line fitted = FIT_TARGET(values, bp_activation_logistic());
        assert_true(scaled(fitted, values[0]) == 0);
        assert_true(scaled(fitted, values[1]) <= 1);
        assert_close(scaled(fitted, values[1]), 1, near);
    }
}

static void test_targets_of_tanh_units(void **state)
{
    (void)state;
    const bp_real within[] = {-1, 1, (bp_real)0.3}, wide[] = {-2, 8, 3};
    assert_unscaled(FIT_TARGET(within, bp_activation_tanh()));
    line fitted = FIT_TARGET(wide, bp_activation_tanh());
    assert_close(scaled(fitted, -2), -1, near);
    assert_close(scaled(fitted, 8), 1, near);
    assert_true(fabs(scaled(fitted, 3)) < near);
}

static void test_targets_of_relu_units(void **state)
{
    (void)state;
    const bp_real counts[] = {0, 30, 40, 0}, mixed[] = {-1, 300, 2}, zeros[] = {0, 0};
    line fitted = FIT_TARGET(counts, bp_activation_relu());
    assert_true(fitted.offset == 0); /* 0 stays 0 */
    assert_close(mean_square_of(counts, 4, fitted), 1, 10 * near);
    assert_unscaled(FIT_TARGET(mixed, bp_activation_relu()));
    assert_unscaled(FIT_TARGET(zeros, bp_activation_relu()));
}

static void test_targets_of_other_units_stay(void **state)
{
    (void)state;
    bp_network *net = network_of(1, 2, bp_activation_softmax());
    const bp_real values[] = {100, 250, -130, 90, 7, 8}, targets[] = {0, 1, 5, 9};
    bp_data data = bp_data_view(2, values, 1, targets, 2);
    bp_real offsets[2], factors[2];
    assert_ok(bp_network_fit_scaling(net, &data, bp_scaling_automatic(), bp_scaling_automatic()));
    assert_ok(bp_network_get_target_scaling(net, offsets, factors, 2));
    assert_true(offsets[0] == 0 && offsets[1] == 0 && factors[0] == 1 && factors[1] == 1);
    bp_network_destroy(net);
    bp_activation custom = bp_activation_custom("identity", identity, slope_of_identity, NULL);
    assert_unscaled(FIT_TARGET(values, custom));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fixed),
        cmocka_unit_test(test_fixed_for_every_column_and_for_targets),
        cmocka_unit_test(test_fixed_numbers_are_checked),
        cmocka_unit_test(test_pooled),
        cmocka_unit_test(test_two_values_become_0_and_1),
        cmocka_unit_test(test_constant_inputs_become_0),
        cmocka_unit_test(test_other_inputs_are_standardized),
        cmocka_unit_test(test_no_input_becomes_large),
        cmocka_unit_test(test_targets_of_linear_units),
        cmocka_unit_test(test_targets_of_logistic_units),
        cmocka_unit_test(test_targets_of_logistic_units_are_probabilities),
        cmocka_unit_test(test_targets_of_tanh_units),
        cmocka_unit_test(test_targets_of_relu_units),
        cmocka_unit_test(test_targets_of_other_units_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
