/* Datasets from IDX files. */
#ifndef BPI_DATA_IDX_H
#define BPI_DATA_IDX_H

#include "base/read_file.h"

typedef struct element_type {
    unsigned char code;
    size_t size;
    void (*decode)(const unsigned char *bytes, double *values, size_t count);
} element_type;

typedef struct idx_header {
    const element_type *type;
    size_t dimensions;
    size_t cases; /* the first dimension */
    size_t width; /* product of the others */
} idx_header;

/* Reads the headers of files just opened; labels may be NULL. *header is that of the inputs. FORMAT, FILE. */
bp_status bpi_idx_read_headers(idx_header *header, input_file *inputs, input_file *labels);

/* Reads the next `count` values. FILE, NOT_FINITE. */
bp_status bpi_idx_read_values(input_file *file, const element_type *type, size_t count, bp_real *to);

/* FORMAT: a label that is not below the number of classes, at a byte of the file; labels that are all 0. */
bp_status bpi_idx_fail_label(const input_file *file, size_t at, unsigned label, size_t classes);
bp_status bpi_idx_fail_one_class(const input_file *file);

/* Loads a dataset from files just opened; labels may be NULL. classes is not 1, the allocator is one of
 * bpi_allocator_choose. Fails as bp_dataset_load_idx does. */
bp_status bpi_idx_read(bp_dataset **out, input_file *inputs, input_file *labels, size_t classes,
                       const bp_allocator *allocator);

#endif
