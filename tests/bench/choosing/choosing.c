/*
 * What the optimizer rules achieve, each with the rate that the library finds for it:
 *
 *     choosing <folder of the data>
 *
 * For each set and rule: the mean training error after a budget of epochs, the least validation error, and
 * the epochs and milliseconds (of one core, with the search for the rate) to the training error at which
 * momentum ends; medians of some seeds. Rules for whole sets train by all cases, the others by batches of
 * about 32; momentum and Adam do both.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "data_sets.h"
#include "rules.h"
#include "split.h"
#include "trial.h"

enum { SEEDS = 5, EPOCHS = 100, WHOLE_EPOCHS = 500, PATIENCE = 3, MOST_CASES = 5000, ONE_TANH = 1 };

static const char *const set_names[] = {"iris", "wine", "diabetes", "Mackey-Glass", "digits", "letters"};
enum { SETS = sizeof set_names / sizeof set_names[0] };

/* A rule, and whether it trains by whole sets. */
typedef struct way {
    const char *rule;
    bool by_whole_sets;
} way;
static const way ways[] = {
    {"momentum", false},    {"nesterov", false}, {"adagrad", false}, {"rmsprop", false},
    {"adam", false},        {"momentum", true},  {"adam", true},     {"irprop_plus", true},
    {"irprop_minus", true}, {"quickprop", true},
};
enum { WAYS = sizeof ways / sizeof ways[0] };

/* Of one run. */
typedef struct run_result {
    double rate, error, validation_error, epochs, milliseconds;
} run_result;

static double cpu_milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return 1e3 * (double)now.tv_sec + 1e-6 * (double)now.tv_nsec;
}

static bp_data view(const table *data)
{
    return bp_data_view(data->cases, data->x, data->inputs, data->y, data->outputs);
}

static int note_validation(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    double *least = context;
    (void)trainer;
    *least = fmin(*least, progress->validation_error);
    return 0;
}

/* Trains until the error is below the target, if there is one, but at most so many epochs. */
static run_result train(const way *chosen, bp_network *net, unsigned seed, const bp_data *training,
                        const bp_data *validation, double target, size_t epochs)
{
    const bp_stop_rule stops[] = {bp_stop_epochs(epochs), bp_stop_mean_error_below(target)};
    double least = INFINITY;
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.optimizer = find_rule(chosen->rule)->make(BP_RATE_AUTO, 0.9);
    options.batch_size = chosen->by_whole_sets ? 0 : BP_BATCH_AUTO;
    options.weight_decay = 0;
    options.keep_best = 0;
    options.scale_data = 0;
    options.on_epoch = note_validation;
    options.on_epoch_context = &least;
    options.seed = seed;
    options.stop_rules = stops;
    options.stop_rule_count = target > 0 ? 2 : 1;
    bp_trainer *trainer = NULL;
    bp_result result;
    bp_result_init(&result, sizeof result);
    require_ok(bp_network_initialize(net, seed));
    require_ok(bp_network_fit_scaling(net, training, bp_scaling_automatic(), bp_scaling_automatic()));
    require_ok(bp_trainer_create(&trainer, net, &options));
    const double start = cpu_milliseconds();
    const bp_status status = bp_trainer_run(trainer, training, validation, &result);
    if (status != BP_DIVERGED)
        require_ok(status);
    const bool is_reached = target > 0 && result.reason == BP_STOP_MEAN_ERROR_BELOW;
    const run_result got = {bp_trainer_learning_rate(trainer), result.mean_error, least,
                            is_reached ? (double)result.epochs : INFINITY,
                            is_reached ? cpu_milliseconds() - start : INFINITY};
    bp_trainer_destroy(trainer);
    return got;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const run_result *results, size_t member)
{
    double values[SEEDS];
    for (size_t i = 0; i < SEEDS; i++)
        memcpy(&values[i], (const char *)&results[i] + member, sizeof values[i]);
    qsort(values, SEEDS, sizeof values[0], by_size);
    return values[SEEDS / 2];
}
#define MEDIAN(results, member) median((results), offsetof(run_result, member))

static size_t budget_of(const way *chosen)
{
    return chosen->by_whole_sets ? WHOLE_EPOCHS : EPOCHS;
}

static void print_row(const way *chosen, const run_result *ended, const run_result *reached)
{
    char epochs[16] = "-", milliseconds[16] = "-";
    if (isfinite(MEDIAN(reached, epochs))) {
        snprintf(epochs, sizeof epochs, "%.0f", MEDIAN(reached, epochs));
        snprintf(milliseconds, sizeof milliseconds, "%.3g", MEDIAN(reached, milliseconds));
    }
    printf("| %-12s | %-5s | %-7.2g | %-8.3g | %-8.3g | %-6s | %-6s |\n", chosen->rule,
           chosen->by_whole_sets ? "all" : "32", MEDIAN(ended, rate), MEDIAN(ended, error),
           MEDIAN(ended, validation_error), epochs, milliseconds);
    fflush(stdout);
}

typedef struct fold {
    table for_training, for_validation;
} fold;

static void run_way(const way *chosen, const table *data, const fold *folds, double *target)
{
    run_result ended[SEEDS], reached[SEEDS];
    for (unsigned seed = 0; seed < SEEDS; seed++) {
        const bp_data training = view(&folds[seed].for_training),
                      validation = view(&folds[seed].for_validation);
        bp_network *net = make_net(data, ONE_TANH, seed + 1);
        ended[seed] = train(chosen, net, seed + 1, &training, &validation, 0, budget_of(chosen));
        bp_network_destroy(net);
    }
    if (*target == 0)
        *target = MEDIAN(ended, error);
    for (unsigned seed = 0; seed < SEEDS; seed++) {
        const bp_data training = view(&folds[seed].for_training);
        bp_network *net = make_net(data, ONE_TANH, seed + 1);
        reached[seed] = train(chosen, net, seed + 1, &training, NULL, *target, PATIENCE * budget_of(chosen));
        bp_network_destroy(net);
    }
    print_row(chosen, ended, reached);
}

static void run_set(const char *folder, const data_set *set)
{
    table data = set->read(folder, set);
    fold folds[SEEDS];
    double target = 0;
    if (data.cases > MOST_CASES)
        table_shorten(&data, MOST_CASES);
    printf("\n%s: %zu cases, network %zu-16-%zu\n\n", set->name, data.cases, data.inputs, data.outputs);
    puts("| rule         | batch | rate    | error    | valid.   | epochs | ms     |\n"
         "| ------------ | ----- | ------- | -------- | -------- | ------ | ------ |");
    for (unsigned seed = 0; seed < SEEDS; seed++)
        split_table(&data, FOLDS, seed, 0, &folds[seed].for_training, &folds[seed].for_validation);
    for (size_t i = 0; i < WAYS; i++)
        run_way(&ways[i], &data, folds, &target);
    for (unsigned seed = 0; seed < SEEDS; seed++) {
        table_destroy(&folds[seed].for_training);
        table_destroy(&folds[seed].for_validation);
    }
    table_destroy(&data);
}

int main(int count, char **words)
{
    if (count != 2) {
        fputs("usage: choosing folder\n", stderr);
        return 2;
    }
    for (size_t i = 0; i < SETS; i++)
        for (size_t j = 0; j < data_set_count; j++)
            if (strcmp(set_names[i], data_sets[j].name) == 0)
                run_set(words[1], &data_sets[j]);
    return EXIT_SUCCESS;
}
