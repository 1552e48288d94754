#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/model_bytes.h"
#include "format/model_example.h"

static bp_network_options options_with_softsign(bp_activation *known)
{
    bp_network_options options;
    bp_network_options_init(&options, sizeof options);
    *known = example_softsign();
    options.activations = known;
    options.activation_count = 1;
    return options;
}

/* ------------------------------------------------------------ random networks */

enum { MOST_LAYERS = 8, MOST_COLUMNS = 64, CASES = 5 };

static bp_activation random_activation(uint64_t *random)
{
    const bp_activation choice[] = {bp_activation_linear(), bp_activation_logistic(), bp_activation_tanh(),
                                    bp_activation_relu(),   bp_activation_softmax(),  example_softsign()};
    return choice[test_below(random, sizeof choice / sizeof choice[0])];
}

static void add_random_layers(bp_network *net, uint64_t *random, size_t inputs, size_t layers)
{
    for (size_t i = 0; i < layers; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s %zu \xc3\xa4", i < inputs ? "in" : "layer", i);
        size_t units = 1 + test_below(random, 7);
        if (i < inputs) {
            assert_ok(bp_network_add_input(NULL, net, name, units));
            continue;
        }
        bp_layer *layer = NULL;
        assert_ok(bp_network_add_layer(&layer, net, name, units, random_activation(random)));
        assert_ok(bp_layer_enable_bias(layer, test_below(random, 3) > 0));
    }
}

/* Every layer sends to a later one, and every layer but the inputs gets something from an earlier one. */
static void connect_at_random(bp_network *net, uint64_t *random, size_t inputs, size_t layers)
{
    for (size_t to = layers - 1; to >= inputs; to--)
        for (size_t from = 0; from < to; from++)
            if (from == to - 1 || to == layers - 1 || test_below(random, 3) == 0)
                assert_ok(
                    bp_network_connect(NULL, net, bp_network_layer(net, from), bp_network_layer(net, to)));
}

static void set_random_numbers(bp_network *net, uint64_t *random)
{
    bp_real offsets[MOST_COLUMNS], factors[MOST_COLUMNS];
    assert_ok(bp_network_initialize(net, test_below(random, 1000)));
    for (size_t i = 0; i < MOST_COLUMNS; i++) {
        offsets[i] = (bp_real)test_uniform(random, -2, 2);
        factors[i] = (bp_real)test_uniform(random, 0.1, 3);
    }
    if (test_below(random, 2) == 0)
        assert_ok(bp_network_set_input_scaling(net, offsets, factors, bp_network_input_width(net)));
    if (test_below(random, 2) == 0)
        assert_ok(bp_network_set_target_scaling(net, offsets, factors, bp_network_output_width(net)));
}

static bp_network *make_random_network(uint64_t *random)
{
    size_t inputs = 1 + test_below(random, 2), layers = inputs + 1 + test_below(random, MOST_LAYERS - 3);
    bp_network *net = NULL;
    assert_ok(bp_network_create(&net, NULL));
    add_random_layers(net, random, inputs, layers);
    connect_at_random(net, random, inputs, layers);
    assert_ok(bp_layer_set_output(bp_network_layer(net, layers - 1)));
    for (size_t i = inputs; i < layers - 1; i++)
        if (test_below(random, 4) == 0)
            assert_ok(bp_layer_set_output(bp_network_layer(net, i)));
    assert_ok(bp_network_finalize(net));
    set_random_numbers(net, random);
    return net;
}

/* ------------------------------------------------------------------- sameness */

static void assert_same_layers(const bp_network *a, const bp_network *b)
{
    assert_int_equal(bp_network_layer_count(a), bp_network_layer_count(b));
    for (size_t i = 0; i < bp_network_layer_count(a); i++) {
        const bp_layer *x = bp_network_layer(a, i), *y = bp_network_layer(b, i);
        bp_activation f = bp_layer_activation(x), g = bp_layer_activation(y);
        assert_string_equal(bp_layer_name(x), bp_layer_name(y));
        assert_int_equal(bp_layer_units(x), bp_layer_units(y));
        assert_int_equal(bp_layer_is_input(x), bp_layer_is_input(y));
        assert_int_equal(bp_layer_is_output(x), bp_layer_is_output(y));
        assert_int_equal(bp_layer_has_bias(x), bp_layer_has_bias(y));
        assert_int_equal(bp_layer_bias_offset(x), bp_layer_bias_offset(y));
        assert_string_equal(bp_activation_name(&f), bp_activation_name(&g));
        assert_true(f.function == g.function);
    }
}

