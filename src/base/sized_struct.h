/*
 * Structs of the caller that begin with their size. Later versions append members, and a program may be
 * compiled with another version of the header than the library: members that its struct lacks have their
 * default, which is 0 for every member added after 0.2.0.
 */
#ifndef BPI_BASE_SIZED_STRUCT_H
#define BPI_BASE_SIZED_STRUCT_H

#include "backprop.h"

typedef enum sized_type {
    SIZED_DATA,
    SIZED_NETWORK_OPTIONS,
    SIZED_ACTIVATION_INFO,
    SIZED_CONVOLUTION,
    SIZED_CONNECT_OPTIONS,
    SIZED_UNROLL_OPTIONS,
    SIZED_EVALUATION,
    SIZED_GRADIENT_CHECK,
    SIZED_FINDING,
    SIZED_RATE_SEARCH,
    SIZED_TRAINER_OPTIONS,
    SIZED_RESULT,
    SIZED_STARTS_OPTIONS,
    SIZED_START_RESULT,
    SIZED_STARTS_SUMMARY,
    SIZED_CSV_OPTIONS,
    SIZED_COLUMN_INFO,
    SIZED_ANSWER,
    SIZED_REGRESSION_RESULT,
    SIZED_CLASSIFICATION_OPTIONS,
    SIZED_CLASS_RESULT,
    SIZED_CLASSIFICATION_RESULT,
    SIZED_IMPORTANCE_OPTIONS,
    SIZED_IMPORTANCE,
    SIZED_SPLIT_OPTIONS,
    SIZED_SPLIT_RESULT,
    SIZED_FOLD_OPTIONS,
    SIZED_CROSS_OPTIONS,
    SIZED_FOLD_RESULT,
    SIZED_CROSS_SUMMARY,
    SIZED_WINDOW_OPTIONS,
    SIZED_STREAM_SOURCE,
    SIZED_RULE,
    SIZED_UNCERTAINTY_SUMMARY,
    SIZED_UNCERTAINTY_OPTIONS
} sized_type;

/* Implements the init functions: sets the caller's struct of `size` bytes to the defaults, a struct of this
 * version (NULL: zeros), as far as it reaches, and the rest to 0. Does nothing if `to` is NULL or too short
 * for a size. */
void bpi_init_struct(sized_type type, void *to, size_t size, const void *defaults);

/*
 * Copies the caller's struct to *copy, a struct of this version; members that it lacks are 0. ARGUMENT if its
 * size is 0, so that it was never initialized; VERSION if it is smaller than in 0.2.0, or a member is set
 * that this library does not know.
 */
bp_status bpi_read_struct(const char *function, sized_type type, const void *from, void *copy);

/* Checks the size of a struct for results. Errors as of bpi_read_struct, except for unknown members. */
bp_status bpi_check_result_struct(const char *function, sized_type type, const void *to);

/* Copies a result to the caller's struct, which was checked, as far as that reaches; its size stays. */
void bpi_write_struct(sized_type type, void *to, const void *result);

/* The same for arrays of `count` structs, which stand as far apart as the size that all of them have. */
void bpi_init_structs(sized_type type, void *to, size_t size, size_t count);
/* ARGUMENT also if their sizes differ. `name` is the argument's name. */
bp_status bpi_check_result_structs(const char *function, sized_type type, const char *name, const void *to,
                                   size_t count);
/* Reads element `index`. */
bp_status bpi_read_element(const char *function, sized_type type, const void *from, size_t index, void *copy);
/* Writes element `index` alone. */
void bpi_write_element(sized_type type, void *to, size_t index, const void *result);
/* results: structs of this version. */
void bpi_write_structs(sized_type type, void *to, const void *results, size_t count);

#endif
