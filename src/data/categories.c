#include "data/categories.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/status.h"
#include "data/csv_message.h"

bool bpi_is_category_number(const char *text, double *value)
{
    return bpi_parse_number(text, value) == NUMBER_FINITE && fabs(*value) < 0x1p53;
}

bool bpi_are_ascending(char *const *texts, size_t count, bool as_numbers)
{
    double value = 0, before = 0;
    for (size_t i = 0; i < count; i++) {
        if (as_numbers && !bpi_is_category_number(texts[i], &value))
            return false;
        if (i > 0 && (as_numbers ? value <= before : strcmp(texts[i], texts[i - 1]) <= 0))
            return false;
        before = value;
    }
    return true;
}

bool bpi_are_category_numbers(char *const *texts, size_t count)
{
    double value;
    for (size_t i = 0; i < count; i++)
        if (!bpi_is_category_number(texts[i], &value))
            return false;
    return true;
}

bool bpi_are_different_numbers(char *const *texts, size_t count)
{
    double value, other;
    if (bpi_are_ascending(texts, count, true))
        return true;
    if (!bpi_are_category_numbers(texts, count))
        return false;
    for (size_t i = 0; i < count; i++) {
        (void)bpi_parse_number(texts[i], &value);
        for (size_t k = 0; k < i; k++)
            if (bpi_parse_number(texts[k], &other) == NUMBER_FINITE && other == value)
                return false;
    }
    return true;
}

/* -------------------------------------------------------------- from words */

/* A word to be put into order. */
typedef struct ordered_word {
    const char *text;
    double value; /* if all are numbers */
    size_t line;
} ordered_word;

static int compare_lines(const ordered_word *a, const ordered_word *b)
{
    return (a->line > b->line) - (a->line < b->line);
}

/* Equal numbers in the order of their lines, so that the first one names the category. */
static int compare_values(const void *left, const void *right)
{
    const ordered_word *a = left, *b = right;
    int order = (a->value > b->value) - (a->value < b->value);
    return order != 0 ? order : compare_lines(a, b);
}

static int compare_texts(const void *left, const void *right)
{
    const ordered_word *a = left, *b = right;
    return strcmp(a->text, b->text);
}

/* Sorts the words; returns whether all are numbers. */
static bool sort(ordered_word *order, const word_set *words)
{
    bool are_numbers = true;
    for (size_t i = 0; i < words->count; i++) {
        order[i] = (ordered_word){.text = words->words[i].text, .line = words->words[i].line};
        are_numbers = are_numbers && bpi_is_category_number(order[i].text, &order[i].value);
    }
    qsort(order, words->count, sizeof *order, are_numbers ? compare_values : compare_texts);
    return are_numbers;
}

/* Drops words that are the same number as the one before; returns how many are left. */
static size_t drop_repeated_numbers(ordered_word *order, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || order[i].value != order[kept - 1].value)
            order[kept++] = order[i];
    return kept;
}

bp_status bpi_categories_from_words(schema_column *column, const char *where, const bp_allocator *allocator,
                                    const word_set *words)
{
    ordered_word *order = bpi_allocate(allocator, words->count, sizeof *order);
    const char **texts = bpi_allocate(allocator, words->count, sizeof *texts);
    bp_status status = BP_OK;
    if (order == NULL || texts == NULL) {
        status = bpi_fail(BP_ERROR_MEMORY, "%s: no memory for %zu categories", where, words->count);
    } else {
        size_t count = words->count;
        column->are_numbers = sort(order, words);
        if (column->are_numbers)
            count = drop_repeated_numbers(order, count);
        for (size_t i = 0; i < count; i++)
            texts[i] = order[i].text;
        status = bpi_copy_strings(&column->categories, where, allocator, texts, count);
        if (status == BP_OK)
            column->category_count = count;
    }
    bpi_release(allocator, order);
    bpi_release(allocator, texts);
    return status;
}

/* ----------------------------------------------------------------- plausible? */

/* Numbers of classes that suggest a column of other contents: of text, if there is also a class for every two
 * cases (one output per class would take too much memory), or for nearly every case; of numbers, see
 * are_measured. */
enum { MANY_CLASSES = 1000, SOME_CLASSES = 20, MANY_NUMBERS = 100 };

static bp_status fail_numeric(const char *where, const char *found)
{
    return bpi_fail(BP_ERROR_FORMAT,
                    "%s: %s: the target column seems to hold numbers to be predicted, not classes; "
                    "set options.target to BP_TARGET_NUMERIC for that, or, if they are classes, the kind of "
                    "the column to BP_COLUMN_CATEGORY with bp_schema_set_kind",
                    where, found);
}

/* The word that came first of those that are not whole numbers, or NULL. */
static const word *first_fraction(const word_set *words)
{
    const word *found = NULL;
    double value;
    for (size_t i = 0; i < words->count; i++) {
        const word *candidate = &words->words[i];
        (void)bpi_parse_number(candidate->text, &value);
        if (value != floor(value) && (found == NULL || candidate->line < found->line))
            found = candidate;
    }
    return found;
}

/* Are the numbers those that someone gave to classes: from 0 or 1 on without a gap, and none is rare? */
static bool are_labels(const schema_column *column, const word_set *words, size_t cells)
{
    const size_t classes = column->category_count;
    double first, last;
    (void)bpi_parse_number(column->categories[0], &first);
    (void)bpi_parse_number(column->categories[classes - 1], &last);
    if ((first != 0 && first != 1) || last - first != (double)(classes - 1))
        return false;
    for (size_t i = 0; i < words->count; i++)
        if (words->words[i].count < cells / classes / 10)
            return false;
    return true;
}

