#include "reference/own_losses.h"

#include <math.h>
#include <string.h>

#include "support/support.h"

/* The layer whose first output is this column; SIZE_MAX: there is none. */
static size_t layer_of(const reference *ref, size_t column)
{
    for (size_t l = 0; l < ref->layer_count; l++)
        if (ref->layers[l].is_output && ref->layers[l].column == column)
            return l;
    return SIZE_MAX;
}

static int is_scaled(const reference *ref, const reference_layer *layer)
{
    int scaled = 0;
    for (size_t i = layer->column; i < layer->column + layer->units; i++)
        scaled |= ref->target_offset[i] != 0 || ref->target_factor[i] != 1;
    return scaled;
}

/* Does the loss take this layer? */
static int suits(reference_loss loss, const reference_layer *layer, int scaled)
{
    const char *name = layer->activation;
    if (loss == REFERENCE_CROSS_ENTROPY)
        return !scaled && (strcmp(name, "logistic") == 0 || strcmp(name, "softmax") == 0);
    if (loss == REFERENCE_HINGE)
        return !scaled && (strcmp(name, "linear") == 0 || strcmp(name, "tanh") == 0);
    /* Where the derivatives of all units of a softmax layer are alike, as far from the targets, their sum is
     * nothing but rounding. */
    if (strcmp(name, "softmax") == 0)
        return loss == REFERENCE_SQUARED_ERROR;
    return loss != REFERENCE_POISSON || (!scaled && strcmp(name, "linear") == 0);
}

static bp_loss value_of(const reference_own_loss *own)
{
    switch (own->loss) {
    case REFERENCE_SQUARED_ERROR:
        return bp_loss_squared_error();
    case REFERENCE_CROSS_ENTROPY:
        return bp_loss_with_label_smoothing(bp_loss_cross_entropy(), own->smoothing);
    case REFERENCE_ABSOLUTE_ERROR:
        return bp_loss_absolute_error();
    case REFERENCE_HUBER:
        return bp_loss_huber(own->parameter);
    case REFERENCE_LOG_COSH:
        return bp_loss_log_cosh();
    case REFERENCE_QUANTILE:
        return bp_loss_quantile(own->parameter);
    case REFERENCE_HINGE:
        return bp_loss_hinge();
    default:
        return bp_loss_poisson();
    }
}

static bp_real fitting_target(reference_loss loss, double target)
{
    if (loss == REFERENCE_CROSS_ENTROPY)
        return (bp_real)(fabs(target) - floor(fabs(target)));
    if (loss == REFERENCE_HINGE)
        return target > 0.5 ? 1 : target > 0 ? 0 : -1;
    return (bp_real)(loss == REFERENCE_POISSON ? floor(4 * fabs(target)) : target);
}

/* Losses that have come since are drawn from a copy of the state, so that other networks stay what they are.
 */
static reference_loss draw_loss(uint64_t *state)
{
    enum { FIRST_LOSSES = REFERENCE_POISSON + 1 };
    const size_t first = test_below(state, FIRST_LOSSES);
    uint64_t copy = *state ^ 0x9e3779b97f4a7c15u;
    const size_t any = test_below(&copy, REFERENCE_LOSSES);
    return (reference_loss)(any < FIRST_LOSSES ? first : any);
}

void own_losses_draw(own_losses *own, uint64_t *state, reference *ref, bp_real *targets, size_t rows,
                     size_t stride)
{
    own->count = 0;
    ref->has_own_losses = 1;
    ref->tolerance = 0;
    for (size_t column = 0; column < ref->output_width;) {
        const size_t l = layer_of(ref, column);
        const reference_layer *layer = &ref->layers[l];
        reference_own_loss *drawn = &ref->own[l];
        do
            drawn->loss = draw_loss(state);
        while (!suits(drawn->loss, layer, is_scaled(ref, layer)));
        drawn->parameter = test_uniform(state, 0.1, 0.9);
        drawn->smoothing = test_below(state, 2) == 0 ? 0 : test_uniform(state, 0.01, 0.9);
        drawn->weight = test_uniform(state, 0.1, 2);
        own->losses[own->count] = value_of(drawn);
        own->weights[own->count++] = drawn->weight;
        for (size_t row = 0; row < rows; row++)
            for (size_t i = column; i < column + layer->units; i++)
                targets[row * stride + i] = fitting_target(drawn->loss, (double)targets[row * stride + i]);
        column += layer->units;
    }
}

bp_loss own_losses_value(const own_losses *own)
{
    return bp_loss_of_outputs(own->losses, own->weights, own->count);
}
