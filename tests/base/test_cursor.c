/* The cursor over a section of a file: what it reads, and what it refuses, with the place in the file. */
#include "base/cursor.h"

#include <math.h>
#include <string.h>

#include "base/bytes.h"
#include "support/support.h"

enum { BEFORE = 5, CAPACITY = 128 };

/* A file whose section begins behind BEFORE other bytes, and has more bytes after it. */
typedef struct file {
    unsigned char bytes[CAPACITY];
    size_t used;
    byte_source source;
    section_cursor cursor;
} file;

static void begin(file *f)
{
    *f = (file){.used = BEFORE};
    memset(f->bytes, 0xee, sizeof f->bytes);
}

static unsigned char *append(file *f, size_t count)
{
    unsigned char *at = f->bytes + f->used;
    f->used += count;
    assert_true(f->used < CAPACITY);
    return at;
}

static void append_text(file *f, const char *text, size_t count)
{
    memcpy(append(f, count), text, count);
}

static section_cursor *start_reading(file *f, size_t real_bytes)
{
    f->source = (byte_source){"some.bp", f->bytes, sizeof f->bytes};
    f->cursor = (section_cursor){&f->source, "NETW", real_bytes, BEFORE, f->used};
    return &f->cursor;
}

/* ----------------------------------------------------------------------- what it reads */

static void test_reads_in_order_to_the_end(void **state)
{
    (void)state;
    file f;
    begin(&f);
    bpi_put_u32(append(&f, 4), 0xfedcba98);
    bpi_put_u64(append(&f, 8), 1986);
    bpi_put_u64(append(&f, 8), 2); /* a count, of entries of 3 bytes */
    append_text(&f, "abcdef", 6);
    bpi_put_u64(append(&f, 8), 6); /* an index, below 7 */
    append_text(&f, "\5layer", 6);
    append_text(&f, "\0", 1); /* a name of no bytes */
    section_cursor *cursor = start_reading(&f, 8);
    uint32_t u32;
    size_t size, count, index;
    char name[CURSOR_NAME_CAPACITY];
    assert_ok(bpi_cursor_u32(cursor, &u32));
    assert_true(u32 == 0xfedcba98);
    assert_ok(bpi_cursor_size(cursor, &size));
    assert_int_equal(size, 1986);
    assert_ok(bpi_cursor_count(cursor, 3, &count));
    assert_int_equal(count, 2);
    assert_memory_equal(bpi_cursor_bytes(cursor), "abcdef", 6);
    assert_ok(bpi_cursor_skip(cursor, count, 3));
    assert_ok(bpi_cursor_index(cursor, "layer", 7, &index));
    assert_int_equal(index, 6);
    assert_ok(bpi_cursor_name(cursor, name));
    assert_string_equal(name, "layer");
    assert_ok(bpi_cursor_name(cursor, name));
    assert_string_equal(name, "");
    assert_ok(bpi_cursor_close(cursor));
}

static void test_the_longest_name_has_room(void **state)
{
    (void)state;
    static unsigned char bytes[CURSOR_NAME_CAPACITY];
    memset(bytes, 'n', sizeof bytes);
    bytes[0] = CURSOR_NAME_CAPACITY - 1; /* the most that one byte says */
    const byte_source source = {"some.bp", bytes, sizeof bytes};
    section_cursor cursor = {&source, "NETW", 8, 0, sizeof bytes};
    char name[CURSOR_NAME_CAPACITY];
    assert_ok(bpi_cursor_name(&cursor, name));
    assert_int_equal(strlen(name), CURSOR_NAME_CAPACITY - 1);
    assert_ok(bpi_cursor_close(&cursor));
}

/* Floats and doubles become the library's numbers; those that it does not have end the reading. */
static void test_reals_of_both_widths(void **state)
{
    (void)state;
    bp_real values[4];
    file f;
    begin(&f);
    bpi_put_f32(append(&f, 4), 0.5f);
    bpi_put_f32(append(&f, 4), -3.0f);
    section_cursor *cursor = start_reading(&f, 4);
    assert_int_equal(bpi_cursor_reals(cursor, values, 2), 2);
    assert_true(values[0] == (bp_real)0.5 && values[1] == -3);
    assert_int_equal(cursor->at, BEFORE); /* not passed over */
    begin(&f);
    bpi_put_f64(append(&f, 8), 0.25);
    bpi_put_f64(append(&f, 8), 1e300);
    bpi_put_f64(append(&f, 8), (double)NAN);
    cursor = start_reading(&f, 8);
    assert_int_equal(bpi_cursor_reals(cursor, values, 3), TOLERANCE(1, 2));
    assert_true(values[0] == (bp_real)0.25);
}

/* ---------------------------------------------------------------------- what it refuses */

/* Each kind of value, in a section that ends one byte before the value does. */
static void test_sections_that_end_too_early(void **state)
{
    (void)state;
    file f;
    uint32_t u32 = 77;
    size_t size = 77;
    char name[CURSOR_NAME_CAPACITY];
    begin(&f);
    append(&f, 3);
    assert_fails(bpi_cursor_u32(start_reading(&f, 8), &u32), BP_ERROR_FORMAT,
                 "some.bp: byte 5: section NETW ends where 4 more bytes should be");
    assert_true(u32 == 77 && f.cursor.at == BEFORE);
    append(&f, 4);
    assert_fails(bpi_cursor_size(start_reading(&f, 8), &size), BP_ERROR_FORMAT,
                 "some.bp: byte 5: section NETW ends where 8 more bytes should be");
    assert_int_equal(size, 77);
    assert_fails(bpi_cursor_count(start_reading(&f, 8), 1, &size), BP_ERROR_FORMAT, "8 more bytes");
    assert_fails(bpi_cursor_index(start_reading(&f, 8), "layer", 9, &size), BP_ERROR_FORMAT, "8 more bytes");
    begin(&f);
    assert_fails(bpi_cursor_name(start_reading(&f, 8), name), BP_ERROR_FORMAT,
                 "byte 5: section NETW ends where 1 more bytes should be");
    append_text(&f, "\6layer", 6);
    assert_fails(bpi_cursor_name(start_reading(&f, 8), name), BP_ERROR_FORMAT,
                 "byte 6: section NETW ends where 6 more bytes should be");
}

