/* What an epoch tells beside its errors: how far and where the weights went, and saturated units. */
#include "train/train_example.h"

#include <math.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The weights and their change as the test sees them. */
typedef struct watcher {
    const bp_network *net;
    double weights[EXAMPLE_WEIGHTS], change[EXAMPLE_WEIGHTS];
    size_t epochs;
    bool has_change;
} watcher;

static void look(watcher *w)
{
    const bp_real *weights = bp_network_weights(w->net, NULL);
    for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++)
        w->weights[i] = (double)weights[i];
}

static double product(const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++)
        sum += a[i] * b[i];
    return sum;
}

static int compare_change(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    watcher *w = context;
    double before[EXAMPLE_WEIGHTS], old[EXAMPLE_WEIGHTS];
    memcpy(before, w->weights, sizeof before);
    memcpy(old, w->change, sizeof old);
    look(w);
    for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++)
        w->change[i] = w->weights[i] - before[i];
    assert_close(progress->update_norm, sqrt(product(w->change, w->change)), TOLERANCE(1e-5, 1e-13));
    if (w->has_change) {
        double cosine = product(w->change, old) / sqrt(product(w->change, w->change) * product(old, old));
        assert_true(fabs(progress->update_cosine - cosine) <= TOLERANCE(1e-5, 1e-13));
        assert_true(fabs(progress->update_cosine) <= 1);
    } else {
        assert_true(isnan(progress->update_cosine));
    }
    w->has_change = true;
    w->epochs++;
    assert_int_equal(progress->layer_count, 3);
    return 0;
}

static void follow_change(size_t batch_size, bool has_hook_rule)
{
    const bp_stop_rule rules[] = {bp_stop_epochs(12), bp_stop_updates(5)};
    bp_trainer_options options = options_with(has_hook_rule ? rules + 1 : rules, 1);
    watcher w = {.net = example_network(4)};
    look(&w);
    options.batch_size = batch_size;
    options.weight_decay = 0.01;
    options.on_epoch = compare_change;
    options.on_epoch_context = &w;
    pair both = make_pair((bp_network *)w.net, &options);
    bp_data data = example_training(), validation = example_validation();
    for (int run = 0; run < 6; run++) /* some end within an epoch */
        assert_ok(bp_trainer_run(both.trainer, &data, &validation, NULL));
    assert_true(w.epochs >= 2);
    end_pair(&both);
}

/* Whichever way the weights are updated: one by one, in batches, all at once. */
static void test_change_of_the_weights(void **state)
{
    (void)state;
    const size_t sizes[] = {0, 1, 4, 5};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        follow_change(sizes[i], false);
        follow_change(sizes[i], true);
    }
}

/* A search for a rate in the middle of an epoch does not count. */
static void test_a_search_between_runs(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_updates(3);
    bp_trainer_options options = options_with(&rule, 1);
    watcher w = {.net = example_network(4)};
    look(&w);
    options.batch_size = 4;
    options.on_epoch = compare_change;
    options.on_epoch_context = &w;
    pair both = make_pair((bp_network *)w.net, &options);
    bp_data data = example_training();
    bp_rate_search found;
    bp_rate_search_init(&found, sizeof found);
    for (int run = 0; run < 5; run++) {
        assert_ok(bp_trainer_run(both.trainer, &data, NULL, NULL));
        assert_ok(bp_trainer_find_learning_rate(both.trainer, &data, &found));
    }
    assert_int_equal(w.epochs, 3);
    assert_ok(bp_trainer_reset(both.trainer));
    w.has_change = false; /* the first epoch again */
    look(&w);
    assert_ok(bp_trainer_run(both.trainer, &data, NULL, NULL));
    assert_ok(bp_trainer_run(both.trainer, &data, NULL, NULL));
    assert_int_equal(w.epochs, 4);
    end_pair(&both);
}

static int expect_no_change(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context;
    (void)trainer;
    assert_true(progress->update_norm == 0);
    assert_true(isnan(progress->update_cosine));
    return 0;
}

/* Where all targets are met, the gradient is 0: nothing changes, and nothing has a direction. */
static void test_no_change(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(4);
    bp_trainer_options options = options_with(&rule, 1);
    options.on_epoch = expect_no_change;
    pair both = make_pair(numbered_network(), &options);
    const bp_real zeros[NUMBERED_CASES] = {0};
    bp_data data = numbered_data();
    data.targets = zeros;
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    end_pair(&both);
}

/* ------------------------------------------------------------------------- saturation */

enum { MANY = 1000 };

