/* Losses with a tolerance: which outputs have no error, by hand; what is refused. */
#include "support/support.h"

#include <float.h>
#include <math.h>

#include "engine/activation.h"
#include "engine/loss.h"
#include "engine/loss_check.h"
#include "kernel/tables.h"

enum { UNITS = 4 };

/* What a loss says of one case. */
typedef struct verdict {
    double error, deviation;
    bp_real derivative[UNITS];
} verdict;

static verdict judge(bp_loss loss, bp_activation activation, const bp_real *x, const bp_real *y,
                     const bp_real *targets)
{
    verdict v = {0};
    loss_block block = {.kernel = &bpi_kernel_portable,
                        .rows = 1,
                        .units = UNITS,
                        .x = x,
                        .y = y,
                        .targets = targets,
                        .target_stride = UNITS};
    bpi_loss_block(&loss, &activation, &block, v.derivative, &v.error, &v.deviation);
    return v;
}

/* The family trees: on-units from 0.8 up and off-units up to 0.2 have no error. */
static void test_on_and_off_units(void **state)
{
    (void)state;
    bp_loss loss = bp_loss_with_tolerance(bp_loss_squared_error(), 0.2);
    const bp_activation logistic = bp_activation_logistic();
    const bp_real targets[] = {1, 1, 0, 0};
    const bp_real right[] = {(bp_real)0.8, (bp_real)0.99, (bp_real)0.2, 0};
    const bp_real wrong[] = {(bp_real)0.75, 0, (bp_real)0.25, 1};
    verdict v = judge(loss, logistic, NULL, right, targets);
    assert_true(v.error == 0);
    for (int j = 0; j < UNITS; j++)
        assert_true(v.derivative[j] == 0);
    assert_close(v.deviation, 0.2, TOLERANCE(1e-6, 1e-14)); /* as it is without a tolerance */

    /* Beyond it, E and its derivative are the whole ones, not what is left after the tolerance. */
    v = judge(loss, logistic, NULL, wrong, targets);
    assert_close(v.error, 0.5 * (0.0625 + 1 + 0.0625 + 1), 1e-12);
    for (int j = 0; j < UNITS; j++)
        assert_true(v.derivative[j] == wrong[j] - targets[j]);
}

/* What counts is the distance from the target, above as below, whatever the targets are. */
static void test_other_targets(void **state)
{
    (void)state;
    bp_loss loss = bp_loss_with_tolerance(bp_loss_squared_error(), 0.0625);
    const bp_real targets[] = {(bp_real)0.875, (bp_real)0.875, -3, (bp_real)0.125};
    const bp_real y[] = {(bp_real)0.9375, 1, (bp_real)-3.0625, 0};
    verdict v = judge(loss, bp_activation_linear(), NULL, y, targets);
    assert_close(v.error, 0.5 * (0.015625 + 0.015625), 1e-12);
    assert_true(v.derivative[0] == 0 && v.derivative[2] == 0);
    assert_true(v.derivative[1] == (bp_real)0.125 && v.derivative[3] == (bp_real)-0.125);
}

static void test_zero_is_the_loss_as_it_is(void **state)
{
    (void)state;
    const bp_real x[UNITS] = {0}, half[] = {(bp_real)0.5, (bp_real)0.5, (bp_real)0.5, (bp_real)0.5};
    const bp_activation logistic = bp_activation_logistic();
    bp_loss plain = bp_loss_cross_entropy();
    verdict v = judge(bp_loss_with_tolerance(plain, 0), logistic, x, half, half);
    assert_close(v.error, 4 * log(2), TOLERANCE(1e-6, 1e-14));
    v = judge(bp_loss_with_tolerance(plain, 0.001), logistic, x, half, half);
    assert_true(v.error == 0);
    /* The last tolerance counts. */
    v = judge(bp_loss_with_tolerance(bp_loss_with_tolerance(plain, 0.5), 0), logistic, x, half, half);
    assert_true(v.error > 0);
}

static void test_cross_entropy(void **state)
{
    (void)state;
    bp_loss loss = bp_loss_with_tolerance(bp_loss_cross_entropy(), 0.2);
    const bp_real x[] = {2, 0, -2, 0}, targets[] = {1, 1, 0, 0};
    bp_real y[UNITS];
    bp_activation logistic = bp_activation_logistic();
    bpi_activation_forward(&bpi_kernel_portable, &logistic, 1, UNITS, x, y);
    verdict v = judge(loss, logistic, x, y, targets);
    assert_close(v.error, 2 * log(2), TOLERANCE(1e-6, 1e-14)); /* of the units at 0 */
    assert_true(v.derivative[0] == 0 && v.derivative[2] == 0);
    assert_close(v.derivative[1], -0.5, TOLERANCE(1e-6, 1e-14));
    assert_close(v.derivative[3], 0.5, TOLERANCE(1e-6, 1e-14));
}

