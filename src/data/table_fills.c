#include "data/table_fills.h"

#include <math.h>

#include "base/memory.h"
#include "base/status.h"
#include "data/fill.h"
#include "data/row_encoder.h"

static bool is_number(const schema_column *column)
{
    return column->kind == BP_COLUMN_NUMBER;
}

static bp_status check_rules(const char *where, const bp_schema *schema, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < schema->column_count; i++) {
        const schema_column *column = &schema->columns[i];
        if (!bpi_is_filled(column))
            continue;
        if (is_number(column) && column->missing != BP_MISSING_MEAN)
            return bpi_fail(
                BP_ERROR_UNSUPPORTED,
                "%s: column %s: %s needs all numbers at once; BP_MISSING_MEAN does not, or load a part "
                "of the rows as a dataset and set its schema as options.schema",
                where, bpi_column_label(schema->columns, i).text,
                column->missing == BP_MISSING_MEDIAN ? "BP_MISSING_MEDIAN" : "BP_MISSING_MOST_FREQUENT");
        ++*count;
    }
    return BP_OK;
}

static bp_status add_columns(table_fills *fills, const char *where, const bp_allocator *allocator)
{
    for (size_t i = 0; i < fills->schema->column_count; i++) {
        const schema_column *column = &fills->schema->columns[i];
        if (!bpi_is_filled(column))
            continue;
        column_fill *fill = &fills->columns[fills->count++];
        *fill = (column_fill){.column = i, .categories = column->category_count};
        if (is_number(column))
            continue;
        fill->counts = bpi_allocate_zeroed(allocator, fill->categories, sizeof *fill->counts);
        if (fill->counts == NULL)
            return bpi_fail(BP_ERROR_MEMORY, "%s: no memory to count %zu categories", where,
                            fill->categories);
    }
    return BP_OK;
}

bp_status bpi_table_fills_create(table_fills *fills, const char *where, const bp_schema *schema,
                                 const bp_allocator *allocator)
{
    size_t count;
    *fills = (table_fills){.schema = schema};
    BPI_TRY(check_rules(where, schema, &count));
    if (count == 0)
        return BP_OK;
    fills->columns = bpi_allocate_zeroed(allocator, count, sizeof *fills->columns);
    if (fills->columns == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory to fill in %zu columns", where, count);
    bp_status status = add_columns(fills, where, allocator);
    if (status != BP_OK)
        bpi_table_fills_release(fills, allocator);
    return status;
}

void bpi_table_fills_release(table_fills *fills, const bp_allocator *allocator)
{
    for (size_t i = 0; i < fills->count; i++)
        bpi_release(allocator, fills->columns[i].counts);
    bpi_release(allocator, fills->columns);
    *fills = (table_fills){0};
}

/* What the sum loses by rounding goes to the rest (T. J. Dekker 1971, "A floating-point technique for
 * extending the available precision"). */
static void add_number(column_fill *fill, double value)
{
    const double sum = fill->sum + value, part = sum - fill->sum;
    fill->rest += (fill->sum - (sum - part)) + (value - part);
    fill->sum = sum;
}

void bpi_table_fills_add(table_fills *fills, const bp_real *inputs)
{
    for (size_t i = 0; i < fills->count; i++) {
        column_fill *fill = &fills->columns[i];
        const double value = bpi_decode_cell(&fills->schema->columns[fill->column], inputs);
        if (isnan(value))
            continue;
        fill->cells++;
        if (fill->counts == NULL)
            add_number(fill, value);
        else
            fill->counts[(size_t)value]++;
    }
}

static double found(const column_fill *fill)
{
    size_t best = 0;
    if (fill->cells == 0)
        return 0;
    if (fill->counts == NULL)
        return (fill->sum + fill->rest) / (double)fill->cells;
    for (size_t k = 1; k < fill->categories; k++)
        if (fill->counts[k] > fill->counts[best])
            best = k;
    return (double)best;
}

void bpi_table_fills_set(const table_fills *fills, bp_schema *schema)
{
    for (size_t i = 0; i < fills->count; i++)
        schema->columns[fills->columns[i].column].fill = (double)(bp_real)found(&fills->columns[i]);
}
