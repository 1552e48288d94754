#include "engine/plan.h"

#include "network/activation_kind.h"
#include "small/select.h"

/*
 * Where one path is faster than another, as measured with AVX-512 and AVX2 by tests/bench/batches.c and whole
 * trainings (docs/performance.md).
 */
enum {
    SMALL_MAX_WEIGHTS = SMALL_LANE_WEIGHTS,
    /* Outputs of a single case. With more, the products of the general path are as fast. */
    CASE_MAX_WEIGHTS = 8192,
    /* Passes of networks with more than SMALL_MAX_WEIGHTS. With more weights or inputs than this the products
     * of the general path are as fast, and with fewer cases, or with numbers of them that leave many lanes
     * empty. */
    PASS_MAX_WEIGHTS = 4096,
    PASS_MAX_INPUTS = 48,
    PASS_MIN_CASES = 9,
    /* Online training. A weight that is not from an input counts as four that are: the kernel has it twice,
     * updates both, and goes through it once more in the backward pass. With more than MANY_INPUTS a layer of
     * fewer units would leave most lanes of a vector empty. */
    ONLINE_MAX_COST = 1 << 16,
    ONLINE_HIDDEN_COST = 4,
    ONLINE_MANY_INPUTS = 128,
    ONLINE_MIN_UNITS = 8,
    /* The most cases of its batches. Passes have a lane for each case, and are faster when enough of them are
     * full: in networks of up to TINY_MAX_WEIGHTS, and in those of more than SMALL_MAX_WEIGHTS that have
     * passes. Others take SMALL_MAX_BATCH cases. */
    TINY_MAX_WEIGHTS = 64,
    TINY_MAX_BATCH = 8,
    PASS_NET_MAX_BATCH = 15,
    /* Training by batches that fill lanes, with padded weights. With more weights or inputs the gradient is
     * as fast without padding, with more cases the rest of the update takes little time, and with shorter
     * vectors other paths are as fast. */
    PADDED_MAX_WEIGHTS = 2048,
    PADDED_MAX_CASES = 48, /* a block of so small a network has more */
    PADDED_MIN_LANES = 8,
    /* The most weights that it updates by other rules than momentum, of single cases and of several. They
     * need more memory; with more weights products that update them as they find their gradient are as fast.
     */
    RULE_CASE_MAX_WEIGHTS = 4096,
    RULE_MAX_WEIGHTS = 16384,
    /* Weights times cases, for several cases: with more, threads can share the products of the general path.
     * With one thread it is the same, so that the bits do not depend on their number. */
    UNSHARED_MAX_COST = 1 << 18,
    /* With fewer cases, the sum over lanes of each weight's derivative takes longer than the path saves. */
    WEIGHTS_PER_CASE = 16,
    /* Bytes of a row of a panel. With SSE2, whose rows are shorter, passes of a small network are faster than
     * products that read panels. */
    SMALL_MIN_PANEL_ROW = 64,
    /* Up to so many weights passes are as fast with longer rows, and faster where weights change between
     * calls, as a product then packs them each time. */
    SMALL_NO_PANELS = 16,
    /* The sum of a softmax layer of more units is made in another order than in a pass: LOSS_UNITS of
     * kernel/loss_template.h. */
    PANELS_MAX_SOFTMAX = 128,
    /* To change the order of weights and optimizer's state, and back, takes as long as some updates save. */
    MIN_UNSEEN_UPDATES = 32
};

typedef struct plan_row {
    plan_path path;
    unsigned facts; /* all of which must hold */
} plan_row;

enum { MAX_ROWS = 6 };

/* The rows of each task, with the file of the path. The first row whose facts hold applies; the last one
 * always does. */
