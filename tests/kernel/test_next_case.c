/* EPILOGUE_UPDATE_AND_SUMS: the weights and the next case's sums have the bits of an update followed by a
 * forward product. */
#include "kernel/table_checks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/arrays.h"

static matrix copy_of(const matrix *m)
{
    matrix copy = test_matrix(m->rows, m->columns, m->stride - m->columns, m->offset);
    for (size_t row = 0; row < m->rows; row++)
        memcpy(test_at(&copy, row, 0), test_at(m, row, 0), m->columns * sizeof *m->values);
    return copy;
}

/* [RHW86] eq. 1 and 2 for one case, from sums or, if they are NULL, from y. */
static void forward_case(const matrix *weights, const matrix *y, const matrix *bias, const bp_real *sums,
                         bp_real *c)
{
    bp_real *scratch = new_reals(test_kernel->product_scratch(1, weights->rows, weights->columns) + 1);
    const matrix_product product = {.m = 1,
                                    .n = weights->rows,
                                    .k = weights->columns,
                                    .a = y->values,
                                    .a_stride = y->stride,
                                    .b = weights->values,
                                    .b_stride = weights->stride,
                                    .c = c,
                                    .c_stride = weights->rows,
                                    .bias = bias->values,
                                    .epilogue = {.kind = EPILOGUE_ACTIVATION, .activation = KERNEL_LOGISTIC},
                                    .scratch = scratch};
    if (sums == NULL)
        test_kernel->product_forward(&product);
    else
        test_kernel->forward_from_sums(&product, sums);
    free(scratch);
}

/* Eq. 6 and 9 for one case; sums gets those of the next case, unless it is NULL. */
static void update_by_case(matrix *weights, matrix *last_update, const matrix *delta, const matrix *y,
                           const matrix *next_y, bp_real *sums)
{
    bp_real *gradient = new_reals(weights->rows * weights->stride),
            *scratch = new_reals(test_kernel->product_scratch(weights->rows, weights->columns, 1) + 1);
    test_kernel->product_weights(
        &(matrix_product){.m = weights->rows,
                          .n = weights->columns,
                          .k = 1,
                          .a = delta->values,
                          .a_stride = weights->rows,
                          .b = y->values,
                          .b_stride = weights->columns,
                          .c = gradient,
                          .c_stride = weights->stride,
                          .scratch = scratch,
                          .epilogue = {.kind = sums == NULL ? EPILOGUE_UPDATE : EPILOGUE_UPDATE_AND_SUMS,
                                       .update = {.rule = {.weights = weights->values,
                                                           .last_update = last_update->values,
                                                           .gradient_factor = 1,
                                                           .rate = (bp_real)0.25,
                                                           .momentum = (bp_real)0.9,
                                                           .decay_factor = (bp_real)0.998},
                                                  .next_y = next_y->values,
                                                  .next_sums = sums}}});
    free(gradient);
    free(scratch);
}

/* Positive inputs and an infinite derivative: weights, and a sum, that are infinite but not NaN. */
static void make_infinite(matrix *delta, matrix *y, matrix *next)
{
    *test_at(delta, 0, 0) = INFINITY;
    for (size_t i = 0; i < y->columns; i++) {
        *test_at(y, 0, i) = (bp_real)fabs((double)*test_at(y, 0, i)) + (bp_real)0.1;
        *test_at(next, 0, i) = (bp_real)fabs((double)*test_at(next, 0, i)) + (bp_real)0.1;
    }
}

static void check_size(size_t units, size_t inputs, bool infinite)
{
    matrix weights = test_random_matrix(units, inputs), delta = test_random_matrix(1, units);
    matrix last_update = test_random_matrix(units, inputs), y = test_random_matrix(1, inputs);
    matrix next = test_random_matrix(1, inputs), bias = test_random_matrix(1, units);
    matrix new_last_update = test_matrix(units, inputs, weights.stride - inputs, 3),
           separate = copy_of(&weights);
    if (infinite)
        make_infinite(&delta, &y, &next);
    for (size_t row = 0; row < units; row++)
        memcpy(test_at(&new_last_update, row, 0), test_at(&last_update, row, 0), inputs * sizeof(bp_real));
    matrix separate_last_update = copy_of(&new_last_update);
    matrix next_sums = test_matrix(1, units, 0, test_below(&test_stream, 20));
    bp_real *sums = next_sums.values, *together = new_reals(units), *one_by_one = new_reals(units);
    update_by_case(&weights, &new_last_update, &delta, &y, &next, sums);
    update_by_case(&separate, &separate_last_update, &delta, &y, &next, NULL);
    for (size_t row = 0; row < units; row++) {
        assert_memory_equal(test_at(&weights, row, 0), test_at(&separate, row, 0), inputs * sizeof(bp_real));
        assert_memory_equal(test_at(&new_last_update, row, 0), test_at(&separate_last_update, row, 0),
                            inputs * sizeof(bp_real));
    }
    forward_case(&weights, &next, &bias, sums, together);
    forward_case(&weights, &next, &bias, NULL, one_by_one);
    assert_memory_equal(together, one_by_one, units * sizeof *together);
    if (infinite) /* the logistic function of minus infinity */
        assert_true(together[0] == 0);
    test_assert_gaps_untouched(&weights);
    test_assert_gaps_untouched(&new_last_update);
    test_assert_gaps_untouched(&next_sums);
    matrix all[] = {weights,         delta,    last_update,          y,        next, bias,
                    new_last_update, separate, separate_last_update, next_sums};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        free(all[i].memory);
    free(together);
    free(one_by_one);
}

static void check_next_case(void)
{
    for (size_t units = 1; units <= 9; units++)
        for (size_t inputs = 1; inputs <= 70; inputs++)
            check_size(units, inputs, inputs % 3 == 2);
    for (int i = 0; i < 60; i++)
        check_size(1 + test_below(&test_stream, 90), 1 + test_below(&test_stream, 900), i % 5 == 4);
}

TEST_OF_TABLES(next_case)

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_next_case)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
