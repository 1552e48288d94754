/* Convolution: local receptive fields with shared kernels, without padding. */
#ifndef BPI_NETWORK_CONVOLUTION_H
#define BPI_NETWORK_CONVOLUTION_H

#include "network/types.h"

extern const connection_structure bpi_convolution_structure;

/* What follows from the sizes of a field that was checked. */
typedef struct convolution_extent {
    size_t rows, columns; /* of positions */
    size_t positions;
    size_t area; /* weights of one kernel */
} convolution_extent;

convolution_extent bpi_convolution_extent(const bp_convolution *field);

#endif
