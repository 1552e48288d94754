/* Texts of the caller's in a network. */
#include "data/metadata.h"

#include <stdio.h>
#include <string.h>

#include "support/support.h"

static bp_network *new_network(const bp_allocator *allocator)
{
    bp_network *net = NULL;
    assert_ok(test_network_create(&net, allocator));
    return net;
}

static void texts_are_found_by_their_keys(void **state)
{
    (void)state;
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    bp_network *net = new_network(&allocator);
    char key[] = "version", text[] = "1.0";
    assert_null(bp_network_metadata(net, "version"));
    assert_null(bp_network_metadata_key(net, 0));
    assert_ok(bp_network_set_metadata(net, key, text));
    key[0] = text[0] = 'x'; /* both are copied */
    assert_string_equal(bp_network_metadata(net, "version"), "1.0");
    assert_null(bp_network_metadata(net, "Version"));
    assert_ok(bp_network_set_metadata(net, "author", ""));
    assert_ok(bp_network_set_metadata(net, "z", "last"));
    assert_string_equal(bp_network_metadata(net, "author"), "");
    assert_ok(bp_network_set_metadata(net, "version", "2.0")); /* replaced */
    assert_string_equal(bp_network_metadata(net, "version"), "2.0");
    assert_string_equal(bp_network_metadata_key(net, 0), "author");
    assert_string_equal(bp_network_metadata_key(net, 1), "version");
    assert_string_equal(bp_network_metadata_key(net, 2), "z");
    assert_null(bp_network_metadata_key(net, 3));
    assert_ok(bp_network_set_metadata(net, "author", NULL)); /* removed */
    assert_ok(bp_network_set_metadata(net, "none", NULL));
    assert_null(bp_network_metadata(net, "author"));
    assert_string_equal(bp_network_metadata_key(net, 0), "version");
    bp_network_destroy(net);
    assert_int_equal(memory.live, 0);
}

/* Any text may be set again from what a network owns. */
static void a_text_may_be_its_own(void **state)
{
    (void)state;
    bp_network *net = new_network(NULL);
    assert_ok(bp_network_set_metadata(net, "a", "text"));
    assert_ok(bp_network_set_metadata(net, "a", bp_network_metadata(net, "a")));
    assert_string_equal(bp_network_metadata(net, "a"), "text");
    assert_ok(bp_network_set_metadata(net, bp_network_metadata_key(net, 0), NULL));
    assert_null(bp_network_metadata_key(net, 0));
    bp_network_destroy(net);
}

/* Sets `count` keys, the first of which is `step`, and each next one `step` higher, modulo `count`; then
 * takes away every other one. */
static void check_order(unsigned count, unsigned step)
{
    bp_network *net = new_network(NULL);
    char key[16], text[24];
    for (unsigned i = 1; i <= count; i++) {
        const unsigned number = (unsigned)((uint64_t)i * step % count);
        snprintf(key, sizeof key, "%05u", number);
        snprintf(text, sizeof text, "text %u", number);
        assert_ok(bp_network_set_metadata(net, key, text));
    }
    for (unsigned i = 0; i < count; i++) {
        snprintf(key, sizeof key, "%05u", i);
        snprintf(text, sizeof text, "text %u", i);
        assert_string_equal(bp_network_metadata_key(net, i), key);
        assert_string_equal(bp_network_metadata(net, key), text);
    }
    assert_null(bp_network_metadata_key(net, count));
    for (unsigned i = 0; i < count; i += 2) {
        snprintf(key, sizeof key, "%05u", i);
        assert_ok(bp_network_set_metadata(net, key, NULL));
        assert_null(bp_network_metadata(net, key));
    }
    for (unsigned i = 0; i < count / 2; i++) {
        snprintf(key, sizeof key, "%05u", 2 * i + 1);
        assert_string_equal(bp_network_metadata_key(net, i), key);
    }
    assert_null(bp_network_metadata_key(net, count / 2));
    bp_network_destroy(net);
}

/* Upwards, downwards, and in steps that reach every key. */
static void many_keys_are_in_the_order_of_their_bytes(void **state)
{
    (void)state;
    const unsigned steps[] = {1, 9999, 7, 4001};
    for (size_t i = 0; i < 4; i++)
        check_order(10000, steps[i]);
}

