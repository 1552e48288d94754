#include "engine/plan.h"

#include "network/activation_kind.h"
#include "small/small.h"

enum {
    SMALL_MAX_WEIGHTS = 512,
    /* With fewer cases than one for so many weights, summing each weight's derivative over the lanes takes
     * longer than it saves. */
    WEIGHTS_PER_CASE = 16
};

typedef struct plan_row {
    unsigned facts; /* all of them must hold */
    plan_path path;
} plan_row;

/* The last row of each task holds always. */
enum { MAX_ROWS = 3 };

static const plan_row table[TASKS][MAX_ROWS] = {
    [TASK_FORWARD] =
        {
            {FACT_SMALL | FACT_ONE_CASE, PATH_SMALL_CASE},                       /* small_case.c */
            {FACT_SMALL | FACT_SEVERAL_CASES | FACT_X_UNSEEN, PATH_SMALL_BATCH}, /* small_batch.c */
            {0, PATH_GENERAL},                                                   /* forward.c */
        },
    [TASK_ERROR] =
        {
            {FACT_SMALL | FACT_SEVERAL_CASES | FACT_SQUARED_ERROR, PATH_SMALL_BATCH}, /* small_batch.c */
            {0, PATH_GENERAL}, /* error.c: TASK_FORWARD, then the loss */
        },
    [TASK_GRADIENT] =
        {
            {FACT_SMALL | FACT_MANY_CASES | FACT_SQUARED_ERROR, PATH_SMALL_BATCH}, /* small_batch.c */
            {0, PATH_GENERAL}, /* gradient.c: TASK_FORWARD and TASK_BACKWARD of each block */
        },
    [TASK_BACKWARD] =
        {
            {FACT_SMALL | FACT_ONE_CASE | FACT_ENDS_IN_OUTPUTS | FACT_NO_INPUT_GRADIENT,
             PATH_SMALL_CASE}, /* small_case.c */
            {0, PATH_GENERAL}, /* backward.c */
        },
    [TASK_UPDATE] =
        {
            {FACT_SMALL | FACT_MANY_CASES | FACT_SQUARED_ERROR, PATH_GENERAL},
            {FACT_PLAIN_GRADIENT | FACT_ONE_BLOCK | FACT_GRADIENT_UNSEEN, PATH_FUSED}, /* fused_update.c */
            {0, PATH_GENERAL}, /* TASK_GRADIENT, then the optimizer's rule */
        },
    [TASK_ONLINE] =
        {
            {FACT_SMALL | FACT_ENDS_IN_OUTPUTS | FACT_NO_SOFTMAX | FACT_SQUARED_ERROR,
             PATH_SMALL_ONLINE}, /* small_online.c */
            {0, PATH_GENERAL},   /* online.c: case by case */
        },
};

plan_path bpi_plan(plan_task task, unsigned facts)
{
    const plan_row *row = table[task];
    while ((row->facts & facts) != row->facts)
        row++;
    return row->path;
}

/* ------------------------------------------------------------------------ facts */

/* Do small kernels know all that there is to a layer? */
static bool is_known(const bp_layer *layer)
{
    if (layer->is_input)
        return true;
    return layer->incoming_count > 0 && layer->activation.kind != ACTIVATION_CUSTOM &&
           layer->shares_bias == NULL;
}

static bool is_small(const bp_network *net)
{
    if (net->weight_count > SMALL_MAX_WEIGHTS || net->layer_count > SMALL_MAX_LAYERS ||
        net->original != NULL) /* an unrolled network shares its weights over time */
        return false;
    for (size_t i = 0; i < net->layer_count; i++)
        if (!is_known(net->layers[i]))
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
    unsigned facts = 0;
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
