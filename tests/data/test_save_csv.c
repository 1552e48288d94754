/* Datasets as CSV text: what is saved and loaded again is the same. */
#include "data/csv_example.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *saved(void)
{
    return test_path(test_directory, "saved.csv");
}

static void assert_saved_is(const char *wanted)
{
    char got[2048] = "";
    FILE *file = fopen(saved(), "rb");
    assert_non_null(file);
    assert_true(fread(got, 1, sizeof got - 1, file) < sizeof got - 1);
    fclose(file);
    assert_string_equal(got, wanted);
}

static bp_data part_of(const bp_dataset *dataset, bp_subset part)
{
    bp_data data;
    bp_data_init(&data, sizeof data);
    assert_ok(bp_dataset_subset(dataset, part, &data));
    return data;
}

static void assert_same_values(const bp_real *a, const bp_real *b, size_t count)
{
    assert_true((a == NULL) == (b == NULL));
    if (a != NULL)
        assert_memory_equal(a, b, count * sizeof *a);
}

static void assert_same_data(const bp_data *a, const bp_data *b)
{
    assert_int_equal(a->cases, b->cases);
    assert_int_equal(a->input_width, b->input_width);
    assert_int_equal(a->target_width, b->target_width);
    assert_same_values(a->inputs, b->inputs, a->cases * a->input_width);
    assert_same_values(a->targets, b->targets, a->cases * a->target_width);
    assert_same_values(a->case_weights, b->case_weights, a->cases);
}

/* Texts say all of a schema that tables differ in, fills and missing cells included. */
static void assert_same_schema(const bp_dataset *a, const bp_dataset *b)
{
    static char texts[2][4096];
    assert_ok(bp_schema_text(bp_dataset_schema(a), texts[0], sizeof texts[0], NULL));
    assert_ok(bp_schema_text(bp_dataset_schema(b), texts[1], sizeof texts[1], NULL));
    assert_string_equal(texts[0], texts[1]);
}

/* A table with all that a table can have. */
static const char table[] = "name of it,colour,size,yes?,count,weight,team,\"with, comma\",class\n"
                            "1.5,red,small,yes,7,1,a,\"x \"\"y\"\"\",good\n"
                            "-0.1,\"light, red\",large,no,,0.5,b,\"line\nend\",bad\n"
                            ",red,medium,yes,9,2,a, z ,good\n"
                            "1e-7,?,small,no,1e6,1,b,\"x \"\"y\"\"\",\" bad \"\n"
                            "3,red,,yes,11,0,b,z,good\n"
                            "0.3125,\"light, red\",large,no,12,3,a,\"line\nend\",bad\n";

static bp_schema *make_rules(void)
{
    bp_schema *rules = NULL;
    assert_ok(bp_schema_create(&rules, NULL));
    assert_ok(bp_schema_set_missing(rules, bp_column_all(), BP_MISSING_MEDIAN, 0));
    assert_ok(bp_schema_set_missing(rules, bp_column_named("count"), BP_MISSING_MEAN, 1));
    const char *const sizes[] = {"small", "medium", "large"};
    assert_ok(bp_schema_set_categories(rules, bp_column_named("size"), sizes, 3));
    assert_ok(bp_schema_set_encoding(rules, bp_column_named("size"), BP_ENCODING_ORDINAL));
    assert_ok(bp_schema_set_role(rules, bp_column_named("weight"), BP_ROLE_CASE_WEIGHT));
    assert_ok(bp_schema_set_role(rules, bp_column_named("team"), BP_ROLE_GROUP));
    assert_ok(bp_schema_set_kind(rules, bp_column_named("with, comma"), BP_COLUMN_CATEGORY));
    return rules;
}

/* -------------------------------------------------------------------- tests */

