/* What columns are found to be: numbers with other signs, classes that are numbers, rows that are left out.
 */
#include "data/csv_example.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { ROOM = 1 << 18 };

/* ----------------------------------------------------------- numbers and texts */

/* An unquoted cell that begins with a number and goes on is text. */
static void a_number_may_begin_a_text(void **state)
{
    (void)state;
    const char *const cells[][2] = {{"4 doors", "2 doors"},
                                    {"12 Main Street", "7 Oak Road"},
                                    {"36 months", "60 months"},
                                    {"10 Jan 2004", "9 Feb 2004"},
                                    {"5.2 kg", "3 kg"},
                                    {"2\tx", "3\tx"},
                                    {"7 -", "8 -"}};
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++)
        for (const char *d = ",;|"; *d != '\0'; d++) {
            char text[256], wanted[256];
            bp_csv_options options = csv_numeric(-1, 1);
            options.delimiter = *d;
            snprintf(text, sizeof text, "a%cb%cy\n%s%c1%c2.5\n%s %c2%c3.5\n", *d, *d, cells[i][0], *d, *d,
                     cells[i][1], *d, *d);
            const bool is_ordered = strcmp(cells[i][0], cells[i][1]) < 0;
            snprintf(wanted, sizeof wanted, "a category 0-1 %s|%s; b number 2; y target 0",
                     cells[i][!is_ordered], cells[i][is_ordered]);
            csv_assert_learns(text, &options, wanted);
        }
    /* The last cell of a line, of a file, and of one with tabs; numbers with blanks behind them. */
    csv_assert_learns("n,y\n1,3 a\n2 ,4 b\n3  ,3 a", NULL, "n number 0; y target 0-1 3 a|4 b");
    bp_csv_options options = csv_defaults();
    options.delimiter = '\t';
    csv_assert_learns("n\ty\n1\t3 a\r\n2 \t4 b\r\n", &options, "n number 0; y target 0-1 3 a|4 b");
}

static void what_is_saved_is_loaded_again(void **state)
{
    (void)state;
    const char *text = "doors,n,y\n4 doors,1.5,a\n2 doors,2.5,b\n4 doors,3,a\n";
    const char *path = test_path(test_directory, "saved.csv");
    bp_dataset *dataset = NULL, *again = NULL;
    bp_csv_options options = csv_defaults();
    options.decimal_point = ','; /* numbers are quoted then */
    assert_ok(csv_parse(&dataset, text, NULL));
    assert_ok(bp_dataset_save_csv(dataset, BP_SUBSET_ALL, path, &options));
    assert_ok(bp_dataset_load_csv(&again, path, &options));
    const bp_data a = test_all_cases(dataset), b = test_all_cases(again);
    assert_int_equal(b.input_width, 3);
    assert_memory_equal(a.inputs, b.inputs, 9 * sizeof *a.inputs);
    bp_dataset_destroy(dataset);
    bp_dataset_destroy(again);
}

/* Nor is the file taken for one of another kind. */
static void a_first_cell_makes_no_other_kind_of_file(void **state)
{
    (void)state;
    const char *const cells[] = {"@relation", "[[1", "[{", "<?xml", "<html>", "PAR1", "BZh91AY&SY", "sep=;"};
    const char *path = test_path(test_directory, "saved.csv");
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        char text[256];
        bp_dataset *dataset = NULL, *again = NULL;
        bp_csv_options options = csv_defaults();
        options.header = BP_CSV_HEADER_NO;
        snprintf(text, sizeof text, "\"%s\",1,a\nx,2,b\n", cells[i]);
        assert_ok(csv_parse(&dataset, text, &options));
        assert_ok(bp_dataset_save_csv(dataset, BP_SUBSET_ALL, path, &options));
        assert_ok(bp_dataset_load_csv(&again, path, &options));
        assert_string_equal(bp_schema_category(bp_dataset_schema(again), 0, 0), cells[i]); /* before x */
        bp_dataset_destroy(dataset);
        bp_dataset_destroy(again);
    }
}

