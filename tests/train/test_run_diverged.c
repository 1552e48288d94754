/* Divergence: what is handed back, and that training can go on from there. */
#include "train/train_example.h"

#include <math.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static bp_real weight_of(const pair *both)
{
    return bp_network_weights(both->net, NULL)[0];
}

/* One linear unit and a learning rate at which each update overshoots by far. */
static pair make_numbered(double rate, double momentum, size_t batch_size, const bp_stop_rule *rules,
                          size_t count)
{
    bp_trainer_options options = options_with(rules, count);
    options.optimizer = bp_optimizer_momentum(rate, momentum);
    options.batch_size = batch_size;
    options.shuffle = 0;
    return make_pair(numbered_network(), &options);
}

static bp_result assert_diverges(const pair *both, const bp_data *data)
{
    bp_result result = empty_result();
    assert_fails(bp_trainer_run(both->trainer, data, NULL, &result), BP_DIVERGED, "bp_trainer_run: ");
    assert_int_equal(result.reason, BP_STOP_DIVERGED);
    assert_true(isfinite((double)weight_of(both)) && isfinite(result.error));
    assert_close(result.error, error_of(both->net, data), 1e-12);
    assert_close(result.mean_error, result.error / (double)data->cases, 1e-12);
    return result;
}

/* E of the numbered cases with weight w: 1/2 sum over c of (w + c)^2; 142.5 with the start weight, 0. */
static double numbered_error(double w)
{
    double sum = 0;
    for (int c = 0; c < NUMBERED_CASES; c++)
        sum += (w + c) * (w + c) / 2;
    return sum;
}

/* The weight overshoots by more and more until the error is infinite; the last weights of finite error are
 * far worse than those of the start. */
static void test_the_start_weights_are_put_back_where_all_others_are_worse(void **state)
{
    (void)state;
    const size_t batch_sizes[] = {0, 1, 3, 9};
    bp_data data = numbered_data();
    for (size_t i = 0; i < COUNT(batch_sizes); i++) {
        bp_stop_rule rules[] = {bp_stop_error_below(1e-9), bp_stop_epochs(100000)};
        pair both = make_numbered(1000, 0.5, batch_sizes[i], rules, 2);
        bp_result result = assert_diverges(&both, &data);
        assert_int_equal(result.rule, 2);
        assert_true(result.epochs > 0);
        assert_true(weight_of(&both) == 0);
        assert_close(result.error, numbered_error(0), 1e-12);
        end_pair(&both);
    }
}

/* Three epochs that learn, then one whose first update makes the weight infinite. */
static pair make_switching(double rate, size_t batch_size, const bp_stop_rule *rule)
{
    bp_trainer_options options = options_with(rule, 1);
    options.optimizer = bp_optimizer_gradient_descent(rate);
    options.learning_rate_schedule = bp_schedule_switch(rate, 3, TOLERANCE(3e38, 1.5e308));
    options.batch_size = batch_size;
    options.shuffle = 0;
    return make_pair(numbered_network(), &options);
}

