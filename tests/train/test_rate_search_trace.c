/* A search for the learning rate leaves no trace: training with and without one gives the same bits. */
#include <stdlib.h>
#include <string.h>

#include "train/raw_example.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { CASES = 70, MAX_EPOCHS = 8 };

typedef struct way {
    size_t hidden; /* units; many: products that threads share */
    size_t batch_size, threads;
    int shuffle;
    size_t updates; /* a limit of each run; 0: none */
    bool is_bold;   /* the bold driver judges each epoch by the one before */
} way;

static const way ways[] = {
    {5, 0, 1, 1, 0, false},    {5, 32, 1, 1, 0, false},   {5, 1, 1, 1, 0, false},   {5, 1, 1, 0, 0, false},
    {5, 9, 1, 1, 0, true},     {5, 0, 1, 1, 0, true},     {5, 9, 1, 1, 5, false},   {5, 1, 1, 1, 33, false},
    {300, 0, 1, 1, 0, false},  {300, 32, 1, 1, 0, false}, {300, 1, 1, 1, 0, false}, {300, 0, 2, 1, 0, false},
    {300, 32, 2, 1, 2, false}, {300, 1, 2, 1, 40, false},
};

/* Where to search: before run number `runs`, counted from 0; with data that the caller then uses, or others.
 */
static const size_t none = SIZE_MAX;

static bp_data example(bp_real *inputs, bp_real *targets, size_t cases)
{
    uint64_t stream = 15;
    for (size_t i = 0; i < cases * RAW_INPUTS; i++)
        inputs[i] = (bp_real)test_uniform(&stream, -4, 9);
    for (size_t i = 0; i < cases; i++) {
        targets[i * RAW_OUTPUTS] = inputs[i * RAW_INPUTS] * inputs[i * RAW_INPUTS + 1];
        targets[i * RAW_OUTPUTS + 1] = 3 - inputs[i * RAW_INPUTS + 2];
    }
    return bp_data_view(cases, inputs, RAW_INPUTS, targets, RAW_OUTPUTS);
}

static bp_network *network_with(size_t hidden)
{
    const size_t units[] = {RAW_INPUTS, hidden, RAW_OUTPUTS};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    assert_ok(bp_network_initialize(net, 3));
    return net;
}

/* A network that has learned much may find no rate that lowers its error. */
static bool search(bp_trainer *trainer, const bp_data *data, bp_rate_search *found)
{
    bp_status status = bp_trainer_find_learning_rate(trainer, data, found);
    if (status != BP_ERROR_UNSUPPORTED)
        assert_ok(status);
    return status == BP_OK;
}

static void search_twice(pair *both, const bp_data *data, bool is_new)
{
    bp_network *before = NULL;
    assert_ok(bp_network_copy(&before, both->net));
    size_t findings = bp_trainer_finding_count(both->trainer);
    double rate = bp_trainer_learning_rate(both->trainer), momentum = bp_trainer_momentum(both->trainer);
    bp_rate_search first, second;
    bp_data others = *data;
    others.cases = 41;
    bp_rate_search_init(&first, sizeof first);
    bp_rate_search_init(&second, sizeof second);
    bool is_found = search(both->trainer, data, &first);
    search(both->trainer, &others, &second);
    bp_rate_search_init(&second, sizeof second);
    assert_int_equal(search(both->trainer, data, &second), is_found);
    assert_memory_equal(&first, &second, sizeof first);
    assert_true(is_found || !is_new);
    assert_same_weights(both->net, before);
    assert_true(same_scaling(both->net, before));
    assert_int_equal(bp_trainer_finding_count(both->trainer), findings);
    assert_true(bp_trainer_learning_rate(both->trainer) == rate);
    assert_true(bp_trainer_momentum(both->trainer) == momentum);
    bp_network_destroy(before);
}

/* Runs of a trainer, with a search before one of them. */
static pair train(const way *how, size_t search_before)
{
    bp_real inputs[CASES * RAW_INPUTS], targets[CASES * RAW_OUTPUTS];
    bp_data data = example(inputs, targets, CASES);
    bp_stop_rule rules[] = {bp_stop_epochs(MAX_EPOCHS / 4), bp_stop_updates(how->updates)};
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.0005, 0.9);
    options.momentum_schedule = bp_schedule_switch(0.5, 3, 0.9);
    if (how->is_bold)
        options.learning_rate_schedule = bp_schedule_bold_driver(0.02, 1.5, 0.4);
    options.batch_size = how->batch_size;
    options.threads = how->threads;
    options.shuffle = how->shuffle;
    options.keep_history = 1;
    options.stop_rules = rules;
    options.stop_rule_count = how->updates > 0 ? 2 : 1;
    pair both = make_pair(network_with(how->hidden), &options);
    for (size_t run = 0; run < 4; run++) {
        if (run == search_before)
            search_twice(&both, &data, run == 0);
        assert_ok(bp_trainer_run(both.trainer, &data, NULL, NULL));
    }
    return both;
}

static void test_searches_between_runs(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ways); i++) {
        pair wanted = train(&ways[i], none);
        size_t count;
        const double *errors = bp_trainer_history(wanted.trainer, &count);
        for (size_t before = 0; before < 4; before++) {
            pair both = train(&ways[i], before);
            size_t got_count;
            const double *got = bp_trainer_history(both.trainer, &got_count);
            assert_same_weights(both.net, wanted.net);
            assert_true(same_scaling(both.net, wanted.net));
            assert_int_equal(got_count, count);
            if (count > 0)
                assert_memory_equal(got, errors, count * sizeof *got);
            end_pair(&both);
        }
        end_pair(&wanted);
    }
}

/* The same rate with any number of threads. */
static void test_threads_find_the_same(void **state)
{
    (void)state;
    bp_real inputs[CASES * RAW_INPUTS], targets[CASES * RAW_OUTPUTS];
    bp_data data = example(inputs, targets, CASES);
    bp_rate_search searches[3];
    for (size_t i = 0; i < 3; i++) {
        bp_trainer_options options;
        bp_trainer_options_init(&options, sizeof options);
        options.threads = i + 1;
        pair both = make_pair(network_with(300), &options);
        bp_rate_search_init(&searches[i], sizeof searches[i]);
        assert_ok(bp_trainer_find_learning_rate(both.trainer, &data, &searches[i]));
        end_pair(&both);
    }
    assert_memory_equal(&searches[0], &searches[1], sizeof searches[0]);
    assert_memory_equal(&searches[0], &searches[2], sizeof searches[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_searches_between_runs),
        cmocka_unit_test(test_threads_find_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
