/* One row of text as inputs, and outputs in words. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "data/categories.h"
#include "data/csv_message.h"
#include "data/missing_marker.h"
#include "data/name_order.h"
#include "data/row_encoder.h"
#include "data/schema.h"

/* ------------------------------------------------------------------------- inputs */

/* Which cell belongs to a column. */
typedef struct cell_map {
    const bp_schema *schema;
    const char *const *names; /* NULL: in order */
    size_t count;
    bool has_all;    /* in order: a cell for every column */
    size_t *cell_of; /* with names: for each column its cell, or BP_NO_INDEX */
} cell_map;

static size_t count_inputs(const bp_schema *schema)
{
    size_t count = 0;
    for (size_t i = 0; i < schema->column_count; i++)
        count += schema->columns[i].role == BP_ROLE_INPUT;
    return count;
}

static bp_status map_by_order(cell_map *map, const char *function)
{
    const size_t columns = map->schema->column_count, inputs = count_inputs(map->schema);
    map->has_all = map->count == columns;
    if (map->has_all || map->count == inputs)
        return BP_OK;
    return bpi_fail(BP_ERROR_SIZE, "%s: count is %zu, but the schema has %zu columns, %zu of them inputs",
                    function, map->count, columns, inputs);
}

/* Gives columns their cells, both sorted by name. If several columns have one, their cells are in the same
 * order; there must be as many. */
static void pair_names(cell_map *map, const numbered_name *columns, size_t column_count,
                       const numbered_name *cells, size_t cell_count)
{
    size_t cell = 0;
    for (size_t i = 0, same; i < column_count; i += same) {
        same = bpi_count_same_names(columns, column_count, i);
        while (cell < cell_count && strcmp(cells[cell].name, columns[i].name) < 0)
            cell++;
        if (cell == cell_count || strcmp(cells[cell].name, columns[i].name) != 0 ||
            bpi_count_same_names(cells, cell_count, cell) != same)
            continue;
        for (size_t k = 0; k < same; k++)
            map->cell_of[columns[i + k].number] = cells[cell + k].number;
    }
}

/* Trusts that the columns have names. */
static bp_status map_by_name(cell_map *map, const char *function)
{
    const size_t columns = map->schema->column_count;
    size_t cells = 0, both;
    numbered_name *sorted = bpi_add(columns, map->count, &both)
                                ? bpi_allocate(&map->schema->allocator, both, sizeof *sorted)
                                : NULL;
    map->cell_of = bpi_allocate(&map->schema->allocator, columns, sizeof *map->cell_of);
    if (sorted == NULL || map->cell_of == NULL) {
        bpi_release(&map->schema->allocator, sorted);
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the names of %zu columns", function, columns);
    }
    for (size_t i = 0; i < columns; i++) {
        map->cell_of[i] = BP_NO_INDEX;
        sorted[i] = (numbered_name){map->schema->columns[i].name, i};
    }
    for (size_t i = 0; i < map->count; i++)
        if (map->names[i] != NULL)
            sorted[columns + cells++] = (numbered_name){map->names[i], i};
    bpi_sort_names(sorted, columns);
    bpi_sort_names(sorted + columns, cells);
    pair_names(map, sorted, columns, sorted + columns, cells);
    bpi_release(&map->schema->allocator, sorted);
    return BP_OK;
}

/* The caller releases cell_of in any case. */
static bp_status make_map(cell_map *map, const char *function)
{
    if (map->names == NULL)
        return map_by_order(map, function);
    if (map->schema->columns[0].name == NULL)
        return bpi_fail(BP_ERROR_NAME, "%s: names are given, but the columns of the schema have none",
                        function);
    return map_by_name(map, function);
}

/* An input column has no cell, or not as many as there are columns of its name. */
static bp_status fail_name(const cell_map *map, const char *function, const char *name)
{
    size_t named = 0, found = 0;
    for (size_t i = 0; i < map->schema->column_count; i++)
        named += bpi_is_named(&map->schema->columns[i], name);
    for (size_t i = 0; i < map->count; i++)
        found += map->names[i] != NULL && strcmp(map->names[i], name) == 0;
    if (found == 0)
        return bpi_fail(BP_ERROR_NAME, "%s: no cell is named '%s'", function, bpi_csv_excerpt(name).text);
    return bpi_fail(BP_ERROR_NAME, "%s: %zu cell%s named '%s', but the schema has %zu such column%s",
                    function, found, found == 1 ? " is" : "s are", bpi_csv_excerpt(name).text, named,
                    named == 1 ? "" : "s");
}

static bp_status find_cell(const cell_map *map, const char *function, size_t column, size_t input,
                           size_t *cell)
{
    if (map->names == NULL) {
        *cell = map->has_all ? column : input;
        return BP_OK;
    }
    *cell = map->cell_of[column];
    return *cell != BP_NO_INDEX ? BP_OK : fail_name(map, function, map->schema->columns[column].name);
}

/* The text without the blanks around it, in a buffer of its own if there are some. */
static bp_status trim(const bp_allocator *allocator, const char *function, const char *text, char **trimmed)
{
    text += strspn(text, " \t\r\n");
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL)
        length--;
    *trimmed = bpi_allocate(allocator, length + 1, 1);
    if (*trimmed == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for a cell of %zu bytes", function, length);
    memcpy(*trimmed, text, length);
    (*trimmed)[length] = '\0';
    return BP_OK;
}

