/* Several starts: what each of them is, which one is kept, and that threads do not show. */
#include <math.h>
#include <string.h>

#include "train/starts_example.h"
#include "train/types.h"

static bp_trainer_options automatic_options(const bp_stop_rule *rule)
{
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.stop_rules = rule;
    options.stop_rule_count = rule != NULL;
    return options;
}

static void assert_same_scaling(const bp_network *a, const bp_network *b)
{
    bp_real of_a[4][1], of_b[4][1];
    assert_ok(bp_network_get_input_scaling(a, of_a[0], of_a[1], 1));
    assert_ok(bp_network_get_target_scaling(a, of_a[2], of_a[3], 1));
    assert_ok(bp_network_get_input_scaling(b, of_b[0], of_b[1], 1));
    assert_ok(bp_network_get_target_scaling(b, of_b[2], of_b[3], 1));
    assert_memory_equal(of_a, of_b, sizeof of_a);
}

/* -------------------------------------------------------------------- worked cases */

/* The exclusive-or with two hidden units is learnt from the best of 20 starts, whatever the seed, though not
 * from each of them. */
static void test_xor_is_always_solved(void **state)
{
    (void)state;
    const bp_data data = xor_data();
    const bp_stop_rule rules[] = {bp_stop_within_tolerance(0.2), bp_stop_epochs(400)};
    bp_trainer_options options = options_with(rules, 2);
    options.optimizer = bp_optimizer_momentum(0.5, 0.9);
    size_t stuck = 0;
    for (uint64_t seed = 0; seed < 50; seed++) {
        outcome found;
        const bp_starts_options starts = starts_with(20, 1 + (size_t)seed % 3, seed);
        train_from_starts(&found, small_xor_network(), &options, &data, NULL, &starts);
        for (size_t i = 0; i < found.count; i++)
            stuck += found.results[i].reason == BP_STOP_EPOCHS;
        assert_int_equal(found.results[found.summary.best].reason, BP_STOP_WITHIN_TOLERANCE);
        assert_true(error_of(found.net, &data) < 4 * 0.5 * 0.2 * 0.2);
        end_outcome(&found);
    }
    assert_true(stuck > 10);
    assert_true(stuck < 500);
}

/* The same with nothing set but the number of starts. */
static void test_xor_is_solved_by_the_defaults(void **state)
{
    (void)state;
    const bp_data data = xor_data();
    bp_network *net = small_xor_network();
    const bp_starts_options starts = starts_with(8, 2, 1);
    assert_ok(bp_train_starts(net, NULL, &data, NULL, &starts, NULL, NULL, NULL));
    assert_true(error_of(net, &data) < 0.01);
    bp_network_destroy(net);
}

/* -------------------------------------------------------------- what a start is */

/* Asserts that an ordinary training from this start's seed has the same weights, scaling and result. */
static void assert_is_ordinary(const outcome *found, size_t start, bp_network *net,
                               bp_trainer_options options, const bp_data *training, const bp_data *validation)
{
    const bp_start_result *wanted = &found->results[start];
    assert_ok(bp_network_initialize(net, wanted->seed));
    options.seed = wanted->seed;
    pair ordinary = make_pair(net, &options);
    if (start > 0) /* as if its own search had found this rate */
        ordinary.trainer->found_rate = found->summary.learning_rate;
    bp_result result = empty_result();
    assert_ok(bp_trainer_run(ordinary.trainer, training, validation, &result));
    assert_same_weights(net, found->networks[start]);
    assert_same_scaling(net, found->networks[start]);
    assert_int_equal(wanted->status, BP_OK);
    assert_int_equal(wanted->reason, result.reason);
    assert_int_equal(wanted->epochs, result.epochs);
    assert_true(wanted->updates == result.updates);
    assert_true(wanted->evaluations == result.evaluations);
    assert_true(wanted->error == result.error);
    assert_true(wanted->mean_error == result.mean_error);
    assert_int_equal(wanted->best_epoch, result.best_epoch);
    assert_true(validation == NULL ? isnan(wanted->validation_error)
                                   : wanted->validation_error == result.validation_error);
    end_pair(&ordinary);
}