static void a_table_comes_back(void **state)
{
    (void)state;
    bp_schema *rules = make_rules();
    bp_csv_options options = csv_defaults();
    options.schema = rules;
    bp_dataset *dataset = NULL, *again = NULL;
    assert_ok(csv_load(&dataset, table, options));
    assert_int_equal(bp_dataset_missing_cells(dataset), 4);
    assert_ok(bp_dataset_save_csv(dataset, BP_SUBSET_ALL, saved(), &options));
    assert_saved_is("name of it,colour,size,yes?,count,weight,team,\"with, comma\",class\n"
                    "1.5,red,small,yes,7,1,a,\"x \"\"y\"\"\",good\n"
                    "-0.1,\"light, red\",large,no,,0.5,b,\"line\nend\",bad\n"
                    ",red,medium,yes,9,2,a,z,good\n"
                    "1e-07,,small,no,1000000,1,b,\"x \"\"y\"\"\",\" bad \"\n"
                    "3,red,,yes,11,0,b,z,good\n"
                    "0.3125,\"light, red\",large,no,12,3,a,\"line\nend\",bad\n");
    assert_ok(bp_dataset_load_csv(&again, saved(), &options));
    assert_same_schema(dataset, again);
    bp_data one = part_of(dataset, BP_SUBSET_ALL), other = part_of(again, BP_SUBSET_ALL);
    assert_same_data(&one, &other);
    bp_dataset_destroy(again);
    bp_dataset_destroy(dataset);
    bp_schema_destroy(rules);
}

/* The column of the table does not hold them. */
static void groups_of_the_caller_are_left_out(void **state)
{
    (void)state;
    bp_schema *rules = NULL;
    assert_ok(bp_schema_create(&rules, NULL));
    assert_ok(bp_schema_set_role(rules, bp_column_named("team"), BP_ROLE_GROUP));
    bp_csv_options options = csv_numeric(-1, 1);
    options.schema = rules;
    bp_dataset *dataset = NULL;
    assert_ok(csv_load(&dataset, "x,team,y\n1,a,2\n3,b,4\n", options));
    assert_ok(bp_dataset_save_csv(dataset, BP_SUBSET_ALL, saved(), NULL));
    assert_saved_is("x,team,y\n1,a,2\n3,b,4\n");
    assert_ok(bp_dataset_set_groups(dataset, (const size_t[]){7, 8}, 2));
    assert_ok(bp_dataset_save_csv(dataset, BP_SUBSET_ALL, saved(), NULL));
    assert_saved_is("x,y\n1,2\n3,4\n");
    bp_dataset_destroy(dataset);
    bp_schema_destroy(rules);
}

/* After a split, a subset in its order, read with the dataset's own schema: also what was filled in. */
static void a_subset_comes_back(void **state)
{
    (void)state;
    bp_schema *rules = make_rules();
    bp_csv_options options = csv_defaults();
    options.schema = rules;
    bp_dataset *dataset = NULL;
    assert_ok(csv_load(&dataset, table, options));
    for (uint64_t seed = 0; seed < 20; seed++) {
        assert_ok(bp_dataset_split(dataset, 0.5, 0.2, seed));
        for (int part = BP_SUBSET_ALL; part <= BP_SUBSET_TEST; part++) {
            bp_dataset *again = NULL;
            assert_ok(bp_dataset_save_csv(dataset, (bp_subset)part, saved(), NULL));
            options.schema = bp_dataset_schema(dataset);
            assert_ok(bp_dataset_load_csv(&again, saved(), &options));
            bp_data one = part_of(dataset, (bp_subset)part), other = part_of(again, BP_SUBSET_ALL);
            assert_same_data(&one, &other);
            bp_dataset_destroy(again);
        }
    }
    bp_dataset_destroy(dataset);
    bp_schema_destroy(rules);
}

/* Semicolons and decimal commas, blanks, no header; ignored columns are there without their cells. */
static void the_options_are_used(void **state)
{
    (void)state;
    bp_csv_options options = csv_numeric(-1, 1);
    options.delimiter = ';';
    options.decimal_point = ',';
    bp_dataset *dataset = NULL;
    bp_schema *rules = NULL;
    assert_ok(bp_schema_create(&rules, NULL));
    assert_ok(bp_schema_set_role(rules, bp_column_named("id"), BP_ROLE_IGNORED));
    options.schema = rules;
    assert_ok(csv_load(&dataset, "id;x;y\nfirst;0,5;2\nsecond;1,5;3\nthird;2,5;4\n", options));
    assert_ok(bp_dataset_save_csv(dataset, BP_SUBSET_ALL, saved(), &options));
    assert_saved_is("id;x;y\n;0,5;2\n;1,5;3\n;2,5;4\n");
    options.header = BP_CSV_HEADER_NO;
    options.delimiter = ' ';
    assert_ok(bp_dataset_save_csv(dataset, BP_SUBSET_ALL, saved(), &options));
    assert_saved_is("\"\" 0,5 2\n\"\" 1,5 3\n\"\" 2,5 4\n");
    bp_schema_destroy(rules);
    bp_dataset_destroy(dataset);
}

