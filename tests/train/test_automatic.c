/* What the first run of a trainer chooses, and the findings that say so; stopping rules that suit the data.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/raw_example.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static int end_after_an_epoch(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context, (void)trainer, (void)progress;
    return 1;
}

/* The defaults, with runs of one epoch that no rule ends. */
static bp_trainer_options defaults(void)
{
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.on_epoch = end_after_an_epoch;
    return options;
}

/* ---------------------------------------------------------------------------- findings */

static void assert_kinds(const bp_trainer *trainer, const bp_finding_kind *kinds, size_t count)
{
    assert_int_equal(bp_trainer_finding_count(trainer), count);
    for (size_t i = 0; i < count; i++) {
        bp_finding found;
        bp_finding_init(&found, sizeof found);
        assert_ok(bp_trainer_finding(trainer, i, &found));
        assert_string_equal(bp_finding_kind_string(found.kind), bp_finding_kind_string(kinds[i]));
        assert_int_equal(found.severity, BP_SEVERITY_NOTE);
        assert_int_equal(found.epoch, 0);
        assert_ok(bp_finding_text(&found, NULL, 0, NULL));
    }
}

static void test_all_choices_are_reported_in_order(void **state)
{
    (void)state;
    static const bp_finding_kind kinds[] = {BP_FINDING_BATCH_SIZE,    BP_FINDING_LOSS,
                                            BP_FINDING_INPUTS_SCALED, BP_FINDING_TARGETS_SCALED,
                                            BP_FINDING_LEARNING_RATE, BP_FINDING_STOPPING};
    bp_trainer_options options = defaults();
    pair both = make_pair(raw_network(bp_activation_linear()), &options);
    bp_data data = raw_training();
    bp_finding found;
    assert_int_equal(bp_trainer_finding_count(both.trainer), 0);
    for (int run = 0; run < 3; run++) { /* the second run chooses nothing, and after a reset all again */
        train_until(both.trainer, &data, NULL, BP_STOP_CALLBACK);
        assert_kinds(both.trainer, kinds, COUNT(kinds));
        assert_true(find_finding(both.trainer, BP_FINDING_BATCH_SIZE, &found));
        assert_true(found.values[0] == 20 && found.values[1] == RAW_CASES);
        assert_true(find_finding(both.trainer, BP_FINDING_LEARNING_RATE, &found));
        assert_true(found.values[0] == bp_trainer_learning_rate(both.trainer) && found.values[0] > 0);
        if (run == 1)
            assert_ok(bp_trainer_reset(both.trainer));
    }
    end_pair(&both);
}

static void test_the_evidence_of_scaling(void **state)
{
    (void)state;
    bp_trainer_options options = defaults();
    pair both = make_pair(raw_network(bp_activation_linear()), &options);
    bp_data data = raw_training();
    bp_real offsets[RAW_INPUTS], factors[RAW_INPUTS];
    bp_finding found;
    train_until(both.trainer, &data, NULL, BP_STOP_CALLBACK);
    assert_ok(bp_network_get_input_scaling(both.net, offsets, factors, RAW_INPUTS));
    assert_true(find_finding(both.trainer, BP_FINDING_INPUTS_SCALED, &found));
    assert_int_equal(found.count, RAW_INPUTS);
    assert_true(found.values[0] == RAW_INPUTS);
    assert_true(found.values[1] == (double)factors[0] && found.values[2] == (double)factors[1]);
    end_pair(&both);
}

/* What the options set is neither chosen nor reported. */
static void test_what_is_set_is_not_reported(void **state)
{
    (void)state;
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    const bp_stop_rule rule = bp_stop_epochs(1);
    options.optimizer = bp_optimizer_momentum(1e-9, 0.9);
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    pair both = make_pair(raw_network(bp_activation_linear()), &options);
    bp_data data = raw_training();
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_int_equal(bp_trainer_finding_count(both.trainer), 0);
    end_pair(&both);
}

static void test_the_loss_in_use(void **state)
{
    (void)state;
    bp_trainer_options options = defaults();
    bp_real targets[RAW_CASES * RAW_OUTPUTS];
    for (size_t i = 0; i < RAW_CASES * RAW_OUTPUTS; i++)
        targets[i] = (bp_real)(i % 2);
    for (int is_softmax = 0; is_softmax < 2; is_softmax++) {
        pair both =
            make_pair(raw_network(is_softmax ? bp_activation_softmax() : bp_activation_tanh()), &options);
        bp_data data = raw_training();
        bp_finding found;
        data.targets = targets;
        train_until(both.trainer, &data, NULL, BP_STOP_CALLBACK);
        assert_true(find_finding(both.trainer, BP_FINDING_LOSS, &found));
        assert_true(found.values[0] == is_softmax);
        assert_int_equal(bp_trainer_loss(both.trainer).kind,
                         (is_softmax ? bp_loss_cross_entropy() : bp_loss_squared_error()).kind);
        end_pair(&both);
    }
    assert_int_equal(bp_trainer_loss(NULL).kind, bp_loss_default().kind);
}

