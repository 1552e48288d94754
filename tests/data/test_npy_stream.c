/* Streams over NumPy's .npy files: the cases of the dataset that the same files make. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/npy_example.h"
#include "data/stream_checks.h"

static bp_status load(bp_dataset **out, bool with_targets, bp_target_kind target, size_t classes)
{
    return bp_dataset_load_npy(out, test_path(test_directory, "in"),
                               with_targets ? test_path(test_directory, "to") : NULL, target, classes, NULL);
}

static bp_status open_stream(bp_stream **out, bool with_targets, bp_target_kind target, size_t classes,
                             const bp_allocator *allocator)
{
    return bp_stream_open_npy(out, test_path(test_directory, "in"),
                              with_targets ? test_path(test_directory, "to") : NULL, target, classes,
                              allocator);
}

/* A stream of inputs and targets, which both files must have. */
static bp_stream *stream_of(bp_target_kind target, size_t classes)
{
    bp_stream *stream = NULL;
    assert_ok(open_stream(&stream, true, target, classes, NULL));
    return stream;
}

/* The files by both. */
static void compare(bool with_targets, bp_target_kind target, size_t classes)
{
    bp_dataset *dataset = NULL;
    bp_stream *stream = NULL;
    assert_ok(load(&dataset, with_targets, target, classes));
    assert_ok(open_stream(&stream, with_targets, target, classes, NULL));
    assert_same_cases(stream, dataset);
    bp_stream_destroy(stream);
    bp_dataset_destroy(dataset);
}

/* 11 cases of 3 numbers, and a class of 3 for each. */
static void write_example(bool is_fortran)
{
    npy_write_grid("in", 11, 3, is_fortran);
    NPY_WRITE("to", NPY_HEADER("|u1", "(11,)"), 2, 0, 1, 1, 0, 2, 2, 1, 0, 0, 1);
}

/* -------------------------------------------------------------------- tests */

static void compare_array(const npy_array *array)
{
    write_bytes("in", array->bytes, array->size);
    compare(false, BP_TARGET_AUTO, 0);
}

/* All types, byte orders, shapes and versions. */
static void what_numpy_writes_is_read(void **state)
{
    (void)state;
    npy_for_each_array(compare_array);
}

static void targets_are_classes_or_numbers(void **state)
{
    (void)state;
    write_example(false);
    compare(false, BP_TARGET_AUTO, 0);
    compare(true, BP_TARGET_AUTO, 0);
    compare(true, BP_TARGET_CLASS, 7);
    compare(true, BP_TARGET_NUMERIC, 0);
    npy_write_grid("to", 11, 2, false);
    compare(true, BP_TARGET_AUTO, 0);
    npy_write_grid("to", 11, 2, true);
    compare(true, BP_TARGET_NUMERIC, 0);
    npy_write_grid("to", 11, 1, true);
    compare(true, BP_TARGET_CLASS, 0);
    NPY_WRITE("to", NPY_HEADER("|b1", "(11,)"), 1, 0, 1, 1, 0, 0, 0, 1, 1, 0, 1);
    compare(true, BP_TARGET_AUTO, 0);
}

/* More cases than are read at a time, in both orders. */
static void long_files_are_read(void **state)
{
    (void)state;
    enum { CASES = 5000 };
    unsigned char classes[CASES];
    for (size_t i = 0; i < CASES; i++)
        classes[i] = (unsigned char)(i * i % 7);
    for (int is_fortran = 0; is_fortran < 2; is_fortran++) {
        npy_write_grid("in", CASES, 3, is_fortran);
        npy_write_grid("to", CASES, 2, !is_fortran);
        compare(true, BP_TARGET_NUMERIC, 0);
        npy_write("to", NPY_HEADER("|u1", "(5000,)"), classes, CASES);
        compare(true, BP_TARGET_CLASS, 0);
    }
}

static void training_has_the_same_bits(void **state)
{
    (void)state;
    for (int is_fortran = 0; is_fortran < 2; is_fortran++)
        for (int is_class = 0; is_class < 2; is_class++) {
            const bp_target_kind target = is_class ? BP_TARGET_CLASS : BP_TARGET_NUMERIC;
            bp_dataset *dataset = NULL;
            write_example(is_fortran);
            assert_ok(load(&dataset, true, target, 0));
            bp_stream *stream = stream_of(target, 0);
            assert_same_training(stream, dataset);
            bp_stream_destroy(stream);
            bp_dataset_destroy(dataset);
        }
}

