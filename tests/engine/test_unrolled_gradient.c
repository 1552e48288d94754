/* Unrolled networks against back-propagation through time in plain loops, on random recurrent networks. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "network/types.h"
#include "reference/comparison.h"
#include "reference/random_recurrent.h"

enum { NETWORKS = 400 };

static const comparison_tolerance tolerance = {TOLERANCE(1e-6, 1e-13), TOLERANCE(1e-5, 1e-12)};
static const double kink = TOLERANCE(1e-5, 1e-13); /* rounding can carry a ReLU unit this far */

/* What library and oracle say of a random recurrent network. */
static random_recurrent *compare(uint64_t seed, comparison *c)
{
    random_recurrent *random = random_recurrent_create(seed);
    *c = comparison_create(random->unrolled, &random->data);
    comparison_run(c, &random->data, random->loss, 1 + (size_t)seed % 30);
    const reference_result wanted = comparison_wanted(c);
    recurrent_run(random->ref, &random->times, &random->data, random->ref_loss, &wanted);
    return random;
}

static void end(random_recurrent *random, comparison *c)
{
    comparison_destroy(c);
    random_recurrent_destroy(random);
}

/* All cases begin at one initial state, and their derivatives may all but cancel: the scale is the greatest
 * sum of their sizes. */
static double scale_of_state(random_recurrent *random, const comparison *c, size_t offset, size_t count)
{
    double *one = new_doubles(c->weights), *sums = new_doubles(count);
    for (size_t row = 0; row < random->data.cases; row++) {
        bp_data data = random->data;
        data.cases = 1;
        data.inputs += row * data.input_width;
        data.targets += row * data.target_width;
        data.case_weights = data.case_weights == NULL ? NULL : data.case_weights + row;
        recurrent_run(random->ref, &random->times, &data, random->ref_loss,
                      &(reference_result){.gradient = one});
        for (size_t i = 0; i < count; i++)
            sums[i] += fabs(one[offset + i]);
    }
    double scale = max_abs(sums, count);
    free(one);
    free(sums);
    return scale;
}

/* The derivatives of learned initial states, which comparison_assert does not look at. */
static void assert_states_close(random_recurrent *random, const comparison *c, uint64_t seed)
{
    for (size_t i = 0; i < bp_network_layer_count(random->net); i++) {
        const bp_layer *layer = bp_network_layer(random->net, i);
        size_t offset = bp_layer_state_offset(layer), count = bp_layer_state_count(layer);
        if (count > 0)
            assert_all_within(c->gradient + offset, c->wanted_gradient + offset, count,
                              tolerance.gradient * scale_of_state(random, c, offset, count),
                              "seed %d: initial state of layer %zu, unit", (int)seed, i);
    }
}

static void test_unrolled_gradient_is_back_propagation_through_time(void **state)
{
    (void)state;
    size_t compared = 0;
    for (uint64_t seed = 1; compared < NETWORKS; seed++) {
        comparison c;
        random_recurrent *random = compare(seed, &c);
        if (random->ref->closest_kink > kink) {
            comparison_assert(&c, tolerance, "random recurrent network", seed);
            assert_states_close(random, &c, seed);
            compared++;
        }
        end(random, &c);
    }
}

/* Steps of a case side by side may be handed over as steps, where inputs and outputs have equally many. */
static void test_data_with_steps(void **state)
{
    (void)state;
    size_t compared = 0;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        comparison c;
        random_recurrent *random = compare(seed, &c);
        bp_data data = random->data;
        data.input_width = bp_network_input_width(random->net);
        data.target_width = bp_network_output_width(random->net);
        data.steps = random->data.input_width / data.input_width;
        if (data.steps > 1 && data.steps * data.target_width == random->data.target_width) {
            bp_workspace *workspace = NULL;
            bp_real *gradient = new_reals(c.weights);
            double error;
            assert_ok(bp_workspace_create(&workspace, random->unrolled, 5));
            assert_ok(
                bp_network_gradient(random->unrolled, workspace, &data, random->loss, &error, gradient));
            assert_true(error == c.error);
            assert_memory_equal(gradient, c.gradient, c.weights * sizeof *gradient);
            bp_workspace_destroy(workspace);
            free(gradient);
            compared++;
        }
        end(random, &c);
    }
    assert_true(compared > 10);
}

/* The number of learned initial values. */
static size_t count_states(const bp_network *net)
{
    size_t count = 0;
    for (size_t i = 0; i < bp_network_layer_count(net); i++)
        count += bp_layer_state_count(bp_network_layer(net, i));
    return count;
}

/* The cases over and over, in more than one block: so many times the gradient. */
static void compare_blocks(const random_recurrent *random, uint64_t seed)
{
    const bp_network *net = random->unrolled;
    const size_t cases = random->data.cases, inputs = random->data.input_width,
                 targets = random->data.target_width, copies = net->block_cases / cases + 2;
    bp_real *all_inputs = new_reals(copies * cases * inputs),
            *all_targets = new_reals(copies * cases * targets), *once = new_reals(net->weight_count),
            *often = new_reals(net->weight_count);
    double *wanted = new_doubles(net->weight_count), error;
    for (size_t i = 0; i < copies; i++) {
        memcpy(all_inputs + i * cases * inputs, random->inputs, cases * inputs * sizeof *all_inputs);
        memcpy(all_targets + i * cases * targets, random->targets, cases * targets * sizeof *all_targets);
    }
    bp_data data = bp_data_view(copies * cases, all_inputs, inputs, all_targets, targets);
    bp_workspace *workspace = NULL;
    assert_ok(bp_workspace_create(&workspace, net, cases));
    assert_ok(bp_network_gradient(net, workspace, &data, random->loss, &error, often));
    data.cases = cases;
    assert_ok(bp_network_gradient(net, workspace, &data, random->loss, &error, once));
    for (size_t i = 0; i < net->weight_count; i++)
        wanted[i] = (double)copies * (double)once[i];
    assert_all_within(often, wanted, net->weight_count,
                      TOLERANCE(1e-4, 1e-11) * max_abs(wanted, net->weight_count), "seed %d: weight",
                      (int)seed);
    bp_workspace_destroy(workspace);
    free(all_inputs);
    free(all_targets);
    free(once);
    free(often);
    free(wanted);
}

static void test_blocks_are_added(void **state)
{
    (void)state;
    size_t compared = 0;
    for (uint64_t seed = 1; compared < 10; seed++) {
        random_recurrent *random = random_recurrent_create(seed);
        if (count_states(random->net) > 0) {
            compare_blocks(random, seed);
            compared++;
        }
        random_recurrent_destroy(random);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unrolled_gradient_is_back_propagation_through_time),
        cmocka_unit_test(test_data_with_steps),
        cmocka_unit_test(test_blocks_are_added),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
