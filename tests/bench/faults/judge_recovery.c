#include <stdio.h>
#include <stdlib.h>

#include "jobs.h"
#include "study.h"

enum { FACTORS = 2, RECOVERIES = 5 };
static const double factors[FACTORS] = {30, 100};

typedef struct attempt {
    run_result without, with; /* recoveries */
} attempt;

static void enlarge_rate(scene *s, const run_result *healthy, size_t factor)
{
    s->options.optimizer = bp_optimizer_momentum(factors[factor] * healthy->rate, 0.9);
}

static void try_recovery(const void *context, size_t index, void *result)
{
    const study *all = context;
    const size_t set = index / FACTORS / NETS;
    const unsigned net = (unsigned)(index / FACTORS % NETS);
    attempt *a = result;
    scene s = scene_create(&all->tables[set], net);
    enlarge_rate(&s, healthy_run(all, set, net, false), index % FACTORS);
    scene_train(&s, &a->without);
    s.options.recoveries = RECOVERIES;
    scene_train(&s, &a->with);
    scene_destroy(&s);
}

static void print_failure(const study *all, size_t index, const attempt *a)
{
    const size_t set = index / FACTORS / NETS;
    const unsigned net = (unsigned)(index / FACTORS % NETS);
    const run_result *healthy = healthy_run(all, set, net, false);
    printf("    %s, %s, rate x %g: E %.3g, healthy %.3g, without recovery %.3g; accuracy %.3f, %.3f; %zu "
           "recoveries, %zu epochs, %zu: ",
           all->sets[set]->name, net_names[net], factors[index % FACTORS], a->with.error, healthy->error,
           a->without.error, a->with.accuracy, healthy->accuracy, a->with.recoveries, a->with.epochs,
           healthy->epochs);
    print_report(&a->with.found, BP_SEVERITY_WARNING);
}

bool judge_recovery(const study *all)
{
    const double mark = all->is_small ? 0.85 : 0.9;
    const size_t count = all->set_count * NETS * FACTORS;
    attempt *attempts = jobs_run(count, sizeof *attempts, all->processes, try_recovery, all);
    size_t well = 0, harmed = 0, cured = 0;
    puts("\nRecovery from rates that are too large, where it failed:");
    for (size_t i = 0; i < count; i++) {
        const size_t set = i / FACTORS / NETS;
        const run_result *healthy = healthy_run(all, set, (unsigned)(i / FACTORS % NETS), false);
        const bool has_classes = all->tables[set].has_classes;
        const bool is_harmed = ends_worse(&attempts[i].without, healthy, has_classes);
        const bool is_well = !ends_worse(&attempts[i].with, healthy, has_classes);
        well += is_well;
        harmed += is_harmed;
        cured += is_harmed && is_well;
        if (!is_well)
            print_failure(all, i, &attempts[i]);
    }
    printf("%zu of %zu runs end as the healthy ones; of the %zu that do not without recoveries, %zu\n", well,
           count, harmed, cured);
    jobs_free(attempts, count, sizeof *attempts);
    return (double)well >= mark * (double)count && (double)cured >= mark * (double)harmed;
}
