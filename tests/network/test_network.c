/* Creating, destroying and looking at networks. */
#include "support/support.h"

#include <string.h>

#include "network/network.h"
#include "network/require.h"

static void square(void *context, const bp_real *x, bp_real *y, size_t count)
{
    (void)context;
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] * x[i];
}

static void square_slope(void *context, const bp_real *x, const bp_real *y, bp_real *slope, size_t count)
{
    (void)context;
    (void)y;
    for (size_t i = 0; i < count; i++)
        slope[i] = 2 * x[i];
}

static bp_network_options default_options(void)
{
    bp_network_options options;
    bp_network_options_init(&options, sizeof options);
    return options;
}

/* ---------------------------------------------------------------- options */

static void test_options_init_clears_all_but_size(void **state)
{
    (void)state;
    bp_network_options options;
    memset(&options, 0xff, sizeof options);
    bp_network_options_init(&options, sizeof options);
    assert_int_equal(options.size, sizeof options);
    assert_null(options.allocator.allocate);
    assert_null(options.allocator.release);
    assert_null(options.isa);
    assert_null(options.activations);
    assert_int_equal(options.activation_count, 0);
    bp_network_options_init(NULL, sizeof options);
}

static void test_options_init_keeps_within_a_small_size(void **state)
{
    (void)state;
    bp_network_options options = default_options();
    options.isa = "portable";
    bp_network_options_init(&options, sizeof options.size);
    assert_int_equal(options.size, sizeof options.size);
    assert_string_equal(options.isa, "portable");
    bp_network_options_init(&options, 1);
    assert_int_equal(options.size, sizeof options.size);
}

static void test_create_refuses_bad_options(void **state)
{
    (void)state;
    bp_network *net = NULL;
    bp_network_options options = default_options();
    assert_fails(bp_network_create(NULL, &options), BP_ERROR_ARGUMENT, "out is NULL");
    options.size = 0;
    assert_fails(bp_network_create(&net, &options), BP_ERROR_ARGUMENT, "bp_network_options_init");
    options.size = sizeof options - 1;
    assert_fails(bp_network_create(&net, &options), BP_ERROR_VERSION, "bp_network_options.size");
    options = default_options();
    test_memory memory;
    options.allocator = test_allocator(&memory, SIZE_MAX);
    options.allocator.release = NULL;
    assert_fails(bp_network_create(&net, &options), BP_ERROR_ARGUMENT,
                 "bp_network_create: allocator.release");
    options = default_options();
    options.isa = "abacus";
    assert_fails(bp_network_create(&net, &options), BP_ERROR_UNSUPPORTED, "abacus");
    options = default_options();
    options.activation_count = 1;
    assert_fails(bp_network_create(&net, &options), BP_ERROR_ARGUMENT, "options.activations is NULL");
    assert_null(net);
}

static void test_create_refuses_bad_activations(void **state)
{
    (void)state;
    bp_network *net = NULL;
    bp_activation table[2] = {bp_activation_custom("square", square, square_slope, NULL),
                              bp_activation_custom("square", square, square_slope, NULL)};
    bp_network_options options = default_options();
    options.activations = table;
    options.activation_count = 2;
    assert_fails(bp_network_create(&net, &options), BP_ERROR_NAME, "options.activations[1]");
    table[1] = bp_activation_custom("other", square, NULL, NULL);
    assert_fails(bp_network_create(&net, &options), BP_ERROR_ARGUMENT, "options.activations[1]");
    table[1] = bp_activation_tanh();
    assert_fails(bp_network_create(&net, &options), BP_ERROR_ARGUMENT, "options.activations[1] is built in");
    table[0] = (bp_activation){0};
    assert_fails(bp_network_create(&net, &options), BP_ERROR_ARGUMENT, "options.activations[0]");
    assert_null(net);
}

static void test_create_copies_the_table_of_activations(void **state)
{
    (void)state;
    char name[] = "square";
    bp_activation table[1] = {bp_activation_custom(name, square, square_slope, NULL)};
    bp_network_options options = default_options();
    options.activations = table;
    options.activation_count = 1;
    bp_network *net = NULL;
    assert_ok(bp_network_create(&net, &options));
    memset(name, 'x', sizeof name - 1);
    memset(table, 0, sizeof table);
    assert_int_equal(net->registered_activation_count, 1);
    assert_string_equal(net->registered_activations[0].name, "square");
    assert_ptr_equal(net->registered_activations[0].function, square);
    bp_network_destroy(net);
}

