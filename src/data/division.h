/* The division of a dataset's cases into parts: the ways of choosing cases that splits and folds share. Cases
 * are named by origin, the place at which they were loaded. */
#ifndef BPI_DATA_DIVISION_H
#define BPI_DATA_DIVISION_H

#include "data/case_classes.h"

/* What is left of a class's share after rounding down. */
typedef struct class_share {
    uint64_t remainder;
    size_t class;
} class_share;

typedef struct division {
    const char *function, *option; /* for messages: the public function, and what it calls the method */
    bp_dataset *dataset;
    bp_split_method method;
    size_t *order; /* of the origins, in which cases are taken */
    size_t *part;  /* by origin: a part of the caller's; 0: none yet */
    size_t *label; /* by origin: its class, or the number of its group, if that is how they are divided */
    size_t labels; /* classes or groups */
    size_t *label_order, *label_size, *label_part; /* memory for them, labels each */
    class_share *shares;                           /* likewise */
} division;

/* Cases in the order of loading, all in part 0. STATE if the method finds no classes or groups; OVERFLOW,
 * MEMORY. bpi_division_end follows in any case. */
bp_status bpi_division_begin(division *d, const char *function, const char *option, bp_dataset *dataset,
                             bp_split_method method);
void bpi_division_end(division *d);

/* Puts all cases into a random order; by group, the groups too. It does not depend on an earlier one. */
void bpi_division_shuffle(division *d, uint64_t seed);

/* The number of cases in part 0. */
size_t bpi_division_left(const division *d);

/* Random and stratified: moves `count` cases of part 0 to another, the first ones in order or, stratified,
 * those of each class according to its share. */
void bpi_division_take(division *d, size_t part, size_t count);

/* By group: moves all groups of part 0 to the parts 1 to parts, each to the one that lacks most of its
 * `wanted[part - 1]` cases. `filled` is memory for as many numbers. */
void bpi_division_deal_groups(division *d, size_t parts, const size_t *wanted, size_t *filled);

/* Reorders the dataset by its parts, which now are values of bp_subset, and BP_SUBSET_ALL for cases that are
 * left out; fills *result. MEMORY. */
bp_status bpi_division_apply(division *d, bp_split_result *result);

/* The number of cases that a fraction of them is, rounded, but at most those that are left. */
size_t bpi_share_of(size_t cases, double share, size_t left);

#endif
