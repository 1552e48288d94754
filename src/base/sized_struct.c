#include "base/sized_struct.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/numeric.h"
#include "base/status.h"

/* Every such struct, with its last member in 0.2.0. */
#define SIZED_STRUCTS(X)                                                                                     \
    X(SIZED_DATA, bp_data, missing_targets)                                                                  \
    X(SIZED_NETWORK_OPTIONS, bp_network_options, activation_count)                                           \
    X(SIZED_ACTIVATION_INFO, bp_activation_info, has_kinks)                                                  \
    X(SIZED_CONVOLUTION, bp_convolution, stride_x)                                                           \
    X(SIZED_CONNECT_OPTIONS, bp_connect_options, weight_init)                                                \
    X(SIZED_UNROLL_OPTIONS, bp_unroll_options, output_steps)                                                 \
    X(SIZED_EVALUATION, bp_evaluation, max_abs_error)                                                        \
    X(SIZED_GRADIENT_CHECK, bp_gradient_check, activation_difference)                                        \
    X(SIZED_FINDING, bp_finding, values)                                                                     \
    X(SIZED_RATE_SEARCH, bp_rate_search, points)                                                             \
    X(SIZED_TRAINER_OPTIONS, bp_trainer_options, clip_norm)                                                  \
    X(SIZED_RESULT, bp_result, checkpoints)                                                                  \
    X(SIZED_STARTS_OPTIONS, bp_starts_options, seed)                                                         \
    X(SIZED_START_RESULT, bp_start_result, evaluations)                                                      \
    X(SIZED_STARTS_SUMMARY, bp_starts_summary, seconds)                                                      \
    X(SIZED_CSV_OPTIONS, bp_csv_options, class_off)                                                          \
    X(SIZED_COLUMN_INFO, bp_column_info, fill)                                                               \
    X(SIZED_ANSWER, bp_answer, value)                                                                        \
    X(SIZED_REGRESSION_RESULT, bp_regression_result, max_abs_error)                                          \
    X(SIZED_CLASSIFICATION_OPTIONS, bp_classification_options, threshold)                                    \
    X(SIZED_CLASS_RESULT, bp_class_result, auc)                                                              \
    X(SIZED_CLASSIFICATION_RESULT, bp_classification_result, brier)                                          \
    X(SIZED_IMPORTANCE_OPTIONS, bp_importance_options, seed)                                                 \
    X(SIZED_IMPORTANCE, bp_importance, deviation)                                                            \
    X(SIZED_SPLIT_OPTIONS, bp_split_options, seed)                                                           \
    X(SIZED_SPLIT_RESULT, bp_split_result, missing_class)                                                    \
    X(SIZED_FOLD_OPTIONS, bp_fold_options, seed)                                                             \
    X(SIZED_CROSS_OPTIONS, bp_cross_options, seed)                                                           \
    X(SIZED_FOLD_RESULT, bp_fold_result, seconds)                                                            \
    X(SIZED_CROSS_SUMMARY, bp_cross_summary, seconds)                                                        \
    X(SIZED_WINDOW_OPTIONS, bp_window_options, each_step)                                                    \
    X(SIZED_STREAM_SOURCE, bp_stream_source, missing_targets)                                                \
    X(SIZED_RULE, bp_rule, update)                                                                           \
    X(SIZED_UNCERTAINTY_SUMMARY, bp_uncertainty_summary, variance)                                           \
    X(SIZED_UNCERTAINTY_OPTIONS, bp_uncertainty_options, weight_decay)

typedef struct sized_struct {
    const char *name;
    size_t first; /* size in 0.2.0, the minimum that is accepted */
    size_t known; /* size in this version */
} sized_struct;

#define END(type, member)      (offsetof(type, member) + sizeof(((type *)NULL)->member))
#define ROW(index, type, last) [index] = {#type, END(type, last), sizeof(type)},
static const sized_struct types[] = {SIZED_STRUCTS(ROW)};

/* Padding at the end is not initialized, and would become part of an appended member. So the last member must
 * have the strictest alignment. */
