/* Rules for initial weights: each is a row of a table. */
#include "network/weight_init.h"

#include <tgmath.h>

#include "base/random.h"
#include "base/real.h"
#include "base/status.h"
#include "base/value_type.h"
#include "network/activation_kind.h"
#include "network/connection_kind.h"
#include "network/nguyen_widrow.h"
#include "network/orthogonal.h"

enum init_kind {
    INIT_UNIFORM = 1,
    INIT_CONSTANT,
    INIT_GLOROT,
    INIT_HE,
    INIT_LECUN,
    INIT_DEFAULT,
    INIT_NORMAL,
    INIT_GLOROT_NORMAL,
    INIT_HE_NORMAL,
    INIT_LECUN_NORMAL,
    INIT_ORTHOGONAL,
    INIT_NGUYEN_WIDROW,
    INIT_CUSTOM,
};

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

bp_weight_init bp_weight_init_normal(double mean, double standard_deviation)
{
    return (bp_weight_init){.kind = INIT_NORMAL, .parameter = {mean, standard_deviation}};
}

bp_weight_init bp_weight_init_glorot_normal(void)
{
    return (bp_weight_init){.kind = INIT_GLOROT_NORMAL};
}

bp_weight_init bp_weight_init_he_normal(void)
{
    return (bp_weight_init){.kind = INIT_HE_NORMAL};
}

bp_weight_init bp_weight_init_lecun_normal(void)
{
    return (bp_weight_init){.kind = INIT_LECUN_NORMAL};
}

bp_weight_init bp_weight_init_orthogonal(double gain)
{
    return (bp_weight_init){.kind = INIT_ORTHOGONAL, .parameter = {gain}};
}

bp_weight_init bp_weight_init_nguyen_widrow(void)
{
    return (bp_weight_init){.kind = INIT_NGUYEN_WIDROW};
}

bp_weight_init bp_weight_init_custom(bp_weight_init_function function, void *context)
{
    return (bp_weight_init){.kind = INIT_CUSTOM, .function = function, .context = context};
}

double bp_random_uniform(bp_random *random)
{
    return random == NULL ? NAN : bpi_random_uniform((random_stream *)random);
}

double bp_random_normal(bp_random *random)
{
    return random == NULL ? NAN : bpi_random_normal((random_stream *)random);
}

/* --------------------------------------------------------------------- fans */

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

/* The weights of a rule by fans have the variance 1 / fan. */

static double glorot_fan(const bp_connection *connection) /* Glorot & Bengio 2010, eq. 12 and 16 */
{
    return (bpi_fan_in(connection->to) + fan_out(connection->from)) / 2;
}

static double he_fan(const bp_connection *connection) /* He et al. 2015, eq. 10 */
{
    return bpi_fan_in(connection->to) / 2;
}

static double lecun_fan(const bp_connection *connection) /* LeCun et al. 1998, section 4.6 */
{
    return bpi_fan_in(connection->to);
}

/* By the rule that suits the activation best. */
static double default_fan(const bp_connection *connection)
{
    const activation_row *row = bpi_activation_row(connection->to->activation.kind);
    switch (row == NULL ? SUITS_GLOROT : row->init) {
    case SUITS_HE:
        return he_fan(connection);
    case SUITS_LECUN:
        return lecun_fan(connection);
    default:
        return glorot_fan(connection);
    }
}

/* ------------------------------------------------------------------ the rules */

typedef struct init_rule init_rule;

struct init_rule {
    int32_t kind;
    const char *name;
    const char *numbers[2];                       /* the names of its parameters in messages */
    bool draws_biases;                            /* else they are 0 */
    bool has_no_mask;                             /* it does not suit masked connections */
    bool (*is_valid)(const bp_weight_init *init); /* NULL: every finite parameter is */
    double (*fan)(const bp_connection *connection);
    bp_status (*draw)(const drawing *drawing, const init_rule *rule);
};

