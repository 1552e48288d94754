/*
 * Two inputs, two hidden units, one output, one case: every number of two updates of the weights, each beside
 * the equation of [RHW86] it comes from. The library's tests hold the same figures, to 15 digits.
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

/* A total input is not handed out; it follows from the outputs below it. */
static double total_input(const bp_real *y, const bp_real *w)
{
    return (double)y[0] * (double)w[0] + (double)y[1] * (double)w[1];
}

static double slope(bp_real y)
{
    return (double)y * (1 - (double)y);
}

/* The outputs of the hidden units and of the output unit. */
typedef struct unit_outputs {
    bp_real hidden[2], output;
} unit_outputs;

static unit_outputs print_forward(const bp_network *net, bp_workspace *workspace, const bp_data *data)
{
    const bp_real *w = bp_network_weights(net, NULL);
    unit_outputs y;
    check(bp_network_predict(net, workspace, data, &y.output));
    check(bp_workspace_layer_outputs(workspace, bp_network_find_layer(net, "hidden"), y.hidden, 2));
    row("(1) x_j = sum_i y_i w_ji", "x1", total_input(data->inputs, w));
    row("", "x2", total_input(data->inputs, w + 2));
    row("(2) y_j = 1/(1 + e^-x_j)", "y1", (double)y.hidden[0]);
    row("", "y2", (double)y.hidden[1]);
    row("(1)", "x_out", total_input(y.hidden, w + 4));
    row("(2)", "y_out", (double)y.output);
    return y;
}

/* What passes from unit to unit on the way back. */
static void print_backward(const bp_real *w, const unit_outputs *y, double target)
{
    double dy_out = (double)y->output - target;
    double dx_out = dy_out * slope(y->output);
    double dy1 = dx_out * (double)w[4], dy2 = dx_out * (double)w[5];
    row("(4) dE/dy = y - d", "dE/dy_out", dy_out);
    row("(5) dE/dx = dE/dy y(1 - y)", "dE/dx_out", dx_out);
    row("(7) dE/dy_i = sum dE/dx w", "dE/dy1", dy1);
    row("", "dE/dy2", dy2);
    row("(5)", "dE/dx1", dy1 * slope(y->hidden[0]));
    row("", "dE/dx2", dy2 * slope(y->hidden[1]));
}

static void print_values(const char *equation, const char *prefix, const double *values)
{
    static const char *const names[WEIGHTS] = {"w11", "w12", "w21", "w22", "v1", "v2"};
    for (int i = 0; i < WEIGHTS; i++) {
        char name[16];
        snprintf(name, sizeof name, "%s%s", prefix, names[i]);
        row(i == 0 ? equation : "", name, values[i]);
    }
}

static void widen(const bp_real *values, double *wide)
{
    for (int i = 0; i < WEIGHTS; i++)
        wide[i] = (double)values[i];
}

/* Everything that follows from the weights as they are. */
static void print_pass(const bp_network *net, bp_workspace *workspace, const bp_data *data)
{
    bp_real gradient[WEIGHTS], to_input[2];
    double error, wide[WEIGHTS];
    unit_outputs y = print_forward(net, workspace, data);
    check(bp_network_gradient(net, workspace, data, bp_loss_squared_error(), &error, gradient));
    check(bp_network_input_gradient(net, workspace, data, bp_loss_squared_error(), NULL, to_input));
    row("(3) E = 1/2 (y - d)^2", "E", error);
    print_backward(bp_network_weights(net, NULL), &y, (double)data->targets[0]);
    row("(7)", "dE/dinput1", (double)to_input[0]);
    row("", "dE/dinput2", (double)to_input[1]);
    widen(gradient, wide);
    print_values("(6) dE/dw_ji = dE/dx_j y_i", "dE/d", wide);
}

/* Lets the trainer make one change, and prints it and the weights it leads to. */
static void print_change(const bp_network *net, bp_trainer *trainer, const bp_data *data)
{
    double before[WEIGHTS], after[WEIGHTS], change[WEIGHTS];
    widen(bp_network_weights(net, NULL), before);
    check(bp_trainer_run(trainer, data, NULL, NULL));
    widen(bp_network_weights(net, NULL), after);
    for (int i = 0; i < WEIGHTS; i++)
        change[i] = after[i] - before[i];
    print_values("(9) dw = -e dE/dw + a dw", "d", change);
    print_values("w + dw", "", after);
}

int main(void)
{
    const bp_real inputs[] = {(bp_real)0.5, (bp_real)0.8}, targets[] = {(bp_real)0.7};
    bp_data data = bp_data_view(1, inputs, 2, targets, 1);
    bp_network *net = make_network();
    bp_workspace *workspace = NULL;
    bp_trainer *trainer = NULL;
    const bp_stop_rule one_change = bp_stop_updates(1);
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(learning_rate, momentum);
    options.stop_rules = &one_change;
    options.stop_rule_count = 1;
    check(bp_workspace_create(&workspace, net, 1));
    check(bp_trainer_create(&trainer, net, &options));

    printf("inputs 0.5 and 0.8, target 0.7, learning rate %g, momentum %g\n", learning_rate, momentum);
    double start[WEIGHTS];
    widen(bp_network_weights(net, NULL), start);
    print_values("initial weights w_ji", "", start);
    for (int updates = 0; updates <= 2; updates++) {
        if (updates > 0) {
            printf("\nupdate %d of the weights\n", updates);
            print_change(net, trainer, &data);
        }
        printf("\nafter %d update%s\n", updates, updates == 1 ? "" : "s");
        print_pass(net, workspace, &data);
    }
    bp_trainer_destroy(trainer);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    return EXIT_SUCCESS;
}
