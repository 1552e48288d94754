/* Training, validation and test cases of a dataset. */
#include <stdio.h>

#include "base/sized_struct.h"
#include "base/status.h"
#include "data/division.h"

static const bp_split_options default_options = {
    .size = sizeof default_options, .training = 0.7, .validation = 0.15, .seed = 1};

void bp_split_options_init(bp_split_options *options, size_t size)
{
    bpi_init_struct(SIZED_SPLIT_OPTIONS, options, size, &default_options);
}

void bp_split_result_init(bp_split_result *result, size_t size)
{
    bpi_init_struct(SIZED_SPLIT_RESULT, result, size, NULL);
}

/* How many cases the parts are to have. */
typedef struct part_sizes {
    size_t training, validation, test;
} part_sizes;

/* ------------------------------------------------------------------------------ options */

static bp_status check_share(const char *function, const char *name, double share)
{
    if (share >= 0 && share <= 1)
        return BP_OK;
    return bpi_fail(BP_ERROR_ARGUMENT, "%s: %s is %s, it must be in 0..1", function, name,
                    bpi_format_real(share).text);
}

static bp_status check_shares(const char *function, const char *prefix, double training, double validation)
{
    char names[2][32];
    snprintf(names[0], sizeof names[0], "%straining", prefix);
    snprintf(names[1], sizeof names[1], "%svalidation", prefix);
    BPI_TRY(check_share(function, names[0], training));
    BPI_TRY(check_share(function, names[1], validation));
    if (training + validation > 1)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: %s and %s are %s and %s, more than 1 together", function,
                        names[0], names[1], bpi_format_real(training).text, bpi_format_real(validation).text);
    return BP_OK;
}

static bp_status check_options(const char *function, const bp_split_options *options)
{
    if ((unsigned)options->method > BP_SPLIT_ORDER)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.method is %d, not a value of bp_split_method",
                        function, (int)options->method);
    BPI_TRY(check_shares(function, "options.", options->training_cases > 0 ? 0 : options->training,
                         options->validation_cases > 0 ? 0 : options->validation));
    if (options->gap > 0 && options->method != BP_SPLIT_ORDER)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.gap is %zu, but it is for BP_SPLIT_ORDER", function,
                        options->gap);
    return BP_OK;
}

/* Of so many cases; a number prevails over a fraction. */
static bp_status find_sizes(const char *function, const bp_split_options *options, size_t cases,
                            part_sizes *sizes)
{
    sizes->training = options->training_cases;
    if (sizes->training > cases)
        return bpi_fail(BP_ERROR_SIZE, "%s: options.training_cases is %zu, but there are %zu cases", function,
                        sizes->training, cases);
    if (sizes->training == 0)
        sizes->training = bpi_share_of(cases, options->training, cases);
    const size_t left = cases - sizes->training;
    sizes->validation = options->validation_cases;
    if (sizes->validation > left)
        return bpi_fail(BP_ERROR_SIZE,
                        "%s: options.validation_cases is %zu, but beside %zu training cases there are %zu",
                        function, sizes->validation, sizes->training, left);
    if (sizes->validation == 0)
        sizes->validation = bpi_share_of(cases, options->validation, left);
    sizes->test = left - sizes->validation;
    return BP_OK;
}

/* ------------------------------------------------------------------------------ dividing */

/* Gaps lie between parts that have cases. Those are counted first as if there were no gaps. */
static bp_status find_sizes_with_gaps(const char *function, const bp_split_options *options, size_t cases,
                                      part_sizes *sizes)
{
    BPI_TRY(find_sizes(function, options, cases, sizes));
    const size_t parts =
        (size_t)(sizes->training > 0) + (size_t)(sizes->validation > 0) + (size_t)(sizes->test > 0);
    if (parts < 2 || options->gap == 0)
        return BP_OK;
    if (options->gap >= cases / (parts - 1))
        return bpi_fail(BP_ERROR_SIZE, "%s: options.gap is %zu, too much between %zu subsets of %zu cases",
                        function, options->gap, parts, cases);
    return find_sizes(function, options, cases - (parts - 1) * options->gap, sizes);
}

static void assign_range(division *d, size_t *next, size_t count, size_t gap, bp_subset part)
{
    if (count == 0)
        return;
    *next += *next > 0 ? gap : 0;
    for (size_t i = 0; i < count; i++)
        d->part[(*next)++] = (size_t)part;
}

static void divide_in_order(division *d, const part_sizes *sizes, size_t gap)
{
    size_t next = 0;
    assign_range(d, &next, sizes->training, gap, BP_SUBSET_TRAINING);
    assign_range(d, &next, sizes->validation, gap, BP_SUBSET_VALIDATION);
    assign_range(d, &next, sizes->test, gap, BP_SUBSET_TEST);
}

static void divide(division *d, const part_sizes *sizes, const bp_split_options *options)
{
    const size_t wanted[] = {sizes->training, sizes->validation, sizes->test};
    size_t filled[3];
    if (d->method == BP_SPLIT_ORDER) {
        divide_in_order(d, sizes, options->gap);
        return;
    }
    bpi_division_shuffle(d, options->seed);
    if (d->method == BP_SPLIT_GROUP) {
        bpi_division_deal_groups(d, 3, wanted, filled);
        return;
    }
    bpi_division_take(d, BP_SUBSET_TRAINING, sizes->training);
    bpi_division_take(d, BP_SUBSET_VALIDATION, sizes->validation);
    bpi_division_take(d, BP_SUBSET_TEST, sizes->test);
}

/* With options that were checked. */
static bp_status split(const char *function, bp_dataset *dataset, const bp_split_options *options,
                       bp_split_result *result)
{
    division d;
    part_sizes sizes = {0};
    BPI_TRY(find_sizes_with_gaps(function, options, dataset->cases, &sizes));
    bp_status status = bpi_division_begin(&d, function, "options.method", dataset, options->method);
    if (status == BP_OK) {
        divide(&d, &sizes, options);
        status = bpi_division_apply(&d, result);
    }
    bpi_division_end(&d);
    return status;
}

bp_status bp_dataset_split(bp_dataset *dataset, double training, double validation, uint64_t seed)
{
    BPI_REQUIRE(dataset);
    BPI_TRY(check_shares(__func__, "", training, validation));
    bp_split_options options = default_options;
    options.training = training;
    options.validation = validation;
    options.seed = seed;
    bp_split_result result;
    return split(__func__, dataset, &options, &result);
}

bp_status bp_dataset_split_with(bp_dataset *dataset, const bp_split_options *options, bp_split_result *result)
{
    BPI_REQUIRE(dataset);
    bp_split_options checked = default_options;
    if (options != NULL)
        BPI_TRY(bpi_read_struct(__func__, SIZED_SPLIT_OPTIONS, options, &checked));
    BPI_TRY(check_options(__func__, &checked));
    if (result != NULL)
        BPI_TRY(bpi_check_result_struct(__func__, SIZED_SPLIT_RESULT, result));
    bp_split_result found;
    BPI_TRY(split(__func__, dataset, &checked, &found));
    if (result != NULL)
        bpi_write_struct(SIZED_SPLIT_RESULT, result, &found);
    return BP_OK;
}
