/* The losses of every kernel table, against the portable one and the formulas of kernel.h. */
#include "kernel/table_checks.h"
#include "kernel/tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 40 };

/* Cases of an output layer; x and y are dense. */
typedef struct loss_fixture {
    size_t rows, units;
    bp_real *x, *y, *derivative, *wanted;
    matrix targets;
    output_loss loss;
} loss_fixture;

static bp_real *dense(size_t count)
{
    bp_real *values = calloc(count, sizeof *values);
    assert_non_null(values);
    return values;
}

static void make_fixture(loss_fixture *f, int32_t kind, size_t rows, size_t units)
{
    *f = (loss_fixture){.rows = rows, .units = units, .targets = test_random_matrix(rows, units)};
    f->x = dense(rows * units);
    f->y = dense(rows * units);
    f->derivative = dense(rows * units);
    f->wanted = dense(rows * units);
    const double size = pow(10, test_uniform(&test_stream, -2, 1.5));
    for (size_t i = 0; i < rows * units; i++) {
        bool ties = i > 0 && test_below(&test_stream, 5) == 0;
        f->x[i] = ties ? f->x[i - 1] : (bp_real)test_uniform(&test_stream, -size, size);
        bp_real *target = test_at(&f->targets, i / units, i % units);
        *target = (bp_real)fabs((double)*target);
    }
    if (kind == KERNEL_SOFTMAX_CROSS_ENTROPY)
        bpi_kernel_portable.softmax(f->x, f->y, rows, units);
    else
        bpi_kernel_portable.activate(KERNEL_LOGISTIC, f->x, f->y, rows * units);
    f->loss = (output_loss){.kind = kind,
                            .rows = rows,
                            .units = units,
                            .x = f->x,
                            .y = f->y,
                            .targets = f->targets.values,
                            .target_stride = f->targets.stride,
                            .tolerance = test_below(&test_stream, 2) == 0 ? -1 : (bp_real)0.3};
}

static void release_fixture(loss_fixture *f)
{
    free(f->x);
    free(f->y);
    free(f->derivative);
    free(f->wanted);
    free(f->targets.memory);
}

/* A sum over the units has the accuracy of its terms, of which none is negative; those of logistic units come
 * from an exponential in bp_real. Sums of so many doubles are made in another order. */
static void compare_with_portable(loss_fixture *f)
{
    double errors[MOST_ROWS], wanted[MOST_ROWS];
    f->loss.derivative = f->wanted;
    double wanted_deviation = bpi_kernel_portable.find_loss(&f->loss, wanted);
    f->loss.derivative = f->derivative;
    assert_true(test_kernel->find_loss(&f->loss, errors) == wanted_deviation);
    for (size_t row = 0; row < f->rows; row++)
        assert_near(errors[row], wanted[row],
                    (2 * TEST_EPSILON + (double)(f->units + 8) * DBL_EPSILON) * (1 + wanted[row]));
    for (size_t i = 0; i < f->rows * f->units; i++)
        assert_near(f->derivative[i], f->wanted[i], 2 * TEST_EPSILON * (double)(1 + f->units));
}

/* Each row by itself has the same E and derivatives, without which E is the same too. */
static void compare_with_parts(loss_fixture *f)
{
    double whole[MOST_ROWS], without[MOST_ROWS], alone;
    test_kernel->find_loss(&f->loss, whole);
    memcpy(f->wanted, f->derivative, f->rows * f->units * sizeof *f->wanted);
    for (size_t row = 0; row < f->rows; row++) {
        output_loss one = f->loss;
        one.rows = 1;
        one.x += row * f->units;
        one.y += row * f->units;
        one.targets += row * f->loss.target_stride;
        one.derivative += row * f->units;
        test_kernel->find_loss(&one, &alone);
        assert_true(alone == whole[row]);
    }
    assert_memory_equal(f->wanted, f->derivative, f->rows * f->units * sizeof *f->wanted);
    f->loss.derivative = NULL;
    test_kernel->find_loss(&f->loss, without);
    assert_memory_equal(whole, without, f->rows * sizeof *whole);
}

static void check_losses(void)
{
    for (int32_t kind = KERNEL_SQUARED_ERROR; kind <= KERNEL_SOFTMAX_CROSS_ENTROPY; kind++)
        for (int i = 0; i < 150; i++) {
            loss_fixture f;
            make_fixture(&f, kind, 1 + test_below(&test_stream, MOST_ROWS), 1 + test_below(&test_stream, 70));
            compare_with_portable(&f);
            compare_with_parts(&f);
            release_fixture(&f);
        }
}

/* E of a case that is nearly right: exact to its own size, however small. */
static void check_small_losses(void)
{
    for (double gap = 1; gap < 80; gap += 0.5) {
        const bp_real x[] = {0, (bp_real)-gap, (bp_real)-gap}, target[] = {1, 0, 0};
        bp_real y[3];
        double error;
        output_loss loss = {.kind = KERNEL_SOFTMAX_CROSS_ENTROPY,
                            .rows = 1,
                            .units = 3,
                            .x = x,
                            .y = y,
                            .targets = target,
                            .target_stride = 3,
                            .tolerance = -1};
        test_kernel->softmax(x, y, 1, 3);
        test_kernel->find_loss(&loss, &error);
        double wanted = log1p(2 * exp(-gap));
        assert_near(error, wanted, 4 * TEST_EPSILON * wanted);
        const bp_real one = (bp_real)gap;
        loss.kind = KERNEL_LOGISTIC_CROSS_ENTROPY;
        loss.units = 1;
        loss.x = &one;
        test_kernel->activate(KERNEL_LOGISTIC, &one, y, 1);
        test_kernel->find_loss(&loss, &error);
        wanted = log1p(exp(-gap));
        assert_near(error, wanted, 4 * TEST_EPSILON * wanted);
    }
}

/* NaN in one case is seen in its E, and in no other. */
static void check_nan_is_seen(void)
{
    for (int32_t kind = KERNEL_SQUARED_ERROR; kind <= KERNEL_SOFTMAX_CROSS_ENTROPY; kind++)
        for (size_t units = 1; units < 20; units++) {
            loss_fixture f;
            double errors[MOST_ROWS];
            make_fixture(&f, kind, 11, units);
            f.x[7 * units + units / 2] = (bp_real)NAN;
            for (size_t j = 0; j < units; j++)
                if (kind == KERNEL_SOFTMAX_CROSS_ENTROPY || j == units / 2)
                    f.y[7 * units + j] = (bp_real)NAN;
            double deviation = test_kernel->find_loss(&f.loss, errors);
            assert_true(deviation == deviation);
            for (size_t row = 0; row < 11; row++)
                assert_true((errors[row] != errors[row]) == (row == 7));
            release_fixture(&f);
        }
}

TEST_OF_TABLES(losses)
TEST_OF_TABLES(small_losses)
TEST_OF_TABLES(nan_is_seen)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_losses),
        cmocka_unit_test(test_small_losses),
        cmocka_unit_test(test_nan_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
