/* The weight decay that a trainer chooses: when, how strong, and that each update follows it. */
#include <math.h>
#include <string.h>

#include "kernel/activation_rows.h"
#include "train/raw_example.h"
#include "train/starts_example.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { CASES = 200, INPUTS = 3, WEIGHTS = INPUTS + 1 };

/* `cases` cases of 3 inputs and a target that is linear in them, with noise. */
static bp_data linear_data(size_t cases)
{
    static bp_real inputs[CASES * INPUTS], targets[CASES];
    uint64_t seed = 6;
    for (size_t i = 0; i < CASES; i++) {
        for (size_t j = 0; j < INPUTS; j++)
            inputs[i * INPUTS + j] = (bp_real)test_uniform(&seed, -1, 1);
        targets[i] =
            (bp_real)(inputs[i * INPUTS] - inputs[i * INPUTS + 1] + (bp_real)test_uniform(&seed, -0.5, 0.5));
    }
    assert_true(cases <= CASES);
    return bp_data_view(cases, inputs, INPUTS, targets, 1);
}

/* The noise of the targets, but at least 0.01, times their variance, but at most 1; for few cases that are
 * not scaled. Noise is what nearest neighbours do not explain: half the mean square of the difference of
 * their targets, over the variance. */
static double noise_of(const bp_data *data)
{
    const size_t stride = data->input_stride == 0 ? data->input_width : data->input_stride;
    double differences = 0, sum = 0, squares = 0;
    for (size_t i = 0; i < data->cases; i++) {
        double least = INFINITY, difference = 0, target = (double)data->targets[i];
        for (size_t other = 0; other < data->cases; other++) {
            double distance = 0;
            for (size_t j = 0; j < data->input_width; j++) {
                double step = (double)data->inputs[i * stride + j] - (double)data->inputs[other * stride + j];
                distance += step * step;
            }
            if (other != i && distance < least) {
                least = distance;
                difference = target - (double)data->targets[other];
            }
        }
        differences += difference * difference;
        sum += target;
        squares += target * target;
    }
    const double count = (double)data->cases, mean = sum / count, variance = squares / count - mean * mean;
    return fmax(fmin(1, differences / 2 / count / variance), 0.01) * fmin(variance, 1);
}

/* Of networks without logistic hidden units. */
static double wanted_strength(const bp_data *data)
{
    return data->cases < 50 ? 0 : 6 * noise_of(data) / (double)data->cases;
}

/* Without hidden units: INPUTS weights and a bias, all of them set. */
static bp_network *linear_network(void)
{
    const bp_real weights[WEIGHTS] = {1, (bp_real)-0.5, 2, (bp_real)0.25};
    bp_network *net = NULL;
    const size_t units[] = {INPUTS, 1};
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_linear(), bp_activation_linear()));
    assert_ok(bp_network_set_weights(net, weights, WEIGHTS));
    return net;
}

static bp_network *hidden_network(bp_activation hidden, bp_activation output)
{
    bp_network *net = NULL;
    const size_t units[] = {INPUTS, 4, 1};
    assert_ok(bp_network_create_layered(&net, units, 3, hidden, output));
    assert_ok(bp_network_initialize(net, 3));
    return net;
}

/* The defaults with a rate of the caller's, and unscaled data. */
static bp_trainer_options options_for(const bp_stop_rule *rule)
{
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.05, 0.5);
    options.scale_data = 0;
    options.stop_rules = rule;
    options.stop_rule_count = 1;
    return options;
}

/* -------------------------------------------------------------------------- the choice */

/* Trains for an epoch: the strength by the finding; 0 if there is none. */
static double strength(bp_network *net, const bp_trainer_options *options, const bp_data *data)
{
    const bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options defaults = options_for(&rule);
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
        const bp_data data = linear_data(cases[i]);
        const double wanted = wanted_strength(&data);
        assert_close(strength(linear_network(), NULL, &data), wanted, 1e-12);
        assert_close(strength(hidden_network(bp_activation_tanh(), bp_activation_linear()), NULL, &data),
                     wanted, 1e-12);
    }
}

