/*
 * The arithmetic of the inner loops as a table of functions, one table per instruction set. The portable
 * table (portable.c) is the reference: plain C that reads like the formulas. The tables of instruction sets
 * are made from the templates in this folder. This file is the manual of all of them.
 *
 * Layout. Matrices are row-major. A stride is the distance, in elements, from one row to the next, and is at
 * least the number of columns. Dense means that the stride is the number of columns. Nothing needs to be
 * aligned beyond what its type requires.
 *
 * Aliasing. Outputs do not overlap inputs, unless the description of a row says that they may.
 *
 * Bits. The order of the operations that lead to a value, and so its bits, depends on the sizes of the call
 * alone, never on values, addresses or the number of threads; multiply-adds are explicit (vector.h), so that
 * it does not depend on the compiler either. Instruction sets differ from each other. Two guarantees go
 * further:
 *   - A row of a result has the same bits whatever the other rows are, and however many, as long as there are
 *     two or more. (With a single row, other loops with another order are often faster.)
 *   - Where a description says "divisible", a part of the result has the same bits when it is computed by
 *     itself, so that threads can divide the work.
 *
 * Threads. No function keeps state, so any number of threads can call them at once.
 */
#ifndef BPI_KERNEL_KERNEL_H
#define BPI_KERNEL_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "backprop.h"
#include "base/arithmetic.h"

/*
 * Activations of one unit by itself, whose slope f'(x) can be computed from y = f(x): name, functions, value
 * of bp_activation.kind (6 is taken, see network/activation_kind.h). For each row there are, of a
 * vector, <function>_of and <function>_delta (activation_template.h) and, of one value, <function>_value and
 * <function>_slope (portable.c). The linear one needs none.
 */
#define KERNEL_ACTIVATION_LIST(X)                                                                            \
    X(LOGISTIC, logistic, 2)                                                                                 \
    X(TANH, tanh, 3)                                                                                         \
    X(RELU, relu, 4)

enum {
    KERNEL_LINEAR = 1,
    KERNEL_SOFTMAX = 5, /* of a whole layer: a function of its own in the tables */
#define KERNEL_ACTIVATION_ENUM(name, function, value) KERNEL_##name = (value),
    KERNEL_ACTIVATION_LIST(KERNEL_ACTIVATION_ENUM)
#undef KERNEL_ACTIVATION_ENUM
};

/*
 * Activations of one unit by itself with a vector formula of f(x) and f'(x), both from x: name, functions,
 * value of bp_activation.kind. For each row there are, of a vector, <function>_of and <function>_slope_of
 * (formula_template.h, steep_template.h). Names, parameters and the same formulas in plain C:
 * activation_rows.c, which also has the kinds that have no vector formula.
 */
#define KERNEL_FORMULA_LIST(X)                                                                               \
    X(LEAKY_RELU, leaky_relu, 7)                                                                             \
    X(ELU, elu, 8)                                                                                           \
    X(SELU, selu, 9)                                                                                         \
    X(SOFTPLUS, softplus, 10)                                                                                \
    X(SOFTSIGN, softsign, 11)                                                                                \
    X(GELU, gelu, 12)                                                                                        \
    X(SILU, silu, 13)                                                                                        \
    X(GAUSSIAN, gaussian, 17)                                                                                \
    X(GAUSSIAN_SYMMETRIC, gaussian_symmetric, 18)                                                            \
    X(STEEP_LOGISTIC, steep_logistic, 25)                                                                    \
    X(STEEP_TANH, steep_tanh, 26)

/*
 * Those with sines: name, value of bp_activation.kind, q, a. With the steepness s, f(x) = 1 - a + a sin(s x +
 * q pi / 2). In vectors in float only (sine_template.h).
 */
#define KERNEL_SINE_LIST(X)                                                                                  \
    X(SINE, 19, 0, 1)                                                                                        \
    X(SINE_01, 20, 0, 0.5)                                                                                   \
    X(COSINE, 21, 1, 1)                                                                                      \
    X(COSINE_01, 22, 1, 0.5)

