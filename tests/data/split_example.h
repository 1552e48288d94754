/* What the tests of splits, folds and cross-validation share: a dataset whose cases are told apart. */
#ifndef TESTS_SPLIT_EXAMPLE_H
#define TESTS_SPLIT_EXAMPLE_H

#include <stdbool.h>

#include "support/support.h"

enum { EXAMPLE_MAX_CASES = 400, EXAMPLE_MAX_CLASSES = 8 };

/* Case c has the inputs c and -c, the weight c + 1, and the one-hot target of its class. */
typedef struct split_example {
    size_t cases, classes;
    size_t class_of[EXAMPLE_MAX_CASES], group_of[EXAMPLE_MAX_CASES];
    bp_dataset *dataset;
} split_example;

/* A dataset with the classes and groups that are filled in; classes 0: case c has the number c / 7. */
bp_status split_example_create(split_example *e, const bp_allocator *allocator);

/* Random classes of very different sizes, each with at least one case, and groups of 1 to 20 cases. */
void split_example_draw(split_example *e, uint64_t *state, size_t cases, size_t classes);
void split_example_make(split_example *e, uint64_t *state, size_t cases,
                        size_t classes); /* and the dataset */
void split_example_end(split_example *e);

/* part[c] = the subset of case c: BP_SUBSET_ALL if it is in none. Asserts that all of each case is together,
 * that each is in one subset, and that bp_dataset_order says the same. */
void split_example_parts(const split_example *e, bp_subset *part);

/* How many of the cases are in a subset, of a class, or of any (SIZE_MAX). */
size_t split_example_count(const split_example *e, const bp_subset *part, bp_subset subset, size_t class);

/* Asserts that no group has cases in two subsets. Returns the size of the largest group. */
size_t split_example_check_groups(const split_example *e, const bp_subset *part);

/* Asserts that *result tells what the parts are. */
void split_example_check_result(const split_example *e, const bp_subset *part, const bp_split_result *result);

bp_split_result empty_split_result(void);

/* A table of 60 rows: a number x with missing cells that are filled in with the mean, a category, a class. */
bp_dataset *load_gappy_table(void);

#endif