static void test_logistic_hidden_units_have_a_quarter(void **state)
{
    (void)state;
    const bp_data data = linear_data(100);
    const bp_activation logistic = bp_activation_logistic(), relu = bp_activation_relu();
    const double wanted = wanted_strength(&data);
    assert_close(strength(hidden_network(logistic, bp_activation_linear()), NULL, &data), 0.25 * wanted,
                 1e-12);
    assert_close(strength(hidden_network(relu, bp_activation_linear()), NULL, &data), wanted, 1e-12);
    assert_close(strength(hidden_network(relu, logistic), NULL, &data), wanted, 1e-12); /* not hidden */
}

static double share(bp_activation hidden, const bp_data *data)
{
    return strength(hidden_network(hidden, bp_activation_linear()), NULL, data) / wanted_strength(data);
}

/* Units that are a logistic function of a multiple of x, or a multiple of a tanh function, and a few more. */
static void test_the_share_follows_range_and_slope(void **state)
{
    (void)state;
    const bp_data data = linear_data(100);
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
    const bp_data data = linear_data(100);
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
    const bp_data data = linear_data(100);
    bp_network *net = NULL;
    bp_layer *layers[4];
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&layers[0], net, NULL, INPUTS));
    assert_ok(bp_network_add_layer(&layers[1], net, NULL, 3, bp_activation_steep_logistic(0.5)));
    assert_ok(bp_network_add_layer(&layers[2], net, NULL, 3, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&layers[3], net, NULL, 1, bp_activation_linear()));
    for (size_t i = 1; i < COUNT(layers); i++)
        assert_ok(bp_network_connect(NULL, net, layers[i - 1], layers[i]));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, 3));
    assert_close(strength(net, NULL, &data), 0.125 * wanted_strength(&data), 1e-12);
}

static void test_a_strength_of_the_callers(void **state)
{
    (void)state;
    const bp_data data = linear_data(100);
    const bp_stop_rule rule = bp_stop_epochs(1);
    const double decays[] = {0, 0.001, 0.5};
    for (size_t i = 0; i < COUNT(decays); i++) {
        bp_trainer_options options = options_for(&rule);
        options.weight_decay = decays[i];
        assert_true(strength(linear_network(), &options, &data) == 0);
    }
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.001, 0.9);
    assert_true(strength(linear_network(), &options, &data) == 0);
}

/* Half of the error, half of the decay: case weights below 1. */
static void test_case_weights_scale_it(void **state)
{
    (void)state;
    bp_real weights[100];
    bp_data data = linear_data(100);
    for (size_t i = 0; i < 100; i++)
        weights[i] = (bp_real)(i % 2 == 0 ? 0.25 : 0.75);
    const double whole = strength(linear_network(), NULL, &data);
    data.case_weights = weights;
    assert_close(strength(linear_network(), NULL, &data), whole / 2, 1e-12);
}

static bp_status only_listen(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    (void)context, (void)batch, (void)reply;
    return BP_OK;
}

static void test_none_with_a_hook(void **state)
{
    (void)state;
    const bp_data data = linear_data(100);
    const bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options options = options_for(&rule);
    options.on_gradient = only_listen;
    assert_true(strength(linear_network(), &options, &data) == 0);
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
    bp_trainer_options options = options_for(&rule);
    pair both = make_pair(linear_network(), &options);
    const bp_data data = linear_data(100), more = linear_data(200);
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
    bp_trainer_options options = options_for(&rule);
    options.optimizer = bp_optimizer_momentum(BP_RATE_AUTO, 0.9);
    const bp_activation own = bp_activation_custom("own", copy_inputs, slope, &patient);
    pair both = make_pair(hidden_network(own, bp_activation_linear()), &options);
    const bp_data data = linear_data(100);
    bp_finding found;
    assert_int_equal(bp_trainer_run(both.trainer, &data, NULL, NULL), BP_ERROR_NOT_FINITE);
    patient.is_sick = false;
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_true(find_finding(both.trainer, BP_FINDING_LEARNING_RATE, &found));
    assert_true(find_finding(both.trainer, BP_FINDING_WEIGHT_DECAY, &found));
    end_pair(&both);
}

