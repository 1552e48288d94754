#include "format/schema_section.h"

#include <math.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "data/network_schema.h"
#include "format/model_reader.h"
#include "network/types.h"

/* Flags of a column. */
enum {
    COLUMN_FLAG_NAME = 1,
    COLUMN_FLAG_INDICATOR = 2,
    COLUMN_FLAG_GIVEN = 4,   /* the categories are in the caller's order */
    COLUMN_FLAG_NUMBERS = 8, /* the categories are compared as numbers */
    COLUMN_FLAG_FILL = 16,   /* missing cells are filled in */
    COLUMN_FLAGS = 31
};

/* The least bytes of a column: six u32, two u64. */
enum { MIN_COLUMN_BYTES = 6 * 4 + 2 * 8 };

/* -------------------------------------------------------------------- writing */

static void put_real(byte_sink *sink, double value)
{
    const bp_real real = (bp_real)value;
    bpi_sink_reals(sink, &real, 1);
}

static uint32_t flags_of(const schema_column *column)
{
    return (column->name != NULL ? COLUMN_FLAG_NAME : 0U) |
           (column->has_indicator ? COLUMN_FLAG_INDICATOR : 0U) |
           (column->is_given ? COLUMN_FLAG_GIVEN : 0U) | (column->are_numbers ? COLUMN_FLAG_NUMBERS : 0U) |
           (isnan(column->fill) ? 0U : COLUMN_FLAG_FILL);
}

static void put_column(byte_sink *sink, const schema_column *column)
{
    bpi_sink_u32(sink, flags_of(column));
    bpi_sink_u32(sink, (uint32_t)column->role);
    bpi_sink_u32(sink, (uint32_t)column->kind);
    bpi_sink_u32(sink, (uint32_t)column->encoding);
    bpi_sink_u32(sink, (uint32_t)column->missing);
    bpi_sink_u32(sink, (uint32_t)column->unknown);
    bpi_sink_u64(sink, column->missing_cells);
    bpi_sink_u64(sink, column->category_count);
    if (column->name != NULL)
        bpi_sink_text(sink, column->name);
    if (!isnan(column->fill))
        put_real(sink, column->fill);
    for (size_t i = 0; i < column->category_count; i++)
        bpi_sink_text(sink, column->categories[i]);
}

void bpi_schema_write(byte_sink *sink, const bp_schema *schema)
{
    put_real(sink, schema->class_on);
    put_real(sink, schema->class_off);
    bpi_sink_u64(sink, schema->column_count);
    for (size_t i = 0; i < schema->column_count; i++)
        put_column(sink, &schema->columns[i]);
}

/* -------------------------------------------------------------------- reading */

static bp_status read_real(section_cursor *cursor, const char *what, double *value)
{
    bp_real real;
    if (cursor->end - cursor->at < cursor->real_bytes)
        return bpi_source_fail(cursor->source, cursor->at, BP_ERROR_FORMAT, "section %s ends within a number",
                               cursor->tag);
    if (bpi_cursor_reals(cursor, &real, 1) < 1)
        return bpi_cursor_fail_number(cursor, 0, what);
    cursor->at += cursor->real_bytes;
    *value = (double)real;
    return BP_OK;
}

/* A value of an enumeration up to `last`; a larger one may be known to later versions. */
static bp_status read_value(section_cursor *cursor, const char *what, uint32_t last, uint32_t *value)
{
    const size_t start = cursor->at;
    BPI_TRY(bpi_cursor_u32(cursor, value));
    if (*value <= last)
        return BP_OK;
    return bpi_source_fail(cursor->source, start, BP_ERROR_VERSION,
                           "the %s of a column is %lu, of which this library knows those up to %lu", what,
                           (unsigned long)*value, (unsigned long)last);
}

static bp_status read_categories(section_cursor *cursor, const bp_allocator *allocator, schema_column *column,
                                 size_t count)
{
    if (count == 0)
        return BP_OK;
    column->categories = bpi_allocate_zeroed(allocator, count, sizeof *column->categories);
    if (column->categories == NULL)
        return bpi_source_fail(cursor->source, cursor->at, BP_ERROR_MEMORY, "no memory for %zu categories",
                               count);
    column->category_count = count;
    for (size_t i = 0; i < count; i++)
        BPI_TRY(bpi_cursor_text(cursor, allocator, &column->categories[i]));
    return BP_OK;
}

