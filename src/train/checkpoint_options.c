#include "train/checkpoint_options.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/value_type.h"
#include "engine/loss.h"
#include "train/optimizer.h"
#include "train/stopping.h"
#include "train/trainer_options.h"

/* What the caller must give again. */
typedef struct needed {
    bool loss, rule, hook;
    char optimizer[CURSOR_NAME_CAPACITY]; /* the name of its rule */
} needed;

static needed needed_by(const bp_trainer_options *options)
{
    needed all = {.loss = bpi_loss_is_custom(&options->loss),
                  .rule =
                      !bpi_is_zero(options->optimizer.rule.reserved, sizeof options->optimizer.rule.reserved),
                  .hook = options->on_gradient != NULL};
    snprintf(all.optimizer, sizeof all.optimizer, "%s", bpi_optimizer_name(&options->optimizer));
    return all;
}

static void archive_needed(archive *a, needed *all)
{
    bpi_archive_bool(a, &all->loss);
    bpi_archive_bool(a, &all->rule);
    bpi_archive_bool(a, &all->hook);
    bpi_archive_name(a, all->optimizer);
}

/* Each with its kind, so that memory is asked for only where the file has as much. */
static void archive_rules(archive *a, bp_stop_rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bpi_archive_members(a, &bpi_stop_rule_members, &rules[i]);
}

void bpi_write_options(archive *a, const bp_trainer *trainer)
{
    bp_trainer_options options = trainer->options;
    needed all = needed_by(&options);
    size_t count = trainer->stopping.count;
    archive_needed(a, &all);
    bpi_archive_members(a, &bpi_options_members, &options);
    bpi_archive_count(a, &count, 3 * sizeof(uint64_t));
    archive_rules(a, trainer->stopping.rules, count);
}

/* ------------------------------------------------------------------------- reading */

/* The optimizer of options that nobody has set says nothing. */
static bool names_optimizer(const bp_trainer_options *given)
{
    bp_trainer_options untouched;
    bp_trainer_options_init(&untouched, sizeof untouched);
    return given != NULL && memcmp(&given->optimizer, &untouched.optimizer, sizeof given->optimizer) != 0;
}

static void take_rule(archive *a, bp_trainer_options *options, const bp_trainer_options *given,
                      const needed *all)
{
    const char *name = all->optimizer;
    if (bpi_optimizer_rule(options->optimizer.kind) == NULL) {
        bpi_archive_fail(a, BP_ERROR_UNSUPPORTED, "the optimizer '%s' is unknown to this library", name);
        return;
    }
    if (all->rule && given != NULL)
        options->optimizer.rule = given->optimizer.rule;
    if (all->rule && (!names_optimizer(given) || bpi_optimizer_name(&given->optimizer) == NULL))
        bpi_archive_fail(a, BP_ERROR_ARGUMENT,
                         "the optimizer is the caller's rule '%s'; options.optimizer must "
                         "give it again",
                         name);
    else if (names_optimizer(given) && strcmp(bpi_optimizer_name(&given->optimizer), name) != 0)
        bpi_archive_fail(a, BP_ERROR_ARGUMENT,
                         "the optimizer is '%s', but options.optimizer is '%s'; leave it as "
                         "bp_trainer_options_init() sets it, or begin anew",
                         name, bpi_optimizer_name(&given->optimizer));
}

static void take_loss(archive *a, bp_trainer_options *options, const bp_trainer_options *given,
                      const needed *all)
{
    const bool has_loss = given != NULL && bpi_loss_is_custom(&given->loss);
    if (bpi_loss_is_custom(&options->loss) != all->loss)
        bpi_archive_fail(a, BP_ERROR_FORMAT, "the kinds of the loss do not agree");
    else if (all->loss && !has_loss)
        bpi_archive_fail(a, BP_ERROR_ARGUMENT,
                         "the loss is a function of the caller's; options.loss must give it again");
    else if (all->loss)
        options->loss = given->loss;
}

static void take_hook(archive *a, bp_trainer_options *options, const bp_trainer_options *given,
                      const needed *all)
{
    const bool has_hook = given != NULL && given->on_gradient != NULL;
    if (all->hook != has_hook)
        bpi_archive_fail(a, BP_ERROR_ARGUMENT,
                         all->hook ? "training had a gradient hook; options.on_gradient must give it again"
                                   : "training had no gradient hook, but options.on_gradient is set");
    options->on_gradient = has_hook ? given->on_gradient : NULL;
    options->on_gradient_context = has_hook ? given->on_gradient_context : NULL;
}

/* The members that bpi_options_members has as MEMBER_GIVEN. */
static void take_given(archive *a, bp_trainer_options *options, const bp_trainer_options *given,
                       const needed *all)
{
    take_rule(a, options, given, all);
    take_loss(a, options, given, all);
    take_hook(a, options, given, all);
    if (given == NULL)
        return;
    options->on_epoch = given->on_epoch;
    options->on_epoch_context = given->on_epoch_context;
    options->threads = given->threads;
    options->history_csv = given->history_csv;
    options->history_json = given->history_json;
    options->checkpoint_path = given->checkpoint_path;
    options->checkpoint_updates = given->checkpoint_updates;
    options->checkpoint_seconds = given->checkpoint_seconds;
}

/* The errors of all windows are in the file, which cannot have more of them than bytes. */
static void check_windows(archive *a, const bp_stop_rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bpi_stopping_window(&rules[i]) > a->cursor.source->size / sizeof(double))
            bpi_archive_fail(a, BP_ERROR_FORMAT, "a window of %llu epochs has no place in the file",
                             (unsigned long long)rules[i].count);
}

static void read_rules(archive *a, bp_trainer_options *options, const bp_allocator *allocator)
{
    size_t count = 0;
    bpi_archive_count(a, &count, 3 * sizeof(uint64_t));
    if (a->status == BP_OK && count == 0)
        bpi_archive_fail(a, BP_ERROR_FORMAT, "there are no stopping rules");
    if (a->status != BP_OK)
        return;
    bp_stop_rule *rules = bpi_allocate_zeroed(allocator, count, sizeof *rules);
    if (rules == NULL) {
        bpi_archive_fail(a, BP_ERROR_MEMORY, "no memory for %zu stopping rules", count);
        return;
    }
    options->stop_rules = rules;
    options->stop_rule_count = count;
    archive_rules(a, rules, count);
    check_windows(a, rules, count);
}

void bpi_read_options(archive *a, bp_trainer_options *options, const bp_trainer_options *given,
                      const bp_allocator *allocator)
{
    needed all = {0};
    bp_trainer_options_init(options, sizeof *options);
    archive_needed(a, &all);
    bpi_archive_members(a, &bpi_options_members, options);
    if (a->status == BP_OK)
        take_given(a, options, given, &all);
    read_rules(a, options, allocator);
}

/* ---------------------------------------------------------------- memory of the rules */

void bpi_archive_stop_memory(archive *a, stop_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++) {
        stop_memory *memory = &rules->memory[i];
        bpi_archive_members(a, &bpi_stop_memory_members, memory);
        if (memory->errors != NULL && a->status == BP_OK)
            bpi_archive_doubles(a, memory->errors, (size_t)bpi_stopping_window(&rules->rules[i]));
    }
}
