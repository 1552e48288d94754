#include "train/layer_noise.h"

#include "base/status.h"
#include "engine/unit_noise.h"
#include "network/unit_noise.h"
#include "train/optimizer.h"

static const bp_layer *layer_with_noise(const bp_network *net)
{
    size_t i = 0;
    while (!bpi_has_noise(net->layers[i]))
        i++;
    return net->layers[i];
}

/* The same weights must always have the same E, if a rule compares two. */
static bp_status check_rule(const bp_trainer *trainer)
{
    if (trainer->rule->iterate == NULL && !trainer->rule->compares_errors)
        return BP_OK;
    const bp_layer *layer = layer_with_noise(trainer->network);
    const bool drops = layer->dropout > 0;
    return bpi_fail(
        BP_ERROR_UNSUPPORTED,
        "bp_trainer_run: layer '%s' has %s of %s, but the optimizer %s compares E of two updates, "
        "which random numbers would change; set it to 0 (%s), or use a rule for batches",
        layer->name, drops ? "a dropout" : "noise",
        bpi_format_real(drops ? layer->dropout : layer->noise).text,
        bpi_optimizer_name(&trainer->options.optimizer),
        drops ? "bp_layer_set_dropout" : "bp_layer_set_noise");
}

bp_status bpi_noise_begin(bp_trainer *trainer)
{
    const bool found = bpi_layer_noise_read(trainer->noise, trainer->network);
    trainer->workspace->noise.layers = found ? trainer->noise : NULL;
    return found ? check_rule(trainer) : BP_OK;
}

bool bpi_run_has_noise(const training_run *run)
{
    return run->trainer->workspace->noise.layers != NULL;
}

void bpi_noise_begin_update(const training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    bpi_noise_on(trainer->workspace, trainer->options.seed, trainer->updates, run->first);
}
