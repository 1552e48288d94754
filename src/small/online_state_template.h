/*
 * The state of online training of a small network (online_template.h): its layers, with the weights in the
 * order in which they are read; the run's beginning and end; and the cases.
 */
#ifndef BPI_SMALL_ONLINE_STATE_TEMPLATE_H
#define BPI_SMALL_ONLINE_STATE_TEMPLATE_H

#include "kernel/rule_template.h"
#include "kernel/update_template.h"
#include "small/online_loss_template.h"

/* Worked on at once: cases, or rows of weights; vectors of units. */
enum { SMALL_TOGETHER = 4, SMALL_VECTORS = 2 };

/* A layer that is no input. Each vector of its units has one of weights for each source, one after another in
 * `incoming`, and one for each unit that the layer sends to, in `outgoing`; those of the next vector of units
 * follow them. */
typedef struct online_layer {
    const small_layer *layer;
    size_t vectors, receivers; /* of units; the units that it sends to */
    weight_values *incoming, *outgoing;
    bool only_inputs; /* are all its sources inputs or the constant 1? */
    bool keeps_x; /* for a loss that gives deltas, in their slots; it computes y of a softmax layer, too */
    const small_loss *loss; /* of an output layer */
    bool is_plain;          /* is that squared error, and does the activation not need x? */
} online_layer;

/* How a gradient updates weights, by momentum as in weight_update; or, with stores_gradient, it overwrites
 * their last updates. */
typedef struct online_rule {
    bp_real rate, momentum, decay_factor, bias_decay_factor;
    bool stores_gradient;
} online_rule;

/* The state of a run, at the beginning of its scratch; valid from online_begin to online_end. */
typedef struct online_state {
    small_online_run *run;
    size_t layers; /* without input layers */
    online_layer layer[SMALL_MAX_LAYERS];
    bp_real *few;              /* y and delta, by slot, of each case of a batch of several; then x of each */
    bp_real *y, *next, *delta; /* by slot; next: y of the next case, as far as it is known */
    bp_real *x, *next_x;       /* likewise, of layers whose activation needs x */
    weight_values *weights;    /* all of both layouts */
    vec *snapshot;             /* the weights alone, at the last snapshot */
    vec *state[2];             /* s and t of the rule, if it is any but KERNEL_MOMENTUM; else NULL. Then the
                                * gradient is in place of the last updates */
    size_t vectors;            /* in each of these arrays */
    bool has_snapshot;
    online_rule rule;
    vec max_abs_error;
} online_state;

_Static_assert(BPI_LANES <= SMALL_ALIGN, "slots have space for whole vectors");

static size_t vectors_of(size_t units)
{
    return (units + BPI_LANES - 1) / BPI_LANES;
}

static size_t receiver_count(const small_layer *layer)
{
    size_t count = 0;
    for (size_t i = 0; i < layer->outgoing_count; i++)
        count += layer->outgoing[i].units;
    return count;
}

static size_t online_scratch(const small_net *net, bool any_rule)
{
    const size_t vectors = small_weight_vectors(net, BPI_LANES), arrays = any_rule ? 3 : 1;
    return (sizeof(online_state) + vectors * (sizeof(weight_values) + arrays * sizeof(vec))) /
               sizeof(bp_real) +
           (5 + 3 * SMALL_MAX_BATCH) * net->slots;
}

/* ------------------------------------------------------------------ in and out */

/* The values of weights of a source or receiver, which are `stride` apart from `offset` on; the vectors that
 * they become parts of are `step` apart. */
static void load_row(const bp_real *values, size_t offset, size_t stride, size_t units, vec *row, size_t step)
{
    row[(units - 1) / BPI_LANES * step] = (vec){0};
    for (size_t u = 0; u < units; u++, offset += stride)
        row[u / BPI_LANES * step][u % BPI_LANES] = values[offset];
}

/* Such weights; with their last updates or the state of their rule, if they will be updated. */
static void load_weight_row(const online_state *s, size_t offset, size_t stride, size_t units,
                            weight_values *row, size_t step)
{
    const weight_update *update = s->run->update;
    const size_t vec_step = step * sizeof *row / sizeof(vec);
    load_row(update->weights, offset, stride, units, &row->weight, vec_step);
    if (s->run->gradient != NULL)
        return;
    if (s->state[0] == NULL) {
        load_row(update->last_update, offset, stride, units, &row->last_update, vec_step);
        return;
    }
    load_row(update->last_update, offset, stride, units, s->state[0] + (row - s->weights), step);
    if (has_t(update->kind))
        load_row(update->last_update + update->state_stride, offset, stride, units,
                 s->state[1] + (row - s->weights), step);
}

static void load_layer(const online_state *s, const online_layer *l)
{
    const small_layer *layer = l->layer;
    weight_values *row = l->incoming;
    for (size_t i = 0; i < layer->source_count; i++, row++)
        load_weight_row(s, layer->sources[i].offset, layer->sources[i].stride, layer->units, row,
                        layer->source_count);
    row = l->outgoing;
    for (size_t i = 0; i < layer->outgoing_count; i++)
        for (size_t j = 0; j < layer->outgoing[i].units; j++, row++)
            load_weight_row(s, layer->outgoing[i].offset + j * layer->units, 1, layer->units, row,
                            l->receivers);
}

