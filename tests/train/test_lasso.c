/* L1 with linear units: the known solution of the lasso, and the conditions of its minimum. */
#include <math.h>

#include "train/penalty_example.h"

static bp_network *linear_unit(size_t inputs)
{
    bp_network *net = NULL;
    bp_layer *in = NULL, *out = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", inputs));
    assert_ok(bp_network_add_layer(&out, net, "out", 1, bp_activation_linear()));
    assert_ok(bp_layer_enable_bias(out, 0));
    assert_ok(bp_network_connect(NULL, net, in, out));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, 1));
    return net;
}

/* Columns of a Hadamard matrix: sum over cases of x_i x_j is 4 if i = j, else 0. With the mean E, the minimum
 * of E + lambda sum |w| is w_j = soft_threshold(x_j . d / 4, lambda); Tibshirani 1996, eq. 3. */
static void test_the_lasso_with_orthogonal_columns(void **state)
{
    (void)state;
    const bp_real x[] = {1, 1, 1, 1, 1, -1, 1, -1, 1, 1, -1, -1, 1, -1, -1, 1};
    const bp_real d[] = {3, 1, (bp_real)-0.5, (bp_real)0.5};
    const double least_squares[] = {1, 0.25, 1, 0.75}; /* x_j . d / 4 */
    const bp_data data = bp_data_view(4, x, 4, d, 1);
    const bp_optimizer rules[] = {bp_optimizer_gradient_descent(0.3), bp_optimizer_momentum(0.05, 0.9),
                                  bp_optimizer_nesterov(0.05, 0.9)};
    for (size_t i = 0; i < COUNT(rules); i++) {
        bp_stop_rule rule;
        bp_network *net = linear_unit(4);
        bp_trainer_options options = penalty_options(&rule, 2000);
        options.optimizer = rules[i];
        options.l1 = 0.8;
        train_with(net, &options, &data);
        for (size_t j = 0; j < 4; j++) {
            const double wanted = soft_threshold(least_squares[j], 0.8),
                         w = (double)bp_network_weights(net, NULL)[j];
            assert_true(wanted == 0 ? w == 0 : fabs(w - wanted) < 20 * EPSILON);
        }
        bp_network_destroy(net);
    }
}

/* The conditions of the minimum: dE/dw = -lambda sign(w) where w is not 0, else |dE/dw| <= lambda. */
static void test_the_conditions_of_the_lasso(void **state)
{
    (void)state;
    enum { CASES = 40, INPUTS = 12 };
    bp_real x[CASES * INPUTS], d[CASES], g[INPUTS];
    uint64_t seed = 5;
    for (size_t c = 0; c < CASES; c++) {
        for (size_t i = 0; i < INPUTS; i++)
            x[c * INPUTS + i] = (bp_real)test_uniform(&seed, -1, 1);
        x[c * INPUTS + 1] += x[c * INPUTS]; /* correlated */
        d[c] = 2 * x[c * INPUTS] - x[c * INPUTS + 3] + (bp_real)test_uniform(&seed, -0.2, 0.2);
    }
    const bp_data data = bp_data_view(CASES, x, INPUTS, d, 1);
    bp_network *net = linear_unit(INPUTS);
    bp_workspace *workspace = NULL;
    bp_stop_rule rule;
    bp_trainer_options options = penalty_options(&rule, 4000);
    const double lambda = options.l1 = 0.05;
    size_t zeros = 0;
    train_with(net, &options, &data);
    assert_ok(bp_workspace_create(&workspace, net, CASES));
    assert_ok(bp_network_gradient(net, workspace, &data, bp_loss_squared_error(), NULL, g));
    for (size_t i = 0; i < INPUTS; i++) {
        const double w = (double)bp_network_weights(net, NULL)[i], slope = (double)g[i] / CASES;
        zeros += w == 0;
        if (w == 0)
            assert_true(fabs(slope) <= lambda * 1.0001);
        else
            assert_true(fabs(slope + (w > 0 ? lambda : -lambda)) < 1e-4);
    }
    assert_true(zeros >= 6 && zeros < INPUTS);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_lasso_with_orthogonal_columns),
        cmocka_unit_test(test_the_conditions_of_the_lasso),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
