/*
 * FANN, single precision. It has no softmax: its outputs are logistic and its error is squared throughout.
 * Per case it trains incrementally with momentum; a batch is an epoch of its batch training, which has none.
 * Its Rprop is iRprop-.
 */
#include <floatfann.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

enum { MAX_WEIGHTS = 4000000 }; /* with more, it takes too long to be measured */

typedef struct bench {
    const task *task;
    struct fann *net;
    struct fann_train_data **batches; /* NULL: per case */
    size_t batch_count;
} bench;

static struct fann_train_data *make_batch(const task *t, size_t first, size_t cases)
{
    struct fann_train_data *data = fann_create_train((unsigned)cases, (unsigned)t->in, (unsigned)t->out);
    if (data == NULL)
        exit(EXIT_FAILURE);
    for (size_t c = 0; c < cases; c++) {
        memcpy(data->input[c], t->inputs + (first + c) * t->in, t->in * sizeof(float));
        memcpy(data->output[c], t->targets + (first + c) * t->out, t->out * sizeof(float));
    }
    return data;
}

static void make_batches(bench *b)
{
    const task *t = b->task;
    size_t cases = t->work->cases, batch = t->work->batch;
    b->batch_count = (cases + batch - 1) / batch;
    b->batches = calloc(b->batch_count, sizeof(struct fann_train_data *));
    if (b->batches == NULL)
        exit(EXIT_FAILURE);
    for (size_t i = 0; i < b->batch_count; i++)
        b->batches[i] = make_batch(t, i * batch, cases - i * batch < batch ? cases - i * batch : batch);
}

static enum fann_train_enum algorithm_of(const workload *work)
{
    if (work->rule == RPROP)
        return FANN_TRAIN_RPROP;
    return work->batch == 1 ? FANN_TRAIN_INCREMENTAL : FANN_TRAIN_BATCH;
}

static struct fann *make_net(const workload *work)
{
    unsigned units[MAX_LAYERS];
    for (size_t l = 0; l < work->layers; l++)
        units[l] = (unsigned)work->units[l];
    struct fann *net = fann_create_standard_array((unsigned)work->layers, units);
    if (net == NULL)
        exit(EXIT_FAILURE);
    fann_set_activation_function_hidden(net, FANN_SIGMOID);
    fann_set_activation_function_output(net, FANN_SIGMOID);
    fann_set_train_error_function(net, FANN_ERRORFUNC_LINEAR);
    fann_set_training_algorithm(net, algorithm_of(work));
    fann_set_rprop_delta_zero(net, (float)work->rate);
    /* Its batch training divides the derivatives by the number of cases. */
    fann_set_learning_rate(net, (float)work->rate * (work->batch == 1 ? 1 : (float)work->batch));
    fann_set_learning_momentum(net, 0.9F);
    fann_randomize_weights(net, -0.1F, 0.1F);
    return net;
}

static void *create(const task *t)
{
    if (t->work->rule == ADAM || t->weight_count > MAX_WEIGHTS)
        return NULL;
    bench *b = calloc(1, sizeof *b);
    if (b == NULL)
        exit(EXIT_FAILURE);
    b->task = t;
    b->net = make_net(t->work);
    if (t->work->batch > 1)
        make_batches(b);
    return b;
}

static void destroy(void *self)
{
    bench *b = self;
    for (size_t i = 0; i < b->batch_count; i++)
        fann_destroy_train(b->batches[i]);
    free(b->batches);
    fann_destroy(b->net);
    free(b);
}

static void train(void *self, unsigned long sweeps)
{
    bench *b = self;
    const task *t = b->task;
    for (unsigned long sweep = 0; sweep < sweeps; sweep++) {
        for (size_t i = 0; i < b->batch_count; i++)
            fann_train_epoch(b->net, b->batches[i]);
        for (size_t c = 0; b->batches == NULL && c < t->work->cases; c++)
            fann_train(b->net, t->inputs + c * t->in, t->targets + c * t->out);
    }
}

static void predict(void *self, unsigned long calls)
{
    bench *b = self;
    for (unsigned long call = 0; call < calls; call++)
        for (size_t c = 0; c < b->task->work->cases; c++)
            fann_run(b->net, b->task->inputs + c * b->task->in);
}

static double error(void *self)
{
    bench *b = self;
    const task *t = b->task;
    double sum = 0;
    for (size_t c = 0; c < t->work->cases; c++) {
        const float *y = fann_run(b->net, t->inputs + c * t->in);
        for (size_t j = 0; j < t->out; j++) {
            double deviation = (double)y[j] - (double)t->targets[c * t->out + j];
            sum += 0.5 * deviation * deviation;
        }
    }
    return sum;
}

const program program_fann = {
    "FANN", OTHER_ARITHMETIC, create, train, predict, error, destroy, NULL,
};
