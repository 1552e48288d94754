/* E and classification results without a gradient. */
#include "engine/example_networks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/real.h"

static bp_evaluation new_evaluation(void)
{
    bp_evaluation evaluation;
    bp_evaluation_init(&evaluation, sizeof evaluation);
    return evaluation;
}

/* By squared error, with a workspace of its own. */
static bp_evaluation evaluate(const bp_network *net, const bp_data *data, size_t *confusion)
{
    bp_evaluation result = new_evaluation();
    bp_workspace *workspace = workspace_for(net, data->cases);
    assert_ok(bp_network_evaluate(net, workspace, data, bp_loss_squared_error(), confusion, &result));
    bp_workspace_destroy(workspace);
    return result;
}

static void test_init(void **state)
{
    (void)state;
    const bp_evaluation nothing = {.size = sizeof nothing};
    bp_evaluation evaluation;
    memset(&evaluation, 0xff, sizeof evaluation);
    bp_evaluation_init(&evaluation, sizeof evaluation);
    assert_int_equal(evaluation.size, sizeof evaluation);
    assert_int_equal(evaluation.cases + evaluation.classes + evaluation.correct, 0);
    assert_true(evaluation.accuracy == nothing.accuracy && evaluation.error == nothing.error);
    bp_evaluation_init(NULL, sizeof evaluation);
    evaluation.cases = 9;
    bp_evaluation_init(&evaluation, 1);
    assert_int_equal(evaluation.cases, 9);
    assert_int_equal(evaluation.size, sizeof evaluation);
}

/* -------------------------------------------------------------- by hand */

enum { CASES = 5, CLASSES = 3 };

static const bp_real outputs[CASES * CLASSES] = {
    1,  0, 0,                 /* right */
    0,  2, 1,                 /* right */
    0,  1, (bp_real)0.5,      /* 1, but it is 2 */
    -1, 0, -2,                /* 1, but it is 0 */
    0,  0, (bp_real)0.015625, /* right */
};

static const bp_real targets[CASES * CLASSES] = {
    1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1,
};

/* E of each case, doubled. */
static const double squares[CASES] = {0, 2, 1.25, 8, 0.984375 * 0.984375};

static void test_results_by_hand(void **state)
{
    (void)state;
    bp_network *net = identity_network(CLASSES, NULL);
    bp_data data = bp_data_view(CASES, outputs, CLASSES, targets, CLASSES);
    size_t confusion[CLASSES * CLASSES];
    memset(confusion, 0xff, sizeof confusion);
    bp_evaluation result = evaluate(net, &data, confusion);
    const size_t wanted[CLASSES * CLASSES] = {1, 1, 0, 0, 1, 0, 0, 1, 1};
    assert_memory_equal(confusion, wanted, sizeof wanted);
    assert_int_equal(result.size, sizeof result);
    assert_int_equal(result.cases, CASES);
    assert_int_equal(result.classes, CLASSES);
    assert_int_equal(result.correct, 3);
    assert_true(result.accuracy == 3.0 / 5);
    double error = 0;
    for (size_t i = 0; i < CASES; i++)
        error += squares[i] / 2;
    assert_true(result.error == error); /* every number here is exact in binary */
    assert_true(result.mean_error == error / CASES);
    assert_true(result.max_abs_error == 2);
    assert_int_equal(evaluate(net, &data, NULL).correct, 3);
    bp_network_destroy(net);
}

/* The weight of a case counts for E alone. */
static void test_case_weights(void **state)
{
    (void)state;
    bp_network *net = identity_network(CLASSES, NULL);
    bp_data data = bp_data_view(CASES, outputs, CLASSES, targets, CLASSES);
    const bp_real weights[CASES] = {7, 0, 2, (bp_real)0.25, 0};
    data.case_weights = weights;
    bp_evaluation result = evaluate(net, &data, NULL);
    assert_true(result.error == 2 * squares[2] / 2 + 0.25 * squares[3] / 2);
    assert_true(result.mean_error == result.error / CASES);
    assert_int_equal(result.correct, 3);
    assert_true(result.max_abs_error == 2);
    bp_network_destroy(net);
}

static void test_the_first_of_equals_is_the_class(void **state)
{
    (void)state;
    bp_network *net = identity_network(CLASSES, NULL);
    const bp_real guesses[] = {1, 1, 0, 0, 2, 2, 3, 3, 3}, truths[] = {0, 1, 1, 0, 1, 1, 0, 0, 0};
    bp_data data = bp_data_view(3, guesses, CLASSES, truths, CLASSES);
    size_t confusion[CLASSES * CLASSES];
    bp_evaluation result = evaluate(net, &data, confusion);
    const size_t wanted[CLASSES * CLASSES] = {1, 0, 0, 1, 1, 0, 0, 0, 0};
    assert_memory_equal(confusion, wanted, sizeof wanted);
    assert_int_equal(result.correct, 2);
    bp_network_destroy(net);
}

