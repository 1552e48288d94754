/* Targets that are not there: E and derivatives against plain loops, and against the same cases without them.
 */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "support/arrays.h"
#include "support/connect.h"

enum { INPUTS = 3, CASES = 24, MOST_OUTPUTS = 7 };

/* A network and cases, some of whose targets are missing. */
typedef struct holes {
    bp_network *net;
    bp_workspace *workspace;
    bp_real inputs[CASES * INPUTS], targets[CASES * MOST_OUTPUTS], weights[CASES];
    bp_data data;
} holes;

/* Two output layers: `first` of 4 units and one of 3 of another activation. */
static bp_network *two_outputs(bp_activation first, bp_activation second, size_t hidden, uint64_t seed)
{
    bp_network *net = NULL;
    bp_layer *input, *middle, *a, *b;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&input, net, NULL, INPUTS));
    assert_ok(bp_network_add_layer(&middle, net, NULL, hidden, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&a, net, "a", 4, first));
    assert_ok(bp_network_add_layer(&b, net, "b", 3, second));
    assert_ok(bp_network_connect(NULL, net, input, middle));
    assert_ok(bp_network_connect(NULL, net, middle, a));
    assert_ok(bp_network_connect(NULL, net, middle, b));
    assert_ok(bp_layer_set_output(a));
    assert_ok(bp_layer_set_output(b));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, seed));
    return net;
}

static holes begin(bp_network *net, uint64_t seed)
{
    holes h = {.net = net};
    const size_t width = bp_network_output_width(net);
    uint64_t stream = seed;
    assert_ok(bp_workspace_create(&h.workspace, net, CASES));
    for (size_t i = 0; i < CASES * INPUTS; i++)
        h.inputs[i] = (bp_real)test_uniform(&stream, -1, 1);
    for (size_t i = 0; i < CASES * width; i++)
        h.targets[i] = (bp_real)test_uniform(&stream, 0, 1);
    for (size_t i = 0; i < CASES; i++)
        h.weights[i] = (bp_real)test_uniform(&stream, 0.5, 2);
    return h;
}

/* After h is where it stays. */
static void point(holes *h)
{
    h->data = bp_data_view(CASES, h->inputs, INPUTS, h->targets, bp_network_output_width(h->net));
    h->data.case_weights = h->weights;
    h->data.missing_targets = 1;
}

static void end(holes *h)
{
    bp_workspace_destroy(h->workspace);
    bp_network_destroy(h->net);
}

static void make_holes(holes *h, uint64_t seed)
{
    uint64_t stream = seed;
    for (size_t i = 0; i < CASES * h->data.target_width; i++)
        if (test_below(&stream, 3) == 0)
            h->targets[i] = NAN;
}

/* E of the targets that are there, in plain loops, and the gradient of the same cases whose other targets are
 * the outputs: their derivatives are 0. */
static double plain_error(holes *h, bool is_entropy, bp_real *filled)
{
    const size_t width = h->data.target_width;
    bp_real *outputs = new_reals(CASES * width);
    double error = 0;
    assert_ok(bp_network_predict(h->net, h->workspace, &h->data, outputs));
    for (size_t i = 0; i < CASES * width; i++) {
        const double y = (double)outputs[i], d = (double)h->targets[i],
                     weight = (double)h->weights[i / width];
        filled[i] = isnan(d) ? outputs[i] : h->targets[i];
        if (!isnan(d))
            error += weight * (is_entropy ? -d * log(y) - (1 - d) * log(1 - y) : (y - d) * (y - d) / 2);
    }
    free(outputs);
    return error;
}

static void assert_as_plain(holes *h, bp_loss loss, bool is_entropy, uint64_t seed)
{
    size_t count;
    bp_network_weights(h->net, &count);
    bp_real *filled = new_reals(CASES * h->data.target_width), *got = new_reals(count),
            *rest = new_reals(count);
    double *wanted = new_doubles(count), error;
    bp_evaluation evaluation = {.size = sizeof evaluation};
    const double plain = plain_error(h, is_entropy, filled);
    bp_data complete = h->data;
    complete.targets = filled;
    complete.missing_targets = 0;

    assert_ok(bp_network_gradient(h->net, h->workspace, &h->data, loss, &error, got));
    assert_close(error, plain, TOLERANCE(1e-5, 1e-13));
    assert_ok(bp_network_evaluate(h->net, h->workspace, &h->data, loss, NULL, &evaluation));
    assert_close(evaluation.error, plain, TOLERANCE(1e-5, 1e-13));
    assert_ok(bp_network_gradient(h->net, h->workspace, &complete, loss, NULL, rest));
    for (size_t i = 0; i < count; i++)
        wanted[i] = (double)rest[i];
    assert_all_close(got, wanted, count, TOLERANCE(1e-5, 1e-13), "seed %d, weight", (int)seed);

    bp_gradient_check check = {.size = sizeof check};
    assert_ok(bp_network_check_gradient(h->net, h->workspace, &h->data, loss, TOLERANCE(2e-2, 1e-5), &check));
    free(filled);
    free(got);
    free(rest);
    free(wanted);
}

