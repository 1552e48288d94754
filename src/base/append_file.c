#include "base/append_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/write_signals.h"

/* `access`: the way of access, and O_TRUNC for an empty file. */
static int open_file(const char *path, int access, int *error)
{
    const int flags = access | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY;
    int descriptor;
    do
        descriptor = open(path, flags, S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH);
    while (descriptor < 0 && errno == EINTR);
    *error = descriptor < 0 ? errno : 0;
    return descriptor;
}

int bpi_append_open(const char *path, bool is_new, int *error)
{
    return open_file(path, O_WRONLY | (is_new ? O_TRUNC : 0), error);
}

uint64_t bpi_append_length(int descriptor)
{
    struct stat info;
    return fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode) ? (uint64_t)info.st_size : 0;
}

/* The bytes up to the last line end before `length`, read backwards; -1: they cannot be read. */
static off_t end_of_lines(int descriptor, off_t length)
{
    char bytes[4096];
    while (length > 0) {
        const off_t first = length > (off_t)sizeof bytes ? length - (off_t)sizeof bytes : 0;
        const ssize_t got = pread(descriptor, bytes, (size_t)(length - first), first);
        if (got < 0 && errno == EINTR)
            continue;
        if (got != length - first)
            return -1;
        for (ssize_t i = got; i > 0; i--)
            if (bytes[i - 1] == '\n')
                return first + (off_t)i;
        length = first;
    }
    return 0;
}

static int cut(int descriptor, uint64_t length)
{
    struct stat info;
    int result;
    if (fstat(descriptor, &info) != 0)
        return errno;
    if (!S_ISREG(info.st_mode))
        return 0;
    const off_t kept = (uint64_t)info.st_size < length ? info.st_size : (off_t)length;
    const off_t end = end_of_lines(descriptor, kept);
    if (end < 0)
        return EIO;
    do
        result = ftruncate(descriptor, end);
    while (result != 0 && errno == EINTR);
    return result == 0 ? 0 : errno;
}

int bpi_append_reopen(const char *path, uint64_t length, int *error)
{
    int descriptor = open_file(path, O_RDWR, error);
    if (descriptor < 0) /* a pipe, or a file that cannot be read, is only appended to */
        descriptor = open_file(path, O_WRONLY, error);
    else
        *error = cut(descriptor, length);
    if (descriptor >= 0 && *error != 0) {
        close(descriptor);
        descriptor = -1;
    }
    return descriptor;
}

/* Takes back the last `count` bytes of a regular file, unless somebody has appended others since. */
static void take_back(int descriptor, size_t count)
{
    struct stat info;
    off_t end = lseek(descriptor, 0, SEEK_CUR);
    if (count == 0 || end < 0 || fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode) ||
        info.st_size != end)
        return;
    int result;
    do
        result = ftruncate(descriptor, end - (off_t)count);
    while (result != 0 && errno == EINTR);
}

int bpi_append_bytes(int descriptor, const void *bytes, size_t count)
{
    write_signals signals;
    bpi_block_write_signals(&signals);
    size_t written = 0;
    int error = 0;
    while (written < count && error == 0) {
        ssize_t result = write(descriptor, (const char *)bytes + written, count - written);
        if (result > 0)
            written += (size_t)result;
        else if (result == 0 || errno != EINTR)
            error = result == 0 ? ENOSPC : errno;
    }
    if (error != 0)
        take_back(descriptor, written);
    bpi_restore_write_signals(&signals);
    return error;
}
