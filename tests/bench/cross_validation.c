/*
 * Cross-validation by one thread and by two, in turns, in one process. For each kind of training it prints
 * the shortest wall-clock time of both and the speed-up; and from CPU times, which a busy machine changes
 * little: what all threads of two take divided by what one takes, and what one takes divided by what the
 * calling thread of two does, which is the speed-up if the other one has as much to do. It fails if results
 * do not have the same bits.
 *
 *     bench_cross_validation [--quick]
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <backprop.h>

#include "measure.h"

enum { CASES = 2000, INPUTS = 20, CLASSES = 5, HIDDEN = 40, FOLDS = 10, TURNS = 7, QUICK_TURNS = 1 };

typedef struct outcome {
    bp_fold_result each[FOLDS];
    bp_real predictions[CASES * CLASSES];
    double wall, cpu, calling; /* seconds; CPU time of all threads, and of the calling one */
} outcome;

typedef struct training {
    const char *name;
    void (*choose)(bp_trainer_options *options);
} training;

static void require_ok(bp_status status)
{
    if (status == BP_OK)
        return;
    fprintf(stderr, "bench: %s\n", bp_error_message());
    exit(EXIT_FAILURE);
}

static double uniform(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 40) / (double)(1 << 24) - 0.5;
}

/* The class is the highest of some sums over sines of the inputs. */
static bp_dataset *make_dataset(void)
{
    static bp_real inputs[CASES * INPUTS], targets[CASES * CLASSES];
    uint64_t state = 1;
    double factors[CLASSES][INPUTS];
    for (size_t k = 0; k < CLASSES; k++)
        for (size_t i = 0; i < INPUTS; i++)
            factors[k][i] = uniform(&state);
    for (size_t c = 0; c < CASES; c++) {
        size_t best = 0;
        double highest = -INFINITY;
        for (size_t i = 0; i < INPUTS; i++)
            inputs[c * INPUTS + i] = (bp_real)(4 * uniform(&state));
        for (size_t k = 0; k < CLASSES; k++) {
            double sum = uniform(&state);
            for (size_t i = 0; i < INPUTS; i++)
                sum += factors[k][i] * sin(3 * (double)inputs[c * INPUTS + i]);
            if (sum > highest) {
                highest = sum;
                best = k;
            }
        }
        targets[c * CLASSES + best] = 1;
    }
    const bp_data data = bp_data_view(CASES, inputs, INPUTS, targets, CLASSES);
    bp_dataset *dataset = NULL;
    require_ok(bp_dataset_create(&dataset, &data, NULL));
    return dataset;
}

static void choose_nothing(bp_trainer_options *options)
{
    (void)options;
}

static void choose_rate_and_end(bp_trainer_options *options)
{
    static bp_stop_rule rule;
    rule = bp_stop_epochs(60);
    options->optimizer = bp_optimizer_momentum(0.05, 0.9);
    options->weight_decay = 0;
    options->stop_rules = &rule;
    options->stop_rule_count = 1;
}

static void run(const bp_network *net, const bp_dataset *dataset, const training *what, size_t threads,
                outcome *out)
{
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    what->choose(&options);
    bp_fold_options folds;
    bp_fold_options_init(&folds, sizeof folds);
    folds.folds = FOLDS;
    folds.validation = 0.15;
    bp_cross_options cross;
    bp_cross_options_init(&cross, sizeof cross);
    cross.folds = &folds;
    cross.threads = threads;
    bp_fold_result_init(out->each, sizeof out->each[0], FOLDS);
    const double wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    const double calling = now(CLOCK_THREAD_CPUTIME_ID);
    require_ok(bp_cross_validate(net, &options, dataset, &cross, out->each, out->predictions, NULL));
    out->wall = now(CLOCK_MONOTONIC) - wall;
    out->cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    out->calling = now(CLOCK_THREAD_CPUTIME_ID) - calling;
    for (size_t i = 0; i < FOLDS; i++)
        out->each[i].seconds = 0;
}

/* Returns whether both have the same bits. */
static bool compare(const bp_network *net, const bp_dataset *dataset, const training *what, int turns)
{
    static outcome by[2];
    double wall[2] = {INFINITY, INFINITY}, cpu[2] = {INFINITY, INFINITY}, calling[2] = {INFINITY, INFINITY};
    for (int turn = 0; turn < turns; turn++) {
        for (int i = 0; i < 2; i++) {
            const int two = (turn + i) % 2; /* the first of a pair may be faster */
            run(net, dataset, what, two ? 2 : 1, &by[two]);
            wall[two] = fmin(wall[two], by[two].wall);
            cpu[two] = fmin(cpu[two], by[two].cpu);
            calling[two] = fmin(calling[two], by[two].calling);
        }
        if (memcmp(by[0].each, by[1].each, sizeof by[0].each) != 0 ||
            memcmp(by[0].predictions, by[1].predictions, sizeof by[0].predictions) != 0) {
            fprintf(stderr, "bench: two threads gave other bits than one\n");
            return false;
        }
    }
    printf("| %-25s | %6.3f s | %7.3f s | %8.2f | %11.2f | %14.2f |\n", what->name, wall[0], wall[1],
           wall[0] / wall[1], cpu[1] / cpu[0], cpu[0] / calling[1]);
    return true;
}

int main(int count, char **words)
{
    const training trainings[] = {{"untouched options", choose_nothing},
                                  {"rate 0.05 for 60 epochs", choose_rate_and_end}};
    const bool is_quick = count > 1 && strcmp(words[1], "--quick") == 0;
    const size_t units[] = {INPUTS, HIDDEN, CLASSES};
    bp_network *net = NULL;
    require_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_softmax()));
    bp_dataset *dataset = make_dataset();
    bool is_same = true;
    puts("| 10 folds of 2000 cases    | 1 thread | 2 threads | speed-up | all threads | calling thread |\n"
         "| ------------------------- | -------- | --------- | -------- | ----------- | -------------- |");
    for (size_t i = 0; i < sizeof trainings / sizeof trainings[0]; i++)
        is_same = compare(net, dataset, &trainings[i], is_quick ? QUICK_TURNS : TURNS) && is_same;
    bp_dataset_destroy(dataset);
    bp_network_destroy(net);
    return is_same ? EXIT_SUCCESS : EXIT_FAILURE;
}
