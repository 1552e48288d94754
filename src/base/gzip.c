#include "base/gzip.h"

#ifdef BPI_ZLIB

#include <limits.h>
#include <zlib.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/status.h"

/* A file that is being unpacked. */
typedef struct unpacking {
    input_file *file;
    bp_allocator allocator;
    z_stream stream;
    unsigned char packed[1 << 14]; /* what the stream reads next */
    unsigned char *bytes;          /* what it made so far */
    size_t size, capacity;
} unpacking;

/* ------------------------------------------------------------------- the stream */

static void *allocate(void *allocator, uInt count, uInt size)
{
    return bpi_allocate(allocator, count, size);
}

static void release(void *allocator, void *block)
{
    bpi_release(allocator, block);
}

static bp_status fail_memory(const unpacking *work)
{
    return bpi_fail(BP_ERROR_MEMORY, "%s: no memory to unpack more than %zu bytes", work->file->path,
                    work->size);
}

static bp_status fail_packed(const unpacking *work, const char *reason)
{
    return bpi_fail(BP_ERROR_FORMAT, "%s: byte %zu of the gzip file: %s", work->file->path,
                    work->file->position - work->stream.avail_in, reason);
}

static bool is_all_read(const unpacking *work)
{
    return work->stream.avail_in == 0 && work->file->position == work->file->size;
}

static bp_status fill(unpacking *work)
{
    if (work->stream.avail_in > 0)
        return BP_OK;
    const size_t count = bpi_min(work->file->size - work->file->position, sizeof work->packed);
    if (count == 0)
        return fail_packed(work, "the file ends within its data");
    BPI_TRY(bpi_input_read(work->file, work->packed, count));
    work->stream.next_in = work->packed;
    work->stream.avail_in = (uInt)count;
    return BP_OK;
}

/* Unpacks as much as there is room for. *is_end: the end of what was packed at a time. */
static bp_status unpack_some(unpacking *work, bool *is_end)
{
    if (!bpi_grow(&work->allocator, (void **)&work->bytes, &work->capacity, work->size, 1))
        return fail_memory(work);
    const size_t room = bpi_min(work->capacity - work->size, UINT_MAX);
    work->stream.next_out = work->bytes + work->size;
    work->stream.avail_out = (uInt)room;
    const int result = inflate(&work->stream, Z_NO_FLUSH);
    work->size += room - work->stream.avail_out;
    *is_end = result == Z_STREAM_END;
    if (result == Z_MEM_ERROR)
        return fail_memory(work);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
        return fail_packed(work, work->stream.msg == NULL ? "damaged" : work->stream.msg);
    return BP_OK;
}

/* Several packed files one after another are one file. */
static bp_status unpack_all(unpacking *work)
{
    for (bool is_end = false; !is_end || !is_all_read(work);) {
        if (is_end)
            inflateReset(&work->stream);
        BPI_TRY(fill(work));
        BPI_TRY(unpack_some(work, &is_end));
    }
    return bpi_input_check_unchanged(work->file);
}

/* ---------------------------------------------------------------------- the file */

static bp_status unpack(unpacking *work)
{
    enum { GZIP_ALONE = 16 };
    work->stream = (z_stream){.zalloc = allocate, .zfree = release, .opaque = &work->allocator};
    if (inflateInit2(&work->stream, MAX_WBITS + GZIP_ALONE) != Z_OK)
        return fail_memory(work);
    bp_status status = unpack_all(work);
    inflateEnd(&work->stream);
    return status;
}

static bp_status look(input_file *file, bool *is_gzip)
{
    unsigned char magic[2];
    *is_gzip = false;
    if (file->size < sizeof magic)
        return BP_OK;
    BPI_TRY(bpi_input_read(file, magic, sizeof magic));
    *is_gzip = magic[0] == 0x1f && magic[1] == 0x8b;
    return bpi_input_rewind(file);
}

bp_status bpi_input_unpack(input_file *file, const bp_allocator *allocator)
{
    bool is_gzip;
    BPI_TRY(look(file, &is_gzip));
    if (!is_gzip)
        return BP_OK;
    unpacking work = {.file = file, .allocator = *allocator};
    bp_status status = unpack(&work);
    if (status != BP_OK) {
        bpi_release(allocator, work.bytes);
        return status;
    }
    const char *path = file->path;
    bpi_input_close(file);
    bpi_input_from_memory(file, path, work.bytes, work.size);
    file->owned = (char *)work.bytes;
    file->allocator = allocator;
    return BP_OK;
}

#else

bp_status bpi_input_unpack(input_file *file, const bp_allocator *allocator)
{
    (void)file;
    (void)allocator;
    return BP_OK;
}

#endif
