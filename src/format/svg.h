/* Elements of an SVG picture as text. Coordinates have one decimal, and a point whatever the locale. */
#ifndef BPI_FORMAT_SVG_H
#define BPI_FORMAT_SVG_H

#include "base/arithmetic.h"
#include "base/byte_sink.h"

void bpi_svg_text(byte_sink *sink, const char *text);
/* Text of the caller's: markup is escaped; bytes that XML or ASCII do not have become '?'. */
void bpi_svg_escaped(byte_sink *sink, const char *text);
void bpi_svg_count(byte_sink *sink, size_t value);
void bpi_svg_coordinate(byte_sink *sink, double value);

/* ` name="value"` */
void bpi_svg_attribute(byte_sink *sink, const char *name, double value);

/* A line of a CSS class. */
void bpi_svg_line(byte_sink *sink, const char *class_name, double x1, double y1, double x2, double y2);

/* <text ...>; the content and </text> are to follow. */
void bpi_svg_begin_label(byte_sink *sink, const char *class_name, double x, double y);

#endif
