/* Connecting layers. */
#include "support/connect.h"
#include "support/support.h"

#include "network/network.h"

/* Two inputs and three further layers. */
typedef struct layers {
    bp_network *net;
    bp_layer *a, *b, *c, *d, *e;
} layers;

static bp_status add_layers(layers *made, const bp_network_options *options)
{
    bp_activation f = bp_activation_logistic();
    *made = (layers){0};
    bp_status status = bp_network_create(&made->net, options);
    if (status == BP_OK)
        status = bp_network_add_input(&made->a, made->net, "a", 2);
    if (status == BP_OK)
        status = bp_network_add_input(&made->b, made->net, "b", 3);
    if (status == BP_OK)
        status = bp_network_add_layer(&made->c, made->net, "c", 4, f);
    if (status == BP_OK)
        status = bp_network_add_layer(&made->d, made->net, "d", 5, f);
    if (status == BP_OK)
        status = bp_network_add_layer(&made->e, made->net, "e", 1, f);
    return status;
}

static int setup(void **state)
{
    static layers made;
    assert_ok(add_layers(&made, NULL));
    *state = &made;
    return 0;
}

static int teardown(void **state)
{
    bp_network_destroy(((layers *)*state)->net);
    return 0;
}

static void test_connections_are_kept_in_order(void **state)
{
    layers *l = *state;
    bp_connection *first = NULL, *second = NULL, *third = NULL;
    assert_ok(bp_network_connect(&first, l->net, l->b, l->e));
    assert_ok(bp_network_connect(&second, l->net, l->a, l->e));
    assert_ok(bp_network_connect(&third, l->net, l->a, l->c));
    assert_int_equal(bp_network_connection_count(l->net), 3);
    assert_ptr_equal(bp_network_connection(l->net, 0), first);
    assert_ptr_equal(bp_network_connection(l->net, 1), second);
    assert_ptr_equal(bp_network_connection(l->net, 2), third);
    assert_ptr_equal(bp_connection_from(first), l->b);
    assert_ptr_equal(bp_connection_to(first), l->e);
    assert_int_equal(second->index, 1);
    assert_int_equal(l->e->incoming_count, 2);
    assert_ptr_equal(l->e->incoming[0], first);
    assert_ptr_equal(l->e->incoming[1], second);
    assert_int_equal(l->a->outgoing_count, 2);
    assert_ptr_equal(l->a->outgoing[0], second);
    assert_ptr_equal(l->a->outgoing[1], third);
    assert_ptr_equal(bp_network_find_connection(l->net, l->a, l->e), second);
}

static void test_connect_refuses_null(void **state)
{
    layers *l = *state;
    assert_fails(bp_network_connect(NULL, NULL, l->a, l->c), BP_ERROR_ARGUMENT, "net is NULL");
    assert_fails(bp_network_connect(NULL, l->net, NULL, l->c), BP_ERROR_ARGUMENT, "from is NULL");
    assert_fails(bp_network_connect(NULL, l->net, l->a, NULL), BP_ERROR_ARGUMENT, "to is NULL");
}

static void test_connect_refuses_what_is_no_structure(void **state)
{
    layers *l = *state;
    bp_connection *connection = NULL;
    layers other;
    assert_ok(add_layers(&other, NULL));
    assert_fails(
        bp_network_connect(&connection, l->net, l->d, l->c), BP_ERROR_STRUCTURE,
        "network_connect: layer 'c' comes before layer 'd'; a connection to the next time step is made "
        "by bp_network_connect_with, options.delayed");
    assert_fails(bp_network_connect(&connection, l->net, l->d, l->d), BP_ERROR_STRUCTURE, "'d' cannot be");
    assert_fails(bp_network_connect(&connection, l->net, l->a, l->b), BP_ERROR_STRUCTURE, "'b' is an input");
    assert_fails(bp_network_connect(&connection, l->net, other.a, l->c), BP_ERROR_STRUCTURE,
                 "layer 'a' belongs to another network");
    assert_fails(bp_network_connect(&connection, l->net, l->a, other.c), BP_ERROR_STRUCTURE,
                 "layer 'c' belongs to another network");
    assert_fails(bp_network_connect(&connection, other.net, l->a, l->c), BP_ERROR_STRUCTURE,
                 "another network");
    assert_null(connection);
    assert_ok(bp_network_connect(&connection, l->net, l->a, l->c));
    bp_connection *again = NULL;
    assert_fails(bp_network_connect(&again, l->net, l->a, l->c), BP_ERROR_STRUCTURE,
                 "layer 'a' is connected to layer 'c' already");
    assert_null(again);
    assert_int_equal(bp_network_connection_count(l->net), 1);
    assert_int_equal(l->a->outgoing_count, 1);
    assert_int_equal(l->c->incoming_count, 1);
    bp_network_destroy(other.net);
}

