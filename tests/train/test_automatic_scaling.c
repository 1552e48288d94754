/* Scaling by the first run of a trainer: when it is fitted, to what, and when it is taken back. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "train/raw_example.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void run_once(bp_network *net, const bp_trainer_options *options)
{
    bp_data data = raw_training();
    bp_trainer *trainer = make_trainer(net, options);
    assert_ok(bp_trainer_run(trainer, &data, NULL, NULL));
    bp_trainer_destroy(trainer);
}

/* A network whose scaling was fitted by hand. */
static bp_network *fitted_by_hand(bp_scaling inputs, bp_scaling targets)
{
    bp_data data = raw_training();
    bp_network *net = raw_network(bp_activation_linear());
    assert_ok(bp_network_fit_scaling(net, &data, inputs, targets));
    return net;
}

static void assert_scaled_as(const bp_network *net, bp_scaling inputs, bp_scaling targets)
{
    bp_network *wanted = fitted_by_hand(inputs, targets);
    assert_true(same_scaling(net, wanted));
    bp_network_destroy(wanted);
}

static void assert_scaled(const bp_network *net)
{
    assert_scaled_as(net, bp_scaling_automatic(), bp_scaling_automatic());
}

static bp_trainer_options one_epoch(void)
{
    static bp_stop_rule rule;
    return raw_options(&rule, 1);
}

/* ------------------------------------------------------------------- whether to scale */

static void do_nothing(bp_network **net)
{
    (void)net;
}

static void initialize_again(bp_network **net)
{
    assert_ok(bp_network_initialize(*net, 99));
}

static void use_a_copy(bp_network **net)
{
    bp_network *copy = NULL;
    assert_ok(bp_network_copy(&copy, *net));
    bp_network_destroy(*net);
    *net = copy;
}

static void load_it(bp_network **net)
{
    size_t size;
    unsigned char *bytes = test_save(*net, &size);
    bp_network_destroy(*net);
    *net = NULL;
    assert_ok(bp_network_load_memory(net, bytes, size, NULL));
    free(bytes);
}

static void set_weights(bp_network **net)
{
    size_t count;
    const bp_real *weights = bp_network_weights(*net, &count);
    assert_ok(bp_network_set_weights(*net, weights, count));
}

static void set_biases(bp_network **net)
{
    assert_ok(bp_layer_set_biases(bp_network_layer(*net, 1), (bp_real[5]){0}, 5));
}

static void copy_weights(bp_network **net)
{
    bp_network *other = raw_network(bp_activation_tanh());
    assert_ok(bp_network_copy_weights(*net, other));
    bp_network_destroy(other);
}

static void train_unscaled(bp_network **net)
{
    bp_trainer_options options = one_epoch();
    options.scale_data = 0;
    options.optimizer = bp_optimizer_momentum(1e-9, 0);
    run_once(*net, &options);
}

static void remove_scaling(bp_network **net)
{
    bp_data data = raw_training();
    assert_ok(bp_network_fit_scaling(*net, &data, bp_scaling_none(), bp_scaling_none()));
}

static void set_no_scaling(bp_network **net)
{
    const bp_real zeros[RAW_INPUTS] = {0}, ones[RAW_INPUTS] = {1, 1, 1};
    assert_ok(bp_network_set_input_scaling(*net, zeros, ones, RAW_INPUTS));
}

static void scale_targets(bp_network **net)
{
    const bp_real offsets[RAW_OUTPUTS] = {3, 4}, factors[RAW_OUTPUTS] = {1, 2};
    assert_ok(bp_network_set_target_scaling(*net, offsets, factors, RAW_OUTPUTS));
}

