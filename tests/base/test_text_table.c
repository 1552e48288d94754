/* Cells of tables. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "base/text_table.h"

static void test_names(void **state)
{
    (void)state;
    char long_name[1000];
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = 0;
    const char *const names[] = {
        "setosa", "exactly 12 c", "more than 12 characters", "G\xc3\xbcte\nx", NULL, long_name, ""};
    const struct {
        const char *text;
        size_t width;
    } wanted[] = {{"setosa", 6},
                  {"exactly 12 c", 12},
                  {"more than ..", 12},
                  {"G\xc3\xbcte x", 6},
                  {"4", 1},
                  {"aaaaaaaaaa..", 12},
                  {"", 0}};
    for (size_t i = 0; i < 7; i++) {
        const table_cell cell = bpi_table_name(names, i, 12);
        assert_string_equal(cell.text, wanted[i].text);
        assert_int_equal(cell.width, wanted[i].width);
    }
    assert_string_equal(bpi_table_name(NULL, 17, 12).text, "17");
}

/* Whatever the bytes, a cell stays within its room. */
static void test_bytes_that_are_no_text(void **state)
{
    (void)state;
    uint64_t stream = 1;
    for (size_t round = 0; round < 2000; round++) {
        char name[400];
        size_t length = test_below(&stream, sizeof name);
        for (size_t i = 0; i < length; i++)
            name[i] =
                (char)(round % 2 == 0 ? 0x80 + test_below(&stream, 0x80) : 1 + test_below(&stream, 255));
        name[length] = 0;
        const char *const names[] = {name};
        const table_cell cell = bpi_table_name(names, 0, 24);
        assert_true(strlen(cell.text) < sizeof cell.text);
        assert_true(cell.width <= 24);
        assert_null(strpbrk(cell.text, "\n\r\t"));
    }
}

static void test_numbers(void **state)
{
    (void)state;
    assert_string_equal(bpi_table_share(0.9536).text, "0.954");
    assert_string_equal(bpi_table_share(1).text, "1.000");
    assert_string_equal(bpi_table_share(1 + 1e-15).text, "1.000");
    assert_string_equal(bpi_table_share(0).text, "0.000");
    assert_string_equal(bpi_table_share((double)NAN).text, "-");
    assert_string_equal(bpi_table_share((double)INFINITY).text, "inf");
    assert_string_equal(bpi_table_share(-0.25).text, "-0.25");
    assert_string_equal(bpi_table_count(123456789012).text, "123456789012");
    assert_string_equal(bpi_table_count(2.5).text, "2.5");
    assert_string_equal(bpi_table_count(1e300).text, "1e+300");
    assert_string_equal(bpi_table_number(1234.5678, 6).text, "1234.57");
    assert_string_equal(bpi_table_number((double)NAN, 6).text, "-");
}

static void test_alignment(void **state)
{
    (void)state;
    char buffer[64];
    text_sink sink;
    const table_cell name = bpi_table_text("G\xc3\xbcte"), number = bpi_table_text("7"),
                     wide = bpi_table_text("12345");
    assert_ok(bpi_text_begin(&sink, "f", buffer, sizeof buffer));
    bpi_table_left(&sink, &name, 6);
    bpi_table_right(&sink, &number, 3);
    bpi_table_right(&sink, &wide, 3);
    assert_ok(bpi_text_end(&sink, "f", NULL));
    assert_string_equal(buffer, "G\xc3\xbcte      7  12345");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_bytes_that_are_no_text),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_alignment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
