#include "network/trainable.h"

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "network/change_weights.h"
#include "network/require.h"

slice_training bpi_default_training(void)
{
    return (slice_training){.rate_factor = 1, .decay_factor = 1};
}

bool bpi_is_default_training(const slice_training *training)
{
    return !training->is_frozen && training->rate_factor == 1 && training->decay_factor == 1;
}

size_t bpi_bias_slices(const bp_layer *layer, size_t slices[2])
{
    size_t count = 0;
    if (layer->has_bias)
        slices[count++] = layer->bias_slice;
    if (layer->learns_state)
        slices[count++] = layer->state_slice;
    return count;
}

/* ------------------------------------------------------------------ fixed layers */

static bool is_trained(const bp_network *net, size_t slice)
{
    return !net->slices[slice].training.is_frozen;
}

static bool is_fixed(const bp_layer *layer)
{
    const bp_network *net = layer->network;
    size_t slices[2], count = bpi_bias_slices(layer, slices);
    for (size_t i = 0; i < count; i++)
        if (is_trained(net, slices[i]))
            return false;
    for (size_t i = 0; i < layer->incoming_count; i++)
        if (is_trained(net, layer->incoming[i]->slice) || !layer->incoming[i]->from->is_fixed)
            return false;
    return true;
}

/* Of a recurrent network, which is not trained itself, delayed connections come from later layers. */
void bpi_find_fixed_layers(bp_network *net)
{
    for (size_t i = 0; i < net->layer_count; i++)
        net->layers[i]->is_fixed = net->delayed_count == 0 && is_fixed(net->layers[i]);
}

void bpi_copy_training(bp_network *to, const bp_network *from)
{
    for (size_t i = 0; i < to->slice_count; i++)
        to->slices[i].training = from->slices[i].training;
    bpi_find_fixed_layers(to);
}

/* ---------------------------------------------------------------- frozen weights */

void bpi_copy_frozen(const bp_network *net, bp_real *to, const bp_real *from)
{
    for (size_t i = 0; i < net->slice_count; i++) {
        const vector_slice *slice = &net->slices[i];
        if (slice->training.is_frozen)
            memcpy(to + slice->offset, from + slice->offset, slice->count * sizeof *to);
    }
}

bool bpi_have_equal_frozen(const bp_network *net, const bp_real *a, const bp_real *b)
{
    for (size_t i = 0; i < net->slice_count; i++) {
        const vector_slice *slice = &net->slices[i];
        if (slice->training.is_frozen &&
            memcmp(a + slice->offset, b + slice->offset, slice->count * sizeof *a) != 0)
            return false;
    }
    return true;
}

static bool has_frozen(const bp_network *net)
{
    for (size_t i = 0; i < net->slice_count; i++)
        if (net->slices[i].training.is_frozen)
            return true;
    return false;
}

void bpi_keep_frozen(bp_network *net, const bp_network *from)
{
    if (!from->weights_set || !has_frozen(net))
        return;
    bpi_copy_frozen(net, bpi_change_weights(net), from->weights);
    net->weights_drawn = from->weights_drawn;
}

/* ------------------------------------------------------------- slices of a handle */

/* The slices that a setting is made for. */
typedef struct slice_set {
    bp_network *network;
    size_t slices[2];
    size_t count;
} slice_set;

static bp_status slices_of_connection(const char *function, const bp_connection *connection, slice_set *set)
{
    BPI_TRY(bpi_require_finalized(function, connection->network));
    *set = (slice_set){.network = connection->network, .slices = {connection->slice}, .count = 1};
    return BP_OK;
}

static bp_status slices_of_biases(const char *function, const bp_layer *layer, slice_set *set)
{
    BPI_TRY(bpi_require_finalized(function, layer->network));
    *set = (slice_set){.network = layer->network};
    set->count = bpi_bias_slices(layer, set->slices);
    if (set->count == 0)
        return bpi_fail(BP_ERROR_STRUCTURE, "%s: layer '%s' has no biases", function, layer->name);
    return BP_OK;
}

/* NULL for handles without such weights. */
static const slice_training *training_of_connection(const bp_connection *connection)
{
    if (connection == NULL || !connection->network->finalized)
        return NULL;
    return &connection->network->slices[connection->slice].training;
}

static const slice_training *training_of_biases(const bp_layer *layer)
{
    size_t slices[2];
    if (layer == NULL || !layer->network->finalized || bpi_bias_slices(layer, slices) == 0)
        return NULL;
    return &layer->network->slices[slices[0]].training;
}

/* ---------------------------------------------------------------------- freezing */

static bp_status check_trainable(const char *function, int trainable)
{
    if (trainable != 0 && trainable != 1)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: trainable is %d, it must be 0 or 1", function, trainable);
    return BP_OK;
}

static void freeze(const slice_set *set, int trainable)
{
    for (size_t i = 0; i < set->count; i++)
        set->network->slices[set->slices[i]].training.is_frozen = trainable == 0;
}

