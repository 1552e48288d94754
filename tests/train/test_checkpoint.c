/* Saving and loading trainers: what is refused and why, damage, and failures. */
#include "support/activations.h"
#include "train/checkpoint_example.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format/model_bytes.h"
#include "train/poison.h"
#include "train/types.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* A checkpoint in the middle of an epoch, with all that there can be in one: 3 updates of 13 cases. */
typedef struct saved {
    unsigned char *bytes;
    size_t size;
} saved;

static bp_trainer_options common_options(void)
{
    static bp_stop_rule stop[3];
    stop[0] = bp_stop_early(20, 0);
    stop[1] = bp_stop_diminishing_returns(6, 1e-9);
    stop[2] = bp_stop_updates(23);
    bp_trainer_options options = options_with(stop, 3);
    options.optimizer = bp_optimizer_momentum(0.1, 0.9);
    options.learning_rate_schedule = bp_schedule_exponential(0.1, 0.9, 0.01);
    options.batch_size = 4;
    options.keep_history = 1;
    return options;
}

static saved make_checkpoint(const bp_trainer_options *options)
{
    saved made;
    pair both = make_pair(example_network(3), options);
    const bp_data training = example_training(), validation = example_validation();
    train_until(both.trainer, &training, &validation, BP_STOP_UPDATES);
    made.bytes = save_trainer(both.trainer, &made.size);
    end_pair(&both);
    return made;
}

static bp_status load(const saved *from, bp_network *net, const bp_trainer_options *options, bp_trainer **out)
{
    return bp_trainer_load_memory(out, net, from->bytes, from->size, options);
}

/* ---------------------------------------------------------------------- what is refused */

static void refuse_network(const saved *from, const size_t *units, size_t layers, bp_activation hidden,
                           const char *part)
{
    bp_network *net = NULL;
    bp_trainer *trainer = NULL;
    assert_ok(bp_network_create_layered(&net, units, layers, hidden, bp_activation_logistic()));
    assert_ok(bp_network_initialize(net, 5));
    size_t count;
    const bp_real before = bp_network_weights(net, &count)[0];
    assert_fails(load(from, net, NULL, &trainer), BP_ERROR_STRUCTURE, part);
    assert_null(trainer);
    assert_true(bp_network_weights(net, &count)[0] == before);
    bp_network_destroy(net);
}

static void test_another_network(void **state)
{
    (void)state;
    const bp_trainer_options options = common_options();
    saved from = make_checkpoint(&options);
    const size_t deep[] = {3, 4, 4, 2}, wide[] = {3, 5, 2}, same[] = {3, 4, 2}, narrow[] = {2, 4, 2};
    refuse_network(&from, deep, 4, bp_activation_tanh(), "of another network: layers: 3 there, 4 here");
    refuse_network(&from, wide, 3, bp_activation_tanh(), "units of layer");
    refuse_network(&from, narrow, 3, bp_activation_tanh(), "3 there, 2 here");
    refuse_network(&from, same, 3, bp_activation_relu(), "is 'tanh' there, 'relu' here");
    free(from.bytes);
}

/* A custom activation may have the name of one that the library has had since 0.2. */
static void test_a_custom_activation(void **state)
{
    (void)state;
    const size_t units[] = {3, 4, 2};
    const bp_trainer_options options = common_options();
    bp_network *net = NULL;
    saved from;
    assert_ok(bp_network_create_layered(&net, units, 3,
                                        bp_activation_custom("gelu", identity, slope_of_identity, NULL),
                                        bp_activation_logistic()));
    assert_ok(bp_network_initialize(net, 5));
    bp_trainer *trainer = make_trainer(net, &options);
    from.bytes = save_trainer(trainer, &from.size);
    refuse_network(&from, units, 3, bp_activation_gelu(), "custom activation");
    free(from.bytes);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
}

