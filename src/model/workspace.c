#include "model/workspace.h"

#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "model/activation.h"
#include "model/connection_kind.h"
#include "model/parallel.h"
#include "model/scaling.h"
#include "model/small.h"

/* Below this room, a block could leave a single case over; see bpi_block_rows. The inputs of a second case
 * can be loaded beside those of a first; and behind what a single case has there is room for a vector
 * (small.h). */
enum { LEAST_ROOM = 4 };

size_t bpi_block_rows(size_t left, size_t room)
{
    if (left <= room)
        return left;
    return left == room + 1 ? room - 1 : room;
}

/* ------------------------------------------------------------------- memory */

/*
 * All arrays are parts of one block of memory. It is laid out twice: first from NULL, to learn the size,
 * then from the block itself.
 */
typedef struct arena {
    bp_real *base; /* NULL: only measure */
    size_t used;   /* values */
    bool overflow;
} arena;

/* rows * columns values, beginning on a boundary of BPI_ALIGNMENT bytes. */
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

/* Are the total inputs kept apart from the outputs, because the activation or a loss asks for them? */
static bool keeps_x(const bp_layer *layer)
{
    int32_t kind = layer->activation.kind;
    if (kind == ACTIVATION_CUSTOM)
        return true;
    return layer->is_output && (kind == ACTIVATION_LOGISTIC || kind == ACTIVATION_SOFTMAX);
}

