/* Standard errors and intervals: a textbook regression with certified figures; wrong calls. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check/uncertainty_example.h"
#include "reference/random_network.h"
#include "support/arrays.h"

/* ----------------------------------------------------------------- NIST's Rat42 */

/*
 * "Rat42" of NIST's Statistical Reference Datasets for nonlinear regression, pasture yield over growing time
 * (Ratkowsky 1983): y = b1 / (1 + exp(b2 - b3 x)), a logistic unit and a linear one without bias. Certified:
 * parameters, their standard deviations, residual sum of squares and standard deviation. The intervals are
 * those of a fit with 40 digits (mpmath 1.2.1), put into the formula.
 */
enum { RAT_CASES = 9, RAT_WEIGHTS = 3, RAT_POINTS = 3 };
static const bp_real rat_x[RAT_CASES] = {9, 14, 21, 28, 42, 57, 63, 70, 79};
static const double rat_y[RAT_CASES] = {8.93, 10.80, 18.59, 22.33, 39.35, 56.11, 61.73, 64.62, 67.08};
static const double rat_b[] = {7.2462237576e+01, 2.6180768402e+00, 6.7359200066e-02};
static const double rat_deviation[] = {1.7340283401e+00, 8.8295217536e-02, 3.4465663377e-03};
static const double rat_sum = 8.0565229338e+00, rat_residual = 1.1587725499e+00;
static const double rat_tolerance = TOLERANCE(1e-5, 1e-9);

static const bp_real rat_points[RAT_POINTS] = {20, 50, 100};
static const double rat_mean[RAT_POINTS][2] = {
    {14.38751645534, 17.36608112431}, {47.28247903577, 51.14344788599}, {67.80569262383, 74.79726499173}};
static const double rat_target[RAT_POINTS][2] = {
    {12.67405995571, 19.07953762394}, {45.78275293041, 52.64317399134}, {66.80035725736, 75.80260035819}};

typedef struct fitted {
    bp_network *net;
    bp_workspace *workspace;
    bp_connection *to_hidden, *to_output;
    bp_layer *hidden;
    bp_real targets[RAT_CASES];
    bp_data data;
} fitted;

/* The network with NIST's parameters, or, with scaling, with those that make the same function. */
static fitted *rat(int scaled)
{
    fitted *f = new_array(1, sizeof *f);
    bp_layer *in = NULL, *out = NULL;
    assert_ok(test_network_create(&f->net, NULL));
    assert_ok(bp_network_add_input(&in, f->net, "time", 1));
    assert_ok(bp_network_add_layer(&f->hidden, f->net, "hidden", 1, bp_activation_logistic()));
    assert_ok(bp_network_add_layer(&out, f->net, "yield", 1, bp_activation_linear()));
    assert_ok(bp_layer_enable_bias(out, 0));
    assert_ok(bp_network_connect(&f->to_hidden, f->net, in, f->hidden));
    assert_ok(bp_network_connect(&f->to_output, f->net, f->hidden, out));
    assert_ok(bp_network_finalize(f->net));
    bp_real weights[RAT_WEIGHTS];
    const double unit = scaled ? 16 : 1; /* of inputs; targets in -1/4 */
    weights[bp_connection_offset(f->to_output)] = (bp_real)(scaled ? rat_b[0] * -0.25 : rat_b[0]);
    weights[bp_layer_bias_offset(f->hidden)] = (bp_real)(scaled ? rat_b[2] * 8 - rat_b[1] : -rat_b[1]);
    weights[bp_connection_offset(f->to_hidden)] = (bp_real)(rat_b[2] * unit);
    assert_ok(bp_network_set_weights(f->net, weights, RAT_WEIGHTS));
    if (scaled) {
        assert_ok(bp_network_set_input_scaling(f->net, (bp_real[]){8}, (bp_real[]){(bp_real)(1 / unit)}, 1));
        assert_ok(bp_network_set_target_scaling(f->net, (bp_real[]){0}, (bp_real[]){(bp_real)-0.25}, 1));
    }
    assert_ok(bp_workspace_create(&f->workspace, f->net, RAT_CASES));
    for (size_t i = 0; i < RAT_CASES; i++)
        f->targets[i] = (bp_real)rat_y[i];
    f->data = bp_data_view(RAT_CASES, rat_x, 1, f->targets, 1);
    return f;
}

