#include "data/input_names.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

/* Three texts in one, or NULL when there is no memory. */
static char *join(const bp_allocator *allocator, const char *first, const char *second, const char *third)
{
    const size_t size = strlen(first) + strlen(second) + strlen(third) + 1;
    char *text = bpi_allocate(allocator, size, 1);
    if (text != NULL)
        snprintf(text, size, "%s%s%s", first, second, third);
    return text;
}

/* "sex=female" for one of the inputs of a category, or targets of a class; "age" for a number, "age missing"
 * for an indicator. */
static char *name_value(const bp_allocator *allocator, const schema_column *column, size_t index)
{
    const bool is_target = column->role == BP_ROLE_TARGET;
    if (!is_target && column->has_indicator && index == column->width - 1)
        return join(allocator, column->name, " missing", "");
    if (is_target ? column->kind != BP_COLUMN_NUMBER
                  : column->kind == BP_COLUMN_CATEGORY && column->encoding == BP_ENCODING_ONE_HOT)
        return join(allocator, column->name, "=", column->categories[index]);
    return bpi_copy_string(allocator, column->name);
}

bp_status bpi_name_inputs(bp_dataset *dataset, const char *where)
{
    const bp_schema *schema = dataset->schema;
    if (schema->columns[0].name == NULL)
        return BP_OK;
    dataset->input_names =
        bpi_allocate_zeroed(&dataset->allocator, dataset->input_width, sizeof *dataset->input_names);
    bool has_memory = dataset->input_names != NULL;
    for (size_t i = 0; has_memory && i < schema->column_count; i++) {
        const schema_column *column = &schema->columns[i];
        for (size_t k = 0; has_memory && column->role == BP_ROLE_INPUT && k < column->width; k++) {
            char *name = name_value(&dataset->allocator, column, k);
            dataset->input_names[column->first + k] = name;
            has_memory = name != NULL;
        }
    }
    return has_memory ? BP_OK
                      : bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the names of its columns", where);
}

/* The column of a table with a target; NULL: there is none. */
static const schema_column *find_target(const bp_schema *schema, size_t target)
{
    for (size_t i = 0; schema != NULL && i < schema->column_count; i++) {
        const schema_column *column = &schema->columns[i];
        if (column->role == BP_ROLE_TARGET && target >= column->first &&
            target - column->first < column->width)
            return column;
    }
    return NULL;
}

bp_status bpi_name_window_input(char **out, const char *function, const bp_dataset *rows, size_t column,
                                size_t before)
{
    const bp_allocator *allocator = &rows->allocator;
    const bool is_input = column < rows->input_width;
    const size_t target = is_input ? 0 : column - rows->input_width;
    const schema_column *named = is_input ? NULL : find_target(rows->schema, target);
    char *name = NULL, when[32] = " (t)";
    *out = NULL;
    if (is_input ? rows->input_names[column] == NULL : named == NULL)
        return BP_OK;
    if (before > 0)
        snprintf(when, sizeof when, " (t-%zu)", before);
    name = is_input ? bpi_copy_string(allocator, rows->input_names[column])
                    : name_value(allocator, named, target - named->first);
    if (name != NULL)
        *out = join(allocator, name, when, "");
    bpi_release(allocator, name);
    return *out != NULL ? BP_OK : bpi_fail(BP_ERROR_MEMORY, "%s: no memory for names of inputs", function);
}
