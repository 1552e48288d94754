/* The per-case rule, many cases in one call: with each kernel table against the oracle, which takes them one
 * by one. */
#include "engine/loss.h"
#include "engine/online.h"
#include "engine/plan.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/small_net.h"
#include "engine/workspace.h"
#include "kernel/select.h"
#include "reference/random_network.h"
#include "support/support.h"

enum { NETWORKS = 3000, CHAINS = 1000, MOST_CASES = 24 };

static const double tolerance = TOLERANCE(1e-5, 1e-12);
static const double kink = TOLERANCE(1e-4, 1e-11); /* rounding can carry a ReLU unit this far */
static const double rate = 1e-3, momentum = 0.9, decay = 0.001;

/* What a run came to, or should have. */
typedef struct outcome {
    size_t weights, done;
    double *weight, *change, *kept;
    double error, deviation, squares;
} outcome;

static outcome new_outcome(const bp_network *net)
{
    outcome o = {0};
    const bp_real *weights = bp_network_weights(net, &o.weights);
    o.weight = calloc(o.weights, sizeof *o.weight);
    o.change = calloc(o.weights, sizeof *o.change);
    o.kept = calloc(o.weights, sizeof *o.kept);
    assert_true(o.weight != NULL && o.change != NULL && o.kept != NULL);
    for (size_t i = 0; i < o.weights; i++)
        o.weight[i] = o.kept[i] = (double)weights[i];
    return o;
}

static void free_outcome(outcome *o)
{
    free(o->weight);
    free(o->change);
    free(o->kept);
}

/* Cases of a random network: in an order with repetitions, which has room for them, or as they stand, but for
 * the first. */
static batch some_cases(random_network *random, bool ordered, size_t *order, bp_data *checked)
{
    *checked = random->data;
    if (checked->input_stride == 0)
        checked->input_stride = checked->input_width;
    if (checked->target_stride == 0)
        checked->target_stride = checked->target_width;
    size_t left = checked->cases - (checked->cases > 1);
    batch cases = {.data = checked, .first = checked->cases - left};
    cases.count = ordered || left > MOST_CASES ? MOST_CASES : left;
    for (size_t i = 0; i < cases.count; i++)
        order[i] = i * 5 % checked->cases;
    if (ordered)
        cases.order = order;
    return cases;
}

static bp_data one_of(const bp_data *all, size_t index)
{
    bp_data one = *all;
    one.cases = 1;
    one.inputs += index * all->input_stride;
    one.targets += index * all->target_stride;
    if (one.case_weights != NULL)
        one.case_weights += index;
    return one;
}

/* The oracle's run; false if rounding could make another of it. */
static bool find_truth(random_network *random, const batch *cases, outcome *o)
{
    reference *ref = random->ref;
    double *before = ref->weights, *gradient = calloc(o->weights, sizeof *gradient);
    double *outputs = calloc(ref->output_width, sizeof *outputs);
    bool certain = true;
    assert_true(gradient != NULL && outputs != NULL);
    ref->weights = o->weight;
    for (size_t i = 0; i < cases->count; i++) {
        bp_data one = one_of(cases->data, cases->order ? cases->order[i] : cases->first + i);
        double error, squares = 0;
        reference_run(ref, &one, random->ref_loss, &(reference_result){&error, outputs, gradient, NULL});
        if (ref->closest_kink <= kink)
            certain = false;
        for (size_t j = 0; j < ref->output_width; j++) {
            double target = ((double)one.targets[j] - ref->target_offset[j]) * ref->target_factor[j];
            double y = (outputs[j] - ref->target_offset[j]) * ref->target_factor[j];
            if (fabs(y - target) > o->deviation)
                o->deviation = fabs(y - target);
        }
        for (size_t j = 0; j < o->weights; j++)
            squares += gradient[j] * gradient[j];
        o->squares = fmax(o->squares, squares);
        o->error += error;
        reference_change(o->weight, gradient, o->change, o->weights, rate, momentum, decay);
    }
    o->done = cases->count;
    ref->weights = before;
    free(gradient);
    free(outputs);
    return certain;
}

