/* The criteria of Prechelt (1998): by hand from the formulas, and against an oracle that looks at whole
 * courses. */
#include "train/stopping_example.h"

#include <math.h>

/* --------------------------------------------------------------------- GL */

static void test_generalization_loss(void **state)
{
    (void)state;
    /* In per cent of the lowest so far: 0, 0, 3.125, 6.25, 0, 6.25, 12.5 */
    const double errors[] = {2, 1, 1.03125, 1.0625, 0.5, 0.53125, 0.5625};
    assert_int_equal(fires_after_validation(bp_stop_generalization_loss(3), errors, 7), 3);
    assert_int_equal(fires_after_validation(bp_stop_generalization_loss(3.125), errors, 7), 4);
    assert_int_equal(fires_after_validation(bp_stop_generalization_loss(6), errors, 7), 4);
    assert_int_equal(fires_after_validation(bp_stop_generalization_loss(6.25), errors, 7), 7);
    assert_int_equal(fires_after_validation(bp_stop_generalization_loss(12.5), errors, 7), 0);
}

static void test_an_optimum_of_0_or_less(void **state)
{
    (void)state;
    const double zero[] = {1, 0, 0, 0x1p-1000};
    assert_int_equal(fires_after_validation(bp_stop_generalization_loss(1e300), zero, 3), 0);
    assert_int_equal(fires_after_validation(bp_stop_generalization_loss(1e300), zero, 4), 4);
    const double zero_at_last[] = {0x1p-1000, 0};
    assert_int_equal(fires_after_validation(bp_stop_generalization_loss(1), zero_at_last, 2), 0);
    /* 100 (-3 + 4) / 4 */
    const double negative[] = {-2, -4, -3};
    assert_int_equal(fires_after_validation(bp_stop_generalization_loss(24), negative, 3), 3);
    assert_int_equal(fires_after_validation(bp_stop_generalization_loss(25), negative, 3), 0);
}

static void test_validation_errors_that_are_nan(void **state)
{
    (void)state;
    const double errors[] = {NAN, 1, NAN, 1.5, NAN, 2};
    assert_int_equal(fires_after_validation(bp_stop_generalization_loss(10), errors, 6), 4);
    assert_int_equal(fires_after_validation(bp_stop_generalization_loss(60), errors, 6), 6);
    assert_int_equal(fires_after_validation(bp_stop_validation_up(1, 1), errors, 6), 0);
    assert_int_equal(fires_after_validation(bp_stop_validation_up(2, 1), errors, 6), 4);
    const double infinite[] = {1, INFINITY};
    assert_int_equal(fires_after_validation(bp_stop_generalization_loss(1e300), infinite, 2), 2);
}

/* --------------------------------------------------------------------- PQ */

static void test_progress_quotient(void **state)
{
    (void)state;
    /* Strips of 4. P: 1000 (12 / (4 * 2) - 1) = 500, 1000 (4 / (4 * 0.5) - 1) = 1000, 0, 0 */
    const double training[] = {4, 3, 2, 3, 1.5, 1, 1, 0.5, 1, 1, 1, 1, 2, 2, 2, 2};
    /* GL at the end of the strips: 6.25, 25, 0, 1.5625; within them it is of no interest. */
    const double validation[] = {2, 1, 1, 1.0625, 9, 99, 1, 1.25, 9, 9, 99, 1, 99, 99, 9, 1.015625};
    assert_int_equal(fires_after_both(bp_stop_progress_quotient(4, 0.0124), training, validation, 16), 4);
    assert_int_equal(fires_after_both(bp_stop_progress_quotient(4, 0.0125), training, validation, 16), 8);
    assert_int_equal(fires_after_both(bp_stop_progress_quotient(4, 0.0249), training, validation, 16), 8);
    assert_int_equal(fires_after_both(bp_stop_progress_quotient(4, 0.025), training, validation, 16), 16);
    assert_int_equal(fires_after_both(bp_stop_progress_quotient(4, 1e300), training, validation, 15), 0);
    assert_int_equal(fires_after_both(bp_stop_progress_quotient(17, 0.01), training, validation, 16), 0);
}

/* A strip of one epoch has no progress, and any loss is too much. */
static void test_progress_of_one_epoch(void **state)
{
    (void)state;
    const double training[] = {4, 3, 2, 1}, validation[] = {1, 1, 0.5, 0.75};
    assert_int_equal(fires_after_both(bp_stop_progress_quotient(1, 1e300), training, validation, 4), 4);
}