/* A twin ends before the fourth epoch. */
static void test_the_weights_of_the_last_finite_epoch_are_put_back_where_they_are_better(void **state)
{
    (void)state;
    const size_t batch_sizes[] = {0, 1, 3, 9};
    bp_data data = numbered_data();
    for (size_t i = 0; i < COUNT(batch_sizes); i++) {
        bp_stop_rule rule = bp_stop_epochs(100), three = bp_stop_epochs(3);
        pair both = make_switching(0.01, batch_sizes[i], &rule);
        pair twin = make_switching(0.01, batch_sizes[i], &three);
        bp_result result = assert_diverges(&both, &data);
        assert_int_equal(result.epochs, 3);
        assert_true(result.error < numbered_error(0));
        train_until(twin.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_same_weights(both.net, twin.net);
        end_pair(&both);
        end_pair(&twin);
    }
}

/* With the whole batch and a rate of 1/16 the weight after epoch n is -4.5 (1 - 0.375^n), exactly. */
enum { EPOCHS_BEFORE = 3 };
static const double after_one = -2.8125, after_three = -4.2626953125;

static double weight_after_divergence(double validation_target)
{
    bp_stop_rule rule = bp_stop_epochs(100);
    bp_data data = numbered_data();
    const bp_real input = 1, target = (bp_real)validation_target;
    bp_data validation = bp_data_view(1, &input, 1, &target, 1);
    pair both = make_switching(1.0 / 16, 0, &rule);
    bp_result result = empty_result();
    assert_fails(bp_trainer_run(both.trainer, &data, &validation, &result), BP_DIVERGED, "bp_trainer_run: ");
    assert_int_equal(result.epochs, EPOCHS_BEFORE);
    double weight = (double)weight_of(&both), deviation = weight - (double)target;
    assert_close(result.error, numbered_error(weight), TOLERANCE(1e-6, 1e-14));
    assert_close(result.validation_error, deviation * deviation / 2, TOLERANCE(1e-6, 1e-14));
    end_pair(&both);
    return weight;
}

static void test_the_validation_set_chooses_among_the_weights_seen(void **state)
{
    (void)state;
    assert_true(weight_after_divergence(after_three) == after_three);
    assert_true(weight_after_divergence(after_one) == after_one);
    assert_true(weight_after_divergence(0) == 0);
}

/* The first update takes the weight from -4 to -9, where the validation error is 0 and E larger. */
static void test_no_validation_error_makes_up_for_a_larger_training_error(void **state)
{
    (void)state;
    const bp_real input = 1, target = -9, start = -4;
    bp_stop_rule rule = bp_stop_epochs(100);
    bp_trainer_options options = options_with(&rule, 1);
    options.optimizer = bp_optimizer_gradient_descent(1);
    options.learning_rate_schedule = bp_schedule_switch(1, 1, TOLERANCE(3e38, 1.5e308));
    bp_data data = numbered_data(), validation = bp_data_view(1, &input, 1, &target, 1);
    pair both = make_pair(numbered_network(), &options);
    assert_ok(bp_network_set_weights(both.net, &start, 1));
    bp_result result = empty_result();
    assert_fails(bp_trainer_run(both.trainer, &data, &validation, &result), BP_DIVERGED, "bp_trainer_run: ");
    assert_int_equal(result.best_epoch, 1);
    assert_true(weight_of(&both) == start);
    assert_close(result.error, numbered_error(-4), 1e-12);
    end_pair(&both);
}

/* What counts is the start of the run, not that of the epoch, which an earlier run began with other weights.
 */
static void test_weights_from_before_the_run_are_not_put_back(void **state)
{
    (void)state;
    bp_data data = numbered_data();
    const bp_real worse = 1000;
    bp_stop_rule rule = bp_stop_updates(5);
    bp_trainer_options options = options_with(&rule, 1);
    options.batch_size = 1;
    options.shuffle = 0;
    options.optimizer = bp_optimizer_gradient_descent(0.01);
    pair both = make_pair(numbered_network(), &options);
    train_until(both.trainer, &data, NULL, BP_STOP_UPDATES);
    assert_ok(bp_network_set_weights(both.net, &worse, 1));
    assert_ok(bp_trainer_set_learning_rate(both.trainer, TOLERANCE(3e38, 1.5e308)));
    assert_diverges(&both, &data);
    assert_true(weight_of(&both) == worse);
    end_pair(&both);
}

static void test_training_goes_on_after_divergence(void **state)
{
    (void)state;
    bp_data data = numbered_data();
    bp_stop_rule rules[] = {bp_stop_epochs(3000)};
    pair both = make_numbered(1000, 0.5, 0, rules, 1);
    assert_diverges(&both, &data);
    assert_ok(bp_trainer_set_learning_rate(both.trainer, 0.05));
    bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_int_equal(result.epochs, 3000);
    assert_close(weight_of(&both), -4.5, 1e-6); /* the mean of the targets */
    end_pair(&both);
}

/* From weight 0, update 1 leads to 0, update 2 to -rate * t, update 3 to about rate^2 * t: infinity. */
static void test_an_infinite_weight_at_a_limit(void **state)
{
    (void)state;
    const bp_real t = (bp_real)TOLERANCE(1, 1e-150);
    const bp_real inputs[] = {1, 1, 1, 1}, targets[] = {0, -t, -t, -t};
    bp_data data = bp_data_view(4, inputs, 1, targets, 1);
    for (uint64_t updates = 1; updates <= 3; updates++) {
        bp_stop_rule rule = bp_stop_updates(updates);
        pair both = make_numbered(TOLERANCE(1e30, 1e250), 0.5, 1, &rule, 1);
        if (updates < 3)
            train_until(both.trainer, &data, NULL, BP_STOP_UPDATES);
        else
            assert_int_equal(assert_diverges(&both, &data).updates, 3);
        if (updates != 2)
            assert_true(weight_of(&both) == 0);
        end_pair(&both);
    }
}

static bp_status push_first_weight(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    (void)reply;
    batch->gradient[0] = *(const bp_real *)context;
    return BP_OK;
}

/* A weight of minus infinity leads to a ReLU unit that is 0, so E stays finite. */
static void test_an_infinite_weight_with_a_finite_error(void **state)
{
    (void)state;
    const size_t units[] = {1, 1, 1};
    const bp_real weights[] = {1, 0, 1, 0};
    bp_real large = (bp_real)TOLERANCE(1e38, 1e308);
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_relu(), bp_activation_linear()));
    assert_ok(bp_network_set_weights(net, weights, COUNT(weights)));
    bp_stop_rule rule = bp_stop_updates(1);
    bp_trainer_options options = options_with(&rule, 1);
    options.optimizer = bp_optimizer_gradient_descent(100);
    options.batch_size = 1;
    options.on_gradient = push_first_weight;
    options.on_gradient_context = &large;
    pair both = make_pair(net, &options);
    bp_data data = numbered_data();
    assert_int_equal(assert_diverges(&both, &data).updates, 1);
    assert_memory_equal(bp_network_weights(net, NULL), weights, sizeof weights);
    end_pair(&both);
}

