/*
 * Training as a C programmer writes it over a library of matrix products, the rest in plain loops that the
 * compiler vectorizes for the processor of this machine. One thread.
 */
#ifndef BENCH_HAND_LOOP_H
#define BENCH_HAND_LOOP_H

#include <stdbool.h>

#include "workload.h"

/* The products of layer l, of `rows` cases. The weights are out x in, or in x out where input_major. */
typedef struct product_library {
    bool input_major;
    void *(*create)(const workload *work);
    /* y += the sums; x is rows x in, y and delta rows x out */
    void (*forward)(void *self, size_t l, size_t rows, const float *x, const float *weights, float *y);
    /* below = the contributions of delta */
    void (*backward)(void *self, size_t l, size_t rows, const float *delta, const float *weights,
                     float *below);
    /* laid out as the weights are */
    void (*gradient)(void *self, size_t l, size_t rows, const float *delta, const float *x, float *gradient);
    void (*destroy)(void *self);
} product_library;

/* The functions of a program. NULL where the rule is not momentum. */
void *hand_loop_create(const task *t, const product_library *library);
void hand_loop_train(void *self, unsigned long sweeps);
void hand_loop_predict(void *self, unsigned long calls);
double hand_loop_error(void *self);
void hand_loop_destroy(void *self);

#endif
