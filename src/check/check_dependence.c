#include "check/check_dependence.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "engine/finding.h"
#include "engine/truth_table.h"

/*
 * Targets are called random if four tests cannot tell them from targets that are dealt out to the cases at
 * random: what the nearest cases have in common, the one and the ten of them; what a linear function explains
 * by the covariances of the columns; and what linear models find that are fitted to one half of the cases, in
 * the other half. Each may err in 1.5 % of the tables of random targets, which are then not reported.
 *
 * A dependence that none of them sees would be reported by mistake. If the ten nearest cases, or a linear
 * function, explain a quarter of the variance, the probability is at most BPI_FALSE_ALARM; with so few cases
 * for so many columns that this is not so, nothing is reported.
 */
static const double significant = 2.43;                /* of a normal variable, two-sided: 1.5 % lie beyond */
static const double visible_share = 0.25, sure = 3.09; /* one-sided: 1e-3 lie beyond */

/* The covariances are those of fewer cases if there are many columns; multiply-adds. */
static const double max_work = 3e7;

typedef struct dependence {
    agreement nearest, near, linear;
    double correlation;       /* of predictions with targets */
    double correlation_score; /* in standard deviations by chance */
} dependence;

static void subtract_means(bp_real *values, size_t cases, size_t columns)
{
    for (size_t j = 0; j < columns; j++) {
        double sum = 0;
        for (size_t i = 0; i < cases; i++)
            sum += (double)values[i * columns + j];
        for (size_t i = 0; i < cases; i++)
            values[i * columns + j] -= (bp_real)(sum / (double)cases);
    }
}

/* Predictions and targets of a half of the cases, whose columns have the mean 0. */
typedef struct half {
    const bp_real *predictions, *targets;
    size_t cases, columns;
} half;

static double sum_of_products(const bp_real *a, const bp_real *b, size_t count, size_t stride)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)a[i * stride] * (double)b[i * stride];
    return sum;
}

/* The standard deviation of the sum of products over all permutations of the targets: the products of the
 * columns of the two, multiplied and summed, are (n - 1) times its variance. */
static double deviation_by_chance(const half *h)
{
    double sum = 0;
    for (size_t a = 0; a < h->columns; a++)
        for (size_t b = 0; b < h->columns; b++)
            sum += sum_of_products(h->predictions + a, h->predictions + b, h->cases, h->columns) *
                   sum_of_products(h->targets + a, h->targets + b, h->cases, h->columns);
    return sqrt(sum / ((double)h->cases - 1));
}

/* The halves say nearly the same, since what one has learned from the other is tested the other way round: so
 * their deviations are added, not their variances. */
static void test_correlation(const half halves[2], dependence *found)
{
    double sum = 0, deviation = 0, predictions = 0, targets = 0;
    for (const half *h = halves; h < halves + 2; h++) {
        const size_t count = h->cases * h->columns;
        sum += sum_of_products(h->predictions, h->targets, count, 1);
        predictions += sum_of_products(h->predictions, h->predictions, count, 1);
        targets += sum_of_products(h->targets, h->targets, count, 1);
        deviation += deviation_by_chance(h);
    }
    found->correlation = predictions > 0 ? sum / sqrt(predictions * targets) : 0;
    found->correlation_score = deviation > 0 ? sum / deviation : 0;
}

/* ----------------------------------------------------------------------- all tests */

/* The cases of which all covariances cost so much at most, by rows or by columns. */
static size_t affordable_cases(const case_rows *rows)
{
    const double columns = (double)rows->inputs;
    const double cases = fmax(2 * max_work / (columns * columns), sqrt(2 * max_work / columns));
    return (size_t)fmin(cases, (double)rows->count);
}

/* Memory of all tests: a row for each training case. */
typedef struct test_memory {
    bp_real *inputs, *targets, *predictions;
} test_memory;

