/* bp_network_check_gradient: dE/dw against differences of E; docs/mathematics.md has the method. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/real.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "check/check_activation.h"
#include "check/difference.h"
#include "engine/backward.h"
#include "engine/error.h"
#include "engine/forward.h"
#include "engine/gradient.h"
#include "engine/load.h"
#include "engine/workspace.h"
#include "network/change_weights.h"
#include "network/connection_kind.h"
#include "network/copy.h"

static const char function_name[] = "bp_network_check_gradient";
static const double default_tolerance = sizeof(bp_real) == sizeof(double) ? 1e-6 : 2e-3;

/* A vector_slice, and its last use. */
typedef struct checked_slice {
    const bp_layer *layer;           /* the layer of the last use; NULL: the slice has no use */
    const bp_connection *connection; /* of the last use; NULL unless the slice is a matrix */
    size_t offset, count;
    double max_y;       /* maximum of |y| that the weights of a matrix multiply in the current case */
    double case_scale;  /* maximum of |dE/dw| in the current case */
    double sum_squares; /* sum of case_scale squared over the cases */
    double noise;       /* rounding error of dE/dw in the current case */
    double sum_noise;   /* sum over the cases */
} checked_slice;

/* dE/dw of one weight, summed over the cases that were not skipped. */
typedef struct weight_sums {
    double analytic, numeric;
    bool compared; /* not every case was skipped */
} weight_sums;

/* The state of a check. Weights are changed in a copy of the network. */
typedef struct checker {
    const bp_network *net;
    const bp_data *data;
    const bp_loss *loss;
    bp_gradient_check *result;
    bp_network *copy;
    bp_workspace *workspace; /* of the copy, for one case */
    bp_real *gradient;       /* of all cases */
    bp_real *case_gradient;  /* of the current case */
    bp_real *perturbed;      /* the same with perturbed weights and outputs */
    weight_sums *sums;       /* one per weight */
    checked_slice *slices;   /* one per slice of the network */
    const bp_layer *suspect; /* the highest layer with a deviating weight so far, or NULL */
    batch current;           /* the current case */
    double noise;            /* rounding error of its E */
    random_stream stream;    /* for perturbations */
} checker;

void bp_gradient_check_init(bp_gradient_check *check, size_t size)
{
    bpi_init_struct(SIZED_GRADIENT_CHECK, check, size, NULL);
}

/* -------------------------------------------------------------------- the slices */

/* Called for each use in the order of the layers, so that the last one stays. */
static void set_use(checker *c, size_t index, const bp_layer *layer, const bp_connection *connection)
{
    const vector_slice *slice = &c->net->slices[index];
    c->slices[index] = (checked_slice){
        .layer = layer, .connection = connection, .offset = slice->offset, .count = slice->count};
}

static void set_uses(checker *c)
{
    for (size_t i = 0; i < c->net->layer_count; i++) {
        const bp_layer *layer = c->net->layers[i];
        for (size_t n = 0; n < layer->incoming_count; n++)
            set_use(c, layer->incoming[n]->slice, layer, layer->incoming[n]);
        if (layer->has_bias)
            set_use(c, layer->bias_slice, layer, NULL);
        if (layer->learns_state)
            set_use(c, layer->state_slice, layer, NULL);
    }
}

/* -------------------------------------------------------------------------- memory */

static void clear(checker *c)
{
    const bp_allocator *allocator = &c->net->allocator;
    bp_workspace_destroy(c->workspace);
    bp_network_destroy(c->copy);
    bpi_release(allocator, c->gradient);
    bpi_release(allocator, c->case_gradient);
    bpi_release(allocator, c->perturbed);
    bpi_release(allocator, c->sums);
    bpi_release(allocator, c->slices);
}

static bp_status prepare(checker *c)
{
    const bp_allocator *allocator = &c->net->allocator;
    size_t weights = c->net->weight_count;
    BPI_TRY(bpi_copy(&c->copy, function_name, c->net));
    BPI_TRY(bp_workspace_create(&c->workspace, c->copy, 1));
    BPI_TRY(bpi_workspace_reserve(function_name, c->workspace, 1, true));
    c->gradient = bpi_allocate(allocator, weights, sizeof *c->gradient);
    c->case_gradient = bpi_allocate(allocator, weights, sizeof *c->case_gradient);
    c->perturbed = bpi_allocate(allocator, weights, sizeof *c->perturbed);
    c->sums = bpi_allocate_zeroed(allocator, weights, sizeof *c->sums);
    c->slices = bpi_allocate_zeroed(allocator, c->net->slice_count, sizeof *c->slices);
    if (c->gradient == NULL || c->case_gradient == NULL || c->perturbed == NULL || c->sums == NULL ||
        c->slices == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the derivatives of %zu weights", function_name,
                        weights);
    set_uses(c);
    bpi_random_seed(&c->stream, 1);
    return BP_OK;
}