static void test_terms_are_those_of_the_targets_that_are_there(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        const size_t hidden = seed % 2 ? 4 : 50; /* a small network, and a larger one */
        holes h = begin(two_outputs(bp_activation_linear(), bp_activation_tanh(), hidden, seed), seed);
        point(&h);
        make_holes(&h, seed);
        assert_as_plain(&h, bp_loss_squared_error(), false, seed);
        end(&h);
        h = begin(two_outputs(bp_activation_logistic(), bp_activation_logistic(), hidden, seed), seed);
        point(&h);
        make_holes(&h, seed);
        assert_as_plain(&h, bp_loss_cross_entropy(), true, seed);
        assert_as_plain(&h, bp_loss_squared_error(), false, seed);
        end(&h);
    }
}

/* More units than are gathered at a time. */
static void test_a_wide_layer(void **state)
{
    (void)state;
    enum { UNITS = 150 };
    const size_t units[] = {INPUTS, UNITS};
    bp_network *net = NULL;
    bp_workspace *workspace = NULL;
    uint64_t stream = 3;
    bp_real inputs[2 * INPUTS], targets[2 * UNITS], outputs[2 * UNITS], gradient[(INPUTS + 1) * UNITS];
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_linear(), bp_activation_logistic()));
    assert_ok(bp_network_initialize(net, 3));
    assert_ok(bp_workspace_create(&workspace, net, 2));
    for (size_t i = 0; i < 2 * INPUTS; i++)
        inputs[i] = (bp_real)test_uniform(&stream, -1, 1);
    for (size_t i = 0; i < 2 * UNITS; i++)
        targets[i] = i % 7 == 3 || (i > 70 && i < 90) ? (bp_real)NAN : (bp_real)test_uniform(&stream, 0, 1);
    bp_data data = bp_data_view(2, inputs, INPUTS, targets, UNITS);
    data.missing_targets = 1;
    double error, wanted = 0;
    assert_ok(bp_network_predict(net, workspace, &data, outputs));
    assert_ok(bp_network_gradient(net, workspace, &data, bp_loss_squared_error(), &error, gradient));
    for (size_t i = 0; i < 2 * UNITS; i++)
        if (!isnan(targets[i]))
            wanted +=
                ((double)outputs[i] - (double)targets[i]) * ((double)outputs[i] - (double)targets[i]) / 2;
    assert_close(error, wanted, TOLERANCE(1e-6, 1e-14));
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

/* ---------------------------------------------------------------- whole cases missing */

/* Every third case loses the targets of columns first .. end - 1; with whole rows gone, *kept has the others.
 */
static void drop_cases(holes *h, holes *kept)
{
    const size_t width = h->data.target_width;
    size_t next = 0;
    for (size_t row = 0; row < CASES; row++) {
        if (row % 3 == 1) {
            for (size_t i = 0; i < width; i++)
                h->targets[row * width + i] = NAN;
            continue;
        }
        memcpy(kept->inputs + next * INPUTS, h->inputs + row * INPUTS, INPUTS * sizeof *h->inputs);
        memcpy(kept->targets + next * width, h->targets + row * width, width * sizeof *h->targets);
        kept->weights[next++] = h->weights[row];
    }
    kept->data = bp_data_view(next, kept->inputs, INPUTS, kept->targets, width);
    kept->data.case_weights = kept->weights;
    kept->data.missing_targets = 1;
}

