/*
 * Each system call that saving makes fails in turn, at each of the times it is made. The linker puts the
 * functions below in the place of the C library's (--wrap).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdbool.h>

#include "format/model_example.h"
#include "support/support.h"

enum call { OPEN, WRITE, FSYNC, FCHMOD, CLOSE, RENAME, REALPATH, CALLS };

/* What is to happen: nothing unless armed. */
static struct {
    bool armed;
    enum call call;  /* this one fails, */
    int passes;      /* after so many that do not, */
    int error;       /* with this errno; */
    bool fired;      /* it has */
    size_t slice;    /* a write takes at most so many bytes; 0: all */
    bool interrupts; /* every other write and fsync is interrupted */
    size_t kill_at;  /* the process is killed when so many bytes have been written; 0: never */
    size_t written;
    unsigned calls;
    mode_t mode_before; /* permissions of the new file before it got those of the old */
} fault;

static bool fails(enum call call)
{
    if (!fault.armed || fault.fired || call != fault.call || fault.passes-- > 0)
        return false;
    fault.fired = true;
    errno = fault.error;
    return true;
}

static bool is_interrupted(void)
{
    if (!fault.armed || !fault.interrupts || fault.calls++ % 2 == 1)
        return false;
    errno = EINTR;
    return true;
}

/* The linker's names for the library's functions and for these. With 32 bits and _FILE_OFFSET_BITS=64 the GNU
 * C library's open is called open64. */
#if SIZE_MAX == UINT32_MAX
#define __real_open __real_open64
#define __wrap_open __wrap_open64
#endif
int __real_open(const char *path, int flags, mode_t mode);
ssize_t __real_write(int descriptor, const void *bytes, size_t count);
int __real_fsync(int descriptor);
int __real_fchmod(int descriptor, mode_t mode);
int __real_close(int descriptor);
int __real_rename(const char *from, const char *to);
char *__real_realpath(const char *path, char *resolved);
int __wrap_open(const char *path, int flags, mode_t mode);
ssize_t __wrap_write(int descriptor, const void *bytes, size_t count);
int __wrap_fsync(int descriptor);
int __wrap_fchmod(int descriptor, mode_t mode);
int __wrap_close(int descriptor);
int __wrap_rename(const char *from, const char *to);
char *__wrap_realpath(const char *path, char *resolved);

int __wrap_open(const char *path, int flags, mode_t mode)
{
    return fails(OPEN) ? -1 : __real_open(path, flags, mode);
}

ssize_t __wrap_write(int descriptor, const void *bytes, size_t count)
{
    if (fails(WRITE) || is_interrupted())
        return -1;
    if (fault.armed && fault.slice > 0 && count > fault.slice)
        count = fault.slice;
    ssize_t written = __real_write(descriptor, bytes, count);
    if (fault.armed && written > 0)
        fault.written += (size_t)written;
    if (fault.armed && fault.kill_at > 0 && fault.written >= fault.kill_at)
        raise(SIGKILL);
    return written;
}

int __wrap_fsync(int descriptor)
{
    return fails(FSYNC) || is_interrupted() ? -1 : __real_fsync(descriptor);
}

int __wrap_fchmod(int descriptor, mode_t mode)
{
    struct stat info;
    if (fstat(descriptor, &info) == 0)
        fault.mode_before = info.st_mode & 0777;
    return fails(FCHMOD) ? -1 : __real_fchmod(descriptor, mode);
}

int __wrap_close(int descriptor)
{
    int result = __real_close(descriptor); /* a close that fails has closed all the same */
    return fails(CLOSE) ? -1 : result;
}

int __wrap_rename(const char *from, const char *to)
{
    return fails(RENAME) ? -1 : __real_rename(from, to);
}

char *__wrap_realpath(const char *path, char *resolved)
{
    return fails(REALPATH) ? NULL : __real_realpath(path, resolved);
}

/* ------------------------------------------------------------------ the scene */

static const char old_text[] = "an old file";

/* A network, a directory with an old file in it, and the bytes that are to replace it: a model, or a
 * checkpoint of a trainer. */
typedef struct test_scene {
    bp_network *net;
    bp_trainer *trainer; /* NULL: a model */
    char *directory;
    char path[600];
    unsigned char *bytes;
    size_t size;
} test_scene;

static void set_scene(test_scene *scene)
{
    *scene = (test_scene){0};
    assert_ok(example_create(&scene->net, NULL));
    assert_ok(bp_network_save_memory(scene->net, NULL, 0, &scene->size));
    scene->bytes = malloc(scene->size);
    assert_non_null(scene->bytes);
    assert_ok(bp_network_save_memory(scene->net, scene->bytes, scene->size, NULL));
    scene->directory = test_make_directory();
    snprintf(scene->path, sizeof scene->path, "%s/model.bp", scene->directory);
    test_write_file(scene->path, old_text, strlen(old_text));
}

