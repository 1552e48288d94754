#include "data/schema_rules.h"

#include "base/memory.h"
#include "base/status.h"
#include "data/categories.h"
#include "data/csv_message.h"

/* ------------------------------------------------------------------ columns */

/* The only column of a name. */
static bp_status find_named(const bp_schema *schema, const char *where, const char *name, size_t *column)
{
    size_t found = 0;
    for (size_t i = 0; i < schema->column_count; i++)
        if (bpi_is_named(&schema->columns[i], name) && found++ == 0)
            *column = i;
    if (found == 1)
        return BP_OK;
    if (found > 1)
        return bpi_fail(BP_ERROR_FORMAT, "%s: %zu columns are named '%s'", where, found,
                        bpi_csv_excerpt(name).text);
    return bpi_fail(BP_ERROR_FORMAT, "%s: no column is named '%s'", where, bpi_csv_excerpt(name).text);
}

static bp_status find_numbered(const bp_schema *schema, const char *where, int number, size_t *column)
{
    const size_t count = schema->column_count;
    const size_t from_end = number < 0 ? (size_t)(-(long long)number) : 0;
    *column = number < 0 ? count - from_end : (size_t)number;
    if (from_end <= count && *column < count)
        return BP_OK;
    return bpi_fail(BP_ERROR_ARGUMENT, "%s: a rule is for column %d, but there are %zu", where, number,
                    count);
}

/* -------------------------------------------------------------------- rules */

static void drop_categories(schema_column *column, const bp_allocator *allocator)
{
    bpi_release_categories(column, allocator);
    column->is_given = column->are_numbers = false;
}

static bp_status set_categories(schema_column *column, const char *where, const schema_rule *rule,
                                const bp_allocator *allocator)
{
    char **categories;
    BPI_TRY(bpi_copy_strings(&categories, where, allocator, (const char *const *)rule->categories,
                             rule->category_count));
    drop_categories(column, allocator);
    column->categories = categories;
    column->category_count = rule->category_count;
    column->kind = BP_COLUMN_CATEGORY;
    column->is_given = column->is_kind_set = true;
    return bpi_compare_given_categories(column, where, allocator);
}

static bp_status apply_to_column(schema_column *column, const char *where, const schema_rule *rule,
                                 const bp_allocator *allocator)
{
    column->is_chosen = column->is_chosen || !rule->column.all || rule->kind == RULE_ROLE;
    switch (rule->kind) {
    case RULE_ROLE:
        column->role = (bp_column_role)rule->value;
        if (column->kind == BP_COLUMN_TEXT && column->role != BP_ROLE_IGNORED)
            column->kind = BP_COLUMN_AUTO;
        break;
    case RULE_KIND:
        column->kind = (bp_column_kind)rule->value;
        column->is_kind_set = column->kind != BP_COLUMN_AUTO;
        if (column->kind == BP_COLUMN_TEXT)
            column->role = BP_ROLE_IGNORED;
        break;
    case RULE_ENCODING:
        column->encoding = (bp_encoding)rule->value;
        break;
    case RULE_MISSING:
        column->missing = (bp_missing)rule->value;
        column->has_indicator = rule->indicator;
        break;
    case RULE_UNKNOWN:
        column->unknown = (bp_unknown)rule->value;
        break;
    case RULE_CATEGORIES:
        return set_categories(column, where, rule, allocator);
    }
    return BP_OK;
}

static bp_status apply(bp_schema *schema, const char *where, const schema_rule *rule)
{
    size_t first = 0, end = schema->column_count;
    if (!rule->column.all) {
        if (rule->column.name != NULL)
            BPI_TRY(find_named(schema, where, rule->column.name, &first));
        else
            BPI_TRY(find_numbered(schema, where, rule->column.number, &first));
        end = first + 1;
    }
    for (size_t i = first; i < end; i++)
        BPI_TRY(apply_to_column(&schema->columns[i], where, rule, &schema->allocator));
    return BP_OK;
}

/* ------------------------------------------------------------------- targets */

static size_t count_role(const bp_schema *schema, bp_column_role role)
{
    size_t count = 0;
    for (size_t i = 0; i < schema->column_count; i++)
        count += schema->columns[i].role == role;
    return count;
}

