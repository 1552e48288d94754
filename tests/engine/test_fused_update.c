/* Updates where the gradient is made: the worked example, and the bits of a whole gradient and its update. */
#include "engine/fused_update.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/check_data.h"
#include "engine/gradient.h"
#include "engine/workspace.h"
#include "reference/random_network.h"
#include "reference/worked_example.h"
#include "support/arrays.h"
#include "support/kernels.h"

enum { NETWORKS = 100 };

static const double tolerance = TOLERANCE(1e-5, 1e-13);

/* The first update of the worked example, with learning rate 0.5, and the sum of squares of its gradient. */
static void check_worked_example(const kernel_table *table)
{
    const bp_loss loss = bp_loss_squared_error();
    const bp_data data = worked_example_data();
    bp_network *net = worked_example_network();
    bp_workspace *workspace = NULL;
    bp_real gradient[WORKED_WEIGHTS], last_update[WORKED_WEIGHTS] = {0};
    batch_error error;
    use_kernels(net, table);
    assert_ok(bp_workspace_create(&workspace, net, 1));
    assert_ok(bpi_workspace_reserve("test", workspace, 1, true));
    assert_true(bpi_can_fuse_update(workspace, 1, &loss));
    assert_ok(
        bpi_batch_gradient("test", workspace, &(batch){.data = &data, .count = 1}, &loss, NULL, &error));
    double squares = 0;
    for (size_t w = 0; w < WORKED_WEIGHTS; w++)
        squares += worked_example[0].gradient[w] * worked_example[0].gradient[w];
    assert_close(bpi_case_gradient_squares(workspace), squares, tolerance);
    const weight_update update = {.weights = net->changing_weights,
                                  .last_update = last_update,
                                  .gradient_factor = 1,
                                  .rate = (bp_real)0.5,
                                  .momentum = (bp_real)0.9,
                                  .decay_factor = 1};
    bpi_fused_update(workspace, 1, &update, gradient);
    for (size_t w = 0; w < WORKED_WEIGHTS; w++) {
        assert_close(net->weights[w], worked_example[1].weights[w], tolerance);
        assert_close(last_update[w], -0.5 * worked_example[0].gradient[w], tolerance);
    }
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

static void test_worked_example(void **state)
{
    (void)state;
    const kernel_table *table;
    for (size_t t = 0; (table = supported_table(t)) != NULL; t++)
        check_worked_example(table);
}

/* --------------------------------------------------------- bits of the plain update */

/* The weights and their last updates, after one update; fused or by the whole gradient. */
typedef struct updated {
    bp_real *weights, *last_update;
} updated;

static updated update_once(const bp_network *net, const batch *cases, const bp_loss *loss, bool fused)
{
    bp_network *copy = NULL;
    bp_workspace *workspace = NULL;
    batch_error error;
    const size_t count = net->weight_count;
    uint64_t stream = 5;
    updated u = {new_reals(count), random_reals(&stream, count, -0.1, 0.1)};
    bp_real *gradient = new_reals(count);
    assert_ok(bp_network_copy(&copy, net));
    assert_ok(bp_workspace_create(&workspace, copy, cases->count));
    assert_ok(bpi_workspace_reserve("test", workspace, cases->count, true));
    const weight_update update = {.weights = copy->changing_weights,
                                  .last_update = u.last_update,
                                  .gradient_factor = 1 / (bp_real)cases->count,
                                  .rate = (bp_real)0.25,
                                  .momentum = (bp_real)0.9,
                                  .decay_factor = (bp_real)0.998};
    assert_ok(bpi_batch_gradient("test", workspace, cases, loss, fused ? NULL : gradient, &error));
    if (fused) {
        bpi_fused_update(workspace, cases->count, &update, gradient);
    } else {
        for (size_t i = 0; i < count; i++)
            gradient[i] *= update.gradient_factor;
        net->kernel->momentum_update(copy->changing_weights, gradient, u.last_update, count, update.rate,
                                     update.momentum, update.decay_factor);
    }
    memcpy(u.weights, copy->weights, count * sizeof *u.weights);
    free(gradient);
    bp_workspace_destroy(workspace);
    bp_network_destroy(copy);
    return u;
}

static size_t check_random_network(random_network *random)
{
    bp_workspace *workspace = NULL;
    bp_data checked;
    assert_ok(bp_workspace_create(&workspace, random->net, random->data.cases));
    const bool can_fuse = bpi_can_fuse_update(workspace, random->data.cases, &random->loss);
    assert_ok(bpi_check_data("test", "data", random->net, &random->data, DATA_BOTH, &checked));
    bp_workspace_destroy(workspace);
    if (!can_fuse)
        return 0;
    const batch cases = {.data = &checked, .count = checked.cases};
    updated fused = update_once(random->net, &cases, &random->loss, true);
    updated plain = update_once(random->net, &cases, &random->loss, false);
    const size_t bytes = random->net->weight_count * sizeof(bp_real);
    assert_memory_equal(fused.weights, plain.weights, bytes);
    assert_memory_equal(fused.last_update, plain.last_update, bytes);
    free(fused.weights);
    free(fused.last_update);
    free(plain.weights);
    free(plain.last_update);
    return 1;
}

static void test_random_networks_are_updated_bit_by_bit_alike(void **state)
{
    (void)state;
    size_t compared = 0;
    for (uint64_t seed = 1; compared < NETWORKS; seed++) {
        random_network *random = random_network_create(seed);
        compared += check_random_network(random);
        random_network_destroy(random);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worked_example),
        cmocka_unit_test(test_random_networks_are_updated_bit_by_bit_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
