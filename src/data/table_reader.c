#include "data/table_reader.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "data/categories.h"
#include "data/missing_marker.h"
#include "data/row_encoder.h"

/* "data.csv:3" */
typedef struct place {
    char text[1024];
} place;

static place here(const table_reader *table)
{
    place found;
    snprintf(found.text, sizeof found.text, "%s:%zu", table->reader->input->path,
             table->reader->record_line);
    return found;
}

/* -------------------------------------------------------------------- the columns */

static bp_status create(table_reader *table, csv_reader *reader, const bp_schema *schema,
                        const bp_csv_options *options)
{
    *table = (table_reader){.options = options, .reader = reader, .schema = schema};
    table->field_of = bpi_allocate(reader->allocator, schema->column_count, sizeof *table->field_of);
    if (table->field_of == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for %zu columns", reader->input->path,
                        schema->column_count);
    for (size_t i = 0; i < schema->column_count; i++)
        table->field_of[i] = BP_NO_INDEX;
    return BP_OK;
}

/* Which of the optional columns have a field? */
static void find_roles(table_reader *table)
{
    for (size_t i = 0; i < table->schema->column_count; i++) {
        const bp_column_role role = table->schema->columns[i].role;
        const bool is_there = table->field_of[i] != BP_NO_INDEX;
        table->has_targets |= role == BP_ROLE_TARGET && is_there;
        table->has_weights |= role == BP_ROLE_CASE_WEIGHT && is_there;
        table->has_groups |= role == BP_ROLE_GROUP && is_there;
    }
}

bp_status bpi_table_reader_init(table_reader *table, csv_reader *reader, const bp_schema *schema,
                                const bp_csv_options *options)
{
    BPI_TRY(create(table, reader, schema, options));
    for (size_t i = 0; i < schema->column_count; i++)
        table->field_of[i] = i;
    table->fields = schema->column_count;
    table->is_learned_here = true;
    find_roles(table);
    return BP_OK;
}

void bpi_table_reader_clear(table_reader *table)
{
    if (table->reader != NULL)
        bpi_release(table->reader->allocator, table->field_of);
    *table = (table_reader){0};
}

/* The field with the n-th occurrence of a name, or BP_NO_INDEX. */
static size_t find_field(const csv_reader *reader, const char *name, size_t n)
{
    for (size_t i = 0; i < reader->field_count; i++)
        if (strcmp(reader->fields[i].text, name) == 0 && n-- == 0)
            return i;
    return BP_NO_INDEX;
}

/* How many columns before this one have its name. */
static size_t count_before(const bp_schema *schema, size_t column)
{
    size_t count = 0;
    for (size_t i = 0; i < column; i++)
        count += schema->columns[i].name != NULL &&
                 strcmp(schema->columns[i].name, schema->columns[column].name) == 0;
    return count;
}

/* Finds fields by the names in the record. Returns the number of inputs that were found. */
static size_t map_names(table_reader *table)
{
    size_t found = 0;
    for (size_t i = 0; i < table->schema->column_count; i++) {
        const schema_column *column = &table->schema->columns[i];
        if (column->role == BP_ROLE_IGNORED || column->name == NULL)
            continue;
        table->field_of[i] = find_field(table->reader, column->name, count_before(table->schema, i));
        found += column->role == BP_ROLE_INPUT && table->field_of[i] != BP_NO_INDEX;
    }
    return found;
}

/* Inputs must be there, and of targets all or none. */
static bp_status check_names(const table_reader *table)
{
    const schema_column *present = NULL, *absent = NULL; /* a target */
    for (size_t i = 0; i < table->schema->column_count; i++) {
        const schema_column *column = &table->schema->columns[i];
        const bool is_there = table->field_of[i] != BP_NO_INDEX;
        if (column->role == BP_ROLE_INPUT && !is_there)
            return bpi_fail(BP_ERROR_FORMAT, "%s: no column is named '%s', which the schema has as an input%s",
                            here(table).text, bpi_csv_excerpt(column->name).text,
                            bpi_csv_delimiter_hint(table->reader).text);
        if (column->role == BP_ROLE_TARGET)
            *(is_there ? &present : &absent) = column;
    }
    if (present != NULL && absent != NULL)
        return bpi_fail(BP_ERROR_FORMAT, "%s: the target '%s' is there, but no column is named '%s'",
                        here(table).text, bpi_csv_excerpt(present->name).text,
                        bpi_csv_excerpt(absent->name).text);
    return BP_OK;
}

