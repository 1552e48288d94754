/*
 * A shift register: fully interconnected units start with a pattern of bits; two steps later their outputs
 * must be that pattern rotated by two places. Both steps have the same weights, so a rotation by one place at
 * each step is a solution.
 */
#include "shift_register.h"

#include <stdlib.h>

#include "task.h"

enum { MAX_UNITS = 5, STEPS = 2 };

/* ---------------------------------------------------------------------- the network */

/* The input connection shares the weights of the recurrent one, so the input acts as the units' outputs of
 * step 0. */
static bp_network *make_recurrent(size_t units)
{
    bp_network *net = NULL;
    bp_layer *start = NULL, *unit = NULL;
    bp_connection *first = NULL, *next = NULL;
    bp_connect_options next_step;
    bp_connect_options_init(&next_step, sizeof next_step);
    next_step.delayed = 1;
    paper_check(bp_network_create(&net, NULL));
    paper_check(bp_network_add_input(&start, net, "start", units));
    paper_check(bp_network_add_layer(&unit, net, "unit", units, bp_activation_logistic()));
    paper_check(bp_network_connect(&first, net, start, unit));
    paper_check(bp_network_connect_with(&next, net, unit, unit, &next_step));
    paper_check(bp_connection_share(next, first));
    paper_check(bp_network_finalize(net));
    paper_check(bp_network_set_weight_init(net, bp_weight_init_uniform(-0.3, 0.3)));
    return net;
}

static bp_network *make_network(size_t units)
{
    static const unsigned char input_steps[STEPS] = {1, 0}, output_steps[STEPS] = {0, 1};
    bp_network *recurrent = make_recurrent(units), *net = NULL;
    bp_unroll_options options;
    bp_unroll_options_init(&options, sizeof options);
    options.steps = STEPS;
    options.input_steps = input_steps;
    options.output_steps = output_steps;
    paper_check(bp_network_unroll(&net, recurrent, &options));
    bp_network_destroy(recurrent);
    return net;
}

/* ------------------------------------------------------------------------ the cases */

/* Every pattern, rotated to the left by that many places. The caller frees them. */
static bp_real *rotated(const bp_real *patterns, size_t cases, size_t units, size_t places)
{
    bp_real *result = paper_allocate(cases * units, sizeof *result);
    for (size_t c = 0; c < cases; c++)
        for (size_t j = 0; j < units; j++)
            result[c * units + j] = patterns[c * units + (j + places) % units];
    return result;
}

/* ---------------------------------------------------------------------------- a run */

/* Compares the outputs after the first step with the patterns rotated by one place. */
static void classify_first_step(const bp_network *net, const bp_data *data, double *metric)
{
    size_t units = data->input_width, same = 0;
    bp_real *outputs = paper_outputs(net, data, "unit@1");
    bp_real *by_one = rotated(data->inputs, data->cases, units, 1);
    for (size_t i = 0; i < data->cases * units; i++)
        same += (outputs[i] > (bp_real)0.5) == (by_one[i] > (bp_real)0.5);
    metric[SHIFT_REGISTER_SHIFTED] = same == data->cases * units;
    metric[SHIFT_REGISTER_INVERTED] = same == 0;
    free(by_one);
    free(outputs);
}

void shift_register_run(const void *units, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                        bp_network **net)
{
    const size_t n = *(const size_t *)units, cases = (size_t)1 << n;
    const bp_stop_rule rules[] = {bp_stop_within_tolerance(0.2), bp_stop_epochs(2000)};
    bp_real *patterns = paper_all_patterns(n);
    bp_real *targets = rotated(patterns, cases, n, STEPS);
    bp_data data = bp_data_view(cases, patterns, n, targets, n);
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.1, 0.9);
    options.stop_rules = rules;
    options.stop_rule_count = 2;

    *net = make_network(n);
    paper_check(bp_network_initialize(*net, seed));
    bp_result result = paper_train(*net, &data, &options, history);
    outcome->solved = result.reason == BP_STOP_WITHIN_TOLERANCE;
    outcome->sweeps = (double)result.epochs;
    outcome->error = result.error;
    if (outcome->solved)
        classify_first_step(*net, &data, outcome->metric);
    free(targets);
    free(patterns);
}

/* ----------------------------------------------------------------------- the report */

static void draw_weights(const paper_options *options, const char *name, const char *title,
                         const bp_network *net, size_t units)
{
    static const char *const names[MAX_UNITS] = {"1", "2", "3", "4", "5"};
    const bp_layer *first = bp_network_find_layer(net, "unit@1");
    const bp_connection *connection =
        bp_network_find_connection(net, bp_network_find_layer(net, "start@1"), first);
    bp_real weights[MAX_UNITS * MAX_UNITS], biases[MAX_UNITS];
    const paper_panel panels[] = {{"from unit (columns) to unit (rows)", weights, units, units, names, names},
                                  {"biases", biases, units, 1, names, NULL}};
    paper_check(bp_connection_get_weights(connection, weights, units * units));
    paper_check(bp_layer_get_biases(first, biases, units));
    paper_hinton(options, name, title, panels, 2, 2);
}

static void report(const paper_options *options, size_t units, const char *title, const char *picture,
                   const char *curve)
{
    bp_network *net = NULL;
    paper_sample history = {0};
    paper_table(title, options);
    paper_summary s = paper_run_seeds(shift_register_run, &units, options, &net, &history);
    paper_row_solved(&s, NULL, PAPER_NONE);
    paper_row_sweeps(&s, "fewer than 200", PAPER_MEMORY);
    paper_row("solved in fewer than 200 sweeps", NULL, PAPER_NONE, "%zu of %zu",
              paper_count_at_most(&s.sweeps, 199), s.runs);
    paper_row_share("after one step: the pattern rotated by one place", NULL, PAPER_NONE,
                    &s.metric[SHIFT_REGISTER_SHIFTED]);
    paper_row_share("after one step: rotated and inverted", NULL, PAPER_NONE,
                    &s.metric[SHIFT_REGISTER_INVERTED]);
    paper_row_error(&s);
    draw_weights(options, picture, title, net, units);
    paper_curve(options, curve, title, &history);
    paper_sample_free(&history);
    paper_summary_free(&s);
    bp_network_destroy(net);
}

void shift_register_report(const paper_options *options)
{
    report(options, 3, "Shift register of 3 units", "shift-register-3", "shift-register-3-error");
    report(options, 5, "Shift register of 5 units", "shift-register-5", "shift-register-5-error");
}
