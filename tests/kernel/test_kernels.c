/* The three matrix products of every kernel table that this CPU can run, against the formulas of kernel.h. */
#include "kernel/table_checks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct product_case {
    product_kind kind;
    size_t m, n, k;
    bool accumulate, with_bias, with_slope;
    int32_t activation;
    matrix a, b, before, slope_y; /* before: what C holds */
    matrix bias;
    weight_update update; /* weights: the update by the gradient C, if any ... */
    size_t c_stride;      /* ... and the stride of the weights, which is that of C then */
} product_case;

static product_case random_case(product_kind kind, size_t m, size_t n, size_t k)
{
    product_case p = {.kind = kind, .m = m, .n = n, .k = k};
    p.accumulate = test_below(&test_stream, 2) == 1;
    p.with_bias = kind == PRODUCT_FORWARD && !p.accumulate && test_below(&test_stream, 3) > 0;
    p.with_slope = kind == PRODUCT_BACKWARD && test_below(&test_stream, 3) > 0;
    p.activation = kind == PRODUCT_FORWARD || p.with_slope
                       ? test_activations[test_below(&test_stream, TEST_ACTIVATIONS)]
                       : KERNEL_LINEAR;
    p.a = kind == PRODUCT_WEIGHTS ? test_random_matrix(k, m) : test_random_matrix(m, k);
    p.b = kind == PRODUCT_FORWARD ? test_random_matrix(n, k) : test_random_matrix(k, n);
    p.before = test_random_matrix(m, n);
    p.slope_y = test_random_matrix(m, n);
    p.bias = test_random_matrix(1, n);
    return p;
}

static void free_case(product_case *p)
{
    free(p->a.memory);
    free(p->b.memory);
    free(p->before.memory);
    free(p->slope_y.memory);
    free(p->bias.memory);
}

/* C before the product: `before` if the product accumulates, else NaN. */
static matrix start_of(const product_case *p)
{
    matrix c = p->update.weights ? test_matrix(p->m, p->n, p->c_stride - p->n, test_below(&test_stream, 20))
                                 : test_part_of(&p->before, 0, p->m);
    for (size_t row = 0; row < p->m; row++)
        memcpy(test_at(&c, row, 0), test_at(&p->before, row, 0), p->n * sizeof *c.values);
    for (size_t row = 0; !p->accumulate && row < p->m; row++)
        for (size_t column = 0; column < p->n; column++)
            *test_at(&c, row, column) = (bp_real)NAN;
    return c;
}

/* The epilogue for the part of C that begins at row and column. */
static product_epilogue epilogue_of(const product_case *p, size_t row, size_t column)
{
    product_epilogue e = {.kind = EPILOGUE_NONE};
    if (p->update.weights != NULL) {
        e.kind = EPILOGUE_UPDATE;
        e.update.rule = p->update;
    } else if (p->kind == PRODUCT_FORWARD) {
        e.kind = EPILOGUE_ACTIVATION;
        e.activation = p->activation;
    } else if (p->with_slope) {
        e.kind = EPILOGUE_SLOPE;
        e.slope.activation = p->activation;
        e.slope.y = test_at(&p->slope_y, row, column);
        e.slope.y_stride = p->slope_y.stride;
    }
    return e;
}

static matrix_product product_of(const product_case *p, const matrix *c)
{
    return (matrix_product){
        .m = p->m,
        .n = p->n,
        .k = p->k,
        .a = p->a.values,
        .a_stride = p->a.stride,
        .b = p->b.values,
        .b_stride = p->b.stride,
        .c = c->values,
        .c_stride = c->stride,
        .accumulate = p->accumulate,
        .bias = p->with_bias ? p->bias.values : NULL,
        .epilogue = epilogue_of(p, 0, 0),
    };
}

static void multiply(product_kind kind, matrix_product *product)
{
    const size_t values = test_kernel->product_scratch(product->m, product->n, product->k);
    matrix scratch = test_matrix(1, values > 0 ? values : 1, 0, test_below(&test_stream, 20));
    product->scratch = scratch.values;
    void (*const rows_of_table[PRODUCT_WEIGHTS + 1])(const matrix_product *) = {
        test_kernel->product_forward, test_kernel->product_backward, test_kernel->product_weights};
    rows_of_table[kind](product);
    test_assert_gaps_untouched(&scratch);
    free(scratch.memory);
}

