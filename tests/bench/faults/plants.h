/* Faults that are planted one at a time, and the names that are right for each. */
#ifndef FAULTS_PLANTS_H
#define FAULTS_PLANTS_H

#include "scene.h"

/* What is demanded of the kinds of a group. */
typedef enum fault_group {
    STRUCTURE,   /* follows from network or data: all are found */
    DYNAMICS,    /* shows in training: 95 % within the first two names */
    STATISTICAL, /* a matter of degree: 80 % within the first two */
    GROUPS
} fault_group;

typedef enum fault_stage {
    BEFORE, /* what bp_diagnose() finds before training */
    AFTER   /* what the trainer found, then bp_diagnose() after training */
} fault_stage;

/* A change is a fault only if it does harm: others are not counted. */
typedef enum fault_harm {
    ALWAYS,
    CUT_SHORT,        /* as WORSE_ERROR; and twice the epochs would have lowered E by a fifth */
    WORSE_ERROR,      /* the training error ends worse than that of the healthy run */
    MUCH_WORSE,       /* by 5 points of accuracy, or 5 % of the targets' variance */
    RISING_VALIDATION /* the validation error ends 1.2 times above its minimum */
} fault_harm;

enum { MAX_ACCEPTED = 3 };

typedef struct plant {
    const char *name;
    fault_group group;
    fault_stage stage;
    fault_harm harm;
    bp_severity least; /* of the finding: some are no more than notes */
    bp_finding_kind accepted[MAX_ACCEPTED];
    /* Plants the fault; false if the scene cannot have it. Only with AFTER healthy is the run without it. */
    bool (*plant)(scene *s, const run_result *healthy);
} plant;

extern const plant plants[];
extern const size_t plant_count;

/* Does a run end worse than the healthy one, by more than 10 % of E and, with classes, 3 points of accuracy?
 */
bool ends_worse(const run_result *run, const run_result *healthy, bool has_classes);

bool ends_much_worse(const run_result *run, const run_result *healthy, bool has_classes);

/* plant_network.c */
bool plant_saturated(scene *s, const run_result *healthy);
bool plant_dead(scene *s, const run_result *healthy);
bool plant_equal_weights(scene *s, const run_result *healthy);
bool plant_zero_weights(scene *s, const run_result *healthy);
bool plant_deep_logistic(scene *s, const run_result *healthy);
bool plant_deep_large(scene *s, const run_result *healthy);
bool plant_out_of_reach(scene *s, const run_result *healthy);
bool plant_squared_error(scene *s, const run_result *healthy);
bool plant_logistic_classes(scene *s, const run_result *healthy);
bool plant_softmax_of_one(scene *s, const run_result *healthy);
bool plant_untrained(scene *s, const run_result *healthy);

/* plant_training.c */
bool plant_rate_30(scene *s, const run_result *healthy);
bool plant_rate_100(scene *s, const run_result *healthy);
bool plant_rate_10000(scene *s, const run_result *healthy);
bool plant_small_rate(scene *s, const run_result *healthy);
bool plant_sum(scene *s, const run_result *healthy);
bool plant_plateau(scene *s, const run_result *healthy);
bool plant_cut_short(scene *s, const run_result *healthy);
bool plant_overfitting(scene *s, const run_result *healthy);
bool plant_few_units(scene *s, const run_result *healthy);
bool plant_many_units(scene *s, const run_result *healthy);

/* plant_data.c */
bool plant_huge_inputs(scene *s, const run_result *healthy);
bool plant_constant_column(scene *s, const run_result *healthy);
bool plant_duplicate_column(scene *s, const run_result *healthy);
bool plant_outlier(scene *s, const run_result *healthy);
bool plant_class_absent(scene *s, const run_result *healthy);
bool plant_class_rare(scene *s, const run_result *healthy);
bool plant_contrary_targets(scene *s, const run_result *healthy);

/* A column of many values, its least and its largest; false if there is none. */
bool find_varied_column(const table *data, uint64_t *stream, size_t *column, double *low, double *high);

/* plant_samples.c */
bool plant_shared_cases(scene *s, const run_result *healthy);
bool plant_sorted_split(scene *s, const run_result *healthy);
bool plant_shifted_validation(scene *s, const run_result *healthy);
bool plant_random_targets(scene *s, const run_result *healthy);
bool plant_linear_targets(scene *s, const run_result *healthy);

#endif
