/* Losses that are sums over outputs, and label smoothing: by hand, and against PyTorch's values in
 * data/losses.txt, made by data/make_losses.py, which says what is in it. What is refused. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/activation.h"
#include "engine/loss.h"
#include "kernel/select.h"
#include "kernel/tables.h"
#include "network/activation_kind.h"
#include "support/support.h"

enum { MAX_UNITS = 64 };

/* What a loss says of one case. */
typedef struct verdict {
    double error, deviation;
    bp_real derivative[MAX_UNITS], curvature[MAX_UNITS];
} verdict;

static verdict judge_with(const kernel_table *kernel, bp_loss loss, bp_activation activation,
                          const bp_real *x, const bp_real *targets, size_t units)
{
    verdict v = {0};
    bp_real y[MAX_UNITS], ones[MAX_UNITS];
    for (size_t j = 0; j < units; j++)
        ones[j] = 1;
    bpi_activation_forward(kernel, &activation, 1, units, x, y);
    loss_block block = {.kernel = kernel,
                        .rows = 1,
                        .units = units,
                        .x = x,
                        .y = y,
                        .targets = targets,
                        .target_stride = units};
    bpi_loss_block(&loss, &activation, &block, v.derivative, &v.error, &v.deviation);
    bpi_loss_change(&loss, &activation, &block, ones, v.curvature);
    return v;
}

static void assert_near(double got, double wanted, double distance)
{
    if (!(fabs(got - wanted) <= distance))
        fail_msg("%.17g, wanted %.17g within %g", got, wanted, distance);
}

/* Of one linear unit. */
static verdict judge(bp_loss loss, double y, double d)
{
    const bp_real x = (bp_real)y, target = (bp_real)d;
    return judge_with(&bpi_kernel_portable, loss, bp_activation_linear(), &x, &target, 1);
}

static void assert_judged(bp_loss loss, double y, double d, double error, double derivative, double curvature)
{
    const verdict v = judge(loss, y, d);
    assert_near(v.error, error, 1e-14 * (1 + error));
    assert_near((double)v.derivative[0], derivative, TOLERANCE(1e-6, 1e-14) * (1 + fabs(derivative)));
    assert_near((double)v.curvature[0], curvature, TOLERANCE(1e-6, 1e-14) * (1 + fabs(curvature)));
    assert_near(v.deviation, fabs(y - d), 1e-6 * fabs(y - d));
}

/* Targets below and above the output, at the bend, and on the target. */
static void test_by_hand(void **state)
{
    (void)state;
    assert_judged(bp_loss_absolute_error(), 2, 5, 3, -1, 0);
    assert_judged(bp_loss_absolute_error(), -2, -5, 3, 1, 0);
    assert_judged(bp_loss_absolute_error(), 4, 4, 0, 0, 0);

    assert_judged(bp_loss_huber(2), 1, 2.5, 1.125, -1.5, 1);
    assert_judged(bp_loss_huber(2), 3, 1, 2, 2, 1);
    assert_judged(bp_loss_huber(2), 6, 1, 8, 2, 0);
    assert_judged(bp_loss_huber(2), 1, 6, 8, -2, 0);

    assert_judged(bp_loss_log_cosh(), 3, 3, 0, 0, 1);
    assert_judged(bp_loss_log_cosh(), 1, 0, log(cosh(1)), tanh(1), 1 - tanh(1) * tanh(1));
    assert_judged(bp_loss_log_cosh(), 0, 0.5, log(cosh(0.5)), -tanh(0.5), 1 - tanh(0.5) * tanh(0.5));

    assert_judged(bp_loss_quantile(0.75), 1, 5, 3, -0.75, 0);
    assert_judged(bp_loss_quantile(0.75), 5, 1, 1, 0.25, 0);
    assert_judged(bp_loss_quantile(0.75), 5, 5, 0, 0, 0);

    assert_judged(bp_loss_hinge(), 0.25, 1, 0.75, -1, 0);
    assert_judged(bp_loss_hinge(), 1, 1, 0, 0, 0);
    assert_judged(bp_loss_hinge(), 0.25, -1, 1.25, 1, 0);
    assert_judged(bp_loss_hinge(), 0.25, 0, 1.25, 1, 0); /* 0 stands for -1 */
    assert_judged(bp_loss_hinge(), -3, 0, 0, 0, 0);

    assert_judged(bp_loss_poisson(), 0, 1, 0, 0, 1);
    assert_judged(bp_loss_poisson(), 0, 0, 1, 1, 1);
    assert_judged(bp_loss_poisson(), 0, 3, 1 - 3 + 3 * log(3), -2, 1);
    assert_judged(bp_loss_poisson(), 1, 2, exp(1) - 2 - 2 + 2 * log(2), exp(1) - 2, exp(1));
}

