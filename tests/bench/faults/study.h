/* The parts of a study: planted faults, healthy runs, recovery. Each prints its tables and tells whether the
 * marks are met. */
#ifndef FAULTS_STUDY_H
#define FAULTS_STUDY_H

#include "plants.h"

/* Every set in `seeds` scenes, each with another network and seed. */
typedef struct study {
    size_t set_count, seeds;
    const fault_set **sets;
    table *tables;
    run_result *healthy; /* see healthy_run() */
    unsigned processes;
    bool is_verbose;
    bool is_small; /* the check without data of the user's */
} study;

/* The network of a scene of a set, 0 to NETS - 1. */
unsigned study_net(size_t set, size_t seed);

/* Trains all sets with all networks, without and with validation cases. */
void train_healthy(study *all);
void free_healthy(study *all);
const run_result *healthy_run(const study *all, size_t set, unsigned net, bool uses_validation);

/* Warnings about training in healthy runs, and findings about data against a list checked by hand. */
bool judge_healthy(const study *all);

/* words: parts of names of plants; none: all. */
bool judge_plants(const study *all, char **words, int word_count);

/* Rates that are too large, with recoveries. */
bool judge_recovery(const study *all);

/* The kinds of a report from a severity on, " - " if there is none. */
void print_report(const report *found, bp_severity least);

#endif
