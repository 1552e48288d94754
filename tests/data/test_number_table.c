/* Tables of nothing but numbers are stored while they are learned; all others are read a second time. Both
 * ways must come to the same. */
#include "data/csv_example.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CASES = 40, MOST_COLUMNS = 12, ROOM = MOST_CASES * MOST_COLUMNS * 32 };

/* A number in one of many shapes. */
static size_t put_number(char *text, uint64_t *random, char point)
{
    static const char *const formats[] = {"%.0f",  "%.1f", "%.3f",  "%.6g", "%.15g",
                                          "%.17g", "%e",   "+%.2f", "%g"};
    const size_t format = test_below(random, sizeof formats / sizeof formats[0]);
    const double range = test_below(random, 2) == 0 ? 10 : 1e6;
    int length = sprintf(text, formats[format], test_uniform(random, format == 7 ? 0 : -range, range));
    char *sign = strchr(text, '.');
    if (sign != NULL)
        *sign = point;
    return (size_t)length;
}

typedef struct table {
    char delimiter, point;
    const char *line_end;
    bool has_header, ends_in_line_end, ends_in_blank_line;
    size_t cases, columns;
} table;

static table random_table(uint64_t *random)
{
    static const char *const line_ends[] = {"\n", "\r\n", "\r"};
    table t = {.delimiter = ",;\t| "[test_below(random, 5)], .line_end = line_ends[test_below(random, 3)]};
    t.point = t.delimiter != ',' && test_below(random, 3) == 0 ? ',' : '.';
    t.has_header = test_below(random, 2) == 0;
    t.ends_in_line_end = test_below(random, 4) > 0;
    t.ends_in_blank_line = t.ends_in_line_end && test_below(random, 4) == 0;
    t.cases = 2 + test_below(random, MOST_CASES - 1);
    t.columns = 2 + test_below(random, MOST_COLUMNS - 1);
    return t;
}

/* Writes the table; *quoted is where one of its numbers begins. */
static size_t write_table(const table *t, uint64_t *random, char *text, size_t *quoted)
{
    const size_t cells = t->cases * t->columns, chosen = test_below(random, cells);
    size_t length = 0;
    for (size_t k = 0; t->has_header && k < t->columns; k++)
        length += (size_t)sprintf(text + length, "%.*sc%zu", k > 0, &t->delimiter, k);
    if (t->has_header)
        length += (size_t)sprintf(text + length, "%s", t->line_end);
    for (size_t i = 0; i < cells; i++) {
        const bool is_last = (i + 1) % t->columns == 0;
        if (i == chosen)
            *quoted = length;
        length += put_number(text + length, random, t->point);
        if (!is_last)
            text[length++] = t->delimiter;
        else if (i + 1 < cells || t->ends_in_line_end)
            length += (size_t)sprintf(text + length, "%s", t->line_end);
    }
    length += (size_t)sprintf(text + length, "%s", t->ends_in_blank_line ? t->line_end : "");
    return length;
}

/* The same text with quotes around the number that begins at `quoted`, so that it is not stored in passing.
 */
static size_t quote(const table *t, const char *text, size_t length, size_t quoted, char *to)
{
    const char ends[] = {t->delimiter, '\r', '\n', '\0'};
    const size_t number = strcspn(text + quoted, ends);
    memcpy(to, text, quoted);
    to[quoted] = '"';
    memcpy(to + quoted + 1, text + quoted, number);
    to[quoted + 1 + number] = '"';
    memcpy(to + quoted + 2 + number, text + quoted + number, length - quoted - number);
    return length + 2;
}

static bp_dataset *load(const char *text, size_t size, const bp_csv_options *options)
{
    bp_dataset *dataset = NULL;
    assert_ok(bp_dataset_load_csv_memory(&dataset, "f.csv", text, size, options));
    return dataset;
}

static void assert_same(const bp_dataset *a, const bp_dataset *b)
{
    bp_data x = test_all_cases(a), y = test_all_cases(b);
    assert_int_equal(x.cases, y.cases);
    assert_int_equal(x.input_width, y.input_width);
    assert_int_equal(x.target_width, y.target_width);
    assert_memory_equal(x.inputs, y.inputs, x.cases * x.input_width * sizeof *x.inputs);
    if (x.target_width > 0)
        assert_memory_equal(x.targets, y.targets, x.cases * x.target_width * sizeof *x.targets);
    char described[4096];
    strcpy(described, csv_describe(bp_dataset_schema(a)));
    assert_string_equal(csv_describe(bp_dataset_schema(b)), described);
    for (size_t i = 0; i < x.input_width; i++) {
        const char *name = bp_dataset_input_name(a, i), *other = bp_dataset_input_name(b, i);
        assert_int_equal(name == NULL, other == NULL);
        if (name != NULL)
            assert_string_equal(name, other);
    }
}

