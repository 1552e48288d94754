/* Losses of each output layer on random networks, layered and unrolled, against the oracle: E, gradient,
 * products of Hessian and Gauss-Newton matrix; with threads the same bits. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reference/comparison.h"
#include "reference/own_losses.h"
#include "reference/random_network.h"
#include "reference/random_recurrent.h"

enum { NETWORKS = 300, RECURRENT = 60, PRODUCTS = 60 };

static const comparison_tolerance tolerance = {TOLERANCE(2e-6, 1e-13), TOLERANCE(1e-5, 1e-12)};
static const double kink = TOLERANCE(1e-5, 1e-13);

/* A random network whose output layers have random losses. */
static random_network *create(uint64_t seed, own_losses *own)
{
    uint64_t state = seed * 0x9e3779b97f4a7c15u + 77;
    random_network *random = random_network_create(seed);
    random_network_draw_losses(random, &state, own);
    return random;
}

static void test_library_equals_oracle(void **state)
{
    (void)state;
    size_t compared = 0;
    for (uint64_t seed = 1; compared < NETWORKS; seed++) {
        own_losses own;
        random_network *random = create(seed, &own);
        comparison c = comparison_create(random->net, &random->data);
        comparison_run(&c, &random->data, random->loss, 1 + (size_t)seed % 70);
        const reference_result wanted = comparison_wanted(&c);
        reference_run(random->ref, &random->data, random->ref_loss, &wanted);
        if (random->ref->closest_kink > kink) {
            comparison_assert(&c, tolerance, "random network", seed);
            compared++;
        }
        comparison_destroy(&c);
        random_network_destroy(random);
    }
}

static void test_bits_do_not_depend_on_threads(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        own_losses own;
        random_network *random = create(seed, &own);
        size_t weights;
        bp_network_weights(random->net, &weights);
        bp_real *gradients[2] = {new_reals(weights), new_reals(weights)};
        double errors[2];
        for (size_t i = 0; i < 2; i++) {
            bp_workspace *workspace = NULL;
            assert_ok(bp_workspace_create(&workspace, random->net, 16));
            assert_ok(bp_workspace_set_threads(workspace, 1 + 3 * i));
            assert_ok(bp_network_gradient(random->net, workspace, &random->data, random->loss, &errors[i],
                                          gradients[i]));
            bp_workspace_destroy(workspace);
        }
        assert_memory_equal(&errors[0], &errors[1], sizeof errors[0]);
        assert_memory_equal(gradients[0], gradients[1], weights * sizeof(bp_real));
        free(gradients[0]);
        free(gradients[1]);
        random_network_destroy(random);
    }
}

/* The oracle's gradient at weights + step * vector. */
static void gradient_at(random_network *random, const bp_real *vector, double step, double *gradient)
{
    reference *ref = random->ref;
    double *weights = ref->weights, *moved = new_doubles(ref->weight_count);
    for (size_t i = 0; i < ref->weight_count; i++)
        moved[i] = weights[i] + step * (double)vector[i];
    ref->weights = moved;
    reference_run(ref, &random->data, random->ref_loss, &(reference_result){.gradient = gradient});
    ref->weights = weights;
    free(moved);
}

/* By Richardson's extrapolation of two central differences; false if a kink is near. */
static int find_differences(random_network *random, const bp_real *vector, double *wanted)
{
    const double step = 1e-3, points[] = {-2, -1, 1, 2}, factors[] = {1, -8, 8, -1};
    const size_t count = random->ref->weight_count;
    double *gradient = new_doubles(count);
    int judged = 1;
    memset(wanted, 0, count * sizeof *wanted);
    for (size_t p = 0; p < 4; p++) {
        gradient_at(random, vector, points[p] * step, gradient);
        judged &= random->ref->closest_kink > 0.01;
        for (size_t i = 0; i < count; i++)
            wanted[i] += factors[p] * gradient[i] / (12 * step);
    }
    free(gradient);
    return judged;
}

static int has_custom_activation(const bp_network *net)
{
    for (size_t i = 0; i < bp_network_layer_count(net); i++) {
        const bp_activation activation = bp_layer_activation(bp_network_layer(net, i));
        if (strcmp(bp_activation_name(&activation), random_custom_reference()->name) == 0)
            return 1;
    }
    return 0;
}

