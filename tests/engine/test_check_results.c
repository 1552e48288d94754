/* Results that are not finite though data and weights are: what each public call says of them. */
#include "support/support.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CASES = 40, WEIGHTS = 2 + 2 + 2 + 1, BAD_CASE = 33 };

static const double huge = TOLERANCE((double)FLT_MAX, DBL_MAX) / 2;

typedef struct fixture {
    bp_network *net;
    bp_workspace *workspace;
    bp_real inputs[CASES], targets[CASES], outputs[CASES];
} fixture;

/* in (1) -> h (2) -> o (1), linear; o = h0 + h1 = (w0 + w1) in. All data are 0 but one input. */
static void make(fixture *f, double w0, double w1, size_t threads)
{
    const size_t units[] = {1, 2, 1};
    memset(f, 0, sizeof *f);
    assert_ok(bp_network_create_layered(&f->net, units, 3, bp_activation_linear(), bp_activation_linear()));
    const bp_real weights[WEIGHTS] = {(bp_real)w0, (bp_real)w1, 0, 0, 1, 1, 0};
    assert_ok(bp_network_set_weights(f->net, weights, WEIGHTS));
    assert_ok(bp_workspace_create(&f->workspace, f->net, CASES));
    assert_ok(bp_workspace_set_threads(f->workspace, threads));
    f->inputs[BAD_CASE] = 10;
}

static void end(fixture *f)
{
    bp_workspace_destroy(f->workspace);
    bp_network_destroy(f->net);
}

static bp_data view(const fixture *f, size_t first, size_t cases)
{
    return bp_data_view(cases, f->inputs + first, 1, f->targets + first, 1);
}

/* All cases, and the bad one alone, which takes another way through the engine. */
static void outputs_are_named(void **state)
{
    (void)state;
    fixture f;
    make(&f, huge, -huge, 1);
    bp_data all = view(&f, 0, CASES), one = view(&f, BAD_CASE, 1), good = view(&f, 0, BAD_CASE);
    assert_fails(bp_network_predict(f.net, f.workspace, &all, f.outputs), BP_ERROR_NOT_FINITE,
                 "bp_network_predict: case 33: the output of unit 0 of layer 'output' is nan");
    assert_fails(bp_network_predict(f.net, f.workspace, &one, f.outputs), BP_ERROR_NOT_FINITE,
                 "case 0: the output of unit 0 of layer 'output' is nan");
    bp_real hidden[2];
    assert_ok(bp_workspace_layer_outputs(f.workspace, bp_network_find_layer(f.net, "hidden1"), hidden, 2));
    assert_true(isinf(hidden[0]) && isinf(hidden[1]));
    assert_ok(bp_network_predict(f.net, f.workspace, &good, f.outputs));
    for (size_t i = 0; i < BAD_CASE; i++)
        assert_true(f.outputs[i] == 0);
    end(&f);
}

/* Outputs that scaling back makes infinite. */
static void scaled_outputs_are_named(void **state)
{
    (void)state;
    fixture f;
    make(&f, 1, 1, 1);
    const bp_real offset = 0, factor = (bp_real)(4 / huge);
    assert_ok(bp_network_set_target_scaling(f.net, &offset, &factor, 1));
    bp_data all = view(&f, 0, CASES);
    assert_fails(bp_network_predict(f.net, f.workspace, &all, f.outputs), BP_ERROR_NOT_FINITE,
                 "case 33: the output of unit 0 of layer 'output' is inf");
    end(&f);
}

static void an_error_that_is_not_finite_is_refused(void **state)
{
    (void)state;
    const size_t sizes[][2] = {{0, CASES}, {BAD_CASE, 1}};
    for (size_t i = 0; i < 2; i++) {
        fixture f;
        make(&f, huge, -huge, 1);
        bp_data data = view(&f, sizes[i][0], sizes[i][1]);
        bp_evaluation evaluation;
        bp_real gradient[WEIGHTS], input_gradient[CASES];
        double error = 12;
        bp_evaluation_init(&evaluation, sizeof evaluation);
        evaluation.error = 12;
        assert_fails(
            bp_network_evaluate(f.net, f.workspace, &data, bp_loss_squared_error(), NULL, &evaluation),
            BP_ERROR_NOT_FINITE, "bp_network_evaluate: E of layer 'output' is nan");
        assert_true(evaluation.error == 12 && evaluation.cases == 0);
        assert_fails(
            bp_network_gradient(f.net, f.workspace, &data, bp_loss_squared_error(), &error, gradient),
            BP_ERROR_NOT_FINITE, "bp_network_gradient: E of layer 'output' is nan");
        assert_fails(bp_network_input_gradient(f.net, f.workspace, &data, bp_loss_squared_error(), &error,
                                               input_gradient),
                     BP_ERROR_NOT_FINITE, "bp_network_input_gradient: E of layer 'output' is nan");
        assert_true(error == 12);
        end(&f);
    }
}

