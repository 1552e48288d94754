#include <errno.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "support/support.h"

static void test_every_status_has_its_text(void **state)
{
    (void)state;
#define CHECK(name, value, text)                                                                             \
    assert_int_equal(name, value);                                                                           \
    assert_string_equal(bp_status_string(name), text);
    BP_STATUS_LIST(CHECK)
#undef CHECK
    assert_string_equal(bp_status_string((bp_status)12345), "unknown status");
    assert_string_equal(bp_status_string((bp_status)-1), "unknown status");
}

static void test_message_is_kept_until_the_next_failure(void **state)
{
    (void)state;
    assert_int_equal(bpi_fail(BP_ERROR_SIZE, "%s has %d units", "layer 'h'", 7), BP_ERROR_SIZE);
    assert_string_equal(bp_error_message(), "layer 'h' has 7 units");
    bp_network *net = NULL;
    assert_ok(bp_network_create(&net, NULL));
    bp_network_destroy(net);
    assert_string_equal(bp_error_message(), "layer 'h' has 7 units");
}

/* In the double library too, whose functions are renamed. */
static void test_functions_are_named_as_the_header_writes_them(void **state)
{
    (void)state;
    assert_fails(bp_network_finalize(NULL), BP_ERROR_ARGUMENT, "bp_network_finalize: net is NULL");
}

/* Who speaks and what is wrong stay; what is between gives way. */
static void test_long_message_is_cut_in_the_middle(void **state)
{
    (void)state;
    char text[20000];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    bpi_fail(BP_ERROR_FILE, "%s", text);
    assert_int_equal(strlen(bp_error_message()), 511);
    text[600] = '\0';
    bpi_fail(BP_ERROR_FILE, "bp_this: %s/model.bp: no such thing", text);
    assert_int_equal(strlen(bp_error_message()), 511);
    assert_true(strncmp(bp_error_message(), "bp_this: aaa", 12) == 0);
    assert_non_null(strstr(bp_error_message(), "a ... a"));
    assert_non_null(strstr(bp_error_message(), "aaa/model.bp: no such thing"));
    text[512] = '\0';
    bpi_fail(BP_ERROR_FILE, "%s", text);
    assert_int_equal(strlen(bp_error_message()), 511);
    text[511] = '\0';
    bpi_fail(BP_ERROR_FILE, "%s", text);
    assert_string_equal(bp_error_message(), text);
}

/* A character of several bytes goes as a whole. */
static void test_cut_between_characters(void **state)
{
    (void)state;
    char text[1500] = "";
    for (size_t i = 0; i < 400; i++)
        strcat(text, "\xe2\x82\xac"); /* the euro sign */
    for (size_t shift = 0; shift < 3; shift++) {
        bpi_fail(BP_ERROR_FILE, "%.*s%s", (int)shift, "xy", text);
        const char *message = bp_error_message(), *gap = strstr(message, " ... ");
        assert_non_null(gap);
        assert_int_equal((size_t)(gap - message - (ptrdiff_t)shift) % 3, 0);
        assert_int_equal(strlen(gap + 5) % 3, 0);
        assert_in_range(strlen(message), 505, 511);
    }
}

static void test_file_errors_give_the_system_s_reason(void **state)
{
    (void)state;
    assert_int_equal(bpi_fail_file("a/b", "cannot be read", ENOENT), BP_ERROR_FILE);
    assert_string_equal(bp_error_message(), "a/b: cannot be read: No such file or directory");
}

static void *fail_elsewhere(void *seen)
{
    *(int *)seen = bp_error_message()[0] == '\0';
    bpi_fail(BP_ERROR_NAME, "another thread");
    return NULL;
}

static void test_message_belongs_to_its_thread(void **state)
{
    (void)state;
    bpi_fail(BP_ERROR_STATE, "this thread");
    pthread_t thread;
    int was_empty = 0;
    assert_int_equal(pthread_create(&thread, NULL, fail_elsewhere, &was_empty), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(was_empty);
    assert_string_equal(bp_error_message(), "this thread");
}

static void test_numbers_have_a_point_in_every_locale(void **state)
{
    (void)state;
    const char *locales[] = {"C", "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8"};
    for (size_t i = 0; i < sizeof locales / sizeof locales[0]; i++) {
        if (setlocale(LC_ALL, locales[i]) == NULL)
            continue;
        assert_string_equal(bpi_format_real(1.5).text, "1.5");
        assert_string_equal(bpi_format_real(-2.5e-30).text, "-2.5e-30");
        assert_string_equal(bpi_format_real(3).text, "3");
        assert_string_equal(bpi_format_real((double)0.1f).text, "0.1");
        assert_string_equal(bpi_format_real((double)-1e-6f).text, "-1e-06");
        assert_string_equal(bpi_format_real(0.100000001).text, "0.100000001");
        assert_string_equal(bpi_format_real((double)(1.f / 3)).text, "0.333333343");
        assert_string_equal(bpi_format_real((double)16777216.f).text, "16777216");
        assert_string_equal(bpi_format_real(1e300).text, "1e+300");
        assert_string_equal(bpi_format_real(INFINITY).text, "inf");
        assert_string_equal(bpi_format_real(-INFINITY).text, "-inf");
    }
    setlocale(LC_ALL, "C");
}

static void test_version_is_the_header_s(void **state)
{
    (void)state;
    char *end = NULL;
    assert_int_equal(strtol(bp_version(), &end, 10), BP_VERSION_MAJOR);
    assert_int_equal(*end, '.');
    assert_int_equal(strtol(end + 1, &end, 10), BP_VERSION_MINOR);
    assert_int_equal(*end, '.');
    assert_int_equal(strtol(end + 1, &end, 10), BP_VERSION_PATCH);
    assert_int_equal(*end, '\0');
    assert_int_equal(bp_version_number(), BP_VERSION_NUMBER);
    assert_int_equal(BP_VERSION_NUMBER / 10000, BP_VERSION_MAJOR);
    assert_int_equal(BP_VERSION_NUMBER / 100 % 100, BP_VERSION_MINOR);
    assert_int_equal(BP_VERSION_NUMBER % 100, BP_VERSION_PATCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_status_has_its_text),
        cmocka_unit_test(test_message_is_kept_until_the_next_failure),
        cmocka_unit_test(test_functions_are_named_as_the_header_writes_them),
        cmocka_unit_test(test_long_message_is_cut_in_the_middle),
        cmocka_unit_test(test_cut_between_characters),
        cmocka_unit_test(test_file_errors_give_the_system_s_reason),
        cmocka_unit_test(test_message_belongs_to_its_thread),
        cmocka_unit_test(test_numbers_have_a_point_in_every_locale),
        cmocka_unit_test(test_version_is_the_header_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
