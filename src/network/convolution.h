/* Convolution: local receptive fields with shared kernels, no padding ("valid"). */
#ifndef BPI_NETWORK_CONVOLUTION_H
#define BPI_NETWORK_CONVOLUTION_H

#include "network/types.h"

extern const connection_structure bpi_convolution_structure;

/* Sizes that follow from those of a convolution. */
typedef struct convolution_extent {
    size_t rows, columns; /* positions of a kernel: height and width of a feature map */
    size_t positions;     /* rows * columns */
    size_t area;          /* weights per kernel: channels * kernel_height * kernel_width */
} convolution_extent;

/* For a convolution that was checked. */
convolution_extent bpi_convolution_extent(const bp_convolution *convolution);

#endif
