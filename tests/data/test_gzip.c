/* Files that gzip packed: with zlib every reader reads them as if they were not, without it refuses them. */
#include "support/support.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/read_file.h"

/* "x,y\n1,2\n3,4\n5,6\n", by gzip -n. */
static const unsigned char table[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xab, 0xd0,
                                      0xa9, 0xe4, 0x32, 0xd4, 0x31, 0xe2, 0x32, 0xd6, 0x31, 0xe1, 0x32, 0xd5,
                                      0x31, 0xe3, 0x02, 0x00, 0xaa, 0xf0, 0xd5, 0x40, 0x10, 0x00, 0x00, 0x00};

static const char *packed(void)
{
    return test_path(test_directory, "f.gz");
}

static bp_csv_options numeric(void)
{
    bp_csv_options options;
    bp_csv_options_init(&options, sizeof options);
    options.target = BP_TARGET_NUMERIC;
    return options;
}

#ifndef BPI_ZLIB

static void gzip_is_refused_by_name(void **state)
{
    (void)state;
    const char message[] = "a gzip file; decompress it first";
    bp_csv_options options = numeric();
    bp_dataset *dataset = NULL;
    test_write_file(packed(), table, sizeof table);
    assert_fails(bp_dataset_load_csv(&dataset, packed(), &options), BP_ERROR_FORMAT, message);
    assert_fails(bp_dataset_load_csv_memory(&dataset, NULL, (const char *)table, sizeof table, &options),
                 BP_ERROR_FORMAT, message);
    assert_fails(bp_dataset_load_fann(&dataset, packed(), NULL), BP_ERROR_FORMAT, message);
    assert_fails(bp_dataset_load_idx(&dataset, packed(), NULL, 0, NULL), BP_ERROR_FORMAT, message);
    assert_fails(bp_dataset_load_npy(&dataset, packed(), NULL, BP_TARGET_AUTO, 0, NULL), BP_ERROR_FORMAT,
                 message);
    assert_null(dataset);
    bp_stream *stream = NULL;
    assert_fails(bp_stream_open_csv(&stream, packed(), &options), BP_ERROR_FORMAT, message);
    assert_fails(bp_stream_open_fann(&stream, packed(), NULL), BP_ERROR_FORMAT, message);
    assert_fails(bp_stream_open_idx(&stream, packed(), NULL, 0, NULL), BP_ERROR_FORMAT, message);
    assert_fails(bp_stream_open_npy(&stream, packed(), NULL, BP_TARGET_AUTO, 0, NULL), BP_ERROR_FORMAT,
                 message);
    assert_null(stream);
}

#else

#include <zlib.h>

/* Appends what gzip makes of some bytes to the file. */
static void pack(const char *path, const void *bytes, size_t size)
{
    gzFile file = gzopen(path, "ab");
    assert_non_null(file);
    if (size > 0)
        assert_int_equal(gzwrite(file, bytes, (unsigned)size), size);
    assert_int_equal(gzclose(file), Z_OK);
}

/* An allocator for so many bytes in all, which counts the blocks. */
typedef struct small_memory {
    size_t left, live;
} small_memory;

static void *allocate_small(void *context, size_t size)
{
    small_memory *memory = context;
    if (size > memory->left)
        return NULL;
    memory->left -= size;
    memory->live++;
    return malloc(size);
}

static void release_small(void *context, void *block)
{
    small_memory *memory = context;
    memory->live--;
    free(block);
}

/* Reads a file in pieces of so many bytes, and asserts what is in it. */
static void assert_reads(input_file *file, size_t piece, const void *wanted, size_t size)
{
    unsigned char *bytes = malloc(size + 1);
    assert_non_null(bytes);
    for (size_t at = 0; at < size; at += piece)
        assert_ok(bpi_input_read(file, bytes + at, piece < size - at ? piece : size - at));
    assert_int_equal(file->position, size);
    assert_memory_equal(bytes, wanted, size);
    free(bytes);
}

/* Unpacks a file and asserts what is in it, in 100 KB however long it is. */
static void assert_unpacks(const void *wanted, size_t size)
{
    small_memory memory = {.left = 100000};
    bp_allocator allocator = {allocate_small, release_small, &memory};
    input_file file;
    assert_ok(bpi_input_open(&file, packed()));
    assert_ok(bpi_input_unpack(&file, &allocator));
    assert_int_equal(file.size, size);
    assert_reads(&file, size + 1, wanted, size);
    assert_ok(bpi_input_rewind(&file));
    assert_reads(&file, size / 2 + 1, wanted, size / 2);
    assert_ok(bpi_input_rewind(&file));
    assert_reads(&file, 999, wanted, size);
    assert_ok(bpi_input_check_unchanged(&file));
    bpi_input_close(&file);
    assert_int_equal(memory.live, 0);
}

