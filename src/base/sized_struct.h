/*
 * Structs of the caller's that begin with their size. They grow by appended members only, and a program may
 * have been compiled with another version of the header than the library: what it does not know of is at its
 * default, which is 0 in every member that came after 0.2.0.
 */
#ifndef BPI_BASE_SIZED_STRUCT_H
#define BPI_BASE_SIZED_STRUCT_H

#include "backprop.h"

typedef enum sized_type {
    SIZED_DATA,
    SIZED_NETWORK_OPTIONS,
    SIZED_CONVOLUTION,
    SIZED_CONNECT_OPTIONS,
    SIZED_UNROLL_OPTIONS,
    SIZED_EVALUATION,
    SIZED_GRADIENT_CHECK,
    SIZED_TRAINER_OPTIONS,
    SIZED_RESULT,
    SIZED_CSV_OPTIONS
} sized_type;

/* What init functions do: the caller's struct of `size` bytes gets the defaults, a whole struct as this
 * library knows it (NULL: zeros), as far as it reaches; behind that zeros. Nothing happens if it is NULL or
 * holds no size. */
void bpi_init_struct(sized_type type, void *to, size_t size, const void *defaults);

/*
 * *copy, as this library knows the type, = the caller's struct; members that it does not have are 0. Errors:
 * ARGUMENT (size 0, never initialized); VERSION (smaller than in 0.2.0, or a member is set that this library
 * does not know and would ignore).
 */
bp_status bpi_read_struct(const char *function, sized_type type, const void *from, void *copy);

/* The errors of bpi_read_struct, but for members that this library does not know: is the caller's struct one
 * that a result can be written to? */
bp_status bpi_check_result_struct(const char *function, sized_type type, const void *to);

/* The caller's struct, which was checked, = the result, as far as its size reaches. It keeps its size. */
void bpi_write_struct(sized_type type, void *to, const void *result);

#endif
