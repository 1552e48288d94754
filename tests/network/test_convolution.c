/* Building networks with receptive fields: defaults, what may share, what is refused, what is named. */
#include <string.h>

#include "network/network.h"
#include "support/activations.h"
#include "support/connect.h"
#include "support/support.h"

static void test_defaults(void **state)
{
    (void)state;
    bp_convolution field;
    bp_convolution_init(&field, sizeof field);
    assert_int_equal(field.size, sizeof field);
    assert_int_equal(field.channels, 1);
    assert_int_equal(field.kernels, 1);
    assert_int_equal(field.height + field.width + field.kernel_height + field.kernel_width, 0);
    assert_int_equal(field.stride_y, 1);
    assert_int_equal(field.stride_x, 1);
    assert_int_equal(field.shared_bias, 1);
    bp_convolution_init(NULL, sizeof field);
}

/* -------------------------------------------------------------- open networks */

typedef struct open_network {
    bp_network *net;
    bp_layer *in, *other, *h, *out; /* 16 and 9 inputs, 8 units, 4 units */
} open_network;

static open_network build_open(void)
{
    open_network o = {0};
    assert_ok(bp_network_create(&o.net, NULL));
    assert_ok(bp_network_add_input(&o.in, o.net, "in", 16));
    assert_ok(bp_network_add_input(&o.other, o.net, "other", 9));
    assert_ok(bp_network_add_layer(&o.h, o.net, "h", 8, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&o.out, o.net, "out", 4, bp_activation_tanh()));
    return o;
}

/* A square picture of one channel under square kernels. */
static bp_convolution square(size_t size, size_t kernels, size_t kernel_size, size_t stride)
{
    bp_convolution field;
    bp_convolution_init(&field, sizeof field);
    field.height = field.width = size;
    field.kernels = kernels;
    field.kernel_height = field.kernel_width = kernel_size;
    field.stride_y = field.stride_x = stride;
    return field;
}

static void test_kernels_of_one_size_share_over_inputs_of_two(void **state)
{
    (void)state;
    open_network o = build_open();
    bp_connection *a = NULL, *b = NULL, *c = NULL;
    const bp_convolution large = square(4, 2, 2, 2), small = square(3, 2, 2, 1), wide = square(3, 1, 2, 1);
    assert_ok(connect_convolution(&a, o.net, o.in, o.h, &large));
    assert_ok(connect_convolution(&b, o.net, o.other, o.h, &small));
    assert_ok(connect_convolution(&c, o.net, o.other, o.out, &wide));
    assert_ok(bp_network_connect(NULL, o.net, o.h, o.out));
    assert_fails(
        bp_connection_share(a, c), BP_ERROR_STRUCTURE,
        "'in' -> 'h' (2 kernels of 1 x 2 x 2) cannot share with 'other' -> 'out' (1 kernels of 1 x 2 "
        "x 2): their kernels differ");
    assert_ok(bp_connection_share(a, b));
    assert_ok(bp_network_finalize(o.net));
    assert_int_equal(bp_connection_offset(a), bp_connection_offset(b));
    assert_int_equal(bp_connection_offset(c), 2 * 4 + 2);
    size_t count;
    bp_network_weights(o.net, &count);
    assert_int_equal(count, 2 * 4 + 2 + 4 + 8 * 4 + 1);
    assert_int_equal(o.net->slices[0].uses, 4 + 4);
    bp_network_destroy(o.net);
}

static void test_biases_must_agree(void **state)
{
    (void)state;
    open_network o = build_open();
    bp_convolution each = square(4, 2, 2, 2), all = square(3, 2, 2, 1);
    each.shared_bias = 0;
    assert_ok(connect_convolution(NULL, o.net, o.in, o.h, &each));
    assert_fails(connect_convolution(NULL, o.net, o.other, o.h, &all), BP_ERROR_STRUCTURE,
                 "'other' -> 'h' needs a bias for every 4 units of layer 'h', but 'in' -> 'h' needs one for "
                 "every 1");
    bp_network_destroy(o.net);
}

