/* Streams over files: the cases of the dataset that the same files make, and the same training. */
#ifndef TESTS_STREAM_CHECKS_H
#define TESTS_STREAM_CHECKS_H

#include "support/support.h"

/* Writes a file of test_directory. */
void write_bytes(const char *name, const void *bytes, size_t size);

/* Asserts that the stream has the cases of the dataset, in order, however many are read at a time. */
void assert_same_cases(bp_stream *stream, const bp_dataset *dataset);

/*
 * Asserts that a stream whose cases are all in the window trains as the dataset does, bit by bit, shuffled
 * and not, on one thread and on two, and that evaluate and predict give the same bits.
 */
void assert_same_training(bp_stream *stream, const bp_dataset *dataset);

/* A change of files, and what a run on them ends with. */
typedef struct planted_change {
    void (*change)(void);
    bp_status status;
    const char *message;
} planted_change;

/*
 * Trains in windows of a few cases on a stream that `open` makes of new files, with a change after the second
 * epoch, and asserts that the run fails, with the weights that the network had after that epoch: the change
 * is noticed before it is trained on. Likewise with each of the changes.
 */
void assert_changes_are_noticed(bp_stream *(*open)(void), const planted_change *changes, size_t count);

/* Overwrites a byte of a file of test_directory; its size and time tell nothing of that. */
void change_unseen(const char *name, long at, int byte);

/* Reads all cases once more, and returns the first failure. */
bp_status read_all(bp_stream *stream);

#endif
