/*
 * An activation of one's own, swish: y = x s(x) with s(x) = 1 / (1 + exp(-x)). Its derivative is first
 * given with a mistake that is easily made; the check names it. Then it is given right.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <backprop.h>

static void check(bp_status status)
{
    if (status == BP_OK)
        return;
    fprintf(stderr, "check_gradient: %s\n", bp_error_message());
    exit(EXIT_FAILURE);
}

static double logistic(double x)
{
    return 1 / (1 + exp(-x));
}

static void swish(void *context, const bp_real *x, bp_real *y, size_t count)
{
    (void)context;
    for (size_t i = 0; i < count; i++)
        y[i] = (bp_real)((double)x[i] * logistic((double)x[i]));
}

/* y (1 - y), as if it were the logistic function: wrong. */
static void wrong_slope(void *context, const bp_real *x, const bp_real *y, bp_real *slope, size_t count)
{
    (void)context, (void)x;
    for (size_t i = 0; i < count; i++)
        slope[i] = y[i] * (1 - y[i]);
}

/* s + x s (1 - s) = s + y (1 - s) */
static void right_slope(void *context, const bp_real *x, const bp_real *y, bp_real *slope, size_t count)
{
    (void)context;
    for (size_t i = 0; i < count; i++) {
        double s = logistic((double)x[i]);
        slope[i] = (bp_real)(s + (double)y[i] * (1 - s));
    }
}

static void print(const bp_gradient_check *found)
{
    if (found->passed) {
        printf("passed: %zu weights compared\n", found->checked);
        return;
    }
    if (found->checked == 0) {
        printf("nothing compared, all %zu derivatives skipped: scale the data first, by "
               "bp_network_fit_scaling\n",
               found->skipped);
        return;
    }
    printf("failed: look at layer '%s'\n", found->suspect == NULL ? "?" : found->suspect);
    if (found->activation != NULL && found->activation_max_deviation > found->tolerance)
        printf(
            "  activation '%s' of layer '%s': at x = %.3f its derivative says %.3f, differences say %.3f\n",
            found->activation, found->activation_layer, found->activation_x, found->activation_derivative,
            found->activation_difference);
    if (found->layer != NULL)
        printf("  worst weight: into unit %zu of '%s' from %s%s, dE/dw %.4f, differences of E say %.4f\n",
               found->unit, found->layer, found->from == NULL ? "its bias" : "layer ",
               found->from == NULL ? "" : found->from, found->analytic, found->numeric);
}

/* A 2-4-3-1 network whose second hidden layer has swish units, and the check of its derivatives. */
static void try_slope(const char *text, bp_activation_derivative slope)
{
    const bp_real inputs[] = {0, 0, 0, 1, 1, 0, 1, 1}, targets[] = {0, 1, 1, 0};
    bp_data data = bp_data_view(4, inputs, 2, targets, 1);
    bp_network *net = NULL;
    bp_workspace *workspace = NULL;
    bp_layer *input, *first, *second, *output;
    bp_gradient_check found;
    check(bp_network_create(&net, NULL));
    check(bp_network_add_input(&input, net, "input", 2));
    check(bp_network_add_layer(&first, net, "first", 4, bp_activation_tanh()));
    check(bp_network_add_layer(&second, net, "second", 3, bp_activation_custom("swish", swish, slope, NULL)));
    check(bp_network_add_layer(&output, net, "output", 1, bp_activation_logistic()));
    check(bp_network_connect(NULL, net, input, first));
    check(bp_network_connect(NULL, net, first, second));
    check(bp_network_connect(NULL, net, second, output));
    check(bp_network_finalize(net));
    check(bp_network_set_weight_init(net, bp_weight_init_uniform(-1, 1)));
    check(bp_network_initialize(net, 1));
    check(bp_workspace_create(&workspace, net, 4));

    bp_gradient_check_init(&found, sizeof found);
    check(bp_network_check_gradient(net, workspace, &data, bp_loss_squared_error(), 0, &found));
    printf("%s: ", text);
    print(&found);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

int main(void)
{
    try_slope("y (1 - y)", wrong_slope);
    try_slope("s + y (1 - s)", right_slope);
    return EXIT_SUCCESS;
}