static void test_shared_biases_must_have_as_many_units(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        open_network o = build_open();
        bp_layer *last = NULL;
        bp_convolution field = square(4, 2, 2, 2);
        assert_ok(bp_network_add_layer(&last, o.net, "last", 8, bp_activation_tanh()));
        if (late)
            assert_ok(bp_layer_share_bias(last, o.h));
        assert_ok(connect_convolution(NULL, o.net, o.in, o.h, &field));
        if (!late)
            assert_ok(bp_layer_share_bias(last, o.h));
        assert_ok(bp_network_connect(NULL, o.net, o.other, o.out));
        assert_ok(bp_network_connect(NULL, o.net, o.h, last));
        assert_ok(bp_network_connect(NULL, o.net, o.out, last));
        assert_fails(bp_network_finalize(o.net), BP_ERROR_STRUCTURE,
                     "layer 'last', with a bias for every 1 units, shares the biases of layer 'h', with one "
                     "for every 4");
        bp_network_destroy(o.net);
    }
}

static void assert_refused(const open_network *o, bp_convolution field, bp_status status, const char *part)
{
    bp_connection *connection = NULL;
    assert_fails(connect_convolution(&connection, o->net, o->in, o->h, &field), status, part);
    assert_null(connection);
    assert_int_equal(bp_network_connection_count(o->net), 0);
}

static void test_convolutions_that_do_not_fit(void **state)
{
    (void)state;
    open_network o = build_open();
    bp_convolution field = square(4, 2, 2, 2);
    assert_refused(&o, square(3, 1, 5, 1), BP_ERROR_SIZE,
                   "bp_network_connect_with: 'in' -> 'h': kernel 5 x 5 is larger than the input 3 x 3");
    assert_refused(&o, square(3, 2, 2, 1), BP_ERROR_SIZE,
                   "layer 'in' has 16 units, but channels x height x width are 1 x 3 x 3");
    assert_refused(&o, square(4, 3, 2, 2), BP_ERROR_SIZE,
                   "layer 'h' has 8 units, but kernels x their positions are 3 x 2 x 2");
    size_t *const numbers[] = {&field.channels,      &field.height,       &field.width,    &field.kernels,
                               &field.kernel_height, &field.kernel_width, &field.stride_y, &field.stride_x};
    const char *const names[] = {"channels is 0",      "height is 0",       "width is 0",    "kernels is 0",
                                 "kernel_height is 0", "kernel_width is 0", "stride_y is 0", "stride_x is 0"};
    for (size_t i = 0; i < 8; i++) {
        size_t kept = *numbers[i];
        *numbers[i] = 0;
        assert_refused(&o, field, BP_ERROR_ARGUMENT, names[i]);
        *numbers[i] = SIZE_MAX / 2;
        if (i < 6)
            assert_refused(&o, field, BP_ERROR_SIZE, "'in' -> 'h': ");
        *numbers[i] = kept;
    }
    field.size = 0;
    assert_refused(&o, field, BP_ERROR_ARGUMENT,
                   "bp_convolution.size is 0; fill it with bp_convolution_init first");
    field.size = sizeof field - 1;
    assert_refused(&o, field, BP_ERROR_VERSION, "bp_convolution.size");
    bp_network_destroy(o.net);
}

static void test_wrong_calls(void **state)
{
    (void)state;
    open_network o = build_open();
    bp_convolution field = square(4, 2, 2, 2), back = square(2, 1, 1, 1);
    assert_fails(connect_convolution(NULL, NULL, o.in, o.h, &field), BP_ERROR_ARGUMENT, "net is NULL");
    assert_fails(connect_convolution(NULL, o.net, NULL, o.h, &field), BP_ERROR_ARGUMENT, "from is NULL");
    assert_fails(connect_convolution(NULL, o.net, o.in, NULL, &field), BP_ERROR_ARGUMENT, "to is NULL");
    assert_fails(connect_convolution(NULL, o.net, o.out, o.h, &field), BP_ERROR_STRUCTURE,
                 "layer 'h' comes before layer 'out'");
    assert_ok(connect_convolution(NULL, o.net, o.in, o.h, &field));
    assert_fails(connect_convolution(NULL, o.net, o.in, o.h, &field), BP_ERROR_STRUCTURE, "already");
    bp_connection *delayed = NULL;
    assert_ok(connect_delayed_convolution(&delayed, o.net, o.out, o.out, &back));
    assert_true(bp_connection_is_delayed(delayed));
    assert_ok(bp_network_connect(NULL, o.net, o.h, o.out));
    assert_ok(bp_network_connect(NULL, o.net, o.other, o.out));
    assert_ok(bp_network_finalize(o.net));
    assert_int_equal(bp_layer_bias_count(o.out), 1);
    assert_fails(connect_convolution(NULL, o.net, o.in, o.out, &field), BP_ERROR_STATE, "finalized");
    bp_network_destroy(o.net);
}