static matrix run_product(const product_case *p)
{
    matrix c = start_of(p);
    matrix_product product = product_of(p, &c);
    multiply(p->kind, &product);
    test_assert_gaps_untouched(&c);
    const matrix *const read[] = {&p->a, &p->b, &p->before, &p->slope_y, &p->bias};
    for (size_t i = 0; i < sizeof read / sizeof read[0]; i++)
        test_assert_unchanged(read[i]);
    return c;
}

static double term(const product_case *p, size_t i, size_t j, size_t t)
{
    bp_real a = p->kind == PRODUCT_WEIGHTS ? *test_at(&p->a, t, i) : *test_at(&p->a, i, t);
    bp_real b = p->kind == PRODUCT_FORWARD ? *test_at(&p->b, j, t) : *test_at(&p->b, t, j);
    return (double)a * (double)b;
}

/* In any order of summation the error is at most TEST_EPSILON per term, and no activation increases a
 * difference.
 */
static void check_element(const product_case *p, size_t i, size_t j, bp_real got)
{
    double sum = 0, size = 0;
    if (p->accumulate) {
        sum += (double)*test_at(&p->before, i, j);
        size += fabs(sum);
    }
    if (p->with_bias) {
        sum += (double)p->bias.values[j];
        size += fabs((double)p->bias.values[j]);
    }
    for (size_t t = 0; t < p->k; t++) {
        sum += term(p, i, j, t);
        size += fabs(term(p, i, j, t));
    }
    double bound = TEST_EPSILON * (double)(p->k + 6) * size, wanted = sum;
    if (p->kind == PRODUCT_FORWARD)
        wanted = test_value_of(p->activation, sum);
    else if (p->with_slope)
        wanted = sum * test_slope_of(p->activation, (double)*test_at(&p->slope_y, i, j));
    assert_near(got, wanted, bound + 4 * TEST_EPSILON * fabs(wanted));
}

static void check_product(product_kind kind, size_t m, size_t n, size_t k)
{
    product_case p = random_case(kind, m, n, k);
    matrix c = run_product(&p);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++)
            check_element(&p, i, j, *test_at(&c, i, j));
    free(c.memory);
    free_case(&p);
}

static void check_small_products(void)
{
    for (size_t m = 1; m <= 6; m++)
        for (size_t n = 1; n <= 9; n++)
            for (size_t k = 1; k <= 9; k++)
                for (product_kind kind = PRODUCT_FORWARD; kind <= PRODUCT_WEIGHTS; kind++)
                    check_product(kind, m, n, k);
}

static void check_random_products(void)
{
    for (int i = 0; i < 300; i++)
        for (product_kind kind = PRODUCT_FORWARD; kind <= PRODUCT_WEIGHTS; kind++)
            check_product(kind, 1 + test_below(&test_stream, 40), 1 + test_below(&test_stream, 80),
                          1 + test_below(&test_stream, 80));
}

