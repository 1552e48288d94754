/* Training on targets of which some are not there: against the same cases without them, in every way that
 * weights are updated. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/stream_example.h"

enum { CASES = 60, INPUTS = 3, OUTPUTS = 2, KEPT = CASES - CASES / 4 };

/* Every fourth case has no target; `kept` are the others. `holes`: also single targets are missing. */
typedef struct sparse {
    bp_real inputs[CASES * INPUTS], targets[CASES * OUTPUTS], holes[CASES * OUTPUTS];
    bp_real kept_inputs[KEPT * INPUTS], kept_targets[KEPT * OUTPUTS];
} sparse;

static sparse *make_sparse(void)
{
    sparse *s = calloc(1, sizeof *s);
    uint64_t stream = 5;
    size_t next = 0;
    assert_non_null(s);
    for (size_t row = 0; row < CASES; row++) {
        bp_real *inputs = s->inputs + row * INPUTS, *targets = s->targets + row * OUTPUTS;
        for (size_t i = 0; i < INPUTS; i++)
            inputs[i] = (bp_real)test_uniform(&stream, -1, 1);
        targets[0] = (bp_real)(0.5 + 0.4 * sin(3 * (double)inputs[0]));
        targets[1] = inputs[1] * inputs[2];
        memcpy(s->holes + row * OUTPUTS, targets, OUTPUTS * sizeof *targets);
        if (row % 4 == 2) {
            targets[0] = targets[1] = NAN;
            s->holes[row * OUTPUTS] = s->holes[row * OUTPUTS + 1] = NAN;
            continue;
        }
        if (row % 7 == 3)
            s->holes[row * OUTPUTS + row % 2] = NAN;
        memcpy(s->kept_inputs + next * INPUTS, inputs, INPUTS * sizeof *inputs);
        memcpy(s->kept_targets + next++ * OUTPUTS, targets, OUTPUTS * sizeof *targets);
    }
    assert_int_equal(next, KEPT);
    return s;
}

static bp_data all_of(const sparse *s)
{
    bp_data data = bp_data_view(CASES, s->inputs, INPUTS, s->targets, OUTPUTS);
    data.missing_targets = 1;
    return data;
}

static bp_data kept_of(const sparse *s)
{
    bp_data data = bp_data_view(KEPT, s->kept_inputs, INPUTS, s->kept_targets, OUTPUTS);
    data.missing_targets = 1; /* the same paths */
    return data;
}

static bp_data holes_of(const sparse *s)
{
    bp_data data = bp_data_view(CASES, s->inputs, INPUTS, s->holes, OUTPUTS);
    data.missing_targets = 1;
    return data;
}

static bp_network *net_of(size_t hidden)
{
    const size_t units[] = {INPUTS, hidden, OUTPUTS};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    assert_ok(bp_network_initialize(net, 2));
    return net;
}

static bp_trainer_options plain_options(const bp_stop_rule *rule)
{
    bp_trainer_options options = options_with(rule, 1);
    options.optimizer = bp_optimizer_momentum(0.02, 0);
    options.weight_decay = 0;
    options.scale_data = 0;
    options.shuffle = 0;
    return options;
}

/* Without momentum and decay, a case without targets updates nothing. */
static void test_single_cases_have_the_same_bits(void **state)
{
    (void)state;
    sparse *s = make_sparse();
    const bp_data data = all_of(s), kept = kept_of(s);
    const bp_stop_rule rule = bp_stop_epochs(5);
    for (size_t i = 0; i < 6; i++) {
        bp_network *a = net_of(i % 2 ? 4 : 100), *b = NULL;
        bp_trainer_options options = plain_options(&rule);
        options.batch_size = 1;
        options.threads = 1 + i / 2;
        assert_ok(bp_network_copy(&b, a));
        pair of_all = make_pair(a, &options), of_kept = make_pair(b, &options);
        bp_result all_result = empty_result(), kept_result = empty_result();
        assert_ok(bp_trainer_run(of_all.trainer, &data, NULL, &all_result));
        assert_ok(bp_trainer_run(of_kept.trainer, &kept, NULL, &kept_result));
        assert_same_weights(a, b);
        assert_true(all_result.error == kept_result.error);
        assert_true(all_result.mean_error == kept_result.error / CASES);
        end_pair(&of_all);
        end_pair(&of_kept);
    }
    free(s);
}

/* All cases in one batch, with the summed gradient, by several rules; fused with the gradient where that is
 * done. The rules for whole sets meet cases without a residual. */
