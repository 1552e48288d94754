/* Rules of the caller's: what they are given, what they may keep, and what their failures leave behind. */
#include <math.h>
#include <string.h>

#include "train/optimizer.h"
#include "train/train_example.h"
#include "train/types.h"

enum { INTO_HIDDEN = 3 * 4 }; /* the first weights of the example's network */

/* Gradient descent with momentum, as the library has it; or a failure in one of the updates. */
typedef struct script {
    uint64_t fails_at, writes_nan_at;
    bp_status status;
    size_t calls;
    bp_step last;
} script;

static bp_status follow(void *context, const bp_step *step)
{
    script *s = context;
    s->calls++;
    s->last = *step;
    for (size_t i = 0; i < step->count; i++) {
        bp_real *update = &step->vectors[step->vector_stride + i]; /* the second vector */
        *update = (bp_real)0.5 * *update - (bp_real)step->learning_rate * step->gradient[i];
        step->weights[i] += *update;
    }
    step->scalars[2] += 1;
    if (step->number == s->writes_nan_at)
        step->weights[1] = (bp_real)NAN;
    return step->number == s->fails_at ? s->status : BP_OK;
}

static bp_rule rule_for(script *s)
{
    return (bp_rule){
        .size = sizeof(bp_rule), .name = "half", .vectors = 2, .scalars = 3, .context = s, .update = follow};
}

static bp_trainer_options options_for(bp_optimizer optimizer, const bp_stop_rule *stop)
{
    bp_trainer_options options = options_with(stop, 1);
    options.optimizer = optimizer;
    options.batch_size = 5;
    options.weight_decay = 0;
    return options;
}

static void test_momentum_written_by_the_caller(void **state)
{
    (void)state;
    script s = {0};
    const bp_rule rule = rule_for(&s);
    const bp_data data = example_training();
    const bp_stop_rule stop = bp_stop_epochs(6);
    bp_trainer_options own = options_for(bp_optimizer_custom(&rule, 0.125), &stop);
    bp_trainer_options built_in = options_for(bp_optimizer_momentum(0.125, 0.5), &stop);
    own.weight_decay = built_in.weight_decay = 0.01;
    pair a = make_pair(example_network(1), &own), b = make_pair(example_network(1), &built_in);
    train_until(a.trainer, &data, NULL, BP_STOP_EPOCHS);
    train_until(b.trainer, &data, NULL, BP_STOP_EPOCHS);
    for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++)
        assert_close(a.net->weights[i], b.net->weights[i], TOLERANCE(1e-5, 1e-13));
    assert_int_equal(s.calls, 18); /* 3 batches of 13 cases */
    assert_int_equal(s.last.size, sizeof(bp_step));
    assert_int_equal(s.last.count, EXAMPLE_WEIGHTS);
    assert_int_equal(s.last.number, 18);
    assert_true(s.last.learning_rate == 0.125 && s.last.decay == 0.01 && s.last.error > 0);
    end_pair(&a);
    end_pair(&b);
}

/* State is kept from run to run, and is 0 again after a reset. */
static void test_the_state_begins_anew_with_a_reset(void **state)
{
    (void)state;
    script s = {0};
    const bp_rule rule = rule_for(&s);
    const bp_data data = example_training();
    const bp_stop_rule stop = bp_stop_epochs(2);
    const bp_trainer_options options = options_for(bp_optimizer_custom(&rule, 0.125), &stop);
    pair both = make_pair(example_network(1), &options);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_int_equal(s.last.number, 12);
    assert_true(s.last.scalars[2] == 12);
    assert_ok(bp_trainer_reset(both.trainer));
    assert_true(both.trainer->state.scalars[2] == 0);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_int_equal(s.last.number, 6);
    end_pair(&both);
}

/* ------------------------------------------------------------------- frozen weights */

static void freeze(const pair *both)
{
    bp_connection *first = bp_network_connection(both->net, 0);
    assert_true(bp_connection_offset(first) == 0 && bp_connection_weight_count(first) == INTO_HIDDEN);
    assert_ok(bp_connection_set_trainable(first, 0));
}

/* The second vector of the rule `half`. */
static const bp_real *updates_of(const pair *both)
{
    return both->trainer->state.vectors + EXAMPLE_WEIGHTS;
}

/* Runs of two epochs, the first without frozen weights: the state goes on, as that of momentum does, but for
 * the elements of weights that are frozen. */
static void test_frozen_weights_do_not_clear_the_state(void **state)
{
    (void)state;
    script s = {0};
    const bp_rule rule = rule_for(&s);
    const bp_data data = example_training();
    const bp_stop_rule stop = bp_stop_epochs(2);
    const bp_trainer_options own = options_for(bp_optimizer_custom(&rule, 0.125), &stop);
    const bp_trainer_options built_in = options_for(bp_optimizer_momentum(0.125, 0.5), &stop);
    pair a = make_pair(example_network(1), &own), b = make_pair(example_network(1), &built_in);
    for (uint64_t run = 1; run <= 3; run++) {
        train_until(a.trainer, &data, NULL, BP_STOP_EPOCHS);
        train_until(b.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_true(s.last.number == 6 * run && s.last.scalars[2] == 6 * (double)run);
        for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++) {
            assert_close(a.net->weights[i], b.net->weights[i], TOLERANCE(1e-5, 1e-13));
            assert_close(updates_of(&a)[i], b.trainer->state.vectors[i], TOLERANCE(1e-5, 1e-13));
            assert_true(run == 1 || i >= INTO_HIDDEN || updates_of(&a)[i] == 0);
        }
        freeze(&a);
        freeze(&b);
    }
    end_pair(&a);
    end_pair(&b);
}

