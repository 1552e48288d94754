/* Datasets: cases in dense arrays that the dataset owns, reordered by a split. Filled by loaders. */
#ifndef BPI_DATA_DATASET_H
#define BPI_DATA_DATASET_H

#include "data/missing_cells.h"
#include "data/schema.h"

/* Consecutive cases. */
typedef struct case_range {
    size_t first, count;
} case_range;

struct bp_dataset {
    bp_allocator allocator;
    size_t cases, input_width, target_width;
    bp_real *inputs;                      /* cases * input_width */
    bp_real *targets;                     /* cases * target_width; NULL: none */
    bp_real *case_weights;                /* NULL: all 1 */
    size_t missing_targets;               /* as bp_data.missing_targets */
    size_t *origin;                       /* origin[i]: the index at which case i was loaded */
    case_range parts[BP_SUBSET_TEST + 1]; /* by bp_subset; empty before a split; BP_SUBSET_ALL is not used */
    char **class_names;                   /* class_count of them; NULL: no classes */
    size_t class_count;
    char **input_names;             /* input_width of them; NULL: unknown */
    bp_schema *schema;              /* NULL: none */
    size_t *groups;                 /* a number for each case; NULL: none */
    bool has_own_groups;            /* the caller's, not those of a column of the schema */
    missing_cells missing, unknown; /* unknown: cells with an unknown category */
    bool learns_fills; /* what they are filled in with comes from these cases, not from the schema */
    size_t skipped_rows;
};

/*
 * Creates a dataset for `cases` cases whose numbers are uninitialized; target_width may be 0: no targets. The
 * caller may lower dataset->cases afterwards. The allocator is one of bpi_allocator_choose. OVERFLOW, MEMORY.
 */
bp_status bpi_dataset_new(bp_dataset **out, const char *function, const bp_allocator *allocator, size_t cases,
                          size_t input_width, size_t target_width);

/* Gives a dataset without weights and groups room for `capacity` cases, of which it has fewer. OVERFLOW,
 * MEMORY, with nothing changed. */
bp_status bpi_dataset_grow(bp_dataset *dataset, const char *function, size_t capacity);

/* Numbers the cases as they are loaded. MEMORY. */
bp_status bpi_dataset_number_cases(bp_dataset *dataset, const char *function);

/* Adds one-hot targets to a dataset without targets: a column per class, every value `off`, and an array for
 * the names of the classes, each NULL. On failure the dataset can still be destroyed. OVERFLOW, MEMORY. */
bp_status bpi_dataset_add_classes(bp_dataset *dataset, const char *function, size_t classes, bp_real off);

/* The cases of a subset. */
case_range bpi_dataset_range(const bp_dataset *dataset, bp_subset part);

/* The same for any value of the caller's. ARGUMENT if it is no subset, STATE if it is empty. */
bp_status bpi_dataset_find_range(const bp_dataset *dataset, const char *function, bp_subset part,
                                 case_range *range);

#endif