static void both_ways_are_the_same(void **state)
{
    (void)state;
    static char text[ROOM], other[ROOM];
    uint64_t random = 2024;
    for (int round = 0; round < 2000; round++) {
        const table t = random_table(&random);
        bp_csv_options options = csv_numeric((int)test_below(&random, t.columns), 1);
        options.delimiter = t.delimiter;
        options.decimal_point = t.point;
        if (test_below(&random, 4) == 0)
            options.target = BP_TARGET_NONE;
        size_t quoted = 0, length = write_table(&t, &random, text, &quoted);
        size_t other_length = quote(&t, text, length, quoted, other);
        bp_dataset *fast = load(text, length, &options), *slow = load(other, other_length, &options);
        assert_int_equal(bp_dataset_cases(fast), t.cases);
        assert_same(fast, slow);
        bp_dataset_destroy(fast);
        bp_dataset_destroy(slow);
    }
}

/* A file of many blocks, whose lines are cut by their ends in all sorts of places. */
static void long_tables_are_the_same(void **state)
{
    (void)state;
    enum { CASES = 30000, COLUMNS = 7 };
    const size_t room = (size_t)CASES * COLUMNS * 32;
    char *text = malloc(room), *other = malloc(room);
    assert_non_null(text);
    assert_non_null(other);
    uint64_t random = 5;
    for (int kind = 0; kind < 4; kind++) {
        const table t = {.delimiter = ',',
                         .point = '.',
                         .line_end = kind % 2 == 0 ? "\n" : "\r\n",
                         .has_header = kind > 1,
                         .ends_in_line_end = kind != 2,
                         .cases = CASES,
                         .columns = COLUMNS};
        bp_csv_options options = csv_numeric(-1, 1);
        size_t quoted = 0, length = write_table(&t, &random, text, &quoted);
        size_t other_length = quote(&t, text, length, quoted, other);
        bp_dataset *fast = load(text, length, &options), *slow = load(other, other_length, &options);
        assert_int_equal(bp_dataset_cases(fast), CASES);
        assert_same(fast, slow);
        bp_dataset_destroy(fast);
        bp_dataset_destroy(slow);
    }
    free(text);
    free(other);
}

/* The tables that begin as tables of numbers. */
static void what_is_no_table_of_numbers_is_read_again(void **state)
{
    (void)state;
    const double inputs[] = {1, 2, 4, 5}, targets[] = {3, 6};
    const char *const texts[] = {"1,2,3\n4,5,6\n",  " 1,2,3\n4,5,6\n",     "1,2,3\n\n4,5,6\n",
                                 "1,2,3\n4,5 ,6\n", "1,2,3\n4,\"5\",6\n",  "1e0,2,3\n4,5,6\n",
                                 "1,2,3\n4,5,6.",   "1,2,3\n  4,5,6\n \n", "1,2,3\r4,5,6\n",
                                 "1,2,3\n4,5,+6",   "a,b,c\n1,2,3\n4,5,6", "a,2,3\n1,2,3\n4,5,6"};
    for (size_t i = 0; i + 1 < sizeof texts / sizeof texts[0]; i++) {
        bp_csv_options options = csv_numeric(-1, 1);
        bp_dataset *dataset = load(texts[i], strlen(texts[i]), &options);
        csv_assert_data(dataset, 2, 2, inputs, 1, targets);
        bp_dataset_destroy(dataset);
    }
    bp_csv_options options = csv_numeric(-1, 1);
    csv_assert_refused(texts[11], &options, BP_ERROR_FORMAT, "f.csv:1: column 1: 'a' looks like the name");
    /* Words in the last line: the column is one of categories. */
    bp_dataset *dataset = load("1,2,3\n4,5,6\nx,7,8\n", 18, &options);
    csv_assert_data(dataset, 3, 4, (const double[]){1, 0, 0, 2, 0, 1, 0, 5, 0, 0, 1, 7}, 1,
                    (const double[]){3, 6, 8});
    bp_dataset_destroy(dataset);
    csv_assert_refused("1,2,3\n4,5,6\n7,8,x\n", &options, BP_ERROR_FORMAT,
                       "f.csv:3: column 3: 'x' is not a number");
    csv_assert_refused("1,2,3\n4,5,6\n7,8\n", &options, BP_ERROR_FORMAT,
                       "f.csv:3: 2 fields, the first line has 3");
    csv_assert_refused("1,2,3\n4,5,6\n7,8,9,1\n", &options, BP_ERROR_FORMAT, "f.csv:3: 4 fields");
    csv_assert_refused("1,2,3\n4,,6\n", &options, BP_ERROR_FORMAT, "f.csv:2: column 2: the value is missing");
    csv_assert_refused("1,2,3\n4,inf,6\n", &options, BP_ERROR_NOT_FINITE,
                       "f.csv:2: column 2: 'inf' is not finite");
}

