#include "engine/plan.h"

#include "network/activation_kind.h"
#include "small/small.h"

enum {
    SMALL_MAX_WEIGHTS = 512,
    /* With fewer cases, the sum over lanes of each weight's derivative takes longer than the path saves. */
    WEIGHTS_PER_CASE = 16
};

typedef struct plan_row {
    plan_path path;
    unsigned facts; /* all of which must hold */
} plan_row;

enum { MAX_ROWS = 4 };

/* The rows of each task, with the file of the path. The first row whose facts hold applies; the last one
 * always does. */
/* clang-format off */
static const plan_row table[TASKS][MAX_ROWS] = {
    [TASK_FORWARD] = {
        {PATH_SMALL_CASE,   FACT_SMALL | FACT_ONE_CASE | FACT_NO_NOISE},           /* small_case.c */
        {PATH_SMALL_BATCH,  FACT_SMALL | FACT_SEVERAL_CASES | FACT_X_UNSEEN
                            | FACT_NO_NOISE},                                      /* small_batch.c */
        {PATH_PANELS,       FACT_SEVERAL_CASES},                                   /* weight_panels.c */
        {PATH_GENERAL,      0},                                                    /* forward.c */
    },
    [TASK_ERROR] = {
        {PATH_SMALL_BATCH,  FACT_SMALL | FACT_SEVERAL_CASES | FACT_SQUARED_ERROR
                            | FACT_NO_NOISE},                                      /* small_batch.c */
        {PATH_GENERAL,      0},                                                    /* error.c */
    },
    [TASK_GRADIENT] = {
        {PATH_SMALL_BATCH,  FACT_SMALL | FACT_MANY_CASES | FACT_SQUARED_ERROR
                            | FACT_NO_NOISE},                                      /* small_batch.c */
        {PATH_GENERAL,      0},                                                    /* gradient.c */
    },
    [TASK_BACKWARD] = {
        {PATH_SMALL_CASE,   FACT_SMALL | FACT_ONE_CASE | FACT_ENDS_IN_OUTPUTS
                            | FACT_NO_INPUT_GRADIENT | FACT_NO_NOISE},             /* small_case.c */
        {PATH_GENERAL,      0},                                                    /* backward.c */
    },
    [TASK_UPDATE] = {
        {PATH_GENERAL,      FACT_SMALL | FACT_MANY_CASES | FACT_SQUARED_ERROR
                            | FACT_NO_NOISE},                                      /* gradient, then the rule */
        {PATH_FUSED,        FACT_PLAIN_GRADIENT | FACT_ONE_BLOCK
                            | FACT_GRADIENT_UNSEEN},                               /* fused_update.c */
        {PATH_GENERAL,      0},                                                    /* gradient, then the rule */
    },
    [TASK_ONLINE] = {
        {PATH_SMALL_ONLINE, FACT_SMALL | FACT_ENDS_IN_OUTPUTS | FACT_NO_SOFTMAX
                            | FACT_SQUARED_ERROR | FACT_TRAINED_ALIKE
                            | FACT_NO_NOISE},                                      /* small_online.c */
        {PATH_GENERAL,      0},                                                    /* online.c */
    },
};
/* clang-format on */

plan_path bpi_plan(plan_task task, unsigned facts)
{
    const plan_row *row = table[task];
    while ((row->facts & facts) != row->facts)
        row++;
    return row->path;
}

/* ------------------------------------------------------------------------ facts */

/* Do small kernels support this layer? */
static bool is_supported(const bp_layer *layer)
{
    if (layer->is_input)
        return true;
    return layer->incoming_count > 0 && layer->activation.kind != ACTIVATION_CUSTOM &&
           layer->shares_bias == NULL;
}

static bool is_small(const bp_network *net)
{
    if (net->weight_count > SMALL_MAX_WEIGHTS || net->layer_count > SMALL_MAX_LAYERS ||
        net->original != NULL) /* unrolled: weights are shared over time */
        return false;
    for (size_t i = 0; i < net->layer_count; i++)
        if (!is_supported(net->layers[i]))
            return false;
    for (size_t i = 0; i < net->connection_count; i++)
        if (net->connections[i]->shares != NULL || net->connections[i]->shape.kind != BP_CONNECTION_DENSE)
            return false;
    return true;
}

static bool ends_in_outputs(const bp_network *net)
{
    for (size_t i = 0; i < net->output_count; i++)
        if (net->outputs[i]->outgoing_count > 0)
            return false;
    return true;
}

static bool has_softmax(const bp_network *net)
{
    for (size_t i = 0; i < net->layer_count; i++)
        if (!net->layers[i]->is_input && net->layers[i]->activation.kind == ACTIVATION_SOFTMAX)
            return true;
    return false;
}

unsigned bpi_network_facts(const bp_network *net)
{
    unsigned facts = FACT_NO_NOISE; /* a workspace takes it away */
    facts |= is_small(net) ? FACT_SMALL : 0;
    facts |= ends_in_outputs(net) ? FACT_ENDS_IN_OUTPUTS : 0;
    facts |= has_softmax(net) ? 0 : FACT_NO_SOFTMAX;
    facts |= net->has_plain_gradient ? FACT_PLAIN_GRADIENT : 0;
    return facts;
}

unsigned bpi_case_facts(const bp_network *net, size_t cases)
{
    unsigned facts = cases == 1 ? FACT_ONE_CASE : FACT_SEVERAL_CASES;
    if (cases > 1 && cases >= net->weight_count / WEIGHTS_PER_CASE)
        facts |= FACT_MANY_CASES;
    return cases <= net->block_cases ? facts | FACT_ONE_BLOCK : facts;
}
