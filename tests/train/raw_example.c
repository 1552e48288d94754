#include "train/raw_example.h"

#include <math.h>
#include <string.h>

/* Targets that a small network can learn, with some noise. */
static bp_data make(size_t cases, uint64_t seed, bp_real *inputs, bp_real *targets)
{
    for (size_t i = 0; i < cases; i++) {
        double a = test_uniform(&seed, -1, 1), b = test_uniform(&seed, -1, 1), c = test_uniform(&seed, -1, 1);
        double noise = test_uniform(&seed, -0.1, 0.1);
        const double in[] = {5000 + 900 * a, 0.01 * b, 20 * c}, out[] = {300 + 40 * (a * b + noise), -7 * a};
        for (size_t j = 0; j < RAW_INPUTS; j++)
            inputs[i * RAW_INPUTS + j] = (bp_real)in[j];
        for (size_t j = 0; j < RAW_OUTPUTS; j++)
            targets[i * RAW_OUTPUTS + j] = (bp_real)out[j];
    }
    return bp_data_view(cases, inputs, RAW_INPUTS, targets, RAW_OUTPUTS);
}

bp_data raw_training(void)
{
    static bp_real inputs[RAW_CASES * RAW_INPUTS], targets[RAW_CASES * RAW_OUTPUTS];
    return make(RAW_CASES, 4, inputs, targets);
}

bp_data raw_validation(void)
{
    static bp_real inputs[RAW_OTHERS * RAW_INPUTS], targets[RAW_OTHERS * RAW_OUTPUTS];
    return make(RAW_OTHERS, 5, inputs, targets);
}

bp_status raw_network_create(bp_network **out, const bp_allocator *allocator, bp_activation output)
{
    const size_t units[] = {RAW_INPUTS, 5, RAW_OUTPUTS};
    const bp_activation activations[] = {bp_activation_tanh(), output};
    bp_network *net = NULL;
    bp_layer *layers[3] = {NULL};
    bp_status status = test_network_create(&net, allocator);
    if (status == BP_OK)
        status = bp_network_add_input(&layers[0], net, "input", units[0]);
    for (size_t i = 1; i < 3 && status == BP_OK; i++) {
        status = bp_network_add_layer(&layers[i], net, NULL, units[i], activations[i - 1]);
        if (status == BP_OK)
            status = bp_network_connect(NULL, net, layers[i - 1], layers[i]);
    }
    if (status == BP_OK)
        status = bp_network_finalize(net);
    if (status == BP_OK)
        status = bp_network_initialize(net, 12);
    if (status == BP_OK)
        *out = net;
    else
        bp_network_destroy(net);
    return status;
}

bp_network *raw_network(bp_activation output)
{
    bp_network *net = NULL;
    assert_ok(raw_network_create(&net, NULL, output));
    return net;
}

bp_trainer_options raw_options(bp_stop_rule *storage, size_t epochs)
{
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    *storage = bp_stop_epochs(epochs);
    options.stop_rules = storage;
    options.stop_rule_count = 1;
    return options;
}

bool find_finding(const bp_trainer *trainer, bp_finding_kind kind, bp_finding *found)
{
    for (size_t i = 0; i < bp_trainer_finding_count(trainer); i++) {
        bp_finding_init(found, sizeof *found);
        assert_ok(bp_trainer_finding(trainer, i, found));
        if (found->kind == kind)
            return true;
    }
    return false;
}

size_t count_findings(const bp_trainer *trainer, bp_finding_kind kind, bp_finding *last)
{
    size_t count = 0;
    for (size_t i = 0; i < bp_trainer_finding_count(trainer); i++) {
        bp_finding found;
        bp_finding_init(&found, sizeof found);
        assert_ok(bp_trainer_finding(trainer, i, &found));
        if (found.kind != kind)
            continue;
        count++;
        if (last != NULL)
            *last = found;
    }
    return count;
}

/* Offsets and factors of inputs, then of targets. */
enum { NUMBERS = 2 * (RAW_INPUTS + RAW_OUTPUTS) };
static void read_scaling(const bp_network *net, bp_real *numbers)
{
    bp_real *targets = numbers + 2 * RAW_INPUTS;
    assert_ok(bp_network_get_input_scaling(net, numbers, numbers + RAW_INPUTS, RAW_INPUTS));
    assert_ok(bp_network_get_target_scaling(net, targets, targets + RAW_OUTPUTS, RAW_OUTPUTS));
}

bool same_scaling(const bp_network *a, const bp_network *b)
{
    bp_real of_a[NUMBERS], of_b[NUMBERS];
    read_scaling(a, of_a);
    read_scaling(b, of_b);
    return memcmp(of_a, of_b, sizeof of_a) == 0;
}

bool is_unscaled(const bp_network *net)
{
    bp_network *fresh = raw_network(bp_activation_linear());
    bool same = same_scaling(net, fresh);
    bp_network_destroy(fresh);
    return same;
}

bp_rate_search empty_search(void)
{
    bp_rate_search search;
    bp_rate_search_init(&search, sizeof search);
    return search;
}

bp_rate_search search_of(bp_trainer *trainer, const bp_data *data)
{
    bp_rate_search search = empty_search();
    assert_ok(bp_trainer_find_learning_rate(trainer, data, &search));
    return search;
}

void assert_sound(const bp_rate_search *search, size_t cases, size_t batch)
{
    const uint64_t two_epochs = 2 * ((cases + batch - 1) / batch);
    assert_int_equal(search->size, sizeof *search);
    assert_true(isfinite(search->learning_rate) && search->learning_rate > 0);
    assert_true(isfinite(search->start_error) && search->start_error > 0);
    assert_true(search->updates > 0 && search->updates <= (two_epochs > 100 ? two_epochs : 100));
    assert_true(search->point_count > 0 && search->point_count <= BP_RATE_POINTS);
    for (size_t i = 0; i < search->point_count; i++) {
        assert_true(isfinite(search->points[i].learning_rate));
        assert_true(i == 0 || search->points[i].learning_rate > search->points[i - 1].learning_rate);
        assert_true(search->points[i].learning_rate <= search->limit);
    }
    assert_true(search->learning_rate < search->limit);
}
