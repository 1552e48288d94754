/* The workloads of docs/performance.md on this library, through its public header. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <backprop.h>

#include "measure.h"

typedef struct workload {
    const char *name;
    size_t units[6], layers;
    size_t cases, batch; /* batch 0: the whole set */
    int softmax;         /* softmax and cross-entropy, or logistic and squared error */
    double rate;
    const char *unit;
} workload;

static const workload training[] = {
    {"W1 2-2-1 per case", {2, 2, 1}, 3, 4, 1, 0, 0.5, "ns/step"},
    {"W2 6-2-1 sweep of 64", {6, 2, 1}, 3, 64, 0, 0, 0.05, "us/sweep"},
    {"W3 8-3-8 batch 32", {8, 3, 8}, 3, 1024, 32, 0, 0.05, "cases/s"},
    {"W3 64-32-10 batch 32", {64, 32, 10}, 3, 1024, 32, 1, 0.002, "cases/s"},
    {"W4 784-128-10 batch 64", {784, 128, 10}, 3, 2048, 64, 1, 0.0005, "cases/s"},
    {"W4 784-128-10 per case", {784, 128, 10}, 3, 2048, 1, 1, 0.001, "cases/s"},
    {"W5 1024^3 batch 256", {1024, 1024, 1024, 1024}, 4, 1024, 256, 0, 0.000002, "cases/s"},
    {"odd 17-33-5 batch 7", {17, 33, 5}, 3, 700, 7, 1, 0.005, "cases/s"},
    {"odd 300-200-100-50 batch 63", {300, 200, 100, 50}, 4, 1000, 63, 1, 0.0005, "cases/s"},
    {"odd 1000-3 batch 1000", {1000, 3}, 2, 2500, 1000, 1, 0.00005, "cases/s"},
};

static const workload predicting[] = {
    {"W6 2-2-1 one case", {2, 2, 1}, 3, 1, 0, 0, 0, "ns"},
    {"W6 64-32-10 one case", {64, 32, 10}, 3, 1, 0, 1, 0, "ns"},
    {"W6 784-128-10 one case", {784, 128, 10}, 3, 1, 0, 1, 0, "ns"},
    {"W6 1024^3 one case", {1024, 1024, 1024, 1024}, 4, 1, 0, 0, 0, "ns"},
    {"W6 784-128-10 batch 256", {784, 128, 10}, 3, 256, 0, 1, 0, "cases/s"},
    {"W6 1024^3 batch 256", {1024, 1024, 1024, 1024}, 4, 256, 0, 0, 0, "cases/s"},
};

static void check(bp_status status)
{
    if (status == BP_OK)
        return;
    fprintf(stderr, "bench: %s\n", bp_error_message());
    exit(EXIT_FAILURE);
}

typedef struct bench {
    const workload *work;
    bp_network *net;
    bp_trainer *trainer;
    bp_workspace *workspace;
    bp_data data;
    bp_real *inputs, *targets, *outputs;
} bench;

static bp_real *reals(size_t count)
{
    bp_real *values = calloc(count, sizeof *values);
    if (values == NULL)
        exit(EXIT_FAILURE);
    return values;
}

/* Targets that can be learned: one class per case, or bits, that follow from the inputs. */
static void make_data(bench *b)
{
    const workload *w = b->work;
    size_t in = w->units[0], out = w->units[w->layers - 1];
    b->inputs = reals(w->cases * in);
    b->targets = reals(w->cases * out);
    fill_random(b->inputs, w->cases * in, 0, 1);
    for (size_t c = 0; c < w->cases; c++)
        for (size_t j = 0; j < out; j++)
            b->targets[c * out + j] = w->softmax ? (bp_real)(j == (size_t)(b->inputs[c * in] * (bp_real)out))
                                                 : b->inputs[c * in + j % in];
    b->data = bp_data_view(w->cases, b->inputs, in, b->targets, out);
}

static bench make_bench(const workload *w)
{
    bench b = {.work = w};
    make_data(&b);
    check(bp_network_create_layered(&b.net, w->units, w->layers, bp_activation_logistic(),
                                    w->softmax ? bp_activation_softmax() : bp_activation_logistic()));
    check(bp_network_initialize(b.net, 1));
    check(bp_workspace_create(&b.workspace, b.net, w->cases));
    b.outputs = reals(w->cases * w->units[w->layers - 1]);
    return b;
}

static void free_bench(bench *b)
{
    bp_trainer_destroy(b->trainer);
    bp_workspace_destroy(b->workspace);
    bp_network_destroy(b->net);
    free(b->inputs);
    free(b->targets);
    free(b->outputs);
}

static bp_loss loss_of(const workload *w)
{
    return w->softmax ? bp_loss_cross_entropy() : bp_loss_squared_error();
}

static double error_of(bench *b)
{
    bp_evaluation result;
    bp_evaluation_init(&result, sizeof result);
    check(bp_network_evaluate(b->net, b->workspace, &b->data, loss_of(b->work), &result));
    return result.error;
}

/* count epochs */
static void train(void *context, unsigned long count)
{
    bench *b = context;
    bp_stop_rule epochs = bp_stop_epochs(count);
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.loss = loss_of(b->work);
    options.optimizer = bp_optimizer_momentum(b->work->rate, 0.9);
    options.batch_size = b->work->batch;
    options.stop_rules = &epochs;
    options.stop_rule_count = 1;
    bp_trainer *trainer = NULL;
    check(bp_trainer_create(&trainer, b->net, &options));
    check(bp_trainer_run(trainer, &b->data, NULL, NULL));
    bp_trainer_destroy(trainer);
}

static void predict(void *context, unsigned long count)
{
    bench *b = context;
    for (unsigned long i = 0; i < count; i++)
        check(bp_network_predict(b->net, b->workspace, &b->data, b->outputs));
}

static double in_unit(const workload *w, double seconds)
{
    if (strcmp(w->unit, "cases/s") == 0)
        return (double)w->cases / seconds;
    if (strcmp(w->unit, "ns/step") == 0)
        return 1e9 * seconds / (double)w->cases;
    return (strcmp(w->unit, "ns") == 0 ? 1e9 : 1e6) * seconds;
}

int main(int count, char **arguments)
{
    for (size_t i = 0; i < sizeof training / sizeof training[0]; i++) {
        const workload *w = &training[i];
        if (!is_wanted(count, arguments, w->name))
            continue;
        bench b = make_bench(w);
        double before = error_of(&b);
        double seconds = measure(train, &b);
        require_learning(w->name, before, error_of(&b));
        report(w->name, "backprop", w->unit, in_unit(w, seconds));
        free_bench(&b);
    }
    for (size_t i = 0; i < sizeof predicting / sizeof predicting[0]; i++) {
        const workload *w = &predicting[i];
        if (!is_wanted(count, arguments, w->name))
            continue;
        bench b = make_bench(w);
        report(w->name, "backprop", w->unit, in_unit(w, measure(predict, &b)));
        free_bench(&b);
    }
    return EXIT_SUCCESS;
}
