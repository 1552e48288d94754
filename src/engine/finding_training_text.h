/* Findings about the course of training as sentences. */
#ifndef BPI_ENGINE_FINDING_TRAINING_TEXT_H
#define BPI_ENGINE_FINDING_TRAINING_TEXT_H

#include "engine/sentence.h"

/* False if the finding is not one of these. */
bool bpi_write_training_finding(const bp_finding *finding, sentence *out);

#endif
