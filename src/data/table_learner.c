#include "data/table_learner.h"

#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "data/categories.h"
#include "data/csv_message.h"
#include "data/csv_number.h"
#include "data/dataset.h"
#include "data/missing_marker.h"
#include "data/schema_rules.h"
#include "data/table_header.h"

/* A column of words is text if there is a different one in more than 3 of 4 cells, of at least so many. */
enum { MIN_TEXT_CELLS = 8, MANY_WORDS = 100000 };
/* A column of numbers with some words: 9 of 10 cells are numbers, more than so many different ones. */
enum { MANY_NUMBERS = 20 };

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

bp_status bpi_table_learner_begin(table_learner *learner, const csv_reader *reader,
                                  const bp_csv_options *options)
{
    *learner = (table_learner){.options = options,
                               .reader = reader,
                               .first_line = reader->record_line,
                               .has_number_markers = bpi_has_number_markers(options)};
    BPI_TRY(create_columns(learner));
    BPI_TRY(bpi_schema_set_markers(learner->schema, reader->input->path, options->missing_markers,
                                   options->missing_marker_count));
    BPI_TRY(check_names(learner));
    BPI_TRY(bpi_schema_apply_rules(learner->schema, place_of(learner, learner->first_line).text,
                                   options->schema, options, bpi_csv_delimiter_hint(reader).text));
    BPI_TRY(take_classes(learner));
    for (size_t i = 0; i < learner->column_count; i++) {
        const schema_column *column = &learner->schema->columns[i];
        learner->columns[i].is_used = column->role != BP_ROLE_IGNORED;
        learner->columns[i].collects = (column->kind == BP_COLUMN_CATEGORY && !column->is_given) ||
                                       (column->kind == BP_COLUMN_AUTO && column->role == BP_ROLE_TARGET);
    }
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

/* Is there a different word in more than 3 of 4 cells? */
static bool is_diverse(const column_learner *column)
{
    const size_t cells = column->numbers + column->words;
    return column->texts.count > cells - (cells + 3) / 4;
}

static bp_status collect(table_learner *learner, size_t index, const char *text, size_t line)
{
    column_learner *column = &learner->columns[index];
    if (column->is_text)
        return BP_OK;
    if (!bpi_word_set_add(&column->texts, learner->reader->allocator, text, line))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the texts of a column",
                        place_of(learner, line).text);
    column->is_text = learner->schema->columns[index].kind == BP_COLUMN_AUTO &&
                      column->texts.count > MANY_WORDS && is_diverse(column);
    return BP_OK;
}

static bp_status learn_word(table_learner *learner, size_t index, const csv_field *field, size_t line)
{
    column_learner *column = &learner->columns[index];
    if (column->words++ == 0) {
        column->first_word_line = line;
        memcpy(column->first_word, bpi_csv_excerpt(field->text).text, sizeof column->first_word);
    }
    column->other_numbers += bpi_csv_is_other_number(learner->reader, field);
    return collect(learner, index, field->text, line);
}

