#include "data/division.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"
#include "data/reorder.h"

size_t bpi_share_of(size_t cases, double share, size_t left)
{
    double wanted = round((double)cases * share);
    return wanted < (double)left ? (size_t)wanted : left;
}

/* -------------------------------------------------------------------- classes and groups */

static bp_status find_classes(division *d)
{
    const bp_dataset *dataset = d->dataset;
    const case_classes classes = bpi_case_classes(dataset);
    const size_t missing = dataset->targets == NULL ? 0 : bpi_count_missing_targets(dataset);
    if (missing > 0)
        return bpi_fail(BP_ERROR_STATE,
                        "%s: %s is BP_SPLIT_STRATIFIED, but %zu targets are missing (NaN), so that not every "
                        "case has a class. Leave out those cases, as BP_MISSING_SKIP does when a table is "
                        "read, or take BP_SPLIT_RANDOM",
                        d->function, d->option, missing);
    if (classes.count == 0)
        return bpi_fail(BP_ERROR_STATE,
                        "%s: %s is BP_SPLIT_STRATIFIED, but the targets are no classes: they have no "
                        "names of classes, nor two values of which each case has the higher one once. For "
                        "numbers BP_SPLIT_RANDOM is the way",
                        d->function, d->option);
    if (dataset->cases > UINT32_MAX)
        return bpi_fail(BP_ERROR_OVERFLOW, "%s: %zu cases are too many to be stratified", d->function,
                        dataset->cases);
    d->labels = classes.count;
    for (size_t i = 0; i < dataset->cases; i++)
        d->label[dataset->origin[i]] = bpi_case_class(dataset, &classes, i);
    return BP_OK;
}

typedef struct grouped_case {
    size_t group, origin;
} grouped_case;

static int compare_groups(const void *a, const void *b)
{
    const grouped_case *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    return (x->origin > y->origin) - (x->origin < y->origin);
}

/* Numbers the groups from 0 on. */
static bp_status find_groups(division *d)
{
    const bp_dataset *dataset = d->dataset;
    if (dataset->groups == NULL)
        return bpi_fail(BP_ERROR_STATE,
                        "%s: %s is BP_SPLIT_GROUP, but the dataset has no groups: give a column "
                        "BP_ROLE_GROUP, or call bp_dataset_set_groups",
                        d->function, d->option);
    grouped_case *sorted = bpi_allocate(&dataset->allocator, dataset->cases, sizeof *sorted);
    if (sorted == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the groups of %zu cases", d->function,
                        dataset->cases);
    for (size_t i = 0; i < dataset->cases; i++)
        sorted[i] = (grouped_case){dataset->groups[i], dataset->origin[i]};
    qsort(sorted, dataset->cases, sizeof *sorted, compare_groups);
    for (size_t i = 0; i < dataset->cases; i++) {
        d->labels += i == 0 || sorted[i].group != sorted[i - 1].group;
        d->label[sorted[i].origin] = d->labels - 1;
    }
    bpi_release(&dataset->allocator, sorted);
    return BP_OK;
}

/* ----------------------------------------------------------------- beginning and ending */

static bp_status fail_memory(const division *d)
{
    return bpi_fail(BP_ERROR_MEMORY, "%s: no memory to put %zu cases into order", d->function,
                    d->dataset->cases);
}

static bp_status allocate_labels(division *d)
{
    const bp_allocator *allocator = &d->dataset->allocator;
    d->label_order = bpi_allocate(allocator, d->labels, sizeof *d->label_order);
    d->shares = bpi_allocate(allocator, d->labels, sizeof *d->shares);
    d->label_size = bpi_allocate(allocator, d->labels, sizeof *d->label_size);
    d->label_part = bpi_allocate(allocator, d->labels, sizeof *d->label_part);
    return d->label_order == NULL || d->shares == NULL || d->label_size == NULL || d->label_part == NULL
               ? fail_memory(d)
               : BP_OK;
}

