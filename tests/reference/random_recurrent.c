#include "reference/random_recurrent.h"

#include <stdlib.h>
#include <string.h>

#include "reference/random_network.h"
#include "reference/random_shape.h"
#include "support/arrays.h"

enum { MOST_LAYERS = 6, MOST_SHARED_UNITS = 3 };

/* ------------------------------------------------------------------ structure */

/* What is being built, and from which layers delayed connections run. */
typedef struct attempt {
    uint64_t *state;
    bp_network *net;
    bp_layer *layers[MOST_LAYERS];
    int sends_delayed[MOST_LAYERS];
    size_t inputs, count;
    size_t outputs[MOST_LAYERS], output_count;
    int has_further; /* is there a layer with an activation that is not fused? */
} attempt;

static int one_in(uint64_t *state, size_t n)
{
    return test_below(state, n) == 0;
}

/* Few networks have an activation that is not fused, in one layer, and none a periodic one: over the time
 * steps rounding would become larger than what the oracle allows. */
static bp_activation random_activation(attempt *a, int probability)
{
    uint64_t *state = a->state;
    if (probability)
        return one_in(state, 2) ? bp_activation_logistic() : bp_activation_softmax();
    uint64_t further =
        *state ^ 0x9e3779b97f4a7c15u;          /* a copy, so that the other networks stay what they are */
    const size_t others = REFERENCE_FUSED - 1; /* than the logistic one, which is the first */
    size_t i = test_below(state, others + 3);
    if (one_in(&further, 16) && !a->has_further++)
        return reference_activations[REFERENCE_FUSED +
                                     test_below(&further,
                                                REFERENCE_ACTIVATIONS - REFERENCE_PERIODIC - REFERENCE_FUSED)]
            .make();
    if (i < others)
        return reference_activations[i + 1].make();
    if (i == others)
        return bp_activation_softmax();
    return i == others + 1 ? random_custom_activation() : bp_activation_logistic();
}

/* Few sizes, so that shapes are often equal. */
static size_t random_units(uint64_t *state)
{
    return one_in(state, 4) ? 1 + test_below(state, 20) : 2 + test_below(state, MOST_SHARED_UNITS - 1);
}

static void add_layers(attempt *a, reference_loss loss)
{
    a->inputs = 1 + test_below(a->state, 2);
    a->count = a->inputs + 1 + test_below(a->state, 4);
    for (size_t l = 0; l < a->count; l++) {
        if (l < a->inputs) {
            assert_ok(bp_network_add_input(&a->layers[l], a->net, NULL, random_units(a->state)));
            continue;
        }
        int is_output = l + 1 == a->count || one_in(a->state, 4);
        bp_activation f = random_activation(a, is_output && loss == REFERENCE_CROSS_ENTROPY);
        assert_ok(bp_network_add_layer(&a->layers[l], a->net, NULL, random_units(a->state), f));
        assert_ok(bp_layer_enable_bias(a->layers[l], !one_in(a->state, 4)));
        assert_ok(bp_layer_set_bias_init(a->layers[l], bp_weight_init_uniform(-0.5, 0.5)));
        if (!is_output)
            continue;
        assert_ok(bp_layer_set_output(a->layers[l]));
        a->outputs[a->output_count++] = l;
    }
}

static void connect_layers(attempt *a)
{
    for (size_t to = a->inputs; to < a->count; to++)
        for (size_t from = 0; from < a->count; from++) {
            if (one_in(a->state, 3)) {
                random_connect(a->state, a->net, a->layers[from], a->layers[to], 1);
                a->sends_delayed[from] = 1;
            }
            if (from < to && one_in(a->state, 2))
                random_connect(a->state, a->net, a->layers[from], a->layers[to], 0);
        }
}

static void share(attempt *a)
{
    size_t count = bp_network_connection_count(a->net);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            bp_connection *one = bp_network_connection(a->net, i), *other = bp_network_connection(a->net, j);
            if (i != j && random_may_share(one, other) && one_in(a->state, 8))
                assert_ok(bp_connection_share(one, other));
        }
    for (size_t i = a->inputs; i < a->count; i++)
        for (size_t j = a->inputs; j < a->count; j++) {
            bp_layer *one = a->layers[i], *other = a->layers[j];
            if (i != j && bp_layer_has_bias(one) && bp_layer_has_bias(other) &&
                bp_layer_units(one) == bp_layer_units(other) && one_in(a->state, 6))
                assert_ok(bp_layer_share_bias(one, other));
        }
}

static void set_states(attempt *a)
{
    for (size_t l = 0; l < a->count; l++) {
        if (!a->sends_delayed[l] || one_in(a->state, 3))
            continue;
        bp_real values[MOST_LAYERS * 4];
        for (size_t j = 0; j < bp_layer_units(a->layers[l]); j++)
            values[j] = (bp_real)test_uniform(a->state, -0.5, 0.5);
        int learned = one_in(a->state, 2);
        assert_ok(bp_layer_set_initial_state(a->layers[l], one_in(a->state, 4) ? NULL : values, learned));
    }
}

