#include "check/check_equal_cases.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/real.h"
#include "base/status.h"
#include "check/best_constant.h"
#include "check/equal_rows.h"
#include "check/probability.h"
#include "engine/finding.h"

static bool inputs_are_equal(const bp_data *a, size_t row_a, const bp_data *b, size_t row_b)
{
    return bpi_rows_are_equal(input_row(a, row_a), input_row(b, row_b), a->input_width);
}

static bool targets_are_equal(const bp_data *a, size_t row_a, const bp_data *b, size_t row_b)
{
    return bpi_rows_are_equal(target_row(a, row_a), target_row(b, row_b), a->target_width);
}

/* ------------------------------------------------------------------------ rounding */

static int compare_reals(const void *a, const void *b)
{
    const bp_real x = *(const bp_real *)a, y = *(const bp_real *)b;
    return (x > y) - (x < y);
}

/* Sorts the values; the least difference of two that differ, or infinity. */
static double least_difference(bp_real *values, size_t count)
{
    double least = INFINITY;
    qsort(values, count, sizeof *values, compare_reals);
    for (size_t i = 1; i < count; i++)
        if (values[i] != values[i - 1])
            least = fmin(least, (double)values[i] - (double)values[i - 1]);
    return least;
}

/*
 * Are the values so large that bp_real hardly tells neighbours apart, such as seconds since 1970? Then cases
 * may be equal by rounding alone. Only where an offset would help: the values differ by an eighth of
 * themselves at most.
 */
static bool is_too_coarse(const diagnosis *d, size_t column, bp_real *memory)
{
    const double most_spread = 0.125;
    const column_statistics *statistics = &d->inputs[column];
    const double largest = fmax(fabs(statistics->min), fabs(statistics->max));
    if (statistics->min == statistics->max || statistics->max - statistics->min > most_spread * largest)
        return false;
    for (size_t i = 0; i < d->training.cases; i++)
        memory[i] = input_row(&d->training, i)[column];
    return least_difference(memory, d->training.cases) <= largest * BPI_REAL_EPSILON;
}

/* Sets finding->column to the first such column, if there is one. */
static bp_status find_coarse_column(diagnosis *d, bp_finding *finding)
{
    bp_real *memory = bpi_allocate(d->allocator, d->training.cases, sizeof *memory);
    if (memory == NULL)
        return bpi_diagnosis_fail_memory(d);
    for (size_t i = 0; i < d->training.input_width && finding->column == BP_NO_INDEX; i++)
        if (is_too_coarse(d, i, memory))
            finding->column = i;
    bpi_release(d->allocator, memory);
    return BP_OK;
}

/* ------------------------------------------------------------------------ contrary */

/* A WARNING if so large a share of the cases contradict each other. */
static const double many_contrary = 0.05;

/* Cases with equal inputs, sorted hashes first .. end - 1. Cases whose hashes alone are equal, one pair of
 * 2^64, are told by comparing them with the first of the group, and left out. */
typedef struct equal_group {
    const hashed_row *rows;
    size_t first, end;
} equal_group;

/* The first case of the group whose targets differ from those of its first case, or end. */
static size_t find_contrary(const diagnosis *d, const equal_group *group)
{
    const bp_data *data = &d->training;
    const size_t first = group->rows[group->first].row;
    for (size_t i = group->first + 1; i < group->end; i++)
        if (inputs_are_equal(data, first, data, group->rows[i].row) &&
            !targets_are_equal(data, first, data, group->rows[i].row))
            return i;
    return group->end;
}

/* Adds the group to the finding; *least is E that no network can go below, so far. */
static void add_contrary(const diagnosis *d, const equal_group *group, size_t contrary, best_constant *best,
                         bp_finding *finding, double *least)
{
    const size_t first = group->rows[group->first].row;
    bpi_best_constant_begin(best);
    for (size_t i = group->first; i < group->end; i++) {
        if (!inputs_are_equal(&d->training, first, &d->training, group->rows[i].row))
            continue;
        finding->count++;
        bpi_best_constant_add(best, group->rows[i].row);
    }
    *least += bpi_best_constant_error(best);
    if ((double)first < finding->values[0]) {
        finding->values[0] = (double)first;
        finding->values[1] = (double)group->rows[contrary].row;
    }
}

static void find_all_contrary(const diagnosis *d, const hashed_row *rows, best_constant *best,
                              bp_finding *finding, double *least)
{
    equal_group group = {.rows = rows};
    for (; group.first < d->training.cases; group.first = group.end) {
        group.end = bpi_end_of_equal_hashes(rows, d->training.cases, group.first);
        size_t contrary = find_contrary(d, &group);
        if (contrary < group.end)
            add_contrary(d, &group, contrary, best, finding, least);
    }
}

