/* Data in raw units, for the tests of what a trainer chooses by itself. */
#ifndef TESTS_TRAIN_RAW_EXAMPLE_H
#define TESTS_TRAIN_RAW_EXAMPLE_H

#include "train/train_example.h"

/* 40 cases of 3 inputs and 2 targets, all of very different size; 15 others to validate with. */
enum { RAW_CASES = 40, RAW_OTHERS = 15, RAW_INPUTS = 3, RAW_OUTPUTS = 2 };
bp_data raw_training(void);
bp_data raw_validation(void);

/* A 3-5-2 network, tanh and the given outputs, with initial weights drawn. allocator may be NULL. */
bp_network *raw_network(bp_activation output);
bp_status raw_network_create(bp_network **out, const bp_allocator *allocator, bp_activation output);

/* The defaults, except that a run ends after so many epochs. */
bp_trainer_options raw_options(bp_stop_rule *storage, size_t epochs);

/* The finding of a kind; false if there is none. */
bool find_finding(const bp_trainer *trainer, bp_finding_kind kind, bp_finding *found);

/* The number of findings of this kind; *last, unless NULL, receives the last one. */
size_t count_findings(const bp_trainer *trainer, bp_finding_kind kind, bp_finding *last);

/* Is the scaling of both networks the same? Is that of one the identity? */
bool same_scaling(const bp_network *a, const bp_network *b);
bool is_unscaled(const bp_network *net);

/* A search that is ready to be filled; one that succeeds. */
bp_rate_search empty_search(void);
bp_rate_search search_of(bp_trainer *trainer, const bp_data *data);

/* All that the manual says about a successful search. */
void assert_sound(const bp_rate_search *search, size_t cases, size_t batch);

#endif
