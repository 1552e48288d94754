/* Training, validation and test cases of a dataset. */
#include <math.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"
#include "data/reorder.h"

/* A fraction of the cases, rounded, but at most those that are left. */
static size_t share_of(size_t cases, double share, size_t left)
{
    double wanted = round((double)cases * share);
    return wanted < (double)left ? (size_t)wanted : left;
}

static void choose_parts(size_t cases, double training, double validation, case_range *parts)
{
    size_t first = share_of(cases, training, cases);
    size_t second = share_of(cases, validation, cases - first);
    parts[BP_SUBSET_TRAINING] = (case_range){0, first};
    parts[BP_SUBSET_VALIDATION] = (case_range){first, second};
    parts[BP_SUBSET_TEST] = (case_range){first + second, cases - first - second};
}

static bp_status check_share(const char *function, const char *name, double share)
{
    if (share >= 0 && share <= 1)
        return BP_OK;
    return bpi_fail(BP_ERROR_ARGUMENT, "%s: %s is %s, it must be in 0..1", function, name,
                    bpi_format_real(share).text);
}

/* Draws an order of origins, so that it does not depend on earlier splits. */
static void draw_order(size_t *order, size_t cases, uint64_t seed)
{
    random_stream stream;
    bpi_random_seed(&stream, seed);
    for (size_t i = 0; i < cases; i++)
        order[i] = i;
    bpi_random_shuffle(&stream, order, cases);
}

bp_status bp_dataset_split(bp_dataset *dataset, double training, double validation, uint64_t seed)
{
    BPI_REQUIRE(dataset);
    BPI_TRY(check_share(__func__, "training", training));
    BPI_TRY(check_share(__func__, "validation", validation));
    if (training + validation > 1)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: training and validation are %s and %s, more than 1 together",
                        __func__, bpi_format_real(training).text, bpi_format_real(validation).text);
    case_range parts[BP_SUBSET_TEST + 1] = {{0, 0}};
    size_t *order = bpi_allocate(&dataset->allocator, dataset->cases, sizeof *order);
    if (order == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory to put %zu cases into order", __func__,
                        dataset->cases);
    draw_order(order, dataset->cases, seed);
    choose_parts(dataset->cases, training, validation, parts);
    bp_status status = bpi_dataset_reorder(dataset, __func__, order, parts);
    bpi_release(&dataset->allocator, order);
    return status;
}