static bp_status try_unpacking(void *context, const bp_allocator *allocator)
{
    (void)context;
    input_file file;
    assert_ok(bpi_input_open(&file, packed()));
    bp_status status = bpi_input_unpack(&file, allocator);
    bpi_input_close(&file);
    return status;
}

static bp_status try_bytes(const unsigned char *bytes, size_t size)
{
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    test_write_file(packed(), bytes, size);
    bp_status status = try_unpacking(NULL, &allocator);
    assert_int_equal(memory.live, 0);
    return status;
}

/* Asserts inputs 1, 3, 5 and targets 2, 4, 6, and destroys the dataset. */
static void assert_table(bp_dataset *dataset)
{
    bp_data data;
    bp_data_init(&data, sizeof data);
    assert_ok(bp_dataset_subset(dataset, BP_SUBSET_ALL, &data));
    assert_int_equal(data.cases, 3);
    assert_int_equal(data.input_width, 1);
    assert_int_equal(data.target_width, 1);
    for (size_t i = 0; i < 3; i++)
        assert_true(data.inputs[i] == (bp_real)(2 * i + 1) && data.targets[i] == (bp_real)(2 * i + 2));
    bp_dataset_destroy(dataset);
}

/* -------------------------------------------------------------------- tests */

static void tables_are_read(void **state)
{
    (void)state;
    test_memory memory;
    bp_csv_options options = numeric();
    options.allocator = test_allocator(&memory, SIZE_MAX);
    bp_dataset *dataset = NULL;
    test_write_file(packed(), table, sizeof table);
    assert_ok(bp_dataset_load_csv(&dataset, packed(), &options));
    assert_string_equal(bp_dataset_input_name(dataset, 0), "x");
    assert_table(dataset);
    assert_ok(bp_dataset_load_csv_memory(&dataset, NULL, (const char *)table, sizeof table, &options));
    assert_table(dataset);
    FILE *stream = fopen(packed(), "rb");
    assert_non_null(stream);
    assert_ok(bp_dataset_load_csv_stream(&dataset, NULL, stream, &options));
    fclose(stream);
    assert_table(dataset);
    assert_int_equal(memory.live, 0);
}

/* Packed files "in" and "to", in place of those that were there. */
static void pack_pair(const void *in, size_t in_size, const void *to, size_t to_size)
{
    unlink(test_path(test_directory, "in"));
    unlink(test_path(test_directory, "to"));
    pack(test_path(test_directory, "in"), in, in_size);
    pack(test_path(test_directory, "to"), to, to_size);
}

static const char npy_inputs[] =
    "\x93NUMPY\1\0\x43\0{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }          \1\3\5";
static const char npy_targets[] =
    "\x93NUMPY\1\0\x43\0{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }          \2\4\6";
static const char npy_fortran[] =
    "\x93NUMPY\1\0\x43\0{'descr': '|u1', 'fortran_order': True, 'shape': (3,2), }          \1\3\5\2\4\6";
static const char fann[] = "3 1 1\n1\n2\n3\n4\n5\n6\n";

static void other_formats_are_read(void **state)
{
    (void)state;
    const char *in = test_path(test_directory, "in"), *to = test_path(test_directory, "to");
    bp_dataset *dataset = NULL;
    pack_pair(fann, sizeof fann - 1, "", 0);
    assert_ok(bp_dataset_load_fann(&dataset, in, NULL));
    assert_table(dataset);
    pack_pair(npy_inputs, sizeof npy_inputs - 1, npy_targets, sizeof npy_targets - 1);
    assert_ok(bp_dataset_load_npy(&dataset, in, to, BP_TARGET_NUMERIC, 0, NULL));
    assert_table(dataset);
    pack_pair(npy_fortran, sizeof npy_fortran - 1, "", 0);
    assert_ok(bp_dataset_load_npy(&dataset, in, NULL, BP_TARGET_NUMERIC, 0, NULL));
    const bp_data data = test_all_cases(dataset);
    for (size_t i = 0; i < 6; i++)
        assert_true(data.inputs[i] == (bp_real)(i + 1));
    bp_dataset_destroy(dataset);
    pack_pair("\0\0\x08\1\0\0\0\3\1\3\5", 11, "\0\0\x08\1\0\0\0\3\1\0\2", 11);
    assert_ok(bp_dataset_load_idx(&dataset, in, to, 0, NULL));
    assert_int_equal(bp_dataset_class_count(dataset), 3);
    bp_dataset_destroy(dataset);
}

