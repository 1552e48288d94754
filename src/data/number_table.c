#include "data/number_table.h"

#include <string.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/status.h"
#include "data/table_header.h"

/* ------------------------------------------------------------------ beginning */

/* May all columns be of numbers, and will their cells be nothing but inputs and targets? */
static bool may_be_numbers(const table_learner *learner)
{
    if (learner->has_number_markers)
        return false;
    for (size_t i = 0; i < learner->column_count; i++) {
        const schema_column *column = &learner->schema->columns[i];
        if (column->role == BP_ROLE_IGNORED)
            continue;
        if ((column->role != BP_ROLE_INPUT && column->role != BP_ROLE_TARGET) || column->has_indicator ||
            (column->kind != BP_COLUMN_NUMBER &&
             (column->kind != BP_COLUMN_AUTO || column->role == BP_ROLE_TARGET)))
            return false;
    }
    return true;
}

/* About how many cases there are, by the lines in the buffer: a fifth more, since memory that is not used
 * costs little; but no more than there can be, with a digit and a separator for each column. */
static size_t estimate_cases(const csv_reader *reader, size_t columns)
{
    size_t lines = 1;
    const char *from = reader->buffer, *line_end;
    while ((line_end = memchr(from, '\n', (size_t)(reader->end - from))) != NULL) {
        lines++;
        from = line_end + 1;
    }
    const double share = (double)reader->input->size / (double)(reader->end - reader->buffer);
    return bpi_min((size_t)(1.2 * share * (double)lines), reader->input->size / 2 / columns) + 1;
}

static void add_column(number_table *table, size_t column, bool is_target, size_t to)
{
    column_run *last = table->run_count == 0 ? NULL : &table->runs[table->run_count - 1];
    if (last != NULL && last->is_target == is_target && last->first + last->count == column)
        last->count++;
    else
        table->runs[table->run_count++] = (column_run){column, 1, is_target, to};
}

static bp_status create(number_table *table, const table_learner *learner)
{
    const bp_allocator *allocator = table->reader->allocator;
    const char *where = table->reader->input->path;
    size_t inputs = 0, targets = 0;
    table->row = bpi_allocate(allocator, table->columns, sizeof *table->row);
    table->runs = bpi_allocate(allocator, table->columns, sizeof *table->runs);
    if (table->row == NULL || table->runs == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for %zu columns", where, table->columns);
    for (size_t i = 0; i < table->columns; i++) {
        const bp_column_role role = learner->schema->columns[i].role;
        if (role != BP_ROLE_IGNORED)
            add_column(table, i, role == BP_ROLE_TARGET, role == BP_ROLE_TARGET ? targets++ : inputs++);
    }
    table->capacity = estimate_cases(table->reader, table->columns);
    return bpi_dataset_new(&table->dataset, where, allocator, table->capacity, inputs, targets);
}

/* The numbers of the row become the next case. */
static bp_status store(number_table *table)
{
    if (table->dataset->cases == table->capacity) {
        const size_t capacity = table->capacity + table->capacity / 4 + 1;
        BPI_TRY(bpi_dataset_grow(table->dataset, table->reader->input->path, capacity));
        table->capacity = capacity;
    }
    bp_dataset *dataset = table->dataset;
    const size_t index = dataset->cases++;
    for (size_t i = 0; i < table->run_count; i++) {
        const column_run *run = &table->runs[i];
        bp_real *to = run->is_target ? dataset->targets + index * dataset->target_width
                                     : dataset->inputs + index * dataset->input_width;
        memcpy(to + run->to, table->row + run->first, run->count * sizeof *to);
    }
    return BP_OK;
}

bp_status bpi_number_table_begin(number_table *table, csv_reader *reader, const table_learner *learner)
{
    *table = (number_table){.reader = reader, .columns = learner->column_count};
    if (!may_be_numbers(learner))
        return BP_OK;
    BPI_TRY(create(table, learner));
    table->is_active = true;
    table->dataset->cases = 0;
    for (size_t i = 0; i < table->columns; i++) {
        if (!reader->fields[i].is_number)
            return BP_OK;
        table->row[i] = (bp_real)reader->fields[i].value;
    }
    return bpi_has_names(learner->options) ? BP_OK : store(table);
}

void bpi_number_table_clear(number_table *table)
{
    bp_dataset_destroy(table->dataset);
    if (table->reader != NULL) {
        bpi_release(table->reader->allocator, table->row);
        bpi_release(table->reader->allocator, table->runs);
    }
    *table = (number_table){0};
}

/* --------------------------------------------------------------------- reading */

bp_status bpi_number_table_read(number_table *table, bool *is_read)
{
    *is_read = false;
    if (!table->is_active)
        return BP_OK;
    BPI_TRY(bpi_csv_read_numbers(table->reader, table->columns, table->row, is_read));
    if (*is_read)
        return store(table);
    table->is_active = bpi_csv_is_at_end(table->reader);
    return BP_OK;
}

bool bpi_number_table_is_complete(const number_table *table, const table_learner *learner)
{
    return table->is_active && table->dataset->cases == learner->records;
}

/* Drops the inputs that the schema has not: those of columns that only number the rows. */
static void drop_inputs(const number_table *table, const bp_schema *schema)
{
    bp_dataset *dataset = table->dataset;
    bp_real *to = dataset->inputs;
    const bp_real *from = dataset->inputs;
    for (size_t row = 0; row < dataset->cases; row++)
        for (size_t i = 0; i < table->run_count; i++) {
            const column_run *run = &table->runs[i];
            for (size_t k = 0; !run->is_target && k < run->count; k++, from++)
                if (schema->columns[run->first + k].role == BP_ROLE_INPUT)
                    *to++ = *from;
        }
    dataset->input_width = schema->input_width;
}

bp_dataset *bpi_number_table_take(number_table *table, const bp_schema *schema)
{
    bp_dataset *dataset = table->dataset;
    if (dataset->input_width > schema->input_width)
        drop_inputs(table, schema);
    table->dataset = NULL;
    return dataset;
}
