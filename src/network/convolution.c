/* Convolution: local receptive fields with shared kernels. */
#include "network/convolution.h"

#include <stdio.h>

#include "base/memory.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "network/connection_text.h"

void bp_convolution_init(bp_convolution *field, size_t size)
{
    const bp_convolution defaults = {
        .channels = 1, .kernels = 1, .shared_bias = 1, .stride_y = 1, .stride_x = 1};
    bpi_init_struct(SIZED_CONVOLUTION, field, size, &defaults);
}

convolution_extent bpi_convolution_extent(const bp_convolution *field)
{
    convolution_extent extent = {.rows = (field->height - field->kernel_height) / field->stride_y + 1,
                                 .columns = (field->width - field->kernel_width) / field->stride_x + 1,
                                 .area = field->channels * field->kernel_height * field->kernel_width};
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
    bp_convolution *field = &plan->shape.field;
    BPI_TRY(bpi_read_struct(function, SIZED_CONVOLUTION, options->convolution, field));
    field->shared_bias = field->shared_bias != 0;
    plan->shape.kind = BP_CONNECTION_CONVOLUTION;
    return BP_OK;
}

/* ---------------------------------------------------------------------- checks */

static bp_status check_numbers(const char *function, const bp_connection *connection)
{
    const bp_convolution *field = &connection->shape.field;
    const struct {
        const char *name;
        size_t value;
    } numbers[] = {{"channels", field->channels},
                   {"height", field->height},
                   {"width", field->width},
                   {"kernels", field->kernels},
                   {"kernel_height", field->kernel_height},
                   {"kernel_width", field->kernel_width},
                   {"stride_y", field->stride_y},
                   {"stride_x", field->stride_x}};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (numbers[i].value == 0)
            return bpi_fail(BP_ERROR_ARGUMENT, "%s: %s: convolution.%s is 0", function,
                            bpi_connection_text(connection).text, numbers[i].name);
    if (field->kernel_height > field->height || field->kernel_width > field->width)
        return bpi_fail(BP_ERROR_SIZE, "%s: %s: kernel %zu x %zu is larger than the field %zu x %zu",
                        function, bpi_connection_text(connection).text, field->kernel_height,
                        field->kernel_width, field->height, field->width);
    return BP_OK;
}

static bool is_product(size_t units, size_t a, size_t b, size_t c)
{
    size_t product;
    return bpi_multiply(a, b, &product) && bpi_multiply(product, c, &product) && product == units;
}

static bp_status check_units(const char *function, const bp_connection *connection)
{
    const bp_convolution *field = &connection->shape.field;
    const bp_layer *from = connection->from, *to = connection->to;
    if (!is_product(from->units, field->channels, field->height, field->width))
        return bpi_fail(BP_ERROR_SIZE,
                        "%s: %s: layer '%s' has %zu units, but the field has %zu channels of %zu x %zu",
                        function, bpi_connection_text(connection).text, from->name, from->units,
                        field->channels, field->height, field->width);
    convolution_extent extent = bpi_convolution_extent(field);
    if (!is_product(to->units, field->kernels, extent.rows, extent.columns))
        return bpi_fail(BP_ERROR_SIZE,
                        "%s: %s: layer '%s' has %zu units, but %zu kernels have %zu x %zu positions each",
                        function, bpi_connection_text(connection).text, to->name, to->units, field->kernels,
                        extent.rows, extent.columns);
    return BP_OK;
}

static size_t units_per_bias(const bp_connection *connection)
{
    const bp_convolution *field = &connection->shape.field;
    return field->shared_bias ? bpi_convolution_extent(field).positions : 1;
}

/* All fields that end in a layer must mean the same biases. */
static bp_status check_biases(const char *function, const bp_connection *connection)
{
    const bp_layer *to = connection->to;
    size_t wanted = units_per_bias(connection);
    for (size_t i = 0; i < to->incoming_count; i++) {
        const bp_connection *other = to->incoming[i];
        if (other == connection || other->shape.kind != BP_CONNECTION_CONVOLUTION ||
            units_per_bias(other) == wanted)
            continue;
        return bpi_fail(BP_ERROR_STRUCTURE,
                        "%s: %s asks for a bias for every %zu units of layer '%s', but %s for one for every "
                        "%zu",
                        function, bpi_connection_text(connection).text, wanted, to->name,
                        bpi_connection_text(other).text, units_per_bias(other));
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

/* A row per kernel. */
static void matrix(const bp_connection *connection, size_t *rows, size_t *columns)
{
    *rows = connection->shape.field.kernels;
    *columns = bpi_convolution_extent(&connection->shape.field).area;
}

static size_t pairs_per_weight(const bp_connection *connection)
{
    return bpi_convolution_extent(&connection->shape.field).positions;
}

/* At the first position of its kernel. */
static weight_place locate(const bp_connection *connection, size_t weight)
{
    const bp_convolution *field = &connection->shape.field;
    convolution_extent extent = bpi_convolution_extent(field);
    size_t kernel = weight / extent.area, within = weight % extent.area;
    size_t x = within % field->kernel_width, y = within / field->kernel_width % field->kernel_height;
    size_t channel = within / field->kernel_width / field->kernel_height;
    return (weight_place){.unit = kernel * extent.positions,
                          .from_unit = (channel * field->height + y) * field->width + x};
}

/* Kernels of one size may slide over fields of different sizes. */
static const char *difference(const bp_connection *a, const bp_connection *b)
{
    const bp_convolution *one = &a->shape.field, *other = &b->shape.field;
    bool agree = one->kernels == other->kernels && one->channels == other->channels &&
                 one->kernel_height == other->kernel_height && one->kernel_width == other->kernel_width;
    return agree ? NULL : "their kernels differ";
}

static void describe(const bp_connection *connection, char *text, size_t room)
{
    const bp_convolution *field = &connection->shape.field;
    snprintf(text, room, "%zu kernels of %zu x %zu x %zu", field->kernels, field->channels,
             field->kernel_height, field->kernel_width);
}

const connection_structure bpi_convolution_structure = {
    .option = "convolution",
    .is_requested = is_requested,
    .plan = plan_kernels,
    .check = check,
    .matrix = matrix,
    .pairs_per_weight = pairs_per_weight,
    .units_per_bias = units_per_bias,
    .locate = locate,
    .difference = difference,
    .describe = describe,
};

/* --------------------------------------------------------------- public calls */

bp_status bp_connection_get_convolution(const bp_connection *connection, bp_convolution *field)
{
    BPI_REQUIRE(connection);
    BPI_REQUIRE(field);
    BPI_TRY(bpi_check_result_struct(__func__, SIZED_CONVOLUTION, field));
    if (connection->shape.kind != BP_CONNECTION_CONVOLUTION)
        return bpi_fail(BP_ERROR_STRUCTURE, "%s: %s is no field", __func__,
                        bpi_connection_text(connection).text);
    bpi_write_struct(SIZED_CONVOLUTION, field, &connection->shape.field);
    return BP_OK;
}
