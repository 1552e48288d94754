#include "base/append_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/write_signals.h"

int bpi_append_open(const char *path, bool is_new, int *error)
{
    const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | (is_new ? O_TRUNC : 0);
    int descriptor;
    do
        descriptor = open(path, flags, S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH);
    while (descriptor < 0 && errno == EINTR);
    *error = descriptor < 0 ? errno : 0;
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
