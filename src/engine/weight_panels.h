/*
 * Products of two cases or more read the weights in another order than they are stored in (panels, kernel.h),
 * and copy them to it first. A workspace for several cases keeps these copies as long as the weights stay the
 * same, so that predicting a few cases at a time does not copy all weights each time.
 *
 * They are made in the second pass over the same weights: where weights change from pass to pass, nothing is
 * made.
 */
#ifndef BPI_ENGINE_WEIGHT_PANELS_H
#define BPI_ENGINE_WEIGHT_PANELS_H

#include "engine/types.h"

/* Values of the copy of a connection's weights; 0 where none is kept. */
size_t bpi_panel_values(const bp_workspace *workspace, const bp_connection *connection);

/* Before a forward pass over two cases or more: makes the copies, if they are due. */
void bpi_update_panels(bp_workspace *workspace);

/* The copy of a connection's weights as they are now, or these themselves if they are in panels; else NULL.
 */
const bp_real *bpi_panels_of(const bp_workspace *workspace, const bp_connection *connection);

#endif
