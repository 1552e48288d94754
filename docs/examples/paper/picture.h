/* Writes SVG files; the pictures of paper.h are drawn with these functions. */
#ifndef PICTURE_H
#define PICTURE_H

#include <stdio.h>

#include "paper.h"

/* Opens <folder of --svg>/<name>.svg and writes its header and title. Returns NULL without --svg. */
FILE *picture_open(const paper_options *options, const char *name, const char *title, double width,
                   double height);
void picture_close(FILE *file, const char *name);

typedef enum picture_anchor { PICTURE_START, PICTURE_MIDDLE, PICTURE_END } picture_anchor;

/* x, y: the anchor on the baseline; angle in degrees. */
void picture_text(FILE *file, double x, double y, double size, picture_anchor anchor, double angle,
                  const char *text);
void picture_line(FILE *file, double x1, double y1, double x2, double y2, const char *colour, double width);
void picture_box(FILE *file, double x, double y, double width, double height, const char *colour);

#endif
