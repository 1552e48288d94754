#include "data/table_reader.h"

#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "data/categories.h"
#include "data/csv_message.h"
#include "data/csv_number.h"
#include "data/missing_marker.h"
#include "data/row_encoder.h"
#include "data/table_header.h"

static csv_place here(const table_reader *table)
{
    return bpi_csv_place(table->reader, table->reader->record_line);
}

/* -------------------------------------------------------------------- the columns */

static bp_status create(table_reader *table, csv_reader *reader, const bp_schema *schema,
                        const bp_csv_options *options)
{
    *table = (table_reader){.options = options,
                            .reader = reader,
                            .schema = schema,
                            .has_number_markers = bpi_has_number_markers(options)};
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
    if (table->reader != NULL) {
        bpi_release(table->reader->allocator, table->field_of);
        bpi_word_set_clear(&table->field_names, table->reader->allocator);
        bpi_word_set_clear(&table->column_names, table->reader->allocator);
    }
    *table = (table_reader){0};
}

/* How often a name is in a set; *first is the number of its first column or field. */
static size_t count_name(const word_set *names, const char *name, size_t *first)
{
    const size_t found = bpi_word_set_find(names, name);
    if (found == names->count)
        return 0;
    *first = names->words[found].line;
    return names->words[found].count;
}

/* The field of a column: if several columns have its name, they are in the same order as in the schema. */
static size_t find_field(const table_reader *table, size_t column)
{
    const char *name = table->schema->columns[column].name;
    size_t field = 0, first = 0, n = 0;
    if (count_name(&table->field_names, name, &field) == 0)
        return BP_NO_INDEX;
    if (count_name(&table->column_names, name, &first) == 1)
        return field;
    for (size_t i = first; i < column; i++)
        n += bpi_is_named(&table->schema->columns[i], name);
    for (; field < table->reader->field_count; field++)
        if (strcmp(table->reader->fields[field].text, name) == 0 && n-- == 0)
            return field;
    return BP_NO_INDEX;
}

/* A header that ends in a delimiter has an empty name more. */
static void drop_empty_name(table_reader *table)
{
    const csv_reader *reader = table->reader;
    size_t first;
    if (bpi_csv_ends_in_delimiter(reader, reader->field_count - 1) &&
        count_name(&table->field_names, "", &first) > count_name(&table->column_names, "", &first))
        table->field_names.words[bpi_word_set_find(&table->field_names, "")].count--;
}

/* Collects the names of the record and of the schema. */
static bp_status collect_names(table_reader *table)
{
    const csv_reader *reader = table->reader;
    const bp_schema *schema = table->schema;
    bool has_memory = true;
    for (size_t i = 0; has_memory && i < reader->field_count; i++)
        has_memory = bpi_word_set_add(&table->field_names, reader->allocator, reader->fields[i].text, i);
    for (size_t i = 0; has_memory && i < schema->column_count; i++)
        if (schema->columns[i].name != NULL)
            has_memory =
                bpi_word_set_add(&table->column_names, reader->allocator, schema->columns[i].name, i);
    if (!has_memory)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the names of columns", here(table).text);
    drop_empty_name(table);
    return BP_OK;
}

/* Is the column read if it is there? */
static bool is_wanted(const table_reader *table, const schema_column *column)
{
    return column->role == BP_ROLE_INPUT || column->role == BP_ROLE_CASE_WEIGHT ||
           (column->role == BP_ROLE_TARGET && table->options->target != BP_TARGET_NONE);
}

/* Finds fields by the names in the record. Returns the number of inputs that were found. */
static size_t map_names(table_reader *table)
{
    size_t found = 0;
    for (size_t i = 0; i < table->schema->column_count; i++) {
        const schema_column *column = &table->schema->columns[i];
        if (!is_wanted(table, column) || column->name == NULL)
            continue;
        table->field_of[i] = find_field(table, i);
        found += column->role == BP_ROLE_INPUT && table->field_of[i] != BP_NO_INDEX;
    }
    return found;
}

/* More columns of one name than the schema has: which are meant? */
static bp_status check_repeated(const table_reader *table, const char *name)
{
    size_t first;
    const size_t columns = count_name(&table->column_names, name, &first);
    const size_t fields = count_name(&table->field_names, name, &first);
    if (fields <= columns)
        return BP_OK;
    return bpi_fail(BP_ERROR_FORMAT, "%s: %zu columns are named '%s', but the schema has %zu",
                    here(table).text, fields, bpi_csv_excerpt(name).text, columns);
}

/* An input that is not there; of several of its name there may be some. */
static bp_status fail_absent(const table_reader *table, const char *name)
{
    size_t first;
    const size_t fields = count_name(&table->field_names, name, &first);
    const char *hint = bpi_csv_delimiter_hint(table->reader).text;
    if (fields > 0)
        return bpi_fail(BP_ERROR_FORMAT, "%s: %zu column%s named '%s', but the schema has %zu%s",
                        here(table).text, fields, fields == 1 ? " is" : "s are", bpi_csv_excerpt(name).text,
                        count_name(&table->column_names, name, &first), hint);
    return bpi_fail(BP_ERROR_FORMAT, "%s: no column is named '%s', which the schema has as an input%s",
                    here(table).text, bpi_csv_excerpt(name).text, hint);
}

