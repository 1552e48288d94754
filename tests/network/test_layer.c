/* Adding, marking and looking at layers. */
#include "support/activations.h"
#include "support/support.h"

#include <string.h>

#include "network/network.h"

static int setup(void **state)
{
    bp_network *net = NULL;
    assert_ok(bp_network_create(&net, NULL));
    *state = net;
    return 0;
}

static int teardown(void **state)
{
    bp_network_destroy(*state);
    return 0;
}

static void test_add_input(void **state)
{
    bp_network *net = *state;
    bp_layer *layer = NULL;
    assert_ok(bp_network_add_input(&layer, net, "pixels", 64));
    assert_string_equal(bp_layer_name(layer), "pixels");
    assert_int_equal(bp_layer_units(layer), 64);
    assert_int_equal(bp_layer_index(layer), 0);
    assert_true(bp_layer_is_input(layer));
    assert_false(bp_layer_is_output(layer));
    assert_false(bp_layer_has_bias(layer));
    bp_activation activation = bp_layer_activation(layer);
    assert_string_equal(bp_activation_name(&activation), "linear");
}

static void test_add_layer(void **state)
{
    bp_network *net = *state;
    bp_layer *layer = NULL;
    assert_ok(bp_network_add_input(NULL, net, NULL, 1));
    assert_ok(bp_network_add_layer(&layer, net, "h", 7, bp_activation_relu()));
    assert_string_equal(bp_layer_name(layer), "h");
    assert_int_equal(bp_layer_units(layer), 7);
    assert_int_equal(bp_layer_index(layer), 1);
    assert_false(bp_layer_is_input(layer));
    assert_true(bp_layer_has_bias(layer));
    bp_activation activation = bp_layer_activation(layer);
    assert_string_equal(bp_activation_name(&activation), "relu");
}

static void test_names_are_given_where_none_is(void **state)
{
    bp_network *net = *state;
    assert_ok(bp_network_add_input(NULL, net, NULL, 1));
    assert_ok(bp_network_add_layer(NULL, net, NULL, 1, bp_activation_tanh()));
    assert_string_equal(bp_layer_name(bp_network_layer(net, 0)), "layer0");
    assert_string_equal(bp_layer_name(bp_network_layer(net, 1)), "layer1");
    assert_ok(bp_network_add_layer(NULL, net, "layer3", 1, bp_activation_tanh()));
    assert_fails(bp_network_add_layer(NULL, net, NULL, 1, bp_activation_tanh()), BP_ERROR_NAME, "'layer3'");
}

static void test_names_are_checked(void **state)
{
    bp_network *net = *state;
    bp_layer *layer = NULL;
    char name[65];
    memset(name, 'n', sizeof name);
    name[64] = '\0';
    assert_fails(bp_network_add_input(&layer, net, name, 1), BP_ERROR_ARGUMENT, "longer than 63 bytes");
    assert_fails(bp_network_add_layer(&layer, net, name, 1, bp_activation_tanh()), BP_ERROR_ARGUMENT,
                 "network_add_layer: the name 'nnn");
    assert_fails(bp_network_add_input(&layer, net, "", 1), BP_ERROR_ARGUMENT, "empty");
    assert_null(layer);
    name[63] = '\0';
    assert_ok(bp_network_add_input(&layer, net, name, 1));
    assert_string_equal(bp_layer_name(layer), name);
    assert_fails(bp_network_add_input(NULL, net, name, 1), BP_ERROR_NAME, name);
    assert_int_equal(bp_network_layer_count(net), 1);
}

static void test_names_are_copied(void **state)
{
    bp_network *net = *state;
    char name[] = "inputs", function[] = "identity";
    bp_layer *layer = NULL;
    assert_ok(bp_network_add_input(NULL, net, name, 1));
    assert_ok(bp_network_add_layer(&layer, net, "h", 1,
                                   bp_activation_custom(function, identity, slope_of_identity, &name)));
    name[0] = function[0] = '!';
    assert_string_equal(bp_layer_name(bp_network_layer(net, 0)), "inputs");
    bp_activation activation = bp_layer_activation(layer);
    assert_string_equal(bp_activation_name(&activation), "identity");
    assert_ptr_equal(activation.function, identity);
    assert_ptr_equal(activation.derivative, slope_of_identity);
    assert_ptr_equal(activation.context, &name);
}

static void test_adding_refuses_bad_arguments(void **state)
{
    bp_network *net = *state;
    bp_layer *layer = NULL;
    bp_activation f = bp_activation_logistic(), none = {0}, unknown = {.kind = 1000};
    assert_fails(bp_network_add_input(&layer, NULL, "i", 1), BP_ERROR_ARGUMENT, "net is NULL");
    assert_fails(bp_network_add_layer(&layer, NULL, "h", 1, f), BP_ERROR_ARGUMENT, "net is NULL");
    assert_fails(bp_network_add_input(&layer, net, "i", 0), BP_ERROR_ARGUMENT, "layer 'i' has 0 units");
    assert_fails(bp_network_add_layer(&layer, net, NULL, 0, f), BP_ERROR_ARGUMENT, "layer 'layer0' has 0");
    assert_fails(bp_network_add_layer(&layer, net, "h", 1, none), BP_ERROR_ARGUMENT,
                 "network_add_layer: layer 'h': ");
    assert_fails(bp_network_add_layer(&layer, net, "h", 1, unknown), BP_ERROR_ARGUMENT, "layer 'h': ");
    assert_fails(
        bp_network_add_layer(&layer, net, "h", 1, bp_activation_custom("c", NULL, slope_of_identity, NULL)),
        BP_ERROR_ARGUMENT, "layer 'h': ");
    assert_null(layer);
    assert_int_equal(bp_network_layer_count(net), 0);
}

