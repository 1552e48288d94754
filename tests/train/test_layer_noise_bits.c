/* Dropout and noise in training: the same bits on every path, for every number of threads, from streams,
 * after a failed run or a checkpoint, and in several starts. */
#include <stdlib.h>

#include "network/types.h"
#include "train/noise_example.h"

static bp_status only_look(void *context, const bp_gradient_batch *info, bp_gradient_reply *reply)
{
    (void)context, (void)info, (void)reply;
    return BP_OK;
}

static bp_network *trained(const bp_trainer_options *options)
{
    const bp_data data = noise_data();
    bp_network *net = noise_network();
    bp_trainer *trainer = make_trainer(net, options);
    train_until(trainer, &data, NULL, BP_STOP_EPOCHS);
    bp_trainer_destroy(trainer);
    return net;
}

static void assert_trains_alike(const bp_trainer_options *a, const bp_trainer_options *b, bool alike)
{
    bp_network *first = trained(a), *second = trained(b);
    assert_true(same_weights(first, second) == alike);
    bp_network_destroy(first);
    bp_network_destroy(second);
}

static void paths_and_threads_do_not_matter(void **state)
{
    (void)state;
    static const size_t batches[] = {0, 1, 7, 16};
    for (size_t i = 0; i < 4; i++) {
        bp_stop_rule rule;
        const bp_trainer_options options = noise_options(&rule, 3, batches[i]);
        bp_trainer_options plain = options, threads = options, seed = options;
        plain.on_gradient = only_look;
        threads.threads = 3;
        seed.seed++;
        assert_trains_alike(&options, &plain, true);
        assert_trains_alike(&options, &threads, true);
        if (batches[i] == 0)
            assert_trains_alike(&options, &seed,
                                false); /* nothing is shuffled: the random numbers are others */
    }
}

static bp_status fail_seventh(void *context, const bp_gradient_batch *info, bp_gradient_reply *reply)
{
    (void)info, (void)reply;
    return ++*(size_t *)context == 7 ? BP_ERROR_ARGUMENT : BP_OK;
}

/* Nothing of the dropped outputs is left in a trainer whose run has failed. */
static void a_failed_run_leaves_nothing(void **state)
{
    (void)state;
    size_t calls = 0;
    bp_stop_rule rule;
    bp_trainer_options options = noise_options(&rule, 3, 7);
    const bp_data data = noise_data();
    bp_network *net = noise_network(), *without = NULL;
    assert_ok(bp_network_copy(&without, net));
    options.on_gradient = fail_seventh;
    options.on_gradient_context = &calls;
    bp_trainer *trainer = make_trainer(net, &options), *fresh = NULL;
    assert_int_equal(bp_trainer_run(trainer, &data, NULL, NULL), BP_ERROR_ARGUMENT);
    assert_ok(bp_trainer_reset(trainer));
    size_t count;
    const bp_real *weights = bp_network_weights(without, &count);
    assert_ok(bp_network_set_weights(net, weights, count));
    bp_network *const both[] = {net, without};
    for (size_t i = 0; i < 2; i++) {
        assert_ok(bp_network_set_dropout(both[i], 0, 0));
        for (size_t l = 0; l < bp_network_layer_count(both[i]); l++)
            if (bp_layer_noise(bp_network_layer(both[i], l)) > 0)
                assert_ok(bp_layer_set_noise(bp_network_layer(both[i], l), 0));
    }
    fresh = make_trainer(without, &options);
    train_until(trainer, &data, NULL, BP_STOP_EPOCHS);
    train_until(fresh, &data, NULL, BP_STOP_EPOCHS);
    assert_true(same_weights(net, without));
    bp_trainer_destroy(trainer);
    bp_trainer_destroy(fresh);
    bp_network_destroy(net);
    bp_network_destroy(without);
}

/* Of 4 times as many cases as a block has; threads get work that is worth it. */
static void blocks_do_not_matter(void **state)
{
    (void)state;
    bp_network *net = noise_network();
    const size_t cases = 4 * net->block_cases + 3;
    bp_real *inputs = calloc(cases * NOISE_INPUTS, sizeof *inputs);
    bp_real *targets = calloc(cases * NOISE_OUTPUTS, sizeof *targets);
    assert_true(inputs != NULL && targets != NULL);
    const bp_data data = bp_data_view(cases, inputs, NOISE_INPUTS, targets, NOISE_OUTPUTS);
    bp_stop_rule rule;
    bp_trainer_options options = noise_options(&rule, 1, 0);
    options.reduction = BP_REDUCE_MEAN;
    for (size_t i = 0; i < cases * NOISE_INPUTS; i++)
        inputs[i] = (bp_real)(i % 7) / 7;
    bp_network *others = noise_network();
    bp_trainer *one = make_trainer(net, &options);
    options.threads = 4;
    bp_trainer *four = make_trainer(others, &options);
    train_until(one, &data, NULL, BP_STOP_EPOCHS);
    train_until(four, &data, NULL, BP_STOP_EPOCHS);
    assert_same_weights(net, others);
    /* Every case has numbers of its own: E of these equal ones differs from block to block. */
    bp_trainer_destroy(one);
    bp_trainer_destroy(four);
    bp_network_destroy(net);
    bp_network_destroy(others);
    free(inputs);
    free(targets);
}