bp_status bpi_division_begin(division *d, const char *function, const char *option, bp_dataset *dataset,
                             bp_split_method method)
{
    const size_t cases = dataset->cases;
    *d = (division){.function = function, .option = option, .dataset = dataset, .method = method};
    d->order = bpi_allocate(&dataset->allocator, cases, sizeof *d->order);
    d->part = bpi_allocate_zeroed(&dataset->allocator, cases, sizeof *d->part);
    if (d->order == NULL || d->part == NULL)
        return fail_memory(d);
    for (size_t i = 0; i < cases; i++)
        d->order[i] = i;
    if (method == BP_SPLIT_RANDOM || method == BP_SPLIT_ORDER)
        return BP_OK;
    d->label = bpi_allocate(&dataset->allocator, cases, sizeof *d->label);
    if (d->label == NULL)
        return fail_memory(d);
    BPI_TRY(method == BP_SPLIT_STRATIFIED ? find_classes(d) : find_groups(d));
    return allocate_labels(d);
}

void bpi_division_end(division *d)
{
    const bp_allocator *allocator = &d->dataset->allocator;
    bpi_release(allocator, d->order);
    bpi_release(allocator, d->part);
    bpi_release(allocator, d->label);
    bpi_release(allocator, d->label_order);
    bpi_release(allocator, d->shares);
    bpi_release(allocator, d->label_size);
    bpi_release(allocator, d->label_part);
}

/* ----------------------------------------------------------------------------- choosing */

static void shuffle(random_stream *stream, size_t *order, size_t count)
{
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    bpi_random_shuffle(stream, order, count);
}

void bpi_division_shuffle(division *d, uint64_t seed)
{
    random_stream stream;
    bpi_random_seed(&stream, seed);
    shuffle(&stream, d->order, d->dataset->cases);
    if (d->method == BP_SPLIT_GROUP)
        shuffle(&stream, d->label_order, d->labels);
}

size_t bpi_division_left(const division *d)
{
    size_t count = 0;
    for (size_t i = 0; i < d->dataset->cases; i++)
        count += d->part[i] == 0;
    return count;
}

static void take_first(division *d, size_t part, size_t count)
{
    for (size_t i = 0; count > 0; i++) {
        if (d->part[d->order[i]] != 0)
            continue;
        d->part[d->order[i]] = part;
        count--;
    }
}

/* Counts the cases of part 0 by label. */
static size_t count_labels(division *d)
{
    size_t left = 0;
    memset(d->label_size, 0, d->labels * sizeof *d->label_size);
    for (size_t i = 0; i < d->dataset->cases; i++) {
        if (d->part[i] != 0)
            continue;
        d->label_size[d->label[i]]++;
        left++;
    }
    return left;
}

/* The largest first; of equal ones the first class. */
static int compare_remainders(const void *a, const void *b)
{
    const class_share *x = a, *y = b;
    if (x->remainder != y->remainder)
        return x->remainder > y->remainder ? -1 : 1;
    return (x->class > y->class) - (x->class < y->class);
}

/*
 * Puts into label_part how many cases of each class are to be taken: its share of `count`, as each has of all
 * that are left, rounded down, and up for those with the largest remainders. The products fit into 64 bits,
 * see find_classes.
 */
static void find_shares(division *d, size_t count)
{
    const size_t left = count_labels(d);
    size_t missing = count;
    for (size_t k = 0; k < d->labels; k++) {
        uint64_t product = left == 0 ? 0 : (uint64_t)count * d->label_size[k];
        d->label_part[k] = left == 0 ? 0 : (size_t)(product / left);
        d->shares[k] = (class_share){left == 0 ? 0 : product % left, k};
        missing -= d->label_part[k];
    }
    qsort(d->shares, d->labels, sizeof *d->shares, compare_remainders);
    for (size_t i = 0; i < missing; i++)
        d->label_part[d->shares[i].class]++;
}

static void take_shares(division *d, size_t part, size_t count)
{
    find_shares(d, count);
    for (size_t i = 0; i < d->dataset->cases; i++) {
        const size_t origin = d->order[i];
        if (d->part[origin] != 0 || d->label_part[d->label[origin]] == 0)
            continue;
        d->part[origin] = part;
        d->label_part[d->label[origin]]--;
    }
}

void bpi_division_take(division *d, size_t part, size_t count)
{
    if (d->method == BP_SPLIT_STRATIFIED)
        take_shares(d, part, count);
    else
        take_first(d, part, count);
}

/* The part, from 0, that lacks most cases; of equal ones the first. */
static size_t neediest(size_t parts, const size_t *wanted, const size_t *filled)
{
    size_t best = 0;
    for (size_t i = 1; i < parts; i++) { /* wanted[i] - filled[i] > wanted[best] - filled[best] */
        if (wanted[i] + filled[best] > wanted[best] + filled[i])
            best = i;
    }
    return best;
}

