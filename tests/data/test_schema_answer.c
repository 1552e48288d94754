/* A row of text as inputs, and outputs in words. */
#include "data/csv_example.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct example {
    bp_dataset *dataset;
    const bp_schema *schema;
} example;

/* Inputs: age, age missing, kind=u, kind=v, kind=w, size, ok. Sizes that are unknown are 0; kind is filled in
 * with u. */
static int setup(void **state)
{
    static example e;
    const char *const sizes[] = {"large", "small"};
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_defaults();
    e = (example){0};
    assert_ok(bp_schema_set_role(rules, bp_column_named("id"), BP_ROLE_IGNORED));
    assert_ok(bp_schema_set_missing(rules, bp_column_named("age"), BP_MISSING_MEDIAN, 1));
    assert_ok(bp_schema_set_missing(rules, bp_column_named("kind"), BP_MISSING_MOST_FREQUENT, 0));
    assert_ok(bp_schema_set_missing(rules, bp_column_named("ok"), BP_MISSING_SKIP, 0));
    assert_ok(bp_schema_set_categories(rules, bp_column_named("size"), sizes, 2));
    assert_ok(bp_schema_set_encoding(rules, bp_column_named("size"), BP_ENCODING_ORDINAL));
    assert_ok(bp_schema_set_unknown(rules, bp_column_named("size"), BP_UNKNOWN_ZERO));
    options.schema = rules;
    assert_ok(csv_parse(&e.dataset,
                        "id,age,kind,size,ok,class\n"
                        "7,10,u,small,yes,a\n7,20,v,large,no,b\n8,,w,large,no,a\n9,40,u,small,yes,b\n",
                        &options));
    bp_schema_destroy(rules);
    e.schema = bp_dataset_schema(e.dataset);
    assert_int_equal(bp_schema_input_width(e.schema), 7);
    *state = &e;
    return 0;
}

static int teardown(void **state)
{
    bp_dataset_destroy(((const example *)*state)->dataset);
    return 0;
}

#define CELLS(...) ((const char *const[]){__VA_ARGS__})

static void assert_encodes(const example *e, const char *const *names, const char *const *cells, size_t count,
                           const double *wanted)
{
    bp_real inputs[8] = {0};
    inputs[7] = 77;
    assert_ok(bp_schema_encode(e->schema, names, cells, count, inputs));
    for (size_t i = 0; i < 7; i++)
        assert_true(inputs[i] == (bp_real)wanted[i]);
    assert_true(inputs[7] == 77);
}

static void cells_are_in_order_or_named(void **state)
{
    const example *e = *state;
    const double wanted[] = {30.5, 0, 0, 1, 0, 1, 0};
    assert_encodes(e, NULL, CELLS("9", "30.5", "v", "small", "no", "a"), 6, wanted);
    assert_encodes(e, NULL, CELLS(NULL, "30.5", "v", "small", "no", NULL), 6, wanted);
    assert_encodes(e, NULL, CELLS("30.5", "v", "small", "no"), 4, wanted);
    assert_encodes(e, NULL, CELLS(" 3.05e1\t", "v ", "\nsmall", "\r NO "), 4, wanted);
    assert_encodes(e, CELLS("ok", "more", "size", NULL, "kind", "age"),
                   CELLS("no", "x", "small", "?", "v", "30.5"), 6, wanted);
    assert_encodes(e, CELLS("ok", "id", "class", "size", "kind", "age"),
                   CELLS("no", "9", "c", "small", "v", "30.5"), 6, wanted);
}

/* The same as in the table that was learned from. */
static void rows_are_as_the_table_has_them(void **state)
{
    const example *e = *state;
    const char *const rows[][4] = {{"10", "u", "small", "yes"},
                                   {"20", "v", "large", "no"},
                                   {"", "w", "large", "no"},
                                   {"40", "u", "small", "yes"}};
    bp_data data = test_all_cases(e->dataset);
    for (size_t i = 0; i < 4; i++) {
        bp_real inputs[7];
        assert_ok(bp_schema_encode(e->schema, NULL, rows[i], 4, inputs));
        assert_memory_equal(inputs, data.inputs + 7 * i, sizeof inputs);
    }
}

