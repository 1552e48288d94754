/*
 * A small library for small nets as many write it: one case after another, plain loops over the units, and
 * the logistic function from a table, good to three digits. The nets have logistic outputs and up to 5000
 * weights.
 */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

enum { MAX_WEIGHTS = 5000, TABLE = 4096 };
static const float reach = 15; /* beyond it the function is its last value in the table */

typedef struct net {
    const task *task;
    const size_t *units;
    size_t last;                     /* layer */
    float *w, *last_update, *change; /* as in task.weights; change: the sums over a batch */
    float *y[MAX_LAYERS], *delta[MAX_LAYERS];
    float *outputs;
    float table[TABLE + 1];
} net;

static void *create(const task *t)
{
    if (is_cross_entropy(t->work) || t->work->rule != MOMENTUM || t->weight_count > MAX_WEIGHTS)
        return NULL;
    net *n = calloc(1, sizeof *n);
    if (n == NULL)
        exit(EXIT_FAILURE);
    *n = (net){.task = t, .units = t->work->units, .last = t->work->layers - 1};
    n->w = floats(t->weight_count);
    n->last_update = floats(t->weight_count);
    n->change = floats(t->weight_count);
    n->outputs = floats(t->work->cases * t->out);
    memcpy(n->w, t->weights, t->weight_count * sizeof *n->w);
    for (size_t l = 1; l <= n->last; l++) {
        n->y[l] = floats(n->units[l]);
        n->delta[l] = floats(n->units[l]);
    }
    for (int i = 0; i <= TABLE; i++)
        n->table[i] = (float)(1 / (1 + exp(-(double)reach * (2.0 * i / TABLE - 1))));
    return n;
}

static void destroy(void *self)
{
    net *n = self;
    for (size_t l = 1; l <= n->last; l++) {
        free(n->y[l]);
        free(n->delta[l]);
    }
    free(n->w);
    free(n->last_update);
    free(n->change);
    free(n->outputs);
    free(n);
}

static inline float look_up(const net *n, float x)
{
    const float place = (x + reach) * (TABLE / 2 / reach) + 0.5F;
    return n->table[place < 0 ? 0 : place > TABLE ? TABLE : (int)place];
}

static void forward(const net *n, const float *x)
{
    const float *w = n->w;
    for (size_t l = 1; l <= n->last; l++) {
        const size_t in = n->units[l - 1], out = n->units[l];
        const float *bias = w + in * out;
        for (size_t j = 0; j < out; j++, w += in) {
            float sum = bias[j];
            for (size_t i = 0; i < in; i++)
                sum += w[i] * x[i];
            n->y[l][j] = look_up(n, sum);
        }
        w += out;
        x = n->y[l];
    }
}

static void output_delta(const net *n, const float *d)
{
    const float *y = n->y[n->last];
    for (size_t j = 0; j < n->units[n->last]; j++)
        n->delta[n->last][j] = (y[j] - d[j]) * y[j] * (1 - y[j]);
}

/* Deltas of the layer below l, whose weights into l begin at w. */
static void send_back(const net *n, size_t l, const float *w)
{
    const size_t in = n->units[l - 1], out = n->units[l];
    const float *y = n->y[l - 1];
    for (size_t i = 0; i < in; i++) {
        float sum = 0;
        for (size_t j = 0; j < out; j++)
            sum += n->delta[l][j] * w[j * in + i];
        n->delta[l - 1][i] = sum * y[i] * (1 - y[i]);
    }
}

static inline void change_weight(const net *n, size_t at, float rate, float derivative)
{
    n->last_update[at] = 0.9F * n->last_update[at] - rate * derivative;
    n->w[at] += n->last_update[at];
}

/* The weights into layer l, which begin at `at`, by one case; or their sums over a batch. */
static void learn_layer(const net *n, size_t l, size_t at, const float *x, bool at_once)
{
    const size_t in = n->units[l - 1], out = n->units[l];
    const float rate = (float)n->task->work->rate;
    for (size_t j = 0; j < out; j++) {
        const float delta = n->delta[l][j];
        const size_t row = at + j * in, bias = at + in * out + j;
        if (at_once) {
            for (size_t i = 0; i < in; i++)
                change_weight(n, row + i, rate, delta * x[i]);
            change_weight(n, bias, rate, delta);
        } else {
            for (size_t i = 0; i < in; i++)
                n->change[row + i] += delta * x[i];
            n->change[bias] += delta;
        }
    }
}

static void learn(const net *n, const float *x, const float *d, bool at_once)
{
    size_t at = n->task->weight_count;
    forward(n, x);
    output_delta(n, d);
    for (size_t l = n->last; l >= 1; l--) {
        at -= (n->units[l - 1] + 1) * n->units[l];
        if (l > 1)
            send_back(n, l, n->w + at);
        learn_layer(n, l, at, l > 1 ? n->y[l - 1] : x, at_once);
    }
}

static void change_by_batch(const net *n)
{
    for (size_t i = 0; i < n->task->weight_count; i++)
        change_weight(n, i, (float)n->task->work->rate, n->change[i]);
    memset(n->change, 0, n->task->weight_count * sizeof *n->change);
}

static void train(void *self, unsigned long sweeps)
{
    const net *n = self;
    const task *t = n->task;
    const size_t batch = t->work->batch, cases = t->work->cases;
    for (unsigned long sweep = 0; sweep < sweeps; sweep++)
        for (size_t c = 0; c < cases; c++) {
            learn(n, t->inputs + c * t->in, t->targets + c * t->out, batch == 1);
            if (batch > 1 && ((c + 1) % batch == 0 || c + 1 == cases))
                change_by_batch(n);
        }
}

static void predict(void *self, unsigned long calls)
{
    const net *n = self;
    const task *t = n->task;
    for (unsigned long call = 0; call < calls; call++)
        for (size_t c = 0; c < t->work->cases; c++) {
            forward(n, t->inputs + c * t->in);
            memcpy(n->outputs + c * t->out, n->y[n->last], t->out * sizeof(float));
        }
}

static double error(void *self)
{
    const net *n = self;
    predict(self, 1);
    return error_of_outputs(n->task, n->outputs);
}

const program program_lookup = {
    "look-up", OTHER_ARITHMETIC, create, train, predict, error, destroy, NULL,
};
