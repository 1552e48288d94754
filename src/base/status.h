/* Status and message: how every failure is reported. */
#ifndef BPI_BASE_STATUS_H
#define BPI_BASE_STATUS_H

#include "backprop.h"
#include "base/arithmetic.h"

#if defined(__GNUC__)
#define BPI_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define BPI_PRINTF(text, first)
#endif

/* Writes the calling thread's message and returns status. A message of more than 511 bytes is shortened in
 * its middle, so that function or path and reason both stay. Decimal sign: bpi_format_real. */
bp_status bpi_fail(bp_status status, const char *format, ...) BPI_PRINTF(2, 3);

/* FILE: the path, what could not be done, and the reason that an errno stands for. */
bp_status bpi_fail_file(const char *path, const char *what, int number);

/* A double as text with up to 9 significant digits, point as decimal sign whatever the locale. */
typedef struct real_text {
    char text[32];
} real_text;
real_text bpi_format_real(double value);

/* Checks the size member of a struct from the caller: 0 if never initialized, more than known if too new. */
bp_status bpi_check_struct_size(const char *function, const char *type, size_t size, size_t known);

#define BPI_TRY(expression)                                                                                  \
    do {                                                                                                     \
        bp_status bpi_status = (expression);                                                                 \
        if (bpi_status != BP_OK)                                                                             \
            return bpi_status;                                                                               \
    } while (0)

/* Returns BP_ERROR_ARGUMENT, with the public function's name, if a pointer argument is NULL. */
#define BPI_REQUIRE(pointer)                                                                                 \
    do {                                                                                                     \
        if ((pointer) == NULL)                                                                               \
            return bpi_fail(BP_ERROR_ARGUMENT, "%s: %s is NULL", __func__, #pointer);                        \
    } while (0)

#endif
