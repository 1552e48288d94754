/* Hand-made model files with delayed connections, shared weights, initial states and time steps: as
 * documented, and with something wrong in each section. */
#include <math.h>
#include <string.h>

#include "format/model_bytes.h"
#include "format/model_example.h"

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
    bp_network *net = model_load(model.bytes, model.size, NULL);
    model_assert_saves_alike(net, model.bytes, model.size);
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
    bp_network_destroy(model_load(model.bytes, model.size, NULL)); /* another way to have four weights */
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

static void test_each_allocation(void **state)
{
    (void)state;
    model_bytes model;
    make_small(&model, &(sections){0});
    test_each_allocation_fails(model_load_attempt, &model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
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