enum {
#define KERNEL_FORMULA_ENUM(name, function, value) KERNEL_##name = (value),
    KERNEL_FORMULA_LIST(KERNEL_FORMULA_ENUM)
#undef KERNEL_FORMULA_ENUM
#define KERNEL_SINE_ENUM(name, value, quarters, share) KERNEL_##name = (value),
        KERNEL_SINE_LIST(KERNEL_SINE_ENUM)
#undef KERNEL_SINE_ENUM
};

/* The products are divisible into parts of C with at least this many of its rows, or all of them, and at
 * least this many of its columns, or all of them. Smaller parts may be computed by other loops. */
enum { KERNEL_MIN_PART = 6 };

/*
 * A weights' product with an update and 2 to so many terms can have C in panels: C^T is a matrix of weights
 * as make_panels(n, m) writes it, A are the outputs y and B the deltas. The weights and all that belongs to
 * them are laid out so, and have the same bits as in rows; c and c_stride are not used. n must be a number of
 * whole vectors: panel_values(n, m) is m * n. Parts must have all rows of C, and columns of whole panels.
 */
enum { KERNEL_PANEL_TERMS = 64 };

/* Rules by which a gradient updates weights; see weight_update. From KERNEL_ADAM on the state has two
 * vectors, else one. */
enum {
    KERNEL_MOMENTUM = 0,
    KERNEL_GENERAL_MOMENTUM,
    KERNEL_NESTEROV,
    KERNEL_ADAGRAD,
    KERNEL_RMSPROP,
    KERNEL_ADAM,
    KERNEL_RPROP,
    KERNEL_QUICKPROP
};

/* Below it is a number of whose exponent no bits but the five lowest are set. */
#ifdef BP_DOUBLE
#define KERNEL_LEAST_WEIGHT 0x1p-991
#else
#define KERNEL_LEAST_WEIGHT 0x1p-95
#endif

/*
 * An update, for each weight w by itself. g is gradient * gradient_factor, where the factor is 1, or 1 / n
 * for the mean over n cases; limited to -limit ... limit, unless limit is 0; plus penalty * w. s and t are
 * the elements of the rule's state that belong to w: those of last_update, and of the vector state_stride
 * elements behind it. A new value has a dash. All are 0 before the first update. The learning rate is `rate`,
 * the last steps of each rule are v = (w + step) * decay_factor, and w' = v - threshold * sign(v), or 0 if
 * |v| <= threshold. Momentum by itself uses none of limit, penalty and threshold.
 *
 * Where momentum, Nesterov, RMSprop and Adam read s and t, denormal numbers count as 0: those of a weight
 * without gradient would shrink to one that rounding keeps for ever, and arithmetic with denormal numbers
 * takes up to a hundred times as long. For the same reason a weight that another rule than KERNEL_MOMENTUM
 * makes smaller than KERNEL_LEAST_WEIGHT becomes 0: its product with a penalty could be denormal.
 *
 *     momentum   [RHW86] eq. 9, then weight decay, as momentum_update:
 *                    s' = step = -rate * g + momentum * s
 *     Nesterov       s' = momentum * s - rate * g
 *                    step = momentum * s' - rate * g
 *     Adagrad        s' = s + g^2
 *                    step = -rate * g / (sqrt(s') + epsilon)
 *     RMSprop        s' = s + square_share * (g^2 - s)
 *                    step = -rate * g / (sqrt(s') + epsilon)
 *     Adam           s' = s + mean_share * (g - s)
 *                    t' = t + square_share * (g^2 - t)
 *                    step = -rate * s' / (root_factor * sqrt(t') + epsilon), from w - shrink * w
 *     Rprop      s is the last g, or 0 if it was not used; t the size of the last step, 0 before the first.
 *                With d = t, or first_step if that is 0:
 *                    g s > 0: t' = min(d + rise * d, max_step), step = -sign(g) t', s' = g
 *                    g s < 0: t' = max(d * fall, min_step), step = undo * sign(s) d, s' = 0
 *                    else:    t' = d, step = -sign(g) t', s' = g
 *     Quickprop  s is the last step, t the last g. With limit = t * max_growth / (1 + max_growth):
 *                    a = 0 if s = 0; max_growth * s if g is no nearer to the other side of 0 than limit is,
 *                    seen from t; else s * (g / (t - g))
 *                    b = -rate * g if s = 0 or g s < 0, else 0
 *                    s' = step = a + b, t' = g
 */
