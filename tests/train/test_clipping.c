/* Clipping: no update is longer, and the norm that rules see is that before it. */
#include <math.h>
#include <string.h>

#include "train/penalty_example.h"

/* With a rate of 1 and no momentum an update is the clipped gradient. */
static void test_no_update_is_longer(void **state)
{
    (void)state;
    const bp_data data = example_training();
    bp_stop_rule rule;
    bp_trainer_options options = penalty_options(&rule, 1);
    options.optimizer = bp_optimizer_gradient_descent(1);
    for (int by_norm = 0; by_norm < 2; by_norm++) {
        *(by_norm ? &options.clip_norm : &options.clip_value) = 0.001;
        bp_network *net = example_network(6);
        bp_real before[EXAMPLE_WEIGHTS];
        double squares = 0, largest = 0;
        memcpy(before, bp_network_weights(net, NULL), sizeof before);
        train_with(net, &options, &data);
        for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++) {
            const double change = (double)(bp_network_weights(net, NULL)[i] - before[i]);
            squares += change * change;
            largest = fmax(largest, fabs(change));
        }
        assert_true(fabs((by_norm ? sqrt(squares) : largest) - 0.001) < 10 * EPSILON);
        bp_network_destroy(net);
        options.clip_norm = options.clip_value = 0;
    }
}

/* The rule that waits for a small gradient sees it as it is. */
static int note_norm(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    *(double *)context = progress->gradient_norm;
    return 0;
}

static void test_norms_are_told_before_clipping(void **state)
{
    (void)state;
    const bp_data data = example_training();
    double norms[2];
    for (int clipped = 0; clipped < 2; clipped++) {
        const bp_stop_rule rules[] = {bp_stop_epochs(1), bp_stop_gradient_below(1e-30)};
        bp_stop_rule rule;
        bp_trainer_options options = penalty_options(&rule, 1);
        options.stop_rules = rules;
        options.stop_rule_count = 2;
        options.on_epoch = note_norm;
        options.on_epoch_context = &norms[clipped];
        options.clip_norm = clipped * 0.001;
        options.l2 = clipped * 10;
        bp_network *net = example_network(6);
        train_with(net, &options, &data);
        bp_network_destroy(net);
    }
    assert_true(norms[0] > 0.001);
    assert_close(norms[0], norms[1], 4 * EPSILON);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_update_is_longer),
        cmocka_unit_test(test_norms_are_told_before_clipping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
