/*
 * [RHW86] figures 2 to 4. The network of five layers has bottlenecks of six units: one for the person, one
 * for the relation, one before the answer.
 */
#include "family_trees.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "family_cases.h"

enum { CODE = 6, CENTRE = 12, SWITCH = 20 /* sweeps before the second learning rate and momentum */ };

const family_setting family_as_printed = {0.005, 0.01, 0.002, 0.3, 1500};
const family_setting family_wide_start = {0.005, 0.01, 0.002, 1, 1500};
const family_setting family_little_decay = {0.025, 0.05, 0.0002, 1, 1500};
const family_setting family_long = {0.025, 0.05, 0.001, 1, 6000};

/* ------------------------------------------------------------------- the network */

/* Adds a layer that receives from `first` and, unless it is NULL, from `second`. */
static bp_layer *add(bp_network *net, const char *name, size_t units, bp_layer *first, bp_layer *second)
{
    bp_layer *layer = NULL;
    paper_check(bp_network_add_layer(&layer, net, name, units, bp_activation_logistic()));
    paper_check(bp_network_connect(NULL, net, first, layer));
    if (second != NULL)
        paper_check(bp_network_connect(NULL, net, second, layer));
    return layer;
}

static bp_network *make_network(double range)
{
    bp_network *net = NULL;
    bp_layer *person = NULL, *relation = NULL;
    paper_check(bp_network_create(&net, NULL));
    paper_check(bp_network_add_input(&person, net, "person", FAMILY_PERSONS));
    paper_check(bp_network_add_input(&relation, net, "relation", FAMILY_RELATIONS));
    bp_layer *person_code = add(net, "person code", CODE, person, NULL);
    bp_layer *relation_code = add(net, "relation code", CODE, relation, NULL);
    bp_layer *centre = add(net, "centre", CENTRE, person_code, relation_code);
    bp_layer *answer_code = add(net, "answer code", CODE, centre, NULL);
    add(net, "answer", FAMILY_PERSONS, answer_code, NULL);
    paper_check(bp_network_finalize(net));
    paper_check(bp_network_set_weight_init(net, bp_weight_init_uniform(-range, range)));
    return net;
}

/* The weights from the 24 persons, a row for each of the six person-code units. */
static void person_weights(const bp_network *net, bp_real (*weights)[FAMILY_PERSONS])
{
    const bp_connection *connection = bp_network_find_connection(net, bp_network_find_layer(net, "person"),
                                                                 bp_network_find_layer(net, "person code"));
    paper_check(bp_connection_get_weights(connection, weights[0], CODE * FAMILY_PERSONS));
}

/* --------------------------------------------------------------------- the metrics */

static size_t count_right(const bp_network *net, const bp_data *data)
{
    size_t right = 0;
    bp_real *y = paper_outputs(net, data, NULL);
    for (size_t c = 0; c < data->cases; c++) {
        size_t wrong = 0;
        for (size_t j = 0; j < FAMILY_PERSONS; j++)
            wrong += (y[c * FAMILY_PERSONS + j] > (bp_real)0.5) !=
                     (data->targets[c * FAMILY_PERSONS + j] > (bp_real)0.5);
        right += wrong == 0;
    }
    free(y);
    return right;
}

/* Whether all weights from one nationality are greater than all weights from the other. */
static int separates_nationalities(const bp_real *weights)
{
    bp_real min[2], max[2];
    for (size_t tree = 0; tree < 2; tree++) {
        const bp_real *w = weights + tree * FAMILY_PLACES;
        min[tree] = max[tree] = w[0];
        for (size_t i = 1; i < FAMILY_PLACES; i++) {
            min[tree] = w[i] < min[tree] ? w[i] : min[tree];
            max[tree] = w[i] > max[tree] ? w[i] : max[tree];
        }
    }
    return min[0] > max[1] || min[1] > max[0];
}

