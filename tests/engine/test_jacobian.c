/* Derivatives of outputs, case by case, against the oracle and against the gradient. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/check_data.h"
#include "engine/error.h"
#include "engine/forward.h"
#include "engine/jacobian.h"
#include "engine/load.h"
#include "engine/loss.h"
#include "engine/workspace.h"
#include "reference/random_network.h"
#include "reference/random_recurrent.h"
#include "reference/worked_example.h"
#include "support/arrays.h"

enum { NETWORKS = 80, RECURRENT = 60 };

static const double tolerance = TOLERANCE(1e-5, 1e-12);
static const double kink = TOLERANCE(1e-5, 1e-13); /* rounding can carry a ReLU unit this far */

/* A workspace after the forward pass of the first cases, and their derivatives. */
typedef struct block_run {
    const bp_network *net;
    bp_workspace *workspace;
    bp_data checked;
    size_t rows, weights, inputs, outputs;
    bp_real *by_weights, *by_inputs;
} block_run;

static block_run run(const bp_network *net, const bp_data *data, size_t threads)
{
    block_run r = {.net = net,
                   .weights = net->weight_count,
                   .inputs = bp_network_input_width(net),
                   .outputs = bp_network_output_width(net)};
    assert_ok(bpi_check_data("run", "data", net, data, DATA_BOTH, &r.checked));
    assert_ok(bp_workspace_create(&r.workspace, net, data->cases));
    assert_ok(bp_workspace_set_threads(r.workspace, threads));
    assert_ok(bpi_workspace_reserve("run", r.workspace, data->cases, true));
    r.rows = bpi_block_rows(data->cases, bp_workspace_block_cases(r.workspace));
    r.by_weights = new_reals(r.rows * r.outputs * r.weights);
    r.by_inputs = new_reals(r.rows * r.outputs * r.inputs);
    bpi_load_block(r.workspace, &(batch){.data = &r.checked, .count = data->cases}, 0, r.rows);
    bpi_forward(r.workspace, r.rows, false);
    bpi_jacobian(&(jacobian_block){.workspace = r.workspace,
                                   .rows = r.rows,
                                   .outputs = r.outputs,
                                   .by_weights = r.by_weights,
                                   .by_inputs = r.by_inputs});
    return r;
}

static void end(block_run *r)
{
    bp_workspace_destroy(r->workspace);
    free(r->by_weights);
    free(r->by_inputs);
}

static void test_worked_example(void **state)
{
    (void)state;
    bp_network *net = worked_example_network();
    const bp_data data = worked_example_data();
    const worked_step *step = &worked_example[0];
    block_run r = run(net, &data, 1);
    /* The example has dE/dw for E = 1/2 (y - d)^2, so it is (y - d) times dy/dw. */
    const double error = step->y_out - WORKED_TARGET;
    double by_weights[WORKED_WEIGHTS], by_inputs[2], residual;
    for (size_t i = 0; i < WORKED_WEIGHTS; i++)
        by_weights[i] = step->gradient[i] / error;
    for (size_t i = 0; i < 2; i++)
        by_inputs[i] = step->input_gradient[i] / error;
    assert_all_close(r.by_weights, by_weights, WORKED_WEIGHTS, tolerance, "weight");
    assert_all_close(r.by_inputs, by_inputs, 2, tolerance, "input");
    bpi_residuals(r.workspace, 1, -1, r.by_weights, &residual);
    assert_close(residual, error, tolerance);
    assert_all_close(r.by_weights, by_weights, WORKED_WEIGHTS, tolerance, "weight, without case weights");
    end(&r);
    bp_network_destroy(net);
}

/* The rows of a case as the oracle has them; false if a ReLU unit is too near its kink. */
static int is_as_wanted(const random_network *random, const block_run *r, size_t row, uint64_t seed)
{
    double *by_weights = new_doubles(r->weights), *by_inputs = new_doubles(r->inputs);
    int judged = 1;
    for (size_t o = 0; o < r->outputs && judged; o++) {
        const size_t place = row * r->outputs + o;
        reference_output_gradient(random->ref, &random->data, row, o, by_weights, by_inputs);
        judged = random->ref->closest_kink > kink;
        if (!judged)
            continue;
        assert_all_within(r->by_weights + place * r->weights, by_weights, r->weights,
                          tolerance * fmax(1e-3, max_abs(by_weights, r->weights)),
                          "seed %d, case %d, output %d, weight", (int)seed, (int)row, (int)o);
        assert_all_within(r->by_inputs + place * r->inputs, by_inputs, r->inputs,
                          tolerance * fmax(1e-3, max_abs(by_inputs, r->inputs)),
                          "seed %d, case %d, output %d, input", (int)seed, (int)row, (int)o);
    }
    free(by_weights);
    free(by_inputs);
    return judged;
}

static void test_library_equals_oracle(void **state)
{
    (void)state;
    size_t judged = 0;
    for (uint64_t seed = 1; seed <= NETWORKS; seed++) {
        random_network *random = random_network_create(seed);
        block_run r = run(random->net, &random->data, 1);
        for (size_t row = 0; row < r.rows; row += 1 + r.rows / 5)
            judged += (size_t)is_as_wanted(random, &r, row, seed);
        end(&r);
        random_network_destroy(random);
    }
    assert_true(judged > NETWORKS);
}