/* In online training, where the weights stay in a kernel between epochs: training ends with the first epoch,
 * too. */
static void test_an_infinite_weight_case_by_case(void **state)
{
    (void)state;
    const size_t units[] = {1, 1, 1};
    const bp_real weights[] = {(bp_real)TOLERANCE(1e-30, 1e-300), 0, 1, 0};
    const bp_real input = (bp_real)TOLERANCE(1e20, 1e200), target = (bp_real)TOLERANCE(-1e5, -1e60);
    bp_data data = bp_data_view(1, &input, 1, &target, 1);
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_relu(), bp_activation_linear()));
    assert_ok(bp_network_set_weights(net, weights, COUNT(weights)));
    bp_stop_rule rule = bp_stop_epochs(5);
    bp_trainer_options options = options_with(&rule, 1);
    options.optimizer = bp_optimizer_gradient_descent(TOLERANCE(1e15, 1e50));
    options.batch_size = 1;
    pair both = make_pair(net, &options);
    assert_int_equal(assert_diverges(&both, &data).updates, 1);
    assert_non_null(strstr(bp_error_message(), "a weight"));
    assert_memory_equal(bp_network_weights(net, NULL), weights, sizeof weights);
    end_pair(&both);
}

/* Within an epoch, with a time limit. */
static void test_an_infinite_error_later_in_an_epoch(void **state)
{
    (void)state;
    bp_data data = numbered_data();
    bp_stop_rule rules[] = {bp_stop_seconds(1000), bp_stop_epochs(1000)};
    pair both = make_numbered(1000, 0.5, 1, rules, 2);
    bp_result result = assert_diverges(&both, &data);
    assert_true(result.epochs > 0 && result.updates % NUMBERED_CASES > 1);
    assert_true(weight_of(&both) == 0);
    end_pair(&both);
}

/* The weight is finite, but its product with the input is not. */
static void test_an_infinite_error_at_the_end(void **state)
{
    (void)state;
    bp_real input = (bp_real)TOLERANCE(1e10, 1e100), target = -1;
    bp_data data = bp_data_view(1, &input, 1, &target, 1);
    bp_stop_rule rule = bp_stop_epochs(1);
    pair both = make_numbered(TOLERANCE(1e25, 1e150), 0.5, 0, &rule, 1);
    bp_result result = assert_diverges(&both, &data);
    assert_true(weight_of(&both) == 0);
    assert_int_equal(result.updates, 1);
    assert_close(result.error, 0.5, 1e-12);
    end_pair(&both);
}

/* Weights of the caller's that are bad from the start are handed back as they came. */
static void test_an_infinite_error_at_the_start(void **state)
{
    (void)state;
    bp_real input = (bp_real)TOLERANCE(1e10, 1e160), target = -1;
    const bp_real large = (bp_real)TOLERANCE(1e35, 1e200);
    bp_data data = bp_data_view(1, &input, 1, &target, 1);
    bp_stop_rule rule = bp_stop_epochs(1);
    pair both = make_numbered(0.1, 0.5, 0, &rule, 1);
    bp_data good = numbered_data();
    train_until(both.trainer, &good, NULL, BP_STOP_EPOCHS);
    assert_ok(bp_network_set_weights(both.net, &large, 1));
    bp_result result = empty_result();
    assert_fails(bp_trainer_run(both.trainer, &data, NULL, &result), BP_DIVERGED, "the error");
    assert_true(weight_of(&both) == large);
    assert_int_equal(result.updates, 0);
    end_pair(&both);
}

