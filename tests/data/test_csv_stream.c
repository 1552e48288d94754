/* Streams over CSV files: the cases of the dataset that the same file makes, in memory that does not grow
 * with it. */
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/csv_example.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ------------------------------------------------------------------------- what is compared */

static void assert_same_schemas(const bp_schema *a, const bp_schema *b)
{
    static char x[1 << 16], y[1 << 16];
    assert_ok(bp_schema_text(a, x, sizeof x, NULL));
    assert_ok(bp_schema_text(b, y, sizeof y, NULL));
    assert_string_equal(x, y);
    for (size_t i = 0; i < bp_schema_column_count(a); i++) {
        bp_column_info of_a, of_b;
        bp_column_info_init(&of_a, sizeof of_a);
        bp_column_info_init(&of_b, sizeof of_b);
        assert_ok(bp_schema_column(a, i, &of_a));
        assert_ok(bp_schema_column(b, i, &of_b));
        assert_memory_equal(&of_a.fill, &of_b.fill, sizeof of_a.fill);
        assert_true(of_a.first == of_b.first && of_a.width == of_b.width);
    }
}

/* Reads a pass, some cases at a time. */
static bp_status assert_same_cases(bp_stream *stream, const bp_data *data, size_t at_most)
{
    const size_t inputs = bp_stream_input_width(stream), targets = bp_stream_target_width(stream);
    bp_real *rows = calloc(at_most * (inputs + targets + 1), sizeof *rows);
    bp_real *of_targets = rows + at_most * inputs, *weights = of_targets + at_most * targets;
    size_t done = 0, cases = at_most;
    bp_status status = BP_OK;
    while (cases == at_most && status == BP_OK) {
        status = bp_stream_read(stream, at_most, rows, of_targets, weights, &cases);
        if (status != BP_OK)
            break;
        assert_true(data != NULL && done + cases <= data->cases);
        assert_memory_equal(rows, data->inputs + done * inputs, cases * inputs * sizeof *rows);
        if (targets > 0)
            assert_memory_equal(of_targets, data->targets + done * targets, cases * targets * sizeof *rows);
        if (data->case_weights != NULL)
            assert_memory_equal(weights, data->case_weights + done, cases * sizeof *rows);
        done += cases;
    }
    if (status == BP_OK)
        assert_int_equal(done, data->cases);
    free(rows);
    return status;
}

static void assert_same(const bp_dataset *dataset, bp_stream *stream)
{
    const bp_data data = test_all_cases(dataset);
    const size_t parts[] = {1, 2, 3, 1000};
    assert_int_equal(bp_stream_input_width(stream), data.input_width);
    assert_int_equal(bp_stream_target_width(stream), data.targets == NULL ? 0 : data.target_width);
    assert_same_schemas(bp_stream_schema(stream), bp_dataset_schema(dataset));
    for (size_t i = 0; i < COUNT(parts); i++) {
        assert_ok(bp_stream_rewind(stream));
        assert_ok(assert_same_cases(stream, &data, parts[i]));
        assert_int_equal(bp_stream_skipped_rows(stream), bp_dataset_skipped_rows(dataset));
        assert_int_equal(bp_stream_missing_cells(stream), bp_dataset_missing_cells(dataset));
        assert_int_equal(bp_stream_unknown_cells(stream), bp_dataset_unknown_cells(dataset));
    }
}

static const char *write_file(const char *text)
{
    const char *path = test_path(test_directory, "f.csv");
    test_write_file(path, text, strlen(text));
    return path;
}

/* The same file by both. */
static void compare(const char *text, const bp_csv_options *options)
{
    const char *path = write_file(text);
    bp_dataset *dataset = NULL;
    bp_stream *stream = NULL;
    assert_ok(bp_dataset_load_csv(&dataset, path, options));
    assert_ok(bp_stream_open_csv(&stream, path, options));
    assert_same(dataset, stream);
    bp_stream_destroy(stream);
    bp_dataset_destroy(dataset);
}

/* ----------------------------------------------------------------------------------- tables */

