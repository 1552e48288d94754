/* Schedules: their values epoch by epoch, and the ranges of their parameters. */
#include "support/support.h"

#include <math.h>

#include "train/schedule.h"

static double value(bp_schedule schedule, size_t epoch)
{
    const schedule_moment now = {.epochs = epoch, .own = 0.125, .scale = 1};
    return bpi_schedule_value(&schedule, &now);
}

static void test_none_gives_the_optimizers_own_value(void **state)
{
    (void)state;
    assert_int_equal(sizeof(bp_schedule), 64);
    assert_true(value(bp_schedule_none(), 0) == 0.125);
    assert_true(value(bp_schedule_none(), 1000) == 0.125);
}

static void test_constant(void **state)
{
    (void)state;
    assert_true(value(bp_schedule_constant(0.5), 0) == 0.5);
    assert_true(value(bp_schedule_constant(0.5), SIZE_MAX) == 0.5);
}

static void test_switch_happens_after_so_many_epochs(void **state)
{
    (void)state;
    bp_schedule schedule = bp_schedule_switch(0.5, 20, 0.9);
    for (size_t epoch = 0; epoch < 40; epoch++)
        assert_true(value(schedule, epoch) == (epoch < 20 ? 0.5 : 0.9));
    assert_true(value(bp_schedule_switch(0.5, 0, 0.9), 0) == 0.9);
}

static void test_exponential_falls_to_its_minimum(void **state)
{
    (void)state;
    bp_schedule schedule = bp_schedule_exponential(1, 0.5, 0.1);
    const double wanted[] = {1, 0.5, 0.25, 0.125, 0.1, 0.1};
    for (size_t epoch = 0; epoch < 6; epoch++)
        assert_true(value(schedule, epoch) == wanted[epoch]);
    double product = 0.3;
    schedule = bp_schedule_exponential(0.3, 0.97, 0);
    for (size_t epoch = 0; epoch < 200; epoch++, product *= 0.97)
        assert_close(value(schedule, epoch), product, 1e-13);
    assert_true(value(bp_schedule_exponential(0.3, 1, 0), 12345) == 0.3);
    assert_true(value(bp_schedule_exponential(0.3, 0.5, 0), SIZE_MAX) == 0);
}

static bp_status check_rate(bp_schedule schedule)
{
    return bpi_schedule_check("here", &schedule, SCHEDULE_OF_LEARNING_RATE);
}

static bp_status check_momentum(bp_schedule schedule)
{
    return bpi_schedule_check("here", &schedule, SCHEDULE_OF_MOMENTUM);
}

static void test_good_schedules_pass(void **state)
{
    (void)state;
    assert_ok(check_rate(bp_schedule_none()));
    assert_ok(check_rate(bp_schedule_constant(3)));
    assert_ok(check_rate(bp_schedule_switch(0.005, 20, 0.01)));
    assert_ok(check_rate(bp_schedule_exponential(1, 0.9, 0)));
    assert_ok(check_rate(bp_schedule_exponential(1, 1, 0.5)));
    assert_ok(check_momentum(bp_schedule_none()));
    assert_ok(check_momentum(bp_schedule_constant(0)));
    assert_ok(check_momentum(bp_schedule_switch(0.5, 20, 0.9)));
    assert_ok(check_momentum(bp_schedule_exponential(0.9, 0.9, 0.1)));
}

static void test_every_value_is_checked_and_named(void **state)
{
    (void)state;
    const double bad_rates[] = {0, -0.1, NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < sizeof bad_rates / sizeof bad_rates[0]; i++) {
        double bad = bad_rates[i];
        bp_status wanted = isfinite(bad) ? BP_ERROR_ARGUMENT : BP_ERROR_NOT_FINITE;
        assert_fails(check_rate(bp_schedule_constant(bad)), wanted, "here: value is ");
        assert_fails(check_rate(bp_schedule_switch(bad, 3, 0.1)), wanted, "here: first is ");
        assert_fails(check_rate(bp_schedule_switch(0.1, 3, bad)), wanted, "here: then is ");
        assert_fails(check_rate(bp_schedule_exponential(bad, 0.9, 0)), wanted, "here: start is ");
        if (bad != 0)
            assert_fails(check_rate(bp_schedule_exponential(0.1, 0.9, bad)), wanted, "here: minimum is ");
    }
    const double bad_momenta[] = {1, -0.1, 1.5, NAN, INFINITY};
    for (size_t i = 0; i < sizeof bad_momenta / sizeof bad_momenta[0]; i++) {
        double bad = bad_momenta[i];
        bp_status wanted = isfinite(bad) ? BP_ERROR_ARGUMENT : BP_ERROR_NOT_FINITE;
        assert_fails(check_momentum(bp_schedule_constant(bad)), wanted, "here: value is ");
        assert_fails(check_momentum(bp_schedule_switch(bad, 3, 0.1)), wanted, "here: first is ");
        assert_fails(check_momentum(bp_schedule_switch(0.1, 3, bad)), wanted, "here: then is ");
        assert_fails(check_momentum(bp_schedule_exponential(bad, 0.9, 0)), wanted, "here: start is ");
        assert_fails(check_momentum(bp_schedule_exponential(0.1, 0.9, bad)), wanted, "here: minimum is ");
    }
    assert_fails(check_rate(bp_schedule_exponential(0.1, 0.9, -0.1)), BP_ERROR_ARGUMENT,
                 "here: minimum is -0.1, it must be >= 0"); /* 0 is valid for it, but not for a rate */
    const double bad_factors[] = {0, -0.5, 1.0000001, 2, NAN, INFINITY};
    for (size_t i = 0; i < sizeof bad_factors / sizeof bad_factors[0]; i++) {
        bp_status wanted = isfinite(bad_factors[i]) ? BP_ERROR_ARGUMENT : BP_ERROR_NOT_FINITE;
        assert_fails(check_rate(bp_schedule_exponential(0.1, bad_factors[i], 0)), wanted, "here: factor is ");
    }
}

static void test_unknown_kinds_are_refused(void **state)
{
    (void)state;
    const int32_t kinds[] = {0, -1, 1000, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        bp_schedule schedule = bp_schedule_constant(0.5);
        schedule.kind = kinds[i];
        assert_fails(check_rate(schedule), BP_ERROR_ARGUMENT, "here: invalid schedule kind ");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none_gives_the_optimizers_own_value),
        cmocka_unit_test(test_constant),
        cmocka_unit_test(test_switch_happens_after_so_many_epochs),
        cmocka_unit_test(test_exponential_falls_to_its_minimum),
        cmocka_unit_test(test_good_schedules_pass),
        cmocka_unit_test(test_every_value_is_checked_and_named),
        cmocka_unit_test(test_unknown_kinds_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