/* A header of numbers, said by an option or by a name. */
static void headers_of_numbers_are_no_cases(void **state)
{
    (void)state;
    const char *text = "2019,2020,2021\n1,2,3\n4,5,6\n";
    const double inputs[] = {1, 2, 4, 5}, targets[] = {3, 6};
    bp_csv_options options = csv_numeric(-1, 1);
    for (int by_name = 0; by_name < 2; by_name++) {
        options.header = by_name ? BP_CSV_HEADER_AUTO : BP_CSV_HEADER_YES;
        options.target_name = by_name ? "2021" : NULL;
        bp_dataset *dataset = load(text, strlen(text), &options);
        csv_assert_data(dataset, 2, 2, inputs, 1, targets);
        assert_string_equal(bp_dataset_input_name(dataset, 1), "2020");
        bp_dataset_destroy(dataset);
    }
}

/* Columns that are left out may hold anything else only in the second reading. */
static void ignored_columns_are_left_out(void **state)
{
    (void)state;
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_numeric(2, 2);
    assert_ok(bp_schema_set_role(rules, bp_column_numbered(1), BP_ROLE_IGNORED));
    assert_ok(bp_schema_set_role(rules, bp_column_numbered(-1), BP_ROLE_IGNORED));
    options.schema = rules;
    const double inputs[] = {1, 5, 11, 15}, targets[] = {3, 4, 13, 14};
    const char *const texts[] = {"1,2,3,4,5,6\n11,12,13,14,15,16\n", "1,2,3,4,5,6\n11,x,13,14,15,\"y\"\n",
                                 "a,b,c,d,e,f\n1,2,3,4,5,6\n11,12,13,14,15,16\n"};
    for (size_t i = 0; i < 3; i++) {
        bp_dataset *dataset = load(texts[i], strlen(texts[i]), &options);
        csv_assert_data(dataset, 2, 2, inputs, 2, targets);
        bp_dataset_destroy(dataset);
    }
    bp_schema_destroy(rules);
}

static bp_status attempt_loading(void *context, const bp_allocator *allocator)
{
    bp_csv_options options = csv_numeric(-1, 1);
    options.allocator = *allocator;
    bp_dataset *dataset = NULL;
    bp_status status = csv_parse(&dataset, context, &options);
    assert_true((dataset != NULL) == (status == BP_OK));
    bp_dataset_destroy(dataset);
    return status;
}

/* With short lines after long ones, so that there must be room for more cases than were thought. */
static void lack_of_memory_is_reported(void **state)
{
    (void)state;
    char text[3 << 18];
    size_t length = 0;
    while (length < 1 << 18)
        length += (size_t)sprintf(text + length, "1.%0200d,2\n", 1);
    while (length < sizeof text - 64)
        length += (size_t)sprintf(text + length, "1,2\n");
    test_each_allocation_fails(attempt_loading, text);
    char numbers[] = "1,2\n3,4\n";
    test_each_allocation_fails(attempt_loading, numbers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways_are_the_same),
        cmocka_unit_test(long_tables_are_the_same),
        cmocka_unit_test(what_is_no_table_of_numbers_is_read_again),
        cmocka_unit_test(headers_of_numbers_are_no_cases),
        cmocka_unit_test(ignored_columns_are_left_out),
        cmocka_unit_test(lack_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
