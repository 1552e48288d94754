/* Derivatives of raw outputs by weights and raw inputs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/thread_example.h"
#include "reference/random_network.h"
#include "support/arrays.h"

enum { NETWORKS = 60 };

static const double tolerance = TOLERANCE(1e-5, 1e-12);
static const double kink = TOLERANCE(1e-5, 1e-13); /* rounding can carry a ReLU unit this far */

/* Everything of all cases. */
typedef struct derivatives {
    size_t weights, inputs, outputs; /* per row, per row, rows per case */
    bp_real *by_weights, *by_inputs;
} derivatives;

static derivatives find(const bp_network *net, const bp_data *data, size_t output, size_t max_cases,
                        size_t threads)
{
    derivatives d = {.inputs = bp_network_input_width(net),
                     .outputs = output == BP_ALL_OUTPUTS ? bp_network_output_width(net) : 1};
    bp_network_weights(net, &d.weights);
    bp_workspace *workspace = workspace_with_threads(net, max_cases, threads);
    d.by_weights = new_reals(data->cases * d.outputs * d.weights);
    d.by_inputs = new_reals(data->cases * d.outputs * d.inputs);
    assert_ok(bp_network_output_gradient(net, workspace, data, output, d.by_weights, d.by_inputs));
    bp_workspace_destroy(workspace);
    return d;
}

static void end(derivatives *d)
{
    free(d->by_weights);
    free(d->by_inputs);
}

/* One case and output as the oracle has them; false if a ReLU unit is too near its kink. */
static int is_as_wanted(const random_network *random, const derivatives *d, size_t row, size_t output)
{
    reference *ref = random->ref;
    const size_t place = row * d->outputs + output;
    double *by_weights = new_doubles(d->weights), *by_inputs = new_doubles(d->inputs);
    reference_output_gradient(ref, &random->data, row, output, by_weights, by_inputs);
    for (size_t i = 0; i < d->weights; i++)
        by_weights[i] /= ref->target_factor[output];
    for (size_t i = 0; i < d->inputs; i++)
        by_inputs[i] *= ref->input_factor[i] / ref->target_factor[output];
    const int judged = ref->closest_kink > kink;
    if (judged) {
        const double least = 1e-3 / fabs(ref->target_factor[output]);
        assert_all_within(d->by_weights + place * d->weights, by_weights, d->weights,
                          tolerance * fmax(least, max_abs(by_weights, d->weights)), "output %d, weight",
                          (int)output);
        assert_all_within(d->by_inputs + place * d->inputs, by_inputs, d->inputs,
                          tolerance * fmax(least, max_abs(by_inputs, d->inputs)), "output %d, input",
                          (int)output);
    }
    free(by_weights);
    free(by_inputs);
    return judged;
}

static void test_raw_units(void **state)
{
    (void)state;
    size_t judged = 0;
    for (uint64_t seed = 1; seed <= NETWORKS; seed++) {
        random_network *random = random_network_create(seed);
        derivatives d = find(random->net, &random->data, BP_ALL_OUTPUTS, 5, 1);
        for (size_t row = 0; row < random->data.cases; row += 1 + random->data.cases / 4)
            for (size_t output = 0; output < d.outputs; output++)
                judged += (size_t)is_as_wanted(random, &d, row, output);
        end(&d);
        random_network_destroy(random);
    }
    assert_true(judged > NETWORKS);
}

static void test_one_output_is_a_part_of_all(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        random_network *random = random_network_create(seed);
        derivatives all = find(random->net, &random->data, BP_ALL_OUTPUTS, 1000, 1);
        for (size_t output = 0; output < all.outputs; output++) {
            derivatives one = find(random->net, &random->data, output, 3, 2);
            for (size_t row = 0; row < random->data.cases; row++) {
                const size_t place = row * all.outputs + output;
                assert_memory_equal(one.by_weights + row * one.weights, all.by_weights + place * one.weights,
                                    one.weights * sizeof(bp_real));
                assert_memory_equal(one.by_inputs + row * one.inputs, all.by_inputs + place * one.inputs,
                                    one.inputs * sizeof(bp_real));
            }
            end(&one);
        }
        end(&all);
        random_network_destroy(random);
    }
}

/* Of a network whose products and rows are worth several threads. */
static void test_bits_do_not_depend_on_threads(void **state)
{
    (void)state;
    thread_example made = thread_example_create(NULL, NULL, bp_activation_logistic());
    derivatives first = find(made.net, &made.data, 5, 64, 1);
    for (size_t i = 0; i < THREAD_COUNTS; i++) {
        derivatives other = find(made.net, &made.data, 5, 64, thread_counts[i]);
        assert_memory_equal(first.by_weights, other.by_weights,
                            made.data.cases * first.weights * sizeof(bp_real));
        assert_memory_equal(first.by_inputs, other.by_inputs,
                            made.data.cases * first.inputs * sizeof(bp_real));
        end(&other);
    }
    end(&first);
    thread_example_destroy(&made);
}