/* Writes values of the incoming weights of a layer back: vectors that begin at `row` and are `step` apart. */
static void store_layer(const online_layer *l, const vec *row, size_t step, bp_real *to)
{
    const small_layer *layer = l->layer;
    for (size_t i = 0; i < layer->source_count; i++, row += step) {
        size_t weight = layer->sources[i].offset;
        for (size_t u = 0; u < layer->units; u++, weight += layer->sources[i].stride)
            to[weight] = row[u / BPI_LANES * layer->source_count * step][u % BPI_LANES];
    }
}

static bool has_only_inputs(const small_net *net, const small_layer *layer)
{
    for (size_t i = 0; i < layer->incoming_count; i++)
        if (!net->layers[layer->incoming[i].layer].is_input)
            return false;
    return true;
}

static void add_layer(online_state *s, const small_layer *layer)
{
    online_layer *l = &s->layer[s->layers++];
    *l = (online_layer){
        .layer = layer, .vectors = vectors_of(layer->units), .receivers = receiver_count(layer)};
    l->loss = layer->is_output ? &s->run->losses[layer - s->run->net->layers] : NULL;
    l->keeps_x = layer->is_output && l->loss->gives_delta;
    l->is_plain = layer->is_output && !l->keeps_x && l->loss->find == NULL && !layer->needs_x;
    l->only_inputs = has_only_inputs(s->run->net, layer);
    l->incoming = s->weights + s->vectors;
    s->vectors += l->vectors * layer->source_count;
    l->outgoing = s->weights + s->vectors;
    s->vectors += l->vectors * l->receivers;
    load_layer(s, l);
}

static online_state *state_of(small_online_run *run)
{
    online_state *s = (online_state *)(void *)run->scratch;
    s->run = run;
    return s;
}

static void online_begin(small_online_run *run)
{
    const small_net *net = run->net;
    const size_t vectors = small_weight_vectors(net, BPI_LANES);
    const bool has_state = run->gradient == NULL && run->update->kind != KERNEL_MOMENTUM;
    online_state *s = state_of(run);
    s->layers = s->vectors = 0;
    s->has_snapshot = false;
    s->weights = (weight_values *)(void *)(s + 1);
    s->snapshot = (vec *)(void *)(s->weights + vectors);
    s->state[0] = has_state ? s->snapshot + vectors : NULL;
    s->state[1] = has_state ? s->snapshot + 2 * vectors : NULL;
    s->y = (bp_real *)(void *)(s->snapshot + (has_state ? 3 : 1) * vectors);
    s->next = s->y + net->slots;
    s->delta = s->next + net->slots;
    s->x = s->delta + net->slots;
    s->next_x = s->x + net->slots;
    s->few = s->next_x + net->slots;
    s->y[net->one_slot] = s->next[net->one_slot] = 1;
    for (size_t i = 0; i < net->layer_count; i++)
        if (!net->layers[i].is_input)
            add_layer(s, &net->layers[i]);
}

static void online_end(small_online_run *run)
{
    const online_state *s = state_of(run);
    const weight_update *update = run->update;
    for (size_t i = 0; i < s->layers; i++) {
        const online_layer *l = &s->layer[i];
        const size_t first = (size_t)(l->incoming - s->weights), step = sizeof *l->incoming / sizeof(vec);
        if (s->has_snapshot)
            store_layer(l, s->snapshot + first, 1, run->weights_snapshot);
        if (run->gradient != NULL) { /* it is in place of the last updates */
            store_layer(l, &l->incoming->last_update, step, run->gradient);
            continue;
        }
        store_layer(l, &l->incoming->weight, step, update->weights);
        if (s->state[0] == NULL)
            store_layer(l, &l->incoming->last_update, step, update->last_update);
        else
            store_layer(l, s->state[0] + first, 1, update->last_update);
        if (s->state[1] != NULL && has_t(update->kind))
            store_layer(l, s->state[1] + first, 1, update->last_update + update->state_stride);
    }
}

/* The index of case `number` of the call; beyond the last case, that of the last. */
BPI_INLINE size_t case_index(const small_online_run *run, size_t number)
{
    const size_t at = number < run->count ? number : run->count - 1;
    return run->order == NULL ? run->first + at : run->order[at];
}

/* The targets and the weight of a case. */
typedef struct online_case {
    const bp_real *targets;
    bp_real weight;
} online_case;

BPI_INLINE online_case find_case(const small_online_run *run, size_t number)
{
    const size_t index = case_index(run, number);
    return (online_case){run->targets + index * run->target_stride,
                         run->case_weights == NULL ? 1 : run->case_weights[index]};
}

/* At least a vector of inputs; the last one may overlap the one before. */
BPI_NOINLINE void copy_inputs(const bp_real *from, size_t count, bp_real *to)
{
    const size_t last = count - BPI_LANES;
    for (size_t i = 0; i < last; i += BPI_LANES)
        store(to + i, load(from + i));
    store(to + last, load(from + last));
}

/* The inputs of case `number`, into their slots. */
static void load_inputs(const small_online_run *run, size_t number, bp_real *to)
{
    const size_t index = case_index(run, number);
    for (size_t i = 0; i < run->net->layer_count; i++) {
        const small_layer *layer = &run->net->layers[i];
        if (!layer->is_input)
            continue;
        const bp_real *inputs = run->values[i].inputs + index * run->values[i].stride;
        bp_real *slots = to + layer->first_slot;
        if (layer->units < BPI_LANES)
            for (size_t u = 0; u < layer->units; u++)
                slots[u] = inputs[u];
        else
            copy_inputs(inputs, layer->units, slots);
    }
}

#endif
