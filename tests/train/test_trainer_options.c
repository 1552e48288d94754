/* The options of a trainer: defaults, and messages for each that is invalid. */
#include "train/train_example.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* A network to make trainers for, shared by the tests of this file. */
static bp_network *net;

static int make_network(void **state)
{
    (void)state;
    net = example_network(1);
    return 0;
}

static int destroy_network(void **state)
{
    (void)state;
    bp_network_destroy(net);
    return 0;
}

static bp_trainer_options good_options(void)
{
    return options_with(NULL, 0);
}

/* No trainer is made, *out is left alone, and the message has the part. */
static void assert_refused(const bp_trainer_options *options, bp_status status, const char *part)
{
    bp_trainer *untouched = (bp_trainer *)&net;
    bp_trainer *out = untouched;
    assert_fails(bp_trainer_create(&out, net, options), status, part);
    assert_fails(status, status, "bp_trainer_create");
    assert_ptr_equal(out, untouched);
}

static void assert_accepted(const bp_trainer_options *options)
{
    bp_trainer *trainer = NULL;
    assert_ok(bp_trainer_create(&trainer, net, options));
    bp_trainer_destroy(trainer);
}

static void test_defaults(void **state)
{
    (void)state;
    bp_trainer_options options;
    memset(&options, 0xff, sizeof options);
    bp_trainer_options_init(&options, sizeof options);
    assert_int_equal(options.size, sizeof options);
    assert_int_equal(options.loss.kind, bp_loss_default().kind);
    assert_true(options.optimizer.learning_rate == BP_RATE_AUTO && options.optimizer.momentum == 0.9);
    assert_int_equal(options.learning_rate_schedule.kind, bp_schedule_none().kind);
    assert_int_equal(options.momentum_schedule.kind, bp_schedule_none().kind);
    assert_true(options.weight_decay == BP_DECAY_AUTO);
    assert_true(options.batch_size == BP_BATCH_AUTO);
    assert_int_equal(options.average_shared, 0);
    assert_int_equal(options.reduction, BP_REDUCE_MEAN);
    assert_int_equal(options.scale_data, 1);
    assert_int_equal(options.keep_best, 1);
    assert_int_equal(options.recoveries, BP_RECOVERIES_AUTO);
    assert_int_equal(options.shuffle, 1);
    assert_int_equal(options.seed, 1);
    assert_null(options.stop_rules);
    assert_int_equal(options.stop_rule_count, 0);
    assert_true(options.on_epoch == NULL && options.on_gradient == NULL);
    assert_int_equal(options.keep_history, 0);
    assert_accepted(&options);
    assert_accepted(NULL);
}

/* The learning rate alone must be set. */
static void test_the_options_of_1986(void **state)
{
    (void)state;
    bp_trainer_options options;
    memset(&options, 0xff, sizeof options);
    bp_trainer_options_1986(&options, sizeof options);
    assert_int_equal(options.size, sizeof options);
    assert_int_equal(options.loss.kind, bp_loss_squared_error().kind);
    assert_true(options.optimizer.momentum == 0.9);
    assert_true(options.batch_size == 0 && options.reduction == BP_REDUCE_SUM);
    assert_true(options.scale_data == 0 && options.keep_best == 0 && options.recoveries == 0);
    assert_true(options.weight_decay == 0 && options.stop_rule_count == 0);
    assert_refused(&options, BP_ERROR_ARGUMENT, "options.optimizer: learning_rate is 0");
    options.optimizer = bp_optimizer_momentum(0.1, 0.9);
    assert_accepted(&options);
    bp_trainer_options_1986(NULL, sizeof options);
    options.seed = 77;
    bp_trainer_options_1986(&options, sizeof options.size);
    assert_int_equal(options.seed, 77);
}

static void test_init_keeps_within_the_size_it_is_told(void **state)
{
    (void)state;
    bp_trainer_options_init(NULL, sizeof(bp_trainer_options));
    bp_trainer_options options = good_options();
    options.seed = 77;
    bp_trainer_options_init(&options, sizeof options.size);
    assert_int_equal(options.size, sizeof options.size);
    assert_int_equal(options.seed, 77);
    bp_trainer_options_init(&options, 1);
    assert_int_equal(options.size, sizeof options.size);
}

