/*
 * Fused and plain updates, bpi_fused_update and the optimizer's step: training without a gradient hook gives
 * the same weights, bit for bit, as training with a hook that changes nothing.
 */
#include "train/train_example.h"

#include <math.h>
#include <stdlib.h>

#include "engine/fused_update.h"
#include "engine/loss.h"
#include "engine/loss_check.h"
#include "reference/random_network.h"
#include "support/arrays.h"
#include "train/types.h"

static bp_status count_calls(void *context, const bp_gradient_batch *info, bp_gradient_reply *reply)
{
    (void)info;
    (void)reply;
    ++*(size_t *)context;
    return BP_OK;
}

/* A copy of the network, trained with these options. */
static bp_network *trained(const random_network *random, const bp_trainer_options *options)
{
    bp_network *net = NULL;
    assert_ok(bp_network_copy(&net, random->net));
    bp_trainer *trainer = make_trainer(net, options);
    assert_ok(bp_trainer_run(trainer, &random->data, NULL, NULL));
    bp_trainer_destroy(trainer);
    return net;
}

/* Returns whether the training changed anything: within a loss's tolerance there is nothing to learn. */
static bool assert_same_update(const random_network *random, bp_trainer_options options)
{
    size_t calls = 0;
    bp_network *fused = trained(random, &options);
    options.on_gradient = count_calls;
    options.on_gradient_context = &calls;
    bp_network *plain = trained(random, &options);
    assert_true(calls > 0);
    assert_same_weights(fused, plain);
    bool learned = !same_weights(random->net, fused);
    bp_network_destroy(fused);
    bp_network_destroy(plain);
    return learned;
}

static void test_fused_and_plain_updates_give_the_same_weights(void **state)
{
    (void)state;
    const size_t batch_sizes[] = {1, 2, 7, 64, 0};
    bp_stop_rule rule = bp_stop_epochs(2);
    size_t learned = 0;
    for (uint64_t seed = 1; seed <= 120; seed++) {
        random_network *random = random_network_create(seed);
        bp_trainer_options options = options_with(&rule, 1);
        options.loss = random->loss;
        options.optimizer = bp_optimizer_momentum(1e-4, seed % 3 == 0 ? 0 : 0.9);
        options.weight_decay = seed % 2 == 0 ? 0 : 0.001;
        options.reduction = seed % 4 < 2 ? BP_REDUCE_SUM : BP_REDUCE_MEAN;
        options.batch_size = batch_sizes[seed % 5];
        options.max_norm = seed % 4 == 1 ? 0.5 : 0;
        if (bpi_loss_check_teaches("", random->net) == BP_OK)
            learned += assert_same_update(random, options);
        random_network_destroy(random);
    }
    assert_true(learned > 100);
}

/* Sizes at which the kernels of online training change, and batches of which one case is left over. */
static void test_chosen_networks(void **state)
{
    (void)state;
    static const size_t units[][3] = {{10, 20, 5}, {20, 40, 17}, {255, 64, 10}, {16, 4, 1}, {64, 32, 10}};
    const size_t batch_sizes[] = {1, 5, 4, 10};
    const bp_activation hidden[] = {bp_activation_gelu(), bp_activation_tanh()};
    enum { CASES = 21 };
    uint64_t stream = 9;
    bp_stop_rule rule = bp_stop_epochs(2);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        for (size_t j = 0; j < 8; j++) {
            random_network random = {.net = NULL};
            bp_real *inputs = random_reals(&stream, CASES * units[i][0], -1, 1),
                    *targets = random_reals(&stream, CASES * units[i][2], 0, 1);
            assert_ok(bp_network_create_layered(&random.net, units[i], 3, hidden[j % 2],
                                                units[i][2] == 1 ? bp_activation_logistic()
                                                                 : bp_activation_softmax()));
            assert_ok(bp_network_initialize(random.net, i + 1));
            random.data = bp_data_view(CASES, inputs, units[i][0], targets, units[i][2]);
            bp_trainer_options options = options_with(&rule, 1);
            options.loss = j % 4 < 2 ? bp_loss_squared_error() : bp_loss_cross_entropy();
            options.batch_size = batch_sizes[j / 2];
            assert_true(assert_same_update(&random, options));
            bp_network_destroy(random.net);
            free(inputs);
            free(targets);
        }
}

/* The kernel of online training needs more memory for the state of other rules than momentum, and none for a
 * rule that it does not know. */
