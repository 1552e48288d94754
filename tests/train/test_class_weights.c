/* Weights of classes: the same bits as case weights that the caller has multiplied himself. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/stream_example.h"

enum { CASES = 60, INPUTS = 3, CLASSES = 3 };

/* Cases of three classes, of which the last is rare, and of two. */
typedef struct classes {
    bp_real inputs[CASES * INPUTS], targets[CASES * CLASSES], binary[CASES], weights[CASES];
    bp_real by_class[CASES]; /* weights times those of the classes */
} classes;

static size_t class_at(size_t row)
{
    return row % 10 == 7 ? 2 : row % 3 == 1;
}

static classes *make_classes(void)
{
    classes *c = calloc(1, sizeof *c);
    uint64_t stream = 11;
    assert_non_null(c);
    for (size_t row = 0; row < CASES; row++) {
        const size_t class = class_at(row);
        for (size_t i = 0; i < INPUTS; i++)
            c->inputs[row * INPUTS + i] = (bp_real)(test_uniform(&stream, -1, 1) + (i == class));
        c->targets[row * CLASSES + class] = 1;
        c->binary[row] = class == 2;
        c->weights[row] = (bp_real)test_uniform(&stream, 0.25, 2);
    }
    return c;
}

static bp_data view_of(const classes *c, size_t width)
{
    return bp_data_view(CASES, c->inputs, INPUTS, width == 1 ? c->binary : c->targets, width);
}

static size_t class_in(size_t row, size_t width)
{
    return width == 1 ? class_at(row) == 2 : class_at(row);
}

/* sum of all / (classes * sum of the class), in plain loops. */
static void balanced(const bp_data *data, size_t width, double *weights)
{
    const size_t count = width == 1 ? 2 : width;
    double sums[CLASSES] = {0}, all = 0;
    for (size_t row = 0; row < CASES; row++) {
        const double weight = data->case_weights == NULL ? 1 : (double)data->case_weights[row];
        sums[class_in(row, width)] += weight;
        all += weight;
    }
    for (size_t i = 0; i < count; i++)
        weights[i] = all / ((double)count * sums[i]);
}

/* The same data with the weights of the classes in those of the cases. */
static bp_data multiplied(classes *c, const bp_data *data, size_t width, const double *weights)
{
    bp_data made = *data;
    for (size_t row = 0; row < CASES; row++)
        c->by_class[row] = (data->case_weights == NULL ? 1 : data->case_weights[row]) *
                           (bp_real)weights[class_in(row, width)];
    made.case_weights = c->by_class;
    return made;
}

/* The same with balanced weights. */
static bp_data balanced_by_hand(classes *c, const bp_data *data, size_t width)
{
    double weights[CLASSES];
    balanced(data, width, weights);
    return multiplied(c, data, width, weights);
}

static bp_network *network_for(size_t width, size_t hidden)
{
    const size_t units[] = {INPUTS, hidden, width};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(),
                                        width == 1 ? bp_activation_logistic() : bp_activation_softmax()));
    assert_ok(bp_network_initialize(net, 3));
    return net;
}

/* Nets with the same weights trained in both ways: weights and figures have the same bits. */
static void assert_same(bp_network *net, const bp_trainer_options *with, const bp_data *training,
                        const bp_data *multiplied_training, const bp_data *validation,
                        const bp_data *multiplied_validation)
{
    bp_network *other = NULL;
    bp_trainer_options without = *with;
    without.class_weights = NULL;
    without.class_weight_count = without.balance_classes = 0;
    assert_ok(bp_network_copy(&other, net));
    bp_trainer *a = make_trainer(net, with), *b = make_trainer(other, &without);
    bp_result of_a = empty_result(), of_b = empty_result();
    assert_ok(bp_trainer_run(a, training, validation, &of_a));
    assert_ok(bp_trainer_run(b, multiplied_training, multiplied_validation, &of_b));
    assert_same_weights(net, other);
    assert_true(of_a.error == of_b.error && of_a.mean_error == of_b.mean_error);
    assert_true(of_a.epochs == of_b.epochs && of_a.updates == of_b.updates);
    assert_true(validation == NULL || of_a.validation_error == of_b.validation_error);
    bp_trainer_destroy(a);
    bp_trainer_destroy(b);
    bp_network_destroy(other);
}

