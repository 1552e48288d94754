/* Dropout and noise as settings: of which layers, in copies, in unrolled networks. */
#include "network/unit_noise.h"

#include <math.h>
#include <string.h>

#include "support/support.h"

static bp_network *layered(void)
{
    const size_t units[] = {3, 4, 5, 2};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 4, bp_activation_tanh(), bp_activation_logistic()));
    return net;
}

static void assert_settings(const bp_network *net, size_t layer, double dropout, double noise)
{
    assert_true(bp_layer_dropout(bp_network_layer(net, layer)) == dropout);
    assert_true(bp_layer_noise(bp_network_layer(net, layer)) == noise);
}

static void settings_are_kept_by_copies(void **state)
{
    (void)state;
    bp_network *net = layered(), *copy = NULL;
    for (size_t i = 0; i < 4; i++)
        assert_settings(net, i, 0, 0);
    assert_ok(bp_network_set_dropout(net, 0.25, 0.5));
    assert_ok(bp_layer_set_dropout(bp_network_layer(net, 2), 0));
    assert_ok(bp_layer_set_noise(bp_network_layer(net, 0), 0.125));
    assert_ok(bp_network_copy(&copy, net));
    bp_network_destroy(net);
    assert_settings(copy, 0, 0.25, 0.125);
    assert_settings(copy, 1, 0.5, 0);
    assert_settings(copy, 2, 0, 0);
    assert_settings(copy, 3, 0, 0);
    assert_true(bp_layer_dropout(NULL) == 0 && bp_layer_noise(NULL) == 0);
    bp_network_destroy(copy);
}

/* in -> h -> out, h to itself, delayed. */
static bp_network *recurrent(void)
{
    bp_network *net = NULL;
    bp_layer *in, *h, *out;
    bp_connect_options options;
    bp_connect_options_init(&options, sizeof options);
    options.delayed = 1;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", 2));
    assert_ok(bp_network_add_layer(&h, net, "h", 3, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&out, net, "out", 2, bp_activation_tanh()));
    assert_ok(bp_network_connect(NULL, net, in, h));
    assert_ok(bp_network_connect_with(NULL, net, h, h, &options));
    assert_ok(bp_network_connect(NULL, net, h, out));
    assert_ok(bp_network_finalize(net));
    return net;
}

static double dropout_of(const bp_network *net, const char *name)
{
    return bp_layer_dropout(bp_network_find_layer(net, name));
}

static void all_steps_have_the_same(void **state)
{
    (void)state;
    bp_network *net = recurrent(), *unrolled = NULL, *copy = NULL;
    bp_unroll_options options;
    bp_unroll_options_init(&options, sizeof options);
    options.steps = 3;
    assert_ok(bp_layer_set_dropout(bp_network_find_layer(net, "h"), 0.5));
    assert_ok(bp_layer_set_noise(bp_network_find_layer(net, "in"), 0.25));
    assert_ok(bp_network_unroll(&unrolled, net, &options));
    assert_true(dropout_of(unrolled, "h@1") == 0.5 && dropout_of(unrolled, "h@3") == 0.5);
    assert_true(dropout_of(unrolled, "h@0") == 0 && dropout_of(unrolled, "out@1") == 0);
    assert_true(bp_layer_noise(bp_network_find_layer(unrolled, "in@2")) == 0.25);
    assert_ok(bp_layer_set_dropout(bp_network_find_layer(unrolled, "h@2"), 0.75));
    assert_true(dropout_of(unrolled, "h@1") == 0.75 && dropout_of(unrolled, "h@3") == 0.75);
    assert_ok(bp_network_copy(&copy, unrolled)); /* which is unrolled anew */
    assert_true(dropout_of(copy, "h@1") == 0.75 && dropout_of(copy, "h@3") == 0.75);
    assert_true(dropout_of(net, "h") == 0.5);
    assert_ok(bp_network_set_dropout(copy, 0.1, 0.2));
    assert_true(dropout_of(copy, "in@1") == 0.1 && dropout_of(copy, "h@3") == 0.2);
    assert_true(dropout_of(copy, "h@0") == 0 && dropout_of(copy, "out@2") == 0);
    assert_fails(bp_layer_set_dropout(bp_network_find_layer(copy, "h@0"), 0.5), BP_ERROR_ARGUMENT,
                 "layer 'h@0' is the state before the first step");
    assert_fails(bp_layer_set_dropout(bp_network_find_layer(copy, "out@2"), 0.5), BP_ERROR_ARGUMENT,
                 "layer 'out@2' is an output");
    bp_network_destroy(copy);
    bp_network_destroy(unrolled);
    bp_network_destroy(net);
}

