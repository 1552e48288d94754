#include "data/schema_match.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "data/categories.h"
#include "data/csv_message.h"

/* Two tables, and what messages begin with. */
typedef struct schema_pair {
    const char *function, *name;
    const bp_schema *table, *known;
} schema_pair;

/* ---------------------------------------------------------------------- messages */

/* NAME: what is wrong with a column, and what helps. */
BPI_PRINTF(3, 4)
static bp_status fail_column(const schema_pair *pair, size_t column, const char *format, ...)
{
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    return bpi_fail(BP_ERROR_NAME,
                    "%s: %s: column %s %s in the network's table; read with options.schema = "
                    "bp_network_schema(net), the columns are the same",
                    pair->function, pair->name, bpi_column_label(pair->table->columns, column).text, what);
}

static const char *kind_name(bp_column_kind kind)
{
    static const char *const names[] = {"", "numbers", "categories", "truth values", "text"};
    return names[kind];
}

/* ----------------------------------------------------------------------- columns */

/* Are two categories the same, as 1 and 1.0 are among numbers? */
static bool is_same_category(const schema_column *a, const schema_column *b, size_t category)
{
    double x, y;
    if (strcmp(a->categories[category], b->categories[category]) == 0)
        return true;
    return a->are_numbers && b->are_numbers && bpi_is_category_number(a->categories[category], &x) &&
           bpi_is_category_number(b->categories[category], &y) && x == y;
}

static bp_status match_categories(const schema_pair *pair, size_t column, const schema_column *known)
{
    const schema_column *own = &pair->table->columns[column];
    if (own->category_count != known->category_count)
        return fail_column(pair, column, "has %zu categories, but %zu", own->category_count,
                           known->category_count);
    for (size_t i = 0; i < own->category_count; i++)
        if (!is_same_category(own, known, i))
            return fail_column(pair, column, "has the category '%s' where '%s' is",
                               bpi_csv_excerpt(own->categories[i]).text,
                               bpi_csv_excerpt(known->categories[i]).text);
    return BP_OK;
}

/* The two truth values mean the same, whatever their words. */
static bp_status match_column(const schema_pair *pair, size_t column, const schema_column *known)
{
    const schema_column *own = &pair->table->columns[column];
    if (own->name != NULL && known->name != NULL && strcmp(own->name, known->name) != 0)
        return fail_column(pair, column, "stands where column '%s' does", bpi_csv_excerpt(known->name).text);
    if (own->kind != known->kind)
        return fail_column(pair, column, "has %s, but %s", kind_name(own->kind), kind_name(known->kind));
    if (own->has_indicator != known->has_indicator)
        return fail_column(pair, column, "%s, unlike", own->has_indicator ? "has an indicator" : "has none");
    if (own->kind != BP_COLUMN_CATEGORY)
        return BP_OK;
    if (own->role == BP_ROLE_INPUT && own->encoding != known->encoding)
        return fail_column(pair, column, "is encoded otherwise than");
    return match_categories(pair, column, known);
}

/* The number of the next column with a role, from `column` on; the number of columns if there is none. */
static size_t next_of(const bp_schema *schema, bp_column_role role, size_t column)
{
    while (column < schema->column_count && schema->columns[column].role != role)
        column++;
    return column;
}

static bp_status match_role(const schema_pair *pair, bp_column_role role)
{
    const bp_schema *table = pair->table, *known = pair->known;
    size_t own = next_of(table, role, 0), other = next_of(known, role, 0);
    while (own < table->column_count && other < known->column_count) {
        BPI_TRY(match_column(pair, own, &known->columns[other]));
        own = next_of(table, role, own + 1);
        other = next_of(known, role, other + 1);
    }
    if (own < table->column_count)
        return fail_column(pair, own, "is not");
    if (other == known->column_count)
        return BP_OK;
    return bpi_fail(BP_ERROR_NAME, "%s: %s: there is no column %s, which the network's table has",
                    pair->function, pair->name, bpi_column_label(known->columns, other).text);
}

/* The targets of the true class and of the others, of tables whose targets match. */
static bp_status match_class_values(const schema_pair *pair)
{
    const bp_schema *table = pair->table, *known = pair->known;
    if (table->class_on == known->class_on && table->class_off == known->class_off)
        return BP_OK;
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].role == BP_ROLE_TARGET && table->columns[i].kind == BP_COLUMN_CATEGORY)
            return fail_column(pair, i, "has the targets %s and %s for its classes, but %s and %s",
                               bpi_format_real(table->class_on).text, bpi_format_real(table->class_off).text,
                               bpi_format_real(known->class_on).text, bpi_format_real(known->class_off).text);
    return BP_OK;
}

/* Nothing is known of the input columns but that they are numbers. */
static bool has_plain_inputs(const bp_schema *schema)
{
    for (size_t i = 0; i < schema->column_count; i++) {
        const schema_column *column = &schema->columns[i];
        if (column->role == BP_ROLE_INPUT &&
            (column->name != NULL || column->kind != BP_COLUMN_NUMBER || column->has_indicator))
            return false;
    }
    return true;
}

bp_status bpi_schema_match(const char *function, const char *name, const bp_schema *table,
                           const bp_schema *known, bool with_targets)
{
    const schema_pair pair = {function, name, table, known};
    const bool is_plain = has_plain_inputs(table) || has_plain_inputs(known);
    if (!is_plain)
        BPI_TRY(match_role(&pair, BP_ROLE_INPUT));
    if (!with_targets || table->target_count == 0 || known->target_count == 0)
        return BP_OK;
    BPI_TRY(match_role(&pair, BP_ROLE_TARGET));
    return is_plain ? BP_OK : match_class_values(&pair);
}
