#define _XOPEN_SOURCE 700 /* realpath belongs to the XSI part of POSIX */
#include "base/write_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/stale_files.h"
#include "base/status.h"

/* -------------------------------------------------------------- the target */

/* Checks an existing file, and finds its path and mode. */
static bp_status find_old(output_file *file, const struct stat *info)
{
    if (!S_ISREG(info->st_mode))
        return bpi_fail(BP_ERROR_FILE, "%s: %s, and only a regular file is replaced", file->path,
                        S_ISDIR(info->st_mode) ? "is a directory" : "is not a regular file");
    /* rename ignores the permissions of the file itself; a write-protected one is refused all the same. */
    if (faccessat(AT_FDCWD, file->path, W_OK, AT_EACCESS) != 0)
        return bpi_fail_file(file->path, "cannot be replaced", errno);
    file->resolved = realpath(file->path, NULL);
    if (file->resolved == NULL)
        return bpi_fail_file(file->path, "cannot be found", errno);
    file->target = file->resolved;
    file->mode = info->st_mode & (S_IRWXU | S_IRWXG | S_IRWXO);
    return BP_OK;
}

static bp_status find_target(output_file *file)
{
    struct stat info;
    if (stat(file->path, &info) == 0)
        BPI_TRY(find_old(file, &info));
    else if (errno != ENOENT)
        return bpi_fail_file(file->path, "cannot be examined", errno);
    else if (lstat(file->path, &info) == 0) {
        if (S_ISLNK(info.st_mode))
            return bpi_fail(BP_ERROR_FILE, "%s: is a symbolic link to a file that does not exist",
                            file->path);
        BPI_TRY(find_old(file, &info)); /* another writer put it there between the two calls */
    }
    const char *slash = strrchr(file->target, '/');
    file->directory = slash == NULL ? 0 : (size_t)(slash + 1 - file->target);
    if (file->target[file->directory] == '\0')
        return bpi_fail(BP_ERROR_FILE, "%s: does not name a file", file->path);
    return BP_OK;
}

/* ------------------------------------------------------- the temporary file */

/* The seed differs between processes and threads: time, process id, stack address. Names need not be
 * unpredictable: O_EXCL and O_NOFOLLOW refuse files and links made by others. */
static void seed_names(random_stream *names)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t seed = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    bpi_random_seed(names, seed ^ ((uint64_t)getpid() << 32) ^ (uint64_t)(uintptr_t)names);
}

/* Tries one name. A new file gets the permissions of the umask; a replacement never has more than the old
 * file had. */
static void try_name(output_file *file, size_t capacity, uint64_t number)
{
    snprintf(file->temporary, capacity, "%.*s.backprop-%016" PRIx64 ".tmp", (int)file->directory,
             file->target, number);
    mode_t mode = file->resolved == NULL ? S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH
                                         : file->mode & (S_IRUSR | S_IWUSR);
    file->descriptor = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    file->exists = file->descriptor >= 0;
}

