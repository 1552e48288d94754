#include "base/raw_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"

bp_status bpi_fail_changed(const char *path)
{
    return bpi_fail(BP_ERROR_FILE, "%s: the file was changed while it was being read", path);
}

static bp_status examine(raw_file *file)
{
    struct stat info;
    if (fstat(file->descriptor, &info) != 0)
        return bpi_fail_file(file->path, "cannot be examined", errno);
    if (!S_ISREG(info.st_mode))
        return bpi_fail(BP_ERROR_FILE, "%s: %s", file->path,
                        S_ISDIR(info.st_mode) ? "is a directory" : "is not a regular file");
    /* bpi_read_file adds a byte to the size. */
    if ((uintmax_t)info.st_size >= SIZE_MAX)
        return bpi_fail(BP_ERROR_FILE, "%s: is too large to be read on this machine", file->path);
    file->size = (size_t)info.st_size;
    file->modified = info.st_mtim;
    return BP_OK;
}

static bp_status open_descriptor(raw_file *file, const char *path, int flags)
{
    *file = (raw_file){.path = path};
    do
        file->descriptor = open(path, O_RDONLY | O_CLOEXEC | flags);
    while (file->descriptor < 0 && errno == EINTR);
    return file->descriptor < 0 ? bpi_fail_file(path, "cannot be opened", errno) : BP_OK;
}

bp_status bpi_raw_open(raw_file *file, const char *path)
{
    BPI_TRY(open_descriptor(file, path, O_NONBLOCK)); /* opening a FIFO must not wait for a writer */
    bp_status status = examine(file);
    if (status != BP_OK)
        bpi_raw_close(file);
    return status;
}

/* ------------------------------------------------------------- pipes, streams */

/* Reads a stream to its end into a block of `size` bytes. */
static bp_status read_stream(const char *name, FILE *stream, const bp_allocator *allocator, char **bytes,
                             size_t *size)
{
    size_t capacity = 1 << 16;
    *size = 0;
    *bytes = bpi_allocate(allocator, capacity, 1);
    while (*bytes != NULL) {
        *size += fread(*bytes + *size, 1, capacity - *size, stream);
        if (ferror(stream))
            return bpi_fail_file(name, "cannot be read", errno);
        if (feof(stream))
            return BP_OK;
        char *larger = bpi_multiply(capacity, 2, &capacity) ? bpi_allocate(allocator, capacity, 1) : NULL;
        if (larger != NULL)
            memcpy(larger, *bytes, *size);
        bpi_release(allocator, *bytes);
        *bytes = larger;
    }
    return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for more than %zu bytes", name, *size);
}

bp_status bpi_raw_from_stream(raw_file *file, const char *name, FILE *stream, const bp_allocator *allocator)
{
    char *bytes;
    size_t size;
    bp_status status = read_stream(name, stream, allocator, &bytes, &size);
    if (status != BP_OK) {
        bpi_release(allocator, bytes);
        return status;
    }
    bpi_raw_from_memory(file, name, bytes, size);
    file->owned = bytes;
    file->allocator = allocator;
    return BP_OK;
}

/* Takes the descriptor. */
static bp_status read_descriptor(raw_file *file, const bp_allocator *allocator)
{
    const char *path = file->path;
    FILE *stream = fdopen(file->descriptor, "rb");
    if (stream == NULL) {
        bp_status status = bpi_fail_file(path, "cannot be read", errno);
        close(file->descriptor);
        return status;
    }
    bp_status status = bpi_raw_from_stream(file, path, stream, allocator);
    fclose(stream);
    return status;
}

bp_status bpi_raw_open_any(raw_file *file, const char *path, const bp_allocator *allocator)
{
    struct stat info;
    BPI_TRY(open_descriptor(file, path, 0));
    if (fstat(file->descriptor, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))
        return read_descriptor(file, allocator);
    bp_status status = examine(file);
    if (status != BP_OK)
        bpi_raw_close(file);
    return status;
}

void bpi_raw_from_memory(raw_file *file, const char *name, const void *bytes, size_t size)
{
    *file = (raw_file){.path = name, .size = size, .memory = bytes, .descriptor = -1};
}

bp_status bpi_raw_read(raw_file *file, void *bytes, size_t count)
{
    if (file->memory != NULL) {
        memcpy(bytes, file->memory + file->position, count);
        file->position += count;
        return BP_OK;
    }
    unsigned char *next = bytes;
    while (count > 0) {
        ssize_t got = read(file->descriptor, next, count);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return bpi_fail_file(file->path, "cannot be read", errno);
        if (got == 0)
            return bpi_fail_changed(file->path);
        next += got;
        count -= (size_t)got;
        file->position += (size_t)got;
    }
    return BP_OK;
}

bp_status bpi_raw_seek(raw_file *file, size_t at)
{
    if (file->memory == NULL && lseek(file->descriptor, (off_t)at, SEEK_SET) < 0)
        return bpi_fail_file(file->path, "cannot be read again", errno);
    file->position = at;
    return BP_OK;
}

bp_status bpi_raw_rewind(raw_file *file)
{
    return bpi_raw_seek(file, 0);
}

bp_status bpi_raw_check_unchanged(const raw_file *file)
{
    if (file->memory != NULL)
        return BP_OK;
    raw_file now = {.path = file->path, .descriptor = file->descriptor};
    BPI_TRY(examine(&now));
    if (now.size != file->size || now.modified.tv_sec != file->modified.tv_sec ||
        now.modified.tv_nsec != file->modified.tv_nsec)
        return bpi_fail_changed(file->path);
    return BP_OK;
}

void bpi_raw_close(raw_file *file)
{
    if (file->memory == NULL)
        close(file->descriptor);
    if (file->owned != NULL)
        bpi_release(file->allocator, file->owned);
}
