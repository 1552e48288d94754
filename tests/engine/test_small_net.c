/* The short path of small networks: with each kernel table against the oracle, and who takes it. */
#include "engine/check_data.h"
#include "engine/gradient.h"
#include "engine/loss.h"
#include "engine/online.h"
#include "engine/plan.h"
#include "engine/workspace.h"
#include "kernel/select.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reference/random_network.h"
#include "support/support.h"

enum { NETWORKS = 120, MOST = 1000 };

static const double gradient_tolerance = TOLERANCE(1e-5, 1e-12);
static const double error_tolerance = TOLERANCE(1e-6, 1e-13);
static const double kink = TOLERANCE(1e-5, 1e-13); /* rounding can carry a ReLU unit this far */

static void *room(size_t count, size_t size)
{
    void *block = calloc(count, size);
    assert_non_null(block);
    return block;
}

static double greatest(const double *values, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, fabs(values[i]));
    return most;
}

static void assert_within(const bp_real *got, const double *wanted, size_t count, double allowed,
                          const kernel_table *table, uint64_t seed, const char *what)
{
    for (size_t i = 0; i < count; i++)
        if (!(fabs((double)got[i] - wanted[i]) <= allowed))
            fail_msg("%s, seed %d: %s %zu is %g instead of %g", table->name, (int)seed, what, i,
                     (double)got[i], wanted[i]);
}

/* ------------------------------------------------------------------ against the oracle */

/* What the oracle says of a random network and its cases. */
typedef struct truth {
    double error, *gradient, *outputs, *inputs;
    size_t weights, output_values, input_values;
} truth;

static truth find_truth(random_network *random)
{
    truth t = {.output_values = random->data.cases * bp_network_output_width(random->net),
               .input_values = random->data.cases * bp_network_input_width(random->net)};
    bp_network_weights(random->net, &t.weights);
    t.gradient = room(t.weights, sizeof *t.gradient);
    t.outputs = room(t.output_values, sizeof *t.outputs);
    t.inputs = room(t.input_values, sizeof *t.inputs);
    reference_run(random->ref, &random->data, random->ref_loss,
                  &(reference_result){&t.error, t.outputs, t.gradient, t.inputs});
    return t;
}

static void free_truth(truth *t)
{
    free(t->gradient);
    free(t->outputs);
    free(t->inputs);
}

/* All that small kernels compute, with one table. */
static void check_table(random_network *random, const truth *t, const kernel_table *table, uint64_t seed)
{
    bp_network *net = random->net;
    bp_workspace *workspace = NULL;
    bp_real *gradient = room(t->weights, sizeof *gradient),
            *outputs = room(t->output_values, sizeof *outputs);
    bp_real *inputs = room(t->input_values, sizeof *inputs);
    double error, input_error;
    bp_evaluation evaluation;
    bp_evaluation_init(&evaluation, sizeof evaluation);
    net->kernel = table;
    assert_ok(bp_workspace_create(&workspace, net, 1 + (size_t)seed % 90));
    assert_ok(bp_network_predict(net, workspace, &random->data, outputs));
    assert_ok(bp_network_gradient(net, workspace, &random->data, random->loss, &error, gradient));
    assert_ok(bp_network_input_gradient(net, workspace, &random->data, random->loss, &input_error, inputs));
    assert_ok(bp_network_evaluate(net, workspace, &random->data, random->loss, NULL, &evaluation));
    assert_close(error, t->error, error_tolerance);
    assert_true(input_error == error);
    assert_close(evaluation.error, t->error, error_tolerance);
    assert_within(outputs, t->outputs, t->output_values,
                  error_tolerance * greatest(t->outputs, t->output_values), table, seed, "output");
    assert_within(gradient, t->gradient, t->weights, gradient_tolerance * greatest(t->gradient, t->weights),
                  table, seed, "derivative of weight");
    assert_within(inputs, t->inputs, t->input_values,
                  gradient_tolerance * greatest(t->inputs, t->input_values), table, seed,
                  "derivative of input");
    bp_workspace_destroy(workspace);
    free(gradient);
    free(outputs);
    free(inputs);
}