/* clang-format off */
static const plan_row table[TASKS][MAX_ROWS] = {
    [TASK_FORWARD] = {
        {PATH_SMALL_CASE,   FACT_SMALL | FACT_ONE_CASE | FACT_NO_NOISE},           /* small_case.c */
        {PATH_PANELS,       FACT_SEVERAL_CASES | FACT_PANELS_KEPT},                /* weight_panels.c */
        {PATH_SMALL_BATCH,  FACT_SMALL | FACT_SEVERAL_CASES | FACT_X_UNSEEN
                            | FACT_NO_NOISE},                                      /* small_batch.c */
        {PATH_PANELS,       FACT_SEVERAL_CASES},                                   /* weight_panels.c */
        {PATH_GENERAL,      0},                                                    /* forward.c */
    },
    [TASK_PREDICT] = {
        {PATH_SMALL_CASE,   FACT_SMALL_CASE | FACT_ONE_CASE | FACT_NO_NOISE},      /* small_case.c */
        {PATH_GENERAL,      0},                                                    /* TASK_FORWARD */
    },
    [TASK_ERROR] = {
        {PATH_SMALL_BATCH,  FACT_SMALL | FACT_SEVERAL_CASES | FACT_NO_CROSS_ENTROPY
                            | FACT_NO_NOISE},                                      /* small_batch.c */
        {PATH_SMALL_BATCH,  FACT_SMALL | FACT_SEVERAL_CASES | FACT_KNOWN_LOSS
                            | FACT_ENDS_IN_OUTPUTS | FACT_NO_NOISE},               /* small_batch.c */
        {PATH_GENERAL,      0},                                                    /* error.c */
    },
    [TASK_GRADIENT] = {
        {PATH_SMALL_BATCH,  FACT_SMALL_PASS | FACT_MANY_CASES | FACT_NO_CROSS_ENTROPY
                            | FACT_NO_NOISE},                                      /* small_batch.c */
        {PATH_SMALL_BATCH,  FACT_SMALL_PASS | FACT_MANY_CASES | FACT_KNOWN_LOSS
                            | FACT_ENDS_IN_OUTPUTS | FACT_NO_NOISE},               /* small_batch.c */
        {PATH_GENERAL,      0},                                                    /* gradient.c */
    },
    [TASK_BACKWARD] = {
        {PATH_SMALL_CASE,   FACT_SMALL | FACT_ONE_CASE | FACT_ENDS_IN_OUTPUTS
                            | FACT_NO_INPUT_GRADIENT | FACT_NO_NOISE},             /* small_case.c */
        {PATH_GENERAL,      0},                                                    /* backward.c */
    },
    [TASK_UPDATE] = {
        {PATH_GENERAL,      FACT_SMALL_PASS | FACT_MANY_CASES | FACT_NO_CROSS_ENTROPY
                            | FACT_NO_NOISE},                                      /* gradient, then the rule */
        {PATH_GENERAL,      FACT_SMALL_PASS | FACT_MANY_CASES | FACT_KNOWN_LOSS
                            | FACT_ENDS_IN_OUTPUTS | FACT_NO_NOISE},               /* gradient, then the rule */
        {PATH_FUSED,        FACT_PLAIN_GRADIENT | FACT_ONE_BLOCK | FACT_GRADIENT_UNSEEN
                            | FACT_SMALL | FACT_NO_NOISE},     /* small_batch.c reads weights in rows */
        {PATH_FUSED_PANELS, FACT_PLAIN_GRADIENT | FACT_ONE_BLOCK | FACT_GRADIENT_UNSEEN | FACT_PANELS_FIT
                            | FACT_PANEL_CASES | FACT_WEIGHTS_UNSEEN},             /* input_panels.c */
        {PATH_FUSED,        FACT_PLAIN_GRADIENT | FACT_ONE_BLOCK
                            | FACT_GRADIENT_UNSEEN},                               /* fused_update.c */
        {PATH_GENERAL,      0},                                                    /* gradient, then the rule */
    },
    [TASK_ONLINE] = {
        {PATH_SMALL_LANES,  FACT_SMALL_PASS | FACT_LANE_CASES | FACT_KNOWN_LOSS | FACT_NO_CROSS_ENTROPY
                            | FACT_TRAINED_ALIKE | FACT_NO_NOISE},                 /* small/lanes.c */
        {PATH_SMALL_LANES,  FACT_SMALL_PASS | FACT_LANE_CASES | FACT_KNOWN_LOSS | FACT_ENDS_IN_OUTPUTS
                            | FACT_TRAINED_ALIKE | FACT_NO_NOISE},                 /* small/lanes.c */
        {PATH_SMALL_ONLINE, FACT_SMALL_ONLINE | FACT_FEW_CASES | FACT_ENDS_IN_OUTPUTS | FACT_NO_SOFTMAX
                            | FACT_KNOWN_LOSS | FACT_TRAINED_ALIKE | FACT_RULE_FITS
                            | FACT_NO_NOISE},                                      /* small_online.c */
        {PATH_SMALL_ONLINE, FACT_SMALL_ONLINE | FACT_FEW_CASES | FACT_ENDS_IN_OUTPUTS | FACT_NO_HIDDEN_SOFTMAX
                            | FACT_ONLY_CROSS_ENTROPY | FACT_TRAINED_ALIKE | FACT_RULE_FITS
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

/* Do small kernels support the network, whatever its size? */
static bool has_small_structure(const bp_network *net)
{
    if (net->layer_count > SMALL_MAX_LAYERS || net->original != NULL) /* unrolled: weights are shared */
        return false;
    for (size_t i = 0; i < net->layer_count; i++)
        if (!is_supported(net->layers[i]))
            return false;
    for (size_t i = 0; i < net->connection_count; i++)
        if (net->connections[i]->shares != NULL || net->connections[i]->shape.kind != BP_CONNECTION_DENSE)
            return false;
    return true;
}

/* Is it small for passes that find a gradient? */
static bool has_passes(const bp_network *net)
{
    return net->weight_count <= SMALL_MAX_WEIGHTS ||
           (net->weight_count <= PASS_MAX_WEIGHTS && net->input_width <= PASS_MAX_INPUTS);
}

/* Do the kernels for single cases and online training have vectors? Without, the products of the general path
 * are faster beyond SMALL_MAX_WEIGHTS. */
static bool has_small_vectors(const bp_network *net)
{
    return bpi_small_select(net->kernel->name)->online->lanes > 1;
}

bool bpi_pads_weights(const bp_network *net)
{
    return net->weight_count <= PADDED_MAX_WEIGHTS && net->input_width <= PASS_MAX_INPUTS &&
           net->kernel->lanes >= PADDED_MIN_LANES;
}

/* Is it small for the kernel of online training? */
static bool has_small_updates(const bp_network *net)
{
    size_t cost = 0;
    if (net->weight_count > ONLINE_MAX_COST)
        return false;
    for (size_t i = 0; i < net->connection_count; i++) {
        const bp_layer *from = net->connections[i]->from, *to = net->connections[i]->to;
        const size_t weights = from->units * to->units;
        cost += from->is_input ? weights : ONLINE_HIDDEN_COST * weights;
        if (from->is_input && net->input_width > ONLINE_MANY_INPUTS && to->units < ONLINE_MIN_UNITS)
            return false;
    }
    return cost <= ONLINE_MAX_COST;
}

static unsigned size_facts(const bp_network *net)
{
    if (net->weight_count <= SMALL_MAX_WEIGHTS)
        return FACT_SMALL | FACT_SMALL_CASE | FACT_SMALL_PASS | FACT_SMALL_ONLINE;
    unsigned facts = has_passes(net) ? FACT_SMALL_PASS : 0;
    if (!has_small_vectors(net))
        return facts;
    facts |= has_small_updates(net) ? FACT_SMALL_ONLINE : 0;
    return net->weight_count <= CASE_MAX_WEIGHTS ? facts | FACT_SMALL_CASE : facts;
}

/* Is softmax of this layer the same in a pass as layer by layer, to the bit? */
static bool has_softmax_of_pass(const bp_layer *layer)
{
    return layer->activation.kind != ACTIVATION_SOFTMAX || layer->units <= PANELS_MAX_SOFTMAX;
}

/* Small networks keep them only if all their layers have panels and the same softmax, so that both paths have
 * the same bits. In unrolled ones the connections of all steps share their weights. */
bool bpi_keeps_panels(const bp_network *net)
{
    if (net->original != NULL)
        return false;
    if (!has_small_structure(net) || net->weight_count > SMALL_MAX_WEIGHTS)
        return true;
    if (net->weight_count <= SMALL_NO_PANELS ||
        net->kernel->panel_columns * sizeof(bp_real) < SMALL_MIN_PANEL_ROW)
        return false;
    for (size_t i = 0; i < net->connection_count; i++) {
        const bp_connection *connection = net->connections[i];
        if (net->kernel->panel_values(connection->to->units, connection->from->units) == 0 ||
            !has_softmax_of_pass(connection->to))
            return false;
    }
    return true;
}

static bool ends_in_outputs(const bp_network *net)
{
    for (size_t i = 0; i < net->output_count; i++)
        if (net->outputs[i]->outgoing_count > 0)
            return false;
    return true;
}

/* Does a layer have softmax, that is, a hidden layer, or an output layer if these count? */
static bool has_softmax(const bp_network *net, bool outputs_count)
{
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        const bool counts = !layer->is_input && (outputs_count || !layer->is_output);
        if (counts && layer->activation.kind == ACTIVATION_SOFTMAX)
            return true;
    }
    return false;
}

unsigned bpi_network_facts(const bp_network *net)
{
    unsigned facts = FACT_NO_NOISE; /* a workspace takes it away */
    facts |= has_small_structure(net) ? size_facts(net) : 0;
    facts |= ends_in_outputs(net) ? FACT_ENDS_IN_OUTPUTS : 0;
    facts |= has_softmax(net, true) ? 0 : FACT_NO_SOFTMAX;
    facts |= has_softmax(net, false) ? 0 : FACT_NO_HIDDEN_SOFTMAX;
    facts |= net->has_plain_gradient ? FACT_PLAIN_GRADIENT : 0;
    return facts;
}

/* Of the lanes of a pass over so many cases, are four fifths full? */
static bool fills_lanes(const bp_network *net, size_t cases)
{
    const size_t lanes = net->kernel->lanes, vectors = (cases + lanes - 1) / lanes;
    return 5 * cases >= 4 * vectors * lanes;
}

static bool is_many(const bp_network *net, size_t cases)
{
    if (net->weight_count > SMALL_MAX_WEIGHTS)
        return cases >= PASS_MIN_CASES && cases <= UNSHARED_MAX_COST / net->weight_count &&
               fills_lanes(net, cases);
    return cases > 1 && cases >= net->weight_count / WEIGHTS_PER_CASE;
}

/* Do they make a batch of online training, if the network is small for it? */
static bool is_few(const bp_network *net, size_t cases)
{
    size_t most = SMALL_MAX_BATCH;
    if (net->weight_count <= TINY_MAX_WEIGHTS)
        most = TINY_MAX_BATCH;
    else if (net->weight_count > SMALL_MAX_WEIGHTS && has_passes(net))
        most = PASS_NET_MAX_BATCH;
    if (cases == 1)
        return true;
    return cases <= most && net->weight_count <= UNSHARED_MAX_COST &&
           cases * net->weight_count <= UNSHARED_MAX_COST;
}

/* Do they make a batch of training by passes? More than SMALL_MAX_BATCH leave few lanes empty, or have no
 * faster path. */
static bool is_for_lanes(const bp_network *net, size_t cases)
{
    return cases > 1 && cases <= PADDED_MAX_CASES && bpi_pads_weights(net) &&
           (cases > SMALL_MAX_BATCH || fills_lanes(net, cases));
}

unsigned bpi_case_facts(const bp_network *net, size_t cases)
{
    unsigned facts = cases == 1 ? FACT_ONE_CASE : FACT_SEVERAL_CASES;
    if (is_many(net, cases))
        facts |= FACT_MANY_CASES;
    if (is_few(net, cases))
        facts |= FACT_FEW_CASES;
    if (is_for_lanes(net, cases))
        facts |= FACT_LANE_CASES;
    if (cases > 1 && cases <= KERNEL_PANEL_TERMS)
        facts |= FACT_PANEL_CASES;
    return cases <= net->block_cases ? facts | FACT_ONE_BLOCK : facts;
}

unsigned bpi_rule_facts(const bp_network *net, size_t cases, bool is_momentum)
{
    const size_t most = cases == 1 ? RULE_CASE_MAX_WEIGHTS : RULE_MAX_WEIGHTS;
    return is_momentum || net->weight_count <= most ? FACT_RULE_FITS : 0;
}

unsigned bpi_unseen_facts(uint64_t updates)
{
    return updates >= MIN_UNSEEN_UPDATES ? FACT_WEIGHTS_UNSEEN : 0;
}
