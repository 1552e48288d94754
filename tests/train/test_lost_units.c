/* Layers that cease to learn: reported at the end of a run, before the plateau; rolled back where that may
 * help. */
#include "train/lost_units.h"

#include <math.h>
#include <string.h>

#include "train/wave_example.h"

enum { HIDDEN = 8, BIASES = 2 * HIDDEN };

/* A 2-8-1 network whose hidden layer has weights times a factor, and biases moved. */
static bp_network *changed_network(bp_activation hidden, double factor, double shift)
{
    const size_t units[] = {2, HIDDEN, 1};
    bp_network *net = NULL;
    bp_real weights[4 * HIDDEN + 1];
    size_t count;
    assert_ok(bp_network_create_layered(&net, units, 3, hidden, bp_activation_linear()));
    assert_ok(bp_network_initialize(net, 1));
    memcpy(weights, bp_network_weights(net, &count), sizeof weights);
    assert_int_equal(count, 4 * HIDDEN + 1);
    for (size_t i = 0; i < BIASES; i++)
        weights[i] *= (bp_real)factor;
    for (size_t i = BIASES; i < BIASES + HIDDEN; i++)
        weights[i] += (bp_real)shift;
    assert_ok(bp_network_set_weights(net, weights, count));
    return net;
}

/* The place of a finding in the list, or SIZE_MAX. */
static size_t place_of(const bp_trainer *trainer, bp_finding_kind kind)
{
    for (size_t i = 0; i < bp_trainer_finding_count(trainer); i++) {
        bp_finding found;
        bp_finding_init(&found, sizeof found);
        assert_ok(bp_trainer_finding(trainer, i, &found));
        if (found.kind == kind)
            return i;
    }
    return SIZE_MAX;
}

/* ------------------------------------------------------------------- at the end of a run */

/* Half the variance of the targets, which are not scaled here. */
static double constant_error(const bp_data *data)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < data->cases; i++) {
        sum += (double)data->targets[i];
        squares += (double)data->targets[i] * (double)data->targets[i];
    }
    const double mean = sum / (double)data->cases;
    return (squares / (double)data->cases - mean * mean) / 2;
}

/* Such a network learns something by its output layer alone. What it began with is named all the same, but
 * not in a run that goes on with trained weights. */
static void test_a_start_with_saturated_units(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    bp_stop_rule rule;
    bp_trainer_options options = wave_options(&rule, WAVE_RATE, 100);
    pair both = make_pair(changed_network(bp_activation_tanh(), 20, 0), &options);
    const bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    const bp_finding found = assert_found(both.trainer, BP_FINDING_SATURATED_UNITS, "of 8 units", NULL);
    assert_int_equal(found.severity, BP_SEVERITY_WARNING);
    assert_true(result.mean_error < 0.5 * constant_error(&data) && found.epoch == 0);
    bp_trainer *later = make_trainer(both.net, &options);
    train_until(later, &data, NULL, BP_STOP_EPOCHS);
    assert_not_found(later, BP_FINDING_SATURATED_UNITS);
    bp_trainer_destroy(later);
    end_pair(&both);
}

/* A rule without a learning rate is not advised to lower it. */
static void test_a_rule_without_a_rate(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    bp_stop_rule rule;
    char text[512];
    bp_trainer_options options = wave_options(&rule, WAVE_RATE, 200);
    options.optimizer = bp_optimizer_scg();
    options.batch_size = 0;
    pair both = make_pair(changed_network(bp_activation_tanh(), 20, 0), &options);
    assert_ok(bp_trainer_run(both.trainer, &data, NULL, NULL));
    const bp_finding found = assert_found(both.trainer, BP_FINDING_SATURATED_UNITS, "of 8 units", NULL);
    assert_ok(bp_finding_text(&found, text, sizeof text, NULL));
    assert_null(strstr(text, "learning rate"));
    end_pair(&both);
}

static void test_dead_units(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    const bp_activation activations[] = {bp_activation_relu(), bp_activation_tanh()};
    for (size_t i = 0; i < 2; i++) {
        bp_stop_rule rule;
        bp_trainer_options options = wave_options(&rule, WAVE_RATE, 100);
        options.weight_decay = 0;
        pair both = make_pair(changed_network(activations[i], 1, -100), &options);
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        const bp_finding found = assert_found(both.trainer, BP_FINDING_DEAD_UNITS, "8 of 8 units", NULL);
        assert_int_equal(found.severity, BP_SEVERITY_ERROR);
        assert_int_equal(found.epoch, 100);
        assert_ptr_equal(found.layer, bp_network_find_layer(both.net, "hidden1"));
        assert_true(place_of(both.trainer, BP_FINDING_DEAD_UNITS) <
                    place_of(both.trainer, BP_FINDING_PLATEAU));
        assert_true(place_of(both.trainer, BP_FINDING_PLATEAU) != SIZE_MAX);
        end_pair(&both);
    }
}

