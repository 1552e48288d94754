/*
 * The arithmetic of the inner loops: a table of functions, one table per instruction set. The portable
 * table (portable.c) is the reference: plain C that reads like the formulas. Others override its rows.
 *
 * All matrices are row-major; a stride counts elements from one row to the next. Outputs do not overlap
 * inputs unless said. Every row of a result is computed in an order that does not depend on the other rows,
 * so a case has the same bits wherever it stands in a block of two or more. More than that holds for products
 * and for what works on each value alone: a part of a result has the same bits computed by itself, so that
 * threads may divide it; see KERNEL_MIN_PART. The bits of a table's results are the same from every
 * compiler and at every level of optimization: multiply-adds are explicit (kernel/vector.h), none is left to
 * -ffp-contract.
 */
#ifndef BPI_KERNEL_KERNEL_H
#define BPI_KERNEL_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "backprop.h"
#include "base/arithmetic.h"

/* Activations that work on each unit alone and whose slope follows from y. Values are those of
 * bp_activation.kind. */
enum { KERNEL_LINEAR = 1, KERNEL_LOGISTIC = 2, KERNEL_TANH = 3, KERNEL_RELU = 4 };

/* A part of a product's C with at least that many of its rows, or all, and as many of its columns, or all,
 * can be computed by itself. (Fewer may go another way, with sums in another order.) */
enum { KERNEL_MIN_PART = 6 };

/*
 * What a finished gradient does to the weights, [RHW86] eq. 9, then decay, value by value as momentum_update:
 *     change = -rate * gradient / divisor + momentum * change; weight = (weight + change) * keep
 */
typedef struct sgd_update {
    bp_real *weights, *last_update;
    bp_real divisor, rate, momentum, decay_factor;
} sgd_update;

/*
 * One matrix product C (m x n) of A and B with k terms per sum:
 *     forward:  C = A B^T   A is m x k (outputs y), B is n x k (weights)          eq. 1
 *     backward: C = A B     A is m x k (deltas),    B is k x n (weights)          eq. 7
 *     weights:  C = A^T B   A is k x m (deltas),    B is k x n (outputs y)        eq. 6
 * If accumulate, the product is added to what C holds; else C is overwritten.
 */
typedef struct matrix_product {
    size_t m, n, k;
    const bp_real *a, *b;
    size_t a_stride, b_stride;
    bp_real *c;
    size_t c_stride;
    bool accumulate;
    const bp_real *bias;    /* forward: n values added to every row of C, or NULL */
    int32_t activation;     /* forward: applied to C at the end, KERNEL_LINEAR for none.
                               backward: C is multiplied by the slope at y at the end */
    const bp_real *slope_y; /* backward: m x n outputs y, or NULL: no slope */
    size_t slope_y_stride;
    const bp_real *sums; /* forward, m = 1: the n sums over the terms, where they are known; or NULL */
    bp_real *scratch;    /* product_scratch(m, n, k) values */
    /* weights: C is a gradient, and changes weights that lie as C does (m x n, c_stride), piece by piece
     * while it is at hand; what C holds afterwards is not defined. change.weights NULL: C is what is wanted.
     */
    sgd_update update;
    /* weights, k = 1, nothing accumulated or divided: the changed weights are multiplied with the next case's
     * n outputs y while they are at hand. next_sums gets m sums with the bits that forward would come to;
     * NULL: not wanted. */
    const bp_real *next_y;
    bp_real *next_sums;
} matrix_product;

/*
 * The loss of cases in the rows of an output layer. An output errs if it is farther from its target than the
 * tolerance; the sums go over those that do.
 *     squared error    E = 1/2 sum_u (y_u - d_u)^2, eq. 3      dE/dy_u = y_u - d_u, eq. 4
 *     cross-entropy of logistic units
 *                      E = sum_u (max(x_u, 0) - d_u x_u + ln(1 + exp(-|x_u|)))      dE/dx_u = y_u - d_u
 *     cross-entropy of a softmax layer
 *                      E = sum_u d_u (ln sum_k exp(x_k) - x_u)      dE/dx_j = y_j sum_u d_u - d_j
 * The second neither overflows nor takes the logarithm of a y that was rounded to 0 or 1. In the third, with
 * g the unit of the greatest x, ln sum_k exp(x_k) = x_g + ln(1 + sum of the other y / y_g): no difference of
 * nearly equal numbers is left, so a small E is as exact as a large one. x_g - x_u is taken of their halves,
 * which cannot overflow: where d_u is 0, its term must be 0 too. Outputs that do not err have the derivative
 * 0, in a softmax layer d_j = 0.
 */
enum { KERNEL_SQUARED_ERROR = 1, KERNEL_LOGISTIC_CROSS_ENTROPY = 2, KERNEL_SOFTMAX_CROSS_ENTROPY = 3 };

typedef struct output_loss {
    int32_t kind;
    size_t rows, units;
    const bp_real *x, *y, *targets; /* rows of units values, dense but for targets; x for cross-entropy */
    size_t target_stride;
    bp_real tolerance;   /* negative: all outputs err; NaN always does */
    bp_real *derivative; /* or NULL; dense rows */
} output_loss;

typedef struct kernel_table {
    const char *name;
    bool (*supported)(void); /* can this CPU run it? */

    /* How many values of scratch any of the three products of up to these sizes needs. */
    size_t (*product_scratch)(size_t m, size_t n, size_t k);
    void (*product_forward)(const matrix_product *product);
    void (*product_backward)(const matrix_product *product);
    void (*product_weights)(const matrix_product *product);

    /* out[j] (+)= sum over the m rows of a[row][j], j < n: the derivative of a bias. */
    void (*column_sums)(size_t m, size_t n, const bp_real *a, size_t a_stride, bp_real *out, bool accumulate);

    /* y[i] = f(x[i]); x may be y. delta[i] *= f'(x[i]), from y[i] = f(x[i]). */
    void (*activate)(int32_t activation, const bp_real *x, bp_real *y, size_t count);
    void (*multiply_slope)(int32_t activation, const bp_real *y, bp_real *delta, size_t count);
    /* Each of `rows` dense rows of `count` values: y = exp(x - max x), divided by its sum; x may be y. */
    void (*softmax)(const bp_real *x, bp_real *y, size_t rows, size_t count);
    /* errors[row] = E, NaN if y or x is. Gives the greatest |y - d|, where that is not NaN. */
    double (*find_loss)(const output_loss *loss, double *errors);

    /* [RHW86] eq. 9, then decay: change = -rate * gradient + momentum * change; weight = (weight + change) *
     * keep. */
    void (*momentum_update)(bp_real *weights, const bp_real *gradient, bp_real *last_update, size_t count,
                            bp_real rate, bp_real momentum, bp_real decay_factor);

    bool (*all_finite)(const bp_real *values, size_t count);
    double (*sum_of_squares)(const bp_real *values, size_t count);
} kernel_table;

#endif
