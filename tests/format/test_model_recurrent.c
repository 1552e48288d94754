/* Model files of networks with shared weights, delayed connections and initial states, and of unrolled ones.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "format/model_bytes.h"
#include "format/model_example.h"
#include "reference/random_network.h"
#include "reference/random_recurrent.h"

/* ---------------------------------------------------------------- round trips */

static unsigned char *save(const bp_network *net, size_t *size)
{
    assert_ok(bp_network_save_memory(net, NULL, 0, size));
    unsigned char *bytes = malloc(*size);
    assert_non_null(bytes);
    assert_ok(bp_network_save_memory(net, bytes, *size, NULL));
    return bytes;
}

static bp_network *load(const void *bytes, size_t size, const bp_network_options *options)
{
    bp_network *net = NULL;
    assert_ok(bp_network_load_memory(&net, bytes, size, options));
    return net;
}

static void assert_saves_alike(const bp_network *net, const unsigned char *bytes, size_t size)
{
    size_t again_size;
    unsigned char *again = save(net, &again_size);
    assert_int_equal(again_size, size);
    assert_memory_equal(again, bytes, size);
    free(again);
}

static void assert_same_gradient(const bp_network *a, const bp_network *b, const random_recurrent *random)
{
    const bp_network *nets[] = {a, b};
    bp_real *gradients[2];
    double errors[2];
    size_t count;
    bp_network_weights(a, &count);
    for (int i = 0; i < 2; i++) {
        bp_workspace *workspace = NULL;
        gradients[i] = calloc(count, sizeof(bp_real));
        assert_non_null(gradients[i]);
        assert_ok(bp_workspace_create(&workspace, nets[i], 4));
        assert_ok(
            bp_network_gradient(nets[i], workspace, &random->data, random->loss, &errors[i], gradients[i]));
        bp_workspace_destroy(workspace);
    }
    assert_true(errors[0] == errors[1]);
    assert_memory_equal(gradients[0], gradients[1], count * sizeof(bp_real));
    free(gradients[0]);
    free(gradients[1]);
}

static bp_network_options options_with(const bp_activation *activation)
{
    bp_network_options options;
    bp_network_options_init(&options, sizeof options);
    options.activations = activation;
    options.activation_count = 1;
    return options;
}

static void check_round_trip(uint64_t seed, const bp_network_options *options)
{
    random_recurrent *random = random_recurrent_create(seed);
    size_t size, unrolled_size;
    unsigned char *bytes = save(random->net, &size);
    unsigned char *unrolled_bytes = save(random->unrolled, &unrolled_size);
    bp_network *net = load(bytes, size, options);
    bp_network *unrolled = load(unrolled_bytes, unrolled_size, options), *again = NULL;
    bp_unroll_options steps;
    bp_unroll_options_init(&steps, sizeof steps);
    steps.steps = random->times.steps;
    steps.input_steps = random->times.has_input;
    steps.output_steps = random->times.has_output;
    assert_ok(bp_network_unroll(&again, net, &steps));
    assert_saves_alike(net, bytes, size);
    assert_saves_alike(unrolled, unrolled_bytes, unrolled_size);
    assert_same_gradient(unrolled, random->unrolled, random);
    assert_same_gradient(again, random->unrolled, random);
    bp_network_destroy(net);
    bp_network_destroy(unrolled);
    bp_network_destroy(again);
    free(bytes);
    free(unrolled_bytes);
    random_recurrent_destroy(random);
}

static void test_random_networks_come_back(void **state)
{
    (void)state;
    bp_activation custom = random_custom_activation();
    bp_network_options options = options_with(&custom);
    for (uint64_t seed = 1; seed <= 150; seed++)
        check_round_trip(seed, &options);
}

/* The start values of learned states are part of the file; the rules of the other weights are not. */
static void test_learned_states_start_alike(void **state)
{
    (void)state;
    bp_network *net = NULL;
    assert_ok(example_recurrent_create(&net, NULL));
    size_t size;
    unsigned char *bytes = save(net, &size);
    bp_network *loaded = load(bytes, size, NULL);
    bp_real now[2], start[2];
    bp_layer *h = bp_network_find_layer(loaded, "h");
    assert_ok(bp_layer_get_initial_state(h, now, 2));
    assert_memory_equal(now, bp_network_weights(net, NULL) + bp_layer_state_offset(h), sizeof now);
    assert_ok(bp_network_initialize(loaded, 1));
    assert_ok(bp_layer_get_initial_state(h, start, 2));
    assert_true(start[0] == (bp_real)0.5 && start[1] == (bp_real)-0.25);
    bp_network_destroy(net);
    bp_network_destroy(loaded);
    free(bytes);
}