/* Small networks and larger ones, three classes and two, batches and single cases, with what the trainer
 * chooses and without, rules that update in other ways. */
static bp_trainer_options options_number(size_t i, const bp_stop_rule *rule)
{
    bp_trainer_options options = options_with(rule, 1);
    options.optimizer = i % 4 == 0   ? bp_optimizer_momentum(0.05, 0.9)
                        : i % 4 == 1 ? bp_optimizer_adam(0.01, 0.9, 0.999, 1e-8)
                        : i % 4 == 2 ? bp_optimizer_irprop_plus(0.1)
                                     : bp_optimizer_momentum(BP_RATE_AUTO, 0.9);
    options.batch_size = i % 4 == 2 ? 0 : i % 3 == 0 ? 1 : i % 3 == 1 ? 8 : 0;
    options.scale_data = i % 2;
    options.threads = 1 + i % 3;
    return options;
}

static void test_same_bits_as_case_weights(void **state)
{
    (void)state;
    classes *c = make_classes();
    const bp_stop_rule rule = bp_stop_epochs(6);
    const double given[] = {0.5, 1, 4};
    for (size_t i = 0; i < 48; i++) {
        const size_t width = i / 12 % 2 ? 1 : CLASSES;
        bp_data data = view_of(c, width);
        bp_trainer_options options = options_number(i, &rule);
        double weights[CLASSES];
        if (i % 5 < 2)
            data.case_weights = c->weights;
        balanced(&data, width, weights);
        if (i % 2 == 0)
            memcpy(weights, given, sizeof weights);
        const bp_data by_hand = multiplied(c, &data, width, weights);
        options.class_weights = i % 2 ? NULL : weights;
        options.class_weight_count = i % 2 ? 0 : width == 1 ? 2 : CLASSES;
        options.balance_classes = i % 2;
        if (width == 1 && i % 3 == 1)
            options.loss = bp_loss_cross_entropy();
        bp_network *net = network_for(width, i / 24 ? 4 : 60);
        assert_same(net, &options, &data, &by_hand, i % 7 == 3 ? &data : NULL, i % 7 == 3 ? &by_hand : NULL);
        bp_network_destroy(net);
    }
    free(c);
}

/* Windows of a stream: balanced by all of its cases. The windows have 16 cases. */
static void test_streams(void **state)
{
    (void)state;
    const bp_stop_rule rule = bp_stop_epochs(4);
    for (size_t i = 0; i < 8; i++) {
        classes *c = make_classes();
        const size_t width = i % 2 ? 1 : CLASSES;
        bp_data data = view_of(c, width);
        if (i % 4 > 1)
            data.case_weights = c->weights;
        const bp_data by_hand = balanced_by_hand(c, &data, width);
        bp_network *nets[2];
        bp_result results[2];
        for (size_t k = 0; k < 2; k++) {
            bp_trainer_options options = options_number(i / 4 ? 3 : 0, &rule);
            bp_stream *stream = NULL;
            options.batch_size = 8;
            options.stream_window = 16;
            options.balance_classes = k == 0;
            nets[k] = network_for(width, 5);
            bp_trainer *trainer = make_trainer(nets[k], &options);
            assert_ok(bp_stream_create_from_data(&stream, k == 0 ? &data : &by_hand, NULL));
            results[k] = empty_result();
            assert_ok(bp_trainer_run_stream(trainer, stream, stream, &results[k]));
            bp_stream_destroy(stream);
            bp_trainer_destroy(trainer);
        }
        /* The sums of a stream's case weights have other last bits. */
        const bp_real *a = bp_network_weights(nets[0], NULL);
        size_t count;
        const bp_real *b = bp_network_weights(nets[1], &count);
        for (size_t w = 0; w < count; w++)
            assert_true(fabs((double)a[w] - (double)b[w]) <= TOLERANCE(1e-3, 1e-9));
        assert_close(results[0].mean_error, results[1].mean_error, TOLERANCE(1e-4, 1e-10));
        assert_close(results[0].validation_error, results[1].validation_error, TOLERANCE(1e-4, 1e-10));
        bp_network_destroy(nets[0]);
        bp_network_destroy(nets[1]);
        free(c);
    }
}

/* The gradient of a batch at weights that are known: a softmax layer whose total inputs are the inputs. */
typedef struct seen {
    double error, gradient[CLASSES * CLASSES + CLASSES];
} seen;

