#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jobs.h"
#include "study.h"

typedef enum verdict {
    NOT_PLANTED = 0, /* the scene cannot have the fault, or has it already */
    HARMLESS,
    FOUND_FIRST,
    FOUND_SECOND,
    FOUND_LATER,
    MISSED,
    VERDICTS
} verdict;

typedef struct trial {
    verdict verdict;
    unsigned net;
    run_result run;
} trial;

typedef struct planting {
    const study *all;
    const plant *plant;
} planting;

/* How the trials of a plant or a group ended, by the half of the sets. */
typedef struct tally {
    size_t count[HALVES][VERDICTS];
} tally;

/* ----------------------------------------------------------------------- a trial */

static bool is_accepted(const plant *p, bp_finding_kind kind)
{
    for (size_t i = 0; i < MAX_ACCEPTED; i++)
        if (kind != BP_FINDING_NONE && p->accepted[i] == kind)
            return true;
    return false;
}

/* The rank among warnings and errors; notes do not count before others. */
static verdict find(const plant *p, const report *found, bp_severity least)
{
    size_t rank = 0;
    for (size_t i = 0; i < found->count; i++) {
        if (found->severities[i] >= least && is_accepted(p, found->kinds[i]))
            return rank == 0 ? FOUND_FIRST : rank == 1 ? FOUND_SECOND : FOUND_LATER;
        rank += found->severities[i] >= BP_SEVERITY_WARNING;
    }
    return MISSED;
}

/* The finding must come from what was planted; a note before is enough. */
static bool has_it_already(const plant *p, const scene *s)
{
    report found;
    if (p->stage == AFTER)
        return false;
    scene with_validation = *s; /* a view */
    with_validation.uses_validation = true;
    scene_diagnose(&with_validation, &found);
    return find(p, &found, BP_SEVERITY_NOTE) != MISSED;
}

static bool does_harm(const plant *p, const run_result *run, const run_result *healthy, bool has_classes)
{
    const double min_growth = 1.2, min_fall = 0.2;
    if (p->harm == CUT_SHORT && !(healthy->error_at_10th < (1 - min_fall) * healthy->error_at_20th))
        return false;
    if (p->harm == MUCH_WORSE)
        return ends_much_worse(run, healthy, has_classes);
    if (p->harm == WORSE_ERROR || p->harm == CUT_SHORT)
        return ends_worse(run, healthy, has_classes);
    return p->harm == ALWAYS || run->last_validation > min_growth * run->best_validation;
}

static void try_plant(const void *context, size_t index, void *result)
{
    const planting *given = context;
    const plant *p = given->plant;
    const size_t set = index / given->all->seeds;
    trial *t = result;
    t->net = study_net(set, index % given->all->seeds);
    scene s = scene_create(&given->all->tables[set], t->net);
    const bool has_classes = s.training.has_classes;
    const run_result *healthy = p->stage == AFTER ? healthy_run(given->all, set, t->net, false) : NULL;
    if (has_it_already(p, &s) || !p->plant(&s, healthy)) {
        scene_destroy(&s);
        return;
    }
    if (p->stage == BEFORE)
        scene_diagnose(&s, &t->run.found);
    else
        scene_train(&s, &t->run);
    const bool counts = p->stage == BEFORE || does_harm(p, &t->run, healthy, has_classes);
    t->verdict = counts ? find(p, &t->run.found, p->least) : HARMLESS;
    scene_destroy(&s);
}

/* ---------------------------------------------------------------------- printing */

void print_report(const report *found, bp_severity least)
{
    static const char *const marks[] = {"", "", " (error)"};
    bool is_empty = true;
    for (size_t i = 0; i < found->count; i++) {
        if (found->severities[i] < least)
            continue;
        printf("%s%s%s", is_empty ? "" : ", ", bp_finding_kind_string(found->kinds[i]),
               marks[found->severities[i]]);
        is_empty = false;
    }
    printf("%s\n", is_empty ? "-" : "");
}

