#include "train/checkpoint.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/section_file.h"
#include "engine/finding.h"
#include "engine/sentence.h"
#include "network/change_weights.h"
#include "network/scaling.h"
#include "network/trainable.h"
#include "network/unit_noise.h"
#include "train/archive.h"
#include "train/checkpoint_network.h"
#include "train/checkpoint_options.h"
#include "train/finding.h"
#include "train/given_options.h"
#include "train/history.h"
#include "train/optimizer.h"
#include "train/rates.h"
#include "train/trainer.h"
#include "train/trainer_options.h"

/* As that of a model (format/model_format.h), with another letter. */
#define SIGNATURE                                                                                            \
    "\x8b"                                                                                                   \
    "BPC\r\n\x1a\n"

enum checkpoint_section {
    SECTION_STRUCTURE,
    SECTION_OPTIONS,
    SECTION_NETWORK,
    SECTION_TRAINER,
    SECTION_VECTORS,
    SECTION_ORDER,
    SECTION_FINDINGS,
    SECTION_HISTORY,
    SECTION_DATA,
    SECTION_NOISE,
    SECTION_END,
    SECTION_COUNT
};

static const section_kind sections[SECTION_COUNT] = {
    [SECTION_STRUCTURE] = {"STRC", true}, [SECTION_OPTIONS] = {"OPTN", true},
    [SECTION_NETWORK] = {"NETW", true},   [SECTION_TRAINER] = {"TRNR", true},
    [SECTION_VECTORS] = {"VECT", true},   [SECTION_ORDER] = {"ORDR", true},
    [SECTION_FINDINGS] = {"FIND", true},  [SECTION_HISTORY] = {"HIST", true},
    [SECTION_DATA] = {"data", false},     [SECTION_NOISE] = {"nois", false},
    [SECTION_END] = {"ENDF", true},
};

static const section_format checkpoint_format = {
    .name = "checkpoint", .signature = SIGNATURE, .version = 1, .sections = sections, .count = SECTION_COUNT};

/* What the network has, or is to get when everything is read. */
typedef struct network_part {
    uint64_t weights_changed; /* its count when the checkpoint was made */
    bool weights_set, weights_drawn;
    size_t origin; /* scaling_origin */
    column_scaling inputs, targets;
    bp_real *weights;
    slice_training *training; /* read; one per slice */
    double *noise;            /* read; dropout and noise of each layer */
} network_part;

typedef struct checkpoint {
    bp_network *network;
    bp_trainer *trainer;
    run_place *place;
    network_part part;
    char instructions[CURSOR_NAME_CAPACITY]; /* the set that trained */
} checkpoint;

/* ------------------------------------------------------------------------ sections */

static void walk_structure(archive *a, checkpoint *c)
{
    bpi_archive_structure(a, c->network);
}

static void walk_network(archive *a, checkpoint *c)
{
    network_part *part = &c->part;
    const bp_allocator *allocator = &c->network->allocator;
    bpi_archive_name(a, c->instructions);
    bpi_archive_u64(a, &part->weights_changed);
    bpi_archive_bool(a, &part->weights_set);
    bpi_archive_bool(a, &part->weights_drawn);
    bpi_archive_size(a, &part->origin);
    if (part->origin > SCALING_GIVEN)
        bpi_archive_fail(a, BP_ERROR_FORMAT, "an origin of the scaling of %zu", part->origin);
    bpi_archive_scaling(a, allocator, &part->inputs, c->network->input_width);
    bpi_archive_scaling(a, allocator, &part->targets, c->network->output_width);
    bpi_archive_training(a, c->network, part->training);
    if (part->weights_set)
        bpi_archive_reals(a, part->weights, c->network->weight_count, "a weight");
}

static void walk_history_files(archive *a, history_files *all)
{
    for (int i = 0; i < HISTORY_FORMATS; i++) {
        history_file *file = &all->files[i];
        bpi_archive_members(a, &bpi_history_file_members, file);
        if (bpi_archive_reads(a))
            file->is_cut = file->is_started;
    }
}

static void walk_trainer(archive *a, checkpoint *c)
{
    bp_trainer *trainer = c->trainer;
    bpi_archive_members(a, &bpi_trainer_members, trainer);
    bpi_archive_members(a, &bpi_place_members, c->place);
    bpi_archive_stop_memory(a, &trainer->stopping);
    walk_history_files(a, &trainer->history_files);
}