static const char people[] = "age,sex,income,smokes,class\n"
                             "31,female,1000,yes,a\n"
                             "?,male,2000.5,no,b\n"
                             "45,,NA,no,a\n"
                             "28,female,900,?,b\n"
                             "61,male,,yes,a\n"
                             "45,female,1e3,no,b\n";

static void test_numbers(void **state)
{
    (void)state;
    bp_csv_options options = csv_numeric(-1, 1);
    compare("1,2,3\n4,5,6\n7,8,9\n", &options);
    compare("x,y,z\n1,2,3\n4,5,6\n", &options);
    options = csv_numeric(0, 2);
    options.delimiter = ';';
    compare("1;2;3\n4;5;6\n", &options);
    options.decimal_point = ',';
    compare("1,5;2;3\n4;5,25;6\n", &options);
}

static void test_classes_and_words(void **state)
{
    (void)state;
    bp_csv_options options = csv_defaults();
    compare("colour,n,class\nred,1,a\ngreen,2,b\nred,3,a\nblue,4,c\nred,4,c\n", &options);
    compare("colour,n,class\nred,1,a\ngreen,2,b\n7,3,a\n8,4,c\nred,4,c\n", &options);
    /* Delimiters at line ends; a number that stands for a missing cell. */
    compare("colour,n,class,\nred,1,a,\ngreen,2,b,\n", &options);
    compare("1,2,a,\n3,4,b,\n", &options);
    bp_schema *rules = csv_rules();
    const char *const markers[] = {"-999"};
    assert_ok(bp_schema_set_missing(rules, bp_column_all(), BP_MISSING_MEAN, 0));
    options.schema = rules;
    options.missing_markers = markers;
    options.missing_marker_count = 1;
    compare("1,2,a\n-999,4,b\n5,-999,a\n7,8,b\n", &options);
    bp_schema_destroy(rules);
}

/* Every rule for missing cells that a stream can follow. */
static void test_missing_cells(void **state)
{
    (void)state;
    for (int indicator = 0; indicator < 2; indicator++) {
        bp_schema *rules = NULL;
        assert_ok(bp_schema_create(&rules, NULL));
        assert_ok(bp_schema_set_missing(rules, bp_column_all(), BP_MISSING_MEAN, indicator));
        assert_ok(bp_schema_set_missing(rules, bp_column_named("sex"), BP_MISSING_MOST_FREQUENT, indicator));
        bp_csv_options options = csv_defaults();
        options.schema = rules;
        compare(people, &options);
        assert_ok(bp_schema_set_encoding(rules, bp_column_named("sex"), BP_ENCODING_ORDINAL));
        assert_ok(bp_schema_set_missing(rules, bp_column_named("age"), BP_MISSING_SKIP, 0));
        compare(people, &options);
        assert_ok(bp_schema_set_role(rules, bp_column_named("income"), BP_ROLE_CASE_WEIGHT));
        assert_ok(bp_schema_set_role(rules, bp_column_named("smokes"), BP_ROLE_GROUP));
        compare(people, &options);
        bp_schema_destroy(rules);
    }
}

static void test_rules_that_need_all_numbers(void **state)
{
    (void)state;
    bp_schema *rules = NULL;
    bp_stream *stream = NULL;
    bp_csv_options options = csv_defaults();
    const char *path = write_file(people);
    assert_ok(bp_schema_create(&rules, NULL));
    options.schema = rules;
    assert_ok(bp_schema_set_missing(rules, bp_column_all(), BP_MISSING_MEDIAN, 0));
    assert_fails(bp_stream_open_csv(&stream, path, &options), BP_ERROR_UNSUPPORTED,
                 "f.csv: column 1 (age): BP_MISSING_MEDIAN needs all numbers at once");
    assert_ok(bp_schema_set_missing(rules, bp_column_all(), BP_MISSING_MOST_FREQUENT, 0));
    assert_fails(bp_stream_open_csv(&stream, path, &options), BP_ERROR_UNSUPPORTED,
                 "BP_MISSING_MOST_FREQUENT needs");
    assert_null(stream);

    /* The schema of a dataset knows what to fill in. */
    bp_dataset *dataset = NULL;
    assert_ok(bp_dataset_load_csv(&dataset, path, &options));
    options.schema = bp_dataset_schema(dataset);
    compare(people, &options);
    bp_dataset_destroy(dataset);
    bp_schema_destroy(rules);
}

