/* Adaptive learning rates: what they make of a given course of E, and of E of real training. */
#include "train/train_example.h"

#include <math.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static double weight_of(const pair *both)
{
    return (double)bp_network_weights(both->net, NULL)[0];
}

/* ------------------------------------------------------------- a given course of errors */

/* A hook that claims these errors, one in each epoch, and sets the gradient to 1. */
typedef struct script {
    const double *errors;
    size_t next;
} script;

static bp_status claim(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    script *self = context;
    if (batch->reason != BP_STOP_NONE)
        return BP_OK;
    reply->mean_error = self->errors[self->next++];
    batch->gradient[0] = 1;
    return BP_OK;
}

static pair scripted(script *course, const bp_stop_rule *rule, bp_schedule schedule, double momentum)
{
    bp_trainer_options options = options_with(rule, 1);
    options.on_gradient = claim;
    options.on_gradient_context = course;
    options.optimizer = bp_optimizer_momentum(1, momentum);
    options.learning_rate_schedule = schedule;
    return make_pair(numbered_network(), &options);
}

/* Trains an epoch at a time; compares the rate after each, and the weight unless wanted_weights is NULL. */
static void assert_course(bp_schedule schedule, double momentum, const double *errors, size_t epochs,
                          const double *wanted_rates, const double *wanted_weights)
{
    bp_data data = numbered_data();
    bp_stop_rule rule = bp_stop_epochs(1);
    script course = {.errors = errors};
    pair both = scripted(&course, &rule, schedule, momentum);
    for (size_t i = 0; i < epochs; i++) {
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_close(bp_trainer_learning_rate(both.trainer), wanted_rates[i], 1e-13);
        if (wanted_weights != NULL)
            assert_close(weight_of(&both), wanted_weights[i], 1e-13);
    }
    end_pair(&both);
}

/*
 * The fourth error shows that the update of the third epoch went too far: back to the weight that the third
 * began with, without momentum. The fifth epoch is not judged, whatever its error. So with the last two.
 */
static void test_the_bold_driver_grows_takes_back_and_shrinks(void **state)
{
    (void)state;
    const double errors[] = {10, 9, 8, 8.5, 100, 99, 99, 99.9, 101};
    const double rates[] = {1, 2, 4, 1, 1, 2, 2, 2, 0.5};
    double wanted[9]; /* eq. 9: dw = -rate + dw / 2 */
    double w = 0, dw = 0, before = 0, rate = 1;
    for (size_t i = 0; i < 9; i++) {
        bool is_back = i == 3 || i == 8;
        double start = w;
        dw = -rate + dw / 2;
        w += dw;
        if (is_back) {
            w = before;
            dw = 0;
        }
        before = start;
        rate = rates[i];
        wanted[i] = w;
    }
    assert_true(wanted[3] == wanted[1]); /* the weight that the third epoch began with */
    assert_true(wanted[8] == wanted[6]);
    assert_course(bp_schedule_bold_driver(1, 2, 0.25), 0.5, errors, 9, rates, wanted);
}

static void test_a_rise_of_one_per_cent_is_none(void **state)
{
    (void)state;
    const double errors[] = {1, 1.00999, 1.00999 * 1.00999, 2}, rates[] = {1, 1, 1, 0.5};
    assert_course(bp_schedule_bold_driver(1, 2, 0.5), 0, errors, 4, rates, NULL);
    const double equal[] = {1, 1, 1, 0.5}, grown[] = {1, 1, 1, 2};
    assert_course(bp_schedule_bold_driver(1, 2, 0.5), 0, equal, 4, grown, NULL);
    const double zero[] = {1, 0, 0, 1e-9}, back[] = {1, 2, 2, 1};
    assert_course(bp_schedule_bold_driver(1, 2, 0.5), 0, zero, 4, back, NULL);
}

static void test_the_bold_driver_stays_in_range(void **state)
{
    (void)state;
    const double high[] = {4, 3, 2, 1, 0.5};
    const double rates[] = {1, 1e30, TOLERANCE(1e30, 1e60), TOLERANCE(1e30, 1e90), TOLERANCE(1e30, 1e120)};
    assert_course(bp_schedule_bold_driver(1, 1e30, 0.5), 0, high, 5, rates, NULL);
    const double low[] = {1, 2, 3, 4, 5, 6}, small[] = {1, 1e-30, 1e-30, 1e-30, 1e-30, 1e-30};
    assert_course(bp_schedule_bold_driver(1, 1, 1e-30), 0, low, 6, small, NULL);
}

