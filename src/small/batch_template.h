/*
 * A pass of a small network (small.h), a case in each lane. A group of cases is one or two vectors wide and
 * goes forward and backward as a whole. After a few groups, each weight's derivative is summed over all of
 * them in one register, which is then reduced over its lanes:
 *
 *     a group:  y of unit 0      [ case 0 ... case 31 ]       forward:  x_j = sum_i w_ji y_i, a row of y each
 *               y of unit 1      [ case 0 ... case 31 ]       backward: dy_i = sum_j w_ji delta_j, likewise
 *                ..                                           weights:  dE/dw_ji = sum of delta_j * y_i along
 *               delta of unit 0  [ case 0 ... case 31 ]                 the rows of all groups
 *                ..
 *
 * Lanes without a case repeat the last case of the group, with the case weight 0. Beyond SMALL_LANE_WEIGHTS
 * weights the derivatives are not summed over lanes, but over cases (case_rows_template.h).
 */
#ifndef BPI_SMALL_BATCH_TEMPLATE_H
#define BPI_SMALL_BATCH_TEMPLATE_H

#include <math.h>

#include "kernel/softmax_template.h"
#include "kernel/wide.h"
#include "small/case_rows_template.h"
#include "small/group_template.h"

enum { SMALL_UNITS = 4 }; /* computed at once; twice as many where a row is a single vector */

/* --------------------------------------------------------------------- products */

/* Some units of a layer: `at_once`, a constant, of which the last ones are repetitions if `count` is less. */
typedef struct unit_range {
    size_t first, at_once, count;
} unit_range;

/* The number of the unit that is computed as the u-th of the range. */
BPI_INLINE size_t unit_at(const unit_range *units, size_t u)
{
    return units->first + (u < units->count ? u : units->count - 1);
}

/*
 * sum[u][v] += sum over i < terms of w[u * unit_stride + i * term_stride] * row i of values, u in the range:
 * eq. 1, where the weights of a unit are a row of the matrix, and eq. 7, where they are a column.
 */
BPI_INLINE void add_weighted_rows(const bp_real *w, size_t unit_stride, size_t term_stride,
                                  const unit_range *units, size_t width, const bp_real *values, size_t terms,
                                  vec sum[])
{
    size_t offset[SMALL_UNITS * SMALL_WIDTH];
    BPI_UNROLL
    for (size_t u = 0; u < units->at_once; u++)
        offset[u] = unit_at(units, u) * unit_stride;
    for (size_t i = 0; i < terms; i++, w += term_stride, values += width * BPI_LANES) {
        vec value[SMALL_WIDTH];
        BPI_UNROLL
        for (size_t v = 0; v < width; v++)
            value[v] = load(values + v * BPI_LANES);
        BPI_UNROLL
        for (size_t u = 0; u < units->at_once; u++) {
            vec weight = splat(w[offset[u]]);
            BPI_UNROLL
            for (size_t v = 0; v < width; v++)
                sum[u * width + v] = multiply_add(weight, value[v], sum[u * width + v]);
        }
    }
}

/* Stores the sums of the units of the range. */
BPI_INLINE void store_unit_sums(const unit_range *units, size_t width, const vec sum[], bp_real *rows)
{
    rows += units->first * width * BPI_LANES;
    BPI_UNROLL
    for (size_t u = 0; u < units->at_once; u++) {
        if (u >= units->count)
            return;
        BPI_UNROLL
        for (size_t v = 0; v < width; v++)
            store(rows + (u * width + v) * BPI_LANES, sum[u * width + v]);
    }
}

/* [RHW86] eq. 1 */
BPI_INLINE void forward_units(const bp_real *weights, const small_layer *layer, const unit_range *units,
                              size_t width, bp_real *y)
{
    const size_t row = width * BPI_LANES;
    vec x[SMALL_UNITS * SMALL_WIDTH];
    BPI_UNROLL
    for (size_t u = 0; u < units->at_once; u++) {
        vec bias = layer->has_bias
                       ? splat(weights[layer->bias_offset + unit_at(units, u) * layer->bias_stride])
                       : (vec){0};
        BPI_UNROLL
        for (size_t v = 0; v < width; v++)
            x[u * width + v] = bias;
    }
    for (size_t c = 0; c < layer->incoming_count; c++) {
        const small_connection *connection = &layer->incoming[c];
        add_weighted_rows(weights + connection->offset, connection->stride, 1, units, width,
                          y + connection->first_row * row, connection->units, x);
    }
    store_unit_sums(units, width, x, y + layer->first_row * row);
}

/* [RHW86] eq. 7 likewise. The sums begin with 0 or, for an output layer, with its own dE/dy, which is in
 * delta. */