/* E has the same bits, a gradient the same terms and zeros. */
static void test_cases_without_targets_are_as_if_removed(void **state)
{
    (void)state;
    const bp_loss losses[] = {bp_loss_squared_error(), bp_loss_cross_entropy(),
                              bp_loss_with_tolerance(bp_loss_cross_entropy(), 0.2)};
    for (uint64_t seed = 1; seed <= 12; seed++) {
        holes h = begin(two_outputs(bp_activation_softmax(), bp_activation_logistic(), 5, seed), seed),
              kept = h;
        point(&h);
        drop_cases(&h, &kept);
        for (size_t l = 0; l < 3; l++) {
            size_t count;
            bp_network_weights(h.net, &count);
            bp_real *got = new_reals(count), *less = new_reals(count);
            double *wanted = new_doubles(count), error, error_of_less;
            assert_ok(bp_network_gradient(h.net, h.workspace, &h.data, losses[l], &error, got));
            assert_ok(bp_network_gradient(h.net, h.workspace, &kept.data, losses[l], &error_of_less, less));
            assert_true(error == error_of_less);
            for (size_t i = 0; i < count; i++)
                wanted[i] = (double)less[i];
            assert_all_close(got, wanted, count, TOLERANCE(1e-6, 1e-14), "seed %d, weight", (int)seed);
            kept.data.missing_targets = 0; /* the paths of small networks */
            assert_ok(bp_network_gradient(h.net, h.workspace, &kept.data, losses[l], &error_of_less, less));
            assert_close(error, error_of_less, TOLERANCE(1e-6, 1e-14));
            kept.data.missing_targets = 1;
            free(got);
            free(less);
            free(wanted);
        }
        end(&h);
    }
}

/* The products with the Hessian and the Gauss-Newton matrix. */
static void test_curvature(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        holes h = begin(two_outputs(bp_activation_softmax(), bp_activation_logistic(), 5, seed), seed),
              kept = h;
        point(&h);
        drop_cases(&h, &kept);
        size_t count;
        uint64_t stream = seed;
        bp_network_weights(h.net, &count);
        bp_real *vector = random_reals(&stream, count, -1, 1), *got = new_reals(count),
                *less = new_reals(count);
        double *wanted = new_doubles(count);
        for (size_t which = 0; which < 4; which++) {
            const bp_loss loss = which % 2 ? bp_loss_cross_entropy() : bp_loss_squared_error();
            bp_status (*product)(const bp_network *, bp_workspace *, const bp_data *, bp_loss,
                                 const bp_real *, bp_real *) =
                which < 2 ? bp_network_hessian_product : bp_network_gauss_newton_product;
            assert_ok(product(h.net, h.workspace, &h.data, loss, vector, got));
            assert_ok(product(h.net, h.workspace, &kept.data, loss, vector, less));
            for (size_t i = 0; i < count; i++)
                wanted[i] = (double)less[i];
            assert_all_close(got, wanted, count, TOLERANCE(1e-5, 1e-13), "seed %d, weight", (int)seed);
        }
        free(vector);
        free(got);
        free(less);
        free(wanted);
        end(&h);
    }
}

static void test_threads_and_blocks_change_no_bit(void **state)
{
    (void)state;
    holes h = begin(two_outputs(bp_activation_linear(), bp_activation_logistic(), 90, 4), 4);
    point(&h);
    make_holes(&h, 4);
    size_t count;
    bp_network_weights(h.net, &count);
    bp_real *first = new_reals(count), *got = new_reals(count);
    double error, other;
    assert_ok(bp_network_gradient(h.net, h.workspace, &h.data, bp_loss_squared_error(), &error, first));
    for (size_t threads = 2; threads <= 3; threads++) {
        assert_ok(bp_workspace_set_threads(h.workspace, threads));
        assert_ok(bp_network_gradient(h.net, h.workspace, &h.data, bp_loss_squared_error(), &other, got));
        assert_true(other == error);
        assert_memory_equal(got, first, count * sizeof *got);
    }
    free(first);
    free(got);
    end(&h);
}