/* After each of these actions, the run scales or leaves the scaling as it is. */
static void test_when_the_first_run_scales(void **state)
{
    (void)state;
    const struct {
        void (*prepare)(bp_network **net);
        bool scales;
    } rows[] = {
        {do_nothing, true},     {initialize_again, true}, {use_a_copy, true},      {load_it, false},
        {set_weights, false},   {set_biases, false},      {copy_weights, false},   {train_unscaled, false},
        {scale_targets, false}, {remove_scaling, false},  {set_no_scaling, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        bp_network *net = raw_network(bp_activation_linear()), *before = NULL;
        rows[i].prepare(&net);
        assert_ok(bp_network_copy(&before, net));
        bp_trainer_options options = one_epoch();
        bp_finding found;
        bp_data data = raw_training();
        bp_trainer *trainer = make_trainer(net, &options);
        if (!rows[i].scales)
            assert_ok(bp_trainer_set_learning_rate(trainer, 1e-9));
        assert_ok(bp_trainer_run(trainer, &data, NULL, NULL));
        if (rows[i].scales)
            assert_scaled(net);
        else
            assert_true(same_scaling(net, before));
        assert_int_equal(find_finding(trainer, BP_FINDING_INPUTS_SCALED, &found), rows[i].scales);
        assert_int_equal(find_finding(trainer, BP_FINDING_TARGETS_SCALED, &found), rows[i].scales);
        bp_trainer_destroy(trainer);
        bp_network_destroy(before);
        bp_network_destroy(net);
    }
}

static void test_the_option_forbids_it(void **state)
{
    (void)state;
    bp_network *net = raw_network(bp_activation_linear());
    bp_trainer_options options = one_epoch();
    options.scale_data = 0;
    options.optimizer = bp_optimizer_momentum(1e-9, 0);
    run_once(net, &options);
    assert_true(is_unscaled(net));
    bp_network_destroy(net);
}

/* The scaling of the first run stays, whatever the cases of the next ones. */
static void test_only_the_first_run_scales(void **state)
{
    (void)state;
    bp_trainer_options options = one_epoch();
    pair both = make_pair(raw_network(bp_activation_linear()), &options);
    bp_data data = raw_training(), others = raw_validation();
    assert_ok(bp_trainer_run(both.trainer, &data, NULL, NULL));
    assert_ok(bp_trainer_run(both.trainer, &others, NULL, NULL));
    assert_scaled(both.net);
    assert_ok(bp_network_initialize(both.net, 2));
    assert_ok(bp_trainer_run(both.trainer, &others, NULL, NULL));
    assert_scaled(both.net);
    end_pair(&both);
}

/* A network that a trainer scaled is fitted anew once its weights are drawn again, but not before. */
static void test_a_network_that_is_drawn_again_is_fitted_again(void **state)
{
    (void)state;
    bp_trainer_options options = one_epoch();
    bp_network *net = raw_network(bp_activation_linear());
    bp_data others = raw_validation();
    for (int is_drawn = 0; is_drawn < 2; is_drawn++) {
        if (is_drawn)
            assert_ok(bp_network_initialize(net, 1));
        bp_trainer *trainer = make_trainer(net, &options);
        assert_ok(bp_trainer_run(trainer, &others, NULL, NULL));
        bp_trainer_destroy(trainer);
        run_once(net, &options);
        bp_network *wanted = raw_network(bp_activation_linear());
        assert_ok(bp_network_fit_scaling(wanted, &others, bp_scaling_automatic(), bp_scaling_automatic()));
        assert_true(same_scaling(net, wanted));
        bp_network_destroy(wanted);
    }
    bp_network_destroy(net);
}

/* --------------------------------------------------------------- targets in their units */

static double half_square(void *context, const bp_real *y, const bp_real *d, bp_real *derivative,
                          size_t units)
{
    (void)context;
    double sum = 0;
    for (size_t i = 0; i < units; i++) {
        sum += 0.5 * (double)((y[i] - d[i]) * (y[i] - d[i]));
        if (derivative != NULL)
            derivative[i] = y[i] - d[i];
    }
    return sum;
}

/* Where the caller's numbers are compared with errors, only the inputs are scaled. */
static void test_targets_stay_where_the_caller_has_numbers(void **state)
{
    (void)state;
    const bp_scaling automatic = bp_scaling_automatic(), none = bp_scaling_none();
    const struct {
        bp_stop_rule rule;
        bp_loss loss;
        bp_scaling targets;
    } rows[] = {
        {bp_stop_error_below(1e-9), bp_loss_default(), none},
        {bp_stop_mean_error_below(1e-9), bp_loss_default(), none},
        {bp_stop_within_tolerance(1e-9), bp_loss_default(), none},
        {bp_stop_updates(1), bp_loss_with_tolerance(bp_loss_squared_error(), 0.5), none},
        {bp_stop_updates(1), bp_loss_with_tolerance(bp_loss_default(), 0.5), none},
        {bp_stop_updates(1), bp_loss_custom(half_square, NULL), none},
        {bp_stop_updates(1), bp_loss_with_tolerance(bp_loss_squared_error(), 0), automatic},
        {bp_stop_updates(1), bp_loss_default(), automatic},
        {bp_stop_gradient_below(1e-9), bp_loss_default(), automatic},
        {bp_stop_diminishing_returns(5, 0.1), bp_loss_default(), automatic},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        bp_stop_rule rules[] = {rows[i].rule, bp_stop_epochs(1)};
        bp_trainer_options options = one_epoch();
        options.loss = rows[i].loss;
        options.optimizer = bp_optimizer_momentum(1e-6, 0);
        options.stop_rules = rules;
        options.stop_rule_count = 2;
        bp_network *net = raw_network(bp_activation_linear());
        run_once(net, &options);
        assert_scaled_as(net, automatic, rows[i].targets);
        bp_network_destroy(net);
    }
}

/* --------------------------------------------------------------------- taking it back */

/* A run that is refused leaves the scaling of before, and the next one fits it. */
static void test_a_refused_run_scales_nothing(void **state)
{
    (void)state;
    bp_trainer_options options = one_epoch();
    bp_data data = raw_training(), narrow = raw_validation(), bad = raw_validation(), empty = raw_training();
    bp_real inputs[RAW_OTHERS * RAW_INPUTS] = {(bp_real)NAN};
    narrow.input_width = 2;
    narrow.input_stride = RAW_INPUTS;
    bad.inputs = inputs;
    empty.inputs = NULL;
    for (int is_fitted = 0; is_fitted < 2; is_fitted++) {
        bp_network *net = raw_network(bp_activation_linear()), *before = NULL;
        if (is_fitted) {
            bp_data others = raw_validation();
            bp_trainer *earlier = make_trainer(net, &options);
            assert_ok(bp_trainer_run(earlier, &others, NULL, NULL));
            bp_trainer_destroy(earlier);
            assert_ok(bp_network_initialize(net, 1));
        }
        assert_ok(bp_network_copy(&before, net));
        bp_trainer *trainer = make_trainer(net, &options);
        assert_fails(bp_trainer_run(trainer, &empty, NULL, NULL), BP_ERROR_ARGUMENT, "training");
        assert_true(same_scaling(net, before));
        assert_fails(bp_trainer_run(trainer, &data, &narrow, NULL), BP_ERROR_SIZE, "validation");
        assert_true(same_scaling(net, before));
        assert_fails(bp_trainer_run(trainer, &data, &bad, NULL), BP_ERROR_NOT_FINITE, "validation");
        assert_true(same_scaling(net, before));
        assert_int_equal(bp_trainer_finding_count(trainer), 0);
        assert_ok(bp_trainer_run(trainer, &data, NULL, NULL));
        assert_scaled(net);
        bp_trainer_destroy(trainer);
        bp_network_destroy(before);
        bp_network_destroy(net);
    }
}

/* Cases that the scaling, once fitted, cannot hold. */
static void test_columns_that_cannot_be_scaled(void **state)
{
    (void)state;
    bp_trainer_options options = one_epoch();
    pair both = make_pair(raw_network(bp_activation_linear()), &options);
    bp_data data = raw_training();
    const double most = TOLERANCE((double)FLT_MAX, DBL_MAX);
    bp_real inputs[RAW_CASES * RAW_INPUTS] = {0};
    for (size_t i = 0; i < RAW_CASES; i++)
        inputs[i * RAW_INPUTS] = (bp_real)(i == 7 ? -most : most);
    data.inputs = inputs;
    assert_fails(bp_trainer_run(both.trainer, &data, NULL, NULL), BP_ERROR_ARGUMENT, "column 0");
    assert_true(is_unscaled(both.net));
    end_pair(&both);
}

static bp_status attempt(void *context, const bp_allocator *allocator)
{
    (void)context;
    bp_trainer_options options = one_epoch();
    bp_data data = raw_training(), validation = raw_validation();
    bp_network *net = NULL;
    bp_trainer *trainer = NULL;
    bp_status status = raw_network_create(&net, allocator, bp_activation_linear());
    if (status != BP_OK)
        return status;
    status = bp_trainer_create(&trainer, net, &options);
    bool is_refused = status != BP_OK;
    if (status == BP_OK) {
        bp_result result = empty_result();
        result.reason = BP_STOP_CALLBACK;
        status = bp_trainer_run(trainer, &data, &validation, &result);
        is_refused = status != BP_OK && result.reason == BP_STOP_CALLBACK;
    }
    if (is_refused)
        assert_true(is_unscaled(net));
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    return status;
}

static void test_each_allocation_fails_in_turn(void **state)
{
    (void)state;
    test_each_allocation_fails(attempt, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_when_the_first_run_scales),
        cmocka_unit_test(test_the_option_forbids_it),
        cmocka_unit_test(test_only_the_first_run_scales),
        cmocka_unit_test(test_a_network_that_is_drawn_again_is_fitted_again),
        cmocka_unit_test(test_targets_stay_where_the_caller_has_numbers),
        cmocka_unit_test(test_a_refused_run_scales_nothing),
        cmocka_unit_test(test_columns_that_cannot_be_scaled),
        cmocka_unit_test(test_each_allocation_fails_in_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
