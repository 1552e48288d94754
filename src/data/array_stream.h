/* Streams over files of arrays: the cases that the same files make as a dataset. */
#ifndef BPI_DATA_ARRAY_STREAM_H
#define BPI_DATA_ARRAY_STREAM_H

#include "data/array_file.h"

/* A stream over files just opened, which are closed with it, or now if this fails. The allocator is one of
 * bpi_allocator_choose. As bp_stream_open_npy. */
bp_status bpi_array_stream_create(bp_stream **out, const char *function, const array_pair *pair,
                                  const array_reading *reading, const bp_allocator *allocator);

/* The same for files with these names, of which the second may be NULL; allocator may be NULL. */
bp_status bpi_array_stream_open(bp_stream **out, const char *function, const char *inputs_path,
                                const char *targets_path, const array_reading *reading,
                                const bp_allocator *allocator);

#endif
