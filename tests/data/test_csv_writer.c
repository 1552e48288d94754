/* Rows of CSV text: whatever is written is read back. */
#include "support/support.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "data/csv_number.h"
#include "data/csv_writer.h"

/* A file that is open for writing, and a writer to it. */
typedef struct open_writer {
    bp_allocator allocator;
    output_file file;
    csv_writer writer;
} open_writer;

static void begin(open_writer *out, char delimiter, char point)
{
    assert_ok(bpi_allocator_choose(&out->allocator, "here", NULL));
    assert_ok(bpi_output_open(&out->file, test_path(test_directory, "f.csv"), &out->allocator));
    bpi_csv_writer_init(&out->writer, &out->file, delimiter, point);
}

static void end(open_writer *out)
{
    assert_ok(bpi_output_close(&out->file, bpi_csv_writer_finish(&out->writer)));
}

static void assert_file_is(const char *wanted)
{
    char got[512] = "";
    FILE *file = fopen(test_path(test_directory, "f.csv"), "rb");
    assert_non_null(file);
    assert_true(fread(got, 1, sizeof got - 1, file) < sizeof got - 1);
    fclose(file);
    assert_string_equal(got, wanted);
}

static void open_reader(csv_reader *reader, input_file *input, const bp_allocator *allocator, char delimiter,
                        char point)
{
    const char *path = test_path(test_directory, "f.csv");
    static char kept[1024];
    snprintf(kept, sizeof kept, "%s", path);
    assert_ok(bpi_input_open(input, kept));
    assert_ok(bpi_csv_reader_init(reader, allocator, input, delimiter, point));
}

/* -------------------------------------------------------------------- tests */

static void rows_are_as_expected(void **state)
{
    (void)state;
    open_writer out;
    begin(&out, ';', ',');
    csv_writer *writer = &out.writer;
    assert_ok(bpi_csv_write_text(writer, "plain", ""));
    assert_ok(bpi_csv_write_text(writer, "two", " words"));
    assert_ok(bpi_csv_write_text(writer, "a;b", ""));
    assert_ok(bpi_csv_write_text(writer, "say \"so\"", ""));
    assert_ok(bpi_csv_write_text(writer, "", ""));
    assert_ok(bpi_csv_end_row(writer));
    assert_ok(bpi_csv_write_missing(writer));
    assert_ok(bpi_csv_write_number(writer, 1.5));
    assert_ok(bpi_csv_write_number(writer, -3));
    assert_ok(bpi_csv_write_missing(writer));
    assert_ok(bpi_csv_end_row(writer));
    assert_ok(bpi_csv_write_missing(writer)); /* alone, it would be an empty line */
    assert_ok(bpi_csv_end_row(writer));
    end(&out);
    assert_file_is("plain;two words;\"a;b\";\"say \"\"so\"\"\";\"\"\n;1,5;-3;\n\"\"\n");
}

static const char *const texts[] = {
    "plain",
    "two words",
    " before",
    "after ",
    "\ttab\t",
    "a,b",
    "a;b",
    "a|b",
    "\"",
    "\"\"quoted\"\"",
    "it's",
    "line\nend",
    "carriage\r\nreturn",
    "\r",
    "\x1a",
    "sep=;",
    "\xef\xbb\xbfmark",
    "\xc3\xa4",
    "",
    "1.5",
    "-1e5",
    "nan",
    "?",
    "NA",
    "0x10",
    "#",
    "\x7f",
    "\x1f\x8b",
    "PK\x03\x04",
    "\xff\xfe",
    "\xf0\x9f\x98\x80",
};
enum { TEXTS = sizeof texts / sizeof texts[0] };

