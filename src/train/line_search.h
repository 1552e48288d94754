/*
 * A step along a direction that meets the strong Wolfe conditions. Nocedal & Wright, "Numerical
 * optimization", 2nd edition 2006, algorithms 3.5 and 3.6.
 */
#ifndef BPI_TRAIN_LINE_SEARCH_H
#define BPI_TRAIN_LINE_SEARCH_H

#include "train/types.h"

/*
 * With phi(a) = F(w + a d), equations 3.7: phi(a) <= phi(0) + c1 a phi'(0) and |phi'(a)| <= c2 |phi'(0)|.
 * The book's values for quasi-Newton methods.
 */
#define BPI_SUFFICIENT_DECREASE 1e-4
#define BPI_CURVATURE           0.9

/* Evaluations of a search. */
enum { LINE_SEARCH_EVALUATIONS = 20 };

/* What a search starts from, and how it ended. */
typedef struct line_search {
    const bp_real *direction;
    const bp_real *gradient; /* a copy of that at the snapshot */
    double slope;            /* their product, < 0 */
    double first_step;       /* > 0 */
    double step;             /* result: > 0 if it moved */
    bool meets_conditions;   /* result: both; else the first alone, as at a kink of F or at its rounding */
} line_search;

/*
 * From the weights of the snapshot, which the network has, and run->point. If it moved (run->outcome), the
 * network has the weights found, and run->point and the trainer's gradient are theirs; else all three are as
 * before. A failure also leaves them as before.
 */
bp_status bpi_line_search(training_run *run, line_search *search);

#endif
