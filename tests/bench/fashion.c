/*
 * Ten epochs of Fashion-MNIST: 784-128-10, softmax and cross-entropy, batch 64, from loaded files to the
 * accuracy on the test part.
 *
 *     fashion <folder with the four IDX files, unpacked>
 *
 * prints lines "workload,program,unit,value,". The learning rate is 0.1 for the mean gradient of a batch,
 * halved by the end.
 */
#include <stdio.h>
#include <stdlib.h>

#include <backprop.h>

#include "measure.h"

static const char name[] = "W8 Fashion-MNIST, ten epochs";

static void check(bp_status status)
{
    if (status == BP_OK)
        return;
    fprintf(stderr, "fashion: %s\n", bp_error_message());
    exit(EXIT_FAILURE);
}

static bp_dataset *load(const char *folder, const char *part, bp_data *data)
{
    char images[1024], labels[1024];
    snprintf(images, sizeof images, "%s/%s-images-idx3-ubyte", folder, part);
    snprintf(labels, sizeof labels, "%s/%s-labels-idx1-ubyte", folder, part);
    bp_dataset *set = NULL;
    check(bp_dataset_load_idx(&set, images, labels, 10, NULL));
    bp_data_init(data, sizeof *data);
    check(bp_dataset_subset(set, BP_SUBSET_ALL, data));
    return set;
}

static void train(bp_network *net, const bp_data *data)
{
    bp_stop_rule epochs = bp_stop_epochs(10);
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.loss = bp_loss_cross_entropy();
    options.optimizer = bp_optimizer_momentum(0.1, 0.9);
    options.learning_rate_schedule = bp_schedule_exponential(0.1, 0.93, 0);
    options.reduction = BP_REDUCE_MEAN;
    options.batch_size = 64;
    options.stop_rules = &epochs;
    options.stop_rule_count = 1;
    bp_trainer *trainer = NULL;
    check(bp_trainer_create(&trainer, net, &options));
    double cpu = now(CLOCK_PROCESS_CPUTIME_ID), wall = now(CLOCK_MONOTONIC);
    check(bp_trainer_run(trainer, data, NULL, NULL));
    printf("\"%s\",backprop,s of CPU,%.3f,\n", name, now(CLOCK_PROCESS_CPUTIME_ID) - cpu);
    printf("\"%s\",backprop,s,%.3f,\n", name, now(CLOCK_MONOTONIC) - wall);
    bp_trainer_destroy(trainer);
}

static void report_accuracy(bp_network *net, const bp_data *data)
{
    bp_workspace *workspace = NULL;
    bp_evaluation result;
    bp_evaluation_init(&result, sizeof result);
    check(bp_workspace_create(&workspace, net, 1000));
    check(bp_network_evaluate(net, workspace, data, bp_loss_cross_entropy(), NULL, &result));
    printf("\"%s\",backprop,accuracy,%.4f,\n", name, result.accuracy);
    bp_workspace_destroy(workspace);
}

int main(int count, char **arguments)
{
    if (count != 2) {
        fputs("usage: fashion <folder with the four IDX files, unpacked>\n", stderr);
        return EXIT_FAILURE;
    }
    const size_t units[] = {784, 128, 10};
    bp_data training, test;
    bp_dataset *training_set = load(arguments[1], "train", &training);
    bp_dataset *test_set = load(arguments[1], "t10k", &test);
    bp_network *net = NULL;
    check(bp_network_create_layered(&net, units, 3, bp_activation_logistic(), bp_activation_softmax()));
    check(bp_network_fit_scaling(net, &training, bp_scaling_min_max(0, 1), bp_scaling_none()));
    check(bp_network_initialize(net, 1));
    train(net, &training);
    report_accuracy(net, &test);
    bp_network_destroy(net);
    bp_dataset_destroy(test_set);
    bp_dataset_destroy(training_set);
    return EXIT_SUCCESS;
}
