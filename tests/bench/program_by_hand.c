/*
 * Hand-written loops, each for one net with constant sizes: 2-2-1 case by case, 6-2-1 with the 64 cases of a
 * sweep in parallel. Compiled for the processor of this machine, they are the reference for tiny nets.
 */
#include <stdlib.h>

#include "fast_math.h"
#include "program.h"

/* Eq. 9 for `count` weights. */
#define CHANGE(count)                                                                                        \
    for (int i = 0; i < (count); i++) {                                                                      \
        last_update[i] = 0.9F * last_update[i] - rate * gradient[i];                                         \
        w[i] += last_update[i];                                                                              \
    }

enum { MAX_WEIGHTS = 17, SWEEP = 64 };

typedef struct net {
    const task *task;
    float w[MAX_WEIGHTS], last_update[MAX_WEIGHTS];
    float x[6][SWEEP], d[SWEEP], h[2][SWEEP], y[SWEEP]; /* of the sweep: a row per unit */
} net;

static int is_xor(const workload *work)
{
    return work->units[0] == 2 && work->units[1] == 2 && work->units[2] == 1 && work->batch == 1;
}

static int is_symmetry(const workload *work)
{
    return work->source == SYMMETRY && work->units[0] == 6 && work->units[1] == 2 && work->cases == SWEEP;
}

static void *create(const task *t)
{
    if (!is_xor(t->work) && !is_symmetry(t->work))
        return NULL;
    net *n = (void *)floats(sizeof *n / sizeof(float) + 1);
    n->task = t;
    memcpy(n->w, t->weights, t->weight_count * sizeof *n->w);
    if (is_symmetry(t->work))
        for (int c = 0; c < SWEEP; c++) {
            n->d[c] = t->targets[c];
            for (int i = 0; i < 6; i++)
                n->x[i][c] = t->inputs[c * 6 + i];
        }
    return n;
}

/* ------------------------------------------------------------------------------------------- 2-2-1 */

/* w: a row of two weights per hidden unit, their biases; two weights and the bias of the output. */
static inline float forward_xor(const float *w, const float *x, float *h)
{
    for (int j = 0; j < 2; j++)
        h[j] = fast_logistic(w[2 * j] * x[0] + w[2 * j + 1] * x[1] + w[4 + j]);
    return fast_logistic(w[6] * h[0] + w[7] * h[1] + w[8]);
}

static void train_xor(net *n, unsigned long sweeps)
{
    const task *t = n->task;
    const float rate = (float)t->work->rate;
    float w[9], last_update[9], gradient[9], h[2];
    memcpy(w, n->w, sizeof w);
    memcpy(last_update, n->last_update, sizeof last_update);
    for (unsigned long sweep = 0; sweep < sweeps; sweep++)
        for (int c = 0; c < 4; c++) {
            const float *x = t->inputs + 2 * c;
            float y = forward_xor(w, x, h), delta = (y - t->targets[c]) * y * (1 - y);
            for (int j = 0; j < 2; j++) {
                float hidden = delta * w[6 + j] * h[j] * (1 - h[j]);
                gradient[2 * j] = hidden * x[0];
                gradient[2 * j + 1] = hidden * x[1];
                gradient[4 + j] = hidden;
                gradient[6 + j] = delta * h[j];
            }
            gradient[8] = delta;
            CHANGE(9)
        }
    memcpy(n->w, w, sizeof w);
    memcpy(n->last_update, last_update, sizeof last_update);
}

/* ------------------------------------------------------------------------------------------- 6-2-1 */

/* w: a row of six weights per hidden unit, their biases; two weights and the bias of the output. */
static void forward_symmetry(net *n)
{
    const float *w = n->w;
    for (int j = 0; j < 2; j++)
        for (int c = 0; c < SWEEP; c++) {
            float sum = w[12 + j];
            for (int i = 0; i < 6; i++)
                sum += w[6 * j + i] * n->x[i][c];
            n->h[j][c] = fast_logistic(sum);
        }
    for (int c = 0; c < SWEEP; c++)
        n->y[c] = fast_logistic(w[14] * n->h[0][c] + w[15] * n->h[1][c] + w[16]);
}

typedef float lanes __attribute__((vector_size(64)));

static inline lanes load(const float *from)
{
    lanes v;
    memcpy(&v, from, sizeof v);
    return v;
}

static inline float sum_of_lanes(lanes v)
{
    v += __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
    v += __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3);
    return (v[0] + v[1]) + (v[2] + v[3]);
}

static inline float dot(const float *a, const float *b)
{
    lanes sum = {0};
    for (int c = 0; c < SWEEP; c += 16)
        sum += load(a + c) * load(b + c);
    return sum_of_lanes(sum);
}

static inline float sum_of(const float *a)
{
    lanes sum = {0};
    for (int c = 0; c < SWEEP; c += 16)
        sum += load(a + c);
    return sum_of_lanes(sum);
}

static void train_symmetry(net *n, unsigned long sweeps)
{
    const float rate = (float)n->task->work->rate;
    float *w = n->w, *last_update = n->last_update, gradient[17], delta[SWEEP], hidden[SWEEP];
    for (unsigned long sweep = 0; sweep < sweeps; sweep++) {
        forward_symmetry(n);
        for (int c = 0; c < SWEEP; c++)
            delta[c] = (n->y[c] - n->d[c]) * n->y[c] * (1 - n->y[c]);
        for (int j = 0; j < 2; j++) {
            for (int c = 0; c < SWEEP; c++)
                hidden[c] = delta[c] * w[14 + j] * n->h[j][c] * (1 - n->h[j][c]);
            for (int i = 0; i < 6; i++)
                gradient[6 * j + i] = dot(hidden, n->x[i]);
            gradient[12 + j] = sum_of(hidden);
            gradient[14 + j] = dot(delta, n->h[j]);
        }
        gradient[16] = sum_of(delta);
        CHANGE(17)
    }
}

/* ----------------------------------------------------------------------------------------- program */

static void train(void *self, unsigned long sweeps)
{
    net *n = self;
    if (is_symmetry(n->task->work))
        train_symmetry(n, sweeps);
    else
        train_xor(n, sweeps);
}

static void predict(void *self, unsigned long calls)
{
    net *n = self;
    float h[2];
    for (unsigned long call = 0; call < calls; call++)
        for (size_t c = 0; c < n->task->work->cases; c++) {
            n->y[c] = forward_xor(n->w, n->task->inputs + 2 * c, h);
            __asm__ volatile("" ::: "memory"); /* y counts as read, so no call is optimized away */
        }
}

static double error(void *self)
{
    net *n = self;
    if (is_symmetry(n->task->work))
        forward_symmetry(n);
    else
        predict(n, 1);
    return error_of_outputs(n->task, n->y);
}

const program program_by_hand = {
    "by hand", SAME_ARITHMETIC, create, train, predict, error, free, NULL,
};
