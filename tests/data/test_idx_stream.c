/* Streams over IDX files: the cases of the dataset that the same files make. */
#include <stdbool.h>
#include <string.h>

#include "data/stream_checks.h"

/* Bytes with their number. */
#define BYTES(...) (const unsigned char[]){__VA_ARGS__}, sizeof((const unsigned char[]){__VA_ARGS__})

static void write_inputs(const unsigned char *bytes, size_t size)
{
    test_write_file(test_path(test_directory, "in"), bytes, size);
}

static void write_labels(const unsigned char *bytes, size_t size)
{
    test_write_file(test_path(test_directory, "labels"), bytes, size);
}

/* Three images of 2 x 2 bytes, and their labels. */
static void write_example(void)
{
    write_inputs(BYTES(0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2, /* */
                       0, 1, 2, 3, 4, 5, 6, 7, 253, 254, 255, 128));
    write_labels(BYTES(0, 0, 8, 1, 0, 0, 0, 3, 2, 0, 2));
}

static bp_status open_stream(bp_stream **out, bool with_labels, size_t classes, const bp_allocator *allocator)
{
    return bp_stream_open_idx(out, test_path(test_directory, "in"),
                              with_labels ? test_path(test_directory, "labels") : NULL, classes, allocator);
}

static void compare(bool with_labels, size_t classes)
{
    bp_dataset *dataset = NULL;
    bp_stream *stream = NULL;
    assert_ok(bp_dataset_load_idx(&dataset, test_path(test_directory, "in"),
                                  with_labels ? test_path(test_directory, "labels") : NULL, classes, NULL));
    assert_ok(open_stream(&stream, with_labels, classes, NULL));
    assert_same_cases(stream, dataset);
    bp_stream_destroy(stream);
    bp_dataset_destroy(dataset);
}

static void test_images_and_labels(void **state)
{
    (void)state;
    write_example();
    compare(false, 0);
    compare(true, 0);
    compare(true, 7);
}

static void test_numbers_of_two_bytes(void **state)
{
    (void)state;
    write_inputs(BYTES(0, 0, 0x0B, 2, 0, 0, 0, 2, 0, 0, 0, 2, 0, 1, 255, 255, 1, 0, 128, 0));
    compare(false, 0);
}

static void test_faults(void **state)
{
    (void)state;
    bp_stream *stream = NULL;
    bp_real inputs[12], targets[12];
    size_t cases;
    write_example();
    assert_fails(open_stream(NULL, true, 0, NULL), BP_ERROR_ARGUMENT, "out is NULL");
    assert_fails(open_stream(&stream, true, 1, NULL), BP_ERROR_ARGUMENT, "classes is 1");
    assert_fails(bp_stream_open_idx(&stream, test_path(test_directory, "none"), NULL, 0, NULL), BP_ERROR_FILE,
                 "none");
    write_labels(BYTES(0, 0, 8, 1, 0, 0, 0, 3, 0, 0, 0));
    assert_fails(open_stream(&stream, true, 0, NULL), BP_ERROR_FORMAT, "every label is 0");
    write_labels(BYTES(0, 0, 8, 1, 0, 0, 0, 2, 0, 1));
    assert_fails(open_stream(&stream, true, 0, NULL), BP_ERROR_FORMAT, "2 labels for 3 cases");
    write_inputs(BYTES(0, 0, 8, 2, 0, 0, 0, 3, 0, 0, 0, 2, 1, 2, 3));
    assert_fails(open_stream(&stream, false, 0, NULL), BP_ERROR_FORMAT, "the file ends here");
    assert_null(stream);
    write_example();
    assert_ok(open_stream(&stream, true, 2, NULL));
    assert_fails(bp_stream_read(stream, 3, inputs, targets, NULL, &cases), BP_ERROR_FORMAT,
                 "labels: byte 8: label 2, but there are 2 classes");
    bp_stream_destroy(stream);
}

static void test_a_number_that_is_not_finite(void **state)
{
    (void)state;
    bp_stream *stream = NULL;
    bp_real inputs[2];
    size_t cases;
    write_inputs(BYTES(0, 0, 0x0D, 2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0x7f, 0xc0, 0, 0));
    assert_ok(open_stream(&stream, false, 0, NULL));
    assert_ok(bp_stream_read(stream, 1, inputs, NULL, NULL, &cases));
    assert_fails(bp_stream_read(stream, 1, inputs, NULL, NULL, &cases), BP_ERROR_NOT_FINITE, "byte 16: nan");
    bp_stream_destroy(stream);
}

static bp_status open_and_read(void *context, const bp_allocator *allocator)
{
    bp_stream *stream = NULL;
    bp_real inputs[12], targets[12];
    size_t cases;
    (void)context;
    bp_status status = open_stream(&stream, true, 0, allocator);
    if (status == BP_OK)
        status = bp_stream_read(stream, 3, inputs, targets, NULL, &cases);
    bp_stream_destroy(stream);
    return status;
}

static void test_each_allocation(void **state)
{
    (void)state;
    write_example();
    test_each_allocation_fails(open_and_read, NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, test_directory_setup, test_directory_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_images_and_labels), TEST(test_numbers_of_two_bytes),        TEST(test_faults),
        TEST(test_each_allocation),   TEST(test_a_number_that_is_not_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