/* Saturated units change from case to case, so that the network learns something; the targets are such that
 * it is little. */
static void test_saturated_units(void **state)
{
    (void)state;
    bp_data data = wave_training();
    bp_real noise[WAVE_CASES];
    uint64_t stream = 1;
    for (size_t i = 0; i < WAVE_CASES; i++)
        noise[i] = (bp_real)test_uniform(&stream, -1, 1);
    data.targets = noise;
    bp_stop_rule rule;
    bp_trainer_options options = wave_options(&rule, 0.01, 100);
    options.weight_decay = 0;
    pair both = make_pair(changed_network(bp_activation_tanh(), 1e5, 0), &options);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_int_equal(assert_found(both.trainer, BP_FINDING_SATURATED_UNITS, "8 of 8 units", NULL).severity,
                     BP_SEVERITY_WARNING);
    assert_not_found(both.trainer, BP_FINDING_DEAD_UNITS);
    end_pair(&both);
}

/* A network that has learned may use its units as switches, and some that are dead do no harm. */
static void test_healthy_runs(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    for (uint64_t seed = 1; seed <= 5; seed++) {
        bp_stop_rule rule;
        bp_trainer_options options = wave_options(&rule, WAVE_RATE, 300);
        pair both = make_pair(wave_network(seed), &options);
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_not_found(both.trainer, BP_FINDING_DEAD_UNITS);
        assert_not_found(both.trainer, BP_FINDING_SATURATED_UNITS);
        end_pair(&both);
    }
}

/* The next run may end well; what this one said is gone then. */
static void test_next_run(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    bp_stop_rule rule;
    bp_trainer_options options = wave_options(&rule, WAVE_RATE, 200);
    options.scale_data = 0;
    pair both = make_pair(changed_network(bp_activation_relu(), 1, -100), &options);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_found(both.trainer, BP_FINDING_DEAD_UNITS, NULL, NULL);
    assert_ok(bp_network_initialize(both.net, 2));
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_not_found(both.trainer, BP_FINDING_DEAD_UNITS);
    end_pair(&both);
}

/* ------------------------------------------------------------------------------ recovery */

/* At the end of epoch 2, as an update might that is far too large: all units are dead, and E is that of
 * constant outputs from then on, where it neither bounces nor grows. */
static int kill_units(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    bp_network *net = context;
    (void)trainer;
    if (progress->epoch != 2)
        return 0;
    size_t count;
    bp_real weights[4 * HIDDEN + 1];
    memcpy(weights, bp_network_weights(net, &count), sizeof weights);
    for (size_t i = BIASES; i < BIASES + HIDDEN; i++)
        weights[i] = -1000;
    weights[count - 1] = 0; /* the mean of the scaled targets */
    assert_ok(bp_network_set_weights(net, weights, count));
    return 0;
}

static void test_a_lost_layer_is_rolled_back(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    for (int allowed = 0; allowed < 2; allowed++) {
        bp_stop_rule rule;
        bp_trainer_options options = wave_options(&rule, WAVE_RATE, 400);
        bp_network *net = changed_network(bp_activation_relu(), 1, 0);
        options.recoveries = allowed;
        options.on_epoch = kill_units;
        options.on_epoch_context = net;
        pair both = make_pair(net, &options);
        const bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        if (allowed) {
            assert_int_equal(count_findings(both.trainer, BP_FINDING_RECOVERED, NULL), 1);
            assert_not_found(both.trainer, BP_FINDING_DEAD_UNITS);
            assert_not_found(both.trainer, BP_FINDING_PLATEAU);
            assert_true(result.mean_error < 0.1);
        } else {
            assert_found(both.trainer, BP_FINDING_DEAD_UNITS, "8 of 8 units", NULL);
            assert_found(both.trainer, BP_FINDING_PLATEAU, NULL, NULL);
            assert_not_found(both.trainer, BP_FINDING_RATE_TOO_LARGE);
        }
        end_pair(&both);
    }
}

/* Weights that were lost from the start are reported, and nothing is rolled back to them. */
static void test_lost_from_the_start(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    bp_stop_rule rule;
    bp_trainer_options options = wave_options(&rule, WAVE_RATE, 300);
    options.recoveries = 5;
    options.weight_decay = 0;
    pair both = make_pair(changed_network(bp_activation_relu(), 1, -100), &options);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_not_found(both.trainer, BP_FINDING_RECOVERED);
    assert_found(both.trainer, BP_FINDING_DEAD_UNITS, NULL, NULL);
    end_pair(&both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_start_with_saturated_units),
        cmocka_unit_test(test_a_rule_without_a_rate),
        cmocka_unit_test(test_dead_units),
        cmocka_unit_test(test_saturated_units),
        cmocka_unit_test(test_healthy_runs),
        cmocka_unit_test(test_next_run),
        cmocka_unit_test(test_a_lost_layer_is_rolled_back),
        cmocka_unit_test(test_lost_from_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