static bp_status create_temporary(output_file *file)
{
    enum { NAME_BYTES = sizeof ".backprop-0123456789abcdef.tmp", TRIES = 100 };
    size_t capacity = file->directory + NAME_BYTES;
    file->temporary = bpi_allocate(file->allocator, capacity, 1);
    if (file->temporary == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the name of a temporary file", file->path);
    random_stream names;
    seed_names(&names);
    errno = EEXIST;
    for (int i = 0; i < TRIES && !file->exists && (errno == EEXIST || errno == EINTR); i++)
        try_name(file, capacity, bpi_random_next(&names));
    if (!file->exists)
        return bpi_fail_file(file->path, "cannot be written: no file can be created in its directory", errno);
    bpi_claim_file(file->descriptor);
    if (file->resolved != NULL && fchmod(file->descriptor, file->mode) != 0)
        return bpi_fail_file(file->path, "cannot be written: its permissions cannot be set", errno);
    return BP_OK;
}

bp_status bpi_output_write(const output_file *file, const void *from, size_t count)
{
    const unsigned char *bytes = from;
    while (count > 0) {
        ssize_t written = write(file->descriptor, bytes, count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return bpi_fail_file(file->path, "cannot be written", written < 0 ? errno : ENOSPC);
        bytes += written;
        count -= (size_t)written;
    }
    return BP_OK;
}

static int sync_descriptor(int descriptor)
{
    int result;
    do
        result = fsync(descriptor);
    while (result != 0 && errno == EINTR);
    return result;
}

static bp_status finish_temporary(output_file *file)
{
    if (sync_descriptor(file->descriptor) != 0)
        return bpi_fail_file(file->path, "cannot be synced", errno);
    int result = close(file->descriptor);
    file->descriptor = -1;
    /* After EINTR the descriptor is closed, and the bytes were synced before. */
    if (result != 0 && errno != EINTR)
        return bpi_fail_file(file->path, "cannot be closed", errno);
    return BP_OK;
}

/* ----------------------------------------------------------------- in place */

static bp_status put_in_place(output_file *file)
{
    if (rename(file->temporary, file->target) != 0)
        return bpi_fail_file(file->path, "cannot be put in place", errno);
    file->exists = false;
    return BP_OK;
}

/* A rename survives a power failure only once the directory is synced. */
static bp_status sync_directory(output_file *file)
{
    file->temporary[file->directory] = '\0'; /* leaves the directory */
    int directory = open(file->directory > 0 ? file->temporary : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0 && errno == EACCES)
        return BP_OK; /* a directory without read permission cannot be opened, so it cannot be synced */
    int result = directory < 0 ? -1 : sync_descriptor(directory);
    int number = errno;
    if (directory >= 0)
        close(directory);
    if (result != 0 && number != EINVAL) /* EINVAL: this file system does not sync directories */
        return bpi_fail_file(file->path, "is in place, but its directory cannot be synced", number);
    return BP_OK;
}

/* Leaves errno as it is. */
static void release(output_file *file)
{
    const int number = errno;
    if (file->descriptor >= 0)
        close(file->descriptor);
    if (file->exists)
        unlink(file->temporary);
    bpi_release(file->allocator, file->temporary);
    free(file->resolved);
    errno = number;
}

/* --------------------------------------------------------------------- calls */

/* The checks of find_target and of the directory, without messages. */
int bpi_write_obstacle(const char *path)
{
    struct stat info;
    if (stat(path, &info) == 0) {
        if (!S_ISREG(info.st_mode))
            return S_ISDIR(info.st_mode) ? EISDIR : EEXIST;
        return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0 ? 0 : errno;
    }
    if (errno != ENOENT)
        return errno;
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return faccessat(AT_FDCWD, ".", W_OK | X_OK, AT_EACCESS) == 0 ? 0 : errno;
    const size_t length = (size_t)(slash - path) + 1;
    char directory[4096];
    if (length >= sizeof directory)
        return ENAMETOOLONG;
    memcpy(directory, path, length);
    directory[length] = '\0';
    return faccessat(AT_FDCWD, directory, W_OK | X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

bp_status bpi_output_open(output_file *file, const char *path, const bp_allocator *allocator)
{
    *file = (output_file){.path = path, .allocator = allocator, .target = path, .descriptor = -1};
    bp_status status = find_target(file);
    if (status == BP_OK)
        status = create_temporary(file);
    if (status != BP_OK)
        release(file);
    return status;
}

bp_status bpi_output_close(output_file *file, bp_status status)
{
    if (status == BP_OK)
        status = finish_temporary(file);
    if (status == BP_OK)
        status = put_in_place(file);
    if (status == BP_OK)
        status = sync_directory(file);
    release(file);
    return status;
}

bp_status bpi_write_file(const char *path, const void *bytes, size_t count, const bp_allocator *allocator)
{
    output_file file;
    BPI_TRY(bpi_output_open(&file, path, allocator));
    return bpi_output_close(&file, bpi_output_write(&file, bytes, count));
}
