/* Training of networks whose weights from inputs can be in panels between updates (weight_order.h). */
#ifndef TESTS_PANEL_EXAMPLE_H
#define TESTS_PANEL_EXAMPLE_H

#include "support/kernels.h"
#include "train/train_example.h"

/* Enough inputs for a panel of every instruction set, and units that fill one, or half of one too. */
enum { INPUTS = 100, OUTPUTS = 5, MAX_CASES = 1100 };

/* What one run differs in from the simplest_panel_run. */
typedef struct panel_run {
    bp_optimizer optimizer;
    size_t hidden, cases, batch, threads;
    uint64_t updates; /* 0: two epochs */
    double decay;
    bool sums, shuffles, freezes, skips, drops, validates, keeps_last, is_linear;
} panel_run;

panel_run simplest_panel_run(void);

/* Makes the data; for cmocka_run_group_tests. */
int panel_set_up(void **state);

/* The first `count` cases. */
bp_data panel_cases(size_t count);

bp_network *panel_network(const panel_run *v);

/* in_rows: with a gradient hook that changes nothing, during which weights never leave their rows. */
bp_trainer_options panel_options(const panel_run *v, const bp_stop_rule *rule, bool in_rows);

/* The network after a run by one way or the other. */
bp_network *panel_train(const kernel_table *table, const panel_run *v, bool in_rows, bp_result *result);

/* Asserts that both ways come to the same bits; returns whether weights were in panels. */
bool panel_check(const kernel_table *table, const panel_run *v);

/* Has the table panels for so many hidden units? */
bool panels_exist(const kernel_table *table, size_t hidden);

#endif
