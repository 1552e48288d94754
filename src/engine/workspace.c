#include "engine/workspace.h"

#include <string.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/status.h"
#include "engine/connection_product.h"
#include "engine/parallel.h"
#include "engine/plan.h"
#include "engine/small_net.h"
#include "engine/weight_panels.h"
#include "network/activation_kind.h"
#include "network/require.h"
#include "small/lanes.h"
#include "small/select.h"

/* bpi_block_rows needs 3. The inputs of a next case are loaded beside those of the current one, and kernels
 * may access a vector past the arrays of a single case (small.h). */
enum { MIN_CASES = 4 };

/* ------------------------------------------------------------------- memory */

/* All arrays are parts of one block of memory. The layout runs twice: without memory, to measure the size,
 * and then in the block. */
typedef struct arena {
    bp_real *base; /* NULL: only measure */
    size_t used;   /* values */
    bool overflow;
} arena;

/* Takes rows * columns values, aligned to BPI_ALIGNMENT bytes. */
static bp_real *take(arena *memory, size_t rows, size_t columns)
{
    const size_t step = BPI_ALIGNMENT / sizeof(bp_real);
    size_t count, end;
    if (!bpi_multiply(rows, columns, &count) || !bpi_add(count, step - 1, &count) ||
        !bpi_add(memory->used, count - count % step, &end)) {
        memory->overflow = true;
        return NULL;
    }
    bp_real *part = memory->base == NULL ? NULL : memory->base + memory->used;
    memory->used = end;
    return part;
}

/* Does the activation, or a loss of an output layer, need the total inputs beside the outputs? */
static bool needs_x(const bp_layer *layer)
{
    int32_t kind = layer->activation.kind;
    if (bpi_activation_needs_x(&layer->activation))
        return true;
    return layer->is_output && (kind == ACTIVATION_LOGISTIC || kind == ACTIVATION_SOFTMAX);
}

/* The fact of the networks whose passes the workspace has to be for. */
static unsigned small_passes(bool deltas)
{
    return deltas ? FACT_SMALL_PASS : FACT_SMALL;
}

static size_t scratch_values(const bp_workspace *workspace, size_t cases, bool deltas)
{
    const bp_network *net = workspace->network;
    size_t values = 0;
    for (size_t i = 0; i < net->connection_count; i++) {
        const bp_connection *connection = net->connections[i];
        values = bpi_max(values, bpi_connection_products(connection)->scratch(connection, cases));
    }
    if (workspace->facts & small_passes(deltas))
        values = bpi_max(values, workspace->small_kernels->pass_scratch(workspace->small));
    return values;
}

/* Scratch memory of online training, for which one thread uses that of all. */
static size_t online_scratch_values(const bp_workspace *workspace, bool deltas)
{
    const bool is_momentum = workspace->online_use == ONLINE_MOMENTUM;
    size_t values = 0;
    if (!deltas || workspace->online_use == ONLINE_NOT)
        return 0;
    if (workspace->padded != NULL)
        values = bpi_small_lanes_scratch(
            workspace->padded, workspace->small_kernels->pass_scratch(workspace->padded), !is_momentum);
    if (workspace->facts & FACT_SMALL_ONLINE &&
        bpi_rule_facts(workspace->network, SMALL_MAX_BATCH, is_momentum))
        values = bpi_max(values, workspace->online_kernels->scratch(workspace->small, !is_momentum));
    return values;
}

/* Rounds up to whole cache lines, so that threads share none; SIZE_MAX stays SIZE_MAX. */
static size_t whole_lines(size_t values)
{
    const size_t line = BPI_ALIGNMENT / sizeof(bp_real);
    return values > SIZE_MAX - line ? SIZE_MAX : (values + line - 1) / line * line;
}

static size_t widest_layer(const bp_network *net)
{
    size_t widest = 0;
    for (size_t i = 0; i < net->layer_count; i++)
        widest = bpi_max(widest, net->layers[i]->units);
    return widest;
}

/* Values of a case in the array of keys. */
static size_t key_values(const bp_workspace *workspace)
{
    const size_t bytes = 4 * sizeof(uint32_t);
    return workspace->noise.layers == NULL ? 0 : bytes / sizeof(bp_real);
}