/* ---------------------------------------------------------- NaN and infinity */

static bp_status require_finite_gradient(const checker *c, const bp_real *gradient)
{
    for (size_t i = 0; i < c->net->slice_count; i++) {
        const checked_slice *slice = &c->slices[i];
        if (!c->net->kernel->all_finite(gradient + slice->offset, slice->count))
            return bpi_fail(BP_ERROR_NOT_FINITE,
                            "%s: a derivative by a weight into layer '%s' is NaN or infinite", function_name,
                            slice->layer->name);
    }
    return BP_OK;
}

static bp_status require_finite_case(const checker *c, double error)
{
    for (size_t i = 0; i < c->net->layer_count; i++) {
        const bp_layer *layer = c->net->layers[i];
        if (!c->net->kernel->all_finite(c->workspace->outputs[i].y, layer->units))
            return bpi_fail(BP_ERROR_NOT_FINITE, "%s: case %zu: an output of layer '%s' is NaN or infinite",
                            function_name, c->current.first, layer->name);
    }
    if (!isfinite(error))
        return bpi_fail(BP_ERROR_NOT_FINITE, "%s: case %zu: the error is %s", function_name, c->current.first,
                        bpi_format_real(error).text);
    return require_finite_gradient(c, c->case_gradient);
}

/* ------------------------------------------------------------------------ one case */

static double square(double value)
{
    return value * value;
}

/* value moved by a relative epsilon, up or down at random. */
static bp_real perturbed(checker *c, bp_real value)
{
    bp_real step = value * (bp_real)BPI_REAL_EPSILON;
    return bpi_random_next(&c->stream) >> 63 ? value + step : value - step;
}

static void perturb_weights(checker *c)
{
    bp_real *weights = bpi_change_weights(c->copy);
    for (size_t i = 0; i < c->net->weight_count; i++)
        weights[i] = perturbed(c, c->net->weights[i]);
}

/* After a forward pass. */
static void perturb_outputs(checker *c)
{
    for (size_t i = 0; i < c->net->layer_count; i++) {
        const bp_layer *layer = c->net->layers[i];
        bp_real *y = c->workspace->arrays[i].y;
        for (size_t j = 0; !layer->is_input && j < layer->units; j++)
            y[j] = perturbed(c, y[j]);
    }
}

/* E of the current case and its gradient, with perturbed weights and outputs. */
static bp_status perturbed_gradient(checker *c, double *error)
{
    bp_workspace *workspace = c->workspace;
    perturb_weights(c);
    bool keep_x = bpi_error_begin(workspace, c->loss);
    bpi_load_block(workspace, &c->current, 0, 1);
    bpi_forward(workspace, 1, keep_x);
    perturb_outputs(c);
    backward_pass pass = {.function = function_name,
                          .workspace = workspace,
                          .loss = c->loss,
                          .rows = 1,
                          .gradient = c->perturbed};
    BPI_TRY(bpi_backward(&pass));
    *error = bpi_error_sum(workspace);
    return BP_OK;
}

static double max_distance(const bp_real *a, const bp_real *b, size_t count)
{
    double max = 0;
    for (size_t i = 0; i < count; i++) { /* not by fmax, as in bpi_max_abs */
        double distance = fabs((double)a[i] - (double)b[i]);
        max = distance > max ? distance : max;
    }
    return max;
}

/*
 * Estimates the rounding errors of E and dE/dw in the current case. A rounded sum of products is the exact
 * sum for slightly different weights (backward error), so weights and outputs are perturbed by as much as
 * rounding does, a few times.
 */