static void rat_end(fitted *f)
{
    bp_workspace_destroy(f->workspace);
    bp_network_destroy(f->net);
    free(f);
}

static bp_uncertainty *uncertainty_of(const fitted *f, double decay)
{
    bp_uncertainty *u = NULL;
    const bp_uncertainty_options options = decay_of(decay, 0);
    assert_ok(bp_uncertainty_create(&u, f->net, f->workspace, &f->data, &options));
    return u;
}

static void assert_rat_intervals(const fitted *f, const bp_uncertainty *u, bp_interval_kind kind,
                                 const double wanted[RAT_POINTS][2])
{
    const bp_data points = bp_data_view(RAT_POINTS, rat_points, 1, NULL, 0);
    bp_real low[RAT_POINTS], high[RAT_POINTS];
    assert_ok(bp_uncertainty_intervals(u, f->workspace, &points, kind, 0.95, low, high));
    for (size_t i = 0; i < RAT_POINTS; i++) {
        assert_close(low[i], wanted[i][0], rat_tolerance);
        assert_close(high[i], wanted[i][1], rat_tolerance);
    }
}

static void test_rat42(void **state)
{
    (void)state;
    fitted *f = rat(0);
    bp_uncertainty *u = uncertainty_of(f, 0);
    const bp_uncertainty_summary summary = summary_of(u);
    double errors[RAT_WEIGHTS];
    unsigned char identified[RAT_WEIGHTS];
    assert_int_equal(summary.residuals, RAT_CASES);
    assert_int_equal(summary.weights, RAT_WEIGHTS);
    assert_int_equal(summary.unidentified, 0);
    assert_true(summary.effective_weights == 3 && summary.degrees_of_freedom == 6);
    assert_close(2 * summary.error, rat_sum, rat_tolerance);
    assert_close(sqrt(summary.variance), rat_residual, rat_tolerance);
    assert_ok(bp_uncertainty_standard_errors(u, errors));
    assert_close(errors[bp_connection_offset(f->to_output)], rat_deviation[0], rat_tolerance);
    assert_close(errors[bp_layer_bias_offset(f->hidden)], rat_deviation[1], rat_tolerance);
    assert_close(errors[bp_connection_offset(f->to_hidden)], rat_deviation[2], rat_tolerance);
    assert_ok(bp_uncertainty_identified(u, identified));
    assert_memory_equal(identified, ((unsigned char[]){1, 1, 1}), RAT_WEIGHTS);
    assert_rat_intervals(f, u, BP_INTERVAL_OF_MEAN, rat_mean);
    assert_rat_intervals(f, u, BP_INTERVAL_OF_TARGET, rat_target);
    bp_uncertainty_destroy(u);
    rat_end(f);
}

/* Scaling is another unit of the weights; intervals in raw units stay. */
static void test_scaling(void **state)
{
    (void)state;
    fitted *f = rat(1);
    bp_uncertainty *u = uncertainty_of(f, 0);
    double errors[RAT_WEIGHTS];
    assert_ok(bp_uncertainty_standard_errors(u, errors));
    assert_close(sqrt(summary_of(u).variance), rat_residual / 4, rat_tolerance);
    assert_close(errors[bp_connection_offset(f->to_output)], rat_deviation[0] / 4, rat_tolerance);
    assert_close(errors[bp_connection_offset(f->to_hidden)], rat_deviation[2] * 16, rat_tolerance);
    assert_rat_intervals(f, u, BP_INTERVAL_OF_MEAN, rat_mean);
    assert_rat_intervals(f, u, BP_INTERVAL_OF_TARGET, rat_target);
    bp_uncertainty_destroy(u);
    rat_end(f);
}