/* The targets that the options name by number. */
static bp_status find_targets(const bp_schema *schema, const char *where, const bp_csv_options *options,
                              const char *hint, size_t *first, size_t *count)
{
    const size_t columns = schema->column_count;
    const int column = options->target_column;
    const size_t from_end = column < 0 ? (size_t)(-(long long)column) : 0;
    *first = column < 0 ? columns - from_end : (size_t)column;
    *count = options->target_columns;
    if (from_end <= columns && *first < columns && columns - *first >= *count)
        return BP_OK;
    return bpi_fail(BP_ERROR_ARGUMENT,
                    "%s: options.target_column %d with target_columns %zu does not fit %zu column%s%s", where,
                    column, *count, columns, columns == 1 ? "" : "s", hint);
}

static bp_status choose_targets(bp_schema *schema, const char *where, const bp_csv_options *options,
                                const char *hint)
{
    size_t first = 0, count = 1;
    if (count_role(schema, BP_ROLE_TARGET) == 0 && options->target != BP_TARGET_NONE) {
        if (options->target_name != NULL)
            BPI_TRY(find_named(schema, where, options->target_name, &first));
        else
            BPI_TRY(find_targets(schema, where, options, hint, &first, &count));
        for (size_t i = first; i < first + count; i++)
            schema->columns[i].role = BP_ROLE_TARGET;
    }
    return BP_OK;
}

/* What the role of a column says about its kind. */
static void choose_kind(schema_column *column, const bp_csv_options *options, const bp_allocator *allocator)
{
    if (column->role == BP_ROLE_TARGET && column->kind == BP_COLUMN_AUTO && options->target != BP_TARGET_AUTO)
        column->kind = options->target == BP_TARGET_NUMERIC ? BP_COLUMN_NUMBER : BP_COLUMN_CATEGORY;
    if (column->role == BP_ROLE_TARGET && column->kind == BP_COLUMN_BOOLEAN)
        column->kind = BP_COLUMN_CATEGORY;
    if (column->role == BP_ROLE_CASE_WEIGHT)
        column->kind = BP_COLUMN_NUMBER;
    if (column->role == BP_ROLE_GROUP)
        column->kind = BP_COLUMN_CATEGORY;
    if (column->role != BP_ROLE_INPUT)
        column->has_indicator = false;
    if (column->missing == BP_MISSING_KEEP && column->role != BP_ROLE_TARGET)
        column->missing = BP_MISSING_REFUSE;
    if (column->role == BP_ROLE_IGNORED || column->kind != BP_COLUMN_CATEGORY)
        drop_categories(column, allocator);
}

static bp_status check_roles(const bp_schema *schema, const char *where, const char *hint)
{
    static const bp_column_role once[] = {BP_ROLE_CASE_WEIGHT, BP_ROLE_GROUP};
    static const char *const names[] = {"case weights", "groups"};
    for (size_t i = 0; i < 2; i++)
        if (count_role(schema, once[i]) > 1)
            return bpi_fail(BP_ERROR_ARGUMENT, "%s: %zu columns are set to be %s, one at most can be", where,
                            count_role(schema, once[i]), names[i]);
    if (count_role(schema, BP_ROLE_INPUT) == 0)
        return bpi_fail(BP_ERROR_FORMAT, "%s: %zu column%s, none of which is left for inputs%s", where,
                        schema->column_count, schema->column_count == 1 ? "" : "s",
                        hint[0] == '\0' ? "; is options.delimiter right?" : hint);
    return BP_OK;
}

bp_status bpi_schema_apply_rules(bp_schema *schema, const char *where, const bp_schema *rules,
                                 const bp_csv_options *options, const char *hint)
{
    for (size_t i = 0; rules != NULL && i < rules->rule_count; i++)
        BPI_TRY(apply(schema, where, &rules->rules[i]));
    BPI_TRY(choose_targets(schema, where, options, hint));
    for (size_t i = 0; i < schema->column_count; i++)
        choose_kind(&schema->columns[i], options, &schema->allocator);
    return check_roles(schema, where, hint);
}

const char *bpi_schema_rule_name(const bp_schema *rules, const bp_csv_options *options)
{
    for (size_t i = 0; rules != NULL && i < rules->rule_count; i++)
        if (rules->rules[i].column.name != NULL)
            return rules->rules[i].column.name;
    return options->target_name;
}
