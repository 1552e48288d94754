/* Fields of CSV text as numbers. */
#ifndef BPI_DATA_CSV_NUMBER_H
#define BPI_DATA_CSV_NUMBER_H

#include "data/csv_reader.h"

/* What a field is as a number; sets *value for NUMBER_FINITE. Trusts that the thread's locale is "C". */
number_kind bpi_csv_number(const csv_reader *reader, const csv_field *field, double *value);

/* Is a field that is no number one that is written otherwise: with the other of '.' and ',' as the decimal
 * sign; with one of them, a blank or an apostrophe between thousands; with a sign of percent or money? */
bool bpi_csv_is_other_number(const csv_reader *reader, const csv_field *field);

/* Writes a field that is a number with a point, where the file has another decimal sign. */
void bpi_csv_use_point(const csv_reader *reader, const csv_field *field);

#endif
