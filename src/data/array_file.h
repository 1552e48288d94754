/*
 * Files of arrays: a header, and elements. Each entry of the first dimension is a case. An array of inputs
 * and, perhaps, one of targets make a dataset, or a stream (array_stream.h), whatever the format.
 */
#ifndef BPI_DATA_ARRAY_FILE_H
#define BPI_DATA_ARRAY_FILE_H

#include "data/elements.h"

/* As many dimensions as an array in Fortran order may have. */
enum { ARRAY_MAX_DIMENSIONS = 64 };

/* What a header says. */
typedef struct array_header {
    element_type type;
    size_t dimensions;
    size_t cases;                       /* the first dimension */
    size_t width;                       /* product of the others */
    size_t first;                       /* the byte of the first element */
    bool is_fortran;                    /* the first dimension runs fastest, not the last */
    bool holds_classes;                 /* of targets: the number of the class of each case; width is 1 */
    size_t shape[ARRAY_MAX_DIMENSIONS]; /* the dimensions, if is_fortran */
} array_header;

/* Two files just opened, the second without a path if there is none, and what their headers say. */
typedef struct array_pair {
    input_file inputs, targets;
    array_header header, target_header;
} array_pair;

/*
 * Reads the headers of a pair whose files are at their beginning. There may be targets, which are what
 * `target` says. FORMAT with the byte if one is no header of the format, if it does not fit the size of the
 * file, or if the files have different numbers of cases; FILE.
 */
typedef bp_status (*array_headers_reader)(array_pair *pair, bp_target_kind target);

/* How a pair is read. */
typedef struct array_reading {
    array_headers_reader read_headers;
    bp_target_kind target;
    size_t classes; /* not 1; 0: one more than the largest number */
} array_reading;

/* The targets of a pair, or NULL. */
input_file *bpi_array_targets(array_pair *pair);

/* Opens the files, whose paths are borrowed; the second may be NULL. FILE, with nothing left open. */
bp_status bpi_array_pair_open(array_pair *pair, const char *inputs_path, const char *targets_path);
void bpi_array_pair_close(array_pair *pair);

/* Reads both headers of files just opened, which it unpacks. As array_headers_reader; MEMORY. */
bp_status bpi_array_pair_begin(array_pair *pair, const array_reading *reading, const bp_allocator *allocator);

/*
 * Reads cases first .. first + count - 1, in C order. They must follow those that were read last, unless the
 * file is not packed. FILE, NOT_FINITE with the byte.
 */
bp_status bpi_array_read(input_file *file, const array_header *header, size_t first, size_t count,
                         bp_real *to);

/* Loads a dataset from files just opened. The allocator is one of bpi_allocator_choose. As
 * bp_dataset_load_idx. */
bp_status bpi_array_pair_load(bp_dataset **out, array_pair *pair, const array_reading *reading,
                              const bp_allocator *allocator);

/* The same for files with these names, of which the second may be NULL; allocator may be NULL. */
bp_status bpi_array_load(bp_dataset **out, const char *function, const char *inputs_path,
                         const char *targets_path, const array_reading *reading,
                         const bp_allocator *allocator);

#endif
