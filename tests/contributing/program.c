/* Uses what the examples of docs/contributing.md add to the library: an activation, a loss, a rule for
 * initial weights and a penalty. run.sh compiles it with a library that has them. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backprop.h"

static void expect(int holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "contributing: not so: %s (last message: %s)\n", what, bp_error_message());
    exit(EXIT_FAILURE);
}

#define EXPECT(condition) expect(condition, #condition)
#define OK(call)          expect((call) == BP_OK, #call)

static int is_near(double value, double expected)
{
    return fabs(value - expected) <= 8 * (double)FLT_EPSILON * fmax(1, fabs(expected));
}

enum { CASES = 4, INPUTS = 2, HIDDEN = 5, WEIGHTS = INPUTS * HIDDEN + HIDDEN };

static const bp_real inputs[] = {0.25F, -1, 1, 0.5F, -0.75F, 1, 0.125F, 2};
static const bp_real targets[] = {0, 1, 3, -2};

static bp_activation isru(double steepness)
{
    bp_activation activation;
    OK(bp_activation_by_name(&activation, "isru", &steepness, 1));
    return activation;
}

static bp_network *make_network(bp_activation hidden, bp_weight_init init)
{
    const size_t units[] = {INPUTS, HIDDEN, 1};
    bp_network *net;
    OK(bp_network_create_layered(&net, units, 3, hidden, bp_activation_linear()));
    OK(bp_network_set_weight_init(net, init));
    OK(bp_network_initialize(net, 1));
    return net;
}

/* The gradient with an activation and a loss is that of differences of E. */
static void check_gradient(bp_activation hidden, bp_loss loss)
{
    const bp_data data = bp_data_view(CASES, inputs, INPUTS, targets, 1);
    bp_network *net = make_network(hidden, bp_weight_init_uniform(-1, 1));
    bp_workspace *workspace;
    bp_gradient_check check;
    bp_gradient_check_init(&check, sizeof check);
    OK(bp_workspace_create(&workspace, net, CASES));
    OK(bp_network_check_gradient(net, workspace, &data, loss, 0, &check));
    EXPECT(check.passed);
    EXPECT(check.checked > WEIGHTS);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

/* y = z / sqrt(1 + z^2) with z = s x, and its derivative s / (1 + z^2)^1.5. */
static void test_activation(void)
{
    static const bp_real x[] = {0, 0.5F, -0.5F, 2, -3, 1e-20F, 100};
    enum { COUNT = sizeof x / sizeof x[0] };
    const double steepness = 0.75;
    bp_activation activation = isru(steepness), wrong;
    bp_real y[COUNT], slope[COUNT];
    OK(bp_activation_evaluate(&activation, x, y, slope, COUNT));
    for (size_t i = 0; i < COUNT; i++) {
        const double z = steepness * (double)x[i];
        EXPECT(is_near((double)y[i], z / sqrt(1 + z * z)));
        EXPECT(is_near((double)slope[i], steepness / pow(1 + z * z, 1.5)));
    }
    EXPECT(strcmp(bp_activation_name(&activation), "isru") == 0);
    EXPECT(bp_activation_by_name(&wrong, "isru", &(double){0}, 1) == BP_ERROR_ARGUMENT);
    EXPECT(strstr(bp_error_message(), "steepness") != NULL);
    check_gradient(activation, bp_loss_squared_error());
}

/* E of outputs that are all 0: of constant weights of 0. */
static double error_at_0(bp_loss loss)
{
    const bp_data data = bp_data_view(CASES, inputs, INPUTS, targets, 1);
    bp_network *net = make_network(bp_activation_tanh(), bp_weight_init_constant(0));
    bp_workspace *workspace;
    bp_evaluation result;
    bp_evaluation_init(&result, sizeof result);
    OK(bp_workspace_create(&workspace, net, CASES));
    OK(bp_network_evaluate(net, workspace, &data, loss, NULL, &result));
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    return result.error;
}

static bp_status create_trainer(bp_trainer **trainer, bp_network *net, bp_loss loss, bp_optimizer optimizer,
                                double max_weight)
{
    bp_trainer_options options;
    bp_stop_rule stop = bp_stop_epochs(20);
    bp_trainer_options_init(&options, sizeof options);
    options.loss = loss;
    options.optimizer = optimizer;
    options.max_weight = max_weight;
    options.stop_rules = &stop;
    options.stop_rule_count = 1;
    return bp_trainer_create(trainer, net, &options);
}

static void test_loss(void)
{
    static const double deltas[] = {0.5, 1, 4};
    bp_network *net = make_network(bp_activation_tanh(), bp_weight_init_default());
    bp_trainer *trainer;
    for (size_t i = 0; i < sizeof deltas / sizeof deltas[0]; i++) {
        const double d = deltas[i];
        double expected = 0;
        for (size_t j = 0; j < CASES; j++)
            expected += d * d * (sqrt(1 + (double)targets[j] * (double)targets[j] / (d * d)) - 1);
        EXPECT(is_near(error_at_0(bp_loss_pseudo_huber(d)), expected));
        check_gradient(bp_activation_tanh(), bp_loss_pseudo_huber(d));
        check_gradient(isru(1), bp_loss_pseudo_huber(d));
    }
    EXPECT(create_trainer(&trainer, net, bp_loss_pseudo_huber(0), bp_optimizer_momentum(0.1, 0), 0) ==
           BP_ERROR_ARGUMENT);
    EXPECT(strstr(bp_error_message(), "pseudo-Huber loss") != NULL);
    EXPECT(strstr(bp_error_message(), "delta") != NULL);
    bp_network_destroy(net);
}

/* Weights are 0.25 or -0.25, biases 0. */
static void test_rule(void)
{
    bp_network *net = make_network(bp_activation_tanh(), bp_weight_init_signs(0.25));
    size_t count, above = 0, below = 0;
    const bp_real *weights = bp_network_weights(net, &count);
    for (size_t i = 0; i < count; i++) {
        above += weights[i] == 0.25F;
        below += weights[i] == -0.25F;
        EXPECT(weights[i] == 0 || fabs((double)weights[i]) == 0.25);
    }
    EXPECT(above + below == WEIGHTS);
    EXPECT(above > 0 && below > 0);
    EXPECT(bp_network_set_weight_init(net, bp_weight_init_signs(0)) == BP_ERROR_ARGUMENT);
    EXPECT(strstr(bp_error_message(), "size") != NULL);
    bp_network_destroy(net);
}

/* The largest amount of a weight. */
static double largest_weight(const bp_network *net)
{
    size_t count;
    const bp_real *weights = bp_network_weights(net, &count);
    double largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs((double)weights[i]));
    return largest;
}