/* With everything chosen: scaling, batches, rate and rules. */
static void test_each_start_is_an_ordinary_training(void **state)
{
    (void)state;
    const bp_data all = curve_data();
    bp_data training = all, validation = all;
    training.cases = 32;
    validation.cases = 8;
    validation.inputs += 32;
    validation.targets += 32;
    const bp_trainer_options options = automatic_options(NULL);
    for (int with_validation = 0; with_validation < 2; with_validation++) {
        outcome found;
        const bp_starts_options starts = starts_with(3, 2, 7);
        train_from_starts(&found, curve_network(), &options, &training, with_validation ? &validation : NULL,
                          &starts);
        assert_true(found.results[0].seed == 7);
        assert_true(found.summary.learning_rate > 0);
        for (size_t i = 0; i < found.count; i++)
            assert_is_ordinary(&found, i, curve_network(), options, &training,
                               with_validation ? &validation : NULL);
        end_outcome(&found);
    }
}

/* Online, with a rate that was given. */
static void test_each_start_is_an_ordinary_online_training(void **state)
{
    (void)state;
    const bp_data data = curve_data();
    const bp_stop_rule rule = bp_stop_epochs(30);
    bp_trainer_options options = automatic_options(&rule);
    options.optimizer = bp_optimizer_momentum(0.01, 0.5);
    options.batch_size = 1;
    outcome found;
    const bp_starts_options starts = starts_with(5, 1, 3);
    train_from_starts(&found, curve_network(), &options, &data, NULL, &starts);
    assert_true(found.summary.learning_rate == 0);
    for (size_t i = 0; i < found.count; i++)
        assert_is_ordinary(&found, i, curve_network(), options, &data, NULL);
    end_outcome(&found);
}

static void test_seeds(void **state)
{
    (void)state;
    const bp_data data = xor_data();
    const bp_stop_rule rule = bp_stop_epochs(2);
    const bp_trainer_options options = options_with(&rule, 1);
    const bp_starts_options few = starts_with(5, 1, 11), many = starts_with(9, 2, 11);
    outcome a, b;
    train_from_starts(&a, small_xor_network(), &options, &data, NULL, &few);
    train_from_starts(&b, small_xor_network(), &options, &data, NULL, &many);
    for (size_t i = 0; i < b.count; i++)
        for (size_t j = 0; j < i; j++)
            assert_true(b.results[i].seed != b.results[j].seed);
    for (size_t i = 0; i < a.count; i++) {
        assert_true(a.results[i].seed == b.results[i].seed);
        assert_same_weights(a.networks[i], b.networks[i]);
    }
    end_outcome(&a);
    end_outcome(&b);
}

/* ----------------------------------------------------------------------- the best */

static void assert_best_is_lowest(const outcome *found, bool by_validation)
{
    size_t best = 0, near = 0;
    double scores[32];
    for (size_t i = 0; i < found->count; i++) {
        scores[i] = by_validation ? found->results[i].validation_error : found->results[i].error;
        best = scores[i] < scores[best] ? i : best;
    }
    for (size_t i = 0; i < found->count; i++)
        near += scores[i] <= 1.01 * scores[best];
    assert_int_equal(found->summary.best, best);
    assert_int_equal(found->summary.near_best, near);
    assert_int_equal(found->summary.diverged, 0);
    assert_same_weights(found->net, found->networks[best]);
}

