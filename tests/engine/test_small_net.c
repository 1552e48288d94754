/* The description of a small network that its kernels work with. */
#include "engine/small_net.h"

#include "base/memory.h"
#include "reference/worked_example.h"
#include "support/support.h"

/* 2-2-1: five units in rows 0 to 4; each layer's slots begin at a multiple of SMALL_ALIGN. */
static void test_2_2_1(void **state)
{
    (void)state;
    const size_t units[] = {2, 2, 1};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_softmax()));
    small_net *small = bpi_small_create(net, 0);
    assert_non_null(small);
    assert_int_equal(small->layer_count, 3);
    assert_int_equal(small->rows, 5);
    assert_int_equal(small->one_slot, 3 * SMALL_ALIGN);
    assert_int_equal(small->slots, 4 * SMALL_ALIGN);
    assert_int_equal(small->weight_count, 9);
    assert_int_equal(small->output_width, 1);
    const small_layer *in = &small->layers[0], *hidden = &small->layers[1], *out = &small->layers[2];
    assert_true(in->is_input && !in->is_output && !in->has_bias && in->source_count == 0);
    assert_true(in->first_row == 0 && in->units == 2 && in->first_slot == 0);
    assert_true(hidden->first_row == 2 && hidden->units == 2 && hidden->first_slot == SMALL_ALIGN);
    assert_true(hidden->has_bias && hidden->bias_offset == 4 && hidden->activation == KERNEL_TANH);
    assert_true(hidden->has_few_terms);
    assert_true(out->is_output && out->first_row == 4 && out->first_slot == 2 * SMALL_ALIGN &&
                out->bias_offset == 8);
    assert_true(out->activation == KERNEL_SOFTMAX && !out->has_few_terms);
    bpi_release(&net->allocator, small);
    bp_network_destroy(net);
}

/* The bias comes first, from the slot of the constant 1; the weights w_ji of source i are `stride` apart. */
static void test_sources_of_the_hidden_layer(void **state)
{
    (void)state;
    const size_t units[] = {2, 3, 1};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_tanh()));
    small_net *small = bpi_small_create(net, 0);
    assert_non_null(small);
    const small_source *sources = small->layers[1].sources;
    assert_int_equal(small->layers[1].source_count, 3);
    assert_true(sources[0].slot == small->one_slot && sources[0].offset == 6 && sources[0].stride == 1);
    assert_true(sources[1].slot == 0 && sources[1].offset == 0 && sources[1].stride == 2);
    assert_true(sources[2].slot == 1 && sources[2].offset == 1 && sources[2].stride == 2);
    assert_int_equal(small->layers[1].incoming_count, 1);
    assert_int_equal(small->layers[1].outgoing_count, 1);
    const small_connection *up = small->layers[1].outgoing;
    assert_true(up->layer == 2 && up->first_row == 5 && up->units == 1 && up->offset == 9);
    bpi_release(&net->allocator, small);
    bp_network_destroy(net);
}

/* Without biases the worked example has 6 weights and no constant 1 among the sources. */
static void test_without_biases(void **state)
{
    (void)state;
    bp_network *net = worked_example_network();
    small_net *small = bpi_small_create(net, 0);
    assert_non_null(small);
    assert_int_equal(small->weight_count, 6);
    for (size_t i = 1; i < 3; i++) {
        assert_false(small->layers[i].has_bias);
        assert_int_equal(small->layers[i].source_count, 2);
        assert_true(small->layers[i].sources[0].slot == small->layers[i - 1].first_slot);
    }
    bpi_release(&net->allocator, small);
    bp_network_destroy(net);
}

/* Rows of whole vectors of 4: the bias follows three weights in the same vector, and four in its own. */
static void test_padded_rows(void **state)
{
    (void)state;
    const size_t units[] = {3, 4, 2};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_tanh()));
    small_net *small = bpi_small_create(net, 4);
    assert_non_null(small);
    const small_layer *hidden = &small->layers[1], *out = &small->layers[2];
    assert_true(small->is_padded && small->sums_over_cases && small->has_bias_vectors);
    assert_int_equal(small->weight_count, 4 * 4 + 2 * 8);
    assert_true(hidden->incoming[0].offset == 0 && hidden->incoming[0].stride == 4);
    assert_true(hidden->bias_offset == 3 && hidden->bias_stride == 4);
    assert_true(hidden->outgoing[0].offset == 16 && hidden->outgoing[0].stride == 8);
    assert_true(out->incoming[0].offset == 16 && out->incoming[0].stride == 8);
    assert_true(out->bias_offset == 20 && out->bias_stride == 8);
    bpi_release(&net->allocator, small);
    bp_network_destroy(net);
}

/* The worked example has no biases: every row is one vector, whose lanes after the weights are empty. */
static void test_padded_rows_without_biases(void **state)
{
    (void)state;
    bp_network *net = worked_example_network();
    small_net *small = bpi_small_create(net, 8);
    assert_non_null(small);
    assert_false(small->has_bias_vectors);
    assert_int_equal(small->weight_count, 3 * 8);
    bpi_release(&net->allocator, small);
    bp_network_destroy(net);
}

/* A workspace has the description made, by the network's allocator. */
static bp_status make_workspace(void *context, const bp_allocator *allocator)
{
    (void)context;
    bp_network *net = NULL;
    bp_workspace *workspace = NULL;
    bp_status status = test_layer_create(&net, allocator, 2, 1);
    if (status == BP_OK)
        status = bp_workspace_create(&workspace, net, 4);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    return status;
}

static void test_memory_that_runs_out(void **state)
{
    (void)state;
    test_each_allocation_fails(make_workspace, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_2_2_1),
        cmocka_unit_test(test_sources_of_the_hidden_layer),
        cmocka_unit_test(test_without_biases),
        cmocka_unit_test(test_padded_rows),
        cmocka_unit_test(test_padded_rows_without_biases),
        cmocka_unit_test(test_memory_that_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