/* Outputs at all steps with targets at the last alone, and outputs at the last alone. */
static void test_targets_at_some_steps(void **state)
{
    (void)state;
    enum { STEPS = 5, SERIES = 6 };
    const unsigned char at_last[STEPS] = {0, 0, 0, 0, 1};
    bp_network *net = recurrent_network(2, 4), *all = NULL, *last = NULL;
    bp_unroll_options options;
    bp_unroll_options_init(&options, sizeof options);
    options.steps = STEPS;
    assert_ok(bp_network_initialize(net, 7));
    assert_ok(bp_network_unroll(&all, net, &options));
    options.output_steps = at_last;
    assert_ok(bp_network_unroll(&last, net, &options));
    uint64_t stream = 7;
    bp_real *inputs = random_reals(&stream, SERIES * STEPS * 2, -1, 1);
    bp_real *targets = random_reals(&stream, SERIES, -1, 1), *sparse = new_reals(SERIES * STEPS);
    for (size_t i = 0; i < SERIES * STEPS; i++)
        sparse[i] = i % STEPS == STEPS - 1 ? targets[i / STEPS] : (bp_real)NAN;
    bp_data many = bp_data_view(SERIES, inputs, 2, sparse, 1);
    many.steps = STEPS;
    many.missing_targets = 1;
    const bp_data few = bp_data_view(SERIES, inputs, 2 * STEPS, targets, 1);

    size_t count;
    bp_network_weights(all, &count);
    bp_workspace *of_all = NULL, *of_last = NULL;
    assert_ok(bp_workspace_create(&of_all, all, SERIES));
    assert_ok(bp_workspace_create(&of_last, last, SERIES));
    bp_real *got = new_reals(count), *less = new_reals(count);
    double *wanted = new_doubles(count), error, error_of_less;
    assert_ok(bp_network_gradient(all, of_all, &many, bp_loss_default(), &error, got));
    assert_ok(bp_network_gradient(last, of_last, &few, bp_loss_default(), &error_of_less, less));
    assert_true(error == error_of_less);
    for (size_t i = 0; i < count; i++)
        wanted[i] = (double)less[i];
    assert_all_close(got, wanted, count, TOLERANCE(1e-6, 1e-14), "weight");
    free(inputs);
    free(targets);
    free(sparse);
    free(got);
    free(less);
    free(wanted);
    bp_workspace_destroy(of_all);
    bp_workspace_destroy(of_last);
    bp_network_destroy(all);
    bp_network_destroy(last);
    bp_network_destroy(net);
}

/* -------------------------------------------------------------- figures and scaling */

static void test_evaluation_counts_cases_with_all_targets(void **state)
{
    (void)state;
    const size_t units[] = {INPUTS, 3};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_linear(), bp_activation_softmax()));
    assert_ok(bp_network_initialize(net, 5));
    holes h = begin(net, 5);
    point(&h);
    bp_real outputs[CASES * 3];
    size_t confusion[9], sum = 0, correct = 0, judged = 0;
    assert_ok(bp_network_predict(net, h.workspace, &h.data, outputs));
    for (size_t row = 0; row < CASES; row++) {
        const bp_real *y = outputs + 3 * row;
        const size_t guess = y[0] >= y[1] && y[0] >= y[2] ? 0 : y[1] >= y[2] ? 1 : 2;
        for (size_t k = 0; k < 3; k++)
            h.targets[3 * row + k] = row % 4 == 2 ? (bp_real)NAN : (bp_real)(k == row % 3);
        judged += row % 4 != 2;
        correct += row % 4 != 2 && guess == row % 3;
    }
    bp_evaluation found = {.size = sizeof found};
    assert_ok(bp_network_evaluate(net, h.workspace, &h.data, bp_loss_default(), confusion, &found));
    assert_int_equal(found.cases, CASES);
    assert_int_equal(found.unclassified, CASES - judged);
    assert_int_equal(found.correct, correct);
    assert_true(found.accuracy == (double)correct / (double)judged);
    for (size_t i = 0; i < 9; i++)
        sum += confusion[i];
    assert_int_equal(sum, judged);
    end(&h);
}

/* As fitted to the targets that are there. A column without any stays as it is. */
static void test_scaling_is_that_of_the_targets_that_are_there(void **state)
{
    (void)state;
    const size_t units[] = {INPUTS, 4, 2};
    const bp_scaling rules[] = {bp_scaling_standard(), bp_scaling_min_max(-1, 1), bp_scaling_automatic()};
    for (size_t rule = 0; rule < 3; rule++) {
        bp_network *nets[2] = {NULL, NULL};
        bp_real present[CASES];
        size_t count = 0;
        holes h = {.net = NULL};
        for (size_t i = 0; i < 2; i++) {
            const size_t width[] = {INPUTS, 4, i == 0 ? 2 : 1};
            assert_ok(bp_network_create_layered(&nets[i], i == 0 ? units : width, 3, bp_activation_tanh(),
                                                bp_activation_linear()));
            assert_ok(bp_network_initialize(nets[i], 1));
        }
        h = begin(nets[0], 9);
        point(&h);
        for (size_t row = 0; row < CASES; row++) {
            h.targets[2 * row + 1] = NAN;
            if (row % 4 == 1)
                h.targets[2 * row] = NAN;
            else
                present[count++] = h.targets[2 * row];
        }
        const bp_data complete = bp_data_view(count, h.inputs, INPUTS, present, 1);
        assert_ok(bp_network_fit_scaling(nets[0], &h.data, bp_scaling_none(), rules[rule]));
        assert_ok(bp_network_fit_scaling(nets[1], &complete, bp_scaling_none(), rules[rule]));
        bp_real offsets[2], factors[2], offset, factor;
        assert_ok(bp_network_get_target_scaling(nets[0], offsets, factors, 2));
        assert_ok(bp_network_get_target_scaling(nets[1], &offset, &factor, 1));
        assert_true(offsets[0] == offset && factors[0] == factor);
        assert_true(isfinite(offsets[1]) && isfinite(factors[1]) && factors[1] > 0);
        end(&h);
        bp_network_destroy(nets[1]);
    }
}

