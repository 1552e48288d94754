/* Online training, many cases in one call: with each kernel table, the worked example, then random networks
 * against the oracle, which takes case by case. */
#include "engine/loss.h"
#include "engine/online.h"
#include "engine/plan.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/small_net.h"
#include "engine/workspace.h"
#include "network/change_weights.h"
#include "reference/own_losses.h"
#include "reference/random_network.h"
#include "reference/worked_example.h"
#include "small/small.h"
#include "support/arrays.h"
#include "support/kernels.h"

enum { NETWORKS = 3000, CHAINS = 1000, MOST_CASES = 24 };

static const double tolerance = TOLERANCE(1e-5, 1e-12);
static const double kink = TOLERANCE(1e-4, 1e-11); /* rounding can carry a ReLU unit this far */

/* Eq. 9, with decay. */
typedef struct update_rule {
    double rate, momentum, decay;
    size_t batch; /* cases of an update */
    bool takes_mean;
} update_rule;
static const update_rule usual = {1e-3, 0.9, 0.001, 1, false};

/* What a run came to, or should have: the weights, their last updates, and the weights as they were before
 * the first one. */
typedef struct outcome {
    size_t weights, done;
    double *weight, *update, *snapshot;
    double error, deviation, squares;
} outcome;

static outcome new_outcome(const bp_network *net)
{
    outcome o = {0};
    const bp_real *weights = bp_network_weights(net, &o.weights);
    o.weight = new_doubles(o.weights);
    o.update = new_doubles(o.weights);
    o.snapshot = new_doubles(o.weights);
    for (size_t i = 0; i < o.weights; i++)
        o.weight[i] = o.snapshot[i] = (double)weights[i];
    return o;
}

static void free_outcome(outcome *o)
{
    free(o->weight);
    free(o->update);
    free(o->snapshot);
}

/* The library's, in calls of so many cases each; so that bits can be compared, what it came to is widened.
 */
static outcome train(const bp_network *net, const batch *cases, const bp_loss *loss, update_rule rule,
                     size_t together)
{
    bp_network *copy = NULL;
    bp_workspace *workspace = NULL;
    outcome o = new_outcome(net);
    assert_ok(bp_network_copy(&copy, net));
    use_kernels(copy, net->kernel);
    assert_ok(bp_workspace_create(&workspace, copy, 1));
    workspace->online_use = ONLINE_MOMENTUM;
    assert_ok(bpi_workspace_reserve("test", workspace, rule.batch, true));
    bp_real *last_update = new_reals(o.weights), *gradient = new_reals(o.weights);
    bp_real *snapshot = new_reals(o.weights);
    online_run run = {.batch_cases = rule.batch,
                      .loss = loss,
                      .update = {.weights = copy->changing_weights,
                                 .last_update = last_update,
                                 .gradient_factor = rule.takes_mean ? 1 / (bp_real)rule.batch : 1,
                                 .rate = (bp_real)rule.rate,
                                 .momentum = (bp_real)rule.momentum,
                                 .decay_factor = (bp_real)(1 - rule.decay)},
                      .gradient = gradient,
                      .weights_snapshot = snapshot,
                      .wants_squares = rule.batch == 1};
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
    o.squares = run.max_squared_norm;
    for (size_t i = 0; i < o.weights; i++) {
        o.weight[i] = (double)copy->weights[i];
        o.update[i] = (double)last_update[i];
        o.snapshot[i] = (double)snapshot[i];
    }
    free(last_update);
    free(gradient);
    free(snapshot);
    bp_workspace_destroy(workspace);
    bp_network_destroy(copy);
    return o;
}

/* -------------------------------------------------------------- the worked example */

/* Its case twice: weights, E and last updates after two updates with learning rate 0.5 and momentum 0.9. */
static void check_worked_example(const kernel_table *table)
{
    const size_t order[] = {0, 0};
    const bp_loss loss = bp_loss_squared_error();
    const bp_data data = worked_example_data();
    const batch twice = {.data = &data, .order = order, .count = 2};
    const worked_step *first = &worked_example[0], *second = &worked_example[1], *last = &worked_example[2];
    bp_network *net = worked_example_network();
    use_kernels(net, table);
    outcome o = train(net, &twice, &loss, (update_rule){0.5, 0.9, 0, 1, false}, 2);
    assert_int_equal(o.done, 2);
    assert_close(o.error, first->error + second->error, tolerance);
    assert_close(o.deviation, fabs(first->dy_out), tolerance); /* y - d, the greater of the two */
    for (size_t w = 0; w < WORKED_WEIGHTS; w++) {
        assert_close(o.weight[w], last->weights[w], tolerance);
        assert_true(fabs(o.update[w] - (last->weights[w] - second->weights[w])) <= tolerance);
        assert_close(o.snapshot[w], first->weights[w], tolerance);
    }
    free_outcome(&o);
    bp_network_destroy(net);
}

