#include "small/lanes.h"

#include <math.h>
#include <string.h>

/* The arrays of a run, each aligned to a vector. Weights, gradient and the rule's state are in padded rows.
 */
typedef struct lane_arrays {
    bp_real *weights, *gradient, *state[2]; /* the state: one array for each that the rule has, else NULL */
    bp_real *biases;                        /* the same values of the biases alone, one after another */
    bp_real *pass;                          /* scratch memory of the passes */
} lane_arrays;

enum { BIAS_ARRAYS = 4, MAX_ARRAYS = 4 };

static bool has_second_state(const small_online_run *run)
{
    return run->update->kind >= KERNEL_ADAM;
}

static lane_arrays arrays_of(const small_online_run *run)
{
    const size_t weights = run->net->weight_count;
    bp_real *next = run->scratch;
    lane_arrays arrays = {.weights = next, .gradient = next + weights};
    next += 2 * weights;
    if (run->gradient == NULL) {
        arrays.state[0] = next;
        next += weights;
    }
    if (run->gradient == NULL && has_second_state(run)) {
        arrays.state[1] = next;
        next += weights;
    }
    arrays.pass = next;
    arrays.biases = next + run->pass_scratch;
    return arrays;
}

size_t bpi_small_lanes_scratch(const small_net *net, size_t pass_scratch, bool any_rule)
{
    return (any_rule ? MAX_ARRAYS : MAX_ARRAYS - 1) * net->weight_count + pass_scratch +
           BIAS_ARRAYS * net->rows;
}

/* -------------------------------------------------------------------- in and out */

static void copy_values(const bp_real *from, size_t from_stride, bp_real *to, size_t to_stride, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i * to_stride] = from[i * from_stride];
}

/* The values of all weights, from where one description of the network has them to where another has. */
static void copy_weights(const small_net *from_net, const bp_real *from, const small_net *to_net, bp_real *to)
{
    for (size_t i = 0; i < to_net->layer_count; i++) {
        const small_layer *a = &from_net->layers[i], *b = &to_net->layers[i];
        if (b->has_bias)
            copy_values(from + a->bias_offset, a->bias_stride, to + b->bias_offset, b->bias_stride, b->units);
        for (size_t c = 0; c < b->incoming_count; c++) {
            const small_connection *source = &a->incoming[c], *target = &b->incoming[c];
            for (size_t j = 0; j < b->units; j++)
                memcpy(to + target->offset + j * target->stride, from + source->offset + j * source->stride,
                       target->units * sizeof *to);
        }
    }
}

/* Lanes without a weight get 0. */
static void pad(const small_online_run *run, const bp_real *values, bp_real *to)
{
    memset(to, 0, run->net->weight_count * sizeof *to);
    copy_weights(run->unpadded, values, run->net, to);
}

static void lanes_begin(small_online_run *run)
{
    const weight_update *update = run->update;
    const lane_arrays arrays = arrays_of(run);
    pad(run, update->weights, arrays.weights);
    if (arrays.state[0] != NULL)
        pad(run, update->last_update, arrays.state[0]);
    if (arrays.state[1] != NULL)
        pad(run, update->last_update + update->state_stride, arrays.state[1]);
}

static void lanes_end(small_online_run *run)
{
    const weight_update *update = run->update;
    const lane_arrays arrays = arrays_of(run);
    if (run->gradient != NULL) {
        copy_weights(run->net, arrays.gradient, run->unpadded, run->gradient);
        return;
    }
    copy_weights(run->net, arrays.weights, run->unpadded, update->weights);
    copy_weights(run->net, arrays.state[0], run->unpadded, update->last_update);
    if (arrays.state[1] != NULL)
        copy_weights(run->net, arrays.state[1], run->unpadded, update->last_update + update->state_stride);
}

/* ---------------------------------------------------------------------- updates */

