/* bp_network_copy_weights: between networks whose flat vectors have the same layout, the same matrices,
 * biases and initial states in the same order, as those of a recurrent network and its unrolled one. */
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "network/change_weights.h"
#include "network/connection_kind.h"
#include "network/connection_text.h"
#include "network/layer.h"
#include "network/require.h"

/* ------------------------------------------------------- the slices of a vector */

typedef enum slice_kind { SLICE_MATRIX, SLICE_BIASES, SLICE_STATE } slice_kind;

/* The first use of a slice. */
typedef struct slice_owner {
    slice_kind kind;
    const bp_connection *connection; /* of a matrix */
    const bp_layer *layer;           /* of biases or a state */
    size_t count;                    /* of biases, or of units with an initial state */
} slice_owner;

/* A walk over a network's slices, in the order of the vector. */
typedef struct slice_walk {
    const bp_network *net;
    size_t layer, part; /* of the layer: its incoming connections, its biases, its state */
    size_t next;        /* slice */
} slice_walk;

/* Does this part of a layer own the walk's next slice? */
static bool take_part(slice_walk *walk, const bp_layer *layer, size_t part, slice_owner *owner)
{
    size_t slice;
    if (part < layer->incoming_count) {
        *owner = (slice_owner){.kind = SLICE_MATRIX, .connection = layer->incoming[part]};
        slice = layer->incoming[part]->slice;
    } else if (part == layer->incoming_count) {
        *owner = (slice_owner){.kind = SLICE_BIASES, .layer = layer, .count = bpi_bias_count(layer)};
        slice = layer->has_bias ? layer->bias_slice : BPI_NO_SLICE;
    } else {
        *owner = (slice_owner){.kind = SLICE_STATE, .layer = layer, .count = layer->units};
        slice = layer->learns_state ? layer->state_slice : BPI_NO_SLICE;
    }
    if (slice != walk->next)
        return false;
    walk->next++;
    return true;
}

/* False at the end. */
static bool next_owner(slice_walk *walk, slice_owner *owner)
{
    for (; walk->layer < walk->net->layer_count; walk->layer++, walk->part = 0) {
        const bp_layer *layer = walk->net->layers[walk->layer];
        while (walk->part < layer->incoming_count + 2)
            if (take_part(walk, layer, walk->part++, owner))
                return true;
    }
    return false;
}

/* ------------------------------------------------------------------- comparing */

/* A slice in messages. */
typedef struct slice_text {
    char text[288];
} slice_text;

static slice_text describe(const slice_owner *owner)
{
    slice_text name;
    char shape[64];
    if (owner->kind == SLICE_MATRIX) {
        bpi_connection_structure(owner->connection)->describe(owner->connection, shape, sizeof shape);
        snprintf(name.text, sizeof name.text, "%s (%s)", bpi_connection_text(owner->connection).text, shape);
    } else {
        snprintf(name.text, sizeof name.text, "the %s of layer '%s' (%zu)",
                 owner->kind == SLICE_BIASES ? "biases" : "initial state", owner->layer->name, owner->count);
    }
    return name;
}

/* Why the weights of one are not those of the other; NULL if they can be. */
static const char *difference(const slice_owner *a, const slice_owner *b)
{
    if (a->kind != b->kind)
        return "they are different parts";
    if (a->kind != SLICE_MATRIX)
        return a->count == b->count ? NULL : "their numbers differ";
    if (a->connection->shape.kind != b->connection->shape.kind)
        return "their kinds differ";
    return bpi_connection_structure(a->connection)->difference(a->connection, b->connection);
}

/* The network whose layers and connections the vector is made of. */
static const bp_network *structure_of(const bp_network *net)
{
    return net->original == NULL ? net : net->original;
}

static bp_status check_layout(const char *function, const bp_network *to, const bp_network *from)
{
    slice_walk a = {.net = structure_of(to)}, b = {.net = structure_of(from)};
    slice_owner of_to, of_from;
    for (;;) {
        bool to_has_one = next_owner(&a, &of_to), from_has_one = next_owner(&b, &of_from);
        if (!to_has_one && !from_has_one)
            return BP_OK;
        if (to_has_one != from_has_one)
            return bpi_fail(BP_ERROR_STRUCTURE, "%s: %s of `%s` has no counterpart in `%s`", function,
                            describe(to_has_one ? &of_to : &of_from).text, to_has_one ? "to" : "from",
                            to_has_one ? "from" : "to");
        const char *reason = difference(&of_to, &of_from);
        if (reason != NULL)
            return bpi_fail(BP_ERROR_STRUCTURE, "%s: %s of `to` and %s of `from` do not match: %s", function,
                            describe(&of_to).text, describe(&of_from).text, reason);
    }
}

bp_status bp_network_copy_weights(bp_network *to, const bp_network *from)
{
    BPI_REQUIRE(to);
    BPI_REQUIRE(from);
    BPI_TRY(bpi_require_finalized(__func__, to));
    BPI_TRY(bpi_require_finalized(__func__, from));
    if (!from->weights_set)
        return bpi_fail(BP_ERROR_STATE, "%s: the weights of `from` have never been set", __func__);
    BPI_TRY(check_layout(__func__, to, from));
    memmove(bpi_change_weights(to), from->weights, to->weight_count * sizeof *to->weights);
    to->weights_set = true;
    to->weights_drawn = false;
    to->weights_changed++;
    return BP_OK;
}
