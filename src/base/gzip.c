#include "base/gzip.h"

#ifdef BPI_ZLIB

#include <limits.h>
#include <zlib.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/status.h"

struct gzip_file {
    raw_file raw; /* the packed one */
    bp_allocator allocator;
    z_stream stream;
    unsigned char packed[1 << 14]; /* what the stream reads next */
    bool is_end;                   /* of what was packed at a time */
};

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

static bp_status fail_packed(const gzip_file *file, const char *reason)
{
    return bpi_fail(BP_ERROR_FORMAT, "%s: byte %zu of the gzip file: %s", file->raw.path,
                    file->raw.position - file->stream.avail_in, reason);
}

static bool is_all_read(const gzip_file *file)
{
    return file->stream.avail_in == 0 && file->raw.position == file->raw.size;
}

static bp_status fill(gzip_file *file)
{
    if (file->stream.avail_in > 0)
        return BP_OK;
    const size_t count = bpi_min(file->raw.size - file->raw.position, sizeof file->packed);
    if (count == 0)
        return fail_packed(file, "the file ends within its data");
    BPI_TRY(bpi_raw_read(&file->raw, file->packed, count));
    file->stream.next_in = file->packed;
    file->stream.avail_in = (uInt)count;
    return BP_OK;
}

/* Unpacks up to `count` bytes, at least one unless the end has come. Several packed files one after another
 * are one file. */
static bp_status unpack_some(gzip_file *file, void *bytes, size_t count, size_t *made)
{
    const uInt room = (uInt)bpi_min(count, UINT_MAX);
    for (*made = 0; *made == 0 && !(file->is_end && is_all_read(file));) {
        if (file->is_end)
            inflateReset(&file->stream);
        BPI_TRY(fill(file));
        file->stream.next_out = bytes;
        file->stream.avail_out = room;
        const int result = inflate(&file->stream, Z_NO_FLUSH);
        *made = room - file->stream.avail_out;
        file->is_end = result == Z_STREAM_END;
        if (result == Z_MEM_ERROR)
            return fail_memory(file->raw.path);
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
            return fail_packed(file, file->stream.msg == NULL ? "damaged" : file->stream.msg);
    }
    return BP_OK;
}

/* ------------------------------------------------------------------------- reading */

bp_status bpi_gzip_read(gzip_file *file, void *bytes, size_t count)
{
    unsigned char *next = bytes;
    while (count > 0) {
        size_t made;
        BPI_TRY(unpack_some(file, next, count, &made));
        if (made == 0)
            return fail_packed(file, "the file was changed while it was being read");
        next += made;
        count -= made;
    }
    return BP_OK;
}

bp_status bpi_gzip_rewind(gzip_file *file)
{
    inflateReset(&file->stream);
    file->stream.avail_in = 0;
    file->is_end = false;
    return bpi_raw_rewind(&file->raw);
}

bp_status bpi_gzip_check_unchanged(const gzip_file *file)
{
    return bpi_raw_check_unchanged(&file->raw);
}

static void release_file(gzip_file *file)
{
    const bp_allocator allocator = file->allocator;
    inflateEnd(&file->stream);
    bpi_release(&allocator, file);
}

void bpi_gzip_close(gzip_file *file)
{
    bpi_raw_close(&file->raw);
    release_file(file);
}

/* ------------------------------------------------------------------------- opening */

/* The number of unpacked bytes. */
static bp_status count_bytes(gzip_file *file, size_t *size)
{
    unsigned char bytes[1 << 12];
    size_t made = 1;
    for (*size = 0; made > 0;) {
        BPI_TRY(unpack_some(file, bytes, sizeof bytes, &made));
        if (!bpi_add(*size, made, size))
            return bpi_fail(BP_ERROR_FILE, "%s: is too large to be read on this machine", file->raw.path);
    }
    BPI_TRY(bpi_gzip_check_unchanged(file));
    return bpi_gzip_rewind(file);
}

static bp_status look(raw_file *raw, bool *is_gzip)
{
    unsigned char magic[2];
    *is_gzip = false;
    if (raw->size < sizeof magic)
        return BP_OK;
    BPI_TRY(bpi_raw_read(raw, magic, sizeof magic));
    *is_gzip = magic[0] == 0x1f && magic[1] == 0x8b;
    return bpi_raw_rewind(raw);
}

/* A packed file that unpacks `raw`. */
static bp_status create(gzip_file **out, const raw_file *raw, const bp_allocator *allocator)
{
    enum { GZIP_ALONE = 16 };
    gzip_file *file = bpi_allocate_zeroed(allocator, 1, sizeof *file);
    if (file == NULL)
        return fail_memory(raw->path);
    file->raw = *raw;
    file->allocator = *allocator;
    file->stream = (z_stream){.zalloc = allocate, .zfree = release, .opaque = &file->allocator};
    if (inflateInit2(&file->stream, MAX_WBITS + GZIP_ALONE) != Z_OK) {
        bpi_release(allocator, file);
        return fail_memory(raw->path);
    }
    *out = file;
    return BP_OK;
}

bp_status bpi_gzip_open(gzip_file **out, const raw_file *raw, const bp_allocator *allocator, size_t *size)
{
    raw_file start = *raw;
    bool is_gzip;
    gzip_file *file;
    size_t unpacked;
    *out = NULL;
    BPI_TRY(look(&start, &is_gzip));
    if (!is_gzip)
        return BP_OK;
    BPI_TRY(create(&file, &start, allocator));
    bp_status status = count_bytes(file, &unpacked);
    if (status != BP_OK) {
        release_file(file);
        return status;
    }
    *out = file;
    *size = unpacked;
    return BP_OK;
}

#else

bp_status bpi_gzip_open(gzip_file **out, const raw_file *raw, const bp_allocator *allocator, size_t *size)
{
    (void)raw;
    (void)allocator;
    (void)size;
    *out = NULL;
    return BP_OK;
}

/* There is no such file. */

bp_status bpi_gzip_read(gzip_file *file, void *bytes, size_t count)
{
    (void)file;
    (void)bytes;
    (void)count;
    return BP_ERROR_UNSUPPORTED;
}

bp_status bpi_gzip_rewind(gzip_file *file)
{
    (void)file;
    return BP_ERROR_UNSUPPORTED;
}

bp_status bpi_gzip_check_unchanged(const gzip_file *file)
{
    (void)file;
    return BP_ERROR_UNSUPPORTED;
}

void bpi_gzip_close(gzip_file *file)
{
    (void)file;
}

#endif
