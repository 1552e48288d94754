#include "data/elements.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/real.h"
#include "base/status.h"

/* Elements that are read at a time, so that loading needs no memory beside the dataset's. */
enum { CHUNK = 2048, MAX_ELEMENT_BYTES = 8 };

/* ------------------------------------------------------------------ decoding */

static uint64_t bits_of(element_type type, const unsigned char *bytes)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < type.size; i++)
        bits = bits << 8 | bytes[type.is_little_endian ? type.size - 1 - i : i];
    return bits;
}

static double signed_from(uint64_t bits, size_t size)
{
    const uint64_t all = UINT64_MAX >> (64 - 8 * size);
    return bits <= all / 2 ? (double)bits : -(double)((~bits + 1) & all);
}

/* Five bits of exponent, ten of mantissa. */
static double half_from(uint64_t bits)
{
    const int exponent = (int)(bits >> 10 & 31), mantissa = (int)(bits & 1023);
    double magnitude = ldexp(exponent == 0 ? mantissa : mantissa + 1024, (exponent == 0 ? 1 : exponent) - 25);
    if (exponent == 31)
        magnitude = mantissa == 0 ? HUGE_VAL : (double)NAN;
    return bits >> 15 == 0 ? magnitude : -magnitude;
}

static double float_from(uint64_t bits, size_t size)
{
    float single;
    double value;
    const uint32_t low = (uint32_t)bits;
    memcpy(&single, &low, sizeof single);
    memcpy(&value, &bits, sizeof value);
    return size == 2 ? half_from(bits) : size == 4 ? (double)single : value;
}

static double decode_one(element_type type, const unsigned char *bytes)
{
    const uint64_t bits = bits_of(type, bytes);
    switch (type.kind) {
    case ELEMENT_TRUTH_VALUE:
        return bits != 0;
    case ELEMENT_UNSIGNED:
        return (double)bits;
    case ELEMENT_SIGNED:
        return signed_from(bits, type.size);
    default:
        return float_from(bits, type.size);
    }
}

static void decode(element_type type, const unsigned char *bytes, double *values, size_t count)
{
    if (type.kind == ELEMENT_UNSIGNED && type.size == 1) { /* as most files of pictures have */
        for (size_t i = 0; i < count; i++)
            values[i] = bytes[i];
        return;
    }
    for (size_t i = 0; i < count; i++)
        values[i] = decode_one(type, bytes + i * type.size);
}

static bp_status read_chunk(input_file *file, element_type type, double *values, size_t count)
{
    unsigned char bytes[CHUNK * MAX_ELEMENT_BYTES];
    BPI_TRY(bpi_input_read(file, bytes, count * type.size));
    decode(type, bytes, values, count);
    return BP_OK;
}

/* -------------------------------------------------------------------- values */

bp_status bpi_check_length(const input_file *file, size_t at, element_type type, size_t cases, size_t width)
{
    size_t wanted, left = file->size - file->position;
    if (!bpi_multiply(cases, width, &wanted) || !bpi_multiply(wanted, type.size, &wanted))
        return bpi_fail(BP_ERROR_FORMAT, "%s: byte %zu: the dimensions are too large together", file->path,
                        at);
    if (left < wanted)
        return bpi_fail(BP_ERROR_FORMAT,
                        "%s: byte %zu: the file ends here, %zu bytes before the last element does",
                        file->path, file->size, wanted - left);
    if (left > wanted)
        return bpi_fail(BP_ERROR_FORMAT, "%s: byte %zu: %zu bytes follow the last element", file->path,
                        file->position + wanted, left - wanted);
    return BP_OK;
}

static bp_status store_values(const input_file *file, size_t at, element_type type, const double *values,
                              size_t count, bp_real *to, size_t stride)
{
    for (size_t i = 0; i < count; i++) {
        if (!bpi_fits_real(values[i]))
            return bpi_fail(BP_ERROR_NOT_FINITE, "%s: byte %zu: %s is not finite or too large", file->path,
                            at + i * type.size, bpi_format_real(values[i]).text);
        to[i * stride] = (bp_real)values[i];
    }
    return BP_OK;
}