typedef struct weight_update {
    bp_real *weights, *last_update;
    bp_real gradient_factor, rate, momentum, decay_factor;
    int32_t kind;
    size_t state_stride;
    bp_real limit, penalty, threshold;
    union {
        struct {
            bp_real mean_share, square_share, root_factor, epsilon, shrink;
        } adaptive; /* Adagrad, RMSprop, Adam */
        struct {
            bp_real first_step, rise, fall, min_step, max_step, undo;
        } rprop;
        struct {
            bp_real max_growth, limit_share; /* limit_share: max_growth / (1 + max_growth) */
        } quickprop;
    };
} weight_update;

/* The epilogue of a product: what is done with C, or a part of it, as soon as its sums are complete and while
 * it is still in a cache. */
typedef enum epilogue_kind {
    EPILOGUE_NONE = 0,
    EPILOGUE_ACTIVATION, /* forward: C = f(C), eq. 2 */
    EPILOGUE_SLOPE,      /* backward: C is multiplied by f'(x), computed from y = f(x), eq. 5 */
    EPILOGUE_UPDATE,     /* weights: C is a gradient and updates weights that are laid out as C is (m x n with
                            c_stride), eq. 9; the contents of C are undefined afterwards */
    EPILOGUE_UPDATE_AND_SUMS /* the same with k = 1, accumulate false and gradient_factor 1; each row of the
                                updated weights is also multiplied by the next case's outputs y, with the bits
                                of product_forward with m = 1 */
} epilogue_kind;

typedef struct product_epilogue {
    epilogue_kind kind;
    union {
        int32_t activation; /* EPILOGUE_ACTIVATION */
        struct {
            int32_t activation;
            const bp_real *y; /* m x n */
            size_t y_stride;
        } slope; /* EPILOGUE_SLOPE */
        struct {
            weight_update rule;
            const bp_real *next_y; /* n values; this and next_sums for EPILOGUE_UPDATE_AND_SUMS */
            bp_real *next_sums;    /* m results, for forward_from_sums */
        } update;                  /* both kinds of update */
    };
} product_epilogue;

/*
 * One matrix product C (m x n) of A and B with k terms per sum; m, n, k >= 1:
 *     forward:  C = A B^T   A is m x k (outputs y), B is n x k (weights)          eq. 1
 *     backward: C = A B     A is m x k (deltas),    B is k x n (weights)          eq. 7
 *     weights:  C = A^T B   A is k x m (deltas),    B is k x n (outputs y)        eq. 6
 * A forward product may leave the members of other epilogues than its own unset.
 *
 * In a forward product m is the number of cases, n that of receiving and k that of sending units. Sums begin
 * with 0, with what C holds (accumulate), or with a bias (forward only).
 */
typedef struct matrix_product {
    size_t m, n, k;
    const bp_real *a, *b;
    size_t a_stride, b_stride;
    bp_real *c;
    size_t c_stride;
    bool accumulate;
    const bp_real *bias;   /* n values, the same for every row of C; or NULL. Not with accumulate */
    const bp_real *panels; /* forward, m >= 2: B as make_panels has written it; or NULL. The same bits */
    bool in_panels;        /* weights, see KERNEL_PANEL_TERMS */
    product_epilogue epilogue;
    bp_real *scratch; /* product_scratch(m, n, k) values */
} matrix_product;

typedef enum product_kind { PRODUCT_FORWARD, PRODUCT_BACKWARD, PRODUCT_WEIGHTS } product_kind;

