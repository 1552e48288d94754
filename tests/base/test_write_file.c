#define _XOPEN_SOURCE 700 /* mknod belongs to the XSI part of POSIX */

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/write_file.h"
#include "support/support.h"

static bp_status write_text(const char *path, const char *text)
{
    bp_allocator allocator;
    assert_ok(bpi_allocator_choose(&allocator, "here", NULL));
    return bpi_write_file(path, text, strlen(text), &allocator);
}

static void assert_content(const char *path, const char *text)
{
    char read[256] = "";
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t count = fread(read, 1, sizeof read - 1, file);
    fclose(file);
    assert_int_equal(count, strlen(text));
    assert_string_equal(read, text);
}

static size_t count_entries(const char *path)
{
    size_t count = 0;
    DIR *directory = opendir(path);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(directory);
    return count;
}

static unsigned mode_of(const char *path)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    return (unsigned)info.st_mode & 07777u;
}

static void test_new_file(void **state)
{
    (void)state;
    char *directory = test_make_directory();
    const char *path = test_path(directory, "new");
    mode_t old = umask(027);
    assert_ok(write_text(path, "first"));
    umask(old);
    assert_content(path, "first");
    assert_int_equal(mode_of(path), 0640);
    assert_ok(write_text(test_path(directory, "empty"), ""));
    assert_content(test_path(directory, "empty"), "");
    assert_int_equal(count_entries(directory), 2);
    test_remove_directory(directory);
}

static void test_replaced_file_keeps_its_permissions(void **state)
{
    (void)state;
    static const mode_t modes[] = {0600, 0640, 0666, 0755};
    char *directory = test_make_directory();
    const char *path = test_path(directory, "old");
    test_write_file(path, "a longer text than the new one", 30);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(chmod(path, modes[i]), 0);
        assert_ok(write_text(path, "new"));
        assert_content(path, "new");
        assert_int_equal(mode_of(path), modes[i]);
    }
    assert_int_equal(count_entries(directory), 1);
    test_remove_directory(directory);
}

static void test_readers_of_the_old_file_keep_it(void **state)
{
    (void)state;
    char *directory = test_make_directory();
    const char *path = test_path(directory, "model");
    test_write_file(path, "old", 3);
    FILE *reader = fopen(path, "rb");
    assert_non_null(reader);
    assert_ok(write_text(path, "new"));
    char read[4] = "";
    assert_int_equal(fread(read, 1, 3, reader), 3);
    assert_string_equal(read, "old");
    fclose(reader);
    test_remove_directory(directory);
}

