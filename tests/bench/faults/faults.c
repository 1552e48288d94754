/*
 * Plants faults in healthy trainings, one at a time, and counts which of them the library names; trains
 * healthy networks, and counts the warnings; lets training recover from rates that are too large.
 *
 *     faults [-v] [-j processes] [-s set] [folder of the data] [part]...
 *     faults -x [-s set] [folder of the data]      prints the tables, for check_data.py
 *
 * A part is "healthy", "recovery", or a part of the name of a fault (plants.c); none: all. Without a folder
 * the data are those made by formulas. The exit status is 0 only if all marks are met.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "split.h"
#include "study.h"

typedef struct arguments {
    const char *folder, *set;
    bool prints_tables;
    char **parts;
    int part_count;
} arguments;

static bool is_folder(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

static bool parse(int count, char **words, arguments *given, study *all)
{
    for (int option; (option = getopt(count, words, "vxj:s:")) != -1;) {
        if (option == 'v')
            all->is_verbose = true;
        else if (option == 'x')
            given->prints_tables = true;
        else if (option == 'j')
            all->processes = (unsigned)strtoul(optarg, NULL, 10);
        else if (option == 's')
            given->set = optarg;
        else
            return false;
    }
    if (optind < count && is_folder(words[optind]))
        given->folder = words[optind++];
    given->parts = words + optind;
    given->part_count = count - optind;
    return all->processes >= 1;
}

/* Formulas alone are a check that takes seconds: fewer cases, one seed. */
static void read_sets(study *all, const arguments *given)
{
    enum { FEW_CASES = 200 };
    all->sets = allocate(fault_set_count, sizeof *all->sets);
    all->tables = allocate(fault_set_count, sizeof *all->tables);
    for (size_t i = 0; i < fault_set_count; i++) {
        const fault_set *set = &fault_sets[i];
        if ((given->folder == NULL && set->make == NULL) ||
            (given->set != NULL && strcmp(given->set, set->name) != 0))
            continue;
        all->sets[all->set_count] = set;
        all->tables[all->set_count] = fault_set_read(set, given->folder);
        if (given->folder == NULL)
            table_sample(&all->tables[all->set_count], FEW_CASES, 1);
        all->set_count++;
    }
}

static void print_values(const bp_real *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf(" %.9g", (double)values[i]);
}

/* The name of a set, a line for each case: its inputs, a bar, its targets. Then an empty line. */
static void print_tables(const study *all)
{
    for (size_t i = 0; i < all->set_count; i++) {
        const table *data = &all->tables[i];
        puts(all->sets[i]->name);
        for (size_t row = 0; row < data->cases; row++) {
            print_values(data->x + row * data->inputs, data->inputs);
            printf(" |");
            print_values(data->y + row * data->outputs, data->outputs);
            puts("");
        }
        puts("");
    }
}

static bool takes(const arguments *given, const char *part)
{
    for (int i = 0; i < given->part_count; i++)
        if (strcmp(given->parts[i], part) == 0)
            return true;
    return given->part_count == 0;
}

static bool judge(const study *all, const arguments *given)
{
    const bool healthy = takes(given, "healthy"), recovery = takes(given, "recovery");
    const bool plants_too = given->part_count == 0 || given->part_count > healthy + recovery;
    bool is_met = !healthy || judge_healthy(all);
    if (plants_too)
        is_met = judge_plants(all, given->parts, given->part_count) && is_met;
    if (recovery)
        is_met = judge_recovery(all) && is_met;
    return is_met;
}

static bool run(study *all, const arguments *given)
{
    train_healthy(all);
    const bool is_met = judge(all, given);
    puts(is_met ? "\nall marks are met" : "\nNOT all marks are met");
    free_healthy(all);
    return is_met;
}

int main(int count, char **words)
{
    arguments given = {.folder = NULL};
    study all = {.processes = 1};
    if (!parse(count, words, &given, &all)) {
        fputs("usage: faults [-v] [-x] [-j processes] [-s set] [folder] [part]...\n", stderr);
        return EXIT_FAILURE;
    }
    all.is_small = given.folder == NULL;
    all.seeds = all.is_small ? 1 : 3;
    read_sets(&all, &given);
    const bool is_met = given.prints_tables || run(&all, &given);
    if (given.prints_tables)
        print_tables(&all);
    for (size_t i = 0; i < all.set_count; i++)
        table_destroy(&all.tables[i]);
    free(all.tables);
    free(all.sets);
    return is_met ? EXIT_SUCCESS : EXIT_FAILURE;
}
