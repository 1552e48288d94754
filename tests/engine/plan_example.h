/* Networks whose calls take different paths. */
#ifndef TESTS_ENGINE_PLAN_EXAMPLE_H
#define TESTS_ENGINE_PLAN_EXAMPLE_H

#include <stdbool.h>

#include "support/support.h"

bp_network *net_2_2_1(void);
bp_network *net_784_128_10(void);
/* (31 + 1) 16 weights, the most that a small network has; and (26 + 1) 19, one more. */
bp_network *net_of_512_weights(void);
bp_network *net_of_513_weights(void);
bp_network *net_of_4096_weights(void);
bp_network *net_of_8192_weights(void);
bp_network *net_of_8193_weights(void);
bp_network *net_48_83(void);
bp_network *net_48_84(void);
bp_network *net_49_20(void);
bp_network *net_7_8(void);
bp_network *net_4_13(void);
bp_network *net_128_7(void);
bp_network *net_200_2_1(void);
bp_network *net_129_7(void);
bp_network *net_129_8(void);
bp_network *net_255_256(void);
bp_network *net_256_256(void);
bp_network *net_1_127_128(void);
bp_network *net_1_128_128(void);
bp_network *net_of_16_layers(void);
bp_network *net_of_17_layers(void);
bp_network *softmax_outputs(void);
bp_network *softmax_hidden(void);
bp_network *custom_activation(void);
/* 2-2-1 with a connection from the inputs to the output. */
bp_network *skipping_connection(void);
/* 2-2-1 whose hidden layer is an output too. */
bp_network *output_below_another_layer(void);
/* 2-2-2 with one matrix for both connections. */
bp_network *shared_matrix(void);
/* 2-2-2 with the same biases in both layers. */
bp_network *shared_biases(void);
/* 2-2 in which each unit receives from one. */
bp_network *masked_connection(void);
/* One kernel of 1 x 2 on a row of 4 inputs: 3 units. */
bp_network *convolution(void);
/* A layer of one unit that receives from itself, over 3 steps. Each step has outputs, which lead to the next.
 */
bp_network *unrolled(void);

/* Are all of these facts among them? */
bool holds(unsigned facts, unsigned all);

#endif