/* One dimension longer than any block of a kernel, with a remainder. */
static void check_long_products(void)
{
    static const size_t sizes[][3] = {{3, 7, 2311},  {1, 9, 2311},   {701, 5, 11},   {2, 1203, 10},
                                      {1, 1203, 9},  {1, 200000, 2}, {2, 200000, 1}, {66, 1, 517},
                                      {65, 130, 67}, {300, 33, 520}, {115, 1203, 8}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (product_kind kind = PRODUCT_FORWARD; kind <= PRODUCT_WEIGHTS; kind++)
            check_product(kind, sizes[i][0], sizes[i][1], sizes[i][2]);
}

/* Rows of a forward or backward product, computed with fewer other rows and elsewhere in memory: the same
 * bits. */
static void check_rows_alone(product_kind kind, size_t m, size_t n, size_t k)
{
    product_case p = random_case(kind, m, n, k), part = p;
    size_t rows = 2 + test_below(&test_stream, m - 1), first = test_below(&test_stream, m - rows + 1);
    part.m = rows;
    part.a = test_part_of(&p.a, first, rows);
    part.b = test_part_of(&p.b, 0, p.b.rows);
    part.before = test_part_of(&p.before, first, rows);
    part.slope_y = test_part_of(&p.slope_y, first, rows);
    part.bias = test_part_of(&p.bias, 0, 1);
    matrix whole = run_product(&p), some = run_product(&part);
    for (size_t row = 0; row < rows; row++)
        assert_memory_equal(test_at(&some, row, 0), test_at(&whole, first + row, 0), n * sizeof(bp_real));
    free(whole.memory);
    free(some.memory);
    free_case(&p);
    free_case(&part);
}

static void check_rows_do_not_depend_on_others(void)
{
    for (int i = 0; i < 200; i++)
        for (product_kind kind = PRODUCT_FORWARD; kind <= PRODUCT_BACKWARD; kind++)
            check_rows_alone(kind, 2 + test_below(&test_stream, 40), 1 + test_below(&test_stream, 70),
                             1 + test_below(&test_stream, 70));
    check_rows_alone(PRODUCT_FORWARD, 601, 19, 33);
    check_rows_alone(PRODUCT_FORWARD, 9, 3, 1100);
    check_rows_alone(PRODUCT_BACKWARD, 601, 33, 19);
    check_rows_alone(PRODUCT_BACKWARD, 9, 40, 1100);
}

/* Scratch for some sizes is enough for all smaller ones, of each product. */
static void check_scratch(void)
{
    for (int i = 0; i < 2000; i++) {
        const size_t m = 1 + test_below(&test_stream, 600), n = 1 + test_below(&test_stream, 600),
                     k = 1 + test_below(&test_stream, 2000);
        const size_t enough = test_kernel->product_scratch(m, n, k);
        assert_true(test_kernel->product_scratch(1 + test_below(&test_stream, m), n, k) <= enough);
        assert_true(test_kernel->product_scratch(m, 1 + test_below(&test_stream, n), k) <= enough);
        assert_true(test_kernel->product_scratch(m, n, 1 + test_below(&test_stream, k)) <= enough);
    }
}

/* -------------------------------------------------- gradients that update the weights */

/* A copy of a matrix with the stride of C and no gap before it. */
static matrix laid_out_as(const matrix *c, const matrix *values)
{
    matrix m = test_matrix(c->rows, c->columns, c->stride - c->columns, test_below(&test_stream, 20));
    for (size_t row = 0; row < m.rows; row++)
        memcpy(test_at(&m, row, 0), test_at(values, row, 0), m.columns * sizeof *m.values);
    return m;
}

static double near_enough(double rate, const product_case *p)
{
    return 8 * TEST_EPSILON * (2 + rate * (double)(p->k + 2) * (double)(p->k + 2));
}

/* The update by the gradient that run_product made of the same case, against eq. 9 in double and, bit by bit,
 * against the table's own momentum_update. */
static void check_updated(const product_case *p, const matrix *gradient, const matrix *weights,
                          const matrix *last_update, const weight_update *rule)
{
    bp_real *row_last_update = malloc(2 * p->n * sizeof *row_last_update),
            *row_weights = row_last_update + p->n;
    for (size_t i = 0; i < p->m; i++) {
        bp_real *g = test_at(gradient, i, 0);
        memcpy(row_weights, test_at(weights, i, 0), p->n * sizeof *g);
        memcpy(row_last_update, test_at(last_update, i, 0), p->n * sizeof *g);
        for (size_t j = 0; j < p->n; j++) {
            double next = (double)rule->momentum * (double)row_last_update[j] -
                          (double)rule->rate * ((double)g[j] * (double)rule->gradient_factor);
            double weight = ((double)row_weights[j] + next) * (double)rule->decay_factor;
            assert_near(rule->last_update[i * gradient->stride + j], next,
                        near_enough((double)rule->rate, p));
            assert_near(rule->weights[i * gradient->stride + j], weight, near_enough((double)rule->rate, p));
            g[j] *= rule->gradient_factor;
        }
        test_kernel->momentum_update(row_weights, g, row_last_update, p->n, rule->rate, rule->momentum,
                                     rule->decay_factor);
        assert_memory_equal(rule->weights + i * gradient->stride, row_weights, p->n * sizeof *g);
        assert_memory_equal(rule->last_update + i * gradient->stride, row_last_update, p->n * sizeof *g);
    }
    free(row_last_update);
}

static void check_update(size_t m, size_t n, size_t k)
{
    product_case p = random_case(PRODUCT_WEIGHTS, m, n, k);
    matrix gradient = run_product(&p), weights = test_random_matrix(m, n),
           last_update = test_random_matrix(m, n);
    matrix new_weights = laid_out_as(&gradient, &weights),
           new_last_update = laid_out_as(&gradient, &last_update);
    p.update = (weight_update){.weights = new_weights.values,
                               .last_update = new_last_update.values,
                               .gradient_factor = test_below(&test_stream, 2) == 0 ? 1 : 1 / (bp_real)k,
                               .rate = (bp_real)test_uniform(&test_stream, 0, 2),
                               .momentum = test_below(&test_stream, 3) == 0 ? 0 : (bp_real)0.9,
                               .decay_factor = test_below(&test_stream, 2) == 0 ? 1 : (bp_real)0.998};
    p.c_stride = gradient.stride;
    matrix c = run_product(&p);
    check_updated(&p, &gradient, &weights, &last_update, &p.update);
    test_assert_gaps_untouched(&new_weights);
    test_assert_gaps_untouched(&new_last_update);
    free(c.memory);
    free(new_weights.memory);
    free(new_last_update.memory);
    free(weights.memory);
    free(last_update.memory);
    free(gradient.memory);
    free_case(&p);
}

static void check_updates(void)
{
    for (size_t m = 1; m <= 8; m++)
        for (size_t n = 1; n <= 20; n++)
            for (size_t k = 1; k <= 3; k++)
                check_update(m, n, k);
    for (int i = 0; i < 200; i++)
        check_update(1 + test_below(&test_stream, 40), 1 + test_below(&test_stream, 150),
                     1 + test_below(&test_stream, 80));
    check_update(300, 70, 1);
    check_update(300, 70, 9);
    check_update(13, 130, 1100);
    /* so many weights that they are prefetched while tiles are computed */
    check_update(400, 330, 2);
    check_update(400, 330, 77);
    check_update(115, 1203, 8); /* few cases: more columns than are packed at a time */
}

/* Rows or columns of C: all of them, or at least KERNEL_MIN_PART. */
typedef struct span {
    size_t first, count;
} span;

static span random_span(size_t all)
{
    if (all <= KERNEL_MIN_PART || test_below(&test_stream, 3) == 0)
        return (span){0, all};
    size_t count = KERNEL_MIN_PART + test_below(&test_stream, all - KERNEL_MIN_PART + 1);
    return (span){test_below(&test_stream, all - count + 1), count};
}

static void multiply_part(const product_case *p, const matrix *c, span rows, span columns)
{
    matrix_product part = product_of(p, c);
    part.m = rows.count;
    part.n = columns.count;
    part.a = p->kind == PRODUCT_WEIGHTS ? test_at(&p->a, 0, rows.first) : test_at(&p->a, rows.first, 0);
    part.b = p->kind == PRODUCT_FORWARD ? test_at(&p->b, columns.first, 0) : test_at(&p->b, 0, columns.first);
    part.c = test_at(c, rows.first, columns.first);
    part.bias = p->with_bias ? p->bias.values + columns.first : NULL;
    part.epilogue = epilogue_of(p, rows.first, columns.first);
    multiply(p->kind, &part);
}

static bool is_inside(span s, size_t i)
{
    return i >= s.first && i < s.first + s.count;
}

/* A part of C computed by itself has the bits that it has in the whole, and the rest of C is not touched. */
static void check_part(product_kind kind, size_t m, size_t n, size_t k)
{
    product_case p = random_case(kind, m, n, k);
    span rows = random_span(m), columns = random_span(n);
    matrix whole = run_product(&p), before = start_of(&p), c = start_of(&p);
    multiply_part(&p, &c, rows, columns);
    test_assert_gaps_untouched(&c);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            bool inside = is_inside(rows, i) && is_inside(columns, j);
            assert_memory_equal(test_at(&c, i, j), test_at(inside ? &whole : &before, i, j), sizeof(bp_real));
        }
    free(whole.memory);
    free(before.memory);
    free(c.memory);
    free_case(&p);
}

