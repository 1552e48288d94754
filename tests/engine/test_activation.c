/* Activations as values, and what they compute forward and backward. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "engine/activation.h"
#include "kernel/tables.h"
#include "network/activation_kind.h"
#include "reference/activations.h"

static void square(void *context, const bp_real *x, bp_real *y, size_t count)
{
    (void)context;
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] * x[i];
}

static void square_slope(void *context, const bp_real *x, const bp_real *y, bp_real *slope, size_t count)
{
    (void)y;
    ++*(int *)context;
    for (size_t i = 0; i < count; i++)
        slope[i] = 2 * x[i];
}

/* ---------------------------------------------------------------------- values */

static const struct {
    const char *name;
    bool fused;
    double y[3]; /* outputs of a layer with the total inputs 0, 1 and -1 */
} built_in[] = {
    {"linear", true, {0, 1, -1}},
    {"logistic", true, {0.5, 0.731058578630004879, 0.268941421369995121}},
    {"tanh", true, {0, 0.761594155955764888, -0.761594155955764888}},
    {"relu", true, {0, 1, 0}},
    {"softmax", false, {0.244728471054797652, 0.665240955774821760, 0.0900305731703805883}},
    {"leaky_relu", false, {0.0, 1.0, -0.01}},
    {"elu", false, {0.0, 1.0, -0.632120558828557678}},
    {"selu", false, {0.0, 1.05070098735548049, -1.11133073781256276}},
    {"softplus", false, {0.693147180559945309, 1.31326168751822283, 0.313261687518222834}},
    {"gelu", false, {0.0, 0.841344746068542949, -0.158655253931457051}},
    {"silu", false, {0.0, 0.731058578630004879, -0.268941421369995121}},
    {"softsign", false, {0.0, 0.5, -0.5}},
    {"softsign_01", false, {0.5, 0.75, 0.25}},
    {"piecewise_linear", false, {0.0, 1.0, -1.0}},
    {"piecewise_linear_01", false, {0.0, 1.0, 0.0}},
    {"gaussian", false, {1.0, 0.367879441171442322, 0.367879441171442322}},
    {"gaussian_symmetric", false, {1.0, -0.264241117657115357, -0.264241117657115357}},
    {"sine", false, {0.0, 0.841470984807896507, -0.841470984807896507}},
    {"sine_01", false, {0.5, 0.920735492403948253, 0.0792645075960517467}},
    {"cosine", false, {1.0, 0.540302305868139717, 0.540302305868139717}},
    {"cosine_01", false, {1.0, 0.770151152934069859, 0.770151152934069859}},
    {"threshold", false, {1.0, 1.0, 0.0}},
    {"threshold_symmetric", false, {1.0, 1.0, -1.0}},
    {"steep_logistic", false, {0.5, 0.731058578630004879, 0.268941421369995121}},
    {"steep_tanh", false, {0.0, 0.761594155955764888, -0.761594155955764888}},
    {"scaled_linear", false, {0.0, 1.0, -1.0}},
};
enum { BUILT_IN = sizeof built_in / sizeof built_in[0] };

static bp_activation made_by_name(const char *name)
{
    bp_activation made = {.kind = 0};
    assert_ok(bp_activation_by_name(&made, name, NULL, 0));
    return made;
}

static void test_names(void **state)
{
    (void)state;
    assert_int_equal(sizeof(bp_activation), 64);
    for (size_t i = 0; i < BUILT_IN; i++) {
        bp_activation made = made_by_name(built_in[i].name), found;
        assert_string_equal(bp_activation_name(&made), built_in[i].name);
        assert_true(bpi_activation_by_name(&found, built_in[i].name));
        assert_int_equal(found.kind, made.kind);
        assert_int_equal(bpi_activation_is_fused(&found), built_in[i].fused);
        assert_ok(bpi_check_activation_of("f", "here", &found));
    }
    bp_activation none = {.kind = 77};
    assert_false(bpi_activation_by_name(&none, "sigmoid"));
    assert_false(bpi_activation_by_name(&none, ""));
    assert_int_equal(none.kind, 77);
    assert_null(bp_activation_name(NULL));
    assert_null(bp_activation_name(&none));
}

