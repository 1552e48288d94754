/* A smooth surface with noise, for the tests of what a trainer notices and does in the course of training. */
#ifndef TESTS_TRAIN_WAVE_EXAMPLE_H
#define TESTS_TRAIN_WAVE_EXAMPLE_H

#include "train/raw_example.h"

/* 100 cases of two inputs and a target, in 4 batches of 25; 50 others. `cases` may be up to 2400. */
enum { WAVE_CASES = 100, WAVE_BATCH = 25, WAVE_OTHERS = 50, WAVE_MOST = 2400 };
bp_data wave_training(void);
bp_data wave_validation(void);
bp_data wave_of(size_t cases);

/* A 2-8-1 network, tanh and linear, and a rate that suits it, with a momentum of 0.9 and mean gradients. */
bp_network *wave_network(uint64_t seed);
#define WAVE_RATE 0.1

/* The defaults, with this rate (or BP_RATE_AUTO) and a limit of epochs; 0: the rules of the library. */
bp_trainer_options wave_options(bp_stop_rule *storage, double rate, size_t epochs);

/* Is there a finding that is no note? */
bool has_warning(const bp_trainer *trainer);
/* Asserts that there is one of a kind, whose text has both parts (or NULL); returns it. */
bp_finding assert_found(const bp_trainer *trainer, bp_finding_kind kind, const char *part, const char *other);
void assert_not_found(const bp_trainer *trainer, bp_finding_kind kind);

#endif
