/*
 * Online training by every table of small kernels that this CPU can run, against the portable one: random
 * networks, orders, strides and alignments, with guards around every array that is written.
 */
#include "small/small_cases.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "engine/plan.h"
#include "engine/small_net.h"
#include "kernel/tables.h"
#include "small/lanes.h"
#include "small/select.h"
#include "small/tables.h"

enum { NETWORKS = 180 };

static const double tolerance = TOLERANCE(1e-5, 1e-12);

/* An update by this kind; for those that divide by a root, epsilon is so large that a small difference stays
 * small. */
static weight_update update_by(int32_t kind, double batch)
{
    weight_update u = {.gradient_factor = 1,
                       .rate = (bp_real)(0.001 / batch),
                       .momentum = (bp_real)0.9,
                       .decay_factor = (bp_real)0.999,
                       .kind = kind,
                       .adaptive = {.mean_share = (bp_real)0.1,
                                    .square_share = (bp_real)0.01,
                                    .root_factor = 1,
                                    .epsilon = 1,
                                    .shrink = (bp_real)0.001}};
    if (kind == KERNEL_MOMENTUM)
        return u;
    u.limit = (bp_real)0.5;
    u.penalty = (bp_real)0.01;
    u.threshold = (bp_real)1e-5;
    return u;
}

static void next_update(void *context, weight_update *update)
{
    ++*(size_t *)context;
    update->rate *= (bp_real)0.99;
}

typedef struct run_results {
    matrix weights, state, snapshot; /* state: two rows */
    weight_update update;
    size_t prepared;
    small_online_run run;
    bool is_complete; /* has every case updated the weights? */
} run_results;

/* The kernels that train. */
typedef struct trained_by {
    const small_online_table *table;
    const kernel_table *kernel;
    const small_table *passes; /* of bpi_small_lanes, else NULL */
} trained_by;

/* Passes with padded weights, which are what the run has to be told of. */
static void pad_weights(const trained_by *by, small_net *padded, small_online_run *run)
{
    padded->kernel = by->kernel;
    run->unpadded = run->net;
    run->net = padded;
    run->run_pass = by->passes->run_pass;
    run->pass_scratch = by->passes->pass_scratch(padded);
}

/* In two calls, of which the first takes the snapshot. */
static run_results run_online(const small_cases *c, int32_t kind, const trained_by *by)
{
    const small_online_table *table = by->table;
    small_net *padded = bpi_small_create(c->random->net, by->kernel->lanes);
    assert_non_null(padded);
    small_cases_loss loss;
    c->net->kernel = by->kernel;
    run_results r = {.weights = test_part_of(&c->weights, 0, 1),
                     .state = test_matrix(2, c->net->weight_count, 0, test_below(&test_stream, 20)),
                     .snapshot = test_matrix(1, c->net->weight_count, 0, test_below(&test_stream, 20))};
    small_values values[SMALL_MAX_LAYERS] = {{0}};
    scratch memory =
        new_scratch(by->passes == NULL ? table->scratch(c->net, kind != KERNEL_MOMENTUM)
                                       : bpi_small_lanes_scratch(padded, by->passes->pass_scratch(padded),
                                                                 kind != KERNEL_MOMENTUM));
    for (size_t i = 0; i < c->net->layer_count; i++)
        if (c->net->layers[i].is_input)
            values[i] = (small_values){.inputs = c->inputs.values + c->net->layers[i].input_column,
                                       .stride = c->inputs.stride};
    for (size_t i = 0; i < c->net->weight_count; i++)
        r.state.values[i] = *test_at(&r.state, 1, i) = (bp_real)0.001 * (bp_real)(i % 7);
    small_cases_find_losses(c, &loss);
    r.run = (small_online_run){.net = c->net,
                               .losses = loss.losses,
                               .update = &r.update,
                               .spares_biases = c->count % 3 == 0,
                               .is_prepared = true,
                               .prepare = kind == KERNEL_ADAM ? next_update : NULL,
                               .context = &r.prepared,
                               .values = values,
                               .order = c->order,
                               .first = c->first,
                               .count = c->count / 2,
                               .batch = c->batch,
                               .takes_mean = c->takes_mean,
                               .targets = c->targets.values,
                               .target_stride = c->targets.stride,
                               .case_weights = c->is_weighted ? c->case_weights.values : NULL,
                               .takes_snapshot = true,
                               .weights_snapshot = r.snapshot.values,
                               .scratch = memory.values,
                               .wants_squared_norm = true};
    if (by->passes != NULL)
        pad_weights(by, padded, &r.run);
    r.update = update_by(kind, (double)c->batch);
    r.update.weights = r.weights.values;
    r.update.last_update = r.state.values;
    r.update.state_stride = r.state.stride;
    table->begin(&r.run);
    table->train(&r.run);
    r.is_complete = r.run.done == c->count / 2;
    r.run.takes_snapshot = false;
    r.run.order = c->order == NULL ? NULL : c->order + c->count / 2;
    r.run.first += c->count / 2;
    r.run.count = c->count - c->count / 2;
    table->train(&r.run);
    r.is_complete &= r.run.done == r.run.count;
    table->end(&r.run);
    end_scratch(&memory);
    bpi_release(&c->random->net->allocator, padded);
    return r;
}

