/* Training by every loss, and by one for each output layer: with the options untouched, from a checkpoint on,
 * with copies of the caller's arrays; what is refused. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/train_example.h"

enum { CASES = 60, INPUTS = 2, CLASSES = 3, OUTPUTS = CLASSES + 1 };

/* Classes by the angle, counts by the distance; one linear output, or a softmax layer and a linear one. */
typedef struct example {
    bp_real inputs[CASES * INPUTS], counts[CASES], both[CASES * OUTPUTS];
    bp_data count_data, both_data;
} example;

static example make_example(void)
{
    static example e;
    uint64_t seed = 4;
    for (size_t i = 0; i < CASES; i++) {
        const double x = test_uniform(&seed, -1, 1), y = test_uniform(&seed, -1, 1);
        const size_t class = x > 0.2 ? 0 : y > 0 ? 1 : 2;
        e.inputs[2 * i] = (bp_real)x;
        e.inputs[2 * i + 1] = (bp_real)y;
        e.counts[i] = (bp_real)floor(exp(1 + x) + test_uniform(&seed, 0, 1));
        for (size_t j = 0; j < CLASSES; j++)
            e.both[i * OUTPUTS + j] = j == class;
        e.both[i * OUTPUTS + CLASSES] = e.counts[i];
    }
    e.count_data = bp_data_view(CASES, e.inputs, INPUTS, e.counts, 1);
    e.both_data = bp_data_view(CASES, e.inputs, INPUTS, e.both, OUTPUTS);
    return e;
}

static bp_network *one_output(bp_activation output)
{
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, (size_t[]){INPUTS, 6, 1}, 3, bp_activation_tanh(), output));
    assert_ok(bp_network_initialize(net, 2));
    return net;
}

static bp_network *two_outputs(void)
{
    bp_network *net = NULL;
    bp_layer *in, *hidden, *classes, *count;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", INPUTS));
    assert_ok(bp_network_add_layer(&hidden, net, "hidden", 6, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&classes, net, "class", CLASSES, bp_activation_softmax()));
    assert_ok(bp_network_add_layer(&count, net, "count", 1, bp_activation_linear()));
    assert_ok(bp_network_connect(NULL, net, in, hidden));
    assert_ok(bp_network_connect(NULL, net, hidden, classes));
    assert_ok(bp_network_connect(NULL, net, hidden, count));
    assert_ok(bp_layer_set_output(classes));
    assert_ok(bp_layer_set_output(count));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, 2));
    return net;
}

static double mean_error(const bp_network *net, const bp_data *data, bp_loss loss)
{
    bp_workspace *workspace = NULL;
    bp_evaluation result;
    bp_evaluation_init(&result, sizeof result);
    assert_ok(bp_workspace_create(&workspace, net, CASES));
    assert_ok(bp_network_evaluate(net, workspace, data, loss, NULL, &result));
    bp_workspace_destroy(workspace);
    return result.mean_error;
}

/* -------------------------------------------------------------------- one loss */

/* E after training, and whether the targets were scaled. */
static void train_untouched(bp_loss loss, const bp_data *data, bool scales_targets)
{
    bp_network *net = one_output(bp_activation_linear());
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.loss = loss;
    bp_trainer *trainer = make_trainer(net, &options);
    bp_result result = empty_result();
    assert_ok(bp_trainer_run(trainer, data, NULL, &result));
    bool is_scaled = false;
    for (size_t i = 0; i < bp_trainer_finding_count(trainer); i++) {
        bp_finding finding;
        char text[1024];
        bp_finding_init(&finding, sizeof finding);
        assert_ok(bp_trainer_finding(trainer, i, &finding));
        is_scaled |= finding.kind == BP_FINDING_TARGETS_SCALED;
        (void)bp_finding_text(&finding, text, sizeof text, NULL);
    }
    assert_int_equal(is_scaled, scales_targets);
    const double after = mean_error(net, data, loss);
    assert_ok(bp_network_initialize(net, 2)); /* the scaling stays */
    assert_true(after < 0.5 * mean_error(net, data, loss));
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
}

