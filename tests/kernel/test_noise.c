/* drop_units and add_noise of every kernel table, against the formulas of kernel.h. */
#include "kernel/table_checks.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/unit_random.h"

static random_row draw_row(void)
{
    random_row row = {.stream = (uint32_t)test_below(&test_stream, 100)};
    for (size_t i = 0; i < 4; i++)
        row.bits[i] = (uint32_t)(test_below(&test_stream, 1 << 16) << 16 | test_below(&test_stream, 1 << 16));
    return row;
}

/* Exactly: which units are dropped does not depend on the instruction set. */
static void check_drop(void)
{
    for (size_t count = 1; count < 300; count += count < 70 ? 1 : 23) {
        const random_row row = draw_row();
        const double probability = (double)(1 + test_below(&test_stream, 15)) / 16;
        const uint32_t threshold = (uint32_t)(probability * 0x1p32);
        const bp_real kept = (bp_real)(1 / (1 - probability));
        matrix y = test_random_matrix(1, count), out = test_part_of(&y, 0, 1),
               factor = test_part_of(&y, 0, 1);
        matrix in_place = test_part_of(&y, 0, 1);
        test_kernel->drop_units(&row, threshold, kept, y.values, out.values, factor.values, count);
        test_kernel->drop_units(&row, threshold, kept, in_place.values, in_place.values, NULL, count);
        for (size_t i = 0; i < count; i++) {
            const bp_real wanted = (bp_real)oracle_drop_factor(row.bits, row.stream, probability, i);
            assert_true(factor.values[i] == wanted);
            assert_true(out.values[i] == y.values[i] * wanted);
            assert_true(in_place.values[i] == out.values[i]);
        }
        test_assert_gaps_untouched(&out);
        test_assert_gaps_untouched(&factor);
        test_assert_gaps_untouched(&in_place);
        test_assert_unchanged(&y);
        free(y.memory);
        free(out.memory);
        free(factor.memory);
        free(in_place.memory);
    }
}

/* A value that is no number stays one, so that divergence is noticed. */
static void check_not_a_number(void)
{
    const random_row row = draw_row();
    bp_real y[40], out[40];
    for (size_t i = 0; i < 40; i++)
        y[i] = (bp_real)NAN;
    test_kernel->drop_units(&row, UINT32_C(0x80000000), 2, y, out, NULL, 40);
    for (size_t i = 0; i < 40; i++)
        assert_true(isnan(out[i]));
}

static void check_noise(void)
{
    for (size_t count = 1; count < 300; count += count < 70 ? 1 : 23) {
        const random_row row = draw_row();
        const double deviation = test_uniform(&test_stream, 0.1, 2);
        matrix before = test_random_matrix(1, count), y = test_part_of(&before, 0, 1);
        test_kernel->add_noise(&row, deviation, y.values, count);
        for (size_t i = 0; i < count; i++) {
            const double noise = deviation * oracle_unit_normal(row.bits, row.stream, i);
            const double wanted = (double)before.values[i] + noise;
            /* The noise is deviation r cos, where r^2 = -2 ln u is known to a few units of rounding of 1, so
             * that r, which is at least 2^-16, is known to those divided by r. */
            const double r = fmax(fabs(noise) / deviation, 0x1p-16);
            const double of_functions = DBL_EPSILON * (8 * fabs(noise) + 4 * deviation / r);
            assert_near(y.values[i], wanted, TEST_EPSILON * (fabs(wanted) + fabs(noise)) + of_functions);
        }
        test_assert_gaps_untouched(&y);
        test_assert_unchanged(&before);
        free(before.memory);
        free(y.memory);
    }
}

/* Mean, variance, skewness and kurtosis of a million numbers, within 5 of their standard deviations, which
 * are those of a normal sample: sqrt(1, 2, 6, 24 / n). */