/* y - d is finite, but its product with the weights or inputs is not: E is, in double at least of a float. */
static void derivatives_that_are_not_finite_are_refused(void **state)
{
    (void)state;
    for (size_t cases = 1; cases <= CASES; cases += CASES - 1) {
        fixture f;
        make(&f, 0, 0, cases > 1 ? 2 : 1);
        const double root = sqrt(huge);
        const bp_real weights[WEIGHTS] = {0, 0, 0, 0, (bp_real)root, (bp_real)-root, 0};
        assert_ok(bp_network_set_weights(f.net, weights, WEIGHTS));
        f.inputs[0] = 1;
        f.targets[0] = (bp_real)(root * TOLERANCE(4, 1e-2));
        bp_data data = view(&f, 0, cases);
        bp_real gradient[WEIGHTS], input_gradient[CASES];
        double error = 12;
        f.inputs[0] = 1000;
        assert_fails(
            bp_network_gradient(f.net, f.workspace, &data, bp_loss_squared_error(), &error, gradient),
            BP_ERROR_NOT_FINITE, "the derivative of weight 0, of layer 'hidden1', is -inf");
        assert_true(error == 12);
        const bp_real steep[WEIGHTS] = {1000, 1000, 0, 0, (bp_real)root, (bp_real)-root, 0};
        assert_ok(bp_network_set_weights(f.net, steep, WEIGHTS));
        f.inputs[0] = 0;
        assert_fails(bp_network_input_gradient(f.net, f.workspace, &data, bp_loss_squared_error(), &error,
                                               input_gradient),
                     BP_ERROR_NOT_FINITE, "case 0: the derivative of input 0 is ");
        end(&f);
    }
}

/* The same in a network that is not small, where the gradient is larger than what it is made of. */
static void derivatives_of_many_weights_are_refused(void **state)
{
    (void)state;
    enum { INPUTS = 100, OUTPUTS = 30 };
    const size_t units[] = {INPUTS, OUTPUTS};
    static bp_real inputs[CASES * INPUTS], targets[CASES * OUTPUTS], gradient[(INPUTS + 1) * OUTPUTS];
    bp_network *net = NULL;
    bp_workspace *workspace = NULL;
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_linear(), bp_activation_linear()));
    memset(gradient, 0, sizeof gradient);
    assert_ok(bp_network_set_weights(net, gradient, (INPUTS + 1) * OUTPUTS));
    assert_ok(bp_workspace_create(&workspace, net, CASES));
    const double root = sqrt(huge) * TOLERANCE(1, 1e-3);
    for (size_t cases = 1; cases <= CASES; cases += CASES - 1)
        for (double large = 1; large < 1e30; large *= 1e12) { /* at last the product is not finite */
            bp_data data = bp_data_view(cases, inputs, INPUTS, targets, OUTPUTS);
            inputs[7] = (bp_real)(root * large / TOLERANCE(1e12, 1));
            targets[11] = (bp_real)-root;
            bp_status status =
                bp_network_gradient(net, workspace, &data, bp_loss_squared_error(), NULL, gradient);
            if (isfinite((bp_real)((double)inputs[7] * root)))
                assert_ok(status);
            else
                assert_fails(status, BP_ERROR_NOT_FINITE,
                             "the derivative of weight 1107, of layer 'output', is inf");
        }
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

