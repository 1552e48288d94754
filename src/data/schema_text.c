/* A learned schema as text. */
#include <stdio.h>
#include <string.h>

#include "base/text_table.h"
#include "data/categories.h"
#include "data/csv_message.h"
#include "data/row_numbers.h"
#include "data/schema.h"

static void append_count(text_sink *text, size_t count, const char *one, const char *many)
{
    bpi_text_format(text, "%zu %s", count, count == 1 ? one : many);
}

/* ------------------------------------------------------------------- the sum */

static size_t count_inputs(const bp_schema *schema, bp_column_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < schema->column_count; i++)
        count += schema->columns[i].role == BP_ROLE_INPUT && schema->columns[i].kind == kind;
    return count;
}

static void append_kinds(text_sink *text, const bp_schema *schema)
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
        bpi_text(text, separator);
        append_count(text, count, kinds[i].one, kinds[i].many);
        separator = ", ";
    }
}

/* ", target 'income'": what a column is beside an input. */
static void append_named(text_sink *text, const schema_column *column, const char *what)
{
    bpi_text_format(text, ", %s", what);
    if (column->name != NULL)
        bpi_text_format(text, " '%s'", bpi_csv_excerpt(column->name).text);
}

static void append_others(text_sink *text, const bp_schema *schema)
{
    static const char *const roles[] = {"input", "target", "ignored", "case weight", "group"};
    for (size_t i = 0; i < schema->column_count; i++) {
        const schema_column *column = &schema->columns[i];
        if (column->role == BP_ROLE_INPUT || column->role == BP_ROLE_IGNORED)
            continue;
        append_named(text, column, roles[column->role]);
        if (column->role != BP_ROLE_TARGET || column->kind != BP_COLUMN_CATEGORY)
            continue;
        bpi_text(text, " with ");
        append_count(text, column->category_count, "class", "classes");
    }
}

static void append_sum(text_sink *text, const bp_schema *schema)
{
    size_t missing = 0, ignored = 0;
    for (size_t i = 0; i < schema->column_count; i++) {
        const bool is_ignored = schema->columns[i].role == BP_ROLE_IGNORED;
        ignored += is_ignored;
        missing += is_ignored ? 0 : schema->columns[i].missing_cells;
    }
    append_count(text, schema->column_count, "column", "columns");
    append_kinds(text, schema);
    append_others(text, schema);
    if (ignored > 0)
        bpi_text_format(text, ", %zu ignored", ignored);
    if (missing > 0) {
        bpi_text(text, "; ");
        append_count(text, missing, "cell missing", "cells missing");
    }
    bpi_text(text, "\n");
}

/* --------------------------------------------------------------------- columns */

/* The parts of a column's line that are aligned. */
typedef struct column_parts {
    table_cell name, kind, place;
} column_parts;

/* "inputs 3-7" */
static table_cell place_of(const schema_column *column)
{
    static const char *const roles[] = {"input", "target", "ignored", "case weight", "group"};
    char place[96];
    if (column->width == 0)
        return bpi_table_text(roles[column->role]);
    if (column->width == 1)
        snprintf(place, sizeof place, "%s %zu", roles[column->role], column->first);
    else
        snprintf(place, sizeof place, "%ss %zu-%zu", roles[column->role], column->first,
                 column->first + column->width - 1);
    return bpi_table_text(place);
}

static column_parts parts_of(const schema_column *column)
{
    static const char *const kinds[] = {"unknown", "number", "category", "truth value", "text"};
    return (column_parts){
        .name = bpi_table_text(column->name == NULL ? "" : bpi_csv_excerpt(column->name).text),
        .kind = bpi_table_text(bpi_has_row_numbers(column) ? "row number" : kinds[column->kind]),
        .place = place_of(column)};
}

