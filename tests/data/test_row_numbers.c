/* Columns that number the rows are left out. */
#include "data/csv_example.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { ROOM = 1 << 16 };

/* A table of `rows` lines: a number from `first` on that rises by `step`, a number without order, a class. */
static const char *numbered(size_t rows, int first, int step, const char *header, const char *quote)
{
    static char text[ROOM];
    size_t length = (size_t)sprintf(text, "%s", header);
    for (size_t i = 0; i < rows; i++)
        length += (size_t)sprintf(text + length, "%s%d%s,%d,%c\n", quote, first + (int)i * step, quote,
                                  (int)(i * 7 % 5), "ab"[i % 2]);
    assert_true(length < ROOM);
    return text;
}

static const char left_out[] = "id ignored; n number 0; y target 0-1 a|b";
static const char kept[] = "id number 0; n number 1; y target 0-1 a|b";

static void rows_that_are_numbered_are_found(void **state)
{
    (void)state;
    const char *header = "id,n,y\n";
    csv_assert_learns(numbered(10, 1, 1, header, ""), NULL, left_out);
    csv_assert_learns(numbered(9, 1, 1, header, ""), NULL, kept);
    csv_assert_learns(numbered(500, 0, 1, header, ""), NULL, left_out);
    csv_assert_learns(numbered(30, -7, 1, header, ""), NULL, left_out);
    csv_assert_learns(numbered(30, 5000001, 1, header, ""), NULL, left_out);
    csv_assert_learns(numbered(30, 1, 1, header, "\""), NULL, left_out); /* as R quotes them */
    csv_assert_learns(numbered(30, 1, 2, header, ""), NULL, kept);
    csv_assert_learns(numbered(30, 30, -1, header, ""), NULL, kept);
    csv_assert_learns(numbered(30, 1, 0, header, ""), NULL, kept);
    /* Without a header the first line counts. */
    csv_assert_learns(numbered(30, 1, 1, "", ""), NULL, "1 ignored; 2 number 0; 3 target 0-1 a|b");
    csv_assert_learns(numbered(9, 2, 1, "1,3,b\n", ""), NULL, "1 ignored; 2 number 0; 3 target 0-1 a|b");
    csv_assert_learns(numbered(30, 1, 1, "1,3,b\n", ""), NULL, "1 number 0; 2 number 1; 3 target 0-1 a|b");
}

/* A table of nothing but numbers is stored while it is learned. */
static void tables_of_numbers_lose_the_column(void **state)
{
    (void)state;
    char text[ROOM] = "a,id,b,y,c\n";
    double inputs[3 * 40], targets[40];
    for (int i = 0; i < 40; i++) {
        sprintf(text + strlen(text), "%d,%d,%d.5,%d,%d\n", i % 3, i + 1, i % 7, i % 4, i % 5);
        const double row[] = {i % 3, i % 7 + 0.5, i % 5};
        memcpy(inputs + 3 * i, row, sizeof row);
        targets[i] = i % 4;
    }
    csv_assert_loads(text, csv_numeric(3, 1), 40, 3, inputs, 1, targets);
    /* One row that breaks the order, in the middle and at the end. */
    strcat(text, "1,42,2.5,3,4\n");
    const bp_csv_options options = csv_numeric(3, 1);
    csv_assert_learns(text, &options, "a number 0; id number 1; b number 2; y target 0; c number 3");
}

