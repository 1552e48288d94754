/* Which of the numbered cases make up the updates, and in which order. */
#ifndef TESTS_ORDER_NOTES_H
#define TESTS_ORDER_NOTES_H

#include "train/train_example.h"

/* The one derivative of each update of numbered_network(). */
typedef struct order_notes {
    double derivative[256];
    size_t count;
} order_notes;

/* A gradient hook that records it and then makes it 0, so that the weight stays 0. context: an order_notes.
 */
bp_status note_order(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply);

void assert_noted(const order_notes *noted, const double *wanted, size_t count);

#endif
