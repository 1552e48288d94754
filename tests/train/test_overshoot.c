/* Learning rates about 10 times too large, each cured by the schedules that suit. All cases are one batch. */
#include "train/train_example.h"

#include <math.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* What a run leaves: its status and E, and E before it. */
typedef struct outcome {
    bp_status status;
    double start_error, error;
} outcome;

static outcome train(bp_network *net, const bp_data *data, double momentum, bp_schedule schedule,
                     size_t epochs)
{
    bp_stop_rule rule = bp_stop_epochs(epochs);
    bp_trainer_options options = options_with(&rule, 1);
    options.optimizer = bp_optimizer_momentum(1, momentum);
    options.learning_rate_schedule = schedule;
    options.reduction = BP_REDUCE_MEAN;
    pair both = make_pair(net, &options);
    bp_result result = empty_result();
    outcome made = {.start_error = error_of(net, data)};
    made.status = bp_trainer_run(both.trainer, data, NULL, &result);
    made.error = result.error;
    end_pair(&both);
    return made;
}

/* ---------------------------------------------------- a rate that is too large everywhere */

/*
 * One linear unit with two weights: the mean of E is a bowl, with the curvatures 1/2 and 1/8 along them. The
 * largest stable rate is 2 / (1/2) = 4; 3.2 is the best, 32 ten times as much: the first weight's distance
 * from the minimum is multiplied by 1 - 32 / 2 = -15 in every epoch.
 */
static const double best_rate = 3.2, bowl_rate = 32;
enum { BOWL_EPOCHS = 300 };

static bp_network *bowl(void)
{
    const bp_real zeros[2] = {0};
    bp_network *net = NULL;
    bp_layer *input = NULL, *output = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&input, net, NULL, 2));
    assert_ok(bp_network_add_layer(&output, net, NULL, 1, bp_activation_linear()));
    assert_ok(bp_layer_enable_bias(output, 0));
    assert_ok(bp_network_connect(NULL, net, input, output));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_set_weights(net, zeros, 2));
    return net;
}

static outcome train_bowl(bp_schedule schedule)
{
    static const bp_real inputs[] = {1, 0, 1, 0, 0, 0.5, 0, 0.5}, targets[] = {1, 1, -1, -1};
    bp_data data = bp_data_view(4, inputs, 2, targets, 1);
    return train(bowl(), &data, 0, schedule, BOWL_EPOCHS);
}

/* The constant rate diverges, a smaller one does not: the rate is all that is wrong. */
static void test_the_bowl_diverges_with_a_constant_rate(void **state)
{
    (void)state;
    outcome constant = train_bowl(bp_schedule_constant(bowl_rate));
    assert_int_equal(constant.status, BP_DIVERGED);
    assert_true(constant.error == constant.start_error);
    outcome small = train_bowl(bp_schedule_constant(best_rate / 2));
    assert_ok(small.status);
    assert_true(small.error < 1e-6 * constant.error);
    /* a rate that rises to such a value slowly is still such a value */
    assert_int_equal(train_bowl(bp_schedule_with_warm_up(bp_schedule_constant(bowl_rate), 10)).status,
                     BP_DIVERGED);
}

/* Each of these falls below the limit soon enough, and stays long enough where it learns. */
static void test_rates_that_fall_cure_the_bowl(void **state)
{
    (void)state;
    const bp_schedule cures[] = {
        bp_schedule_inverse(bowl_rate, 1),               /* below the limit after 7 epochs */
        bp_schedule_exponential(bowl_rate, 0.8, 1),      /* after 10 */
        bp_schedule_step(bowl_rate, 0.5, 4),             /* after 16, and halved until then only */
        bp_schedule_cosine(bowl_rate, best_rate / 2, 15) /* after 12 */
    };
    for (size_t i = 0; i < COUNT(cures); i++) {
        outcome cured = train_bowl(cures[i]);
        assert_ok(cured.status);
        assert_true(cured.error < 1e-6 * cured.start_error);
    }
}

/* Each rise of E lowers the rate by half, until it is below the limit. */
static void test_a_plateau_cures_the_bowl(void **state)
{
    (void)state;
    outcome cured = train_bowl(bp_schedule_reduce_on_plateau(bowl_rate, 0.5, 1, best_rate / 2));
    assert_ok(cured.status);
    assert_true(cured.error < 1e-6 * cured.start_error);
}

