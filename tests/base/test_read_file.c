/* Reading files. The linker puts the read below in the place of the C library's (--wrap). */
#include "support/support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/read_file.h"

static struct {
    int error;    /* what the next read fails with; 0: it does not */
    size_t slice; /* a read gives at most so many bytes; 0: all */
    size_t calls;
} fault;

ssize_t __real_read(int descriptor, void *bytes, size_t count);
ssize_t __wrap_read(int descriptor, void *bytes, size_t count);

ssize_t __wrap_read(int descriptor, void *bytes, size_t count)
{
    fault.calls++;
    if (fault.error != 0) {
        errno = fault.error;
        if (fault.error == EINTR)
            fault.error = 0;
        return -1;
    }
    return __real_read(descriptor, bytes, fault.slice != 0 && count > fault.slice ? fault.slice : count);
}

static int setup(void **state)
{
    memset(&fault, 0, sizeof fault);
    return test_directory_setup(state);
}

static bp_allocator plain_allocator(void)
{
    bp_allocator allocator;
    assert_ok(bpi_allocator_choose(&allocator, "here", NULL));
    return allocator;
}

static bp_status read_whole(const char *path)
{
    bp_allocator allocator = plain_allocator();
    char *bytes;
    size_t size;
    bp_status status = bpi_read_file(path, &allocator, &bytes, &size);
    if (status == BP_OK)
        bpi_release(&allocator, bytes);
    return status;
}

/* Reads the file at path and asserts that it is these bytes, with a zero byte after them. */
static void assert_file_is(const char *path, const void *wanted, size_t count)
{
    bp_allocator allocator = plain_allocator();
    char *bytes = NULL;
    size_t size = 0;
    assert_ok(bpi_read_file(path, &allocator, &bytes, &size));
    assert_int_equal(size, count);
    assert_memory_equal(bytes, wanted, count);
    assert_int_equal(bytes[size], 0);
    bpi_release(&allocator, bytes);
}

/* -------------------------------------------------------------------- tests */

static void whole_files_are_read(void **state)
{
    (void)state;
    static char bytes[100000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * i / 7);
    const size_t sizes[] = {0, 1, 4096, sizeof bytes};
    for (size_t i = 0; i < 4; i++) {
        const char *path = test_path(test_directory, "file");
        test_write_file(path, bytes, sizes[i]);
        fault.slice = i % 2 == 0 ? 0 : 1000;
        assert_file_is(path, bytes, sizes[i]);
    }
    assert_true(fault.calls > sizeof bytes / 1000);
}

static void links_are_followed(void **state)
{
    (void)state;
    test_write_file(test_path(test_directory, "file"), "text", 4);
    assert_int_equal(symlink("file", test_path(test_directory, "link")), 0);
    assert_file_is(test_path(test_directory, "link"), "text", 4);
}

static void pieces_follow_each_other(void **state)
{
    (void)state;
    const char *path = test_path(test_directory, "file");
    test_write_file(path, "abcdefgh", 8);
    input_file files[2];
    assert_ok(bpi_input_open(&files[0], path));
    bpi_input_from_memory(&files[1], "memory", "abcdefgh", 8);
    for (size_t i = 0; i < 2; i++) {
        char bytes[5];
        assert_int_equal(files[i].size, 8);
        assert_ok(bpi_input_read(&files[i], bytes, 3));
        assert_memory_equal(bytes, "abc", 3);
        assert_ok(bpi_input_read(&files[i], bytes, 5));
        assert_memory_equal(bytes, "defgh", 5);
        assert_int_equal(files[i].position, 8);
        assert_ok(bpi_input_check_unchanged(&files[i]));
        bpi_input_close(&files[i]);
    }
}

static void what_is_no_file_is_refused(void **state)
{
    (void)state;
    assert_fails(read_whole(test_path(test_directory, "none")), BP_ERROR_FILE,
                 "/none: cannot be opened: No such");
    assert_fails(read_whole(""), BP_ERROR_FILE, ": cannot be opened: No such");
    assert_fails(read_whole(test_directory), BP_ERROR_FILE, ": is a directory");
    assert_fails(read_whole("/dev/null"), BP_ERROR_FILE, "/dev/null: is not a regular file");
    test_write_file(test_path(test_directory, "file"), "x", 1);
    assert_fails(read_whole(test_path(test_directory, "file/x")), BP_ERROR_FILE,
                 ": cannot be opened: Not a dir");
    assert_int_equal(symlink("loop", test_path(test_directory, "loop")), 0);
    assert_fails(read_whole(test_path(test_directory, "loop")), BP_ERROR_FILE, "/loop: cannot be opened: ");
    /* A pipe that nobody writes to must not be waited for. */
    assert_int_equal(mkfifo(test_path(test_directory, "pipe"), 0600), 0);
    assert_fails(read_whole(test_path(test_directory, "pipe")), BP_ERROR_FILE,
                 "/pipe: is not a regular file");
}

