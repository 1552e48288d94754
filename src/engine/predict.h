/* Outputs of checked data. */
#ifndef BPI_ENGINE_PREDICT_H
#define BPI_ENGINE_PREDICT_H

#include "engine/types.h"

/* A row of outputs in raw units for each case. False if an output is not finite. */
bool bpi_predict(bp_workspace *workspace, const bp_data *checked, bp_real *outputs);

#endif