static void assert_same_connections(const bp_network *a, const bp_network *b)
{
    assert_int_equal(bp_network_connection_count(a), bp_network_connection_count(b));
    for (size_t i = 0; i < bp_network_connection_count(a); i++) {
        const bp_connection *x = bp_network_connection(a, i), *y = bp_network_connection(b, i);
        assert_int_equal(bp_layer_index(bp_connection_from(x)), bp_layer_index(bp_connection_from(y)));
        assert_int_equal(bp_layer_index(bp_connection_to(x)), bp_layer_index(bp_connection_to(y)));
        assert_int_equal(bp_connection_offset(x), bp_connection_offset(y));
    }
}

static void assert_same_weights(const bp_network *a, const bp_network *b)
{
    size_t count, other_count;
    const bp_real *weights = bp_network_weights(a, &count), *others = bp_network_weights(b, &other_count);
    assert_int_equal(count, other_count);
    assert_memory_equal(weights, others, count * sizeof *weights);
}

static bp_status try_predict(const bp_network *net, const bp_real *inputs, size_t cases, bp_real *outputs)
{
    bp_workspace *workspace = NULL;
    bp_data data = bp_data_view(cases, inputs, bp_network_input_width(net), NULL, 0);
    assert_ok(bp_workspace_create(&workspace, net, cases));
    bp_status status = bp_network_predict(net, workspace, &data, outputs);
    bp_workspace_destroy(workspace);
    return status;
}

static void predict(const bp_network *net, const bp_real *inputs, size_t cases, bp_real *outputs)
{
    assert_ok(try_predict(net, inputs, cases, outputs));
}

static void assert_same_predictions(const bp_network *a, const bp_network *b, uint64_t *random)
{
    bp_real inputs[CASES * MOST_COLUMNS], outputs[CASES * MOST_COLUMNS], others[CASES * MOST_COLUMNS];
    for (size_t i = 0; i < CASES * MOST_COLUMNS; i++)
        inputs[i] = (bp_real)test_uniform(random, -1, 1);
    assert_int_equal(bp_network_output_width(a), bp_network_output_width(b));
    predict(a, inputs, CASES, outputs);
    predict(b, inputs, CASES, others);
    assert_memory_equal(outputs, others, CASES * bp_network_output_width(a) * sizeof *outputs);
}

static void test_random_networks_come_back_as_they_were(void **state)
{
    (void)state;
    bp_activation known;
    bp_network_options options = options_with_softsign(&known);
    uint64_t random = 1986;
    for (int round = 0; round < 60; round++) {
        bp_network *net = make_random_network(&random), *loaded = NULL;
        size_t size, again_size;
        unsigned char *bytes = test_save(net, &size);
        assert_ok(bp_network_load_memory(&loaded, bytes, size, &options));
        assert_same_layers(net, loaded);
        assert_same_connections(net, loaded);
        assert_same_weights(net, loaded);
        assert_same_predictions(net, loaded, &random);
        unsigned char *again = test_save(loaded, &again_size);
        assert_int_equal(again_size, size);
        assert_memory_equal(again, bytes, size); /* scaling and order of outputs too */
        free(bytes);
        free(again);
        bp_network_destroy(net);
        bp_network_destroy(loaded);
    }
}

/* ---------------------------------------------------------------------- files */

static void test_file_holds_the_bytes_of_save_memory(void **state)
{
    (void)state;
    bp_activation known;
    bp_network_options options = options_with_softsign(&known);
    bp_network *net = NULL, *loaded = NULL;
    uint64_t random = 7;
    assert_ok(example_create(&net, NULL));
    char *directory = test_make_directory();
    const char *path = test_path(directory, "example.bp");
    assert_ok(bp_network_save(net, path));
    size_t size;
    unsigned char *bytes = test_save(net, &size), *read = malloc(size + 1);
    assert_non_null(read);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(read, 1, size + 1, file), size);
    fclose(file);
    assert_memory_equal(read, bytes, size);
    assert_ok(bp_network_load(&loaded, path, &options));
    assert_same_predictions(net, loaded, &random);
    free(bytes);
    free(read);
    bp_network_destroy(net);
    bp_network_destroy(loaded);
    test_remove_directory(directory);
}

