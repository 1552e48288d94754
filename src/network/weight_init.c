/* Initial weights: the rules, and drawing weights by them. */
#include "network/weight_init.h"

#include <string.h>
#include <tgmath.h>

#include "base/random.h"
#include "base/real.h"
#include "base/status.h"
#include "base/value_type.h"
#include "network/activation_kind.h"
#include "network/change_weights.h"
#include "network/connection_kind.h"
#include "network/layer.h"
#include "network/require.h"

enum { INIT_UNIFORM = 1, INIT_CONSTANT, INIT_GLOROT, INIT_HE, INIT_LECUN, INIT_DEFAULT, INIT_END };

bp_weight_init bp_weight_init_uniform(double low, double high)
{
    return (bp_weight_init){.kind = INIT_UNIFORM, .parameter = {low, high}};
}

bp_weight_init bp_weight_init_constant(double value)
{
    return (bp_weight_init){.kind = INIT_CONSTANT, .parameter = {value}};
}

bp_weight_init bp_weight_init_glorot(void)
{
    return (bp_weight_init){.kind = INIT_GLOROT};
}

bp_weight_init bp_weight_init_he(void)
{
    return (bp_weight_init){.kind = INIT_HE};
}

bp_weight_init bp_weight_init_lecun(void)
{
    return (bp_weight_init){.kind = INIT_LECUN};
}

bp_weight_init bp_weight_init_default(void)
{
    return (bp_weight_init){.kind = INIT_DEFAULT};
}

bp_status bpi_check_weight_init(const char *where, const bp_weight_init *init)
{
    double a = init->parameter[0], b = init->parameter[1];
    bool is_known = init->kind >= INIT_UNIFORM && init->kind < INIT_END;
    BPI_TRY(BPI_CHECK_VALUE(where, "weight_init", "bp_weight_init_*", init, is_known));
    if (!bpi_fits_real(a) || !bpi_fits_real(b))
        return bpi_fail(BP_ERROR_NOT_FINITE, "%s has the %s %s", where,
                        init->kind == INIT_CONSTANT ? "value" : "bound",
                        bpi_format_real(bpi_fits_real(a) ? b : a).text);
    if (init->kind == INIT_UNIFORM && a > b)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s has the range %s to %s; low must not be above high", where,
                        bpi_format_real(a).text, bpi_format_real(b).text);
    return BP_OK;
}

/* ------------------------------------------------------------ setting rules */

/* An unrolled network has its rules in its original, by which the weights are drawn. */

bp_status bp_network_set_weight_init(bp_network *net, bp_weight_init init)
{
    BPI_REQUIRE(net);
    BPI_TRY(bpi_check_weight_init("bp_network_set_weight_init: init", &init));
    if (net->original != NULL)
        net = net->original;
    net->init = init;
    for (size_t i = 0; i < net->layer_count; i++)
        net->layers[i]->bias_init = init;
    for (size_t i = 0; i < net->connection_count; i++)
        net->connections[i]->init = init;
    return BP_OK;
}

bp_status bp_connection_set_weight_init(bp_connection *connection, bp_weight_init init)
{
    BPI_REQUIRE(connection);
    BPI_TRY(bpi_check_weight_init("bp_connection_set_weight_init: init", &init));
    if (connection->origin != NULL)
        connection = connection->origin;
    connection->init = init;
    return BP_OK;
}

bp_status bp_layer_set_bias_init(bp_layer *layer, bp_weight_init init)
{
    BPI_REQUIRE(layer);
    BPI_TRY(bpi_check_weight_init("bp_layer_set_bias_init: init", &init));
    if (layer->origin != NULL)
        layer = layer->origin;
    layer->bias_init = init;
    return BP_OK;
}

/* ------------------------------------------------------------------ drawing */

typedef struct value_range {
    double low, high;
} value_range;

/* Number of pairs of units that a connection connects. */
static double count_pairs(const bp_connection *connection)
{
    return (double)bpi_connection_weight_count(connection) *
           (double)bpi_connection_structure(connection)->pairs_per_weight(connection);
}

double bpi_fan_in(const bp_layer *layer)
{
    double pairs = 0;
    for (size_t i = 0; i < layer->incoming_count; i++)
        pairs += count_pairs(layer->incoming[i]);
    return pairs / (double)layer->units;
}

/* Units that a unit of the layer sends to, on average. */
static double fan_out(const bp_layer *layer)
{
    double pairs = 0;
    for (size_t i = 0; i < layer->outgoing_count; i++)
        pairs += count_pairs(layer->outgoing[i]);
    return pairs / (double)layer->units;
}

/* Half the width of the range of a rule by fans. */
static double half_width(int32_t kind, const bp_connection *connection)
{
    if (kind == INIT_GLOROT) /* Glorot & Bengio 2010, eq. 16 */
        return sqrt(6 / (bpi_fan_in(connection->to) + fan_out(connection->from)));
    if (kind == INIT_HE) /* He et al. 2015: variance 2 / fan_in, eq. 10 */
        return sqrt(6 / bpi_fan_in(connection->to));
    return sqrt(3 / bpi_fan_in(connection->to)); /* LeCun et al. 1998: variance 1 / fan_in */
}