/* The trainer that a checkpoint makes, which says that another limit than its own was asked for. */
static bp_trainer *load_trainer(const bp_trainer *saved, bp_network *net)
{
    bp_trainer_options options;
    bp_trainer *trainer;
    bp_finding finding;
    char text[512];
    size_t size;
    OK(bp_trainer_save_memory(saved, NULL, 0, &size));
    void *buffer = malloc(size);
    EXPECT(buffer != NULL);
    OK(bp_trainer_save_memory(saved, buffer, size, &size));
    bp_trainer_options_init(&options, sizeof options);
    options.max_weight = 0.25;
    OK(bp_trainer_load_memory(&trainer, net, buffer, size, &options));
    free(buffer);
    bp_finding_init(&finding, sizeof finding);
    OK(bp_trainer_finding(trainer, bp_trainer_finding_count(trainer) - 1, &finding));
    OK(bp_finding_text(&finding, text, sizeof text, NULL));
    EXPECT(strstr(text, "options.max_weight is 0.25, but training goes on with") != NULL);
    return trainer;
}

/* Initial weights are up to 0.5 in amount. Training holds them to the limit, also after a checkpoint. */
static void train_within(double limit)
{
    const bp_data data = bp_data_view(CASES, inputs, INPUTS, targets, 1);
    bp_network *net = make_network(bp_activation_tanh(), bp_weight_init_uniform(-0.5, 0.5));
    bp_trainer *trainer, *loaded;
    OK(create_trainer(&trainer, net, bp_loss_squared_error(), bp_optimizer_momentum(0.1, 0.5), limit));
    OK(bp_trainer_run(trainer, &data, NULL, NULL));
    EXPECT(largest_weight(net) == limit);
    loaded = load_trainer(trainer, net);
    bp_trainer_destroy(trainer);
    OK(bp_network_initialize(net, 2));
    EXPECT(largest_weight(net) > limit);
    OK(bp_trainer_run(loaded, &data, NULL, NULL));
    EXPECT(largest_weight(net) == limit);
    bp_trainer_destroy(loaded);
    bp_network_destroy(net);
}

static void test_penalty(void)
{
    bp_network *net = make_network(bp_activation_tanh(), bp_weight_init_default());
    bp_trainer *trainer;
    train_within(0.125);
    EXPECT(create_trainer(&trainer, net, bp_loss_default(), bp_optimizer_lbfgs(5), 1) ==
           BP_ERROR_UNSUPPORTED);
    EXPECT(strstr(bp_error_message(), "max_weight") != NULL);
    EXPECT(create_trainer(&trainer, net, bp_loss_default(), bp_optimizer_momentum(0.1, 0), -1) ==
           BP_ERROR_ARGUMENT);
    EXPECT(strstr(bp_error_message(), "max_weight") != NULL);
    bp_network_destroy(net);
}

int main(void)
{
    test_activation();
    test_loss();
    test_rule();
    test_penalty();
    return EXIT_SUCCESS;
}
