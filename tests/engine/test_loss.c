/* Losses: E of a block, its derivative, and what they ask of network and targets. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "engine/activation.h"
#include "engine/check_data.h"
#include "engine/loss.h"
#include "engine/loss_check.h"
#include "kernel/tables.h"
#include "network/activation_kind.h"

enum { ROWS = 4, UNITS = 6, VALUES = ROWS * UNITS, STRIDE = UNITS + 2 };

typedef struct block_fixture {
    bp_real x[VALUES], y[VALUES], targets[ROWS * STRIDE], weights[ROWS], derivative[VALUES];
    loss_block block;
} block_fixture;

static const bp_real *target(const block_fixture *f, size_t row)
{
    return f->targets + row * STRIDE;
}

static void go_forward(block_fixture *f, bp_activation activation)
{
    bpi_activation_forward(&bpi_kernel_portable, &activation, f->block.rows, UNITS, f->x, f->y);
}

/* Targets are in 0..1 and do not sum to 1; NaN stands between their rows. */
static void make_block(block_fixture *f, bp_activation activation)
{
    uint64_t seed = 7;
    *f = (block_fixture){0};
    for (size_t i = 0; i < VALUES; i++)
        f->x[i] = (bp_real)test_uniform(&seed, -3, 3);
    for (size_t row = 0; row < ROWS; row++) {
        f->weights[row] = (bp_real)test_uniform(&seed, 0, 3);
        for (size_t j = 0; j < STRIDE; j++)
            f->targets[row * STRIDE + j] = j < UNITS ? (bp_real)((double)(j + 1) / 15) : (bp_real)NAN;
    }
    f->block = (loss_block){.kernel = &bpi_kernel_portable,
                            .rows = ROWS,
                            .units = UNITS,
                            .x = f->x,
                            .y = f->y,
                            .targets = f->targets,
                            .target_stride = STRIDE};
    go_forward(f, activation);
}

/* E by the formula, from x, for one case. */
static double error_of_case(const block_fixture *f, bp_loss loss, bp_activation activation, size_t row)
{
    long double error = 0, sum = 0, y[UNITS];
    for (size_t j = 0; j < UNITS; j++)
        sum += expl((long double)f->x[row * UNITS + j]);
    for (size_t j = 0; j < UNITS; j++) {
        long double x = (long double)f->x[row * UNITS + j], d = (long double)target(f, row)[j];
        y[j] = activation.kind == ACTIVATION_SOFTMAX ? expl(x) / sum : 1 / (1 + expl(-x));
        if (loss.kind == LOSS_SQUARED_ERROR)
            error += (y[j] - d) * (y[j] - d) / 2;
        else if (activation.kind == ACTIVATION_SOFTMAX)
            error -= d * logl(y[j]);
        else
            error -= d * logl(y[j]) + (1 - d) * logl(1 - y[j]);
    }
    return (double)error;
}

static double error_of_block(const block_fixture *f, bp_loss loss, bp_activation activation)
{
    double sum = 0;
    for (size_t row = 0; row < f->block.rows; row++)
        sum += error_of_case(f, loss, activation, row) *
               (f->block.case_weights == NULL ? 1 : (double)f->block.case_weights[row]);
    return sum;
}

static const struct {
    bp_loss (*loss)(void);
    bp_activation (*activation)(void);
} pairs[] = {
    {bp_loss_squared_error, bp_activation_logistic},
    {bp_loss_squared_error, bp_activation_softmax},
    {bp_loss_cross_entropy, bp_activation_logistic},
    {bp_loss_cross_entropy, bp_activation_softmax},
};

enum { PAIRS = sizeof pairs / sizeof pairs[0] };

static void test_error_is_added(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAIRS; i++) {
        block_fixture f;
        bp_loss loss = pairs[i].loss();
        bp_activation activation = pairs[i].activation();
        make_block(&f, activation);
        double error = 10, deviation = 0, wanted = error_of_block(&f, loss, activation);
        bpi_loss_block(&loss, &activation, &f.block, NULL, &error, &deviation);
        assert_close(error, 10 + wanted, TOLERANCE(1e-6, 1e-14));
        f.block.case_weights = f.weights;
        error = 0;
        bpi_loss_block(&loss, &activation, &f.block, f.derivative, &error, &deviation);
        assert_close(error, error_of_block(&f, loss, activation), TOLERANCE(1e-6, 1e-14));
    }
}

/* dE/dx by central differences of the formula, beside dE/dx from the loss, with the slope where it gives
 * dE/dy. */
