/* This library, through its public header. */
#include <stdio.h>
#include <stdlib.h>

#include <backprop.h>

#include "program.h"

typedef struct bench {
    const task *task;
    size_t threads;
    bp_network *net;
    bp_workspace *workspace;
    bp_trainer *trainer; /* for runs of so many sweeps; NULL before the first */
    unsigned long sweeps;
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
    return is_cross_entropy(work) ? bp_loss_cross_entropy() : bp_loss_squared_error();
}

static void *create_threads(const task *t, size_t threads)
{
    const workload *work = t->work;
    bench *b = calloc(1, sizeof *b);
    if (b == NULL)
        exit(EXIT_FAILURE);
    b->task = t;
    b->threads = threads;
    b->data = bp_data_view(work->cases, t->inputs, t->in, t->targets, t->out);
    b->outputs = floats(work->cases * t->out);
    check(bp_network_create_layered(&b->net, work->units, work->layers, bp_activation_logistic(),
                                    is_softmax(work) ? bp_activation_softmax() : bp_activation_logistic()));
    check(bp_network_set_weights(b->net, t->weights, t->weight_count));
    check(bp_workspace_create(&b->workspace, b->net, work->cases));
    check(bp_workspace_set_threads(b->workspace, threads));
    return b;
}

static void *create(const task *t)
{
    return create_threads(t, 1);
}

static void *create_two(const task *t)
{
    return create_threads(t, 2);
}

static bp_optimizer optimizer_of(const workload *work)
{
    switch (work->rule) {
    case ADAM:
        return bp_optimizer_adam(work->rate, 0.9, 0.999, 1e-8);
    case RPROP:
        return bp_optimizer_irprop_plus(work->rate);
    default:
        return bp_optimizer_momentum(work->rate, 0.9);
    }
}

static bp_trainer *make_trainer(const bench *b, unsigned long sweeps)
{
    bp_stop_rule rule = bp_stop_epochs(sweeps);
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.loss = loss_of(b->task->work);
    options.optimizer = optimizer_of(b->task->work);
    options.batch_size = b->task->work->batch;
    options.shuffle = 0;
    options.threads = b->threads;
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    bp_trainer *trainer = NULL;
    check(bp_trainer_create(&trainer, b->net, &options));
    return trainer;
}

/* All turns of a contest have the same length, so a single trainer is created for them. */
static void train(void *self, unsigned long sweeps)
{
    bench *b = self;
    if (b->sweeps != sweeps) {
        bp_trainer_destroy(b->trainer);
        b->trainer = make_trainer(b, sweeps);
        b->sweeps = sweeps;
    }
    check(bp_trainer_run(b->trainer, &b->data, NULL, NULL));
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
    bp_trainer_destroy(b->trainer);
    bp_workspace_destroy(b->workspace);
    bp_network_destroy(b->net);
    free(b->outputs);
    free(b);
}

static clockid_t wall_clock(void *self)
{
    (void)self;
    return CLOCK_MONOTONIC;
}

const program program_backprop = {
    "backprop", SAME_ARITHMETIC, create, train, predict, error, destroy, NULL,
};

const program program_one_thread = {
    "1 thread", SAME_ARITHMETIC, create, train, predict, error, destroy, wall_clock,
};

const program program_two_threads = {
    "2 threads", SAME_BITS, create_two, train, predict, error, destroy, wall_clock,
};
