/* bp_finding_text: each kind of finding as a sentence. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/sized_struct.h"
#include "base/status.h"
#include "base/text_sink.h"
#include "engine/finding_data_text.h"
#include "engine/finding_network_text.h"
#include "engine/finding_training_text.h"

/* ------------------------------------------------------------------------ decisions */

static void write_batch_size(const bp_finding *f, sentence *s)
{
    WRITE(s, "the batch size is %.0f for %.0f training cases", f->values[0], f->values[1]);
}

static void write_learning_rate(const bp_finding *f, sentence *s)
{
    if (f->severity == BP_SEVERITY_WARNING)
        WRITE(s,
              "no learning rate up to %.3g lowered the error in a search of %.0f updates, so it is %.3g; "
              "nothing is left to be learned, or the inputs say nothing about the targets",
              f->values[2], f->values[3], f->values[0]);
    else if (f->values[1] <= f->values[2])
        WRITE(s,
              "the learning rate is %.3g: training became unstable at %.3g, after %.0f updates of a search",
              f->values[0], f->values[1], f->values[3]);
    else
        WRITE(s, "the learning rate is %.3g: rates up to %.3g were stable in a search of %.0f updates",
              f->values[0], f->values[2], f->values[3]);
}

static void write_loss(const bp_finding *f, sentence *s)
{
    WRITE(s, "the loss is %s",
          f->values[0] != 0 ? "cross-entropy, as the outputs are softmax units" : "squared error");
}

static void write_scaled(const bp_finding *f, const char *columns, const char *then, sentence *s)
{
    char lowest[32], highest[32], factors[96];
    snprintf(lowest, sizeof lowest, "%.3g", f->values[1]);
    snprintf(highest, sizeof highest, "%.3g", f->values[2]);
    if (strcmp(lowest, highest) == 0)
        snprintf(factors, sizeof factors, "factor %s", lowest);
    else
        snprintf(factors, sizeof factors, "factors from %s to %s", lowest, highest);
    const size_t scaled = f->count;
    WRITE(s, "%zu of %.0f %s columns %s scaled, %s%s", scaled, f->values[0], columns,
          scaled == 1 ? "is" : "are", factors, then);
}

static void write_inputs_scaled(const bp_finding *f, sentence *s)
{
    write_scaled(f, "input", "", s);
}

static void write_targets_scaled(const bp_finding *f, sentence *s)
{
    write_scaled(f, "target", "; E is in scaled units", s);
}

static void write_stopping(const bp_finding *f, sentence *s)
{
    if (f->values[0] != 0)
        WRITE(
            s,
            "training ends when the validation error has not improved for %.0f epochs, or after %.0f epochs",
            f->values[2], f->values[3]);
    else
        WRITE(
            s,
            "training ends when the training error has fallen by less than %.3g %% in %.0f epochs, or after "
            "%.0f epochs",
            100 * f->values[1], f->values[2], f->values[3]);
}

static void write_cross_entropy(const bp_finding *f, sentence *s)
{
    WRITE(s,
          "all targets of layer '%s' are 0 or 1: options.loss = bp_loss_cross_entropy() usually learns such "
          "targets faster than the squared error",
          layer_name(f));
}

static void write_recovered(const bp_finding *f, sentence *s)
{
    WRITE(s, "training was rolled back in epoch %zu, and the learning rate lowered from %.3g to %.3g",
          f->epoch, f->values[0], f->values[1]);
}

static void write_weight_decay(const bp_finding *f, sentence *s)
{
    WRITE(
        s,
        "weight decay is on: each update shrinks every weight as if the mean error had the term %.2g / 2 "
        "w^2 (%.0f cases, of whose targets near cases leave about %.0f %% of the variance unexplained, which "
        "is taken for noise); options.weight_decay = 0 turns it off, for targets more exact than that",
        f->values[0], f->values[1], 100 * f->values[2]);
}

static void write_annealed(const bp_finding *f, sentence *s)
{
    WRITE(s,
          "the error no longer improved, so the learning rate was lowered from %.3g to %.3g from epoch "
          "%zu on",
          f->values[0], f->values[1], f->epoch);
}

/* The reason that belongs to an errno. */
static void write_reason(double number, char *reason, size_t capacity)
{
    if (!(fabs(number) < INT_MAX) || strerror_r((int)number, reason, capacity) != 0)
        snprintf(reason, capacity, "error %.0f", number);
}

static void write_history_file(const bp_finding *f, sentence *s)
{
    static const char *const options[] = {"options.history_csv", "options.history_json"};
    char *end = s->text;
    for (size_t i = 0; i < 2; i++) {
        char reason[128];
        if (f->values[i] == 0)
            continue;
        write_reason(f->values[i], reason, sizeof reason);
        end += snprintf(end, sizeof s->text / 2, "%s%s could not be written: %s", end == s->text ? "" : "; ",
                        options[i], reason);
    }
    snprintf(end, (size_t)(s->text + sizeof s->text - end), "; set it to a path that can be written");
}

static void write_checkpoint_file(const bp_finding *f, sentence *s)
{
    char reason[128] = "no memory";
    if (f->values[1] == 0)
        write_reason(f->values[0], reason, sizeof reason);
    if (f->values[2] != 0)
        WRITE(s,
              "checkpoints of this run cannot be written: %s; set options.checkpoint_path to a path that can "
              "be written",
              reason);
    else
        WRITE(
            s,
            "a checkpoint could not be written in epoch %zu or before: %s; set options.checkpoint_path to a "
            "path that can be written",
            f->epoch, reason);
}

