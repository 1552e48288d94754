#include "data/csv_number.h"

#include <string.h>

/* What a text is with `sign` as the decimal sign. */
static number_kind parse(char *text, char sign, double *value)
{
    if (sign == '.')
        return bpi_parse_number(text, value);
    if (strchr(text, '.') != NULL) /* between thousands, perhaps */
        return NUMBER_NONE;
    char *place = strchr(text, sign);
    if (place != NULL)
        *place = '.';
    number_kind kind = bpi_parse_number(text, value);
    if (place != NULL)
        *place = sign;
    return kind;
}

number_kind bpi_csv_number(const csv_reader *reader, const csv_field *field, double *value)
{
    if (!field->is_number)
        return parse(field->text, reader->point, value);
    *value = field->value;
    return NUMBER_FINITE;
}

static size_t count_digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* "1.234.567,8": groups of three digits, and perhaps a fraction after the other sign. */
static bool has_groups(const char *text)
{
    text += *text == '-' || *text == '+';
    const size_t first = count_digits(text);
    const char sign = text[first];
    if (first < 1 || first > 3 || (sign != '.' && sign != ','))
        return false;
    for (text += first; *text == sign; text += 4)
        if (count_digits(text + 1) != 3)
            return false;
    if (*text == '.' || *text == ',')
        text += 1 + count_digits(text + 1);
    return *text == '\0';
}

/* ------------------------------------------------- signs of money and thousands */

enum { LONGEST = 48 }; /* longer texts are no numbers that someone wrote */

static const char *const blanks[] = {" ", "\xC2\xA0", "\xE2\x80\xAF"}; /* no-break spaces */
/* With the signs of euro, pound, yen and rupee, and zl with its stroke. */
static const char *const marks[] = {"$",   "%",   "\xE2\x82\xAC", "\xC2\xA3",  "\xC2\xA5", "\xE2\x82\xB9",
                                    "US$", "kr.", "kr",           "z\xC5\x82", "EUR",      "USD",
                                    "GBP", "CHF", "SEK",          "NOK",       "DKK",      "PLN"};

/* The length of one of these with which a text begins, or 0. */
static size_t match(const char *text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strncmp(text, list[i], strlen(list[i])) == 0)
            return strlen(list[i]);
    return 0;
}

static size_t match_blank(const char *text)
{
    return match(text, blanks, sizeof blanks / sizeof blanks[0]);
}

/* What stands before or after a number: one mark, with blanks around. */
static size_t match_mark(const char *text)
{
    size_t length = 0;
    for (size_t n; (n = match_blank(text + length)) > 0;)
        length += n;
    length += match(text + length, marks, sizeof marks / sizeof marks[0]);
    for (size_t n; (n = match_blank(text + length)) > 0;)
        length += n;
    return length;
}

/* What stands between thousands in a text: a blank or an apostrophe, before three digits. */
static size_t match_separator(const char *text)
{
    const size_t length = *text == '\'' ? 1 : match_blank(text);
    return length > 0 && count_digits(text + length) == 3 ? length : 0;
}

/* Writes the number without its marks and separators; false if something else is left. */
static bool strip(const char *text, char *number)
{
    size_t length = 0;
    if (*text == '-' || *text == '+')
        number[length++] = *text++;
    text += match_mark(text);
    if (length == 0 && (*text == '-' || *text == '+'))
        number[length++] = *text++;
    for (bool after_digit = false; length < LONGEST; number[length++] = *text++) {
        text += after_digit ? match_separator(text) : 0;
        after_digit = count_digits(text) > 0;
        if (!after_digit && *text != '.' && *text != ',')
            break;
    }
    number[length] = '\0';
    return length > 0 && text[match_mark(text)] == '\0';
}

bool bpi_csv_is_other_number(const csv_reader *reader, const csv_field *field)
{
    char number[LONGEST + 1];
    double value;
    const unsigned char first = (unsigned char)*field->text;
    if (first < 0x80 && strchr("0123456789+-.,$%CDEGNPSUk", first) == NULL) /* most words */
        return false;
    if (parse(field->text, reader->point == '.' ? ',' : '.', &value) == NUMBER_FINITE)
        return true;
    if (strlen(field->text) > LONGEST || !strip(field->text, number))
        return false;
    return parse(number, '.', &value) == NUMBER_FINITE || parse(number, ',', &value) == NUMBER_FINITE ||
           has_groups(number);
}

void bpi_csv_use_point(const csv_reader *reader, const csv_field *field)
{
    double value;
    if (reader->point == '.' || bpi_csv_number(reader, field, &value) != NUMBER_FINITE)
        return;
    char *place = strchr(field->text, reader->point);
    if (place != NULL)
        *place = '.';
}