/* -------------------------------------------------------------------------- the updates */

/* Eq. 9 with decay for the linear network, in plain double loops. */
typedef struct plan {
    size_t cases, batch_size, epochs;
    bool sum;
    double rates[2], momenta[2]; /* of the first 3 epochs, and of the others */
} plan;
enum { SWITCH = 3 };

static void follow(const plan *how, const bp_data *data, double *weights)
{
    const double strength_of_all = wanted_strength(data);
    double change[WEIGHTS] = {0};
    for (size_t epoch = 0; epoch < how->epochs; epoch++)
        for (size_t first = 0; first < how->cases; first += how->batch_size) {
            const double rate = how->rates[epoch >= SWITCH], momentum = how->momenta[epoch >= SWITCH];
            const size_t left = how->cases - first, count = left < how->batch_size ? left : how->batch_size;
            double gradient[WEIGHTS] = {0};
            for (size_t i = first; i < first + count; i++) {
                const bp_real *x = data->inputs + i * INPUTS;
                double y = weights[INPUTS];
                for (size_t j = 0; j < INPUTS; j++)
                    y += weights[j] * (double)x[j];
                for (size_t j = 0; j < WEIGHTS; j++)
                    gradient[j] += (y - (double)data->targets[i]) * (j < INPUTS ? (double)x[j] : 1);
            }
            const double step = rate / (1 - momentum) * (how->sum ? (double)how->batch_size : 1);
            const double decay = fmin(0.1, step * strength_of_all);
            for (size_t j = 0; j < WEIGHTS; j++) {
                change[j] = -rate * gradient[j] / (how->sum ? 1 : (double)count) + momentum * change[j];
                weights[j] = (weights[j] + change[j]) * (1 - decay);
            }
        }
}

static bp_network *train(const plan *how, const bp_data *data)
{
    const bp_stop_rule rule = bp_stop_epochs(how->epochs);
    bp_trainer_options options = options_for(&rule);
    options.optimizer = bp_optimizer_momentum(how->rates[0], how->momenta[0]);
    options.learning_rate_schedule = bp_schedule_switch(how->rates[0], SWITCH, how->rates[1]);
    options.momentum_schedule = bp_schedule_switch(how->momenta[0], SWITCH, how->momenta[1]);
    options.reduction = how->sum ? BP_REDUCE_SUM : BP_REDUCE_MEAN;
    options.batch_size = how->batch_size;
    options.shuffle = 0;
    pair both = make_pair(linear_network(), &options);
    train_until(both.trainer, data, NULL, BP_STOP_EPOCHS);
    bp_trainer_destroy(both.trainer);
    return both.net;
}

static void assert_near(const bp_network *net, const double *wanted)
{
    const bp_real *weights = bp_network_weights(net, NULL);
    for (size_t i = 0; i < WEIGHTS; i++)
        assert_true(fabs((double)weights[i] - wanted[i]) < TOLERANCE(2e-5, 1e-12));
}

static void follow_from_start(const plan *how, const bp_data *data, double *weights)
{
    bp_network *net = linear_network();
    for (size_t i = 0; i < WEIGHTS; i++)
        weights[i] = (double)bp_network_weights(net, NULL)[i];
    bp_network_destroy(net);
    follow(how, data, weights);
}

/* Online, small batches with a smaller last one, all cases; sum and mean; schedules of rate and momentum. */
static void test_updates_follow_rate_and_momentum(void **state)
{
    (void)state;
    const plan plans[] = {
        {60, 60, 6, false, {0.3, 0.1}, {0.5, 0.9}},   {60, 16, 6, false, {0.1, 0.2}, {0.9, 0}},
        {60, 1, 6, false, {0.02, 0.01}, {0, 0.5}},    {60, 60, 6, true, {0.004, 0.001}, {0, 0.9}},
        {60, 16, 6, true, {0.002, 0.004}, {0.5, 0}},  {60, 1, 6, true, {0.02, 0.01}, {0, 0.5}},
        {200, 32, 5, false, {0.05, 0.1}, {0.5, 0.5}},
    };
    for (size_t i = 0; i < COUNT(plans); i++) {
        const bp_data data = linear_data(plans[i].cases);
        bp_network *net = train(&plans[i], &data);
        double wanted[WEIGHTS];
        follow_from_start(&plans[i], &data, wanted);
        assert_near(net, wanted);
        bp_network_destroy(net);
    }
}

