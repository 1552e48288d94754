/* Masked connections: only some pairs of units have a weight. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "model/activation.h"
#include "model/connection_kind.h"

/* ----------------------------------------------------------------------- rows */

bool bpi_rows_create(masked_rows *rows, const bp_allocator *allocator, size_t units, size_t weights)
{
    size_t count;
    if (!bpi_add(units, 1, &count))
        return false;
    *rows = (masked_rows){bpi_allocate(allocator, count, sizeof *rows->starts),
                          bpi_allocate(allocator, weights, sizeof *rows->sources)};
    if (rows->starts != NULL && rows->sources != NULL)
        return true;
    bpi_rows_clear(rows, allocator);
    return false;
}

void bpi_rows_clear(masked_rows *rows, const bp_allocator *allocator)
{
    bpi_release(allocator, rows->starts);
    bpi_release(allocator, rows->sources);
    *rows = (masked_rows){0};
}

bool bpi_rows_copy(masked_rows *copy, const bp_allocator *allocator, const masked_rows *rows, size_t units)
{
    if (!bpi_rows_create(copy, allocator, units, rows->starts[units]))
        return false;
    memcpy(copy->starts, rows->starts, (units + 1) * sizeof *copy->starts);
    memcpy(copy->sources, rows->sources, rows->starts[units] * sizeof *copy->sources);
    return true;
}

/* From a mask with a row of `columns` flags for each of `units` receiving units. */
static bool read_mask(masked_rows *rows, const bp_allocator *allocator, const unsigned char *mask,
                      size_t units, size_t columns)
{
    size_t weights = 0;
    for (size_t i = 0; i < units * columns; i++)
        weights += mask[i] != 0;
    if (!bpi_rows_create(rows, allocator, units, weights))
        return false;
    size_t next = 0;
    for (size_t j = 0; j < units; j++) {
        rows->starts[j] = next;
        for (size_t i = 0; i < columns; i++)
            if (mask[j * columns + i] != 0)
                rows->sources[next++] = (uint32_t)i;
    }
    rows->starts[units] = next;
    return true;
}

/* ------------------------------------------------------------------ structure */

static size_t count_weights(const bp_connection *connection)
{
    return connection->shape.rows.starts[connection->to->units];
}

static bp_status check(const char *function, const bp_connection *connection)
{
    if (count_weights(connection) == 0)
        return bpi_fail(BP_ERROR_STRUCTURE, "%s: %s: the mask leaves no weight", function,
                        bpi_connection_text(connection).text);
    return BP_OK;
}

static void matrix(const bp_connection *connection, size_t *rows, size_t *columns)
{
    *rows = 1;
    *columns = count_weights(connection);
}

static size_t one_pair(const bp_connection *connection)
{
    (void)connection;
    return 1;
}

static weight_place locate(const bp_connection *connection, size_t weight)
{
    const masked_rows *rows = &connection->shape.rows;
    size_t j = 0;
    while (rows->starts[j + 1] <= weight)
        j++;
    return (weight_place){.unit = j, .from_unit = rows->sources[weight]};
}

static const char *difference(const bp_connection *a, const bp_connection *b)
{
    const masked_rows *one = &a->shape.rows, *other = &b->shape.rows;
    size_t units = a->to->units;
    if (units != b->to->units || a->from->units != b->from->units)
        return "their shapes differ";
    if (memcmp(one->starts, other->starts, (units + 1) * sizeof *one->starts) != 0 ||
        memcmp(one->sources, other->sources, one->starts[units] * sizeof *one->sources) != 0)
        return "their masks differ";
    return NULL;
}

static void describe(const bp_connection *connection, char *text, size_t room)
{
    snprintf(text, room, "%zu x %zu, %zu weights", connection->to->units, connection->from->units,
             count_weights(connection));
}

/* ------------------------------------------------------------------- products */

/*
 * Cases go side by side in lanes, so that one look at a row's sources serves several of them. The sums of a
 * case do not depend on the lane it is in.
 */
