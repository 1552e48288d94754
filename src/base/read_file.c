#include "base/read_file.h"

#include "base/memory.h"
#include "base/status.h"

/* ------------------------------------------------------------------------ opening */

static input_file from_raw(const raw_file *raw)
{
    return (input_file){.path = raw->path, .size = raw->size, .raw = *raw};
}

bp_status bpi_input_open(input_file *file, const char *path)
{
    raw_file raw;
    BPI_TRY(bpi_raw_open(&raw, path));
    *file = from_raw(&raw);
    return BP_OK;
}

bp_status bpi_input_open_any(input_file *file, const char *path, const bp_allocator *allocator)
{
    raw_file raw;
    BPI_TRY(bpi_raw_open_any(&raw, path, allocator));
    *file = from_raw(&raw);
    return BP_OK;
}

bp_status bpi_input_from_stream(input_file *file, const char *name, FILE *stream,
                                const bp_allocator *allocator)
{
    raw_file raw;
    BPI_TRY(bpi_raw_from_stream(&raw, name, stream, allocator));
    *file = from_raw(&raw);
    return BP_OK;
}

void bpi_input_from_memory(input_file *file, const char *name, const void *bytes, size_t size)
{
    raw_file raw;
    bpi_raw_from_memory(&raw, name, bytes, size);
    *file = from_raw(&raw);
}

bp_status bpi_input_unpack(input_file *file, const bp_allocator *allocator)
{
    return bpi_gzip_open(&file->gzip, &file->raw, allocator, &file->size);
}

/* ------------------------------------------------------------------------ reading */

bp_status bpi_input_read(input_file *file, void *bytes, size_t count)
{
    BPI_TRY(file->gzip == NULL ? bpi_raw_read(&file->raw, bytes, count)
                               : bpi_gzip_read(file->gzip, bytes, count));
    file->position += count;
    return BP_OK;
}

bp_status bpi_input_seek(input_file *file, size_t at)
{
    BPI_TRY(bpi_raw_seek(&file->raw, at));
    file->position = at;
    return BP_OK;
}

bp_status bpi_input_rewind(input_file *file)
{
    BPI_TRY(file->gzip == NULL ? bpi_raw_rewind(&file->raw) : bpi_gzip_rewind(file->gzip));
    file->position = 0;
    return BP_OK;
}

bp_status bpi_input_check_unchanged(const input_file *file)
{
    return file->gzip == NULL ? bpi_raw_check_unchanged(&file->raw) : bpi_gzip_check_unchanged(file->gzip);
}

void bpi_input_close(input_file *file)
{
    if (file->gzip == NULL)
        bpi_raw_close(&file->raw);
    else
        bpi_gzip_close(file->gzip);
}

/* ------------------------------------------------------------------------ whole files */

/* Reads the rest of the file into a new block. */
static bp_status read_all(input_file *file, const bp_allocator *allocator, char **bytes)
{
    char *block = bpi_allocate(allocator, file->size + 1, 1);
    if (block == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for its %zu bytes", file->path, file->size);
    bp_status status = bpi_input_read(file, block, file->size);
    if (status == BP_OK)
        status = bpi_input_check_unchanged(file);
    if (status != BP_OK) {
        bpi_release(allocator, block);
        return status;
    }
    block[file->size] = '\0';
    *bytes = block;
    return BP_OK;
}

bp_status bpi_read_file(const char *path, const bp_allocator *allocator, char **bytes, size_t *size)
{
    input_file file;
    BPI_TRY(bpi_input_open(&file, path));
    bp_status status = read_all(&file, allocator, bytes);
    if (status == BP_OK)
        *size = file.size;
    bpi_input_close(&file);
    return status;
}
