/*
 * Updates of online training by other rules than momentum. Their gradient is stored in place of the last
 * updates; then one loop updates all incoming weights of a layer, vector by vector, and the outgoing ones are
 * copies of those.
 */
#ifndef BPI_SMALL_ONLINE_RULE_TEMPLATE_H
#define BPI_SMALL_ONLINE_RULE_TEMPLATE_H

#include "kernel/pack_template.h"
#include "small/online_state_template.h"

/* `kind` is a constant once this is inlined. */
BPI_INLINE void update_vectors_by(int32_t kind, const weight_update *u, weight_values *w, vec *s, vec *t,
                                  size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const rule_values now = {w[i].weight, s[i], has_t(kind) ? t[i] : (vec){0}};
        const rule_values next = next_by_rule(kind, u, now, w[i].last_update);
        w[i].weight = next.weight;
        s[i] = next.s;
        if (has_t(kind))
            t[i] = next.t;
    }
}

/* The layer with this number in the network, which is no input. */
static const online_layer *layer_number(const online_state *s, size_t number)
{
    const online_layer *l = s->layer;
    while (l->layer != &s->run->net->layers[number])
        l++;
    return l;
}

/* The incoming weights of a layer that come by the connection whose matrix has this offset. */
static const weight_values *incoming_from(const online_layer *l, size_t offset)
{
    const weight_values *w = l->incoming + l->layer->has_bias;
    const small_connection *connection = l->layer->incoming;
    for (; connection->offset != offset; connection++)
        w += connection->units;
    return w;
}

/* Units of the vector that begins with unit `first`. */
BPI_INLINE size_t lanes_from(size_t first, size_t units)
{
    return units - first < BPI_LANES ? units - first : BPI_LANES;
}

/* Outgoing weights of up to a vector of units to up to a vector of units, where they come in as rows of
 * `from`. Lanes beyond the last unit stay 0. */
static void copy_outgoing_square(const weight_values *from, size_t units, size_t receivers, weight_values *to)
{
    const size_t step = sizeof *to / sizeof(bp_real);
    if (units == BPI_LANES) {
        transpose((const bp_real *)&from->weight, step, BPI_LANES, receivers, (bp_real *)&to->weight, step);
        return;
    }
    for (size_t j = 0; j < receivers; j++)
        for (size_t u = 0; u < units; u++)
            to[j].weight[u] = from[u].weight[j];
}

static void copy_outgoing(const online_state *s, const online_layer *l)
{
    const small_layer *layer = l->layer;
    weight_values *row = l->outgoing;
    for (size_t i = 0; i < layer->outgoing_count; row += layer->outgoing[i].units, i++) {
        const online_layer *to = layer_number(s, layer->outgoing[i].layer);
        const weight_values *from = incoming_from(to, layer->outgoing[i].offset);
        for (size_t j = 0; j < to->layer->units; j += BPI_LANES, from += to->layer->source_count)
            for (size_t u = 0, v = 0; u < layer->units; u += BPI_LANES, v += l->receivers)
                copy_outgoing_square(from + u, lanes_from(u, layer->units), lanes_from(j, to->layer->units),
                                     row + v + j);
    }
}

/* Some incoming weights of a layer, whose vectors follow each other. */
static void update_incoming_by_rule(const online_state *s, const weight_update *u, weight_values *w,
                                    size_t count)
{
    const size_t first = (size_t)(w - s->weights);
    BPI_BY_RULE(u->kind, update_vectors_by, u, w, s->state[0] + first, s->state[1] + first, count)
}

/* All of them; each vector of units begins with their biases. */
static void update_layer_by_rule(const online_state *s, const online_layer *l, const weight_update *u,
                                 const weight_update *of_biases)
{
    const size_t sources = l->layer->source_count;
    if (!l->layer->has_bias || of_biases == u) {
        update_incoming_by_rule(s, u, l->incoming, l->vectors * sources);
        return;
    }
    for (weight_values *w = l->incoming; w < l->outgoing; w += sources) {
        update_incoming_by_rule(s, of_biases, w, 1);
        update_incoming_by_rule(s, u, w + 1, sources - 1);
    }
}

static void update_all_by_rule(const online_state *s)
{
    small_online_run *run = s->run;
    if (!run->is_prepared)
        run->prepare(run->context, run->update);
    run->is_prepared = run->prepare == NULL;
    const weight_update u = *run->update; /* a copy, so that no store can alias it */
    weight_update of_biases = u;
    of_biases.decay_factor = 1;
    for (size_t i = 0; i < s->layers; i++)
        update_layer_by_rule(s, &s->layer[i], &u, run->spares_biases ? &of_biases : &u);
    for (size_t i = 0; i < s->layers; i++)
        copy_outgoing(s, &s->layer[i]);
}

#endif
