/*
 * Weights from inputs in panels, the order in which forward products of several cases read them (kernel.h),
 * while a trainer updates them: nothing is copied before a product, and the gradient, y^T delta, is made in
 * the same order. No backward pass needs these weights.
 *
 * They stay where they are in the network's vector, in another order, and so do their elements in the vectors
 * of the optimizer. So whoever looks at one of these must put them into rows first (train/weight_order.h).
 */
#ifndef BPI_ENGINE_INPUT_PANELS_H
#define BPI_ENGINE_INPUT_PANELS_H

#include "engine/types.h"

/* Can the weights of any connection be in panels? Not if an activation is the caller's, who may look at them.
 */
bool bpi_panels_fit(const bp_workspace *workspace);

/* Are those of this connection? */
bool bpi_is_in_panels(const bp_workspace *workspace, const bp_connection *connection);

/* Puts the weights that can be in panels, or the elements that belong to them in a vector that is as long,
 * into panels, or back into rows. Needs scratch memory of as many values. */
void bpi_reorder(const bp_workspace *workspace, bool into_panels, bp_real *vector, bp_real *scratch);

#endif
