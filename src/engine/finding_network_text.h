/* Findings about networks as sentences. */
#ifndef BPI_ENGINE_FINDING_NETWORK_TEXT_H
#define BPI_ENGINE_FINDING_NETWORK_TEXT_H

#include "engine/sentence.h"

/* False if the finding is not one of these. */
bool bpi_write_network_finding(const bp_finding *finding, sentence *out);

#endif
