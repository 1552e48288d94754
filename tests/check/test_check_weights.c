/* Softmax of one unit, more weights than targets, identical units. */
#include "check/diagnose_example.h"

static void test_softmax_of_one(void **state)
{
    (void)state;
    diagnose_example *e = make_classes(1);
    const size_t units[] = {INPUTS, HIDDEN, 1};
    bp_network_destroy(e->net);
    assert_ok(bp_network_create_layered(&e->net, units, 3, bp_activation_tanh(), bp_activation_softmax()));
    assert_ok(bp_network_initialize(e->net, 1));
    e->training = bp_data_view(CASES, e->inputs, INPUTS, e->targets, 1);
    diagnose(e, bp_loss_default());
    const bp_finding *f = found(e, BP_FINDING_SOFTMAX_OF_ONE);
    assert_int_equal(f->severity, BP_SEVERITY_ERROR);
    assert_ptr_equal(f->layer, bp_network_find_layer(e->net, "output"));
    free_example(e);
}

/* The network has 5 * 8 + 8 + 8 * 3 + 3 = 75 weights. */
static void test_few_cases(void **state)
{
    (void)state;
    diagnose_example *e = make_numbers(1);
    e->training.cases = 25;
    diagnose(e, bp_loss_default());
    assert_not_found(e, BP_FINDING_FEW_CASES);
    e->training.cases = 24;
    diagnose(e, bp_loss_default());
    const bp_finding *f = found(e, BP_FINDING_FEW_CASES);
    assert_int_equal(f->severity, BP_SEVERITY_NOTE);
    assert_int_equal(f->count, 24);
    assert_true(f->values[0] == 75 && f->values[1] == 3);
    free_example(e);
}

/* Weights: those into the hidden layer, its biases, those into the output layer, its biases. */
static void make_equal(diagnose_example *e, size_t to, size_t from, int with_outgoing)
{
    size_t count;
    bp_real *weights = copy_weights(e->net, &count);
    for (size_t i = 0; i < INPUTS; i++)
        weights[to * INPUTS + i] = weights[from * INPUTS + i];
    weights[HIDDEN * INPUTS + to] = weights[HIDDEN * INPUTS + from];
    bp_real *outgoing = weights + HIDDEN * INPUTS + HIDDEN;
    for (size_t i = 0; with_outgoing && i < OUTPUTS; i++)
        outgoing[i * HIDDEN + to] = outgoing[i * HIDDEN + from];
    set_weights(e->net, weights, count);
}

static void test_two_equal_units(void **state)
{
    (void)state;
    diagnose_example *e = make_classes(1);
    make_equal(e, 6, 2, 0);
    diagnose(e, bp_loss_default());
    assert_not_found(e, BP_FINDING_SYMMETRIC_UNITS); /* their outgoing weights will part them */
    make_equal(e, 6, 2, 1);
    diagnose(e, bp_loss_default());
    const bp_finding *f = found(e, BP_FINDING_SYMMETRIC_UNITS);
    assert_int_equal(f->severity, BP_SEVERITY_WARNING);
    assert_ptr_equal(f->layer, bp_network_find_layer(e->net, "hidden1"));
    assert_int_equal(f->unit, 2);
    assert_int_equal(f->count, 2);
    assert_true(f->values[0] == 6 && f->values[1] == HIDDEN);
    make_equal(e, 7, 2, 1);
    make_equal(e, 1, 0, 1);
    diagnose(e, bp_loss_default());
    f = found(e, BP_FINDING_SYMMETRIC_UNITS);
    assert_int_equal(f->unit, 0);
    assert_int_equal(f->count, 5);
    free_example(e);
}

static void test_all_units_equal(void **state)
{
    (void)state;
    diagnose_example *e = make_classes(1);
    size_t count;
    bp_real *weights = copy_weights(e->net, &count);
    for (size_t i = 0; i < count; i++)
        weights[i] = 0;
    set_weights(e->net, weights, count);
    diagnose(e, bp_loss_default());
    const bp_finding *f = found(e, BP_FINDING_SYMMETRIC_UNITS);
    assert_int_equal(f->severity, BP_SEVERITY_ERROR);
    assert_int_equal(f->unit, 0);
    assert_int_equal(f->count, HIDDEN);
    assert_ok(bp_network_initialize(e->net, 1));
    diagnose(e, bp_loss_default());
    assert_healthy(e);
    free_example(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_softmax_of_one),
        cmocka_unit_test(test_few_cases),
        cmocka_unit_test(test_two_equal_units),
        cmocka_unit_test(test_all_units_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
