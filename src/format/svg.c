#include "format/svg.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void bpi_svg_text(byte_sink *sink, const char *text)
{
    bpi_sink_bytes(sink, text, strlen(text));
}

static const char *escape(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    default:
        return c < ' ' || c > '~' ? "?" : NULL;
    }
}

void bpi_svg_escaped(byte_sink *sink, const char *text)
{
    for (; *text != 0; text++) {
        const char *replacement = escape(*text);
        if (replacement != NULL)
            bpi_svg_text(sink, replacement);
        else
            bpi_sink_bytes(sink, text, 1);
    }
}

void bpi_svg_count(byte_sink *sink, size_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%zu", value);
    bpi_svg_text(sink, text);
}

void bpi_svg_coordinate(byte_sink *sink, double value)
{
    long tenths = lround(value * 10);
    char text[32];
    snprintf(text, sizeof text, "%s%ld", tenths < 0 ? "-" : "", labs(tenths) / 10);
    bpi_svg_text(sink, text);
    if (tenths % 10 == 0)
        return;
    snprintf(text, sizeof text, ".%ld", labs(tenths) % 10);
    bpi_svg_text(sink, text);
}

void bpi_svg_attribute(byte_sink *sink, const char *name, double value)
{
    bpi_svg_text(sink, " ");
    bpi_svg_text(sink, name);
    bpi_svg_text(sink, "=\"");
    bpi_svg_coordinate(sink, value);
    bpi_svg_text(sink, "\"");
}

static void begin(byte_sink *sink, const char *element, const char *class_name)
{
    bpi_svg_text(sink, "<");
    bpi_svg_text(sink, element);
    bpi_svg_text(sink, " class=\"");
    bpi_svg_text(sink, class_name);
    bpi_svg_text(sink, "\"");
}

void bpi_svg_line(byte_sink *sink, const char *class_name, double x1, double y1, double x2, double y2)
{
    begin(sink, "line", class_name);
    bpi_svg_attribute(sink, "x1", x1);
    bpi_svg_attribute(sink, "y1", y1);
    bpi_svg_attribute(sink, "x2", x2);
    bpi_svg_attribute(sink, "y2", y2);
    bpi_svg_text(sink, "/>\n");
}

void bpi_svg_begin_label(byte_sink *sink, const char *class_name, double x, double y)
{
    begin(sink, "text", class_name);
    bpi_svg_attribute(sink, "x", x);
    bpi_svg_attribute(sink, "y", y);
    bpi_svg_text(sink, ">");
}
