/* Streams over FANN's training files: the cases of the dataset that the same file makes. */
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data/stream_checks.h"

static const char example[] = "11 2 1\n"
                              "0.5 -1\n0.25\n1 2\n-0.5\n3 4\n1\n-2 1\n0\n0 0\n0.125\n1 1\n2\n"
                              "2 -2\n-1\n0.75 1.5\n0.5\n-1 -1\n1\n3 0\n0.25\n1e-1 2.5E0\n-0.75\n";

static void write_text(const char *text)
{
    write_bytes("xor.data", text, strlen(text));
}

static bp_status open_stream(bp_stream **out, const bp_allocator *allocator)
{
    return bp_stream_open_fann(out, test_path(test_directory, "xor.data"), allocator);
}

static bp_stream *stream_of(const char *text)
{
    bp_stream *stream = NULL;
    write_text(text);
    assert_ok(open_stream(&stream, NULL));
    return stream;
}

static bp_dataset *dataset_of(const char *text)
{
    bp_dataset *dataset = NULL;
    write_text(text);
    assert_ok(bp_dataset_load_fann(&dataset, test_path(test_directory, "xor.data"), NULL));
    return dataset;
}

/* The text by both. */
static void compare(const char *text)
{
    bp_dataset *dataset = dataset_of(text);
    bp_stream *stream = stream_of(text);
    assert_same_cases(stream, dataset);
    bp_stream_destroy(stream);
    bp_dataset_destroy(dataset);
}

/* -------------------------------------------------------------------- tests */

static void the_same_cases_are_read(void **state)
{
    (void)state;
    compare(example);
    compare("2 3 1 0.5 -1 2e3 1 4 5 -6.25 -0.125");
    compare("2\r\n3\r\n1\r\n0.5\r\n-1\r\n2e3\r\n1\r\n4\r\n5\r\n-6.25\r\n-0.125");
    compare("\xEF\xBB\xBF 2\t3 1\n0.5 -1 2e3 1 4 5\r-6.25 -0.125\r8 9 what follows is ignored\n");
    compare("2 2 0\n1 2\n3 4\n");
}

/* Hands out so many bytes, those of blocks that are released again included. */
static void *allocate_some(void *context, size_t size)
{
    size_t *left = context;
    if (size > *left)
        return NULL;
    *left -= size;
    return malloc(size);
}

static void release_plain(void *context, void *memory)
{
    (void)context;
    free(memory);
}

/* 2 MB, all in one line, are read in less than 100 KB. */
static void long_lines_need_no_memory(void **state)
{
    (void)state;
    enum { CASES = 100000 };
    const size_t capacity = CASES * 24;
    size_t left = 100000, cases, length;
    bp_real input[1], target[1];
    char *text = malloc(capacity);
    bp_stream *stream = NULL;
    const bp_allocator allocator = {allocate_some, release_plain, &left};
    assert_non_null(text);
    length = (size_t)snprintf(text, capacity, "%d 1 1 ", CASES);
    for (size_t i = 0; i < CASES; i++)
        length += (size_t)snprintf(text + length, capacity - length, "%zu.25 -%zu.5e-3 ", i, i);
    write_bytes("xor.data", text, length);
    free(text);
    assert_ok(open_stream(&stream, &allocator));
    for (int pass = 0; pass < 2; pass++) {
        assert_ok(bp_stream_rewind(stream));
        for (size_t i = 0; i < CASES; i++) {
            char wanted[40];
            snprintf(wanted, sizeof wanted, "-%zu.5e-3", i);
            assert_ok(bp_stream_read(stream, 1, input, target, NULL, &cases));
            assert_int_equal(cases, 1);
            assert_true(input[0] == (bp_real)((double)i + 0.25));
            assert_true(target[0] == (bp_real)strtod(wanted, NULL));
        }
        assert_ok(bp_stream_read(stream, 1, input, target, NULL, &cases));
        assert_int_equal(cases, 0);
    }
    bp_stream_destroy(stream);
}

