/* The labels of a class column, and their classes. */
#ifndef BPI_DATA_CLASS_LABELS_H
#define BPI_DATA_CLASS_LABELS_H

#include <stdbool.h>

#include "data/dataset.h"

typedef struct case_label {
    const char *text; /* borrowed */
    double value;     /* if all are numbers */
    size_t row;       /* the case it belongs to */
    size_t line;      /* of the file, from 1 */
} case_label;

typedef struct class_labels {
    case_label *labels; /* one per case, in the order of the cases */
    size_t count;
    bool all_numbers;
} class_labels;

/* Allocates memory for the labels of up to `capacity` cases; false when there is none. */
bool bpi_class_labels_init(class_labels *labels, const bp_allocator *allocator, size_t capacity);
void bpi_class_labels_clear(class_labels *labels, const bp_allocator *allocator);

/* Adds the label of the next case; text must live as long as labels. Trusts that the capacity is not
 * exceeded. */
void bpi_class_labels_add(class_labels *labels, const char *text, size_t line);

/* Does the label of the first case look like the name of the column: the only one that is not a number? */
bool bpi_class_labels_begin_with_name(const class_labels *labels);

/*
 * Numbers the classes in ascending order of their labels, as numbers if all are, else as bytes, and sets the
 * one-hot targets and class names of dataset. There must be a label for every case; they are sorted. `name`
 * is that of the file, for messages. FORMAT if there are fewer than two classes, or so many that the column
 * seems to hold something else; OVERFLOW, MEMORY.
 */
bp_status bpi_class_labels_apply(class_labels *labels, bp_dataset *dataset, const char *name, bp_real on,
                                 bp_real off);

/* The same with the classes of `known`, which has some, whether they occur or not. FORMAT with line and
 * column (from 1) for a label of no class. */
bp_status bpi_class_labels_apply_known(const class_labels *labels, bp_dataset *dataset, const char *name,
                                       size_t column, const bp_dataset *known, bp_real on, bp_real off);

#endif