/* A trainer from a checkpoint goes on with the same state, and makes the same updates. */
static void test_frozen_weights_in_a_checkpoint(void **state)
{
    (void)state;
    enum { CAPACITY = 1 << 16 };
    static unsigned char bytes[CAPACITY];
    script s = {0};
    size_t size = 0;
    const bp_rule rule = rule_for(&s);
    const bp_data data = example_training();
    const bp_stop_rule stop = bp_stop_epochs(2);
    const bp_trainer_options options = options_for(bp_optimizer_custom(&rule, 0.125), &stop);
    pair stayed = make_pair(example_network(1), &options), moved = {.net = example_network(2)};
    freeze(&stayed);
    train_until(stayed.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_int_equal(stayed.trainer->state.vector_count, 2); /* no more than the rule's own */
    assert_ok(bp_trainer_save_memory(stayed.trainer, bytes, CAPACITY, &size));
    assert_ok(bp_trainer_load_memory(&moved.trainer, moved.net, bytes, size, &options));
    train_until(moved.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_true(s.last.number == 12 && s.last.scalars[2] == 12);
    train_until(stayed.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_true(s.last.number == 12 && s.last.scalars[2] == 12);
    assert_same_weights(stayed.net, moved.net);
    end_pair(&stayed);
    end_pair(&moved);
}

/* Training diverges in the first update: weights that are trained are no longer finite, frozen ones stay. */
static void test_frozen_weights_and_a_gradient_that_is_not_finite(void **state)
{
    (void)state;
    script s = {0};
    const bp_rule rule = rule_for(&s);
    const bp_data data = example_training();
    const bp_stop_rule stop = bp_stop_epochs(1);
    const bp_trainer_options options = options_for(bp_optimizer_custom(&rule, 0.125), &stop);
    pair both = make_pair(example_network(1), &options);
    freeze(&both);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS); /* the workspace knows what is frozen */
    bp_real weights[EXAMPLE_WEIGHTS], gradient[EXAMPLE_WEIGHTS], work[EXAMPLE_WEIGHTS] = {0};
    memcpy(weights, both.net->weights, sizeof weights);
    for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++)
        gradient[i] = i < INTO_HIDDEN ? 0 : (bp_real)INFINITY;
    const optimizer_step step = {.kernel = both.net->kernel,
                                 .weights = weights,
                                 .gradient = gradient,
                                 .state = both.trainer->state.vectors,
                                 .state_stride = EXAMPLE_WEIGHTS,
                                 .count = EXAMPLE_WEIGHTS,
                                 .optimizer = &both.trainer->options.optimizer,
                                 .scalars = both.trainer->state.scalars,
                                 .work = work};
    const size_t calls = s.calls;
    assert_ok(bpi_optimizer_step(both.trainer->rule, both.trainer->workspace, &step));
    assert_int_equal(s.calls, calls);
    for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++)
        assert_true(i < INTO_HIDDEN ? weights[i] == both.net->weights[i] : isinf(weights[i]));
    end_pair(&both);
}

/* ------------------------------------------------------------------------- failures */

static void assert_failure_changes_nothing(script s, bp_status wanted, const char *message)
{
    const bp_rule rule = rule_for(&s);
    const bp_data data = example_training();
    const bp_stop_rule stop = bp_stop_updates(7), long_stop = bp_stop_epochs(9);
    script sound = {0};
    const bp_rule sound_rule = rule_for(&sound);
    const bp_trainer_options until_then = options_for(bp_optimizer_custom(&sound_rule, 0.125), &stop);
    const bp_trainer_options options = options_for(bp_optimizer_custom(&rule, 0.125), &long_stop);
    pair before = make_pair(example_network(1), &until_then), both = make_pair(example_network(1), &options);
    train_until(before.trainer, &data, NULL, BP_STOP_UPDATES);
    bp_result result = empty_result();
    assert_fails(bp_trainer_run(both.trainer, &data, NULL, &result), wanted, message);
    assert_int_equal(result.updates, 7);
    assert_same_weights(before.net, both.net);
    end_pair(&before);
    end_pair(&both);
}

static void test_failures(void **state)
{
    (void)state;
    assert_failure_changes_nothing((script){.fails_at = 8, .status = BP_ERROR_FILE}, BP_ERROR_FILE,
                                   "the rule 'half' returned 'a file cannot");
    assert_failure_changes_nothing((script){.writes_nan_at = 8}, BP_ERROR_NOT_FINITE,
                                   "the rule 'half' left a weight that is NaN or infinite in update 8");
}