static void test_options_untouched(void **state)
{
    (void)state;
    const example e = make_example();
    bp_real sides[CASES];
    for (size_t i = 0; i < CASES; i++)
        sides[i] = e.counts[i] > 3 ? 1 : -1;
    const bp_data classes = bp_data_view(CASES, e.inputs, INPUTS, sides, 1);
    train_untouched(bp_loss_absolute_error(), &e.count_data, true);
    train_untouched(bp_loss_log_cosh(), &e.count_data, true);
    train_untouched(bp_loss_quantile(0.75), &e.count_data, true);
    train_untouched(bp_loss_huber(0.5), &e.count_data, false); /* delta has their units */
    train_untouched(bp_loss_poisson(), &e.count_data, false);
    train_untouched(bp_loss_hinge(), &classes, false);
}

/* What each is for: the share of targets below a quantile, the mean count, the side of 0. */
static void test_what_is_learned(void **state)
{
    (void)state;
    /* The same input in all cases, so that the output is the best constant. */
    bp_real inputs[CASES] = {0}, targets[CASES];
    double mean = 0;
    for (size_t i = 0; i < CASES; i++) {
        targets[i] = (bp_real)(i % 10);
        mean += (double)targets[i] / CASES;
    }
    const bp_data data = bp_data_view(CASES, inputs, 1, targets, 1);
    const struct {
        bp_loss loss;
        double low, high;
    } rows[] = {
        {bp_loss_absolute_error(), 4, 5},
        {bp_loss_quantile(0.75), 6.9, 7.1},
        {bp_loss_quantile(0.15), 0.9, 1.1},
        {bp_loss_poisson(), log(mean) - 0.01, log(mean) + 0.01},
        {bp_loss_log_cosh(), mean - 0.01, mean + 0.01},
        {bp_loss_huber(100), mean - 0.01, mean + 0.01},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bp_network *net = NULL;
        const bp_stop_rule rule = bp_stop_epochs(3000);
        bp_trainer_options options = options_with(&rule, 1);
        options.loss = rows[i].loss;
        options.scale_data = 0;
        options.weight_decay = 0;
        options.batch_size = 0;
        options.optimizer = bp_optimizer_adam(0.05, 0.9, 0.99, 1e-8);
        options.learning_rate_schedule = bp_schedule_exponential(0.05, 0.998, 1e-5);
        assert_ok(bp_network_create_layered(&net, (size_t[]){1, 1}, 2, bp_activation_linear(),
                                            bp_activation_linear()));
        assert_ok(bp_network_initialize(net, 1));
        bp_trainer *trainer = make_trainer(net, &options);
        bp_result result = empty_result();
        assert_ok(bp_trainer_run(trainer, &data, NULL, &result));
        const double bias =
            (double)bp_network_weights(net, NULL)[bp_layer_bias_offset(bp_network_layer(net, 1))];
        if (!(bias >= rows[i].low && bias <= rows[i].high))
            fail_msg("loss %zu: %g is not in %g to %g", i, bias, rows[i].low, rows[i].high);
        bp_trainer_destroy(trainer);
        bp_network_destroy(net);
    }
}

