/*
 * Training as a C programmer writes it with OpenBLAS: matrix products by sgemm, for a single case by sgemv,
 * the rest in plain loops that the compiler vectorizes for the processor of this machine. For a single case
 * the outer product is fused with the update, which is twice as fast as sger and a separate update. One
 * thread.
 */
#include <cblas.h>
#include <stdlib.h>

#include "fast_math.h"
#include "program.h"

typedef struct net {
    const task *task;
    size_t layers, units[MAX_LAYERS];
    float *w[MAX_LAYERS], *bias[MAX_LAYERS];  /* of layer l >= 1, in weights */
    float *y[MAX_LAYERS], *delta[MAX_LAYERS]; /* a row per case; y[0] is not used */
    float *weights, *gradient, *last_update, *outputs;
} net;

static void *create(const task *t)
{
    if (t->work->rule != MOMENTUM)
        return NULL;
    openblas_set_num_threads(1);
    net *n = calloc(1, sizeof *n);
    if (n == NULL)
        exit(EXIT_FAILURE);
    n->task = t;
    n->layers = t->work->layers;
    n->weights = floats(t->weight_count);
    n->gradient = floats(t->weight_count);
    n->last_update = floats(t->weight_count);
    n->outputs = floats(t->work->cases * t->out);
    memcpy(n->weights, t->weights, t->weight_count * sizeof *n->weights);
    size_t offset = 0;
    n->units[0] = t->in;
    for (size_t l = 1; l < n->layers; l++) {
        size_t in = t->work->units[l - 1], out = n->units[l] = t->work->units[l];
        n->w[l] = n->weights + offset;
        n->bias[l] = n->weights + offset + in * out;
        n->y[l] = floats(t->work->batch * out);
        n->delta[l] = floats(t->work->batch * out);
        offset += (in + 1) * out;
    }
    return n;
}

static void destroy(void *self)
{
    net *n = self;
    for (size_t l = 1; l < n->layers; l++) {
        free(n->y[l]);
        free(n->delta[l]);
    }
    free(n->weights);
    free(n->gradient);
    free(n->last_update);
    free(n->outputs);
    free(n);
}

/* ------------------------------------------------------------------------------------------ forward */

/* Softmax of each row: subtract the maximum, take exponentials, divide by their sum. */
static void softmax(float *restrict y, size_t rows, size_t units)
{
    for (size_t row = 0; row < rows; row++) {
        float most = y[row * units];
        for (size_t i = 1; i < units; i++)
            most = y[row * units + i] > most ? y[row * units + i] : most;
        for (size_t i = 0; i < units; i++)
            y[row * units + i] -= most;
    }
    for (size_t i = 0; i < rows * units; i++)
        y[i] = fast_exp(y[i]);
    for (size_t row = 0; row < rows; row++) {
        float sum = 0;
        for (size_t i = 0; i < units; i++)
            sum += y[row * units + i];
        float factor = 1 / sum;
        for (size_t i = 0; i < units; i++)
            y[row * units + i] *= factor;
    }
}

static void activate(const net *n, size_t l, size_t rows)
{
    size_t units = n->units[l];
    float *restrict y = n->y[l];
    if (l + 1 == n->layers && is_softmax(n->task->work))
        softmax(y, rows, units);
    else
        for (size_t i = 0; i < rows * units; i++)
            y[i] = fast_logistic(y[i]);
}

static void multiply_forward(const net *n, size_t l, size_t rows, const float *x)
{
    int in = (int)n->units[l - 1], out = (int)n->units[l], m = (int)rows;
    for (size_t row = 0; row < rows; row++)
        memcpy(n->y[l] + row * n->units[l], n->bias[l], n->units[l] * sizeof(float));
    if (rows == 1)
        cblas_sgemv(CblasRowMajor, CblasNoTrans, out, in, 1, n->w[l], in, x, 1, 1, n->y[l], 1);
    else
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, out, in, 1, x, in, n->w[l], in, 1, n->y[l],
                    out);
}

static void forward(const net *n, size_t rows, const float *inputs)
{
    for (size_t l = 1; l < n->layers; l++) {
        multiply_forward(n, l, rows, l == 1 ? inputs : n->y[l - 1]);
        activate(n, l, rows);
    }
}

/* ----------------------------------------------------------------------------------------- backward */