/* Inputs must be there, and of targets all or none. */
static bp_status check_names(const table_reader *table)
{
    const schema_column *present = NULL, *absent = NULL; /* a target */
    for (size_t i = 0; i < table->schema->column_count; i++) {
        const schema_column *column = &table->schema->columns[i];
        const bool is_there = table->field_of[i] != BP_NO_INDEX;
        if (!is_wanted(table, column))
            continue;
        if (column->role == BP_ROLE_INPUT && !is_there)
            return fail_absent(table, column->name);
        if (is_there)
            BPI_TRY(check_repeated(table, column->name));
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
    csv_reader *reader = table->reader;
    const size_t fields = reader->field_count;
    for (int set = ALL_COLUMNS; set <= INPUTS_ALONE; set++)
        if (map_set(table, (column_set)set) == fields)
            return BP_OK;
    reader->drops_last = fields > 1 && *reader->fields[fields - 1].text == '\0';
    for (int set = ALL_COLUMNS; reader->drops_last && set <= INPUTS_ALONE; set++)
        if (map_set(table, (column_set)set) == fields - 1) {
            reader->field_count--;
            return BP_OK;
        }
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
    const bool is_header = bpi_has_names(table->options);
    if (by_name)
        BPI_TRY(collect_names(table));
    if (by_name && (map_names(table) > 0 || is_header)) {
        *is_case = false;
        return check_names(table);
    }
    *is_case = !is_header;
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
    BPI_TRY(bpi_complete_names(reader, options));
    BPI_TRY(map_columns(table, is_case));
    for (size_t i = 0; i < schema->column_count; i++)
        if (!is_wanted(table, &schema->columns[i]))
            table->field_of[i] = BP_NO_INDEX;
    table->fields = reader->field_count;
    find_roles(table);
    return BP_OK;
}

/* ---------------------------------------------------------------------- the cells */

static table_cell cell_at(const table_reader *table, size_t column)
{
    const csv_field *field = &table->reader->fields[table->field_of[column]];
    const schema_column *schema = &table->schema->columns[column];
    table_cell cell = {.text = field->text, .kind = NUMBER_FINITE, .value = field->value};
    if (!field->is_number || table->has_number_markers)
        cell.is_missing = bpi_is_missing(table->options, schema, field->text);
    if (cell.is_missing)
        return cell;
    if (schema->kind == BP_COLUMN_NUMBER)
        cell.kind = bpi_csv_number(table->reader, field, &cell.value);
    else
        bpi_csv_use_point(table->reader, field);
    return cell;
}

/* What would make the cell readable, if that is known. */
static delimiter_hint advice_for(const table_reader *table, size_t column, cell_state state)
{
    const csv_field *field = &table->reader->fields[table->field_of[column]];
    const bool is_target = table->schema->columns[column].role == BP_ROLE_TARGET;
    if (state == CELL_NOT_A_NUMBER && bpi_csv_is_other_number(table->reader, field))
        return (delimiter_hint){"; is options.decimal_point right?"};
    if (state == CELL_MISSING && is_target && !table->is_learned_here)
        return (delimiter_hint){", or options.target BP_TARGET_NONE"};
    const delimiter_hint hint = bpi_csv_delimiter_hint(table->reader);
    if (state == CELL_NOT_A_NUMBER && hint.text[0] == '\0')
        return (delimiter_hint){"; if it means a missing one, add it to options.missing_markers"};
    return hint;
}

static bp_status fail(const table_reader *table, size_t column, cell_state state)
{
    return bpi_fail_cell(here(table).text, table->schema, column, state,
                         table->reader->fields[table->field_of[column]].text,
                         advice_for(table, column, state).text);
}

void bpi_table_reader_look_for_targets(table_reader *table)
{
    bool is_empty = true;
    for (size_t i = 0; i < table->schema->column_count; i++)
        if (table->schema->columns[i].role == BP_ROLE_TARGET && table->field_of[i] != BP_NO_INDEX)
            is_empty = is_empty && cell_at(table, i).is_missing;
    table->lacks_targets = table->has_targets && is_empty;
    table->has_targets = table->has_targets && !is_empty;
}

/* Targets that were missing in the first case must be so in all. */
static bp_status check_lacking(const table_reader *table, size_t column)
{
    const table_cell cell = cell_at(table, column);
    if (cell.is_missing)
        return BP_OK;
    return bpi_fail(BP_ERROR_FORMAT,
                    "%s: column %s: '%s' is a target, but in the first case all targets are missing; "
                    "options.target = BP_TARGET_NONE reads the rows without their targets",
                    here(table).text, bpi_column_label(table->schema->columns, column).text,
                    bpi_csv_excerpt(cell.text).text);
}

/* A cell of a case's weight or group. */
static bp_status read_property(table_reader *table, size_t column, const table_row *row)
{
    const table_cell cell = cell_at(table, column);
    bp_real number;
    if (table->schema->columns[column].role == BP_ROLE_CASE_WEIGHT) {
        cell_state state =
            cell.is_missing ? CELL_MISSING : bpi_encode_cell(table->schema, column, &cell, &number);
        if (state != CELL_OK)
            return fail(table, column, state);
        if (number < 0)
            return bpi_fail(BP_ERROR_FORMAT, "%s: column %s: the case weight '%s' is negative",
                            here(table).text, bpi_column_label(table->schema->columns, column).text,
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
    if (field->is_number && column->kind == BP_COLUMN_NUMBER && !column->has_indicator &&
        !table->has_number_markers) {
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
        (column->role == BP_ROLE_TARGET && table->lacks_targets) ||
        (column->role == BP_ROLE_INPUT && column->missing != BP_MISSING_SKIP))
        return false;
    return cell_at(table, index).is_missing;
}

/* A delimiter at the end of the line is ignored. */
static bp_status check_fields(const table_reader *table)
{
    const csv_reader *reader = table->reader;
    if (reader->field_count == table->fields || bpi_csv_ends_in_delimiter(reader, table->fields))
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
        else if (role == BP_ROLE_TARGET && table->lacks_targets)
            BPI_TRY(check_lacking(table, i));
        else
            BPI_TRY(read_cell(table, i, row));
    }
    table->rows++;
    return BP_OK;
}
