/* The optimizer rules against those of PyTorch: data/rules.txt, made by data/make_rules.py. */
#include "support/arrays.h"
#include "support/kernels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "train/optimizer.h"

enum { COPIES = 11, NAME = 32 }; /* so many of the weights side by side: whole vectors, and a part of one */
static const double unit = 4096;

/* The file: what all rules have in common, then one rule after another. */
typedef struct oracle {
    FILE *file;
    size_t updates, weights, cases, inputs, hidden, outputs, net_weights;
    bp_real *gradients, *cases_of_net, *start, *net_start;
} oracle;

typedef struct rule_line {
    char name[NAME];
    double rate, momentum, parameter[3], penalty;
} rule_line;

static double read_double(oracle *from)
{
    double number;
    assert_int_equal(fscanf(from->file, "%lf", &number), 1);
    return number;
}

static bp_real *read_whole(oracle *from, size_t count)
{
    bp_real *numbers = new_reals(count);
    for (size_t i = 0; i < count; i++)
        numbers[i] = (bp_real)(read_double(from) / unit);
    return numbers;
}

static oracle open_oracle(void)
{
    oracle o = {.file = fopen("data/rules.txt", "r")};
    assert_non_null(o.file);
    assert_int_equal(fscanf(o.file, "gradients %zu %zu", &o.updates, &o.weights), 2);
    o.gradients = read_whole(&o, o.updates * o.weights);
    assert_int_equal(fscanf(o.file, " cases %zu %zu %zu %zu", &o.cases, &o.inputs, &o.hidden, &o.outputs), 4);
    o.cases_of_net = read_whole(&o, o.cases * (o.inputs + o.outputs));
    o.net_weights = (o.inputs + 1) * o.hidden + (o.hidden + 1) * o.outputs;
    o.start = read_whole(&o, o.weights);
    o.net_start = read_whole(&o, o.net_weights);
    return o;
}

static void close_oracle(oracle *o)
{
    fclose(o->file);
    free(o->gradients);
    free(o->cases_of_net);
    free(o->start);
    free(o->net_start);
}

static bool next_rule(oracle *from, rule_line *line)
{
    char word[NAME];
    assert_int_equal(fscanf(from->file, "%31s", word), 1);
    if (strcmp(word, "end") == 0)
        return false;
    assert_string_equal(word, "rule");
    assert_int_equal(fscanf(from->file, "%31s", line->name), 1);
    line->rate = read_double(from);
    line->momentum = read_double(from);
    for (size_t i = 0; i < 3; i++)
        line->parameter[i] = read_double(from);
    line->penalty = read_double(from);
    return true;
}

