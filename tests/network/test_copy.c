/* Copies: everything of a network, in memory of its own. */
#include "support/activations.h"
#include "support/support.h"

#include <string.h>

#include "network/network.h"

static const bp_real offsets[] = {1, 2, 3}, factors[] = {4, 5, 6};

/* Two inputs, a skip, a custom activation, two outputs not in order, a layer without biases, connections not
 * in order, rules, weights, scaling. */
static bp_network *build(const bp_allocator *allocator)
{
    bp_activation own = bp_activation_custom("identity", identity, slope_of_identity, NULL);
    bp_network_options options;
    bp_network_options_init(&options, sizeof options);
    if (allocator != NULL)
        options.allocator = *allocator;
    options.isa = "portable";
    options.activations = &own;
    options.activation_count = 1;
    bp_network *net = NULL;
    bp_layer *a = NULL, *b = NULL, *h = NULL, *p = NULL, *q = NULL;
    bp_connection *skip = NULL;
    assert_ok(bp_network_create(&net, &options));
    assert_ok(bp_network_add_input(&a, net, "a", 2));
    assert_ok(bp_network_add_input(&b, net, "b", 1));
    assert_ok(bp_network_add_layer(&h, net, "h", 3, own));
    assert_ok(bp_network_add_layer(&p, net, "p", 2, bp_activation_softmax()));
    assert_ok(bp_network_add_layer(&q, net, "q", 1, bp_activation_relu()));
    assert_ok(bp_network_connect(NULL, net, h, q));
    assert_ok(bp_network_connect(NULL, net, b, h));
    assert_ok(bp_network_connect(&skip, net, a, q));
    assert_ok(bp_network_connect(NULL, net, a, h));
    assert_ok(bp_network_connect(NULL, net, h, p));
    assert_ok(bp_layer_set_output(q));
    assert_ok(bp_layer_set_output(p));
    assert_ok(bp_layer_enable_bias(h, 0));
    assert_ok(bp_network_set_weight_init(net, bp_weight_init_uniform(-1, 1)));
    assert_ok(bp_connection_set_weight_init(skip, bp_weight_init_constant(7)));
    assert_ok(bp_layer_set_bias_init(p, bp_weight_init_constant(8)));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, 11));
    assert_ok(bp_network_set_input_scaling(net, offsets, factors, 3));
    assert_ok(bp_network_set_target_scaling(net, factors, offsets, 3));
    return net;
}

static int setup(void **state)
{
    *state = build(NULL);
    return 0;
}

static int teardown(void **state)
{
    bp_network_destroy(*state);
    return 0;
}

static void assert_same_layer(const bp_layer *copy, const bp_layer *layer)
{
    assert_ptr_not_equal(copy, layer);
    assert_string_equal(bp_layer_name(copy), bp_layer_name(layer));
    assert_ptr_not_equal(bp_layer_name(copy), bp_layer_name(layer));
    assert_int_equal(bp_layer_units(copy), bp_layer_units(layer));
    assert_int_equal(bp_layer_index(copy), bp_layer_index(layer));
    assert_int_equal(bp_layer_is_input(copy), bp_layer_is_input(layer));
    assert_int_equal(bp_layer_is_output(copy), bp_layer_is_output(layer));
    assert_int_equal(bp_layer_has_bias(copy), bp_layer_has_bias(layer));
    assert_int_equal(bp_layer_bias_offset(copy), bp_layer_bias_offset(layer));
    assert_int_equal(copy->column, layer->column);
    assert_int_equal(copy->output_column, layer->output_column);
    bp_activation f = bp_layer_activation(copy), g = bp_layer_activation(layer);
    assert_string_equal(bp_activation_name(&f), bp_activation_name(&g));
}

static void assert_same_structure(const bp_network *copy, const bp_network *net)
{
    assert_int_equal(bp_network_layer_count(copy), bp_network_layer_count(net));
    for (size_t i = 0; i < bp_network_layer_count(net); i++)
        assert_same_layer(bp_network_layer(copy, i), bp_network_layer(net, i));
    assert_int_equal(bp_network_connection_count(copy), bp_network_connection_count(net));
    for (size_t i = 0; i < bp_network_connection_count(net); i++) {
        const bp_connection *c = bp_network_connection(copy, i), *d = bp_network_connection(net, i);
        assert_int_equal(bp_layer_index(bp_connection_from(c)), bp_layer_index(bp_connection_from(d)));
        assert_int_equal(bp_layer_index(bp_connection_to(c)), bp_layer_index(bp_connection_to(d)));
        assert_int_equal(bp_connection_offset(c), bp_connection_offset(d));
    }
    assert_int_equal(bp_network_input_width(copy), bp_network_input_width(net));
    assert_int_equal(bp_network_output_width(copy), bp_network_output_width(net));
    assert_string_equal(bp_network_isa(copy), bp_network_isa(net));
    assert_int_equal(copy->block_cases, net->block_cases);
}

