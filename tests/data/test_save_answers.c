/* Answers beside the rows that they are for. */
#include "data/csv_example.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *rows(void)
{
    return test_path(test_directory, "rows.csv");
}

static const char *answers(void)
{
    return test_path(test_directory, "answers.csv");
}

static void write_rows(const char *text)
{
    test_write_file(rows(), text, strlen(text));
}

static void assert_answers_are(const char *wanted)
{
    char got[2048] = "";
    FILE *file = fopen(answers(), "rb");
    assert_non_null(file);
    assert_true(fread(got, 1, sizeof got - 1, file) < sizeof got - 1);
    fclose(file);
    assert_string_equal(got, wanted);
}

/* The schema of a table, which the caller destroys. */
static bp_schema *learn(const char *text, bp_csv_options options)
{
    bp_dataset *dataset = NULL;
    bp_schema *schema = NULL;
    assert_ok(csv_load(&dataset, text, options));
    assert_ok(bp_schema_copy(&schema, bp_dataset_schema(dataset)));
    bp_dataset_destroy(dataset);
    return schema;
}

/* Two inputs and a class; rows in which x is missing are left out. */
static bp_schema *learn_classes(void)
{
    bp_schema *rules = NULL;
    assert_ok(bp_schema_create(&rules, NULL));
    assert_ok(bp_schema_set_missing(rules, bp_column_named("x"), BP_MISSING_SKIP, 0));
    bp_csv_options options = csv_defaults();
    options.schema = rules;
    bp_schema *schema =
        learn("x,colour,fruit\n1,red,apple\n2,red,plum\n3,blue,plum\n4,blue,apple\n", options);
    bp_schema_destroy(rules);
    return schema;
}

/* -------------------------------------------------------------------- tests */

/* Other columns, another order, text that needs quotes, a row that is no case. */
static void classes_stand_beside_the_rows(void **state)
{
    (void)state;
    const bp_real outputs[] = {0.75, 0.25, 0.125, 0.875};
    bp_csv_options options = csv_defaults();
    bp_schema *schema = learn_classes();
    options.schema = schema;
    write_rows("colour,note,x\nred,\"a, \"\"b\"\"\",007\nblue,?,\nblue,  kept  ,1.50\n");
    assert_ok(bp_csv_save_answers(answers(), rows(), outputs, 2, &options));
    assert_answers_are("colour,note,x,fruit predicted,fruit probability\n"
                       "red,\"a, \"\"b\"\"\",007,apple,0.75\n"
                       "blue,?,,,\n"
                       "blue,kept,1.50,plum,0.875\n");
    bp_schema_destroy(schema);
}

/* Some rows have their target, others do not: all are answered. */
static void rows_are_answered_with_or_without_a_target(void **state)
{
    (void)state;
    const bp_real outputs[] = {0.5, 1.5, 2.5};
    const char *const texts[] = {"x,y\n1,\n2,7\n3,8\n", "x,y\n1,6\n2,?\n3,8\n"};
    const char *const wanted[] = {"x,y,y predicted\n1,,0.5\n2,7,1.5\n3,8,2.5\n",
                                  "x,y,y predicted\n1,6,0.5\n2,?,1.5\n3,8,2.5\n"};
    bp_csv_options options = csv_numeric(-1, 1);
    bp_schema *schema = learn("x,y\n1,2\n2,4\n", options);
    options.schema = schema;
    options.target = BP_TARGET_NONE;
    for (size_t i = 0; i < 2; i++) {
        write_rows(texts[i]);
        assert_ok(bp_csv_save_answers(answers(), rows(), outputs, 3, &options));
        assert_answers_are(wanted[i]);
    }
    bp_schema_destroy(schema);
}

/* Rows that have the targets too, and several targets; decimal commas, `sep=`. */
static void numbers_stand_beside_the_rows(void **state)
{
    (void)state;
    const bp_real outputs[] = {1.5, -2, 0.25, 1e6};
    bp_csv_options options = csv_numeric(1, 2);
    bp_schema *schema = learn("x,y,z\n1,2,3\n4,5,6.5\n", options);
    options = csv_defaults();
    options.schema = schema;
    options.decimal_point = ',';
    options.delimiter = '|';
    options.skip_lines = 0;
    write_rows("sep=;\nx;y;z\n7,5;1;1\n8;2;2\n");
    assert_ok(bp_csv_save_answers(answers(), rows(), outputs, 2, &options));
    assert_answers_are("x;y;z;y predicted;z predicted\n7,5;1;1;1,5;-2\n8;2;2;0,25;1000000\n");
    bp_schema_destroy(schema);
}

static void tables_without_names_get_none(void **state)
{
    (void)state;
    const bp_real outputs[] = {5, 6};
    bp_csv_options options = csv_numeric(-1, 1);
    bp_schema *schema = learn("1,2,3\n4,5,6\n", options);
    options.schema = schema;
    write_rows("7,8\n9,10\n");
    assert_ok(bp_csv_save_answers(answers(), rows(), outputs, 2, &options));
    assert_answers_are("7,8,5\n9,10,6\n");
    bp_schema_destroy(schema);
}