/*
 * Files of version 1 as make_model_v1.c made them, in both precisions. The predictions were computed from the
 * equations by another program in double precision.
 */
static void check_version_1(const char *path)
{
    static const bp_real inputs[3 * EXAMPLE_INPUTS] = {0, 0, 0, (bp_real)1.5, -3, 2, (bp_real)-0.25, 4, -1};
    static const double wanted[3 * EXAMPLE_OUTPUTS] = {
        9.688087250239597,   0.09769787089431826, -0.8944833256540885, 10.063458656076662, 0.6194534265828865,
        -0.8578879927053841, 9.282965553701285,   0.05259585718463864, -0.8654893992005286};
    bp_activation known;
    bp_network_options options = options_with_softsign(&known);
    bp_network *net = NULL, *example = NULL;
    bp_real outputs[3 * EXAMPLE_OUTPUTS];
    assert_ok(bp_network_load(&net, path, &options));
    predict(net, inputs, 3, outputs);
    for (size_t i = 0; i < 3 * EXAMPLE_OUTPUTS; i++)
        assert_close(outputs[i], wanted[i], TOLERANCE(1e-5, 1e-13));
    assert_ok(example_create(&example, NULL));
    assert_same_layers(net, example);
    assert_same_connections(net, example);
    assert_same_weights(net, example);
    bp_network_destroy(net);
    bp_network_destroy(example);
}

static void test_version_1_in_float(void **state)
{
    (void)state;
    check_version_1("data/model-v1-float.bp");
}

static void test_version_1_in_double(void **state)
{
    (void)state;
    check_version_1("data/model-v1-double.bp");
}

static void test_files_that_cannot_be_read(void **state)
{
    (void)state;
    bp_network *out = NULL;
    char *directory = test_make_directory();
    const char *missing = test_path(directory, "missing.bp"), *empty = test_path(directory, "empty.bp");
    assert_fails(bp_network_load(&out, missing, NULL), BP_ERROR_FILE, missing);
    assert_fails(bp_network_load(&out, directory, NULL), BP_ERROR_FILE, "directory");
    test_write_file(empty, "", 0);
    assert_fails(bp_network_load(&out, empty, NULL), BP_ERROR_FORMAT, "empty.bp: byte 0: ");
    assert_null(out);
    test_remove_directory(directory);
}

/* --------------------------------------------------------------------- damage */

/* An allocator that remembers the largest request. */
static void *allocate_and_measure(void *largest, size_t size)
{
    if (size > *(size_t *)largest)
        *(size_t *)largest = size;
    return malloc(size);
}

static void release(void *largest, void *memory)
{
    (void)largest;
    free(memory);
}

/* Loads what may be damaged anywhere. What is taken must be a network like any other; memory stays in bounds.
 */
static void load_damaged(const unsigned char *bytes, size_t size, bp_network_options *options)
{
    size_t largest = 0;
    options->allocator = (bp_allocator){allocate_and_measure, release, &largest};
    bp_network *net = NULL;
    bp_status status = bp_network_load_memory(&net, bytes, size, options);
    assert_true(largest < 16 * size);
    if (status != BP_OK) {
        assert_null(net);
        assert_non_null(strstr(bp_error_message(), ": byte "));
        return;
    }
    bp_real inputs[MOST_COLUMNS] = {0}, outputs[MOST_COLUMNS];
    assert_true(bp_network_input_width(net) <= MOST_COLUMNS && bp_network_output_width(net) <= MOST_COLUMNS);
    status = try_predict(net, inputs, 1, outputs); /* damaged weights can be too large */
    assert_true(status == BP_OK || status == BP_ERROR_NOT_FINITE);
    size_t again_size;
    free(test_save(net, &again_size));
    bp_network_destroy(net);
}

