#include "support/connect.h"

#include "support/support.h"

static bp_connect_options make_options(int delayed)
{
    bp_connect_options options;
    bp_connect_options_init(&options, sizeof options);
    options.delayed = delayed;
    return options;
}

bp_status connect_delayed(bp_connection **out, bp_network *net, bp_layer *from, bp_layer *to)
{
    bp_connect_options options = make_options(1);
    return bp_network_connect_with(out, net, from, to, &options);
}

static bp_status connect_by_mask(bp_connection **out, bp_network *net, bp_layer *from, bp_layer *to,
                                 int delayed, const unsigned char *mask, size_t count)
{
    bp_connect_options options = make_options(delayed);
    options.mask = mask;
    options.mask_count = count;
    return bp_network_connect_with(out, net, from, to, &options);
}

bp_status connect_masked(bp_connection **out, bp_network *net, bp_layer *from, bp_layer *to,
                         const unsigned char *mask, size_t count)
{
    return connect_by_mask(out, net, from, to, 0, mask, count);
}

bp_status connect_delayed_masked(bp_connection **out, bp_network *net, bp_layer *from, bp_layer *to,
                                 const unsigned char *mask, size_t count)
{
    return connect_by_mask(out, net, from, to, 1, mask, count);
}

static bp_status connect_by_kernels(bp_connection **out, bp_network *net, bp_layer *from, bp_layer *to,
                                    int delayed, const bp_convolution *field)
{
    bp_connect_options options = make_options(delayed);
    options.convolution = field;
    return bp_network_connect_with(out, net, from, to, &options);
}

bp_status connect_convolution(bp_connection **out, bp_network *net, bp_layer *from, bp_layer *to,
                              const bp_convolution *field)
{
    return connect_by_kernels(out, net, from, to, 0, field);
}

bp_status connect_delayed_convolution(bp_connection **out, bp_network *net, bp_layer *from, bp_layer *to,
                                      const bp_convolution *field)
{
    return connect_by_kernels(out, net, from, to, 1, field);
}

bp_network *recurrent_network(size_t inputs, size_t hidden)
{
    bp_network *net = NULL;
    bp_layer *in = NULL, *middle = NULL, *out = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", inputs));
    assert_ok(bp_network_add_layer(&middle, net, "hidden", hidden, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&out, net, "out", 1, bp_activation_linear()));
    assert_ok(bp_network_connect(NULL, net, in, middle));
    assert_ok(connect_delayed(NULL, net, middle, middle));
    assert_ok(bp_network_connect(NULL, net, middle, out));
    assert_ok(bp_network_finalize(net));
    return net;
}
