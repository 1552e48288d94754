/* The check of derivatives: what is right passes, what is wrong is named, what cannot be told is left out. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/real.h"
#include "check/check_example.h"
#include "network/network.h"
#include "reference/random_network.h"
#include "support/support.h"

enum { MOST_WEIGHTS = 400, MOST_CASES = 4 };

/* --------------------------------------------------------------- what is right passes */

/* What is said of the worst weight is what the library's gradient and the oracle's say. */
static void assert_true_values(const random_network *random, const bp_gradient_check *result)
{
    size_t count;
    bp_network_weights(random->net, &count);
    bp_workspace *workspace = NULL;
    bp_real *gradient = calloc(count, sizeof *gradient);
    double *oracle = calloc(count, sizeof *oracle), greatest = 0;
    assert_non_null(gradient);
    assert_non_null(oracle);
    assert_ok(bp_workspace_create(&workspace, random->net, 4));
    assert_ok(bp_network_gradient(random->net, workspace, &random->data, random->loss, NULL, gradient));
    reference_run(random->ref, &random->data, random->ref_loss, &(reference_result){.gradient = oracle});
    for (size_t i = 0; i < count; i++)
        greatest = fmax(greatest, fabs(oracle[i]));
    assert_true(result->analytic == (double)gradient[result->weight]);
    assert_true(fabs(result->numeric - oracle[result->weight]) <= result->tolerance * greatest);
    bp_workspace_destroy(workspace);
    free(gradient);
    free(oracle);
}

static void test_random_networks_pass(void **state)
{
    (void)state;
    size_t checked = 0, all = 0, compared = 0;
    for (uint64_t seed = 1; seed <= 150; seed++) {
        random_network *random = random_network_create(seed);
        size_t count;
        bp_network_weights(random->net, &count);
        if (random->data.cases > MOST_CASES)
            random->data.cases = MOST_CASES;
        if (count <= MOST_WEIGHTS) {
            bp_gradient_check result = check_with(random->net, &random->data, random->loss);
            all += count;
            checked += result.checked;
            if (result.checked > 0) /* in float, small derivatives of a large E can drown, all of them */
                assert_passed(&result);
            if (result.checked > 0 && result.skipped == 0) {
                assert_true_values(random, &result);
                compared++;
            }
        }
        random_network_destroy(random);
    }
    assert_true((double)checked >= TOLERANCE(0.9, 1.0) * (double)all);
    assert_true(compared > 30);
}

/* Inputs as large as the bytes of a picture, and very small ones. */
static void test_size_of_inputs(void **state)
{
    (void)state;
    const double sizes[] = {1e-4, 0.01, 1, 30, 255};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        check_example f;
        make_example(&f, bp_activation_tanh(), bp_activation_logistic(), bp_activation_linear());
        fill_example(&f, sizes[i]);
        bp_gradient_check result = check_with(f.net, &f.data, bp_loss_squared_error());
        assert_passed(&result);
        assert_true(result.checked > 40);
        bp_network_destroy(f.net);
    }
}

/* Weights ten times as large drive the units into saturation. */
static void test_saturated_units(void **state)
{
    (void)state;
    check_example f;
    make_example(&f, bp_activation_tanh(), bp_activation_logistic(), bp_activation_logistic());
    size_t count;
    const bp_real *weights = bp_network_weights(f.net, &count);
    bp_real larger[100];
    assert_in_range(count, 1, 100);
    for (size_t i = 0; i < count; i++)
        larger[i] = 10 * weights[i];
    assert_ok(bp_network_set_weights(f.net, larger, count));
    bp_gradient_check result = check_with(f.net, &f.data, bp_loss_cross_entropy());
    assert_passed(&result);
    bp_network_destroy(f.net);
}

/* At the end of training the cases cancel each other out. */
static void test_at_a_minimum(void **state)
{
    (void)state;
    check_example f;
    make_example(&f, bp_activation_tanh(), bp_activation_tanh(), bp_activation_linear());
    for (size_t i = 0; i < EXAMPLE_CASES * EXAMPLE_INPUTS;
         i++) /* two kinds of cases, whose targets no output can have */
        f.inputs[i] = f.inputs[i % (2 * EXAMPLE_INPUTS)];
    bp_stop_rule rule = bp_stop_epochs(3000);
    bp_trainer_options options;
    bp_trainer *trainer = NULL;
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.02, 0.9);
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    assert_ok(bp_trainer_create(&trainer, f.net, &options));
    assert_ok(bp_trainer_run(trainer, &f.data, NULL, NULL));
    bp_trainer_destroy(trainer);
    bp_gradient_check result = check_with(f.net, &f.data, bp_loss_squared_error());
    assert_passed(&result);
    assert_true(result.checked > 40);
    bp_network_destroy(f.net);
}