static void test_whole_sets(void **state)
{
    (void)state;
    sparse *s = make_sparse();
    const bp_data data = all_of(s), kept = kept_of(s);
    const bp_stop_rule rule = bp_stop_epochs(4);
    const bp_optimizer rules[] = {bp_optimizer_momentum(0.002, 0.9),
                                  bp_optimizer_adam(0.01, 0.9, 0.999, 1e-8), bp_optimizer_irprop_plus(0.01),
                                  bp_optimizer_scg(), bp_optimizer_levenberg_marquardt()};
    for (size_t i = 0; i < 10; i++) {
        bp_network *a = net_of(i % 2 ? 4 : 60), *b = NULL;
        bp_trainer_options options = plain_options(&rule);
        options.optimizer = rules[i / 2];
        options.batch_size = 0;
        options.reduction = BP_REDUCE_SUM;
        options.loss = bp_loss_squared_error();
        assert_ok(bp_network_copy(&b, a));
        pair of_all = make_pair(a, &options), of_kept = make_pair(b, &options);
        bp_result all_result = empty_result(), kept_result = empty_result();
        assert_ok(bp_trainer_run(of_all.trainer, &data, NULL, &all_result));
        assert_ok(bp_trainer_run(of_kept.trainer, &kept, NULL, &kept_result));
        assert_close(all_result.error, kept_result.error, TOLERANCE(1e-3, 1e-9));
        end_pair(&of_all);
        end_pair(&of_kept);
    }
    free(s);
}

/* What the trainer chooses by itself works with the targets that are there; threads change no bit. */
static void test_untouched_options(void **state)
{
    (void)state;
    sparse *s = make_sparse();
    const bp_data data = holes_of(s);
    double first = 0;
    for (size_t threads = 1; threads <= 3; threads++) {
        bp_network *net = net_of(8);
        bp_trainer_options options;
        bp_trainer_options_init(&options, sizeof options);
        options.threads = threads;
        bp_trainer *trainer = make_trainer(net, &options);
        bp_result result = empty_result();
        assert_ok(bp_trainer_run(trainer, &data, &data, &result));
        assert_true(isfinite(result.error) && isfinite(result.validation_error));
        assert_true(result.mean_error < 0.1); /* scaled targets have a variance of 1 */
        assert_true(threads == 1 || result.error == first);
        first = result.error;
        bp_trainer_destroy(trainer);
        bp_network_destroy(net);
    }
    free(s);
}

/* Windows of a stream are what the cases in memory are, in the same order. */
static void test_streams(void **state)
{
    (void)state;
    sparse *s = make_sparse();
    const bp_data data = holes_of(s);
    const bp_stop_rule rule = bp_stop_epochs(4);
    for (size_t scales = 0; scales < 2; scales++) {
        bp_network *nets[2];
        double errors[2];
        for (size_t k = 0; k < 2; k++) {
            bp_trainer_options options = plain_options(&rule);
            bp_stream *stream = NULL;
            bp_result result = empty_result();
            nets[k] = net_of(5);
            options.batch_size = 10;
            options.stream_window = k == 0 ? 20 : 0;
            options.scale_data = scales == 1;
            options.loss = bp_loss_default();
            bp_trainer *trainer = make_trainer(nets[k], &options);
            assert_ok(bp_stream_create_from_data(&stream, &data, NULL));
            assert_ok(bp_trainer_run_stream(trainer, stream, stream, &result));
            assert_true(isfinite(result.validation_error));
            errors[k] = result.error;
            bp_stream_destroy(stream);
            bp_trainer_destroy(trainer);
        }
        if (scales == 0)
            assert_same_weights(nets[0], nets[1]);
        assert_close(errors[0], errors[1], scales ? 1e-3 : 0);
        bp_network_destroy(nets[0]);
        bp_network_destroy(nets[1]);
    }
    free(s);
}

/* A source of the caller's says that targets may be missing, or NaN is an error. */
static void test_sources(void **state)
{
    (void)state;
    sparse *s = make_sparse();
    bp_data data = holes_of(s);
    const bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options options = plain_options(&rule);
    bp_network *net = net_of(3);
    bp_trainer *trainer = make_trainer(net, &options);
    test_source source = {0};
    data.missing_targets = 0;
    bp_stream *stream = test_stream(&source, &data);
    assert_fails(
        bp_trainer_run_stream(trainer, stream, NULL, NULL), BP_ERROR_NOT_FINITE,
        "training.targets: case 2, column 0 is nan; if it is not there, missing_targets = 1 skips it");
    bp_stream_destroy(stream);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    free(s);
}

