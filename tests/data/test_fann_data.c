/* Datasets from FANN's training files. */
#include "support/support.h"

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/fann_data.h"

static void write_text(const char *text)
{
    test_write_file(test_path(test_directory, "xor.data"), text, strlen(text));
}

static bp_status load(bp_dataset **out, const bp_allocator *allocator)
{
    return bp_dataset_load_fann(out, test_path(test_directory, "xor.data"), allocator);
}

/* Loads a text; nothing may be handed out or left alive after a failure. */
static bp_status try_loading(const char *text)
{
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    bp_dataset *dataset = NULL;
    write_text(text);
    bp_status status = load(&dataset, &allocator);
    assert_true((dataset != NULL) == (status == BP_OK));
    bp_dataset_destroy(dataset);
    assert_int_equal(memory.live, 0);
    return status;
}

/* Two cases of three inputs and one output, whatever separates them. */
static void check_text(const char *text)
{
    const double inputs[] = {0.5, -1, 2e3, 4, 5, -6.25}, targets[] = {1, -0.125};
    bp_dataset *dataset = NULL;
    write_text(text);
    assert_ok(load(&dataset, NULL));
    bp_data data = test_all_cases(dataset);
    assert_int_equal(data.cases, 2);
    assert_int_equal(data.input_width, 3);
    assert_int_equal(data.target_width, 1);
    assert_int_equal(bp_dataset_class_count(dataset), 0);
    for (size_t i = 0; i < 6; i++)
        assert_true(data.inputs[i] == (bp_real)inputs[i]);
    for (size_t i = 0; i < 2; i++)
        assert_true(data.targets[i] == (bp_real)targets[i]);
    bp_dataset_destroy(dataset);
}

/* -------------------------------------------------------------------- tests */

static void lines_have_no_meaning(void **state)
{
    (void)state;
    check_text("2 3 1\n0.5 -1 2e3\n1\n4 5 -6.25\n-0.125\n");
    check_text("2 3 1 0.5 -1 2e3 1 4 5 -6.25 -0.125");
    check_text("2\n3\n1\n\n\n0.5\n-1\n2e3\n1\n4\n5\n-6.25\n-0.125");
    check_text("\r\n 2\t3  1 \r\n0.500000 -1.000000 2000 \r\n1 \r\n4 5 -6.25 \r\n-.125 \r\n\r\n");
    check_text("2 3 1\n0.5 -1 2e3 1 4 5\n-6.25 -0.125\n8 9 what follows is ignored\n");
}

static void there_may_be_no_outputs(void **state)
{
    (void)state;
    bp_dataset *dataset = NULL;
    write_text("2 2 0\n1 2\n3 4\n");
    assert_ok(load(&dataset, NULL));
    bp_data data = test_all_cases(dataset);
    assert_int_equal(data.cases, 2);
    assert_null(data.targets);
    assert_true(data.inputs[3] == 4);
    bp_dataset_destroy(dataset);
}

/* As fann_save_train writes them: 20 digits, all values on a line. */
static void many_cases_are_read(void **state)
{
    (void)state;
    enum { CASES = 3000, WIDTH = 9 };
    const size_t capacity = CASES * (WIDTH + 1) * 32;
    char *text = malloc(capacity);
    assert_non_null(text);
    size_t length = (size_t)snprintf(text, capacity, "%d %d 1\n", CASES, WIDTH);
    for (size_t i = 0; i < CASES; i++) {
        for (size_t j = 0; j < WIDTH; j++)
            length += (size_t)snprintf(text + length, capacity - length, "%.20e ",
                                       (double)((bp_real)(i * WIDTH + j) / 7));
        length += (size_t)snprintf(text + length, capacity - length, "\n%.20e \n", (double)i);
    }
    test_write_file(test_path(test_directory, "xor.data"), text, length);
    free(text);
    bp_dataset *dataset = NULL;
    assert_ok(load(&dataset, NULL));
    bp_data data = test_all_cases(dataset);
    for (size_t i = 0; i < CASES; i++) {
        for (size_t j = 0; j < WIDTH; j++)
            assert_true(data.inputs[i * WIDTH + j] == (bp_real)(i * WIDTH + j) / 7);
        assert_true(data.targets[i] == (bp_real)i);
    }
    bp_dataset_destroy(dataset);
}

