/* A dataset: cases in dense arrays of its own, in an order that a split draws anew. Loaders fill it. */
#ifndef BPI_DATA_DATASET_H
#define BPI_DATA_DATASET_H

#include "backprop.h"

/* Consecutive cases. */
typedef struct case_range {
    size_t first, count;
} case_range;

struct bp_dataset {
    bp_allocator allocator;
    size_t cases, input_width, target_width;
    bp_real *inputs;       /* cases * input_width */
    bp_real *targets;      /* cases * target_width; NULL: none */
    bp_real *case_weights; /* NULL: all 1 */
    size_t *origin;        /* origin[i]: where the case that now stands at i stood at first */
    case_range
        parts[BP_SUBSET_TEST + 1]; /* by bp_subset, all empty before a split; BP_SUBSET_ALL is not used */
    char **class_names;            /* class_count of them; NULL: no classes */
    size_t class_count;
    char **input_names; /* input_width of them; NULL: none are known */
};

/*
 * A dataset with room for `cases` cases, all numbers and weights still to be filled in; target_width may be
 * 0: no targets. The caller may lower dataset->cases afterwards. allocator is one that was chosen. OVERFLOW,
 * MEMORY.
 */
bp_status bpi_dataset_new(bp_dataset **out, const char *function, const bp_allocator *allocator, size_t cases,
                          size_t input_width, size_t target_width);

/*
 * Gives a dataset without targets one target column per class, all of them `off`, and room for the classes'
 * names, all of them NULL. On failure the dataset can still be destroyed. OVERFLOW, MEMORY.
 */
bp_status bpi_dataset_add_classes(bp_dataset *dataset, const char *function, size_t classes, bp_real off);

#endif
