/* Each stopping rule ends a run exactly when it should, and is named in the result. */
#include "train/train_example.h"

#include <math.h>
#include <string.h>

#include "train/stopping_example.h"

static void test_xor_is_learned(void **state)
{
    (void)state;
    size_t solved = 0;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        bp_stop_rule rules[] = {bp_stop_within_tolerance(0.1), bp_stop_epochs(5000)};
        bp_trainer_options options = options_with(rules, 2);
        options.optimizer = bp_optimizer_momentum(0.5, 0.9);
        pair both = make_pair(xor_network(seed), &options);
        bp_data data = xor_data();
        bp_result result = empty_result();
        assert_ok(bp_trainer_run(both.trainer, &data, NULL, &result));
        solved += result.reason == BP_STOP_WITHIN_TOLERANCE;
        end_pair(&both);
    }
    assert_in_range(solved, 9, 10); /* a local minimum is rare */
}

/*
 * The three rules about the training error fire at the first epoch whose error is below the threshold both
 * before its updates and after them; result.error is the latter. A twin trained epoch by epoch tells which.
 */
typedef struct metrics {
    double error, deviation;
} metrics;

static metrics metrics_of(const bp_network *net, const bp_data *data)
{
    bp_workspace *workspace = NULL;
    bp_evaluation evaluation;
    bp_evaluation_init(&evaluation, sizeof evaluation);
    assert_ok(bp_workspace_create(&workspace, net, data->cases));
    assert_ok(bp_network_evaluate(net, workspace, data, bp_loss_squared_error(), NULL, &evaluation));
    bp_workspace_destroy(workspace);
    return (metrics){evaluation.error, evaluation.max_abs_error};
}

static bool is_met_by(bp_stop_rule rule, metrics seen)
{
    if (rule.kind == BP_STOP_ERROR_BELOW)
        return seen.error < rule.threshold;
    if (rule.kind == BP_STOP_MEAN_ERROR_BELOW)
        return seen.error / 4 < rule.threshold;
    return seen.deviation <= rule.threshold;
}

static size_t first_epoch_to_fulfil(bp_stop_rule rule, bp_trainer_options options, double *error)
{
    bp_stop_rule one = bp_stop_epochs(1);
    options.stop_rules = &one;
    options.stop_rule_count = 1;
    pair twin = make_pair(xor_network(2), &options);
    bp_data data = xor_data();
    metrics before = metrics_of(twin.net, &data);
    size_t epoch = 0;
    for (bool both = false; !both;) {
        train_until(twin.trainer, &data, NULL, BP_STOP_EPOCHS);
        metrics after = metrics_of(twin.net, &data);
        both = is_met_by(rule, before) && is_met_by(rule, after);
        before = after;
        epoch++;
    }
    *error = before.error;
    end_pair(&twin);
    return epoch;
}

static void test_error_rules_fire_when_confirmed(void **state)
{
    (void)state;
    const bp_stop_rule rules[] = {bp_stop_error_below(0.1), bp_stop_mean_error_below(0.02),
                                  bp_stop_within_tolerance(0.2)};
    for (size_t i = 0; i < COUNT(rules); i++) {
        bp_stop_rule both_rules[] = {bp_stop_epochs(100000), rules[i]};
        bp_trainer_options options = options_with(both_rules, 2);
        options.optimizer = bp_optimizer_momentum(0.5, 0.9);
        double wanted_error;
        size_t wanted_epochs = first_epoch_to_fulfil(rules[i], options, &wanted_error);
        pair both = make_pair(xor_network(2), &options);
        bp_data data = xor_data();
        bp_result result = train_until(both.trainer, &data, NULL, (bp_stop_reason)rules[i].kind);
        assert_int_equal(result.rule, 1);
        assert_int_equal(result.epochs, wanted_epochs);
        assert_int_equal(result.updates, wanted_epochs);
        assert_close(result.error, wanted_error, 1e-12);
        assert_close(result.mean_error, wanted_error / 4, 1e-12);
        assert_true(isnan(result.validation_error) && result.best_epoch == 0);
        end_pair(&both);
    }
}

/*
 * In online training each output can be right when its case comes, because of the update just before, while
 * the weights after the epoch are not within any threshold. One unit, two cases with opposite targets.
 */
