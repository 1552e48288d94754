/*
 * The loop over LIBXSMM, which makes a kernel for each shape of product when it first meets it. Its matrices
 * are column-major; seen so, the rows of inputs and outputs are columns, and weights that lie input-major are
 * the left factor of the forward product as they are. The other two products need a transposed copy of one
 * factor.
 */
#include <libxsmm.h>
#include <stdlib.h>

#include "hand_loop.h"
#include "program.h"

enum { KINDS = 3 };
typedef enum kind { FORWARD, BACKWARD, GRADIENT } kind;

typedef struct products {
    const size_t *units;
    size_t batch;
    float *copy; /* of a transposed factor */
    libxsmm_smmfunction kernels[MAX_LAYERS][KINDS];
} products;

static libxsmm_smmfunction dispatch(size_t m, size_t n, size_t k, float beta)
{
    const libxsmm_blasint lda = (libxsmm_blasint)m, ldb = (libxsmm_blasint)k, ldc = (libxsmm_blasint)m;
    const float alpha = 1;
    libxsmm_smmfunction kernel =
        libxsmm_smmdispatch(lda, (libxsmm_blasint)n, ldb, &lda, &ldb, &ldc, &alpha, &beta, NULL, NULL);
    if (kernel == NULL)
        exit(EXIT_FAILURE);
    return kernel;
}

static libxsmm_smmfunction make(const products *p, kind k, size_t l, size_t rows)
{
    const size_t in = p->units[l - 1], out = p->units[l];
    switch (k) {
    case FORWARD:
        return dispatch(out, rows, in, 1);
    case BACKWARD:
        return dispatch(in, rows, out, 0);
    default:
        return dispatch(out, in, rows, 0);
    }
}

/* The kernels of whole batches are kept. */
static libxsmm_smmfunction find(products *p, kind k, size_t l, size_t rows)
{
    if (rows != p->batch)
        return make(p, k, l, rows);
    if (p->kernels[l][k] == NULL)
        p->kernels[l][k] = make(p, k, l, rows);
    return p->kernels[l][k];
}

static void *begin(const workload *work)
{
    products *p = calloc(1, sizeof *p);
    if (p == NULL)
        exit(EXIT_FAILURE);
    libxsmm_init();
    size_t largest = 0;
    for (size_t l = 1; l < work->layers; l++) {
        const size_t in = work->units[l - 1], out = work->units[l];
        const size_t most = in * out > in * work->batch ? in * out : in * work->batch;
        largest = most > largest ? most : largest;
    }
    p->units = work->units;
    p->batch = work->batch;
    p->copy = floats(largest);
    return p;
}

static void end(void *self)
{
    products *p = self;
    free(p->copy);
    free(p);
}

static void forward(void *self, size_t l, size_t rows, const float *x, const float *weights, float *y)
{
    find(self, FORWARD, l, rows)(weights, x, y);
}

/* Copies a column-major matrix of m x n to one of n x m. */
static const float *transposed(const products *p, const float *from, size_t m, size_t n)
{
    libxsmm_otrans(p->copy, from, sizeof *from, (libxsmm_blasint)m, (libxsmm_blasint)n, (libxsmm_blasint)m,
                   (libxsmm_blasint)n);
    return p->copy;
}

static void backward(void *self, size_t l, size_t rows, const float *delta, const float *weights,
                     float *below)
{
    const products *p = self;
    const float *factor = transposed(p, weights, p->units[l], p->units[l - 1]);
    find(self, BACKWARD, l, rows)(factor, delta, below);
}

static void gradient(void *self, size_t l, size_t rows, const float *delta, const float *x, float *sums)
{
    const products *p = self;
    const float *factor = transposed(p, x, p->units[l - 1], rows);
    find(self, GRADIENT, l, rows)(delta, factor, sums);
}

static void *create(const task *t)
{
    static const product_library library = {.input_major = true,
                                            .create = begin,
                                            .forward = forward,
                                            .backward = backward,
                                            .gradient = gradient,
                                            .destroy = end};
    return hand_loop_create(t, &library);
}

const char *libxsmm_target(void)
{
    libxsmm_init();
    return libxsmm_get_target_arch();
}

const program program_libxsmm = {
    "LIBXSMM loop",  SAME_ARITHMETIC,   create, hand_loop_train, hand_loop_predict,
    hand_loop_error, hand_loop_destroy, NULL,
};
