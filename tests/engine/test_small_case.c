/* A single case of a small network in scalars: with each table, the worked example, then chosen sizes against
 * the oracle, and predictions. */
#include "engine/check_data.h"
#include "engine/loss.h"
#include "engine/online.h"
#include "engine/plan.h"
#include "engine/small_online.h"
#include "engine/workspace.h"

#include <math.h>
#include <stdlib.h>

#include "engine/small_example.h"
#include "reference/reference.h"
#include "reference/worked_example.h"
#include "small/select.h"

static const double gradient_tolerance = TOLERANCE(1e-5, 1e-12);
static const double error_tolerance = TOLERANCE(1e-6, 1e-13);
static const double kink = TOLERANCE(1e-5, 1e-13); /* rounding can carry a ReLU unit this far */

/* ---------------------------------------------------------------- the worked example */

static void check_worked_example(const kernel_table *table)
{
    const bp_data data = worked_example_data();
    bp_network *net = worked_example_network();
    bp_workspace *workspace = NULL;
    use_kernels(net, table);
    assert_ok(bp_workspace_create(&workspace, net, 1));
    for (size_t step = 0; step < WORKED_STEPS; step++) {
        const worked_step *wanted = &worked_example[step];
        bp_real weights[WORKED_WEIGHTS], output, hidden[2], gradient[WORKED_WEIGHTS];
        double error;
        for (size_t w = 0; w < WORKED_WEIGHTS; w++)
            weights[w] = (bp_real)wanted->weights[w];
        assert_ok(bp_network_set_weights(net, weights, WORKED_WEIGHTS));
        assert_ok(bp_network_predict(net, workspace, &data, &output));
        assert_close(output, wanted->y_out, gradient_tolerance);
        assert_ok(bp_workspace_layer_outputs(workspace, bp_network_find_layer(net, "hidden"), hidden, 2));
        assert_close(hidden[0], wanted->y1, gradient_tolerance);
        assert_close(hidden[1], wanted->y2, gradient_tolerance);
        assert_ok(bp_network_gradient(net, workspace, &data, bp_loss_squared_error(), &error, gradient));
        assert_close(error, wanted->error, gradient_tolerance);
        for (size_t w = 0; w < WORKED_WEIGHTS; w++)
            assert_close(gradient[w], wanted->gradient[w], gradient_tolerance);
    }
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

static void test_worked_example(void **state)
{
    (void)state;
    const kernel_table *table;
    for (size_t t = 0; (table = supported_table(t)) != NULL; t++)
        check_worked_example(table);
}

/* -------------------------------------------------------------- against the oracle */

/* E, deviation and gradient of one case, as the trainer asks for them, against the oracle. */
static void check_learning(const small_example *e, const bp_data *all, reference *ref, size_t index,
                           bp_loss loss, bp_real *gradient)
{
    bp_data one = *all;
    one.cases = 1;
    one.inputs += index * one.input_width;
    one.targets += index * one.target_width;
    one.case_weights += index;
    double error, deviation = 0;
    double *wanted = new_doubles(e->weights), *outputs = new_doubles(one.target_width);
    batch_error found;
    reference_run(ref, &one, REFERENCE_SQUARED_ERROR, &(reference_result){&error, outputs, wanted, NULL});
    for (size_t j = 0; j < one.target_width; j++)
        if (fabs(outputs[j] - (double)one.targets[j]) > deviation)
            deviation = fabs(outputs[j] - (double)one.targets[j]);
    assert_true(bpi_trains_in_kernel(e->workspace, all, 1, &loss));
    bpi_small_online_gradient(e->workspace, false, &(batch){.data = all, .order = &index, .count = 1}, &loss,
                              gradient, &found);
    if (ref->closest_kink > kink) {
        /* y - d is as inexact as y, however small it is; and E as y - d is. */
        const double inexact = error_tolerance * (1 + max_abs(outputs, one.target_width));
        assert_true(fabs(found.max_abs_error - deviation) <= inexact);
        assert_true(fabs(found.error - error) <=
                    2 * inexact * ((double)one.target_width * deviation + inexact));
        assert_all_close(gradient, wanted, e->weights, gradient_tolerance,
                         "%s, case %zu: derivative of weight", e->net->kernel->name, index);
    }
    free(wanted);
    free(outputs);
}

/* Other weights for the next case. */
static void update_weights(const small_example *e, const bp_real *gradient)
{
    bp_real *change = new_reals(e->weights);
    uint64_t stream = 3;
    for (size_t i = 0; i < e->weights; i++)
        change[i] = (bp_real)test_uniform(&stream, -0.01, 0.01);
    e->net->kernel->momentum_update(e->net->changing_weights, gradient, change, e->weights, (bp_real)0.25,
                                    (bp_real)0.5, 1 - (bp_real)0.125);
    free(change);
}

static void check_single_cases(const size_t units[3], bp_activation output, const kernel_table *table)
{
    small_example e = small_example_create(units, output, table);
    bp_real *gradient = new_reals(e.weights), case_weights[20];
    bp_data all = e.data;
    all.input_stride = all.input_width;
    all.target_stride = all.target_width;
    all.case_weights = case_weights;
    e.workspace->online_use = ONLINE_MOMENTUM;
    assert_ok(bpi_workspace_reserve("test", e.workspace, 1, true));
    for (size_t i = 0; i < 20; i++) {
        reference *ref = reference_create(e.net, NULL, 0, NULL);
        bp_loss loss = bp_loss_squared_error();
        if (i % 3 == 0) {
            loss = bp_loss_with_tolerance(loss, 0.25);
            ref->tolerance = 0.25;
        }
        case_weights[i] = (bp_real)(i % 4) / 2;
        check_learning(&e, &all, ref, i, loss, gradient);
        update_weights(&e, gradient);
        reference_destroy(ref);
    }
    free(gradient);
    small_example_destroy(&e);
}

/* Softmax units that lead on, whose slopes depend on each other. */
static void test_softmax_below_the_outputs(void **state)
{
    (void)state;
    static const size_t units[] = {3, 5, 2};
    const bp_real inputs[] = {(bp_real)0.5, -1, 2}, targets[] = {1, 0};
    const bp_data data = bp_data_view(1, inputs, 3, targets, 2);
    const kernel_table *table;
    for (size_t t = 0; (table = supported_table(t)) != NULL; t++) {
        bp_network *net = NULL;
        bp_workspace *workspace = NULL;
        bp_real gradient[32];
        double error, wanted[32];
        assert_ok(
            bp_network_create_layered(&net, units, 3, bp_activation_softmax(), bp_activation_logistic()));
        assert_ok(bp_network_initialize(net, 5));
        use_kernels(net, table);
        reference *ref = reference_create(net, NULL, 0, NULL);
        reference_run(ref, &data, REFERENCE_SQUARED_ERROR, &(reference_result){&error, NULL, wanted, NULL});
        assert_ok(bp_workspace_create(&workspace, net, 1));
        assert_ok(bp_network_gradient(net, workspace, &data, bp_loss_squared_error(), NULL, gradient));
        assert_all_close(gradient, wanted, net->weight_count, gradient_tolerance, "%s: derivative",
                         table->name);
        reference_destroy(ref);
        bp_workspace_destroy(workspace);
        bp_network_destroy(net);
    }
}

static void test_single_cases(void **state)
{
    (void)state;
    static const size_t units[][3] = {{2, 2, 1},  {6, 2, 1},  {8, 3, 8},  {1, 1, 1},
                                      {3, 17, 5}, {31, 7, 9}, {9, 12, 6}, {4, 5, 3}};
    const kernel_table *table;
    for (size_t t = 0; (table = supported_table(t)) != NULL; t++)
        for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
            check_single_cases(units[i], bp_activation_logistic(), table);
            check_single_cases(units[i], bp_activation_tanh(), table);
            check_single_cases(units[i], bp_activation_linear(), table);
            check_single_cases(units[i], bp_activation_relu(), table);
        }
}

