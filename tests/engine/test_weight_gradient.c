/* The gradient of the weights into a layer, eq. 6, from given deltas and outputs: small numbers, exactly. */
#include "engine/weight_gradient.h"

#include <string.h>

#include "engine/load.h"
#include "engine/workspace.h"
#include "support/arrays.h"
#include "support/kernels.h"

enum { CASES = 3 };

/*
 * Three cases of a layer of two units on two inputs: y of the inputs, deltas of the layer, a row per case.
 *     y  1  2   delta  1  0   dE/dw_11 = 1 * 1 - 2 * 3 + 0 * 5 = -5    dE/dw_12 = 1 * 2 + 2 * 1 + 0 * 1 =  4
 *        3 -1         -2  4   dE/dw_21 = 0 * 1 + 4 * 3 + 3 * 5 = 27    dE/dw_22 = 0 * 2 - 4 * 1 + 3 * 1 = -1
 *        5  1          0  3   biases: the sums of the deltas, -1 and 7
 */
static const bp_real y[CASES * 2] = {1, 2, 3, -1, 5, 1}, delta[CASES * 2] = {1, 0, -2, 4, 0, 3};
static const bp_real wanted[6] = {-5, 4, 27, -1, -1, 7};

typedef struct fixture {
    bp_network *net;
    bp_workspace *workspace;
} fixture;

/* With the cases loaded, and the deltas where the backward pass would have left them. */
static fixture begin(const kernel_table *table)
{
    const size_t units[] = {2, 2};
    fixture f = {0};
    bp_data data = bp_data_view(CASES, y, 2, NULL, 0);
    data.input_stride = 2;
    assert_ok(bp_network_create_layered(&f.net, units, 2, bp_activation_linear(), bp_activation_linear()));
    use_kernels(f.net, table);
    assert_ok(bp_workspace_create(&f.workspace, f.net, CASES));
    assert_ok(bpi_workspace_reserve("test", f.workspace, CASES, true));
    bpi_load_inputs(f.workspace, &(batch){.data = &data, .count = CASES}, 0, CASES);
    memcpy(f.workspace->arrays[1].delta, delta, sizeof delta);
    return f;
}

static void end(fixture *f)
{
    bp_workspace_destroy(f->workspace);
    bp_network_destroy(f->net);
}

static void check_gradient(const kernel_table *table)
{
    fixture f = begin(table);
    bp_real gradient[6];
    weight_pass pass = {.workspace = f.workspace, .rows = CASES, .gradient = gradient};
    bpi_layer_gradient(&pass, bp_network_layer(f.net, 1));
    assert_memory_equal(gradient, wanted, sizeof gradient);
    pass.accumulate = true;
    bpi_layer_gradient(&pass, bp_network_layer(f.net, 1));
    for (size_t i = 0; i < 6; i++)
        assert_true(gradient[i] == 2 * wanted[i]);
    end(&f);
}

/* Eq. 9 with learning rate 1/4, momentum 1/2, the mean of two cases and a decay of 1/2: from weights of 8 and
 * last updates of 4, the update is -dE/dw / 8 + 2 and the weight (8 + that) / 2. */
static void check_update(const kernel_table *table)
{
    fixture f = begin(table);
    bp_real gradient[6], weights[6], last_update[6];
    for (size_t i = 0; i < 6; i++) {
        weights[i] = 8;
        last_update[i] = 4;
    }
    const weight_update update = {.weights = weights,
                                  .last_update = last_update,
                                  .gradient_factor = (bp_real)0.5,
                                  .rate = (bp_real)0.25,
                                  .momentum = (bp_real)0.5,
                                  .decay_factor = (bp_real)0.5};
    const weight_pass pass = {
        .workspace = f.workspace, .rows = CASES, .gradient = gradient, .update = &update};
    bpi_layer_gradient(&pass, bp_network_layer(f.net, 1));
    for (size_t i = 0; i < 6; i++) {
        const bp_real change = -wanted[i] / 8 + 2;
        assert_true(last_update[i] == change);
        assert_true(weights[i] == (8 + change) / 2);
    }
    end(&f);
}

static void test_worked_gradient(void **state)
{
    (void)state;
    const kernel_table *table;
    for (size_t t = 0; (table = supported_table(t)) != NULL; t++)
        check_gradient(table);
}

static void test_worked_update(void **state)
{
    (void)state;
    const kernel_table *table;
    for (size_t t = 0; (table = supported_table(t)) != NULL; t++)
        check_update(table);
}

/* Two layers share one matrix and their biases. The one that comes first in the backward pass, the later one,
 * overwrites the gradient; the other adds to it. */
static void test_shared_weights_are_added_to(void **state)
{
    (void)state;
    bp_network *net = NULL;
    bp_layer *in, *first, *second;
    bp_connection *below, *above;
    bp_workspace *workspace = NULL;
    bp_real gradient[6];
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, NULL, 2));
    assert_ok(bp_network_add_layer(&first, net, NULL, 2, bp_activation_linear()));
    assert_ok(bp_network_add_layer(&second, net, NULL, 2, bp_activation_linear()));
    assert_ok(bp_network_connect(&below, net, in, first));
    assert_ok(bp_network_connect(&above, net, first, second));
    assert_ok(bp_connection_share(above, below));
    assert_ok(bp_layer_share_bias(second, first));
    assert_ok(bp_network_finalize(net));
    assert_int_equal(net->weight_count, 6);
    assert_ok(bp_workspace_create(&workspace, net, CASES));
    assert_ok(bpi_workspace_reserve("test", workspace, CASES, true));
    bp_data data = bp_data_view(CASES, y, 2, NULL, 0);
    data.input_stride = 2;
    bpi_load_inputs(workspace, &(batch){.data = &data, .count = CASES}, 0, CASES);
    memcpy(workspace->arrays[1].y, y, sizeof y);
    memcpy(workspace->arrays[1].delta, delta, sizeof delta);
    memcpy(workspace->arrays[2].delta, delta, sizeof delta);
    const weight_pass pass = {.workspace = workspace, .rows = CASES, .gradient = gradient};
    bpi_layer_gradient(&pass, second);
    assert_memory_equal(gradient, wanted, sizeof gradient);
    bpi_layer_gradient(&pass, first);
    for (size_t i = 0; i < 6; i++)
        assert_true(gradient[i] == 2 * wanted[i]);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worked_gradient),
        cmocka_unit_test(test_worked_update),
        cmocka_unit_test(test_shared_weights_are_added_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
