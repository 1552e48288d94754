/*
 * Dropout and noise in training: an update against plain loops; the derivatives of other networks against
 * differences of E; the mean output; results, small networks, and rules that refuse them.
 */
#include "train/layer_noise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "network/recurrent_example.h"
#include "train/noise_example.h"

/* ------------------------------------------------------------------------ plain loops */

enum {
    NOISE_WEIGHTS = NOISE_FIRST * (NOISE_INPUTS + 1) + NOISE_SECOND * (NOISE_FIRST + 1) +
                    NOISE_OUTPUTS * (NOISE_SECOND + 1)
};

static void assert_follows_oracle(bp_network *net, size_t cases_of_update, size_t epochs)
{
    static double gradient[NOISE_WEIGHTS];
    const bp_data data = noise_data();
    bp_stop_rule rule;
    bp_trainer_options options = noise_options(&rule, 1, cases_of_update);
    options.shuffle = 0;
    pair made = make_pair(net, &options);
    const size_t size = cases_of_update == 0 ? data.cases : cases_of_update;
    uint64_t update = 0;
    for (size_t epoch = 0; epoch < epochs; epoch++) {
        bp_network *before = NULL;
        assert_ok(bp_network_copy(&before, net));
        size_t count;
        double error = 0;
        for (size_t first = 0; first < data.cases; first += size) {
            bp_data part = data;
            part.cases = data.cases - first < size ? data.cases - first : size;
            part.inputs += first * NOISE_INPUTS;
            part.targets += first * NOISE_OUTPUTS;
            part.case_weights += first;
            error += noise_oracle(before, &part, options.seed, update++, first, gradient);
            const bp_real *w = bp_network_weights(before, &count);
            bp_real *next = malloc(count * sizeof *next);
            assert_non_null(next);
            for (size_t i = 0; i < count; i++)
                next[i] = (bp_real)((double)w[i] - 0.1 * gradient[i]);
            assert_ok(bp_network_set_weights(before, next, count));
            free(next);
        }
        train_until(made.trainer, &data, NULL, BP_STOP_EPOCHS);
        const bp_real *got = bp_network_weights(net, &count), *wanted = bp_network_weights(before, NULL);
        for (size_t i = 0; i < count; i++)
            assert_true(fabs((double)got[i] - (double)wanted[i]) < TOLERANCE(3e-5, 1e-12));
        assert_close(bp_trainer_history(made.trainer, NULL)[epoch], error, TOLERANCE(1e-5, 1e-12));
        bp_network_destroy(before);
    }
    end_pair(&made);
}

static void updates_are_those_of_plain_loops(void **state)
{
    (void)state;
    assert_follows_oracle(noise_network(), 0, 3);
    assert_follows_oracle(noise_network(), 16, 2);
    assert_follows_oracle(noise_network(), 1, 1);
}

/* ------------------------------------------------------------------ differences of E */

/* E of the first update, with a rate that changes nothing; and the derivatives, from one with the rate 1. */
static double noisy_error(bp_network *net, const bp_data *data, double rate)
{
    bp_stop_rule rule;
    bp_trainer_options options = noise_options(&rule, 1, 0);
    options.optimizer = bp_optimizer_momentum(rate, 0);
    bp_trainer *trainer = make_trainer(net, &options);
    train_until(trainer, data, NULL, BP_STOP_EPOCHS);
    const double error = bp_trainer_history(trainer, NULL)[0];
    bp_trainer_destroy(trainer);
    return error;
}

static void assert_right_derivatives(bp_network *net, const bp_data *data)
{
    const double step = TOLERANCE(0.02, 1e-5), none = 1e-30;
    size_t count;
    bp_network_weights(net, &count);
    bp_real *w = malloc(count * sizeof *w), *tried = malloc(count * sizeof *w);
    double *gradient = malloc(count * sizeof *gradient), largest = 0;
    assert_true(w != NULL && tried != NULL && gradient != NULL);
    memcpy(w, bp_network_weights(net, NULL), count * sizeof *w);
    noisy_error(net, data, 1);
    for (size_t i = 0; i < count; i++) {
        gradient[i] = (double)w[i] - (double)bp_network_weights(net, NULL)[i];
        largest = fmax(largest, fabs(gradient[i]));
    }
    for (size_t i = 0; i < count; i++) {
        double error[2];
        for (int side = 0; side < 2; side++) {
            memcpy(tried, w, count * sizeof *w);
            tried[i] += (bp_real)(side == 0 ? step : -step);
            assert_ok(bp_network_set_weights(net, tried, count));
            error[side] = noisy_error(net, data, none);
        }
        const double difference = (error[0] - error[1]) / (2 * step);
        assert_true(fabs(difference - gradient[i]) < TOLERANCE(3e-3, 1e-7) * largest);
    }
    free(w);
    free(tried);
    free(gradient);
    bp_network_destroy(net);
}

