#include "data/dataset.h"

#include <string.h>

#include "base/memory.h"
#include "base/rows.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "engine/check_data.h"

/* ---------------------------------------------------- creating, destroying */

void bp_dataset_destroy(bp_dataset *dataset)
{
    if (dataset == NULL)
        return;
    bp_allocator allocator = dataset->allocator;
    bpi_release_strings(&allocator, dataset->class_names, dataset->class_count);
    bpi_release_strings(&allocator, dataset->input_names, dataset->input_width);
    bpi_release(&allocator, dataset->inputs);
    bpi_release(&allocator, dataset->targets);
    bpi_release(&allocator, dataset->case_weights);
    bpi_release(&allocator, dataset->origin);
    bpi_release(&allocator, dataset->groups);
    bpi_release(&allocator, dataset->missing.cells);
    bpi_release(&allocator, dataset->unknown.cells);
    bp_schema_destroy(dataset->schema);
    bpi_release(&allocator, dataset);
}

/* Allocates `cases` rows of `width` values. */
static bp_status allocate_rows(bp_real **out, const char *function, const bp_allocator *allocator,
                               size_t cases, size_t width)
{
    size_t count, bytes;
    if (!bpi_multiply(cases, width, &count) || !bpi_multiply(count, sizeof **out, &bytes))
        return bpi_fail(BP_ERROR_OVERFLOW, "%s: %zu cases of %zu values are more than a size can count",
                        function, cases, width);
    bp_real *rows = bpi_allocate(allocator, count, sizeof *rows);
    if (rows == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for %zu cases of %zu values", function, cases, width);
    *out = rows;
    return BP_OK;
}

bp_status bpi_dataset_number_cases(bp_dataset *dataset, const char *function)
{
    bpi_release(&dataset->allocator, dataset->origin);
    dataset->origin = bpi_allocate(&dataset->allocator, dataset->cases, sizeof *dataset->origin);
    if (dataset->origin == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the order of %zu cases", function,
                        dataset->cases);
    for (size_t i = 0; i < dataset->cases; i++)
        dataset->origin[i] = i;
    return BP_OK;
}

static bp_status allocate_arrays(bp_dataset *dataset, const char *function)
{
    const bp_allocator *allocator = &dataset->allocator;
    BPI_TRY(allocate_rows(&dataset->inputs, function, allocator, dataset->cases, dataset->input_width));
    if (dataset->target_width > 0)
        BPI_TRY(allocate_rows(&dataset->targets, function, allocator, dataset->cases, dataset->target_width));
    return BP_OK;
}

/* Moves rows to an array with more room. */
static void move_rows(bp_dataset *dataset, bp_real **rows, bp_real *larger, size_t width)
{
    memcpy(larger, *rows, dataset->cases * width * sizeof *larger);
    bpi_release(&dataset->allocator, *rows);
    *rows = larger;
}

bp_status bpi_dataset_grow(bp_dataset *dataset, const char *function, size_t capacity)
{
    bp_real *inputs = NULL, *targets = NULL;
    BPI_TRY(allocate_rows(&inputs, function, &dataset->allocator, capacity, dataset->input_width));
    if (dataset->targets != NULL) {
        bp_status status =
            allocate_rows(&targets, function, &dataset->allocator, capacity, dataset->target_width);
        if (status != BP_OK) {
            bpi_release(&dataset->allocator, inputs);
            return status;
        }
        move_rows(dataset, &dataset->targets, targets, dataset->target_width);
    }
    move_rows(dataset, &dataset->inputs, inputs, dataset->input_width);
    return BP_OK;
}

bp_status bpi_dataset_new(bp_dataset **out, const char *function, const bp_allocator *allocator, size_t cases,
                          size_t input_width, size_t target_width)
{
    bp_dataset *dataset = bpi_allocate_zeroed(allocator, 1, sizeof *dataset);
    if (dataset == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for a dataset", function);
    dataset->allocator = *allocator;
    dataset->cases = cases;
    dataset->input_width = input_width;
    dataset->target_width = target_width;
    bp_status status = allocate_arrays(dataset, function);
    if (status != BP_OK) {
        bp_dataset_destroy(dataset);
        return status;
    }
    *out = dataset;
    return BP_OK;
}

bp_status bpi_dataset_add_classes(bp_dataset *dataset, const char *function, size_t classes, bp_real off)
{
    BPI_TRY(allocate_rows(&dataset->targets, function, &dataset->allocator, dataset->cases, classes));
    dataset->target_width = classes;
    for (size_t i = 0; i < dataset->cases * classes; i++)
        dataset->targets[i] = off;
    dataset->class_names = bpi_allocate_zeroed(&dataset->allocator, classes, sizeof *dataset->class_names);
    if (dataset->class_names == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the names of %zu classes", function, classes);
    dataset->class_count = classes;
    return BP_OK;
}

/* ------------------------------------------------------- copying a bp_data */

/* Trusts that data were checked. */
static bp_status copy_data(bp_dataset *dataset, const char *function, const bp_data *data)
{
    bpi_copy_rows(dataset->inputs, data->input_width, data->inputs, data->input_stride, data->cases,
                  data->input_width);
    if (data->targets != NULL)
        bpi_copy_rows(dataset->targets, data->target_width, data->targets, data->target_stride, data->cases,
                      data->target_width);
    dataset->missing_targets = data->missing_targets;
    if (data->case_weights == NULL)
        return BP_OK;
    BPI_TRY(allocate_rows(&dataset->case_weights, function, &dataset->allocator, data->cases, 1));
    memcpy(dataset->case_weights, data->case_weights, data->cases * sizeof *dataset->case_weights);
    return BP_OK;
}

bp_status bp_dataset_create(bp_dataset **out, const bp_data *data, const bp_allocator *allocator)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(data);
    bp_data checked;
    BPI_TRY(bpi_check_data_alone(__func__, "data", data,
                                 data->targets != NULL ? DATA_BOTH | DATA_MAY_MISS : DATA_INPUTS, &checked));
    bp_allocator chosen;
    BPI_TRY(bpi_allocator_choose(&chosen, __func__, allocator));
    bp_dataset *dataset;
    BPI_TRY(bpi_dataset_new(&dataset, __func__, &chosen, checked.cases, checked.input_width,
                            checked.targets != NULL ? checked.target_width : 0));
    bp_status status = copy_data(dataset, __func__, &checked);
    if (status == BP_OK)
        status = bpi_dataset_number_cases(dataset, __func__);
    if (status != BP_OK) {
        bp_dataset_destroy(dataset);
        return status;
    }
    *out = dataset;
    return BP_OK;
}

/* --------------------------------------------------------------- accessors */

case_range bpi_dataset_range(const bp_dataset *dataset, bp_subset part)
{
    return part == BP_SUBSET_ALL ? (case_range){0, dataset->cases} : dataset->parts[part];
}

static const char *part_name(bp_subset part)
{
    static const char *const names[] = {"all", "training", "validation", "test"};
    return names[part];
}

static bp_status check_part(const char *function, bp_subset part)
{
    if ((unsigned)part <= BP_SUBSET_TEST)
        return BP_OK;
    return bpi_fail(BP_ERROR_ARGUMENT, "%s: part is %d, not a value of bp_subset", function, (int)part);
}

bp_status bpi_dataset_find_range(const bp_dataset *dataset, const char *function, bp_subset part,
                                 case_range *range)
{
    BPI_TRY(check_part(function, part));
    *range = bpi_dataset_range(dataset, part);
    if (range->count > 0)
        return BP_OK;
    return bpi_fail(BP_ERROR_STATE, "%s: the %s subset is empty; bp_dataset_split makes subsets", function,
                    part_name(part));
}

bp_status bp_dataset_subset(const bp_dataset *dataset, bp_subset part, bp_data *data)
{
    case_range range;
    BPI_REQUIRE(dataset);
    BPI_TRY(check_part(__func__, part));
    BPI_REQUIRE(data);
    BPI_TRY(bpi_check_result_struct(__func__, SIZED_DATA, data));
    BPI_TRY(bpi_dataset_find_range(dataset, __func__, part, &range));
    const bp_real *targets =
        dataset->targets == NULL ? NULL : dataset->targets + range.first * dataset->target_width;
    bp_data view = bp_data_view(range.count, dataset->inputs + range.first * dataset->input_width,
                                dataset->input_width, targets, dataset->target_width);
    view.case_weights = dataset->case_weights == NULL ? NULL : dataset->case_weights + range.first;
    view.missing_targets = dataset->missing_targets;
    bpi_write_struct(SIZED_DATA, data, &view);
    return BP_OK;
}

size_t bp_dataset_cases(const bp_dataset *dataset)
{
    return dataset == NULL ? 0 : dataset->cases;
}

size_t bp_dataset_input_width(const bp_dataset *dataset)
{
    return dataset == NULL ? 0 : dataset->input_width;
}

size_t bp_dataset_target_width(const bp_dataset *dataset)
{
    return dataset == NULL ? 0 : dataset->target_width;
}

size_t bp_dataset_class_count(const bp_dataset *dataset)
{
    return dataset == NULL ? 0 : dataset->class_count;
}

const char *bp_dataset_class_name(const bp_dataset *dataset, size_t index)
{
    return index < bp_dataset_class_count(dataset) ? dataset->class_names[index] : NULL;
}

const char *bp_dataset_input_name(const bp_dataset *dataset, size_t index)
{
    if (index >= bp_dataset_input_width(dataset) || dataset->input_names == NULL)
        return NULL;
    return dataset->input_names[index];
}

const bp_schema *bp_dataset_schema(const bp_dataset *dataset)
{
    return dataset == NULL ? NULL : dataset->schema;
}

size_t bp_dataset_missing_cells(const bp_dataset *dataset)
{
    return dataset == NULL ? 0 : dataset->missing.count;
}

size_t bp_dataset_skipped_rows(const bp_dataset *dataset)
{
    return dataset == NULL ? 0 : dataset->skipped_rows;
}

size_t bp_dataset_unknown_cells(const bp_dataset *dataset)
{
    return dataset == NULL ? 0 : dataset->unknown.count;
}
