#include "data/table_notation.h"

#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "data/csv_number.h"
#include "data/table_columns.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

char bpi_delimiter_of_numbers(const table_learner *learner, const csv_field *field)
{
    const char *others = learner->column_count == 1 ? ";|\t " : ";|\t";
    for (const char *at = strpbrk(field->text, others); at != NULL; at = strpbrk(at + 1, others))
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
                    bpi_csv_place(learner->reader, learner->first_line).text, name[0] == '\t' ? "\\t" : name,
                    name[0] == '\t' ? "\\t" : name,
                    learner->reader->delimiter == ',' && learner->column_count > 1
                        ? " And options.decimal_point ','?"
                        : "");
}

/* A column before it is known whether there is a header: with its name if that can be no cell. */
static column_label label_in_header(const table_learner *learner, size_t index)
{
    const csv_field name = {.text = learner->schema->columns[index].name};
    double value;
    if (learner->options->header != BP_CSV_HEADER_NO &&
        bpi_csv_number(learner->reader, &name, &value) == NUMBER_NONE &&
        !bpi_csv_is_other_number(learner->reader, &name))
        return bpi_column_label(learner->schema->columns, index);
    return bpi_nameless_column_label(index);
}

/* Should its words be numbers? A few classes may well be percentages. */
static bool should_be_numbers(const schema_column *column, const column_learner *seen)
{
    enum { SOME_CLASSES = 20 };
    if (column->kind != BP_COLUMN_CATEGORY)
        return column->kind == BP_COLUMN_AUTO || column->kind == BP_COLUMN_NUMBER;
    return column->role == BP_ROLE_TARGET && !column->is_kind_set && seen->texts.count > SOME_CLASSES;
}

/* Words among numbers in another notation: the first of both; NULL if they make the column one of words. */
typedef struct mixture {
    const word *number, *word;
} mixture;

static mixture find_mixture(const table_learner *learner, const column_learner *seen)
{
    mixture found = {NULL, NULL};
    cell_counts counts = {.numbers = seen->numbers};
    for (size_t i = 0; i < seen->texts.count; i++) {
        const word *text = &seen->texts.words[i];
        const csv_field field = {.text = text->text};
        double value;
        if (bpi_csv_number(learner->reader, &field, &value) != NUMBER_NONE) {
            counts.different_numbers++;
        } else if (bpi_csv_is_other_number(learner->reader, &field)) {
            counts.different_numbers++;
            counts.numbers += text->count;
            found.number = found.number == NULL ? text : found.number;
        } else {
            counts.different_words++;
            counts.words += text->count;
            found.word = found.word == NULL ? text : found.word;
        }
    }
    const bool is_mixed = found.number != NULL && bpi_may_be_misprints(seen, &counts);
    return is_mixed ? found : (mixture){NULL, NULL};
}

static bp_status fail_notation(const table_learner *learner, size_t index, size_t line, const char *number,
                               const char *advice)
{
    return bpi_fail(
        BP_ERROR_FORMAT,
        "%s: column %s: '%s' is not a number: options.decimal_point is '%c', and signs of percent, money or "
        "thousands must be taken out; %sif such cells are categories, set that with bp_schema_set_kind",
        bpi_csv_place(learner->reader, line).text, label_in_header(learner, index).text, number,
        learner->reader->point, advice);
}

static bp_status fail_mixture(const table_learner *learner, size_t index, const mixture *found)
{
    char advice[sizeof(csv_excerpt) + 96];
    snprintf(advice, sizeof advice, "if '%s' means a missing one, add it to options.missing_markers; ",
             bpi_csv_excerpt(found->word->text).text);
    return fail_notation(learner, index, found->number->line, bpi_csv_excerpt(found->number->text).text,
                         advice);
}

/* Are all words of a column numbers in another notation, or all but a few? */
static bp_status check_words(const table_learner *learner)
{
    for (size_t i = 0; i < learner->column_count; i++) {
        const column_learner *seen = &learner->columns[i];
        if (seen->words == 0 || !should_be_numbers(&learner->schema->columns[i], seen))
            continue;
        if (seen->other_numbers == seen->words)
            return fail_notation(learner, i, seen->first_word_line, seen->first_word, "");
        const mixture found = find_mixture(learner, seen);
        if (found.number != NULL)
            return fail_mixture(learner, i, &found);
    }
    return BP_OK;
}

bp_status bpi_check_notation(const table_learner *learner)
{
    BPI_TRY(check_delimiter(learner));
    return check_words(learner);
}
