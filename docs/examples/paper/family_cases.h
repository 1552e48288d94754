/*
 * The two family trees of [RHW86] figure 2 as cases. Inputs: a person and a relation. Targets: the persons
 * who have that relation to the person.
 */
#ifndef FAMILY_CASES_H
#define FAMILY_CASES_H

#include <backprop.h>

enum {
    FAMILY_PERSONS = 24, /* 12 English, then the 12 corresponding Italians */
    FAMILY_PLACES = FAMILY_PERSONS / 2,
    FAMILY_RELATIONS = 12,
    FAMILY_INPUTS = FAMILY_PERSONS + FAMILY_RELATIONS,
    FAMILY_CASES = 104,
    FAMILY_NAME = 16 /* bytes, with the terminating zero */
};

typedef struct family_cases {
    char persons[FAMILY_PERSONS][FAMILY_NAME];
    char relations[FAMILY_RELATIONS][FAMILY_NAME];
    bp_real inputs[FAMILY_CASES][FAMILY_INPUTS];   /* one person and one relation are 1 */
    bp_real targets[FAMILY_CASES][FAMILY_PERSONS]; /* the answers are 1 */
} family_cases;

/* Reads data/family_tree.csv on the first call; a fault in it ends the program with a message. */
const family_cases *family_cases_get(void);

/* Features of the persons that are not part of the inputs. Groups are numbered from 1; 0 is for the children,
 * who belong to both branches. Generation 1 is the oldest. The branches are those of Christopher and of
 * Andrew, with the persons who married into them. */
typedef struct family_feature {
    const char *name;
    int group[FAMILY_PERSONS];
} family_feature;

enum { FAMILY_FEATURES = 3 };

extern const family_feature family_features[FAMILY_FEATURES]; /* nationality, generation, branch */

#endif
