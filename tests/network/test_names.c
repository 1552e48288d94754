/* Layers are found by their names, however many there are. */
#include <stdio.h>

#include "support/support.h"

static bp_status build(bp_network **out, size_t layers, const bp_network_options *options)
{
    bp_network *net = NULL;
    bp_status status = bp_network_create(&net, options);
    for (size_t i = 0; i < layers && status == BP_OK; i++) {
        char name[48];
        snprintf(name, sizeof name, "layer number %zu", i);
        status = i % 2 == 0 ? bp_network_add_input(NULL, net, name, i + 1)
                            : bp_network_add_layer(NULL, net, name, i + 1, bp_activation_tanh());
    }
    if (status == BP_OK)
        *out = net;
    else
        bp_network_destroy(net);
    return status;
}

static void test_every_layer_is_found(void **state)
{
    (void)state;
    enum { LAYERS = 20000 };
    bp_network *net = NULL;
    assert_ok(build(&net, LAYERS, NULL));
    for (size_t i = 0; i < LAYERS; i++) {
        char name[48];
        snprintf(name, sizeof name, "layer number %zu", i);
        assert_int_equal(bp_layer_units(bp_network_find_layer(net, name)), i + 1);
    }
    assert_null(bp_network_find_layer(net, "layer number 20000"));
    assert_null(bp_network_find_layer(net, "layer number"));
    assert_null(bp_network_find_layer(net, ""));
    assert_null(bp_network_find_layer(net, NULL));
    assert_fails(bp_network_add_input(NULL, net, "layer number 77", 1), BP_ERROR_NAME,
                 "there is a layer 'layer number 77' already");
    bp_network_destroy(net);
}

static void test_nothing_is_found_in_an_empty_network(void **state)
{
    (void)state;
    bp_network *net = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_null(bp_network_find_layer(net, "input"));
    bp_network_destroy(net);
}

static bp_status build_with(void *context, const bp_allocator *allocator)
{
    (void)context;
    bp_network_options options;
    bp_network_options_init(&options, sizeof options);
    options.allocator = *allocator;
    bp_network *net = NULL;
    bp_status status = build(&net, 40, &options);
    bp_network_destroy(net);
    return status;
}

static void test_memory_that_runs_out(void **state)
{
    (void)state;
    test_each_allocation_fails(build_with, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_layer_is_found),
        cmocka_unit_test(test_nothing_is_found_in_an_empty_network),
        cmocka_unit_test(test_memory_that_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