static void test_damage_behind_right_checksums(void **state)
{
    (void)state;
    static const unsigned char values[] = {0, 1, 2, 3, 5, 0x20, 0x7f, 0x80, 0xff};
    bp_activation known;
    bp_network_options options = options_with_softsign(&known);
    bp_network *net = NULL;
    assert_ok(example_create(&net, NULL));
    size_t size;
    unsigned char *bytes = test_save(net, &size), *damaged = malloc(size);
    assert_non_null(damaged);
    for (size_t i = 0; i < size; i++)
        for (size_t v = 0; v < sizeof values; v++) {
            memcpy(damaged, bytes, size);
            damaged[i] = values[v];
            model_fix_checksums(damaged, size);
            load_damaged(damaged, size, &options);
        }
    free(bytes);
    free(damaged);
    bp_network_destroy(net);
}

static void test_random_damage_behind_right_checksums(void **state)
{
    (void)state;
    bp_activation known;
    bp_network_options options = options_with_softsign(&known);
    bp_network *net = NULL;
    assert_ok(example_create(&net, NULL));
    size_t size;
    unsigned char *bytes = test_save(net, &size), *damaged = malloc(size);
    assert_non_null(damaged);
    uint64_t random = 42;
    for (int round = 0; round < 5000; round++) {
        memcpy(damaged, bytes, size);
        for (size_t i = test_below(&random, 6) + 1; i > 0; i--)
            damaged[20 + test_below(&random, size - 20)] = (unsigned char)test_below(&random, 256);
        model_fix_checksums(damaged, size);
        load_damaged(damaged, size, &options);
    }
    free(bytes);
    free(damaged);
    bp_network_destroy(net);
}

/* ------------------------------------------------------------- calls, memory */

static void test_wrong_calls(void **state)
{
    (void)state;
    bp_network *net = NULL, *out = NULL;
    size_t needed = 77;
    unsigned char byte = 0;
    assert_ok(example_create(&net, NULL));
    assert_fails(bp_network_save(NULL, "x"), BP_ERROR_ARGUMENT, "net");
    assert_fails(bp_network_save(net, NULL), BP_ERROR_ARGUMENT, "path");
    assert_fails(bp_network_load(NULL, "x", NULL), BP_ERROR_ARGUMENT, "out");
    assert_fails(bp_network_load(&out, NULL, NULL), BP_ERROR_ARGUMENT, "path");
    assert_fails(bp_network_load_memory(NULL, &byte, 1, NULL), BP_ERROR_ARGUMENT, "out");
    assert_fails(bp_network_load_memory(&out, NULL, 1, NULL), BP_ERROR_ARGUMENT, "buffer");
    assert_fails(bp_network_save_memory(NULL, &byte, 1, &needed), BP_ERROR_ARGUMENT, "net");
    assert_fails(bp_network_save_memory(net, NULL, 9, &needed), BP_ERROR_ARGUMENT, "buffer is NULL");
    assert_fails(bp_network_save_memory(net, NULL, 0, NULL), BP_ERROR_ARGUMENT, "needed");
    bp_network_options options;
    bp_network_options_init(&options, sizeof options);
    options.isa = "abacus";
    assert_fails(bp_network_load(&out, "net.bp", &options), BP_ERROR_UNSUPPORTED,
                 "bp_network_load: options.isa is 'abacus'");
    assert_fails(bp_network_load_memory(&out, "", 0, &options), BP_ERROR_UNSUPPORTED,
                 "bp_network_load_memory: options.isa is 'abacus'");
    memset(&options, 0, sizeof options);
    assert_fails(bp_network_load_memory(&out, &byte, 1, &options), BP_ERROR_ARGUMENT, "size");
    assert_int_equal(needed, 77);
    assert_null(out);
    bp_network_destroy(net);
}