static void test_metrics_before_the_updates_alone_do_not_fire(void **state)
{
    (void)state;
    const bp_real inputs[] = {1, 1}, targets[] = {0, 1};
    bp_data data = bp_data_view(2, inputs, 1, targets, 1);
    bp_stop_rule rules[] = {bp_stop_error_below(0.6), bp_stop_epochs(5)};
    bp_trainer_options options = options_with(rules, 2);
    options.optimizer = bp_optimizer_gradient_descent(1);
    options.batch_size = 1;
    options.shuffle = 0;
    pair both = make_pair(numbered_network(), &options);
    /* From w = 0: case 0 has E = 0 and no update; case 1 has E = 1/2, and then w = 1. The sum is 1/2. */
    /* With w = 1 E is 1/2 as well, which is below the threshold, too: the rule fires after the first epoch.
     */
    bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_ERROR_BELOW);
    assert_int_equal(result.epochs, 1);
    assert_close(result.error, 0.5, 1e-6);
    end_pair(&both);

    /* A step of 3 leads to w = 3, where E = (9 + 4) / 2: the sum of 1/2 was that of other weights. */
    options.optimizer = bp_optimizer_gradient_descent(3);
    rules[1] = bp_stop_epochs(1);
    both = make_pair(numbered_network(), &options);
    result = train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_close(result.error, 6.5, 1e-6);
    assert_int_equal(result.rule, 1);
    end_pair(&both);
}

/* The tolerance is for every case of the epoch, not only for the last one. */
static void test_tolerance_holds_for_all_cases_of_the_epoch(void **state)
{
    (void)state;
    const bp_real inputs[] = {1, 1}, targets[] = {-1, -1};
    bp_data data = bp_data_view(2, inputs, 1, targets, 1);
    bp_stop_rule rule = bp_stop_within_tolerance(0.5);
    bp_trainer_options options = options_with(&rule, 1);
    options.optimizer = bp_optimizer_gradient_descent(1);
    options.batch_size = 1;
    pair both = make_pair(numbered_network(), &options);
    /* Case 0 is off by 1 and sets the weight to -1; everything is right from then on. */
    assert_int_equal(train_until(both.trainer, &data, NULL, BP_STOP_WITHIN_TOLERANCE).epochs, 2);
    end_pair(&both);
}

static void test_limits_of_epochs_and_updates(void **state)
{
    (void)state;
    bp_stop_rule rules[] = {bp_stop_updates(7), bp_stop_epochs(3)};
    bp_trainer_options options = options_with(rules, 2);
    options.batch_size = 4; /* 4 updates per epoch */
    pair both = make_pair(example_network(1), &options);
    bp_data data = example_training();
    bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_UPDATES);
    assert_int_equal(result.rule, 0);
    assert_int_equal(result.updates, 7);
    assert_int_equal(result.epochs, 1);
    assert_close(result.error, error_of(both.net, &data), 1e-12);
    end_pair(&both);

    rules[0] = bp_stop_updates(13);
    both = make_pair(example_network(1), &options);
    result = train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_int_equal(result.rule, 1);
    assert_int_equal(result.updates, 12);
    assert_int_equal(result.epochs, 3);
    end_pair(&both);

    /* both at once: the first in the given order is named */
    rules[0] = bp_stop_updates(12);
    both = make_pair(example_network(1), &options);
    assert_int_equal(train_until(both.trainer, &data, NULL, BP_STOP_UPDATES).rule, 0);
    end_pair(&both);
}

static void test_limit_of_time(void **state)
{
    (void)state;
    bp_stop_rule rules[] = {bp_stop_error_below(1e-30), bp_stop_seconds(0.05)};
    pair both = make_pair_with_rules(example_network(1), rules, 2);
    bp_data data = example_training();
    bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_SECONDS);
    assert_int_equal(result.rule, 1);
    assert_true(result.seconds >= 0.05);
    assert_true(result.updates > 1);
    end_pair(&both);

    /* less than any update takes: after the first update, within the epoch */
    bp_stop_rule shortest = bp_stop_seconds(1e-300);
    bp_trainer_options options = options_with(&shortest, 1);
    options.batch_size = 1;
    both = make_pair(example_network(1), &options);
    result = train_until(both.trainer, &data, NULL, BP_STOP_SECONDS);
    assert_int_equal(result.epochs, 0);
    assert_in_range(result.updates, 1, 3);
    end_pair(&both);
}

static int remember_norm(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    double *norms = context;
    norms[progress->epoch] = progress->gradient_norm;
    return 0;
}

