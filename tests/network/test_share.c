/* Shared weights, held against the oracle on a twin network in which every place has weights of its own. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reference/reference.h"
#include "support/connect.h"
#include "support/support.h"

/* Five layers of three units, each connected with all later ones: ten matrices of one shape. */
enum { LAYERS = 5, UNITS = 3, CONNECTIONS = 10, MATRIX = UNITS * UNITS, CASES = 7 };
enum { TWIN_WEIGHTS = CONNECTIONS * MATRIX + (LAYERS - 1) * UNITS };

static const double gradient_tolerance = TOLERANCE(1e-5, 1e-12);

static bp_network *build_open(void)
{
    bp_network *net = NULL;
    bp_layer *layers[LAYERS];
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&layers[0], net, "in", UNITS));
    for (size_t i = 1; i < LAYERS; i++) {
        char name[8] = {'h', (char)('0' + i)};
        assert_ok(bp_network_add_layer(&layers[i], net, name, UNITS, bp_activation_tanh()));
        for (size_t from = 0; from < i; from++)
            assert_ok(bp_network_connect(NULL, net, layers[from], layers[i]));
    }
    return net;
}

/* Who is in one group with whom, kept apart from the library. */
typedef struct groups {
    size_t of_connection[CONNECTIONS], of_bias[LAYERS];
} groups;

static void join(size_t *group, size_t count, size_t a, size_t b)
{
    size_t old = group[a], with = group[b];
    for (size_t i = 0; i < count; i++)
        if (group[i] == old)
            group[i] = with;
}

static void share_at_random(bp_network *net, uint64_t seed, groups *g)
{
    for (size_t i = 0; i < CONNECTIONS; i++)
        g->of_connection[i] = i;
    for (size_t i = 0; i < LAYERS; i++)
        g->of_bias[i] = i;
    for (size_t n = test_below(&seed, 9); n > 0; n--) {
        size_t a = test_below(&seed, CONNECTIONS), b = test_below(&seed, CONNECTIONS);
        if (a == b)
            continue;
        assert_ok(bp_connection_share(bp_network_connection(net, a), bp_network_connection(net, b)));
        join(g->of_connection, CONNECTIONS, a, b);
    }
    for (size_t n = test_below(&seed, 4); n > 0; n--) {
        size_t a = 1 + test_below(&seed, LAYERS - 1), b = 1 + test_below(&seed, LAYERS - 1);
        if (a == b)
            continue;
        assert_ok(bp_layer_share_bias(bp_network_layer(net, a), bp_network_layer(net, b)));
        join(g->of_bias, LAYERS, a, b);
    }
}

/* Where each weight of the twin stands in the shared vector: with the first place of its group. */
static size_t expected_layout(const groups *g, const bp_network *twin, size_t where[TWIN_WEIGHTS])
{
    size_t of_connection[CONNECTIONS], of_bias[LAYERS], next = 0, at = 0;
    memset(of_connection, 0xff, sizeof of_connection);
    memset(of_bias, 0xff, sizeof of_bias);
    for (size_t l = 1; l < LAYERS; l++) {
        for (size_t c = 0; c < CONNECTIONS; c++) {
            if (bp_layer_index(bp_connection_to(bp_network_connection(twin, c))) != l)
                continue;
            size_t *offset = &of_connection[g->of_connection[c]];
            if (*offset == SIZE_MAX) {
                *offset = next;
                next += MATRIX;
            }
            for (size_t i = 0; i < MATRIX; i++)
                where[at++] = *offset + i;
        }
        size_t *offset = &of_bias[g->of_bias[l]];
        if (*offset == SIZE_MAX) {
            *offset = next;
            next += UNITS;
        }
        for (size_t i = 0; i < UNITS; i++)
            where[at++] = *offset + i;
    }
    return next;
}

