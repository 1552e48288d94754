#include "network/scaling_example.h"

bp_network *scaling_network(const bp_allocator *allocator)
{
    bp_network *net = NULL;
    bp_layer *input = NULL, *output = NULL;
    assert_ok(test_network_create(&net, allocator));
    assert_ok(bp_network_add_input(&input, net, NULL, 2));
    assert_ok(bp_network_add_layer(&output, net, NULL, 1, bp_activation_linear()));
    assert_ok(bp_network_connect(NULL, net, input, output));
    assert_ok(bp_network_finalize(net));
    return net;
}

int scaling_setup(void **state)
{
    *state = scaling_network(NULL);
    return 0;
}

int scaling_teardown(void **state)
{
    bp_network_destroy(*state);
    return 0;
}

void get_inputs(const bp_network *net, bp_real offsets[2], bp_real factors[2])
{
    assert_ok(bp_network_get_input_scaling(net, offsets, factors, 2));
}
