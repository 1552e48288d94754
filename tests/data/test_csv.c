/* Datasets from CSV files: what the files mean. */
#include "data/csv_example.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --------------------------------------------------------------- real files */

static double column_sum(const bp_real *values, size_t cases, size_t width, size_t column)
{
    double sum = 0;
    for (size_t i = 0; i < cases; i++)
        sum += (double)values[i * width + column];
    return sum;
}

/* The sums were taken from the file by another program. */
static void iris_is_read(void **state)
{
    (void)state;
    const double sums[] = {876.5, 458.6, 563.7, 179.9};
    bp_csv_options options = csv_defaults();
    options.skip_lines = 1;
    bp_dataset *dataset = NULL;
    assert_ok(bp_dataset_load_csv(&dataset, "data/iris.csv", &options));
    bp_data data = test_all_cases(dataset);
    assert_int_equal(data.cases, 150);
    assert_int_equal(data.input_width, 4);
    assert_int_equal(bp_dataset_class_count(dataset), 3);
    for (size_t i = 0; i < 4; i++)
        assert_close(column_sum(data.inputs, 150, 4, i), sums[i], TOLERANCE(1e-7, 1e-15));
    for (size_t i = 0; i < 3; i++)
        assert_true(column_sum(data.targets, 150, 3, i) == 50);
    assert_string_equal(bp_dataset_class_name(dataset, 2), "2");
    bp_dataset_destroy(dataset);
}

/* Its first line is neither: some of its fields are words, some numbers. */
static void first_line_of_iris_is_refused_or_a_header(void **state)
{
    (void)state;
    bp_dataset *dataset = NULL;
    assert_fails(bp_dataset_load_csv(&dataset, "data/iris.csv", NULL), BP_ERROR_FORMAT,
                 "data/iris.csv:1: column 3: 'setosa' looks like the name of a column, but '150' in column 1 "
                 "like a cell: set options.header");
    assert_null(dataset);
    bp_csv_options options = csv_defaults();
    options.header = BP_CSV_HEADER_YES;
    assert_ok(bp_dataset_load_csv(&dataset, "data/iris.csv", &options));
    assert_int_equal(bp_dataset_cases(dataset), 150);
    assert_string_equal(bp_dataset_input_name(dataset, 2), "setosa");
    bp_dataset_destroy(dataset);
}

static void digits_are_read(void **state)
{
    (void)state;
    const double some_sums[][2] = {{0, 0}, {2, 9353}, {35, 16302}, {63, 655}};
    const size_t digits[] = {178, 182, 177, 183, 181, 182, 181, 179, 174, 180};
    bp_dataset *dataset = NULL;
    assert_ok(bp_dataset_load_csv(&dataset, "../docs/examples/data/digits.csv", NULL));
    bp_data data = test_all_cases(dataset);
    assert_int_equal(data.cases, 1797);
    assert_int_equal(data.input_width, 64);
    assert_int_equal(data.target_width, 10);
    for (size_t i = 0; i < 4; i++)
        assert_true(column_sum(data.inputs, 1797, 64, (size_t)some_sums[i][0]) == some_sums[i][1]);
    for (size_t i = 0; i < 10; i++)
        assert_true(column_sum(data.targets, 1797, 10, i) == (double)digits[i]);
    assert_null(bp_dataset_input_name(dataset, 0));
    bp_dataset_destroy(dataset);
}

/* ------------------------------------------------------------------ meaning */

static void target_may_be_any_column(void **state)
{
    (void)state;
    const char *text = "1,2,3,4\n5,6,7,8\n";
    const double without_last[] = {1, 2, 3, 5, 6, 7}, last[] = {4, 8};
    const double without_first[] = {2, 3, 4, 6, 7, 8}, first[] = {1, 5};
    const double outer[] = {1, 4, 5, 8}, inner[] = {2, 3, 6, 7};
    csv_assert_loads(text, csv_numeric(-1, 1), 2, 3, without_last, 1, last);
    csv_assert_loads(text, csv_numeric(3, 1), 2, 3, without_last, 1, last);
    csv_assert_loads(text, csv_numeric(0, 1), 2, 3, without_first, 1, first);
    csv_assert_loads(text, csv_numeric(-4, 1), 2, 3, without_first, 1, first);
    csv_assert_loads(text, csv_numeric(1, 2), 2, 2, outer, 2, inner);
    csv_assert_loads(text, csv_numeric(-3, 2), 2, 2, outer, 2, inner);
}