bool bpi_needs_factors(const bp_workspace *workspace, const bp_layer *layer)
{
    return workspace->noise.layers != NULL && !layer->is_input && workspace->noise.layers[layer->index].drops;
}

static void lay_out_layer(arena *memory, bp_workspace *workspace, const bp_layer *layer, size_t cases,
                          bool deltas)
{
    layer_arrays *arrays = &workspace->arrays[layer->index];
    const bool has_factors = deltas && bpi_needs_factors(workspace, layer);
    arrays->y = take(memory, cases, layer->units);
    arrays->x = needs_x(layer) ? take(memory, cases, layer->units) : NULL;
    arrays->delta = deltas ? take(memory, cases, layer->units) : NULL;
    arrays->next_sums = deltas ? take(memory, 1, layer->units) : NULL;
    arrays->dropped = has_factors ? take(memory, cases, layer->units) : NULL;
    arrays->factors = has_factors ? take(memory, cases, layer->units) : NULL;
}

static void lay_out(arena *memory, bp_workspace *workspace, size_t cases, bool deltas)
{
    const bp_network *net = workspace->network;
    for (size_t i = 0; i < net->layer_count; i++)
        lay_out_layer(memory, workspace, net->layers[i], cases, deltas);
    for (size_t i = 0; workspace->panels.of != NULL && i < net->connection_count; i++) {
        const size_t values = bpi_panel_values(workspace, net->connections[i]);
        workspace->panels.of[i] = values > 0 ? take(memory, 1, values) : NULL;
    }
    workspace->own_targets = take(memory, cases, net->output_width);
    workspace->own_case_weights = take(memory, cases, 1);
    workspace->noise.keys = (uint32_t *)take(memory, cases, key_values(workspace));
    workspace->output_row = take(memory, 1, net->output_width);
    workspace->temporary = deltas ? take(memory, cases, widest_layer(net)) : NULL;
    const size_t before = memory->used, online = online_scratch_values(workspace, deltas);
    workspace->scratch = take(memory, bpi_team_threads(workspace->team), workspace->scratch_stride);
    if (memory->used - before < online)
        take(memory, 1, online - (memory->used - before)); /* the next part of the block */
}

/* Outputs are in the layers' arrays, until inputs are loaded. */
static void point_at_arrays(bp_workspace *workspace)
{
    for (size_t i = 0; i < workspace->network->layer_count; i++) {
        const layer_arrays *arrays = &workspace->arrays[i];
        workspace->outputs[i] = (layer_outputs){arrays->y, workspace->network->layers[i]->units};
        if (workspace->small_states != NULL)
            workspace->small_states[i] =
                (small_state){.y = arrays->y,
                              .own_y = arrays->y,
                              .x = workspace->small->layers[i].needs_x ? arrays->x : NULL,
                              .delta = arrays->delta};
    }
}

/* Releases all memory, also of a half-built workspace, but not the threads. */
static void clear(bp_workspace *workspace)
{
    const bp_allocator *allocator = &workspace->allocator;
    bpi_release(allocator, workspace->memory);
    bpi_release(allocator, workspace->arrays);
    bpi_release(allocator, workspace->outputs);
    bpi_release(allocator, workspace->next.inputs);
    bpi_release(allocator, workspace->next.has_sums);
    bpi_release(allocator, workspace->panels.of);
    bpi_release(allocator, workspace->contributions);
    bpi_release(allocator, workspace->errors);
    bpi_release(allocator, workspace->small);
    bpi_release(allocator, workspace->padded);
    bpi_release(allocator, workspace->small_states);
}

/* Allocates the lists with an entry per layer; false when there is no memory. */
static bool allocate_lists(bp_workspace *workspace)
{
    const bp_network *net = workspace->network;
    const bp_allocator *allocator = &workspace->allocator;
    const size_t layers = net->layer_count;
    workspace->arrays = bpi_allocate_zeroed(allocator, layers, sizeof *workspace->arrays);
    workspace->outputs = bpi_allocate_zeroed(allocator, layers, sizeof *workspace->outputs);
    workspace->next.inputs = bpi_allocate_zeroed(allocator, layers, sizeof *workspace->next.inputs);
    workspace->next.has_sums = bpi_allocate_zeroed(allocator, layers, sizeof *workspace->next.has_sums);
    workspace->contributions = bpi_allocate_zeroed(allocator, layers, sizeof *workspace->contributions);
    workspace->errors = bpi_allocate_zeroed(allocator, layers, sizeof *workspace->errors);
    return workspace->arrays != NULL && workspace->outputs != NULL && workspace->next.inputs != NULL &&
           workspace->next.has_sums != NULL && workspace->contributions != NULL && workspace->errors != NULL;
}

