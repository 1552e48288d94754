/* Forward products that are given the panels of B: the bits of the same product without them. */
#include "kernel/table_checks.h"

#include <stdlib.h>
#include <string.h>

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* B as make_panels writes it, with guards around. */
static matrix panels_of(const matrix *b)
{
    matrix panels = test_matrix(1, larger(test_kernel->panel_values(b->rows, b->columns), 1), 0,
                                16 * test_below(&test_stream, 2));
    if (test_kernel->panel_values(b->rows, b->columns) > 0)
        test_kernel->make_panels(b->rows, b->columns, b->values, b->stride, panels.values);
    test_assert_gaps_untouched(&panels);
    return panels;
}

/* Columns first .. first + columns - 1 of C; panels may be NULL. */
static matrix multiply(const matrix *a, const matrix *b, const matrix *bias, const bp_real *panels,
                       size_t first, size_t columns)
{
    matrix c = test_matrix(a->rows, columns, test_below(&test_stream, 3), 0);
    matrix scratch =
        test_matrix(1, larger(test_kernel->product_scratch(a->rows, b->rows, b->columns), 1), 0, 0);
    const matrix_product product = {.m = a->rows,
                                    .n = columns,
                                    .k = a->columns,
                                    .a = a->values,
                                    .a_stride = a->stride,
                                    .b = test_at(b, first, 0),
                                    .b_stride = b->stride,
                                    .c = c.values,
                                    .c_stride = c.stride,
                                    .bias = bias->values + first,
                                    .panels = panels == NULL ? NULL : panels + first * b->columns,
                                    .epilogue = {.kind = EPILOGUE_ACTIVATION, .activation = KERNEL_TANH},
                                    .scratch = scratch.values};
    test_kernel->product_forward(&product);
    test_assert_gaps_untouched(&c);
    free(scratch.memory);
    return c;
}

static void assert_same(const matrix *a, const matrix *b, const matrix *bias, const matrix *panels,
                        size_t first, size_t columns)
{
    matrix plain = multiply(a, b, bias, NULL, first, columns);
    matrix with_panels = multiply(a, b, bias, panels->values, first, columns);
    for (size_t row = 0; row < a->rows; row++)
        assert_memory_equal(test_at(&with_panels, row, 0), test_at(&plain, row, 0),
                            columns * sizeof(bp_real));
    free(plain.memory);
    free(with_panels.memory);
}

/* All columns, and a part that begins and ends with a panel. */
static void check_product(size_t m, size_t n, size_t k)
{
    if (test_kernel->panel_values(n, k) == 0)
        return;
    matrix a = test_random_matrix(m, k), b = test_random_matrix(n, k), bias = test_random_matrix(1, n);
    matrix panels = panels_of(&b);
    assert_same(&a, &b, &bias, &panels, 0, n);
    const size_t width = test_kernel->panel_columns, whole = n / width;
    if (whole > 0) {
        const size_t first = test_below(&test_stream, whole);
        const size_t count = 1 + test_below(&test_stream, whole - first);
        assert_same(&a, &b, &bias, &panels, first * width, count * width);
        assert_same(&a, &b, &bias, &panels, first * width, n - first * width);
    }
    test_assert_unchanged(&b);
    free(panels.memory);
    free(a.memory);
    free(b.memory);
    free(bias.memory);
}

static void check_small_products(void)
{
    for (size_t m = 1; m <= 7; m++)
        for (size_t n = 1; n <= 20; n++)
            for (size_t k = 1; k <= 9; k++)
                check_product(m, n, k);
}

static void check_random_products(void)
{
    for (int i = 0; i < 300; i++)
        check_product(1 + test_below(&test_stream, 40), 1 + test_below(&test_stream, 200),
                      1 + test_below(&test_stream, 100));
}

/* More rows, columns or terms than a block has. */
static void check_long_products(void)
{
    static const size_t sizes[][3] = {{3, 7, 2311},   {2, 70, 1100}, {601, 70, 9},
                                      {300, 33, 520}, {5, 1203, 10}, {65, 130, 1031}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        check_product(sizes[i][0], sizes[i][1], sizes[i][2]);
}

TEST_OF_TABLES(small_products)
TEST_OF_TABLES(random_products)
TEST_OF_TABLES(long_products)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_products),
        cmocka_unit_test(test_random_products),
        cmocka_unit_test(test_long_products),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