static void check_parts_have_the_bits_of_the_whole(void)
{
    static const size_t sizes[][3] = {{1, 200, 90},  {300, 3, 300}, {64, 128, 784},
                                      {130, 70, 1},  {70, 130, 2},  {300, 70, 1},
                                      {530, 40, 30}, {40, 530, 30}, {20, 20, 1100}};
    for (product_kind kind = PRODUCT_FORWARD; kind <= PRODUCT_WEIGHTS; kind++) {
        for (int i = 0; i < 200; i++)
            check_part(kind, 1 + test_below(&test_stream, 60), 1 + test_below(&test_stream, 150),
                       1 + test_below(&test_stream, 100));
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
            for (int time = 0; time < 5; time++)
                check_part(kind, sizes[i][0], sizes[i][1], sizes[i][2]);
    }
}

/* ---------------------------------------------------------------------- on request */

enum { TIMED_MOST = 1 << 20 };
static bp_real timed_a[TIMED_MOST], timed_b[TIMED_MOST], timed_c[TIMED_MOST], timed_scratch[TIMED_MOST];
static bp_real timed_weights[TIMED_MOST], timed_update[TIMED_MOST];

/* A product of dense zeros; with weights, their update. */
static void time_product(const kernel_table *table, product_kind kind, size_t m, size_t n, size_t k,
                         bp_real *weights)
{
    assert_true(table->product_scratch(m, n, k) <= TIMED_MOST);
    matrix_product product = {.m = m,
                              .n = n,
                              .k = k,
                              .a = timed_a,
                              .a_stride = kind == PRODUCT_WEIGHTS ? m : k,
                              .b = timed_b,
                              .b_stride = kind == PRODUCT_FORWARD ? k : n,
                              .c = timed_c,
                              .c_stride = n,
                              .scratch = timed_scratch};
    if (kind == PRODUCT_FORWARD) {
        product.epilogue.kind = EPILOGUE_ACTIVATION;
        product.epilogue.activation = KERNEL_LOGISTIC;
    } else if (weights != NULL) {
        product.epilogue.kind = EPILOGUE_UPDATE;
        product.epilogue.update.rule = (weight_update){.weights = weights,
                                                       .last_update = timed_update,
                                                       .gradient_factor = 1,
                                                       .rate = (bp_real)0.1,
                                                       .momentum = (bp_real)0.9,
                                                       .decay_factor = 1};
    }
    if (kind == PRODUCT_FORWARD)
        table->product_forward(&product);
    else if (kind == PRODUCT_BACKWARD)
        table->product_backward(&product);
    else
        table->product_weights(&product);
}

