/* Workspaces that keep copies of the weights: whatever changes these, the next pass has the bits of a
 * workspace that was made after it. */
#include <stdlib.h>
#include <string.h>

#include "engine/thread_example.h"
#include "engine/types.h"
#include "network/types.h"
#include "support/kernels.h"

enum { CASES = 5, OUTPUTS = CASES * THREAD_OUTPUTS };

static bp_data few_cases(const thread_example *made)
{
    bp_data data = made->data;
    data.cases = CASES;
    return data;
}

static bool uses_panels(const bp_network *net)
{
    return net->kernel->panel_values(THREAD_HIDDEN, THREAD_INPUTS) > 0;
}

/* The first pass sees the weights, the second makes copies, the third only uses them. */
static void assert_up_to_date(const bp_network *net, bp_workspace *kept, const bp_data *data)
{
    bp_real expected[OUTPUTS], outputs[OUTPUTS];
    bp_workspace *fresh = NULL;
    assert_ok(bp_workspace_create(&fresh, net, CASES));
    assert_ok(bp_network_predict(net, fresh, data, expected));
    assert_int_equal(fresh->panels.made, 0);
    for (int pass = 0; pass < 3; pass++) {
        memset(outputs, 0, sizeof outputs);
        assert_ok(bp_network_predict(net, kept, data, outputs));
        assert_memory_equal(outputs, expected, sizeof outputs);
    }
    if (uses_panels(net))
        assert_true(kept->panels.made == net->weight_version);
    bp_workspace_destroy(fresh);
}

/* ------------------------------------------------------------------ calls that set weights */

static void set_all(bp_network *net)
{
    bp_real *weights = new_reals(net->weight_count);
    for (size_t i = 0; i < net->weight_count; i++)
        weights[i] = -net->weights[i];
    assert_ok(bp_network_set_weights(net, weights, net->weight_count));
    free(weights);
}

static void set_connection(bp_network *net)
{
    bp_connection *connection = net->connections[0];
    bp_real *weights = new_reals(THREAD_HIDDEN * THREAD_INPUTS);
    weights[7] = 1;
    assert_ok(bp_connection_set_weights(connection, weights, THREAD_HIDDEN * THREAD_INPUTS));
    free(weights);
}

static void initialize(bp_network *net)
{
    assert_ok(bp_network_initialize(net, 77));
}

static void copy_from_another(bp_network *net)
{
    bp_network *other = NULL;
    assert_ok(bp_network_copy(&other, net));
    assert_ok(bp_network_initialize(other, 5));
    assert_ok(bp_network_copy_weights(net, other));
    bp_network_destroy(other);
}

static void check_setters(const char *isa, size_t threads)
{
    void (*const change[])(bp_network *) = {set_all, set_connection, initialize, copy_from_another};
    thread_example made = thread_example_create(NULL, isa, bp_activation_tanh());
    bp_workspace *kept = workspace_with_threads(made.net, CASES, threads);
    const bp_data data = few_cases(&made);
    assert_up_to_date(made.net, kept, &data);
    for (size_t i = 0; i < sizeof change / sizeof change[0]; i++) {
        change[i](made.net);
        assert_up_to_date(made.net, kept, &data);
    }
    bp_workspace_destroy(kept);
    thread_example_destroy(&made);
}

static void test_calls_that_set_weights(void **state)
{
    (void)state;
    const kernel_table *table;
    for (size_t t = 0; (table = supported_table(t)) != NULL; t++)
        for (size_t threads = 1; threads <= 3; threads++)
            check_setters(table->name, threads);
}

/* ---------------------------------------------------------------------------- training */

/* A workspace of the caller's, which is used while and after a trainer changes the weights. */
typedef struct watcher {
    bp_network *net;
    bp_workspace *kept;
    bp_data data;
    size_t looks;
} watcher;

static void look(watcher *w)
{
    assert_up_to_date(w->net, w->kept, &w->data);
    w->looks++;
}

static int look_after_epoch(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    (void)progress;
    look(context);
    return 0;
}

static bp_status look_at_gradient(void *context, const bp_gradient_batch *cases, bp_gradient_reply *reply)
{
    (void)cases;
    (void)reply;
    look(context);
    return BP_OK;
}

/* Looks at weights of which it has changed a part, and changes the rest. */
static bp_status look_between(void *context, const bp_step *step)
{
    watcher *w = context;
    for (size_t i = 0; i < step->count; i++) {
        if (i == step->count / 2)
            look(w);
        step->weights[i] -= (bp_real)step->learning_rate * step->gradient[i];
    }
    return BP_OK;
}

/* The example, or a layered network for its data, whose weights are updated while the gradient is computed.
 */
static watcher watch(thread_example *made, bool is_layered)
{
    const size_t units[] = {THREAD_INPUTS, THREAD_HIDDEN, THREAD_OUTPUTS};
    *made = thread_example_create(NULL, NULL, bp_activation_tanh());
    if (is_layered) {
        bp_network_destroy(made->net);
        assert_ok(
            bp_network_create_layered(&made->net, units, 3, bp_activation_tanh(), bp_activation_logistic()));
        assert_ok(bp_network_initialize(made->net, 1));
        assert_true(made->net->has_plain_gradient);
    }
    return (watcher){
        .net = made->net, .kept = workspace_with_threads(made->net, CASES, 1), .data = few_cases(made)};
}

static void end_watch(watcher *w, thread_example *made)
{
    bp_workspace_destroy(w->kept);
    thread_example_destroy(made);
}

