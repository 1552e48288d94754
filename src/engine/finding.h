/* Findings: what was decided for the caller, and what was noticed. finding_text.c says them in words. */
#ifndef BPI_ENGINE_FINDING_H
#define BPI_ENGINE_FINDING_H

#include "backprop.h"
#include "base/arithmetic.h"

/* A finding of this kind without place and evidence. */
bp_finding bpi_finding(bp_finding_kind kind, bp_severity severity);

#endif
