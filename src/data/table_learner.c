#include "data/table_learner.h"

#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "data/categories.h"
#include "data/csv_message.h"
#include "data/csv_number.h"
#include "data/dataset.h"
#include "data/missing_marker.h"
#include "data/row_numbers.h"
#include "data/schema_rules.h"
#include "data/table_columns.h"
#include "data/table_header.h"
#include "data/table_notation.h"

/* A column with more different words, one in more than 3 of 4 cells, is text. A target has no more. */
enum { MANY_WORDS = 100000 };

static csv_place place_of(const table_learner *learner, size_t line)
{
    return bpi_csv_place(learner->reader, line);
}

/* ------------------------------------------------------------------ beginning */

static bp_status create_columns(table_learner *learner)
{
    const csv_reader *reader = learner->reader;
    const bp_allocator *allocator = reader->allocator;
    const size_t count = reader->field_count;
    BPI_TRY(bpi_schema_new(&learner->schema, reader->input->path, allocator, count));
    learner->column_count = count;
    learner->schema->class_on = learner->options->class_on;
    learner->schema->class_off = learner->options->class_off;
    learner->columns = bpi_allocate_zeroed(allocator, count, sizeof *learner->columns);
    bool has_memory = learner->columns != NULL;
    for (size_t i = 0; has_memory && i < count; i++) {
        learner->schema->columns[i].name = bpi_copy_string(allocator, reader->fields[i].text);
        has_memory = learner->schema->columns[i].name != NULL;
    }
    if (!has_memory)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for its %zu columns", reader->input->path, count);
    return BP_OK;
}

/* The classes of another dataset are given to the only target without categories. */
static bp_status take_classes(table_learner *learner)
{
    const bp_dataset *other = learner->options->classes_of;
    const char *where = learner->reader->input->path;
    schema_column *target = NULL;
    size_t found = 0;
    if (other == NULL)
        return BP_OK;
    for (size_t i = 0; i < learner->column_count; i++) {
        schema_column *column = &learner->schema->columns[i];
        if (column->role != BP_ROLE_TARGET || column->kind != BP_COLUMN_CATEGORY || column->is_given)
            continue;
        target = column;
        found++;
    }
    if (found != 1)
        return bpi_fail(
            BP_ERROR_ARGUMENT,
            "%s: options.classes_of is set, but %zu target columns have classes that are not given", where,
            found);
    BPI_TRY(bpi_copy_strings(&target->categories, where, learner->reader->allocator,
                             (const char *const *)other->class_names, other->class_count));
    target->category_count = other->class_count;
    target->is_given = true;
    return bpi_compare_given_categories(target, where, learner->reader->allocator);
}

/* Columns that are named must have a header. */
static bp_status check_names(const table_learner *learner)
{
    const bp_csv_options *options = learner->options;
    const char *name = bpi_schema_rule_name(options->schema, options);
    if (options->header != BP_CSV_HEADER_NO || name == NULL)
        return BP_OK;
    return bpi_fail(BP_ERROR_ARGUMENT,
                    "%s: column '%s' is named, but options.header says that there are no names",
                    learner->reader->input->path, bpi_csv_excerpt(name).text);
}

/* Is the first line, a single field, a title? The next one, *fields, has more under the same delimiter. */
static bool is_title(csv_reader *reader, size_t *fields)
{
    size_t count;
    bool found;
    const char likely = bpi_csv_likely_delimiter(reader, &count);
    if (bpi_csv_next_record(reader, &found) != BP_OK || !found)
        return false;
    *fields = reader->field_count;
    return *fields > 1 && (count == 0 || bpi_csv_count_in_fields(reader, likely) != count);
}

static bp_status apply_rules(table_learner *learner, csv_reader *reader)
{
    const bp_csv_options *options = learner->options;
    const csv_place place = place_of(learner, learner->first_line);
    const delimiter_hint hint = bpi_csv_delimiter_hint(reader);
    size_t fields;
    bp_status status =
        bpi_schema_apply_rules(learner->schema, place.text, options->schema, options, hint.text);
    if (status == BP_OK || status == BP_ERROR_MEMORY || learner->column_count > 1)
        return status;
    if (!is_title(reader, &fields)) /* the reader may have said something else */
        return bpi_schema_apply_rules(learner->schema, place.text, options->schema, options, hint.text);
    return bpi_fail(BP_ERROR_FORMAT,
                    "%s: the first line has 1 field, line %zu has %zu; if the first is no part of the table, "
                    "options.skip_lines leaves it out",
                    place.text, reader->record_line, fields);
}

