/* Finalizing: the checks of the structure, the layout of the weights, the columns and the block. */
#include "support/support.h"

#include <stdlib.h>

#include "network/network.h"

static bp_network *new_network(void)
{
    bp_network *net = NULL;
    assert_ok(bp_network_create(&net, NULL));
    return net;
}

static bp_layer *add_input(bp_network *net, const char *name, size_t units)
{
    bp_layer *layer = NULL;
    assert_ok(bp_network_add_input(&layer, net, name, units));
    return layer;
}

static bp_layer *add_layer(bp_network *net, const char *name, size_t units)
{
    bp_layer *layer = NULL;
    assert_ok(bp_network_add_layer(&layer, net, name, units, bp_activation_tanh()));
    return layer;
}

static bp_connection *join(bp_network *net, bp_layer *from, bp_layer *to)
{
    bp_connection *connection = NULL;
    assert_ok(bp_network_connect(&connection, net, from, to));
    return connection;
}

/* ----------------------------------------------------------------- checks */

static void test_finalize_refuses_null_and_a_second_time(void **state)
{
    (void)state;
    bp_network *net = new_network();
    bp_layer *input = add_input(net, "i", 1);
    join(net, input, add_layer(net, "o", 1));
    assert_fails(bp_network_finalize(NULL), BP_ERROR_ARGUMENT, "net is NULL");
    assert_ok(bp_network_finalize(net));
    assert_fails(bp_network_finalize(net), BP_ERROR_STATE, "network_finalize: the network is finalized");
    bp_network_destroy(net);
}

static void test_an_input_is_needed(void **state)
{
    (void)state;
    bp_network *net = new_network();
    assert_fails(bp_network_finalize(net), BP_ERROR_STRUCTURE, "no input layer");
    add_layer(net, "o", 1);
    assert_fails(bp_network_finalize(net), BP_ERROR_STRUCTURE, "no input layer");
    bp_network_destroy(net);
}

static void test_an_input_is_no_output(void **state)
{
    (void)state;
    bp_network *net = new_network();
    bp_layer *input = add_input(net, "i", 1), *output = add_layer(net, "o", 1);
    join(net, input, output);
    bp_layer *late = add_input(net, "late", 1);
    assert_fails(bp_network_finalize(net), BP_ERROR_STRUCTURE, "'late', is an input");
    assert_false(bp_layer_is_output(late));
    bp_network_destroy(net);
}

static void test_every_layer_must_receive_and_lead_on(void **state)
{
    (void)state;
    bp_network *net = new_network();
    bp_layer *a = add_input(net, "a", 1), *b = add_input(net, "b", 1), *c = add_layer(net, "c", 1);
    bp_layer *d = add_layer(net, "d", 1), *e = add_layer(net, "e", 1);
    join(net, a, c);
    join(net, c, e);
    assert_fails(bp_network_finalize(net), BP_ERROR_STRUCTURE, "layer 'b' does not lead to an output");
    join(net, b, e);
    assert_fails(bp_network_finalize(net), BP_ERROR_STRUCTURE, "layer 'd' receives no connection");
    join(net, c, d);
    assert_fails(bp_network_finalize(net), BP_ERROR_STRUCTURE, "layer 'd' does not lead to an output");
    assert_ok(bp_layer_set_output(d));
    /* With one output marked, the last layer no longer is one by itself. */
    assert_fails(bp_network_finalize(net), BP_ERROR_STRUCTURE, "layer 'e' does not lead to an output");
    assert_false(bp_layer_is_output(e));
    assert_ok(bp_layer_set_output(e));
    assert_ok(bp_network_finalize(net));
    bp_network_destroy(net);
}

static void test_a_failed_finalize_changes_nothing(void **state)
{
    (void)state;
    bp_network *net = new_network();
    bp_layer *i = add_input(net, "i", 2), *h = add_layer(net, "h", 3), *o = add_layer(net, "o", 1);
    bp_connection *c = join(net, i, o);
    assert_fails(bp_network_finalize(net), BP_ERROR_STRUCTURE, "'h'");
    size_t count = 7;
    assert_null(bp_network_weights(net, &count));
    assert_int_equal(count, 0);
    assert_int_equal(bp_network_input_width(net), 0);
    assert_int_equal(bp_connection_weight_count(c), 0);
    assert_false(bp_layer_is_output(o));
    join(net, i, h);
    join(net, h, o);
    assert_ok(bp_network_finalize(net));
    assert_int_equal(bp_network_input_width(net), 2);
    assert_int_equal(bp_network_output_width(net), 1);
    bp_network_destroy(net);
}

/* ----------------------------------------------------------------- layout */

