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
    bp_activation (*make)(void);
    const char *name;
    bool elementwise;
    double y[3]; /* outputs of a layer with the total inputs 0, 1 and -1 */
} built_in[] = {
    {bp_activation_linear, "linear", true, {0, 1, -1}},
    {bp_activation_logistic, "logistic", true, {0.5, 0.731058578630004879, 0.268941421369995121}},
    {bp_activation_tanh, "tanh", true, {0, 0.761594155955764888, -0.761594155955764888}},
    {bp_activation_relu, "relu", true, {0, 1, 0}},
    {bp_activation_softmax,
     "softmax",
     false,
     {0.244728471054797652, 0.665240955774821760, 0.0900305731703805883}},
};
enum { BUILT_IN = sizeof built_in / sizeof built_in[0] };

static void test_names(void **state)
{
    (void)state;
    assert_int_equal(sizeof(bp_activation), 64);
    for (size_t i = 0; i < BUILT_IN; i++) {
        bp_activation made = built_in[i].make(), found;
        assert_string_equal(bp_activation_name(&made), built_in[i].name);
        assert_true(bpi_activation_by_name(&found, built_in[i].name));
        assert_int_equal(found.kind, made.kind);
        assert_int_equal(bpi_activation_is_elementwise(&found), built_in[i].elementwise);
        assert_ok(bpi_check_activation_of("f", "here", &found));
    }
    bp_activation none = {.kind = 77};
    assert_false(bpi_activation_by_name(&none, "sigmoid"));
    assert_false(bpi_activation_by_name(&none, ""));
    assert_int_equal(none.kind, 77);
    assert_null(bp_activation_name(NULL));
    assert_null(bp_activation_name(&none));
}

/* An activation that is missing here or in the oracle would be tested by nobody. */
static void test_the_tests_know_every_activation(void **state)
{
    (void)state;
    static const char *const names[] = {"linear", "softmax",
#define NAME(name, function, value) #function,
                                        KERNEL_ACTIVATION_LIST(NAME)
#undef NAME
    };
    enum { NAMES = sizeof names / sizeof names[0] };
    assert_int_equal(NAMES, BUILT_IN);
    assert_int_equal(NAMES - 1, REFERENCE_ACTIVATIONS); /* its softmax is not elementwise */
    for (size_t i = 0; i < NAMES; i++) {
        size_t row = 0;
        while (row < BUILT_IN && strcmp(built_in[row].name, names[i]) != 0)
            row++;
        assert_true(row < BUILT_IN);
        assert_true((reference_activation_by_name(names[i]) != NULL) == built_in[row].elementwise);
    }
}

static void test_a_custom_one_keeps_what_it_was_given(void **state)
{
    (void)state;
    int calls = 0;
    bp_activation custom = bp_activation_custom("square", square, square_slope, &calls);
    assert_ok(bpi_check_activation_of("f", "here", &custom));
    assert_false(bpi_activation_is_elementwise(&custom));
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
    for (size_t i = 0; i < BUILT_IN; i++)
        assert_backward_is_the_derivative(built_in[i].make());
    assert_backward_is_the_derivative(bp_activation_custom("square", square, square_slope, &calls));
    assert_int_equal(calls, 1); /* one call for all rows */
}

static void test_known_outputs(void **state)
{
    (void)state;
    const bp_real x[] = {0, 1, -1};
    bp_real y[3];
    for (size_t k = 0; k < BUILT_IN; k++) {
        const bp_activation activation = built_in[k].make();
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