/* Numbers are measured or counted, not given to classes, if there are more than 20 different ones, unless
 * these are labels; but these, too, if there are more than 100, or one for every ten cases. */
static bool are_measured(const schema_column *column, const word_set *words, size_t cells)
{
    const size_t classes = column->category_count;
    return classes > SOME_CLASSES &&
           (classes > cells / 10 || classes > MANY_NUMBERS || !are_labels(column, words, cells));
}

static bool has_many_texts(const schema_column *column, size_t cells)
{
    const size_t classes = column->category_count;
    return (classes > MANY_CLASSES && classes > cells / 2) ||
           (classes > SOME_CLASSES && classes > cells / 4 * 3);
}

bool bpi_categories_seem_numbers(const schema_column *column, const word_set *words, size_t cells)
{
    return column->are_numbers && (first_fraction(words) != NULL || are_measured(column, words, cells));
}

bool bpi_categories_may_be_numbers(const schema_column *column)
{
    return column->are_numbers && column->category_count > SOME_CLASSES;
}

/* The rule of the caller's allows all but what would take too much memory. */
static bool is_too_many(const schema_column *column, const word_set *words, size_t cells)
{
    if (column->is_kind_set)
        return column->category_count > MANY_CLASSES && column->category_count > cells / 2;
    return column->are_numbers ? are_measured(column, words, cells) : has_many_texts(column, cells);
}

bp_status bpi_categories_check_classes(const schema_column *column, const char *where, const word_set *words,
                                       size_t cells)
{
    const size_t classes = column->category_count;
    char text[96];
    if (classes < 2)
        return bpi_fail(BP_ERROR_FORMAT,
                        "%s: every case is of class '%s'; there must be two classes or more: choose another "
                        "target",
                        where, classes == 0 ? "" : bpi_csv_excerpt(column->categories[0]).text);
    const word *fraction = column->are_numbers && !column->is_kind_set ? first_fraction(words) : NULL;
    if (fraction != NULL) {
        snprintf(text, sizeof text, "class '%s' in line %zu is not a whole number",
                 bpi_csv_excerpt(fraction->text).text, fraction->line);
        return fail_numeric(where, text);
    }
    if (!is_too_many(column, words, cells))
        return BP_OK;
    snprintf(text, sizeof text, "%zu classes in %zu cases", classes, cells);
    if (column->are_numbers)
        return fail_numeric(where, text);
    return bpi_fail(BP_ERROR_FORMAT,
                    "%s: %s, such as '%s': the target column seems to hold text, not classes; choose another "
                    "target, or write numbers without signs for money and thousands",
                    where, text, bpi_csv_excerpt(column->categories[0]).text);
}

/* -------------------------------------------------------------- truth values */

static const char *find_word(const word_set *words, const char *text)
{
    for (size_t i = 0; i < words->count; i++)
        if (strcasecmp(words->words[i].text, text) == 0)
            return words->words[i].text;
    return text;
}

static bool are_all(const word_set *words, const char *no, const char *yes)
{
    for (size_t i = 0; i < words->count; i++)
        if (strcasecmp(words->words[i].text, no) != 0 && strcasecmp(words->words[i].text, yes) != 0)
            return false;
    return words->count > 0;
}

bool bpi_find_truth_values(const word_set *words, const char *values[2])
{
    static const char *const pairs[][2] = {
        {"false", "true"}, {"no", "yes"}, {"f", "t"}, {"n", "y"}, {"off", "on"}};
    enum { MOST_CASES = 2 * 32 }; /* of the letters of both */
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0] && words->count <= MOST_CASES; i++)
        if (are_all(words, pairs[i][0], pairs[i][1])) {
            values[0] = find_word(words, pairs[i][0]);
            values[1] = find_word(words, pairs[i][1]);
            return true;
        }
    return false;
}

/* ------------------------------------------------------------------- finding */

/* Compares a text with a category in the order of categories, as strcmp does. */
static int compare_with_category(const char *text, double value, const char *category, bool as_numbers)
{
    if (!as_numbers)
        return strcmp(text, category);
    double other;
    (void)bpi_parse_number(category, &other);
    return (value > other) - (value < other);
}

/* The caller's categories are in his order, and truth values in that of their meaning. */
static size_t find_unordered(const schema_column *column, const char *text)
{
    double value = 0, other = 0;
    const bool is_number = column->are_numbers && bpi_is_category_number(text, &value);
    for (size_t i = 0; i < column->category_count; i++) {
        const char *category = column->categories[i];
        if (is_number)
            (void)bpi_parse_number(category, &other);
        if (is_number                           ? value == other
            : column->kind == BP_COLUMN_BOOLEAN ? strcasecmp(category, text) == 0
                                                : strcmp(category, text) == 0)
            return i;
    }
    return column->category_count;
}

size_t bpi_find_category(const schema_column *column, const char *text)
{
    size_t first = 0, end = column->category_count;
    double value = 0;
    if (column->is_given || column->kind == BP_COLUMN_BOOLEAN)
        return find_unordered(column, text);
    if (column->are_numbers && !bpi_is_category_number(text, &value))
        return end;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        int order = compare_with_category(text, value, column->categories[middle], column->are_numbers);
        if (order == 0)
            return middle;
        if (order < 0)
            end = middle;
        else
            first = middle + 1;
    }
    return column->category_count;
}