static bool is_range(const bp_weight_init *init)
{
    return init->parameter[0] <= init->parameter[1];
}

static bool is_normal(const bp_weight_init *init)
{
    return init->parameter[1] >= 0 && bpi_fits_real(fabs(init->parameter[0]) + 13 * init->parameter[1]);
}

static bool is_gain(const bp_weight_init *init)
{
    return (bp_real)init->parameter[0] > 0;
}

static bool has_function(const bp_weight_init *init)
{
    return init->function != NULL;
}

typedef struct value_range {
    double low, high;
} value_range;

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

static size_t count_of(const drawing *d)
{
    return d->rows * d->columns;
}

static void fill(bp_real *weights, size_t count, double value)
{
    for (size_t i = 0; i < count; i++)
        weights[i] = (bp_real)value;
}

static bp_status draw_constant(const drawing *d, const init_rule *rule)
{
    (void)rule;
    fill(d->weights, count_of(d), d->init->parameter[0]);
    return BP_OK;
}

/* Of the caller's range, or -r..r, whose variance is r^2 / 3. */
static bp_status draw_uniform(const drawing *d, const init_rule *rule)
{
    value_range range = {d->init->parameter[0], d->init->parameter[1]};
    if (rule->fan != NULL) {
        range.high = sqrt(3 / rule->fan(d->connection));
        range.low = -range.high;
    }
    for (size_t i = 0; i < count_of(d); i++) {
        double u = bpi_random_uniform(d->stream);
        /* Not low + (high - low) u: the difference may overflow. */
        d->weights[i] = round_into(range.low * (1 - u) + range.high * u, &range);
    }
    return BP_OK;
}

static bp_status draw_normal(const drawing *d, const init_rule *rule)
{
    double mean = d->init->parameter[0], deviation = d->init->parameter[1];
    if (rule->fan != NULL)
        deviation = sqrt(1 / rule->fan(d->connection));
    for (size_t i = 0; i < count_of(d); i++)
        d->weights[i] = (bp_real)(mean + deviation * bpi_random_normal(d->stream));
    return BP_OK;
}

static bp_status draw_orthogonal(const drawing *d, const init_rule *rule)
{
    (void)rule;
    return bpi_draw_orthogonal(d);
}

static bp_status draw_nguyen_widrow(const drawing *d, const init_rule *rule)
{
    (void)rule;
    return bpi_draw_nguyen_widrow(d);
}

static bp_status draw_custom(const drawing *d, const init_rule *rule)
{
    (void)rule;
    const bp_weight_shape shape = {.size = sizeof shape,
                                   .layer = d->layer,
                                   .connection = d->connection,
                                   .rows = d->rows,
                                   .columns = d->columns,
                                   .fan_in = bpi_fan_in(d->layer),
                                   .fan_out = d->connection == NULL ? 0 : fan_out(d->connection->from)};
    const bp_status status = d->init->function(d->init->context, &shape, (bp_random *)d->stream, d->weights);
    const char *what = d->connection == NULL ? "biases of layer" : "weights into layer";
    if (status != BP_OK)
        return bpi_fail(status, "bp_network_initialize: the caller's function for the %s '%s' returned '%s'",
                        what, d->layer->name, bp_status_string(status));
    for (size_t i = 0; i < count_of(d); i++)
        if (!isfinite(d->weights[i]))
            return bpi_fail(BP_ERROR_NOT_FINITE,
                            "bp_network_initialize: the caller's function for the %s '%s' left %s in element "
                            "%zu, it must be finite",
                            what, d->layer->name, bpi_format_real((double)d->weights[i]).text, i);
    return BP_OK;
}

