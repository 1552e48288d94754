/* Decimal numbers in text, compared with the C library's strtod. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/real.h"

/* strtod is right for whatever is a decimal number. */
static void assert_as_strtod(const char *text)
{
    double wanted = strtod(text, NULL), got = 12345;
    number_kind kind = bpi_parse_number(text, &got);
    if (kind != (bpi_fits_real(wanted) ? NUMBER_FINITE : NUMBER_NOT_FINITE) ||
        (kind == NUMBER_FINITE && memcmp(&got, &wanted, sizeof got) != 0))
        fail_msg("'%s' is %.17g (kind %d), strtod says %.17g", text, got, (int)kind, wanted);
}

static void numbers_are_as_strtod_says(void **state)
{
    (void)state;
    const char *const texts[] = {
        "0",
        "-0",
        "+0",
        "7",
        "-7",
        "+7",
        "007",
        ".5",
        "5.",
        "-.5",
        "+5.",
        "1e5",
        "1E5",
        "1e+5",
        "1e-5",
        "1.5e22",
        "1e22",
        "1e23",
        "1e-22",
        "1e-23",
        "0e9",
        "0.1",
        "1e37",
        "-1e38",
        "3.4e38",
        "5.1",
        "123456789012345",
        "9007199254740991",
        "9007199254740992",
        "9007199254740993",
        "-9007199254740993",
        "90071992547409921",
        "18446744073709551616",
        "123456789012345678901234567890",
        "0.00000000000000000000000000000000001",
        "1e-999",
        "1e-99999999999",
        "2.2250738585072011e-308",
        "4.9e-324",
        "0.1000000000000000055511151231257827",
        "1e999",
        "-1e400",
        "1e99999999999999999999",
        "3.5e38",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_as_strtod(texts[i]);
}

static void random_numbers_are_as_strtod_says(void **state)
{
    (void)state;
    uint64_t random = 1;
    for (int i = 0; i < 200000; i++) {
        char text[64];
        size_t length = 0;
        size_t digits = 1 + test_below(&random, i % 2 == 0 ? 17 : 30);
        size_t point = test_below(&random, 2 * digits);
        if (test_below(&random, 2) == 0)
            text[length++] = '-';
        for (size_t d = 0; d < digits; d++) {
            if (d == point)
                text[length++] = '.';
            text[length++] = (char)('0' + test_below(&random, 10));
        }
        text[length] = '\0';
        if (test_below(&random, 2) == 0)
            snprintf(text + length, sizeof text - length, "e%d", (int)test_below(&random, 90) - 45);
        assert_as_strtod(text);
    }
}

static void very_long_numbers_are_read(void **state)
{
    (void)state;
    enum { LONG = 3000 };
    char text[LONG + 16];
    memset(text, '0', LONG);
    memcpy(text, "0.", 2);
    strcpy(text + LONG, "1e2998");
    assert_as_strtod(text); /* 0.1 */
    text[LONG] = '\0';
    assert_as_strtod(text); /* 0 */
    memset(text, '9', LONG);
    assert_as_strtod(text); /* too large */
    text[LONG / 2] = '.';
    strcpy(text + LONG, "e-1500");
    assert_as_strtod(text); /* 1 */
}

static void not_finite_is_distinguished(void **state)
{
    (void)state;
    const char *const texts[] = {"nan", "NaN", "-nan", "inf", "+INF", "-Infinity", "infinity"};
    double value = 5;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(bpi_parse_number(texts[i], &value), NUMBER_NOT_FINITE);
    assert_int_equal(bpi_parse_number("1e39", &value), TOLERANCE(NUMBER_NOT_FINITE, NUMBER_FINITE));
    assert_true(value == TOLERANCE(5, 1e39));
}

static void all_else_is_none(void **state)
{
    (void)state;
    const char *const texts[] = {"",    "+",    "-",        ".",     "-.",   "+.e5",    "e5",
                                 "1e",  "1e+",  "1e-",      "1e.5",  "1e5.", "0x10",    "0x1p3",
                                 "1 ",  " 1",   "1,5",      "1.2.3", "--1",  "+-1",     "1-",
                                 "1f",  "1.0L", "1_000",    "nano",  "in",   "infinit", "nan(1)",
                                 "- 1", "1e 5", "\xd9\xa1", "abc",   "?",    "NA"};
    double value = 5;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (bpi_parse_number(texts[i], &value) != NUMBER_NONE)
            fail_msg("'%s' was taken for a number", texts[i]);
    assert_true(value == 5);
}

static void c_locale_is_left_as_entered(void **state)
{
    (void)state;
    const locale_t before = uselocale((locale_t)0);
    c_locale locale;
    assert_true(bpi_c_locale_enter(&locale));
    assert_ptr_not_equal(uselocale((locale_t)0), before);
    assert_string_equal(localeconv()->decimal_point, ".");
    bpi_c_locale_leave(&locale);
    assert_ptr_equal(uselocale((locale_t)0), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_as_strtod_says), cmocka_unit_test(random_numbers_are_as_strtod_says),
        cmocka_unit_test(very_long_numbers_are_read), cmocka_unit_test(not_finite_is_distinguished),
        cmocka_unit_test(all_else_is_none),           cmocka_unit_test(c_locale_is_left_as_entered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