static void test_another_optimizer_or_loss(void **state)
{
    (void)state;
    bp_trainer_options options = common_options();
    saved from = make_checkpoint(&options);
    bp_network *net = example_network(1);
    bp_trainer *trainer = NULL;
    bp_trainer_options given = options;
    given.on_gradient = (bp_gradient_hook)(void (*)(void))abort;
    assert_fails(load(&from, net, &given, &trainer), BP_ERROR_ARGUMENT, "options.on_gradient is set");
    given = options;
    given.threads = 0;
    assert_fails(load(&from, net, &given, &trainer), BP_ERROR_ARGUMENT,
                 "bp_trainer_load_memory: options.threads");
    assert_null(trainer);
    bp_network_destroy(net);
    free(from.bytes);
}

/* The header has the bytes of a real number at offset 12. */
static void test_another_precision_or_version(void **state)
{
    (void)state;
    const bp_trainer_options options = common_options();
    saved from = make_checkpoint(&options);
    bp_network *net = example_network(1);
    bp_trainer *trainer = NULL;
    from.bytes[12] = sizeof(bp_real) == 4 ? 8 : 4;
    model_fix_checksums(from.bytes, from.size);
    assert_fails(load(&from, net, NULL, &trainer), BP_ERROR_UNSUPPORTED, "numbers of");
    from.bytes[8] = 2;
    model_fix_checksums(from.bytes, from.size);
    assert_fails(load(&from, net, NULL, &trainer), BP_ERROR_VERSION, "format version 2");
    size_t size;
    unsigned char *model = test_save(net, &size);
    assert_fails(bp_trainer_load_memory(&trainer, net, model, size, NULL), BP_ERROR_FORMAT,
                 "not a checkpoint file, but a model");
    free(model);
    bp_network_destroy(net);
    free(from.bytes);
}

static void test_other_data(void **state)
{
    (void)state;
    const bp_trainer_options options = common_options();
    saved from = make_checkpoint(&options);
    pair both = {.net = example_network(1)};
    assert_ok(load(&from, both.net, &options, &both.trainer));
    bp_data training = example_training(), validation = example_validation();
    training.cases--;
    assert_fails(bp_trainer_run(both.trainer, &training, &validation, NULL), BP_ERROR_SIZE,
                 "training has 12 cases, but 13 when the checkpoint was made");
    training.cases++;
    validation.cases--;
    assert_fails(bp_trainer_run(both.trainer, &training, &validation, NULL), BP_ERROR_SIZE,
                 "validation has 6 cases, but 7");
    validation.cases++;
    assert_ok(bp_trainer_run(both.trainer, &training, &validation, NULL));
    training.cases--; /* from then on as ever */
    assert_ok(bp_trainer_run(both.trainer, &training, &validation, NULL));
    end_pair(&both);
    both = (pair){.net = example_network(1)};
    assert_ok(load(&from, both.net, &options, &both.trainer));
    assert_ok(bp_trainer_reset(both.trainer));
    assert_ok(bp_trainer_run(both.trainer, &training, &validation, NULL));
    end_pair(&both);
    free(from.bytes);
}

/* --------------------------------------------------------------------- what is kept */

/* A checkpoint of a trainer is the same as that of the trainer that was loaded from it. */
static void test_saved_again(void **state)
{
    (void)state;
    const bp_trainer_options options = common_options();
    saved from = make_checkpoint(&options), again;
    pair both = {.net = example_network(1)};
    assert_ok(load(&from, both.net, &options, &both.trainer));
    again.bytes = save_trainer(both.trainer, &again.size);
    assert_int_equal(again.size, from.size);
    size_t differences = 0;
    for (size_t i = 0; i < from.size; i++)
        differences += again.bytes[i] != from.bytes[i];
    /* The network's count of changes is another one, thrice at most: 8 bytes and checksums of two sections.
     */
    assert_true(differences <= 3 * 8 + 2 * 4);
    size_t count = 0;
    assert_non_null(bp_trainer_history(both.trainer, &count));
    assert_int_equal(count, 5);
    end_pair(&both);
    free(again.bytes);
    free(from.bytes);
}

