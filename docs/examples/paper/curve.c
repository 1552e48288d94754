/* The learning curve: E of every sweep. */
#include <math.h>

#include "picture.h"

static const double width = 640, height = 360;
static const double left = 70, right = 20, top = 44, bottom = 50;

typedef struct axes {
    double sweeps;          /* the last one */
    double lowest, highest; /* powers of ten */
} axes;

static double place_x(const axes *a, double sweep)
{
    return left + (width - left - right) * sweep / a->sweeps;
}

static double place_y(const axes *a, double exponent)
{
    return height - bottom - (height - top - bottom) * (exponent - a->lowest) / (a->highest - a->lowest);
}

/* log10 of an error, at least -8: a logarithmic scale has no place for an error of 0. */
static double exponent_of(double error)
{
    const double min = -8;
    return error > 0 && log10(error) > min ? log10(error) : min;
}

static axes fit(const paper_sample *history)
{
    axes a = {.sweeps = (double)history->count, .lowest = INFINITY, .highest = -INFINITY};
    for (size_t i = 0; i < history->count; i++) {
        double exponent = exponent_of(history->values[i]);
        a.lowest = fmin(a.lowest, floor(exponent));
        a.highest = fmax(a.highest, ceil(exponent));
    }
    if (!(a.highest > a.lowest))
        a.highest = a.lowest + 1;
    return a;
}

/* The distance of tick marks: 1, 2 or 5 times a power of ten, four to ten of them on the axis. */
static double round_step(double whole)
{
    double power = pow(10, floor(log10(whole / 4)));
    double steps = whole / 4 / power;
    return fmax(1, power * (steps >= 5 ? 5 : steps >= 2 ? 2 : 1));
}

static void draw_axes(FILE *file, const axes *a)
{
    char text[32];
    for (double e = a->lowest; e <= a->highest; e++) {
        picture_line(file, left, place_y(a, e), width - right, place_y(a, e), "#ddd", 1);
        snprintf(text, sizeof text, "%g", pow(10, e));
        picture_text(file, left - 8, place_y(a, e) + 4, 12, PICTURE_END, 0, text);
    }
    double step = round_step(a->sweeps);
    for (double s = 0; s <= a->sweeps; s += step) {
        picture_line(file, place_x(a, s), height - bottom, place_x(a, s), height - bottom + 5, "#222", 1);
        snprintf(text, sizeof text, "%.0f", s);
        picture_text(file, place_x(a, s), height - bottom + 19, 12, PICTURE_MIDDLE, 0, text);
    }
    picture_line(file, left, height - bottom, width - right, height - bottom, "#222", 1);
    picture_line(file, left, top, left, height - bottom, "#222", 1);
    picture_text(file, (left + width - right) / 2, height - 10, 13, PICTURE_MIDDLE, 0, "sweeps");
    picture_text(file, 20, (top + height - bottom) / 2, 13, PICTURE_MIDDLE, -90, "error E");
}

void paper_curve(const paper_options *options, const char *name, const char *title,
                 const paper_sample *history)
{
    FILE *file = history->count == 0 ? NULL : picture_open(options, name, title, width, height);
    if (file == NULL)
        return;
    axes a = fit(history);
    size_t stride = history->count / 2000 + 1; /* enough points for the width */
    draw_axes(file, &a);
    fputs("<polyline fill=\"none\" stroke=\"#1f4e9c\" stroke-width=\"1.6\" points=\"", file);
    for (size_t i = 0; i < history->count; i += stride)
        fprintf(file, "%.1f,%.1f ", place_x(&a, (double)i + 1), place_y(&a, exponent_of(history->values[i])));
    fputs("\"/>\n", file);
    picture_close(file, name);
}