/* The library's, in calls of so many cases each; for bits to be compared, what it came to is widened. */
static outcome learn(bp_network *net, const batch *cases, const bp_loss *loss, size_t together)
{
    bp_network *copy = NULL;
    bp_workspace *workspace = NULL;
    outcome o = new_outcome(net);
    assert_ok(bp_network_copy(&copy, net));
    copy->kernel = net->kernel;
    assert_ok(bp_workspace_create(&workspace, copy, 1));
    assert_ok(bpi_workspace_reserve("test", workspace, 1, true));
    bp_real *change = calloc(o.weights, sizeof *change), *gradient = calloc(o.weights, sizeof *gradient);
    bp_real *keep = calloc(o.weights, sizeof *keep);
    assert_true(change != NULL && gradient != NULL && keep != NULL);
    online_run run = {
        .loss = loss,
        .update = {copy->weights, change, 1, (bp_real)rate, (bp_real)momentum, (bp_real)(1 - decay)},
        .gradient = gradient,
        .weights_snapshot = keep,
        .wants_squares = true};
    for (bool ended = false; o.done < cases->count && !ended; o.done += run.done) {
        batch part = *cases;
        if (part.order != NULL)
            part.order += o.done;
        part.first += o.done;
        part.count = cases->count - o.done < together ? cases->count - o.done : together;
        run.cases = &part;
        assert_ok(bpi_train_online("test", workspace, &run));
        run.weights_snapshot = NULL;
        if (o.done % 3 == 0)
            bpi_flush_weights(workspace, &run);
        ended = run.done < part.count;
    }
    bpi_flush_weights(workspace, &run);
    o.error = run.error.error;
    o.deviation = run.error.max_abs_error;
    o.squares = run.greatest_squares;
    for (size_t i = 0; i < o.weights; i++) {
        o.weight[i] = (double)copy->weights[i];
        o.change[i] = (double)change[i];
        o.kept[i] = (double)keep[i];
    }
    free(change);
    free(gradient);
    free(keep);
    bp_workspace_destroy(workspace);
    bp_network_destroy(copy);
    return o;
}

static double greatest(const double *values, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, fabs(values[i]));
    return most;
}

static void assert_near(const double *got, const double *wanted, size_t count, const char *table, int seed,
                        const char *what)
{
    const double allowed = tolerance * (1 + greatest(wanted, count));
    for (size_t i = 0; i < count; i++)
        if (!(fabs(got[i] - wanted[i]) <= allowed))
            fail_msg("%s, seed %d: %s %zu is %g instead of %g", table, seed, what, i, got[i], wanted[i]);
}

static void assert_same(const outcome *a, const outcome *b)
{
    assert_int_equal(a->done, b->done);
    assert_memory_equal(a->weight, b->weight, a->weights * sizeof *a->weight);
    assert_memory_equal(a->change, b->change, a->weights * sizeof *a->change);
    assert_true(a->error == b->error && a->deviation == b->deviation && a->squares == b->squares);
}

static void check_table(bp_network *net, const batch *cases, const bp_loss *loss, const outcome *truth,
                        int seed)
{
    const char *table = net->kernel->name;
    outcome all = learn(net, cases, loss, cases->count);
    outcome some = learn(net, cases, loss, 1 + (size_t)seed % 7);
    assert_int_equal(all.done, cases->count);
    assert_near(all.weight, truth->weight, all.weights, table, seed, "weight");
    assert_near(all.change, truth->change, all.weights, table, seed, "change");
    assert_memory_equal(all.kept, truth->kept, all.weights * sizeof *all.kept);
    assert_close(all.error, truth->error, 20 * tolerance);
    assert_close(all.deviation, truth->deviation, 20 * tolerance);
    assert_close(all.squares, truth->squares, 20 * tolerance);
    assert_same(&all, &some);
    free_outcome(&all);
    free_outcome(&some);
}

/* Whole runs, and the same runs cut into several calls, which come to the same bits. How many networks were
 * compared is added to the count of small or of other ones. */