static bp_status encode(const bp_schema *schema, const char *function, size_t index, const char *text,
                        bp_real *to)
{
    const bp_csv_options options = {.missing_markers = (const char *const *)schema->markers,
                                    .missing_marker_count = schema->marker_count};
    const schema_column *column = &schema->columns[index];
    table_cell cell = {.text = text, .is_missing = bpi_is_missing(&options, column, text)};
    if (!cell.is_missing && column->kind == BP_COLUMN_NUMBER)
        cell.kind = bpi_parse_number(text, &cell.value);
    const cell_state state = bpi_encode_cell(schema, index, &cell, to);
    if (state == CELL_OK || (state == CELL_MISSING && column->missing >= BP_MISSING_MEAN) ||
        (state == CELL_UNKNOWN && column->unknown == BP_UNKNOWN_ZERO))
        return BP_OK;
    return bpi_fail_cell(function, schema, index, state, text, "");
}

/* The blanks around a text are dropped, unless a category has them, as it may from quotes in its table. */
static bp_status encode_text(const bp_schema *schema, const char *function, size_t index, const char *text,
                             bp_real *to)
{
    const schema_column *column = &schema->columns[index];
    char *trimmed;
    if (column->kind == BP_COLUMN_CATEGORY && bpi_find_category(column, text) < column->category_count)
        return encode(schema, function, index, text, to);
    BPI_TRY(trim(&schema->allocator, function, text, &trimmed));
    bp_status status = encode(schema, function, index, trimmed, to);
    bpi_release(&schema->allocator, trimmed);
    return status;
}

static bp_status encode_row(const cell_map *map, const char *function, const char *const *cells,
                            bp_real *inputs)
{
    const bp_schema *schema = map->schema;
    size_t input = 0;
    for (size_t i = 0; i < schema->column_count; i++) {
        size_t cell = 0;
        if (schema->columns[i].role != BP_ROLE_INPUT)
            continue;
        BPI_TRY(find_cell(map, function, i, input++, &cell));
        BPI_TRY(encode_text(schema, function, i, cells[cell] == NULL ? "" : cells[cell],
                            inputs + schema->columns[i].first));
    }
    return BP_OK;
}

/* With the cells of the columns found, into a row that is handed out when it is whole. */
static bp_status encode_mapped(const cell_map *map, const char *function, const char *const *cells,
                               bp_real *inputs)
{
    const bp_schema *schema = map->schema;
    bp_real *row = bpi_allocate(&schema->allocator, schema->input_width, sizeof *row);
    c_locale locale;
    if (row == NULL || !bpi_c_locale_enter(&locale)) {
        bpi_release(&schema->allocator, row);
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for a row", function);
    }
    bp_status status = encode_row(map, function, cells, row);
    bpi_c_locale_leave(&locale);
    if (status == BP_OK)
        memcpy(inputs, row, schema->input_width * sizeof *row);
    bpi_release(&schema->allocator, row);
    return status;
}

bp_status bp_schema_encode(const bp_schema *schema, const char *const *names, const char *const *cells,
                           size_t count, bp_real *inputs)
{
    BPI_TRY(bpi_schema_require_learned(__func__, schema));
    BPI_REQUIRE(cells);
    BPI_REQUIRE(inputs);
    cell_map map = {.schema = schema, .names = names, .count = count};
    bp_status status = make_map(&map, __func__);
    if (status == BP_OK)
        status = encode_mapped(&map, __func__, cells, inputs);
    bpi_release(&schema->allocator, map.cell_of);
    return status;
}

/* ------------------------------------------------------------------------ outputs */

void bp_answer_init(bp_answer *answer, size_t size)
{
    bpi_init_struct(SIZED_ANSWER, answer, size, NULL);
}

/* The target column with a number. */
static const schema_column *find_target(const bp_schema *schema, size_t target)
{
    const schema_column *column = schema->columns;
    while (column->role != BP_ROLE_TARGET || target-- > 0)
        column++;
    return column;
}

static bp_status check_outputs(const char *function, const bp_real *outputs, const schema_column *column)
{
    for (size_t i = column->first; i < column->first + column->width; i++)
        if (!isfinite(outputs[i]))
            return bpi_fail(BP_ERROR_NOT_FINITE, "%s: outputs[%zu] is not finite", function, i);
    return BP_OK;
}

bp_status bp_schema_answer(const bp_schema *schema, const bp_real *outputs, size_t target, bp_answer *answer)
{
    BPI_TRY(bpi_schema_require_learned(__func__, schema));
    BPI_REQUIRE(outputs);
    BPI_REQUIRE(answer);
    BPI_TRY(bpi_check_result_struct(__func__, SIZED_ANSWER, answer));
    if (target >= schema->target_count)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: target is %zu, but the schema has %zu target column%s",
                        __func__, target, schema->target_count, schema->target_count == 1 ? "" : "s");
    const schema_column *column = find_target(schema, target);
    BPI_TRY(check_outputs(__func__, outputs, column));
    const bp_real *own = outputs + column->first;
    bp_answer found = {
        .size = sizeof found, .target = column->name, .class_index = BP_NO_INDEX, .value = own[0]};
    if (column->kind == BP_COLUMN_CATEGORY) {
        size_t best = 0;
        for (size_t i = 1; i < column->width; i++)
            best = own[i] > own[best] ? i : best;
        found.class_index = best;
        found.class_name = column->categories[best];
        found.value = (double)own[best];
    }
    bpi_write_struct(SIZED_ANSWER, answer, &found);
    return BP_OK;
}