/*
 * The loss of cases, one in each row of an output layer. An output is in error if it is further from its
 * target than the tolerance; the sums are over the outputs in error.
 *
 *     squared error                   E = 1/2 sum_u (y_u - d_u)^2, eq. 3
 *                                     dE/dy_u = y_u - d_u, eq. 4
 *     cross-entropy, logistic units   E = sum_u (max(x_u, 0) - d_u x_u + ln(1 + exp(-|x_u|)))
 *                                     dE/dx_u = y_u - d_u
 *     cross-entropy, softmax layer    E = sum_u d_u (ln sum_k exp(x_k) - x_u)
 *                                     dE/dx_j = y_j sum_u d_u - d_j
 *
 * The second form neither overflows nor takes the logarithm of a y that was rounded to 0 or 1. In the third,
 * with g the unit of the largest x, ln sum_k exp(x_k) = x_g + ln(1 + sum of the other y / y_g): no difference
 * of nearly equal numbers is left, so a small E is as accurate as a large one. x_g - x_u is computed from
 * their halves, which cannot overflow: where d_u is 0, its term must be 0 too. An output that is not in error
 * has the derivative 0; in a softmax layer it counts as one with d_j = 0.
 *
 * With label smoothing, cross-entropy has d + smoothing * (share - d) in place of d, but for |y - d|.
 */
enum { KERNEL_SQUARED_ERROR = 1, KERNEL_LOGISTIC_CROSS_ENTROPY = 2, KERNEL_SOFTMAX_CROSS_ENTROPY = 3 };

/* That of an output layer. */
static inline int32_t bpi_kernel_loss(bool is_cross_entropy, int32_t activation)
{
    if (!is_cross_entropy)
        return KERNEL_SQUARED_ERROR;
    return activation == KERNEL_SOFTMAX ? KERNEL_SOFTMAX_CROSS_ENTROPY : KERNEL_LOGISTIC_CROSS_ENTROPY;
}

typedef struct output_loss {
    int32_t kind;
    size_t rows, units;
    const bp_real *x, *y; /* rows x units, dense; x may be NULL for squared error */
    const bp_real *targets;
    size_t target_stride;
    bp_real tolerance; /* negative: every output is in error; an output that is NaN always is */
    bp_real smoothing, share;
    bp_real *derivative; /* rows x units, dense; or NULL */
} output_loss;

/*
 * The random numbers of a row of units, whatever the instruction set: unit i has word (i % 32) / 8 of
 * Philox4x32 (base/philox.h) for the counter 8 (i / 32) + i % 8, stream, bits[2], bits[3] and the key
 * bits[0], bits[1].
 */
enum { ROW_COUNTERS = 8, ROW_GROUP = 4 * ROW_COUNTERS };

typedef struct random_row {
    uint32_t bits[4]; /* random ones of the row */
    uint32_t stream;  /* another number for each use of them */
} random_row;

/* `rows` rows of `columns` values, to be scaled column by column: from one array to another, or in place if
 * the strides are the same. */
typedef struct scaled_rows {
    size_t rows, columns;
    const bp_real *offset, *factor; /* of each column; no factor is 0 */
    const bp_real *from;
    size_t from_stride;
    bp_real *to;
    size_t to_stride;
} scaled_rows;

