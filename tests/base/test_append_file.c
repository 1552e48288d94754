/* Files that grow by whole pieces, and the signals of failing writes. */
#include "base/append_file.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/write_signals.h"
#include "support/support.h"

static void append_to(const char *path, bool is_new, const char *text)
{
    int error = 77;
    int descriptor = bpi_append_open(path, is_new, &error);
    assert_int_equal(error, 0);
    assert_true(descriptor >= 0);
    assert_int_equal(bpi_append_bytes(descriptor, text, strlen(text)), 0);
    close(descriptor);
}

static void assert_content(const char *path, const char *wanted)
{
    char text[64];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    assert_string_equal(text, wanted);
}

static void test_append(void **state)
{
    (void)state;
    const char *path = test_path(test_directory, "file");
    append_to(path, true, "old\n");
    append_to(path, true, "a\n");
    append_to(path, false, "b\n");
    assert_content(path, "a\nb\n");
}

static void test_failures_have_an_errno(void **state)
{
    (void)state;
    int error = 0;
    assert_int_equal(bpi_append_open(test_path(test_directory, "none/file"), true, &error), -1);
    assert_int_equal(error, ENOENT);
    assert_int_equal(bpi_append_open(test_directory, true, &error), -1);
    assert_int_equal(error, EISDIR);
    int descriptor = bpi_append_open("/dev/full", false, &error);
    assert_true(descriptor >= 0);
    assert_int_equal(bpi_append_bytes(descriptor, "a", 1), ENOSPC);
    close(descriptor);
}

/* At the limit of a file's size, half a piece is taken back, and no signal is raised. */
static void test_half_a_piece_is_taken_back(void **state)
{
    (void)state;
    const char *path = test_path(test_directory, "file");
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    int error = 0;
    int descriptor = bpi_append_open(path, true, &error);
    assert_int_equal(bpi_append_bytes(descriptor, "abcd\n", 5), 0);
    struct rlimit limit = {8, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    int result = bpi_append_bytes(descriptor, "efgh\n", 5);
    int again = bpi_append_bytes(descriptor, "ij\n", 3);
    setrlimit(RLIMIT_FSIZE, &before);
    close(descriptor);
    assert_int_equal(result, EFBIG);
    assert_int_equal(again, 0);
    assert_content(path, "abcd\nij\n");
}

static int signals_seen;

static void see_signal(int number)
{
    (void)number;
    signals_seen++;
}

/* A closed pipe is an error, not a signal. One that was waiting before is delivered afterwards. */
static void test_no_signal(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    struct sigaction before, counting = {.sa_handler = see_signal};
    assert_int_equal(sigaction(SIGPIPE, &counting, &before), 0);
    signals_seen = 0;
    assert_int_equal(bpi_append_bytes(ends[1], "a", 1), EPIPE);
    assert_int_equal(signals_seen, 0);

    sigset_t pipe_signal, old;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &old);
    raise(SIGPIPE);
    assert_int_equal(bpi_append_bytes(ends[1], "a", 1), EPIPE);
    assert_int_equal(signals_seen, 0); /* the mask is as it was */
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    assert_int_equal(signals_seen, 1);
    raise(SIGPIPE);
    assert_int_equal(signals_seen, 2);
    sigaction(SIGPIPE, &before, NULL);
    close(ends[1]);
}

#define WITH_DIRECTORY(test)                                                                                 \
    cmocka_unit_test_setup_teardown(test, test_directory_setup, test_directory_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIRECTORY(test_append),
        WITH_DIRECTORY(test_failures_have_an_errno),
        WITH_DIRECTORY(test_half_a_piece_is_taken_back),
        cmocka_unit_test(test_no_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
