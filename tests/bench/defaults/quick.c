/*
 * Trains with untouched options on small data and demands that nothing goes wrong: no run diverges, each is
 * far better than the best constant, and the mean error of each net is below a bound of the set. Two folds of
 * five are tested.
 *
 *     defaults_quick [-v] <folder with digits.csv> <folder with iris.csv>
 *
 * The bounds leave room for other instruction sets, whose last bits differ: they are about one and a half
 * times the largest error seen.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formulas.h"
#include "trial.h"

typedef struct check {
    const char *name;
    table (*make)(void); /* NULL: read from a file */
    const char *file;
    csv_layout layout;
    size_t cases;     /* the first so many; 0: all */
    double margin;    /* every error is below this share of the constant's */
    double bound;     /* every net's mean error is below it */
    bool has_plateau; /* two layers of logistic units may stay at the error of the constant: not asked of them
                       */
} check;

static const check checks[] = {
    {.name = "digits",
     .file = "digits.csv",
     .layout = {false, ',', -1, true},
     .cases = 600,
     .margin = 0.2,
     .bound = 0.08},
    {.name = "iris", .file = "iris.csv", .layout = {true, ',', -1, true}, .margin = 0.6, .bound = 0.25},
    {.name = "xor", .make = make_xor, .margin = 0.3, .bound = 0.1, .has_plateau = true},
    {.name = "xor, irrelevant columns",
     .make = make_xor_irrelevant,
     .margin = 0.3,
     .bound = 0.1,
     .has_plateau = true},
    {.name = "spirals", .make = make_spirals, .margin = 0.3, .bound = 0.08},
    {.name = "sine", .make = make_sine, .margin = 0.15, .bound = 0.08},
    {.name = "Friedman 1", .make = make_friedman, .margin = 0.5, .bound = 0.35},
    {.name = "Monk's rule", .make = make_monks, .margin = 0.2, .bound = 0.05, .has_plateau = true},
    {.name = "heavy tails", .make = make_heavy_tails, .margin = 0.7, .bound = 0.28},
    {.name = "unequal columns", .make = make_unequal_columns, .margin = 0.1, .bound = 0.04},
    {.name = "near-constant columns", .make = make_near_constant, .margin = 0.1, .bound = 0.04},
    {.name = "bits", .make = make_bits, .margin = 0.2, .bound = 0.04},
};

enum { CHECKS = sizeof checks / sizeof checks[0], QUICK_FOLDS = 2, TWO_LOGISTIC_LAYERS = 3 };

static table get_data(const check *wanted, char **folders)
{
    table data;
    if (wanted->make != NULL)
        return wanted->make();
    data = table_read(folders[strcmp(wanted->file, "iris.csv") == 0], wanted->file, &wanted->layout);
    if (wanted->cases > 0)
        table_shorten(&data, wanted->cases);
    return data;
}

/* Returns the number of complaints. */
static int check_net(const check *wanted, const table *data, unsigned net, bool verbose)
{
    const setting defaults = {0};
    const bool may_fail = wanted->has_plateau && net == TWO_LOGISTIC_LAYERS;
    double mean = 0;
    int complaints = 0;
    for (unsigned fold = 0; fold < QUICK_FOLDS; fold++) {
        outcome found = run_trial(data, 0, fold, net, &defaults);
        mean += found.error / QUICK_FOLDS;
        if (verbose)
            printf("%s, %s, fold %u: error %.4f, constant %.4f, %zu epochs, %.3f s\n", wanted->name,
                   net_names[net], fold, found.error, found.constant, found.epochs, found.seconds);
        bool learned = may_fail || found.error < wanted->margin * found.constant;
        if (found.status == BP_OK && learned)
            continue;
        printf("%s, %s, fold %u: error %.4f, %g of the constant's %.4f wanted; %s\n", wanted->name,
               net_names[net], fold, found.error, wanted->margin, found.constant,
               bp_status_string(found.status));
        complaints++;
    }
    if (may_fail || mean < wanted->bound)
        return complaints;
    printf("%s, %s: mean error %.4f, below %g wanted\n", wanted->name, net_names[net], mean, wanted->bound);
    return complaints + 1;
}

int main(int count, char **words)
{
    bool verbose = count > 1 && strcmp(words[1], "-v") == 0;
    if (count != 3 + verbose) {
        fputs("usage: defaults_quick [-v] <folder with digits.csv> <folder with iris.csv>\n", stderr);
        return EXIT_FAILURE;
    }
    int complaints = 0;
    for (size_t i = 0; i < CHECKS; i++) {
        table data = get_data(&checks[i], words + 1 + verbose);
        for (unsigned net = 0; net < NETS; net++)
            complaints += check_net(&checks[i], &data, net, verbose);
        table_destroy(&data);
    }
    return complaints == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