static void check_tables(random_network *random, uint64_t seed)
{
    size_t count;
    const kernel_table *const *tables = bpi_kernel_tables(&count), *own = random->net->kernel;
    truth t = find_truth(random);
    for (size_t i = 0; i < count && random->ref->closest_kink > kink; i++)
        if (tables[i]->supported())
            check_table(random, &t, tables[i], seed);
    random->net->kernel = own;
    free_truth(&t);
}

static void test_tables_equal_oracle(void **state)
{
    (void)state;
    size_t compared = 0;
    for (uint64_t seed = 1000; compared < NETWORKS; seed++) {
        random_network *random = random_network_create(seed);
        if ((bpi_network_facts(random->net) & FACT_SMALL)) {
            check_tables(random, seed);
            compared++;
        }
        random_network_destroy(random);
    }
}

/* ---------------------------------------------------------------------- chosen sizes */

/* A network of three layers, and the data for it. */
typedef struct example {
    bp_network *net;
    bp_workspace *workspace;
    bp_data data;
    size_t weights;
} example;

static bp_real *random_reals(uint64_t *state, size_t count, double low, double high)
{
    bp_real *values = room(count, sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = (bp_real)test_uniform(state, low, high);
    return values;
}

static example make_example(const size_t units[3], bp_activation output, const kernel_table *table)
{
    example e = {0};
    uint64_t stream = 7;
    bp_real *inputs = random_reals(&stream, MOST * units[0], -1, 1);
    bp_real *targets = random_reals(&stream, MOST * units[2], 0, 1);
    assert_ok(bp_network_create_layered(&e.net, units, 3, bp_activation_logistic(), output));
    assert_ok(bp_network_initialize(e.net, 3));
    e.net->kernel = table;
    assert_ok(bp_workspace_create(&e.workspace, e.net, MOST));
    e.data = bp_data_view(MOST, inputs, units[0], targets, units[2]);
    bp_network_weights(e.net, &e.weights);
    return e;
}

static void free_example(example *e)
{
    free((void *)(uintptr_t)e->data.inputs);
    free((void *)(uintptr_t)e->data.targets);
    bp_workspace_destroy(e->workspace);
    bp_network_destroy(e->net);
}

/* Cases in an order of the trainer's are the same as cases that stand in that order, to the bit. */
static void check_order(const example *e, size_t count)
{
    const bp_loss loss = bp_loss_squared_error();
    const size_t in = e->data.input_width, out = e->data.target_width;
    uint64_t stream = count;
    size_t *order = room(count, sizeof *order);
    bp_real *inputs = room(count * in, sizeof *inputs), *targets = room(count * out, sizeof *targets);
    bp_real *ordered = room(e->weights, sizeof *ordered), *wanted = room(e->weights, sizeof *wanted);
    for (size_t i = 0; i < count; i++) {
        order[i] = test_below(&stream, MOST);
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

/* What a workspace holds of the output layer after a call, if one block held the cases. */
static void check_layer_outputs(const example *e, const bp_real *wanted, size_t count)
{
    const size_t values = count * e->data.target_width;
    if (count > bp_workspace_block_cases(e->workspace))
        return;
    bp_real *got = room(values, sizeof *got);
    assert_ok(bp_workspace_layer_outputs(e->workspace, bp_network_layer(e->net, 2), got, values));
    assert_memory_equal(got, wanted, values * sizeof *got);
    free(got);
}

/* The outputs of a case do not depend on the cases beside it, nor on the call, and can be read layer by
 * layer.
 */
static void check_outputs(const example *e, size_t count)
{
    const size_t out = e->data.target_width;
    bp_real *gradient = room(e->weights, sizeof *gradient);
    bp_data part = e->data;
    bp_real *all = room(MOST * out, sizeof *all), *some = room(MOST * out, sizeof *some);
    assert_ok(bp_network_predict(e->net, e->workspace, &part, all));
    part.cases = count;
    part.inputs += 3 * part.input_width;
    assert_ok(bp_network_predict(e->net, e->workspace, &part, some));
    assert_memory_equal(some, all + 3 * out, count * out * sizeof *some);
    check_layer_outputs(e, some, count);
    assert_ok(bp_network_gradient(e->net, e->workspace, &part, bp_loss_squared_error(), NULL, gradient));
    check_layer_outputs(e, some, count);
    free(gradient);
    free(all);
    free(some);
}

static void test_sizes(void **state)
{
    (void)state;
    static const size_t units[][3] = {{2, 2, 1}, {6, 2, 1}, {8, 3, 8}, {1, 1, 1}, {3, 17, 5}, {31, 7, 9}};
    static const size_t counts[] = {2, 3, 7, 15, 16, 17, 31, 32, 33, 63, 64, 65, 129, 600};
    size_t tables;
    const kernel_table *const *table = bpi_kernel_tables(&tables);
    for (size_t t = 0; t < tables; t++)
        for (size_t i = 0; i < sizeof units / sizeof units[0] && table[t]->supported(); i++) {
            example e = make_example(units[i], bp_activation_logistic(), table[t]);
            assert_true(bpi_network_facts(e.net) & FACT_SMALL);
            for (size_t j = 0; j < sizeof counts / sizeof counts[0]; j++) {
                check_order(&e, counts[j]);
                check_outputs(&e, counts[j]);
            }
            free_example(&e);
        }
}

/* --------------------------------------------------------------------- a single case */

/* E, deviation and gradient of one case, as the trainer asks for them, against the oracle. */
static void check_learning(const example *e, const bp_data *all, reference *ref, size_t index, bp_loss loss,
                           bp_real *gradient)
{
    bp_data one = *all;
    one.cases = 1;
    one.inputs += index * one.input_width;
    one.targets += index * one.target_width;
    one.case_weights += index;
    double error, deviation = 0;
    double *wanted = room(e->weights, sizeof *wanted), *outputs = room(one.target_width, sizeof *outputs);
    batch_error found;
    reference_run(ref, &one, REFERENCE_SQUARED_ERROR, &(reference_result){&error, outputs, wanted, NULL});
    for (size_t j = 0; j < one.target_width; j++)
        if (fabs(outputs[j] - (double)one.targets[j]) > deviation)
            deviation = fabs(outputs[j] - (double)one.targets[j]);
    assert_true(bpi_plan(TASK_ONLINE, bpi_network_facts(e->net) | bpi_loss_facts(&loss)) ==
                PATH_SMALL_ONLINE);
    assert_ok(bpi_online_gradient("test", e->workspace, &(batch){.data = all, .order = &index, .count = 1},
                                  &loss, gradient, &found));
    if (ref->closest_kink > kink) {
        /* y - d is as inexact as y, however small it is; and E as y - d is. */
        const double inexact = error_tolerance * (1 + greatest(outputs, one.target_width));
        assert_true(fabs(found.max_abs_error - deviation) <= inexact);
        assert_true(fabs(found.error - error) <=
                    2 * inexact * ((double)one.target_width * deviation + inexact));
        assert_within(gradient, wanted, e->weights, gradient_tolerance * greatest(wanted, e->weights),
                      e->net->kernel, index, "derivative of weight");
    }
    free(wanted);
    free(outputs);
}

/* Other weights for the next case. */
static void update_weights(const example *e, const bp_real *gradient)
{
    bp_real *change = room(e->weights, sizeof *change);
    uint64_t stream = 3;
    for (size_t i = 0; i < e->weights; i++)
        change[i] = (bp_real)test_uniform(&stream, -0.01, 0.01);
    e->net->kernel->momentum_update(e->net->weights, gradient, change, e->weights, (bp_real)0.25,
                                    (bp_real)0.5, 1 - (bp_real)0.125);
    free(change);
}

static void check_single_cases(const size_t units[3], bp_activation output, const kernel_table *table)
{
    example e = make_example(units, output, table);
    bp_real *gradient = room(e.weights, sizeof *gradient), case_weights[20];
    bp_data all = e.data;
    all.input_stride = all.input_width;
    all.target_stride = all.target_width;
    all.case_weights = case_weights;
    assert_ok(bpi_workspace_reserve("test", e.workspace, 1, true));
    for (size_t i = 0; i < 20; i++) {
        reference *ref = reference_create(e.net, NULL, 0, NULL);
        bp_loss loss = bp_loss_squared_error();
        if (i % 3 == 0) {
            loss = bp_loss_with_tolerance(loss, 0.25);
            ref->tolerance = 0.25;
        }
        case_weights[i] = (bp_real)(i % 4) / 2;
        check_learning(&e, &all, ref, i, loss, gradient);
        update_weights(&e, gradient);
        reference_destroy(ref);
    }
    free(gradient);
    free_example(&e);
}

/* Softmax units that lead on, whose slopes depend on each other. */
static void test_softmax_below_the_outputs(void **state)
{
    (void)state;
    static const size_t units[] = {3, 5, 2};
    const bp_real inputs[] = {(bp_real)0.5, -1, 2}, targets[] = {1, 0};
    const bp_data data = bp_data_view(1, inputs, 3, targets, 2);
    size_t tables;
    const kernel_table *const *table = bpi_kernel_tables(&tables);
    for (size_t t = 0; t < tables; t++) {
        if (!table[t]->supported())
            continue;
        bp_network *net = NULL;
        bp_workspace *workspace = NULL;
        bp_real gradient[32];
        double error, wanted[32];
        assert_ok(
            bp_network_create_layered(&net, units, 3, bp_activation_softmax(), bp_activation_logistic()));
        assert_ok(bp_network_initialize(net, 5));
        net->kernel = table[t];
        reference *ref = reference_create(net, NULL, 0, NULL);
        reference_run(ref, &data, REFERENCE_SQUARED_ERROR, &(reference_result){&error, NULL, wanted, NULL});
        assert_ok(bp_workspace_create(&workspace, net, 1));
        assert_ok(bp_network_gradient(net, workspace, &data, bp_loss_squared_error(), NULL, gradient));
        assert_within(gradient, wanted, net->weight_count,
                      gradient_tolerance * greatest(wanted, net->weight_count), table[t], 0, "derivative");
        reference_destroy(ref);
        bp_workspace_destroy(workspace);
        bp_network_destroy(net);
    }
}

static void test_single_cases(void **state)
{
    (void)state;
    static const size_t units[][3] = {{2, 2, 1},  {6, 2, 1},  {8, 3, 8},  {1, 1, 1},
                                      {3, 17, 5}, {31, 7, 9}, {9, 12, 6}, {4, 5, 3}};
    size_t tables;
    const kernel_table *const *table = bpi_kernel_tables(&tables);
    for (size_t t = 0; t < tables; t++)
        for (size_t i = 0; i < sizeof units / sizeof units[0] && table[t]->supported(); i++) {
            check_single_cases(units[i], bp_activation_logistic(), table[t]);
            check_single_cases(units[i], bp_activation_tanh(), table[t]);
            check_single_cases(units[i], bp_activation_linear(), table[t]);
            check_single_cases(units[i], bp_activation_relu(), table[t]);
        }
}

/* A plain case is predicted as one that is not dense, and as that of an evaluation, to the bit. */
static void test_plain_prediction(void **state)
{
    (void)state;
    const size_t units[3] = {5, 4, 3};
    size_t tables;
    example e = make_example(units, bp_activation_softmax(), bpi_kernel_tables(&tables)[0]);
    bp_data one = e.data;
    bp_real plain[3], strided[3];
    one.cases = 1;
    assert_true(bpi_is_dense_case(e.net, &one));
    assert_ok(bp_network_predict(e.net, e.workspace, &one, plain));
    check_layer_outputs(&e, plain, 1);
    one.input_stride = 7; /* to no other row */
    assert_true(bpi_is_dense_case(e.net, &one));
    assert_ok(bp_network_predict(e.net, e.workspace, &one, strided));
    assert_memory_equal(plain, strided, sizeof plain);
    bp_real wrong[5] = {1, 2, 3, 4, (bp_real)NAN};
    bp_data bad = bp_data_view(1, wrong, 5, NULL, 0);
    assert_fails(bp_network_predict(e.net, e.workspace, &bad, plain), BP_ERROR_NOT_FINITE, "column 4");
    bad = bp_data_view(1, wrong, 4, NULL, 0);
    assert_fails(bp_network_predict(e.net, e.workspace, &bad, plain), BP_ERROR_SIZE, "input_width");
    free_example(&e);
}

/* ------------------------------------------------------------------------------ who */

static bool is_small(const size_t units[3], bp_activation hidden)
{
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, hidden, bp_activation_linear()));
    const bool small = bpi_network_facts(net) & FACT_SMALL;
    bp_network *copy = NULL;
    assert_ok(bp_network_copy(&copy, net));
    assert_true((bpi_network_facts(copy) & FACT_SMALL) == (small ? FACT_SMALL : 0));
    bp_network_destroy(net);
    bp_network_destroy(copy);
    return small;
}

static void test_who_is_small(void **state)
{
    (void)state;
    const size_t tiny[] = {2, 2, 1}, large[] = {784, 128, 10};
    assert_true(is_small(tiny, bp_activation_logistic()));
    assert_true(is_small(tiny, bp_activation_softmax()));
    assert_false(is_small(tiny, random_custom_activation()));
    assert_false(is_small(large, bp_activation_logistic()));
    bp_network *net = NULL;
    bp_layer *layers[3];
    bp_connection *connections[2];
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&layers[0], net, NULL, 2));
    for (size_t i = 0; i < 2; i++) {
        assert_ok(bp_network_add_layer(&layers[i + 1], net, NULL, 2, bp_activation_tanh()));
        assert_ok(bp_network_connect(&connections[i], net, layers[i], layers[i + 1]));
    }
    assert_ok(bp_connection_share(connections[1], connections[0]));
    assert_ok(bp_network_finalize(net));
    assert_false(bpi_network_facts(net) & FACT_SMALL);
    bp_network_destroy(net);
}

static bp_status attempt_to_finalize(void *context, const bp_allocator *allocator)
{
    (void)context;
    bp_network *net = NULL;
    bp_network_options options;
    bp_network_options_init(&options, sizeof options);
    options.allocator = *allocator;
    bp_layer *in, *out;
    bp_status status = bp_network_create(&net, &options);
    if (status == BP_OK)
        status = bp_network_add_input(&in, net, "in", 2);
    if (status == BP_OK)
        status = bp_network_add_layer(&out, net, "out", 1, bp_activation_tanh());
    if (status == BP_OK)
        status = bp_network_connect(NULL, net, in, out);
    if (status == BP_OK)
        status = bp_network_finalize(net);
    bp_network_destroy(net);
    return status;
}

static void test_memory_that_runs_out(void **state)
{
    (void)state;
    test_each_allocation_fails(attempt_to_finalize, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables_equal_oracle),       cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_softmax_below_the_outputs), cmocka_unit_test(test_single_cases),
        cmocka_unit_test(test_plain_prediction),          cmocka_unit_test(test_who_is_small),
        cmocka_unit_test(test_memory_that_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
