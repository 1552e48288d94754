/* The losses of every kernel table, against the portable one and the formulas of kernel.h. */
#include "kernel/table_checks.h"
#include "kernel/tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 40 };

/* Cases of an output layer; x and y are dense, with guards around them. The pointers are to the values of the
 * matrices. */
typedef struct loss_fixture {
    size_t rows, units;
    matrix arrays[4];
    bp_real *x, *y, *derivative, *wanted;
    matrix targets;
    output_loss loss;
} loss_fixture;

static bp_real *dense(loss_fixture *f, size_t array)
{
    f->arrays[array] = test_matrix(f->rows, f->units, 0, test_below(&test_stream, 20));
    return f->arrays[array].values;
}

static void make_fixture(loss_fixture *f, int32_t kind, size_t rows, size_t units)
{
    *f = (loss_fixture){.rows = rows, .units = units, .targets = test_random_matrix(rows, units)};
    f->x = dense(f, 0);
    f->y = dense(f, 1);
    f->derivative = dense(f, 2);
    f->wanted = dense(f, 3);
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
    if (kind != KERNEL_SQUARED_ERROR && test_below(&test_stream, 3) == 0) {
        f->loss.smoothing = (bp_real)0.125;
        f->loss.share = 1 / (bp_real)units;
    }
}

static void release_fixture(loss_fixture *f)
{
    for (size_t i = 0; i < 4; i++) {
        test_assert_gaps_untouched(&f->arrays[i]);
        free(f->arrays[i].memory);
    }
    test_assert_gaps_untouched(&f->targets);
    free(f->targets.memory);
}

/* A sum over the units has the accuracy of its terms, since none is negative; the terms of logistic units
 * come from an exponential in bp_real. The order of the sums in double differs between tables. */
static void compare_with_portable(loss_fixture *f)
{
    double errors[MOST_ROWS + 1], wanted[MOST_ROWS + 1];
    errors[f->rows] = wanted[f->rows] = 1986; /* a guard after the errors of all rows */
    f->loss.derivative = f->wanted;
    double wanted_deviation = bpi_kernel_portable.find_loss(&f->loss, wanted);
    f->loss.derivative = f->derivative;
    assert_true(test_kernel->find_loss(&f->loss, errors) == wanted_deviation);
    assert_true(errors[f->rows] == 1986 && wanted[f->rows] == 1986);
    for (size_t row = 0; row < f->rows; row++)
        assert_near(errors[row], wanted[row],
                    (2 * TEST_EPSILON + (double)(f->units + 8) * DBL_EPSILON) * (1 + wanted[row]));
    for (size_t i = 0; i < f->rows * f->units; i++)
        assert_near(f->derivative[i], f->wanted[i], 2 * TEST_EPSILON * (double)(1 + f->units));
}

/* Each row by itself has the same E and derivatives; E is also the same if no derivatives are wanted. */
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

/* to[unit][row] = from[row][unit], for a multiple of a register's values of rows; the last is repeated. */
static matrix unit_by_unit(const loss_fixture *f, const bp_real *from, size_t stride, size_t rows)
{
    matrix m = test_matrix(f->units, rows, 0, test_below(&test_stream, 20));
    for (size_t unit = 0; unit < f->units; unit++)
        for (size_t row = 0; row < rows; row++)
            m.values[unit * rows + row] = from[(row < f->rows ? row : f->rows - 1) * stride + unit];
    return m;
}

/* Values that are stored unit by unit have the same E and derivatives, which take the place of x. */
static void compare_by_unit(loss_fixture *f)
{
    enum { MULTIPLE = 16 };
    const size_t rows = (f->rows + MULTIPLE - 1) / MULTIPLE * MULTIPLE;
    double errors[MOST_ROWS + MULTIPLE], wanted[MOST_ROWS];
    f->loss.derivative = f->wanted;
    const double wanted_deviation = test_kernel->find_loss(&f->loss, wanted);
    matrix x = unit_by_unit(f, f->x, f->units, rows), y = unit_by_unit(f, f->y, f->units, rows);
    matrix targets = unit_by_unit(f, f->targets.values, f->targets.stride, rows);
    output_loss loss = f->loss;
    loss.rows = rows;
    loss.x = loss.derivative = x.values;
    loss.y = y.values;
    loss.targets = targets.values;
    assert_true(test_kernel->find_loss_by_unit(&loss, errors) == wanted_deviation);
    for (size_t row = 0; row < f->rows; row++) {
        assert_near(errors[row], wanted[row], (double)(f->units + 8) * DBL_EPSILON * (1 + wanted[row]));
        for (size_t unit = 0; unit < f->units; unit++)
            assert_near(x.values[unit * rows + row], f->wanted[row * f->units + unit],
                        2 * TEST_EPSILON * (double)(1 + f->units));
    }
    matrix *const made[] = {&x, &y, &targets};
    for (size_t i = 0; i < 3; i++) {
        test_assert_gaps_untouched(made[i]);
        free(made[i]->memory);
    }
}