/* By the schema of another table: columns in another order, more of them, with targets and without, unknown
 * words. */
static void test_the_schema_of_another_table(void **state)
{
    (void)state;
    bp_schema *rules = NULL;
    bp_dataset *dataset = NULL;
    bp_csv_options options = csv_defaults();
    assert_ok(bp_schema_create(&rules, NULL));
    assert_ok(bp_schema_set_missing(rules, bp_column_all(), BP_MISSING_MEAN, 0));
    assert_ok(bp_schema_set_unknown(rules, bp_column_all(), BP_UNKNOWN_ZERO));
    options.schema = rules;
    assert_ok(bp_dataset_load_csv(&dataset, write_file(people), &options));
    options.schema = bp_dataset_schema(dataset);
    compare("class,income,sex,more,age,smokes\na,1,male,x,3,no\nb,2,other,y,?,yes\n", &options);
    compare("sex,age,smokes,income\nmale,30,no,1000\n", &options);
    compare("sex,age,smokes,income,class\nmale,30,no,1000,\nfemale,20,?,2000,?\n", &options);
    options.header = BP_CSV_HEADER_NO;
    compare("31,female,1000,yes,a\n32,none,1000,yes,b\n", &options);
    compare("31,female,1000,yes,a,\n32,none,1000,yes,b,\n", &options);
    compare("31,female,1000,yes\n32,none,1000,yes\n", &options);
    bp_dataset_destroy(dataset);
    bp_schema_destroy(rules);
}

/* Options that are only read while the stream is opened. */
static void test_options_are_copied(void **state)
{
    (void)state;
    char marker[] = "none";
    const char *markers[] = {marker};
    char *path = strdup(write_file("1,none,a\nnone,2,b\n3,4,a\n"));
    bp_schema *rules = NULL;
    bp_stream *stream = NULL;
    bp_dataset *dataset = NULL;
    assert_ok(bp_schema_create(&rules, NULL));
    assert_ok(bp_schema_set_missing(rules, bp_column_all(), BP_MISSING_MEAN, 0));
    bp_csv_options options = csv_defaults();
    options.schema = rules;
    options.missing_markers = markers;
    options.missing_marker_count = 1;
    assert_ok(bp_dataset_load_csv(&dataset, path, &options));
    assert_ok(bp_stream_open_csv(&stream, path, &options));
    bp_schema_destroy(rules);
    memset(marker, 'x', sizeof marker - 1);
    memset(path, 'x', strlen(path));
    memset(&options, 0xff, sizeof options);
    assert_same(dataset, stream);
    bp_stream_destroy(stream);
    bp_dataset_destroy(dataset);
    free(path);
}

/* ----------------------------------------------------------------------------------- faults */

/* What is wrong with a row shows when it is read, or already when the schema is learned. */
static void test_bad_rows(void **state)
{
    (void)state;
    bp_csv_options options = csv_numeric(-1, 1);
    bp_stream *stream = NULL;
    bp_real inputs[10], targets[10];
    size_t cases = 77;
    assert_fails(bp_stream_open_csv(&stream, write_file("1,2,3\n4,5\n"), &options), BP_ERROR_FORMAT,
                 "f.csv:2: 2 fields");
    assert_fails(bp_stream_open_csv(&stream, test_path(test_directory, "none"), &options), BP_ERROR_FILE,
                 "none");
    assert_fails(bp_stream_open_csv(NULL, "x", &options), BP_ERROR_ARGUMENT, "out is NULL");
    assert_fails(bp_stream_open_csv(&stream, NULL, &options), BP_ERROR_ARGUMENT, "path is NULL");
    assert_null(stream);
    assert_ok(bp_stream_open_csv(&stream, write_file("1,2,3\n4,1e999,6\n7,8,9\n"), &options));
    for (int pass = 0; pass < 2; pass++) {
        assert_fails(bp_stream_read(stream, 5, inputs, targets, NULL, &cases), BP_ERROR_NOT_FINITE,
                     "f.csv:2: column 2: '1e999'");
        assert_int_equal(cases, 77);
    }
    bp_stream_destroy(stream);
}