static bp_data random_data(uint64_t seed)
{
    static bp_real inputs[CASES * UNITS], targets[CASES * UNITS];
    for (size_t i = 0; i < CASES * UNITS; i++) {
        inputs[i] = (bp_real)test_uniform(&seed, -1, 1);
        targets[i] = (bp_real)test_uniform(&seed, -1, 1);
    }
    return bp_data_view(CASES, inputs, UNITS, targets, UNITS);
}

/* The oracle's gradient of the twin, whose places have the shared weights, summed over the places. */
static double summed_oracle(bp_network *twin, const bp_network *shared, const size_t *where,
                            const bp_data *data, double *sums)
{
    bp_real weights[TWIN_WEIGHTS];
    double error, gradient[TWIN_WEIGHTS];
    for (size_t i = 0; i < TWIN_WEIGHTS; i++)
        weights[i] = bp_network_weights(shared, NULL)[where[i]];
    assert_ok(bp_network_set_weights(twin, weights, TWIN_WEIGHTS));
    reference *ref = reference_create(twin, NULL, 0, NULL);
    reference_run(ref, data, REFERENCE_SQUARED_ERROR,
                  &(reference_result){.error = &error, .gradient = gradient});
    reference_destroy(ref);
    memset(sums, 0, TWIN_WEIGHTS * sizeof *sums);
    for (size_t i = 0; i < TWIN_WEIGHTS; i++)
        sums[where[i]] += gradient[i];
    return error;
}

static void compare(bp_network *shared, bp_network *twin, const size_t *where, size_t count, uint64_t seed)
{
    bp_data data = random_data(seed);
    bp_workspace *workspace = NULL;
    bp_real gradient[TWIN_WEIGHTS];
    double error, sums[TWIN_WEIGHTS], scale = 0;
    assert_ok(bp_network_initialize(shared, seed));
    assert_ok(bp_workspace_create(&workspace, shared, CASES));
    for (size_t i = 0; i < count; i++)
        gradient[i] = 1000;
    assert_ok(bp_network_gradient(shared, workspace, &data, bp_loss_squared_error(), &error, gradient));
    bp_workspace_destroy(workspace);
    assert_close(error, summed_oracle(twin, shared, where, &data, sums), TOLERANCE(1e-6, 1e-13));
    for (size_t i = 0; i < count; i++)
        scale = fmax(scale, fabs(sums[i]));
    for (size_t i = 0; i < count; i++)
        assert_true(fabs((double)gradient[i] - sums[i]) <= gradient_tolerance * scale);
}

static void test_gradient_is_summed_over_the_places(void **state)
{
    (void)state;
    bp_network *twin = build_open();
    assert_ok(bp_network_finalize(twin));
    for (uint64_t seed = 1; seed <= 200; seed++) {
        bp_network *shared = build_open();
        groups g;
        size_t where[TWIN_WEIGHTS], count;
        share_at_random(shared, seed, &g);
        assert_ok(bp_network_finalize(shared));
        bp_network_weights(shared, &count);
        assert_int_equal(count, expected_layout(&g, twin, where));
        for (size_t c = 0; c < CONNECTIONS; c++)
            assert_int_equal(bp_connection_offset(bp_network_connection(shared, c)),
                             where[bp_connection_offset(bp_network_connection(twin, c))]);
        for (size_t l = 1; l < LAYERS; l++)
            assert_int_equal(bp_layer_bias_offset(bp_network_layer(shared, l)),
                             where[bp_layer_bias_offset(bp_network_layer(twin, l))]);
        compare(shared, twin, where, count, seed);
        bp_network_destroy(shared);
    }
    bp_network_destroy(twin);
}

/* ----------------------------------------------------------- two connections share */

typedef struct fixture {
    bp_network *net;
    bp_layer *in, *h1, *h2, *h3, *h4;
    bp_connection *early, *late; /* in -> h1 and h1 -> h4 */
} fixture;

