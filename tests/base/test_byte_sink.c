#include "base/byte_sink.h"

#include <string.h>

#include "support/support.h"

static const bp_real reals[] = {(bp_real)1.5, -2};

static void put_one_of_each(byte_sink *sink)
{
    bpi_sink_bytes(sink, "ab", 2);
    bpi_sink_u32(sink, 0x04030201u);
    bpi_sink_u64(sink, 0x0807060504030201u);
    bpi_sink_name(sink, "unit");
    bpi_sink_name(sink, "");
    bpi_sink_reals(sink, reals, 2);
}

/* Little-endian, without padding, and nothing behind it. */
static void test_bytes_of_each_type(void **state)
{
    (void)state;
#ifdef BP_DOUBLE
    static const char wanted[] = "ab\1\2\3\4\1\2\3\4\5\6\7\10\4unit\0"
                                 "\0\0\0\0\0\0\xf8\x3f\0\0\0\0\0\0\0\xc0";
#else
    static const char wanted[] = "ab\1\2\3\4\1\2\3\4\5\6\7\10\4unit\0"
                                 "\0\0\xc0\x3f\0\0\0\xc0";
#endif
    unsigned char bytes[sizeof wanted];
    memset(bytes, 0x5a, sizeof bytes);
    byte_sink sink = {bytes, 0};
    put_one_of_each(&sink);
    assert_int_equal(sink.used, sizeof wanted - 1);
    assert_memory_equal(bytes, wanted, sizeof wanted - 1);
    assert_int_equal(bytes[sizeof wanted - 1], 0x5a);
}

/* The size of the output is known before there is memory for it. */
static void test_counts_without_a_buffer(void **state)
{
    (void)state;
    byte_sink sink = {NULL, 0};
    put_one_of_each(&sink);
    assert_int_equal(sink.used, 2 + 4 + 8 + 5 + 1 + 2 * sizeof(bp_real));
}

static void test_the_longest_name(void **state)
{
    (void)state;
    char name[256];
    unsigned char bytes[256];
    memset(name, 'x', 255);
    name[255] = '\0';
    byte_sink sink = {bytes, 0};
    bpi_sink_name(&sink, name);
    assert_int_equal(sink.used, 256);
    assert_int_equal(bytes[0], 255);
    assert_memory_equal(bytes + 1, name, 255);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_of_each_type),
        cmocka_unit_test(test_counts_without_a_buffer),
        cmocka_unit_test(test_the_longest_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
