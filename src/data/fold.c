#include "data/fold.h"

#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "data/division.h"

static const bp_fold_options default_options = {
    .size = sizeof default_options, .folds = 5, .repetitions = 1, .seed = 1};

void bp_fold_options_init(bp_fold_options *options, size_t size)
{
    bpi_init_struct(SIZED_FOLD_OPTIONS, options, size, &default_options);
}

/* ------------------------------------------------------------------------------ options */

static bp_status check_numbers(const char *function, const bp_fold_options *options)
{
    if ((unsigned)options->method > BP_SPLIT_ORDER)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: folds.method is %d, not a value of bp_split_method", function,
                        (int)options->method);
    if (options->folds < 2)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: folds.folds is %zu, it must be >= 2", function,
                        options->folds);
    if (options->repetitions == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: folds.repetitions is 0, it must be >= 1", function);
    if (!(options->validation >= 0 && options->validation < 1))
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: folds.validation is %s, it must be >= 0 and < 1", function,
                        bpi_format_real(options->validation).text);
    return BP_OK;
}

static bp_status check_order(const char *function, const bp_fold_options *options)
{
    const bool is_ordered = options->method == BP_SPLIT_ORDER;
    if (is_ordered && options->repetitions > 1)
        return bpi_fail(BP_ERROR_ARGUMENT,
                        "%s: folds.repetitions is %zu, but with BP_SPLIT_ORDER all of them are the same",
                        function, options->repetitions);
    if (!is_ordered && options->gap > 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: folds.gap is %zu, but it is for BP_SPLIT_ORDER", function,
                        options->gap);
    if (!is_ordered && options->forward)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: folds.forward is set, but it is for BP_SPLIT_ORDER",
                        function);
    return BP_OK;
}

/* The pieces of the file: with `forward` one that is only trained on. */
static size_t piece_count(const bp_fold_options *options)
{
    return options->folds + (options->forward ? 1 : 0);
}

bp_status bpi_fold_options(const char *function, const bp_dataset *dataset, const bp_fold_options *given,
                           bp_fold_options *options, size_t *count)
{
    *options = default_options;
    if (given != NULL)
        BPI_TRY(bpi_read_struct(function, SIZED_FOLD_OPTIONS, given, options));
    BPI_TRY(check_numbers(function, options));
    BPI_TRY(check_order(function, options));
    if (options->folds > dataset->cases || piece_count(options) > dataset->cases)
        return bpi_fail(BP_ERROR_SIZE, "%s: folds.folds is %zu, but there are %zu cases%s", function,
                        options->folds, dataset->cases, options->forward ? ", one more is trained on" : "");
    if (!bpi_multiply(options->folds, options->repetitions, count))
        return bpi_fail(BP_ERROR_OVERFLOW,
                        "%s: %zu folds, repeated %zu times, are more than a size can count", function,
                        options->folds, options->repetitions);
    return BP_OK;
}

/* -------------------------------------------------------------------------- test cases */

/* Parts of the division while the folds are made: 1 to folds. */
static size_t part_of_fold(size_t fold)
{
    return fold + 1;
}

/* Where piece `index` begins, when `cases` are cut into pieces whose sizes differ by at most one. */
static size_t piece_start(size_t cases, size_t pieces, size_t index)
{
    const size_t larger = cases % pieces;
    return index * (cases / pieces) + (index < larger ? index : larger);
}

static void deal_random(division *d, size_t folds)
{
    const size_t cases = d->dataset->cases;
    for (size_t fold = 0; fold < folds; fold++)
        for (size_t i = piece_start(cases, folds, fold); i < piece_start(cases, folds, fold + 1); i++)
            d->part[d->order[i]] = part_of_fold(fold);
}

/* One class after another, case by case to the next fold: so no fold gets two more of a class, or of all,
 * than another. label_part: where the cases of each class begin in that sequence. */
