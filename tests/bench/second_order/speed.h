/* The time of an iteration of Levenberg-Marquardt by the number of weights. */
#ifndef BENCH_SECOND_ORDER_SPEED_H
#define BENCH_SECOND_ORDER_SPEED_H

/* Prints a table. Returns the program's exit status. */
int print_speed(void);

#endif
