/* A chart of lines as an SVG picture that is readable in light and dark. */
#ifndef CHART_H
#define CHART_H

#include <stddef.h>

enum { CHART_LINES = 8, CHART_POINTS = 400 };

typedef struct chart_line {
    const char *name;
    int is_dashed; /* a limit: without points */
    size_t count;
    double x[CHART_POINTS], y[CHART_POINTS];
} chart_line;

typedef struct chart {
    const char *title, *x_name, *y_name;
    int x_is_log, y_is_log;
    double mark; /* a dashed line at this x; 0: none */
    const char *mark_name;
    size_t count;
    chart_line lines[CHART_LINES];
} chart;

/* The next line of a chart. */
chart_line *chart_add(chart *c, const char *name);
void chart_point(chart_line *line, double x, double y);

/* Writes `directory`/`name`. Ends the program if that fails. */
void chart_save(const chart *c, const char *directory, const char *name);

#endif