/* ----------------------------------------------------------- checking, memory */

/* Wrong for x = 5. */
static void wrong_slope(void *context, const bp_real *x, const bp_real *y, bp_real *slope, size_t count)
{
    (void)context;
    (void)y;
    for (size_t i = 0; i < count; i++)
        slope[i] = x[i] > (bp_real)4.5 ? 0 : 3 * x[i] * x[i];
}

/* Two channels of 1 x 3 under two kernels of 1 x 2. Kernel 1 has x = 4 at its first position and 5 at the
 * second, whose part of the derivatives is missing: it is the greatest for the weight from the input 2. */
static void test_the_checker_names_the_first_place(void **state)
{
    (void)state;
    bp_network *net = NULL;
    bp_layer *in = NULL, *h = NULL;
    bp_convolution field = square(1, 2, 1, 1);
    field.channels = field.kernel_width = 2;
    field.width = 3;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", 6));
    assert_ok(bp_network_add_layer(&h, net, "h", 4, bp_activation_custom("cube", cube, wrong_slope, NULL)));
    assert_ok(connect_convolution(NULL, net, in, h, &field));
    assert_ok(bp_network_finalize(net));
    /* Kernel 1 sees much more than kernel 0, and most of it at the second column of channel 1. */
    bp_real weights[] = {0.25, 0.25, 0.25, 0.25, 1, 1, 1, 1, 0, 0}, inputs[] = {1, 1, 1, 1, 1, 2},
            targets[] = {0, 0, 0, 0};
    assert_ok(bp_network_set_weights(net, weights, 10));
    bp_data data = bp_data_view(1, inputs, 6, targets, 4);
    bp_workspace *workspace = NULL;
    bp_gradient_check check;
    bp_gradient_check_init(&check, sizeof check);
    assert_ok(bp_workspace_create(&workspace, net, 1));
    assert_ok(bp_network_check_gradient(net, workspace, &data, bp_loss_squared_error(), 0, &check));
    assert_false(check.passed);
    assert_int_equal(check.checked, 10);
    assert_int_equal(check.weight, 4 + 3);
    assert_string_equal(check.layer, "h");
    assert_int_equal(check.unit, 2); /* position 0 of kernel 1 */
    assert_string_equal(check.from, "in");
    assert_int_equal(check.from_unit, 3 + 1);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

static bp_status build_and_copy(bp_network *net, bp_network **copy)
{
    bp_layer *in = NULL, *h = NULL;
    const bp_convolution field = square(3, 1, 2, 1), back = square(2, 1, 1, 1);
    bp_status status = bp_network_add_input(&in, net, "in", 9);
    if (status == BP_OK)
        status = bp_network_add_layer(&h, net, "h", 4, bp_activation_tanh());
    if (status == BP_OK)
        status = connect_convolution(NULL, net, in, h, &field);
    if (status == BP_OK)
        status = connect_delayed_convolution(NULL, net, h, h, &back);
    if (status == BP_OK)
        status = bp_network_finalize(net);
    return status == BP_OK ? bp_network_copy(copy, net) : status;
}

static bp_status attempt(void *context, const bp_allocator *allocator)
{
    (void)context;
    bp_network *net = NULL, *copy = NULL, *unrolled = NULL;
    bp_workspace *workspace = NULL;
    bp_unroll_options steps;
    bp_unroll_options_init(&steps, sizeof steps);
    steps.steps = 2;
    bp_status status = test_network_create(&net, allocator);
    if (status == BP_OK)
        status = build_and_copy(net, &copy);
    if (status == BP_OK)
        status = bp_network_unroll(&unrolled, copy, &steps);
    if (status == BP_OK)
        status = bp_workspace_create(&workspace, unrolled, 3);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    bp_network_destroy(copy);
    bp_network_destroy(unrolled);
    return status;
}

static void test_each_allocation(void **state)
{
    (void)state;
    test_each_allocation_fails(attempt, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_kernels_of_one_size_share_over_inputs_of_two),
        cmocka_unit_test(test_biases_must_agree),
        cmocka_unit_test(test_shared_biases_must_have_as_many_units),
        cmocka_unit_test(test_convolutions_that_do_not_fit),
        cmocka_unit_test(test_wrong_calls),
        cmocka_unit_test(test_the_checker_names_the_first_place),
        cmocka_unit_test(test_each_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
