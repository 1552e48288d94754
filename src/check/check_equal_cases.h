/* Checks for cases that are equal: contrary ones, and those in training and validation. */
#ifndef BPI_CHECK_CHECK_EQUAL_CASES_H
#define BPI_CHECK_CHECK_EQUAL_CASES_H

#include "check/diagnosis.h"

/* MEMORY. */
bp_status bpi_check_equal_cases(diagnosis *d);

#endif
