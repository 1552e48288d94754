#include "train/given_options.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "engine/finding.h"
#include "train/finding.h"
#include "train/members.h"

static bool differ(const member_table *table, const void *a, const void *b);

static bool member_differs(const member *row, const void *a, const void *b)
{
    const unsigned char *in_a = (const unsigned char *)a + row->offset;
    const unsigned char *in_b = (const unsigned char *)b + row->offset;
    if (row->kind < MEMBER_STRUCT)
        return memcmp(in_a, in_b, row->size) != 0;
    bool found = false;
    for (size_t i = 0; row->kind == MEMBER_STRUCT && i < row->size; i += row->table->size)
        found |= differ(row->table, in_a + i, in_b + i);
    return found;
}

static bool differ(const member_table *table, const void *a, const void *b)
{
    bool found = false;
    for (size_t i = 0; i < table->count; i++)
        found |= member_differs(&table->members[i], a, b);
    return found;
}

static bool rules_differ(const stop_rules *rules, const bp_trainer_options *given)
{
    if (given->stop_rule_count == 0)
        return false;
    bool found = rules->count != given->stop_rule_count;
    for (size_t i = 0; !found && i < rules->count; i++)
        found = differ(&bpi_stop_rule_members, &rules->rules[i], &given->stop_rules[i]);
    return found;
}

static bool class_weights_differ(const bp_trainer_options *own, const bp_trainer_options *given)
{
    const size_t count = given->class_weight_count;
    if (count == 0 || given->class_weights == NULL)
        return false;
    return count != own->class_weight_count ||
           memcmp(given->class_weights, own->class_weights, count * sizeof *given->class_weights) != 0;
}

/* -1: left to the library; NaN: no number. */
static double number_of(const member *row, const bp_trainer_options *options)
{
    const unsigned char *at = (const unsigned char *)options + row->offset;
    double number = NAN;
    if (row->offset == offsetof(bp_trainer_options, optimizer))
        number = options->optimizer.learning_rate;
    else if (row->kind == MEMBER_INT && row->offset != offsetof(bp_trainer_options, reduction))
        number = *(const int *)(const void *)at;
    else if (row->kind == MEMBER_SIZE)
        number = *(const size_t *)(const void *)at == BP_BATCH_AUTO
                     ? -1
                     : (double)*(const size_t *)(const void *)at;
    else if (row->kind == MEMBER_U64)
        number = (double)*(const uint64_t *)(const void *)at;
    else if (row->kind == MEMBER_DOUBLE)
        number = *(const double *)(const void *)at;
    return number < 0 ? -1 : number;
}

static void note(bp_trainer *trainer, size_t index, const bp_trainer_options *given)
{
    const member *row = &bpi_options_members.members[index];
    bp_finding found = bpi_finding(BP_FINDING_OPTION_OF_CHECKPOINT, BP_SEVERITY_NOTE);
    found.epoch = trainer->epochs;
    found.column = index;
    found.values[0] = number_of(row, given);
    found.values[1] = number_of(row, &trainer->options);
    if (found.values[0] == found.values[1]) /* another part of the optimizer */
        found.values[0] = found.values[1] = NAN;
    bpi_add_finding(trainer, &found);
}

void bpi_note_given_options(bp_trainer *trainer, const bp_trainer_options *given)
{
    bp_trainer_options untouched;
    bpi_remove_findings(trainer, BP_FINDING_OPTION_OF_CHECKPOINT);
    if (given == NULL)
        return;
    bp_trainer_options_init(&untouched, sizeof untouched);
    for (size_t i = 0; i < bpi_options_members.count; i++) {
        const member *row = &bpi_options_members.members[i];
        const bool is_rules = row->offset == offsetof(bp_trainer_options, stop_rules);
        const bool is_weights = row->offset == offsetof(bp_trainer_options, class_weights);
        if (is_rules ? rules_differ(&trainer->stopping, given)
            : is_weights
                ? class_weights_differ(&trainer->options, given)
                : member_differs(row, given, &trainer->options) && member_differs(row, given, &untouched))
            note(trainer, i, given);
    }
}