/* Weights of classes, and cases without a class. */
static void test_with_class_weights(void **state)
{
    (void)state;
    sparse *s = make_sparse();
    const size_t units[] = {INPUTS, 4, OUTPUTS};
    bp_real weights[CASES], one_hot[CASES * OUTPUTS];
    size_t seconds = 0;
    for (size_t row = 0; row < CASES; row++) {
        const bool has = row % 4 != 2, second = row % 5 == 0;
        one_hot[2 * row] = has ? (bp_real)!second : (bp_real)NAN;
        one_hot[2 * row + 1] = has ? (bp_real)second : (bp_real)NAN;
        seconds += has && second;
    }
    for (size_t row = 0; row < CASES; row++)
        weights[row] = (bp_real)(KEPT / (2 * (double)(row % 5 == 0 ? seconds : KEPT - seconds)));
    bp_data data = bp_data_view(CASES, s->inputs, INPUTS, one_hot, OUTPUTS), by_hand;
    data.missing_targets = 1;
    by_hand = data;
    by_hand.case_weights = weights;
    const bp_stop_rule rule = bp_stop_epochs(5);
    bp_network *nets[2] = {NULL, NULL};
    for (size_t k = 0; k < 2; k++) {
        bp_trainer_options options = plain_options(&rule);
        options.loss = bp_loss_default();
        options.balance_classes = k == 0;
        assert_ok(
            bp_network_create_layered(&nets[k], units, 3, bp_activation_tanh(), bp_activation_softmax()));
        assert_ok(bp_network_initialize(nets[k], 2));
        bp_trainer *trainer = make_trainer(nets[k], &options);
        assert_ok(bp_trainer_run(trainer, k == 0 ? &data : &by_hand, NULL, NULL));
        bp_trainer_destroy(trainer);
    }
    assert_same_weights(nets[0], nets[1]);
    bp_network_destroy(nets[0]);
    bp_network_destroy(nets[1]);
    free(s);
}

/* --------------------------------------------------------------- nothing to learn from */

#define NO_TARGET "training.targets: all of them are NaN; at least one case must have a target"
#define NO_COLUMN                                                                                            \
    "training.targets: column 1, of output layer 'output', is NaN in every case; at least one case must "    \
    "have "

static void lose_column(bp_real *targets, size_t width, size_t column)
{
    for (size_t row = 0; row < CASES; row++)
        targets[row * width + column] = NAN;
}

static void assert_training_refuses(const bp_data *data, const bp_data *validation, bp_activation output,
                                    const char *part)
{
    const size_t units[] = {INPUTS, 3, OUTPUTS};
    const bp_stop_rule rule = bp_stop_epochs(1);
    for (size_t window = 0; window < 3; window++) { /* 0: in memory; 1: one window; 2: several */
        bp_network *net = NULL;
        bp_stream *stream = NULL, *other = NULL;
        bp_trainer_options options = options_with(&rule, 1);
        options.scale_data = 1;
        options.batch_size = 10;
        options.stream_window = window == 2 ? 20 : 0;
        assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), output));
        assert_ok(bp_network_initialize(net, 2));
        bp_trainer *trainer = make_trainer(net, &options);
        assert_ok(bp_stream_create_from_data(&stream, data, NULL));
        if (validation != NULL)
            assert_ok(bp_stream_create_from_data(&other, validation, NULL));
        if (window == 0)
            assert_fails(bp_trainer_run(trainer, data, validation, NULL), BP_ERROR_ARGUMENT, part);
        else
            assert_fails(bp_trainer_run_stream(trainer, stream, other, NULL), BP_ERROR_ARGUMENT, part);
        bp_stream_destroy(stream);
        bp_stream_destroy(other);
        bp_trainer_destroy(trainer);
        bp_network_destroy(net);
    }
}

