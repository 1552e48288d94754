/* Records and fields of CSV text. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/csv_reader.h"

/* Text with its length, for it may hold NUL bytes. */
#define TEXT(literal) (literal), sizeof(literal) - 1

typedef struct reading {
    const char *text;
    size_t size;
    char delimiter;
    size_t skip;
    char got[4096]; /* "line:field|field/line:field..." */
} reading;

/* Appends the records to r->got. */
static bp_status append_records(reading *r, csv_reader *reader)
{
    size_t length = 0;
    bool found = false;
    bp_status status;
    while ((status = bpi_csv_next_record(reader, &found)) == BP_OK && found)
        for (size_t i = 0; i < reader->field_count; i++) {
            char line[24] = "";
            if (i == 0)
                snprintf(line, sizeof line, "%s%zu:", length > 0 ? "/" : "", reader->record_line);
            length += (size_t)snprintf(r->got + length, sizeof r->got - length, "%s%s%s", line,
                                       i > 0 ? "|" : "", reader->fields[i].text);
            assert_true(length < sizeof r->got);
        }
    return status;
}

/* Writes all records of r->text to r->got. The text is copied to a block of just its size, so that a memory
 * checker sees a read beyond it. */
static bp_status read_all(reading *r, const bp_allocator *allocator)
{
    char *text = malloc(r->size + 1);
    assert_non_null(text);
    memcpy(text, r->text, r->size);
    csv_reader reader;
    input_file input;
    r->got[0] = '\0';
    bpi_input_from_memory(&input, "f.csv", text, r->size);
    bp_status status = bpi_csv_reader_init(&reader, allocator, &input, r->delimiter, '.');
    if (status == BP_OK)
        status = bpi_csv_skip_lines(&reader, r->skip);
    if (status == BP_OK)
        status = append_records(r, &reader);
    bpi_csv_reader_clear(&reader);
    free(text);
    return status;
}

static bp_allocator plain_allocator(void)
{
    bp_allocator allocator;
    assert_ok(bpi_allocator_choose(&allocator, "here", NULL));
    return allocator;
}

static void assert_reads(const char *text, size_t size, char delimiter, size_t skip, const char *wanted)
{
    bp_allocator allocator = plain_allocator();
    reading r = {text, size, delimiter, skip, ""};
    assert_ok(read_all(&r, &allocator));
    assert_string_equal(r.got, wanted);
}

static bp_status read_text(const char *text, size_t size, char delimiter)
{
    bp_allocator allocator = plain_allocator();
    reading r = {text, size, delimiter, 0, ""};
    return read_all(&r, &allocator);
}

/* -------------------------------------------------------------------- tests */

static void lines_are_records(void **state)
{
    (void)state;
    assert_reads(TEXT(""), ',', 0, "");
    assert_reads(TEXT("1,2,3\n4,5,6\n"), ',', 0, "1:1|2|3/2:4|5|6");
    assert_reads(TEXT("1,2,3\n4,5,6"), ',', 0, "1:1|2|3/2:4|5|6");
    assert_reads(TEXT("1,2\r\n3,4\r\n"), ',', 0, "1:1|2/2:3|4");
    assert_reads(TEXT("1,2\r\n3,4"), ',', 0, "1:1|2/2:3|4");
    assert_reads(TEXT("1,2\r3,4\r\n5,6\r"), ',', 0, "1:1|2/2:3|4/3:5|6");
    assert_reads(TEXT("1,2\r\r\r3,4"), ',', 0, "1:1|2/4:3|4");
    assert_reads(TEXT("1,2\n3,4\n\x1a"), ',', 0, "1:1|2/2:3|4");
    assert_reads(TEXT("\x1a\n1"), ',', 0, "1:\x1a/2:1");
    assert_reads(TEXT("a"), ',', 0, "1:a");
    assert_reads(TEXT("a,b\nc\n"), ',', 0, "1:a|b/2:c");
}

static void empty_fields_are_kept_and_empty_lines_are_not(void **state)
{
    (void)state;
    assert_reads(TEXT(",\n"), ',', 0, "1:|");
    assert_reads(TEXT("1,,\n,2,"), ',', 0, "1:1||/2:|2|");
    assert_reads(TEXT("\n\r\n  \n\t\n1\n\n \n2\n\n"), ',', 0, "5:1/8:2");
    assert_reads(TEXT("\n \n"), ',', 0, "");
    assert_reads(TEXT("\"\"\n"), ',', 0, "1:");
}