/* The between-group share of the variance of the weights; persons of group 0 are left out. */
static double share_between(const bp_real *weights, const int *group)
{
    double sum[4] = {0}, count[4] = {0}, squares = 0;
    for (size_t i = 0; i < FAMILY_PERSONS; i++) {
        int g = group[i];
        double w = g == 0 ? 0 : (double)weights[i];
        sum[g] += w;
        count[g] += 1;
        squares += w * w;
    }
    double all = count[1] + count[2] + count[3], mean = (sum[1] + sum[2] + sum[3]) / all, between = 0;
    for (int g = 1; g < 4; g++)
        between += count[g] > 0 ? sum[g] * sum[g] / count[g] : 0;
    double variance = squares - all * mean * mean;
    return variance > 0 ? (between - all * mean * mean) / variance : 0;
}

static void measure_codes(const bp_network *net, double *metric)
{
    bp_real weights[CODE][FAMILY_PERSONS];
    double *shares = metric + FAMILY_NATIONALITY_SHARE;
    person_weights(net, weights);
    metric[FAMILY_NATIONALITY_UNITS] = 0;
    for (size_t f = 0; f < FAMILY_FEATURES; f++)
        shares[f] = 0;
    for (size_t j = 0; j < CODE; j++) {
        metric[FAMILY_NATIONALITY_UNITS] += separates_nationalities(weights[j]);
        for (size_t f = 0; f < FAMILY_FEATURES; f++)
            shares[f] = fmax(shares[f], share_between(weights[j], family_features[f].group));
    }
}

/* ------------------------------------------------------------------------- a run */

static bp_dataset *split_cases(uint64_t seed, bp_data *trained, bp_data *held_out)
{
    const family_cases *cases = family_cases_get();
    bp_data all =
        bp_data_view(FAMILY_CASES, cases->inputs[0], FAMILY_INPUTS, cases->targets[0], FAMILY_PERSONS);
    bp_dataset *dataset = NULL;
    bp_data_init(trained, sizeof *trained);
    bp_data_init(held_out, sizeof *held_out);
    paper_check(bp_dataset_create(&dataset, &all, NULL));
    paper_check(bp_dataset_split(dataset, (double)FAMILY_TRAINED / FAMILY_CASES, 0, seed));
    paper_check(bp_dataset_subset(dataset, BP_SUBSET_TRAINING, trained));
    paper_check(bp_dataset_subset(dataset, BP_SUBSET_TEST, held_out));
    return dataset;
}

void family_trees_run(const void *setting, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                      bp_network **net)
{
    const family_setting *s = setting;
    bp_data trained, held_out;
    bp_dataset *dataset = split_cases(seed, &trained, &held_out);
    bp_stop_rule limit = bp_stop_epochs(s->sweeps);
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(s->rate_first, 0.5);
    options.loss = bp_loss_with_tolerance(bp_loss_squared_error(), 0.2);
    options.learning_rate_schedule = bp_schedule_switch(s->rate_first, SWITCH, s->rate_then);
    options.momentum_schedule = bp_schedule_switch(0.5, SWITCH, 0.9);
    options.weight_decay = s->decay;
    options.stop_rules = &limit;
    options.stop_rule_count = 1;

    *net = make_network(s->range);
    paper_check(bp_network_initialize(*net, seed));
    outcome->error = paper_train(*net, &trained, &options, history).error;
    outcome->sweeps = (double)s->sweeps;
    outcome->metric[FAMILY_TRAINED_RIGHT] = (double)count_right(*net, &trained);
    outcome->metric[FAMILY_HELD_OUT_RIGHT] = (double)count_right(*net, &held_out);
    outcome->solved = outcome->metric[FAMILY_TRAINED_RIGHT] >= FAMILY_TRAINED &&
                      outcome->metric[FAMILY_HELD_OUT_RIGHT] >= FAMILY_HELD_OUT;
    measure_codes(*net, outcome->metric);
    bp_dataset_destroy(dataset);
}

/* ---------------------------------------------------------------------- the report */