static void deal_stratified(division *d, size_t folds)
{
    const size_t cases = d->dataset->cases;
    size_t next = 0;
    memset(d->label_size, 0, d->labels * sizeof *d->label_size);
    for (size_t i = 0; i < cases; i++)
        d->label_size[d->label[i]]++;
    for (size_t k = 0; k < d->labels; k++) {
        d->label_part[k] = next;
        next += d->label_size[k];
    }
    for (size_t i = 0; i < cases; i++) {
        const size_t origin = d->order[i];
        d->part[origin] = part_of_fold(d->label_part[d->label[origin]]++ % folds);
    }
}

/* All want the same, so each group goes to the smallest fold. */
static bp_status deal_groups(division *d, size_t folds)
{
    const bp_allocator *allocator = &d->dataset->allocator;
    if (folds > d->labels)
        return bpi_fail(BP_ERROR_SIZE, "%s: folds.folds is %zu, but there are %zu groups", d->function, folds,
                        d->labels);
    size_t *wanted = bpi_allocate_zeroed(allocator, folds, sizeof *wanted);
    size_t *filled = bpi_allocate(allocator, folds, sizeof *filled);
    bp_status status = BP_OK;
    if (wanted == NULL || filled == NULL)
        status = bpi_fail(BP_ERROR_MEMORY, "%s: no memory for %zu folds", d->function, folds);
    else
        bpi_division_deal_groups(d, folds, wanted, filled);
    bpi_release(allocator, wanted);
    bpi_release(allocator, filled);
    return status;
}

static bp_status deal(division *d, size_t folds)
{
    if (d->method == BP_SPLIT_GROUP)
        return deal_groups(d, folds);
    if (d->method == BP_SPLIT_STRATIFIED)
        deal_stratified(d, folds);
    else
        deal_random(d, folds);
    return BP_OK;
}

/* The cases of the fold are the test cases, all others are in no part. */
static void keep_fold(division *d, size_t fold)
{
    for (size_t i = 0; i < d->dataset->cases; i++)
        d->part[i] = d->part[i] == part_of_fold(fold) ? BP_SUBSET_TEST : 0;
}

/* -------------------------------------------------------------------- the other cases */

static void divide_rest(division *d, double share)
{
    const size_t left = bpi_division_left(d), validation = bpi_share_of(left, share, left);
    if (d->method == BP_SPLIT_GROUP) {
        const size_t wanted[] = {left - validation, validation};
        size_t filled[2];
        _Static_assert(BP_SUBSET_TRAINING == 1 && BP_SUBSET_VALIDATION == 2, "parts are numbered from 1");
        bpi_division_deal_groups(d, 2, wanted, filled);
        return;
    }
    bpi_division_take(d, BP_SUBSET_VALIDATION, validation);
    bpi_division_take(d, BP_SUBSET_TRAINING, left - validation);
}

/* The seeds of a repetition: one for its folds, and one for the other cases of each fold. */
static void find_seeds(const bp_fold_options *options, size_t fold, uint64_t *of_folds, uint64_t *of_rest)
{
    seed_sequence repetitions, own;
    bpi_seeds_begin(&repetitions, options->seed);
    uint64_t seed = bpi_seeds_next(&repetitions);
    for (size_t i = 0; i < fold / options->folds; i++)
        seed = bpi_seeds_next(&repetitions);
    bpi_seeds_begin(&own, seed);
    *of_folds = *of_rest = bpi_seeds_next(&own);
    for (size_t i = 0; i <= fold % options->folds; i++)
        *of_rest = bpi_seeds_next(&own);
}

static bp_status divide_shuffled(division *d, const bp_fold_options *options, size_t fold)
{
    uint64_t of_folds, of_rest;
    find_seeds(options, fold, &of_folds, &of_rest);
    bpi_division_shuffle(d, of_folds);
    BPI_TRY(deal(d, options->folds));
    keep_fold(d, fold % options->folds);
    bpi_division_shuffle(d, of_rest);
    divide_rest(d, options->validation);
    return BP_OK;
}

