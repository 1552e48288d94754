/* Dropout and noise in model files: as documented, and with something wrong. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "format/model_bytes.h"

/* binary64 in both libraries */
static void put_double(model_bytes *model, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    model_u64(model, bits);
}

/* Of the tiny model, layer 0 is the input, layer 1 the output. */
static void put_entry(model_bytes *model, uint64_t layer, double dropout, double noise)
{
    model_u64(model, layer);
    put_double(model, dropout);
    put_double(model, noise);
}

static void documented_bytes(void **state)
{
    (void)state;
    model_bytes model;
    model_tiny_open(&model, "nois");
    model_u64(&model, 1);
    put_entry(&model, 0, 0.1, 0.3);
    model_tiny_close(&model);
    bp_network *net = model_load(model.bytes, model.size, NULL);
    bp_layer *in = bp_network_find_layer(net, "in");
    assert_true(bp_layer_dropout(in) == 0.1);
    assert_true(bp_layer_noise(in) == 0.3);
    model_assert_saves_alike(net, model.bytes, model.size);
    assert_ok(bp_layer_set_dropout(in, 0));
    assert_ok(bp_layer_set_noise(in, 0));
    model_tiny(&model, sizeof(bp_real)); /* without any there is no section */
    model_assert_saves_alike(net, model.bytes, model.size);
    bp_network_destroy(net);
}

static void assert_refused(const model_bytes *model, const char *part)
{
    bp_network *net = NULL;
    assert_fails(bp_network_load_memory(&net, model->bytes, model->size, NULL), BP_ERROR_FORMAT, part);
    assert_null(net);
}

static void refuse_entry(uint64_t layer, double dropout, double noise, const char *text)
{
    model_bytes model;
    model_tiny_open(&model, "nois");
    model_u64(&model, 1);
    put_entry(&model, layer, dropout, noise);
    model_tiny_close(&model);
    assert_refused(&model, text);
}

static void wrong_entries_are_refused(void **state)
{
    (void)state;
    refuse_entry(2, 0.5, 0, "layer 2");
    refuse_entry(0, 1, 0, "layer 'in' has a dropout of 1, which must be >= 0 and < 1");
    refuse_entry(0, -0.5, 0, "layer 'in' has a dropout of -0.5");
    refuse_entry(0, (double)NAN, 0, "layer 'in' has a dropout of nan");
    refuse_entry(0, 0, -1, "noise of -1, which must be finite and >= 0");
    refuse_entry(0, 0, (double)INFINITY, "noise of inf");
    refuse_entry(1, 0.5, 0, "layer 'out' has dropout, which only inputs and hidden layers can have");
    refuse_entry(1, 0, 0.5, "layer 'out' has noise, which only inputs can have");
}

static void wrong_sections_are_refused(void **state)
{
    (void)state;
    model_bytes model;
    model_tiny_open(&model, "nois");
    model_u64(&model, 2);
    put_entry(&model, 0, 0.5, 0);
    put_entry(&model, 0, 0.5, 0);
    model_tiny_close(&model);
    assert_refused(&model, "layer 0 follows 0; they must ascend");
    model_tiny_open(&model, "nois");
    model_u64(&model, 2); /* more than are there */
    put_entry(&model, 0, 0.5, 0);
    model_tiny_close(&model);
    assert_refused(&model, "section nois");
    model_tiny_open(&model, "nois");
    model_u64(&model, 0); /* fewer */
    put_entry(&model, 0, 0.5, 0);
    model_tiny_close(&model);
    assert_refused(&model, "section nois");
}

/* The section of an unrolled network has the layers of the recurrent one. */
static void unrolled_networks_keep_them(void **state)
{
    (void)state;
    bp_network *net = NULL, *unrolled = NULL;
    const size_t units[] = {2, 3, 1};
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_tanh()));
    assert_ok(bp_network_initialize(net, 1));
    bp_unroll_options options;
    bp_unroll_options_init(&options, sizeof options);
    options.steps = 3;
    assert_ok(bp_network_unroll(&unrolled, net, &options));
    assert_ok(bp_layer_set_dropout(bp_network_find_layer(unrolled, "hidden1@2"), 0.5));
    size_t size;
    unsigned char *bytes = test_save(unrolled, &size);
    bp_network *loaded = model_load(bytes, size, NULL);
    assert_true(bp_layer_dropout(bp_network_find_layer(loaded, "hidden1@1")) == 0.5);
    assert_true(bp_layer_dropout(bp_network_find_layer(loaded, "hidden1@3")) == 0.5);
    model_assert_saves_alike(loaded, bytes, size);
    free(bytes);
    bp_network_destroy(loaded);
    bp_network_destroy(unrolled);
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documented_bytes),
        cmocka_unit_test(wrong_entries_are_refused),
        cmocka_unit_test(wrong_sections_are_refused),
        cmocka_unit_test(unrolled_networks_keep_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
