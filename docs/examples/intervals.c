/* How sure is a fit? A noisy curve is learned by one tanh unit: the standard error of each weight, and
 * intervals around outputs. Then by eight, whose weights the data do not determine. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <backprop.h>

enum { CASES = 80, POINTS = 5 };

static void check(bp_status status)
{
    if (status != BP_OK) {
        fprintf(stderr, "intervals: %s\n", bp_error_message());
        exit(EXIT_FAILURE);
    }
}

/* A number from -1 to 1 with the variance 1/12, roughly normal: the mean of four uniform ones. */
static double noise(unsigned *state)
{
    double sum = 0;
    for (int i = 0; i < 4; i++) {
        *state = *state * 1664525u + 1013904223u;
        sum += *state / 4294967296.0 * 2 - 1;
    }
    return sum / 4;
}

static void train(bp_network *net, const bp_data *data)
{
    const bp_stop_rule rule = bp_stop_epochs(20000);
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.weight_decay = 0; /* the least E itself */
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    bp_trainer *trainer = NULL;
    bp_result result;
    bp_result_init(&result, sizeof result);
    check(bp_network_initialize(net, 1));
    check(bp_trainer_create(&trainer, net, &options));
    check(bp_trainer_run(trainer, data, NULL, &result));
    bp_trainer_destroy(trainer);
}

static void print_weights(const bp_network *net, const bp_uncertainty *uncertainty)
{
    size_t count;
    const bp_real *weights = bp_network_weights(net, &count);
    double *errors = calloc(count, sizeof *errors);
    if (errors == NULL)
        exit(EXIT_FAILURE);
    const bp_status status = bp_uncertainty_standard_errors(uncertainty, errors);
    if (status == BP_ERROR_NOT_IDENTIFIED)
        printf("not identified: %s\n", bp_error_message());
    else
        check(status);
    for (size_t i = 0; status == BP_OK && i < count; i++)
        printf("weight %zu: %6.3f +- %.3f, for scaled values\n", i, (double)weights[i], errors[i]);
    free(errors);
}

static void print_intervals(bp_workspace *workspace, const bp_uncertainty *uncertainty)
{
    const bp_real x[POINTS] = {-2, -1, 0, 1, 2};
    const bp_data points = bp_data_view(POINTS, x, 1, NULL, 0);
    bp_real mean[2][POINTS], target[2][POINTS];
    check(bp_uncertainty_intervals(uncertainty, workspace, &points, BP_INTERVAL_OF_MEAN, 0.95, mean[0],
                                   mean[1]));
    check(bp_uncertainty_intervals(uncertainty, workspace, &points, BP_INTERVAL_OF_TARGET, 0.95, target[0],
                                   target[1]));
    for (int i = 0; i < POINTS; i++)
        printf("x = %2.0f: mean %.2f to %.2f, new target %.2f to %.2f; the curve is at %.2f\n", (double)x[i],
               (double)mean[0][i], (double)mean[1][i], (double)target[0][i], (double)target[1][i],
               tanh(2 * (double)x[i]));
}

static void fit(size_t hidden, const bp_data *data)
{
    const size_t units[] = {1, hidden, 1};
    bp_network *net = NULL;
    bp_workspace *workspace = NULL;
    bp_uncertainty *uncertainty = NULL;
    bp_uncertainty_summary summary;
    check(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    train(net, data);
    check(bp_workspace_create(&workspace, net, CASES));
    check(bp_uncertainty_create(&uncertainty, net, workspace, data, NULL));
    bp_uncertainty_summary_init(&summary, sizeof summary);
    check(bp_uncertainty_get_summary(uncertainty, &summary));
    printf("%zu hidden unit%s: %zu targets, %zu weights, E %.4f\n", hidden, hidden == 1 ? "" : "s",
           summary.residuals, summary.weights, summary.error);
    print_weights(net, uncertainty);
    if (summary.unidentified == 0)
        print_intervals(workspace, uncertainty);
    bp_uncertainty_destroy(uncertainty);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

int main(void)
{
    bp_real inputs[CASES], targets[CASES];
    unsigned state = 1;
    for (int i = 0; i < CASES; i++) {
        const double x = -2 + 4.0 * i / (CASES - 1);
        inputs[i] = (bp_real)x;
        targets[i] = (bp_real)(tanh(2 * x) + 0.5 * noise(&state));
    }
    const bp_data data = bp_data_view(CASES, inputs, 1, targets, 1);
    fit(1, &data);
    fit(8, &data);
    return EXIT_SUCCESS;
}