static void check_losses(void)
{
    for (int32_t kind = KERNEL_SQUARED_ERROR; kind <= KERNEL_SOFTMAX_CROSS_ENTROPY; kind++)
        for (int i = 0; i < 150; i++) {
            loss_fixture f;
            make_fixture(&f, kind, 1 + test_below(&test_stream, MOST_ROWS),
                         1 + test_below(&test_stream, i % 10 == 0 ? 300 : 70));
            compare_with_portable(&f);
            compare_with_parts(&f);
            compare_by_unit(&f);
            release_fixture(&f);
        }
}

/* E of a case that is nearly right: small, with a small relative error. */
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

/* All x of a case are equal: E = sum of the targets * ln(units). */
static void check_equal_units(void)
{
    for (size_t units = 1; units < 150; units++) {
        loss_fixture f;
        double errors[3];
        make_fixture(&f, KERNEL_SOFTMAX_CROSS_ENTROPY, 3, units);
        f.loss.tolerance = -1;
        f.loss.smoothing = 0;
        for (size_t row = 0; row < 3; row++)
            for (size_t j = 0; j < units; j++)
                f.x[row * units + j] = (bp_real)row - 1;
        test_kernel->softmax(f.x, f.y, 3, units);
        test_kernel->find_loss(&f.loss, errors);
        for (size_t row = 0; row < 3; row++) {
            double sum = 0;
            for (size_t j = 0; j < units; j++)
                sum += (double)*test_at(&f.targets, row, j);
            const double wanted = sum * log((double)units);
            assert_near(errors[row], wanted,
                        (2 * TEST_EPSILON + (double)(units + 8) * DBL_EPSILON) * (1 + wanted));
        }
        release_fixture(&f);
    }
}

/* NaN in one case is seen in its E, and in no other. */
static void check_nan_is_seen(void)
{
    for (int32_t kind = KERNEL_SQUARED_ERROR; kind <= KERNEL_SOFTMAX_CROSS_ENTROPY; kind++)
        for (size_t units = 1; units < 400; units += units < 20 ? 1 : 37) {
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

/* ---------------------------------------------------------------------- on request */

/* 64 cases of 10 units. */
static void time_loss(const kernel_table *table, int32_t kind)
{
    static bp_real x[64 * 10], y[64 * 10], targets[64 * 10], derivative[64 * 10];
    static double errors[64];
    for (size_t i = 0; i < 64 * 10; i++)
        y[i] = (bp_real)0.5;
    table->find_loss(&(output_loss){.kind = kind,
                                    .rows = 64,
                                    .units = 10,
                                    .x = x,
                                    .y = y,
                                    .targets = targets,
                                    .target_stride = 10,
                                    .tolerance = -1,
                                    .derivative = derivative},
                     errors);
}

static void time_squared_error(const kernel_table *table)
{
    time_loss(table, KERNEL_SQUARED_ERROR);
}

static void time_logistic_cross_entropy(const kernel_table *table)
{
    time_loss(table, KERNEL_LOGISTIC_CROSS_ENTROPY);
}

static void time_softmax_cross_entropy(const kernel_table *table)
{
    time_loss(table, KERNEL_SOFTMAX_CROSS_ENTROPY);
}

static const timed_row timed_rows[] = {{"find_loss squared error", time_squared_error},
                                       {"find_loss logistic cross-entropy", time_logistic_cross_entropy},
                                       {"find_loss softmax cross-entropy", time_softmax_cross_entropy}};

TEST_OF_TABLES(losses)
TEST_OF_TABLES(small_losses)
TEST_OF_TABLES(equal_units)
TEST_OF_TABLES(nan_is_seen)

int main(int argc, char **argv)
{
    if (test_time_if_asked(argc, argv, timed_rows, sizeof timed_rows / sizeof timed_rows[0]))
        return 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_losses),
        cmocka_unit_test(test_small_losses),
        cmocka_unit_test(test_equal_units),
        cmocka_unit_test(test_nan_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
