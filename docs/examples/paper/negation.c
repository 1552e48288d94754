/*
 * Negation. Each output is the exclusive or of one input and the negation bit. Direct connections and one
 * hidden unit for each output can compute it; three hidden units without direct connections cannot.
 */
#include "negation.h"

#include <math.h>
#include <stdlib.h>

enum { INPUTS = 4, BITS = 3, CASES = 16 };

static const bp_data *cases(void)
{
    static bp_data data;
    static bp_real targets[CASES * BITS];
    if (data.cases > 0)
        return &data;
    const bp_real *inputs = paper_all_patterns(INPUTS);
    for (size_t c = 0; c < CASES; c++)
        for (size_t i = 0; i < BITS; i++)
            targets[c * BITS + i] = (bp_real)((inputs[c * INPUTS] > 0) != (inputs[c * INPUTS + 1 + i] > 0));
    data = bp_data_view(CASES, inputs, INPUTS, targets, BITS);
    return &data;
}

paper_task negation_task(size_t hidden, int direct, double range)
{
    return (paper_task){.units = {INPUTS, hidden, BITS},
                        .layers = 3,
                        .direct = direct,
                        .range = range,
                        .rate = 0.25,
                        .momentum = 0.9,
                        .tolerance = 0.2,
                        .limit = 5000,
                        .data = cases()};
}

/* The index of the largest |w| of BITS weights at that stride. */
static size_t largest(const bp_real *w, size_t stride)
{
    size_t best = 0;
    for (size_t i = 1; i < BITS; i++)
        if (fabs((double)w[i * stride]) > fabs((double)w[best * stride]))
            best = i;
    return best;
}

static int three_xors(const bp_network *net)
{
    bp_layer *input = bp_network_layer(net, 0), *hidden = bp_network_layer(net, 1),
             *output = bp_network_layer(net, 2);
    bp_real lower[BITS * INPUTS], upper[BITS * BITS];
    int computed[BITS] = {0}; /* by a hidden unit of its own */
    paper_check(
        bp_connection_get_weights(bp_network_find_connection(net, input, hidden), lower, BITS * INPUTS));
    paper_check(
        bp_connection_get_weights(bp_network_find_connection(net, hidden, output), upper, BITS * BITS));
    for (size_t j = 0; j < BITS; j++) {
        size_t bit = largest(lower + j * INPUTS + 1, 1);
        if (largest(upper + j, BITS) == bit)
            computed[bit] = 1;
    }
    return computed[0] && computed[1] && computed[2];
}

void negation_run(const void *setting, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                  bp_network **net)
{
    const paper_task *task = setting;
    paper_task_run(task, seed, outcome, history, net);
    if (outcome->solved && task->units[1] == BITS)
        outcome->metric[NEGATION_THREE_XORS] = three_xors(*net);
}

/* ----------------------------------------------------------------------- report */

static void report_chapter(const paper_options *options)
{
    bp_network *net = NULL;
    paper_sample history = {0};
    paper_task task = negation_task(3, 1, 0.3);
    paper_summary s = paper_run_seeds(negation_run, &task, options, &net, &history);
    paper_table("4-3-3 with direct connections, an update per sweep, learning rate 0.25, momentum 0.9, "
                "initial weights in ±0.3",
                options);
    paper_row_solved(&s, "yes", PAPER_LENS);
    paper_row_sweeps(&s, "about 5,000", PAPER_MEMORY);
    paper_row_unsolved_error(&s, NULL, PAPER_NONE);
    paper_row_share("each hidden unit computes the exclusive or of one bit", "yes", PAPER_MEMORY,
                    &s.metric[NEGATION_THREE_XORS]);
    paper_hinton_network(options, "negation-weights", "Negation: 4-3-3 with direct connections", net);
    paper_curve(options, "negation-error", "Negation: error of 4-3-3 with direct connections", &history);
    bp_network_destroy(net);
    paper_sample_free(&history);
    paper_summary_free(&s);
}

static void report_others(const paper_options *options)
{
    static const struct {
        const char *what;
        size_t hidden;
        int direct;
        double range;
        size_t batch;
        double momentum;
    } settings[] = {{"4-3-3, direct connections, initial weights in ±1", 3, 1, 1, 0, 0.9},
                    {"4-3-3, direct connections, ±0.3, an update per case", 3, 1, 0.3, 1, 0.9},
                    {"the same without momentum", 3, 1, 0.3, 1, 0},
                    {"4-3-3 without direct connections, ±0.3", 3, 0, 0.3, 0, 0.9},
                    {"4-3-3 without direct connections, ±1", 3, 0, 1, 0, 0.9},
                    {"4-6-3 without direct connections, ±1", 6, 0, 1, 0, 0.9}};
    paper_table("Other settings, learning rate 0.25, momentum 0.9, an update per sweep unless stated; at "
                "most 5,000 sweeps",
                options);
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        paper_task task = negation_task(settings[i].hidden, settings[i].direct, settings[i].range);
        task.batch = settings[i].batch;
        task.momentum = settings[i].momentum;
        paper_summary s = paper_task_seeds(&task, options);
        paper_row_summary(settings[i].what, NULL, PAPER_NONE, &s);
        paper_summary_free(&s);
    }
}

void negation_report(const paper_options *options)
{
    report_chapter(options);
    report_others(options);
}