static void check_runs(random_network *random, uint64_t seed, size_t *small, size_t *large)
{
    size_t tables, order[MOST_CASES];
    const kernel_table *const *table = bpi_kernel_tables(&tables), *own = random->net->kernel;
    bp_data checked;
    batch cases = some_cases(random, seed % 2 == 0, order, &checked);
    outcome truth = new_outcome(random->net);
    const unsigned facts = bpi_network_facts(random->net) | bpi_loss_facts(&random->loss);
    bool goes =
        bpi_plan(TASK_UPDATE, facts | bpi_case_facts(random->net, 1) | FACT_GRADIENT_UNSEEN) == PATH_FUSED &&
        find_truth(random, &cases, &truth);
    for (size_t t = 0; goes && t < tables; t++)
        if (table[t]->supported()) {
            random->net->kernel = table[t];
            check_table(random->net, &cases, &random->loss, &truth, (int)seed);
        }
    if (goes)
        ++*(bpi_plan(TASK_ONLINE, facts) == PATH_SMALL_ONLINE ? small : large);
    random->net->kernel = own;
    free_outcome(&truth);
    random_network_destroy(random);
}

static void test_runs(void **state)
{
    (void)state;
    size_t small = 0, large = 0;
    for (uint64_t seed = 1; seed <= NETWORKS; seed++)
        check_runs(random_network_create(seed), seed, &small, &large);
    assert_true(small >= 20 && large >= 100);
}

/* Small networks by their number of layers and units: the smallest have ways of their own. */
static void test_chains(void **state)
{
    (void)state;
    size_t small = 0, large = 0, deep = 0, pairs = 0;
    for (uint64_t seed = 1; seed <= CHAINS; seed++) {
        random_network *random = random_chain_create(seed);
        const bp_network *net = random->net;
        const bp_layer *last = net->layers[net->layer_count - 1], *before = net->layers[net->layer_count - 2];
        size_t layers = 0;
        for (size_t i = 0; i < net->layer_count; i++)
            layers += !net->layers[i]->is_input;
        deep += layers > 2;
        pairs += layers == 2 && last->units <= 4 && before->units <= 4;
        check_runs(random, seed, &small, &large);
    }
    assert_true(small >= CHAINS / 2 && large < CHAINS / 10 && deep >= CHAINS / 4 && pairs >= CHAINS / 20);
}

/* A case whose E is infinite ends the run before it changes anything. */
static void check_divergence(const size_t units[3], bp_activation hidden, const kernel_table *table)
{
    bp_network *net = NULL;
    bp_real inputs[6] = {(bp_real)0.5, -1, 1, 0, 0, 0}, targets[3] = {(bp_real)0.5, 0, 1};
    size_t order[] = {0, 1, 2, 0};
    bp_loss loss = bp_loss_squared_error();
    inputs[4] = inputs[5] = (bp_real)TOLERANCE(FLT_MAX / 2, DBL_MAX / 2);
    bp_data data = bp_data_view(3, inputs, 2, targets, 1);
    data.input_stride = 2;
    data.target_stride = 1;
    batch cases = {.data = &data, .order = order, .count = 4}, two = cases;
    two.count = 2;
    assert_ok(bp_network_create_layered(&net, units, 3, hidden, bp_activation_linear()));
    assert_ok(bp_network_initialize(net, 3));
    for (size_t i = 0; i < net->weight_count; i++)
        net->weights[i] *= 40;
    net->kernel = table;
    outcome diverged = learn(net, &cases, &loss, 4), before = learn(net, &two, &loss, 4);
    assert_int_equal(diverged.done, 2);
    assert_same(&diverged, &before);
    free_outcome(&diverged);
    free_outcome(&before);
    bp_network_destroy(net);
}

static void test_divergence(void **state)
{
    (void)state;
    const size_t few[] = {2, 5, 1}, many[] = {2, 300, 1};
    size_t tables;
    const kernel_table *const *table = bpi_kernel_tables(&tables);
    for (size_t t = 0; t < tables; t++)
        if (table[t]->supported()) {
            check_divergence(few, bp_activation_linear(), table[t]);
            check_divergence(many, bp_activation_linear(), table[t]);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs),
        cmocka_unit_test(test_chains),
        cmocka_unit_test(test_divergence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
