/* The loop over OpenBLAS: sgemm, and sgemv for a single case. */
#include <cblas.h>
#include <stdlib.h>

#include "hand_loop.h"
#include "program.h"

static void *begin(const workload *work)
{
    openblas_set_num_threads(1);
    return (void *)(uintptr_t)work->units;
}

static void end(void *self)
{
    (void)self;
}

static void forward(void *self, size_t l, size_t rows, const float *x, const float *weights, float *y)
{
    const size_t *units = self;
    const int in = (int)units[l - 1], out = (int)units[l];
    if (rows == 1)
        cblas_sgemv(CblasRowMajor, CblasNoTrans, out, in, 1, weights, in, x, 1, 1, y, 1);
    else
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, out, in, 1, x, in, weights, in, 1, y,
                    out);
}

static void backward(void *self, size_t l, size_t rows, const float *delta, const float *weights,
                     float *below)
{
    const size_t *units = self;
    const int in = (int)units[l - 1], out = (int)units[l];
    if (rows == 1)
        cblas_sgemv(CblasRowMajor, CblasTrans, out, in, 1, weights, in, delta, 1, 0, below, 1);
    else
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, in, out, 1, delta, out, weights, in,
                    0, below, in);
}

static void gradient(void *self, size_t l, size_t rows, const float *delta, const float *x, float *sums)
{
    const size_t *units = self;
    const int in = (int)units[l - 1], out = (int)units[l];
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, out, in, (int)rows, 1, delta, out, x, in, 0, sums,
                in);
}

static void *create(const task *t)
{
    static const product_library library = {
        .create = begin, .forward = forward, .backward = backward, .gradient = gradient, .destroy = end};
    return hand_loop_create(t, &library);
}

const program program_openblas = {
    "OpenBLAS loop", SAME_ARITHMETIC,   create, hand_loop_train, hand_loop_predict,
    hand_loop_error, hand_loop_destroy, NULL,
};
