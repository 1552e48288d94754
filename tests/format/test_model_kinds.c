/* Model files of networks with connections that are not dense. Random networks come back in
 * test_model_recurrent.c. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "format/model_bytes.h"
#include "support/connect.h"
#include "support/support.h"

typedef void (*put_kinds)(model_bytes *model);

/* in (3) -> h (2) -> out (1), biases in out alone, with `weights` weights. */
static void make_model(model_bytes *model, put_kinds kinds, size_t weights)
{
    model_begin(model, 1, sizeof(bp_real));
    model_section(model, "LAYR");
    model_u64(model, 3);
    model_layer(model, 3, MODEL_INPUT, "in", NULL);
    model_layer(model, 2, 0, "h", "tanh");
    model_layer(model, 1, MODEL_BIAS, "out", "linear");
    model_section_end(model);
    model_section(model, "CONN");
    model_u64(model, 2);
    for (uint64_t i = 0; i < 2; i++) {
        model_u64(model, i);
        model_u64(model, i + 1);
    }
    model_section_end(model);
    model_section(model, "KIND");
    kinds(model);
    model_section_end(model);
    model_section(model, "OUTP");
    model_u64(model, 1);
    model_u64(model, 2);
    model_section_end(model);
    model_section(model, "WGHT");
    model_u64(model, weights);
    for (size_t i = 0; i < weights; i++)
        model_real(model, (double)i / 4);
    model_section_end(model);
    model_end(model);
}

/* ----------------------------------------------------------------------- masks */

enum { MASKED = 1, MASK_WEIGHTS = 3, MASKED_MODEL_WEIGHTS = MASK_WEIGHTS + 2 + 1 };

/* The beginning of the section: `count` entries, the first for `connection`. */
static void begin_entry(model_bytes *model, uint64_t count, uint64_t connection, uint32_t kind)
{
    model_u64(model, count);
    model_u64(model, connection);
    model_u32(model, kind);
}

static void put_row(model_bytes *model, uint32_t count, const uint32_t *sources)
{
    model_u32(model, count);
    for (uint32_t i = 0; i < count; i++)
        model_u32(model, sources[i]);
}

/* Unit 0 of h receives from unit 1 of in, unit 1 from units 0 and 2. */
static void good_mask(model_bytes *model)
{
    begin_entry(model, 1, 0, MASKED);
    put_row(model, 1, (const uint32_t[]){1});
    put_row(model, 2, (const uint32_t[]){0, 2});
}

static void test_documented_bytes(void **state)
{
    (void)state;
    const unsigned char wanted[] = {0, 1, 0, 1, 0, 1};
    model_bytes model;
    unsigned char mask[6], saved[sizeof model.bytes];
    bp_network *net = NULL;
    size_t size;
    make_model(&model, good_mask, MASKED_MODEL_WEIGHTS);
    assert_ok(bp_network_load_memory(&net, model.bytes, model.size, NULL));
    const bp_connection *connection = bp_network_connection(net, 0);
    assert_int_equal(bp_connection_get_kind(connection), BP_CONNECTION_MASKED);
    assert_int_equal(bp_connection_get_kind(bp_network_connection(net, 1)), BP_CONNECTION_DENSE);
    assert_ok(bp_connection_get_mask(connection, mask, sizeof mask));
    assert_memory_equal(mask, wanted, sizeof mask);
    assert_int_equal(bp_connection_weight_count(connection), MASK_WEIGHTS);
    assert_ok(bp_network_save_memory(net, saved, sizeof saved, &size));
    assert_int_equal(size, model.size);
    assert_memory_equal(saved, model.bytes, size);
    bp_network_destroy(net);
}

static void assert_refused(put_kinds kinds, bp_status status, const char *part)
{
    model_bytes model;
    bp_network *net = NULL;
    make_model(&model, kinds, MASKED_MODEL_WEIGHTS);
    assert_fails(bp_network_load_memory(&net, model.bytes, model.size, NULL), status, part);
    assert_null(net);
}

static void no_such_connection(model_bytes *model)
{
    begin_entry(model, 1, 2, MASKED);
}

static void no_such_kind(model_bytes *model)
{
    begin_entry(model, 1, 0, 77);
}

static void dense_kind(model_bytes *model)
{
    begin_entry(model, 1, 0, 0);
}

static void twice(model_bytes *model)
{
    good_mask(model);
    model->bytes[model->section + 4 + 8] = 2; /* entries, behind tag and length */
    model_u64(model, 0);
    model_u32(model, MASKED);
}

