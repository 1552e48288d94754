/* Datasets from IDX files. */
#include "support/support.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/idx.h"

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

static bp_status load(bp_dataset **out, bool with_labels, size_t classes, const bp_allocator *allocator)
{
    return bp_dataset_load_idx(out, test_path(test_directory, "in"),
                               with_labels ? test_path(test_directory, "labels") : NULL, classes, allocator);
}

/* Loads the two files; nothing may be handed out or left alive after a failure. */
static bp_status try_loading(bool with_labels, size_t classes)
{
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    bp_dataset *dataset = NULL;
    bp_status status = load(&dataset, with_labels, classes, &allocator);
    assert_true((dataset != NULL) == (status == BP_OK));
    bp_dataset_destroy(dataset);
    assert_int_equal(memory.live, 0);
    return status;
}

/* Three images of 2 x 2 bytes, and their labels. */
static void write_example(void)
{
    write_inputs(BYTES(0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2, /* */
                       0, 1, 2, 3, 4, 5, 6, 7, 253, 254, 255, 128));
    write_labels(BYTES(0, 0, 8, 1, 0, 0, 0, 3, 2, 0, 2));
}

/* -------------------------------------------------------------------- tests */

static void images_and_labels_are_read(void **state)
{
    (void)state;
    const double inputs[] = {0, 1, 2, 3, 4, 5, 6, 7, 253, 254, 255, 128};
    const double three[] = {0, 0, 1, 1, 0, 0, 0, 0, 1}, four[] = {0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0};
    write_example();
    for (size_t classes = 0; classes <= 4; classes += 4) {
        size_t width = classes == 0 ? 3 : 4;
        bp_dataset *dataset = NULL;
        assert_ok(load(&dataset, true, classes, NULL));
        bp_data data = test_all_cases(dataset);
        assert_int_equal(data.cases, 3);
        assert_int_equal(data.input_width, 4);
        assert_int_equal(data.target_width, width);
        assert_int_equal(bp_dataset_class_count(dataset), width);
        for (size_t i = 0; i < 12; i++)
            assert_true(data.inputs[i] == (bp_real)inputs[i]);
        for (size_t i = 0; i < 3 * width; i++)
            assert_true(data.targets[i] == (bp_real)(classes == 0 ? three : four)[i]);
        assert_string_equal(bp_dataset_class_name(dataset, width - 1), classes == 0 ? "2" : "3");
        assert_null(bp_dataset_class_name(dataset, width));
        assert_null(bp_dataset_input_name(dataset, 0));
        bp_dataset_destroy(dataset);
    }
}

/* Labels 1, 0, 2 of every type. */
static void labels_of_every_type_are_read(void **state)
{
    (void)state;
    const struct {
        const unsigned char *bytes;
        size_t size;
    } rows[] = {
        {BYTES(0, 0, 0x08, 1, 0, 0, 0, 3, 1, 0, 2)},
        {BYTES(0, 0, 0x09, 1, 0, 0, 0, 3, 1, 0, 2)},
        {BYTES(0, 0, 0x0B, 1, 0, 0, 0, 3, 0, 1, 0, 0, 0, 2)},
        {BYTES(0, 0, 0x0C, 1, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2)},
        {BYTES(0, 0, 0x0D, 1, 0, 0, 0, 3, 0x3f, 0x80, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0)},
        {BYTES(0, 0, 0x0E, 1, 0, 0, 0, 3, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0,
               0, 0, 0, 0)},
    };
    const double wanted[] = {0, 1, 0, 1, 0, 0, 0, 0, 1};
    write_example();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        write_labels(rows[i].bytes, rows[i].size);
        bp_dataset *dataset = NULL;
        assert_ok(load(&dataset, true, 0, NULL));
        bp_data data = test_all_cases(dataset);
        assert_int_equal(data.target_width, 3);
        for (size_t c = 0; c < 9; c++)
            assert_true((double)data.targets[c] == wanted[c]);
        bp_dataset_destroy(dataset);
    }
}

/* 1000 classes need not be asked for; more must be. */
static void many_classes_are_asked_for(void **state)
{
    (void)state;
    write_example();
    write_labels(BYTES(0, 0, 0x0B, 1, 0, 0, 0, 3, 0x03, 0xe7, 0, 0, 0, 2));
    assert_ok(try_loading(true, 0));
    write_labels(BYTES(0, 0, 0x0B, 1, 0, 0, 0, 3, 0x03, 0xe8, 0, 0, 0, 2));
    assert_fails(try_loading(true, 0), BP_ERROR_FORMAT, "/labels: byte 8: label 1000: 1001 classes");
    assert_ok(try_loading(true, 1001));
}