/* The diagnosis takes each loss, and refuses targets that it does not take. */
static void test_diagnosis(void **state)
{
    (void)state;
    const example e = make_example();
    bp_real negative[CASES], sides[CASES];
    for (size_t i = 0; i < CASES; i++) {
        negative[i] = i == 7 ? -1 : e.counts[i];
        sides[i] = (bp_real)(e.counts[i] > 3);
    }
    const bp_data below = bp_data_view(CASES, e.inputs, INPUTS, negative, 1);
    const bp_data classes = bp_data_view(CASES, e.inputs, INPUTS, sides, 1);
    const struct {
        bp_loss loss;
        const bp_data *data;
    } rows[] = {
        {bp_loss_absolute_error(), &e.count_data}, {bp_loss_huber(1), &e.count_data},
        {bp_loss_log_cosh(), &e.count_data},       {bp_loss_quantile(0.5), &e.count_data},
        {bp_loss_poisson(), &e.count_data},        {bp_loss_hinge(), &classes},
    };
    bp_network *net = one_output(bp_activation_linear());
    bp_workspace *workspace = NULL;
    size_t count = 0;
    assert_ok(bp_workspace_create(&workspace, net, CASES));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_ok(bp_diagnose(net, workspace, rows[i].data, rows[i].data, rows[i].loss, NULL, 0, &count));
    assert_fails(bp_diagnose(net, workspace, &below, NULL, bp_loss_poisson(), NULL, 0, &count),
                 BP_ERROR_ARGUMENT,
                 "training.targets: case 7, column 0 is -1 after scaling; Poisson loss needs");
    assert_fails(bp_diagnose(net, workspace, &e.count_data, &below, bp_loss_poisson(), NULL, 0, &count),
                 BP_ERROR_ARGUMENT, "validation.targets: case 7");
    assert_fails(bp_diagnose(net, workspace, &e.count_data, NULL, bp_loss_hinge(), NULL, 0, &count),
                 BP_ERROR_ARGUMENT, "hinge loss needs 1, and 0 or -1");
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

/* ----------------------------------------------------------- a loss of each output */

/* Custom, of the caller: half the squared error. */
static double half_square(void *context, const bp_real *y, const bp_real *d, bp_real *derivative,
                          size_t units)
{
    double error = 0;
    (void)context;
    for (size_t j = 0; j < units; j++) {
        error += ((double)y[j] - (double)d[j]) * ((double)y[j] - (double)d[j]) / 2;
        if (derivative != NULL)
            derivative[j] = y[j] - d[j];
    }
    return error;
}

static bp_trainer_options own_options(const bp_stop_rule *rule, const bp_loss *losses, const double *weights)
{
    bp_trainer_options options = options_with(rule, 1);
    options.loss = bp_loss_of_outputs(losses, weights, 2);
    options.optimizer = bp_optimizer_momentum(0.01, 0.9);
    options.batch_size = 7;
    options.threads = 2;
    return options;
}

/* The weights after 40 updates; with `break_at`, through a checkpoint after so many. */
static bp_network *train_own(const bp_loss *losses, const double *weights, uint64_t break_at,
                             const bp_loss *given)
{
    const example e = make_example();
    const bp_stop_rule all = bp_stop_updates(40), first = bp_stop_updates(break_at);
    bp_loss own[] = {losses[0], losses[1]};
    double own_weights[] = {weights == NULL ? 1 : weights[0], weights == NULL ? 1 : weights[1]};
    bp_trainer_options options =
        own_options(break_at == 0 ? &all : &first, own, weights == NULL ? NULL : own_weights);
    bp_network *net = two_outputs();
    bp_trainer *trainer = make_trainer(net, &options);
    memset(own, 0, sizeof own); /* the trainer has copies */
    memset(own_weights, 0, sizeof own_weights);
    bp_result result = empty_result();
    assert_ok(bp_trainer_run(trainer, &e.both_data, NULL, &result));
    if (break_at > 0) {
        void *bytes = NULL;
        size_t size = 0;
        assert_ok(bp_trainer_save_memory(trainer, NULL, 0, &size));
        bytes = malloc(size);
        assert_non_null(bytes);
        assert_ok(bp_trainer_save_memory(trainer, bytes, size, &size));
        bp_trainer_destroy(trainer);
        bp_network_destroy(net);
        net = two_outputs();
        trainer = NULL;
        options = own_options(&first, given, NULL);
        assert_ok(bp_trainer_load_memory(&trainer, net, bytes, size, given == NULL ? NULL : &options));
        free(bytes);
        assert_ok(bp_trainer_run(trainer, &e.both_data, NULL, &result));
    }
    bp_trainer_destroy(trainer);
    return net;
}

static void test_resume(void **state)
{
    (void)state;
    const bp_loss entropy = bp_loss_with_label_smoothing(bp_loss_cross_entropy(), 0.125);
    const bp_loss others[] = {bp_loss_absolute_error(),         bp_loss_huber(0.75), bp_loss_log_cosh(),
                              bp_loss_quantile(0.25),           bp_loss_poisson(),   bp_loss_default(),
                              bp_loss_custom(half_square, NULL)};
    const double weights[] = {0.5, 2};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const bp_loss losses[] = {entropy, others[i]};
        bp_network *whole = train_own(losses, weights, 0, NULL);
        bp_network *broken = train_own(losses, weights, 20, losses);
        assert_same_weights(whole, broken);
        bp_network_destroy(whole);
        bp_network_destroy(broken);
    }
}