/* Each of the 720 orders of six keys, number `order` in the factorial number system. */
static void every_order_gives_the_same(void **state)
{
    (void)state;
    enum { KEYS = 6, ORDERS = 720 };
    for (unsigned order = 0; order < ORDERS; order++) {
        char left[KEYS + 1] = "abcdef", key[2] = "";
        bp_network *net = new_network(NULL);
        for (unsigned i = 0, rest = order; i < KEYS; i++) {
            const unsigned place = rest % (KEYS - i);
            rest /= KEYS - i;
            key[0] = left[place];
            memmove(left + place, left + place + 1, KEYS - place);
            assert_ok(bp_network_set_metadata(net, key, key));
        }
        for (unsigned i = 0; i < KEYS; i++) {
            key[0] = (char)('a' + i);
            assert_string_equal(bp_network_metadata_key(net, i), key);
            assert_string_equal(bp_network_metadata(net, key), key);
        }
        assert_null(bp_network_metadata_key(net, KEYS));
        bp_network_destroy(net);
    }
}

static void copies_have_their_own(void **state)
{
    (void)state;
    bp_network *net = NULL, *copy = NULL;
    assert_ok(bp_network_create_layered(&net, (const size_t[]){1, 1}, 2, bp_activation_tanh(),
                                        bp_activation_tanh()));
    assert_ok(bp_network_set_metadata(net, "a", "1"));
    assert_ok(bp_network_set_metadata(net, "b", "2"));
    assert_ok(bp_network_copy(&copy, net));
    assert_ok(bp_network_set_metadata(net, "a", "changed"));
    bp_network_destroy(net);
    assert_string_equal(bp_network_metadata(copy, "a"), "1");
    assert_string_equal(bp_network_metadata(copy, "b"), "2");
    assert_null(bp_network_metadata_key(copy, 2));
    bp_network_destroy(copy);
}

static void wrong_calls_are_refused(void **state)
{
    (void)state;
    bp_network *net = new_network(NULL);
    assert_fails(bp_network_set_metadata(NULL, "a", "b"), BP_ERROR_ARGUMENT, "net is NULL");
    assert_fails(bp_network_set_metadata(net, NULL, "b"), BP_ERROR_ARGUMENT, "key is NULL");
    assert_fails(bp_network_set_metadata(net, "", "b"), BP_ERROR_ARGUMENT, "key is empty");
    assert_null(bp_network_metadata(NULL, "a"));
    assert_null(bp_network_metadata(net, NULL));
    assert_null(bp_network_metadata_key(NULL, 0));
    bp_network_destroy(net);
}

static bp_status attempt_setting(void *context, const bp_allocator *allocator)
{
    static const char *const keys[] = {"e", "b", "d", "a", "c", "e"};
    (void)context;
    bp_network *net = NULL, *copy = NULL;
    bp_network_options options;
    bp_network_options_init(&options, sizeof options);
    options.allocator = *allocator;
    bp_status status = bp_network_create(&net, &options);
    for (size_t i = 0; status == BP_OK && i < 6; i++) {
        status = bp_network_set_metadata(net, keys[i], "text");
        if (status != BP_OK && i < 5) /* nothing has changed */
            assert_null(bp_network_metadata(net, keys[i]));
    }
    if (status == BP_OK)
        status = bp_network_add_input(NULL, net, "in", 1);
    bp_layer *out = NULL;
    if (status == BP_OK)
        status = bp_network_add_layer(&out, net, "out", 1, bp_activation_tanh());
    if (status == BP_OK)
        status = bp_network_connect(NULL, net, bp_network_layer(net, 0), out);
    if (status == BP_OK)
        status = bp_layer_set_output(out);
    if (status == BP_OK)
        status = bp_network_finalize(net);
    if (status == BP_OK)
        status = bp_network_copy(&copy, net);
    bp_network_destroy(net);
    bp_network_destroy(copy);
    return status;
}

static void lack_of_memory_is_reported(void **state)
{
    (void)state;
    test_each_allocation_fails(attempt_setting, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_found_by_their_keys),
        cmocka_unit_test(a_text_may_be_its_own),
        cmocka_unit_test(many_keys_are_in_the_order_of_their_bytes),
        cmocka_unit_test(every_order_gives_the_same),
        cmocka_unit_test(copies_have_their_own),
        cmocka_unit_test(wrong_calls_are_refused),
        cmocka_unit_test(lack_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
