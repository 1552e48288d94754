/* The search for the learning rate with a gradient hook: what the hook is told, that its replies decide, and
 * several machines. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "train/raw_example.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ------------------------------------------------------------------------- one machine */

/* What a hook saw, and how it behaves. */
typedef struct witness {
    size_t calls, searching, ends; /* calls in all, of a search, at the end of a run */
    size_t stop_at, fail_at, reset_at;
    bool lies; /* each batch has a larger error than the one before, it says */
    bool has_wrong_epoch;
    bp_trainer *trainer;
} witness;

static bp_status watch(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    witness *self = context;
    if (batch->reason != BP_STOP_NONE) {
        self->ends++;
        return BP_OK;
    }
    self->calls++;
    self->searching += batch->is_search != 0;
    self->has_wrong_epoch |= self->calls == 1 && (batch->epoch != 1 || batch->update != 1);
    assert_int_equal(batch->is_search != 0, self->calls == self->searching);
    assert_true(reply->mean_error == batch->error / (double)batch->cases);
    if (self->lies)
        reply->mean_error = (double)self->calls;
    reply->stop = self->calls == self->stop_at;
    if (self->calls == self->reset_at)
        assert_ok(bp_trainer_reset(self->trainer));
    return self->calls == self->fail_at ? BP_ERROR_FILE : BP_OK;
}

static pair watched(witness *seen, size_t epochs)
{
    static bp_stop_rule rule;
    bp_trainer_options options = raw_options(&rule, epochs);
    options.on_gradient = watch;
    options.on_gradient_context = seen;
    pair both = make_pair(raw_network(bp_activation_linear()), &options);
    seen->trainer = both.trainer;
    return both;
}

static void test_updates_of_a_search_are_marked(void **state)
{
    (void)state;
    witness seen = {0};
    pair both = watched(&seen, 3);
    bp_data data = raw_training();
    bp_finding found;
    bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_int_equal(result.updates, 6);
    assert_true(seen.searching > 0 && seen.searching <= 100);
    assert_int_equal(seen.calls - seen.searching, result.updates);
    assert_int_equal(seen.ends, 1);
    assert_false(seen.has_wrong_epoch);
    assert_true(find_finding(both.trainer, BP_FINDING_LEARNING_RATE, &found));
    assert_true(found.values[3] <= 100);
    end_pair(&both);
}

/* Batches are noisy; a hook that only looks must not make the rate a much smaller one. */
static void test_a_hook_that_only_looks_finds_a_similar_rate(void **state)
{
    (void)state;
    bp_data data = raw_training();
    bp_rate_search without = empty_search(), with = empty_search();
    bp_stop_rule rule;
    bp_trainer_options options = raw_options(&rule, 1);
    pair plain = make_pair(raw_network(bp_activation_linear()), &options);
    witness seen = {0};
    pair both = watched(&seen, 1);
    assert_ok(bp_trainer_find_learning_rate(plain.trainer, &data, &without));
    assert_ok(bp_trainer_find_learning_rate(both.trainer, &data, &with));
    assert_true(with.learning_rate > without.learning_rate / 4 &&
                with.learning_rate < without.learning_rate * 4);
    assert_int_equal(seen.ends, 0); /* no run has ended */
    end_pair(&plain);
    end_pair(&both);
}

/* Weights do not shrink while the error of the start is measured. */
static void test_the_start_error_with_decay(void **state)
{
    (void)state;
    bp_data data = raw_training();
    double start_errors[2];
    for (int decays = 0; decays < 2; decays++) {
        bp_stop_rule rule;
        witness seen = {0};
        bp_trainer_options options = raw_options(&rule, 1);
        options.batch_size = 0;
        options.weight_decay = decays ? 0.1 : 0;
        options.on_gradient = watch;
        options.on_gradient_context = &seen;
        pair both = make_pair(raw_network(bp_activation_linear()), &options);
        bp_rate_search search = empty_search();
        assert_ok(bp_trainer_find_learning_rate(both.trainer, &data, &search));
        start_errors[decays] = search.start_error;
        end_pair(&both);
    }
    assert_true(start_errors[0] == start_errors[1]);
}

static void test_the_reply_decides(void **state)
{
    (void)state;
    bp_data data = raw_training();
    bp_rate_search search = empty_search();
    witness seen = {.lies = true};
    pair both = watched(&seen, 1);
    assert_fails(bp_trainer_find_learning_rate(both.trainer, &data, &search), BP_ERROR_UNSUPPORTED,
                 "no learning rate from ");
    end_pair(&both);
}