static int setup(void **state)
{
    static fixture f;
    f.net = build_open();
    f.in = bp_network_layer(f.net, 0);
    f.h1 = bp_network_layer(f.net, 1);
    f.h2 = bp_network_layer(f.net, 2);
    f.h3 = bp_network_layer(f.net, 3);
    f.h4 = bp_network_layer(f.net, 4);
    f.early = bp_network_find_connection(f.net, f.in, f.h1);
    f.late = bp_network_find_connection(f.net, f.h1, f.h4);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    bp_network_destroy(((fixture *)*state)->net);
    return 0;
}

static void share_and_finalize(fixture *f)
{
    assert_ok(bp_connection_share(f->late, f->early));
    assert_ok(bp_layer_share_bias(f->h1, f->h3));
    assert_ok(bp_network_finalize(f->net));
}

static void test_setting_one_sets_all(void **state)
{
    fixture *f = *state;
    share_and_finalize(f);
    assert_int_equal(bp_connection_offset(f->early), 0);
    assert_int_equal(bp_connection_offset(f->late), 0);
    assert_int_equal(bp_layer_bias_offset(f->h3), MATRIX);
    assert_int_equal(bp_connection_weight_count(f->late), MATRIX);
    assert_int_equal(bp_layer_bias_count(f->h3), UNITS);
    const bp_real matrix[MATRIX] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, biases[UNITS] = {-1, -2, -3};
    bp_real got[MATRIX];
    assert_ok(bp_connection_set_weights(f->late, matrix, MATRIX));
    assert_ok(bp_connection_get_weights(f->early, got, MATRIX));
    assert_memory_equal(got, matrix, sizeof matrix);
    assert_ok(bp_layer_set_biases(f->h3, biases, UNITS));
    assert_ok(bp_layer_get_biases(f->h1, got, UNITS));
    assert_memory_equal(got, biases, sizeof biases);
    assert_memory_equal(bp_network_weights(f->net, NULL), matrix, sizeof matrix);
}

static void test_the_rule_of_the_first_place_draws_once(void **state)
{
    fixture *f = *state;
    share_and_finalize(f);
    bp_network *plain = build_open();
    assert_ok(bp_network_finalize(plain));
    for (size_t i = 0; i < CONNECTIONS; i++) {
        bp_connection_set_weight_init(bp_network_connection(f->net, i), bp_weight_init_uniform(-1, 1));
        bp_connection_set_weight_init(bp_network_connection(plain, i), bp_weight_init_uniform(-1, 1));
    }
    assert_ok(bp_connection_set_weight_init(f->early, bp_weight_init_constant(0.25)));
    assert_ok(bp_connection_set_weight_init(f->late, bp_weight_init_constant(0.5)));
    assert_ok(bp_layer_set_bias_init(f->h1, bp_weight_init_constant(-0.25)));
    assert_ok(bp_layer_set_bias_init(f->h3, bp_weight_init_constant(-0.5)));
    assert_ok(bp_connection_set_weight_init(bp_network_connection(plain, 0), bp_weight_init_constant(0.25)));
    assert_ok(bp_network_initialize(f->net, 5));
    assert_ok(bp_network_initialize(plain, 5));
    bp_real got[MATRIX], wanted[MATRIX];
    assert_ok(bp_connection_get_weights(f->late, got, MATRIX));
    assert_true(got[0] == (bp_real)0.25 && got[MATRIX - 1] == (bp_real)0.25);
    assert_ok(bp_layer_get_biases(f->h3, got, UNITS));
    assert_true(got[0] == (bp_real)-0.25 && got[UNITS - 1] == (bp_real)-0.25);
    /* What is shared takes no draws of its own: h1 -> h4 is passed over, and h2 -> h4 gets its numbers. */
    const bp_layer *h1 = bp_network_layer(plain, 1), *h4 = bp_network_layer(plain, 4);
    assert_ok(bp_connection_get_weights(bp_network_find_connection(plain, h1, h4), wanted, MATRIX));
    assert_ok(bp_connection_get_weights(bp_network_find_connection(f->net, f->h2, f->h4), got, MATRIX));
    assert_memory_equal(got, wanted, sizeof got);
    bp_network_destroy(plain);
}