static void bad_files_are_placed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bp_status status;
        const char *message;
    } rows[] = {
        {"", BP_ERROR_FORMAT, "xor.data: the file ends before the number of cases"},
        {"2 3\n", BP_ERROR_FORMAT, "xor.data: the file ends before the number of outputs"},
        {"a b c\n", BP_ERROR_FORMAT, "xor.data:1: column 1: 'a' is no number of cases"},
        {"2 1.5 1\n", BP_ERROR_FORMAT, "xor.data:1: column 2: '1.5' is no number of inputs"},
        {"2 2 -1\n", BP_ERROR_FORMAT, "xor.data:1: column 3: '-1' is no number of outputs"},
        {"5000000000 2 1\n", BP_ERROR_FORMAT, "'5000000000' is no number of cases"},
        {"0 2 1\n", BP_ERROR_FORMAT, "xor.data: the first line: no cases"},
        {"2 0 1\n", BP_ERROR_FORMAT, "xor.data: the first line: no inputs"},
        {"4000000000 4000000000 4000000000\n1 2", BP_ERROR_FORMAT,
         "are more than a file of 36 bytes can hold"},
        {"100 2 1\n1 2 3 4 5 6\n", BP_ERROR_FORMAT, "100 cases of 2 inputs and 1 outputs are more than"},
        {"2 2 1\n1 2 3\n4 5   \n\n", BP_ERROR_FORMAT, "xor.data:5: the file ends within case 2"},
        {"2 2 1\n1 2\n3\n4 x5\n6\n", BP_ERROR_FORMAT, "xor.data:4: column 2: 'x5' is not a number"},
        {"1 2 1\n1 nan 3\n", BP_ERROR_NOT_FINITE, "xor.data:2: column 2: 'nan' is not finite"},
        {"1 2 1\n1 2\n-inf\n", BP_ERROR_NOT_FINITE, "xor.data:3: column 1: '-inf' is not finite"},
        {"1 2 1\n1 2\n1e999\n", BP_ERROR_NOT_FINITE, "xor.data:3: column 1: '1e999' is not finite"},
        {"1 2 1\n1,5 2\n1\n", BP_ERROR_FORMAT, "xor.data:2: column 1: '1,5' is not a number"},
        {"\xfd\x37\x7a\x58", BP_ERROR_FORMAT, "xor.data: an xz file"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_fails(try_loading(rows[i].text), rows[i].status, rows[i].message);
}

static void the_locale_has_no_influence(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8"};
    for (size_t i = 0; i < 3; i++)
        if (setlocale(LC_NUMERIC, names[i]) != NULL)
            break;
    const locale_t before = uselocale((locale_t)0);
    check_text("2 3 1\n0.5 -1 2e3\n1\n4 5 -6.25\n-0.125\n");
    assert_fails(try_loading("1 2 1\n1 x 3\n"), BP_ERROR_FORMAT, "'x' is not a number");
    assert_true(uselocale((locale_t)0) == before);
    setlocale(LC_NUMERIC, "C");
}

static void bad_arguments_are_refused(void **state)
{
    (void)state;
    bp_dataset *dataset = NULL;
    assert_fails(bp_dataset_load_fann(NULL, "x", NULL), BP_ERROR_ARGUMENT, "out is NULL");
    assert_fails(bp_dataset_load_fann(&dataset, NULL, NULL), BP_ERROR_ARGUMENT, "path is NULL");
    assert_fails(load(&dataset, NULL), BP_ERROR_FILE, "xor.data: cannot be opened");
    bp_allocator half = {NULL, test_allocator(&(test_memory){0}, 0).release, NULL};
    assert_fails(load(&dataset, &half), BP_ERROR_ARGUMENT, "allocator.allocate");
    assert_null(dataset);
}

static void *allocate_and_touch(void *context, size_t size)
{
    (void)context;
    test_write_file(test_path(test_directory, "xor.data"), "1 1 1\n5 6 7\n", 12);
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
    bp_allocator allocator = {allocate_and_touch, release_plain, NULL};
    bp_dataset *dataset = NULL;
    write_text("1 1 1\n5 6");
    assert_fails(load(&dataset, &allocator), BP_ERROR_FILE, "was changed while");
    assert_null(dataset);
}

static bp_status attempt_loading(void *context, const bp_allocator *allocator)
{
    (void)context;
    bp_dataset *dataset = NULL;
    bp_status status = load(&dataset, allocator);
    bp_dataset_destroy(dataset);
    return status;
}

static void lack_of_memory_is_reported(void **state)
{
    (void)state;
    write_text("2 3 1\n0.5 -1 2e3\n1\n4 5 -6.25\n-0.125\n");
    test_each_allocation_fails(attempt_loading, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_directory_setup, test_directory_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lines_have_no_meaning),
        TEST(there_may_be_no_outputs),
        TEST(many_cases_are_read),
        TEST(bad_files_are_placed),
        TEST(the_locale_has_no_influence),
        TEST(bad_arguments_are_refused),
        TEST(changes_while_reading_are_noticed),
        TEST(lack_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