static bp_status note(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    seen *noted = context;
    if (batch->reason != BP_STOP_NONE)
        return BP_OK;
    noted->error = batch->error;
    for (size_t i = 0; i < batch->count; i++)
        noted->gradient[i] = (double)batch->gradient[i];
    reply->stop = 1;
    return BP_OK;
}

/*
 * The weighted cross-entropy, sum over cases of w_c (ln sum exp x - x_c), and its derivatives
 * w_c (softmax(x) - d) x^T, in plain loops: CrossEntropyLoss(weight=w, reduction="sum") of PyTorch.
 */
static void test_weighted_cross_entropy(void **state)
{
    (void)state;
    enum { ROWS = 5 };
    const bp_real x[ROWS * CLASSES] = {2, -1, 0.5, 0, 0, 0, -3, 4, 1, 1, 1, -2, 0.25, 0.5, 8};
    const size_t class[ROWS] = {0, 2, 1, 1, 0};
    const double w[CLASSES] = {0.5, 1.25, 3};
    bp_real targets[ROWS * CLASSES] = {0}, weights[CLASSES * CLASSES + CLASSES] = {0};
    double error = 0, gradient[CLASSES * CLASSES] = {0};
    bp_network *net = NULL;
    bp_layer *input, *output;
    bp_connection *connection;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&input, net, NULL, CLASSES));
    assert_ok(bp_network_add_layer(&output, net, NULL, CLASSES, bp_activation_softmax()));
    assert_ok(bp_network_connect(&connection, net, input, output));
    assert_ok(bp_layer_set_output(output));
    assert_ok(bp_network_finalize(net));
    const size_t first = bp_connection_offset(connection);
    for (size_t i = 0; i < CLASSES; i++)
        weights[first + i * CLASSES + i] = 1;
    assert_ok(bp_network_set_weights(net, weights, sizeof weights / sizeof weights[0]));
    for (size_t row = 0; row < ROWS; row++) {
        const bp_real *in = x + row * CLASSES;
        double sum = 0;
        targets[row * CLASSES + class[row]] = 1;
        for (size_t j = 0; j < CLASSES; j++)
            sum += exp((double)in[j]);
        error += w[class[row]] * (log(sum) - (double)in[class[row]]);
        for (size_t j = 0; j < CLASSES; j++)
            for (size_t i = 0; i < CLASSES; i++)
                gradient[j * CLASSES + i] +=
                    w[class[row]] * (exp((double)in[j]) / sum - (j == class[row])) * (double)in[i];
    }
    const bp_data data = bp_data_view(ROWS, x, CLASSES, targets, CLASSES);
    const bp_stop_rule rule = bp_stop_epochs(1);
    seen noted;
    bp_trainer_options options = options_with(&rule, 1);
    options.optimizer = bp_optimizer_momentum(0.1, 0);
    options.batch_size = 0;
    options.reduction = BP_REDUCE_SUM;
    options.loss = bp_loss_cross_entropy();
    options.scale_data = 0;
    options.class_weights = w;
    options.class_weight_count = CLASSES;
    options.on_gradient = note;
    options.on_gradient_context = &noted;
    bp_trainer *trainer = make_trainer(net, &options);
    assert_ok(bp_trainer_run(trainer, &data, NULL, NULL));
    assert_close(noted.error, error, TOLERANCE(1e-6, 1e-14));
    for (size_t i = 0; i < CLASSES * CLASSES; i++)
        assert_true(fabs(noted.gradient[first + i] - gradient[i]) <= TOLERANCE(1e-5, 1e-13));
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
}

/* Accuracies count cases, and an evaluation knows no weights of classes. */
static void test_validation(void **state)
{
    (void)state;
    classes *c = make_classes();
    const bp_data data = view_of(c, CLASSES), by_hand = balanced_by_hand(c, &data, CLASSES);
    const bp_stop_rule rule = bp_stop_epochs(5);
    bp_trainer_options options = options_number(0, &rule);
    options.loss = bp_loss_default();
    options.balance_classes = 1;
    bp_network *net = network_for(CLASSES, 4);
    bp_trainer *trainer = make_trainer(net, &options);
    bp_result result = empty_result();
    assert_ok(bp_trainer_run(trainer, &data, &data, &result));
    bp_workspace *workspace = NULL;
    bp_evaluation plain = {.size = sizeof plain}, weighed = {.size = sizeof weighed};
    assert_ok(bp_workspace_create(&workspace, net, CASES));
    assert_ok(bp_network_evaluate(net, workspace, &data, bp_loss_default(), NULL, &plain));
    assert_ok(bp_network_evaluate(net, workspace, &by_hand, bp_loss_default(), NULL, &weighed));
    assert_close(result.validation_error, weighed.mean_error, TOLERANCE(1e-6, 1e-14));
    assert_true(fabs(plain.mean_error - weighed.mean_error) > 1e-3);
    bp_workspace_destroy(workspace);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    free(c);
}

