/* Convolution: local receptive fields with shared kernels. */
#include "network/convolution.h"

#include <stdio.h>

#include "base/memory.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "network/connection_text.h"

void bp_convolution_init(bp_convolution *convolution, size_t size)
{
    const bp_convolution defaults = {
        .channels = 1, .kernels = 1, .shared_bias = 1, .stride_y = 1, .stride_x = 1};
    bpi_init_struct(SIZED_CONVOLUTION, convolution, size, &defaults);
}

convolution_extent bpi_convolution_extent(const bp_convolution *convolution)
{
    convolution_extent extent = {
        .rows = (convolution->height - convolution->kernel_height) / convolution->stride_y + 1,
        .columns = (convolution->width - convolution->kernel_width) / convolution->stride_x + 1,
        .area = convolution->channels * convolution->kernel_height * convolution->kernel_width};
    extent.positions = extent.rows * extent.columns;
    return extent;
}

/* --------------------------------------------------------------------- options */

static bool is_requested(const bp_connect_options *options)
{
    return options->convolution != NULL;
}

static bp_status plan_kernels(const char *function, bp_connection *plan, const bp_connect_options *options)
{
    bp_convolution *convolution = &plan->shape.convolution;
    BPI_TRY(bpi_read_struct(function, SIZED_CONVOLUTION, options->convolution, convolution));
    convolution->shared_bias = convolution->shared_bias != 0;
    plan->shape.kind = BP_CONNECTION_CONVOLUTION;
    return BP_OK;
}

/* ---------------------------------------------------------------------- checks */

static bp_status check_numbers(const char *function, const bp_connection *connection)
{
    const bp_convolution *convolution = &connection->shape.convolution;
    const struct {
        const char *name;
        size_t value;
    } numbers[] = {{"channels", convolution->channels},
                   {"height", convolution->height},
                   {"width", convolution->width},
                   {"kernels", convolution->kernels},
                   {"kernel_height", convolution->kernel_height},
                   {"kernel_width", convolution->kernel_width},
                   {"stride_y", convolution->stride_y},
                   {"stride_x", convolution->stride_x}};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (numbers[i].value == 0)
            return bpi_fail(BP_ERROR_ARGUMENT, "%s: %s: convolution.%s is 0", function,
                            bpi_connection_text(connection).text, numbers[i].name);
    if (convolution->kernel_height > convolution->height || convolution->kernel_width > convolution->width)
        return bpi_fail(BP_ERROR_SIZE, "%s: %s: kernel %zu x %zu is larger than the input %zu x %zu",
                        function, bpi_connection_text(connection).text, convolution->kernel_height,
                        convolution->kernel_width, convolution->height, convolution->width);
    return BP_OK;
}

static bool is_product(size_t units, size_t a, size_t b, size_t c)
{
    size_t product;
    return bpi_multiply(a, b, &product) && bpi_multiply(product, c, &product) && product == units;
}

static bp_status check_units(const char *function, const bp_connection *connection)
{
    const bp_convolution *convolution = &connection->shape.convolution;
    const bp_layer *from = connection->from, *to = connection->to;
    if (!is_product(from->units, convolution->channels, convolution->height, convolution->width))
        return bpi_fail(BP_ERROR_SIZE,
                        "%s: %s: layer '%s' has %zu units, but channels x height x width are %zu x %zu x %zu",
                        function, bpi_connection_text(connection).text, from->name, from->units,
                        convolution->channels, convolution->height, convolution->width);
    convolution_extent extent = bpi_convolution_extent(convolution);
    if (!is_product(to->units, convolution->kernels, extent.rows, extent.columns))
        return bpi_fail(BP_ERROR_SIZE,
                        "%s: %s: layer '%s' has %zu units, but kernels x their positions are %zu x %zu x %zu",
                        function, bpi_connection_text(connection).text, to->name, to->units,
                        convolution->kernels, extent.rows, extent.columns);
    return BP_OK;
}

static size_t units_per_bias(const bp_connection *connection)
{
    const bp_convolution *convolution = &connection->shape.convolution;
    return convolution->shared_bias ? bpi_convolution_extent(convolution).positions : 1;
}