static void test_scaling_of_an_unrolled_network_is_its_own(void **state)
{
    (void)state;
    const bp_real offsets[] = {1, 2, 3, 4}, factors[] = {5, 6, 7, 8};
    bp_real got_offsets[4], got_factors[4];
    bp_network *net = NULL;
    assert_ok(example_unrolled_create(&net, NULL));
    assert_ok(bp_network_set_input_scaling(net, offsets, factors, 4));
    size_t size;
    unsigned char *bytes = save(net, &size);
    bp_network *loaded = load(bytes, size, NULL);
    assert_ok(bp_network_get_input_scaling(loaded, got_offsets, got_factors, 4));
    assert_memory_equal(got_offsets, offsets, sizeof offsets);
    assert_memory_equal(got_factors, factors, sizeof factors);
    bp_network_destroy(net);
    bp_network_destroy(loaded);
    free(bytes);
}

/* ------------------------------------------------------------------ kept files */

static void check_kept(const char *recurrent_path, const char *unrolled_path)
{
    bp_network *net = NULL, *unrolled = NULL;
    assert_ok(bp_network_load(&net, recurrent_path, NULL));
    assert_ok(bp_network_load(&unrolled, unrolled_path, NULL));
    size_t count, unrolled_count;
    const bp_real *weights = bp_network_weights(net, &count);
    assert_memory_equal(bp_network_weights(unrolled, &unrolled_count), weights, count * sizeof *weights);
    assert_int_equal(count, RECURRENT_WEIGHTS);
    assert_int_equal(unrolled_count, RECURRENT_WEIGHTS);

    const bp_real inputs[] = {1, 2, -3, 4, (bp_real)0.5, 6, 7, -8}, targets[4] = {0};
    bp_data data = bp_data_view(2, inputs, 4, targets, 2);
    bp_workspace *workspace = NULL;
    bp_real outputs[4];
    double wanted[4];
    assert_ok(bp_workspace_create(&workspace, unrolled, 2));
    assert_ok(bp_network_predict(unrolled, workspace, &data, outputs));
    bp_workspace_destroy(workspace);
    recurrent_times times = {.steps = RECURRENT_EXAMPLE_STEPS};
    memcpy(times.has_input, example_input_steps, sizeof example_input_steps);
    memcpy(times.has_output, example_output_steps, sizeof example_output_steps);
    reference *ref = reference_create(net, NULL, 0, NULL);
    recurrent_run(ref, &times, &data, REFERENCE_SQUARED_ERROR, &(reference_result){.outputs = wanted});
    reference_destroy(ref);
    for (int i = 0; i < 4; i++)
        assert_close(outputs[i], wanted[i], TOLERANCE(1e-6, 1e-13));
    bp_network_destroy(net);
    bp_network_destroy(unrolled);
}

static void test_kept_float_files(void **state)
{
    (void)state;
    check_kept("data/model-v1-recurrent-float.bp", "data/model-v1-unrolled-float.bp");
}

static void test_kept_double_files(void **state)
{
    (void)state;
    check_kept("data/model-v1-recurrent-double.bp", "data/model-v1-unrolled-double.bp");
}

/* ---------------------------------------------------------------- hand-made files */

/* What to put instead of a section of the small network; NULL: what belongs there. */
typedef void (*put_section)(model_bytes *model);

typedef struct sections {
    put_section connections, delayed, shared, states, steps;
} sections;

static void put_connections(model_bytes *model)
{
    static const uint64_t pairs[][2] = {{0, 1}, {1, 1}, {1, 2}};
    model_section(model, "CONN");
    model_u64(model, 3);
    for (size_t i = 0; i < 3; i++) {
        model_u64(model, pairs[i][0]);
        model_u64(model, pairs[i][1]);
    }
    model_section_end(model);
}

static void put_indices(model_bytes *model, const char *tag, size_t count, const uint64_t *indices)
{
    model_section(model, tag);
    model_u64(model, count);
    for (size_t i = 0; i < count; i++)
        model_u64(model, indices[i]);
    model_section_end(model);
}

static void put_delayed(model_bytes *model)
{
    put_indices(model, "DELY", 1, (const uint64_t[]){1});
}

