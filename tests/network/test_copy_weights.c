/* Weights moved between networks: which pairs are alike, and what is said of those that are not. */
#include "support/connect.h"
#include "support/support.h"

#include <string.h>

/* What is different in a network from the one that all others are compared with. */
typedef enum variant {
    PLAIN,
    OTHER_UNITS,
    NO_BIAS,
    NO_CONNECTION,
    NO_STATE,
    OTHER_MASK,
    DENSE_FOR_MASK,
    SHARED,
    OTHER_NAMES
} variant;

/* in(2) -> h(3) -> out(2), h to itself, delayed and masked; the state of h is learned. */
static bp_network *build(variant v)
{
    const unsigned char mask[] = {1, 0, 0, 1, 1, 0, 0, 0, 1}, other[] = {1, 0, 0, 1, 0, 1, 0, 0, 1};
    bp_network *net = NULL;
    bp_layer *in = NULL, *h = NULL, *out = NULL;
    bp_connection *first = NULL, *second = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, v == OTHER_NAMES ? "stimulus" : "in", v == OTHER_UNITS ? 4 : 2));
    assert_ok(bp_network_add_layer(&h, net, "h", 3, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&out, net, "out", 2,
                                   v == OTHER_NAMES ? bp_activation_relu() : bp_activation_linear()));
    assert_ok(bp_network_connect(&first, net, in, h));
    if (v == DENSE_FOR_MASK)
        assert_ok(connect_delayed(NULL, net, h, h));
    else
        assert_ok(connect_delayed_masked(NULL, net, h, h, v == OTHER_MASK ? other : mask, 9));
    assert_ok(bp_network_connect(&second, net, h, out));
    if (v != NO_CONNECTION)
        assert_ok(bp_network_connect(NULL, net, in, out));
    if (v == NO_BIAS)
        assert_ok(bp_layer_enable_bias(h, 0));
    if (v == SHARED) {
        bp_connection *again = NULL;
        bp_layer *twin = NULL;
        assert_ok(bp_network_add_layer(&twin, net, "twin", 3, bp_activation_tanh()));
        assert_ok(bp_network_connect(&again, net, in, twin));
        assert_ok(bp_connection_share(again, first));
        assert_ok(bp_layer_share_bias(twin, h));
        assert_ok(bp_layer_set_output(twin));
        assert_ok(bp_layer_set_output(out));
    }
    assert_ok(bp_layer_set_initial_state(h, NULL, v != NO_STATE));
    assert_ok(bp_network_finalize(net));
    return net;
}

static bp_network *unroll(const bp_network *net, size_t steps)
{
    bp_network *unrolled = NULL;
    bp_unroll_options options;
    bp_unroll_options_init(&options, sizeof options);
    options.steps = steps;
    assert_ok(bp_network_unroll(&unrolled, net, &options));
    return unrolled;
}

static void assert_same_weights(const bp_network *a, const bp_network *b)
{
    size_t count, other;
    const bp_real *weights = bp_network_weights(a, &count);
    assert_memory_equal(weights, bp_network_weights(b, &other), count * sizeof *weights);
    assert_int_equal(count, other);
}

/* Both networks have the weights afterwards, each its own. */
static void test_a_worked_case(void **state)
{
    (void)state;
    const size_t units[] = {1, 1, 1};
    const bp_real weights[] = {1, 2, 3, 4}, others[] = {9, 9, 9, 9};
    bp_network *to = NULL, *from = NULL;
    assert_ok(bp_network_create_layered(&from, units, 3, bp_activation_tanh(), bp_activation_linear()));
    assert_ok(bp_network_create_layered(&to, units, 3, bp_activation_relu(), bp_activation_relu()));
    assert_ok(bp_network_set_weights(from, weights, 4));
    assert_ok(bp_network_copy_weights(to, from));
    assert_memory_equal(bp_network_weights(to, NULL), weights, sizeof weights);
    assert_ok(bp_network_set_weights(to, others, 4));
    assert_memory_equal(bp_network_weights(from, NULL), weights, sizeof weights);
    bp_network_destroy(to);
    bp_network_destroy(from);
}

/* Each way between a recurrent network, its unrolled ones and their copies. */
static void test_recurrent_and_unrolled(void **state)
{
    (void)state;
    bp_network *nets[5] = {build(PLAIN)};
    nets[1] = unroll(nets[0], 1);
    nets[2] = unroll(nets[0], 4);
    assert_ok(bp_network_copy(&nets[3], nets[0]));
    assert_ok(bp_network_copy(&nets[4], nets[2]));
    for (size_t from = 0; from < 5; from++) {
        for (size_t to = 0; to < 5; to++) {
            assert_ok(bp_network_initialize(nets[from], 10 * from + to));
            assert_ok(bp_network_copy_weights(nets[to], nets[from]));
            assert_same_weights(nets[to], nets[from]);
        }
    }
    for (size_t i = 0; i < 5; i++)
        bp_network_destroy(nets[i]);
}