/* Sets up small kernels, if the network is small; false when there is no memory. */
static bool allocate_small(bp_workspace *workspace, bool deltas)
{
    const bp_network *net = workspace->network;
    const bool trains_online = deltas && workspace->online_use != ONLINE_NOT;
    unsigned small = FACT_SMALL | FACT_SMALL_CASE;
    small |= deltas ? FACT_SMALL_PASS : 0;
    small |= trains_online ? FACT_SMALL_ONLINE : 0;
    if (!(workspace->facts & small))
        return true;
    workspace->small_kernels = bpi_small_select(net->kernel->name);
    workspace->small = bpi_small_create(net, 0);
    workspace->small_states =
        bpi_allocate_zeroed(&workspace->allocator, net->layer_count, sizeof *workspace->small_states);
    if (workspace->small == NULL || workspace->small_states == NULL)
        return false;
    if (trains_online && workspace->facts & FACT_SMALL_PASS && bpi_pads_weights(net)) {
        workspace->padded = bpi_small_create(net, net->kernel->lanes);
        if (workspace->padded == NULL)
            return false;
    }
    workspace->online_kernels = bpi_small_select_online(workspace->small_kernels, workspace->small);
    return true;
}

/* Lists the copies of weights, if they are wanted and of use; false when there is no memory. */
static bool allocate_panels(bp_workspace *workspace)
{
    const bp_network *net = workspace->network;
    if (!workspace->panels.are_wanted || !bpi_keeps_panels(net))
        return true;
    workspace->panels.of =
        bpi_allocate_zeroed(&workspace->allocator, net->connection_count, sizeof *workspace->panels.of);
    workspace->facts |= FACT_PANELS_KEPT;
    return workspace->panels.of != NULL;
}

/* Allocates the memory of a workspace that has network and allocator. On failure nothing is allocated. */
static bp_status build(bp_workspace *workspace, const char *function, size_t cases, bool deltas)
{
    workspace->facts = bpi_network_facts(workspace->network);
    unsigned one_case = workspace->facts | bpi_case_facts(workspace->network, 1);
    workspace->predicts_by_small_case = bpi_plan(TASK_PREDICT, one_case) == PATH_SMALL_CASE;
    workspace->stores_values = !(workspace->facts & FACT_SMALL_PASS);
    if (!allocate_lists(workspace) || !allocate_small(workspace, deltas) || !allocate_panels(workspace))
        goto no_memory;
    workspace->scratch_stride = whole_lines(scratch_values(workspace, cases, deltas));
    arena memory = {0};
    lay_out(&memory, workspace, cases, deltas);
    if (memory.overflow) {
        clear(workspace);
        return bpi_fail(BP_ERROR_OVERFLOW, "%s: a workspace for %zu cases is too large to be computed",
                        function, cases);
    }
    workspace->memory = bpi_allocate(&workspace->allocator, memory.used, sizeof(bp_real));
    if (workspace->memory == NULL)
        goto no_memory;
    memory = (arena){.base = workspace->memory};
    lay_out(&memory, workspace, cases, deltas);
    point_at_arrays(workspace);
    workspace->block_cases = cases;
    workspace->has_deltas = deltas;
    workspace->has_keys = key_values(workspace) > 0;
    workspace->online_memory = workspace->online_use;
    return BP_OK;
no_memory:
    clear(workspace);
    return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for a workspace for %zu cases", function, cases);
}

/* Has it all arrays that dropout needs? The settings may have changed since it was built. */
static bool has_factors(const bp_workspace *workspace)
{
    const bp_network *net = workspace->network;
    if (workspace->noise.layers == NULL)
        return true;
    for (size_t i = 0; i < net->layer_count; i++)
        if (bpi_needs_factors(workspace, net->layers[i]) && workspace->arrays[i].factors == NULL)
            return false;
    return workspace->has_keys;
}

