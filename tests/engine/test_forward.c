/* The forward pass over one block: total inputs, outputs, and where they are. */
#include "engine/example_networks.h"

#include <math.h>
#include <stdlib.h>

#include "engine/forward.h"
#include "engine/gradient.h"
#include "engine/load.h"
#include "reference/worked_example.h"

enum { ROWS = 5, ROOM = 8 };

static const double tolerance = TOLERANCE(1e-6, 1e-14);

static void load(bp_workspace *workspace, const bp_real *inputs, size_t rows)
{
    const bp_network *net = workspace->network;
    bp_data data = bp_data_view(rows, inputs, net->input_width, NULL, 0);
    data.input_stride = net->input_width;
    bpi_load_inputs(workspace, &(batch){.data = &data, .count = rows}, 0, rows);
}

static const layer_arrays *arrays_of(const bp_workspace *workspace, const char *layer)
{
    return &workspace->arrays[bp_layer_index(bp_network_find_layer(workspace->network, layer))];
}

/* ---------------------------------------------------------- the worked example */

static void test_the_worked_example(void **state)
{
    (void)state;
    const worked_step *wanted = &worked_example[0];
    const bp_real inputs[] = {(bp_real)WORKED_INPUT_1, (bp_real)WORKED_INPUT_2};
    bp_network *net = worked_example_network();
    bp_workspace *workspace = workspace_for(net, 1);
    load(workspace, inputs, 1);
    for (int keep_x = 0; keep_x < 2; keep_x++) {
        bpi_forward(workspace, 1, keep_x != 0);
        assert_close(workspace->outputs[1].y[0], wanted->y1, tolerance);
        assert_close(workspace->outputs[1].y[1], wanted->y2, tolerance);
        assert_close(workspace->outputs[2].y[0], wanted->y_out, tolerance);
    }
    assert_close(workspace->arrays[2].x[0], wanted->x_out, tolerance);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

/* ------------------------------------------------------ total inputs of outputs */

/* Outputs are f(x) of the total inputs kept, and as good as those of a pass that does not keep any. */
static void test_total_inputs_are_retained_on_request(void **state)
{
    (void)state;
    bp_network *net = mixed_network(NULL);
    bp_workspace *workspace = workspace_for(net, ROOM);
    bp_real *inputs = random_reals(&(uint64_t){1}, ROWS * MIXED_INPUTS, -2, 2);
    const layer_arrays *first = arrays_of(workspace, "first"), *second = arrays_of(workspace, "second");
    bp_real first_y[ROWS * 2], second_y[ROWS * 3];
    load(workspace, inputs, ROWS);
    bpi_forward(workspace, ROWS, false);
    for (size_t i = 0; i < ROWS * 2; i++)
        first_y[i] = first->y[i];
    for (size_t i = 0; i < ROWS * 3; i++)
        second_y[i] = second->y[i];
    bpi_forward(workspace, ROWS, true);
    for (size_t i = 0; i < ROWS * 2; i++) {
        assert_close(first->y[i], 1 / (1 + exp(-(double)first->x[i])), tolerance);
        assert_close(first->y[i], first_y[i], tolerance);
    }
    for (size_t i = 0; i < ROWS * 3; i++) {
        const bp_real *row = second->x + i / 3 * 3;
        double sum = exp((double)row[0]) + exp((double)row[1]) + exp((double)row[2]);
        assert_close(second->y[i], exp((double)second->x[i]) / sum, tolerance);
        assert_close(second->y[i], second_y[i], tolerance);
    }
    assert_null(arrays_of(workspace, "hidden")->x);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    free(inputs);
}

/* The room of a block is for more cases than it may have. A single case of a small network may use some of
 * it. */
static void test_rows_behind_the_block_are_left_alone(void **state)
{
    (void)state;
    bp_network *net = mixed_network(NULL);
    bp_workspace *workspace = workspace_for(net, ROOM);
    bp_real *inputs = random_reals(&(uint64_t){2}, ROOM * MIXED_INPUTS, -2, 2);
    load(workspace, inputs, ROOM);
    for (size_t rows = 1; rows < ROOM; rows++) {
        for (size_t l = 2; l < net->layer_count; l++)
            for (size_t i = 0; i < ROOM * net->layers[l]->units; i++)
                workspace->arrays[l].y[i] = 55;
        bpi_forward(workspace, rows, rows % 2 == 1);
        for (size_t l = 2; l < net->layer_count; l++)
            for (size_t i = 0; i < (rows == 1 ? 1 : ROOM) * net->layers[l]->units; i++)
                assert_int_equal(workspace->arrays[l].y[i] == 55, i >= rows * net->layers[l]->units);
    }
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    free(inputs);
}

/* ---------------------------------------------------------------- activations */

/* What a function of the caller's was called with. */
typedef struct call_record {
    size_t calls, count;
    const bp_real *x, *y;
} call_record;

static void cube(void *context, const bp_real *x, bp_real *y, size_t count)
{
    *(call_record *)context = (call_record){((call_record *)context)->calls + 1, count, x, y};
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] * x[i] * x[i];
}

