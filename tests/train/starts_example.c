#include "train/starts_example.h"

#include <math.h>
#include <string.h>

bp_starts_options starts_with(size_t count, size_t threads, uint64_t seed)
{
    bp_starts_options starts;
    bp_starts_options_init(&starts, sizeof starts);
    starts.count = count;
    starts.threads = threads;
    starts.seed = seed;
    return starts;
}

void train_from_starts(outcome *out, bp_network *net, const bp_trainer_options *options,
                       const bp_data *training, const bp_data *validation, const bp_starts_options *starts)
{
    memset(out, 0, sizeof *out);
    out->net = net;
    out->count = starts->count;
    bp_start_result_init(out->results, sizeof out->results[0], out->count);
    bp_starts_summary_init(&out->summary, sizeof out->summary);
    assert_ok(bp_train_starts(net, options, training, validation, starts, out->networks, out->results,
                              &out->summary));
}

void end_outcome(outcome *out)
{
    bp_network_destroy(out->net);
    for (size_t i = 0; i < out->count; i++)
        bp_network_destroy(out->networks[i]);
}

static bool same_double(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static void assert_same_result(const bp_start_result *a, const bp_start_result *b)
{
    assert_true(a->seed == b->seed);
    assert_int_equal(a->status, b->status);
    assert_int_equal(a->reason, b->reason);
    assert_int_equal(a->epochs, b->epochs);
    assert_true(a->updates == b->updates);
    assert_true(same_double(a->error, b->error));
    assert_true(same_double(a->mean_error, b->mean_error));
    assert_true(same_double(a->validation_error, b->validation_error));
    assert_int_equal(a->best_epoch, b->best_epoch);
    assert_true(a->evaluations == b->evaluations);
}

void assert_same_outcome(const outcome *a, const outcome *b)
{
    assert_same_weights(a->net, b->net);
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        assert_same_weights(a->networks[i], b->networks[i]);
        assert_same_result(&a->results[i], &b->results[i]);
    }
    assert_int_equal(a->summary.best, b->summary.best);
    assert_int_equal(a->summary.near_best, b->summary.near_best);
    assert_int_equal(a->summary.diverged, b->summary.diverged);
    assert_true(same_double(a->summary.learning_rate, b->summary.learning_rate));
}

bp_network *small_xor_network(void)
{
    const size_t units[] = {2, 2, 1};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_logistic(), bp_activation_logistic()));
    return net;
}

enum { CURVE_CASES = 40 };

bp_data curve_data(void)
{
    static bp_real inputs[CURVE_CASES], targets[CURVE_CASES];
    for (size_t i = 0; i < CURVE_CASES; i++) {
        inputs[i] = (bp_real)(900 + 5 * i);
        targets[i] = (bp_real)(50 + 20 * sin(0.15 * (double)i));
    }
    return bp_data_view(CURVE_CASES, inputs, 1, targets, 1);
}

bp_network *curve_network(void)
{
    const size_t units[] = {1, 6, 1};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    return net;
}
