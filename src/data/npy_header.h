/* The header of NumPy's .npy files: what the array is. */
#ifndef BPI_DATA_NPY_HEADER_H
#define BPI_DATA_NPY_HEADER_H

#include "data/elements.h"

enum { NPY_MAX_DIMENSIONS = 64 };

typedef struct npy_header {
    element_type type;
    bool is_fortran; /* the first dimension runs fastest, not the last */
    size_t dimensions, shape[NPY_MAX_DIMENSIONS];
    size_t cases; /* the first dimension */
    size_t width; /* product of the others */
} npy_header;

/* Reads the header of a file just opened; the elements are what follows. FORMAT with the byte, FILE. */
bp_status bpi_npy_read_header(input_file *file, npy_header *header);

#endif