/* An output of one step alone is no output of the others, but has the same settings. */
static void outputs_of_one_step_are_outputs(void **state)
{
    (void)state;
    const unsigned char outputs[] = {0, 0, 1};
    bp_network *net = recurrent(), *unrolled = NULL;
    bp_unroll_options options;
    bp_unroll_options_init(&options, sizeof options);
    options.steps = 3;
    options.output_steps = outputs;
    assert_ok(bp_network_unroll(&unrolled, net, &options));
    assert_fails(bp_layer_set_dropout(bp_network_find_layer(unrolled, "out@3"), 0.5), BP_ERROR_ARGUMENT,
                 "is an output");
    bp_network_destroy(unrolled);
    bp_network_destroy(net);
}

static void wrong_calls_change_nothing(void **state)
{
    (void)state;
    bp_network *net = layered(), *building = NULL;
    bp_layer *in = bp_network_layer(net, 0), *hidden = bp_network_layer(net, 1),
             *out = bp_network_layer(net, 3);
    assert_ok(bp_layer_set_dropout(hidden, 0.5));
    assert_ok(bp_layer_set_noise(in, 0.5));
    assert_fails(bp_layer_set_dropout(NULL, 0.5), BP_ERROR_ARGUMENT, "layer");
    assert_fails(bp_layer_set_dropout(hidden, 1), BP_ERROR_ARGUMENT,
                 "layer 'hidden1' is 1, it must be >= 0 and < 1");
    assert_fails(bp_layer_set_dropout(hidden, -0.1), BP_ERROR_ARGUMENT, "is -0.1, it must be >= 0 and < 1");
    assert_fails(bp_layer_set_dropout(hidden, NAN), BP_ERROR_NOT_FINITE, "is nan, it must be");
    assert_fails(bp_layer_set_dropout(out, 0.5), BP_ERROR_ARGUMENT, "layer 'output' is an output");
    assert_fails(bp_layer_set_noise(in, -1), BP_ERROR_ARGUMENT, "is -1, its standard deviation must be");
    assert_fails(bp_layer_set_noise(in, INFINITY), BP_ERROR_NOT_FINITE, "is inf");
    if (sizeof(bp_real) == sizeof(float))
        assert_fails(bp_layer_set_noise(in, 1e300), BP_ERROR_ARGUMENT,
                     "is 1e+300, its standard deviation must be >= 0 and in the range of bp_real");
    assert_fails(bp_layer_set_noise(hidden, 0.1), BP_ERROR_ARGUMENT, "layer 'hidden1' is no input");
    assert_fails(bp_layer_set_noise(NULL, 0.1), BP_ERROR_ARGUMENT, "layer");
    assert_fails(bp_network_set_dropout(net, 0.2, 1), BP_ERROR_ARGUMENT, "the dropout of hidden layers is 1");
    assert_fails(bp_network_set_dropout(net, NAN, 0), BP_ERROR_NOT_FINITE, "the dropout of inputs is nan");
    assert_fails(bp_network_set_dropout(NULL, 0, 0), BP_ERROR_ARGUMENT, "net");
    assert_settings(net, 0, 0, 0.5);
    assert_settings(net, 1, 0.5, 0);
    bp_network_destroy(net);
    assert_ok(bp_network_create(&building, NULL));
    assert_ok(bp_network_add_input(&in, building, "in", 2));
    assert_fails(bp_layer_set_dropout(in, 0.5), BP_ERROR_STATE, "finalize");
    assert_fails(bp_layer_set_noise(in, 0.5), BP_ERROR_STATE, "finalize");
    assert_fails(bp_network_set_dropout(building, 0, 0.5), BP_ERROR_STATE, "finalize");
    bp_network_destroy(building);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_are_kept_by_copies),
        cmocka_unit_test(all_steps_have_the_same),
        cmocka_unit_test(outputs_of_one_step_are_outputs),
        cmocka_unit_test(wrong_calls_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
