/* Saturated and dead units, derivatives that vanish or explode, outputs no better than a constant. */
#include "check/diagnose_example.h"

#include <math.h>

enum { BIASES = HIDDEN * INPUTS };

static const bp_layer *hidden_of(const diagnose_example *e)
{
    return bp_network_find_layer(e->net, "hidden1");
}

/* The incoming weights of units first .. end - 1 times a factor, their biases moved. */
static void change_units(diagnose_example *e, size_t first, size_t end, double factor, double shift)
{
    size_t count;
    bp_real *weights = copy_weights(e->net, &count);
    for (size_t i = first * INPUTS; i < end * INPUTS; i++)
        weights[i] *= (bp_real)factor;
    for (size_t unit = first; unit < end; unit++)
        weights[BIASES + unit] += (bp_real)shift;
    set_weights(e->net, weights, count);
}

static void test_saturated_units(void **state)
{
    (void)state;
    const bp_activation activations[] = {bp_activation_tanh(), bp_activation_logistic()};
    for (size_t i = 0; i < 2; i++) {
        diagnose_example *e = make_classes(i + 1);
        replace_network(e, activations[i], bp_activation_softmax());
        change_units(e, 1, 4, 1e4, 0);
        diagnose(e, bp_loss_default());
        assert_not_found(e, BP_FINDING_SATURATED_UNITS); /* 3 of 8 */
        change_units(e, 4, 6, 1e4, 0);
        diagnose(e, bp_loss_default());
        const bp_finding *f = found(e, BP_FINDING_SATURATED_UNITS);
        assert_int_equal(f->severity, BP_SEVERITY_WARNING);
        assert_ptr_equal(f->layer, hidden_of(e));
        assert_int_equal(f->unit, 1);
        assert_int_equal(f->count, 5);
        assert_true(f->values[0] > 0.99 && f->values[0] <= 1 && f->values[1] == HIDDEN);
        assert_not_found(e, BP_FINDING_DEAD_UNITS);
        free_example(e);
    }
}

static void test_dead_units(void **state)
{
    (void)state;
    const bp_activation activations[] = {bp_activation_tanh(), bp_activation_logistic(),
                                         bp_activation_relu()};
    const double outputs[] = {-1, 0, 0};
    for (size_t i = 0; i < 3; i++) {
        diagnose_example *e = make_classes(i + 1);
        replace_network(e, activations[i], bp_activation_softmax());
        diagnose(e, bp_loss_default());
        assert_not_found(e, BP_FINDING_DEAD_UNITS);
        change_units(e, 3, 5, 1, -100);
        diagnose(e, bp_loss_default());
        const bp_finding *f = found(e, BP_FINDING_DEAD_UNITS);
        assert_int_equal(f->severity, BP_SEVERITY_NOTE);
        assert_ptr_equal(f->layer, hidden_of(e));
        assert_int_equal(f->unit, 3);
        assert_int_equal(f->count, 2);
        assert_true(fabs(f->values[0] - outputs[i]) < 1e-4 && f->values[1] == HIDDEN &&
                    f->values[2] == CASES);
        change_units(e, 0, 3, 1, -100);
        diagnose(e, bp_loss_default());
        assert_int_equal(found(e, BP_FINDING_DEAD_UNITS)->severity, BP_SEVERITY_WARNING);
        change_units(e, 5, HIDDEN, 1, -100);
        diagnose(e, bp_loss_default());
        assert_int_equal(found(e, BP_FINDING_DEAD_UNITS)->severity, BP_SEVERITY_ERROR);
        free_example(e);
    }
}

/* Eight hidden layers of weights that are all multiplied by a factor. */
static void make_deep(diagnose_example *e, bp_activation hidden, double factor)
{
    const size_t units[] = {INPUTS, 8, 8, 8, 8, 8, 8, 8, 8, OUTPUTS};
    size_t count;
    bp_network_destroy(e->net);
    assert_ok(bp_network_create_layered(&e->net, units, 10, hidden, bp_activation_softmax()));
    assert_ok(bp_network_initialize(e->net, 1));
    bp_real *weights = copy_weights(e->net, &count);
    for (size_t i = 0; i < count; i++)
        weights[i] *= (bp_real)factor;
    set_weights(e->net, weights, count);
}

static void test_vanishing_derivatives(void **state)
{
    (void)state;
    diagnose_example *e = make_classes(1);
    make_deep(e, bp_activation_logistic(), 0.5);
    diagnose(e, bp_loss_default());
    const bp_finding *f = found(e, BP_FINDING_VANISHING_DERIVATIVES);
    assert_ptr_equal(f->layer, hidden_of(e));
    assert_true(f->values[0] > 0 && f->values[0] * 300 < f->values[1] && f->values[2] >= 3);
    assert_not_found(e, BP_FINDING_EXPLODING_DERIVATIVES);
    free_example(e);
}

