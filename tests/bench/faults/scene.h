/* A scene: data, network and options of one training. It is healthy until a fault is planted in it. */
#ifndef FAULTS_SCENE_H
#define FAULTS_SCENE_H

#include "fault_sets.h"

enum { NETS = 6, MAX_REPORTED = 24 };

/* The networks of healthy scenes: one hidden layer of 16 units or two, by activation. */
extern const char *const net_names[NETS];

typedef enum scene_scaling {
    SCALED_BY_TRAINER, /* by hand where no trainer will, or where it would not, as weights were set */
    INPUTS_SCALED,     /* by hand, and the targets are not */
    TARGETS_SCALED     /* likewise */
} scene_scaling;

typedef struct scene {
    table training, validation;
    bool uses_validation;
    size_t hidden_layers, hidden_units;
    bp_activation hidden, output;
    const bp_weight_init *init; /* NULL: the default */
    double weight_factor;       /* all weights as drawn are multiplied by it; 0: they stay as drawn */
    double hidden_bias;         /* of all hidden units; 0: as drawn */
    scene_scaling scaling;
    bp_trainer_options options;
    bp_stop_rule rule; /* used if options.stop_rule_count is 1 */
    uint64_t seed;
} scene;

/* Findings in the order in which a reader meets them, each kind once. */
typedef struct report {
    size_t count;
    bp_finding_kind kinds[MAX_REPORTED];
    bp_severity severities[MAX_REPORTED];
    size_t cases_or_columns[MAX_REPORTED]; /* bp_finding.count */
} report;

typedef struct run_result {
    bp_status status;
    bp_stop_reason reason;
    size_t epochs, recoveries;
    double error, accuracy; /* of the training cases, with the weights handed back; error is mean E */
    double rate;            /* the learning rate at the start */
    double best_validation, last_validation;
    double error_at_20th, error_at_10th; /* of E, after these parts of all epochs */
    report found;
} run_result;

/* The healthy scene of a table, a network and its seed: a quarter of the cases is for validation. */
scene scene_create(const table *data, unsigned net);
void scene_destroy(scene *s);

/* Trains, and reports what the trainer and then bp_diagnose() found: errors, then warnings, then notes. */
void scene_train(const scene *s, run_result *result);

/* The share of the first hidden layer's outputs that are within 1 % of their range from an end. */
double scene_saturation(const scene *s);

/* Reports what bp_diagnose() finds before training. */
void scene_diagnose(const scene *s, report *found);

/* What is found in a whole table, raw, whatever the network. */
void table_diagnose(const table *data, report *found);

#endif