/* With a comma as delimiter and decimal sign, quotes tell which is meant. */
static void quoted_numbers_may_have_the_delimiter(void **state)
{
    (void)state;
    bp_csv_options options = csv_numeric(-1, 1);
    const char *text = "a,b,y\n\"6,21\",1,\"2,5\"\n7,2,3\n";
    csv_assert_refused(text, &options, BP_ERROR_FORMAT,
                       "f.csv:2: column 1 (a): '6,21' is not a number: options.decimal_point is '.'");
    options.decimal_point = ',';
    csv_assert_loads(text, options, 2, 2, (const double[]){6.21, 1, 7, 2}, 1, (const double[]){2.5, 3});
    csv_assert_loads("\"6,21\",1,\"2,5\"\n7,2,3\n", options, 2, 2, (const double[]){6.21, 1, 7, 2}, 1,
                     (const double[]){2.5, 3});
    csv_assert_refused("a,b,y\n6.21,1,2\n7,2,3\n", &options, BP_ERROR_FORMAT,
                       "'6.21' is not a number: options.decimal_point is ','");
    csv_assert_refused("a;y\n1,5;2,5\n2,5;3,5\n", &options, BP_ERROR_FORMAT,
                       "should options.delimiter be ';'?");
}

static void signs_of_money_and_percent_are_named(void **state)
{
    (void)state;
    const char *const others[] = {"$5,553.63",
                                  "-$5",
                                  "$-5",
                                  "5 $",
                                  "\xE2\x82\xAC 12",
                                  "12 \xE2\x82\xAC",
                                  "\xC2\xA3"
                                  "7",
                                  "51.7%",
                                  "12 %",
                                  "1 000",
                                  "1'000.5",
                                  "1\xC2\xA0"
                                  "000",
                                  "12 345 678,9",
                                  "US$ 3",
                                  "EUR 4",
                                  "1 200 kr",
                                  "kr. 300",
                                  "1 200,50 z\xC5\x82",
                                  "NOK 5",
                                  "5,5%"};
    const char *const texts[] = {"$",         "%",        "12 34", "1 0000",  "12 Main",
                                 "$5 each",   "5%5",      "--5",   "1''000",  "' 000",
                                 "12 months", "10 20 30", "kr",    "5 krona", "PLN"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        char text[128], part[128];
        snprintf(text, sizeof text, "p,n,y\n\"%s\",1,a\n3,2,b\n", others[i]);
        snprintf(part, sizeof part, "f.csv:2: column 1 (p): '%s' is not a number: ", others[i]);
        csv_assert_refused(text, NULL, BP_ERROR_FORMAT, part);
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char text[128];
        bp_dataset *dataset = NULL;
        snprintf(text, sizeof text, "p,n,y\n\"%s\",1,a\n3,2,b\n", texts[i]);
        assert_ok(csv_parse(&dataset, text, NULL));
        assert_int_equal(bp_dataset_input_width(dataset), 3);
        bp_dataset_destroy(dataset);
    }
    /* A few percentages may be classes, many are not. */
    static char many[ROOM] = "n,y\n";
    csv_assert_learns("n,y\n1,10%\n2,20%\n", NULL, "n number 0; y target 0-1 10%|20%");
    for (int k = 0; k < 60; k++)
        sprintf(many + strlen(many), "%d,%d%%\n", k % 7, k / 2);
    csv_assert_refused(many, NULL, BP_ERROR_FORMAT, "f.csv:2: column 2 (y): '0%' is not a number: ");
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_defaults();
    assert_ok(bp_schema_set_kind(rules, bp_column_named("p"), BP_COLUMN_CATEGORY));
    options.schema = rules;
    csv_assert_learns("p,n,y\n5%,1,a\n10%,2,b\n", &options,
                      "p category 0-1 10%|5%; n number 2; y target 0-1 a|b");
    bp_schema_destroy(rules);
}

/* `count` amounts of money, with `word` in place of every `every`th one, and further words if there are. */
static const char *make_prices(unsigned count, unsigned every, const char *const *words, unsigned word_count)
{
    static char text[ROOM];
    size_t length = (size_t)sprintf(text, "price,n,y\n");
    for (unsigned i = 0; i < count; i++)
        if (i % every == every - 1)
            length += (size_t)sprintf(text + length, "%s,%u,a\n", words[i / every % word_count], i % 7);
        else
            length += (size_t)sprintf(text + length, "\"$1,%03u\",%u,b\n", i % 45, i % 7);
    assert_true(length < ROOM - 64);
    return text;
}

