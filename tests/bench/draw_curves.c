/*
 * Draws the figures of bench_batches (contest.h) as curves:
 *
 *     bench_draw <csv> <directory>
 *
 * A picture <kind>-<net>.svg for each net whose cost of a case is there, by the size of the batch, and
 * <kind>-layers.svg of the speed of square layers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chart.h"

enum { MAX_CHARTS = 32, WORD = 64 };

typedef struct row {
    char kind[WORD], net[WORD], program[WORD], unit[WORD];
    double batch, value;
} row;

typedef struct picture {
    char file[3 * WORD], title[4 * WORD];
    chart chart;
    char names[CHART_LINES][WORD];
} picture;

/* "kind net batch n,program,unit,value,ratio", where the workload may be quoted. */
static int read_row(char *line, row *r)
{
    size_t used = 0;
    for (const char *c = line; *c != '\0'; c++)
        if (*c != '"')
            line[used++] = *c;
    line[used] = '\0';
    return sscanf(line, "%63[a-z] %63s batch %lf,%63[^,],%63[^,],%lf", r->kind, r->net, &r->batch, r->program,
                  r->unit, &r->value) == 6;
}

static int is_of_layers(const row *r)
{
    return strcmp(r->unit, "GFLOP/s") == 0;
}

static picture *start_picture(picture *p, const char *file, const row *r)
{
    const int layers = is_of_layers(r);
    snprintf(p->file, sizeof p->file, "%s", file);
    if (layers)
        snprintf(p->title, sizeof p->title, "%s, two square layers, batches of %g", r->kind, r->batch);
    else
        snprintf(p->title, sizeof p->title, "%s %s", r->kind, r->net);
    p->chart.title = p->title;
    p->chart.x_name = layers                          ? "units of a layer"
                      : strcmp(r->kind, "train") == 0 ? "cases in a batch"
                                                      : "cases in a call";
    p->chart.y_name = layers ? "GFLOP/s" : "ns a case";
    p->chart.x_is_log = 1;
    p->chart.y_is_log = !layers;
    return p;
}

/* That of the net, or of all layers; NULL if there are too many. */
static picture *find_picture(picture *pictures, size_t *count, const row *r)
{
    char file[3 * WORD];
    snprintf(file, sizeof file, "%s-%s.svg", r->kind, is_of_layers(r) ? "layers" : r->net);
    for (size_t i = 0; i < *count; i++)
        if (strcmp(pictures[i].file, file) == 0)
            return &pictures[i];
    return *count < MAX_CHARTS ? start_picture(&pictures[(*count)++], file, r) : NULL;
}

static chart_line *find_line(picture *p, const char *program)
{
    chart *c = &p->chart;
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->lines[i].name, program) == 0)
            return &c->lines[i];
    if (c->count == CHART_LINES)
        return NULL;
    snprintf(p->names[c->count], WORD, "%s", program);
    chart_line *line = chart_add(c, p->names[c->count]);
    line->is_dashed = strcmp(program, "FMA peak") == 0;
    return line;
}

/* The limit of memory is that of single cases: no curve. */
static void add_row(picture *pictures, size_t *count, const row *r)
{
    picture *p = strcmp(r->program, "memory") != 0 ? find_picture(pictures, count, r) : NULL;
    chart_line *line = p != NULL ? find_line(p, r->program) : NULL;
    if (line != NULL)
        chart_point(line, is_of_layers(r) ? strtod(r->net, NULL) : r->batch, r->value);
}

int main(int count, char **arguments)
{
    static picture pictures[MAX_CHARTS];
    size_t drawn = 0;
    char line[512];
    row r;
    FILE *file = count == 3 ? fopen(arguments[1], "r") : NULL;
    if (file == NULL) {
        fprintf(stderr, "%s <csv> <directory>: the file cannot be read\n", arguments[0]);
        return EXIT_FAILURE;
    }
    while (fgets(line, sizeof line, file) != NULL)
        if (read_row(line, &r))
            add_row(pictures, &drawn, &r);
    fclose(file);
    for (size_t i = 0; i < drawn; i++)
        chart_save(&pictures[i].chart, arguments[2], pictures[i].file);
    return EXIT_SUCCESS;
}