static void put_pairs(model_bytes *model, uint64_t connection, uint64_t with, uint64_t layer, uint64_t other)
{
    model_section(model, "SHAR");
    model_u64(model, 1);
    model_u64(model, connection);
    model_u64(model, with);
    model_u64(model, 1);
    model_u64(model, layer);
    model_u64(model, other);
    model_section_end(model);
}

static void put_shared(model_bytes *model)
{
    put_pairs(model, 2, 0, 2, 1);
}

static void put_state(model_bytes *model, uint64_t count, uint64_t layer, uint32_t flags, double value)
{
    model_section(model, "STAT");
    model_u64(model, count);
    model_u64(model, layer);
    model_u32(model, flags);
    model_real(model, value);
    model_section_end(model);
}

static void put_states(model_bytes *model)
{
    put_state(model, 1, 1, 1, 0.5);
}

static void put_flags(model_bytes *model, uint64_t count, const unsigned char *flags, size_t bytes)
{
    model_section(model, "UNRL");
    model_u64(model, count);
    for (size_t i = 0; i < bytes; i++)
        model_u8(model, flags[i]);
    model_section_end(model);
}

static void put_steps(model_bytes *model)
{
    put_flags(model, 2, (const unsigned char[]){1, 3}, 2);
}

static void put(model_bytes *model, put_section instead, put_section usual)
{
    (instead != NULL ? instead : usual)(model);
}

/* in -> h -> out with one unit each, h to itself delayed; both matrices without delay and both biases are
 * one, and h has a learned state: four weights. */
static void make_small(model_bytes *model, const sections *instead)
{
    model_begin(model, 1, sizeof(bp_real));
    model_section(model, "LAYR");
    model_u64(model, 3);
    model_layer(model, 1, MODEL_INPUT, "in", NULL);
    model_layer(model, 1, MODEL_BIAS, "h", "tanh");
    model_layer(model, 1, MODEL_BIAS, "out", "linear");
    model_section_end(model);
    put(model, instead->connections, put_connections);
    put(model, instead->delayed, put_delayed);
    put_indices(model, "OUTP", 1, (const uint64_t[]){2});
    put(model, instead->shared, put_shared);
    put(model, instead->states, put_states);
    put(model, instead->steps, put_steps);
    model_section(model, "WGHT");
    model_u64(model, 4);
    for (int i = 1; i <= 4; i++)
        model_real(model, i / 4.0);
    model_section_end(model);
    model_end(model);
}

static void test_documented_bytes(void **state)
{
    (void)state;
    model_bytes model;
    make_small(&model, &(sections){0});
    bp_network *net = load(model.bytes, model.size, NULL);
    assert_saves_alike(net, model.bytes, model.size);
    assert_int_equal(bp_network_layer_count(net), 6); /* h@0 in@1 h@1, in@2 h@2 out@2 */
    const bp_layer *h0 = bp_network_layer(net, 0), *out = bp_network_find_layer(net, "out@2");
    assert_string_equal(bp_layer_name(h0), "h@0");
    assert_int_equal(bp_layer_state_offset(h0), 3);
    assert_int_equal(bp_layer_bias_offset(out), 2);
    assert_int_equal(bp_connection_offset(bp_network_connection(net, bp_network_connection_count(net) - 1)),
                     0);
    bp_network_destroy(net);
}

static void assert_refused(const sections *instead, bp_status status, const char *part)
{
    model_bytes model;
    make_small(&model, instead);
    bp_network *net = NULL;
    assert_fails(bp_network_load_memory(&net, model.bytes, model.size, NULL), status, part);
    assert_null(net);
}

static void delayed_twice(model_bytes *model)
{
    put_indices(model, "DELY", 2, (const uint64_t[]){1, 1});
}

static void delayed_beyond(model_bytes *model)
{
    put_indices(model, "DELY", 1, (const uint64_t[]){3});
}

static void delayed_none(model_bytes *model)
{
    put_indices(model, "DELY", 0, NULL);
}

static void delayed_too_short(model_bytes *model)
{
    model_section(model, "DELY");
    model_u64(model, SIZE_MAX / 4);
    model_u64(model, 1);
    model_section_end(model);
}

static void delayed_too_long(model_bytes *model)
{
    model_section(model, "DELY");
    model_u64(model, 1);
    model_u64(model, 1);
    model_u64(model, 2);
    model_section_end(model);
}