/* As numbers with a few words are. */
static void money_with_a_few_words_is_refused(void **state)
{
    (void)state;
    const char *const words[] = {"free", "on request", "sold", "ask", "gone", "later"};
    const char *const advice =
        "f.csv:2: column 1 (price): '$1,000' is not a number: options.decimal_point is "
        "'.', and signs of percent, money or thousands must be taken out; if 'free' "
        "means a missing one, add it to options.missing_markers; if such cells are "
        "categories, set that with bp_schema_set_kind";
    csv_assert_refused(make_prices(90, 4, words, 2), NULL, BP_ERROR_FORMAT, advice);
    csv_assert_refused(make_prices(90, 2, words, 5), NULL, BP_ERROR_FORMAT, advice);
    csv_assert_refused(make_prices(90, 10, words, 6), NULL, BP_ERROR_FORMAT, advice); /* 9 of 10 */
    csv_assert_refused(make_prices(12, 6, words, 2), NULL, BP_ERROR_FORMAT, advice);  /* would be ignored */
    bp_csv_options options = csv_defaults();
    options.target_column = 0;
    csv_assert_refused(make_prices(90, 4, words, 2), &options, BP_ERROR_FORMAT, advice);
    options.target = BP_TARGET_AUTO;
    csv_assert_refused(make_prices(90, 4, words, 2), &options, BP_ERROR_FORMAT, advice);
    /* The word comes first. */
    static char text[ROOM];
    snprintf(text, sizeof text, "price,n,y\nfree,1,a\n%s", strchr(make_prices(90, 4, words, 5), '\n') + 1);
    csv_assert_refused(text, NULL, BP_ERROR_FORMAT, "f.csv:3: column 1 (price): '$1,000' is not a number: ");
}

/* As above, but few amounts, many words, or a rule. */
static void money_may_be_a_category(void **state)
{
    (void)state;
    const char *const words[] = {"free", "on request", "sold", "ask", "gone", "later"};
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_defaults();
    bp_dataset *dataset = NULL;
    csv_assert_learns("p,n,y\n$5,1,a\nfree,2,b\n$5,3,a\n", NULL,
                      "p category 0-1 $5|free; n number 2; y target 0-1 a|b");
    assert_ok(csv_parse(&dataset, make_prices(90, 4, words, 6), NULL));
    assert_int_equal(bp_dataset_input_width(dataset), 45 + 6 + 1);
    bp_dataset_destroy(dataset);
    assert_ok(bp_schema_set_kind(rules, bp_column_named("price"), BP_COLUMN_CATEGORY));
    options.schema = rules;
    assert_ok(csv_parse(&dataset, make_prices(90, 4, words, 2), &options));
    assert_int_equal(bp_dataset_input_width(dataset), 45 + 2 + 1);
    bp_dataset_destroy(dataset);
    bp_schema_destroy(rules);
}

/* -------------------------------------------------------------------- targets */

/* A target of `values` whole numbers from `first` on, each `times` times, but the last one `last` times. */
static const char *make_target(int first, int values, int times, int last, const char *word)
{
    static char text[ROOM];
    size_t length = (size_t)sprintf(text, "n,y\n");
    for (int i = 0; i < values; i++)
        for (int k = 0; k < (i + 1 < values ? times : last); k++)
            length += (size_t)sprintf(text + length, "%d,%d\n", (i + k) % 7, first + i);
    sprintf(text + length, "%s", word);
    assert_true(length < ROOM - 64);
    return text;
}

/* Is a target learned as classes, as numbers, or refused? By the default, found out, and by a rule. */
static void assert_target(const char *text, size_t classes, bool are_classes)
{
    bp_csv_options options = csv_defaults();
    bp_dataset *dataset = NULL;
    if (are_classes) {
        assert_ok(csv_parse(&dataset, text, NULL));
        assert_int_equal(bp_dataset_class_count(dataset), classes);
        bp_dataset_destroy(dataset);
        dataset = NULL;
    } else
        csv_assert_refused(text, NULL, BP_ERROR_FORMAT,
                           "seems to hold numbers to be predicted, not classes; set options.target to "
                           "BP_TARGET_NUMERIC for that, or, if they are classes, the kind of the column to "
                           "BP_COLUMN_CATEGORY with bp_schema_set_kind");
    options.target = BP_TARGET_AUTO;
    assert_ok(csv_parse(&dataset, text, &options));
    assert_int_equal(bp_dataset_class_count(dataset), are_classes ? classes : 0);
    bp_dataset_destroy(dataset);
    bp_schema *rules = csv_rules();
    assert_ok(bp_schema_set_kind(rules, bp_column_named("y"), BP_COLUMN_CATEGORY));
    options = csv_defaults();
    options.schema = rules;
    dataset = NULL;
    assert_ok(csv_parse(&dataset, text, &options));
    assert_int_equal(bp_dataset_class_count(dataset), classes);
    bp_dataset_destroy(dataset);
    bp_schema_destroy(rules);
}

