/*
 * [RHW86] figure 1. A single unit cannot tell; two hidden units can, with weights that are equal and opposite
 * about the middle, so that a symmetric row leaves both off, and as 1 : 2 : 4 on each side, so that no other
 * does.
 */
#include "symmetry.h"

#include <math.h>
#include <stdlib.h>

enum { BITS = 6, HALF = BITS / 2, HIDDEN = 2, CASES = 64 };

static const bp_data *cases(void)
{
    static bp_data data;
    static bp_real targets[CASES];
    if (data.cases > 0)
        return &data;
    const bp_real *inputs = paper_all_patterns(BITS);
    for (size_t c = 0; c < CASES; c++) {
        const bp_real *x = inputs + BITS * c;
        int same = 1;
        for (int i = 0; i < HALF; i++)
            same = same && (x[i] > 0) == (x[BITS - 1 - i] > 0);
        targets[c] = (bp_real)same;
    }
    data = bp_data_view(CASES, inputs, BITS, targets, 1);
    return &data;
}

paper_task symmetry_task(size_t limit)
{
    return (paper_task){.units = {BITS, HIDDEN, 1},
                        .layers = 3,
                        .range = 0.3,
                        .rate = 0.1,
                        .momentum = 0.9,
                        .tolerance = 0.2,
                        .limit = limit,
                        .data = cases()};
}

/* ------------------------------------------------------- looking at the weights */

/* a[i] = -b[i] in steps of a and b, to a tenth of the largest weight. */
static int opposite(const bp_real *a, int step_a, const bp_real *b, int step_b, int count, double most)
{
    for (int i = 0; i < count; i++)
        if (fabs((double)a[i * step_a] + (double)b[i * step_b]) > 0.1 * most)
            return 0;
    return 1;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The sizes of three weights, in order, are as 1 : middle : large, to a tenth of each. */
static int in_ratio(const bp_real *w, double middle, double large)
{
    double size[HALF];
    for (int i = 0; i < HALF; i++)
        size[i] = fabs((double)w[i]);
    qsort(size, HALF, sizeof *size, ascending);
    return fabs(size[1] / size[0] - middle) <= 0.1 * middle && fabs(size[2] / size[0] - large) <= 0.1 * large;
}

/* Both sides of both hidden units. */
static int all_in_ratio(const bp_real *w, double middle, double large)
{
    int all = 1;
    for (size_t side = 0; side < 2 * HIDDEN; side++)
        all = all && in_ratio(w + side * HALF, middle, large);
    return all;
}

static int hidden_off(const bp_network *net)
{
    int off = 1;
    bp_real *hidden = paper_outputs(net, cases(), "hidden1");
    for (size_t c = 0; c < CASES; c++)
        for (size_t j = 0; j < HIDDEN && cases()->targets[c] > 0; j++)
            off = off && (double)hidden[HIDDEN * c + j] < 0.5;
    free(hidden);
    return off;
}

void symmetry_run(const void *task, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                  bp_network **net)
{
    paper_task_run(task, seed, outcome, history, net);
    if (!outcome->solved)
        return;
    bp_real w[HIDDEN * BITS], hidden_bias[HIDDEN], output_bias;
    const bp_layer *hidden = bp_network_layer(*net, 1);
    paper_check(bp_connection_get_weights(bp_network_connection(*net, 0), w, HIDDEN * BITS));
    paper_check(bp_layer_get_biases(hidden, hidden_bias, HIDDEN));
    paper_check(bp_layer_get_biases(bp_network_layer(*net, 2), &output_bias, 1));
    const bp_real *other = w + BITS;
    double most = paper_max_abs(w, HIDDEN * BITS);
    outcome->figure[SYMMETRY_MIRRORED] =
        opposite(w, 1, w + BITS - 1, -1, HALF, most) && opposite(other, 1, other + BITS - 1, -1, HALF, most);
    outcome->figure[SYMMETRY_OPPOSITE] = opposite(w, 1, other, 1, BITS, most);
    outcome->figure[SYMMETRY_RATIO] = all_in_ratio(w, 2, 4);
    outcome->figure[SYMMETRY_OTHER_RATIO] = all_in_ratio(w, 1.55, 2.06);
    outcome->figure[SYMMETRY_BIASES] = hidden_bias[0] < 0 && hidden_bias[1] < 0 && output_bias > 0;
    outcome->figure[SYMMETRY_OFF] = hidden_off(*net);
}

/* ----------------------------------------------------------------------- report */

void symmetry_report(const paper_options *options)
{
    paper_task task = symmetry_task(20000);
    bp_network *net = NULL;
    paper_sample history = {0};
    paper_summary s = paper_run_seeds(symmetry_run, &task, options, &net, &history);

    paper_table("6-2-1, whole sweeps, rate 0.1, momentum 0.9, start weights in ±0.3", options);
    paper_row("solved within 5,000 sweeps", NULL, PAPER_NONE, "%zu of %zu", paper_count_to(&s.sweeps, 5000),
              s.runs);
    paper_row("solved within 20,000 sweeps", NULL, PAPER_NONE, "%zu of %zu", s.solved, s.runs);
    paper_row_sweeps(&s, "1,425", PAPER_ARTICLE);
    paper_row_stuck(&s, NULL, PAPER_NONE);
    paper_row_share("weights equal and opposite about the middle", "yes", PAPER_ARTICLE,
                    &s.figure[SYMMETRY_MIRRORED]);
    paper_row_share("hidden units alike with opposite signs", "yes", PAPER_ARTICLE,
                    &s.figure[SYMMETRY_OPPOSITE]);
    paper_row_share("weights of each side as 1 : 2 : 4", "yes", PAPER_ARTICLE, &s.figure[SYMMETRY_RATIO]);
    paper_row_share("weights of each side as 1 : 1.55 : 2.06", NULL, PAPER_NONE,
                    &s.figure[SYMMETRY_OTHER_RATIO]);
    paper_row_share("hidden biases negative, output bias positive", "yes", PAPER_ARTICLE,
                    &s.figure[SYMMETRY_BIASES]);
    paper_row_share("symmetric inputs leave both hidden units off", "yes", PAPER_ARTICLE,
                    &s.figure[SYMMETRY_OFF]);

    paper_diagram(options, "symmetry", "Symmetry: weights and biases of 6-2-1", net);
    paper_hinton_network(options, "symmetry-weights", "Symmetry: 6-2-1", net);
    paper_curve(options, "symmetry-error", "Symmetry: error of 6-2-1", &history);
    bp_network_destroy(net);
    paper_sample_free(&history);
    paper_summary_free(&s);
}