static bp_data random_cases(size_t cases, size_t inputs, size_t targets)
{
    static bp_real x[400], d[100];
    uint64_t state = 99;
    assert_true(cases * inputs <= 400 && cases * targets <= 100);
    for (size_t i = 0; i < cases * inputs; i++)
        x[i] = (bp_real)test_uniform(&state, -1, 1);
    for (size_t i = 0; i < cases * targets; i++)
        d[i] = (bp_real)test_uniform(&state, 0.1, 0.9);
    return bp_data_view(cases, x, inputs, d, targets);
}

/* A convolution, a masked connection, a connection that skips, and a softmax layer of hidden units. */
static bp_network *mixed_network(void)
{
    bp_network *net = NULL;
    bp_layer *in, *maps, *middle, *classes, *out;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", 16));
    assert_ok(bp_network_add_layer(&maps, net, "maps", 8, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&middle, net, "middle", 4, bp_activation_logistic()));
    assert_ok(bp_network_add_layer(&classes, net, "classes", 3, bp_activation_softmax()));
    assert_ok(bp_network_add_layer(&out, net, "out", 2, bp_activation_logistic()));
    bp_connect_options options;
    bp_connect_options_init(&options, sizeof options);
    bp_convolution kernels;
    bp_convolution_init(&kernels, sizeof kernels);
    kernels.height = kernels.width = 4;
    kernels.kernels = 2;
    kernels.kernel_height = kernels.kernel_width = 3;
    kernels.shared_bias = 1;
    options.convolution = &kernels;
    assert_ok(bp_network_connect_with(NULL, net, in, maps, &options));
    bp_connect_options_init(&options, sizeof options);
    unsigned char mask[4 * 8];
    for (size_t i = 0; i < sizeof mask; i++)
        mask[i] = i % 3 != 1;
    options.mask = mask;
    options.mask_count = sizeof mask;
    assert_ok(bp_network_connect_with(NULL, net, maps, middle, &options));
    assert_ok(bp_network_connect(NULL, net, middle, classes));
    assert_ok(bp_network_connect(NULL, net, maps, out));
    assert_ok(bp_network_connect(NULL, net, classes, out));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, 3));
    assert_ok(bp_network_set_dropout(net, 0.2, 0.4));
    assert_ok(bp_layer_set_noise(in, 0.5));
    return net;
}

static void derivatives_of_mixed_networks_are_right(void **state)
{
    (void)state;
    const bp_data data = random_cases(9, 16, 2);
    assert_right_derivatives(mixed_network(), &data);
}

static void derivatives_of_unrolled_networks_are_right(void **state)
{
    const recurrent_example *f = *state;
    assert_ok(bp_network_initialize(f->net, 8));
    assert_ok(bp_layer_set_dropout(f->h, 0.4));
    assert_ok(bp_layer_set_dropout(f->in, 0.1));
    assert_ok(bp_layer_set_noise(f->in, 0.3));
    bp_network *net = unroll(f->net, 4, NULL, NULL);
    const bp_data data = random_cases(9, 8, 8);
    assert_right_derivatives(net, &data);
}

/* ------------------------------------------------------------------------ expectation */

/* The error of one linear unit that passes its input, 1, on: 0 if that is dropped, else 1 / (1 - p); E is the
 * sum of half their squares, and that of y alone the number of those that are kept. */
static void the_mean_output_stays(void **state)
{
    (void)state;
    enum { CASES = 20000 };
    static bp_real ones[CASES], zeros[CASES];
    const size_t units[] = {1, 1};
    const double p = 0.3;
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_linear(), bp_activation_linear()));
    assert_ok(bp_network_set_weights(net, (const bp_real[]){1, 0}, 2));
    assert_ok(bp_layer_set_dropout(bp_network_layer(net, 0), p));
    for (size_t i = 0; i < CASES; i++)
        ones[i] = 1;
    const bp_data data = bp_data_view(CASES, ones, 1, zeros, 1);
    const double kept = noisy_error(net, &data, 1e-30) * 2 * (1 - p) * (1 - p);
    assert_true(fabs(kept - CASES * (1 - p)) < 5 * sqrt(CASES * p * (1 - p)));
    bp_network_destroy(net);
}

/* ------------------------------------------------------------------- what is without */

