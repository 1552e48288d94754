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

static void test_step_multiplies_every_so_many_epochs(void **state)
{
    (void)state;
    bp_schedule schedule = bp_schedule_step(0.8, 0.1, 30);
    double product = 0.8;
    for (size_t epoch = 0; epoch < 300; epoch++) {
        if (epoch > 0 && epoch % 30 == 0)
            product *= 0.1;
        assert_close(value(schedule, epoch), product, 1e-13);
    }
    assert_true(value(schedule, 29) == 0.8 && value(schedule, 30) < 0.081);
    assert_true(value(bp_schedule_step(1, 0.5, 1), 10) == 1.0 / 1024);
    assert_true(value(bp_schedule_step(0.3, 1, 7), SIZE_MAX) == 0.3);
    assert_true(value(bp_schedule_step(0.3, 0.5, 1), SIZE_MAX) == 0);
    assert_true(value(bp_schedule_step(0.3, 0.5, SIZE_MAX), SIZE_MAX - 4096) == 0.3);
}

/* The reciprocals are an arithmetic progression. */
static void test_inverse(void **state)
{
    (void)state;
    bp_schedule schedule = bp_schedule_inverse(0.4, 0.05);
    double reciprocal = 2.5;
    for (size_t epoch = 0; epoch < 1000; epoch++, reciprocal += 0.125)
        assert_close(1 / value(schedule, epoch), reciprocal, 1e-12);
    assert_true(value(schedule, 20) == 0.2);
    assert_true(value(bp_schedule_inverse(0.4, 0), 100) == 0.4);
    assert_true(value(bp_schedule_inverse(0.4, 1), SIZE_MAX) > 0);
}

/* cos((t + 1) a) = 2 cos a cos(t a) - cos((t - 1) a), where cos a = (1 + sqrt 3) / (2 sqrt 2) for a = pi
 * / 12. */
static void test_cosine_falls_to_its_minimum(void **state)
{
    (void)state;
    const double step = (1 + sqrt(3)) / (2 * sqrt(2));
    bp_schedule schedule = bp_schedule_cosine(0.9, 0.1, 12);
    double before = step, now = 1;
    for (size_t epoch = 0; epoch <= 12; epoch++) {
        assert_close(value(schedule, epoch), 0.5 + 0.4 * now, 1e-13);
        double next = 2 * step * now - before;
        before = now;
        now = next;
    }
    assert_true(value(schedule, 0) == 0.9 && value(schedule, 12) == 0.1);
    assert_true(value(schedule, 13) == 0.1 && value(schedule, SIZE_MAX) == 0.1);
    assert_close(value(schedule, 4), 0.7, 1e-14); /* a third of the way: three quarters of the height */
    assert_true(value(bp_schedule_cosine(0.5, 0.5, 7), 3) == 0.5);
    assert_true(value(bp_schedule_cosine(0.5, 0, 1), 0) == 0.5);
    assert_true(value(bp_schedule_cosine(0.5, 0, 1), 1) == 0);
}

/* Of 20 epochs, 6 rise and 14 fall; the cosines by the recurrence above. */
static void test_one_cycle_rises_and_falls(void **state)
{
    (void)state;
    const double maximum = 2, low = 0.08, end = 0.0002;
    bp_schedule schedule = bp_schedule_one_cycle(maximum, 20);
    for (size_t epoch = 0; epoch < 6; epoch++)
        assert_close(value(schedule, epoch), low + 0.32 * (double)epoch, 1e-14);
    const double step = 0.97492791218182360702; /* cos(pi / 14) */
    double before = step, now = 1;
    for (size_t epoch = 6; epoch <= 20; epoch++) {
        assert_close(value(schedule, epoch), (maximum + end) / 2 + (maximum - end) / 2 * now, 1e-11);
        double next = 2 * step * now - before;
        before = now;
        now = next;
    }
    assert_true(value(schedule, 6) == maximum);
    assert_true(value(schedule, 20) == end && value(schedule, SIZE_MAX) == end);
    assert_true(value(bp_schedule_one_cycle(maximum, 1), 0) == low);
    assert_true(value(bp_schedule_one_cycle(maximum, 1), 1) == end);
}