static void assert_derivative(block_fixture *f, bp_loss loss, bp_activation activation)
{
    bp_real slope[VALUES];
    double error = 0, deviation = 0;
    bpi_loss_block(&loss, &activation, &f->block, f->derivative, &error, &deviation);
    if (!bpi_loss_gives_delta(&loss, &activation))
        bpi_activation_backward(&bpi_kernel_portable, &activation, ROWS, UNITS, f->x, f->y, f->derivative,
                                slope);
    for (size_t i = 0; i < VALUES; i++) {
        bp_real kept = f->x[i];
        f->x[i] = kept + (bp_real)1e-3;
        double above = (double)f->x[i], change = error_of_block(f, loss, activation);
        f->x[i] = kept - (bp_real)1e-3;
        double below = (double)f->x[i];
        change -= error_of_block(f, loss, activation);
        f->x[i] = kept;
        double wanted = change / (above - below);
        assert_true(fabs((double)f->derivative[i] - wanted) < 1e-6);
    }
}

static void test_derivative(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAIRS; i++) {
        block_fixture f;
        make_block(&f, pairs[i].activation());
        assert_derivative(&f, pairs[i].loss(), pairs[i].activation());
        f.block.case_weights = f.weights;
        assert_derivative(&f, pairs[i].loss(), pairs[i].activation());
    }
}

/* However cases are cut into blocks, E has the same bits. */
static void test_splits_into_blocks_do_not_show(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAIRS; i++) {
        block_fixture f;
        bp_loss loss = pairs[i].loss();
        bp_activation activation = pairs[i].activation();
        make_block(&f, activation);
        f.block.case_weights = f.weights;
        double whole = 0, parts = 0, deviation = 0;
        bpi_loss_block(&loss, &activation, &f.block, NULL, &whole, &deviation);
        for (size_t row = 0; row < ROWS; row++) {
            loss_block one = f.block;
            one.rows = 1;
            one.x += row * UNITS;
            one.y += row * UNITS;
            one.targets += row * STRIDE;
            one.case_weights += row;
            bpi_loss_block(&loss, &activation, &one, NULL, &parts, &deviation);
        }
        assert_true(whole == parts);
    }
}

static void test_deviation_becomes_the_maximum(void **state)
{
    (void)state;
    block_fixture f;
    bp_activation activation = bp_activation_logistic();
    make_block(&f, activation);
    bp_loss loss = bp_loss_squared_error();
    f.block.case_weights = f.weights;
    f.weights[2] = 0; /* weights do not touch it */
    f.y[2 * UNITS + 3] = 5;
    double error = 0, deviation = 0.5, wanted = 5 - (double)target(&f, 2)[3];
    bpi_loss_block(&loss, &activation, &f.block, NULL, &error, &deviation);
    assert_close(deviation, wanted, TOLERANCE(1e-6, 1e-14));
    f.y[2 * UNITS + 3] = -9; /* too low is a deviation too */
    bpi_loss_block(&loss, &activation, &f.block, NULL, &error, &deviation);
    assert_close(deviation, 9 + (double)target(&f, 2)[3], TOLERANCE(1e-6, 1e-14));
    deviation = 100;
    bpi_loss_block(&loss, &activation, &f.block, NULL, &error, &deviation);
    assert_true(deviation == 100);
    f.y[UNITS] = (bp_real)NAN; /* of the second case; those after it do not hide it */
    bpi_loss_block(&loss, &activation, &f.block, NULL, &error, &deviation);
    assert_true(isnan(deviation) && isnan(error));
}

/* E of one case of cross-entropy whose total inputs are far from 0. */
static double extreme_error(bp_activation activation, bp_real x0, bp_real x1, bp_real d0, bp_real d1)
{
    bp_loss loss = bp_loss_cross_entropy();
    bp_real x[] = {x0, x1}, d[] = {d0, d1}, y[2], derivative[2];
    double error = 0, deviation = 0;
    bpi_activation_forward(&bpi_kernel_portable, &activation, 1, 2, x, y);
    loss_block block = {.kernel = &bpi_kernel_portable,
                        .rows = 1,
                        .units = 2,
                        .x = x,
                        .y = y,
                        .targets = d,
                        .target_stride = 2};
    bpi_loss_block(&loss, &activation, &block, derivative, &error, &deviation);
    for (int j = 0; j < 2; j++)
        assert_true(fabs((double)derivative[j] - ((double)y[j] - (double)d[j])) < 1e-6);
    return error;
}

static void test_cross_entropy_far_from_zero(void **state)
{
    (void)state;
    const bp_activation logistic = bp_activation_logistic(), softmax = bp_activation_softmax();
    assert_close(extreme_error(logistic, 1000, -1000, 0, 1), 2000, 1e-12);
    assert_true(extreme_error(logistic, 1000, -1000, 1, 0) == 0);
    assert_close(extreme_error(logistic, -20, 20, 0, 1), 2 * log1p(exp(-20)), TOLERANCE(1e-6, 1e-14));
    assert_close(extreme_error(softmax, 1000, -1000, 0, 1), 2000, 1e-12);
    assert_true(extreme_error(softmax, 1000, -1000, 1, 0) == 0);
    assert_close(extreme_error(softmax, 1000, 1000, 1, 0), log(2), TOLERANCE(1e-6, 1e-14));
    assert_close(extreme_error(softmax, 0, -20, 1, 0), log1p(exp(-20)), TOLERANCE(1e-6, 1e-14));
    assert_true(isfinite(extreme_error(softmax, (bp_real)1e30, (bp_real)-1e30, 0, 1)));
    assert_true(isfinite(extreme_error(logistic, (bp_real)1e30, (bp_real)-1e30, 0, 1)));
}

