/* Files as they are: headers, marks of spreadsheets, delimiters at line ends, decimal commas, missing
 * markers. */
#include "data/csv_example.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bp_csv_options with_commas(void)
{
    bp_csv_options options = csv_defaults();
    options.delimiter = ';';
    options.decimal_point = ',';
    return options;
}

/* ----------------------------------------------------------------- headers */

static void headers_are_told_from_cases(void **state)
{
    (void)state;
    const struct {
        const char *text, *description;
    } rows[] = {
        {"a,b\n1,x\n2,y\n", "a number 0; b target 0-1 x|y"},
        {"1,x\n2,y\n3,x\n", "1 number 0; 2 target 0-1 x|y"},
        {"1,x\n2,y\n", "1 number 0; 2 target 0-1 x|y"},
        /* No numbers: names come once, cells again. */
        {"c,k\nred,x\nblue,y\nred,x\nblue,y\n", "c category 0-1 blue|red; k target 0-1 x|y"},
        {"red,x\nblue,y\nred,x\nblue,y\n", "1 category 0-1 blue|red; 2 target 0-1 x|y"},
        {"c,k\nred,x\nblue,x\nred,x\nblue,y\n", "c category 0-1 blue|red; k target 0-1 x|y"},
        /* A header with an empty name, as that of row numbers. */
        {",b,c\n1,2,x\n2,3,y\n", " number 0; b number 1; c target 0-1 x|y"},
        {"?,b\n1,x\n2,y\n3,x\n4,y\n", "? number 0; b target 0-1 x|y"},
        /* Two columns of one name. */
        {"a,a,b\n1,2,x\n2,3,y\n", "a number 0; a number 1; b target 0-1 x|y"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        csv_assert_learns(rows[i].text, NULL, rows[i].description);
    csv_assert_refused(
        "red,x\nblue,y\ngreen,z\n", NULL, BP_ERROR_FORMAT,
        "f.csv:1: is this a header? No column has numbers: set options.header to BP_CSV_HEADER_YES");
    csv_assert_refused(
        "red,k\nblue,x\nred,y\nred,x\nblue,y\n", NULL, BP_ERROR_FORMAT,
        "f.csv:1: column 2: 'k' looks like the name of a column, but 'red' in column 1 like a cell");
    csv_assert_refused("a,b\n", NULL, BP_ERROR_FORMAT, "f.csv: a header, but no cases");
}

/* Cases with a decimal comma are no names. */
static void decimal_commas_make_no_header(void **state)
{
    (void)state;
    bp_csv_options options = with_commas();
    const double inputs[] = {1.5, 2, 2.5, -3.25, 1000, 0.5}, targets[] = {1, 0, 0, 1, 1, 0};
    csv_assert_loads("1,5;2;x\n2,5;-3,25;y\n1e3;,5;x\n", options, 3, 2, inputs, 2, targets);
    csv_assert_loads("a;b;c\n1,5;2;x\n2,5;-3,25;y\n1e3;,5;x\n", options, 3, 2, inputs, 2, targets);
    options.target = BP_TARGET_NUMERIC;
    csv_assert_loads("1,5;2,0\n2,5;-3,25\n1000;,5\n", options, 3, 1, (const double[]){1.5, 2.5, 1000}, 1,
                     (const double[]){2, -3.25, 0.5});
    csv_assert_refused("1,5;2\n1.000,5;3\n", &options, BP_ERROR_FORMAT,
                       "f.csv:2: column 1: '1.000,5' is not a number: options.decimal_point is ','");
    /* Classes that are fractions are numbers to be predicted, with a comma too. */
    options = with_commas();
    csv_assert_refused("1;2,5\n2;3,5\n", &options, BP_ERROR_FORMAT,
                       "class '2.5' in line 1 is not a whole number");
    csv_assert_learns("1;2,0\n2;3\n3;2\n", &options, "1 number 0; 2 target 0-1 2.0|3");
}

/* The words of a column that is left out were not looked at, so its first one says nothing. */
static void ignored_columns_make_no_header(void **state)
{
    (void)state;
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_defaults();
    assert_ok(bp_schema_set_role(rules, bp_column_numbered(0), BP_ROLE_IGNORED));
    options.schema = rules;
    csv_assert_learns("A1,1,x\n12,2,y\nB3,3,x\n", &options, "1 ignored; 2 number 0; 3 target 0-1 x|y");
    csv_assert_learns("id,n,k\n11,1,x\n12,2,y\n13,3,x\n", &options,
                      "id ignored; n number 0; k target 0-1 x|y");
    bp_schema_destroy(rules);
}

/* --------------------------------------------------------------------- marks */

/* Texts that say the same as "a,b,c" and two cases below it. */
static void marks_of_programs_are_no_cells(void **state)
{
    (void)state;
    const double inputs[] = {1, 2, 3, 4}, targets[] = {1, 0, 0, 1};
    const char *const texts[] = {
        "a,b,c\n1,2,x\n3,4,y\n",
        "a,b,c\r\n1,2,x\r\n3,4,y\r\n",
        "a,b,c\r1,2,x\r3,4,y\r",
        "a,b,c\r1,2,x\r3,4,y",
        "\357\273\277a,b,c\n1,2,x\n3,4,y\n",
        "sep=,\na,b,c\n1,2,x\n3,4,y\n",
        "sep=;\r\na;b;c\r\n1;2;x\r\n3;4;y\r\n",
        "\xEF\xBB\xBFsep=|\na|b|c\n1|2|x\n3|4|y\n",
        "sep=\t\na\tb\tc\n1\t2\tx\n3\t4\ty\n",
        "a,b,c\n1,2,x\n3,4,y\n\x1a",
        "a,b,c\n1,2,x\n3,4,y\x1a",
        "a,b,c\r\n1,2,x\r\n3,4,y\r\n\r\n  \x1a",
        "\n\na , b,c\n\n 1,2 ,x\n\n3,4, \"y\"\n\n",
        "\"a\",\"b\",\"c\"\n\"1\",\"2\",\"x\"\n\"3\",\"4\",\"y\"\n",
        "a,b,c,\n1,2,x,\n3,4,y,\n", /* a delimiter at the end of every line */
        "a,b,c\n1,2,x,\n3,4,y,\n",  /* but not of the header */
        "a,b,c\n1,2,x\n3,4,y,\n",   /* of one line */
        "a,b,c, \r\n1,2,x, \r\n3,4,y,\r\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        csv_assert_loads(texts[i], csv_defaults(), 2, 2, inputs, 2, targets);
}

static void numbers_may_end_in_delimiters(void **state)
{
    (void)state;
    const double inputs[] = {1, 3, 5}, targets[] = {2, 4, 6};
    csv_assert_loads("1,2,\n3,4,\n5,6,\n", csv_numeric(-1, 1), 3, 1, inputs, 1, targets);
    csv_assert_loads("1,2\n3,4,\n5,6\n", csv_numeric(-1, 1), 3, 1, inputs, 1, targets);
    /* A last column that has a cell is one. */
    csv_assert_refused("1,2,\n3,4,7\n5,6,8\n", NULL, BP_ERROR_FORMAT,
                       "f.csv:1: column 3: the class is missing");
    csv_assert_refused("1,2\n3,4,,\n", NULL, BP_ERROR_FORMAT, "f.csv:2: 4 fields, the first line has 2");
}

static void a_line_with_the_delimiter_is_checked(void **state)
{
    (void)state;
    bp_csv_options options = csv_numeric(-1, 1);
    options.decimal_point = ',';
    csv_assert_loads("sep=;\na;b\n1,5;2,5\n3;4\n", options, 2, 1, (const double[]){1.5, 3}, 1,
                     (const double[]){2.5, 4});
    /* Lines that are not such a line: a column of that name. */
    options = csv_defaults();
    options.target = BP_TARGET_NONE;
    const char *const names[] = {"sep=1", "sep=e", "sep=.", "sep=\"", "sep=", "sep=;;", "sep"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char text[32], wanted[32];
        snprintf(text, sizeof text, "%s\n1\n2\n", names[i]);
        snprintf(wanted, sizeof wanted, "%s number 0", names[i]);
        if (strchr(names[i], '"') == NULL)
            csv_assert_learns(text, &options, wanted);
        else
            csv_assert_refused(text, &options, BP_ERROR_FORMAT, "f.csv:1: column 1: a quote inside a field");
    }
}

static void lines_of_every_kind_can_be_skipped(void **state)
{
    (void)state;
    const double inputs[] = {1, 3}, targets[] = {2, 4};
    const char *const texts[] = {"made by \"x\n\n1,2\n3,4\n", "made by x\r\r1,2\r3,4\r",
                                 "x\r\n\"\"\"\r\n1,2\r\n3,4", "sep=;\nx\ny\n1;2\n3;4\n"};
    bp_csv_options options = csv_numeric(-1, 1);
    options.skip_lines = 2;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        csv_assert_loads(texts[i], options, 2, 1, inputs, 1, targets);
    csv_assert_refused("x\n\n1,2\n3,,4\n", &options, BP_ERROR_FORMAT,
                       "f.csv:4: 3 fields, the first line has 2");
    csv_assert_refused("x\r\r1,2\r3,,4\r", &options, BP_ERROR_FORMAT,
                       "f.csv:4: 3 fields, the first line has 2");
    options.skip_lines = 9;
    csv_assert_refused("x\n\n1,2\n3,4\n", &options, BP_ERROR_FORMAT, "f.csv: no cases");
}

/* ------------------------------------------------------------------- markers */

static size_t missing_cells(const char *text, const char *const *markers, size_t count)
{
    bp_csv_options options = csv_defaults();
    bp_schema *rules = csv_rules();
    bp_dataset *dataset = NULL;
    assert_ok(bp_schema_set_missing(rules, bp_column_all(), BP_MISSING_MEAN, 0));
    options.schema = rules;
    options.missing_markers = markers;
    options.missing_marker_count = count;
    assert_ok(csv_parse(&dataset, text, &options));
    size_t found = bp_dataset_missing_cells(dataset);
    bp_schema_destroy(rules);
    bp_dataset_destroy(dataset);
    return found;
}

static void markers_stand_for_missing_cells(void **state)
{
    (void)state;
    const char *const own[] = {"-", "-999", "none"}, *const nothing[] = {""};
    assert_int_equal(
        missing_cells("n,y\n1,a\n?,b\nNA,a\nna,b\nN/A,a\n#n/a,b\nNaN,a\nNULL,b\n,a\n\"\",b\n", NULL, 0), 9);
    assert_int_equal(missing_cells("n,m,y\n1,1,a\n-,2,b\n-999,3,a\nnone,4,b\n,5,b\n2,-999,b\n", own, 3), 5);
    /* -999 is a number like others unless it is a marker, in tables of numbers too. */
    assert_int_equal(missing_cells("1,1\n-999,2\n2,1\n", NULL, 0), 0);
    assert_int_equal(missing_cells("1,1\n-999,2\n2,1\n", own, 3), 1);
    assert_int_equal(missing_cells("1,1\n-999.0,2\n2,1\n", own, 3), 0); /* another text */
    assert_int_equal(missing_cells("c,y\nNA,a\nEU,b\nNA,a\nEU,b\n", nothing, 0), 0);
    assert_int_equal(missing_cells("c,y\nNA,a\nEU,b\n,a\nNA,b\nEU,b\n", nothing, 0), 1);
    bp_csv_options options = csv_defaults();
    options.missing_markers = own;
    options.missing_marker_count = 3;
    csv_assert_refused("1,1\n-999,2\n2,1\n", &options, BP_ERROR_FORMAT,
                       "f.csv:2: column 1: the value is missing ('-999')");
    csv_assert_learns("c,y\nNA,a\nEU,b\nNA,a\nEU,b\n", &options, "c category 0-1 EU|NA; y target 0-1 a|b");
    options.missing_markers = (const char *const[]){"a", NULL};
    options.missing_marker_count = 2;
    csv_assert_refused("1,1\n", &options, BP_ERROR_ARGUMENT, "options.missing_markers[1] is NULL");
}

/* A category that a rule gives is one, though it looks like a marker. */
static void given_categories_are_not_missing(void **state)
{
    (void)state;
    const char *const names[] = {"EU", "NA"};
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_defaults();
    assert_ok(bp_schema_set_categories(rules, bp_column_named("c"), names, 2));
    options.schema = rules;
    csv_assert_loads("c,y\nNA,a\nEU,b\n", options, 2, 2, (const double[]){0, 1, 1, 0}, 2,
                     (const double[]){1, 0, 0, 1});
    csv_assert_refused("c,y\nna,a\nEU,b\n", &options, BP_ERROR_FORMAT,
                       "column 1 (c): the value is missing ('na')");
    bp_schema_destroy(rules);
}

/* ------------------------------------------------------------ memory, streams */

static void streams_and_memory_are_read_like_files(void **state)
{
    (void)state;
    const char *text = "a,b\n1,x\n2,y\n";
    bp_dataset *dataset = NULL;
    FILE *stream = tmpfile();
    assert_non_null(stream);
    assert_true(fputs(text, stream) >= 0);
    rewind(stream);
    assert_ok(bp_dataset_load_csv_stream(&dataset, NULL, stream, NULL));
    csv_assert_data(dataset, 2, 1, (const double[]){1, 2}, 2, (const double[]){1, 0, 0, 1});
    bp_dataset_destroy(dataset);
    dataset = NULL;
    assert_fails(bp_dataset_load_csv_stream(&dataset, NULL, stream, NULL), BP_ERROR_FORMAT,
                 "stream: no cases");
    assert_fails(bp_dataset_load_csv_stream(&dataset, "rows", stream, NULL), BP_ERROR_FORMAT,
                 "rows: no cases");
    assert_fails(bp_dataset_load_csv_stream(&dataset, "rows", NULL, NULL), BP_ERROR_ARGUMENT,
                 "stream is NULL");
    assert_fails(bp_dataset_load_csv_memory(&dataset, NULL, text, 4, NULL), BP_ERROR_FORMAT,
                 "text: a header, but");
    assert_fails(bp_dataset_load_csv_memory(&dataset, NULL, text, 0, NULL), BP_ERROR_FORMAT,
                 "text: no cases");
    assert_fails(bp_dataset_load_csv_memory(&dataset, NULL, NULL, 0, NULL), BP_ERROR_ARGUMENT,
                 "text is NULL");
    assert_null(dataset);
    fclose(stream);
}

/* A pipe cannot be read twice, and has no size. */
static void pipes_are_read_to_their_end(void **state)
{
    (void)state;
    enum { CASES = 6000 }; /* less than a pipe holds */
    int ends[2];
    char path[64];
    bp_dataset *dataset = NULL;
    assert_int_equal(pipe(ends), 0);
    FILE *writer = fdopen(ends[1], "w");
    assert_non_null(writer);
    for (int i = 0; i < CASES; i++)
        assert_true(fprintf(writer, "%d,w%d\n", i, i % 2) > 0);
    fclose(writer);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    assert_ok(bp_dataset_load_csv(&dataset, path, NULL));
    assert_int_equal(bp_dataset_cases(dataset), CASES);
    assert_true(test_all_cases(dataset).inputs[CASES - 1] == CASES - 1);
    bp_dataset_destroy(dataset);
    close(ends[0]);
}

static bp_status attempt_stream(void *context, const bp_allocator *allocator)
{
    bp_csv_options options = csv_defaults();
    options.allocator = *allocator;
    bp_dataset *dataset = NULL;
    rewind(context);
    bp_status status = bp_dataset_load_csv_stream(&dataset, "rows", context, &options);
    bp_dataset_destroy(dataset);
    return status;
}

/* More than is read at first. */
static void lack_of_memory_for_a_stream_is_reported(void **state)
{
    (void)state;
    FILE *stream = tmpfile();
    assert_non_null(stream);
    for (int i = 0; i < 40000; i++)
        assert_true(fprintf(stream, "%d,w%d\n", i, i % 2) > 0);
    test_each_allocation_fails(attempt_stream, stream);
    fclose(stream);
}

/* A path longer than a message leaves room for the line and what is wrong. */
static void long_names_leave_room_for_the_reason(void **state)
{
    (void)state;
    char name[5001];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    bp_dataset *dataset = NULL;
    const char *text = "a,b\n1,x\n2,\n3,y\n";
    assert_fails(bp_dataset_load_csv_memory(&dataset, name, text, strlen(text), NULL), BP_ERROR_FORMAT,
                 "x:3: column 2 (b): the class is missing; bp_schema_set_missing says");
    text = "a,b\n1,x\n2,y,3\n3,y\n";
    assert_fails(bp_dataset_load_csv_memory(&dataset, name, text, strlen(text), NULL), BP_ERROR_FORMAT,
                 "x:3: 3 fields, the first line has 2");
    assert_null(dataset);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_directory_setup, test_directory_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(headers_are_told_from_cases),          TEST(decimal_commas_make_no_header),
        TEST(ignored_columns_make_no_header),       TEST(marks_of_programs_are_no_cells),
        TEST(numbers_may_end_in_delimiters),        TEST(a_line_with_the_delimiter_is_checked),
        TEST(lines_of_every_kind_can_be_skipped),   TEST(markers_stand_for_missing_cells),
        TEST(given_categories_are_not_missing),     TEST(streams_and_memory_are_read_like_files),
        TEST(pipes_are_read_to_their_end),          TEST(lack_of_memory_for_a_stream_is_reported),
        TEST(long_names_leave_room_for_the_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
