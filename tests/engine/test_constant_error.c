/* The error of the best constant outputs, against a search for them. */
#include <math.h>
#include <string.h>

#include "engine/constant_error.h"
#include "engine/loss.h"
#include "support/support.h"

enum { CASES = 40, INPUTS = 2, TARGETS = 5 };

typedef struct example {
    bp_real inputs[CASES * INPUTS], targets[CASES * (TARGETS + 1)], weights[CASES];
    bp_data data;
    bp_network *net;
} example;

/* One output layer of all targets, or two, of the first 2 and the rest. */
static bp_network *make_network(bp_activation first, bool two, bp_activation second)
{
    bp_network *net = NULL;
    bp_layer *input = NULL, *layers[2] = {NULL, NULL};
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&input, net, NULL, INPUTS));
    assert_ok(bp_network_add_layer(&layers[0], net, "first", two ? 2 : TARGETS, first));
    assert_ok(bp_network_connect(NULL, net, input, layers[0]));
    assert_ok(bp_layer_set_output(layers[0]));
    if (two) {
        assert_ok(bp_network_add_layer(&layers[1], net, "second", TARGETS - 2, second));
        assert_ok(bp_network_connect(NULL, net, input, layers[1]));
        assert_ok(bp_layer_set_output(layers[1]));
    }
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, 1));
    return net;
}

/* Targets in 0..1 whose columns have different means, or one-hot from column `classes` on; the rows lie a
 * column apart. */
static void make(example *e, bp_network *net, size_t classes, bool weighted)
{
    uint64_t seed = 8;
    memset(e, 0, sizeof *e);
    e->net = net;
    for (size_t row = 0; row < CASES; row++) {
        bp_real *targets = e->targets + row * (TARGETS + 1);
        for (size_t i = 0; i < TARGETS; i++)
            targets[i] = i < classes ? (bp_real)test_uniform(&seed, 0, 0.3 + 0.1 * (double)i) : 0;
        if (classes < TARGETS)
            targets[classes + (test_below(&seed, 3) == 0 ? test_below(&seed, TARGETS - classes) : 0)] = 1;
        targets[TARGETS] = 1000; /* to be skipped */
        e->weights[row] = (bp_real)test_uniform(&seed, 0, 3);
        for (size_t i = 0; i < INPUTS; i++)
            e->inputs[row * INPUTS + i] = (bp_real)test_uniform(&seed, -1, 1);
    }
    e->weights[3] = 0;
    e->data = bp_data_view(CASES, e->inputs, INPUTS, e->targets, TARGETS);
    e->data.target_stride = TARGETS + 1;
    e->data.case_weights = weighted ? e->weights : NULL;
}

static void end(example *e)
{
    bp_network_destroy(e->net);
}

static double scaled_target(const example *e, size_t row, size_t column)
{
    bp_real offsets[TARGETS], factors[TARGETS];
    assert_ok(bp_network_get_target_scaling(e->net, offsets, factors, TARGETS));
    return ((double)e->targets[row * (TARGETS + 1) + column] - (double)offsets[column]) *
           (double)factors[column];
}

static double case_weight(const example *e, size_t row)
{
    return e->data.case_weights == NULL ? 1 : (double)e->weights[row];
}

static double weighted_mean(const example *e, size_t column)
{
    double sum = 0, weights = 0;
    for (size_t row = 0; row < CASES; row++) {
        sum += case_weight(e, row) * scaled_target(e, row, column);
        weights += case_weight(e, row);
    }
    return sum / weights;
}

/* d ln y, which is 0 for d = 0. */
static double part(double d, double y)
{
    return d > 0 ? d * log(y) : 0;
}

/* The formulas of bp_loss_squared_error() and bp_loss_cross_entropy(), for one unit. */
static double unit_error(bp_loss loss, bp_activation activation, double y, double d)
{
    if (loss.kind == LOSS_SQUARED_ERROR)
        return (y - d) * (y - d) / 2;
    const bool is_softmax = activation.kind == bp_activation_softmax().kind;
    return -part(d, y) - (is_softmax ? 0 : part(1 - d, 1 - y));
}

