/* Which files are taken for ones that a killed writer has left behind. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/support.h"

#include "base/stale_files.h"
#include "base/write_file.h"

static void make_old(const char *path)
{
    struct timespec times[2] = {{0}, {0}};
    times[0].tv_sec = times[1].tv_sec = time(NULL) - STALE_SECONDS - 100;
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static bool is_there(const char *name)
{
    return access(test_path(test_directory, name), F_OK) == 0;
}

static void test_which_are_removed(void **state)
{
    (void)state;
    const struct {
        const char *name;
        bool is_old, stays;
    } rows[] = {{".backprop-0123456789abcdef.tmp", true, false},
                {".backprop-fedcba9876543210.tmp", true, false},
                {".backprop-0000456789abcdef.tmp", false, true},
                {".backprop-0123456789abcde.tmp", true, true},
                {".backprop-0123456789abcdeff.tmp", true, true},
                {".backprop-0123456789abcdeg.tmp", true, true},
                {".backprop-0123456789abcdef.tmp2", true, true},
                {"backprop-0123456789abcdef.tmp", true, true},
                {"training.checkpoint", true, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        test_write_file(test_path(test_directory, rows[i].name), "x", 1);
        if (rows[i].is_old)
            make_old(test_path(test_directory, rows[i].name));
    }
    bpi_remove_stale_files(test_path(test_directory, "training.checkpoint"));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(is_there(rows[i].name), rows[i].stays);
}

/* Of a link, neither it nor what it leads to. */
static void test_links_stay(void **state)
{
    (void)state;
    const char *name = ".backprop-0123456789abcdef.tmp";
    test_write_file(test_path(test_directory, "precious"), "x", 1);
    make_old(test_path(test_directory, "precious"));
    assert_int_equal(symlink("precious", test_path(test_directory, name)), 0);
    bpi_remove_stale_files(test_path(test_directory, "training.checkpoint"));
    assert_true(is_there(name) && is_there("precious"));
}

/* Another process begins to write and never ends it; then it is killed. */
static void test_until_its_writer_ends(void **state)
{
    (void)state;
    test_memory memory;
    const bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    int ready[2], end[2];
    char byte = 0, name[512];
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(end), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        output_file file;
        if (bpi_output_open(&file, test_path(test_directory, "model"), &allocator) != BP_OK ||
            write(ready[1], file.temporary, strlen(file.temporary) + 1) < 0 || read(end[0], &byte, 1) < 0)
            _exit(1);
        _exit(0);
    }
    assert_true(read(ready[0], name, sizeof name) > 0);
    make_old(name);
    bpi_remove_stale_files(test_path(test_directory, "training.checkpoint"));
    assert_int_equal(access(name, F_OK), 0);
    assert_int_equal(write(end[1], &byte, 1), 1);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(access(name, F_OK), 0); /* it has left it behind */
    bpi_remove_stale_files(test_path(test_directory, "training.checkpoint"));
    assert_int_not_equal(access(name, F_OK), 0);
    for (int i = 0; i < 2; i++) {
        close(ready[i]);
        close(end[i]);
    }
}

static void test_no_such_directory(void **state)
{
    (void)state;
    bpi_remove_stale_files("no/such/directory/checkpoint");
    bpi_remove_stale_files("");
}

#define IN_DIRECTORY(test)                                                                                   \
    cmocka_unit_test_setup_teardown(test, test_directory_setup, test_directory_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(test_which_are_removed),
        IN_DIRECTORY(test_links_stay),
        IN_DIRECTORY(test_until_its_writer_ends),
        cmocka_unit_test(test_no_such_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
