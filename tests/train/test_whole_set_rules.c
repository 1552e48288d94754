/* iRprop+, iRprop- and Quickprop against loops that follow their papers (reference/rules.h). */
#include "support/arrays.h"
#include "support/kernels.h"

#include <math.h>
#include <stdlib.h>

#include "reference/rules.h"
#include "train/optimizer.h"
#include "train/train_example.h"

enum { WEIGHTS = 67, UPDATES = 200 };

/* A rule that follows derivatives with a table of kernels, beside the loops. */
typedef struct twin {
    bp_optimizer optimizer;
    optimizer_step step;
    bp_real weights[WEIGHTS], gradient[WEIGHTS], state[2 * WEIGHTS];
    double scalars[2], derivatives[WEIGHTS], error;
    rule_weight exact[WEIGHTS];
} twin;

static twin *new_twin(const kernel_table *table, bp_optimizer optimizer, uint64_t *random)
{
    twin *t = new_array(1, sizeof *t);
    t->optimizer = optimizer;
    t->step = (optimizer_step){.kernel = table,
                               .weights = t->weights,
                               .gradient = t->gradient,
                               .state = t->state,
                               .state_stride = WEIGHTS,
                               .count = WEIGHTS,
                               .learning_rate = optimizer.learning_rate,
                               .optimizer = &t->optimizer,
                               .scalars = t->scalars};
    for (size_t i = 0; i < WEIGHTS; i++) {
        t->weights[i] = (bp_real)test_uniform(random, -1, 1);
        t->exact[i] = (rule_weight){.w = (double)t->weights[i], .step = optimizer.learning_rate};
    }
    return t;
}

/* Derivatives that keep their sign for a while; some are 0. E rises in a third of the updates. */
static void next_derivatives(twin *t, uint64_t *random)
{
    const double last = t->error;
    t->error = test_uniform(random, 1, 2);
    if (test_below(random, 3) > 0)
        t->error = fmin(t->error, last);
    for (size_t i = 0; i < WEIGHTS; i++) {
        const double size = pow(10, (double)(i % 5) - 3);
        t->derivatives[i] = 0.8 * t->derivatives[i] + size * test_uniform(random, -1, 1);
        t->gradient[i] = test_below(random, 40) == 0 ? 0 : (bp_real)t->derivatives[i];
        t->derivatives[i] = (double)t->gradient[i];
    }
}

static void update(twin *t, const bp_workspace *workspace)
{
    t->step.error = t->error;
    t->step.number++;
    assert_ok(bpi_optimizer_step(bpi_optimizer_rule(t->optimizer.kind), workspace, &t->step));
}

static void follow(twin *t, double last_error)
{
    const double *d = t->derivatives;
    switch (t->optimizer.kind) {
    case OPTIMIZER_IRPROP_PLUS:
        reference_irprop_plus(t->exact, WEIGHTS, d, t->error > last_error);
        return;
    case OPTIMIZER_IRPROP_MINUS:
        reference_irprop_minus(t->exact, WEIGHTS, d);
        return;
    default:
        reference_quickprop(t->exact, WEIGHTS, d, t->optimizer.learning_rate, t->optimizer.parameter[0]);
    }
}

/* The weights, as a part of the largest step or weight so far: rounding of those is never lost. */
static double worst_difference(const twin *t, double *largest)
{
    double worst = 0;
    for (size_t i = 0; i < WEIGHTS; i++) {
        *largest = test_larger(*largest, test_larger(fabs(t->exact[i].w), fabs(t->exact[i].change)));
        worst = test_larger(worst, fabs((double)t->weights[i] - t->exact[i].w));
    }
    return worst / *largest;
}

