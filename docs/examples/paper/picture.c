#include "picture.h"

#include <stdlib.h>

static void write_text(FILE *file, const char *text)
{
    for (; *text != '\0'; text++)
        if (*text == '&')
            fputs("&amp;", file);
        else if (*text == '<')
            fputs("&lt;", file);
        else
            fputc(*text, file);
}

static void fail(const char *name)
{
    fprintf(stderr, "cannot write the picture '%s'\n", name);
    exit(EXIT_FAILURE);
}

FILE *picture_open(const paper_options *options, const char *name, const char *title, double width,
                   double height)
{
    char path[1024];
    if (options->svg == NULL)
        return NULL;
    int length = snprintf(path, sizeof path, "%s/%s.svg", options->svg, name);
    FILE *file = length > 0 && (size_t)length < sizeof path ? fopen(path, "w") : NULL;
    if (file == NULL)
        fail(path);
    fprintf(file,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
            "viewBox=\"0 0 %.0f %.0f\" font-family=\"Helvetica, Arial, sans-serif\" fill=\"#222\">\n",
            width, height, width, height);
    picture_box(file, 0, 0, width, height, "#fff");
    picture_text(file, width / 2, 24, 15, PICTURE_MIDDLE, 0, title);
    return file;
}

void picture_close(FILE *file, const char *name)
{
    fputs("</svg>\n", file);
    int failed = ferror(file);
    if (fclose(file) != 0 || failed)
        fail(name);
}

void picture_text(FILE *file, double x, double y, double size, picture_anchor anchor, double angle,
                  const char *text)
{
    static const char *const anchors[] = {
        [PICTURE_START] = "start", [PICTURE_MIDDLE] = "middle", [PICTURE_END] = "end"};
    fprintf(file, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.0f\" text-anchor=\"%s\"", x, y, size,
            anchors[anchor]);
    if (angle < 0 || angle > 0)
        fprintf(file, " transform=\"rotate(%.0f %.1f %.1f)\"", angle, x, y);
    fputc('>', file);
    write_text(file, text);
    fputs("</text>\n", file);
}

void picture_line(FILE *file, double x1, double y1, double x2, double y2, const char *colour, double width)
{
    fprintf(file,
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-width=\"%.2g\"/>\n",
            x1, y1, x2, y2, colour, width);
}

void picture_box(FILE *file, double x, double y, double width, double height, const char *colour)
{
    fprintf(file, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"%s\"/>\n", x, y, width,
            height, colour);
}