static size_t greatest(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t scratch_values(const bp_network *net, size_t cases)
{
    size_t values = 0;
    for (size_t i = 0; i < net->connection_count; i++) {
        const bp_connection *connection = net->connections[i];
        values = greatest(values, bpi_operations(connection)->scratch(connection, cases));
    }
    if (net->small != NULL) {
        values = greatest(values, net->kernel->small_scratch(net->small));
        values = greatest(values, net->kernel->small_case->run_scratch(net->small));
    }
    return values;
}

/* Values for whole cache lines, which threads do not share; SIZE_MAX stays what it is. */
static size_t whole_lines(size_t values)
{
    const size_t line = BPI_ALIGNMENT / sizeof(bp_real);
    return values > SIZE_MAX - line ? SIZE_MAX : (values + line - 1) / line * line;
}

static size_t widest_layer(const bp_network *net)
{
    size_t widest = 0;
    for (size_t i = 0; i < net->layer_count; i++)
        widest = greatest(widest, net->layers[i]->units);
    return widest;
}

static void lay_out_layer(arena *memory, const bp_layer *layer, layer_state *state, size_t cases, bool deltas)
{
    state->own_y = take(memory, cases, layer->units);
    state->y = state->own_y;
    state->y_stride = layer->units;
    state->x = keeps_x(layer) ? take(memory, cases, layer->units) : NULL;
    state->delta = deltas ? take(memory, cases, layer->units) : NULL;
    state->next_sums = deltas ? take(memory, 1, layer->units) : NULL;
}

static void lay_out(arena *memory, bp_workspace *workspace, size_t cases, bool deltas)
{
    const bp_network *net = workspace->network;
    for (size_t i = 0; i < net->layer_count; i++)
        lay_out_layer(memory, net->layers[i], &workspace->states[i], cases, deltas);
    workspace->own_targets = take(memory, cases, net->output_width);
    workspace->own_case_weights = take(memory, cases, 1);
    workspace->output_row = take(memory, 1, net->output_width);
    workspace->temporary = deltas ? take(memory, cases, widest_layer(net)) : NULL;
    workspace->scratch = take(memory, bpi_team_threads(workspace->team), workspace->scratch_stride);
}

/* Releases what build made, or half made; the threads stay. */
static void clear(bp_workspace *workspace)
{
    bpi_release(&workspace->allocator, workspace->memory);
    bpi_release(&workspace->allocator, workspace->states);
    bpi_release(&workspace->allocator, workspace->small_states);
}

/* Makes the memory of a workspace that has a network and an allocator. On failure, nothing is left. */
static bp_status build(bp_workspace *workspace, const char *function, size_t cases, bool deltas)
{
    const bp_network *net = workspace->network;
    workspace->states = bpi_allocate_zeroed(&workspace->allocator, net->layer_count, sizeof(layer_state));
    if (net->small != NULL)
        workspace->small_states =
            bpi_allocate_zeroed(&workspace->allocator, net->layer_count, sizeof(small_state));
    if (workspace->states == NULL || (net->small != NULL && workspace->small_states == NULL))
        goto no_memory;
    workspace->scratch_stride = whole_lines(scratch_values(net, cases));
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
    workspace->block_cases = cases;
    workspace->has_deltas = deltas;
    if (net->small != NULL)
        bpi_small_point(workspace);
    return BP_OK;
no_memory:
    clear(workspace);
    return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for a workspace for %zu cases", function, cases);
}

bp_status bpi_workspace_reserve(const char *function, bp_workspace *workspace, size_t cases,
                                bool with_gradient)
{
    const bp_network *net = workspace->network;
    size_t room = cases < net->block_cases ? cases : net->block_cases;
    if (room <= workspace->block_cases && (!with_gradient || workspace->has_deltas))
        return BP_OK;
    bp_workspace larger = {.network = net,
                           .allocator = workspace->allocator,
                           .team = workspace->team,
                           .least_cost = workspace->least_cost};
    BPI_TRY(build(&larger, function, greatest(room, workspace->block_cases),
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
    workspace->least_cost = BPI_LEAST_COST;
    size_t room = max_cases < net->block_cases ? max_cases : net->block_cases;
    bp_status status = build(workspace, __func__, greatest(room, LEAST_ROOM), false);
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
    bp_workspace other = {.network = workspace->network,
                          .allocator = workspace->allocator,
                          .least_cost = workspace->least_cost};
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

void bpi_workspace_leave(bp_workspace *workspace, size_t cases)
{
    workspace->last_cases = cases <= workspace->block_cases ? cases : 0;
}

/* ------------------------------------------------------------------ loading */

/* The data's index of case `row` of the block that begins at `start`. */
static size_t case_index(const batch *cases, size_t start, size_t row)
{
    return cases->order == NULL ? cases->first + start + row : cases->order[start + row];
}

/* Columns of inputs or targets: the caller's array, and the room for a block of them. */
typedef struct column_block {
    const column_scaling *scaling;
    size_t first, columns;
    const bp_real *from;
    size_t from_stride;
    bp_real *room;
} column_block;

/* The rows to be copied, and from which of the cases on. */
typedef struct row_copy {
    const column_block *block;
    const batch *cases;
    size_t start;
} row_copy;

/* Copies rows first .. first + count - 1 into the room, in order and scaled. */
static bp_status copy_range(void *context, size_t first, size_t count, size_t piece)
{
    (void)piece;
    const row_copy *copy = context;
    const column_block *block = copy->block;
    bool together = copy->cases->order == NULL;
    scaled_rows rows = {.rows = together ? count : 1,
                        .columns = block->columns,
                        .first = block->first,
                        .from_stride = block->from_stride,
                        .to_stride = block->columns};
    for (size_t row = first; row < first + count; row += rows.rows) {
        rows.from =
            block->from + block->first + case_index(copy->cases, copy->start, row) * block->from_stride;
        rows.to = block->room + row * block->columns;
        bpi_scale(block->scaling, &rows);
    }
    return BP_OK;
}

/* Gives the block's rows: where they are if that will do, else copied, in order and scaled, into the room. */
static const bp_real *load_rows(const bp_workspace *workspace, const column_block *block, const batch *cases,
                                size_t start, size_t rows, size_t *stride)
{
    if ((cases->order == NULL || rows == 1) && !bpi_scaling_is_set(block->scaling)) {
        *stride = block->from_stride;
        return block->from + block->first + case_index(cases, start, 0) * block->from_stride;
    }
    row_copy copy = {block, cases, start};
    bpi_share_out(workspace, &(shared_work){
                                 .count = rows,
                                 .grain = 1,
                                 .cost = BPI_DISTANT_COST * (double)rows * (double)block->columns,
                                 .work = copy_range,
                                 .context = &copy,
                             });
    *stride = block->columns;
    return block->room;
}

static void load_targets(bp_workspace *workspace, const batch *cases, size_t start, size_t rows)
{
    const bp_data *data = cases->data;
    const bp_network *net = workspace->network;
    column_block block = {.scaling = &net->target_scaling,
                          .columns = net->output_width,
                          .from = data->targets,
                          .from_stride = data->target_stride,
                          .room = workspace->own_targets};
    workspace->targets = load_rows(workspace, &block, cases, start, rows, &workspace->target_stride);
    workspace->case_weights = NULL;
    if (data->case_weights == NULL)
        return;
    for (size_t row = 0; row < rows; row++)
        workspace->own_case_weights[row] = data->case_weights[case_index(cases, start, row)];
    workspace->case_weights = workspace->own_case_weights;
}

/* Those of an input layer, where they are or in the given room. */
static const bp_real *load_inputs(const bp_workspace *workspace, const bp_layer *layer, const batch *cases,
                                  size_t start, size_t rows, bp_real *to, size_t *stride)
{
    const column_block block = {.scaling = &workspace->network->input_scaling,
                                .first = layer->column,
                                .columns = layer->units,
                                .from = cases->data->inputs,
                                .from_stride = cases->data->input_stride,
                                .room = to};
    return load_rows(workspace, &block, cases, start, rows, stride);
}

void bpi_workspace_load(bp_workspace *workspace, const batch *cases, size_t start, size_t rows,
                        bool with_targets)
{
    const bp_network *net = workspace->network;
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        layer_state *state = &workspace->states[i];
        if (layer->is_input && state->next_y != NULL)
            state->y = state->next_y;
        else if (layer->is_input)
            state->y = load_inputs(workspace, layer, cases, start, rows, state->own_y, &state->y_stride);
        state->next_y = NULL;
    }
    if (with_targets)
        load_targets(workspace, cases, start, rows);
}

void bpi_workspace_load_ahead(bp_workspace *workspace, const batch *one)
{
    const bp_network *net = workspace->network;
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        layer_state *state = &workspace->states[i];
        bp_real *second = state->own_y + layer->units;
        if (layer->is_input)
            state->next_y = load_inputs(workspace, layer, one, 0, 1,
                                        state->y == second ? state->own_y : second, &state->y_stride);
    }
}
