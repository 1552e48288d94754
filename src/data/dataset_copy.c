#include "data/dataset_copy.h"

#include <string.h>

#include "base/memory.h"
#include "base/status.h"

/* Copies `count` elements, if there is such an array. */
static bp_status copy_array(void *out, const char *function, const bp_dataset *copy, const void *array,
                            size_t count, size_t size)
{
    if (array == NULL)
        return BP_OK;
    void *block = bpi_allocate(&copy->allocator, count, size);
    if (block == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for a copy of a dataset of %zu cases", function,
                        copy->cases);
    memcpy(block, array, count * size);
    memcpy(out, &block, sizeof block);
    return BP_OK;
}

static bp_status copy_cases(bp_dataset *copy, const char *function, const bp_dataset *from)
{
    const size_t cases = from->cases;
    memcpy(copy->inputs, from->inputs, cases * from->input_width * sizeof *copy->inputs);
    if (from->targets != NULL)
        memcpy(copy->targets, from->targets, cases * from->target_width * sizeof *copy->targets);
    BPI_TRY(copy_array(&copy->case_weights, function, copy, from->case_weights, cases,
                       sizeof *copy->case_weights));
    BPI_TRY(copy_array(&copy->origin, function, copy, from->origin, cases, sizeof *copy->origin));
    BPI_TRY(copy_array(&copy->groups, function, copy, from->groups, cases, sizeof *copy->groups));
    copy->has_own_groups = from->has_own_groups;
    copy->missing_targets = from->missing_targets;
    memcpy(copy->parts, from->parts, sizeof copy->parts);
    return BP_OK;
}

static bp_status copy_cells(missing_cells *to, const char *function, const bp_dataset *copy,
                            const missing_cells *from)
{
    BPI_TRY(copy_array(&to->cells, function, copy, from->cells, from->count, sizeof *to->cells));
    to->count = to->capacity = from->count;
    return BP_OK;
}

static bp_status copy_table(bp_dataset *copy, const char *function, const bp_dataset *from)
{
    const bp_allocator *allocator = &copy->allocator;
    if (from->class_names != NULL)
        BPI_TRY(bpi_copy_strings(&copy->class_names, function, allocator,
                                 (const char *const *)from->class_names, from->class_count));
    copy->class_count = from->class_count;
    if (from->input_names != NULL)
        BPI_TRY(bpi_copy_strings(&copy->input_names, function, allocator,
                                 (const char *const *)from->input_names, from->input_width));
    if (from->schema != NULL)
        BPI_TRY(bpi_schema_copy(&copy->schema, function, from->schema, allocator));
    BPI_TRY(copy_cells(&copy->missing, function, copy, &from->missing));
    BPI_TRY(copy_cells(&copy->unknown, function, copy, &from->unknown));
    copy->learns_fills = from->learns_fills;
    copy->skipped_rows = from->skipped_rows;
    return BP_OK;
}

bp_status bpi_dataset_copy(bp_dataset **out, const char *function, const bp_dataset *dataset,
                           const bp_allocator *allocator)
{
    bp_dataset *copy = NULL;
    BPI_TRY(bpi_dataset_new(&copy, function, allocator, dataset->cases, dataset->input_width,
                            dataset->target_width));
    bp_status status = copy_cases(copy, function, dataset);
    if (status == BP_OK)
        status = copy_table(copy, function, dataset);
    if (status != BP_OK) {
        bp_dataset_destroy(copy);
        return status;
    }
    *out = copy;
    return BP_OK;
}

bp_status bp_dataset_copy(bp_dataset **out, const bp_dataset *dataset)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(dataset);
    return bpi_dataset_copy(out, __func__, dataset, &dataset->allocator);
}
