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

bool bpi_csv_is_other_number(const csv_reader *reader, const csv_field *field)
{
    double value;
    if (strchr("0123456789+-.,", *field->text) == NULL) /* most words */
        return false;
    return parse(field->text, reader->point == '.' ? ',' : '.', &value) == NUMBER_FINITE ||
           has_groups(field->text);
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
