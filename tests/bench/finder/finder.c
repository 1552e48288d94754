/*
 * How good are the rates that bp_trainer_find_learning_rate() finds?
 *
 *     finder [-j threads] [-v] [-s] [-r rule] <folder of the data>
 *
 * For each combination of set, net, momentum and batch size: the least validation error in a budget of epochs
 * with the rate found, beside that of the best rate of a grid, medians of some seeds. The exit status says
 * whether the marks are met. With -v the errors of all rates are printed, too. Rules other than momentum,
 * such as -r adam, take the combinations without the momentum; those for whole sets take the rows of whole
 * sets.
 *
 * With -s: which of the runs at parts and multiples of the rate found have the finding that the rate is too
 * small? One too many where ten times the rate ends with an error that is no tenth lower.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pthread.h>
#include <unistd.h>

#include "combinations.h"
#include "data_sets.h"
#include "rules.h"
#include "split.h"
#include "trial.h"

enum { SEEDS = 5, RATES = 8, FOUND = RATES, MAX_THREADS = 64 };

static const double rates[RATES] = {0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1};

/* The marks: so many percent of the combinations may be up to so much worse than the best of the grid. */
typedef struct mark {
    double excess;
    unsigned percent;
} mark;
static const mark marks[] = {{0.10, 80}, {0.50, 100}};
enum { MARKS = sizeof marks / sizeof marks[0] };

enum { SHARES = 7, SMALL_SEEDS = 2 };
static const double shares[SHARES] = {0.001, 0.01, 0.1, 1, 10, 100, 1000}; /* of the rate found */

static const bench_rule *used = &bench_rules[0];

static bool takes_part(const combination *chosen)
{
    return !used->whole_sets || chosen->batch_size == 0;
}

/* Least validation errors of one combination. */
typedef struct judgement {
    double errors[RATES + 1][SEEDS];  /* the last ones: with the rates found */
    double found[SEEDS];              /* these rates */
    double ends[SHARES][SMALL_SEEDS]; /* -s: mean errors of training at the end */
    bool are_small[SHARES][SMALL_SEEDS];
} judgement;

typedef struct work {
    pthread_mutex_t lock;
    size_t next; /* combination */
    bool asks_for_small;
    const table *tables[COMBINATIONS];
    judgement results[COMBINATIONS];
} work;

/* ------------------------------------------------------------------------ training */

/* Epochs are worth more, the more updates they have. */
static size_t epochs_for(size_t batch_size)
{
    return batch_size == 0 ? 300 : batch_size == 1 ? 30 : 100;
}

static bp_trainer *make_trainer(bp_network *net, const combination *chosen, double rate, unsigned seed)
{
    bp_trainer_options options;
    bp_trainer *trainer = NULL;
    const bp_stop_rule rule = bp_stop_epochs(epochs_for(chosen->batch_size));
    bp_trainer_options_init(&options, sizeof options);
    options.optimizer = used->make(rate, chosen->momentum);
    options.batch_size = chosen->batch_size;
    options.weight_decay = 0;
    options.seed = seed;
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    require_ok(bp_trainer_create(&trainer, net, &options));
    return trainer;
}

static double find_rate(bp_network *net, const combination *chosen, unsigned seed, const bp_data *training)
{
    bp_trainer *trainer = make_trainer(net, chosen, BP_RATE_AUTO, seed);
    bp_rate_search search;
    bp_rate_search_init(&search, sizeof search);
    require_ok(bp_trainer_find_learning_rate(trainer, training, &search));
    bp_trainer_destroy(trainer);
    return search.learning_rate;
}

static bool has_finding(const bp_trainer *trainer, bp_finding_kind kind)
{
    for (size_t i = 0; i < bp_trainer_finding_count(trainer); i++) {
        bp_finding found;
        bp_finding_init(&found, sizeof found);
        require_ok(bp_trainer_finding(trainer, i, &found));
        if (found.kind == kind)
            return true;
    }
    return false;
}

static double last_error(bp_network *net, const combination *chosen, double rate, unsigned seed,
                         const bp_data *training, bool *is_small)
{
    bp_trainer *trainer = make_trainer(net, chosen, rate, seed);
    bp_result result;
    bp_result_init(&result, sizeof result);
    bp_status status = bp_trainer_run(trainer, training, NULL, &result);
    if (status != BP_DIVERGED)
        require_ok(status);
    *is_small = has_finding(trainer, BP_FINDING_RATE_TOO_SMALL);
    bp_trainer_destroy(trainer);
    return status == BP_OK ? result.mean_error : INFINITY;
}

