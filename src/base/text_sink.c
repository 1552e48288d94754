#include "base/text_sink.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/numeric.h"

bp_status bpi_text_begin(text_sink *sink, const char *function, char *buffer, size_t capacity)
{
    if (buffer == NULL && capacity > 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: buffer is NULL, but capacity is %zu", function, capacity);
    *sink = (text_sink){buffer, capacity, 0};
    return BP_OK;
}

/* How many of `count` bytes there is room for, with one left for the final 0. */
static size_t room(const text_sink *sink, size_t count)
{
    return sink->length + 1 >= sink->capacity ? 0 : bpi_min(count, sink->capacity - 1 - sink->length);
}

void bpi_text_bytes(text_sink *sink, const char *bytes, size_t count)
{
    size_t copied = room(sink, count);
    if (copied > 0)
        memcpy(sink->buffer + sink->length, bytes, copied);
    sink->length += count;
}

void bpi_text(text_sink *sink, const char *text)
{
    bpi_text_bytes(sink, text, strlen(text));
}

void bpi_text_repeat(text_sink *sink, char character, size_t count)
{
    size_t filled = room(sink, count);
    if (filled > 0)
        memset(sink->buffer + sink->length, character, filled);
    sink->length += count;
}

void bpi_text_format(text_sink *sink, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    bpi_text(sink, text);
}

bp_status bpi_text_end(text_sink *sink, const char *function, size_t *needed)
{
    const size_t size = sink->length + 1;
    if (needed != NULL)
        *needed = size;
    if (sink->capacity > 0)
        sink->buffer[bpi_min(sink->length, sink->capacity - 1)] = 0;
    if (sink->buffer != NULL && size > sink->capacity)
        return bpi_fail(BP_ERROR_SIZE, "%s: the text takes %zu bytes, but capacity is %zu", function, size,
                        sink->capacity);
    return BP_OK;
}
