/* The lines of backprop.h that carry scaling from an unrolled network to the recurrent one, as they stand
 * there: the build takes them out (tests/checkpoint_snippets.cmake). */
#include <stdlib.h>

#include "support/arrays.h"
#include "support/connect.h"

enum { STEPS = 4, SERIES = 30, INPUTS = 2 };

static bp_network *unroll(const bp_network *net)
{
    bp_network *unrolled = NULL;
    bp_unroll_options options;
    bp_unroll_options_init(&options, sizeof options);
    options.steps = STEPS;
    assert_ok(bp_network_unroll(&unrolled, net, &options));
    return unrolled;
}

static void carry_scaling(bp_network *net, const bp_network *unrolled)
{
#include "snippet_of_scaling.inc"
}

static bp_real *answers(const bp_network *net, const bp_data *data)
{
    bp_workspace *workspace = NULL;
    bp_real *outputs = new_reals(SERIES * STEPS);
    assert_ok(bp_workspace_create(&workspace, net, SERIES));
    assert_ok(bp_network_predict(net, workspace, data, outputs));
    bp_workspace_destroy(workspace);
    return outputs;
}

/* Raw units far from 0 and 1, so that a trainer scales them. */
static void test_what_is_unrolled_later_answers_the_same(void **state)
{
    (void)state;
    uint64_t stream = 3;
    bp_real *series = random_reals(&stream, SERIES * STEPS * INPUTS, 100, 300);
    bp_real *sums = new_reals(SERIES * STEPS);
    for (size_t i = 0; i < SERIES * STEPS; i++)
        sums[i] = 10 * series[INPUTS * i] + series[INPUTS * i + 1];
    bp_data data = bp_data_view(SERIES, series, INPUTS, sums, 1);
    data.steps = STEPS;
    const bp_stop_rule rule = bp_stop_epochs(5);
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    bp_network *net = recurrent_network(INPUTS, 3);
    assert_ok(bp_network_initialize(net, 1));
    bp_network *trained = unroll(net);
    bp_trainer *trainer = NULL;
    assert_ok(bp_trainer_create(&trainer, trained, &options));
    assert_ok(bp_trainer_run(trainer, &data, NULL, NULL));
    bp_real *wanted = answers(trained, &data);

    assert_ok(bp_network_copy_weights(net, trained));
    bp_network *without = unroll(net);
    carry_scaling(net, trained);
    bp_network *with = unroll(net);
    bp_real *unscaled = answers(without, &data), *scaled = answers(with, &data);
    assert_memory_equal(scaled, wanted, SERIES * STEPS * sizeof *wanted);
    assert_memory_not_equal(unscaled, wanted, SERIES * STEPS * sizeof *wanted);
    free(series);
    free(sums);
    free(wanted);
    free(unscaled);
    free(scaled);
    bp_trainer_destroy(trainer);
    bp_network_destroy(without);
    bp_network_destroy(with);
    bp_network_destroy(trained);
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_unrolled_later_answers_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
