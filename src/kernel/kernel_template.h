/*
 * The kernel table of one instruction set. The file that includes this defines
 *     BPI_VECTOR_BYTES   the size of a register: 16, 32 or 64
 *     BPI_TILE_VECTORS   vectors in a row of a register tile: 4 with 32 registers, 2 with 16
 *     BPI_TABLE          the table's symbol
 *     BPI_TABLE_NAME     its name, as in the option isa
 *     BPI_SUPPORTED      an expression: can this CPU run it?
 * and is compiled for that instruction set (cmake/instruction_sets.cmake).
 */
#include "kernel/loss_template.h"
#include "kernel/noise_template.h"
#include "kernel/product_template.h"
#include "kernel/scale_template.h"
#include "kernel/values_template.h"

static bool supported(void)
{
    return BPI_SUPPORTED;
}

const kernel_table BPI_TABLE = {
    .name = BPI_TABLE_NAME,
    .supported = supported,
    .lanes = BPI_LANES,
    .product_scratch = product_scratch,
    .product_forward = product_forward,
    .product_backward = product_backward,
    .product_weights = product_weights,
    .panel_columns = BPI_TILE_COLUMNS,
    .panel_values = panel_values,
    .make_panels = make_panels,
    .forward_from_sums = forward_from_sums,
    .column_sums = column_sums,
    .activate = activate,
    .multiply_slope = multiply_slope,
    .find_values = find_values,
    .multiply_slope_at = multiply_slope_at,
    .softmax = softmax_of_rows,
    .find_loss = find_loss,
    .find_loss_by_unit = find_loss_by_unit,
    .momentum_update = momentum_update,
    .rule_update = rule_update,
    .drop_units = drop_units,
    .add_noise = add_noise,
    .scale = scale,
    .unscale = unscale,
    .multiply_all = multiply_all,
    .all_finite = all_finite,
    .sum_of_squares = sum_of_squares,
};
