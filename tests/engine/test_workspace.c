/* Workspaces: their making, their memory, and how they grow. */
#include "support/support.h"

#include "base/memory.h"
#include "engine/workspace.h"

enum { CASES = 40, WIDTH = 5, TARGETS = 2 };

/* Two inputs of 2 and 3 units, one hidden layer, one output; weighted, strided cases. */
typedef struct fixture {
    bp_network *net;
    bp_workspace *workspace;
    bp_real inputs[CASES * (WIDTH + 1)], targets[CASES * TARGETS], weights[CASES];
    bp_data data;
} fixture;

static bp_network *build(const bp_allocator *allocator)
{
    bp_network *net = NULL;
    bp_layer *a, *b, *hidden, *output;
    assert_ok(test_network_create(&net, allocator));
    assert_ok(bp_network_add_input(&a, net, "a", 2));
    assert_ok(bp_network_add_input(&b, net, "b", 3));
    assert_ok(bp_network_add_layer(&hidden, net, "hidden", 7, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&output, net, "output", TARGETS, bp_activation_softmax()));
    assert_ok(bp_network_connect(NULL, net, a, hidden));
    assert_ok(bp_network_connect(NULL, net, b, hidden));
    assert_ok(bp_network_connect(NULL, net, hidden, output));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, 1));
    return net;
}

static int setup(void **state)
{
    static fixture f;
    uint64_t seed = 3;
    f = (fixture){.net = build(NULL)};
    for (size_t i = 0; i < sizeof f.inputs / sizeof f.inputs[0]; i++)
        f.inputs[i] = (bp_real)test_uniform(&seed, -1, 1);
    for (size_t i = 0; i < CASES; i++) {
        f.targets[i * TARGETS] = (bp_real)test_uniform(&seed, 0, 1);
        f.targets[i * TARGETS + 1] = 1 - f.targets[i * TARGETS];
        f.weights[i] = (bp_real)i;
    }
    f.data = bp_data_view(CASES, f.inputs, WIDTH, f.targets, TARGETS);
    f.data.input_stride = WIDTH + 1;
    f.data.case_weights = f.weights;
    assert_ok(bp_workspace_create(&f.workspace, f.net, CASES));
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    bp_workspace_destroy(f->workspace);
    bp_network_destroy(f->net);
    return 0;
}

/* ---------------------------------------------------------------------- making */

static void test_misuse(void **state)
{
    fixture *f = *state;
    bp_workspace *made = NULL;
    bp_network *open = NULL;
    assert_fails(bp_workspace_create(NULL, f->net, 1), BP_ERROR_ARGUMENT, "workspace_create: out is NULL");
    assert_fails(bp_workspace_create(&made, NULL, 1), BP_ERROR_ARGUMENT, "net is NULL");
    assert_fails(bp_workspace_create(&made, f->net, 0), BP_ERROR_ARGUMENT, "max_cases is 0");
    assert_ok(bp_network_create(&open, NULL));
    assert_fails(bp_workspace_create(&made, open, 1), BP_ERROR_STATE, "workspace_create");
    bp_network_destroy(open);
    assert_null(made);
    bp_workspace_destroy(NULL);
    assert_int_equal(bp_workspace_block_cases(NULL), 0);
}

static void test_blocks_are_as_asked_up_to_the_networks(void **state)
{
    fixture *f = *state;
    const size_t asked[] = {1, 2, 7, f->net->block_cases, f->net->block_cases + 1, SIZE_MAX};
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        bp_workspace *workspace = NULL;
        assert_ok(bp_workspace_create(&workspace, f->net, asked[i]));
        size_t got = bp_workspace_block_cases(workspace);
        assert_true(got >= asked[i] || got == f->net->block_cases);
        assert_true(got <= f->net->block_cases);
        bp_workspace_destroy(workspace);
    }
}

static bp_status make_and_use(void *context, const bp_allocator *allocator)
{
    fixture *f = context;
    bp_real gradient[100], outputs[CASES * TARGETS];
    bp_workspace *workspace = NULL;
    /* Only what the workspace asks for may fail: the network is made before. */
    test_memory *memory = allocator->context;
    size_t fail_at = memory->fail_at;
    memory->fail_at = SIZE_MAX;
    bp_network *net = build(allocator);
    memory->fail_at = fail_at;
    memory->calls = 0;
    bp_status status = bp_workspace_create(&workspace, net, 5);
    if (status == BP_OK) {
        status = bp_network_gradient(net, workspace, &f->data, bp_loss_cross_entropy(), NULL, gradient);
        /* A workspace that could not grow is as it was. */
        memory->fail_at = SIZE_MAX;
        assert_ok(bp_network_predict(net, workspace, &f->data, outputs));
        if (status != BP_OK)
            assert_int_equal(bp_workspace_block_cases(workspace), 5);
    } else {
        assert_null(workspace);
    }
    memory->fail_at = fail_at;
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    return status;
}

static void test_each_allocation_fails_in_turn(void **state)
{
    test_each_allocation_fails(make_and_use, *state);
}

/* ---------------------------------------------------------------------- growth */

static void test_capacity_grows_and_never_shrinks(void **state)
{
    fixture *f = *state;
    bp_workspace *workspace = NULL;
    assert_ok(bp_workspace_create(&workspace, f->net, 5));
    assert_int_equal(workspace->block_cases, 5);
    assert_null(workspace->arrays[2].delta);
    assert_ok(bpi_workspace_reserve("test", workspace, 4, true));
    assert_int_equal(workspace->block_cases, 5);
    assert_non_null(workspace->arrays[2].delta);
    assert_ok(bpi_workspace_reserve("test", workspace, 20, false));
    assert_int_equal(workspace->block_cases, 20);
    assert_non_null(workspace->arrays[2].delta); /* once there, deltas stay */
    const bp_real *memory = workspace->memory;
    assert_ok(bpi_workspace_reserve("test", workspace, 20, true));
    assert_ptr_equal(workspace->memory, memory);
    assert_ok(bpi_workspace_reserve("test", workspace, SIZE_MAX, true));
    assert_int_equal(workspace->block_cases, f->net->block_cases);
    bp_workspace_destroy(workspace);
}

static void test_arrays_are_aligned_and_do_not_overlap(void **state)
{
    fixture *f = *state;
    assert_ok(bpi_workspace_reserve("test", f->workspace, CASES, true));
    bp_real *last_end = f->workspace->memory;
    for (size_t i = 0; i < f->net->layer_count; i++) {
        const layer_arrays *s = &f->workspace->arrays[i];
        size_t values = CASES * f->net->layers[i]->units;
        bp_real *const arrays[] = {s->y, s->x, s->delta};
        for (size_t k = 0; k < 3; k++) {
            if (arrays[k] == NULL)
                continue;
            assert_int_equal((uintptr_t)arrays[k] % BPI_ALIGNMENT, 0);
            assert_true(arrays[k] >= last_end);
            last_end = arrays[k] + values;
        }
    }
    assert_null(f->workspace->arrays[2].x);     /* tanh: the slope follows from y */
    assert_non_null(f->workspace->arrays[3].x); /* a loss may ask for it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_misuse, setup, teardown),
        cmocka_unit_test_setup_teardown(test_blocks_are_as_asked_up_to_the_networks, setup, teardown),
        cmocka_unit_test_setup_teardown(test_each_allocation_fails_in_turn, setup, teardown),
        cmocka_unit_test_setup_teardown(test_capacity_grows_and_never_shrinks, setup, teardown),
        cmocka_unit_test_setup_teardown(test_arrays_are_aligned_and_do_not_overlap, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
