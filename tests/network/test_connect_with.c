/* Connecting by options: each of them alone, together, and wrong. What kinds of connection compute is tested
 * with their products, in tests/engine. */
#include "support/support.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

typedef struct open_network {
    bp_network *net;
    bp_layer *in, *h, *out;
} open_network;

static open_network build_open(void)
{
    open_network o;
    assert_ok(bp_network_create(&o.net, NULL));
    assert_ok(bp_network_add_input(&o.in, o.net, "in", 3));
    assert_ok(bp_network_add_layer(&o.h, o.net, "h", 2, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&o.out, o.net, "out", 1, bp_activation_linear()));
    return o;
}

static bp_connect_options default_options(void)
{
    bp_connect_options options;
    memset(&options, 0xff, sizeof options);
    bp_connect_options_init(&options, sizeof options);
    return options;
}

static bp_convolution two_of_three(void)
{
    bp_convolution kernel;
    bp_convolution_init(&kernel, sizeof kernel);
    kernel.height = kernel.kernel_height = 1;
    kernel.width = 3;
    kernel.kernel_width = 2;
    return kernel;
}

static void test_init(void **state)
{
    (void)state;
    bp_connect_options options = default_options();
    assert_int_equal(options.size, sizeof options);
    assert_int_equal(options.delayed, 0);
    assert_null(options.mask);
    assert_int_equal(options.mask_count, 0);
    assert_null(options.convolution);
    assert_int_equal(options.weight_init.kind, 0);
    bp_connect_options_init(NULL, sizeof options);
}

/* A delayed and masked connection whose weights all begin as 7. */
static void test_a_worked_case(void **state)
{
    (void)state;
    open_network o = build_open();
    const unsigned char mask[] = {1, 0, 1, 0, 1, 0};
    bp_connect_options options = default_options();
    options.delayed = 1;
    options.mask = mask;
    options.mask_count = 6;
    options.weight_init = bp_weight_init_constant(7);
    bp_connection *made = NULL;
    assert_ok(bp_network_connect_with(&made, o.net, o.in, o.h, &options));
    assert_ptr_equal(made, bp_network_find_delayed_connection(o.net, o.in, o.h));
    assert_int_equal(bp_connection_get_kind(made), BP_CONNECTION_MASKED);
    assert_ok(bp_network_connect(NULL, o.net, o.in, o.h));
    assert_ok(bp_network_connect(NULL, o.net, o.h, o.out));
    assert_ok(bp_network_finalize(o.net));
    assert_ok(bp_network_initialize(o.net, 1));
    unsigned char found[6];
    assert_ok(bp_connection_get_mask(made, found, 6));
    assert_memory_equal(found, mask, 6);
    bp_real weights[3], others[6];
    assert_ok(bp_connection_get_weights(made, weights, 3));
    assert_ok(bp_connection_get_weights(bp_network_connection(o.net, 1), others, 6));
    for (size_t i = 0; i < 3; i++)
        assert_true(weights[i] == 7);
    for (size_t i = 0; i < 6; i++)
        assert_true(others[i] > -2 && others[i] < 2); /* Glorot: sqrt(6 / (3 + 3 / 2 + ...)) */
    bp_network_destroy(o.net);
}

static void test_defaults_are_a_plain_connection(void **state)
{
    (void)state;
    for (int has_options = 0; has_options < 2; has_options++) {
        open_network o = build_open();
        bp_connect_options options = default_options();
        bp_connection *made = NULL;
        assert_ok(bp_network_connect_with(&made, o.net, o.in, o.h, has_options ? &options : NULL));
        assert_ptr_equal(made, bp_network_find_connection(o.net, o.in, o.h));
        assert_int_equal(bp_connection_get_kind(made), BP_CONNECTION_DENSE);
        assert_false(bp_connection_is_delayed(made));
        assert_ok(bp_network_connect_with(NULL, o.net, o.h, o.out, has_options ? &options : NULL));
        assert_int_equal(bp_network_connection_count(o.net), 2);
        bp_network_destroy(o.net);
    }
}

/* As set for the network before, unless the options name another; and what is set for the network later is
 * for all. */
static void test_initial_weights(void **state)
{
    (void)state;
    open_network o = build_open();
    bp_connect_options options = default_options();
    bp_connection *first = NULL, *second = NULL;
    assert_ok(bp_network_set_weight_init(o.net, bp_weight_init_constant(2)));
    assert_ok(bp_network_connect_with(&first, o.net, o.in, o.h, &options));
    options.weight_init = bp_weight_init_constant(3);
    assert_ok(bp_network_connect_with(&second, o.net, o.h, o.out, &options));
    assert_ok(bp_network_finalize(o.net));
    assert_ok(bp_network_initialize(o.net, 1));
    bp_real weights[6];
    assert_ok(bp_connection_get_weights(first, weights, 6));
    assert_true(weights[0] == 2);
    assert_ok(bp_connection_get_weights(second, weights, 2));
    assert_true(weights[0] == 3);
    bp_network *copy = NULL;
    assert_ok(bp_network_copy(&copy, o.net));
    assert_ok(bp_network_initialize(copy, 1));
    assert_memory_equal(bp_network_weights(copy, NULL), bp_network_weights(o.net, NULL),
                        11 * sizeof(bp_real));
    bp_network_destroy(copy);
    assert_ok(bp_network_set_weight_init(o.net, bp_weight_init_constant(4)));
    assert_ok(bp_network_initialize(o.net, 1));
    assert_ok(bp_connection_get_weights(second, weights, 2));
    assert_true(weights[0] == 4);
    bp_network_destroy(o.net);
}

