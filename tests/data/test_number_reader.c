/* Numbers that blanks separate, with their places, across the ends of the blocks that are read at a time. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/number_reader.h"
#include "support/support.h"

typedef struct example {
    input_file input;
    bp_allocator allocator;
    number_reader reader;
} example;

static bp_status begin(example *e, const char *text, size_t size)
{
    assert_ok(bpi_allocator_choose(&e->allocator, "test", NULL));
    bpi_input_from_memory(&e->input, "text", text, size);
    return bpi_number_reader_init(&e->reader, &e->allocator, &e->input);
}

static void end(example *e)
{
    bpi_number_reader_clear(&e->reader);
}

/* What must come next. */
static void expect(example *e, number_kind wanted, double value, size_t line, size_t column)
{
    bool found = false;
    number_kind kind;
    double got = 0;
    assert_ok(bpi_read_number(&e->reader, &found, &kind, &got));
    assert_true(found);
    assert_int_equal(kind, wanted);
    if (wanted == NUMBER_FINITE)
        assert_true(got == value);
    assert_int_equal(e->reader.text_line, line);
    assert_int_equal(e->reader.column, column);
}

static void expect_end(example *e, size_t line)
{
    bool found = true;
    number_kind kind;
    double value;
    assert_ok(bpi_read_number(&e->reader, &found, &kind, &value));
    assert_false(found);
    assert_int_equal(e->reader.line, line);
}

/* -------------------------------------------------------------------- tests */

static void numbers_have_places(void **state)
{
    (void)state;
    static const char text[] = "  1 -2.5\t3e2\r\n\r\n+4 x5\r6\v7\f1e999 nan\n\n8";
    example e;
    assert_ok(begin(&e, text, sizeof text - 1));
    for (int pass = 0; pass < 2; pass++) {
        expect(&e, NUMBER_FINITE, 1, 1, 1);
        expect(&e, NUMBER_FINITE, -2.5, 1, 2);
        expect(&e, NUMBER_FINITE, 300, 1, 3);
        expect(&e, NUMBER_FINITE, 4, 3, 1);
        expect(&e, NUMBER_NONE, 0, 3, 2);
        assert_string_equal(e.reader.text, "x5");
        expect(&e, NUMBER_FINITE, 6, 4, 1);
        expect(&e, NUMBER_FINITE, 7, 4, 2);
        expect(&e, NUMBER_NOT_FINITE, 0, 4, 3);
        assert_string_equal(e.reader.text, "1e999");
        expect(&e, NUMBER_NOT_FINITE, 0, 4, 4);
        expect(&e, NUMBER_FINITE, 8, 6, 1);
        expect_end(&e, 6);
        assert_ok(bpi_number_reader_rewind(&e.reader));
    }
    end(&e);
}

static void texts_that_are_no_numbers(void **state)
{
    (void)state;
    static const char text[] = "5\0 6\0 7 \"8\" 9,5 0x10 1e 1.5.2 - .";
    example e;
    assert_ok(begin(&e, text, sizeof text - 1));
    expect(&e, NUMBER_NONE, 0, 1, 1);
    expect(&e, NUMBER_NONE, 0, 1, 2);
    expect(&e, NUMBER_FINITE, 7, 1, 3);
    for (size_t i = 4; i <= 10; i++)
        expect(&e, NUMBER_NONE, 0, 1, i);
    expect_end(&e, 1);
    end(&e);
}

static void there_may_be_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "\n", " \r\n\t", "\xEF\xBB\xBF"};
    static const size_t lines[] = {1, 2, 2, 1};
    for (size_t i = 0; i < 4; i++) {
        example e;
        assert_ok(begin(&e, texts[i], strlen(texts[i])));
        expect_end(&e, lines[i]);
        end(&e);
    }
    example e;
    assert_fails(begin(&e, "PK\3\4", 4), BP_ERROR_FORMAT, "text: a zip file");
    end(&e);
}

/* Blocks of 64 KB end at every place of what is read: within numbers and words, between CR and LF. */
static void blocks_may_end_anywhere(void **state)
{
    (void)state;
    enum { BLOCK = 1 << 16 };
    static const char tail[] = "12345.5 -7e2\r\n\r\nword 0.1 123456789012345678901\r\n8";
    char *text = malloc(BLOCK + sizeof tail);
    assert_non_null(text);
    for (size_t at = BLOCK - sizeof tail; at < BLOCK + 1; at++) {
        example e;
        memset(text, ' ', at);
        memcpy(text, "1\n2\n", 4);
        memcpy(text + at, tail, sizeof tail - 1);
        assert_ok(begin(&e, text, at + sizeof tail - 1));
        expect(&e, NUMBER_FINITE, 1, 1, 1);
        expect(&e, NUMBER_FINITE, 2, 2, 1);
        expect(&e, NUMBER_FINITE, 12345.5, 3, 1);
        expect(&e, NUMBER_FINITE, -700, 3, 2);
        expect(&e, NUMBER_NONE, 0, 5, 1);
        assert_string_equal(e.reader.text, "word");
        expect(&e, NUMBER_FINITE, 0.1, 5, 2);
        expect(&e, NUMBER_FINITE, 123456789012345678901.0, 5, 3);
        expect(&e, NUMBER_FINITE, 8, 6, 1);
        expect_end(&e, 6);
        end(&e);
    }
    free(text);
}

/* A text that is longer than a block is no number, though all of it are digits. */
static void endless_texts_are_no_numbers(void **state)
{
    (void)state;
    enum { SIZE = 200000 };
    char *text = malloc(SIZE);
    example e;
    assert_non_null(text);
    memset(text, '0', SIZE);
    memcpy(text, "5 ", 2);
    assert_ok(begin(&e, text, SIZE));
    expect(&e, NUMBER_FINITE, 5, 1, 1);
    expect(&e, NUMBER_NONE, 0, 1, 2);
    end(&e);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_places),          cmocka_unit_test(texts_that_are_no_numbers),
        cmocka_unit_test(there_may_be_nothing),         cmocka_unit_test(blocks_may_end_anywhere),
        cmocka_unit_test(endless_texts_are_no_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
