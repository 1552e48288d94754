/* Columns that number the rows of a table, and say nothing of the cases. */
#ifndef BPI_DATA_ROW_NUMBERS_H
#define BPI_DATA_ROW_NUMBERS_H

#include "data/table_learner_types.h"

/* Before the first record: which columns may have such numbers? */
void bpi_row_numbers_begin(table_learner *learner);

/* A number of the next row, which is learner->rows; and the numbers of a whole row. */
void bpi_row_numbers_add(table_learner *learner, size_t column, double value);
void bpi_row_numbers_add_row(table_learner *learner, const bp_real *numbers);

/* The row before the one that was taken for the first: a header turned out to be a case. */
void bpi_row_numbers_add_before(table_learner *learner, size_t column, double value);

/* The columns are known: leaves out those that number the rows, if other inputs are left. Their role is
 * BP_ROLE_IGNORED then, and their kind still BP_COLUMN_NUMBER. */
void bpi_row_numbers_leave_out(table_learner *learner);

/* Is a column of a learned schema one that was left out for this? */
bool bpi_has_row_numbers(const schema_column *column);

#endif
