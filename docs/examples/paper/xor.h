/* Exclusive or, the smallest task that needs a hidden unit. */
#ifndef XOR_H
#define XOR_H

#include "task.h"

/* 2-hidden-1, an update per sweep, momentum 0.9, at most 5,000 sweeps, initial weights in +-range; with
 * direct other than 0, direct connections from the inputs to the output. */
paper_task xor_task(size_t hidden, int direct, double rate, double range);

void xor_report(const paper_options *options);

#endif