/* ------------------------------------------------------------------------- the hook */

static bp_status count_gradients(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    (void)reply;
    *(size_t *)context += batch->reason == BP_STOP_NONE;
    return BP_OK;
}

/* E is a double and finite, the derivative is not. */
static void test_an_infinite_derivative_is_divergence_not_the_hooks_error(void **state)
{
    (void)state;
    size_t calls = 0;
    bp_real input = (bp_real)TOLERANCE(1e20, 1e200), target = 0;
    const bp_real weight = (bp_real)TOLERANCE(1e18, 1e-47);
    bp_data data = bp_data_view(1, &input, 1, &target, 1);
    bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options options = options_with(&rule, 1);
    options.on_gradient = count_gradients;
    options.on_gradient_context = &calls;
    pair both = make_pair(numbered_network(), &options);
    assert_ok(bp_network_set_weights(both.net, &weight, 1));
    assert_diverges(&both, &data);
    assert_int_equal(calls, 0);
    assert_true(weight_of(&both) == weight);
    end_pair(&both);
}

enum { DECLARED_AT = 25 };

static bp_status declare_divergence(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    (void)batch;
    (void)reply;
    return ++*(size_t *)context == DECLARED_AT ? BP_DIVERGED : BP_OK;
}

/* BP_DIVERGED from the hook counts as divergence; update 25 is in the third epoch of ten updates. */
static void test_a_hook_may_declare_divergence(void **state)
{
    (void)state;
    size_t calls = 0;
    bp_data data = numbered_data();
    bp_stop_rule rule = bp_stop_epochs(2);
    bp_trainer_options options = options_with(&rule, 1);
    options.batch_size = 1;
    pair twin = make_pair(numbered_network(), &options);
    train_until(twin.trainer, &data, NULL, BP_STOP_EPOCHS);
    rule = bp_stop_epochs(100);
    options.on_gradient = declare_divergence;
    options.on_gradient_context = &calls;
    pair both = make_pair(numbered_network(), &options);
    bp_result result = assert_diverges(&both, &data);
    assert_int_equal(result.epochs, 2);
    assert_int_equal(result.updates, 24);
    assert_same_weights(both.net, twin.net);
    /* the third epoch is abandoned: whole epochs follow */
    result = train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_int_equal(result.epochs, 100);
    assert_int_equal(result.updates, 1000);
    end_pair(&both);
    end_pair(&twin);
}

/* Training continues as with a new trainer: the optimizer's state was cleared. */
static void test_the_optimizers_state_is_cleared(void **state)
{
    (void)state;
    size_t calls = 0;
    bp_data data = numbered_data();
    bp_stop_rule rule = bp_stop_epochs(100);
    bp_trainer_options options = options_with(&rule, 1);
    options.optimizer = bp_optimizer_momentum(0.01, 0.9);
    options.on_gradient = declare_divergence;
    options.on_gradient_context = &calls;
    pair both = make_pair(numbered_network(), &options);
    assert_int_equal(assert_diverges(&both, &data).epochs, DECLARED_AT - 1);
    options.on_gradient = NULL;
    bp_network *copy = NULL;
    assert_ok(bp_network_copy(&copy, both.net));
    pair fresh = make_pair(copy, &options);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    train_until(fresh.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_same_weights(both.net, fresh.net);
    end_pair(&both);
    end_pair(&fresh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_start_weights_are_put_back_where_all_others_are_worse),
        cmocka_unit_test(test_the_weights_of_the_last_finite_epoch_are_put_back_where_they_are_better),
        cmocka_unit_test(test_the_validation_set_chooses_among_the_weights_seen),
        cmocka_unit_test(test_no_validation_error_makes_up_for_a_larger_training_error),
        cmocka_unit_test(test_weights_from_before_the_run_are_not_put_back),
        cmocka_unit_test(test_training_goes_on_after_divergence),
        cmocka_unit_test(test_an_infinite_weight_at_a_limit),
        cmocka_unit_test(test_an_infinite_weight_with_a_finite_error),
        cmocka_unit_test(test_an_infinite_weight_case_by_case),
        cmocka_unit_test(test_an_infinite_error_later_in_an_epoch),
        cmocka_unit_test(test_an_infinite_error_at_the_end),
        cmocka_unit_test(test_an_infinite_error_at_the_start),
        cmocka_unit_test(test_an_infinite_derivative_is_divergence_not_the_hooks_error),
        cmocka_unit_test(test_a_hook_may_declare_divergence),
        cmocka_unit_test(test_the_optimizers_state_is_cleared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