/* ------------------------------------------------------------------------- refusals */

static double any_loss(void *context, const bp_real *y, const bp_real *d, bp_real *derivative, size_t units)
{
    (void)context, (void)y, (void)d, (void)derivative, (void)units;
    return 0;
}

static void test_refusals(void **state)
{
    (void)state;
    holes h = begin(two_outputs(bp_activation_softmax(), bp_activation_logistic(), 5, 1), 1);
    double error;
    size_t count;
    bp_real *gradient;
    point(&h);
    bp_network_weights(h.net, &count);
    gradient = new_reals(count);
#define GRADIENT(loss) bp_network_gradient(h.net, h.workspace, &h.data, loss, &error, gradient)
    h.targets[7 + 4] = NAN; /* of the logistic layer */
    assert_ok(GRADIENT(bp_loss_cross_entropy()));
    h.targets[7 * 2 + 1] = NAN; /* of the softmax layer */
    assert_fails(GRADIENT(bp_loss_cross_entropy()), BP_ERROR_ARGUMENT,
                 "case 2 has 3 of the 4 targets of softmax layer 'a'; it must have all of them or none");
    for (size_t i = 0; i < 4; i++)
        h.targets[7 * 2 + i] = NAN;
    assert_ok(GRADIENT(bp_loss_cross_entropy()));
    assert_fails(GRADIENT(bp_loss_custom(any_loss, NULL)), BP_ERROR_UNSUPPORTED,
                 "data.missing_targets is 1, but");
    h.targets[5] = INFINITY;
    assert_fails(GRADIENT(bp_loss_cross_entropy()), BP_ERROR_NOT_FINITE, "case 0, column 5 is inf");
    h.targets[5] = 2;
    assert_fails(GRADIENT(bp_loss_cross_entropy()), BP_ERROR_ARGUMENT, "case 0, column 5 is 2");
    h.targets[5] = 0;
    h.data.missing_targets = 0;
    assert_fails(GRADIENT(bp_loss_cross_entropy()), BP_ERROR_NOT_FINITE,
                 "case 1, column 4 is nan; if it is not there, missing_targets = 1 skips it");
    h.data.missing_targets = 2;
    assert_fails(GRADIENT(bp_loss_cross_entropy()), BP_ERROR_ARGUMENT,
                 "data.missing_targets is 2, it must be 0 or 1");
    h.data.missing_targets = 1;
    h.inputs[4] = NAN;
    assert_fails(GRADIENT(bp_loss_cross_entropy()), BP_ERROR_NOT_FINITE,
                 "data.inputs: case 1, column 1 is nan");
    h.inputs[4] = 0;
    assert_fails(bp_diagnose(h.net, h.workspace, &h.data, NULL, bp_loss_default(), NULL, 0, &count),
                 BP_ERROR_UNSUPPORTED,
                 "training.missing_targets is 1, but this call cannot skip missing targets");
    free(gradient);
    end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_terms_are_those_of_the_targets_that_are_there),
        cmocka_unit_test(test_a_wide_layer),
        cmocka_unit_test(test_cases_without_targets_are_as_if_removed),
        cmocka_unit_test(test_curvature),
        cmocka_unit_test(test_threads_and_blocks_change_no_bit),
        cmocka_unit_test(test_targets_at_some_steps),
        cmocka_unit_test(test_evaluation_counts_cases_with_all_targets),
        cmocka_unit_test(test_scaling_is_that_of_the_targets_that_are_there),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
