/* Tables that are read with the schema of another one. */
#include "data/csv_example.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* age is filled in with 30, kind with u; id is left out. */
static const char training[] =
    "id,age,kind,ok,class\nx1,20,u,yes,a\nx2,30,v,no,b\nx3,,u,no,a\nx4,40,?,yes,b\n";

/* Their inputs are age, age missing, kind=u, kind=v, kind missing, ok. */
enum { INPUTS = 6 };

typedef struct example {
    bp_dataset *dataset;
    bp_csv_options options; /* with its schema */
} example;

static int setup(void **state)
{
    static example e;
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_defaults();
    assert_ok(bp_schema_set_role(rules, bp_column_named("id"), BP_ROLE_IGNORED));
    assert_ok(bp_schema_set_missing(rules, bp_column_named("age"), BP_MISSING_MEAN, 1));
    assert_ok(bp_schema_set_missing(rules, bp_column_named("kind"), BP_MISSING_MOST_FREQUENT, 1));
    options.schema = rules;
    e = (example){.options = csv_defaults()};
    assert_ok(csv_parse(&e.dataset, training, &options));
    e.options.schema = bp_dataset_schema(e.dataset);
    assert_string_equal(
        csv_describe(e.options.schema),
        "id ignored; age number 0-1; kind category 2-4 u|v; ok truth 5 no|yes; class target 0-1 a|b");
    bp_schema_destroy(rules);
    *state = &e;
    return 0;
}

static int teardown(void **state)
{
    const example *e = *state;
    bp_dataset_destroy(e->dataset);
    return 0;
}

/* The cases 25, v, yes, b and 35, u, no, a. */
static const double two_inputs[] = {25, 0, 0, 1, 0, 1, 35, 0, 1, 0, 0, 0}, two_targets[] = {0, 1, 1, 0};

static void assert_reads(const example *e, const char *text, size_t targets)
{
    bp_dataset *dataset = NULL;
    bp_status status = csv_parse(&dataset, text, &e->options);
    if (status != BP_OK)
        fail_msg("%s: %s", text, bp_error_message());
    csv_assert_data(dataset, 2, INPUTS, two_inputs, targets, two_targets);
    assert_int_equal(bp_dataset_class_count(dataset), 2);
    assert_string_equal(bp_dataset_class_name(dataset, 1), "b");
    assert_string_equal(bp_dataset_input_name(dataset, 3), "kind=v");
    bp_dataset_destroy(dataset);
}

static void columns_are_found_by_their_names(void **state)
{
    const example *e = *state;
    assert_reads(e, "id,age,kind,ok,class\nx5,25,v,yes,b\nx6,35,u,no,a\n", 2);
    assert_reads(e, "class,ok,kind,age\nb,yes,v,25\na,no,u,35\n", 2);
    assert_reads(e, "more,class,ok,and,more,kind,age\n?,b,yes,,\"x\ny\",v,25\n1,a,no,2,3,u,35\n", 2);
    assert_reads(e, "kind,age,ok\nv,25,yes\nu,35,no\n", 0);
    assert_reads(e, "kind,age,ok,class\nv,25,yes,\nu,35,no,\n", 0); /* a place for them */
    assert_reads(e, "kind,age,ok,class\nv,25,yes,?\nu,35,no,\n", 0);
    assert_reads(e, "kind,age,ok\nv,25,YES\nu,35.0,No\n", 0);
    assert_reads(e, "kind,age,ok\nv,25,yes,\nu,35,no,\n", 0); /* delimiters at line ends */
    assert_reads(e, "kind,age,ok,\nv,25,yes,\nu,35,no,\n", 0);
    assert_reads(e, "kind,age,ok,\nv,25,yes,more\nu,35,no,\n", 0); /* a column without a name */
    assert_reads(e, "\xEF\xBB\xBFsep=;\nkind;age;ok\r\nv;25;yes\r\nu;35;no\r\n", 0);
}