/* --------------------------------------------------------------------- in file order */

/* Marks the test cases, and as training cases those that may be trained on. Returns how many. */
static size_t mark_pieces(division *d, const bp_fold_options *options, size_t fold)
{
    const size_t cases = d->dataset->cases, pieces = piece_count(options),
                 piece = fold + pieces - options->folds;
    const size_t first = piece_start(cases, pieces, piece), end = piece_start(cases, pieces, piece + 1);
    size_t count = 0;
    for (size_t i = 0; i < cases; i++) {
        const bool is_before = i < first && first - i > options->gap;
        const bool is_behind = i >= end && i - end >= options->gap && !options->forward;
        d->part[i] = i >= first && i < end ? BP_SUBSET_TEST : is_before || is_behind ? BP_SUBSET_TRAINING : 0;
        count += is_before || is_behind;
    }
    return count;
}

/* The last cases validate; those in the gap before the first of them are left out. */
static void mark_validation(division *d, size_t count, size_t gap)
{
    size_t first = d->dataset->cases;
    while (count > 0) {
        first--;
        if (d->part[first] != BP_SUBSET_TRAINING)
            continue;
        d->part[first] = BP_SUBSET_VALIDATION;
        count--;
    }
    for (size_t i = first; first < d->dataset->cases && i-- > 0 && first - i <= gap;)
        if (d->part[i] == BP_SUBSET_TRAINING)
            d->part[i] = 0;
}

static void divide_in_order(division *d, const bp_fold_options *options, size_t fold)
{
    const size_t count = mark_pieces(d, options, fold);
    mark_validation(d, bpi_share_of(count, options->validation, count), options->gap);
}

/* ----------------------------------------------------------------------------- a fold */

static bp_status require_training_cases(const division *d, const bp_fold_options *options, size_t fold)
{
    for (size_t i = 0; i < d->dataset->cases; i++)
        if (d->part[i] == BP_SUBSET_TRAINING)
            return BP_OK;
    if (options->gap > 0)
        return bpi_fail(BP_ERROR_ARGUMENT,
                        "%s: no training cases are left for fold %zu: folds.gap is %zu, of %zu cases",
                        d->function, fold, options->gap, d->dataset->cases);
    return bpi_fail(BP_ERROR_ARGUMENT, "%s: no training cases are left for fold %zu", d->function, fold);
}

static bp_status divide(division *d, const bp_fold_options *options, size_t fold)
{
    if (options->method == BP_SPLIT_ORDER)
        divide_in_order(d, options, fold);
    else
        BPI_TRY(divide_shuffled(d, options, fold));
    return require_training_cases(d, options, fold);
}

bp_status bpi_dataset_fold(const char *function, bp_dataset *dataset, const bp_fold_options *options,
                           size_t fold, bp_split_result *result)
{
    division d;
    bp_status status = bpi_division_begin(&d, function, "folds.method", dataset, options->method);
    if (status == BP_OK)
        status = divide(&d, options, fold);
    if (status == BP_OK)
        status = bpi_division_apply(&d, result);
    bpi_division_end(&d);
    return status;
}

bp_status bp_dataset_fold(bp_dataset *dataset, const bp_fold_options *options, size_t fold,
                          bp_split_result *result)
{
    BPI_REQUIRE(dataset);
    bp_fold_options checked;
    size_t count;
    BPI_TRY(bpi_fold_options(__func__, dataset, options, &checked, &count));
    if (fold >= count)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: fold is %zu, but there are %zu folds", __func__, fold, count);
    if (result != NULL)
        BPI_TRY(bpi_check_result_struct(__func__, SIZED_SPLIT_RESULT, result));
    bp_split_result found;
    BPI_TRY(bpi_dataset_fold(__func__, dataset, &checked, fold, &found));
    if (result != NULL)
        bpi_write_struct(SIZED_SPLIT_RESULT, result, &found);
    return BP_OK;
}