static void cube_slope(void *context, const bp_real *x, const bp_real *y, bp_real *slope, size_t count)
{
    (void)context;
    (void)y;
    for (size_t i = 0; i < count; i++)
        slope[i] = 3 * x[i] * x[i];
}

/* input (1) -> middle (2), which is an output and leads on -> end (1), with and without biases. */
static bp_network *chain(bp_activation middle_activation)
{
    bp_network *net = NULL;
    bp_layer *input = NULL, *middle = NULL, *end = NULL;
    const bp_real to_middle[] = {2, -1}, biases[] = {1, -1}, to_end[] = {10, 100}, skip[] = {1000};
    bp_connection *first = NULL, *second = NULL, *third = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&input, net, "input", 1));
    assert_ok(bp_network_add_layer(&middle, net, "middle", 2, middle_activation));
    assert_ok(bp_network_add_layer(&end, net, "end", 1, bp_activation_relu()));
    assert_ok(bp_network_connect(&first, net, input, middle));
    assert_ok(bp_network_connect(&second, net, middle, end));
    assert_ok(bp_network_connect(&third, net, input, end));
    assert_ok(bp_layer_set_output(middle));
    assert_ok(bp_layer_set_output(end));
    assert_ok(bp_layer_enable_bias(end, 0));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_connection_set_weights(first, to_middle, 2));
    assert_ok(bp_layer_set_biases(middle, biases, 2));
    assert_ok(bp_connection_set_weights(second, to_end, 2));
    assert_ok(bp_connection_set_weights(third, skip, 1));
    return net;
}

static void test_a_custom_activation_gets_the_whole_block_out_of_place(void **state)
{
    (void)state;
    call_record record = {0};
    bp_network *net = chain(bp_activation_custom("cube", cube, cube_slope, &record));
    bp_workspace *workspace = workspace_for(net, 4);
    const layer_arrays *middle = arrays_of(workspace, "middle"), *end = arrays_of(workspace, "end");
    const bp_real inputs[] = {1, 0, -1};
    const double wanted_x[] = {3, -2, 1, -1, -1, 0};
    const double wanted_end[] = {10 * 27 - 100 * 8 + 1000, 10 - 100, -10 - 1000};
    load(workspace, inputs, 3);
    bpi_forward(workspace, 3, false);
    assert_int_equal(record.calls, 1);
    assert_int_equal(record.count, 3 * 2);
    assert_ptr_equal(record.x, middle->x);
    assert_ptr_equal(record.y, middle->y);
    for (size_t i = 0; i < 6; i++) {
        assert_true((double)middle->x[i] == wanted_x[i]);
        assert_true((double)middle->y[i] == wanted_x[i] * wanted_x[i] * wanted_x[i]);
    }
    for (size_t i = 0; i < 3; i++)
        assert_true((double)end->y[i] == fmax(wanted_end[i], 0));
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

static void test_an_output_may_lead_on(void **state)
{
    (void)state;
    bp_network *net = chain(bp_activation_linear());
    bp_workspace *workspace = workspace_for(net, 4);
    const bp_real inputs[] = {2, -3};
    bp_real outputs[6];
    bp_data data = bp_data_view(2, inputs, 1, NULL, 0);
    assert_ok(bp_network_predict(net, workspace, &data, outputs));
    const bp_real wanted[] = {5, -3, 50 - 300 + 2000, -5, 2, 0};
    assert_memory_equal(outputs, wanted, sizeof wanted);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_worked_example),
        cmocka_unit_test(test_total_inputs_are_retained_on_request),
        cmocka_unit_test(test_rows_behind_the_block_are_left_alone),
        cmocka_unit_test(test_a_custom_activation_gets_the_whole_block_out_of_place),
        cmocka_unit_test(test_an_output_may_lead_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
