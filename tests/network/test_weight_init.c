/* Start weights: rules, ranges and streams. */
#include "support/support.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "network/network.h"

/* in (3) -> h (4, ReLU) -> o (2), in -> o; biases everywhere. Vector: 12 + 4, 6 (in -> o), 8 (h -> o), 2. */
enum { H_IN = 0, H_BIAS = 12, O_IN = 16, O_H = 22, O_BIAS = 30, WEIGHTS = 32 };

static int setup(void **state)
{
    bp_network *net = NULL;
    bp_layer *in = NULL, *h = NULL, *o = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", 3));
    assert_ok(bp_network_add_layer(&h, net, "h", 4, bp_activation_relu()));
    assert_ok(bp_network_add_layer(&o, net, "o", 2, bp_activation_logistic()));
    assert_ok(bp_network_connect(NULL, net, in, h));
    assert_ok(bp_network_connect(NULL, net, in, o));
    assert_ok(bp_network_connect(NULL, net, h, o));
    assert_ok(bp_network_finalize(net));
    *state = net;
    return 0;
}

static int teardown(void **state)
{
    bp_network_destroy(*state);
    return 0;
}

static const bp_real *weights_of(const bp_network *net)
{
    size_t count = 0;
    const bp_real *weights = bp_network_weights(net, &count);
    assert_int_equal(count, WEIGHTS);
    return weights;
}

/* The next `count` weights are draws of the stream from -r..r, or 0 and no draw if r is 0. */
static void assert_drawn(random_stream *stream, const bp_real *weights, size_t count, double r)
{
    for (size_t i = 0; i < count; i++) {
        double wanted = r == 0 ? 0 : r * (2 * bpi_random_uniform(stream) - 1);
        assert_true(fabs((double)weights[i] - wanted) <= TOLERANCE(1e-7, 1e-15) * r);
    }
}

/* Draws with one rule for all and checks every weight; r_...: its bound for each matrix; biases are 0. */
static void assert_fan_rule(bp_network *net, bp_weight_init init, double r_h_in, double r_o_in, double r_o_h)
{
    random_stream stream;
    bpi_random_seed(&stream, 77);
    assert_ok(bp_network_set_weight_init(net, init));
    assert_ok(bp_network_initialize(net, 77));
    const bp_real *weights = weights_of(net);
    assert_drawn(&stream, weights + H_IN, 12, r_h_in);
    assert_drawn(&stream, weights + H_BIAS, 4, 0);
    assert_drawn(&stream, weights + O_IN, 6, r_o_in);
    assert_drawn(&stream, weights + O_H, 8, r_o_h);
    assert_drawn(&stream, weights + O_BIAS, 2, 0);
}

/* fan_in: h 3, o 3 + 4 = 7; fan_out: in 4 + 2 = 6, h 2. */
static void test_glorot(void **state)
{
    assert_fan_rule(*state, bp_weight_init_glorot(), sqrt(6.0 / (3 + 6)), sqrt(6.0 / (7 + 6)),
                    sqrt(6.0 / (7 + 2)));
}

static void test_he(void **state)
{
    assert_fan_rule(*state, bp_weight_init_he(), sqrt(6.0 / 3), sqrt(6.0 / 7), sqrt(6.0 / 7));
}

static void test_lecun(void **state)
{
    assert_fan_rule(*state, bp_weight_init_lecun(), sqrt(3.0 / 3), sqrt(3.0 / 7), sqrt(3.0 / 7));
}

static void test_default_is_he_into_relu_and_glorot_elsewhere(void **state)
{
    assert_fan_rule(*state, bp_weight_init_default(), sqrt(6.0 / 3), sqrt(6.0 / (7 + 6)),
                    sqrt(6.0 / (7 + 2)));
}

static void test_default_is_in_force_unless_set(void **state)
{
    bp_real before[WEIGHTS];
    assert_ok(bp_network_initialize(*state, 5));
    memcpy(before, weights_of(*state), sizeof before);
    assert_ok(bp_network_set_weight_init(*state, bp_weight_init_default()));
    assert_ok(bp_network_initialize(*state, 5));
    assert_memory_equal(before, weights_of(*state), sizeof before);
}

/* The first numbers of the stream of seed 1986, computed outside this library. */
static void test_uniform_gives_known_numbers(void **state)
{
    const double known[] = {0.25434478509593084,     -0.27925505885006352,   0.14726171686278877,
                            0.099551106414232524,    -0.28467807980789178,   0.22421221746651043,
                            -0.00097943427852076326, -0.0013175710316840393, 0.13052750008838709};
    assert_ok(bp_network_set_weight_init(*state, bp_weight_init_uniform(-0.3, 0.3)));
    assert_ok(bp_network_initialize(*state, 1986));
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_true(fabs((double)weights_of(*state)[i] - known[i]) <= TOLERANCE(2e-8, 2e-16));
}