/* Huber's loss jumps in its second derivative only, where a difference of gradients has an error too. */
static int has_huber(const reference *ref)
{
    for (size_t l = 0; l < ref->layer_count; l++)
        if (ref->layers[l].is_output && ref->own[l].loss == REFERENCE_HUBER)
            return 1;
    return 0;
}

static size_t compare_product(random_network *random, uint64_t seed)
{
    uint64_t state = seed;
    const size_t count = random->ref->weight_count;
    bp_real *vector = new_reals(count), *product = new_reals(count);
    double *wanted = new_doubles(count), scale = 0;
    for (size_t i = 0; i < count; i++)
        vector[i] = (bp_real)test_uniform(&state, -1, 1);
    const int judged = find_differences(random, vector, wanted);
    bp_workspace *workspace = NULL;
    assert_ok(bp_workspace_create(&workspace, random->net, 1 + (size_t)seed % 30));
    assert_ok(
        bp_network_hessian_product(random->net, workspace, &random->data, random->loss, vector, product));
    bp_workspace_destroy(workspace);
    for (size_t i = 0; i < count; i++)
        scale = fmax(scale, fabs(wanted[i]));
    for (size_t i = 0; judged && i < count; i++)
        if (!(fabs((double)product[i] - wanted[i]) <= TOLERANCE(2e-4, 1e-7) * (1 + scale)))
            fail_msg("seed %llu: weight %zu: %g, wanted %g", (unsigned long long)seed, i, (double)product[i],
                     wanted[i]);
    free(vector);
    free(product);
    free(wanted);
    return (size_t)judged;
}

/* H v against differences of the oracle's gradient. */
static void test_hessian_product(void **state)
{
    (void)state;
    size_t compared = 0;
    for (uint64_t seed = 1; compared < PRODUCTS; seed++) {
        own_losses own;
        random_network *random = create(seed, &own);
        random->data.cases = random->data.cases < 10 ? random->data.cases : 10;
        if (!has_custom_activation(random->net) && !has_huber(random->ref))
            compared += compare_product(random, seed);
        random_network_destroy(random);
    }
}

/* Over time, each output layer has its loss at every step. */
static void test_unrolled(void **state)
{
    (void)state;
    size_t compared = 0;
    for (uint64_t seed = 1; compared < RECURRENT; seed++) {
        uint64_t draws = seed * 0x9e3779b97f4a7c15u + 78;
        own_losses own;
        random_recurrent *random = random_recurrent_create(seed);
        const size_t width = random->ref->output_width;
        own_losses_draw(&own, &draws, random->ref, random->targets,
                        random->data.cases * (random->data.target_width / width), width);
        comparison c = comparison_create(random->unrolled, &random->data);
        comparison_run(&c, &random->data, own_losses_value(&own), 1 + (size_t)seed % 30);
        const reference_result wanted = comparison_wanted(&c);
        recurrent_run(random->ref, &random->times, &random->data, random->ref_loss, &wanted);
        if (random->ref->closest_kink > kink) {
            comparison_assert(&c, tolerance, "recurrent network", seed);
            compared++;
        }
        comparison_destroy(&c);
        random_recurrent_destroy(random);
    }
}

/* The check of derivatives finds nothing wrong, for any of them. */
static void test_gradient_checker(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        own_losses own;
        random_network *random = create(seed, &own);
        bp_workspace *workspace = NULL;
        bp_gradient_check result;
        bp_gradient_check_init(&result, sizeof result);
        random->data.cases = random->data.cases < 4 ? random->data.cases : 4;
        assert_ok(bp_workspace_create(&workspace, random->net, 4));
        assert_ok(bp_network_check_gradient(random->net, workspace, &random->data, random->loss, 0, &result));
        if (result.checked > 0 && !result.passed)
            fail_msg("seed %llu: a weight into layer '%s' deviates by %g", (unsigned long long)seed,
                     result.layer, result.max_deviation);
        bp_workspace_destroy(workspace);
        random_network_destroy(random);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_library_equals_oracle), cmocka_unit_test(test_bits_do_not_depend_on_threads),
        cmocka_unit_test(test_hessian_product),       cmocka_unit_test(test_unrolled),
        cmocka_unit_test(test_gradient_checker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
