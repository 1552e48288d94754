/* How the parts of the weight vector are trained: what is read from the network, and ranges of like weights.
 */
#include "engine/weight_parts.h"

#include "support/support.h"

/* 2-3-2-1: matrices and biases at 0, 6, 9, 15, 17, 19; 20 weights. */
enum { PARTS = 6, WEIGHTS = 20 };
static const size_t offsets[PARTS + 1] = {0, 6, 9, 15, 17, 19, 20};

typedef struct example {
    bp_network *net;
    bp_workspace *workspace;
    weight_parts parts;
} example;

static example begin(void)
{
    static const size_t units[] = {2, 3, 2, 1};
    example e = {NULL, NULL, {0}};
    assert_ok(bp_network_create_layered(&e.net, units, 4, bp_activation_tanh(), bp_activation_linear()));
    assert_ok(bp_network_initialize(e.net, 1));
    assert_ok(bp_workspace_create(&e.workspace, e.net, 1));
    assert_true(bpi_weight_parts_create(&e.parts, &e.net->allocator, e.net));
    return e;
}

static void end(example *e)
{
    bpi_weight_parts_clear(&e->parts, &e->net->allocator);
    bp_workspace_destroy(e->workspace);
    bp_network_destroy(e->net);
}

/* Reads the settings; each part has its factors as rates. */
static void read_parts(example *e, bool decays, bool decay_biases)
{
    bpi_weight_parts_read(&e->parts, e->net, decays, decay_biases);
    e->workspace->parts = &e->parts;
    for (size_t i = 0; i < PARTS; i++) {
        e->parts.parts[i].learning_rate = e->parts.parts[i].training.rate_factor;
        e->parts.parts[i].decay = e->parts.parts[i].training.decay_factor;
    }
}

static bp_connection *matrix(const example *e, size_t layer)
{
    return bp_network_connection(e->net, layer - 1);
}

/* --------------------------------------------------------------------------- ranges */

static void assert_next(const example *e, trained_range *range, size_t first_part, size_t end_part,
                        double rate, double decay)
{
    assert_true(bpi_next_range(e->workspace, range));
    assert_int_equal(range->first, offsets[first_part]);
    assert_int_equal(range->first + range->count, offsets[end_part]);
    assert_true(range->learning_rate == rate && range->decay == decay);
}

static void test_one_range_without_parts(void **state)
{
    (void)state;
    example e = begin();
    trained_range range = {0};
    assert_next(&e, &range, 0, PARTS, 0, 0);
    assert_false(bpi_next_range(e.workspace, &range));
    end(&e);
}

static void test_like_parts_are_one_range(void **state)
{
    (void)state;
    example e = begin();
    trained_range range = {0};
    read_parts(&e, true, true);
    assert_true(e.parts.are_alike && !e.parts.has_frozen && !e.parts.has_rate_factors);
    assert_next(&e, &range, 0, PARTS, 1, 1);
    assert_false(bpi_next_range(e.workspace, &range));
    end(&e);
}

static void test_frozen_parts_are_left_out(void **state)
{
    (void)state;
    example e = begin();
    assert_ok(bp_connection_set_trainable(matrix(&e, 1), 0));
    assert_ok(bp_connection_set_rate_factor(matrix(&e, 1), 5)); /* of no use */
    assert_ok(bp_layer_set_bias_trainable(bp_network_layer(e.net, 2), 0));
    read_parts(&e, true, true);
    assert_true(!e.parts.are_alike && e.parts.has_frozen && !e.parts.has_rate_factors);
    trained_range range = {0};
    assert_next(&e, &range, 1, 3, 1, 1);
    assert_next(&e, &range, 4, 6, 1, 1);
    assert_false(bpi_next_range(e.workspace, &range));
    assert_ok(bp_network_set_trainable(e.net, 0));
    read_parts(&e, true, true);
    range = (trained_range){0};
    assert_false(bpi_next_range(e.workspace, &range));
    end(&e);
}

static void test_each_factor_ends_a_range(void **state)
{
    (void)state;
    example e = begin();
    assert_ok(bp_connection_set_rate_factor(matrix(&e, 2), 0.5));
    assert_ok(bp_layer_set_bias_rate_factor(bp_network_layer(e.net, 2), 0.5));
    assert_ok(bp_connection_set_decay_factor(matrix(&e, 3), 0));
    read_parts(&e, true, true);
    assert_true(!e.parts.are_alike && !e.parts.has_frozen && e.parts.has_rate_factors);
    trained_range range = {0};
    assert_next(&e, &range, 0, 2, 1, 1);
    assert_next(&e, &range, 2, 4, 0.5, 1);
    assert_next(&e, &range, 4, 5, 1, 0);
    assert_next(&e, &range, 5, 6, 1, 1);
    assert_false(bpi_next_range(e.workspace, &range));
    end(&e);
}

/* Where nothing decays, decay factors part nothing. */
static void test_biases_without_decay(void **state)
{
    (void)state;
    example e = begin();
    read_parts(&e, true, false);
    assert_false(e.parts.are_alike);
    for (size_t i = 0; i < PARTS; i++)
        assert_true(e.parts.parts[i].training.decay_factor == (i % 2 == 0));
    assert_ok(bp_connection_set_decay_factor(matrix(&e, 1), 3));
    read_parts(&e, false, false);
    assert_true(e.parts.are_alike);
    read_parts(&e, true, true);
    assert_true(!e.parts.are_alike && e.parts.parts[0].training.decay_factor == 3);
    end(&e);
}

/* ------------------------------------------------------------------ elements of vectors */

static void test_frozen_elements_are_zeroed(void **state)
{
    (void)state;
    example e = begin();
    bp_real vector[WEIGHTS];
    for (size_t i = 0; i < WEIGHTS; i++)
        vector[i] = (bp_real)(i + 1);
    bpi_clear_frozen(e.workspace, vector); /* without parts, nothing is frozen */
    assert_true(vector[0] == 1 && bpi_frozen_are_zero(e.workspace, vector));
    assert_ok(bp_connection_set_trainable(matrix(&e, 2), 0));
    read_parts(&e, true, true);
    assert_false(bpi_frozen_are_zero(e.workspace, vector));
    bpi_clear_frozen(e.workspace, vector);
    assert_true(bpi_frozen_are_zero(e.workspace, vector));
    for (size_t i = 0; i < WEIGHTS; i++)
        assert_true(vector[i] == (i >= offsets[2] && i < offsets[3] ? 0 : (bp_real)(i + 1)));
    vector[offsets[3] - 1] = 1;
    assert_false(bpi_frozen_are_zero(e.workspace, vector));
    end(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_range_without_parts),   cmocka_unit_test(test_like_parts_are_one_range),
        cmocka_unit_test(test_frozen_parts_are_left_out), cmocka_unit_test(test_each_factor_ends_a_range),
        cmocka_unit_test(test_biases_without_decay),      cmocka_unit_test(test_frozen_elements_are_zeroed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