static void more_entries_than_bytes(model_bytes *model)
{
    begin_entry(model, SIZE_MAX, 0, MASKED);
}

static void longer_row_than_bytes(model_bytes *model)
{
    begin_entry(model, 1, 0, MASKED);
    model_u32(model, UINT32_MAX);
    model_u32(model, 1);
}

static void a_row_missing(model_bytes *model)
{
    begin_entry(model, 1, 0, MASKED);
    put_row(model, 1, (const uint32_t[]){1});
}

static void no_such_unit(model_bytes *model)
{
    begin_entry(model, 1, 0, MASKED);
    put_row(model, 1, (const uint32_t[]){3});
    put_row(model, 0, NULL);
}

static void units_not_ascending(model_bytes *model)
{
    begin_entry(model, 1, 0, MASKED);
    put_row(model, 2, (const uint32_t[]){2, 2});
    put_row(model, 1, (const uint32_t[]){0});
}

static void no_weight(model_bytes *model)
{
    begin_entry(model, 1, 0, MASKED);
    put_row(model, 0, NULL);
    put_row(model, 0, NULL);
}

static void too_long(model_bytes *model)
{
    good_mask(model);
    model_u32(model, 0);
}

static void all_pairs(model_bytes *model)
{
    begin_entry(model, 1, 0, MASKED);
    put_row(model, 3, (const uint32_t[]){0, 1, 2});
    put_row(model, 3, (const uint32_t[]){0, 1, 2});
}

static void test_bad_masks(void **state)
{
    (void)state;
    assert_refused(no_such_connection, BP_ERROR_FORMAT, "connection 2 does not exist, there are 2");
    assert_refused(no_such_kind, BP_ERROR_VERSION, "'in' -> 'h' is of kind 77, which this library does not");
    assert_refused(dense_kind, BP_ERROR_FORMAT, "'in' -> 'h' is dense and needs no entry");
    assert_refused(twice, BP_ERROR_FORMAT, "the kind of connection 0 follows that of connection 0");
    assert_refused(more_entries_than_bytes, BP_ERROR_FORMAT, "section KIND is too short");
    assert_refused(longer_row_than_bytes, BP_ERROR_FORMAT, "section KIND is too short for 4294967295");
    assert_refused(a_row_missing, BP_ERROR_FORMAT, "section KIND ends where 4 more bytes should be");
    assert_refused(no_such_unit, BP_ERROR_FORMAT, "'in' -> 'h': unit 3 does not exist, layer 'in' has 3");
    assert_refused(units_not_ascending, BP_ERROR_FORMAT, "'in' -> 'h': unit 2 follows unit 2");
    assert_refused(no_weight, BP_ERROR_FORMAT, "'in' -> 'h': the mask leaves no weight");
    assert_refused(too_long, BP_ERROR_FORMAT, "section KIND has 4 bytes too many");
    assert_refused(all_pairs, BP_ERROR_FORMAT, "the structure needs 9 weights, but section WGHT has 6");
}

static void test_a_bad_weight_is_named(void **state)
{
    (void)state;
    const char *const places[MASK_WEIGHTS] = {"from unit 1 of layer 'in' to unit 0 of layer 'h'",
                                              "from unit 0 of layer 'in' to unit 1 of layer 'h'",
                                              "from unit 2 of layer 'in' to unit 1 of layer 'h'"};
    const size_t behind = 4 + 12 + 4; /* the checksum of WGHT; ENDF */
    for (size_t i = 0; i < MASK_WEIGHTS; i++) {
        model_bytes model;
        bp_network *net = NULL;
        make_model(&model, good_mask, MASKED_MODEL_WEIGHTS);
        model_bytes number = {.real_bytes = sizeof(bp_real)};
        model_real(&number, (double)NAN);
        memcpy(model.bytes + model.size - behind - (MASKED_MODEL_WEIGHTS - i) * sizeof(bp_real), number.bytes,
               sizeof(bp_real));
        model_fix_checksums(model.bytes, model.size);
        assert_fails(bp_network_load_memory(&net, model.bytes, model.size, NULL), BP_ERROR_NOT_FINITE,
                     places[i]);
    }
}

/* ---------------------------------------------------------------------- fields */

enum { FIELD = 2, NUMBERS = 8, SHARED_BIAS = 1, CONVOLUTION_MODEL_WEIGHTS = 2 + 2 + 1 };