static void test_connect_refuses_a_finalized_network(void **state)
{
    layers *l = *state;
    assert_ok(bp_network_connect(NULL, l->net, l->a, l->c));
    assert_ok(bp_network_connect(NULL, l->net, l->b, l->d));
    assert_ok(bp_network_connect(NULL, l->net, l->c, l->e));
    assert_ok(bp_network_connect(NULL, l->net, l->d, l->e));
    assert_ok(bp_network_finalize(l->net));
    assert_fails(bp_network_connect(NULL, l->net, l->a, l->e), BP_ERROR_STATE, "finalized");
}

static void test_sizes_are_known_once_finalized(void **state)
{
    layers *l = *state;
    bp_connection *c = NULL;
    assert_ok(bp_network_connect(&c, l->net, l->a, l->c));
    assert_int_equal(bp_connection_weight_count(c), 0);
    assert_int_equal(bp_connection_offset(c), 0);
    assert_int_equal(bp_layer_bias_count(l->c), 0);
    assert_ok(bp_network_connect(&c, l->net, l->b, l->c));
    assert_ok(bp_network_connect(NULL, l->net, l->c, l->d));
    assert_ok(bp_network_connect(NULL, l->net, l->d, l->e));
    assert_ok(bp_network_finalize(l->net));
    assert_int_equal(bp_connection_weight_count(c), 4 * 3);
    assert_int_equal(bp_connection_offset(c), 4 * 2);
    assert_int_equal(bp_layer_bias_count(l->c), 4);
    assert_int_equal(bp_layer_bias_offset(l->c), 4 * 2 + 4 * 3);
}

static void test_looking_takes_null(void **state)
{
    (void)state;
    assert_null(bp_connection_from(NULL));
    assert_null(bp_connection_to(NULL));
    assert_int_equal(bp_connection_offset(NULL), 0);
    assert_int_equal(bp_connection_weight_count(NULL), 0);
}

/* Every pair connected: each list of connections has to grow. */
static bp_status connect_all(void *context, const bp_allocator *allocator)
{
    (void)context;
    enum { LAYERS = 7 };
    bp_network *net = NULL;
    bp_layer *layer[LAYERS];
    bp_status status = test_network_create(&net, allocator);
    for (size_t i = 0; status == BP_OK && i < LAYERS; i++)
        status = i == 0 ? bp_network_add_input(&layer[i], net, NULL, 1)
                        : bp_network_add_layer(&layer[i], net, NULL, 1, bp_activation_tanh());
    for (size_t to = 1; status == BP_OK && to < LAYERS; to++)
        for (size_t from = 0; status == BP_OK && from < to; from++) {
            size_t before = bp_network_connection_count(net);
            status = bp_network_connect(NULL, net, layer[from], layer[to]);
            assert_int_equal(bp_network_connection_count(net), before + (status == BP_OK));
            assert_true((bp_network_find_connection(net, layer[from], layer[to]) != NULL) ==
                        (status == BP_OK));
        }
    bp_network_destroy(net);
    return status;
}

static void test_connecting_survives_each_failing_allocation(void **state)
{
    (void)state;
    test_each_allocation_fails(connect_all, NULL);
}