static void test_gradient_below(void **state)
{
    (void)state;
    double norms[2001] = {0};
    bp_stop_rule rules[] = {bp_stop_epochs(2000), bp_stop_gradient_below(0.02)};
    bp_trainer_options options = options_with(rules, 2);
    options.optimizer = bp_optimizer_momentum(0.2, 0.5);
    options.batch_size = 5;
    options.on_epoch = remember_norm;
    options.on_epoch_context = norms;
    pair both = make_pair(example_network(4), &options);
    bp_data data = example_training();
    bp_result result = empty_result();
    assert_ok(bp_trainer_run(both.trainer, &data, NULL, &result));
    end_pair(&both);
    rules[1].threshold = 2 * norms[result.epochs / 2]; /* reached somewhere in the first half */
    size_t wanted = 1;
    while (norms[wanted] >= rules[1].threshold)
        wanted++;
    options.on_epoch = NULL; /* the rule alone needs the norm */
    both = make_pair(example_network(4), &options);
    result = train_until(both.trainer, &data, NULL, BP_STOP_GRADIENT_BELOW);
    assert_int_equal(result.epochs, wanted);
    assert_int_equal(result.rule, 1);
    end_pair(&both);
}

static void test_diminishing_returns(void **state)
{
    (void)state;
    bp_stop_rule rules[] = {bp_stop_diminishing_returns(5, 0.02), bp_stop_epochs(5000)};
    bp_trainer_options options = options_with(rules, 2);
    options.optimizer = bp_optimizer_gradient_descent(0.05);
    bp_network *twin = example_network(4);
    bp_data data = example_training();
    double errors[5001];
    bp_stop_rule one = bp_stop_epochs(1);
    bp_trainer_options single = options;
    single.stop_rules = &one;
    single.stop_rule_count = 1;
    bp_trainer *trainer = make_trainer(twin, &single);
    size_t wanted = 0; /* with one update per epoch, the error of an epoch is that of its first weights */
    do {
        errors[++wanted] = error_of(twin, &data);
        train_until(trainer, &data, NULL, BP_STOP_EPOCHS);
    } while (wanted < 6 || errors[wanted - 5] - errors[wanted] >= 0.02 * errors[wanted - 5]);
    bp_trainer_destroy(trainer);
    pair both = make_pair(example_network(4), &options);
    bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_DIMINISHING_RETURNS);
    assert_int_equal(result.epochs, wanted);
    assert_same_weights(both.net, twin);
    end_pair(&both);
    bp_network_destroy(twin);
}

/* -------------------------------------------------------------------- validation */

/* Trained without the rule, a twin shows which epoch was best and when patience ended. */
static void test_validation_rule_restores_the_best_weights(void **state)
{
    (void)state;
    enum { PATIENCE = 15 };
    bp_stop_rule rules[] = {bp_stop_epochs(3000), bp_stop_early(PATIENCE, 0)};
    bp_trainer_options options = options_with(rules, 2);
    options.optimizer = bp_optimizer_momentum(0.3, 0.9);
    bp_data training = example_training(), validation = example_validation();
    pair both = make_pair(example_network(3), &options);
    bp_result result = train_until(both.trainer, &training, &validation, BP_STOP_EARLY);
    assert_int_equal(result.rule, 1);
    assert_int_equal(result.epochs, result.best_epoch + PATIENCE);

    options.stop_rule_count = 1;
    rules[0] = bp_stop_epochs(1);
    pair twin = make_pair(example_network(3), &options);
    for (size_t epoch = 1; epoch <= result.best_epoch + PATIENCE; epoch++) {
        double error = train_until(twin.trainer, &training, &validation, BP_STOP_EPOCHS).validation_error;
        if (epoch < result.best_epoch)
            assert_true(error > result.validation_error);
        else if (epoch > result.best_epoch)
            assert_true(error >= result.validation_error);
        else {
            assert_close(error, result.validation_error, 0);
            assert_same_weights(both.net, twin.net);
            assert_close(result.error, error_of(twin.net, &training), 1e-12);
        }
    }
    end_pair(&both);
    end_pair(&twin);
}

/* ------------------------------------------- other rules that judge by the validation error */

enum { MOST_EPOCHS = 600 };

/* The whole course of a training that no rule ends, and the weights after each epoch. */
typedef struct course {
    const bp_network *net;
    double training[MOST_EPOCHS], validation[MOST_EPOCHS];
    bp_real weights[MOST_EPOCHS][EXAMPLE_WEIGHTS];
} course;

static int note_epoch(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    course *seen = context;
    const size_t epoch = progress->epoch - 1;
    seen->training[epoch] = progress->mean_error;
    seen->validation[epoch] = progress->validation_error;
    memcpy(seen->weights[epoch], bp_network_weights(seen->net, NULL), sizeof seen->weights[epoch]);
    return 0;
}