/* Columns that become targets, weights or groups leave out rows by any rule but to refuse them. */
static void find_leaving_out(table_learner *learner, size_t index)
{
    const schema_column *column = &learner->schema->columns[index];
    learner->columns[index].leaves_out = column->missing != BP_MISSING_REFUSE &&
                                         column->missing != BP_MISSING_KEEP &&
                                         column->role != BP_ROLE_INPUT && column->role != BP_ROLE_IGNORED;
    learner->may_leave_out = learner->may_leave_out || learner->columns[index].leaves_out;
}

bp_status bpi_table_learner_begin(table_learner *learner, csv_reader *reader, const bp_csv_options *options)
{
    *learner = (table_learner){.options = options,
                               .reader = reader,
                               .first_line = reader->record_line,
                               .has_number_markers = bpi_has_number_markers(options)};
    BPI_TRY(create_columns(learner));
    BPI_TRY(bpi_schema_set_markers(learner->schema, reader->input->path, options->missing_markers,
                                   options->missing_marker_count));
    BPI_TRY(check_names(learner));
    BPI_TRY(apply_rules(learner, reader));
    BPI_TRY(take_classes(learner));
    for (size_t i = 0; i < learner->column_count; i++) {
        const schema_column *column = &learner->schema->columns[i];
        learner->columns[i].is_used = column->role != BP_ROLE_IGNORED;
        learner->columns[i].collects = (column->kind == BP_COLUMN_CATEGORY && !column->is_given) ||
                                       (column->kind == BP_COLUMN_AUTO && column->role == BP_ROLE_TARGET);
        find_leaving_out(learner, i);
    }
    bpi_row_numbers_begin(learner);
    return BP_OK;
}

void bpi_table_learner_clear(table_learner *learner)
{
    for (size_t i = 0; learner->columns != NULL && i < learner->column_count; i++)
        bpi_word_set_clear(&learner->columns[i].texts, learner->reader->allocator);
    if (learner->reader != NULL)
        bpi_release(learner->reader->allocator, learner->columns);
    bp_schema_destroy(learner->schema);
    *learner = (table_learner){0};
}

/* ------------------------------------------------------------------- learning */

static bp_status collect(table_learner *learner, size_t index, const char *text, size_t line)
{
    column_learner *column = &learner->columns[index];
    if (column->is_text)
        return BP_OK;
    if (!bpi_word_set_add(&column->texts, learner->reader->allocator, text, line))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the texts of a column",
                        place_of(learner, line).text);
    const schema_column *set = &learner->schema->columns[index];
    column->is_text =
        column->texts.count > MANY_WORDS &&
        (set->role == BP_ROLE_TARGET || (set->kind == BP_COLUMN_AUTO && bpi_is_diverse(column)));
    return BP_OK;
}

static bp_status learn_word(table_learner *learner, size_t index, const csv_field *field, size_t line)
{
    column_learner *column = &learner->columns[index];
    const bool are_all_numbers = column->other_numbers == column->words;
    if (column->words++ == 0) {
        column->first_word_line = line;
        memcpy(column->first_word, bpi_csv_excerpt(field->text).text, sizeof column->first_word);
    }
    column->other_numbers += are_all_numbers && bpi_csv_is_other_number(learner->reader, field);
    return collect(learner, index, field->text, line);
}

static bool is_missing(const table_learner *learner, size_t index, const csv_field *field)
{
    return (!field->is_number || learner->has_number_markers) &&
           bpi_is_missing(learner->options, &learner->schema->columns[index], field->text);
}

static bp_status learn_cell(table_learner *learner, size_t index, const csv_field *field, size_t line)
{
    column_learner *column = &learner->columns[index];
    double value = field->value;
    if (!column->is_used) {
        column->numbers += field->is_number;
        return BP_OK;
    }
    if (is_missing(learner, index, field)) {
        column->missing++;
        return BP_OK;
    }
    if (!field->is_number && bpi_csv_number(learner->reader, field, &value) == NUMBER_NONE)
        return learn_word(learner, index, field, line);
    column->numbers++;
    if (column->counts && !learner->has_counted)
        bpi_row_numbers_add(learner, index, value);
    if (!column->collects)
        return BP_OK;
    bpi_csv_use_point(learner->reader, field);
    return collect(learner, index, field->text, line);
}

