#include "check/uncertainty_example.h"

#include "support/support.h"

bp_uncertainty_options decay_of(double weight_decay, size_t no_bias_decay)
{
    bp_uncertainty_options options;
    bp_uncertainty_options_init(&options, sizeof options);
    options.weight_decay = weight_decay;
    options.no_bias_decay = no_bias_decay;
    return options;
}

bp_uncertainty_summary summary_of(const bp_uncertainty *u)
{
    bp_uncertainty_summary summary;
    bp_uncertainty_summary_init(&summary, sizeof summary);
    assert_ok(bp_uncertainty_get_summary(u, &summary));
    return summary;
}
