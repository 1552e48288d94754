#include "data/fill.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "data/row_encoder.h"

bool bpi_is_filled(const schema_column *column)
{
    return column->role == BP_ROLE_INPUT && column->missing >= BP_MISSING_MEAN;
}

static bool needs_fills(const bp_dataset *dataset)
{
    if (dataset->schema == NULL || !dataset->learns_fills)
        return false;
    for (size_t i = 0; i < dataset->schema->column_count; i++)
        if (bpi_is_filled(&dataset->schema->columns[i]))
            return true;
    return false;
}

/* ------------------------------------------------------------------- memory */

/* Sorts cells by their columns. */
static void sort_cells(cells_of_columns *sorted, const missing_cells *cells, size_t columns)
{
    size_t *next = sorted->ends; /* each ends where the next column begins */
    for (size_t i = 0; i < cells->count; i++)
        next[cells->cells[i].column]++;
    for (size_t i = 0, first = 0; i < columns; i++) {
        const size_t count = next[i];
        next[i] = first;
        first += count;
    }
    for (size_t i = 0; i < cells->count; i++)
        sorted->rows[next[cells->cells[i].column]++] = cells->cells[i].row;
}

/* False when there is no memory. */
static bool allocate_cells(cells_of_columns *sorted, const bp_dataset *dataset, const missing_cells *cells)
{
    const size_t columns = dataset->schema->column_count;
    sorted->rows = bpi_allocate(&dataset->allocator, cells->count, sizeof *sorted->rows);
    sorted->ends = bpi_allocate_zeroed(&dataset->allocator, columns, sizeof *sorted->ends);
    if (sorted->rows == NULL || sorted->ends == NULL)
        return false;
    sort_cells(sorted, cells, columns);
    return true;
}

static void release_cells(const bp_dataset *dataset, cells_of_columns *sorted)
{
    bpi_release(&dataset->allocator, sorted->rows);
    bpi_release(&dataset->allocator, sorted->ends);
}

bp_status bpi_fill_allocate(fill_memory *memory, const char *function, const bp_dataset *dataset)
{
    *memory = (fill_memory){0};
    if (!needs_fills(dataset))
        return BP_OK;
    const bp_allocator *allocator = &dataset->allocator;
    memory->values = bpi_allocate(allocator, dataset->cases, sizeof *memory->values);
    memory->is_empty = bpi_allocate_zeroed(allocator, dataset->cases, sizeof *memory->is_empty);
    memory->where = bpi_allocate(allocator, dataset->cases, sizeof *memory->where);
    if (memory->values == NULL || memory->is_empty == NULL || memory->where == NULL ||
        !allocate_cells(&memory->missing, dataset, &dataset->missing) ||
        !allocate_cells(&memory->unknown, dataset, &dataset->unknown))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory to fill in missing cells of %zu cases", function,
                        dataset->cases);
    return BP_OK;
}

void bpi_fill_release(fill_memory *memory, const bp_dataset *dataset)
{
    bpi_release(&dataset->allocator, memory->values);
    bpi_release(&dataset->allocator, memory->is_empty);
    bpi_release(&dataset->allocator, memory->where);
    release_cells(dataset, &memory->missing);
    release_cells(dataset, &memory->unknown);
}

/* ------------------------------------------------------------------ the values */

/* A column's part of the rows. */
static case_range rows_of(const cells_of_columns *cells, size_t column)
{
    const size_t first = column == 0 ? 0 : cells->ends[column - 1];
    return (case_range){first, cells->ends[column] - first};
}

/* Marks the missing or unknown cells of a column, or takes the marks away. */
static void mark(fill_memory *memory, const cells_of_columns *cells, size_t column, bool is_empty)
{
    const case_range range = rows_of(cells, column);
    for (size_t i = range.first; i < range.first + range.count; i++)
        memory->is_empty[cells->rows[i]] = is_empty;
}

static size_t gather(fill_memory *memory, const bp_dataset *dataset, size_t column, case_range range)
{
    size_t count = 0;
    for (size_t i = range.first; i < range.first + range.count; i++) {
        if (memory->is_empty[dataset->origin[i]])
            continue;
        double value =
            bpi_decode_cell(&dataset->schema->columns[column], dataset->inputs + i * dataset->input_width);
        if (!isnan(value))
            memory->values[count++] = value;
    }
    return count;
}

static int compare_values(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of sorted values. */
static double most_frequent(const double *values, size_t count)
{
    double best = values[0];
    size_t most = 0, run = 0;
    for (size_t i = 0; i < count; i++) {
        run = i > 0 && values[i] == values[i - 1] ? run + 1 : 1;
        if (run > most) {
            most = run;
            best = values[i];
        }
    }
    return best;
}

static double mean_of(const double *values, size_t count)
{
    double sum = 0, rest = 0, center = values[count / 2];
    for (size_t i = 0; i < count; i++) { /* deviations, so that large values lose nothing */
        double term = values[i] - center - rest;
        double next = sum + term;
        rest = (next - sum) - term;
        sum = next;
    }
    const double mean = center + sum / (double)count;
    if (isfinite(mean))
        return mean;
    sum = 0; /* the deviations were too large for a double */
    for (size_t i = 0; i < count; i++)
        sum += values[i] / (double)count;
    return sum;
}

static double find_fill(const schema_column *column, double *values, size_t count)
{
    if (count == 0)
        return 0;
    qsort(values, count, sizeof *values, compare_values);
    if (column->kind != BP_COLUMN_NUMBER || column->missing == BP_MISSING_MOST_FREQUENT)
        return most_frequent(values, count);
    if (column->missing == BP_MISSING_MEAN)
        return mean_of(values, count);
    return values[(count - 1) / 2] / 2 + values[count / 2] / 2;
}

/* ------------------------------------------------------------------ filling in */

/* A column of which no training case has a value is filled in with those of all cases. */
static void fill_column(fill_memory *memory, bp_dataset *dataset, size_t index, case_range training)
{
    schema_column *column = &dataset->schema->columns[index];
    mark(memory, &memory->missing, index, true);
    mark(memory, &memory->unknown, index, true);
    size_t count = gather(memory, dataset, index, training);
    if (count == 0)
        count = gather(memory, dataset, index, (case_range){0, dataset->cases});
    column->fill = (double)(bp_real)find_fill(column, memory->values, count);
    mark(memory, &memory->missing, index, false);
    mark(memory, &memory->unknown, index, false);
    const case_range rows = rows_of(&memory->missing, index);
    for (size_t i = rows.first; i < rows.first + rows.count; i++)
        bpi_encode_fill(column, column->fill,
                        dataset->inputs + memory->where[memory->missing.rows[i]] * dataset->input_width +
                            column->first);
}

void bpi_fill_missing(fill_memory *memory, bp_dataset *dataset, case_range training)
{
    if (memory->where == NULL)
        return;
    for (size_t i = 0; i < dataset->cases; i++)
        memory->where[dataset->origin[i]] = i;
    for (size_t i = 0; i < dataset->schema->column_count; i++)
        if (bpi_is_filled(&dataset->schema->columns[i]))
            fill_column(memory, dataset, i, training);
}
