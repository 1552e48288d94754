/* Rules for initial weights. */
#ifndef BPI_NETWORK_WEIGHT_INIT_H
#define BPI_NETWORK_WEIGHT_INIT_H

#include "network/types.h"

/* ARGUMENT or NOT_FINITE, in a message that begins with `where`, unless kind and parameters are valid. */
bp_status bpi_check_weight_init(const char *where, const bp_weight_init *init);

/* Can the rule draw the weights of its connection? Not if that is masked, and the rule needs a matrix. */
bool bpi_rule_suits(const bp_connection *connection, const char **name);

bool bpi_is_nguyen_widrow(const bp_weight_init *init);

/* Units that a unit of the layer receives from, on average; 0 for an input layer. */
double bpi_fan_in(const bp_layer *layer);

#endif