static void test_last_layer_is_the_output_if_none_is_marked(void **state)
{
    (void)state;
    bp_network *net = new_network();
    bp_layer *i = add_input(net, "i", 2), *h = add_layer(net, "h", 3), *o = add_layer(net, "o", 4);
    join(net, i, h);
    join(net, h, o);
    assert_ok(bp_network_finalize(net));
    assert_true(bp_layer_is_output(o));
    assert_false(bp_layer_is_output(h));
    assert_int_equal(bp_network_output_width(net), 4);
    bp_network_destroy(net);
}

/* Two inputs, a skip, a layer without biases, an output that feeds on, connections not made in order. */
static void test_weights_are_laid_out_layer_by_layer(void **state)
{
    (void)state;
    bp_network *net = new_network();
    bp_layer *in1 = add_input(net, "in1", 2), *h1 = add_layer(net, "h1", 4), *in2 = add_input(net, "in2", 3);
    bp_layer *h2 = add_layer(net, "h2", 5), *out1 = add_layer(net, "out1", 2);
    bp_layer *out2 = add_layer(net, "out2", 1);
    bp_connection *out1_out2 = join(net, out1, out2);
    bp_connection *h1_h2 = join(net, h1, h2), *in2_h2 = join(net, in2, h2);
    bp_connection *h2_out1 = join(net, h2, out1), *in1_h1 = join(net, in1, h1);
    bp_connection *in1_out2 = join(net, in1, out2), *in1_out1 = join(net, in1, out1);
    assert_ok(bp_layer_enable_bias(h2, 0));
    assert_ok(bp_layer_set_output(out2));
    assert_ok(bp_layer_set_output(out1));
    assert_ok(bp_network_finalize(net));

    assert_int_equal(bp_connection_offset(in1_h1), 0);  /* 4 x 2 */
    assert_int_equal(bp_layer_bias_offset(h1), 8);      /* 4 */
    assert_int_equal(bp_connection_offset(h1_h2), 12);  /* 5 x 4 */
    assert_int_equal(bp_connection_offset(in2_h2), 32); /* 5 x 3 */
    assert_int_equal(bp_layer_bias_offset(h2), 47);     /* none */
    assert_int_equal(bp_layer_bias_count(h2), 0);
    assert_int_equal(bp_connection_offset(h2_out1), 47);   /* 2 x 5 */
    assert_int_equal(bp_connection_offset(in1_out1), 57);  /* 2 x 2 */
    assert_int_equal(bp_layer_bias_offset(out1), 61);      /* 2 */
    assert_int_equal(bp_connection_offset(out1_out2), 63); /* 1 x 2 */
    assert_int_equal(bp_connection_offset(in1_out2), 65);  /* 1 x 2 */
    assert_int_equal(bp_layer_bias_offset(out2), 67);      /* 1 */
    assert_int_equal(bp_connection_weight_count(in2_h2), 15);
    assert_int_equal(bp_layer_bias_count(out1), 2);
    assert_int_equal(bp_layer_bias_count(in1), 0);
    size_t count = 0;
    const bp_real *weights = bp_network_weights(net, &count);
    assert_int_equal(count, 68);
    assert_int_equal((uintptr_t)weights % 64, 0);
    for (size_t i = 0; i < count; i++)
        assert_true(weights[i] == 0);

    assert_int_equal(bp_network_input_width(net), 5);
    assert_int_equal(in1->column, 0);
    assert_int_equal(in2->column, 2);
    assert_int_equal(bp_network_output_width(net), 3);
    assert_int_equal(out2->output_column, 0);
    assert_int_equal(out1->output_column, 1);
    bp_network_destroy(net);
}

static size_t block_of(size_t inputs, size_t outputs)
{
    bp_network *net = new_network();
    bp_layer *input = add_input(net, "i", inputs);
    join(net, input, add_layer(net, "o", outputs));
    assert_ok(bp_network_finalize(net));
    size_t cases = net->block_cases;
    bp_network_destroy(net);
    return cases;
}

static void test_block_is_fixed_by_the_number_of_units(void **state)
{
    (void)state;
    assert_int_equal(block_of(2, 1), 256);
    assert_int_equal(block_of(8191, 1), 256); /* 256 * 8192 = 2^21 */
    assert_int_equal(block_of(8192, 1), 128);
    assert_int_equal(block_of(16383, 1), 128);
    assert_int_equal(block_of(16384, 1), 64);
    assert_int_equal(block_of(131071, 1), 16);
    assert_int_equal(block_of(800000, 1), 16);
}

/* ------------------------------------------------------------- great sizes */

static bp_status finalize_of(size_t inputs, size_t hidden, size_t outputs, const bp_allocator *allocator)
{
    bp_network *net = NULL;
    assert_ok(test_network_create(&net, allocator));
    bp_layer *i = add_input(net, "i", inputs), *h = add_layer(net, "h", hidden);
    bp_layer *o = add_layer(net, "o", outputs);
    join(net, i, h);
    join(net, h, o);
    bp_status status = bp_network_finalize(net);
    assert_null(bp_network_weights(net, NULL));
    bp_network_destroy(net);
    return status;
}

