/* Exclusive or, the smallest task that needs a hidden unit. */
#ifndef XOR_H
#define XOR_H

#include "task.h"

/* Whole sweeps, momentum 0.9, at most 5,000 sweeps; start weights in +-range. hidden units in one layer; with
 * direct other than 0 the inputs lead to the output, too. */
paper_task xor_task(size_t hidden, int direct, double rate, double range);

void xor_report(const paper_options *options);

#endif
