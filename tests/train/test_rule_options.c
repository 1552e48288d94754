/* Options that mean nothing to a rule, or contradict it; batches; weight decay; what a schedule is to each.
 */
#include <math.h>
#include <string.h>

#include "train/train_example.h"
#include "train/types.h"

static bp_optimizer adam(double rate)
{
    return bp_optimizer_adam(rate, 0.9, 0.999, 1e-8);
}

static bp_optimizer adamw(double rate)
{
    return bp_optimizer_adamw(rate, 0.9, 0.999, 1e-8, 0.25);
}

static bp_trainer_options options_for(bp_optimizer optimizer, const bp_stop_rule *stop)
{
    bp_trainer_options options = options_with(stop, 1);
    options.optimizer = optimizer;
    options.weight_decay = 0;
    return options;
}

static bp_status create(const bp_trainer_options *options)
{
    bp_network *net = example_network(1);
    bp_trainer *trainer = NULL;
    const bp_status status = bp_trainer_create(&trainer, net, options);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    return status;
}

static void test_numbers_out_of_range(void **state)
{
    (void)state;
    const struct wrong {
        bp_optimizer optimizer;
        bp_status status;
        const char *message;
    } rows[] = {
        {bp_optimizer_nesterov(-1, 0.9), BP_ERROR_ARGUMENT, "learning_rate is -1"},
        {bp_optimizer_nesterov(0.1, 1), BP_ERROR_ARGUMENT, "momentum is 1"},
        {bp_optimizer_adagrad(NAN), BP_ERROR_NOT_FINITE, "learning_rate is "},
        {bp_optimizer_rmsprop(0.1, 1), BP_ERROR_ARGUMENT, "square_decay is 1"},
        {bp_optimizer_adam(0.1, 1, 0.999, 1e-8), BP_ERROR_ARGUMENT, "beta1 is 1"},
        {bp_optimizer_adam(0.1, 0.9, -0.1, 1e-8), BP_ERROR_ARGUMENT, "beta2 is -0.1"},
        {bp_optimizer_adam(0.1, 0.9, 0.999, 0), BP_ERROR_ARGUMENT, "epsilon is 0"},
        {bp_optimizer_adam(0.1, 0.9, 0.999, INFINITY), BP_ERROR_NOT_FINITE, "epsilon is inf"},
        {bp_optimizer_adamw(0.1, 0.9, 0.999, 1e-8, -1), BP_ERROR_ARGUMENT, "decay is -1"},
        {bp_optimizer_irprop_plus(-1), BP_ERROR_ARGUMENT, "first_step is -1, it must be from 1e-6 to 50"},
        {bp_optimizer_irprop_plus(51), BP_ERROR_ARGUMENT, "first_step is 51"},
        {bp_optimizer_irprop_minus(NAN), BP_ERROR_NOT_FINITE, "first_step is "},
        {bp_optimizer_quickprop(0, 1.75), BP_ERROR_ARGUMENT, "learning_rate is 0"},
        {bp_optimizer_quickprop(0.1, 0.5), BP_ERROR_ARGUMENT, "max_growth is 0.5"},
    };
    const bp_stop_rule stop = bp_stop_epochs(1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const bp_trainer_options options = options_for(rows[i].optimizer, &stop);
        assert_fails(create(&options), rows[i].status, rows[i].message);
    }
}

static void test_a_momentum_where_there_is_none(void **state)
{
    (void)state;
    const bp_optimizer without[] = {bp_optimizer_adagrad(0.1), bp_optimizer_rmsprop(0.1, 0.9),
                                    bp_optimizer_irprop_plus(0.1), bp_optimizer_irprop_minus(0.1),
                                    bp_optimizer_quickprop(0.1, 1.75)};
    const bp_stop_rule stop = bp_stop_epochs(1);
    for (size_t i = 0; i < sizeof without / sizeof without[0]; i++) {
        bp_trainer_options options = options_for(without[i], &stop);
        pair both = make_pair(example_network(1), &options);
        assert_fails(bp_trainer_set_momentum(both.trainer, 0.5), BP_ERROR_UNSUPPORTED,
                     "bp_trainer_set_momentum: ");
        assert_fails(bp_trainer_set_momentum_schedule(both.trainer, bp_schedule_exponential(0.9, 0.99, 0)),
                     BP_ERROR_UNSUPPORTED, "has no momentum");
        end_pair(&both);
        options.momentum_schedule = bp_schedule_exponential(0.9, 0.99, 0);
        assert_fails(create(&options), BP_ERROR_UNSUPPORTED, "options.momentum_schedule: ");
    }
}

static void test_a_rate_where_there_is_none(void **state)
{
    (void)state;
    const bp_stop_rule stop = bp_stop_epochs(1);
    bp_trainer_options options = options_for(bp_optimizer_irprop_plus(0.1), &stop);
    pair both = make_pair(example_network(1), &options);
    assert_fails(bp_trainer_set_learning_rate(both.trainer, 0.5), BP_ERROR_UNSUPPORTED,
                 "iRprop+ has no learning rate");
    assert_fails(bp_trainer_set_learning_rate_schedule(both.trainer, bp_schedule_exponential(0.9, 0.99, 0)),
                 BP_ERROR_UNSUPPORTED, "has no learning rate");
    end_pair(&both);
    options.learning_rate_schedule = bp_schedule_exponential(0.9, 0.99, 0);
    assert_fails(create(&options), BP_ERROR_UNSUPPORTED, "options.learning_rate_schedule: ");
}