/* Rates that are too large are the rule's as little as those of momentum. */
static void test_divergence(void **state)
{
    (void)state;
    script s = {0};
    const bp_rule rule = rule_for(&s);
    const bp_real inputs[] = {1e4, 2e4, 3e4}, targets[] = {1, 2, 3};
    const bp_data data = bp_data_view(3, inputs, 1, targets, 1);
    const size_t units[] = {1, 1};
    const bp_stop_rule stop = bp_stop_epochs(2000);
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_tanh(), bp_activation_linear()));
    assert_ok(bp_network_initialize(net, 1));
    bp_trainer_options options = options_for(bp_optimizer_custom(&rule, 100), &stop);
    options.scale_data = 0;
    pair both = make_pair(net, &options);
    bp_result result = empty_result();
    const bp_status status = bp_trainer_run(both.trainer, &data, NULL, &result);
    assert_true(status == BP_DIVERGED || status == BP_ERROR_NOT_FINITE);
    assert_true(isfinite(both.net->weights[0]));
    end_pair(&both);
}

static void test_rules_that_are_refused(void **state)
{
    (void)state;
    script s = {0};
    bp_network *net = example_network(1);
    bp_trainer *trainer = NULL;
    const bp_stop_rule stop = bp_stop_epochs(1);
    bp_trainer_options options = options_for(bp_optimizer_custom(NULL, 0.1), &stop);
    assert_fails(bp_trainer_create(&trainer, net, &options), BP_ERROR_ARGUMENT,
                 "options.optimizer: rule is NULL");
    bp_rule rule = rule_for(&s);
    options.optimizer = bp_optimizer_custom(&rule, 0);
    assert_fails(bp_trainer_create(&trainer, net, &options), BP_ERROR_ARGUMENT, "learning_rate is 0");
    options.optimizer = bp_optimizer_custom(&rule, 0.1);
    rule.name = NULL;
    assert_fails(bp_trainer_create(&trainer, net, &options), BP_ERROR_ARGUMENT, "rule->name is NULL");
    rule = rule_for(&s);
    rule.update = NULL;
    assert_fails(bp_trainer_create(&trainer, net, &options), BP_ERROR_ARGUMENT, "rule->update is NULL");
    rule = rule_for(&s);
    rule.vectors = SIZE_MAX;
    assert_fails(bp_trainer_create(&trainer, net, &options), BP_ERROR_ARGUMENT, "rule->vectors is ");
    rule = rule_for(&s);
    rule.scalars = 65537;
    assert_fails(bp_trainer_create(&trainer, net, &options), BP_ERROR_ARGUMENT, "rule->scalars is 65537");
    rule = rule_for(&s);
    rule.size = 0;
    assert_fails(bp_trainer_create(&trainer, net, &options), BP_ERROR_ARGUMENT, "bp_rule");
    assert_null(trainer);
    bp_network_destroy(net);
}

/* A checkpoint has the name, and a rule of another name is refused: names differ in their last byte, too. */
static void test_the_longest_name(void **state)
{
    (void)state;
    enum { CAPACITY = 1 << 16 };
    static unsigned char bytes[CAPACITY];
    char name[257], other[257];
    script s = {0};
    size_t size = 0;
    bp_rule rule = rule_for(&s);
    const bp_data data = example_training();
    const bp_stop_rule stop = bp_stop_epochs(1);
    const bp_trainer_options options = options_for(bp_optimizer_custom(&rule, 0.125), &stop);
    pair both = make_pair(example_network(1), &options);
    bp_trainer *loaded = NULL;
    memset(name, 'n', sizeof name);
    name[256] = '\0';
    rule.name = name;
    assert_fails(bp_trainer_create(&loaded, both.net, &options), BP_ERROR_ARGUMENT,
                 "rule->name has 256 bytes, it must have at most 255");
    name[255] = '\0';
    end_pair(&both);
    both = make_pair(example_network(1), &options);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_ok(bp_trainer_save_memory(both.trainer, bytes, CAPACITY, &size));
    assert_ok(bp_trainer_load_memory(&loaded, both.net, bytes, size, &options));
    bp_trainer_destroy(loaded);
    loaded = NULL;
    memcpy(other, name, sizeof other);
    other[254] = 'm';
    rule.name = other;
    assert_fails(bp_trainer_load_memory(&loaded, both.net, bytes, size, &options), BP_ERROR_ARGUMENT,
                 "but options.optimizer is 'nnn");
    assert_null(loaded);
    end_pair(&both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_momentum_written_by_the_caller),
        cmocka_unit_test(test_the_state_begins_anew_with_a_reset),
        cmocka_unit_test(test_frozen_weights_do_not_clear_the_state),
        cmocka_unit_test(test_frozen_weights_in_a_checkpoint),
        cmocka_unit_test(test_frozen_weights_and_a_gradient_that_is_not_finite),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_divergence),
        cmocka_unit_test(test_rules_that_are_refused),
        cmocka_unit_test(test_the_longest_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
