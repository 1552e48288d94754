/* Scaling applied to the rows of a block, in and out. */
#include "engine/scale.h"

#include <math.h>
#include <string.h>

#include "kernel/tables.h"
#include "support/support.h"

static const kernel_table *const kernel = &bpi_kernel_portable;

static void test_blocks_are_scaled_in_and_out(void **state)
{
    const bp_real raw[] = {1, 2, 3, -1, 4, 5, 6, -1};
    bp_real offsets[] = {1, 10, 100}, factors[] = {1, 2, 4}, scaled[6], back[8];
    column_scaling scaling = {offsets, factors};
    (void)state;
    memset(back, 0, sizeof back);
    /* The block's three columns with a gap after each row; and the last two of the three. */
    bpi_scale(kernel, &scaling, 0, &(scaled_rows){2, 3, NULL, NULL, raw, 4, scaled, 3});
    const bp_real wanted[] = {0, -16, -388, 3, -10, -376};
    assert_memory_equal(scaled, wanted, sizeof wanted);
    bpi_unscale(kernel, &scaling, 0, &(scaled_rows){2, 3, NULL, NULL, scaled, 3, back, 4});
    const bp_real again[] = {1, 2, 3, 0, 4, 5, 6, 0};
    assert_memory_equal(back, again, sizeof again);
    bpi_scale(kernel, &scaling, 1, &(scaled_rows){2, 2, NULL, NULL, raw + 1, 4, scaled, 2});
    const bp_real last_two[] = {-16, -388, -10, -376};
    assert_memory_equal(scaled, last_two, sizeof last_two);
}

static void test_without_scaling_blocks_are_copied(void **state)
{
    const bp_real raw[] = {1, 2, 3, 4, 5, 6};
    const column_scaling none = {NULL, NULL};
    bp_real got[4];
    (void)state;
    bpi_scale(kernel, &none, 5, &(scaled_rows){2, 2, NULL, NULL, raw, 3, got, 2});
    const bp_real wanted[] = {1, 2, 4, 5};
    assert_memory_equal(got, wanted, sizeof wanted);
    memset(got, 0, sizeof got);
    bpi_unscale(kernel, &none, 5, &(scaled_rows){2, 2, NULL, NULL, raw, 3, got, 2});
    assert_memory_equal(got, wanted, sizeof wanted);
}

static bool stays_finite(const column_scaling *scaling, const bp_real *row, size_t columns)
{
    return bpi_scales_to_finite(kernel, scaling, 0,
                                &(scaled_rows){.rows = 1, .columns = columns, .from = row});
}

/* What is NaN or infinite already, and what scaling makes so. */
static void test_rows_that_do_not_stay_finite(void **state)
{
    (void)state;
    bp_real offsets[] = {0, 1}, factors[] = {1, 4};
    const column_scaling scaling = {offsets, factors};
    const bp_real huge = (bp_real)TOLERANCE(3e38, 1e308);
    const bp_real fine[] = {huge, -3}, nan[] = {(bp_real)NAN, 0}, infinite[] = {0, (bp_real)-INFINITY},
                  becomes_infinite[] = {0, huge};
    assert_true(stays_finite(&scaling, fine, 2));
    assert_false(stays_finite(&scaling, nan, 2));
    assert_false(stays_finite(&scaling, infinite, 2));
    assert_false(stays_finite(&scaling, becomes_infinite, 2));
    assert_true(stays_finite(&scaling, becomes_infinite, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_are_scaled_in_and_out),
        cmocka_unit_test(test_without_scaling_blocks_are_copied),
        cmocka_unit_test(test_rows_that_do_not_stay_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
