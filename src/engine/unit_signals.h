/* What the outputs of all units were over some cases: which are saturated, and which never change. */
#ifndef BPI_ENGINE_UNIT_SIGNALS_H
#define BPI_ENGINE_UNIT_SIGNALS_H

#include "engine/types.h"

typedef struct unit_signal {
    double min, max;
    size_t saturated; /* cases */
} unit_signal;

typedef struct unit_signals {
    const bp_network *net;
    size_t *starts;     /* for each layer the index of its first unit */
    unit_signal *units; /* of all layers */
    size_t cases;       /* so far */
    double input_size;  /* the largest |input| of these cases, as the network sees them */
} unit_signals;

/* Of no cases. False when there is no memory; the caller clears it in any case. */
bool bpi_unit_signals_create(unit_signals *signals, const bp_allocator *allocator, const bp_network *net);
void bpi_unit_signals_clear(unit_signals *signals, const bp_allocator *allocator);

/* Forgets all cases. */
void bpi_unit_signals_begin(unit_signals *signals);
/* Adds the workspace's current block of `rows` cases, after its forward pass. */
void bpi_unit_signals_add(unit_signals *signals, const bp_workspace *workspace, size_t rows);

/*
 * *finding = BP_FINDING_DEAD_UNITS of a layer, if one of its units never changes: a warning from half of them
 * on, an error if it is all; or BP_FINDING_SATURATED_UNITS of a hidden layer, a warning, if half of its units
 * are saturated in nearly all cases: values[2] is 1 if the inputs may be to blame. False if not. Layers that are inputs, or have no units by themselves,
 * have none.
 */
bool bpi_find_dead_units(const unit_signals *signals, const bp_layer *layer, bp_finding *finding);
bool bpi_find_saturated_units(const unit_signals *signals, const bp_layer *layer, bp_finding *finding);

/* A network has hardly learned if more than this part of the best constant's error is left. In one that has
 * learned, saturated units are switches. */
#define BPI_HARDLY_LEARNED 0.5

#endif