static void test_the_best_is_kept(void **state)
{
    (void)state;
    const bp_data training = example_training(), validation = example_validation();
    const bp_stop_rule rule = bp_stop_epochs(15);
    const bp_trainer_options options = options_with(&rule, 1);
    bool differs = false;
    for (uint64_t seed = 0; seed < 5; seed++) {
        outcome a, b;
        const bp_starts_options starts = starts_with(12, 2, seed);
        train_from_starts(&a, example_network(1), &options, &training, NULL, &starts);
        train_from_starts(&b, example_network(1), &options, &training, &validation, &starts);
        assert_best_is_lowest(&a, false);
        assert_best_is_lowest(&b, true);
        differs = differs || a.summary.best != b.summary.best;
        end_outcome(&a);
        end_outcome(&b);
    }
    assert_true(differs);
}

/* A trainer of the same network notices that its weights are others. */
static void test_a_change_of_weights_is_counted(void **state)
{
    (void)state;
    const bp_data training = example_training();
    const bp_stop_rule rule = bp_stop_epochs(2);
    const bp_trainer_options options = options_with(&rule, 1);
    const bp_starts_options starts = starts_with(2, 1, 1);
    bp_network *net = example_network(1);
    const uint64_t before = net->weights_changed;
    assert_ok(bp_train_starts(net, &options, &training, NULL, &starts, NULL, NULL, NULL));
    assert_true(net->weights_changed > before);
    bp_network_destroy(net);
}

/* Of equals the first: all starts have the same weights. */
static void test_of_equals_the_first(void **state)
{
    (void)state;
    const bp_data data = example_training();
    const bp_stop_rule rule = bp_stop_epochs(3);
    const bp_trainer_options options = options_with(&rule, 1);
    bp_network *net = example_network(1);
    assert_ok(bp_network_set_weight_init(net, bp_weight_init_constant(0.25)));
    outcome found;
    const bp_starts_options starts = starts_with(6, 3, 1);
    train_from_starts(&found, net, &options, &data, NULL, &starts);
    assert_int_equal(found.summary.best, 0);
    assert_int_equal(found.summary.near_best, 6);
    end_outcome(&found);
}

/* Trains on other data. */
static void go_on(bp_network *net)
{
    bp_real inputs[] = {1, 2, 3}, targets[] = {3, 4, 5};
    const bp_data data = bp_data_view(3, inputs, 1, targets, 1);
    const bp_stop_rule rule = bp_stop_epochs(1);
    const bp_trainer_options options = automatic_options(&rule);
    bp_trainer *trainer = make_trainer(net, &options);
    train_until(trainer, &data, NULL, BP_STOP_EPOCHS);
    bp_trainer_destroy(trainer);
}

/* The scaling that was chosen comes with the weights, and stays with them; so does one that was set. */
static void test_scaling(void **state)
{
    (void)state;
    const bp_data data = curve_data();
    const bp_stop_rule rule = bp_stop_epochs(5);
    const bp_trainer_options options = automatic_options(&rule);
    const bp_starts_options starts = starts_with(3, 2, 1);
    bp_real offset, factor;
    outcome found;
    bp_network *net = curve_network();
    assert_ok(bp_network_initialize(net, 1));
    train_from_starts(&found, net, &options, &data, NULL, &starts);
    assert_ok(bp_network_get_input_scaling(found.net, &offset, &factor, 1));
    assert_close(offset, 997.5, 1e-5);
    go_on(found.net);
    go_on(found.networks[1]);
    assert_ok(bp_network_get_input_scaling(found.net, &offset, &factor, 1));
    assert_close(offset, 997.5, 1e-5);
    for (size_t i = 0; i < found.count; i++)
        assert_same_scaling(found.net, found.networks[i]);
    end_outcome(&found);

    net = curve_network();
    assert_ok(bp_network_set_input_scaling(net, &(bp_real){900}, &(bp_real){(bp_real)0.01}, 1));
    train_from_starts(&found, net, &options, &data, NULL, &starts);
    assert_ok(bp_network_get_input_scaling(found.net, &offset, &factor, 1));
    assert_true(offset == 900 && factor == (bp_real)0.01);
    end_outcome(&found);
}

