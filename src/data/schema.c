#include "data/schema.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "data/csv_message.h"
#include "data/name_order.h"

/* ----------------------------------------------------------------- strings */

void bpi_release_strings(const bp_allocator *allocator, char **strings, size_t count)
{
    for (size_t i = 0; strings != NULL && i < count; i++)
        bpi_release(allocator, strings[i]);
    bpi_release(allocator, strings);
}

bp_status bpi_copy_strings(char ***out, const char *where, const bp_allocator *allocator,
                           const char *const *strings, size_t count)
{
    char **copy = bpi_allocate_zeroed(allocator, count, sizeof *copy);
    bool has_memory = copy != NULL;
    for (size_t i = 0; has_memory && i < count; i++) {
        if (strings[i] == NULL)
            continue;
        copy[i] = bpi_copy_string(allocator, strings[i]);
        has_memory = copy[i] != NULL;
    }
    if (!has_memory) {
        bpi_release_strings(allocator, copy, count);
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for %zu names", where, count);
    }
    *out = copy;
    return BP_OK;
}

void bpi_release_categories(schema_column *column, const bp_allocator *allocator)
{
    bpi_release_strings(allocator, column->categories, column->category_count);
    bpi_release(allocator, column->order);
    column->categories = NULL;
    column->order = NULL;
    column->category_count = 0;
}

bool bpi_is_named(const schema_column *column, const char *name)
{
    return column->name != NULL && strcmp(column->name, name) == 0;
}

column_label bpi_nameless_column_label(size_t index)
{
    column_label label;
    snprintf(label.text, sizeof label.text, "%zu", index + 1);
    return label;
}

column_label bpi_column_label(const schema_column *columns, size_t index)
{
    column_label label = bpi_nameless_column_label(index);
    if (columns[index].name != NULL && columns[index].name[0] != '\0')
        snprintf(label.text, sizeof label.text, "%zu (%s)", index + 1,
                 bpi_csv_excerpt(columns[index].name).text);
    return label;
}

/* --------------------------------------------------------- creating, copying */

static void clear_rules(bp_schema *schema)
{
    for (size_t i = 0; i < schema->rule_count; i++) {
        schema_rule *rule = &schema->rules[i];
        bpi_release(&schema->allocator, (char *)rule->column.name);
        bpi_release_strings(&schema->allocator, rule->categories, rule->category_count);
    }
    bpi_release(&schema->allocator, schema->rules);
}

void bp_schema_destroy(bp_schema *schema)
{
    if (schema == NULL)
        return;
    bp_allocator allocator = schema->allocator;
    clear_rules(schema);
    for (size_t i = 0; i < schema->column_count; i++) {
        bpi_release(&allocator, schema->columns[i].name);
        bpi_release_categories(&schema->columns[i], &allocator);
    }
    bpi_release(&allocator, schema->columns);
    bpi_release_strings(&allocator, schema->markers, schema->marker_count);
    bpi_release(&allocator, schema);
}