/* The default loss of each output is that which suits it; weights of 1 are none. */
static void test_defaults(void **state)
{
    (void)state;
    const bp_loss plain[] = {bp_loss_default(), bp_loss_default()};
    const bp_loss named[] = {bp_loss_cross_entropy(), bp_loss_squared_error()};
    const double ones[] = {1, 1};
    bp_network *a = train_own(plain, NULL, 0, NULL), *b = train_own(named, ones, 0, NULL);
    assert_same_weights(a, b);
    bp_network_destroy(a);
    bp_network_destroy(b);
}

/* E is the weighted sum of those of the outputs. */
static void test_error_is_a_weighted_sum(void **state)
{
    (void)state;
    const example e = make_example();
    bp_network *net = two_outputs();
    const bp_loss losses[] = {bp_loss_cross_entropy(), bp_loss_poisson()};
    const double both[] = {0.25, 3}, first[] = {1, 0}, second[] = {0, 1};
    const double of_first = mean_error(net, &e.both_data, bp_loss_of_outputs(losses, first, 2));
    const double of_second = mean_error(net, &e.both_data, bp_loss_of_outputs(losses, second, 2));
    assert_close(mean_error(net, &e.both_data, bp_loss_of_outputs(losses, both, 2)),
                 0.25 * of_first + 3 * of_second, 1e-12);
    assert_close(mean_error(net, &e.both_data, bp_loss_of_outputs(losses, NULL, 2)), of_first + of_second,
                 1e-12);
    bp_network_destroy(net);
}

/* Several starts at once, on threads, and the rate search; each trainer has its copies. */
static void test_starts(void **state)
{
    (void)state;
    const example e = make_example();
    const bp_loss losses[] = {bp_loss_cross_entropy(), bp_loss_poisson()};
    const double weights[] = {1, 0.5};
    const bp_stop_rule rule = bp_stop_epochs(5);
    bp_trainer_options options = options_with(&rule, 1);
    options.loss = bp_loss_of_outputs(losses, weights, 2);
    bp_network *nets[2] = {two_outputs(), two_outputs()};
    for (size_t i = 0; i < 2; i++) {
        bp_starts_options starts;
        bp_starts_options_init(&starts, sizeof starts);
        starts.count = 3;
        starts.threads = 1 + 2 * i;
        assert_ok(bp_train_starts(nets[i], &options, &e.both_data, NULL, &starts, NULL, NULL, NULL));
    }
    assert_same_weights(nets[0], nets[1]);
    bp_network_destroy(nets[0]);
    bp_network_destroy(nets[1]);
}

