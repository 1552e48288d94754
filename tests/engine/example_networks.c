#include "engine/example_networks.h"

#include <stdlib.h>

static bp_network *empty_network(const bp_allocator *allocator)
{
    bp_network *net = NULL;
    assert_ok(test_network_create(&net, allocator));
    return net;
}

bp_network *identity_network(size_t width, const bp_allocator *allocator)
{
    bp_network *net = empty_network(allocator);
    bp_layer *input = NULL, *output = NULL;
    bp_connection *connection = NULL;
    assert_ok(bp_network_add_input(&input, net, "input", width));
    assert_ok(bp_network_add_layer(&output, net, "output", width, bp_activation_linear()));
    assert_ok(bp_network_connect(&connection, net, input, output));
    assert_ok(bp_layer_enable_bias(output, 0));
    assert_ok(bp_network_finalize(net));
    bp_real *weights = new_reals(width * width);
    for (size_t i = 0; i < width * width; i++)
        weights[i] = i % (width + 1) == 0;
    assert_ok(bp_connection_set_weights(connection, weights, width * width));
    free(weights);
    return net;
}

bp_network *mixed_network(const bp_allocator *allocator)
{
    bp_network *net = empty_network(allocator);
    bp_layer *a = NULL, *b = NULL, *hidden = NULL, *first = NULL, *second = NULL;
    assert_ok(bp_network_add_input(&a, net, "a", 2));
    assert_ok(bp_network_add_input(&b, net, "b", 3));
    assert_ok(bp_network_add_layer(&hidden, net, "hidden", MIXED_HIDDEN, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&first, net, "first", 2, bp_activation_logistic()));
    assert_ok(bp_network_add_layer(&second, net, "second", 3, bp_activation_softmax()));
    assert_ok(bp_network_connect(NULL, net, a, hidden));
    assert_ok(bp_network_connect(NULL, net, b, hidden));
    assert_ok(bp_network_connect(NULL, net, hidden, first));
    assert_ok(bp_network_connect(NULL, net, b, first));
    assert_ok(bp_network_connect(NULL, net, hidden, second));
    assert_ok(bp_layer_set_output(second));
    assert_ok(bp_layer_set_output(first));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_set_weight_init(net, bp_weight_init_uniform(-1, 1)));
    assert_ok(bp_network_initialize(net, 1986));
    return net;
}

bp_workspace *workspace_for(const bp_network *net, size_t max_cases)
{
    bp_workspace *workspace = NULL;
    assert_ok(bp_workspace_create(&workspace, net, max_cases));
    return workspace;
}