/* Weights that there may be or not. */
static void walk_weights(archive *a, const bp_trainer *trainer, bp_real **weights, const char *what)
{
    const size_t count = trainer->network->weight_count;
    bool present = *weights != NULL;
    bpi_archive_bool(a, &present);
    if (!present || a->status != BP_OK)
        return;
    if (*weights == NULL)
        *weights = bpi_allocate(&trainer->allocator, count, sizeof **weights);
    if (*weights == NULL)
        bpi_archive_fail(a, BP_ERROR_MEMORY, "no memory for %zu weights", count);
    else
        bpi_archive_reals(a, *weights, count, what);
}

/* What is observed of the epochs belongs to a trainer that has somebody to tell it; else it is passed over.
 */
static void walk_observation(archive *a, bp_trainer *trainer)
{
    epoch_observation *seen = &trainer->observation;
    const size_t weights = trainer->network->weight_count, layers = trainer->network->layer_count;
    bool present = seen->change != NULL;
    bpi_archive_bool(a, &present);
    if (!present || a->status != BP_OK)
        return;
    if (seen->change == NULL) {
        a->status = bpi_cursor_skip(&a->cursor, weights, sizeof(bp_real));
        if (a->status == BP_OK)
            a->status = bpi_cursor_skip(&a->cursor, layers, sizeof(double));
        return;
    }
    bpi_archive_reals(a, seen->change, weights, NULL);
    bpi_archive_doubles(a, seen->saturated, layers);
}

static void walk_state(archive *a, bp_trainer *trainer)
{
    optimizer_state *state = &trainer->state;
    size_t vectors = state->vector_count, scalars = state->scalar_count;
    bpi_archive_size(a, &vectors);
    bpi_archive_size(a, &scalars);
    if (vectors != state->vector_count || scalars != state->scalar_count)
        bpi_archive_fail(a, BP_ERROR_ARGUMENT,
                         "the optimizer's rule kept %zu vectors and %zu scalars, but options.optimizer keeps "
                         "%zu and %zu",
                         vectors, scalars, state->vector_count, state->scalar_count);
    bpi_archive_members(a, &bpi_optimizer_state_members, state);
    bpi_archive_reals(a, state->vectors, state->vector_count * trainer->network->weight_count, NULL);
    bpi_archive_doubles(a, state->scalars, state->scalar_count);
}

static void walk_vectors(archive *a, checkpoint *c)
{
    bp_trainer *trainer = c->trainer;
    walk_state(a, trainer);
    walk_weights(a, trainer, &trainer->start_weights, "a weight");
    walk_weights(a, trainer, &trainer->weights_snapshot, "a weight");
    walk_weights(a, trainer, &trainer->best.weights, "a weight");
    walk_weights(a, trainer, &trainer->last_weights, "a weight");
    walk_weights(a, trainer, &trainer->rate_memory.weights, "a weight");
    walk_observation(a, trainer);
}

static void walk_order(archive *a, checkpoint *c)
{
    bp_trainer *trainer = c->trainer;
    size_t count = trainer->order_cases;
    bpi_archive_count(a, &count, sizeof(uint64_t));
    if (bpi_archive_reads(a) && count > 0) {
        trainer->order = bpi_allocate(&trainer->allocator, count, sizeof *trainer->order);
        if (trainer->order == NULL) {
            bpi_archive_fail(a, BP_ERROR_MEMORY, "no memory for the order of %zu cases", count);
            return;
        }
        trainer->order_capacity = trainer->order_cases = count;
    }
    for (size_t i = 0; i < count; i++) {
        bpi_archive_size(a, &trainer->order[i]);
        if (a->status == BP_OK && trainer->order[i] >= count)
            bpi_archive_fail(a, BP_ERROR_FORMAT, "case %zu in the order of %zu", trainer->order[i], count);
    }
}

static void walk_finding(archive *a, const bp_network *net, bp_finding *finding)
{
    size_t layer = finding->layer == NULL ? BP_NO_INDEX : finding->layer->index;
    finding->size = sizeof *finding;
    bpi_archive_members(a, &bpi_finding_members, finding);
    bpi_archive_size(a, &layer);
    if (!bpi_archive_reads(a) || a->status != BP_OK)
        return;
    char text[SENTENCE_CAPACITY];
    if ((layer >= net->layer_count && layer != BP_NO_INDEX) || finding->severity > BP_SEVERITY_ERROR ||
        bp_finding_text(finding, text, sizeof text, NULL) != BP_OK)
        bpi_archive_fail(a, BP_ERROR_FORMAT, "a finding that is none");
    else
        finding->layer = layer == BP_NO_INDEX ? NULL : net->layers[layer];
}

