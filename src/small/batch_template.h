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
 * Lanes without a case repeat the last case of the group, with the case weight 0.
 */
#ifndef BPI_SMALL_BATCH_TEMPLATE_H
#define BPI_SMALL_BATCH_TEMPLATE_H

#include <math.h>

#include "kernel/pack_template.h"
#include "kernel/softmax_template.h"
#include "small/weights_template.h"

enum {
    SMALL_WIDTH = 2, /* vectors in a row of a group, two to hide latency; one if all cases fit into it */
    SMALL_CASES = SMALL_WIDTH * BPI_LANES, /* of a wide group */
    SMALL_GROUPS = 4,                      /* at most; with so many the reductions over lanes cost little */
    SMALL_BYTES = 24 * 1024,               /* of all groups, which should stay in the first-level cache */
    SMALL_UNITS = 4,                       /* computed at once */
};

/* A group: its cases and their values. */
typedef struct small_group {
    size_t width, row; /* vectors, and values, in a row */
    size_t size;       /* values in all its rows: y, delta, x */
    bp_real *y, *delta, *x;
    bp_real *targets;                 /* a row per output */
    size_t start, count;              /* which cases of the pass */
    bool is_full;                     /* as many cases as lanes, contiguous in memory from case `first` on */
    size_t first, index[SMALL_CASES]; /* index: not set if is_full and there are no case weights */
    bp_real weight[SMALL_CASES];      /* of each case */
    double error[SMALL_CASES];        /* E of each */
    double max_abs_error;
} small_group;

/* Rows of values of a group. */
static size_t group_rows(const small_net *net)
{
    return 2 * net->rows + net->x_rows;
}

/* How many groups fit into the cache: their values, and a row for the weights of the cases. */
static size_t max_groups(const small_net *net)
{
    size_t groups = SMALL_BYTES / ((group_rows(net) + 1) * SMALL_CASES * sizeof(bp_real));
    return groups < 1 ? 1 : groups > SMALL_GROUPS ? SMALL_GROUPS : groups;
}

static size_t pass_scratch(const small_net *net)
{
    return (group_rows(net) * max_groups(net) + net->output_width) * SMALL_CASES;
}

/* The group takes the next cases of the pass, from `start` on, of which `left` are left. */
static void choose_cases(const small_pass *pass, size_t start, size_t left, small_group *group)
{
    const size_t count = left < group->row ? left : group->row;
    group->start = start;
    group->count = count;
    group->is_full = pass->order == NULL && count == group->row;
    group->first = pass->first + start;
    if (group->is_full && pass->case_weights == NULL)
        return;
    for (size_t lane = 0; lane < count; lane++)
        group->index[lane] = pass->order ? pass->order[start + lane] : pass->first + start + lane;
    for (size_t lane = 0; lane < count; lane++)
        group->weight[lane] = pass->case_weights ? pass->case_weights[group->index[lane]] : 1;
    for (size_t lane = count; lane < group->row; lane++) {
        group->index[lane] = group->index[count - 1];
        group->weight[lane] = 0;
    }
}

/* ----------------------------------------------------------------- in and out */

/* BPI_BLOCK columns, from j on, of BPI_LANES rows, transposed. */
BPI_INLINE void load_block_columns(const bp_real *const row[BPI_LANES], size_t j, bp_real *to, size_t to_row)
{
    vec square[BPI_BLOCK];
    BPI_UNROLL
    for (size_t i = 0; i < BPI_BLOCK; i++) {
        const bp_real *blocks[BPI_BLOCKS];
        BPI_UNROLL
        for (size_t b = 0; b < BPI_BLOCKS; b++)
            blocks[b] = row[i + b * BPI_BLOCK] + j;
        square[i] = load_blocks(blocks);
    }
    transpose_squares(square, to + j * to_row, to_row);
}

/* All columns of rows that are contiguous in memory, transposed. */
static void load_full_columns(const bp_real *from, size_t stride, size_t rows, size_t columns, bp_real *to)
{
    if (columns >= BPI_BLOCK)
        transpose(from, stride, rows, columns, to, rows);
    else if (stride == 1)
        memcpy(to, from, rows * sizeof *to);
    else
        for (size_t j = 0; j < columns; j++, from++)
            for (size_t i = 0; i < rows; i++)
                *to++ = from[i * stride];
}

