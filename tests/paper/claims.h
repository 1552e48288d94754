/*
 * How the tests of this folder state what was measured.
 *
 * A rule for the margins: bounds were chosen from more runs than the test's, of three streams of seeds (from
 * 1, from 1001 and from 5001; the comments say how many), and lie about four standard errors of 100 runs away
 * from the share or the median found there. Such runs are chaotic, so that the last bits, in which
 * instruction sets differ, decide for a few seeds of a hundred whether and when they are solved: the bounds
 * hold for all of them. A claim that held in every run is asserted of every run.
 */
#ifndef CLAIMS_H
#define CLAIMS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "paper.h"

/* Seeds 1 to 100: the fixed stream of every test here. */
static const paper_options hundred = {.seeds = 100, .seed = 1, .svg = NULL};

/* low <= value <= high, in whole numbers. */
#define assert_measured(value, low, high) assert_in_range((uintmax_t)(value), (low), (high))

#endif
