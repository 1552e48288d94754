#include "reference/random_shape.h"

#include <stdlib.h>
#include <string.h>

#include "support/connect.h"
#include "support/support.h"

static unsigned char *random_mask(uint64_t *state, size_t rows, size_t columns)
{
    unsigned char *mask = calloc(rows * columns, 1);
    assert_non_null(mask);
    size_t step = 2 + test_below(state, 2);
    for (size_t j = 0; j < rows; j++)
        for (size_t i = 0; i < columns; i++) /* something in each row: x = 0 is where ReLU has its kink */
            if ((i * j + i + j) % step == 0 || i == j % columns)
                mask[j * columns + i] = (unsigned char)(1 + i % 255);
    return mask;
}

/* A random divisor. */
static size_t divisor(uint64_t *state, size_t number)
{
    size_t found = 1 + test_below(state, number);
    while (number % found != 0)
        found--;
    return found;
}

/* A field between layers of these sizes whose kernels have several positions; 0 if none was found. */
static int random_convolution(uint64_t *state, size_t from, size_t to, bp_convolution *field)
{
    for (int i = 0; i < 30; i++) {
        bp_convolution_init(field, sizeof *field);
        field->channels = divisor(state, from);
        field->height = divisor(state, from / field->channels);
        field->width = from / field->channels / field->height;
        field->kernel_height = 1 + test_below(state, field->height);
        field->kernel_width = 1 + test_below(state, field->width);
        field->stride_y = 1 + test_below(state, 2);
        field->stride_x = 1 + test_below(state, 3);
        field->shared_bias = test_below(state, 3) != 0;
        size_t positions = ((field->height - field->kernel_height) / field->stride_y + 1) *
                           ((field->width - field->kernel_width) / field->stride_x + 1);
        field->kernels = to / positions;
        if (positions > 1 && to % positions == 0)
            return 1;
    }
    return 0;
}

/* Not if another field has settled on other biases. */
static int connect_by_kernels(uint64_t *state, bp_network *net, bp_layer *from, bp_layer *to, int is_delayed)
{
    bp_convolution field;
    bp_activation activation = bp_layer_activation(to);
    if (!random_convolution(state, bp_layer_units(from), bp_layer_units(to), &field))
        return 0;
    if (strcmp(bp_activation_name(&activation), "softmax") == 0)
        field.shared_bias = 0; /* E does not depend on a bias that all units of softmax have */
    bp_status status =
        (is_delayed ? connect_delayed_convolution : connect_convolution)(NULL, net, from, to, &field);
    if (status != BP_OK)
        assert_non_null(strstr(bp_error_message(), "asks for a bias"));
    return status == BP_OK;
}

void random_connect(uint64_t *state, bp_network *net, bp_layer *from, bp_layer *to, int is_delayed)
{
    size_t kind = test_below(state, 4);
    if (kind == 0 && connect_by_kernels(state, net, from, to, is_delayed))
        return;
    if (kind < 3) {
        assert_ok((is_delayed ? connect_delayed : bp_network_connect)(NULL, net, from, to));
        return;
    }
    size_t rows = bp_layer_units(to), columns = bp_layer_units(from);
    unsigned char *mask = random_mask(state, rows, columns);
    assert_ok(
        (is_delayed ? connect_delayed_masked : connect_masked)(NULL, net, from, to, mask, rows * columns));
    free(mask);
}

static unsigned char *mask_of(const bp_connection *connection, size_t pairs)
{
    unsigned char *mask = calloc(pairs, 1);
    assert_non_null(mask);
    assert_ok(bp_connection_get_mask(connection, mask, pairs));
    return mask;
}

static int same_kernels(const bp_connection *a, const bp_connection *b)
{
    bp_convolution one, other;
    bp_convolution_init(&one, sizeof one);
    bp_convolution_init(&other, sizeof other);
    assert_ok(bp_connection_get_convolution(a, &one));
    assert_ok(bp_connection_get_convolution(b, &other));
    return one.kernels == other.kernels && one.channels == other.channels &&
           one.kernel_height == other.kernel_height && one.kernel_width == other.kernel_width;
}

int random_may_share(const bp_connection *a, const bp_connection *b)
{
    size_t rows = bp_layer_units(bp_connection_to(a)), columns = bp_layer_units(bp_connection_from(a));
    if (rows != bp_layer_units(bp_connection_to(b)) || columns != bp_layer_units(bp_connection_from(b)) ||
        bp_connection_get_kind(a) != bp_connection_get_kind(b))
        return 0;
    if (bp_connection_get_kind(a) == BP_CONNECTION_DENSE)
        return 1;
    if (bp_connection_get_kind(a) == BP_CONNECTION_CONVOLUTION)
        return same_kernels(a, b);
    unsigned char *one = mask_of(a, rows * columns), *other = mask_of(b, rows * columns);
    int same = memcmp(one, other, rows * columns) == 0;
    free(one);
    free(other);
    return same;
}