/* It overfits: the validation error rises soon after its minimum. */
static bp_trainer_options overfitting(const bp_stop_rule *rules, size_t count)
{
    bp_trainer_options options = options_with(rules, count);
    options.optimizer = bp_optimizer_momentum(0.5, 0.9);
    options.batch_size = 4;
    return options;
}

static void watch_course(course *seen)
{
    const bp_stop_rule limit = bp_stop_epochs(MOST_EPOCHS);
    bp_network *net = example_network(3);
    const bp_data training = example_training(), validation = example_validation();
    bp_trainer_options options = overfitting(&limit, 1);
    options.on_epoch = note_epoch;
    options.on_epoch_context = seen;
    seen->net = net;
    pair both = make_pair(net, &options);
    train_until(both.trainer, &training, &validation, BP_STOP_EPOCHS);
    end_pair(&both);
}

static size_t lowest_of(const double *errors, size_t count)
{
    size_t lowest = 0;
    for (size_t i = 1; i < count; i++)
        if (errors[i] < errors[lowest])
            lowest = i;
    return lowest;
}

/* The oracle tells the epoch from the course of the errors. The weights are those of the epoch with the
 * lowest validation error until then, whether or not the option keep_best asks for them after every run. */
static void test_rules_that_judge_by_the_validation_error(void **state)
{
    (void)state;
    static course seen;
    const bp_stop_rule rules[] = {bp_stop_generalization_loss(5), bp_stop_progress_quotient(5, 0.5),
                                  bp_stop_validation_up(5, 3), bp_stop_early_averaged(10, 0.01, 5)};
    const bp_data training = example_training(), validation = example_validation();
    watch_course(&seen);
    for (size_t i = 0; i < COUNT(rules); i++)
        for (int keep_best = 0; keep_best <= 1; keep_best++) {
            const bp_stop_rule both_rules[] = {bp_stop_epochs(MOST_EPOCHS), rules[i]};
            bp_trainer_options options = overfitting(both_rules, 2);
            options.keep_best = keep_best;
            pair both = make_pair(example_network(3), &options);
            const bp_stop_reason reason = (bp_stop_reason)rules[i].kind;
            const bp_result result = train_until(both.trainer, &training, &validation, reason);
            const size_t end = oracle_end(&rules[i], seen.training, seen.validation, MOST_EPOCHS);
            const size_t best = lowest_of(seen.validation, end);
            assert_in_range(end, best + 2, MOST_EPOCHS - 1);
            assert_int_equal(result.epochs, end);
            assert_int_equal(result.rule, 1);
            assert_int_equal(result.best_epoch, best + 1);
            assert_close(result.validation_error, seen.validation[best], 0);
            assert_memory_equal(bp_network_weights(both.net, NULL), seen.weights[best],
                                sizeof seen.weights[best]);
            end_pair(&both);
        }
}

static void test_rules_that_judge_by_the_validation_error_need_it(void **state)
{
    (void)state;
    const bp_stop_rule rules[] = {bp_stop_generalization_loss(5), bp_stop_progress_quotient(5, 0.5),
                                  bp_stop_validation_up(5, 3), bp_stop_early_averaged(10, 0.01, 5),
                                  bp_stop_early(10, 0)};
    const bp_data training = example_training();
    for (size_t i = 0; i < COUNT(rules); i++) {
        const bp_stop_rule both_rules[] = {bp_stop_epochs(3), rules[i]};
        pair both = make_pair_with_rules(example_network(3), both_rules, 2);
        assert_fails(bp_trainer_run(both.trainer, &training, NULL, NULL), BP_ERROR_ARGUMENT,
                     "bp_trainer_run: validation is NULL, but options.stop_rules[1] needs it");
        end_pair(&both);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xor_is_learned),
        cmocka_unit_test(test_error_rules_fire_when_confirmed),
        cmocka_unit_test(test_metrics_before_the_updates_alone_do_not_fire),
        cmocka_unit_test(test_tolerance_holds_for_all_cases_of_the_epoch),
        cmocka_unit_test(test_limits_of_epochs_and_updates),
        cmocka_unit_test(test_limit_of_time),
        cmocka_unit_test(test_gradient_below),
        cmocka_unit_test(test_diminishing_returns),
        cmocka_unit_test(test_validation_rule_restores_the_best_weights),
        cmocka_unit_test(test_rules_that_judge_by_the_validation_error),
        cmocka_unit_test(test_rules_that_judge_by_the_validation_error_need_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