static void output_delta(const net *n, size_t rows, const float *restrict targets)
{
    size_t l = n->layers - 1, count = rows * n->units[l];
    const float *restrict y = n->y[l];
    float *restrict delta = n->delta[l];
    if (is_softmax(n->task->work))
        for (size_t i = 0; i < count; i++)
            delta[i] = y[i] - targets[i];
    else
        for (size_t i = 0; i < count; i++)
            delta[i] = (y[i] - targets[i]) * y[i] * (1 - y[i]);
}

static void send_back(const net *n, size_t l, size_t rows)
{
    int in = (int)n->units[l - 1], out = (int)n->units[l], m = (int)rows;
    const float *restrict y = n->y[l - 1];
    float *restrict delta = n->delta[l - 1];
    if (rows == 1)
        cblas_sgemv(CblasRowMajor, CblasTrans, out, in, 1, n->w[l], in, n->delta[l], 1, 0, delta, 1);
    else
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, in, out, 1, n->delta[l], out, n->w[l], in,
                    0, delta, in);
    for (size_t i = 0; i < rows * n->units[l - 1]; i++)
        delta[i] *= y[i] * (1 - y[i]);
}

/* Eq. 9 for `count` weights whose derivatives are those of `gradient` times a factor. */
static void update(const net *n, size_t offset, const float *restrict gradient, float factor, size_t count)
{
    float *restrict w = n->weights + offset, *restrict last = n->last_update + offset;
    float rate = (float)n->task->work->rate * factor;
    for (size_t i = 0; i < count; i++) {
        last[i] = 0.9F * last[i] - rate * gradient[i];
        w[i] += last[i];
    }
}

/* A single case: each row of the matrix is updated by its delta times x; the gradient is not stored. */
static void update_by_case(const net *n, size_t l, const float *x)
{
    size_t in = n->units[l - 1], out = n->units[l], offset = (size_t)(n->w[l] - n->weights);
    for (size_t j = 0; j < out; j++)
        update(n, offset + j * in, x, n->delta[l][j], in);
    update(n, offset + in * out, n->delta[l], 1, out);
}

static void weight_gradient(const net *n, size_t l, size_t rows, const float *x)
{
    int in = (int)n->units[l - 1], out = (int)n->units[l], m = (int)rows;
    float *restrict sum = n->gradient + (n->bias[l] - n->weights);
    const float *restrict delta = n->delta[l];
    memcpy(sum, delta, n->units[l] * sizeof *sum);
    for (size_t row = 1; row < rows; row++)
        for (size_t i = 0; i < n->units[l]; i++)
            sum[i] += delta[row * n->units[l] + i];
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, out, in, m, 1, delta, out, x, in, 0,
                n->gradient + (n->w[l] - n->weights), in);
}

static void train_batch(const net *n, size_t rows, const float *inputs, const float *targets)
{
    forward(n, rows, inputs);
    output_delta(n, rows, targets);
    for (size_t l = n->layers - 1; l >= 1; l--) {
        const float *x = l == 1 ? inputs : n->y[l - 1];
        if (l > 1)
            send_back(n, l, rows);
        if (rows == 1)
            update_by_case(n, l, x);
        else
            weight_gradient(n, l, rows, x);
    }
    if (rows > 1)
        update(n, 0, n->gradient, 1, n->task->weight_count);
}

/* ----------------------------------------------------------------------------------------- program */

static size_t rows_from(const net *n, size_t c)
{
    size_t left = n->task->work->cases - c;
    return left < n->task->work->batch ? left : n->task->work->batch;
}

static void train(void *self, unsigned long sweeps)
{
    net *n = self;
    const task *t = n->task;
    for (unsigned long sweep = 0; sweep < sweeps; sweep++)
        for (size_t c = 0; c < t->work->cases; c += t->work->batch)
            train_batch(n, rows_from(n, c), t->inputs + c * t->in, t->targets + c * t->out);
}

static void predict(void *self, unsigned long calls)
{
    net *n = self;
    const task *t = n->task;
    for (unsigned long call = 0; call < calls; call++)
        for (size_t c = 0; c < t->work->cases; c += t->work->batch) {
            forward(n, rows_from(n, c), t->inputs + c * t->in);
            memcpy(n->outputs + c * t->out, n->y[n->layers - 1], rows_from(n, c) * t->out * sizeof(float));
        }
}

static double error(void *self)
{
    net *n = self;
    predict(n, 1);
    return error_of_outputs(n->task, n->outputs);
}

const program program_openblas = {
    "OpenBLAS loop", SAME_ARITHMETIC, create, train, predict, error, destroy, NULL,
};
