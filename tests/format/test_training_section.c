/* How weights are trained, in model files: as documented, and with something wrong. */
#include <stdlib.h>
#include <string.h>

#include "format/model_bytes.h"

/* binary64 in both libraries, by its bytes */
#define HALF     UINT64_C(0x3fe0000000000000)
#define ONE      UINT64_C(0x3ff0000000000000)
#define TENTH    UINT64_C(0x3fb999999999999a)
#define ZERO     UINT64_C(0)
#define MINUS    UINT64_C(0xbff0000000000000)
#define INFINITE UINT64_C(0x7ff0000000000000)
#define NOT_ANY  UINT64_C(0x7ff8000000000000)

/* The tiny model has two parts of weights: the matrix, and the biases. */
static void put_entry(model_bytes *model, uint64_t part, uint32_t flags, uint64_t rate, uint64_t decay)
{
    model_u64(model, part);
    model_u32(model, flags);
    model_u64(model, rate);
    model_u64(model, decay);
}

static void documented_bytes(void **state)
{
    (void)state;
    model_bytes model;
    model_tiny_open(&model, "trng");
    model_u64(&model, 2);
    put_entry(&model, 0, 1, ONE, ONE);
    put_entry(&model, 1, 0, TENTH, ZERO);
    model_tiny_close(&model);
    bp_network *net = model_load(model.bytes, model.size, NULL);
    bp_connection *connection = bp_network_connection(net, 0);
    bp_layer *out = bp_network_find_layer(net, "out");
    assert_int_equal(bp_connection_is_trainable(connection), 0);
    assert_true(bp_connection_rate_factor(connection) == 1);
    assert_int_equal(bp_layer_bias_is_trainable(out), 1);
    assert_true(bp_layer_bias_rate_factor(out) == 0.1);
    assert_true(bp_layer_bias_decay_factor(out) == 0);
    model_assert_saves_alike(net, model.bytes, model.size);
    /* One part alone; and without any there is no section. */
    assert_ok(bp_connection_set_trainable(connection, 1));
    assert_ok(bp_layer_set_bias_rate_factor(out, 0.5));
    model_tiny_open(&model, "trng");
    model_u64(&model, 1);
    put_entry(&model, 1, 0, HALF, ZERO);
    model_tiny_close(&model);
    model_assert_saves_alike(net, model.bytes, model.size);
    assert_ok(bp_layer_set_bias_rate_factor(out, 1));
    assert_ok(bp_layer_set_bias_decay_factor(out, 1));
    model_tiny(&model, sizeof(bp_real));
    model_assert_saves_alike(net, model.bytes, model.size);
    bp_network_destroy(net);
}

static void assert_refused(const model_bytes *model, bp_status status, const char *part)
{
    bp_network *net = NULL;
    assert_fails(bp_network_load_memory(&net, model->bytes, model->size, NULL), status, part);
    assert_null(net);
}

static void refuse_entry(uint64_t part, uint32_t flags, uint64_t rate, uint64_t decay, bp_status status,
                         const char *text)
{
    model_bytes model;
    model_tiny_open(&model, "trng");
    model_u64(&model, 1);
    put_entry(&model, part, flags, rate, decay);
    model_tiny_close(&model);
    assert_refused(&model, status, text);
}

static void wrong_entries_are_refused(void **state)
{
    (void)state;
    refuse_entry(2, 0, HALF, ONE, BP_ERROR_FORMAT, "part of the weights 2");
    refuse_entry(UINT32_MAX, 0, HALF, ONE, BP_ERROR_FORMAT, "part of the weights");
    refuse_entry(0, 2, HALF, ONE, BP_ERROR_VERSION, "of which this library knows 0x1");
    refuse_entry(0, 0, ZERO, ONE, BP_ERROR_FORMAT, "a factor on the learning rate is 0, it must be > 0");
    refuse_entry(0, 0, MINUS, ONE, BP_ERROR_FORMAT, "a factor on the learning rate is -1");
    refuse_entry(0, 0, NOT_ANY, ONE, BP_ERROR_FORMAT, "a factor on the learning rate is nan");
    refuse_entry(0, 0, ONE, MINUS, BP_ERROR_FORMAT, "a factor on the decay is -1, it must be >= 0");
    refuse_entry(0, 0, ONE, INFINITE, BP_ERROR_FORMAT, "a factor on the decay is inf");
}

static void wrong_sections_are_refused(void **state)
{
    (void)state;
    model_bytes model;
    model_tiny_open(&model, "trng");
    model_u64(&model, 2);
    put_entry(&model, 1, 0, HALF, ONE);
    put_entry(&model, 1, 0, HALF, ONE);
    model_tiny_close(&model);
    assert_refused(&model, BP_ERROR_FORMAT, "part 1 of the weights follows 1; they must ascend");
    model_tiny_open(&model, "trng");
    model_u64(&model, 2); /* more than are there */
    put_entry(&model, 0, 0, HALF, ONE);
    model_tiny_close(&model);
    assert_refused(&model, BP_ERROR_FORMAT, "section trng");
    model_tiny_open(&model, "trng");
    model_u64(&model, 1); /* fewer */
    put_entry(&model, 0, 0, HALF, ONE);
    put_entry(&model, 1, 0, HALF, ONE);
    model_tiny_close(&model);
    assert_refused(&model, BP_ERROR_FORMAT, "section trng");
    model_tiny_open(&model, "trng");
    model_u32(&model, 1);
    model_tiny_close(&model);
    assert_refused(&model, BP_ERROR_FORMAT, "section trng");
}

/* A reader that does not know the section skips it; it does so with any that begins with a small letter. */
static void an_older_reader_skips_it(void **state)
{
    (void)state;
    model_bytes model;
    model_tiny_open(&model, "trng");
    model_u64(&model, 1);
    put_entry(&model, 0, 1, ONE, ONE);
    model_tiny_close(&model);
    for (size_t i = 0; i + 4 <= model.size; i++)
        if (memcmp(model.bytes + i, "trng", 4) == 0)
            memcpy(model.bytes + i, "trnx", 4);
    model_fix_checksums(model.bytes, model.size);
    bp_network *net = model_load(model.bytes, model.size, NULL);
    assert_int_equal(bp_connection_is_trainable(bp_network_connection(net, 0)), 1);
    bp_network_destroy(net);
}

/* Whatever a byte becomes: refused, or a network that can be saved. */
static void every_byte_may_be_damaged(void **state)
{
    (void)state;
    static const unsigned char values[] = {0, 1, 2, 0x3f, 0x7f, 0x80, 0xff};
    model_bytes whole, model;
    model_tiny_open(&whole, "trng");
    model_u64(&whole, 2);
    put_entry(&whole, 0, 1, ONE, HALF);
    put_entry(&whole, 1, 0, TENTH, ZERO);
    model_tiny_close(&whole);
    for (size_t i = 20; i < whole.size; i++)
        for (size_t v = 0; v < sizeof values; v++) {
            bp_network *net = NULL;
            model = whole;
            model.bytes[i] = values[v];
            model_fix_checksums(model.bytes, model.size);
            if (bp_network_load_memory(&net, model.bytes, model.size, NULL) == BP_OK) {
                size_t size;
                free(test_save(net, &size));
            }
            bp_network_destroy(net);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documented_bytes),           cmocka_unit_test(wrong_entries_are_refused),
        cmocka_unit_test(wrong_sections_are_refused), cmocka_unit_test(an_older_reader_skips_it),
        cmocka_unit_test(every_byte_may_be_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