/* |y - d| is infinite, though y, d and, in double, E are not. Either may be found first. */
static void a_distance_that_is_not_finite_is_refused(void **state)
{
    (void)state;
    fixture f;
    make(&f, 0, 0, 1);
    const bp_real weights[WEIGHTS] = {0, 0, 0, 0, 0, 0, (bp_real)(1.5 * huge)};
    assert_ok(bp_network_set_weights(f.net, weights, WEIGHTS));
    f.targets[7] = (bp_real)(-1.5 * huge);
    bp_data data = view(&f, 0, CASES);
    bp_evaluation evaluation;
    bp_evaluation_init(&evaluation, sizeof evaluation);
    assert_fails(bp_network_evaluate(f.net, f.workspace, &data, bp_loss_squared_error(), NULL, &evaluation),
                 BP_ERROR_NOT_FINITE, " is inf");
    end(&f);
}

/* The trainer goes on to call it divergence. */
static void training_diverges(void **state)
{
    (void)state;
    fixture f;
    make(&f, huge, -huge, 1);
    bp_trainer *trainer = NULL;
    bp_result result;
    bp_data data = view(&f, 0, CASES);
    bp_result_init(&result, sizeof result);
    assert_ok(bp_trainer_create(&trainer, f.net, NULL));
    assert_int_equal(bp_trainer_run(trainer, &data, NULL, &result), BP_DIVERGED);
    assert_int_equal(result.reason, BP_STOP_DIVERGED);
    bp_trainer_destroy(trainer);
    end(&f);
}

/*
 * Of two output layers only `bad` overflows. Larger networks find E of each layer, also those of hundreds of
 * weights, which small kernels would train by more cases; a small one has only their sum, so that no layer is
 * named, least of all the wrong one.
 */
static void an_error_of_one_of_two_layers_is_refused(void **state)
{
    (void)state;
    const size_t sizes[] = {1, 120, 1024};
    for (size_t i = 0; i < 3; i++) {
        const size_t inputs = sizes[i], count = 5 * inputs + 5;
        bp_network *net = NULL;
        bp_layer *in, *good, *bad;
        bp_workspace *workspace = NULL;
        assert_ok(bp_network_create(&net, NULL));
        assert_ok(bp_network_add_input(&in, net, "in", inputs));
        assert_ok(bp_network_add_layer(&good, net, "good", 4, bp_activation_linear()));
        assert_ok(bp_network_add_layer(&bad, net, "bad", 1, bp_activation_linear()));
        bp_connection *to_good, *to_bad;
        assert_ok(bp_network_connect(&to_good, net, in, good));
        assert_ok(bp_network_connect(&to_bad, net, in, bad));
        assert_ok(bp_layer_set_output(good));
        assert_ok(bp_layer_set_output(bad));
        assert_ok(bp_network_finalize(net));
        bp_real *values = calloc(4 * inputs, sizeof *values), *weights = calloc(count, sizeof *weights);
        bp_real targets[20] = {0};
        assert_true(values != NULL && weights != NULL);
        assert_ok(bp_network_set_weights(net, weights, count));
        weights[0] = (bp_real)huge;
        assert_ok(bp_connection_set_weights(to_bad, weights, inputs));
        values[inputs] = 4;
        assert_ok(bp_workspace_create(&workspace, net, 4));
        bp_data data = bp_data_view(4, values, inputs, targets, 5);
        double error = 7;
        const char *wanted =
            inputs == 1 ? "bp_network_gradient: E is inf" : "bp_network_gradient: E of layer 'bad'";
        assert_fails(bp_network_gradient(net, workspace, &data, bp_loss_squared_error(), &error, weights),
                     BP_ERROR_NOT_FINITE, wanted);
        assert_true(error == 7);
        bp_evaluation found;
        bp_evaluation_init(&found, sizeof found);
        assert_fails(bp_network_evaluate(net, workspace, &data, bp_loss_squared_error(), NULL, &found),
                     BP_ERROR_NOT_FINITE, strstr(wanted, "E "));
        free(values);
        free(weights);
        bp_workspace_destroy(workspace);
        bp_network_destroy(net);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_are_named),
        cmocka_unit_test(scaled_outputs_are_named),
        cmocka_unit_test(an_error_that_is_not_finite_is_refused),
        cmocka_unit_test(an_error_of_one_of_two_layers_is_refused),
        cmocka_unit_test(derivatives_that_are_not_finite_are_refused),
        cmocka_unit_test(derivatives_of_many_weights_are_refused),
        cmocka_unit_test(a_distance_that_is_not_finite_is_refused),
        cmocka_unit_test(training_diverges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
