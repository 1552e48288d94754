/* The check of derivatives: what differences cannot tell, near kinks and tolerances, is skipped. */
#include "check/check_example.h"

/* A ReLU layer of `units` linear in one input, its weights 1 and its biases 0, and a linear output. */
static bp_network *relu_network(size_t units)
{
    const size_t sizes[] = {1, units, 1};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, sizes, 3, bp_activation_relu(), bp_activation_linear()));
    bp_real weights[100];
    size_t count = 3 * units + 1;
    assert_in_range(count, 1, 100);
    for (size_t i = 0; i < count; i++)
        weights[i] = i < units || i >= 2 * units ? 1 : 0;
    assert_ok(bp_network_set_weights(net, weights, count));
    return net;
}

/* The input 0 puts every unit of the layer right on its kink, where the slope is 0 by definition. */
static void test_kinks_are_skipped(void **state)
{
    (void)state;
    const bp_real inputs[] = {0, 2}, targets[] = {2, 2};
    bp_network *net = relu_network(3);
    bp_data data = bp_data_view(2, inputs, 1, targets, 1);
    bp_gradient_check result = check_with(net, &data, bp_loss_squared_error());
    assert_passed(&result);
    assert_int_equal(result.checked, 10);
    assert_int_equal(result.skipped, 3); /* the biases, for the first case */

    data.cases = 1; /* now nothing is left of the biases */
    result = check_with(net, &data, bp_loss_squared_error());
    assert_passed(&result);
    assert_int_equal(result.checked, 7);
    bp_network_destroy(net);
}

/* y = |x|, for which no derivative at 0 is right. */
static void size_of(void *context, const bp_real *x, bp_real *y, size_t count)
{
    (void)context;
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] < 0 ? -x[i] : x[i];
}

static void size_slope(void *context, const bp_real *x, const bp_real *y, bp_real *slope, size_t count)
{
    (void)context, (void)y;
    for (size_t i = 0; i < count; i++)
        slope[i] = x[i] < 0 ? -1 : 1;
}

static void test_everything_skipped_does_not_pass(void **state)
{
    (void)state;
    const size_t units[] = {1, 1};
    const bp_real inputs[] = {1}, targets[] = {1}, weights[] = {0, 0};
    bp_network *net = NULL;
    bp_activation kinked = bp_activation_custom("size", size_of, size_slope, NULL);
    assert_ok(bp_network_create_layered(&net, units, 2, kinked, kinked));
    assert_ok(bp_network_set_weights(net, weights, 2));
    bp_data data = bp_data_view(1, inputs, 1, targets, 1);
    bp_gradient_check result = check_with(net, &data, bp_loss_squared_error());
    assert_false(result.passed);
    assert_int_equal(result.checked, 0);
    assert_int_equal(result.skipped, 2);
    assert_null(result.layer);
    assert_null(result.activation);
    bp_network_destroy(net);
}

/* A unit just inside a tolerance, one just outside, and two far from it. */
/* Rounding of a large E hides every derivative in float: scaling is the remedy that the header names. */
static void test_large_targets_are_to_be_scaled(void **state)
{
    (void)state;
    enum { CASES = 6 };
    const size_t units[] = {1, 3, 1};
    bp_real inputs[CASES], targets[CASES];
    bp_network *net = NULL;
    for (size_t i = 0; i < CASES; i++) {
        inputs[i] = (bp_real)(i + 1) / CASES;
        targets[i] = (bp_real)(2000 + 700 * (double)i);
    }
    const bp_data data = bp_data_view(CASES, inputs, 1, targets, 1);
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    assert_ok(bp_network_initialize(net, 1));
    bp_gradient_check result = check_with(net, &data, bp_loss_squared_error());
    if (sizeof(bp_real) == sizeof(float)) {
        assert_int_equal(result.passed, 0);
        assert_int_equal(result.checked, 0);
        assert_true(result.skipped > 0);
    }
    assert_ok(bp_network_fit_scaling(net, &data, bp_scaling_automatic(), bp_scaling_automatic()));
    result = check_with(net, &data, bp_loss_squared_error());
    assert_passed(&result);
    assert_int_equal(result.checked, 10);
    bp_network_destroy(net);
}

static void test_edge_of_a_tolerance(void **state)
{
    (void)state;
    const size_t units[] = {1, 4};
    const bp_real inputs[] = {1}, targets[] = {0, 0, 0, 0};
    const double near = TOLERANCE(1e-7, 1e-14);
    const bp_real weights[] = {
        (bp_real)(0.2 - near), (bp_real)(0.2 + near), (bp_real)0.1, (bp_real)0.5, 0, 0, 0, 0};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_linear(), bp_activation_linear()));
    assert_ok(bp_network_set_weights(net, weights, 8));
    bp_data data = bp_data_view(1, inputs, 1, targets, 4);
    bp_gradient_check result = check_with(net, &data, bp_loss_with_tolerance(bp_loss_squared_error(), 0.2));
    assert_passed(&result);
    assert_int_equal(result.checked, 4);
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinks_are_skipped),
        cmocka_unit_test(test_everything_skipped_does_not_pass),
        cmocka_unit_test(test_large_targets_are_to_be_scaled),
        cmocka_unit_test(test_edge_of_a_tolerance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
