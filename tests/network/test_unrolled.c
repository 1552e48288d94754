/* Unrolling: which layers, connections and columns the layered network has. */
#include "network/recurrent_example.h"

#include <stdio.h>
#include <string.h>

#include "reference/random_recurrent.h"
#include "support/connect.h"
#include "support/support.h"

static void assert_layers(const bp_network *net, const char *const *names, size_t count)
{
    assert_int_equal(bp_network_layer_count(net), count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(bp_layer_name(bp_network_layer(net, i)), names[i]);
}

static void assert_connections(const bp_network *net, const char *const (*pairs)[2], size_t count)
{
    assert_int_equal(bp_network_connection_count(net), count);
    for (size_t i = 0; i < count; i++) {
        const bp_connection *connection = bp_network_connection(net, i);
        assert_string_equal(bp_layer_name(bp_connection_from(connection)), pairs[i][0]);
        assert_string_equal(bp_layer_name(bp_connection_to(connection)), pairs[i][1]);
        assert_false(bp_connection_is_delayed(connection));
    }
}

static void test_a_copy_of_each_layer_for_each_step(void **state)
{
    recurrent_example *f = *state;
    static const char *const names[] = {"h@0", "out@0", "in@1", "h@1", "out@1", "in@2", "h@2", "out@2"};
    static const char *const pairs[][2] = {{"in@1", "h@1"},  {"h@0", "h@1"},  {"out@0", "h@1"},
                                           {"h@1", "out@1"}, {"in@2", "h@2"}, {"h@1", "h@2"},
                                           {"out@1", "h@2"}, {"h@2", "out@2"}};
    bp_network *unrolled = unroll(f->net, 2, NULL, NULL);
    assert_layers(unrolled, names, 8);
    assert_connections(unrolled, pairs, 8);
    assert_int_equal(bp_network_input_width(unrolled), 4);
    assert_int_equal(bp_network_output_width(unrolled), 4);
    size_t count;
    bp_network_weights(unrolled, &count);
    assert_int_equal(count, WEIGHTS);
    const bp_layer *h2 = bp_network_find_layer(unrolled, "h@2"), *h0 = bp_network_layer(unrolled, 0);
    bp_activation f2 = bp_layer_activation(h2), f0 = bp_layer_activation(h0);
    assert_string_equal(bp_activation_name(&f2), "tanh");
    assert_string_equal(bp_activation_name(&f0), "linear");
    assert_int_equal(bp_layer_bias_offset(h2), bp_layer_bias_offset(f->h));
    assert_int_equal(bp_layer_bias_count(h2), 3);
    assert_int_equal(bp_layer_bias_count(h0), 0);
    assert_int_equal(bp_layer_state_offset(h0), bp_layer_state_offset(f->h));
    assert_int_equal(bp_layer_state_count(h0), 3);
    assert_int_equal(bp_layer_state_count(h2), 0);
    assert_true(bp_layer_is_output(bp_network_find_layer(unrolled, "out@1")));
    assert_false(bp_layer_is_output(bp_network_find_layer(unrolled, "out@0")));
    bp_network_destroy(unrolled);
}

/* Inputs at step 1, outputs at step 2 of 3: nothing of step 3 leads to an output. */
static void test_what_leads_nowhere_is_omitted(void **state)
{
    recurrent_example *f = *state;
    static const unsigned char inputs[] = {1, 0, 1}, outputs[] = {0, 1, 0};
    static const char *const names[] = {"h@0", "out@0", "in@1", "h@1", "out@1", "h@2", "out@2", "in@3"};
    static const char *const pairs[][2] = {{"in@1", "h@1"},  {"h@0", "h@1"}, {"out@0", "h@1"},
                                           {"h@1", "out@1"}, {"h@1", "h@2"}, {"out@1", "h@2"},
                                           {"h@2", "out@2"}};
    bp_network *unrolled = unroll(f->net, 3, inputs, outputs);
    assert_layers(unrolled, names, 8);
    assert_connections(unrolled, pairs, 7);
    assert_int_equal(bp_network_input_width(unrolled), 4); /* in@3 keeps its columns */
    assert_int_equal(bp_network_output_width(unrolled), 2);
    bp_network_destroy(unrolled);
}

/* A layer to which nothing comes at a step has its biases as total inputs. */
static void test_a_step_without_inputs(void **state)
{
    (void)state;
    static const unsigned char first[] = {2, 0}, both[] = {255, 4}; /* any flag but 0 is one */
    bp_network *net = NULL;
    bp_layer *in = NULL, *out = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", 1));
    assert_ok(bp_network_add_layer(&out, net, "out", 1, bp_activation_linear()));
    assert_ok(bp_network_connect(NULL, net, in, out));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_set_weights(net, (const bp_real[]){2, 5}, 2));
    bp_network *unrolled = unroll(net, 2, first, both);
    bp_workspace *workspace = NULL;
    const bp_real inputs[] = {1, 3}, targets[] = {0, 0, 0, 0};
    bp_real outputs[4], gradient[2];
    double error;
    bp_data data = bp_data_view(2, inputs, 1, targets, 2);
    assert_ok(bp_workspace_create(&workspace, unrolled, 2));
    assert_ok(bp_network_predict(unrolled, workspace, &data, outputs));
    assert_true(outputs[0] == 7 && outputs[1] == 5 && outputs[2] == 11 && outputs[3] == 5);
    assert_ok(bp_network_gradient(unrolled, workspace, &data, bp_loss_squared_error(), &error, gradient));
    assert_true(error == 0.5 * (49 + 25 + 121 + 25));
    assert_true(gradient[0] == 7 + 33 && gradient[1] == 7 + 5 + 11 + 5);
    bp_workspace_destroy(workspace);
    bp_network_destroy(unrolled);
    bp_network_destroy(net);
}

