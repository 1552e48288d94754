/* Classes, targets that do not vary or cannot be reached, losses that do not suit them. */
#include "check/diagnose_example.h"

#include <math.h>

static void set_class(diagnose_example *e, size_t row, size_t class)
{
    for (size_t i = 0; i < OUTPUTS; i++)
        *target_of(e, row, i) = i == class;
}

static const bp_layer *output_of(const diagnose_example *e)
{
    return bp_network_find_layer(e->net, "output");
}

static void test_rare_class(void **state)
{
    (void)state;
    for (size_t rare = 9; rare <= 10; rare++) { /* the limit is 300 / 3 / 10 */
        diagnose_example *e = make_classes(1);
        for (size_t row = 0; row < CASES; row++)
            set_class(e, row, row < rare ? 1 : row % 3 == 0 ? 0 : 2);
        diagnose(e, bp_loss_default());
        if (rare == 10) {
            assert_not_found(e, BP_FINDING_CLASS_RARE);
            free_example(e);
            continue;
        }
        const bp_finding *f = found(e, BP_FINDING_CLASS_RARE);
        assert_int_equal(f->severity, BP_SEVERITY_WARNING);
        assert_ptr_equal(f->layer, output_of(e));
        assert_int_equal(f->column, 1);
        assert_int_equal(f->count, 9);
        assert_true(f->values[0] == CASES && f->values[1] == 3 && f->values[2] == 194);
        free_example(e);
    }
}

static void test_absent_class(void **state)
{
    (void)state;
    diagnose_example *e = make_classes(1);
    for (size_t row = 0; row < CASES; row++)
        set_class(e, row, row % 2);
    diagnose(e, bp_loss_default());
    const bp_finding *f = found(e, BP_FINDING_CLASS_ABSENT);
    assert_int_equal(f->column, 2);
    assert_int_equal(f->count, 1);
    assert_true(f->values[0] == CASES && f->values[1] == 3);
    assert_not_found(e, BP_FINDING_CLASS_RARE);
    assert_not_found(e, BP_FINDING_CONSTANT_TARGET);
    free_example(e);
}

/* One output, of two classes -1 and 1. */
static void test_rare_class_of_two(void **state)
{
    (void)state;
    diagnose_example *e = make_classes(1);
    const size_t units[] = {INPUTS, HIDDEN, 1};
    bp_network_destroy(e->net);
    assert_ok(bp_network_create_layered(&e->net, units, 3, bp_activation_tanh(), bp_activation_tanh()));
    assert_ok(bp_network_initialize(e->net, 1));
    for (size_t row = 0; row < CASES; row++)
        e->targets[row] = row < 14 ? -1 : 1;
    e->training = bp_data_view(CASES, e->inputs, INPUTS, e->targets, 1);
    diagnose(e, bp_loss_default());
    const bp_finding *f = found(e, BP_FINDING_CLASS_RARE);
    assert_int_equal(f->column, 0);
    assert_int_equal(f->count, 14);
    assert_true(f->values[1] == 2 && f->values[2] == 286);
    e->targets[14] = -1;
    diagnose(e, bp_loss_default());
    assert_not_found(e, BP_FINDING_CLASS_RARE);
    free_example(e);
}

static void test_constant_target(void **state)
{
    (void)state;
    diagnose_example *e = make_numbers(1);
    for (size_t row = 0; row < CASES; row++)
        *target_of(e, row, 1) = (bp_real)0.5;
    diagnose(e, bp_loss_default());
    const bp_finding *f = found(e, BP_FINDING_CONSTANT_TARGET);
    assert_int_equal(f->severity, BP_SEVERITY_NOTE);
    assert_int_equal(f->column, 1);
    assert_int_equal(f->count, 1);
    assert_true(f->values[0] == 0.5 && f->values[1] == CASES);
    for (size_t row = 0; row < CASES; row++)
        *target_of(e, row, 0) = *target_of(e, row, 2) = 3;
    diagnose(e, bp_loss_default());
    f = found(e, BP_FINDING_CONSTANT_TARGET);
    assert_int_equal(f->severity, BP_SEVERITY_WARNING);
    assert_int_equal(f->count, 3);
    free_example(e);
}

/* ------------------------------------------------------------------------- reach */

typedef struct reach {
    bp_activation activation;
    double low, high;
} reach;

