#include "reference/random_network.h"

#include <math.h>
#include <stdlib.h>

#include "reference/random_shape.h"
#include "support/arrays.h"

/* ---------------------------------------------------------- a custom activation */

/* The context is a gain: y = gain * atan(x). */
static double gain = 1.25;

static void arctan_of_many(void *context, const bp_real *x, bp_real *y, size_t count)
{
    const double *factor = context;
    for (size_t i = 0; i < count; i++)
        y[i] = (bp_real)(*factor * atan((double)x[i]));
}

static void arctan_slopes(void *context, const bp_real *x, const bp_real *y, bp_real *slope, size_t count)
{
    const double *factor = context;
    (void)y;
    for (size_t i = 0; i < count; i++)
        slope[i] = (bp_real)*factor / (1 + x[i] * x[i]);
}

static double arctan(double x)
{
    return gain * atan(x);
}

static double arctan_slope(double x)
{
    return gain / (1 + x * x);
}

const reference_custom *random_custom_reference(void)
{
    static const reference_custom arctan_reference = {"arctan", arctan, arctan_slope};
    return &arctan_reference;
}

bp_activation random_custom_activation(void)
{
    return bp_activation_custom("arctan", arctan_of_many, arctan_slopes, &gain);
}

/* ------------------------------------------------------------------ structure */

enum { LAYERS = 9 };

/* Activations: the first rows of reference_activations, two more, and from FURTHER on the other rows. */
enum { LOGISTIC = 0, SOFTMAX = REFERENCE_FUSED, CUSTOM, ACTIVATIONS, FURTHER = ACTIVATIONS };

typedef struct plan_layer {
    size_t units;
    int is_input, is_output, has_bias;
    size_t activation;
    int receives[LAYERS]; /* from which earlier layers */
} plan_layer;

typedef struct plan {
    plan_layer layers[LAYERS];
    size_t count;
    size_t outputs[LAYERS], output_count;
    int is_dense; /* all connections are */
} plan;

static size_t random_units(uint64_t *state)
{
    return test_below(state, 5) == 0 ? 1 + test_below(state, 70) : 1 + test_below(state, 12);
}

static int reaches_output(const plan *p, size_t layer)
{
    for (size_t to = layer + 1; to < p->count; to++)
        if (p->layers[to].receives[layer])
            return 1;
    return 0;
}

static void plan_connections(uint64_t *state, plan *p, size_t inputs)
{
    for (size_t to = inputs; to < p->count; to++) {
        p->layers[to].receives[test_below(state, to)] = 1;
        for (size_t from = 0; from < to; from++)
            if (test_below(state, 3) == 0)
                p->layers[to].receives[from] = 1;
    }
    for (size_t from = 0; from < inputs; from++)
        if (!reaches_output(p, from))
            p->layers[p->count - 1].receives[from] = 1;
}

static void plan_outputs(uint64_t *state, plan *p, size_t inputs)
{
    for (size_t i = inputs; i < p->count; i++)
        if (!reaches_output(p, i) || test_below(state, 6) == 0) {
            p->layers[i].is_output = 1;
            p->outputs[p->output_count++] = i;
        }
    for (size_t i = p->output_count; i > 1; i--) { /* in any order */
        size_t j = test_below(state, i), moved = p->outputs[i - 1];
        p->outputs[i - 1] = p->outputs[j];
        p->outputs[j] = moved;
    }
}

/* One network in `rarity` has a layer with one of the further activations. The draws come from a copy of the
 * state, so that all else is what it would be without them. */
static void plan_further(uint64_t state, plan *p, size_t inputs, size_t rarity)
{
    state ^= 0x9e3779b97f4a7c15u;
    if (test_below(&state, rarity) == 0)
        p->layers[inputs + test_below(&state, p->count - inputs)].activation =
            FURTHER + test_below(&state, REFERENCE_ACTIVATIONS - REFERENCE_FUSED);
}

