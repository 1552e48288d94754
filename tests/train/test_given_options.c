/* Options that are given when a checkpoint is loaded: which of them are noted as not used. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/checkpoint_example.h"
#include "train/members.h"

static bp_trainer_options adam_options(const bp_stop_rule *rule)
{
    bp_trainer_options options = options_with(rule, 1);
    options.optimizer = bp_optimizer_adam(0.01, 0.9, 0.999, 1e-8);
    return options;
}

typedef struct saved {
    unsigned char *bytes;
    size_t size;
} saved;

static saved save_interrupted(const bp_trainer_options *options)
{
    saved made;
    const bp_data training = example_training();
    pair both = make_pair(example_network(3), options);
    bp_trainer_request_stop(both.trainer);
    train_until(both.trainer, &training, NULL, BP_STOP_REQUESTED);
    made.bytes = save_trainer(both.trainer, &made.size);
    end_pair(&both);
    return made;
}

static pair load(const saved *from, const bp_trainer_options *options)
{
    pair both = {.net = example_network(1)};
    assert_ok(bp_trainer_load_memory(&both.trainer, both.net, from->bytes, from->size, options));
    return both;
}

/* The notes on a loaded trainer; *found is the last of them. */
static size_t count_notes(const bp_trainer *trainer, bp_finding *found)
{
    size_t count = 0;
    for (size_t i = 0; i < bp_trainer_finding_count(trainer); i++) {
        bp_finding finding;
        bp_finding_init(&finding, sizeof finding);
        assert_ok(bp_trainer_finding(trainer, i, &finding));
        if (finding.kind != BP_FINDING_OPTION_OF_CHECKPOINT)
            continue;
        *found = finding;
        count++;
    }
    return count;
}

static size_t notes_with(const saved *from, const bp_trainer_options *options, bp_finding *found)
{
    pair both = load(from, options);
    const size_t count = count_notes(both.trainer, found);
    end_pair(&both);
    return count;
}

static void assert_one_note(const saved *from, const bp_trainer_options *options, const char *text)
{
    bp_finding found;
    char written[512];
    assert_int_equal(notes_with(from, options, &found), 1);
    assert_int_equal(found.severity, BP_SEVERITY_NOTE);
    assert_ok(bp_finding_text(&found, written, sizeof written, NULL));
    if (strstr(written, text) == NULL)
        print_error("%s\n", written);
    assert_non_null(strstr(written, text));
}

/* The same options, those that nobody has set, and none. */
static void test_nothing_to_note(void **state)
{
    (void)state;
    const bp_stop_rule rule = bp_stop_epochs(6);
    bp_trainer_options options = adam_options(&rule), untouched;
    bp_trainer_options_init(&untouched, sizeof untouched);
    bp_finding found;
    saved from = save_interrupted(&options);
    options.threads = 2;
    options.checkpoint_path = "elsewhere";
    options.checkpoint_seconds = 5;
    assert_int_equal(notes_with(&from, &options, &found), 0);
    assert_int_equal(notes_with(&from, &untouched, &found), 0);
    assert_int_equal(notes_with(&from, NULL, &found), 0);
    free(from.bytes);
}

static void test_each_is_noted(void **state)
{
    (void)state;
    const bp_stop_rule rule = bp_stop_epochs(6), longer = bp_stop_epochs(500);
    const bp_trainer_options options = adam_options(&rule);
    saved from = save_interrupted(&options);
    bp_trainer_options given = options;
    given.optimizer = bp_optimizer_adam(0.5, 0.9, 0.999, 1e-8);
    assert_one_note(&from, &given,
                    "the learning rate of options.optimizer is 0.5, but training goes on with "
                    "that of the checkpoint, which is 0.01");
    given.optimizer = bp_optimizer_adam(0.01, 0.8, 0.999, 1e-8);
    assert_one_note(&from, &given, "options.optimizer is not that of the checkpoint");
    given = options;
    given.learning_rate_schedule = bp_schedule_cosine(0.1, 0, 10);
    assert_one_note(&from, &given, "options.learning_rate_schedule is not that");
    given = options;
    given.weight_decay = 0.1;
    assert_one_note(&from, &given,
                    "options.weight_decay is 0.1, but training goes on with that of the "
                    "checkpoint, which is 0");
    given = options;
    given.seed = 9;
    assert_one_note(&from, &given,
                    "options.seed is 9, but training goes on with that of the checkpoint, which is 1");
    given = options;
    given.batch_size = 5;
    assert_one_note(&from, &given, "options.batch_size is 5, but");
    given = options;
    given.average_shared = 1;
    assert_one_note(&from, &given,
                    "options.average_shared is 1, but training goes on with that of the "
                    "checkpoint, which is 0");
    given = options;
    given.stop_rules = &longer;
    assert_one_note(&from, &given, "options.stop_rules is not that");
    given = options;
    given.loss = bp_loss_cross_entropy();
    assert_one_note(&from, &given, "options.loss is not that");
    free(from.bytes);

    /* What the default stands for is said by the default alone. */
    given = options;
    given.loss = bp_loss_huber(0.5);
    from = save_interrupted(&given);
    given.loss = bp_loss_squared_error();
    assert_one_note(&from, &given, "options.loss is not that");
    given.loss = bp_loss_default();
    bp_finding found;
    assert_int_equal(notes_with(&from, &given, &found), 0);
    free(from.bytes);
}

/* Several at once; and those of an earlier loading are forgotten when nothing differs any more. */
static void test_all_are_noted_once(void **state)
{
    (void)state;
    const bp_stop_rule rule = bp_stop_epochs(6), longer = bp_stop_epochs(500);
    const bp_trainer_options options = adam_options(&rule);
    saved from = save_interrupted(&options), again;
    bp_trainer_options given = options;
    bp_finding found;
    given.optimizer = bp_optimizer_adam(0.5, 0.9, 0.999, 1e-8);
    given.weight_decay = 0.1;
    given.seed = 9;
    given.stop_rules = &longer;
    pair both = load(&from, &given);
    assert_int_equal(count_notes(both.trainer, &found), 4);
    again.bytes = save_trainer(both.trainer, &again.size);
    assert_int_equal(notes_with(&again, &given, &found), 4);
    assert_int_equal(notes_with(&again, &options, &found), 0);
    end_pair(&both);
    free(from.bytes);
    free(again.bytes);
}

/* The text of a finding knows the members of bp_trainer_options by their places. */
static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < bpi_options_members.count; i++) {
        const member *row = &bpi_options_members.members[i];
        const bool is_apart = strcmp(row->name, "stop_rules") == 0 || strcmp(row->name, "class_weights") == 0;
        bp_finding finding;
        char text[512], wanted[64];
        bp_finding_init(&finding, sizeof finding);
        finding.kind = BP_FINDING_OPTION_OF_CHECKPOINT;
        finding.column = i;
        finding.values[0] = (double)NAN;
        assert_ok(bp_finding_text(&finding, text, sizeof text, NULL));
        snprintf(wanted, sizeof wanted, "options.%s is not ",
                 row->kind <= MEMBER_STRUCT || is_apart ? row->name : "?");
        assert_int_equal(strncmp(text, wanted, strlen(wanted)), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_to_note),
        cmocka_unit_test(test_each_is_noted),
        cmocka_unit_test(test_all_are_noted_once),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
