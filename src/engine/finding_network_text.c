#include "engine/finding_network_text.h"

#include <math.h>

#include "network/activation_kind.h"
#include "network/types.h"

static const char *activation_name(const bp_finding *f)
{
    return f->layer == NULL ? "?" : bp_activation_name(&f->layer->activation);
}

/* -------------------------------------------------------------------- the outputs */

static void write_sums_out_of_reach(const bp_finding *f, sentence *s)
{
    WRITE(s,
          "the targets of layer '%s' do not sum to 1 in %zu cases, where the sum is %.4g or so, but softmax "
          "outputs do: make them shares, or let the layer be bp_activation_logistic()",
          layer_name(f), f->count, f->values[0]);
}

/* Scaling takes targets to the ends of units that have two, but not to others. */
static const char *remedy_for_reach(const bp_finding *f)
{
    if (f->layer != NULL && f->layer->activation.kind == ACTIVATION_SOFTMAX)
        return "make them shares that sum to 1";
    if (f->layer != NULL && isinf(f->values[3]))
        return "let the layer be bp_activation_linear()";
    if (f->severity == BP_SEVERITY_NOTE)
        return "a trainer with options.scale_data scales them by itself";
    return "call bp_network_fit_scaling(net, &data, bp_scaling_automatic(), bp_scaling_automatic()), or let "
           "the layer be bp_activation_linear()";
}

static void write_targets_out_of_reach(const bp_finding *f, sentence *s)
{
    char reach[64];
    if (f->column == BP_NO_INDEX) {
        write_sums_out_of_reach(f, s);
        return;
    }
    if (isinf(f->values[3]))
        snprintf(reach, sizeof reach, "not below %g", f->values[2]);
    else
        snprintf(reach, sizeof reach, "between %g and %g", f->values[2], f->values[3]);
    WRITE(s,
          "targets of layer '%s' are out of reach in %zu cases: those of column %zu lie between %.4g and "
          "%.4g, but %s outputs are %s; %s",
          layer_name(f), f->count, f->column, f->values[0], f->values[1], activation_name(f), reach,
          remedy_for_reach(f));
}

static void write_squared_error_softmax(const bp_finding *f, sentence *s)
{
    WRITE(s,
          "the loss is the squared error, but layer '%s' is softmax: where it is sure and wrong it hardly "
          "learns; set options.loss = bp_loss_cross_entropy()",
          layer_name(f));
}

static void write_softmax_suits(const bp_finding *f, sentence *s)
{
    WRITE(s,
          "each case is of one of %zu classes, but the outputs of layer '%s' are %s, which are no "
          "probabilities of classes; bp_activation_softmax() with bp_loss_cross_entropy() suits them",
          f->count, layer_name(f), activation_name(f));
}

static void write_softmax_of_one(const bp_finding *f, sentence *s)
{
    WRITE(s,
          "layer '%s' is softmax of a single unit, whose output is always 1, so that it learns nothing; "
          "let it be bp_activation_logistic(), or give it a unit for each class",
          layer_name(f));
}

/* ----------------------------------------------------------------------- the units */

/* The rule that drew the weights may be the fault. */
#define NEW_WEIGHTS                                                                                          \
    "bp_network_set_weight_init(net, bp_weight_init_default()) and bp_network_initialize(net, seed)"

static void write_symmetric_units(const bp_finding *f, sentence *s)
{
    WRITE(s,
          "%zu of %.0f units of layer '%s' have the same weights as another, such as units %zu and %.0f: "
          "they get the same updates and stay identical; call " NEW_WEIGHTS,
          f->count, f->values[1], layer_name(f), f->unit, f->values[0]);
}

/* The end of a remedy, unless training has no learning rate. */
static const char *lower_rate(const bp_finding *f)
{
    return f->values[3] != 0 ? "" : ", and train with a lower learning rate";
}

static void write_saturated_units(const bp_finding *f, sentence *s)
{
    WRITE(
        s,
        "%zu of %.0f units of layer '%s', the first of them unit %zu, are saturated in %.3g %% of the cases "
        "and hardly learn; %scall " NEW_WEIGHTS "%s",
        f->count, f->values[1], layer_name(f), f->unit, 100 * f->values[0],
        f->values[2] != 0 ? "scale the inputs with bp_network_fit_scaling(), " : "", lower_rate(f));
}

static void write_dead_units(const bp_finding *f, sentence *s)
{
    WRITE(s,
          "%zu of %.0f units of layer '%s', the first of them unit %zu, have the same output in all %.0f "
          "cases, %.3g, and do not learn%s%s",
          f->count, f->values[1], layer_name(f), f->unit, f->values[2], f->values[0],
          f->severity == BP_SEVERITY_NOTE ? "" : "; call " NEW_WEIGHTS,
          f->severity == BP_SEVERITY_NOTE ? "" : lower_rate(f));
}