/* --------------------------------------------------------------------- prediction */

/* A plain case is predicted as one that is not dense, and as that of an evaluation, to the bit. */
static void test_plain_prediction(void **state)
{
    (void)state;
    const size_t units[3] = {5, 4, 3};
    small_example e = small_example_create(units, bp_activation_softmax(), supported_table(0));
    bp_data one = e.data;
    bp_real plain[3], strided[3];
    one.cases = 1;
    assert_true(bpi_is_dense_block(e.net, &one, 1));
    assert_ok(bp_network_predict(e.net, e.workspace, &one, plain));
    small_example_assert_outputs(&e, plain, 1);
    one.input_stride = 7; /* to no other row */
    assert_true(bpi_is_dense_block(e.net, &one, 1));
    assert_ok(bp_network_predict(e.net, e.workspace, &one, strided));
    assert_memory_equal(plain, strided, sizeof plain);
    bp_real wrong[5] = {1, 2, 3, 4, (bp_real)NAN};
    bp_data bad = bp_data_view(1, wrong, 5, NULL, 0);
    assert_fails(bp_network_predict(e.net, e.workspace, &bad, plain), BP_ERROR_NOT_FINITE, "column 4");
    bad = bp_data_view(1, wrong, 4, NULL, 0);
    assert_fails(bp_network_predict(e.net, e.workspace, &bad, plain), BP_ERROR_SIZE, "input_width");
    small_example_destroy(&e);
}

