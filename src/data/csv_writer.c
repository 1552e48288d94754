#include "data/csv_writer.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/signature.h"
#include "base/status.h"

void bpi_csv_writer_init(csv_writer *writer, output_file *file, char delimiter, char point)
{
    writer->file = file;
    writer->delimiter = delimiter;
    writer->point = point;
    writer->cells = writer->length = 0;
    writer->is_blank = true;
}

bp_status bpi_csv_writer_finish(csv_writer *writer)
{
    const size_t length = writer->length;
    writer->length = 0;
    return bpi_output_write(writer->file, writer->buffer, length);
}

static bp_status put(csv_writer *writer, char c)
{
    if (writer->length == CSV_WRITER_BYTES)
        BPI_TRY(bpi_csv_writer_finish(writer));
    writer->buffer[writer->length++] = c;
    return BP_OK;
}

static bp_status put_text(csv_writer *writer, const char *text)
{
    for (; *text != '\0'; text++)
        BPI_TRY(put(writer, *text));
    return BP_OK;
}

static bp_status begin_cell(csv_writer *writer, bool is_visible)
{
    writer->is_blank = writer->is_blank && !is_visible;
    return writer->cells++ == 0 ? BP_OK : put(writer, writer->delimiter);
}

/* ----------------------------------------------------------------------- text */

static bool has_special(const csv_writer *writer, const char *text)
{
    for (const char *p = text; *p != '\0'; p++)
        if ((unsigned char)*p < ' ' || *p == '"' || *p == writer->delimiter)
            return true;
    return false;
}

/* Would the text, without quotes, be cut, trimmed or taken for the beginning of a file of another kind? */
static bool needs_quotes(const csv_writer *writer, const char *text, const char *more)
{
    const char *first = *text == '\0' ? more : text, *second = *more == '\0' ? text : more;
    return *first == '\0' || *first == ' ' || second[strlen(second) - 1] == ' ' ||
           has_special(writer, text) || has_special(writer, more) || strncmp(first, "sep=", 4) == 0 ||
           (unsigned char)*first >= 0xef || bpi_foreign_table(first, strlen(first)) != NULL;
}

static bp_status put_quoted(csv_writer *writer, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '"')
            BPI_TRY(put(writer, '"'));
        BPI_TRY(put(writer, *text));
    }
    return BP_OK;
}

bp_status bpi_csv_write_text(csv_writer *writer, const char *text, const char *more)
{
    const bool is_quoted = needs_quotes(writer, text, more);
    BPI_TRY(begin_cell(writer, true));
    if (is_quoted)
        BPI_TRY(put(writer, '"'));
    BPI_TRY(put_quoted(writer, text));
    BPI_TRY(put_quoted(writer, more));
    return is_quoted ? put(writer, '"') : BP_OK;
}

/* -------------------------------------------------------------------- numbers */

/* The fewest digits that suffice, of those that a decimal always keeps to those that always suffice. */
static real_text shortest(bp_real value)
{
    static const int digits[] = {
#ifdef BP_DOUBLE
        DBL_DIG, DBL_DECIMAL_DIG - 1, DBL_DECIMAL_DIG
#else
        FLT_DIG, FLT_DECIMAL_DIG - 2, FLT_DECIMAL_DIG - 1, FLT_DECIMAL_DIG
#endif
    };
    const size_t count = sizeof digits / sizeof digits[0];
    real_text whole;
    if (fabs((double)value) < 1e9 && value == (bp_real)(int)value) { /* not 1e+05 */
        snprintf(whole.text, sizeof whole.text, "%.0f", (double)value);
        return whole;
    }
    for (size_t i = 0; i + 1 < count; i++) {
        const real_text text = bpi_format_digits((double)value, digits[i]);
        double back;
        if (bpi_parse_number(text.text, &back) == NUMBER_FINITE && (bp_real)back == value)
            return text;
    }
    return bpi_format_digits((double)value, digits[count - 1]);
}

bp_status bpi_csv_write_number(csv_writer *writer, bp_real value)
{
    real_text text = shortest(value);
    char *point = strchr(text.text, '.');
    if (point != NULL)
        *point = writer->point;
    const char *quote = point != NULL && writer->point == writer->delimiter ? "\"" : "";
    BPI_TRY(begin_cell(writer, true));
    BPI_TRY(put_text(writer, quote));
    BPI_TRY(put_text(writer, text.text));
    return put_text(writer, quote);
}

/* ----------------------------------------------------------------------- rows */

/* Blanks cannot separate nothing. */
bp_status bpi_csv_write_missing(csv_writer *writer)
{
    const bool is_quoted = writer->delimiter == ' ';
    BPI_TRY(begin_cell(writer, is_quoted));
    return is_quoted ? put_text(writer, "\"\"") : BP_OK;
}

/* A row of one missing cell would be an empty line, which is no row. */
bp_status bpi_csv_end_row(csv_writer *writer)
{
    if (writer->cells == 1 && writer->is_blank)
        BPI_TRY(put_text(writer, "\"\""));
    writer->cells = 0;
    writer->is_blank = true;
    return put(writer, '\n');
}