/* All convolutions into a layer must require the same number of biases. */
static bp_status check_biases(const char *function, const bp_connection *connection)
{
    const bp_layer *to = connection->to;
    size_t wanted = units_per_bias(connection);
    for (size_t i = 0; i < to->incoming_count; i++) {
        const bp_connection *other = to->incoming[i];
        if (other == connection || other->shape.kind != BP_CONNECTION_CONVOLUTION ||
            units_per_bias(other) == wanted)
            continue;
        return bpi_fail(
            BP_ERROR_STRUCTURE,
            "%s: %s needs a bias for every %zu units of layer '%s', but %s needs one for every %zu", function,
            bpi_connection_text(connection).text, wanted, to->name, bpi_connection_text(other).text,
            units_per_bias(other));
    }
    return BP_OK;
}

static bp_status check(const char *function, const bp_connection *connection)
{
    BPI_TRY(check_numbers(function, connection));
    BPI_TRY(check_units(function, connection));
    return check_biases(function, connection);
}

/* ------------------------------------------------------------------- structure */

/* A row per kernel, a column per weight of it. */
static void matrix(const bp_connection *connection, size_t *rows, size_t *columns)
{
    *rows = connection->shape.convolution.kernels;
    *columns = bpi_convolution_extent(&connection->shape.convolution).area;
}

/* That of the unit's kernel. */
static void row(const bp_connection *connection, size_t unit, size_t *first, size_t *count)
{
    const convolution_extent extent = bpi_convolution_extent(&connection->shape.convolution);
    *first = unit / extent.positions * extent.area;
    *count = extent.area;
}

static size_t pairs_per_weight(const bp_connection *connection)
{
    return bpi_convolution_extent(&connection->shape.convolution).positions;
}

/* The pair of units at the first position of the kernel. */
static weight_place locate(const bp_connection *connection, size_t weight)
{
    const bp_convolution *convolution = &connection->shape.convolution;
    convolution_extent extent = bpi_convolution_extent(convolution);
    size_t kernel = weight / extent.area, within = weight % extent.area;
    size_t x = within % convolution->kernel_width,
           y = within / convolution->kernel_width % convolution->kernel_height;
    size_t channel = within / convolution->kernel_width / convolution->kernel_height;
    return (weight_place){.unit = kernel * extent.positions,
                          .from_unit = (channel * convolution->height + y) * convolution->width + x};
}

/* Kernels of one size may slide over inputs of different sizes. */
static const char *difference(const bp_connection *a, const bp_connection *b)
{
    const bp_convolution *one = &a->shape.convolution, *other = &b->shape.convolution;
    bool agree = one->kernels == other->kernels && one->channels == other->channels &&
                 one->kernel_height == other->kernel_height && one->kernel_width == other->kernel_width;
    return agree ? NULL : "their kernels differ";
}

static void describe(const bp_connection *connection, char *text, size_t capacity)
{
    const bp_convolution *convolution = &connection->shape.convolution;
    snprintf(text, capacity, "%zu kernels of %zu x %zu x %zu", convolution->kernels, convolution->channels,
             convolution->kernel_height, convolution->kernel_width);
}

const connection_structure bpi_convolution_structure = {
    .name = "a convolution",
    .option = "convolution",
    .is_requested = is_requested,
    .plan = plan_kernels,
    .check = check,
    .matrix = matrix,
    .row = row,
    .pairs_per_weight = pairs_per_weight,
    .units_per_bias = units_per_bias,
    .locate = locate,
    .difference = difference,
    .describe = describe,
};

/* --------------------------------------------------------------- public calls */

bp_status bp_connection_get_convolution(const bp_connection *connection, bp_convolution *convolution)
{
    BPI_REQUIRE(connection);
    BPI_REQUIRE(convolution);
    BPI_TRY(bpi_check_result_struct(__func__, SIZED_CONVOLUTION, convolution));
    if (connection->shape.kind != BP_CONNECTION_CONVOLUTION)
        return bpi_fail(BP_ERROR_STRUCTURE, "%s: %s is not a convolution", __func__,
                        bpi_connection_text(connection).text);
    bpi_write_struct(SIZED_CONVOLUTION, convolution, &connection->shape.convolution);
    return BP_OK;
}
