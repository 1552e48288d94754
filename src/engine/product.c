#include "engine/product.h"

#include "base/memory.h"
#include "engine/connection_product.h"
#include "engine/parallel.h"
#include "network/connection_kind.h"

enum { ROW_GRAIN = KERNEL_MIN_PART, COLUMN_GRAIN = BPI_ALIGNMENT / sizeof(bp_real) };

typedef struct split_product {
    const bp_workspace *workspace;
    const bp_connection *connection;
    const matrix_product *whole;
    product_kind kind;
    bool by_rows;
} split_product;

/* The epilogue of the part of C from row and column on. */
static void move_epilogue(product_epilogue *e, size_t row, size_t column, size_t c_stride)
{
    if (e->kind == EPILOGUE_SLOPE)
        e->slope.y += row * e->slope.y_stride + column;
    if (e->kind == EPILOGUE_UPDATE || e->kind == EPILOGUE_UPDATE_AND_SUMS) {
        e->update.rule.weights += row * c_stride + column;
        e->update.rule.last_update += row * c_stride + column;
    }
    if (e->kind == EPILOGUE_UPDATE_AND_SUMS)
        e->update.next_sums += row;
}

/* The panels of a part of the columns, if these are whole ones. */
static const bp_real *panels_of_part(const split_product *product, size_t column, size_t columns)
{
    const matrix_product *whole = product->whole;
    const size_t width = product->connection->network->kernel->panel_columns;
    if (whole->panels == NULL || column % width != 0 ||
        (columns % width != 0 && column + columns != whole->n))
        return NULL;
    return whole->panels + column * whole->k;
}

/* The part of a product whose C is `rows` by `columns` values of the whole C, from row and column on. */
static matrix_product part_of(const split_product *product, size_t row, size_t rows, size_t column,
                              size_t columns)
{
    matrix_product part = *product->whole;
    part.m = rows;
    part.n = columns;
    part.a += row * (product->kind == PRODUCT_WEIGHTS ? 1 : part.a_stride);
    part.b += column * (product->kind == PRODUCT_FORWARD ? part.b_stride : 1);
    part.panels = panels_of_part(product, column, columns);
    if (part.bias != NULL)
        part.bias += column;
    if (part.in_panels) { /* whole ones, each column of which has m weights */
        move_epilogue(&part.epilogue, column, 0, part.m);
        return part;
    }
    part.c += row * part.c_stride + column;
    move_epilogue(&part.epilogue, row, column, part.c_stride);
    return part;
}

static void multiply(const bp_connection *connection, product_kind kind, const matrix_product *product)
{
    const connection_products *products = bpi_connection_products(connection);
    if (kind == PRODUCT_FORWARD)
        products->forward(connection, product);
    else if (kind == PRODUCT_BACKWARD)
        products->backward(connection, product);
    else
        products->weights(connection, product);
}

static bp_status multiply_chunk(void *context, size_t first, size_t count, size_t chunk)
{
    const split_product *product = context;
    const bp_workspace *workspace = product->workspace;
    matrix_product part = product->by_rows ? part_of(product, first, count, 0, product->whole->n)
                                           : part_of(product, 0, product->whole->m, first, count);
    part.scratch = workspace->scratch + chunk * workspace->scratch_stride;
    multiply(product->connection, product->kind, &part);
    return BP_OK;
}

static bool may_be_split(const split_product *product)
{
    product_split split = bpi_connection_products(product->connection)->split;
    return split == SPLIT_FREELY || (split == SPLIT_CASES && product->kind != PRODUCT_WEIGHTS);
}

/*
 * Split C by rows or by columns? Each thread packs the part of B that it reads: all of B for rows, its own
 * columns of B for columns. So columns are better if there are enough of them, except in the weights'
 * product: there a row is made by the core that reads the same row of weights for a column of the forward
 * product.
 */
static bool splits_rows(const split_product *product)
{
    size_t threads = bpi_team_threads(product->workspace->team);
    size_t row_chunks = product->whole->m / (2 * ROW_GRAIN);
    size_t column_chunks = product->whole->n / (2 * COLUMN_GRAIN);
    if (product->whole->in_panels)
        return false;
    if (bpi_connection_products(product->connection)->split == SPLIT_CASES ||
        product->whole->epilogue.kind == EPILOGUE_UPDATE_AND_SUMS)
        return true;
    if (product->kind == PRODUCT_WEIGHTS && row_chunks >= threads)
        return true;
    return column_chunks < threads && column_chunks < row_chunks;
}

/* Whole panels, where there are enough of them for all threads, as of weights that are in panels there always
 * are: parts of panels are of no use. */
static size_t column_grain_of(const split_product *product)
{
    const size_t width = product->connection->network->kernel->panel_columns;
    const size_t threads = bpi_team_threads(product->workspace->team);
    const bool has_panels = product->whole->panels != NULL || product->whole->in_panels;
    return has_panels && product->whole->n / width >= 2 * threads ? width : COLUMN_GRAIN;
}

/* A multiply-add per case and pair of units, and a read or write per pair. The same for all three products,
 * so that all of them spread a matrix over the same cores. */
static double product_cost(const split_product *product)
{
    const bp_connection *connection = product->connection;
    double pairs = (double)bpi_connection_weight_count(connection) *
                   (double)bpi_connection_structure(connection)->pairs_per_weight(connection);
    size_t cases = product->kind == PRODUCT_WEIGHTS ? product->whole->k : product->whole->m;
    return (double)cases * pairs + pairs;
}

/* A fast check by an upper bound of the cost: most products of small networks are not split. */
static bool may_be_worth_it(const bp_workspace *workspace, const matrix_product *product)
{
    return workspace->team != NULL &&
           bpi_parallel_is_worth_it(workspace,
                                    2 * (double)product->m * (double)product->n * (double)product->k);
}

void bpi_product(const bp_workspace *workspace, const bp_connection *connection, product_kind kind,
                 const matrix_product *product)
{
    split_product split = {.workspace = workspace, .connection = connection, .whole = product, .kind = kind};
    if (!may_be_worth_it(workspace, product) || !may_be_split(&split)) {
        multiply(connection, kind, product);
        return;
    }
    split.by_rows = splits_rows(&split);
    const size_t column_grain = column_grain_of(&split);
    bpi_parallel_for(workspace, &(parallel_work){
                                    .count = split.by_rows ? product->m : product->n,
                                    .grain = split.by_rows ? ROW_GRAIN : column_grain,
                                    .cost = product_cost(&split),
                                    .work = multiply_chunk,
                                    .context = &split,
                                });
}