/* An unrolled network, whose copies are made from the recurrent one. */
static void test_an_unrolled_network(void **state)
{
    (void)state;
    bp_network *net = NULL, *unrolled = NULL;
    bp_layer *input = NULL, *hidden = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&input, net, NULL, 1));
    assert_ok(bp_network_add_layer(&hidden, net, NULL, 2, bp_activation_tanh()));
    bp_connect_options next_step;
    bp_connect_options_init(&next_step, sizeof next_step);
    next_step.delayed = 1;
    assert_ok(bp_network_connect(NULL, net, input, hidden));
    assert_ok(bp_network_connect_with(NULL, net, hidden, hidden, &next_step));
    assert_ok(bp_network_finalize(net));
    const bp_unroll_options unroll = {.size = sizeof unroll, .steps = 2};
    assert_ok(bp_network_unroll(&unrolled, net, &unroll));
    const bp_real inputs[] = {1, -1, -1, 1}, targets[] = {0.5, -0.5, 0, 0, -0.5, 0.5, 0, 0};
    const bp_data data = bp_data_view(2, inputs, 2, targets, 4);
    const bp_stop_rule rule = bp_stop_epochs(10);
    const bp_trainer_options options = options_with(&rule, 1);
    const bp_starts_options starts = starts_with(4, 2, 1);
    outcome found;
    train_from_starts(&found, unrolled, &options, &data, NULL, &starts);
    assert_best_is_lowest(&found, false);
    assert_ok(bp_network_copy_weights(net, found.networks[1]));
    end_outcome(&found);
    bp_network_destroy(net);
}

/* ------------------------------------------------------------------------ threads */

static void test_the_same_bits_for_every_number_of_threads(void **state)
{
    (void)state;
    const bp_data training = example_training(), validation = example_validation();
    const size_t threads[] = {1, 2, 3, 8, 40};
    for (int with_validation = 0; with_validation < 2; with_validation++) {
        outcome first, other;
        for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++) {
            const bp_stop_rule rule = bp_stop_epochs(40);
            const bp_trainer_options options = automatic_options(&rule);
            const bp_starts_options starts = starts_with(10, threads[i], 5);
            train_from_starts(i == 0 ? &first : &other, example_network(1), &options, &training,
                              with_validation ? &validation : NULL, &starts);
            if (i == 0)
                continue;
            assert_same_outcome(&first, &other);
            end_outcome(&other);
        }
        end_outcome(&first);
    }
}

/* Threads of the trainer instead of threads for the starts. */
static void test_the_trainers_threads(void **state)
{
    (void)state;
    const bp_data data = example_training();
    const bp_stop_rule rule = bp_stop_epochs(20);
    bp_trainer_options options = automatic_options(&rule);
    const bp_starts_options starts = starts_with(3, 1, 5);
    outcome a, b;
    train_from_starts(&a, example_network(1), &options, &data, NULL, &starts);
    options.threads = 2;
    train_from_starts(&b, example_network(1), &options, &data, NULL, &starts);
    assert_same_outcome(&a, &b);
    end_outcome(&a);
    end_outcome(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xor_is_always_solved),
        cmocka_unit_test(test_xor_is_solved_by_the_defaults),
        cmocka_unit_test(test_each_start_is_an_ordinary_training),
        cmocka_unit_test(test_each_start_is_an_ordinary_online_training),
        cmocka_unit_test(test_seeds),
        cmocka_unit_test(test_the_best_is_kept),
        cmocka_unit_test(test_a_change_of_weights_is_counted),
        cmocka_unit_test(test_of_equals_the_first),
        cmocka_unit_test(test_scaling),
        cmocka_unit_test(test_an_unrolled_network),
        cmocka_unit_test(test_the_same_bits_for_every_number_of_threads),
        cmocka_unit_test(test_the_trainers_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
