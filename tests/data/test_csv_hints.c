/* Files that are read with the wrong options, or are no tables: the message names what would help. */
#include "data/csv_example.h"

#include <string.h>

typedef struct refusal {
    const char *text, *message;
} refusal;

static void assert_refusals(const refusal *rows, size_t count, const bp_csv_options *options)
{
    for (size_t i = 0; i < count; i++)
        csv_assert_refused(rows[i].text, options, BP_ERROR_FORMAT, rows[i].message);
}

#define ASSERT_REFUSALS(rows, options) assert_refusals((rows), sizeof(rows) / sizeof *(rows), (options))

static void the_likely_delimiter_is_named(void **state)
{
    (void)state;
    const refusal rows[] = {
        {"a b c\n4 5 6\n",
         "f.csv:1: 1 column, none of which is left for inputs; should options.delimiter be ' '?"},
        {"1 2 3\n4 5 6\n", "none of which is left for inputs; should options.delimiter be ' '?"},
        {"1\t2\t3\n4\t5\t6\n", "should options.delimiter be '\\t'?"},
        {"a;b;c\n1,5;2;3\n", "should options.delimiter be ';'?"},
        {"a  b  c;d\n4  5  6;d\n", "should options.delimiter be ';'?"},
        {"word\n1\n", "is options.delimiter right?"},
        {"a;b;c\n\"x\";\"y\";1\n",
         "f.csv:1: 1 column, none of which is left for inputs; should options.delimiter be ';'?"},
        /* Quotes, as R's write.table writes them. */
        {"\"a\" \"b\" 2\n\"a\" \"b\" 2\n",
         "f.csv:1: column 1: a quote inside a field that does not begin with "
         "one; should options.delimiter be ' '?"},
        {"\"a\" 5.1 2\n",
         "f.csv:1: column 1: text after the closing quote; should options.delimiter be ' '?"},
        {"1;\"a\";2\n",
         "a quote inside a field that does not begin with one; should options.delimiter be ';'?"},
        {"1\t\"a\"\t2\n", "should options.delimiter be '\\t'?"},
        {"\"a\"\t5\n", "should options.delimiter be '\\t'?"},
        {"\"a\";5\n", "f.csv:1: column 1: ';' after the closing quote; should options.delimiter be ';'?"},
        {"1,\"a\"b\n", "f.csv:1: column 2: text after the closing quote"},
    };
    ASSERT_REFUSALS(rows, NULL);
    bp_csv_options options = csv_defaults();
    options.target = BP_TARGET_NONE;
    csv_assert_refused(
        "1 2 3\n4 5 6\n", &options, BP_ERROR_FORMAT,
        "in every line there are numbers with ' ' between them; should options.delimiter be ' '?");
}

/* Lines above the table. */
static void titles_are_to_be_skipped(void **state)
{
    (void)state;
    const refusal rows[] = {
        {"|1x3 Cross validator\n25, Private, 1\n26, Other, 2\n",
         "f.csv:1: the first line has 1 field, line 2 has 3; if the first is no part of the table, "
         "options.skip_lines leaves it out"},
        {"# comment\na,b\n1,2\n", "f.csv:1: the first line has 1 field, line 2 has 2; if"},
        {"Results of 2020\n\na;b\n1,5;2\n", "should options.delimiter be ' '?"},
        {"Results; of 2020, May\na,b,c,d\n1,2,3,4\n", "f.csv:2: 4 fields, the first line has 2; if that is "
                                                      "no part of the table, options.skip_lines leaves it"},
        {"a,b\nm,kg\n1,2\n3,4\n",
         "f.csv:1: is this a header? Column 1 (a) has numbers, but also 'm' in line 2: "
         "set options.header to BP_CSV_HEADER_YES if this line names the columns, to "
         "BP_CSV_HEADER_NO if it is a case; if the table begins below, options.skip_lines"},
        {"a,b\n1,2,3\n4,5,6\n",
         "f.csv:2: 3 fields, the first line has 2; has the first column no name, as in files "
         "of R? BP_CSV_HEADER_ROW_NAMES is for these"},
        {"a,b\n1,2\n3,4,5\n", "f.csv:3: 3 fields, the first line has 2"},
    };
    ASSERT_REFUSALS(rows, NULL);
    bp_csv_options options = csv_defaults();
    options.skip_lines = 1;
    csv_assert_learns("|1x3 Cross validator\n25, Private, 1\n26, Other, 2\n", &options,
                      "1 number 0; 2 category 1-2 Other|Private; 3 target 0-1 1|2");
}

static void headers_of_r_are_completed(void **state)
{
    (void)state;
    bp_csv_options options = csv_numeric(-1, 1);
    bp_dataset *dataset = NULL, *other = NULL;
    const char *text = "\"a\" \"b\"\n\"Volvo\" 1.5 2\n\"Saab\" 3 4\n";
    options.delimiter = ' ';
    options.header = BP_CSV_HEADER_ROW_NAMES;
    csv_assert_learns(text, &options, " category 0-1 Saab|Volvo; a number 2; b target 0");
    csv_assert_loads("a b\n7 1.5 2\n9 3 4\n", options, 2, 2, (const double[]){7, 1.5, 9, 3}, 1,
                     (const double[]){2, 4});
    /* Read by its schema, with the header completed or not. */
    assert_ok(csv_parse(&dataset, text, &options));
    options.schema = bp_dataset_schema(dataset);
    assert_ok(csv_parse(&other, "b a\nSaab 6 5\n", &options));
    csv_assert_data(other, 1, 3, (const double[]){1, 0, 5}, 1, (const double[]){6});
    bp_dataset_destroy(other);
    other = NULL;
    options.header = BP_CSV_HEADER_AUTO;
    options.delimiter = ',';
    assert_ok(csv_parse(&other, ",b,a\nVolvo,6,5\n", &options));
    csv_assert_data(other, 1, 3, (const double[]){0, 1, 5}, 1, (const double[]){6});
    bp_dataset_destroy(other);
    bp_dataset_destroy(dataset);
}