/* An activation that is missing here or in the oracle would be tested by nobody. The oracle has those that
 * are trained, and can be computed unit by unit. */
static void test_the_tests_know_every_activation(void **state)
{
    (void)state;
    assert_int_equal(bp_activation_count(), BUILT_IN);
    size_t in_oracle = 0;
    for (size_t i = 0; i < BUILT_IN; i++) {
        const bp_activation activation = bp_activation_at(i);
        const char *name = bp_activation_name(&activation);
        size_t row = 0;
        while (row < BUILT_IN && strcmp(built_in[row].name, name) != 0)
            row++;
        assert_true(row < BUILT_IN);
        const bool wanted = activation.kind != ACTIVATION_SOFTMAX && bpi_activation_has_slope(&activation);
        assert_int_equal(reference_activation_by_name(name) != NULL, wanted);
        in_oracle += wanted;
    }
    assert_int_equal(in_oracle, REFERENCE_ACTIVATIONS);
    const bp_activation none = bp_activation_at(BUILT_IN);
    assert_fails(bpi_check_activation_of("f", "here", &none), BP_ERROR_ARGUMENT, "bp_activation_*");
}

static void test_a_custom_one_keeps_what_it_was_given(void **state)
{
    (void)state;
    int calls = 0;
    bp_activation custom = bp_activation_custom("square", square, square_slope, &calls);
    assert_ok(bpi_check_activation_of("f", "here", &custom));
    assert_false(bpi_activation_is_fused(&custom));
    assert_string_equal(bp_activation_name(&custom), "square");
    assert_ptr_equal(custom.context, &calls);
    bp_activation longest =
        bp_activation_custom("1234567890123456789012345678901", square, square_slope, NULL);
    assert_ok(bpi_check_activation_of("f", "here", &longest));
}

static void test_what_no_constructor_made(void **state)
{
    (void)state;
    const int32_t kinds[] = {0, -1, 99, 1000};
    for (size_t i = 0; i < 4; i++) {
        bp_activation a = {.kind = kinds[i]};
        assert_fails(bpi_check_activation_of("f", "here", &a), BP_ERROR_ARGUMENT, "bp_activation_*");
    }
}

static void assert_custom_refused(const char *name, bp_activation_function function,
                                  bp_activation_derivative derivative, const char *part)
{
    bp_activation a = bp_activation_custom(name, function, derivative, NULL);
    assert_fails(bpi_check_activation_of("f", "here", &a), BP_ERROR_ARGUMENT, part);
}

static void test_custom_ones_that_lack_something(void **state)
{
    (void)state;
    assert_custom_refused(NULL, square, square_slope, "no name");
    assert_custom_refused("", square, square_slope, "no name");
    assert_custom_refused("12345678901234567890123456789012", square, square_slope, "31 bytes");
    assert_custom_refused("tanh", square, square_slope, "'tanh'");
    assert_custom_refused("square", NULL, square_slope, "the function of custom activation 'square'");
    assert_custom_refused("square", square, NULL, "the derivative of custom activation 'square'");
}

/* ----------------------------------------------------------- forward, backward */

enum { ROWS = 3, UNITS = 5, VALUES = ROWS * UNITS };

static const double step = TOLERANCE(1e-2, 1e-5);
static const double tolerance = TOLERANCE(2e-4, 1e-9);

static void fill(bp_real *values, double low, double high, uint64_t seed)
{
    for (size_t i = 0; i < VALUES; i++)
        values[i] = (bp_real)test_uniform(&seed, low, high);
}