/* ------------------------------------------------------------ to the next time step */

static void test_delayed_connections_run_anywhere(void **state)
{
    layers *l = *state;
    bp_connection *down = NULL, *self = NULL, *up = NULL, *at_once = NULL;
    assert_ok(connect_delayed(&down, l->net, l->d, l->c));
    assert_ok(connect_delayed(&self, l->net, l->d, l->d));
    assert_ok(connect_delayed(&up, l->net, l->a, l->c));
    assert_ok(bp_network_connect(&at_once, l->net, l->a, l->c));
    assert_ok(connect_delayed(NULL, l->net, l->c, l->d));
    assert_int_equal(bp_network_connection_count(l->net), 5);
    assert_ptr_equal(bp_network_connection(l->net, 1), self);
    assert_ptr_equal(bp_connection_from(down), l->d);
    assert_ptr_equal(bp_connection_to(down), l->c);
    assert_true(bp_connection_is_delayed(up));
    assert_false(bp_connection_is_delayed(at_once));
    assert_false(bp_connection_is_delayed(NULL));
    assert_ptr_equal(bp_network_find_connection(l->net, l->a, l->c), at_once);
    assert_ptr_equal(bp_network_find_delayed_connection(l->net, l->a, l->c), up);
    assert_null(bp_network_find_connection(l->net, l->d, l->c));
    assert_null(bp_network_find_delayed_connection(l->net, l->a, l->d));
    assert_null(bp_network_find_delayed_connection(NULL, l->a, l->d));
}

static void test_connect_delayed_refuses_what_does_not_fit(void **state)
{
    layers *l = *state;
    layers other;
    bp_connection *connection = NULL;
    assert_ok(add_layers(&other, NULL));
    assert_fails(connect_delayed(NULL, NULL, l->a, l->c), BP_ERROR_ARGUMENT, "net is NULL");
    assert_fails(connect_delayed(NULL, l->net, NULL, l->c), BP_ERROR_ARGUMENT, "from is NULL");
    assert_fails(connect_delayed(NULL, l->net, l->a, NULL), BP_ERROR_ARGUMENT, "to is NULL");
    assert_fails(connect_delayed(&connection, l->net, l->c, l->a), BP_ERROR_STRUCTURE,
                 "network_connect_with: layer 'a' is an input");
    assert_fails(connect_delayed(&connection, l->net, other.c, l->c), BP_ERROR_STRUCTURE,
                 "layer 'c' belongs to another network");
    assert_ok(connect_delayed(NULL, l->net, l->c, l->c));
    assert_fails(connect_delayed(&connection, l->net, l->c, l->c), BP_ERROR_STRUCTURE,
                 "layer 'c' is connected to layer 'c' already, delayed");
    assert_null(connection);
    assert_ok(bp_network_connect(NULL, l->net, l->a, l->c));
    assert_ok(bp_network_connect(NULL, l->net, l->b, l->c));
    assert_ok(bp_network_connect(NULL, l->net, l->c, l->d));
    assert_ok(bp_network_connect(NULL, l->net, l->d, l->e));
    assert_ok(bp_network_finalize(l->net));
    assert_fails(connect_delayed(&connection, l->net, l->d, l->d), BP_ERROR_STATE, "finalized");
    bp_network_destroy(other.net);
}

#define WITH_LAYERS(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_LAYERS(test_connections_are_kept_in_order),
        WITH_LAYERS(test_connect_refuses_null),
        WITH_LAYERS(test_connect_refuses_what_is_no_structure),
        WITH_LAYERS(test_connect_refuses_a_finalized_network),
        WITH_LAYERS(test_sizes_are_known_once_finalized),
        WITH_LAYERS(test_delayed_connections_run_anywhere),
        WITH_LAYERS(test_connect_delayed_refuses_what_does_not_fit),
        cmocka_unit_test(test_looking_takes_null),
        cmocka_unit_test(test_connecting_survives_each_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
