/* Iterations of the rules for whole sets that are given up: the same bits, and how evaluations are counted;
 * differences of F. */
#include <math.h>

#include "train/objective.h"
#include "train/whole_set_example.h"

enum { RULES = 3, EPOCHS = 20 };

static bp_optimizer rule_of(size_t i)
{
    const bp_optimizer rules[RULES] = {bp_optimizer_scg(), bp_optimizer_lbfgs(5),
                                       bp_optimizer_levenberg_marquardt()};
    return rules[i];
}

/* A training whose activation asks for its end in the middle of an evaluation. */
typedef struct interrupted {
    pair both;
    size_t calls, stop_at; /* of the activation; 0: never */
    size_t epochs;
    uint64_t evaluations; /* of the epochs that are complete, in all runs */
} interrupted;

static void tanh_or_stop(void *context, const bp_real *x, bp_real *y, size_t count)
{
    interrupted *training = context;
    if (++training->calls == training->stop_at)
        bp_trainer_request_stop(training->both.trainer);
    for (size_t i = 0; i < count; i++)
        y[i] = (bp_real)tanh((double)x[i]);
}

static void slope_of_tanh(void *context, const bp_real *x, const bp_real *y, bp_real *slope, size_t count)
{
    (void)context;
    (void)x;
    for (size_t i = 0; i < count; i++)
        slope[i] = 1 - y[i] * y[i];
}

static int count_epoch(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    interrupted *training = context;
    (void)trainer;
    training->evaluations = progress->evaluations;
    return ++training->epochs == EPOCHS;
}

static void begin(interrupted *training, size_t rule, size_t stop_at)
{
    static const bp_stop_rule never = {0};
    const size_t units[] = {EXAMPLE_INPUTS, 4, EXAMPLE_OUTPUTS};
    bp_trainer_options options = whole_set_options(rule_of(rule), &never);
    options.stop_rule_count = 0;
    options.on_epoch = count_epoch;
    options.on_epoch_context = training;
    *training = (interrupted){.stop_at = stop_at};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(
        &net, units, 3, bp_activation_custom("tanh_or_stop", tanh_or_stop, slope_of_tanh, training),
        bp_activation_linear()));
    /* Large ones, which a first step does not suit. */
    bp_real weights[EXAMPLE_WEIGHTS];
    uint64_t seed = 1;
    for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++)
        weights[i] = (bp_real)test_uniform(&seed, -4, 4);
    assert_ok(bp_network_set_weights(net, weights, EXAMPLE_WEIGHTS));
    training->both = make_pair(net, &options);
}

/* Those of an iteration that was given up stay counted, and the next run evaluates its start once more. */
static void test_evaluations_after_an_iteration_that_was_given_up(void **state)
{
    (void)state;
    const bp_data data = example_training();
    for (size_t i = 0; i < RULES; i++) {
        interrupted whole, parts;
        size_t given_up = 0;
        begin(&whole, i, 0);
        const uint64_t all = train_until(whole.both.trainer, &data, NULL, BP_STOP_CALLBACK).evaluations;
        for (size_t stop_at = 1; stop_at < whole.calls; stop_at++) {
            begin(&parts, i, stop_at);
            bp_result first = empty_result();
            assert_ok(bp_trainer_run(parts.both.trainer, &data, NULL, &first));
            if (first.reason == BP_STOP_REQUESTED && parts.epochs < EPOCHS) {
                const uint64_t complete = parts.evaluations;
                given_up += first.evaluations > complete;
                const bp_result rest = train_until(parts.both.trainer, &data, NULL, BP_STOP_CALLBACK);
                assert_int_equal(rest.evaluations, all - complete + 1);
                assert_int_equal(parts.evaluations, first.evaluations + rest.evaluations);
            }
            assert_same_weights(parts.both.net, whole.both.net);
            end_pair(&parts.both);
        }
        assert_true(given_up > 0);
        end_pair(&whole.both);
    }
}

/* --------------------------------------------------------------- the end without a lower F */

/* E as rounding would leave it where nothing of its fall is to be seen; slopes are those of -log y. */
static double flat_fall(void *context, const bp_real *y, const bp_real *d, bp_real *derivative, size_t units)
{
    (void)context, (void)d;
    for (size_t i = 0; derivative != NULL && i < units; i++)
        derivative[i] = -1 / y[i];
    return 1;
}

static int end_at_60(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context, (void)trainer;
    return progress->epoch == 60;
}

/* The slopes lead on for ever. The first iteration has the lowest F; after 100 more training ends, also where
 * they are those of two runs. */
static void test_iterations_without_a_lower_value(void **state)
{
    (void)state;
    static const bp_real x[] = {1}, d[] = {0}, weights[] = {1, 1};
    const size_t units[] = {1, 1};
    const bp_data data = bp_data_view(1, x, 1, d, 1);
    const bp_optimizer rules[] = {bp_optimizer_lbfgs(5), bp_optimizer_scg()};
    const bp_stop_rule never = bp_stop_epochs(1000);
    for (size_t i = 0; i < 4; i++) {
        const bool in_two_runs = i >= 2;
        bp_network *net = NULL;
        bp_trainer_options options = whole_set_options(rules[i % 2], &never);
        options.loss = bp_loss_custom(flat_fall, NULL);
        options.on_epoch = in_two_runs ? end_at_60 : NULL;
        assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_tanh(), bp_activation_linear()));
        assert_ok(bp_network_set_weights(net, weights, 2));
        pair both = make_pair(net, &options);
        size_t epochs = 0;
        if (in_two_runs)
            epochs += train_until(both.trainer, &data, NULL, BP_STOP_CALLBACK).epochs;
        epochs += train_until(both.trainer, &data, NULL, BP_STOP_NO_PROGRESS).epochs;
        assert_int_equal(epochs, 101);
        end_pair(&both);
    }
}

/* Where rounding hides the difference, it is that of the mean slope. */
static void test_differences(void **state)
{
    (void)state;
    const double hidden = 1 + TOLERANCE(1e-7, 2e-16);
    assert_true(bpi_objective_difference(1, 1.5, 0.25, -2, 4) == 0.5);
    assert_true(bpi_objective_difference(1, 0.5, 0.25, -2, 4) == -0.5);
    assert_true(bpi_objective_difference(1, 1, 0.25, -2, 4) == 0.25);
    assert_true(bpi_objective_difference(1, hidden, 0.25, -4, 2) == -0.25);
    assert_true(bpi_objective_difference(1, hidden, 0.25, -4, NAN) == hidden - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_differences),
        cmocka_unit_test(test_evaluations_after_an_iteration_that_was_given_up),
        cmocka_unit_test(test_iterations_without_a_lower_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