static void test_sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    const size_t half = SIZE_MAX / 2, root = (size_t)1 << 16;
    assert_fails(finalize_of(half, 1, 1, NULL), BP_ERROR_OVERFLOW, "layer 'i'");
    assert_fails(finalize_of(SIZE_MAX, 1, 1, NULL), BP_ERROR_OVERFLOW, "layer 'i'");
    assert_fails(finalize_of(1, half, 1, NULL), BP_ERROR_OVERFLOW, "layer 'h'");
    assert_fails(finalize_of(1, SIZE_MAX, 1, NULL), BP_ERROR_OVERFLOW, "layer 'h'");
    assert_fails(finalize_of(1, 1, half, NULL), BP_ERROR_OVERFLOW, "layer 'o'");
    if (sizeof(size_t) > 4)
        return; /* the bound of the units is met first */
    assert_fails(finalize_of(root, root, 1, NULL), BP_ERROR_OVERFLOW, "layer 'h'");
    assert_fails(finalize_of(1, root, root, NULL), BP_ERROR_OVERFLOW, "layer 'o'");
    /* The product fits, but not in bytes; each part fits, but not their sum. */
    assert_fails(finalize_of(1, root, root / 2, NULL), BP_ERROR_OVERFLOW, "layer 'o'");
    assert_fails(finalize_of(root / 2 - 1, root, root / 2 - 1, NULL), BP_ERROR_OVERFLOW, "layer 'h'");
}

/* Weights would not show it: kernels and masks may pass over units. On 32 bits less will do. */
static void test_units_are_bounded_in_all(void **state)
{
    (void)state;
    const size_t most = (size_t)1 << 28;
    assert_fails(finalize_of(most, 1, 1, NULL), BP_ERROR_OVERFLOW,
                 sizeof most == 4 ? "layer 'i'" : "layer 'h'");
    assert_fails(finalize_of(most + 1, 1, 1, NULL), BP_ERROR_OVERFLOW, "layer 'i'");
    assert_fails(finalize_of(1, most - 1, 1, NULL), BP_ERROR_OVERFLOW,
                 sizeof most == 4 ? "layer 'h'" : "layer 'o'");
    assert_fails(finalize_of(1, 1, most, NULL), BP_ERROR_OVERFLOW, "layer 'o'");
}

static void *allocate_little(void *context, size_t size)
{
    (void)context;
    return size > (1u << 20) ? NULL : malloc(size);
}

static void release(void *context, void *memory)
{
    (void)context;
    free(memory);
}

static void test_sizes_beyond_memory_are_refused(void **state)
{
    (void)state;
    const bp_allocator little = {allocate_little, release, NULL};
    assert_fails(finalize_of(10000, 10000, 1, &little), BP_ERROR_MEMORY, "100020001 weights");
}

/* The default output needs room in a list, the weights need theirs. */
static bp_status build(void *context, const bp_allocator *allocator)
{
    (void)context;
    bp_network *net = NULL;
    bp_layer *i = NULL, *o = NULL;
    bp_status status = test_network_create(&net, allocator);
    if (status == BP_OK)
        status = bp_network_add_input(&i, net, NULL, 2);
    if (status == BP_OK)
        status = bp_network_add_layer(&o, net, NULL, 3, bp_activation_logistic());
    if (status == BP_OK)
        status = bp_network_connect(NULL, net, i, o);
    if (status == BP_OK) {
        status = bp_network_finalize(net);
        assert_int_equal(bp_layer_is_output(o), status == BP_OK);
        assert_true((bp_network_weights(net, NULL) != NULL) == (status == BP_OK));
        if (status != BP_OK)
            assert_ok(bp_network_finalize(net));
    }
    bp_network_destroy(net);
    return status;
}

static void test_finalize_survives_each_failing_allocation(void **state)
{
    (void)state;
    test_each_allocation_fails(build, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finalize_refuses_null_and_a_second_time),
        cmocka_unit_test(test_an_input_is_needed),
        cmocka_unit_test(test_an_input_is_no_output),
        cmocka_unit_test(test_every_layer_must_receive_and_lead_on),
        cmocka_unit_test(test_a_failed_finalize_changes_nothing),
        cmocka_unit_test(test_last_layer_is_the_output_if_none_is_marked),
        cmocka_unit_test(test_weights_are_laid_out_layer_by_layer),
        cmocka_unit_test(test_block_is_fixed_by_the_number_of_units),
        cmocka_unit_test(test_sizes_that_overflow_are_refused),
        cmocka_unit_test(test_units_are_bounded_in_all),
        cmocka_unit_test(test_sizes_beyond_memory_are_refused),
        cmocka_unit_test(test_finalize_survives_each_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
