/*
 * IDX, the format of the MNIST files: two zero bytes, a byte for the type of the elements, a byte for the
 * number of dimensions, each dimension in 32 bits, then the elements, the last dimension running fastest. All
 * numbers are big-endian.
 */
#include "data/idx.h"

#include "base/memory.h"
#include "base/signature.h"
#include "base/status.h"
#include "data/array_stream.h"

/* ------------------------------------------------------------ element types */

/* False if the code is none. */
static bool find_type(unsigned char code, element_type *type)
{
    static const struct {
        unsigned char code;
        element_type type;
    } types[] = {
        {0x08, {ELEMENT_UNSIGNED, 1, false}}, {0x09, {ELEMENT_SIGNED, 1, false}},
        {0x0B, {ELEMENT_SIGNED, 2, false}},   {0x0C, {ELEMENT_SIGNED, 4, false}},
        {0x0D, {ELEMENT_FLOAT, 4, false}},    {0x0E, {ELEMENT_FLOAT, 8, false}},
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].code == code) {
            *type = types[i].type;
            return true;
        }
    return false;
}

/* ------------------------------------------------------------------- header */

static bp_status check_left(const input_file *file, size_t bytes, const char *what)
{
    if (file->size - file->position >= bytes)
        return BP_OK;
    return bpi_fail(BP_ERROR_FORMAT, "%s: byte %zu: the file ends within %s", file->path, file->size, what);
}

static bp_status read_magic(input_file *file, array_header *header)
{
    unsigned char magic[4];
    BPI_TRY(check_left(file, sizeof magic, "the magic number"));
    BPI_TRY(bpi_input_read(file, magic, sizeof magic));
    const char *foreign = bpi_foreign_file(magic, sizeof magic);
    if (foreign != NULL)
        return bpi_fail(BP_ERROR_FORMAT, "%s: byte 0: %s", file->path, foreign);
    if (magic[0] != 0 || magic[1] != 0)
        return bpi_fail(BP_ERROR_FORMAT, "%s: byte 0: not an IDX file, which begins with two zero bytes",
                        file->path);
    if (!find_type(magic[2], &header->type))
        return bpi_fail(BP_ERROR_FORMAT, "%s: byte 2: 0x%02x is not an element type", file->path, magic[2]);
    if (magic[3] == 0)
        return bpi_fail(BP_ERROR_FORMAT, "%s: byte 3: no dimensions", file->path);
    header->dimensions = magic[3];
    return BP_OK;
}

static bp_status read_dimensions(input_file *file, array_header *header)
{
    header->width = 1;
    for (size_t i = 0; i < header->dimensions; i++) {
        unsigned char bytes[4];
        size_t at = file->position;
        BPI_TRY(check_left(file, sizeof bytes, "the dimensions"));
        BPI_TRY(bpi_input_read(file, bytes, sizeof bytes));
        size_t length = (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
        if (length == 0)
            return bpi_fail(BP_ERROR_FORMAT, "%s: byte %zu: dimension %zu is 0", file->path, at, i + 1);
        if (i == 0)
            header->cases = length;
        else if (!bpi_multiply(header->width, length, &header->width))
            return bpi_fail(BP_ERROR_FORMAT, "%s: byte %zu: the dimensions are too large together",
                            file->path, at);
    }
    return BP_OK;
}

static bp_status read_header(input_file *file, array_header *header)
{
    *header = (array_header){.is_fortran = false};
    BPI_TRY(read_magic(file, header));
    BPI_TRY(read_dimensions(file, header));
    header->first = file->position;
    return bpi_check_length(file, 4, header->type, header->cases, header->width);
}

/* ------------------------------------------------------------------- labels */

static bp_status read_label_header(input_file *file, size_t cases, array_header *header)
{
    BPI_TRY(read_header(file, header));
    if (header->dimensions != 1)
        return bpi_fail(BP_ERROR_FORMAT, "%s: byte 3: labels must have one dimension, not %zu", file->path,
                        header->dimensions);
    if (header->cases != cases)
        return bpi_fail(BP_ERROR_FORMAT, "%s: byte 4: %zu labels for %zu cases", file->path, header->cases,
                        cases);
    header->holds_classes = true;
    return BP_OK;
}

/* -------------------------------------------------------------------- whole */

bp_status bpi_idx_read_headers(array_pair *pair, bp_target_kind target)
{
    (void)target;
    BPI_TRY(read_header(&pair->inputs, &pair->header));
    if (bpi_array_targets(pair) == NULL)
        return BP_OK;
    return read_label_header(&pair->targets, pair->header.cases, &pair->target_header);
}

bp_status bp_dataset_load_idx(bp_dataset **out, const char *inputs_path, const char *labels_path,
                              size_t classes, const bp_allocator *allocator)
{
    const array_reading reading = {bpi_idx_read_headers, BP_TARGET_CLASS, classes};
    BPI_REQUIRE(out);
    BPI_REQUIRE(inputs_path);
    BPI_TRY(bpi_check_classes(__func__, classes));
    return bpi_array_load(out, __func__, inputs_path, labels_path, &reading, allocator);
}

bp_status bp_stream_open_idx(bp_stream **out, const char *inputs_path, const char *labels_path,
                             size_t classes, const bp_allocator *allocator)
{
    const array_reading reading = {bpi_idx_read_headers, BP_TARGET_CLASS, classes};
    BPI_REQUIRE(out);
    BPI_REQUIRE(inputs_path);
    BPI_TRY(bpi_check_classes(__func__, classes));
    return bpi_array_stream_open(out, __func__, inputs_path, labels_path, &reading, allocator);
}