/* The overshoots are taken back, so that it costs two epochs for each halving of the rate. */
static void test_the_bold_driver_cures_the_bowl(void **state)
{
    (void)state;
    outcome cured = train_bowl(bp_schedule_bold_driver(bowl_rate, 1.05, 0.5));
    assert_ok(cured.status);
    assert_true(cured.error < 1e-6 * cured.start_error);
}

/* ------------------------------------------------ a rate that is too large at the start */

/* 20 points of 5 + sin(3 x), and a 1-8-1 network: the outputs are far from the targets at first. */
static outcome train_curve(bp_activation hidden, uint64_t seed, bp_schedule schedule)
{
    bp_real x[20], y[20];
    for (int i = 0; i < 20; i++) {
        x[i] = (bp_real)(-1 + 0.1 * i);
        y[i] = (bp_real)(5 + sin(3 * (double)x[i]));
    }
    bp_data data = bp_data_view(20, x, 1, y, 1);
    const size_t units[] = {1, 8, 1};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, hidden, bp_activation_linear()));
    assert_ok(bp_network_initialize(net, seed));
    return train(net, &data, 0.9, schedule, 400);
}

/*
 * A tanh network stands a rate of 0.64 once its outputs are near the targets, but not before: constant, or at
 * the start of a cosine, it diverges. After a warm-up, or in a cycle that rises from 0.64 / 25, it learns
 * well. The bold driver takes back the first epochs and finds rates for all.
 */
static void test_a_warm_up_cures_a_bad_start(void **state)
{
    (void)state;
    const double rate = 0.64;
    for (uint64_t seed = 1; seed <= 2; seed++) {
        outcome constant = train_curve(bp_activation_tanh(), seed, bp_schedule_constant(rate));
        assert_true(constant.error >= constant.start_error && constant.error > 200);
        const bp_schedule falling = bp_schedule_cosine(rate, rate / 100, 400);
        assert_true(train_curve(bp_activation_tanh(), seed, falling).error > 5);
        const bp_schedule cures[] = {bp_schedule_with_warm_up(bp_schedule_constant(rate), 100),
                                     bp_schedule_with_warm_up(falling, 100), bp_schedule_one_cycle(rate, 400),
                                     bp_schedule_bold_driver(rate, 1.05, 0.5)};
        for (size_t i = 0; i < COUNT(cures); i++) {
            outcome cured = train_curve(bp_activation_tanh(), seed, cures[i]);
            assert_ok(cured.status);
            assert_true(cured.error < 0.5);
        }
    }
}

/*
 * With rectified linear units, the first large updates make all hidden units 0 for every case. They never
 * come back, and the output is the mean of the targets, without an error that would show it: E stays at 5.23,
 * half the sum of the squared deviations from the mean. A warm-up prevents this; a rate that falls comes too
 * late.
 */
static void test_a_warm_up_saves_the_units(void **state)
{
    (void)state;
    const double rate = 0.16;
    const bp_schedule constant = bp_schedule_constant(rate), falling = bp_schedule_cosine(rate, 0, 400);
    assert_close(train_curve(bp_activation_relu(), 2, constant).error, 5.23, 0.01);
    assert_close(train_curve(bp_activation_relu(), 2, falling).error, 5.23, 0.01);
    const bp_schedule cures[] = {bp_schedule_with_warm_up(constant, 100), bp_schedule_one_cycle(rate, 400),
                                 bp_schedule_bold_driver(rate, 1.05, 0.5)};
    for (size_t i = 0; i < COUNT(cures); i++)
        assert_true(train_curve(bp_activation_relu(), 2, cures[i]).error < 0.25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_bowl_diverges_with_a_constant_rate),
        cmocka_unit_test(test_rates_that_fall_cure_the_bowl),
        cmocka_unit_test(test_a_plateau_cures_the_bowl),
        cmocka_unit_test(test_the_bold_driver_cures_the_bowl),
        cmocka_unit_test(test_a_warm_up_cures_a_bad_start),
        cmocka_unit_test(test_a_warm_up_saves_the_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