static void missing_and_unknown_cells_obey_the_rules(void **state)
{
    const example *e = *state;
    assert_encodes(e, NULL, CELLS(NULL, "", "tiny", "yes"), 4, (const double[]){20, 1, 1, 0, 0, 0, 1});
    assert_encodes(e, NULL, CELLS(" ", "na", "large", "yes"), 4, (const double[]){20, 1, 1, 0, 0, 0, 1});
}

static void refused(const example *e, const char *const *names, const char *const *cells, size_t count,
                    bp_status status, const char *part)
{
    bp_real inputs[7];
    for (size_t i = 0; i < 7; i++)
        inputs[i] = 77;
    assert_fails(bp_schema_encode(e->schema, names, cells, count, inputs), status, part);
    for (size_t i = 0; i < 7; i++)
        assert_true(inputs[i] == 77);
}

static void rows_that_do_not_fit_are_refused(void **state)
{
    const example *e = *state;
    const char *const names[] = {"age", "kind", "size", "ok"};
    refused(e, NULL, CELLS("1", "u", "small"), 3, BP_ERROR_SIZE,
            "bp_schema_encode: count is 3, but the schema has 6 columns, 4 of them inputs");
    refused(e, NULL, CELLS(NULL), 0, BP_ERROR_SIZE, "count is 0");
    refused(e, names, CELLS("1", "u", "small"), 3, BP_ERROR_NAME, "bp_schema_encode: no cell is named 'ok'");
    refused(e, CELLS("age", "kind", "age", "size", "ok"), CELLS("1", "u", "2", "small", "no"), 5,
            BP_ERROR_NAME, "2 cells are named 'age', but the schema has 1 such column");
    refused(e, names, CELLS("1x", "u", "small", "no"), 4, BP_ERROR_FORMAT,
            "bp_schema_encode: column 2 (age): '1x' is not a number");
    refused(e, names, CELLS("1,5", "u", "small", "no"), 4, BP_ERROR_FORMAT,
            "column 2 (age): '1,5' is not a number");
    refused(e, names, CELLS("1", "x", "small", "no"), 4, BP_ERROR_FORMAT,
            "column 3 (kind): 'x' is none of the 3 categories");
    refused(e, names, CELLS("1", "u", "small", ""), 4, BP_ERROR_FORMAT,
            "column 5 (ok): the value is missing");
    refused(e, names, CELLS("1", "u", "small", "N/A"), 4, BP_ERROR_FORMAT,
            "column 5 (ok): the value is missing ('N/A')");
    refused(e, names, CELLS("1", "u", "", "no"), 4, BP_ERROR_FORMAT, "column 4 (size): the value is missing");
    refused(e, names, CELLS("inf", "u", "small", "no"), 4, BP_ERROR_NOT_FINITE,
            "column 2 (age): 'inf' is not finite");
    refused(e, names, CELLS("1e999", "u", "small", "no"), 4, BP_ERROR_NOT_FINITE, "'1e999' is not finite");
    refused(e, NULL, NULL, 4, BP_ERROR_ARGUMENT, "cells is NULL");
    assert_fails(bp_schema_encode(e->schema, NULL, names, 4, NULL), BP_ERROR_ARGUMENT, "inputs is NULL");
    assert_fails(bp_schema_encode(NULL, NULL, names, 4, NULL), BP_ERROR_ARGUMENT, "schema is NULL");
    bp_schema *rules = csv_rules();
    bp_real input = 0;
    assert_fails(bp_schema_encode(rules, NULL, names, 4, &input), BP_ERROR_STATE, "not learned");
    bp_schema_destroy(rules);
}