/* What bp_network_predict need not look at again. */
static void test_dense_blocks(void **state)
{
    (void)state;
    const size_t units[3] = {5, 4, 3};
    small_example e = small_example_create(units, bp_activation_softmax(), supported_table(0));
    bp_real inputs[4 * 5] = {0}, outputs[4 * 3];
    bp_data data = bp_data_view(4, inputs, 5, NULL, 0);
    assert_true(bpi_is_dense_block(e.net, &data, 4));
    data.input_stride = 5;
    assert_true(bpi_is_dense_block(e.net, &data, 9));
    assert_false(bpi_is_dense_block(e.net, &data, 3));
    data.input_stride = 4; /* rows overlap */
    assert_false(bpi_is_dense_block(e.net, &data, 9));
    data.input_stride = 0;
    data.cases = 0;
    assert_false(bpi_is_dense_block(e.net, &data, 9));
    data.cases = 4;
    inputs[19] = (bp_real)INFINITY;
    assert_false(bpi_is_dense_block(e.net, &data, 9));
    assert_fails(bp_network_predict(e.net, e.workspace, &data, outputs), BP_ERROR_NOT_FINITE,
                 "case 3, column 4");
    data.cases = 3;
    assert_true(bpi_is_dense_block(e.net, &data, 9));
    const bp_real offsets[5] = {0}, factors[5] = {1, 1, 1, 4, 1};
    assert_ok(bp_network_set_input_scaling(e.net, offsets, factors, 5));
    for (data.cases = 1; data.cases <= 3; data.cases++) {
        assert_true(bpi_is_dense_block(e.net, &data, 9));
        inputs[3] = (bp_real)TOLERANCE(3e38, 1e308); /* infinite when it is scaled */
        assert_false(bpi_is_dense_block(e.net, &data, 9));
        assert_fails(bp_network_predict(e.net, e.workspace, &data, outputs), BP_ERROR_NOT_FINITE,
                     "case 0, column 3");
        inputs[3] = 0;
    }
    small_example_destroy(&e);
}

/* Networks that are small for the prediction of a case alone: against the oracle, and the same bits whatever
 * else the workspace is for. */
static void check_larger_networks(const size_t units[3], bp_activation output, const kernel_table *table)
{
    bp_network *net = NULL;
    bp_workspace *workspace = NULL;
    uint64_t stream = 11;
    bp_real *inputs = random_reals(&stream, units[0], -1, 1), *got = new_reals(units[2]),
            *again = new_reals(units[2]), *targets = random_reals(&stream, units[2], 0, 1);
    double *wanted = new_doubles(units[2]);
    const bp_data one = bp_data_view(1, inputs, units[0], targets, units[2]);
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), output));
    assert_ok(bp_network_initialize(net, 4));
    use_kernels(net, table);
    assert_ok(bp_workspace_create(&workspace, net, 1));
    assert_false(workspace->facts & FACT_SMALL);
    assert_int_equal(workspace->predicts_by_small_case, bpi_small_select(table->name)->online->lanes > 1);
    reference *ref = reference_create(net, NULL, 0, NULL);
    reference_run(ref, &one, REFERENCE_SQUARED_ERROR, &(reference_result){NULL, wanted, NULL, NULL});
    assert_ok(bp_network_predict(net, workspace, &one, got));
    assert_all_close(got, wanted, units[2], gradient_tolerance, "%s: output", table->name);
    assert_ok(bpi_workspace_reserve("test", workspace, 9, true));
    assert_ok(bp_network_predict(net, workspace, &one, again));
    assert_memory_equal(got, again, units[2] * sizeof *got);
    assert_ok(bp_workspace_layer_outputs(workspace, bp_network_layer(net, 2), again, units[2]));
    assert_memory_equal(got, again, units[2] * sizeof *got);
    reference_destroy(ref);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    free(inputs);
    free(targets);
    free(got);
    free(again);
    free(wanted);
}

static void test_larger_networks(void **state)
{
    (void)state;
    static const size_t units[][3] = {{64, 32, 10}, {9, 61, 17}, {200, 20, 33}, {127, 62, 4}, {20, 150, 31}};
    const kernel_table *table;
    for (size_t t = 0; (table = supported_table(t)) != NULL; t++)
        for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
            check_larger_networks(units[i], bp_activation_softmax(), table);
            check_larger_networks(units[i], bp_activation_logistic(), table);
            check_larger_networks(units[i], bp_activation_gelu(), table);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worked_example),
        cmocka_unit_test(test_single_cases),
        cmocka_unit_test(test_softmax_below_the_outputs),
        cmocka_unit_test(test_plain_prediction),
        cmocka_unit_test(test_dense_blocks),
        cmocka_unit_test(test_larger_networks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