/* sum of weight * f(x), for central differences. */
static double weighted_outputs(const bp_activation *activation, const bp_real *x, const bp_real *weight)
{
    bp_real y[VALUES];
    double sum = 0;
    bpi_activation_forward(&bpi_kernel_portable, activation, ROWS, UNITS, x, y);
    for (size_t i = 0; i < VALUES; i++)
        sum += (double)weight[i] * (double)y[i];
    return sum;
}

/* If E = sum of weight * y, then dE/dy is the weight, and dE/dx what a small step in x makes of E. */
static void assert_backward_is_the_derivative(bp_activation activation)
{
    bp_real x[VALUES], y[VALUES], weight[VALUES], delta[VALUES], slope[VALUES];
    fill(x, 0.1, 2, 1);
    for (size_t i = 0; i < VALUES; i += 2)
        x[i] = -x[i];
    fill(weight, -1, 1, 2);
    memcpy(delta, weight, sizeof delta);
    bpi_activation_forward(&bpi_kernel_portable, &activation, ROWS, UNITS, x, y);
    bpi_activation_backward(&bpi_kernel_portable, &activation, ROWS, UNITS, x, y, delta, slope);
    for (size_t i = 0; i < VALUES; i++) {
        bp_real kept = x[i], up = kept + (bp_real)step, down = kept - (bp_real)step;
        x[i] = up;
        double change = weighted_outputs(&activation, x, weight);
        x[i] = down;
        change -= weighted_outputs(&activation, x, weight);
        x[i] = kept;
        double wanted = change / ((double)up - (double)down);
        assert_true(fabs((double)delta[i] - wanted) <= tolerance);
    }
}

static void test_backward_is_the_derivative_of_forward(void **state)
{
    (void)state;
    int calls = 0;
    for (size_t i = 0; i < BUILT_IN; i++) {
        const bp_activation activation = made_by_name(built_in[i].name);
        if (bpi_activation_has_slope(&activation))
            assert_backward_is_the_derivative(activation);
    }
    assert_backward_is_the_derivative(bp_activation_custom("square", square, square_slope, &calls));
    assert_int_equal(calls, 1); /* one call for all rows */
}

static void test_known_outputs(void **state)
{
    (void)state;
    const bp_real x[] = {0, 1, -1};
    bp_real y[3];
    for (size_t k = 0; k < BUILT_IN; k++) {
        const bp_activation activation = made_by_name(built_in[k].name);
        bpi_activation_forward(&bpi_kernel_portable, &activation, 1, 3, x, y);
        for (size_t i = 0; i < 3; i++)
            assert_close(y[i], built_in[k].y[i], TOLERANCE(1e-6, 1e-14));
    }
}

/* Each row of a softmax layer is one distribution; x and y may be the same array. */
static void test_softmax_goes_row_by_row(void **state)
{
    (void)state;
    const bp_activation softmax = bp_activation_softmax();
    bp_real x[VALUES], y[VALUES];
    fill(x, -3, 3, 5);
    bpi_activation_forward(&bpi_kernel_portable, &softmax, ROWS, UNITS, x, y);
    bpi_activation_forward(&bpi_kernel_portable, &softmax, ROWS, UNITS, x, x);
    assert_memory_equal(x, y, sizeof x);
    for (size_t row = 0; row < ROWS; row++) {
        double sum = 0;
        for (size_t unit = 0; unit < UNITS; unit++)
            sum += (double)y[row * UNITS + unit];
        assert_close(sum, 1, TOLERANCE(1e-6, 1e-14));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_the_tests_know_every_activation),
        cmocka_unit_test(test_a_custom_one_keeps_what_it_was_given),
        cmocka_unit_test(test_what_no_constructor_made),
        cmocka_unit_test(test_custom_ones_that_lack_something),
        cmocka_unit_test(test_backward_is_the_derivative_of_forward),
        cmocka_unit_test(test_known_outputs),
        cmocka_unit_test(test_softmax_goes_row_by_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