/* The same with a checkpoint. */
static void set_scene_of_trainer(test_scene *scene)
{
    set_scene(scene);
    assert_ok(bp_trainer_create(&scene->trainer, scene->net, NULL));
    assert_ok(bp_trainer_save_memory(scene->trainer, NULL, 0, &scene->size));
    free(scene->bytes);
    scene->bytes = malloc(scene->size);
    assert_non_null(scene->bytes);
    assert_ok(bp_trainer_save_memory(scene->trainer, scene->bytes, scene->size, NULL));
}

static void clear_scene(test_scene *scene)
{
    bp_trainer_destroy(scene->trainer);
    test_remove_directory(scene->directory);
    bp_network_destroy(scene->net);
    free(scene->bytes);
}

static void assert_content(const test_scene *scene, const void *wanted, size_t size)
{
    static char read[1 << 16];
    FILE *file = fopen(scene->path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(read, 1, sizeof read, file), size);
    fclose(file);
    assert_memory_equal(read, wanted, size);
}

/* Number of files in the directory whose name begins and ends so. */
static size_t count_files(const char *path, const char *begin, const char *end)
{
    size_t count = 0;
    DIR *directory = opendir(path);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        size_t length = strlen(entry->d_name);
        count += entry->d_name[0] != '\0' && strcmp(entry->d_name, ".") != 0 &&
                 strcmp(entry->d_name, "..") != 0 && length >= strlen(begin) + strlen(end) &&
                 strncmp(entry->d_name, begin, strlen(begin)) == 0 &&
                 strcmp(entry->d_name + length - strlen(end), end) == 0;
    }
    closedir(directory);
    return count;
}

static size_t count_descriptors(void)
{
    size_t count = 0;
    for (int descriptor = 0; descriptor < 256; descriptor++)
        count += fcntl(descriptor, F_GETFD) != -1;
    return count;
}

/* Saves with the call failing for the time numbered `passes`. Was it called that often? */
static bool save_with_fault(const test_scene *scene, enum call call, int passes, int error, bp_status *status)
{
    memset(&fault, 0, sizeof fault);
    fault.call = call;
    fault.passes = passes;
    fault.error = error;
    fault.armed = true;
    *status = scene->trainer != NULL ? bp_trainer_save(scene->trainer, scene->path)
                                     : bp_network_save(scene->net, scene->path);
    fault.armed = false;
    return fault.fired;
}

/* ------------------------------------------------------------------ the tests */

static const struct {
    enum call call;
    int error;
    int times; /* how often a save makes the call */
} plan[] = {
    {OPEN, ENOSPC, 2},   {OPEN, EMFILE, 2},  {WRITE, ENOSPC, 1},    {WRITE, EIO, 1}, {WRITE, EDQUOT, 1},
    {FSYNC, EIO, 2},     {FSYNC, ENOSPC, 2}, {FCHMOD, EPERM, 1},    {CLOSE, EIO, 2}, {RENAME, EACCES, 1},
    {RENAME, ENOSPC, 1}, {RENAME, EXDEV, 1}, {REALPATH, EACCES, 1},
};

/* The last step, bringing the directory to the disk, comes when the new file is in place already. */
static bool is_last_step(enum call call, int passes)
{
    return (call == OPEN || call == FSYNC) && passes == 1;
}

static void check_failure(const test_scene *scene, enum call call, int passes, int error, bp_status status)
{
    if (call == CLOSE && passes == 1) { /* of the directory: nothing is lost with it */
        assert_ok(status);
        return;
    }
    assert_fails(status, BP_ERROR_FILE, scene->path);
    assert_fails(status, BP_ERROR_FILE, strerror(error));
    if (is_last_step(call, passes)) {
        assert_fails(status, BP_ERROR_FILE, "is in place, but");
        assert_content(scene, scene->bytes, scene->size);
    } else {
        assert_content(scene, old_text, strlen(old_text));
    }
}

