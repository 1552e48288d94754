/* Training that is stopped anywhere and goes on from a checkpoint gives the bits of training that was never
 * stopped, its findings and its history. */
#include "train/checkpoint_example.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int stop_at_once(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context;
    (void)trainer;
    (void)progress;
    return 1;
}

/* The trainer is saved, destroyed and loaded, as if by another process. */
static void move(const scenario *s, pair *both, const bp_trainer_options *options)
{
    size_t size;
    unsigned char *bytes = save_trainer(both->trainer, &size);
    end_pair(both);
    *both = load_scenario(s, bytes, size, options);
    free(bytes);
}

/*
 * Stopped at the first chance, again and again, by a request or by a callback. A request also ends the search
 * for a learning rate, which has to be made anew, so that every other request comes from a callback until
 * there are updates.
 */
static size_t train_with_stops(const scenario *s, outcome *all)
{
    bp_trainer_options options = scenario_options(s), stopping = options;
    stopping.on_epoch = stop_at_once;
    pair both = make_pair(scenario_network(s), &options);
    bp_result result = empty_result();
    for (size_t stops = 0;; stops++) {
        const bool by_callback = stops > 0 && result.updates == 0;
        if (by_callback)
            move(s, &both, &stopping);
        else
            bp_trainer_request_stop(both.trainer);
        assert_ok(scenario_run(s, both.trainer, &result));
        if (result.reason != BP_STOP_REQUESTED && result.reason != BP_STOP_CALLBACK) {
            take_outcome(all, both.trainer, both.net, &result);
            bp_trainer_destroy(both.trainer);
            return stops;
        }
        move(s, &both, &options);
        assert_true(stops < 100000);
    }
}

static void test_stopped_after_every_call(void **state)
{
    (void)state;
    for (const scenario *s = scenarios; s->name != NULL; s++) {
        outcome *wanted = calloc(1, sizeof *wanted), *got = calloc(1, sizeof *got);
        train_without_stop(s, wanted);
        const size_t stops = train_with_stops(s, got);
        assert_true(stops > 0);
        print_message("%s: %zu stops, %zu epochs\n", s->name, stops, wanted->result.epochs);
        assert_same_outcome(s, got, wanted);
        end_outcome(wanted);
        end_outcome(got);
        free(wanted);
        free(got);
    }
}

/* Checkpoints every k updates, of which the last one before the end is loaded. */
static void resume_last(const scenario *s, uint64_t every, const outcome *wanted)
{
    char path[512];
    snprintf(path, sizeof path, "%s", test_path(test_directory, "checkpoint"));
    remove(path);
    bp_trainer_options options = scenario_options(s);
    bp_trainer_options watched = options;
    watched.checkpoint_path = path;
    watched.checkpoint_updates = every;
    outcome *got = calloc(1, sizeof *got);
    pair both = make_pair(scenario_network(s), &watched);
    bp_result result = empty_result();
    assert_ok(scenario_run(s, both.trainer, &result));
    assert_ok(result.checkpoint_status);
    const uint64_t written = result.checkpoints;
    take_outcome(got, both.trainer, both.net, &result);
    assert_same_outcome(s, got, wanted);
    bp_trainer_destroy(both.trainer);
    end_outcome(got);
    if (written > 0) {
        both = (pair){.net = scenario_network(s)};
        assert_ok(bp_trainer_load(&both.trainer, both.net, path, &options));
        assert_ok(scenario_run(s, both.trainer, &result));
        take_outcome(got, both.trainer, both.net, &result);
        assert_same_outcome(s, got, wanted);
        bp_trainer_destroy(both.trainer);
        end_outcome(got);
    }
    free(got);
}

static void test_automatic_checkpoints(void **state)
{
    (void)state;
    for (const scenario *s = scenarios; s->name != NULL; s++) {
        outcome *wanted = calloc(1, sizeof *wanted);
        train_without_stop(s, wanted);
        const uint64_t updates = wanted->result.updates;
        for (uint64_t part = 2; part <= 5; part++) /* few of them: each waits for the disk */
            if (updates / part > 0)
                resume_last(s, updates / part + 1, wanted);
        end_outcome(wanted);
        free(wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stopped_after_every_call),
        cmocka_unit_test_setup_teardown(test_automatic_checkpoints, test_directory_setup,
                                        test_directory_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