/* A small distance keeps its digits, a large one does not overflow. */
static void test_log_cosh_far_and_near(void **state)
{
    (void)state;
    const double tiny = 1.0 / 1048576, huge = (double)TOLERANCE(1e30f, 1e300);
    verdict v = judge(bp_loss_log_cosh(), tiny, 0);
    assert_near(v.error / (tiny * tiny / 2), 1, 1e-11);
    v = judge(bp_loss_log_cosh(), huge, -huge);
    assert_near(v.error / huge, 2, TOLERANCE(1e-6, 1e-14));
    assert_true(v.derivative[0] == 1 && v.curvature[0] == 0);
    v = judge(bp_loss_huber(1), huge, -huge);
    assert_near(v.error / huge, 2, TOLERANCE(1e-6, 1e-14));
    assert_true(v.derivative[0] == 1);
}

/* E of an output that is NaN is NaN, so that training stops. */
static void test_nan_stays(void **state)
{
    (void)state;
    const bp_loss losses[] = {bp_loss_absolute_error(), bp_loss_huber(1), bp_loss_log_cosh(),
                              bp_loss_quantile(0.5),    bp_loss_hinge(),  bp_loss_poisson()};
    for (size_t i = 0; i < sizeof losses / sizeof losses[0]; i++) {
        const verdict v = judge(losses[i], NAN, 1);
        assert_true(isnan(v.error));
        assert_true(isnan(v.deviation));
    }
}

/* Within the tolerance there is no error, beyond it the whole one. */
static void test_tolerance(void **state)
{
    (void)state;
    const bp_loss losses[] = {bp_loss_absolute_error(), bp_loss_huber(1), bp_loss_log_cosh(),
                              bp_loss_quantile(0.5)};
    for (size_t i = 0; i < sizeof losses / sizeof losses[0]; i++) {
        const bp_loss loss = bp_loss_with_tolerance(losses[i], 0.5);
        verdict v = judge(loss, 1.5, 1);
        assert_true(v.error == 0 && v.derivative[0] == 0 && v.curvature[0] == 0);
        v = judge(loss, 1.75, 1);
        const verdict wanted = judge(losses[i], 1.75, 1);
        assert_true(v.error == wanted.error && v.derivative[0] == wanted.derivative[0] &&
                    v.curvature[0] == wanted.curvature[0]);
    }
}

/* ------------------------------------------------------------------ against PyTorch */

static bp_loss loss_of(const char *name, double parameter)
{
    const struct {
        const char *name;
        bp_loss loss;
    } rows[] = {
        {"absolute_error", bp_loss_absolute_error()},
        {"huber", bp_loss_huber(parameter)},
        {"log_cosh", bp_loss_log_cosh()},
        {"quantile", bp_loss_quantile(parameter)},
        {"hinge", bp_loss_hinge()},
        {"poisson", bp_loss_poisson()},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].name, name) == 0)
            return rows[i].loss;
    fail_msg("data/losses.txt has a loss '%s', which has no row here", name);
    return bp_loss_default();
}