/* ----------------------------------------------------------------- the derivatives */

static void write_vanishing(const bp_finding *f, sentence *s)
{
    WRITE(s,
          "derivatives vanish: in layer '%s' they are %.2g, %.2g times those %.0f layers above; use "
          "bp_activation_relu() or fewer hidden layers, or connect layers directly to later ones",
          layer_name(f), f->values[0], f->values[0] / f->values[1], f->values[2]);
}

static void write_exploding(const bp_finding *f, sentence *s)
{
    WRITE(s,
          "derivatives explode: in layer '%s' they are %.2g, %.2g times those %.0f layers above; call "
          "bp_network_initialize(net, seed), and train with a lower learning rate",
          layer_name(f), f->values[0], f->values[0] / f->values[1], f->values[2]);
}

static void write_no_better(const bp_finding *f, sentence *s)
{
    WRITE(s,
          "the network is no better than a constant output: its mean error is %.4g, that of the best "
          "constant %.4g; see what else is found, and train anew from bp_network_initialize(net, seed)",
          f->values[0], f->values[1]);
}

/* ----------------------------------------------------------------------- the size */

/* What errors are that are compared with those of simple models. */
static const char *error_name(const bp_finding *f)
{
    return f->values[3] != 0 ? "share of wrong classes" : "share of the variance left";
}

static void write_too_few(const bp_finding *f, sentence *s)
{
    WRITE(s,
          "layer '%s' has too few units, %zu: for the training cases the %s is %.3g, while %s has %.3g for "
          "cases that it was not told; use more units, such as %zu",
          layer_name(f), f->count, error_name(f), f->values[0],
          f->values[2] != 0 ? "the nearest neighbour" : "a linear model", f->values[1], 4 * f->count);
}

static void write_too_many(const bp_finding *f, sentence *s)
{
    WRITE(s,
          "too many hidden units: the network has %.0f weights for %zu training cases, and its %s is %.3g in "
          "training, but %.3g in validation, hardly less than that of a linear model; use fewer units, "
          "options.weight_decay = BP_DECAY_AUTO, and bp_stop_early()",
          f->values[2], f->count, error_name(f), f->values[0], f->values[1]);
}

static void write_linear_layers(const bp_finding *f, sentence *s)
{
    WRITE(s,
          "all hidden layers are linear, such as layer '%s', so that the network is no more than a linear "
          "model%s; use bp_activation_tanh() or bp_activation_relu(), or leave them out",
          layer_name(f),
          f->severity == BP_SEVERITY_NOTE ? ""
                                          : ", and the nearest neighbours show that there is more to learn");
}

static void write_no_better_than_linear(const bp_finding *f, sentence *s)
{
    if (f->count == BP_NO_INDEX) { /* no cases: by its structure */
        write_linear_layers(f, s);
        return;
    }
    WRITE(s, "the network is %s a linear model: for %zu %s cases its %s is %.3g, that of the model %.3g; %s",
          f->severity == BP_SEVERITY_NOTE ? "no better than" : "worse than", f->count,
          f->values[2] != 0 ? "validation" : "training", error_name(f), f->values[0], f->values[1],
          f->severity == BP_SEVERITY_NOTE
              ? "one without hidden layers may do as well"
              : "see what else is found, and train anew from bp_network_initialize(net, seed)");
}

static const finding_writer writers[] = {
    [BP_FINDING_TARGETS_OUT_OF_REACH] = write_targets_out_of_reach,
    [BP_FINDING_SQUARED_ERROR_SOFTMAX] = write_squared_error_softmax,
    [BP_FINDING_SOFTMAX_SUITS] = write_softmax_suits,
    [BP_FINDING_SOFTMAX_OF_ONE] = write_softmax_of_one,
    [BP_FINDING_SYMMETRIC_UNITS] = write_symmetric_units,
    [BP_FINDING_SATURATED_UNITS] = write_saturated_units,
    [BP_FINDING_DEAD_UNITS] = write_dead_units,
    [BP_FINDING_VANISHING_DERIVATIVES] = write_vanishing,
    [BP_FINDING_EXPLODING_DERIVATIVES] = write_exploding,
    [BP_FINDING_NO_BETTER_THAN_CONSTANT] = write_no_better,
    [BP_FINDING_TOO_FEW_UNITS] = write_too_few,
    [BP_FINDING_TOO_MANY_UNITS] = write_too_many,
    [BP_FINDING_NO_BETTER_THAN_LINEAR] = write_no_better_than_linear,
};

bool bpi_write_network_finding(const bp_finding *finding, sentence *out)
{
    return bpi_write_by(writers, sizeof writers / sizeof writers[0], finding, out);
}
