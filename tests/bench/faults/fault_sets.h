/* The data that faults are planted in. */
#ifndef FAULTS_FAULT_SETS_H
#define FAULTS_FAULT_SETS_H

#include "table.h"

/* Thresholds may be set by what is seen on one half of the sets; the other half judges. */
typedef enum half { SETTING, JUDGING, HALVES } half;

/* A kind of finding, and in how many columns or cases it is. */
typedef struct known_finding {
    bp_finding_kind kind;
    size_t count;
} known_finding;

enum { MAX_KNOWN = 5 };

typedef struct fault_set {
    const char *name;
    half half;
    table (*make)(void);            /* NULL: of data_sets.h */
    size_t cases;                   /* the first so many; 0: all */
    known_finding known[MAX_KNOWN]; /* what is in the data and no fault of the library's */
} fault_set;

extern const fault_set fault_sets[];
extern const size_t fault_set_count;

/* folder NULL: a set that is made by a formula. */
table fault_set_read(const fault_set *set, const char *folder);

#endif