/* For squared error: E = 1/2 r^T r and dE/dw = J^T r, with case weights and tolerance in r and J. */
static void assert_least_squares(const bp_network *net, const bp_data *data, double loss_tolerance,
                                 uint64_t seed)
{
    block_run r = run(net, data, 1);
    const bp_loss loss = bp_loss_with_tolerance(bp_loss_squared_error(), loss_tolerance);
    bp_data part = *data;
    part.cases = r.rows;
    double error, sum = 0, *residuals = new_doubles(r.rows * r.outputs), *wanted = new_doubles(r.weights);
    double *size = new_doubles(r.weights);
    bp_real *gradient = new_reals(r.weights);
    bpi_residuals(r.workspace, r.rows, bpi_loss_tolerance(&loss), r.by_weights, residuals);
    for (size_t i = 0; i < r.rows * r.outputs; i++) {
        sum += residuals[i] * residuals[i] / 2;
        for (size_t w = 0; w < r.weights; w++) {
            wanted[w] += residuals[i] * (double)r.by_weights[i * r.weights + w];
            size[w] += fabs(residuals[i] * (double)r.by_weights[i * r.weights + w]);
        }
    }
    assert_ok(bp_network_gradient(net, r.workspace, &part, loss, &error, gradient));
    assert_close(sum, error, tolerance);
    assert_all_within(gradient, wanted, r.weights, tolerance * max_abs(size, r.weights), "seed %d, weight",
                      (int)seed);
    free(residuals);
    free(wanted);
    free(size);
    free(gradient);
    end(&r);
}

static void test_residuals_make_the_gradient(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= NETWORKS; seed++) {
        random_network *random = random_network_create(seed);
        assert_least_squares(random->net, &random->data, 0, seed);
        assert_least_squares(random->net, &random->data, 0.25, seed);
        random_network_destroy(random);
    }
}

static void test_unrolled_networks(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= RECURRENT; seed++) {
        random_recurrent *random = random_recurrent_create(seed);
        assert_least_squares(random->unrolled, &random->data, 0, seed);
        random_recurrent_destroy(random);
    }
}

/* One output at a time gives the bits of all at once, and what is not wanted is not missed. */
/* What they leave in a workspace does not enter the gradient of a single case. */
static void test_gradient_afterwards(void **state)
{
    (void)state;
    const size_t units[] = {3, 7, 1, 4};
    bp_network *net = NULL;
    bp_workspace *fresh = NULL;
    bp_real inputs[] = {(bp_real)0.5, -1, 2}, targets[] = {0, 1, 0, 0}, gradient[44], wanted[44];
    const bp_data data = bp_data_view(1, inputs, 3, targets, 4);
    double error, wanted_error;
    assert_ok(bp_network_create_layered(&net, units, 4, bp_activation_tanh(), bp_activation_softmax()));
    assert_ok(bp_network_initialize(net, 2));
    assert_int_equal(net->weight_count, 44);
    assert_ok(bp_workspace_create(&fresh, net, 1));
    assert_ok(bp_network_gradient(net, fresh, &data, bp_loss_default(), &wanted_error, wanted));
    block_run r = run(net, &data, 1);
    assert_ok(bp_network_gradient(net, r.workspace, &data, bp_loss_default(), &error, gradient));
    assert_true(error == wanted_error);
    assert_memory_equal(gradient, wanted, sizeof wanted);
    end(&r);
    bp_workspace_destroy(fresh);
    bp_network_destroy(net);
}

static void test_chosen_outputs(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        random_network *random = random_network_create(seed);
        block_run r = run(random->net, &random->data, 1);
        bp_real *by_weights = new_reals(r.rows * r.weights), *by_inputs = new_reals(r.rows * r.inputs);
        for (size_t o = 0; o < r.outputs; o++) {
            jacobian_block block = {
                .workspace = r.workspace, .rows = r.rows, .first_output = o, .outputs = 1};
            block.by_weights = by_weights;
            bpi_jacobian(&block);
            block.by_weights = NULL;
            block.by_inputs = by_inputs;
            bpi_jacobian(&block);
            for (size_t row = 0; row < r.rows; row++) {
                const size_t place = row * r.outputs + o;
                assert_memory_equal(by_weights + row * r.weights, r.by_weights + place * r.weights,
                                    r.weights * sizeof *by_weights);
                assert_memory_equal(by_inputs + row * r.inputs, r.by_inputs + place * r.inputs,
                                    r.inputs * sizeof *by_inputs);
            }
        }
        free(by_weights);
        free(by_inputs);
        end(&r);
        random_network_destroy(random);
    }
}

static void test_bits_do_not_depend_on_threads(void **state)
{
    (void)state;
    const size_t threads[] = {2, 3, 8};
    for (uint64_t seed = 1; seed <= 4; seed++) {
        random_network *random = random_network_create(seed);
        block_run one = run(random->net, &random->data, 1);
        for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++) {
            block_run many = run(random->net, &random->data, threads[i]);
            const size_t rows = many.rows * many.outputs;
            many.workspace->min_chunk_cost = 1;
            bpi_jacobian(&(jacobian_block){.workspace = many.workspace,
                                           .rows = many.rows,
                                           .outputs = many.outputs,
                                           .by_weights = many.by_weights,
                                           .by_inputs = many.by_inputs});
            assert_memory_equal(one.by_weights, many.by_weights, rows * one.weights * sizeof(bp_real));
            assert_memory_equal(one.by_inputs, many.by_inputs, rows * one.inputs * sizeof(bp_real));
            end(&many);
        }
        end(&one);
        random_network_destroy(random);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worked_example),
        cmocka_unit_test(test_library_equals_oracle),
        cmocka_unit_test(test_residuals_make_the_gradient),
        cmocka_unit_test(test_unrolled_networks),
        cmocka_unit_test(test_gradient_afterwards),
        cmocka_unit_test(test_chosen_outputs),
        cmocka_unit_test(test_bits_do_not_depend_on_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
