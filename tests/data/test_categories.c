/* Categories from words, and finding them again. */
#include "data/categories.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "support/support.h"

enum { MOST = 8 };

/* Cells of a column, ended by NULL, and the categories they should make. */
typedef struct example {
    const char *cells[MOST + 1];
    const char *names[MOST + 1];
    size_t categories[MOST];
} example;

static void clear(schema_column *column, word_set *words, const bp_allocator *allocator)
{
    bpi_release_strings(allocator, column->categories, column->category_count);
    bpi_word_set_clear(words, allocator);
    *column = (schema_column){0};
}

/* A class column of these cells, the first in line 1, and its words; the caller clears both. */
static bp_status make(schema_column *column, word_set *words, const char *const *cells,
                      const bp_allocator *allocator)
{
    *column = (schema_column){.role = BP_ROLE_TARGET, .kind = BP_COLUMN_CATEGORY};
    *words = (word_set){0};
    size_t count = 0;
    for (; cells[count] != NULL; count++)
        if (!bpi_word_set_add(words, allocator, cells[count], count + 1))
            return BP_ERROR_MEMORY;
    BPI_TRY(bpi_categories_from_words(column, "f.csv", allocator, words));
    return bpi_categories_check_classes(column, "f.csv", words, count);
}

static void assert_categories(const example *e)
{
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    schema_column column;
    word_set words;
    assert_ok(make(&column, &words, e->cells, &allocator));
    for (size_t i = 0; i < column.category_count; i++) {
        assert_non_null(e->names[i]);
        assert_string_equal(column.categories[i], e->names[i]);
    }
    assert_null(e->names[column.category_count]);
    for (size_t i = 0; e->cells[i] != NULL; i++)
        assert_int_equal(bpi_find_category(&column, e->cells[i]), e->categories[i]);
    assert_int_equal(bpi_find_category(&column, "something else"), column.category_count);
    assert_int_equal(bpi_find_category(&column, ""), column.category_count);
    assert_true(bpi_are_ascending(column.categories, column.category_count, column.are_numbers));
    clear(&column, &words, &allocator);
    assert_int_equal(memory.live, 0);
}

static void categories_are_in_ascending_order(void **state)
{
    (void)state;
    const example examples[] = {
        {{"b", "a", "c", "a"}, {"a", "b", "c"}, {1, 0, 2, 0}},
        {{"10", "9", "-1", "9"}, {"-1", "9", "10"}, {2, 1, 0, 1}},
        {{"10", "9", "x"}, {"10", "9", "x"}, {0, 1, 2}}, /* not all are numbers: as text */
        {{"10", "9", "nan"}, {"10", "9", "nan"}, {0, 1, 2}},
        {{"\xC3\xA4", "z", "Z"}, {"Z", "z", "\xC3\xA4"}, {2, 1, 0}}, /* bytes, unsigned */
        {{"ab", "a"}, {"a", "ab"}, {1, 0}},
        {{"2", "1.0", "1", "1e0"}, {"1.0", "2"}, {1, 0, 0, 0}}, /* equal numbers; the first names the class */
        {{"0", "-0", "1"}, {"0", "1"}, {0, 0, 1}},
        {{"01", "1", "x"}, {"01", "1", "x"}, {0, 1, 2}},
        /* Equal as doubles, but not the same number. */
        {{"9007199254740993", "9007199254740992"}, {"9007199254740992", "9007199254740993"}, {1, 0}},
    };
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
        assert_categories(&examples[i]);
}

static void assert_refused(const char *const *cells, const char *part)
{
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    schema_column column;
    word_set words;
    assert_fails(make(&column, &words, cells, &allocator), BP_ERROR_FORMAT, part);
    clear(&column, &words, &allocator);
    assert_int_equal(memory.live, 0);
}

static void one_class_is_refused(void **state)
{
    (void)state;
    assert_refused((const char *const[]){"same", "same", NULL}, "f.csv: every case is of class 'same'");
    assert_refused((const char *const[]){"1", "1.0", NULL}, "f.csv: every case is of class '1'");
}

