/* Linear models of targets: least squares, or the linear classifier of the same softmax and cross-entropy. */
#ifndef BPI_CHECK_LINEAR_MODEL_H
#define BPI_CHECK_LINEAR_MODEL_H

#include "engine/neighbours.h"
#include "kernel/kernel.h"

/* What the model's outputs f(W x) are. */
typedef enum linear_output {
    LINEAR_NUMBERS, /* W x; least squares */
    LINEAR_BINARY,  /* logistic units; targets 0 or 1, cross-entropy */
    LINEAR_CLASSES  /* softmax; one-hot targets, cross-entropy */
} linear_output;

/* The last input of all cases is 1, so that its weights are the biases. */
typedef struct linear_model {
    const kernel_table *kernel;
    const bp_allocator *allocator;
    linear_output output;
    size_t inputs, outputs;
    bp_real *weights; /* outputs x inputs */
} linear_model;

/* An upper bound of the multiply-adds of a fit to so many cases. */
double bpi_linear_cost(size_t cases, size_t inputs, size_t outputs);

/*
 * Fits the model to cases first .. end - 1, of which there is one at least: up to 40 steps of conjugate
 * gradients on the mean error with a little weight decay. Its weights are allocated if they are NULL; the
 * caller releases them. False when there is no memory.
 */
bool bpi_linear_fit(linear_model *model, const case_rows *cases, size_t first, size_t end);

/* The outputs for cases first .. end - 1, a dense row each. False when there is no memory. */
bool bpi_linear_predict(const linear_model *model, const case_rows *cases, size_t first, size_t end,
                        bp_real *outputs);

#endif
