/*
 * Parity, the exclusive or of N inputs. Patterns that differ in a single bit always have different targets. N
 * hidden units are enough: unit k detects that at least k inputs are on (a thermometer code).
 */
#include "parity.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX_BITS = 8 };

static size_t ones(const bp_real *pattern, size_t bits)
{
    size_t count = 0;
    for (size_t i = 0; i < bits; i++)
        count += pattern[i] > 0;
    return count;
}

static const bp_data *cases(size_t bits)
{
    static bp_data data[MAX_BITS + 1];
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

paper_task parity_task_four(parity_updates updates)
{
    paper_task task = parity_task(4, 4, 0.5, 0.3);
    task.batch = updates == PARITY_PER_SWEEP ? 0 : 1;
    task.fixed_order = updates == PARITY_PER_CASE_FIXED;
    task.limit = 10000;
    return task;
}

/* ------------------------------------------------------------ the hidden units */

/* The rounded output of a hidden unit by the number of inputs on; MIXED if it depends on which are on. */
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

/* The number of inputs on at which the unit switches, on or off, or 0 if it has no such threshold: it never
 * switches, switches more than once, or its output depends on which inputs are on. */
static size_t threshold(const int *response, size_t bits)
{
    size_t found = 0;
    if (response[0] == MIXED)
        return 0;
    for (size_t n = 1; n <= bits; n++) {
        if (response[n] == MIXED || (response[n] != response[n - 1] && found > 0))
            return 0;
        if (response[n] != response[n - 1])
            found = n;
    }
    return found;
}

/* Whether all hidden units have thresholds, and whether these are all of 1 to N: a thermometer code. */
static void measure_thresholds(const bp_real *hidden, const paper_task *task, double *metric)
{
    size_t bits = task->units[0], units = task->units[1], with_threshold = 0, different = 0;
    int response[MAX_BITS + 1], used[MAX_BITS + 1] = {0};
    for (size_t j = 0; j < units; j++) {
        responses(hidden, units, j, task->data, response);
        size_t at = threshold(response, bits);
        with_threshold += at > 0;
        different += at > 0 && !used[at];
        used[at] = 1;
    }
    metric[PARITY_THRESHOLDS] = with_threshold == units;
    metric[PARITY_THERMOMETER] = different == bits;
}

void parity_run(const void *setting, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                bp_network **net)
{
    const paper_task *task = setting;
    paper_task_run(task, seed, outcome, history, net);
    if (!outcome->solved)
        return;
    bp_real *hidden = paper_outputs(*net, task->data, "hidden1");
    measure_thresholds(hidden, task, outcome->metric);
    free(hidden);
}

/* ----------------------------------------------------------------------- report */

/* Settings that do well. With more cases the summed gradient is larger, and the learning rate must be
 * smaller. */
static const struct {
    size_t bits;
    double rate, range;
} settings[] = {{2, 0.5, 0.3}, {3, 0.5, 0.3}, {4, 0.25, 2}, {5, 0.1, 2},
                {6, 0.05, 2},  {7, 0.03, 2},  {8, 0.02, 3}};

static void report_sizes(const paper_options *options)
{
    paper_table("N = 2 to 8, with N and with 2N hidden units; an update per sweep, momentum 0.9, at most "
                "5,000 sweeps",
                options);
    for (size_t i = 0; i < 2 * sizeof settings / sizeof settings[0]; i++) {
        size_t bits = settings[i / 2].bits, hidden = bits * (i % 2 + 1);
        char what[96];
        paper_task task = parity_task(bits, hidden, settings[i / 2].rate, settings[i / 2].range);
        paper_summary s = paper_task_seeds(&task, options);
        snprintf(what, sizeof what, "%zu-%zu-1, learning rate %g, initial weights in ±%g", bits, hidden,
                 task.rate, task.range);
        paper_row_summary(what, NULL, PAPER_NONE, &s);
        paper_summary_free(&s);
    }
}

/* A table of the hidden units' responses. */
static void print_hidden(const char *title, const bp_network *net, const bp_data *data)
{
    int response[MAX_BITS + 1];
    size_t units = bp_layer_units(bp_network_layer(net, 1));
    bp_real *hidden = paper_outputs(net, data, "hidden1");
    printf("\n%s:\n\n| inputs on |", title);
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

/* Rows of the table and the pictures of the first solved run, whose network is returned. */
static bp_network *report_four(parity_updates updates, const char *picture, const char *title,
                               const paper_options *options)
{
    char name[64], caption[96];
    bp_network *net = NULL;
    paper_sample history = {0};
    paper_task task = parity_task_four(updates);
    paper_summary s = paper_run_seeds(parity_run, &task, options, &net, &history);
    paper_row_summary(title, "2,825 sweeps", PAPER_NOTES, &s);
    paper_row_share("of these, every hidden unit has a threshold", NULL, PAPER_NONE,
                    &s.metric[PARITY_THRESHOLDS]);
    paper_row_share("of these, hidden units are a thermometer code", "yes", PAPER_SUMMARY,
                    &s.metric[PARITY_THERMOMETER]);
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
    static const struct {
        parity_updates updates;
        const char *picture, *title;
    } rows[] = {{PARITY_PER_CASE, "parity", "4-4-1, an update per case, shuffled order"},
                {PARITY_PER_CASE_FIXED, "parity-fixed-order", "4-4-1, an update per case, fixed order"},
                {PARITY_PER_SWEEP, "parity-sweeps", "4-4-1, an update per sweep"}};
    enum { ROWS = sizeof rows / sizeof rows[0] };
    bp_network *nets[ROWS];
    paper_table("4-4-1, learning rate 0.5, momentum 0.9, initial weights in ±0.3, at most 10,000 sweeps",
                options);
    for (size_t i = 0; i < ROWS; i++)
        nets[i] = report_four(rows[i].updates, rows[i].picture, rows[i].title, options);
    printf(
        "\nThe hidden units of the first solved run (1: on, 0: off, ?: depends on which inputs are on).\n");
    for (size_t i = 0; i < ROWS; i++) {
        print_hidden(rows[i].title, nets[i], cases(4));
        bp_network_destroy(nets[i]);
    }
}

void parity_report(const paper_options *options)
{
    report_chapter(options);
    report_sizes(options);
}
