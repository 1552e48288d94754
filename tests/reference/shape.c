#include "reference/shape.h"

#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static void read_mask(const bp_connection *connection, unsigned char *mask, size_t pairs)
{
    if (bp_connection_get_kind(connection) == BP_CONNECTION_MASKED)
        assert_ok(bp_connection_get_mask(connection, mask, pairs));
    else
        memset(mask, 1, pairs);
}

/* The weights of a connection stand row by row, and only where there is one. */
static void number_masked(reference_connection *connection, const bp_connection *of, size_t pairs)
{
    unsigned char *mask = calloc(pairs, 1);
    assert_non_null(mask);
    read_mask(of, mask, pairs);
    for (size_t pair = 0; pair < pairs; pair++)
        connection->of[pair] = mask[pair] ? connection->count++ : SIZE_MAX;
    free(mask);
}

/* Which weight of a kernel lies over the unit (y, x) when the window begins at (top, left); SIZE_MAX: none.
 */
static size_t kernel_weight(const bp_convolution *f, size_t y, size_t x, size_t top, size_t left)
{
    if (y < top || y >= top + f->kernel_height || x < left || x >= left + f->kernel_width)
        return SIZE_MAX;
    return (y - top) * f->kernel_width + (x - left);
}

/* Every pair is asked which weight of the kernel, if any, connects it. */
static void number_convolution(reference *ref, size_t n, const bp_convolution *f)
{
    reference_connection *connection = &ref->connections[n];
    reference_layer *to = &ref->layers[connection->to];
    size_t from_units = ref->layers[connection->from].units, window = f->kernel_height * f->kernel_width;
    size_t columns = (f->width - f->kernel_width) / f->stride_x + 1;
    size_t positions = ((f->height - f->kernel_height) / f->stride_y + 1) * columns;
    assert_int_equal(to->units, f->kernels * positions);
    for (size_t j = 0; j < to->units; j++)
        for (size_t i = 0; i < from_units; i++) {
            size_t kernel = j / positions, position = j % positions, channel = i / (f->height * f->width);
            size_t w = kernel_weight(f, i / f->width % f->height, i % f->width,
                                     position / columns * f->stride_y, position % columns * f->stride_x);
            connection->of[j * from_units + i] =
                w == SIZE_MAX ? SIZE_MAX : (kernel * f->channels + channel) * window + w;
        }
    connection->count = f->kernels * f->channels * window;
    if (f->shared_bias)
        to->units_per_bias = positions;
}

void reference_number_weights(reference *ref, const bp_network *net, size_t n)
{
    const bp_connection *of = bp_network_connection(net, n);
    reference_connection *connection = &ref->connections[n];
    size_t pairs = ref->layers[connection->from].units * ref->layers[connection->to].units;
    bp_convolution field;
    bp_convolution_init(&field, sizeof field);
    connection->of = calloc(pairs, sizeof *connection->of);
    assert_non_null(connection->of);
    if (bp_connection_get_kind(of) != BP_CONNECTION_CONVOLUTION) {
        number_masked(connection, of, pairs);
        return;
    }
    assert_ok(bp_connection_get_convolution(of, &field));
    number_convolution(ref, n, &field);
}

size_t reference_weight(const reference *ref, const reference_connection *connection, size_t j, size_t i)
{
    size_t weight = connection->of[j * ref->layers[connection->from].units + i];
    return weight == SIZE_MAX ? SIZE_MAX : connection->offset + weight;
}
