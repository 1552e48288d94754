/* Within an epoch: eq. 9 and decay, rates; at its end: what is reported. Order and batches are in
 * test_epoch_order.c, the gradient hook in test_gradient_hook.c. */
#include "train/train_example.h"

#include <math.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* --------------------------------------------------- eq. 9 against plain double loops */

/* What every epoch of a training is, for the loops; cases as they stand. */
typedef struct course {
    size_t batch_size;
    bool mean;
    double rate, momentum, decay;
} course;

/* Follows the progress of a training epoch by epoch. */
typedef struct companion {
    follower follower;
    bp_data data;
    course course;
    double error, greatest_norm; /* of the epoch */
    size_t epochs;
} companion;

static void follow_epoch(companion *self)
{
    const course *plan = &self->course;
    size_t order[EXAMPLE_CASES];
    for (size_t i = 0; i < EXAMPLE_CASES; i++)
        order[i] = i;
    self->error = 0;
    self->greatest_norm = 0;
    for (size_t done = 0, count; done < EXAMPLE_CASES; done += count) {
        count = EXAMPLE_CASES - done < plan->batch_size ? EXAMPLE_CASES - done : plan->batch_size;
        follower_update(&self->follower, &self->data, order + done, count, plan->mean, plan->rate,
                        plan->momentum, plan->decay);
        double squares = 0;
        for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++)
            squares += self->follower.gradient[i] * self->follower.gradient[i];
        self->error += self->follower.error;
        self->greatest_norm = fmax(self->greatest_norm, sqrt(squares));
    }
}

static int compare_progress(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    companion *expected = context;
    (void)trainer;
    follow_epoch(expected);
    expected->epochs++;
    size_t per_epoch = (EXAMPLE_CASES + expected->course.batch_size - 1) / expected->course.batch_size;
    assert_int_equal(progress->size, sizeof *progress);
    assert_int_equal(progress->epoch, expected->epochs);
    assert_int_equal(progress->updates, expected->epochs * per_epoch);
    assert_close(progress->error, expected->error, TOLERANCE(1e-5, 1e-13));
    assert_close(progress->mean_error, expected->error / EXAMPLE_CASES, TOLERANCE(1e-5, 1e-13));
    assert_close(progress->gradient_norm, expected->greatest_norm, TOLERANCE(1e-4, 1e-12));
    assert_true(progress->learning_rate == expected->course.rate);
    assert_true(progress->momentum == expected->course.momentum);
    assert_true(isnan(progress->validation_error) && isnan(progress->validation_accuracy));
    assert_true(isnan(progress->best_validation_error) && progress->best_epoch == 0);
    assert_true(progress->seconds >= 0);
    return 0;
}

static void assert_follows(const course *plan)
{
    enum { EPOCHS = 40 };
    bp_network *net = example_network(11);
    companion expected = {.course = *plan, .data = example_training()};
    follower_start(&expected.follower, net);
    bp_stop_rule rule = bp_stop_epochs(EPOCHS);
    bp_trainer_options options = options_with(&rule, 1);
    options.optimizer = bp_optimizer_momentum(plan->rate, plan->momentum);
    options.weight_decay = plan->decay;
    options.batch_size = plan->batch_size;
    options.reduction = plan->mean ? BP_REDUCE_MEAN : BP_REDUCE_SUM;
    options.shuffle = 0;
    options.on_epoch = compare_progress;
    options.on_epoch_context = &expected;
    bp_trainer *trainer = make_trainer(net, &options);
    bp_result result = train_until(trainer, &expected.data, NULL, BP_STOP_EPOCHS);
    assert_int_equal(expected.epochs, EPOCHS);
    assert_int_equal(result.epochs, EPOCHS);
    const bp_real *weights = bp_network_weights(net, NULL);
    for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++)
        assert_true(fabs((double)weights[i] - expected.follower.weights[i]) <= TOLERANCE(2e-5, 1e-13));
    assert_close(result.error, error_of(net, &expected.data), 1e-12);
    follower_end(&expected.follower);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
}

static void test_updates_are_equation_9(void **state)
{
    (void)state;
    const course courses[] = {
        {13, false, 0.05, 0.9, 0}, {1, false, 0.05, 0.5, 0},    {5, false, 0.05, 0, 0},
        {5, true, 0.2, 0.9, 0},    {13, true, 0.5, 0.9, 0.002}, {4, false, 0.05, 0.5, 0.002},
        {1, true, 0.1, 0, 0.01},   {13, false, 0.1, 0, 0.1},
    };
    for (size_t i = 0; i < COUNT(courses); i++)
        assert_follows(&courses[i]);
}

/* ----------------------------------------------------------------------- schedules */

typedef struct rates {
    double learning_rate[8], momentum[8];           /* as reported for each epoch */
    double next_learning_rate[8], next_momentum[8]; /* as the trainer said in the callback */
} rates;

static int note_rates(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    rates *noted = context;
    noted->learning_rate[progress->epoch - 1] = progress->learning_rate;
    noted->momentum[progress->epoch - 1] = progress->momentum;
    noted->next_learning_rate[progress->epoch - 1] = bp_trainer_learning_rate(trainer);
    noted->next_momentum[progress->epoch - 1] = bp_trainer_momentum(trainer);
    if (progress->epoch == 5) {
        assert_ok(bp_trainer_set_learning_rate(trainer, 0.03125));
        assert_ok(bp_trainer_set_momentum_schedule(trainer, bp_schedule_constant(0.75)));
    }
    return 0;
}

