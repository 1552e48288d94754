/*
 * Local receptive fields with shared kernels. For each case the fields are written out as the rows of a
 * matrix, one per position, so that eq. 1, 6 and 7 become products that the kernels know.
 */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "model/connection_kind.h"

void bp_field_init(bp_field *field, size_t size)
{
    if (field == NULL || size < sizeof field->size)
        return;
    memset(field, 0, size);
    if (size >= sizeof *field)
        *field = (bp_field){.channels = 1, .kernels = 1, .stride_y = 1, .stride_x = 1, .shared_bias = 1};
    field->size = size;
}

/* What follows from a field that was checked. */
typedef struct field_extent {
    size_t rows, columns; /* of positions */
    size_t positions;
    size_t area; /* weights of one kernel */
} field_extent;

static field_extent extent_of(const bp_field *field)
{
    field_extent extent = {.rows = (field->height - field->kernel_height) / field->stride_y + 1,
                           .columns = (field->width - field->kernel_width) / field->stride_x + 1,
                           .area = field->channels * field->kernel_height * field->kernel_width};
    extent.positions = extent.rows * extent.columns;
    return extent;
}

/* ---------------------------------------------------------------------- checks */

static bp_status check_numbers(const char *function, const bp_connection *connection)
{
    const bp_field *field = &connection->shape.field;
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
            return bpi_fail(BP_ERROR_ARGUMENT, "%s: %s: field.%s is 0", function,
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
    const bp_field *field = &connection->shape.field;
    const bp_layer *from = connection->from, *to = connection->to;
    if (!is_product(from->units, field->channels, field->height, field->width))
        return bpi_fail(BP_ERROR_SIZE,
                        "%s: %s: layer '%s' has %zu units, but the field has %zu channels of %zu x %zu",
                        function, bpi_connection_text(connection).text, from->name, from->units,
                        field->channels, field->height, field->width);
    field_extent extent = extent_of(field);
    if (!is_product(to->units, field->kernels, extent.rows, extent.columns))
        return bpi_fail(BP_ERROR_SIZE,
                        "%s: %s: layer '%s' has %zu units, but %zu kernels have %zu x %zu positions each",
                        function, bpi_connection_text(connection).text, to->name, to->units, field->kernels,
                        extent.rows, extent.columns);
    return BP_OK;
}

static size_t units_per_bias(const bp_connection *connection)
{
    const bp_field *field = &connection->shape.field;
    return field->shared_bias ? extent_of(field).positions : 1;
}

/* All fields that end in a layer must mean the same biases. */
static bp_status check_biases(const char *function, const bp_connection *connection)
{
    const bp_layer *to = connection->to;
    size_t wanted = units_per_bias(connection);
    for (size_t i = 0; i < to->incoming_count; i++) {
        const bp_connection *other = to->incoming[i];
        if (other == connection || other->shape.kind != BP_CONNECTION_FIELD ||
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
    *columns = extent_of(&connection->shape.field).area;
}

static size_t pairs_per_weight(const bp_connection *connection)
{
    return extent_of(&connection->shape.field).positions;
}

/* At the first position of its kernel. */
static weight_place locate(const bp_connection *connection, size_t weight)
{
    const bp_field *field = &connection->shape.field;
    field_extent extent = extent_of(field);
    size_t kernel = weight / extent.area, within = weight % extent.area;
    size_t x = within % field->kernel_width, y = within / field->kernel_width % field->kernel_height;
    size_t channel = within / field->kernel_width / field->kernel_height;
    return (weight_place){.unit = kernel * extent.positions,
                          .from_unit = (channel * field->height + y) * field->width + x};
}

/* Kernels of one size may slide over fields of different sizes. */
static const char *difference(const bp_connection *a, const bp_connection *b)
{
    const bp_field *one = &a->shape.field, *other = &b->shape.field;
    bool agree = one->kernels == other->kernels && one->channels == other->channels &&
                 one->kernel_height == other->kernel_height && one->kernel_width == other->kernel_width;
    return agree ? NULL : "their kernels differ";
}

static void describe(const bp_connection *connection, char *text, size_t room)
{
    const bp_field *field = &connection->shape.field;
    snprintf(text, room, "%zu kernels of %zu x %zu x %zu", field->kernels, field->channels,
             field->kernel_height, field->kernel_width);
}

/* -------------------------------------------------------------------- patches */

/* What a kernel sees at one position, in the order of its weights; units begins with the first unit seen. */
static bp_real *read_patch(const bp_field *field, const bp_real *units, bp_real *patch)
{
    for (size_t channel = 0; channel < field->channels; channel++)
        for (size_t y = 0; y < field->kernel_height; y++) {
            const bp_real *run = units + (channel * field->height + y) * field->width;
            for (size_t x = 0; x < field->kernel_width; x++)
                *patch++ = run[x];
        }
    return patch;
}

static const bp_real *add_patch(const bp_field *field, const bp_real *patch, bp_real *units)
{
    for (size_t channel = 0; channel < field->channels; channel++)
        for (size_t y = 0; y < field->kernel_height; y++) {
            bp_real *run = units + (channel * field->height + y) * field->width;
            for (size_t x = 0; x < field->kernel_width; x++)
                run[x] += *patch++;
        }
    return patch;
}

static size_t first_seen(const bp_field *field, size_t row, size_t column)
{
    return row * field->stride_y * field->width + column * field->stride_x;
}

/* The patches of all positions of one case, each a row of `area` values. */
static void read_patches(const bp_field *field, const bp_real *units, bp_real *patches)
{
    field_extent extent = extent_of(field);
    for (size_t row = 0; row < extent.rows; row++)
        for (size_t column = 0; column < extent.columns; column++)
            patches = read_patch(field, units + first_seen(field, row, column), patches);
}

static void add_patches(const bp_field *field, const bp_real *patches, bp_real *units)
{
    field_extent extent = extent_of(field);
    for (size_t row = 0; row < extent.rows; row++)
        for (size_t column = 0; column < extent.columns; column++)
            patches = add_patch(field, patches, units + first_seen(field, row, column));
}

/* ------------------------------------------------------------------- products */

/* Values that the patches of one case take, up to where the kernels' scratch may begin; SIZE_MAX if they
 * cannot be counted. */
static size_t patch_room(const bp_field *field)
{
    const size_t step = BPI_ALIGNMENT / sizeof(bp_real);
    field_extent extent = extent_of(field);
    size_t values;
    if (!bpi_multiply(extent.positions, extent.area, &values) || !bpi_add(values, step - 1, &values))
        return SIZE_MAX;
    return values - values % step;
}

static size_t greatest(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t scratch(const bp_connection *connection, size_t cases)
{
    const kernel_table *kernel = connection->network->kernel;
    const bp_field *field = &connection->shape.field;
    field_extent extent = extent_of(field);
    size_t forward = kernel->product_scratch(field->kernels, extent.positions, extent.area);
    size_t backward = kernel->product_scratch(extent.positions, extent.area, field->kernels);
    size_t weights = kernel->product_scratch(field->kernels, extent.area, extent.positions);
    size_t values;
    (void)cases; /* one at a time */
    return bpi_add(patch_room(field), greatest(greatest(forward, backward), weights), &values) ? values
                                                                                               : SIZE_MAX;
}

/* [RHW86] eq. 1 and 2, case by case: x (kernels x positions) = weights (kernels x area) times patches^T. */
static void forward(const bp_connection *connection, const matrix_product *p)
{
    const bp_field *field = &connection->shape.field;
    field_extent extent = extent_of(field);
    for (size_t row = 0; row < p->m; row++) {
        read_patches(field, p->a + row * p->a_stride, p->scratch);
        matrix_product product = {
            .m = field->kernels,
            .n = extent.positions,
            .k = extent.area,
            .a = p->b,
            .a_stride = extent.area,
            .b = p->scratch,
            .b_stride = extent.area,
            .c = p->c + row * p->c_stride,
            .c_stride = extent.positions,
            .accumulate = p->accumulate,
            .activation = p->activation,
            .scratch = p->scratch + patch_room(field),
        };
        connection->network->kernel->product_forward(&product);
    }
}

/* [RHW86] eq. 7: dE/dpatches (positions x area) = dE/dx^T times weights, added up where patches overlap; and
 * eq. 5. */
static void backward(const bp_connection *connection, const matrix_product *p)
{
    const kernel_table *kernel = connection->network->kernel;
    const bp_field *field = &connection->shape.field;
    field_extent extent = extent_of(field);
    for (size_t row = 0; row < p->m; row++) {
        matrix_product product = {
            .m = extent.positions,
            .n = extent.area,
            .k = field->kernels,
            .a = p->a + row * p->a_stride,
            .a_stride = extent.positions,
            .b = p->b,
            .b_stride = extent.area,
            .c = p->scratch,
            .c_stride = extent.area,
            .activation = KERNEL_LINEAR,
            .scratch = p->scratch + patch_room(field),
        };
        kernel->product_weights(&product);
        bp_real *c = p->c + row * p->c_stride;
        if (!p->accumulate)
            memset(c, 0, p->n * sizeof *c);
        add_patches(field, p->scratch, c);
        if (p->slope_y != NULL)
            kernel->multiply_slope(p->activation, p->slope_y + row * p->slope_y_stride, c, p->n);
    }
}

/* [RHW86] eq. 6, summed over positions and cases: dE/dw (kernels x area) = dE/dx (kernels x positions) times
 * patches. */
static void weights(const bp_connection *connection, const matrix_product *p)
{
    const bp_field *field = &connection->shape.field;
    field_extent extent = extent_of(field);
    for (size_t row = 0; row < p->k; row++) {
        read_patches(field, p->b + row * p->b_stride, p->scratch);
        matrix_product product = {
            .m = field->kernels,
            .n = extent.area,
            .k = extent.positions,
            .a = p->a + row * p->a_stride,
            .a_stride = extent.positions,
            .b = p->scratch,
            .b_stride = extent.area,
            .c = p->c,
            .c_stride = extent.area,
            .accumulate = p->accumulate || row > 0,
            .activation = KERNEL_LINEAR,
            .scratch = p->scratch + patch_room(field),
        };
        connection->network->kernel->product_backward(&product);
    }
}

const connection_operations bpi_field_operations = {
    .check = check,
    .matrix = matrix,
    .pairs_per_weight = pairs_per_weight,
    .units_per_bias = units_per_bias,
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

static bp_status connect_field(bp_connection **out, const char *function, bp_network *net, bp_connection plan,
                               const bp_field *field)
{
    BPI_TRY(bpi_require_open(function, net));
    BPI_TRY(bpi_check_struct_size(function, "bp_field", field->size, sizeof *field));
    plan.shape = (connection_shape){.kind = BP_CONNECTION_FIELD, .field = *field};
    plan.shape.field.shared_bias = field->shared_bias != 0;
    return bpi_connect_as(out, function, net, &plan);
}

bp_status bp_network_connect_field(bp_connection **out, bp_network *net, bp_layer *from, bp_layer *to,
                                   const bp_field *field)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(from);
    BPI_REQUIRE(to);
    BPI_REQUIRE(field);
    return connect_field(out, __func__, net, (bp_connection){.from = from, .to = to}, field);
}

bp_status bp_network_connect_delayed_field(bp_connection **out, bp_network *net, bp_layer *from, bp_layer *to,
                                           const bp_field *field)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(from);
    BPI_REQUIRE(to);
    BPI_REQUIRE(field);
    bp_connection plan = {.from = from, .to = to, .is_delayed = true};
    return connect_field(out, __func__, net, plan, field);
}

bp_status bp_connection_field(const bp_connection *connection, bp_field *field)
{
    BPI_REQUIRE(connection);
    BPI_REQUIRE(field);
    BPI_TRY(bpi_check_struct_size(__func__, "bp_field", field->size, sizeof *field));
    if (connection->shape.kind != BP_CONNECTION_FIELD)
        return bpi_fail(BP_ERROR_STRUCTURE, "%s: %s is no field", __func__,
                        bpi_connection_text(connection).text);
    *field = connection->shape.field;
    return BP_OK;
}
