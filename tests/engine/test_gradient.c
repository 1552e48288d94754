/* The engine against the oracle, on random networks with random cases; and what must hold for any gradient.
 */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "reference/comparison.h"
#include "reference/random_network.h"

enum { NETWORKS = 300 };

static const comparison_tolerance tolerance = {TOLERANCE(1e-6, 1e-13), TOLERANCE(1e-5, 1e-12)};
static const double kink = TOLERANCE(1e-5, 1e-13); /* rounding can carry a ReLU unit this far */

/* What library and oracle say of a random network. */
static random_network *compare(uint64_t seed, comparison *c)
{
    random_network *random = random_network_create(seed);
    *c = comparison_create(random->net, &random->data);
    comparison_run(c, &random->data, random->loss, 1 + (size_t)seed % 70);
    const reference_result wanted = comparison_wanted(c);
    reference_run(random->ref, &random->data, random->ref_loss, &wanted);
    return random;
}

static void end(random_network *random, comparison *c)
{
    comparison_destroy(c);
    random_network_destroy(random);
}

static void test_library_equals_oracle(void **state)
{
    (void)state;
    size_t compared = 0;
    for (uint64_t seed = 1; compared < NETWORKS; seed++) {
        comparison c;
        random_network *random = compare(seed, &c);
        if (random->ref->closest_kink > kink) {
            comparison_assert(&c, tolerance, "random network", seed);
            compared++;
        }
        end(random, &c);
    }
}

static void test_bits_do_not_depend_on_the_workspace(void **state)
{
    (void)state;
    const size_t rooms[] = {1, 2, 3, 7, 33, 1000};
    for (uint64_t seed = 1; seed <= 60; seed++) {
        comparison c;
        random_network *random = compare(seed, &c);
        for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
            bp_workspace *workspace = NULL;
            bp_real *gradient = new_reals(c.weights);
            bp_real *outputs = new_reals(c.output_values);
            double error;
            assert_ok(bp_workspace_create(&workspace, c.net, rooms[i]));
            assert_ok(bp_network_predict(c.net, workspace, &random->data, outputs));
            assert_memory_equal(outputs, c.outputs, c.output_values * sizeof *outputs);
            assert_ok(bp_network_gradient(c.net, workspace, &random->data, random->loss, &error, gradient));
            assert_memory_equal(gradient, c.gradient, c.weights * sizeof *gradient);
            assert_true(error == c.error);
            free(gradient);
            free(outputs);
            bp_workspace_destroy(workspace);
        }
        end(random, &c);
    }
}

/* The gradient is a sum over cases: that of all is that of the first half and the second half together. */
static void test_gradient_of_parts_adds_up(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        comparison c;
        random_network *random = compare(seed, &c);
        size_t half = random->data.cases / 2;
        bp_workspace *workspace = NULL;
        bp_real *first = new_reals(c.weights), *second = new_reals(c.weights);
        double *sum = new_doubles(c.weights), errors[2];
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
            assert_close(errors[0] + errors[1], c.error, tolerance.error);
            assert_all_close(c.gradient, sum, c.weights, tolerance.gradient, "seed %d: sum of parts",
                             (int)seed);
        }
        bp_workspace_destroy(workspace);
        free(first);
        free(second);
        free(sum);
        end(random, &c);
    }
}

typedef struct thread_job {
    const random_network *random;
    const comparison *c;
    int same;
} thread_job;

/* Predicts and finds the gradient with a workspace of its own; are the bits those of the first time? */
static int repeats(const thread_job *job, bp_workspace *workspace, bp_real *outputs, bp_real *gradient)
{
    const random_network *random = job->random;
    const comparison *c = job->c;
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
    job->same =
        outputs != NULL && gradient != NULL && bp_workspace_create(&workspace, job->random->net, 16) == BP_OK;
    for (int i = 0; i < 20 && job->same; i++)
        job->same = repeats(job, workspace, outputs, gradient);
    bp_workspace_destroy(workspace);
    free(outputs);
    free(gradient);
    return NULL;
}

static void test_threads_share_a_const_network(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    comparison c;
    random_network *random = compare(11, &c);
    pthread_t threads[THREADS];
    thread_job jobs[THREADS];
    for (int i = 0; i < THREADS; i++) {
        jobs[i] = (thread_job){.random = random, .c = &c};
        assert_int_equal(pthread_create(&threads[i], NULL, work_in_a_thread, &jobs[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(jobs[i].same);
    }
    end(random, &c);
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
