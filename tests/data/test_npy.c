/* Datasets from NumPy's .npy files. */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/npy_example.h"

static bp_status load(bp_dataset **out, bool with_targets, bp_target_kind target, size_t classes,
                      const bp_allocator *allocator)
{
    return bp_dataset_load_npy(out, test_path(test_directory, "in"),
                               with_targets ? test_path(test_directory, "to") : NULL, target, classes,
                               allocator);
}

/* Loads the files; nothing may be handed out or left alive after a failure. */
static bp_status try_loading(bool with_targets, bp_target_kind target, size_t classes)
{
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    bp_dataset *dataset = NULL;
    bp_status status = load(&dataset, with_targets, target, classes, &allocator);
    assert_true((dataset != NULL) == (status == BP_OK));
    bp_dataset_destroy(dataset);
    assert_int_equal(memory.live, 0);
    return status;
}

/* Three cases of two bytes. */
static void write_inputs(void)
{
    NPY_WRITE("in", NPY_HEADER("|u1", "(3, 2)"), 0, 1, 2, 253, 254, 255);
}

/* -------------------------------------------------------------------- tests */

static void load_array(const npy_array *array)
{
    bp_dataset *dataset = NULL;
    test_write_file(test_path(test_directory, "in"), array->bytes, array->size);
    assert_ok(load(&dataset, false, BP_TARGET_AUTO, 0, NULL));
    bp_data data = test_all_cases(dataset);
    assert_int_equal(data.cases, array->cases);
    assert_int_equal(data.input_width, array->width);
    assert_null(data.targets);
    for (size_t i = 0; i < array->cases * array->width; i++)
        if ((double)data.inputs[i] != array->values[i])
            fail_msg("%s: value %zu is %g, not %g", array->name, i, (double)data.inputs[i], array->values[i]);
    bp_dataset_destroy(dataset);
}

static void what_numpy_writes_is_read(void **state)
{
    (void)state;
    npy_for_each_array(load_array);
}

/* More than one piece of reading, in both orders. */
static void long_files_are_read(void **state)
{
    (void)state;
    enum { CASES = 5000, WIDTH = 3 };
    for (int is_fortran = 0; is_fortran < 2; is_fortran++) {
        npy_write_grid("in", CASES, WIDTH, is_fortran);
        bp_dataset *dataset = NULL;
        assert_ok(load(&dataset, false, BP_TARGET_AUTO, 0, NULL));
        bp_data data = test_all_cases(dataset);
        for (size_t i = 0; i < CASES * WIDTH; i++)
            assert_true(data.inputs[i] == (bp_real)(i / WIDTH * 7 + i % WIDTH));
        bp_dataset_destroy(dataset);
    }
}

/* Targets 2, 0, 1, which may be classes or numbers. */
static void check_targets(bp_target_kind target, size_t classes, size_t width, const double *wanted)
{
    bp_dataset *dataset = NULL;
    assert_ok(load(&dataset, true, target, classes, NULL));
    bp_data data = test_all_cases(dataset);
    assert_int_equal(data.target_width, width);
    assert_int_equal(bp_dataset_class_count(dataset), target == BP_TARGET_NUMERIC ? 0 : width);
    for (size_t i = 0; i < 3 * width; i++)
        assert_true(data.targets[i] == (bp_real)wanted[i]);
    if (target != BP_TARGET_NUMERIC)
        assert_string_equal(bp_dataset_class_name(dataset, width - 1), width == 3 ? "2" : "3");
    bp_dataset_destroy(dataset);
}

static void targets_are_classes_or_numbers(void **state)
{
    (void)state;
    const double three[] = {0, 0, 1, 1, 0, 0, 0, 1, 0}, four[] = {0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0};
    const double numbers[] = {2, 0, 1};
    write_inputs();
    NPY_WRITE("to", NPY_HEADER(">i2", "(3,)"), 0, 2, 0, 0, 0, 1);
    check_targets(BP_TARGET_AUTO, 0, 3, three);
    check_targets(BP_TARGET_CLASS, 4, 4, four);
    check_targets(BP_TARGET_NUMERIC, 0, 1, numbers);
    NPY_WRITE("to", NPY_HEADER("|u1", "(3, 1)"), 2, 0, 1); /* a column, as some libraries store labels */
    check_targets(BP_TARGET_AUTO, 0, 3, three);
    NPY_WRITE("to", NPY_HEADER(">f4", "(3,)"), 0x40, 0, 0, 0, 0, 0, 0, 0, 0x3f, 0x80, 0, 0);
    check_targets(BP_TARGET_CLASS, 0, 3, three);
    check_targets(BP_TARGET_NUMERIC, 0, 1, numbers);

    bp_dataset *dataset = NULL; /* floats are numbers, and so are several integers for each case */
    assert_ok(load(&dataset, true, BP_TARGET_AUTO, 0, NULL));
    assert_int_equal(bp_dataset_class_count(dataset), 0);
    bp_dataset_destroy(dataset);
    NPY_WRITE("to", "{'descr': '|i1', 'fortran_order': True, 'shape': (3, 2)}", 1, 2, 3, 0xff, 0xfe, 0xfd);
    assert_ok(load(&dataset, true, BP_TARGET_AUTO, 0, NULL));
    bp_data data = test_all_cases(dataset);
    assert_int_equal(data.target_width, 2);
    for (size_t i = 0; i < 6; i++)
        assert_true(data.targets[i] == (bp_real)(i % 2 == 0 ? 1 + (int)i / 2 : -1 - (int)i / 2));
    bp_dataset_destroy(dataset);
}

