/* Units that start equal stay equal, which is why initial weights are drawn at random. */
#include "train/train_example.h"

enum { HIDDEN = 3 };

/* Do all hidden units of the 2-3-1 network have the weights of the first, to and from them? */
static bool all_alike(bp_network *net)
{
    bp_layer *hidden = bp_network_layer(net, 1);
    bp_real in[HIDDEN * 2], biases[HIDDEN], out[HIDDEN];
    assert_ok(bp_connection_get_weights(bp_network_connection(net, 0), in, HIDDEN * 2));
    assert_ok(bp_connection_get_weights(bp_network_connection(net, 1), out, HIDDEN));
    assert_ok(bp_layer_get_biases(hidden, biases, HIDDEN));
    for (size_t j = 1; j < HIDDEN; j++)
        if (in[2 * j] != in[0] || in[2 * j + 1] != in[1] || biases[j] != biases[0] || out[j] != out[0])
            return false;
    return true;
}

static void train(bp_network *net)
{
    const bp_stop_rule rule = bp_stop_epochs(300);
    bp_data data = xor_data();
    bp_trainer_options options = options_with(&rule, 1);
    bp_trainer *trainer = make_trainer(net, &options);
    train_until(trainer, &data, NULL, BP_STOP_EPOCHS);
    bp_trainer_destroy(trainer);
}

static void test_equal_units_stay_equal(void **state)
{
    (void)state;
    bp_network *net = xor_network(1);
    assert_ok(bp_network_set_weight_init(net, bp_weight_init_constant(0.25)));
    assert_ok(bp_network_initialize(net, 1));
    bp_real before[1], after[1];
    assert_true(all_alike(net));
    assert_ok(bp_layer_get_biases(bp_network_layer(net, 2), before, 1));
    train(net);
    assert_ok(bp_layer_get_biases(bp_network_layer(net, 2), after, 1));
    assert_true(all_alike(net) && after[0] != before[0]);
    bp_network_destroy(net);
}

static void test_random_weights_tell_them_apart(void **state)
{
    (void)state;
    bp_network *net = xor_network(1);
    train(net);
    assert_false(all_alike(net));
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_units_stay_equal),
        cmocka_unit_test(test_random_weights_tell_them_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
