/* A learned schema as text. */
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "data/csv_reader.h"
#include "data/schema.h"

/* Text that is written as far as there is room; length is that of all of it. */
typedef struct text_writer {
    char *buffer;
    size_t capacity, length;
} text_writer;

static void append(text_writer *text, const char *piece)
{
    size_t length = strlen(piece);
    if (text->length < text->capacity) {
        size_t room = text->capacity - text->length - 1;
        size_t kept = length < room ? length : room;
        memcpy(text->buffer + text->length, piece, kept);
        text->buffer[text->length + kept] = '\0';
    }
    text->length += length;
}

static void append_count(text_writer *text, size_t count, const char *one, const char *many)
{
    char piece[96];
    snprintf(piece, sizeof piece, "%zu %s", count, count == 1 ? one : many);
    append(text, piece);
}

/* ------------------------------------------------------------------- the sum */

static size_t count_inputs(const bp_schema *schema, bp_column_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < schema->column_count; i++)
        count += schema->columns[i].role == BP_ROLE_INPUT && schema->columns[i].kind == kind;
    return count;
}

static void append_kinds(text_writer *text, const bp_schema *schema)
{
    static const struct {
        bp_column_kind kind;
        const char *one, *many;
    } kinds[] = {{BP_COLUMN_NUMBER, "number", "numbers"},
                 {BP_COLUMN_CATEGORY, "category", "categories"},
                 {BP_COLUMN_BOOLEAN, "truth value", "truth values"}};
    const char *separator = ": ";
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t count = count_inputs(schema, kinds[i].kind);
        if (count == 0)
            continue;
        append(text, separator);
        append_count(text, count, kinds[i].one, kinds[i].many);
        separator = ", ";
    }
}

static void append_targets(text_writer *text, const bp_schema *schema)
{
    for (size_t i = 0; i < schema->column_count; i++) {
        const schema_column *column = &schema->columns[i];
        if (column->role != BP_ROLE_TARGET)
            continue;
        append(text, ", target");
        if (column->name != NULL) {
            append(text, " '");
            append(text, bpi_csv_excerpt(column->name).text);
            append(text, "'");
        }
        if (column->kind != BP_COLUMN_CATEGORY)
            continue;
        append(text, " with ");
        append_count(text, column->category_count, "class", "classes");
    }
}

static void append_sum(text_writer *text, const bp_schema *schema)
{
    size_t missing = 0, ignored = 0;
    for (size_t i = 0; i < schema->column_count; i++) {
        const bool is_ignored = schema->columns[i].role == BP_ROLE_IGNORED;
        ignored += is_ignored;
        missing += is_ignored ? 0 : schema->columns[i].missing_cells;
    }
    append_count(text, schema->column_count, "column", "columns");
    append_kinds(text, schema);
    append_targets(text, schema);
    if (ignored > 0) {
        append(text, ", ");
        append_count(text, ignored, "ignored", "ignored");
    }
    if (missing > 0) {
        append(text, "; ");
        append_count(text, missing, "cell missing", "cells missing");
    }
    append(text, "\n");
}

/* --------------------------------------------------------------------- columns */

static const char *kind_name(const schema_column *column)
{
    static const char *const names[] = {"unknown", "number", "category", "truth value", "text"};
    return names[column->kind];
}

static void append_place(text_writer *text, const schema_column *column)
{
    static const char *const roles[] = {"input", "target", "ignored", "case weight", "group"};
    char place[96], name[32];
    snprintf(name, sizeof name, "%s%s", roles[column->role], column->width > 1 ? "s" : "");
    if (column->width == 0)
        snprintf(place, sizeof place, "%s", name);
    else if (column->width == 1)
        snprintf(place, sizeof place, "%s %zu", name, column->first);
    else
        snprintf(place, sizeof place, "%s %zu-%zu", name, column->first, column->first + column->width - 1);
    char piece[128];
    snprintf(piece, sizeof piece, "%-12s %-16s", kind_name(column), place);
    append(text, piece);
}

static void append_categories(text_writer *text, const schema_column *column)
{
    enum { SHOWN = 6 };
    for (size_t i = 0; i < column->category_count && i < SHOWN; i++) {
        append(text, i == 0 ? " " : ", ");
        append(text, bpi_csv_excerpt(column->categories[i]).text);
    }
    if (column->category_count <= SHOWN)
        return;
    append(text, ", ... (");
    append_count(text, column->category_count, "in all)", "in all)");
}

static void append_missing(text_writer *text, const schema_column *column)
{
    static const char *const rules[] = {"refused", "their rows left out", "mean", "median", "most frequent"};
    char piece[128];
    if (column->missing_cells == 0 || column->role == BP_ROLE_IGNORED)
        return;
    append(text, "; missing: ");
    append_count(text, column->missing_cells, "cell, ", "cells, ");
    append(text, column->role == BP_ROLE_INPUT ? rules[column->missing] : rules[BP_MISSING_SKIP]);
    if (column->role == BP_ROLE_INPUT && column->missing >= BP_MISSING_MEAN) {
        if (column->kind == BP_COLUMN_NUMBER) {
            snprintf(piece, sizeof piece, " %.6g", column->fill);
            append(text, piece);
        } else {
            append(text, " ");
            append(text, bpi_csv_excerpt(column->categories[(size_t)column->fill]).text);
        }
    }
    if (column->has_indicator)
        append(text, " and an indicator");
}

static void append_column(text_writer *text, const bp_schema *schema, size_t index, int width)
{
    const schema_column *column = &schema->columns[index];
    char piece[96];
    snprintf(piece, sizeof piece, "%4zu  %-*s  ", index + 1, width,
             column->name == NULL ? "" : bpi_csv_excerpt(column->name).text);
    append(text, piece);
    append_place(text, column);
    append_categories(text, column);
    append_missing(text, column);
    append(text, "\n");
}

static int name_width(const bp_schema *schema)
{
    size_t width = 0;
    for (size_t i = 0; i < schema->column_count; i++) {
        const char *name = schema->columns[i].name;
        size_t length = name == NULL ? 0 : strlen(bpi_csv_excerpt(name).text);
        width = length > width ? length : width;
    }
    return (int)width;
}

bp_status bp_schema_text(const bp_schema *schema, char *buffer, size_t capacity, size_t *needed)
{
    BPI_TRY(bpi_schema_require_learned(__func__, schema));
    if (buffer == NULL && (capacity > 0 || needed == NULL))
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: buffer is NULL, but %s", __func__,
                        capacity > 0 ? "capacity is not 0" : "so is needed");
    text_writer text = {buffer, capacity, 0};
    append_sum(&text, schema);
    const int width = name_width(schema);
    for (size_t i = 0; i < schema->column_count; i++)
        append_column(&text, schema, i, width);
    if (needed != NULL)
        *needed = text.length + 1;
    if (buffer != NULL && text.length >= capacity)
        return bpi_fail(BP_ERROR_SIZE, "%s: capacity is %zu, but the text needs %zu", __func__, capacity,
                        text.length + 1);
    return BP_OK;
}
