/* Which weights are trained, and with which factors: settings, their copies, and what they say of layers. */
#include "network/trainable.h"

#include <math.h>

#include "support/support.h"

/* 2-3-3-1, with a skipping connection from the input to the output. */
typedef struct example {
    bp_network *net;
    bp_layer *layers[4];
    bp_connection *first, *second, *third, *skipping;
} example;

static example begin(void)
{
    static const size_t units[] = {2, 3, 3, 1};
    example e;
    assert_ok(bp_network_create(&e.net, NULL));
    assert_ok(bp_network_add_input(&e.layers[0], e.net, "in", units[0]));
    for (size_t i = 1; i < 4; i++)
        assert_ok(bp_network_add_layer(&e.layers[i], e.net, NULL, units[i], bp_activation_tanh()));
    assert_ok(bp_network_connect(&e.first, e.net, e.layers[0], e.layers[1]));
    assert_ok(bp_network_connect(&e.second, e.net, e.layers[1], e.layers[2]));
    assert_ok(bp_network_connect(&e.third, e.net, e.layers[2], e.layers[3]));
    assert_ok(bp_network_connect(&e.skipping, e.net, e.layers[0], e.layers[3]));
    return e;
}

static example finalized(void)
{
    example e = begin();
    assert_ok(bp_network_finalize(e.net));
    assert_ok(bp_network_initialize(e.net, 1));
    return e;
}

static void test_all_weights_are_trained_at_first(void **state)
{
    (void)state;
    example e = finalized();
    for (size_t i = 0; i < bp_network_connection_count(e.net); i++) {
        const bp_connection *c = bp_network_connection(e.net, i);
        assert_int_equal(bp_connection_is_trainable(c), 1);
        assert_true(bp_connection_rate_factor(c) == 1 && bp_connection_decay_factor(c) == 1);
    }
    for (size_t i = 1; i < 4; i++) {
        assert_int_equal(bp_layer_bias_is_trainable(e.layers[i]), 1);
        assert_true(bp_layer_bias_rate_factor(e.layers[i]) == 1);
        assert_true(bp_layer_bias_decay_factor(e.layers[i]) == 1);
        assert_false(e.layers[i]->is_fixed);
    }
    bp_network_destroy(e.net);
}

static void test_each_setting_is_of_its_weights_alone(void **state)
{
    (void)state;
    example e = finalized();
    assert_ok(bp_connection_set_trainable(e.second, 0));
    assert_ok(bp_connection_set_rate_factor(e.first, 0.5));
    assert_ok(bp_connection_set_decay_factor(e.third, 0));
    assert_ok(bp_layer_set_bias_trainable(e.layers[1], 0));
    assert_ok(bp_layer_set_bias_rate_factor(e.layers[2], 4));
    assert_ok(bp_layer_set_bias_decay_factor(e.layers[3], 0.25));
    assert_int_equal(bp_connection_is_trainable(e.first), 1);
    assert_int_equal(bp_connection_is_trainable(e.second), 0);
    assert_true(bp_connection_rate_factor(e.first) == 0.5 && bp_connection_rate_factor(e.second) == 1);
    assert_true(bp_connection_decay_factor(e.third) == 0 && bp_connection_decay_factor(e.skipping) == 1);
    assert_int_equal(bp_layer_bias_is_trainable(e.layers[1]), 0);
    assert_int_equal(bp_layer_bias_is_trainable(e.layers[2]), 1);
    assert_true(bp_layer_bias_rate_factor(e.layers[2]) == 4 && bp_layer_bias_rate_factor(e.layers[3]) == 1);
    assert_true(bp_layer_bias_decay_factor(e.layers[3]) == 0.25);
    assert_ok(bp_connection_set_trainable(e.second, 1));
    assert_int_equal(bp_connection_is_trainable(e.second), 1);
    bp_network_destroy(e.net);
}

