/* Max-norm: no unit of random networks has longer weights, and kernels keep their direction. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reference/random_network.h"
#include "train/penalty_example.h"

/* For dense and masked connections: the squares of a row of the matrix. */
static double squares_into(const bp_connection *connection, size_t unit)
{
    const bp_layer *from = bp_connection_from(connection), *to = bp_connection_to(connection);
    const size_t columns = bp_layer_units(from), flags = columns * bp_layer_units(to);
    const size_t count = bp_connection_weight_count(connection);
    bp_real *weights = malloc(count * sizeof *weights);
    unsigned char *mask = malloc(flags);
    double squares = 0;
    memset(mask, 1, flags);
    assert_ok(bp_connection_get_weights(connection, weights, count));
    if (bp_connection_get_kind(connection) == BP_CONNECTION_MASKED)
        assert_ok(bp_connection_get_mask(connection, mask, flags));
    for (size_t i = 0, next = 0; i < flags; next += mask[i++] != 0)
        if (mask[i] != 0 && i / columns == unit)
            squares += (double)weights[next] * (double)weights[next];
    free(weights);
    free(mask);
    return squares;
}

/* The largest norm of the weights into a unit; NaN with convolutions, which have a test of their own. */
static double largest_norm(const bp_network *net)
{
    double largest = 0;
    for (size_t i = 0; i < bp_network_layer_count(net); i++) {
        const bp_layer *layer = bp_network_layer(net, i);
        for (size_t unit = 0; unit < bp_layer_units(layer); unit++) {
            double squares = 0;
            for (size_t k = 0; k < bp_network_connection_count(net); k++) {
                const bp_connection *connection = bp_network_connection(net, k);
                if (bp_connection_get_kind(connection) == BP_CONNECTION_CONVOLUTION)
                    return NAN;
                if (bp_connection_to(connection) == layer)
                    squares += squares_into(connection, unit);
            }
            largest = fmax(largest, sqrt(squares));
        }
    }
    return largest;
}

static void test_norms_of_random_networks(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(2);
    size_t limited = 0;
    for (uint64_t seed = 1; seed <= 120; seed++) {
        random_network *random = random_network_create(seed);
        const double before = largest_norm(random->net);
        bp_trainer_options options = options_with(&rule, 1);
        options.loss = random->loss;
        options.optimizer = bp_optimizer_momentum(1e-4, 0.9);
        options.weight_decay = 0;
        options.max_norm = 0.4;
        options.batch_size = 1 + seed % 4;
        bp_trainer *trainer = NULL;
        if (bp_trainer_create(&trainer, random->net, &options) == BP_OK) {
            assert_ok(bp_trainer_run(trainer, &random->data, NULL, NULL));
            if (before > 0.4) {
                assert_true(largest_norm(random->net) <= 0.4 * (1 + 4 * EPSILON));
                limited++;
            }
        }
        bp_trainer_destroy(trainer);
        random_network_destroy(random);
    }
    assert_true(limited > 40);
}

/* A kernel of norm 5 becomes one of norm 2 in the same direction, whatever the learning rate. */
static void test_norms_of_kernels(void **state)
{
    (void)state;
    bp_network *net = NULL;
    bp_layer *in = NULL, *out = NULL;
    bp_convolution convolution;
    bp_connect_options how;
    bp_connect_options_init(&how, sizeof how);
    bp_convolution_init(&convolution, sizeof convolution);
    convolution.height = 1;
    convolution.width = 5;
    convolution.kernels = 2;
    convolution.kernel_height = 1;
    convolution.kernel_width = 2;
    how.convolution = &convolution;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", 5));
    assert_ok(bp_network_add_layer(&out, net, "out", 8, bp_activation_linear()));
    assert_ok(bp_network_connect_with(NULL, net, in, out, &how));
    assert_ok(bp_network_finalize(net));
    const bp_real weights[] = {3, 4, 1, -1, 0, 0}, x[5] = {1, 2, 3, 4, 5}, d[8] = {0};
    assert_ok(bp_network_set_weights(net, weights, 6));
    const bp_data data = bp_data_view(1, x, 5, d, 8);
    bp_stop_rule rule;
    bp_trainer_options options = penalty_options(&rule, 1);
    options.optimizer = bp_optimizer_gradient_descent(TOLERANCE(1e-12, 1e-20)); /* which changes nothing */
    options.max_norm = 2;
    train_with(net, &options, &data);
    const bp_real *w = bp_network_weights(net, NULL);
    assert_true(fabs((double)w[0] - 1.2) < 4 * EPSILON && fabs((double)w[1] - 1.6) < 4 * EPSILON);
    assert_true(fabs((double)w[2] - 1) < 1e-8 && fabs((double)w[3] + 1) < 1e-8);
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_norms_of_random_networks),
        cmocka_unit_test(test_norms_of_kernels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