static void answers_stand_beside_packed_rows(void **state)
{
    (void)state;
    const bp_real outputs[] = {7, 8, 9};
    char answers[80] = "";
    bp_csv_options options = numeric();
    bp_dataset *dataset = NULL;
    test_write_file(packed(), table, sizeof table);
    assert_ok(bp_dataset_load_csv(&dataset, packed(), &options));
    options.schema = bp_dataset_schema(dataset);
    const char *path = test_path(test_directory, "answers.csv");
    assert_ok(bp_csv_save_answers(path, packed(), outputs, 3, &options));
    bp_dataset_destroy(dataset);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_true(fread(answers, 1, sizeof answers - 1, file) > 0);
    fclose(file);
    assert_string_equal(answers, "x,y,y predicted\n1,2,7\n3,4,8\n5,6,9\n");
}

/* Asserts that a stream has inputs 1, 3, 5 and these targets, pass after pass, and destroys it. */
static void assert_streams(bp_stream *stream, size_t width, const bp_real *targets)
{
    bp_real inputs[3], got[9];
    size_t cases;
    assert_int_equal(bp_stream_input_width(stream), 1);
    assert_int_equal(bp_stream_target_width(stream), width);
    for (int pass = 0; pass < 3; pass++) {
        assert_ok(bp_stream_rewind(stream));
        assert_ok(bp_stream_read(stream, 2, inputs, got, NULL, &cases));
        assert_int_equal(cases, 2);
        assert_ok(bp_stream_read(stream, 2, inputs + 2, got + 2 * width, NULL, &cases));
        assert_int_equal(cases, 1);
        for (size_t i = 0; i < 3; i++)
            assert_true(inputs[i] == (bp_real)(2 * i + 1));
        assert_memory_equal(got, targets, 3 * width * sizeof *got);
    }
    bp_stream_destroy(stream);
}

static void streams_are_unpacked(void **state)
{
    (void)state;
    static const bp_real numbers[] = {2, 4, 6}, classes[] = {0, 1, 0, 1, 0, 0, 0, 0, 1};
    const char *in = test_path(test_directory, "in"), *to = test_path(test_directory, "to");
    test_memory memory;
    bp_csv_options options = numeric();
    const bp_allocator allocator = options.allocator = test_allocator(&memory, SIZE_MAX);
    bp_stream *stream = NULL;
    test_write_file(packed(), table, sizeof table);
    assert_ok(bp_stream_open_csv(&stream, packed(), &options));
    assert_streams(stream, 1, numbers);
    pack_pair(fann, sizeof fann - 1, "", 0);
    assert_ok(bp_stream_open_fann(&stream, in, &allocator));
    assert_streams(stream, 1, numbers);
    pack_pair(npy_inputs, sizeof npy_inputs - 1, npy_targets, sizeof npy_targets - 1);
    assert_ok(bp_stream_open_npy(&stream, in, to, BP_TARGET_NUMERIC, 0, &allocator));
    assert_streams(stream, 1, numbers);
    pack_pair("\0\0\x08\1\0\0\0\3\1\3\5", 11, "\0\0\x08\1\0\0\0\3\1\0\2", 11);
    assert_ok(bp_stream_open_idx(&stream, in, to, 0, &allocator));
    assert_streams(stream, 3, classes);
    assert_int_equal(memory.live, 0);
}

/* Cases of such an array are spread over the file, which is only unpacked from its beginning. */
static void streams_in_fortran_order_are_refused(void **state)
{
    (void)state;
    static const char message[] = "an array in Fortran order that gzip packed cannot be read case by case";
    const char *in = test_path(test_directory, "in"), *to = test_path(test_directory, "to");
    test_memory memory;
    const bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    bp_stream *stream = NULL;
    pack_pair(npy_fortran, sizeof npy_fortran - 1, npy_fortran, sizeof npy_fortran - 1);
    assert_fails(bp_stream_open_npy(&stream, in, NULL, BP_TARGET_AUTO, 0, &allocator), BP_ERROR_UNSUPPORTED,
                 message);
    pack_pair(npy_inputs, sizeof npy_inputs - 1, npy_fortran, sizeof npy_fortran - 1);
    assert_fails(bp_stream_open_npy(&stream, in, to, BP_TARGET_AUTO, 0, &allocator), BP_ERROR_UNSUPPORTED,
                 "/to: an array in Fortran order");
    assert_null(stream);
    assert_int_equal(memory.live, 0);
}