static void truth_values_are_two_classes(void **state)
{
    (void)state;
    bp_dataset *dataset = NULL;
    write_inputs();
    NPY_WRITE("to", NPY_HEADER("|b1", "(3,)"), 1, 0, 1);
    assert_ok(load(&dataset, true, BP_TARGET_AUTO, 0, NULL));
    bp_data data = test_all_cases(dataset);
    assert_int_equal(bp_dataset_class_count(dataset), 2);
    assert_true(data.targets[0] == 0 && data.targets[1] == 1 && data.targets[2] == 1);
    bp_dataset_destroy(dataset);
}

static void headers_may_look_otherwise(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "{\"shape\": (3L, 2L), \"descr\": \"|u1\", \"fortran_order\": False}",
        "{'fortran_order':False,'shape':(3,2,),'descr':'|u1',}   \n",
        "  {  'descr' :\t'<u1' , 'fortran_order' : False , 'shape' : ( 3 , 2 ) , }",
    };
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        NPY_WRITE("in", headers[i], 0, 1, 2, 3, 4, 5);
        assert_ok(try_loading(false, BP_TARGET_AUTO, 0));
    }
}

static void bad_headers_are_placed(void **state)
{
    (void)state;
    static const struct {
        const char *header, *message;
    } rows[] = {
        {"", "/in: byte 10: no '{' at '' in the header"},
        {"{'descr'", "/in: byte 18: no ':' at ''"},
        {"{descr: '<f4'}", "/in: byte 11: no text in quotes at 'descr: '<f4'}'"},
        {"{'descr: ", "/in: byte 11: an unknown text at ''descr: '"},
        {"{'type': '<f4'}", "/in: byte 11: an unknown key at ''type': '<f4'}'"},
        {"{'descr': '|u1', 'descr': '|u1'}", "/in: byte 27: a key for the second time"},
        {"{'descr': '|u1'}", "/in: byte 25: not all of descr, fortran_order and shape"},
        {NPY_HEADER("|u1", "(6,)") " x", "in: byte 68: more than a dictionary at 'x'"},
        {"{'descr': '|u1' 'shape': (6,)}", "/in: byte 26: no '}' at ''shape'"},
        {NPY_HEADER("<c8", "(6,)"), "/in: byte 20: an element type that is not bool, int, uint or float"},
        {NPY_HEADER("|O", "(6,)"), "/in: byte 20: an element type"},
        {NPY_HEADER("<U5", "(6,)"), "/in: byte 20: an element type"},
        {NPY_HEADER("<f16", "(6,)"), "/in: byte 20: an element type"},
        {NPY_HEADER("f4", "(6,)"), "/in: byte 20: an element type"},
        {NPY_HEADER("|f4", "(6,)"), "/in: byte 20: an element type"},
        {NPY_HEADER("<M8[ns]", "(6,)"), "/in: byte 20: an element type"},
        {NPY_HEADER("", "(6,)"), "/in: byte 20: an element type"},
        {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,)}",
         "/in: byte 20: a structured array"},
        {"{'descr': '|u1', 'fortran_order': 0, 'shape': (6,)}", "/in: byte 44: neither True nor False"},
        {NPY_HEADER("|u1", "()"), "a single number, and no cases,"},
        {NPY_HEADER("|u1", "(0, 3)"), "a dimension that is 0 at '0, 3), }'"},
        {NPY_HEADER("|u1", "(2, 0)"), "a dimension that is 0 at '0), }'"},
        {NPY_HEADER("|u1", "(-6,)"), "no dimension at '-6,), }'"},
        {NPY_HEADER("|u1", "(6"), "no dimension at '}'"},
        {NPY_HEADER("|u1", "(6 5)"), "no ')' at '5), }'"},
        {NPY_HEADER("|u1", "6"), "no '(' at '6, }'"},
        {NPY_HEADER("|u1", "(99999999999999999999999,)"), "a dimension that is too large at '999"},
        {NPY_HEADER("|u1", "(1, 4294967296, 4294967296)"),
         SIZE_MAX > UINT32_MAX ? "dimensions that are too large together" : "a dimension that is too large"},
        {NPY_HEADER("<f8", "(4294967295, 4294967295)"), "byte 10: the dimensions are too large together"},
        {NPY_HEADER("|u1", "(7,)"), "the file ends here, 1 bytes before the last element does"},
        {NPY_HEADER("|u1", "(5,)"), "/in: byte 72: 1 bytes follow the last element"},
        {NPY_HEADER("<f8", "(4000000000, 40)"),
         SIZE_MAX > UINT32_MAX ? "the file ends here, 1279999999994 bytes" : "too large together"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        NPY_WRITE("in", rows[i].header, 0, 0, 0, 0, 0, 0);
        if (strcmp(rows[i].header, "{'descr'") == 0 || strcmp(rows[i].header, "{'descr: ") == 0)
            npy_write("in", rows[i].header, "", 0);
        assert_fails(try_loading(false, BP_TARGET_AUTO, 0), BP_ERROR_FORMAT, rows[i].message);
    }
}

