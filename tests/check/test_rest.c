/* How far E still falls: at the end of a training, at its beginning, and at a minimum. */
#include "check/rest.h"

#include "check/diagnose_example.h"
#include "engine/check_data.h"
#include "engine/loss.h"

/* The fall for the training cases of the example, by squared error. */
static double find_fall(diagnose_example *e)
{
    bp_workspace *workspace = NULL;
    baseline b;
    double fall = -1;
    assert_ok(bp_workspace_create(&workspace, e->net, 16));
    diagnosis d = {.function = "test",
                   .net = e->net,
                   .allocator = &e->net->allocator,
                   .workspace = workspace,
                   .loss = bp_loss_squared_error()};
    assert_ok(bpi_check_data_with("test", "training", workspace, &e->training, DATA_BOTH, &d.training));
    assert_ok(bpi_diagnosis_prepare(&d));
    assert_ok(bpi_baseline_create(&b, &d));
    assert_ok(bpi_find_fall(&b, &fall));
    bpi_baseline_clear(&b);
    bpi_diagnosis_clear(&d);
    bp_workspace_destroy(workspace);
    return fall;
}

static void train(diagnose_example *e, size_t epochs)
{
    bp_trainer *trainer = NULL;
    bp_trainer_options options;
    const bp_stop_rule rule = bp_stop_epochs(epochs == 0 ? 1 : epochs);
    bp_trainer_options_init(&options, sizeof options);
    options.stop_rules = epochs == 0 ? NULL : &rule;
    options.stop_rule_count = epochs == 0 ? 0 : 1;
    options.weight_decay = 0;
    assert_ok(bp_trainer_create(&trainer, e->net, &options));
    assert_ok(bp_trainer_run(trainer, &e->training, NULL, NULL));
    bp_trainer_destroy(trainer);
}

static void test_training(void **state)
{
    (void)state;
    diagnose_example *e = make_numbers(1);
    assert_true(find_fall(e) > 0.5);
    train(e, 1);
    assert_true(find_fall(e) > 0.2);
    free_example(e);
}

/* Targets are 0 but for one case in two, which no input tells: the best outputs are constant. */
static void test_at_rest(void **state)
{
    (void)state;
    diagnose_example *e = make_numbers(1);
    for (size_t i = 0; i < CASES; i++)
        for (size_t j = 0; j < OUTPUTS; j++)
            *target_of(e, i, j) = (bp_real)(i % 2);
    size_t count;
    bp_real *weights = copy_weights(e->net, &count);
    for (size_t i = 0; i < count; i++)
        weights[i] = 0;
    for (size_t i = 0; i < OUTPUTS; i++)
        weights[count - 1 - i] = (bp_real)0.5;
    set_weights(e->net, weights, count);
    assert_true(find_fall(e) >= 0 && find_fall(e) < 0.1);
    free_example(e);
}

static void test_nothing_changes(void **state)
{
    (void)state;
    diagnose_example *e = make_numbers(1);
    size_t count;
    bp_real *before = copy_weights(e->net, &count);
    const double first = find_fall(e);
    assert_true(find_fall(e) == first);
    assert_memory_equal(before, bp_network_weights(e->net, NULL), count * sizeof *before);
    set_weights(e->net, before, count);
    free_example(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_training),
        cmocka_unit_test(test_at_rest),
        cmocka_unit_test(test_nothing_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