static void columns_of_one_name_keep_their_order(void **state)
{
    (void)state;
    bp_dataset *dataset = NULL;
    bp_real inputs[2] = {0};
    assert_ok(csv_parse(&dataset, "v,v,y\n1,10,a\n2,20,b\n", NULL));
    const bp_schema *schema = bp_dataset_schema(dataset);
    assert_ok(bp_schema_encode(schema, CELLS("v", "x", "v"), CELLS("3", "4", "5"), 3, inputs));
    assert_true(inputs[0] == 3 && inputs[1] == 5);
    assert_fails(bp_schema_encode(schema, CELLS("v"), CELLS("3"), 1, inputs), BP_ERROR_NAME,
                 "1 cell is named 'v', but the schema has 2 such columns");
    assert_fails(bp_schema_encode(schema, CELLS("v", "v", "v"), CELLS("3", "4", "5"), 3, inputs),
                 BP_ERROR_NAME, "3 cells are named 'v', but the schema has 2 such columns");
    bp_dataset_destroy(dataset);
}

static void columns_without_names_have_an_order(void **state)
{
    (void)state;
    bp_dataset *dataset = NULL;
    bp_real inputs[2] = {0};
    assert_ok(csv_parse(&dataset, "1,10,a\n2,20,b\n", NULL));
    const bp_schema *schema = bp_dataset_schema(dataset);
    assert_ok(bp_schema_encode(schema, NULL, CELLS("3", "4"), 2, inputs));
    assert_true(inputs[0] == 3 && inputs[1] == 4);
    assert_fails(bp_schema_encode(schema, CELLS("1", "2"), CELLS("3", "4"), 2, inputs), BP_ERROR_NAME,
                 "names are given, but the columns of the schema have none");
    bp_dataset_destroy(dataset);
}

/* Markers that are categories of the column are not missing. */
static void markers_can_be_categories(void **state)
{
    (void)state;
    bp_dataset *dataset = NULL;
    bp_csv_options options = csv_defaults();
    bp_real inputs[3] = {0};
    bp_schema *rules = csv_rules();
    assert_ok(bp_schema_set_categories(rules, bp_column_named("k"), CELLS("EU", "NA"), 2));
    options.schema = rules;
    assert_ok(csv_parse(&dataset, "n,k,y\n1,NA,a\n2,EU,b\n", &options));
    bp_schema_destroy(rules);
    assert_ok(bp_schema_encode(bp_dataset_schema(dataset), NULL, CELLS("3", "NA"), 2, inputs));
    assert_true(inputs[0] == 3 && inputs[1] == 0 && inputs[2] == 1);
    assert_fails(bp_schema_encode(bp_dataset_schema(dataset), NULL, CELLS("NA", "NA"), 2, inputs),
                 BP_ERROR_FORMAT, "column 1 (n): the value is missing");
    bp_dataset_destroy(dataset);
}

/* Blanks around are dropped, unless the category has them. */
static void categories_may_have_blanks(void **state)
{
    (void)state;
    bp_dataset *dataset = NULL;
    bp_real inputs[2] = {0};
    assert_ok(csv_parse(&dataset, "k,y\n\" a \",1\nb,2\n\" a \",1\nb,2\n", NULL));
    assert_ok(bp_schema_encode(bp_dataset_schema(dataset), NULL, CELLS(" a "), 1, inputs));
    assert_true(inputs[0] == 1 && inputs[1] == 0);
    assert_ok(bp_schema_encode(bp_dataset_schema(dataset), NULL, CELLS("  b\t"), 1, inputs));
    assert_true(inputs[0] == 0 && inputs[1] == 1);
    assert_fails(bp_schema_encode(bp_dataset_schema(dataset), NULL, CELLS("a"), 1, inputs), BP_ERROR_FORMAT,
                 "'a' is none of the 2 categories");
    bp_dataset_destroy(dataset);
}

