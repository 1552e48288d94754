/* Hinton diagrams, as in [RHW86] figure 4. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "picture.h"

static const double cell = 22, gap = 28, margin = 24;
static const double letter = 6.4; /* width of a letter of the names */

/* The places of a picture: every panel gets a field as large as the largest needs. */
typedef struct layout {
    double field_width, field_height;
    double names_left, names_above;
    double largest; /* |w| */
} layout;

static double longest(const char *const *names, size_t count)
{
    size_t length = 0;
    for (size_t i = 0; names != NULL && i < count; i++)
        length = strlen(names[i]) > length ? strlen(names[i]) : length;
    return letter * (double)length;
}

static layout lay_out(const paper_panel *panels, size_t count)
{
    layout l = {0};
    for (size_t p = 0; p < count; p++) {
        const paper_panel *panel = &panels[p];
        double label = 1.15 * letter * (double)strlen(panel->label);
        l.field_width = fmax(l.field_width, fmax(cell * (double)panel->columns, label));
        l.field_height = fmax(l.field_height, cell * (double)panel->rows);
        l.names_left = fmax(l.names_left, longest(panel->row_names, panel->rows));
        l.names_above = fmax(l.names_above, longest(panel->column_names, panel->columns));
        for (size_t i = 0; i < panel->rows * panel->columns; i++)
            l.largest = fmax(l.largest, fabs((double)panel->weights[i]));
    }
    l.names_left += l.names_left > 0 ? 8 : 0;
    l.names_above += l.names_above > 0 ? 8 : 0;
    return l;
}

static void draw_weight(FILE *file, double x, double y, double weight, double largest)
{
    double side = largest > 0 ? 0.94 * cell * sqrt(fabs(weight) / largest) : 0;
    picture_box(file, x + (cell - side) / 2, y + (cell - side) / 2, side, side, weight < 0 ? "#000" : "#fff");
}

static void draw_panel(FILE *file, const paper_panel *panel, double x, double y, const layout *l)
{
    picture_text(file, x, y - l->names_above - 8, 12, PICTURE_START, 0, panel->label);
    picture_box(file, x, y, cell * (double)panel->columns, cell * (double)panel->rows, "#909090");
    for (size_t j = 0; j < panel->rows; j++)
        for (size_t i = 0; i < panel->columns; i++)
            draw_weight(file, x + cell * (double)i, y + cell * (double)j,
                        (double)panel->weights[j * panel->columns + i], l->largest);
    for (size_t j = 0; panel->row_names != NULL && j < panel->rows; j++)
        picture_text(file, x - 6, y + cell * ((double)j + 0.68), 11, PICTURE_END, 0, panel->row_names[j]);
    for (size_t i = 0; panel->column_names != NULL && i < panel->columns; i++)
        picture_text(file, x + cell * ((double)i + 0.68), y - 6, 11, PICTURE_START, -90,
                     panel->column_names[i]);
}

void paper_hinton(const paper_options *options, const char *name, const char *title,
                  const paper_panel *panels, size_t count, size_t across)
{
    layout l = lay_out(panels, count);
    size_t columns = across < count ? across : count, rows = (count + columns - 1) / columns;
    double step_x = l.names_left + l.field_width + gap, step_y = l.names_above + l.field_height + 2 * gap;
    double content = (double)columns * step_x - gap;
    double width = fmax(content + 2 * margin, 2 * margin + 8 * (double)strlen(title));
    double height = 40 + (double)rows * step_y + margin;
    double x0 = (width - content) / 2 + l.names_left;
    FILE *file = picture_open(options, name, title, width, height);
    if (file == NULL)
        return;
    for (size_t p = 0; p < count; p++)
        draw_panel(file, &panels[p], x0 + (double)(p % columns) * step_x,
                   40 + gap + l.names_above + (double)(p / columns) * step_y, &l);
    char text[96];
    snprintf(text, sizeof text, "white: positive, black: negative; the largest weight is %.2f", l.largest);
    picture_text(file, width / 2, height - 14, 11, PICTURE_MIDDLE, 0, text);
    picture_close(file, name);
}

/* ------------------------------------------------------------- whole networks */

enum { LABEL = 160 };

static paper_panel matrix_panel(const bp_connection *connection, const bp_real *all, char *label)
{
    const bp_layer *from = bp_connection_from(connection), *to = bp_connection_to(connection);
    snprintf(label, LABEL, "%s to %s", bp_layer_name(from), bp_layer_name(to));
    return (paper_panel){.label = label,
                         .weights = all + bp_connection_offset(connection),
                         .rows = bp_layer_units(to),
                         .columns = bp_layer_units(from)};
}

static paper_panel bias_panel(const bp_layer *layer, const bp_real *all, char *label)
{
    snprintf(label, LABEL, "biases of %s", bp_layer_name(layer));
    return (paper_panel){.label = label,
                         .weights = all + bp_layer_bias_offset(layer),
                         .rows = bp_layer_bias_count(layer),
                         .columns = 1};
}

void paper_hinton_network(const paper_options *options, const char *name, const char *title,
                          const bp_network *net)
{
    const bp_real *all = bp_network_weights(net, NULL);
    size_t connections = bp_network_connection_count(net), layers = bp_network_layer_count(net), count = 0;
    paper_panel *panels = paper_allocate(connections + layers, sizeof *panels);
    char(*labels)[LABEL] = paper_allocate(connections + layers, sizeof *labels);
    for (size_t i = 0; i < layers; i++) {
        const bp_layer *layer = bp_network_layer(net, i);
        for (size_t k = 0; k < connections; k++) {
            const bp_connection *connection = bp_network_connection(net, k);
            if (bp_connection_to(connection) == layer) {
                panels[count] = matrix_panel(connection, all, labels[count]);
                count++;
            }
        }
        if (bp_layer_has_bias(layer)) {
            panels[count] = bias_panel(layer, all, labels[count]);
            count++;
        }
    }
    paper_hinton(options, name, title, panels, count, 4);
    free(labels);
    free(panels);
}
