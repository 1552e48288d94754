/* Levenberg-Marquardt for squared error: Levenberg (1944), Marquardt (1963), with the damping of Nielsen
 * (1999).
 */
#ifndef BPI_TRAIN_LEVENBERG_MARQUARDT_H
#define BPI_TRAIN_LEVENBERG_MARQUARDT_H

#include "train/types.h"

extern const optimizer_rule bpi_levenberg_marquardt_rule;

#endif