static void whole_numbers_are_classes_if_they_look_like_labels(void **state)
{
    (void)state;
    assert_target(make_target(5, 20, 3, 1, ""), 20, true); /* few values */
    assert_target(make_target(0, 21, 10, 10, ""), 21, true);
    assert_target(make_target(1, 26, 50, 50, ""), 26, true);
    assert_target(make_target(0, 100, 20, 20, ""), 100, true);
    assert_target(make_target(0, 101, 20, 20, ""), 101, false);
    assert_target(make_target(17, 74, 40, 40, ""), 74, false); /* ages */
    assert_target(make_target(1, 29, 150, 2, ""), 29, false);  /* one is rare */
    assert_target(make_target(0, 21, 9, 9, ""), 21, false);    /* too few cases for each */
    assert_target(make_target(1, 25, 20, 20, "1,27\n"), 26, false);
}

static void many_numbers_that_are_classes_are_noted(void **state)
{
    (void)state;
    char text[4096];
    bp_dataset *dataset = NULL;
    assert_ok(csv_parse(&dataset, make_target(0, 26, 20, 20, ""), NULL));
    assert_ok(bp_schema_text(bp_dataset_schema(dataset), text, sizeof text, NULL));
    assert_non_null(strstr(text, "\nThe numbers of column 2 are taken for classes; options.target = "
                                 "BP_TARGET_NUMERIC predicts them as numbers.\n"));
    bp_dataset_destroy(dataset);
    dataset = NULL;
    assert_ok(csv_parse(&dataset, make_target(0, 20, 20, 20, ""), NULL));
    assert_ok(bp_schema_text(bp_dataset_schema(dataset), text, sizeof text, NULL));
    assert_null(strstr(text, "taken for classes"));
    bp_dataset_destroy(dataset);
}

static void a_word_among_the_numbers_of_a_target_is_no_class(void **state)
{
    (void)state;
    const char *text = make_target(5, 60, 3, 3, "1,-\n2,-\n");
    bp_csv_options options = csv_defaults();
    csv_assert_refused(text, &options, BP_ERROR_FORMAT,
                       "f.csv:182: column 2 (y): '-' is not a number, but 180 other cells are");
    options.target = BP_TARGET_AUTO;
    csv_assert_refused(text, &options, BP_ERROR_FORMAT, "f.csv:182: column 2 (y): '-' is not a number");
    bp_schema *rules = csv_rules();
    options.schema = rules;
    assert_ok(bp_schema_set_kind(rules, bp_column_named("y"), BP_COLUMN_CATEGORY));
    bp_dataset *dataset = NULL;
    assert_ok(csv_parse(&dataset, text, &options));
    assert_int_equal(bp_dataset_class_count(dataset), 61);
    bp_dataset_destroy(dataset);
    bp_schema_destroy(rules);
}

/* ------------------------------------------------------------------- rows left out */

static bp_schema *rules_for_missing(bp_missing all, const char *name, bp_missing rule)
{
    bp_schema *rules = csv_rules();
    assert_ok(bp_schema_set_missing(rules, bp_column_all(), all, 0));
    if (name != NULL)
        assert_ok(bp_schema_set_missing(rules, bp_column_named(name), rule, 0));
    return rules;
}

/* Categories, kinds and fills come from the rows that are kept. */
static void rows_that_are_left_out_teach_nothing(void **state)
{
    (void)state;
    bp_csv_options options = csv_defaults();
    const char *text = "c,m,n,y\nred,1,1,a\nblue,2,2,b\nred,1,3,a\ngreen,x,4,\nred,2,900,?\n";
    bp_schema *rules = rules_for_missing(BP_MISSING_MEDIAN, NULL, BP_MISSING_REFUSE);
    options.schema = rules;
    csv_assert_learns(text, &options, "c category 0-1 blue|red; m number 2; n number 3; y target 0-1 a|b");
    csv_assert_refused("n,y\n1,?\n2,\n", &options, BP_ERROR_FORMAT,
                       "f.csv: column 2 (y): the target is missing in every case");
    bp_schema_destroy(rules);
    /* By an input, for which the table is read once more; also without a header. */
    rules = rules_for_missing(BP_MISSING_REFUSE, "n", BP_MISSING_SKIP);
    options.schema = rules;
    csv_assert_learns("c,m,n,y\nred,1,1,a\nblue,2,2,b\nred,1,3,a\ngreen,x,,c\n", &options,
                      "c category 0-1 blue|red; m number 2; n number 3; y target 0-1 a|b");
    bp_schema_destroy(rules);
    rules = csv_rules();
    assert_ok(bp_schema_set_missing(rules, bp_column_numbered(1), BP_MISSING_SKIP, 0));
    options.schema = rules;
    options.header = BP_CSV_HEADER_NO;
    csv_assert_learns("green,?,c\nred,1,a\nblue,2,b\nred,5,a\nblue,5,b\n", &options,
                      "1 category 0-1 blue|red; 2 number 2; 3 target 0-1 a|b");
    bp_schema_destroy(rules);
}