/* What stays when a workspace is built anew. */
static bp_workspace without_memory(const bp_workspace *workspace)
{
    return (bp_workspace){.network = workspace->network,
                          .allocator = workspace->allocator,
                          .parts = workspace->parts,
                          .classes = workspace->classes,
                          .noise.layers = workspace->noise.layers,
                          .panels.are_wanted = workspace->panels.are_wanted,
                          .online_use = workspace->online_use,
                          .team = workspace->team,
                          .min_chunk_cost = workspace->min_chunk_cost};
}

bp_status bpi_workspace_reserve(const char *function, bp_workspace *workspace, size_t cases,
                                bool with_gradient)
{
    const bp_network *net = workspace->network;
    size_t capacity = bpi_min(cases, net->block_cases);
    const bool has_all =
        workspace->has_deltas && has_factors(workspace) && workspace->online_memory == workspace->online_use;
    if (capacity <= workspace->block_cases && (!with_gradient || has_all))
        return BP_OK;
    bp_workspace larger = without_memory(workspace);
    BPI_TRY(build(&larger, function, bpi_max(capacity, workspace->block_cases),
                  with_gradient || workspace->has_deltas));
    clear(workspace);
    *workspace = larger;
    return BP_OK;
}

bp_status bp_workspace_create(bp_workspace **out, const bp_network *net, size_t max_cases)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(net);
    BPI_TRY(bpi_require_finalized(__func__, net));
    BPI_TRY(bpi_require_layered(__func__, net));
    if (max_cases == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: max_cases is 0", __func__);
    bp_workspace *workspace = bpi_allocate_zeroed(&net->allocator, 1, sizeof *workspace);
    if (workspace == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory", __func__);
    workspace->network = net;
    workspace->allocator = net->allocator;
    workspace->panels.are_wanted = max_cases > 1;
    workspace->min_chunk_cost = BPI_MIN_CHUNK_COST;
    size_t capacity = bpi_max(bpi_min(max_cases, net->block_cases), MIN_CASES);
    bp_status status = build(workspace, __func__, capacity, false);
    if (status != BP_OK) {
        bpi_release(&net->allocator, workspace);
        return status;
    }
    *out = workspace;
    return BP_OK;
}

void bp_workspace_destroy(bp_workspace *workspace)
{
    if (workspace == NULL)
        return;
    bp_allocator allocator = workspace->allocator;
    bpi_team_destroy(workspace->team);
    clear(workspace);
    bpi_release(&allocator, workspace);
}

bp_status bpi_workspace_set_threads(const char *function, bp_workspace *workspace, size_t threads)
{
    bp_workspace other = without_memory(workspace);
    other.team = NULL;
    if (threads > 1)
        BPI_TRY(bpi_team_create(&other.team, function, &other.allocator, threads));
    bp_status status = build(&other, function, workspace->block_cases, workspace->has_deltas);
    if (status != BP_OK) {
        bpi_team_destroy(other.team);
        return status;
    }
    bpi_team_destroy(workspace->team);
    clear(workspace);
    *workspace = other;
    return BP_OK;
}

bp_status bp_workspace_set_threads(bp_workspace *workspace, size_t threads)
{
    BPI_REQUIRE(workspace);
    BPI_TRY(bpi_check_threads(__func__, "threads", threads));
    return bpi_workspace_set_threads(__func__, workspace, threads);
}

bp_status bpi_workspace_check(const char *function, const bp_network *net, const bp_workspace *workspace)
{
    BPI_TRY(bpi_require_layered(function, net));
    if (workspace->network != net)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: the workspace was made for another network", function);
    return bpi_require_ready(function, net);
}

size_t bp_workspace_block_cases(const bp_workspace *workspace)
{
    return workspace == NULL ? 0 : workspace->block_cases;
}

void bpi_workspace_record_call(bp_workspace *workspace, size_t cases)
{
    workspace->last_cases = cases <= workspace->block_cases ? cases : 0;
}

void bpi_workspace_use_noise(bp_workspace *workspace, bool is_on)
{
    workspace->noise.is_on = is_on;
    if (is_on)
        workspace->facts &= ~(unsigned)FACT_NO_NOISE;
    else
        workspace->facts |= FACT_NO_NOISE;
}
