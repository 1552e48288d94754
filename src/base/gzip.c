#include "base/gzip.h"

#ifdef BPI_ZLIB

#include <limits.h>
#include <zlib.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/status.h"

/* A packed file, the unpacked bytes of which are read. */
typedef struct unpacking {
    input_file file; /* the packed one */
    bp_allocator allocator;
    z_stream stream;
    unsigned char packed[1 << 14]; /* what the stream reads next */
    bool is_end;                   /* of what was packed at a time */
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

static bp_status fail_memory(const char *path)
{
    return bpi_fail(BP_ERROR_MEMORY, "%s: no memory to unpack it", path);
}

static bp_status fail_packed(const unpacking *work, const char *reason)
{
    return bpi_fail(BP_ERROR_FORMAT, "%s: byte %zu of the gzip file: %s", work->file.path,
                    work->file.position - work->stream.avail_in, reason);
}

static bool is_all_read(const unpacking *work)
{
    return work->stream.avail_in == 0 && work->file.position == work->file.size;
}

static bp_status fill(unpacking *work)
{
    if (work->stream.avail_in > 0)
        return BP_OK;
    const size_t count = bpi_min(work->file.size - work->file.position, sizeof work->packed);
    if (count == 0)
        return fail_packed(work, "the file ends within its data");
    BPI_TRY(bpi_input_read(&work->file, work->packed, count));
    work->stream.next_in = work->packed;
    work->stream.avail_in = (uInt)count;
    return BP_OK;
}

/* Unpacks up to `count` bytes, at least one unless the end has come. Several packed files one after another
 * are one file. */
static bp_status unpack_some(unpacking *work, void *bytes, size_t count, size_t *made)
{
    const uInt room = (uInt)bpi_min(count, UINT_MAX);
    for (*made = 0; *made == 0 && !(work->is_end && is_all_read(work));) {
        if (work->is_end)
            inflateReset(&work->stream);
        BPI_TRY(fill(work));
        work->stream.next_out = bytes;
        work->stream.avail_out = room;
        const int result = inflate(&work->stream, Z_NO_FLUSH);
        *made = room - work->stream.avail_out;
        work->is_end = result == Z_STREAM_END;
        if (result == Z_MEM_ERROR)
            return fail_memory(work->file.path);
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
            return fail_packed(work, work->stream.msg == NULL ? "damaged" : work->stream.msg);
    }
    return BP_OK;
}

/* ---------------------------------------------------------------------- the source */

static bp_status read_bytes(void *state, void *bytes, size_t count)
{
    unsigned char *next = bytes;
    while (count > 0) {
        size_t made;
        BPI_TRY(unpack_some(state, next, count, &made));
        if (made == 0)
            return fail_packed(state, "the file was changed while it was being read");
        next += made;
        count -= made;
    }
    return BP_OK;
}

static bp_status rewind_file(void *state)
{
    unpacking *work = state;
    inflateReset(&work->stream);
    work->stream.avail_in = 0;
    work->is_end = false;
    return bpi_input_rewind(&work->file);
}

static bp_status check_unchanged(const void *state)
{
    const unpacking *work = state;
    return bpi_input_check_unchanged(&work->file);
}

static void close_file(void *state)
{
    unpacking *work = state;
    const bp_allocator allocator = work->allocator;
    inflateEnd(&work->stream);
    bpi_input_close(&work->file);
    bpi_release(&allocator, work);
}

static const input_source gzip_source = {read_bytes, rewind_file, check_unchanged, close_file};

/* ----------------------------------------------------------------------- opening */

/* The number of unpacked bytes. */
static bp_status count_bytes(unpacking *work, size_t *size)
{
    unsigned char bytes[1 << 12];
    size_t made = 1;
    for (*size = 0; made > 0;) {
        BPI_TRY(unpack_some(work, bytes, sizeof bytes, &made));
        if (!bpi_add(*size, made, size))
            return bpi_fail(BP_ERROR_FILE, "%s: is too large to be read on this machine", work->file.path);
    }
    BPI_TRY(check_unchanged(work));
    return rewind_file(work);
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
    enum { GZIP_ALONE = 16 };
    bool is_gzip;
    BPI_TRY(look(file, &is_gzip));
    if (!is_gzip)
        return BP_OK;
    unpacking *work = bpi_allocate_zeroed(allocator, 1, sizeof *work);
    if (work == NULL)
        return fail_memory(file->path);
    work->file = *file;
    work->allocator = *allocator;
    work->stream = (z_stream){.zalloc = allocate, .zfree = release, .opaque = &work->allocator};
    if (inflateInit2(&work->stream, MAX_WBITS + GZIP_ALONE) != Z_OK) {
        bpi_release(allocator, work);
        return fail_memory(file->path);
    }
    *file = (input_file){.path = file->path, .descriptor = -1, .source = &gzip_source, .state = work};
    return count_bytes(work, &file->size);
}

#else

bp_status bpi_input_unpack(input_file *file, const bp_allocator *allocator)
{
    (void)file;
    (void)allocator;
    return BP_OK;
}

#endif