static void test_two_decays(void **state)
{
    (void)state;
    const bp_stop_rule stop = bp_stop_epochs(1);
    bp_trainer_options options = options_for(adamw(0.1), &stop);
    options.weight_decay = 0.01;
    assert_fails(create(&options), BP_ERROR_UNSUPPORTED, "options.weight_decay is 0.01, but AdamW");
    options.weight_decay = BP_DECAY_AUTO;
    assert_ok(create(&options));
}

static bp_status ignore(void *context, const bp_gradient_batch *info, bp_gradient_reply *reply)
{
    (void)context;
    (void)info;
    (void)reply;
    return BP_OK;
}

static void test_rules_for_whole_sets(void **state)
{
    (void)state;
    const bp_data data = example_training();
    const bp_stop_rule stop = bp_stop_epochs(1);
    bp_trainer_options options = options_for(bp_optimizer_irprop_plus(0.1), &stop);
    options.on_gradient = ignore;
    assert_fails(create(&options), BP_ERROR_UNSUPPORTED, "options.on_gradient: iRprop+");
    options.on_gradient = NULL;
    options.batch_size = EXAMPLE_CASES - 1;
    pair both = make_pair(example_network(1), &options);
    assert_fails(bp_trainer_run(both.trainer, &data, NULL, NULL), BP_ERROR_UNSUPPORTED,
                 "batches of 12 of the 13 cases");
    end_pair(&both);
    options.batch_size = EXAMPLE_CASES;
    both = make_pair(example_network(1), &options);
    assert_ok(bp_trainer_run(both.trainer, &data, NULL, NULL));
    end_pair(&both);
}

static bool has_finding(const bp_trainer *trainer, bp_finding_kind kind, bp_finding *found)
{
    for (size_t i = 0; i < bp_trainer_finding_count(trainer); i++) {
        bp_finding_init(found, sizeof *found);
        assert_ok(bp_trainer_finding(trainer, i, found));
        if (found->kind == kind)
            return true;
    }
    return false;
}

/* By default their batch is the whole set, and nothing is found; smaller ones are. */
static void test_the_finding_about_batches(void **state)
{
    (void)state;
    const bp_data data = example_training();
    const bp_stop_rule stop = bp_stop_epochs(1);
    const bp_optimizer optimizers[] = {bp_optimizer_irprop_minus(0.01), bp_optimizer_quickprop(0.01, 1.75)};
    for (size_t i = 0; i < 2; i++)
        for (size_t small = 0; small < 2; small++) {
            bp_trainer_options options = options_for(optimizers[i], &stop);
            options.batch_size = small ? 4 : BP_BATCH_AUTO;
            pair both = make_pair(example_network(1), &options);
            bp_finding found;
            bp_result result = empty_result();
            assert_ok(bp_trainer_run(both.trainer, &data, NULL, &result));
            assert_int_equal(result.updates, small ? 4 : 1);
            assert_int_equal(has_finding(both.trainer, BP_FINDING_RULE_BATCHES, &found), small == 1);
            if (small)
                assert_true(found.values[0] == 4 && found.values[1] == EXAMPLE_CASES);
            end_pair(&both);
        }
}

/* AdamW's decay is in proportion to the rate of the moment; the trainer's is a fraction after each update. */
static void test_decays_of_a_weight_without_gradient(void **state)
{
    (void)state;
    const size_t units[] = {1, 1};
    const bp_real input = 0, target = 0;
    const bp_data data = bp_data_view(1, &input, 1, &target, 1);
    const bp_stop_rule stop = bp_stop_epochs(2);
    for (size_t own = 0; own < 2; own++) {
        bp_trainer_options options = options_for(own ? adamw(0.5) : adam(0.5), &stop);
        options.weight_decay = own ? 0 : 0.125;
        options.scale_data = 0;
        bp_network *net = NULL;
        const bp_real start[] = {1, 0}; /* the bias stays 0, and so does y */
        assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_tanh(), bp_activation_linear()));
        assert_ok(bp_network_set_weights(net, start, 2));
        pair both = make_pair(net, &options);
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_true(both.net->weights[0] == (bp_real)(0.875 * 0.875)); /* 0.5 * 0.25 is 0.125, too */
        end_pair(&both);
    }
}

/* A schedule of the momentum is one of beta1: m(t) / (1 - beta1(1) ... beta1(t)) stays the mean of equal
 * gradients, whatever beta1 does, so that each step has the size of the rate. */
static void test_a_schedule_of_beta1(void **state)
{
    (void)state;
    const bp_data data = numbered_data();
    const bp_stop_rule stop = bp_stop_epochs(1);
    bp_trainer_options options = options_for(adam(1e-3), &stop);
    options.batch_size = 0;
    options.scale_data = 0;
    options.momentum_schedule = bp_schedule_exponential(0.9, 0.5, 0);
    pair both = make_pair(numbered_network(), &options);
    for (size_t n = 1; n <= 5; n++) {
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_close(-both.net->weights[0], (double)n * 1e-3, 2e-3); /* the gradient falls a little */
        assert_close(bp_trainer_momentum(both.trainer), 0.9 * pow(0.5, (double)n), 1e-12);
    }
    end_pair(&both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_out_of_range),
        cmocka_unit_test(test_a_momentum_where_there_is_none),
        cmocka_unit_test(test_a_rate_where_there_is_none),
        cmocka_unit_test(test_two_decays),
        cmocka_unit_test(test_rules_for_whole_sets),
        cmocka_unit_test(test_the_finding_about_batches),
        cmocka_unit_test(test_decays_of_a_weight_without_gradient),
        cmocka_unit_test(test_a_schedule_of_beta1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
