#include "chart.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double width = 680, height = 360, left = 76, right = 130, top = 40, bottom = 52;

typedef struct axis {
    double low, high; /* of the logarithm, if it is one */
    int is_log;
    double from, to; /* where they lie in the picture */
} axis;

chart_line *chart_add(chart *c, const char *name)
{
    chart_line *line = &c->lines[c->count++];
    line->name = name;
    line->is_dashed = 0;
    line->count = 0;
    return line;
}

void chart_point(chart_line *line, double x, double y)
{
    if (line->count < CHART_POINTS && isfinite(y)) {
        line->x[line->count] = x;
        line->y[line->count++] = y;
    }
}

static double value_of(const axis *a, double value)
{
    return a->is_log ? log10(fmax(value, 1e-12)) : value;
}

static double place(const axis *a, double value)
{
    return a->from + (a->to - a->from) * (value_of(a, value) - a->low) / (a->high - a->low);
}

static axis fit(const chart *c, int is_y)
{
    axis a = {INFINITY, -INFINITY, is_y ? c->y_is_log : c->x_is_log, is_y ? height - bottom : left,
              is_y ? top : width - right};
    for (size_t i = 0; i < c->count; i++)
        for (size_t n = 0; n < c->lines[i].count; n++) {
            double value = value_of(&a, is_y ? c->lines[i].y[n] : c->lines[i].x[n]);
            a.low = fmin(a.low, value);
            a.high = fmax(a.high, value);
        }
    if (is_y && !a.is_log)
        a.low = fmin(a.low, 0);
    if (is_y) {
        double margin = 0.05 * (a.high - a.low);
        a.high += margin;
        a.low -= a.is_log ? margin : 0;
    }
    return a;
}

static void print_tick(FILE *file, const axis *a, int is_y, double value)
{
    double at = place(a, value);
    if (is_y)
        fprintf(file,
                "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n"
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%g</text>\n",
                left, at, width - right, at, left - 8, at + 4, value);
    else
        fprintf(file,
                "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n"
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%g</text>\n",
                at, top, at, height - bottom, at, height - bottom + 18, value);
}

/* Powers of ten; else four to ten round numbers. With few powers of ten, 2 and 5 times them, too. */
static void print_ticks(FILE *file, const axis *a, int is_y)
{
    if (a->is_log) {
        static const double parts[] = {1, 2, 5};
        size_t count = a->high - a->low < 2 ? 3 : 1;
        for (double e = floor(a->low); e <= a->high; e++)
            for (size_t i = 0; i < count; i++)
                if (e + log10(parts[i]) >= a->low - 1e-9 && e + log10(parts[i]) <= a->high + 1e-9)
                    print_tick(file, a, is_y, parts[i] * pow(10, e));
        return;
    }
    double power = pow(10, floor(log10((a->high - a->low) / 4))), steps = (a->high - a->low) / 4 / power;
    double step = power * (steps >= 5 ? 5 : steps >= 2 ? 2 : 1);
    for (double n = ceil(a->low / step); n * step <= a->high; n++)
        print_tick(file, a, is_y, n * step);
}

/* Names stand at the ends of their lines, from the highest end down, without overlap. */
static void print_names(FILE *file, const chart *c, const axis *y)
{
    int done[CHART_LINES] = {0};
    double lowest = top - 20;
    for (size_t n = 0; n < c->count; n++) {
        size_t next = 0;
        double best = INFINITY;
        for (size_t i = 0; i < c->count; i++) {
            double end = c->lines[i].count > 0 ? place(y, c->lines[i].y[c->lines[i].count - 1]) : top;
            if (!done[i] && end < best) {
                best = end;
                next = i;
            }
        }
        done[next] = 1;
        lowest = fmax(best + 4, lowest + 16);
        fprintf(file, "<text class=\"c%zu\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", next, width - right + 8,
                lowest, c->lines[next].name);
    }
}

static void print_lines(FILE *file, const chart *c, const axis *x, const axis *y)
{
    for (size_t i = 0; i < c->count; i++) {
        const chart_line *line = &c->lines[i];
        fprintf(file, "<polyline class=\"l%zu\"%s points=\"", i,
                line->is_dashed ? " stroke-dasharray=\"7 4\"" : "");
        for (size_t n = 0; n < line->count; n++)
            fprintf(file, "%.1f,%.1f ", place(x, line->x[n]), place(y, line->y[n]));
        fprintf(file, "\"/>\n");
        for (size_t n = 0; n < line->count && line->count <= 20 && !line->is_dashed; n++)
            fprintf(file, "<circle class=\"d%zu\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>\n", i,
                    place(x, line->x[n]), place(y, line->y[n]));
    }
}

static void print_style(FILE *file)
{
    static const char *const light[] = {"#0b66c3", "#c2410c", "#15803d", "#7e22ce",
                                        "#a16207", "#be185d", "#0f766e", "#475569"};
    static const char *const dark[] = {"#6cb6ff", "#ff9d5c", "#5fd38a", "#cfa0ff",
                                       "#e3c34a", "#ff8fc0", "#4fd1c5", "#a8b5c6"};
    fprintf(file,
            "<style>\nsvg{background:#fff}text{font:13px sans-serif;fill:#222}.title{font-weight:bold}\n"
            ".grid{stroke:#ddd}.mark{stroke:#555;stroke-dasharray:5 4}polyline{fill:none;stroke-width:2}\n");
    for (size_t i = 0; i < CHART_LINES; i++)
        fprintf(file, ".l%zu{stroke:%s}.c%zu,.d%zu{fill:%s}\n", i, light[i], i, i, light[i]);
    fprintf(file, "@media (prefers-color-scheme: dark){\n"
                  "svg{background:#0d1117}text{fill:#ddd}.grid{stroke:#333}.mark{stroke:#aaa}\n");
    for (size_t i = 0; i < CHART_LINES; i++)
        fprintf(file, ".l%zu{stroke:%s}.c%zu,.d%zu{fill:%s}\n", i, dark[i], i, i, dark[i]);
    fprintf(file, "}\n</style>\n");
}

static void print_chart(FILE *file, const chart *c)
{
    axis x = fit(c, 0), y = fit(c, 1);
    fprintf(file,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" width=\"%g\" height=\"%g\">\n",
            width, height, width, height);
    print_style(file);
    print_ticks(file, &x, 0);
    print_ticks(file, &y, 1);
    fprintf(file, "<text class=\"title\" x=\"%g\" y=\"20\">%s</text>\n", left, c->title);
    fprintf(file, "<text x=\"%g\" y=\"%g\" text-anchor=\"middle\">%s</text>\n", (left + width - right) / 2,
            height - 12, c->x_name);
    fprintf(file, "<text transform=\"translate(16 %g) rotate(-90)\" text-anchor=\"middle\">%s</text>\n",
            (top + height - bottom) / 2, c->y_name);
    if (c->mark > 0)
        fprintf(file,
                "<line class=\"mark\" x1=\"%.1f\" y1=\"%g\" x2=\"%.1f\" y2=\"%g\"/>\n"
                "<text x=\"%.1f\" y=\"%g\">%s</text>\n",
                place(&x, c->mark), top, place(&x, c->mark), height - bottom, place(&x, c->mark) + 6,
                top + 14, c->mark_name);
    print_lines(file, c, &x, &y);
    print_names(file, c, &y);
    fprintf(file, "</svg>\n");
}

void chart_save(const chart *c, const char *directory, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    if (file != NULL)
        print_chart(file, c);
    if (file == NULL || fclose(file) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
}
