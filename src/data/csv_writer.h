/* Rows of CSV text, which csv_reader.h reads back. */
#ifndef BPI_DATA_CSV_WRITER_H
#define BPI_DATA_CSV_WRITER_H

#include "base/write_file.h"

enum { CSV_WRITER_BYTES = 1 << 14 };

typedef struct csv_writer {
    output_file *file; /* open; borrowed */
    char delimiter;    /* ' ': cells are separated by one */
    char point;        /* the decimal sign */
    size_t cells;      /* of the row that is being written */
    bool is_blank;     /* nothing of that row is visible so far */
    size_t length;
    char buffer[CSV_WRITER_BYTES]; /* what is not written to the file yet */
} csv_writer;

void bpi_csv_writer_init(csv_writer *writer, output_file *file, char delimiter, char point);

/* Each writes a cell; FILE. The text may be of two parts, of which the second may be "". */
bp_status bpi_csv_write_text(csv_writer *writer, const char *text, const char *more);
/* With so many digits that it is read back to the same bits. Trusts that the thread's locale is "C". */
bp_status bpi_csv_write_number(csv_writer *writer, bp_real value);
/* A cell that is missing. */
bp_status bpi_csv_write_missing(csv_writer *writer);

bp_status bpi_csv_end_row(csv_writer *writer);

/* Writes what is left in the buffer. */
bp_status bpi_csv_writer_finish(csv_writer *writer);

#endif
