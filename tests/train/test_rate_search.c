/* The search for the learning rate: its result, and that it leaves no trace. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/wave_example.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static bp_rate_search empty_search(void)
{
    bp_rate_search search;
    bp_rate_search_init(&search, sizeof search);
    return search;
}

static bp_rate_search search_of(bp_trainer *trainer, const bp_data *data)
{
    bp_rate_search search = empty_search();
    assert_ok(bp_trainer_find_learning_rate(trainer, data, &search));
    return search;
}

/* ------------------------------------------------------------------------- the result */

/* All that the manual says about a successful search. */
static void assert_sound(const bp_rate_search *search, size_t cases, size_t batch)
{
    const uint64_t two_epochs = 2 * ((cases + batch - 1) / batch);
    assert_int_equal(search->size, sizeof *search);
    assert_true(isfinite(search->learning_rate) && search->learning_rate > 0);
    assert_true(isfinite(search->start_error) && search->start_error > 0);
    assert_true(search->updates > 0 && search->updates <= (two_epochs > 100 ? two_epochs : 100));
    assert_true(search->point_count > 0 && search->point_count <= BP_RATE_POINTS);
    for (size_t i = 0; i < search->point_count; i++) {
        assert_true(isfinite(search->points[i].learning_rate));
        assert_true(i == 0 || search->points[i].learning_rate > search->points[i - 1].learning_rate);
        assert_true(search->points[i].learning_rate <= search->limit);
    }
    assert_true(search->learning_rate < search->limit);
}

/* As large as is told: the middle one of batch sizes makes 2 epochs of 150 updates. */
static void test_the_result(void **state)
{
    (void)state;
    enum { CASES = 300 };
    bp_real inputs[CASES * 2], targets[CASES];
    uint64_t stream = 6;
    for (size_t i = 0; i < CASES; i++) {
        inputs[2 * i] = (bp_real)test_uniform(&stream, -1, 1);
        inputs[2 * i + 1] = (bp_real)test_uniform(&stream, -1, 1);
        targets[i] = inputs[2 * i] * inputs[2 * i + 1];
    }
    const size_t units[] = {2, 6, 1}, batches[] = {0, 2, 1, BP_BATCH_AUTO};
    bp_data data = bp_data_view(CASES, inputs, 2, targets, 1);
    for (size_t i = 0; i < COUNT(batches); i++) {
        bp_network *net = NULL;
        bp_trainer_options options;
        bp_trainer_options_init(&options, sizeof options);
        options.batch_size = batches[i];
        assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
        assert_ok(bp_network_initialize(net, 1));
        bp_trainer *trainer = make_trainer(net, &options);
        bp_rate_search search = search_of(trainer, &data);
        assert_sound(&search, CASES, batches[i] == 0 ? CASES : batches[i] == BP_BATCH_AUTO ? 30 : batches[i]);
        bp_trainer_destroy(trainer);
        bp_network_destroy(net);
    }
}

/* The start error is E of the weights as they are, in scaled units. */
static void test_the_start_error(void **state)
{
    (void)state;
    bp_stop_rule rule;
    bp_trainer_options options = raw_options(&rule, 1);
    pair both = make_pair(raw_network(bp_activation_linear()), &options);
    bp_data data = raw_training();
    bp_rate_search search = search_of(both.trainer, &data);
    assert_ok(bp_network_fit_scaling(both.net, &data, bp_scaling_automatic(), bp_scaling_automatic()));
    assert_close(search.start_error, error_of(both.net, &data) / RAW_CASES, 1e-6);
    end_pair(&both);
}

/* A sum over n cases is n times as large as their mean, so that the rate is n times smaller. */
static void test_rates_of_sums(void **state)
{
    (void)state;
    const size_t batches[] = {0, 20, 8};
    for (size_t i = 0; i < COUNT(batches); i++) {
        double rates[2];
        for (int is_mean = 0; is_mean < 2; is_mean++) {
            bp_stop_rule rule;
            bp_trainer_options options = raw_options(&rule, 1);
            options.batch_size = batches[i];
            options.reduction = is_mean ? BP_REDUCE_MEAN : BP_REDUCE_SUM;
            pair both = make_pair(raw_network(bp_activation_linear()), &options);
            bp_data data = raw_training();
            rates[is_mean] = search_of(both.trainer, &data).learning_rate;
            end_pair(&both);
        }
        assert_close(rates[0] * (double)(batches[i] == 0 ? RAW_CASES : batches[i]), rates[1], 1e-2);
    }
}

