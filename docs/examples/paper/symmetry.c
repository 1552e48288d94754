/*
 * [RHW86] figure 1. A network without hidden units cannot detect symmetry. Two hidden units can: their
 * weights are equal and opposite about the middle, so that a symmetric input turns both off, and in the ratio
 * 1 : 2 : 4 on each side, so that no other input does.
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

/* ----------------------------------------------------------------- the weights */

/* Whether a[i] = -b[i], at the strides of a and b, within a tenth of the largest weight. */
static int opposite(const bp_real *a, int stride_a, const bp_real *b, int stride_b, int count, double max)
{
    for (int i = 0; i < count; i++)
        if (fabs((double)a[i * stride_a] + (double)b[i * stride_b]) > 0.1 * max)
            return 0;
    return 1;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Whether three |w|, sorted, are in the ratio 1 : middle : large, each within a tenth. */
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
    double max = paper_max_abs(w, HIDDEN * BITS);
    outcome->metric[SYMMETRY_MIRRORED] =
        opposite(w, 1, w + BITS - 1, -1, HALF, max) && opposite(other, 1, other + BITS - 1, -1, HALF, max);
    outcome->metric[SYMMETRY_OPPOSITE] = opposite(w, 1, other, 1, BITS, max);
    outcome->metric[SYMMETRY_RATIO] = all_in_ratio(w, 2, 4);
    outcome->metric[SYMMETRY_OTHER_RATIO] = all_in_ratio(w, 1.55, 2.06);
    outcome->metric[SYMMETRY_BIASES] = hidden_bias[0] < 0 && hidden_bias[1] < 0 && output_bias > 0;
    outcome->metric[SYMMETRY_OFF] = hidden_off(*net);
}

/* ----------------------------------------------------------------------- report */

void symmetry_report(const paper_options *options)
{
    paper_task task = symmetry_task(20000);
    bp_network *net = NULL;
    paper_sample history = {0};
    paper_summary s = paper_run_seeds(symmetry_run, &task, options, &net, &history);

    paper_table("6-2-1, an update per sweep, learning rate 0.1, momentum 0.9, initial weights in ±0.3",
                options);
    paper_row("solved within 5,000 sweeps", NULL, PAPER_NONE, "%zu of %zu",
              paper_count_at_most(&s.sweeps, 5000), s.runs);
    paper_row("solved within 20,000 sweeps", NULL, PAPER_NONE, "%zu of %zu", s.solved, s.runs);
    paper_row_sweeps(&s, "1,425", PAPER_ARTICLE);
    paper_row_unsolved_error(&s, NULL, PAPER_NONE);
    paper_row_share("weights equal and opposite about the middle", "yes", PAPER_ARTICLE,
                    &s.metric[SYMMETRY_MIRRORED]);
    paper_row_share("hidden units have the same weights, opposite signs", "yes", PAPER_ARTICLE,
                    &s.metric[SYMMETRY_OPPOSITE]);
    paper_row_share("weights of each side in the ratio 1 : 2 : 4", "yes", PAPER_ARTICLE,
                    &s.metric[SYMMETRY_RATIO]);
    paper_row_share("weights of each side in the ratio 1 : 1.55 : 2.06", NULL, PAPER_NONE,
                    &s.metric[SYMMETRY_OTHER_RATIO]);
    paper_row_share("hidden biases negative, output bias positive", "yes", PAPER_ARTICLE,
                    &s.metric[SYMMETRY_BIASES]);
    paper_row_share("symmetric inputs turn both hidden units off", "yes", PAPER_ARTICLE,
                    &s.metric[SYMMETRY_OFF]);

    paper_diagram(options, "symmetry", "Symmetry: weights and biases of 6-2-1", net);
    paper_hinton_network(options, "symmetry-weights", "Symmetry: 6-2-1", net);
    paper_curve(options, "symmetry-error", "Symmetry: error of 6-2-1", &history);
    bp_network_destroy(net);
    paper_sample_free(&history);
    paper_summary_free(&s);
}
