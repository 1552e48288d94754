#include <stdio.h>
#include <stdlib.h>

#include "jobs.h"
#include "study.h"

unsigned study_net(size_t set, size_t seed)
{
    return (unsigned)((set + 2 * seed) % NETS);
}

/* --------------------------------------------------------------------- training */

static void train(const void *context, size_t index, void *result)
{
    const study *all = context;
    scene s = scene_create(&all->tables[index / 2 / NETS], (unsigned)(index / 2 % NETS));
    s.uses_validation = index % 2;
    scene_train(&s, result);
    scene_destroy(&s);
}

void train_healthy(study *all)
{
    all->healthy = jobs_run(all->set_count * NETS * 2, sizeof *all->healthy, all->processes, train, all);
}

void free_healthy(study *all)
{
    jobs_free(all->healthy, all->set_count * NETS * 2, sizeof *all->healthy);
}

const run_result *healthy_run(const study *all, size_t set, unsigned net, bool uses_validation)
{
    return &all->healthy[(set * NETS + net) * 2 + uses_validation];
}

/* ----------------------------------------------------------------- false alarms */

/* What is said of data is no alarm about training. */
static bool is_about_training(bp_finding_kind kind)
{
    switch ((int)kind) {
    case BP_FINDING_CONSTANT_INPUT:
    case BP_FINDING_DUPLICATE_INPUT:
    case BP_FINDING_OUTLIERS:
    case BP_FINDING_CONSTANT_TARGET:
    case BP_FINDING_CLASS_ABSENT:
    case BP_FINDING_CLASS_RARE:
    case BP_FINDING_CONTRARY_TARGETS:
    case BP_FINDING_SHARED_CASES:
    case BP_FINDING_VALIDATION_INPUTS:
    case BP_FINDING_VALIDATION_TARGETS:
        return false;
    default:
        return true;
    }
}

/* Prints the run if it has warnings about training, and returns how many. */
static size_t count_alarms(const study *all, size_t set, unsigned net, const char *how, const run_result *run)
{
    size_t alarms = 0;
    for (size_t i = 0; i < run->found.count; i++)
        alarms += run->found.severities[i] >= BP_SEVERITY_WARNING && is_about_training(run->found.kinds[i]);
    if (alarms == 0)
        return 0;
    printf("    %s, %s, %s: E %.3g, %zu epochs: ", all->sets[set]->name, net_names[net], how, run->error,
           run->epochs);
    print_report(&run->found, BP_SEVERITY_WARNING);
    return alarms;
}

/* The rate that was found, given by the caller: the same training, without what the library does of its own
 * accord. */
static void train_with_given_rate(const void *context, size_t index, void *result)
{
    const study *all = context;
    const size_t set = index / NETS;
    const unsigned net = (unsigned)(index % NETS);
    scene s = scene_create(&all->tables[set], net);
    s.options.optimizer = bp_optimizer_momentum(healthy_run(all, set, net, false)->rate, 0.9);
    scene_train(&s, result);
    scene_destroy(&s);
}

static bool judge_alarms(const study *all)
{
    enum { MAX_ALARMS = 3 };
    size_t alarms = 0;
    puts("\nWarnings about training in healthy runs:");
    for (size_t set = 0; set < all->set_count; set++)
        for (unsigned net = 0; net < NETS; net++)
            for (int v = 0; v < 2; v++)
                alarms += count_alarms(all, set, net, v == 0 ? "without validation" : "with validation",
                                       healthy_run(all, set, net, v));
    printf("%zu warnings in %zu healthy runs; at most %d wanted\n", alarms, 2 * NETS * all->set_count,
           MAX_ALARMS);
    return alarms <= MAX_ALARMS;
}

/* Not judged: where the rate is a little too large, the healthy run was rolled back once and has said so. */
static void print_given_rates(const study *all)
{
    const size_t count = all->set_count * NETS;
    run_result *given = jobs_run(count, sizeof *given, all->processes, train_with_given_rate, all);
    size_t alarms = 0;
    puts("\nThe same with the rate that was found, given by the caller:");
    for (size_t i = 0; i < count; i++)
        alarms += count_alarms(all, i / NETS, (unsigned)(i % NETS), "rate given", &given[i]);
    jobs_free(given, count, sizeof *given);
    printf("%zu warnings in %zu runs\n", alarms, count);
}

/* -------------------------------------------------------------- findings of data */

static bool is_of_data(bp_finding_kind kind)
{
    return !is_about_training(kind) || kind == BP_FINDING_INPUTS_UNSCALED;
}

static bool is_known(const fault_set *set, bp_finding_kind kind, size_t count)
{
    for (size_t i = 0; i < MAX_KNOWN; i++)
        if (set->known[i].kind == kind && set->known[i].count == count)
            return true;
    return false;
}

/* The number of the findings that are not in the set's list, and of those in it that are not found. */
static size_t compare_with_known(const fault_set *set, const report *found)
{
    size_t expected = 0, met = 0, others = 0;
    for (size_t i = 0; i < MAX_KNOWN; i++)
        expected += set->known[i].kind != BP_FINDING_NONE;
    for (size_t i = 0; i < found->count; i++) {
        if (!is_of_data(found->kinds[i]))
            continue;
        if (is_known(set, found->kinds[i], found->cases_or_columns[i]))
            met++;
        else
            others++;
    }
    return others + expected - met;
}

static void print_data(const fault_set *set, const report *found, size_t off)
{
    printf("    %s%s:", set->name, off > 0 ? " (NOT as listed)" : "");
    for (size_t i = 0; i < found->count; i++) {
        if (!is_of_data(found->kinds[i]))
            continue;
        printf(" %s", bp_finding_kind_string(found->kinds[i]));
        if (found->cases_or_columns[i] != BP_NO_INDEX)
            printf(" %zu", found->cases_or_columns[i]);
        printf(";");
    }
    puts("");
}

static bool judge_data(const study *all)
{
    bool is_equal = true;
    puts("\nFindings of the data, with the number of columns or cases:");
    for (size_t i = 0; i < all->set_count; i++) {
        report found;
        table_diagnose(&all->tables[i], &found);
        size_t off = compare_with_known(all->sets[i], &found);
        print_data(all->sets[i], &found, off);
        is_equal = is_equal && off == 0;
    }
    return is_equal;
}

bool judge_healthy(const study *all)
{
    bool is_met = judge_alarms(all);
    print_given_rates(all);
    return judge_data(all) && is_met;
}
