/* The section of a model that says which layers have dropout or noise in training (network/unit_noise.h). */
#ifndef BPI_FORMAT_NOISE_SECTION_H
#define BPI_FORMAT_NOISE_SECTION_H

#include "base/byte_sink.h"
#include "format/model_format.h"
#include "network/types.h"

/* The payload; without any such layer, a file has no section. */
void bpi_noise_write(byte_sink *sink, const bp_network *net);

/* Sets what the section says, if there is one, in a finalized network, before it is unrolled. FORMAT. */
bp_status bpi_noise_read(const model_file *file, bp_network *net);

#endif
