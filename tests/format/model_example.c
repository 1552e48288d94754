#include "format/model_example.h"

#include <math.h>

#include "base/status.h"
#include "support/connect.h"

static void softsign(void *context, const bp_real *x, bp_real *y, size_t count)
{
    (void)context;
    for (size_t i = 0; i < count; i++)
        y[i] = (bp_real)((double)x[i] / (1 + fabs((double)x[i])));
}

static void softsign_slope(void *context, const bp_real *x, const bp_real *y, bp_real *slope, size_t count)
{
    (void)context;
    (void)y;
    for (size_t i = 0; i < count; i++)
        slope[i] = (bp_real)(1 / ((1 + fabs((double)x[i])) * (1 + fabs((double)x[i]))));
}

bp_activation example_softsign(void)
{
    return bp_activation_custom("softsign", softsign, softsign_slope, NULL);
}

static bp_status add_layers(bp_network *net)
{
    BPI_TRY(bp_network_add_input(NULL, net, "left", 2));
    BPI_TRY(bp_network_add_input(NULL, net, "right", 1));
    BPI_TRY(bp_network_add_layer(NULL, net, "hidden", 3, bp_activation_tanh()));
    BPI_TRY(bp_network_add_layer(NULL, net, "gate", 2, example_softsign()));
    BPI_TRY(bp_network_add_layer(NULL, net, "a", 2, bp_activation_logistic()));
    BPI_TRY(bp_network_add_layer(NULL, net, "b", 1, bp_activation_linear()));
    return bp_layer_enable_bias(bp_network_find_layer(net, "gate"), 0);
}

static bp_status connect_layers(bp_network *net)
{
    static const char *const pairs[][2] = {{"left", "hidden"}, {"right", "hidden"}, {"hidden", "gate"},
                                           {"right", "gate"},  {"hidden", "a"},     {"left", "a"},
                                           {"gate", "b"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        BPI_TRY(bp_network_connect(NULL, net, bp_network_find_layer(net, pairs[i][0]),
                                   bp_network_find_layer(net, pairs[i][1])));
    BPI_TRY(bp_layer_set_output(bp_network_find_layer(net, "b")));
    return bp_layer_set_output(bp_network_find_layer(net, "a"));
}

static bp_status set_numbers(bp_network *net)
{
    static const bp_real input_offsets[] = {1, -2, (bp_real)0.5}, input_factors[] = {2, (bp_real)0.25, -1};
    static const bp_real target_offsets[] = {10, 0, -1}, target_factors[] = {(bp_real)0.5, 1, 4};
    bp_real weights[EXAMPLE_WEIGHTS];
    for (int i = 0; i < EXAMPLE_WEIGHTS; i++)
        weights[i] = (bp_real)(i * 7 % 23 - 11) / 16;
    BPI_TRY(bp_network_set_weights(net, weights, EXAMPLE_WEIGHTS));
    BPI_TRY(bp_network_set_input_scaling(net, input_offsets, input_factors, EXAMPLE_INPUTS));
    return bp_network_set_target_scaling(net, target_offsets, target_factors, EXAMPLE_OUTPUTS);
}

static bp_status build(bp_network *net)
{
    BPI_TRY(add_layers(net));
    BPI_TRY(connect_layers(net));
    BPI_TRY(bp_network_finalize(net));
    return set_numbers(net);
}

bp_status example_create(bp_network **out, const bp_network_options *options)
{
    bp_network *net = NULL;
    BPI_TRY(bp_network_create(&net, options));
    bp_status status = build(net);
    if (status == BP_OK)
        *out = net;
    else
        bp_network_destroy(net);
    return status;
}

/* -------------------------------------------------------------- the recurrent one */

const unsigned char example_input_steps[RECURRENT_EXAMPLE_STEPS] = {1, 1, 0};
const unsigned char example_output_steps[RECURRENT_EXAMPLE_STEPS] = {0, 1, 1};

static bp_status connect_recurrent(bp_network *net)
{
    bp_layer *in = bp_network_find_layer(net, "in"), *h = bp_network_find_layer(net, "h");
    bp_layer *g = bp_network_find_layer(net, "g"), *out = bp_network_find_layer(net, "out");
    bp_connection *first = NULL, *second = NULL;
    BPI_TRY(bp_network_connect(&first, net, in, h));
    BPI_TRY(connect_delayed(&second, net, h, h));
    BPI_TRY(connect_delayed(NULL, net, g, h));
    BPI_TRY(bp_network_connect(NULL, net, h, g));
    BPI_TRY(bp_network_connect(NULL, net, g, out));
    BPI_TRY(bp_connection_share(second, first));
    return bp_layer_share_bias(g, h);
}

static bp_status set_states(bp_network *net)
{
    static const bp_real learned[] = {(bp_real)0.5, (bp_real)-0.25}, fixed[] = {(bp_real)0.75, -1};
    BPI_TRY(bp_layer_set_initial_state(bp_network_find_layer(net, "h"), learned, 1));
    return bp_layer_set_initial_state(bp_network_find_layer(net, "g"), fixed, 0);
}

static bp_status set_recurrent_numbers(bp_network *net)
{
    static const bp_real offsets[] = {1, -2}, factors[] = {2, (bp_real)0.25};
    bp_real weights[RECURRENT_WEIGHTS];
    for (int i = 0; i < RECURRENT_WEIGHTS; i++)
        weights[i] = (bp_real)(i * 5 % 17 - 8) / 16;
    BPI_TRY(bp_network_set_weights(net, weights, RECURRENT_WEIGHTS));
    return bp_network_set_input_scaling(net, offsets, factors, 2);
}

static bp_status build_recurrent(bp_network *net)
{
    BPI_TRY(bp_network_add_input(NULL, net, "in", 2));
    BPI_TRY(bp_network_add_layer(NULL, net, "h", 2, bp_activation_tanh()));
    BPI_TRY(bp_network_add_layer(NULL, net, "g", 2, bp_activation_logistic()));
    BPI_TRY(bp_network_add_layer(NULL, net, "out", 1, bp_activation_linear()));
    BPI_TRY(bp_layer_enable_bias(bp_network_find_layer(net, "out"), 0));
    BPI_TRY(connect_recurrent(net));
    BPI_TRY(set_states(net));
    BPI_TRY(bp_network_finalize(net));
    return set_recurrent_numbers(net);
}

bp_status example_recurrent_create(bp_network **out, const bp_network_options *options)
{
    bp_network *net = NULL;
    BPI_TRY(bp_network_create(&net, options));
    bp_status status = build_recurrent(net);
    if (status == BP_OK)
        *out = net;
    else
        bp_network_destroy(net);
    return status;
}

bp_status example_unrolled_create(bp_network **out, const bp_network_options *options)
{
    bp_network *net = NULL;
    bp_unroll_options steps;
    bp_unroll_options_init(&steps, sizeof steps);
    steps.steps = RECURRENT_EXAMPLE_STEPS;
    steps.input_steps = example_input_steps;
    steps.output_steps = example_output_steps;
    BPI_TRY(example_recurrent_create(&net, options));
    bp_status status = bp_network_unroll(out, net, &steps);
    bp_network_destroy(net);
    return status;
}
