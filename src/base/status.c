#include "base/status.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A text that is too long is cut to its first HEAD bytes, a gap, and its end. MAX_TEXT is enough for the
 * longest path of a system and a reason. */
enum { MAX_TEXT = 8192, HEAD = 160 };

static _Thread_local char message[BPI_MESSAGE_CAPACITY];

/* In the double library __func__ begins with bpd_; the name in the header begins with bp_. */
static void restore_public_name(void)
{
#ifdef BP_DOUBLE
    if (strncmp(message, "bpd_", 4) == 0)
        memmove(message + 2, message + 3, strlen(message + 3) + 1);
#endif
}

/* Is it a continuation byte of UTF-8? */
static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* Stores a text of length >= BPI_MESSAGE_CAPACITY, whole UTF-8 characters left of it. */
static void shorten(const char *text, size_t length)
{
    static const char gap[] = " ... ";
    size_t head = HEAD, tail = length - (BPI_MESSAGE_CAPACITY - 1 - HEAD - strlen(gap));
    while (head > 0 && is_continuation(text[head]))
        head--;
    while (is_continuation(text[tail]))
        tail++;
    snprintf(message, sizeof message, "%.*s%s%s", (int)head, text, gap, text + tail);
}

bp_status bpi_fail(bp_status status, const char *format, ...)
{
    char text[MAX_TEXT]; /* not formatted in place: an argument may point into message */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    size_t length = strlen(text);
    if (length < BPI_MESSAGE_CAPACITY)
        memcpy(message, text, length + 1);
    else
        shorten(text, length);
    restore_public_name();
    return status;
}

bp_status bpi_fail_file(const char *path, const char *what, int number)
{
    char reason[128];
    if (strerror_r(number, reason, sizeof reason) != 0)
        return bpi_fail(BP_ERROR_FILE, "%s: %s: error %d", path, what, number);
    return bpi_fail(BP_ERROR_FILE, "%s: %s: %s", path, what, reason);
}

void bpi_save_message(saved_message *saved)
{
    memcpy(saved->text, message, sizeof message);
}

void bpi_restore_message(const saved_message *saved)
{
    memcpy(message, saved->text, sizeof message);
}

const char *bp_error_message(void)
{
    return message;
}

const char *bp_status_string(bp_status status)
{
    switch (status) {
#define STATUS_TEXT(name, value, text)                                                                       \
    case name:                                                                                               \
        return text;
        BP_STATUS_LIST(STATUS_TEXT)
#undef STATUS_TEXT
    }
    return "unknown status";
}

/* A float that was read as 0.1 is 0.100000001 as a double; 6 digits say what was meant, if they are the same
 * float. */
static bool is_float_of_six_digits(double value)
{
    char text[32];
    if (!(fabs(value) < 1e6) || (double)(float)value != value)
        return false;
    snprintf(text, sizeof text, "%.6g", value);
    return (float)strtod(text, NULL) == (float)value; /* in the same locale */
}

real_text bpi_format_real(double value)
{
    return bpi_format_digits(value, is_float_of_six_digits(value) ? 6 : 9);
}

real_text bpi_format_digits(double value, int digits)
{
    real_text result;
    snprintf(result.text, sizeof result.text, "%.*g", digits,
             isnan(value) ? (double)NAN : value); /* no -nan */
    if (isfinite(value)) {
        /* Any other character belongs to the locale's decimal sign. */
        size_t length = 0;
        for (const char *p = result.text; *p != '\0'; p++) {
            if (strchr("0123456789+-e", *p) != NULL)
                result.text[length++] = *p;
            else if (length == 0 || result.text[length - 1] != '.')
                result.text[length++] = '.';
        }
        result.text[length] = '\0';
    }
    return result;
}

bp_status bpi_rename_function(const char *from, const char *to, bp_status status)
{
    const size_t length = strlen(from);
    if (status == BP_OK || strncmp(message, from, length) != 0 || message[length] != ':')
        return status;
    return bpi_fail(status, "%s%s", to, message + length);
}