/* The first run uses the rate that a search finds, and says so. */
static void test_the_first_run_searches(void **state)
{
    (void)state;
    bp_stop_rule rule;
    bp_trainer_options options = raw_options(&rule, 2);
    pair asked = make_pair(raw_network(bp_activation_linear()), &options);
    pair both = make_pair(raw_network(bp_activation_linear()), &options);
    bp_data data = raw_training();
    bp_finding found;
    bp_rate_search search = search_of(asked.trainer, &data);
    assert_true(bp_trainer_learning_rate(asked.trainer) == 0);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_true(bp_trainer_learning_rate(both.trainer) == search.learning_rate);
    assert_true(find_finding(both.trainer, BP_FINDING_LEARNING_RATE, &found));
    assert_true(found.values[0] == search.learning_rate && found.values[1] == search.limit);
    assert_true(found.values[3] == (double)search.updates);
    assert_ok(bp_trainer_set_learning_rate(asked.trainer, search.learning_rate));
    train_until(asked.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_same_weights(asked.net, both.net);
    end_pair(&asked);
    end_pair(&both);
}

/* Neither a rate nor a schedule of the caller's is replaced. */
static void test_when_no_search_is_needed(void **state)
{
    (void)state;
    for (int has_schedule = 0; has_schedule < 2; has_schedule++) {
        bp_stop_rule rule;
        bp_trainer_options options = raw_options(&rule, 1);
        if (has_schedule)
            options.learning_rate_schedule = bp_schedule_constant(0.01);
        else
            options.optimizer = bp_optimizer_momentum(0.01, 0.9);
        pair both = make_pair(raw_network(bp_activation_linear()), &options);
        bp_data data = raw_training();
        bp_finding found;
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_false(find_finding(both.trainer, BP_FINDING_LEARNING_RATE, &found));
        assert_true(bp_trainer_learning_rate(both.trainer) == 0.01);
        end_pair(&both);
    }
}

/* ---------------------------------------------------------------------- hard data */

/* Inputs from 1e4 to 1e6 that nobody scales: a tiny rate, but one that trains. */
static void test_data_that_are_not_scaled(void **state)
{
    (void)state;
    bp_real inputs[RAW_CASES * RAW_INPUTS], targets[RAW_CASES * RAW_OUTPUTS];
    uint64_t stream = 2;
    for (size_t i = 0; i < RAW_CASES; i++) {
        for (size_t j = 0; j < RAW_INPUTS; j++)
            inputs[i * RAW_INPUTS + j] = (bp_real)(pow(100, (double)j) * test_uniform(&stream, 50, 100));
        targets[2 * i] = inputs[3 * i + 2] / 1000;
        targets[2 * i + 1] = -targets[2 * i];
    }
    const size_t units[] = {RAW_INPUTS, RAW_OUTPUTS};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_linear(), bp_activation_linear()));
    assert_ok(bp_network_initialize(net, 1));
    bp_stop_rule rule;
    bp_trainer_options options = raw_options(&rule, 20);
    options.scale_data = 0;
    pair both = make_pair(net, &options);
    bp_data data = bp_data_view(RAW_CASES, inputs, RAW_INPUTS, targets, RAW_OUTPUTS);
    double before = error_of(net, &data);
    bp_rate_search search = search_of(both.trainer, &data);
    assert_sound(&search, RAW_CASES, 20);
    assert_true(search.learning_rate < 1e-6);
    bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_true(result.error < before);
    end_pair(&both);
}

/* A network that has learned its cases already, and one whose outputs do not depend on its weights. */
static void test_nothing_to_learn(void **state)
{
    (void)state;
    const size_t units[] = {1, 1};
    const bp_real inputs[] = {1, 2, 3}, targets[] = {2, 4, 6};
    for (int is_flat = 0; is_flat < 2; is_flat++) {
        bp_network *net = NULL;
        bp_activation output = is_flat ? bp_activation_relu() : bp_activation_linear();
        assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_linear(), output));
        assert_ok(bp_network_set_weights(net, is_flat ? (bp_real[]){-1, -1} : (bp_real[]){2, 0}, 2));
        bp_stop_rule rule;
        bp_trainer_options options = raw_options(&rule, 3);
        pair both = make_pair(net, &options);
        bp_data data = bp_data_view(3, inputs, 1, targets, 1);
        bp_rate_search search = empty_search(), untouched_search = search;
        assert_fails(bp_trainer_find_learning_rate(both.trainer, &data, &search), BP_ERROR_UNSUPPORTED,
                     "no learning rate from ");
        assert_memory_equal(&search, &untouched_search, sizeof search);
        char message[512];
        strcpy(message, bp_error_message());
        bp_result result =
            train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS); /* it trains all the same */
        assert_string_equal(bp_error_message(), message);
        assert_true(isfinite(result.error) && bp_trainer_learning_rate(both.trainer) > 0);
        end_pair(&both);
    }
}