static void test_sizes_that_are_not_this_librarys(void **state)
{
    (void)state;
    bp_trainer_options options = good_options();
    options.size = 0;
    assert_refused(&options, BP_ERROR_ARGUMENT, "bp_trainer_options.size is 0");
    /* Members that were appended since may be missing. */
    options.size = offsetof(bp_trainer_options, no_bias_decay) - 1;
    assert_refused(&options, BP_ERROR_VERSION, "bp_trainer_options.size");
}

/* A number of the options, the range that is good, and what the message calls it. */
typedef struct number {
    void (*set)(bp_trainer_options *options, double value);
    double low, high; /* good is low < value < high */
    bool low_is_good;
    const char *name;
} number;

static void set_rate(bp_trainer_options *options, double value)
{
    options->optimizer = bp_optimizer_momentum(value, 0.5);
}

static void set_descent(bp_trainer_options *options, double value)
{
    options->optimizer = bp_optimizer_gradient_descent(value);
}

static void set_momentum(bp_trainer_options *options, double value)
{
    options->optimizer = bp_optimizer_momentum(0.1, value);
}

static void set_decay(bp_trainer_options *options, double value)
{
    options->weight_decay = value;
}

static void set_constant_rate(bp_trainer_options *options, double value)
{
    options->learning_rate_schedule = bp_schedule_constant(value);
}

static void set_second_rate(bp_trainer_options *options, double value)
{
    options->learning_rate_schedule = bp_schedule_switch(0.1, 20, value);
}

static void set_start_momentum(bp_trainer_options *options, double value)
{
    options->momentum_schedule = bp_schedule_exponential(value, 0.9, 0);
}

static void set_constant_momentum(bp_trainer_options *options, double value)
{
    options->momentum_schedule = bp_schedule_constant(value);
}

static const number numbers[] = {
    {set_rate, 0, 1e30, false, "options.optimizer: learning_rate is "},
    {set_descent, 0, 1e30, false, "options.optimizer: learning_rate is "},
    {set_momentum, 0, 1, true, "options.optimizer: momentum is "},
    {set_decay, 0, 1, true, "options: weight_decay is "},
    {set_constant_rate, 0, 1e30, false, "options.learning_rate_schedule: value is "},
    {set_second_rate, 0, 1e30, false, "options.learning_rate_schedule: then is "},
    {set_start_momentum, 0, 1, true, "options.momentum_schedule: start is "},
    {set_constant_momentum, 0, 1, true, "options.momentum_schedule: value is "},
};

static bool is_good(const number *range, double value)
{
    return isfinite(value) && value < range->high &&
           (value > range->low || (range->low_is_good && value == range->low));
}

static void test_every_number_is_checked(void **state)
{
    (void)state;
    const double values[] = {0,    -0.0,     0.5,       0.999,    1,    1.0001, 2,     1e10,
                             -1,   -1e-30,   -1e10,     1e-20,    NAN,  -NAN,   1e29,  INFINITY,
                             -1e9, 0.000001, -INFINITY, -0.00001, -0.5, 1e308,  -1e308};
    for (size_t i = 0; i < COUNT(numbers); i++)
        for (size_t j = 0; j < COUNT(values); j++) {
            if (sizeof(bp_real) == sizeof(double) && values[j] == 1e308 && numbers[i].high > 1)
                continue; /* a learning rate that double can hold */
            bp_trainer_options options = good_options();
            numbers[i].set(&options, values[j]);
            if (is_good(&numbers[i], values[j]))
                assert_accepted(&options);
            else
                assert_refused(&options, isfinite(values[j]) ? BP_ERROR_ARGUMENT : BP_ERROR_NOT_FINITE,
                               numbers[i].name);
        }
}

static void test_choices_that_do_not_exist(void **state)
{
    (void)state;
    const int values[] = {-1, 2, 3, 255, 1 << 20};
    for (size_t i = 0; i < COUNT(values); i++) {
        bp_trainer_options options = good_options();
        memcpy(&options.reduction, &values[i], sizeof options.reduction);
        assert_refused(&options, BP_ERROR_ARGUMENT, "options.reduction is ");
        options = good_options();
        options.shuffle = values[i];
        assert_refused(&options, BP_ERROR_ARGUMENT, "options.shuffle is ");
        options = good_options();
        options.keep_history = values[i];
        assert_refused(&options, BP_ERROR_ARGUMENT, "options.keep_history is ");
        options.average_shared = values[i];
        assert_refused(&options, BP_ERROR_ARGUMENT, "options.average_shared is ");
        options = good_options();
        options.keep_best = values[i];
        assert_refused(&options, BP_ERROR_ARGUMENT, "options.keep_best is ");
        options.scale_data = values[i];
        assert_refused(&options, BP_ERROR_ARGUMENT, "options.scale_data is ");
    }
}