static bp_status measure_noise(checker *c, double error)
{
    enum { TIMES = 4 };
    double squares = 0, moved;
    checked_slice *end = c->slices + c->net->slice_count;
    for (checked_slice *slice = c->slices; slice < end; slice++)
        slice->noise = 0;
    for (int n = 0; n < TIMES; n++) {
        BPI_TRY(perturbed_gradient(c, &moved));
        squares += square(moved - error) / TIMES;
        for (checked_slice *slice = c->slices; slice < end; slice++)
            slice->noise = fmax(slice->noise, max_distance(c->perturbed + slice->offset,
                                                           c->case_gradient + slice->offset, slice->count));
    }
    memcpy(bpi_change_weights(c->copy), c->net->weights, c->net->weight_count * sizeof *c->copy->weights);
    c->noise = sqrt(squares) + (double)BPI_REAL_EPSILON * fabs(error);
    for (checked_slice *slice = c->slices; slice < end; slice++)
        slice->sum_noise += slice->noise;
    return BP_OK;
}

/* E as a function of one weight. */
typedef struct moving_weight {
    checker *checker;
    size_t weight;
    bp_real start;
} moving_weight;

static double error_at(void *context, double offset, double *moved)
{
    const moving_weight *moving = context;
    checker *c = moving->checker;
    batch_error result;
    bp_real *const weight = &bpi_change_weights(c->copy)[moving->weight];
    *weight = (bp_real)((double)moving->start + offset);
    *moved = (double)*weight - (double)moving->start;
    bpi_batch_error(c->workspace, &c->current, c->loss, &result);
    return result.error;
}

/* Finds max_y of each matrix over all its uses, after a forward pass. */
static void measure_senders(checker *c)
{
    for (size_t i = 0; i < c->net->slice_count; i++)
        c->slices[i].max_y = 0;
    for (size_t i = 0; i < c->net->connection_count; i++) {
        const bp_connection *connection = c->net->connections[i];
        checked_slice *slice = &c->slices[connection->slice];
        const layer_outputs *from = &c->workspace->outputs[connection->from->index];
        slice->max_y = fmax(slice->max_y, bpi_max_abs(from->y, connection->from->units));
    }
}

/* A change of a weight that changes a total input by at most 1, except through later uses of the weight. */
static double unit_of(const checked_slice *slice)
{
    return slice->max_y > 0 ? fmin(1 / slice->max_y, BPI_REAL_MAX) : 1;
}

/* The analytic sum has all cases: subtracts the current one. */
static void skip(checker *c, size_t weight)
{
    c->sums[weight].analytic -= (double)c->case_gradient[weight];
    c->result->skipped++;
}

/* Adds the difference quotient of the current case by one weight, or skips the case if there is none. */
static void check_weight(checker *c, const checked_slice *slice, size_t weight, difference_curve *curve)
{
    moving_weight moving = {.checker = c, .weight = weight, .start = c->copy->weights[weight]};
    double numeric;
    curve->context = &moving;
    bool known =
        bpi_difference(curve, c->result->tolerance / BPI_CHECK_SAFETY_FACTOR, slice->case_scale, &numeric);
    bpi_change_weights(c->copy)[weight] = moving.start;
    if (!known) {
        skip(c, weight);
        return;
    }
    c->sums[weight].numeric += numeric;
    c->sums[weight].compared = true;
}

static void check_slice(checker *c, checked_slice *slice)
{
    batch_error start;
    bpi_batch_error(c->workspace, &c->current, c->loss, &start);
    difference_curve curve = {
        .value = error_at, .center = start.error, .noise = c->noise, .unit = unit_of(slice)};
    slice->case_scale = bpi_max_abs(c->case_gradient + slice->offset, slice->count);
    slice->sum_squares += square(slice->case_scale);
    double allowed = c->result->tolerance / BPI_CHECK_SAFETY_FACTOR * slice->case_scale;
    bool below_noise = allowed > 0 && slice->noise > allowed;
    for (size_t i = slice->offset; i < slice->offset + slice->count; i++) {
        if (below_noise)
            skip(c, i);
        else
            check_weight(c, slice, i, &curve);
    }
}

static bp_status check_case(checker *c, size_t index)
{
    batch_error found;
    c->current = (batch){.data = c->data, .first = index, .count = 1};
    BPI_TRY(bpi_batch_gradient(function_name, c->workspace, &c->current, c->loss, c->case_gradient, &found));
    BPI_TRY(require_finite_case(c, found.error));
    bpi_check_activations(c->net, c->workspace, c->result);
    measure_senders(c);
    BPI_TRY(measure_noise(c, found.error));
    for (size_t i = 0; i < c->net->slice_count; i++)
        if (c->slices[i].layer != NULL)
            check_slice(c, &c->slices[i]);
    return BP_OK;
}

