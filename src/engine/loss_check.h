/* What a loss asks of its parameters, of the output layers and of the targets. */
#ifndef BPI_ENGINE_LOSS_CHECK_H
#define BPI_ENGINE_LOSS_CHECK_H

#include "network/types.h"

/* Replaces the default loss by the one that it stands for, and checks the loss, or those of the outputs.
 * ARGUMENT, with the function's name, if its kind, function or a parameter is not valid; UNSUPPORTED if it
 * does not fit the activation of an output layer, which is named, or cannot have a tolerance or label
 * smoothing. */
bp_status bpi_loss_check(const char *function, bp_loss *loss, const bp_network *net);

/* UNSUPPORTED, with a message, if no loss makes a derivative other than 0: each output layer is softmax of
 * one unit. */
bp_status bpi_loss_check_teaches(const char *function, const bp_network *net);

/* ARGUMENT, with case and column, if the loss does not take a scaled target. Trusts that data were checked;
 * `name` is the argument's name in the message. */
bp_status bpi_loss_check_targets(const char *function, const char *name, const bp_loss *loss,
                                 const bp_network *net, const bp_data *data);
/* The same for the columns of one output layer, by its loss (bpi_loss_of). */
bp_status bpi_loss_check_targets_of(const char *function, const char *name, const bp_loss *loss,
                                    const bp_layer *layer, const bp_data *data);
/* The same for a part of the cases, whose first one has the number first_case in messages. */
bp_status bpi_loss_check_targets_from(const char *function, const char *name, const bp_loss *loss,
                                      const bp_network *net, const bp_data *data, size_t first_case);

#endif
