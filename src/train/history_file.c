#include "train/history_file.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/append_file.h"
#include "base/memory.h"
#include "base/status.h"
#include "train/finding.h"

/* ------------------------------------------------------------- creating and destroying */

void bpi_history_files_init(bp_trainer *trainer)
{
    for (int i = 0; i < HISTORY_FORMATS; i++)
        trainer->history_files.files[i].descriptor = -1;
}

/* Bytes of the longest line: of names, numbers and separators. */
static bool line_capacity(const bp_network *net, size_t *capacity)
{
    enum { FIXED = 1024, PER_LAYER = 40 };
    return bpi_multiply(net->layer_count, PER_LAYER, capacity) && bpi_add(*capacity, FIXED, capacity);
}

bp_status bpi_history_files_create(bp_trainer *trainer)
{
    const char **paths[] = {&trainer->options.history_csv, &trainer->options.history_json};
    const bp_allocator *allocator = &trainer->allocator;
    history_files *all = &trainer->history_files;
    bool is_wanted = false, has_memory = true;
    for (int i = 0; i < HISTORY_FORMATS; i++) {
        if (*paths[i] == NULL)
            continue;
        is_wanted = true;
        all->files[i].path = bpi_copy_string(allocator, *paths[i]);
        *paths[i] = all->files[i].path;
        has_memory = has_memory && all->files[i].path != NULL;
    }
    if (!is_wanted)
        return BP_OK;
    if (has_memory && line_capacity(trainer->network, &all->capacity))
        all->line = bpi_allocate(allocator, all->capacity, 1);
    if (all->line == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "bp_trainer_create: out of memory for the history files");
    return BP_OK;
}

void bpi_history_files_destroy(bp_trainer *trainer)
{
    bpi_history_files_close(trainer);
    for (int i = 0; i < HISTORY_FORMATS; i++)
        bpi_release(&trainer->allocator, trainer->history_files.files[i].path);
    bpi_release(&trainer->allocator, trainer->history_files.line);
}

void bpi_history_files_restart(bp_trainer *trainer)
{
    bpi_history_files_close(trainer);
    for (int i = 0; i < HISTORY_FORMATS; i++)
        trainer->history_files.files[i].is_started = trainer->history_files.files[i].is_cut = false;
}

/* ------------------------------------------------------------------------------ lines */

/* A line being written, in memory that is large enough. */
typedef struct text_line {
    history_format format;
    char *text;
    size_t capacity, used;
} text_line;

static void put(text_line *line, const char *text)
{
    size_t length = strlen(text);
    if (length > line->capacity - line->used)
        return;
    memcpy(line->text + line->used, text, length);
    line->used += length;
}

static text_line begin_line(const history_files *all, history_format format)
{
    text_line line = {.format = format, .text = all->line, .capacity = all->capacity};
    put(&line, format == HISTORY_JSON ? "{" : "");
    return line;
}

/* What stands before a value, or a name in the header. */
static void put_separator(text_line *line)
{
    put(line, line->used > (line->format == HISTORY_JSON) ? "," : "");
}

static void put_key(text_line *line, const char *name)
{
    put_separator(line);
    if (line->format != HISTORY_JSON)
        return;
    put(line, "\"");
    put(line, name);
    put(line, "\":");
}

static void put_value(text_line *line, double value)
{
    if (isnan(value) || (line->format == HISTORY_JSON && !isfinite(value)))
        put(line, line->format == HISTORY_JSON ? "null" : "");
    else
        put(line, bpi_format_digits(value, 17).text);
}

static void put_real(text_line *line, const char *name, double value)
{
    put_key(line, name);
    put_value(line, value);
}

static void put_count(text_line *line, const char *name, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    put_key(line, name);
    put(line, text);
}

/* A column for each layer but the inputs. */
static void put_saturated_columns(text_line *line, const bp_network *net, const double *saturated)
{
    for (size_t i = 0; i < net->layer_count; i++) {
        if (net->layers[i]->is_input)
            continue;
        put_separator(line);
        put_value(line, saturated == NULL ? NAN : saturated[i]);
    }
}

static void put_saturated_array(text_line *line, const bp_network *net, const double *saturated)
{
    const char *before = "[";
    put_key(line, "saturated");
    if (saturated == NULL) {
        put(line, "null");
        return;
    }
    for (size_t i = 0; i < net->layer_count; i++) {
        if (net->layers[i]->is_input)
            continue;
        put(line, before);
        put_value(line, saturated[i]);
        before = ",";
    }
    put(line, "]");
}