enum { LANES = 8 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t scratch(const bp_connection *connection, size_t cases)
{
    size_t values;
    (void)cases;
    return bpi_multiply(connection->from->units, LANES, &values) ? values : SIZE_MAX;
}

/* Where the lanes of a unit begin. Units are counted in 32 bits; their lanes may be more than that. */
static size_t lane_offset(uint32_t unit)
{
    return (size_t)unit * LANES;
}

/* lanes[i] = element i of each of `count` <= LANES rows, then zeros. */
static void interleave(const bp_real *rows, size_t stride, size_t count, size_t width, bp_real *lanes)
{
    for (size_t i = 0; i < width; i++)
        for (size_t lane = 0; lane < LANES; lane++)
            lanes[i * LANES + lane] = lane < count ? rows[lane * stride + i] : 0;
}

/* x[lane] = sum of w times the lanes of their sources. Sums with a name each stay in registers; those of an
 * array went through memory, which took more than three times as long. */
static void sum_row(const uint32_t *sources, const bp_real *w, size_t count, const bp_real *y,
                    bp_real x[LANES])
{
    bp_real x0 = 0, x1 = 0, x2 = 0, x3 = 0, x4 = 0, x5 = 0, x6 = 0, x7 = 0;
    for (size_t k = 0; k < count; k++) {
        const bp_real *lanes = y + lane_offset(sources[k]);
        x0 += lanes[0] * w[k];
        x1 += lanes[1] * w[k];
        x2 += lanes[2] * w[k];
        x3 += lanes[3] * w[k];
        x4 += lanes[4] * w[k];
        x5 += lanes[5] * w[k];
        x6 += lanes[6] * w[k];
        x7 += lanes[7] * w[k];
    }
    const bp_real sums[LANES] = {x0, x1, x2, x3, x4, x5, x6, x7};
    memcpy(x, sums, sizeof sums);
}

/* [RHW86] eq. 1: x_j = sum_i y_i w_ji over the units i that unit j receives from. */
static void forward_lanes(const masked_rows *rows, const matrix_product *p, const bp_real *y, bp_real *c,
                          size_t count)
{
    for (size_t j = 0; j < p->n; j++) {
        size_t start = rows->starts[j];
        bp_real x[LANES];
        sum_row(rows->sources + start, p->b + start, rows->starts[j + 1] - start, y, x);
        for (size_t lane = 0; lane < count; lane++)
            c[lane * p->c_stride + j] = (p->accumulate ? c[lane * p->c_stride + j] : 0) + x[lane];
    }
}

static void forward(const bp_connection *connection, const matrix_product *p)
{
    const kernel_table *kernel = connection->network->kernel;
    for (size_t first = 0; first < p->m; first += LANES) {
        size_t count = least(LANES, p->m - first);
        bp_real *c = p->c + first * p->c_stride;
        interleave(p->a + first * p->a_stride, p->a_stride, count, p->k, p->scratch);
        forward_lanes(&connection->shape.rows, p, p->scratch, c, count);
        for (size_t lane = 0; lane < count; lane++)
            kernel->activate(p->activation, c + lane * p->c_stride, c + lane * p->c_stride, p->n);
    }
}

/* [RHW86] eq. 7: dE/dy_i = sum_j dE/dx_j w_ji over the units j that unit i sends to. */
static void backward_lanes(const masked_rows *rows, const matrix_product *p, const bp_real *delta,
                           bp_real *dy, size_t count)
{
    memset(dy, 0, p->n * LANES * sizeof *dy);
    for (size_t j = 0; j < p->k; j++) {
        bp_real dx[LANES];
        interleave(delta + j, p->a_stride, count, 1, dx);
        for (size_t k = rows->starts[j]; k < rows->starts[j + 1]; k++)
            for (size_t lane = 0; lane < LANES; lane++)
                dy[lane_offset(rows->sources[k]) + lane] += dx[lane] * p->b[k];
    }
}

/* The lanes into rows of C, and eq. 5. */
static void store_lanes(const kernel_table *kernel, const matrix_product *p, const bp_real *dy, size_t first,
                        size_t count)
{
    for (size_t lane = 0; lane < count; lane++) {
        bp_real *c = p->c + (first + lane) * p->c_stride;
        for (size_t i = 0; i < p->n; i++)
            c[i] = (p->accumulate ? c[i] : 0) + dy[i * LANES + lane];
        if (p->slope_y != NULL)
            kernel->multiply_slope(p->activation, p->slope_y + (first + lane) * p->slope_y_stride, c, p->n);
    }
}

static void backward(const bp_connection *connection, const matrix_product *p)
{
    for (size_t first = 0; first < p->m; first += LANES) {
        size_t count = least(LANES, p->m - first);
        backward_lanes(&connection->shape.rows, p, p->a + first * p->a_stride, p->scratch, count);
        store_lanes(connection->network->kernel, p, p->scratch, first, count);
    }
}

static bp_real dot_lanes(const bp_real *a, const bp_real *b)
{
    bp_real half[LANES / 2];
    for (size_t lane = 0; lane < LANES / 2; lane++)
        half[lane] = a[lane] * b[lane] + a[lane + LANES / 2] * b[lane + LANES / 2];
    return (half[0] + half[2]) + (half[1] + half[3]);
}

/* [RHW86] eq. 6: dE/dw_ji = dE/dx_j y_i, summed over the cases, for pairs that have a weight. */
static void weights(const bp_connection *connection, const matrix_product *p)
{
    const masked_rows *rows = &connection->shape.rows;
    if (!p->accumulate)
        memset(p->c, 0, count_weights(connection) * sizeof *p->c);
    for (size_t first = 0; first < p->k; first += LANES) {
        size_t count = least(LANES, p->k - first);
        const bp_real *delta = p->a + first * p->a_stride;
        interleave(p->b + first * p->b_stride, p->b_stride, count, p->n, p->scratch);
        for (size_t j = 0; j < p->m; j++) {
            bp_real dx[LANES];
            interleave(delta + j, p->a_stride, count, 1, dx);
            for (size_t k = rows->starts[j]; k < rows->starts[j + 1]; k++)
                p->c[k] += dot_lanes(dx, p->scratch + lane_offset(rows->sources[k]));
        }
    }
}

const connection_operations bpi_masked_operations = {
    .check = check,
    .matrix = matrix,
    .pairs_per_weight = one_pair,
    .locate = locate,
    .difference = difference,
    .describe = describe,
    .scratch = scratch,
    .cut = CUT_CASES,
    .forward = forward,
    .backward = backward,
    .weights = weights,
};

/* --------------------------------------------------------------- public calls */

static bp_status check_mask_size(const char *function, const bp_connection *plan, size_t count)
{
    size_t rows = plan->to->units, columns = plan->from->units, wanted;
    if (columns > UINT32_MAX)
        return bpi_fail(BP_ERROR_OVERFLOW, "%s: %s: a masked connection can come from at most %llu units",
                        function, bpi_connection_text(plan).text, (unsigned long long)UINT32_MAX);
    if (!bpi_multiply(rows, columns, &wanted) || count != wanted)
        return bpi_fail(BP_ERROR_SIZE, "%s: %s: the mask has %zu flags; it needs %zu x %zu", function,
                        bpi_connection_text(plan).text, count, rows, columns);
    return BP_OK;
}

static bp_status connect_masked(bp_connection **out, const char *function, bp_network *net,
                                bp_connection plan, const unsigned char *mask, size_t count)
{
    BPI_TRY(bpi_require_open(function, net));
    BPI_TRY(check_mask_size(function, &plan, count));
    plan.shape.kind = BP_CONNECTION_MASKED;
    if (!read_mask(&plan.shape.rows, &net->allocator, mask, plan.to->units, plan.from->units))
        return bpi_fail(BP_ERROR_MEMORY, "%s: %s: no memory for a mask of %zu x %zu", function,
                        bpi_connection_text(&plan).text, plan.to->units, plan.from->units);
    bp_status status = bpi_connect_as(out, function, net, &plan);
    if (status != BP_OK)
        bpi_rows_clear(&plan.shape.rows, &net->allocator);
    return status;
}

bp_status bp_network_connect_masked(bp_connection **out, bp_network *net, bp_layer *from, bp_layer *to,
                                    const unsigned char *mask, size_t count)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(from);
    BPI_REQUIRE(to);
    BPI_REQUIRE(mask);
    return connect_masked(out, __func__, net, (bp_connection){.from = from, .to = to}, mask, count);
}

bp_status bp_network_connect_delayed_masked(bp_connection **out, bp_network *net, bp_layer *from,
                                            bp_layer *to, const unsigned char *mask, size_t count)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(from);
    BPI_REQUIRE(to);
    BPI_REQUIRE(mask);
    bp_connection plan = {.from = from, .to = to, .is_delayed = true};
    return connect_masked(out, __func__, net, plan, mask, count);
}

bp_status bp_connection_mask(const bp_connection *connection, unsigned char *mask, size_t count)
{
    BPI_REQUIRE(connection);
    BPI_REQUIRE(mask);
    if (connection->shape.kind != BP_CONNECTION_MASKED)
        return bpi_fail(BP_ERROR_STRUCTURE, "%s: %s is not masked", __func__,
                        bpi_connection_text(connection).text);
    BPI_TRY(check_mask_size(__func__, connection, count));
    const masked_rows *rows = &connection->shape.rows;
    memset(mask, 0, count);
    for (size_t j = 0; j < connection->to->units; j++)
        for (size_t k = rows->starts[j]; k < rows->starts[j + 1]; k++)
            mask[j * connection->from->units + rows->sources[k]] = 1;
    return BP_OK;
}