/* A power of 4, whose derivative overflows in float long before E does. */
static double quartic_error(void *context, const bp_real *y, const bp_real *d, bp_real *derivative,
                            size_t units)
{
    (void)context;
    double error = 0;
    for (size_t i = 0; i < units; i++) {
        bp_real t = y[i] - d[i];
        error += (double)t * (double)t * (double)t * (double)t / 4;
        if (derivative != NULL)
            derivative[i] = t * t * t;
    }
    return error;
}

/* Counts calls of a search whose numbers are not finite; fails at one of them, if it shall. */
typedef struct overflow_witness {
    size_t overflows, fail_at;
} overflow_witness;

static bp_status watch_overflow(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    overflow_witness *self = context;
    if (batch->reason != BP_STOP_NONE)
        return BP_OK;
    assert_true(batch->cases > 0 && (batch->is_search || isfinite(reply->mean_error)));
    if (isfinite(batch->error) && isfinite(batch->gradient[0]))
        return BP_OK;
    return ++self->overflows == self->fail_at ? BP_ERROR_NOT_FINITE : BP_OK;
}

/* The hook, and so all machines, must learn of it. What the hook returns is no divergence. */
static void test_a_derivative_that_overflows(void **state)
{
    (void)state;
    for (size_t fail_at = 0; fail_at < 2; fail_at++) {
        bp_stop_rule rule;
        overflow_witness seen = {.fail_at = fail_at};
        bp_trainer_options options = raw_options(&rule, 2);
        options.loss = bp_loss_custom(quartic_error, NULL);
        options.on_gradient = watch_overflow;
        options.on_gradient_context = &seen;
        pair both = make_pair(raw_network(bp_activation_linear()), &options);
        bp_data data = raw_training();
        bp_rate_search search = empty_search();
        if (fail_at > 0)
            assert_fails(bp_trainer_find_learning_rate(both.trainer, &data, &search), BP_ERROR_NOT_FINITE,
                         "bp_trainer_find_learning_rate: on_gradient returned");
        else
            train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_true(seen.overflows > 0);
        end_pair(&both);
    }
}

/* A run whose hook stops it during the search ends so, without any update and without a last call. */
static void test_a_hook_that_stops(void **state)
{
    (void)state;
    const size_t stops[] = {1, 7, 12, 45};
    for (size_t i = 0; i < COUNT(stops); i++) {
        bp_data data = raw_training();
        bp_rate_search search = empty_search();
        witness seen = {.stop_at = stops[i]};
        pair both = watched(&seen, 3);
        bp_network *before = raw_network(bp_activation_linear());
        bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_HOOK);
        assert_int_equal(result.updates, 0);
        assert_int_equal(seen.calls, stops[i]);
        assert_int_equal(seen.ends, 0);
        assert_same_weights(both.net, before);
        seen = (witness){.stop_at = stops[i]};
        assert_fails(bp_trainer_find_learning_rate(both.trainer, &data, &search), BP_ERROR_UNSUPPORTED,
                     "the gradient hook ended the search");
        assert_int_equal(seen.calls, stops[i]);
        assert_int_equal(seen.ends, 0);
        seen = (witness){0}; /* the next run searches again */
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_true(seen.searching > 0);
        bp_network_destroy(before);
        end_pair(&both);
    }
}

static void test_a_hook_that_fails(void **state)
{
    (void)state;
    const size_t failures[] = {1, 12, 45};
    for (size_t i = 0; i < COUNT(failures); i++) {
        bp_data data = raw_training();
        bp_rate_search search = empty_search();
        bp_result result = empty_result();
        witness seen = {.fail_at = failures[i]};
        pair both = watched(&seen, 3);
        bp_network *before = raw_network(bp_activation_linear());
        assert_fails(bp_trainer_run(both.trainer, &data, NULL, &result), BP_ERROR_FILE,
                     "on_gradient returned");
        assert_int_equal(result.reason, BP_STOP_FAILED);
        assert_int_equal(seen.calls, failures[i]);
        assert_int_equal(seen.ends, 0);
        assert_same_weights(both.net, before);
        seen = (witness){.fail_at = failures[i]};
        assert_fails(bp_trainer_find_learning_rate(both.trainer, &data, &search), BP_ERROR_FILE,
                     "on_gradient");
        assert_int_equal(seen.calls, failures[i]);
        assert_int_equal(seen.ends, 0);
        bp_network_destroy(before);
        end_pair(&both);
    }
}

