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

/* Two to four layers of up to 14 units, sometimes with an activation that needs x or softmax below the
 * outputs. */
static bp_network *random_network(uint64_t *stream, const kernel_table *table)
{
    const bp_activation activations[] = {bp_activation_logistic(), bp_activation_tanh(),
                                         bp_activation_relu(),     bp_activation_linear(),
                                         bp_activation_softmax(),  bp_activation_gelu()};
    enum { ACTIVATIONS = sizeof activations / sizeof activations[0] };
    const size_t layers = 2 + random_number(stream, 3);
    size_t units[4];
    bp_network *net = NULL;
    for (size_t i = 0; i < layers; i++)
        units[i] = 1 + random_number(stream, 14);
    assert_ok(bp_network_create_layered(&net, units, layers, activations[random_number(stream, ACTIVATIONS)],
                                        activations[random_number(stream, ACTIVATIONS)]));
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
 * no panels: such a network is left to passes. */
static void test_networks_without_panels(void **state)
{
    (void)state;
    static const size_t units[][2] = {{100, 3}, {120, 4}, {2, 2}, {12, 30}};
    const kernel_table *table;
    for (size_t t = 0; (table = supported_table(t)) != NULL; t++)
        for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
            bp_network *net = NULL;
            uint64_t stream = 3;
            assert_ok(
                bp_network_create_layered(&net, units[i], 2, bp_activation_tanh(), bp_activation_tanh()));
            assert_ok(bp_network_initialize(net, 2));
            use_kernels(net, table);
            if (i < 3)
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
