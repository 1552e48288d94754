/* The optimizer rules by name. */
#ifndef DEFAULTS_RULES_H
#define DEFAULTS_RULES_H

#include <stdbool.h>

#include <backprop.h>

typedef struct bench_rule {
    const char *name;
    bp_optimizer (*make)(double rate, double momentum); /* those that have one use the momentum */
    bool whole_sets;
} bench_rule;

extern const bench_rule bench_rules[]; /* the first is momentum */
extern const size_t bench_rule_count;

/* NULL if there is none of that name. */
const bench_rule *find_rule(const char *name);

#endif