static void blanks_around_fields_are_dropped(void **state)
{
    (void)state;
    assert_reads(TEXT(" 1 ,\t2\t, a b \r\n"), ',', 0, "1:1|2|a b");
    assert_reads(TEXT(" \" x \" , \"y\"\t\n"), ',', 0, "1: x |y");
    assert_reads(TEXT("1 , \n"), ',', 0, "1:1|");
}

static void other_delimiters_are_used(void **state)
{
    (void)state;
    assert_reads(TEXT("1;2,5;x\n"), ';', 0, "1:1|2,5|x");
    assert_reads(TEXT("1\t\t 3 \n\t\n"), '\t', 0, "1:1||3/2:|");
    assert_reads(TEXT("1\xA7"
                      "2\n"),
                 '\xA7', 0, "1:1|2");
    assert_reads(TEXT("  1  2\t3 \t\n4 \"a b\"  5"), ' ', 0, "1:1|2|3/2:4|a b|5");
    assert_reads(TEXT("1,2 3\r\n \r\n4\r\n"), ' ', 0, "1:1,2|3/3:4");
}

static void quotes_protect(void **state)
{
    (void)state;
    assert_reads(TEXT("\"a,b\",\"c\"\"d\",\"\"\"\"\n"), ',', 0, "1:a,b|c\"d|\"");
    assert_reads(TEXT("\"one\ntwo\r\nthree\",x\ny,z\n"), ',', 0, "1:one\ntwo\r\nthree|x/4:y|z");
    assert_reads(TEXT("\"last\""), ',', 0, "1:last");
    assert_reads(TEXT("\"\",\"\""), ',', 0, "1:|");
}

static void byte_order_mark_is_passed_over(void **state)
{
    (void)state;
    assert_reads(TEXT("\xEF\xBB\xBF"
                      "1,2\n"),
                 ',', 0, "1:1|2");
    assert_reads(TEXT("\xEF\xBB\xBF"), ',', 0, "");
    assert_reads(TEXT("\xEF\xBB"), ',', 0, "1:\xEF\xBB");
}

static void a_line_sets_the_delimiter(void **state)
{
    (void)state;
    assert_reads(TEXT("sep=;\n1;2,5\n"), ',', 0, "2:1|2,5");
    assert_reads(TEXT("\xEF\xBB\xBFsep=|\r\n1|2"), ',', 0, "2:1|2");
    assert_reads(TEXT("sep=;x\n1;2\n"), ',', 0, "1:sep=;x/2:1;2");
    assert_reads(TEXT("sep=\n"), ',', 0, "1:sep=");
}

/* Records that are larger than a block, end at its end, or begin in it. */
static void blocks_do_not_show(void **state)
{
    (void)state;
    enum { LARGE = 1 << 18 };
    bp_allocator allocator = plain_allocator();
    for (size_t size = LARGE - 3; size <= LARGE + 3; size++) {
        char *text = malloc(size + 16);
        assert_non_null(text);
        memset(text, 'x', size);
        text[0] = '"';
        text[9] = '\n';
        text[size - 1] = '"';
        memcpy(text + size, ",1\n2,3\n", 7);
        csv_reader reader;
        input_file input;
        bool found;
        bpi_input_from_memory(&input, "f.csv", text, size + 7);
        assert_ok(bpi_csv_reader_init(&reader, &allocator, &input, ',', '.'));
        for (int round = 0; round < 2; round++) {
            assert_ok(bpi_csv_next_record(&reader, &found));
            assert_int_equal(reader.field_count, 2);
            assert_int_equal(strlen(reader.fields[0].text), size - 2);
            assert_string_equal(reader.fields[1].text, "1");
            assert_ok(bpi_csv_next_record(&reader, &found));
            assert_int_equal(reader.record_line, 3);
            assert_string_equal(reader.fields[0].text, "2");
            assert_string_equal(reader.fields[1].text, "3");
            assert_ok(bpi_csv_next_record(&reader, &found));
            assert_false(found);
            assert_ok(bpi_csv_reader_rewind(&reader));
        }
        bpi_csv_reader_clear(&reader);
        free(text);
    }
}