/* Each text as the only cell, the first, and one among others. */
static void texts_come_back(void **state)
{
    (void)state;
    static const char delimiters[] = ",;\t| ";
    for (const char *delimiter = delimiters; *delimiter != '\0'; delimiter++)
        for (size_t first = 0; first < TEXTS; first++) {
            open_writer out;
            begin(&out, *delimiter, '.');
            assert_ok(bpi_csv_write_text(&out.writer, texts[first], ""));
            assert_ok(bpi_csv_end_row(&out.writer));
            for (size_t i = 0; i < TEXTS; i++)
                assert_ok(bpi_csv_write_text(&out.writer, texts[(first + i) % TEXTS], ""));
            assert_ok(bpi_csv_end_row(&out.writer));
            end(&out);

            csv_reader reader;
            input_file input;
            bool found;
            open_reader(&reader, &input, &out.allocator, *delimiter, '.');
            assert_ok(bpi_csv_next_record(&reader, &found));
            assert_true(found);
            assert_int_equal(reader.field_count, 1);
            assert_string_equal(reader.fields[0].text, texts[first]);
            assert_ok(bpi_csv_next_record(&reader, &found));
            assert_true(found);
            assert_int_equal(reader.field_count, TEXTS);
            for (size_t i = 0; i < TEXTS; i++)
                assert_string_equal(reader.fields[i].text, texts[(first + i) % TEXTS]);
            assert_ok(bpi_csv_next_record(&reader, &found));
            assert_false(found);
            bpi_csv_reader_clear(&reader);
            bpi_input_close(&input);
        }
}

/* Random bits, and round numbers of few digits. */
static bp_real number(uint64_t *random, size_t index)
{
    if (index % 3 == 0)
        return (bp_real)((double)test_below(random, 200000) / 100 - 1000);
    if (index == 1)
        return -(bp_real)0;
    bp_real value;
    do {
        unsigned char bytes[sizeof value];
        for (size_t i = 0; i < sizeof value; i++)
            bytes[i] = (unsigned char)test_below(random, 256);
        memcpy(&value, bytes, sizeof value);
    } while (!isfinite(value));
    return value;
}

static void numbers_come_back(void **state)
{
    (void)state;
    enum { ROWS = 400, COLUMNS = 25 };
    static bp_real numbers[ROWS * COLUMNS];
    uint64_t random = 12;
    for (size_t i = 0; i < ROWS * COLUMNS; i++)
        numbers[i] = number(&random, i);
    c_locale locale;
    assert_true(bpi_c_locale_enter(&locale));
    for (int comma = 0; comma < 2; comma++) {
        open_writer out;
        begin(&out, ';', comma ? ',' : '.');
        for (size_t i = 0; i < ROWS * COLUMNS; i++) {
            assert_ok(bpi_csv_write_number(&out.writer, numbers[i]));
            if (i % COLUMNS == COLUMNS - 1)
                assert_ok(bpi_csv_end_row(&out.writer));
        }
        end(&out);

        csv_reader reader;
        input_file input;
        open_reader(&reader, &input, &out.allocator, ';', comma ? ',' : '.');
        for (size_t row = 0; row < ROWS; row++) {
            bool found;
            assert_ok(bpi_csv_next_record(&reader, &found));
            assert_true(found);
            assert_int_equal(reader.field_count, COLUMNS);
            for (size_t i = 0; i < COLUMNS; i++) {
                double value = NAN;
                assert_int_equal(bpi_csv_number(&reader, &reader.fields[i], &value), NUMBER_FINITE);
                const bp_real back = (bp_real)value;
                assert_memory_equal(&back, &numbers[row * COLUMNS + i], sizeof back);
            }
        }
        bpi_csv_reader_clear(&reader);
        bpi_input_close(&input);
    }
    bpi_c_locale_leave(&locale);
}

/* No more digits than are needed. */
static void numbers_are_short(void **state)
{
    (void)state;
    c_locale locale;
    assert_true(bpi_c_locale_enter(&locale));
    open_writer out;
    begin(&out, ',', '.');
    const double values[] = {0, 1, -1, 0.1, 0.3, 123456, 1.25e-5, 1e10, 3.14159};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        assert_ok(bpi_csv_write_number(&out.writer, (bp_real)values[i]));
    assert_ok(bpi_csv_end_row(&out.writer));
    end(&out);
    bpi_c_locale_leave(&locale);
    assert_file_is(TOLERANCE("0,1,-1,0.1,0.3,123456,1.25e-05,1e+10,3.14159\n",
                             "0,1,-1,0.1,0.3,123456,1.25e-05,10000000000,3.14159\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_directory_setup, test_directory_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rows_are_as_expected),
        TEST(texts_come_back),
        TEST(numbers_come_back),
        TEST(numbers_are_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
