#include "data/reorder.h"

#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "data/fill.h"

/* Memory, allocated before any case is moved. */
typedef struct reordering {
    size_t *from;   /* from[i]: the present index of that case */
    size_t *where;  /* where[k]: the present index of the case of origin k */
    bp_real *saved; /* one case: inputs, targets, weight */
} reordering;

static void reordering_free(const bp_allocator *allocator, reordering *work)
{
    bpi_release(allocator, work->from);
    bpi_release(allocator, work->where);
    bpi_release(allocator, work->saved);
}

static bool reordering_allocate(const bp_dataset *dataset, reordering *work)
{
    const bp_allocator *allocator = &dataset->allocator;
    size_t cases = dataset->cases;
    *work = (reordering){
        .from = bpi_allocate(allocator, cases, sizeof *work->from),
        .where = bpi_allocate(allocator, cases, sizeof *work->where),
        .saved =
            bpi_allocate(allocator, dataset->input_width + dataset->target_width + 1, sizeof *work->saved),
    };
    return work->from != NULL && work->where != NULL && work->saved != NULL;
}

/* The numbers of one case, in the dataset or outside of it. */
typedef struct case_place {
    bp_real *inputs, *targets, *weight;
    size_t *group;
} case_place;

static case_place place_of(const bp_dataset *dataset, size_t index)
{
    return (case_place){
        .inputs = dataset->inputs + index * dataset->input_width,
        .targets = dataset->targets == NULL ? NULL : dataset->targets + index * dataset->target_width,
        .weight = dataset->case_weights == NULL ? NULL : dataset->case_weights + index,
        .group = dataset->groups == NULL ? NULL : dataset->groups + index,
    };
}

static void copy_case(const bp_dataset *dataset, case_place to, case_place from)
{
    memcpy(to.inputs, from.inputs, dataset->input_width * sizeof *to.inputs);
    if (dataset->targets != NULL)
        memcpy(to.targets, from.targets, dataset->target_width * sizeof *to.targets);
    if (dataset->case_weights != NULL)
        *to.weight = *from.weight;
    if (dataset->groups != NULL)
        *to.group = *from.group;
}

/* Finds where each new case is now. */
static void find_cases(const bp_dataset *dataset, reordering *work, const size_t *order)
{
    for (size_t i = 0; i < dataset->cases; i++)
        work->where[dataset->origin[i]] = i;
    for (size_t i = 0; i < dataset->cases; i++)
        work->from[i] = work->where[order[i]];
}

/* Permutes the cases in place, cycle by cycle of `from`; from[i] = i marks an index that is done. */
static void move_cases(const bp_dataset *dataset, reordering *work)
{
    bp_real *values = work->saved;
    size_t group = 0;
    case_place saved = {values, values + dataset->input_width,
                        values + dataset->input_width + dataset->target_width, &group};
    for (size_t start = 0; start < dataset->cases; start++) {
        if (work->from[start] == start)
            continue;
        copy_case(dataset, saved, place_of(dataset, start));
        size_t to = start;
        while (work->from[to] != start) {
            size_t from = work->from[to];
            copy_case(dataset, place_of(dataset, to), place_of(dataset, from));
            work->from[to] = to;
            to = from;
        }
        copy_case(dataset, place_of(dataset, to), saved);
        work->from[to] = to;
    }
}

bp_status bpi_dataset_reorder(bp_dataset *dataset, const char *function, const size_t *order,
                              const case_range parts[BP_SUBSET_TEST + 1])
{
    reordering work;
    fill_memory fills;
    bp_status status = bpi_fill_allocate(&fills, function, dataset);
    if (!reordering_allocate(dataset, &work))
        status =
            bpi_fail(BP_ERROR_MEMORY, "%s: no memory to put %zu cases into order", function, dataset->cases);
    if (status == BP_OK) {
        find_cases(dataset, &work, order);
        move_cases(dataset, &work);
        memcpy(dataset->origin, order, dataset->cases * sizeof *dataset->origin);
        memcpy(dataset->parts, parts, sizeof dataset->parts);
        bpi_fill_missing(&fills, dataset, parts[BP_SUBSET_TRAINING]);
    }
    bpi_fill_release(&fills, dataset);
    reordering_free(&dataset->allocator, &work);
    return status;
}