static void test_nothing_is_changed(void **state)
{
    (void)state;
    check_example f;
    make_example(&f, bp_activation_relu(), bp_activation_tanh(), bp_activation_softmax());
    size_t count;
    const bp_real *weights = bp_network_weights(f.net, &count);
    bp_real *before = calloc(count, sizeof *before);
    assert_non_null(before);
    memcpy(before, weights, count * sizeof *before);
    check_with(f.net, &f.data, bp_loss_squared_error());
    assert_memory_equal(before, weights, count * sizeof *before);
    free(before);
    bp_network_destroy(f.net);
}

/* ------------------------------------------------------------------ what is wrong is named */

/* sqrt(1 + (y - d)^2) - 1; its derivative may be wrong. */
static double charbonnier(void *context, const bp_real *y, const bp_real *d, bp_real *derivative,
                          size_t units)
{
    const mistake *how = context;
    double error = 0;
    for (size_t j = 0; j < units; j++) {
        double difference = (double)y[j] - (double)d[j], root = sqrt(1 + difference * difference);
        error += root - 1;
        if (derivative != NULL)
            derivative[j] = mistaken(*how, (bp_real)(difference / root), 0);
    }
    return error;
}

static void test_wrong_loss_is_named(void **state)
{
    (void)state;
    for (int how = NONE; how <= ZERO; how++) {
        mistake made = (mistake)how;
        check_example f;
        if (made == RIGHT_HALF) /* is no mistake here */
            continue;
        make_example(&f, bp_activation_tanh(), bp_activation_logistic(), bp_activation_tanh());
        bp_gradient_check result = check_with(f.net, &f.data, bp_loss_custom(charbonnier, &made));
        if (made == NONE)
            assert_passed(&result);
        else
            assert_caught(&result, "output", NULL);
        bp_network_destroy(f.net);
    }
}

/* The engine itself with a fault: one element of one matrix, one bias. */
static const kernel_table *sound;

static void faulty_product(const matrix_product *product)
{
    sound->product_weights(product);
    if (product->m == 4 && product->n == 5) /* into layer upper */
        product->c[2 * product->c_stride + 3] *= (bp_real)1.5;
}

static void faulty_sums(size_t rows, size_t columns, const bp_real *from, size_t stride, bp_real *sums,
                        bool accumulate)
{
    sound->column_sums(rows, columns, from, stride, sums, accumulate);
    if (columns == 4)
        sums[1] = 0;
}

static void test_wrong_weight_is_named(void **state)
{
    (void)state;
    for (int part = 0; part < 2; part++) {
        check_example f;
        /* An activation of the caller's keeps the network on the general path, which is the one with the
         * fault. */
        make_example(&f, random_custom_activation(), bp_activation_logistic(), bp_activation_tanh());
        sound = f.net->kernel;
        kernel_table faulty = *sound;
        if (part == 0)
            faulty.product_weights = faulty_product;
        else
            faulty.column_sums = faulty_sums;
        f.net->kernel = &faulty;
        bp_gradient_check result = check_with(f.net, &f.data, bp_loss_squared_error());
        assert_caught(&result, "upper", NULL);
        const bp_layer *upper = bp_network_find_layer(f.net, "upper");
        const bp_connection *into =
            bp_network_find_connection(f.net, bp_network_find_layer(f.net, "lower"), upper);
        assert_string_equal(result.layer, "upper");
        if (part == 0) {
            assert_string_equal(result.from, "lower");
            assert_true(result.unit == 2 && result.from_unit == 3);
            assert_int_equal(result.weight, bp_connection_offset(into) + 2 * 5 + 3);
            assert_close(result.analytic, 1.5 * result.numeric, 10 * result.tolerance);
        } else {
            assert_null(result.from);
            assert_true(result.unit == 1 && result.analytic == 0);
            assert_int_equal(result.weight, bp_layer_bias_offset(upper) + 1);
        }
        bp_network_destroy(f.net);
    }
}

/* ---------------------------------------------------------------------------- errors */

static void nan_beyond_zero(void *context, const bp_real *x, bp_real *y, size_t count)
{
    (void)context;
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] > 0 ? (bp_real)NAN : x[i];
}

static void nan_slope(void *context, const bp_real *x, const bp_real *y, bp_real *slope, size_t count)
{
    (void)context, (void)x, (void)y;
    for (size_t i = 0; i < count; i++)
        slope[i] = (bp_real)NAN;
}