static void other_files_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *message;
    } rows[] = {
        {"PK\3\4....", 8, "/in: byte 0: a zip file"},
        {"\xfd\x37\x7a\x58....", 8, "/in: byte 0: an xz file"},
        {"1,2,3,4,", 8, "/in: byte 0: not a .npy file"},
        {"\x93NUMPY\0\0", 8, "/in: byte 6: version 0.0 of the format"},
        {"\x93NUMPY\4\0", 8, "/in: byte 6: version 4.0 of the format"},
        {"\x93NUMPY\1\1", 8, "/in: byte 6: version 1.1 of the format"},
        {"\x93NUM", 4, "/in: byte 4: the file ends within the magic number"},
        {"\x93NUMPY\1\0\1", 9, "/in: byte 9: the file ends within the length"},
        {"\x93NUMPY\2\0\1\0\0", 11, "/in: byte 11: the file ends within the length"},
        {"\x93NUMPY\2\0\0\0\1\0", 12, "/in: byte 8: a header of 65536 bytes"},
        {"\x93NUMPY\1\0\5\0{", 11, "/in: byte 11: the file ends within the header"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        test_write_file(test_path(test_directory, "in"), rows[i].bytes, rows[i].size);
        assert_fails(try_loading(false, BP_TARGET_AUTO, 0), BP_ERROR_FORMAT, rows[i].message);
    }
}

static void numbers_must_be_finite(void **state)
{
    (void)state;
    NPY_WRITE("in", NPY_HEADER("<f2", "(2,)"), 0, 0x3c, 0, 0x7e);
    assert_fails(try_loading(false, BP_TARGET_AUTO, 0), BP_ERROR_NOT_FINITE,
                 "/in: byte 69: nan is not finite");
    NPY_WRITE("in", NPY_HEADER("<f2", "(2,)"), 0, 0x3c, 0, 0xfc);
    assert_fails(try_loading(false, BP_TARGET_AUTO, 0), BP_ERROR_NOT_FINITE,
                 "/in: byte 69: -inf is not finite");
    NPY_WRITE("in", NPY_HEADER(">f8", "(1,)"), 0x7f, 0xe0, 0, 0, 0, 0, 0, 0); /* 2^1023 */
    assert_int_equal(try_loading(false, BP_TARGET_AUTO, 0), TOLERANCE(BP_ERROR_NOT_FINITE, BP_OK));
}