static void test_capacity_of_the_buffer(void **state)
{
    (void)state;
    bp_network *net = NULL;
    assert_ok(example_create(&net, NULL));
    size_t size, needed = 0;
    unsigned char *bytes = test_save(net, &size);
    memset(bytes, 0xee, size);
    assert_fails(bp_network_save_memory(net, bytes, size - 1, &needed), BP_ERROR_SIZE, "capacity");
    assert_int_equal(needed, size);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(bytes[i], 0xee);
    assert_fails(bp_network_save_memory(net, bytes, 0, &needed), BP_ERROR_SIZE, "capacity");
    assert_ok(bp_network_save_memory(net, bytes, size, NULL));
    assert_int_equal(bytes[0], 0x8b);
    free(bytes);
    bp_network_destroy(net);
}

static void test_networks_that_are_not_ready(void **state)
{
    (void)state;
    bp_network *net = NULL;
    bp_layer *in = NULL, *out = NULL;
    size_t needed = 77;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", 1));
    assert_ok(bp_network_add_layer(&out, net, "out", 1, bp_activation_tanh()));
    assert_ok(bp_network_connect(NULL, net, in, out));
    assert_fails(bp_network_save_memory(net, NULL, 0, &needed), BP_ERROR_STATE, "not finalized");
    assert_ok(bp_network_finalize(net));
    assert_fails(bp_network_save_memory(net, NULL, 0, &needed), BP_ERROR_STATE, "never been set");
    assert_fails(bp_network_save(net, "no/such/place"), BP_ERROR_STATE, "never been set");
    assert_int_equal(needed, 77);
    bp_network_destroy(net);
}

static bp_status load_example(void *path, const bp_allocator *allocator)
{
    bp_activation known;
    bp_network_options options = options_with_softsign(&known);
    options.allocator = *allocator;
    bp_network *net = NULL;
    bp_status status = bp_network_load(&net, path, &options);
    bp_network_destroy(net);
    return status;
}

static void test_loading_without_memory(void **state)
{
    (void)state;
    char path[] = "data/model-v1-float.bp";
    test_each_allocation_fails(load_example, path);
}

static void test_saving_without_memory(void **state)
{
    (void)state;
    char *directory = test_make_directory();
    test_memory memory;
    bp_network_options options;
    bp_network_options_init(&options, sizeof options);
    options.allocator = test_allocator(&memory, SIZE_MAX);
    bp_network *net = NULL;
    assert_ok(example_create(&net, &options));
    size_t live = memory.live;
    bp_status status = BP_ERROR_MEMORY;
    for (size_t fail_at = 0; status != BP_OK; fail_at++) {
        memory.calls = 0;
        memory.fail_at = fail_at;
        status = bp_network_save(net, test_path(directory, "example.bp"));
        assert_int_equal(memory.live, live);
        assert_int_equal(status, fail_at < 2 ? BP_ERROR_MEMORY : BP_OK);
    }
    bp_network_destroy(net);
    assert_int_equal(memory.live, 0);
    test_remove_directory(directory);
}

static void test_locale_does_not_matter(void **state)
{
    (void)state;
    static const char *const locales[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "C"};
    bp_network *net = NULL;
    assert_ok(example_create(&net, NULL));
    size_t size, again_size;
    unsigned char *bytes = test_save(net, &size);
    for (size_t i = 0; i < sizeof locales / sizeof locales[0]; i++) {
        if (setlocale(LC_ALL, locales[i]) == NULL)
            continue;
        unsigned char *again = test_save(net, &again_size);
        assert_int_equal(again_size, size);
        assert_memory_equal(again, bytes, size);
        free(again);
        check_version_1("data/model-v1-double.bp");
    }
    free(bytes);
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_networks_come_back_as_they_were),
        cmocka_unit_test(test_file_holds_the_bytes_of_save_memory),
        cmocka_unit_test(test_version_1_in_float),
        cmocka_unit_test(test_version_1_in_double),
        cmocka_unit_test(test_files_that_cannot_be_read),
        cmocka_unit_test(test_damage_behind_right_checksums),
        cmocka_unit_test(test_random_damage_behind_right_checksums),
        cmocka_unit_test(test_wrong_calls),
        cmocka_unit_test(test_capacity_of_the_buffer),
        cmocka_unit_test(test_networks_that_are_not_ready),
        cmocka_unit_test(test_loading_without_memory),
        cmocka_unit_test(test_saving_without_memory),
        cmocka_unit_test(test_locale_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
