/* Prediction, and the outputs of layers that it leaves in the workspace. */
#include "engine/example_networks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CASES = 301, ROOMS = 6 };

static const size_t rooms[ROOMS] = {1, 2, 3, 7, 300, 1000};

typedef struct fixture {
    bp_network *net;
    bp_workspace *workspace;
    bp_real *inputs, *outputs;
    bp_data data;
} fixture;

static int setup(void **state)
{
    static fixture f;
    f.net = mixed_network(NULL);
    f.workspace = workspace_for(f.net, CASES);
    f.inputs = random_reals(&(uint64_t){1}, CASES * MIXED_INPUTS, -2, 2);
    f.outputs = new_reals(CASES * MIXED_OUTPUTS);
    f.data = bp_data_view(CASES, f.inputs, MIXED_INPUTS, NULL, 0);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    bp_workspace_destroy(f->workspace);
    bp_network_destroy(f->net);
    free(f->inputs);
    free(f->outputs);
    return 0;
}

/* ------------------------------------------------------------------ oracle */

/* x of unit j from one sender: sum_i w_ji y_i. */
static double total_from(const bp_network *net, const char *from, const char *to, size_t j, const double *y)
{
    const bp_layer *sender = bp_network_find_layer(net, from), *receiver = bp_network_find_layer(net, to);
    const bp_connection *connection = bp_network_find_connection(net, sender, receiver);
    size_t units = bp_layer_units(sender);
    const bp_real *weights = bp_network_weights(net, NULL) + bp_connection_offset(connection) + j * units;
    double sum = 0;
    for (size_t i = 0; i < units; i++)
        sum += (double)weights[i] * y[i];
    return sum;
}

static double bias_of(const bp_network *net, const char *layer, size_t j)
{
    return (double)bp_network_weights(net, NULL)[bp_layer_bias_offset(bp_network_find_layer(net, layer)) + j];
}

/* One case of the mixed network, unit by unit: [RHW86] eq. 1 and 2. */
static void compute_mixed(const bp_network *net, const bp_real *inputs, double *hidden, double *outputs)
{
    const double a[] = {(double)inputs[0], (double)inputs[1]};
    const double b[] = {(double)inputs[2], (double)inputs[3], (double)inputs[4]};
    double sum = 0;
    for (size_t j = 0; j < MIXED_HIDDEN; j++)
        hidden[j] = tanh(total_from(net, "a", "hidden", j, a) + total_from(net, "b", "hidden", j, b) +
                         bias_of(net, "hidden", j));
    for (size_t j = 0; j < 3; j++) {
        outputs[j] = exp(total_from(net, "hidden", "second", j, hidden) + bias_of(net, "second", j));
        sum += outputs[j];
    }
    for (size_t j = 0; j < 3; j++)
        outputs[j] /= sum;
    for (size_t j = 0; j < 2; j++)
        outputs[3 + j] = 1 / (1 + exp(-total_from(net, "hidden", "first", j, hidden) -
                                      total_from(net, "b", "first", j, b) - bias_of(net, "first", j)));
}

/* Outputs are at most 1, and total inputs sums of a dozen terms. */
static void assert_near(bp_real got, double wanted)
{
    if (!(fabs((double)got - wanted) <= TOLERANCE(1e-5, 1e-13)))
        fail_msg("%.17g, wanted %.17g", (double)got, wanted);
}

static void test_outputs_are_those_of_the_equations(void **state)
{
    fixture *f = *state;
    double hidden[MIXED_HIDDEN], wanted[MIXED_OUTPUTS];
    assert_ok(bp_network_predict(f->net, f->workspace, &f->data, f->outputs));
    for (size_t row = 0; row < CASES; row++) {
        compute_mixed(f->net, f->inputs + row * MIXED_INPUTS, hidden, wanted);
        for (size_t j = 0; j < MIXED_OUTPUTS; j++)
            assert_near(f->outputs[row * MIXED_OUTPUTS + j], wanted[j]);
    }
}

/* ------------------------------------------------------------------- blocks */

static void test_bits_do_not_depend_on_the_workspace(void **state)
{
    fixture *f = *state;
    assert_ok(bp_network_predict(f->net, f->workspace, &f->data, f->outputs));
    bp_real *again = new_reals(CASES * MIXED_OUTPUTS);
    for (size_t i = 0; i < ROOMS; i++)
        for (size_t cases = 2; cases <= CASES; cases += cases < 20 ? 1 : 281) {
            bp_workspace *workspace = workspace_for(f->net, rooms[i]);
            f->data.cases = cases;
            assert_ok(bp_network_predict(f->net, workspace, &f->data, again));
            assert_memory_equal(again, f->outputs, cases * MIXED_OUTPUTS * sizeof *again);
            bp_workspace_destroy(workspace);
        }
    free(again);
}