static void test_marking_outputs(void **state)
{
    bp_network *net = *state;
    bp_layer *input = NULL, *hidden = NULL;
    assert_ok(bp_network_add_input(&input, net, "i", 2));
    assert_ok(bp_network_add_layer(&hidden, net, "h", 3, bp_activation_tanh()));
    assert_fails(bp_layer_set_output(NULL), BP_ERROR_ARGUMENT, "layer is NULL");
    assert_fails(bp_layer_set_output(input), BP_ERROR_STRUCTURE, "layer 'i' is an input");
    assert_false(bp_layer_is_output(input));
    assert_ok(bp_layer_set_output(hidden));
    assert_true(bp_layer_is_output(hidden));
    assert_fails(bp_layer_set_output(hidden), BP_ERROR_STRUCTURE, "layer 'h' is marked as an output already");
}

static void test_switching_biases(void **state)
{
    bp_network *net = *state;
    bp_layer *input = NULL, *hidden = NULL;
    assert_ok(bp_network_add_input(&input, net, "i", 2));
    assert_ok(bp_network_add_layer(&hidden, net, "h", 3, bp_activation_tanh()));
    assert_fails(bp_layer_enable_bias(NULL, 1), BP_ERROR_ARGUMENT, "layer is NULL");
    assert_fails(bp_layer_enable_bias(input, 0), BP_ERROR_STRUCTURE, "layer 'i' is an input");
    assert_ok(bp_layer_enable_bias(hidden, 0));
    assert_false(bp_layer_has_bias(hidden));
    assert_ok(bp_layer_enable_bias(hidden, 2));
    assert_int_equal(bp_layer_has_bias(hidden), 1);
}

static void test_structure_is_fixed_after_finalize(void **state)
{
    bp_network *net = *state;
    bp_layer *input = NULL, *hidden = NULL;
    assert_ok(bp_network_add_input(&input, net, "i", 2));
    assert_ok(bp_network_add_layer(&hidden, net, "h", 3, bp_activation_tanh()));
    assert_ok(bp_network_connect(NULL, net, input, hidden));
    assert_ok(bp_network_finalize(net));
    assert_fails(bp_network_add_input(NULL, net, "j", 1), BP_ERROR_STATE, "finalized");
    assert_fails(bp_network_add_layer(NULL, net, "j", 1, bp_activation_tanh()), BP_ERROR_STATE, "finalized");
    assert_fails(bp_layer_set_output(hidden), BP_ERROR_STATE, "finalized");
    assert_fails(bp_layer_enable_bias(hidden, 0), BP_ERROR_STATE, "finalized");
    assert_int_equal(bp_network_layer_count(net), 2);
}

static void test_looking_takes_null(void **state)
{
    (void)state;
    assert_null(bp_layer_name(NULL));
    assert_int_equal(bp_layer_index(NULL), 0);
    assert_int_equal(bp_layer_units(NULL), 0);
    assert_int_equal(bp_layer_is_input(NULL), 0);
    assert_int_equal(bp_layer_is_output(NULL), 0);
    assert_int_equal(bp_layer_has_bias(NULL), 0);
    assert_int_equal(bp_layer_bias_offset(NULL), 0);
    assert_int_equal(bp_layer_bias_count(NULL), 0);
    assert_int_equal(bp_layer_activation(NULL).kind, 0);
}

/* Enough layers for every list to grow, some with names of their own. */
static bp_status add_many(void *context, const bp_allocator *allocator)
{
    (void)context;
    bp_network *net = NULL;
    bp_status status = test_network_create(&net, allocator);
    for (size_t i = 0; status == BP_OK && i < 9; i++) {
        bp_layer *layer = NULL;
        size_t before = bp_network_layer_count(net);
        status = bp_network_add_layer(&layer, net, NULL, i + 1,
                                      bp_activation_custom("identity", identity, slope_of_identity, NULL));
        assert_int_equal(bp_network_layer_count(net), before + (status == BP_OK));
        assert_true((layer != NULL) == (status == BP_OK));
        if (status == BP_OK)
            status = bp_layer_set_output(layer);
    }
    bp_network_destroy(net);
    return status;
}

static void test_adding_survives_each_failing_allocation(void **state)
{
    (void)state;
    test_each_allocation_fails(add_many, NULL);
}

#define WITH_NETWORK(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_NETWORK(test_add_input),
        WITH_NETWORK(test_add_layer),
        WITH_NETWORK(test_names_are_given_where_none_is),
        WITH_NETWORK(test_names_are_checked),
        WITH_NETWORK(test_names_are_copied),
        WITH_NETWORK(test_adding_refuses_bad_arguments),
        WITH_NETWORK(test_marking_outputs),
        WITH_NETWORK(test_switching_biases),
        WITH_NETWORK(test_structure_is_fixed_after_finalize),
        cmocka_unit_test(test_looking_takes_null),
        cmocka_unit_test(test_adding_survives_each_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