static void test_isa_is_named(void **state)
{
    (void)state;
    bp_network_options options = default_options();
    options.isa = "portable";
    bp_network *net = NULL;
    assert_ok(bp_network_create(&net, &options));
    assert_string_equal(bp_network_isa(net), "portable");
    bp_network_destroy(net);
    assert_ok(bp_network_create(&net, NULL));
    assert_true(strlen(bp_network_isa(net)) > 0);
    bp_network_destroy(net);
}

static bp_status create_and_destroy(void *context, const bp_allocator *allocator)
{
    bp_network_options options = *(const bp_network_options *)context;
    options.allocator = *allocator;
    bp_network *net = NULL;
    bp_status status = bp_network_create(&net, &options);
    assert_true((net != NULL) == (status == BP_OK));
    if (status == BP_OK)
        assert_true(((test_memory *)allocator->context)->live > 0);
    bp_network_destroy(net);
    return status;
}

static void test_create_survives_each_failing_allocation(void **state)
{
    (void)state;
    bp_activation table[2] = {bp_activation_custom("square", square, square_slope, NULL),
                              bp_activation_custom("again", square, square_slope, NULL)};
    bp_network_options options = default_options();
    options.activations = table;
    options.activation_count = 2;
    test_each_allocation_fails(create_and_destroy, &options);
}

/* --------------------------------------------------------- layered networks */

static void test_layered_is_a_finalized_chain(void **state)
{
    (void)state;
    const size_t units[] = {3, 5, 4, 2};
    const char *names[] = {"input", "hidden1", "hidden2", "output"};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 4, bp_activation_tanh(), bp_activation_softmax()));
    assert_int_equal(bp_network_layer_count(net), 4);
    assert_int_equal(bp_network_connection_count(net), 3);
    assert_int_equal(bp_network_input_width(net), 3);
    assert_int_equal(bp_network_output_width(net), 2);
    for (size_t i = 0; i < 4; i++) {
        const bp_layer *layer = bp_network_layer(net, i);
        assert_string_equal(bp_layer_name(layer), names[i]);
        assert_int_equal(bp_layer_units(layer), units[i]);
        assert_int_equal(bp_layer_index(layer), i);
        assert_int_equal(bp_layer_is_input(layer), i == 0);
        assert_int_equal(bp_layer_is_output(layer), i == 3);
        assert_int_equal(bp_layer_has_bias(layer), i > 0);
        assert_ptr_equal(bp_network_find_layer(net, names[i]), layer);
    }
    for (size_t i = 0; i < 3; i++) {
        bp_connection *connection = bp_network_connection(net, i);
        assert_ptr_equal(bp_connection_from(connection), bp_network_layer(net, i));
        assert_ptr_equal(bp_connection_to(connection), bp_network_layer(net, i + 1));
    }
    size_t count = 0;
    assert_non_null(bp_network_weights(net, &count));
    assert_int_equal(count, 3 * 5 + 5 + 5 * 4 + 4 + 4 * 2 + 2);
    bp_activation hidden = bp_layer_activation(bp_network_layer(net, 2));
    bp_activation output = bp_layer_activation(bp_network_layer(net, 3));
    assert_string_equal(bp_activation_name(&hidden), "tanh");
    assert_string_equal(bp_activation_name(&output), "softmax");
    bp_network_destroy(net);
}

static void test_layered_without_hidden_layer(void **state)
{
    (void)state;
    const size_t units[] = {1, 1};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_relu(), bp_activation_linear()));
    assert_string_equal(bp_layer_name(bp_network_layer(net, 1)), "output");
    bp_activation output = bp_layer_activation(bp_network_layer(net, 1));
    assert_string_equal(bp_activation_name(&output), "linear");
    bp_network_destroy(net);
}

static void test_layered_refuses_bad_arguments(void **state)
{
    (void)state;
    bp_activation f = bp_activation_logistic(), none = {0};
    const size_t units[] = {2, 3, 1}, hole[] = {2, 0, 1}, huge[] = {SIZE_MAX / 2, SIZE_MAX / 2, 1};
    bp_network *net = NULL;
    assert_fails(bp_network_create_layered(NULL, units, 3, f, f), BP_ERROR_ARGUMENT, "out is NULL");
    assert_fails(bp_network_create_layered(&net, NULL, 3, f, f), BP_ERROR_ARGUMENT, "units is NULL");
    assert_fails(bp_network_create_layered(&net, units, 1, f, f), BP_ERROR_ARGUMENT, "layers is 1");
    assert_fails(bp_network_create_layered(&net, units, 0, f, f), BP_ERROR_ARGUMENT, "layers is 0");
    assert_fails(bp_network_create_layered(&net, hole, 3, f, f), BP_ERROR_ARGUMENT, "units[1] is 0");
    assert_fails(bp_network_create_layered(&net, units, 3, none, f), BP_ERROR_ARGUMENT, "hidden: ");
    assert_fails(bp_network_create_layered(&net, units, 3, f, none), BP_ERROR_ARGUMENT, "output: ");
    assert_fails(bp_network_create_layered(&net, huge, 3, f, f), BP_ERROR_OVERFLOW, "'input'");
    assert_null(net);
}

