/* Rules for initial weights. */
#ifndef BPI_NETWORK_WEIGHT_INIT_H
#define BPI_NETWORK_WEIGHT_INIT_H

#include "network/weight_draw.h"

/* ARGUMENT or NOT_FINITE, in a message that begins with `where`, unless kind and parameters are valid. */
bp_status bpi_check_weight_init(const char *where, const bp_weight_init *init);

/* Can the rule draw the weights of its connection? Not if that is masked, and the rule needs a matrix. */
bool bpi_rule_suits(const bp_connection *connection, const char **name);

/* Draws by the rule of drawing->init, which suits the connection. */
bp_status bpi_draw_weights(const drawing *drawing);

/* Units that a unit of the layer receives from, on average; 0 for an input layer. */
double bpi_fan_in(const bp_layer *layer);

#endif
