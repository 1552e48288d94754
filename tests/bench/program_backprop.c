/* This library, through its public header. */
#include <stdio.h>
#include <stdlib.h>

#include <backprop.h>

#include "program.h"

typedef struct bench {
    const task *task;
    bp_network *net;
    bp_workspace *workspace;
    bp_data data;
    float *outputs;
} bench;

static void check(bp_status status)
{
    if (status == BP_OK)
        return;
    fprintf(stderr, "bench: %s\n", bp_error_message());
    exit(EXIT_FAILURE);
}

static bp_loss loss_of(const workload *work)
{
    return is_softmax(work) ? bp_loss_cross_entropy() : bp_loss_squared_error();
}

static void *create(const task *t)
{
    const workload *work = t->work;
    bench *b = calloc(1, sizeof *b);
    if (b == NULL)
        exit(EXIT_FAILURE);
    b->task = t;
    b->data = bp_data_view(work->cases, t->inputs, t->in, t->targets, t->out);
    b->outputs = floats(work->cases * t->out);
    check(bp_network_create_layered(&b->net, work->units, work->layers, bp_activation_logistic(),
                                    is_softmax(work) ? bp_activation_softmax() : bp_activation_logistic()));
    check(bp_network_set_weights(b->net, t->weights, t->weight_count));
    check(bp_workspace_create(&b->workspace, b->net, work->cases));
    return b;
}

static void train(void *self, unsigned long sweeps)
{
    bench *b = self;
    bp_stop_rule rule = bp_stop_epochs(sweeps);
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.loss = loss_of(b->task->work);
    options.optimizer = bp_optimizer_momentum(b->task->work->rate, 0.9);
    options.batch_size = b->task->work->batch;
    options.shuffle = 0;
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    bp_trainer *trainer = NULL;
    check(bp_trainer_create(&trainer, b->net, &options));
    check(bp_trainer_run(trainer, &b->data, NULL, NULL));
    bp_trainer_destroy(trainer);
}

static void predict(void *self, unsigned long calls)
{
    bench *b = self;
    for (unsigned long i = 0; i < calls; i++)
        check(bp_network_predict(b->net, b->workspace, &b->data, b->outputs));
}

static double error(void *self)
{
    bench *b = self;
    predict(b, 1);
    return error_of_outputs(b->task, b->outputs);
}

static void destroy(void *self)
{
    bench *b = self;
    bp_workspace_destroy(b->workspace);
    bp_network_destroy(b->net);
    free(b->outputs);
    free(b);
}

const program program_backprop = {
    "backprop", SAME_ARITHMETIC, create, train, predict, error, destroy, NULL,
};