static void write_other_instructions(const bp_finding *f, sentence *s)
{
    WRITE(s,
          "the checkpoint, of epoch %zu, was made with another instruction set; the weights will differ in "
          "their last bits from those of training that never stopped; the isa option of the network or "
          "BACKPROP_ISA chooses the set",
          f->epoch);
}

/* The members of bp_trainer_options, in order; "": never of a finding. */
static const char *const options[] = {
    "",
    "loss",
    "optimizer",
    "learning_rate_schedule",
    "momentum_schedule",
    "weight_decay",
    "batch_size",
    "reduction",
    "average_shared",
    "scale_data",
    "keep_best",
    "recoveries",
    "shuffle",
    "stop_rules",
    "",
    "",
    "",
    "",
    "",
    "keep_history",
    "",
    "seed",
    "",
    "",
    "stream_window",
    "no_bias_decay",
    "",
    "",
    "",
    "class_weights",
    "",
    "balance_classes",
    "l1",
    "l2",
    "max_norm",
    "clip_value",
    "clip_norm",
};

/* Two numbers of an option, of which negative ones stand for what the library chooses. */
static void write_option_value(double value, char *text, size_t capacity)
{
    if (value < 0)
        snprintf(text, capacity, "left to the library");
    else
        snprintf(text, capacity, "%.6g", value);
}

static void write_option_of_checkpoint(const bp_finding *f, sentence *s)
{
    enum { COUNT = sizeof options / sizeof options[0], OPTIMIZER = 2 };
    const char *name = f->column < COUNT && options[f->column][0] != '\0' ? options[f->column] : "?";
    char given[32], used[32];
    write_option_value(f->values[0], given, sizeof given);
    write_option_value(f->values[1], used, sizeof used);
    if (isnan(f->values[0]))
        WRITE(s,
              "options.%s is not that of the checkpoint, with which training goes on; to train with it, call "
              "bp_trainer_create() after loading",
              name);
    else
        WRITE(s,
              "%soptions.%s is %s, but training goes on with that of the checkpoint, which is %s; to train "
              "with the other, call bp_trainer_create() after loading",
              f->column == OPTIMIZER ? "the learning rate of " : "", name, given, used);
}

static const finding_writer writers[] = {
    [BP_FINDING_WEIGHT_DECAY] = write_weight_decay,
    [BP_FINDING_ANNEALED] = write_annealed,
    [BP_FINDING_BATCH_SIZE] = write_batch_size,
    [BP_FINDING_LEARNING_RATE] = write_learning_rate,
    [BP_FINDING_LOSS] = write_loss,
    [BP_FINDING_INPUTS_SCALED] = write_inputs_scaled,
    [BP_FINDING_TARGETS_SCALED] = write_targets_scaled,
    [BP_FINDING_STOPPING] = write_stopping,
    [BP_FINDING_CROSS_ENTROPY] = write_cross_entropy,
    [BP_FINDING_RECOVERED] = write_recovered,
    [BP_FINDING_HISTORY_FILE] = write_history_file,
    [BP_FINDING_CHECKPOINT_FILE] = write_checkpoint_file,
    [BP_FINDING_OTHER_INSTRUCTIONS] = write_other_instructions,
    [BP_FINDING_OPTION_OF_CHECKPOINT] = write_option_of_checkpoint,
};

static bool write_finding(const bp_finding *finding, sentence *out)
{
    return bpi_write_by(writers, sizeof writers / sizeof writers[0], finding, out) ||
           bpi_write_training_finding(finding, out) || bpi_write_data_finding(finding, out) ||
           bpi_write_network_finding(finding, out);
}

bp_status bp_finding_text(const bp_finding *finding, char *buffer, size_t capacity, size_t *needed)
{
    BPI_REQUIRE(finding);
    text_sink sink;
    BPI_TRY(bpi_text_begin(&sink, __func__, buffer, capacity));
    bp_finding read;
    BPI_TRY(bpi_read_struct(__func__, SIZED_FINDING, finding, &read));
    sentence made;
    if (!write_finding(&read, &made))
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: invalid finding kind %d", __func__, (int)read.kind);
    bpi_text(&sink, made.text);
    return bpi_text_end(&sink, __func__, needed);
}

/* Reads a finding of an array, and makes its sentence. */
static bp_status read_finding(const char *function, const bp_finding *findings, size_t index,
                              bp_finding *read, sentence *made)
{
    BPI_TRY(bpi_read_element(function, SIZED_FINDING, findings, index, read));
    if (write_finding(read, made) && (unsigned)read->severity <= BP_SEVERITY_ERROR)
        return BP_OK;
    return bpi_fail(BP_ERROR_ARGUMENT, "%s: findings[%zu] has the kind %d and the severity %d", function,
                    index, (int)read->kind, (int)read->severity);
}

bp_status bp_findings_text(const bp_finding *findings, size_t count, char *buffer, size_t capacity,
                           size_t *needed)
{
    static const char *const severities[] = {"note", "warning", "error"};
    if (findings == NULL && count > 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: findings is NULL, but count is %zu", __func__, count);
    bp_finding read;
    sentence made;
    text_sink sink;
    for (size_t i = 0; i < count; i++) /* before anything is written */
        BPI_TRY(read_finding(__func__, findings, i, &read, &made));
    BPI_TRY(bpi_text_begin(&sink, __func__, buffer, capacity));
    for (size_t i = 0; i < count; i++) {
        BPI_TRY(read_finding(__func__, findings, i, &read, &made));
        bpi_text(&sink, severities[read.severity]);
        bpi_text(&sink, ": ");
        bpi_text(&sink, made.text);
        bpi_text(&sink, "\n");
    }
    return bpi_text_end(&sink, __func__, needed);
}