static void labels_may_be_missing(void **state)
{
    (void)state;
    write_example();
    bp_dataset *dataset = NULL;
    assert_ok(load(&dataset, false, 10, NULL));
    bp_data data = test_all_cases(dataset);
    assert_null(data.targets);
    assert_int_equal(data.target_width, 0);
    assert_int_equal(bp_dataset_class_count(dataset), 0);
    bp_dataset_destroy(dataset);
}

static void every_type_is_read(void **state)
{
    (void)state;
    const struct {
        const unsigned char *bytes;
        size_t size;
        double wanted[3];
    } rows[] = {
        {BYTES(0, 0, 0x08, 1, 0, 0, 0, 3, 0, 127, 255), {0, 127, 255}},
        {BYTES(0, 0, 0x09, 1, 0, 0, 0, 3, 0x80, 0xff, 127), {-128, -1, 127}},
        {BYTES(0, 0, 0x0B, 1, 0, 0, 0, 3, 0x80, 0, 0xff, 0xfe, 0x7f, 0xff), {-32768, -2, 32767}},
        {BYTES(0, 0, 0x0C, 1, 0, 0, 0, 3, 0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0x80),
         {-2147483648.0, -1, 2147483520}},
        {BYTES(0, 0, 0x0D, 1, 0, 0, 0, 3, 0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0, 0x7f, 0x7f, 0xff, 0xff),
         {1.5, -2, 0x1.fffffep127}},
        {BYTES(0, 0, 0x0E, 1, 0, 0, 0, 3, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
               0, 0, 0, 0),
         {1.5, -2, 0}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        write_inputs(rows[i].bytes, rows[i].size);
        bp_dataset *dataset = NULL;
        assert_ok(load(&dataset, false, 0, NULL));
        bp_data data = test_all_cases(dataset);
        assert_int_equal(data.cases, 3);
        assert_int_equal(data.input_width, 1);
        for (size_t c = 0; c < 3; c++)
            assert_true((double)data.inputs[c] == rows[i].wanted[c]);
        bp_dataset_destroy(dataset);
    }
}

/* More than one piece of reading, of every size of element; element i is i mod 251. */
static void long_files_are_read(void **state)
{
    (void)state;
    enum { CASES = 700, WIDTH = 11, COUNT = CASES * WIDTH };
    const unsigned char codes[] = {0x08, 0x0B, 0x0C};
    const size_t sizes[] = {1, 2, 4};
    static unsigned char bytes[12 + 4 * COUNT];
    for (size_t t = 0; t < 3; t++) {
        memset(bytes, 0, sizeof bytes);
        const unsigned char header[] = {0, 0, codes[t], 2, 0, 0, CASES >> 8, CASES & 0xff, 0, 0, 0, WIDTH};
        memcpy(bytes, header, sizeof header);
        for (size_t i = 0; i < COUNT; i++)
            bytes[12 + i * sizes[t] + sizes[t] - 1] = (unsigned char)(i % 251);
        write_inputs(bytes, 12 + COUNT * sizes[t]);
        bp_dataset *dataset = NULL;
        assert_ok(load(&dataset, false, 0, NULL));
        bp_data data = test_all_cases(dataset);
        assert_int_equal(data.cases, CASES);
        assert_int_equal(data.input_width, WIDTH);
        for (size_t i = 0; i < COUNT; i++)
            assert_true(data.inputs[i] == (bp_real)(i % 251));
        bp_dataset_destroy(dataset);
    }
}

static void every_truncation_and_extension_is_refused(void **state)
{
    (void)state;
    const unsigned char inputs[] = {0, 0, 0x0B, 2, 0, 0, 0, 2, 0,  0,  0,  3, 1,
                                    2, 3, 4,    5, 6, 7, 8, 9, 10, 11, 12, 0};
    const unsigned char labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 0, 1, 0};
    for (size_t size = 0; size <= sizeof inputs; size++) {
        write_inputs(inputs, size);
        write_labels(labels, sizeof labels - 1);
        if (size == sizeof inputs - 1)
            assert_ok(try_loading(true, 0));
        else
            assert_fails(try_loading(true, 0), BP_ERROR_FORMAT, "/in: byte ");
    }
    write_inputs(inputs, sizeof inputs - 1);
    for (size_t size = 0; size <= sizeof labels; size++) {
        write_labels(labels, size);
        if (size == sizeof labels - 1)
            assert_ok(try_loading(true, 0));
        else
            assert_fails(try_loading(true, 0), BP_ERROR_FORMAT, "/labels: byte ");
    }
}

