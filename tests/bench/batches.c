/*
 * The cost of a case for batches of different sizes, in prediction and in training, beside the peers; or the
 * speed of two square layers of different sizes in batches of 64. For the beginning of a net's name, or all:
 *
 *     bench_batches [--quick | --short] [--outputs softmax | labels | squared] [net]...
 *     bench_batches [--quick | --short] --layers
 *
 * Each net has outputs and an error of its own if no others are asked for: softmax and cross-entropy,
 * logistic and cross-entropy (labels, without NumPy and PyTorch), logistic and squared error.
 *
 * Prints the lines of contest.h; workloads are named "train 784-128-10 batch 8".
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contest.h"
#include "peers.h"

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

static const size_t layers[] = {8,   12,  16,  24,  32,   48,   64,   96,   128, 192,
                                256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096};
enum { LAYER_BATCH = 64, NAME = 64 };

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* At least four batches and 128 cases: the end of a sweep has a cost of its own. So has that of a run, which
 * grows with the cases, so that they are not many more. A prediction is one call. */
static size_t cases_of(work_kind kind, size_t batch)
{
    const size_t sweep = batch < 32 ? (128 + batch - 1) / batch * batch : 4 * batch;
    return kind == TRAINING ? sweep : batch;
}

static void run_batch(const net *n, work_kind kind, size_t batch, const char *unit, const turn_plan *plan)
{
    char name[2 * NAME];
    snprintf(name, sizeof name, "%s %s batch %zu", kind == TRAINING ? "train" : "predict", n->name, batch);
    workload work = {.name = name,
                     .kind = kind,
                     .source = n->source,
                     .layers = n->layers,
                     .cases = cases_of(kind, batch),
                     .batch = batch,
                     .rate = n->rate,
                     .unit = unit,
                     .rule = MOMENTUM};
    memcpy(work.units, n->units, sizeof work.units);
    run_workload(&work, peers, peer_count, plan);
}

static void run_batches(const net *n, const turn_plan *plan)
{
    for (int kind = TRAINING; kind <= PREDICTION; kind++)
        for (size_t i = 0; i < COUNT(batches); i++)
            run_batch(n, (work_kind)kind, batches[i], "ns/case", plan);
}

static void run_layers(size_t units, const turn_plan *plan)
{
    char name[32];
    snprintf(name, sizeof name, "%zu-%zu-%zu", units, units, units);
    const net n = {name, {units, units, units}, 3, BITS, 1e-3 / (double)units};
    run_batch(&n, TRAINING, LAYER_BATCH, "GFLOP/s", plan);
    run_batch(&n, PREDICTION, LAYER_BATCH, "GFLOP/s", plan);
}

/* The outputs that are asked for are part of a net's name: "64-32-10/labels". */
static net with_outputs(const net *n, const char *outputs, char name[NAME])
{
    static const struct {
        const char *name;
        case_source source;
    } sources[] = {{"softmax", CLASSES}, {"labels", LABELS}, {"squared", BITS}};
    net changed = *n;
    for (size_t i = 0; i < COUNT(sources); i++)
        if (strcmp(outputs, sources[i].name) == 0) {
            snprintf(name, NAME, "%s/%s", n->name, outputs);
            changed.name = name;
            changed.source = sources[i].source;
            return changed;
        }
    fprintf(stderr, "batches: no outputs are called %s\n", outputs);
    exit(EXIT_FAILURE);
}

static bool is_wanted(const net *n, int count, char **names)
{
    for (int i = 0; i < count; i++)
        if (strncmp(names[i], n->name, strlen(names[i])) == 0)
            return true;
    return count == 0;
}

int main(int count, char **arguments)
{
    int first;
    const turn_plan plan = read_plan(count, arguments, &first);
    prepare_peers(arguments);
    const char *outputs = NULL;
    if (first + 1 < count && strcmp(arguments[first], "--outputs") == 0) {
        outputs = arguments[first + 1];
        first += 2;
    }
    if (first < count && strcmp(arguments[first], "--layers") == 0)
        for (size_t i = 0; i < COUNT(layers); i++)
            run_layers(layers[i], &plan);
    else
        for (size_t i = 0; i < COUNT(nets); i++)
            if (is_wanted(&nets[i], count - first, arguments + first)) {
                char name[NAME];
                const net n = outputs != NULL ? with_outputs(&nets[i], outputs, name) : nets[i];
                run_batches(&n, &plan);
            }
    return EXIT_SUCCESS;
}