static bp_status attempt_making(void *context, const bp_allocator *allocator)
{
    (void)context;
    const char *const cells[] = {"b", "a", "c", "d", "e", NULL};
    schema_column column;
    word_set words;
    bp_status status = make(&column, &words, cells, allocator);
    clear(&column, &words, allocator);
    return status;
}

static void lack_of_memory_is_reported(void **state)
{
    (void)state;
    test_each_allocation_fails(attempt_making, NULL);
}

/* `cases` labels made by the format from 0, 1, ..., classes - 1, over and over. */
static bp_status make_many(int cases, int classes, const char *format, double factor)
{
    enum { MOST_CASES = 2500 };
    static char labels[MOST_CASES][16];
    const char *texts[MOST_CASES + 1] = {NULL};
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    schema_column column;
    word_set words;
    assert_in_range(cases, 1, MOST_CASES);
    for (int i = 0; i < cases; i++) {
        snprintf(labels[i], sizeof labels[i], format, factor * (i % classes));
        texts[i] = labels[i];
    }
    bp_status status = make(&column, &words, texts, &allocator);
    assert_int_equal(column.category_count, classes);
    clear(&column, &words, &allocator);
    assert_int_equal(memory.live, 0);
    return status;
}

/* One output for each of the texts would fill the memory. */
static void a_class_for_every_other_case_is_refused(void **state)
{
    (void)state;
    assert_fails(make_many(1500, 1001, "w%g", 1), BP_ERROR_FORMAT, "1001 classes in 1500 cases");
    assert_ok(make_many(1500, 1000, "w%g", 1));
    assert_ok(make_many(2003, 1001, "w%g", 1));
    assert_fails(make_many(40, 31, "$%g,0", 1), BP_ERROR_FORMAT,
                 "31 classes in 40 cases, such as '$0,0': the target column seems to hold text");
    assert_ok(make_many(40, 30, "$%g,0", 1));
    assert_ok(make_many(20, 20, "w%g", 1));
}

/* Prices, counts, measurements: not classes, though they are whole numbers now and then. */
static void numbers_to_be_predicted_are_refused(void **state)
{
    (void)state;
    assert_fails(
        make_many(400, 374, "%g", 100), BP_ERROR_FORMAT,
        "374 classes in 400 cases: the target column seems to hold numbers to be predicted, not classes; "
        "set options.target to BP_TARGET_NUMERIC");
    assert_fails(make_many(209, 21, "%g", 1), BP_ERROR_FORMAT, "21 classes in 209 cases");
    assert_ok(make_many(210, 21, "%g", 1));
    assert_ok(make_many(20, 20, "%g", 1));
    assert_fails(make_many(400, 3, "%g", 0.5), BP_ERROR_FORMAT,
                 "class '0.5' in line 2 is not a whole number");
    assert_ok(make_many(400, 3, "%.1f", 2)); /* 2.0 is one */
    assert_ok(make_many(400, 3, "%g cm", 0.5));
}

/* ---------------------------------------------------------------- given, found */

/* A column with the caller's categories, which are borrowed; its order is released by the test. */
static schema_column give(char **categories, size_t count)
{
    schema_column column = {
        .kind = BP_COLUMN_CATEGORY, .is_given = true, .categories = categories, .category_count = count};
    bp_allocator allocator;
    assert_ok(bpi_allocator_choose(&allocator, "here", NULL));
    assert_ok(bpi_compare_given_categories(&column, "here", &allocator));
    return column;
}

static void drop(schema_column *column)
{
    bp_allocator allocator;
    assert_ok(bpi_allocator_choose(&allocator, "here", NULL));
    column->categories = NULL;
    bpi_release_categories(column, &allocator);
}