bp_status bp_connection_set_trainable(bp_connection *connection, int trainable)
{
    BPI_REQUIRE(connection);
    BPI_TRY(check_trainable(__func__, trainable));
    slice_set set;
    BPI_TRY(slices_of_connection(__func__, connection, &set));
    freeze(&set, trainable);
    bpi_find_fixed_layers(set.network);
    return BP_OK;
}

bp_status bp_layer_set_bias_trainable(bp_layer *layer, int trainable)
{
    BPI_REQUIRE(layer);
    BPI_TRY(check_trainable(__func__, trainable));
    slice_set set;
    BPI_TRY(slices_of_biases(__func__, layer, &set));
    freeze(&set, trainable);
    bpi_find_fixed_layers(set.network);
    return BP_OK;
}

bp_status bp_layer_set_trainable(bp_layer *layer, int trainable)
{
    BPI_REQUIRE(layer);
    BPI_TRY(check_trainable(__func__, trainable));
    BPI_TRY(bpi_require_finalized(__func__, layer->network));
    slice_set set = {.network = layer->network};
    set.count = bpi_bias_slices(layer, set.slices);
    freeze(&set, trainable);
    for (size_t i = 0; i < layer->incoming_count; i++)
        set.network->slices[layer->incoming[i]->slice].training.is_frozen = trainable == 0;
    bpi_find_fixed_layers(set.network);
    return BP_OK;
}

bp_status bp_network_set_trainable(bp_network *net, int trainable)
{
    BPI_REQUIRE(net);
    BPI_TRY(check_trainable(__func__, trainable));
    BPI_TRY(bpi_require_finalized(__func__, net));
    for (size_t i = 0; i < net->slice_count; i++)
        net->slices[i].training.is_frozen = trainable == 0;
    bpi_find_fixed_layers(net);
    return BP_OK;
}

int bp_connection_is_trainable(const bp_connection *connection)
{
    const slice_training *training = training_of_connection(connection);
    return training != NULL && !training->is_frozen;
}

int bp_layer_bias_is_trainable(const bp_layer *layer)
{
    const slice_training *training = training_of_biases(layer);
    return training != NULL && !training->is_frozen;
}

/* ----------------------------------------------------------------------- factors */

static bp_status check_factor(const char *function, double factor, bool may_be_zero)
{
    if (!isfinite(factor))
        return bpi_fail(BP_ERROR_NOT_FINITE, "%s: factor is %s", function, bpi_format_real(factor).text);
    if (factor < 0 || (factor == 0 && !may_be_zero))
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: factor is %s, it must be %s", function,
                        bpi_format_real(factor).text,
                        may_be_zero ? ">= 0" : "> 0; weights that must not change are frozen by trainable 0");
    return BP_OK;
}

static void set_rate(const slice_set *set, double factor)
{
    for (size_t i = 0; i < set->count; i++)
        set->network->slices[set->slices[i]].training.rate_factor = factor;
}

static void set_decay(const slice_set *set, double factor)
{
    for (size_t i = 0; i < set->count; i++)
        set->network->slices[set->slices[i]].training.decay_factor = factor;
}

bp_status bp_connection_set_rate_factor(bp_connection *connection, double factor)
{
    BPI_REQUIRE(connection);
    BPI_TRY(check_factor(__func__, factor, false));
    slice_set set;
    BPI_TRY(slices_of_connection(__func__, connection, &set));
    set_rate(&set, factor);
    return BP_OK;
}

bp_status bp_connection_set_decay_factor(bp_connection *connection, double factor)
{
    BPI_REQUIRE(connection);
    BPI_TRY(check_factor(__func__, factor, true));
    slice_set set;
    BPI_TRY(slices_of_connection(__func__, connection, &set));
    set_decay(&set, factor);
    return BP_OK;
}

bp_status bp_layer_set_bias_rate_factor(bp_layer *layer, double factor)
{
    BPI_REQUIRE(layer);
    BPI_TRY(check_factor(__func__, factor, false));
    slice_set set;
    BPI_TRY(slices_of_biases(__func__, layer, &set));
    set_rate(&set, factor);
    return BP_OK;
}

bp_status bp_layer_set_bias_decay_factor(bp_layer *layer, double factor)
{
    BPI_REQUIRE(layer);
    BPI_TRY(check_factor(__func__, factor, true));
    slice_set set;
    BPI_TRY(slices_of_biases(__func__, layer, &set));
    set_decay(&set, factor);
    return BP_OK;
}

double bp_connection_rate_factor(const bp_connection *connection)
{
    const slice_training *training = training_of_connection(connection);
    return training == NULL ? 0 : training->rate_factor;
}

double bp_connection_decay_factor(const bp_connection *connection)
{
    const slice_training *training = training_of_connection(connection);
    return training == NULL ? 0 : training->decay_factor;
}

double bp_layer_bias_rate_factor(const bp_layer *layer)
{
    const slice_training *training = training_of_biases(layer);
    return training == NULL ? 0 : training->rate_factor;
}

double bp_layer_bias_decay_factor(const bp_layer *layer)
{
    const slice_training *training = training_of_biases(layer);
    return training == NULL ? 0 : training->decay_factor;
}