/* In a run the message of the file is the message. */
static void test_training_on_a_bad_row(void **state)
{
    (void)state;
    const size_t units[] = {2, 1};
    bp_network *net = NULL;
    bp_trainer *trainer = NULL;
    bp_stream *stream = NULL;
    const bp_csv_options options = csv_numeric(-1, 1);
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_linear(), bp_activation_linear()));
    assert_ok(bp_network_initialize(net, 1));
    assert_ok(bp_trainer_create(&trainer, net, NULL));
    assert_ok(bp_stream_open_csv(&stream, write_file("1,2,3\n4,1e999,6\n7,8,9\n"), &options));
    assert_fails(bp_trainer_run_stream(trainer, stream, NULL, NULL), BP_ERROR_NOT_FINITE,
                 "f.csv:2: column 2");
    assert_null(bp_network_schema(net)); /* nothing was learned from it */
    bp_stream_destroy(stream);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
}

/* A file that is written to while it is read. */
static void test_a_file_that_changes(void **state)
{
    (void)state;
    const bp_csv_options options = csv_numeric(-1, 1);
    bp_stream *stream = NULL;
    bp_real inputs[10], targets[10];
    size_t cases;
    const char *path = write_file("1,2,3\n4,5,6\n");
    assert_ok(bp_stream_open_csv(&stream, path, &options));
    assert_ok(bp_stream_read(stream, 1, inputs, targets, NULL, &cases));
    FILE *file = fopen(path, "a");
    assert_non_null(file);
    fputs("7,8,9\n", file);
    fclose(file);
    assert_fails(bp_stream_read(stream, 5, inputs, targets, NULL, &cases), BP_ERROR_FILE, "was changed");
    assert_fails(bp_stream_rewind(stream), BP_ERROR_FILE, "was changed");
    bp_stream_destroy(stream);
}

/* Targets appear where there was no room for them, and the file's time and size do not tell. */
static void test_a_file_that_changes_unseen(void **state)
{
    (void)state;
    bp_csv_options options = csv_numeric(-1, 1);
    bp_dataset *dataset = NULL;
    bp_stream *stream = NULL;
    struct stat before;
    bp_real inputs[10];
    size_t cases;
    assert_ok(csv_parse(&dataset, "x,y\n1,2\n2,3\n3,4\n", &options));
    options.schema = bp_dataset_schema(dataset);
    const char *path = write_file("x,y\n1, \n2, \n");
    assert_ok(bp_stream_open_csv(&stream, path, &options));
    assert_int_equal(bp_stream_target_width(stream), 0);
    assert_int_equal(stat(path, &before), 0);
    write_file("x,y\n1,7\n2,8\n");
    const struct timespec times[] = {before.st_atim, before.st_mtim};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    assert_fails(bp_stream_rewind(stream), BP_ERROR_FILE, "f.csv: the file was changed");
    assert_fails(bp_stream_read(stream, 2, inputs, NULL, NULL, &cases), BP_ERROR_FILE, "was changed");
    bp_stream_destroy(stream);
    bp_dataset_destroy(dataset);
}

