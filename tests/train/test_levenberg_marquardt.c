/* Levenberg-Marquardt: steps against a dense solve in plain loops; what it refuses. */
#include <math.h>
#include <stdlib.h>

#include "train/levenberg_marquardt.h"
#include "train/optimizer.h"
#include "train/whole_set_example.h"

static void test_the_value(void **state)
{
    (void)state;
    const bp_optimizer optimizer = bp_optimizer_levenberg_marquardt();
    assert_int_equal(optimizer.kind, OPTIMIZER_LEVENBERG_MARQUARDT);
    assert_ok(bpi_optimizer_check("here", &optimizer));
}

/* Two outputs, weights per case, sum and mean, without and with decay. The first step alone, and 20 of them.
 */
static void test_steps_are_those_of_a_dense_solve(void **state)
{
    (void)state;
    const bool is_double = sizeof(bp_real) == sizeof(double);
    const size_t iterations = is_double ? 20 : 3;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        side_by_side s = begin_side_by_side(bp_optimizer_levenberg_marquardt(), seed,
                                            seed % 2 ? BP_REDUCE_MEAN : BP_REDUCE_SUM, seed % 3 ? 0 : 1e-3);
        reference_objective oracle = s.oracle;
        oracle.data = &s.data;
        double mu = 0;
        for (size_t i = 0; i < iterations; i++) {
            next_iteration(&s);
            reference_lm_step(&mu, &oracle);
            assert_true(distance_to_oracle(&s) <= (is_double ? 1e-9 : 1e-4));
        }
        end_side_by_side(&s);
    }
}

/* F after many iterations, as a multiple of the value that the dense solve in double reaches from there. */
static double above_the_minimum(uint64_t seed)
{
    side_by_side s = begin_side_by_side(bp_optimizer_levenberg_marquardt(), seed, BP_REDUCE_MEAN, 0);
    reference_objective oracle = s.oracle;
    oracle.data = &s.data;
    for (size_t i = 0; i < 1000; i++)
        next_iteration(&s);
    const bp_real *weights = bp_network_weights(s.ours.net, NULL);
    for (size_t i = 0; i < s.weights; i++)
        oracle.ref->weights[i] = (double)weights[i];
    double mu = 0;
    const double found = reference_value(&oracle, NULL);
    for (size_t i = 0; i < 300; i++)
        reference_lm_step(&mu, &oracle);
    const double ratio = found / reference_value(&oracle, NULL);
    end_side_by_side(&s);
    return ratio;
}

/* Near a minimum in a narrow valley, steps lower F by less than its rounding in single precision, where the
 * slopes still tell. Without them, 4 of these starts end so close. */
static void test_falls_that_rounding_hides(void **state)
{
    (void)state;
    size_t close = 0;
    for (uint64_t seed = 1; seed <= 30; seed++)
        close += above_the_minimum(seed) <= 1.0004;
    assert_true(close >= 10);
}

/* Linear units have a linear model: a few steps lead to the least squares, here the mean of the targets. */
static void test_linear_least_squares(void **state)
{
    (void)state;
    const bp_stop_rule rule = bp_stop_epochs(60);
    bp_trainer_options options = whole_set_options(bp_optimizer_levenberg_marquardt(), &rule);
    pair both = make_pair(numbered_network(), &options);
    const bp_data data = numbered_data();
    bp_result result = empty_result();
    assert_ok(bp_trainer_run(both.trainer, &data, NULL, &result));
    assert_int_equal(result.reason, BP_STOP_NO_PROGRESS);
    assert_true(result.epochs <= 25);
    assert_true(fabs((double)*bp_network_weights(both.net, NULL) + 4.5) <= TOLERANCE(1e-5, 1e-7));
    end_pair(&both);
}

/* --------------------------------------------------------------------------- refusals */

/* The squared error in disguise: what a function computes is not known. */
static double own_squares(void *context, const bp_real *y, const bp_real *d, bp_real *derivative,
                          size_t units)
{
    double error = 0;
    (void)context;
    for (size_t i = 0; i < units; i++) {
        error += ((double)y[i] - (double)d[i]) * ((double)y[i] - (double)d[i]) / 2;
        if (derivative != NULL)
            derivative[i] = y[i] - d[i];
    }
    return error;
}

static void test_other_losses_are_refused(void **state)
{
    (void)state;
    const bp_stop_rule rule = bp_stop_epochs(1);
    bp_network *net = example_network(1);
    bp_trainer *trainer = NULL;
    bp_trainer_options options = whole_set_options(bp_optimizer_levenberg_marquardt(), &rule);
    options.loss = bp_loss_cross_entropy();
    assert_fails(bp_trainer_create(&trainer, net, &options), BP_ERROR_UNSUPPORTED,
                 "options.loss is cross-entropy, but the optimizer Levenberg-Marquardt is for squared error");
    options.loss = bp_loss_custom(own_squares, NULL);
    assert_fails(
        bp_trainer_create(&trainer, net, &options), BP_ERROR_UNSUPPORTED,
        "options.loss is a custom loss, but the optimizer Levenberg-Marquardt is for squared error; use "
        "bp_loss_squared_error(), or bp_optimizer_lbfgs() or bp_optimizer_scg()");
    assert_null(trainer);
    /* What the message names takes it. */
    options.optimizer = bp_optimizer_scg();
    assert_ok(bp_trainer_create(&trainer, net, &options));
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
}

static void test_too_many_weights_are_refused(void **state)
{
    (void)state;
    const bp_stop_rule rule = bp_stop_epochs(1);
    const size_t units[] = {100, 60, 10};
    bp_network *net = NULL;
    bp_trainer *trainer = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    assert_ok(bp_network_initialize(net, 1));
    bp_trainer_options options = whole_set_options(bp_optimizer_levenberg_marquardt(), &rule);
    assert_fails(bp_trainer_create(&trainer, net, &options), BP_ERROR_UNSUPPORTED,
                 "the network has 6670 weights, whose matrix for Levenberg-Marquardt would take 356 MB");
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_value),
        cmocka_unit_test(test_steps_are_those_of_a_dense_solve),
        cmocka_unit_test(test_falls_that_rounding_hides),
        cmocka_unit_test(test_linear_least_squares),
        cmocka_unit_test(test_other_losses_are_refused),
        cmocka_unit_test(test_too_many_weights_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
