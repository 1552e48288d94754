/* Categories: the different texts of a column in order. */
#ifndef BPI_DATA_CATEGORIES_H
#define BPI_DATA_CATEGORIES_H

#include "data/schema.h"
#include "data/word_set.h"

/*
 * Makes categories of a column of the words that came in it: in ascending order, as numbers if all are
 * numbers, of which equal ones are one category, else as bytes. The column has none before. MEMORY, with the
 * name of the file.
 */
bp_status bpi_categories_from_words(schema_column *column, const char *where, const bp_allocator *allocator,
                                    const word_set *words);

/* Do they seem to be numbers to be predicted, not classes? `cells` is the number of cells they came in. */
bool bpi_categories_seem_numbers(const schema_column *column, const word_set *words, size_t cells);

/* Are the classes so many numbers that they might as well be predicted as such? */
bool bpi_categories_may_be_numbers(const schema_column *column);

/*
 * FORMAT if they do not look like classes: there are fewer than two; or so many, or such ones, that the
 * column seems to hold numbers to be predicted, unless a rule says that they are classes. `where` is the
 * file and column.
 */
bp_status bpi_categories_check_classes(const schema_column *column, const char *where, const word_set *words,
                                       size_t cells);

/* The two texts of truth values, the false one first, if all words are one of them in any case; else false.
 * One that does not occur is in small letters. */
bool bpi_find_truth_values(const word_set *words, const char *values[2]);

/* The number of a category, or category_count if the text is none. */
size_t bpi_find_category(const schema_column *column, const char *text);

/* Does a text that is a number make a category that is compared as a number? From 2^53 on it does not, for
 * different integers may be the same double. */
bool bpi_is_category_number(const char *text, double *value);
/* Are all such numbers? And no two the same? */
bool bpi_are_category_numbers(char *const *texts, size_t count);
bool bpi_are_different_numbers(char *const *texts, size_t count);
/* Are they in ascending order, as numbers or as bytes? */
bool bpi_are_ascending(char *const *texts, size_t count, bool as_numbers);

#endif
