/* FANN's training files. */
#ifndef BPI_DATA_FANN_DATA_H
#define BPI_DATA_FANN_DATA_H

#include "data/number_reader.h"

/* A file that is read case by case. */
typedef struct fann_source {
    number_reader reader;
    size_t cases, inputs, outputs; /* as its first numbers say */
} fann_source;

/* The functions below trust that the thread's locale is "C". */

/* Begins to read a file just opened, which it unpacks; it and the allocator are borrowed. FORMAT, FILE,
 * MEMORY. The caller ends it in any case. */
bp_status bpi_fann_begin(fann_source *source, input_file *input, const bp_allocator *allocator);
void bpi_fann_end(fann_source *source);

/* Back to the first case. FILE if the sizes are others now; FORMAT. */
bp_status bpi_fann_rewind(fann_source *source);

/* Reads the next cases, of which the first has the number `first`, into dense rows. targets may be NULL if
 * there are no outputs. FORMAT, NOT_FINITE, FILE. */
bp_status bpi_fann_read_cases(fann_source *source, size_t first, size_t count, bp_real *inputs,
                              bp_real *targets);

/* Loads a dataset from a file just opened, in any locale; the allocator is one of bpi_allocator_choose. Fails
 * as bp_dataset_load_fann does. */
bp_status bpi_fann_read(bp_dataset **out, input_file *input, const bp_allocator *allocator);

#endif