static void bad_inputs_are_placed(void **state)
{
    (void)state;
    const struct {
        const unsigned char *bytes;
        size_t size;
        bp_status status;
        const char *message;
    } rows[] = {
        {BYTES(0xfd, 0x37, 0x7a, 0x58, 1, 2, 3), BP_ERROR_FORMAT,
         "/in: byte 0: an xz file; decompress it first"},
        {BYTES('P', 'K', 3, 4, 1, 2), BP_ERROR_FORMAT, "/in: byte 0: a zip file"},
        {BYTES(0, 1, 8, 1, 0, 0, 0, 1, 5), BP_ERROR_FORMAT, "/in: byte 0: not an IDX file"},
        {BYTES('1', ',', '2', '\n'), BP_ERROR_FORMAT, "/in: byte 0: not an IDX file"},
        {BYTES(0, 0, 0x0A, 1, 0, 0, 0, 1, 5), BP_ERROR_FORMAT, "/in: byte 2: 0x0a is not an element type"},
        {BYTES(0, 0, 8, 0, 5), BP_ERROR_FORMAT, "/in: byte 3: no dimensions"},
        {BYTES(0, 0, 8, 2, 0, 0, 0, 1), BP_ERROR_FORMAT, "/in: byte 8: the file ends within the dim"},
        {BYTES(0, 0, 8, 1, 0, 0, 0, 0), BP_ERROR_FORMAT, "/in: byte 4: dimension 1 is 0"},
        {BYTES(0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 0), BP_ERROR_FORMAT, "/in: byte 8: dimension 2 is 0"},
        {BYTES(0, 0, 8, 1, 0, 0, 0, 3, 1), BP_ERROR_FORMAT,
         "/in: byte 9: the file ends here, 2 bytes before"},
        {BYTES(0, 0, 8, 1, 0, 0, 0, 1, 1, 2, 3), BP_ERROR_FORMAT, "/in: byte 9: 2 bytes follow the last"},
        {BYTES(0, 0, 8, 1, 0xff, 0xff, 0xff, 0xff, 1), BP_ERROR_FORMAT,
         "/in: byte 9: the file ends here, 42"},
        {BYTES(0, 0, 8, 4, 0, 0, 0, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255),
         BP_ERROR_FORMAT,
         SIZE_MAX > UINT32_MAX ? "/in: byte 16: the dimensions are too large"
                               : "/in: byte 12: the dimensions are too large"},
        {BYTES(0, 0, 14, 3, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 1), BP_ERROR_FORMAT,
         "/in: byte 4: the dimensions are too large"},
        {BYTES(0, 0, 13, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0x7f, 0xc0, 0, 0), BP_ERROR_NOT_FINITE,
         "/in: byte 12: nan is not finite"},
        {BYTES(0, 0, 14, 1, 0, 0, 0, 1, 0xff, 0xf0, 0, 0, 0, 0, 0, 0), BP_ERROR_NOT_FINITE,
         "/in: byte 8: -inf is not finite"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        write_inputs(rows[i].bytes, rows[i].size);
        assert_fails(try_loading(false, 0), rows[i].status, rows[i].message);
    }
}

static void float_range_is_kept(void **state)
{
    (void)state;
    write_inputs(BYTES(0, 0, 14, 1, 0, 0, 0, 1, 0x7f, 0xe0, 0, 0, 0, 0, 0, 0)); /* 2^1023 */
    assert_int_equal(try_loading(false, 0), TOLERANCE(BP_ERROR_NOT_FINITE, BP_OK));
}

static void bad_labels_are_placed(void **state)
{
    (void)state;
    const struct {
        const unsigned char *bytes;
        size_t size;
        size_t classes;
        const char *message;
    } rows[] = {
        {BYTES(0, 0, 9, 1, 0, 0, 0, 3, 0, 1, 0xff), 0, "/labels: byte 10: label -1, but a class number is"},
        {BYTES(0, 0, 13, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0x3f, 0xc0, 0, 0, 0, 0, 0, 0), 0,
         "/labels: byte 12: label 1.5, but a class number is whole and >= 0"},
        {BYTES(0, 0, 13, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0x7f, 0xc0, 0, 0, 0, 0, 0, 0), 0,
         "/labels: byte 12: label nan, but a class number is whole and >= 0"},
        {BYTES(0, 0, 13, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0x7f, 0x80, 0, 0, 0, 0, 0, 0), 0,
         "/labels: byte 12: label inf, but a class number is whole and >= 0"},
        {BYTES(0, 0, 12, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0), 0,
         "/labels: byte 12: label 2147483647: 1001 classes or more must be asked for by the argument"},
        {BYTES(0, 0, 8, 2, 0, 0, 0, 3, 0, 0, 0, 1, 0, 1, 2), 0, "/labels: byte 3: labels must have one"},
        {BYTES(0, 0, 8, 1, 0, 0, 0, 2, 0, 1), 0, "/labels: byte 4: 2 labels for 3 cases"},
        {BYTES(0, 0, 8, 1, 0, 0, 0, 3, 0, 1, 2), 2, "/labels: byte 10: label 2, but there are 2 classes"},
        {BYTES(0, 0, 8, 1, 0, 0, 0, 3, 0, 0, 0), 0, "/labels: every label is 0"},
    };
    write_example();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        write_labels(rows[i].bytes, rows[i].size);
        assert_fails(try_loading(true, rows[i].classes), BP_ERROR_FORMAT, rows[i].message);
    }
}

