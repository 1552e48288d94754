/* CSV files and options with faults, lack of memory, and the locale. The linker puts functions below in the
 * place of the C library's (--wrap). */
#include "data/csv_example.h"

#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static struct {
    bool fail_newlocale;
    size_t strtod_calls, strtod_outside; /* outside: in the locale that the program set */
} wrapped;

locale_t __real_newlocale(int mask, const char *name, locale_t base);
locale_t __wrap_newlocale(int mask, const char *name, locale_t base);
double __real_strtod(const char *text, char **end);
double __wrap_strtod(const char *text, char **end);

locale_t __wrap_newlocale(int mask, const char *name, locale_t base)
{
    return wrapped.fail_newlocale ? (locale_t)0 : __real_newlocale(mask, name, base);
}

double __wrap_strtod(const char *text, char **end)
{
    wrapped.strtod_calls++;
    wrapped.strtod_outside += uselocale((locale_t)0) == LC_GLOBAL_LOCALE;
    return __real_strtod(text, end);
}

static int setup(void **state)
{
    memset(&wrapped, 0, sizeof wrapped);
    uselocale(LC_GLOBAL_LOCALE);
    return test_directory_setup(state);
}

/* ------------------------------------------------------------------- faults */

static void faults_are_placed(void **state)
{
    (void)state;
    const struct {
        const char *text;
        bp_csv_options options;
        bp_status status;
        const char *message;
    } rows[] = {
        {"", csv_defaults(), BP_ERROR_FORMAT, "f.csv: no cases"},
        {"\n\n \n", csv_defaults(), BP_ERROR_FORMAT, "f.csv: no cases"},
        {"a,b,c\n", csv_defaults(), BP_ERROR_FORMAT, "f.csv: a header, but no cases"},
        {"1,2,a\n\n3,4\n", csv_defaults(), BP_ERROR_FORMAT, "f.csv:3: 2 fields, the first line has 3"},
        {"1,2,a\n3\n", csv_defaults(), BP_ERROR_FORMAT, "f.csv:2: 1 field, the first line has 3"},
        {"1,2,a\n3,4,b,5\n", csv_defaults(), BP_ERROR_FORMAT, "f.csv:2: 4 fields, the first line has 3"},
        {"x,y\n1,2,a\n", csv_defaults(), BP_ERROR_FORMAT, "f.csv:2: 3 fields, the first line has 2"},
        {"1,2,a\n3,4x,b\n", csv_numeric(1, 1), BP_ERROR_FORMAT, "f.csv:2: column 2: '4x' is not a number"},
        {"1,2,a\n3,0x4,b\n", csv_numeric(1, 1), BP_ERROR_FORMAT, "f.csv:2: column 2: '0x4' is not a number"},
        {"1,2,a\n,4,b\n", csv_defaults(), BP_ERROR_FORMAT, "f.csv:2: column 1: the value is missing;"},
        {"y,x,c\n1,2,a\n3,?,b\n", csv_defaults(), BP_ERROR_FORMAT,
         "f.csv:3: column 2 (x): the value is missing ('?')"},
        {"1,2,a\n3,4,\n5,6,b\n", csv_defaults(), BP_ERROR_FORMAT, "f.csv:2: column 3: the class is missing"},
        {"1,2,a\n3,-inf,b\n", csv_defaults(), BP_ERROR_NOT_FINITE, "f.csv:2: column 2: '-inf' is not finite"},
        {"1,2,a\n3,1e999,b\n", csv_defaults(), BP_ERROR_NOT_FINITE,
         "f.csv:2: column 2: '1e999' is not finite"},
        {"1,a\n3,a\n", csv_defaults(), BP_ERROR_FORMAT,
         "f.csv: column 2: every case is of class 'a'; there must be two classes or more: choose"},
        {"1;2;a\n3;4;b\n", csv_defaults(), BP_ERROR_FORMAT,
         "f.csv:1: 1 column, none of which is left for inputs"},
        {"1,2\n", csv_numeric(0, 2), BP_ERROR_FORMAT, "f.csv:1: 2 columns, none of which is left"},
        {"1,2,3\n", csv_numeric(3, 1), BP_ERROR_ARGUMENT, "options.target_column 3 with target_columns 1"},
        {"1,2,3\n", csv_numeric(-4, 1), BP_ERROR_ARGUMENT, "options.target_column -4 with"},
        {"1,2,3\n", csv_numeric(INT32_MIN, 1), BP_ERROR_ARGUMENT, "does not fit 3 columns"},
        {"1,2,3\n", csv_numeric(-1, 2), BP_ERROR_ARGUMENT, "options.target_column -1 with target_columns 2"},
        {"1,\"a\nb,\"c\n", csv_defaults(), BP_ERROR_FORMAT,
         "f.csv:1: column 2: the quote that begins here is closed in line 2, but text follows there; is a"},
        {"a,b,y\n\"x,1,2\ny,2,3\n\"z\",3,4\n", csv_defaults(), BP_ERROR_FORMAT,
         "f.csv:2: column 1: the quote that begins here is closed in line 4"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_fails(csv_load(NULL, rows[i].text, rows[i].options), rows[i].status, rows[i].message);
}

static void float_range_is_kept(void **state)
{
    (void)state;
    assert_int_equal(csv_load(NULL, "1e39,1\n2,3\n", csv_numeric(-1, 1)),
                     TOLERANCE(BP_ERROR_NOT_FINITE, BP_OK));
}

static void missing_files_are_named(void **state)
{
    (void)state;
    bp_dataset *dataset = NULL;
    assert_fails(bp_dataset_load_csv(&dataset, test_path(test_directory, "none.csv"), NULL), BP_ERROR_FILE,
                 "/none.csv: cannot be opened: No such file");
    assert_fails(bp_dataset_load_csv(&dataset, test_directory, NULL), BP_ERROR_FILE, ": is a directory");
    assert_null(dataset);
}

static void options_are_checked(void **state)
{
    (void)state;
    bp_dataset *dataset = NULL;
    assert_fails(bp_dataset_load_csv(NULL, "f", NULL), BP_ERROR_ARGUMENT, "out is NULL");
    assert_fails(bp_dataset_load_csv(&dataset, NULL, NULL), BP_ERROR_ARGUMENT, "path is NULL");
#define ASSERT_REFUSED(member, value, status, message)                                                       \
    do {                                                                                                     \
        bp_csv_options options = csv_defaults();                                                             \
        options.member = (value);                                                                            \
        assert_fails(bp_dataset_load_csv(&dataset, "none", &options), (status), (message));                  \
    } while (0)
    ASSERT_REFUSED(size, 0, BP_ERROR_ARGUMENT, "bp_csv_options.size is 0");
    ASSERT_REFUSED(size, sizeof(bp_csv_options) - 1, BP_ERROR_VERSION, "bp_csv_options.size");
    ASSERT_REFUSED(allocator.release, test_allocator(&(test_memory){0}, 0).release, BP_ERROR_ARGUMENT,
                   "allocator.allocate is NULL");
    const char bad_delimiters[] = "\n\r\".-+e7E";
    for (size_t i = 0; i < sizeof bad_delimiters; i++) /* '\0' too */
        ASSERT_REFUSED(delimiter, bad_delimiters[i], BP_ERROR_ARGUMENT, "options.delimiter");
    ASSERT_REFUSED(header, (bp_csv_header)4, BP_ERROR_ARGUMENT, "options.header is 4");
    ASSERT_REFUSED(header, (bp_csv_header)-1, BP_ERROR_ARGUMENT, "options.header is -1");
    ASSERT_REFUSED(target, (bp_target_kind)4, BP_ERROR_ARGUMENT, "options.target is 4");
    ASSERT_REFUSED(target_columns, 0, BP_ERROR_ARGUMENT, "options.target_columns is 0");
    ASSERT_REFUSED(decimal_point, ';', BP_ERROR_ARGUMENT, "options.decimal_point (byte 59) is neither");
    ASSERT_REFUSED(missing_marker_count, 1, BP_ERROR_ARGUMENT, "options.missing_markers is NULL, but");
    ASSERT_REFUSED(class_on, NAN, BP_ERROR_NOT_FINITE, "options.class_on");
    ASSERT_REFUSED(class_off, -INFINITY, BP_ERROR_NOT_FINITE, "options.class_off");
    ASSERT_REFUSED(class_on, 0, BP_ERROR_ARGUMENT, "options.class_on is 0, not more than class_off");
    if (sizeof(bp_real) == sizeof(float)) /* which has no such small number */
        ASSERT_REFUSED(class_on, 1e-60, BP_ERROR_ARGUMENT,
                       "options.class_on is 1e-60, not more than class_off");
#undef ASSERT_REFUSED
    assert_null(dataset);
}

static bp_status attempt_loading(void *context, const bp_allocator *allocator)
{
    const bool *classes = context;
    bp_csv_options options = *classes ? csv_defaults() : csv_numeric(0, 2);
    options.allocator = *allocator;
    bp_dataset *dataset = NULL;
    bp_status status = bp_dataset_load_csv(&dataset, test_path(test_directory, "f.csv"), &options);
    assert_true((dataset != NULL) == (status == BP_OK));
    bp_dataset_destroy(dataset);
    return status;
}

static void lack_of_memory_is_reported(void **state)
{
    (void)state;
    const char *text = "a,b,c,d,e,f\n1,2,3,4,5,6\n1,2,3,4,5,7\n";
    test_write_file(test_path(test_directory, "f.csv"), text, strlen(text));
    bool classes = true;
    test_each_allocation_fails(attempt_loading, &classes);
    classes = false;
    test_each_allocation_fails(attempt_loading, &classes);
}

/* ------------------------------------------------------------------- locale */

/* This number has too many digits for the short way, so strtod must be asked. */
static const char long_number[] = "0.12345678901234567890123,1\n0.5,1\n";

static void locale_is_c_while_reading_and_then_restored(void **state)
{
    (void)state;
    const locale_t before = LC_GLOBAL_LOCALE; /* as the setup made it */
    assert_ok(csv_load(NULL, long_number, csv_numeric(-1, 1)));
    assert_true(wrapped.strtod_calls > 0);
    assert_int_equal(wrapped.strtod_outside, 0);
    assert_ptr_equal(uselocale((locale_t)0), before);
    assert_int_equal(csv_load(NULL, "1,2\n3\n", csv_numeric(-1, 1)), BP_ERROR_FORMAT);
    assert_ptr_equal(uselocale((locale_t)0), before);
}

static void lack_of_a_locale_is_reported(void **state)
{
    (void)state;
    wrapped.fail_newlocale = true;
    assert_fails(csv_load(NULL, "1,2\n", csv_numeric(-1, 1)), BP_ERROR_MEMORY, "locale");
    assert_ptr_equal(uselocale((locale_t)0), LC_GLOBAL_LOCALE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, test_directory_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(faults_are_placed),
        TEST(float_range_is_kept),
        TEST(missing_files_are_named),
        TEST(options_are_checked),
        TEST(lack_of_memory_is_reported),
        TEST(locale_is_c_while_reading_and_then_restored),
        TEST(lack_of_a_locale_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