static void test_columns_without_targets(void **state)
{
    (void)state;
    sparse *s = make_sparse(), *full = make_sparse();
    bp_data data = holes_of(s);
    const bp_data good = holes_of(full);
    lose_column(s->holes, OUTPUTS, 1);
    assert_training_refuses(&data, NULL, bp_activation_linear(), NO_COLUMN);
    bp_network *net = net_of(3);
    bp_trainer *trainer = make_trainer(net, NULL);
    bp_rate_search search = {.size = sizeof search};
    assert_fails(bp_trainer_find_learning_rate(trainer, &data, &search), BP_ERROR_ARGUMENT,
                 "bp_trainer_find_learning_rate: " NO_COLUMN);
    assert_fails(bp_train_starts(net, NULL, &data, NULL, NULL, NULL, NULL, NULL), BP_ERROR_ARGUMENT,
                 NO_COLUMN);
    s->holes[CASES * OUTPUTS - 1] = 0.5; /* one is enough */
    assert_ok(bp_trainer_run(trainer, &data, NULL, NULL));
    s->holes[CASES * OUTPUTS - 1] = NAN;
    assert_ok(bp_trainer_run(trainer, &good, &data, NULL)); /* validation measures what is there */

    lose_column(s->holes, OUTPUTS, 0);
    assert_training_refuses(&data, NULL, bp_activation_linear(), NO_TARGET);
    assert_training_refuses(&data, NULL, bp_activation_softmax(), NO_TARGET);
    assert_training_refuses(&good, &data, bp_activation_linear(),
                            "validation.targets: all of them are NaN; at least one case must have a target");
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    free(full);
    free(s);
}

/* Two output layers: the columns of the softmax layer count with it. */
static void test_layers_without_targets(void **state)
{
    (void)state;
    sparse *s = make_sparse();
    bp_real targets[CASES * 3];
    bp_network *net = NULL;
    bp_layer *input, *number, *classes;
    for (size_t i = 0; i < CASES; i++) {
        targets[3 * i] = s->targets[i % 2];
        targets[3 * i + 1] = targets[3 * i + 2] = NAN;
    }
    bp_data data = bp_data_view(CASES, s->inputs, INPUTS, targets, 3);
    data.missing_targets = 1;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&input, net, NULL, INPUTS));
    assert_ok(bp_network_add_layer(&number, net, "number", 1, bp_activation_linear()));
    assert_ok(bp_network_add_layer(&classes, net, "classes", 2, bp_activation_softmax()));
    assert_ok(bp_network_connect(NULL, net, input, number));
    assert_ok(bp_network_connect(NULL, net, input, classes));
    assert_ok(bp_layer_set_output(number));
    assert_ok(bp_layer_set_output(classes));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, 1));
    bp_trainer *trainer = make_trainer(net, NULL);
    assert_fails(bp_trainer_run(trainer, &data, NULL, NULL), BP_ERROR_ARGUMENT,
                 "bp_trainer_run: training.targets: column 1, of output layer 'classes', is NaN in every");
    targets[1] = 1;
    targets[2] = 0;
    assert_ok(bp_trainer_run(trainer, &data, NULL, NULL));
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    free(s);
}

/* Steps without targets are what unrolled networks are for; a sequence without any is not. */
static void test_unrolled_networks_may_lack_steps(void **state)
{
    (void)state;
    enum { STEPS = 3, SERIES = CASES / STEPS };
    const size_t units[] = {INPUTS, 2, 1};
    sparse *s = make_sparse();
    bp_real targets[SERIES * STEPS];
    for (size_t i = 0; i < SERIES * STEPS; i++)
        targets[i] = i % STEPS == STEPS - 1 ? s->inputs[i] : (bp_real)NAN;
    bp_data data = bp_data_view(SERIES, s->inputs, INPUTS, targets, 1);
    data.steps = STEPS;
    data.missing_targets = 1;
    bp_network *net = NULL, *unrolled = NULL;
    bp_unroll_options options;
    bp_unroll_options_init(&options, sizeof options);
    options.steps = STEPS;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    assert_ok(bp_network_initialize(net, 1));
    assert_ok(bp_network_unroll(&unrolled, net, &options));
    bp_trainer *trainer = make_trainer(unrolled, NULL);
    assert_ok(bp_trainer_run(trainer, &data, NULL, NULL));
    for (size_t i = 0; i < SERIES * STEPS; i++)
        targets[i] = NAN;
    assert_fails(bp_trainer_run(trainer, &data, NULL, NULL), BP_ERROR_ARGUMENT, NO_TARGET);
    bp_trainer_destroy(trainer);
    bp_network_destroy(unrolled);
    bp_network_destroy(net);
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single_cases_have_the_same_bits),
        cmocka_unit_test(test_whole_sets),
        cmocka_unit_test(test_untouched_options),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_sources),
        cmocka_unit_test(test_with_class_weights),
        cmocka_unit_test(test_columns_without_targets),
        cmocka_unit_test(test_layers_without_targets),
        cmocka_unit_test(test_unrolled_networks_may_lack_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