/* A loss that looks between two updates. It is no pure function, as it should be, but what it leaves behind
 * must not outlive the training. */
static double look_at_case(void *context, const bp_real *y, const bp_real *d, bp_real *derivative,
                           size_t units)
{
    watcher *w = context;
    bp_real outputs[OUTPUTS];
    double error = 0;
    for (size_t i = 0; i < units; i++) {
        error += (double)(y[i] - d[i]) * (double)(y[i] - d[i]) / 2;
        if (derivative != NULL)
            derivative[i] = y[i] - d[i];
    }
    for (int pass = 0; pass < 2; pass++)
        assert_ok(bp_network_predict(w->net, w->kept, &w->data, outputs));
    w->looks++;
    return error;
}

static void test_a_loss_that_looks(void **state)
{
    (void)state;
    thread_example made;
    watcher w = watch(&made, true);
    const bp_stop_rule stop = bp_stop_epochs(1);
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.01, 0.9);
    options.loss = bp_loss_custom(look_at_case, &w);
    options.batch_size = 1;
    options.stop_rules = &stop;
    options.stop_rule_count = 1;
    bp_trainer *trainer = NULL;
    bp_data training = made.data;
    training.cases = 24;
    assert_ok(bp_trainer_create(&trainer, made.net, &options));
    assert_ok(bp_trainer_run(trainer, &training, NULL, NULL));
    assert_true(w.looks >= training.cases);
    look(&w);
    bp_trainer_destroy(trainer);
    end_watch(&w, &made);
}

static void check_training(bp_optimizer optimizer, size_t batch_size, bool with_hook, bool is_layered)
{
    thread_example made;
    watcher w = watch(&made, is_layered);
    bp_rule rule = {.size = sizeof rule, .name = "looking", .context = &w, .update = look_between};
    if (optimizer.kind == 0)
        optimizer = bp_optimizer_custom(&rule, 0.01);
    const bp_stop_rule stop = bp_stop_epochs(3);
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.optimizer = optimizer;
    options.loss = bp_loss_squared_error();
    options.batch_size = batch_size;
    options.stop_rules = &stop;
    options.stop_rule_count = 1;
    options.on_epoch = look_after_epoch;
    options.on_epoch_context = &w;
    if (with_hook) {
        options.on_gradient = look_at_gradient;
        options.on_gradient_context = &w;
    }
    bp_trainer *trainer = NULL;
    bp_data training = made.data;
    training.cases = 24;
    assert_ok(bp_trainer_create(&trainer, made.net, &options));
    look(&w);
    assert_ok(bp_trainer_run(trainer, &training, &w.data, NULL));
    look(&w);
    assert_true(w.looks >= 5);
    assert_ok(bp_trainer_restore_best(trainer));
    look(&w);
    bp_trainer_destroy(trainer);
    end_watch(&w, &made);
}

static void test_training(void **state)
{
    (void)state;
    const bp_optimizer custom = {.kind = 0};
    for (int is_layered = 0; is_layered < 2; is_layered++) {
        check_training(bp_optimizer_momentum(0.01, 0.9), 1, false, is_layered);
        check_training(bp_optimizer_momentum(0.01, 0.9), 8, false, is_layered);
        check_training(bp_optimizer_momentum(0.01, 0.9), 8, true, is_layered);
        check_training(bp_optimizer_adam(0.01, 0.9, 0.999, 1e-8), 8, false, is_layered);
        check_training(bp_optimizer_momentum(BP_RATE_AUTO, 0.9), 8, false, is_layered);
        check_training(bp_optimizer_scg(), 0, false, is_layered);
        check_training(bp_optimizer_lbfgs(5), 0, false, is_layered);
        check_training(custom, 8, false, is_layered);
    }
}

/* -------------------------------------------------------------------------- workspaces */

/* None is kept for one case at a time, nor while weights change from call to call. */
static void test_copies_are_made_only_where_they_are_of_use(void **state)
{
    (void)state;
    thread_example made = thread_example_create(NULL, NULL, bp_activation_tanh());
    const bp_data data = few_cases(&made);
    bp_real outputs[OUTPUTS];
    bp_workspace *one = workspace_with_threads(made.net, 1, 1),
                 *several = workspace_with_threads(made.net, 9, 1);
    for (int i = 0; i < 3; i++)
        assert_ok(bp_network_predict(made.net, one, &data, outputs));
    assert_null(one->panels.of);
    for (int i = 0; i < 3; i++) {
        assert_ok(bp_network_predict(made.net, several, &data, outputs));
        assert_int_equal(several->panels.made, 0);
        set_all(made.net);
    }
    bp_workspace_destroy(one);
    bp_workspace_destroy(several);
    thread_example_destroy(&made);
}

/* More threads, or more cases, build a workspace anew. */
static void test_workspaces_that_change(void **state)
{
    (void)state;
    thread_example made = thread_example_create(NULL, NULL, bp_activation_tanh());
    const bp_data data = few_cases(&made);
    bp_workspace *kept = workspace_with_threads(made.net, 2, 1);
    assert_up_to_date(made.net, kept, &data);
    assert_ok(bp_workspace_set_threads(kept, 3));
    assert_up_to_date(made.net, kept, &data);
    set_all(made.net);
    assert_up_to_date(made.net, kept, &data);
    bp_workspace_destroy(kept);
    thread_example_destroy(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls_that_set_weights),
        cmocka_unit_test(test_training),
        cmocka_unit_test(test_a_loss_that_looks),
        cmocka_unit_test(test_copies_are_made_only_where_they_are_of_use),
        cmocka_unit_test(test_workspaces_that_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