static void test_exploding_derivatives(void **state)
{
    (void)state;
    diagnose_example *e = make_classes(1);
    make_deep(e, bp_activation_linear(), 5);
    diagnose(e, bp_loss_default());
    const bp_finding *f = found(e, BP_FINDING_EXPLODING_DERIVATIVES);
    assert_ptr_equal(f->layer, hidden_of(e));
    assert_true(f->values[0] > 300 * f->values[1] && f->values[1] > 0);
    assert_not_found(e, BP_FINDING_VANISHING_DERIVATIVES);
    free_example(e);
}

static void test_healthy_depth(void **state)
{
    (void)state;
    diagnose_example *e = make_classes(1);
    make_deep(e, bp_activation_tanh(), 1);
    diagnose(e, bp_loss_default());
    assert_not_found(e, BP_FINDING_VANISHING_DERIVATIVES);
    assert_not_found(e, BP_FINDING_EXPLODING_DERIVATIVES);
    free_example(e);
}

/* 1/2 of the variance of each column. */
static double error_of_the_means(diagnose_example *e)
{
    double error = 0;
    for (size_t i = 0; i < OUTPUTS; i++) {
        double sum = 0, squares = 0;
        for (size_t row = 0; row < CASES; row++) {
            sum += (double)*target_of(e, row, i);
            squares += (double)*target_of(e, row, i) * (double)*target_of(e, row, i);
        }
        error += (squares - sum * sum / CASES) / 2;
    }
    return error / CASES;
}

static void test_no_better_than_a_constant(void **state)
{
    (void)state;
    diagnose_example *e = make_numbers(1);
    size_t count;
    diagnose(e, bp_loss_default());
    assert_not_found(e, BP_FINDING_NO_BETTER_THAN_CONSTANT); /* it was never trained */
    bp_real *weights = copy_weights(e->net, &count);
    weights[count - 1] += 1; /* the last bias */
    set_weights(e->net, weights, count);
    diagnose(e, bp_loss_default());
    const bp_finding *f = found(e, BP_FINDING_NO_BETTER_THAN_CONSTANT);
    assert_int_equal(f->severity, BP_SEVERITY_WARNING);
    assert_close(f->values[1], error_of_the_means(e), 1e-5);
    assert_true(f->values[0] > f->values[1]);
    free_example(e);
}

static void test_trained_network(void **state)
{
    (void)state;
    diagnose_example *e = make_classes(1);
    bp_trainer_options options;
    bp_trainer *trainer = NULL;
    bp_trainer_options_init(&options, sizeof options);
    assert_ok(bp_trainer_create(&trainer, e->net, &options));
    assert_ok(bp_trainer_run(trainer, &e->training, &e->validation, NULL));
    diagnose_with_validation(e, bp_loss_default());
    assert_healthy(e);
    bp_trainer_destroy(trainer);
    free_example(e);
}

/* Where the other units have learned all there is, dead ones are worth no more than a note. */
static void test_dead_units_that_are_not_needed(void **state)
{
    (void)state;
    diagnose_example *e = make_classes(1);
    bp_trainer_options options;
    bp_trainer *trainer = NULL;
    replace_network(e, bp_activation_relu(), bp_activation_softmax());
    change_units(e, 3, HIDDEN, 1, -100);
    assert_ok(bp_network_fit_scaling(e->net, &e->training, bp_scaling_automatic(), bp_scaling_none()));
    bp_trainer_options_init(&options, sizeof options);
    options.weight_decay = 0;
    assert_ok(bp_trainer_create(&trainer, e->net, &options));
    assert_ok(bp_trainer_run(trainer, &e->training, NULL, NULL));
    diagnose(e, bp_loss_default());
    assert_int_equal(found(e, BP_FINDING_DEAD_UNITS)->severity, BP_SEVERITY_NOTE);
    assert_true(found(e, BP_FINDING_DEAD_UNITS)->count >= HIDDEN / 2);
    bp_trainer_destroy(trainer);
    free_example(e);
}

/* Large raw inputs saturate units, but a trainer would scale them first. */
static void test_before_scaling(void **state)
{
    (void)state;
    diagnose_example *e = make_classes(1);
    for (size_t i = 0; i < CASES * INPUTS; i++)
        e->inputs[i] *= 1000;
    diagnose(e, bp_loss_default());
    found(e, BP_FINDING_INPUTS_UNSCALED);
    assert_int_equal(e->count, 1);
    free_example(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_saturated_units),       cmocka_unit_test(test_dead_units),
        cmocka_unit_test(test_vanishing_derivatives), cmocka_unit_test(test_exploding_derivatives),
        cmocka_unit_test(test_healthy_depth),         cmocka_unit_test(test_no_better_than_a_constant),
        cmocka_unit_test(test_trained_network),       cmocka_unit_test(test_dead_units_that_are_not_needed),
        cmocka_unit_test(test_before_scaling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
