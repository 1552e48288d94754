/*
 * What each activation costs in the hidden layer of a network of 784, 128 and 10 units: the gradient of 64
 * cases, and their prediction, beside those with ReLU, taken in turns.
 *
 *     bench_activations [rounds]
 */
#define _POSIX_C_SOURCE 200809L
#include <backprop.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { INPUTS = 784, HIDDEN = 128, OUTPUTS = 10, CASES = 64, CALLS = 10 };

static bp_real inputs[CASES * INPUTS], targets[CASES * OUTPUTS], outputs[CASES * OUTPUTS];

typedef struct program {
    bp_network *net;
    bp_workspace *workspace;
    bp_real *gradient;
    double best[2]; /* seconds of a gradient, of a prediction */
} program;

static void check(bp_status status)
{
    if (status == BP_OK)
        return;
    fprintf(stderr, "%s\n", bp_error_message());
    exit(1);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static program begin(bp_activation activation)
{
    const size_t units[] = {INPUTS, HIDDEN, OUTPUTS};
    program p = {.best = {1e9, 1e9}};
    size_t count;
    check(bp_network_create_layered(&p.net, units, 3, activation, bp_activation_softmax()));
    check(bp_network_initialize(p.net, 1));
    check(bp_workspace_create(&p.workspace, p.net, CASES));
    bp_network_weights(p.net, &count);
    p.gradient = malloc(count * sizeof *p.gradient);
    if (p.gradient == NULL)
        exit(1);
    return p;
}

static void end(program *p)
{
    free(p->gradient);
    bp_workspace_destroy(p->workspace);
    bp_network_destroy(p->net);
}

static void measure(program *p, const bp_data *data)
{
    for (int kind = 0; kind < 2; kind++) {
        const double start = seconds();
        for (int i = 0; i < CALLS; i++)
            check(kind == 0 ? bp_network_gradient(p->net, p->workspace, data, bp_loss_cross_entropy(), NULL,
                                                  p->gradient)
                            : bp_network_predict(p->net, p->workspace, data, outputs));
        const double spent = (seconds() - start) / CALLS;
        p->best[kind] = spent < p->best[kind] ? spent : p->best[kind];
    }
}

int main(int count, char **arguments)
{
    const int rounds = count > 1 ? atoi(arguments[1]) : 200;
    for (size_t i = 0; i < CASES * INPUTS; i++)
        inputs[i] = (bp_real)((double)(i * 7919 % 1000) / 500 - 1);
    for (size_t i = 0; i < CASES; i++)
        targets[i * OUTPUTS + i % OUTPUTS] = 1;
    const bp_data data = bp_data_view(CASES, inputs, INPUTS, targets, OUTPUTS);
    printf("%-22s %12s %8s %12s %8s\n", "activation", "gradient us", "ratio", "predict us", "ratio");
    for (size_t i = 0; i < bp_activation_count(); i++) {
        const bp_activation activation = bp_activation_at(i);
        bp_activation_info info;
        bp_activation_info_init(&info, sizeof info);
        check(bp_activation_describe(&activation, &info));
        if (!info.can_train)
            continue;
        program relu = begin(bp_activation_relu()), other = begin(activation);
        for (int round = 0; round < rounds; round++) {
            measure(&relu, &data);
            measure(&other, &data);
        }
        printf("%-22s %12.1f %8.3f %12.1f %8.3f\n", info.name, 1e6 * other.best[0],
               other.best[0] / relu.best[0], 1e6 * other.best[1], other.best[1] / relu.best[1]);
        end(&relu);
        end(&other);
    }
    return 0;
}