static void test_worked_example(void **state)
{
    (void)state;
    const kernel_table *table;
    for (size_t t = 0; (table = supported_table(t)) != NULL; t++)
        check_worked_example(table);
}

/* ------------------------------------------------------------- against the oracle */

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

/* The oracle's run; false if rounding could have led to another one. */
static bool find_truth(random_network *random, const batch *cases, update_rule rule, outcome *o)
{
    reference *ref = random->ref;
    double *before = ref->weights, *gradient = new_doubles(o->weights), *sum = new_doubles(o->weights);
    double *outputs = new_doubles(ref->output_width);
    bool certain = true;
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
        if (rule.batch == 1)
            o->squares = fmax(o->squares, squares);
        o->error += error;
        const size_t in_batch = i % rule.batch + 1;
        for (size_t j = 0; j < o->weights; j++)
            sum[j] = (in_batch == 1 ? 0 : sum[j]) + gradient[j];
        if (in_batch < rule.batch && i + 1 < cases->count)
            continue;
        for (size_t j = 0; rule.takes_mean && j < o->weights; j++)
            sum[j] /= (double)in_batch;
        reference_update(o->weight, sum, o->update, o->weights, rule.rate, rule.momentum, rule.decay);
    }
    o->done = cases->count;
    ref->weights = before;
    free(gradient);
    free(sum);
    free(outputs);
    return certain;
}

static void assert_near(const double *got, const double *wanted, size_t count, const char *table, int seed,
                        const char *what)
{
    const double allowed = tolerance * (1 + max_abs(wanted, count));
    for (size_t i = 0; i < count; i++)
        if (!(fabs(got[i] - wanted[i]) <= allowed))
            fail_msg("%s, seed %d: %s %zu is %g instead of %g", table, seed, what, i, got[i], wanted[i]);
}

static void assert_same(const outcome *a, const outcome *b)
{
    assert_int_equal(a->done, b->done);
    assert_memory_equal(a->weight, b->weight, a->weights * sizeof *a->weight);
    assert_memory_equal(a->update, b->update, a->weights * sizeof *a->update);
    assert_true(a->error == b->error && a->deviation == b->deviation && a->squares == b->squares);
}

static void check_table(bp_network *net, const batch *cases, const bp_loss *loss, update_rule rule,
                        const outcome *truth, int seed)
{
    const char *table = net->kernel->name;
    outcome all = train(net, cases, loss, rule, cases->count);
    outcome some = train(net, cases, loss, rule, (1 + (size_t)seed % 7) * rule.batch);
    assert_int_equal(all.done, cases->count);
    assert_near(all.weight, truth->weight, all.weights, table, seed, "weight");
    assert_near(all.update, truth->update, all.weights, table, seed, "update of weight");
    assert_memory_equal(all.snapshot, truth->snapshot, all.weights * sizeof *all.snapshot);
    assert_close(all.error, truth->error, 20 * tolerance);
    assert_close(all.deviation, truth->deviation, 20 * tolerance);
    assert_close(all.squares, truth->squares, 20 * tolerance);
    assert_same(&all, &some);
    free_outcome(&all);
    free_outcome(&some);
}

/* Can the network be trained online by such batches, with its kernels? */
static bool goes_online(const bp_network *net, const bp_loss *loss, size_t batch_cases)
{
    const unsigned facts = bpi_network_facts(net) | bpi_case_facts(net, batch_cases) | bpi_loss_facts(loss) |
                           FACT_TRAINED_ALIKE | FACT_RULE_FITS;
    return batch_cases == 1 ? bpi_plan(TASK_UPDATE, facts | FACT_GRADIENT_UNSEEN) == PATH_FUSED
                            : bpi_plan(TASK_ONLINE, facts) == PATH_SMALL_ONLINE;
}

/* Whole runs, and the same runs cut into several calls, which come to the same bits. How many networks were
 * compared is added to the count of small or of other ones. */
