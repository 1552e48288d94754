/* Small .npy files, written by hand. */
#ifndef TESTS_NPY_EXAMPLE_H
#define TESTS_NPY_EXAMPLE_H

#include <stdbool.h>

#include "support/support.h"

/* Writes a file of test_directory: version 1, a header, and the bytes of values. */
void npy_write(const char *name, const char *header, const void *values, size_t size);

/* The same with the bytes as arguments. */
#define NPY_WRITE(name, header, ...)                                                                         \
    npy_write((name), (header), (const unsigned char[]){__VA_ARGS__},                                        \
              sizeof((const unsigned char[]){__VA_ARGS__}))

#define NPY_HEADER(type, shape) "{'descr': '" type "', 'fortran_order': False, 'shape': " shape ", }"

/* Writes an array of cases * width numbers of two bytes, low byte first: element (i, j) is i * 7 + j. */
void npy_write_grid(const char *name, size_t cases, size_t width, bool is_fortran);

/*
 * An array as NumPy writes it, one of those in data/arrays.bin, which says what is in it.
 */
typedef struct npy_array {
    char name[64];
    size_t cases, width, size; /* size: bytes of the file */
    double values[64];         /* in C order */
    unsigned char bytes[4096];
} npy_array;

/* Calls `use` with each of them. */
void npy_for_each_array(void (*use)(const npy_array *array));

#endif
