#include "base/status.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A message; of a longer one the first KEPT bytes, a gap, and its end. LONGEST is enough for any path that a
 * system knows, and its reason. */
enum { ROOM = 512, LONGEST = 8192, KEPT = 160 };

static _Thread_local char message[ROOM];

/* The double library's functions are renamed, but the caller wrote, and looks for, the name in the header. */
static void name_as_written(void)
{
#ifdef BP_DOUBLE
    if (strncmp(message, "bpd_", 4) == 0)
        memmove(message + 2, message + 3, strlen(message + 3) + 1);
#endif
}

/* Is the byte the second or a later one of a UTF-8 character? */
static bool continues(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* text has length >= ROOM. */
static void shorten(const char *text, size_t length)
{
    static const char gap[] = " ... ";
    size_t kept = KEPT, end = length - (ROOM - 1 - KEPT - strlen(gap));
    while (kept > 0 && continues(text[kept]))
        kept--;
    while (continues(text[end]))
        end++;
    snprintf(message, sizeof message, "%.*s%s%s", (int)kept, text, gap, text + end);
}

bp_status bpi_fail(bp_status status, const char *format, ...)
{
    char text[LONGEST]; /* and not at once into message, of which an argument may be a part */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    size_t length = strlen(text);
    if (length < ROOM)
        memcpy(message, text, length + 1);
    else
        shorten(text, length);
    name_as_written();
    return status;
}

bp_status bpi_fail_file(const char *path, const char *what, int number)
{
    char reason[128];
    if (strerror_r(number, reason, sizeof reason) != 0)
        return bpi_fail(BP_ERROR_FILE, "%s: %s: error %d", path, what, number);
    return bpi_fail(BP_ERROR_FILE, "%s: %s: %s", path, what, reason);
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

real_text bpi_format_real(double value)
{
    real_text result;
    snprintf(result.text, sizeof result.text, "%.9g", isnan(value) ? (double)NAN : value); /* no "-nan" */
    if (isfinite(value)) {
        /* Whatever is not part of a C-locale number is the locale's decimal sign. */
        size_t kept = 0;
        for (const char *p = result.text; *p != '\0'; p++) {
            if (strchr("0123456789+-e", *p) != NULL)
                result.text[kept++] = *p;
            else if (kept == 0 || result.text[kept - 1] != '.')
                result.text[kept++] = '.';
        }
        result.text[kept] = '\0';
    }
    return result;
}
