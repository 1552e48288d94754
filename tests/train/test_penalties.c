/* L1, L2, max-norm and clipping: against plain loops, which weights and rules have them, and wrong values. */
#include "train/penalties.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/penalty_example.h"

/* -------------------------------------------------------------------- plain loops */

static void oracle_clip(double *g, size_t count, const bp_trainer_options *options)
{
    double squares = 0;
    for (size_t i = 0; i < count; i++) {
        if (options->clip_value > 0 && fabs(g[i]) > options->clip_value)
            g[i] = g[i] > 0 ? options->clip_value : -options->clip_value;
        squares += g[i] * g[i];
    }
    for (size_t i = 0; options->clip_norm > 0 && i < count; i++)
        g[i] *= fmin(1, options->clip_norm / sqrt(squares));
}

/* Rows of the 3-4-2 network: 4 of 3 weights, 2 of 4. */
static void oracle_limit(double *w, double limit)
{
    const size_t first[] = {0, 3, 6, 9, 16, 20}, length[] = {3, 3, 3, 3, 4, 4};
    for (size_t j = 0; limit > 0 && j < 6; j++) {
        double squares = 0;
        for (size_t i = 0; i < length[j]; i++)
            squares += w[first[j] + i] * w[first[j] + i];
        for (size_t i = 0; sqrt(squares) > limit && i < length[j]; i++)
            w[first[j] + i] *= limit / sqrt(squares);
    }
}

/* [RHW86] eq. 9 with all options, in double; only the gradient comes from the library. */
static void oracle(bp_network *net, const bp_data *data, const bp_trainer_options *options, size_t updates)
{
    const double rate = options->optimizer.learning_rate, momentum = options->optimizer.momentum;
    double w[EXAMPLE_WEIGHTS], g[EXAMPLE_WEIGHTS], last[EXAMPLE_WEIGHTS] = {0};
    bp_real rounded[EXAMPLE_WEIGHTS], gradient[EXAMPLE_WEIGHTS];
    bp_workspace *workspace = NULL;
    assert_ok(bp_workspace_create(&workspace, net, data->cases));
    for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++)
        w[i] = (double)bp_network_weights(net, NULL)[i];
    for (size_t n = 0; n < updates; n++) {
        double error;
        assert_ok(bp_network_gradient(net, workspace, data, bp_loss_squared_error(), &error, gradient));
        for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++)
            g[i] = (double)gradient[i] / (double)data->cases;
        oracle_clip(g, EXAMPLE_WEIGHTS, options);
        for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++) {
            last[i] = momentum * last[i] - rate * (g[i] + options->l2 * w[i]);
            w[i] = soft_threshold(w[i] + last[i], options->l1 * rate / (1 - momentum));
        }
        oracle_limit(w, options->max_norm);
        for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++)
            rounded[i] = (bp_real)w[i];
        assert_ok(bp_network_set_weights(net, rounded, EXAMPLE_WEIGHTS));
    }
    bp_workspace_destroy(workspace);
}

static void test_against_plain_loops(void **state)
{
    (void)state;
    const struct {
        double l1, l2, max_norm, clip_value, clip_norm;
    } rows[] = {{0.002, 0, 0, 0, 0},
                {0, 0.1, 0, 0, 0},
                {0, 0, 0.5, 0, 0},
                {0, 0, 0, 0.01, 0},
                {0, 0, 0, 0, 0.02},
                {0, 0, 0, 0.01, 0.02},
                {0.001, 0.02, 0.7, 0.03, 0.05}};
    const bp_data data = example_training();
    for (size_t i = 0; i < COUNT(rows); i++) {
        bp_stop_rule rule;
        bp_trainer_options options = penalty_options(&rule, 30);
        options.l1 = rows[i].l1;
        options.l2 = rows[i].l2;
        options.max_norm = rows[i].max_norm;
        options.clip_value = rows[i].clip_value;
        options.clip_norm = rows[i].clip_norm;
        bp_network *net = example_network(3), *wanted = example_network(3), *without = example_network(3);
        train_with(net, &options, &data);
        oracle(wanted, &data, &options, 30);
        options.l1 = options.l2 = options.max_norm = options.clip_value = options.clip_norm = 0;
        train_with(without, &options, &data);
        double off = 0, moved = 0;
        for (size_t j = 0; j < EXAMPLE_WEIGHTS; j++) {
            const double w = (double)bp_network_weights(net, NULL)[j];
            off = fmax(off, fabs(w - (double)bp_network_weights(wanted, NULL)[j]));
            moved = fmax(moved, fabs(w - (double)bp_network_weights(without, NULL)[j]));
        }
        assert_true(off < 100 * EPSILON);
        assert_true(moved > 1e-3);
        bp_network_destroy(net);
        bp_network_destroy(wanted);
        bp_network_destroy(without);
    }
}