/* Mean E of the same outputs for all cases. */
static double error_of_outputs(const example *e, bp_loss loss, const double *outputs)
{
    double sum = 0;
    for (size_t row = 0; row < CASES; row++)
        for (size_t i = 0; i < e->net->output_count; i++) {
            const bp_layer *layer = e->net->outputs[i];
            const size_t first = layer->output_column;
            for (size_t unit = 0; unit < bp_layer_units(layer); unit++)
                sum +=
                    case_weight(e, row) * unit_error(loss, bp_layer_activation(layer), outputs[first + unit],
                                                     scaled_target(e, row, first + unit));
        }
    return sum / CASES;
}

/* The same by sums over the unscaled targets, which are all that is known of a stream. */
static double error_by_sums(const example *e, bp_loss loss)
{
    target_sums sums[TARGETS] = {{0}};
    for (size_t row = 0; row < CASES; row++)
        for (size_t i = 0; i < e->data.target_width; i++)
            bpi_target_sums_add(&sums[i], (double)e->data.targets[row * e->data.target_stride + i],
                                case_weight(e, row));
    return bpi_constant_error_by(e->net, sums, CASES, &loss);
}

/* The means have this error, and whatever is near them no less. keeps_sum: of
 * outputs that sum to 1. */
static void assert_best(example *e, bp_loss loss, bool keeps_sum)
{
    double means[TARGETS];
    for (size_t i = 0; i < TARGETS; i++)
        means[i] = weighted_mean(e, i);
    const double least = error_of_outputs(e, loss, means);
    assert_true(least > 0);
    assert_close(bpi_constant_error(e->net, &e->data, &loss), least, TOLERANCE(1e-6, 1e-12));
    assert_close(error_by_sums(e, loss), least, TOLERANCE(1e-6, 1e-12));
    const double steps[] = {1e-2, -1e-2, 1e-3, -1e-3};
    for (size_t i = 0; i < TARGETS; i++)
        for (size_t j = 0; j < sizeof steps / sizeof steps[0]; j++) {
            double outputs[TARGETS];
            memcpy(outputs, means, sizeof outputs);
            outputs[i] += steps[j];
            if (keeps_sum)
                outputs[(i + 1) % TARGETS] -= steps[j];
            assert_true(error_of_outputs(e, loss, outputs) > least);
        }
}

static void scale_targets(bp_network *net)
{
    const bp_real offsets[] = {-2, 0, 1, 3, (bp_real)0.5}, factors[] = {2, 1, (bp_real)0.25, 10, 1};
    assert_ok(bp_network_set_target_scaling(net, offsets, factors, TARGETS));
}

/* ----------------------------------------------------------------------------- tests */

static void test_squared_error(void **state)
{
    (void)state;
    const bp_activation outputs[] = {bp_activation_linear(), bp_activation_logistic(), bp_activation_tanh()};
    example e;
    for (size_t i = 0; i < 3; i++)
        for (int weighted = 0; weighted < 2; weighted++)
            for (int scaled = 0; scaled < 2; scaled++) {
                make(&e, make_network(outputs[i], false, outputs[i]), TARGETS, weighted);
                if (scaled)
                    scale_targets(e.net);
                assert_best(&e, bp_loss_squared_error(), false);
                end(&e);
            }
}

static void test_cross_entropy(void **state)
{
    (void)state;
    example e;
    for (int weighted = 0; weighted < 2; weighted++) {
        make(&e, make_network(bp_activation_logistic(), false, bp_activation_logistic()), TARGETS, weighted);
        assert_best(&e, bp_loss_cross_entropy(), false);
        end(&e);
        make(&e, make_network(bp_activation_softmax(), false, bp_activation_softmax()), 0, weighted);
        assert_best(&e, bp_loss_cross_entropy(), true);
        end(&e);
    }
}