/* -------------------------------------------------------- the note about cross-entropy */

/* Two output layers of one unit each on the inputs. */
static bp_network *two_outputs(bp_activation first, bp_activation second)
{
    bp_network *net = NULL;
    bp_layer *in = NULL, *a = NULL, *b = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", RAW_INPUTS));
    assert_ok(bp_network_add_layer(&a, net, "a", 1, first));
    assert_ok(bp_network_add_layer(&b, net, "b", 1, second));
    assert_ok(bp_network_connect(NULL, net, in, a));
    assert_ok(bp_network_connect(NULL, net, in, b));
    assert_ok(bp_layer_set_output(a));
    assert_ok(bp_layer_set_output(b));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, 1));
    return net;
}

/* It is given where the remedy would be accepted, and all targets are 0 or 1. */
static void test_cross_entropy_is_recommended(void **state)
{
    (void)state;
    const bp_activation logistic = bp_activation_logistic(), softmax = bp_activation_softmax();
    const bp_activation linear = bp_activation_linear();
    const struct {
        bp_activation first, second;
        double odd_target; /* one that is among them */
        const char *layer; /* that it names; NULL: no note */
    } rows[] = {
        {logistic, logistic, 1, "a"}, {logistic, logistic, 0.5, NULL}, {logistic, logistic, -1, NULL},
        {softmax, logistic, 1, "b"},  {logistic, softmax, 1, "a"},     {logistic, linear, 1, NULL},
        {linear, logistic, 1, NULL},  {linear, linear, 1, NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        bp_trainer_options options = defaults();
        options.optimizer = bp_optimizer_momentum(0.01, 0);
        pair both = make_pair(two_outputs(rows[i].first, rows[i].second), &options);
        bp_data data = raw_training();
        bp_real targets[RAW_CASES * RAW_OUTPUTS];
        bp_finding found;
        for (size_t j = 0; j < RAW_CASES * RAW_OUTPUTS; j++)
            targets[j] = j % 3 == 0;
        targets[RAW_CASES * RAW_OUTPUTS - 1] = (bp_real)rows[i].odd_target;
        data.targets = targets;
        train_until(both.trainer, &data, NULL, BP_STOP_CALLBACK);
        assert_int_equal(find_finding(both.trainer, BP_FINDING_CROSS_ENTROPY, &found), rows[i].layer != NULL);
        if (rows[i].layer != NULL) {
            assert_string_equal(bp_layer_name(found.layer), rows[i].layer);
            options.loss = bp_loss_cross_entropy(); /* the remedy */
            bp_trainer *remedied = make_trainer(both.net, &options);
            train_until(remedied, &data, NULL, BP_STOP_CALLBACK);
            assert_false(find_finding(remedied, BP_FINDING_CROSS_ENTROPY, &found));
            bp_trainer_destroy(remedied);
            options.loss = bp_loss_default();
            options.optimizer = bp_optimizer_levenberg_marquardt(); /* which would refuse it */
            bp_trainer *squares = make_trainer(both.net, &options);
            train_until(squares, &data, NULL, BP_STOP_CALLBACK);
            assert_false(find_finding(squares, BP_FINDING_CROSS_ENTROPY, &found));
            bp_trainer_destroy(squares);
        }
        end_pair(&both);
    }
}

/* ------------------------------------------------------------------------ stopping rules */

/* The validation errors of all epochs. */
typedef struct course {
    double errors[20000];
    size_t count;
} course;

static int record(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    course *seen = context;
    assert_true(seen->count < COUNT(seen->errors));
    seen->errors[seen->count++] = progress->validation_error;
    return 0;
}

static bp_trainer_options untouched(course *seen)
{
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.keep_history = 1;
    options.on_epoch = record;
    options.on_epoch_context = seen;
    return options;
}

/* Windows of a run that ends by its rules: the learning rate is lowered twice, and each time the window
 * begins anew; see test_anneal.c. */
enum { WINDOWS = 3 };

static bp_finding the_rules(const bp_trainer *trainer)
{
    bp_finding rules, other;
    assert_true(find_finding(trainer, BP_FINDING_STOPPING, &rules));
    assert_int_equal(count_findings(trainer, BP_FINDING_ANNEALED, NULL), WINDOWS - 1);
    assert_false(find_finding(trainer, BP_FINDING_RECOVERED, &other));
    return rules;
}

/* With validation cases a window ends as many epochs after its minimum as the finding says. */
static void test_early_stopping_is_chosen(void **state)
{
    (void)state;
    course seen = {.count = 0};
    bp_trainer_options options = untouched(&seen);
    pair both = make_pair(raw_network(bp_activation_linear()), &options);
    bp_data data = raw_training(), validation = raw_validation();
    bp_result result = train_until(both.trainer, &data, &validation, BP_STOP_EARLY);
    const bp_finding rules = the_rules(both.trainer);
    assert_true(rules.values[0] == 1 && rules.values[1] == 0);
    assert_int_equal(seen.count, result.epochs);
    size_t windows = 0, waited = 0, last = 0;
    double best = INFINITY;
    for (size_t i = 0; i < seen.count; i++) {
        waited = seen.errors[i] < best ? 0 : waited + 1;
        best = fmin(best, seen.errors[i]);
        if ((double)waited < rules.values[2])
            continue;
        windows++;
        waited = 0;
        best = INFINITY;
        last = i + 1;
    }
    assert_int_equal(windows, WINDOWS);
    assert_int_equal(last, result.epochs);
    assert_true((double)result.epochs <= rules.values[3]);
    end_pair(&both);
}

/* Without them at the first epoch at which the errors of the history have fallen too little, by a part of the
 * error before the window or, if that is more, of `least` times the first error. */
static void check_diminishing_returns(bp_network *net, const bp_data *data, double least)
{
    course seen = {.count = 0};
    bp_trainer_options options = untouched(&seen);
    options.on_epoch = NULL;
    pair both = make_pair(net, &options);
    bp_result result = train_until(both.trainer, data, NULL, BP_STOP_DIMINISHING_RETURNS);
    const bp_finding rules = the_rules(both.trainer);
    assert_true(rules.values[0] == 0);
    size_t window = (size_t)rules.values[2], count, first = 0, windows = 0;
    const double *errors = bp_trainer_history(both.trainer, &count);
    assert_int_equal(count, result.epochs);
    for (size_t i = 0; i < count; i++) {
        if (i < first + window)
            continue;
        double before = errors[i - window];
        if (before - errors[i] < rules.values[1] * fmax(before, least * errors[0])) {
            windows++;
            first = i + 1;
        }
    }
    assert_int_equal(windows, WINDOWS);
    assert_int_equal(first, count);
    end_pair(&both);
}

static void test_diminishing_returns_are_chosen(void **state)
{
    (void)state;
    const bp_data data = raw_training();
    check_diminishing_returns(raw_network(bp_activation_linear()), &data, 0);
}

/* Where the outputs have two ends, E would fall for ever: in XOR long after all answers are right. */
static void test_diminishing_returns_of_outputs_with_two_ends(void **state)
{
    (void)state;
    const bp_data data = xor_data();
    bp_network *net = xor_network(2);
    check_diminishing_returns(net, &data, 0.001);
}

/* Validation cases may come and go; the finding is about the rules of the last run. */
static void test_rules_change_with_the_data(void **state)
{
    (void)state;
    bp_trainer_options options = defaults();
    pair both = make_pair(raw_network(bp_activation_linear()), &options);
    bp_data data = raw_training(), validation = raw_validation();
    static const bool has_validation[] = {true, false, false, true, false};
    for (size_t i = 0; i < COUNT(has_validation); i++) {
        bp_finding found;
        train_until(both.trainer, &data, has_validation[i] ? &validation : NULL, BP_STOP_CALLBACK);
        assert_true(find_finding(both.trainer, BP_FINDING_STOPPING, &found));
        assert_true(found.values[0] == has_validation[i]);
        assert_int_equal(bp_trainer_finding_count(both.trainer), 6);
    }
    end_pair(&both);
}

/* The caller's early stopping still needs them. */
static void test_given_rules_stay(void **state)
{
    (void)state;
    const bp_stop_rule rule = bp_stop_early(3, 0);
    bp_trainer_options options = defaults();
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    pair both = make_pair(raw_network(bp_activation_linear()), &options);
    bp_data data = raw_training(), validation = raw_validation();
    bp_finding found;
    train_until(both.trainer, &data, &validation, BP_STOP_CALLBACK);
    assert_false(find_finding(both.trainer, BP_FINDING_STOPPING, &found));
    assert_fails(bp_trainer_run(both.trainer, &data, NULL, NULL), BP_ERROR_ARGUMENT,
                 "options.stop_rules[0] needs it");
    end_pair(&both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_choices_are_reported_in_order),
        cmocka_unit_test(test_the_evidence_of_scaling),
        cmocka_unit_test(test_what_is_set_is_not_reported),
        cmocka_unit_test(test_the_loss_in_use),
        cmocka_unit_test(test_cross_entropy_is_recommended),
        cmocka_unit_test(test_early_stopping_is_chosen),
        cmocka_unit_test(test_diminishing_returns_are_chosen),
        cmocka_unit_test(test_diminishing_returns_of_outputs_with_two_ends),
        cmocka_unit_test(test_rules_change_with_the_data),
        cmocka_unit_test(test_given_rules_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