/* Patience 3: the third epoch in a row without a new minimum lowers the rate, and again three later. */
static void test_the_plateau_waits(void **state)
{
    (void)state;
    const double errors[] = {5, 4, 4, 4.5, 4, 6, 6, 4, 3.9, 3.95, 3.8, 9, 9, 9, 9, 9, 9};
    const double rates[] = {1,    1,    1,    1,    0.5,   0.5,   0.5,   0.25, 0.25,
                            0.25, 0.25, 0.25, 0.25, 0.125, 0.125, 0.125, 0.1};
    assert_course(bp_schedule_reduce_on_plateau(1, 0.5, 3, 0.1), 0.5, errors, 17, rates, NULL);
    const double falling[] = {5, 4, 3, 2, 1}, constant[] = {1, 1, 1, 1, 1};
    assert_course(bp_schedule_reduce_on_plateau(1, 0.5, 1, 0), 0.5, falling, 5, constant, NULL);
    const double rising[] = {1, 2, 3, 4}, halves[] = {1, 0.5, 0.25, 0.125};
    assert_course(bp_schedule_reduce_on_plateau(1, 0.5, 1, 0), 0.5, rising, 4, halves, NULL);
}

/* Two epochs of warm-up, whose errors count for nothing. */
static void test_a_warm_up_is_not_judged(void **state)
{
    (void)state;
    const double errors[] = {1, 2, 4, 8, 4}, bold[] = {2.0 / 3, 1, 1, 0.5, 0.5};
    assert_course(bp_schedule_with_warm_up(bp_schedule_bold_driver(1, 2, 0.5), 2), 0, errors, 5, bold, NULL);
    const double plateau[] = {2.0 / 3, 1, 1, 0.5, 0.25};
    assert_course(bp_schedule_with_warm_up(bp_schedule_reduce_on_plateau(1, 0.5, 1, 0), 2), 0, errors, 5,
                  plateau, NULL);
}

/* ----------------------------------------------------------- real errors, all cases at once */

/* One linear unit: E = 1/2 sum over c of (w + c)^2, dE/dw = 10 w + 45; eq. 9 and the rule in plain loops. */
typedef struct driver {
    double w, dw, before, rate, error;
    bool is_judged;
    size_t backs;
} driver;

static int drive(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    driver *self = context;
    double start = self->w, error = 0;
    for (int c = 0; c < NUMBERED_CASES; c++)
        error += (start + c) * (start + c) / 2;
    assert_close(progress->error, error, TOLERANCE(1e-4, 1e-12));
    assert_close(progress->learning_rate, self->rate, 1e-12);
    error = progress->error; /* so that both decide alike, whatever the rounding */
    self->dw = -self->rate * (10 * start + 45) + 0.5 * self->dw;
    self->w += self->dw;
    if (self->is_judged && error > self->error * 1.01) {
        self->w = self->before;
        self->dw = 0;
        self->rate *= 0.5;
        self->is_judged = false;
        self->backs++;
    } else {
        if (self->is_judged && error < self->error)
            self->rate *= 1.25;
        self->before = start;
        self->error = error;
        self->is_judged = true;
    }
    assert_close(bp_trainer_learning_rate(trainer), self->rate, 1e-12);
    return 0;
}

static void test_the_bold_driver_against_plain_loops(void **state)
{
    (void)state;
    const double starts[] = {0.01, 0.1, 1, 7};
    for (size_t i = 0; i < COUNT(starts); i++) {
        bp_data data = numbered_data();
        bp_stop_rule rule = bp_stop_epochs(40);
        driver expected = {.rate = starts[i]};
        bp_trainer_options options = options_with(&rule, 1);
        options.optimizer = bp_optimizer_momentum(1, 0.5);
        options.learning_rate_schedule = bp_schedule_bold_driver(starts[i], 1.25, 0.5);
        options.on_epoch = drive;
        options.on_epoch_context = &expected;
        pair both = make_pair(numbered_network(), &options);
        bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_close(weight_of(&both), expected.w, TOLERANCE(1e-4, 1e-12));
        assert_close(weight_of(&both), -4.5, 0.1);
        assert_true(expected.backs > 0);
        assert_int_equal(result.epochs, 40); /* those taken back count, too */
        assert_int_equal(result.updates, 40);
        end_pair(&both);
    }
}