/* Squared error, less a number for each case. */
static double shifted_error(void *context, const bp_real *y, const bp_real *d, bp_real *derivative,
                            size_t units)
{
    double error = -*(const double *)context;
    for (size_t i = 0; i < units; i++) {
        bp_real deviation = y[i] - d[i];
        error += 0.5 * (double)(deviation * deviation);
        if (derivative != NULL)
            derivative[i] = deviation;
    }
    return error;
}

/* As a custom loss leaves the units of targets alone. */
static bp_network *scaled_network(void)
{
    bp_network *net = raw_network(bp_activation_linear());
    bp_data data = raw_training();
    assert_ok(bp_network_fit_scaling(net, &data, bp_scaling_automatic(), bp_scaling_automatic()));
    return net;
}

static bp_rate_search search_with_shift(double shift, double *used)
{
    bp_stop_rule rule;
    bp_trainer_options options = raw_options(&rule, 1);
    options.loss = bp_loss_custom(shifted_error, &shift);
    bp_data data = raw_training();
    pair both = make_pair(scaled_network(), &options);
    bp_rate_search search = search_of(both.trainer, &data);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    *used = bp_trainer_learning_rate(both.trainer);
    end_pair(&both);
    return search;
}

/* A number that is added to E changes neither what is learned nor the rate that suits it. */
static void test_a_negative_error(void **state)
{
    (void)state;
    double used;
    bp_rate_search wanted = search_with_shift(0, &used);
    const double shifts[] = {wanted.start_error, 2 * wanted.start_error, 10 * wanted.start_error};
    for (size_t i = 0; i < COUNT(shifts); i++) {
        bp_rate_search found = search_with_shift(shifts[i], &used);
        assert_true(fabs(found.start_error - (wanted.start_error - shifts[i])) < 1e-5);
        assert_close(found.learning_rate, wanted.learning_rate, 1e-3);
        assert_true(found.point_count > 1 && used == found.learning_rate);
    }
}

/* All rates leave a negative E as it is. */
static void test_a_negative_error_that_stays(void **state)
{
    (void)state;
    const bp_real inputs[] = {1, 2, 3}, targets[] = {2, 4, 6};
    const size_t units[] = {1, 1};
    const bp_activation linear = bp_activation_linear();
    double shift = 2;
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 2, linear, linear));
    assert_ok(bp_network_set_weights(net, (bp_real[]){2, 0}, 2));
    bp_stop_rule rule;
    bp_trainer_options options = raw_options(&rule, 3);
    options.loss = bp_loss_custom(shifted_error, &shift);
    pair both = make_pair(net, &options);
    bp_data data = bp_data_view(3, inputs, 1, targets, 1);
    bp_rate_search search = empty_search();
    assert_fails(bp_trainer_find_learning_rate(both.trainer, &data, &search), BP_ERROR_UNSUPPORTED,
                 "lowers the mean error of -2");
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_true(bp_trainer_learning_rate(both.trainer) > 0);
    end_pair(&both);
}

/* E is infinite where an output is negative, as it is for one case at the start, but not after some updates.
 */
static double infinite_below_0(void *context, const bp_real *y, const bp_real *d, bp_real *derivative,
                               size_t units)
{
    (void)context, (void)units;
    if (derivative != NULL)
        derivative[0] = y[0] - d[0];
    return y[0] < 0 ? HUGE_VAL : 0.5 * (double)((y[0] - d[0]) * (y[0] - d[0]));
}

