/* Equal cases with different targets; cases that training and validation share. */
#include "check/diagnose_example.h"

#include <math.h>
#include <string.h>

#include "base/real.h"

static void copy_inputs(diagnose_example *e, size_t to, size_t from)
{
    memcpy(input_of(e, to, 0), input_of(e, from, 0), INPUTS * sizeof(bp_real));
}

static void copy_targets(diagnose_example *e, size_t to, size_t from)
{
    memcpy(target_of(e, to, 0), target_of(e, from, 0), OUTPUTS * sizeof(bp_real));
}

/* Two cases of each other's opposite; equal ones with equal targets do not count. */
static void test_contrary_numbers(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        diagnose_example *e = make_numbers(seed);
        copy_inputs(e, 50, 20);
        copy_targets(e, 50, 20);
        diagnose(e, bp_loss_default());
        assert_not_found(e, BP_FINDING_CONTRARY_TARGETS);
        *target_of(e, 50, 1) += 3;
        copy_inputs(e, 60, 20);
        copy_targets(e, 60, 20);
        diagnose(e, bp_loss_default());
        const bp_finding *f = found(e, BP_FINDING_CONTRARY_TARGETS);
        assert_int_equal(f->severity, BP_SEVERITY_NOTE);
        assert_int_equal(f->count, 3);
        assert_true(f->values[0] == 20 && f->values[1] == 50 && f->values[2] == CASES);
        /* 1/2 (1 + 1 + 4): the best answer is a third of the way */
        assert_close(f->values[3], 3.0 / CASES, 1e-4);
        free_example(e);
    }
}

static void test_contrary_classes(void **state)
{
    (void)state;
    diagnose_example *e = make_classes(1);
    for (size_t row = 0; row < 20; row++) {
        copy_inputs(e, row, 200);
        for (size_t i = 0; i < OUTPUTS; i++)
            *target_of(e, row, i) = i == row % 2;
    }
    memset(target_of(e, 200, 0), 0, OUTPUTS * sizeof(bp_real));
    *target_of(e, 200, 0) = 1;
    diagnose(e, bp_loss_default());
    const bp_finding *f = found(e, BP_FINDING_CONTRARY_TARGETS);
    assert_int_equal(f->severity, BP_SEVERITY_WARNING); /* 21 of 300 */
    assert_int_equal(f->count, 21);
    double entropy = -11 * log(11.0 / 21) - 10 * log(10.0 / 21);
    assert_close(f->values[3], entropy / CASES, 1e-6);
    diagnose(e, bp_loss_with_tolerance(bp_loss_cross_entropy(), 0.1));
    assert_true(isnan(found(e, BP_FINDING_CONTRARY_TARGETS)->values[3]));
    free_example(e);
}

static void test_minus_zero_equals_zero(void **state)
{
    (void)state;
    diagnose_example *e = make_numbers(1);
    copy_inputs(e, 50, 20);
    *input_of(e, 20, 0) = 0;
    *input_of(e, 50, 0) = (bp_real)-0.0;
    diagnose(e, bp_loss_default());
    assert_int_equal(found(e, BP_FINDING_CONTRARY_TARGETS)->count, 2);
    free_example(e);
}

static void share(diagnose_example *e, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        memcpy(e->other_inputs + (3 + i) * INPUTS, input_of(e, 100 + i, 0), INPUTS * sizeof(bp_real));
        memcpy(e->other_targets + (3 + i) * OUTPUTS, target_of(e, 100 + i, 0), OUTPUTS * sizeof(bp_real));
    }
}

static void test_shared_cases(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        diagnose_example *e = make_classes(seed);
        share(e, 40);
        diagnose_with_validation(e, bp_loss_default());
        const bp_finding *f = found(e, BP_FINDING_SHARED_CASES);
        assert_int_equal(f->severity, BP_SEVERITY_WARNING);
        assert_int_equal(f->count, 40);
        assert_true(f->values[0] == 3 && f->values[1] == 100 && f->values[2] == OTHERS);
        diagnose(e, bp_loss_default());
        assert_not_found(e, BP_FINDING_SHARED_CASES);
        free_example(e);
    }
}

/* Where the training data are full of equal cases, those of validation are expected to equal some. */
static void test_shared_cases_of_few_kinds(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        diagnose_example *e = make_classes(seed);
        for (size_t i = 0; i < CASES * INPUTS; i++)
            e->inputs[i] = e->inputs[i] > 0;
        for (size_t i = 0; i < OTHERS * INPUTS; i++)
            e->other_inputs[i] = e->other_inputs[i] > 0;
        diagnose_with_validation(e, bp_loss_default());
        assert_int_equal(found(e, BP_FINDING_SHARED_CASES)->severity, BP_SEVERITY_NOTE);
        free_example(e);
    }
}

/* Numbers of which bp_real tells only every other one apart: not the targets are at fault. */
static void test_numbers_that_are_rounded(void **state)
{
    (void)state;
    const double offset = 2 / BPI_REAL_EPSILON;
    diagnose_example *e = make_numbers(1);
    for (size_t row = 0; row < CASES; row++)
        for (size_t i = 0; i < INPUTS; i++)
            *input_of(e, row, i) = i == 1 ? (bp_real)(offset + (double)row) : 0;
    share(e, 1);
    diagnose_with_validation(e, bp_loss_default());
    assert_int_equal(found(e, BP_FINDING_CONTRARY_TARGETS)->column, 1);
    assert_int_equal(found(e, BP_FINDING_SHARED_CASES)->column, 1);
    for (size_t row = 0; row < CASES; row++)
        *input_of(e, row, 1) = (bp_real)(offset + (double)(row / 2 * 10)); /* that many digits suffice */
    share(e, 1);
    diagnose_with_validation(e, bp_loss_default());
    assert_int_equal(found(e, BP_FINDING_CONTRARY_TARGETS)->column, BP_NO_INDEX);
    assert_int_equal(found(e, BP_FINDING_SHARED_CASES)->column, BP_NO_INDEX);
    free_example(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contrary_numbers),          cmocka_unit_test(test_contrary_classes),
        cmocka_unit_test(test_minus_zero_equals_zero),    cmocka_unit_test(test_shared_cases),
        cmocka_unit_test(test_shared_cases_of_few_kinds), cmocka_unit_test(test_numbers_that_are_rounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