/* A case of weight 2 is two cases in E and in J^T J, but not in n; one of weight 0 is none. */
static void test_case_weights(void **state)
{
    (void)state;
    fitted *f = rat(0);
    bp_real weights[RAT_CASES], x[RAT_CASES + 1], y[RAT_CASES + 1];
    double weighted[RAT_WEIGHTS], repeated[RAT_WEIGHTS];
    for (size_t i = 0; i < RAT_CASES; i++) {
        weights[i] = 1;
        x[i] = rat_x[i == 1 ? 3 : i]; /* case 1 away, case 3 twice */
        y[i] = f->targets[i == 1 ? 3 : i];
    }
    weights[1] = 0;
    weights[3] = 2;
    f->data.case_weights = weights;
    bp_uncertainty *u = uncertainty_of(f, 0);
    assert_ok(bp_uncertainty_standard_errors(u, weighted));
    const bp_uncertainty_summary of_weighted = summary_of(u);
    bp_uncertainty_destroy(u);
    f->data = bp_data_view(RAT_CASES, x, 1, y, 1);
    u = uncertainty_of(f, 0);
    assert_ok(bp_uncertainty_standard_errors(u, repeated));
    const bp_uncertainty_summary of_repeated = summary_of(u);
    bp_uncertainty_destroy(u);
    assert_int_equal(of_weighted.residuals, RAT_CASES - 1);
    assert_int_equal(of_repeated.residuals, RAT_CASES);
    assert_close(of_weighted.error, of_repeated.error, rat_tolerance);
    for (size_t i = 0; i < RAT_WEIGHTS; i++)
        assert_close(weighted[i] / sqrt(of_weighted.variance), repeated[i] / sqrt(of_repeated.variance),
                     rat_tolerance);
    rat_end(f);
}

/* Nothing is estimated: s^2 is the mean square of the residuals, and outputs are known exactly. */
static void test_all_frozen(void **state)
{
    (void)state;
    fitted *f = rat(0);
    assert_ok(bp_network_set_trainable(f->net, 0));
    bp_uncertainty *u = uncertainty_of(f, 1);
    const bp_uncertainty_summary summary = summary_of(u);
    double errors[RAT_WEIGHTS];
    bp_real low[RAT_CASES], high[RAT_CASES];
    assert_int_equal(summary.weights, 0);
    assert_true(summary.effective_weights == 0 && summary.degrees_of_freedom == RAT_CASES);
    assert_close(summary.variance, rat_sum / RAT_CASES, rat_tolerance);
    assert_ok(bp_uncertainty_standard_errors(u, errors));
    assert_ok(bp_uncertainty_intervals(u, f->workspace, &f->data, BP_INTERVAL_OF_MEAN, 0.95, low, high));
    for (size_t i = 0; i < RAT_CASES; i++)
        assert_true(low[i] == high[i]);
    /* t of 9 degrees of freedom at 0.975 is 2.262157163 (any table). */
    assert_ok(bp_uncertainty_intervals(u, f->workspace, &f->data, BP_INTERVAL_OF_TARGET, 0.95, low, high));
    assert_close((double)high[0] - (double)low[0], 2 * 2.262157163 * sqrt(rat_sum / RAT_CASES),
                 TOLERANCE(1e-5, 1e-8));
    bp_uncertainty_destroy(u);
    rat_end(f);
}

/* -------------------------------------------------------------------- wrong calls */