static double follow_all(const kernel_table *table, bp_optimizer optimizer, const bp_workspace *workspace)
{
    uint64_t random = 13;
    double worst = 0, largest = 0;
    twin *t = new_twin(table, optimizer, &random);
    for (size_t n = 0; n < UPDATES; n++) {
        const double last_error = n == 0 ? INFINITY : t->error;
        next_derivatives(t, &random);
        update(t, workspace);
        follow(t, last_error);
        worst = test_larger(worst, worst_difference(t, &largest));
    }
    free(t);
    return worst / largest;
}

static void test_200_gradients(void **state)
{
    (void)state;
    const bp_optimizer optimizers[] = {bp_optimizer_irprop_plus(0.01), bp_optimizer_irprop_minus(0.1),
                                       bp_optimizer_quickprop(0.01, 1.75)};
    const kernel_table *table;
    bp_network *net = example_network(1);
    bp_workspace *workspace = NULL;
    assert_ok(bp_workspace_create(&workspace, net, 1));
    for (size_t i = 0; i < sizeof optimizers / sizeof optimizers[0]; i++)
        for (size_t t = 0; (table = supported_table(t)) != NULL; t++) {
            const double worst = follow_all(table, optimizers[i], workspace);
            print_message("%s, %s: %.2g\n", bpi_optimizer_rule(optimizers[i].kind)->name, table->name, worst);
            assert_true(worst < TOLERANCE(1e-6, 1e-12));
        }
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

/* ------------------------------------------------------------------ trajectories */

/* The weights of a network after so many updates, with derivatives of the library for the loops' weights. */
static double follow_network(bp_optimizer optimizer, size_t updates)
{
    const bp_data data = example_training();
    const bp_stop_rule rule = bp_stop_epochs(updates);
    bp_trainer_options options = options_with(&rule, 1);
    options.optimizer = optimizer;
    options.batch_size = 0;
    options.weight_decay = 0;
    options.reduction = BP_REDUCE_MEAN;
    pair both = make_pair(example_network(3), &options);
    follower exact;
    twin *t = new_array(1, sizeof *t);
    t->optimizer = optimizer;
    follower_start(&exact, both.net);
    for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++)
        t->exact[i] = (rule_weight){.w = exact.weights[i], .step = optimizer.learning_rate};
    for (size_t n = 0; n < updates; n++) {
        const double last_error = n == 0 ? INFINITY : t->error;
        size_t order[EXAMPLE_CASES];
        for (size_t i = 0; i < EXAMPLE_CASES; i++)
            order[i] = i;
        for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++) {
            exact.weights[i] = t->exact[i].w;
            exact.last_update[i] = 0;
        }
        follower_update(&exact, &data, order, EXAMPLE_CASES, true, 1, 0, 0);
        for (size_t i = 0; i < WEIGHTS; i++)
            t->derivatives[i] = i < EXAMPLE_WEIGHTS ? exact.gradient[i] : 0;
        t->error = exact.error;
        follow(t, last_error);
    }
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    double worst = 0, largest = 0;
    for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++) {
        largest = test_larger(largest, fabs(t->exact[i].w));
        worst = test_larger(worst, fabs((double)both.net->weights[i] - t->exact[i].w));
    }
    free(t);
    follower_end(&exact);
    end_pair(&both);
    return worst / largest;
}

static void test_20_updates_of_a_network(void **state)
{
    (void)state;
    /* A small rate: Quickprop goes by differences of derivatives, in which their rounding shows. */
    const bp_optimizer optimizers[] = {bp_optimizer_irprop_plus(0.1), bp_optimizer_irprop_minus(0.1),
                                       bp_optimizer_quickprop(0.02, 1.75)};
    for (size_t i = 0; i < sizeof optimizers / sizeof optimizers[0]; i++) {
        const double worst = follow_network(optimizers[i], 20);
        print_message("%s: %.2g\n", bpi_optimizer_rule(optimizers[i].kind)->name, worst);
        assert_true(worst < TOLERANCE(1e-4, 1e-9));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_200_gradients),
        cmocka_unit_test(test_20_updates_of_a_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
