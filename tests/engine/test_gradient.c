/* The engine against the oracle, on random networks with random cases; and what must hold for any gradient.
 */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "reference/random_network.h"
#include "support/support.h"

enum { NETWORKS = 300 };

static const double gradient_tolerance = TOLERANCE(1e-5, 1e-12);
static const double error_tolerance = TOLERANCE(1e-6, 1e-13);
static const double kink = TOLERANCE(1e-5, 1e-13); /* rounding can carry a ReLU unit this far */

/* What library and oracle say of a random network. */
typedef struct comparison {
    random_network *random;
    size_t weights, input_values, output_values;
    double error, ref_error;
    bp_real *gradient, *input_gradient, *outputs;
    double *ref_gradient, *ref_input_gradient, *ref_outputs;
} comparison;

static void *room(size_t count, size_t size)
{
    void *block = calloc(count, size);
    assert_non_null(block);
    return block;
}

static comparison compare(uint64_t seed)
{
    comparison c = {.random = random_network_create(seed)};
    random_network *random = c.random;
    const bp_network *net = random->net;
    bp_workspace *workspace = NULL;
    bp_network_weights(net, &c.weights);
    c.input_values = random->data.cases * bp_network_input_width(net);
    c.output_values = random->data.cases * bp_network_output_width(net);
    c.gradient = room(c.weights, sizeof(bp_real));
    c.input_gradient = room(c.input_values, sizeof(bp_real));
    c.outputs = room(c.output_values, sizeof(bp_real));
    c.ref_gradient = room(c.weights, sizeof(double));
    c.ref_input_gradient = room(c.input_values, sizeof(double));
    c.ref_outputs = room(c.output_values, sizeof(double));

    double input_error;
    assert_ok(bp_workspace_create(&workspace, net, 1 + (size_t)seed % 70));
    assert_ok(bp_network_predict(net, workspace, &random->data, c.outputs));
    assert_ok(bp_network_gradient(net, workspace, &random->data, random->loss, &c.error, c.gradient));
    assert_ok(bp_network_input_gradient(net, workspace, &random->data, random->loss, &input_error,
                                        c.input_gradient));
    assert_true(input_error == c.error);
    bp_workspace_destroy(workspace);
    reference_run(random->ref, &random->data, random->ref_loss,
                  &(reference_result){&c.ref_error, c.ref_outputs, c.ref_gradient, c.ref_input_gradient});
    return c;
}

static void release(comparison *c)
{
    free(c->gradient);
    free(c->input_gradient);
    free(c->outputs);
    free(c->ref_gradient);
    free(c->ref_input_gradient);
    free(c->ref_outputs);
    random_network_destroy(c->random);
}

static double greatest(const double *values, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, fabs(values[i]));
    return most;
}

/* |got - wanted| <= allowed, all over a slice. */
static void assert_within(const bp_real *got, const double *wanted, size_t count, double allowed,
                          uint64_t seed, const char *what, size_t index)
{
    for (size_t i = 0; i < count; i++)
        if (!(fabs((double)got[i] - wanted[i]) <= allowed))
            fail_msg("seed %d: %s %zu: value %zu deviates by %g where %g is allowed", (int)seed, what, index,
                     i, fabs((double)got[i] - wanted[i]), allowed);
}

/* max |got - wanted| <= tolerance * max |wanted|, over a slice. */
static void assert_slice_close(const bp_real *got, const double *wanted, size_t count, double tolerance,
                               uint64_t seed, const char *what, size_t index)
{
    assert_within(got, wanted, count, tolerance * greatest(wanted, count), seed, what, index);
}

/* A bias is one more weight of its unit, and is judged by the scale of all weights into the layer. */
static void assert_biases_close(const comparison *c, const bp_layer *layer, uint64_t seed)
{
    const bp_network *net = c->random->net;
    size_t offset = bp_layer_bias_offset(layer), count = bp_layer_bias_count(layer);
    double scale = greatest(c->ref_gradient + offset, count);
    for (size_t i = 0; i < bp_network_connection_count(net); i++) {
        const bp_connection *connection = bp_network_connection(net, i);
        if (bp_connection_to(connection) == layer)
            scale = fmax(scale, greatest(c->ref_gradient + bp_connection_offset(connection),
                                         bp_connection_weight_count(connection)));
    }
    assert_within(c->gradient + offset, c->ref_gradient + offset, count, gradient_tolerance * scale, seed,
                  "biases of layer", bp_layer_index(layer));
}

static void assert_gradients_close(const comparison *c, uint64_t seed)
{
    const bp_network *net = c->random->net;
    for (size_t i = 0; i < bp_network_connection_count(net); i++) {
        const bp_connection *connection = bp_network_connection(net, i);
        size_t offset = bp_connection_offset(connection);
        assert_slice_close(c->gradient + offset, c->ref_gradient + offset,
                           bp_connection_weight_count(connection), gradient_tolerance, seed, "connection", i);
    }
    for (size_t i = 0; i < bp_network_layer_count(net); i++)
        assert_biases_close(c, bp_network_layer(net, i), seed);
}