/* The products of a layer of `out` units with `in` inputs, for so many cases. */
#define TIMED_LAYER(cases, in, out)                                                                          \
    static void forward_##cases##_##in##_##out(const kernel_table *table)                                    \
    {                                                                                                        \
        time_product(table, PRODUCT_FORWARD, cases, out, in, NULL);                                          \
    }                                                                                                        \
    static void backward_##cases##_##in##_##out(const kernel_table *table)                                   \
    {                                                                                                        \
        time_product(table, PRODUCT_BACKWARD, cases, in, out, NULL);                                         \
    }                                                                                                        \
    static void weights_##cases##_##in##_##out(const kernel_table *table)                                    \
    {                                                                                                        \
        time_product(table, PRODUCT_WEIGHTS, out, in, cases, NULL);                                          \
    }                                                                                                        \
    static void update_##cases##_##in##_##out(const kernel_table *table)                                     \
    {                                                                                                        \
        time_product(table, PRODUCT_WEIGHTS, out, in, cases, timed_weights);                                 \
    }
TIMED_LAYER(64, 784, 128)
TIMED_LAYER(32, 64, 32)
TIMED_LAYER(1, 784, 128)
TIMED_LAYER(7, 17, 33)

#define ROWS_OF_LAYER(cases, in, out)                                                                        \
    {"product_forward " #cases " of " #in "-" #out, forward_##cases##_##in##_##out},                         \
        {"product_backward " #cases " of " #in "-" #out, backward_##cases##_##in##_##out},                   \
        {"product_weights " #cases " of " #in "-" #out, weights_##cases##_##in##_##out},                     \
    {                                                                                                        \
        "  with update " #cases " of " #in "-" #out, update_##cases##_##in##_##out                           \
    }

static const timed_row timed_rows[] = {ROWS_OF_LAYER(64, 784, 128), ROWS_OF_LAYER(32, 64, 32),
                                       ROWS_OF_LAYER(1, 784, 128), ROWS_OF_LAYER(7, 17, 33)};

TEST_OF_TABLES(small_products)
TEST_OF_TABLES(random_products)
TEST_OF_TABLES(long_products)
TEST_OF_TABLES(rows_do_not_depend_on_others)
TEST_OF_TABLES(scratch)
TEST_OF_TABLES(updates)
TEST_OF_TABLES(parts_have_the_bits_of_the_whole)

int main(int argc, char **argv)
{
    if (test_time_if_asked(argc, argv, timed_rows, sizeof timed_rows / sizeof timed_rows[0]))
        return 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_products),
        cmocka_unit_test(test_random_products),
        cmocka_unit_test(test_long_products),
        cmocka_unit_test(test_rows_do_not_depend_on_others),
        cmocka_unit_test(test_scratch),
        cmocka_unit_test(test_updates),
        cmocka_unit_test(test_parts_have_the_bits_of_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
