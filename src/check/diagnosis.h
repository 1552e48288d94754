/* What the checks of bp_diagnose share: network and data, what is known of their columns, and the findings.
 */
#ifndef BPI_CHECK_DIAGNOSIS_H
#define BPI_CHECK_DIAGNOSIS_H

#include "engine/column_statistics.h"
#include "engine/types.h"

/* Cases that the costly checks look at. A share of cases is then known within 2.2 %, two standard errors. */
#define BPI_SAMPLE_CASES 2048

/*
 * The probability that all tests of one call together raise a false alarm on random data. Those of one kind
 * divide it among themselves (Bonferroni), so that no more is ever spent than stated in the header.
 */
#define BPI_FALSE_ALARM 1e-3

/* The cases of a data set that the costly checks look at, in ascending order. */
typedef struct case_sample {
    size_t *order;
    size_t count;
} case_sample;

/* What the targets of an output layer are. */
typedef enum target_kind {
    TARGETS_ANY = 0,
    TARGETS_BINARY, /* a single column of two values */
    TARGETS_ONE_HOT /* in each case one column has the higher of two values, all others the lower one */
} target_kind;

typedef struct diagnosis {
    const char *function; /* for messages */
    const bp_network *net;
    const bp_allocator *allocator;
    bp_workspace *workspace;
    bp_loss loss;                 /* not the default one */
    bp_data training, validation; /* checked; validation.cases is 0 if there is none */
    case_sample training_sample, validation_sample;
    column_statistics *inputs, *targets; /* of the training columns, raw */
    target_kind *target_kinds;           /* one per output layer */
    size_t *class_cases;                 /* for columns of one-hot targets: the cases of the class */
    bp_finding *findings;
    size_t count, capacity;
} diagnosis;

/* Makes a diagnosis of valid arguments: samples, statistics, kinds of targets. MEMORY; the caller clears it
 * in any case. */
bp_status bpi_diagnosis_prepare(diagnosis *d);
void bpi_diagnosis_clear(diagnosis *d);

/* MEMORY, with the function's name. */
bp_status bpi_diagnosis_fail_memory(const diagnosis *d);

/* Adds a finding; of layers that are copies of one, the first has it. */
void bpi_report(diagnosis *d, const bp_finding *finding);

/* Will a trainer with default options scale the data before it begins? */
bool bpi_will_be_scaled(const diagnosis *d);

/* A raw target as the network sees it. */
double bpi_scaled_target(const diagnosis *d, size_t column, double target);

/* The least and the largest target of a column as the network sees them. */
void bpi_scaled_ends(const diagnosis *d, size_t column, double *low, double *high);

static inline const bp_real *input_row(const bp_data *data, size_t row)
{
    return data->inputs + row * data->input_stride;
}

static inline const bp_real *target_row(const bp_data *data, size_t row)
{
    return data->targets + row * data->target_stride;
}

#endif
