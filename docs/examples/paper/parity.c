/*
 * Parity, exclusive or of N inputs: patterns that differ least are to be told apart, those alike in most
 * inputs never belong together. N hidden units are enough, if each is to come on with one input more.
 */
#include "parity.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST_BITS = 8 };

static size_t ones(const bp_real *pattern, size_t bits)
{
    size_t count = 0;
    for (size_t i = 0; i < bits; i++)
        count += pattern[i] > 0;
    return count;
}

static const bp_data *cases(size_t bits)
{
    static bp_data data[MOST_BITS + 1];
    if (data[bits].cases > 0)
        return &data[bits];
    size_t count = (size_t)1 << bits;
    const bp_real *inputs = paper_all_patterns(bits);
    bp_real *targets = paper_allocate(count, sizeof *targets);
    for (size_t c = 0; c < count; c++)
        targets[c] = (bp_real)(ones(inputs + c * bits, bits) % 2);
    data[bits] = bp_data_view(count, inputs, bits, targets, 1);
    return &data[bits];
}

paper_task parity_task(size_t bits, size_t hidden, double rate, double range)
{
    return (paper_task){.units = {bits, hidden, 1},
                        .layers = 3,
                        .range = range,
                        .rate = rate,
                        .momentum = 0.9,
                        .tolerance = 0.2,
                        .limit = 5000,
                        .data = cases(bits)};
}

paper_task parity_task_four(int per_case)
{
    paper_task task = parity_task(4, 4, 0.5, 0.3);
    task.batch = per_case ? 1 : 0;
    task.limit = 10000;
    return task;
}

/* ------------------------------------------------------------ the hidden units */

/* What a hidden unit does for each number of inputs on, 0 or 1; MIXED if that depends on which they are. */
enum { MIXED = 2, UNKNOWN = 3 };

static void responses(const bp_real *hidden, size_t units, size_t unit, const bp_data *data, int *response)
{
    for (size_t n = 0; n <= data->input_width; n++)
        response[n] = UNKNOWN;
    for (size_t c = 0; c < data->cases; c++) {
        size_t n = ones(data->inputs + c * data->input_width, data->input_width);
        int on = (double)hidden[c * units + unit] > 0.5;
        response[n] = response[n] == UNKNOWN || response[n] == on ? on : MIXED;
    }
}

/* One change at the most, from off to on or from on to off. */
static int counts(const int *response, size_t bits)
{
    size_t changes = 0;
    for (size_t n = 0; n <= bits; n++) {
        if (response[n] == MIXED)
            return 0;
        changes += n > 0 && response[n] != response[n - 1];
    }
    return changes <= 1;
}

void parity_run(const void *setting, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                bp_network **net)
{
    const paper_task *task = setting;
    paper_task_run(task, seed, outcome, history, net);
    if (!outcome->solved)
        return;
    int response[MOST_BITS + 1], all = 1;
    bp_real *hidden = paper_outputs(*net, task->data, "hidden1");
    for (size_t j = 0; j < task->units[1]; j++) {
        responses(hidden, task->units[1], j, task->data, response);
        all = all && counts(response, task->units[0]);
    }
    outcome->figure[PARITY_COUNTS] = all;
    free(hidden);
}

/* ----------------------------------------------------------------------- report */

/* Rates and start weights that do well: the more cases, the smaller the rate that their sum allows. */
static const struct {
    size_t bits;
    double rate, range;
} settings[] = {{2, 0.5, 0.3}, {3, 0.5, 0.3}, {4, 0.25, 2}, {5, 0.1, 2},
                {6, 0.05, 2},  {7, 0.03, 2},  {8, 0.02, 3}};

static void report_sizes(const paper_options *options)
{
    paper_table(
        "N = 2 to 8, with N and with 2N hidden units; whole sweeps, momentum 0.9, at most 5,000 sweeps",
        options);
    for (size_t i = 0; i < 2 * sizeof settings / sizeof settings[0]; i++) {
        size_t bits = settings[i / 2].bits, hidden = bits * (i % 2 + 1);
        char what[64];
        paper_task task = parity_task(bits, hidden, settings[i / 2].rate, settings[i / 2].range);
        paper_summary s = paper_task_seeds(&task, options);
        snprintf(what, sizeof what, "%zu-%zu-1, rate %g, start weights in ±%g", bits, hidden, task.rate,
                 task.range);
        paper_row_summary(what, NULL, PAPER_NONE, &s);
        paper_summary_free(&s);
    }
}

static void print_hidden(const bp_network *net, const bp_data *data)
{
    int response[MOST_BITS + 1];
    size_t units = bp_layer_units(bp_network_layer(net, 1));
    bp_real *hidden = paper_outputs(net, data, "hidden1");
    printf("\n| inputs on |");
    for (size_t n = 0; n <= data->input_width; n++)
        printf(" %zu |", n);
    printf("\n|---|");
    for (size_t n = 0; n <= data->input_width; n++)
        printf("---|");
    for (size_t j = 0; j < units; j++) {
        responses(hidden, units, j, data, response);
        printf("\n| unit %zu |", j + 1);
        for (size_t n = 0; n <= data->input_width; n++)
            printf(" %c |", "01?"[response[n]]);
    }
    printf("\n");
    free(hidden);
}

/* Two rows of the table, and the weights of the first solved run; hands out the network. */
static bp_network *report_four(int per_case, const char *picture, const char *title,
                               const paper_options *options)
{
    char name[64], caption[96];
    bp_network *net = NULL;
    paper_sample history = {0};
    paper_task task = parity_task_four(per_case);
    paper_summary s = paper_run_seeds(parity_run, &task, options, &net, &history);
    paper_row_summary(title, "2,825 sweeps", PAPER_NOTES, &s);
    paper_row_share("of these, all hidden units count inputs", "yes", PAPER_SUMMARY,
                    &s.figure[PARITY_COUNTS]);
    snprintf(caption, sizeof caption, "Parity: %s", title);
    paper_hinton_network(options, picture, caption, net);
    snprintf(name, sizeof name, "%s-error", picture);
    paper_curve(options, name, caption, &history);
    paper_sample_free(&history);
    paper_summary_free(&s);
    return net;
}

static void report_chapter(const paper_options *options)
{
    paper_table("4-4-1, rate 0.5, momentum 0.9, start weights in ±0.3, at most 10,000 sweeps", options);
    bp_network *counting = report_four(1, "parity", "4-4-1, a change per case", options);
    bp_network *other = report_four(0, "parity-sweeps", "4-4-1, whole sweeps", options);
    printf(
        "\nThe hidden units of a solved run, by how many inputs are on (1: on, 0: off, ?: depends on which)."
        " A change per case:\n");
    print_hidden(counting, cases(4));
    printf("\nWhole sweeps:\n");
    print_hidden(other, cases(4));
    bp_network_destroy(counting);
    bp_network_destroy(other);
}

void parity_report(const paper_options *options)
{
    report_chapter(options);
    report_sizes(options);
}