static void test_uniform_draws_biases_too(void **state)
{
    random_stream stream;
    bpi_random_seed(&stream, 3);
    assert_ok(bp_network_set_weight_init(*state, bp_weight_init_uniform(-2, 2)));
    assert_ok(bp_network_initialize(*state, 3));
    assert_drawn(&stream, weights_of(*state), WEIGHTS, 2);
}

static void test_constant_fills_without_drawing(void **state)
{
    bp_network *net = *state;
    bp_layer *h = bp_network_find_layer(net, "h"), *o = bp_network_find_layer(net, "o");
    assert_ok(bp_network_set_weight_init(net, bp_weight_init_uniform(-1, 1)));
    assert_ok(
        bp_connection_set_weight_init(bp_network_find_connection(net, h, o), bp_weight_init_constant(0.25)));
    assert_ok(bp_layer_set_bias_init(h, bp_weight_init_constant(-3)));
    assert_ok(bp_network_initialize(net, 9));
    const bp_real *weights = weights_of(net);
    random_stream stream;
    bpi_random_seed(&stream, 9);
    assert_drawn(&stream, weights + H_IN, 12, 1);
    for (size_t i = H_BIAS; i < O_IN; i++)
        assert_true(weights[i] == -3);
    assert_drawn(&stream, weights + O_IN, 6, 1);
    for (size_t i = O_H; i < O_BIAS; i++)
        assert_true(weights[i] == (bp_real)0.25);
    assert_drawn(&stream, weights + O_BIAS, 2, 1);
}

static void test_a_rule_for_one_connection_stands_alone(void **state)
{
    bp_network *net = *state;
    bp_layer *in = bp_network_find_layer(net, "in"), *h = bp_network_find_layer(net, "h");
    assert_ok(bp_network_set_weight_init(net, bp_weight_init_constant(1)));
    assert_ok(
        bp_connection_set_weight_init(bp_network_find_connection(net, in, h), bp_weight_init_uniform(5, 6)));
    assert_ok(bp_network_initialize(net, 2));
    const bp_real *weights = weights_of(net);
    for (size_t i = 0; i < WEIGHTS; i++)
        assert_true(i < H_BIAS ? weights[i] >= 5 && weights[i] <= 6 : weights[i] == 1);
}

static void test_the_rule_of_a_network_holds_for_what_is_added_later(void **state)
{
    (void)state;
    bp_network *net = NULL;
    bp_layer *in = NULL, *o = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_set_weight_init(net, bp_weight_init_constant(2)));
    assert_ok(bp_network_add_input(&in, net, NULL, 2));
    assert_ok(bp_network_add_layer(&o, net, NULL, 1, bp_activation_tanh()));
    assert_ok(bp_network_connect(NULL, net, in, o));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, 1));
    for (size_t i = 0; i < 3; i++)
        assert_true(bp_network_weights(net, NULL)[i] == 2);
    bp_network_destroy(net);
}

static void test_seeds_make_the_difference(void **state)
{
    bp_real first[WEIGHTS];
    assert_ok(bp_network_initialize(*state, 1));
    memcpy(first, weights_of(*state), sizeof first);
    assert_ok(bp_network_initialize(*state, 2));
    assert_memory_not_equal(first, weights_of(*state), sizeof first);
    assert_ok(bp_network_initialize(*state, 1));
    assert_memory_equal(first, weights_of(*state), sizeof first);
}

/* ------------------------------------------------------------------- range */

/* Draws from a range until both halves were seen, and checks that nothing is outside of it. */
static void assert_within(bp_network *net, double low, double high)
{
    assert_ok(bp_network_set_weight_init(net, bp_weight_init_uniform(low, high)));
    int below = 0, above = 0;
    for (uint64_t seed = 0; seed < 50; seed++) {
        assert_ok(bp_network_initialize(net, seed));
        for (size_t i = 0; i < WEIGHTS; i++) {
            double w = (double)weights_of(net)[i];
            assert_true(isfinite(w) && w >= low && w <= high);
            below += w < low / 2 + high / 2;
            above += w > low / 2 + high / 2;
        }
    }
    assert_true(below > 0 && above > 0);
}

static void test_no_rounding_leaves_the_range(void **state)
{
    assert_within(*state, -0.3, 0.3);
    /* Ranges hardly wider than the spacing of floats, whose ends are none. */
    assert_within(*state, 1 + 0x1p-25, 1 + 0x1p-21 - 0x1p-25);
    assert_within(*state, -1 - 0x1p-21 + 0x1p-25, -1 - 0x1p-25);
    assert_within(*state, 16777216.5, 16777223.5);
}