static void test_names_and_activations_may_differ(void **state)
{
    (void)state;
    bp_network *from = build(PLAIN), *to = build(OTHER_NAMES);
    assert_ok(bp_network_initialize(from, 1));
    assert_ok(bp_network_copy_weights(to, from));
    assert_same_weights(to, from);
    bp_network_destroy(from);
    bp_network_destroy(to);
}

/* What is shared is one slice, wherever else it is used. */
static void test_what_is_shared_counts_once(void **state)
{
    (void)state;
    bp_network *from = build(SHARED), *to = build(PLAIN);
    assert_ok(bp_network_initialize(from, 1));
    assert_ok(bp_network_copy_weights(to, from));
    assert_same_weights(to, from);
    bp_network_destroy(from);
    bp_network_destroy(to);
}

static void test_layouts_that_differ(void **state)
{
    (void)state;
    const struct {
        variant v;
        const char *message;
    } rows[] = {
        {OTHER_UNITS,
         "'in' -> 'h' (3 x 2) of `to` and 'in' -> 'h' (3 x 4) of `from` do not match: their shapes "
         "differ"},
        {NO_BIAS,
         "the biases of layer 'h' (3) of `to` and the initial state of layer 'h' (3) of `from` do not match: "
         "they are different parts"},
        {NO_CONNECTION,
         "'in' -> 'out' (2 x 2) of `to` and the biases of layer 'out' (2) of `from` do not match"},
        {NO_STATE,
         "the initial state of layer 'h' (3) of `to` and 'h' -> 'out' (2 x 3) of `from` do not match"},
        {OTHER_MASK, "do not match: their masks differ"},
        {DENSE_FOR_MASK,
         "'h' -> 'h' (delayed) (3 x 3, 4 weights) of `to` and 'h' -> 'h' (delayed) (3 x 3) of "
         "`from` do not match: their kinds differ"},
    };
    bp_network *to = build(PLAIN);
    assert_ok(bp_network_initialize(to, 3));
    bp_network *before = NULL;
    assert_ok(bp_network_copy(&before, to));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bp_network *from = build(rows[i].v);
        assert_ok(bp_network_initialize(from, 4));
        assert_fails(bp_network_copy_weights(to, from), BP_ERROR_STRUCTURE, rows[i].message);
        assert_same_weights(to, before);
        bp_network_destroy(from);
    }
    bp_network_destroy(before);
    bp_network_destroy(to);
}

static void test_one_has_more(void **state)
{
    (void)state;
    const size_t units[] = {2, 3, 1};
    bp_network *small = NULL, *large = NULL;
    assert_ok(bp_network_create_layered(&small, units, 2, bp_activation_tanh(), bp_activation_tanh()));
    assert_ok(bp_network_create_layered(&large, units, 3, bp_activation_tanh(), bp_activation_tanh()));
    assert_ok(bp_network_initialize(small, 1));
    assert_ok(bp_network_initialize(large, 1));
    assert_fails(
        bp_network_copy_weights(small, large), BP_ERROR_STRUCTURE,
        "bp_network_copy_weights: 'hidden1' -> 'output' (1 x 3) of `from` has no counterpart in `to`");
    assert_fails(bp_network_copy_weights(large, small), BP_ERROR_STRUCTURE,
                 "'hidden1' -> 'output' (1 x 3) of `to` has no counterpart in `from`");
    bp_network_destroy(small);
    bp_network_destroy(large);
}

static void test_wrong_calls(void **state)
{
    (void)state;
    const size_t units[] = {1, 1};
    bp_network *net = NULL, *unset = NULL, *open = NULL;
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_tanh(), bp_activation_tanh()));
    assert_ok(bp_network_create_layered(&unset, units, 2, bp_activation_tanh(), bp_activation_tanh()));
    assert_ok(bp_network_create(&open, NULL));
    assert_ok(bp_network_initialize(net, 1));
    assert_fails(bp_network_copy_weights(NULL, net), BP_ERROR_ARGUMENT,
                 "bp_network_copy_weights: to is NULL");
    assert_fails(bp_network_copy_weights(net, NULL), BP_ERROR_ARGUMENT, "from is NULL");
    assert_fails(bp_network_copy_weights(open, net), BP_ERROR_STATE, "not finalized");
    assert_fails(bp_network_copy_weights(net, open), BP_ERROR_STATE, "not finalized");
    assert_fails(bp_network_copy_weights(net, unset), BP_ERROR_STATE, "never been set");
    assert_ok(bp_network_copy_weights(net, net));
    assert_ok(bp_network_copy_weights(unset, net)); /* now they are set */
    assert_ok(bp_network_copy_weights(net, unset));
    bp_network_destroy(net);
    bp_network_destroy(unset);
    bp_network_destroy(open);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_worked_case),
        cmocka_unit_test(test_recurrent_and_unrolled),
        cmocka_unit_test(test_names_and_activations_may_differ),
        cmocka_unit_test(test_what_is_shared_counts_once),
        cmocka_unit_test(test_layouts_that_differ),
        cmocka_unit_test(test_one_has_more),
        cmocka_unit_test(test_wrong_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
