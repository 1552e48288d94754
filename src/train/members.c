#include "train/members.h"

#include <stddef.h>

#define ROW(type, name, kind, table)                                                                         \
    {                                                                                                        \
#name, offsetof(type, name), sizeof(((type *)NULL)->name), MEMBER_##kind, table                      \
    }
#define TABLE(type, rows)                                                                                    \
    {                                                                                                        \
#type, rows, sizeof rows / sizeof rows[0], sizeof(type)                                              \
    }

size_t bpi_member_size(const member *row)
{
    switch (row->kind) {
    case MEMBER_BOOL:
        return sizeof(bool);
    case MEMBER_INT:
        return sizeof(int);
    case MEMBER_SIZE:
        return sizeof(size_t);
    case MEMBER_U64:
        return sizeof(uint64_t);
    case MEMBER_DOUBLE:
        return sizeof(double);
    case MEMBER_STRUCT:
        return row->table->size;
    default:
        return row->size;
    }
}

/* ------------------------------------------------------------------------- options */

#define MEMBER(name, kind) ROW(bp_loss, name, kind, NULL)
static const member loss_rows[] = {
    MEMBER(kind, INT),
    MEMBER(reserved_kind, NOT),
    MEMBER(parameter, DOUBLE),
    MEMBER(function, GIVEN),
    MEMBER(context, GIVEN), /* of a loss of several outputs, APART */
    MEMBER(label_smoothing, DOUBLE),
    MEMBER(of_outputs, APART),
    MEMBER(reserved, NOT),
};
#undef MEMBER
const member_table bpi_loss_members = TABLE(bp_loss, loss_rows);

#define MEMBER(name, kind) ROW(bp_optimizer, name, kind, NULL)
static const member optimizer_rows[] = {
    MEMBER(kind, INT),        MEMBER(reserved_kind, NOT), MEMBER(learning_rate, DOUBLE),
    MEMBER(momentum, DOUBLE), MEMBER(parameter, DOUBLE),  MEMBER(rule, GIVEN),
    MEMBER(reserved, NOT),
};
#undef MEMBER
static const member_table optimizer_members = TABLE(bp_optimizer, optimizer_rows);

#define MEMBER(name, kind) ROW(bp_schedule, name, kind, NULL)
static const member schedule_rows[] = {
    MEMBER(kind, INT),       MEMBER(reserved_kind, NOT), MEMBER(parameter, DOUBLE),
    MEMBER(warm_up, DOUBLE), MEMBER(by_update, U64),     MEMBER(reserved, NOT),
};
#undef MEMBER
static const member_table schedule_members = TABLE(bp_schedule, schedule_rows);

/* Stopping rules are saved with what they remember. Threads and files are of the place where training goes
 * on. */
#define MEMBER(name, kind)  ROW(bp_trainer_options, name, kind, NULL)
#define STRUCT(name, table) ROW(bp_trainer_options, name, STRUCT, &table)
static const member options_rows[] = {
    MEMBER(size, NOT),
    STRUCT(loss, bpi_loss_members),
    STRUCT(optimizer, optimizer_members),
    STRUCT(learning_rate_schedule, schedule_members),
    STRUCT(momentum_schedule, schedule_members),
    MEMBER(weight_decay, DOUBLE),
    MEMBER(batch_size, SIZE),
    MEMBER(reduction, INT),
    MEMBER(average_shared, INT),
    MEMBER(scale_data, INT),
    MEMBER(keep_best, INT),
    MEMBER(recoveries, INT),
    MEMBER(shuffle, INT),
    MEMBER(stop_rules, APART),
    MEMBER(stop_rule_count, APART),
    MEMBER(on_epoch, GIVEN),
    MEMBER(on_epoch_context, GIVEN),
    MEMBER(on_gradient, GIVEN),
    MEMBER(on_gradient_context, GIVEN),
    MEMBER(keep_history, INT),
    MEMBER(threads, GIVEN),
    MEMBER(seed, U64),
    MEMBER(history_csv, GIVEN),
    MEMBER(history_json, GIVEN),
    MEMBER(stream_window, SIZE),
    MEMBER(no_bias_decay, SIZE),
    MEMBER(checkpoint_path, GIVEN),
    MEMBER(checkpoint_updates, GIVEN),
    MEMBER(checkpoint_seconds, GIVEN),
    MEMBER(class_weights, APART),
    MEMBER(class_weight_count, APART),
    MEMBER(balance_classes, SIZE),
    MEMBER(l1, DOUBLE),
    MEMBER(l2, DOUBLE),
    MEMBER(max_norm, DOUBLE),
    MEMBER(clip_value, DOUBLE),
    MEMBER(clip_norm, DOUBLE),
};
#undef MEMBER
#undef STRUCT
const member_table bpi_options_members = TABLE(bp_trainer_options, options_rows);

#define MEMBER(name, kind) ROW(bp_stop_rule, name, kind, NULL)
static const member stop_rule_rows[] = {
    MEMBER(kind, INT),  MEMBER(reserved_kind, NOT), MEMBER(threshold, DOUBLE),
    MEMBER(count, U64), MEMBER(window, U64),        MEMBER(reserved, NOT),
};
#undef MEMBER
const member_table bpi_stop_rule_members = TABLE(bp_stop_rule, stop_rule_rows);