/* Empty ones, several one after another, and more than a piece of reading that compresses well, or not at
 * all. */
static void all_lengths_are_unpacked(void **state)
{
    (void)state;
    enum { SIZE = 3000000 };
    unsigned char *bytes = malloc(SIZE);
    assert_non_null(bytes);
    pack(packed(), "", 0);
    assert_unpacks("", 0);
    pack(packed(), "one, ", 5);
    pack(packed(), "", 0);
    pack(packed(), "two", 3);
    assert_unpacks("one, two", 8);
    uint64_t random = 3;
    for (int is_random = 0; is_random < 2; is_random++) {
        for (size_t i = 0; i < SIZE; i++)
            bytes[i] = (unsigned char)(is_random ? test_below(&random, 256) : i / 1000);
        assert_int_equal(unlink(packed()), 0);
        pack(packed(), bytes, SIZE);
        assert_unpacks(bytes, SIZE);
    }
    free(bytes);
}

static void other_files_are_left_alone(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "x", "x,y\n1,2\n", "\x1f"};
    for (size_t i = 0; i < 4; i++) {
        test_write_file(packed(), texts[i], strlen(texts[i]));
        assert_unpacks(texts[i], strlen(texts[i]));
    }
}

static void every_truncation_and_extension_is_refused(void **state)
{
    (void)state;
    unsigned char bytes[sizeof table + 1];
    memcpy(bytes, table, sizeof table);
    bytes[sizeof table] = 'x';
    for (size_t size = 2; size < sizeof table; size++)
        assert_fails(try_bytes(bytes, size), BP_ERROR_FORMAT, "the file ends within its data");
    assert_ok(try_bytes(bytes, sizeof table));
    assert_int_equal(try_bytes(bytes, sizeof table + 1), BP_ERROR_FORMAT);
}

/* Some bits have no meaning: time and system in the header, those between the data and the check sum. */
static void no_damage_changes_what_is_read(void **state)
{
    (void)state;
    static const char text[] = "x,y\n1,2\n3,4\n5,6\n";
    unsigned char bytes[sizeof table];
    size_t accepted = 0;
    for (size_t at = 2; at < sizeof table; at++)
        for (int bit = 0; bit < 8; bit++) {
            memcpy(bytes, table, sizeof table);
            bytes[at] ^= (unsigned char)(1 << bit);
            const bp_status status = try_bytes(bytes, sizeof bytes);
            accepted += status == BP_OK;
            if (status == BP_OK)
                assert_unpacks(text, sizeof text - 1);
            else
                assert_int_equal(status, BP_ERROR_FORMAT);
        }
    assert_true(accepted >= 48 && accepted < 64); /* of 6 bytes in the header, and a few more */
}

static void lack_of_memory_is_reported(void **state)
{
    (void)state;
    test_write_file(packed(), table, sizeof table);
    test_each_allocation_fails(try_unpacking, NULL);
}

/* An allocator that writes to the file that is being read. */
static void *allocate_and_touch(void *context, size_t size)
{
    (void)context;
    FILE *file = fopen(packed(), "ab");
    assert_non_null(file);
    assert_int_equal(fputc('x', file), 'x');
    fclose(file);
    return malloc(size);
}

static void release_plain(void *context, void *memory)
{
    (void)context;
    free(memory);
}

static void changes_while_reading_are_noticed(void **state)
{
    (void)state;
    test_write_file(packed(), table, sizeof table);
    bp_allocator allocator = {allocate_and_touch, release_plain, NULL};
    assert_fails(try_unpacking(NULL, &allocator), BP_ERROR_FILE, "was changed while");
}

#endif

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_directory_setup, test_directory_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifndef BPI_ZLIB
        TEST(gzip_is_refused_by_name),
#else
        TEST(tables_are_read),
        TEST(other_formats_are_read),
        TEST(answers_stand_beside_packed_rows),
        TEST(streams_are_unpacked),
        TEST(streams_in_fortran_order_are_refused),
        TEST(all_lengths_are_unpacked),
        TEST(other_files_are_left_alone),
        TEST(every_truncation_and_extension_is_refused),
        TEST(no_damage_changes_what_is_read),
        TEST(lack_of_memory_is_reported),
        TEST(changes_while_reading_are_noticed),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