static void test_initial_states_are_found_at_step_0(void **state)
{
    recurrent_example *f = *state;
    bp_network *unrolled = unroll(f->net, 1, NULL, NULL);
    assert_ok(bp_network_initialize(unrolled, 3));
    bp_workspace *workspace = NULL;
    const bp_real inputs[4] = {1, 2, 3, 4};
    bp_real outputs[4], got[6];
    bp_data data = bp_data_view(2, inputs, 2, NULL, 0);
    assert_ok(bp_workspace_create(&workspace, unrolled, 2));
    assert_ok(bp_network_predict(unrolled, workspace, &data, outputs));
    assert_ok(bp_workspace_layer_outputs(workspace, bp_network_layer(unrolled, 0), got, 6));
    assert_memory_equal(got, h_state, sizeof h_state);
    assert_memory_equal(got + 3, h_state, sizeof h_state);
    assert_ok(bp_workspace_layer_outputs(workspace, bp_network_layer(unrolled, 1), got, 4));
    assert_memory_equal(got + 2, out_state, sizeof out_state);
    assert_ok(bp_layer_get_initial_state(bp_network_layer(unrolled, 1), got, 2));
    assert_memory_equal(got, out_state, sizeof out_state);
    bp_workspace_destroy(workspace);
    bp_network_destroy(unrolled);
}

/* Names may become longer than those a caller can give. */
static void test_long_names(void **state)
{
    (void)state;
    char name[64] = {0}, wanted[80];
    memset(name, 'x', 63);
    bp_network *net = NULL;
    bp_layer *in = NULL, *out = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, name, 1));
    assert_ok(bp_network_add_layer(&out, net, "out", 1, bp_activation_linear()));
    assert_ok(bp_network_connect(NULL, net, in, out));
    assert_ok(bp_network_finalize(net));
    bp_network *unrolled = unroll(net, 1000, NULL, NULL);
    snprintf(wanted, sizeof wanted, "%s@1000", name);
    assert_non_null(bp_network_find_layer(unrolled, wanted));
    bp_network_destroy(unrolled);
    bp_network_destroy(net);
}

#define WITH_NETWORK(test) cmocka_unit_test_setup_teardown(test, recurrent_setup, recurrent_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_NETWORK(test_a_copy_of_each_layer_for_each_step),
        WITH_NETWORK(test_what_leads_nowhere_is_omitted),
        cmocka_unit_test(test_a_step_without_inputs),
        WITH_NETWORK(test_initial_states_are_found_at_step_0),
        cmocka_unit_test(test_long_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
