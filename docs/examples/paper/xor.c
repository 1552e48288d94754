/*
 * Exclusive or. It needs a hidden unit. The chapter shows two networks that learn it: one with two hidden
 * units, and one with a single hidden unit and direct connections from the inputs to the output.
 */
#include "xor.h"

#include <math.h>
#include <stdio.h>

static const bp_data *cases(void)
{
    static const bp_real inputs[] = {0, 0, 0, 1, 1, 0, 1, 1};
    static const bp_real targets[] = {0, 1, 1, 0};
    static bp_data data;
    data = bp_data_view(4, inputs, 2, targets, 1);
    return &data;
}

paper_task xor_task(size_t hidden, int direct, double rate, double range)
{
    return (paper_task){.units = {2, hidden, 1},
                        .layers = 3,
                        .direct = direct,
                        .range = range,
                        .rate = rate,
                        .momentum = 0.9,
                        .tolerance = 0.2,
                        .limit = 5000,
                        .data = cases()};
}

/* One row of the table and, unless picture is NULL, pictures of its first solved run. */
static void row(const char *what, const char *reported, paper_source source, const paper_task *task,
                const char *picture, const paper_options *options)
{
    bp_network *net = NULL;
    paper_sample history = {0};
    paper_summary s = paper_run_seeds(paper_task_run, task, options, &net, &history);
    paper_row_summary(what, reported, source, &s);
    if (picture != NULL) {
        char name[64], title[96];
        snprintf(title, sizeof title, "Exclusive or: %s", what);
        paper_diagram(options, picture, title, net);
        snprintf(name, sizeof name, "%s-weights", picture);
        paper_hinton_network(options, name, title, net);
        snprintf(name, sizeof name, "%s-error", picture);
        paper_curve(options, name, title, &history);
    }
    bp_network_destroy(net);
    paper_sample_free(&history);
    paper_summary_free(&s);
}

static void report_networks(const paper_options *options)
{
    paper_task wide = xor_task(2, 0, 0.5, 1), narrow = xor_task(2, 0, 0.5, 0.3);
    paper_task direct = xor_task(1, 1, 0.5, 1), narrow_direct = xor_task(1, 1, 0.5, 0.3);
    paper_task slow = xor_task(2, 0, 0.25, 0.3), per_case = slow, direct_per_case = narrow_direct;
    per_case.batch = direct_per_case.batch = 1;
    paper_task no_momentum = direct_per_case;
    no_momentum.momentum = 0;
    paper_table("An update per sweep, momentum 0.9, learning rate 0.5 unless stated", options);
    row("2-2-1, initial weights in ±1", NULL, PAPER_NONE, &wide, "xor-2-2-1", options);
    row("2-2-1, initial weights in ±0.3", NULL, PAPER_NONE, &narrow, NULL, options);
    row("2-1-1 with direct connections, ±1", "558 sweeps", PAPER_NOTES, &direct, "xor-2-1-1", options);
    row("2-1-1 with direct connections, ±0.3", "558 sweeps", PAPER_NOTES, &narrow_direct, NULL, options);
    row("2-1-1 with direct connections, ±0.3, per case", "558 sweeps", PAPER_NOTES, &direct_per_case, NULL,
        options);
    row("the same without momentum", "558 sweeps", PAPER_NOTES, &no_momentum, NULL, options);
    row("2-2-1, ±0.3, learning rate 0.25", "2 local minima in hundreds of runs", PAPER_NOTES, &slow, NULL,
        options);
    row("2-2-1, ±0.3, learning rate 0.25, per case", "2 local minima in hundreds of runs", PAPER_NOTES,
        &per_case, NULL, options);
}

/* A finding of Y. Chauvin quoted in the chapter: more hidden units learn in fewer presentations. */
static void report_hidden_units(const paper_options *options)
{
    paper_table("2-H-1, an update per case, shuffled order, learning rate 0.25, momentum 0.9, initial "
                "weights in ±0.3",
                options);
    for (size_t hidden = 2; hidden <= 32; hidden *= 2) {
        char what[32], reported[32];
        paper_task task = xor_task(hidden, 0, 0.25, 0.3);
        task.batch = 1;
        snprintf(what, sizeof what, "H = %zu", hidden);
        snprintf(reported, sizeof reported, "280 - 33 log2 H = %.0f sweeps", 280 - 33 * log2((double)hidden));
        row(what, reported, PAPER_NOTES, &task, NULL, options);
    }
}

void xor_report(const paper_options *options)
{
    report_networks(options);
    report_hidden_units(options);
}
