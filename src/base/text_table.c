#include "base/text_table.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Does a character of UTF-8 begin with this byte? */
static bool begins(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

static char without_control(char byte)
{
    return (unsigned char)byte < ' ' || byte == 0x7f ? ' ' : byte;
}

/* How many characters text has, or most + 1 if it has more or does not fit into a cell. */
static size_t count_characters(const char *text, size_t most)
{
    size_t count = 0;
    for (size_t i = 0; text[i] != 0; i++) {
        count += begins(text[i]);
        if (count > most || i + 1 == sizeof((table_cell *)NULL)->text)
            return most + 1;
    }
    return count;
}

/* Copies up to `count` characters. */
static void copy(table_cell *cell, const char *text, size_t count)
{
    enum { DOTS = 2 };
    size_t used = 0;
    for (; text[used] != 0 && used + DOTS + 1 < sizeof cell->text; used++) {
        if (begins(text[used]) && cell->width == count)
            break;
        cell->width += begins(text[used]);
        cell->text[used] = without_control(text[used]);
    }
    cell->text[used] = 0;
}

static table_cell cell_of(const char *text, size_t most)
{
    table_cell cell = {.width = 0};
    bool is_cut = count_characters(text, most) > most;
    copy(&cell, text, is_cut ? most - 2 : most);
    if (is_cut) {
        strcat(cell.text, "..");
        cell.width += 2;
    }
    return cell;
}

table_cell bpi_table_text(const char *text)
{
    return cell_of(text, sizeof((table_cell *)NULL)->text);
}

table_cell bpi_table_name(const char *const *names, size_t index, size_t most)
{
    char number[32];
    if (names != NULL && names[index] != NULL)
        return cell_of(names[index], most);
    snprintf(number, sizeof number, "%zu", index);
    return bpi_table_text(number);
}

table_cell bpi_table_number(double value, int digits)
{
    return bpi_table_text(isnan(value) ? "-" : bpi_format_digits(value, digits).text);
}

table_cell bpi_table_share(double value)
{
    enum { DIGITS = 3 };
    char text[32];
    if (!(value >= 0 && value <= 1.0005)) /* 1, and a rounding error */
        return bpi_table_number(value, DIGITS);
    const long thousandths = lround(value * 1000);
    snprintf(text, sizeof text, "%ld.%03ld", thousandths / 1000, thousandths % 1000);
    return bpi_table_text(text);
}

table_cell bpi_table_count(double value)
{
    enum { DIGITS = 6 };
    const double most = 1e15; /* below it a double has all integers */
    char text[32];
    if (!(fabs(value) < most) || value != floor(value))
        return bpi_table_number(value, DIGITS);
    snprintf(text, sizeof text, "%.0f", value);
    return bpi_table_text(text);
}

void bpi_table_left(text_sink *sink, const table_cell *cell, size_t width)
{
    bpi_text(sink, cell->text);
    bpi_text_repeat(sink, ' ', width > cell->width ? width - cell->width : 0);
}

void bpi_table_right(text_sink *sink, const table_cell *cell, size_t width)
{
    bpi_text_repeat(sink, ' ', 2 + (width > cell->width ? width - cell->width : 0));
    bpi_text(sink, cell->text);
}
