#include <math.h>
#include <string.h>

#include "format/model_bytes.h"
#include "format/model_example.h"

/* Loading must fail and leave *out alone. */
static void assert_refused(const model_bytes *model, bp_status status, const char *part)
{
    bp_network *untouched = (bp_network *)(void *)model, *out = untouched;
    assert_fails(bp_network_load_memory(&out, model->bytes, model->size, NULL), status, part);
    assert_ptr_equal(out, untouched);
}

static void finish_after_layers(model_bytes *model)
{
    model_section_end(model);
    model_tiny_connections(model);
    model_tiny_outputs(model);
    model_tiny_weights(model);
    model_end(model);
}

/* A model whose layers are an input "in" and the one given. */
static void make_with_layer(model_bytes *model, uint64_t units, uint32_t flags, const char *name,
                            const char *activation)
{
    model_begin(model, 1, 4);
    model_section(model, "LAYR");
    model_u64(model, 2);
    model_layer(model, 1, MODEL_INPUT, "in", NULL);
    model_layer(model, units, flags, name, activation);
    finish_after_layers(model);
}

static void test_layers(void **state)
{
    (void)state;
    static const char long_name[] = "0123456789012345678901234567890123456789012345678901234567890123";
    model_bytes model;
    make_with_layer(&model, 1, MODEL_BIAS, "out", "linear");
    bp_network *net = NULL;
    assert_ok(bp_network_load_memory(&net, model.bytes, model.size, NULL));
    bp_network_destroy(net);
    make_with_layer(&model, 0, MODEL_BIAS, "out", "linear");
    assert_refused(&model, BP_ERROR_FORMAT, "byte 55: layer 'out' has 0 units");
    make_with_layer(&model, 1, MODEL_BIAS, "in", "linear");
    assert_refused(&model, BP_ERROR_FORMAT, "byte 55: there is a layer 'in' already");
    make_with_layer(&model, 1, MODEL_BIAS, "", "linear");
    assert_refused(&model, BP_ERROR_FORMAT, "byte 55: the name is empty");
    make_with_layer(&model, 1, MODEL_BIAS, long_name, "linear");
    assert_refused(&model, BP_ERROR_FORMAT, "longer than 63 bytes");
    make_with_layer(&model, 1, 16 | MODEL_BIAS, "out", "linear");
    assert_refused(&model, BP_ERROR_VERSION, "byte 63: the layer's flags are 0x12");
    make_with_layer(&model, 1, MODEL_INPUT | MODEL_BIAS, "out", "linear");
    assert_refused(&model, BP_ERROR_FORMAT, "byte 63: an input layer has neither");
}

static void test_activations(void **state)
{
    (void)state;
    model_bytes model;
    make_with_layer(&model, 1, MODEL_BIAS, "out", "warp");
    assert_refused(&model, BP_ERROR_VERSION, "layer 'out' has the activation 'warp'");
    make_with_layer(&model, 1, MODEL_BIAS, "out", "");
    assert_refused(&model, BP_ERROR_VERSION, "layer 'out' has the activation ''");
    make_with_layer(&model, 1, MODEL_BIAS | MODEL_CUSTOM, "out", "warp");
    assert_refused(&model, BP_ERROR_NAME, "layer 'out' needs the activation 'warp'");
    /* The caller's names and the library's are apart. */
    make_with_layer(&model, 1, MODEL_BIAS | MODEL_CUSTOM, "out", "linear");
    assert_refused(&model, BP_ERROR_NAME, "layer 'out' needs the activation 'linear'");
}

static void test_custom_activation_is_found_by_name(void **state)
{
    (void)state;
    model_bytes model;
    make_with_layer(&model, 1, MODEL_BIAS | MODEL_CUSTOM, "out", "softsign");
    bp_activation known = example_softsign();
    bp_network_options options;
    bp_network_options_init(&options, sizeof options);
    options.activations = &known;
    options.activation_count = 1;
    bp_network *net = NULL;
    assert_ok(bp_network_load_memory(&net, model.bytes, model.size, &options));
    bp_activation loaded = bp_layer_activation(bp_network_layer(net, 1));
    assert_string_equal(bp_activation_name(&loaded), "softsign");
    assert_true(loaded.function == known.function && loaded.derivative == known.derivative);
    bp_network_destroy(net);
}