static void test_wrong_calls(void **state)
{
    (void)state;
    fitted *f = rat(0);
    bp_uncertainty *u = NULL;
    double errors[RAT_WEIGHTS];
    bp_real low[RAT_CASES], high[RAT_CASES], weights[RAT_WEIGHTS] = {1, 1, 1};
    unsigned char identified[RAT_WEIGHTS];
    assert_fails(bp_uncertainty_create(NULL, f->net, f->workspace, &f->data, NULL), BP_ERROR_ARGUMENT, "out");
    assert_fails(bp_uncertainty_create(&u, NULL, f->workspace, &f->data, NULL), BP_ERROR_ARGUMENT, "net");
    assert_fails(bp_uncertainty_create(&u, f->net, NULL, &f->data, NULL), BP_ERROR_ARGUMENT, "workspace");
    assert_fails(bp_uncertainty_create(&u, f->net, f->workspace, NULL, NULL), BP_ERROR_ARGUMENT, "data");
    bp_uncertainty_options options = decay_of(-1, 0);
    assert_fails(bp_uncertainty_create(&u, f->net, f->workspace, &f->data, &options), BP_ERROR_ARGUMENT,
                 "weight_decay is -1");
    options.weight_decay = (double)NAN;
    assert_fails(bp_uncertainty_create(&u, f->net, f->workspace, &f->data, &options), BP_ERROR_ARGUMENT,
                 "weight_decay is nan");
    options = decay_of(0, 2);
    assert_fails(bp_uncertainty_create(&u, f->net, f->workspace, &f->data, &options), BP_ERROR_ARGUMENT,
                 "no_bias_decay is 2");
    options.size = 0;
    assert_fails(bp_uncertainty_create(&u, f->net, f->workspace, &f->data, &options), BP_ERROR_ARGUMENT,
                 "size");
    assert_null(u);
    u = uncertainty_of(f, 0);
    bp_uncertainty_summary summary = {0};
    assert_fails(bp_uncertainty_get_summary(u, &summary), BP_ERROR_ARGUMENT, "size");
    assert_fails(bp_uncertainty_get_summary(NULL, &summary), BP_ERROR_ARGUMENT, "uncertainty");
    assert_fails(bp_uncertainty_identified(u, NULL), BP_ERROR_ARGUMENT, "identified");
    assert_fails(bp_uncertainty_identified(NULL, identified), BP_ERROR_ARGUMENT, "uncertainty");
    assert_fails(bp_uncertainty_standard_errors(u, NULL), BP_ERROR_ARGUMENT, "errors");
    assert_fails(bp_uncertainty_standard_errors(NULL, errors), BP_ERROR_ARGUMENT, "uncertainty");
    assert_fails(bp_uncertainty_covariance(u, NULL), BP_ERROR_ARGUMENT, "covariance");
    assert_fails(bp_uncertainty_covariance(NULL, errors), BP_ERROR_ARGUMENT, "uncertainty");
    assert_fails(bp_uncertainty_intervals(u, f->workspace, &f->data, BP_INTERVAL_OF_MEAN, 1, low, high),
                 BP_ERROR_ARGUMENT, "level is 1");
    assert_fails(
        bp_uncertainty_intervals(u, f->workspace, &f->data, BP_INTERVAL_OF_MEAN, (double)NAN, low, high),
        BP_ERROR_ARGUMENT, "level is nan");
    assert_fails(bp_uncertainty_intervals(u, f->workspace, &f->data, (bp_interval_kind)7, 0.9, low, high),
                 BP_ERROR_ARGUMENT, "kind is 7");
    assert_fails(bp_uncertainty_intervals(u, f->workspace, &f->data, BP_INTERVAL_OF_MEAN, 0.9, NULL, high),
                 BP_ERROR_ARGUMENT, "low");
    assert_ok(bp_network_set_weights(f->net, weights, RAT_WEIGHTS));
    assert_fails(bp_uncertainty_intervals(u, f->workspace, &f->data, BP_INTERVAL_OF_MEAN, 0.9, low, high),
                 BP_ERROR_STATE, "weights have changed");
    bp_uncertainty_destroy(u);
    bp_uncertainty_destroy(NULL);
    rat_end(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rat42),        cmocka_unit_test(test_scaling),
        cmocka_unit_test(test_case_weights), cmocka_unit_test(test_all_frozen),
        cmocka_unit_test(test_wrong_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