static void check_moments(void)
{
    enum { COUNT = 1000, ROWS = 1000 };
    double sum[5] = {0};
    for (uint32_t i = 0; i < ROWS; i++) {
        const random_row row = {.bits = {i, 7, 11, 13}, .stream = 3};
        bp_real y[COUNT] = {0};
        test_kernel->add_noise(&row, 1, y, COUNT);
        for (size_t j = 0; j < COUNT; j++)
            for (int power = 1; power <= 4; power++)
                sum[power] += pow((double)y[j], power);
    }
    const double n = (double)COUNT * ROWS;
    assert_near(sum[1] / n, 0, 5 * sqrt(1 / n));
    assert_near(sum[2] / n, 1, 5 * sqrt(2 / n));
    assert_near(sum[3] / n, 0, 5 * sqrt(15 / n)); /* E x^6 = 15 */
    assert_near(sum[4] / n, 3, 5 * sqrt(96 / n)); /* E x^8 - 9 = 96 */
}

/* --------------------------------------------------------------------- independence */

/* The share of units that are dropped, and of pairs of which both are: of neighbouring units, cases, updates
 * and layers. Bounds are 5 standard deviations of a binomial distribution. */
static void masks_are_random(void **state)
{
    (void)state;
    enum { SIDE = 100, COUNT = SIDE * SIDE * SIDE };
    static const double probabilities[] = {0.1, 0.5, 0.9};
    for (size_t k = 0; k < 3; k++) {
        const double p = probabilities[k];
        size_t dropped = 0, with_unit = 0, with_case = 0, with_update = 0, with_layer = 0;
        for (size_t update = 0; update < SIDE; update++)
            for (size_t number = 0; number < SIDE; number++) {
                uint32_t bits[4], other_case[4], next_update[4];
                oracle_row_bits(1, update, number, bits);
                oracle_row_bits(1, update, number + 1, other_case);
                oracle_row_bits(1, update + 1, number, next_update);
                for (size_t unit = 0; unit < SIDE; unit++) {
                    if (oracle_drop_factor(bits, 2, p, unit) != 0)
                        continue;
                    dropped++;
                    with_unit += oracle_drop_factor(bits, 2, p, unit + 1) == 0;
                    with_case += oracle_drop_factor(other_case, 2, p, unit) == 0;
                    with_update += oracle_drop_factor(next_update, 2, p, unit) == 0;
                    with_layer += oracle_drop_factor(bits, 4, p, unit) == 0;
                }
            }
        const double pairs = p * p, bound = 5 * sqrt(COUNT * pairs * (1 - pairs));
        assert_true(fabs((double)dropped - COUNT * p) < 5 * sqrt(COUNT * p * (1 - p)));
        /* pairs of neighbours overlap, which adds 2 p^3 (1 - p) to the variance of each */
        const double overlap = 5 * sqrt(COUNT * (pairs * (1 - pairs) + 2 * p * p * p * (1 - p)));
        assert_true(fabs((double)with_unit - COUNT * pairs) < overlap);
        assert_true(fabs((double)with_case - COUNT * pairs) < overlap);
        assert_true(fabs((double)with_update - COUNT * pairs) < overlap);
        assert_true(fabs((double)with_layer - COUNT * pairs) < bound);
    }
}

/* ------------------------------------------------------------------------ timing */

static bp_real timed[1024], timed_out[1024], timed_factors[1024];
static const random_row timed_row_bits = {.bits = {1, 2, 3, 4}, .stream = 5};

static void time_drop_units_1024(const kernel_table *table)
{
    table->drop_units(&timed_row_bits, UINT32_C(0x80000000), 2, timed, timed_out, timed_factors, 1024);
}

static void time_add_noise_1024(const kernel_table *table)
{
    table->add_noise(&timed_row_bits, 1e-6, timed, 1024);
}

static const timed_row timed_rows[] = {{"drop_units 1024", time_drop_units_1024},
                                       {"add_noise 1024", time_add_noise_1024}};

TEST_OF_TABLES(drop)
TEST_OF_TABLES(not_a_number)
TEST_OF_TABLES(noise)
TEST_OF_TABLES(moments)

int main(int argc, char **argv)
{
    if (test_time_if_asked(argc, argv, timed_rows, sizeof timed_rows / sizeof timed_rows[0]))
        return 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drop),    cmocka_unit_test(test_not_a_number), cmocka_unit_test(test_noise),
        cmocka_unit_test(test_moments), cmocka_unit_test(masks_are_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