static void test_covariances(const baseline *b, const test_memory *memory, dependence *found)
{
    const case_rows *rows = &b->training.rows;
    const size_t cases = affordable_cases(rows), width = rows->inputs - 1, columns = rows->targets;
    for (size_t i = 0; i < cases; i++) {
        memcpy(memory->inputs + i * width, bpi_inputs_of(rows, i), width * sizeof *memory->inputs);
        memcpy(memory->targets + i * columns, bpi_targets_of(rows, i), columns * sizeof *memory->targets);
    }
    subtract_means(memory->inputs, cases, width);
    subtract_means(memory->targets, cases, columns);
    found->linear = bpi_find_linear_share(&(case_values){cases, width, memory->inputs},
                                          &(case_values){cases, columns, memory->targets});
}

static void test_neighbours(const baseline *b, const test_memory *memory, dependence *found)
{
    const case_rows *rows = &b->training.rows;
    const size_t columns = rows->targets;
    const case_values values = {rows->count, columns, memory->targets};
    for (size_t i = 0; i < rows->count; i++)
        memcpy(memory->targets + i * columns, bpi_targets_of(rows, i), columns * sizeof *memory->targets);
    subtract_means(memory->targets, rows->count, columns);
    found->nearest = bpi_find_agreement(&b->neighbours, 1, &values);
    found->near = bpi_find_agreement(&b->neighbours, AGREEMENT_NEIGHBOURS, &values);
}

/* After test_neighbours, which has copied the targets. */
static void test_predictions(const baseline *b, const test_memory *memory, dependence *found)
{
    const case_rows *rows = &b->training.rows;
    const size_t columns = rows->targets, first = rows->count / 2, offset = first * columns;
    const half halves[2] = {
        {memory->predictions, memory->targets, first, columns},
        {memory->predictions + offset, memory->targets + offset, rows->count - first, columns}};
    memcpy(memory->predictions, b->training.linear, rows->count * columns * sizeof *memory->predictions);
    for (size_t i = 0; i < 2; i++) {
        subtract_means(memory->targets + i * offset, halves[i].cases, columns);
        subtract_means(memory->predictions + i * offset, halves[i].cases, columns);
    }
    test_correlation(halves, found);
}

/* Is the share larger, or smaller, than by chance? */
static bool differs(const agreement *a)
{
    return fabs(a->share - a->expected) > significant * a->deviation;
}

static bool is_visible(const agreement *a)
{
    return a->deviation > 0 && (significant + sure) * a->deviation <= visible_share;
}

static void judge(diagnosis *d, const baseline *b, const dependence *found)
{
    const agreement *near = &found->near, *linear = &found->linear;
    if (!is_visible(near) || !is_visible(linear) || differs(near) || differs(linear) ||
        differs(&found->nearest) || found->correlation_score > significant)
        return;
    bp_finding finding = bpi_finding(BP_FINDING_RANDOM_TARGETS, BP_SEVERITY_WARNING);
    finding.count = b->training.rows.count;
    finding.values[0] = near->share;
    finding.values[1] = near->expected + significant * near->deviation;
    finding.values[2] = found->correlation;
    bpi_report(d, &finding);
}

bp_status bpi_check_dependence(diagnosis *d, const baseline *b)
{
    const case_rows *rows = &b->training.rows;
    const size_t inputs = rows->count * rows->inputs, targets = rows->count * rows->targets;
    dependence found;
    if (bpi_is_truth_table(&d->training)) /* which is no sample */
        return BP_OK;
    bp_real *block = bpi_allocate(d->allocator, inputs + 2 * targets, sizeof *block);
    if (block == NULL)
        return bpi_diagnosis_fail_memory(d);
    const test_memory memory = {block, block + inputs, block + inputs + targets};
    test_covariances(b, &memory, &found);
    test_neighbours(b, &memory, &found);
    test_predictions(b, &memory, &found);
    bpi_release(d->allocator, block);
    judge(d, b, &found);
    return BP_OK;
}
