#include "reference/random_shape.h"

#include <stdlib.h>
#include <string.h>

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

void random_connect(uint64_t *state, bp_network *net, bp_layer *from, bp_layer *to, int is_delayed)
{
    if (test_below(state, 3) != 0) {
        assert_ok((is_delayed ? bp_network_connect_delayed : bp_network_connect)(NULL, net, from, to));
        return;
    }
    size_t rows = bp_layer_units(to), columns = bp_layer_units(from);
    unsigned char *mask = random_mask(state, rows, columns);
    assert_ok((is_delayed ? bp_network_connect_delayed_masked
                          : bp_network_connect_masked)(NULL, net, from, to, mask, rows * columns));
    free(mask);
}

static unsigned char *mask_of(const bp_connection *connection, size_t pairs)
{
    unsigned char *mask = calloc(pairs, 1);
    assert_non_null(mask);
    assert_ok(bp_connection_mask(connection, mask, pairs));
    return mask;
}

int random_may_share(const bp_connection *a, const bp_connection *b)
{
    size_t rows = bp_layer_units(bp_connection_to(a)), columns = bp_layer_units(bp_connection_from(a));
    if (rows != bp_layer_units(bp_connection_to(b)) || columns != bp_layer_units(bp_connection_from(b)) ||
        bp_connection_kind(a) != bp_connection_kind(b))
        return 0;
    if (bp_connection_kind(a) == BP_CONNECTION_DENSE)
        return 1;
    unsigned char *one = mask_of(a, rows * columns), *other = mask_of(b, rows * columns);
    int same = memcmp(one, other, rows * columns) == 0;
    free(one);
    free(other);
    return same;
}
