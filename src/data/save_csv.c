/* Datasets as CSV text. */
#include <math.h>

#include "base/number.h"
#include "base/status.h"
#include "data/csv.h"
#include "data/csv_writer.h"
#include "data/dataset.h"

/* A dataset that is being written. */
typedef struct csv_save {
    const bp_dataset *dataset;
    csv_writer *writer;
    size_t next_missing, next_unknown; /* of such cells, the first that may belong to the case */
} csv_save;

/* ------------------------------------------------------------------- the columns */

/* Ignored columns are, without their cells, so that the others keep their numbers. */
static bool is_written(const bp_dataset *dataset, const schema_column *column)
{
    switch (column->role) {
    case BP_ROLE_INPUT:
        return true;
    case BP_ROLE_TARGET:
        return dataset->targets != NULL;
    case BP_ROLE_CASE_WEIGHT:
        return dataset->case_weights != NULL;
    case BP_ROLE_GROUP:
        return dataset->groups != NULL && !dataset->has_own_groups;
    default:
        return true;
    }
}

static bp_status write_header(const csv_save *save)
{
    const bp_schema *schema = save->dataset->schema;
    for (size_t i = 0; i < schema->column_count; i++)
        if (is_written(save->dataset, &schema->columns[i]))
            BPI_TRY(bpi_csv_write_text(save->writer, schema->columns[i].name, ""));
    return bpi_csv_end_row(save->writer);
}

/* --------------------------------------------------------------------- the cells */

static size_t largest(const bp_real *values, size_t count)
{
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
        best = values[i] > values[best] ? i : best;
    return best;
}

/* The category of a cell that is known, by its inputs or targets. */
static size_t category_of(const schema_column *column, const bp_real *values)
{
    if (column->role == BP_ROLE_TARGET)
        return largest(values, column->category_count);
    if (column->kind == BP_COLUMN_BOOLEAN || column->encoding == BP_ENCODING_ORDINAL)
        return (size_t)values[0];
    return largest(values, column->category_count);
}

static bp_status write_category(const csv_save *save, const schema_column *column, size_t category)
{
    const bool is_known = category < column->category_count;
    return bpi_csv_write_text(save->writer, is_known ? column->categories[category] : "(unknown)", "");
}

/* Is a cell among others, of which that with the number `first` may be the first of its row? */
static bool is_among(const missing_cells *cells, size_t first, size_t row, size_t column)
{
    for (size_t i = first; i < cells->count && cells->cells[i].row == row; i++)
        if (cells->cells[i].column == column)
            return true;
    return false;
}

/* The first of the cells, which are in the order of their rows, that is of this row or a later one. */
static size_t first_of_row(const missing_cells *cells, size_t row)
{
    size_t low = 0, high = cells->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (cells->cells[middle].row < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bp_status write_cell(csv_save *save, size_t index, const schema_column *column)
{
    const bp_dataset *dataset = save->dataset;
    if (column->role == BP_ROLE_CASE_WEIGHT)
        return bpi_csv_write_number(save->writer, dataset->case_weights[index]);
    if (column->role == BP_ROLE_GROUP)
        return write_category(save, column, dataset->groups[index]);
    const bp_real *values = column->role == BP_ROLE_TARGET ? dataset->targets + index * dataset->target_width
                                                           : dataset->inputs + index * dataset->input_width;
    if (column->kind == BP_COLUMN_NUMBER)
        return bpi_csv_write_number(save->writer, values[column->first]);
    return write_category(save, column, category_of(column, values + column->first));
}

static bp_status write_case(csv_save *save, size_t index)
{
    const bp_dataset *dataset = save->dataset;
    const size_t row = dataset->origin[index];
    save->next_missing = first_of_row(&dataset->missing, row);
    save->next_unknown = first_of_row(&dataset->unknown, row);
    for (size_t i = 0; i < dataset->schema->column_count; i++) {
        const schema_column *column = &dataset->schema->columns[i];
        if (!is_written(dataset, column))
            continue;
        if (column->role == BP_ROLE_IGNORED || is_among(&dataset->missing, save->next_missing, row, i))
            BPI_TRY(bpi_csv_write_missing(save->writer));
        else if (is_among(&dataset->unknown, save->next_unknown, row, i))
            BPI_TRY(write_category(save, column, column->category_count));
        else
            BPI_TRY(write_cell(save, index, column));
    }
    return bpi_csv_end_row(save->writer);
}

/* A target that is not there is NaN. */
static bp_status write_numbers(csv_writer *writer, const bp_real *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        BPI_TRY(isnan((double)values[i]) ? bpi_csv_write_missing(writer)
                                         : bpi_csv_write_number(writer, values[i]));
    return BP_OK;
}

/* Of a dataset without a schema. */
static bp_status write_plain_case(const csv_save *save, size_t index)
{
    const bp_dataset *dataset = save->dataset;
    const size_t width = dataset->target_width;
    const bp_real *targets = dataset->targets == NULL ? NULL : dataset->targets + index * width;
    if (dataset->case_weights != NULL)
        BPI_TRY(bpi_csv_write_number(save->writer, dataset->case_weights[index]));
    BPI_TRY(
        write_numbers(save->writer, dataset->inputs + index * dataset->input_width, dataset->input_width));
    if (dataset->class_count > 0)
        BPI_TRY(bpi_csv_write_text(save->writer, dataset->class_names[largest(targets, width)], ""));
    else
        BPI_TRY(write_numbers(save->writer, targets, width));
    return bpi_csv_end_row(save->writer);
}

/* ------------------------------------------------------------------------- whole */

static bp_status write_cases(csv_save *save, case_range range, bool has_header)
{
    const bool has_schema = save->dataset->schema != NULL;
    if (has_schema && has_header && save->dataset->schema->columns[0].name != NULL)
        BPI_TRY(write_header(save));
    for (size_t i = range.first; i < range.first + range.count; i++)
        BPI_TRY(has_schema ? write_case(save, i) : write_plain_case(save, i));
    return bpi_csv_writer_finish(save->writer);
}

static bp_status save_in_c_locale(const bp_dataset *dataset, case_range range, const char *path,
                                  const bp_csv_options *options)
{
    output_file file;
    csv_writer writer;
    BPI_TRY(bpi_output_open(&file, path, &options->allocator));
    bpi_csv_writer_init(&writer, &file, options->delimiter, (char)options->decimal_point);
    csv_save save = {.dataset = dataset, .writer = &writer};
    return bpi_output_close(&file, write_cases(&save, range, options->header != BP_CSV_HEADER_NO));
}

bp_status bp_dataset_save_csv(const bp_dataset *dataset, bp_subset part, const char *path,
                              const bp_csv_options *options)
{
    bp_csv_options checked;
    case_range range;
    c_locale locale;
    BPI_REQUIRE(dataset);
    BPI_TRY(bpi_dataset_find_range(dataset, __func__, part, &range));
    BPI_REQUIRE(path);
    BPI_TRY(bpi_csv_check_options(__func__, options, &checked));
    if (!bpi_c_locale_enter(&locale))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the C locale", path);
    bp_status status = save_in_c_locale(dataset, range, path, &checked);
    bpi_c_locale_leave(&locale);
    return status;
}