/* Names of many columns, of which every third has the same. */
static void many_names_are_found(void **state)
{
    (void)state;
    enum { COLUMNS = 300 };
    static char text[COLUMNS * 16], names[COLUMNS][8], values[COLUMNS][8];
    const char *given_names[COLUMNS], *given_cells[COLUMNS];
    bp_csv_options options = csv_numeric(-1, 1);
    bp_dataset *dataset = NULL;
    bp_real inputs[COLUMNS];
    size_t length = 0;
    for (size_t i = 0; i < COLUMNS; i++) {
        snprintf(names[i], sizeof names[i], i % 3 == 0 ? "same" : "c%zu", i);
        snprintf(values[i], sizeof values[i], "%zu", i * 7 % 1000);
        length += (size_t)snprintf(text + length, sizeof text - length, "%s,", names[i]);
    }
    length += (size_t)snprintf(text + length, sizeof text - length, "y\n");
    for (size_t i = 0; i <= COLUMNS; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, i < COLUMNS ? "1.5," : "1\n");
    options.header = BP_CSV_HEADER_YES;
    assert_ok(csv_parse(&dataset, text, &options));
    for (size_t i = 0; i < COLUMNS; i++) { /* backwards, but for those that share a name */
        const size_t from = i % 3 == 0 ? i : COLUMNS - i;
        given_names[i] = names[from];
        given_cells[i] = values[from];
    }
    assert_ok(bp_schema_encode(bp_dataset_schema(dataset), given_names, given_cells, COLUMNS, inputs));
    for (size_t i = 0; i < COLUMNS; i++)
        assert_true(inputs[i] == (bp_real)(i * 7 % 1000));
    given_names[0] = "other";
    assert_fails(bp_schema_encode(bp_dataset_schema(dataset), given_names, given_cells, COLUMNS, inputs),
                 BP_ERROR_NAME, "99 cells are named 'same', but the schema has 100 such columns");
    bp_dataset_destroy(dataset);
}

static bp_status attempt_encoding(void *context, const bp_allocator *allocator)
{
    (void)context;
    bp_csv_options options = csv_defaults();
    options.allocator = *allocator;
    bp_dataset *dataset = NULL;
    bp_real inputs[3];
    bp_status status = csv_parse(&dataset, "n,k,y\n1,u,a\n2,v,b\n", &options);
    if (status == BP_OK)
        status = bp_schema_encode(bp_dataset_schema(dataset), CELLS("k", "n"), CELLS("u", "3"), 2, inputs);
    bp_dataset_destroy(dataset);
    return status;
}

static void lack_of_memory_is_reported(void **state)
{
    (void)state;
    test_each_allocation_fails(attempt_encoding, NULL);
}

/* --------------------------------------------------------------------- answers */

static void answers_are_in_the_words_of_the_table(void **state)
{
    const example *e = *state;
    bp_answer answer;
    bp_answer_init(&answer, sizeof answer);
    assert_int_equal(bp_schema_target_count(e->schema), 1);
    assert_ok(bp_schema_answer(e->schema, (const bp_real[]){(bp_real)0.25, (bp_real)0.75}, 0, &answer));
    assert_string_equal(answer.target, "class");
    assert_string_equal(answer.class_name, "b");
    assert_int_equal(answer.class_index, 1);
    assert_true(answer.value == 0.75);
    assert_ok(bp_schema_answer(e->schema, (const bp_real[]){(bp_real)0.5, (bp_real)0.5}, 0, &answer));
    assert_string_equal(answer.class_name, "a"); /* of equals the first */
    assert_ok(bp_schema_answer(e->schema, (const bp_real[]){-3, -2}, 0, &answer));
    assert_string_equal(answer.class_name, "b");
    assert_true(answer.value == -2);
}