static void test_a_single_output_says_yes_above_a_half(void **state)
{
    (void)state;
    bp_network *net = identity_network(1, NULL);
    const bp_real half = (bp_real)0.5;
    const bp_real above = (bp_real)0.50001;
    const bp_real guesses[] = {0, half, above, 1, -7, 9}, truths[] = {half, 0, 1, above, 1, 0};
    bp_data data = bp_data_view(6, guesses, 1, truths, 1);
    size_t confusion[4];
    bp_evaluation result = evaluate(net, &data, confusion);
    const size_t wanted[4] = {2, 1, 1, 2};
    assert_memory_equal(confusion, wanted, sizeof wanted);
    assert_int_equal(result.classes, 2);
    assert_int_equal(result.correct, 4);
    assert_true(result.accuracy == 4.0 / 6);
    assert_true(result.max_abs_error == 9);
    bp_network_destroy(net);
}

/* ---------------------------------------------------- outputs and scaling */

/* The classes are the columns of all outputs, in the order of marking. */
static void test_several_outputs_are_one_row_of_classes(void **state)
{
    (void)state;
    enum { ROWS = 50 };
    bp_network *net = mixed_network(NULL);
    bp_real *inputs = random_reals(&(uint64_t){1}, ROWS * MIXED_INPUTS, -2, 2);
    bp_real *predicted = new_reals(ROWS * MIXED_OUTPUTS);
    bp_data data = bp_data_view(ROWS, inputs, MIXED_INPUTS, predicted, MIXED_OUTPUTS);
    bp_workspace *workspace = workspace_for(net, ROWS);
    assert_ok(bp_network_predict(net, workspace, &data, predicted));
    size_t confusion[MIXED_OUTPUTS * MIXED_OUTPUTS], wanted[MIXED_OUTPUTS * MIXED_OUTPUTS] = {0};
    for (size_t row = 0; row < ROWS; row++) {
        const bp_real *y = predicted + row * MIXED_OUTPUTS;
        size_t best = 0;
        for (size_t j = 0; j < MIXED_OUTPUTS; j++)
            best = y[j] > y[best] ? j : best;
        wanted[best * MIXED_OUTPUTS + best]++;
    }
    bp_evaluation result = evaluate(net, &data, confusion);
    assert_int_equal(result.classes, MIXED_OUTPUTS);
    assert_int_equal(result.correct, ROWS);
    assert_memory_equal(confusion, wanted, sizeof wanted);
    assert_true(result.error == 0 && result.max_abs_error == 0);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    free(inputs);
    free(predicted);
}

/* Classes are those of raw values, E and deviation are in scaled units: 8 is 0.125, 4 is 4. */
static void test_target_scaling(void **state)
{
    (void)state;
    bp_network *net = identity_network(2, NULL);
    const bp_real offsets[] = {0, 0}, factors[] = {(bp_real)0.015625, 1};
    assert_ok(bp_network_set_target_scaling(net, offsets, factors, 2));
    const bp_real scaled_outputs[] = {(bp_real)0.125, 4}, raw_targets[] = {16, 1};
    bp_data data = bp_data_view(1, scaled_outputs, 2, raw_targets, 2);
    size_t confusion[4];
    bp_evaluation result = evaluate(net, &data, confusion);
    assert_int_equal(result.correct, 1);
    assert_int_equal(confusion[0], 1);
    assert_true(result.error == (0.125 * 0.125 + 9) / 2);
    assert_true(result.max_abs_error == 3);
    bp_network_destroy(net);
}

static void test_a_single_scaled_output_is_judged_raw(void **state)
{
    (void)state;
    bp_network *net = identity_network(1, NULL);
    const bp_real offset = 10, factor = 1; /* raw 0 and 1 are -10 and -9 inside */
    assert_ok(bp_network_set_target_scaling(net, &offset, &factor, 1));
    const bp_real inside[] = {-10, -9, -9}, raw[] = {0, 1, 0};
    bp_data data = bp_data_view(3, inside, 1, raw, 1);
    bp_evaluation result = evaluate(net, &data, NULL);
    assert_int_equal(result.correct, 2);
    assert_true(result.error == 0.5);
    bp_network_destroy(net);
}

/* ------------------------------------------------------------- cross-entropy */

/* E of one case by cross-entropy, where the total inputs of the three outputs are x. */
static double cross_entropy(bp_activation activation, const bp_real *x, const bp_real *d)
{
    const size_t units[] = {3, 3};
    const bp_real weights[12] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 2, activation, activation));
    assert_ok(bp_network_set_weights(net, weights, 12));
    bp_data data = bp_data_view(1, x, 3, d, 3);
    bp_workspace *workspace = workspace_for(net, 1);
    bp_evaluation result = new_evaluation();
    assert_ok(bp_network_evaluate(net, workspace, &data, bp_loss_cross_entropy(), NULL, &result));
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    return result.error;
}