static void test_counts_that_the_section_has_no_room_for(void **state)
{
    (void)state;
    const uint64_t counts[] = {3, (uint64_t)1 << 32, UINT64_MAX / 8 + 1};
    for (size_t i = 0; i < 3; i++) {
        file f;
        size_t count;
        begin(&f);
        bpi_put_u64(append(&f, 8), counts[i]);
        append(&f, 23); /* one byte less than 3 entries of 8 */
        /* Numbers that a size_t of 32 bits does not have are refused as such. */
        const char *reason = counts[i] > SIZE_MAX ? "too large a number" : "section NETW is too short for ";
        assert_fails(bpi_cursor_count(start_reading(&f, 8), 8, &count), BP_ERROR_FORMAT, reason);
        assert_non_null(strstr(bp_error_message(), "some.bp: byte 5: "));
    }
    file f;
    begin(&f);
    append(&f, 23);
    section_cursor *cursor = start_reading(&f, 8);
    assert_fails(bpi_cursor_skip(cursor, 3, 8), BP_ERROR_FORMAT,
                 "some.bp: byte 5: section NETW is too short for 3 entries");
    assert_fails(bpi_cursor_skip(cursor, SIZE_MAX / 8 + 2, 8), BP_ERROR_FORMAT, "is too short");
    assert_int_equal(cursor->at, BEFORE);
}

static void test_indices_of_what_does_not_exist(void **state)
{
    (void)state;
    file f;
    size_t index;
    begin(&f);
    bpi_put_u64(append(&f, 8), 7);
    assert_fails(bpi_cursor_index(start_reading(&f, 8), "connection", 7, &index), BP_ERROR_FORMAT,
                 "some.bp: byte 5: connection 7 does not exist, there are 7");
}

static void test_names_with_a_zero_in_them(void **state)
{
    (void)state;
    file f;
    char name[CURSOR_NAME_CAPACITY];
    begin(&f);
    append_text(&f, "\5la\0er", 6);
    assert_fails(bpi_cursor_name(start_reading(&f, 8), name), BP_ERROR_FORMAT,
                 "some.bp: byte 5: a name contains a zero byte");
}

static void test_bytes_that_are_left_over(void **state)
{
    (void)state;
    file f;
    uint32_t value;
    begin(&f);
    append(&f, 7);
    section_cursor *cursor = start_reading(&f, 8);
    assert_ok(bpi_cursor_u32(cursor, &value));
    assert_fails(bpi_cursor_close(cursor), BP_ERROR_FORMAT,
                 "some.bp: byte 9: section NETW has 3 bytes too many");
}

static void test_numbers_that_are_not_finite(void **state)
{
    (void)state;
    file f;
    begin(&f);
    bpi_put_f64(append(&f, 8), 1);
    bpi_put_f64(append(&f, 8), (double)-INFINITY);
    bpi_put_f64(append(&f, 8), 1e300);
    const section_cursor *cursor = start_reading(&f, 8);
    assert_fails(bpi_cursor_fail_number(cursor, 1, "weight 1"), BP_ERROR_NOT_FINITE,
                 "some.bp: byte 13: weight 1 is -inf");
    assert_null(strstr(bp_error_message(), "too large"));
    assert_fails(bpi_cursor_fail_number(cursor, 2, "weight 2"), BP_ERROR_NOT_FINITE,
                 "too large for this library's numbers");
}

/* ------------------------------------------------------------ what a call refused */

/* A call that was made with what the file says: its message, told of the file. Memory that is not there is
 * not the file's fault. */
static void test_messages_of_calls_name_the_file(void **state)
{
    (void)state;
    file f;
    begin(&f);
    const section_cursor *cursor = start_reading(&f, 8);
    assert_ok(bpi_cursor_error_at(cursor, "bp_network_load", 9, BP_OK));
    bp_status status = bpi_fail(BP_ERROR_SIZE, "bp_network_load: layer 'h' has 0 units");
    assert_fails(bpi_cursor_error_at(cursor, "bp_network_load", 9, status), BP_ERROR_FORMAT,
                 "some.bp: byte 9: layer 'h' has 0 units");
    assert_null(strstr(bp_error_message(), "bp_network_load"));
    status = bpi_fail(BP_ERROR_MEMORY, "bp_network_load: no memory");
    assert_fails(bpi_cursor_error_at(cursor, "bp_network_load", 9, status), BP_ERROR_MEMORY,
                 "bp_network_load: no memory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_in_order_to_the_end),
        cmocka_unit_test(test_the_longest_name_has_room),
        cmocka_unit_test(test_reals_of_both_widths),
        cmocka_unit_test(test_sections_that_end_too_early),
        cmocka_unit_test(test_counts_that_the_section_has_no_room_for),
        cmocka_unit_test(test_indices_of_what_does_not_exist),
        cmocka_unit_test(test_names_with_a_zero_in_them),
        cmocka_unit_test(test_bytes_that_are_left_over),
        cmocka_unit_test(test_numbers_that_are_not_finite),
        cmocka_unit_test(test_messages_of_calls_name_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
