/* The rules of scaling, bp_scaling: their validation, and the offset and factor that they give a column. */
#ifndef BPI_ENGINE_SCALING_RULE_H
#define BPI_ENGINE_SCALING_RULE_H

#include "engine/column_statistics.h"

/* ARGUMENT or NOT_FINITE, with the reason, for a rule that is not valid; name: of the argument, for messages.
 */
bp_status bpi_check_scaling_rule(const char *function, const char *name, const bp_scaling *scaling);

/* Does the rule leave all columns as they are? */
bool bpi_scaling_rule_is_none(const bp_scaling *scaling);

/* Are columns fitted each by what it is used for, and unrolled ones together? */
bool bpi_scaling_rule_is_automatic(const bp_scaling *scaling);

/* Offset and factor of one column. activation: of the unit whose target it is; 0 for an input. False if they,
 * or the scaled column, are not finite in bp_real. */
bool bpi_fit_column(const bp_scaling *rule, const column_statistics *column, int32_t activation,
                    bp_real *offset, bp_real *factor);

#endif
