/* Short numbers at the start of text, against strtod. */
#include "base/scan_number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

/* The text in a block of its own with just the slack that is promised, so that a memory checker sees what is
 * read behind it; which bytes those are makes no difference. */
static char *in_a_block(const char *text, size_t length, char slack)
{
    char *block = malloc(length + SCAN_SLACK);
    assert_non_null(block);
    memcpy(block, text, length);
    memset(block + length, slack, SCAN_SLACK);
    block[length] = '\0';
    return block;
}

/* What strtod makes of the digits, sign and decimal sign that text begins with; the length of these. */
static size_t plain_part(const char *text, char point)
{
    size_t length = text[0] == '-' || text[0] == '+';
    length += strspn(text + length, "0123456789");
    if (text[length] == point)
        length += 1 + strspn(text + length + 1, "0123456789");
    return length;
}

static double wanted_value(const char *text, size_t length, char point)
{
    char plain[128];
    memcpy(plain, text, length);
    plain[length] = '\0';
    char *sign = strchr(plain, point);
    if (sign != NULL)
        *sign = '.';
    return strtod(plain, NULL);
}

static size_t count_digits(const char *text, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += text[i] >= '0' && text[i] <= '9';
    return count;
}

/* A number is scanned if it has 1 to 15 digits and no exponent; then it is strtod's, bit by bit. */
static void check(const char *text, size_t size, char point, char slack)
{
    char *block = in_a_block(text, size, slack);
    double value = -77;
    const char *number_end = bpi_scan_number(block, point, &value);
    const size_t length = plain_part(block, point), digits = count_digits(block, length);
    const bool has_exponent = block[length] == 'e' || block[length] == 'E';
    assert_true((number_end != NULL) ==
                (digits >= 1 && digits <= 15 && !has_exponent && FLT_EVAL_METHOD == 0));
    if (number_end == NULL) {
        assert_true(value == -77);
    } else {
        const double wanted = wanted_value(block, length, point);
        if (number_end != block + length || memcmp(&value, &wanted, sizeof value) != 0)
            print_error("'%s': %.17g, not %.17g\n", block, value, wanted);
        assert_ptr_equal(number_end, block + length);
        assert_memory_equal(&value, &wanted, sizeof value);
    }
    free(block);
}

static void worked_cases(void **state)
{
    (void)state;
    const char *const texts[] = {"0",        "-0",        "+0.",    ".5",    "-.5", "5.",  "1.25,",
                                 "12345678", "123456789", "",       ".",     "-",   "+-1", "--1",
                                 "1e5",      "1.5E2",     "0.1;",   "1..2",  "0.3", "1 2", "a",
                                 "1a",       "1,5",       "1\t2\n", "00012", "-0.0"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        for (int slack = 0; slack < 256; slack += 15) {
            check(texts[i], strlen(texts[i]), '.', (char)slack);
            check(texts[i], strlen(texts[i]), ',', (char)slack);
        }
}

/* Runs of digits of every length before and after the decimal sign, whatever follows. */
static void every_length(void **state)
{
    (void)state;
    const char *const ends[] = {"", ",", "\n", "e", "/", ":"};
    for (size_t whole = 0; whole <= 20; whole++)
        for (size_t fraction = 0; fraction <= 20; fraction++)
            for (size_t end = 0; end < 6; end++) {
                char text[64];
                snprintf(text, sizeof text, "%.*s.%.*s%s", (int)whole, "98765432109876543210", (int)fraction,
                         "12345678901234567890", ends[end]);
                check(text, strlen(text), '.', '9');
                check(text, strlen(text), '.', '\0');
            }
}

static size_t make_digits(char *text, uint64_t *random, size_t most)
{
    size_t count = test_below(random, most + 1);
    for (size_t i = 0; i < count; i++)
        text[i] = (char)('0' + (test_below(random, 4) == 0 ? 0 : test_below(random, 10)));
    return count;
}

/* Mostly numbers of all shapes, followed by anything. */
static void random_numbers(void **state)
{
    (void)state;
    uint64_t random = 1986;
    const char *const signs[] = {"", "", "-", "+"};
    for (int round = 0; round < 400000; round++) {
        char text[64];
        const char point = ".,"[test_below(&random, 2)];
        size_t size = strlen(strcpy(text, signs[test_below(&random, 4)]));
        size += make_digits(text + size, &random, test_below(&random, 3) == 0 ? 20 : 9);
        if (test_below(&random, 4) > 0) {
            text[size++] = point;
            size += make_digits(text + size, &random, test_below(&random, 3) == 0 ? 20 : 9);
        }
        for (size_t more = test_below(&random, 4); more > 0; more--)
            text[size++] = (char)(1 + test_below(&random, 255));
        check(text, size, point, (char)test_below(&random, 256));
    }
}

/* Characters near the digits in the table of ASCII, and those with other upper bits. */
static void random_texts(void **state)
{
    (void)state;
    static const char characters[] = "0123456789.,+-eE/:;<=>?@ \x10\x19\x3a\x70\x79\xb0\xb9\xc5\xff";
    uint64_t random = 42;
    for (int round = 0; round < 200000; round++) {
        char text[32];
        size_t size = test_below(&random, sizeof text);
        for (size_t i = 0; i < size; i++)
            text[i] = characters[test_below(&random, sizeof characters - 1)];
        check(text, size, '.', characters[test_below(&random, sizeof characters - 1)]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worked_cases),
        cmocka_unit_test(every_length),
        cmocka_unit_test(random_numbers),
        cmocka_unit_test(random_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