/* E of a result is that of the weights handed back, all units present. */
static void errors_of_results_are_without(void **state)
{
    (void)state;
    const bp_data data = noise_data();
    bp_stop_rule rule;
    const bp_trainer_options options = noise_options(&rule, 2, 10);
    bp_network *net = noise_network();
    bp_trainer *trainer = make_trainer(net, &options);
    const bp_result result = train_until(trainer, &data, &data, BP_STOP_EPOCHS);
    assert_close(result.error, error_of(net, &data), 1e-12);
    assert_close(result.validation_error, error_of(net, &data) / NOISE_CASES, 1e-12);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
}

/* Small networks leave their kernels, and come back. */
static void small_networks_have_them_too(void **state)
{
    (void)state;
    const bp_data data = example_training();
    static const size_t batches[] = {0, 1};
    for (size_t i = 0; i < 2; i++) {
        bp_stop_rule rule;
        bp_trainer_options options = noise_options(&rule, 1, batches[i]);
        bp_network *with = example_network(4), *without = example_network(4);
        assert_ok(bp_layer_set_dropout(bp_network_layer(with, 1), 0.5));
        bp_trainer *trainer = make_trainer(with, &options), *other = make_trainer(without, &options);
        train_until(trainer, &data, NULL, BP_STOP_EPOCHS);
        train_until(other, &data, NULL, BP_STOP_EPOCHS);
        assert_false(same_weights(with, without));
        assert_ok(bp_layer_set_dropout(bp_network_layer(with, 1), 0));
        assert_ok(bp_network_copy_weights(with, without));
        train_until(trainer, &data, NULL, BP_STOP_EPOCHS);
        train_until(other, &data, NULL, BP_STOP_EPOCHS);
        assert_same_weights(with, without);
        bp_trainer_destroy(trainer);
        bp_trainer_destroy(other);
        bp_network_destroy(with);
        bp_network_destroy(without);
    }
}

/* ------------------------------------------------------------------------- refused */

static void rules_that_compare_errors_refuse_them(void **state)
{
    (void)state;
    const bp_optimizer rules[] = {bp_optimizer_scg(), bp_optimizer_lbfgs(5),
                                  bp_optimizer_levenberg_marquardt(), bp_optimizer_irprop_plus(BP_RATE_AUTO)};
    const bp_data data = example_training();
    for (size_t i = 0; i < 4; i++) {
        bp_stop_rule rule;
        bp_trainer_options options = noise_options(&rule, 1, 0);
        options.optimizer = rules[i];
        pair made = make_pair(example_network(1), &options);
        assert_ok(bp_layer_set_dropout(bp_network_layer(made.net, 1), 0.5));
        assert_fails(bp_trainer_run(made.trainer, &data, NULL, NULL), BP_ERROR_UNSUPPORTED,
                     "layer 'hidden' has a dropout of 0.5, but the optimizer ");
        assert_ok(bp_layer_set_dropout(bp_network_layer(made.net, 1), 0));
        assert_ok(bp_layer_set_noise(bp_network_layer(made.net, 0), 0.25));
        assert_fails(bp_trainer_run(made.trainer, &data, NULL, NULL), BP_ERROR_UNSUPPORTED,
                     "layer 'input' has noise of 0.25, but the optimizer ");
        assert_ok(bp_layer_set_noise(bp_network_layer(made.net, 0), 0));
        assert_ok(bp_trainer_run(made.trainer, &data, NULL, NULL));
        end_pair(&made);
    }
}

static bp_status train_with_allocator(void *context, const bp_allocator *allocator)
{
    (void)context;
    const bp_data data = example_training();
    bp_stop_rule rule;
    const bp_trainer_options options = noise_options(&rule, 1, 4);
    pair made = {NULL, NULL};
    bp_status status = example_network_create(&made.net, allocator, 1);
    if (status == BP_OK)
        status = bp_network_set_dropout(made.net, 0.1, 0.5);
    if (status == BP_OK)
        status = bp_trainer_create(&made.trainer, made.net, &options);
    if (status == BP_OK)
        status = bp_trainer_run(made.trainer, &data, NULL, NULL);
    end_pair(&made);
    return status;
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    test_each_allocation_fails(train_with_allocator, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(updates_are_those_of_plain_loops),
        cmocka_unit_test(derivatives_of_mixed_networks_are_right),
        cmocka_unit_test_setup_teardown(derivatives_of_unrolled_networks_are_right, recurrent_setup,
                                        recurrent_teardown),
        cmocka_unit_test(the_mean_output_stays),
        cmocka_unit_test(errors_of_results_are_without),
        cmocka_unit_test(small_networks_have_them_too),
        cmocka_unit_test(rules_that_compare_errors_refuse_them),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
