#include "engine/plan_example.h"

#include "reference/random_network.h"
#include "support/connect.h"

/* A network of one's own. Layer 0 is the input. */
typedef struct example {
    bp_network *net;
    bp_layer *layers[4];
    size_t count;
} example;

static example begin(size_t inputs)
{
    example e = {.count = 1};
    assert_ok(bp_network_create(&e.net, NULL));
    assert_ok(bp_network_add_input(&e.layers[0], e.net, NULL, inputs));
    return e;
}

static void add_layer(example *e, size_t units)
{
    assert_ok(bp_network_add_layer(&e->layers[e->count++], e->net, NULL, units, bp_activation_logistic()));
}

static bp_connection *connect(const example *e, size_t from, size_t to)
{
    bp_connection *connection = NULL;
    assert_ok(bp_network_connect(&connection, e->net, e->layers[from], e->layers[to]));
    return connection;
}

static bp_network *finalize(const example *e)
{
    assert_ok(bp_network_finalize(e->net));
    return e->net;
}

static bp_network *layered(const size_t *units, size_t layers, bp_activation hidden, bp_activation output)
{
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, layers, hidden, output));
    return net;
}

/* Defines a function that makes a layered network: its name, the activations of hidden and output layers, and
 * the units of all layers. */
#define LAYERED(name, hidden, output, ...)                                                                   \
    bp_network *name(void)                                                                                   \
    {                                                                                                        \
        const size_t units[] = {__VA_ARGS__};                                                                \
        return layered(units, sizeof units / sizeof units[0], bp_activation_##hidden(),                      \
                       bp_activation_##output());                                                            \
    }

LAYERED(net_2_2_1, logistic, logistic, 2, 2, 1)
LAYERED(net_784_128_10, relu, softmax, 784, 128, 10)
LAYERED(net_of_512_weights, tanh, tanh, 31, 16)
LAYERED(net_of_513_weights, tanh, tanh, 26, 19)
LAYERED(net_of_4096_weights, tanh, logistic, 63, 64)
LAYERED(net_of_8192_weights, tanh, logistic, 127, 64)
LAYERED(net_of_8193_weights, tanh, tanh, 8190, 1, 1)
LAYERED(net_48_83, tanh, tanh, 48, 83)
LAYERED(net_48_84, tanh, tanh, 48, 84)
LAYERED(net_49_20, tanh, tanh, 49, 20)
LAYERED(net_7_8, tanh, tanh, 7, 8)
LAYERED(net_4_13, tanh, tanh, 4, 13)
LAYERED(net_128_7, tanh, tanh, 128, 7)
LAYERED(net_200_2_1, tanh, tanh, 200, 2, 1)
LAYERED(net_129_7, tanh, tanh, 129, 7)
LAYERED(net_129_8, tanh, tanh, 129, 8)
LAYERED(net_255_256, tanh, tanh, 255, 256)
LAYERED(net_256_256, tanh, tanh, 256, 256)
LAYERED(net_1_127_128, tanh, tanh, 1, 127, 128)
LAYERED(net_1_128_128, tanh, tanh, 1, 128, 128)
LAYERED(softmax_outputs, logistic, softmax, 2, 2, 3)
LAYERED(softmax_hidden, softmax, logistic, 2, 2, 3)

static bp_network *net_of_layers(size_t layers)
{
    size_t units[17];
    for (size_t i = 0; i < layers; i++)
        units[i] = 1;
    return layered(units, layers, bp_activation_relu(), bp_activation_linear());
}

bp_network *net_of_16_layers(void)
{
    return net_of_layers(16);
}

bp_network *net_of_17_layers(void)
{
    return net_of_layers(17);
}

bp_network *custom_activation(void)
{
    const size_t units[] = {2, 2, 1};
    return layered(units, 3, random_custom_activation(), bp_activation_logistic());
}

bp_network *skipping_connection(void)
{
    example e = begin(2);
    add_layer(&e, 2);
    add_layer(&e, 1);
    connect(&e, 0, 1);
    connect(&e, 1, 2);
    connect(&e, 0, 2);
    return finalize(&e);
}

bp_network *output_below_another_layer(void)
{
    example e = begin(2);
    add_layer(&e, 2);
    add_layer(&e, 1);
    connect(&e, 0, 1);
    connect(&e, 1, 2);
    assert_ok(bp_layer_set_output(e.layers[1]));
    assert_ok(bp_layer_set_output(e.layers[2]));
    return finalize(&e);
}

bp_network *shared_matrix(void)
{
    example e = begin(2);
    add_layer(&e, 2);
    add_layer(&e, 2);
    assert_ok(bp_connection_share(connect(&e, 0, 1), connect(&e, 1, 2)));
    return finalize(&e);
}

bp_network *shared_biases(void)
{
    example e = begin(2);
    add_layer(&e, 2);
    add_layer(&e, 2);
    connect(&e, 0, 1);
    connect(&e, 1, 2);
    assert_ok(bp_layer_share_bias(e.layers[2], e.layers[1]));
    return finalize(&e);
}

bp_network *masked_connection(void)
{
    const unsigned char diagonal[] = {1, 0, 0, 1};
    example e = begin(2);
    add_layer(&e, 2);
    assert_ok(connect_masked(NULL, e.net, e.layers[0], e.layers[1], diagonal, 4));
    return finalize(&e);
}

bp_network *convolution(void)
{
    bp_convolution kernel;
    bp_convolution_init(&kernel, sizeof kernel);
    kernel.height = kernel.kernel_height = 1;
    kernel.width = 4;
    kernel.kernel_width = 2;
    example e = begin(4);
    add_layer(&e, 3);
    assert_ok(connect_convolution(NULL, e.net, e.layers[0], e.layers[1], &kernel));
    return finalize(&e);
}

bp_network *unrolled(void)
{
    example e = begin(1);
    add_layer(&e, 1);
    connect(&e, 0, 1);
    assert_ok(connect_delayed(NULL, e.net, e.layers[1], e.layers[1]));
    bp_network *recurrent = finalize(&e), *net = NULL;
    bp_unroll_options options;
    bp_unroll_options_init(&options, sizeof options);
    options.steps = 3;
    assert_ok(bp_network_unroll(&net, recurrent, &options));
    bp_network_destroy(recurrent);
    return net;
}

bool holds(unsigned facts, unsigned all)
{
    return (facts & all) == all;
}
