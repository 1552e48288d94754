/* Hinton diagrams, as in [RHW86] figure 4. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "picture.h"

static const double cell = 22, gap = 28, margin = 24, head = 40;
static const double letter = 6.4; /* width of a character of the names */

/* What all panels of a picture share: the space for names, and the scale. */
typedef struct layout {
    const paper_panel *panels;
    size_t count, across;
    double names_left, names_above;
    double largest; /* |w| */
} layout;

static double longest(const char *const *names, size_t count)
{
    size_t length = 0;
    for (size_t i = 0; names != NULL && i < count; i++)
        length = strlen(names[i]) > length ? strlen(names[i]) : length;
    return length == 0 ? 0 : letter * (double)length + 8;
}

static layout lay_out(const paper_panel *panels, size_t count, size_t across)
{
    layout l = {.panels = panels, .count = count, .across = across < count ? across : count};
    for (size_t p = 0; p < count; p++) {
        const paper_panel *panel = &panels[p];
        l.names_left = fmax(l.names_left, longest(panel->row_names, panel->rows));
        l.names_above = fmax(l.names_above, longest(panel->column_names, panel->columns));
        l.largest = fmax(l.largest, paper_max_abs(panel->weights, panel->rows * panel->columns));
    }
    return l;
}

/* The width of a column of panels and the height of a row of panels, with the gap to the next. */
static double column_width(const layout *l, size_t column)
{
    double width = 0;
    for (size_t p = column; p < l->count; p += l->across) {
        double label = 1.1 * letter * (double)strlen(l->panels[p].label) - l->names_left;
        width = fmax(width, fmax(cell * (double)l->panels[p].columns, label));
    }
    return l->names_left + width + gap;
}

static double row_height(const layout *l, size_t row)
{
    double height = 0;
    for (size_t p = row * l->across; p < l->count && p < (row + 1) * l->across; p++)
        height = fmax(height, cell * (double)l->panels[p].rows);
    return gap + l->names_above + height;
}

static void draw_weight(FILE *file, double x, double y, double weight, double largest)
{
    double side = largest > 0 ? 0.9 * cell * sqrt(fabs(weight) / largest) : 0;
    picture_box(file, x + (cell - side) / 2, y + (cell - side) / 2, side, side, weight < 0 ? "#000" : "#fff");
}

/* x, y: the upper left corner of the matrix; label and names are drawn outside it. */
static void draw_panel(FILE *file, const paper_panel *panel, double x, double y, const layout *l)
{
    picture_text(file, x - l->names_left, y - l->names_above - 8, 12, PICTURE_START, 0, panel->label);
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

static void draw_panels(FILE *file, const layout *l, double left)
{
    double x = left, y = head;
    for (size_t p = 0; p < l->count; p++) {
        size_t column = p % l->across;
        if (column == 0 && p > 0) {
            y += row_height(l, p / l->across - 1) + gap / 2;
            x = left;
        }
        draw_panel(file, &l->panels[p], x + l->names_left, y + gap + l->names_above, l);
        x += column_width(l, column);
    }
}

void paper_hinton(const paper_options *options, const char *name, const char *title,
                  const paper_panel *panels, size_t count, size_t across)
{
    char legend[96];
    layout l = lay_out(panels, count, across);
    double content = -gap, height = head + 2 * margin;
    for (size_t column = 0; column < l.across; column++)
        content += column_width(&l, column);
    for (size_t row = 0; row * l.across < count; row++)
        height += row_height(&l, row) + (row > 0 ? gap / 2 : 0);
    double width = fmax(content, fmax(8 * (double)strlen(title), 370)) + 2 * margin;
    FILE *file = picture_open(options, name, title, width, height);
    if (file == NULL)
        return;
    draw_panels(file, &l, (width - content) / 2);
    snprintf(legend, sizeof legend, "white: positive, black: negative, area: size; the largest is %.2f",
             l.largest);
    picture_text(file, width / 2, height - 14, 11, PICTURE_MIDDLE, 0, legend);
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
    paper_hinton(options, name, title, panels, count, count <= 6 ? count : (count + 1) / 2);
    free(labels);
    free(panels);
}