/* Columns that a table without names may have. */
typedef enum column_set { ALL_COLUMNS, ALL_BUT_TARGETS, INPUTS_ALONE } column_set;

static bool is_in(column_set set, const schema_column *column)
{
    return set == ALL_COLUMNS || column->role == BP_ROLE_INPUT ||
           (set == ALL_BUT_TARGETS && column->role != BP_ROLE_TARGET);
}

/* Gives the fields to the columns of a set, in order. Returns how many it has. */
static size_t map_set(table_reader *table, column_set set)
{
    size_t count = 0;
    for (size_t i = 0; i < table->schema->column_count; i++)
        table->field_of[i] = is_in(set, &table->schema->columns[i]) ? count++ : BP_NO_INDEX;
    return count;
}

/* Fields by their number: those of the table, with or without the targets, or of the inputs alone. */
static bp_status map_by_number(table_reader *table)
{
    const size_t fields = table->reader->field_count;
    for (int set = ALL_COLUMNS; set <= INPUTS_ALONE; set++)
        if (map_set(table, (column_set)set) == fields)
            return BP_OK;
    return bpi_fail(BP_ERROR_FORMAT,
                    "%s: %zu field%s, but the schema has %zu columns, %zu of them inputs, and there is no "
                    "header with their names%s",
                    here(table).text, fields, fields == 1 ? "" : "s", table->schema->column_count,
                    map_set(table, INPUTS_ALONE), bpi_csv_delimiter_hint(table->reader).text);
}

static bool has_names(const bp_schema *schema)
{
    for (size_t i = 0; i < schema->column_count; i++)
        if (schema->columns[i].name != NULL)
            return true;
    return false;
}

/* Is the record a header? By default it is if it has the name of an input. */
static bp_status map_columns(table_reader *table, bool *is_case)
{
    const bp_csv_header header = table->options->header;
    const bool by_name = has_names(table->schema) && header != BP_CSV_HEADER_NO;
    if (by_name && (map_names(table) > 0 || header == BP_CSV_HEADER_YES)) {
        *is_case = false;
        return check_names(table);
    }
    *is_case = header != BP_CSV_HEADER_YES;
    return map_by_number(table);
}

bp_status bpi_table_reader_begin(table_reader *table, csv_reader *reader, const bp_schema *schema,
                                 const bp_csv_options *options, bool *is_case)
{
    bool found;
    BPI_TRY(create(table, reader, schema, options));
    BPI_TRY(bpi_csv_next_record(reader, &found));
    if (!found)
        return bpi_fail(BP_ERROR_FORMAT, "%s: no cases", reader->input->path);
    BPI_TRY(map_columns(table, is_case));
    for (size_t i = 0; i < schema->column_count; i++)
        if (schema->columns[i].role == BP_ROLE_IGNORED || schema->columns[i].role == BP_ROLE_GROUP ||
            (schema->columns[i].role == BP_ROLE_TARGET && options->target == BP_TARGET_NONE))
            table->field_of[i] = BP_NO_INDEX;
    table->fields = reader->field_count;
    find_roles(table);
    return BP_OK;
}

/* ---------------------------------------------------------------------- the cells */

static table_cell cell_at(const table_reader *table, size_t column)
{
    const csv_field *field = &table->reader->fields[table->field_of[column]];
    table_cell cell = {.text = field->text, .kind = NUMBER_FINITE, .value = field->value};
    if (field->is_number)
        return cell;
    cell.is_missing = bpi_is_missing(table->options, field->text);
    if (!cell.is_missing && table->schema->columns[column].kind == BP_COLUMN_NUMBER)
        cell.kind = bpi_csv_number(table->reader, field, &cell.value);
    return cell;
}

static bp_status fail(const table_reader *table, size_t column, cell_state state)
{
    return bpi_fail_cell(here(table).text, table->schema, column, state,
                         table->reader->fields[table->field_of[column]].text,
                         bpi_csv_delimiter_hint(table->reader).text);
}

void bpi_table_reader_look_for_targets(table_reader *table)
{
    bool is_empty = true;
    for (size_t i = 0; i < table->schema->column_count; i++)
        if (table->schema->columns[i].role == BP_ROLE_TARGET && table->field_of[i] != BP_NO_INDEX)
            is_empty = is_empty && cell_at(table, i).is_missing;
    for (size_t i = 0; is_empty && i < table->schema->column_count; i++)
        if (table->schema->columns[i].role == BP_ROLE_TARGET)
            table->field_of[i] = BP_NO_INDEX;
    table->has_targets = table->has_targets && !is_empty;
}

