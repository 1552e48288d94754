/*
 * The table of docs/guide/stopping.md about dropout and noise: dropout
 *
 * Networks that are too large for the few digits that they learn from, with what there is against overfitting
 * and without it.
 */
#include <stdio.h>

#include "guide.h"

enum { DRAWS = 10, CASES = 200 };

typedef struct means {
    const char *name;
    double inputs, hidden, noise; /* dropout of inputs and hidden units; noise on inputs */
} means;

/* 64 inputs, 128 ReLU units, 10 softmax units. */
static bp_network *new_network(const means *against, unsigned long seed)
{
    const size_t units[] = {64, 128, 10};
    bp_network *net = NULL;
    check(bp_network_create_layered(&net, units, 3, bp_activation_relu(), bp_activation_softmax()));
    check(bp_network_initialize(net, seed));
    check(bp_network_set_dropout(net, against->inputs, against->hidden));
    check(bp_layer_set_noise(bp_network_layer(net, 0), against->noise));
    return net;
}

/* Ends by early stopping, as a trainer chooses it. */
static void train(bp_network *net, const bp_data *training, const bp_data *validation, double decay)
{
    bp_trainer_options options;
    bp_trainer *trainer = NULL;
    bp_trainer_options_init(&options, sizeof options);
    options.weight_decay = decay;
    check(bp_trainer_create(&trainer, net, &options));
    check(bp_trainer_run(trainer, training, validation, NULL));
    bp_trainer_destroy(trainer);
}

static double mean_error(const bp_network *net, const bp_data *data)
{
    bp_workspace *workspace = NULL;
    bp_evaluation found;
    bp_evaluation_init(&found, sizeof found);
    check(bp_workspace_create(&workspace, net, data->cases));
    check(bp_network_evaluate(net, workspace, data, bp_loss_cross_entropy(), NULL, &found));
    bp_workspace_destroy(workspace);
    return found.mean_error;
}

/* Consecutive cases of the training data, which are in random order. */
static bp_data part_of(const bp_data *data, size_t first, size_t count)
{
    bp_data part = *data;
    part.inputs += first * (data->input_stride == 0 ? data->input_width : data->input_stride);
    part.targets += first * (data->target_stride == 0 ? data->target_width : data->target_stride);
    part.cases = count;
    return part;
}

/* Mean error and accuracy of the test cases. */
static void print_cells(const means *against, const digits *data, double decay)
{
    double error = 0, right = 0;
    for (unsigned long draw = 0; draw < DRAWS; draw++) {
        const bp_data training =
            part_of(&data->training, draw * (data->training.cases - CASES) / (DRAWS - 1), CASES);
        bp_network *net = new_network(against, draw);
        train(net, &training, &data->validation, decay);
        error += mean_error(net, &data->test) / DRAWS;
        right += accuracy(net, &data->test) / DRAWS;
        bp_network_destroy(net);
    }
    printf(" %.3f | %.1f %% |", error, 100 * right);
}

int main(void)
{
    static const means rows[] = {
        {"neither", 0, 0, 0},
        {"dropout of hidden units, 0.5", 0, 0.5, 0},
        {"dropout of inputs, 0.2", 0.2, 0, 0},
        {"both", 0.2, 0.5, 0},
        {"noise on inputs, 0.5", 0, 0, 0.5},
    };
    digits data;
    load_digits(&data);
    printf("| %d digits to train on | no decay: error | read right | decay: error | read right |\n"
           "|---|---|---|---|---|\n",
           CASES);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        printf("| %s |", rows[i].name);
        print_cells(&rows[i], &data, 0);
        print_cells(&rows[i], &data, BP_DECAY_AUTO);
        printf("\n");
    }
    bp_dataset_destroy(data.dataset);
    return 0;
}