/* Not every drawing is a network: layers may receive nothing, or lead to no output. */
static int try_structure(attempt *a, reference_loss loss)
{
    assert_ok(bp_network_create(&a->net, NULL));
    add_layers(a, loss);
    connect_layers(a);
    share(a);
    set_states(a);
    bp_status status = bp_network_finalize(a->net);
    if (status == BP_OK)
        return 1;
    assert_int_equal(status, BP_ERROR_STRUCTURE);
    bp_network_destroy(a->net);
    return 0;
}

/* ------------------------------------------------------------------ times, data */

static void choose_flags(uint64_t *state, unsigned char *flags, size_t steps)
{
    for (size_t t = 0; t < steps; t++)
        flags[t] = test_below(state, 3) != 0;
    flags[test_below(state, steps)] = 1;
}

static size_t count_flags(const unsigned char *flags, size_t steps)
{
    size_t count = 0;
    for (size_t t = 0; t < steps; t++)
        count += flags[t];
    return count;
}

static void make_data(uint64_t *state, random_recurrent *random)
{
    const recurrent_times *times = &random->times;
    size_t inputs = bp_network_input_width(random->net) * count_flags(times->has_input, times->steps);
    size_t outputs = bp_network_output_width(random->net) * count_flags(times->has_output, times->steps);
    size_t cases = 1 + test_below(state, 20);
    random->inputs = random_reals(state, cases * inputs, -1, 1);
    random->targets = random_reals(state, cases * outputs, 0, 1);
    random->data = bp_data_view(cases, random->inputs, inputs, random->targets, outputs);
    if (one_in(state, 3))
        random->data.case_weights = random->case_weights = random_reals(state, cases, 0, 2);
}

static void unroll(random_recurrent *random)
{
    bp_unroll_options options;
    bp_unroll_options_init(&options, sizeof options);
    options.steps = random->times.steps;
    options.input_steps = random->times.has_input;
    options.output_steps = random->times.has_output;
    assert_ok(bp_network_unroll(&random->unrolled, random->net, &options));
}

/* Learned initial states that are no longer what they started from. */
static void move_states(uint64_t seed, bp_network *net)
{
    size_t count;
    const bp_real *weights = bp_network_weights(net, &count);
    bp_real *moved = calloc(count, sizeof *moved);
    assert_non_null(moved);
    memcpy(moved, weights, count * sizeof *moved);
    for (size_t i = 0; i < bp_network_layer_count(net); i++) {
        const bp_layer *layer = bp_network_layer(net, i);
        for (size_t j = 0; j < bp_layer_state_count(layer); j++)
            moved[bp_layer_state_offset(layer) + j] += (bp_real)test_uniform(&seed, -0.25, 0.25);
    }
    assert_ok(bp_network_set_weights(net, moved, count));
    free(moved);
}

random_recurrent *random_recurrent_create(uint64_t seed)
{
    uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
    random_recurrent *random = calloc(1, sizeof *random);
    assert_non_null(random);
    for (int i = 0; i < 8; i++)
        test_below(&state, 2);
    random->ref_loss = one_in(&state, 2) ? REFERENCE_SQUARED_ERROR : REFERENCE_CROSS_ENTROPY;
    random->loss =
        random->ref_loss == REFERENCE_SQUARED_ERROR ? bp_loss_squared_error() : bp_loss_cross_entropy();
    attempt a = {.state = &state};
    while (!try_structure(&a, random->ref_loss))
        a = (attempt){.state = &state};
    random->net = a.net;
    assert_ok(bp_network_initialize(random->net, seed));
    if (seed % 2 == 0)
        move_states(seed, random->net);
    if (one_in(&state, 3))
        random_set_scaling(&state, random->net, random->ref_loss);
    random->times.steps = 1 + test_below(&state, 6);
    choose_flags(&state, random->times.has_input, random->times.steps);
    choose_flags(&state, random->times.has_output, random->times.steps);
    unroll(random);
    make_data(&state, random);
    random->ref = reference_create(random->net, a.outputs, a.output_count, random_custom_reference());
    if (one_in(&state, 3)) {
        random->ref->tolerance = test_uniform(&state, 0.05, 0.5);
        random->loss = bp_loss_with_tolerance(random->loss, random->ref->tolerance);
    }
    return random;
}

void random_recurrent_destroy(random_recurrent *random)
{
    reference_destroy(random->ref);
    bp_network_destroy(random->net);
    bp_network_destroy(random->unrolled);
    free(random->inputs);
    free(random->targets);
    free(random->case_weights);
    free(random);
}