/* A cell of a case's weight or group. */
static bp_status read_property(table_reader *table, size_t column, const table_row *row)
{
    const table_cell cell = cell_at(table, column);
    bp_real number;
    if (table->schema->columns[column].role == BP_ROLE_CASE_WEIGHT) {
        cell_state state = cell.is_missing ? CELL_MISSING : bpi_encode_cell(table->schema, column, &cell, &number);
        if (state != CELL_OK)
            return fail(table, column, state);
        if (number < 0)
            return bpi_fail(BP_ERROR_FORMAT, "%s: column %s: the case weight '%s' is negative", here(table).text,
                            bpi_column_label(table->schema->columns, column).text,
                            bpi_csv_excerpt(cell.text).text);
        *row->weight = number;
        return BP_OK;
    }
    if (cell.is_missing)
        return fail(table, column, CELL_MISSING);
    *row->group = bpi_find_category(&table->schema->columns[column], cell.text);
    return *row->group < table->schema->columns[column].category_count ? BP_OK
                                                                       : fail(table, column, CELL_UNKNOWN);
}

static bp_status note_missing(table_reader *table, size_t column)
{
    table->filled++;
    if (table->missing == NULL)
        return BP_OK;
    return bpi_missing_cells_add(table->missing, table->reader->input->path, table->reader->allocator,
                                 (missing_cell){table->rows, column});
}

static bp_status read_cell(table_reader *table, size_t index, const table_row *row)
{
    const schema_column *column = &table->schema->columns[index];
    const bool is_target = column->role == BP_ROLE_TARGET;
    bp_real *to = (is_target ? row->targets : row->inputs) + column->first;
    const csv_field *field = &table->reader->fields[table->field_of[index]];
    if (field->is_number && column->kind == BP_COLUMN_NUMBER && !column->has_indicator) {
        *to = (bp_real)field->value;
        return BP_OK;
    }
    const table_cell cell = cell_at(table, index);
    const cell_state state = bpi_encode_cell(table->schema, index, &cell, to);
    if (state == CELL_MISSING && column->missing != BP_MISSING_REFUSE && !is_target)
        return note_missing(table, index);
    if (state == CELL_UNKNOWN && column->unknown == BP_UNKNOWN_ZERO && !is_target) {
        table->unknown++;
        return BP_OK;
    }
    return state == CELL_OK ? BP_OK : fail(table, index, state);
}

/* Is a cell missing whose rule leaves out the row? Only input cells can be filled in. */
static bool is_skipped_for(const table_reader *table, size_t index)
{
    const schema_column *column = &table->schema->columns[index];
    if (column->missing == BP_MISSING_REFUSE || column->role == BP_ROLE_IGNORED ||
        (column->role == BP_ROLE_INPUT && column->missing != BP_MISSING_SKIP))
        return false;
    return cell_at(table, index).is_missing;
}

static bp_status check_fields(const table_reader *table)
{
    const csv_reader *reader = table->reader;
    if (reader->field_count == table->fields)
        return BP_OK;
    return bpi_fail(BP_ERROR_FORMAT, "%s: %zu field%s, the first line has %zu%s", here(table).text,
                    reader->field_count, reader->field_count == 1 ? "" : "s", table->fields,
                    bpi_csv_delimiter_hint(reader).text);
}

bp_status bpi_table_reader_read(table_reader *table, const table_row *row)
{
    const size_t columns = table->schema->column_count;
    BPI_TRY(check_fields(table));
    for (size_t i = 0; i < columns; i++)
        if (table->field_of[i] != BP_NO_INDEX && is_skipped_for(table, i)) {
            table->skipped++;
            return BP_OK;
        }
    for (size_t i = 0; i < columns; i++) {
        const bp_column_role role = table->schema->columns[i].role;
        if (table->field_of[i] == BP_NO_INDEX || role == BP_ROLE_IGNORED)
            continue;
        if (role == BP_ROLE_CASE_WEIGHT || role == BP_ROLE_GROUP)
            BPI_TRY(read_property(table, i, row));
        else
            BPI_TRY(read_cell(table, i, row));
    }
    table->rows++;
    return BP_OK;
}