/* to[column][lane] = values[case of the lane][column] */
BPI_NOINLINE void load_columns(const bp_real *values, size_t stride, const small_group *group, size_t columns,
                               bp_real *to)
{
    if (group->is_full) {
        load_full_columns(values + group->first * stride, stride, group->row, columns, to);
        return;
    }
    for (size_t v = 0; v < group->row; v += BPI_LANES, to += BPI_LANES) {
        const bp_real *row[BPI_LANES];
        for (size_t lane = 0; lane < BPI_LANES; lane++)
            row[lane] = values + group->index[v + lane] * stride;
        size_t j = 0;
        for (; j + BPI_BLOCK <= columns; j += BPI_BLOCK)
            load_block_columns(row, j, to, group->row);
        if (j < columns && columns >= BPI_BLOCK) /* the last block overlaps the one before */
            load_block_columns(row, columns - BPI_BLOCK, to, group->row);
        for (; j < columns && columns < BPI_BLOCK; j++)
            for (size_t lane = 0; lane < BPI_LANES; lane++)
                to[j * group->row + lane] = row[lane][j];
    }
}

/* The inverse, for the cases of the group; a case's row is found by its number in the pass. */
static void store_columns(const bp_real *from, const small_group *group, size_t columns, bp_real *rows,
                          size_t stride)
{
    for (size_t lane = 0; lane < group->count; lane++)
        for (size_t j = 0; j < columns; j++)
            rows[(group->start + lane) * stride + j] = from[j * group->row + lane];
}

/* --------------------------------------------------------------------- products */

/*
 * sum[u][v] += sum over i < terms of w[u * unit_stride + i * term_stride] * row i of values: eq. 1, where the
 * weights of a unit are a row of the matrix, and eq. 7, where they are a column.
 */
BPI_INLINE void add_weighted_rows(const bp_real *w, size_t unit_stride, size_t term_stride, size_t units,
                                  size_t width, const bp_real *values, size_t terms, vec sum[])
{
    for (size_t i = 0; i < terms; i++, w += term_stride, values += width * BPI_LANES) {
        vec value[SMALL_WIDTH];
        BPI_UNROLL
        for (size_t v = 0; v < width; v++)
            value[v] = load(values + v * BPI_LANES);
        BPI_UNROLL
        for (size_t u = 0; u < units; u++) {
            vec weight = splat(w[u * unit_stride]);
            BPI_UNROLL
            for (size_t v = 0; v < width; v++)
                sum[u * SMALL_WIDTH + v] = multiply_add(weight, value[v], sum[u * SMALL_WIDTH + v]);
        }
    }
}

/* [RHW86] eq. 1 for `units` units from `unit` on. */
BPI_INLINE void forward_units(const bp_real *weights, const small_layer *layer, size_t unit, size_t units,
                              size_t width, bp_real *y)
{
    const size_t row = width * BPI_LANES;
    vec x[SMALL_UNITS * SMALL_WIDTH];
    BPI_UNROLL
    for (size_t u = 0; u < units; u++) {
        vec bias = layer->has_bias ? splat(weights[layer->bias_offset + unit + u]) : (vec){0};
        BPI_UNROLL
        for (size_t v = 0; v < width; v++)
            x[u * SMALL_WIDTH + v] = bias;
    }
    for (size_t c = 0; c < layer->incoming_count; c++) {
        const small_connection *connection = &layer->incoming[c];
        add_weighted_rows(weights + connection->offset + unit * connection->units, connection->units, 1,
                          units, width, y + connection->first_row * row, connection->units, x);
    }
    BPI_UNROLL
    for (size_t u = 0; u < units; u++) {
        BPI_UNROLL
        for (size_t v = 0; v < width; v++)
            store(y + (layer->first_row + unit + u) * row + v * BPI_LANES, x[u * SMALL_WIDTH + v]);
    }
}

/* [RHW86] eq. 7 likewise. The sums begin with 0 or, for an output layer, with its own dE/dy, which is in
 * delta. */
