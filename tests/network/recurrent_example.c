#include "network/recurrent_example.h"

#include "support/connect.h"

const bp_real h_state[3] = {(bp_real)0.5, (bp_real)-0.25, 1}, out_state[2] = {(bp_real)0.75, -1};

static bp_status add_layers(recurrent_example *f)
{
    bp_status status = bp_network_add_input(&f->in, f->net, "in", 2);
    if (status == BP_OK)
        status = bp_network_add_layer(&f->h, f->net, "h", 3, bp_activation_tanh());
    if (status == BP_OK)
        status = bp_network_add_layer(&f->out, f->net, "out", 2, bp_activation_logistic());
    return status;
}

static bp_status connect(recurrent_example *f)
{
    bp_status status = bp_network_connect(NULL, f->net, f->in, f->h);
    if (status == BP_OK)
        status = connect_delayed(NULL, f->net, f->h, f->h);
    if (status == BP_OK)
        status = connect_delayed(NULL, f->net, f->out, f->h);
    if (status == BP_OK)
        status = bp_network_connect(NULL, f->net, f->h, f->out);
    if (status == BP_OK)
        status = bp_layer_set_initial_state(f->h, h_state, 1);
    if (status == BP_OK)
        status = bp_layer_set_initial_state(f->out, out_state, 0);
    return status == BP_OK ? bp_network_finalize(f->net) : status;
}

bp_status recurrent_example_create(recurrent_example *f, const bp_allocator *allocator)
{
    *f = (recurrent_example){0};
    bp_status status = test_network_create(&f->net, allocator);
    if (status == BP_OK)
        status = add_layers(f);
    return status == BP_OK ? connect(f) : status;
}

int recurrent_setup(void **state)
{
    static recurrent_example f;
    assert_ok(recurrent_example_create(&f, NULL));
    *state = &f;
    return 0;
}

int recurrent_teardown(void **state)
{
    bp_network_destroy(((recurrent_example *)*state)->net);
    return 0;
}

bp_unroll_options unroll_options(size_t steps, const unsigned char *inputs, const unsigned char *outputs)
{
    bp_unroll_options options;
    bp_unroll_options_init(&options, sizeof options);
    options.steps = steps;
    options.input_steps = inputs;
    options.output_steps = outputs;
    return options;
}

bp_network *unroll(const bp_network *net, size_t steps, const unsigned char *inputs,
                   const unsigned char *outputs)
{
    bp_unroll_options options = unroll_options(steps, inputs, outputs);
    bp_network *unrolled = NULL;
    assert_ok(bp_network_unroll(&unrolled, net, &options));
    return unrolled;
}
