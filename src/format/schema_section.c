#include "format/schema_section.h"

#include <math.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "base/number.h"
#include "data/categories.h"
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

/* The names of groups are of no use for other tables. */
static size_t count_categories(const schema_column *column)
{
    return column->role == BP_ROLE_GROUP ? 0 : column->category_count;
}

static void put_column(byte_sink *sink, const schema_column *column)
{
    const size_t categories = count_categories(column);
    bpi_sink_u32(sink, flags_of(column));
    bpi_sink_u32(sink, (uint32_t)column->role);
    bpi_sink_u32(sink, (uint32_t)column->kind);
    bpi_sink_u32(sink, (uint32_t)column->encoding);
    bpi_sink_u32(sink, (uint32_t)column->missing);
    bpi_sink_u32(sink, (uint32_t)column->unknown);
    bpi_sink_u64(sink, column->missing_cells);
    bpi_sink_u64(sink, categories);
    if (column->name != NULL)
        bpi_sink_text(sink, column->name);
    if (!isnan(column->fill))
        put_real(sink, column->fill);
    for (size_t i = 0; i < categories; i++)
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

void bpi_markers_write(byte_sink *sink, const bp_schema *schema)
{
    bpi_sink_u64(sink, schema->marker_count);
    for (size_t i = 0; i < schema->marker_count; i++)
        bpi_sink_text(sink, schema->markers[i]);
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

/* `what` they are. On failure *texts, with *count entries, are still to be released. */
static bp_status read_texts(section_cursor *cursor, const bp_allocator *allocator, const char *what,
                            size_t wanted, char ***texts, size_t *count)
{
    *texts = bpi_allocate_zeroed(allocator, wanted, sizeof **texts);
    if (*texts == NULL)
        return bpi_source_fail(cursor->source, cursor->at, BP_ERROR_MEMORY, "no memory for %zu %s", wanted,
                               what);
    *count = wanted;
    for (size_t i = 0; i < wanted; i++)
        BPI_TRY(bpi_cursor_text(cursor, allocator, &(*texts)[i]));
    return BP_OK;
}

static bool is_used(const schema_column *column)
{
    return column->role == BP_ROLE_INPUT || column->role == BP_ROLE_TARGET;
}

/* What is wrong with the kind of a column, or NULL. */
static const char *check_kind(const schema_column *column)
{
    const bool is_category = column->kind == BP_COLUMN_CATEGORY;
    if (column->kind == BP_COLUMN_AUTO)
        return "is of no kind";
    if (is_used(column) && column->kind == BP_COLUMN_TEXT)
        return "is an input or target of text";
    if (column->role == BP_ROLE_TARGET && column->kind == BP_COLUMN_BOOLEAN)
        return "is a target of truth values";
    if (column->role == BP_ROLE_CASE_WEIGHT && column->kind != BP_COLUMN_NUMBER)
        return "has case weights that are no numbers";
    if (column->kind == BP_COLUMN_BOOLEAN && column->category_count != 2)
        return "has not two truth values";
    if (is_used(column) && is_category && column->category_count == 0)
        return "has no categories";
    if (column->role == BP_ROLE_TARGET && is_category && column->category_count < 2)
        return "is a target of one class alone";
    if (!is_category && column->kind != BP_COLUMN_BOOLEAN && column->category_count > 0)
        return "has categories that it does not need";
    if (column->role != BP_ROLE_INPUT && column->has_indicator)
        return "has an indicator, but is no input";
    return NULL;
}

/* The same for categories that are found by their order. */
static const char *check_order(const schema_column *column)
{
    if (column->kind != BP_COLUMN_CATEGORY)
        return column->are_numbers ? "has numbers as categories, but is of no such kind" : NULL;
    if (column->is_given)
        return column->are_numbers && !bpi_are_category_numbers(column->categories, column->category_count)
                   ? "has categories that are not numbers"
                   : NULL;
    return bpi_are_ascending(column->categories, column->category_count, column->are_numbers)
               ? NULL
               : "has categories that are not in order";
}

/* The same for what missing cells are filled in with. */
static const char *check_fill(const schema_column *column)
{
    const bool is_filled = column->role == BP_ROLE_INPUT && column->missing >= BP_MISSING_MEAN;
    if (is_filled && isnan(column->fill))
        return "does not say what its missing cells are filled in with";
    if (isnan(column->fill) || column->category_count == 0)
        return NULL;
    const bool is_one = column->fill >= 0 && column->fill < (double)column->category_count &&
                        column->fill == floor(column->fill);
    return is_one ? NULL : "is filled in with none of its categories";
}

/* What the rest of the library relies on. */
static bp_status check_column(const section_cursor *cursor, size_t start, const schema_column *column)
{
    const char *what = check_kind(column);
    if (what == NULL)
        what = check_order(column);
    if (what == NULL)
        what = check_fill(column);
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
    BPI_TRY(read_value(cursor, "rule for missing cells", BP_MISSING_KEEP, &missing));
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
    if (categories > 0)
        BPI_TRY(read_texts(cursor, allocator, "categories", categories, &column->categories,
                           &column->category_count));
    BPI_TRY(check_column(cursor, start, column));
    return bpi_cursor_error_at(cursor, BPI_MODEL_BUILDING, start,
                               bpi_order_categories(column, BPI_MODEL_BUILDING, allocator));
}

static bp_status read_columns(section_cursor *cursor, bp_schema *schema)
{
    const size_t start = cursor->at;
    size_t named = 0;
    for (size_t i = 0; i < schema->column_count; i++) {
        BPI_TRY(read_column(cursor, &schema->allocator, &schema->columns[i]));
        named += schema->columns[i].name != NULL;
    }
    if (named > 0 && named < schema->column_count)
        return bpi_source_fail(cursor->source, start, BP_ERROR_FORMAT, "%zu of %zu columns have names", named,
                               schema->column_count);
    BPI_TRY(bpi_cursor_close(cursor));
    return bpi_cursor_error_at(cursor, BPI_MODEL_BUILDING, start,
                               bpi_schema_lay_out(BPI_MODEL_BUILDING, schema));
}

/* The targets of classes, and the columns. */
static bp_status read_schema(section_cursor *cursor, const bp_allocator *allocator, bp_schema **schema)
{
    const size_t start = cursor->at;
    double on = 1, off = 0;
    size_t columns;
    BPI_TRY(read_real(cursor, "the target of the true class", &on));
    BPI_TRY(read_real(cursor, "the target of the other classes", &off));
    if (on <= off)
        return bpi_source_fail(cursor->source, start, BP_ERROR_FORMAT,
                               "the target of the true class is not more than that of the others");
    BPI_TRY(bpi_cursor_count(cursor, MIN_COLUMN_BYTES, &columns));
    BPI_TRY(bpi_schema_new(schema, cursor->source->name, allocator, columns));
    (*schema)->class_on = on;
    (*schema)->class_off = off;
    return read_columns(cursor, *schema);
}

/* What stands for missing cells, if the file says so. */
static bp_status read_markers(const model_file *file, bp_schema *schema)
{
    size_t count;
    if (!file->sections[SECTION_MARKERS].present)
        return BP_OK;
    section_cursor cursor = bpi_model_cursor(file, SECTION_MARKERS);
    BPI_TRY(bpi_cursor_count(&cursor, 8, &count));
    BPI_TRY(
        read_texts(&cursor, &schema->allocator, "markers", count, &schema->markers, &schema->marker_count));
    return bpi_cursor_close(&cursor);
}

static bp_status read_section(const model_file *file, bp_network *net)
{
    section_cursor cursor = bpi_model_cursor(file, SECTION_SCHEMA);
    const size_t start = cursor.at;
    bp_schema *schema = NULL;
    bp_status status = read_schema(&cursor, &net->allocator, &schema);
    if (status == BP_OK)
        status = read_markers(file, schema);
    if (status == BP_OK)
        status = bpi_cursor_error_at(&cursor, BPI_MODEL_BUILDING, start,
                                     bpi_network_take_schema(BPI_MODEL_BUILDING, net, schema));
    if (status != BP_OK)
        bp_schema_destroy(schema);
    return status;
}

bp_status bpi_schema_read(const model_file *file, bp_network *net)
{
    c_locale locale; /* categories may be numbers */
    if (!file->sections[SECTION_SCHEMA].present && file->sections[SECTION_MARKERS].present)
        return bpi_source_fail(file->source, file->sections[SECTION_MARKERS].start, BP_ERROR_FORMAT,
                               "markers of missing cells, but no schema");
    if (!file->sections[SECTION_SCHEMA].present)
        return BP_OK;
    if (!bpi_c_locale_enter(&locale))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the C locale", file->source->name);
    bp_status status = read_section(file, net);
    bpi_c_locale_leave(&locale);
    return status;
}