static void test_warm_up_comes_before_the_schedules_own_time(void **state)
{
    (void)state;
    const bp_schedule schedules[] = {bp_schedule_none(),
                                     bp_schedule_constant(0.5),
                                     bp_schedule_switch(0.5, 3, 0.25),
                                     bp_schedule_exponential(0.5, 0.9, 0.1),
                                     bp_schedule_cosine(0.5, 0.1, 10),
                                     bp_schedule_one_cycle(0.5, 10),
                                     bp_schedule_bold_driver(0.5, 1.1, 0.5)};
    for (size_t i = 0; i < sizeof schedules / sizeof schedules[0]; i++) {
        bp_schedule warm = bp_schedule_with_warm_up(schedules[i], 4);
        double full = value(schedules[i], 0);
        for (size_t epoch = 0; epoch < 4; epoch++)
            assert_close(value(warm, epoch), full * (double)(epoch + 1) / 5, 1e-15);
        for (size_t epoch = 4; epoch < 30; epoch++)
            assert_true(value(warm, epoch) == value(schedules[i], epoch - 4));
        bp_schedule cold = bp_schedule_with_warm_up(warm, 0); /* replaces the first */
        assert_memory_equal(&cold, &schedules[i], sizeof cold);
    }
}

/* From a thousandth of its first number on, warm-up excepted. */
static void test_when_a_schedule_is_spent(void **state)
{
    (void)state;
    const struct {
        bp_schedule schedule;
        size_t last, first; /* the last epoch in which it is not, the first in which it is */
    } rows[] = {
        {bp_schedule_cosine(0.1, 0, 200), 190, 200},
        {bp_schedule_cosine(BP_RATE_AUTO, 0, 200), 190, 200},
        {bp_schedule_with_warm_up(bp_schedule_cosine(0.1, 0, 200), 5000), 0, 5200},
        {bp_schedule_one_cycle(0.1, 100), 95, 100},
        {bp_schedule_step(0.1, 0.1, 10), 29, 40},
        {bp_schedule_exponential(0.1, 0.5, 0), 9, 10},
        {bp_schedule_cosine(0.1, 0.01, 200), 300, SIZE_MAX},
        {bp_schedule_none(), 300, SIZE_MAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        schedule_moment now = {.epochs = rows[i].last, .own = 0.1, .found = 0.1, .scale = 1};
        assert_false(bpi_schedule_is_spent(&rows[i].schedule, &now));
        now.epochs = rows[i].first;
        assert_int_equal(bpi_schedule_is_spent(&rows[i].schedule, &now), rows[i].first != SIZE_MAX);
    }
}

static void test_by_update_counts_updates(void **state)
{
    (void)state;
    bp_schedule plain = bp_schedule_with_warm_up(bp_schedule_exponential(0.5, 0.9, 0.1), 4);
    bp_schedule fast = bp_schedule_by_update(plain);
    for (uint64_t time = 0; time < 50; time++) {
        schedule_moment now = {.epochs = 7, .updates = time, .own = 0.125, .scale = 1};
        assert_true(bpi_schedule_value(&fast, &now) == value(plain, (size_t)time));
        assert_true(bpi_schedule_value(&plain, &now) == value(plain, 7));
    }
    bp_schedule other =
        bp_schedule_with_warm_up(bp_schedule_by_update(bp_schedule_exponential(0.5, 0.9, 0.1)), 4);
    assert_memory_equal(&fast, &other, sizeof fast);
}

static void test_adaptive_schedules_scale_their_start(void **state)
{
    (void)state;
    bp_schedule plateau = bp_schedule_reduce_on_plateau(0.5, 0.5, 3, 0.05);
    bp_schedule bold = bp_schedule_bold_driver(0.5, 1.05, 0.5);
    for (double scale = 2; scale > 0.01; scale /= 2) {
        schedule_moment now = {.epochs = 7, .scale = scale};
        assert_true(bpi_schedule_value(&plateau, &now) == fmax(0.5 * scale, 0.05));
        assert_true(bpi_schedule_value(&bold, &now) == 0.5 * scale);
    }
}

/* The rate found stands for every start; before it is found, the value is 0. */
static void test_an_automatic_start_is_the_rate_found(void **state)
{
    (void)state;
    const double found = 0.0625;
    const struct {
        bp_schedule automatic, given;
    } pairs[] = {
        {bp_schedule_none(), bp_schedule_constant(found)},
        {bp_schedule_exponential(BP_RATE_AUTO, 0.9, 0.01), bp_schedule_exponential(found, 0.9, 0.01)},
        {bp_schedule_step(BP_RATE_AUTO, 0.5, 3), bp_schedule_step(found, 0.5, 3)},
        {bp_schedule_inverse(BP_RATE_AUTO, 0.5), bp_schedule_inverse(found, 0.5)},
        {bp_schedule_cosine(BP_RATE_AUTO, 0.01, 9), bp_schedule_cosine(found, 0.01, 9)},
        {bp_schedule_cosine(BP_RATE_AUTO, 0.1, 9), bp_schedule_constant(0.1)}, /* never below the minimum */
        {bp_schedule_one_cycle(BP_RATE_AUTO, 9), bp_schedule_one_cycle(found, 9)},
        {bp_schedule_reduce_on_plateau(BP_RATE_AUTO, 0.5, 1, 0.1), bp_schedule_constant(0.1)},
        {bp_schedule_bold_driver(BP_RATE_AUTO, 1, 0.5), bp_schedule_constant(found)},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        for (size_t epoch = 0; epoch < 12; epoch++) {
            bp_schedule warm = bp_schedule_with_warm_up(pairs[i].automatic, 2);
            bp_schedule given = bp_schedule_with_warm_up(pairs[i].given, 2);
            schedule_moment now = {.epochs = epoch, .own = BP_RATE_AUTO, .scale = 1};
            assert_true(bpi_schedule_value(&warm, &now) == 0);
            now.found = found;
            assert_true(bpi_schedule_value(&warm, &now) == value(given, epoch));
            assert_true(bpi_schedule_is_automatic(&warm, BP_RATE_AUTO));
            assert_false(bpi_schedule_is_automatic(&given, BP_RATE_AUTO));
        }
    bp_schedule none = bp_schedule_none();
    assert_false(bpi_schedule_is_automatic(&none, 0.1));
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
    assert_ok(check_momentum(bp_schedule_step(0.9, 1, SIZE_MAX)));
    assert_ok(check_momentum(bp_schedule_inverse(0, 0)));
    assert_ok(check_momentum(bp_schedule_cosine(0, 0, 1)));
    assert_ok(check_momentum(bp_schedule_one_cycle(0.9, 1)));
    assert_ok(check_momentum(bp_schedule_by_update(bp_schedule_with_warm_up(bp_schedule_none(), 3))));
    assert_ok(check_rate(bp_schedule_with_warm_up(bp_schedule_one_cycle(30, SIZE_MAX), SIZE_MAX)));
    assert_ok(check_rate(bp_schedule_with_warm_up(bp_schedule_reduce_on_plateau(1, 0.5, 1, 1), 5)));
    assert_ok(check_rate(bp_schedule_reduce_on_plateau(BP_RATE_AUTO, 0.5, 1, 0)));
    assert_ok(check_rate(bp_schedule_bold_driver(1, 1, 0.5)));
    assert_ok(check_rate(bp_schedule_cosine(BP_RATE_AUTO, 3, 4)));
}

static void test_the_first_value_of_each_kind_is_checked(void **state)
{
    (void)state;
    const double bad_rates[] = {0, -0.1, NAN, INFINITY, -1e29};
    for (size_t i = 0; i < sizeof bad_rates / sizeof bad_rates[0]; i++) {
        double bad = bad_rates[i];
        bp_status wanted = isfinite(bad) ? BP_ERROR_ARGUMENT : BP_ERROR_NOT_FINITE;
        assert_fails(check_rate(bp_schedule_step(bad, 0.5, 3)), wanted, "here: start is ");
        assert_fails(check_rate(bp_schedule_inverse(bad, 0.5)), wanted, "here: start is ");
        assert_fails(check_rate(bp_schedule_cosine(bad, 0, 3)), wanted, "here: start is ");
        assert_fails(check_rate(bp_schedule_one_cycle(bad, 3)), wanted, "here: maximum is ");
        assert_fails(check_rate(bp_schedule_reduce_on_plateau(bad, 0.5, 3, 0)), wanted, "here: start is ");
        assert_fails(check_rate(bp_schedule_bold_driver(bad, 1.05, 0.5)), wanted, "here: start is ");
    }
    assert_fails(check_momentum(bp_schedule_cosine(1, 0, 3)), BP_ERROR_ARGUMENT, "here: start is 1,");
    assert_fails(check_momentum(bp_schedule_one_cycle(1.5, 3)), BP_ERROR_ARGUMENT, "here: maximum is 1.5,");
}

static void test_the_other_numbers_of_each_kind_are_checked(void **state)
{
    (void)state;
    const double bad_factors[] = {0, -0.5, 1.0000001, NAN};
    for (size_t i = 0; i < sizeof bad_factors / sizeof bad_factors[0]; i++) {
        double bad = bad_factors[i];
        bp_status wanted = isfinite(bad) ? BP_ERROR_ARGUMENT : BP_ERROR_NOT_FINITE;
        assert_fails(check_rate(bp_schedule_step(1, bad, 3)), wanted, "here: factor is ");
        assert_fails(check_rate(bp_schedule_reduce_on_plateau(1, bad, 3, 0)), wanted, "here: factor is ");
        assert_fails(check_rate(bp_schedule_bold_driver(1, 1.05, bad)), wanted, "here: shrink is ");
        assert_fails(check_rate(bp_schedule_inverse(1, bad - 2)), wanted, "here: decay is ");
        assert_fails(check_rate(bp_schedule_bold_driver(1, bad - 1, 0.5)), wanted, "here: growth is ");
        assert_fails(check_rate(bp_schedule_cosine(1, bad - 2, 3)), wanted, "here: minimum is ");
        assert_fails(check_rate(bp_schedule_reduce_on_plateau(1, 0.5, 3, bad - 2)), wanted,
                     "here: minimum is ");
    }
    assert_fails(check_rate(bp_schedule_reduce_on_plateau(1, 1, 3, 0)), BP_ERROR_ARGUMENT, "factor is 1,");
    assert_fails(check_rate(bp_schedule_bold_driver(1, 1.05, 1)), BP_ERROR_ARGUMENT, "shrink is 1,");
    assert_fails(check_rate(bp_schedule_step(1, 0.5, 0)), BP_ERROR_ARGUMENT,
                 "here: epochs is 0, it must be >= 1");
    assert_fails(check_rate(bp_schedule_cosine(1, 0, 0)), BP_ERROR_ARGUMENT, "here: epochs is 0,");
    assert_fails(check_rate(bp_schedule_one_cycle(1, 0)), BP_ERROR_ARGUMENT, "here: epochs is 0,");
    assert_fails(check_rate(bp_schedule_reduce_on_plateau(1, 0.5, 0, 0)), BP_ERROR_ARGUMENT,
                 "here: patience is 0, it must be >= 1");
    assert_fails(check_rate(bp_schedule_cosine(0.5, 0.6, 3)), BP_ERROR_ARGUMENT,
                 "here: minimum is 0.6, it must be <= start");
    assert_fails(check_rate(bp_schedule_reduce_on_plateau(0.5, 0.5, 1, 0.6)), BP_ERROR_ARGUMENT,
                 "here: minimum is 0.6, it must be <= start");
}

static void test_an_automatic_momentum_is_refused(void **state)
{
    (void)state;
    const bp_schedule schedules[] = {
        bp_schedule_exponential(BP_RATE_AUTO, 0.9, 0.1), bp_schedule_step(BP_RATE_AUTO, 0.9, 3),
        bp_schedule_inverse(BP_RATE_AUTO, 0.1), bp_schedule_cosine(BP_RATE_AUTO, 0.1, 3),
        bp_schedule_with_warm_up(bp_schedule_cosine(BP_RATE_AUTO, 0.1, 3), 2)};
    for (size_t i = 0; i < sizeof schedules / sizeof schedules[0]; i++)
        assert_fails(check_momentum(schedules[i]), BP_ERROR_ARGUMENT,
                     "here: start is BP_RATE_AUTO, which is for learning rates only");
    assert_fails(check_momentum(bp_schedule_one_cycle(BP_RATE_AUTO, 3)), BP_ERROR_ARGUMENT,
                 "here: maximum is BP_RATE_AUTO");
    /* There it would stand for no schedule at all. */
    assert_fails(check_rate(bp_schedule_constant(BP_RATE_AUTO)), BP_ERROR_ARGUMENT, "here: value is ");
    assert_fails(check_rate(bp_schedule_switch(BP_RATE_AUTO, 3, 1)), BP_ERROR_ARGUMENT, "here: first is ");
}

static void test_adaptive_schedules_are_for_the_rate_of_whole_epochs(void **state)
{
    (void)state;
    const bp_schedule schedules[] = {bp_schedule_reduce_on_plateau(0.5, 0.5, 3, 0),
                                     bp_schedule_bold_driver(0.5, 1.05, 0.5)};
    for (size_t i = 0; i < 2; i++) {
        assert_fails(check_momentum(schedules[i]), BP_ERROR_ARGUMENT,
                     "here: an adaptive schedule is for the learning rate only");
        assert_fails(
            check_rate(bp_schedule_by_update(schedules[i])), BP_ERROR_ARGUMENT,
            "here: an adaptive schedule judges whole epochs, bp_schedule_by_update does not suit it");
    }
}

static void test_private_members_are_checked(void **state)
{
    (void)state;
    bp_schedule schedule = bp_schedule_constant(0.5);
    schedule.by_update = 2;
    assert_fails(check_rate(schedule), BP_ERROR_ARGUMENT, "here: invalid schedule: reserved bytes are not 0");
    schedule = bp_schedule_constant(0.5);
    schedule.warm_up = NAN;
    assert_fails(check_rate(schedule), BP_ERROR_NOT_FINITE, "here: warm-up is ");
    schedule.warm_up = -1;
    assert_fails(check_rate(schedule), BP_ERROR_ARGUMENT, "here: warm-up is -1");
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
        cmocka_unit_test(test_step_multiplies_every_so_many_epochs),
        cmocka_unit_test(test_inverse),
        cmocka_unit_test(test_cosine_falls_to_its_minimum),
        cmocka_unit_test(test_one_cycle_rises_and_falls),
        cmocka_unit_test(test_warm_up_comes_before_the_schedules_own_time),
        cmocka_unit_test(test_when_a_schedule_is_spent),
        cmocka_unit_test(test_by_update_counts_updates),
        cmocka_unit_test(test_adaptive_schedules_scale_their_start),
        cmocka_unit_test(test_an_automatic_start_is_the_rate_found),
        cmocka_unit_test(test_good_schedules_pass),
        cmocka_unit_test(test_the_first_value_of_each_kind_is_checked),
        cmocka_unit_test(test_the_other_numbers_of_each_kind_are_checked),
        cmocka_unit_test(test_an_automatic_momentum_is_refused),
        cmocka_unit_test(test_adaptive_schedules_are_for_the_rate_of_whole_epochs),
        cmocka_unit_test(test_private_members_are_checked),
        cmocka_unit_test(test_every_value_is_checked_and_named),
        cmocka_unit_test(test_unknown_kinds_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
