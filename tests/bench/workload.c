#include "workload.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
const workload workloads[] = {
    {"W1 2-2-1 XOR per case", TRAINING, XOR, {2, 2, 1}, 3, 4, 1, 0.5, "ns/step", MOMENTUM},
    {"W2 6-2-1 symmetry, sweep of 64", TRAINING, SYMMETRY, {6, 2, 1}, 3, 64, 64, 0.05, "us/sweep", MOMENTUM},
    {"W3 8-3-8 batch 32", TRAINING, ENCODER, {8, 3, 8}, 3, 1024, 32, 0.05, "cases/s", MOMENTUM},
    {"W3 64-32-10 batch 32", TRAINING, CLASSES, {64, 32, 10}, 3, 1024, 32, 0.002, "cases/s", MOMENTUM},
    {"W4 784-128-10 batch 64", TRAINING, CLASSES, {784, 128, 10}, 3, 2048, 64, 0.0005, "cases/s", MOMENTUM},
    {"W4 784-128-10 batch 64 Adam", TRAINING, CLASSES, {784, 128, 10}, 3, 2048, 64, 0.0001, "cases/s", ADAM},
    {"W4 784-128-10 per case", TRAINING, CLASSES, {784, 128, 10}, 3, 2048, 1, 0.001, "cases/s", MOMENTUM},
    {"W5 1024^3 batch 256 Adam", TRAINING, BITS, {1024, 1024, 1024, 1024}, 4, 512, 256, 0.0001, "cases/s", ADAM},
    {"W5 1024^3 batch 256", TRAINING, BITS, {1024, 1024, 1024, 1024}, 4, 512, 256, 0.000002, "cases/s", MOMENTUM},
    {"W8 21-16-3 sweep of 3600 Rprop", TRAINING, CLASSES, {21, 16, 3}, 3, 3600, 3600, 0.01, "cases/s", RPROP},
    {"W8 64-32-10 sweep of 8192 Rprop", TRAINING, CLASSES, {64, 32, 10}, 3, 8192, 8192, 0.01, "cases/s", RPROP},
    {"odd 17-33-5 batch 7", TRAINING, CLASSES, {17, 33, 5}, 3, 1000, 7, 0.005, "cases/s", MOMENTUM},
    {"odd 300-200-100-50 batch 63", TRAINING, CLASSES, {300, 200, 100, 50}, 4, 1000, 63, 0.0005, "cases/s", MOMENTUM},
    {"odd 1000-3 batch 1000", TRAINING, CLASSES, {1000, 3}, 2, 2500, 1000, 0.00001, "cases/s", MOMENTUM},
    {"odd 500-500-10 batch 1000", TRAINING, CLASSES, {500, 500, 10}, 3, 2300, 1000, 0.00002, "cases/s", MOMENTUM},
    {"odd 4-16-3 batch 16", TRAINING, CLASSES, {4, 16, 3}, 3, 150, 16, 0.005, "cases/s", MOMENTUM},
    {"odd 13-40-3 per case", TRAINING, CLASSES, {13, 40, 3}, 3, 178, 1, 0.002, "cases/s", MOMENTUM},
    {"odd 200-50-200 batch 20", TRAINING, BITS, {200, 50, 200}, 3, 600, 20, 0.0005, "cases/s", MOMENTUM},
    {"W6 2-2-1 one case", PREDICTION, BITS, {2, 2, 1}, 3, 1, 1, 0, "ns", MOMENTUM},
    {"W6 64-32-10 one case", PREDICTION, CLASSES, {64, 32, 10}, 3, 1, 1, 0, "ns", MOMENTUM},
    {"W6 784-128-10 one case", PREDICTION, CLASSES, {784, 128, 10}, 3, 1, 1, 0, "ns", MOMENTUM},
    {"W6 1024^3 one case", PREDICTION, BITS, {1024, 1024, 1024, 1024}, 4, 1, 1, 0, "ns", MOMENTUM},
    {"W6 784-128-10 batch 256", PREDICTION, CLASSES, {784, 128, 10}, 3, 256, 256, 0, "cases/s", MOMENTUM},
    {"W6 1024^3 batch 256", PREDICTION, BITS, {1024, 1024, 1024, 1024}, 4, 256, 256, 0, "cases/s", MOMENTUM},
};
/* clang-format on */

const size_t workload_count = sizeof workloads / sizeof workloads[0];

int is_softmax(const workload *work)
{
    return work->source == CLASSES;
}

int is_cross_entropy(const workload *work)
{
    return work->source == CLASSES || work->source == LABELS;
}