BPI_INLINE void backward_units(const bp_real *weights, const small_layer *layer, size_t unit, size_t units,
                               size_t width, bp_real *delta)
{
    const size_t row = width * BPI_LANES;
    vec sum[SMALL_UNITS * SMALL_WIDTH];
    bp_real *to = delta + (layer->first_row + unit) * row;
    BPI_UNROLL
    for (size_t u = 0; u < units; u++) {
        BPI_UNROLL
        for (size_t v = 0; v < width; v++)
            sum[u * SMALL_WIDTH + v] = layer->is_output ? load(to + u * row + v * BPI_LANES) : (vec){0};
    }
    for (size_t c = 0; c < layer->outgoing_count; c++) {
        const small_connection *connection = &layer->outgoing[c];
        add_weighted_rows(weights + connection->offset + unit, 1, layer->units, units, width,
                          delta + connection->first_row * row, connection->units, sum);
    }
    BPI_UNROLL
    for (size_t u = 0; u < units; u++) {
        BPI_UNROLL
        for (size_t v = 0; v < width; v++)
            store(to + u * row + v * BPI_LANES, sum[u * SMALL_WIDTH + v]);
    }
}

/* A whole layer, SMALL_UNITS, 2 or 1 units at once; numbers of units and widths are constants in each call.
 */
#define BPI_SMALL_LAYER(name, units_function, width)                                                         \
    BPI_NOINLINE void name(const bp_real *weights, const small_layer *layer, bp_real *values)                \
    {                                                                                                        \
        size_t unit = 0;                                                                                     \
        for (; unit + SMALL_UNITS <= layer->units; unit += SMALL_UNITS)                                      \
            units_function(weights, layer, unit, SMALL_UNITS, width, values);                                \
        for (; unit + 2 <= layer->units; unit += 2)                                                          \
            units_function(weights, layer, unit, 2, width, values);                                          \
        if (unit < layer->units)                                                                             \
            units_function(weights, layer, unit, 1, width, values);                                          \
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
    for (size_t lane = 0; lane < BPI_LANES; lane++)
        error[lane] += of_layer[lane] * (double)weight[lane] * layer_weight;
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
    for (size_t lane = 0; lane < group->row; lane++)
        group->error[lane] = 0;
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

static void weight_gradient_of_groups(const small_pass *pass, const small_group *group, size_t groups,
                                      bool add)
{
    const bp_real *delta = pass->scratch + pass->net->rows * group->row;
    small_tile t;
    t.row = group->row;
    t.groups = groups;
    t.group_size = group->size;
    for (size_t i = 0; i < pass->net->layer_count; i++)
        if (!pass->net->layers[i].is_input)
            weight_gradient_of_layer(pass, &pass->net->layers[i], delta, add, &t);
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

static void begin_group(const small_pass *pass, size_t width, bp_real *scratch, small_group *group)
{
    const size_t rows = pass->net->rows;
    group->width = width;
    group->row = width * BPI_LANES;
    group->size = group_rows(pass->net) * group->row;
    group->y = scratch;
    group->delta = scratch + rows * group->row;
    group->x = group->delta + rows * group->row;
    group->max_abs_error = 0;
    for (size_t lane = 0; lane < group->row; lane++)
        group->weight[lane] = 1;
}

static void update_max_abs_error(small_pass *pass, const small_group *group)
{
    if (isnan(pass->error))
        pass->max_abs_error = pass->error;
    else if (group->max_abs_error > pass->max_abs_error)
        pass->max_abs_error = group->max_abs_error;
}

static void run_pass(small_pass *pass)
{
    const size_t width = pass->count <= BPI_LANES ? 1 : SMALL_WIDTH, row = width * BPI_LANES;
    const size_t size = group_rows(pass->net) * row, max = max_groups(pass->net);
    const size_t needed = (pass->count + row - 1) / row, count = needed < max ? needed : max;
    small_group group[SMALL_GROUPS];
    for (size_t g = 0; g < count; g++) {
        begin_group(pass, width, pass->scratch + g * size, &group[g]);
        group[g].targets = pass->scratch + max * size;
    }
    for (size_t start = 0; start < pass->count; start += count * row) {
        size_t groups = 0;
        for (size_t from = start; groups < count && from < pass->count; groups++, from += row)
            choose_cases(pass, from, pass->count - from, &group[groups]);
        run_groups(pass, group, groups);
        for (size_t g = 0; pass->targets != NULL && g < groups; g++)
            add_errors(pass, &group[g]);
        if (pass->gradient != NULL)
            weight_gradient_of_groups(pass, group, groups, pass->accumulate || start > 0);
    }
    for (size_t g = 0; pass->targets != NULL && g < count; g++)
        update_max_abs_error(pass, &group[g]);
}

#endif
