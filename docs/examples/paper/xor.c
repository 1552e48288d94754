/*
 * Exclusive or. A network needs a hidden unit for it; the chapter shows two that learn it, one with two
 * hidden units and one with a single one and connections from the inputs straight to the output.
 */
#include "xor.h"

static const bp_real inputs[] = {0, 0, 0, 1, 1, 0, 1, 1};
static const bp_real targets[] = {0, 1, 1, 0};

static const bp_data *cases(void)
{
    static bp_data data;
    data = bp_data_view(4, inputs, 2, targets, 1);
    return &data;
}

paper_task xor_task_221(double range)
{
    return (paper_task){.units = {2, 2, 1},
                        .layers = 3,
                        .range = range,
                        .rate = 0.5,
                        .momentum = 0.9,
                        .tolerance = 0.2,
                        .limit = 5000,
                        .data = cases()};
}

paper_task xor_task_211(void)
{
    paper_task task = xor_task_221(1);
    task.units[1] = 1;
    task.direct = 1;
    return task;
}

void xor_report(const paper_options *options)
{
    paper_task task = xor_task_221(0.3);
    paper_table("2-2-1, start weights in +-0.3", options);
    bp_network *net = NULL;
    paper_sample history = {0};
    paper_summary s = paper_run_seeds(paper_task_run, &task, options, &net, &history);
    paper_row_solved(&s, "all but 2 of hundreds", PAPER_NOTES);
    paper_row_sweeps(&s, NULL, PAPER_NONE);
    paper_row_error(&s);
    paper_diagram(options, "xor-2-2-1", "XOR, 2-2-1", net);
    paper_hinton_network(options, "xor-2-2-1-weights", "XOR, 2-2-1", net);
    paper_curve(options, "xor-error", "XOR, 2-2-1", &history);
}