static bp_optimizer optimizer_of(const rule_line *line)
{
    const double *p = line->parameter;
    /* As the file names them, in this order. */
    const char *const names[] = {"momentum", "nesterov", "adagrad",     "rmsprop",
                                 "adam",     "adamw",    "irprop_minus"};
    const bp_optimizer all[] = {
        bp_optimizer_momentum(line->rate, line->momentum),
        bp_optimizer_nesterov(line->rate, line->momentum),
        bp_optimizer_adagrad(line->rate),
        bp_optimizer_rmsprop(line->rate, p[0]),
        bp_optimizer_adam(line->rate, line->momentum, p[0], p[1]),
        bp_optimizer_adamw(line->rate, line->momentum, p[0], p[1], p[2]),
        bp_optimizer_irprop_minus(line->rate),
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (strcmp(names[i], line->name) == 0)
            return all[i];
    fail_msg("no rule %s", line->name);
    return all[0];
}

/* ------------------------------------------------------------- recorded gradients */

/* A rule that follows the gradients with a table of kernels. */
typedef struct follower {
    const kernel_table *table;
    bp_workspace *workspace;
    bp_optimizer optimizer;
    optimizer_state state;
    double penalty;
    bp_real *weights, *gradient;
    size_t count;
} follower;

static const bp_allocator *allocator_of(const follower *f)
{
    return &f->workspace->network->allocator;
}

static follower new_follower(const oracle *o, const rule_line *line, bp_workspace *workspace)
{
    follower f = {.workspace = workspace,
                  .optimizer = optimizer_of(line),
                  .penalty = line->penalty,
                  .count = COPIES * o->weights};
    f.weights = new_reals(f.count);
    f.gradient = new_reals(f.count);
    assert_true(bpi_optimizer_state_create(&f.state, allocator_of(&f), &f.optimizer, f.count));
    return f;
}

static void start_over(follower *f, const oracle *o, const kernel_table *table)
{
    f->table = table;
    bpi_optimizer_state_zero(&f->state, f->count);
    for (size_t i = 0; i < f->count; i++)
        f->weights[i] = o->start[i % o->weights];
}

static void free_follower(follower *f)
{
    bpi_optimizer_state_clear(&f->state, allocator_of(f));
    free(f->weights);
    free(f->gradient);
}

static void follow(follower *f, const bp_real *gradient, size_t weights)
{
    for (size_t i = 0; i < f->count; i++)
        f->gradient[i] = gradient[i % weights];
    optimizer_step step = {.kernel = f->table,
                           .weights = f->weights,
                           .gradient = f->gradient,
                           .state = f->state.vectors,
                           .state_stride = f->count,
                           .count = f->count,
                           .learning_rate = f->optimizer.learning_rate,
                           .momentum = f->optimizer.momentum,
                           .penalty = f->penalty,
                           .decay_factor = 1,
                           .optimizer = &f->optimizer,
                           .scalars = f->state.scalars,
                           .number = ++f->state.updates};
    assert_ok(bpi_optimizer_step(bpi_optimizer_rule(f->optimizer.kind), f->workspace, &step));
}

/* As a part of the largest weight: small ones are sums of as many rounded updates as large ones. */
static void compare(const follower *f, const oracle *o, const double *wanted, const rule_line *line,
                    double *worst)
{
    const double largest = max_abs(wanted, o->weights);
    for (size_t i = 0; i < f->count; i++) {
        const double w = wanted[i % o->weights];
        const double difference = fabs((double)f->weights[i] - w) / largest;
        *worst = test_larger(*worst, difference);
        if (!(difference <= TOLERANCE(1e-6, 1e-12)))
            fail_msg("%s, %s, update %llu, weight %zu: %.17g, but %.17g for PyTorch", line->name,
                     f->table->name, (unsigned long long)f->state.updates, i, (double)f->weights[i], w);
    }
}

static void check_gradients(oracle *o, const rule_line *line, bp_workspace *workspace)
{
    enum { SHOWN = 7 };
    follower f = new_follower(o, line, workspace);
    const kernel_table *table;
    double wanted[SHOWN][64], worst = 0;
    uint64_t numbers[SHOWN];
    for (size_t n = 0; n < SHOWN; n++) {
        numbers[n] = (uint64_t)read_double(o);
        for (size_t i = 0; i < o->weights; i++)
            wanted[n][i] = read_double(o);
    }
    for (size_t t = 0; (table = supported_table(t)) != NULL; t++) {
        start_over(&f, o, table);
        for (size_t n = 0; n < SHOWN; n++) {
            while (f.state.updates < numbers[n])
                follow(&f, o->gradients + f.state.updates * o->weights, o->weights);
            compare(&f, o, wanted[n], line, &worst);
        }
    }
    print_message("%-13s 200 gradients: %.2g\n", line->name, worst);
    free_follower(&f);
}

/* ------------------------------------------------------------------ trajectories */

static bp_network *start_network(const oracle *o)
{
    bp_network *net = NULL;
    const size_t units[] = {o->inputs, o->hidden, o->outputs};
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    assert_ok(bp_network_set_weights(net, o->net_start, o->net_weights));
    return net;
}

static void train(bp_network *net, const oracle *o, const rule_line *line, size_t steps, double *errors)
{
    const size_t width = o->inputs + o->outputs;
    bp_data data =
        bp_data_view(o->cases, o->cases_of_net, o->inputs, o->cases_of_net + o->inputs, o->outputs);
    data.input_stride = data.target_stride = width;
    const bp_stop_rule rule = bp_stop_epochs(steps);
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = optimizer_of(line);
    options.reduction = BP_REDUCE_MEAN;
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    options.keep_history = 1;
    bp_trainer *trainer = NULL;
    assert_ok(bp_trainer_create(&trainer, net, &options));
    assert_ok(bp_trainer_run(trainer, &data, NULL, NULL));
    size_t count;
    const double *history = bp_trainer_history(trainer, &count);
    assert_int_equal(count, steps);
    for (size_t i = 0; i < steps; i++)
        errors[i] = history[i] / (double)o->cases;
    bp_trainer_destroy(trainer);
}

static void check_trajectory(oracle *o, const rule_line *line)
{
    enum { STEPS = 20 };
    double wanted[64], errors[STEPS], worst = 0;
    bp_network *net = start_network(o);
    size_t count;
    for (size_t i = 0; i < o->net_weights; i++)
        wanted[i] = read_double(o);
    if (line->penalty == 0)
        train(net, o, line, STEPS, errors);
    for (size_t i = 0; i < STEPS; i++) {
        const double error = read_double(o);
        if (line->penalty == 0)
            assert_true(fabs(errors[i] / error - 1) <= TOLERANCE(1e-4, 1e-9));
    }
    const bp_real *weights = bp_network_weights(net, &count);
    assert_int_equal(count, o->net_weights);
    for (size_t i = 0; i < count && line->penalty == 0; i++)
        worst = test_larger(worst, fabs((double)weights[i] - wanted[i]) / fabs(wanted[i]));
    print_message("%-13s  20 updates of a network: %.2g\n", line->name, worst);
    assert_true(worst <= TOLERANCE(1e-4, 1e-9));
    bp_network_destroy(net);
}

static void test_rules_against_pytorch(void **state)
{
    (void)state;
    oracle o = open_oracle();
    rule_line line;
    size_t rules = 0;
    bp_network *net = start_network(&o);
    bp_workspace *workspace = NULL;
    assert_ok(bp_workspace_create(&workspace, net, 1));
    for (; next_rule(&o, &line); rules++) {
        check_gradients(&o, &line, workspace);
        check_trajectory(&o, &line);
    }
    assert_int_equal(rules, 11);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    close_oracle(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rules_against_pytorch)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
