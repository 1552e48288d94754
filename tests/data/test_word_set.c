/* Sets of texts. */
#include "data/word_set.h"

#include <stdio.h>
#include <string.h>

#include "support/support.h"

static void words_are_numbered_and_counted(void **state)
{
    (void)state;
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    word_set set = {0};
    assert_int_equal(bpi_word_set_find(&set, "a"), 0);
    char text[] = "b";
    assert_true(bpi_word_set_add(&set, &allocator, text, 3));
    text[0] = 'x'; /* the set has a copy */
    assert_true(bpi_word_set_add(&set, &allocator, "", 4));
    assert_true(bpi_word_set_add(&set, &allocator, "b", 9));
    assert_int_equal(set.count, 2);
    assert_string_equal(set.words[0].text, "b");
    assert_int_equal(set.words[0].count, 2);
    assert_int_equal(set.words[0].line, 3);
    assert_int_equal(bpi_word_set_find(&set, ""), 1);
    assert_int_equal(bpi_word_set_find(&set, "x"), 2);
    bpi_word_set_clear(&set, &allocator);
    assert_int_equal(set.count, 0);
    bpi_word_set_clear(&set, &allocator);
    assert_int_equal(memory.live, 0);
}

/* Against a table of how often each number came. */
static void many_words_are_found(void **state)
{
    (void)state;
    enum { WORDS = 3000, ADDED = 20000 };
    static size_t counts[WORDS], lines[WORDS];
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    word_set set = {0};
    uint64_t random = 7;
    size_t different = 0;
    char text[32];
    for (size_t i = 0; i < ADDED; i++) {
        size_t number = test_below(&random, WORDS);
        if (counts[number]++ == 0) {
            lines[number] = i;
            different++;
        }
        snprintf(text, sizeof text, "%zx", number);
        assert_true(bpi_word_set_add(&set, &allocator, text, i));
    }
    assert_int_equal(set.count, different);
    for (size_t number = 0; number < WORDS; number++) {
        snprintf(text, sizeof text, "%zx", number);
        size_t found = bpi_word_set_find(&set, text);
        assert_true((found < set.count) == (counts[number] > 0));
        if (found == set.count)
            continue;
        assert_string_equal(set.words[found].text, text);
        assert_int_equal(set.words[found].count, counts[number]);
        assert_int_equal(set.words[found].line, lines[number]);
    }
    bpi_word_set_clear(&set, &allocator);
    assert_int_equal(memory.live, 0);
}

static bp_status attempt_adding(void *context, const bp_allocator *allocator)
{
    (void)context;
    word_set set = {0};
    bp_status status = BP_OK;
    char text[] = "a";
    for (; status == BP_OK && text[0] <= 'z'; text[0]++)
        if (!bpi_word_set_add(&set, allocator, text, 1))
            status = BP_ERROR_MEMORY;
    assert_true(bpi_word_set_find(&set, "~") == set.count); /* also after a failure */
    bpi_word_set_clear(&set, allocator);
    return status;
}

static void lack_of_memory_is_reported(void **state)
{
    (void)state;
    test_each_allocation_fails(attempt_adding, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_numbered_and_counted),
        cmocka_unit_test(many_words_are_found),
        cmocka_unit_test(lack_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
