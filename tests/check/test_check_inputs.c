/* Constant and repeated input columns, outliers, inputs that are not scaled. */
#include "check/diagnose_example.h"

#include <math.h>

static void test_constant_columns(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        diagnose_example *e = make_classes(seed);
        for (size_t row = 0; row < CASES; row++)
            *input_of(e, row, 2) = (bp_real)2.5;
        diagnose(e, bp_loss_default());
        const bp_finding *f = found(e, BP_FINDING_CONSTANT_INPUT);
        assert_int_equal(f->severity, BP_SEVERITY_NOTE);
        assert_int_equal(f->column, 2);
        assert_int_equal(f->count, 1);
        assert_true(f->values[0] == 2.5 && f->values[1] == CASES);
        for (size_t row = 0; row < CASES; row++)
            *input_of(e, row, 4) = 0;
        diagnose(e, bp_loss_default());
        f = found(e, BP_FINDING_CONSTANT_INPUT);
        assert_int_equal(f->column, 2);
        assert_int_equal(f->count, 2);
        *input_of(e, 7, 2) = 2;
        *input_of(e, 7, 4) = 2;
        diagnose(e, bp_loss_default());
        assert_not_found(e, BP_FINDING_CONSTANT_INPUT);
        free_example(e);
    }
}

static void test_repeated_columns(void **state)
{
    (void)state;
    const double factors[] = {1, 1, -3, 0.01}, shifts[] = {0, 2, 1, -0.5};
    for (size_t i = 0; i < 4; i++) {
        diagnose_example *e = make_classes(i + 1);
        for (size_t row = 0; row < CASES; row++)
            *input_of(e, row, 3) = (bp_real)(factors[i] * (double)*input_of(e, row, 1) + shifts[i]);
        diagnose(e, bp_loss_default());
        const bp_finding *f = found(e, BP_FINDING_DUPLICATE_INPUT);
        assert_int_equal(f->column, 3);
        assert_int_equal(f->count, 1);
        assert_true(f->values[0] == 1 && f->values[3] == CASES);
        assert_close(f->values[1], factors[i], 1e-5);
        assert_true(fabs(f->values[2] - shifts[i]) < 1e-5);
        *input_of(e, 100, 3) += (bp_real)(0.01 * factors[i]);
        diagnose(e, bp_loss_default());
        assert_not_found(e, BP_FINDING_DUPLICATE_INPUT);
        free_example(e);
    }
}

/* The lowest of a group is the original, whatever the order in which they are met. */
static void test_several_repeated_columns(void **state)
{
    (void)state;
    diagnose_example *e = make_classes(1);
    for (size_t row = 0; row < CASES; row++) {
        *input_of(e, row, 2) = *input_of(e, row, 0) * 2 + 1;
        *input_of(e, row, 4) = -*input_of(e, row, 0) / 3;
    }
    diagnose(e, bp_loss_default());
    const bp_finding *f = found(e, BP_FINDING_DUPLICATE_INPUT);
    assert_int_equal(f->column, 2);
    assert_int_equal(f->count, 2);
    assert_true(f->values[0] == 0);
    assert_close(f->values[1], 2, 1e-5);
    free_example(e);
}

/* Columns that are 1 in the same single case agree by chance. */
static void test_chance_is_no_repetition(void **state)
{
    (void)state;
    diagnose_example *e = make_classes(1);
    for (size_t row = 0; row < CASES; row++)
        *input_of(e, row, 1) = *input_of(e, row, 3) = row == 7;
    diagnose(e, bp_loss_default());
    assert_not_found(e, BP_FINDING_DUPLICATE_INPUT);
    for (size_t row = 0; row < CASES; row++)
        *input_of(e, row, 1) = *input_of(e, row, 3) = row % 9 == 7;
    diagnose(e, bp_loss_default());
    found(e, BP_FINDING_DUPLICATE_INPUT);
    for (size_t row = 0; row < CASES; row++) /* the opposite, far from it */
        *input_of(e, row, 3) = 1 - *input_of(e, row, 1);
    diagnose(e, bp_loss_default());
    found(e, BP_FINDING_DUPLICATE_INPUT);
    for (size_t row = 0; row < CASES; row++) { /* side by side: the inputs of a category */
        *input_of(e, row, 2) = *input_of(e, row, 3);
        *input_of(e, row, 3) = (bp_real)row;
    }
    diagnose(e, bp_loss_default());
    assert_not_found(e, BP_FINDING_DUPLICATE_INPUT);
    free_example(e);
}