/* 1 input of 0, 0.001 ... 0.999; 4 tanh units, 3 logistic units, 2 linear outputs. */
static bp_network *saturated_network(void)
{
    bp_network *net = NULL;
    bp_layer *layers[4];
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&layers[0], net, "in", 1));
    assert_ok(bp_network_add_layer(&layers[1], net, "t", 4, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&layers[2], net, "s", 3, bp_activation_logistic()));
    assert_ok(bp_network_add_layer(&layers[3], net, "out", 2, bp_activation_logistic()));
    for (int i = 0; i < 3; i++)
        assert_ok(bp_network_connect(NULL, net, layers[i], layers[i + 1]));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, 3));
    /* Unit 0 is at its end from an input of about 0.23 on, unit 1 never, unit 2 always, unit 3 likewise. */
    const bp_real first[] = {10, (bp_real)0.5, 0, 0}, biases[] = {0, 0, 9, -9};
    assert_ok(bp_connection_set_weights(bp_network_connection(net, 0), first, 4));
    assert_ok(bp_layer_set_biases(layers[1], biases, 4));
    return net;
}

static bp_data many_cases(void)
{
    static bp_real inputs[MANY], targets[2 * MANY];
    for (size_t i = 0; i < MANY; i++)
        inputs[i] = (bp_real)i / MANY;
    return bp_data_view(MANY, inputs, 1, targets, 2);
}

/* The shares of the sample of `step`-th cases, from the outputs of each layer. */
static void count_saturated(const bp_network *net, const bp_data *data, size_t cases, double *shares)
{
    const double low[] = {0, -0.98, 0.01}, high[] = {0, 0.98, 0.99};
    bp_workspace *workspace = NULL;
    assert_ok(bp_workspace_create(&workspace, net, 1));
    bp_real outputs[2];
    shares[1] = shares[2] = 0;
    for (size_t c = 0; c < cases; c++) {
        bp_data one = bp_data_view(1, data->inputs + c * (data->cases / cases), 1, NULL, 2);
        assert_ok(bp_network_predict(net, workspace, &one, outputs));
        for (size_t i = 1; i <= 2; i++) {
            bp_real y[4];
            size_t units = bp_layer_units(bp_network_layer(net, i));
            assert_ok(bp_workspace_layer_outputs(workspace, bp_network_layer(net, i), y, units));
            for (size_t j = 0; j < units; j++)
                shares[i] += (double)y[j] <= low[i] || (double)y[j] >= high[i];
        }
    }
    shares[1] /= (double)cases * 4;
    shares[2] /= (double)cases * 3;
    bp_workspace_destroy(workspace);
}

typedef struct sampler {
    const bp_network *net;
    bp_data data;
    size_t cases;     /* of a sample */
    bool sampled[64]; /* by epoch, from 1 */
} sampler;

static int compare_saturated(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    sampler *s = context;
    s->sampled[progress->epoch] = progress->saturated != NULL;
    if (progress->saturated == NULL)
        return 0;
    double shares[3];
    count_saturated(s->net, &s->data, s->cases, shares);
    assert_true(isnan(progress->saturated[0]) && isnan(progress->saturated[3]));
    assert_close(progress->saturated[1], shares[1], 0.002); /* one unit of one case may be at the border */
    assert_close(progress->saturated[2], shares[2], 0.002);
    assert_true(shares[1] > 0.4 && shares[1] < 0.8);
    return 0;
}

static void sample(size_t cases, size_t batch_size, size_t sample_cases, size_t distance)
{
    bp_stop_rule rule = bp_stop_epochs(50);
    bp_trainer_options options = options_with(&rule, 1);
    sampler s = {.net = saturated_network(), .data = many_cases(), .cases = sample_cases};
    s.data.cases = cases;
    options.optimizer = bp_optimizer_momentum(1e-4, 0.5);
    options.reduction = BP_REDUCE_MEAN;
    options.batch_size = batch_size;
    options.on_epoch = compare_saturated;
    options.on_epoch_context = &s;
    pair both = make_pair((bp_network *)s.net, &options);
    train_until(both.trainer, &s.data, NULL, BP_STOP_EPOCHS);
    for (size_t epoch = 1; epoch <= 50; epoch++)
        assert_int_equal(s.sampled[epoch], (epoch - 1) % distance == 0);
    end_pair(&both);
}

/* A sample is due when 40 times as many cases have been trained: 256 of 1000 cases every 11 epochs. */
static void test_saturated_units(void **state)
{
    (void)state;
    sample(MANY, 32, 256, 11);
    sample(MANY, 1, 256, 11);
    sample(300, 32, 256, 35);
    sample(10, 0, 10, 40);
    sample(1, 1, 1, 40);
}

static int expect_no_sample(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context;
    (void)trainer;
    assert_null(progress->saturated);
    return 0;
}

static void test_nothing_that_saturates(void **state)
{
    (void)state;
    const size_t units[] = {EXAMPLE_INPUTS, 4, EXAMPLE_OUTPUTS};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_relu(), bp_activation_logistic()));
    assert_ok(bp_network_initialize(net, 1));
    bp_stop_rule rule = bp_stop_epochs(3);
    bp_trainer_options options = options_with(&rule, 1);
    options.on_epoch = expect_no_sample;
    pair both = make_pair(net, &options);
    bp_data data = example_training();
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    end_pair(&both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_change_of_the_weights),
        cmocka_unit_test(test_a_search_between_runs),
        cmocka_unit_test(test_no_change),
        cmocka_unit_test(test_saturated_units),
        cmocka_unit_test(test_nothing_that_saturates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
