/*
 * What the experiments of docs/examples/paper share: options, training, runs from many seeds, tables that
 * compare reported and measured results, and pictures.
 *
 * An experiment is a file <name>.c with a function <name>_report that prints its tables and writes its
 * pictures. <name>.h declares the functions that tests/paper calls. A failing call of the library ends the
 * program with its message (paper_check).
 */
#ifndef PAPER_H
#define PAPER_H

#include <stddef.h>
#include <stdint.h>

#include <backprop.h>

/* ------------------------------------------------------------------- options */

/* --seeds N, --seed S, --svg DIR */
typedef struct paper_options {
    size_t seeds;    /* number of runs; default 1 */
    uint64_t seed;   /* seed of the first run, then seed + 1, seed + 2, ...; default 1 */
    const char *svg; /* an existing folder for pictures; NULL (default): none are written */
} paper_options;

/* Unless status is BP_OK, prints the library's message and exits. */
void paper_check(bp_status status);

/* The largest |value|; 0 if there are none. */
double paper_max_abs(const bp_real *values, size_t count);

/* Zeroed memory; exits if there is none. */
void *paper_allocate(size_t count, size_t size);

/* ------------------------------------------------------------------- samples */

/* A growing array of numbers. Initialized by {0}. */
typedef struct paper_sample {
    double *values;
    size_t count, capacity;
} paper_sample;

void paper_sample_add(paper_sample *sample, double value);
void paper_sample_free(paper_sample *sample); /* leaves an empty sample, which may be used again */

/* The quantile at `share` (0..1), interpolated; 0.5 is the median. NaN if the sample is empty. */
double paper_quantile(const paper_sample *sample, double share);

/* The number of values <= limit; of a sample of zeros and ones, the number of ones. */
size_t paper_count_at_most(const paper_sample *sample, double limit);
size_t paper_count_ones(const paper_sample *sample);

/* ------------------------------------------------------------------ training */

/*
 * A finalized network of logistic layers, each connected to the next; with direct other than 0, to all later
 * ones. Initial weights and biases are uniform in +-range. Layers are named as by bp_network_create_layered.
 */
bp_network *paper_network(const size_t *units, size_t layers, int direct, double range);

/* Trains with these options. history, unless NULL, receives E of every sweep. */
bp_result paper_train(bp_network *net, const bp_data *data, const bp_trainer_options *options,
                      paper_sample *history);

/* The outputs of the named layer (NULL: the network's), a row for each case. The caller frees them. */
bp_real *paper_outputs(const bp_network *net, const bp_data *data, const char *layer);

/* ---------------------------------------------------------------- many seeds */

enum { PAPER_METRICS = 8 };

/* The results of one run. */
typedef struct paper_outcome {
    int solved;
    double sweeps;                /* until solved; meaningless otherwise */
    double error;                 /* E at the end */
    double metric[PAPER_METRICS]; /* defined by the experiment; NaN (initially): not measured in this run */
} paper_outcome;

/* One run of an experiment: fills *outcome and returns the trained network in *net, which the caller
 * destroys. history, unless NULL, receives E of every sweep. */
typedef void (*paper_run)(const void *setting, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                          bp_network **net);

/* The results of many runs. */
typedef struct paper_summary {
    size_t runs, solved;
    paper_sample sweeps;         /* of the solved runs */
    paper_sample error;          /* of all runs */
    paper_sample unsolved_error; /* of the runs not solved */
    paper_sample metric[PAPER_METRICS];
} paper_summary;

/*
 * Runs the experiment once for each seed. shown and history, unless NULL, receive the network and the errors
 * of the first solved run, or of the first run if none is solved; pictures are drawn from them.
 */
paper_summary paper_run_seeds(paper_run run, const void *setting, const paper_options *options,
                              bp_network **shown, paper_sample *history);
void paper_summary_free(paper_summary *summary);

/* -------------------------------------------------------------------- tables */

/* The source of a reported result, which shows how reliable it is. */
typedef enum paper_source {
    PAPER_NONE,    /* no result is reported */
    PAPER_ARTICLE, /* read in the text of the paper in Nature */
    PAPER_NOTES,   /* read in page-numbered notes on the chapter */
    PAPER_LENS,    /* read in the examples of the simulator Lens, which cite the chapter's pages */
    PAPER_SUMMARY, /* a secondary summary, weaker */
    PAPER_MEMORY   /* from memory, not confirmed */
} paper_source;

/* Begins a Markdown table: reported result, its source, measured result. */
void paper_table(const char *title, const paper_options *options);

/* One row; the last column is formatted as by printf. reported may be NULL with PAPER_NONE. */
void paper_row(const char *what, const char *reported, paper_source source, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Rows that many tables have: solved runs, sweeps until solved, E at the end, E of the runs not solved, the
 * summary of all these in one row, and the number of ones in a sample of zeros and ones. */
void paper_row_solved(const paper_summary *summary, const char *reported, paper_source source);
void paper_row_sweeps(const paper_summary *summary, const char *reported, paper_source source);
void paper_row_error(const paper_summary *summary);
void paper_row_unsolved_error(const paper_summary *summary, const char *reported, paper_source source);
void paper_row_summary(const char *what, const char *reported, paper_source source,
                       const paper_summary *summary);
void paper_row_share(const char *what, const char *reported, paper_source source, const paper_sample *sample);

/* A sample as text: median and 10th and 90th percentile, a single value as it is, "-" if empty. The text is
 * valid until the fourth call after this one. */
const char *paper_spread(const paper_sample *sample, int decimals);

/* ------------------------------------------------------------------ pictures */

/* Each writes <folder of --svg>/<name>.svg; without --svg, nothing. */

/* The learning curve: E of every sweep on a logarithmic scale. */
void paper_curve(const paper_options *options, const char *name, const char *title,
                 const paper_sample *history);

/* A matrix in a Hinton diagram. */
typedef struct paper_panel {
    const char *label;
    const bp_real *weights; /* row-major */
    size_t rows, columns;
    const char *const *row_names, *const *column_names; /* NULL: none */
} paper_panel;

/*
 * A Hinton diagram: weights as squares on grey, white if positive, black if negative, the area proportional
 * to |w|. All panels have the same scale. `across` panels are drawn side by side.
 */
void paper_hinton(const paper_options *options, const char *name, const char *title,
                  const paper_panel *panels, size_t count, size_t across);

/* A Hinton diagram of a network, with a panel for each connection and for each layer's biases. */
void paper_hinton_network(const paper_options *options, const char *name, const char *title,
                          const bp_network *net);

/* A small network drawn as in [RHW86] figure 1: biases inside the units, weights on the arcs. */
void paper_diagram(const paper_options *options, const char *name, const char *title, const bp_network *net);

#endif