static double nan_error(void *context, const bp_real *y, const bp_real *d, bp_real *derivative, size_t units)
{
    (void)context, (void)y, (void)d;
    for (size_t j = 0; derivative != NULL && j < units; j++)
        derivative[j] = 0;
    return (double)NAN;
}

static void assert_not_finite(check_example *f, bp_loss loss, const char *words)
{
    bp_workspace *workspace = NULL;
    bp_gradient_check result;
    bp_gradient_check_init(&result, sizeof result);
    result.max_deviation = 77;
    assert_ok(bp_workspace_create(&workspace, f->net, EXAMPLE_CASES));
    assert_fails(bp_network_check_gradient(f->net, workspace, &f->data, loss, 0, &result),
                 BP_ERROR_NOT_FINITE, words);
    assert_fails(BP_ERROR_NOT_FINITE, BP_ERROR_NOT_FINITE, "bp_network_check_gradient: ");
    assert_true(result.max_deviation == 77);
    bp_workspace_destroy(workspace);
    bp_network_destroy(f->net);
}

static void test_what_is_not_a_number(void **state)
{
    (void)state;
    mistake none = NONE;
    check_example f;
    make_example(&f, bp_activation_tanh(), bp_activation_custom("holes", softsign, nan_slope, NULL),
                 bp_activation_tanh());
    assert_not_finite(&f, bp_loss_squared_error(),
                      "layer 'upper': the derivative of activation 'holes' is nan");
    make_example(&f, bp_activation_custom("half", nan_beyond_zero, softsign_slope, &none),
                 bp_activation_tanh(), bp_activation_tanh());
    assert_not_finite(&f, bp_loss_squared_error(), "an output of layer 'lower' is NaN or infinite");
    make_example(&f, bp_activation_tanh(), bp_activation_tanh(), bp_activation_tanh());
    assert_not_finite(&f, bp_loss_custom(nan_error, NULL), "case 0: the error is nan");
}

/* Each case is a number, their sum is none. */
static void test_a_sum_that_overflows(void **state)
{
    (void)state;
    const size_t units[] = {1, 1};
    const bp_real inputs[] = {1, 1}, targets[] = {-2, -2}, weights[] = {0, 0};
    const bp_real factors[] = {(bp_real)(0.3 * BPI_REAL_MAX), (bp_real)(0.3 * BPI_REAL_MAX)};
    bp_network *net = NULL;
    bp_workspace *workspace = NULL;
    bp_gradient_check result;
    bp_gradient_check_init(&result, sizeof result);
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_linear(), bp_activation_linear()));
    assert_ok(bp_network_set_weights(net, weights, 2));
    bp_data data = bp_data_view(2, inputs, 1, targets, 1);
    data.case_weights = factors;
    assert_ok(bp_workspace_create(&workspace, net, 2));
    assert_fails(bp_network_check_gradient(net, workspace, &data, bp_loss_squared_error(), 0, &result),
                 BP_ERROR_NOT_FINITE, "a derivative by a weight into layer 'output' is NaN or infinite");
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

/* What the workspace held before is gone, and no outputs are handed out for it. */
static void test_no_outputs_are_left(void **state)
{
    (void)state;
    check_example f;
    bp_workspace *workspace = NULL;
    bp_gradient_check result;
    bp_real outputs[EXAMPLE_CASES * EXAMPLE_OUTPUTS];
    bp_gradient_check_init(&result, sizeof result);
    make_example(&f, bp_activation_tanh(), bp_activation_tanh(), bp_activation_tanh());
    const bp_layer *layer = bp_network_find_layer(f.net, "output");
    assert_ok(bp_workspace_create(&workspace, f.net, EXAMPLE_CASES));
    bp_real gradient[3 * 5 + 5 + 5 * 4 + 4 + 4 * 2 + 2];
    assert_ok(bp_network_gradient(f.net, workspace, &f.data, bp_loss_squared_error(), NULL, gradient));
    assert_ok(bp_workspace_layer_outputs(workspace, layer, outputs, EXAMPLE_CASES * EXAMPLE_OUTPUTS));
    assert_ok(bp_network_check_gradient(f.net, workspace, &f.data, bp_loss_squared_error(), 0, &result));
    assert_true(result.tolerance == TOLERANCE(2e-3, 1e-6)); /* the default */
    assert_fails(bp_workspace_layer_outputs(workspace, layer, outputs, EXAMPLE_CASES * EXAMPLE_OUTPUTS),
                 BP_ERROR_STATE, "no outputs are stored");
    bp_workspace_destroy(workspace);
    bp_network_destroy(f.net);
}