static void training_has_the_same_bits(void **state)
{
    (void)state;
    bp_dataset *dataset = dataset_of(example);
    bp_stream *stream = stream_of(example);
    assert_same_training(stream, dataset);
    bp_stream_destroy(stream);
    bp_dataset_destroy(dataset);
}

/* The same message as from the loader, now or when the number is read, and in every pass. */
static void bad_files_are_placed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bp_status status;
        const char *message;
        bool is_header;
    } rows[] = {
        {"", BP_ERROR_FORMAT, "xor.data: the file ends before the number of cases", true},
        {"a b c\n", BP_ERROR_FORMAT, "xor.data:1: column 1: 'a' is no number of cases", true},
        {"2 1.5 1\n", BP_ERROR_FORMAT, "xor.data:1: column 2: '1.5' is no number of inputs", true},
        {"0 2 1\n", BP_ERROR_FORMAT, "xor.data: the first line: no cases", true},
        {"100 2 1\n1 2 3 4 5 6\n", BP_ERROR_FORMAT, "100 cases of 2 inputs and 1 outputs are more than",
         true},
        {"\x93NUMPY", BP_ERROR_FORMAT, "xor.data: a NumPy file; load it with bp_dataset_load_npy", true},
        {"2 2 1\n1 2 3\n4 5   \n\n", BP_ERROR_FORMAT, "xor.data:5: the file ends within case 2", false},
        {"2 2 1\n1 2\n3\n4 x5\n6\n", BP_ERROR_FORMAT, "xor.data:4: column 2: 'x5' is not a number", false},
        {"1 2 1\n1 nan 3\n", BP_ERROR_NOT_FINITE, "xor.data:2: column 2: 'nan' is not finite", false},
        {"1 2 1\n1 2\n1e999\n", BP_ERROR_NOT_FINITE, "xor.data:3: column 1: '1e999' is not finite", false},
        {"1 1 1\n\"5\" 6\n", BP_ERROR_FORMAT, "xor.data:2: column 1: '\"5\"' is not a number", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bp_dataset *dataset = NULL;
        bp_stream *stream = NULL;
        write_text(rows[i].text);
        assert_fails(bp_dataset_load_fann(&dataset, test_path(test_directory, "xor.data"), NULL),
                     rows[i].status, rows[i].message);
        if (rows[i].is_header)
            assert_fails(open_stream(&stream, NULL), rows[i].status, rows[i].message);
        else
            assert_ok(open_stream(&stream, NULL));
        for (int pass = 0; pass < 2 && stream != NULL; pass++)
            assert_fails(read_all(stream), rows[i].status, rows[i].message);
        bp_stream_destroy(stream);
    }
}

static void bad_arguments_are_refused(void **state)
{
    (void)state;
    bp_stream *stream = NULL;
    assert_fails(bp_stream_open_fann(NULL, "x", NULL), BP_ERROR_ARGUMENT, "bp_stream_open_fann: out is NULL");
    assert_fails(bp_stream_open_fann(&stream, NULL, NULL), BP_ERROR_ARGUMENT, "path is NULL");
    assert_fails(open_stream(&stream, NULL), BP_ERROR_FILE, "xor.data: cannot be opened");
    bp_allocator half = {NULL, release_plain, NULL};
    assert_fails(open_stream(&stream, &half), BP_ERROR_ARGUMENT, "allocator.allocate");
    assert_null(stream);
}

static void the_locale_has_no_influence(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8"};
    for (size_t i = 0; i < 3; i++)
        if (setlocale(LC_NUMERIC, names[i]) != NULL)
            break;
    const locale_t before = uselocale((locale_t)0);
    compare("2 3 1\n0.5 -1 2e3\n1\n4 5 -6.25\n-0.125\n");
    bp_stream *stream = stream_of("1 2 1\n1 x 3\n");
    assert_fails(read_all(stream), BP_ERROR_FORMAT, "'x' is not a number");
    assert_true(uselocale((locale_t)0) == before);
    bp_stream_destroy(stream);
    setlocale(LC_NUMERIC, "C");
}