/* ------------------------------------------------------------------ looking */

static void test_looking_takes_anything(void **state)
{
    (void)state;
    bp_network *net = NULL, *other = NULL;
    const size_t units[] = {2, 2, 1};
    bp_activation f = bp_activation_logistic();
    assert_ok(bp_network_create_layered(&net, units, 3, f, f));
    assert_ok(bp_network_create_layered(&other, units, 3, f, f));
    bp_layer *input = bp_network_layer(net, 0), *hidden = bp_network_layer(net, 1);
    bp_layer *output = bp_network_layer(net, 2);

    assert_int_equal(bp_network_layer_count(NULL), 0);
    assert_int_equal(bp_network_connection_count(NULL), 0);
    assert_int_equal(bp_network_input_width(NULL), 0);
    assert_int_equal(bp_network_output_width(NULL), 0);
    assert_null(bp_network_isa(NULL));
    assert_null(bp_network_layer(NULL, 0));
    assert_null(bp_network_layer(net, 3));
    assert_null(bp_network_layer(net, SIZE_MAX));
    assert_null(bp_network_connection(NULL, 0));
    assert_null(bp_network_connection(net, 2));
    assert_null(bp_network_find_layer(NULL, "input"));
    assert_null(bp_network_find_layer(net, NULL));
    assert_null(bp_network_find_layer(net, "Input"));
    assert_ptr_equal(bp_network_find_connection(net, hidden, output), bp_network_connection(net, 1));
    assert_null(bp_network_find_connection(net, output, hidden));
    assert_null(bp_network_find_connection(net, input, output));
    assert_null(bp_network_find_connection(NULL, input, hidden));
    assert_null(bp_network_find_connection(net, NULL, hidden));
    assert_null(bp_network_find_connection(net, input, NULL));
    assert_null(bp_network_find_connection(other, input, hidden));
    bp_network_destroy(net);
    bp_network_destroy(other);
    bp_network_destroy(NULL);
}

static void test_states_are_distinguished(void **state)
{
    (void)state;
    bp_network *net = NULL;
    bp_layer *input = NULL, *output = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_fails(bpi_require_finalized("f", net), BP_ERROR_STATE, "f: the network is not finalized");
    assert_fails(bpi_require_ready("f", net), BP_ERROR_STATE, "not finalized");
    assert_ok(bpi_require_unfinalized("f", net));
    assert_int_equal(bp_network_input_width(net), 0);
    assert_ok(bp_network_add_input(&input, net, NULL, 1));
    assert_ok(bp_network_add_layer(&output, net, NULL, 1, bp_activation_linear()));
    assert_ok(bp_network_connect(NULL, net, input, output));
    assert_int_equal(bp_network_input_width(net), 0);
    assert_int_equal(bp_network_output_width(net), 0);
    assert_ok(bp_network_finalize(net));
    assert_ok(bpi_require_finalized("f", net));
    assert_fails(bpi_require_ready("f", net), BP_ERROR_STATE, "weights have never been set");
    assert_fails(bpi_require_unfinalized("f", net), BP_ERROR_STATE, "f: the network is finalized");
    assert_ok(bp_network_initialize(net, 1));
    assert_ok(bpi_require_ready("f", net));
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_init_clears_all_but_size),
        cmocka_unit_test(test_options_init_keeps_within_a_small_size),
        cmocka_unit_test(test_create_refuses_bad_options),
        cmocka_unit_test(test_create_refuses_bad_activations),
        cmocka_unit_test(test_create_copies_the_table_of_activations),
        cmocka_unit_test(test_isa_is_named),
        cmocka_unit_test(test_create_survives_each_failing_allocation),
        cmocka_unit_test(test_layered_is_a_finalized_chain),
        cmocka_unit_test(test_layered_without_hidden_layer),
        cmocka_unit_test(test_layered_refuses_bad_arguments),
        cmocka_unit_test(test_looking_takes_anything),
        cmocka_unit_test(test_states_are_distinguished),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