#define MEMBER(name, kind) ROW(stop_memory, name, kind, NULL)
static const member stop_memory_rows[] = {
    MEMBER(reference, DOUBLE),
    MEMBER(waited, U64),
    MEMBER(seen, U64),
    MEMBER(errors, APART),
};
#undef MEMBER
const member_table bpi_stop_memory_members = TABLE(stop_memory, stop_memory_rows);

/* ------------------------------------------------------------------------- trainer */

#define MEMBER(name, kind) ROW(random_stream, name, kind, NULL)
static const member random_rows[] = {MEMBER(state, U64)};
#undef MEMBER
static const member_table random_members = TABLE(random_stream, random_rows);

#define MEMBER(name, kind) ROW(rate_memory, name, kind, NULL)
static const member rate_memory_rows[] = {
    MEMBER(scale, DOUBLE),        MEMBER(has_reference, BOOL), MEMBER(reference, DOUBLE),
    MEMBER(of_validation, BOOL),  MEMBER(cases, SIZE),         MEMBER(waited, SIZE),
    MEMBER(weights_changed, U64), MEMBER(weights, APART),
};
#undef MEMBER
static const member_table rate_memory_members = TABLE(rate_memory, rate_memory_rows);

#define MEMBER(name, kind) ROW(epoch_state, name, kind, NULL)
static const member epoch_rows[] = {
    MEMBER(begun, BOOL),           MEMBER(cases, SIZE),
    MEMBER(window, SIZE),          MEMBER(done, SIZE),
    MEMBER(more_batches, BOOL),    MEMBER(error, DOUBLE),
    MEMBER(max_abs_error, DOUBLE), MEMBER(gradient_norm, DOUBLE),
    MEMBER(hook_error, DOUBLE),    MEMBER(weights_changed, U64),
    MEMBER(ordered, SIZE),
};
#undef MEMBER
static const member_table epoch_members = TABLE(epoch_state, epoch_rows);

#define MEMBER(name, kind) ROW(epoch_observation, name, kind, NULL)
static const member observation_rows[] = {
    MEMBER(change, APART),
    MEMBER(saturated, APART),
    MEMBER(change_norm, DOUBLE),
    MEMBER(has_change, BOOL),
    MEMBER(samples_units, NOT),
    MEMBER(is_sampled, BOOL),
    MEMBER(cases_until_sample, DOUBLE),
    MEMBER(update_norm, DOUBLE),
    MEMBER(update_cosine, DOUBLE),
};
#undef MEMBER
static const member_table observation_members = TABLE(epoch_observation, observation_rows);

#define MEMBER(name, kind) ROW(best_epoch, name, kind, NULL)
static const member best_rows[] = {
    MEMBER(epoch, SIZE),
    MEMBER(validation_error, DOUBLE),
    MEMBER(error, DOUBLE),
    MEMBER(weights, APART),
};
#undef MEMBER
static const member_table best_members = TABLE(best_epoch, best_rows);

#define MEMBER(name, kind) ROW(trace_point, name, kind, NULL)
static const member point_rows[] = {
    MEMBER(updates, U64),
    MEMBER(error, DOUBLE),
    MEMBER(validation_error, DOUBLE),
};
#undef MEMBER
static const member_table point_members = TABLE(trace_point, point_rows);

#define MEMBER(name, kind) ROW(error_trace, name, kind, NULL)
static const member trace_rows[] = {
    MEMBER(first_error, DOUBLE),
    MEMBER(stride, U64),
    MEMBER(next, U64),
    MEMBER(count, SIZE),
    ROW(error_trace, points, STRUCT, &point_members),
};
#undef MEMBER
static const member_table trace_members = TABLE(error_trace, trace_rows);

#define MEMBER(name, kind) ROW(stop_metrics, name, kind, NULL)
static const member metrics_rows[] = {
    MEMBER(error, DOUBLE),
    MEMBER(mean_error, DOUBLE),
    MEMBER(max_abs_error, DOUBLE),
    MEMBER(validation_error, DOUBLE),
    MEMBER(gradient_norm, DOUBLE),
    MEMBER(epochs, SIZE),
    MEMBER(updates, U64),
    MEMBER(seconds, DOUBLE),
    MEMBER(negligible_error, DOUBLE),
};
#undef MEMBER
static const member_table metrics_members = TABLE(stop_metrics, metrics_rows);

#define MEMBER(name, kind) ROW(run_place, name, kind, NULL)
static const member place_rows[] = {
    MEMBER(goes_on, BOOL),
    MEMBER(has_snapshot, BOOL),
    MEMBER(ends_epoch, BOOL),
    MEMBER(is_unstable, BOOL),
    ROW(run_place, metrics, STRUCT, &metrics_members),
    MEMBER(epochs, SIZE),
    MEMBER(updates, U64),
    MEMBER(evaluations, U64),
    MEMBER(seconds, DOUBLE),
    MEMBER(cases, SIZE),
    MEMBER(validation_cases, SIZE),
    MEMBER(training_hash, APART),
    MEMBER(validation_hash, APART),
};
#undef MEMBER
const member_table bpi_place_members = TABLE(run_place, place_rows);