static bp_status check_contrary(diagnosis *d)
{
    best_constant best;
    bp_finding finding = bpi_finding(BP_FINDING_CONTRARY_TARGETS, BP_SEVERITY_NOTE);
    double least = 0;
    finding.count = 0;
    finding.values[0] = INFINITY;
    hashed_row *rows = bpi_hash_cases(d->allocator, &d->training, false);
    bool has_memory = bpi_best_constant_create(&best, d) && rows != NULL;
    if (has_memory)
        find_all_contrary(d, rows, &best, &finding, &least);
    bpi_best_constant_clear(&best);
    bpi_release(d->allocator, rows);
    if (!has_memory)
        return bpi_diagnosis_fail_memory(d);
    if (finding.count == 0)
        return BP_OK;
    finding.values[2] = (double)d->training.cases;
    finding.values[3] = bpi_best_constant_is_known(d) ? least / (double)d->training.cases : NAN;
    if ((double)finding.count > many_contrary * (double)d->training.cases)
        finding.severity = BP_SEVERITY_WARNING;
    BPI_TRY(find_coarse_column(d, &finding));
    bpi_report(d, &finding);
    return BP_OK;
}

/* -------------------------------------------------------------------------- shared */

/* The training case that equals a validation case, targets too; or the number of cases. */
static size_t find_twin(const diagnosis *d, const hashed_row *rows, const hashed_row *wanted)
{
    const size_t cases = d->training.cases;
    size_t i = bpi_find_hash(rows, cases, wanted->hash);
    for (; i < cases && rows[i].hash == wanted->hash; i++)
        if (inputs_are_equal(&d->training, rows[i].row, &d->validation, wanted->row) &&
            targets_are_equal(&d->training, rows[i].row, &d->validation, wanted->row))
            return rows[i].row;
    return cases;
}

/* Training cases that have an equal one among the training cases, beside themselves. */
static size_t count_twins(const hashed_row *rows, size_t cases)
{
    size_t twins = 0;
    for (size_t first = 0, end; first < cases; first = end) {
        end = bpi_end_of_equal_hashes(rows, cases, first);
        twins += end - first > 1 ? end - first : 0;
    }
    return twins;
}

/*
 * Where few different inputs are possible, as with answers of yes and no, new cases are like old ones by
 * themselves. As many of the validation cases are then in the training set as of the training cases have a
 * twin there; the share is taken three standard errors higher. More is a WARNING.
 */
static bp_severity judge_shared(const diagnosis *d, const hashed_row *rows, size_t shared)
{
    enum { STANDARD_ERRORS = 3 };
    double twins = (double)count_twins(rows, d->training.cases);
    twins += STANDARD_ERRORS * (sqrt(twins) + 1);
    double share = fmin(1, twins / (double)d->training.cases);
    double chance = bpi_binomial_tail(d->validation.cases, share, shared);
    return chance < BPI_FALSE_ALARM ? BP_SEVERITY_WARNING : BP_SEVERITY_NOTE;
}

static bp_status count_shared(diagnosis *d, const hashed_row *rows, const hashed_row *validation)
{
    bp_finding finding = bpi_finding(BP_FINDING_SHARED_CASES, BP_SEVERITY_NOTE);
    finding.count = 0;
    finding.values[0] = INFINITY;
    for (size_t i = 0; i < d->validation.cases; i++) {
        size_t twin = find_twin(d, rows, &validation[i]);
        if (twin == d->training.cases)
            continue;
        finding.count++;
        if ((double)validation[i].row < finding.values[0]) {
            finding.values[0] = (double)validation[i].row;
            finding.values[1] = (double)twin;
        }
    }
    if (finding.count == 0)
        return BP_OK;
    finding.values[2] = (double)d->validation.cases;
    finding.severity = judge_shared(d, rows, finding.count);
    BPI_TRY(find_coarse_column(d, &finding));
    bpi_report(d, &finding);
    return BP_OK;
}

static bp_status check_shared(diagnosis *d)
{
    if (d->validation.cases == 0)
        return BP_OK;
    hashed_row *training = bpi_hash_cases(d->allocator, &d->training, true);
    hashed_row *validation = bpi_hash_cases(d->allocator, &d->validation, true);
    bool has_memory = training != NULL && validation != NULL;
    bp_status status = has_memory ? count_shared(d, training, validation) : bpi_diagnosis_fail_memory(d);
    bpi_release(d->allocator, training);
    bpi_release(d->allocator, validation);
    return status;
}

bp_status bpi_check_equal_cases(diagnosis *d)
{
    BPI_TRY(check_shared(d));
    return check_contrary(d);
}
