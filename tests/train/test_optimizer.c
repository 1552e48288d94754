/* The table of optimizer rules and the ranges of learning rate and momentum. */
#include "support/support.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "train/optimizer.h"
#include "train/option.h"

static void test_values_have_64_bytes_and_a_rule(void **state)
{
    (void)state;
    assert_int_equal(sizeof(bp_optimizer), 64);
    bp_optimizer optimizers[] = {bp_optimizer_momentum(0.1, 0.9), bp_optimizer_gradient_descent(0.1)};
    for (size_t i = 0; i < 2; i++) {
        const optimizer_rule *rule = bpi_optimizer_rule(optimizers[i].kind);
        assert_non_null(rule);
        assert_int_equal(rule->kind, optimizers[i].kind);
        assert_true(strlen(rule->name) > 0);
        assert_ok(bpi_optimizer_check("here", &optimizers[i]));
    }
}

static void test_unknown_kinds_are_refused(void **state)
{
    (void)state;
    const int32_t kinds[] = {0, -1, 1000, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        bp_optimizer optimizer = bp_optimizer_momentum(0.1, 0.9);
        optimizer.kind = kinds[i];
        assert_null(bpi_optimizer_rule(kinds[i]));
        assert_fails(bpi_optimizer_check("here: optimizer", &optimizer), BP_ERROR_ARGUMENT,
                     "here: optimizer: invalid optimizer kind ");
    }
}

static void test_learning_rate_is_finite_and_above_0(void **state)
{
    (void)state;
    const double good[] = {1e-30, 0.1, 1, 100, 1e30};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_ok(bpi_check_learning_rate("here", "rate", good[i]));
    const double bad[] = {0, -0.0, -1e-9, -1};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_fails(bpi_check_learning_rate("here", "rate", bad[i]), BP_ERROR_ARGUMENT, "here: rate is ");
    const double not_finite[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < sizeof not_finite / sizeof not_finite[0]; i++)
        assert_fails(bpi_check_learning_rate("here", "rate", not_finite[i]), BP_ERROR_NOT_FINITE,
                     "here: rate is ");
}

static void test_momentum_is_in_0_to_1(void **state)
{
    (void)state;
    const double good[] = {0, 1e-300, 0.5, 0.9, 0.9999};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_ok(bpi_check_momentum("here", "momentum", good[i]));
    const double bad[] = {-1e-9, -1, 1, 1.0000001, 2};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_fails(bpi_check_momentum("here", "momentum", bad[i]), BP_ERROR_ARGUMENT, "here: momentum is ");
    assert_fails(bpi_check_momentum("here", "momentum", NAN), BP_ERROR_NOT_FINITE, "here: momentum is ");
    assert_fails(bpi_check_momentum("here", "momentum", INFINITY), BP_ERROR_NOT_FINITE, "momentum is inf");
}

/* A value that is proper as a double must not become 0, 1 or infinite where it is used. */
static void test_ranges_hold_after_rounding_to_bp_real(void **state)
{
    (void)state;
    const bool is_float = sizeof(bp_real) == sizeof(float);
    bp_status wanted = is_float ? BP_ERROR_ARGUMENT : BP_OK;
    assert_int_equal(bpi_check_learning_rate("here", "rate", 1e-60), wanted);
    assert_int_equal(bpi_check_learning_rate("here", "rate", 1e60), wanted);
    assert_int_equal(bpi_check_momentum("here", "momentum", 1 - DBL_EPSILON), wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_have_64_bytes_and_a_rule),
        cmocka_unit_test(test_unknown_kinds_are_refused),
        cmocka_unit_test(test_learning_rate_is_finite_and_above_0),
        cmocka_unit_test(test_momentum_is_in_0_to_1),
        cmocka_unit_test(test_ranges_hold_after_rounding_to_bp_real),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
