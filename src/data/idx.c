/*
 * IDX, the format of the MNIST files: two zero bytes, a byte for the type of the elements, a byte for the
 * number of dimensions, each dimension in 32 bits, then the elements, the last dimension running fastest. All
 * numbers are big-endian.
 */
#include "data/idx.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/real.h"
#include "base/signature.h"
#include "base/status.h"
#include "data/dataset.h"

/* ------------------------------------------------------------ element types */

/* Bits of a big-endian number of `size` bytes. */
static uint64_t big_endian(const unsigned char *bytes, size_t size)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < size; i++)
        bits = bits << 8 | bytes[i];
    return bits;
}

static int32_t signed_from(uint32_t bits)
{
    int32_t value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static double float_from(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

static double double_from(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Code in the file, name, bytes of an element, its value from the bytes at p. */
#define ELEMENT_LIST(X)                                                                                      \
    X(0x08, unsigned_byte, 1, p[0])                                                                          \
    X(0x09, signed_byte, 1, p[0] < 0x80 ? p[0] : p[0] - 0x100)                                               \
    X(0x0B, short, 2, signed_from((uint32_t)big_endian(p, 2) << 16) / 0x10000)                               \
    X(0x0C, int, 4, signed_from((uint32_t)big_endian(p, 4)))                                                 \
    X(0x0D, float, 4, float_from((uint32_t)big_endian(p, 4)))                                                \
    X(0x0E, double, 8, double_from(big_endian(p, 8)))

enum { UNSIGNED_BYTE = 0x08, MAX_ELEMENT_BYTES = 8 };

#define DECODE_FUNCTION(code, name, size, value)                                                             \
    static void decode_##name(const unsigned char *p, double *values, size_t count)                          \
    {                                                                                                        \
        for (size_t i = 0; i < count; i++, p += (size))                                                      \
            values[i] = (double)(value);                                                                     \
    }
ELEMENT_LIST(DECODE_FUNCTION)
#undef DECODE_FUNCTION

static const element_type *find_type(unsigned char code)
{
    static const element_type types[] = {
#define TYPE_ROW(code, name, size, value) {code, size, decode_##name},
        ELEMENT_LIST(TYPE_ROW)
#undef TYPE_ROW
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].code == code)
            return &types[i];
    return NULL;
}

/* ------------------------------------------------------------------- header */

static bp_status check_left(const input_file *file, size_t bytes, const char *what)
{
    if (file->size - file->position >= bytes)
        return BP_OK;
    return bpi_fail(BP_ERROR_FORMAT, "%s: byte %zu: the file ends within %s", file->path, file->size, what);
}

static bp_status read_magic(input_file *file, idx_header *header)
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
    header->type = find_type(magic[2]);
    if (header->type == NULL)
        return bpi_fail(BP_ERROR_FORMAT, "%s: byte 2: 0x%02x is not an element type", file->path, magic[2]);
    if (magic[3] == 0)
        return bpi_fail(BP_ERROR_FORMAT, "%s: byte 3: no dimensions", file->path);
    header->dimensions = magic[3];
    return BP_OK;
}

static bp_status read_dimensions(input_file *file, idx_header *header)
{
    header->width = 1;
    for (size_t i = 0; i < header->dimensions; i++) {
        unsigned char bytes[4];
        size_t at = file->position;
        BPI_TRY(check_left(file, sizeof bytes, "the dimensions"));
        BPI_TRY(bpi_input_read(file, bytes, sizeof bytes));
        size_t length = (size_t)big_endian(bytes, sizeof bytes);
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

/* The elements must be the rest of the file, no more and no less. */
static bp_status check_length(const input_file *file, const idx_header *header)
{
    size_t wanted, left = file->size - file->position;
    if (!bpi_multiply(header->cases, header->width, &wanted) ||
        !bpi_multiply(wanted, header->type->size, &wanted))
        return bpi_fail(BP_ERROR_FORMAT, "%s: byte 4: the dimensions are too large together", file->path);
    if (left < wanted)
        return bpi_fail(BP_ERROR_FORMAT,
                        "%s: byte %zu: the file ends here, %zu bytes before the last element does",
                        file->path, file->size, wanted - left);
    if (left > wanted)
        return bpi_fail(BP_ERROR_FORMAT, "%s: byte %zu: %zu bytes follow the last element", file->path,
                        file->position + wanted, left - wanted);
    return BP_OK;
}

static bp_status read_header(input_file *file, idx_header *header)
{
    BPI_TRY(read_magic(file, header));
    BPI_TRY(read_dimensions(file, header));
    return check_length(file, header);
}

/* ------------------------------------------------------------------- inputs */

static bp_status store_values(const input_file *file, size_t at, const element_type *type,
                              const double *values, size_t count, bp_real *to)
{
    for (size_t i = 0; i < count; i++) {
        if (!bpi_fits_real(values[i]))
            return bpi_fail(BP_ERROR_NOT_FINITE, "%s: byte %zu: %s is not finite or too large", file->path,
                            at + i * type->size, bpi_format_real(values[i]).text);
        to[i] = (bp_real)values[i];
    }
    return BP_OK;
}

/* In chunks, so that loading needs no memory beside the dataset's. */
bp_status bpi_idx_read_values(input_file *file, const element_type *type, size_t count, bp_real *to)
{
    enum { CHUNK = 2048 };
    unsigned char bytes[CHUNK * MAX_ELEMENT_BYTES];
    double values[CHUNK];
    while (count > 0) {
        size_t at = file->position;
        size_t chunk = count < CHUNK ? count : CHUNK;
        BPI_TRY(bpi_input_read(file, bytes, chunk * type->size));
        type->decode(bytes, values, chunk);
        BPI_TRY(store_values(file, at, type, values, chunk, to));
        to += chunk;
        count -= chunk;
    }
    return BP_OK;
}

/* ------------------------------------------------------------------- labels */

static bp_status read_label_header(input_file *file, size_t cases)
{
    idx_header header;
    BPI_TRY(read_header(file, &header));
    if (header.type->code != UNSIGNED_BYTE)
        return bpi_fail(BP_ERROR_FORMAT, "%s: byte 2: labels must be unsigned bytes (type 0x08), not 0x%02x",
                        file->path, header.type->code);
    if (header.dimensions != 1)
        return bpi_fail(BP_ERROR_FORMAT, "%s: byte 3: labels must have one dimension, not %zu", file->path,
                        header.dimensions);
    if (header.cases != cases)
        return bpi_fail(BP_ERROR_FORMAT, "%s: byte 4: %zu labels for %zu cases", file->path, header.cases,
                        cases);
    return BP_OK;
}

bp_status bpi_idx_fail_label(const input_file *file, size_t at, unsigned label, size_t classes)
{
    return bpi_fail(BP_ERROR_FORMAT, "%s: byte %zu: label %u, but there are %zu classes", file->path, at, label,
                    classes);
}

bp_status bpi_idx_fail_one_class(const input_file *file)
{
    return bpi_fail(BP_ERROR_FORMAT, "%s: every label is 0; there must be two classes or more", file->path);
}

/* Sets *classes, if it is 0, to the maximum label + 1. FORMAT if a label is not below *classes. */
static bp_status count_classes(const input_file *file, const unsigned char *labels, size_t cases,
                               size_t *classes)
{
    size_t max = 0;
    for (size_t i = 0; i < cases; i++) {
        if (*classes != 0 && labels[i] >= *classes)
            return bpi_idx_fail_label(file, file->size - cases + i, labels[i], *classes);
        max = labels[i] > max ? labels[i] : max;
    }
    if (*classes == 0 && max == 0)
        return bpi_idx_fail_one_class(file);
    if (*classes == 0)
        *classes = max + 1;
    return BP_OK;
}

static bp_status set_targets(bp_dataset *dataset, const char *name, const unsigned char *labels,
                             size_t classes)
{
    BPI_TRY(bpi_dataset_add_classes(dataset, name, classes, 0));
    for (size_t i = 0; i < dataset->cases; i++)
        dataset->targets[i * classes + labels[i]] = 1;
    for (size_t i = 0; i < classes; i++) {
        char text[24];
        snprintf(text, sizeof text, "%zu", i);
        dataset->class_names[i] = bpi_copy_string(&dataset->allocator, text);
        if (dataset->class_names[i] == NULL)
            return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the names of %zu classes", name, classes);
    }
    return BP_OK;
}

static bp_status read_labels(bp_dataset *dataset, input_file *file, size_t classes)
{
    size_t cases = dataset->cases;
    unsigned char *labels = bpi_allocate(&dataset->allocator, cases, 1);
    if (labels == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for %zu labels", file->path, cases);
    bp_status status = bpi_input_read(file, labels, cases);
    if (status == BP_OK)
        status = count_classes(file, labels, cases, &classes);
    if (status == BP_OK)
        status = set_targets(dataset, file->path, labels, classes);
    bpi_release(&dataset->allocator, labels);
    return status;
}

/* -------------------------------------------------------------------- whole */

/* Both headers are checked before memory is allocated. */
bp_status bpi_idx_read_headers(idx_header *header, input_file *inputs, input_file *labels)
{
    BPI_TRY(read_header(inputs, header));
    return labels == NULL ? BP_OK : read_label_header(labels, header->cases);
}

static bp_status fill(bp_dataset *dataset, const element_type *type, input_file *inputs, input_file *labels,
                      size_t classes)
{
    BPI_TRY(bpi_idx_read_values(inputs, type, dataset->cases * dataset->input_width, dataset->inputs));
    BPI_TRY(bpi_input_check_unchanged(inputs));
    if (labels == NULL)
        return BP_OK;
    BPI_TRY(read_labels(dataset, labels, classes));
    return bpi_input_check_unchanged(labels);
}

bp_status bpi_idx_read(bp_dataset **out, input_file *inputs, input_file *labels, size_t classes,
                       const bp_allocator *allocator)
{
    idx_header header;
    BPI_TRY(bpi_idx_read_headers(&header, inputs, labels));
    bp_dataset *dataset;
    BPI_TRY(bpi_dataset_new(&dataset, inputs->path, allocator, header.cases, header.width, 0));
    bp_status status = fill(dataset, header.type, inputs, labels, classes);
    if (status == BP_OK)
        status = bpi_dataset_number_cases(dataset, inputs->path);
    if (status != BP_OK) {
        bp_dataset_destroy(dataset);
        return status;
    }
    *out = dataset;
    return BP_OK;
}

static bp_status load_pair(bp_dataset **out, input_file *inputs, const char *labels_path, size_t classes,
                           const bp_allocator *allocator)
{
    if (labels_path == NULL)
        return bpi_idx_read(out, inputs, NULL, 0, allocator);
    input_file labels;
    BPI_TRY(bpi_input_open(&labels, labels_path));
    bp_status status = bpi_idx_read(out, inputs, &labels, classes, allocator);
    bpi_input_close(&labels);
    return status;
}

bp_status bp_dataset_load_idx(bp_dataset **out, const char *inputs_path, const char *labels_path,
                              size_t classes, const bp_allocator *allocator)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(inputs_path);
    if (classes == 1)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: classes is 1, it must be 0 or at least 2", __func__);
    bp_allocator chosen;
    BPI_TRY(bpi_allocator_choose(&chosen, __func__, allocator));
    input_file inputs;
    BPI_TRY(bpi_input_open(&inputs, inputs_path));
    bp_status status = load_pair(out, &inputs, labels_path, classes, &chosen);
    bpi_input_close(&inputs);
    return status;
}