BPI_INLINE void backward_units(const bp_real *weights, const small_layer *layer, const unit_range *units,
                               size_t width, bp_real *delta)
{
    const size_t row = width * BPI_LANES;
    vec sum[SMALL_UNITS * SMALL_WIDTH];
    bp_real *to = delta + layer->first_row * row;
    BPI_UNROLL
    for (size_t u = 0; u < units->at_once; u++) {
        BPI_UNROLL
        for (size_t v = 0; v < width; v++)
            sum[u * width + v] =
                layer->is_output ? load(to + unit_at(units, u) * row + v * BPI_LANES) : (vec){0};
    }
    for (size_t c = 0; c < layer->outgoing_count; c++) {
        const small_connection *connection = &layer->outgoing[c];
        add_weighted_rows(weights + connection->offset, 1, connection->stride, units, width,
                          delta + connection->first_row * row, connection->units, sum);
    }
    store_unit_sums(units, width, sum, to);
}

/* A whole layer, MOST units at once, the last ones with fewer; numbers of units at once, and widths, are
 * constants in each call. */
#define BPI_SMALL_LAYER(name, units_function, width)                                                         \
    BPI_NOINLINE void name(const bp_real *weights, const small_layer *layer, bp_real *values)                \
    {                                                                                                        \
        enum { MOST = SMALL_UNITS * SMALL_WIDTH / (width) };                                                 \
        unit_range units = {0, MOST, MOST};                                                                  \
        for (; units.first + MOST <= layer->units; units.first += MOST)                                      \
            units_function(weights, layer, &units, width, values);                                           \
        units.count = layer->units - units.first;                                                            \
        if (units.count > SMALL_UNITS)                                                                       \
            units_function(weights, layer, &units, width, values);                                           \
        else if (units.count > 0)                                                                            \
            units_function(weights, layer, &(unit_range){units.first, SMALL_UNITS, units.count}, width,      \
                           values);                                                                          \
    }
BPI_SMALL_LAYER(forward_narrow, forward_units, 1)
BPI_SMALL_LAYER(forward_wide, forward_units, SMALL_WIDTH)
BPI_SMALL_LAYER(backward_narrow, backward_units, 1)
BPI_SMALL_LAYER(backward_wide, backward_units, SMALL_WIDTH)

/* ---------------------------------------------------------------------- forward */

/* Where the total inputs of a layer are kept, for its slope or its loss; NULL: they are not. */
static bp_real *x_of_layer(const small_pass *pass, const small_layer *layer, const small_group *group)
{
    if (layer->needs_x)
        return group->x + layer->first_x_row * group->row;
    return layer->is_output && pass->targets != NULL && pass->losses[layer - pass->net->layers].gives_delta
               ? group->delta + layer->first_row * group->row
               : NULL;
}

/* [RHW86] eq. 1 and 2 */
static void forward_small_layer(const small_pass *pass, const small_layer *layer, const small_group *group)
{
    bp_real *y = group->y + layer->first_row * group->row;
    if (group->width == 1)
        forward_narrow(pass->weights, layer, group->y);
    else
        forward_wide(pass->weights, layer, group->y);
    const size_t count = layer->units * group->row;
    bp_real *x = x_of_layer(pass, layer, group);
    if (x != NULL)
        memcpy(x, y, count * sizeof *y);
    if (layer->needs_x)
        pass->net->kernel->find_values(layer->activation, layer->parameter, y, y, count);
    else if (layer->activation != KERNEL_SOFTMAX)
        pass->net->kernel->activate(layer->activation, y, y, count);
    else
        for (size_t v = 0; v < group->row; v += BPI_LANES)
            softmax_per_lane(y + v, group->row, layer->units);
}

static void forward_group(const small_pass *pass, size_t i, const small_group *group)
{
    const small_layer *layer = &pass->net->layers[i];
    const small_values *values = &pass->values[i];
    bp_real *y = group->y + layer->first_row * group->row;
    if (layer->is_input)
        load_columns(values->inputs, values->stride, group, layer->units, y);
    else
        forward_small_layer(pass, layer, group);
    if (!layer->is_input && values->outputs != NULL)
        store_columns(y, group, layer->units, values->outputs, layer->units);
    if (!layer->is_input && layer->needs_x && values->x != NULL)
        store_columns(group->x + layer->first_x_row * group->row, group, layer->units, values->x,
                      layer->units);
}

/* ------------------------------------------------------------------------ error */

/* Multiplies E and derivatives of a vector of cases by their weights and that of the layer, and adds E to
 * that of other layers. */
static void add_weighted_error(const double *of_layer, const bp_real *weight, double layer_weight, size_t row,
                               size_t units, bp_real *delta, double *error)
{
    const vec weights = load(weight) * (bp_real)layer_weight;
    BPI_UNROLL
    for (size_t part = 0; part < WIDE_PARTS; part++) {
        wide before, added;
        memcpy(&before, error + part * WIDE_LANES, sizeof before);
        memcpy(&added, of_layer + part * WIDE_LANES, sizeof added);
        before += added * load_wide(weight + part * WIDE_LANES) * layer_weight;
        memcpy(error + part * WIDE_LANES, &before, sizeof before);
    }
    for (size_t j = 0; j < units * row; j += row)
        store(delta + j, load(delta + j) * weights);
}

