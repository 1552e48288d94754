/*
 * The workloads: fully connected layers, logistic hidden units, momentum 0.9, Adam or Rprop. Every program
 * gets the same cases in the same order and the same initial weights, and returns its E, so that a program
 * that computes something else is detected.
 */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include <stddef.h>

enum { MAX_LAYERS = 6 };

typedef enum work_kind { TRAINING, PREDICTION } work_kind;

/* Where the cases come from: the tasks of the paper, random inputs with a class each, or with target bits.
 * They decide the outputs and the error, too: CLASSES softmax and cross-entropy, LABELS logistic and
 * cross-entropy, all others logistic and squared error. */
typedef enum case_source { XOR, SYMMETRY, ENCODER, CLASSES, BITS, LABELS } case_source;

/* Momentum 0.9; Adam with 0.9, 0.999 and 1e-8; Rprop as each program has it, with the rate as the first step:
 * iRprop+ here, iRprop- in FANN, Rprop without a step back in PyTorch. */
typedef enum work_rule { MOMENTUM, ADAM, RPROP } work_rule;

typedef struct workload {
    const char *name;
    work_kind kind;
    case_source source;
    size_t units[MAX_LAYERS], layers;
    size_t cases, batch; /* batch divides cases, or the last one is smaller */
    double rate;
    const char *unit; /* "ns/step", "ns/case", "us/sweep", "ns", "cases/s" or "GFLOP/s" */
    work_rule rule;
} workload;

/* A workload with its data. weights: for each layer its matrix, a row per receiving unit, then its biases. */
typedef struct task {
    const workload *work;
    size_t in, out, weight_count;
    float *inputs, *targets, *weights;
} task;

extern const workload workloads[];
extern const size_t workload_count;

int is_softmax(const workload *work);
int is_cross_entropy(const workload *work);

/* Ends the program if memory runs out. */
void make_task(task *t, const workload *work);
void free_task(task *t);

/* `count` zeros, aligned to 64 bytes, to be released by free; ends the program if memory runs out. */
float *floats(size_t count);

/* E of outputs y: squared error, or cross-entropy of probabilities; -1 if one of them is NaN. */
double error_of_outputs(const task *t, const float *y);

/* Seconds for all cases of the workload in the workload's own unit. */
double in_unit(const workload *work, double seconds);

/* Operations (a multiplication and an addition are two) of one pass over all cases, products alone. */
double operations(const workload *work);

#endif
