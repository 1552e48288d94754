/* What higher floors hang on a network. */
#include "network/attachment.h"

#include <string.h>

#include "base/memory.h"
#include "support/support.h"

/* What was released, one letter each, in the order of releasing. */
static char released[16];

typedef struct content {
    char letter;
    const bp_allocator *expected; /* NULL: any */
} content;

static void release(void *pointer, const bp_allocator *allocator)
{
    const content *c = pointer;
    if (c->expected != NULL)
        assert_memory_equal(allocator, c->expected, sizeof *allocator);
    released[strlen(released)] = c->letter;
}

/* Released by the allocator, as what has memory of its own would be. */
static void release_block(void *pointer, const bp_allocator *allocator)
{
    bpi_release(allocator, pointer);
    released[strlen(released)] = 'm';
}

static bp_network *new_network(test_memory *memory)
{
    bp_network *net = NULL;
    bp_network_options options;
    bp_network_options_init(&options, sizeof options);
    options.allocator = test_allocator(memory, SIZE_MAX);
    assert_ok(bp_network_create(&net, &options));
    memset(released, 0, sizeof released);
    return net;
}

static void test_found_by_name(void **state)
{
    (void)state;
    test_memory memory;
    bp_network *net = new_network(&memory);
    content a = {.letter = 'a'}, b = {.letter = 'b'};
    char name[] = "classes"; /* another place than that of the constant below */
    assert_null(bpi_attached(net, "classes"));
    assert_ok(bpi_attach("test", net, "classes", &a, release, NULL));
    assert_ok(bpi_attach("test", net, "columns", &b, release, NULL));
    assert_ptr_equal(bpi_attached(net, name), &a);
    assert_ptr_equal(bpi_attached(net, "columns"), &b);
    assert_null(bpi_attached(net, "class"));
    assert_null(bpi_attached(net, ""));
    assert_string_equal(released, "");
    bp_network_destroy(net);
    assert_int_equal(memory.live, 0);
}

static void test_destroying_the_network_releases_the_newest_first(void **state)
{
    (void)state;
    test_memory memory;
    bp_network *net = new_network(&memory);
    const bp_allocator allocator = net->allocator;
    content c[] = {{'a', &allocator}, {'b', &allocator}, {'c', &allocator}};
    assert_ok(bpi_attach("test", net, "first", &c[0], release, NULL));
    assert_ok(bpi_attach("test", net, "second", &c[1], release, NULL));
    assert_ok(bpi_attach("test", net, "third", &c[2], release, NULL));
    bp_network_destroy(net);
    assert_string_equal(released, "cba");
    assert_int_equal(memory.live, 0);
}

/* The new content takes the name, and its own release, in the old one's place. */
static void test_replacing_releases_the_old_one_alone(void **state)
{
    (void)state;
    test_memory memory;
    bp_network *net = new_network(&memory);
    content a = {.letter = 'a'}, b = {.letter = 'b'};
    assert_ok(bpi_attach("test", net, "name", &a, release, NULL));
    assert_ok(bpi_attach("test", net, "other", &b, release, NULL));
    void *block = bpi_allocate(&net->allocator, 3, 5);
    assert_non_null(block);
    const size_t calls = memory.calls;
    assert_ok(bpi_attach("test", net, "name", block, release_block, NULL));
    assert_int_equal(memory.calls, calls); /* nothing that could have failed */
    assert_string_equal(released, "a");
    assert_ptr_equal(bpi_attached(net, "name"), block);
    bp_network_destroy(net);
    assert_string_equal(released, "abm");
    assert_int_equal(memory.live, 0);
}

static void test_releasing_leaves_none(void **state)
{
    (void)state;
    test_memory memory;
    bp_network *net = new_network(&memory);
    content a = {.letter = 'a'};
    bpi_attachments_release(net);
    assert_ok(bpi_attach("test", net, "name", &a, release, NULL));
    bpi_attachments_release(net);
    assert_string_equal(released, "a");
    assert_null(bpi_attached(net, "name"));
    bp_network_destroy(net);
    assert_string_equal(released, "a");
    assert_int_equal(memory.live, 0);
}

static void test_without_memory_the_content_stays_the_callers(void **state)
{
    (void)state;
    test_memory memory;
    bp_network *net = new_network(&memory);
    content a = {.letter = 'a'}, b = {.letter = 'b'};
    assert_ok(bpi_attach("test", net, "name", &a, release, NULL));
    memory.fail_at = memory.calls;
    assert_fails(bpi_attach("test_function", net, "other", &b, release, NULL), BP_ERROR_MEMORY,
                 "test_function: ");
    assert_null(bpi_attached(net, "other"));
    assert_ptr_equal(bpi_attached(net, "name"), &a);
    bp_network_destroy(net);
    assert_string_equal(released, "a");
    assert_int_equal(memory.live, 0);
}

/* No copy by itself: only who attached it knows how. */
static void test_a_copy_of_the_network_has_none(void **state)
{
    (void)state;
    const size_t units[] = {2, 1};
    bp_network *net = NULL, *copy = NULL;
    content a = {.letter = 'a'};
    memset(released, 0, sizeof released);
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_tanh(), bp_activation_tanh()));
    assert_ok(bpi_attach("test", net, "name", &a, release, NULL));
    assert_ok(bp_network_copy(&copy, net));
    assert_null(bpi_attached(copy, "name"));
    bp_network_destroy(copy);
    assert_string_equal(released, "");
    bp_network_destroy(net);
    assert_string_equal(released, "a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found_by_name),
        cmocka_unit_test(test_destroying_the_network_releases_the_newest_first),
        cmocka_unit_test(test_replacing_releases_the_old_one_alone),
        cmocka_unit_test(test_releasing_leaves_none),
        cmocka_unit_test(test_without_memory_the_content_stays_the_callers),
        cmocka_unit_test(test_a_copy_of_the_network_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