static void test_values_that_no_constructor_made(void **state)
{
    (void)state;
    const int32_t kinds[] = {0, -1, 100, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        bp_trainer_options options = good_options();
        options.optimizer.kind = kinds[i];
        assert_refused(&options, BP_ERROR_ARGUMENT, "options.optimizer: invalid optimizer kind ");
        options = good_options();
        options.learning_rate_schedule.kind = kinds[i];
        assert_refused(&options, BP_ERROR_ARGUMENT, "options.learning_rate_schedule: invalid schedule kind ");
        options = good_options();
        options.momentum_schedule.kind = kinds[i];
        assert_refused(&options, BP_ERROR_ARGUMENT, "options.momentum_schedule: invalid schedule kind ");
        options = good_options();
        options.loss.kind = kinds[i];
        bp_trainer *out = NULL;
        assert_fails(bp_trainer_create(&out, net, &options), BP_ERROR_ARGUMENT, "loss");
    }
}

static void test_a_loss_that_does_not_go_with_the_output(void **state)
{
    (void)state;
    const size_t units[] = {2, 1};
    bp_network *linear = NULL;
    assert_ok(bp_network_create_layered(&linear, units, 2, bp_activation_tanh(), bp_activation_linear()));
    bp_trainer_options options = good_options();
    options.loss = bp_loss_cross_entropy();
    bp_trainer *out = NULL;
    assert_fails(bp_trainer_create(&out, linear, &options), BP_ERROR_UNSUPPORTED, "output");
    assert_null(out);
    bp_network_destroy(linear);
}

static void test_stop_rules_are_checked_and_named(void **state)
{
    (void)state;
    const bp_stop_rule bad[] = {bp_stop_error_below(0),
                                bp_stop_mean_error_below(-1),
                                bp_stop_within_tolerance(0),
                                bp_stop_early(0, 0.1),
                                bp_stop_early(3, -0.1),
                                bp_stop_diminishing_returns(0, 0.1),
                                bp_stop_diminishing_returns(5, 0),
                                bp_stop_epochs(0),
                                bp_stop_updates(0),
                                bp_stop_seconds(0),
                                bp_stop_gradient_below(-2),
                                {0}};
    for (size_t i = 0; i < COUNT(bad); i++)
        for (size_t place = 0; place < 4; place++) {
            bp_stop_rule rules[4] = {bp_stop_epochs(1), bp_stop_epochs(1), bp_stop_epochs(1),
                                     bp_stop_epochs(1)};
            rules[place] = bad[i];
            bp_trainer_options options = options_with(rules, 4);
            char part[64];
            snprintf(part, sizeof part, "options.stop_rules[%zu]: ", place);
            assert_refused(&options, BP_ERROR_ARGUMENT, part);
        }
    bp_stop_rule nan = bp_stop_error_below(NAN);
    bp_trainer_options options = options_with(&nan, 1);
    assert_refused(&options, BP_ERROR_NOT_FINITE, "options.stop_rules[0]: summed_error is ");
    options = options_with(NULL, 3);
    assert_refused(&options, BP_ERROR_ARGUMENT, "options.stop_rules is NULL, but stop_rule_count is 3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_the_options_of_1986),
        cmocka_unit_test(test_init_keeps_within_the_size_it_is_told),
        cmocka_unit_test(test_sizes_that_are_not_this_librarys),
        cmocka_unit_test(test_every_number_is_checked),
        cmocka_unit_test(test_choices_that_do_not_exist),
        cmocka_unit_test(test_values_that_no_constructor_made),
        cmocka_unit_test(test_a_loss_that_does_not_go_with_the_output),
        cmocka_unit_test(test_stop_rules_are_checked_and_named),
    };
    return cmocka_run_group_tests(tests, make_network, destroy_network);
}
