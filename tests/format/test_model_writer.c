#include <stdlib.h>
#include <string.h>

#include "format/model_bytes.h"
#include "format/model_example.h"
#include "format/model_format.h"
#include "format/model_writer.h"

/* The bytes that the library writes; the caller frees them. */
static unsigned char *write_model(const bp_network *net, size_t *size)
{
    *size = bpi_model_write(net, NULL);
    unsigned char *bytes = malloc(*size);
    assert_non_null(bytes);
    assert_int_equal(bpi_model_write(net, bytes), *size);
    return bytes;
}

static bp_network *make_tiny(void)
{
    bp_network *net = NULL;
    bp_layer *in = NULL, *out = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", 1));
    assert_ok(bp_network_add_layer(&out, net, "out", 1, bp_activation_linear()));
    assert_ok(bp_network_connect(NULL, net, in, out));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_set_weights(net, (const bp_real[]){2, (bp_real)-0.5}, 2));
    return net;
}

static void test_tiny_model_has_the_documented_bytes(void **state)
{
    (void)state;
    bp_network *net = make_tiny();
    size_t size;
    unsigned char *bytes = write_model(net, &size);
    model_bytes wanted;
    model_tiny(&wanted, sizeof(bp_real));
    assert_int_equal(size, wanted.size);
    assert_memory_equal(bytes, wanted.bytes, size);
    free(bytes);
    bp_network_destroy(net);
}

static void put_example_layers(model_bytes *model)
{
    model_section(model, "LAYR");
    model_u64(model, 6);
    model_layer(model, 2, MODEL_INPUT, "left", NULL);
    model_layer(model, 1, MODEL_INPUT, "right", NULL);
    model_layer(model, 3, MODEL_BIAS, "hidden", "tanh");
    model_layer(model, 2, MODEL_CUSTOM, "gate", "softsign");
    model_layer(model, 2, MODEL_BIAS, "a", "logistic");
    model_layer(model, 1, MODEL_BIAS, "b", "linear");
    model_section_end(model);
}

static void put_indices(model_bytes *model, const char *tag, const uint64_t *values, size_t count,
                        size_t per_entry)
{
    model_section(model, tag);
    model_u64(model, count / per_entry);
    for (size_t i = 0; i < count; i++)
        model_u64(model, values[i]);
    model_section_end(model);
}

static void put_numbers(model_bytes *model, const char *tag, const double *values, size_t count,
                        size_t per_entry)
{
    model_section(model, tag);
    model_u64(model, count / per_entry);
    for (size_t i = 0; i < count; i++)
        model_real(model, values[i]);
    model_section_end(model);
}

static void put_example(model_bytes *model)
{
    static const uint64_t connections[] = {0, 2, 1, 2, 2, 3, 1, 3, 2, 4, 0, 4, 3, 5};
    static const uint64_t outputs[] = {5, 4};
    static const double input_scaling[] = {1, -2, 0.5, 2, 0.25, -1};
    static const double target_scaling[] = {10, 0, -1, 0.5, 1, 4};
    double weights[EXAMPLE_WEIGHTS];
    for (int i = 0; i < EXAMPLE_WEIGHTS; i++)
        weights[i] = (i * 7 % 23 - 11) / 16.0;
    model_begin(model, 1, sizeof(bp_real));
    put_example_layers(model);
    put_indices(model, "CONN", connections, 14, 2);
    put_indices(model, "OUTP", outputs, 2, 1);
    put_numbers(model, "INSC", input_scaling, 6, 2);
    put_numbers(model, "TGSC", target_scaling, 6, 2);
    put_numbers(model, "WGHT", weights, EXAMPLE_WEIGHTS, 1);
    model_end(model);
}

static void test_example_has_the_documented_bytes(void **state)
{
    (void)state;
    bp_network *net = NULL;
    assert_ok(example_create(&net, NULL));
    size_t size;
    unsigned char *bytes = write_model(net, &size);
    model_bytes wanted;
    put_example(&wanted);
    assert_int_equal(size, wanted.size);
    assert_memory_equal(bytes, wanted.bytes, size);
    free(bytes);
    bp_network_destroy(net);
}

static void test_identical_networks_have_identical_bytes(void **state)
{
    (void)state;
    bp_network *net = NULL, *copy = NULL;
    assert_ok(example_create(&net, NULL));
    assert_ok(bp_network_copy(&copy, net));
    size_t size, copy_size;
    unsigned char *bytes = write_model(net, &size), *copy_bytes = write_model(copy, &copy_size);
    assert_int_equal(size, copy_size);
    assert_memory_equal(bytes, copy_bytes, size);
    free(bytes);
    free(copy_bytes);
    bp_network_destroy(net);
    bp_network_destroy(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tiny_model_has_the_documented_bytes),
        cmocka_unit_test(test_example_has_the_documented_bytes),
        cmocka_unit_test(test_identical_networks_have_identical_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
