/* Kinds and reserves of the value types: the check, and that every call makes it. */
#include "support/support.h"

#include <stdbool.h>
#include <string.h>

#include "base/value_type.h"

static bp_status check(const bp_optimizer *optimizer)
{
    return BPI_CHECK_VALUE("f: options.optimizer", "optimizer", "bp_optimizer_*", optimizer,
                           optimizer->kind == 1);
}

static void test_a_known_kind_with_an_empty_reserve_is_good(void **state)
{
    (void)state;
    assert_ok(check(&(bp_optimizer){.kind = 1, .learning_rate = -1}));
}

static void test_an_unknown_kind(void **state)
{
    (void)state;
    assert_fails(check(&(bp_optimizer){.kind = 7}), BP_ERROR_ARGUMENT, "");
    assert_string_equal(
        bp_error_message(),
        "f: options.optimizer: invalid optimizer kind 7; create it with a bp_optimizer_* function");
    assert_fails(check(&(bp_optimizer){.kind = INT32_MIN}), BP_ERROR_ARGUMENT, "kind -2147483648;");
}

static void test_each_byte_of_a_reserve_must_be_0(void **state)
{
    (void)state;
    const char *message =
        "f: options.optimizer: invalid optimizer: reserved bytes are not 0; create it with a "
        "bp_optimizer_* function";
    bp_optimizer optimizer = {.kind = 1, .reserved_kind = 1 << 16};
    assert_fails(check(&optimizer), BP_ERROR_ARGUMENT, message);
    for (size_t i = 0; i < sizeof optimizer.reserved; i++) {
        optimizer = (bp_optimizer){.kind = 1};
        optimizer.reserved[i] = 0x80;
        assert_fails(check(&optimizer), BP_ERROR_ARGUMENT, message);
    }
}

/* ------------------------------------------------------------------ every type */

static bp_network *net;

static int setup(void **state)
{
    (void)state;
    const size_t units[] = {1, 1};
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_tanh(), bp_activation_linear()));
    assert_ok(bp_network_initialize(net, 1));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    bp_network_destroy(net);
    return 0;
}

static bp_trainer_options default_options(void)
{
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.1, 0.9);
    return options;
}

static bp_status create(const bp_trainer_options *options)
{
    bp_trainer *trainer = NULL;
    bp_status status = bp_trainer_create(&trainer, net, options);
    bp_trainer_destroy(trainer);
    return status;
}

#define assert_reserve_refused(call, made_by)                                                                \
    assert_fails(call, BP_ERROR_ARGUMENT, "reserved bytes are not 0; create it with a " made_by " function")

static void test_values_of_a_network(void **state)
{
    (void)state;
    bp_network *open = NULL;
    assert_ok(bp_network_create(&open, NULL));
    bp_activation activation = bp_activation_tanh();
    activation.reserved[0] = 1;
    assert_reserve_refused(bp_network_add_layer(NULL, open, NULL, 1, activation), "bp_activation_*");
    bp_network_destroy(open);
    bp_weight_init init = bp_weight_init_he();
    init.reserved[sizeof init.reserved - 1] = 1;
    assert_reserve_refused(bp_network_set_weight_init(net, init), "bp_weight_init_*");
    bp_real one = 1;
    bp_data data = bp_data_view(1, &one, 1, &one, 1);
    bp_scaling scaling = bp_scaling_standard();
    scaling.reserved_kind = -1;
    assert_reserve_refused(bp_network_fit_scaling(net, &data, scaling, bp_scaling_none()), "bp_scaling_*");
    bp_loss loss = bp_loss_squared_error();
    loss.reserved[3] = 1;
    bp_workspace *workspace = NULL;
    assert_ok(bp_workspace_create(&workspace, net, 1));
    bp_real gradient[2];
    assert_reserve_refused(bp_network_gradient(net, workspace, &data, loss, NULL, gradient), "bp_loss_*");
    bp_workspace_destroy(workspace);
}

static void test_values_of_a_trainer(void **state)
{
    (void)state;
    bp_trainer_options options = default_options();
    assert_ok(create(&options));
    options.loss.reserved[0] = 1;
    assert_reserve_refused(create(&options), "bp_loss_*");
    options = default_options();
    options.optimizer.reserved[7] = 1;
    assert_reserve_refused(create(&options), "bp_optimizer_*");
    options = default_options();
    options.optimizer.parameter[0] = 1; /* that of another rule */
    assert_reserve_refused(create(&options), "bp_optimizer_*");
    options = default_options();
    options.optimizer.rule.reserved[0] = 1;
    assert_reserve_refused(create(&options), "bp_optimizer_*");
    options = default_options();
    options.learning_rate_schedule.reserved[7] = 1;
    assert_reserve_refused(create(&options), "bp_schedule_*");
    options = default_options();
    options.momentum_schedule.reserved_kind = 1;
    assert_reserve_refused(create(&options), "bp_schedule_*");
    options = default_options();
    bp_stop_rule rule = bp_stop_epochs(1);
    rule.reserved[20] = 1;
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    assert_reserve_refused(create(&options), "bp_stop_*");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_known_kind_with_an_empty_reserve_is_good),
        cmocka_unit_test(test_an_unknown_kind),
        cmocka_unit_test(test_each_byte_of_a_reserve_must_be_0),
        cmocka_unit_test(test_values_of_a_network),
        cmocka_unit_test(test_values_of_a_trainer),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