void bpi_division_deal_groups(division *d, size_t parts, const size_t *wanted, size_t *filled)
{
    count_labels(d);
    memset(filled, 0, parts * sizeof *filled);
    for (size_t i = 0; i < d->labels; i++) {
        const size_t group = d->label_order[i];
        const size_t part = neediest(parts, wanted, filled);
        filled[part] += d->label_size[group];
        d->label_part[group] = part + 1;
    }
    for (size_t i = 0; i < d->dataset->cases; i++)
        if (d->part[i] == 0)
            d->part[i] = d->label_part[d->label[i]];
}

/* ------------------------------------------------------------------------------ applying */

/* The cases of each part, one part after another; those of none come last. */
static void order_by_parts(const division *d, size_t *order, case_range *parts)
{
    static const bp_subset subsets[] = {BP_SUBSET_TRAINING, BP_SUBSET_VALIDATION, BP_SUBSET_TEST,
                                        BP_SUBSET_ALL};
    size_t count = 0;
    for (size_t k = 0; k < sizeof subsets / sizeof subsets[0]; k++) {
        parts[subsets[k]].first = count;
        for (size_t i = 0; i < d->dataset->cases; i++)
            if (d->part[d->order[i]] == (size_t)subsets[k])
                order[count++] = d->order[i];
        parts[subsets[k]].count = count - parts[subsets[k]].first;
    }
}

/* How many classes have no case in a subset, if that has cases at all; *first is the lowest of them and of
 * *first. `seen` is memory for a number per class. */
static size_t count_missing(const bp_dataset *dataset, const case_classes *classes, bp_subset part,
                            size_t *seen, size_t *first)
{
    const case_range range = bpi_dataset_range(dataset, part);
    size_t missing = 0;
    memset(seen, 0, classes->count * sizeof *seen);
    for (size_t i = range.first; i < range.first + range.count; i++)
        seen[bpi_case_class(dataset, classes, i)]++;
    for (size_t k = classes->count; range.count > 0 && k-- > 0;) {
        if (seen[k] > 0)
            continue;
        missing++;
        if (k < *first)
            *first = k;
    }
    return missing;
}

static void fill_result(const division *d, size_t left_out, const case_classes *classes, size_t *seen,
                        bp_split_result *result)
{
    const bp_dataset *dataset = d->dataset;
    size_t first = BP_NO_INDEX;
    *result = (bp_split_result){
        .size = sizeof *result,
        .training = dataset->parts[BP_SUBSET_TRAINING].count,
        .validation = dataset->parts[BP_SUBSET_VALIDATION].count,
        .test = dataset->parts[BP_SUBSET_TEST].count,
        .left_out = left_out,
        .classes = classes->count,
    };
    if (classes->count > 0) {
        result->missing_training = count_missing(dataset, classes, BP_SUBSET_TRAINING, seen, &first);
        result->missing_validation = count_missing(dataset, classes, BP_SUBSET_VALIDATION, seen, &first);
        result->missing_test = count_missing(dataset, classes, BP_SUBSET_TEST, seen, &first);
    }
    result->missing_class = first;
}

bp_status bpi_division_apply(division *d, bp_split_result *result)
{
    bp_dataset *dataset = d->dataset;
    const case_classes classes = bpi_case_classes(dataset);
    case_range parts[BP_SUBSET_TEST + 1] = {{0, 0}};
    size_t *order = bpi_allocate(&dataset->allocator, dataset->cases, sizeof *order);
    size_t *seen = bpi_allocate(&dataset->allocator, classes.count, sizeof *seen);
    bp_status status = order == NULL || seen == NULL ? fail_memory(d) : BP_OK;
    if (status == BP_OK) {
        order_by_parts(d, order, parts);
        const size_t left_out = parts[BP_SUBSET_ALL].count;
        parts[BP_SUBSET_ALL] = (case_range){0, 0};
        status = bpi_dataset_reorder(dataset, d->function, order, parts);
        if (status == BP_OK)
            fill_result(d, left_out, &classes, seen, result);
    }
    bpi_release(&dataset->allocator, order);
    bpi_release(&dataset->allocator, seen);
    return status;
}