static void bad_arguments_are_refused(void **state)
{
    (void)state;
    bp_dataset *dataset = NULL;
    write_example();
    assert_fails(bp_dataset_load_idx(NULL, "x", NULL, 0, NULL), BP_ERROR_ARGUMENT, "out is NULL");
    assert_fails(bp_dataset_load_idx(&dataset, NULL, NULL, 0, NULL), BP_ERROR_ARGUMENT,
                 "inputs_path is NULL");
    assert_fails(load(&dataset, true, 1, NULL), BP_ERROR_ARGUMENT, "classes is 1");
    assert_fails(load(&dataset, true, SIZE_MAX / 2, NULL), BP_ERROR_OVERFLOW, "/labels: 3 cases of");
    bp_allocator half = {NULL, test_allocator(&(test_memory){0}, 0).release, NULL};
    assert_fails(load(&dataset, true, 0, &half), BP_ERROR_ARGUMENT, "allocator.allocate");
    assert_int_equal(unlink(test_path(test_directory, "labels")), 0);
    assert_fails(load(&dataset, true, 0, NULL), BP_ERROR_FILE, "/labels: cannot be opened");
    assert_int_equal(unlink(test_path(test_directory, "in")), 0);
    assert_fails(load(&dataset, false, 0, NULL), BP_ERROR_FILE, "/in: cannot be opened");
    assert_null(dataset);
}

static void changes_while_reading_are_noticed(void **state)
{
    (void)state;
    char names[][8] = {"in", "labels"};
    for (size_t i = 0; i < 2; i++) {
        write_example();
        bp_allocator allocator = test_cutting_allocator(names[i]);
        bp_dataset *dataset = NULL;
        assert_fails(load(&dataset, true, 0, &allocator), BP_ERROR_FILE, "was changed while");
        assert_null(dataset);
    }
}

static bp_status attempt_loading(void *context, const bp_allocator *allocator)
{
    (void)context;
    bp_dataset *dataset = NULL;
    bp_status status = load(&dataset, true, 0, allocator);
    bp_dataset_destroy(dataset);
    return status;
}

static void lack_of_memory_is_reported(void **state)
{
    (void)state;
    write_example();
    test_each_allocation_fails(attempt_loading, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_directory_setup, test_directory_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(images_and_labels_are_read),
        TEST(labels_of_every_type_are_read),
        TEST(many_classes_are_asked_for),
        TEST(labels_may_be_missing),
        TEST(every_type_is_read),
        TEST(long_files_are_read),
        TEST(every_truncation_and_extension_is_refused),
        TEST(bad_inputs_are_placed),
        TEST(float_range_is_kept),
        TEST(bad_labels_are_placed),
        TEST(bad_arguments_are_refused),
        TEST(changes_while_reading_are_noticed),
        TEST(lack_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