static void given_categories_are_found_in_any_order(void **state)
{
    (void)state;
    char *words[] = {"low", "high", "10"}, *numbers[] = {"3", "1", "2.0"}, *same[] = {"1", "1.0"};
    schema_column column = give(words, 3);
    assert_false(column.are_numbers);
    assert_int_equal(bpi_find_category(&column, "low"), 0);
    assert_int_equal(bpi_find_category(&column, "high"), 1);
    assert_int_equal(bpi_find_category(&column, "10"), 2);
    assert_int_equal(bpi_find_category(&column, "10.0"), 3);
    assert_int_equal(bpi_find_category(&column, ""), 3);
    assert_int_equal(bpi_find_category(&column, "zzz"), 3);
    drop(&column);
    column = give(numbers, 3);
    assert_true(column.are_numbers);
    assert_int_equal(bpi_find_category(&column, "2"), 2);
    assert_int_equal(bpi_find_category(&column, "3"), 0);
    assert_int_equal(bpi_find_category(&column, "1e0"), 1);
    assert_int_equal(bpi_find_category(&column, "4"), 3);
    assert_int_equal(bpi_find_category(&column, "0"), 3);
    assert_int_equal(bpi_find_category(&column, "x"), 3);
    drop(&column);
    column = give(same, 2);
    assert_false(column.are_numbers); /* they differ as texts alone */
    assert_int_equal(bpi_find_category(&column, "1"), 0);
    assert_int_equal(bpi_find_category(&column, "1.0"), 1);
    assert_int_equal(bpi_find_category(&column, "1.00"), 2);
    drop(&column);
    assert_false(bpi_are_ascending(numbers, 3, true));
    assert_false(bpi_are_ascending(same, 2, true));
    assert_true(bpi_are_ascending(same, 2, false));
    /* Of categories that are the same, as a model file may have them, the lowest. */
    char *twice[] = {"b", "a", "b", "a"};
    column = give(twice, 4);
    assert_int_equal(bpi_find_category(&column, "a"), 1);
    assert_int_equal(bpi_find_category(&column, "b"), 0);
    drop(&column);
}

/* The cells of a column, and the two texts; NULL: they are no truth values. */
static void assert_truth_values(const char *const *cells, const char *no, const char *yes)
{
    bp_allocator allocator;
    assert_ok(bpi_allocator_choose(&allocator, "here", NULL));
    word_set words = {0};
    const char *found[2] = {NULL, NULL};
    for (size_t i = 0; cells[i] != NULL; i++)
        assert_true(bpi_word_set_add(&words, &allocator, cells[i], i));
    assert_int_equal(bpi_find_truth_values(&words, found), no != NULL);
    if (no != NULL) {
        assert_string_equal(found[0], no);
        assert_string_equal(found[1], yes);
    }
    bpi_word_set_clear(&words, &allocator);
}

static void truth_values_come_in_pairs(void **state)
{
    (void)state;
#define CELLS(...) ((const char *const[]){__VA_ARGS__, NULL})
    assert_truth_values(CELLS("true", "false"), "false", "true");
    assert_truth_values(CELLS("No", "YES", "No"), "No", "YES");
    assert_truth_values(CELLS("F", "T"), "F", "T");
    assert_truth_values(CELLS("y", "n"), "n", "y");
    assert_truth_values(CELLS("On", "Off"), "Off", "On");
    assert_truth_values(CELLS("Yes", "yes", "no", "NO"), "no", "Yes"); /* the first of each */
    assert_truth_values(CELLS("TRUE"), "false", "TRUE");
    assert_truth_values(CELLS("n", "N"), "n", "y");
    assert_truth_values(CELLS("yes", "n"), NULL, NULL);
    assert_truth_values(CELLS("yes", "no", "maybe"), NULL, NULL);
    assert_truth_values(CELLS("true ", "false"), NULL, NULL);
    assert_truth_values((const char *const[]){NULL}, NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(categories_are_in_ascending_order),
        cmocka_unit_test(one_class_is_refused),
        cmocka_unit_test(a_class_for_every_other_case_is_refused),
        cmocka_unit_test(numbers_to_be_predicted_are_refused),
        cmocka_unit_test(given_categories_are_found_in_any_order),
        cmocka_unit_test(truth_values_come_in_pairs),
        cmocka_unit_test(lack_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
