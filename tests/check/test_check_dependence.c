/* Targets that have nothing to do with the inputs, and such as have. */
#include "check/diagnose_example.h"

#include <stdbool.h>

/* Deals the targets out to the cases at random. */
static void shuffle_targets(diagnose_example *e, uint64_t seed)
{
    for (size_t i = CASES - 1; i > 0; i--) {
        const size_t j = test_below(&seed, i + 1);
        for (size_t k = 0; k < OUTPUTS; k++) {
            bp_real kept = *target_of(e, i, k);
            *target_of(e, i, k) = *target_of(e, j, k);
            *target_of(e, j, k) = kept;
        }
    }
}

static size_t count_random(const diagnose_example *e)
{
    size_t count = 0;
    for (size_t i = 0; i < e->count; i++)
        count += e->found[i].kind == BP_FINDING_RANDOM_TARGETS;
    return count;
}

/* Four tests of 1.5 % each: of 50 tables, 3 or so are missed. */
static void test_dealt_out_targets(void **state)
{
    (void)state;
    enum { TABLES = 50 };
    size_t reported = 0;
    for (uint64_t seed = 1; seed <= TABLES; seed++) {
        diagnose_example *e = seed % 2 == 0 ? make_classes(seed) : make_numbers(seed);
        diagnose(e, bp_loss_default());
        assert_not_found(e, BP_FINDING_RANDOM_TARGETS);
        shuffle_targets(e, seed);
        diagnose(e, bp_loss_default());
        reported += count_random(e);
        if (count_random(e) > 0) {
            const bp_finding *f = found(e, BP_FINDING_RANDOM_TARGETS);
            assert_int_equal(f->severity, BP_SEVERITY_WARNING);
            assert_int_equal(f->count, CASES);
            assert_true(f->values[0] < f->values[1] && f->values[1] < 0.25 && f->values[2] < 0.3);
        }
        free_example(e);
    }
    assert_in_range(reported, 43, TABLES);
}

/* The weights have no say. */
static void test_any_weights(void **state)
{
    (void)state;
    diagnose_example *e = make_classes(2);
    shuffle_targets(e, 2);
    diagnose(e, bp_loss_default());
    const bp_finding before = *found(e, BP_FINDING_RANDOM_TARGETS);
    assert_ok(bp_network_initialize(e->net, 99));
    assert_ok(bp_network_fit_scaling(e->net, &e->training, bp_scaling_standard(), bp_scaling_none()));
    diagnose(e, bp_loss_default());
    assert_memory_equal(&before, found(e, BP_FINDING_RANDOM_TARGETS), sizeof before);
    free_example(e);
}

/* Half of the variance is noise, and most inputs say nothing. */
static void test_noisy_targets(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        diagnose_example *e = make_numbers(seed);
        uint64_t stream = seed;
        for (size_t i = 0; i < CASES; i++)
            for (size_t k = 0; k < OUTPUTS; k++)
                *target_of(e, i, k) =
                    *input_of(e, i, 0) + (bp_real)(2 * test_uniform(&stream, -1, 1)); /* variances 1, 1.3 */
        diagnose(e, bp_loss_default());
        assert_not_found(e, BP_FINDING_RANDOM_TARGETS);
        free_example(e);
    }
}

/* ------------------------------------------------------------------- other tables */

static void assert_reported(const bp_data *data, bool wanted)
{
    const size_t units[] = {data->input_width, 2, data->target_width};
    bp_network *net = NULL;
    bp_workspace *workspace = NULL;
    bp_finding findings[16];
    size_t count, reported = 0;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    assert_ok(bp_network_initialize(net, 1));
    assert_ok(bp_workspace_create(&workspace, net, 16));
    bp_finding_init(findings, sizeof *findings);
    assert_ok(bp_diagnose(net, workspace, data, NULL, bp_loss_default(), findings, 16, &count));
    for (size_t i = 0; i < count; i++)
        reported += findings[i].kind == BP_FINDING_RANDOM_TARGETS;
    assert_int_equal(reported, wanted);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

/* Neighbours all disagree, which is a rule too; so it is in half of the table. */
static void test_parity(void **state)
{
    (void)state;
    enum { BITS = 8, ALL = 1 << BITS };
    bp_real inputs[ALL * BITS], targets[ALL];
    uint64_t stream = 1;
    for (int part = 0; part < 2; part++) {
        size_t cases = 0;
        for (size_t i = 0; i < ALL; i++) {
            if (part == 1 && test_below(&stream, 2) == 0)
                continue;
            targets[cases] = 0;
            for (size_t bit = 0; bit < BITS; bit++) {
                inputs[cases * BITS + bit] = (bp_real)(i >> bit & 1);
                if (i >> bit & 1)
                    targets[cases] = 1 - targets[cases];
            }
            cases++;
        }
        const bp_data data = bp_data_view(cases, inputs, BITS, targets, 1);
        assert_reported(&data, false);
    }
}

/* A table of all cases that there are: any targets are a rule. */
static void test_truth_table(void **state)
{
    (void)state;
    enum { BITS = 8, ALL = 1 << BITS };
    bp_real inputs[ALL * BITS], targets[ALL];
    uint64_t stream = 1;
    for (size_t i = 0; i < ALL; i++) {
        targets[i] = (bp_real)test_below(&stream, 2);
        for (size_t bit = 0; bit < BITS; bit++)
            inputs[i * BITS + bit] = (bp_real)(i >> bit & 1);
    }
    const bp_data data = bp_data_view(ALL, inputs, BITS, targets, 1);
    assert_reported(&data, false);
}

/* Noise is reported if a dependence would have been seen: not of few cases, nor of many columns. */
static void test_enough_cases(void **state)
{
    (void)state;
    enum { MANY = 120, COLUMNS = 60 };
    static bp_real inputs[MANY * COLUMNS], targets[MANY];
    uint64_t stream = 4;
    for (size_t i = 0; i < MANY * COLUMNS; i++)
        inputs[i] = (bp_real)test_uniform(&stream, -1, 1);
    for (size_t i = 0; i < MANY; i++)
        targets[i] = (bp_real)test_uniform(&stream, -1, 1);
    bp_data data = bp_data_view(MANY, inputs, 3, targets, 1);
    assert_reported(&data, true);
    data.cases = 60;
    assert_reported(&data, false);
    data.cases = 20;
    assert_reported(&data, false);
    data = bp_data_view(MANY, inputs, COLUMNS, targets, 1);
    assert_reported(&data, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dealt_out_targets), cmocka_unit_test(test_any_weights),
        cmocka_unit_test(test_noisy_targets),     cmocka_unit_test(test_parity),
        cmocka_unit_test(test_truth_table),       cmocka_unit_test(test_enough_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