/* One column with nothing in it is no empty line; nor is it with blanks between columns. */
static void missing_cells_come_back(void **state)
{
    (void)state;
    static const char *const files[] = {"x\n1\n?\n3\n", "x y\n1 2\n? 3\n3 ?\n"};
    bp_schema *rules = NULL;
    assert_ok(bp_schema_create(&rules, NULL));
    assert_ok(bp_schema_set_missing(rules, bp_column_all(), BP_MISSING_MEAN, 0));
    for (size_t i = 0; i < 2; i++) {
        bp_csv_options options = csv_defaults();
        options.target = BP_TARGET_NONE;
        options.delimiter = i == 0 ? ',' : ' ';
        options.schema = rules;
        bp_dataset *dataset = NULL, *again = NULL;
        assert_ok(csv_load(&dataset, files[i], options));
        assert_ok(bp_dataset_save_csv(dataset, BP_SUBSET_ALL, saved(), &options));
        assert_saved_is(i == 0 ? "x\n1\n\"\"\n3\n" : "x y\n1 2\n\"\" 3\n3 \"\"\n");
        assert_ok(bp_dataset_load_csv(&again, saved(), &options));
        assert_int_equal(bp_dataset_missing_cells(again), i + 1);
        bp_data one = part_of(dataset, BP_SUBSET_ALL), other = part_of(again, BP_SUBSET_ALL);
        assert_same_data(&one, &other);
        bp_dataset_destroy(again);
        bp_dataset_destroy(dataset);
    }
    bp_schema_destroy(rules);
}

/* Rows to be predicted: no targets, and a category that training did not know. */
static void unknown_categories_stay_unknown(void **state)
{
    (void)state;
    bp_schema *rules = NULL;
    assert_ok(bp_schema_create(&rules, NULL));
    assert_ok(bp_schema_set_unknown(rules, bp_column_all(), BP_UNKNOWN_ZERO));
    bp_csv_options options = csv_defaults();
    options.schema = rules;
    bp_dataset *training = NULL, *rows = NULL, *again = NULL;
    assert_ok(csv_load(&training, "colour,n,class\nred,1,a\nblue,2,b\nred,3,b\nblue,4,a\n", options));
    options.schema = bp_dataset_schema(training);
    assert_ok(csv_load(&rows, "n,colour\n5,green\n6,red\n", options));
    assert_int_equal(bp_dataset_unknown_cells(rows), 1);
    assert_ok(bp_dataset_save_csv(rows, BP_SUBSET_ALL, saved(), &options));
    assert_saved_is("colour,n\n(unknown),5\nred,6\n");
    assert_ok(bp_dataset_load_csv(&again, saved(), &options));
    bp_data one = part_of(rows, BP_SUBSET_ALL), other = part_of(again, BP_SUBSET_ALL);
    assert_same_data(&one, &other);
    bp_dataset_destroy(again);
    bp_dataset_destroy(rows);
    bp_dataset_destroy(training);
    bp_schema_destroy(rules);
}

/* Nor is the first category or truth value made of them where there is a single input. */
static void unknown_ordinal_categories_stay_unknown(void **state)
{
    (void)state;
    bp_schema *rules = NULL;
    assert_ok(bp_schema_create(&rules, NULL));
    assert_ok(bp_schema_set_unknown(rules, bp_column_all(), BP_UNKNOWN_ZERO));
    assert_ok(bp_schema_set_encoding(rules, bp_column_all(), BP_ENCODING_ORDINAL));
    bp_csv_options options = csv_numeric(-1, 1);
    options.schema = rules;
    bp_dataset *training = NULL, *rows = NULL, *again = NULL;
    assert_ok(csv_load(&training, "size,open,y\nlow,yes,1\nhigh,no,2\nlow,yes,3\nhigh,no,4\n", options));
    options.schema = bp_dataset_schema(training);
    assert_ok(csv_load(&rows, "size,open\nlow,maybe\nzzz,no\nhigh,yes\n", options));
    assert_int_equal(bp_dataset_unknown_cells(rows), 2);
    assert_ok(bp_dataset_copy(&again, rows));
    bp_dataset_destroy(rows);
    assert_ok(bp_dataset_split(again, 0.34, 0.33, 1)); /* unknown cells go with their cases */
    assert_ok(bp_dataset_save_csv(again, BP_SUBSET_ALL, saved(), NULL));
    assert_ok(bp_dataset_load_csv(&rows, saved(), &options));
    assert_int_equal(bp_dataset_unknown_cells(rows), 2);
    char text[128] = "";
    FILE *file = fopen(saved(), "rb");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    assert_non_null(strstr(text, "low,(unknown)\n"));
    assert_non_null(strstr(text, "(unknown),no\n"));
    assert_non_null(strstr(text, "high,yes\n"));
    bp_data one = part_of(again, BP_SUBSET_ALL), other = part_of(rows, BP_SUBSET_ALL);
    assert_same_data(&one, &other);
    bp_dataset_destroy(again);
    bp_dataset_destroy(rows);
    bp_dataset_destroy(training);
    bp_schema_destroy(rules);
}

