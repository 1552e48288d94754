/*
 * How the tests of this folder state measured results.
 *
 * Bounds come from more runs than a test has, with three ranges of seeds (from 1, from 1001 and from 5001;
 * each test's comment gives the number of runs). They lie about four standard errors of 100 runs from the
 * measured share or median. Training is chaotic: rounding, which differs between instruction sets, decides
 * for a few seeds of a hundred whether and when a run is solved. The bounds hold for all instruction sets.
 * What held in every run is asserted of every run.
 */
#ifndef CLAIMS_H
#define CLAIMS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "paper.h"

/* The runs of most tests: seeds 1 to 100. */
static const paper_options hundred = {.seeds = 100, .seed = 1, .svg = NULL};

/* low <= value <= high; value is truncated to an integer. */
#define assert_measured(value, low, high) assert_in_range((uintmax_t)(value), (low), (high))

#endif