/* The biases of all layers, out of padded rows, or back into them. Returns their number. */
static size_t copy_biases(const small_net *net, bp_real *rows, bp_real *biases, bool back)
{
    size_t count = 0;
    for (size_t i = 0; i < net->layer_count; i++) {
        const small_layer *layer = &net->layers[i];
        bp_real *of_layer = rows + layer->bias_offset;
        if (!layer->has_bias)
            continue;
        if (back)
            copy_values(biases + count, 1, of_layer, layer->bias_stride, layer->units);
        else
            copy_values(of_layer, layer->bias_stride, biases + count, 1, layer->units);
        count += layer->units;
    }
    return count;
}

/* An update of all weights, in which the biases do not decay: they are updated by themselves. */
static void update_without_decay_of_biases(const small_net *net, const lane_arrays *arrays,
                                           const weight_update *update)
{
    bp_real *const rows[BIAS_ARRAYS] = {arrays->weights, arrays->gradient, arrays->state[0],
                                        arrays->state[1]};
    bp_real *biases[BIAS_ARRAYS];
    size_t count = 0;
    for (size_t i = 0; i < BIAS_ARRAYS; i++) {
        biases[i] = arrays->biases + i * net->rows;
        if (rows[i] != NULL)
            count = copy_biases(net, rows[i], biases[i], false);
    }
    net->kernel->rule_update(update, arrays->gradient, net->weight_count);
    weight_update of_biases = *update;
    of_biases.decay_factor = 1;
    of_biases.weights = biases[0];
    of_biases.last_update = biases[2];
    of_biases.state_stride = (size_t)(biases[3] - biases[2]);
    net->kernel->rule_update(&of_biases, biases[1], count);
    copy_biases(net, rows[0], biases[0], true);
}

static void update_weights(small_online_run *run, const lane_arrays *arrays)
{
    const small_net *net = run->net;
    if (!run->is_prepared)
        run->prepare(run->context, run->update);
    run->is_prepared = run->prepare == NULL;
    weight_update update = *run->update;
    update.weights = arrays->weights;
    update.last_update = arrays->state[0];
    update.state_stride = arrays->state[1] == NULL ? 0 : (size_t)(arrays->state[1] - arrays->state[0]);
    if (run->spares_biases && update.decay_factor != 1)
        update_without_decay_of_biases(net, arrays, &update);
    else
        net->kernel->rule_update(&update, arrays->gradient, net->weight_count);
}

/* --------------------------------------------------------------------- training */

/* One batch, from case `start` of the call on. False, without an update, if E is not finite. */
static bool train_batch(small_online_run *run, const lane_arrays *arrays, small_pass *pass, size_t start)
{
    pass->order = run->order == NULL ? NULL : run->order + start;
    pass->first = run->first + start;
    pass->count = run->count - start < run->batch ? run->count - start : run->batch;
    pass->error = 0;
    pass->max_abs_error = run->max_abs_error;
    run->run_pass(pass);
    if (!isfinite(pass->error) && run->gradient == NULL)
        return false;
    run->error += pass->error;
    run->max_abs_error = pass->max_abs_error;
    if (run->gradient != NULL)
        return true;
    if (start == 0 && run->takes_snapshot)
        copy_weights(run->net, arrays->weights, run->unpadded, run->weights_snapshot);
    if (run->wants_squared_norm)
        run->max_squared_norm =
            fmax(run->max_squared_norm,
                 run->net->kernel->sum_of_squares(arrays->gradient, run->net->weight_count));
    update_weights(run, arrays);
    return true;
}

static void lanes_train(small_online_run *run)
{
    const lane_arrays arrays = arrays_of(run);
    small_pass pass = {.net = run->net,
                       .weights = arrays.weights,
                       .values = run->values,
                       .losses = run->losses,
                       .targets = run->targets,
                       .target_stride = run->target_stride,
                       .case_weights = run->case_weights,
                       .gradient = arrays.gradient,
                       .takes_mean = run->takes_mean,
                       .scratch = arrays.pass};
    for (run->done = 0; run->done < run->count && train_batch(run, &arrays, &pass, run->done);)
        run->done += pass.count;
    run->finite = run->net->kernel->all_finite(arrays.weights, run->net->weight_count);
}

const small_online_table bpi_small_lanes = {
    .begin = lanes_begin,
    .train = lanes_train,
    .end = lanes_end,
};