/* One kernel of 1 x 2 over the 1 x 3 units of in: two positions. */
static const uint64_t good_numbers[NUMBERS] = {1, 1, 3, 1, 1, 2, 1, 1};

static void put_convolution(model_bytes *model, const uint64_t numbers[NUMBERS], uint32_t flags)
{
    begin_entry(model, 1, 0, FIELD);
    for (size_t i = 0; i < NUMBERS; i++)
        model_u64(model, numbers[i]);
    model_u32(model, flags);
}

static void good_convolution(model_bytes *model)
{
    put_convolution(model, good_numbers, SHARED_BIAS);
}

static void test_documented_bytes_of_a_convolution(void **state)
{
    (void)state;
    model_bytes model;
    unsigned char saved[sizeof model.bytes];
    bp_network *net = NULL;
    bp_convolution field;
    size_t size;
    make_model(&model, good_convolution, CONVOLUTION_MODEL_WEIGHTS);
    assert_ok(bp_network_load_memory(&net, model.bytes, model.size, NULL));
    const bp_connection *connection = bp_network_connection(net, 0);
    bp_convolution_init(&field, sizeof field);
    assert_int_equal(bp_connection_get_kind(connection), BP_CONNECTION_CONVOLUTION);
    assert_ok(bp_connection_get_convolution(connection, &field));
    assert_int_equal(field.channels, 1);
    assert_int_equal(field.height, 1);
    assert_int_equal(field.width, 3);
    assert_int_equal(field.kernels, 1);
    assert_int_equal(field.kernel_height, 1);
    assert_int_equal(field.kernel_width, 2);
    assert_int_equal(field.stride_y, 1);
    assert_int_equal(field.stride_x, 1);
    assert_int_equal(field.shared_bias, 1);
    assert_ok(bp_network_save_memory(net, saved, sizeof saved, &size));
    assert_int_equal(size, model.size);
    assert_memory_equal(saved, model.bytes, size);
    bp_network_destroy(net);
}

static void changed_number(model_bytes *model, size_t index, uint64_t value)
{
    uint64_t numbers[NUMBERS];
    memcpy(numbers, good_numbers, sizeof numbers);
    numbers[index] = value;
    put_convolution(model, numbers, SHARED_BIAS);
}

static void no_channel(model_bytes *model)
{
    changed_number(model, 0, 0);
}

static void many_channels(model_bytes *model)
{
    changed_number(model, 0, SIZE_MAX);
}

static void large_kernel(model_bytes *model)
{
    changed_number(model, 5, 4);
}

static void another_stride(model_bytes *model)
{
    changed_number(model, 7, 2);
}

static void unknown_flag(model_bytes *model)
{
    put_convolution(model, good_numbers, 2);
}

static void cut_off(model_bytes *model)
{
    begin_entry(model, 1, 0, FIELD);
    model_u64(model, 1);
}

static void test_bad_convolutions(void **state)
{
    (void)state;
    assert_refused(no_channel, BP_ERROR_FORMAT, "'in' -> 'h': convolution.channels is 0");
    assert_refused(many_channels, BP_ERROR_FORMAT, "layer 'in' has 3 units, but channels x height x width");
    assert_refused(large_kernel, BP_ERROR_FORMAT, "kernel 1 x 4 is larger than the input 1 x 3");
    assert_refused(another_stride, BP_ERROR_FORMAT,
                   "layer 'h' has 2 units, but kernels x their positions are 1 x 1 x 1");
    assert_refused(unknown_flag, BP_ERROR_VERSION, "'in' -> 'h': the flags of the convolution are 0x2");
    assert_refused(cut_off, BP_ERROR_FORMAT, "section KIND ends where 8 more bytes should be");
    assert_refused(good_convolution, BP_ERROR_FORMAT,
                   "the structure needs 5 weights, but section WGHT has 6");
}

static bp_status connect_example(bp_network *net)
{
    bp_layer *in = NULL, *h = NULL;
    bp_convolution field;
    bp_convolution_init(&field, sizeof field);
    field.height = field.width = 3;
    field.kernels = field.kernel_height = field.kernel_width = 2;
    assert_ok(bp_network_add_input(&in, net, "in", 9));
    assert_ok(bp_network_add_layer(&h, net, "h", 8, bp_activation_tanh()));
    assert_ok(connect_convolution(NULL, net, in, h, &field));
    return bp_network_finalize(net);
}