static bp_status create(bp_schema **out, const char *where, const bp_allocator *allocator)
{
    bp_schema *schema = bpi_allocate_zeroed(allocator, 1, sizeof *schema);
    if (schema == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for a schema", where);
    schema->allocator = *allocator;
    schema->class_on = 1;
    *out = schema;
    return BP_OK;
}

bp_status bp_schema_create(bp_schema **out, const bp_allocator *allocator)
{
    BPI_REQUIRE(out);
    bp_allocator chosen;
    BPI_TRY(bpi_allocator_choose(&chosen, __func__, allocator));
    return create(out, __func__, &chosen);
}

bp_status bpi_schema_new(bp_schema **out, const char *where, const bp_allocator *allocator, size_t columns)
{
    bp_schema *schema = NULL;
    BPI_TRY(create(&schema, where, allocator));
    schema->is_learned = true;
    schema->columns = bpi_allocate_zeroed(allocator, columns, sizeof *schema->columns);
    if (schema->columns == NULL) {
        bp_schema_destroy(schema);
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for a schema of %zu columns", where, columns);
    }
    schema->column_count = columns;
    for (size_t i = 0; i < columns; i++)
        schema->columns[i].fill = NAN;
    *out = schema;
    return BP_OK;
}

bp_status bpi_schema_set_markers(bp_schema *schema, const char *where, const char *const *markers,
                                 size_t count)
{
    if (markers == NULL)
        return BP_OK;
    BPI_TRY(bpi_copy_strings(&schema->markers, where, &schema->allocator, markers, count));
    schema->marker_count = count;
    return BP_OK;
}

static bp_status copy_column(schema_column *to, const char *where, const schema_column *from,
                             const bp_allocator *allocator)
{
    *to = *from;
    to->name = NULL;
    to->categories = NULL;
    to->category_count = 0;
    to->order = NULL;
    if (from->name != NULL && (to->name = bpi_copy_string(allocator, from->name)) == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the name of a column", where);
    if (from->category_count > 0)
        BPI_TRY(bpi_copy_strings(&to->categories, where, allocator, (const char *const *)from->categories,
                                 from->category_count));
    to->category_count = from->category_count;
    if (from->order == NULL)
        return BP_OK;
    to->order = bpi_allocate(allocator, from->category_count, sizeof *to->order);
    if (to->order == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for %zu categories", where, from->category_count);
    memcpy(to->order, from->order, from->category_count * sizeof *to->order);
    return BP_OK;
}

static bp_status copy_columns(bp_schema **out, const char *where, const bp_schema *schema,
                              const bp_allocator *allocator)
{
    bp_schema *copy = NULL;
    BPI_TRY(bpi_schema_new(&copy, where, allocator, schema->column_count));
    bp_status status =
        bpi_schema_set_markers(copy, where, (const char *const *)schema->markers, schema->marker_count);
    for (size_t i = 0; status == BP_OK && i < schema->column_count; i++)
        status = copy_column(&copy->columns[i], where, &schema->columns[i], allocator);
    if (status != BP_OK) {
        bp_schema_destroy(copy);
        return status;
    }
    copy->input_width = schema->input_width;
    copy->target_width = schema->target_width;
    copy->target_count = schema->target_count;
    copy->class_on = schema->class_on;
    copy->class_off = schema->class_off;
    *out = copy;
    return BP_OK;
}

/* --------------------------------------------------------------------- rules */

bp_column bp_column_named(const char *name)
{
    return (bp_column){.name = name == NULL ? "" : name};
}

bp_column bp_column_numbered(int number)
{
    return (bp_column){.number = number};
}

bp_column bp_column_all(void)
{
    return (bp_column){.all = 1};
}

/* Adds a rule, whose name and categories are copied. */
static bp_status add_rule(const char *function, bp_schema *schema, schema_rule rule,
                          const char *const *categories)
{
    const bp_allocator *allocator = &schema->allocator;
    if (!bpi_grow(allocator, (void **)&schema->rules, &schema->rule_capacity, schema->rule_count,
                  sizeof *schema->rules))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for %zu rules", function, schema->rule_count + 1);
    if (categories != NULL)
        BPI_TRY(bpi_copy_strings(&rule.categories, function, allocator, categories, rule.category_count));
    if (rule.column.name != NULL) {
        rule.column.name = bpi_copy_string(allocator, rule.column.name);
        if (rule.column.name == NULL) {
            bpi_release_strings(allocator, rule.categories, rule.category_count);
            return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the name of a column", function);
        }
    }
    schema->rules[schema->rule_count++] = rule;
    return BP_OK;
}

static bp_status check_rules(const char *function, const bp_schema *schema)
{
    if (schema == NULL)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: schema is NULL", function);
    if (schema->is_learned)
        return bpi_fail(BP_ERROR_STATE, "%s: the schema was learned from a table, and cannot be changed",
                        function);
    return BP_OK;
}

/* Adds a rule whose value is one of an enumeration of 0 to `last`. */
static bp_status set_value(const char *function, bp_schema *schema, bp_column column, rule_kind kind,
                           const char *name, int value, int last)
{
    BPI_TRY(check_rules(function, schema));
    if (value < 0 || value > last)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: %s is %d, it must be in 0..%d", function, name, value, last);
    return add_rule(function, schema, (schema_rule){.kind = kind, .column = column, .value = value}, NULL);
}

bp_status bp_schema_set_role(bp_schema *schema, bp_column column, bp_column_role role)
{
    return set_value(__func__, schema, column, RULE_ROLE, "role", (int)role, BP_ROLE_GROUP);
}

bp_status bp_schema_set_kind(bp_schema *schema, bp_column column, bp_column_kind kind)
{
    return set_value(__func__, schema, column, RULE_KIND, "kind", (int)kind, BP_COLUMN_TEXT);
}

bp_status bp_schema_set_encoding(bp_schema *schema, bp_column column, bp_encoding encoding)
{
    return set_value(__func__, schema, column, RULE_ENCODING, "encoding", (int)encoding, BP_ENCODING_ORDINAL);
}

bp_status bp_schema_set_unknown(bp_schema *schema, bp_column column, bp_unknown rule)
{
    return set_value(__func__, schema, column, RULE_UNKNOWN, "rule", (int)rule, BP_UNKNOWN_ZERO);
}

bp_status bp_schema_set_missing(bp_schema *schema, bp_column column, bp_missing rule, int indicator)
{
    BPI_TRY(set_value(__func__, schema, column, RULE_MISSING, "rule", (int)rule, BP_MISSING_KEEP));
    schema->rules[schema->rule_count - 1].indicator = indicator != 0;
    return BP_OK;
}

static bp_status check_categories(const char *function, const bp_allocator *allocator,
                                  const char *const *names, size_t count)
{
    size_t pair[2];
    if (names == NULL)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: names is NULL", function);
    if (count < 2)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: count is %zu, it must be >= 2", function, count);
    for (size_t i = 0; i < count; i++)
        if (names[i] == NULL || names[i][0] == '\0')
            return bpi_fail(BP_ERROR_ARGUMENT, "%s: names[%zu] is %s", function, i,
                            names[i] == NULL ? "NULL" : "empty");
    BPI_TRY(bpi_find_repeated_name(function, allocator, names, count, pair));
    if (pair[1] == BP_NO_INDEX)
        return BP_OK;
    return bpi_fail(BP_ERROR_ARGUMENT, "%s: names[%zu] and names[%zu] are both '%s'", function, pair[0],
                    pair[1], bpi_csv_excerpt(names[pair[1]]).text);
}

bp_status bp_schema_set_categories(bp_schema *schema, bp_column column, const char *const *names,
                                   size_t count)
{
    BPI_TRY(check_rules(__func__, schema));
    BPI_TRY(check_categories(__func__, &schema->allocator, names, count));
    schema_rule rule = {.kind = RULE_CATEGORIES, .column = column, .category_count = count};
    return add_rule(__func__, schema, rule, names);
}

static bp_status copy_rules(bp_schema **out, const char *where, const bp_schema *schema,
                            const bp_allocator *allocator)
{
    bp_schema *copy = NULL;
    BPI_TRY(create(&copy, where, allocator));
    for (size_t i = 0; i < schema->rule_count; i++) {
        schema_rule rule = schema->rules[i];
        const char *const *categories = (const char *const *)rule.categories;
        rule.categories = NULL;
        bp_status status = add_rule(where, copy, rule, categories);
        if (status != BP_OK) {
            bp_schema_destroy(copy);
            return status;
        }
    }
    *out = copy;
    return BP_OK;
}

bp_status bpi_schema_copy(bp_schema **out, const char *where, const bp_schema *schema,
                          const bp_allocator *allocator)
{
    return schema->is_learned ? copy_columns(out, where, schema, allocator)
                              : copy_rules(out, where, schema, allocator);
}

bp_status bp_schema_copy(bp_schema **out, const bp_schema *schema)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(schema);
    return bpi_schema_copy(out, __func__, schema, &schema->allocator);
}

/* -------------------------------------------------------------------- layout */

static size_t input_width(const schema_column *column)
{
    bool is_one_hot = column->kind == BP_COLUMN_CATEGORY && column->encoding == BP_ENCODING_ONE_HOT;
    return (is_one_hot ? column->category_count : 1) + column->has_indicator;
}

bp_status bpi_schema_lay_out(const char *where, bp_schema *schema)
{
    schema->input_width = schema->target_width = schema->target_count = 0;
    for (size_t i = 0; i < schema->column_count; i++) {
        schema_column *column = &schema->columns[i];
        column->first = column->width = 0;
        if (column->role != BP_ROLE_INPUT && column->role != BP_ROLE_TARGET)
            continue;
        const bool is_target = column->role == BP_ROLE_TARGET;
        size_t *total = is_target ? &schema->target_width : &schema->input_width;
        column->width = !is_target                         ? input_width(column)
                        : column->kind == BP_COLUMN_NUMBER ? 1
                                                           : column->category_count;
        column->first = *total;
        if (!bpi_add(*total, column->width, total))
            return bpi_fail(BP_ERROR_OVERFLOW, "%s: the columns are more than a size can count", where);
        schema->target_count += is_target;
    }
    return BP_OK;
}

const schema_column *bpi_schema_class_target(const bp_schema *schema)
{
    for (size_t i = 0; schema->target_count == 1 && i < schema->column_count; i++)
        if (schema->columns[i].role == BP_ROLE_TARGET)
            return schema->columns[i].kind == BP_COLUMN_CATEGORY ? &schema->columns[i] : NULL;
    return NULL;
}

/* ----------------------------------------------------------------- accessors */

bp_status bpi_schema_require_learned(const char *function, const bp_schema *schema)
{
    if (schema == NULL)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: schema is NULL", function);
    if (!schema->is_learned)
        return bpi_fail(BP_ERROR_STATE,
                        "%s: the schema has rules, but was not learned from a table; that of the dataset was",
                        function);
    return BP_OK;
}

void bp_column_info_init(bp_column_info *info, size_t size)
{
    bpi_init_struct(SIZED_COLUMN_INFO, info, size, NULL);
}

size_t bp_schema_column_count(const bp_schema *schema)
{
    return schema == NULL ? 0 : schema->column_count;
}

size_t bp_schema_input_width(const bp_schema *schema)
{
    return schema == NULL ? 0 : schema->input_width;
}

size_t bp_schema_target_width(const bp_schema *schema)
{
    return schema == NULL ? 0 : schema->target_width;
}

size_t bp_schema_target_count(const bp_schema *schema)
{
    return schema == NULL ? 0 : schema->target_count;
}

bp_status bp_schema_column(const bp_schema *schema, size_t column, bp_column_info *info)
{
    BPI_REQUIRE(schema);
    BPI_REQUIRE(info);
    BPI_TRY(bpi_check_result_struct(__func__, SIZED_COLUMN_INFO, info));
    if (column >= schema->column_count)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: column is %zu, but the schema has %zu", __func__, column,
                        schema->column_count);
    const schema_column *from = &schema->columns[column];
    const bp_column_info found = {.size = sizeof found,
                                  .name = from->name,
                                  .role = from->role,
                                  .kind = from->kind,
                                  .encoding = from->encoding,
                                  .missing = from->missing,
                                  .unknown = from->unknown,
                                  .has_indicator = from->has_indicator,
                                  .first = from->first,
                                  .width = from->width,
                                  .categories = from->category_count,
                                  .missing_cells = from->missing_cells,
                                  .fill = from->fill};
    bpi_write_struct(SIZED_COLUMN_INFO, info, &found);
    return BP_OK;
}

const char *bp_schema_category(const bp_schema *schema, size_t column, size_t category)
{
    if (column >= bp_schema_column_count(schema) || category >= schema->columns[column].category_count)
        return NULL;
    return schema->columns[column].categories[category];
}

size_t bp_schema_input_groups(const bp_schema *schema, size_t *groups)
{
    size_t count = 0;
    for (size_t i = 0; groups != NULL && i < bp_schema_column_count(schema); i++) {
        const schema_column *column = &schema->columns[i];
        if (column->role != BP_ROLE_INPUT)
            continue;
        for (size_t k = 0; k < column->width; k++)
            groups[column->first + k] = count;
        count++;
    }
    return count;
}

const char *bp_schema_group_name(const bp_schema *schema, size_t group)
{
    for (size_t i = 0; i < bp_schema_column_count(schema); i++)
        if (schema->columns[i].role == BP_ROLE_INPUT && group-- == 0)
            return schema->columns[i].name;
    return NULL;
}

size_t bp_schema_column_of_input(const bp_schema *schema, size_t input)
{
    for (size_t i = 0; i < bp_schema_column_count(schema); i++) {
        const schema_column *column = &schema->columns[i];
        if (column->role == BP_ROLE_INPUT && input >= column->first && input - column->first < column->width)
            return i;
    }
    return BP_NO_INDEX;
}
