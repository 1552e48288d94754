/* Changes of F between two points, which are taken from the slopes where rounding hides them. */
#include "train/objective.h"

#include <float.h>
#include <math.h>

#include "support/support.h"

static const double precision = sizeof(bp_real) == sizeof(float) ? (double)FLT_EPSILON : DBL_EPSILON;

static void changes_that_can_be_seen_are_differences(void **state)
{
    (void)state;
    assert_true(bpi_objective_difference(2, 1, 0.5, -7, 7) == -1);
    assert_true(bpi_objective_difference(-1, 2, 0.5, -7, 7) == 3);
    const double seen = 8 * 101 * precision;
    assert_true(bpi_objective_difference(8, 8 + seen, 0.5, -7, -7) > 0);
    assert_true(bpi_objective_difference(8, 8 - seen, 0.5, 7, 7) < 0);
    assert_true(bpi_objective_difference(0, DBL_MIN, 0.5, -7, -7) == DBL_MIN);
}

/* The area of a trapezium. */
static void hidden_changes_are_taken_from_the_slopes(void **state)
{
    (void)state;
    const double hidden = 8 * 99 * precision;
    assert_true(bpi_objective_difference(8, 8 + hidden, 0.5, -2, 1) == -0.25);
    assert_true(bpi_objective_difference(8, 8 - hidden, 0.5, 2, 1) == 0.75);
    assert_true(bpi_objective_difference(-8, -8 + hidden, 0.5, -2, 1) == -0.25);
    assert_true(bpi_objective_difference(8, 8, -0.5, -2, 1) == 0.25);
    assert_true(bpi_objective_difference(0, 0, 0.5, 0, 0) == 0);
}

static void values_that_are_not_finite_are_no_fall(void **state)
{
    (void)state;
    assert_true(bpi_objective_difference(8, INFINITY, 0.5, -2, (double)NAN) == INFINITY);
    assert_true(bpi_objective_difference(8, 8, 0.5, -2, (double)NAN) == 0);
    assert_true(bpi_objective_difference(8, 8, 0.5, -2, -INFINITY) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_that_can_be_seen_are_differences),
        cmocka_unit_test(hidden_changes_are_taken_from_the_slopes),
        cmocka_unit_test(values_that_are_not_finite_are_no_fall),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
