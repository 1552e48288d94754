/* What a block of cases becomes in a workspace, and the next case that is loaded beside the current one. */
#include "engine/load.h"

#include "engine/check_data.h"
#include "engine/workspace.h"
#include "support/support.h"

enum { CASES = 40, WIDTH = 5, TARGETS = 2 };

/* Two inputs of 2 and 3 units and an output of 2; weighted cases, with a gap after each row of inputs. */
typedef struct fixture {
    bp_network *net;
    bp_workspace *workspace;
    bp_real inputs[CASES * (WIDTH + 1)], targets[CASES * TARGETS], weights[CASES];
    bp_data data, checked;
} fixture;

static bp_network *build(void)
{
    bp_network *net = NULL;
    bp_layer *a, *b, *output;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&a, net, "a", 2));
    assert_ok(bp_network_add_input(&b, net, "b", 3));
    assert_ok(bp_network_add_layer(&output, net, "output", TARGETS, bp_activation_tanh()));
    assert_ok(bp_network_connect(NULL, net, a, output));
    assert_ok(bp_network_connect(NULL, net, b, output));
    assert_ok(bp_network_finalize(net));
    return net;
}

static int setup(void **state)
{
    static fixture f;
    uint64_t seed = 3;
    f = (fixture){.net = build()};
    for (size_t i = 0; i < sizeof f.inputs / sizeof f.inputs[0]; i++)
        f.inputs[i] = (bp_real)test_uniform(&seed, -1, 1);
    for (size_t i = 0; i < CASES * TARGETS; i++)
        f.targets[i] = (bp_real)test_uniform(&seed, 0, 1);
    for (size_t i = 0; i < CASES; i++)
        f.weights[i] = (bp_real)i;
    f.data = bp_data_view(CASES, f.inputs, WIDTH, f.targets, TARGETS);
    f.data.input_stride = WIDTH + 1;
    f.data.case_weights = f.weights;
    assert_ok(bpi_check_data("call", "data", f.net, &f.data, DATA_BOTH, &f.checked));
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

/* ------------------------------------------------------------------------ blocks */

/* A single case is never left over, and no block is larger than the room. */
static void test_no_single_case_is_left_over(void **state)
{
    (void)state;
    for (size_t room = 3; room < 20; room++)
        for (size_t count = 1; count < 100; count++) {
            size_t left = count;
            while (left > 0) {
                size_t rows = bpi_block_rows(left, room);
                assert_true(rows >= 1 && rows <= room && rows <= left);
                assert_true(rows > 1 || count == 1);
                left -= rows;
            }
        }
}

static void assert_inputs(const fixture *f, size_t layer, size_t row, size_t index, const bp_real *offset,
                          const bp_real *factor)
{
    const layer_outputs *s = &f->workspace->outputs[layer];
    size_t first = f->net->layers[layer]->column;
    for (size_t j = 0; j < f->net->layers[layer]->units; j++) {
        bp_real raw = f->inputs[index * (WIDTH + 1) + first + j];
        bp_real wanted = (raw - offset[first + j]) * factor[first + j];
        assert_close(s->y[row * s->stride + j], wanted, TOLERANCE(1e-6, 1e-15));
    }
}

static void test_without_order_or_scaling_nothing_is_copied(void **state)
{
    fixture *f = *state;
    batch cases = {.data = &f->checked, .first = 3, .count = 20};
    bpi_load_block(f->workspace, &cases, 4, 9);
    assert_ptr_equal(f->workspace->outputs[0].y, f->inputs + (3 + 4) * (WIDTH + 1));
    assert_ptr_equal(f->workspace->outputs[1].y, f->inputs + (3 + 4) * (WIDTH + 1) + 2);
    assert_int_equal(f->workspace->outputs[0].stride, WIDTH + 1);
    assert_int_equal(f->workspace->outputs[1].stride, WIDTH + 1);
    assert_ptr_equal(f->workspace->targets, f->targets + (3 + 4) * TARGETS);
    for (size_t row = 0; row < 9; row++)
        assert_true(f->workspace->case_weights[row] == (bp_real)(3 + 4 + row));
    f->checked.case_weights = NULL;
    bpi_load_block(f->workspace, &cases, 4, 9);
    assert_null(f->workspace->case_weights);
}

static void test_one_case_of_an_order_is_not_copied(void **state)
{
    fixture *f = *state;
    const size_t order[] = {5, 39, 7};
    batch cases = {.data = &f->checked, .order = order, .count = 3};
    bpi_load_block(f->workspace, &cases, 1, 1);
    assert_ptr_equal(f->workspace->outputs[0].y, f->inputs + 39 * (WIDTH + 1));
    assert_ptr_equal(f->workspace->targets, f->targets + 39 * TARGETS);
    assert_true(f->workspace->case_weights[0] == 39);
}

static void check_order(const fixture *f, const bp_real *offset, const bp_real *factor)
{
    const size_t order[] = {1, 5, 39, 7, 5, 0};
    batch cases = {.data = &f->checked, .order = order, .count = 6};
    bpi_load_block(f->workspace, &cases, 1, 4);
    for (size_t row = 0; row < 4; row++) {
        assert_inputs(f, 0, row, order[1 + row], offset, factor);
        assert_inputs(f, 1, row, order[1 + row], offset, factor);
        const bp_real *target = f->workspace->targets + row * f->workspace->target_stride;
        assert_memory_equal(target, f->targets + order[1 + row] * TARGETS, TARGETS * sizeof(bp_real));
        assert_true(f->workspace->case_weights[row] == (bp_real)order[1 + row]);
    }
}

static void test_an_order_with_and_without_scaling(void **state)
{
    fixture *f = *state;
    const bp_real zeros[WIDTH] = {0}, ones[WIDTH] = {1, 1, 1, 1, 1};
    const bp_real offset[] = {0, 1, 2, -3, 4}, factor[] = {1, 2, -3, 4, (bp_real)0.5};
    check_order(f, zeros, ones);
    assert_ok(bp_network_set_input_scaling(f->net, offset, factor, WIDTH));
    check_order(f, offset, factor);
}

static void test_scaling_without_an_order(void **state)
{
    fixture *f = *state;
    const bp_real offset[] = {0, 1, 2, -3, 4}, factor[] = {1, 2, -3, 4, (bp_real)0.5};
    const bp_real target_offset[] = {1, 0}, target_factor[] = {2, 4};
    assert_ok(bp_network_set_input_scaling(f->net, offset, factor, WIDTH));
    assert_ok(bp_network_set_target_scaling(f->net, target_offset, target_factor, TARGETS));
    batch cases = {.data = &f->checked, .first = 2, .count = 30};
    bpi_load_block(f->workspace, &cases, 10, 20);
    for (size_t row = 0; row < 20; row++) {
        assert_inputs(f, 0, row, 12 + row, offset, factor);
        assert_inputs(f, 1, row, 12 + row, offset, factor);
        const bp_real *target = f->workspace->targets + row * f->workspace->target_stride;
        const bp_real *raw = f->targets + (12 + row) * TARGETS;
        assert_close(target[0], (raw[0] - 1) * 2, TOLERANCE(1e-6, 1e-15));
        assert_close(target[1], raw[1] * 4, TOLERANCE(1e-6, 1e-15));
    }
}

/* ---------------------------------------------------------------- the next case */

/* Values of the current block's inputs, layer by layer. */
static void assert_current(const fixture *f, size_t index, const bp_real *offset, const bp_real *factor)
{
    assert_inputs(f, 0, 0, index, offset, factor);
    assert_inputs(f, 1, 0, index, offset, factor);
}

/* Case by case in an order; the next one is loaded while the current one stays readable. */
static void visit_in_order(fixture *f, const bp_real *offset, const bp_real *factor)
{
    const size_t order[] = {4, 0, 0, 39, 4, 17}, count = sizeof order / sizeof order[0];
    batch one = {.data = &f->checked, .order = order, .count = 1};
    bpi_load_inputs(f->workspace, &one, 0, 1);
    assert_false(f->workspace->next.is_loaded);
    for (size_t i = 0; i + 1 < count; i++) {
        one.order = order + i + 1;
        bpi_load_next_case(f->workspace, &one);
        assert_true(f->workspace->next.is_loaded);
        assert_current(f, order[i], offset, factor);
        bpi_use_next_case(f->workspace);
        assert_false(f->workspace->next.is_loaded);
        assert_current(f, order[i + 1], offset, factor);
    }
}

static void test_the_next_case_stands_beside_the_current_one(void **state)
{
    fixture *f = *state;
    const bp_real zeros[WIDTH] = {0}, ones[WIDTH] = {1, 1, 1, 1, 1};
    const bp_real offset[] = {0, 1, 2, -3, 4}, factor[] = {1, 2, -3, 4, (bp_real)0.5};
    visit_in_order(f, zeros, ones);
    assert_ptr_equal(f->workspace->outputs[0].y, f->inputs + 17 * (WIDTH + 1)); /* nothing was copied */
    assert_ok(bp_network_set_input_scaling(f->net, offset, factor, WIDTH));
    visit_in_order(f, offset, factor);
    for (size_t i = 0; i < 2; i++) { /* one of two places in the layer's own array */
        const bp_real *own = f->workspace->arrays[i].y, *used = f->workspace->outputs[i].y;
        assert_true(used == own || used == own + f->net->layers[i]->units);
    }
}

/* Loading a block says that what follows is something else: the next case, and sums made for it, are
 * forgotten. */
static void test_a_block_forgets_the_next_case(void **state)
{
    fixture *f = *state;
    const bp_real zeros[WIDTH] = {0}, ones[WIDTH] = {1, 1, 1, 1, 1};
    const batch all = {.data = &f->checked, .count = CASES},
                other = {.data = &f->checked, .first = 7, .count = 1};
    bpi_load_inputs(f->workspace, &all, 3, 1);
    bpi_load_next_case(f->workspace, &other);
    f->workspace->next.has_sums[2] = true;
    bpi_load_block(f->workspace, &all, 30, 1);
    assert_false(f->workspace->next.is_loaded);
    assert_false(f->workspace->next.has_sums[2]);
    assert_current(f, 30, zeros, ones);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_single_case_is_left_over),
        WITH_FIXTURE(test_without_order_or_scaling_nothing_is_copied),
        WITH_FIXTURE(test_one_case_of_an_order_is_not_copied),
        WITH_FIXTURE(test_an_order_with_and_without_scaling),
        WITH_FIXTURE(test_scaling_without_an_order),
        WITH_FIXTURE(test_the_next_case_stands_beside_the_current_one),
        WITH_FIXTURE(test_a_block_forgets_the_next_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