/* ------------------------------------------------------- what losses ask for */

static void test_which_give_delta(void **state)
{
    (void)state;
    bp_loss squared = bp_loss_squared_error(), entropy = bp_loss_cross_entropy();
    const bp_activation logistic = bp_activation_logistic(), tanh_ = bp_activation_tanh(),
                        softmax = bp_activation_softmax();
    assert_false(bpi_loss_gives_delta(&squared, &logistic));
    assert_false(bpi_loss_gives_delta(&squared, &softmax));
    assert_true(bpi_loss_gives_delta(&entropy, &logistic));
    assert_true(bpi_loss_gives_delta(&entropy, &softmax));
    assert_false(bpi_loss_gives_delta(&entropy, &tanh_));
    assert_false(bpi_loss_needs_x(&squared, &softmax));
    assert_true(bpi_loss_needs_x(&entropy, &softmax));
    assert_true(bpi_loss_needs_x(&entropy, &logistic));
}

static bp_network *network_of(bp_activation output)
{
    const size_t units[] = {2, 3, 2};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_relu(), output));
    return net;
}

static void test_which_outputs_they_go_with(void **state)
{
    (void)state;
    bp_loss squared = bp_loss_squared_error(), entropy = bp_loss_cross_entropy(), none = {0};
    const bp_activation all[] = {bp_activation_logistic(), bp_activation_softmax(), bp_activation_tanh(),
                                 bp_activation_relu(), bp_activation_linear()};
    for (size_t i = 0; i < 5; i++) {
        bp_network *net = network_of(all[i]);
        assert_ok(bpi_loss_check("here", &squared, net));
        if (i < 2) {
            assert_ok(bpi_loss_check("here", &entropy, net));
        } else {
            assert_fails(bpi_loss_check("here", &entropy, net), BP_ERROR_UNSUPPORTED, "layer 'output' is");
            assert_fails(bpi_loss_check("here", &entropy, net), BP_ERROR_UNSUPPORTED,
                         bp_activation_name(&all[i]));
        }
        assert_fails(bpi_loss_check("here", &none, net), BP_ERROR_ARGUMENT, "bp_loss_*");
        bp_network_destroy(net);
    }
}

static bp_status check_targets(const bp_network *net, const bp_real *targets, bp_loss loss)
{
    const bp_real inputs[4] = {0};
    bp_data view = bp_data_view(2, inputs, 2, targets, 2), checked;
    assert_ok(bpi_check_data("call", "data", net, &view, DATA_BOTH, &checked));
    return bpi_loss_check_targets("call", "data", &loss, net, &checked);
}

static void test_targets_of_cross_entropy(void **state)
{
    (void)state;
    bp_network *net = network_of(bp_activation_logistic());
    bp_loss entropy = bp_loss_cross_entropy(), squared = bp_loss_squared_error();
    const bp_real good[] = {0, 1, (bp_real)0.5, 1}, low[] = {0, 1, (bp_real)-0.25, 1}, high[] = {0, 3, 0, 1};
    assert_ok(check_targets(net, good, entropy));
    assert_fails(check_targets(net, low, entropy), BP_ERROR_ARGUMENT, "case 1, column 0 is -0.25");
    assert_fails(check_targets(net, high, entropy), BP_ERROR_ARGUMENT,
                 "call: data.targets: case 0, column 1");
    assert_ok(check_targets(net, low, squared));
    assert_ok(check_targets(net, high, squared));

    /* What counts is the scaled value: column 1 is brought from 1..3 to 0..1. */
    const bp_real offsets[] = {0, 1}, factors[] = {1, (bp_real)0.5}, below[] = {0, 1, 0, 0};
    assert_ok(bp_network_set_target_scaling(net, offsets, factors, 2));
    assert_ok(check_targets(net, high, entropy));
    assert_fails(check_targets(net, below, entropy), BP_ERROR_ARGUMENT,
                 "case 1, column 1 is -0.5 after scaling");
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_error_is_added),
        cmocka_unit_test(test_derivative),
        cmocka_unit_test(test_splits_into_blocks_do_not_show),
        cmocka_unit_test(test_deviation_becomes_the_maximum),
        cmocka_unit_test(test_cross_entropy_far_from_zero),
        cmocka_unit_test(test_which_give_delta),
        cmocka_unit_test(test_which_outputs_they_go_with),
        cmocka_unit_test(test_targets_of_cross_entropy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