static void print_rows(const paper_summary *s)
{
    const paper_sample *held_out = &s->metric[FAMILY_HELD_OUT_RIGHT];
    paper_row("trained cases right, of 100", NULL, PAPER_NONE, "%s",
              paper_spread(&s->metric[FAMILY_TRAINED_RIGHT], 0));
    paper_row("held-out cases right, of 4", "4", PAPER_ARTICLE, "%s", paper_spread(held_out, 0));
    paper_row("runs with all 4 held-out cases right", "1 of 1", PAPER_ARTICLE, "%zu of %zu",
              s->runs - paper_count_at_most(held_out, FAMILY_HELD_OUT - 1), s->runs);
    paper_row("runs with all 104 cases right", NULL, PAPER_NONE, "%zu of %zu", s->solved, s->runs);
    paper_row("runs in which a unit separates the nationalities", "1 of 1", PAPER_ARTICLE, "%zu of %zu",
              s->runs - paper_count_at_most(&s->metric[FAMILY_NATIONALITY_UNITS], 0), s->runs);
    paper_row("nationality: largest share of a unit's variance", "unit 1", PAPER_ARTICLE, "%s",
              paper_spread(&s->metric[FAMILY_NATIONALITY_SHARE], 2));
    paper_row("generation: largest share of a unit's variance", "unit 2", PAPER_ARTICLE, "%s",
              paper_spread(&s->metric[FAMILY_GENERATION_SHARE], 2));
    paper_row("branch: largest share of a unit's variance", "unit 6", PAPER_ARTICLE, "%s",
              paper_spread(&s->metric[FAMILY_BRANCH_SHARE], 2));
    paper_row_error(s);
}

/* The feature that explains most of the variance of a unit's weights, and its share. */
static void describe(char *label, size_t size, size_t unit, const bp_real *weights)
{
    size_t best = 0;
    double share[FAMILY_FEATURES];
    for (size_t f = 0; f < FAMILY_FEATURES; f++) {
        share[f] = share_between(weights, family_features[f].group);
        best = share[f] > share[best] ? f : best;
    }
    snprintf(label, size, "unit %zu: %s %.0f %%", unit + 1, family_features[best].name, 100 * share[best]);
}

/* [RHW86] figure 4: the weights from the 24 persons to the six units, English above Italian. */
static void draw_codes(const paper_options *options, const char *name, const bp_network *net)
{
    static const char *const row_names[] = {"English", "Italian"};
    const family_cases *cases = family_cases_get();
    const char *column_names[FAMILY_PLACES];
    char labels[CODE][64];
    bp_real weights[CODE][FAMILY_PERSONS];
    paper_panel panels[CODE];
    person_weights(net, weights);
    for (size_t i = 0; i < FAMILY_PLACES; i++)
        column_names[i] = cases->persons[i];
    for (size_t j = 0; j < CODE; j++) {
        describe(labels[j], sizeof labels[j], j, weights[j]);
        panels[j] = (paper_panel){labels[j], weights[j], 2, FAMILY_PLACES, row_names, column_names};
    }
    paper_hinton(options, name, "Family trees: weights from the persons to the six person-code units", panels,
                 CODE, 2);
}

/* A table, a picture of the codes unless picture is NULL, and a learning curve unless curve is NULL. */
static void report(const paper_options *options, const char *title, const family_setting *setting,
                   const char *picture, const char *curve)
{
    bp_network *net = NULL;
    paper_sample history = {0};
    paper_table(title, options);
    paper_summary s = paper_run_seeds(family_trees_run, setting, options, &net, &history);
    print_rows(&s);
    if (picture != NULL)
        draw_codes(options, picture, net);
    if (curve != NULL)
        paper_curve(options, curve, "Family trees: E of every sweep", &history);
    paper_sample_free(&history);
    paper_summary_free(&s);
    bp_network_destroy(net);
}

void family_trees_report(const paper_options *options)
{
    report(options,
           "As printed: learning rates 0.005 then 0.01, decay 0.2 %, 1,500 sweeps; initial weights in ±0.3",
           &family_as_printed, NULL, "family-trees-as-printed-error");
    report(options, "As printed, but initial weights in ±1", &family_wide_start, NULL, NULL);
    report(options, "Learning rates 0.025 then 0.05, decay 0.02 %, 1,500 sweeps; initial weights in ±1",
           &family_little_decay, NULL, NULL);
    report(options, "Learning rates 0.025 then 0.05, decay 0.1 %, 6,000 sweeps; initial weights in ±1",
           &family_long, "family-trees", "family-trees-error");
}