/* A class of the output layer without cases: the others share the weight. */
static void test_absent_classes(void **state)
{
    (void)state;
    classes *c = make_classes();
    const bp_stop_rule rule = bp_stop_epochs(3);
    bp_trainer_options options = options_number(0, &rule);
    options.balance_classes = 1;
    bp_data data = view_of(c, CLASSES), by_hand;
    size_t ones = 0;
    for (size_t row = 0; row < CASES; row++) {
        bp_real *targets = c->targets + row * CLASSES;
        if (targets[2] == 1)
            targets[0] = 1;
        targets[2] = 0;
        ones += targets[1] == 1;
    }
    for (size_t row = 0; row < CASES; row++) {
        const bool is_one = c->targets[row * CLASSES + 1] == 1;
        c->by_class[row] = (bp_real)(CASES / (2 * (double)(is_one ? ones : CASES - ones)));
    }
    by_hand = data;
    by_hand.case_weights = c->by_class;
    bp_network *net = network_for(CLASSES, 4);
    assert_same(net, &options, &data, &by_hand, NULL, NULL);
    bp_network_destroy(net);
    free(c);
}

static void test_starts(void **state)
{
    (void)state;
    classes *c = make_classes();
    const bp_data data = view_of(c, CLASSES), by_hand = balanced_by_hand(c, &data, CLASSES);
    const bp_stop_rule rule = bp_stop_epochs(4);
    bp_network *nets[2];
    for (size_t k = 0; k < 2; k++) {
        bp_trainer_options options = options_number(0, &rule);
        bp_starts_options starts;
        bp_starts_options_init(&starts, sizeof starts);
        starts.count = 3;
        starts.threads = 2;
        options.threads = 1;
        options.balance_classes = k == 0;
        nets[k] = network_for(CLASSES, 4);
        assert_ok(
            bp_train_starts(nets[k], &options, k == 0 ? &data : &by_hand, NULL, &starts, NULL, NULL, NULL));
    }
    assert_same_weights(nets[0], nets[1]);
    bp_network_destroy(nets[0]);
    bp_network_destroy(nets[1]);
    free(c);
}

/* The options are in the checkpoint: training goes on from it as it would have done. */
static void test_checkpoints(void **state)
{
    (void)state;
    classes *c = make_classes();
    const bp_data data = view_of(c, CLASSES);
    const bp_stop_rule rule = bp_stop_epochs(3);
    double given[CLASSES] = {0.5, 1, 4};
    for (size_t balance = 0; balance < 2; balance++) {
        bp_trainer_options options = options_number(0, &rule);
        options.balance_classes = balance;
        options.class_weights = balance ? NULL : given;
        options.class_weight_count = balance ? 0 : CLASSES;
        bp_network *net = network_for(CLASSES, 4), *loaded_net = network_for(CLASSES, 4);
        bp_trainer *trainer = make_trainer(net, &options), *loaded = NULL;
        given[0] = 77; /* they were copied */
        const char *path = test_path(test_directory, "classes.bpc");
        assert_ok(bp_trainer_run(trainer, &data, NULL, NULL));
        assert_ok(bp_trainer_save(trainer, path));
        assert_ok(bp_trainer_load(&loaded, loaded_net, path, NULL));
        assert_ok(bp_trainer_run(trainer, &data, NULL, NULL));
        assert_ok(bp_trainer_run(loaded, &data, NULL, NULL));
        assert_same_weights(net, loaded_net);
        given[0] = 0.5;
        bp_trainer_destroy(trainer);
        bp_trainer_destroy(loaded);
        bp_network_destroy(net);
        bp_network_destroy(loaded_net);
    }
    free(c);
}

/* ------------------------------------------------------------------------- refusals */