/* dE/dx = sum_k dE/dy_k dy_k/dx_j with dE/dy = -d/y, 0 within the tolerance. */
static void test_softmax(void **state)
{
    (void)state;
    bp_loss loss = bp_loss_with_tolerance(bp_loss_cross_entropy(), 0.1);
    const bp_real x[] = {0, 0, 0, 0}, targets[] = {(bp_real)0.5, (bp_real)0.25, (bp_real)0.25, 0};
    const bp_real y[] = {(bp_real)0.25, (bp_real)0.25, (bp_real)0.25, (bp_real)0.25};
    bp_activation softmax = bp_activation_softmax();
    verdict v = judge(loss, softmax, x, y, targets); /* only unit 0 has an error; unit 3 has none to add */
    assert_close(v.error, 0.5 * log(4), TOLERANCE(1e-6, 1e-14));
    for (int j = 0; j < UNITS; j++)
        assert_close(v.derivative[j], -0.5 * ((j == 0) - 0.25), TOLERANCE(1e-6, 1e-14));

    const bp_real certain[] = {0, 1, 0, 0}, near[] = {9, 30, 2, 1};
    bp_real outputs[UNITS];
    bpi_activation_forward(&bpi_kernel_portable, &softmax, 1, UNITS, near, outputs);
    v = judge(loss, softmax, near, outputs, certain);
    assert_true(v.error == 0);
    for (int j = 0; j < UNITS; j++)
        assert_true(v.derivative[j] == 0);
}

static void test_nan_is_no_small_error(void **state)
{
    (void)state;
    bp_loss loss = bp_loss_with_tolerance(bp_loss_squared_error(), 100);
    const bp_real y[] = {0, (bp_real)NAN, 0, 0}, targets[UNITS] = {0};
    verdict v = judge(loss, bp_activation_linear(), NULL, y, targets);
    assert_true(isnan(v.error) && isnan(v.deviation));
    assert_true(isnan(v.derivative[1]) && v.derivative[0] == 0);
}

/* ------------------------------------------------------------------- refused */

static double no_loss(void *context, const bp_real *y, const bp_real *d, bp_real *derivative, size_t units)
{
    (void)context, (void)y, (void)d, (void)derivative, (void)units;
    return 0;
}

static void test_what_is_refused(void **state)
{
    (void)state;
    const size_t units[] = {1, 1};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_tanh(), bp_activation_logistic()));
    bp_loss squared = bp_loss_squared_error(), entropy = bp_loss_cross_entropy();
    const double bad[] = {-0.1, (double)NAN, (double)INFINITY};
    for (int i = 0; i < 3; i++) {
        bp_loss loss = bp_loss_with_tolerance(i == 1 ? squared : entropy, bad[i]);
        assert_fails(bpi_loss_check("here", &loss, net), i == 0 ? BP_ERROR_ARGUMENT : BP_ERROR_NOT_FINITE,
                     "tolerance of the loss is");
    }
    bp_loss widest = bp_loss_with_tolerance(squared, TOLERANCE((double)FLT_MAX, DBL_MAX));
    assert_ok(bpi_loss_check("here", &widest, net));
    if (sizeof(bp_real) < sizeof(double)) {
        bp_loss wider = bp_loss_with_tolerance(squared, 1e39);
        assert_fails(bpi_loss_check("here", &wider, net), BP_ERROR_ARGUMENT, "fit into bp_real");
    }
    bp_loss custom = bp_loss_with_tolerance(bp_loss_custom(no_loss, NULL), 0.2);
    assert_fails(bpi_loss_check("here", &custom, net), BP_ERROR_UNSUPPORTED, "custom loss");
    custom = bp_loss_with_tolerance(custom, 0);
    assert_ok(bpi_loss_check("here", &custom, net));
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_on_and_off_units),
        cmocka_unit_test(test_other_targets),
        cmocka_unit_test(test_zero_is_the_loss_as_it_is),
        cmocka_unit_test(test_cross_entropy),
        cmocka_unit_test(test_softmax),
        cmocka_unit_test(test_nan_is_no_small_error),
        cmocka_unit_test(test_what_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