/* The difference between the tables grows with every update. */
static void compare_runs(const small_cases *c, run_results *got, run_results *wanted)
{
    const double grown = (double)c->count;
    assert_true(got->is_complete);
    assert_true(got->run.finite && wanted->run.finite);
    assert_near(got->run.error, wanted->run.error, grown * tolerance * (1 + fabs(wanted->run.error)));
    assert_near(got->run.max_abs_error, wanted->run.max_abs_error,
                grown * tolerance * (1 + wanted->run.max_abs_error));
    assert_near(got->run.max_squared_norm, wanted->run.max_squared_norm,
                grown * tolerance * (1 + wanted->run.max_squared_norm));
    for (size_t i = 0; i < c->net->weight_count; i++) {
        assert_near(got->weights.values[i], wanted->weights.values[i], grown * tolerance);
        for (size_t row = 0; row < 2; row++)
            assert_near(*test_at(&got->state, row, i), (double)*test_at(&wanted->state, row, i),
                        grown * tolerance);
    }
    assert_int_equal(got->prepared, wanted->prepared);
    assert_memory_equal(got->snapshot.values, c->weights.values, c->net->weight_count * sizeof(bp_real));
    run_results *const both[] = {got, wanted};
    for (size_t k = 0; k < 2; k++) {
        test_assert_gaps_untouched(&both[k]->weights);
        test_assert_gaps_untouched(&both[k]->state);
        test_assert_gaps_untouched(&both[k]->snapshot);
    }
}

static void free_run(run_results *r)
{
    free(r->weights.memory);
    free(r->state.memory);
    free(r->snapshot.memory);
}

static bool has_kinks(const reference *ref)
{
    for (size_t i = 0; i < ref->layer_count; i++)
        if (ref->layers[i].formula->kinks)
            return true;
    return false;
}

/* Softmax outputs need cross-entropy. */
static bool can_be_trained(small_cases *c)
{
    const bool has_softmax = !(bpi_network_facts(c->random->net) & FACT_NO_SOFTMAX);
    if (has_softmax) {
        c->has_own_losses = false;
        c->is_cross_entropy = c->takes_cross_entropy;
    }
    return !has_kinks(c->random->ref) && (c->is_cross_entropy || !has_softmax);
}

static const int32_t kinds[] = {KERNEL_MOMENTUM, KERNEL_GENERAL_MOMENTUM, KERNEL_NESTEROV,
                                KERNEL_ADAGRAD,  KERNEL_RMSPROP,          KERNEL_ADAM};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static void check_runs_by(const trained_by *kernels, unsigned facts)
{
    const trained_by portable = {bpi_small_portable.online, &bpi_kernel_portable, NULL};
    size_t compared[3] = {0}; /* with squared error, with cross-entropy, and with other losses */
    for (uint64_t seed = 0; compared[0] < NETWORKS || compared[1] < NETWORKS || compared[2] < NETWORKS;) {
        small_cases c;
        small_cases_begin(&c, next_random_network(&seed, true, facts));
        c.tolerance = 0; /* an output that is near the tolerance may be in error with one table alone */
        if (can_be_trained(&c)) {
            const int32_t kind = kinds[seed % KINDS];
            run_results got = run_online(&c, kind, kernels), wanted = run_online(&c, kind, &portable);
            if (wanted.is_complete) { /* a few deep linear networks diverge */
                compare_runs(&c, &got, &wanted);
                compared[c.has_own_losses ? 2 : c.is_cross_entropy]++;
            }
            free_run(&got);
            free_run(&wanted);
        }
        small_cases_end(&c);
    }
}

