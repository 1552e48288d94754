/* Predictions of small networks by products that read panels: the same bits as by passes side by side. */
#include <stdlib.h>
#include <string.h>

#include "engine/plan.h"
#include "engine/types.h"
#include "engine/weight_panels.h"
#include "support/arrays.h"
#include "support/kernels.h"

enum { MOST_CASES = 40, NETWORKS = 60 };

static size_t random_number(uint64_t *stream, size_t below)
{
    bp_real *value = random_reals(stream, 1, 0, 1);
    const size_t number = (size_t)((double)*value * (double)below);
    free(value);
    return number < below ? number : below - 1;
}

/* One of several kinds; one needs x, and softmax can be below the outputs. */
static bp_activation random_activation(uint64_t *stream)
{
    const bp_activation activations[] = {bp_activation_logistic(), bp_activation_tanh(),
                                         bp_activation_relu(),     bp_activation_linear(),
                                         bp_activation_softmax(),  bp_activation_gelu()};
    return activations[random_number(stream, sizeof activations / sizeof activations[0])];
}

/* One or two input layers, one or two hidden layers and one or two output layers of up to 9 units each, with
 * or without biases. Each layer receives from the one before it and sometimes from an input too. */
static bp_network *random_network(uint64_t *stream, const kernel_table *table)
{
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    bp_network *net = NULL;
    bp_layer *inputs[2] = {NULL, NULL}, *last = NULL;
    const size_t input_layers = 1 + random_number(stream, 2), others = 1 + random_number(stream, 3);
    assert_ok(bp_network_create(&net, NULL));
    for (size_t i = 0; i < input_layers; i++) {
        assert_ok(bp_network_add_input(&inputs[i], net, names[i], 1 + random_number(stream, 9)));
    }
    for (size_t i = 0; i < others; i++) {
        bp_layer *layer = NULL;
        assert_ok(bp_network_add_layer(&layer, net, names[2 + i], 1 + random_number(stream, 9),
                                       random_activation(stream)));
        if (random_number(stream, 3) == 0)
            assert_ok(bp_layer_enable_bias(layer, 0));
        assert_ok(bp_network_connect(NULL, net, i == 0 ? inputs[0] : last, layer));
        if (input_layers == 2 && (i == 0 || random_number(stream, 2) == 0))
            assert_ok(bp_network_connect(NULL, net, inputs[1], layer));
        if (i + 1 == others || random_number(stream, 4) == 0)
            assert_ok(bp_layer_set_output(layer));
        last = layer;
    }
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, 1 + random_number(stream, 1000)));
    use_kernels(net, table);
    return net;
}

/* The outputs of the cases from a workspace that keeps no panels. */
static void predict_by_passes(const bp_network *net, const bp_data *data, bp_real *outputs)
{
    bp_workspace *workspace = NULL;
    assert_ok(bp_workspace_create(&workspace, net, 1));
    assert_false(workspace->facts & FACT_PANELS_KEPT);
    assert_ok(bp_network_predict(net, workspace, data, outputs));
    bp_workspace_destroy(workspace);
}

/* Three calls, the last two of which find panels; then the same with other weights. */
static void check_predictions(bp_network *net, uint64_t *stream, size_t cases, const char *table)
{
    const size_t inputs = net->input_width, outputs = net->output_width * cases;
    bp_real *values = random_reals(stream, inputs * cases, -2, 2), *wanted = new_reals(outputs),
            *got = new_reals(outputs), *weights = random_reals(stream, net->weight_count, -1, 1);
    const bp_data data = bp_data_view(cases, values, inputs, NULL, 0);
    bp_workspace *workspace = NULL;
    assert_ok(bp_workspace_create(&workspace, net, cases));
    for (size_t round = 0; round < 2; round++) {
        predict_by_passes(net, &data, wanted);
        for (size_t call = 0; call < 3; call++) {
            assert_ok(bp_network_predict(net, workspace, &data, got));
            if (bpi_keeps_panels(net)) /* made in the second pass over the same weights */
                assert_int_equal(workspace->panels.made == net->weight_version, call > 0);
            if (memcmp(got, wanted, outputs * sizeof *got) != 0)
                fail_msg("%s: call %zu for %zu cases of a network of %zu weights has other bits", table, call,
                         cases, net->weight_count);
        }
        assert_ok(bp_network_set_weights(net, weights, net->weight_count));
    }
    bp_workspace_destroy(workspace);
    free(values);
    free(wanted);
    free(got);
    free(weights);
}

static void test_bits_are_those_of_passes(void **state)
{
    (void)state;
    static const size_t cases[] = {2, 3, 4, 5, 8, 9, 16, 17, 33, MOST_CASES};
    const kernel_table *table;
    uint64_t stream = 5;
    for (size_t t = 0; (table = supported_table(t)) != NULL; t++)
        for (size_t i = 0; i < NETWORKS; i++) {
            bp_network *net = random_network(&stream, table);
            check_predictions(net, &stream, cases[i % (sizeof cases / sizeof cases[0])], table->name);
            bp_network_destroy(net);
        }
}

/* A layer of few units with many inputs is multiplied by whole rows, in another order of the terms, and has
 * no panels; the sum of a softmax layer of many units is made in another order, too; and the smallest
 * networks gain nothing by panels. They are left to passes. */
static void test_networks_without_panels(void **state)
{
    (void)state;
    static const size_t units[][2] = {{100, 3}, {120, 4}, {2, 2}, {2, 129}, {2, 128}, {12, 30}};
    const kernel_table *table;
    for (size_t t = 0; (table = supported_table(t)) != NULL; t++)
        for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
            bp_network *net = NULL;
            uint64_t stream = 3;
            assert_ok(
                bp_network_create_layered(&net, units[i], 2, bp_activation_tanh(), bp_activation_softmax()));
            assert_ok(bp_network_initialize(net, 2));
            use_kernels(net, table);
            if (i < 4)
                assert_false(bpi_keeps_panels(net));
            else
                assert_int_equal(bpi_keeps_panels(net), table->panel_columns * sizeof(bp_real) >= 64);
            check_predictions(net, &stream, 7, table->name);
            bp_network_destroy(net);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bits_are_those_of_passes),
        cmocka_unit_test(test_networks_without_panels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
