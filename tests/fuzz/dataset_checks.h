/* What must hold of whatever a loader returns. Each ends the program with abort() if it does not. */
#ifndef TESTS_FUZZ_DATASET_CHECKS_H
#define TESTS_FUZZ_DATASET_CHECKS_H

#include <stdint.h>
#include <stdlib.h>

#include "backprop.h"

/* A block of just this size, to be freed: reading past the end shows. */
uint8_t *copy_of(const uint8_t *bytes, size_t size);

/* An allocator that counts its live blocks, and asserts that none is left. */
bp_allocator counting_allocator(void);
void require_nothing_live(void);

/*
 * A failure must leave no dataset, a message, and a status that a loader gives; a success a dataset whose
 * values are finite, whose class targets are one `on` among `off`, and which can be split. Destroys the
 * dataset.
 */
void check_loaded(bp_status status, bp_dataset *dataset, double on, double off);

/*
 * A stream over what was loaded: opened and read as often as it wants, it must give the same cases, and fail
 * where the loader fails. It is destroyed; the dataset, NULL after a failure, is not.
 */
void check_stream(bp_status loaded, const bp_dataset *dataset, bp_status opened, bp_stream *stream);

#endif