static plan make_plan(uint64_t *state, reference_loss loss)
{
    plan p = {.count = 0};
    size_t inputs = 1 + test_below(state, 3);
    p.count = inputs + 1 + test_below(state, 6);
    for (size_t i = 0; i < p.count; i++)
        p.layers[i] = (plan_layer){.units = random_units(state),
                                   .is_input = i < inputs,
                                   .has_bias = test_below(state, 4) != 0,
                                   .activation = test_below(state, ACTIVATIONS)};
    plan_further(*state, &p, inputs, 2);
    plan_connections(state, &p, inputs);
    plan_outputs(state, &p, inputs);
    if (loss == REFERENCE_CROSS_ENTROPY)
        for (size_t i = 0; i < p.output_count; i++)
            p.layers[p.outputs[i]].activation = test_below(state, 2) == 0 ? LOGISTIC : SOFTMAX;
    return p;
}

/* Layers one after the other, the first of them behind all inputs. */
static plan make_chain_plan(uint64_t *state)
{
    plan p = {.is_dense = 1, .output_count = 1};
    size_t inputs = 1 + test_below(state, 2), most = 1 + test_below(state, 2) * 8 + 3;
    p.count = inputs + 1 + test_below(state, 4);
    for (size_t i = 0; i < p.count; i++)
        p.layers[i] = (plan_layer){.units = 1 + test_below(state, test_below(state, 8) == 0 ? 20 : most),
                                   .is_input = i < inputs,
                                   .has_bias = test_below(state, 4) != 0,
                                   .activation = test_below(state, REFERENCE_FUSED)};
    plan_further(*state, &p, inputs, 16);
    for (size_t from = 0; from + 1 < p.count; from++)
        p.layers[from < inputs ? inputs : from + 1].receives[from] = 1;
    p.layers[p.count - 1].is_output = 1;
    p.outputs[0] = p.count - 1;
    return p;
}

static bp_activation activation_of(size_t index)
{
    if (index == SOFTMAX)
        return bp_activation_softmax();
    if (index >= FURTHER)
        return reference_activations[REFERENCE_FUSED + index - FURTHER].make();
    return index == CUSTOM ? random_custom_activation() : reference_activations[index].make();
}

static bp_network *build(const plan *p, uint64_t *state, uint64_t seed)
{
    bp_network *net = NULL;
    bp_layer *layers[LAYERS];
    assert_ok(bp_network_create(&net, NULL));
    for (size_t i = 0; i < p->count; i++) {
        const plan_layer *layer = &p->layers[i];
        if (layer->is_input) {
            assert_ok(bp_network_add_input(&layers[i], net, NULL, layer->units));
            continue;
        }
        assert_ok(
            bp_network_add_layer(&layers[i], net, NULL, layer->units, activation_of(layer->activation)));
        assert_ok(bp_layer_enable_bias(layers[i], layer->has_bias));
        for (size_t from = 0; from < i; from++)
            if (layer->receives[from] && p->is_dense)
                assert_ok(bp_network_connect(NULL, net, layers[from], layers[i]));
            else if (layer->receives[from])
                random_connect(state, net, layers[from], layers[i], 0);
    }
    for (size_t i = 0; i < p->output_count; i++)
        assert_ok(bp_layer_set_output(layers[p->outputs[i]]));
    assert_ok(bp_network_finalize(net));
    for (size_t i = 0; i < p->count; i++)
        if (!p->layers[i].is_input)
            assert_ok(bp_layer_set_bias_init(layers[i], bp_weight_init_uniform(-0.5, 0.5)));
    assert_ok(bp_network_initialize(net, seed));
    return net;
}

/* ------------------------------------------------------------------------ data */

