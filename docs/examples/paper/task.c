#include "task.h"

void paper_task_run(const void *setting, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                    bp_network **net)
{
    const paper_task *task = setting;
    const bp_stop_rule rules[] = {bp_stop_within_tolerance(task->tolerance), bp_stop_epochs(task->limit)};
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(task->rate, task->momentum);
    options.batch_size = task->batch;
    options.shuffle = !task->fixed_order;
    options.seed = seed;
    options.stop_rules = rules;
    options.stop_rule_count = 2;

    *net = paper_network(task->units, task->layers, task->direct, task->range);
    paper_check(bp_network_initialize(*net, seed));
    bp_result result = paper_train(*net, task->data, &options, history);
    outcome->solved = result.reason == BP_STOP_WITHIN_TOLERANCE;
    outcome->sweeps = (double)result.epochs;
    outcome->error = result.error;
}

paper_summary paper_task_seeds(const paper_task *task, const paper_options *options)
{
    return paper_run_seeds(paper_task_run, task, options, NULL, NULL);
}

bp_real *paper_all_patterns(size_t bits)
{
    size_t count = (size_t)1 << bits;
    bp_real *patterns = paper_allocate(count * bits, sizeof *patterns);
    for (size_t c = 0; c < count; c++)
        for (size_t i = 0; i < bits; i++)
            patterns[c * bits + i] = (bp_real)(c >> (bits - 1 - i) & 1);
    return patterns;
}