static void test_layers_and_networks_at_once(void **state)
{
    (void)state;
    example e = finalized();
    assert_ok(bp_network_set_trainable(e.net, 0));
    assert_int_equal(bp_connection_is_trainable(e.first), 0);
    assert_int_equal(bp_layer_bias_is_trainable(e.layers[3]), 0);
    assert_ok(bp_layer_set_trainable(e.layers[3], 1));
    assert_int_equal(bp_connection_is_trainable(e.first), 0);
    assert_int_equal(bp_connection_is_trainable(e.second), 0);
    assert_int_equal(bp_connection_is_trainable(e.third), 1);
    assert_int_equal(bp_connection_is_trainable(e.skipping), 1);
    assert_int_equal(bp_layer_bias_is_trainable(e.layers[3]), 1);
    assert_int_equal(bp_layer_bias_is_trainable(e.layers[2]), 0);
    assert_ok(bp_layer_set_trainable(e.layers[0], 0)); /* nothing leads to an input */
    bp_network_destroy(e.net);
}

/* Fixed: no weight that is trained leads to it. */
static void assert_fixed(const example *e, int first, int second, int output)
{
    const int wanted[] = {1, first, second, output};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(e->layers[i]->is_fixed, wanted[i]);
}

static void test_which_layers_are_fixed(void **state)
{
    (void)state;
    example e = finalized();
    assert_fixed(&e, 0, 0, 0);
    assert_ok(bp_layer_set_trainable(e.layers[2], 0)); /* what it receives still changes */
    assert_fixed(&e, 0, 0, 0);
    assert_ok(bp_connection_set_trainable(e.first, 0));
    assert_fixed(&e, 0, 0, 0);
    assert_ok(bp_layer_set_bias_trainable(e.layers[1], 0));
    assert_fixed(&e, 1, 1, 0);
    assert_ok(bp_layer_set_trainable(e.layers[3], 0));
    assert_fixed(&e, 1, 1, 1);
    assert_ok(bp_layer_set_bias_trainable(e.layers[2], 1));
    assert_fixed(&e, 1, 0, 0);
    assert_ok(bp_network_set_trainable(e.net, 1));
    assert_fixed(&e, 0, 0, 0);
    bp_network_destroy(e.net);
}

static void test_shared_weights_have_one_setting(void **state)
{
    (void)state;
    bp_network *net = NULL;
    bp_layer *layers[3];
    bp_connection *a, *b;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&layers[0], net, "in", 2));
    for (size_t i = 1; i < 3; i++)
        assert_ok(bp_network_add_layer(&layers[i], net, NULL, 2, bp_activation_tanh()));
    assert_ok(bp_network_connect(&a, net, layers[0], layers[1]));
    assert_ok(bp_network_connect(&b, net, layers[1], layers[2]));
    assert_ok(bp_connection_share(b, a));
    assert_ok(bp_layer_share_bias(layers[2], layers[1]));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_connection_set_trainable(b, 0));
    assert_ok(bp_connection_set_rate_factor(a, 2));
    assert_ok(bp_connection_set_rate_factor(b, 3));
    assert_ok(bp_layer_set_bias_decay_factor(layers[2], 0));
    assert_int_equal(bp_connection_is_trainable(a), 0);
    assert_true(bp_connection_rate_factor(a) == 3);
    assert_true(bp_layer_bias_decay_factor(layers[1]) == 0);
    bp_network_destroy(net);
}

static void assert_same_settings(const bp_network *a, const bp_network *b)
{
    assert_int_equal(a->slice_count, b->slice_count);
    for (size_t i = 0; i < a->slice_count; i++) {
        const slice_training *of_a = &a->slices[i].training, *of_b = &b->slices[i].training;
        assert_int_equal(of_a->is_frozen, of_b->is_frozen);
        assert_true(of_a->rate_factor == of_b->rate_factor && of_a->decay_factor == of_b->decay_factor);
    }
    for (size_t i = 0; i < a->layer_count; i++)
        assert_int_equal(a->layers[i]->is_fixed, b->layers[i]->is_fixed);
}