static void test_library_equals_oracle(void **state)
{
    (void)state;
    size_t compared = 0;
    for (uint64_t seed = 1; compared < NETWORKS; seed++) {
        comparison c = compare(seed);
        if (c.random->ref->closest_kink > kink) {
            assert_close(c.error, c.ref_error, error_tolerance);
            assert_gradients_close(&c, seed);
            assert_slice_close(c.outputs, c.ref_outputs, c.output_values, error_tolerance, seed, "outputs",
                               0);
            assert_slice_close(c.input_gradient, c.ref_input_gradient, c.input_values, gradient_tolerance,
                               seed, "inputs", 0);
            compared++;
        }
        release(&c);
    }
}

static void test_bits_do_not_depend_on_the_workspace(void **state)
{
    (void)state;
    const size_t rooms[] = {1, 2, 3, 7, 33, 1000};
    for (uint64_t seed = 1; seed <= 60; seed++) {
        comparison c = compare(seed);
        const bp_network *net = c.random->net;
        for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
            bp_workspace *workspace = NULL;
            bp_real *gradient = room(c.weights, sizeof *gradient);
            bp_real *outputs = room(c.output_values, sizeof *outputs);
            double error;
            assert_ok(bp_workspace_create(&workspace, net, rooms[i]));
            assert_ok(bp_network_predict(net, workspace, &c.random->data, outputs));
            assert_memory_equal(outputs, c.outputs, c.output_values * sizeof *outputs);
            assert_ok(bp_network_gradient(net, workspace, &c.random->data, c.random->loss, &error, gradient));
            assert_memory_equal(gradient, c.gradient, c.weights * sizeof *gradient);
            assert_true(error == c.error);
            free(gradient);
            free(outputs);
            bp_workspace_destroy(workspace);
        }
        release(&c);
    }
}

/* The gradient is a sum over cases: that of all is that of the first half and the second half together. */
static void test_gradient_of_parts_adds_up(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        comparison c = compare(seed);
        random_network *random = c.random;
        size_t half = random->data.cases / 2;
        bp_workspace *workspace = NULL;
        bp_real *first = room(c.weights, sizeof *first), *second = room(c.weights, sizeof *second);
        double *sum = room(c.weights, sizeof *sum), errors[2];
        assert_ok(bp_workspace_create(&workspace, random->net, 10));
        bp_data part = random->data;
        size_t input_stride = part.input_stride == 0 ? part.input_width : part.input_stride;
        size_t target_stride = part.target_stride == 0 ? part.target_width : part.target_stride;
        if (half > 0) {
            part.cases = half;
            assert_ok(bp_network_gradient(random->net, workspace, &part, random->loss, &errors[0], first));
            part.cases = random->data.cases - half;
            part.inputs += half * input_stride;
            part.targets += half * target_stride;
            if (part.case_weights != NULL)
                part.case_weights += half;
            assert_ok(bp_network_gradient(random->net, workspace, &part, random->loss, &errors[1], second));
            for (size_t i = 0; i < c.weights; i++)
                sum[i] = (double)first[i] + (double)second[i];
            assert_close(errors[0] + errors[1], c.error, error_tolerance);
            assert_slice_close(c.gradient, sum, c.weights, gradient_tolerance, seed, "sum of parts", 0);
        }
        bp_workspace_destroy(workspace);
        free(first);
        free(second);
        free(sum);
        release(&c);
    }
}

typedef struct thread_job {
    const comparison *c;
    int same;
} thread_job;

/* Predicts and finds the gradient with a workspace of its own; are the bits those of the first time? */
static int repeats(const comparison *c, bp_workspace *workspace, bp_real *outputs, bp_real *gradient)
{
    const random_network *random = c->random;
    double error = 0;
    return bp_network_predict(random->net, workspace, &random->data, outputs) == BP_OK &&
           memcmp(outputs, c->outputs, c->output_values * sizeof *outputs) == 0 &&
           bp_network_gradient(random->net, workspace, &random->data, random->loss, &error, gradient) ==
               BP_OK &&
           error == c->error && memcmp(gradient, c->gradient, c->weights * sizeof *gradient) == 0;
}

static void *work_in_a_thread(void *argument)
{
    thread_job *job = argument;
    bp_workspace *workspace = NULL;
    bp_real *outputs = calloc(job->c->output_values, sizeof *outputs);
    bp_real *gradient = calloc(job->c->weights, sizeof *gradient);
    job->same = outputs != NULL && gradient != NULL &&
                bp_workspace_create(&workspace, job->c->random->net, 16) == BP_OK;
    for (int i = 0; i < 20 && job->same; i++)
        job->same = repeats(job->c, workspace, outputs, gradient);
    bp_workspace_destroy(workspace);
    free(outputs);
    free(gradient);
    return NULL;
}

static void test_threads_share_a_const_network(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    comparison c = compare(11);
    pthread_t threads[THREADS];
    thread_job jobs[THREADS];
    for (int i = 0; i < THREADS; i++) {
        jobs[i] = (thread_job){.c = &c};
        assert_int_equal(pthread_create(&threads[i], NULL, work_in_a_thread, &jobs[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(jobs[i].same);
    }
    release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_library_equals_oracle),
        cmocka_unit_test(test_bits_do_not_depend_on_the_workspace),
        cmocka_unit_test(test_gradient_of_parts_adds_up),
        cmocka_unit_test(test_threads_share_a_const_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