static void test_a_group_joins_a_group(void **state)
{
    fixture *f = *state;
    bp_connection *c[4] = {f->early, f->late, bp_network_find_connection(f->net, f->h1, f->h2),
                           bp_network_find_connection(f->net, f->h2, f->h3)};
    assert_ok(bp_connection_share(c[0], c[1]));
    assert_ok(bp_connection_share(c[2], c[3]));
    assert_ok(bp_connection_share(c[1], c[3]));
    assert_ok(bp_connection_share(c[0], c[2])); /* they do already */
    assert_ok(bp_network_finalize(f->net));
    for (int i = 0; i < 4; i++)
        assert_int_equal(bp_connection_offset(c[i]), 0);
    size_t count;
    bp_network_weights(f->net, &count);
    assert_int_equal(count, TWIN_WEIGHTS - 3 * MATRIX);
}

static void test_they_stay_equal_in_training(void **state)
{
    fixture *f = *state;
    share_and_finalize(f);
    assert_ok(bp_network_initialize(f->net, 1));
    bp_data data = random_data(3);
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.1, 0.9);
    options.weight_decay = 0.001;
    options.batch_size = 2;
    const bp_stop_rule rule = bp_stop_epochs(50);
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    bp_trainer *trainer = NULL;
    bp_real before[MATRIX], early[MATRIX], late[MATRIX];
    assert_ok(bp_connection_get_weights(f->early, before, MATRIX));
    assert_ok(bp_trainer_create(&trainer, f->net, &options));
    assert_ok(bp_trainer_run(trainer, &data, NULL, NULL));
    bp_trainer_destroy(trainer);
    assert_ok(bp_connection_get_weights(f->early, early, MATRIX));
    assert_ok(bp_connection_get_weights(f->late, late, MATRIX));
    assert_memory_equal(early, late, sizeof early);
    assert_memory_not_equal(early, before, sizeof early);
}

static void test_a_copy_shares_alike(void **state)
{
    fixture *f = *state;
    bp_network *copy = NULL;
    share_and_finalize(f);
    assert_ok(bp_network_initialize(f->net, 1));
    assert_ok(bp_network_copy(&copy, f->net));
    size_t count, copy_count;
    const bp_real *weights = bp_network_weights(f->net, &count);
    assert_memory_equal(bp_network_weights(copy, &copy_count), weights, count * sizeof *weights);
    assert_int_equal(count, copy_count);
    for (size_t i = 0; i < CONNECTIONS; i++)
        assert_int_equal(bp_connection_offset(bp_network_connection(copy, i)),
                         bp_connection_offset(bp_network_connection(f->net, i)));
    for (size_t i = 1; i < LAYERS; i++)
        assert_int_equal(bp_layer_bias_offset(bp_network_layer(copy, i)),
                         bp_layer_bias_offset(bp_network_layer(f->net, i)));
    bp_network_destroy(copy);
}

/* -------------------------------------------------------------------- wrong calls */

