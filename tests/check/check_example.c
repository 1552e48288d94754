#include "check/check_example.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

bp_gradient_check check_with(const bp_network *net, const bp_data *data, bp_loss loss)
{
    bp_workspace *workspace = NULL;
    bp_gradient_check result;
    bp_gradient_check_init(&result, sizeof result);
    assert_ok(bp_workspace_create(&workspace, net, data->cases));
    assert_ok(bp_network_check_gradient(net, workspace, data, loss, 0, &result));
    bp_workspace_destroy(workspace);
    return result;
}

static void print_result(const bp_gradient_check *r)
{
    print_error("checked %zu, left out %zu, worst %g: weight %zu into %s[%zu] from %s[%zu]: %.9g, %.9g; "
                "suspect %s; activation %s of %s: %g\n",
                r->checked, r->skipped, r->max_deviation, r->weight, r->layer == NULL ? "-" : r->layer,
                r->unit, r->from == NULL ? "-" : r->from, r->from_unit, r->analytic, r->numeric,
                r->suspect == NULL ? "-" : r->suspect, r->activation == NULL ? "-" : r->activation,
                r->activation == NULL ? "-" : r->activation_layer, r->activation_max_deviation);
}

void assert_passed(const bp_gradient_check *result)
{
    if (!result->passed)
        print_result(result);
    assert_true(result->passed);
    assert_null(result->suspect);
    assert_true(result->max_deviation <= result->tolerance);
}

void assert_caught(const bp_gradient_check *result, const char *layer, const char *activation)
{
    bool blames = result->activation != NULL && result->activation_max_deviation > result->tolerance;
    bool right = !result->passed && result->max_deviation > result->tolerance && result->suspect != NULL &&
                 strcmp(result->suspect, layer) == 0 && blames == (activation != NULL);
    if (right && blames)
        right = strcmp(result->activation, activation) == 0 && strcmp(result->activation_layer, layer) == 0;
    if (!right)
        print_result(result);
    assert_true(right);
}

void fill_example(check_example *f, double size)
{
    uint64_t seed = 21;
    for (size_t i = 0; i < EXAMPLE_CASES * EXAMPLE_INPUTS; i++)
        f->inputs[i] = (bp_real)(size * test_uniform(&seed, -1, 1));
    for (size_t i = 0; i < EXAMPLE_CASES * EXAMPLE_OUTPUTS; i++)
        f->targets[i] = (bp_real)test_uniform(&seed, 0, 1);
    f->data = bp_data_view(EXAMPLE_CASES, f->inputs, EXAMPLE_INPUTS, f->targets, EXAMPLE_OUTPUTS);
}

void make_example(check_example *f, bp_activation lower, bp_activation upper, bp_activation output)
{
    const size_t units[] = {EXAMPLE_INPUTS, 5, 4, EXAMPLE_OUTPUTS};
    const bp_activation of[] = {lower, upper, output};
    const char *const names[] = {"lower", "upper", "output"};
    bp_layer *below, *layer;
    f->net = NULL;
    fill_example(f, 1);
    assert_ok(bp_network_create(&f->net, NULL));
    assert_ok(bp_network_add_input(&below, f->net, "input", units[0]));
    for (size_t i = 0; i < 3; i++) {
        assert_ok(bp_network_add_layer(&layer, f->net, names[i], units[i + 1], of[i]));
        assert_ok(bp_network_connect(NULL, f->net, below, layer));
        assert_ok(bp_layer_set_bias_init(layer, bp_weight_init_uniform(-0.5, 0.5)));
        below = layer;
    }
    assert_ok(bp_network_finalize(f->net));
    assert_ok(bp_network_initialize(f->net, 7));
}

void softsign(void *context, const bp_real *x, bp_real *y, size_t count)
{
    (void)context;
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] / (1 + (bp_real)fabs((double)x[i]));
}

bp_real mistaken(mistake how, bp_real slope, bp_real x)
{
    switch (how) {
    case TWO_PER_CENT:
        return slope * (bp_real)1.02;
    case SIGN:
        return -slope;
    case RIGHT_HALF:
        return x > 0 ? 1 : slope;
    case ZERO:
        return 0;
    case SQUARE_MISSING:
        return (bp_real)sqrt((double)slope);
    case NONE:
        break;
    }
    return slope;
}

void softsign_slope(void *context, const bp_real *x, const bp_real *y, bp_real *slope, size_t count)
{
    const mistake *how = context;
    (void)y;
    for (size_t i = 0; i < count; i++) {
        bp_real size = 1 + (bp_real)fabs((double)x[i]);
        slope[i] = mistaken(*how, 1 / (size * size), x[i]);
    }
}

bp_activation softsign_with(mistake *how)
{
    return bp_activation_custom("softsign", softsign, softsign_slope, how);
}