static void windows_of_streams_do_not_matter(void **state)
{
    (void)state;
    const bp_data data = noise_data();
    bp_stop_rule rule;
    bp_trainer_options options = noise_options(&rule, 2, 5);
    options.shuffle = 0;
    bp_network *net = trained(&options), *streamed = noise_network();
    options.stream_window = 15;
    bp_trainer *trainer = make_trainer(streamed, &options);
    bp_stream *stream = NULL;
    bp_result result = empty_result();
    assert_ok(bp_stream_create_from_data(&stream, &data, NULL));
    assert_ok(bp_trainer_run_stream(trainer, stream, NULL, &result));
    assert_same_weights(net, streamed);
    bp_stream_destroy(stream);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    bp_network_destroy(streamed);
}

/* A trainer and its network as they are after a checkpoint: the network that it is loaded into has neither
 * dropout nor noise. */
static pair loaded_again(const pair *from)
{
    pair made = {NULL, NULL};
    size_t size = 0;
    assert_ok(bp_network_copy(&made.net, from->net));
    assert_ok(bp_network_set_dropout(made.net, 0, 0));
    assert_ok(bp_layer_set_noise(bp_network_layer(made.net, 0), 0));
    bp_trainer_save_memory(from->trainer, NULL, 0, &size);
    unsigned char *bytes = malloc(size);
    assert_non_null(bytes);
    assert_ok(bp_trainer_save_memory(from->trainer, bytes, size, NULL));
    assert_ok(bp_trainer_load_memory(&made.trainer, made.net, bytes, size, NULL));
    free(bytes);
    assert_true(bp_layer_dropout(bp_network_layer(made.net, 1)) == NOISE_HIDDEN_DROPOUT);
    assert_true(bp_layer_noise(bp_network_layer(made.net, 0)) == NOISE_DEVIATION);
    return made;
}

/* In the middle of epochs, case by case and in batches. */
static void checkpoints_do_not_matter(void **state)
{
    (void)state;
    static const struct {
        size_t cases, updates, parts;
    } trainings[] = {{1, 200, 5}, {8, 28, 7}};
    const bp_data data = noise_data();
    for (size_t i = 0; i < 2; i++) {
        bp_stop_rule rule;
        const bp_trainer_options options = noise_options(&rule, 1, trainings[i].cases);
        rule = bp_stop_updates(trainings[i].updates);
        pair whole = make_pair(noise_network(), &options);
        train_until(whole.trainer, &data, NULL, BP_STOP_UPDATES);
        rule = bp_stop_updates(trainings[i].updates / trainings[i].parts);
        pair cut = make_pair(noise_network(), &options);
        for (size_t part = 0; part < trainings[i].parts; part++) {
            pair next = loaded_again(&cut);
            end_pair(&cut);
            cut = next;
            train_until(cut.trainer, &data, NULL, BP_STOP_UPDATES);
        }
        assert_same_weights(whole.net, cut.net);
        end_pair(&whole);
        end_pair(&cut);
    }
}

static void starts_and_the_search_have_them(void **state)
{
    (void)state;
    const bp_data data = noise_data();
    bp_stop_rule rule;
    bp_trainer_options options = noise_options(&rule, 3, 10);
    options.optimizer = bp_optimizer_momentum(BP_RATE_AUTO, 0.9);
    bp_network *nets[2];
    for (size_t i = 0; i < 2; i++) {
        bp_starts_options starts;
        bp_starts_options_init(&starts, sizeof starts);
        starts.count = 5;
        starts.threads = i == 0 ? 1 : 3;
        nets[i] = noise_network();
        assert_ok(bp_train_starts(nets[i], &options, &data, NULL, &starts, NULL, NULL, NULL));
        assert_true(bp_layer_dropout(bp_network_layer(nets[i], 1)) == NOISE_HIDDEN_DROPOUT);
    }
    assert_same_weights(nets[0], nets[1]);
    bp_network_destroy(nets[0]);
    bp_network_destroy(nets[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_and_threads_do_not_matter),
        cmocka_unit_test(a_failed_run_leaves_nothing),
        cmocka_unit_test(blocks_do_not_matter),
        cmocka_unit_test(windows_of_streams_do_not_matter),
        cmocka_unit_test(checkpoints_do_not_matter),
        cmocka_unit_test(starts_and_the_search_have_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