static void compare_output(const char *name, FILE *file)
{
    double parameter, y, d, error, first, second;
    assert_int_equal(fscanf(file, "%lf %lf %lf %lf %lf %lf", &parameter, &y, &d, &error, &first, &second), 6);
    const verdict v = judge(loss_of(name, parameter), y, d);
    const double scale = 1 + fabs(d) * (1 + fabs(y)); /* of the terms whose difference PyTorch's E is */
    assert_near(v.error, error, 1e-14 * (fabs(error) + scale));
    assert_near((double)v.derivative[0], first, TOLERANCE(1e-7, 1e-14) * (fabs(first) + 1));
    assert_near((double)v.curvature[0], second, TOLERANCE(1e-7, 1e-13) * (fabs(second) + 1));
}

static void read_row(FILE *file, bp_real *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double value;
        assert_int_equal(fscanf(file, "%lf", &value), 1);
        values[i] = (bp_real)value;
    }
}

static void compare_smoothing(FILE *file)
{
    char activation[16];
    double epsilon, error;
    size_t units;
    bp_real x[MAX_UNITS], targets[MAX_UNITS], first[MAX_UNITS];
    assert_int_equal(fscanf(file, "%15s %lf %zu", activation, &epsilon, &units), 3);
    assert_true(units <= MAX_UNITS);
    read_row(file, x, units);
    read_row(file, targets, units);
    assert_int_equal(fscanf(file, "%lf", &error), 1);
    read_row(file, first, units);
    const bp_loss loss = bp_loss_with_label_smoothing(bp_loss_cross_entropy(), epsilon);
    size_t tables;
    const kernel_table *const *table = bpi_kernel_tables(&tables);
    for (size_t t = 0; t < tables; t++) {
        if (!table[t]->supported())
            continue;
        const verdict v = judge_with(table[t], loss,
                                     strcmp(activation, "softmax") == 0 ? bp_activation_softmax()
                                                                        : bp_activation_logistic(),
                                     x, targets, units);
        assert_near(v.error, error, TOLERANCE(1e-6, 1e-14) * (1 + error));
        for (size_t j = 0; j < units; j++)
            assert_near((double)v.derivative[j], (double)first[j], TOLERANCE(1e-6, 1e-14));
    }
}

static void test_pytorch(void **state)
{
    (void)state;
    FILE *file = fopen("data/losses.txt", "r");
    char name[24];
    size_t outputs = 0, rows = 0;
    assert_non_null(file);
    while (fscanf(file, "%23s", name) == 1) {
        const int is_smoothing = strcmp(name, "label_smoothing") == 0;
        if (is_smoothing)
            compare_smoothing(file);
        else
            compare_output(name, file);
        rows += (size_t)is_smoothing;
        outputs += (size_t)!is_smoothing;
    }
    fclose(file);
    assert_true(outputs > 1000);
    assert_int_equal(rows, 9);
}

/* ------------------------------------------------------------------ what is refused */

static bp_status evaluate(bp_activation output, bp_loss loss, double target)
{
    static const bp_real inputs[2] = {0};
    const bp_real targets[] = {0, (bp_real)target};
    const bp_data data = bp_data_view(2, inputs, 1, targets, 1);
    bp_network *net = NULL;
    bp_workspace *workspace = NULL;
    bp_evaluation result;
    bp_evaluation_init(&result, sizeof result);
    assert_ok(bp_network_create_layered(&net, (size_t[]){1, 1}, 2, bp_activation_tanh(), output));
    assert_ok(bp_network_initialize(net, 1));
    assert_ok(bp_workspace_create(&workspace, net, 2));
    const bp_status status = bp_network_evaluate(net, workspace, &data, loss, NULL, &result);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    return status;
}