/* The rule that suits the activation best. */
static int32_t default_kind(const bp_activation *activation)
{
    static const int32_t kinds[] = {
        [SUITS_GLOROT] = INIT_GLOROT, [SUITS_HE] = INIT_HE, [SUITS_LECUN] = INIT_LECUN};
    const activation_row *row = bpi_activation_row(activation->kind);
    return row == NULL ? INIT_GLOROT : kinds[row->init];
}

/* The range a connection's weights are drawn from. */
static value_range weight_range(const bp_connection *connection)
{
    const bp_weight_init *init = &connection->init;
    if (init->kind == INIT_UNIFORM)
        return (value_range){init->parameter[0], init->parameter[1]};
    int32_t kind = init->kind;
    if (kind == INIT_DEFAULT)
        kind = default_kind(&connection->to->activation);
    double r = half_width(kind, connection);
    return (value_range){-r, r};
}

/* Rounds value to bp_real, and into the range it was drawn from, if any bp_real is within. */
static bp_real round_into(double value, const value_range *range)
{
    bp_real rounded = (bp_real)value, inner = rounded;
    if ((double)rounded > range->high)
        inner = nextafter(rounded, (bp_real)-INFINITY);
    else if ((double)rounded < range->low)
        inner = nextafter(rounded, (bp_real)INFINITY);
    return (double)inner >= range->low && (double)inner <= range->high ? inner : rounded;
}

static void fill(bp_real *weights, size_t count, double value)
{
    for (size_t i = 0; i < count; i++)
        weights[i] = (bp_real)value;
}

static void draw(random_stream *stream, const value_range *range, bp_real *weights, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double u = bpi_random_uniform(stream);
        /* Not low + (high - low) u: the difference may overflow. */
        weights[i] = round_into(range->low * (1 - u) + range->high * u, range);
    }
}

static void draw_matrix(random_stream *stream, const bp_connection *connection)
{
    bp_real *weights = bpi_change_weights(connection->network) + connection->offset;
    size_t count = bpi_connection_weight_count(connection);
    if (connection->init.kind == INIT_CONSTANT) {
        fill(weights, count, connection->init.parameter[0]);
        return;
    }
    value_range range = weight_range(connection);
    draw(stream, &range, weights, count);
}

static void draw_biases(random_stream *stream, const bp_layer *layer)
{
    bp_real *biases = bpi_change_weights(layer->network) + layer->bias_offset;
    const bp_weight_init *init = &layer->bias_init;
    if (init->kind == INIT_UNIFORM)
        draw(stream, &(value_range){init->parameter[0], init->parameter[1]}, biases, bpi_bias_count(layer));
    else
        fill(biases, bpi_bias_count(layer), init->kind == INIT_CONSTANT ? init->parameter[0] : 0);
}

static void set_learned_state(const bp_layer *layer)
{
    bp_real *state = bpi_change_weights(layer->network) + layer->state_offset;
    for (size_t i = 0; i < layer->units; i++)
        state[i] = layer->initial_state == NULL ? 0 : layer->initial_state[i];
}

/* *drawn is the number of weights drawn so far. Slices are laid out in the order of their first uses, so one
 * at a lower offset is shared and was drawn before. */
static void draw_layer(random_stream *stream, const bp_layer *layer, size_t *drawn)
{
    for (size_t i = 0; i < layer->incoming_count; i++) {
        const bp_connection *connection = layer->incoming[i];
        if (connection->offset != *drawn)
            continue;
        draw_matrix(stream, connection);
        *drawn += bpi_connection_weight_count(connection);
    }
    if (layer->has_bias && layer->bias_offset == *drawn) {
        draw_biases(stream, layer);
        *drawn += bpi_bias_count(layer);
    }
    if (layer->learns_state) {
        set_learned_state(layer);
        *drawn += layer->units;
    }
}

/* Draws the weights of a network that is not unrolled. */
static void draw_network(const bp_network *net, uint64_t seed)
{
    random_stream stream;
    bpi_random_seed(&stream, seed);
    size_t drawn = 0;
    for (size_t i = 0; i < net->layer_count; i++)
        draw_layer(&stream, net->layers[i], &drawn);
}

bp_status bp_network_initialize(bp_network *net, uint64_t seed)
{
    BPI_REQUIRE(net);
    BPI_TRY(bpi_require_finalized(__func__, net));
    draw_network(net->original == NULL ? net : net->original, seed);
    if (net->original != NULL)
        memcpy(bpi_change_weights(net), net->original->weights, net->weight_count * sizeof *net->weights);
    net->weights_set = true;
    net->weights_drawn = true;
    net->weights_changed++;
    return BP_OK;
}