/* Columns keep their numbers, with names and without. */
static void numbered_columns_come_back(void **state)
{
    (void)state;
    static const char *const files[] = {"id,x,y,z\nF1,1,2,1\nF2,2,4,4\nF3,3,6,9\nF4,4,8,16\n",
                                        "F1,1,2,1\nF2,2,4,4\nF3,3,6,9\nF4,4,8,16\n"};
    bp_schema *rules = NULL;
    assert_ok(bp_schema_create(&rules, NULL));
    assert_ok(bp_schema_set_role(rules, bp_column_numbered(0), BP_ROLE_IGNORED));
    for (size_t i = 0; i < 4; i++) { /* by the rules, and by the schema that was learned */
        bp_csv_options options = csv_numeric(2, 1);
        bp_dataset *dataset = NULL, *again = NULL;
        options.schema = rules;
        options.header = i % 2 == 0 ? BP_CSV_HEADER_YES : BP_CSV_HEADER_NO;
        assert_ok(csv_load(&dataset, files[i % 2], options));
        assert_ok(bp_dataset_save_csv(dataset, BP_SUBSET_ALL, saved(), &options));
        if (i >= 2)
            options.schema = bp_dataset_schema(dataset);
        assert_ok(bp_dataset_load_csv(&again, saved(), &options));
        bp_data one = part_of(dataset, BP_SUBSET_ALL), other = part_of(again, BP_SUBSET_ALL);
        assert_same_data(&one, &other);
        assert_true(other.targets[3] == 8);
        bp_dataset_destroy(again);
        bp_dataset_destroy(dataset);
    }
    bp_schema_destroy(rules);
}

static void arrays_are_saved_without_names(void **state)
{
    (void)state;
    const bp_real inputs[] = {1, 2, 3, 4.5}, targets[] = {5, 6}, weights[] = {1, 0.25};
    bp_data data = bp_data_view(2, inputs, 2, targets, 1);
    bp_dataset *dataset = NULL;
    assert_ok(bp_dataset_create(&dataset, &data, NULL));
    assert_ok(bp_dataset_save_csv(dataset, BP_SUBSET_ALL, saved(), NULL));
    assert_saved_is("1,2,5\n3,4.5,6\n");
    bp_dataset_destroy(dataset);
    data.case_weights = weights;
    assert_ok(bp_dataset_create(&dataset, &data, NULL));
    assert_ok(bp_dataset_save_csv(dataset, BP_SUBSET_ALL, saved(), NULL));
    assert_saved_is("1,1,2,5\n0.25,3,4.5,6\n");
    bp_dataset_destroy(dataset);
    data = bp_data_view(2, inputs, 2, NULL, 0);
    assert_ok(bp_dataset_create(&dataset, &data, NULL));
    assert_ok(bp_dataset_save_csv(dataset, BP_SUBSET_ALL, saved(), NULL));
    assert_saved_is("1,2\n3,4.5\n");
    bp_dataset_destroy(dataset);
}

static void class_numbers_are_saved(void **state)
{
    (void)state;
    test_write_file(test_path(test_directory, "in"), "\0\0\x08\1\0\0\0\2\7\x09", 10);
    test_write_file(test_path(test_directory, "labels"), "\0\0\x08\1\0\0\0\2\1\0", 10);
    bp_dataset *dataset = NULL;
    assert_ok(bp_dataset_load_idx(&dataset, test_path(test_directory, "in"),
                                  test_path(test_directory, "labels"), 0, NULL));
    assert_ok(bp_dataset_save_csv(dataset, BP_SUBSET_ALL, saved(), NULL));
    assert_saved_is("7,1\n9,0\n");
    bp_dataset_destroy(dataset);
}

