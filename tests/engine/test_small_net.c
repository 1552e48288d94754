/* The description of a small network that its kernels work with. */
#include "engine/small_net.h"

#include "base/memory.h"
#include "reference/worked_example.h"
#include "support/support.h"

/* 2-2-1: five units in rows 0 to 4; each layer's places begin at a multiple of SMALL_ALIGN. */
static void test_2_2_1(void **state)
{
    (void)state;
    const size_t units[] = {2, 2, 1};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_softmax()));
    small_net *small = bpi_small_create(net);
    assert_non_null(small);
    assert_int_equal(small->layer_count, 3);
    assert_int_equal(small->rows, 5);
    assert_int_equal(small->one, 3 * SMALL_ALIGN);
    assert_int_equal(small->places, 4 * SMALL_ALIGN);
    assert_int_equal(small->weight_count, 9);
    assert_int_equal(small->output_width, 1);
    const small_layer *in = &small->layers[0], *hidden = &small->layers[1], *out = &small->layers[2];
    assert_true(in->is_input && !in->is_output && !in->has_bias && in->sender_count == 0);
    assert_true(in->first == 0 && in->units == 2 && in->place == 0);
    assert_true(hidden->first == 2 && hidden->units == 2 && hidden->place == SMALL_ALIGN);
    assert_true(hidden->has_bias && hidden->bias == 4 && hidden->activation == KERNEL_TANH);
    assert_true(hidden->has_few_terms);
    assert_true(out->is_output && out->first == 4 && out->place == 2 * SMALL_ALIGN && out->bias == 8);
    assert_true(out->activation == KERNEL_SOFTMAX && !out->has_few_terms);
    bpi_release(&net->allocator, small);
    bp_network_destroy(net);
}

/* The bias comes first, from the row behind all units; w_ji of sender i stand `stride` apart. */
static void test_senders_of_the_hidden_layer(void **state)
{
    (void)state;
    const size_t units[] = {2, 3, 1};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_tanh()));
    small_net *small = bpi_small_create(net);
    assert_non_null(small);
    const small_sender *senders = small->layers[1].senders;
    assert_int_equal(small->layers[1].sender_count, 3);
    assert_true(senders[0].row == 6 && senders[0].place == small->one && senders[0].offset == 6 &&
                senders[0].stride == 1);
    assert_true(senders[1].row == 0 && senders[1].place == 0 && senders[1].offset == 0 &&
                senders[1].stride == 2);
    assert_true(senders[2].row == 1 && senders[2].place == 1 && senders[2].offset == 1 &&
                senders[2].stride == 2);
    assert_int_equal(small->layers[1].incoming_count, 1);
    assert_int_equal(small->layers[1].outgoing_count, 1);
    const small_link *up = small->layers[1].outgoing;
    assert_true(up->layer == 2 && up->first == 5 && up->units == 1 && up->offset == 9);
    bpi_release(&net->allocator, small);
    bp_network_destroy(net);
}

/* Without biases the worked example has 6 weights and no sender that is always 1. */
static void test_without_biases(void **state)
{
    (void)state;
    bp_network *net = worked_example_network();
    small_net *small = bpi_small_create(net);
    assert_non_null(small);
    assert_int_equal(small->weight_count, 6);
    for (size_t i = 1; i < 3; i++) {
        assert_false(small->layers[i].has_bias);
        assert_int_equal(small->layers[i].sender_count, 2);
        assert_true(small->layers[i].senders[0].row == small->layers[i - 1].first);
    }
    bpi_release(&net->allocator, small);
    bp_network_destroy(net);
}

/* A workspace has the description made, by the network's allocator. */
static bp_status make_workspace(void *context, const bp_allocator *allocator)
{
    (void)context;
    bp_network *net = NULL;
    bp_layer *in, *out;
    bp_workspace *workspace = NULL;
    bp_status status = test_network_create(&net, allocator);
    if (status == BP_OK)
        status = bp_network_add_input(&in, net, "in", 2);
    if (status == BP_OK)
        status = bp_network_add_layer(&out, net, "out", 1, bp_activation_tanh());
    if (status == BP_OK)
        status = bp_network_connect(NULL, net, in, out);
    if (status == BP_OK)
        status = bp_network_finalize(net);
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
        cmocka_unit_test(test_senders_of_the_hidden_layer),
        cmocka_unit_test(test_without_biases),
        cmocka_unit_test(test_memory_that_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
