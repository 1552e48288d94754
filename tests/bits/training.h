/* Random ways of training. */
#ifndef TESTS_BITS_TRAINING_H
#define TESTS_BITS_TRAINING_H

#include "bits/cases.h"

enum { TRAINING_MOST_RULES = 3 };

typedef struct training_plan {
    bp_trainer_options options; /* without threads, and without the callbacks that follow */
    bp_stop_rule rules[TRAINING_MOST_RULES];
    int has_callback, has_hook;
    size_t validation; /* the last so many cases are set apart; 0: none */
    int restores_best; /* ends with the best weights on them */
    int is_reset;      /* is reset between its runs */
    size_t runs;
} training_plan;

training_plan training_plan_draw(const network_group *group, int is_online, const random_cases *cases,
                                 draw_stream *stream);

/* Trains a copy of the network, and adds weights, errors and what callbacks are told to a digest. */
uint64_t training_add(uint64_t digest, const random_net *made, const random_cases *cases,
                      const training_plan *plan, size_t threads);

#endif