static void test_a_hook_that_resets(void **state)
{
    (void)state;
    const size_t resets[] = {1, 12, 45};
    for (size_t i = 0; i < COUNT(resets); i++) {
        bp_data data = raw_training();
        bp_rate_search search = empty_search();
        bp_network *before = NULL;
        witness seen = {0};
        pair both = watched(&seen, 3);
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_ok(bp_network_copy(&before, both.net));
        seen = (witness){.reset_at = resets[i], .trainer = both.trainer};
        assert_fails(bp_trainer_find_learning_rate(both.trainer, &data, &search), BP_ERROR_STATE, "reset");
        assert_same_weights(both.net, before);
        assert_int_equal(bp_trainer_finding_count(both.trainer), 0);
        /* it trains like a new trainer of the same weights */
        bp_stop_rule rule;
        bp_trainer_options options = raw_options(&rule, 3);
        witness other = {0};
        options.optimizer = bp_optimizer_momentum(0.05, 0.9);
        options.on_gradient = watch; /* as updates of other kinds may round otherwise */
        options.on_gradient_context = &other;
        bp_trainer *new_trainer = make_trainer(before, &options);
        assert_ok(bp_trainer_set_learning_rate(both.trainer, 0.05));
        seen = (witness){0};
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        train_until(new_trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_same_weights(both.net, before);
        bp_trainer_destroy(new_trainer);
        bp_network_destroy(before);
        end_pair(&both);
    }
}

/* -------------------------------------------------------------------- several machines */

enum { MACHINES = 3 };

/* Where the machines meet. Each adds its numbers; the last one to come lets all go on. */
typedef struct meeting {
    pthread_barrier_t barrier;
    double sums[MACHINES][4];
    bp_real *gradients[MACHINES];
} meeting;

typedef struct machine {
    meeting *all;
    size_t number, searching;
    bp_data data;
    bp_real inputs[RAW_CASES * RAW_INPUTS];
    bool takes_mean;
    bp_network *net;
    bp_status status;
    bp_stop_reason reason;
    double rate;
    size_t alone; /* calls in which its numbers alone were not finite */
} machine;

static bool has_finite_numbers(const meeting *all, size_t number, size_t count)
{
    bool are_finite = isfinite(all->sums[number][3]);
    for (size_t i = 0; i < count; i++)
        are_finite = are_finite && isfinite(all->gradients[number][i]);
    return are_finite;
}

/* The recipe of bp_gradient_hook. */
static bp_status exchange(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    machine *self = context;
    meeting *all = self->all;
    double sums[4] = {batch->reason != BP_STOP_NONE, (double)batch->cases_left, (double)batch->cases,
                      batch->error};
    memcpy(all->sums[self->number], sums, sizeof sums);
    all->gradients[self->number] = batch->gradient;
    pthread_barrier_wait(&all->barrier);
    memset(sums, 0, sizeof sums);
    bp_real *sum = calloc(batch->count, sizeof *sum);
    if (sum == NULL)
        abort();
    bool is_alone = true;
    for (size_t i = 0; i < MACHINES; i++) {
        is_alone = is_alone && has_finite_numbers(all, i, batch->count) == (i != self->number);
        for (size_t j = 0; j < 4; j++)
            sums[j] += all->sums[i][j];
        for (size_t j = 0; j < batch->count; j++)
            sum[j] += all->gradients[i][j];
    }
    pthread_barrier_wait(&all->barrier);
    reply->stop = sums[0] > 0;
    reply->more_batches = sums[1] > 0;
    reply->mean_error = sums[3] / sums[2];
    for (size_t j = 0; j < batch->count && !reply->stop; j++)
        batch->gradient[j] = self->takes_mean ? sum[j] / (bp_real)sums[2] : sum[j];
    free(sum);
    self->searching += batch->is_search != 0;
    self->alone += is_alone;
    return BP_OK;
}

static void *train_machine(void *context)
{
    machine *self = context;
    bp_stop_rule rule;
    bp_trainer_options options = raw_options(&rule, 4);
    options.reduction = BP_REDUCE_SUM;
    options.on_gradient = exchange;
    options.on_gradient_context = self;
    options.seed = self->number + 1;
    bp_trainer *trainer = NULL;
    bp_result result;
    bp_result_init(&result, sizeof result);
    self->status = bp_trainer_create(&trainer, self->net, &options);
    if (self->status == BP_OK)
        self->status = bp_trainer_run(trainer, &self->data, NULL, &result);
    self->reason = result.reason;
    self->rate = bp_trainer_learning_rate(trainer);
    bp_trainer_destroy(trainer);
    return NULL;
}

/* What a machine trains, scaled like all others. A linear network has no bounds. */
static bp_network *network_to_train(bool is_linear)
{
    const size_t units[] = {RAW_INPUTS, RAW_OUTPUTS};
    const bp_activation linear = bp_activation_linear();
    bp_network *net = NULL;
    bp_data data = raw_training();
    if (!is_linear)
        net = raw_network(linear);
    else
        assert_ok(bp_network_create_layered(&net, units, 2, linear, linear));
    assert_ok(bp_network_initialize(net, 5));
    assert_ok(bp_network_fit_scaling(net, &data, bp_scaling_automatic(), bp_scaling_automatic()));
    return net;
}

/* Shares of different size. Large inputs make the first machine diverge before the others. */
static void train_machines(const size_t *shares, bool takes_mean, double scale)
{
    meeting all;
    machine machines[MACHINES];
    pthread_t threads[MACHINES];
    bp_data data = raw_training();
    assert_int_equal(pthread_barrier_init(&all.barrier, NULL, MACHINES), 0);
    for (size_t i = 0, first = 0; i < MACHINES; first += shares[i++]) {
        machine *made = &machines[i];
        *made = (machine){.all = &all, .number = i, .takes_mean = takes_mean, .data = data};
        for (size_t j = 0; j < shares[i] * RAW_INPUTS; j++)
            made->inputs[j] = data.inputs[first * RAW_INPUTS + j] * (bp_real)(i == 0 ? scale : 1);
        made->data.cases = shares[i];
        made->data.inputs = made->inputs;
        made->data.targets = data.targets + first * RAW_OUTPUTS;
        made->net = network_to_train(scale != 1);
    }
    for (size_t i = 0; i < MACHINES; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, train_machine, &machines[i]), 0);
    for (size_t i = 0; i < MACHINES; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (size_t i = 0; i < MACHINES; i++) {
        assert_int_equal(machines[i].status, BP_OK);
        assert_true(machines[i].searching > 0 && machines[i].searching <= 100);
        assert_int_equal(machines[i].searching, machines[0].searching);
        assert_true(machines[i].rate > 0 && machines[i].rate == machines[0].rate);
        assert_same_weights(machines[i].net, machines[0].net);
        assert_true(machines[i].reason == BP_STOP_EPOCHS || machines[i].reason == BP_STOP_HOOK);
        assert_int_equal(machines[i].alone > 0, i == 0 && scale != 1);
    }
    for (size_t i = 0; i < MACHINES; i++)
        bp_network_destroy(machines[i].net);
    pthread_barrier_destroy(&all.barrier);
}

static void test_machines_find_one_rate(void **state)
{
    (void)state;
    const size_t shares[][MACHINES] = {{20, 10, 10}, {36, 3, 1}, {13, 13, 14}};
    for (size_t i = 0; i < COUNT(shares); i++)
        for (int takes_mean = 0; takes_mean < 2; takes_mean++)
            train_machines(shares[i], takes_mean, 1);
}

static void test_divergence_of_one_machine_is_that_of_all(void **state)
{
    (void)state;
    const size_t shares[] = {4, 18, 18};
    train_machines(shares, true, TOLERANCE(1e4, 1e10));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_updates_of_a_search_are_marked),
        cmocka_unit_test(test_a_hook_that_only_looks_finds_a_similar_rate),
        cmocka_unit_test(test_the_start_error_with_decay),
        cmocka_unit_test(test_the_reply_decides),
        cmocka_unit_test(test_a_derivative_that_overflows),
        cmocka_unit_test(test_a_hook_that_stops),
        cmocka_unit_test(test_a_hook_that_fails),
        cmocka_unit_test(test_a_hook_that_resets),
        cmocka_unit_test(test_machines_find_one_rate),
        cmocka_unit_test(test_divergence_of_one_machine_is_that_of_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