static void test_parameters(void **state)
{
    (void)state;
    const bp_activation linear = bp_activation_linear();
    assert_fails(evaluate(linear, bp_loss_huber(0), 1), BP_ERROR_ARGUMENT,
                 "Huber's loss has the delta 0; it must be above 0 and fit into bp_real");
    assert_fails(evaluate(linear, bp_loss_huber(-1), 1), BP_ERROR_ARGUMENT, "has the delta -1");
    assert_fails(evaluate(linear, bp_loss_huber(INFINITY), 1), BP_ERROR_NOT_FINITE, "has the delta inf");
    assert_fails(evaluate(linear, bp_loss_quantile(0), 1), BP_ERROR_ARGUMENT,
                 "quantile loss has the tau 0; it must be above 0 and below 1");
    assert_fails(evaluate(linear, bp_loss_quantile(1), 1), BP_ERROR_ARGUMENT, "has the tau 1");
    assert_fails(evaluate(linear, bp_loss_quantile(NAN), 1), BP_ERROR_NOT_FINITE, "has the tau nan");
    assert_ok(evaluate(linear, bp_loss_huber(0.5), 1));
    assert_ok(evaluate(linear, bp_loss_quantile(0.5), 1));
}

static void test_outputs_and_targets(void **state)
{
    (void)state;
    assert_fails(evaluate(bp_activation_logistic(), bp_loss_hinge(), 1), BP_ERROR_UNSUPPORTED,
                 "hinge loss needs linear or tanh outputs; layer");
    assert_fails(evaluate(bp_activation_relu(), bp_loss_poisson(), 1), BP_ERROR_UNSUPPORTED,
                 "Poisson loss needs linear outputs; layer");
    assert_fails(evaluate(bp_activation_tanh(), bp_loss_hinge(), 0.5), BP_ERROR_ARGUMENT,
                 "data.targets: case 1, column 0 is 0.5 after scaling; hinge loss needs 1, and 0 or -1");
    assert_fails(evaluate(bp_activation_linear(), bp_loss_poisson(), -1), BP_ERROR_ARGUMENT,
                 "case 1, column 0 is -1 after scaling; Poisson loss needs 0 or more");
    assert_ok(evaluate(bp_activation_tanh(), bp_loss_hinge(), -1));
    assert_ok(evaluate(bp_activation_linear(), bp_loss_poisson(), 2.5));
}

static void test_tolerance_and_smoothing(void **state)
{
    (void)state;
    const bp_activation linear = bp_activation_linear(), logistic = bp_activation_logistic();
    assert_fails(evaluate(linear, bp_loss_with_tolerance(bp_loss_hinge(), 0.1), 1), BP_ERROR_UNSUPPORTED,
                 "hinge loss has a tolerance of 0.1; it cannot have one");
    assert_fails(evaluate(linear, bp_loss_with_tolerance(bp_loss_poisson(), 0.1), 1), BP_ERROR_UNSUPPORTED,
                 "Poisson loss has a tolerance of 0.1; it cannot have one");
    assert_fails(evaluate(linear, bp_loss_with_label_smoothing(bp_loss_default(), 0.1), 1),
                 BP_ERROR_UNSUPPORTED, "squared error has a label smoothing of 0.1; only cross-entropy can");
    assert_fails(evaluate(logistic, bp_loss_with_label_smoothing(bp_loss_cross_entropy(), 1), 1),
                 BP_ERROR_ARGUMENT,
                 "the label smoothing of the loss is 1; it must be at least 0 and below 1");
    assert_fails(
        evaluate(logistic,
                 bp_loss_with_tolerance(bp_loss_with_label_smoothing(bp_loss_cross_entropy(), 0.1), 0.2), 1),
        BP_ERROR_UNSUPPORTED, "a label smoothing of 0.1 and a tolerance of 0.2; it can have one");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_log_cosh_far_and_near),
        cmocka_unit_test(test_nan_stays),
        cmocka_unit_test(test_tolerance),
        cmocka_unit_test(test_pytorch),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_outputs_and_targets),
        cmocka_unit_test(test_tolerance_and_smoothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