static void each_target_has_an_answer(void **state)
{
    (void)state;
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_defaults();
    bp_dataset *dataset = NULL;
    assert_ok(bp_schema_set_role(rules, bp_column_named("y"), BP_ROLE_TARGET));
    assert_ok(bp_schema_set_role(rules, bp_column_named("price"), BP_ROLE_TARGET));
    assert_ok(bp_schema_set_kind(rules, bp_column_named("price"), BP_COLUMN_NUMBER));
    options.schema = rules;
    assert_ok(csv_parse(&dataset, "price,n,y\n1.5,1,a\n2,2,b\n3,3,c\n", &options));
    const bp_schema *schema = bp_dataset_schema(dataset);
    const bp_real outputs[] = {(bp_real)2.5, (bp_real)0.1, (bp_real)0.2, (bp_real)0.7};
    bp_answer answer;
    bp_answer_init(&answer, sizeof answer);
    assert_int_equal(bp_schema_target_count(schema), 2);
    assert_int_equal(bp_dataset_class_count(dataset), 0); /* targets are not classes alone */
    assert_ok(bp_schema_answer(schema, outputs, 0, &answer));
    assert_string_equal(answer.target, "price");
    assert_null(answer.class_name);
    assert_true(answer.class_index == BP_NO_INDEX);
    assert_true(answer.value == 2.5);
    assert_ok(bp_schema_answer(schema, outputs, 1, &answer));
    assert_string_equal(answer.target, "y");
    assert_string_equal(answer.class_name, "c");
    assert_int_equal(answer.class_index, 2);
    assert_true(answer.value == (double)(bp_real)0.7);
    assert_fails(bp_schema_answer(schema, outputs, 2, &answer), BP_ERROR_ARGUMENT,
                 "target is 2, but the schema has 2 target columns");
    const bp_real bad[] = {1, (bp_real)0.1, (bp_real)NAN, 0};
    assert_ok(bp_schema_answer(schema, bad, 0, &answer));
    assert_fails(bp_schema_answer(schema, bad, 1, &answer), BP_ERROR_NOT_FINITE, "outputs[2] is not finite");
    bp_dataset_destroy(dataset);
    bp_schema_destroy(rules);
}

static void wrong_questions_are_refused(void **state)
{
    const example *e = *state;
    const bp_real outputs[] = {0, 1};
    bp_answer answer;
    bp_answer_init(&answer, sizeof answer);
    assert_fails(bp_schema_answer(NULL, outputs, 0, &answer), BP_ERROR_ARGUMENT, "schema is NULL");
    assert_fails(bp_schema_answer(e->schema, NULL, 0, &answer), BP_ERROR_ARGUMENT, "outputs is NULL");
    assert_fails(bp_schema_answer(e->schema, outputs, 0, NULL), BP_ERROR_ARGUMENT, "answer is NULL");
    assert_fails(bp_schema_answer(e->schema, outputs, 1, &answer), BP_ERROR_ARGUMENT,
                 "target is 1, but the schema has 1 target column");
    answer.size = 3;
    assert_fails(bp_schema_answer(e->schema, outputs, 0, &answer), BP_ERROR_VERSION, "bp_answer");
    bp_answer_init(&answer, sizeof answer);
    bp_schema *rules = csv_rules();
    assert_fails(bp_schema_answer(rules, outputs, 0, &answer), BP_ERROR_STATE, "not learned");
    bp_schema_destroy(rules);
    bp_csv_options options = csv_defaults();
    bp_dataset *dataset = NULL;
    options.target = BP_TARGET_NONE;
    assert_ok(csv_parse(&dataset, "1,2\n", &options));
    assert_fails(bp_schema_answer(bp_dataset_schema(dataset), outputs, 0, &answer), BP_ERROR_ARGUMENT,
                 "target is 0, but the schema has 0 target columns");
    bp_dataset_destroy(dataset);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(cells_are_in_order_or_named),
        TEST(rows_are_as_the_table_has_them),
        TEST(missing_and_unknown_cells_obey_the_rules),
        TEST(rows_that_do_not_fit_are_refused),
        cmocka_unit_test(columns_of_one_name_keep_their_order),
        cmocka_unit_test(columns_without_names_have_an_order),
        cmocka_unit_test(markers_can_be_categories),
        cmocka_unit_test(categories_may_have_blanks),
        cmocka_unit_test(many_names_are_found),
        cmocka_unit_test(lack_of_memory_is_reported),
        TEST(answers_are_in_the_words_of_the_table),
        cmocka_unit_test(each_target_has_an_answer),
        TEST(wrong_questions_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