static void test_what_is_refused(void **state)
{
    (void)state;
    bp_network *net = two_outputs();
    bp_trainer *trainer = NULL;
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    const bp_loss good[] = {bp_loss_cross_entropy(), bp_loss_poisson(), bp_loss_huber(1)};
    const bp_loss wrong[] = {bp_loss_cross_entropy(), bp_loss_cross_entropy()};
    const bp_loss nested[] = {bp_loss_cross_entropy(), bp_loss_of_outputs(good, NULL, 2)};
    const bp_loss bad[] = {bp_loss_cross_entropy(), bp_loss_quantile(2)};
    const double negative[] = {1, -1}, zeros[] = {0, 0}, infinite[] = {1, INFINITY};
    const struct {
        bp_loss loss;
        bp_status status;
        const char *part;
    } rows[] = {
        {bp_loss_of_outputs(good, NULL, 3), BP_ERROR_ARGUMENT,
         "options.loss: there are losses of 3 outputs, but the network has 2 output layers"},
        {bp_loss_of_outputs(NULL, NULL, 2), BP_ERROR_ARGUMENT, "the losses of the outputs are NULL"},
        {bp_loss_of_outputs(wrong, NULL, 2), BP_ERROR_UNSUPPORTED,
         "output layer 'count': cross-entropy needs logistic or softmax outputs"},
        {bp_loss_of_outputs(nested, NULL, 2), BP_ERROR_ARGUMENT,
         "output layer 'count': its loss is a loss of several outputs itself"},
        {bp_loss_of_outputs(bad, NULL, 2), BP_ERROR_ARGUMENT,
         "output layer 'count': quantile loss has the tau 2"},
        {bp_loss_of_outputs(good, negative, 2), BP_ERROR_ARGUMENT, "the weight of output 1 is -1"},
        {bp_loss_of_outputs(good, zeros, 2), BP_ERROR_ARGUMENT, "the weights of all outputs are 0"},
        {bp_loss_of_outputs(good, infinite, 2), BP_ERROR_NOT_FINITE, "the weight of output 1 is inf"},
        {bp_loss_with_tolerance(bp_loss_of_outputs(good, NULL, 2), 0.1), BP_ERROR_UNSUPPORTED,
         "a loss of several outputs has a tolerance of 0.1; it cannot have one"},
        {bp_loss_with_label_smoothing(bp_loss_of_outputs(good, NULL, 2), 0.1), BP_ERROR_UNSUPPORTED,
         "a loss of several outputs has a label smoothing of 0.1; only cross-entropy can have one"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        options.loss = rows[i].loss;
        assert_fails(bp_trainer_create(&trainer, net, &options), rows[i].status, rows[i].part);
    }
    options.loss = bp_loss_of_outputs(good, NULL, 2);
    options.optimizer = bp_optimizer_levenberg_marquardt();
    assert_fails(bp_trainer_create(&trainer, net, &options), BP_ERROR_UNSUPPORTED,
                 "options.loss is a loss of several outputs, but the optimizer Levenberg-Marquardt is for");
    assert_null(trainer);
    bp_network_destroy(net);
}

/* A checkpoint needs the caller's functions again, and only those. */
static void test_functions_are_given_again(void **state)
{
    (void)state;
    const example e = make_example();
    const bp_stop_rule rule = bp_stop_updates(3);
    const bp_loss losses[] = {bp_loss_cross_entropy(), bp_loss_custom(half_square, NULL)};
    const bp_loss others[] = {losses[0], bp_loss_huber(1)};
    bp_trainer_options options = own_options(&rule, losses, NULL);
    pair both = make_pair(two_outputs(), &options);
    bp_result result = empty_result();
    assert_ok(bp_trainer_run(both.trainer, &e.both_data, NULL, &result));
    size_t size = 0;
    assert_ok(bp_trainer_save_memory(both.trainer, NULL, 0, &size));
    unsigned char *bytes = malloc(size);
    assert_non_null(bytes);
    assert_ok(bp_trainer_save_memory(both.trainer, bytes, size, &size));
    bp_trainer *trainer = NULL;
    assert_fails(bp_trainer_load_memory(&trainer, both.net, bytes, size, NULL), BP_ERROR_ARGUMENT,
                 "the loss is a function of the caller's; options.loss must give it again");
    options.loss = bp_loss_of_outputs(others, NULL, 2);
    assert_fails(bp_trainer_load_memory(&trainer, both.net, bytes, size, &options), BP_ERROR_ARGUMENT,
                 "the loss of output 1 is a function of the caller's; options.loss must give it again");
    options.loss = losses[1];
    assert_fails(bp_trainer_load_memory(&trainer, both.net, bytes, size, &options), BP_ERROR_ARGUMENT,
                 "options.loss must give it again");
    assert_null(trainer);
    free(bytes);
    end_pair(&both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_untouched),
        cmocka_unit_test(test_what_is_learned),
        cmocka_unit_test(test_diagnosis),
        cmocka_unit_test(test_starts),
        cmocka_unit_test(test_resume),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_error_is_a_weighted_sum),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_functions_are_given_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
