/*
 * The tables of docs/guide/transfer.md: transfer
 *
 * A network learns to read digits. Then it learns from few cases which of them are odd: with its hidden layer
 * as it is, with all of it, or anew.
 */
#include <stdio.h>
#include <string.h>

#include "guide.h"

enum { PIXELS = 64, HIDDEN = 32, MOST = 1000, DRAWS = 10 };

/* Digits that the first network has not seen, and whether they are odd. */
static bp_real inputs[MOST * PIXELS], odd[MOST];
static size_t count;

static void add_cases(const bp_data *from)
{
    const size_t pixels = from->input_stride == 0 ? PIXELS : from->input_stride;
    const size_t targets = from->target_stride == 0 ? 10 : from->target_stride;
    for (size_t i = 0; i < from->cases && count < MOST; i++, count++) {
        memcpy(inputs + count * PIXELS, from->inputs + i * pixels, PIXELS * sizeof *inputs);
        for (size_t digit = 1; digit < 10; digit += 2)
            odd[count] += from->targets[i * targets + digit] > 0;
    }
}

static bp_data cases_from(size_t first, size_t number)
{
    return bp_data_view(number, inputs + first * PIXELS, PIXELS, odd + first, 1);
}

/* --------------------------------------------------------------------- networks */

static void train(bp_network *net, const bp_data *data)
{
    bp_trainer *trainer = NULL;
    check(bp_trainer_create(&trainer, net, NULL));
    check(bp_trainer_run(trainer, data, NULL, NULL));
    bp_trainer_destroy(trainer);
}

/* 64 inputs, 32 tanh units, and a unit that says whether the digit is odd. */
static bp_network *new_network(const bp_network *reader, unsigned long seed)
{
    const size_t units[] = {PIXELS, HIDDEN, 1};
    bp_network *net = NULL;
    (void)reader;
    check(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_logistic()));
    check(bp_network_initialize(net, seed));
    return net;
}

/* The same with the hidden layer of the network that reads digits, and the scaling of its inputs. */
static bp_network *with_hidden_layer(const bp_network *reader, unsigned long seed)
{
    bp_real weights[PIXELS * HIDDEN], biases[HIDDEN], offset[PIXELS], factor[PIXELS];
    bp_network *net = new_network(NULL, seed);
    check(bp_connection_get_weights(bp_network_connection(reader, 0), weights, PIXELS * HIDDEN));
    check(bp_layer_get_biases(bp_network_find_layer(reader, "hidden1"), biases, HIDDEN));
    check(bp_network_get_input_scaling(reader, offset, factor, PIXELS));
    check(bp_connection_set_weights(bp_network_connection(net, 0), weights, PIXELS * HIDDEN));
    check(bp_layer_set_biases(bp_network_find_layer(net, "hidden1"), biases, HIDDEN));
    check(bp_network_set_input_scaling(net, offset, factor, PIXELS));
    return net;
}

static bp_network *with_frozen_layer(const bp_network *reader, unsigned long seed)
{
    bp_network *net = with_hidden_layer(reader, seed);
    check(bp_network_set_trainable(net, 0));
    check(bp_layer_set_trainable(bp_network_find_layer(net, "output"), 1));
    return net;
}

static bp_network *with_slow_layer(const bp_network *reader, unsigned long seed)
{
    bp_network *net = with_hidden_layer(reader, seed);
    check(bp_connection_set_rate_factor(bp_network_connection(net, 0), 0.01));
    check(bp_layer_set_bias_rate_factor(bp_network_find_layer(net, "hidden1"), 0.01));
    return net;
}

/* ----------------------------------------------------------------------- the table */

/* Mean accuracy over draws of training cases; all others are test cases. */
static double try_network(bp_network *(*make)(const bp_network *, unsigned long), const bp_network *reader,
                          size_t cases)
{
    double right = 0, tested = 0;
    for (unsigned long draw = 0; draw < DRAWS; draw++) {
        const size_t first = draw * (count - cases) / DRAWS;
        const bp_data training = cases_from(first, cases), before = cases_from(0, first),
                      after = cases_from(first + cases, count - first - cases);
        bp_network *net = make(reader, draw);
        train(net, &training);
        if (first > 0)
            right += accuracy(net, &before) * (double)first;
        right += accuracy(net, &after) * (double)after.cases;
        tested += (double)(count - cases);
        bp_network_destroy(net);
    }
    return right / tested;
}

/* ------------------------------------------------------------------------- time */

/* The least time of an epoch of 64-400-400-10 units on the digits, if only layers from `lowest` on are
 * trained. */
static double time_epoch(const bp_data *training, size_t lowest)
{
    const size_t units[] = {PIXELS, 400, 400, 10};
    const bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options options;
    bp_network *net = NULL;
    bp_trainer *trainer = NULL;
    double least = 1e30;
    bp_trainer_options_init(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.01, 0.9);
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    check(bp_network_create_layered(&net, units, 4, bp_activation_tanh(), bp_activation_softmax()));
    check(bp_network_initialize(net, 1));
    for (size_t i = 1; i < lowest; i++)
        check(bp_layer_set_trainable(bp_network_layer(net, i), 0));
    check(bp_trainer_create(&trainer, net, &options));
    for (int run = 0; run < 10; run++) {
        bp_result result;
        bp_result_init(&result, sizeof result);
        check(bp_trainer_run(trainer, training, NULL, &result));
        least = result.seconds < least ? result.seconds : least;
    }
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    return least;
}

static void compare_times(const bp_data *training)
{
    const double all = time_epoch(training, 1);
    printf("\n| trained | time of an epoch |\n|---|---|\n| all layers | 1 |\n");
    printf("| all but the first | %.2f |\n", time_epoch(training, 2) / all);
    printf("| the last | %.2f |\n", time_epoch(training, 3) / all);
}

int main(void)
{
    static const size_t sizes[] = {5, 10, 20, 50, 200};
    static const struct {
        const char *name;
        bp_network *(*make)(const bp_network *, unsigned long);
    } rows[] = {
        {"output layer alone, the hidden one frozen", with_frozen_layer},
        {"all, the hidden layer with a rate factor of 0.01", with_slow_layer},
        {"all", with_hidden_layer},
        {"all, from new weights", new_network},
    };
    digits data;
    load_digits(&data);
    bp_network *net = digits_network(1);
    train(net, &data.training);
    add_cases(&data.validation);
    add_cases(&data.test);
    printf("%zu digits to train on, %zu others, of which %.1f %% are read right\n\n", data.training.cases,
           count, 100 * accuracy(net, &data.test));
    printf("| trained | 5 cases | 10 | 20 | 50 | 200 |\n|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        printf("| %s |", rows[i].name);
        for (size_t j = 0; j < sizeof sizes / sizeof sizes[0]; j++)
            printf(" %.1f %% |", 100 * try_network(rows[i].make, net, sizes[j]));
        printf("\n");
    }
    compare_times(&data.training);
    bp_network_destroy(net);
    bp_dataset_destroy(data.dataset);
    return 0;
}
