/* A weight decay of the caller's that leaves nothing to be learned, and ends of rules for whole sets, which
 * may come after a few iterations, at the error of constant outputs. */
#include "train/types.h"
#include "train/wave_example.h"
#include "train/weight_decay.h"

static bp_optimizer momentum(void)
{
    return bp_optimizer_momentum(BP_RATE_AUTO, 0.9);
}

static bp_optimizer adam(void)
{
    return bp_optimizer_adam(0.01, 0.9, 0.999, 1e-8);
}

static bp_optimizer lbfgs(void)
{
    return bp_optimizer_lbfgs(10);
}

static pair train_with_decay(bp_optimizer optimizer, double decay)
{
    const bp_data data = wave_training();
    bp_trainer_options options = options_with(NULL, 0);
    options.optimizer = optimizer;
    options.weight_decay = decay;
    pair both = make_pair(wave_network(1), &options);
    assert_ok(bp_trainer_run(both.trainer, &data, NULL, NULL));
    return both;
}

/* The decay is named, and nothing that would not help: neither rate nor initial weights. A small one harms
 * nobody. */
static void test_the_decay_is_named(void **state)
{
    (void)state;
    const struct {
        bp_optimizer (*make)(void);
        double large, small;
    } rows[] = {{momentum, 0.05, 1e-6},
                {adam, 0.5, 1e-5},
                {bp_optimizer_scg, 10, 1e-5},
                {lbfgs, 10, 1e-5},
                {bp_optimizer_levenberg_marquardt, 10, 1e-5},
                {bp_optimizer_levenberg_marquardt, 100, 1e-5}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pair both = train_with_decay(rows[i].make(), rows[i].large);
        const bp_finding found = assert_found(both.trainer, BP_FINDING_DECAY_TOO_LARGE,
                                              "options.weight_decay ", "use BP_DECAY_AUTO or 0");
        assert_true(found.values[0] == rows[i].large && found.values[1] <= rows[i].large);
        assert_true(found.values[2] > 0.95 * found.values[3]);
        assert_int_equal(found.severity, BP_SEVERITY_WARNING);
        assert_not_found(both.trainer, BP_FINDING_PLATEAU);
        assert_not_found(both.trainer, BP_FINDING_RATE_TOO_LARGE);
        end_pair(&both);
        both = train_with_decay(rows[i].make(), rows[i].small);
        assert_not_found(both.trainer, BP_FINDING_DECAY_TOO_LARGE);
        assert_not_found(both.trainer, BP_FINDING_PLATEAU);
        end_pair(&both);
    }
}

/* As strong as for targets that are all noise is not too strong; nor is what the trainer chooses. */
static void test_the_limit(void **state)
{
    (void)state;
    bp_trainer_options options = options_with(NULL, 0);
    options.optimizer = bp_optimizer_levenberg_marquardt();
    const struct {
        double decay, constant;
        bool is_large;
    } rows[] = {{0.059, 0.5, false},   {0.061, 0.5, true},   {0.061, 50, true},
                {0.0059, 0.05, false}, {0.0061, 0.05, true}, {BP_DECAY_AUTO, 0.5, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        options.weight_decay = rows[i].decay;
        pair both = make_pair(wave_network(1), &options);
        both.trainer->decay_unit = 1;
        assert_int_equal(bpi_large_decay_limit(both.trainer, 100, rows[i].constant) > 0, rows[i].is_large);
        end_pair(&both);
    }
}

/* Inputs that say nothing: the best constant is reached in a few iterations. */
static void test_an_end_after_few_iterations(void **state)
{
    (void)state;
    enum { CASES = 40, STRIDE_OF_TRACE = 16, MIN_POINTS = 8 };
    static const bp_real nothing[2 * CASES];
    bp_data data = wave_of(CASES);
    data.inputs = nothing;
    bp_optimizer (*const rules[])(void) = {bp_optimizer_levenberg_marquardt, lbfgs, bp_optimizer_scg};
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        bp_trainer_options options = options_with(NULL, 0);
        options.optimizer = rules[i]();
        pair both = make_pair(wave_network(1), &options);
        bp_result result = empty_result();
        assert_ok(bp_trainer_run(both.trainer, &data, NULL, &result));
        assert_true(result.updates < STRIDE_OF_TRACE * (MIN_POINTS - 1));
        assert_found(both.trainer, BP_FINDING_PLATEAU, "than the ", "of constant outputs");
        end_pair(&both);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_decay_is_named),
        cmocka_unit_test(test_the_limit),
        cmocka_unit_test(test_an_end_after_few_iterations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