static void test_wrong_calls(void **state)
{
    (void)state;
    check_example f, other;
    bp_workspace *workspace = NULL;
    bp_gradient_check result;
    make_example(&f, bp_activation_tanh(), bp_activation_tanh(), bp_activation_tanh());
    make_example(&other, bp_activation_tanh(), bp_activation_tanh(), bp_activation_tanh());
    const bp_loss loss = bp_loss_squared_error();
    bp_gradient_check_init(NULL, sizeof result);
    bp_gradient_check_init(&result, sizeof result);
    assert_ok(bp_workspace_create(&workspace, f.net, 1));
    assert_fails(bp_network_check_gradient(NULL, workspace, &f.data, loss, 0, &result), BP_ERROR_ARGUMENT,
                 "net");
    assert_fails(bp_network_check_gradient(f.net, NULL, &f.data, loss, 0, &result), BP_ERROR_ARGUMENT,
                 "workspace");
    assert_fails(bp_network_check_gradient(f.net, workspace, NULL, loss, 0, &result), BP_ERROR_ARGUMENT,
                 "data");
    assert_fails(bp_network_check_gradient(f.net, workspace, &f.data, loss, 0, NULL), BP_ERROR_ARGUMENT,
                 "result");
    assert_fails(bp_network_check_gradient(other.net, workspace, &f.data, loss, 0, &result),
                 BP_ERROR_ARGUMENT, "another network");
    assert_fails(bp_network_check_gradient(f.net, workspace, &f.data, bp_loss_cross_entropy(), 0, &result),
                 BP_ERROR_UNSUPPORTED, "layer 'output' is tanh");
    const double bad[] = {-1, 1, (double)NAN, (double)INFINITY};
    for (int i = 0; i < 4; i++)
        assert_fails(bp_network_check_gradient(f.net, workspace, &f.data, loss, bad[i], &result),
                     BP_ERROR_ARGUMENT, "tolerance is ");
    result.size = 0;
    assert_fails(bp_network_check_gradient(f.net, workspace, &f.data, loss, 0, &result), BP_ERROR_ARGUMENT,
                 "bp_gradient_check");
    result.size = sizeof result - 1;
    assert_fails(bp_network_check_gradient(f.net, workspace, &f.data, loss, 0, &result), BP_ERROR_VERSION,
                 "bp_gradient_check.size");
    bp_workspace_destroy(workspace);
    bp_network_destroy(f.net);
    bp_network_destroy(other.net);
}

static bp_status check_with_memory(void *context, const bp_allocator *allocator)
{
    (void)context;
    const bp_real inputs[] = {1}, targets[] = {0}, weights[] = {(bp_real)0.5, (bp_real)0.25};
    bp_network *net = NULL;
    bp_layer *input = NULL, *output = NULL;
    bp_workspace *workspace = NULL;
    bp_gradient_check result;
    bp_gradient_check_init(&result, sizeof result);
    bp_data data = bp_data_view(1, inputs, 1, targets, 1);
    bp_status status = test_network_create(&net, allocator);
    if (status == BP_OK)
        status = bp_network_add_input(&input, net, NULL, 1);
    if (status == BP_OK)
        status = bp_network_add_layer(&output, net, NULL, 1, bp_activation_tanh());
    if (status == BP_OK)
        status = bp_network_connect(NULL, net, input, output);
    if (status == BP_OK)
        status = bp_network_finalize(net);
    if (status == BP_OK)
        status = bp_network_set_weights(net, weights, 2);
    if (status == BP_OK)
        status = bp_workspace_create(&workspace, net, 1);
    if (status == BP_OK)
        status = bp_network_check_gradient(net, workspace, &data, bp_loss_squared_error(), 0, &result);
    assert_int_equal(result.passed, status == BP_OK);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    return status;
}

static void test_memory_that_runs_out(void **state)
{
    (void)state;
    test_each_allocation_fails(check_with_memory, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_networks_pass),  cmocka_unit_test(test_size_of_inputs),
        cmocka_unit_test(test_saturated_units),       cmocka_unit_test(test_at_a_minimum),
        cmocka_unit_test(test_nothing_is_changed),    cmocka_unit_test(test_wrong_loss_is_named),
        cmocka_unit_test(test_wrong_weight_is_named), cmocka_unit_test(test_what_is_not_a_number),
        cmocka_unit_test(test_a_sum_that_overflows),  cmocka_unit_test(test_no_outputs_are_left),
        cmocka_unit_test(test_wrong_calls),           cmocka_unit_test(test_memory_that_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
