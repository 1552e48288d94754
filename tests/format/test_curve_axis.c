/* Axes of a learning curve. */
#include "format/curve_axis.h"

#include <math.h>

#include "support/support.h"

static log_axis axis_of(double low, double high, size_t ticks)
{
    value_range range = bpi_no_values();
    bpi_range_add(&range, (const double[]){low, high}, 2);
    return bpi_log_axis(&range, ticks);
}

static void assert_ticks(const log_axis *axis, const double *wanted, size_t count)
{
    assert_int_equal(axis->tick_count, count);
    for (size_t i = 0; i < count; i++)
        assert_close(axis->ticks[i], wanted[i], 1e-12);
}

static void test_decades(void **state)
{
    (void)state;
    log_axis axis = axis_of(0.0008, 2, 7);
    assert_ticks(&axis, (const double[]){0.001, 0.01, 0.1, 1}, 4);
    assert_close(bpi_log_place(&axis, 0.04), 0.5, 1e-9); /* halfway, sqrt(0.0008 * 2) */
    assert_true(bpi_log_place(&axis, 0.0008) > 0 && bpi_log_place(&axis, 2) < 1);
    axis = axis_of(1e-40, 1e10, 7); /* every eighth decade */
    assert_ticks(&axis, (const double[]){1e-40, 1e-32, 1e-24, 1e-16, 1e-8, 1, 1e8}, 7);
}

static void test_within_a_decade(void **state)
{
    (void)state;
    log_axis axis = axis_of(0.012, 0.11, 7);
    assert_ticks(&axis, (const double[]){0.02, 0.05, 0.1}, 3);
    axis = axis_of(0.2, 0.2, 4); /* one value has a factor of 2 to itself, and lies in the middle */
    assert_true(axis.tick_count >= 2);
    assert_close(bpi_log_place(&axis, 0.2), 0.5, 1e-12);
}

/* Whatever the range, there are ticks, not too many, in ascending order on the axis. */
static void test_any_range(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int i = 0; i < 10000; i++) {
        double low = pow(10, test_uniform(&seed, -307, 300));
        double high = low * pow(10, test_uniform(&seed, 0, i % 2 == 0 ? 1 : 7));
        log_axis axis = axis_of(low, high, 7);
        assert_in_range(axis.tick_count, 1, 7);
        for (size_t k = 0; k < axis.tick_count; k++) {
            double place = bpi_log_place(&axis, axis.ticks[k]);
            assert_true(place > -1e-9 && place < 1 + 1e-9 && (k == 0 || axis.ticks[k] > axis.ticks[k - 1]));
        }
    }
}

static void test_zero_and_values_without_a_place(void **state)
{
    (void)state;
    value_range range = bpi_no_values();
    bpi_range_add(&range, (const double[]){NAN, INFINITY, -1}, 3);
    assert_true(range.low > range.high && !range.has_zero);
    log_axis axis = bpi_log_axis(&range, 7);
    assert_in_range(axis.tick_count, 2, 7);
    bpi_range_add(&range, (const double[]){0, 0.1, 0.001}, 3);
    axis = bpi_log_axis(&range, 7);
    assert_true(axis.has_zero);
    assert_true(bpi_log_place(&axis, 0) == 0 && bpi_log_place(&axis, 0.001) > 0.1);
}

static void test_steps_of_epochs(void **state)
{
    (void)state;
    assert_int_equal(bpi_epoch_step(2, 10), 1);
    assert_int_equal(bpi_epoch_step(19, 10), 2);
    assert_int_equal(bpi_epoch_step(240, 10), 50);
    assert_int_equal(bpi_epoch_step(20000, 10), 2000);
    assert_true(SIZE_MAX / bpi_epoch_step(SIZE_MAX, 10) < 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decades),         cmocka_unit_test(test_within_a_decade),
        cmocka_unit_test(test_any_range),       cmocka_unit_test(test_zero_and_values_without_a_place),
        cmocka_unit_test(test_steps_of_epochs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