static double least_error(bp_network *net, const combination *chosen, double rate, unsigned seed,
                          const bp_data *training, const bp_data *validation)
{
    bp_trainer *trainer = make_trainer(net, chosen, rate, seed);
    bp_result result;
    bp_result_init(&result, sizeof result);
    bp_status status = bp_trainer_run(trainer, training, validation, &result);
    if (status != BP_DIVERGED)
        require_ok(status);
    bp_trainer_destroy(trainer);
    return result.validation_error;
}

static bp_data view(const table *data)
{
    return bp_data_view(data->cases, data->x, data->inputs, data->y, data->outputs);
}

static void run_shares(bp_network *net, const combination *chosen, unsigned seed, const bp_data *training,
                       judgement *result)
{
    for (size_t i = 0; i < SHARES; i++) {
        require_ok(bp_network_initialize(net, seed + 1));
        result->ends[i][seed] = last_error(net, chosen, shares[i] * result->found[seed], seed + 1, training,
                                           &result->are_small[i][seed]);
    }
}

/* Every rate begins with the same weights. */
static void run_seed(const table *data, const combination *chosen, unsigned seed, bool asks_for_small,
                     judgement *result)
{
    table for_training, for_validation;
    split_table(data, FOLDS, seed, 0, &for_training, &for_validation);
    const bp_data training = view(&for_training), validation = view(&for_validation);
    bp_network *net = make_net(data, chosen->net, seed + 1);
    result->found[seed] = find_rate(net, chosen, seed + 1, &training);
    if (asks_for_small)
        run_shares(net, chosen, seed, &training, result);
    for (size_t i = 0; i <= RATES && !asks_for_small; i++) {
        double rate = i == FOUND ? result->found[seed] : rates[i];
        require_ok(bp_network_initialize(net, seed + 1));
        result->errors[i][seed] = least_error(net, chosen, rate, seed + 1, &training, &validation);
    }
    bp_network_destroy(net);
    table_destroy(&for_training);
    table_destroy(&for_validation);
}

static void *work_on(void *context)
{
    work *shared = context;
    for (;;) {
        pthread_mutex_lock(&shared->lock);
        const size_t mine = shared->next++;
        pthread_mutex_unlock(&shared->lock);
        if (mine >= COMBINATIONS)
            return NULL;
        const unsigned seeds = shared->asks_for_small ? SMALL_SEEDS : SEEDS;
        for (unsigned seed = 0; seed < seeds && takes_part(&combinations[mine]); seed++)
            run_seed(shared->tables[mine], &combinations[mine], seed, shared->asks_for_small,
                     &shared->results[mine]);
    }
}

static void run_all(work *shared, size_t threads)
{
    pthread_t ids[MAX_THREADS];
    pthread_mutex_init(&shared->lock, NULL);
    for (size_t i = 0; i < threads; i++)
        if (pthread_create(&ids[i], NULL, work_on, shared) != 0)
            give_up("no thread", "finder");
    for (size_t i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    pthread_mutex_destroy(&shared->lock);
}

/* ------------------------------------------------------------------------- results */

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const double *values)
{
    double sorted[SEEDS];
    memcpy(sorted, values, sizeof sorted);
    qsort(sorted, SEEDS, sizeof sorted[0], by_size);
    return sorted[SEEDS / 2];
}

static size_t best_rate(const judgement *result)
{
    size_t best = 0;
    for (size_t i = 1; i < RATES; i++)
        if (median(result->errors[i]) < median(result->errors[best]))
            best = i;
    return best;
}

/* By how much of the best error the error of the found rate is larger; negative if it is less. */
static double excess(const judgement *result)
{
    return median(result->errors[FOUND]) / median(result->errors[best_rate(result)]) - 1;
}

static void print_row(const combination *chosen, const judgement *result)
{
    const size_t best = best_rate(result);
    char batch[24] = "all";
    if (chosen->batch_size > 0)
        snprintf(batch, sizeof batch, "%zu", chosen->batch_size);
    printf("| %-13s | %-14s | %-3g | %-5s | %-7.2g | %-7.2g | %-8.4g | %-8.4g | %+5.0f %% |\n", chosen->set,
           net_names[chosen->net], chosen->momentum, batch, median(result->found), rates[best],
           median(result->errors[FOUND]), median(result->errors[best]), 100 * excess(result));
}