static void other_kinds_of_file_are_named(void **state)
{
    (void)state;
    const refusal rows[] = {
        {"@relation iris\n@attribute a numeric\n@data\n1,2\n",
         "f.csv: an ARFF file; leave out the lines up to @data"},
        {"% about iris\n%\n\n@RELATION iris\n", "f.csv: an ARFF file"},
        {"[{\"a\": 1, \"b\": 2}]\n", "f.csv: JSON"},
        {"{\n  \"a\": [1, 2]}\n", "f.csv: JSON"},
        {"[[1,2],[3,4]]", "f.csv: JSON"},
        {"<?xml version=\"1.0\"?>\n<a/>\n", "f.csv: XML or HTML"},
        {"\n<!DOCTYPE html>\n", "f.csv: XML or HTML"},
        {"\xEF\xBB\xBF<HTML>\n", "f.csv: XML or HTML"},
        {"PAR1\x15\x04", "f.csv: a Parquet file"},
        {"\xd0\xcf\x11\xe0\xa1\xb1", "f.csv: a file of an old spreadsheet"},
        {"\x93NUMPY\x01", "f.csv: a NumPy file; load it with bp_dataset_load_npy"},
    };
    ASSERT_REFUSALS(rows, NULL);
    /* Tables whose first name begins alike. */
    csv_assert_learns("[id],y\n1,a\n2,b\n", NULL, "[id] number 0; y target 0-1 a|b");
    csv_assert_learns("<x>,y\n1,a\n2,b\n", NULL, "<x> number 0; y target 0-1 a|b");
    csv_assert_learns("%,y\n1,a\n2,b\n", NULL, "% number 0; y target 0-1 a|b");
    csv_assert_learns("@r,y\n1,a\n2,b\n", NULL, "@r number 0; y target 0-1 a|b");
    csv_assert_learns("PAR,y\n1,a\n2,b\n", NULL, "PAR number 0; y target 0-1 a|b");
}

/* Rows to be answered, of which some have a target. */
static void rows_without_targets_are_read(void **state)
{
    (void)state;
    bp_dataset *known = NULL, *rows = NULL;
    bp_csv_options options = csv_numeric(-1, 1);
    bp_schema *rules = csv_rules();
    assert_ok(bp_schema_set_missing(rules, bp_column_all(), BP_MISSING_MEDIAN, 0));
    options.schema = rules;
    assert_ok(csv_parse(&known, "x,y\n1,2.5\n2,3\n3,6.5\n", &options));
    options.schema = bp_dataset_schema(known);
    const char *const files[] = {"x,y\n2,\n1,2.5\n3,6.5\n", "x,y\n2,1\n1,\n3,6.5\n", "2,?\n1,x\n3,5\n"};
    csv_assert_refused(
        files[0], &options, BP_ERROR_FORMAT,
        "f.csv:3: column 2 (y): '2.5' is a target, but in the first case all targets are missing; "
        "options.target = BP_TARGET_NONE reads the rows without their targets");
    options.target = BP_TARGET_NONE;
    for (size_t i = 0; i < 3; i++) {
        assert_ok(csv_parse(&rows, files[i], &options));
        csv_assert_data(rows, 3, 1, (const double[]){2, 1, 3}, 0, NULL);
        assert_int_equal(bp_dataset_skipped_rows(rows), 0);
        bp_dataset_destroy(rows);
        rows = NULL;
    }
    bp_dataset_destroy(known);
    bp_schema_destroy(rules);
    known = NULL;
    options = csv_numeric(-1, 1);
    assert_ok(csv_parse(&known, "x,y\n1,2.5\n2,3\n", &options));
    options.schema = bp_dataset_schema(known);
    csv_assert_refused(
        "x,y\n1,2\n2,\n", &options, BP_ERROR_FORMAT,
        "f.csv:3: column 2 (y): the value is missing; bp_schema_set_missing says what to do then, or "
        "options.target BP_TARGET_NONE");
    options.delimiter = ';';
    csv_assert_refused("x;y\n1,5;2\n", &options, BP_ERROR_FORMAT,
                       "f.csv:2: column 1 (x): '1,5' is not a number; is options.decimal_point right?");
    bp_dataset_destroy(known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_likely_delimiter_is_named),
        cmocka_unit_test(titles_are_to_be_skipped),
        cmocka_unit_test_setup_teardown(headers_of_r_are_completed, test_directory_setup,
                                        test_directory_teardown),
        cmocka_unit_test(other_kinds_of_file_are_named),
        cmocka_unit_test(rows_without_targets_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