/* More than the buffer of a writer. */
static void large_tables_come_back(void **state)
{
    (void)state;
    enum { CASES = 3000, WIDTH = 8 };
    bp_real *values = malloc(CASES * WIDTH * sizeof *values);
    assert_non_null(values);
    uint64_t random = 7;
    for (size_t i = 0; i < CASES * WIDTH; i++)
        values[i] = (bp_real)test_uniform(&random, -1, 1);
    bp_data data = bp_data_view(CASES, values, WIDTH, NULL, 0);
    bp_dataset *dataset = NULL, *again = NULL;
    assert_ok(bp_dataset_create(&dataset, &data, NULL));
    assert_ok(bp_dataset_save_csv(dataset, BP_SUBSET_ALL, saved(), NULL));
    bp_csv_options options = csv_defaults();
    options.target = BP_TARGET_NONE;
    options.header = BP_CSV_HEADER_NO;
    assert_ok(bp_dataset_load_csv(&again, saved(), &options));
    bp_data other = part_of(again, BP_SUBSET_ALL);
    assert_same_data(&data, &other);
    bp_dataset_destroy(again);
    bp_dataset_destroy(dataset);
    free(values);
}

static void bad_arguments_are_refused(void **state)
{
    (void)state;
    bp_csv_options options = csv_defaults();
    bp_dataset *dataset = NULL;
    assert_ok(csv_load(&dataset, "x,y\n1,a\n2,b\n", options));
    assert_fails(bp_dataset_save_csv(NULL, BP_SUBSET_ALL, "f", NULL), BP_ERROR_ARGUMENT, "dataset is NULL");
    assert_fails(bp_dataset_save_csv(dataset, (bp_subset)4, "f", NULL), BP_ERROR_ARGUMENT, "part is 4");
    assert_fails(bp_dataset_save_csv(dataset, BP_SUBSET_TEST, "f", NULL), BP_ERROR_STATE,
                 "the test subset is empty");
    assert_fails(bp_dataset_save_csv(dataset, BP_SUBSET_ALL, NULL, NULL), BP_ERROR_ARGUMENT, "path is NULL");
    options.delimiter = '1';
    assert_fails(bp_dataset_save_csv(dataset, BP_SUBSET_ALL, "f", &options), BP_ERROR_ARGUMENT,
                 "options.delimiter");
    assert_fails(bp_dataset_save_csv(dataset, BP_SUBSET_ALL, test_path(test_directory, "no/f"), NULL),
                 BP_ERROR_FILE, "no/f: cannot be");
    bp_dataset_destroy(dataset);
}

static bp_status attempt_saving(void *context, const bp_allocator *allocator)
{
    bp_csv_options options = csv_defaults();
    options.allocator = *allocator;
    return bp_dataset_save_csv(context, BP_SUBSET_ALL, saved(), &options);
}

static void lack_of_memory_leaves_the_file(void **state)
{
    (void)state;
    bp_dataset *dataset = NULL;
    assert_ok(csv_load(&dataset, "x,y\n1,a\n2,b\n", csv_defaults()));
    test_write_file(saved(), "old\n", 4);
    bp_allocator none = test_allocator(&(test_memory){0}, 0);
    assert_int_equal(attempt_saving(dataset, &none), BP_ERROR_MEMORY);
    assert_saved_is("old\n");
    test_each_allocation_fails(attempt_saving, dataset);
    assert_saved_is("x,y\n1,a\n2,b\n");
    bp_dataset_destroy(dataset);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_directory_setup, test_directory_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_table_comes_back),
        TEST(groups_of_the_caller_are_left_out),
        TEST(a_subset_comes_back),
        TEST(the_options_are_used),
        TEST(missing_cells_come_back),
        TEST(unknown_categories_stay_unknown),
        TEST(unknown_ordinal_categories_stay_unknown),
        TEST(numbered_columns_come_back),
        TEST(arrays_are_saved_without_names),
        TEST(class_numbers_are_saved),
        TEST(large_tables_come_back),
        TEST(bad_arguments_are_refused),
        TEST(lack_of_memory_leaves_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
