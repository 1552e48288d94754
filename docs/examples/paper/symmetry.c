/* [RHW86] figure 1: is a row of six bits symmetric about its middle? */
#include "symmetry.h"

static const bp_data *cases(void)
{
    static bp_data data;
    static bp_real targets[64];
    if (data.cases == 0) {
        bp_real *inputs = paper_all_patterns(6);
        for (size_t c = 0; c < 64; c++) {
            const bp_real *x = inputs + 6 * c;
            int same = 1;
            for (int i = 0; i < 3; i++)
                same = same && (x[i] > 0) == (x[5 - i] > 0);
            targets[c] = (bp_real)same;
        }
        data = bp_data_view(64, inputs, 6, targets, 1);
    }
    return &data;
}

paper_task symmetry_task(void)
{
    return (paper_task){.units = {6, 2, 1},
                        .layers = 3,
                        .range = 0.3,
                        .rate = 0.1,
                        .momentum = 0.9,
                        .tolerance = 0.2,
                        .limit = 5000,
                        .data = cases()};
}

void symmetry_report(const paper_options *options)
{
    paper_task task = symmetry_task();
    paper_table("6-2-1", options);
    bp_network *net = NULL;
    paper_sample history = {0};
    paper_summary s = paper_run_seeds(paper_task_run, &task, options, &net, &history);
    paper_row_solved(&s, "1 of 1", PAPER_ARTICLE);
    paper_row_sweeps(&s, "1,425", PAPER_ARTICLE);
    paper_row_error(&s);
    paper_diagram(options, "symmetry", "Symmetry, 6-2-1", net);
    paper_hinton_network(options, "symmetry-weights", "Symmetry, 6-2-1", net);
    paper_curve(options, "symmetry-error", "Symmetry, 6-2-1", &history);
}
