#include "data/row_numbers.h"

#include <math.h>

#include "base/real.h"

/* Fewer rows may be in the order of a number by chance, or on purpose. */
enum { FEW_ROWS = 10 };
/* From here on a bp_real does not hold every whole number. */
#define MOST (1.0 / (double)BPI_REAL_EPSILON)

void bpi_row_numbers_begin(table_learner *learner)
{
    for (size_t i = 0; i < learner->column_count; i++) {
        const schema_column *column = &learner->schema->columns[i];
        learner->columns[i].counts =
            column->role == BP_ROLE_INPUT && column->kind == BP_COLUMN_AUTO && !column->is_chosen;
        learner->count_count += learner->columns[i].counts;
    }
}

static void stop_counting(table_learner *learner, size_t column)
{
    learner->count_count -= learner->columns[column].counts;
    learner->columns[column].counts = false;
}

void bpi_row_numbers_add(table_learner *learner, size_t index, double value)
{
    column_learner *column = &learner->columns[index];
    if (learner->rows == 0)
        column->first_count = value;
    else if ((bp_real)value != (bp_real)(column->first_count + (double)learner->rows))
        stop_counting(learner, index);
    if (learner->rows == 0 && (value != floor(value) || fabs(value) >= MOST))
        stop_counting(learner, index);
}

void bpi_row_numbers_add_row(table_learner *learner, const bp_real *numbers)
{
    for (size_t i = 0; learner->count_count > 0 && i < learner->column_count; i++)
        if (learner->columns[i].counts)
            bpi_row_numbers_add(learner, i, (double)numbers[i]);
}

void bpi_row_numbers_add_before(table_learner *learner, size_t index, double value)
{
    column_learner *column = &learner->columns[index];
    if (column->counts && learner->rows > 0 && value != column->first_count - 1)
        stop_counting(learner, index);
}

static bool are_row_numbers(const table_learner *learner, size_t index)
{
    const schema_column *column = &learner->schema->columns[index];
    const column_learner *seen = &learner->columns[index];
    return column->role == BP_ROLE_INPUT && column->kind == BP_COLUMN_NUMBER && seen->counts &&
           seen->words == 0 && seen->missing == 0;
}

void bpi_row_numbers_leave_out(table_learner *learner)
{
    size_t others = 0;
    if (learner->rows < FEW_ROWS)
        return;
    for (size_t i = 0; i < learner->column_count; i++)
        others += learner->schema->columns[i].role == BP_ROLE_INPUT && !are_row_numbers(learner, i);
    for (size_t i = 0; others > 0 && i < learner->column_count; i++)
        if (are_row_numbers(learner, i)) {
            learner->schema->columns[i].role = BP_ROLE_IGNORED;
            learner->schema->columns[i].has_indicator = false;
        }
}

bool bpi_has_row_numbers(const schema_column *column)
{
    return column->role == BP_ROLE_IGNORED && column->kind == BP_COLUMN_NUMBER;
}
