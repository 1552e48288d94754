/* Exclusive or, the smallest task that needs a hidden unit. */
#ifndef XOR_H
#define XOR_H

#include "task.h"

/* 2-2-1, without (0) or with (1) start weights as small as the paper's; 2-1-1 with direct connections. */
paper_task xor_task_221(double range);
paper_task xor_task_211(void);

void xor_report(const paper_options *options);

#endif
