/* A kind of stopping rule: what its numbers are, what it remembers, when it fires. Each is defined in the
 * file of its family; stopping.c has the table of them. */
#ifndef BPI_TRAIN_STOP_KIND_H
#define BPI_TRAIN_STOP_KIND_H

#include "train/types.h"

typedef struct stop_kind {
    const char *count;      /* name of the rule's count in messages; NULL: it has none */
    const char *window;     /* likewise */
    const char *threshold;  /* likewise */
    bool zero_allowed;      /* is a threshold of 0 valid? */
    bool is_limit;          /* can end training within an epoch */
    bool is_confirmed;      /* fires only if the current weights meet it, too */
    bool judges_validation; /* needs validation cases, and the best weights are handed back */
    /* Length of stop_memory.errors; NULL: there is no such array. */
    uint64_t (*errors_length)(const bp_stop_rule *rule);
    bool (*fires)(const bp_stop_rule *rule, const stop_memory *memory, const stop_metrics *metrics);
    /* Counts stop_memory.seen, too. NULL: nothing is remembered. */
    void (*observes)(const bp_stop_rule *rule, stop_memory *memory, const stop_metrics *metrics);
} stop_kind;

/* Counts an epoch and puts its error into the ring, whose length is given, over that of `length` epochs
 * before. */
static inline void bpi_stop_remember(stop_memory *memory, uint64_t length, double error)
{
    memory->errors[memory->seen % length] = error;
    memory->seen++;
}

#endif
