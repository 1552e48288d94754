/*
 * What L1, L2, max-norm and clipping add to training 784-128-10, ReLU and softmax, by batches of 64: epochs
 * of 640 cases with one of them and without any, in turns, in one process. For each it prints the median of
 * the ratios of two turns that follow one another, and the quartiles.
 *
 *     bench_penalties [--quick]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backprop.h"
#include "measure.h"

enum { CASES = 640, INPUTS = 784, HIDDEN = 128, CLASSES = 10, TURNS = 61, QUICK_TURNS = 3 };

typedef struct penalty {
    const char *name;
    double l1, l2, max_norm, clip_value, clip_norm;
} penalty;

static const penalty penalties[] = {
    {"none", 0, 0, 0, 0, 0},
    {"l1", 1e-5, 0, 0, 0, 0},
    {"l2", 0, 1e-4, 0, 0, 0},
    {"max_norm, no unit above it", 0, 0, 100, 0, 0},
    {"max_norm, all units above it", 0, 0, 0.1, 0, 0},
    {"clip_value", 0, 0, 0, 0.1, 0},
    {"clip_norm, above it", 0, 0, 0, 0, 0.01},
};

static bp_real inputs[CASES * INPUTS], targets[CASES * CLASSES];

static void require_ok(bp_status status)
{
    if (status == BP_OK)
        return;
    fprintf(stderr, "bench: %s\n", bp_error_message());
    exit(EXIT_FAILURE);
}

static bp_trainer *make_trainer(bp_network **net, const penalty *wanted, bp_optimizer optimizer)
{
    const bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer *trainer = NULL;
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.optimizer = optimizer;
    options.weight_decay = 0;
    options.batch_size = 64;
    options.scale_data = 0;
    options.recoveries = 0;
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    options.l1 = wanted->l1;
    options.l2 = wanted->l2;
    options.max_norm = wanted->max_norm;
    options.clip_value = wanted->clip_value;
    options.clip_norm = wanted->clip_norm;
    require_ok(bp_network_create_layered(net, (size_t[]){INPUTS, HIDDEN, CLASSES}, 3, bp_activation_relu(),
                                         bp_activation_softmax()));
    require_ok(bp_network_initialize(*net, 1));
    require_ok(bp_trainer_create(&trainer, *net, &options));
    return trainer;
}

static double time_epoch(bp_trainer *trainer)
{
    const bp_data data = bp_data_view(CASES, inputs, INPUTS, targets, CLASSES);
    const double start = now(CLOCK_PROCESS_CPUTIME_ID);
    require_ok(bp_trainer_run(trainer, &data, NULL, NULL));
    return now(CLOCK_PROCESS_CPUTIME_ID) - start;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure_penalty(const char *rule, bp_optimizer optimizer, const penalty *wanted, size_t turns)
{
    bp_network *nets[2];
    double ratios[TURNS];
    bp_trainer *without = make_trainer(&nets[0], &penalties[0], optimizer);
    bp_trainer *with = make_trainer(&nets[1], wanted, optimizer);
    time_epoch(without);
    time_epoch(with);
    for (size_t i = 0; i < turns; i++) {
        const double first = time_epoch(i % 2 ? with : without), second = time_epoch(i % 2 ? without : with);
        ratios[i] = i % 2 ? first / second : second / first;
    }
    qsort(ratios, turns, sizeof *ratios, compare);
    printf("| %-8s | %-28s | %5.2f | %5.2f to %5.2f |\n", rule, wanted->name, ratios[turns / 2],
           ratios[turns / 4], ratios[3 * turns / 4]);
    bp_trainer_destroy(without);
    bp_trainer_destroy(with);
    bp_network_destroy(nets[0]);
    bp_network_destroy(nets[1]);
}

int main(int count, char **words)
{
    const size_t turns = count > 1 && strcmp(words[1], "--quick") == 0 ? QUICK_TURNS : TURNS;
    srand(1);
    for (size_t i = 0; i < CASES * INPUTS; i++)
        inputs[i] = (bp_real)((double)rand() / RAND_MAX);
    for (size_t i = 0; i < CASES; i++)
        targets[i * CLASSES + (size_t)rand() % CLASSES] = 1;
    puts("| rule     | option                       | times | quartiles      |\n"
         "| -------- | ---------------------------- | ----- | -------------- |");
    for (size_t i = 0; i < sizeof penalties / sizeof penalties[0]; i++)
        measure_penalty("momentum", bp_optimizer_momentum(0.01, 0.9), &penalties[i], turns);
    measure_penalty("adam", bp_optimizer_adam(0.001, 0.9, 0.999, 1e-8), &penalties[2], turns);
    return EXIT_SUCCESS;
}