static void test_copies_have_the_settings(void **state)
{
    (void)state;
    example e = finalized();
    bp_network *copy = NULL;
    assert_ok(bp_connection_set_trainable(e.first, 0));
    assert_ok(bp_layer_set_bias_trainable(e.layers[1], 0));
    assert_ok(bp_connection_set_rate_factor(e.second, 0.1));
    assert_ok(bp_connection_set_decay_factor(e.third, 7));
    assert_ok(bp_network_copy(&copy, e.net));
    assert_same_settings(copy, e.net);
    assert_true(copy->layers[1]->is_fixed);
    assert_ok(bp_connection_set_trainable(bp_network_connection(copy, 0), 1)); /* its own from now on */
    assert_int_equal(bp_connection_is_trainable(e.first), 0);
    bp_network_destroy(copy);
    bp_network_destroy(e.net);
}

/* An unrolled network begins with the settings of the recurrent one, and has its own from then on, which a
 * copy of it has, too. */
static void test_unrolled_networks(void **state)
{
    (void)state;
    bp_network *net = NULL, *unrolled = NULL, *copy = NULL;
    bp_layer *in, *hidden;
    bp_connection *inner, *delayed;
    bp_connect_options later;
    bp_connect_options_init(&later, sizeof later);
    later.delayed = 1;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", 2));
    assert_ok(bp_network_add_layer(&hidden, net, "hidden", 3, bp_activation_tanh()));
    assert_ok(bp_network_connect(&inner, net, in, hidden));
    assert_ok(bp_network_connect_with(&delayed, net, hidden, hidden, &later));
    assert_ok(bp_layer_set_initial_state(hidden, NULL, 1));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_connection_set_trainable(delayed, 0));
    assert_ok(bp_layer_set_bias_rate_factor(hidden, 0.5));
    bp_unroll_options options;
    bp_unroll_options_init(&options, sizeof options);
    options.steps = 3;
    assert_ok(bp_network_unroll(&unrolled, net, &options));
    assert_int_equal(unrolled->slice_count, 4); /* two matrices, biases, the initial state with them */
    for (size_t i = 0; i < unrolled->slice_count; i++)
        assert_true(unrolled->slices[i].training.is_frozen == (i == 1));
    assert_true(unrolled->slices[2].training.rate_factor == 0.5);
    assert_true(unrolled->slices[3].training.rate_factor == 0.5);
    assert_ok(bp_layer_set_trainable(bp_network_find_layer(unrolled, "hidden@2"), 0));
    assert_int_equal(bp_connection_is_trainable(inner), 1);
    assert_int_equal(bp_connection_is_trainable(unrolled->connections[0]), 0);
    assert_ok(bp_network_copy(&copy, unrolled));
    assert_same_settings(copy, unrolled);
    bp_network_destroy(copy);
    bp_network_destroy(unrolled);
    bp_network_destroy(net);
}

/* ------------------------------------------------------------------- vectors of weights */

static void test_frozen_elements_of_vectors(void **state)
{
    (void)state;
    example e = finalized();
    size_t count;
    bp_real a[64] = {0}, b[64];
    bp_network_weights(e.net, &count);
    assert_true(count <= 64);
    for (size_t i = 0; i < count; i++)
        b[i] = (bp_real)(i + 1);
    assert_true(bpi_have_equal_frozen(e.net, a, b)); /* none is */
    assert_ok(bp_connection_set_trainable(e.second, 0));
    assert_false(bpi_have_equal_frozen(e.net, a, b));
    bpi_copy_frozen(e.net, a, b);
    assert_true(bpi_have_equal_frozen(e.net, a, b));
    const size_t first = bp_connection_offset(e.second), end = first + bp_connection_weight_count(e.second);
    for (size_t i = 0; i < count; i++)
        assert_true(a[i] == (i >= first && i < end ? (bp_real)(i + 1) : 0));
    bp_network_destroy(e.net);
}