static void test_zero_byte_in_a_name(void **state)
{
    (void)state;
    model_bytes model;
    make_with_layer(&model, 1, MODEL_BIAS, "out", "linear");
    model.bytes[55 + 8 + 4 + 1 + 1] = '\0';
    model_fix_checksums(model.bytes, model.size);
    assert_refused(&model, BP_ERROR_FORMAT, "byte 67: a name contains a zero byte");
}

static void test_number_of_layers(void **state)
{
    (void)state;
    static const struct {
        uint64_t count;
        const char *message;
    } cases[] = {
        {0, "section LAYR has "},
        {1, "section LAYR has 23 bytes too many"},
        {3, "section LAYR is too short for 3 entries"},
        {SIZE_MAX, "section LAYR is too short"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        model_bytes model;
        model_begin(&model, 1, 4);
        model_section(&model, "LAYR");
        model_u64(&model, cases[i].count);
        model_layer(&model, 1, MODEL_INPUT, "in", NULL);
        model_layer(&model, 1, MODEL_BIAS, "out", "linear");
        finish_after_layers(&model);
        assert_refused(&model, BP_ERROR_FORMAT, cases[i].message);
    }
}

/* The tiny model with other pairs of layers connected, or other layers marked as outputs. */
static void make_with_indices(model_bytes *model, const char *tag, uint64_t count, const uint64_t *values,
                              size_t value_count)
{
    model_begin(model, 1, 4);
    model_tiny_layers(model);
    if (strcmp(tag, "OUTP") == 0)
        model_tiny_connections(model);
    model_section(model, tag);
    model_u64(model, count);
    for (size_t i = 0; i < value_count; i++)
        model_u64(model, values[i]);
    model_section_end(model);
    if (strcmp(tag, "CONN") == 0)
        model_tiny_outputs(model);
    model_tiny_weights(model);
    model_end(model);
}

static void test_connections(void **state)
{
    (void)state;
    model_bytes model;
    make_with_indices(&model, "CONN", 1, (const uint64_t[]){0, 2}, 2);
    assert_refused(&model, BP_ERROR_FORMAT, "layer 2 does not exist, there are 2");
    make_with_indices(&model, "CONN", 1, (const uint64_t[]){SIZE_MAX, 1}, 2);
    assert_refused(&model, BP_ERROR_FORMAT, "does not exist");
    make_with_indices(&model, "CONN", 1, (const uint64_t[]){1, 0}, 2);
    assert_refused(&model, BP_ERROR_FORMAT, "'in'");
    make_with_indices(&model, "CONN", 1, (const uint64_t[]){1, 1}, 2);
    assert_refused(&model, BP_ERROR_FORMAT, "'out'");
    make_with_indices(&model, "CONN", 2, (const uint64_t[]){0, 1, 0, 1}, 4);
    assert_refused(&model, BP_ERROR_FORMAT, "'out'");
    make_with_indices(&model, "CONN", 2, (const uint64_t[]){0, 1}, 2);
    assert_refused(&model, BP_ERROR_FORMAT, "section CONN is too short for 2 entries");
    make_with_indices(&model, "CONN", 1, (const uint64_t[]){0, 1, 7}, 3);
    assert_refused(&model, BP_ERROR_FORMAT, "section CONN has 8 bytes too many");
    make_with_indices(&model, "CONN", 0, NULL, 0);
    assert_refused(&model, BP_ERROR_FORMAT, "the structure needs 1 weights, but section WGHT has 2");
}

static void test_outputs(void **state)
{
    (void)state;
    model_bytes model;
    make_with_indices(&model, "OUTP", 0, NULL, 0);
    assert_refused(&model, BP_ERROR_FORMAT, "the model has no output layer");
    make_with_indices(&model, "OUTP", 1, (const uint64_t[]){0}, 1);
    assert_refused(&model, BP_ERROR_FORMAT, "layer 'in' is an input");
    make_with_indices(&model, "OUTP", 2, (const uint64_t[]){1, 1}, 2);
    assert_refused(&model, BP_ERROR_FORMAT, "layer 'out' is marked");
    make_with_indices(&model, "OUTP", 1, (const uint64_t[]){5}, 1);
    assert_refused(&model, BP_ERROR_FORMAT, "layer 5 does not exist");
}

/* A layer that nothing reaches has as many weights as it should, but the structure is not sound. */
static void test_unsound_structure(void **state)
{
    (void)state;
    model_bytes model;
    model_begin(&model, 1, 4);
    model_section(&model, "LAYR");
    model_u64(&model, 3);
    model_layer(&model, 1, MODEL_INPUT, "in", NULL);
    model_layer(&model, 1, MODEL_BIAS, "out", "linear");
    model_layer(&model, 5, 0, "lost", "tanh");
    finish_after_layers(&model);
    assert_refused(&model, BP_ERROR_FORMAT, "layer 'lost' receives no connection");
}

/* The tiny model with other weights, of which the section says that there are `count`. */
static void make_with_weights(model_bytes *model, uint32_t real_bytes, uint64_t count, const double *weights,
                              size_t weight_count)
{
    model_begin(model, 1, real_bytes);
    model_tiny_layers(model);
    model_tiny_connections(model);
    model_tiny_outputs(model);
    model_section(model, "WGHT");
    model_u64(model, count);
    for (size_t i = 0; i < weight_count; i++)
        model_real(model, weights[i]);
    model_section_end(model);
    model_end(model);
}

static void test_number_of_weights(void **state)
{
    (void)state;
    const double weights[] = {1, 2, 3};
    model_bytes model;
    make_with_weights(&model, 4, 3, weights, 3);
    assert_refused(&model, BP_ERROR_FORMAT, "the structure needs 2 weights, but section WGHT has 3");
    make_with_weights(&model, 4, 1, weights, 1);
    assert_refused(&model, BP_ERROR_FORMAT, "the structure needs 2 weights, but section WGHT has 1");
    make_with_weights(&model, 4, 2, weights, 3);
    assert_refused(&model, BP_ERROR_FORMAT, "section WGHT has 4 bytes too many");
    make_with_weights(&model, 4, SIZE_MAX, weights, 2);
    assert_refused(&model, BP_ERROR_FORMAT, "section WGHT is too short");
}

static void test_weights_that_are_not_finite(void **state)
{
    (void)state;
    model_bytes model;
    for (uint32_t real_bytes = 4; real_bytes <= 8; real_bytes += 4) {
        make_with_weights(&model, real_bytes, 2, (const double[]){INFINITY, 1}, 2);
        assert_refused(&model, BP_ERROR_NOT_FINITE,
                       "the weight from unit 0 of layer 'in' to unit 0 of layer 'out' is inf");
        make_with_weights(&model, real_bytes, 2, (const double[]){1, NAN}, 2);
        assert_refused(&model, BP_ERROR_NOT_FINITE, "the bias of unit 0 of layer 'out' is ");
    }
}

static void test_weights_beyond_float(void **state)
{
    (void)state;
    model_bytes model;
    make_with_weights(&model, 8, 2, (const double[]){1, -1e39}, 2);
#ifdef BP_DOUBLE
    bp_network *net = NULL;
    assert_ok(bp_network_load_memory(&net, model.bytes, model.size, NULL));
    assert_true(bp_network_weights(net, NULL)[1] == -1e39);
    bp_network_destroy(net);
#else
    assert_refused(&model, BP_ERROR_NOT_FINITE, "the bias of unit 0 of layer 'out' is -1e+39, too large");
#endif
}

/* A file of a few hundred bytes that claims a network of 2^62 weights, or more than can be counted. */
static void test_sizes_that_are_only_claimed(void **state)
{
    (void)state;
    static const uint64_t units[] = {(uint64_t)1 << 30, (uint64_t)1 << 62, UINT64_MAX};
    for (size_t i = 0; i < 3; i++) {
        model_bytes model;
        make_with_layer(&model, units[i], MODEL_BIAS, "out", "linear");
        assert_refused(&model, BP_ERROR_FORMAT, "");
    }
}

/* The tiny model with 2^32 added to one of its numbers: a size of 32 bits must not take it for the right one.
 */
static void test_numbers_beyond_32_bits(void **state)
{
    (void)state;
    static const uint64_t beyond = (uint64_t)1 << 32;
    model_bytes model;
    make_with_layer(&model, beyond + 1, MODEL_BIAS, "out", "linear");
    assert_refused(&model, BP_ERROR_FORMAT, SIZE_MAX > UINT32_MAX ? "the structure needs" : "is too large");
    make_with_indices(&model, "CONN", beyond + 1, (const uint64_t[]){0, 1}, 2);
    assert_refused(&model, BP_ERROR_FORMAT, SIZE_MAX > UINT32_MAX ? "CONN is too short" : "is too large");
    make_with_indices(&model, "CONN", 1, (const uint64_t[]){beyond, 1}, 2);
    assert_refused(&model, BP_ERROR_FORMAT, SIZE_MAX > UINT32_MAX ? "does not exist" : "is too large");
    make_with_weights(&model, 4, beyond + 2, (const double[]){1, 2}, 2);
    assert_refused(&model, BP_ERROR_FORMAT, SIZE_MAX > UINT32_MAX ? "WGHT is too short" : "is too large");
}

/* The tiny model with a section of scaling. */
static void make_with_scaling(model_bytes *model, const char *tag, uint64_t columns, double offset,
                              double factor)
{
    model_begin(model, 1, 8);
    model_tiny_layers(model);
    model_tiny_connections(model);
    model_tiny_outputs(model);
    model_section(model, tag);
    model_u64(model, columns);
    model_real(model, offset);
    model_real(model, factor);
    model_section_end(model);
    model_tiny_weights(model);
    model_end(model);
}

static void test_scaling(void **state)
{
    (void)state;
    static const char *const tags[] = {"INSC", "TGSC"};
    for (size_t i = 0; i < 2; i++) {
        model_bytes model;
        make_with_scaling(&model, tags[i], 0, 3, 0.25);
        assert_refused(&model, BP_ERROR_FORMAT, "is for 0 columns, but the network has 1");
        make_with_scaling(&model, tags[i], 2, 3, 0.25);
        assert_refused(&model, BP_ERROR_FORMAT, "is too short for 2 entries");
        make_with_scaling(&model, tags[i], 1, NAN, 0.25);
        assert_refused(&model, BP_ERROR_NOT_FINITE, "the offset of column 0 is ");
        make_with_scaling(&model, tags[i], 1, 3, -INFINITY);
        assert_refused(&model, BP_ERROR_NOT_FINITE, "the factor of column 0 is -inf");
        make_with_scaling(&model, tags[i], 1, 3, 0);
        assert_refused(&model, BP_ERROR_FORMAT, "the factor of column 0 is 0");
    }
}

static void test_scaling_is_that_of_the_file(void **state)
{
    (void)state;
    model_bytes model;
    make_with_scaling(&model, "INSC", 1, 3, 0.25);
    bp_network *net = NULL;
    assert_ok(bp_network_load_memory(&net, model.bytes, model.size, NULL));
    bp_real offset, factor;
    assert_ok(bp_network_get_input_scaling(net, &offset, &factor, 1));
    assert_true(offset == 3 && factor == (bp_real)0.25);
    assert_ok(bp_network_get_target_scaling(net, &offset, &factor, 1));
    assert_true(offset == 0 && factor == 1);
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layers),
        cmocka_unit_test(test_activations),
        cmocka_unit_test(test_custom_activation_is_found_by_name),
        cmocka_unit_test(test_zero_byte_in_a_name),
        cmocka_unit_test(test_number_of_layers),
        cmocka_unit_test(test_connections),
        cmocka_unit_test(test_outputs),
        cmocka_unit_test(test_unsound_structure),
        cmocka_unit_test(test_number_of_weights),
        cmocka_unit_test(test_weights_that_are_not_finite),
        cmocka_unit_test(test_weights_beyond_float),
        cmocka_unit_test(test_sizes_that_are_only_claimed),
        cmocka_unit_test(test_numbers_beyond_32_bits),
        cmocka_unit_test(test_scaling),
        cmocka_unit_test(test_scaling_is_that_of_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
