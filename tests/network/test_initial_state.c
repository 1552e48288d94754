/* Initial states of layers that delayed connections leave. */
#include <math.h>
#include <string.h>

#include "support/connect.h"
#include "support/support.h"

typedef struct fixture {
    bp_network *net;
    bp_layer *in, *h, *out;
} fixture;

static bp_status build(fixture *f, const bp_allocator *allocator)
{
    *f = (fixture){0};
    bp_status status = test_network_create(&f->net, allocator);
    if (status == BP_OK)
        status = bp_network_add_input(&f->in, f->net, "in", 2);
    if (status == BP_OK)
        status = bp_network_add_layer(&f->h, f->net, "h", 3, bp_activation_tanh());
    if (status == BP_OK)
        status = bp_network_add_layer(&f->out, f->net, "out", 1, bp_activation_logistic());
    if (status == BP_OK)
        status = bp_network_connect(NULL, f->net, f->in, f->h);
    if (status == BP_OK)
        status = connect_delayed(NULL, f->net, f->h, f->h);
    if (status == BP_OK)
        status = bp_network_connect(NULL, f->net, f->h, f->out);
    return status;
}

static int setup(void **state)
{
    static fixture f;
    assert_ok(build(&f, NULL));
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    bp_network_destroy(((fixture *)*state)->net);
    return 0;
}

static const bp_real values[3] = {1, -2, 3};

static void assert_state(const bp_layer *layer, bp_real a, bp_real b, bp_real c)
{
    bp_real got[3] = {9, 9, 9};
    assert_ok(bp_layer_get_initial_state(layer, got, 3));
    assert_true(got[0] == a && got[1] == b && got[2] == c);
}

static void test_zeros_unless_set(void **state)
{
    fixture *f = *state;
    assert_state(f->h, 0, 0, 0);
    assert_ok(bp_layer_set_initial_state(f->h, values, 0));
    assert_state(f->h, 1, -2, 3);
    assert_ok(bp_layer_set_initial_state(f->h, NULL, 0));
    assert_state(f->h, 0, 0, 0);
    assert_ok(bp_network_finalize(f->net));
    assert_int_equal(bp_layer_state_count(f->h), 0);
    size_t count;
    bp_network_weights(f->net, &count);
    assert_int_equal(count, 3 * 2 + 3 * 3 + 3 + 3 + 1);
}

static void test_a_learned_state_stands_behind_the_biases(void **state)
{
    fixture *f = *state;
    assert_ok(bp_layer_set_initial_state(f->h, values, 1));
    assert_int_equal(bp_layer_state_count(f->h), 0);
    assert_ok(bp_network_finalize(f->net));
    assert_int_equal(bp_layer_state_offset(f->h), 3 * 2 + 3 * 3 + 3);
    assert_int_equal(bp_layer_state_count(f->h), 3);
    assert_int_equal(bp_layer_state_count(f->out), 0);
    assert_int_equal(bp_connection_offset(bp_network_find_connection(f->net, f->h, f->out)), 21);
    size_t count;
    bp_network_weights(f->net, &count);
    assert_int_equal(count, 25);
    assert_state(f->h, 1, -2, 3); /* what it will start from */
    bp_real weights[25];
    for (int i = 0; i < 25; i++)
        weights[i] = (bp_real)i;
    assert_ok(bp_network_set_weights(f->net, weights, 25));
    assert_state(f->h, 18, 19, 20);
    assert_ok(bp_network_initialize(f->net, 7));
    assert_state(f->h, 1, -2, 3);
}

/* Its start values are given: it takes no draws from the other weights. */
static void test_a_learned_state_is_not_drawn(void **state)
{
    fixture *f = *state, plain;
    assert_ok(build(&plain, NULL));
    assert_ok(bp_layer_set_initial_state(f->h, NULL, 1));
    assert_ok(bp_network_finalize(f->net));
    assert_ok(bp_network_finalize(plain.net));
    assert_ok(bp_network_initialize(f->net, 7));
    assert_ok(bp_network_initialize(plain.net, 7));
    const bp_real *got = bp_network_weights(f->net, NULL), *wanted = bp_network_weights(plain.net, NULL);
    assert_memory_equal(got, wanted, 18 * sizeof *got);
    assert_memory_equal(got + 21, wanted + 18, 4 * sizeof *got);
    assert_state(f->h, 0, 0, 0);
    bp_network_destroy(plain.net);
}

static void test_wrong_calls(void **state)
{
    fixture *f = *state;
    const bp_real bad[3] = {0, (bp_real)NAN, 0}, endless[3] = {0, 0, (bp_real)-INFINITY};
    bp_real got[3];
    assert_fails(bp_layer_set_initial_state(NULL, values, 0), BP_ERROR_ARGUMENT, "layer is NULL");
    assert_ok(bp_layer_set_initial_state(f->h, values, 0));
    assert_fails(bp_layer_set_initial_state(f->h, bad, 1), BP_ERROR_NOT_FINITE,
                 "layer 'h': the initial state of unit 1 is nan");
    assert_fails(bp_layer_set_initial_state(f->h, endless, 0), BP_ERROR_NOT_FINITE,
                 "layer 'h': the initial state of unit 2 is -inf");
    assert_state(f->h, 1, -2, 3);
    assert_fails(bp_layer_get_initial_state(NULL, got, 3), BP_ERROR_ARGUMENT, "layer is NULL");
    assert_fails(bp_layer_get_initial_state(f->h, NULL, 3), BP_ERROR_ARGUMENT, "values is NULL");
    assert_fails(bp_layer_get_initial_state(f->h, got, 2), BP_ERROR_SIZE, "count is 2, but layer 'h' has 3");
    assert_int_equal(bp_layer_state_offset(NULL), 0);
    assert_int_equal(bp_layer_state_count(NULL), 0);
    assert_ok(bp_layer_set_initial_state(f->out, values, 0));
    assert_fails(bp_network_finalize(f->net), BP_ERROR_STRUCTURE,
                 "layer 'out' has an initial state, but no delayed connection leaves it");
    assert_ok(connect_delayed(NULL, f->net, f->out, f->h));
    assert_ok(bp_network_finalize(f->net));
    assert_fails(bp_layer_set_initial_state(f->h, values, 0), BP_ERROR_STATE, "finalized");
}

static bp_status attempt(void *context, const bp_allocator *allocator)
{
    (void)context;
    fixture f;
    bp_status status = build(&f, allocator);
    if (status == BP_OK)
        status = bp_layer_set_initial_state(f.h, values, 0);
    if (status == BP_OK)
        status = bp_layer_set_initial_state(f.h, values, 1);
    if (status == BP_OK)
        status = bp_network_finalize(f.net);
    bp_network_destroy(f.net);
    return status;
}

static void test_each_allocation(void **state)
{
    (void)state;
    test_each_allocation_fails(attempt, NULL);
}

#define WITH_NETWORK(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_NETWORK(test_zeros_unless_set),
        WITH_NETWORK(test_a_learned_state_stands_behind_the_biases),
        WITH_NETWORK(test_a_learned_state_is_not_drawn),
        WITH_NETWORK(test_wrong_calls),
        cmocka_unit_test(test_each_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