static void columns_are_counted_without_names(void **state)
{
    const example *e = *state;
    assert_reads(e, "x5,25,v,yes,b\nx6,35,u,no,a\n", 2);
    assert_reads(e, "x5,25,v,yes,?\nx6,35,u,no,\n", 0);
    assert_reads(e, "x5,25,v,yes\nx6,35,u,no\n", 0);
    assert_reads(e, "25,v,yes\n35,u,no\n", 0);
    assert_reads(e, "x5,25,v,yes,b,\nx6,35,u,no,a,\n", 2);
    csv_assert_refused(
        "25,v\n35,u\n", &e->options, BP_ERROR_FORMAT,
        "f.csv:1: 2 fields, but the schema has 5 columns, 3 of them inputs, and there is no header");
    csv_assert_refused("25;v;yes\n35;u;no\n", &e->options, BP_ERROR_FORMAT,
                       "should options.delimiter be ';'?");
    csv_assert_refused("25,v,yes,\n35,u,no,\n", &e->options, BP_ERROR_FORMAT, /* all but the target */
                       "f.csv:1: column 2 (age): 'v' is not a number");
    csv_assert_refused("25,v,yes\n35,u\n", &e->options, BP_ERROR_FORMAT,
                       "f.csv:2: 2 fields, the first line has 3");
}

static void the_header_can_be_said(void **state)
{
    example e = *(const example *)*state;
    e.options.header = BP_CSV_HEADER_YES;
    assert_reads(&e, "age,kind,ok\n25,v,yes\n35,u,no\n", 0);
    csv_assert_refused("25,v,yes\n35,u,no\n", &e.options, BP_ERROR_FORMAT,
                       "f.csv:1: no column is named 'age'");
    e.options.header = BP_CSV_HEADER_NO;
    assert_reads(&e, "25,v,yes\n35,u,no\n", 0);
    csv_assert_refused("age,kind,ok\n25,v,yes\n", &e.options, BP_ERROR_FORMAT,
                       "f.csv:1: column 2 (age): 'age' is not a number");
}