/* The layers' errors add up, and each has its own formula. */
static void test_two_output_layers(void **state)
{
    (void)state;
    example e;
    for (int weighted = 0; weighted < 2; weighted++) {
        make(&e, make_network(bp_activation_linear(), true, bp_activation_tanh()), TARGETS, weighted);
        scale_targets(e.net);
        assert_best(&e, bp_loss_squared_error(), false);
        end(&e);
        make(&e, make_network(bp_activation_logistic(), true, bp_activation_softmax()), 2, weighted);
        double means[TARGETS];
        for (size_t i = 0; i < TARGETS; i++)
            means[i] = weighted_mean(&e, i);
        const bp_loss loss = bp_loss_cross_entropy();
        assert_close(bpi_constant_error(e.net, &e.data, &loss), error_of_outputs(&e, loss, means),
                     TOLERANCE(1e-6, 1e-12));
        assert_close(error_by_sums(&e, loss), error_of_outputs(&e, loss, means), TOLERANCE(1e-6, 1e-12));
        end(&e);
    }
}

/* No training reaches less with weights of 0 but the biases: the library's own E of such a network. */
static void test_biases_alone_reach_it(void **state)
{
    (void)state;
    example e;
    make(&e, make_network(bp_activation_logistic(), false, bp_activation_logistic()), TARGETS, true);
    bp_real weights[INPUTS * TARGETS] = {0}, biases[TARGETS];
    for (size_t i = 0; i < TARGETS; i++) {
        const double mean = weighted_mean(&e, i);
        biases[i] = (bp_real)log(mean / (1 - mean));
    }
    assert_ok(bp_connection_set_weights(bp_network_connection(e.net, 0), weights, INPUTS * TARGETS));
    assert_ok(bp_layer_set_biases(e.net->outputs[0], biases, TARGETS));
    bp_workspace *workspace = NULL;
    assert_ok(bp_workspace_create(&workspace, e.net, CASES));
    const bp_loss losses[] = {bp_loss_squared_error(), bp_loss_cross_entropy()};
    for (size_t i = 0; i < 2; i++) {
        bp_evaluation evaluation;
        bp_evaluation_init(&evaluation, sizeof evaluation);
        assert_ok(bp_network_evaluate(e.net, workspace, &e.data, losses[i], NULL, &evaluation));
        assert_close(bpi_constant_error(e.net, &e.data, &losses[i]), evaluation.mean_error,
                     TOLERANCE(1e-5, 1e-12));
    }
    bp_workspace_destroy(workspace);
    end(&e);
}

/* Targets that are all the same leave no error, however large they are; nor do classes without a doubt. */
static void test_constant_targets(void **state)
{
    (void)state;
    example e;
    const bp_loss squared = bp_loss_squared_error(), entropy = bp_loss_cross_entropy();
    make(&e, make_network(bp_activation_linear(), false, bp_activation_linear()), TARGETS, true);
    for (size_t i = 0; i < CASES * (TARGETS + 1); i++)
        e.targets[i] = (bp_real)123456.7;
    assert_true(bpi_constant_error(e.net, &e.data, &squared) == 0);
    end(&e);
    make(&e, make_network(bp_activation_logistic(), false, bp_activation_logistic()), TARGETS, true);
    for (size_t i = 0; i < CASES * (TARGETS + 1); i++)
        e.targets[i] = (bp_real)(i % (TARGETS + 1) % 2);
    assert_true(bpi_constant_error(e.net, &e.data, &entropy) == 0);
    end(&e);
}

/* Far from 0 the squares of the targets themselves would have no digits left. */
static void test_large_offsets(void **state)
{
    (void)state;
    example e;
    const bp_loss loss = bp_loss_squared_error();
    make(&e, make_network(bp_activation_linear(), false, bp_activation_linear()), TARGETS, false);
    for (size_t i = 0; i < CASES * (TARGETS + 1); i++)
        e.targets[i] = (bp_real)(4194304 + (i / (TARGETS + 1)) % 2); /* 2^22: exact in float */
    assert_close(bpi_constant_error(e.net, &e.data, &loss), TARGETS * 0.5 * 0.25, 1e-9);
    end(&e);
}

static void test_no_weight_at_all(void **state)
{
    (void)state;
    example e;
    const bp_loss loss = bp_loss_squared_error();
    make(&e, make_network(bp_activation_linear(), false, bp_activation_linear()), TARGETS, true);
    memset(e.weights, 0, sizeof e.weights);
    assert_true(bpi_constant_error(e.net, &e.data, &loss) == 0);
    end(&e);
}

static double any_loss(void *context, const bp_real *y, const bp_real *d, bp_real *derivative, size_t units)
{
    (void)context, (void)y, (void)d, (void)derivative, (void)units;
    return 1;
}

