/* Numbers among the options: what is refused, and what the message says. */
#include "support/support.h"

#include <math.h>

#include "train/option.h"

static void test_good_number_passes(void **state)
{
    (void)state;
    assert_ok(bpi_check_number("create: options", "rate", 0.5, true, "> 0"));
}

static void test_number_out_of_range_is_named_with_its_range(void **state)
{
    (void)state;
    assert_fails(bpi_check_number("create: options", "rate", -0.5, false, "> 0"), BP_ERROR_ARGUMENT,
                 "create: options: rate is -0.5, it must be > 0");
}

static void test_not_finite_comes_before_out_of_range(void **state)
{
    (void)state;
    assert_fails(bpi_check_number("f", "rate", NAN, false, "> 0"), BP_ERROR_NOT_FINITE, "f: rate is ");
    assert_fails(bpi_check_number("f", "rate", NAN, true, "> 0"), BP_ERROR_NOT_FINITE, "must be finite");
    assert_fails(bpi_check_number("f", "rate", -INFINITY, true, "> 0"), BP_ERROR_NOT_FINITE, "rate is -inf");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_number_passes),
        cmocka_unit_test(test_number_out_of_range_is_named_with_its_range),
        cmocka_unit_test(test_not_finite_comes_before_out_of_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
