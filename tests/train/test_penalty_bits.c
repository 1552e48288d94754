/* The same bits with penalties on every path, for every number of threads, from streams, after a checkpoint
 * and in several starts; and a start whose initial weights fail. */
#include <stdlib.h>

#include "reference/random_network.h"
#include "train/penalty_example.h"
#include "train/starts_example.h"
#include "train/stream_example.h"

static void set_all(bp_trainer_options *options)
{
    options->l1 = 1e-4;
    options->l2 = 0.01;
    options->max_norm = 0.5;
    options->clip_value = 0.1;
    options->clip_norm = 0.3;
}

static bp_status look(void *context, const bp_gradient_batch *info, bp_gradient_reply *reply)
{
    (void)context, (void)info, (void)reply;
    return BP_OK;
}

static void test_fused_and_plain_updates(void **state)
{
    (void)state;
    const size_t batches[] = {1, 2, 7, 64, 0};
    bp_stop_rule rule = bp_stop_epochs(2);
    size_t compared = 0;
    for (uint64_t seed = 1; seed <= 80; seed++) {
        random_network *random = random_network_create(seed);
        bp_network *nets[2] = {NULL, NULL};
        bp_status status = BP_OK;
        for (int hooked = 0; hooked < 2 && status == BP_OK; hooked++) {
            bp_trainer_options options = options_with(&rule, 1);
            bp_trainer *trainer = NULL;
            options.loss = random->loss;
            options.optimizer =
                seed % 2 ? bp_optimizer_momentum(1e-3, 0.9) : bp_optimizer_nesterov(1e-3, 0.9);
            options.weight_decay = 0;
            options.batch_size = batches[seed % 5];
            options.l1 = 1e-3;
            options.l2 = seed % 2 ? 0 : 0.01;
            options.no_bias_decay = seed % 3 == 0;
            options.max_norm = seed % 4 < 2 ? 0.5 : 0;
            options.on_gradient = hooked ? look : NULL;
            assert_ok(bp_network_copy(&nets[hooked], random->net));
            status = bp_trainer_create(&trainer, nets[hooked], &options);
            if (status == BP_OK)
                assert_ok(bp_trainer_run(trainer, &random->data, NULL, NULL));
            bp_trainer_destroy(trainer);
        }
        if (status == BP_OK) {
            assert_same_weights(nets[0], nets[1]);
            compared++;
        }
        bp_network_destroy(nets[0]);
        bp_network_destroy(nets[1]);
        random_network_destroy(random);
    }
    assert_true(compared > 60);
}

/* Batches of every size that a kernel trains by, the last of an epoch shorter, without penalties: a hook that
 * looks gets the gradient by the same operations. */
static void test_batches_of_every_size(void **state)
{
    (void)state;
    enum { CASES = 97, INPUTS = 20, HIDDEN = 30, OUTPUTS = 5 };
    static bp_real x[CASES * INPUTS], d[CASES * OUTPUTS];
    uint64_t seed = 5;
    for (size_t i = 0; i < COUNT(x); i++)
        x[i] = (bp_real)test_uniform(&seed, -1, 1);
    for (size_t i = 0; i < COUNT(d); i++)
        d[i] = (bp_real)test_uniform(&seed, -1, 1);
    const bp_data data = bp_data_view(CASES, x, INPUTS, d, OUTPUTS);
    for (size_t batch = 2; batch <= 50; batch++) {
        bp_network *nets[2];
        for (int hooked = 0; hooked < 2; hooked++) {
            bp_stop_rule rule;
            bp_trainer_options options = penalty_options(&rule, 2);
            options.optimizer =
                batch % 2 ? bp_optimizer_momentum(0.01, 0.9) : bp_optimizer_adam(0.01, 0.9, 0.999, 1e-8);
            options.weight_decay = batch % 3 == 0 ? 0.01 : 0;
            options.no_bias_decay = batch % 2;
            options.scale_data = batch % 5 == 0;
            options.batch_size = batch;
            options.on_gradient = hooked ? look : NULL;
            assert_ok(bp_network_create_layered(&nets[hooked], (size_t[]){INPUTS, HIDDEN, OUTPUTS}, 3,
                                                bp_activation_tanh(), bp_activation_linear()));
            assert_ok(bp_network_initialize(nets[hooked], 2));
            train_with(nets[hooked], &options, &data);
        }
        assert_same_weights(nets[0], nets[1]);
        bp_network_destroy(nets[0]);
        bp_network_destroy(nets[1]);
    }
}

