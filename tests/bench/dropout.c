/*
 * What dropout and noise add to the time of training: 784-128-10 in batches of 64, ReLU and softmax, with
 * each setting and without, in turns, in one process. Prints the medians and their ratio, and fails if it is
 * more than the mark.
 *
 *     bench_dropout [--quick | --short]
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backprop.h"
#include "measure.h"
#include "workload.h"

typedef struct setting {
    const char *name;
    double inputs, hidden, noise;
    double mark; /* the largest share that it may add; 0: none is set */
} setting;

static const setting settings[] = {
    {"without", 0, 0, 0, 0},
    {"dropout 0.5 of hidden units", 0, 0.5, 0, 0.05},
    {"dropout 0.2 of inputs", 0.2, 0, 0, 0.1},
    {"both", 0.2, 0.5, 0, 0.15},
    {"noise 0.1 on inputs", 0, 0, 0.1, 0},
};
enum { SETTINGS = sizeof settings / sizeof settings[0] };

static void require_ok(bp_status status)
{
    if (status == BP_OK)
        return;
    fprintf(stderr, "bench: %s\n", bp_error_message());
    exit(EXIT_FAILURE);
}

typedef struct training {
    bp_network *net;
    bp_trainer *trainer;
    bp_data data;
} training;

static const workload *find_workload(const char *start)
{
    for (size_t i = 0; i < workload_count; i++)
        if (strncmp(workloads[i].name, start, strlen(start)) == 0)
            return &workloads[i];
    fprintf(stderr, "bench: no workload %s\n", start);
    exit(EXIT_FAILURE);
}

static training make_training(const task *t, const setting *what)
{
    const workload *work = t->work;
    const bp_stop_rule rule = bp_stop_epochs(1);
    training made = {.data = bp_data_view(work->cases, t->inputs, t->in, t->targets, t->out)};
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.loss = bp_loss_cross_entropy();
    options.optimizer = bp_optimizer_momentum(1e-5, 0.9);
    options.batch_size = work->batch;
    options.shuffle = 1;
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    require_ok(bp_network_create_layered(&made.net, work->units, work->layers, bp_activation_relu(),
                                         bp_activation_softmax()));
    require_ok(bp_network_set_weights(made.net, t->weights, t->weight_count));
    require_ok(bp_network_set_dropout(made.net, what->inputs, what->hidden));
    require_ok(bp_layer_set_noise(bp_network_layer(made.net, 0), what->noise));
    require_ok(bp_trainer_create(&made.trainer, made.net, &options));
    return made;
}

static void train(void *context, unsigned long count)
{
    training *made = context;
    for (unsigned long i = 0; i < count; i++)
        require_ok(bp_trainer_run(made->trainer, &made->data, NULL, NULL));
}

int main(int count, char **words)
{
    int first;
    const turn_plan plan = read_plan(count, words, &first);
    bool are_met = true;
    task t;
    training made[SETTINGS];
    contestant contestants[SETTINGS];
    make_task(&t, find_workload("W4 784-128-10 batch 64"));
    for (size_t i = 0; i < SETTINGS; i++) {
        made[i] = make_training(&t, &settings[i]);
        contestants[i] = (contestant){
            .name = settings[i].name, .clock = CLOCK_PROCESS_CPUTIME_ID, .work = train, .context = &made[i]};
    }
    measure(contestants, SETTINGS, &plan);
    puts("| 784-128-10, batches of 64    | ms an epoch | adds     | mark  |\n"
         "| ---------------------------- | ----------- | -------- | ----- |");
    for (size_t i = 0; i < SETTINGS; i++) {
        const double share = times_as_long(&contestants[i], &contestants[0]) - 1, mark = settings[i].mark;
        printf("| %-28s | %11.3f | %+6.2f %% | %3.0f %% |\n", settings[i].name,
               1e3 * typical_seconds(&contestants[i]), 100 * share, 100 * mark);
        are_met &= mark == 0 || share <= mark;
        bp_trainer_destroy(made[i].trainer);
        bp_network_destroy(made[i].net);
    }
    free_task(&t);
    return are_met ? EXIT_SUCCESS : EXIT_FAILURE;
}
