#include "data/table_reader.h"

#include <math.h>
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
        bpi_release(table->reader->allocator, table->next_field);
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

/* The next field for a column of a name: if several columns have it, they are in the same order as in the
 * schema. */
static size_t take_field(table_reader *table, const char *name)
{
    const size_t found = bpi_word_set_find(&table->field_names, name);
    if (found == table->field_names.count)
        return BP_NO_INDEX;
    const size_t field = table->field_names.words[found].line;
    if (field != BP_NO_INDEX)
        table->field_names.words[found].line = table->next_field[field];
    return field;
}

/* For each field the next one of the same name. */
static bp_status find_next_fields(table_reader *table)
{
    const csv_reader *reader = table->reader;
    const word_set *names = &table->field_names;
    size_t *last = bpi_allocate(reader->allocator, names->count, sizeof *last);
    table->next_field = bpi_allocate(reader->allocator, reader->field_count, sizeof *table->next_field);
    const bool has_memory = last != NULL && table->next_field != NULL;
    for (size_t i = 0; has_memory && i < names->count; i++)
        last[i] = BP_NO_INDEX;
    for (size_t i = 0; has_memory && i < reader->field_count; i++) {
        const size_t name = bpi_word_set_find(names, reader->fields[i].text);
        if (last[name] != BP_NO_INDEX)
            table->next_field[last[name]] = i;
        table->next_field[i] = BP_NO_INDEX;
        last[name] = i;
    }
    bpi_release(reader->allocator, last);
    return has_memory ? BP_OK
                      : bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the names of columns", here(table).text);
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
    return find_next_fields(table);
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
        const size_t field = column->name == NULL ? BP_NO_INDEX : take_field(table, column->name);
        if (!is_wanted(table, column))
            continue;
        table->field_of[i] = field;
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

/* Can the cell of a column be what stands in the record? Nothing is changed in it. */
static bool may_be_cell(const table_reader *table, size_t index)
{
    const schema_column *column = &table->schema->columns[index];
    const csv_field *field = &table->reader->fields[table->field_of[index]];
    double value;
    if (bpi_is_missing(table->options, column, field->text))
        return true;
    if (column->kind == BP_COLUMN_NUMBER)
        return bpi_csv_number(table->reader, field, &value) != NUMBER_NONE;
    return (field->is_number && column->are_numbers) ||
           bpi_find_category(column, field->text) < column->category_count;
}

/* A record without the name of any input is a case only if all of its inputs can be cells: else it may be the
 * header of another table. */
static bp_status require_case(const table_reader *table)
{
    const schema_column *columns = table->schema->columns;
    const size_t count = table->schema->column_count;
    size_t first = 0, column = 0;
    while (columns[first].role != BP_ROLE_INPUT)
        first++;
    while (column < count && (columns[column].role != BP_ROLE_INPUT || may_be_cell(table, column)))
        column++;
    if (column == count)
        return BP_OK;
    return bpi_fail(BP_ERROR_FORMAT,
                    "%s: no column is named '%s', which the schema has as an input, nor as any other; if "
                    "this line is a case, set options.header to BP_CSV_HEADER_NO%s",
                    here(table).text, bpi_csv_excerpt(columns[first].name).text,
                    bpi_csv_delimiter_hint(table->reader).text);
}

/* Is the record a header? By default it is if it has the name of an input. */
static bp_status map_columns(table_reader *table, bool *is_case)
{
    const bp_csv_header header = table->options->header;
    const bool by_name = table->schema->columns[0].name != NULL && header != BP_CSV_HEADER_NO;
    const bool is_header = bpi_has_names(table->options);
    if (by_name)
        BPI_TRY(collect_names(table));
    if (by_name && (map_names(table) > 0 || is_header)) {
        *is_case = false;
        return check_names(table);
    }
    *is_case = !is_header;
    BPI_TRY(map_by_number(table));
    return by_name ? require_case(table) : BP_OK;
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
            is_empty =
                is_empty && !bpi_keeps_missing(&table->schema->columns[i]) && cell_at(table, i).is_missing;
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

static bp_status note_cell(const table_reader *table, missing_cells *cells, size_t column)
{
    if (cells == NULL)
        return BP_OK;
    return bpi_missing_cells_add(cells, table->reader->input->path, table->reader->allocator,
                                 (missing_cell){table->rows, column});
}

static bp_status note_unknown(table_reader *table, size_t column, bp_real *to)
{
    table->unknown++;
    for (size_t i = 0; table->leaves_unknown_open && i < table->schema->columns[column].width; i++)
        to[i] = NAN;
    return note_cell(table, table->unknown_at, column);
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
    if (state == CELL_MISSING && column->missing != BP_MISSING_REFUSE &&
        (!is_target || bpi_keeps_missing(column))) {
        table->missing_targets = table->missing_targets || is_target;
        table->filled++;
        return note_cell(table, table->missing, index);
    }
    if (state == CELL_UNKNOWN && column->unknown == BP_UNKNOWN_ZERO && !is_target)
        return note_unknown(table, index, to);
    return state == CELL_OK ? BP_OK : fail(table, index, state);
}

/* Is a cell missing whose rule leaves out the row? Only input cells can be filled in. */
static bool is_skipped_for(const table_reader *table, size_t index)
{
    const schema_column *column = &table->schema->columns[index];
    if (column->missing == BP_MISSING_REFUSE || column->role == BP_ROLE_IGNORED ||
        bpi_keeps_missing(column) || (column->role == BP_ROLE_TARGET && table->lacks_targets) ||
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
