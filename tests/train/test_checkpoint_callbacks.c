/* Trainers that are saved from inside a run, or whose run a hook ended. */
#include "train/checkpoint_example.h"

#include <stdlib.h>
#include <string.h>

typedef struct saved {
    unsigned char *bytes;
    size_t size;
} saved;

static bp_status load(const saved *from, bp_network *net, const bp_trainer_options *options, bp_trainer **out)
{
    return bp_trainer_load_memory(out, net, from->bytes, from->size, options);
}

typedef struct saver {
    saved made[8];
    size_t count;
    int stop_at;
} saver;

static int save_in_callback(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    saver *all = context;
    saved *next = &all->made[all->count++];
    assert_int_equal(progress->epoch, all->count);
    next->bytes = save_trainer(trainer, &next->size);
    return (int)all->count == all->stop_at;
}

/* Each resumes within the run, at the end of its epoch, whose rules are still to be applied. */
static void test_saved_by_the_callback(void **state)
{
    (void)state;
    bp_stop_rule rules[] = {bp_stop_epochs(6)};
    saver all = {.stop_at = 0}, later;
    bp_trainer_options options = options_with(rules, 1);
    options.batch_size = 5;
    options.optimizer = bp_optimizer_momentum(0.1, 0.9);
    options.on_epoch = save_in_callback;
    options.on_epoch_context = &all;
    const bp_data training = example_training();
    pair wanted = make_pair(example_network(3), &options);
    train_until(wanted.trainer, &training, NULL, BP_STOP_EPOCHS);
    assert_int_equal(all.count, 6);
    for (size_t i = 0; i < 6; i++) {
        later = (saver){.count = i + 1};
        options.on_epoch_context = &later;
        pair both = {.net = example_network(1)};
        assert_ok(load(&all.made[i], both.net, &options, &both.trainer));
        const bp_result result = train_until(both.trainer, &training, NULL, BP_STOP_EPOCHS);
        assert_int_equal(result.epochs, 6);
        assert_same_weights(both.net, wanted.net);
        end_pair(&both);
        for (size_t j = i + 1; j < 6; j++)
            free(later.made[j].bytes);
    }
    for (size_t i = 0; i < 6; i++)
        free(all.made[i].bytes);
    end_pair(&wanted);
}

static bp_status save_in_hook(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    (void)reply;
    size_t needed;
    bp_trainer **trainer = context;
    if (batch->reason == BP_STOP_NONE && *trainer != NULL)
        assert_fails(bp_trainer_save_memory(*trainer, NULL, 0, &needed), BP_ERROR_STATE,
                     "a run is in progress; call it from on_epoch");
    return BP_OK;
}

static void test_not_saved_by_the_hook(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(2);
    bp_trainer *trainer = NULL;
    bp_trainer_options options = options_with(&rule, 1);
    options.on_gradient = save_in_hook;
    options.on_gradient_context = &trainer;
    const bp_data training = example_training();
    pair both = make_pair(example_network(3), &options);
    trainer = both.trainer;
    train_until(both.trainer, &training, NULL, BP_STOP_EPOCHS);
    saved from;
    from.bytes = save_trainer(both.trainer, &from.size);
    end_pair(&both);
    both = (pair){.net = example_network(1)};
    assert_fails(load(&from, both.net, NULL, &both.trainer), BP_ERROR_ARGUMENT,
                 "options.on_gradient must give it again");
    assert_ok(load(&from, both.net, &options, &both.trainer));
    trainer = NULL;
    end_pair(&both);
    free(from.bytes);
}

/* Ends the run at every update: the batch is made again, with the order it had. */
typedef struct stopper {
    uint64_t stop_at;
} stopper;

static bp_status stop_at_update(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    const stopper *when = context;
    reply->stop = batch->update == when->stop_at;
    return BP_OK;
}

static void stopped_by_the_hook(const scenario *s)
{
    stopper when = {0};
    bp_trainer_options options = scenario_options(s);
    options.on_gradient = stop_at_update;
    options.on_gradient_context = &when;
    pair wanted = make_pair(scenario_network(s), &options);
    bp_result result = empty_result(), whole = empty_result();
    assert_ok(scenario_run(s, wanted.trainer, &whole));
    pair both = make_pair(scenario_network(s), &options);
    for (when.stop_at = 1; when.stop_at <= whole.updates; when.stop_at++) {
        size_t size;
        assert_ok(scenario_run(s, both.trainer, &result));
        assert_int_equal(result.reason, BP_STOP_HOOK);
        unsigned char *bytes = save_trainer(both.trainer, &size);
        end_pair(&both);
        both = load_scenario(s, bytes, size, &options);
        free(bytes);
    }
    assert_ok(scenario_run(s, both.trainer, &result));
    assert_int_equal(result.updates, whole.updates);
    assert_same_weights(both.net, wanted.net);
    end_pair(&both);
    end_pair(&wanted);
}

static void test_stopped_by_the_hook(void **state)
{
    (void)state;
    for (const scenario *s = scenarios; s->name != NULL; s++)
        if (strcmp(s->name, "batch of 2") == 0 || strcmp(s->name, "windows of a stream") == 0 ||
            strcmp(s->name, "exponential") == 0)
            stopped_by_the_hook(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_saved_by_the_callback),
        cmocka_unit_test(test_not_saved_by_the_hook),
        cmocka_unit_test(test_stopped_by_the_hook),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