/* clang-format off */
static const init_rule rules[] = {
    {INIT_UNIFORM, "uniform", {"bound", "bound"}, .draws_biases = true, .is_valid = is_range,
     .draw = draw_uniform},
    {INIT_CONSTANT, "constant", {"value"}, .draws_biases = true, .draw = draw_constant},
    {INIT_GLOROT, "glorot", .fan = glorot_fan, .draw = draw_uniform},
    {INIT_HE, "he", .fan = he_fan, .draw = draw_uniform},
    {INIT_LECUN, "lecun", .fan = lecun_fan, .draw = draw_uniform},
    {INIT_DEFAULT, "default", .fan = default_fan, .draw = draw_uniform},
    {INIT_NORMAL, "normal", {"mean", "standard deviation"}, .draws_biases = true, .is_valid = is_normal,
     .draw = draw_normal},
    {INIT_GLOROT_NORMAL, "glorot_normal", .fan = glorot_fan, .draw = draw_normal},
    {INIT_HE_NORMAL, "he_normal", .fan = he_fan, .draw = draw_normal},
    {INIT_LECUN_NORMAL, "lecun_normal", .fan = lecun_fan, .draw = draw_normal},
    {INIT_ORTHOGONAL, "orthogonal", {"gain"}, .has_no_mask = true, .is_valid = is_gain,
     .draw = draw_orthogonal},
    {INIT_NGUYEN_WIDROW, "nguyen_widrow", .draws_biases = true, .draw = draw_nguyen_widrow},
    {INIT_CUSTOM, "custom", .draws_biases = true, .is_valid = has_function, .draw = draw_custom},
};
/* clang-format on */

static const init_rule *find_rule(int32_t kind)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i].kind == kind)
            return &rules[i];
    return NULL;
}

static bp_status check_numbers(const char *where, const bp_weight_init *init, const init_rule *rule)
{
    const double a = init->parameter[0], b = init->parameter[1];
    if (rule->is_valid == NULL || rule->is_valid(init))
        return BP_OK;
    switch (rule->kind) {
    case INIT_UNIFORM:
        return bpi_fail(BP_ERROR_ARGUMENT, "%s has the range %s to %s; low must not be above high", where,
                        bpi_format_real(a).text, bpi_format_real(b).text);
    case INIT_NORMAL:
        return bpi_fail(BP_ERROR_ARGUMENT,
                        "%s has the mean %s and the standard deviation %s; that must be >= 0, and mean +- 13 "
                        "standard deviations in the range of bp_real",
                        where, bpi_format_real(a).text, bpi_format_real(b).text);
    case INIT_CUSTOM:
        return bpi_fail(BP_ERROR_ARGUMENT, "%s has a function that is NULL", where);
    default:
        return bpi_fail(BP_ERROR_ARGUMENT, "%s has the %s %s; it must be > 0", where, rule->numbers[0],
                        bpi_format_real(a).text);
    }
}

bp_status bpi_check_weight_init(const char *where, const bp_weight_init *init)
{
    const init_rule *rule = find_rule(init->kind);
    const bool has_pointers = init->function != NULL || init->context != NULL;
    const bool is_known = rule != NULL && (rule->kind == INIT_CUSTOM || !has_pointers);
    BPI_TRY(BPI_CHECK_VALUE(where, "weight_init", "bp_weight_init_*", init, is_known));
    for (size_t i = 0; i < 2; i++)
        if (!bpi_fits_real(init->parameter[i]))
            return bpi_fail(BP_ERROR_NOT_FINITE, "%s has the %s %s; it must be finite and fit into bp_real",
                            where, rule->numbers[i] == NULL ? "parameter" : rule->numbers[i],
                            bpi_format_real(init->parameter[i]).text);
    return check_numbers(where, init, rule);
}

bool bpi_rule_suits(const bp_connection *connection, const char **name)
{
    const init_rule *rule = find_rule(connection->init.kind);
    *name = rule->name;
    return !rule->has_no_mask || connection->shape.kind != BP_CONNECTION_MASKED;
}

bp_status bpi_draw_weights(const drawing *d)
{
    const init_rule *rule = find_rule(d->init->kind);
    if (d->connection != NULL || rule->draws_biases)
        return rule->draw(d, rule);
    fill(d->weights, count_of(d), 0);
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