/* set: makes a scene. */
static void fail_each_call(void (*set)(test_scene *scene))
{
    for (size_t i = 0; i < sizeof plan / sizeof plan[0]; i++) {
        int passes = 0;
        for (bool fired = true; fired; passes++) {
            test_scene scene;
            bp_status status;
            set(&scene);
            size_t descriptors = count_descriptors();
            fired = save_with_fault(&scene, plan[i].call, passes, plan[i].error, &status);
            if (fired)
                check_failure(&scene, plan[i].call, passes, plan[i].error, status);
            else
                assert_ok(status);
            assert_int_equal(count_files(scene.directory, "", ""), 1);
            assert_int_equal(count_descriptors(), descriptors);
            clear_scene(&scene);
        }
        assert_int_equal(passes - 1, plan[i].times);
    }
}

static void test_each_call_fails_in_turn(void **state)
{
    (void)state;
    fail_each_call(set_scene);
}

static void test_each_call_fails_for_a_trainer(void **state)
{
    (void)state;
    fail_each_call(set_scene_of_trainer);
}

static void test_private_file_is_never_open_to_others(void **state)
{
    (void)state;
    test_scene scene;
    set_scene(&scene);
    assert_int_equal(chmod(scene.path, 0600), 0);
    mode_t old = umask(0);
    memset(&fault, 0, sizeof fault);
    bp_status status = bp_network_save(scene.net, scene.path);
    umask(old);
    assert_ok(status);
    assert_int_equal(fault.mode_before, 0600);
    clear_scene(&scene);
}

static void test_new_file_leaves_nothing_behind(void **state)
{
    (void)state;
    static const enum call calls[] = {OPEN, WRITE, FSYNC, CLOSE, RENAME};
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        test_scene scene;
        bp_status status;
        set_scene(&scene);
        assert_int_equal(unlink(scene.path), 0);
        assert_true(save_with_fault(&scene, calls[i], 0, ENOSPC, &status));
        assert_fails(status, BP_ERROR_FILE, strerror(ENOSPC));
        assert_int_equal(count_files(scene.directory, "", ""), 0);
        clear_scene(&scene);
    }
}

static void test_file_systems_that_do_not_sync_directories(void **state)
{
    (void)state;
    test_scene scene;
    bp_status status;
    set_scene(&scene);
    assert_true(save_with_fault(&scene, FSYNC, 1, EINVAL, &status));
    assert_ok(status);
    assert_true(save_with_fault(&scene, OPEN, 1, EACCES, &status));
    assert_ok(status);
    assert_content(&scene, scene.bytes, scene.size);
    clear_scene(&scene);
}

/* Another file has the first name: the next is tried. */
static void test_name_that_is_taken(void **state)
{
    (void)state;
    test_scene scene;
    bp_status status;
    set_scene(&scene);
    assert_true(save_with_fault(&scene, OPEN, 0, EEXIST, &status));
    assert_ok(status);
    assert_content(&scene, scene.bytes, scene.size);
    clear_scene(&scene);
}

static void test_short_and_interrupted_writes(void **state)
{
    (void)state;
    for (size_t slice = 1; slice < 300; slice = slice * 2 + 1) {
        test_scene scene;
        set_scene(&scene);
        memset(&fault, 0, sizeof fault);
        fault.call = CALLS;
        fault.slice = slice;
        fault.interrupts = true;
        fault.armed = true;
        bp_status status = bp_network_save(scene.net, scene.path);
        fault.armed = false;
        assert_ok(status);
        assert_true(fault.calls > scene.size / slice);
        assert_content(&scene, scene.bytes, scene.size);
        clear_scene(&scene);
    }
}

/* Killed in the middle: the old file is whole, what is left can be told by its name, and saving works again.
 */
static void test_killed_while_writing(void **state)
{
    (void)state;
    test_scene scene;
    set_scene(&scene);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        memset(&fault, 0, sizeof fault);
        fault.call = CALLS;
        fault.slice = 10;
        fault.kill_at = scene.size / 2;
        fault.armed = true;
        bp_network_save(scene.net, scene.path);
        _exit(0);
    }
    int how = 0;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
    assert_content(&scene, old_text, strlen(old_text));
    assert_int_equal(count_files(scene.directory, ".backprop-", ".tmp"), 1);
    assert_ok(bp_network_save(scene.net, scene.path));
    assert_content(&scene, scene.bytes, scene.size);
    assert_int_equal(count_files(scene.directory, "", ""), 2);
    clear_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_call_fails_in_turn),
        cmocka_unit_test(test_each_call_fails_for_a_trainer),
        cmocka_unit_test(test_private_file_is_never_open_to_others),
        cmocka_unit_test(test_new_file_leaves_nothing_behind),
        cmocka_unit_test(test_file_systems_that_do_not_sync_directories),
        cmocka_unit_test(test_name_that_is_taken),
        cmocka_unit_test(test_short_and_interrupted_writes),
        cmocka_unit_test(test_killed_while_writing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
