/*
 * What the experiments of docs/examples/paper share: options, training, figures over many seeds, tables that
 * put what the paper reports beside what was measured, and pictures.
 *
 * An experiment is a file <name>.c with a function <name>_report that prints its tables and writes its
 * pictures; <name>.h shows the functions that tests/paper runs too. Every failing call of the library ends
 * the program with its message (paper_check).
 */
#ifndef PAPER_H
#define PAPER_H

#include <stddef.h>
#include <stdint.h>

#include <backprop.h>

/* ------------------------------------------------------------------- options */

/* --seeds N, --seed S, --svg DIR */
typedef struct paper_options {
    size_t seeds;    /* how many runs; default 1 */
    uint64_t seed;   /* seed of the first; the others count up; default 1 */
    const char *svg; /* folder for pictures, which must exist; NULL (default): none are written */
} paper_options;

/* Ends the program with the library's message unless status is BP_OK. */
void paper_check(bp_status status);

/* The largest |value|; 0 if there are none. */
double paper_max_abs(const bp_real *values, size_t count);

/* Memory that is never NULL. */
void *paper_allocate(size_t count, size_t size);

/* ------------------------------------------------------------------- samples */

/* Numbers in the order of adding. Begins as {0}. */
typedef struct paper_sample {
    double *values;
    size_t count, capacity;
} paper_sample;

void paper_sample_add(paper_sample *sample, double value);
void paper_sample_free(paper_sample *sample); /* empties it; it can be used again */

/* The value below which `share` (0..1) of the sample lies, interpolated; share 0.5 is the median. NaN if
 * empty. */
double paper_quantile(const paper_sample *sample, double share);

/* How many values of the sample are at most `limit`; of noughts and ones, how many are 1. */
size_t paper_count_to(const paper_sample *sample, double limit);
size_t paper_count_ones(const paper_sample *sample);

/* ------------------------------------------------------------------ training */

/*
 * A finalized network of logistic layers, each connected to the next and, with direct other than 0, the
 * inputs to the outputs too; start weights and biases uniform in +-range. Layers are named as by
 * bp_network_create_layered.
 */
bp_network *paper_network(const size_t *units, size_t layers, int direct, double range);

/* Trains as bp_trainer_run does. history, unless NULL, gets E of every sweep. */
bp_result paper_train(bp_network *net, const bp_data *data, const bp_trainer_options *options,
                      paper_sample *history);

/* The outputs of the network, or of the layer of that name, for every case: cases rows, to be freed. */
bp_real *paper_outputs(const bp_network *net, const bp_data *data, const char *layer);

/* ---------------------------------------------------------------- many seeds */

enum { PAPER_FIGURES = 8 };

/* What one run came to. */
typedef struct paper_outcome {
    int solved;
    double sweeps;                /* until solved; not looked at otherwise */
    double error;                 /* E at the end */
    double figure[PAPER_FIGURES]; /* the experiment's own; NaN (the start value) where a run has none */
} paper_outcome;

/* One run of an experiment from one seed: fills *outcome and hands out its network. history, unless NULL,
 * gets the errors. */
typedef void (*paper_run)(const void *setting, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                          bp_network **net);

/* What many runs came to. */
typedef struct paper_summary {
    size_t runs, solved;
    paper_sample sweeps; /* of the solved runs */
    paper_sample error;  /* of all runs */
    paper_sample stuck;  /* the errors of the runs that were not solved */
    paper_sample figure[PAPER_FIGURES];
} paper_summary;

/*
 * Runs the experiment once for each seed. shown and history, unless NULL, get the network of the first solved
 * run (of the first run if none is) and its errors: what pictures are made of.
 */
paper_summary paper_run_seeds(paper_run run, const void *setting, const paper_options *options,
                              bp_network **shown, paper_sample *history);
void paper_summary_free(paper_summary *summary);

/* -------------------------------------------------------------------- tables */

/* How far what is said to be reported was confirmed. */
typedef enum paper_mark {
    PAPER_NONE,    /* nothing is reported */
    PAPER_ARTICLE, /* read in the text of the paper in Nature */
    PAPER_NOTES,   /* read in page-numbered notes on the chapter */
    PAPER_LENS,    /* read in the examples of the simulator Lens, which cite the chapter's pages */
    PAPER_SUMMARY, /* a secondary summary, weaker */
    PAPER_MEMORY   /* from memory, not confirmed */
} paper_mark;

/* A Markdown table of what is reported, how far that is confirmed, and what this run gives. */
void paper_table(const char *title, const paper_options *options);

/* One row; the last column is made as by printf. reported may be NULL with PAPER_NONE. */
void paper_row(const char *what, const char *reported, paper_mark mark, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Rows that many tables have: how many runs were solved, after how many sweeps; E at the end, and of the runs
 * not solved; all of that in one row; how many runs of a sample of noughts and ones have a property. */
void paper_row_solved(const paper_summary *summary, const char *reported, paper_mark mark);
void paper_row_sweeps(const paper_summary *summary, const char *reported, paper_mark mark);
void paper_row_error(const paper_summary *summary);
void paper_row_stuck(const paper_summary *summary, const char *reported, paper_mark mark);
void paper_row_summary(const char *what, const char *reported, paper_mark mark, const paper_summary *summary);
void paper_row_share(const char *what, const char *reported, paper_mark mark, const paper_sample *sample);

/* A sample as text: the value if it is one, else median and 10th and 90th percentile; "-" if empty. The text
 * is valid until the fourth call after this one. */
const char *paper_spread(const paper_sample *sample, int decimals);

/* ------------------------------------------------------------------ pictures */

/* Each writes <folder of --svg>/<name>.svg, and nothing without --svg. */

/* E of every sweep, on a logarithmic scale. */
void paper_curve(const paper_options *options, const char *name, const char *title,
                 const paper_sample *history);

/* A matrix of weights in a Hinton diagram. */
typedef struct paper_panel {
    const char *label;
    const bp_real *weights; /* row-major */
    size_t rows, columns;
    const char *const *row_names, *const *column_names; /* NULL: none */
} paper_panel;

/*
 * Weights as squares on grey: white for positive and black for negative ones, the area in proportion to the
 * size; the largest weight of the picture fills its place. `across` panels stand side by side.
 */
void paper_hinton(const paper_options *options, const char *name, const char *title,
                  const paper_panel *panels, size_t count, size_t across);

/* The same of a whole network: a panel for each layer's biases and for each connection. */
void paper_hinton_network(const paper_options *options, const char *name, const char *title,
                          const bp_network *net);

/* The network as [RHW86] figure 1 draws it: units with their biases inside, weights on the arcs. For small
 * ones. */
void paper_diagram(const paper_options *options, const char *name, const char *title, const bp_network *net);

#endif