bp_status bpi_read_elements(input_file *file, element_type type, size_t count, bp_real *to, size_t stride)
{
    double values[CHUNK];
    for (size_t done = 0, some; done < count; done += some) {
        const size_t at = file->position;
        some = bpi_min(count - done, CHUNK);
        BPI_TRY(read_chunk(file, type, values, some));
        BPI_TRY(store_values(file, at, type, values, some, to + done * stride, stride));
    }
    return BP_OK;
}

/* -------------------------------------------------------------------- classes */

bp_status bpi_check_classes(const char *function, size_t classes)
{
    if (classes != 1)
        return BP_OK;
    return bpi_fail(BP_ERROR_ARGUMENT, "%s: classes is 1, it must be 0 or at least 2", function);
}

static bp_status check_class_number(const input_file *file, size_t at, double value, size_t classes)
{
    const real_text text = bpi_format_digits(value, 17);
    const size_t below = classes == 0 ? MAX_CLASSES_FOUND : classes;
    if (value >= 0 && value < (double)below && value < UINT32_MAX && value == floor(value))
        return BP_OK;
    if (!(value >= 0) || value != floor(value) || isinf(value))
        return bpi_fail(BP_ERROR_FORMAT, "%s: byte %zu: label %s, but a class number is whole and >= 0",
                        file->path, at, text.text);
    if (classes == 0)
        return bpi_fail(
            BP_ERROR_FORMAT,
            "%s: byte %zu: label %s: %d classes or more must be asked for by the argument classes",
            file->path, at, text.text, MAX_CLASSES_FOUND + 1);
    return bpi_fail(BP_ERROR_FORMAT, "%s: byte %zu: label %s, but there are %zu classes", file->path, at,
                    text.text, classes);
}

bp_status bpi_read_class_numbers(input_file *file, element_type type, size_t count, size_t classes,
                                 uint32_t *numbers)
{
    double values[CHUNK];
    for (size_t done = 0, some; done < count; done += some) {
        const size_t at = file->position;
        some = bpi_min(count - done, CHUNK);
        BPI_TRY(read_chunk(file, type, values, some));
        for (size_t i = 0; i < some; i++) {
            BPI_TRY(check_class_number(file, at + i * type.size, values[i], classes));
            numbers[done + i] = (uint32_t)values[i];
        }
    }
    return BP_OK;
}

bp_status bpi_count_classes(const input_file *file, size_t largest, size_t *classes)
{
    if (*classes != 0)
        return BP_OK;
    if (largest == 0)
        return bpi_fail(BP_ERROR_FORMAT, "%s: every label is 0; there must be two classes or more",
                        file->path);
    *classes = largest + 1;
    return BP_OK;
}

static size_t largest_of(const uint32_t *numbers, size_t count)
{
    uint32_t largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = numbers[i] > largest ? numbers[i] : largest;
    return largest;
}

static bp_status set_targets(bp_dataset *dataset, const char *name, const uint32_t *numbers, size_t classes)
{
    BPI_TRY(bpi_dataset_add_classes(dataset, name, classes, 0));
    for (size_t i = 0; i < dataset->cases; i++)
        dataset->targets[i * classes + numbers[i]] = 1;
    for (size_t i = 0; i < classes; i++) {
        char text[24];
        snprintf(text, sizeof text, "%zu", i);
        dataset->class_names[i] = bpi_copy_string(&dataset->allocator, text);
        if (dataset->class_names[i] == NULL)
            return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the names of %zu classes", name, classes);
    }
    return BP_OK;
}

bp_status bpi_read_class_targets(bp_dataset *dataset, input_file *file, element_type type, size_t classes)
{
    const size_t cases = dataset->cases;
    uint32_t *numbers = bpi_allocate(&dataset->allocator, cases, sizeof *numbers);
    if (numbers == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for %zu labels", file->path, cases);
    bp_status status = bpi_read_class_numbers(file, type, cases, classes, numbers);
    if (status == BP_OK)
        status = bpi_count_classes(file, largest_of(numbers, cases), &classes);
    if (status == BP_OK)
        status = set_targets(dataset, file->path, numbers, classes);
    bpi_release(&dataset->allocator, numbers);
    return status;
}