static void test_schedules_and_rates_set_by_the_callback(void **state)
{
    (void)state;
    rates noted;
    bp_stop_rule rule = bp_stop_epochs(8);
    bp_trainer_options options = options_with(&rule, 1);
    options.learning_rate_schedule = bp_schedule_exponential(1, 0.5, 0.125);
    options.momentum_schedule = bp_schedule_switch(0.5, 2, 0.875);
    options.on_epoch = note_rates;
    options.on_epoch_context = &noted;
    options.batch_size = 5;
    bp_network *net = example_network(1);
    bp_trainer *trainer = make_trainer(net, &options);
    bp_data data = example_training();
    train_until(trainer, &data, NULL, BP_STOP_EPOCHS);
    const double rate[] = {1, 0.5, 0.25, 0.125, 0.125, 0.03125, 0.03125, 0.03125};
    const double momentum[] = {0.5, 0.5, 0.875, 0.875, 0.875, 0.75, 0.75, 0.75};
    for (size_t i = 0; i < 8; i++)
        assert_true(noted.learning_rate[i] == rate[i] && noted.momentum[i] == momentum[i]);
    for (size_t i = 0; i < 4; i++) {
        assert_true(noted.next_learning_rate[i] == rate[i + 1]);
        assert_true(noted.next_momentum[i] == momentum[i + 1]);
    }
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
}

static int do_nothing(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context;
    (void)trainer;
    (void)progress;
    return 0;
}

/* In online training each epoch has its own rates, with and without a callback between the epochs. */
static void test_schedules_case_by_case(void **state)
{
    (void)state;
    bp_data data = example_training();
    bp_stop_rule rule = bp_stop_epochs(9);
    bp_trainer_options options = options_with(&rule, 1);
    options.batch_size = 1;
    options.learning_rate_schedule = bp_schedule_exponential(0.5, 0.7, 0.01);
    options.momentum_schedule = bp_schedule_switch(0.2, 3, 0.9);
    pair alone = make_pair(example_network(7), &options);
    options.on_epoch = do_nothing;
    pair watched = make_pair(example_network(7), &options);
    train_until(alone.trainer, &data, NULL, BP_STOP_EPOCHS);
    train_until(watched.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_same_weights(alone.net, watched.net);
    end_pair(&alone);
    end_pair(&watched);
}

/* ------------------------------------------------------------------ validation metrics */

static int compare_validation(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    bp_network *net = context;
    static double lowest;
    static size_t best_epoch;
    bp_data validation = example_validation();
    bp_workspace *workspace = NULL;
    bp_evaluation wanted;
    bp_evaluation_init(&wanted, sizeof wanted);
    assert_ok(bp_workspace_create(&workspace, net, 3));
    assert_ok(bp_network_evaluate(net, workspace, &validation, bp_loss_squared_error(), NULL, &wanted));
    bp_workspace_destroy(workspace);
    if (progress->epoch == 1 || wanted.mean_error < lowest) {
        lowest = wanted.mean_error;
        best_epoch = progress->epoch;
    }
    assert_close(progress->validation_error, wanted.mean_error, 0);
    assert_close(progress->validation_accuracy, wanted.accuracy, 0);
    assert_close(progress->best_validation_error, lowest, 0);
    assert_int_equal(progress->best_epoch, best_epoch);
    return 0;
}

static void test_validation_after_every_epoch(void **state)
{
    (void)state;
    bp_network *net = example_network(3);
    bp_stop_rule rule = bp_stop_epochs(60);
    bp_trainer_options options = options_with(&rule, 1);
    options.optimizer = bp_optimizer_momentum(0.3, 0.9);
    options.on_epoch = compare_validation;
    options.on_epoch_context = net;
    bp_trainer *trainer = make_trainer(net, &options);
    bp_data training = example_training(), validation = example_validation();
    bp_result result = train_until(trainer, &training, &validation, BP_STOP_EPOCHS);
    assert_close(result.validation_error, error_of(net, &validation) / EXAMPLE_OTHERS, 1e-12);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
}

static int set_weight_of_2(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    (void)progress;
    assert_ok(bp_network_set_weights(context, &(bp_real){2}, 1));
    return 0;
}

/* The result is of the weights handed back, also if the callback has set them. */
static void test_weights_set_by_the_callback(void **state)
{
    (void)state;
    bp_network *net = numbered_network();
    bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options options = options_with(&rule, 1);
    options.on_epoch = set_weight_of_2;
    options.on_epoch_context = net;
    pair both = make_pair(net, &options);
    bp_data data = numbered_data();
    bp_result result = train_until(both.trainer, &data, &data, BP_STOP_EPOCHS);
    double error = error_of(net, &data);
    assert_close(error, 0.5 * (4 + 9 + 16 + 25 + 36 + 49 + 64 + 81 + 100 + 121), 1e-12);
    assert_close(result.error, error, 1e-12);
    assert_close(result.validation_error, error / NUMBERED_CASES, 1e-12);
    end_pair(&both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_updates_are_equation_9),
        cmocka_unit_test(test_schedules_and_rates_set_by_the_callback),
        cmocka_unit_test(test_schedules_case_by_case),
        cmocka_unit_test(test_validation_after_every_epoch),
        cmocka_unit_test(test_weights_set_by_the_callback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
