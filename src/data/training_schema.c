#include "data/training_schema.h"

#include "base/status.h"
#include "data/network_schema.h"
#include "data/schema_match.h"
#include "train/types.h"

/* Weights that were drawn, and nothing else, know of no table. */
static bp_status check(const char *function, const bp_network *net, const bp_schema *schema)
{
    const bp_schema *known = bp_network_schema(net);
    BPI_TRY(bpi_network_check_schema(function, net, schema));
    return known == NULL || net->weights_drawn ? BP_OK
                                               : bpi_schema_match(function, "training", schema, known, true);
}

bp_status bpi_training_schema_begin(training_schema *change, const char *function, bp_trainer *trainer,
                                    const bp_schema *schema)
{
    bp_network *net = trainer->network;
    const bp_schema *before = bp_network_schema(net);
    bp_schema *copy = NULL;
    *change = (training_schema){.updates = trainer->updates};
    if (schema == NULL || trainer->running != 0) /* the run refuses the latter */
        return BP_OK;
    BPI_TRY(check(function, net, schema));
    BPI_TRY(bpi_schema_copy(&copy, function, schema, &net->allocator));
    bp_status status =
        before == NULL ? BP_OK : bpi_schema_copy(&change->before, function, before, &net->allocator);
    if (status == BP_OK)
        status = bpi_network_take_schema(function, net, copy);
    change->is_given = status == BP_OK;
    if (change->is_given)
        return BP_OK;
    bp_schema_destroy(copy);
    bp_schema_destroy(change->before);
    return status;
}

bp_status bpi_training_schema_end(training_schema *change, bp_trainer *trainer, bp_status status)
{
    const bool is_kept = status == BP_OK || trainer->updates != change->updates;
    if (!change->is_given)
        return status;
    if (is_kept)
        bp_schema_destroy(change->before);
    else
        bpi_network_put_schema(trainer->network, change->before);
    return status;
}
