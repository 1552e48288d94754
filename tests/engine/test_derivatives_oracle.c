/* Derivatives against those of PyTorch: data/derivatives.txt, made by data/make_derivatives.py, which says
 * what is in it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/arrays.h"

enum { NETWORKS = 7 };

static const double tolerance = TOLERANCE(1e-5, 1e-12);

typedef struct shape {
    char hidden[16], output[16], loss[16];
    size_t inputs, units, outputs, cases, weights;
} shape;

static bp_activation activation_of(const char *name)
{
    return strcmp(name, "logistic") == 0  ? bp_activation_logistic()
           : strcmp(name, "tanh") == 0    ? bp_activation_tanh()
           : strcmp(name, "relu") == 0    ? bp_activation_relu()
           : strcmp(name, "softmax") == 0 ? bp_activation_softmax()
                                          : bp_activation_linear();
}

static double *read_numbers(FILE *file, size_t count)
{
    double *values = new_doubles(count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(fscanf(file, "%lf", &values[i]), 1);
    return values;
}

static bp_real *read_reals(FILE *file, size_t count)
{
    double *values = read_numbers(file, count);
    bp_real *reals = new_reals(count);
    for (size_t i = 0; i < count; i++)
        reals[i] = (bp_real)values[i];
    free(values);
    return reals;
}

static bp_network *create(const shape *s, const bp_real *weights)
{
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, (size_t[]){s->inputs, s->units, s->outputs}, 3,
                                        activation_of(s->hidden), activation_of(s->output)));
    /* The order of the file is that of the weight vector. */
    assert_int_equal(bp_connection_offset(bp_network_connection(net, 0)), 0);
    assert_int_equal(bp_layer_bias_offset(bp_network_layer(net, 1)), s->units * s->inputs);
    assert_int_equal(bp_connection_offset(bp_network_connection(net, 1)), s->units * (s->inputs + 1));
    assert_int_equal(bp_layer_bias_offset(bp_network_layer(net, 2)), s->weights - s->outputs);
    assert_ok(bp_network_set_weights(net, weights, s->weights));
    return net;
}

/* The rest of a network's lines: H v, G v, and both derivatives of the outputs. */
static void compare(FILE *file, const shape *s, const bp_network *net, const bp_data *data,
                    const bp_real *vector)
{
    const size_t rows = s->cases * s->outputs;
    const bp_loss loss =
        strcmp(s->loss, "squared_error") == 0 ? bp_loss_squared_error() : bp_loss_cross_entropy();
    bp_workspace *workspace = NULL;
    bp_real *values = new_reals(rows * s->weights), *by_inputs = new_reals(rows * s->inputs);
    assert_ok(bp_workspace_create(&workspace, net, s->cases));
    double *wanted = read_numbers(file, s->weights);
    assert_ok(bp_network_hessian_product(net, workspace, data, loss, vector, values));
    assert_all_close(values, wanted, s->weights, tolerance, "%s, %s: H v, weight", s->hidden, s->output);
    free(wanted);
    wanted = read_numbers(file, s->weights);
    assert_ok(bp_network_gauss_newton_product(net, workspace, data, loss, vector, values));
    assert_all_close(values, wanted, s->weights, tolerance, "%s, %s: G v, weight", s->hidden, s->output);
    free(wanted);
    assert_ok(bp_network_output_gradient(net, workspace, data, BP_ALL_OUTPUTS, values, by_inputs));
    wanted = read_numbers(file, rows * s->weights);
    assert_all_close(values, wanted, rows * s->weights, tolerance, "%s, %s: dy/dw", s->hidden, s->output);
    free(wanted);
    wanted = read_numbers(file, rows * s->inputs);
    assert_all_close(by_inputs, wanted, rows * s->inputs, tolerance, "%s, %s: dy/dx", s->hidden, s->output);
    free(wanted);
    free(values);
    free(by_inputs);
    bp_workspace_destroy(workspace);
}

static void test_torch(void **state)
{
    (void)state;
    FILE *file = fopen("data/derivatives.txt", "r");
    assert_non_null(file);
    shape s;
    size_t networks = 0;
    while (fscanf(file, "%15s %15s %15s %zu %zu %zu %zu", s.hidden, s.output, s.loss, &s.inputs, &s.units,
                  &s.outputs, &s.cases) == 7) {
        s.weights = s.units * (s.inputs + 1) + s.outputs * (s.units + 1);
        bp_real *inputs = read_reals(file, s.cases * s.inputs);
        bp_real *targets = read_reals(file, s.cases * s.outputs);
        bp_real *case_weights = read_reals(file, s.cases);
        bp_real *weights = read_reals(file, s.weights), *vector = read_reals(file, s.weights);
        bp_data data = bp_data_view(s.cases, inputs, s.inputs, targets, s.outputs);
        data.case_weights = case_weights;
        bp_network *net = create(&s, weights);
        compare(file, &s, net, &data, vector);
        bp_network_destroy(net);
        free(inputs);
        free(targets);
        free(case_weights);
        free(weights);
        free(vector);
        networks++;
    }
    assert_int_equal(networks, NETWORKS);
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_torch)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
