#include "data/npy_example.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void npy_write(const char *name, const char *header, const void *values, size_t size)
{
    const size_t length = strlen(header);
    unsigned char *bytes = calloc(10 + length + size, 1);
    assert_non_null(bytes);
    memcpy(bytes, "\x93NUMPY\x01", 7);
    bytes[8] = (unsigned char)length;
    bytes[9] = (unsigned char)(length >> 8);
    memcpy(bytes + 10, header, length);
    if (size > 0)
        memcpy(bytes + 10 + length, values, size);
    test_write_file(test_path(test_directory, name), bytes, 10 + length + size);
    free(bytes);
}

void npy_write_grid(const char *name, size_t cases, size_t width, bool is_fortran)
{
    char header[100];
    unsigned char *values = malloc(2 * cases * width);
    assert_non_null(values);
    for (size_t i = 0; i < cases; i++)
        for (size_t j = 0; j < width; j++) {
            const size_t value = i * 7 + j, place = is_fortran ? j * cases + i : i * width + j;
            values[2 * place] = (unsigned char)value;
            values[2 * place + 1] = (unsigned char)(value >> 8);
        }
    snprintf(header, sizeof header, "{'descr': '<u2', 'fortran_order': %s, 'shape': (%zu, %zu)}",
             is_fortran ? "True" : "False", cases, width);
    npy_write(name, header, values, 2 * cases * width);
    free(values);
}

void npy_for_each_array(void (*use)(const npy_array *array))
{
    static npy_array array;
    size_t files = 0;
    FILE *arrays = fopen("data/arrays.bin", "rb");
    assert_non_null(arrays);
    for (; fscanf(arrays, "%63s %zu %zu %zu", array.name, &array.cases, &array.width, &array.size) == 4;
         files++) {
        assert_true(array.cases * array.width <= 64 && array.size <= sizeof array.bytes);
        for (size_t i = 0; i < array.cases * array.width; i++)
            assert_int_equal(fscanf(arrays, "%la", &array.values[i]), 1);
        assert_int_equal(fgetc(arrays), '\n');
        assert_int_equal(fread(array.bytes, 1, array.size, arrays), array.size);
        use(&array);
    }
    fclose(arrays);
    assert_int_equal(files, 35);
}
