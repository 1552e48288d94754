/* The weight decay that a trainer chooses: when, and how strong. */
#include <math.h>
#include <string.h>

#include "kernel/activation_rows.h"
#include "train/decay_example.h"
#include "train/raw_example.h"

/* -------------------------------------------------------------------------- the choice */

/* Trains for an epoch: the strength by the finding; 0 if there is none. */
static double strength(bp_network *net, const bp_trainer_options *options, const bp_data *data)
{
    const bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options defaults = decay_options(&rule);
    if (options != NULL)
        defaults = *options;
    defaults.stop_rules = &rule;
    defaults.stop_rule_count = 1;
    pair both = make_pair(net, &defaults);
    train_until(both.trainer, data, NULL, BP_STOP_EPOCHS);
    bp_finding found;
    double value = 0;
    if (find_finding(both.trainer, BP_FINDING_WEIGHT_DECAY, &found)) {
        value = found.values[0];
        assert_true(found.values[1] == (double)data->cases);
        assert_int_equal(found.severity, BP_SEVERITY_NOTE);
    }
    end_pair(&both);
    return value;
}

static void test_it_goes_with_noise_and_number_of_cases(void **state)
{
    (void)state;
    const size_t cases[] = {1, 49, 50, 63, 200};
    for (size_t i = 0; i < COUNT(cases); i++) {
        const bp_data data = decay_data(cases[i]);
        const double wanted = wanted_decay(&data);
        assert_close(strength(decay_linear_network(), NULL, &data), wanted, 1e-12);
        assert_close(
            strength(decay_hidden_network(bp_activation_tanh(), bp_activation_linear()), NULL, &data), wanted,
            1e-12);
    }
}

static void test_logistic_hidden_units_have_a_quarter(void **state)
{
    (void)state;
    const bp_data data = decay_data(100);
    const bp_activation logistic = bp_activation_logistic(), relu = bp_activation_relu();
    const double wanted = wanted_decay(&data);
    assert_close(strength(decay_hidden_network(logistic, bp_activation_linear()), NULL, &data), 0.25 * wanted,
                 1e-12);
    assert_close(strength(decay_hidden_network(relu, bp_activation_linear()), NULL, &data), wanted, 1e-12);
    assert_close(strength(decay_hidden_network(relu, logistic), NULL, &data), wanted, 1e-12); /* not hidden */
}

static double share(bp_activation hidden, const bp_data *data)
{
    return strength(decay_hidden_network(hidden, bp_activation_linear()), NULL, data) / wanted_decay(data);
}

/* Units that are a logistic function of a multiple of x, or a multiple of a tanh function, and a few more. */
static void test_the_share_follows_range_and_slope(void **state)
{
    (void)state;
    const bp_data data = decay_data(100);
    const struct {
        bp_activation hidden;
        double share;
    } wanted[] = {
        {bp_activation_steep_logistic(1), 0.25},
        {bp_activation_steep_logistic(0.5), 0.125},
        {bp_activation_steep_logistic(4), 0.5},
        {bp_activation_steep_tanh(1), 1},
        {bp_activation_steep_tanh(0.5), 0.5},
        {bp_activation_steep_tanh(2), 1},
        {bp_activation_softsign(0.5), 0.5},
        {bp_activation_softsign_01(1), 0.5},
        {bp_activation_softsign_01(0.5), 0.25},
        {bp_activation_piecewise_linear_01(0.25), 0.25},
        {bp_activation_piecewise_linear(1), 1},
        {bp_activation_sine_01(1), 0.5},
        {bp_activation_gaussian(1), 0.5},
        {bp_activation_scaled_linear(0.5), 0.5},
        {bp_activation_relu(), 1},
        {bp_activation_elu(0.1), 1},
        {bp_activation_selu(), 1},
        {bp_activation_softplus(), 1},
        {bp_activation_gelu(), 1},
        {bp_activation_silu(), 1},
        {bp_activation_linear(), 1},
        {bp_activation_softmax(), 1},
    };
    for (size_t i = 0; i < COUNT(wanted); i++)
        assert_close(share(wanted[i].hidden, &data), wanted[i].share, 1e-12);
}

/* Of outputs and slopes at many points: half the range or the steepest slope, whichever is less, at most 1.
 */
