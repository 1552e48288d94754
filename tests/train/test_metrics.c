/* Metrics of the weights as they now are: what they are, when they are found anew, and divergence. */
#include "train/metrics.h"

#include "engine/check_data.h"
#include "engine/workspace.h"
#include "train/train_example.h"

/* A run over the example's cases that has not begun. */
static training_run begin(pair *both)
{
    bp_stop_rule rule = bp_stop_epochs(1);
    *both = make_pair_with_rules(example_network(3), &rule, 1);
    training_run run = {.trainer = both->trainer};
    const bp_data training = example_training(), validation = example_validation();
    assert_ok(bpi_check_data("test", "training", both->net, &training, DATA_BOTH, &run.training));
    assert_ok(bpi_check_data("test", "validation", both->net, &validation, DATA_BOTH, &run.validation));
    return run;
}

static bp_evaluation evaluate(const bp_network *net, const bp_data *data)
{
    bp_workspace *workspace = NULL;
    bp_evaluation evaluation;
    bp_evaluation_init(&evaluation, sizeof evaluation);
    assert_ok(bp_workspace_create(&workspace, net, data->cases));
    assert_ok(bp_network_evaluate(net, workspace, data, bp_loss_squared_error(), NULL, &evaluation));
    bp_workspace_destroy(workspace);
    return evaluation;
}

static void test_they_are_those_of_an_evaluation(void **state)
{
    (void)state;
    pair both;
    training_run run = begin(&both);
    const bp_evaluation training = evaluate(both.net, &run.training);
    const bp_evaluation validation = evaluate(both.net, &run.validation);
    assert_true(bpi_training_metrics(&run)->error == training.error);
    assert_true(bpi_training_metrics(&run)->max_abs_error == training.max_abs_error);
    assert_true(bpi_validation_metrics(&run)->error == validation.error);
    assert_true(bpi_validation_metrics(&run)->mean_error == validation.mean_error);
    end_pair(&both);
}

/* Found once, however often they are asked for; anew after a weight has changed. */
static void test_they_are_kept_until_a_weight_changes(void **state)
{
    (void)state;
    pair both;
    training_run run = begin(&both);
    const double training = bpi_training_metrics(&run)->error;
    const double validation = bpi_validation_metrics(&run)->error;
    both.net->changing_weights[0] += 1;
    assert_true(bpi_training_metrics(&run)->error == training);
    assert_true(bpi_validation_metrics(&run)->error == validation);
    bpi_invalidate_metrics(&run);
    assert_true(bpi_training_metrics(&run)->error == evaluate(both.net, &run.training).error);
    assert_true(bpi_validation_metrics(&run)->error == evaluate(both.net, &run.validation).error);
    assert_true(bpi_training_metrics(&run)->error != training);
    assert_true(bpi_validation_metrics(&run)->error != validation);
    end_pair(&both);
}

static void test_divergence_names_epoch_and_rate(void **state)
{
    (void)state;
    pair both;
    training_run run = begin(&both);
    both.trainer->epochs = 6;
    both.trainer->epoch.begun = true;
    both.trainer->learning_rate = 0.25;
    assert_fails(bpi_run_diverged(&run, "the error"), BP_DIVERGED,
                 "bp_trainer_run: the error became NaN or infinite in epoch 7, with learning rate 0.25");
    end_pair(&both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_they_are_those_of_an_evaluation),
        cmocka_unit_test(test_they_are_kept_until_a_weight_changes),
        cmocka_unit_test(test_divergence_names_epoch_and_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