static void test_threads(void **state)
{
    (void)state;
    enum { CASES = 20, INPUTS = 300, HIDDEN = 400 };
    static bp_real x[CASES * INPUTS], d[CASES * 3];
    uint64_t seed = 12;
    for (size_t i = 0; i < COUNT(x); i++)
        x[i] = (bp_real)test_uniform(&seed, -1, 1);
    for (size_t i = 0; i < COUNT(d); i++)
        d[i] = (bp_real)test_uniform(&seed, -1, 1);
    const bp_data data = bp_data_view(CASES, x, INPUTS, d, 3);
    for (int clips = 0; clips < 2; clips++) {
        bp_network *nets[3];
        for (size_t i = 0; i < 3; i++) {
            bp_stop_rule rule;
            bp_trainer_options options = penalty_options(&rule, 3);
            set_all(&options);
            if (!clips)
                options.clip_value = options.clip_norm = options.l2 = 0;
            options.batch_size = 10;
            options.threads = i + 1;
            assert_ok(bp_network_create_layered(&nets[i], (size_t[]){INPUTS, HIDDEN, 3}, 3,
                                                bp_activation_tanh(), bp_activation_linear()));
            assert_ok(bp_network_initialize(nets[i], 2));
            train_with(nets[i], &options, &data);
        }
        assert_same_weights(nets[0], nets[1]);
        assert_same_weights(nets[0], nets[2]);
        for (size_t i = 0; i < 3; i++)
            bp_network_destroy(nets[i]);
    }
}

/* A training that is saved and loaded between two runs of 4 epochs. */
static void test_checkpoints(void **state)
{
    (void)state;
    const bp_data data = example_training();
    bp_network *nets[2] = {example_network(2), example_network(2)};
    bp_stop_rule rule;
    bp_trainer_options options = penalty_options(&rule, 8);
    options.batch_size = 4;
    set_all(&options);
    train_with(nets[0], &options, &data);
    rule = bp_stop_epochs(4);
    bp_trainer *trainer = make_trainer(nets[1], &options);
    assert_ok(bp_trainer_run(trainer, &data, NULL, NULL));
    size_t size = 0;
    assert_ok(bp_trainer_save_memory(trainer, NULL, 0, &size));
    unsigned char *bytes = malloc(size);
    assert_ok(bp_trainer_save_memory(trainer, bytes, size, &size));
    bp_trainer_destroy(trainer);
    bp_network *other = example_network(7);
    assert_ok(bp_trainer_load_memory(&trainer, other, bytes, size, NULL));
    assert_ok(bp_trainer_run(trainer, &data, NULL, NULL));
    assert_same_weights(nets[0], other);
    bp_trainer_destroy(trainer);
    free(bytes);
    bp_network_destroy(nets[0]);
    bp_network_destroy(nets[1]);
    bp_network_destroy(other);
}

static void test_streams(void **state)
{
    (void)state;
    const bp_data data = example_training();
    bp_network *nets[2] = {example_network(2), example_network(2)};
    bp_stop_rule rule;
    bp_trainer_options options = penalty_options(&rule, 4);
    test_source source = {0};
    options.batch_size = 4;
    set_all(&options);
    train_with(nets[0], &options, &data);
    bp_trainer *trainer = make_trainer(nets[1], &options);
    bp_stream *stream = test_stream(&source, &data);
    assert_ok(bp_trainer_run_stream(trainer, stream, NULL, NULL));
    assert_same_weights(nets[0], nets[1]);
    bp_stream_destroy(stream);
    bp_trainer_destroy(trainer);
    bp_network_destroy(nets[0]);
    bp_network_destroy(nets[1]);
}

static void test_starts(void **state)
{
    (void)state;
    const bp_data data = xor_data();
    outcome found[2];
    for (size_t i = 0; i < 2; i++) {
        bp_stop_rule rule;
        bp_trainer_options options = penalty_options(&rule, 30);
        bp_network *net = xor_network(1);
        const bp_starts_options starts = starts_with(6, 1 + i, 5);
        set_all(&options);
        assert_ok(bp_network_set_weight_init(net, bp_weight_init_nguyen_widrow()));
        assert_ok(bp_connection_set_weight_init(bp_network_connection(net, 0), bp_weight_init_orthogonal(1)));
        train_from_starts(&found[i], net, &options, &data, NULL, &starts);
    }
    assert_same_outcome(&found[0], &found[1]);
    end_outcome(&found[0]);
    end_outcome(&found[1]);
}

/* A function of the caller's that fails in the third start. */
static bp_status fail_late(void *context, const bp_weight_shape *shape, bp_random *random, bp_real *weights)
{
    size_t *calls = context;
    for (size_t i = 0; i < shape->rows * shape->columns; i++)
        weights[i] = (bp_real)(bp_random_uniform(random) - 0.5);
    return ++*calls > 10 ? BP_ERROR_FILE : BP_OK;
}

static void test_initial_weights_that_fail_in_a_start(void **state)
{
    (void)state;
    const bp_data data = xor_data();
    bp_network *net = xor_network(1);
    bp_stop_rule rule;
    size_t calls = 0;
    const bp_trainer_options options = penalty_options(&rule, 3);
    const bp_starts_options starts = starts_with(6, 1, 5);
    assert_ok(bp_network_set_weight_init(net, bp_weight_init_custom(fail_late, &calls)));
    assert_fails(bp_train_starts(net, &options, &data, NULL, &starts, NULL, NULL, NULL), BP_ERROR_FILE,
                 "the caller's function");
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fused_and_plain_updates),
        cmocka_unit_test(test_batches_of_every_size),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_checkpoints),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_starts),
        cmocka_unit_test(test_initial_weights_that_fail_in_a_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