#define ENDS_WITHOUT_PADDING(index, type, last)                                                              \
    _Static_assert(END(type, last) % alignof(type) == 0, #type " ends with padding");
SIZED_STRUCTS(ENDS_WITHOUT_PADDING)

/* An upper bound for all versions; a larger size was never initialized. */
enum { MAX_SIZE = 4096 };

static size_t size_of(const void *sized)
{
    size_t size;
    memcpy(&size, sized, sizeof size);
    return size;
}

void bpi_init_struct(sized_type type, void *to, size_t size, const void *defaults)
{
    if (to == NULL || size < sizeof size)
        return;
    memset(to, 0, size);
    if (defaults != NULL)
        memcpy(to, defaults, bpi_min(size, types[type].known));
    memcpy(to, &size, sizeof size);
}

static bp_status check_size(const char *function, const sized_struct *type, size_t size)
{
    if (size == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: %s.size is 0; fill it with %s_init first", function,
                        type->name, type->name);
    if (size < type->first)
        return bpi_fail(
            BP_ERROR_VERSION,
            "%s: %s.size is %zu, but since version 0.2.0 it is at least %zu; fill it with %s_init first",
            function, type->name, size, type->first, type->name);
    if (size > MAX_SIZE)
        return bpi_fail(BP_ERROR_VERSION,
                        "%s: %s.size is %zu, more than in any version; fill it with %s_init first", function,
                        type->name, size, type->name);
    return BP_OK;
}

/* Are members of a newer header set, which this library would ignore? */
static bool has_unknown_members(const sized_struct *type, const unsigned char *from, size_t size)
{
    for (size_t i = type->known; i < size; i++)
        if (from[i] != 0)
            return true;
    return false;
}

bp_status bpi_read_struct(const char *function, sized_type type, const void *from, void *copy)
{
    const sized_struct *row = &types[type];
    size_t size = size_of(from), known = row->known;
    BPI_TRY(check_size(function, row, size));
    if (has_unknown_members(row, from, size))
        return bpi_fail(
            BP_ERROR_VERSION,
            "%s: %s.size is %zu, and a member is set that version %s of the library does not know: "
            "it knows %zu bytes",
            function, row->name, size, bp_version(), known);
    if (size < known)
        memset(copy, 0, known);
    memcpy(copy, from, bpi_min(size, known));
    memcpy(copy, &known, sizeof known);
    return BP_OK;
}

bp_status bpi_check_result_struct(const char *function, sized_type type, const void *to)
{
    return check_size(function, &types[type], size_of(to));
}

void bpi_write_struct(sized_type type, void *to, const void *result)
{
    size_t size = size_of(to);
    memcpy(to, result, bpi_min(size, types[type].known));
    memcpy(to, &size, sizeof size);
}

void bpi_init_structs(sized_type type, void *to, size_t size, size_t count)
{
    for (size_t i = 0; to != NULL && i < count; i++)
        bpi_init_struct(type, (unsigned char *)to + i * size, size, NULL);
}

bp_status bpi_check_result_structs(const char *function, sized_type type, const char *name, const void *to,
                                   size_t count)
{
    BPI_TRY(bpi_check_result_struct(function, type, to));
    const size_t distance = size_of(to);
    for (size_t i = 1; i < count; i++) {
        size_t size = size_of((const unsigned char *)to + i * distance);
        if (size != distance)
            return bpi_fail(BP_ERROR_ARGUMENT,
                            "%s: %s[%zu].size is %zu, that of %s[0] is %zu; fill all %zu with %s_init first",
                            function, name, i, size, name, distance, count, types[type].name);
    }
    return BP_OK;
}

bp_status bpi_read_element(const char *function, sized_type type, const void *from, size_t index, void *copy)
{
    return bpi_read_struct(function, type, (const unsigned char *)from + index * size_of(from), copy);
}

void bpi_write_element(sized_type type, void *to, size_t index, const void *result)
{
    bpi_write_struct(type, (unsigned char *)to + index * size_of(to), result);
}

void bpi_write_structs(sized_type type, void *to, const void *results, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bpi_write_element(type, to, i, (const unsigned char *)results + i * types[type].known);
}