/* Validation metrics, rules and callback are given what is left after the weights were taken back. */
static int note_error_of_weights(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    bp_network **net = context;
    bp_data validation = numbered_data();
    assert_close(progress->validation_error, error_of(*net, &validation) / NUMBERED_CASES,
                 TOLERANCE(1e-6, 1e-14));
    return 0;
}

static void test_metrics_are_those_of_the_weights_that_remain(void **state)
{
    (void)state;
    bp_data data = numbered_data();
    bp_stop_rule rule = bp_stop_epochs(10);
    bp_network *net = numbered_network();
    bp_trainer_options options = options_with(&rule, 1);
    options.learning_rate_schedule = bp_schedule_bold_driver(1, 1.25, 0.5);
    options.on_epoch = note_error_of_weights;
    options.on_epoch_context = &net;
    pair both = make_pair(net, &options);
    train_until(both.trainer, &data, &data, BP_STOP_EPOCHS);
    end_pair(&both);
}

/* --------------------------------------------------------------------- other events */

/* Sets the weight to 100, where E is far larger, after epoch 3. */
static int disturb(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    const bp_real far = 100;
    if (progress->epoch == 3)
        assert_ok(bp_network_set_weights(context, &far, 1));
    return 0;
}

/* A rise that the caller made is not taken for one of training. */
static void test_weights_of_the_callers_are_not_taken_back(void **state)
{
    (void)state;
    bp_data data = numbered_data();
    for (int way = 0; way < 2; way++) {
        bp_network *net = numbered_network();
        bp_stop_rule rule = bp_stop_epochs(way == 0 ? 4 : 1);
        bp_trainer_options options = options_with(&rule, 1);
        options.optimizer = bp_optimizer_gradient_descent(1);
        options.learning_rate_schedule = bp_schedule_bold_driver(0.01, 2, 0.5);
        options.on_epoch = way == 0 ? disturb : NULL;
        options.on_epoch_context = net;
        pair both = make_pair(net, &options);
        for (size_t run = 0; run < (way == 0 ? 1 : 4); run++) {
            if (run == 3)
                assert_ok(bp_network_set_weights(net, &(bp_real){100}, 1));
            train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        }
        /* two epochs of lower E, then one that was not judged, with the rate 0.04 */
        assert_close(bp_trainer_learning_rate(both.trainer), 0.04, 1e-14);
        assert_close(weight_of(&both), 100 - 0.04 * 1045, TOLERANCE(1e-6, 1e-14));
        end_pair(&both);
    }
}

/* Fewer cases have another E; what was remembered of all is not compared with it. */
static void test_other_cases_are_not_compared(void **state)
{
    (void)state;
    bp_data data = numbered_data(), last = bp_data_view(1, data.inputs + 9, 1, data.targets + 9, 1);
    bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options options = options_with(&rule, 1);
    options.optimizer = bp_optimizer_gradient_descent(1);
    options.learning_rate_schedule = bp_schedule_bold_driver(0.01, 2, 0.5);
    pair both = make_pair(numbered_network(), &options);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    train_until(both.trainer, &last, NULL, BP_STOP_EPOCHS);
    assert_true(bp_trainer_learning_rate(both.trainer) == 0.01);
    end_pair(&both);
}

