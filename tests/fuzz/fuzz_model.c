/*
 * Loads any bytes as a model, as they are and with all checksums put right, so that damage reaches what lies
 * behind them. What is taken must predict, unless that takes much memory, and be the same when saved and
 * loaded once more; its schema, if it has one, must encode and answer. Ends with abort() on a wrong result; a
 * memory checker sees the rest.
 */
#include <stdlib.h>
#include <string.h>

#include "format/model_bytes.h"
#include "format/model_example.h"
#include "fuzz/schema_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count > 0 ? count : 1, size);
    require(memory != NULL);
    return memory;
}

/* One step of a recurrent network, which cannot predict by itself. */
static bp_network *unroll(const bp_network *net)
{
    bp_network *unrolled = NULL;
    bp_unroll_options options;
    bp_unroll_options_init(&options, sizeof options);
    options.steps = 1;
    require(bp_network_unroll(&unrolled, net, &options) == BP_OK);
    return unrolled;
}

static bool is_recurrent(const bp_network *net)
{
    for (size_t i = 0; i < bp_network_connection_count(net); i++)
        if (bp_connection_is_delayed(bp_network_connection(net, i)))
            return true;
    return false;
}

/* Kernels and masks may pass over units, so a small file may have millions of them. */
static bool has_many_units(const bp_network *net)
{
    size_t units = 0;
    for (size_t i = 0; i < bp_network_layer_count(net); i++)
        units += bp_layer_units(bp_network_layer(net, i));
    return units > 1 << 20;
}

static void predict_zeros(const bp_network *net)
{
    if (has_many_units(net))
        return;
    bp_workspace *workspace = NULL;
    bp_real *inputs = allocate(bp_network_input_width(net), sizeof *inputs);
    bp_real *outputs = allocate(bp_network_output_width(net), sizeof *outputs);
    bp_data data = bp_data_view(1, inputs, bp_network_input_width(net), NULL, 0);
    require(bp_workspace_create(&workspace, net, 1) == BP_OK);
    /* Scaling may carry a zero to infinity; that is refused, but is no fault of the loader. */
    bp_status status = bp_network_predict(net, workspace, &data, outputs);
    require(status == BP_OK || status == BP_ERROR_NOT_FINITE);
    bp_workspace_destroy(workspace);
    free(inputs);
    free(outputs);
}

static unsigned char *save(const bp_network *net, size_t *size)
{
    require(bp_network_save_memory(net, NULL, 0, size) == BP_OK);
    unsigned char *bytes = allocate(*size, 1);
    require(bp_network_save_memory(net, bytes, *size, NULL) == BP_OK);
    return bytes;
}

static void check_round_trip(const bp_network *net, const bp_network_options *options)
{
    size_t size, again_size;
    bp_network *again = NULL;
    unsigned char *bytes = save(net, &size);
    require(bp_network_load_memory(&again, bytes, size, options) == BP_OK);
    unsigned char *again_bytes = save(again, &again_size);
    require(size == again_size && memcmp(bytes, again_bytes, size) == 0);
    bp_network_destroy(again);
    free(bytes);
    free(again_bytes);
}

/* A text for each key, and a schema that can be used. */
static void check_texts(const bp_network *net)
{
    const char *key;
    for (size_t i = 0; (key = bp_network_metadata_key(net, i)) != NULL; i++)
        require(bp_network_metadata(net, key) != NULL);
    if (bp_network_schema(net) != NULL && !has_many_units(net))
        check_schema(bp_network_schema(net));
}

static void try_loading(const unsigned char *bytes, size_t size)
{
    bp_activation known = example_softsign();
    bp_network_options options;
    bp_network_options_init(&options, sizeof options);
    options.activations = &known;
    options.activation_count = 1;
    bp_network *net = NULL;
    if (bp_network_load_memory(&net, bytes, size, &options) != BP_OK) {
        require(net == NULL && bp_error_message()[0] != '\0');
        return;
    }
    if (is_recurrent(net)) {
        bp_network *unrolled = unroll(net);
        predict_zeros(unrolled);
        check_round_trip(unrolled, &options);
        bp_network_destroy(unrolled);
    } else {
        predict_zeros(net);
    }
    check_texts(net);
    check_round_trip(net, &options);
    bp_network_destroy(net);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    unsigned char *copy = allocate(size, 1); /* exactly as large: reading past the end shows */
    if (size > 0)
        memcpy(copy, bytes, size);
    try_loading(copy, size);
    model_fix_checksums(copy, size);
    try_loading(copy, size);
    free(copy);
    return 0;
}
