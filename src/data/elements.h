/* Numbers in binary files: types of elements, and reading them. */
#ifndef BPI_DATA_ELEMENTS_H
#define BPI_DATA_ELEMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/read_file.h"
#include "data/dataset.h"

typedef enum element_kind {
    ELEMENT_TRUTH_VALUE, /* of 1 byte: 0, or anything else for 1 */
    ELEMENT_UNSIGNED,    /* of 1, 2, 4 or 8 bytes */
    ELEMENT_SIGNED,      /* likewise, in two's complement */
    ELEMENT_FLOAT        /* of 2, 4 or 8 bytes, in IEEE 754's formats */
} element_kind;

typedef struct element_type {
    element_kind kind;
    size_t size; /* in bytes */
    bool is_little_endian;
} element_type;

/* The elements of all cases must be the rest of the file, no more and no less. `at` is the byte of the sizes.
 * FORMAT. */
bp_status bpi_check_length(const input_file *file, size_t at, element_type type, size_t cases, size_t width);

/* Reads the next `count` elements of the file, which has them, into to[0], to[stride], to[2 * stride]...
 * FILE, NOT_FINITE with the byte. */
bp_status bpi_read_elements(input_file *file, element_type type, size_t count, bp_real *to, size_t stride);

/* ARGUMENT if a caller asks for a single class; 0 leaves their number open. */
bp_status bpi_check_classes(const char *function, size_t classes);

/* Fewer classes than this need not be asked for: a small file of large labels must not make large targets. */
enum { MAX_CLASSES_FOUND = 1000 };

/*
 * Reads the next `count` elements as numbers of classes. FORMAT with the byte if one is not whole, or
 * negative, or not below `classes`, which 0 leaves open up to MAX_CLASSES_FOUND. FILE.
 */
bp_status bpi_read_class_numbers(input_file *file, element_type type, size_t count, size_t classes,
                                 uint32_t *numbers);

/* Sets *classes, if it is 0, to the largest class number + 1. FORMAT if that is the only class. */
bp_status bpi_count_classes(const input_file *file, size_t largest, size_t *classes);

/*
 * Reads the class number of each case and makes one-hot targets of them for a dataset that has none; the
 * names of the classes are their numbers. classes: not 1; 0: one more than the largest number. As
 * bpi_read_class_numbers; OVERFLOW, MEMORY.
 */
bp_status bpi_read_class_targets(bp_dataset *dataset, input_file *file, element_type type, size_t classes);

#endif
