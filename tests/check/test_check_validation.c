/* Validation cases drawn unlike those of training. */
#include "check/diagnose_example.h"

static void test_shifted_inputs(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        diagnose_example *e = make_numbers(seed);
        for (size_t row = 0; row < OTHERS; row++)
            e->other_inputs[row * INPUTS + 2] += 1;
        diagnose_with_validation(e, bp_loss_default());
        const bp_finding *f = found(e, BP_FINDING_VALIDATION_INPUTS);
        assert_int_equal(f->severity, BP_SEVERITY_WARNING);
        assert_int_equal(f->column, 2);
        assert_int_equal(f->count, 1);
        assert_true(f->values[0] > -0.3 && f->values[0] < 0.3 && f->values[1] > 0.7 && f->values[1] < 1.3);
        assert_true(f->values[2] > 0.2 && f->values[3] < 1e-4 && f->values[3] > 0);
        assert_not_found(e, BP_FINDING_VALIDATION_TARGETS);
        free_example(e);
    }
}

/* The same mean, but twice the spread. */
static void test_wider_inputs(void **state)
{
    (void)state;
    diagnose_example *e = make_numbers(1);
    for (size_t row = 0; row < OTHERS; row++)
        e->other_inputs[row * INPUTS + 4] *= 3;
    diagnose_with_validation(e, bp_loss_default());
    assert_int_equal(found(e, BP_FINDING_VALIDATION_INPUTS)->column, 4);
    free_example(e);
}

static void test_sorted_classes(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        diagnose_example *e = make_classes(seed);
        for (size_t row = 0; row < OTHERS; row++)
            for (size_t i = 0; i < OUTPUTS; i++)
                e->other_targets[row * OUTPUTS + i] = i == 1 + row % 2;
        diagnose_with_validation(e, bp_loss_default());
        const bp_finding *f = found(e, BP_FINDING_VALIDATION_TARGETS);
        assert_int_equal(f->column, 0);
        assert_true(f->values[1] == 0);
        free_example(e);
    }
}

/* Of 400 random splits none may be found; the tests together err once in a thousand. */
static void test_random_splits(void **state)
{
    (void)state;
    size_t alarms = 0;
    for (uint64_t seed = 1; seed <= 400; seed++) {
        diagnose_example *e = seed % 2 == 0 ? make_classes(seed) : make_numbers(seed);
        for (size_t row = 0; row < CASES; row++)
            *input_of(e, row, 0) = *input_of(e, row, 0) > 1;
        for (size_t row = 0; row < OTHERS; row++)
            e->other_inputs[row * INPUTS] = e->other_inputs[row * INPUTS] > 1;
        diagnose_with_validation(e, bp_loss_default());
        for (size_t i = 0; i < e->count; i++)
            alarms += e->found[i].kind == BP_FINDING_VALIDATION_INPUTS ||
                      e->found[i].kind == BP_FINDING_VALIDATION_TARGETS;
        free_example(e);
    }
    assert_int_equal(alarms, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shifted_inputs),
        cmocka_unit_test(test_wider_inputs),
        cmocka_unit_test(test_sorted_classes),
        cmocka_unit_test(test_random_splits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