static void classes_become_outputs(void **state)
{
    (void)state;
    bp_csv_options options = csv_defaults();
    options.target_column = 1;
    options.class_on = 0.75;
    options.class_off = -0.25;
    const double inputs[] = {1, 2, 3, 4, 5, 6}, targets[] = {-0.25, 0.75, 0.75, -0.25, -0.25, 0.75};
    csv_assert_loads("1,red,2\n3,blue,4\n5,red,6\n", options, 3, 2, inputs, 2, targets);
}

static void headers_are_noticed(void **state)
{
    (void)state;
    bp_csv_options options = csv_numeric(0, 1);
    bp_dataset *dataset = NULL;
    assert_ok(csv_load(&dataset, "\n\"the target\",a b,\"c\"\"d\"\n1,2,3\n", options));
    assert_int_equal(bp_dataset_cases(dataset), 1);
    assert_string_equal(bp_dataset_input_name(dataset, 0), "a b");
    assert_string_equal(bp_dataset_input_name(dataset, 1), "c\"d");
    assert_null(bp_dataset_input_name(dataset, 2));
    bp_dataset_destroy(dataset);

    const double inputs[] = {1, 2, 4, 5}, targets[] = {3, 6};
    csv_assert_loads("1,2,3\n4,5,6\n", csv_numeric(-1, 1), 2, 2, inputs, 1, targets);
    options = csv_numeric(-1, 1);
    options.header = BP_CSV_HEADER_YES; /* a header of numbers */
    csv_assert_loads("1,2,3\n4,5,6\n", options, 1, 2, inputs + 2, 1, targets + 1);
    options.header = BP_CSV_HEADER_NO;
    assert_fails(csv_load(NULL, "1,2,a\n4,5,6\n", options), BP_ERROR_FORMAT,
                 "f.csv:1: column 3: 'a' is not a");
    /* A word in the class column makes no header; one that is no finite number makes none either. */
    const double class_inputs[] = {1, 2}, class_targets[] = {0, 1, 1, 0};
    csv_assert_loads("1,b\n2,a\n", csv_defaults(), 2, 1, class_inputs, 2, class_targets);
    assert_fails(csv_load(NULL, "inf,a\n1,b\n", csv_defaults()), BP_ERROR_NOT_FINITE,
                 "f.csv:1: column 1: 'inf' is");
    /* An empty field is no number. */
    assert_ok(csv_load(NULL, ",x\n1,2\n", csv_numeric(1, 1)));
}