static void check_runs(random_network *random, uint64_t seed, update_rule rule, size_t *small, size_t *large)
{
    size_t order[MOST_CASES];
    const kernel_table *table, *own = random->net->kernel;
    bp_data checked;
    batch cases = some_cases(random, seed % 2 == 0, order, &checked);
    outcome truth = new_outcome(random->net);
    const unsigned facts =
        bpi_network_facts(random->net) | bpi_loss_facts(&random->loss) | FACT_TRAINED_ALIKE | FACT_RULE_FITS;
    bool goes =
        goes_online(random->net, &random->loss, rule.batch) && find_truth(random, &cases, rule, &truth);
    for (size_t t = 0; goes && (table = supported_table(t)) != NULL; t++) {
        use_kernels(random->net, table);
        if (goes_online(random->net, &random->loss, rule.batch))
            check_table(random->net, &cases, &random->loss, rule, &truth, (int)seed);
    }
    use_kernels(random->net, own);
    const unsigned one_case = facts | bpi_case_facts(random->net, 1);
    if (goes)
        ++*(bpi_plan(TASK_ONLINE, one_case) == PATH_SMALL_ONLINE ? small : large);
    use_kernels(random->net, own);
    free_outcome(&truth);
    random_network_destroy(random);
}

static void test_random_networks(void **state)
{
    (void)state;
    size_t small = 0, large = 0;
    for (uint64_t seed = 1; seed <= NETWORKS; seed++)
        check_runs(random_network_create(seed), seed, usual, &small, &large);
    assert_true(small >= 200 && large >= 60);
}

/* Small networks by their number of layers and units: those of two layers have kernels of their own. */
static void test_random_chains(void **state)
{
    (void)state;
    size_t small = 0, large = 0, deep = 0, two_layer = 0;
    for (uint64_t seed = 1; seed <= CHAINS; seed++) {
        random_network *random = random_chain_create(seed);
        const bp_network *net = random->net;
        const bp_layer *last = net->layers[net->layer_count - 1], *before = net->layers[net->layer_count - 2];
        size_t layers = 0;
        for (size_t i = 0; i < net->layer_count; i++)
            layers += !net->layers[i]->is_input;
        deep += layers > 2;
        two_layer += layers == 2 && last->units <= 4 && before->units <= 4;
        check_runs(random, seed, usual, &small, &large);
    }
    assert_true(small >= CHAINS / 2 && large < CHAINS / 10 && deep >= CHAINS / 4 && two_layer >= CHAINS / 20);
}

/* Each output layer has a loss of its own. */
static void test_losses_of_outputs(void **state)
{
    (void)state;
    size_t small = 0, large = 0, with_cross_entropy = 0;
    for (uint64_t seed = 1; seed <= NETWORKS; seed++) {
        uint64_t stream = seed;
        update_rule rule = usual;
        rule.batch = seed % 2 == 0 ? 1 : 2 + (size_t)seed % (SMALL_MAX_BATCH - 1);
        random_network *random = seed % 4 < 2 ? random_chain_create(seed) : random_network_create(seed);
        own_losses own;
        random_network_draw_losses(random, &stream, &own);
        with_cross_entropy += (bpi_loss_facts(&random->loss) & FACT_NO_CROSS_ENTROPY) == 0;
        check_runs(random, seed, rule, &small, &large);
    }
    assert_true(small >= 1000 && large >= 30 && with_cross_entropy >= 400);
}

/* Batches of 2 to SMALL_MAX_BATCH cases, whose gradients are summed or averaged. The last may have fewer. */
static void test_batches(void **state)
{
    (void)state;
    size_t small = 0, large = 0;
    for (uint64_t seed = 1; seed <= NETWORKS; seed++) {
        update_rule rule = usual;
        rule.batch = 2 + (size_t)seed % (SMALL_MAX_BATCH - 1);
        rule.takes_mean = seed % 3 == 0;
        random_network *random = seed % 2 == 0 ? random_chain_create(seed) : random_network_create(seed);
        check_runs(random, seed, rule, &small, &large);
    }
    assert_true(small >= 50 && large == 0);
}