/* What a network says of loaded rows. */
static void outputs_of_a_network_are_in_order(void **state)
{
    (void)state;
    enum { ROWS = 300 };
    static char text[ROWS * 16];
    size_t length = (size_t)snprintf(text, sizeof text, "x\n");
    for (int i = 0; i < ROWS; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%d\n", i);
    bp_csv_options options = csv_numeric(-1, 1);
    bp_schema *schema = learn("x,y\n1,2\n4,5\n", options);
    options.schema = schema;
    write_rows(text);
    bp_dataset *dataset = NULL, *again = NULL;
    assert_ok(bp_dataset_load_csv(&dataset, rows(), &options));
    bp_data data;
    bp_data_init(&data, sizeof data);
    assert_ok(bp_dataset_subset(dataset, BP_SUBSET_ALL, &data));
    bp_real outputs[ROWS];
    for (size_t i = 0; i < data.cases; i++)
        outputs[i] = data.inputs[i] * 3;
    assert_ok(bp_csv_save_answers(rows(), rows(), outputs, ROWS, &options)); /* in the place of the rows */
    options.schema = NULL;
    assert_ok(bp_dataset_load_csv(&again, rows(), &options));
    assert_string_equal(bp_dataset_input_name(again, 0), "x");
    assert_ok(bp_dataset_subset(again, BP_SUBSET_ALL, &data));
    assert_int_equal(data.cases, ROWS);
    for (size_t i = 0; i < ROWS; i++)
        assert_true(data.inputs[i] == (bp_real)i && data.targets[i] == (bp_real)(3 * i));
    bp_dataset_destroy(again);
    bp_dataset_destroy(dataset);
    bp_schema_destroy(schema);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    const bp_real outputs[] = {0.5, 0.5, 0.5, 0.5, 0.5, 0.5}, bad[] = {0.5, NAN};
    bp_csv_options options = csv_defaults();
    bp_schema *schema = learn_classes();
    options.schema = schema;
    write_rows("x,colour\n1,red\n2,blue\n");
    test_write_file(answers(), "old\n", 4);
    assert_fails(bp_csv_save_answers(answers(), rows(), outputs, 1, &options), BP_ERROR_SIZE,
                 "rows.csv:3: there are outputs for 1 cases");
    assert_fails(bp_csv_save_answers(answers(), rows(), outputs, 3, &options), BP_ERROR_SIZE,
                 "rows.csv: there are outputs for 3 cases, but the file has 2");
    assert_fails(bp_csv_save_answers(answers(), rows(), bad, 2, &options), BP_ERROR_NOT_FINITE, "outputs[1]");
    write_rows("x,colour\n1,red\n2,green\n");
    assert_fails(bp_csv_save_answers(answers(), rows(), outputs, 2, &options), BP_ERROR_FORMAT,
                 "rows.csv:3: column 2 (colour): 'green'");
    write_rows("x,shade\n1,red\n");
    assert_fails(bp_csv_save_answers(answers(), rows(), outputs, 2, &options), BP_ERROR_FORMAT,
                 "no column is named 'colour'");
    assert_answers_are("old\n");
    assert_int_equal(unlink(rows()), 0);
    assert_fails(bp_csv_save_answers(answers(), rows(), outputs, 2, &options), BP_ERROR_FILE,
                 "rows.csv: cannot be opened");
    bp_schema_destroy(schema);
}

static void bad_arguments_are_refused(void **state)
{
    (void)state;
    const bp_real outputs[] = {0.5, 0.5};
    bp_csv_options options = csv_defaults();
    assert_fails(bp_csv_save_answers(NULL, "r", outputs, 1, &options), BP_ERROR_ARGUMENT, "path is NULL");
    assert_fails(bp_csv_save_answers("a", NULL, outputs, 1, &options), BP_ERROR_ARGUMENT,
                 "rows_path is NULL");
    assert_fails(bp_csv_save_answers("a", "r", NULL, 1, &options), BP_ERROR_ARGUMENT, "outputs is NULL");
    assert_fails(bp_csv_save_answers("a", "r", outputs, 0, &options), BP_ERROR_ARGUMENT, "cases is 0");
    assert_fails(bp_csv_save_answers("a", "r", outputs, 1, NULL), BP_ERROR_ARGUMENT, "options is NULL");
    assert_fails(bp_csv_save_answers("a", "r", outputs, 1, &options), BP_ERROR_ARGUMENT,
                 "options.schema is NULL");
    bp_schema *schema = NULL;
    assert_ok(bp_schema_create(&schema, NULL));
    options.schema = schema;
    assert_fails(bp_csv_save_answers("a", "r", outputs, 1, &options), BP_ERROR_STATE, "bp_csv_save_answers");
    bp_schema_destroy(schema);
    bp_csv_options alone = csv_defaults();
    alone.target = BP_TARGET_NONE;
    options.schema = schema = learn("x,y\n1,2\n3,4\n", alone);
    assert_fails(bp_csv_save_answers("a", "r", outputs, 1, &options), BP_ERROR_STATE, "has no targets");
    bp_schema_destroy(schema);
}

static bp_status attempt_saving(void *context, const bp_allocator *allocator)
{
    const bp_real outputs[] = {0.75, 0.25, 0.125, 0.875};
    bp_csv_options options = csv_defaults();
    options.schema = context;
    options.allocator = *allocator;
    return bp_csv_save_answers(answers(), rows(), outputs, 2, &options);
}

static void lack_of_memory_is_reported(void **state)
{
    (void)state;
    bp_schema *schema = learn_classes();
    write_rows("x,colour\n1,red\n2,blue\n");
    test_each_allocation_fails(attempt_saving, schema);
    bp_schema_destroy(schema);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_directory_setup, test_directory_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(classes_stand_beside_the_rows), TEST(numbers_stand_beside_the_rows),
        TEST(tables_without_names_get_none), TEST(outputs_of_a_network_are_in_order),
        TEST(what_does_not_fit_is_refused),  TEST(bad_arguments_are_refused),
        TEST(lack_of_memory_is_reported),    TEST(rows_are_answered_with_or_without_a_target),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