/* Is a cell missing whose column leaves out the row? */
static bool is_left_out(const table_learner *learner, const csv_field *fields)
{
    for (size_t i = 0; learner->may_leave_out && i < learner->column_count; i++)
        if (learner->columns[i].leaves_out && is_missing(learner, i, &fields[i]))
            return true;
    return false;
}

/* Of a row that is left out it is only counted what is missing, and whether it has its number. */
static void pass_over_cell(table_learner *learner, size_t index, const csv_field *field)
{
    column_learner *column = &learner->columns[index];
    double value = 0;
    if (!column->is_used)
        return;
    if (is_missing(learner, index, field))
        column->missing++;
    else if (column->counts && !learner->has_counted) {
        const bool is_number = bpi_csv_number(learner->reader, field, &value) == NUMBER_FINITE;
        bpi_row_numbers_add(learner, index, is_number ? value : 0.5);
    }
}

/* The cells of a row, which may be left out. */
static bp_status learn_fields(table_learner *learner, const csv_field *fields, size_t line)
{
    char joined_by = 0;
    if (is_left_out(learner, fields)) {
        for (size_t i = 0; i < learner->column_count; i++)
            pass_over_cell(learner, i, &fields[i]);
        return BP_OK;
    }
    for (size_t i = 0; i < learner->column_count; i++) {
        BPI_TRY(learn_cell(learner, i, &fields[i], line));
        if (joined_by == 0 && !fields[i].is_number)
            joined_by = bpi_delimiter_of_numbers(learner, &fields[i]);
    }
    if (joined_by != 0) {
        learner->joined_by = joined_by;
        learner->joined_records++;
    }
    learner->records++;
    return BP_OK;
}

/* A line of more or fewer fields than the first one. */
static bp_status fail_count(const table_learner *learner)
{
    const csv_reader *reader = learner->reader;
    const size_t fields = reader->field_count, columns = learner->column_count;
    const char *advice = bpi_csv_delimiter_hint(reader).text;
    if (learner->rows == 0 && fields == columns + 1)
        advice = "; has the first column no name, as in files of R? BP_CSV_HEADER_ROW_NAMES is for these";
    else if (learner->rows == 0 && fields > columns)
        advice = "; if that is no part of the table, options.skip_lines leaves it out";
    return bpi_fail(BP_ERROR_FORMAT, "%s: %zu field%s, the first line has %zu%s",
                    place_of(learner, reader->record_line).text, fields, fields == 1 ? "" : "s", columns,
                    advice);
}

bp_status bpi_table_learner_add(table_learner *learner)
{
    const csv_reader *reader = learner->reader;
    const size_t columns = learner->column_count;
    if (reader->field_count != columns && !bpi_csv_ends_in_delimiter(reader, columns))
        return fail_count(learner);
    BPI_TRY(learn_fields(learner, reader->fields, reader->record_line));
    learner->rows++;
    return BP_OK;
}

void bpi_table_learner_add_numbers(table_learner *learner, const bp_real *numbers)
{
    if (learner->count_count > 0 && !learner->has_counted)
        bpi_row_numbers_add_row(learner, numbers);
    learner->number_records++;
    learner->records++;
    learner->rows++;
}

size_t bpi_table_learner_rows(const table_learner *learner)
{
    return learner->rows;
}

static void count_number_records(table_learner *learner)
{
    for (size_t i = 0; i < learner->column_count; i++)
        learner->columns[i].numbers += learner->number_records;
    learner->number_records = 0;
}

/* ------------------------------------------------------------------- the header */

/* The first record as a case; its fields are in the schema as names. */
static bp_status learn_first(table_learner *learner)
{
    const size_t columns = learner->column_count;
    csv_field *fields = bpi_allocate_zeroed(learner->reader->allocator, columns, sizeof *fields);
    if (fields == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for %zu fields", learner->reader->input->path,
                        columns);
    for (size_t i = 0; i < columns; i++) {
        fields[i].text = learner->schema->columns[i].name;
        if (bpi_csv_number(learner->reader, &fields[i], &fields[i].value) == NUMBER_FINITE)
            bpi_row_numbers_add_before(learner, i, fields[i].value);
    }
    bp_status status = learn_fields(learner, fields, learner->first_line);
    learner->rows++;
    bpi_release(learner->reader->allocator, fields);
    return status;
}