/* ------------------------------------------------------------------------- wrong calls */

static void test_wrong_calls(void **state)
{
    (void)state;
    example e = begin();
    assert_ok(bp_layer_enable_bias(e.layers[1], 0));
    assert_fails(bp_connection_set_trainable(e.first, 0), BP_ERROR_STATE, "bp_network_finalize");
    assert_fails(bp_layer_set_bias_rate_factor(e.layers[2], 1), BP_ERROR_STATE, "bp_network_finalize");
    assert_fails(bp_layer_set_trainable(e.layers[2], 0), BP_ERROR_STATE, "bp_network_finalize");
    assert_fails(bp_network_set_trainable(e.net, 0), BP_ERROR_STATE, "bp_network_finalize");
    assert_int_equal(bp_connection_is_trainable(e.first), 0);
    assert_true(bp_connection_rate_factor(e.first) == 0 && bp_connection_decay_factor(e.first) == 0);
    assert_ok(bp_network_finalize(e.net));

    assert_fails(bp_connection_set_trainable(NULL, 0), BP_ERROR_ARGUMENT, "connection is NULL");
    assert_fails(bp_layer_set_bias_trainable(NULL, 0), BP_ERROR_ARGUMENT, "layer is NULL");
    assert_fails(bp_network_set_trainable(NULL, 0), BP_ERROR_ARGUMENT, "net is NULL");
    assert_fails(bp_connection_set_trainable(e.first, 2), BP_ERROR_ARGUMENT,
                 "trainable is 2, it must be 0 or 1");
    assert_fails(bp_layer_set_trainable(e.layers[2], -1), BP_ERROR_ARGUMENT, "trainable is -1");
    assert_fails(bp_layer_set_bias_trainable(e.layers[1], 0), BP_ERROR_STRUCTURE, "has no biases");
    assert_fails(bp_connection_set_rate_factor(e.first, 0), BP_ERROR_ARGUMENT, "factor is 0, it must be > 0");
    assert_fails(bp_connection_set_rate_factor(e.first, -1), BP_ERROR_ARGUMENT, "factor is -1");
    assert_fails(bp_connection_set_rate_factor(e.first, NAN), BP_ERROR_NOT_FINITE, "factor is nan");
    assert_fails(bp_connection_set_decay_factor(e.first, -0.5), BP_ERROR_ARGUMENT, "it must be >= 0");
    assert_fails(bp_layer_set_bias_decay_factor(e.layers[2], INFINITY), BP_ERROR_NOT_FINITE, "factor is inf");
    assert_int_equal(bp_connection_is_trainable(e.first), 1);
    assert_true(bp_connection_rate_factor(e.first) == 1 && bp_connection_decay_factor(e.first) == 1);

    assert_int_equal(bp_connection_is_trainable(NULL), 0);
    assert_int_equal(bp_layer_bias_is_trainable(NULL), 0);
    assert_int_equal(bp_layer_bias_is_trainable(e.layers[1]), 0);
    assert_true(bp_layer_bias_rate_factor(e.layers[1]) == 0 && bp_layer_bias_decay_factor(NULL) == 0);
    assert_true(bp_connection_rate_factor(NULL) == 0 && bp_connection_decay_factor(NULL) == 0);
    bp_network_destroy(e.net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_weights_are_trained_at_first),
        cmocka_unit_test(test_each_setting_is_of_its_weights_alone),
        cmocka_unit_test(test_layers_and_networks_at_once),
        cmocka_unit_test(test_which_layers_are_fixed),
        cmocka_unit_test(test_shared_weights_have_one_setting),
        cmocka_unit_test(test_copies_have_the_settings),
        cmocka_unit_test(test_unrolled_networks),
        cmocka_unit_test(test_frozen_elements_of_vectors),
        cmocka_unit_test(test_wrong_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