/* ------------------------------------------------------------------ changes */

static void append(void)
{
    FILE *file = fopen(test_path(test_directory, "xor.data"), "a");
    assert_non_null(file);
    fputs("1 2 3\n", file);
    fclose(file);
}

static void cut(void)
{
    write_bytes("xor.data", "11 2", 4);
}

static void change_number(void)
{
    change_unseen("xor.data", 9, '7');
}

static void change_to_a_word(void)
{
    change_unseen("xor.data", 9, 'x');
}

static void change_sizes(void)
{
    change_unseen("xor.data", 0, '0');
}

static bp_stream *open_example(void)
{
    return stream_of(example);
}

static void changes_between_epochs_are_noticed(void **state)
{
    (void)state;
    static const planted_change changes[] = {
        {append, BP_ERROR_FILE, "xor.data: the file was changed while"},
        {cut, BP_ERROR_FILE, "xor.data: the file was changed while"},
        {change_sizes, BP_ERROR_FILE, "xor.data: the file was changed while"},
        {change_number, BP_ERROR_STATE, "training: cases 0 to 3 are not those that the first pass found"},
        {change_to_a_word, BP_ERROR_FORMAT, "xor.data:2: column 1: '0.x' is not a number"},
    };
    assert_changes_are_noticed(open_example, changes, sizeof changes / sizeof changes[0]);
}

static void changes_within_a_pass_are_noticed(void **state)
{
    (void)state;
    bp_real inputs[22], targets[11];
    size_t cases;
    bp_stream *stream = stream_of(example);
    assert_ok(bp_stream_read(stream, 5, inputs, targets, NULL, &cases));
    append();
    assert_fails(bp_stream_read(stream, 6, inputs, targets, NULL, &cases), BP_ERROR_FILE,
                 "xor.data: the file was changed while");
    bp_stream_destroy(stream);
}

/* A named pipe is read to its end, and can then be read again. */
static void a_pipe_is_read(void **state)
{
    (void)state;
    const char *path = test_path(test_directory, "pipe");
    bp_stream *stream = NULL;
    assert_int_equal(mkfifo(path, 0600), 0);
    const pid_t child = fork();
    if (child == 0) {
        FILE *pipe = fopen(path, "w");
        if (pipe != NULL)
            fputs(example, pipe);
        if (pipe != NULL)
            fclose(pipe);
        _exit(0);
    }
    assert_ok(bp_stream_open_fann(&stream, path, NULL));
    assert_int_equal(waitpid(child, NULL, 0), child);
    bp_dataset *dataset = dataset_of(example);
    assert_same_cases(stream, dataset);
    bp_dataset_destroy(dataset);
    bp_stream_destroy(stream);
}

static bp_status open_and_read(void *context, const bp_allocator *allocator)
{
    (void)context;
    bp_stream *stream = NULL;
    bp_status status = open_stream(&stream, allocator);
    if (status == BP_OK)
        status = read_all(stream);
    bp_stream_destroy(stream);
    return status;
}

static void lack_of_memory_is_reported(void **state)
{
    (void)state;
    write_text(example);
    test_each_allocation_fails(open_and_read, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_directory_setup, test_directory_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_same_cases_are_read),
        TEST(long_lines_need_no_memory),
        TEST(training_has_the_same_bits),
        TEST(bad_files_are_placed),
        TEST(bad_arguments_are_refused),
        TEST(the_locale_has_no_influence),
        TEST(changes_between_epochs_are_noticed),
        TEST(changes_within_a_pass_are_noticed),
        TEST(a_pipe_is_read),
        TEST(lack_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
