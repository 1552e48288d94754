/* The search for the learning rate with data and losses that make it difficult. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/raw_example.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

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
        bp_finding found;
        assert_true(find_finding(both.trainer, BP_FINDING_LEARNING_RATE, &found));
        assert_int_equal(found.severity, BP_SEVERITY_WARNING);
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

/* Squared error, which counts the cases that are trained; NaN where an output is far off. */
typedef struct tally {
    size_t trained;
    double limit;
} tally;

static double counted_error(void *context, const bp_real *y, const bp_real *d, bp_real *derivative,
                            size_t units)
{
    tally *seen = context;
    const double none = 0;
    const double error = shifted_error((void *)&none, y, d, derivative, units);
    seen->trained += derivative != NULL;
    return error > seen->limit ? NAN : error;
}

/* As many cases are trained as the updates that are told have, and no more than is promised. */
static void test_the_updates_are_counted(void **state)
{
    (void)state;
    const size_t batches[] = {0, 20, 8, 1};
    for (size_t i = 0; i < COUNT(batches); i++) {
        tally seen = {.limit = HUGE_VAL};
        bp_stop_rule rule;
        bp_trainer_options options = raw_options(&rule, 1);
        options.loss = bp_loss_custom(counted_error, &seen);
        options.batch_size = batches[i];
        pair both = make_pair(scaled_network(), &options);
        bp_data data = raw_training();
        bp_rate_search search = search_of(both.trainer, &data);
        const size_t batch = batches[i] == 0 ? RAW_CASES : batches[i];
        assert_int_equal(seen.trained, search.updates * batch);
        assert_sound(&search, RAW_CASES, batch);
        end_pair(&both);
    }
}

/* E that is NaN is no error of the search, but the end of the rates that are stable. */
static void test_an_error_that_is_nan(void **state)
{
    (void)state;
    const size_t batches[] = {0, 8, 1};
    for (size_t i = 0; i < COUNT(batches); i++) {
        tally seen = {.limit = 10};
        bp_stop_rule rule;
        bp_trainer_options options = raw_options(&rule, 1);
        options.loss = bp_loss_custom(counted_error, &seen);
        options.batch_size = batches[i];
        pair both = make_pair(scaled_network(), &options);
        bp_data data = raw_training();
        bp_rate_search search = search_of(both.trainer, &data);
        const bp_rate_point *last = &search.points[search.point_count - 1];
        assert_true(isnan(last->error) && search.limit == last->learning_rate);
        assert_true(search.learning_rate < search.limit);
        end_pair(&both);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_data_that_are_not_scaled),
        cmocka_unit_test(test_nothing_to_learn),
        cmocka_unit_test(test_a_negative_error),
        cmocka_unit_test(test_a_negative_error_that_stays),
        cmocka_unit_test(test_an_infinite_error_at_the_start),
        cmocka_unit_test(test_a_derivative_that_overflows),
        cmocka_unit_test(test_the_updates_are_counted),
        cmocka_unit_test(test_an_error_that_is_nan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
