#include "data/table_columns.h"

#include <stdio.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/status.h"
#include "data/categories.h"

/* A column of words is text if there is a different one in more than 3 of 4 cells, of at least so many. */
enum { MIN_TEXT_CELLS = 8 };
/* A column of more than so many different numbers, and words: if there are no more than so many different
 * ones, or if 9 of 10 cells are numbers, the words are misprints or mean something else. */
enum { MANY_NUMBERS = 20, FEW_WORDS = 5 };

/* The file and a column, for messages. */
static csv_place place_of_column(const table_learner *learner, size_t index)
{
    csv_place place;
    snprintf(place.text, sizeof place.text, "%.4050s: column %s", learner->reader->input->path,
             bpi_column_label(learner->schema->columns, index).text);
    return place;
}

bool bpi_is_diverse(const column_learner *column)
{
    const size_t cells = column->numbers + column->words;
    return column->texts.count > cells - (cells + 3) / 4;
}

static bp_status fail_misprint(const table_learner *learner, size_t index)
{
    const column_learner *seen = &learner->columns[index];
    return bpi_fail(
        BP_ERROR_FORMAT,
        "%s: column %s: '%s' is not a number, but %zu other cells are; if it means a missing one, "
        "add it to options.missing_markers; if the cells are categories, set that with "
        "bp_schema_set_kind",
        bpi_csv_place(learner->reader, seen->first_word_line).text,
        bpi_column_label(learner->schema->columns, index).text, seen->first_word, seen->numbers);
}

static bool is_text(const column_learner *seen)
{
    return seen->is_text || (seen->numbers + seen->words >= MIN_TEXT_CELLS && bpi_is_diverse(seen));
}

static size_t count_different_numbers(const word_set *texts)
{
    size_t numbers = 0;
    double value;
    for (size_t i = 0; i < texts->count; i++)
        numbers += bpi_parse_number(texts->words[i].text, &value) != NUMBER_NONE;
    return numbers;
}

bool bpi_may_be_misprints(const column_learner *column, const cell_counts *counts)
{
    if (counts->words == 0 || counts->numbers == 0)
        return false;
    const bool are_rare = counts->numbers / 9 >= counts->words;
    const bool are_few = counts->different_words <= FEW_WORDS;
    if (counts->different_numbers > MANY_NUMBERS)
        return are_rare || are_few;
    return (are_rare || (are_few && counts->numbers > counts->words)) && is_text(column);
}

static bool has_misprints(const column_learner *seen)
{
    if (seen->words == 0 || seen->numbers == 0)
        return false;
    const size_t numbers = count_different_numbers(&seen->texts);
    const cell_counts counts = {seen->numbers, numbers, seen->words, seen->texts.count - numbers};
    return bpi_may_be_misprints(seen, &counts);
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
                        "%s: it is set to hold truth values, but has others, or not those of one pair, such "
                        "as yes and no",
                        place_of_column(learner, index).text);
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
    return bpi_fail(BP_ERROR_FORMAT, "%s: the target is missing in every case",
                    place_of_column(learner, index).text);
}

/* Of a target, whose kind no rule has set unless it is a category. */
static bp_status check_classes(const table_learner *learner, size_t index)
{
    const schema_column *column = &learner->schema->columns[index];
    const column_learner *seen = &learner->columns[index];
    if (!column->is_kind_set && has_misprints(seen))
        return fail_misprint(learner, index);
    const csv_place where = place_of_column(learner, index);
    BPI_TRY(bpi_categories_check_classes(column, where.text, &seen->texts, seen->numbers + seen->words));
    if (!seen->is_text)
        return BP_OK;
    return bpi_fail(BP_ERROR_FORMAT,
                    "%s: %zu different classes or more; if they are numbers to be predicted, set "
                    "options.target to BP_TARGET_NUMERIC",
                    where.text, seen->texts.count);
}

static bp_status set_categories(table_learner *learner, size_t index)
{
    schema_column *column = &learner->schema->columns[index];
    const column_learner *seen = &learner->columns[index];
    if (column->is_given) { /* those in order are found faster */
        column->is_given =
            !bpi_are_ascending(column->categories, column->category_count, column->are_numbers);
        return BP_OK;
    }
    if (column->role == BP_ROLE_TARGET)
        BPI_TRY(require_cells(learner, index));
    BPI_TRY(bpi_categories_from_words(column, learner->reader->input->path, learner->reader->allocator,
                                      &seen->texts));
    return column->role == BP_ROLE_TARGET ? check_classes(learner, index) : BP_OK;
}

/* A target of a kind to be found out. */
static bp_status finish_target(table_learner *learner, size_t index)
{
    schema_column *column = &learner->schema->columns[index];
    const column_learner *seen = &learner->columns[index];
    const bp_allocator *allocator = learner->reader->allocator;
    const csv_place where = place_of_column(learner, index);
    const size_t cells = seen->numbers + seen->words;
    BPI_TRY(require_cells(learner, index));
    if (has_misprints(seen))
        return fail_misprint(learner, index);
    BPI_TRY(bpi_categories_from_words(column, learner->reader->input->path, allocator, &seen->texts));
    column->kind = BP_COLUMN_CATEGORY;
    if (seen->is_text && !column->are_numbers)
        return bpi_fail(BP_ERROR_FORMAT, "%s: there is no end of different texts, which are no classes",
                        where.text);
    if (!seen->is_text && !bpi_categories_seem_numbers(column, &seen->texts, cells))
        return bpi_categories_check_classes(column, where.text, &seen->texts, cells);
    bpi_release_categories(column, allocator);
    column->are_numbers = false;
    column->kind = BP_COLUMN_NUMBER;
    return BP_OK;
}

/* A column without cells is of no use, unless a rule says what they would be. */
static bool is_empty(const schema_column *column, const column_learner *seen, bool is_set)
{
    if (column->role != BP_ROLE_INPUT || seen->numbers + seen->words > 0)
        return false;
    return !is_set || (column->kind != BP_COLUMN_NUMBER && !column->is_given);
}

bool bpi_table_column_is_useless(const table_learner *learner, size_t index)
{
    const schema_column *column = &learner->schema->columns[index];
    const column_learner *seen = &learner->columns[index];
    const bool is_set = column->kind != BP_COLUMN_AUTO;
    bp_column_kind kind;
    return seen->is_left_out || is_empty(column, seen, is_set) ||
           (!is_set && !has_misprints(seen) && find_kind(learner, index, &kind) == BP_OK &&
            kind == BP_COLUMN_TEXT);
}

bp_status bpi_table_column_finish(table_learner *learner, size_t index)
{
    schema_column *column = &learner->schema->columns[index];
    const column_learner *seen = &learner->columns[index];
    const bool is_set = column->kind != BP_COLUMN_AUTO;
    column->missing_cells = seen->missing;
    if (column->role == BP_ROLE_TARGET && !is_set)
        return finish_target(learner, index);
    if (column->role != BP_ROLE_IGNORED && !is_set)
        BPI_TRY(find_kind(learner, index, &column->kind));
    if (column->role == BP_ROLE_IGNORED || column->kind == BP_COLUMN_TEXT || seen->is_left_out ||
        is_empty(column, seen, is_set)) {
        column->role = BP_ROLE_IGNORED;
        column->kind = BP_COLUMN_TEXT;
        column->has_indicator = false;
    }
    if (column->kind == BP_COLUMN_BOOLEAN)
        return set_truth_values(learner, index);
    return column->kind == BP_COLUMN_CATEGORY ? set_categories(learner, index) : BP_OK;
}
