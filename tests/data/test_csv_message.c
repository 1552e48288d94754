/* What messages about CSV text say. */
#include "data/csv_message.h"

#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static void excerpts_are_short_and_printable(void **state)
{
    (void)state;
    assert_string_equal(bpi_csv_excerpt("").text, "");
    assert_string_equal(bpi_csv_excerpt("a\n\x1b\x7f\xC3\xA4").text, "a???\xC3\xA4");
    assert_string_equal(bpi_csv_excerpt("12345678901234567890123456789012").text,
                        "12345678901234567890123456789012");
    assert_string_equal(bpi_csv_excerpt("123456789012345678901234567890123").text,
                        "12345678901234567890123456789012...");
    /* Characters of UTF-8 are whole. */
    assert_string_equal(bpi_csv_excerpt("1234567890123456789012345678901\xC3\xA4").text,
                        "1234567890123456789012345678901...");
    assert_string_equal(bpi_csv_excerpt("123456789012345678901234567890\xC3\xA4 more").text,
                        "123456789012345678901234567890\xC3\xA4...");
}

static void places_have_their_line_however_long_the_path_is(void **state)
{
    (void)state;
    static char path[6001];
    input_file input = {.path = "data.csv"};
    const csv_reader reader = {.input = &input};
    assert_string_equal(bpi_csv_place(&reader, 3).text, "data.csv:3");
    memset(path, 'x', sizeof path - 1);
    input.path = path;
    const csv_place place = bpi_csv_place(&reader, SIZE_MAX);
    assert_true(strlen(place.text) > 4096);
    assert_non_null(strchr(place.text, ':'));
    assert_true(strtoull(strchr(place.text, ':') + 1, NULL, 10) == SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(excerpts_are_short_and_printable),
        cmocka_unit_test(places_have_their_line_however_long_the_path_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