static void print_trials(const study *all, const plant *p, const trial *trials)
{
    for (size_t i = 0; i < all->set_count * all->seeds; i++) {
        const trial *t = &trials[i];
        const size_t set = i / all->seeds;
        if (!(t->verdict >= FOUND_LATER || (all->is_verbose && t->verdict != NOT_PLANTED)))
            continue;
        static const char *const words[] = {"", "harmless", "first", "second", "later", "missed"};
        printf("    %s%s, %s: %s", all->sets[set]->name, all->sets[set]->half == JUDGING ? " *" : "",
               net_names[t->net], words[t->verdict]);
        if (p->stage == AFTER)
            printf(", E %.3g, healthy %.3g, %zu epochs", t->run.error,
                   healthy_run(all, set, t->net, false)->error, t->run.epochs);
        printf(": ");
        print_report(&t->run.found, BP_SEVERITY_WARNING);
    }
}

static size_t planted(const tally *of, half h)
{
    size_t sum = 0;
    for (int v = FOUND_FIRST; v < VERDICTS; v++)
        sum += of->count[h][v];
    return sum;
}

static void print_tally(const char *name, const tally *of)
{
    printf("| %-30s |", name);
    for (half h = 0; h < HALVES; h++) {
        const size_t *count = of->count[h];
        printf(" %4zu | %4zu | %4zu | %4zu | %4zu | %4zu |", planted(of, h), count[HARMLESS],
               count[FOUND_FIRST], count[FOUND_FIRST] + count[FOUND_SECOND], count[FOUND_LATER],
               count[MISSED]);
    }
    puts("");
}

static void print_heading(void)
{
    puts("planted: scenes with the fault; harmless: it changed nothing, and is not counted; first, two: "
         "named\n"
         "first, or within the first two; later, missed. Twice: sets for thresholds, sets that judge (*).\n");
    printf("| %-30s |", "fault");
    for (half h = 0; h < HALVES; h++)
        printf(" plan | harm | 1st  | two  | late | miss |");
    puts("");
}

/* ----------------------------------------------------------------------- judging */

static bool is_wanted(const plant *p, char **words, int word_count)
{
    for (int i = 0; i < word_count; i++)
        if (strstr(p->name, words[i]) != NULL)
            return true;
    return word_count == 0;
}

static void run_plant(const study *all, const plant *p, tally *group)
{
    const planting given = {all, p};
    const size_t count = all->set_count * all->seeds;
    trial *trials = jobs_run(count, sizeof *trials, all->processes, try_plant, &given);
    tally of = {{{0}}};
    for (size_t i = 0; i < count; i++) {
        const half h = all->sets[i / all->seeds]->half;
        of.count[h][trials[i].verdict]++;
        group->count[h][trials[i].verdict]++;
    }
    print_tally(p->name, &of);
    print_trials(all, p, trials);
    fflush(stdout);
    jobs_free(trials, count, sizeof *trials);
}

/* The share that must be found: anywhere, or within the first two. */
static bool meets_mark(fault_group group, const tally *of, half first, half end, double mark)
{
    size_t found = 0, count = 0;
    for (half h = first; h < end; h++) {
        found += of->count[h][FOUND_FIRST] + of->count[h][FOUND_SECOND];
        found += group == STRUCTURE ? of->count[h][FOUND_LATER] : 0;
        count += planted(of, h);
    }
    return (double)found >= mark * (double)count;
}

/* On few cases of few sets, with other last bits on other processors, a little less is asked for, and of both
 * halves together. */
static bool meets_marks(const study *all, fault_group group, const tally *of)
{
    static const double marks[GROUPS] = {[STRUCTURE] = 1, [DYNAMICS] = 0.95, [STATISTICAL] = 0.8};
    static const double small_marks[GROUPS] = {[STRUCTURE] = 1, [DYNAMICS] = 0.9, [STATISTICAL] = 0.75};
    if (all->is_small)
        return meets_mark(group, of, SETTING, HALVES, small_marks[group]);
    return meets_mark(group, of, SETTING, JUDGING, marks[group]) &&
           meets_mark(group, of, JUDGING, HALVES, marks[group]);
}

bool judge_plants(const study *all, char **words, int word_count)
{
    static const char *const names[GROUPS] = {"of structure and data, all", "of training, 95 % of two",
                                              "statistical, 80 % of two"};
    tally groups[GROUPS] = {{{{0}}}};
    bool is_met = true;
    print_heading();
    for (size_t i = 0; i < plant_count; i++)
        if (is_wanted(&plants[i], words, word_count))
            run_plant(all, &plants[i], &groups[plants[i].group]);
    for (fault_group g = 0; g < GROUPS; g++) {
        print_tally(names[g], &groups[g]);
        is_met = meets_marks(all, g, &groups[g]) && is_met;
    }
    return is_met;
}
