/* What the oracle takes from a network. */
#ifndef TESTS_REFERENCE_READING_H
#define TESTS_REFERENCE_READING_H

#include "reference/reference.h"

/* Layers, connections, the order of the weights, and all numbers; for the layers in outputs, see
 * reference_create. */
void reference_read(reference *ref, const bp_network *net, const size_t *outputs, size_t output_count);

#endif
