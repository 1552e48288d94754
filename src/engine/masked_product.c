#include "engine/masked_product.h"

#include <string.h>

#include "base/memory.h"
#include "base/numeric.h"

/* Products with CSR rows, for several cases side by side (a lane each), so that the indices of a row are read
 * once for all of them. The sums of a case do not depend on its lane. */
enum { LANES = 8 };

static size_t scratch(const bp_connection *connection, size_t cases)
{
    size_t values;
    (void)cases;
    return bpi_multiply(connection->from->units, LANES, &values) ? values : SIZE_MAX;
}

/* Offset of the lanes of a unit, which may exceed 32 bits. */
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

/* x[lane] = sum_k w[k] * y[sources[k]][lane]. Named sums stay in registers; an array of sums went through
 * memory and took more than three times as long. */
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
static void forward_lanes(const csr_rows *rows, const matrix_product *p, const bp_real *y, bp_real *c,
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
        size_t count = bpi_min(LANES, p->m - first);
        bp_real *c = p->c + first * p->c_stride;
        interleave(p->a + first * p->a_stride, p->a_stride, count, p->k, p->scratch);
        forward_lanes(&connection->shape.rows, p, p->scratch, c, count);
        for (size_t lane = 0; lane < count; lane++)
            if (p->epilogue.kind == EPILOGUE_ACTIVATION)
                kernel->activate(p->epilogue.activation, c + lane * p->c_stride, c + lane * p->c_stride,
                                 p->n);
    }
}

/* [RHW86] eq. 7: dE/dy_i = sum_j dE/dx_j w_ji over the units j that unit i sends to. */
static void backward_lanes(const csr_rows *rows, const matrix_product *p, const bp_real *delta, bp_real *dy,
                           size_t count)
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

/* Stores the lanes in rows of C, and applies eq. 5. */
static void store_lanes(const kernel_table *kernel, const matrix_product *p, const bp_real *dy, size_t first,
                        size_t count)
{
    for (size_t lane = 0; lane < count; lane++) {
        bp_real *c = p->c + (first + lane) * p->c_stride;
        for (size_t i = 0; i < p->n; i++)
            c[i] = (p->accumulate ? c[i] : 0) + dy[i * LANES + lane];
        const product_epilogue *e = &p->epilogue;
        if (e->kind == EPILOGUE_SLOPE)
            kernel->multiply_slope(e->slope.activation, e->slope.y + (first + lane) * e->slope.y_stride, c,
                                   p->n);
    }
}

static void backward(const bp_connection *connection, const matrix_product *p)
{
    for (size_t first = 0; first < p->m; first += LANES) {
        size_t count = bpi_min(LANES, p->m - first);
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
    const csr_rows *rows = &connection->shape.rows;
    if (!p->accumulate)
        memset(p->c, 0, rows->starts[connection->to->units] * sizeof *p->c);
    for (size_t first = 0; first < p->k; first += LANES) {
        size_t count = bpi_min(LANES, p->k - first);
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

const connection_products bpi_masked_products = {
    .scratch = scratch,
    .split = SPLIT_CASES,
    .forward = forward,
    .backward = backward,
    .weights = weights,
};