static void test_a_case_alone_is_almost_the_same(void **state)
{
    fixture *f = *state;
    bp_real alone[MIXED_OUTPUTS];
    assert_ok(bp_network_predict(f->net, f->workspace, &f->data, f->outputs));
    for (size_t row = 0; row < CASES; row++) {
        bp_data one = bp_data_view(1, f->inputs + row * MIXED_INPUTS, MIXED_INPUTS, NULL, 0);
        assert_ok(bp_network_predict(f->net, f->workspace, &one, alone));
        for (size_t j = 0; j < MIXED_OUTPUTS; j++)
            assert_near(alone[j], (double)f->outputs[row * MIXED_OUTPUTS + j]);
    }
}

static void test_strides_do_not_show(void **state)
{
    fixture *f = *state;
    enum { STRIDE = MIXED_INPUTS + 3 };
    assert_ok(bp_network_predict(f->net, f->workspace, &f->data, f->outputs));
    bp_real *apart = new_reals(CASES * STRIDE), *again = new_reals(CASES * MIXED_OUTPUTS);
    for (size_t i = 0; i < CASES * STRIDE; i++)
        apart[i] =
            i % STRIDE < MIXED_INPUTS ? f->inputs[i / STRIDE * MIXED_INPUTS + i % STRIDE] : (bp_real)NAN;
    f->data.inputs = apart;
    f->data.input_stride = STRIDE;
    assert_ok(bp_network_predict(f->net, f->workspace, &f->data, again));
    assert_memory_equal(again, f->outputs, CASES * MIXED_OUTPUTS * sizeof *again);
    free(apart);
    free(again);
}

static void test_targets_are_not_looked_at(void **state)
{
    fixture *f = *state;
    const bp_real nan = (bp_real)NAN;
    f->data.targets = &nan;
    f->data.target_width = 77;
    f->data.case_weights = &nan;
    assert_ok(bp_network_predict(f->net, f->workspace, &f->data, f->outputs));
}

/* ------------------------------------------------------------------ scaling */