#define MEMBER(name, kind) ROW(optimizer_state, name, kind, NULL)
static const member state_rows[] = {
    MEMBER(vectors, APART),    MEMBER(scalars, APART), MEMBER(vector_count, NOT), /* of the rule */
    MEMBER(scalar_count, NOT), MEMBER(updates, U64),
};
#undef MEMBER
const member_table bpi_optimizer_state_members = TABLE(optimizer_state, state_rows);

#define MEMBER(name, kind) ROW(history_file, name, kind, NULL)
static const member history_file_rows[] = {
    MEMBER(path, GIVEN), MEMBER(is_started, BOOL), MEMBER(is_cut, NOT),
    MEMBER(length, U64), MEMBER(descriptor, NOT),  MEMBER(error, NOT),
};
#undef MEMBER
const member_table bpi_history_file_members = TABLE(history_file, history_file_rows);

#define MEMBER(name, kind) ROW(bp_finding, name, kind, NULL)
static const member finding_rows[] = {
    MEMBER(size, NOT),    MEMBER(kind, INT),    MEMBER(severity, INT),
    MEMBER(epoch, SIZE),  MEMBER(layer, APART), MEMBER(unit, SIZE),
    MEMBER(column, SIZE), MEMBER(count, SIZE),  MEMBER(values, DOUBLE),
};
#undef MEMBER
const member_table bpi_finding_members = TABLE(bp_finding, finding_rows);

#define MEMBER(name, kind)  ROW(bp_trainer, name, kind, NULL)
#define STRUCT(name, table) ROW(bp_trainer, name, STRUCT, &table)
static const member trainer_rows[] = {
    MEMBER(network, GIVEN),
    MEMBER(allocator, NOT), /* the network's */
    MEMBER(options, APART),
    MEMBER(losses, APART), /* with the options */
    MEMBER(loss_weights, APART),
    MEMBER(stopping, APART),
    MEMBER(rule, NOT),                /* of the options */
    MEMBER(workspace, NOT),           /* holds nothing between updates that would not be computed again */
    MEMBER(gradient, NOT),            /* likewise */
    MEMBER(given_class_weights, NOT), /* of the options */
    MEMBER(classes, NOT),             /* found when a run begins */
    MEMBER(work, NOT),                /* within an iteration */
    MEMBER(state, APART),
    MEMBER(parts, NOT), /* of the network, when a run begins */
    MEMBER(noise, NOT), /* likewise */
    MEMBER(start_weights, APART),
    MEMBER(weights_snapshot, APART),
    MEMBER(order, APART),
    MEMBER(order_capacity, NOT),
    MEMBER(order_cases, APART),
    STRUCT(stream, random_members),
    MEMBER(epochs, SIZE),
    MEMBER(updates, U64),
    MEMBER(evaluations, U64),
    MEMBER(learning_rate, NOT), /* bpi_update_rates finds these three */
    MEMBER(momentum, NOT),
    MEMBER(is_scheduled, NOT),
    STRUCT(rate_memory, rate_memory_members),
    STRUCT(epoch, epoch_members),
    STRUCT(observation, observation_members),
    STRUCT(best, best_members),
    MEMBER(last_weights, APART),
    MEMBER(has_last_weights, BOOL),
    MEMBER(found_rate, DOUBLE),
    MEMBER(chooses_rules, BOOL),
    MEMBER(chooses_loss, BOOL),
    MEMBER(is_prepared, BOOL),
    MEMBER(stop_requested, NOT), /* of this process */
    MEMBER(decay_strength, DOUBLE),
    MEMBER(decay_unit, DOUBLE),
    MEMBER(target_noise, DOUBLE),
    MEMBER(reductions, INT),
    MEMBER(has_ended, BOOL),
    MEMBER(extensions, INT),
    MEMBER(decay, NOT),   /* bpi_update_rates */
    MEMBER(penalty, NOT), /* likewise */
    MEMBER(rate_factor, DOUBLE),
    MEMBER(recoveries, INT),
    STRUCT(trace, trace_members),
    MEMBER(units, NOT), /* memory of a sample, which is taken anew */
    MEMBER(findings, APART),
    MEMBER(finding_count, APART),
    MEMBER(history, APART),
    MEMBER(history_capacity, NOT),
    MEMBER(history_files, APART),
    MEMBER(reporters, NOT),      /* join a run when they are called */
    MEMBER(epochs_before, NOT),  /* set when a run begins ... */
    MEMBER(updates_before, NOT), /* ... likewise */
    MEMBER(runs, NOT),           /* numbers of this process */
    MEMBER(running, NOT),
    MEMBER(checkpoint_path, GIVEN),
    MEMBER(place, APART), /* or that of the run in progress */
    MEMBER(is_loaded, NOT),
    MEMBER(reported, NOT),
};
#undef MEMBER
#undef STRUCT
const member_table bpi_trainer_members = TABLE(bp_trainer, trainer_rows);
