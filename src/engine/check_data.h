/* Input validation: a bp_data must fit the network, and its values must be finite. */
#ifndef BPI_ENGINE_CHECK_DATA_H
#define BPI_ENGINE_CHECK_DATA_H

#include "engine/scale.h"
#include "engine/types.h"

/* What a call needs of its data; to be combined. */
enum data_need {
    DATA_INPUTS = 1,
    DATA_TARGETS = 2,
    DATA_BOTH = 3,
    DATA_UNSCALED = 4, /* the network's scaling is not used: values need not fit it */
    DATA_MAY_MISS = 8  /* targets that are not there can be skipped; without it they are refused */
};

/* Are dense inputs of some cases finite when they are scaled? */
bool bpi_dense_scales_to_finite(const bp_network *net, const bp_real *inputs, size_t cases);

/*
 * A fast check, inline since predicting with a small network takes no longer than the full ones: true for up
 * to `most` cases of the network's width, dense, and finite when they are scaled, for which bpi_check_data
 * with DATA_INPUTS would pass. False means that bpi_check_data must decide. The inputs of `most` cases must
 * be so few that their number is a size_t.
 */
static inline bool bpi_is_dense_block(const bp_network *net, const bp_data *data, size_t most)
{
    if (data->size != sizeof *data || data->cases == 0 || data->cases > most || data->steps != 1 ||
        data->inputs == NULL || data->input_width != net->input_width || data->input_step_stride != 0)
        return false;
    if (data->cases > 1 && data->input_stride != 0 && data->input_stride != net->input_width)
        return false;
    if (bpi_scaling_is_set(&net->input_scaling))
        return bpi_dense_scales_to_finite(net, data->inputs, data->cases);
    const size_t count = data->cases * net->input_width;
    bp_real zero = 0; /* or NaN, if one of a few inputs is not finite */
    if (count > BPI_FEW_COLUMNS)
        return net->kernel->all_finite(data->inputs, count);
    for (size_t i = 0; i < count; i++)
        zero += data->inputs[i] - data->inputs[i];
    return zero == 0;
}

/*
 * Fills *checked with data, strides made explicit, after checking that it fits the network: struct size,
 * cases >= 1, steps side by side, widths, target strides not smaller than rows (those of inputs may be),
 * pointers, case weights finite and >= 0, everything finite, also after scaling. `name` is the argument's
 * name in messages; the place of a bad value is named (case, column). What is not needed is set to NULL; case
 * weights go with targets. Where missing_targets is 1, a target may be NaN, if the call can skip it. need:
 * bits of data_need. The steps of a case are joined: *checked has one, with the widths of all together.
 */
bp_status bpi_check_data(const char *function, const char *name, const bp_network *net, const bp_data *data,
                         int need, bp_data *checked);

/* The same for a workspace's network, by the workspace's threads. */
bp_status bpi_check_data_with(const char *function, const char *name, const bp_workspace *workspace,
                              const bp_data *data, int need, bp_data *checked);

/* The same for a part of the cases, whose first one has the number first_case in messages. */
bp_status bpi_check_data_from(const char *function, const char *name, const bp_workspace *workspace,
                              const bp_data *data, int need, size_t first_case, bp_data *checked);

/* The same without a network: widths are only required to be >= 1. For datasets. */
bp_status bpi_check_data_alone(const char *function, const char *name, const bp_data *data, int need,
                               bp_data *checked);

/* The same for a part of the cases, whose first one has the number first_case in messages. */
bp_status bpi_check_data_alone_from(const char *function, const char *name, const bp_data *data, int need,
                                    size_t first_case, bp_data *checked);

#endif
