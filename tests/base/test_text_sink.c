/* Text into a buffer of any size. */
#include "support/support.h"

#include <string.h>

#include "base/text_sink.h"

static bp_status write(char *buffer, size_t capacity, size_t *needed)
{
    text_sink sink;
    BPI_TRY(bpi_text_begin(&sink, "f", buffer, capacity));
    bpi_text(&sink, "ab");
    bpi_text_repeat(&sink, '-', 3);
    bpi_text_bytes(&sink, "cdX", 2);
    bpi_text_format(&sink, "%d", 42);
    return bpi_text_end(&sink, "f", needed);
}

static void test_every_capacity(void **state)
{
    (void)state;
    const char all[] = "ab---cd42";
    for (size_t capacity = 0; capacity < 15; capacity++) {
        char buffer[16];
        size_t needed = 0;
        memset(buffer, '#', sizeof buffer);
        if (capacity >= sizeof all)
            assert_ok(write(buffer, capacity, &needed));
        else
            assert_fails(write(buffer, capacity, &needed), BP_ERROR_SIZE, "f: the text takes 10 bytes");
        assert_int_equal(needed, sizeof all);
        size_t kept = capacity < sizeof all ? capacity : sizeof all;
        if (kept > 0) {
            assert_memory_equal(buffer, all, kept - 1);
            assert_int_equal(buffer[kept - 1], 0);
        }
        for (size_t i = kept; i < sizeof buffer; i++)
            assert_int_equal(buffer[i], '#');
    }
}

static void test_no_buffer(void **state)
{
    (void)state;
    size_t needed = 0;
    assert_ok(write(NULL, 0, &needed));
    assert_int_equal(needed, 10);
    assert_ok(write(NULL, 0, NULL));
    assert_fails(write(NULL, 1, &needed), BP_ERROR_ARGUMENT, "f: buffer is NULL, but capacity is 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_capacity),
                                       cmocka_unit_test(test_no_buffer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
