/* Convolution by im2col: for each case the receptive field at each position is copied into a row of a matrix,
 * so that eq. 1, 6 and 7 are dense matrix products. */
#include "engine/convolution_product.h"

#include <string.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "network/convolution.h"

/* Copies the receptive field whose first unit is *units, in the order of a kernel's weights. */
static bp_real *copy_patch(const bp_convolution *convolution, const bp_real *units, bp_real *patch)
{
    for (size_t channel = 0; channel < convolution->channels; channel++)
        for (size_t y = 0; y < convolution->kernel_height; y++) {
            const bp_real *run = units + (channel * convolution->height + y) * convolution->width;
            for (size_t x = 0; x < convolution->kernel_width; x++)
                *patch++ = run[x];
        }
    return patch;
}

/* The reverse: adds a row of derivatives to the units of a receptive field. */
static const bp_real *add_patch(const bp_convolution *convolution, const bp_real *patch, bp_real *units)
{
    for (size_t channel = 0; channel < convolution->channels; channel++)
        for (size_t y = 0; y < convolution->kernel_height; y++) {
            bp_real *run = units + (channel * convolution->height + y) * convolution->width;
            for (size_t x = 0; x < convolution->kernel_width; x++)
                run[x] += *patch++;
        }
    return patch;
}

/* Index of the first unit of the receptive field at a position. */
static size_t first_unit(const bp_convolution *convolution, size_t row, size_t column)
{
    return row * convolution->stride_y * convolution->width + column * convolution->stride_x;
}

/* The receptive fields at all positions for one case: positions rows of area values. */
static void im2col(const bp_convolution *convolution, const bp_real *units, bp_real *patches)
{
    convolution_extent extent = bpi_convolution_extent(convolution);
    for (size_t row = 0; row < extent.rows; row++)
        for (size_t column = 0; column < extent.columns; column++)
            patches = copy_patch(convolution, units + first_unit(convolution, row, column), patches);
}

/* The reverse, by addition where receptive fields overlap. */
static void col2im(const bp_convolution *convolution, const bp_real *patches, bp_real *units)
{
    convolution_extent extent = bpi_convolution_extent(convolution);
    for (size_t row = 0; row < extent.rows; row++)
        for (size_t column = 0; column < extent.columns; column++)
            patches = add_patch(convolution, patches, units + first_unit(convolution, row, column));
}

/* ------------------------------------------------------------------- products */

/* Size of the im2col matrix of one case, rounded up so that the kernels' scratch after it is aligned;
 * SIZE_MAX on overflow. */
static size_t patch_values(const bp_convolution *convolution)
{
    const size_t step = BPI_ALIGNMENT / sizeof(bp_real);
    convolution_extent extent = bpi_convolution_extent(convolution);
    size_t values;
    if (!bpi_multiply(extent.positions, extent.area, &values) || !bpi_add(values, step - 1, &values))
        return SIZE_MAX;
    return values - values % step;
}

static size_t scratch(const bp_connection *connection, size_t cases)
{
    const kernel_table *kernel = connection->network->kernel;
    const bp_convolution *convolution = &connection->shape.convolution;
    convolution_extent extent = bpi_convolution_extent(convolution);
    size_t forward = kernel->product_scratch(convolution->kernels, extent.positions, extent.area);
    size_t backward = kernel->product_scratch(extent.positions, extent.area, convolution->kernels);
    size_t weights = kernel->product_scratch(convolution->kernels, extent.area, extent.positions);
    size_t values;
    (void)cases; /* one at a time */
    return bpi_add(patch_values(convolution), bpi_max(bpi_max(forward, backward), weights), &values)
               ? values
               : SIZE_MAX;
}

/* [RHW86] eq. 1 and 2, case by case: x (kernels x positions) = weights (kernels x area) * patches^T. */
static void forward(const bp_connection *connection, const matrix_product *p)
{
    const bp_convolution *convolution = &connection->shape.convolution;
    convolution_extent extent = bpi_convolution_extent(convolution);
    for (size_t row = 0; row < p->m; row++) {
        im2col(convolution, p->a + row * p->a_stride, p->scratch);
        matrix_product product = {
            .m = convolution->kernels,
            .n = extent.positions,
            .k = extent.area,
            .a = p->b,
            .a_stride = extent.area,
            .b = p->scratch,
            .b_stride = extent.area,
            .c = p->c + row * p->c_stride,
            .c_stride = extent.positions,
            .accumulate = p->accumulate,
            .epilogue = p->epilogue,
            .scratch = p->scratch + patch_values(convolution),
        };
        connection->network->kernel->product_forward(&product);
    }
}

/* [RHW86] eq. 7: dE/dpatches (positions x area) = dE/dx^T * weights, added up where patches overlap; and
 * eq. 5. */
static void backward(const bp_connection *connection, const matrix_product *p)
{
    const kernel_table *kernel = connection->network->kernel;
    const bp_convolution *convolution = &connection->shape.convolution;
    convolution_extent extent = bpi_convolution_extent(convolution);
    for (size_t row = 0; row < p->m; row++) {
        matrix_product product = {
            .m = extent.positions,
            .n = extent.area,
            .k = convolution->kernels,
            .a = p->a + row * p->a_stride,
            .a_stride = extent.positions,
            .b = p->b,
            .b_stride = extent.area,
            .c = p->scratch,
            .c_stride = extent.area,
            .scratch = p->scratch + patch_values(convolution),
        };
        kernel->product_weights(&product);
        bp_real *c = p->c + row * p->c_stride;
        if (!p->accumulate)
            memset(c, 0, p->n * sizeof *c);
        col2im(convolution, p->scratch, c);
        const product_epilogue *e = &p->epilogue;
        if (e->kind == EPILOGUE_SLOPE)
            kernel->multiply_slope(e->slope.activation, e->slope.y + row * e->slope.y_stride, c, p->n);
    }
}

/* [RHW86] eq. 6, summed over positions and cases: dE/dw (kernels x area) = dE/dx (kernels x positions) times
 * patches. */
static void weights(const bp_connection *connection, const matrix_product *p)
{
    const bp_convolution *convolution = &connection->shape.convolution;
    convolution_extent extent = bpi_convolution_extent(convolution);
    for (size_t row = 0; row < p->k; row++) {
        im2col(convolution, p->b + row * p->b_stride, p->scratch);
        matrix_product product = {
            .m = convolution->kernels,
            .n = extent.area,
            .k = extent.positions,
            .a = p->a + row * p->a_stride,
            .a_stride = extent.positions,
            .b = p->scratch,
            .b_stride = extent.area,
            .c = p->c,
            .c_stride = extent.area,
            .accumulate = p->accumulate || row > 0,
            .scratch = p->scratch + patch_values(convolution),
        };
        connection->network->kernel->product_backward(&product);
    }
}

const connection_products bpi_convolution_products = {
    .scratch = scratch,
    .split = SPLIT_CASES,
    .forward = forward,
    .backward = backward,
    .weights = weights,
};