/* ------------------------------------------------------------------------ all cases */

static double scale_of(const checker *c, const checked_slice *slice)
{
    double min_scale = slice->sum_noise * BPI_CHECK_SAFETY_FACTOR / c->result->tolerance;
    double scale = fmax(sqrt(slice->sum_squares), min_scale);
    for (size_t i = slice->offset; i < slice->offset + slice->count; i++)
        if (c->sums[i].compared)
            scale = fmax(scale, fmax(fabs(c->sums[i].analytic), fabs(c->sums[i].numeric)));
    return scale;
}

static void compare_weight(checker *c, const checked_slice *slice, size_t index, double scale)
{
    bp_gradient_check *result = c->result;
    const weight_sums *sums = &c->sums[slice->offset + index];
    double deviation = scale == 0 ? 0 : fabs(sums->analytic - sums->numeric) / scale;
    result->checked++;
    if (deviation > result->tolerance && (c->suspect == NULL || slice->layer->index > c->suspect->index))
        c->suspect = slice->layer;
    if (result->layer != NULL && !(deviation > result->max_deviation))
        return;
    result->max_deviation = deviation;
    result->weight = slice->offset + index;
    result->analytic = sums->analytic;
    result->numeric = sums->numeric;
    result->layer = slice->layer->name;
    weight_place place = {.unit = index * slice->layer->units_per_bias};
    if (slice->connection != NULL)
        place = bpi_connection_structure(slice->connection)->locate(slice->connection, index);
    result->unit = place.unit;
    result->from = slice->connection == NULL ? NULL : slice->connection->from->name;
    result->from_unit = place.from_unit;
}

static void compare(checker *c)
{
    for (size_t i = 0; i < c->net->slice_count; i++) {
        const checked_slice *slice = &c->slices[i];
        double scale = scale_of(c, slice);
        for (size_t n = 0; n < slice->count; n++)
            if (c->sums[slice->offset + n].compared)
                compare_weight(c, slice, n, scale);
    }
    bp_gradient_check *result = c->result;
    result->suspect = c->suspect == NULL ? NULL : c->suspect->name;
    result->passed = result->checked > 0 && result->max_deviation <= result->tolerance &&
                     result->activation_max_deviation <= result->tolerance;
}

static bp_status check(checker *c, bp_workspace *workspace)
{
    batch all = {.data = c->data, .count = c->data->cases};
    batch_error found;
    BPI_TRY(prepare(c));
    BPI_TRY(bpi_batch_gradient(function_name, workspace, &all, c->loss, c->gradient, &found));
    for (size_t i = 0; i < c->net->weight_count; i++)
        c->sums[i].analytic = (double)c->gradient[i];
    for (size_t i = 0; i < c->data->cases; i++)
        BPI_TRY(check_case(c, i));
    BPI_TRY(require_finite_gradient(c, c->gradient));
    compare(c);
    return BP_OK;
}

bp_status bp_network_check_gradient(const bp_network *net, bp_workspace *workspace, const bp_data *data,
                                    bp_loss loss, double tolerance, bp_gradient_check *result)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(workspace);
    BPI_REQUIRE(data);
    BPI_REQUIRE(result);
    BPI_TRY(bpi_check_result_struct(function_name, SIZED_GRADIENT_CHECK, result));
    if (!(tolerance >= 0 && tolerance < 1))
        return bpi_fail(BP_ERROR_ARGUMENT,
                        "%s: tolerance is %s, it must be > 0 and < 1, or 0 for the default", function_name,
                        bpi_format_real(tolerance).text);
    bp_data checked;
    BPI_TRY(bpi_validate_gradient_call(function_name, net, workspace, data, &loss, &checked));
    workspace->last_cases = 0;
    bp_gradient_check found = {.tolerance = tolerance > 0 ? tolerance : default_tolerance};
    checker c = {.net = net, .data = &checked, .loss = &loss, .result = &found};
    bp_status status = check(&c, workspace);
    if (status == BP_OK)
        bpi_write_struct(SIZED_GRADIENT_CHECK, result, &found);
    clear(&c);
    return status;
}