static void append_categories(text_sink *text, const schema_column *column)
{
    enum { SHOWN = 6 };
    for (size_t i = 0; i < column->category_count && i < SHOWN; i++)
        bpi_text_format(text, "%s%s", i == 0 ? "" : ", ", bpi_csv_excerpt(column->categories[i]).text);
    if (column->category_count > SHOWN)
        bpi_text_format(text, ", ... (%zu in all)", column->category_count);
}

static const char *rule_name(const schema_column *column)
{
    static const char *const rules[] = {"refused", "their rows left out", "mean",
                                        "median",  "most frequent",       "kept as missing"};
    if (column->role != BP_ROLE_INPUT && !bpi_keeps_missing(column))
        return rules[BP_MISSING_SKIP];
    if (column->missing >= BP_MISSING_MEAN && column->kind != BP_COLUMN_NUMBER)
        return rules[BP_MISSING_MOST_FREQUENT];
    return rules[column->missing];
}

static void append_missing(text_sink *text, const schema_column *column)
{
    bpi_text(text, "missing: ");
    append_count(text, column->missing_cells, "cell, ", "cells, ");
    bpi_text(text, rule_name(column));
    if (column->role == BP_ROLE_INPUT && column->missing >= BP_MISSING_MEAN)
        bpi_text_format(text, " %s",
                        column->kind == BP_COLUMN_NUMBER
                            ? bpi_format_digits(column->fill, 6).text
                            : bpi_csv_excerpt(column->categories[(size_t)column->fill]).text);
    if (column->has_indicator)
        bpi_text(text, " and an indicator");
}

static void append_column(text_sink *text, const schema_column *column, const column_parts *widths)
{
    const column_parts parts = parts_of(column);
    const bool has_categories = column->category_count > 0;
    const bool has_missing = column->missing_cells > 0 && column->role != BP_ROLE_IGNORED;
    bpi_text(text, "  ");
    bpi_table_left(text, &parts.name, widths->name.width);
    bpi_text(text, widths->name.width > 0 ? "  " : "");
    bpi_table_left(text, &parts.kind, widths->kind.width);
    bpi_text(text, "  ");
    bpi_table_left(text, &parts.place, has_categories || has_missing ? widths->place.width + 2 : 0);
    append_categories(text, column);
    bpi_text(text, has_categories && has_missing ? "; " : "");
    if (has_missing)
        append_missing(text, column);
    bpi_text(text, "\n");
}

static void widen(table_cell *widest, const table_cell *cell)
{
    if (cell->width > widest->width)
        widest->width = cell->width;
}

static void append_columns(text_sink *text, const bp_schema *schema)
{
    column_parts widths = {.name = {.width = 0}};
    for (size_t i = 0; i < schema->column_count; i++) {
        const column_parts parts = parts_of(&schema->columns[i]);
        widen(&widths.name, &parts.name);
        widen(&widths.kind, &parts.kind);
        widen(&widths.place, &parts.place);
    }
    for (size_t i = 0; i < schema->column_count; i++) {
        bpi_text_format(text, "%4zu", i + 1);
        append_column(text, &schema->columns[i], &widths);
    }
}

/* Numbers that were taken for classes might be none. */
static void append_note(text_sink *text, const schema_column *column, size_t index)
{
    if (column->role != BP_ROLE_TARGET || !bpi_categories_may_be_numbers(column))
        return;
    bpi_text_format(text,
                    "The numbers of column %zu are taken for classes; options.target = BP_TARGET_NUMERIC "
                    "predicts them as numbers.\n",
                    index + 1);
}

bp_status bp_schema_text(const bp_schema *schema, char *buffer, size_t capacity, size_t *needed)
{
    text_sink text;
    BPI_TRY(bpi_schema_require_learned(__func__, schema));
    BPI_TRY(bpi_text_begin(&text, __func__, buffer, capacity));
    append_sum(&text, schema);
    append_columns(&text, schema);
    for (size_t i = 0; i < schema->column_count; i++)
        append_note(&text, &schema->columns[i], i);
    return bpi_text_end(&text, __func__, needed);
}
