/* Reading and setting weights: the vector, one matrix, the biases of one layer. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "network/network.h"

/* in (2) -> h (3, no biases) -> o (1), in -> o. Vector: 6; 3 (h -> o), 2 (in -> o), 1. */
enum { WEIGHTS = 12 };

typedef struct parts {
    bp_network *net;
    bp_layer *in, *h, *o;
    bp_connection *in_h, *h_o, *in_o;
} parts;

static void build(parts *p)
{
    assert_ok(bp_network_create(&p->net, NULL));
    assert_ok(bp_network_add_input(&p->in, p->net, "in", 2));
    assert_ok(bp_network_add_layer(&p->h, p->net, "h", 3, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&p->o, p->net, "o", 1, bp_activation_tanh()));
    assert_ok(bp_network_connect(&p->in_h, p->net, p->in, p->h));
    assert_ok(bp_network_connect(&p->h_o, p->net, p->h, p->o));
    assert_ok(bp_network_connect(&p->in_o, p->net, p->in, p->o));
    assert_ok(bp_layer_enable_bias(p->h, 0));
}

static int setup(void **state)
{
    static parts p;
    build(&p);
    assert_ok(bp_network_finalize(p.net));
    *state = &p;
    return 0;
}

static int teardown(void **state)
{
    bp_network_destroy(((parts *)*state)->net);
    return 0;
}

static void count_up(bp_real *values, size_t count, int first)
{
    for (size_t i = 0; i < count; i++)
        values[i] = (bp_real)(first + (int)i);
}

static void assert_counts_up(const bp_real *values, size_t count, int first)
{
    for (size_t i = 0; i < count; i++)
        assert_true(values[i] == (bp_real)(first + (int)i));
}

static void test_the_vector(void **state)
{
    parts *p = *state;
    bp_real given[WEIGHTS];
    size_t count = 0;
    const bp_real *weights = bp_network_weights(p->net, &count);
    assert_int_equal(count, WEIGHTS);
    assert_ptr_equal(bp_network_weights(p->net, NULL), weights);
    count_up(given, WEIGHTS, 1);
    assert_ok(bp_network_set_weights(p->net, given, WEIGHTS));
    memset(given, 0, sizeof given);
    assert_counts_up(weights, WEIGHTS, 1);
    /* Its own vector may be handed back. */
    assert_ok(bp_network_set_weights(p->net, weights, WEIGHTS));
    assert_counts_up(weights, WEIGHTS, 1);
}

static void test_matrices_and_biases_are_slices_of_it(void **state)
{
    parts *p = *state;
    bp_real given[WEIGHTS], got[6];
    count_up(given, WEIGHTS, 1);
    assert_ok(bp_network_set_weights(p->net, given, WEIGHTS));
    assert_ok(bp_connection_get_weights(p->in_h, got, 6));
    assert_counts_up(got, 6, 1);
    assert_ok(bp_connection_get_weights(p->h_o, got, 3));
    assert_counts_up(got, 3, 7);
    assert_ok(bp_connection_get_weights(p->in_o, got, 2));
    assert_counts_up(got, 2, 10);
    assert_ok(bp_layer_get_biases(p->o, got, 1));
    assert_counts_up(got, 1, 12);
}

static void test_setting_a_slice_leaves_the_rest(void **state)
{
    parts *p = *state;
    bp_real given[6];
    count_up(given, 6, 7);
    assert_ok(bp_connection_set_weights(p->h_o, given, 3));
    count_up(given, 6, 12);
    assert_ok(bp_layer_set_biases(p->o, given, 1));
    count_up(given, 6, 10);
    assert_ok(bp_connection_set_weights(p->in_o, given, 2));
    const bp_real *weights = bp_network_weights(p->net, NULL);
    for (size_t i = 0; i < 6; i++)
        assert_true(weights[i] == 0);
    assert_counts_up(weights + 6, 6, 7);
}

static void test_a_layer_without_biases_has_none_to_set(void **state)
{
    parts *p = *state;
    bp_real untouched[1] = {42};
    assert_ok(bp_layer_get_biases(p->h, untouched, 0));
    assert_ok(bp_layer_set_biases(p->h, untouched, 0));
    assert_ok(bp_layer_get_biases(p->in, untouched, 0));
    assert_true(untouched[0] == 42);
    assert_false(p->net->weights_set);
    assert_fails(bp_layer_get_biases(p->h, untouched, 3), BP_ERROR_SIZE, "biases of layer 'h'");
    assert_fails(bp_layer_set_biases(p->in, untouched, 2), BP_ERROR_SIZE, "biases of layer 'in'");
}

static void test_setting_makes_the_network_ready(void **state)
{
    parts *p = *state;
    const bp_real given[WEIGHTS] = {0};
    assert_false(p->net->weights_set);
    assert_fails(bp_network_set_weights(p->net, given, WEIGHTS - 1), BP_ERROR_SIZE, "count is 11");
    assert_false(p->net->weights_set);
    assert_ok(bp_connection_set_weights(p->in_o, given, 2));
    assert_true(p->net->weights_set);
    p->net->weights_set = false;
    assert_ok(bp_layer_set_biases(p->o, given, 1));
    assert_true(p->net->weights_set);
    p->net->weights_set = false;
    assert_ok(bp_network_set_weights(p->net, given, WEIGHTS));
    assert_true(p->net->weights_set);
}

