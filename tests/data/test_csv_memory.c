/* Streams over CSV files that are large, or look so: no block of memory grows with the file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/csv_example.h"

/* Rows of two numbers and a price, with a line end; the caller frees the text. */
static char *make_rows(size_t rows, const char *line_end, const char *price, size_t *size)
{
    char *text = malloc(rows * 48 + 64);
    assert_non_null(text);
    size_t length = (size_t)sprintf(text, "x,z,y%s", line_end);
    for (size_t i = 0; i < rows; i++) {
        length += (size_t)sprintf(text + length, "%zu,%zu,", i * 31 % 1000, i % 7);
        length += (size_t)sprintf(text + length, price, i);
        length += (size_t)sprintf(text + length, "%s", line_end);
    }
    *size = length;
    return text;
}

/* Opens the text as a stream; *greatest is the largest block that was asked for. */
static bp_status open_stream(bp_stream **stream, const char *text, size_t size, bp_csv_options options,
                             size_t *greatest)
{
    const char *path = test_path(test_directory, "f.csv");
    test_write_file(path, text, size);
    *greatest = 0;
    options.allocator = csv_measuring_allocator(greatest);
    return bp_stream_open_csv(stream, path, &options);
}

static void read_numbers(bp_stream *stream, size_t rows)
{
    bp_real inputs[2], target;
    size_t cases;
    for (size_t i = 0; i < rows; i++) {
        assert_ok(bp_stream_read(stream, 1, inputs, &target, NULL, &cases));
        assert_int_equal(cases, 1);
        assert_true(inputs[0] == (bp_real)(i * 31 % 1000) && inputs[1] == (bp_real)(i % 7));
        assert_true(target == (bp_real)i);
    }
    assert_ok(bp_stream_read(stream, 1, inputs, &target, NULL, &cases));
    assert_int_equal(cases, 0);
}

/* Whatever the lines end in. */
static void lines_are_read_block_by_block(void **state)
{
    (void)state;
    enum { ROWS = 100000 }; /* several blocks */
    static const char *const ends[] = {"\n", "\r", "\r\n"};
    for (size_t i = 0; i < 3; i++) {
        size_t size, greatest;
        char *text = make_rows(ROWS, ends[i], "%zu", &size);
        bp_stream *stream = NULL;
        assert_true(size > 1 << 20);
        assert_ok(open_stream(&stream, text, size, csv_numeric(-1, 1), &greatest));
        read_numbers(stream, ROWS);
        assert_in_range(greatest, 1, 1 << 19);
        bp_stream_destroy(stream);
        free(text);
    }
}

/* Lone carriage returns within quotes are text, and may stand at the border of a block. */
static void returns_in_quotes_are_text(void **state)
{
    (void)state;
    enum { ROWS = 60000 };
    char *text = malloc(ROWS * 24 + 16);
    assert_non_null(text);
    size_t length = (size_t)sprintf(text, "k,y\r");
    for (size_t i = 0; i < ROWS; i++)
        length += (size_t)sprintf(text + length, i % 3 == 0 ? "\"a\rb\",%zu\r" : "\"\"\"\r\n\",%zu\r", i);
    bp_csv_options options = csv_numeric(-1, 1);
    bp_stream *stream = NULL;
    size_t greatest, cases;
    assert_ok(open_stream(&stream, text, length, options, &greatest));
    assert_string_equal(csv_describe(bp_stream_schema(stream)), "k category 0-1 \"\r\n|a\rb; y target 0");
    for (size_t i = 0; i < ROWS; i++) {
        bp_real inputs[2], target;
        assert_ok(bp_stream_read(stream, 1, inputs, &target, NULL, &cases));
        assert_true(cases == 1 && target == (bp_real)i && inputs[1] == (i % 3 == 0));
    }
    assert_in_range(greatest, 1, 1 << 19);
    bp_stream_destroy(stream);
    free(text);
}

/* A quote that is never closed does not take the rest of the file into memory. */
static void a_stray_quote_has_an_end(void **state)
{
    (void)state;
    enum { SIZE = 80 << 20 };
    static const char line[] = "12,34,5\n", stray[] = "1,\"2,34\n";
    char *text = malloc(SIZE);
    assert_non_null(text);
    for (size_t i = 0; i < SIZE; i += 8)
        memcpy(text + i, i == 24 ? stray : line, 8);
    const bp_csv_options options = csv_numeric(-1, 1);
    bp_dataset *dataset = NULL;
    bp_stream *stream = NULL;
    size_t greatest;
    assert_fails(open_stream(&stream, text, SIZE, options, &greatest), BP_ERROR_FORMAT,
                 "f.csv:4: column 2: the quote that begins here is not closed within 64 MB");
    assert_in_range(greatest, 1, (64 << 20) + (1 << 12));
    assert_fails(bp_dataset_load_csv_memory(&dataset, "t", text, SIZE, &options), BP_ERROR_FORMAT,
                 "t:4: column 2: the quote that begins here is not closed within 64 MB");
    assert_fails(bp_dataset_load_csv_memory(&dataset, "t", text, 1 << 20, &options), BP_ERROR_FORMAT,
                 "t:4: column 2: the quote that begins here is never closed");
    free(text);
}

/* Nor do the numbers of a target that was not said to be numeric. */
static void classes_have_an_end(void **state)
{
    (void)state;
    enum { ROWS = 400000 };
    static const struct {
        const char *price, *message;
    } targets[] = {
        {"%zu.5", "column 3 (y): class '0.5' in line 2 is not a whole number: the target column seems"},
        {"%zu", "column 3 (y): "},
        {"p%zu", "column 3 (y): "},
    };
    for (size_t i = 0; i < 3; i++) {
        size_t size, greatest;
        bp_stream *stream = NULL;
        char *text = make_rows(ROWS, "\n", targets[i].price, &size);
        assert_fails(open_stream(&stream, text, size, csv_defaults(), &greatest), BP_ERROR_FORMAT,
                     targets[i].message);
        assert_in_range(greatest, 1, 4 << 20);
        free(text);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_directory_setup, test_directory_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lines_are_read_block_by_block),
        TEST(returns_in_quotes_are_text),
        TEST(a_stray_quote_has_an_end),
        TEST(classes_have_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