static void print_table(const work *done)
{
    puts("| set           | net            | m   | batch | found   | best    | error    | of best  | excess  "
         "|\n"
         "| ------------- | -------------- | --- | ----- | ------- | ------- | -------- | -------- | ------- "
         "|");
    for (size_t i = 0; i < COMBINATIONS; i++)
        if (takes_part(&combinations[i]))
            print_row(&combinations[i], &done->results[i]);
}

static bool print_marks(const work *done)
{
    bool are_met = true;
    size_t all = 0;
    for (size_t j = 0; j < COMBINATIONS; j++)
        all += takes_part(&combinations[j]);
    puts("");
    for (size_t i = 0; i < MARKS; i++) {
        size_t count = 0, wanted = (all * marks[i].percent + 99) / 100;
        for (size_t j = 0; j < COMBINATIONS; j++)
            count += takes_part(&combinations[j]) && excess(&done->results[j]) <= marks[i].excess;
        printf("Within %.0f %% of the best rate: %zu of %zu combinations (mark: %zu).\n",
               100 * marks[i].excess, count, all, wanted);
        are_met = are_met && count >= wanted;
    }
    return are_met;
}

static void print_errors(const work *done)
{
    for (size_t i = 0; i < COMBINATIONS; i++)
        for (size_t j = 0; j <= RATES && takes_part(&combinations[i]); j++)
            for (size_t seed = 0; seed < SEEDS; seed++)
                printf("%zu %.6g %zu %.6g\n", i, j == FOUND ? done->results[i].found[seed] : rates[j], seed,
                       done->results[i].errors[j][seed]);
}

/* The last share has no larger one to compare it with. */
static void print_small(const work *done)
{
    puts("| of the rate found | runs | reported | one too many |\n| --- | --- | --- | --- |");
    for (size_t i = 0; i + 1 < SHARES; i++) {
        size_t runs = 0, reported = 0, false_ones = 0;
        for (size_t j = 0; j < COMBINATIONS; j++)
            for (size_t seed = 0; seed < SMALL_SEEDS && takes_part(&combinations[j]); seed++) {
                const judgement *result = &done->results[j];
                const bool is_better = result->ends[i + 1][seed] < 0.9 * result->ends[i][seed];
                runs++;
                reported += result->are_small[i][seed];
                false_ones += result->are_small[i][seed] && !is_better;
            }
        printf("| %g | %zu | %zu | %zu |\n", shares[i], runs, reported, false_ones);
    }
}

/* ---------------------------------------------------------------------------- main */

static void read_sets(const char *folder, table *sets, work *shared)
{
    for (size_t i = 0; i < data_set_count; i++) {
        bool is_used = false;
        for (size_t j = 0; j < COMBINATIONS; j++) {
            if (strcmp(combinations[j].set, data_sets[i].name) != 0)
                continue;
            shared->tables[j] = &sets[i];
            is_used = true;
        }
        if (!is_used)
            continue;
        sets[i] = data_sets[i].read(folder, &data_sets[i]);
        if (data_sets[i].cases > 0)
            table_shorten(&sets[i], data_sets[i].cases);
    }
}

int main(int count, char **words)
{
    static work shared;
    size_t threads = 1;
    bool is_verbose = false, is_wrong = false;
    for (int option; (option = getopt(count, words, "j:svr:")) != -1;) {
        if (option == 'j')
            threads = strtoul(optarg, NULL, 10);
        if (option == 'r')
            used = find_rule(optarg);
        is_verbose = is_verbose || option == 'v';
        shared.asks_for_small = shared.asks_for_small || option == 's';
        is_wrong = is_wrong || option == '?';
    }
    if (is_wrong || used == NULL || optind + 1 != count || threads < 1 || threads > MAX_THREADS) {
        fputs("usage: finder [-j threads] [-v] [-s] [-r rule] folder\n", stderr);
        return 2;
    }
    table *sets = allocate(data_set_count, sizeof *sets);
    read_sets(words[optind], sets, &shared);
    run_all(&shared, threads);
    if (is_verbose)
        print_errors(&shared);
    bool are_met = true;
    if (shared.asks_for_small) {
        print_small(&shared);
    } else {
        print_table(&shared);
        are_met = print_marks(&shared);
    }
    for (size_t i = 0; i < data_set_count; i++)
        table_destroy(&sets[i]);
    free(sets);
    return are_met ? EXIT_SUCCESS : EXIT_FAILURE;
}