static void test_the_widest_range_does_not_overflow(void **state)
{
    const double most = TOLERANCE((double)FLT_MAX, DBL_MAX);
    assert_within(*state, -most, most);
}

static void test_a_range_of_one_value(void **state)
{
    bp_network *net = *state;
    assert_ok(bp_network_set_weight_init(net, bp_weight_init_uniform(0.3, 0.3)));
    assert_ok(bp_network_initialize(net, 4));
    for (size_t i = 0; i < WEIGHTS; i++)
        assert_true(weights_of(net)[i] == (bp_real)0.3);
}

/* ------------------------------------------------------------- wrong calls */

typedef bp_status (*set_rule)(bp_network *net, bp_weight_init init);

static bp_status set_connection(bp_network *net, bp_weight_init init)
{
    return bp_connection_set_weight_init(bp_network_connection(net, 0), init);
}

static bp_status set_bias(bp_network *net, bp_weight_init init)
{
    return bp_layer_set_bias_init(bp_network_layer(net, 1), init);
}

static void test_bad_rules_are_refused(void **state)
{
    const set_rule setters[] = {bp_network_set_weight_init, set_connection, set_bias};
    bp_real before[WEIGHTS];
    assert_ok(bp_network_initialize(*state, 1));
    memcpy(before, weights_of(*state), sizeof before);
    for (size_t i = 0; i < 3; i++) {
        assert_fails(setters[i](*state, (bp_weight_init){0}), BP_ERROR_ARGUMENT, "bp_weight_init_");
        assert_fails(setters[i](*state, (bp_weight_init){.kind = 999}), BP_ERROR_ARGUMENT, "bp_weight_init_");
        assert_fails(setters[i](*state, (bp_weight_init){.kind = -1}), BP_ERROR_ARGUMENT, "bp_weight_init_");
        assert_fails(setters[i](*state, bp_weight_init_uniform(0.5, -0.5)), BP_ERROR_ARGUMENT, "0.5 to -0.5");
        assert_fails(setters[i](*state, bp_weight_init_uniform(NAN, 1)), BP_ERROR_NOT_FINITE, "nan");
        assert_fails(setters[i](*state, bp_weight_init_uniform(0, INFINITY)), BP_ERROR_NOT_FINITE, "inf");
        assert_fails(setters[i](*state, bp_weight_init_constant(-INFINITY)), BP_ERROR_NOT_FINITE, "-inf");
#ifndef BP_DOUBLE
        assert_fails(setters[i](*state, bp_weight_init_constant(1e39)), BP_ERROR_NOT_FINITE, "1e+39");
        assert_fails(setters[i](*state, bp_weight_init_uniform(-1e39, 0)), BP_ERROR_NOT_FINITE, "-1e+39");
#endif
    }
    assert_ok(bp_network_initialize(*state, 1));
    assert_memory_equal(before, weights_of(*state), sizeof before);
}

static void test_null_and_state(void **state)
{
    (void)state;
    bp_network *net = NULL;
    assert_fails(bp_network_set_weight_init(NULL, bp_weight_init_he()), BP_ERROR_ARGUMENT, "net is NULL");
    assert_fails(bp_connection_set_weight_init(NULL, bp_weight_init_he()), BP_ERROR_ARGUMENT,
                 "connection is NULL");
    assert_fails(bp_layer_set_bias_init(NULL, bp_weight_init_he()), BP_ERROR_ARGUMENT, "layer is NULL");
    assert_fails(bp_network_initialize(NULL, 1), BP_ERROR_ARGUMENT, "net is NULL");
    assert_ok(bp_network_create(&net, NULL));
    assert_fails(bp_network_initialize(net, 1), BP_ERROR_STATE, "not finalized");
    bp_network_destroy(net);
}

#define WITH_NETWORK(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_NETWORK(test_glorot),
        WITH_NETWORK(test_he),
        WITH_NETWORK(test_lecun),
        WITH_NETWORK(test_default_is_he_into_relu_and_glorot_elsewhere),
        WITH_NETWORK(test_default_is_in_force_unless_set),
        WITH_NETWORK(test_uniform_gives_known_numbers),
        WITH_NETWORK(test_uniform_draws_biases_too),
        WITH_NETWORK(test_constant_fills_without_drawing),
        WITH_NETWORK(test_a_rule_for_one_connection_stands_alone),
        cmocka_unit_test(test_the_rule_of_a_network_holds_for_what_is_added_later),
        WITH_NETWORK(test_seeds_make_the_difference),
        WITH_NETWORK(test_no_rounding_leaves_the_range),
        WITH_NETWORK(test_the_widest_range_does_not_overflow),
        WITH_NETWORK(test_a_range_of_one_value),
        WITH_NETWORK(test_bad_rules_are_refused),
        cmocka_unit_test(test_null_and_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