/* 2 x 4 weights, then 2 biases, each of four units. */
static void test_a_bad_weight_of_a_convolution_is_named(void **state)
{
    (void)state;
    const char *const places[] = {"the weight from unit 0 of layer 'in' to unit 0 of layer 'h'",
                                  "the weight from unit 4 of layer 'in' to unit 4 of layer 'h'",
                                  "the bias of units 4 to 7 of layer 'h'"};
    const size_t weights[] = {0, 7, 9}, behind = 4 + 12 + 4;
    for (size_t i = 0; i < 3; i++) {
        unsigned char bytes[1024];
        size_t size;
        bp_network *net = NULL, *loaded = NULL;
        assert_ok(bp_network_create(&net, NULL));
        assert_ok(connect_example(net));
        assert_ok(bp_network_initialize(net, 1));
        assert_ok(bp_network_save_memory(net, bytes, sizeof bytes, &size));
        bp_network_destroy(net);
        model_bytes number = {.real_bytes = sizeof(bp_real)};
        model_real(&number, (double)INFINITY);
        memcpy(bytes + size - behind - (10 - weights[i]) * sizeof(bp_real), number.bytes, sizeof(bp_real));
        model_fix_checksums(bytes, size);
        assert_fails(bp_network_load_memory(&loaded, bytes, size, NULL), BP_ERROR_NOT_FINITE, places[i]);
    }
}

/* ----------------------------------------------------------------- great sizes */

/* in (inputs) -> out (1) by one weight, whatever `inputs` is: through a kernel or a mask. */
static void make_wide_model(model_bytes *model, uint64_t inputs, uint32_t kind)
{
    const uint64_t numbers[NUMBERS] = {1, 1, inputs, 1, 1, 1, 1, inputs};
    model_begin(model, 1, sizeof(bp_real));
    model_section(model, "LAYR");
    model_u64(model, 2);
    model_layer(model, inputs, MODEL_INPUT, "in", NULL);
    model_layer(model, 1, 0, "out", "linear");
    model_section_end(model);
    model_tiny_connections(model);
    model_section(model, "KIND");
    if (kind == FIELD)
        put_convolution(model, numbers, 0);
    else {
        begin_entry(model, 1, 0, MASKED);
        put_row(model, 1, (const uint32_t[]){7});
    }
    model_section_end(model);
    model_tiny_outputs(model);
    model_section(model, "WGHT");
    model_u64(model, 1);
    model_real(model, 1);
    model_section_end(model);
    model_end(model);
}

/* The layers of a small file are not so large that one case of them fills the memory. */
static void test_units_that_a_file_claims_are_bounded(void **state)
{
    (void)state;
    const uint32_t kinds[] = {MASKED, FIELD};
    /* With 32 bits the limit is where a block of outputs no longer has a size in bytes. */
    const uint64_t most = (uint64_t)1 << (sizeof(size_t) == 4 ? 24 : 28);
    model_bytes model;
    for (size_t i = 0; i < 2; i++) {
        bp_network *net = NULL;
        make_wide_model(&model, most - 1, kinds[i]);
        assert_ok(bp_network_load_memory(&net, model.bytes, model.size, NULL));
        assert_int_equal(bp_network_input_width(net), most - 1);
        bp_network_destroy(net);
        net = NULL;
        make_wide_model(&model, 4 * most, kinds[i]);
        assert_fails(bp_network_load_memory(&net, model.bytes, model.size, NULL), BP_ERROR_FORMAT,
                     "makes the network too large");
        assert_null(net);
    }
    bp_network *net = NULL;
    assert_fails(bp_network_load(&net, "fuzz/corpus/model/convolution-over-2-to-56-units", NULL),
                 BP_ERROR_FORMAT, "");
    assert_null(net);
}

static void test_each_allocation(void **state)
{
    (void)state;
    model_bytes model;
    make_model(&model, good_mask, MASKED_MODEL_WEIGHTS);
    test_each_allocation_fails(model_load_attempt, &model);
    make_model(&model, good_convolution, CONVOLUTION_MODEL_WEIGHTS);
    test_each_allocation_fails(model_load_attempt, &model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documented_bytes),
        cmocka_unit_test(test_bad_masks),
        cmocka_unit_test(test_a_bad_weight_is_named),
        cmocka_unit_test(test_documented_bytes_of_a_convolution),
        cmocka_unit_test(test_bad_convolutions),
        cmocka_unit_test(test_a_bad_weight_of_a_convolution_is_named),
        cmocka_unit_test(test_units_that_a_file_claims_are_bounded),
        cmocka_unit_test(test_each_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