static void test_targets_out_of_reach(void **state)
{
    (void)state;
    const reach reaches[] = {
        {bp_activation_logistic(), 0, 1}, {bp_activation_tanh(), -1, 1}, {bp_activation_relu(), 0, INFINITY}};
    for (size_t i = 0; i < 3; i++) {
        diagnose_example *e = make_numbers(i + 1);
        replace_network(e, bp_activation_tanh(), reaches[i].activation);
        size_t count;
        bp_real *weights = copy_weights(e->net, &count);
        set_weights(e->net, weights, count);
        for (size_t row = 0; row < CASES * OUTPUTS; row++)
            e->targets[row] = (bp_real)(row % 7) / 10;
        diagnose(e, bp_loss_default());
        assert_not_found(e, BP_FINDING_TARGETS_OUT_OF_REACH);
        *target_of(e, 8, 1) = -2;
        *target_of(e, 9, 2) = -3;
        diagnose(e, bp_loss_default());
        const bp_finding *f = found(e, BP_FINDING_TARGETS_OUT_OF_REACH);
        assert_int_equal(f->severity, BP_SEVERITY_ERROR);
        assert_ptr_equal(f->layer, output_of(e));
        assert_int_equal(f->column, 2);
        assert_int_equal(f->count, 2);
        assert_true(f->values[0] == -3 && f->values[2] == reaches[i].low && f->values[3] == reaches[i].high);
        assert_close(f->values[1], 0.6, 1e-6);
        if (i < 2) { /* the automatic scaling leaves negative targets of ReLU units alone */
            assert_ok(
                bp_network_fit_scaling(e->net, &e->training, bp_scaling_automatic(), bp_scaling_automatic()));
            diagnose(e, bp_loss_default());
            assert_not_found(e, BP_FINDING_TARGETS_OUT_OF_REACH);
        }
        free_example(e);
    }
}

/* Cross-entropy itself is refused for such targets by other calls. */
static void test_cross_entropy_out_of_reach(void **state)
{
    (void)state;
    diagnose_example *e = make_numbers(1);
    replace_network(e, bp_activation_tanh(), bp_activation_logistic());
    diagnose(e, bp_loss_cross_entropy());
    assert_int_equal(found(e, BP_FINDING_TARGETS_OUT_OF_REACH)->severity, BP_SEVERITY_NOTE);
    free_example(e);
}

static void test_softmax_targets_that_do_not_sum_to_1(void **state)
{
    (void)state;
    diagnose_example *e = make_classes(1);
    *target_of(e, 4, 0) = *target_of(e, 4, 1) = 1;
    *target_of(e, 4, 2) = (bp_real)0.5;
    diagnose(e, bp_loss_default());
    const bp_finding *f = found(e, BP_FINDING_TARGETS_OUT_OF_REACH);
    assert_int_equal(f->severity, BP_SEVERITY_ERROR);
    assert_int_equal(f->column, BP_NO_INDEX);
    assert_int_equal(f->count, 1);
    assert_close(f->values[0], 2.5, 1e-6);
    free_example(e);
}

/* -------------------------------------------------------------------------- loss */

static void test_squared_error_on_softmax(void **state)
{
    (void)state;
    diagnose_example *e = make_classes(1);
    diagnose(e, bp_loss_squared_error());
    assert_ptr_equal(found(e, BP_FINDING_SQUARED_ERROR_SOFTMAX)->layer, output_of(e));
    diagnose(e, bp_loss_cross_entropy());
    assert_not_found(e, BP_FINDING_SQUARED_ERROR_SOFTMAX);
    free_example(e);
}

static void test_classes_without_softmax(void **state)
{
    (void)state;
    const bp_activation others[] = {bp_activation_linear(), bp_activation_logistic(), bp_activation_tanh()};
    for (size_t i = 0; i < 3; i++) {
        diagnose_example *e = make_classes(i + 1);
        replace_network(e, bp_activation_tanh(), others[i]);
        diagnose(e, bp_loss_default());
        const bp_finding *f = found(e, BP_FINDING_SOFTMAX_SUITS);
        assert_ptr_equal(f->layer, output_of(e));
        assert_int_equal(f->count, 3);
        assert_not_found(e, BP_FINDING_CROSS_ENTROPY);
        *target_of(e, 0, 0) = *target_of(e, 0, 1) = 1; /* several classes at once */
        diagnose(e, bp_loss_default());
        assert_not_found(e, BP_FINDING_SOFTMAX_SUITS);
        if (i == 1)
            found(e, BP_FINDING_CROSS_ENTROPY);
        else
            assert_not_found(e, BP_FINDING_CROSS_ENTROPY);
        free_example(e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rare_class),
        cmocka_unit_test(test_absent_class),
        cmocka_unit_test(test_rare_class_of_two),
        cmocka_unit_test(test_constant_target),
        cmocka_unit_test(test_targets_out_of_reach),
        cmocka_unit_test(test_cross_entropy_out_of_reach),
        cmocka_unit_test(test_softmax_targets_that_do_not_sum_to_1),
        cmocka_unit_test(test_squared_error_on_softmax),
        cmocka_unit_test(test_classes_without_softmax),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