/* What the rest of the library relies on. */
static bp_status check_column(const section_cursor *cursor, size_t start, const schema_column *column)
{
    const bool is_used = column->role == BP_ROLE_INPUT || column->role == BP_ROLE_TARGET;
    const bool is_category = column->kind == BP_COLUMN_CATEGORY;
    const char *what = NULL;
    if (is_used && column->kind != BP_COLUMN_NUMBER && !is_category && column->kind != BP_COLUMN_BOOLEAN)
        what = "is an input or target of no kind";
    else if (column->role == BP_ROLE_TARGET && column->kind == BP_COLUMN_BOOLEAN)
        what = "is a target of truth values";
    else if (column->kind == BP_COLUMN_BOOLEAN && column->category_count != 2)
        what = "has not two truth values";
    else if (is_used && is_category && column->category_count == 0)
        what = "has no categories";
    else if (column->kind == BP_COLUMN_NUMBER && column->category_count > 0)
        what = "has numbers and categories";
    else if (column->role != BP_ROLE_INPUT && column->has_indicator)
        what = "has an indicator, but is no input";
    else if (column->kind != BP_COLUMN_NUMBER && column->category_count > 0 && !isnan(column->fill) &&
             !(column->fill >= 0 && column->fill < (double)column->category_count &&
               column->fill == floor(column->fill)))
        what = "is filled in with none of its categories";
    if (what == NULL)
        return BP_OK;
    return bpi_source_fail(cursor->source, start, BP_ERROR_FORMAT, "a column %s", what);
}

static bp_status read_column(section_cursor *cursor, const bp_allocator *allocator, schema_column *column)
{
    const size_t start = cursor->at;
    uint32_t flags, role, kind, encoding, missing, unknown;
    size_t categories;
    BPI_TRY(read_value(cursor, "set of flags", COLUMN_FLAGS, &flags));
    BPI_TRY(read_value(cursor, "role", BP_ROLE_GROUP, &role));
    BPI_TRY(read_value(cursor, "kind", BP_COLUMN_TEXT, &kind));
    BPI_TRY(read_value(cursor, "encoding", BP_ENCODING_ORDINAL, &encoding));
    BPI_TRY(read_value(cursor, "rule for missing cells", BP_MISSING_MOST_FREQUENT, &missing));
    BPI_TRY(read_value(cursor, "rule for unknown categories", BP_UNKNOWN_ZERO, &unknown));
    BPI_TRY(bpi_cursor_size(cursor, &column->missing_cells));
    BPI_TRY(bpi_cursor_count(cursor, 8, &categories));
    column->role = (bp_column_role)role;
    column->kind = (bp_column_kind)kind;
    column->encoding = (bp_encoding)encoding;
    column->missing = (bp_missing)missing;
    column->unknown = (bp_unknown)unknown;
    column->has_indicator = (flags & COLUMN_FLAG_INDICATOR) != 0;
    column->is_given = (flags & COLUMN_FLAG_GIVEN) != 0;
    column->are_numbers = (flags & COLUMN_FLAG_NUMBERS) != 0;
    if ((flags & COLUMN_FLAG_NAME) != 0)
        BPI_TRY(bpi_cursor_text(cursor, allocator, &column->name));
    if ((flags & COLUMN_FLAG_FILL) != 0)
        BPI_TRY(read_real(cursor, "what a column is filled in with", &column->fill));
    BPI_TRY(read_categories(cursor, allocator, column, categories));
    return check_column(cursor, start, column);
}

static bp_status read_columns(section_cursor *cursor, bp_schema *schema)
{
    const size_t start = cursor->at;
    for (size_t i = 0; i < schema->column_count; i++)
        BPI_TRY(read_column(cursor, &schema->allocator, &schema->columns[i]));
    BPI_TRY(bpi_cursor_close(cursor));
    return bpi_cursor_error_at(cursor, BPI_MODEL_BUILDING, start, bpi_schema_lay_out(BPI_MODEL_BUILDING, schema));
}

bp_status bpi_schema_read(const model_file *file, bp_network *net)
{
    if (!file->sections[SECTION_SCHEMA].present)
        return BP_OK;
    section_cursor cursor = bpi_model_cursor(file, SECTION_SCHEMA);
    const size_t start = cursor.at;
    double on = 1, off = 0;
    size_t columns;
    BPI_TRY(read_real(&cursor, "the target of the true class", &on));
    BPI_TRY(read_real(&cursor, "the target of the other classes", &off));
    BPI_TRY(bpi_cursor_count(&cursor, MIN_COLUMN_BYTES, &columns));
    bp_schema *schema = NULL;
    BPI_TRY(bpi_schema_new(&schema, file->source->name, &net->allocator, columns));
    schema->class_on = on;
    schema->class_off = off;
    bp_status status = read_columns(&cursor, schema);
    if (status == BP_OK)
        status = bpi_cursor_error_at(&cursor, BPI_MODEL_BUILDING, start,
                                     bpi_network_take_schema(BPI_MODEL_BUILDING, net, schema));
    if (status != BP_OK)
        bp_schema_destroy(schema);
    return status;
}