/* The plateau watches the validation cases; with none, it begins anew with the training cases. */
static void test_the_plateau_watches_the_validation_error(void **state)
{
    (void)state;
    const bp_real input = 1, start = 0, target = 0;
    bp_data data = numbered_data(), validation = bp_data_view(1, &input, 1, &target, 1);
    bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options options = options_with(&rule, 1);
    options.optimizer = bp_optimizer_gradient_descent(1);
    options.learning_rate_schedule = bp_schedule_reduce_on_plateau(0.01, 0.5, 1, 0);
    options.keep_best = 0;
    pair both = make_pair(numbered_network(), &options);
    assert_ok(bp_network_set_weights(both.net, &start, 1));
    /* E of the training cases falls, while the weight goes away from 0, the target of the validation case */
    const double rates[] = {0.01, 0.005, 0.0025};
    for (size_t i = 0; i < 3; i++) {
        train_until(both.trainer, &data, &validation, BP_STOP_EPOCHS);
        assert_close(bp_trainer_learning_rate(both.trainer), rates[i], 1e-14);
    }
    for (size_t i = 0; i < 3; i++)
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_close(bp_trainer_learning_rate(both.trainer), 0.0025, 1e-14);
    train_until(both.trainer, &data, &validation, BP_STOP_EPOCHS);
    assert_close(bp_trainer_learning_rate(both.trainer), 0.0025, 1e-14); /* a new minimum, the first */
    end_pair(&both);
}

/* A rate so large that E is infinite at once: each run ends, and the next one is slower, until one learns. */
static void test_runs_after_divergence_are_slower(void **state)
{
    (void)state;
    bp_data data = numbered_data();
    bp_stop_rule rule = bp_stop_epochs(1000);
    bp_trainer_options options = options_with(&rule, 1);
    options.optimizer = bp_optimizer_gradient_descent(1);
    options.learning_rate_schedule = bp_schedule_bold_driver(TOLERANCE(3e38, 1e308), 1, 0.01);
    pair both = make_pair(numbered_network(), &options);
    bp_result result = empty_result();
    double rate = bp_trainer_learning_rate(both.trainer);
    bp_status status = BP_DIVERGED;
    size_t runs = 0;
    for (; status == BP_DIVERGED && runs < 200; runs++) {
        status = bp_trainer_run(both.trainer, &data, NULL, &result);
        assert_true(bp_trainer_learning_rate(both.trainer) < rate);
        rate = bp_trainer_learning_rate(both.trainer);
    }
    assert_ok(status);
    assert_true(runs > 1);
    assert_close(weight_of(&both), -4.5, 0.05);
    end_pair(&both);
}

/* ------------------------------------------------------------------------- memory */

static bp_status set_bold_driver(void *context, const bp_allocator *allocator)
{
    (void)context;
    bp_network *net = NULL;
    bp_trainer *trainer = NULL;
    bp_status status = example_network_create(&net, allocator, 1);
    if (status == BP_OK)
        status = bp_trainer_create(&trainer, net, NULL);
    if (status == BP_OK) {
        status = bp_trainer_set_learning_rate_schedule(trainer, bp_schedule_bold_driver(0.5, 1.05, 0.5));
        assert_true(bp_trainer_learning_rate(trainer) == (status == BP_OK ? 0.5 : 0));
    }
    if (status == BP_OK) /* the memory is kept */
        status = bp_trainer_set_learning_rate_schedule(trainer, bp_schedule_bold_driver(0.25, 1.05, 0.5));
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    return status;
}

static bp_status create_with_bold_driver(void *context, const bp_allocator *allocator)
{
    (void)context;
    bp_network *net = NULL;
    bp_trainer *trainer = NULL;
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.learning_rate_schedule = bp_schedule_bold_driver(0.5, 1.05, 0.5);
    bp_status status = example_network_create(&net, allocator, 1);
    if (status == BP_OK)
        status = bp_trainer_create(&trainer, net, &options);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    return status;
}

static void test_each_allocation(void **state)
{
    (void)state;
    test_each_allocation_fails(set_bold_driver, NULL);
    test_each_allocation_fails(create_with_bold_driver, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_bold_driver_grows_takes_back_and_shrinks),
        cmocka_unit_test(test_a_rise_of_one_per_cent_is_none),
        cmocka_unit_test(test_the_bold_driver_stays_in_range),
        cmocka_unit_test(test_the_plateau_waits),
        cmocka_unit_test(test_a_warm_up_is_not_judged),
        cmocka_unit_test(test_the_bold_driver_against_plain_loops),
        cmocka_unit_test(test_metrics_are_those_of_the_weights_that_remain),
        cmocka_unit_test(test_weights_of_the_callers_are_not_taken_back),
        cmocka_unit_test(test_other_cases_are_not_compared),
        cmocka_unit_test(test_the_plateau_watches_the_validation_error),
        cmocka_unit_test(test_runs_after_divergence_are_slower),
        cmocka_unit_test(test_each_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