static double share_by_values(const bp_activation *hidden)
{
    enum { POINTS = 4000 };
    bp_activation_info info;
    bp_activation_info_init(&info, sizeof info);
    assert_ok(bp_activation_describe(hidden, &info));
    double least = isfinite(info.high) ? fmin((info.high - info.low) / 2, 1) : 1, steepest = 0;
    for (int i = -POINTS; i <= POINTS; i++) {
        const bp_real x = (bp_real)(0.005 * i);
        bp_real slope;
        assert_ok(bp_activation_evaluate(hidden, &x, NULL, &slope, 1));
        steepest = fmax(steepest, fabs((double)slope));
    }
    return fmin(least, steepest);
}

static void test_the_share_of_every_activation(void **state)
{
    (void)state;
    const bp_data data = decay_data(100);
    size_t count;
    const activation_row *rows = bpi_activation_rows(&count);
    for (size_t i = 0; i < count; i++)
        for (double steepness = 0.25; rows[i].slope != NULL && steepness <= 2; steepness *= 2) {
            bp_activation hidden = {.kind = rows[i].kind};
            for (size_t j = 0; j < ACTIVATION_PARAMETERS && rows[i].parameter[j].name != NULL; j++)
                hidden.parameter[j] = strcmp(rows[i].parameter[j].name, "steepness") == 0
                                          ? steepness
                                          : rows[i].parameter[j].usual;
            const double wanted = share_by_values(&hidden);
            assert_close(share(hidden, &data), wanted, 0.01);
        }
}

/* The layer whose weights must be largest decides. */
static void test_the_least_share_of_several_layers(void **state)
{
    (void)state;
    const bp_data data = decay_data(100);
    bp_network *net = NULL;
    bp_layer *layers[4];
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&layers[0], net, NULL, DECAY_INPUTS));
    assert_ok(bp_network_add_layer(&layers[1], net, NULL, 3, bp_activation_steep_logistic(0.5)));
    assert_ok(bp_network_add_layer(&layers[2], net, NULL, 3, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&layers[3], net, NULL, 1, bp_activation_linear()));
    for (size_t i = 1; i < COUNT(layers); i++)
        assert_ok(bp_network_connect(NULL, net, layers[i - 1], layers[i]));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, 3));
    assert_close(strength(net, NULL, &data), 0.125 * wanted_decay(&data), 1e-12);
}

static void test_a_strength_of_the_callers(void **state)
{
    (void)state;
    const bp_data data = decay_data(100);
    const bp_stop_rule rule = bp_stop_epochs(1);
    const double decays[] = {0, 0.001, 0.5};
    for (size_t i = 0; i < COUNT(decays); i++) {
        bp_trainer_options options = decay_options(&rule);
        options.weight_decay = decays[i];
        assert_true(strength(decay_linear_network(), &options, &data) == 0);
    }
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.001, 0.9);
    assert_true(strength(decay_linear_network(), &options, &data) == 0);
}

/* Half of the error, half of the decay: case weights below 1. */
static void test_case_weights_scale_it(void **state)
{
    (void)state;
    bp_real weights[100];
    bp_data data = decay_data(100);
    for (size_t i = 0; i < 100; i++)
        weights[i] = (bp_real)(i % 2 == 0 ? 0.25 : 0.75);
    const double whole = strength(decay_linear_network(), NULL, &data);
    data.case_weights = weights;
    assert_close(strength(decay_linear_network(), NULL, &data), whole / 2, 1e-12);
}

static bp_status only_listen(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    (void)context, (void)batch, (void)reply;
    return BP_OK;
}

static void test_none_with_a_hook(void **state)
{
    (void)state;
    const bp_data data = decay_data(100);
    const bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options options = decay_options(&rule);
    options.on_gradient = only_listen;
    assert_true(strength(decay_linear_network(), &options, &data) == 0);
}

/* All 64 combinations of 6 inputs that are low or high, in rows that lie farther apart. */
enum { BITS = 6, ROWS = 1 << BITS, STRIDE = BITS + 2 };
static bp_data truth_table(bp_real *inputs, double low, double high)
{
    static bp_real targets[ROWS];
    for (size_t row = 0; row < ROWS; row++) {
        for (size_t bit = 0; bit < BITS; bit++)
            inputs[row * STRIDE + bit] = (bp_real)((row >> bit & 1) ? high : low);
        inputs[row * STRIDE + BITS] = (bp_real)row; /* not part of it */
        targets[row] = (bp_real)(row % 3 == 0);
    }
    bp_data data = bp_data_view(ROWS, inputs, BITS, targets, 1);
    data.input_stride = STRIDE;
    return data;
}

