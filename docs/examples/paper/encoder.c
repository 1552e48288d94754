/* The encoder of the chapter: log2 N hidden units learn a code for N one-hot inputs. */
#include "encoder.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX_UNITS = 32 };

static const bp_data *cases(size_t units)
{
    static bp_data data[MAX_UNITS + 1];
    if (data[units].cases == 0) {
        bp_real *identity = paper_allocate(units * units, sizeof *identity);
        for (size_t i = 0; i < units; i++)
            identity[i * units + i] = 1;
        data[units] = bp_data_view(units, identity, units, identity, units);
    }
    return &data[units];
}

paper_task encoder_task(size_t units, size_t hidden, double rate)
{
    return (paper_task){.units = {units, hidden, units},
                        .layers = 3,
                        .range = 0.3,
                        .rate = rate,
                        .momentum = 0.9,
                        .tolerance = 0.2,
                        .limit = 10000,
                        .data = cases(units)};
}

/* The hidden outputs of a case, rounded, as the bits of a number. */
static unsigned code_of(const bp_real *hidden, size_t units)
{
    unsigned code = 0;
    for (size_t j = 0; j < units; j++)
        code = code << 1 | ((double)hidden[j] > 0.5);
    return code;
}

static int all_differ(const bp_real *hidden, size_t cases_count, size_t units)
{
    for (size_t a = 0; a < cases_count; a++)
        for (size_t b = 0; b < a; b++)
            if (code_of(hidden + a * units, units) == code_of(hidden + b * units, units))
                return 0;
    return 1;
}

void encoder_run(const void *setting, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                 bp_network **net)
{
    const paper_task *task = setting;
    paper_task_run(task, seed, outcome, history, net);
    if (!outcome->solved)
        return;
    size_t count = task->units[0], units = task->units[1], between = 0;
    bp_real *hidden = paper_outputs(*net, task->data, "hidden1");
    for (size_t i = 0; i < count * units; i++)
        between += (double)hidden[i] > 0.2 && (double)hidden[i] < 0.8;
    outcome->metric[ENCODER_BINARY] = all_differ(hidden, count, units);
    outcome->metric[ENCODER_INTERMEDIATE] = (double)between / (double)(count * units);
    free(hidden);
}

/* ----------------------------------------------------------------------- report */

static void print_codes(const bp_network *net, const bp_data *data, const paper_options *options)
{
    size_t units = bp_layer_units(bp_network_layer(net, 1));
    bp_real *hidden = paper_outputs(net, data, "hidden1");
    printf("\nThe code of a solved run:\n\n| input on | hidden units |\n|---|---|\n");
    for (size_t c = 0; c < data->cases; c++) {
        printf("| %zu |", c + 1);
        for (size_t j = 0; j < units; j++)
            printf(" %.2f", (double)hidden[c * units + j]);
        printf(" |\n");
    }
    paper_panel panel = {
        "a row for each input, a column for each hidden unit", hidden, data->cases, units, NULL, NULL};
    paper_hinton(options, "encoder-code", "Encoder 8-3-8: hidden outputs", &panel, 1, 1);
    free(hidden);
}

static void report_eight(const paper_options *options)
{
    bp_network *net = NULL;
    paper_sample history = {0};
    paper_task task = encoder_task(8, 3, 0.1);
    paper_summary s = paper_run_seeds(encoder_run, &task, options, &net, &history);
    paper_table("8-3-8, an update per sweep, learning rate 0.1, momentum 0.9, initial weights in ±0.3",
                options);
    paper_row_solved(&s, "yes", PAPER_NOTES);
    paper_row_sweeps(&s, NULL, PAPER_NONE);
    paper_row_unsolved_error(&s, NULL, PAPER_NONE);
    paper_row_share("rounded hidden outputs are a binary code", "nearly", PAPER_MEMORY,
                    &s.metric[ENCODER_BINARY]);
    paper_row("share of hidden outputs between 0.2 and 0.8", "some", PAPER_MEMORY, "%s",
              paper_spread(&s.metric[ENCODER_INTERMEDIATE], 2));
    print_codes(net, task.data, options);
    paper_hinton_network(options, "encoder-weights", "Encoder: 8-3-8", net);
    paper_curve(options, "encoder-error", "Encoder: error of 8-3-8", &history);
    bp_network_destroy(net);
    paper_sample_free(&history);
    paper_summary_free(&s);
}

static void report_others(const paper_options *options)
{
    static const struct {
        size_t units, hidden;
        double rate;
        size_t batch;
    } settings[] = {{4, 2, 0.25, 0}, {16, 4, 0.05, 0}, {8, 2, 0.1, 0}, {8, 3, 0.5, 0}, {8, 3, 0.5, 1}};
    paper_table("Other sizes and rates; at most 10,000 sweeps", options);
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        char what[64];
        size_t units = settings[i].units, hidden = settings[i].hidden;
        paper_task task = encoder_task(units, hidden, settings[i].rate);
        task.batch = settings[i].batch;
        paper_summary s = paper_task_seeds(&task, options);
        snprintf(what, sizeof what, "%zu-%zu-%zu, learning rate %g, %s", units, hidden, units, task.rate,
                 task.batch == 1 ? "an update per case" : "an update per sweep");
        paper_row_summary(what, NULL, PAPER_NONE, &s);
        paper_summary_free(&s);
    }
}

void encoder_report(const paper_options *options)
{
    report_eight(options);
    report_others(options);
}