/* y = 2 x0 - x1 + 3, in raw units with offsets and factors. */
static bp_network *line(const bp_allocator *allocator)
{
    bp_network *net = NULL;
    bp_layer *in = NULL, *out = NULL;
    if (test_network_create(&net, allocator) != BP_OK || bp_network_add_input(&in, net, "in", 2) != BP_OK ||
        bp_network_add_layer(&out, net, "out", 1, bp_activation_linear()) != BP_OK ||
        bp_network_connect(NULL, net, in, out) != BP_OK || bp_network_finalize(net) != BP_OK ||
        bp_network_set_weights(net, (bp_real[]){2, -1, 3}, 3) != BP_OK) {
        bp_network_destroy(net);
        return NULL;
    }
    return net;
}

static const bp_real inputs[] = {1, 2, 3, 5};

static void test_a_line(void **state)
{
    (void)state;
    bp_network *net = line(NULL);
    bp_workspace *workspace = NULL;
    const bp_data data = bp_data_view(2, inputs, 2, NULL, 0);
    bp_real by_weights[6], by_inputs[4];
    assert_ok(bp_workspace_create(&workspace, net, 2));
    assert_ok(bp_network_output_gradient(net, workspace, &data, 0, by_weights, by_inputs));
    assert_memory_equal(by_weights, ((bp_real[]){1, 2, 1, 3, 5, 1}), sizeof by_weights);
    assert_memory_equal(by_inputs, ((bp_real[]){2, -1, 2, -1}), sizeof by_inputs);
    /* y = (2 (x0 - 1) 4 - (x1 - 1) + 3) / 0.5 + 7 */
    assert_ok(bp_network_set_input_scaling(net, (bp_real[]){1, 1}, (bp_real[]){4, 1}, 2));
    assert_ok(bp_network_set_target_scaling(net, (bp_real[]){7}, (bp_real[]){(bp_real)0.5}, 1));
    assert_ok(bp_network_output_gradient(net, workspace, &data, 0, by_weights, by_inputs));
    assert_memory_equal(by_weights, ((bp_real[]){0, 2, 2, 16, 8, 2}), sizeof by_weights);
    assert_memory_equal(by_inputs, ((bp_real[]){16, -2, 16, -2}), sizeof by_inputs);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

static void test_wrong_calls(void **state)
{
    (void)state;
    bp_network *net = line(NULL);
    bp_workspace *workspace = NULL;
    bp_data data = bp_data_view(2, inputs, 2, NULL, 0);
    bp_real values[6];
    assert_ok(bp_workspace_create(&workspace, net, 2));
    assert_fails(bp_network_output_gradient(NULL, workspace, &data, 0, values, NULL), BP_ERROR_ARGUMENT,
                 "net");
    assert_fails(bp_network_output_gradient(net, NULL, &data, 0, values, NULL), BP_ERROR_ARGUMENT,
                 "workspace");
    assert_fails(bp_network_output_gradient(net, workspace, NULL, 0, values, NULL), BP_ERROR_ARGUMENT,
                 "data");
    assert_fails(bp_network_output_gradient(net, workspace, &data, 0, NULL, NULL), BP_ERROR_ARGUMENT,
                 "weight_gradients and input_gradients are both NULL");
    assert_fails(bp_network_output_gradient(net, workspace, &data, 1, values, NULL), BP_ERROR_ARGUMENT,
                 "output is 1, but the network has 1 outputs");
    const bp_real huge = (bp_real)TOLERANCE(3e38, 1e308);
    assert_ok(bp_network_set_input_scaling(net, (bp_real[]){0, 0}, (bp_real[]){1, huge / 2}, 2));
    assert_ok(bp_network_set_weights(net, (bp_real[]){2, huge / 10, 3}, 3));
    data = bp_data_view(2, (bp_real[]){0, 0, 0, 0}, 2, NULL, 0);
    assert_fails(bp_network_output_gradient(net, workspace, &data, 0, NULL, values), BP_ERROR_NOT_FINITE,
                 "case 0: the derivative of output 0 by input 1 is inf");
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

static bp_status try_derivatives(void *context, const bp_allocator *allocator)
{
    (void)context;
    const bp_data data = bp_data_view(2, inputs, 2, NULL, 0);
    bp_real values[6];
    bp_network *net = line(allocator);
    if (net == NULL)
        return BP_ERROR_MEMORY;
    bp_workspace *workspace = NULL;
    bp_status status = bp_workspace_create(&workspace, net, 2);
    if (status == BP_OK)
        status = bp_network_output_gradient(net, workspace, &data, BP_ALL_OUTPUTS, values, NULL);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    return status;
}

static void test_each_allocation(void **state)
{
    (void)state;
    test_each_allocation_fails(try_derivatives, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line),
        cmocka_unit_test(test_raw_units),
        cmocka_unit_test(test_one_output_is_a_part_of_all),
        cmocka_unit_test(test_bits_do_not_depend_on_threads),
        cmocka_unit_test(test_wrong_calls),
        cmocka_unit_test(test_each_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
