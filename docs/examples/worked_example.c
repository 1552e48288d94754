/*
 * Two inputs, two hidden units, one output, one case: every number of two changes of the weights, each beside
 * the equation of [RHW86] it comes from. The same figures, computed by hand to 15 digits, are in the
 * library's tests.
 */
#include <stdio.h>
#include <stdlib.h>

#include <backprop.h>

enum { WEIGHTS = 6 };

static const double learning_rate = 0.5, momentum = 0.9;

static void check(bp_status status)
{
    if (status == BP_OK)
        return;
    fprintf(stderr, "worked_example: %s\n", bp_error_message());
    exit(EXIT_FAILURE);
}

static bp_network *make_network(void)
{
    /* w_ji goes from unit i to unit j: one row per receiving unit. */
    const bp_real to_hidden[] = {(bp_real)0.2, (bp_real)0.3, (bp_real)0.4, (bp_real)0.1};
    const bp_real to_output[] = {(bp_real)0.6, (bp_real)0.5};
    bp_network *net = NULL;
    bp_layer *input, *hidden, *output;
    bp_connection *lower, *upper;
    check(bp_network_create(&net, NULL));
    check(bp_network_add_input(&input, net, "input", 2));
    check(bp_network_add_layer(&hidden, net, "hidden", 2, bp_activation_logistic()));
    check(bp_network_add_layer(&output, net, "output", 1, bp_activation_logistic()));
    check(bp_layer_enable_bias(hidden, 0));
    check(bp_layer_enable_bias(output, 0));
    check(bp_network_connect(&lower, net, input, hidden));
    check(bp_network_connect(&upper, net, hidden, output));
    check(bp_network_finalize(net));
    check(bp_connection_set_weights(lower, to_hidden, 4));
    check(bp_connection_set_weights(upper, to_output, 2));
    return net;
}

static void row(const char *equation, const char *name, double value)
{
    int digits = sizeof(bp_real) == sizeof(double) ? 15 : 9;
    printf("  %-28s %-10s % .*f\n", equation, name, digits, value);
}

static void print_forward(const bp_network *net, bp_workspace *workspace, const bp_data *data)
{
    const bp_real *w = bp_network_weights(net, NULL);
    const bp_real *in = data->inputs;
    bp_real hidden[2], output;
    check(bp_network_predict(net, workspace, data, &output));
    check(bp_workspace_layer_outputs(workspace, bp_network_find_layer(net, "hidden"), hidden, 2));
    row("(1) x_j = sum_i y_i w_ji", "x1", (double)in[0] * (double)w[0] + (double)in[1] * (double)w[1]);
    row("", "x2", (double)in[0] * (double)w[2] + (double)in[1] * (double)w[3]);
    row("(2) y_j = 1/(1 + e^-x_j)", "y1", (double)hidden[0]);
    row("", "y2", (double)hidden[1]);
    row("(1)", "x_out", (double)hidden[0] * (double)w[4] + (double)hidden[1] * (double)w[5]);
    row("(2)", "y_out", (double)output);
    /* The derivatives of the output unit follow from y and the target alone. */
    double difference = (double)output - (double)data->targets[0];
    row("(4) dE/dy = y - d", "dE/dy_out", difference);
    row("(5) dE/dx = dE/dy y(1 - y)", "dE/dx_out", difference * (double)output * (1 - (double)output));
}

static void print_step(const bp_network *net, bp_workspace *workspace, const bp_data *data)
{
    static const char *const names[WEIGHTS] = {"w11", "w12", "w21", "w22", "v1", "v2"};
    const bp_real *w = bp_network_weights(net, NULL);
    bp_real gradient[WEIGHTS], to_input[2];
    double error;
    print_forward(net, workspace, data);
    check(bp_network_gradient(net, workspace, data, bp_loss_squared_error(), &error, gradient));
    check(bp_network_input_gradient(net, workspace, data, bp_loss_squared_error(), NULL, to_input));
    row("(3) E = 1/2 (y - d)^2", "E", error);
    for (int i = 0; i < WEIGHTS; i++) {
        char name[16];
        snprintf(name, sizeof name, "dE/d%s", names[i]);
        row(i == 0 ? "(6) dE/dw_ji = dE/dx_j y_i" : "", name, (double)gradient[i]);
    }
    row("(7) dE/dy_i = sum dE/dx w", "dE/dinput1", (double)to_input[0]);
    row("", "dE/dinput2", (double)to_input[1]);
    for (int i = 0; i < WEIGHTS; i++)
        row(i == 0 ? "the weights" : "", names[i], (double)w[i]);
}

int main(void)
{
    const bp_real inputs[] = {(bp_real)0.5, (bp_real)0.8}, targets[] = {(bp_real)0.7};
    bp_data data = bp_data_view(1, inputs, 2, targets, 1);
    bp_network *net = make_network();
    bp_workspace *workspace = NULL;
    bp_trainer *trainer = NULL;
    const bp_stop_rule one_change = bp_stop_changes(1);
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(learning_rate, momentum);
    options.stop_rules = &one_change;
    options.stop_rule_count = 1;
    check(bp_workspace_create(&workspace, net, 1));
    check(bp_trainer_create(&trainer, net, &options));

    printf("inputs 0.5 and 0.8, target 0.7, learning rate %g, momentum %g\n", learning_rate, momentum);
    for (int change = 0; change <= 2; change++) {
        if (change > 0)
            check(bp_trainer_run(trainer, &data, NULL, NULL)); /* (9) dw(t) = -eps dE/dw + alpha dw(t-1) */
        printf("\nafter %d change%s of the weights, eq. (9)\n", change, change == 1 ? "" : "s");
        print_step(net, workspace, &data);
    }
    bp_trainer_destroy(trainer);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    return EXIT_SUCCESS;
}
