#include "engine/finding_data_text.h"

#include <math.h>

/* The other columns that a finding holds for. */
typedef struct others_text {
    char text[64];
} others_text;

static others_text other_columns(const bp_finding *f)
{
    others_text others = {""};
    if (f->count > 1)
        snprintf(others.text, sizeof others.text, " (likewise %zu other column%s)", f->count - 1,
                 f->count == 2 ? "" : "s");
    return others;
}

/* ---------------------------------------------------------------------- the inputs */

static void write_constant_input(const bp_finding *f, sentence *s)
{
    if (f->count == 1)
        WRITE(s, "input column %zu is %.6g in all %.0f cases: it teaches nothing; leave it out", f->column,
              f->values[0], f->values[1]);
    else
        WRITE(s,
              "%zu input columns never change, such as column %zu, which is %.6g in all %.0f cases: they "
              "teach nothing; leave them out",
              f->count, f->column, f->values[0], f->values[1]);
}

/* How column b follows from column a. */
static void describe_line(const bp_finding *f, char *text, size_t capacity)
{
    const double almost = 1e-6;
    if (fabs(f->values[1] - 1) < almost && fabs(f->values[2]) < almost)
        snprintf(text, capacity, "equals column %.0f", f->values[0]);
    else
        snprintf(text, capacity, "is %.4g times column %.0f %c %.4g", f->values[1], f->values[0],
                 f->values[2] < 0 ? '-' : '+', fabs(f->values[2]));
}

static void write_duplicate_input(const bp_finding *f, sentence *s)
{
    char line[100];
    describe_line(f, line, sizeof line);
    if (f->count == 1)
        WRITE(s, "input column %zu %s in all %.0f cases: it teaches nothing new; leave one of them out",
              f->column, line, f->values[3]);
    else
        WRITE(s,
              "%zu input columns repeat others, such as column %zu, which %s in all %.0f cases: they teach "
              "nothing new; leave them out",
              f->count, f->column, line, f->values[3]);
}

static void write_outliers(const bp_finding *f, sentence *s)
{
    WRITE(s,
          "%.0f %s input column %zu far from all others, such as %.6g, where the rest lie between %.6g and "
          "%.6g%s: correct %s, leave the cases out, or limit the column's values",
          f->values[3], f->values[3] == 1 ? "value lies in" : "values lie in", f->column, f->values[0],
          f->values[1], f->values[2], other_columns(f).text, f->values[3] == 1 ? "it" : "them");
}

static void write_inputs_unscaled(const bp_finding *f, sentence *s)
{
    WRITE(s,
          "the inputs are not scaled: the root mean square of column %zu is %.3g, the median standard "
          "deviation %.3g; %scall bp_network_fit_scaling(net, &data, bp_scaling_automatic(), "
          "bp_scaling_automatic())%s",
          f->column, f->values[0], f->values[1],
          f->severity == BP_SEVERITY_NOTE ? "a trainer with options.scale_data will scale them; without one, "
                                          : "",
          f->severity == BP_SEVERITY_NOTE ? "" : ", then bp_network_initialize(net, seed), and train anew");
}

/* --------------------------------------------------------------------- the targets */

static void write_constant_target(const bp_finding *f, sentence *s)
{
    if (f->count == 1)
        WRITE(s, "target column %zu is %.6g in all %.0f cases: there is nothing to learn; leave it out",
              f->column, f->values[0], f->values[1]);
    else
        WRITE(s,
              "%zu target columns never change, such as column %zu, which is %.6g in all %.0f cases: there "
              "is nothing to learn; leave them out",
              f->count, f->column, f->values[0], f->values[1]);
}

static void write_class_absent(const bp_finding *f, sentence *s)
{
    if (f->count == 1)
        WRITE(s,
              "no case of %.0f is of the class of target column %zu: it cannot be learned; add cases of it, "
              "or leave the output out",
              f->values[0], f->column);
    else
        WRITE(s,
              "%zu of %.0f classes have no case, such as that of target column %zu: they cannot be learned; "
              "add cases of them, or leave the outputs out",
              f->count, f->values[1], f->column);
}

static void write_class_rare(const bp_finding *f, sentence *s)
{
    bool is_one_of_two = f->values[1] == 2;
    WRITE(s,
          "%zu of %.0f cases are of the %s of target column %zu, and %.0f of the %s: it may be passed over; "
          "add cases of it, or weigh it more with options.balance_classes or data.case_weights",
          f->count, f->values[0], is_one_of_two ? "rarer class" : "class", f->column, f->values[2],
          is_one_of_two ? "other" : "commonest");
}

/* ----------------------------------------------------------------------- the cases */

