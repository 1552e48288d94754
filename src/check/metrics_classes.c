/* bp_classification_metrics: figures of outputs that stand for classes. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "base/sum.h"
#include "check/auc.h"
#include "check/class_probability.h"
#include "check/class_rows.h"
#include "engine/evaluate.h"

/* What is summed of a class; weights have the factor of metric_rows. */
typedef struct class_sums {
    size_t cases, predicted;
    long_sum weight, predicted_weight, correct_weight;
} class_sums;

typedef struct classification {
    const char *function;
    bp_classification_options options;
    bp_allocator allocator;
    class_rows classes;
    class_sums *sums;      /* one per class */
    scored_case *scores;   /* of the cases of one class */
    bp_class_result *each; /* one per class */
    size_t correct;
    bool has_probabilities;
    long_sum top_k, log_loss, brier;
} classification;

static const bp_classification_options default_options = {
    .size = sizeof default_options, .top_k = 2, .threshold = BP_THRESHOLD_AUTO};

void bp_classification_options_init(bp_classification_options *options, size_t size)
{
    bpi_init_struct(SIZED_CLASSIFICATION_OPTIONS, options, size, &default_options);
}

void bp_class_result_init(bp_class_result *results, size_t size, size_t count)
{
    bpi_init_structs(SIZED_CLASS_RESULT, results, size, count);
}

void bp_classification_result_init(bp_classification_result *result, size_t size)
{
    bpi_init_struct(SIZED_CLASSIFICATION_RESULT, result, size, NULL);
}