static void test_an_infinite_error_at_the_start(void **state)
{
    (void)state;
    enum { CASES = 2400 }; /* the odd one is judged, but not among the first cases */
    bp_real *inputs = calloc(CASES, sizeof *inputs), *targets = calloc(CASES, sizeof *targets);
    assert_true(inputs != NULL && targets != NULL);
    for (size_t i = 0; i < CASES; i++) {
        inputs[i] = 1;
        targets[i] = 3;
    }
    for (size_t i = 2000; i < CASES; i++)
        inputs[i] = 0;
    const size_t units[] = {1, 1};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_linear(), bp_activation_linear()));
    assert_ok(bp_network_set_weights(net, (bp_real[]){(bp_real)0.5, (bp_real)-0.25}, 2));
    bp_stop_rule rule;
    bp_trainer_options options = raw_options(&rule, 1);
    options.loss = bp_loss_custom(infinite_below_0, NULL);
    options.batch_size = 20;
    options.shuffle = 0;
    pair both = make_pair(net, &options);
    bp_data data = bp_data_view(CASES, inputs, 1, targets, 1);
    bp_rate_search search = empty_search();
    assert_fails(bp_trainer_find_learning_rate(both.trainer, &data, &search), BP_ERROR_UNSUPPORTED,
                 "mean error of inf");
    end_pair(&both);
    free(inputs);
    free(targets);
}

/* A power of 4, whose derivative overflows in float long before E does. */
static double quartic_error(void *context, const bp_real *y, const bp_real *d, bp_real *derivative,
                            size_t units)
{
    (void)context;
    double error = 0;
    for (size_t i = 0; i < units; i++) {
        bp_real t = y[i] - d[i];
        error += (double)t * (double)t * (double)t * (double)t / 4;
        if (derivative != NULL)
            derivative[i] = t * t * t;
    }
    return error;
}

/* That is divergence of the rates that are too large. */
static void test_a_derivative_that_overflows(void **state)
{
    (void)state;
    const size_t batches[] = {0, 8, 1};
    for (size_t i = 0; i < COUNT(batches); i++) {
        char message[512];
        bp_stop_rule rule;
        bp_trainer_options options = raw_options(&rule, 2);
        options.loss = bp_loss_custom(quartic_error, NULL);
        options.batch_size = batches[i];
        pair both = make_pair(scaled_network(), &options);
        bp_data data = raw_training();
        assert_fails(bp_trainer_reset(NULL), BP_ERROR_ARGUMENT, "trainer");
        strcpy(message, bp_error_message());
        bp_rate_search search = search_of(both.trainer, &data);
        assert_true(isfinite(search.limit) && search.learning_rate < search.limit);
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_true(bp_trainer_learning_rate(both.trainer) == search.learning_rate);
        assert_string_equal(bp_error_message(), message);
        end_pair(&both);
    }
}

/* ----------------------------------------------------------------- the end of the run */

/* A run that ended during its search has changed nothing. The next one searches again. */
static void assert_ended_in_search(pair *both, const bp_result *result, size_t rule)
{
    bp_network *before = raw_network(bp_activation_linear());
    bp_finding found;
    assert_int_equal(result->rule, rule);
    assert_int_equal(result->updates, 0);
    assert_same_weights(both->net, before);
    assert_true(bp_trainer_learning_rate(both->trainer) == 0);
    assert_false(find_finding(both->trainer, BP_FINDING_LEARNING_RATE, &found));
    bp_network_destroy(before);
}

static void test_a_request_ends_the_search(void **state)
{
    (void)state;
    const size_t batches[] = {0, 8, 1};
    for (size_t i = 0; i < COUNT(batches); i++) {
        bp_stop_rule rule;
        bp_trainer_options options = raw_options(&rule, 2);
        options.batch_size = batches[i];
        pair both = make_pair(raw_network(bp_activation_linear()), &options);
        bp_data data = raw_training();
        bp_trainer_request_stop(both.trainer);
        search_of(both.trainer, &data); /* no run, so that the request is kept */
        bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_REQUESTED);
        assert_ended_in_search(&both, &result, 1);
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_true(bp_trainer_learning_rate(both.trainer) > 0);
        end_pair(&both);
    }
}

static void test_a_time_rule_ends_the_search(void **state)
{
    (void)state;
    const size_t batches[] = {0, 8, 1};
    for (size_t i = 0; i < COUNT(batches); i++) {
        const bp_stop_rule rules[] = {bp_stop_epochs(2), bp_stop_updates(1), bp_stop_seconds(1e-9)};
        bp_trainer_options options;
        bp_trainer_options_init(&options, sizeof options);
        options.stop_rules = rules;
        options.stop_rule_count = COUNT(rules);
        options.batch_size = batches[i];
        pair both = make_pair(raw_network(bp_activation_linear()), &options);
        bp_data data = raw_training();
        bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_SECONDS);
        assert_ended_in_search(&both, &result, 2);
        end_pair(&both);
    }
}

