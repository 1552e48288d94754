/* Several cases of a small network in one kernel call: with each table, a worked case, then random networks
 * against the oracle, then numbers of cases around those of a vector's lanes. */
#include "engine/gradient.h"
#include "engine/plan.h"

#include <stdlib.h>
#include <string.h>

#include "engine/small_example.h"
#include "reference/comparison.h"
#include "reference/own_losses.h"
#include "reference/random_network.h"
#include "reference/worked_example.h"

enum { NETWORKS = 120 };

static const comparison_tolerance tolerance = {TOLERANCE(1e-6, 1e-13), TOLERANCE(1e-5, 1e-12)};
static const double kink = TOLERANCE(1e-5, 1e-13); /* rounding can carry a ReLU unit this far */

/* ------------------------------------------------------------------- a worked case */

/*
 * The worked example `count` times over, as that many cases: y of each is that of the one case, E and dE/dw
 * are `count` times as great.
 */
static void check_worked_example(const kernel_table *table, size_t count)
{
    const worked_step *wanted = &worked_example[0];
    bp_network *net = worked_example_network();
    use_kernels(net, table);
    bp_real *inputs = new_reals(2 * count), *targets = new_reals(count), *outputs = new_reals(count);
    bp_real *hidden = new_reals(2 * count), gradient[WORKED_WEIGHTS];
    for (size_t i = 0; i < count; i++) {
        inputs[2 * i] = (bp_real)WORKED_INPUT_1;
        inputs[2 * i + 1] = (bp_real)WORKED_INPUT_2;
        targets[i] = (bp_real)WORKED_TARGET;
    }
    const bp_data data = bp_data_view(count, inputs, 2, targets, 1);
    bp_workspace *workspace = NULL;
    double error;
    assert_ok(bp_workspace_create(&workspace, net, count));
    assert_ok(bp_network_gradient(net, workspace, &data, bp_loss_squared_error(), &error, gradient));
    assert_close(error, (double)count * wanted->error, tolerance.gradient);
    for (size_t w = 0; w < WORKED_WEIGHTS; w++)
        assert_close(gradient[w], (double)count * wanted->gradient[w], tolerance.gradient);
    assert_ok(bp_network_predict(net, workspace, &data, outputs));
    assert_ok(bp_workspace_layer_outputs(workspace, bp_network_find_layer(net, "hidden"), hidden, 2 * count));
    for (size_t i = 0; i < count; i++) {
        assert_close(outputs[i], wanted->y_out, tolerance.gradient);
        assert_close(hidden[2 * i], wanted->y1, tolerance.gradient);
        assert_close(hidden[2 * i + 1], wanted->y2, tolerance.gradient);
    }
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    free(inputs);
    free(targets);
    free(outputs);
    free(hidden);
}

static void test_worked_example(void **state)
{
    (void)state;
    const kernel_table *table;
    for (size_t t = 0; (table = supported_table(t)) != NULL; t++) {
        check_worked_example(table, 2);
        check_worked_example(table, 37); /* more than one vector, and a last one that is not full */
    }
}

/* ------------------------------------------------------------- against the oracle */

/* Periodic activations make more of the rounding of x than other ones. */
static bool is_comparable(const random_network *random)
{
    for (size_t i = 0; i < random->ref->layer_count; i++) {
        const reference_activation *formula = random->ref->layers[i].formula;
        if (formula != NULL && reference_is_periodic(formula))
            return false;
    }
    return (bpi_network_facts(random->net) & FACT_SMALL_PASS) != 0;
}

static void check_random_network(random_network *random, uint64_t seed)
{
    const kernel_table *table, *own = random->net->kernel;
    comparison c = comparison_create(random->net, &random->data);
    const reference_result wanted = comparison_wanted(&c);
    reference_run(random->ref, &random->data, random->ref_loss, &wanted);
    for (size_t t = 0; (table = supported_table(t)) != NULL && random->ref->closest_kink > kink; t++) {
        use_kernels(random->net, table);
        comparison_run(&c, &random->data, random->loss, 1 + (size_t)seed % 90);
        comparison_assert(&c, tolerance, table->name, seed);
    }
    use_kernels(random->net, own);
    comparison_destroy(&c);
}

static void test_random_networks_equal_the_oracle(void **state)
{
    (void)state;
    size_t compared = 0;
    for (uint64_t seed = 1000; compared < NETWORKS; seed++) {
        random_network *random = random_network_create(seed);
        if (is_comparable(random)) {
            check_random_network(random, seed);
            compared++;
        }
        random_network_destroy(random);
    }
}

/* Each output layer has a loss of its own. */
static void test_losses_of_outputs_equal_the_oracle(void **state)
{
    (void)state;
    size_t compared = 0;
    for (uint64_t seed = 5000; compared < NETWORKS; seed++) {
        uint64_t stream = seed;
        random_network *random = random_network_create(seed);
        own_losses own;
        random_network_draw_losses(random, &stream, &own);
        if (is_comparable(random)) {
            check_random_network(random, seed);
            compared++;
        }
        random_network_destroy(random);
    }
}

/* Two output layers, of which the first, softmax, leads to the second. */
static bp_network *network_with_leading_softmax(void)
{
    bp_network *net = NULL;
    bp_layer *in, *below, *above;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", 2));
    assert_ok(bp_network_add_layer(&below, net, "below", 3, bp_activation_softmax()));
    assert_ok(bp_network_add_layer(&above, net, "above", 1, bp_activation_tanh()));
    assert_ok(bp_network_connect(NULL, net, in, below));
    assert_ok(bp_network_connect(NULL, net, below, above));
    assert_ok(bp_layer_set_output(below));
    assert_ok(bp_layer_set_output(above));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, 1));
    return net;
}