/* Columns that are text or empty are left out before they leave out rows. */
static void columns_that_are_left_out_keep_the_rows(void **state)
{
    (void)state;
    static char text[ROOM];
    size_t length = (size_t)sprintf(text, "id,e,n,y\n");
    for (int i = 0; i < 40; i++) {
        if (i % 4 > 0)
            length += (size_t)sprintf(text + length, "w%d", i);
        length += (size_t)sprintf(text + length, ",,%d,%c\n", i * 3 % 7, "ab"[i % 2]);
    }
    bp_schema *rules = rules_for_missing(BP_MISSING_SKIP, NULL, BP_MISSING_REFUSE);
    bp_csv_options options = csv_defaults();
    bp_dataset *dataset = NULL;
    options.schema = rules;
    csv_assert_learns(text, &options, "id ignored; e ignored; n number 0; y target 0-1 a|b");
    assert_ok(csv_parse(&dataset, text, &options));
    assert_int_equal(bp_dataset_cases(dataset), 40);
    assert_int_equal(bp_dataset_skipped_rows(dataset), 0);
    bp_dataset_destroy(dataset);
    bp_schema_destroy(rules);
}

/* A random table with missing cells: what is saved of it is learned alike. */
static void a_table_without_its_left_out_rows_is_learned_alike(void **state)
{
    (void)state;
    static const char *const words[] = {"x", "yy", "z", "7", "8", "", "?", "5"};
    const char *path = test_path(test_directory, "kept.csv");
    uint64_t random = 1;
    for (int round = 0; round < 300; round++) {
        static char text[ROOM];
        size_t length = (size_t)sprintf(text, "a,b,c,y\n");
        for (int i = 0; i < 5 + round % 20; i++)
            for (int k = 0; k < 4; k++) {
                random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
                const unsigned draw = (unsigned)(random >> 40) % (k == 3 ? 80 : 20);
                length += (size_t)sprintf(text + length, "%s%c",
                                          draw < 8 ? words[draw]
                                          : k == 2 ? "3"
                                                   : "x",
                                          k < 3 ? ',' : '\n');
            }
        bp_schema *rules = rules_for_missing(round % 2 == 0 ? BP_MISSING_MEDIAN : BP_MISSING_SKIP, "a",
                                             round % 3 == 0 ? BP_MISSING_SKIP : BP_MISSING_MOST_FREQUENT);
        bp_csv_options options = csv_defaults();
        options.schema = rules;
        options.header = BP_CSV_HEADER_YES;
        bp_dataset *dataset = NULL, *again = NULL;
        if (csv_parse(&dataset, text, &options) == BP_OK) {
            assert_ok(bp_dataset_save_csv(dataset, BP_SUBSET_ALL, path, &options));
            assert_ok(bp_dataset_load_csv(&again, path, &options));
            const bp_data a = test_all_cases(dataset), b = test_all_cases(again);
            assert_int_equal(a.input_width, b.input_width);
            assert_int_equal(a.cases, b.cases);
            assert_int_equal(bp_dataset_skipped_rows(again), 0);
            assert_memory_equal(a.inputs, b.inputs, a.cases * a.input_width * sizeof *a.inputs);
            assert_memory_equal(a.targets, b.targets, a.cases * a.target_width * sizeof *a.targets);
        }
        bp_dataset_destroy(dataset);
        bp_dataset_destroy(again);
        bp_schema_destroy(rules);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_directory_setup, test_directory_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_number_may_begin_a_text),
        TEST(what_is_saved_is_loaded_again),
        TEST(a_first_cell_makes_no_other_kind_of_file),
        TEST(quoted_numbers_may_have_the_delimiter),
        TEST(signs_of_money_and_percent_are_named),
        TEST(money_with_a_few_words_is_refused),
        TEST(money_may_be_a_category),
        TEST(whole_numbers_are_classes_if_they_look_like_labels),
        TEST(many_numbers_that_are_classes_are_noted),
        TEST(a_word_among_the_numbers_of_a_target_is_no_class),
        TEST(rows_that_are_left_out_teach_nothing),
        TEST(columns_that_are_left_out_keep_the_rows),
        TEST(a_table_without_its_left_out_rows_is_learned_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