static void walk_findings(archive *a, checkpoint *c)
{
    bp_trainer *trainer = c->trainer;
    bpi_archive_count(a, &trainer->finding_count, 8 * sizeof(uint64_t));
    if (trainer->finding_count > MAX_FINDINGS) {
        trainer->finding_count = 0;
        bpi_archive_fail(a, BP_ERROR_FORMAT, "more findings than %d", MAX_FINDINGS);
    }
    for (size_t i = 0; i < trainer->finding_count; i++)
        walk_finding(a, c->network, &trainer->findings[i]);
}

static void walk_history(archive *a, checkpoint *c)
{
    bp_trainer *trainer = c->trainer;
    size_t count = trainer->options.keep_history ? trainer->epochs : 0;
    bpi_archive_count(a, &count, HISTORY_COLUMNS * sizeof(double));
    if (a->status != BP_OK || !trainer->options.keep_history)
        return;
    if (count != trainer->epochs)
        bpi_archive_fail(a, BP_ERROR_FORMAT, "a history of %zu epochs after %zu", count, trainer->epochs);
    if (bpi_archive_reads(a) && a->status == BP_OK)
        a->status = bpi_history_allocate(trainer, count);
    for (size_t column = 0; column < HISTORY_COLUMNS && count > 0 && a->status == BP_OK; column++)
        bpi_archive_doubles(a, trainer->history->values + column * trainer->history_capacity, count);
}

/* The first versions did not write it. */
static void walk_data(archive *a, checkpoint *c)
{
    bpi_archive_u64(a, &c->place->training_hash);
    bpi_archive_u64(a, &c->place->validation_hash);
}

/* It is only there if a layer has dropout or noise. */
static void walk_noise(archive *a, checkpoint *c)
{
    bpi_archive_noise(a, c->network, c->part.noise);
}

typedef void (*section_walk)(archive *a, checkpoint *c);

/* Those that are written and read by the same function. */
static const section_walk walks[SECTION_COUNT] = {
    [SECTION_STRUCTURE] = walk_structure, [SECTION_NETWORK] = walk_network,
    [SECTION_TRAINER] = walk_trainer,     [SECTION_VECTORS] = walk_vectors,
    [SECTION_ORDER] = walk_order,         [SECTION_FINDINGS] = walk_findings,
    [SECTION_HISTORY] = walk_history,     [SECTION_DATA] = walk_data,
    [SECTION_NOISE] = walk_noise,
};

/* ------------------------------------------------------------------------- writing */

static void write_section(byte_sink *sink, size_t section, checkpoint *c)
{
    archive a = {.sink = sink};
    const size_t start = bpi_section_begin(sink, &checkpoint_format, section);
    if (section == SECTION_OPTIONS)
        bpi_write_options(&a, c->trainer);
    else if (walks[section] != NULL)
        walks[section](&a, c);
    bpi_section_end(sink, start);
}

size_t bpi_checkpoint_write(const bp_trainer *trainer, const run_place *place, unsigned char *bytes)
{
    bp_network *net = trainer->network;
    run_place at = *place;
    byte_sink sink = {bytes, 0};
    checkpoint c = {.network = net,
                    .trainer = (bp_trainer *)trainer, /* an archive that writes changes nothing */
                    .place = &at,
                    .part = {.weights_changed = net->weights_changed,
                             .weights_set = net->weights_set,
                             .weights_drawn = net->weights_drawn,
                             .origin = net->scaling_origin,
                             .inputs = net->input_scaling,
                             .targets = net->target_scaling,
                             .weights = net->changing_weights}};
    snprintf(c.instructions, sizeof c.instructions, "%s", net->kernel->name);
    bpi_section_file_begin(&sink, &checkpoint_format);
    for (size_t i = 0; i < SECTION_COUNT; i++)
        if (i != SECTION_NOISE || bpi_layers_with_noise(net) > 0)
            write_section(&sink, i, &c);
    return sink.used;
}

/* ------------------------------------------------------------------------- reading */

