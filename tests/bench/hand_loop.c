#include "hand_loop.h"

#include <stdlib.h>

#include "fast_math.h"
#include "workload.h"

typedef struct net {
    const task *task;
    const product_library *library;
    void *products;
    size_t layers, units[MAX_LAYERS];
    float *w[MAX_LAYERS], *bias[MAX_LAYERS];  /* of layer l >= 1, in weights */
    float *y[MAX_LAYERS], *delta[MAX_LAYERS]; /* a row per case; y[0] is not used */
    float *weights, *gradient, *last_update, *outputs;
} net;

/* to[i][j] = from[j][i] */
static void transpose(const float *restrict from, size_t rows, size_t columns, float *restrict to)
{
    for (size_t j = 0; j < rows; j++)
        for (size_t i = 0; i < columns; i++)
            to[i * rows + j] = from[j * columns + i];
}

void *hand_loop_create(const task *t, const product_library *library)
{
    if (t->work->rule != MOMENTUM)
        return NULL;
    net *n = calloc(1, sizeof *n);
    if (n == NULL)
        exit(EXIT_FAILURE);
    n->task = t;
    n->library = library;
    n->products = library->create(t->work);
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
        if (library->input_major)
            transpose(t->weights + offset, out, in, n->w[l]);
        offset += (in + 1) * out;
    }
    return n;
}

void hand_loop_destroy(void *self)
{
    net *n = self;
    n->library->destroy(n->products);
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
    for (size_t row = 0; row < rows; row++)
        memcpy(n->y[l] + row * n->units[l], n->bias[l], n->units[l] * sizeof(float));
    n->library->forward(n->products, l, rows, x, n->w[l], n->y[l]);
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
    if (is_cross_entropy(n->task->work))
        for (size_t i = 0; i < count; i++)
            delta[i] = y[i] - targets[i];
    else
        for (size_t i = 0; i < count; i++)
            delta[i] = (y[i] - targets[i]) * y[i] * (1 - y[i]);
}

static void send_back(const net *n, size_t l, size_t rows)
{
    const float *restrict y = n->y[l - 1];
    float *restrict delta = n->delta[l - 1];
    n->library->backward(n->products, l, rows, n->delta[l], n->w[l], delta);
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

/* A single case: each row of the matrix is updated by its factor times a vector; the gradient is not stored,
 * which is twice as fast as an outer product and a separate update. */
static void update_by_case(const net *n, size_t l, const float *x)
{
    size_t in = n->units[l - 1], out = n->units[l], offset = (size_t)(n->w[l] - n->weights);
    if (n->library->input_major)
        for (size_t i = 0; i < in; i++)
            update(n, offset + i * out, n->delta[l], x[i], out);
    else
        for (size_t j = 0; j < out; j++)
            update(n, offset + j * in, x, n->delta[l][j], in);
    update(n, offset + in * out, n->delta[l], 1, out);
}

static void weight_gradient(const net *n, size_t l, size_t rows, const float *x)
{
    float *restrict sum = n->gradient + (n->bias[l] - n->weights);
    const float *restrict delta = n->delta[l];
    memcpy(sum, delta, n->units[l] * sizeof *sum);
    for (size_t row = 1; row < rows; row++)
        for (size_t i = 0; i < n->units[l]; i++)
            sum[i] += delta[row * n->units[l] + i];
    n->library->gradient(n->products, l, rows, delta, x, n->gradient + (n->w[l] - n->weights));
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

void hand_loop_train(void *self, unsigned long sweeps)
{
    net *n = self;
    const task *t = n->task;
    for (unsigned long sweep = 0; sweep < sweeps; sweep++)
        for (size_t c = 0; c < t->work->cases; c += t->work->batch)
            train_batch(n, rows_from(n, c), t->inputs + c * t->in, t->targets + c * t->out);
}

void hand_loop_predict(void *self, unsigned long calls)
{
    net *n = self;
    const task *t = n->task;
    for (unsigned long call = 0; call < calls; call++)
        for (size_t c = 0; c < t->work->cases; c += t->work->batch) {
            forward(n, rows_from(n, c), t->inputs + c * t->in);
            memcpy(n->outputs + c * t->out, n->y[n->layers - 1], rows_from(n, c) * t->out * sizeof(float));
        }
}

double hand_loop_error(void *self)
{
    net *n = self;
    hand_loop_predict(n, 1);
    return error_of_outputs(n->task, n->outputs);
}