/* [RHW86] eq. 3 and 4. Total inputs that the loss needs are where the derivatives will be. */
BPI_NOINLINE void output_error(const small_pass *pass, const small_layer *layer, small_group *group)
{
    const size_t row = group->row;
    bp_real *delta = group->delta + layer->first_row * row;
    const small_loss *loss = &pass->losses[layer - pass->net->layers];
    output_loss terms = loss->terms;
    double error[SMALL_CASES];
    terms.rows = row;
    terms.units = layer->units;
    terms.x = terms.derivative = delta;
    terms.y = group->y + layer->first_row * row;
    terms.targets = group->targets + layer->output_column * row;
    const double max_abs_error = loss->find != NULL ? loss->find(loss->loss, &terms, error)
                                                    : pass->net->kernel->find_loss_by_unit(&terms, error);
    if (max_abs_error > group->max_abs_error)
        group->max_abs_error = max_abs_error;
    for (size_t v = 0; v < row; v += BPI_LANES)
        add_weighted_error(error + v, group->weight + v, loss->weight, row, layer->units, delta + v,
                           group->error + v);
}

/* --------------------------------------------------------------------- backward */

/* dE/dx_j = y_j (dE/dy_j - sum_k y_k dE/dy_k), in place, for each lane over the units. */
static void softmax_delta_per_lane(const bp_real *y, bp_real *delta, size_t row, size_t units)
{
    vec mean = {0};
    for (size_t k = 0; k < units; k++)
        mean = multiply_add(load(y + k * row), load(delta + k * row), mean);
    for (size_t j = 0; j < units; j++)
        store(delta + j * row, load(y + j * row) * (load(delta + j * row) - mean));
}

/* [RHW86] eq. 7 and 5; an input layer has no slope, and the derivative of a loss may have it already. */
static void backward_small_layer(const small_pass *pass, const small_layer *layer, const small_group *group)
{
    const bp_real *y = group->y + layer->first_row * group->row;
    bp_real *delta = group->delta + layer->first_row * group->row;
    if (layer->outgoing_count > 0 && group->width == 1)
        backward_narrow(pass->weights, layer, group->delta);
    else if (layer->outgoing_count > 0)
        backward_wide(pass->weights, layer, group->delta);
    if (layer->is_input || (layer->is_output && pass->losses[layer - pass->net->layers].gives_delta))
        return;
    if (layer->needs_x)
        pass->net->kernel->multiply_slope_at(layer->activation, layer->parameter,
                                             group->x + layer->first_x_row * group->row, delta,
                                             layer->units * group->row);
    else if (layer->activation != KERNEL_SOFTMAX)
        pass->net->kernel->multiply_slope(layer->activation, y, delta, layer->units * group->row);
    else
        for (size_t v = 0; v < group->row; v += BPI_LANES)
            softmax_delta_per_lane(y + v, delta + v, group->row, layer->units);
}

static void find_error(small_pass *pass, small_group *group)
{
    load_columns(pass->targets, pass->target_stride, group, pass->net->output_width, group->targets);
    memset(group->error, 0, group->row * sizeof *group->error);
    for (size_t i = 0; i < pass->net->layer_count; i++)
        if (pass->net->layers[i].is_output)
            output_error(pass, &pass->net->layers[i], group);
}

static void backward_group(const small_pass *pass, size_t i, const small_group *group)
{
    const small_layer *layer = &pass->net->layers[i];
    if (layer->is_input && pass->input_gradient == NULL)
        return;
    backward_small_layer(pass, layer, group);
    if (layer->is_input)
        store_columns(group->delta + layer->first_row * group->row, group, layer->units,
                      pass->input_gradient + layer->input_column, pass->input_width);
}

/* y of all layers that send to others, a row for each case. */
static void make_case_rows(const small_pass *pass, const small_group *group)
{
    const size_t slots = pass->net->slots;
    if (pass->net->has_bias_vectors)
        mark_biases(group->case_rows + pass->net->one_slot, 0, group->count, slots);
    for (size_t i = 0; i < pass->net->layer_count; i++) {
        const small_layer *layer = &pass->net->layers[i];
        bp_real *to = group->case_rows + layer->first_slot;
        if (layer->is_input)
            copy_rows_of_cases(pass->values[i].inputs, pass->values[i].stride, group, layer->units,
                               pass->net->is_padded, to, slots);
        else if (layer->outgoing_count > 0)
            transpose(group->y + layer->first_row * group->row, group->row, layer->units, group->row, to,
                      slots);
        if (pass->net->is_padded && !layer->is_input && layer->units % BPI_LANES != 0)
            mark_biases(to, layer->units, group->count, slots);
    }
}