/* What the first line is must be certain: a case that is passed over in silence is lost. */
static void no_case_is_taken_for_a_header(void **state)
{
    (void)state;
    const struct {
        const char *text;
        bp_csv_options options;
        const char *message;
    } rows[] = {
        {"1,?,a\n3,4,b\n5,6,a\n", csv_defaults(), "f.csv:1: column 2: the value is missing ('?')"},
        {"?,a\n4,b\n6,a\n", csv_defaults(), "f.csv:1: column 1: the value is missing ('?')"},
        {"NA,n/a,a\n4,5,b\n", csv_defaults(), "f.csv:1: is this a header?"},
        {",a\n4,b\n", csv_defaults(), "f.csv:1: is this a header?"},
        {"1,2O,a\n3,4,b\n", csv_defaults(),
         "f.csv:1: column 2: '2O' looks like the name of a column, but '1'"},
        {"x,1,2\n1,3,4\n", csv_numeric(-1, 1),
         "f.csv:1: column 1: 'x' looks like the name of a column, but '1'"},
        {"l2,a\n4,b\n6,a\n", csv_defaults(),
         "f.csv:1: column 1: 'l2' looks like the name of a column, but 'a'"},
        {"1,2,digit\n4,5,1\n6,7,0\n", csv_defaults(),
         "f.csv:1: column 3: 'digit' looks like the name of a column, but '1' in column 1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_fails(csv_load(NULL, rows[i].text, rows[i].options), BP_ERROR_FORMAT, rows[i].message);
    bp_csv_options options = csv_defaults();
    options.header = BP_CSV_HEADER_YES;
    const double inputs[] = {4, 6}, targets[] = {0, 1, 1, 0};
    csv_assert_loads("l2,a\n4,b\n6,a\n", options, 2, 1, inputs, 2, targets);
    const double digits[] = {4, 5, 6, 7};
    csv_assert_loads("1,2,digit\n4,5,1\n6,7,0\n", options, 2, 2, digits, 2, targets);
    options.header = BP_CSV_HEADER_NO;
    const double all[] = {1, 4, 6};
    csv_assert_loads("1,word\n4,2\n6,10\n", options, 3, 1, all, 3,
                     (const double[]){0, 0, 1, 0, 1, 0, 1, 0, 0});
}

static void classes_may_be_those_of_another_file(void **state)
{
    (void)state;
    bp_dataset *training = NULL, *numbers = NULL, *plain = NULL;
    assert_ok(csv_load(&training, "1,a\n2,b\n3,c\n", csv_defaults()));
    bp_csv_options options = csv_defaults();
    options.classes_of = training;
    const double inputs[] = {7, 8}, targets[] = {0, 0, 1, 0, 1, 0};
    csv_assert_loads("x,kind\n7,c\n8,b\n", options, 2, 1, inputs, 3, targets);
    csv_assert_loads("7,c\n8,b\n", options, 2, 1, inputs, 3, targets);
    csv_assert_loads("7,c\n", options, 1, 1, inputs, 3, targets); /* a single class is enough */
    bp_dataset *test = NULL;
    assert_ok(csv_load(&test, "7,c\n", options));
    assert_int_equal(bp_dataset_class_count(test), 3);
    assert_string_equal(bp_dataset_class_name(test, 0), "a");
    bp_dataset_destroy(test);
    assert_fails(csv_load(NULL, "7,b\n\n8,d\n", options), BP_ERROR_FORMAT,
                 "f.csv:3: column 2: 'd' is none of the 3 classes");

    /* Numbers are the same class however they are written, if the classes are numbers. */
    assert_ok(csv_load(&numbers, "1,10\n2,9\n3,-1\n", csv_defaults()));
    options.classes_of = numbers;
    csv_assert_loads("7,1e1\n8,9.0\n", options, 2, 1, inputs, 3, targets);
    assert_fails(csv_load(NULL, "7,9.5\n", options), BP_ERROR_FORMAT,
                 "f.csv:1: column 2: '9.5' is none of the 3");
    assert_fails(csv_load(NULL, "7,x\n", options), BP_ERROR_FORMAT,
                 "f.csv:1: column 2: 'x' is none of the 3");

    assert_ok(csv_load(&plain, "1,2\n3,4\n", csv_numeric(-1, 1)));
    options.classes_of = plain;
    assert_fails(csv_load(NULL, "7,b\n", options), BP_ERROR_ARGUMENT,
                 "options.classes_of is a dataset without");
    options = csv_numeric(-1, 1);
    options.classes_of = training;
    assert_fails(csv_load(NULL, "7,8\n", options), BP_ERROR_ARGUMENT,
                 "options.classes_of is set, but options.target");
    bp_dataset_destroy(training);
    bp_dataset_destroy(numbers);
    bp_dataset_destroy(plain);
}

static void other_files_are_named(void **state)
{
    (void)state;
    const struct {
        const char *text, *message;
    } rows[] = {
        {"PK\x03\x04 and more", "f.csv: a zip file, as spreadsheets are too"},
        {"BZh91AY&SY and more", "f.csv: a bzip2 file"},
        {"\xfd"
         "7zXZ",
         "f.csv: an xz file"},
        {"\xff\xfe"
         "1",
         "f.csv: text in UTF-16; save it as UTF-8"},
        {"\xfe\xff"
         "1",
         "f.csv: text in UTF-16; save it as UTF-8"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_fails(csv_load(NULL, rows[i].text, csv_numeric(-1, 1)), BP_ERROR_FORMAT, rows[i].message);
    assert_ok(csv_load(NULL, "BZh9,PK\n1,2\n", csv_numeric(-1, 1)));
}

static void other_delimiters_are_suspected(void **state)
{
    (void)state;
    bp_csv_options semicolon = csv_defaults();
    semicolon.delimiter = ';';
    const struct {
        const char *text;
        bp_csv_options options;
        const char *message;
    } rows[] = {
        {"1;2;a\n3;4;b\n", csv_defaults(),
         "none of which is left for inputs; should options.delimiter be ';'?"},
        {"x\ty\n1\t2\n", csv_defaults(), "should options.delimiter be '\\t'?"},
        {"1,2,a\n3,4,b\n", semicolon, "should options.delimiter be ','?"},
        {"\"x\";\"y\"\n1;2\n", csv_defaults(),
         "';' after the closing quote; should options.delimiter be ';'?"},
        {"\"x\"\t\"y\"\n1\t2\n", semicolon, "column 1: a quote inside a field"},
        {"1,5;2,5;a\n1,5;3,5;b\n", csv_defaults(), "should options.delimiter be ';'?"},
        {"1,2,a\n3;4;b\n", csv_defaults(),
         "f.csv:2: 1 field, the first line has 3; should options.delimiter be ';'?"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_fails(csv_load(NULL, rows[i].text, rows[i].options), BP_ERROR_FORMAT, rows[i].message);
}

static void lines_can_be_skipped(void **state)
{
    (void)state;
    bp_csv_options options = csv_numeric(-1, 1);
    options.skip_lines = 2;
    const double inputs[] = {1}, targets[] = {2};
    csv_assert_loads("3 things\n\n1,2\n", options, 1, 1, inputs, 1, targets);
    assert_fails(csv_load(NULL, "3 things\n\ny,x\n", options), BP_ERROR_FORMAT,
                 "f.csv: a header, but no cases");
}

static void blanks_can_delimit(void **state)
{
    (void)state;
    bp_csv_options options = csv_numeric(-1, 1);
    options.delimiter = ' ';
    const double inputs[] = {1, -2.5, 4, 5}, targets[] = {3, 6};
    csv_assert_loads("  1  -2.5\t3\r\n4 5 6  \r\n", options, 2, 2, inputs, 1, targets);
}

/* Room is made for as many cases as there can be; many empty lines and many columns must not multiply. */
static void capacity_is_bounded_by_the_text(void **state)
{
    (void)state;
    enum { COLUMNS = 20000, EMPTY = 1000000, SIZE = 2 * COLUMNS + EMPTY };
    char *text = malloc(SIZE + 1);
    assert_non_null(text);
    for (size_t i = 0; i < COLUMNS; i++)
        memcpy(text + 2 * i, "1,", 2);
    memset(text + 2 * COLUMNS - 1, '\n', EMPTY + 1);
    text[SIZE] = '\0';
    size_t greatest = 0;
    bp_csv_options options = csv_numeric(-1, 1);
    options.allocator = csv_measuring_allocator(&greatest);
    bp_dataset *dataset = NULL;
    assert_ok(csv_load(&dataset, text, options));
    assert_int_equal(bp_dataset_cases(dataset), 1);
    assert_in_range(greatest, 1, SIZE * sizeof(bp_real));
    bp_dataset_destroy(dataset);
    free(text);
}

/* Lines as short as they can be, and wide enough for a memory checker to see one that has no room. */
static void every_count_of_short_lines_fits(void **state)
{
    (void)state;
    enum { COLUMNS = 80, LINE = 2 * COLUMNS, MOST = 9 };
    char line[LINE + 1], text[(MOST + 1) * LINE + 1] = "";
    for (size_t i = 0; i < COLUMNS; i++)
        memcpy(line + 2 * i, i + 1 < COLUMNS ? "1," : "1\n", 2);
    line[LINE] = '\0';
    for (size_t cases = 1; cases <= MOST; cases++) {
        strcat(text, line);
        text[cases * LINE - 1] = '\0'; /* the last line may lack its end */
        bp_dataset *dataset = NULL;
        assert_ok(csv_load(&dataset, text, csv_numeric(-1, 1)));
        assert_int_equal(bp_dataset_cases(dataset), cases);
        bp_dataset_destroy(dataset);
        text[cases * LINE - 1] = '\n';
        char more[sizeof text];
        snprintf(more, sizeof more, "%s%.*s", text, LINE - 2, line);
        assert_fails(csv_load(NULL, more, csv_numeric(-1, 1)), BP_ERROR_FORMAT,
                     "column 80: the value is missing");
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_directory_setup, test_directory_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(iris_is_read),
        TEST(first_line_of_iris_is_refused_or_a_header),
        TEST(digits_are_read),
        TEST(target_may_be_any_column),
        TEST(classes_become_outputs),
        TEST(headers_are_noticed),
        TEST(no_case_is_taken_for_a_header),
        TEST(classes_may_be_those_of_another_file),
        TEST(other_files_are_named),
        TEST(other_delimiters_are_suspected),
        TEST(lines_can_be_skipped),
        TEST(blanks_can_delimit),
        TEST(capacity_is_bounded_by_the_text),
        TEST(every_count_of_short_lines_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