static bp_status read_options(classification *c, const bp_classification_options *options)
{
    c->options = default_options;
    if (options != NULL)
        BPI_TRY(bpi_read_struct(c->function, SIZED_CLASSIFICATION_OPTIONS, options, &c->options));
    BPI_TRY(bpi_allocator_choose(&c->allocator, c->function, &c->options.allocator));
    if (!isfinite(c->options.threshold))
        return bpi_fail(BP_ERROR_NOT_FINITE, "%s: options.threshold is %s", c->function,
                        bpi_format_real(c->options.threshold).text);
    if (c->options.top_k == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.top_k is 0, it must be >= 1", c->function);
    return BP_OK;
}

/* ------------------------------------------------------------------------- counting */

/* Is the true class among the k highest outputs? Of equal ones the last is the highest. */
static bool is_in_top(const classification *c, size_t row, size_t guess)
{
    const bp_real *y = class_outputs(&c->classes, row);
    const size_t truth = c->classes.truths[row];
    size_t higher = 0;
    if (c->classes.columns == 1)
        return guess == truth || c->options.top_k > 1;
    for (size_t k = 0; k < c->classes.columns; k++)
        higher += y[k] > y[truth] || (y[k] == y[truth] && k > truth);
    return higher < c->options.top_k;
}

static void add_row(classification *c, size_t row, double *confusion)
{
    const class_rows *classes = &c->classes;
    const double weight = weight_of(&classes->all, row);
    const size_t truth = classes->truths[row];
    const size_t guess = bpi_class_of(class_outputs(classes, row), classes->columns, classes->threshold);
    c->sums[truth].cases++;
    c->sums[guess].predicted++;
    bpi_sum_add(&c->sums[truth].weight, weight);
    bpi_sum_add(&c->sums[guess].predicted_weight, weight);
    if (guess == truth) {
        c->correct++;
        bpi_sum_add(&c->sums[truth].correct_weight, weight);
    }
    if (is_in_top(c, row, guess))
        bpi_sum_add(&c->top_k, weight);
    if (c->has_probabilities) {
        bpi_sum_add(&c->log_loss, weight * bpi_class_log_loss(classes, row));
        bpi_sum_add(&c->brier, weight * bpi_class_brier(classes, row));
    }
    if (confusion != NULL)
        confusion[truth * classes->classes + guess] += weight / classes->all.weight_factor;
}

static void add_rows(classification *c, double *confusion)
{
    const size_t classes = c->classes.classes;
    if (confusion != NULL)
        memset(confusion, 0, classes * classes * sizeof *confusion);
    c->has_probabilities = bpi_class_has_probabilities(&c->classes);
    for (size_t row = 0; row < c->classes.all.count; row++)
        add_row(c, row, confusion);
}

/* ------------------------------------------------------------- figures of one class */

/* Of column `column`, whose output is the score of class `class`. */
static double find_auc(classification *c, size_t class, size_t column)
{
    const class_rows *classes = &c->classes;
    size_t count = 0;
    long_sum above = {0}, others = {0};
    for (size_t row = 0; row < classes->all.count; row++) {
        const double weight = weight_of(&classes->all, row);
        if (classes->truths[row] == class && weight > 0)
            c->scores[count++] = (scored_case){(double)class_outputs(classes, row)[column], weight};
    }
    bpi_auc_sort(c->scores, count);
    for (size_t row = 0; row < classes->all.count; row++) {
        const double weight = weight_of(&classes->all, row);
        if (classes->truths[row] == class || weight == 0)
            continue;
        double score = (double)class_outputs(classes, row)[column];
        bpi_sum_add(&above, weight * bpi_auc_above(c->scores, count, score));
        bpi_sum_add(&others, weight);
    }
    double all_others = bpi_sum_value(&others);
    return count == 0 || all_others == 0 ? NAN : bpi_sum_value(&above) / all_others / c->scores[0].weight;
}

static double ratio(double part, double whole)
{
    return whole == 0 ? NAN : part / whole;
}

static bp_class_result figures_of(const classification *c, size_t class)
{
    const class_sums *sums = &c->sums[class];
    const double weight = bpi_sum_value(&sums->weight);
    const double predicted = bpi_sum_value(&sums->predicted_weight);
    const double correct = bpi_sum_value(&sums->correct_weight);
    const double factor = c->classes.all.weight_factor;
    return (bp_class_result){.size = sizeof(bp_class_result),
                             .cases = sums->cases,
                             .predicted = sums->predicted,
                             .weight = weight / factor,
                             .predicted_weight = predicted / factor,
                             .precision = ratio(correct, predicted),
                             .recall = ratio(correct, weight),
                             .f1 = ratio(2 * correct, weight + predicted)};
}

static void find_each(classification *c)
{
    for (size_t k = 0; k < c->classes.classes; k++)
        c->each[k] = figures_of(c, k);
    if (c->classes.columns == 1) { /* low outputs speak for class 0 as high ones do for class 1 */
        c->each[1].auc = c->each[0].auc = find_auc(c, 1, 0);
        return;
    }
    for (size_t k = 0; k < c->classes.classes; k++)
        c->each[k].auc = find_auc(c, k, k);
}

/* ----------------------------------------------------------- figures of all classes */

/* A figure in each class, by the place of its member. */
static double figure(const bp_class_result *class, size_t place)
{
    double value;
    memcpy(&value, (const unsigned char *)class + place, sizeof value);
    return value;
}

/* The mean of a figure over the classes where it is not NaN, with the weights of the classes if wanted. */
static double mean_of(const classification *c, size_t place, bool weighted)
{
    double sum = 0, weight = 0;
    for (size_t k = 0; k < c->classes.classes; k++) {
        const double value = figure(&c->each[k], place);
        const double share = weighted ? bpi_sum_value(&c->sums[k].weight) : 1;
        if (isnan(value))
            continue;
        sum += share * value;
        weight += share;
    }
    return weighted && weight == 0 ? mean_of(c, place, false) : ratio(sum, weight);
}

static double correct_weight(const classification *c)
{
    double sum = 0;
    for (size_t k = 0; k < c->classes.classes; k++)
        sum += bpi_sum_value(&c->sums[k].correct_weight);
    return sum;
}

static bp_classification_result figures_of_all(const classification *c)
{
    const metric_rows *all = &c->classes.all;
    return (bp_classification_result){
        .size = sizeof(bp_classification_result),
        .cases = all->count,
        .classes = c->classes.classes,
        .correct = c->correct,
        .top_k = c->options.top_k,
        .threshold = c->classes.threshold,
        .weight = all->weight / all->weight_factor,
        .accuracy = correct_weight(c) / all->weight,
        .balanced_accuracy = mean_of(c, offsetof(bp_class_result, recall), false),
        .top_k_accuracy = bpi_sum_value(&c->top_k) / all->weight,
        .macro_precision = mean_of(c, offsetof(bp_class_result, precision), false),
        .macro_f1 = mean_of(c, offsetof(bp_class_result, f1), false),
        .macro_auc = mean_of(c, offsetof(bp_class_result, auc), false),
        .weighted_precision = mean_of(c, offsetof(bp_class_result, precision), true),
        .weighted_f1 = mean_of(c, offsetof(bp_class_result, f1), true),
        .log_loss = c->has_probabilities ? bpi_sum_value(&c->log_loss) / all->weight : NAN,
        .brier = c->has_probabilities ? bpi_sum_value(&c->brier) / all->weight : NAN,
    };
}

/* -------------------------------------------------------------------- the whole call */

/* As many as any class has cases: the cases of each class are counted in `cases` first. */
static size_t most_cases(const classification *c)
{
    size_t most = 0;
    for (size_t row = 0; row < c->classes.all.count; row++)
        c->sums[c->classes.truths[row]].cases++;
    for (size_t k = 0; k < c->classes.classes; k++) {
        most = c->sums[k].cases > most ? c->sums[k].cases : most;
        c->sums[k].cases = 0;
    }
    return most;
}

static bool allocate(classification *c)
{
    c->sums = bpi_allocate_zeroed(&c->allocator, c->classes.classes, sizeof *c->sums);
    c->each = bpi_allocate(&c->allocator, c->classes.classes, sizeof *c->each);
    if (c->sums != NULL && c->each != NULL)
        c->scores = bpi_allocate(&c->allocator, most_cases(c), sizeof *c->scores);
    return c->scores != NULL;
}

static void clear(classification *c)
{
    bpi_release(&c->allocator, c->classes.truths);
    bpi_release(&c->allocator, c->sums);
    bpi_release(&c->allocator, c->each);
    bpi_release(&c->allocator, c->scores);
}

static void measure(classification *c, double *confusion, bp_class_result *each,
                    bp_classification_result *result)
{
    add_rows(c, confusion);
    find_each(c);
    if (each != NULL)
        bpi_write_structs(SIZED_CLASS_RESULT, each, c->each, c->classes.classes);
    const bp_classification_result found = figures_of_all(c);
    if (result != NULL)
        bpi_write_struct(SIZED_CLASSIFICATION_RESULT, result, &found);
}

bp_status bp_classification_metrics(const bp_real *outputs, const bp_data *data,
                                    const bp_classification_options *options, double *confusion,
                                    bp_class_result *each, bp_classification_result *result)
{
    classification c = {.function = __func__};
    BPI_REQUIRE(outputs);
    BPI_REQUIRE(data);
    BPI_TRY(bpi_metric_rows(__func__, outputs, data, false, &c.classes.all));
    BPI_TRY(read_options(&c, options));
    if (result != NULL)
        BPI_TRY(bpi_check_result_struct(__func__, SIZED_CLASSIFICATION_RESULT, result));
    BPI_TRY(bpi_class_rows(__func__, &c.options, &c.allocator, &c.classes));
    bp_status status = BP_OK;
    if (each != NULL)
        status = bpi_check_result_structs(__func__, SIZED_CLASS_RESULT, "each", each, c.classes.classes);
    if (status == BP_OK && !allocate(&c))
        status = bpi_fail(BP_ERROR_MEMORY, "%s: out of memory for %zu classes of %zu cases", __func__,
                          c.classes.classes, c.classes.all.count);
    if (status == BP_OK)
        measure(&c, confusion, each, result);
    clear(&c);
    return status;
}