static void files_that_do_not_fit_are_refused_by_name(void **state)
{
    const example *e = *state;
    const struct {
        const char *text, *message;
    } rows[] = {
        {"age,ok,class\n1,yes,a\n", "f.csv:1: no column is named 'kind', which the schema has as an input"},
        {"Age,kind,ok,class\n1,u,yes,a\n", "f.csv:1: no column is named 'age'"},
        {"age,kind,age,ok\n1,u,2,yes\n", "f.csv:1: 2 columns are named 'age', but the schema has 1"},
        {"age,kind,ok,class,class\n1,u,yes,a,b\n", "f.csv:1: 2 columns are named 'class'"},
        {"age,kind,ok\n1,w,yes\n", "f.csv:2: column 3 (kind): 'w' is none of the 2 categories; "
                                   "bp_schema_set_unknown says what to do then"},
        {"age,kind,ok\n1,u,maybe\n", "f.csv:2: column 4 (ok): 'maybe' is none of the 2"},
        {"age,kind,ok\n1,u,\n", "f.csv:2: column 4 (ok): the value is missing; bp_schema_set_missing"},
        {"age,kind,ok\nx,u,yes\n", "f.csv:2: column 2 (age): 'x' is not a number"},
        {"age,kind,ok,class\n1,u,yes,a\n2,v,no,c\n",
         "f.csv:3: column 5 (class): 'c' is none of the 2 classes"},
        {"age,kind,ok,class\n1,u,yes,a\n2,v,no,\n", "f.csv:3: column 5 (class): the class is missing"},
        {"age,kind,ok,class\n1,u,yes,\n2,v,no,a\n",
         "f.csv:3: column 5 (class): 'a' is a target, but in the first case all targets are missing"},
        {"age,kind,ok\n1,u;v,yes\n",
         "column 3 (kind): 'u;v' is none of the 2 categories; bp_schema_set_unknown says "
         "what to do then; should options.delimiter be ';'?"},
        {"age,kind,ok\n", "f.csv: a header, but no cases"},
        {"", "f.csv: no cases"},
        {"age;kind;ok\n1;u;yes\n", "f.csv:1: 1 field, but the schema has 5 columns"},
        {"age,kind,ok;class\n1,u,yes;a\n", "f.csv:1: no column is named 'ok'"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        csv_assert_refused(rows[i].text, &e->options, BP_ERROR_FORMAT, rows[i].message);
    csv_assert_refused("age,kind,ok\ninf,u,yes\n", &e->options, BP_ERROR_NOT_FINITE, "'inf' is not finite");
    bp_csv_options options = e->options;
    options.classes_of = e->dataset;
    csv_assert_refused("age,kind,ok\n1,u,yes\n", &options, BP_ERROR_ARGUMENT,
                       "options.classes_of is set, but options.schema already has the classes");
}

static void targets_can_be_left_out(void **state)
{
    example e = *(const example *)*state;
    e.options.target = BP_TARGET_NONE;
    assert_reads(&e, "id,age,kind,ok,class\nx5,25,v,yes,b\nx6,35,u,no,a\n", 0);
    assert_reads(&e, "age,kind,ok,class\n25,v,yes,other\n35,u,no,\n", 0);
    assert_reads(&e, "x5,25,v,yes,b\nx6,35,u,no,a\n", 0);
}

/* What is missing is filled in as in training, also after a split of these cases. */
static void missing_cells_are_those_of_training(void **state)
{
    const example *e = *state;
    bp_dataset *dataset = NULL;
    const char *text = "age,kind,ok\n,v,yes\n100,NA,no\n?,?,no\n200,v,no\n";
    const double inputs[] = {30, 1, 0, 1, 0, 1, 100, 0, 1, 0, 1, 0, 30, 1, 1, 0, 1, 0, 200, 0, 0, 1, 0, 0};
    assert_ok(csv_parse(&dataset, text, &e->options));
    csv_assert_data(dataset, 4, INPUTS, inputs, 0, NULL);
    assert_int_equal(bp_dataset_missing_cells(dataset), 4);
    assert_ok(bp_dataset_split(dataset, 0.5, 0.5, 1));
    bp_data data = test_all_cases(dataset);
    for (size_t i = 0; i < data.cases; i++)
        if (data.inputs[INPUTS * i + 1] == 1)
            assert_true(data.inputs[INPUTS * i] == 30);
    bp_column_info info;
    bp_column_info_init(&info, sizeof info);
    assert_ok(bp_schema_column(bp_dataset_schema(dataset), 1, &info));
    assert_true(info.fill == 30);
    assert_int_equal(info.missing_cells, 1); /* of the table that was learned from */
    bp_dataset_destroy(dataset);
}

static void unknown_categories_can_be_zero(void **state)
{
    (void)state;
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_defaults();
    bp_dataset *known = NULL, *dataset = NULL;
    assert_ok(bp_schema_set_unknown(rules, bp_column_all(), BP_UNKNOWN_ZERO));
    options.schema = rules;
    assert_ok(csv_parse(&known, "n,k,y\n1,u,a\n2,v,b\n", &options));
    options.schema = bp_dataset_schema(known);
    assert_ok(csv_parse(&dataset, "n,k,y\n3,w,a\n4,v,b\n5,x,a\n", &options));
    csv_assert_data(dataset, 3, 3, (const double[]){3, 0, 0, 4, 0, 1, 5, 0, 0}, 2,
                    (const double[]){1, 0, 0, 1, 1, 0});
    assert_int_equal(bp_dataset_unknown_cells(dataset), 2);
    bp_dataset_destroy(dataset);
    csv_assert_refused("n,k,y\n3,u,a\n4,v,c\n", &options, BP_ERROR_FORMAT, "'c' is none of the 2 classes");
    bp_dataset_destroy(known);
    bp_schema_destroy(rules);
}

/* Rows that the rule of a column leaves out, and targets that are not there. */
static void rows_are_skipped_as_in_training(void **state)
{
    (void)state;
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_defaults();
    bp_dataset *known = NULL, *dataset = NULL;
    assert_ok(bp_schema_set_missing(rules, bp_column_all(), BP_MISSING_SKIP, 0));
    options.schema = rules;
    assert_ok(csv_parse(&known, "n,y\n1,a\n2,b\n", &options));
    options.schema = bp_dataset_schema(known);
    assert_ok(csv_parse(&dataset, "n,y\n3,a\n,b\n4,\n5,b\n", &options));
    csv_assert_data(dataset, 2, 1, (const double[]){3, 5}, 2, (const double[]){1, 0, 0, 1});
    assert_int_equal(bp_dataset_skipped_rows(dataset), 2);
    bp_dataset_destroy(dataset);
    dataset = NULL;
    assert_ok(csv_parse(&dataset, "n,y\n3,\n,\n5,\n", &options));
    csv_assert_data(dataset, 2, 1, (const double[]){3, 5}, 0, NULL);
    assert_int_equal(bp_dataset_skipped_rows(dataset), 1);
    bp_dataset_destroy(dataset);
    csv_assert_refused("n,y\n,\n,\n", &options, BP_ERROR_FORMAT, "no cases: a cell is missing in every row");
    bp_dataset_destroy(known);
    bp_schema_destroy(rules);
}

static void columns_of_one_name_keep_their_order(void **state)
{
    (void)state;
    bp_csv_options options = csv_defaults();
    bp_dataset *known = NULL, *dataset = NULL;
    assert_ok(csv_parse(&known, "v,v,y\n1,10,a\n2,20,b\n", NULL));
    options.schema = bp_dataset_schema(known);
    assert_ok(csv_parse(&dataset, "y,v,w,v\na,3,0,30\nb,4,0,40\n", &options));
    csv_assert_data(dataset, 2, 2, (const double[]){3, 30, 4, 40}, 2, (const double[]){1, 0, 0, 1});
    bp_dataset_destroy(dataset);
    csv_assert_refused("y,v\na,3\n", &options, BP_ERROR_FORMAT,
                       "f.csv:1: 1 column is named 'v', but the schema has 2");
    csv_assert_refused("v,v,v\n1,2,3\n", &options, BP_ERROR_FORMAT,
                       "3 columns are named 'v', but the schema has 2");
    bp_dataset_destroy(known);
}

/* Weights are read if they are there, groups never. */
static void weights_may_be_absent(void **state)
{
    (void)state;
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_defaults();
    bp_dataset *known = NULL, *dataset = NULL;
    assert_ok(bp_schema_set_role(rules, bp_column_named("w"), BP_ROLE_CASE_WEIGHT));
    assert_ok(bp_schema_set_role(rules, bp_column_named("g"), BP_ROLE_GROUP));
    options.schema = rules;
    assert_ok(csv_parse(&known, "w,g,n,y\n1,p,1,a\n2,q,2,b\n", &options));
    options.schema = bp_dataset_schema(known);
    assert_ok(csv_parse(&dataset, "n,y\n3,a\n4,b\n", &options));
    assert_null(test_all_cases(dataset).case_weights);
    bp_dataset_destroy(dataset);
    dataset = NULL;
    assert_ok(csv_parse(&dataset, "g,w,n,y\nother,0.5,3,a\n?,2,4,b\n", &options));
    assert_true(test_all_cases(dataset).case_weights[0] == (bp_real)0.5);
    assert_true(test_all_cases(dataset).case_weights[1] == 2);
    bp_dataset_destroy(dataset);
    bp_dataset_destroy(known);
    bp_schema_destroy(rules);
}

static void several_targets_are_there_or_not(void **state)
{
    (void)state;
    bp_csv_options options = csv_numeric(-2, 2);
    bp_dataset *known = NULL, *dataset = NULL;
    assert_ok(csv_parse(&known, "n,y,z\n1,2,3\n4,5,6\n", &options));
    options = csv_defaults();
    options.schema = bp_dataset_schema(known);
    assert_ok(csv_parse(&dataset, "z,n,y\n7,8,9\n", &options));
    csv_assert_data(dataset, 1, 1, (const double[]){8}, 2, (const double[]){9, 7});
    assert_int_equal(bp_dataset_class_count(dataset), 0);
    bp_dataset_destroy(dataset);
    dataset = NULL;
    csv_assert_refused("n,z\n8,7\n", &options, BP_ERROR_FORMAT,
                       "f.csv:1: the target 'z' is there, but no column is named 'y'");
    options.target = BP_TARGET_NONE;
    assert_ok(csv_parse(&dataset, "n,z\n8,7\n", &options));
    csv_assert_data(dataset, 1, 1, (const double[]){8}, 0, NULL);
    bp_dataset_destroy(dataset);
    bp_dataset_destroy(known);
}

/* A schema is what it is read with, whatever the file's own decimal sign and markers are. */
static void other_notations_are_read(void **state)
{
    (void)state;
    bp_csv_options options = csv_defaults();
    bp_dataset *known = NULL, *dataset = NULL;
    bp_schema *rules = csv_rules();
    assert_ok(bp_schema_set_kind(rules, bp_column_named("size"), BP_COLUMN_CATEGORY));
    options.schema = rules;
    assert_ok(csv_parse(&known, "n,size,y\n1.5,0.5,a\n2.5,10,b\n", &options));
    options.schema = bp_dataset_schema(known);
    options.delimiter = ';';
    options.decimal_point = ',';
    assert_ok(csv_parse(&dataset, "n;size;y\n3,5;10,0;a\n4;,5;b\n", &options));
    csv_assert_data(dataset, 2, 3, (const double[]){3.5, 0, 1, 4, 1, 0}, 2, (const double[]){1, 0, 0, 1});
    bp_dataset_destroy(dataset);
    bp_dataset_destroy(known);
    bp_schema_destroy(rules);
    /* A category NA of the schema is none that is missing. */
    known = dataset = NULL;
    options = csv_defaults();
    options.missing_markers = (const char *const[]){""};
    assert_ok(csv_parse(&known, "n,k,y\n1,NA,a\n2,EU,b\n", &options));
    options = csv_defaults();
    options.schema = bp_dataset_schema(known);
    assert_ok(csv_parse(&dataset, "n,k\n1,NA\n", &options));
    csv_assert_data(dataset, 1, 3, (const double[]){1, 0, 1}, 0, NULL);
    bp_dataset_destroy(dataset);
    csv_assert_refused("n,k\nNA,NA\n", &options, BP_ERROR_FORMAT,
                       "column 1 (n): the value is missing ('NA')");
    bp_dataset_destroy(known);
}

static bp_status attempt_loading(void *context, const bp_allocator *allocator)
{
    bp_csv_options options = ((const example *)context)->options;
    options.allocator = *allocator;
    bp_dataset *dataset = NULL;
    bp_status status = csv_parse(&dataset, "class,ok,kind,age\nb,yes,v,25\na,no,,\n", &options);
    assert_true((dataset != NULL) == (status == BP_OK));
    bp_dataset_destroy(dataset);
    return status;
}

static void lack_of_memory_is_reported(void **state)
{
    test_each_allocation_fails(attempt_loading, *state);
}

/* Memory is for as many cases as there are lines with something in them. */
static void empty_lines_take_no_memory(void **state)
{
    example e = *(const example *)*state;
    enum { EMPTY = 100000 };
    static char text[EMPTY + 64];
    memset(text, '\n', EMPTY);
    strcpy(text + EMPTY, "25,v,yes\r\n35,u,no\r\n");
    size_t greatest = 0;
    e.options.allocator = csv_measuring_allocator(&greatest);
    assert_reads(&e, text, 0);
    assert_in_range(greatest, 1, 2 * sizeof text);
}

/* Tens of thousands of columns in another order take no longer than reading them. */
static void wide_tables_are_read(void **state)
{
    (void)state;
    enum { COLUMNS = 30000 };
    char *text = malloc(COLUMNS * 20), *turned = malloc(COLUMNS * 20);
    bp_dataset *known = NULL, *dataset = NULL;
    size_t length = 0, other = 0;
    assert_non_null(text);
    assert_non_null(turned);
    for (size_t i = 0; i < COLUMNS; i++) {
        length += (size_t)sprintf(text + length, "column%zu,", i);
        other += (size_t)sprintf(turned + other, "column%zu,", COLUMNS - 1 - i);
    }
    length += (size_t)sprintf(text + length, "y\n");
    other += (size_t)sprintf(turned + other, "y\n");
    for (size_t i = 0; i < COLUMNS; i++) {
        length += (size_t)sprintf(text + length, "%zu,", i);
        other += (size_t)sprintf(turned + other, "%zu,", COLUMNS - 1 - i);
    }
    sprintf(text + length, "1\n");
    sprintf(turned + other, "1\n");
    bp_csv_options options = csv_numeric(-1, 1);
    assert_ok(csv_parse(&known, text, &options));
    options.schema = bp_dataset_schema(known);
    assert_ok(csv_parse(&dataset, turned, &options));
    assert_memory_equal(test_all_cases(known).inputs, test_all_cases(dataset).inputs,
                        COLUMNS * sizeof(bp_real));
    bp_dataset_destroy(known);
    bp_dataset_destroy(dataset);
    free(text);
    free(turned);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(columns_are_found_by_their_names),
        TEST(columns_are_counted_without_names),
        TEST(the_header_can_be_said),
        TEST(files_that_do_not_fit_are_refused_by_name),
        TEST(targets_can_be_left_out),
        TEST(missing_cells_are_those_of_training),
        TEST(unknown_categories_can_be_zero),
        TEST(rows_are_skipped_as_in_training),
        TEST(columns_of_one_name_keep_their_order),
        TEST(weights_may_be_absent),
        TEST(several_targets_are_there_or_not),
        TEST(other_notations_are_read),
        TEST(empty_lines_take_no_memory),
        cmocka_unit_test(wide_tables_are_read),
        TEST(lack_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