static void test_a_custom_loss_has_none(void **state)
{
    (void)state;
    example e;
    const bp_loss loss = bp_loss_custom(any_loss, NULL);
    make(&e, make_network(bp_activation_linear(), false, bp_activation_linear()), TARGETS, true);
    assert_true(isnan(bpi_constant_error(e.net, &e.data, &loss)));
    end(&e);
}

/* The least mean E of hinge loss of a column, found by trying outputs. */
static double least_hinge(const example *e, size_t column)
{
    double least = INFINITY;
    for (int step = -300; step <= 300; step++) {
        double sum = 0;
        for (size_t row = 0; row < CASES; row++) {
            const double t = scaled_target(e, row, column) > 0 ? 1 : -1;
            sum += case_weight(e, row) * fmax(0, 1 - t * step / 100);
        }
        least = fmin(least, sum / CASES);
    }
    return least;
}

/* Targets of 0 and 1, or of -1 and 1, or all of them; and a loss for each output layer, with a weight. */
static void test_hinge_and_losses_of_outputs(void **state)
{
    (void)state;
    example e;
    uint64_t seed = 9;
    const bp_loss losses[] = {bp_loss_hinge(), bp_loss_squared_error()};
    const double weights[] = {0.5, 3};
    const bp_loss both = bp_loss_of_outputs(losses, weights, 2);
    double hinge = 0, squared = 0;
    make(&e, make_network(bp_activation_linear(), true, bp_activation_linear()), TARGETS, true);
    for (size_t row = 0; row < CASES; row++) {
        bp_real *targets = e.targets + row * (TARGETS + 1);
        targets[0] = test_below(&seed, 3) == 0;
        targets[1] = targets[0] > 0 ? 1 : test_below(&seed, 2) == 0 ? 0 : -1;
    }
    for (size_t i = 0; i < TARGETS; i++) {
        const double mean = weighted_mean(&e, i);
        for (size_t row = 0; i >= 2 && row < CASES; row++)
            squared +=
                case_weight(&e, row) *
                unit_error(bp_loss_squared_error(), bp_activation_linear(), mean, scaled_target(&e, row, i)) /
                CASES;
        hinge += i < 2 ? least_hinge(&e, i) : 0;
    }
    assert_true(hinge > 0.1);
    assert_close(bpi_constant_error(e.net, &e.data, &both), 0.5 * hinge + 3 * squared,
                 TOLERANCE(1e-6, 1e-12));
    assert_close(error_by_sums(&e, both), 0.5 * hinge + 3 * squared, TOLERANCE(1e-6, 1e-12));
    end(&e);
}

static void test_where_it_is_not_known(void **state)
{
    (void)state;
    example e;
    const bp_loss entropy = bp_loss_with_label_smoothing(bp_loss_cross_entropy(), 0.1);
    const bp_loss losses[] = {bp_loss_absolute_error(), bp_loss_huber(1), bp_loss_log_cosh(),
                              bp_loss_quantile(0.5), bp_loss_poisson()};
    make(&e, make_network(bp_activation_linear(), false, bp_activation_linear()), TARGETS, true);
    for (size_t i = 0; i < sizeof losses / sizeof losses[0]; i++) {
        assert_true(isnan(bpi_constant_error(e.net, &e.data, &losses[i])));
        assert_true(isnan(error_by_sums(&e, losses[i])));
    }
    end(&e);
    make(&e, make_network(bp_activation_logistic(), false, bp_activation_linear()), TARGETS, true);
    assert_true(isnan(bpi_constant_error(e.net, &e.data, &entropy)));
    end(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_squared_error),
        cmocka_unit_test(test_cross_entropy),
        cmocka_unit_test(test_two_output_layers),
        cmocka_unit_test(test_biases_alone_reach_it),
        cmocka_unit_test(test_constant_targets),
        cmocka_unit_test(test_large_offsets),
        cmocka_unit_test(test_no_weight_at_all),
        cmocka_unit_test(test_a_custom_loss_has_none),
        cmocka_unit_test(test_hinge_and_losses_of_outputs),
        cmocka_unit_test(test_where_it_is_not_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
