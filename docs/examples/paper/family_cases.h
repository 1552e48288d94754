/*
 * The two family trees of [RHW86] figure 2 as cases: a person and a relation in, the persons who stand in it
 * out.
 */
#ifndef FAMILY_CASES_H
#define FAMILY_CASES_H

#include <backprop.h>

enum {
    FAMILY_PERSONS = 24, /* of each tree 12, the English before the Italian in the same places */
    FAMILY_PLACES = FAMILY_PERSONS / 2,
    FAMILY_RELATIONS = 12,
    FAMILY_INPUTS = FAMILY_PERSONS + FAMILY_RELATIONS,
    FAMILY_CASES = 104,
    FAMILY_NAME = 16 /* bytes, with the end */
};

typedef struct family_cases {
    char persons[FAMILY_PERSONS][FAMILY_NAME];
    char relations[FAMILY_RELATIONS][FAMILY_NAME];
    bp_real inputs[FAMILY_CASES][FAMILY_INPUTS];   /* one person and one relation are 1 */
    bp_real targets[FAMILY_CASES][FAMILY_PERSONS]; /* the answers are 1 */
} family_cases;

/* Reads data/family_tree.csv once; ends the program with a message if that is not what it should be. */
const family_cases *family_cases_get(void);

/* What the persons have in common, which the networks are not told: how each feature groups them, from 1 on,
 * 0 for the children, who belong to both branches. Generations count from the oldest; a branch is that of
 * Christopher or that of Andrew, with those who married into it. */
typedef struct family_feature {
    const char *name;
    int group[FAMILY_PERSONS];
} family_feature;

enum { FAMILY_FEATURES = 3 };

extern const family_feature family_features[FAMILY_FEATURES]; /* nationality, generation, branch */

#endif