static void weight_gradient_of_groups(const small_pass *pass, const small_group *group, size_t groups,
                                      bool add)
{
    const bp_real *delta = pass->scratch + pass->net->rows * group->row;
    const small_group *last = group + groups - 1;
    const bool takes_mean = pass->takes_mean && last->start + last->count == pass->count;
    size_t counts[SMALL_GROUPS];
    case_rows rows = {.y = group->case_rows,
                      .delta = delta,
                      .slots = pass->net->slots,
                      .row = group->row,
                      .groups = groups,
                      .group_size = group->size,
                      .counts = counts,
                      .add = add,
                      .factor = takes_mean ? 1 / (bp_real)pass->count : 1};
    for (size_t g = 0; pass->net->sums_over_cases && g < groups; g++) {
        counts[g] = group[g].count;
        make_case_rows(pass, &group[g]);
    }
    small_tile t;
    t.row = group->row;
    t.groups = groups;
    t.group_size = group->size;
    for (size_t i = 0; i < pass->net->layer_count; i++) {
        const small_layer *layer = &pass->net->layers[i];
        if (layer->is_input)
            continue;
        if (pass->net->sums_over_cases)
            weight_gradient_by_cases(pass, layer, &rows);
        else
            weight_gradient_by_lanes(pass, layer, delta + layer->first_row * t.row, add, &t);
        if (!pass->net->is_padded)
            bias_gradient_of_layer(pass, layer, delta + layer->first_row * t.row, add, &t);
    }
}

/* ------------------------------------------------------------------------ whole */

/* Layer by layer through all groups, so that the latency of one group overlaps with the work on others. */
static void run_groups(small_pass *pass, small_group group[], size_t groups)
{
    const size_t layers = pass->net->layer_count;
    for (size_t i = 0; i < layers; i++)
        for (size_t g = 0; g < groups; g++)
            forward_group(pass, i, &group[g]);
    for (size_t g = 0; pass->targets != NULL && g < groups; g++)
        find_error(pass, &group[g]);
    for (size_t i = layers; (pass->gradient != NULL || pass->input_gradient != NULL) && i-- > 0;)
        for (size_t g = 0; g < groups; g++)
            backward_group(pass, i, &group[g]);
}

/* Case by case, so that the sum does not depend on how the cases are divided into groups. */
static void add_errors(small_pass *pass, const small_group *group)
{
    double error = pass->error;
    for (size_t lane = 0; lane < group->count; lane++)
        error += group->error[lane];
    pass->error = error;
}

static void update_max_abs_error(small_pass *pass, const small_group *group)
{
    if (isnan(pass->error))
        pass->max_abs_error = pass->error;
    else if (group->max_abs_error > pass->max_abs_error)
        pass->max_abs_error = group->max_abs_error;
}

/* Cases `first` to end - 1 of the pass, in groups of that width. */
static void run_range(small_pass *pass, size_t first, size_t end, size_t width)
{
    const size_t row = width * BPI_LANES, size = lane_values(pass->net) * row, max = max_groups(pass->net);
    const size_t needed = (end - first + row - 1) / row, count = needed < max ? needed : max;
    small_group group[SMALL_GROUPS];
    for (size_t g = 0; g < count; g++) {
        begin_group(pass, width, pass->scratch + g * size, &group[g]);
        group[g].targets = pass->scratch + max * size;
    }
    for (size_t start = first; start < end; start += count * row) {
        size_t groups = 0;
        for (size_t from = start; groups < count && from < end; groups++, from += row)
            choose_cases(pass, from, end - from, &group[groups]);
        run_groups(pass, group, groups);
        for (size_t g = 0; pass->targets != NULL && g < groups; g++)
            add_errors(pass, &group[g]);
        if (pass->gradient != NULL)
            weight_gradient_of_groups(pass, group, groups, pass->accumulate || start > 0);
    }
    for (size_t g = 0; pass->targets != NULL && g < count; g++)
        update_max_abs_error(pass, &group[g]);
}

/* The last cases, if they fit into one vector, make a narrow group of their own, unless their gradient would
 * have to be summed over lanes for them. */
static void run_pass(small_pass *pass)
{
    const size_t rest = pass->count % SMALL_CASES, count = pass->count;
    const bool is_apart = rest <= BPI_LANES && (rest == count || pass->net->sums_over_cases);
    const size_t in_wide = is_apart ? count - rest : count;
    if (in_wide > 0)
        run_range(pass, 0, in_wide, SMALL_WIDTH);
    if (in_wide < count)
        run_range(pass, in_wide, count, 1);
}

#endif