static void check_runs(void)
{
    const unsigned facts = FACT_SMALL_ONLINE | FACT_ENDS_IN_OUTPUTS | FACT_NO_HIDDEN_SOFTMAX;
    const small_table *table = bpi_small_select(test_kernel->name);
    check_runs_by(&(trained_by){table->online, test_kernel, NULL}, facts);
    if (table->wide_online != NULL)
        check_runs_by(&(trained_by){table->wide_online, test_kernel, NULL}, facts);
}

/* The passes of the portable table do not know padded weights. */
static void check_runs_by_lanes(void)
{
    const unsigned facts =
        FACT_SMALL_PASS | FACT_SMALL_ONLINE | FACT_ENDS_IN_OUTPUTS | FACT_NO_HIDDEN_SOFTMAX;
    if (test_kernel->lanes > 1)
        check_runs_by(&(trained_by){&bpi_small_lanes, test_kernel, bpi_small_select(test_kernel->name)},
                      facts);
}

/* ------------------------------------------------------------- the vectors' length */

/* Units of a layer: a long vector and one more, which take two long vectors and three short ones. */
#ifdef BP_DOUBLE
enum { LONG_AND_ONE = 9 };
#else
enum { LONG_AND_ONE = 17 };
#endif

typedef struct layers_of_units {
    size_t units[3];
    bool fills_long_vectors;
} layers_of_units;

/* Vectors of 8 and of 16 floats, or of 4 and 8 doubles: the long ones are taken if they need at most four
 * fifths as many for all rows of weights. */
static const layers_of_units examples[] = {
    {{64, 32, 10}, true}, {{10, 16, 16}, true},          {{100, 32, 1}, true}, {{2, 2, 1}, false},
    {{40, 4, 3}, false},  {{30, LONG_AND_ONE, 3}, true}, {{20, 4, 20}, false},
};

static bool takes_long_vectors(const size_t units[3])
{
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_tanh()));
    small_net *small = bpi_small_create(net, 0);
    assert_non_null(small);
    const small_table *table = bpi_small_select(test_kernel->name);
    const small_online_table *taken = bpi_small_select_online(table, small);
    assert_true(taken == table->online || taken == table->wide_online);
    bpi_release(&net->allocator, small);
    bp_network_destroy(net);
    return taken == table->wide_online;
}

static void check_choices(void)
{
    const bool has_both = bpi_small_select(test_kernel->name)->wide_online != NULL;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
        assert_int_equal(takes_long_vectors(examples[i].units), has_both && examples[i].fills_long_vectors);
}

/* ---------------------------------------------------------------------- on request */

static small_cases timed;

static void time_run(const kernel_table *table)
{
    const trained_by kernels = {bpi_small_select(table->name)->online, table, NULL};
    run_results r = run_online(&timed, KERNEL_MOMENTUM, &kernels);
    free_run(&r);
}

static const timed_row timed_rows[] = {{"online->train, with set-up", time_run}};

TEST_OF_TABLES(runs)
TEST_OF_TABLES(runs_by_lanes)
TEST_OF_TABLES(choices)

int main(int argc, char **argv)
{
    if (argc > 1) {
        uint64_t seed = 0;
        small_cases_begin(&timed, next_random_network(&seed, true, FACT_SMALL | FACT_NO_SOFTMAX));
        if (test_time_if_asked(argc, argv, timed_rows, sizeof timed_rows / sizeof timed_rows[0]))
            return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs),
        cmocka_unit_test(test_runs_by_lanes),
        cmocka_unit_test(test_choices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
