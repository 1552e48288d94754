/* A run: one call of bp_trainer_run from its checked data to its result. */
#ifndef BPI_TRAIN_RUN_H
#define BPI_TRAIN_RUN_H

#include "model/per_case.h"
#include "train/trainer.h"

typedef struct training_run {
    bp_trainer *trainer;
    bp_data training;
    bp_data validation; /* cases is 0 if there is none */
    double start;       /* by the clock */
    size_t epochs;      /* finished in this run */
    uint64_t changes;   /* in this run */
    bool wants_norm;    /* does anybody look at the gradient's norm? */
    bool has_limits;    /* can a rule end it in the middle of an epoch? */
    bool has_time_rule;

    /* Figures of the weights as they now are; each stands until a weight changes. */
    bool present_known, validation_known;
    batch_error present;
    bp_evaluation validated;

    case_run learning; /* of single cases */

    bp_stop_reason reason; /* BP_STOP_NONE while it goes on */
    size_t rule;
} training_run;

/* E of the training cases, and figures of the validation cases, with the weights as they now are. */
const batch_error *bpi_run_present(training_run *run);
const bp_evaluation *bpi_run_validated(training_run *run);

/* The network's weights are those of the last change; they may be elsewhere while single cases change them.
 */
void bpi_run_settle_weights(training_run *run);

/* A weight has changed. */
void bpi_run_forget_figures(training_run *run);

/* Seconds since its start. */
double bpi_run_seconds(const training_run *run);

/* BP_DIVERGED, with the epoch and what became of a value of the training in the message. */
bp_status bpi_run_diverged(const training_run *run, const char *what);

#endif
