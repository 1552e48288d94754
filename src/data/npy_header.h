/* The header of NumPy's .npy files: what the array is. */
#ifndef BPI_DATA_NPY_HEADER_H
#define BPI_DATA_NPY_HEADER_H

#include "data/array_file.h"

/* Reads the header of a file just opened; the elements are what follows. FORMAT with the byte, FILE. */
bp_status bpi_npy_read_header(input_file *file, array_header *header);

#endif
