#include "engine/finding_training_text.h"

/* What to set instead of the learning rate; see bpi_report_large_rate. */
static void write_large_rate(const bp_finding *f, const char *what, sentence *s)
{
    if (f->values[2] > 0)
        WRITE(s,
              "%s in epoch %zu: the learning rate %.3g belongs to the sum over %.0f cases; use "
              "options.reduction = "
              "BP_REDUCE_MEAN, or a learning rate of %.2g",
              what, f->epoch, f->values[0], f->values[2], f->values[1]);
    else
        WRITE(s,
              "%s in epoch %zu: the learning rate %.3g is too large; use BP_RATE_AUTO or a smaller "
              "rate, such as %.2g",
              what, f->epoch, f->values[0], f->values[1]);
}

static void write_diverged(const bp_finding *f, sentence *s)
{
    write_large_rate(f, "training diverged", s);
}

static void write_rate_too_large(const bp_finding *f, sentence *s)
{
    write_large_rate(f, "the error bounces or grows", s);
}

static void write_rate_too_small(const bp_finding *f, sentence *s)
{
    WRITE(s,
          "the learning rate %.3g is too small: an update ten times as large would lower the error %.1f "
          "times as much; use BP_RATE_AUTO or a larger rate, such as %.2g",
          f->values[0], f->values[1], f->values[2]);
}

static void write_still_improving(const bp_finding *f, sentence *s)
{
    WRITE(s,
          "training ended after %.0f epochs while the %s still fell, from %.3g to %.3g over the last "
          "quarter; %s",
          f->values[2], f->values[3] != 0 ? "validation error" : "training error", f->values[0], f->values[1],
          f->count != BP_NO_INDEX
              ? "options.learning_rate_schedule has come to its end, so give it and the limit more "
                "epochs and train anew, or call bp_trainer_set_learning_rate() and go on"
              : "train longer: call bp_trainer_run() again, or raise the limit");
}

static void write_rate_spent(const bp_finding *f, sentence *s)
{
    WRITE(s,
          "the %.0f updates of this run changed next to nothing: options.learning_rate_schedule had brought "
          "the learning rate down to %.3g before; give it more epochs, or call "
          "bp_trainer_set_learning_rate()",
          f->values[0], f->values[1]);
}

/* An error of that of constant outputs or so. */
static const char *compared(double error, double constant)
{
    if (error > 1.01 * constant)
        return "worse than";
    return error < constant ? "hardly better than" : "no better than";
}

static void write_plateau(const bp_finding *f, sentence *s)
{
    char rate[64] = "";
    if (f->values[3] > 0)
        snprintf(rate, sizeof rate, " or a learning rate other than %.3g, such as BP_RATE_AUTO",
                 f->values[3]);
    WRITE(s,
          "after %.0f updates the error is %.3g, %s the %.3g of constant outputs; use other initial weights, "
          "bp_network_initialize(net, another seed),%s; or the inputs may say nothing about the targets",
          f->values[2], f->values[0], compared(f->values[0], f->values[1]), f->values[1],
          f->values[3] > 0 ? rate : " or bp_train_starts()");
}

static void write_decay_too_large(const bp_finding *f, sentence *s)
{
    WRITE(s,
          "options.weight_decay %.3g is too large: the weights decay so fast that the error is %.3g, %s the "
          "%.3g "
          "of constant outputs; use BP_DECAY_AUTO or 0, or a decay far below %.2g",
          f->values[0], f->values[2], compared(f->values[2], f->values[3]), f->values[3], f->values[1]);
}

/* A note where the best weights were handed back: no harm is done. */
static void write_overfitting(const bp_finding *f, sentence *s)
{
    WRITE(s,
          "overfitting: since epoch %zu the validation error rose from %.3g to %.3g, while the training "
          "error fell from %.3g to %.3g; %s, weight decay or more cases%s",
          f->epoch, f->values[0], f->values[1], f->values[2], f->values[3],
          f->severity == BP_SEVERITY_NOTE ? "the weights of that epoch were handed back; fewer hidden units"
                                          : "use bp_stop_early(), fewer hidden units",
          f->severity == BP_SEVERITY_NOTE ? " may lower that minimum" : "");
}

static void write_rule_batches(const bp_finding *f, sentence *s)
{
    WRITE(s,
          "the optimizer's rule compares each gradient with the last one, but batches of %.0f of the %.0f "
          "cases differ by chance; use options.batch_size = 0, or bp_optimizer_adam()",
          f->values[0], f->values[1]);
}

static const finding_writer writers[] = {
    [BP_FINDING_DIVERGED] = write_diverged,
    [BP_FINDING_RATE_TOO_LARGE] = write_rate_too_large,
    [BP_FINDING_RATE_TOO_SMALL] = write_rate_too_small,
    [BP_FINDING_STILL_IMPROVING] = write_still_improving,
    [BP_FINDING_PLATEAU] = write_plateau,
    [BP_FINDING_RATE_SPENT] = write_rate_spent,
    [BP_FINDING_DECAY_TOO_LARGE] = write_decay_too_large,
    [BP_FINDING_OVERFITTING] = write_overfitting,
    [BP_FINDING_RULE_BATCHES] = write_rule_batches,
};

bool bpi_write_training_finding(const bp_finding *finding, sentence *out)
{
    return bpi_write_by(writers, sizeof writers / sizeof writers[0], finding, out);
}
