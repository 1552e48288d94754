/* Networks drawn as in [RHW86] figure 1: inputs below, outputs above, biases in the units, weights on the
 * arcs. */
#include <math.h>

#include "picture.h"

static const double step_y = 150, radius = 20, side = 46, top = 84;

typedef struct point {
    double x, y;
} point;

static size_t widest(const bp_network *net)
{
    size_t max = 0;
    for (size_t i = 0; i < bp_network_layer_count(net); i++) {
        size_t units = bp_layer_units(bp_network_layer(net, i));
        max = units > max ? units : max;
    }
    return max;
}

/* The distance between units of the widest layer; smaller if it has many. */
static double step_of(const bp_network *net)
{
    return widest(net) <= 3 ? 170 : 104;
}

/* Where a unit is drawn. Layers are rows, inputs lowest; units of narrow layers have more space. */
static point place(const bp_network *net, const bp_layer *layer, size_t unit)
{
    double max = (double)widest(net), units = (double)bp_layer_units(layer);
    double step = step_of(net), spread = step * sqrt(max / units);
    double level = (double)(bp_network_layer_count(net) - 1 - bp_layer_index(layer));
    return (point){side + step * (max - 1) / 2 + spread * ((double)unit - (units - 1) / 2),
                   top + step_y * level};
}

/* A number with a white outline, so that it can be read over lines. */
static void draw_number(FILE *file, double x, double y, double value)
{
    static const char *const layers[] = {" stroke=\"#fff\" stroke-width=\"5\"", ""};
    for (int i = 0; i < 2; i++)
        fprintf(file, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"12\" text-anchor=\"middle\"%s>%.1f</text>\n",
                x, y, layers[i], value);
}

/* Negative weights are dashed; the width of a line grows with |weight|. */
static void draw_arc(FILE *file, point a, point b, double weight, double largest)
{
    fprintf(
        file,
        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#777\" stroke-width=\"%.2f\"%s/>\n",
        a.x, a.y, b.x, b.y, 0.6 + 2.4 * fabs(weight) / largest,
        weight < 0 ? " stroke-dasharray=\"5 4\"" : "");
}

/* The arcs of a connection, or with numbers other than 0 its weights. Weights of neighbouring receiving units
 * are written at different heights, so that they do not overlap. */
static void draw_connection(FILE *file, const bp_network *net, const bp_connection *connection,
                            double largest, int numbers)
{
    const bp_layer *from = bp_connection_from(connection), *to = bp_connection_to(connection);
    const bp_real *w = bp_network_weights(net, NULL) + bp_connection_offset(connection);
    size_t senders = bp_layer_units(from);
    double skipped = bp_layer_index(to) > bp_layer_index(from) + 1 ? 0.28 : 0; /* clear of shorter arcs */
    for (size_t j = 0; j < bp_layer_units(to); j++)
        for (size_t i = 0; i < senders; i++) {
            point a = place(net, from, i), b = place(net, to, j);
            double t = 0.27 + skipped + 0.17 * (double)(j % 3), weight = (double)w[j * senders + i];
            if (numbers)
                draw_number(file, a.x + t * (b.x - a.x), a.y + t * (b.y - a.y) + 4, weight);
            else
                draw_arc(file, a, b, weight, largest);
        }
}

static void draw_units(FILE *file, const bp_network *net, const bp_layer *layer)
{
    for (size_t unit = 0; unit < bp_layer_units(layer); unit++) {
        point p = place(net, layer, unit);
        fprintf(file,
                "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"%s\" stroke=\"#222\" "
                "stroke-width=\"1.5\"/>\n",
                p.x, p.y, bp_layer_is_input(layer) ? radius / 2 : radius,
                bp_layer_is_input(layer) ? "#ddd" : "#fff");
        if (bp_layer_has_bias(layer))
            draw_number(file, p.x, p.y + 4,
                        (double)bp_network_weights(net, NULL)[bp_layer_bias_offset(layer) + unit]);
    }
}

static double largest_weight(const bp_network *net)
{
    size_t count = 0;
    const bp_real *weights = bp_network_weights(net, &count);
    return fmax(1e-30, paper_max_abs(weights, count));
}

void paper_diagram(const paper_options *options, const char *name, const char *title, const bp_network *net)
{
    double width = fmax(2 * side + step_of(net) * ((double)widest(net) - 1), 420);
    double height = top + step_y * (double)(bp_network_layer_count(net) - 1) + side;
    FILE *file = picture_open(options, name, title, width, height);
    if (file == NULL)
        return;
    double shift = (width - 2 * side - step_of(net) * ((double)widest(net) - 1)) / 2;
    fprintf(file, "<g transform=\"translate(%.1f 0)\">\n", shift);
    for (int numbers = 0; numbers <= 1; numbers++)
        for (size_t k = 0; k < bp_network_connection_count(net); k++)
            draw_connection(file, net, bp_network_connection(net, k), largest_weight(net), numbers);
    for (size_t i = 0; i < bp_network_layer_count(net); i++)
        draw_units(file, net, bp_network_layer(net, i));
    fputs("</g>\n", file);
    picture_close(file, name);
}