bp_status bpi_table_learner_decide_header(table_learner *learner)
{
    const bp_csv_options *options = learner->options;
    const char *name = bpi_schema_rule_name(options->schema, options);
    count_number_records(learner);
    learner->has_counted = true;
    BPI_TRY(bpi_check_notation(learner));
    learner->has_header = bpi_has_names(options) || name != NULL;
    if (options->header == BP_CSV_HEADER_AUTO && name == NULL)
        BPI_TRY(bpi_find_header(learner, &learner->has_header));
    if (!learner->has_header)
        BPI_TRY(learn_first(learner));
    if (learner->rows == 0)
        return bpi_fail(BP_ERROR_FORMAT, "%s: a header, but no cases", learner->reader->input->path);
    return BP_OK;
}

/* Are there words and numbers, of which the texts are not known? */
static bool lacks_numbers(const column_learner *column)
{
    return column->words > 0 && column->numbers > 0 && !column->collects;
}

/* Inputs whose rule leaves out rows: those that are empty, or text, are left out instead, and stay so. Has
 * something changed? */
static bool choose_leaving_out(table_learner *learner)
{
    bool has_changed = false;
    if (learner->records == 0) /* all rows are left out, which is refused */
        return false;
    learner->may_leave_out = false;
    for (size_t i = 0; i < learner->column_count; i++) {
        const schema_column *column = &learner->schema->columns[i];
        column_learner *seen = &learner->columns[i];
        if (column->role == BP_ROLE_INPUT && column->missing == BP_MISSING_SKIP && seen->missing > 0) {
            const bool leaves_out =
                (seen->leaves_out || !learner->has_left_out) && !bpi_table_column_is_useless(learner, i);
            has_changed = has_changed || leaves_out != seen->leaves_out;
            seen->leaves_out = leaves_out;
            seen->is_left_out = !leaves_out;
        }
        learner->may_leave_out = learner->may_leave_out || seen->leaves_out;
    }
    learner->has_left_out = true;
    return has_changed;
}

bool bpi_table_learner_needs_more(table_learner *learner)
{
    bool lacks = false;
    for (size_t i = 0; i < learner->column_count; i++)
        lacks = lacks || lacks_numbers(&learner->columns[i]);
    if (!lacks && !choose_leaving_out(learner))
        return false;
    for (size_t i = 0; i < learner->column_count; i++) {
        column_learner *column = &learner->columns[i];
        bpi_word_set_clear(&column->texts, learner->reader->allocator);
        column->collects = column->collects || lacks_numbers(column);
        column->numbers = column->words = column->missing = column->other_numbers = 0;
        column->is_text = false;
    }
    learner->records = learner->rows = 0;
    return true;
}

/* -------------------------------------------------------------------- finishing */

static void drop_names(table_learner *learner)
{
    for (size_t i = 0; i < learner->column_count; i++) {
        bpi_release(learner->reader->allocator, learner->schema->columns[i].name);
        learner->schema->columns[i].name = NULL;
    }
}

/* All rows were left out, for one column perhaps. */
static bp_status fail_empty(const table_learner *learner)
{
    const char *where = learner->reader->input->path;
    for (size_t i = 0; i < learner->column_count; i++)
        if (learner->columns[i].leaves_out && learner->columns[i].missing == learner->rows)
            return bpi_fail(BP_ERROR_FORMAT, "%s: column %s: the %s is missing in every case", where,
                            bpi_column_label(learner->schema->columns, i).text,
                            learner->schema->columns[i].role == BP_ROLE_TARGET ? "target" : "value");
    return bpi_fail(BP_ERROR_FORMAT, "%s: no cases: a cell is missing in every row", where);
}

bp_status bpi_table_learner_finish(table_learner *learner, bp_schema **schema)
{
    if (!learner->has_header)
        drop_names(learner);
    if (learner->records == 0)
        return fail_empty(learner);
    for (size_t i = 0; i < learner->column_count; i++)
        BPI_TRY(bpi_table_column_finish(learner, i));
    bpi_row_numbers_leave_out(learner);
    BPI_TRY(bpi_schema_lay_out(learner->reader->input->path, learner->schema));
    if (learner->schema->input_width == 0)
        return bpi_fail(BP_ERROR_FORMAT,
                        "%s: all columns but the target are text that differs from row to "
                        "row, or empty",
                        learner->reader->input->path);
    *schema = learner->schema;
    learner->schema = NULL;
    return BP_OK;
}