static void rules_keep_them(void **state)
{
    (void)state;
    const char *text = numbered(30, 1, 1, "id,n,y\n", "");
    const struct {
        bp_column column;
        bool is_kept;
    } rows[] = {{bp_column_named("id"), true}, {bp_column_all(), true}, {bp_column_named("n"), false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bp_schema *rules = csv_rules();
        bp_csv_options options = csv_defaults();
        assert_ok(bp_schema_set_role(rules, rows[i].column, BP_ROLE_INPUT));
        assert_ok(bp_schema_set_role(rules, bp_column_named("y"), BP_ROLE_TARGET));
        options.schema = rules;
        csv_assert_learns(text, &options, rows[i].is_kept ? kept : left_out);
        bp_schema_destroy(rules);
    }
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_defaults();
    options.schema = rules;
    assert_ok(bp_schema_set_missing(rules, bp_column_all(), BP_MISSING_MEDIAN, 1));
    csv_assert_learns(text, &options, "id ignored; n number 0-1; y target 0-1 a|b");
    assert_ok(bp_schema_set_kind(rules, bp_column_numbered(0), BP_COLUMN_NUMBER));
    csv_assert_learns(text, &options, "id number 0-1; n number 2-3; y target 0-1 a|b");
    bp_schema_destroy(rules);
}

/* There must be something left to learn from; and a missing cell breaks the order. */
static void others_must_be_left(void **state)
{
    (void)state;
    char text[ROOM] = "x,y\n", missing[ROOM] = "x,n,y\n";
    for (int i = 1; i <= 20; i++) {
        sprintf(text + strlen(text), "%d,%d\n", i, i * i);
        sprintf(missing + strlen(missing), "%.*d,%d,%d\n", i != 8, i * (i != 8), i * i % 7, i);
    }
    const bp_csv_options numeric = csv_numeric(-1, 1);
    csv_assert_learns(text, &numeric, "x number 0; y target 0");
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_numeric(-1, 1);
    options.schema = rules;
    assert_ok(bp_schema_set_missing(rules, bp_column_all(), BP_MISSING_MEDIAN, 0));
    csv_assert_learns(missing, &options, "x number 0; n number 1; y target 0");
    bp_schema_destroy(rules);
}

/* The schema says so, and reads other tables without the column. */
static void the_schema_tells(void **state)
{
    (void)state;
    bp_dataset *dataset = NULL, *other = NULL;
    char text[1024];
    assert_ok(csv_parse(&dataset, numbered(30, 1, 1, "id,n,y\n", ""), NULL));
    assert_ok(bp_schema_text(bp_dataset_schema(dataset), text, sizeof text, NULL));
    assert_non_null(strstr(text, "1  id  row number  ignored"));
    bp_column_info info;
    bp_column_info_init(&info, sizeof info);
    assert_ok(bp_schema_column(bp_dataset_schema(dataset), 0, &info));
    assert_int_equal(info.role, BP_ROLE_IGNORED);
    assert_int_equal(info.kind, BP_COLUMN_NUMBER);
    bp_csv_options options = csv_defaults();
    options.schema = bp_dataset_schema(dataset);
    assert_ok(csv_parse(&other, "y,n\nb,4\n", &options));
    csv_assert_data(other, 1, 1, (const double[]){4}, 2, (const double[]){0, 1});
    bp_dataset_destroy(other);
    other = NULL;
    assert_ok(csv_parse(&other, "x,n,y\nseven,4,b\n", &options));
    bp_dataset_destroy(other);
    bp_dataset_destroy(dataset);
}

static bp_status attempt_loading(void *context, const bp_allocator *allocator)
{
    bp_csv_options options = csv_defaults();
    options.allocator = *allocator;
    bp_dataset *dataset = NULL;
    bp_status status = csv_parse(&dataset, context, &options);
    bp_dataset_destroy(dataset);
    return status;
}

static void lack_of_memory_is_reported(void **state)
{
    (void)state;
    test_each_allocation_fails(attempt_loading, (void *)numbered(12, 1, 1, "", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_that_are_numbered_are_found, test_directory_setup,
                                        test_directory_teardown),
        cmocka_unit_test_setup_teardown(tables_of_numbers_lose_the_column, test_directory_setup,
                                        test_directory_teardown),
        cmocka_unit_test(rules_keep_them),
        cmocka_unit_test(others_must_be_left),
        cmocka_unit_test(the_schema_tells),
        cmocka_unit_test(lack_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