/* A run that a rule has ended is followed by a new one, whose limits count afresh. */
static void test_after_a_rule(void **state)
{
    (void)state;
    const bp_trainer_options options = common_options();
    const bp_data training = example_training(), validation = example_validation();
    saved from = make_checkpoint(&options);
    pair moved = {.net = example_network(1)};
    pair stayed = make_pair(example_network(3), &options);
    assert_ok(load(&from, moved.net, &options, &moved.trainer));
    train_until(stayed.trainer, &training, &validation, BP_STOP_UPDATES);
    for (int i = 0; i < 3; i++) {
        const bp_result a = train_until(moved.trainer, &training, &validation, BP_STOP_UPDATES);
        const bp_result b = train_until(stayed.trainer, &training, &validation, BP_STOP_UPDATES);
        assert_int_equal(a.updates, 23);
        assert_int_equal(a.epochs, b.epochs);
        assert_same_weights(moved.net, stayed.net);
    }
    end_pair(&moved);
    end_pair(&stayed);
    free(from.bytes);
}

/* Which weights are frozen is in the checkpoint, and so are factors. */
static void test_frozen_weights(void **state)
{
    (void)state;
    const bp_trainer_options options = common_options();
    const bp_data training = example_training(), validation = example_validation();
    pair stayed = make_pair(example_network(3), &options), moved;
    assert_ok(bp_connection_set_trainable(bp_network_connection(stayed.net, 0), 0));
    assert_ok(bp_connection_set_rate_factor(bp_network_connection(stayed.net, 1), 0.5));
    train_until(stayed.trainer, &training, &validation, BP_STOP_UPDATES);
    saved from;
    from.bytes = save_trainer(stayed.trainer, &from.size);
    moved.net = example_network(1);
    assert_ok(load(&from, moved.net, &options, &moved.trainer));
    train_until(stayed.trainer, &training, &validation, BP_STOP_UPDATES);
    train_until(moved.trainer, &training, &validation, BP_STOP_UPDATES);
    assert_same_weights(moved.net, stayed.net);
    end_pair(&moved);
    end_pair(&stayed);
    free(from.bytes);
}

