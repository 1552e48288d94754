#include "check/check_validation.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "check/probability.h"
#include "engine/finding.h"

/*
 * Each column is tested by itself: columns of two values by Fisher's exact test, all others by that of
 * Kolmogorov and Smirnov. The probability of a false alarm is divided among all columns (Bonferroni).
 *
 * In a large sample the slightest difference is significant. It is reported if it also matters: from 0.05
 * on, between the distribution functions or the shares, or where a share is 1.5 times the other.
 */
static const double min_distance = 0.05, min_ratio = 1.5;
/* Fewer cases can hardly be told from others; so few are drawn by hand, or for a test of the program. */
enum { MIN_CASES = 20 };

/* A column of both data sets: that of all inputs, or of all targets. */
typedef struct column_pair {
    const bp_real *training, *validation; /* the first case */
    size_t training_stride, validation_stride;
    bool is_two_valued; /* in training */
    double min, max;    /* in training */
} column_pair;

typedef struct test_result {
    double probability, distance; /* that it is chance; what was found */
} test_result;

/* The columns of one data set against those of the other. */
typedef struct comparison {
    const diagnosis *d;
    bp_real *training, *validation; /* memory for a column of each sample */
} comparison;

static void gather(const bp_real *values, size_t stride, const case_sample *sample, bp_real *column)
{
    for (size_t i = 0; i < sample->count; i++)
        column[i] = values[sample->order[i] * stride];
}

static int compare_reals(const void *a, const void *b)
{
    bp_real x = *(const bp_real *)a, y = *(const bp_real *)b;
    return (x > y) - (x < y);
}

/* The maximum difference of the distribution functions of two sorted samples. */
static double distance_of(const bp_real *a, size_t n, const bp_real *b, size_t m)
{
    double distance = 0;
    for (size_t i = 0, j = 0; i < n && j < m;) {
        bp_real value = a[i] < b[j] ? a[i] : b[j];
        while (i < n && a[i] == value)
            i++;
        while (j < m && b[j] == value)
            j++;
        distance = fmax(distance, fabs((double)i / (double)n - (double)j / (double)m));
    }
    return distance;
}

static test_result test_distribution(const comparison *c)
{
    const size_t n = c->d->training_sample.count, m = c->d->validation_sample.count;
    qsort(c->training, n, sizeof *c->training, compare_reals);
    qsort(c->validation, m, sizeof *c->validation, compare_reals);
    double distance = distance_of(c->training, n, c->validation, m);
    if (distance < min_distance)
        return (test_result){1, 0};
    return (test_result){bpi_kolmogorov_smirnov_test(distance, n, m), distance};
}

static size_t count_of(const bp_real *values, size_t count, double value)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += (double)values[i] == value;
    return found;
}

static bool differs_enough(double a, double b)
{
    double low = fmin(a, b), high = fmax(a, b);
    return high - low >= min_distance || high > min_ratio * low;
}

static test_result test_shares(const comparison *c, size_t a, size_t b)
{
    const size_t n = c->d->training_sample.count, m = c->d->validation_sample.count;
    double share_a = (double)a / (double)n, share_b = (double)b / (double)m;
    if (!differs_enough(share_a, share_b) && !differs_enough(1 - share_a, 1 - share_b))
        return (test_result){1, 0};
    return (test_result){bpi_fisher_test(a, n, b, m), fabs(share_a - share_b)};
}

static test_result test_column(const comparison *c, const column_pair *pair)
{
    const case_sample *training = &c->d->training_sample, *validation = &c->d->validation_sample;
    gather(pair->training, pair->training_stride, training, c->training);
    gather(pair->validation, pair->validation_stride, validation, c->validation);
    size_t low = count_of(c->validation, validation->count, pair->min);
    size_t high = count_of(c->validation, validation->count, pair->max);
    if (pair->is_two_valued && low + high == validation->count)
        return test_shares(c, count_of(c->training, training->count, pair->max), high);
    return test_distribution(c);
}

static double mean_of(const bp_real *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)values[i];
    return sum / (double)count;
}

/* Tests the columns of inputs or targets, and reports the one that is least likely to be chance. */
static void test_columns(diagnosis *d, const comparison *c, const column_statistics *statistics,
                         column_pair pair, size_t columns, bp_finding finding)
{
    const double limit = BPI_FALSE_ALARM / (double)(d->net->input_width + d->net->output_width);
    double lowest = limit;
    finding.count = 0;
    for (size_t i = 0; i < columns; i++, pair.training++, pair.validation++) {
        pair.is_two_valued = statistics[i].is_two_valued;
        pair.min = statistics[i].min;
        pair.max = statistics[i].max;
        const test_result result = test_column(c, &pair);
        finding.count += result.probability < limit;
        if (result.probability > lowest || (result.probability == lowest && finding.count != 1) ||
            result.probability >= limit)
            continue;
        lowest = result.probability;
        finding.column = i;
        finding.values[0] = mean_of(c->training, d->training_sample.count);
        finding.values[1] = mean_of(c->validation, d->validation_sample.count);
        finding.values[2] = result.distance;
        finding.values[3] = result.probability;
    }
    if (finding.count > 0)
        bpi_report(d, &finding);
}

static void test_both(diagnosis *d, const comparison *c)
{
    const column_pair inputs = {.training = d->training.inputs,
                                .training_stride = d->training.input_stride,
                                .validation = d->validation.inputs,
                                .validation_stride = d->validation.input_stride};
    const column_pair targets = {.training = d->training.targets,
                                 .training_stride = d->training.target_stride,
                                 .validation = d->validation.targets,
                                 .validation_stride = d->validation.target_stride};
    test_columns(d, c, d->inputs, inputs, d->net->input_width,
                 bpi_finding(BP_FINDING_VALIDATION_INPUTS, BP_SEVERITY_WARNING));
    test_columns(d, c, d->targets, targets, d->net->output_width,
                 bpi_finding(BP_FINDING_VALIDATION_TARGETS, BP_SEVERITY_WARNING));
}

bp_status bpi_check_validation(diagnosis *d)
{
    if (d->training_sample.count < MIN_CASES || d->validation_sample.count < MIN_CASES)
        return BP_OK;
    comparison c = {.d = d,
                    .training = bpi_allocate(d->allocator, d->training_sample.count, sizeof *c.training),
                    .validation =
                        bpi_allocate(d->allocator, d->validation_sample.count, sizeof *c.validation)};
    bool has_memory = c.training != NULL && c.validation != NULL;
    if (has_memory)
        test_both(d, &c);
    bpi_release(d->allocator, c.training);
    bpi_release(d->allocator, c.validation);
    return has_memory ? BP_OK : bpi_diagnosis_fail_memory(d);
}
