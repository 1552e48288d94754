#include "data/table_learner.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "data/categories.h"
#include "data/dataset.h"
#include "data/schema_rules.h"

/* A column of words is text if there is a different one in more than 3 of 4 cells, of at least so many. */
enum { MIN_TEXT_CELLS = 8, MANY_WORDS = 100000 };
/* A column of numbers with some words: 9 of 10 cells are numbers, more than so many different ones. */
enum { MANY_NUMBERS = 20 };

/* "data.csv:3" */
typedef struct place {
    char text[1024];
} place;

static place place_of(const table_learner *learner, size_t line)
{
    place found;
    snprintf(found.text, sizeof found.text, "%s:%zu", learner->reader->input->path, line);
    return found;
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

/* Targets without categories get the classes of another dataset, which has some. */
static bp_status take_classes(table_learner *learner)
{
    const bp_dataset *other = learner->options->classes_of;
    for (size_t i = 0; other != NULL && i < learner->column_count; i++) {
        schema_column *column = &learner->schema->columns[i];
        if (column->role != BP_ROLE_TARGET || column->kind != BP_COLUMN_CATEGORY || column->is_given)
            continue;
        BPI_TRY(bpi_copy_strings(&column->categories, learner->reader->input->path,
                                 learner->reader->allocator, (const char *const *)other->class_names,
                                 other->class_count));
        column->category_count = other->class_count;
        column->is_given = true;
        column->are_numbers = bpi_are_category_numbers(column->categories, column->category_count);
    }
    return BP_OK;
}

bp_status bpi_table_learner_begin(table_learner *learner, const csv_reader *reader,
                                  const bp_csv_options *options)
{
    *learner = (table_learner){.options = options, .reader = reader, .first_line = reader->record_line};
    BPI_TRY(create_columns(learner));
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

static bp_status collect(table_learner *learner, column_learner *column, const char *text, size_t line)
{
    if (column->is_text)
        return BP_OK;
    if (!bpi_word_set_add(&column->texts, learner->reader->allocator, text, line))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the texts of a column",
                        place_of(learner, line).text);
    column->is_text =
        column->texts.count > MANY_WORDS && column->texts.count > (column->words + column->numbers) / 4 * 3;
    return BP_OK;
}

static bp_status learn_cell(table_learner *learner, size_t index, const csv_field *field, size_t line)
{
    column_learner *column = &learner->columns[index];
    double value;
    if (field->is_number && !column->collects) {
        column->numbers++;
        return BP_OK;
    }
    if (!column->is_used)
        return BP_OK;
    if (!field->is_number && bpi_is_missing(learner->options, field->text)) {
        column->missing++;
        return BP_OK;
    }
    if (bpi_csv_number(learner->reader, field, &value) != NUMBER_NONE) {
        column->numbers++;
        return column->collects ? collect(learner, column, field->text, line) : BP_OK;
    }
    if (column->words++ == 0) {
        column->first_word_line = line;
        memcpy(column->first_word, bpi_csv_excerpt(field->text).text, sizeof column->first_word);
    }
    return collect(learner, column, field->text, line);
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

bp_status bpi_table_learner_add(table_learner *learner)
{
    const csv_reader *reader = learner->reader;
    const size_t columns = learner->column_count;
    if (reader->field_count != columns)
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

/* What the first record's field in a column says. */
typedef enum header_evidence { SAYS_NOTHING, SAYS_CASE, SAYS_HEADER } header_evidence;

/* A field among numbers is a name unless it is a number. One among words is a case if it comes again; it is
 * a name if the others come again, most of them, but it does not. */
static header_evidence weigh(const table_learner *learner, size_t index)
{
    const column_learner *column = &learner->columns[index];
    const char *text = learner->schema->columns[index].name;
    double value;
    if (bpi_is_missing(learner->options, text))
        return SAYS_NOTHING;
    const csv_field field = {.text = learner->schema->columns[index].name};
    const bool is_number = bpi_csv_number(learner->reader, &field, &value) != NUMBER_NONE;
    if (column->words == 0 && column->numbers > 0)
        return is_number ? SAYS_CASE : SAYS_HEADER;
    if (column->words == 0 || is_number)
        return column->is_used && is_number ? SAYS_CASE : SAYS_NOTHING;
    if (bpi_word_set_find(&column->texts, text) < column->texts.count)
        return SAYS_CASE;
    return column->words >= 2 * column->texts.count ? SAYS_HEADER : SAYS_NOTHING;
}

static bp_status fail_header(const table_learner *learner, size_t name, size_t other)
{
    const schema_column *columns = learner->schema->columns;
    const char *advice = "set options.header to BP_CSV_HEADER_YES if this line names the columns, to "
                         "BP_CSV_HEADER_NO if it is a case";
    const place here = place_of(learner, learner->first_line);
    if (other == learner->column_count)
        return bpi_fail(BP_ERROR_FORMAT, "%s: is this a header? No column has numbers: %s", here.text, advice);
    return bpi_fail(BP_ERROR_FORMAT,
                    "%s: column %zu: '%s' looks like the name of a column, but '%s' in column %zu like a cell: "
                    "%s, or options.skip_lines%s",
                    here.text, name + 1, bpi_csv_excerpt(columns[name].name).text,
                    bpi_csv_excerpt(columns[other].name).text, other + 1, advice,
                    bpi_csv_delimiter_hint(learner->reader).text);
}

/* A record with signs of both is an error: it may be a case with a misprint, which must not be dropped
 * silently. */
static bp_status find_header(const table_learner *learner, bool *has_header)
{
    const size_t columns = learner->column_count;
    size_t name = columns, cell = columns; /* the first column that says so */
    for (size_t i = columns; i-- > 0;) {
        const header_evidence evidence = weigh(learner, i);
        name = evidence == SAYS_HEADER ? i : name;
        cell = evidence == SAYS_CASE ? i : cell;
    }
    if (name < columns && cell < columns)
        return fail_header(learner, name, cell);
    if (learner->records == 0) {
        *has_header = cell == columns;
        return BP_OK;
    }
    if (name == columns && cell == columns)
        return fail_header(learner, name, cell);
    *has_header = name < columns;
    return BP_OK;
}

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
    learner->has_header = options->header == BP_CSV_HEADER_YES || name != NULL;
    if (options->header == BP_CSV_HEADER_NO && name != NULL)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: column '%s' is named, but options.header says that there are "
                                           "no names",
                        learner->reader->input->path, bpi_csv_excerpt(name).text);
    if (options->header == BP_CSV_HEADER_AUTO && name == NULL)
        BPI_TRY(find_header(learner, &learner->has_header));
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
        column->numbers = column->words = column->missing = 0;
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
    return bpi_fail(BP_ERROR_FORMAT,
                    "%s: column %s: '%s' is not a number, but %zu other cells are; if it means a missing one, "
                    "add it to options.missing_markers; if the cells are categories, set that with "
                    "bp_schema_set_kind",
                    place_of(learner, seen->first_word_line).text,
                    bpi_column_label(learner->schema->columns, index).text, seen->first_word, seen->numbers);
}

static bool is_text(const column_learner *seen)
{
    const size_t cells = seen->numbers + seen->words;
    return seen->is_text || (cells >= MIN_TEXT_CELLS && seen->texts.count > cells / 4 * 3);
}

/* The kind of an input column that no rule has set. */
static bp_status find_kind(const table_learner *learner, size_t index, bp_column_kind *kind)
{
    const column_learner *seen = &learner->columns[index];
    const char *no, *yes;
    *kind = BP_COLUMN_NUMBER;
    if (seen->words == 0)
        return BP_OK;
    if (seen->numbers / 9 >= seen->words && seen->texts.count > MANY_NUMBERS)
        return fail_misprint(learner, index);
    *kind = BP_COLUMN_CATEGORY;
    if (seen->numbers == 0 && bpi_find_truth_values(&seen->texts, &no, &yes))
        *kind = BP_COLUMN_BOOLEAN;
    else if (is_text(seen))
        *kind = BP_COLUMN_TEXT;
    return BP_OK;
}

static bp_status set_truth_values(table_learner *learner, size_t index)
{
    schema_column *column = &learner->schema->columns[index];
    const char *values[2];
    if (!bpi_find_truth_values(&learner->columns[index].texts, &values[0], &values[1]))
        return bpi_fail(BP_ERROR_FORMAT,
                        "%s: column %s: it is set to hold truth values, but does not hold two that belong "
                        "together, such as yes and no",
                        learner->reader->input->path, bpi_column_label(learner->schema->columns, index).text);
    BPI_TRY(bpi_copy_strings(&column->categories, learner->reader->input->path, learner->reader->allocator,
                             values, 2));
    column->category_count = 2;
    return BP_OK;
}

static bp_status set_categories(table_learner *learner, size_t index)
{
    schema_column *column = &learner->schema->columns[index];
    const column_learner *seen = &learner->columns[index];
    const char *where = learner->reader->input->path;
    if (column->is_given)
        return BP_OK;
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
    BPI_TRY(bpi_categories_from_words(column, where, allocator, &seen->texts));
    column->kind = BP_COLUMN_CATEGORY;
    if (!bpi_categories_seem_numbers(column, &seen->texts, cells))
        return bpi_categories_check_classes(column, where, &seen->texts, cells);
    bpi_release_strings(allocator, column->categories, column->category_count);
    column->categories = NULL;
    column->category_count = 0;
    column->are_numbers = false;
    column->kind = BP_COLUMN_NUMBER;
    return BP_OK;
}

static bp_status finish_column(table_learner *learner, size_t index)
{
    schema_column *column = &learner->schema->columns[index];
    const column_learner *seen = &learner->columns[index];
    column->missing_cells = seen->missing;
    if (column->role == BP_ROLE_IGNORED) {
        column->kind = BP_COLUMN_TEXT;
        return BP_OK;
    }
    if (column->kind == BP_COLUMN_AUTO && column->role == BP_ROLE_TARGET)
        return finish_target(learner, index);
    if (column->kind == BP_COLUMN_AUTO)
        BPI_TRY(find_kind(learner, index, &column->kind));
    const bool is_empty = seen->numbers + seen->words == 0;
    if (column->kind == BP_COLUMN_TEXT || (is_empty && column->role == BP_ROLE_INPUT)) {
        column->role = BP_ROLE_IGNORED;
        column->kind = BP_COLUMN_TEXT;
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
        return bpi_fail(BP_ERROR_FORMAT, "%s: all columns but the target are text that differs from row to "
                                         "row, or empty",
                        learner->reader->input->path);
    *schema = learner->schema;
    learner->schema = NULL;
    return BP_OK;
}