static void test_outliers(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        diagnose_example *e = make_classes(seed);
        *input_of(e, 30, 1) = -999;
        *input_of(e, 31, 1) = -999;
        diagnose(e, bp_loss_default());
        const bp_finding *f = found(e, BP_FINDING_OUTLIERS);
        assert_int_equal(f->severity, BP_SEVERITY_WARNING);
        assert_int_equal(f->column, 1);
        assert_int_equal(f->count, 1);
        assert_true(f->values[0] == -999 && f->values[3] == 2);
        assert_true(f->values[1] > -5 && f->values[1] < -2 && f->values[2] > 2 && f->values[2] < 5);
        *input_of(e, 32, 1) = 500;
        *input_of(e, 30, 4) = 5000;
        diagnose(e, bp_loss_default());
        f = found(e, BP_FINDING_OUTLIERS);
        assert_int_equal(f->column, 4);
        assert_int_equal(f->count, 2);
        assert_true(f->values[0] == 5000);
        free_example(e);
    }
}

/* Long tails without a gap, columns most of which is one value, and columns of two values. */
static void test_no_outliers(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        diagnose_example *e = make_classes(seed);
        for (size_t row = 0; row < CASES; row++) {
            *input_of(e, row, 0) = (bp_real)exp((double)*input_of(e, row, 0));
            *input_of(e, row, 1) = row % 50 == 0 ? *input_of(e, row, 1) : 0;
            *input_of(e, row, 2) = row == 5 ? 100 : 0;
        }
        diagnose(e, bp_loss_default());
        assert_not_found(e, BP_FINDING_OUTLIERS);
        free_example(e);
    }
}

static void scale_column(diagnose_example *e, size_t column, double factor, double shift)
{
    for (size_t row = 0; row < CASES; row++)
        *input_of(e, row, column) = (bp_real)(factor * (double)*input_of(e, row, column) + shift);
}

/* A note while a trainer would still scale; a warning once weights are not fresh; nothing when scaled. */
static void test_unscaled_inputs(void **state)
{
    (void)state;
    const double factors[] = {50, 1, 1e-3}, shifts[] = {0, 2000, 0};
    for (size_t i = 0; i < 3; i++) {
        diagnose_example *e = make_classes(i + 1);
        size_t count;
        for (size_t column = 0; column < INPUTS; column++)
            if (column == 2 || i == 2)
                scale_column(e, column, factors[i], shifts[i]);
        diagnose(e, bp_loss_default());
        const bp_finding *f = found(e, BP_FINDING_INPUTS_UNSCALED);
        assert_int_equal(f->severity, BP_SEVERITY_NOTE);
        if (i < 2)
            assert_int_equal(f->column, 2);
        assert_close(f->values[0], i == 1 ? 2000 : factors[i], 0.2);
        assert_close(f->values[1], i == 2 ? 1e-3 : 1, 0.2);
        bp_real *weights = copy_weights(e->net, &count);
        set_weights(e->net, weights, count);
        diagnose(e, bp_loss_default());
        assert_int_equal(found(e, BP_FINDING_INPUTS_UNSCALED)->severity, BP_SEVERITY_WARNING);
        assert_ok(bp_network_fit_scaling(e->net, &e->training, bp_scaling_automatic(), bp_scaling_none()));
        diagnose(e, bp_loss_default());
        assert_not_found(e, BP_FINDING_INPUTS_UNSCALED);
        free_example(e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constant_columns),
        cmocka_unit_test(test_repeated_columns),
        cmocka_unit_test(test_several_repeated_columns),
        cmocka_unit_test(test_chance_is_no_repetition),
        cmocka_unit_test(test_outliers),
        cmocka_unit_test(test_no_outliers),
        cmocka_unit_test(test_unscaled_inputs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