static void test_wrong_counts_are_refused(void **state)
{
    parts *p = *state;
    bp_real values[WEIGHTS + 1] = {0};
    assert_fails(bp_network_set_weights(p->net, values, WEIGHTS + 1), BP_ERROR_SIZE,
                 "network_set_weights: weights: count is 13, it must be 12");
    assert_fails(bp_network_set_weights(p->net, values, 0), BP_ERROR_SIZE, "count is 0");
    assert_fails(bp_connection_get_weights(p->in_h, values, 5), BP_ERROR_SIZE, "layer 'in' to layer 'h'");
    assert_fails(bp_connection_set_weights(p->in_h, values, 7), BP_ERROR_SIZE, "count is 7, it must be 6");
    assert_fails(bp_layer_get_biases(p->o, values, 2), BP_ERROR_SIZE, "biases of layer 'o'");
    assert_fails(bp_layer_set_biases(p->o, values, 0), BP_ERROR_SIZE, "biases of layer 'o'");
}

static void test_values_that_are_not_finite_are_refused(void **state)
{
    parts *p = *state;
    bp_real values[WEIGHTS], before[WEIGHTS];
    assert_ok(bp_network_initialize(p->net, 1));
    memcpy(before, bp_network_weights(p->net, NULL), sizeof before);
    count_up(values, WEIGHTS, 1);
    values[WEIGHTS - 1] = (bp_real)NAN;
    assert_fails(bp_network_set_weights(p->net, values, WEIGHTS), BP_ERROR_NOT_FINITE, "value 11 is nan");
    values[4] = (bp_real)-INFINITY;
    assert_fails(bp_network_set_weights(p->net, values, WEIGHTS), BP_ERROR_NOT_FINITE, "value 4 is -inf");
    assert_fails(bp_connection_set_weights(p->in_h, values, 6), BP_ERROR_NOT_FINITE,
                 "layer 'in' to layer 'h': value 4 is -inf");
    assert_fails(bp_layer_set_biases(p->o, values + 4, 1), BP_ERROR_NOT_FINITE,
                 "biases of layer 'o': value 0 is -inf");
    assert_memory_equal(before, bp_network_weights(p->net, NULL), sizeof before);
}

static void test_null_is_refused(void **state)
{
    parts *p = *state;
    bp_real values[WEIGHTS] = {0};
    size_t count = 5;
    assert_null(bp_network_weights(NULL, &count));
    assert_int_equal(count, 0);
    assert_null(bp_network_weights(NULL, NULL));
    assert_fails(bp_network_set_weights(NULL, values, WEIGHTS), BP_ERROR_ARGUMENT, "net is NULL");
    assert_fails(bp_network_set_weights(p->net, NULL, WEIGHTS), BP_ERROR_ARGUMENT, "weights is NULL");
    assert_fails(bp_connection_get_weights(NULL, values, 6), BP_ERROR_ARGUMENT, "connection is NULL");
    assert_fails(bp_connection_get_weights(p->in_h, NULL, 6), BP_ERROR_ARGUMENT, "weights is NULL");
    assert_fails(bp_connection_set_weights(NULL, values, 6), BP_ERROR_ARGUMENT, "connection is NULL");
    assert_fails(bp_connection_set_weights(p->in_h, NULL, 6), BP_ERROR_ARGUMENT, "weights is NULL");
    assert_fails(bp_layer_get_biases(NULL, values, 1), BP_ERROR_ARGUMENT, "layer is NULL");
    assert_fails(bp_layer_get_biases(p->o, NULL, 1), BP_ERROR_ARGUMENT, "biases is NULL");
    assert_fails(bp_layer_set_biases(NULL, values, 1), BP_ERROR_ARGUMENT, "layer is NULL");
    assert_fails(bp_layer_set_biases(p->o, NULL, 1), BP_ERROR_ARGUMENT, "biases is NULL");
}

static void test_there_are_no_weights_before_finalize(void **state)
{
    (void)state;
    parts p;
    bp_real values[WEIGHTS] = {0};
    size_t count = 5;
    build(&p);
    assert_null(bp_network_weights(p.net, &count));
    assert_int_equal(count, 0);
    assert_fails(bp_network_set_weights(p.net, values, 0), BP_ERROR_STATE, "not finalized");
    assert_fails(bp_connection_get_weights(p.in_h, values, 6), BP_ERROR_STATE, "not finalized");
    assert_fails(bp_connection_set_weights(p.in_h, values, 6), BP_ERROR_STATE, "not finalized");
    assert_fails(bp_layer_get_biases(p.o, values, 1), BP_ERROR_STATE, "not finalized");
    assert_fails(bp_layer_set_biases(p.o, values, 1), BP_ERROR_STATE, "not finalized");
    bp_network_destroy(p.net);
}

#define WITH_NETWORK(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_NETWORK(test_the_vector),
        WITH_NETWORK(test_matrices_and_biases_are_slices_of_it),
        WITH_NETWORK(test_setting_a_slice_leaves_the_rest),
        WITH_NETWORK(test_a_layer_without_biases_has_none_to_set),
        WITH_NETWORK(test_setting_makes_the_network_ready),
        WITH_NETWORK(test_wrong_counts_are_refused),
        WITH_NETWORK(test_values_that_are_not_finite_are_refused),
        WITH_NETWORK(test_null_is_refused),
        cmocka_unit_test(test_there_are_no_weights_before_finalize),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
