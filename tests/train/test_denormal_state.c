/*
 * What a rule remembers of a weight that gets no gradient any more ends at 0. By rounding it would stay at
 * the smallest denormal numbers for ever, with which arithmetic is slow.
 */
#include "support/support.h"

#include <math.h>
#include <stdlib.h>

#include "support/arrays.h"
#include "train/types.h"

/* Enough updates for a number that loses a quarter of itself in each to pass below the smallest one. */
enum { UPDATES = 3000, INPUTS = 2, MAX_OUTPUTS = 3 };
static const double kept = 0.75;

/* The first input is 0 but in the first case. */
static void train_one_epoch(bp_network *net, size_t outputs, bp_optimizer optimizer, size_t batch_cases,
                            bp_trainer **trainer)
{
    const size_t cases = UPDATES * batch_cases;
    const bp_stop_rule rule = bp_stop_epochs(1);
    uint64_t stream = 1;
    bp_real *inputs = random_reals(&stream, cases * INPUTS, -1, 1);
    bp_real *targets = random_reals(&stream, cases * outputs, 0, 1);
    for (size_t i = 1; i < cases; i++)
        inputs[i * INPUTS] = 0;
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.reduction = BP_REDUCE_MEAN;
    options.optimizer = optimizer;
    options.batch_size = batch_cases;
    options.shuffle = 0;
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    assert_ok(bp_trainer_create(trainer, net, &options));
    const bp_data data = bp_data_view(cases, inputs, INPUTS, targets, outputs);
    assert_ok(bp_trainer_run(*trainer, &data, NULL, NULL));
    free(inputs);
    free(targets);
}

static void check_state(size_t hidden, size_t outputs, bp_optimizer optimizer, size_t vectors,
                        size_t batch_cases)
{
    bp_network *net = NULL;
    bp_trainer *trainer = NULL;
    assert_ok(bp_network_create_layered(&net, (size_t[]){INPUTS, hidden, outputs}, 3,
                                        bp_activation_logistic(), bp_activation_logistic()));
    assert_ok(bp_network_initialize(net, 1));
    train_one_epoch(net, outputs, optimizer, batch_cases, &trainer);
    size_t count;
    const bp_real *weights = bp_network_weights(net, &count), *state = trainer->state.vectors;
    for (size_t v = 0; v < vectors; v++) {
        for (size_t unit = 0; unit < hidden; unit++) {
            assert_true(state[v * count + unit * INPUTS] == 0);
            assert_true(state[v * count + unit * INPUTS + 1] != 0);
        }
    }
    for (size_t i = 0; i < count; i++)
        assert_true(isfinite(weights[i]));
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
}

static void check_rule(bp_optimizer optimizer, size_t vectors)
{
    static const size_t batches[] = {1, 4, 33};
    for (size_t i = 0; i < sizeof batches / sizeof batches[0]; i++) {
        check_state(3, 1, optimizer, vectors, batches[i]);
        check_state(40, MAX_OUTPUTS, optimizer, vectors, batches[i]);
    }
}

static void test_momentum(void **state)
{
    (void)state;
    check_rule(bp_optimizer_momentum(0.1, kept), 1);
}

static void test_nesterov(void **state)
{
    (void)state;
    check_rule(bp_optimizer_nesterov(0.1, kept), 1);
}

static void test_rmsprop(void **state)
{
    (void)state;
    check_rule(bp_optimizer_rmsprop(0.001, kept), 1);
}

static void test_adam(void **state)
{
    (void)state;
    check_rule(bp_optimizer_adam(0.001, kept, kept, 1e-8), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_momentum),
        cmocka_unit_test(test_nesterov),
        cmocka_unit_test(test_rmsprop),
        cmocka_unit_test(test_adam),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