static bp_status learn_cell(table_learner *learner, size_t index, const csv_field *field, size_t line)
{
    column_learner *column = &learner->columns[index];
    double value;
    if (field->is_number && !column->collects && !learner->has_number_markers) {
        column->numbers++;
        return BP_OK;
    }
    if (!column->is_used) {
        column->numbers += field->is_number;
        return BP_OK;
    }
    if ((!field->is_number || learner->has_number_markers) &&
        bpi_is_missing(learner->options, &learner->schema->columns[index], field->text)) {
        column->missing++;
        return BP_OK;
    }
    if (bpi_csv_number(learner->reader, field, &value) == NUMBER_NONE)
        return learn_word(learner, index, field, line);
    column->numbers++;
    if (!column->collects)
        return BP_OK;
    bpi_csv_use_point(learner->reader, field);
    return collect(learner, index, field->text, line);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A common delimiter between digits, as in "5;2", or 0. */
static char delimiter_of_numbers(const csv_field *field)
{
    if (field->is_number)
        return 0;
    for (const char *at = strpbrk(field->text, ";|\t"); at != NULL; at = strpbrk(at + 1, ";|\t"))
        if (at > field->text && is_digit(at[-1]) && is_digit(at[at[1] == '-' ? 2 : 1]))
            return *at;
    return 0;
}

/* In a file with numbers such as 1,5 the comma may have been taken for the delimiter. */
static bp_status check_delimiter(const table_learner *learner)
{
    if (learner->joined_records < learner->records || learner->records == 0)
        return BP_OK;
    const char name[] = {learner->joined_by, '\0'};
    return bpi_fail(BP_ERROR_FORMAT,
                    "%s: in every line there are numbers with '%s' between them; should options.delimiter be "
                    "'%s'?%s",
                    place_of(learner, learner->first_line).text, name[0] == '\t' ? "\\t" : name,
                    name[0] == '\t' ? "\\t" : name,
                    learner->reader->delimiter == ',' ? " And options.decimal_point ','?" : "");
}

/* Are all words of a column numbers in another notation? */
static bp_status check_notation(const table_learner *learner)
{
    for (size_t i = 0; i < learner->column_count; i++) {
        const column_learner *seen = &learner->columns[i];
        const bp_column_kind kind = learner->schema->columns[i].kind;
        if ((kind != BP_COLUMN_AUTO && kind != BP_COLUMN_NUMBER) || seen->words == 0 ||
            seen->other_numbers < seen->words)
            continue;
        return bpi_fail(
            BP_ERROR_FORMAT,
            "%s: column %zu: '%s' is not a number: options.decimal_point is '%c', and nothing may stand "
            "between thousands; if such cells are categories, set that with bp_schema_set_kind",
            place_of(learner, seen->first_word_line).text, i + 1, seen->first_word, learner->reader->point);
    }
    return BP_OK;
}

bp_status bpi_table_learner_add(table_learner *learner)
{
    const csv_reader *reader = learner->reader;
    const size_t columns = learner->column_count;
    if (reader->field_count != columns && !bpi_csv_ends_in_delimiter(reader, columns))
        return bpi_fail(BP_ERROR_FORMAT, "%s: %zu field%s, the first line has %zu%s",
                        place_of(learner, reader->record_line).text, reader->field_count,
                        reader->field_count == 1 ? "" : "s", columns, bpi_csv_delimiter_hint(reader).text);
    char joined_by = 0;
    for (size_t i = 0; i < columns; i++) {
        BPI_TRY(learn_cell(learner, i, &reader->fields[i], reader->record_line));
        if (joined_by == 0)
            joined_by = delimiter_of_numbers(&reader->fields[i]);
    }
    if (joined_by != 0) {
        learner->joined_by = joined_by;
        learner->joined_records++;
    }
    learner->records++;
    return BP_OK;
}

void bpi_table_learner_add_numbers(table_learner *learner)
{
    learner->number_records++;
    learner->records++;
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
    for (size_t i = 0; i < learner->column_count; i++) {
        csv_field field = {.text = learner->schema->columns[i].name};
        BPI_TRY(learn_cell(learner, i, &field, learner->first_line));
    }
    learner->records++;
    return BP_OK;
}

bp_status bpi_table_learner_decide_header(table_learner *learner)
{
    const bp_csv_options *options = learner->options;
    const char *name = bpi_schema_rule_name(options->schema, options);
    count_number_records(learner);
    BPI_TRY(check_delimiter(learner));
    BPI_TRY(check_notation(learner));
    learner->has_header = options->header == BP_CSV_HEADER_YES || name != NULL;
    if (options->header == BP_CSV_HEADER_AUTO && name == NULL)
        BPI_TRY(bpi_find_header(learner, &learner->has_header));
    if (!learner->has_header)
        BPI_TRY(learn_first(learner));
    if (learner->records == 0)
        return bpi_fail(BP_ERROR_FORMAT, "%s: a header, but no cases", learner->reader->input->path);
    return BP_OK;
}

/* Are there words and numbers, of which the texts are not known? */
static bool lacks_numbers(const column_learner *column)
{
    return column->words > 0 && column->numbers > 0 && !column->collects;
}

bool bpi_table_learner_needs_more(table_learner *learner)
{
    bool needs_more = false;
    for (size_t i = 0; i < learner->column_count; i++)
        needs_more = needs_more || lacks_numbers(&learner->columns[i]);
    for (size_t i = 0; needs_more && i < learner->column_count; i++) {
        column_learner *column = &learner->columns[i];
        bpi_word_set_clear(&column->texts, learner->reader->allocator);
        column->collects = column->collects || lacks_numbers(column);
        column->numbers = column->words = column->missing = column->other_numbers = 0;
        column->is_text = false;
    }
    if (needs_more)
        learner->records = 0;
    return needs_more;
}

/* -------------------------------------------------------------------- finishing */

static bp_status fail_misprint(const table_learner *learner, size_t index)
{
    const column_learner *seen = &learner->columns[index];
    return bpi_fail(
        BP_ERROR_FORMAT,
        "%s: column %s: '%s' is not a number, but %zu other cells are; if it means a missing one, "
        "add it to options.missing_markers; if the cells are categories, set that with "
        "bp_schema_set_kind",
        place_of(learner, seen->first_word_line).text, bpi_column_label(learner->schema->columns, index).text,
        seen->first_word, seen->numbers);
}

static bool is_text(const column_learner *seen)
{
    return seen->is_text || (seen->numbers + seen->words >= MIN_TEXT_CELLS && is_diverse(seen));
}

/* Are there words among so many numbers that they may be misprints? */
static bool has_misprints(const column_learner *seen)
{
    size_t numbers = 0;
    double value;
    if (seen->words == 0 || seen->numbers / 9 < seen->words)
        return false;
    for (size_t i = 0; i < seen->texts.count; i++)
        numbers += bpi_parse_number(seen->texts.words[i].text, &value) != NUMBER_NONE;
    return numbers > MANY_NUMBERS || is_text(seen);
}

/* The kind of an input column that no rule has set. */
static bp_status find_kind(const table_learner *learner, size_t index, bp_column_kind *kind)
{
    const column_learner *seen = &learner->columns[index];
    const char *values[2];
    *kind = BP_COLUMN_NUMBER;
    if (seen->words == 0)
        return BP_OK;
    if (has_misprints(seen))
        return fail_misprint(learner, index);
    *kind = BP_COLUMN_CATEGORY;
    if (seen->numbers == 0 && seen->texts.count > 1 && bpi_find_truth_values(&seen->texts, values))
        *kind = BP_COLUMN_BOOLEAN;
    else if (is_text(seen))
        *kind = BP_COLUMN_TEXT;
    return BP_OK;
}

static bp_status set_truth_values(table_learner *learner, size_t index)
{
    schema_column *column = &learner->schema->columns[index];
    const char *values[2];
    if (learner->columns[index].numbers > 0 || !bpi_find_truth_values(&learner->columns[index].texts, values))
        return bpi_fail(BP_ERROR_FORMAT,
                        "%s: column %s: it is set to hold truth values, but has others, or not those of one "
                        "pair, such as yes and no",
                        learner->reader->input->path, bpi_column_label(learner->schema->columns, index).text);
    BPI_TRY(bpi_copy_strings(&column->categories, learner->reader->input->path, learner->reader->allocator,
                             values, 2));
    column->category_count = 2;
    return BP_OK;
}

/* A target must have some. */
static bp_status require_cells(const table_learner *learner, size_t index)
{
    const column_learner *seen = &learner->columns[index];
    if (seen->numbers + seen->words > 0)
        return BP_OK;
    return bpi_fail(BP_ERROR_FORMAT, "%s: column %s: the target is missing in every case",
                    learner->reader->input->path, bpi_column_label(learner->schema->columns, index).text);
}

static bp_status set_categories(table_learner *learner, size_t index)
{
    schema_column *column = &learner->schema->columns[index];
    const column_learner *seen = &learner->columns[index];
    const char *where = learner->reader->input->path;
    if (column->is_given) { /* it need not be said if they are in order */
        column->is_given =
            !bpi_are_ascending(column->categories, column->category_count, column->are_numbers);
        return BP_OK;
    }
    if (column->role == BP_ROLE_TARGET)
        BPI_TRY(require_cells(learner, index));
    BPI_TRY(bpi_categories_from_words(column, where, learner->reader->allocator, &seen->texts));
    return column->role == BP_ROLE_TARGET
               ? bpi_categories_check_classes(column, where, &seen->texts, seen->numbers + seen->words)
               : BP_OK;
}

/* A target of a kind to be found out. */
static bp_status finish_target(table_learner *learner, size_t index)
{
    schema_column *column = &learner->schema->columns[index];
    const column_learner *seen = &learner->columns[index];
    const bp_allocator *allocator = learner->reader->allocator;
    const char *where = learner->reader->input->path;
    const size_t cells = seen->numbers + seen->words;
    BPI_TRY(require_cells(learner, index));
    if (has_misprints(seen))
        return fail_misprint(learner, index);
    BPI_TRY(bpi_categories_from_words(column, where, allocator, &seen->texts));
    column->kind = BP_COLUMN_CATEGORY;
    if (seen->is_text && !column->are_numbers)
        return bpi_fail(BP_ERROR_FORMAT,
                        "%s: column %s: there is no end of different texts, which are no classes", where,
                        bpi_column_label(learner->schema->columns, index).text);
    if (!seen->is_text && !bpi_categories_seem_numbers(column, &seen->texts, cells))
        return bpi_categories_check_classes(column, where, &seen->texts, cells);
    bpi_release_categories(column, allocator);
    column->are_numbers = false;
    column->kind = BP_COLUMN_NUMBER;
    return BP_OK;
}

/* A column without cells is of no use, unless a rule says what they would be. */
static bool is_useless(const schema_column *column, const column_learner *seen, bool is_set)
{
    if (column->role != BP_ROLE_INPUT || seen->numbers + seen->words > 0)
        return false;
    return !is_set || (column->kind != BP_COLUMN_NUMBER && !column->is_given);
}

static bp_status finish_column(table_learner *learner, size_t index)
{
    schema_column *column = &learner->schema->columns[index];
    const column_learner *seen = &learner->columns[index];
    const bool is_set = column->kind != BP_COLUMN_AUTO;
    column->missing_cells = seen->missing;
    if (column->role == BP_ROLE_TARGET && !is_set)
        return finish_target(learner, index);
    if (column->role != BP_ROLE_IGNORED && !is_set)
        BPI_TRY(find_kind(learner, index, &column->kind));
    if (column->role == BP_ROLE_IGNORED || column->kind == BP_COLUMN_TEXT ||
        is_useless(column, seen, is_set)) {
        column->role = BP_ROLE_IGNORED;
        column->kind = BP_COLUMN_TEXT;
        column->has_indicator = false;
    }
    if (column->kind == BP_COLUMN_BOOLEAN)
        return set_truth_values(learner, index);
    return column->kind == BP_COLUMN_CATEGORY ? set_categories(learner, index) : BP_OK;
}

static void drop_names(table_learner *learner)
{
    for (size_t i = 0; i < learner->column_count; i++) {
        bpi_release(learner->reader->allocator, learner->schema->columns[i].name);
        learner->schema->columns[i].name = NULL;
    }
}

bp_status bpi_table_learner_finish(table_learner *learner, bp_schema **schema)
{
    if (!learner->has_header)
        drop_names(learner);
    for (size_t i = 0; i < learner->column_count; i++)
        BPI_TRY(finish_column(learner, i));
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
