/* Trainings in many ways that must give the same bits whether they are interrupted or not. */
#ifndef TESTS_CHECKPOINT_EXAMPLE_H
#define TESTS_CHECKPOINT_EXAMPLE_H

#include "train/wave_example.h"

/* Cases of the training set of most scenarios: 37, an odd number. */
enum { SCENARIO_CASES = 37, SCENARIO_HISTORY = 4096 };

typedef struct scenario {
    const char *name;
    size_t cases;
    bool has_validation;
    size_t stream_window; /* 0: data in memory */
    void (*set)(bp_trainer_options *options);
} scenario;

/* The table; ends with a name of NULL. */
extern const scenario scenarios[];

/* The options, with rules that the caller keeps. */
bp_trainer_options scenario_options(const scenario *s);
bp_network *scenario_network(const scenario *s);
/* One call of bp_trainer_run, or on streams. */
bp_status scenario_run(const scenario *s, bp_trainer *trainer, bp_result *result);

/* All that can be seen of a training that has ended. */
typedef struct outcome {
    bp_network *net;
    bp_result result;
    size_t finding_count, epochs;
    bp_finding findings[64];
    double errors[SCENARIO_HISTORY];
} outcome;

/* Takes what a trainer and its network show; the network now belongs to the outcome. */
void take_outcome(outcome *all, bp_trainer *trainer, bp_network *net, const bp_result *result);
/* Without an interruption. */
void train_without_stop(const scenario *s, outcome *all);
/* Asserts that they are the same, but for times and numbers of checkpoints. */
void assert_same_outcome(const scenario *s, const outcome *got, const outcome *wanted);
void end_outcome(outcome *all);

/* The bytes of a checkpoint, to be freed. */
unsigned char *save_trainer(const bp_trainer *trainer, size_t *size);
/* A trainer of a new network from bytes of a scenario's checkpoint. */
pair load_scenario(const scenario *s, const unsigned char *bytes, size_t size,
                   const bp_trainer_options *options);

#endif
