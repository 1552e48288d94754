/* What the columns of a table are found to be, by themselves or by rules. */
#include "data/csv_example.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -------------------------------------------------------------------- kinds */

static void kinds_are_found(void **state)
{
    (void)state;
    const struct {
        const char *text, *description;
    } rows[] = {
        {"n,c,b,y\n1,red,no,a\n2.5,blue,yes,b\n-3e2,red,no,a\n",
         "n number 0; c category 1-2 blue|red; b truth 3 no|yes; y target 0-1 a|b"},
        {"1,x,a\n2,y,b\n3,x,a\n", "1 number 0; 2 category 1-2 x|y; 3 target 0-1 a|b"},
        /* Numbers and words: categories, as bytes. */
        {"m,n,y\n10,1,a\n9,2,b\nx,3,a\n", "m category 0-2 10|9|x; n number 3; y target 0-1 a|b"},
        /* All cases of letters. */
        {"n,b,y\n1,TRUE,a\n2,False,b\n3,true,a\n", "n number 0; b truth 1 False|TRUE; y target 0-1 a|b"},
        {"n,b,y\n1,t,a\n2,f,b\n3,t,b\n", "n number 0; b truth 1 f|t; y target 0-1 a|b"},
        {"n,b,y\n1,y,a\n2,n,b\n3,n,b\n", "n number 0; b truth 1 n|y; y target 0-1 a|b"},
        {"n,b,y\n1,on,a\n2,off,b\n3,on,b\n", "n number 0; b truth 1 off|on; y target 0-1 a|b"},
        /* One truth value alone, two of different pairs, a third word, numbers. */
        {"n,b,y\n1,yes,a\n2,yes,b\n", "n number 0; b category 1 yes; y target 0-1 a|b"},
        {"n,b,y\n1,yes,a\n2,n,b\n3,n,b\n", "n number 0; b category 1-2 n|yes; y target 0-1 a|b"},
        {"n,b,y\n1,yes,a\n2,no,b\n3,maybe,b\n", "n number 0; b category 1-3 maybe|no|yes; y target 0-1 a|b"},
        {"n,b,y\n1,1,a\n2,0,b\n", "n number 0; b number 1; y target 0-1 a|b"},
        {"n,b,y\n1,yes,a\n2,no,b\n3,0,b\n", "n number 0; b category 1-3 0|no|yes; y target 0-1 a|b"},
        /* A target of truth values is one of classes. */
        {"n,y\n1,yes\n2,no\n", "n number 0; y target 0-1 no|yes"},
        /* A category that always is the same. */
        {"n,c,y\n1,x,a\n2,x,b\n", "n number 0; c category 1 x; y target 0-1 a|b"},
        /* Columns without cells. */
        {"n,e,y\n1,,a\n2,,b\n", "n number 0; e ignored; y target 0-1 a|b"},
        {"n,e,y\n1,?,a\n2,NA,b\n", "n number 0; e ignored; y target 0-1 a|b"},
        {",n,y\n,1,a\n,2,b\n", " ignored; n number 0; y target 0-1 a|b"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        csv_assert_learns(rows[i].text, NULL, rows[i].description);
}

/* A table of `cases` lines with a column of words of which `different` are different. */
static char *make_words(size_t cases, size_t different)
{
    char *text = malloc(64 * (cases + 1));
    assert_non_null(text);
    size_t length = (size_t)sprintf(text, "w,n,y\n");
    for (size_t i = 0; i < cases; i++)
        length += (size_t)sprintf(text + length, "w%zu,%zu,%c\n", i % different, i, "ab"[i % 2]);
    return text;
}

static bp_column_role role_of_words(size_t cases, size_t different)
{
    char *text = make_words(cases, different);
    bp_dataset *dataset = NULL;
    bp_column_info info;
    bp_column_info_init(&info, sizeof info);
    assert_ok(csv_parse(&dataset, text, NULL));
    assert_ok(bp_schema_column(bp_dataset_schema(dataset), 0, &info));
    assert_true(info.role == BP_ROLE_INPUT ? info.categories == different : info.kind == BP_COLUMN_TEXT);
    bp_dataset_destroy(dataset);
    free(text);
    return info.role;
}

/* A word of its own in more than 3 of 4 cells, of 8 or more. */
static void text_is_ignored(void **state)
{
    (void)state;
    for (size_t cases = 2; cases < 40; cases++)
        for (size_t different = 2; different <= cases; different++)
            assert_int_equal(role_of_words(cases, different),
                             cases >= 8 && 4 * different > 3 * cases ? BP_ROLE_IGNORED : BP_ROLE_INPUT);
    csv_assert_refused("w,y\na,1\nb,2\nc,1\nd,2\ne,1\nf,2\ng,1\nh,2\n", NULL, BP_ERROR_FORMAT,
                       "f.csv: all columns but the target are text");
}

/* More words than a column of categories has. */
static void the_words_of_text_are_not_kept(void **state)
{
    (void)state;
    assert_int_equal(role_of_words(150000, 150000), BP_ROLE_IGNORED);
}

/* A table whose target has `cases` different cells. */
static char *make_targets(size_t cases, const char *prefix)
{
    char *text = malloc(32 * (cases + 1));
    assert_non_null(text);
    size_t length = (size_t)sprintf(text, "n,y\n");
    for (size_t i = 0; i < cases; i++)
        length += (size_t)sprintf(text + length, "1,%s%zu\n", prefix, i);
    return text;
}

/* Numbers without end are to be predicted, words without end cannot be. */
static void a_target_may_have_no_end_of_texts(void **state)
{
    (void)state;
    bp_csv_options options = csv_defaults();
    options.target = BP_TARGET_AUTO;
    char *numbers = make_targets(120000, ""), *words = make_targets(120000, "w");
    csv_assert_learns(numbers, &options, "n number 0; y target 0");
    csv_assert_refused(words, &options, BP_ERROR_FORMAT, "column 2 (y): there is no end of different texts");
    free(numbers);
    free(words);
}

/* ---------------------------------------------------------------- misprints */

/* `numbers` cells 0.5, 1.5, ... of which `different` are different, and then `words` words. */
static char *make_misprints(size_t numbers, size_t different, size_t words)
{
    char *text = malloc(64 * (numbers + words + 1));
    assert_non_null(text);
    size_t length = (size_t)sprintf(text, "p,n,y\n");
    for (size_t i = 0; i < numbers + words; i++)
        length += (size_t)sprintf(text + length, i < numbers ? "%zu.5,1,%c\n" : "x%zu,1,%c\n",
                                  i < numbers ? i % different : 0, "ab"[i % 2]);
    return text;
}

static void assert_misprint(size_t numbers, size_t different, size_t words, bool is_refused)
{
    char *text = make_misprints(numbers, different, words), part[128];
    snprintf(part, sizeof part, "f.csv:%zu: column 1 (p): 'x0' is not a number, but %zu other cells are",
             numbers + 2, numbers);
    if (is_refused) {
        csv_assert_refused(text, NULL, BP_ERROR_FORMAT, part);
    } else {
        bp_dataset *dataset = NULL;
        assert_ok(csv_parse(&dataset, text, NULL));
        bp_dataset_destroy(dataset);
    }
    free(text);
}

static void a_word_among_numbers_may_be_a_misprint(void **state)
{
    (void)state;
    assert_misprint(40, 40, 1, true);
    assert_misprint(40, 21, 1, true);
    assert_misprint(40, 20, 1, false); /* codes */
    assert_misprint(45, 45, 5, true);  /* 9 of 10 */
    assert_misprint(44, 44, 5, true);  /* always the same word */
    assert_misprint(44, 44, 44, true);
    assert_misprint(30, 21, 300, true);
    assert_misprint(30, 20, 300, false);
    assert_misprint(11, 11, 1, true); /* few, but it would be left out as text */
    assert_misprint(11, 11, 2, true);
    assert_misprint(12, 5, 1, false);
    bp_csv_options options = csv_defaults();
    options.target = BP_TARGET_AUTO;
    options.target_column = 0;
    char *text = make_misprints(30, 30, 1);
    csv_assert_refused(text, &options, BP_ERROR_FORMAT, "f.csv:32: column 1 (p): 'x0' is not a number");
    options = csv_defaults();
    bp_schema *rules = csv_rules();
    options.schema = rules;
    bp_dataset *dataset = NULL;
    assert_ok(bp_schema_set_kind(rules, bp_column_named("p"), BP_COLUMN_CATEGORY));
    assert_ok(csv_parse(&dataset, text, &options)); /* as the message says */
    assert_int_equal(bp_dataset_input_width(dataset), 31 + 1);
    bp_dataset_destroy(dataset);
    dataset = NULL;
    options = csv_defaults();
    options.missing_markers = (const char *const[]){"x0"};
    options.missing_marker_count = 1;
    csv_assert_refused(text, &options, BP_ERROR_FORMAT,
                       "f.csv:32: column 1 (p): the value is missing ('x0')");
    bp_schema_destroy(rules);
    free(text);
}

static void the_other_decimal_sign_is_no_category(void **state)
{
    (void)state;
    bp_csv_options options = csv_defaults();
    options.delimiter = ';';
    const char *text = "p;q;y\n1,5;2;a\n2;3;b\n2,25;3;a\n";
    csv_assert_refused(text, &options, BP_ERROR_FORMAT,
                       "f.csv:2: column 1 (p): '1,5' is not a number: options.decimal_point is '.'");
    csv_assert_refused("1,5;2;a\n2;3;b\n2,25;3;a\n", &options, BP_ERROR_FORMAT,
                       "f.csv:3: column 1: '2,25' is not");
    options.decimal_point = ',';
    csv_assert_learns(text, &options, "p number 0; q number 1; y target 0-1 a|b");
    csv_assert_refused("p;q;y\n1.5;2;a\n2;3;b\n", &options, BP_ERROR_FORMAT,
                       "f.csv:2: column 1 (p): '1.5' is not a number: options.decimal_point is ','");
    const char *const others[] = {"1.234,5", "-1.234.567,25", "12.345.678", "1,234.5", "1.000,"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        char prices[96];
        snprintf(prices, sizeof prices, "p;q;y\n1;2;a\n2;3;b\n%s;4;a\n", others[i]);
        csv_assert_refused(prices, &options, BP_ERROR_FORMAT, "f.csv:4: column 1 (p): '");
    }
    csv_assert_learns("p;q;y\n1;2;a\n2;3;b\n1.23.456;4;a\n", &options,
                      "p category 0-2 1|1.23.456|2; q number 3; y target 0-1 a|b");
    csv_assert_learns("p;q;y\n12.05.2020;2;a\n13.06.2021;3;b\n", &options,
                      "p category 0-1 12.05.2020|13.06.2021; q number 2; y target 0-1 a|b");
    bp_schema *rules = csv_rules();
    assert_ok(bp_schema_set_kind(rules, bp_column_numbered(0), BP_COLUMN_CATEGORY));
    options.schema = rules;
    options.decimal_point = '.';
    csv_assert_learns(text, &options, "p category 0-2 1,5|2|2,25; q number 3; y target 0-1 a|b");
    /* Numbers as categories have a point, whatever the file has. */
    options.decimal_point = ',';
    csv_assert_learns(text, &options, "p category 0-2 1.5|2|2.25; q number 3; y target 0-1 a|b");
    bp_schema_destroy(rules);
}

/* ------------------------------------------------------------------ targets */

static const char table[] = "id,age,code,ok,grade\n1,20,7,yes,a\n2,30,8,no,b\n3,40,7,no,a\n";

static void targets_can_be_named_or_absent(void **state)
{
    (void)state;
    bp_csv_options options = csv_defaults();
    options.target_name = "code";
    csv_assert_learns(
        table, &options,
        "id number 0; age number 1; code target 0-1 7|8; ok truth 2 no|yes; grade category 3-4 a|b");
    options.target = BP_TARGET_NUMERIC;
    csv_assert_learns(table, &options,
                      "id number 0; age number 1; code target 0; ok truth 2 no|yes; grade category 3-4 a|b");
    options = csv_defaults();
    options.target = BP_TARGET_NONE;
    csv_assert_learns(table, &options,
                      "id number 0; age number 1; code number 2; ok truth 3 no|yes; grade category 4-5 a|b");
    csv_assert_learns("1\n2\n", &options, "1 number 0");
    csv_assert_learns("7\n", &options, "1 number 0");
    csv_assert_learns("x\n1\n", &options, "x number 0");
    options.target = BP_TARGET_AUTO;
    csv_assert_learns(table, &options,
                      "id number 0; age number 1; code number 2; ok truth 3 no|yes; grade target 0-1 a|b");
    csv_assert_learns("n,y\n1,0.5\n2,1\n", &options, "n number 0; y target 0");
    csv_assert_learns("n,y\n1,0\n2,1\n", &options, "n number 0; y target 0-1 0|1");
    csv_assert_refused("n,y\n1,?\n2,\n", &options, BP_ERROR_FORMAT,
                       "column 2 (y): the target is missing in every case");
    options = csv_numeric(-2, 2);
    csv_assert_learns("1,2,3\n4,5,6\n", &options, "1 number 0; 2 target 0; 3 target 1");
    csv_assert_refused("n,y\n1,?\n2,\n", NULL, BP_ERROR_FORMAT,
                       "f.csv: column 2 (y): the target is missing in every case");
}

/* There may be more groups than any column has categories. */
static void there_may_be_many_groups(void **state)
{
    (void)state;
    enum { CASES = 120000 };
    char *text = make_words(CASES, CASES);
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_defaults();
    assert_ok(bp_schema_set_role(rules, bp_column_named("w"), BP_ROLE_GROUP));
    options.schema = rules;
    bp_dataset *dataset = NULL;
    bp_column_info info;
    bp_column_info_init(&info, sizeof info);
    assert_ok(csv_parse(&dataset, text, &options));
    assert_ok(bp_schema_column(bp_dataset_schema(dataset), 0, &info));
    assert_int_equal(info.role, BP_ROLE_GROUP);
    assert_int_equal(info.categories, CASES);
    bp_dataset_destroy(dataset);
    bp_schema_destroy(rules);
    free(text);
}

/* ------------------------------------------------------------ names, memory */

static void inputs_are_named(void **state)
{
    (void)state;
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_defaults();
    bp_dataset *dataset = NULL;
    assert_ok(bp_schema_set_missing(rules, bp_column_numbered(0), BP_MISSING_MEDIAN, 1));
    options.schema = rules;
    options.header = BP_CSV_HEADER_YES;
    assert_ok(csv_parse(&dataset, "age,sex,ok,y\n1,f,no,a\n2,m,yes,b\n", &options));
    const char *const names[] = {"age", "age missing", "sex=f", "sex=m", "ok"};
    const size_t columns[] = {0, 0, 1, 1, 2};
    assert_int_equal(bp_dataset_input_width(dataset), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(bp_dataset_input_name(dataset, i), names[i]);
        assert_int_equal(bp_schema_column_of_input(bp_dataset_schema(dataset), i), columns[i]);
    }
    assert_null(bp_dataset_input_name(dataset, 5));
    assert_true(bp_schema_column_of_input(bp_dataset_schema(dataset), 5) == BP_NO_INDEX);
    assert_true(bp_schema_column_of_input(NULL, 0) == BP_NO_INDEX);
    size_t groups[5];
    assert_int_equal(bp_schema_input_groups(bp_dataset_schema(dataset), groups), 3);
    assert_memory_equal(groups, columns, sizeof columns);
    assert_string_equal(bp_schema_group_name(bp_dataset_schema(dataset), 0), "age");
    assert_string_equal(bp_schema_group_name(bp_dataset_schema(dataset), 2), "ok");
    assert_null(bp_schema_group_name(bp_dataset_schema(dataset), 3)); /* the target is in no group */
    assert_null(bp_schema_group_name(NULL, 0));
    assert_int_equal(bp_schema_input_groups(NULL, groups), 0);
    assert_int_equal(bp_schema_input_groups(bp_dataset_schema(dataset), NULL), 0);
    bp_dataset_destroy(dataset);
    bp_schema_destroy(rules);
}

static bp_status attempt_loading(void *context, const bp_allocator *allocator)
{
    const char *text = context;
    const char *const grades[] = {"c", "b", "a"};
    bp_schema *rules = NULL;
    bp_dataset *dataset = NULL;
    bp_csv_options options = csv_defaults();
    options.allocator = *allocator;
    bp_status status = bp_schema_create(&rules, allocator);
    if (status == BP_OK)
        status = bp_schema_set_missing(rules, bp_column_all(), BP_MISSING_MEDIAN, 1);
    if (status == BP_OK)
        status = bp_schema_set_role(rules, bp_column_named("w"), BP_ROLE_CASE_WEIGHT);
    if (status == BP_OK)
        status = bp_schema_set_role(rules, bp_column_named("g"), BP_ROLE_GROUP);
    if (status == BP_OK)
        status = bp_schema_set_categories(rules, bp_column_named("grade"), grades, 3);
    options.schema = rules;
    if (status == BP_OK)
        status = csv_parse(&dataset, text, &options);
    if (status == BP_OK)
        status = bp_dataset_split(dataset, 0.5, 0.25, 1);
    assert_true(dataset != NULL || status != BP_OK);
    bp_dataset_destroy(dataset);
    bp_schema_destroy(rules);
    return status;
}

static void lack_of_memory_is_reported(void **state)
{
    (void)state;
    char text[] =
        "w,g,n,ok,c,m,grade\n1,x,,yes,red,1,a\n2,y,5,no,?,u,b\n1,x,6,yes,blue,2,a\n3,x,?,?,red,u,c\n";
    test_each_allocation_fails(attempt_loading, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_are_found),
        cmocka_unit_test(text_is_ignored),
        cmocka_unit_test(the_words_of_text_are_not_kept),
        cmocka_unit_test(a_target_may_have_no_end_of_texts),
        cmocka_unit_test(a_word_among_numbers_may_be_a_misprint),
        cmocka_unit_test(the_other_decimal_sign_is_no_category),
        cmocka_unit_test(targets_can_be_named_or_absent),
        cmocka_unit_test(there_may_be_many_groups),
        cmocka_unit_test(inputs_are_named),
        cmocka_unit_test(lack_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