/* The default loss of an output layer is the loss that it stands for, to the bit: cross-entropy of a softmax
 * layer, here one that leads to another layer, and squared error of other ones. */
static void test_the_default_loss_of_an_output_is_the_one_that_suits_it(void **state)
{
    (void)state;
    enum { CASES = 5, WEIGHTS = 13 };
    const bp_loss defaults[] = {bp_loss_default(), bp_loss_default()};
    const bp_loss named[] = {bp_loss_cross_entropy(), bp_loss_squared_error()};
    bp_network *net = network_with_leading_softmax();
    bp_real inputs[2 * CASES], targets[4 * CASES] = {0}, found[WEIGHTS], wanted[WEIGHTS];
    double error, wanted_error;
    for (size_t c = 0; c < CASES; c++) {
        inputs[2 * c] = (bp_real)c;
        inputs[2 * c + 1] = 1 - (bp_real)c / 4;
        targets[4 * c + c % 3] = targets[4 * c + 3] = 1;
    }
    const bp_data data = bp_data_view(CASES, inputs, 2, targets, 4);
    bp_workspace *workspace = NULL;
    assert_ok(bp_workspace_create(&workspace, net, CASES));
    assert_ok(bp_network_gradient(net, workspace, &data, bp_loss_of_outputs(named, NULL, 2), &wanted_error,
                                  wanted));
    assert_ok(
        bp_network_gradient(net, workspace, &data, bp_loss_of_outputs(defaults, NULL, 2), &error, found));
    assert_true(error == wanted_error);
    assert_memory_equal(found, wanted, sizeof wanted);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

/* ---------------------------------------------------------------- numbers of cases */

/* Cases in an order of the trainer's are the same as cases that stand in that order, to the bit. */
static void check_order(const small_example *e, size_t count)
{
    const bp_loss loss = bp_loss_squared_error();
    const size_t in = e->data.input_width, out = e->data.target_width;
    uint64_t stream = count;
    size_t *order = new_array(count, sizeof *order);
    bp_real *inputs = new_reals(count * in), *targets = new_reals(count * out);
    bp_real *ordered = new_reals(e->weights), *wanted = new_reals(e->weights);
    for (size_t i = 0; i < count; i++) {
        order[i] = test_below(&stream, SMALL_EXAMPLE_CASES);
        memcpy(inputs + i * in, e->data.inputs + order[i] * in, in * sizeof *inputs);
        memcpy(targets + i * out, e->data.targets + order[i] * out, out * sizeof *targets);
    }
    bp_data data = bp_data_view(count, inputs, in, targets, out), all = e->data;
    all.input_stride = in;
    all.target_stride = out;
    double error;
    batch_error found;
    assert_ok(bp_network_gradient(e->net, e->workspace, &data, loss, &error, wanted));
    assert_ok(bpi_batch_gradient("test", e->workspace, &(batch){.data = &all, .order = order, .count = count},
                                 &loss, ordered, &found));
    assert_memory_equal(ordered, wanted, e->weights * sizeof *wanted);
    assert_true(found.error == error);
    free(order);
    free(inputs);
    free(targets);
    free(ordered);
    free(wanted);
}

/* The outputs of a case do not depend on the cases beside it, nor on the call, and can be read layer by
 * layer.
 */
static void check_outputs(const small_example *e, size_t count)
{
    const size_t out = e->data.target_width;
    bp_real *gradient = new_reals(e->weights);
    bp_data part = e->data;
    bp_real *all = new_reals(SMALL_EXAMPLE_CASES * out), *some = new_reals(SMALL_EXAMPLE_CASES * out);
    assert_ok(bp_network_predict(e->net, e->workspace, &part, all));
    part.cases = count;
    part.inputs += 3 * part.input_width;
    assert_ok(bp_network_predict(e->net, e->workspace, &part, some));
    assert_memory_equal(some, all + 3 * out, count * out * sizeof *some);
    small_example_assert_outputs(e, some, count);
    assert_ok(bp_network_gradient(e->net, e->workspace, &part, bp_loss_squared_error(), NULL, gradient));
    small_example_assert_outputs(e, some, count);
    free(gradient);
    free(all);
    free(some);
}

static void test_numbers_of_cases(void **state)
{
    (void)state;
    static const size_t units[][3] = {{2, 2, 1}, {6, 2, 1}, {8, 3, 8}, {1, 1, 1}, {3, 17, 5}, {31, 7, 9}};
    static const size_t counts[] = {2, 3, 7, 15, 16, 17, 31, 32, 33, 63, 64, 65, 129, 600};
    const kernel_table *table;
    for (size_t t = 0; (table = supported_table(t)) != NULL; t++)
        for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
            small_example e = small_example_create(units[i], bp_activation_logistic(), table);
            for (size_t j = 0; j < sizeof counts / sizeof counts[0]; j++) {
                check_order(&e, counts[j]);
                check_outputs(&e, counts[j]);
            }
            small_example_destroy(&e);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worked_example),
        cmocka_unit_test(test_random_networks_equal_the_oracle),
        cmocka_unit_test(test_losses_of_outputs_equal_the_oracle),
        cmocka_unit_test(test_the_default_loss_of_an_output_is_the_one_that_suits_it),
        cmocka_unit_test(test_numbers_of_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