static void unreadable_files_are_refused(void **state)
{
    (void)state;
    const char *path = test_path(test_directory, "secret");
    test_write_file(path, "x", 1);
    assert_int_equal(chmod(path, 0), 0);
    enum { NOBODY = 65534 };
    int is_root = geteuid() == 0; /* root may read anything, so be somebody else */
    if (is_root)
        assert_int_equal(seteuid(NOBODY), 0);
    bp_status status = read_whole(path);
    if (is_root)
        assert_int_equal(seteuid(0), 0);
    assert_fails(status, BP_ERROR_FILE, "/secret: cannot be opened: Permission denied");
}

static void failing_reads_are_reported(void **state)
{
    (void)state;
    const char *path = test_path(test_directory, "file");
    test_write_file(path, "text", 4);
    fault.error = EIO;
    assert_fails(read_whole(path), BP_ERROR_FILE, "/file: cannot be read: Input/output error");
    fault.error = EINTR; /* once */
    assert_file_is(path, "text", 4);
}

/* An allocator that, when asked for memory, does something to the file that is open. */
typedef struct meddler {
    const char *path;
    void (*meddle)(const char *path);
} meddler;

static void *allocate_and_meddle(void *context, size_t size)
{
    meddler *m = context;
    m->meddle(m->path);
    return malloc(size);
}

static void release_plain(void *context, void *memory)
{
    (void)context;
    free(memory);
}

static void shorten(const char *path)
{
    assert_int_equal(truncate(path, 2), 0);
}

static void lengthen(const char *path)
{
    assert_int_equal(truncate(path, 6), 0);
}

/* Other bytes, as many as before, written in another second, or in the same one. */
static void rewrite(const char *path, time_t seconds, long nanoseconds)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    test_write_file(path, "TEXT", 4);
    info.st_mtim.tv_sec += seconds;
    info.st_mtim.tv_nsec = (info.st_mtim.tv_nsec + nanoseconds) % 1000000000;
    const struct timespec times[2] = {info.st_mtim, info.st_mtim};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void rewrite_later(const char *path)
{
    rewrite(path, 1, 0);
}

static void rewrite_soon(const char *path)
{
    rewrite(path, 0, 1);
}

static void changes_while_reading_are_noticed(void **state)
{
    (void)state;
    void (*const ways[])(const char *) = {shorten, lengthen, rewrite_later, rewrite_soon};
    for (size_t i = 0; i < 4; i++) {
        meddler m = {test_path(test_directory, "file"), ways[i]};
        test_write_file(m.path, "text", 4);
        bp_allocator allocator = {allocate_and_meddle, release_plain, &m};
        char *bytes = NULL;
        size_t size = 77;
        assert_fails(bpi_read_file(m.path, &allocator, &bytes, &size), BP_ERROR_FILE, "was changed while");
        assert_null(bytes);
        assert_int_equal(size, 77);
    }
}

/* A vanished file that is open can still be read to its end. */
static void vanished_files_are_read(void **state)
{
    (void)state;
    const char *path = test_path(test_directory, "file");
    test_write_file(path, "text", 4);
    input_file file;
    assert_ok(bpi_input_open(&file, path));
    assert_int_equal(unlink(path), 0);
    char bytes[4];
    assert_ok(bpi_input_read(&file, bytes, 4));
    assert_memory_equal(bytes, "text", 4);
    assert_ok(bpi_input_check_unchanged(&file));
    bpi_input_close(&file);
}

static bp_status attempt_read(void *path, const bp_allocator *allocator)
{
    char *bytes = NULL;
    size_t size;
    bp_status status = bpi_read_file(path, allocator, &bytes, &size);
    assert_true((bytes != NULL) == (status == BP_OK));
    bpi_release(allocator, bytes);
    return status;
}

static void lack_of_memory_is_reported(void **state)
{
    (void)state;
    char path[1024];
    snprintf(path, sizeof path, "%s", test_path(test_directory, "file"));
    test_write_file(path, "text", 4);
    test_each_allocation_fails(attempt_read, path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, test_directory_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whole_files_are_read),
        TEST(links_are_followed),
        TEST(pieces_follow_each_other),
        TEST(what_is_no_file_is_refused),
        TEST(unreadable_files_are_refused),
        TEST(failing_reads_are_reported),
        TEST(changes_while_reading_are_noticed),
        TEST(vanished_files_are_read),
        TEST(lack_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