static archive open_section(const section_file *file, size_t section)
{
    return (archive){.cursor = bpi_section_cursor(file, section)};
}

static bp_status close_section(const archive *a)
{
    BPI_TRY(a->status);
    return bpi_cursor_close(&a->cursor);
}

static bp_status read_section(const section_file *file, size_t section, checkpoint *c)
{
    archive a = open_section(file, section);
    walks[section](&a, c);
    return close_section(&a);
}

static bp_status check_precision(const section_file *file)
{
    if (file->real_bytes == sizeof(bp_real))
        return BP_OK;
    return bpi_source_fail(file->source, FILE_SIGNATURE_BYTES + 4, BP_ERROR_UNSUPPORTED,
                           "made by the library with numbers of %zu bytes; this one has %zu",
                           file->real_bytes, sizeof(bp_real));
}

/* A trainer with the options of the file. What is wrong with them is an error of the file. */
static bp_status create_trainer(checkpoint *c, const section_file *file, const bp_trainer_options *given)
{
    archive a = open_section(file, SECTION_OPTIONS);
    const size_t start = a.cursor.at;
    bp_trainer_options options, checked;
    const bp_allocator *allocator = &c->network->allocator;
    bpi_read_options(&a, &options, given, allocator);
    bp_status status = close_section(&a);
    if (status == BP_OK)
        status = bpi_cursor_error_at(&a.cursor, "bp_trainer_create", start,
                                     bpi_trainer_options_check(&options, c->network, &checked));
    if (status == BP_OK)
        status = bpi_trainer_new(&c->trainer, c->network, &checked);
    bpi_release(allocator, (void *)options.stop_rules);
    bpi_release_losses(&options, allocator);
    bpi_release(allocator, (void *)options.class_weights);
    return status;
}

/* Numbers of a trainer that are never negative, infinite or NaN, and counts of a run, which are parts of the
 * trainer's. */
static bool has_valid_numbers(const bp_trainer *trainer)
{
    const run_place *place = &trainer->place;
    return bpi_is_factor(trainer->rate_factor) && bpi_is_factor(trainer->found_rate) &&
           bpi_is_factor(trainer->rate_memory.scale) && bpi_is_factor(trainer->decay_strength) &&
           bpi_is_factor(trainer->decay_unit) && trainer->extensions >= 0 && trainer->recoveries >= 0 &&
           place->epochs <= trainer->epochs && place->updates <= trainer->updates;
}

/* Are the stopping rules as the trainer chooses them, if it did? */
static bool has_valid_rules(const bp_trainer *trainer)
{
    const stop_rules *stopping = &trainer->stopping;
    if (!trainer->chooses_rules || !trainer->is_prepared)
        return true;
    const size_t chosen = 2;
    if (stopping->count != chosen || stopping->rules[1].kind != BP_STOP_EPOCHS)
        return false;
    return stopping->rules[0].kind == BP_STOP_EARLY || stopping->rules[0].kind == BP_STOP_DIMINISHING_RETURNS;
}

/* Values that other code relies on, whoever wrote them. */
static bp_status check_values(const section_file *file, const bp_trainer *trainer)
{
    const epoch_state *epoch = &trainer->epoch;
    const char *wrong = NULL;
    uint64_t any = 0;
    for (size_t i = 0; i < 4; i++)
        any |= trainer->stream.state[i];
    if (any == 0)
        wrong = "the state of the random stream is 0";
    else if (epoch->begun &&
             (epoch->done > epoch->cases || (epoch->done == epoch->cases && !epoch->more_batches) ||
              (epoch->more_batches && trainer->options.on_gradient == NULL)))
        wrong = "the epoch in progress has more cases done than it has";
    else if (trainer->trace.count > TRACE_POINTS)
        wrong = "the course of the errors has too many points";
    else if (!has_valid_rules(trainer))
        wrong = "the stopping rules are not those that a trainer chooses";
    else if (!has_valid_numbers(trainer))
        wrong = "a number of the trainer is out of range";
    else if (trainer->best.epoch > 0 && trainer->best.weights == NULL)
        wrong = "the best weights are missing";
    else if (trainer->has_last_weights && (trainer->last_weights == NULL || trainer->best.weights == NULL))
        wrong = "the last weights are missing";
    else if (trainer->rule->are_valid_scalars != NULL &&
             !trainer->rule->are_valid_scalars(&trainer->options.optimizer, trainer->state.scalars))
        wrong = "the state of the optimizer's rule is not one of its own";
    else if (trainer->reductions < 0 || trainer->reductions > 1000)
        wrong = "the learning rate was lowered too often";
    if (wrong == NULL)
        return BP_OK;
    return bpi_source_fail(file->source, file->sections[SECTION_TRAINER].start, BP_ERROR_FORMAT, "%s", wrong);
}