/* Of cases that rounding may have made equal. */
#define TOO_FEW_DIGITS                                                                                       \
    "input column %zu needs more digits than bp_real has; subtract an offset from it before it becomes "     \
    "bp_real"

static void write_contrary_targets(const bp_finding *f, sentence *s)
{
    char least[100] = "";
    if (f->column != BP_NO_INDEX) {
        WRITE(s,
              "%zu of %.0f cases have the inputs of another case but not its targets, such as cases %.0f and "
              "%.0f: " TOO_FEW_DIGITS,
              f->count, f->values[2], f->values[0], f->values[1], f->column);
        return;
    }
    if (!isnan(f->values[3]))
        snprintf(least, sizeof least, ", and no network has a mean error below %.3g", f->values[3]);
    WRITE(s,
          "%zu of %.0f cases have the inputs of another case but not its targets, such as cases %.0f and "
          "%.0f: one network cannot meet both%s; correct the targets, or add the inputs that tell them apart",
          f->count, f->values[2], f->values[0], f->values[1], least);
}

static void write_shared_cases(const bp_finding *f, sentence *s)
{
    if (f->column != BP_NO_INDEX) {
        WRITE(s,
              "%zu of %.0f validation cases %s a training case, such as validation case %.0f, which is "
              "training case %.0f: " TOO_FEW_DIGITS,
              f->count, f->values[2], f->count == 1 ? "equals" : "equal", f->values[0], f->values[1],
              f->column);
        return;
    }
    WRITE(s,
          "%zu of %.0f validation cases %s a training case, such as validation case %.0f, which is training "
          "case %.0f: %s; %s",
          f->count, f->values[2], f->count == 1 ? "equals" : "equal", f->values[0], f->values[1],
          f->severity == BP_SEVERITY_NOTE ? "no more than equal cases are found in the training data alone"
                                          : "the validation error does not tell how new cases will do",
          f->severity == BP_SEVERITY_NOTE
              ? "nothing need be done"
              : "leave them out of one of the two, and keep equal cases together when you split");
}

static void write_validation(const bp_finding *f, sentence *s, const char *what)
{
    WRITE(s,
          "the validation cases are not drawn like those of training: %s column %zu has the mean %.4g in "
          "training and %.4g in validation, and by chance its values would differ so much with probability "
          "%.1g%s; split at random, as bp_dataset_split() does",
          what, f->column, f->values[0], f->values[1], f->values[3], other_columns(f).text);
}

static void write_validation_inputs(const bp_finding *f, sentence *s)
{
    write_validation(f, s, "input");
}

static void write_validation_targets(const bp_finding *f, sentence *s)
{
    write_validation(f, s, "target");
}

static void write_few_cases(const bp_finding *f, sentence *s)
{
    WRITE(s,
          "%zu cases of %.0f %s are to determine %.0f weights: they may be learned by heart; %suse fewer "
          "hidden units%s",
          f->count, f->values[1], f->values[1] == 1 ? "target" : "targets", f->values[0],
          f->values[2] > 0 ? "" : "hand bp_trainer_run() validation cases, or ",
          f->values[2] > 0 ? " if the validation error ends far above that of training" : "");
}

static void write_random_targets(const bp_finding *f, sentence *s)
{
    WRITE(s,
          "the targets do not depend on the inputs, as far as %zu cases tell: near cases have %.2g of the "
          "variance of the targets in common, where %.2g would be noticed, and predictions of a linear model "
          "have the correlation %.2g with them; check that inputs and targets are in the same order, or add "
          "inputs that tell of the targets",
          f->count, f->values[0], f->values[1], f->values[2]);
}

static const finding_writer writers[] = {
    [BP_FINDING_CONSTANT_INPUT] = write_constant_input,
    [BP_FINDING_DUPLICATE_INPUT] = write_duplicate_input,
    [BP_FINDING_OUTLIERS] = write_outliers,
    [BP_FINDING_INPUTS_UNSCALED] = write_inputs_unscaled,
    [BP_FINDING_CONSTANT_TARGET] = write_constant_target,
    [BP_FINDING_CLASS_ABSENT] = write_class_absent,
    [BP_FINDING_CLASS_RARE] = write_class_rare,
    [BP_FINDING_CONTRARY_TARGETS] = write_contrary_targets,
    [BP_FINDING_SHARED_CASES] = write_shared_cases,
    [BP_FINDING_VALIDATION_INPUTS] = write_validation_inputs,
    [BP_FINDING_VALIDATION_TARGETS] = write_validation_targets,
    [BP_FINDING_FEW_CASES] = write_few_cases,
    [BP_FINDING_RANDOM_TARGETS] = write_random_targets,
};

bool bpi_write_data_finding(const bp_finding *finding, sentence *out)
{
    return bpi_write_by(writers, sizeof writers / sizeof writers[0], finding, out);
}
