/* The chapter's shift register: a few fully interconnected units learn to rotate a pattern of bits. */
#ifndef SHIFT_REGISTER_H
#define SHIFT_REGISTER_H

#include "paper.h"

/* paper_outcome.metric of a solved run, 1 or 0, for the outputs after the first of the two steps, which have
 * no targets: they are the pattern rotated by one place; they are the inverse of that. */
enum { SHIFT_REGISTER_SHIFTED, SHIFT_REGISTER_INVERTED };

/* A paper_run whose setting is a size_t, the number of units; solved: every output is within 0.2 of its
 * target. *net is the unrolled network. */
void shift_register_run(const void *units, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                        bp_network **net);

void shift_register_report(const paper_options *options);

#endif
