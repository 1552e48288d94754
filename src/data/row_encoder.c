#include "data/row_encoder.h"

#include <math.h>

#include "base/real.h"
#include "base/status.h"
#include "data/categories.h"
#include "data/csv_message.h"

static bool is_one_hot(const schema_column *column)
{
    return column->kind == BP_COLUMN_CATEGORY &&
           (column->role == BP_ROLE_TARGET || column->encoding == BP_ENCODING_ONE_HOT);
}

static void write_category(const schema_column *column, size_t category, double on, double off, bp_real *to)
{
    if (!is_one_hot(column)) {
        *to = (bp_real)category;
        return;
    }
    for (size_t i = 0; i < column->category_count; i++)
        to[i] = (bp_real)(i == category ? on : off);
}

void bpi_encode_fill(const schema_column *column, double fill, bp_real *to)
{
    if (column->has_indicator)
        to[column->width - 1] = 1;
    if (!is_one_hot(column)) {
        *to = (bp_real)fill;
        return;
    }
    for (size_t i = 0; i < column->category_count; i++)
        to[i] = (bp_real)(isnan(fill) ? NAN : (double)i == fill);
}

double bpi_decode_cell(const schema_column *column, const bp_real *inputs)
{
    if (!is_one_hot(column))
        return (double)inputs[column->first];
    for (size_t i = 0; i < column->category_count; i++)
        if (inputs[column->first + i] == 1)
            return (double)i;
    return NAN;
}

static cell_state encode_number(const table_cell *cell, bp_real *to)
{
    if (cell->kind != NUMBER_FINITE)
        return cell->kind == NUMBER_NONE ? CELL_NOT_A_NUMBER : CELL_NOT_FINITE;
    *to = (bp_real)cell->value;
    return CELL_OK;
}

cell_state bpi_encode_cell(const bp_schema *schema, size_t index, const table_cell *cell, bp_real *to)
{
    const schema_column *column = &schema->columns[index];
    const bool is_target = column->role == BP_ROLE_TARGET;
    if (cell->is_missing) {
        if (!is_target)
            bpi_encode_fill(column, column->fill, to);
        else if (bpi_keeps_missing(column))
            bpi_encode_fill(column, (double)NAN, to);
        return CELL_MISSING;
    }
    if (column->has_indicator)
        to[column->width - 1] = 0;
    if (column->kind == BP_COLUMN_NUMBER)
        return encode_number(cell, to);
    const size_t category = bpi_find_category(column, cell->text);
    const bool is_known = category < column->category_count;
    if (is_known)
        write_category(column, category, is_target ? schema->class_on : 1, is_target ? schema->class_off : 0,
                       to);
    else
        for (size_t i = 0; i < column->width; i++)
            to[i] = 0;
    return is_known ? CELL_OK : CELL_UNKNOWN;
}

bp_status bpi_fail_cell(const char *where, const bp_schema *schema, size_t column, cell_state state,
                        const char *text, const char *hint)
{
    const schema_column *at = &schema->columns[column];
    const column_label label = bpi_column_label(schema->columns, column);
    const csv_excerpt excerpt = bpi_csv_excerpt(text);
    const bool is_class = at->role == BP_ROLE_TARGET && at->kind == BP_COLUMN_CATEGORY;
    switch (state) {
    case CELL_MISSING:
        return bpi_fail(BP_ERROR_FORMAT,
                        "%s: column %s: %s is missing%s%s%s; bp_schema_set_missing says what to do then%s",
                        where, label.text, is_class ? "the class" : "the value", *text == '\0' ? "" : " ('",
                        excerpt.text, *text == '\0' ? "" : "')", hint);
    case CELL_UNKNOWN:
        return bpi_fail(BP_ERROR_FORMAT, "%s: column %s: '%s' is none of the %zu %s%s%s", where, label.text,
                        excerpt.text, at->category_count, is_class ? "classes" : "categories",
                        is_class ? "" : "; bp_schema_set_unknown says what to do then", hint);
    case CELL_NOT_FINITE:
        return bpi_fail(BP_ERROR_NOT_FINITE, "%s: column %s: '%s' is not finite or too large", where,
                        label.text, excerpt.text);
    default:
        return bpi_fail(BP_ERROR_FORMAT, "%s: column %s: '%s' is not a number%s", where, label.text,
                        excerpt.text, hint);
    }
}