static void assert_refused(const bp_network *net, const bp_trainer_options *options, bp_status status,
                           const char *part)
{
    bp_trainer *trainer = NULL;
    assert_fails(bp_trainer_create(&trainer, (bp_network *)net, options), status, part);
    assert_null(trainer);
}

static void test_wrong_options(void **state)
{
    (void)state;
    bp_network *net = network_for(CLASSES, 4), *single = network_for(1, 4);
    double weights[] = {1, 2, 3, 4};
    const bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options options = options_with(&rule, 1);
    options.balance_classes = 2;
    assert_refused(net, &options, BP_ERROR_ARGUMENT, "balance_classes is 2, it must be 0 or 1");
    options.balance_classes = 1;
    options.class_weights = weights;
    options.class_weight_count = 3;
    assert_refused(net, &options, BP_ERROR_ARGUMENT,
                   "balance_classes is 1, but class_weights are given; one of them must be left out");
    options.balance_classes = 0;
    options.class_weight_count = 4;
    assert_refused(net, &options, BP_ERROR_SIZE, "class_weight_count is 4, but the network has 3 classes");
    assert_refused(single, &options, BP_ERROR_SIZE,
                   "class_weight_count is 4, but the network has 2 classes, 0 and 1 of its single output");
    options.class_weight_count = 0;
    assert_refused(net, &options, BP_ERROR_SIZE, "class_weight_count is 0, but class_weights are given");
    options.class_weights = NULL;
    options.class_weight_count = 3;
    assert_refused(net, &options, BP_ERROR_ARGUMENT, "class_weights is NULL, but class_weight_count is 3");
    options.class_weights = weights;
    weights[1] = -1;
    assert_refused(net, &options, BP_ERROR_ARGUMENT, "class_weights[1] is -1, it must be >= 0");
    weights[1] = NAN;
    assert_refused(net, &options, BP_ERROR_NOT_FINITE, "class_weights[1] is nan");
    memset(weights, 0, sizeof weights);
    assert_refused(net, &options, BP_ERROR_ARGUMENT, "class_weights are all 0");
    bp_network_destroy(net);
    bp_network_destroy(single);
}

static void test_wrong_networks(void **state)
{
    (void)state;
    const size_t units[] = {INPUTS, 1};
    const bp_stop_rule rule = bp_stop_epochs(1);
    bp_network *net = NULL;
    bp_trainer_options options = options_with(&rule, 1);
    options.balance_classes = 1;
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_tanh(), bp_activation_linear()));
    assert_refused(
        net, &options, BP_ERROR_UNSUPPORTED,
        "options.balance_classes is set, but output layer 'output' is a single unit that is linear; "
        "two classes need a logistic one, with targets of 0 and 1");
    bp_network_destroy(net);
}

static void test_wrong_targets(void **state)
{
    (void)state;
    classes *c = make_classes();
    const bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options options = options_number(0, &rule);
    options.balance_classes = 1;
    bp_network *net = network_for(CLASSES, 4), *single = network_for(1, 4);
    bp_trainer *trainer = make_trainer(net, &options), *other = make_trainer(single, &options);
    const bp_data data = view_of(c, CLASSES), binary = view_of(c, 1);
    c->targets[5 * CLASSES] = c->targets[5 * CLASSES + 1] = (bp_real)0.5;
    assert_fails(
        bp_trainer_run(trainer, &data, NULL, NULL), BP_ERROR_ARGUMENT,
        "training.targets: case 5 is of no class, but classes have weights by the options; one of its "
        "targets must be 1, the others 0");
    c->binary[9] = (bp_real)0.25;
    assert_fails(bp_trainer_run(other, &binary, NULL, NULL), BP_ERROR_ARGUMENT,
                 "case 9 is of no class, but classes have weights by the options; its target must be 0 or 1");
    bp_trainer_destroy(trainer);
    bp_trainer_destroy(other);
    bp_network_destroy(net);
    bp_network_destroy(single);
    free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_bits_as_case_weights),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_weighted_cross_entropy),
        cmocka_unit_test(test_validation),
        cmocka_unit_test(test_absent_classes),
        cmocka_unit_test(test_starts),
        cmocka_unit_test_setup_teardown(test_checkpoints, test_directory_setup, test_directory_teardown),
        cmocka_unit_test(test_wrong_options),
        cmocka_unit_test(test_wrong_networks),
        cmocka_unit_test(test_wrong_targets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
