/*
 * What the diagnosis of training costs: whole runs with it and without it, in turns, in one process. For each
 * workload it prints the shortest time of both kinds and what the diagnosis adds, and fails if that is more
 * than the mark.
 *
 *     bench_overhead [--quick]
 *
 * There is no option against the diagnosis; here no point of the trace of errors ever becomes due.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"
#include "train/types.h"
#include "workload.h"

typedef struct measurement {
    const char *workload;
    size_t sweeps; /* of a run: enough for the checks at its end */
    int turns;
    double mark; /* the largest share of the time without diagnosis */
} measurement;

static const measurement measurements[] = {
    {"W1 2-2-1 XOR per case", 4000, 400, 0.05},
    {"W2 6-2-1 symmetry, sweep of 64", 2000, 400, 0.05},
    {"W3 8-3-8 batch 32", 100, 200, 0.05},
    {"W4 784-128-10 batch 64", 60, 30, 0.01},
};
enum { MEASUREMENTS = sizeof measurements / sizeof measurements[0], QUICK_TURNS = 5 };

static void require_ok(bp_status status)
{
    if (status == BP_OK)
        return;
    fprintf(stderr, "bench: %s\n", bp_error_message());
    exit(EXIT_FAILURE);
}

static const workload *find_workload(const char *name)
{
    for (size_t i = 0; i < workload_count; i++)
        if (strcmp(workloads[i].name, name) == 0)
            return &workloads[i];
    fprintf(stderr, "bench: no workload %s\n", name);
    exit(EXIT_FAILURE);
}

static bp_network *make_network(const workload *work)
{
    bp_network *net = NULL;
    require_ok(
        bp_network_create_layered(&net, work->units, work->layers, bp_activation_logistic(),
                                  is_softmax(work) ? bp_activation_softmax() : bp_activation_logistic()));
    return net;
}

static bp_trainer *make_trainer(bp_network *net, const workload *work, size_t sweeps)
{
    const bp_stop_rule rule = bp_stop_epochs(sweeps);
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.loss = is_softmax(work) ? bp_loss_cross_entropy() : bp_loss_squared_error();
    options.optimizer = bp_optimizer_momentum(work->rate, 0.9);
    options.batch_size = work->batch;
    options.shuffle = work->batch > 1;
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    bp_trainer *trainer = NULL;
    require_ok(bp_trainer_create(&trainer, net, &options));
    return trainer;
}

/* Seconds of a run from the initial weights. */
static double time_run(bp_network *net, const task *t, size_t sweeps, bool has_diagnosis)
{
    const bp_data data = bp_data_view(t->work->cases, t->inputs, t->in, t->targets, t->out);
    require_ok(bp_network_set_weights(net, t->weights, t->weight_count));
    bp_trainer *trainer = make_trainer(net, t->work, sweeps);
    if (!has_diagnosis)
        trainer->trace.next = UINT64_MAX;
    bp_result result;
    bp_result_init(&result, sizeof result);
    const double start = now(CLOCK_PROCESS_CPUTIME_ID);
    require_ok(bp_trainer_run(trainer, &data, NULL, &result));
    const double seconds = now(CLOCK_PROCESS_CPUTIME_ID) - start;
    bp_trainer_destroy(trainer);
    return seconds;
}

/* Returns whether the mark is met. */
static bool compare(const measurement *what, bool is_quick)
{
    const workload *work = find_workload(what->workload);
    task t;
    make_task(&t, work);
    bp_network *net = make_network(work);
    double shortest[2] = {0};
    for (int turn = 0; turn < (is_quick ? QUICK_TURNS : what->turns); turn++)
        for (int i = 0; i < 2; i++) {
            const int has_diagnosis = (turn + i) % 2; /* the first of a pair may be faster */
            const double seconds = time_run(net, &t, what->sweeps, has_diagnosis);
            if (turn == 0 || seconds < shortest[has_diagnosis])
                shortest[has_diagnosis] = seconds;
        }
    const double share = shortest[1] / shortest[0] - 1;
    printf("| %-30s | %6zu | %10.3f | %10.3f | %+6.2f %% | %3.0f %% |\n", what->workload, what->sweeps,
           1e3 * shortest[0], 1e3 * shortest[1], 100 * share, 100 * what->mark);
    bp_network_destroy(net);
    free_task(&t);
    return share <= what->mark;
}

int main(int count, char **words)
{
    const bool is_quick = count > 1 && strcmp(words[1], "--quick") == 0;
    bool are_met = true;
    puts("| workload                       | sweeps | without ms | with ms    | adds     | mark  |\n"
         "| ------------------------------ | ------ | ---------- | ---------- | -------- | ----- |");
    for (size_t i = 0; i < MEASUREMENTS; i++)
        are_met = compare(&measurements[i], is_quick) && are_met;
    return are_met ? EXIT_SUCCESS : EXIT_FAILURE;
}