float *floats(size_t count)
{
    size_t bytes = (count * sizeof(float) + 63) / 64 * 64;
    float *values = aligned_alloc(64, bytes);
    if (values == NULL) {
        fprintf(stderr, "bench: no memory for %zu numbers\n", count);
        exit(EXIT_FAILURE);
    }
    return memset(values, 0, bytes);
}

static void fill_random(float *values, size_t count, double low, double high)
{
    static uint64_t state = 1986;
    for (size_t i = 0; i < count; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        values[i] = (float)(low + (high - low) * (double)(state >> 40) * 0x1p-24);
    }
}

static size_t bit(size_t number, size_t place)
{
    return number >> place & 1;
}

/* Do the last three of six bits mirror the first three? */
static bool is_symmetric(size_t number)
{
    return bit(number, 0) == bit(number, 5) && bit(number, 1) == bit(number, 4) &&
           bit(number, 2) == bit(number, 3);
}

/* Is target j of case c, whose inputs are x, 1? */
static bool target(const task *t, size_t c, size_t j, const float *x)
{
    switch (t->work->source) {
    case XOR:
        return bit(c, 0) != bit(c, 1);
    case SYMMETRY:
        return is_symmetric(c);
    case ENCODER:
        return c % t->out == j;
    case CLASSES:
        return (size_t)(x[0] * (float)t->out) == j;
    case BITS:
    case LABELS:
        return x[j % t->in] > 0.5F;
    }
    return false;
}

static void fill_inputs(task *t)
{
    size_t count = t->work->cases * t->in;
    case_source source = t->work->source;
    if (source == CLASSES || source == BITS || source == LABELS) {
        fill_random(t->inputs, count, 0, 1);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        size_t c = i / t->in, place = i % t->in;
        t->inputs[i] = (float)(source == ENCODER ? c % t->in == place : bit(c, place) != 0);
    }
}

/* Uniform in -r..r, r = sqrt(6 / (fan in + fan out)), biases 0. */
static void fill_weights(task *t)
{
    float *w = t->weights;
    for (size_t l = 1; l < t->work->layers; l++) {
        size_t in = t->work->units[l - 1], out = t->work->units[l];
        double r = sqrt(6.0 / (double)(in + out));
        fill_random(w, in * out, -r, r);
        w += (in + 1) * out;
    }
}

void make_task(task *t, const workload *work)
{
    *t = (task){.work = work, .in = work->units[0], .out = work->units[work->layers - 1]};
    for (size_t l = 1; l < work->layers; l++)
        t->weight_count += (work->units[l - 1] + 1) * work->units[l];
    t->inputs = floats(work->cases * t->in);
    t->targets = floats(work->cases * t->out);
    t->weights = floats(t->weight_count);
    fill_inputs(t);
    fill_weights(t);
    for (size_t i = 0; i < work->cases * t->out; i++)
        t->targets[i] = (float)target(t, i / t->out, i % t->out, t->inputs + i / t->out * t->in);
}

void free_task(task *t)
{
    free(t->inputs);
    free(t->targets);
    free(t->weights);
}

double error_of_outputs(const task *t, const float *y)
{
    double error = 0;
    for (size_t i = 0; i < t->work->cases * t->out; i++) {
        double d = (double)t->targets[i], deviation = (double)y[i] - d;
        if (t->work->source == LABELS)
            error -= log(d > 0 ? (double)y[i] : 1 - (double)y[i]);
        else if (!is_softmax(t->work))
            error += 0.5 * deviation * deviation;
        else if (d > 0)
            error -= d * log((double)y[i]);
    }
    return isfinite(error) ? error : -1;
}

double in_unit(const workload *work, double seconds)
{
    if (strcmp(work->unit, "cases/s") == 0)
        return (double)work->cases / seconds;
    if (strcmp(work->unit, "GFLOP/s") == 0)
        return 1e-9 * operations(work) / seconds;
    if (strcmp(work->unit, "ns/step") == 0 || strcmp(work->unit, "ns/case") == 0)
        return 1e9 * seconds / (double)work->cases;
    return (strcmp(work->unit, "ns") == 0 ? 1e9 : 1e6) * seconds;
}

/* Forward; in training also two products of the same size backward, but none to the inputs. */
double operations(const workload *work)
{
    double total = 0;
    for (size_t l = 1; l < work->layers; l++) {
        double product = 2 * (double)(work->units[l - 1] * work->units[l]);
        total += product * (work->kind == PREDICTION ? 1 : l == 1 ? 2 : 3);
    }
    return total * (double)work->cases;
}
