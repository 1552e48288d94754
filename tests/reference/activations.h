/* The oracle's activations of one unit by itself: one row each, and the functions behind it. */
#ifndef TESTS_REFERENCE_ACTIVATIONS_H
#define TESTS_REFERENCE_ACTIVATIONS_H

#include "backprop.h"

enum { REFERENCE_KINK_AT_0 = 1, REFERENCE_KINKS_AT_1 = 2 /* and at -1 */ };

typedef struct reference_activation {
    const char *name;
    bp_activation (*make)(void);
    double (*value)(double x);
    double (*slope)(double x, double y); /* y = f(x) */
    unsigned kinks;                      /* where a derivative of f jumps: differences across it say little */
} reference_activation;

/* The first REFERENCE_FUSED rows have their slopes from y. The last
 * REFERENCE_PERIODIC ones make much of the rounding of a large x. */
enum { REFERENCE_ACTIVATIONS = 23, REFERENCE_FUSED = 4, REFERENCE_PERIODIC = 4 };
extern const reference_activation reference_activations[REFERENCE_ACTIVATIONS];

/* Is it one of the periodic ones? */
int reference_is_periodic(const reference_activation *activation);

/* The row of that name; NULL if there is none. */
const reference_activation *reference_activation_by_name(const char *name);

#endif