static bp_status read_trainer(checkpoint *c, const section_file *file, const bp_trainer_options *given)
{
    BPI_TRY(check_precision(file));
    BPI_TRY(read_section(file, SECTION_STRUCTURE, c));
    c->part.weights = bpi_allocate(&c->network->allocator, c->network->weight_count, sizeof(bp_real));
    c->part.training =
        bpi_allocate(&c->network->allocator, c->network->slice_count, sizeof *c->part.training);
    c->part.noise =
        bpi_allocate_zeroed(&c->network->allocator, 2 * c->network->layer_count, sizeof *c->part.noise);
    if (c->part.weights == NULL || c->part.training == NULL || c->part.noise == NULL)
        return bpi_source_fail(file->source, 0, BP_ERROR_MEMORY, "no memory for %zu weights",
                               c->network->weight_count);
    BPI_TRY(create_trainer(c, file, given));
    c->place = &c->trainer->place;
    for (size_t i = SECTION_NETWORK; i < SECTION_END; i++)
        if (file->sections[i].present)
            BPI_TRY(read_section(file, i, c));
    return check_values(file, c->trainer);
}

/* A count of the network from the checkpoint as one of this network: the same, or another one. */
static void translate_count(uint64_t *count, uint64_t saved, uint64_t now)
{
    *count = *count == saved ? now : now - 1;
}

/* Nothing fails any more. */
static void give_to_network(checkpoint *c)
{
    bp_network *net = c->network;
    network_part *part = &c->part;
    bp_trainer *trainer = c->trainer;
    const size_t bytes = net->weight_count * sizeof *net->weights;
    net->weights_changed++;
    translate_count(&trainer->epoch.weights_changed, part->weights_changed, net->weights_changed);
    translate_count(&trainer->rate_memory.weights_changed, part->weights_changed, net->weights_changed);
    net->weights_set = part->weights_set;
    net->weights_drawn = part->weights_drawn;
    net->scaling_origin = (scaling_origin)part->origin;
    bpi_scaling_clear(&net->allocator, &net->input_scaling);
    bpi_scaling_clear(&net->allocator, &net->target_scaling);
    net->input_scaling = part->inputs;
    net->target_scaling = part->targets;
    part->inputs = part->targets = (column_scaling){NULL, NULL};
    for (size_t i = 0; i < net->slice_count; i++)
        net->slices[i].training = part->training[i];
    bpi_find_fixed_layers(net);
    bpi_set_all_noise(net, part->noise);
    if (part->weights_set)
        memcpy(bpi_change_weights(net), part->weights, bytes);
}

static void note_instructions(const checkpoint *c)
{
    bp_finding note = bpi_finding(BP_FINDING_OTHER_INSTRUCTIONS, BP_SEVERITY_NOTE);
    note.epoch = c->trainer->epochs;
    if (strcmp(c->instructions, c->network->kernel->name) != 0)
        bpi_add_finding(c->trainer, &note);
}

bp_status bpi_checkpoint_read(bp_trainer **out, bp_network *net, const bp_trainer_options *given,
                              const byte_source *source)
{
    checkpoint c = {.network = net};
    section_file file;
    bp_status status = bpi_section_file_scan(&file, &checkpoint_format, source);
    if (status == BP_OK)
        status = read_trainer(&c, &file, given);
    if (status == BP_OK) {
        give_to_network(&c);
        note_instructions(&c);
        bpi_note_given_options(c.trainer, given);
        c.trainer->is_loaded = true;
        bpi_update_rates(c.trainer);
        *out = c.trainer;
    } else {
        bp_trainer_destroy(c.trainer);
    }
    bpi_scaling_clear(&net->allocator, &c.part.inputs);
    bpi_scaling_clear(&net->allocator, &c.part.targets);
    bpi_release(&net->allocator, c.part.weights);
    bpi_release(&net->allocator, c.part.training);
    bpi_release(&net->allocator, c.part.noise);
    return status;
}