static double strength_of_table(const bp_data *data)
{
    bp_network *net = NULL;
    const size_t units[] = {BITS, 4, 1};
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_logistic()));
    assert_ok(bp_network_initialize(net, 3));
    return strength(net, NULL, data);
}

static void test_none_for_a_truth_table(void **state)
{
    (void)state;
    bp_real inputs[ROWS * STRIDE];
    const double ends[][2] = {{0, 1}, {-1, 1}, {0.1, 0.9}, {1, 0}};
    for (size_t i = 0; i < COUNT(ends); i++) {
        const bp_data table = truth_table(inputs, ends[i][0], ends[i][1]);
        assert_true(strength_of_table(&table) == 0);
    }
    bp_data table = truth_table(inputs, 0, 1);
    table.cases--; /* a case is left out: it may be asked for later */
    assert_true(strength_of_table(&table) > 0);
    table = truth_table(inputs, 0, 1);
    inputs[40 * STRIDE + 2] = (bp_real)0.5; /* three values */
    assert_true(strength_of_table(&table) > 0);
}

/* The first run chooses; a reset makes the next one the first. */
static void test_later_runs_keep_it(void **state)
{
    (void)state;
    const bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options options = decay_options(&rule);
    pair both = make_pair(decay_linear_network(), &options);
    const bp_data data = decay_data(100), more = decay_data(200);
    bp_finding found;
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    train_until(both.trainer, &more, NULL, BP_STOP_EPOCHS);
    assert_true(find_finding(both.trainer, BP_FINDING_WEIGHT_DECAY, &found));
    assert_true(found.values[1] == 100);
    assert_ok(bp_trainer_reset(both.trainer));
    train_until(both.trainer, &more, NULL, BP_STOP_EPOCHS);
    assert_true(find_finding(both.trainer, BP_FINDING_WEIGHT_DECAY, &found));
    assert_true(found.values[1] == 200);
    end_pair(&both);
}

/* ------------------------------------------------------------- a first run that failed */

typedef struct sick {
    bool is_sick;
} sick;

static void copy_inputs(void *context, const bp_real *x, bp_real *y, size_t count)
{
    (void)context;
    memcpy(y, x, count * sizeof *y);
}

static void slope(void *context, const bp_real *x, const bp_real *y, bp_real *slopes, size_t count)
{
    (void)x, (void)y;
    const sick *patient = context;
    for (size_t i = 0; i < count; i++)
        slopes[i] = patient->is_sick ? (bp_real)NAN : 1;
}

/* The search for the rate fails, before the decay is chosen; the next run makes up for it. */
static void test_after_a_first_run_that_failed(void **state)
{
    (void)state;
    sick patient = {.is_sick = true};
    const bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options options = decay_options(&rule);
    options.optimizer = bp_optimizer_momentum(BP_RATE_AUTO, 0.9);
    const bp_activation own = bp_activation_custom("own", copy_inputs, slope, &patient);
    pair both = make_pair(decay_hidden_network(own, bp_activation_linear()), &options);
    const bp_data data = decay_data(100);
    bp_finding found;
    assert_int_equal(bp_trainer_run(both.trainer, &data, NULL, NULL), BP_ERROR_NOT_FINITE);
    patient.is_sick = false;
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_true(find_finding(both.trainer, BP_FINDING_LEARNING_RATE, &found));
    assert_true(find_finding(both.trainer, BP_FINDING_WEIGHT_DECAY, &found));
    end_pair(&both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_goes_with_noise_and_number_of_cases),
        cmocka_unit_test(test_logistic_hidden_units_have_a_quarter),
        cmocka_unit_test(test_the_share_follows_range_and_slope),
        cmocka_unit_test(test_the_share_of_every_activation),
        cmocka_unit_test(test_the_least_share_of_several_layers),
        cmocka_unit_test(test_a_strength_of_the_callers),
        cmocka_unit_test(test_case_weights_scale_it),
        cmocka_unit_test(test_none_with_a_hook),
        cmocka_unit_test(test_none_for_a_truth_table),
        cmocka_unit_test(test_later_runs_keep_it),
        cmocka_unit_test(test_after_a_first_run_that_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