/* ------------------------------------------------------------------------- arguments */

static int search_inside(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context, (void)progress;
    bp_data data = raw_training();
    bp_rate_search search = empty_search();
    assert_fails(bp_trainer_find_learning_rate(trainer, &data, &search), BP_ERROR_STATE, "in progress");
    return 0;
}

/* Single cases that are unlike the rest may raise E by chance, at the lowest rate too. That does not make the
 * rate useless; it is then far from 0. */
static void test_the_chance_of_single_cases(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    for (uint64_t seed = 1; seed <= 20; seed++) {
        bp_stop_rule rule;
        bp_finding found;
        bp_trainer_options options = wave_options(&rule, BP_RATE_AUTO, 1);
        options.batch_size = 1;
        options.seed = seed;
        pair both = make_pair(wave_network(2), &options);
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_true(bp_trainer_learning_rate(both.trainer) > 5e-4);
        assert_true(find_finding(both.trainer, BP_FINDING_LEARNING_RATE, &found));
        end_pair(&both);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    bp_stop_rule rule;
    bp_trainer_options options = raw_options(&rule, 1);
    options.on_epoch = search_inside;
    pair both = make_pair(raw_network(bp_activation_linear()), &options);
    bp_data data = raw_training(), wrong = raw_training();
    bp_rate_search search = empty_search();
    assert_fails(bp_trainer_find_learning_rate(NULL, &data, &search), BP_ERROR_ARGUMENT, "trainer is NULL");
    assert_fails(bp_trainer_find_learning_rate(both.trainer, NULL, &search), BP_ERROR_ARGUMENT, "training");
    assert_fails(bp_trainer_find_learning_rate(both.trainer, &data, NULL), BP_ERROR_ARGUMENT, "search");
    wrong.input_width = 2;
    assert_fails(bp_trainer_find_learning_rate(both.trainer, &wrong, &search), BP_ERROR_SIZE,
                 "bp_trainer_find_learning_rate: training");
    search.size = 8;
    assert_fails(bp_trainer_find_learning_rate(both.trainer, &data, &search), BP_ERROR_VERSION,
                 "bp_rate_search.size");
    assert_true(is_unscaled(both.net));
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    end_pair(&both);
}

static bp_status attempt(void *context, const bp_allocator *allocator)
{
    (void)context;
    bp_stop_rule rule;
    bp_trainer_options options = raw_options(&rule, 1);
    options.batch_size = 8;
    bp_network *net = NULL, *before = NULL;
    bp_trainer *trainer = NULL;
    bp_status status = raw_network_create(&net, allocator, bp_activation_linear());
    if (status != BP_OK)
        return status;
    before = raw_network(bp_activation_linear());
    status = bp_trainer_create(&trainer, net, &options);
    if (status == BP_OK) {
        bp_data data = raw_training();
        bp_rate_search search = empty_search();
        status = bp_trainer_find_learning_rate(trainer, &data, &search);
        assert_true(status == BP_OK || search.updates == 0);
        if (status != BP_OK)
            assert_non_null(strstr(bp_error_message(), "bp_trainer_find_learning_rate: "));
    }
    assert_same_weights(net, before);
    assert_true(is_unscaled(net));
    bp_trainer_destroy(trainer);
    bp_network_destroy(before);
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
        cmocka_unit_test(test_the_result),
        cmocka_unit_test(test_the_start_error),
        cmocka_unit_test(test_rates_of_sums),
        cmocka_unit_test(test_the_first_run_searches),
        cmocka_unit_test(test_when_no_search_is_needed),
        cmocka_unit_test(test_data_that_are_not_scaled),
        cmocka_unit_test(test_nothing_to_learn),
        cmocka_unit_test(test_a_negative_error),
        cmocka_unit_test(test_a_negative_error_that_stays),
        cmocka_unit_test(test_an_infinite_error_at_the_start),
        cmocka_unit_test(test_a_derivative_that_overflows),
        cmocka_unit_test(test_a_request_ends_the_search),
        cmocka_unit_test(test_a_time_rule_ends_the_search),
        cmocka_unit_test(test_the_chance_of_single_cases),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_each_allocation_fails_in_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