/* x' = (x - offset) * factor on the way in, and the other way round on the way out. */
static void test_scaling_is_undone_on_the_way_out(void **state)
{
    (void)state;
    bp_network *net = identity_network(2, NULL);
    const bp_real in_offset[] = {1, 0}, in_factor[] = {2, (bp_real)0.5};
    const bp_real out_offset[] = {10, -1}, out_factor[] = {4, (bp_real)-0.25};
    assert_ok(bp_network_set_input_scaling(net, in_offset, in_factor, 2));
    assert_ok(bp_network_set_target_scaling(net, out_offset, out_factor, 2));
    const bp_real inputs[] = {3, 6, 1, -2}, wanted[] = {4.0 / 4 + 10, 3 / -0.25 - 1, 10, -1 / -0.25 - 1};
    bp_real outputs[4], scaled[4];
    bp_workspace *workspace = workspace_for(net, 1);
    bp_data data = bp_data_view(2, inputs, 2, NULL, 0);
    assert_ok(bp_network_predict(net, workspace, &data, outputs));
    assert_memory_equal(outputs, wanted, sizeof wanted);
    const bp_real inside[] = {4, 3, 0, -1};
    assert_ok(bp_workspace_layer_outputs(workspace, bp_network_find_layer(net, "output"), scaled, 4));
    assert_memory_equal(scaled, inside, sizeof inside);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

/* ------------------------------------------------------------------- memory */

static void test_nothing_is_allocated(void **state)
{
    fixture *f = *state;
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    bp_network *net = mixed_network(&allocator);
    bp_workspace *workspace = workspace_for(net, 7);
    size_t calls = memory.calls, live = memory.live;
    for (size_t cases = 1; cases <= CASES; cases += 50) {
        f->data.cases = cases;
        assert_ok(bp_network_predict(net, workspace, &f->data, f->outputs));
    }
    assert_int_equal(memory.calls, calls);
    assert_int_equal(memory.live, live);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    assert_int_equal(memory.live, 0);
}

static void test_no_more_outputs_are_written_than_there_are_cases(void **state)
{
    fixture *f = *state;
    const bp_real kept = 99;
    f->data.cases = 5;
    f->outputs[5 * MIXED_OUTPUTS] = kept;
    assert_ok(bp_network_predict(f->net, f->workspace, &f->data, f->outputs));
    assert_true(f->outputs[5 * MIXED_OUTPUTS] == kept);
}

/* ---------------------------------------------------------- outputs of layers */

static const bp_layer *layer(const fixture *f, const char *name)
{
    return bp_network_find_layer(f->net, name);
}

/* Are they there, for this number of cases, and those of the equations? */
static void assert_layer_outputs(const fixture *f, size_t cases)
{
    bp_real hidden[7 * MIXED_HIDDEN], second[7 * 3];
    double wanted_hidden[MIXED_HIDDEN], wanted[MIXED_OUTPUTS];
    assert_ok(bp_workspace_layer_outputs(f->workspace, layer(f, "hidden"), hidden, cases * MIXED_HIDDEN));
    assert_ok(bp_workspace_layer_outputs(f->workspace, layer(f, "second"), second, cases * 3));
    for (size_t row = 0; row < cases; row++) {
        compute_mixed(f->net, f->inputs + row * MIXED_INPUTS, wanted_hidden, wanted);
        for (size_t j = 0; j < MIXED_HIDDEN; j++)
            assert_near(hidden[row * MIXED_HIDDEN + j], wanted_hidden[j]);
        for (size_t j = 0; j < 3; j++)
            assert_near(second[row * 3 + j], wanted[j]);
    }
}

static void test_layer_outputs_of_the_last_call(void **state)
{
    fixture *f = *state;
    size_t weight_count;
    bp_network_weights(f->net, &weight_count);
    bp_real *targets = random_reals(&(uint64_t){5}, CASES * MIXED_OUTPUTS, 0, 1),
            *gradient = new_reals(weight_count);
    bp_evaluation evaluation;
    bp_evaluation_init(&evaluation, sizeof evaluation);
    f->data = bp_data_view(7, f->inputs, MIXED_INPUTS, targets, MIXED_OUTPUTS);
    assert_ok(bp_network_predict(f->net, f->workspace, &f->data, f->outputs));
    assert_layer_outputs(f, 7);
    f->data.cases = 5;
    assert_ok(
        bp_network_evaluate(f->net, f->workspace, &f->data, bp_loss_squared_error(), NULL, &evaluation));
    assert_layer_outputs(f, 5);
    f->data.cases = 3;
    assert_ok(bp_network_gradient(f->net, f->workspace, &f->data, bp_loss_cross_entropy(), NULL, gradient));
    assert_layer_outputs(f, 3);
    f->data.cases = 2;
    bp_real input_gradient[2 * MIXED_INPUTS];
    assert_ok(bp_network_input_gradient(f->net, f->workspace, &f->data, bp_loss_cross_entropy(), NULL,
                                        input_gradient));
    assert_layer_outputs(f, 2);
    free(targets);
    free(gradient);
}

static void test_a_refused_call_leaves_layer_outputs_alone(void **state)
{
    fixture *f = *state;
    f->data.cases = 4;
    assert_ok(bp_network_predict(f->net, f->workspace, &f->data, f->outputs));
    bp_data wrong = bp_data_view(2, f->inputs, 1, NULL, 0);
    assert_fails(bp_network_predict(f->net, f->workspace, &wrong, f->outputs), BP_ERROR_SIZE, "input_width");
    assert_layer_outputs(f, 4);
}

static void test_layer_outputs_that_are_not_there(void **state)
{
    fixture *f = *state;
    bp_real value = 5;
    bp_workspace *small = workspace_for(f->net, 1);
    size_t block = bp_workspace_block_cases(small);
    assert_fails(bp_workspace_layer_outputs(small, layer(f, "first"), &value, 2), BP_ERROR_STATE,
                 "no outputs are stored");
    f->data.cases = block;
    assert_ok(bp_network_predict(f->net, small, &f->data, f->outputs));
    assert_fails(bp_workspace_layer_outputs(small, layer(f, "first"), &value, 1), BP_ERROR_SIZE,
                 "layer 'first' has 2 units");
    f->data.cases = block + 1;
    assert_ok(bp_network_predict(f->net, small, &f->data, f->outputs));
    assert_fails(bp_workspace_layer_outputs(small, layer(f, "first"), &value, 2 * (block + 1)),
                 BP_ERROR_STATE, "or it had more than");
    assert_true(value == 5);
    bp_workspace_destroy(small);
}

static void test_layer_outputs_of_wrong_layers(void **state)
{
    fixture *f = *state;
    bp_real value = 5;
    bp_network *other = identity_network(2, NULL);
    f->data.cases = 1;
    assert_ok(bp_network_predict(f->net, f->workspace, &f->data, f->outputs));
    const bp_layer *own = layer(f, "first"), *foreign = bp_network_find_layer(other, "output");
    assert_fails(bp_workspace_layer_outputs(f->workspace, layer(f, "b"), &value, 3), BP_ERROR_ARGUMENT,
                 "layer 'b' is an input");
    assert_fails(bp_workspace_layer_outputs(f->workspace, foreign, &value, 2), BP_ERROR_ARGUMENT,
                 "layer 'output' belongs to another network");
    assert_fails(bp_workspace_layer_outputs(NULL, own, &value, 2), BP_ERROR_ARGUMENT, "workspace is NULL");
    assert_fails(bp_workspace_layer_outputs(f->workspace, NULL, &value, 2), BP_ERROR_ARGUMENT,
                 "layer is NULL");
    assert_fails(bp_workspace_layer_outputs(f->workspace, own, NULL, 2), BP_ERROR_ARGUMENT,
                 "outputs is NULL");
    assert_true(value == 5);
    bp_network_destroy(other);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_outputs_are_those_of_the_equations),
        TEST(test_bits_do_not_depend_on_the_workspace),
        TEST(test_a_case_alone_is_almost_the_same),
        TEST(test_strides_do_not_show),
        TEST(test_targets_are_not_looked_at),
        cmocka_unit_test(test_scaling_is_undone_on_the_way_out),
        TEST(test_nothing_is_allocated),
        TEST(test_no_more_outputs_are_written_than_there_are_cases),
        TEST(test_layer_outputs_of_the_last_call),
        TEST(test_a_refused_call_leaves_layer_outputs_alone),
        TEST(test_layer_outputs_that_are_not_there),
        TEST(test_layer_outputs_of_wrong_layers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
