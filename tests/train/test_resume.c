/* Runs that go on from a checkpoint: only with the data that they began with. */
#include <stdlib.h>
#include <string.h>

#include "train/checkpoint_example.h"
#include "train/stream_example.h"

enum { CASES = EXAMPLE_CASES, OTHERS = EXAMPLE_OTHERS };

/* The example's cases, to be changed. */
typedef struct copies {
    bp_real inputs[CASES * EXAMPLE_INPUTS], targets[CASES * EXAMPLE_OUTPUTS], case_weights[CASES];
    bp_real other_inputs[OTHERS * EXAMPLE_INPUTS], other_targets[OTHERS * EXAMPLE_OUTPUTS];
    bp_data training, validation;
} copies;

static void make_copies(copies *c)
{
    const bp_data training = example_training(), validation = example_validation();
    memcpy(c->inputs, training.inputs, sizeof c->inputs);
    memcpy(c->targets, training.targets, sizeof c->targets);
    memcpy(c->other_inputs, validation.inputs, sizeof c->other_inputs);
    memcpy(c->other_targets, validation.targets, sizeof c->other_targets);
    for (size_t i = 0; i < CASES; i++)
        c->case_weights[i] = 1;
    c->training = bp_data_view(CASES, c->inputs, EXAMPLE_INPUTS, c->targets, EXAMPLE_OUTPUTS);
    c->training.case_weights = c->case_weights;
    c->validation = bp_data_view(OTHERS, c->other_inputs, EXAMPLE_INPUTS, c->other_targets, EXAMPLE_OUTPUTS);
}

static const bp_stop_rule *ten_epochs(void)
{
    static bp_stop_rule rule;
    rule = bp_stop_epochs(10);
    return &rule;
}

static int end_third_epoch(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context;
    (void)trainer;
    return progress->epoch == 3;
}

typedef struct bytes {
    unsigned char *data;
    size_t size;
} bytes;

static bp_trainer_options options_of(bool ends_early)
{
    bp_trainer_options options = options_with(ten_epochs(), 1);
    options.optimizer = bp_optimizer_momentum(0.1, 0.9);
    options.batch_size = 4;
    options.on_epoch = ends_early ? end_third_epoch : NULL;
    return options;
}

/* A checkpoint of a run that was interrupted after three epochs, or that came to its end; the weights after
 * ten epochs. */
static bytes make_checkpoint(bool is_interrupted)
{
    const bp_data training = example_training(), validation = example_validation();
    const bp_trainer_options options = options_of(is_interrupted);
    pair both = make_pair(example_network(1), &options);
    bytes made;
    train_until(both.trainer, &training, &validation, is_interrupted ? BP_STOP_CALLBACK : BP_STOP_EPOCHS);
    made.data = save_trainer(both.trainer, &made.size);
    end_pair(&both);
    return made;
}

static pair load(const bytes *from)
{
    const bp_trainer_options options = options_of(false);
    pair both = {.net = example_network(2)};
    assert_ok(bp_trainer_load_memory(&both.trainer, both.net, from->data, from->size, &options));
    return both;
}

static bp_network *ten_epochs_at_once(void)
{
    const bp_data training = example_training(), validation = example_validation();
    const bp_trainer_options options = options_of(false);
    bp_network *net = example_network(1);
    bp_trainer *trainer = make_trainer(net, &options);
    train_until(trainer, &training, &validation, BP_STOP_EPOCHS);
    bp_trainer_destroy(trainer);
    return net;
}

/* Each kind of value; then, with the right ones, the bits of a run without an interruption. */
static void test_other_values_are_refused(void **state)
{
    (void)state;
    copies c;
    make_copies(&c);
    bytes from = make_checkpoint(true);
    bp_network *whole = ten_epochs_at_once();
    pair both = load(&from);
    bp_real *const values[] = {&c.inputs[5], &c.targets[CASES * EXAMPLE_OUTPUTS - 1], &c.case_weights[7],
                               &c.other_inputs[0], &c.other_targets[3]};
    const char *const sets[] = {"the training cases", "the training cases", "the training cases",
                                "the validation cases", "the validation cases"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        const bp_real before = *values[i];
        *values[i] = before == 0 ? (bp_real)0.25 : before * (bp_real)0.5;
        assert_fails(bp_trainer_run(both.trainer, &c.training, &c.validation, NULL), BP_ERROR_STATE, sets[i]);
        assert_fails(bp_trainer_run(both.trainer, &c.training, &c.validation, NULL), BP_ERROR_STATE,
                     "bp_trainer_reset() would begin anew");
        *values[i] = before;
    }
    assert_int_equal(train_until(both.trainer, &c.training, &c.validation, BP_STOP_EPOCHS).epochs, 10);
    assert_same_weights(both.net, whole);
    c.inputs[0] += 1; /* from then on as ever */
    train_until(both.trainer, &c.training, &c.validation, BP_STOP_EPOCHS);
    end_pair(&both);
    bp_network_destroy(whole);
    free(from.data);
}

