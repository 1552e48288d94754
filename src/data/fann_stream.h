/* Streams over FANN's training files. */
#ifndef BPI_DATA_FANN_STREAM_H
#define BPI_DATA_FANN_STREAM_H

#include "base/read_file.h"

/* A stream over a file just opened, which is closed with it, or now if this fails. The allocator is one of
 * bpi_allocator_choose. As bp_stream_open_fann. */
bp_status bpi_fann_stream_create(bp_stream **out, const char *function, const input_file *input,
                                 const bp_allocator *allocator);

#endif