static void test_memory_for_online_training(void **state)
{
    (void)state;
    const bp_optimizer rules[] = {bp_optimizer_momentum(0.01, 0.9), bp_optimizer_adam(0.01, 0.9, 0.999, 1e-8),
                                  bp_optimizer_lbfgs(5), bp_optimizer_momentum(0.01, 0.9)};
    const online_use wanted[] = {ONLINE_MOMENTUM, ONLINE_RULE, ONLINE_NOT, ONLINE_RULE};
    const size_t units[] = {100, 60, 3};
    bp_stop_rule rule = bp_stop_epochs(1);
    for (size_t i = 0; i < 4; i++) {
        bp_network *net = NULL;
        bp_real inputs[100] = {1}, targets[3] = {1, 0, 1};
        const bp_data one = bp_data_view(1, inputs, 100, targets, 3);
        assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_logistic()));
        assert_ok(bp_network_initialize(net, 1));
        bp_trainer_options options = options_with(&rule, 1);
        options.optimizer = rules[i];
        options.l1 = i == 3 ? 0.01 : 0;
        pair both = make_pair(net, &options);
        assert_ok(bp_trainer_run(both.trainer, &one, NULL, NULL));
        assert_int_equal(both.trainer->workspace->online_memory, wanted[i]);
        end_pair(&both);
    }
}

static bool can_fuse(const bp_network *net, size_t cases, const bp_loss *loss)
{
    bp_workspace *workspace = NULL;
    assert_ok(bp_workspace_create(&workspace, net, 1));
    bool fused = bpi_can_fuse_update(workspace, cases, loss);
    bp_workspace_destroy(workspace);
    return fused;
}

/* Not if a weight has several uses or a batch needs several blocks, since the gradient is then a sum; nor for
 * several cases on the path of small networks. */
static void test_when_updates_can_be_fused(void **state)
{
    (void)state;
    bp_loss loss = bp_loss_squared_error();
    bp_network *net = example_network(1);
    assert_true(can_fuse(net, 1, &loss));
    assert_false(can_fuse(net, 2, &loss));
    bp_network_destroy(net);
    const size_t units[] = {20, 90, 5}; /* 2345 weights */
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    assert_true(can_fuse(net, net->block_cases, &loss));
    assert_false(can_fuse(net, net->block_cases + 1, &loss));
    bp_network_destroy(net);

    bp_layer *layers[3];
    bp_connection *connections[2];
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&layers[0], net, "in", 2));
    assert_ok(bp_network_add_layer(&layers[1], net, "hidden", 2, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&layers[2], net, "out", 2, bp_activation_tanh()));
    assert_ok(bp_network_connect(&connections[0], net, layers[0], layers[1]));
    assert_ok(bp_network_connect(&connections[1], net, layers[1], layers[2]));
    assert_ok(bp_connection_share(connections[1], connections[0]));
    assert_ok(bp_layer_set_output(layers[2]));
    assert_ok(bp_network_finalize(net));
    assert_false(can_fuse(net, 1, &loss));
    bp_network_destroy(net);
}

/* The loss fails with case 2, which must not update any weight; cases 0 and 1 do. */
static double fail_at_nine(void *context, const bp_real *y, const bp_real *target, bp_real *derivative,
                           size_t units)
{
    (void)context;
    for (size_t j = 0; derivative != NULL && j < units; j++)
        derivative[j] = target[j] == 9 ? (bp_real)NAN : y[j];
    return 1;
}

static void test_a_case_that_fails_updates_no_weight(void **state)
{
    (void)state;
    const bp_real inputs[] = {1, 2, 3}, targets[] = {1, 1, 9};
    bp_data two = bp_data_view(2, inputs, 1, targets, 1), three = bp_data_view(3, inputs, 1, targets, 1);
    size_t units[] = {1, 3, 1};
    bp_network *net = NULL, *twin = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    assert_ok(bp_network_initialize(net, 5));
    assert_ok(bp_network_copy(&twin, net));
    bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options options = options_with(&rule, 1);
    options.loss = bp_loss_custom(fail_at_nine, NULL);
    options.batch_size = 1;
    options.shuffle = 0;
    pair failing = make_pair(net, &options), fine = make_pair(twin, &options);
    assert_fails(bp_trainer_run(failing.trainer, &three, NULL, NULL), BP_ERROR_NOT_FINITE, "derivative");
    assert_ok(bp_trainer_run(fine.trainer, &two, NULL, NULL));
    assert_same_weights(net, twin);
    end_pair(&failing);
    end_pair(&fine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fused_and_plain_updates_give_the_same_weights),
        cmocka_unit_test(test_chosen_networks),
        cmocka_unit_test(test_memory_for_online_training),
        cmocka_unit_test(test_when_updates_can_be_fused),
        cmocka_unit_test(test_a_case_that_fails_updates_no_weight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