static void test_cross_entropy_at_the_ends_of_the_range(void **state)
{
    (void)state;
    const bp_real most = (bp_real)BPI_REAL_MAX, half = (bp_real)0.5;
    const bp_real x[] = {most, -most, most};
    const bp_real first[] = {1, 0, 0}, both[] = {half, 0, half}, right[] = {1, 0, 1};
    const bp_real doubtful[] = {1, half, 1};
    assert_close(cross_entropy(bp_activation_softmax(), x, first), log(2), TOLERANCE(1e-6, 1e-15));
    assert_close(cross_entropy(bp_activation_softmax(), x, both), log(2), TOLERANCE(1e-6, 1e-15));
    assert_true(cross_entropy(bp_activation_logistic(), x, right) == 0);
    assert_close(cross_entropy(bp_activation_logistic(), x, doubtful), BPI_REAL_MAX / 2, 1e-15);
}

/* ------------------------------------------------------- blocks and memory */

/* E is the gradient's, and neither workspace nor strides show in any result. */
static void test_results_do_not_depend_on_the_workspace(void **state)
{
    (void)state;
    enum { ROWS = 301, STRIDE = MIXED_OUTPUTS + 3 };
    const size_t rooms[] = {1, 2, 3, 4, 7, 299, 300, 1000};
    bp_network *net = mixed_network(NULL);
    size_t weight_count;
    bp_network_weights(net, &weight_count);
    bp_real *inputs = random_reals(&(uint64_t){2}, ROWS * MIXED_INPUTS, -2, 2);
    bp_real *truths = random_reals(&(uint64_t){3}, ROWS * STRIDE, 0, 1), *gradient = new_reals(weight_count);
    bp_data data = bp_data_view(ROWS, inputs, MIXED_INPUTS, truths, MIXED_OUTPUTS);
    data.target_stride = STRIDE;
    bp_evaluation first = evaluate(net, &data, NULL);
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        bp_workspace *workspace = workspace_for(net, rooms[i]);
        bp_evaluation result = new_evaluation();
        double error;
        assert_ok(bp_network_evaluate(net, workspace, &data, bp_loss_squared_error(), NULL, &result));
        assert_memory_equal(&result, &first, sizeof result);
        assert_ok(bp_network_gradient(net, workspace, &data, bp_loss_squared_error(), &error, gradient));
        assert_true(error == first.error);
        bp_workspace_destroy(workspace);
    }
    bp_network_destroy(net);
    free(inputs);
    free(truths);
    free(gradient);
}

static void test_nothing_is_allocated(void **state)
{
    (void)state;
    enum { ROWS = 20 };
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    bp_network *net = mixed_network(&allocator);
    bp_real *values = random_reals(&(uint64_t){4}, ROWS * MIXED_INPUTS, 0, 1);
    bp_data data = bp_data_view(ROWS, values, MIXED_INPUTS, values, MIXED_OUTPUTS);
    bp_workspace *workspace = workspace_for(net, 3);
    size_t confusion[MIXED_OUTPUTS * MIXED_OUTPUTS], calls = memory.calls;
    bp_evaluation result = new_evaluation();
    assert_ok(bp_network_evaluate(net, workspace, &data, bp_loss_cross_entropy(), confusion, &result));
    assert_int_equal(memory.calls, calls);
    assert_int_equal(result.cases, ROWS);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    assert_int_equal(memory.live, 0);
    free(values);
}

static void test_classes_of_minus_1_and_1(void **state)
{
    (void)state;
    bp_network *net = identity_network(1, NULL);
    const bp_real guesses[] = {(bp_real)0.3, (bp_real)-0.3, (bp_real)0.7, 0}, truths[] = {1, -1, -1, -1};
    size_t confusion[4];
    bp_data data = bp_data_view(4, guesses, 1, truths, 1);
    bp_evaluation result = evaluate(net, &data, confusion);
    const size_t wanted[] = {2, 1, 0, 1};
    assert_memory_equal(confusion, wanted, sizeof wanted);
    assert_int_equal(result.correct, 3);
    bp_data alone = bp_data_view(1, guesses + 2, 1, truths, 1); /* of 1 alone */
    assert_int_equal(evaluate(net, &alone, NULL).correct, 1);
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_init),
        cmocka_unit_test(test_results_by_hand),
        cmocka_unit_test(test_case_weights),
        cmocka_unit_test(test_the_first_of_equals_is_the_class),
        cmocka_unit_test(test_a_single_output_says_yes_above_a_half),
        cmocka_unit_test(test_several_outputs_are_one_row_of_classes),
        cmocka_unit_test(test_target_scaling),
        cmocka_unit_test(test_a_single_scaled_output_is_judged_raw),
        cmocka_unit_test(test_cross_entropy_at_the_ends_of_the_range),
        cmocka_unit_test(test_results_do_not_depend_on_the_workspace),
        cmocka_unit_test(test_nothing_is_allocated),
        cmocka_unit_test(test_classes_of_minus_1_and_1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