static void bad_files_are_placed(void **state)
{
    (void)state;
    bp_stream *stream = NULL;
    write_example(false);
    NPY_WRITE("in", NPY_HEADER("|u1", "(11, 2)"), 1, 2, 3);
    assert_fails(open_stream(&stream, true, BP_TARGET_AUTO, 0, NULL), BP_ERROR_FORMAT,
                 "/in: byte 73: the file ends here, 19 bytes before the last element does");
    NPY_WRITE("in", NPY_HEADER("|u1", "(2,)"), 1, 2, 3);
    assert_fails(open_stream(&stream, false, BP_TARGET_AUTO, 0, NULL), BP_ERROR_FORMAT,
                 "/in: byte 69: 1 bytes follow the last element");
    NPY_WRITE("in", NPY_HEADER("<c8", "(11,)"), 1, 2, 3);
    assert_fails(open_stream(&stream, true, BP_TARGET_AUTO, 0, NULL), BP_ERROR_FORMAT,
                 "/in: byte 20: an element type that is not bool, int, uint or float");
    write_bytes("in", "1,2,3,4,", 8);
    assert_fails(open_stream(&stream, true, BP_TARGET_AUTO, 0, NULL), BP_ERROR_FORMAT,
                 "/in: byte 0: not a .npy file");
    npy_write_grid("in", 10, 3, true);
    assert_fails(open_stream(&stream, true, BP_TARGET_AUTO, 0, NULL), BP_ERROR_FORMAT,
                 "/to: the header: 11 rows of targets for 10 cases");
    write_example(false);
    npy_write_grid("to", 11, 2, false);
    assert_fails(open_stream(&stream, true, BP_TARGET_CLASS, 0, NULL), BP_ERROR_FORMAT,
                 "/to: the header: 2 numbers for each case");
    NPY_WRITE("to", NPY_HEADER("|u1", "(11,)"), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    assert_fails(open_stream(&stream, true, BP_TARGET_AUTO, 0, NULL), BP_ERROR_FORMAT,
                 "/to: every label is 0");
    NPY_WRITE("to", NPY_HEADER("|i1", "(11,)"), 0, 0, 1, 255, 0, 0, 0, 0, 0, 0, 0);
    assert_fails(open_stream(&stream, true, BP_TARGET_AUTO, 0, NULL), BP_ERROR_FORMAT,
                 "/to: byte 71: label -1, but a class number");
    assert_null(stream);
}

/* What is wrong with a number shows when it is read, in every pass. */
static void bad_numbers_are_placed(void **state)
{
    (void)state;
    write_example(false);
    bp_stream *stream = stream_of(BP_TARGET_CLASS, 2);
    for (int pass = 0; pass < 2; pass++)
        assert_fails(read_all(stream), BP_ERROR_FORMAT, "/to: byte 68: label 2, but there are 2 classes");
    bp_stream_destroy(stream);
    NPY_WRITE("in", NPY_HEADER("<f2", "(2, 2)"), 0, 0x3c, 0, 0x3c, 0, 0x7e, 0, 0x3c);
    assert_ok(open_stream(&stream, false, BP_TARGET_AUTO, 0, NULL));
    assert_fails(read_all(stream), BP_ERROR_NOT_FINITE, "/in: byte 73: nan is not finite");
    bp_stream_destroy(stream);
    NPY_WRITE("in", "{'descr': '<f2', 'fortran_order': True, 'shape': (2, 2)}", 0, 0x3c, 0, 0x3c, 0, 0xfc, 0,
              0x3c);
    assert_ok(open_stream(&stream, false, BP_TARGET_AUTO, 0, NULL));
    assert_fails(read_all(stream), BP_ERROR_NOT_FINITE, "/in: byte 70: -inf is not finite");
    bp_stream_destroy(stream);
}

static void bad_arguments_are_refused(void **state)
{
    (void)state;
    bp_stream *stream = NULL;
    write_example(false);
    assert_fails(bp_stream_open_npy(NULL, "x", NULL, BP_TARGET_AUTO, 0, NULL), BP_ERROR_ARGUMENT,
                 "bp_stream_open_npy: out is NULL");
    assert_fails(bp_stream_open_npy(&stream, NULL, NULL, BP_TARGET_AUTO, 0, NULL), BP_ERROR_ARGUMENT,
                 "inputs_path is NULL");
    assert_fails(open_stream(&stream, true, (bp_target_kind)7, 0, NULL), BP_ERROR_ARGUMENT, "target is 7");
    assert_fails(open_stream(&stream, true, BP_TARGET_NONE, 0, NULL), BP_ERROR_ARGUMENT,
                 "target is BP_TARGET_NONE");
    assert_fails(open_stream(&stream, true, BP_TARGET_AUTO, 1, NULL), BP_ERROR_ARGUMENT, "classes is 1");
    assert_fails(
        bp_stream_open_npy(&stream, test_path(test_directory, "in"), "none", BP_TARGET_AUTO, 0, NULL),
        BP_ERROR_FILE, "none: cannot be opened");
    assert_fails(bp_stream_open_npy(&stream, test_directory, NULL, BP_TARGET_AUTO, 0, NULL), BP_ERROR_FILE,
                 "is a directory");
    bp_allocator half = {NULL, test_allocator(&(test_memory){0}, 0).release, NULL};
    assert_fails(open_stream(&stream, true, BP_TARGET_AUTO, 0, &half), BP_ERROR_ARGUMENT,
                 "allocator.allocate");
    assert_null(stream);
    assert_ok(open_stream(&stream, false, (bp_target_kind)7, 1, NULL)); /* without targets they are ignored */
    bp_stream_destroy(stream);
}

/* ------------------------------------------------------------------ changes */

static void write_longer(void)
{
    npy_write_grid("in", 12, 3, false);
}

static void cut(void)
{
    write_bytes("to", "\x93NUMPY", 6);
}

/* The low byte of the first number, or the highest one. */
static void change_number(void)
{
    change_unseen("in", 10 + (long)strlen("{'descr': '<u2', 'fortran_order': False, 'shape': (11, 3)}"), 5);
}

/* '<u2' becomes '>u2'. */
static void change_header(void)
{
    change_unseen("in", 21, '>');
}

/* Rows of 2 in place of 3, which do not fill the file. */
static void change_width(void)
{
    change_unseen("in", 10 + (long)strlen("{'descr': '<u2', 'fortran_order': False, 'shape': (11, "), '2');
}

static void change_class(void)
{
    change_unseen("to", 10 + (long)strlen(NPY_HEADER("|u1", "(11,)")), 1);
}

static void change_to_no_class(void)
{
    change_unseen("to", 10 + (long)strlen(NPY_HEADER("|u1", "(11,)")), 3);
}

static bp_stream *open_example(void)
{
    write_example(false);
    return stream_of(BP_TARGET_AUTO, 0);
}

static void changes_between_epochs_are_noticed(void **state)
{
    (void)state;
    static const planted_change changes[] = {
        {write_longer, BP_ERROR_FILE, "/in: the file was changed while"},
        {cut, BP_ERROR_FILE, "/to: the file was changed while"},
        {change_header, BP_ERROR_FILE, "/in: the file was changed while"},
        {change_width, BP_ERROR_FORMAT, "/in: byte 112: 22 bytes follow the last element"},
        {change_number, BP_ERROR_STATE, "training: cases 0 to 3 are not those that the first pass found"},
        {change_class, BP_ERROR_STATE, "training: cases 0 to 3 are not those"},
        {change_to_no_class, BP_ERROR_FORMAT, "/to: byte 68: label 3, but there are 3 classes"},
    };
    assert_changes_are_noticed(open_example, changes, sizeof changes / sizeof changes[0]);
}

/* At the end of a pass, too. */
static void changes_within_a_pass_are_noticed(void **state)
{
    (void)state;
    bp_real inputs[33], targets[33];
    size_t cases;
    write_example(false);
    bp_stream *stream = stream_of(BP_TARGET_AUTO, 0);
    assert_ok(bp_stream_read(stream, 5, inputs, targets, NULL, &cases));
    write_longer();
    assert_fails(bp_stream_read(stream, 6, inputs, targets, NULL, &cases), BP_ERROR_FILE,
                 "/in: the file was changed while");
    bp_stream_destroy(stream);
}

/* --------------------------------------------------------------------- memory */

static bp_status open_and_read(void *context, const bp_allocator *allocator)
{
    bp_stream *stream = NULL;
    (void)context;
    bp_status status = open_stream(&stream, true, BP_TARGET_AUTO, 0, allocator);
    if (status == BP_OK)
        status = read_all(stream);
    bp_stream_destroy(stream);
    return status;
}

static void lack_of_memory_is_reported(void **state)
{
    (void)state;
    write_example(true);
    test_each_allocation_fails(open_and_read, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_directory_setup, test_directory_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_numpy_writes_is_read),
        TEST(targets_are_classes_or_numbers),
        TEST(long_files_are_read),
        TEST(training_has_the_same_bits),
        TEST(bad_files_are_placed),
        TEST(bad_numbers_are_placed),
        TEST(bad_arguments_are_refused),
        TEST(changes_between_epochs_are_noticed),
        TEST(changes_within_a_pass_are_noticed),
        TEST(lack_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
