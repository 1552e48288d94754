/* Small data made by formulas, each with a difficulty of its own. Tests need nothing else. */
#ifndef DATA_FORMULAS_H
#define DATA_FORMULAS_H

#include "table.h"

table make_xor(void);             /* clouds around the corners of a square, the class by the diagonal */
table make_xor_irrelevant(void);  /* the same with four columns that say nothing */
table make_spirals(void);         /* two arms of one turn */
table make_sine(void);            /* a sine of one column, with noise */
table make_friedman(void);        /* J. H. Friedman (1991), problem 1: ten columns, five of them matter */
table make_monks(void);           /* a rule over attributes in one-hot columns, as Monk's problem 1 */
table make_heavy_tails(void);     /* columns with values of up to a thousand times their usual size */
table make_unequal_columns(void); /* columns of sizes from 1e-6 to 1e6, target of size 1e4 */
table make_near_constant(void);   /* columns that hardly vary, and some that do not at all */
table make_bits(void);            /* columns of 0 and 1: a majority with exceptions */

#endif
