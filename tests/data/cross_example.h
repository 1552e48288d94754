/* What the tests of cross-validation share. */
#ifndef TESTS_CROSS_EXAMPLE_H
#define TESTS_CROSS_EXAMPLE_H

#include "data/split_example.h"
#include "train/train_example.h"

enum { CROSS_MAX_FOLDS = 16, CROSS_MAX_OUTPUTS = 2 * EXAMPLE_MAX_CASES * EXAMPLE_MAX_CLASSES };

/* One call and all that came of it. */
typedef struct cross_outcome {
    bp_fold_result each[CROSS_MAX_FOLDS];
    bp_cross_summary summary;
    bp_real predictions[CROSS_MAX_OUTPUTS];
} cross_outcome;

bp_cross_options cross_with(const bp_fold_options *folds, size_t threads, uint64_t seed);
bp_fold_options folds_with(bp_split_method method, size_t folds, size_t repetitions, double validation);

/* As an untouched outcome: all zeros, sizes set. */
void cross_outcome_init(cross_outcome *out);
/* Asserts that all but the times are the same, bit for bit, of `folds` folds. */
void assert_same_cross_outcome(const cross_outcome *a, const cross_outcome *b, size_t folds);

/* 90 cases of 3 classes of unequal sizes in a plane, that overlap a little; raw units. A 2-4-3 softmax
 * network. */
bp_dataset *cross_classes(const bp_allocator *allocator);
bp_network *cross_class_network(const bp_allocator *allocator);
/* 60 cases of a curve of one input. A 1-5-1 network. */
bp_dataset *cross_curve(void);
bp_network *cross_curve_network(void);

#endif