static void test_a_convolution(void **state)
{
    (void)state;
    open_network o = build_open();
    bp_connect_options options = default_options();
    bp_convolution kernel = two_of_three();
    options.convolution = &kernel;
    bp_connection *made = NULL;
    assert_ok(bp_network_connect_with(&made, o.net, o.in, o.h, &options));
    assert_int_equal(bp_connection_get_kind(made), BP_CONNECTION_CONVOLUTION);
    kernel.width = 9; /* the struct was copied */
    bp_convolution found;
    bp_convolution_init(&found, sizeof found);
    assert_ok(bp_connection_get_convolution(made, &found));
    assert_int_equal(found.width, 3);
    bp_network_destroy(o.net);
}

static void assert_refused(const open_network *o, const bp_connect_options *options, bp_status status,
                           const char *part)
{
    bp_connection *made = NULL;
    assert_fails(bp_network_connect_with(&made, o->net, o->in, o->h, options), status, part);
    assert_null(made);
    assert_int_equal(bp_network_connection_count(o->net), 0);
}

static void test_wrong_options(void **state)
{
    (void)state;
    open_network o = build_open();
    const unsigned char mask[] = {1, 0, 1, 0, 1, 0};
    bp_convolution kernel = two_of_three();
    bp_connect_options options = default_options();
    options.size = 0;
    assert_refused(&o, &options, BP_ERROR_ARGUMENT, "bp_connect_options.size is 0");
    options.size = offsetof(bp_connect_options, weight_init); /* without the last member of 0.2.0 */
    assert_refused(&o, &options, BP_ERROR_VERSION, "bp_connect_options.size is");
    options = default_options();
    options.delayed = 2;
    assert_refused(&o, &options, BP_ERROR_ARGUMENT,
                   "bp_network_connect_with: options.delayed is 2, it must be 0 or 1");
    options = default_options();
    options.mask = mask;
    options.mask_count = 6;
    options.convolution = &kernel;
    assert_refused(&o, &options, BP_ERROR_ARGUMENT,
                   "bp_network_connect_with: options.mask and options.convolution are both set");
    options.mask = NULL;
    assert_refused(&o, &options, BP_ERROR_ARGUMENT, "options.mask and options.convolution are both set");
    options.convolution = NULL;
    assert_refused(&o, &options, BP_ERROR_ARGUMENT, "options.mask is NULL, but options.mask_count is 6");
    options = default_options();
    options.mask = mask;
    assert_refused(&o, &options, BP_ERROR_SIZE, "'in' -> 'h': the mask has 0 flags; it needs 2 x 3");
    options = default_options();
    options.convolution = &kernel;
    kernel.size = 0;
    assert_refused(&o, &options, BP_ERROR_ARGUMENT, "bp_convolution.size is 0");
    bp_network_destroy(o.net);
}

static void test_wrong_initial_weights(void **state)
{
    (void)state;
    open_network o = build_open();
    bp_connect_options options = default_options();
    options.weight_init.kind = 99;
    assert_refused(&o, &options, BP_ERROR_ARGUMENT,
                   "bp_network_connect_with: options.weight_init: invalid weight_init kind 99");
    options = default_options();
    options.weight_init.reserved[0] = 1;
    assert_refused(&o, &options, BP_ERROR_ARGUMENT, "options.weight_init: invalid weight_init kind 0");
    options = default_options();
    options.weight_init = bp_weight_init_uniform(1, -1);
    assert_refused(&o, &options, BP_ERROR_ARGUMENT, "options.weight_init has the range 1 to -1");
    options.weight_init = bp_weight_init_constant(NAN);
    assert_refused(&o, &options, BP_ERROR_NOT_FINITE, "options.weight_init has the value nan");
    bp_network_destroy(o.net);
}

static void test_wrong_calls(void **state)
{
    (void)state;
    open_network o = build_open();
    bp_connect_options options = default_options();
    assert_fails(bp_network_connect_with(NULL, NULL, o.in, o.h, &options), BP_ERROR_ARGUMENT, "net is NULL");
    assert_fails(bp_network_connect_with(NULL, o.net, NULL, o.h, &options), BP_ERROR_ARGUMENT,
                 "from is NULL");
    assert_fails(bp_network_connect_with(NULL, o.net, o.in, NULL, &options), BP_ERROR_ARGUMENT, "to is NULL");
    assert_fails(bp_network_connect_with(NULL, o.net, o.out, o.h, &options), BP_ERROR_STRUCTURE,
                 "bp_network_connect_with: layer 'h' comes before layer 'out'");
    assert_ok(bp_network_connect(NULL, o.net, o.in, o.h));
    assert_fails(bp_network_connect_with(NULL, o.net, o.in, o.h, &options), BP_ERROR_STRUCTURE, "already");
    options.delayed = 1;
    assert_ok(bp_network_connect_with(NULL, o.net, o.in, o.h, &options));
    assert_fails(bp_network_connect_with(NULL, o.net, o.in, o.h, &options), BP_ERROR_STRUCTURE,
                 "already, delayed");
    assert_ok(bp_network_connect(NULL, o.net, o.h, o.out));
    assert_ok(bp_network_finalize(o.net));
    assert_fails(bp_network_connect_with(NULL, o.net, o.in, o.out, &options), BP_ERROR_STATE, "finalized");
    bp_network_destroy(o.net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_init),
        cmocka_unit_test(test_a_worked_case),
        cmocka_unit_test(test_defaults_are_a_plain_connection),
        cmocka_unit_test(test_initial_weights),
        cmocka_unit_test(test_a_convolution),
        cmocka_unit_test(test_wrong_options),
        cmocka_unit_test(test_wrong_initial_weights),
        cmocka_unit_test(test_wrong_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