/* Weights trained by eq. 8 and 9 in double, with gradients by bp_network_gradient. */
static double *train_by_gradients(bp_network *net, const bp_data *data, update_rule rule)
{
    bp_workspace *workspace = NULL;
    const size_t count = net->weight_count;
    bp_real *gradient = new_reals(count);
    double *weights = new_doubles(count), *change = new_doubles(count);
    for (size_t i = 0; i < count; i++)
        weights[i] = (double)net->weights[i];
    assert_ok(bp_workspace_create(&workspace, net, rule.batch));
    for (size_t first = 0; first < data->cases; first += rule.batch) {
        bp_data part = *data;
        part.cases = data->cases - first < rule.batch ? data->cases - first : rule.batch;
        part.inputs += first * data->input_width;
        part.targets += first * data->target_width;
        assert_ok(bp_network_gradient(net, workspace, &part, bp_loss_squared_error(), NULL, gradient));
        for (size_t i = 0; i < count; i++) {
            change[i] = rule.momentum * change[i] - rule.rate * (double)gradient[i];
            weights[i] += change[i];
            bpi_change_weights(net)[i] = (bp_real)weights[i];
        }
    }
    bp_workspace_destroy(workspace);
    free(gradient);
    free(change);
    return weights;
}

static void check_chosen_network(const size_t units[3], bp_activation hidden, size_t batch_cases,
                                 const kernel_table *table)
{
    enum { CASES = 21 }; /* so that one is left of batches of 4 and 5 */
    const update_rule rule = {0.01, 0.9, 0, batch_cases, false};
    const bp_loss loss = bp_loss_squared_error();
    uint64_t stream = 5;
    bp_real *inputs = random_reals(&stream, CASES * units[0], -1, 1),
            *targets = random_reals(&stream, CASES * units[2], 0, 1);
    const bp_data data = bp_data_view(CASES, inputs, units[0], targets, units[2]);
    bp_data checked = data;
    checked.input_stride = units[0];
    checked.target_stride = units[2];
    const batch cases = {.data = &checked, .count = CASES};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, hidden, bp_activation_logistic()));
    assert_ok(bp_network_initialize(net, 3));
    use_kernels(net, table);
    const bool goes = goes_online(net, &loss, rule.batch);
    outcome got = goes ? train(net, &cases, &loss, rule, CASES) : new_outcome(net);
    double *wanted = train_by_gradients(net, &data, rule);
    assert_int_equal(got.done, goes ? CASES : 0);
    for (size_t i = 0; goes && i < got.weights; i++)
        if (!(fabs(got.weight[i] - wanted[i]) <= tolerance))
            fail_msg("%s, %zu-%zu-%zu, activation %d, batch %zu: weight %zu is %g, not %g", table->name,
                     units[0], units[1], units[2], (int)hidden.kind, batch_cases, i, got.weight[i],
                     wanted[i]);
    free_outcome(&got);
    free(wanted);
    free(inputs);
    free(targets);
    bp_network_destroy(net);
}

/* Sizes at which the kernels change: whole vectors, one more, inputs that fill their slots, large networks.
 */
static void test_chosen_networks(void **state)
{
    (void)state;
    static const size_t units[][3] = {{16, 4, 1},   {32, 8, 8},    {10, 20, 5},  {20, 40, 17},
                                      {129, 17, 2}, {255, 64, 10}, {64, 32, 10}, {3, 100, 33}};
    const bp_activation hidden[] = {bp_activation_tanh(), bp_activation_gelu()};
    const kernel_table *table;
    for (size_t t = 0; (table = supported_table(t)) != NULL; t++)
        for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
            for (size_t j = 0; j < 2; j++) {
                check_chosen_network(units[i], hidden[j], 1, table);
                check_chosen_network(units[i], hidden[j], 4, table);
            }
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
        net->changing_weights[i] *= 40;
    use_kernels(net, table);
    outcome diverged = train(net, &cases, &loss, usual, 4), before = train(net, &two, &loss, usual, 4);
    assert_int_equal(diverged.done, 2);
    assert_same(&diverged, &before);
    free_outcome(&diverged);
    free_outcome(&before);
    bp_network_destroy(net);
}

static void test_divergence(void **state)
{
    (void)state;
    const size_t few[] = {2, 5, 1}, many[] = {2, 1100, 1};
    const kernel_table *table;
    for (size_t t = 0; (table = supported_table(t)) != NULL; t++) {
        check_divergence(few, bp_activation_linear(), table);
        check_divergence(many, bp_activation_linear(), table);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worked_example), cmocka_unit_test(test_random_networks),
        cmocka_unit_test(test_random_chains),  cmocka_unit_test(test_losses_of_outputs),
        cmocka_unit_test(test_batches),        cmocka_unit_test(test_chosen_networks),
        cmocka_unit_test(test_divergence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
