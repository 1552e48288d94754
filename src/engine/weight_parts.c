#include "engine/weight_parts.h"

#include <string.h>

#include "base/memory.h"
#include "network/trainable.h"

bool bpi_weight_parts_create(weight_parts *parts, const bp_allocator *allocator, const bp_network *net)
{
    parts->parts = bpi_allocate_zeroed(allocator, net->slice_count, sizeof *parts->parts);
    parts->is_fixed = bpi_allocate_zeroed(allocator, net->layer_count, sizeof *parts->is_fixed);
    return parts->parts != NULL && parts->is_fixed != NULL;
}

void bpi_weight_parts_clear(weight_parts *parts, const bp_allocator *allocator)
{
    bpi_release(allocator, parts->parts);
    bpi_release(allocator, parts->is_fixed);
    *parts = (weight_parts){0};
}

static void leave_out_biases(const weight_parts *parts, const bp_network *net)
{
    for (size_t i = 0; i < net->layer_count; i++) {
        size_t slices[2], count = bpi_bias_slices(net->layers[i], slices);
        for (size_t j = 0; j < count; j++)
            parts->parts[slices[j]].training.decay_factor = 0;
    }
}

static void summarize(weight_parts *parts, size_t count)
{
    parts->has_frozen = parts->has_rate_factors = false;
    parts->are_alike = true;
    for (size_t i = 0; i < count; i++) {
        const slice_training *training = &parts->parts[i].training;
        parts->has_frozen |= training->is_frozen;
        parts->has_rate_factors |= !training->is_frozen && training->rate_factor != 1;
        parts->are_alike &= bpi_is_default_training(training);
    }
}

void bpi_weight_parts_read(weight_parts *parts, const bp_network *net, bool decays, bool decay_biases)
{
    for (size_t i = 0; i < net->slice_count; i++) {
        parts->parts[i] = (weight_part){.training = net->slices[i].training};
        if (!decays)
            parts->parts[i].training.decay_factor = 1;
    }
    for (size_t i = 0; i < net->layer_count; i++)
        parts->is_fixed[i] = net->layers[i]->is_fixed;
    summarize(parts, net->slice_count);
    parts->spares_biases = decays && !decay_biases && parts->are_alike;
    if (decays && !decay_biases) {
        leave_out_biases(parts, net);
        summarize(parts, net->slice_count);
    }
}

void bpi_clear_frozen(const bp_workspace *workspace, bp_real *vector)
{
    const bp_network *net = workspace->network;
    for (size_t i = 0; i < net->slice_count; i++)
        if (bpi_is_frozen(workspace, i))
            memset(vector + net->slices[i].offset, 0, net->slices[i].count * sizeof *vector);
}

bool bpi_frozen_are_zero(const bp_workspace *workspace, const bp_real *vector)
{
    const bp_network *net = workspace->network;
    for (size_t i = 0; i < net->slice_count; i++)
        for (size_t j = 0; bpi_is_frozen(workspace, i) && j < net->slices[i].count; j++)
            if (vector[net->slices[i].offset + j] != 0)
                return false;
    return true;
}

static bool are_alike(const weight_part *a, const weight_part *b)
{
    return !b->training.is_frozen && a->learning_rate == b->learning_rate && a->decay == b->decay &&
           a->penalty == b->penalty && a->training.decay_factor == b->training.decay_factor;
}

bool bpi_next_range(const bp_workspace *workspace, trained_range *range)
{
    const bp_network *net = workspace->network;
    size_t slice = range->next_slice;
    if (workspace->parts == NULL) {
        *range = (trained_range){.count = net->weight_count, .next_slice = net->slice_count};
        return slice < net->slice_count;
    }
    const weight_part *parts = workspace->parts->parts;
    while (slice < net->slice_count && parts[slice].training.is_frozen)
        slice++;
    if (slice == net->slice_count)
        return false;
    const weight_part *part = &parts[slice];
    *range = (trained_range){.first = net->slices[slice].offset,
                             .learning_rate = part->learning_rate,
                             .decay = part->decay,
                             .penalty = part->penalty,
                             .decay_factor = part->training.decay_factor};
    for (; slice < net->slice_count && are_alike(part, &parts[slice]); slice++)
        range->count += net->slices[slice].count;
    range->next_slice = slice;
    return true;
}