static void lines_can_be_skipped(void **state)
{
    (void)state;
    assert_reads(TEXT("# \"x\n\n1,2\n3,4\n"), ',', 2, "3:1|2/4:3|4");
    assert_reads(TEXT("1\n2\n"), ',', 5, "");
    assert_reads(TEXT("1\n2"), ',', 2, "");
}

static void long_lines_are_read(void **state)
{
    (void)state;
    enum { FIELDS = 100000 };
    char *text = malloc(2 * FIELDS + 1);
    assert_non_null(text);
    for (size_t i = 0; i < FIELDS; i++)
        memcpy(text + 2 * i, "7,", 2);
    text[2 * FIELDS - 1] = '\0';
    bp_allocator allocator = plain_allocator();
    csv_reader reader;
    input_file input;
    bool found = false;
    bpi_input_from_memory(&input, "f.csv", text, 2 * FIELDS - 1);
    assert_ok(bpi_csv_reader_init(&reader, &allocator, &input, ',', '.'));
    assert_ok(bpi_csv_next_record(&reader, &found));
    assert_true(found);
    assert_int_equal(reader.field_count, FIELDS);
    assert_string_equal(reader.fields[FIELDS - 1].text, "7");
    bpi_csv_reader_clear(&reader);
    free(text);
}

static void faults_are_placed(void **state)
{
    (void)state;
    const struct {
        const char *text;
        size_t size;
        char delimiter;
        const char *message;
    } rows[] = {
        {TEXT("1,2\n3,\"x\n\n"), ',', "f.csv:2: column 2: the quote that begins here is never closed"},
        {TEXT("\""), ',', "f.csv:1: column 1: the quote that begins here is never closed"},
        {TEXT("\"\"\""), ',', "f.csv:1: column 1: the quote that begins here is never closed"},
        {TEXT("1\n2,\"x\"y\n"), ',', "f.csv:2: column 2: text after the closing quote"},
        {TEXT("\"x\" \"y\"\n"), ',',
         "f.csv:1: column 1: a quote inside a field that does not begin with one"},
        {TEXT("\"x\"y z\n"), ' ', "f.csv:1: column 1: text after the closing quote"},
        {TEXT("1,2\n1,2,5\"\n"), ',', "f.csv:2: column 3: a quote inside a field"},
        {TEXT("1,2\n1\0,2\n"), ',', "f.csv:2: column 1: a NUL byte"},
        {TEXT("1 \0\n"), ' ', "f.csv:1: column 2: a NUL byte"},
        {TEXT("1,\"a\0\"\n"), ',', "f.csv:1: column 2: a NUL byte in quotes"},
        {TEXT("\0"), ',', "f.csv:1: column 1: a NUL byte"},
        {TEXT("\"a\nb\",c\"\n"), ',', "f.csv:2: column 2: a quote inside a field"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_fails(read_text(rows[i].text, rows[i].size, rows[i].delimiter), BP_ERROR_FORMAT,
                     rows[i].message);
}

static bp_status attempt_reading(void *context, const bp_allocator *allocator)
{
    (void)context;
    reading r = {TEXT("1,2,3,4,5,6,7,8,9\n1,2\n"), ',', 0, ""};
    return read_all(&r, allocator);
}

static void lack_of_memory_is_reported(void **state)
{
    (void)state;
    test_each_allocation_fails(attempt_reading, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_records),
        cmocka_unit_test(empty_fields_are_kept_and_empty_lines_are_not),
        cmocka_unit_test(blanks_around_fields_are_dropped),
        cmocka_unit_test(other_delimiters_are_used),
        cmocka_unit_test(quotes_protect),
        cmocka_unit_test(byte_order_mark_is_passed_over),
        cmocka_unit_test(a_line_sets_the_delimiter),
        cmocka_unit_test(blocks_do_not_show),
        cmocka_unit_test(lines_can_be_skipped),
        cmocka_unit_test(long_lines_are_read),
        cmocka_unit_test(faults_are_placed),
        cmocka_unit_test(lack_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