/* Adam with l2 in the gradient, algorithm 1 of Kingma & Ba, on one linear unit: y = w x. */
static void test_l2_with_adam(void **state)
{
    (void)state;
    const bp_real x[] = {1, -2, (bp_real)0.5}, d[] = {2, -3, 1};
    const bp_data data = bp_data_view(3, x, 1, d, 1);
    bp_network *net = numbered_network();
    bp_stop_rule rule;
    bp_trainer_options options = penalty_options(&rule, 40);
    options.optimizer = bp_optimizer_adam(0.05, 0.9, 0.999, 1e-8);
    options.l2 = 0.3;
    train_with(net, &options, &data);
    double w = 0, m = 0, v = 0;
    for (int t = 1; t <= 40; t++) {
        double g = 0.3 * w;
        for (size_t i = 0; i < 3; i++)
            g += (w * (double)x[i] - (double)d[i]) * (double)x[i] / 3;
        m = 0.9 * m + 0.1 * g;
        v = 0.999 * v + 0.001 * g * g;
        w -= 0.05 * (m / (1 - pow(0.9, t))) / (sqrt(v / (1 - pow(0.999, t))) + 1e-8);
    }
    assert_true(fabs((double)bp_network_weights(net, NULL)[0] - w) < 100 * EPSILON);
    bp_network_destroy(net);
}

/* ------------------------------------------- biases, factors, and frozen weights */

static void test_which_weights_are_drawn_to_zero(void **state)
{
    (void)state;
    const bp_data data = example_training();
    bp_stop_rule rule;
    bp_trainer_options options = penalty_options(&rule, 50);
    options.l1 = 100; /* all of them, at once */
    options.no_bias_decay = 1;
    bp_network *net = example_network(4);
    bp_real before[EXAMPLE_WEIGHTS];
    memcpy(before, bp_network_weights(net, NULL), sizeof before);
    bp_connection *second = bp_network_connection(net, 1);
    assert_ok(bp_connection_set_trainable(second, 0));
    train_with(net, &options, &data);
    const bp_real *w = bp_network_weights(net, NULL);
    for (size_t i = 0; i < 12; i++)
        assert_true(w[i] == 0 && !signbit(w[i]));
    assert_memory_equal(w + 16, before + 16, 8 * sizeof *w); /* frozen */
    assert_true(w[24] != 0 && w[25] != 0);                   /* biases */
    assert_ok(bp_connection_set_trainable(second, 1));
    assert_ok(bp_connection_set_decay_factor(second, 0));
    options.no_bias_decay = 0;
    train_with(net, &options, &data);
    for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++)
        assert_true((w[i] == 0) == (i < 16 || i >= 24));
    bp_network_destroy(net);
}

/* No decay is chosen beside a penalty of the caller's: the same weights as without any. */
static void test_no_decay_is_chosen_beside_them(void **state)
{
    (void)state;
    enum { CASES = 80 };
    bp_real x[CASES * 3], d[CASES * 2];
    uint64_t seed = 8;
    for (size_t i = 0; i < CASES * 3; i++)
        x[i] = (bp_real)test_uniform(&seed, -1, 1);
    for (size_t i = 0; i < CASES * 2; i++)
        d[i] = (bp_real)test_uniform(&seed, 0.1, 0.9);
    const bp_data data = bp_data_view(CASES, x, 3, d, 2);
    for (size_t i = 0; i < 2; i++) {
        bp_stop_rule rule;
        bp_network *nets[2];
        for (size_t j = 0; j < 2; j++) {
            bp_trainer_options options = penalty_options(&rule, 5);
            options.weight_decay = j == 0 ? 0 : BP_DECAY_AUTO;
            *(i == 0 ? &options.l1 : &options.l2) = 0.01;
            nets[j] = example_network(4);
            train_with(nets[j], &options, &data);
        }
        assert_same_weights(nets[0], nets[1]);
        bp_network_destroy(nets[0]);
        bp_network_destroy(nets[1]);
    }
}