static void test_progress_from_or_to_0(void **state)
{
    (void)state;
    const double up[] = {1, 2, 3, 4};
    const double to_0[] = {1, 0, 1, 0}, at_0[] = {0, 0, 0, 0};
    assert_int_equal(fires_after_both(bp_stop_progress_quotient(2, 1e-300), to_0, up, 4), 0);
    assert_int_equal(fires_after_both(bp_stop_progress_quotient(2, 1e300), at_0, up, 4), 2);
    /* Of a custom loss: P = 1000 (-2 + 3) / 3 */
    const double negative[] = {-1, -3}, validation[] = {-2, -1}; /* GL = 50 */
    assert_int_equal(fires_after_both(bp_stop_progress_quotient(2, 0.149), negative, validation, 2), 2);
    assert_int_equal(fires_after_both(bp_stop_progress_quotient(2, 0.151), negative, validation, 2), 0);
}

/* --------------------------------------------------------------------- UP */

static void test_validation_up(void **state)
{
    (void)state;
    /* Every second one counts: 1, 2, 3, 2.5, 3, 4, 4, 5 */
    const double errors[] = {9, 1, 0, 2, 0, 3, 9, 2.5, 9, 3, 0, 4, 0, 4, 9, 5};
    assert_int_equal(fires_after_validation(bp_stop_validation_up(2, 1), errors, 16), 4);
    assert_int_equal(fires_after_validation(bp_stop_validation_up(2, 2), errors, 16), 6);
    assert_int_equal(fires_after_validation(bp_stop_validation_up(2, 3), errors, 16), 0);
    const double later[] = {1, 2, 1, 2, 3, 3, 4, 5, 6}; /* strips of one epoch */
    assert_int_equal(fires_after_validation(bp_stop_validation_up(1, 1), later, 9), 2);
    assert_int_equal(fires_after_validation(bp_stop_validation_up(1, 2), later, 9), 5);
    assert_int_equal(fires_after_validation(bp_stop_validation_up(1, 3), later, 9), 9);
    assert_int_equal(fires_after_validation(bp_stop_validation_up(1, 4), later, 9), 0);
    /* At the end of the third strip 2 is no more than at that of the second, whatever was before. */
    assert_int_equal(fires_after_validation(bp_stop_validation_up(3, 1), later, 9), 6);
    assert_int_equal(fires_after_validation(bp_stop_validation_up(3, 2), later, 9), 9);
    assert_int_equal(fires_after_validation(bp_stop_validation_up(9, 1), later, 9), 0);
}

/* ------------------------------------------------------------- against the oracle */

static bp_stop_rule random_rule(uint64_t *random)
{
    const size_t strip = 2 + test_below(random, 5);
    switch (test_below(random, 3)) {
    case 0:
        return bp_stop_generalization_loss(test_uniform(random, 0.1, 40));
    case 1:
        return bp_stop_progress_quotient(strip, test_uniform(random, 0.001, 0.5));
    default:
        return bp_stop_validation_up(strip - 1, 1 + test_below(random, 4));
    }
}

/* The training error falls, that of validation falls and then rises, both with fluctuations. */
static void random_course(double *training, double *validation, size_t count, uint64_t *random)
{
    const double noise = test_uniform(random, 0, 0.3), rise = test_uniform(random, 0, 0.03);
    for (size_t t = 0; t < count; t++) {
        const double time = (double)t;
        training[t] = (0.1 + 1 / (1 + time)) * (1 + noise * test_uniform(random, -1, 1));
        validation[t] = (0.3 + 1 / (1 + time) + rise * time) * (1 + noise * test_uniform(random, -1, 1));
    }
}

static void test_random_courses_against_the_oracle(void **state)
{
    (void)state;
    enum { EPOCHS = 60, KINDS = 3 };
    uint64_t random = 5;
    size_t ended[KINDS] = {0}, ran[KINDS] = {0};
    for (int i = 0; i < 6000; i++) {
        double training[EPOCHS], validation[EPOCHS];
        random_course(training, validation, EPOCHS, &random);
        const bp_stop_rule rule = random_rule(&random);
        const size_t wanted = oracle_end(&rule, training, validation, EPOCHS);
        assert_int_equal(fires_after_both(rule, training, validation, EPOCHS), wanted);
        ended[rule.kind - BP_STOP_GENERALIZATION_LOSS] += wanted != 0;
        ran[rule.kind - BP_STOP_GENERALIZATION_LOSS]++;
    }
    for (size_t i = 0; i < KINDS; i++)
        assert_in_range(ended[i], ran[i] / 4, ran[i] - 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_generalization_loss),
        cmocka_unit_test(test_an_optimum_of_0_or_less),
        cmocka_unit_test(test_validation_errors_that_are_nan),
        cmocka_unit_test(test_progress_quotient),
        cmocka_unit_test(test_progress_of_one_epoch),
        cmocka_unit_test(test_progress_from_or_to_0),
        cmocka_unit_test(test_validation_up),
        cmocka_unit_test(test_random_courses_against_the_oracle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