static void test_symbolic_links_are_followed(void **state)
{
    (void)state;
    char *directory = test_make_directory(), *elsewhere = test_make_directory();
    char target[600], link[600];
    snprintf(target, sizeof target, "%s/target", elsewhere);
    snprintf(link, sizeof link, "%s/link", directory);
    test_write_file(target, "old", 3);
    assert_int_equal(symlink(target, link), 0);
    assert_ok(write_text(link, "new"));
    struct stat info;
    assert_int_equal(lstat(link, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_content(target, "new");
    assert_int_equal(count_entries(elsewhere), 1);
    assert_int_equal(unlink(target), 0);
    assert_fails(write_text(link, "new"), BP_ERROR_FILE, "symbolic link to a file that does not exist");
    assert_int_equal(lstat(link, &info), 0);
    test_remove_directory(directory);
    test_remove_directory(elsewhere);
}

static void test_relative_paths(void **state)
{
    (void)state;
    char *directory = test_make_directory();
    char before[1024];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(directory), 0);
    assert_ok(write_text("bare", "1"));
    assert_content("bare", "1");
    assert_ok(write_text("./dotted", "2"));
    assert_content("./dotted", "2");
    assert_ok(write_text("bare", "3"));
    assert_content("bare", "3");
    assert_int_equal(count_entries("."), 2);
    assert_int_equal(chdir(before), 0);
    test_remove_directory(directory);
}

static void test_longest_name(void **state)
{
    (void)state;
    char *directory = test_make_directory();
    char name[257];
    memset(name, 'n', sizeof name - 1);
    name[256] = '\0';
    assert_fails(write_text(test_path(directory, name), "x"), BP_ERROR_FILE, "nnn");
    name[255] = '\0';
    assert_ok(write_text(test_path(directory, name), "x"));
    assert_content(test_path(directory, name), "x");
    assert_int_equal(count_entries(directory), 1);
    test_remove_directory(directory);
}

static void assert_not_replaced(const char *path)
{
    struct stat before, after;
    assert_int_equal(stat(path, &before), 0);
    assert_fails(write_text(path, "x"), BP_ERROR_FILE, ": is not a regular file");
    assert_int_equal(stat(path, &after), 0);
    assert_true(before.st_ino == after.st_ino && before.st_mode == after.st_mode);
}

/* A device like /dev/null, in a folder of the test's own; false: only root may make one, and not everywhere.
 */
static bool make_device(const char *path)
{
    struct stat null;
    return stat("/dev/null", &null) == 0 && mknod(path, S_IFCHR | 0600, null.st_rdev) == 0;
}

static void test_what_is_no_regular_file(void **state)
{
    (void)state;
    char *directory = test_make_directory();
    const char *fifo = test_path(directory, "fifo"), *device = test_path(directory, "device");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_not_replaced(fifo);
    size_t entries = 1;
    if (make_device(device)) {
        assert_not_replaced(device);
        entries++;
    }
    assert_fails(write_text(directory, "x"), BP_ERROR_FILE, "is a directory");
    assert_int_equal(count_entries(directory), entries);
    test_remove_directory(directory);
}

static void test_paths_that_name_no_file(void **state)
{
    (void)state;
    char *directory = test_make_directory();
    assert_fails(write_text("", "x"), BP_ERROR_FILE, "does not name a file");
    assert_fails(write_text(test_path(directory, "no/"), "x"), BP_ERROR_FILE, "does not name a file");
    assert_fails(write_text(test_path(directory, "no/file"), "x"), BP_ERROR_FILE, strerror(ENOENT));
    test_write_file(test_path(directory, "file"), "old", 3);
    assert_fails(write_text(test_path(directory, "file/below"), "x"), BP_ERROR_FILE, strerror(ENOTDIR));
    assert_content(test_path(directory, "file"), "old");
    test_remove_directory(directory);
}

/* Permissions do not bind root, so the test is made as a user without rights. */
static void test_protected_places(void **state)
{
    (void)state;
    enum { NOBODY = 65534 };
    char *directory = test_make_directory();
    const char *path = test_path(directory, "protected");
    test_write_file(path, "old", 3);
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(chmod(directory, 0777), 0);
    uid_t user = geteuid();
    if (user == 0)
        assert_int_equal(seteuid(NOBODY), 0);
    assert_fails(write_text(path, "new"), BP_ERROR_FILE, strerror(EACCES));
    assert_int_equal(bpi_write_obstacle(path), EACCES);
    assert_int_equal(seteuid(user), 0);
    assert_int_equal(chmod(directory, 0555), 0);
    if (user == 0)
        assert_int_equal(seteuid(NOBODY), 0);
    assert_fails(write_text(test_path(directory, "new"), "new"), BP_ERROR_FILE, strerror(EACCES));
    assert_int_equal(bpi_write_obstacle(test_path(directory, "new")), EACCES);
    assert_int_equal(seteuid(user), 0);
    assert_int_equal(chmod(directory, 0777), 0);
    assert_int_equal(bpi_write_obstacle(test_path(directory, "new")), 0);
    assert_int_equal(bpi_write_obstacle(directory), EISDIR);
    assert_content(path, "old");
    assert_int_equal(count_entries(directory), 1);
    test_remove_directory(directory);
}

enum { WRITERS = 4, FILES = 50, WRITES = 4, LETTERS = 100 };

/* Writes files of one letter, each several times: the writers of a new file race to put the first one there.
 */
typedef struct writer {
    pthread_t thread;
    char (*paths)[600];
    char letters[LETTERS + 1];
    bp_status status;
} writer;

static void *keep_writing(void *context)
{
    writer *self = context;
    for (int i = 0; i < FILES * WRITES && self->status == BP_OK; i++)
        self->status = write_text(self->paths[i / WRITES], self->letters);
    return NULL;
}

static void test_many_writers(void **state)
{
    (void)state;
    char *directory = test_make_directory();
    char paths[FILES][600];
    writer writers[WRITERS];
    for (int i = 0; i < FILES; i++)
        snprintf(paths[i], sizeof paths[i], "%s/model-%d", directory, i);
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (writer){.paths = paths};
        memset(writers[i].letters, 'a' + i, LETTERS);
        assert_int_equal(pthread_create(&writers[i].thread, NULL, keep_writing, &writers[i]), 0);
    }
    /* All threads end before the first check, which leaves this function and its arrays if it fails. */
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writers[i].thread, NULL);
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(writers[i].status, BP_OK);
    for (int i = 0; i < FILES; i++) {
        char first = 0;
        FILE *file = fopen(paths[i], "rb");
        assert_non_null(file);
        assert_int_equal(fread(&first, 1, 1, file), 1);
        fclose(file);
        assert_in_range(first, 'a', 'a' + WRITERS - 1);
        assert_content(paths[i], writers[first - 'a'].letters);
    }
    assert_int_equal(count_entries(directory), FILES);
    test_remove_directory(directory);
}

static bp_status write_with(void *path, const bp_allocator *allocator)
{
    return bpi_write_file(path, "new", 3, allocator);
}

static void test_no_memory(void **state)
{
    (void)state;
    char *directory = test_make_directory();
    char path[600];
    snprintf(path, sizeof path, "%s/model", directory);
    test_each_allocation_fails(write_with, path);
    assert_int_equal(count_entries(directory), 1);
    test_remove_directory(directory);
}

static void test_parts(void **state)
{
    (void)state;
    char *directory = test_make_directory();
    const char *path = test_path(directory, "parts");
    bp_allocator allocator;
    output_file file;
    assert_ok(bpi_allocator_choose(&allocator, "here", NULL));
    assert_ok(write_text(path, "old"));
    assert_ok(bpi_output_open(&file, path, &allocator));
    assert_ok(bpi_output_write(&file, "one ", 4));
    assert_ok(bpi_output_write(&file, "two", 3));
    assert_content(path, "old");
    assert_ok(bpi_output_close(&file, BP_OK));
    assert_content(path, "one two");
    /* A failure elsewhere leaves it as it was. */
    assert_ok(bpi_output_open(&file, path, &allocator));
    assert_ok(bpi_output_write(&file, "three", 5));
    assert_int_equal(bpi_output_close(&file, BP_ERROR_FORMAT), BP_ERROR_FORMAT);
    assert_content(path, "one two");
    assert_int_equal(count_entries(directory), 1);
    test_remove_directory(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_file),
        cmocka_unit_test(test_replaced_file_keeps_its_permissions),
        cmocka_unit_test(test_readers_of_the_old_file_keep_it),
        cmocka_unit_test(test_symbolic_links_are_followed),
        cmocka_unit_test(test_relative_paths),
        cmocka_unit_test(test_longest_name),
        cmocka_unit_test(test_what_is_no_regular_file),
        cmocka_unit_test(test_paths_that_name_no_file),
        cmocka_unit_test(test_protected_places),
        cmocka_unit_test(test_many_writers),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
