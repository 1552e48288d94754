/* The findings of a trainer as a list, and their texts. */
#include "train/finding.h"

#include <math.h>
#include <string.h>

#include "train/train_example.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ----------------------------------------------------------------------------- texts */

static bp_finding finding_of(bp_finding_kind kind, size_t count, double a, double b, double c, double d)
{
    bp_finding made;
    bp_finding_init(&made, sizeof made);
    made.kind = kind;
    made.count = count;
    const double values[] = {a, b, c, d};
    memcpy(made.values, values, sizeof values);
    return made;
}

static void test_texts(void **state)
{
    (void)state;
    const double none = HUGE_VAL;
    const struct {
        bp_finding finding;
        const char *text;
    } rows[] = {
        {finding_of(BP_FINDING_BATCH_SIZE, 0, 17, 33, 0, 0), "the batch size is 17 for 33 training cases"},
        {finding_of(BP_FINDING_LEARNING_RATE, 0, 0.0625, 0.5, 1, 99),
         "the learning rate is 0.0625: training became unstable at 0.5, after 99 updates of a search"},
        {finding_of(BP_FINDING_LEARNING_RATE, 0, 0.0625, none, 10, 99),
         "the learning rate is 0.0625: rates up to 10 were stable in a search of 99 updates"},
        {finding_of(BP_FINDING_LOSS, 0, 0, 0, 0, 0), "the loss is squared error"},
        {finding_of(BP_FINDING_LOSS, 0, 1, 0, 0, 0),
         "the loss is cross-entropy, as the outputs are softmax units"},
        {finding_of(BP_FINDING_INPUTS_SCALED, 3, 4, 0.5, 2, 0),
         "3 of 4 input columns are scaled, factors from 0.5 to 2"},
        {finding_of(BP_FINDING_TARGETS_SCALED, 1, 2, 0.25, 1, 0),
         "1 of 2 target columns is scaled, factors from 0.25 to 1; E is in scaled units"},
        {finding_of(BP_FINDING_STOPPING, 0, 1, 0, 25, 400),
         "training ends when the validation error has not improved for 25 epochs, or after 400 epochs"},
        {finding_of(BP_FINDING_STOPPING, 0, 0, 0.02, 25, 400),
         "training ends when the training error has fallen by less than 2 % in 25 epochs, or after 400 "
         "epochs"},
        {finding_of(BP_FINDING_RECOVERED, 0, 0.5, 0.25, 0, 0),
         "training was rolled back in epoch 0, and the learning rate lowered from 0.5 to 0.25"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[256];
        size_t needed = 0;
        assert_ok(bp_finding_text(&rows[i].finding, text, sizeof text, &needed));
        assert_string_equal(text, rows[i].text);
        assert_int_equal(needed, strlen(text) + 1);
    }
}

static void test_text_with_a_layer(void **state)
{
    (void)state;
    bp_network *net = example_network(1);
    bp_finding finding = finding_of(BP_FINDING_CROSS_ENTROPY, 0, 0, 0, 0, 0);
    char text[256];
    finding.layer = bp_network_find_layer(net, "output");
    assert_ok(bp_finding_text(&finding, text, sizeof text, NULL));
    assert_string_equal(text, "all targets of layer 'output' are 0 or 1: options.loss = "
                              "bp_loss_cross_entropy() usually learns such targets faster than the squared "
                              "error");
    bp_network_destroy(net);
}

/* Every kind but NONE has a text, and a name; others have none. */
static void test_kinds(void **state)
{
    (void)state;
#define CHECK_KIND(name, value, text_of_kind)                                                                \
    {                                                                                                        \
        bp_finding finding = finding_of(name, 1, 1, 1, 1, 1);                                                \
        assert_string_equal(bp_finding_kind_string(name), text_of_kind);                                     \
        assert_int_equal(bp_finding_text(&finding, NULL, 0, NULL) == BP_OK, (value) != 0);                   \
    }
    BP_FINDING_LIST(CHECK_KIND)
    const int unknown[] = {-1, 0, 999, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < COUNT(unknown); i++) {
        bp_finding finding = finding_of(BP_FINDING_LOSS, 0, 0, 0, 0, 0);
        memcpy(&finding.kind, &unknown[i], sizeof finding.kind);
        assert_fails(bp_finding_text(&finding, NULL, 0, NULL), BP_ERROR_ARGUMENT, "invalid finding kind");
        if (unknown[i] != 0)
            assert_string_equal(bp_finding_kind_string(finding.kind), "unknown finding");
    }
}

/* A buffer that is too short holds the beginning, and nothing behind it is written. */
static void test_capacity(void **state)
{
    (void)state;
    const char whole[] = "the loss is squared error";
    const bp_finding finding = finding_of(BP_FINDING_LOSS, 0, 0, 0, 0, 0);
    for (size_t capacity = 0; capacity <= sizeof whole + 1; capacity++) {
        char text[64];
        size_t needed = 0;
        memset(text, '#', sizeof text);
        bp_status status = bp_finding_text(&finding, text, capacity, &needed);
        assert_int_equal(status, capacity < sizeof whole ? BP_ERROR_SIZE : BP_OK);
        assert_int_equal(needed, sizeof whole);
        size_t written = capacity < sizeof whole ? capacity : sizeof whole;
        if (written > 0) {
            assert_memory_equal(text, whole, written - 1);
            assert_int_equal(text[written - 1], 0);
        }
        for (size_t i = written; i < sizeof text; i++)
            assert_int_equal(text[i], '#');
    }
    size_t needed = 0;
    assert_ok(bp_finding_text(&finding, NULL, 0, &needed));
    assert_int_equal(needed, sizeof whole);
    assert_fails(bp_finding_text(&finding, NULL, 1, &needed), BP_ERROR_ARGUMENT, "buffer is NULL");
    assert_fails(bp_finding_text(NULL, NULL, 0, &needed), BP_ERROR_ARGUMENT, "finding is NULL");
}

/* ------------------------------------------------------------------------------ the list */

static void test_init(void **state)
{
    (void)state;
    bp_finding finding;
    memset(&finding, 0xff, sizeof finding);
    bp_finding_init(&finding, sizeof finding);
    assert_int_equal(finding.size, sizeof finding);
    assert_int_equal(finding.kind, BP_FINDING_NONE);
    bp_finding_init(NULL, sizeof finding);
}

static void test_reading(void **state)
{
    (void)state;
    pair both = make_pair_with_rules(example_network(1), NULL, 0);
    bp_finding note = bpi_finding(BP_FINDING_BATCH_SIZE, BP_SEVERITY_NOTE), got;
    note.values[0] = 5;
    assert_int_equal(bp_trainer_finding_count(NULL), 0);
    assert_int_equal(bp_trainer_finding_count(both.trainer), 0);
    bp_finding_init(&got, sizeof got);
    assert_fails(bp_trainer_finding(both.trainer, 0, &got), BP_ERROR_ARGUMENT, "index is 0");
    bpi_add_finding(both.trainer, &note);
    assert_int_equal(bp_trainer_finding_count(both.trainer), 1);
    assert_ok(bp_trainer_finding(both.trainer, 0, &got));
    assert_true(got.kind == BP_FINDING_BATCH_SIZE && got.severity == BP_SEVERITY_NOTE && got.values[0] == 5);
    assert_true(got.epoch == 0 && got.layer == NULL && got.size == sizeof got);
    assert_true(got.unit == BP_NO_INDEX && got.column == BP_NO_INDEX && got.count == BP_NO_INDEX);
    assert_fails(bp_trainer_finding(both.trainer, 1, &got), BP_ERROR_ARGUMENT, "index is 1");
    assert_fails(bp_trainer_finding(NULL, 0, &got), BP_ERROR_ARGUMENT, "trainer is NULL");
    assert_fails(bp_trainer_finding(both.trainer, 0, NULL), BP_ERROR_ARGUMENT, "finding is NULL");
    got.size = 0;
    assert_fails(bp_trainer_finding(both.trainer, 0, &got), BP_ERROR_ARGUMENT, "bp_finding.size is 0");
    assert_fails(bp_finding_text(&got, NULL, 0, NULL), BP_ERROR_ARGUMENT, "bp_finding.size is 0");
    got.size = sizeof got - 1;
    assert_fails(bp_trainer_finding(both.trainer, 0, &got), BP_ERROR_VERSION, "bp_finding.size");
    assert_ok(bp_trainer_reset(both.trainer));
    assert_int_equal(bp_trainer_finding_count(both.trainer), 0);
    end_pair(&both);
}

/* A struct of a later version keeps what this one does not know. */
static void test_reading_into_a_larger_struct(void **state)
{
    (void)state;
    pair both = make_pair_with_rules(example_network(1), NULL, 0);
    bp_finding note = bpi_finding(BP_FINDING_LOSS, BP_SEVERITY_NOTE);
    bpi_add_finding(both.trainer, &note);
    struct {
        bp_finding known;
        double later;
    } larger;
    bp_finding_init(&larger.known, sizeof larger);
    assert_ok(bp_trainer_finding(both.trainer, 0, &larger.known));
    assert_true(larger.known.size == sizeof larger && larger.later == 0);
    assert_ok(bp_finding_text(&larger.known, NULL, 0, NULL));
    larger.later = 1;
    assert_fails(bp_finding_text(&larger.known, NULL, 0, NULL), BP_ERROR_VERSION, "bp_finding.size");
    end_pair(&both);
}

/* The same kind, layer and column again: the newer numbers and epoch, the older place. */
static void test_a_finding_replaces_its_earlier_self(void **state)
{
    (void)state;
    pair both = make_pair_with_rules(example_network(1), NULL, 0);
    bp_finding first = bpi_finding(BP_FINDING_CROSS_ENTROPY, BP_SEVERITY_NOTE), got;
    bp_finding second = first, third = first;
    first.epoch = 3;
    second.column = 4;
    third.layer = bp_network_find_layer(both.net, "output");
    bpi_add_finding(both.trainer, &first);
    bpi_add_finding(both.trainer, &second);
    bpi_add_finding(both.trainer, &third);
    assert_int_equal(bp_trainer_finding_count(both.trainer), 3);
    first.epoch = 9;
    first.values[0] = 7;
    bpi_add_finding(both.trainer, &first);
    assert_int_equal(bp_trainer_finding_count(both.trainer), 3);
    bp_finding_init(&got, sizeof got);
    assert_ok(bp_trainer_finding(both.trainer, 0, &got));
    assert_true(got.epoch == 9 && got.values[0] == 7);
    end_pair(&both);
}

/* Each recovery is an event of its own, but they do not fill the list. */
static void test_events_are_kept(void **state)
{
    (void)state;
    const bp_finding_kind kinds[] = {BP_FINDING_RECOVERED, BP_FINDING_ANNEALED};
    for (size_t k = 0; k < COUNT(kinds); k++) {
        pair both = make_pair_with_rules(example_network(1), NULL, 0);
        bp_finding event = bpi_finding(kinds[k], BP_SEVERITY_NOTE), got;
        for (event.count = 1; event.count <= 100; event.count++) {
            event.epoch = 3 * event.count;
            bpi_add_finding(both.trainer, &event);
        }
        assert_int_equal(bp_trainer_finding_count(both.trainer), 16);
        for (size_t i = 0; i < 16; i++) {
            bp_finding_init(&got, sizeof got);
            assert_ok(bp_trainer_finding(both.trainer, i, &got));
            assert_int_equal(got.count, i < 15 ? i + 1 : 100);
            assert_int_equal(got.epoch, 3 * got.count);
        }
        end_pair(&both);
    }
}

static void test_a_full_list_keeps_what_came_first(void **state)
{
    (void)state;
    pair both = make_pair_with_rules(example_network(1), NULL, 0);
    bp_finding note = bpi_finding(BP_FINDING_CROSS_ENTROPY, BP_SEVERITY_NOTE), got;
    for (size_t i = 0; i < 2 * MAX_FINDINGS; i++) {
        note.column = i;
        bpi_add_finding(both.trainer, &note);
    }
    assert_int_equal(bp_trainer_finding_count(both.trainer), MAX_FINDINGS);
    note.column = MAX_FINDINGS - 1; /* what is in the list can still be replaced */
    note.values[2] = 5;
    bpi_add_finding(both.trainer, &note);
    assert_int_equal(bp_trainer_finding_count(both.trainer), MAX_FINDINGS);
    bp_finding_init(&got, sizeof got);
    for (size_t i = 0; i < MAX_FINDINGS; i++) {
        assert_ok(bp_trainer_finding(both.trainer, i, &got));
        assert_int_equal(got.column, i);
    }
    assert_true(got.values[2] == 5);
    end_pair(&both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_text_with_a_layer),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_capacity),
        cmocka_unit_test(test_init),
        cmocka_unit_test(test_reading),
        cmocka_unit_test(test_reading_into_a_larger_struct),
        cmocka_unit_test(test_a_finding_replaces_its_earlier_self),
        cmocka_unit_test(test_events_are_kept),
        cmocka_unit_test(test_a_full_list_keeps_what_came_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
