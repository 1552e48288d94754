/* The check of derivatives where rounding matters: it is never taken for a wrong derivative. */
#include <math.h>
#include <stdbool.h>

#include "check/check_example.h"
#include "support/support.h"

/* ------------------------------------------------------------- at the end of training */

/* Exclusive or, and how it is learned. */
typedef struct solved_example {
    bp_activation output;
    bp_loss loss;
    double low, high; /* the targets */
    size_t outputs;   /* 2: one for each class */
} solved_example;

static bp_network *train(const solved_example *example, const bp_data *data, size_t epochs, uint64_t seed)
{
    const size_t units[] = {2, 6, example->outputs};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), example->output));
    assert_ok(bp_network_initialize(net, seed));
    bp_stop_rule rule = bp_stop_epochs(epochs);
    bp_trainer_options options;
    bp_trainer *trainer = NULL;
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.1, 0.9);
    options.loss = example->loss;
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    assert_ok(bp_trainer_create(&trainer, net, &options));
    assert_ok(bp_trainer_run(trainer, data, NULL, NULL));
    bp_trainer_destroy(trainer);
    return net;
}

/* However near the outputs are to their targets: what is compared is right. */
static void test_solved_problems(void **state)
{
    (void)state;
    const solved_example examples[] = {
        {bp_activation_softmax(), bp_loss_cross_entropy(), 0, 1, 2},
        {bp_activation_logistic(), bp_loss_cross_entropy(), 0, 1, 1},
        {bp_activation_linear(), bp_loss_squared_error(), 0, 1, 1},
        {bp_activation_tanh(), bp_loss_squared_error(), -0.5, 0.8, 1},
    };
    const bp_real inputs[] = {0, 0, 0, 1, 1, 0, 1, 1};
    for (size_t e = 0; e < 4; e++) {
        const solved_example *example = &examples[e];
        bp_real low = (bp_real)example->low, high = (bp_real)example->high;
        const bp_real one[] = {low, high, high, low}, two[] = {high, low, low, high, low, high, high, low};
        bp_data data = bp_data_view(4, inputs, 2, example->outputs == 2 ? two : one, example->outputs);
        size_t skipped = 0, checked = 0;
        for (size_t epochs = 1; epochs <= 10000; epochs *= 10)
            for (uint64_t seed = 1; seed <= 12; seed++) {
                bp_network *net = train(example, &data, epochs, seed);
                bp_gradient_check result = check_with(net, &data, example->loss);
                if (result.checked > 0)
                    assert_passed(&result);
                checked += result.checked;
                skipped += result.skipped;
                if (epochs == 1)
                    assert_true(result.checked >= 25);
                bp_network_destroy(net);
            }
        assert_true(checked > 0);
        if (TOLERANCE(true, e >= 2)) /* cross-entropy falls too slowly to come near the end in double */
            assert_true(skipped > 0);
    }
}

/* The same nets, not so far trained, and a layer's derivative that is wrong. */
static void test_a_mistake_is_found_on_the_way(void **state)
{
    (void)state;
    mistake made = TWO_PER_CENT;
    const solved_example example = {softsign_with(&made), bp_loss_squared_error(), -0.5, 0.5, 1};
    const bp_real inputs[] = {0, 0, 0, 1, 1, 0, 1, 1};
    const bp_real targets[] = {(bp_real)-0.5, (bp_real)0.5, (bp_real)0.5, (bp_real)-0.5};
    bp_data data = bp_data_view(4, inputs, 2, targets, 1);
    for (size_t epochs = 1; epochs <= 100; epochs *= 10)
        for (uint64_t seed = 1; seed <= 5; seed++) {
            bp_network *net = train(&example, &data, epochs, seed);
            bp_gradient_check result = check_with(net, &data, example.loss);
            assert_caught(&result, "output", "softsign");
            bp_network_destroy(net);
        }
}

/* A softmax layer of one unit: y is 1 whatever the weights are, and derivatives of 0 are right. */
static void test_derivatives_of_0_are_compared(void **state)
{
    (void)state;
    const size_t units[] = {2, 1};
    const bp_real inputs[] = {1, 2}, targets[] = {(bp_real)0.25};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_tanh(), bp_activation_softmax()));
    assert_ok(bp_network_initialize(net, 1));
    bp_data data = bp_data_view(1, inputs, 2, targets, 1);
    bp_gradient_check result = check_with(net, &data, bp_loss_squared_error());
    assert_passed(&result);
    assert_true(result.checked == 3 && result.skipped == 0 && result.max_deviation == 0);
    bp_network_destroy(net);
}

/* ---------------------------------------------------------------- activations */

