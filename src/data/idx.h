/* Datasets from IDX files. */
#ifndef BPI_DATA_IDX_H
#define BPI_DATA_IDX_H

#include "data/elements.h"

typedef struct idx_header {
    element_type type;
    size_t dimensions;
    size_t cases; /* the first dimension */
    size_t width; /* product of the others */
} idx_header;

/* Reads the headers of files that are at their beginning, which it unpacks first. labels may be NULL;
 * *label_header is then untouched. FORMAT, FILE, MEMORY. */
bp_status bpi_idx_read_headers(idx_header *header, idx_header *label_header, input_file *inputs,
                               input_file *labels, const bp_allocator *allocator);

/* Loads a dataset from files just opened; labels may be NULL. classes is not 1, the allocator is one of
 * bpi_allocator_choose. Fails as bp_dataset_load_idx does. */
bp_status bpi_idx_read(bp_dataset **out, input_file *inputs, input_file *labels, size_t classes,
                       const bp_allocator *allocator);

#endif
