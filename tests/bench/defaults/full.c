/*
 * Trains with untouched options on well-known data, by cross-validation, beside a grid of settings chosen by
 * hand. defaults.py calls it and makes a table of its results.
 *
 *     defaults_full [-R repetitions] [-j processes] [-o results.csv] [-d] <folder of the data> [set]...
 *     defaults_full [-R repetitions] -x set <folder of the data>      print the set: folds, inputs, target of
 * each case
 *
 * With -d the grid is left out. Each trial is a line of the results, written when it ends: a run that was
 * stopped goes on where it was.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data_sets.h"
#include "split.h"
#include "trial.h"

enum { RATES = 8, BATCHES = 3, MOMENTA = 2, SETTINGS = 1 + RATES * BATCHES * MOMENTA, MAX_REPETITIONS = 20 };

typedef struct arguments {
    unsigned repetitions, processes;
    bool defaults_only;
    const char *results, *exported, *folder;
    char **sets; /* none: all */
    int set_count;
} arguments;

/* Setting 0 is untouched options; the others are the grid. */
static setting setting_of(size_t index)
{
    static const size_t batches[BATCHES] = {8, 32, 0};
    static const double momenta[MOMENTA] = {0.9, 0.5};
    static const double rates[RATES] = {0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1};
    if (index == 0)
        return (setting){0};
    index--;
    return (setting){rates[index % RATES], batches[index / RATES % BATCHES],
                     momenta[index / RATES / BATCHES]};
}

static void name_setting(size_t index, char *name, size_t capacity)
{
    const setting s = setting_of(index);
    if (index == 0)
        snprintf(name, capacity, "default");
    else if (s.batch_size == 0)
        snprintf(name, capacity, "%g/all/%g", s.learning_rate, s.momentum);
    else
        snprintf(name, capacity, "%g/%zu/%g", s.learning_rate, s.batch_size, s.momentum);
}

static bool is_wanted(const data_set *set, unsigned repetition, unsigned fold, size_t index)
{
    const setting s = setting_of(index);
    if (index == 0 || set->grid == GRID_WHOLE)
        return true;
    if (repetition > 0 || s.batch_size == 0 || s.momentum < 0.9)
        return false;
    return set->grid != GRID_ONE_FOLD || fold == 0;
}

/* ---------------------------------------------------------------------- results */

/* Which trials of one set the results have already. */
typedef struct progress {
    bool done[NETS][MAX_REPETITIONS][FOLDS][SETTINGS];
} progress;

static size_t find_setting(const char *name)
{
    char known[64];
    for (size_t i = 0; i < SETTINGS; i++) {
        name_setting(i, known, sizeof known);
        if (strcmp(name, known) == 0)
            return i;
    }
    return SETTINGS;
}

static void read_progress(const char *path, const char *set, progress *known)
{
    char line[512], found_set[64], net[64], name[64];
    unsigned repetition, fold;
    FILE *file = fopen(path, "r");
    memset(known, 0, sizeof *known);
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "%63[^,],%63[^,],%63[^,],%u,%u,", found_set, net, name, &repetition, &fold) != 5 ||
            strcmp(found_set, set) != 0 || repetition >= MAX_REPETITIONS || fold >= FOLDS)
            continue;
        size_t kind = 0, index = find_setting(name);
        while (kind < NETS && strcmp(net, net_names[kind]) != 0)
            kind++;
        if (kind < NETS && index < SETTINGS)
            known->done[kind][repetition][fold][index] = true;
    }
    if (file != NULL)
        fclose(file);
}

static int open_results(const char *path)
{
    static const char header[] = "set,net,setting,repetition,fold,error,constant,status,epochs,seconds\n";
    int file = open(path, O_WRONLY | O_APPEND | O_CREAT, 0666);
    if (file < 0)
        give_up("cannot be written", path);
    if (lseek(file, 0, SEEK_END) == 0 && write(file, header, sizeof header - 1) < 0)
        give_up("cannot be written", path);
    return file;
}

/* ------------------------------------------------------------------------- trials */

/* The trials of one net on one fold, as far as they are missing. */
static void run_fold(int results, size_t settings, const data_set *set, const table *data,
                     const progress *known, unsigned net, unsigned repetition, unsigned fold)
{
    for (size_t i = 0; i < settings; i++) {
        if (known->done[net][repetition][fold][i] || !is_wanted(set, repetition, fold, i))
            continue;
        const setting chosen = setting_of(i);
        const outcome found = run_trial(data, repetition, fold, net, &chosen);
        char line[512], name[64];
        name_setting(i, name, sizeof name);
        int length = snprintf(line, sizeof line, "%s,%s,%s,%u,%u,%.6g,%.6g,%d,%zu,%.4f\n", set->name,
                              net_names[net], name, repetition, fold, found.error, found.constant,
                              (int)found.status, found.epochs, found.seconds);
        if (write(results, line, (size_t)length) != length) /* one piece: lines of processes do not mix */
            give_up("cannot be written", "results");
    }
}