/* The columns before those of layers, and their places in bp_progress. */
#define COUNTS(X) X(epoch) X(updates)
#define REALS(X)                                                                                             \
    X(error)                                                                                                 \
    X(mean_error)                                                                                            \
    X(validation_error)                                                                                      \
    X(validation_accuracy) X(learning_rate) X(momentum) X(gradient_norm) X(update_norm) X(update_cosine)

static void put_progress(text_line *line, const bp_network *net, const bp_progress *progress)
{
#define PUT_COUNT(name) put_count(line, #name, progress->name);
#define PUT_REAL(name)  put_real(line, #name, progress->name);
    COUNTS(PUT_COUNT)
    REALS(PUT_REAL)
    (line->format == HISTORY_JSON ? put_saturated_array : put_saturated_columns)(line, net,
                                                                                 progress->saturated);
    put_real(line, "seconds", progress->seconds);
    put(line, line->format == HISTORY_JSON ? "}\n" : "\n");
}

static void put_header(text_line *line, const bp_network *net)
{
#define PUT_NAME(name)                                                                                       \
    put_separator(line);                                                                                     \
    put(line, #name);
    COUNTS(PUT_NAME)
    REALS(PUT_NAME)
    for (size_t i = 0; i < net->layer_count; i++) {
        char name[40];
        snprintf(name, sizeof name, ",saturated_%zu", i);
        put(line, net->layers[i]->is_input ? "" : name);
    }
    put(line, ",seconds\n");
}

/* ------------------------------------------------------------------------------ files */

static void close_file(history_file *file)
{
    if (file->descriptor >= 0)
        close(file->descriptor);
    file->descriptor = -1;
}

/* Appends a line, or closes a file that does not take it. */
static void append(history_file *file, const text_line *line)
{
    file->error = bpi_append_bytes(file->descriptor, line->text, line->used);
    if (file->error != 0)
        close_file(file);
    else
        file->length = bpi_append_length(file->descriptor);
}

static void open_file(bp_trainer *trainer, history_format format)
{
    history_file *file = &trainer->history_files.files[format];
    file->error = 0;
    if (file->path == NULL)
        return;
    file->descriptor = file->is_cut ? bpi_append_reopen(file->path, file->length, &file->error)
                                    : bpi_append_open(file->path, !file->is_started, &file->error);
    if (file->descriptor < 0)
        return;
    if (file->is_cut)
        file->is_started = bpi_append_length(file->descriptor) > 0;
    file->is_cut = false;
    file->length = bpi_append_length(file->descriptor);
    if (file->is_started)
        return;
    file->is_started = true;
    if (format != HISTORY_CSV)
        return;
    text_line line = begin_line(&trainer->history_files, format);
    put_header(&line, trainer->network);
    append(file, &line);
    file->is_started = file->error == 0;
}

bool bpi_history_files_failed(const bp_trainer *trainer)
{
    const history_file *files = trainer->history_files.files;
    return files[HISTORY_CSV].error != 0 || files[HISTORY_JSON].error != 0;
}

static void note_failure(bp_trainer *trainer, size_t epoch)
{
    const history_file *files = trainer->history_files.files;
    if (!bpi_history_files_failed(trainer))
        return;
    bp_finding warning = bpi_finding(BP_FINDING_HISTORY_FILE, BP_SEVERITY_WARNING);
    warning.epoch = epoch;
    warning.values[0] = files[HISTORY_CSV].error;
    warning.values[1] = files[HISTORY_JSON].error;
    bpi_add_finding(trainer, &warning);
}

void bpi_history_files_open(bp_trainer *trainer)
{
    for (int i = 0; i < HISTORY_FORMATS; i++)
        open_file(trainer, (history_format)i);
    note_failure(trainer, trainer->epochs);
}

void bpi_history_files_add(bp_trainer *trainer, const bp_progress *progress)
{
    for (int i = 0; i < HISTORY_FORMATS; i++) {
        history_file *file = &trainer->history_files.files[i];
        if (file->descriptor < 0)
            continue;
        text_line line = begin_line(&trainer->history_files, (history_format)i);
        put_progress(&line, trainer->network, progress);
        append(file, &line);
        if (file->error != 0)
            note_failure(trainer, progress->epoch);
    }
}

void bpi_history_files_close(bp_trainer *trainer)
{
    for (int i = 0; i < HISTORY_FORMATS; i++)
        close_file(&trainer->history_files.files[i]);
}
