/* Connections of each kind by one call, with options made of what the call is given. */
#ifndef TESTS_CONNECT_H
#define TESTS_CONNECT_H

#include "backprop.h"

bp_status connect_delayed(bp_connection **out, bp_network *net, bp_layer *from, bp_layer *to);
bp_status connect_masked(bp_connection **out, bp_network *net, bp_layer *from, bp_layer *to,
                         const unsigned char *mask, size_t count);
bp_status connect_delayed_masked(bp_connection **out, bp_network *net, bp_layer *from, bp_layer *to,
                                 const unsigned char *mask, size_t count);
bp_status connect_convolution(bp_connection **out, bp_network *net, bp_layer *from, bp_layer *to,
                              const bp_convolution *field);
bp_status connect_delayed_convolution(bp_connection **out, bp_network *net, bp_layer *from, bp_layer *to,
                                      const bp_convolution *field);

/* A finalized recurrent network: inputs, tanh units that receive from themselves a step later, one linear
 * output. */
bp_network *recurrent_network(size_t inputs, size_t hidden);

#endif