typedef struct kernel_table {
    const char *name;
    bool (*supported)(void); /* can this CPU run it? */
    size_t lanes;            /* values of a register; 1: it has no vectors */

    /*
     * Matrix products, described at matrix_product. Epilogues: none for all; activation for forward, slope
     * for backward, the two updates for weights. Divisible, see KERNEL_MIN_PART.
     */
    size_t (*product_scratch)(size_t m, size_t n,
                              size_t k); /* enough for each of the three, up to these sizes */
    void (*product_forward)(const matrix_product *product);
    void (*product_backward)(const matrix_product *product);
    void (*product_weights)(const matrix_product *product);

    /* A forward product with two rows of A or more first copies B, in the order in which it is read, to
     * panels of panel_columns of its rows. Where B does not change, make_panels does that once for many
     * products: panel_values(n, k) values, those of panel_columns rows after each other; 0 where panels are
     * not used. */
    size_t panel_columns;
    size_t (*panel_values)(size_t n, size_t k);
    void (*make_panels)(size_t n, size_t k, const bp_real *b, size_t b_stride, bp_real *panels);

    /* A forward product with m = 1 whose n sums are known, without their start: adds 0, C or the bias, then
     * does the epilogue. Reads neither A nor B. */
    void (*forward_from_sums)(const matrix_product *product, const bp_real *sums);

    /* out[j] = sum over rows of a[row][j] (m x n), added to out[j] if accumulate: the derivatives of the
     * biases of a layer. Not divisible. */
    void (*column_sums)(size_t m, size_t n, const bp_real *a, size_t a_stride, bp_real *out, bool accumulate);

    /* y[i] = f(x[i]), eq. 2; x may be y. A value's bits depend on x[i] alone. */
    void (*activate)(int32_t activation, const bp_real *x, bp_real *y, size_t count);
    /* delta[i] = delta[i] * f'(x[i]), computed from y[i] = f(x[i]), eq. 5. As above. */
    void (*multiply_slope)(int32_t activation, const bp_real *y, bp_real *delta, size_t count);

    /* The activations of activation_rows.h, whose slope is found from x, with their parameters: y[i] =
     * f(x[i]), x may be y; and delta[i] = delta[i] * f'(x[i]). A value's bits depend on x[i] alone. */
    void (*find_values)(int32_t activation, const double *parameter, const bp_real *x, bp_real *y,
                        size_t count);
    void (*multiply_slope_at)(int32_t activation, const double *parameter, const bp_real *x, bp_real *delta,
                              size_t count);

    /* y[row][j] = exp(x[row][j] - max x[row]) / their sum; `rows` dense rows of `count` values; x may be y.
     */
    void (*softmax)(const bp_real *x, bp_real *y, size_t rows, size_t count);

    /* errors[row] = E of each row, in double; NaN if a y or x of the row is. Also fills loss->derivative.
     * Returns the largest |y - d| of all outputs, those that are NaN left out. A row has the same bits by
     * itself too. */
    double (*find_loss)(const output_loss *loss, double *errors);
    /* The same where values, targets and derivatives are stored unit by unit: those of unit u and row r at
     * u * rows + r. rows is a multiple of the values of a register, x is never NULL, and the derivatives may
     * overwrite it. The target's stride is not used. */
    double (*find_loss_by_unit)(const output_loss *loss, double *errors);

    /* One step of gradient descent with momentum: see weight_update, with the gradient_factor 1. A weight's
     * bits depend on its own three values and the three rates alone. */
    void (*momentum_update)(bp_real *weights, const bp_real *gradient, bp_real *last_update, size_t count,
                            bp_real rate, bp_real momentum, bp_real decay_factor);
    /* One step of any rule, with the gradient_factor 1. A weight's bits depend on its own values and the
     * numbers of the update alone. */
    void (*rule_update)(const weight_update *update, const bp_real *gradient, size_t count);

    /* out[i] = y[i] * factor, which is 0 if the unit's random number is below the threshold, else `kept`; out
     * may be y. The factors are stored too, unless `factors` is NULL. */
    void (*drop_units)(const random_row *row, uint32_t threshold, bp_real kept, const bp_real *y,
                       bp_real *out, bp_real *factors, size_t count);
    /* Adds to y[i] a normal number with this standard deviation. In each group of 32 units, whose numbers end
     * at the last unit, that of unit k < 16 is r cos(t), that of unit 16 + k is r sin(t), with a and b the
     * random numbers of these two, r = sqrt(-2 ln((a + 1) / 2^32)), t = 2 pi b / 2^32. */
    void (*add_noise)(const random_row *row, double deviation, bp_real *y, size_t count);

    /* (x - offset) * factor of each value; `to` may be NULL. Are all of them finite? */
    bool (*scale)(const scaled_rows *rows);
    /* x / factor + offset */
    void (*unscale)(const scaled_rows *rows);

    /* values[i] *= factor */
    void (*multiply_all)(bp_real *values, size_t count, bp_real factor);
    /* Is none of the values NaN or infinite? */
    bool (*all_finite)(const bp_real *values, size_t count);
    /* sum of values[i]^2, in double. Not divisible. */
    double (*sum_of_squares)(const bp_real *values, size_t count);
} kernel_table;

#endif
