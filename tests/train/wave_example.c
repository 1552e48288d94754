#include "train/wave_example.h"

#include <math.h>
#include <string.h>

static bp_data make(size_t cases, uint64_t seed, bp_real *inputs, bp_real *targets)
{
    for (size_t i = 0; i < cases; i++) {
        const double a = test_uniform(&seed, -1, 1), b = test_uniform(&seed, -1, 1);
        inputs[2 * i] = (bp_real)a;
        inputs[2 * i + 1] = (bp_real)b;
        targets[i] = (bp_real)(sin(3 * a) * b + 0.1 * test_uniform(&seed, -1, 1));
    }
    return bp_data_view(cases, inputs, 2, targets, 1);
}

bp_data wave_of(size_t cases)
{
    static bp_real inputs[2 * WAVE_MOST], targets[WAVE_MOST];
    assert_true(cases <= WAVE_MOST);
    return make(cases, 1, inputs, targets);
}

bp_data wave_training(void)
{
    return wave_of(WAVE_CASES);
}

bp_data wave_validation(void)
{
    static bp_real inputs[2 * WAVE_OTHERS], targets[WAVE_OTHERS];
    return make(WAVE_OTHERS, 2, inputs, targets);
}

bp_network *wave_network(uint64_t seed)
{
    const size_t units[] = {2, 8, 1};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    assert_ok(bp_network_initialize(net, seed));
    return net;
}

bp_trainer_options wave_options(bp_stop_rule *storage, double rate, size_t epochs)
{
    bp_trainer_options options = raw_options(storage, epochs > 0 ? epochs : 1);
    options.optimizer = bp_optimizer_momentum(rate, 0.9);
    options.stop_rule_count = epochs > 0;
    return options;
}

bool has_warning(const bp_trainer *trainer)
{
    bool any = false;
    for (size_t i = 0; i < bp_trainer_finding_count(trainer); i++) {
        bp_finding found;
        bp_finding_init(&found, sizeof found);
        assert_ok(bp_trainer_finding(trainer, i, &found));
        if (found.severity == BP_SEVERITY_NOTE)
            continue;
        print_message("%s\n", bp_finding_kind_string(found.kind));
        any = true;
    }
    return any;
}

bp_finding assert_found(const bp_trainer *trainer, bp_finding_kind kind, const char *part, const char *other)
{
    bp_finding found;
    char text[512];
    if (!find_finding(trainer, kind, &found))
        fail_msg("not found: %s", bp_finding_kind_string(kind));
    assert_ok(bp_finding_text(&found, text, sizeof text, NULL));
    if ((part != NULL && strstr(text, part) == NULL) || (other != NULL && strstr(text, other) == NULL))
        fail_msg("'%s' and '%s' are not in: %s", part, other, text);
    return found;
}

void assert_not_found(const bp_trainer *trainer, bp_finding_kind kind)
{
    bp_finding found;
    if (find_finding(trainer, kind, &found))
        fail_msg("found: %s", bp_finding_kind_string(kind));
}
