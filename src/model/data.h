/* Checks of a bp_data at the door, and what its strides mean. */
#ifndef BPI_MODEL_DATA_H
#define BPI_MODEL_DATA_H

#include "model/workspace.h"

/* What a call needs of its data; to be combined. */
enum data_need {
    DATA_INPUTS = 1,
    DATA_TARGETS = 2,
    DATA_BOTH = 3,
    DATA_UNSCALED = 4 /* the network's scaling is not used: values need not fit it */
};

/*
 * Fills *checked with data, strides made explicit, after checking that it fits the network: struct size,
 * cases >= 1, steps side by side, widths, strides not smaller than rows, pointers, case weights finite and
 * >= 0, everything finite, also after scaling. `name` is the argument's name in messages; the place of a bad
 * value is named (case, column). What is not needed is set to NULL; case weights go with targets. need: bits
 * of data_need. The steps of a case are joined: *checked has one, with the widths of all together.
 */
bp_status bpi_data_check(const char *function, const char *name, const bp_network *net, const bp_data *data,
                         int need, bp_data *checked);

/* The same for a workspace's network, by the workspace's threads. */
bp_status bpi_data_check_with(const char *function, const char *name, const bp_workspace *workspace,
                              const bp_data *data, int need, bp_data *checked);

/* The same without a network: widths are only required to be >= 1. For datasets. */
bp_status bpi_data_check_alone(const char *function, const char *name, const bp_data *data, int need,
                               bp_data *checked);

#endif