/* The rate of a sum over 20 cases is 20 times smaller, and means the same decay. */
static void test_sum_and_mean_agree(void **state)
{
    (void)state;
    const plan mean = {60, 20, 6, false, {0.2, 0.1}, {0.5, 0.9}},
               sum = {60, 20, 6, true, {0.01, 0.005}, {0.5, 0.9}};
    const bp_data data = linear_data(60);
    bp_network *a = train(&mean, &data), *b = train(&sum, &data);
    double weights[WEIGHTS];
    for (size_t i = 0; i < WEIGHTS; i++)
        weights[i] = (double)bp_network_weights(b, NULL)[i];
    assert_near(a, weights);
    bp_network_destroy(a);
    bp_network_destroy(b);
}

/* Where outputs are the targets the derivatives are 0, and only decay changes the weights. */
static double shrunk_by(double rate)
{
    enum { SAME = 50 };
    static const double weights[] = {1, -0.5, 2};
    bp_real inputs[SAME * INPUTS], targets[SAME];
    for (size_t i = 0; i < SAME; i++) {
        const size_t size = 1 + i % 2; /* three values: no truth table */
        for (size_t j = 0; j < INPUTS; j++)
            inputs[i * INPUTS + j] = (bp_real)(j == i % INPUTS ? size : 0);
        targets[i] = (bp_real)((double)size * weights[i % INPUTS] + 0.25);
    }
    const bp_data data = bp_data_view(SAME, inputs, INPUTS, targets, 1);
    const plan how = {SAME, SAME, 1, false, {rate, rate}, {0, 0}};
    bp_network *net = train(&how, &data), *fresh = linear_network();
    const double factor =
        (double)bp_network_weights(net, NULL)[0] / (double)bp_network_weights(fresh, NULL)[0];
    for (size_t i = 0; i < WEIGHTS; i++)
        assert_close(bp_network_weights(net, NULL)[i], factor * (double)bp_network_weights(fresh, NULL)[i],
                     TOLERANCE(1e-6, 1e-14));
    bp_network_destroy(net);
    bp_network_destroy(fresh);
    return 1 - factor;
}

static void test_no_update_shrinks_a_weight_by_more_than_a_tenth(void **state)
{
    (void)state;
    const double weak = shrunk_by(1);
    assert_true(weak > 0 && weak < 0.05);
    assert_close(shrunk_by(2), 2 * weak, TOLERANCE(1e-4, 1e-12));
    assert_close(shrunk_by(1000), 0.1, TOLERANCE(1e-5, 1e-12));
}

/* Every one of several starts has it, too. */
static void test_several_starts(void **state)
{
    (void)state;
    const bp_data data = linear_data(100);
    const bp_stop_rule rule = bp_stop_epochs(5);
    bp_trainer_options options = options_for(&rule);
    const bp_starts_options starts = starts_with(3, 2, 4);
    outcome found;
    train_from_starts(&found, hidden_network(bp_activation_tanh(), bp_activation_linear()), &options, &data,
                      NULL, &starts);
    for (size_t i = 0; i < found.count; i++) {
        bp_network *net = hidden_network(bp_activation_tanh(), bp_activation_linear());
        assert_ok(bp_network_initialize(net, found.results[i].seed));
        options.seed = found.results[i].seed;
        pair both = make_pair(net, &options);
        bp_finding note;
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_true(find_finding(both.trainer, BP_FINDING_WEIGHT_DECAY, &note));
        assert_same_weights(net, found.networks[i]);
        end_pair(&both);
    }
    end_outcome(&found);
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
        cmocka_unit_test(test_updates_follow_rate_and_momentum),
        cmocka_unit_test(test_sum_and_mean_agree),
        cmocka_unit_test(test_no_update_shrinks_a_weight_by_more_than_a_tenth),
        cmocka_unit_test(test_several_starts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