static void test_delayed(void **state)
{
    (void)state;
    assert_refused(&(sections){.delayed = delayed_twice}, BP_ERROR_FORMAT, "delayed connection 1 follows 1");
    assert_refused(&(sections){.delayed = delayed_beyond}, BP_ERROR_FORMAT,
                   "connection 3 does not exist, there are 3");
    assert_refused(&(sections){.delayed = delayed_none}, BP_ERROR_FORMAT,
                   "layer 'h' cannot be connected to itself");
    assert_refused(&(sections){.delayed = delayed_too_short}, BP_ERROR_FORMAT, "section DELY is too short");
    assert_refused(&(sections){.delayed = delayed_too_long}, BP_ERROR_FORMAT, "section DELY has 8 bytes");
}

static void shared_beyond(model_bytes *model)
{
    put_pairs(model, 2, 3, 2, 1);
}

static void shared_itself(model_bytes *model)
{
    put_pairs(model, 2, 2, 2, 1);
}

static void shared_input(model_bytes *model)
{
    put_pairs(model, 2, 0, 2, 0);
}

static void shared_layer_beyond(model_bytes *model)
{
    put_pairs(model, 2, 0, 3, 0);
}

static void shared_more(model_bytes *model)
{
    put_pairs(model, 1, 0, 2, 1);
}

static void test_shared(void **state)
{
    (void)state;
    assert_refused(&(sections){.shared = shared_beyond}, BP_ERROR_FORMAT,
                   "connection 3 does not exist, there are 3");
    assert_refused(&(sections){.shared = shared_itself}, BP_ERROR_FORMAT,
                   "'h' -> 'out' (1 x 1) cannot share");
    assert_refused(&(sections){.shared = shared_input}, BP_ERROR_FORMAT,
                   "cannot share the biases of layer 'in'");
    assert_refused(&(sections){.shared = shared_layer_beyond}, BP_ERROR_FORMAT, "layer 3 does not exist");
    model_bytes model;
    make_small(&model, &(sections){.shared = shared_more});
    bp_network_destroy(load(model.bytes, model.size, NULL)); /* another way to have four weights */
}

static void state_of_no_layer(model_bytes *model)
{
    put_state(model, 1, 3, 1, 0.5);
}

static void state_unknown(model_bytes *model)
{
    put_state(model, 1, 1, 2, 0.5);
}

static void state_not_used(model_bytes *model)
{
    put_state(model, 1, 2, 1, 0.5);
}

static void state_fixed(model_bytes *model)
{
    put_state(model, 1, 1, 0, 0.5);
}

static void state_infinite(model_bytes *model)
{
    put_state(model, 1, 1, 1, (double)INFINITY);
}

static void state_twice(model_bytes *model)
{
    model_section(model, "STAT");
    model_u64(model, 2);
    for (int i = 0; i < 2; i++) {
        model_u64(model, 1);
        model_u32(model, 1);
        model_real(model, 0);
    }
    model_section_end(model);
}

static void state_cut(model_bytes *model)
{
    model_section(model, "STAT");
    model_u64(model, 1);
    model_u64(model, 1);
    model_u32(model, 1);
    model_section_end(model);
}

static void test_states(void **state)
{
    (void)state;
    assert_refused(&(sections){.states = state_of_no_layer}, BP_ERROR_FORMAT, "layer 3 does not exist");
    assert_refused(&(sections){.states = state_unknown}, BP_ERROR_VERSION,
                   "the flags of an initial state are 0x2");
    assert_refused(&(sections){.states = state_not_used}, BP_ERROR_FORMAT,
                   "layer 'out' has an initial state, but no delayed connection");
    assert_refused(&(sections){.states = state_fixed}, BP_ERROR_FORMAT,
                   "the structure needs 3 weights, but section WGHT has 4");
    assert_refused(&(sections){.states = state_infinite}, BP_ERROR_NOT_FINITE,
                   "the initial state of unit 0 of layer 'h' is inf");
    assert_refused(&(sections){.states = state_twice}, BP_ERROR_FORMAT, "layer 'h' has two initial states");
    assert_refused(&(sections){.states = state_cut}, BP_ERROR_FORMAT,
                   "section STAT is too short for the 1 units of layer 'h'");
}

static void steps_none(model_bytes *model)
{
    put_flags(model, 0, NULL, 0);
}

static void steps_claimed(model_bytes *model)
{
    put_flags(model, SIZE_MAX, (const unsigned char[]){3, 3}, 2);
}