void random_set_scaling(uint64_t *state, bp_network *net, reference_loss loss)
{
    size_t inputs = bp_network_input_width(net), outputs = bp_network_output_width(net);
    bp_real *offset = random_reals(state, inputs, -1, 1), *factor = random_reals(state, inputs, 0.5, 2);
    assert_ok(bp_network_set_input_scaling(net, offset, factor, inputs));
    free(offset);
    free(factor);
    if (loss == REFERENCE_CROSS_ENTROPY) /* its targets must stay in 0..1 */
        return;
    offset = random_reals(state, outputs, -1, 1);
    factor = random_reals(state, outputs, 0.5, 2);
    assert_ok(bp_network_set_target_scaling(net, offset, factor, outputs));
    free(offset);
    free(factor);
}

static size_t random_cases(uint64_t *state)
{
    switch (test_below(state, 4)) {
    case 0:
        return 1 + test_below(state, 3);
    case 1:
        return 250 + test_below(state, 51);
    default:
        return 1 + test_below(state, 40);
    }
}

static void make_data(uint64_t *state, random_network *random)
{
    size_t inputs = bp_network_input_width(random->net), outputs = bp_network_output_width(random->net);
    size_t gap = test_below(state, 3) == 0 ? 1 + test_below(state, 5) : 0;
    size_t cases = random_cases(state);
    random->inputs = random_reals(state, cases * (inputs + gap), -1, 1);
    random->targets = random_reals(state, cases * (outputs + gap), 0, 1);
    random->data = bp_data_view(cases, random->inputs, inputs, random->targets, outputs);
    random->data.input_stride = gap == 0 ? 0 : inputs + gap;
    random->data.target_stride = gap == 0 ? 0 : outputs + gap;
    if (test_below(state, 3) == 0)
        random->data.case_weights = random->case_weights = random_reals(state, cases, 0, 2);
}

static random_network *begin(uint64_t *state)
{
    random_network *random = calloc(1, sizeof *random);
    assert_non_null(random);
    for (int i = 0; i < 8; i++)
        test_below(state, 2);
    return random;
}

static random_network *finish(random_network *random, const plan *p, uint64_t *state, uint64_t seed)
{
    random->net = build(p, state, seed);
    if (test_below(state, 3) == 0)
        random_set_scaling(state, random->net, random->ref_loss);
    make_data(state, random);
    random->ref = reference_create(random->net, p->outputs, p->output_count, random_custom_reference());
    if (test_below(state, 3) == 0) {
        random->ref->tolerance = test_uniform(state, 0.05, 0.5);
        random->loss = bp_loss_with_tolerance(random->loss, random->ref->tolerance);
    }
    return random;
}

random_network *random_network_create(uint64_t seed)
{
    uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
    random_network *random = begin(&state);
    random->ref_loss = test_below(&state, 2) == 0 ? REFERENCE_SQUARED_ERROR : REFERENCE_CROSS_ENTROPY;
    random->loss =
        random->ref_loss == REFERENCE_SQUARED_ERROR ? bp_loss_squared_error() : bp_loss_cross_entropy();
    plan p = make_plan(&state, random->ref_loss);
    return finish(random, &p, &state, seed);
}

random_network *random_chain_create(uint64_t seed)
{
    uint64_t state = seed * 0x9e3779b97f4a7c15u + 2;
    random_network *random = begin(&state);
    random->ref_loss = REFERENCE_SQUARED_ERROR;
    random->loss = bp_loss_squared_error();
    plan p = make_chain_plan(&state);
    return finish(random, &p, &state, seed);
}

void random_network_destroy(random_network *random)
{
    reference_destroy(random->ref);
    bp_network_destroy(random->net);
    free(random->inputs);
    free(random->targets);
    free(random->case_weights);
    free(random);
}

void random_network_draw_losses(random_network *random, uint64_t *state, own_losses *own)
{
    const bp_data *data = &random->data;
    own_losses_draw(own, state, random->ref, random->targets, data->cases,
                    data->target_stride == 0 ? data->target_width : data->target_stride);
    random->loss = own_losses_value(own);
}
