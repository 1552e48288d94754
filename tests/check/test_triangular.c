/* The triangular factor of least squares: a worked case, and what must hold of random ones. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check/triangular.h"
#include "support/arrays.h"

enum { ROWS = 40, COLUMNS = 7 };

typedef struct factor {
    size_t columns, rank;
    double *r, *norms, *sums;
    size_t *order;
} factor;

/* Of rows x columns values, added in parts of `part` rows. */
static factor make(const double *rows, size_t count, size_t columns, size_t part)
{
    factor f = {.columns = columns,
                .r = new_doubles(columns * columns),
                .norms = new_doubles(columns),
                .sums = new_doubles(columns),
                .order = new_array(columns, sizeof *f.order)};
    double *copy = new_doubles(count * columns);
    memcpy(copy, rows, count * columns * sizeof *copy);
    for (size_t i = 0; i < count; i += part)
        bpi_triangular_add(f.r, columns, copy + i * columns, part < count - i ? part : count - i, f.sums);
    free(copy);
    return f;
}

static void end(factor *f)
{
    free(f->r);
    free(f->norms);
    free(f->sums);
    free(f->order);
}

/* Element a, b of rows^T rows. */
static double square(const double *rows, size_t count, size_t columns, size_t a, size_t b)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += rows[i * columns + a] * rows[i * columns + b];
    return sum;
}

static double *random_rows(uint64_t seed, size_t count, size_t columns)
{
    double *rows = new_doubles(count * columns);
    for (size_t i = 0; i < count * columns; i++)
        rows[i] = test_uniform(&seed, -1, 1);
    return rows;
}

/* A column of 3 and 4 has the norm 5; the second one is 11 / 5 along it and 2 / 5 across. */
static void test_two_columns(void **state)
{
    (void)state;
    const double rows[] = {3, 1, 4, 2};
    factor f = make(rows, 2, 2, 1);
    assert_close(fabs(f.r[0]), 5, 1e-15);
    assert_close(fabs(f.r[1]), 2.2, 1e-15);
    assert_true(f.r[2] == 0);
    assert_close(fabs(f.r[3]), 0.4, 1e-14);
    assert_true(f.r[0] * f.r[1] > 0);
    end(&f);
}

static void test_factor_of_rows_in_any_parts(void **state)
{
    (void)state;
    double *rows = random_rows(1, ROWS, COLUMNS);
    for (size_t part = 1; part <= ROWS; part += 13) {
        factor f = make(rows, ROWS, COLUMNS, part);
        for (size_t a = 0; a < COLUMNS; a++)
            for (size_t b = 0; b < COLUMNS; b++)
                assert_true(fabs(square(f.r, COLUMNS, COLUMNS, a, b) - square(rows, ROWS, COLUMNS, a, b)) <
                            1e-13 * ROWS);
        end(&f);
    }
    free(rows);
}

/* U = R^-1: U R = I, for columns whose sizes differ by powers of ten. */
static void test_inverse(void **state)
{
    (void)state;
    double *rows = random_rows(2, ROWS, COLUMNS);
    for (size_t i = 0; i < ROWS * COLUMNS; i++)
        rows[i] *= pow(10, (double)(i % COLUMNS) - 3);
    factor f = make(rows, ROWS, COLUMNS, 9);
    assert_int_equal(bpi_triangular_pivot(f.r, COLUMNS, 1e-11, f.norms, f.order, f.sums), COLUMNS);
    double *inverse = new_doubles(COLUMNS * COLUMNS);
    memcpy(inverse, f.r, COLUMNS * COLUMNS * sizeof *inverse);
    bpi_triangular_invert(inverse, COLUMNS);
    for (size_t i = 0; i < COLUMNS; i++) {
        assert_close(f.norms[i] * f.norms[i], square(rows, ROWS, COLUMNS, i, i), 1e-13);
        for (size_t j = 0; j < COLUMNS; j++) {
            double product = 0;
            for (size_t k = 0; k < COLUMNS; k++)
                product += inverse[i * COLUMNS + k] * f.r[k * COLUMNS + j];
            assert_true(fabs(product - (i == j)) < 1e-13);
            /* R is that of the scaled columns in the order of pivots. */
            const size_t a = f.order[i], b = f.order[j];
            assert_true(fabs(square(f.r, COLUMNS, COLUMNS, i, j) -
                             square(rows, ROWS, COLUMNS, a, b) / (f.norms[a] * f.norms[b])) < 1e-13);
        }
    }
    free(inverse);
    end(&f);
    free(rows);
}

/* Column 2 is column 0 less twice column 5, column 4 is zero: rank 5, and 1, 3 and 6 stand alone. */
static void test_dependent_columns(void **state)
{
    (void)state;
    double *rows = random_rows(3, ROWS, COLUMNS);
    for (size_t i = 0; i < ROWS; i++) {
        rows[i * COLUMNS + 2] = rows[i * COLUMNS] - 2 * rows[i * COLUMNS + 5];
        rows[i * COLUMNS + 4] = 0;
    }
    factor f = make(rows, ROWS, COLUMNS, 4);
    unsigned char is_free[COLUMNS];
    const unsigned char wanted[COLUMNS] = {1, 0, 1, 0, 1, 1, 0};
    const size_t rank = bpi_triangular_pivot(f.r, COLUMNS, 1e-11, f.norms, f.order, f.sums);
    assert_int_equal(rank, 5);
    bpi_triangular_find_free(f.r, COLUMNS, rank, f.order, is_free, f.sums);
    assert_memory_equal(is_free, wanted, sizeof wanted);
    end(&f);
    free(rows);
}

static void test_fewer_rows_than_columns(void **state)
{
    (void)state;
    double *rows = random_rows(4, 3, COLUMNS);
    factor f = make(rows, 3, COLUMNS, 2);
    assert_int_equal(bpi_triangular_pivot(f.r, COLUMNS, 1e-11, f.norms, f.order, f.sums), 3);
    end(&f);
    free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_columns),
        cmocka_unit_test(test_factor_of_rows_in_any_parts),
        cmocka_unit_test(test_inverse),
        cmocka_unit_test(test_dependent_columns),
        cmocka_unit_test(test_fewer_rows_than_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
