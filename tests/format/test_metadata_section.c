/* The caller's texts in model files: as documented, and with something wrong. */
#include <stdlib.h>
#include <string.h>

#include "format/model_bytes.h"

static void put_text(model_bytes *model, const char *text)
{
    model_u64(model, strlen(text));
    for (; *text != '\0'; text++)
        model_u8(model, (unsigned char)*text);
}

/* `count` entries; texts are keys and texts in turn. */
static void make_model(model_bytes *model, uint64_t count, const char *const *texts, size_t text_count)
{
    model_tiny_open(model, "meta");
    model_u64(model, count);
    for (size_t i = 0; i < text_count; i++)
        put_text(model, texts[i]);
    model_tiny_close(model);
}

static void documented_bytes(void **state)
{
    (void)state;
    const char *const texts[] = {"author", "me", "empty", "", "version", "1.0\nbeta"};
    model_bytes model;
    make_model(&model, 3, texts, 6);
    bp_network *net = model_load(model.bytes, model.size, NULL);
    assert_string_equal(bp_network_metadata(net, "author"), "me");
    assert_string_equal(bp_network_metadata(net, "empty"), "");
    assert_string_equal(bp_network_metadata(net, "version"), "1.0\nbeta");
    assert_null(bp_network_metadata_key(net, 3));
    model_assert_saves_alike(net, model.bytes, model.size);
    /* The order in which keys are set does not show. */
    for (size_t i = 0; i < 6; i += 2)
        assert_ok(bp_network_set_metadata(net, texts[i], NULL));
    for (size_t i = 6; i > 0; i -= 2)
        assert_ok(bp_network_set_metadata(net, texts[i - 2], texts[i - 1]));
    model_assert_saves_alike(net, model.bytes, model.size);
    /* Without entries there is no section. */
    for (size_t i = 0; i < 6; i += 2)
        assert_ok(bp_network_set_metadata(net, texts[i], NULL));
    model_tiny(&model, sizeof(bp_real));
    model_assert_saves_alike(net, model.bytes, model.size);
    bp_network_destroy(net);
}

static void assert_refused(const model_bytes *model, const char *part)
{
    bp_network *net = NULL;
    assert_fails(bp_network_load_memory(&net, model->bytes, model->size, NULL), BP_ERROR_FORMAT, part);
    assert_null(net);
}

static void wrong_sections_are_refused(void **state)
{
    (void)state;
    const char *const twice[] = {"a", "1", "a", "2"}, *const empty[] = {"", "1"};
    model_bytes model;
    make_model(&model, 2, twice, 4);
    assert_refused(&model, "the key of a text is there twice");
    make_model(&model, 1, empty, 2);
    assert_refused(&model, "the key of a text is empty");
    make_model(&model, 2, twice, 2);
    assert_refused(&model, "section meta");
    make_model(&model, 1, twice, 4);
    assert_refused(&model, "section meta");
    make_model(&model, UINT32_MAX, twice, 4);
    assert_refused(&model, "section meta");
    model_tiny_open(&model, "meta");
    model_u64(&model, 1);
    model_u64(&model, 1000); /* a longer key than the section */
    for (int i = 0; i < 16; i++)
        model_u8(&model, 'x');
    model_tiny_close(&model);
    assert_refused(&model, "section meta");
    model_tiny_open(&model, "meta");
    model_u64(&model, 1);
    model_u64(&model, 2);
    model_u8(&model, 'x');
    model_u8(&model, 0);
    put_text(&model, "text");
    model_tiny_close(&model);
    assert_refused(&model, "the text has a zero byte");
}

/* Others may write the keys in any order. */
static void keys_are_put_in_order(void **state)
{
    (void)state;
    const char *const texts[] = {"b", "2", "a", "1"};
    model_bytes model;
    make_model(&model, 2, texts, 4);
    bp_network *net = model_load(model.bytes, model.size, NULL);
    assert_string_equal(bp_network_metadata_key(net, 0), "a");
    assert_string_equal(bp_network_metadata(net, "b"), "2");
    bp_network_destroy(net);
}

static void every_byte_may_be_damaged(void **state)
{
    (void)state;
    static const unsigned char values[] = {0, 1, 2, 9, 'a', 0x7f, 0xff};
    const char *const texts[] = {"a", "text", "bc", "", "d", "x"};
    model_bytes whole, model;
    make_model(&whole, 3, texts, 6);
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

static void lack_of_memory_is_reported(void **state)
{
    (void)state;
    const char *const texts[] = {"a", "1", "b", "2", "c", "3", "d", "4", "e", "5"};
    model_bytes model;
    make_model(&model, 5, texts, 10);
    test_each_allocation_fails(model_load_attempt, &model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documented_bytes),           cmocka_unit_test(wrong_sections_are_refused),
        cmocka_unit_test(keys_are_put_in_order),      cmocka_unit_test(every_byte_may_be_damaged),
        cmocka_unit_test(lack_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
