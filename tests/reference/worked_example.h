/* The figures of the worked example, before each of two changes and after them; see worked_example.c. */
#ifndef TESTS_WORKED_EXAMPLE_H
#define TESTS_WORKED_EXAMPLE_H

#include "backprop.h"

#define WORKED_INPUT_1 0.5
#define WORKED_INPUT_2 0.8
#define WORKED_TARGET  0.7

enum { WORKED_STEPS = 3, WORKED_WEIGHTS = 6 };

typedef struct worked_step {
    double weights[WORKED_WEIGHTS]; /* in the library's order: w11, w12, w21, w22 (w_ji), v1, v2 */
    double x1, x2, y1, y2, x_out, y_out;
    double error;
    double dy_out, dx_out, dy1, dy2, dx1, dx2; /* derivatives of E */
    double input_gradient[2];
    double gradient[WORKED_WEIGHTS];
} worked_step;

extern const worked_step worked_example[WORKED_STEPS];

/* The weights after two changes with momentum 0. */
extern const double worked_without_momentum[WORKED_WEIGHTS];

/* The case, with its strides written out as checked data have them. */
bp_data worked_example_data(void);

/* The net with its first weights. */
bp_network *worked_example_network(void);

#endif