/* Whoever means it: bp_trainer_reset, or a run that had come to its end. */
static void test_other_values_on_purpose(void **state)
{
    (void)state;
    copies c;
    make_copies(&c);
    c.inputs[0] += 1;
    bytes interrupted = make_checkpoint(true), ended = make_checkpoint(false);
    pair both = load(&interrupted);
    assert_ok(bp_trainer_reset(both.trainer));
    train_until(both.trainer, &c.training, &c.validation, BP_STOP_EPOCHS);
    end_pair(&both);
    both = load(&ended);
    train_until(both.trainer, &c.training, &c.validation, BP_STOP_EPOCHS);
    end_pair(&both);
    free(interrupted.data);
    free(ended.data);
}

/* Without the section "data", which was not always there, nothing is compared. It has 16 bytes between tag
 * and length, and the checksum. */
static void test_checkpoint_without_hashes(void **state)
{
    (void)state;
    const size_t section = 4 + 8 + 16 + 4, end = 4 + 8 + 4; /* ENDF follows */
    copies c;
    make_copies(&c);
    bytes from = make_checkpoint(true);
    unsigned char *at = from.data + from.size - end - section;
    assert_memory_equal(at, "data", 4);
    memmove(at, at + section, end);
    from.size -= section;
    pair both = load(&from);
    c.inputs[0] += 1;
    train_until(both.trainer, &c.training, &c.validation, BP_STOP_EPOCHS);
    end_pair(&both);
    free(from.data);
}

/* ------------------------------------------------------------------------------ streams */

typedef struct streams {
    test_source sources[2];
    bp_stream *training, *validation;
} streams;

static void open_streams(streams *s, const copies *c, int varies)
{
    const test_source source = {.varies = varies};
    s->sources[0] = s->sources[1] = source;
    s->training = test_stream(&s->sources[0], &c->training);
    s->validation = test_stream(&s->sources[1], &c->validation);
}

static void close_streams(streams *s)
{
    bp_stream_destroy(s->training);
    bp_stream_destroy(s->validation);
}

static bp_status run(bp_trainer *trainer, const copies *c, int varies, bp_result *result)
{
    streams s;
    open_streams(&s, c, varies);
    *result = empty_result();
    const bp_status status = bp_trainer_run_stream(trainer, s.training, s.validation, result);
    close_streams(&s);
    return status;
}

/* Streams that fit into the window, and streams that do not. */
static void test_streams(void **state)
{
    (void)state;
    const size_t windows[] = {0, 4};
    for (size_t i = 0; i < 2; i++)
        for (int varies = 0; varies < 2; varies++) {
            copies c;
            make_copies(&c);
            bp_trainer_options options = options_of(true);
            options.stream_window = windows[i];
            pair both = make_pair(example_network(1), &options);
            bp_result result;
            bytes from;
            assert_ok(run(both.trainer, &c, varies, &result));
            from.data = save_trainer(both.trainer, &from.size);
            end_pair(&both);
            bp_real *const values[] = {&c.inputs[5], &c.other_targets[3]};
            const char *const sets[] = {"bp_trainer_run_stream: the training cases", "the validation cases"};
            for (size_t k = 0; k < 2; k++) {
                both = load(&from);
                *values[k] += (bp_real)0.25;
                if (varies)
                    assert_ok(run(both.trainer, &c, varies, &result));
                else
                    assert_fails(run(both.trainer, &c, varies, &result), BP_ERROR_STATE, sets[k]);
                *values[k] -= (bp_real)0.25;
                end_pair(&both);
            }
            both = load(&from);
            assert_ok(run(both.trainer, &c, varies, &result));
            assert_int_equal(result.epochs, 10);
            end_pair(&both);
            free(from.data);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_values_are_refused),
        cmocka_unit_test(test_other_values_on_purpose),
        cmocka_unit_test(test_checkpoint_without_hashes),
        cmocka_unit_test(test_streams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