static void assert_same_weights(const bp_network *copy, const bp_network *net)
{
    size_t count = 0, copied = 0;
    const bp_real *weights = bp_network_weights(net, &count), *others = bp_network_weights(copy, &copied);
    assert_int_equal(copied, count);
    assert_ptr_not_equal(others, weights);
    assert_memory_equal(others, weights, count * sizeof *weights);
}

static void test_a_copy_is_the_same(void **state)
{
    bp_network *net = *state, *copy = NULL;
    assert_ok(bp_network_copy(&copy, net));
    assert_same_structure(copy, net);
    assert_same_weights(copy, net);
    assert_true(copy->weights_set);
    bp_real got_offsets[3], got_factors[3];
    assert_ok(bp_network_get_input_scaling(copy, got_offsets, got_factors, 3));
    assert_memory_equal(got_offsets, offsets, sizeof offsets);
    assert_memory_equal(got_factors, factors, sizeof factors);
    assert_ok(bp_network_get_target_scaling(copy, got_offsets, got_factors, 3));
    assert_memory_equal(got_offsets, factors, sizeof offsets);
    assert_memory_equal(got_factors, offsets, sizeof factors);
    assert_int_equal(copy->registered_activation_count, 1);
    assert_string_equal(copy->registered_activations[0].name, "identity");
    bp_network_destroy(copy);
}

static void test_a_copy_has_the_same_rules(void **state)
{
    bp_network *net = *state, *copy = NULL;
    assert_ok(bp_network_copy(&copy, net));
    assert_ok(bp_network_initialize(net, 12));
    assert_ok(bp_network_initialize(copy, 12));
    assert_same_weights(copy, net);
    bp_network_destroy(copy);
}

static void test_a_copy_stands_alone(void **state)
{
    bp_network *net = *state, *copy = NULL;
    bp_network *original = build(NULL);
    assert_ok(bp_network_copy(&copy, original));
    assert_ok(bp_network_initialize(original, 99));
    assert_same_weights(copy, net); /* built alike */
    bp_network_destroy(original);
    assert_same_structure(copy, net);
    bp_activation own = bp_layer_activation(bp_network_find_layer(copy, "h"));
    assert_string_equal(bp_activation_name(&own), "identity");
    assert_ptr_equal(own.function, identity);
    bp_network_destroy(copy);
}

static void test_a_copy_of_a_network_whose_weights_were_never_set(void **state)
{
    (void)state;
    bp_network *net = NULL, *copy = NULL;
    const size_t units[] = {2, 1};
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_tanh(), bp_activation_tanh()));
    assert_ok(bp_network_copy(&copy, net));
    assert_false(copy->weights_set);
    assert_null(copy->input_scaling.factor);
    bp_network_destroy(copy);
    bp_network_destroy(net);
}

static void test_copy_refuses_bad_arguments(void **state)
{
    bp_network *open = NULL, *copy = NULL;
    assert_ok(bp_network_create(&open, NULL));
    assert_fails(bp_network_copy(NULL, *state), BP_ERROR_ARGUMENT, "out is NULL");
    assert_fails(bp_network_copy(&copy, NULL), BP_ERROR_ARGUMENT, "net is NULL");
    assert_fails(bp_network_copy(&copy, open), BP_ERROR_STATE, "network_copy: the network is not finalized");
    assert_null(copy);
    bp_network_destroy(open);
}

/* Each allocation of the copy fails in turn; those of the network itself do not. */
static void test_copy_survives_each_failing_allocation(void **state)
{
    (void)state;
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    bp_network *net = build(&allocator);
    size_t live = memory.live;
    bp_status status = BP_ERROR_MEMORY;
    size_t failures = 0;
    for (; status != BP_OK; failures++) {
        bp_network *copy = NULL;
        memory.calls = 0;
        memory.fail_at = failures;
        status = bp_network_copy(&copy, net);
        assert_true(status == BP_OK || status == BP_ERROR_MEMORY);
        assert_true((copy != NULL) == (status == BP_OK));
        if (status == BP_OK)
            assert_int_equal(memory.live, 2 * live);
        bp_network_destroy(copy);
        assert_int_equal(memory.live, live);
    }
    assert_int_equal(memory.calls, failures - 1);
    assert_true(failures > 20);
    bp_network_destroy(net);
    assert_int_equal(memory.live, 0);
}

#define WITH_NETWORK(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_NETWORK(test_a_copy_is_the_same),
        WITH_NETWORK(test_a_copy_has_the_same_rules),
        WITH_NETWORK(test_a_copy_stands_alone),
        cmocka_unit_test(test_a_copy_of_a_network_whose_weights_were_never_set),
        WITH_NETWORK(test_copy_refuses_bad_arguments),
        cmocka_unit_test(test_copy_survives_each_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
