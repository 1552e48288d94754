/* The figures of predictions against those of scikit-learn: data/metrics.txt, made by data/make_metrics.py.
 */
#include "support/arrays.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CLASSES = 20, NAME = 32 };

/* A set of the file, with what the library makes of it. */
typedef struct metric_set {
    FILE *file;
    int number;
    size_t cases, columns, classes;
    int weighted;
    bp_real *outputs, *targets, *weights;
    bp_data data;
    bp_regression_result by_column[MOST_CLASSES], all;
    bp_class_result each[MOST_CLASSES];
    bp_classification_result result;
    double confusion[MOST_CLASSES * MOST_CLASSES];
    size_t compared;
} metric_set;

static bp_real read_number(FILE *file, double unit)
{
    double number;
    assert_int_equal(fscanf(file, "%lf", &number), 1);
    return (bp_real)(number / unit);
}

static void read_rows(metric_set *set)
{
    set->outputs = new_reals(set->cases * set->columns);
    set->targets = new_reals(set->cases * set->columns);
    set->weights = new_reals(set->cases);
    for (size_t row = 0; row < set->cases; row++) {
        for (size_t i = 0; i < set->columns; i++)
            set->outputs[row * set->columns + i] = read_number(set->file, 1024);
        for (size_t i = 0; i < set->columns; i++)
            set->targets[row * set->columns + i] = read_number(set->file, 1024);
        if (set->weighted)
            set->weights[row] = read_number(set->file, 16);
    }
    set->data = bp_data_view(set->cases, NULL, 0, set->targets, set->columns);
    set->data.case_weights = set->weighted ? set->weights : NULL;
}

static void free_rows(metric_set *set)
{
    free(set->outputs);
    free(set->targets);
    free(set->weights);
}

/* ------------------------------------------------------------------ figures by name */

typedef struct named {
    const char *name;
    size_t place;
} named;

#define OF(type, member)                                                                                     \
    {                                                                                                        \
#member, offsetof(type, member)                                                                      \
    }
static const named of_numbers[] = {
    OF(bp_regression_result, rmse),
    OF(bp_regression_result, mae),
    OF(bp_regression_result, r2),
    OF(bp_regression_result, mean_error),
    OF(bp_regression_result, weight),
    OF(bp_regression_result, max_abs_error),
    {NULL, 0},
};
static const named of_class[] = {
    OF(bp_class_result, precision),
    OF(bp_class_result, recall),
    OF(bp_class_result, f1),
    OF(bp_class_result, auc),
    {"class_weight", offsetof(bp_class_result, weight)},
    {NULL, 0},
};
static const named of_classes[] = {
    OF(bp_classification_result, weight),
    OF(bp_classification_result, accuracy),
    OF(bp_classification_result, balanced_accuracy),
    OF(bp_classification_result, macro_precision),
    OF(bp_classification_result, macro_f1),
    OF(bp_classification_result, macro_auc),
    OF(bp_classification_result, weighted_precision),
    OF(bp_classification_result, weighted_f1),
    OF(bp_classification_result, top_k_accuracy),
    OF(bp_classification_result, log_loss),
    OF(bp_classification_result, brier),
    {NULL, 0},
};

static const double *find(const named *names, const char *name, const void *result)
{
    for (; names->name != NULL; names++)
        if (strcmp(names->name, name) == 0)
            return (const double *)(const void *)((const char *)result + names->place);
    return NULL;
}

static double figure_of(const metric_set *set, int is_regression, const char *name)
{
    char *end;
    char base[NAME];
    const char *blank = strchr(name, ' ');
    size_t index = blank == NULL ? 0 : strtoul(blank, &end, 10);
    const double *found = NULL;
    snprintf(base, sizeof base, "%.*s", (int)(blank == NULL ? strlen(name) : (size_t)(blank - name)), name);
    if (is_regression)
        found = strncmp(base, "column_", 7) == 0 ? find(of_numbers, base + 7, &set->by_column[index])
                                                 : find(of_numbers, base, &set->all);
    else if (strcmp(base, "confusion") == 0)
        found = &set->confusion[index];
    else if (blank != NULL)
        found = find(of_class, base, &set->each[index]);
    else if (strcmp(base, "correct") == 0)
        return (double)set->result.correct;
    else
        found = find(of_classes, base, &set->result);
    if (found == NULL)
        fail_msg("set %d: no figure '%s'", set->number, name);
    return *found;
}

/* 1e-12 of the figure; R2 and means of signed errors are small differences of larger numbers. */
static void compare(metric_set *set, int is_regression, const char *name, double wanted)
{
    const double got = figure_of(set, is_regression, name);
    const double allowed = 1e-12 * (is_regression ? fmax(fabs(wanted), 1) : fabs(wanted));
    const int good = isnan(wanted) ? isnan(got) : fabs(got - wanted) <= allowed;
    if (!good)
        fail_msg("set %d of data/metrics.txt: %s is %.17g, but %.17g for scikit-learn", set->number, name,
                 got, wanted);
    set->compared++;
}

static void compare_all(metric_set *set, int is_regression)
{
    char line[256];
    while (fgets(line, sizeof line, set->file) != NULL) {
        char *last = strrchr(line, ' ');
        if (strcmp(line, "end\n") == 0)
            return;
        if (line[0] == '\n')
            continue;
        assert_non_null(last);
        *last = 0;
        compare(set, is_regression, line, strtod(last + 1, NULL));
    }
    fail_msg("set %d has no end", set->number);
}

/* ---------------------------------------------------------------------------- sets */

static void test_regression(metric_set *set)
{
    assert_int_equal(fscanf(set->file, "%zu %zu %d", &set->cases, &set->columns, &set->weighted), 3);
    read_rows(set);
    bp_regression_result_init(set->by_column, sizeof set->by_column[0], set->columns);
    bp_regression_result_init(&set->all, sizeof set->all, 1);
    assert_ok(bp_regression_metrics(set->outputs, &set->data, set->by_column, &set->all));
    compare_all(set, 1);
}

static void test_classes(metric_set *set)
{
    char threshold[NAME];
    bp_classification_options options;
    bp_classification_options_init(&options, sizeof options);
    assert_int_equal(fscanf(set->file, "%zu %zu %d %31s %zu", &set->cases, &set->columns, &set->weighted,
                            threshold, &options.top_k),
                     5);
    if (strcmp(threshold, "auto") != 0)
        options.threshold = strtod(threshold, NULL);
    read_rows(set);
    bp_class_result_init(set->each, sizeof set->each[0], MOST_CLASSES);
    bp_classification_result_init(&set->result, sizeof set->result);
    assert_ok(bp_classification_metrics(set->outputs, &set->data, &options, set->confusion, set->each,
                                        &set->result));
    assert_int_equal(set->result.cases, set->cases);
    assert_int_equal(set->result.classes, set->columns == 1 ? 2 : set->columns);
    compare_all(set, 0);
}

static void test_all_sets(void **state)
{
    (void)state;
    char kind[NAME];
    metric_set set = {.file = fopen("data/metrics.txt", "r")};
    assert_non_null(set.file);
    assert_int_equal(fscanf(set.file, "#%*[^\n]"), 0);
    while (fscanf(set.file, "%31s", kind) == 1) {
        set.number++;
        if (strcmp(kind, "regression") == 0)
            test_regression(&set);
        else
            test_classes(&set);
        free_rows(&set);
    }
    fclose(set.file);
    assert_int_equal(set.number, 44);
    assert_true(set.compared > 1500);
    print_message("%d sets, %zu figures\n", set.number, set.compared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all_sets)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