static void test_share_refuses_what_does_not_fit(void **state)
{
    fixture *f = *state;
    bp_network *other = build_open();
    bp_layer *wide = NULL;
    bp_connection *of_wide = NULL, *to_wide = NULL;
    assert_ok(bp_network_add_layer(&wide, f->net, "wide", UNITS + 1, bp_activation_tanh()));
    assert_ok(bp_network_connect(&to_wide, f->net, f->h4, wide));
    assert_ok(bp_layer_set_output(wide));
    assert_ok(connect_delayed(&of_wide, f->net, wide, f->h4));
    assert_fails(bp_connection_share(NULL, f->early), BP_ERROR_ARGUMENT, "connection is NULL");
    assert_fails(bp_connection_share(f->early, NULL), BP_ERROR_ARGUMENT, "with is NULL");
    assert_fails(bp_connection_share(f->early, f->early), BP_ERROR_STRUCTURE, "the same connection");
    assert_fails(bp_connection_share(f->early, bp_network_connection(other, 0)), BP_ERROR_STRUCTURE,
                 "different networks");
    assert_fails(bp_connection_share(f->early, to_wide), BP_ERROR_STRUCTURE,
                 "connection_share: 'in' -> 'h1' (3 x 3) cannot share with 'h4' -> 'wide' (4 x 3): their "
                 "shapes differ");
    assert_fails(bp_connection_share(f->early, of_wide), BP_ERROR_STRUCTURE,
                 "'in' -> 'h1' (3 x 3) cannot share with 'wide' -> 'h4' (delayed) (3 x 4): their shapes");
    assert_fails(bp_connection_share(of_wide, to_wide), BP_ERROR_STRUCTURE,
                 "'wide' -> 'h4' (delayed) (3 x 4) cannot share with 'h4' -> 'wide' (4 x 3)");
    bp_network_destroy(other);
}

static void test_share_bias_refuses_what_does_not_fit(void **state)
{
    fixture *f = *state;
    bp_network *other = build_open();
    bp_layer *wide = NULL;
    assert_ok(bp_network_add_layer(&wide, f->net, "wide", UNITS + 1, bp_activation_tanh()));
    assert_fails(bp_layer_share_bias(NULL, f->h1), BP_ERROR_ARGUMENT, "layer is NULL");
    assert_fails(bp_layer_share_bias(f->h1, NULL), BP_ERROR_ARGUMENT, "with is NULL");
    assert_fails(bp_layer_share_bias(f->h1, f->h1), BP_ERROR_STRUCTURE, "the same layer");
    assert_fails(bp_layer_share_bias(f->h1, bp_network_layer(other, 1)), BP_ERROR_STRUCTURE,
                 "different networks");
    assert_fails(bp_layer_share_bias(f->h1, wide), BP_ERROR_STRUCTURE,
                 "layer 'h1' (3 units) cannot share the biases of layer 'wide' (4 units): their sizes");
    assert_fails(bp_layer_share_bias(f->h1, f->in), BP_ERROR_STRUCTURE, "no biases");
    assert_ok(bp_layer_enable_bias(f->h2, 0));
    assert_fails(bp_layer_share_bias(f->h2, f->h1), BP_ERROR_STRUCTURE, "no biases");
    assert_ok(bp_layer_share_bias(f->h1, f->h3));
    assert_fails(bp_layer_enable_bias(f->h1, 0), BP_ERROR_STRUCTURE, "layer 'h1' shares its biases");
    assert_fails(bp_layer_enable_bias(f->h3, 0), BP_ERROR_STRUCTURE, "layer 'h3' shares its biases");
    assert_ok(bp_layer_enable_bias(f->h3, 1));
    bp_network_destroy(other);
}

static void test_share_refuses_a_finalized_network(void **state)
{
    fixture *f = *state;
    assert_ok(bp_network_finalize(f->net));
    assert_fails(bp_connection_share(f->early, f->late), BP_ERROR_STATE, "bp_connection_share: the network");
    assert_fails(bp_layer_share_bias(f->h1, f->h2), BP_ERROR_STATE, "bp_layer_share_bias: the network");
}

#define WITH_NETWORK(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradient_is_summed_over_the_places),
        WITH_NETWORK(test_setting_one_sets_all),
        WITH_NETWORK(test_the_rule_of_the_first_place_draws_once),
        WITH_NETWORK(test_a_group_joins_a_group),
        WITH_NETWORK(test_they_stay_equal_in_training),
        WITH_NETWORK(test_a_copy_shares_alike),
        WITH_NETWORK(test_share_refuses_what_does_not_fit),
        WITH_NETWORK(test_share_bias_refuses_what_does_not_fit),
        WITH_NETWORK(test_share_refuses_a_finalized_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
