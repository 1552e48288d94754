/*
 * Addition of two 2-bit numbers. The chapter uses it to show local minima: a network with just enough hidden
 * units, chained like the carries, often ends in one; a network with one more hidden unit seldom does.
 */
#include "addition.h"

#include <stdio.h>
#include <stdlib.h>

enum { INPUTS = 4, BITS = 3, CASES = 16 };

static size_t low_sum(size_t c)
{
    return (c >> 2 & 1) + (c & 1);
}

static size_t sum(size_t c)
{
    return (c >> 2) + (c & 3);
}

static const bp_data *cases(void)
{
    static bp_data data;
    static bp_real targets[CASES * BITS];
    if (data.cases > 0)
        return &data;
    for (size_t c = 0; c < CASES; c++)
        for (size_t i = 0; i < BITS; i++)
            targets[c * BITS + i] = (bp_real)(sum(c) >> (BITS - 1 - i) & 1);
    data = bp_data_view(CASES, paper_all_patterns(INPUTS), INPUTS, targets, BITS);
    return &data;
}

paper_task addition_task(addition_net kind)
{
    static const paper_task nets[] = {
        [ADDITION_CHAIN] = {.units = {INPUTS, 1, 1, BITS}, .layers = 4, .direct = 1},
        [ADDITION_TWO] = {.units = {INPUTS, 2, BITS}, .layers = 3, .direct = 1},
        [ADDITION_THREE] = {.units = {INPUTS, 3, BITS}, .layers = 3, .direct = 1},
        [ADDITION_PLAIN] = {.units = {INPUTS, 3, BITS}, .layers = 3, .direct = 0},
    };
    paper_task task = nets[kind];
    task.rate = 0.5;
    task.range = 0.3;
    task.batch = 1;
    task.tolerance = 0.2;
    task.limit = 10000;
    task.data = cases();
    return task;
}

paper_task addition_task_sweeps(addition_net kind)
{
    paper_task task = addition_task(kind);
    task.rate = 0.1;
    task.momentum = 0.9;
    task.range = 1;
    task.batch = 0;
    task.limit = 5000;
    return task;
}

/* Whether the unit is on (or off) in exactly the cases whose number is at least `carry`. */
static int detects_carry(const bp_network *net, const char *layer, size_t (*number)(size_t), size_t carry)
{
    size_t agree = 0;
    bp_real *y = paper_outputs(net, cases(), layer);
    for (size_t c = 0; c < CASES; c++)
        agree += ((double)y[c] > 0.5) == (number(c) >= carry);
    free(y);
    return agree == CASES || agree == 0;
}

void addition_run(const void *setting, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                  bp_network **net)
{
    const paper_task *task = setting;
    paper_task_run(task, seed, outcome, history, net);
    if (!outcome->solved || task->layers != 4)
        return;
    outcome->metric[ADDITION_LOW_CARRY] = detects_carry(*net, "hidden1", low_sum, 2);
    outcome->metric[ADDITION_HIGH_CARRY] = detects_carry(*net, "hidden2", sum, 4);
}

/* ----------------------------------------------------------------------- report */

static const struct {
    addition_net net;
    const char *name, *reported, *picture, *title;
} nets[] = {{ADDITION_CHAIN, "two hidden units in a chain", "often a local minimum", "addition-chain",
             "Addition: two hidden units in a chain"},
            {ADDITION_TWO, "two side by side", NULL, NULL, NULL},
            {ADDITION_THREE, "three side by side", "no local minima; 3,020 sweeps", "addition-three",
             "Addition: three hidden units side by side"},
            {ADDITION_PLAIN, "three side by side, no direct connections", NULL, NULL, NULL}};

static void draw(const char *picture, const char *title, const bp_network *net, const paper_sample *history,
                 const paper_options *options)
{
    char name[64];
    paper_hinton_network(options, picture, title, net);
    snprintf(name, sizeof name, "%s-error", picture);
    paper_curve(options, name, title, history);
}

static void report(paper_task (*task_of)(addition_net), int pictures, const paper_options *options)
{
    for (size_t i = 0; i < sizeof nets / sizeof nets[0]; i++) {
        bp_network *net = NULL;
        paper_sample history = {0};
        paper_task task = task_of(nets[i].net);
        paper_summary s = paper_run_seeds(addition_run, &task, options, &net, &history);
        paper_row_summary(nets[i].name, nets[i].reported,
                          nets[i].reported == NULL ? PAPER_NONE : PAPER_MEMORY, &s);
        if (nets[i].net == ADDITION_CHAIN) {
            paper_row_share("of these, the first detects the carry of the low bits", NULL, PAPER_NONE,
                            &s.metric[ADDITION_LOW_CARRY]);
            paper_row_share("of these, the second detects that of the high bits", NULL, PAPER_NONE,
                            &s.metric[ADDITION_HIGH_CARRY]);
        }
        if (pictures && nets[i].picture != NULL)
            draw(nets[i].picture, nets[i].title, net, &history, options);
        bp_network_destroy(net);
        paper_sample_free(&history);
        paper_summary_free(&s);
    }
}

void addition_report(const paper_options *options)
{
    paper_table("An update per case, shuffled order, learning rate 0.5, no momentum, initial weights in "
                "±0.3, at most 10,000 sweeps",
                options);
    report(addition_task, 1, options);
    paper_table(
        "An update per sweep, learning rate 0.1, momentum 0.9, initial weights in ±1, at most 5,000 sweeps",
        options);
    report(addition_task_sweeps, 0, options);
}
