/*
 * The cost of a case for batches of different sizes, in prediction and in training, beside loops over
 * libraries of matrix products. For the beginning of a net's name, or all:
 *
 *     bench_batches [--quick] [net]...
 *
 * Prints the lines of contest.h; workloads are named "train 784-128-10 batch 8".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contest.h"

static const program *const programs[] = {
    &program_backprop,
#ifdef BENCH_OPENBLAS
    &program_openblas,
#endif
#ifdef BENCH_LIBXSMM
    &program_libxsmm,
#endif
};

typedef struct net {
    const char *name;
    size_t units[MAX_LAYERS], layers;
    case_source source;
    double rate;
} net;

static const net nets[] = {
    {"784-128-10", {784, 128, 10}, 3, CLASSES, 1e-4}, {"64-32-10", {64, 32, 10}, 3, CLASSES, 1e-3},
    {"200-50-200", {200, 50, 200}, 3, BITS, 1e-4},    {"17-33-5", {17, 33, 5}, 3, CLASSES, 1e-3},
    {"4-16-3", {4, 16, 3}, 3, CLASSES, 1e-3},         {"13-40-3", {13, 40, 3}, 3, CLASSES, 1e-3},
    {"30-20-20-3", {30, 20, 20, 3}, 4, BITS, 1e-3},   {"1024^3", {1024, 1024, 1024, 1024}, 4, BITS, 1e-6},
};

static const size_t batches[] = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64};

/* Training takes several batches in a sweep; a prediction is one call. */
static void run_batch(const net *n, work_kind kind, size_t batch, const turn_plan *plan)
{
    char name[64];
    snprintf(name, sizeof name, "%s %s batch %zu", kind == TRAINING ? "train" : "predict", n->name, batch);
    workload work = {.name = name,
                     .kind = kind,
                     .source = n->source,
                     .layers = n->layers,
                     .cases = kind == TRAINING ? 32 * batch : batch,
                     .batch = batch,
                     .rate = n->rate,
                     .unit = "ns/case",
                     .rule = MOMENTUM};
    memcpy(work.units, n->units, sizeof work.units);
    run_workload(&work, programs, sizeof programs / sizeof programs[0], plan);
}

static int is_wanted(const net *n, int count, char **names)
{
    for (int i = 0; i < count; i++)
        if (strncmp(names[i], n->name, strlen(names[i])) == 0)
            return 1;
    return count == 0;
}

int main(int count, char **arguments)
{
    const int quick = count > 1 && strcmp(arguments[1], "--quick") == 0;
    const turn_plan plan = quick ? quick_plan() : full_plan();
    const int first = quick ? 2 : 1;
    for (size_t i = 0; i < sizeof nets / sizeof nets[0]; i++)
        for (int kind = TRAINING; kind <= PREDICTION; kind++)
            for (size_t j = 0; j < sizeof batches / sizeof batches[0]; j++)
                if (is_wanted(&nets[i], count - first, arguments + first))
                    run_batch(&nets[i], (work_kind)kind, batches[j], &plan);
    return EXIT_SUCCESS;
}