static void steps_too_many(model_bytes *model)
{
    put_flags(model, 1, (const unsigned char[]){3, 3}, 2);
}

static void steps_unknown(model_bytes *model)
{
    put_flags(model, 2, (const unsigned char[]){3, 4}, 2);
}

static void steps_without_output(model_bytes *model)
{
    put_flags(model, 2, (const unsigned char[]){1, 1}, 2);
}

static void steps_without_input(model_bytes *model)
{
    put_flags(model, 2, (const unsigned char[]){2, 2}, 2);
}

static void test_steps(void **state)
{
    (void)state;
    assert_refused(&(sections){.steps = steps_none}, BP_ERROR_FORMAT, "none of 0 steps has inputs");
    assert_refused(&(sections){.steps = steps_claimed}, BP_ERROR_FORMAT, "section UNRL is too short");
    assert_refused(&(sections){.steps = steps_too_many}, BP_ERROR_FORMAT,
                   "section UNRL has 1 bytes too many");
    assert_refused(&(sections){.steps = steps_unknown}, BP_ERROR_VERSION, "the step's flags are 0x4");
    assert_refused(&(sections){.steps = steps_without_output}, BP_ERROR_FORMAT,
                   "none of 2 steps has outputs");
    assert_refused(&(sections){.steps = steps_without_input}, BP_ERROR_FORMAT, "none of 2 steps has inputs");
}

/* A reader that does not know the sections must refuse the file; they look to it as these do to this one. */
static void test_a_reader_that_does_not_know_them(void **state)
{
    (void)state;
    static const char tags[][5] = {"DELY", "SHAR", "STAT", "UNRL"};
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        model_bytes model;
        bp_network *net = NULL;
        make_small(&model, &(sections){0});
        size_t at = 0;
        while (memcmp(model.bytes + at, tags[i], 4) != 0)
            at++;
        model.bytes[at + 3] = 'Q';
        model_fix_checksums(model.bytes, model.size);
        assert_fails(bp_network_load_memory(&net, model.bytes, model.size, NULL), BP_ERROR_VERSION,
                     "is needed to use this file, but unknown");
    }
}

static void test_a_bad_weight_is_named(void **state)
{
    (void)state;
    static const char *const places[] = {
        "from unit 0 of layer 'in' to unit 0 of layer 'h'", "from unit 0 of layer 'h' to unit 0 of layer 'h'",
        "the bias of unit 0 of layer 'h'", "the initial state of unit 0 of layer 'h'"};
    const size_t behind = 4 + 12 + 4; /* the checksum of WGHT; ENDF */
    for (size_t i = 0; i < 4; i++) {
        model_bytes model;
        bp_network *net = NULL;
        make_small(&model, &(sections){0});
        model_bytes number = {.real_bytes = sizeof(bp_real)};
        model_real(&number, (double)NAN);
        memcpy(model.bytes + model.size - behind - (4 - i) * sizeof(bp_real), number.bytes, sizeof(bp_real));
        model_fix_checksums(model.bytes, model.size);
        assert_fails(bp_network_load_memory(&net, model.bytes, model.size, NULL), BP_ERROR_NOT_FINITE,
                     places[i]);
    }
}

static bp_status attempt(void *context, const bp_allocator *allocator)
{
    const model_bytes *model = context;
    bp_network_options options;
    bp_network_options_init(&options, sizeof options);
    options.allocator = *allocator;
    bp_network *net = NULL;
    bp_status status = bp_network_load_memory(&net, model->bytes, model->size, &options);
    bp_network_destroy(net);
    return status;
}

static void test_each_allocation(void **state)
{
    (void)state;
    model_bytes model;
    make_small(&model, &(sections){0});
    test_each_allocation_fails(attempt, &model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_networks_come_back),
        cmocka_unit_test(test_learned_states_start_alike),
        cmocka_unit_test(test_scaling_of_an_unrolled_network_is_its_own),
        cmocka_unit_test(test_kept_float_files),
        cmocka_unit_test(test_kept_double_files),
        cmocka_unit_test(test_documented_bytes),
        cmocka_unit_test(test_delayed),
        cmocka_unit_test(test_shared),
        cmocka_unit_test(test_states),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_a_reader_that_does_not_know_them),
        cmocka_unit_test(test_a_bad_weight_is_named),
        cmocka_unit_test(test_each_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
