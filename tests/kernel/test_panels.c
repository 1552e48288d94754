/* Forward products that are given the panels of B, and gradients that update weights in panels: the bits of
 * the same product without them. */
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

/* ------------------------------------------------------------- updates in panels */

/* A gradient of `units` x `inputs` weights; in panels, those of the units first .. first + count - 1. */
static void update(const matrix *deltas, const matrix *y, const weight_update *rule, bool in_panels,
                   size_t first, size_t count)
{
    const size_t units = deltas->columns, inputs = y->columns, cases = y->rows;
    matrix c = test_matrix(units, inputs, 0, 0);
    matrix scratch =
        test_matrix(1, larger(test_kernel->product_scratch(units, inputs, larger(cases, inputs)), 1), 0, 0);
    matrix_product product = {.k = cases,
                              .in_panels = in_panels,
                              .epilogue = {.kind = EPILOGUE_UPDATE, .update.rule = *rule},
                              .scratch = scratch.values};
    if (in_panels) {
        product.m = inputs;
        product.n = count;
        product.a = y->values;
        product.a_stride = y->stride;
        product.b = deltas->values + first;
        product.b_stride = deltas->stride;
        product.epilogue.update.rule.weights += first * inputs;
        product.epilogue.update.rule.last_update += first * inputs;
    } else {
        product.m = units;
        product.n = inputs;
        product.a = deltas->values;
        product.a_stride = deltas->stride;
        product.b = y->values;
        product.b_stride = y->stride;
        product.c = c.values;
        product.c_stride = c.stride;
    }
    test_kernel->product_weights(&product);
    free(c.memory);
    free(scratch.memory);
}

static weight_update random_rule(int32_t kind, size_t cases, size_t count)
{
    weight_update rule = {.kind = kind,
                          .gradient_factor = test_below(&test_stream, 2) == 0 ? 1 : 1 / (bp_real)cases,
                          .rate = (bp_real)0.1,
                          .momentum = (bp_real)0.9,
                          .decay_factor = (bp_real)0.99,
                          .state_stride = count};
    if (kind == KERNEL_ADAM) {
        rule.adaptive.mean_share = (bp_real)0.1;
        rule.adaptive.square_share = (bp_real)0.01;
        rule.adaptive.root_factor = 1;
        rule.adaptive.epsilon = (bp_real)1e-3;
    }
    return rule;
}

/* Three vectors, each of one matrix: weights and two of state, which are not negative as the second of Adam.
 */
enum { VECTORS = 3 };

static void to_panels(size_t units, size_t inputs, const matrix *from, const matrix *to)
{
    for (size_t i = 0; i < VECTORS; i++)
        test_kernel->make_panels(units, inputs, test_at(from, i, 0), inputs, test_at(to, i, 0));
}

static weight_update rule_of(weight_update rule, const matrix *vectors)
{
    rule.weights = test_at(vectors, 0, 0);
    rule.last_update = test_at(vectors, 1, 0);
    return rule;
}

static void check_update_of(int32_t kind, size_t units, size_t inputs, size_t cases)
{
    const size_t count = units * inputs, width = test_kernel->panel_columns;
    matrix deltas = test_random_matrix(cases, units), y = test_random_matrix(cases, inputs);
    matrix rows = test_matrix(VECTORS, count, 0, 0), panels = test_matrix(VECTORS, count, 0, 0),
           expected = test_matrix(VECTORS, count, 0, 0);
    for (size_t i = 0; i < VECTORS * count; i++)
        rows.values[i] = (bp_real)test_below(&test_stream, 1000) / 1000;
    to_panels(units, inputs, &rows, &panels);
    const weight_update rule = random_rule(kind, cases, count), in_rows = rule_of(rule, &rows),
                        in_panels = rule_of(rule, &panels);
    update(&deltas, &y, &in_rows, false, 0, units);
    const size_t first = units / width > 0 ? test_below(&test_stream, units / width) * width : 0;
    if (first > 0) /* as two threads would */
        update(&deltas, &y, &in_panels, true, 0, first);
    update(&deltas, &y, &in_panels, true, first, units - first);
    to_panels(units, inputs, &rows, &expected);
    assert_memory_equal(panels.values, expected.values, VECTORS * count * sizeof(bp_real));
    test_assert_unchanged(&deltas);
    test_assert_unchanged(&y);
    free(deltas.memory);
    free(y.memory);
    free(rows.memory);
    free(panels.memory);
    free(expected.memory);
}

/* Units that fill whole vectors, some panels of them. */
static void check_updates_in_panels(void)
{
    static const size_t cases[] = {2, 3, 5, 8, 16, 17, KERNEL_PANEL_TERMS};
    for (int i = 0; i < 400; i++) {
        const size_t units = 1 + test_below(&test_stream, 200), inputs = 1 + test_below(&test_stream, 300);
        const int32_t kind = i % 4 == 0 ? KERNEL_ADAM : i % 4 == 1 ? KERNEL_NESTEROV : KERNEL_MOMENTUM;
        if (test_kernel->panel_values(units, inputs) == units * inputs)
            check_update_of(kind, units, inputs, cases[(size_t)i % (sizeof cases / sizeof cases[0])]);
    }
    if (test_kernel->panel_columns > 0) {
        check_update_of(KERNEL_MOMENTUM, 2 * test_kernel->panel_columns, 700, 8);
        check_update_of(KERNEL_MOMENTUM, 192, 1030, 4); /* more than the second-level cache has room for */
    }
}

TEST_OF_TABLES(small_products)
TEST_OF_TABLES(random_products)
TEST_OF_TABLES(long_products)
TEST_OF_TABLES(updates_in_panels)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_products),
        cmocka_unit_test(test_random_products),
        cmocka_unit_test(test_long_products),
        cmocka_unit_test(test_updates_in_panels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