static void test_before_the_first_run(void **state)
{
    (void)state;
    bp_stop_rule storage;
    const bp_trainer_options options = raw_options(&storage, 4);
    const bp_data data = raw_training();
    pair stayed = make_pair(raw_network(bp_activation_linear()), &options), moved;
    saved from;
    from.bytes = save_trainer(stayed.trainer, &from.size);
    moved.net = raw_network(bp_activation_linear());
    assert_ok(load(&from, moved.net, &options, &moved.trainer));
    train_until(stayed.trainer, &data, NULL, BP_STOP_EPOCHS);
    train_until(moved.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_same_weights(moved.net, stayed.net);
    assert_true(same_scaling(moved.net, stayed.net)); /* both were fitted */
    end_pair(&moved);
    end_pair(&stayed);
    free(from.bytes);
}

/* ---------------------------------------------------------------------------- damage */

static void test_every_truncation_and_flipped_byte(void **state)
{
    (void)state;
    const bp_trainer_options options = common_options();
    saved from = make_checkpoint(&options);
    bp_network *net = example_network(1);
    bp_trainer *trainer = NULL;
    for (size_t size = 0; size < from.size; size++) {
        unsigned char *cut = malloc(size > 0 ? size : 1); /* exactly as large: reading past the end shows */
        memcpy(cut, from.bytes, size);
        assert_int_equal(bp_trainer_load_memory(&trainer, net, cut, size, &options), BP_ERROR_FORMAT);
        assert_null(trainer);
        free(cut);
    }
    for (size_t i = 0; i < from.size; i++) {
        from.bytes[i] ^= 0x10;
        const bp_status status = load(&from, net, &options, &trainer);
        assert_true(status == BP_ERROR_FORMAT || status == BP_ERROR_VERSION);
        assert_null(trainer);
        from.bytes[i] ^= 0x10;
    }
    assert_ok(load(&from, net, &options, &trainer));
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    free(from.bytes);
}

/* Changed bytes with right checksums: refused, or a trainer that can be used. */
static void test_every_byte_with_right_checksums(void **state)
{
    (void)state;
    bp_trainer_options options = common_options();
    saved from = make_checkpoint(&options);
    const bp_data training = example_training(), validation = example_validation();
    unsigned char *bytes = malloc(from.size);
    for (size_t i = 20; i < from.size; i++) {
        bp_trainer *trainer = NULL;
        bp_network *net = example_network(1);
        memcpy(bytes, from.bytes, from.size);
        bytes[i] ^= (unsigned char)(1u << (i % 8));
        model_fix_checksums(bytes, from.size);
        if (bp_trainer_load_memory(&trainer, net, bytes, from.size, &options) == BP_OK) {
            bp_trainer_request_stop(trainer);
            bp_trainer_run(trainer, &training, &validation, NULL);
        }
        bp_trainer_destroy(trainer);
        bp_network_destroy(net);
    }
    free(bytes);
    free(from.bytes);
}

/* Numbers that training would use as they are. */
static void test_states_that_no_trainer_has(void **state)
{
    (void)state;
    const double counts[] = {(double)NAN, -1, 0.5, 4, 1e5, 1e300};
    bp_stop_rule rule = bp_stop_epochs(5);
    bp_trainer_options options = options_with(&rule, 1);
    options.optimizer = bp_optimizer_lbfgs(3);
    options.batch_size = 0;
    const bp_data training = example_training();
    pair both = make_pair(example_network(3), &options);
    train_until(both.trainer, &training, NULL, BP_STOP_EPOCHS);
    optimizer_state *own = &both.trainer->state;
    for (size_t i = 0; i < 2 * COUNT(counts); i++) {
        /* pairs, and the place of the next one */
        double *scalar = &own->scalars[own->scalar_count - 1 - i % 2], before = *scalar;
        bp_network *net = example_network(1);
        bp_trainer *trainer = NULL;
        saved from;
        *scalar = counts[i / 2];
        from.bytes = save_trainer(both.trainer, &from.size);
        assert_fails(load(&from, net, &options, &trainer), BP_ERROR_FORMAT,
                     "the state of the optimizer's rule is not one of its own");
        *scalar = before;
        free(from.bytes);
        bp_network_destroy(net);
    }
    both.trainer->rate_factor = (double)NAN;
    saved from;
    from.bytes = save_trainer(both.trainer, &from.size);
    bp_trainer *trainer = NULL;
    assert_fails(load(&from, both.net, &options, &trainer), BP_ERROR_FORMAT, "out of range");
    free(from.bytes);
    end_pair(&both);
}

/* -------------------------------------------------------------------------- failures */

typedef struct attempt {
    saved from;
    bp_trainer_options options;
} attempt;

static bp_status try_loading(void *context, const bp_allocator *allocator)
{
    attempt *a = context;
    pair both = {0};
    bp_status status = example_network_create(&both.net, allocator, 1);
    if (status == BP_OK)
        status = load(&a->from, both.net, &a->options, &both.trainer);
    if (status == BP_OK)
        assert_ok(bp_trainer_save_memory(both.trainer, NULL, 0, &(size_t){0}));
    end_pair(&both);
    return status;
}

static void test_each_allocation_of_loading(void **state)
{
    (void)state;
    attempt a = {.options = common_options()};
    a.from = make_checkpoint(&a.options);
    a.options.history_csv = "no/such/directory";
    a.options.checkpoint_path = "no/such/other";
    test_each_allocation_fails(try_loading, &a);
    free(a.from.bytes);
}

static bp_status try_saving(void *context, const bp_allocator *allocator)
{
    pair both = {0};
    bp_status status = create_and_train(&both, allocator, context);
    if (status == BP_OK)
        status = bp_trainer_save(both.trainer, test_path(test_directory, "checkpoint"));
    end_pair(&both);
    return status;
}

static void test_each_allocation_of_saving(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options options = options_with(&rule, 1);
    test_each_allocation_fails(try_saving, &options);
}

/* Nothing that was never written gets into the bytes: the same, whatever fills new memory. */
static void test_no_unset_bytes(void **state)
{
    (void)state;
    bp_trainer_options options = common_options();
    options.learning_rate_schedule = bp_schedule_bold_driver(0.1, 1.1, 0.5);
    saved usual = make_checkpoint(&options), poisoned;
    poison memory = {.fail_at = SIZE_MAX};
    const bp_allocator allocator = poison_allocator(&memory);
    pair both = {0};
    const bp_data training = example_training(), validation = example_validation();
    assert_ok(example_network_create(&both.net, &allocator, 3));
    assert_ok(bp_trainer_create(&both.trainer, both.net, &options));
    train_until(both.trainer, &training, &validation, BP_STOP_UPDATES);
    poisoned.bytes = save_trainer(both.trainer, &poisoned.size);
    end_pair(&both);
    poison_end(&memory);
    assert_int_equal(poisoned.size, usual.size);
    size_t differences = 0;
    for (size_t i = 0; i < usual.size; i++)
        differences += usual.bytes[i] != poisoned.bytes[i];
    assert_true(differences <= 2 * 8 + 4); /* seconds of the run and of its last epoch, and a checksum */
    free(usual.bytes);
    free(poisoned.bytes);
}

static void test_wrong_calls(void **state)
{
    (void)state;
    const bp_trainer_options options = common_options();
    pair both = make_pair(example_network(3), &options);
    bp_trainer *trainer = NULL;
    unsigned char byte;
    size_t needed = 0;
    assert_fails(bp_trainer_save(NULL, "x"), BP_ERROR_ARGUMENT, "trainer is NULL");
    assert_fails(bp_trainer_save(both.trainer, NULL), BP_ERROR_ARGUMENT, "path is NULL");
    assert_fails(bp_trainer_save_memory(both.trainer, NULL, 1, &needed), BP_ERROR_ARGUMENT, "buffer is NULL");
    assert_fails(bp_trainer_save_memory(both.trainer, NULL, 0, NULL), BP_ERROR_ARGUMENT, "both NULL");
    assert_fails(bp_trainer_save_memory(both.trainer, &byte, 1, &needed), BP_ERROR_SIZE, "capacity is 1");
    assert_true(needed > 100);
    assert_fails(bp_trainer_load(NULL, both.net, "x", NULL), BP_ERROR_ARGUMENT, "out is NULL");
    assert_fails(bp_trainer_load(&trainer, NULL, "x", NULL), BP_ERROR_ARGUMENT, "net is NULL");
    assert_fails(bp_trainer_load(&trainer, both.net, NULL, NULL), BP_ERROR_ARGUMENT, "path is NULL");
    assert_fails(bp_trainer_load(&trainer, both.net, "no/such/file", NULL), BP_ERROR_FILE, "no/such/file");
    assert_fails(bp_trainer_load_memory(&trainer, both.net, NULL, 0, NULL), BP_ERROR_ARGUMENT,
                 "buffer is NULL");
    assert_fails(bp_trainer_load_memory(&trainer, both.net, &byte, 0, NULL), BP_ERROR_FORMAT, "it is empty");
    end_pair(&both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_another_network),
        cmocka_unit_test(test_a_custom_activation),
        cmocka_unit_test(test_another_optimizer_or_loss),
        cmocka_unit_test(test_another_precision_or_version),
        cmocka_unit_test(test_other_data),
        cmocka_unit_test(test_saved_again),
        cmocka_unit_test(test_after_a_rule),
        cmocka_unit_test(test_frozen_weights),
        cmocka_unit_test(test_before_the_first_run),
        cmocka_unit_test(test_every_truncation_and_flipped_byte),
        cmocka_unit_test(test_every_byte_with_right_checksums),
        cmocka_unit_test(test_states_that_no_trainer_has),
        cmocka_unit_test(test_each_allocation_of_loading),
        cmocka_unit_test_setup_teardown(test_each_allocation_of_saving, test_directory_setup,
                                        test_directory_teardown),
        cmocka_unit_test(test_no_unset_bytes),
        cmocka_unit_test(test_wrong_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