/* A function that hardly moves, far from 0: its values are rounded more coarsely than they differ. */
static void noisy(void *context, const bp_real *x, bp_real *y, size_t count)
{
    const double *slope = context;
    for (size_t i = 0; i < count; i++)
        y[i] = (bp_real)(1000 + *slope * (double)x[i]);
}

static void noisy_slope(void *context, const bp_real *x, const bp_real *y, bp_real *slope, size_t count)
{
    const double *value = context;
    (void)x, (void)y;
    for (size_t i = 0; i < count; i++)
        slope[i] = (bp_real)*value;
}

static void test_an_activation_below_rounding_noise_passes(void **state)
{
    (void)state;
    double slope = TOLERANCE(1e-3, 1e-9);
    check_example f;
    make_example(&f, bp_activation_tanh(), bp_activation_custom("noisy", noisy, noisy_slope, &slope),
                 bp_activation_linear());
    bp_gradient_check result = check_with(f.net, &f.data, bp_loss_squared_error());
    assert_null(result.activation);
    bp_network_destroy(f.net);

    slope = 50; /* now above rounding noise */
    make_example(&f, bp_activation_tanh(), bp_activation_custom("noisy", noisy, noisy_slope, &slope),
                 bp_activation_linear());
    result = check_with(f.net, &f.data, bp_loss_squared_error());
    assert_string_equal(result.activation, "noisy");
    assert_true(result.activation_max_deviation <= result.tolerance);
    bp_network_destroy(f.net);
}

/* tanh, whose derivative is 0 where it is next to nothing: a mistake that moves no weight. */
static void hyperbolic(void *context, const bp_real *x, bp_real *y, size_t count)
{
    (void)context;
    for (size_t i = 0; i < count; i++)
        y[i] = (bp_real)tanh((double)x[i]);
}

static void hyperbolic_slope(void *context, const bp_real *x, const bp_real *y, bp_real *slope, size_t count)
{
    const double *least = context;
    (void)x;
    for (size_t i = 0; i < count; i++) {
        double exact = 1 - (double)y[i] * (double)y[i];
        slope[i] = exact < *least ? 0 : (bp_real)exact;
    }
}

static void test_small_slopes_are_judged_by_the_maximum(void **state)
{
    (void)state;
    const size_t units[] = {1, 2};
    const bp_real inputs[] = {1}, targets[] = {0, 0}, weights[] = {(bp_real)0.25, 4, 0, 0};
    for (int wrong = 0; wrong < 2; wrong++) {
        double least = wrong ? 0.01 : TOLERANCE(1e-3, 1e-9) / 2;
        bp_network *net = NULL;
        bp_activation f = bp_activation_custom("hyperbolic", hyperbolic, hyperbolic_slope, &least);
        assert_ok(bp_network_create_layered(&net, units, 2, f, f));
        assert_ok(bp_network_set_weights(net, weights, 4));
        bp_data data = bp_data_view(1, inputs, 1, targets, 2);
        bp_workspace *workspace = NULL;
        bp_gradient_check result;
        bp_gradient_check_init(&result, sizeof result);
        assert_ok(bp_workspace_create(&workspace, net, 1));
        assert_ok(bp_network_check_gradient(net, workspace, &data, bp_loss_squared_error(), 1e-2, &result));
        assert_true(result.tolerance == 1e-2);
        assert_true(result.activation_max_deviation <= 2e-3); /* of 1 - tanh(4)^2 = 0.00134 by 0.94 */
        assert_true(result.passed);
        bp_workspace_destroy(workspace);
        bp_network_destroy(net);
    }
}

/* Where no output is in error, no weight can tell, but the activation still can. */
static void test_an_activation_alone_can_fail(void **state)
{
    (void)state;
    mistake made = SIGN;
    check_example f;
    make_example(&f, bp_activation_tanh(), softsign_with(&made), bp_activation_linear());
    bp_gradient_check result =
        check_with(f.net, &f.data, bp_loss_with_tolerance(bp_loss_squared_error(), 100));
    assert_true(result.checked > 0 && result.max_deviation == 0);
    assert_null(result.suspect);
    assert_string_equal(result.activation, "softsign");
    assert_false(result.passed);
    bp_network_destroy(f.net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_solved_problems),
        cmocka_unit_test(test_a_mistake_is_found_on_the_way),
        cmocka_unit_test(test_derivatives_of_0_are_compared),
        cmocka_unit_test(test_an_activation_below_rounding_noise_passes),
        cmocka_unit_test(test_small_slopes_are_judged_by_the_maximum),
        cmocka_unit_test(test_an_activation_alone_can_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