/* Every file of the fuzzer's corpus: the same cases, or the same message, now or later. */
static void compare_corpus_file(const char *bytes, size_t size)
{
    bp_csv_options options = csv_defaults();
    const unsigned char first = (unsigned char)bytes[0], second = (unsigned char)bytes[1];
    options.delimiter = ",; \t"[first & 3];
    options.header = (bp_csv_header)((first >> 2 & 3) % 3);
    options.skip_lines = first >> 4 & 1;
    options.target = first >> 5 & 1 ? BP_TARGET_NUMERIC : BP_TARGET_CLASS;
    if (options.target == BP_TARGET_NUMERIC)
        options.target_columns = 1 + (second >> 4 & 3);
    options.target_column = (int)(second & 15) - 8;
    const char *path = test_path(test_directory, "f.csv");
    test_write_file(path, bytes + 2, size - 2);
    bp_dataset *dataset = NULL;
    bp_stream *stream = NULL;
    if (bp_dataset_load_csv(&dataset, path, &options) == BP_OK) {
        assert_ok(bp_stream_open_csv(&stream, path, &options));
        assert_same(dataset, stream);
    } else {
        char *message = strdup(bp_error_message());
        bp_status status = bp_stream_open_csv(&stream, path, &options);
        if (status == BP_OK)
            status = assert_same_cases(stream, NULL, 1 << 20);
        assert_string_equal(bp_error_message(), message);
        free(message);
    }
    bp_stream_destroy(stream);
    bp_dataset_destroy(dataset);
}

static void test_the_corpus(void **state)
{
    (void)state;
    static const char folder[] = "fuzz/corpus/csv";
    static char bytes[1 << 20];
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    size_t files = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        FILE *file = entry->d_name[0] == '.' ? NULL : fopen(test_path(folder, entry->d_name), "rb");
        if (file == NULL)
            continue;
        const size_t size = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        if (size >= 2)
            compare_corpus_file(bytes, size);
        files++;
    }
    closedir(directory);
    assert_true(files > 20);
}

/* A named pipe is read to its end, and can then be read again. */
static void test_a_pipe(void **state)
{
    (void)state;
    const bp_csv_options options = csv_numeric(-1, 1);
    const char *path = test_path(test_directory, "pipe");
    assert_int_equal(mkfifo(path, 0600), 0);
    const pid_t child = fork();
    if (child == 0) {
        FILE *pipe = fopen(path, "w");
        if (pipe != NULL)
            fputs("1,2,3\n4,5,6\n", pipe);
        if (pipe != NULL)
            fclose(pipe);
        _exit(0);
    }
    bp_stream *stream = NULL;
    const bp_real inputs[] = {1, 2, 4, 5}, targets[] = {3, 6};
    const bp_data data = bp_data_view(2, inputs, 2, targets, 1);
    assert_ok(bp_stream_open_csv(&stream, path, &options));
    for (int pass = 0; pass < 2; pass++) {
        assert_ok(bp_stream_rewind(stream));
        assert_ok(assert_same_cases(stream, &data, 5));
    }
    bp_stream_destroy(stream);
}

/* ----------------------------------------------------------------------------------- memory */

static bp_status open_and_read(void *context, const bp_allocator *allocator)
{
    const bp_schema *rules = context;
    const char *markers[] = {"?", "NA", ""};
    bp_csv_options options = csv_defaults();
    bp_stream *stream = NULL;
    bp_real inputs[100], targets[100];
    size_t cases;
    options.allocator = *allocator;
    options.schema = rules;
    options.missing_markers = markers;
    options.missing_marker_count = COUNT(markers);
    bp_status status = bp_stream_open_csv(&stream, test_path(test_directory, "f.csv"), &options);
    if (status == BP_OK)
        status = bp_stream_read(stream, 5, inputs, targets, NULL, &cases);
    bp_stream_destroy(stream);
    return status;
}

static void test_each_allocation(void **state)
{
    (void)state;
    bp_schema *rules = NULL;
    assert_ok(bp_schema_create(&rules, NULL));
    assert_ok(bp_schema_set_missing(rules, bp_column_all(), BP_MISSING_MEAN, 1));
    write_file(people);
    test_each_allocation_fails(open_and_read, rules);
    bp_schema_destroy(rules);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, test_directory_setup, test_directory_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_numbers),
        TEST(test_classes_and_words),
        TEST(test_missing_cells),
        TEST(test_rules_that_need_all_numbers),
        TEST(test_the_schema_of_another_table),
        TEST(test_options_are_copied),
        TEST(test_bad_rows),
        TEST(test_training_on_a_bad_row),
        TEST(test_a_file_that_changes),
        TEST(test_a_file_that_changes_unseen),
        TEST(test_the_corpus),
        TEST(test_a_pipe),
        TEST(test_each_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
