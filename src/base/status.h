/* How failures are reported: a status, and the thread's message. */
#ifndef BPI_BASE_STATUS_H
#define BPI_BASE_STATUS_H

#include "backprop.h"
#include "base/arithmetic.h"

#if defined(__GNUC__)
#define BPI_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define BPI_PRINTF(text, first)
#endif

/* Bytes of a message, its end included. */
enum { BPI_MESSAGE_CAPACITY = 512 };

/* Writes the calling thread's message and returns status. A message of more than 511 bytes is cut in its
 * middle, so that it still has function or path, and reason. Real numbers go through bpi_format_real. */
bp_status bpi_fail(bp_status status, const char *format, ...) BPI_PRINTF(2, 3);

/* FILE, with the path, what failed, and the text of an errno. */
bp_status bpi_fail_file(const char *path, const char *what, int number);

/* After a failure whose message begins with the name of one function: puts that of another in its place.
 * Returns status. */
bp_status bpi_rename_function(const char *from, const char *to, bp_status status);

/* The calling thread's message, for calls that fail inside of one that succeeds: that leaves the message
 * alone. */
typedef struct saved_message {
    char text[BPI_MESSAGE_CAPACITY];
} saved_message;
void bpi_save_message(saved_message *saved);
void bpi_restore_message(const saved_message *saved);

/* A double as text with up to 9 significant digits, and a point as decimal sign whatever the locale. */
typedef struct real_text {
    char text[32];
} real_text;
real_text bpi_format_real(double value);

/* The same with up to `digits` of them, 1 to 17. */
real_text bpi_format_digits(double value, int digits);

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