/* ------------------------------------------------------------------- wrong options */

static void test_values_out_of_range(void **state)
{
    (void)state;
    const double wrong[] = {-1, NAN, INFINITY, 1e-320, TOLERANCE(1e39, INFINITY)};
    const char *names[] = {"l1", "l2", "max_norm", "clip_value", "clip_norm"};
    bp_network *net = example_network(1);
    for (size_t i = 0; i < COUNT(wrong); i++)
        for (size_t j = 0; j < 5; j++) {
            bp_stop_rule rule;
            bp_trainer *trainer = NULL;
            bp_trainer_options options = penalty_options(&rule, 1);
            double *values[] = {&options.l1, &options.l2, &options.max_norm, &options.clip_value,
                                &options.clip_norm};
            char text[64];
            *values[j] = wrong[i];
            snprintf(text, sizeof text, "%s is ", names[j]);
            if (sizeof(bp_real) == sizeof(double) && wrong[i] == 1e-320)
                continue;
            assert_fails(bp_trainer_create(&trainer, net, &options),
                         isfinite(wrong[i]) ? BP_ERROR_ARGUMENT : BP_ERROR_NOT_FINITE, text);
        }
    bp_network_destroy(net);
}

static void test_rules_that_have_no_use_for_them(void **state)
{
    (void)state;
    enum { L1 = 1, L2 = 2, MAX_NORM = 4, CLIP_VALUE = 8, CLIP_NORM = 16, CLIP = CLIP_VALUE | CLIP_NORM };
    const struct {
        bp_optimizer optimizer;
        int refused;
    } rows[] = {
        {bp_optimizer_momentum(0.1, 0.9), 0},
        {bp_optimizer_nesterov(0.1, 0.9), 0},
        {bp_optimizer_adagrad(0.1), L1},
        {bp_optimizer_rmsprop(0.1, 0.9), L1},
        {bp_optimizer_adam(0.1, 0.9, 0.999, 1e-8), L1},
        {bp_optimizer_adamw(0.1, 0.9, 0.999, 1e-8, 0.1), L1 | L2},
        {bp_optimizer_quickprop(0.1, 1.75), L1},
        {bp_optimizer_irprop_minus(0.1), L1 | CLIP},
        {bp_optimizer_irprop_plus(0.1), L1 | MAX_NORM | CLIP},
        {bp_optimizer_scg(), L1 | L2 | MAX_NORM | CLIP},
        {bp_optimizer_lbfgs(10), L1 | L2 | MAX_NORM | CLIP},
        {bp_optimizer_levenberg_marquardt(), L1 | L2 | MAX_NORM | CLIP},
    };
    const char *names[] = {"options.l1 is", "options.l2 is", "options.max_norm is", "options.clip_value is",
                           "options.clip_norm is"};
    bp_network *net = example_network(1);
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t j = 0; j < 5; j++) {
            bp_stop_rule rule;
            bp_trainer *trainer = NULL;
            bp_trainer_options options = penalty_options(&rule, 1);
            double *values[] = {&options.l1, &options.l2, &options.max_norm, &options.clip_value,
                                &options.clip_norm};
            options.optimizer = rows[i].optimizer;
            options.recoveries = 0;
            *values[j] = 0.5;
            if (rows[i].refused & 1 << j)
                assert_fails(bp_trainer_create(&trainer, net, &options), BP_ERROR_UNSUPPORTED, names[j]);
            else
                assert_ok(bp_trainer_create(&trainer, net, &options));
            bp_trainer_destroy(trainer);
        }
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_plain_loops),
        cmocka_unit_test(test_l2_with_adam),
        cmocka_unit_test(test_which_weights_are_drawn_to_zero),
        cmocka_unit_test(test_no_decay_is_chosen_beside_them),
        cmocka_unit_test(test_values_out_of_range),
        cmocka_unit_test(test_rules_that_have_no_use_for_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
