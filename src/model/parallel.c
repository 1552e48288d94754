#include "model/parallel.h"

#include "base/memory.h"
#include "base/threads.h"
#include "model/connection_kind.h"

/* ------------------------------------------------------------------ any work */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t count_pieces(const bp_workspace *workspace, const shared_work *work)
{
    size_t grains = (work->count + work->grain - 1) / work->grain;
    size_t pieces = least(bpi_team_threads(workspace->team), grains / 2);
    double worth = work->cost / workspace->least_cost;
    if (worth < (double)pieces)
        pieces = (size_t)worth;
    return pieces < 1 ? 1 : pieces;
}

typedef struct division {
    const shared_work *work;
    size_t pieces;
} division;

static size_t beginning(const division *cut, size_t piece)
{
    size_t count = cut->work->count, grain = cut->work->grain;
    size_t grains = (count + grain - 1) / grain;
    /* As many grains as the others or one more, without a product that could overflow. */
    size_t first = grains / cut->pieces * piece + least(piece, grains % cut->pieces);
    return least(first * grain, count);
}

static bp_status do_range(void *context, size_t piece)
{
    const division *cut = context;
    size_t first = beginning(cut, piece);
    return cut->work->work(cut->work->context, first, beginning(cut, piece + 1) - first, piece);
}

static bool is_worth_it(const bp_workspace *workspace, double cost)
{
    return workspace->team != NULL && cost >= 2 * workspace->least_cost;
}

bp_status bpi_share_out(const bp_workspace *workspace, const shared_work *work)
{
    if (!is_worth_it(workspace, work->cost))
        return work->work(work->context, 0, work->count, 0);
    division cut = {.work = work, .pieces = count_pieces(workspace, work)};
    return bpi_team_run(workspace->team, cut.pieces, do_range, &cut);
}

/* -------------------------------------------------------------- matrix products */

enum { ROW_GRAIN = KERNEL_LEAST_PART, COLUMN_GRAIN = BPI_ALIGNMENT / sizeof(bp_real) };

typedef struct divided_product {
    const bp_workspace *workspace;
    const bp_connection *connection;
    const matrix_product *whole;
    product_kind kind;
    bool by_rows;
} divided_product;

/* The product of which C is `rows` by `columns` values of the whole's, from row and column on. */
static matrix_product part_of(const divided_product *product, size_t row, size_t rows, size_t column,
                              size_t columns)
{
    matrix_product part = *product->whole;
    part.m = rows;
    part.n = columns;
    part.a += row * (product->kind == PRODUCT_WEIGHTS ? 1 : part.a_stride);
    part.b += column * (product->kind == PRODUCT_FORWARD ? part.b_stride : 1);
    part.c += row * part.c_stride + column;
    if (part.bias != NULL)
        part.bias += column;
    if (part.next_sums != NULL)
        part.next_sums += row;
    if (part.slope_y != NULL)
        part.slope_y += row * part.slope_y_stride + column;
    if (part.change.weights != NULL) {
        part.change.weights += row * part.c_stride + column;
        part.change.change += row * part.c_stride + column;
    }
    return part;
}

static void multiply(const bp_connection *connection, product_kind kind, const matrix_product *product)
{
    const connection_operations *operations = bpi_operations(connection);
    if (kind == PRODUCT_FORWARD)
        operations->forward(connection, product);
    else if (kind == PRODUCT_BACKWARD)
        operations->backward(connection, product);
    else
        operations->weights(connection, product);
}

static bp_status multiply_range(void *context, size_t first, size_t count, size_t piece)
{
    const divided_product *product = context;
    const bp_workspace *workspace = product->workspace;
    matrix_product part = product->by_rows ? part_of(product, first, count, 0, product->whole->n)
                                           : part_of(product, 0, product->whole->m, first, count);
    part.scratch = workspace->scratch + piece * workspace->scratch_stride;
    multiply(product->connection, product->kind, &part);
    return BP_OK;
}

static bool may_be_cut(const divided_product *product)
{
    product_cut cut = bpi_operations(product->connection)->cut;
    return cut == CUT_FREELY || (cut == CUT_CASES && product->kind != PRODUCT_WEIGHTS);
}

/*
 * Rows or columns? Each piece packs what it reads of B: with columns that is its own, with rows all of B. So
 * columns it is where there are enough of them; except for the weights' product, of which a row is made by
 * the core that reads the same row of weights for a column of the forward product.
 */
static bool cuts_rows(const divided_product *product)
{
    size_t threads = bpi_team_threads(product->workspace->team);
    size_t row_pieces = product->whole->m / (2 * ROW_GRAIN);
    size_t column_pieces = product->whole->n / (2 * COLUMN_GRAIN);
    if (bpi_operations(product->connection)->cut == CUT_CASES || product->whole->next_sums != NULL)
        return true;
    if (product->kind == PRODUCT_WEIGHTS && row_pieces >= threads)
        return true;
    return column_pieces < threads && column_pieces < row_pieces;
}

/*
 * A multiply-add for each case and pair of units, whose weight is also read or written. It is the same for
 * all three products, so that they agree on whether the weights are spread over the cores.
 */
static double product_cost(const divided_product *product)
{
    const bp_connection *connection = product->connection;
    double pairs = (double)bpi_connection_weight_count(connection) *
                   (double)bpi_operations(connection)->pairs_per_weight(connection);
    size_t cases = product->kind == PRODUCT_WEIGHTS ? product->whole->k : product->whole->m;
    return (double)cases * pairs + pairs;
}

/* A first look, since most products of small networks go no further: what the cost is at most. */
static bool may_be_worth_it(const bp_workspace *workspace, const matrix_product *product)
{
    return workspace->team != NULL &&
           is_worth_it(workspace, 2 * (double)product->m * (double)product->n * (double)product->k);
}

void bpi_product(const bp_workspace *workspace, const bp_connection *connection, product_kind kind,
                 const matrix_product *product)
{
    divided_product divided = {
        .workspace = workspace, .connection = connection, .whole = product, .kind = kind};
    if (product->sums != NULL || !may_be_worth_it(workspace, product) || !may_be_cut(&divided)) {
        multiply(connection, kind, product);
        return;
    }
    divided.by_rows = cuts_rows(&divided);
    bpi_share_out(workspace, &(shared_work){
                                 .count = divided.by_rows ? product->m : product->n,
                                 .grain = divided.by_rows ? ROW_GRAIN : COLUMN_GRAIN,
                                 .cost = product_cost(&divided),
                                 .work = multiply_range,
                                 .context = &divided,
                             });
}