static void wait_for_one(unsigned *running)
{
    int status;
    if (wait(&status) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS)
        give_up("a process failed", "trial");
    (*running)--;
}

static void run_set(const arguments *given, int results, const data_set *set)
{
    static progress known;
    table data = set->read(given->folder, set);
    if (set->cases > 0)
        table_shorten(&data, set->cases);
    fprintf(stderr, "%s: %zu cases, %zu inputs, %zu outputs\n", set->name, data.cases, data.inputs,
            data.outputs);
    read_progress(given->results, set->name, &known);
    unsigned running = 0;
    for (unsigned job = 0; job < given->repetitions * FOLDS * NETS; job++) {
        if (running == given->processes)
            wait_for_one(&running);
        pid_t child = fork();
        if (child < 0)
            give_up("no process", set->name);
        if (child == 0) {
            run_fold(results, given->defaults_only ? 1 : SETTINGS, set, &data, &known, job % NETS,
                     job / NETS / FOLDS, job / NETS % FOLDS);
            _exit(EXIT_SUCCESS);
        }
        running++;
    }
    while (running > 0)
        wait_for_one(&running);
    table_destroy(&data);
}

/* ------------------------------------------------------------------------- export */

static void print_target(const table *data, size_t row)
{
    const bp_real *target = data->y + row * data->outputs;
    size_t class = 0;
    while (data->has_classes && target[class] == 0)
        class ++;
    if (data->has_classes)
        printf("%zu\n", class);
    else
        printf("%.9g\n", (double)*target);
}

/* "classes" or "number", repetitions; then a line for each case. */
static void export_set(const arguments *given, const data_set *set)
{
    table data = set->read(given->folder, set);
    if (set->cases > 0)
        table_shorten(&data, set->cases);
    unsigned char *folds = allocate(given->repetitions * data.cases, 1);
    for (unsigned r = 0; r < given->repetitions; r++)
        assign_folds(data.cases, FOLDS, r, folds + r * data.cases);
    printf("%s,%u\n", data.has_classes ? "classes" : "number", given->repetitions);
    for (size_t i = 0; i < data.cases; i++) {
        for (unsigned r = 0; r < given->repetitions; r++)
            printf("%d,", folds[r * data.cases + i]);
        for (size_t j = 0; j < data.inputs; j++)
            printf("%.9g,", (double)data.x[i * data.inputs + j]);
        print_target(&data, i);
    }
    free(folds);
    table_destroy(&data);
}

/* --------------------------------------------------------------------------- main */

static bool is_chosen(const arguments *given, const char *name)
{
    for (int i = 0; i < given->set_count; i++)
        if (strcmp(given->sets[i], name) == 0)
            return true;
    return given->set_count == 0;
}

static bool parse(int count, char **words, arguments *given)
{
    *given = (arguments){.repetitions = 1, .processes = 1, .results = "defaults.csv"};
    for (int option; (option = getopt(count, words, "dR:j:o:x:")) != -1;) {
        if (option == 'R')
            given->repetitions = (unsigned)strtoul(optarg, NULL, 10);
        else if (option == 'j')
            given->processes = (unsigned)strtoul(optarg, NULL, 10);
        else if (option == 'o')
            given->results = optarg;
        else if (option == 'd')
            given->defaults_only = true;
        else if (option == 'x')
            given->exported = optarg;
        else
            return false;
    }
    if (optind >= count)
        return false;
    given->folder = words[optind];
    given->sets = words + optind + 1;
    given->set_count = count - optind - 1;
    return given->repetitions >= 1 && given->repetitions <= MAX_REPETITIONS && given->processes >= 1;
}

int main(int count, char **words)
{
    arguments given;
    if (!parse(count, words, &given)) {
        fputs("usage: defaults_full [-R repetitions] [-j processes] [-o results.csv] [-d] [-x set] folder "
              "[set]...\n",
              stderr);
        return EXIT_FAILURE;
    }
    int results = given.exported == NULL ? open_results(given.results) : -1;
    for (size_t i = 0; i < data_set_count; i++) {
        if (given.exported != NULL && strcmp(given.exported, data_sets[i].name) == 0)
            export_set(&given, &data_sets[i]);
        else if (given.exported == NULL && is_chosen(&given, data_sets[i].name))
            run_set(&given, results, &data_sets[i]);
    }
    return EXIT_SUCCESS;
}