static void bad_targets_are_placed(void **state)
{
    (void)state;
    write_inputs();
    NPY_WRITE("to", NPY_HEADER("|u1", "(2,)"), 0, 1);
    assert_fails(try_loading(true, BP_TARGET_AUTO, 0), BP_ERROR_FORMAT,
                 "/to: the header: 2 rows of targets for 3");
    NPY_WRITE("to", NPY_HEADER("|u1", "(3, 2)"), 0, 1, 0, 1, 0, 1);
    assert_fails(try_loading(true, BP_TARGET_CLASS, 0), BP_ERROR_FORMAT,
                 "/to: the header: 2 numbers for each case");
    NPY_WRITE("to", NPY_HEADER("|i1", "(3,)"), 0, 1, 0xff);
    assert_fails(try_loading(true, BP_TARGET_AUTO, 0), BP_ERROR_FORMAT,
                 "/to: byte 69: label -1, but a class number");
    NPY_WRITE("to", NPY_HEADER("|i1", "(3,)"), 0, 1, 2);
    assert_fails(try_loading(true, BP_TARGET_AUTO, 2), BP_ERROR_FORMAT,
                 "/to: byte 69: label 2, but there are 2 cl");
    NPY_WRITE("to", NPY_HEADER("|i1", "(3,)"), 0, 0, 0);
    assert_fails(try_loading(true, BP_TARGET_AUTO, 0), BP_ERROR_FORMAT, "/to: every label is 0");
    NPY_WRITE("to", NPY_HEADER(">i4", "(3,)"), 0, 0, 0, 0, 0, 0, 0x03, 0xe8, 0, 0, 0, 0);
    assert_fails(try_loading(true, BP_TARGET_AUTO, 0), BP_ERROR_FORMAT,
                 "/to: byte 71: label 1000: 1001 classes or more must be asked for");
    assert_ok(try_loading(true, BP_TARGET_AUTO, 1001));
    NPY_WRITE("to", NPY_HEADER(">f4", "(3,)"), 0, 0, 0, 0, 0x3f, 0, 0, 0, 0, 0, 0, 0);
    assert_fails(try_loading(true, BP_TARGET_CLASS, 0), BP_ERROR_FORMAT,
                 "label 0.5, but a class number is whole");
}

static void bad_arguments_are_refused(void **state)
{
    (void)state;
    bp_dataset *dataset = NULL;
    write_inputs();
    assert_fails(bp_dataset_load_npy(NULL, "x", NULL, BP_TARGET_AUTO, 0, NULL), BP_ERROR_ARGUMENT,
                 "out is NULL");
    assert_fails(bp_dataset_load_npy(&dataset, NULL, NULL, BP_TARGET_AUTO, 0, NULL), BP_ERROR_ARGUMENT,
                 "inputs_path is NULL");
    assert_fails(load(&dataset, true, (bp_target_kind)7, 0, NULL), BP_ERROR_ARGUMENT, "target is 7");
    assert_fails(load(&dataset, true, BP_TARGET_NONE, 0, NULL), BP_ERROR_ARGUMENT,
                 "target is BP_TARGET_NONE");
    assert_fails(load(&dataset, true, BP_TARGET_AUTO, 1, NULL), BP_ERROR_ARGUMENT, "classes is 1");
    assert_fails(load(&dataset, true, BP_TARGET_AUTO, 0, NULL), BP_ERROR_FILE, "/to: cannot be opened");
    assert_int_equal(unlink(test_path(test_directory, "in")), 0);
    assert_fails(load(&dataset, false, BP_TARGET_AUTO, 0, NULL), BP_ERROR_FILE, "/in: cannot be opened");
    assert_null(dataset);
}

static void changes_while_reading_are_noticed(void **state)
{
    (void)state;
    char names[][4] = {"in", "to"};
    for (size_t i = 0; i < 4; i++) {
        write_inputs();
        NPY_WRITE("to", NPY_HEADER("|u1", "(3,)"), 0, 1, 1);
        bp_allocator allocator = test_cutting_allocator(names[i % 2]);
        bp_dataset *dataset = NULL;
        assert_fails(load(&dataset, true, i < 2 ? BP_TARGET_CLASS : BP_TARGET_NUMERIC, 0, &allocator),
                     BP_ERROR_FILE, "was changed while");
        assert_null(dataset);
    }
}

static bp_status attempt_loading(void *context, const bp_allocator *allocator)
{
    bp_dataset *dataset = NULL;
    bp_status status = load(&dataset, true, *(const bp_target_kind *)context, 0, allocator);
    bp_dataset_destroy(dataset);
    return status;
}

static void lack_of_memory_is_reported(void **state)
{
    (void)state;
    bp_target_kind kinds[] = {BP_TARGET_CLASS, BP_TARGET_NUMERIC};
    write_inputs();
    NPY_WRITE("to", NPY_HEADER("|u1", "(3,)"), 0, 1, 1);
    for (size_t i = 0; i < 2; i++)
        test_each_allocation_fails(attempt_loading, &kinds[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_directory_setup, test_directory_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_numpy_writes_is_read),
        TEST(long_files_are_read),
        TEST(targets_are_classes_or_numbers),
        TEST(truth_values_are_two_classes),
        TEST(headers_may_look_otherwise),
        TEST(bad_headers_are_placed),
        TEST(other_files_are_refused),
        TEST(numbers_must_be_finite),
        TEST(bad_targets_are_placed),
        TEST(bad_arguments_are_refused),
        TEST(changes_while_reading_are_noticed),
        TEST(lack_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
