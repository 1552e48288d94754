#include "trial.h"

#include <stdlib.h>

#include "split.h"

const char *const net_names[NETS] = {"16 logistic",    "16 tanh",    "16 ReLU",
                                     "16-16 logistic", "16-16 tanh", "16-16 ReLU"};

void require_ok(bp_status status)
{
    if (status != BP_OK)
        give_up("the library refused", bp_error_message());
}

/* ------------------------------------------------------------------------ errors */

static double target_variance(const table *data)
{
    double mean = 0, variance = 0;
    for (size_t i = 0; i < data->cases; i++)
        mean += (double)data->y[i] / (double)data->cases;
    for (size_t i = 0; i < data->cases; i++)
        variance += ((double)data->y[i] - mean) * ((double)data->y[i] - mean) / (double)data->cases;
    return variance;
}

static size_t largest(const bp_real *row, size_t count)
{
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
        if (row[i] > row[best])
            best = i;
    return best;
}

/* The error of predictions, a row of them for each case, or one row for all with a stride of 0. */
static double error_of(const table *test, const bp_real *predicted, size_t stride, double variance)
{
    double sum = 0;
    for (size_t i = 0; i < test->cases; i++) {
        const bp_real *y = predicted + i * stride, *d = test->y + i * test->outputs;
        double off = (double)*y - (double)*d;
        if (test->has_classes)
            sum += largest(y, test->outputs) != largest(d, test->outputs);
        else
            sum += off * off / variance;
    }
    return sum / (double)test->cases;
}

static double constant_error(const table *training, const table *test, double variance)
{
    bp_real *means = allocate(training->outputs, sizeof *means);
    for (size_t j = 0; j < training->outputs; j++) {
        double sum = 0;
        for (size_t i = 0; i < training->cases; i++)
            sum += (double)training->y[i * training->outputs + j];
        means[j] = (bp_real)(sum / (double)training->cases);
    }
    double error = error_of(test, means, 0, variance);
    free(means);
    return error;
}

static double test_error(const bp_network *net, const table *test, double variance)
{
    bp_workspace *workspace = NULL;
    bp_real *predicted = allocate(test->cases * test->outputs, sizeof *predicted);
    bp_data data = bp_data_view(test->cases, test->x, test->inputs, NULL, 0);
    require_ok(bp_workspace_create(&workspace, net, test->cases));
    require_ok(bp_network_predict(net, workspace, &data, predicted));
    bp_workspace_destroy(workspace);
    double error = error_of(test, predicted, test->outputs, variance);
    free(predicted);
    return error;
}

/* ---------------------------------------------------------------------- training */

bp_network *make_net(const table *data, unsigned kind, uint64_t seed)
{
    static bp_activation (*const hidden[])(void) = {bp_activation_logistic, bp_activation_tanh,
                                                    bp_activation_relu};
    const size_t one[] = {data->inputs, 16, data->outputs}, two[] = {data->inputs, 16, 16, data->outputs};
    bp_network *net = NULL;
    require_ok(
        bp_network_create_layered(&net, kind < 3 ? one : two, kind < 3 ? 3 : 4, hidden[kind % 3](),
                                  data->has_classes ? bp_activation_softmax() : bp_activation_linear()));
    require_ok(bp_network_initialize(net, seed));
    return net;
}

static void set_options(bp_trainer_options *options, const setting *chosen, bp_network *net,
                        const bp_data *training)
{
    bp_trainer_options_init(options, sizeof *options);
    if (chosen->learning_rate == 0)
        return;
    require_ok(bp_network_fit_scaling(net, training, bp_scaling_automatic(), bp_scaling_automatic()));
    options->optimizer = bp_optimizer_momentum(chosen->learning_rate, chosen->momentum);
    options->batch_size = chosen->batch_size;
    options->scale_data = 0;
}

static void train(bp_network *net, const table *training, const setting *chosen, outcome *found)
{
    bp_data data =
        bp_data_view(training->cases, training->x, training->inputs, training->y, training->outputs);
    bp_trainer_options options;
    set_options(&options, chosen, net, &data);
    bp_trainer *trainer = NULL;
    bp_result result;
    bp_result_init(&result, sizeof result);
    require_ok(bp_trainer_create(&trainer, net, &options));
    found->status = bp_trainer_run(trainer, &data, NULL, &result);
    if (found->status != BP_OK && found->status != BP_DIVERGED)
        give_up("training failed", bp_error_message());
    found->epochs = result.epochs;
    found->seconds = result.seconds;
    bp_trainer_destroy(trainer);
}

outcome run_trial(const table *data, unsigned repetition, unsigned fold, unsigned net_kind,
                  const setting *chosen)
{
    table training, test;
    outcome found = {0};
    split_table(data, FOLDS, repetition, fold, &training, &test);
    bp_network *net = make_net(data, net_kind, 1 + repetition * FOLDS + fold);
    train(net, &training, chosen, &found);
    double variance = data->has_classes ? 1 : target_variance(data);
    found.error = test_error(net, &test, variance);
    found.constant = constant_error(&training, &test, variance);
    bp_network_destroy(net);
    table_destroy(&training);
    table_destroy(&test);
    return found;
}
